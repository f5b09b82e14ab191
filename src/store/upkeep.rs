//! What tells how the house itself is: who signed in when, what came back, what waits, and what an audit came to.

use jiff::Timestamp;

use super::columns::{Columns, all, one};
use super::lists::not_kept;
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::id::AuditId;

/// What one `audit verify` came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditRow {
    pub at: Timestamp,
    pub cases: i64,
    /// Entries of all records.
    pub entries: i64,
    /// What was not as it was written.
    pub findings: i64,
    /// The number of the last seal that it saw.
    pub seal: Option<i64>,
}

/// How the mail is: what the foot of every page of the desk says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailState {
    pub last_arrival_at: Option<Timestamp>,
    /// Mail that is still to be worked on.
    pub unfiled: i64,
    /// Since when the oldest of it waits.
    pub unfiled_since: Option<Timestamp>,
    /// Letters that are still to leave.
    pub waiting: i64,
    /// Letters that were refused lately.
    pub bounces: i64,
}

impl Store {
    /// When each address last began a session.
    pub async fn last_sign_ins(&self) -> Result<Vec<(Mailbox, Timestamp)>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query("SELECT email, MAX(created_at) AS at FROM sessions GROUP BY email ORDER BY email")
                .fetch_all(conn)
                .await?,
            |row| Ok((row.mailbox("email")?, row.time("at")?)),
        ))
    }

    /// How the mail is, and what of it is of cases that are not kept from `member`; bounces are counted from
    /// `bounces_of` on.
    pub async fn mail_state(&self, member: &Mailbox, bounces_of: Timestamp) -> Result<MailState, StoreError> {
        // With a bound on `due_at`, SQLite walks the index of what is not settled; without one, all letters.
        let sql = concat!(
            "SELECT
                 (SELECT arrived_at FROM journal ORDER BY id DESC LIMIT 1) AS last_arrival_at,
                 (SELECT COUNT(*) FROM journal WHERE filed_at IS NULL) AS unfiled,
                 (SELECT arrived_at FROM journal WHERE filed_at IS NULL ORDER BY id LIMIT 1) AS unfiled_since,
                 (SELECT COUNT(*) FROM letters l WHERE l.settled_at IS NULL AND l.due_at > -1 AND ",
            not_kept!("l.case_id", "$1"),
            ") AS waiting,
                 (SELECT COUNT(*) FROM letters l WHERE l.refused_at > $2 AND ",
            not_kept!("l.case_id", "$1"),
            ") AS bounces"
        );
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => {
            let query = sqlx::query(sql).bind(member.folded()).bind(bounces_of.as_microsecond());
            let row = query.fetch_one(conn).await?;
            Ok(MailState {
                last_arrival_at: row.time_or_null("last_arrival_at")?,
                unfiled: row.number("unfiled")?,
                unfiled_since: row.time_or_null("unfiled_since")?,
                waiting: row.number("waiting")?,
                bounces: row.number("bounces")?,
            })
        })
    }

    /// What the last audit came to, if there was one.
    pub async fn last_audit(&self) -> Result<Option<AuditRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query("SELECT at, cases, entries, findings, seal FROM audits ORDER BY at DESC, id DESC LIMIT 1")
                .fetch_optional(conn)
                .await?,
            |row| Ok(AuditRow {
                at: row.time("at")?,
                cases: row.number("cases")?,
                entries: row.number("entries")?,
                findings: row.number("findings")?,
                seal: row.number_or_null("seal")?,
            }),
        ))
    }
}

impl Tx<'_> {
    /// Notes what an audit came to.
    pub async fn insert_audit(&mut self, id: &AuditId, audit: &AuditRow) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO audits (id, at, cases, entries, findings, seal) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.as_str())
        .bind(audit.at.as_microsecond())
        .bind(audit.cases)
        .bind(audit.entries)
        .bind(audit.findings)
        .bind(audit.seal)
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }
}
