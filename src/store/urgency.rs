//! What makes a case call louder or not at all for a while: paused and snoozed clocks, a confirmed exploitation, held
//! mail that nobody decided about.

use jiff::Timestamp;

use super::columns::{Columns, all, length, micros, plain};
use super::facts::Proven;
use super::{Dialects, Store, StoreError, Tx};
use crate::domain::case::CaseRef;
use crate::domain::clock::Clock;
use crate::domain::id::{CaseId, MessageId};

/// Held mail that members were not reminded of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTooLong {
    pub message: MessageId,
    /// The case that it may belong to, and its number.
    pub case: Option<(CaseId, CaseRef)>,
    pub held_at: Timestamp,
}

const HELD_TOO_LONG: Dialects = skip_locked!(
    "WITH late AS MATERIALIZED (
         SELECT id FROM messages
         WHERE held_at IS NOT NULL AND held_at <= $2 AND decided_at IS NULL AND held_told_at IS NULL
         ORDER BY held_at, id LIMIT $3",
    ") UPDATE messages SET held_told_at = $1 WHERE id IN (SELECT id FROM late)
     RETURNING id, case_id, held_at, (SELECT number FROM cases c WHERE c.id = messages.case_id) AS number"
);

impl Store {
    /// Whether mail has been held since `since` or longer of which members were not reminded.
    pub async fn is_held_too_long(&self, since: Timestamp) -> Result<bool, StoreError> {
        let mut reader = self.reader().await?;
        let found: Option<i64> = either!(reader.conn(), conn => sqlx::query_scalar(
            "SELECT held_at FROM messages
             WHERE held_at IS NOT NULL AND held_at <= $1 AND decided_at IS NULL AND held_told_at IS NULL LIMIT 1",
        )
        .bind(since.as_microsecond())
        .fetch_optional(conn)
        .await?);
        Ok(found.is_some())
    }
}

impl Tx<'_> {
    /// Writes down that the clock stands still, or runs again, as `clock` says. `false` if another was faster.
    pub async fn save_pause(&mut self, id: &str, clock: &Clock) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE clocks SET paused_at = $2, paused_until = $3, paused_because = $4, paused = $5, due_at = $6,
                 next_at = $7
             WHERE id = $1 AND stopped_at IS NULL AND (paused_at IS NULL) = ($2 IS NOT NULL)",
        )
        .bind(id)
        .bind(micros(clock.pause.as_ref().map(|pause| pause.since)))
        .bind(micros(clock.pause.as_ref().map(|pause| pause.until)))
        .bind(clock.pause.as_ref().map(|pause| plain(&pause.because)))
        .bind(length(clock.paused))
        .bind(clock.due_at.as_microsecond())
        .bind(micros(clock.next_at))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Clocks, id);
        }
        Ok(rows == 1)
    }

    /// Writes down whether the reminders of a clock are silenced, as `clock` says. `false` if another was faster.
    pub async fn save_snooze(&mut self, id: &str, clock: &Clock) -> Result<bool, StoreError> {
        let snooze = clock.snooze.as_ref();
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE clocks SET snoozed_at = $2, snoozed_until = $3, snoozed_because = $4, next_at = $5
             WHERE id = $1 AND stopped_at IS NULL AND (snoozed_at IS NULL) = ($2 IS NOT NULL)",
        )
        .bind(id)
        .bind(micros(snooze.map(|snooze| snooze.since)))
        .bind(micros(snooze.map(|snooze| snooze.until)))
        .bind(snooze.map(|snooze| plain(&snooze.because)))
        .bind(micros(clock.next_at))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Clocks, id);
        }
        Ok(rows == 1)
    }

    /// Writes down since when the flaw of a case is known to be used against people, or that it is not. `false` if it
    /// stands there already.
    pub async fn set_exploited(&mut self, case: &CaseId, since: Option<Timestamp>) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE cases SET exploited_at = $2 WHERE id = $1 AND (exploited_at IS NULL) = ($2 IS NOT NULL)",
        )
        .bind(case.as_str())
        .bind(micros(since))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Cases, case.as_str());
        }
        Ok(rows == 1)
    }

    /// Takes up to `limit` held mails that nobody has decided about since `since`, for one reminder at `now`.
    pub async fn remind_of_held(
        &mut self,
        since: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<HeldTooLong>, StoreError> {
        let conn = self.conn();
        let sql = conn.choose(HELD_TOO_LONG);
        let mut late = either!(conn, conn => all(
            &sqlx::query(sql)
                .bind(now.as_microsecond())
                .bind(since.as_microsecond())
                .bind(limit)
                .fetch_all(conn)
                .await?,
            |row| {
                let case = row.text_or_null("case_id")?.map(CaseId::from_row);
                Ok(HeldTooLong {
                    message: MessageId::from_row(row.text("id")?),
                    case: case.zip(row.text_or_null("number")?.map(CaseRef::from_row)),
                    held_at: row.time("held_at")?,
                })
            },
        )?);
        late.sort_by(|one, other| (one.held_at, one.message.as_str()).cmp(&(other.held_at, other.message.as_str())));
        Ok(late)
    }
}
