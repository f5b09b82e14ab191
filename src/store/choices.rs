//! What members chose for their own pages.

use jiff::Timestamp;

use super::columns::{Columns, micros, one};
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;

/// A member's choices; none at all is the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// In which zone times are shown, by its name in the time zone database; `None` is UTC.
    pub zone: Option<String>,
    /// Since when single keys do nothing; `None` where they act.
    pub keys_off_at: Option<Timestamp>,
}

impl Store {
    /// What this member chose.
    pub async fn choices(&self, member: &Mailbox) -> Result<Choices, StoreError> {
        let mut reader = self.reader().await?;
        let found = either!(reader.conn(), conn => one(
            sqlx::query("SELECT zone, keys_off_at FROM choices WHERE member = $1")
                .bind(member.folded())
                .fetch_optional(conn)
                .await?,
            |row| Ok(Choices { zone: row.text_or_null("zone")?, keys_off_at: row.time_or_null("keys_off_at")? }),
        ))?;
        Ok(found.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Keeps what this member chose, in the place of what they chose before.
    pub async fn choose(&mut self, member: &Mailbox, choices: &Choices) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO choices (member, zone, keys_off_at) VALUES ($1, $2, $3)
             ON CONFLICT (member) DO UPDATE SET zone = $2, keys_off_at = $3",
        )
        .bind(member.folded())
        .bind(choices.zone.as_deref())
        .bind(micros(choices.keys_off_at))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }
}
