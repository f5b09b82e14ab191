//! What a reporter may say beside words: what projects may know, whether they were answered, that they withdraw.

use jiff::Timestamp;

use super::columns::{Columns, all, one};
use super::facts::Proven;
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::id::{CaseId, HandlingId, PartyId};
use crate::domain::party::Shares;

/// A contact's claim that the reporter was answered elsewhere, and what the reporter says to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidAnswered {
    pub handling: HandlingId,
    pub said_at: Timestamp,
    /// `None` until the reporter replies.
    pub was_answered: Option<bool>,
}

const YES: &str = "yes";
const NOT_YET: &str = "not-yet";

impl Store {
    /// Who says to have answered the reporters of a case elsewhere.
    pub async fn said_answered(&self, case: &CaseId) -> Result<Vec<SaidAnswered>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT s.handling_id, s.said_at, s.reply FROM said_answered s
                 JOIN handlings h ON h.id = s.handling_id WHERE h.case_id = $1 ORDER BY s.said_at, s.handling_id",
            )
            .bind(case.as_str())
            .fetch_all(conn)
            .await?,
            |row| Ok(SaidAnswered {
                handling: HandlingId::from_row(row.text("handling_id")?),
                said_at: row.time("said_at")?,
                was_answered: row.text_or_null("reply")?.map(|reply| reply == YES),
            }),
        ))
    }

    /// When this reporter withdrew the report.
    pub async fn withdrawn_by(&self, party: &PartyId) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query("SELECT at FROM withdrawals WHERE party_id = $1").bind(party.as_str()).fetch_optional(conn).await?,
            |row| row.time("at"),
        ))
    }
}

impl Tx<'_> {
    /// A project says that it has answered the reporter elsewhere. `false` while the reporter has not replied to an
    /// earlier claim, or has said yes to it.
    pub async fn say_answered(&mut self, handling: &HandlingId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO said_answered (handling_id, said_at) VALUES ($1, $2)
             ON CONFLICT (handling_id) DO UPDATE SET said_at = excluded.said_at, replied_at = NULL, reply = NULL
             WHERE said_answered.reply = $3",
        )
        .bind(handling.as_str())
        .bind(now.as_microsecond())
        .bind(NOT_YET)
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::SaidAnswered, handling.as_str());
        }
        Ok(rows == 1)
    }

    /// The reporter's word to that claim; `false` if there is none that waits for it.
    pub async fn reply_to_said_answered(
        &mut self,
        handling: &HandlingId,
        was_answered: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE said_answered SET reply = $2, replied_at = $3 WHERE handling_id = $1 AND reply IS NULL",
        )
        .bind(handling.as_str())
        .bind(if was_answered { YES } else { NOT_YET })
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::SaidAnswered, handling.as_str());
        }
        Ok(rows == 1)
    }

    /// Records that a reporter withdraws; `false` if that was said before.
    pub async fn withdraw_report(&mut self, party: &PartyId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO withdrawals (party_id, at) VALUES ($1, $2) ON CONFLICT (party_id) DO NOTHING",
        )
        .bind(party.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Withdrawals, party.as_str());
        }
        Ok(rows == 1)
    }

    /// Changes what projects may know of a reporter; `false` if it is so already.
    pub async fn set_shares(&mut self, party: &PartyId, shares: Shares) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE parties SET shares = $2 WHERE id = $1 AND shares <> $2",
        )
        .bind(party.as_str())
        .bind(shares.word())
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Parties, party.as_str());
        }
        Ok(rows == 1)
    }

    /// Gives a reporter who had none the address that has proven itself; `false` if there is one by now.
    pub async fn set_reporters_address(&mut self, party: &PartyId, address: &Mailbox) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE parties SET address = $2 WHERE id = $1 AND address IS NULL AND handling_id IS NULL",
        )
        .bind(party.as_str())
        .bind(address.as_str())
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Parties, party.as_str());
        }
        Ok(rows == 1)
    }

    /// Revokes the address and links of a party; `false` if they are of another generation than `seen` by now.
    pub async fn raise_generation(&mut self, party: &PartyId, seen: i64) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE parties SET generation = generation + 1 WHERE id = $1 AND generation = $2",
        )
        .bind(party.as_str())
        .bind(seen)
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Parties, party.as_str());
        }
        Ok(rows == 1)
    }
}
