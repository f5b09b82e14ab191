//! Cases that are kept from members for a conflict of interest, and of which case a page is.

use jiff::Timestamp;

use super::columns::{Columns, all, plain};
use super::facts::Proven;
use super::views::{COUNTS_OF_KEPT, counts_row};
use super::{DeskCounts, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::clock::DUE_SOON;
use crate::domain::conflict::KeptCases;
use crate::domain::id::{CaseId, ConflictId, LetterId};
use crate::domain::letter::LetterKind;

/// A conflict of interest that was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRow {
    pub id: ConflictId,
    pub member: Mailbox,
    pub declared_at: Timestamp,
    /// The actor's word.
    pub declared_by: String,
    pub because: String,
    /// When the member was given the case back.
    pub ended_at: Option<Timestamp>,
}

/// What the address of a page names, by which its case is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'a> {
    /// The printed number, as somebody typed it.
    Number(&'a str),
    Handling(&'a str),
    Letter(&'a str),
    Message(&'a str),
    Arrival(&'a str),
    /// A name or lesson that the judge was taught.
    Knowledge(&'a str),
}

/// A letter that waits to leave, as its recipient would get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingLetter {
    pub id: LetterId,
    pub kind: LetterKind,
    pub bytes: Vec<u8>,
    pub created_at: Timestamp,
}

impl Store {
    /// The letters of no case that wait to leave for this address, oldest first.
    pub async fn waiting_letters_of_no_case(&self, to: &Mailbox) -> Result<Vec<WaitingLetter>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT id, kind, bytes, created_at FROM letters
                 WHERE case_id IS NULL AND recipient_folded = $1 AND settled_at IS NULL ORDER BY created_at, id",
            )
            .bind(to.folded())
            .fetch_all(conn)
            .await?,
            |row| Ok(WaitingLetter {
                id: LetterId::from_row(row.text("id")?),
                kind: row.word("kind", LetterKind::from_word)?,
                bytes: row.bytes_or_null("bytes")?.unwrap_or_default(),
                created_at: row.time("created_at")?,
            }),
        ))
    }

    /// The cases that are kept from this member.
    pub async fn kept_from(&self, member: &Mailbox) -> Result<KeptCases, StoreError> {
        let mut reader = self.reader().await?;
        let cases = either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT c.id, c.number FROM conflicts k JOIN cases c ON c.id = k.case_id
                 WHERE k.member = $1 AND k.ended_at IS NULL",
            )
            .bind(member.folded())
            .fetch_all(conn)
            .await?,
            |row| Ok((CaseId::from_row(row.text("id")?), CaseRef::from_row(row.text("number")?))),
        ))?;
        Ok(KeptCases::new(cases))
    }

    /// What the desk counts at `now` of the cases that are kept from this member.
    pub async fn counts_of_kept(&self, member: &Mailbox, now: Timestamp) -> Result<DeskCounts, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => counts_row(
            &sqlx::query(COUNTS_OF_KEPT)
                .bind(now.as_microsecond())
                .bind((now + DUE_SOON).as_microsecond())
                .bind(member.folded())
                .fetch_one(conn)
                .await?,
        ))
    }

    /// All conflicts that were declared about a case, in their order.
    pub async fn conflicts_of(&self, case: &CaseId) -> Result<Vec<ConflictRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT id, member, declared_at, declared_by, because, ended_at FROM conflicts
                 WHERE case_id = $1 ORDER BY declared_at, id",
            )
            .bind(case.as_str())
            .fetch_all(conn)
            .await?,
            |row| Ok(ConflictRow {
                id: ConflictId::from_row(row.text("id")?),
                member: row.mailbox("member")?,
                declared_at: row.time("declared_at")?,
                declared_by: row.text("declared_by")?,
                because: row.text("because")?,
                ended_at: row.time_or_null("ended_at")?,
            }),
        ))
    }

    /// The cases that what a page names belongs to: none where there is no such thing or it is of no case, two where a
    /// mail was held for one and became another.
    pub async fn cases_of(&self, named: Named<'_>) -> Result<Vec<CaseId>, StoreError> {
        const OF_MAIL: &str = "SELECT case_id FROM journal WHERE id = $1 AND case_id IS NOT NULL
             UNION SELECT case_id FROM messages WHERE arrival_id = $1 AND case_id IS NOT NULL
             UNION SELECT case_id FROM reports WHERE arrival_id = $1";
        const OF_KNOWLEDGE: &str = "SELECT case_id FROM remembered_names WHERE id = $1
             UNION SELECT case_id FROM lessons WHERE id = $1";
        let (sql, key) = match named {
            Named::Number(number) => ("SELECT id AS case_id FROM cases WHERE number = $1", number),
            Named::Handling(id) => ("SELECT case_id FROM handlings WHERE id = $1", id),
            Named::Letter(id) => ("SELECT case_id FROM letters WHERE id = $1 AND case_id IS NOT NULL", id),
            Named::Message(id) => ("SELECT case_id FROM messages WHERE id = $1 AND case_id IS NOT NULL", id),
            Named::Arrival(id) => (OF_MAIL, id),
            Named::Knowledge(id) => (OF_KNOWLEDGE, id),
        };
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(sql).bind(plain(key)).fetch_all(conn).await?,
            |row| Ok(CaseId::from_row(row.text("case_id")?)),
        ))
    }
}

impl Tx<'_> {
    /// The members from whom this case is kept.
    pub async fn kept_from_whom(&mut self, case: &CaseId) -> Result<Vec<Mailbox>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query("SELECT member FROM conflicts WHERE case_id = $1 AND ended_at IS NULL ORDER BY member")
                .bind(case.as_str())
                .fetch_all(conn)
                .await?,
            |row| row.mailbox("member"),
        ))
    }

    /// Keeps a case from a member. It is not kept from them yet, and the case is locked.
    pub async fn keep_from(&mut self, case: &CaseId, conflict: &ConflictRow) -> Result<(), StoreError> {
        self.changed(Proven::Conflicts, conflict.id.as_str());
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO conflicts (id, case_id, member, declared_at, declared_by, because) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(conflict.id.as_str())
        .bind(case.as_str())
        .bind(conflict.member.folded())
        .bind(conflict.declared_at.as_microsecond())
        .bind(&conflict.declared_by)
        .bind(plain(&conflict.because))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Gives a case back to a member, by whom `by` names; the id of the conflict, or `None` if it was not kept from them.
    pub async fn give_back(
        &mut self,
        case: &CaseId,
        member: &Mailbox,
        by: &str,
        now: Timestamp,
    ) -> Result<Option<ConflictId>, StoreError> {
        let ended: Option<String> = either!(self.conn(), conn => sqlx::query_scalar(
            "UPDATE conflicts SET ended_at = $3, ended_by = $4
             WHERE case_id = $1 AND member = $2 AND ended_at IS NULL RETURNING id",
        )
        .bind(case.as_str())
        .bind(member.folded())
        .bind(now.as_microsecond())
        .bind(by)
        .fetch_optional(conn)
        .await?);
        Ok(ended.map(|id| {
            self.changed(Proven::Conflicts, &id);
            ConflictId::from_row(id)
        }))
    }

    /// Letters about a case that wait to leave for this member, who gets them as a member and not as a party.
    pub async fn waiting_letters_to(&mut self, case: &CaseId, member: &Mailbox) -> Result<Vec<LetterId>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(
                "SELECT id FROM letters
                 WHERE case_id = $1 AND recipient_folded = $2 AND party_id IS NULL AND settled_at IS NULL ORDER BY id",
            )
            .bind(case.as_str())
            .bind(member.folded())
            .fetch_all(conn)
            .await?,
            |row| Ok(LetterId::from_row(row.text("id")?)),
        ))
    }

    /// Takes a case from its owner; `false` if it has another, or none.
    pub async fn take_from_owner(&mut self, case: &CaseId, owner: &Mailbox) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE cases SET owner = NULL WHERE id = $1 AND lower(owner) = $2",
        )
        .bind(case.as_str())
        .bind(owner.folded())
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Cases, case.as_str());
        }
        Ok(rows == 1)
    }
}
