//! The calendars that members follow by a secret link, and the deadlines that stand in them.

use jiff::Timestamp;

use super::columns::{Columns, all, one};
use super::{Conn, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::{CaseRef, CaseState};
use crate::domain::clock::ClockKind;
use crate::domain::directory::ProjectId;
use crate::domain::id::CaseId;

/// One member's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarRow {
    /// Of its link.
    pub generation: i64,
    pub made_at: Timestamp,
    /// Its link works no more.
    pub ended_at: Option<Timestamp>,
}

/// A clock that runs, as a calendar may tell it: nothing of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The clock's id.
    pub id: String,
    pub case: CaseId,
    pub number: CaseRef,
    pub state: CaseState,
    /// The project that it waits for; `None` for the committee's own.
    pub project: Option<ProjectId>,
    pub kind: ClockKind,
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    pub is_paused: bool,
}

impl Store {
    /// The calendar of that member, also one that has ended.
    pub async fn calendar(&self, member: &Mailbox) -> Result<Option<CalendarRow>, StoreError> {
        calendar(self.reader().await?.conn(), member).await
    }

    /// Up to `limit` clocks that run, those first that run out first; not those of what looks like no report.
    pub async fn deadlines(&self, limit: i64) -> Result<Vec<Deadline>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT k.id, k.case_id, c.number, c.state, h.project_id, k.kind, k.started_at, k.due_at, k.paused_at
                 FROM clocks k JOIN cases c ON c.id = k.case_id LEFT JOIN handlings h ON h.id = k.handling_id
                 WHERE k.stopped_at IS NULL AND c.noise IS NULL ORDER BY k.due_at, k.id LIMIT $1",
            )
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok(Deadline {
                id: row.text("id")?,
                case: CaseId::from_row(row.text("case_id")?),
                number: CaseRef::from_row(row.text("number")?),
                state: row.word("state", CaseState::from_word)?,
                project: row.word_or_null("project_id", ProjectId::parse)?,
                kind: row.word("kind", ClockKind::from_word)?,
                started_at: row.time("started_at")?,
                due_at: row.time("due_at")?,
                is_paused: row.is_set("paused_at")?,
            }),
        ))
    }
}

impl Tx<'_> {
    /// Makes the member's calendar, or gives it a new link; says of which generation.
    pub async fn make_calendar(&mut self, member: &Mailbox, now: Timestamp) -> Result<i64, StoreError> {
        let generation: i64 = either!(self.conn(), conn => sqlx::query_scalar(
            "INSERT INTO calendars (member, generation, made_at) VALUES ($1, 1, $2)
             ON CONFLICT (member) DO UPDATE SET generation = calendars.generation + 1, made_at = $2, ended_at = NULL
             RETURNING generation",
        )
        .bind(member.folded())
        .bind(now.as_microsecond())
        .fetch_one(conn)
        .await?);
        Ok(generation)
    }

    /// Ends the member's calendar; the first end counts. `false` if there was none.
    pub async fn end_calendar(&mut self, member: &Mailbox, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE calendars SET ended_at = $2 WHERE member = $1 AND ended_at IS NULL",
        )
        .bind(member.folded())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }
}

async fn calendar(conn: Conn<'_>, member: &Mailbox) -> Result<Option<CalendarRow>, StoreError> {
    either!(conn, conn => one(
        sqlx::query("SELECT generation, made_at, ended_at FROM calendars WHERE member = $1")
            .bind(member.folded())
            .fetch_optional(conn)
            .await?,
        |row| Ok(CalendarRow {
            generation: row.number("generation")?,
            made_at: row.time("made_at")?,
            ended_at: row.time_or_null("ended_at")?,
        }),
    ))
}
