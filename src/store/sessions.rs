//! Sign-ins that last. The cookie is a secret of which only the SHA-256 is here.

use jiff::Timestamp;

use super::columns::{Columns, one};
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::id::SessionId;

/// A sign-in that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    pub email: Mailbox,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
}

impl Store {
    /// The session whose cookie has that fingerprint, unless it has ended.
    pub async fn session(&self, fingerprint: &str) -> Result<Option<SessionRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(
                "SELECT id, email, created_at, seen_at FROM sessions WHERE fingerprint = $1 AND ended_at IS NULL",
            )
            .bind(fingerprint)
            .fetch_optional(conn)
            .await?,
            session_row,
        ))
    }
}

impl Tx<'_> {
    /// Starts a session for the cookie with that fingerprint.
    pub async fn start_session(
        &mut self,
        id: &SessionId,
        fingerprint: &str,
        email: &Mailbox,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO sessions (id, fingerprint, email, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)",
        )
        .bind(id.as_str())
        .bind(fingerprint)
        .bind(email.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Notes that a session was seen.
    pub async fn touch_session(&mut self, id: &SessionId, now: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2")
            .bind(id.as_str())
            .bind(now.as_microsecond())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Ends a session; the first end counts.
    pub async fn end_session(&mut self, id: &SessionId, now: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
            .bind(id.as_str())
            .bind(now.as_microsecond())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }
}

fn session_row(row: &impl Columns) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        id: SessionId::from_row(row.text("id")?),
        email: row.mailbox("email")?,
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
    })
}
