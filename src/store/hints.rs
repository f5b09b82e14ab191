//! What a mail to the security address may belong to, looked up by what it hints at.

use jiff::Timestamp;

use super::columns::{Columns, one};
use super::{StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::id::{CaseId, LetterId, PartyId};
use crate::domain::letter::LetterKind;

/// What a letter of ours was about, and to which party of the case it went, if to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub kind: LetterKind,
    pub case: CaseId,
    pub party: Option<PartyId>,
}

impl Tx<'_> {
    /// What the letter of that id was about; `None` where there is none, or it was about no case, or about one
    /// that was erased.
    pub async fn answered(&mut self, letter: &LetterId) -> Result<Option<Answered>, StoreError> {
        either!(self.conn(), conn => one(
            sqlx::query("SELECT l.kind, l.case_id, l.party_id FROM letters l JOIN cases c ON c.id = l.case_id
                 WHERE l.id = $1 AND c.erased_at IS NULL")
                .bind(letter.as_str())
                .fetch_optional(conn)
                .await?,
            |row| Ok(Answered {
                kind: row.word("kind", LetterKind::from_word)?,
                case: CaseId::from_row(row.text("case_id")?),
                party: row.text_or_null("party_id")?.map(PartyId::from_row),
            }),
        ))
    }

    /// The case of that printed number, unless it was erased.
    pub async fn case_numbered(&mut self, number: &CaseRef) -> Result<Option<CaseId>, StoreError> {
        either!(self.conn(), conn => one(
            sqlx::query("SELECT id FROM cases WHERE number = $1 AND erased_at IS NULL").bind(number.as_str()).fetch_optional(conn).await?,
            |row| Ok(CaseId::from_row(row.text("id")?)),
        ))
    }

    /// How many mails of this sender were held after `since`.
    pub async fn held_of_sender(&mut self, sender: &Mailbox, since: Timestamp) -> Result<i64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM journal WHERE filed_as = 'held' AND filed_at > $2 AND from_address = $1",
        )
        .bind(sender.folded())
        .bind(since.as_microsecond())
        .fetch_one(conn)
        .await?))
    }
}
