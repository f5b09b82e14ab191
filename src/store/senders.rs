//! Senders: what is known of one, and warnings.

use jiff::Timestamp;

use super::columns::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::ban::{BanTarget, History};
use crate::domain::id::LetterId;

/// A warning that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningRow {
    pub letter: LetterId,
    pub address: Mailbox,
    pub warned_at: Timestamp,
    /// The address of the member.
    pub warned_by: String,
}

/// The sender as a column has it, and the column: an address, or the end of addresses.
fn pattern(target: &BanTarget) -> String {
    match target {
        BanTarget::Address(mailbox) => like(&mailbox.folded()),
        BanTarget::Domain(domain) => format!("%@{}", like(domain)),
    }
}

/// A text that LIKE takes for itself.
fn like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

impl Store {
    /// The last `limit` warnings, newest first.
    pub async fn warnings(&self, limit: i64) -> Result<Vec<WarningRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT letter_id, address, warned_at, warned_by FROM warnings WHERE taken_back_at IS NULL
                 ORDER BY warned_at DESC, letter_id DESC LIMIT $1",
            )
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok(WarningRow {
                letter: LetterId::from_row(row.text("letter_id")?),
                address: row.mailbox("address")?,
                warned_at: row.time("warned_at")?,
                warned_by: row.text("warned_by")?,
            }),
        ))
    }
}

impl Tx<'_> {
    /// How many reports of this address arrived after `since`, quarantined ones among them: those that were proven
    /// to be of it, or those that were not.
    pub async fn reports_of_sender(
        &mut self,
        sender: &Mailbox,
        is_proven: bool,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM reports WHERE from_folded = $1 AND arrived_at > $2
                         AND (CASE WHEN proven_at IS NULL THEN 0 ELSE 1 END) = $3)
                  + (SELECT COUNT(*) FROM quarantine WHERE from_folded = $1 AND arrived_at > $2 AND released_at IS NULL
                         AND (CASE WHEN proven_at IS NULL THEN 0 ELSE 1 END) = $3)",
        )
        .bind(sender.folded())
        .bind(since.as_microsecond())
        .bind(i64::from(is_proven))
        .fetch_one(conn)
        .await?))
    }

    /// Whether somebody here has worked on a proven report of this sender, and did not find it unwanted.
    pub async fn has_accepted_reports(&mut self, sender: &Mailbox) -> Result<bool, StoreError> {
        let count: i64 = either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM reports r JOIN cases c ON c.id = r.case_id
             WHERE r.from_folded = $1 AND r.proven_at IS NOT NULL AND (
                 c.state IN ('triage', 'routed', 'answered')
                 OR (c.state = 'closed' AND c.closed_as NOT IN ('spam', 'not-security', 'not-ours')))",
        )
        .bind(sender.folded())
        .fetch_one(conn)
        .await?);
        Ok(count > 0)
    }

    /// How many proven mails of this sender were quarantined, or closed as spam or as no security problem.
    pub async fn unwanted_mails(&mut self, sender: &Mailbox) -> Result<i64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM quarantine
                         WHERE from_folded = $1 AND proven_at IS NOT NULL AND released_at IS NULL)
                  + (SELECT COUNT(*) FROM reports r JOIN cases c ON c.id = r.case_id
                         WHERE r.from_folded = $1 AND r.proven_at IS NOT NULL
                             AND c.closed_as IN ('spam', 'not-security'))",
        )
        .bind(sender.folded())
        .fetch_one(conn)
        .await?))
    }

    /// What is known of a sender or of all senders of a domain; a warning before `since` counts no more.
    pub async fn history(
        &mut self,
        target: &BanTarget,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<History, StoreError> {
        either!(self.conn(), conn => {
            let row = sqlx::query(
                "SELECT
                     (SELECT COUNT(*) FROM reports WHERE from_folded LIKE $1 ESCAPE '\\' AND proven_at IS NOT NULL)
                         + (SELECT COUNT(*) FROM quarantine
                                WHERE from_folded LIKE $1 ESCAPE '\\' AND proven_at IS NOT NULL) AS proven,
                     (SELECT MAX(warned_at) FROM warnings
                          WHERE address_folded LIKE $1 ESCAPE '\\' AND warned_at > $2 AND taken_back_at IS NULL) AS warned_at,
                     (SELECT MAX(arrived_at) FROM reports WHERE from_folded LIKE $1 ESCAPE '\\' AND proven_at IS NOT NULL)
                         AS last_report,
                     (SELECT MAX(arrived_at) FROM quarantine
                          WHERE from_folded LIKE $1 ESCAPE '\\' AND proven_at IS NOT NULL) AS last_quarantined,
                     (SELECT MAX(until_at) FROM bans
                          WHERE target = $3 AND ended_at IS NULL AND until_at > $4) AS banned_until,
                     (SELECT COUNT(*) FROM parties p JOIN cases c ON c.id = p.case_id
                          WHERE p.handling_id IS NOT NULL AND c.state <> 'closed'
                              AND lower(p.address) LIKE $1 ESCAPE '\\') AS contacts",
            )
            .bind(pattern(target))
            .bind(since.as_microsecond())
            .bind(target.folded())
            .bind(now.as_microsecond())
            .fetch_one(conn)
            .await?;
            Ok(History {
                proven_mails: row.number("proven")?,
                warned_at: row.time_or_null("warned_at")?,
                last_proven_at: row.time_or_null("last_report")?.max(row.time_or_null("last_quarantined")?),
                banned_until: row.time_or_null("banned_until")?,
                is_on_a_case: row.number("contacts")? > 0,
            })
        })
    }

    /// Writes a warning down.
    pub async fn insert_warning(&mut self, warning: &WarningRow) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO warnings (letter_id, address, address_folded, domain, warned_at, warned_by)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(warning.letter.as_str())
        .bind(warning.address.as_str())
        .bind(warning.address.folded())
        .bind(warning.address.domain())
        .bind(warning.warned_at.as_microsecond())
        .bind(&warning.warned_by)
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The addresses of the domain, or the one address, that were warned after `since`.
    pub async fn warned(&mut self, target: &BanTarget, since: Timestamp) -> Result<Vec<Mailbox>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(
                "SELECT DISTINCT address_folded FROM warnings
                 WHERE address_folded LIKE $1 ESCAPE '\\' AND warned_at > $2 AND taken_back_at IS NULL ORDER BY address_folded",
            )
            .bind(pattern(target))
            .bind(since.as_microsecond())
            .fetch_all(conn)
            .await?,
            |row| row.mailbox("address_folded"),
        ))
    }

    /// The Message-IDs of all warnings to this sender.
    pub async fn warning_ids(&mut self, sender: &Mailbox) -> Result<Vec<String>, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT l.message_id FROM warnings w JOIN letters l ON l.id = w.letter_id
             WHERE w.address_folded = $1 ORDER BY l.message_id",
        )
        .bind(sender.folded())
        .fetch_all(conn)
        .await?))
    }
}
