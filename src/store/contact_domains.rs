//! The domains of contacts, and of whoever was one: looked up each day, gone, back, and trusted again.

use jiff::Timestamp;

use super::columns::{Columns, all, one, plain};
use super::{Store, StoreError, Tx};

impl Store {
    /// Up to `limit` domains that nobody has looked up since `since`: those of contacts, and of whoever was sent the
    /// report of a case that is open, for they may have left since and still get its later letters.
    pub async fn domains_to_look_up(&self, since: Timestamp, limit: i64) -> Result<Vec<String>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT s.domain FROM (
                     SELECT domain FROM contacts WHERE removed_at IS NULL
                     UNION
                     SELECT l.recipient_domain FROM cases c JOIN letters l ON l.case_id = c.id
                     WHERE c.state IN ('new', 'triage', 'routed', 'answered') AND l.kind = 'forward'
                         AND l.sent_at IS NOT NULL
                 ) s LEFT JOIN contact_domains d ON d.domain = s.domain
                 WHERE d.looked_at IS NULL OR d.looked_at < $1 ORDER BY s.domain LIMIT $2",
            )
            .bind(since.as_microsecond())
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| row.text("domain"),
        ))
    }

    /// Why nothing is sent to a domain; `None` unless it was found to be gone. Nobody needs to be a contact there now.
    pub async fn why_gone(&self, domain: &str) -> Result<Option<String>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query("SELECT gone_because FROM contact_domains WHERE domain = $1 AND gone_at IS NOT NULL")
                .bind(plain(domain))
                .fetch_optional(conn)
                .await?,
            |row| row.text("gone_because"),
        ))
    }
}

impl Tx<'_> {
    /// Notes that a domain was looked up; what is known of it stays.
    pub async fn looked_up(&mut self, domain: &str, now: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO contact_domains (domain, looked_at) VALUES ($1, $2)
             ON CONFLICT (domain) DO UPDATE SET looked_at = excluded.looked_at",
        )
        .bind(plain(domain))
        .bind(now.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Notes that a domain takes no mail; `true` the first time. It must have been looked up.
    pub async fn domain_gone(&mut self, domain: &str, because: &str, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE contact_domains SET gone_at = $2, gone_because = $3 WHERE domain = $1 AND gone_at IS NULL",
        )
        .bind(plain(domain))
        .bind(now.as_microsecond())
        .bind(because)
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Notes that a domain that was gone takes mail again; `true` the first time. Nothing is sent to it yet.
    pub async fn domain_back(&mut self, domain: &str, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE contact_domains SET back_at = $2 WHERE domain = $1 AND gone_at IS NOT NULL AND back_at IS NULL",
        )
        .bind(plain(domain))
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// A member's word that a domain that is back is still the same people's; `false` if it is not back.
    pub async fn trust_domain(&mut self, domain: &str) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE contact_domains SET gone_at = NULL, gone_because = NULL, back_at = NULL
             WHERE domain = $1 AND back_at IS NOT NULL",
        )
        .bind(plain(domain))
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }
}
