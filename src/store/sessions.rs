//! Letters by which somebody signs in, and sign-ins that last. Of every cookie's secret only the SHA-256 is here.

use jiff::{SignedDuration, Timestamp};

use super::columns::{Columns, all, one};
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
    /// What the browser says that it is.
    pub device: Option<String>,
}

/// A sign-in letter that a page was asked for.
#[derive(Debug, Clone, Copy)]
pub struct NewSignIn<'a> {
    /// The row of its link.
    pub id: &'a str,
    /// The fingerprint of the asking browser's cookie.
    pub browser: &'a str,
    pub asked_at: Timestamp,
    /// The page to go to afterwards.
    pub back: Option<&'a str>,
}

impl Store {
    /// The session whose cookie has that fingerprint, unless it has ended.
    pub async fn session(&self, fingerprint: &str) -> Result<Option<SessionRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(
                "SELECT id, email, created_at, seen_at, device FROM sessions WHERE fingerprint = $1 AND ended_at IS NULL",
            )
            .bind(fingerprint)
            .fetch_optional(conn)
            .await?,
            session_row,
        ))
    }

    /// The sessions of this member that nobody has ended and that began after `since`, the one seen last first.
    pub async fn sessions_of(&self, email: &Mailbox, since: Timestamp) -> Result<Vec<SessionRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT id, email, created_at, seen_at, device FROM sessions
                 WHERE email = $1 AND ended_at IS NULL AND created_at > $2 ORDER BY seen_at DESC, id DESC",
            )
            .bind(email.as_str())
            .bind(since.as_microsecond())
            .fetch_all(conn)
            .await?,
            session_row,
        ))
    }
}

impl Tx<'_> {
    /// Keeps which browser asked for a letter, and forgets those that are older than `life`.
    pub async fn ask_sign_in(&mut self, asked: &NewSignIn<'_>, life: SignedDuration) -> Result<(), StoreError> {
        let mut conn = self.conn();
        either!(conn.again(), conn => sqlx::query("DELETE FROM sign_ins WHERE asked_at < $1")
            .bind((asked.asked_at - life).as_microsecond())
            .execute(conn)
            .await
            .map(|_| ())?);
        either!(conn, conn => sqlx::query(
            "INSERT INTO sign_ins (id, browser, asked_at, tries, back) VALUES ($1, $2, $3, 0, $4)",
        )
        .bind(asked.id)
        .bind(asked.browser)
        .bind(asked.asked_at.as_microsecond())
        .bind(asked.back)
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Counts a code that was typed in the browser with that cookie; gives the row of the link of the letter it asked
    /// for after `since`, unless `most` codes were typed before.
    pub async fn try_code(&mut self, browser: &str, since: Timestamp, most: i64) -> Result<Option<String>, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "UPDATE sign_ins SET tries = tries + 1 WHERE browser = $1 AND asked_at > $2 AND tries < $3 RETURNING id",
        )
        .bind(browser)
        .bind(since.as_microsecond())
        .bind(most)
        .fetch_optional(conn)
        .await?))
    }

    /// The page to go to after the sign-in by the link of this row.
    pub async fn back_after(&mut self, id: &str) -> Result<Option<String>, StoreError> {
        let back = either!(self.conn(), conn => sqlx::query_scalar("SELECT back FROM sign_ins WHERE id = $1")
            .bind(id)
            .fetch_optional(conn)
            .await?);
        Ok(back.flatten())
    }

    /// Starts a session for the cookie with that fingerprint.
    pub async fn start_session(&mut self, session: &SessionRow, fingerprint: &str) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO sessions (id, fingerprint, email, created_at, seen_at, device) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(session.id.as_str())
        .bind(fingerprint)
        .bind(session.email.as_str())
        .bind(session.created_at.as_microsecond())
        .bind(session.seen_at.as_microsecond())
        .bind(session.device.as_deref())
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

    /// Ends the session whose cookie has that fingerprint; the first end counts.
    pub async fn end_session_of(&mut self, fingerprint: &str, now: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "UPDATE sessions SET ended_at = $2 WHERE fingerprint = $1 AND ended_at IS NULL",
        )
        .bind(fingerprint)
        .bind(now.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Ends a session of this member; `false` if it is none of theirs, or has ended.
    pub async fn end_session(&mut self, id: &SessionId, email: &Mailbox, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND email = $2 AND ended_at IS NULL",
        )
        .bind(id.as_str())
        .bind(email.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Ends all sessions of this member but one; says how many.
    pub async fn end_other_sessions(
        &mut self,
        but: &SessionId,
        email: &Mailbox,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query(
            "UPDATE sessions SET ended_at = $3 WHERE id <> $1 AND email = $2 AND ended_at IS NULL",
        )
        .bind(but.as_str())
        .bind(email.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected()))
    }
}

fn session_row(row: &impl Columns) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        id: SessionId::from_row(row.text("id")?),
        email: row.mailbox("email")?,
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
        device: row.text_or_null("device")?,
    })
}
