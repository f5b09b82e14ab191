//! Addresses and links that we issued: found by fingerprint, never by the token itself.

use jiff::Timestamp;

use super::columns::{Columns, micros, one};
use super::{Conn, Store, StoreError, Tx};
use crate::domain::address::{Purpose, Token};

/// What a token opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub purpose: Purpose,
    /// The id of the row it belongs to: of a party or a letter, as the purpose says.
    pub row: String,
    pub generation: i64,
    pub expires_at: Option<Timestamp>,
    /// When it was used, if it is one to be used once.
    pub used_at: Option<Timestamp>,
}

impl Store {
    /// The link with that fingerprint, used and expired ones too.
    pub async fn link(&self, fingerprint: &str) -> Result<Option<Link>, StoreError> {
        link(self.reader().await?.conn(), fingerprint).await
    }
}

impl Tx<'_> {
    /// Makes a token valid. The same token issued again changes nothing, for it is derived from the same row.
    pub async fn issue(
        &mut self,
        token: &Token,
        row: &str,
        generation: i64,
        expires_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO links (fingerprint, purpose, row_id, generation, expires_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (fingerprint) DO NOTHING",
        )
        .bind(token.fingerprint())
        .bind(token.purpose().word())
        .bind(row)
        .bind(generation)
        .bind(micros(expires_at))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The link with that fingerprint, used and expired ones too.
    pub async fn link(&mut self, fingerprint: &str) -> Result<Option<Link>, StoreError> {
        link(self.conn(), fingerprint).await
    }

    /// Uses up a link that may be used once; `false` if it is unknown, used or expired.
    pub async fn use_link(&mut self, fingerprint: &str, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE links SET used_at = $2
             WHERE fingerprint = $1 AND used_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(fingerprint)
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Lets a token open another row: what it belonged to has become something else.
    pub async fn repoint_link(&mut self, fingerprint: &str, row: &str) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("UPDATE links SET row_id = $2 WHERE fingerprint = $1")
            .bind(fingerprint)
            .bind(row)
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Lets the links of a row for one purpose end at `end`, or lets them live on.
    pub async fn end_links(&mut self, purpose: Purpose, row: &str, end: Option<Timestamp>) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("UPDATE links SET expires_at = $3 WHERE row_id = $1 AND purpose = $2")
            .bind(row)
            .bind(purpose.word())
            .bind(micros(end))
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Ends all links of a row at `now`; those that ended before keep their time.
    pub async fn expire_links(&mut self, row: &str, now: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "UPDATE links SET expires_at = $2 WHERE row_id = $1 AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(row)
        .bind(now.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }
}

async fn link(conn: Conn<'_>, fingerprint: &str) -> Result<Option<Link>, StoreError> {
    either!(conn, conn => one(
        sqlx::query("SELECT purpose, row_id, generation, expires_at, used_at FROM links WHERE fingerprint = $1")
            .bind(fingerprint)
            .fetch_optional(conn)
            .await?,
        link_of_row,
    ))
}

fn link_of_row(row: &impl Columns) -> Result<Link, StoreError> {
    Ok(Link {
        purpose: row.word("purpose", Purpose::from_word)?,
        row: row.text("row_id")?,
        generation: row.number("generation")?,
        expires_at: row.time_or_null("expires_at")?,
        used_at: row.time_or_null("used_at")?,
    })
}
