//! Cases found by a filter, and the promises that ran out, for the board.

use jiff::Timestamp;

use super::cases::{case_row, select_case};
use super::columns::{Columns, all, plain};
use super::lists::{Segment, cases_segment, in_turn, lines, not_kept};
use super::{CaseLine, Part, Store, StoreError};
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

/// What is asked of each case: the member, then the state, the owner, a part of the title or the number, a project, who
/// has to act, and a kind of clock.
macro_rules! fits {
    ($which:literal) => {
        concat!(
            $which,
            " AND ($2 = '' OR c.state = $2) AND ($3 = '' OR c.owner = $3)
                 AND ($4 = '' OR lower(c.title) LIKE $4 ESCAPE '\\' OR lower(c.number) LIKE $4 ESCAPE '\\')
                 AND ($5 = '' OR EXISTS (SELECT 1 FROM handlings h
                     WHERE h.case_id = c.id AND h.project_id = $5 AND h.state <> 'withdrawn'))
                 AND ($6 = '' OR ($6 = 'project') = EXISTS (SELECT 1 FROM handlings h
                     WHERE h.case_id = c.id AND h.state IN ('sent', 'by-hand')))
                 AND ($7 = '' OR EXISTS (SELECT 1 FROM clocks r
                     WHERE r.case_id = c.id AND r.stopped_at IS NULL AND r.kind = $7)) AND ",
            not_kept!("c.id", "$1")
        )
    };
}

/// By the index of running clocks, as the list of open cases is.
const WAITING: Segment = cases_segment!(
    fits!(
        "FROM clocks k JOIN cases c ON c.id = k.case_id
         WHERE k.stopped_at IS NULL AND (c.noise IS NULL OR c.state = 'closed') AND NOT EXISTS (
             SELECT 1 FROM clocks e WHERE e.case_id = k.case_id AND e.stopped_at IS NULL
                 AND (e.due_at < k.due_at OR (e.due_at = k.due_at AND e.id < k.id)))"
    ),
    "k.due_at, k.id",
    "LIMIT $8 OFFSET $9"
);

const OPEN_WITHOUT_CLOCK: Segment = cases_segment!(
    fits!(
        "FROM cases c WHERE c.state IN ('new', 'triage', 'routed', 'answered') AND c.noise IS NULL
             AND NOT EXISTS (SELECT 1 FROM clocks k WHERE k.case_id = c.id AND k.stopped_at IS NULL)"
    ),
    "c.opened_at DESC, c.id",
    "LIMIT $8 OFFSET $9"
);

/// The same with all that is closed: by the index of their age, so that it ends as soon as there are enough.
const WITHOUT_CLOCK: Segment = cases_segment!(
    fits!(
        "FROM cases c WHERE (c.noise IS NULL OR c.state = 'closed')
             AND NOT EXISTS (SELECT 1 FROM clocks k WHERE k.case_id = c.id AND k.stopped_at IS NULL)"
    ),
    "c.opened_at DESC, c.id",
    "LIMIT $8 OFFSET $9"
);

const OPEN_NOISE: Segment = cases_segment!(
    fits!("FROM cases c WHERE c.noise IS NOT NULL AND c.state <> 'closed'"),
    "(SELECT MIN(k.due_at) FROM clocks k WHERE k.case_id = c.id AND k.stopped_at IS NULL) NULLS LAST,
     c.opened_at DESC, c.id",
    "LIMIT $8 OFFSET $9"
);

impl Store {
    /// The cases that fit the filter, those first whose most urgent clock runs out first, then those on which none runs,
    /// the newest first, and last open ones that look like no report.
    pub async fn find_cases(
        &self,
        filter: &CaseFilter,
        part: impl Into<Part<'_>>,
    ) -> Result<Vec<CaseLine>, StoreError> {
        let part = part.into();
        let without_clock = if filter.open_only { OPEN_WITHOUT_CLOCK } else { WITHOUT_CLOCK };
        let mut segments = vec![WAITING, without_clock, OPEN_NOISE];
        if filter.clock.is_some() {
            segments.remove(1);
        }
        let mut reader = self.reader().await?;
        let mut conn = reader.conn();
        let cases = in_turn!(
            conn,
            &segments,
            part,
            case_row,
            filter.state.map_or("", CaseState::word),
            filter.owner.as_ref().map_or("", Mailbox::as_str),
            pattern(&filter.text),
            filter.project.as_ref().map_or("", ProjectId::as_str),
            filter.waits_for.map_or("", WaitsFor::word),
            filter.clock.map_or("", ClockKind::word)
        );
        lines(conn, cases).await
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
