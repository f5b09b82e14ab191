//! What tells how the house itself is: who signed in when, what came back, what waits, and what an audit came to.

use jiff::Timestamp;

use super::columns::{Columns, all, one, time_of};
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

    /// How many letters were refused after `since`.
    pub async fn refused_since(&self, since: Timestamp) -> Result<i64, StoreError> {
        let mut reader = self.reader().await?;
        Ok(either!(reader.conn(), conn => sqlx::query_scalar("SELECT COUNT(*) FROM letters WHERE refused_at > $1")
            .bind(since.as_microsecond())
            .fetch_one(conn)
            .await?))
    }

    /// When the message arrived that has waited longest to be worked on.
    pub async fn waits_since(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.reader().await?;
        let oldest: Option<i64> = either!(reader.conn(), conn => sqlx::query_scalar(
            "SELECT arrived_at FROM journal WHERE filed_at IS NULL ORDER BY id LIMIT 1",
        )
        .fetch_optional(conn)
        .await?);
        oldest.map(|at| time_of(at, "arrived_at")).transpose()
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
