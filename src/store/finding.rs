//! Cases found by a filter, and the promises that ran out, for the board.

use jiff::Timestamp;

use super::cases::{case_row, select_case};
use super::columns::{Columns, all, plain};
use super::views::lines;
use super::{CaseLine, Store, StoreError};
use crate::domain::address::Mailbox;
use crate::domain::case::{CaseRef, CaseState};
use crate::domain::clock::ClockKind;
use crate::domain::directory::ProjectId;
use crate::domain::ladder::Attention;

/// What a member looks for; what is not set is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    pub project: Option<ProjectId>,
    pub waits_for: Option<WaitsFor>,
    pub owner: Option<Mailbox>,
    pub state: Option<CaseState>,
    /// A clock of this kind runs.
    pub clock: Option<ClockKind>,
    /// Part of the title or the number, without regard to case.
    pub text: String,
    /// Leaves out cases that are closed and wait for nothing.
    pub open_only: bool,
}

/// Who has to act next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// A project that has it and has not confirmed.
    Project,
    Committee,
}

impl WaitsFor {
    /// The word that stands in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Committee => "committee",
        }
    }

    /// Whom a form's word means.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Project, Self::Committee].into_iter().find(|waits| waits.word() == word)
    }
}

/// A promise that ran out and was not kept yet: what the board may know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenPromise {
    pub number: CaseRef,
    /// The project that has not confirmed; `None` where the reporter waits for a first answer.
    pub project: Option<ProjectId>,
    pub kind: ClockKind,
    pub due_at: Timestamp,
    /// Whether the board is to hear of it, `attention` says.
    pub attention: Attention,
}

const FOUND: &str = select_case!(
    "FROM cases c
     WHERE ($2 = '' OR c.state = $2) AND ($3 = '' OR c.owner = $3)
         AND ($4 = '' OR lower(c.title) LIKE $4 ESCAPE '\\' OR lower(c.number) LIKE $4 ESCAPE '\\')
         AND ($5 = '' OR EXISTS (SELECT 1 FROM handlings h
             WHERE h.case_id = c.id AND h.project_id = $5 AND h.state <> 'withdrawn'))
         AND ($6 = '' OR ($6 = 'project') = EXISTS (SELECT 1 FROM handlings h
             WHERE h.case_id = c.id AND h.state IN ('sent', 'by-hand')))
         AND ($7 = '' OR c.state <> 'closed' OR EXISTS (SELECT 1 FROM clocks k
             WHERE k.case_id = c.id AND k.stopped_at IS NULL))
         AND ($8 = '' OR EXISTS (SELECT 1 FROM clocks k
             WHERE k.case_id = c.id AND k.stopped_at IS NULL AND k.kind = $8))
     ORDER BY CASE WHEN c.noise IS NULL THEN 0 ELSE 1 END,
         (SELECT MIN(k.due_at) FROM clocks k WHERE k.case_id = c.id AND k.stopped_at IS NULL) NULLS LAST,
         c.opened_at DESC, c.id LIMIT $1"
);

impl Store {
    /// Up to `limit` cases that fit the filter, those first whose most urgent clock runs out first, and last those that
    /// look like no report.
    pub async fn find_cases(&self, filter: &CaseFilter, limit: i64) -> Result<Vec<CaseLine>, StoreError> {
        let mut reader = self.reader().await?;
        let cases = either!(reader.conn(), conn => all(
            &sqlx::query(FOUND)
                .bind(limit)
                .bind(filter.state.map_or("", CaseState::word))
                .bind(filter.owner.as_ref().map_or("", Mailbox::as_str))
                .bind(pattern(&filter.text))
                .bind(filter.project.as_ref().map_or("", ProjectId::as_str))
                .bind(filter.waits_for.map_or("", WaitsFor::word))
                .bind(if filter.open_only { "open" } else { "" })
                .bind(filter.clock.map_or("", ClockKind::word))
                .fetch_all(conn)
                .await?,
            case_row,
        )?);
        lines(reader.conn(), cases).await
    }

    /// Up to `limit` promises that ran out before `now` and were not kept yet, the oldest first; paused ones wait.
    pub async fn broken_promises(&self, now: Timestamp, limit: i64) -> Result<Vec<BrokenPromise>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT c.number, h.project_id, k.kind, k.due_at, c.noise, c.seen_at, c.owner
                 FROM clocks k JOIN cases c ON c.id = k.case_id
                     LEFT JOIN handlings h ON h.id = k.handling_id
                 WHERE k.stopped_at IS NULL AND k.due_at <= $1 AND k.paused_at IS NULL
                     AND k.kind IN ('first-reply', 'acknowledge')
                 ORDER BY k.due_at, k.id LIMIT $2",
            )
            .bind(now.as_microsecond())
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok(BrokenPromise {
                number: CaseRef::from_row(row.text("number")?),
                project: row.word_or_null("project_id", ProjectId::parse)?,
                kind: row.word("kind", ClockKind::from_word)?,
                due_at: row.time("due_at")?,
                attention: Attention {
                    looks_like_noise: row.text_or_null("noise")?.is_some(),
                    is_opened: row.is_set("seen_at")? || row.text_or_null("owner")?.is_some(),
                },
            }),
        ))
    }
}

/// A pattern of LIKE that finds `text` anywhere, whatever letters it has.
fn pattern(text: &str) -> String {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return text;
    }
    let mut pattern = String::from("%");
    for letter in plain(&text).chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern + "%"
}
