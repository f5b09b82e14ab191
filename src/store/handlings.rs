//! Handlings: one project's part of a case.

use jiff::Timestamp;

use super::columns::{Columns, all, micros, one};
use super::{Conn, Store, StoreError, Tx};
use crate::domain::directory::ProjectId;
use crate::domain::handling::HandlingState;
use crate::domain::id::{CaseId, HandlingId};

/// One project's part of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlingRow {
    pub id: HandlingId,
    pub case: CaseId,
    pub project: ProjectId,
    pub state: HandlingState,
    /// How the project takes reports, in the word of the directory.
    pub channel: String,
    /// The decision to forward: the project's promise runs from here.
    pub decided_at: Timestamp,
    /// The actor's word; `program` where it went out by itself.
    pub decided_by: String,
    pub acknowledged_at: Option<Timestamp>,
    /// The actor's word.
    pub acknowledged_by: Option<String>,
    pub withdrawn_at: Option<Timestamp>,
}

/// Whether this was the acknowledgement that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledged {
    First,
    /// There was one before, or the forward was withdrawn.
    Already,
}

macro_rules! select_handling {
    ($rest:literal) => {
        concat!(
            "SELECT id, case_id, project_id, state, channel, decided_at, decided_by, acknowledged_at, acknowledged_by,
                 withdrawn_at
             FROM handlings ",
            $rest
        )
    };
}

impl Store {
    /// The handlings of a case, in the order they were decided.
    pub async fn handlings_of(&self, case: &CaseId) -> Result<Vec<HandlingRow>, StoreError> {
        handlings_of(self.reader().await?.conn(), case).await
    }

    /// The handling of that id.
    pub async fn handling(&self, id: &HandlingId) -> Result<Option<HandlingRow>, StoreError> {
        handling(self.reader().await?.conn(), id).await
    }
}

impl Tx<'_> {
    /// Gives a project its part of a case; a project has one part of it at most.
    pub async fn insert_handling(&mut self, handling: &HandlingRow) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO handlings (id, case_id, project_id, state, channel, decided_at, decided_by, acknowledged_at,
                 acknowledged_by, withdrawn_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(handling.id.as_str())
        .bind(handling.case.as_str())
        .bind(handling.project.as_str())
        .bind(handling.state.word())
        .bind(&handling.channel)
        .bind(handling.decided_at.as_microsecond())
        .bind(&handling.decided_by)
        .bind(micros(handling.acknowledged_at))
        .bind(&handling.acknowledged_by)
        .bind(micros(handling.withdrawn_at))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The handlings of a case, in the order they were decided.
    pub async fn handlings_of(&mut self, case: &CaseId) -> Result<Vec<HandlingRow>, StoreError> {
        handlings_of(self.conn(), case).await
    }

    /// The handling of that id.
    pub async fn handling(&mut self, id: &HandlingId) -> Result<Option<HandlingRow>, StoreError> {
        handling(self.conn(), id).await
    }

    /// Records that the project has acknowledged its forward at `now`. Only the first acknowledgement counts; a
    /// later one, or one of a forward that was withdrawn, changes nothing.
    pub async fn acknowledge(&mut self, id: &HandlingId, by: &str, now: Timestamp) -> Result<Acknowledged, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE handlings SET state = 'acknowledged', acknowledged_at = $2, acknowledged_by = $3
             WHERE id = $1 AND acknowledged_at IS NULL AND withdrawn_at IS NULL",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .bind(by)
        .execute(conn)
        .await?
        .rows_affected());
        Ok(if rows == 1 { Acknowledged::First } else { Acknowledged::Already })
    }

    /// Withdraws a forward that is neither acknowledged nor withdrawn; `false` if it is.
    pub async fn withdraw_handling(&mut self, id: &HandlingId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE handlings SET state = 'withdrawn', withdrawn_at = $2 WHERE id = $1 AND state = 'sent'",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// How many forwards the program has decided by itself after `since`: for reports of one sender, given in the
    /// folded form, or in all. Withdrawn ones count.
    pub async fn automatic_forwards(
        &mut self,
        sender_folded: Option<&str>,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        let since = since.as_microsecond();
        Ok(match sender_folded {
            None => either!(self.conn(), conn => sqlx::query_scalar(
                "SELECT COUNT(*) FROM handlings WHERE decided_by = 'program' AND decided_at > $1",
            )
            .bind(since)
            .fetch_one(conn)
            .await?),
            Some(sender) => either!(self.conn(), conn => sqlx::query_scalar(
                "SELECT COUNT(DISTINCT h.id) FROM handlings h JOIN reports r ON r.case_id = h.case_id
                 WHERE h.decided_by = 'program' AND h.decided_at > $2 AND r.from_folded = $1",
            )
            .bind(sender)
            .bind(since)
            .fetch_one(conn)
            .await?),
        })
    }
}

async fn handlings_of(conn: Conn<'_>, case: &CaseId) -> Result<Vec<HandlingRow>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(select_handling!("WHERE case_id = $1 ORDER BY decided_at, id"))
            .bind(case.as_str())
            .fetch_all(conn)
            .await?,
        handling_row,
    ))
}

async fn handling(conn: Conn<'_>, id: &HandlingId) -> Result<Option<HandlingRow>, StoreError> {
    either!(conn, conn => one(
        sqlx::query(select_handling!("WHERE id = $1")).bind(id.as_str()).fetch_optional(conn).await?,
        handling_row,
    ))
}

fn handling_row(row: &impl Columns) -> Result<HandlingRow, StoreError> {
    Ok(HandlingRow {
        id: HandlingId::from_row(row.text("id")?),
        case: CaseId::from_row(row.text("case_id")?),
        project: row.word("project_id", ProjectId::parse)?,
        state: row.word("state", HandlingState::from_word)?,
        channel: row.text("channel")?,
        decided_at: row.time("decided_at")?,
        decided_by: row.text("decided_by")?,
        acknowledged_at: row.time_or_null("acknowledged_at")?,
        acknowledged_by: row.text_or_null("acknowledged_by")?,
        withdrawn_at: row.time_or_null("withdrawn_at")?,
    })
}
