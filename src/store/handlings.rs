//! Handlings: one project's part of a case.

use jiff::Timestamp;

use super::columns::{Columns, all, micros, one, plain, plain_or_null};
use super::facts::Proven;
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
    /// By what an acknowledgement outside of this program became known, in a member's words.
    pub acknowledged_how: Option<String>,
    pub withdrawn_at: Option<Timestamp>,
    /// When a member took it to a project that takes no mail.
    pub handed_over_at: Option<Timestamp>,
    /// The actor's word.
    pub handed_over_by: Option<String>,
    pub handed_over_how: Option<String>,
    /// When it was closed, handed back or taken over.
    pub closed_at: Option<Timestamp>,
    /// The actor's word.
    pub closed_by: Option<String>,
}

impl HandlingRow {
    /// Whether the project has the case now. One whose part has ended may get it again, as a part of its own.
    pub fn is_with(&self, project: &ProjectId) -> bool {
        self.project == *project && self.state.is_open()
    }
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
                 acknowledged_how, withdrawn_at, handed_over_at, handed_over_by, handed_over_how, closed_at, closed_by
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
    /// Gives a project its part of a case; it has one open part of it at most.
    pub async fn insert_handling(&mut self, handling: &HandlingRow) -> Result<(), StoreError> {
        self.changed(Proven::Handlings, handling.id.as_str());
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO handlings (id, case_id, project_id, state, channel, decided_at, decided_by, acknowledged_at,
                 acknowledged_by, acknowledged_how, withdrawn_at, handed_over_at, handed_over_by, handed_over_how,
                 closed_at, closed_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
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
        .bind(plain_or_null(handling.acknowledged_how.as_deref()))
        .bind(micros(handling.withdrawn_at))
        .bind(micros(handling.handed_over_at))
        .bind(&handling.handed_over_by)
        .bind(plain_or_null(handling.handed_over_how.as_deref()))
        .bind(micros(handling.closed_at))
        .bind(&handling.closed_by)
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
    /// later one, or one of a handling that was withdrawn or has ended, changes nothing.
    pub async fn acknowledge(&mut self, id: &HandlingId, by: &str, now: Timestamp) -> Result<Acknowledged, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE handlings SET state = 'acknowledged', acknowledged_at = $2, acknowledged_by = $3
             WHERE id = $1 AND acknowledged_at IS NULL AND withdrawn_at IS NULL AND closed_at IS NULL",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .bind(by)
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Handlings, id.as_str());
        }
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
        if rows > 0 {
            self.changed(Proven::Handlings, id.as_str());
        }
        Ok(rows == 1)
    }

    /// The committee answers in place of a project that has not acknowledged; `false` if it has, or no longer has the
    /// case.
    pub async fn take_over_handling(&mut self, id: &HandlingId, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE handlings SET state = 'taken-over', closed_at = $2, closed_by = $3
             WHERE id = $1 AND state IN ('sent', 'by-hand')",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .bind(by)
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Handlings, id.as_str());
        }
        Ok(rows == 1)
    }

    /// The project says that its part is not theirs; `false` if it is no longer theirs anyway.
    pub async fn hand_back(&mut self, id: &HandlingId, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE handlings SET state = 'handed-back', closed_at = $2, closed_by = $3
             WHERE id = $1 AND state IN ('sent', 'by-hand', 'acknowledged')",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .bind(by)
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Handlings, id.as_str());
        }
        Ok(rows == 1)
    }

    /// Records an acknowledgement that came outside of this program, with how a member knows of it. Like
    /// [`Tx::acknowledge`], only the first one counts.
    pub async fn acknowledge_outside(
        &mut self,
        id: &HandlingId,
        by: &str,
        how: &str,
        at: Timestamp,
    ) -> Result<Acknowledged, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE handlings SET state = 'acknowledged', acknowledged_at = $2, acknowledged_by = $3,
                 acknowledged_how = $4
             WHERE id = $1 AND acknowledged_at IS NULL AND state IN ('sent', 'by-hand')",
        )
        .bind(id.as_str())
        .bind(at.as_microsecond())
        .bind(by)
        .bind(plain(how))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Handlings, id.as_str());
        }
        Ok(if rows == 1 { Acknowledged::First } else { Acknowledged::Already })
    }

    /// Records that a member took the case to a project that takes no mail; `false` if it was taken there before, or
    /// the project no longer has it.
    pub async fn hand_over(&mut self, id: &HandlingId, by: &str, how: &str, at: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE handlings SET handed_over_at = $2, handed_over_by = $3, handed_over_how = $4
             WHERE id = $1 AND handed_over_at IS NULL AND state IN ('by-hand', 'acknowledged')",
        )
        .bind(id.as_str())
        .bind(at.as_microsecond())
        .bind(by)
        .bind(plain(how))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Handlings, id.as_str());
        }
        Ok(rows == 1)
    }

    /// Ends a project's part of a case; `false` if it had ended.
    pub async fn close_handling(&mut self, id: &HandlingId, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE handlings SET state = 'closed', closed_at = $2, closed_by = $3
             WHERE id = $1 AND state IN ('sent', 'by-hand', 'acknowledged')",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .bind(by)
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Handlings, id.as_str());
        }
        Ok(rows == 1)
    }

    /// Gives a part that was closed back to its project; `false` if it was not closed.
    pub async fn reopen_handling(&mut self, id: &HandlingId, state: HandlingState) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE handlings SET state = $2, closed_at = NULL, closed_by = NULL WHERE id = $1 AND state = 'closed'",
        )
        .bind(id.as_str())
        .bind(state.word())
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Handlings, id.as_str());
        }
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
                // Found by the sender alone: a day of many forwards does not make each of them dearer.
                "SELECT COUNT(DISTINCT CASE WHEN h.decided_by = 'program' AND h.decided_at > $2 THEN h.id END)
                 FROM reports r JOIN handlings h ON h.case_id = r.case_id WHERE r.from_folded = $1",
            )
            .bind(sender)
            .bind(since)
            .fetch_one(conn)
            .await?),
        })
    }

    /// The same for reports without an address: whoever stays anonymous shares one measure with all others who do.
    pub async fn automatic_forwards_of_nobody(&mut self, since: Timestamp) -> Result<i64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT COUNT(DISTINCT h.id) FROM handlings h JOIN reports r ON r.case_id = h.case_id
             WHERE h.decided_by = 'program' AND h.decided_at > $1 AND r.from_folded IS NULL",
        )
        .bind(since.as_microsecond())
        .fetch_one(conn)
        .await?))
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
        acknowledged_how: row.text_or_null("acknowledged_how")?,
        withdrawn_at: row.time_or_null("withdrawn_at")?,
        handed_over_at: row.time_or_null("handed_over_at")?,
        handed_over_by: row.text_or_null("handed_over_by")?,
        handed_over_how: row.text_or_null("handed_over_how")?,
        closed_at: row.time_or_null("closed_at")?,
        closed_by: row.text_or_null("closed_by")?,
    })
}
