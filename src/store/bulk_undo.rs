//! Undoing what was done with many rows at once.

use jiff::Timestamp;

use super::columns::{Columns, all, micros};
use super::facts::Proven;
use super::{StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::id::{ArrivalId, BulkId, CaseId, LetterId};

impl Tx<'_> {
    /// A member undoes an act; `false` if one had begun to.
    pub async fn undo_bulk(&mut self, bulk: &BulkId, by: &Mailbox, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE bulk_acts SET undone_at = $3, undone_by = $2 WHERE id = $1 AND undone_at IS NULL",
        )
        .bind(bulk.as_str())
        .bind(by.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// One row of an act is undone, or stays as it is for a reason. `false` if that was settled before.
    pub async fn undo_bulk_item(
        &mut self,
        bulk: &BulkId,
        item: &str,
        stays_because: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE bulk_items SET undone_at = $3, stays_because = $4
             WHERE bulk_id = $1 AND item = $2 AND done_at IS NOT NULL AND undone_at IS NULL AND stays_because IS NULL",
        )
        .bind(bulk.as_str())
        .bind(item)
        .bind(micros(stays_because.is_none().then_some(now)))
        .bind(stays_because)
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// What was done to one sender is undone, as far as it can be. `false` if it was before.
    pub async fn undo_bulk_sender(
        &mut self,
        bulk: &BulkId,
        address: &Mailbox,
        had_left: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE bulk_senders SET undone_at = $3, had_left_at = $4
             WHERE bulk_id = $1 AND address = $2 AND undone_at IS NULL",
        )
        .bind(bulk.as_str())
        .bind(address.folded())
        .bind(now.as_microsecond())
        .bind(micros(had_left.then_some(now)))
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// A warning counts no more.
    pub async fn take_back_warning(&mut self, letter: &LetterId, now: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "UPDATE warnings SET taken_back_at = $2 WHERE letter_id = $1 AND taken_back_at IS NULL",
        )
        .bind(letter.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Lets a mail in quarantine that was seen at `seen_at` be new to members again; `false` if it is not in there any
    /// more, or was seen at another moment.
    pub async fn unsee_quarantined(&mut self, arrival: &ArrivalId, seen_at: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE quarantine SET seen_at = NULL, seen_by = NULL
             WHERE arrival_id = $1 AND seen_at = $2 AND released_at IS NULL",
        )
        .bind(arrival.as_str())
        .bind(seen_at.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Lets every clock of a case run again that ended at `closed_at` because it was closed: as if it had not been.
    /// They keep their deadlines and are looked at at once. Says how many.
    pub async fn resume_clocks(
        &mut self,
        case: &CaseId,
        closed_at: Timestamp,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let resumed = either!(self.conn(), conn => all(
            &sqlx::query(
                "UPDATE clocks SET stopped_at = NULL, ended_as = NULL, next_at = $3
                 WHERE case_id = $1 AND stopped_at = $2 AND ended_as = 'closed' RETURNING id",
            )
            .bind(case.as_str())
            .bind(closed_at.as_microsecond())
            .bind(now.as_microsecond())
            .fetch_all(conn)
            .await?,
            |row| row.text("id"),
        ))?;
        for clock in &resumed {
            self.changed(Proven::Clocks, clock);
        }
        Ok(resumed.len())
    }
}
