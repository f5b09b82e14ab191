//! What came after the report: messages in the lanes of a case, and mail that is held for a member.

use jiff::Timestamp;

use super::columns::{Columns, all, count_or_null, micros, one, plain, plain_or_null};
use super::facts::Proven;
use super::reports::remote;
use super::{Conn, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::id::{ArrivalId, CaseId, HandlingId, MessageId, PartyId};
use crate::domain::party::{Author, Lane};
use crate::domain::report::Remote;

/// One message, in a lane or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub id: MessageId,
    /// `None` for held mail that belongs to no case.
    pub case: Option<CaseId>,
    /// `None` while held.
    pub lane: Option<Lane>,
    pub handling: Option<HandlingId>,
    pub party: Option<PartyId>,
    /// `None` for words typed on a page.
    pub arrival: Option<ArrivalId>,
    pub at: Timestamp,
    pub author: Author,
    pub from_name: Option<String>,
    pub from: Option<Mailbox>,
    pub subject: String,
    pub body: String,
    /// What the person wrote, without quotes and signature; `None` where it is all of the body.
    pub words: Option<String>,
    /// What its HTML names and nobody has fetched.
    pub remote: Remote,
    /// The verdict on its sender, in words.
    pub proof: String,
    /// The message of another lane that it passes on.
    pub passed_on_from: Option<MessageId>,
    /// Why it is held; where it stands in a lane, why it was not passed on from there by itself.
    pub held_because: Option<String>,
    pub held_at: Option<Timestamp>,
    /// When a member decided about held mail, who, and what.
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    pub decision: Option<String>,
}

impl MessageRow {
    /// A message that says nothing, of no case, lane or person.
    pub fn blank(id: MessageId, author: Author, at: Timestamp) -> Self {
        Self {
            id,
            case: None,
            lane: None,
            handling: None,
            party: None,
            arrival: None,
            at,
            author,
            from_name: None,
            from: None,
            subject: String::new(),
            body: String::new(),
            words: None,
            remote: Remote::default(),
            proof: String::new(),
            passed_on_from: None,
            held_because: None,
            held_at: None,
            decided_at: None,
            decided_by: None,
            decision: None,
        }
    }

    /// What the person wrote, without quotes and signature.
    pub fn said(&self) -> &str {
        self.words.as_deref().unwrap_or(&self.body)
    }
}

macro_rules! select_message {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, m.case_id, m.lane, m.handling_id, m.party_id, m.arrival_id, m.at, m.author, m.from_name,
                 m.from_address, m.subject, m.body, m.words, m.proof, m.passed_on_from, m.held_at,
                 m.held_because, m.decided_at, m.decided_by, m.decision, m.remote_images, m.remote_others, c.number
             FROM messages m LEFT JOIN cases c ON c.id = m.case_id ",
            $rest
        )
    };
}

impl Store {
    /// The messages of a case, held ones too, in the order they came.
    pub async fn messages_of(&self, case: &CaseId) -> Result<Vec<MessageRow>, StoreError> {
        messages_of(self.reader().await?.conn(), case).await
    }

    /// The message of that id.
    pub async fn message(&self, id: &MessageId) -> Result<Option<MessageRow>, StoreError> {
        message(self.reader().await?.conn(), id).await
    }

    /// Held mail about which nobody has decided, oldest first, each with the number of its case.
    pub async fn held(&self, limit: i64) -> Result<Vec<(MessageRow, Option<CaseRef>)>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_message!(
                "WHERE m.held_at IS NOT NULL AND m.decided_at IS NULL ORDER BY m.held_at, m.id LIMIT $1"
            ))
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok((message_row(row)?, row.text_or_null("number")?.map(CaseRef::from_row))),
        ))
    }
}

impl Tx<'_> {
    /// The messages of a case, held ones too, in the order they came.
    pub async fn messages_of(&mut self, case: &CaseId) -> Result<Vec<MessageRow>, StoreError> {
        messages_of(self.conn(), case).await
    }

    /// The message of that id.
    pub async fn message(&mut self, id: &MessageId) -> Result<Option<MessageRow>, StoreError> {
        message(self.conn(), id).await
    }

    /// The Message-IDs of the mails that a party wrote, reports and what followed them, with their times, oldest first
    /// and without brackets.
    pub async fn message_ids_from(&mut self, party: &PartyId) -> Result<Vec<(Timestamp, String)>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(
                "WITH own AS (SELECT case_id FROM parties WHERE id = $1)
                 SELECT j.message_id, j.arrived_at FROM journal j
                 WHERE j.message_id IS NOT NULL AND j.id IN (
                     SELECT arrival_id FROM reports WHERE case_id = (SELECT case_id FROM own) AND party_id = $1
                     UNION SELECT arrival_id FROM messages
                         WHERE case_id = (SELECT case_id FROM own) AND party_id = $1 AND author = 'party'
                             AND lane IS NOT NULL AND arrival_id IS NOT NULL)
                 ORDER BY j.arrived_at, j.id",
            )
            .bind(party.as_str())
            .fetch_all(conn)
            .await?,
            |row| Ok((row.time("arrived_at")?, row.text("message_id")?)),
        ))
    }

    /// Adds a message.
    pub async fn insert_message(&mut self, message: &MessageRow) -> Result<(), StoreError> {
        self.changed(Proven::Messages, message.id.as_str());
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO messages (id, case_id, lane, handling_id, party_id, arrival_id, at, author, from_name,
                 from_address, subject, body, words, proof, passed_on_from, held_at, held_because, decided_at,
                 decided_by, decision, remote_images, remote_others)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        )
        .bind(message.id.as_str())
        .bind(message.case.as_ref().map(CaseId::as_str))
        .bind(message.lane.map(Lane::word))
        .bind(message.handling.as_ref().map(HandlingId::as_str))
        .bind(message.party.as_ref().map(PartyId::as_str))
        .bind(message.arrival.as_ref().map(ArrivalId::as_str))
        .bind(message.at.as_microsecond())
        .bind(message.author.word())
        .bind(plain_or_null(message.from_name.as_deref()))
        .bind(message.from.as_ref().map(Mailbox::as_str))
        .bind(plain(&message.subject))
        .bind(plain(&message.body))
        .bind(plain_or_null(message.words.as_deref()))
        .bind(plain(&message.proof))
        .bind(message.passed_on_from.as_ref().map(MessageId::as_str))
        .bind(micros(message.held_at))
        .bind(plain_or_null(message.held_because.as_deref()))
        .bind(micros(message.decided_at))
        .bind(&message.decided_by)
        .bind(&message.decision)
        .bind(count_or_null(message.remote.images))
        .bind(count_or_null(message.remote.others))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Words that were stopped before any of them left stay with the committee; mail that came in is none. `false` if
    /// they were stopped before.
    pub async fn stop_message(&mut self, id: &MessageId, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE messages SET lane = 'internal', decision = 'stopped', decided_by = $2, decided_at = $3
             WHERE id = $1 AND arrival_id IS NULL AND decided_at IS NULL",
        )
        .bind(id.as_str())
        .bind(by)
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Messages, id.as_str());
        }
        Ok(rows == 1)
    }

    /// Decides about held mail: into which lane, if any, and of which handling where that is not yet known. Only the first
    /// decision counts; `false` says that there was one, or that the message was never held.
    pub async fn decide_held(
        &mut self,
        id: &MessageId,
        decision: &str,
        by: &str,
        lane: Option<Lane>,
        handling: Option<&HandlingId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE messages SET decision = $2, decided_by = $3, lane = $4, handling_id = COALESCE(handling_id, $5),
                 decided_at = $6
             WHERE id = $1 AND held_at IS NOT NULL AND decided_at IS NULL",
        )
        .bind(id.as_str())
        .bind(decision)
        .bind(by)
        .bind(lane.map(Lane::word))
        .bind(handling.map(HandlingId::as_str))
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Messages, id.as_str());
        }
        Ok(rows == 1)
    }
}

async fn messages_of(conn: Conn<'_>, case: &CaseId) -> Result<Vec<MessageRow>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(select_message!("WHERE m.case_id = $1 ORDER BY m.at, m.id"))
            .bind(case.as_str())
            .fetch_all(conn)
            .await?,
        message_row,
    ))
}

async fn message(conn: Conn<'_>, id: &MessageId) -> Result<Option<MessageRow>, StoreError> {
    either!(conn, conn => one(
        sqlx::query(select_message!("WHERE m.id = $1")).bind(id.as_str()).fetch_optional(conn).await?,
        message_row,
    ))
}

fn message_row(row: &impl Columns) -> Result<MessageRow, StoreError> {
    Ok(MessageRow {
        id: MessageId::from_row(row.text("id")?),
        case: row.text_or_null("case_id")?.map(CaseId::from_row),
        lane: row.word_or_null("lane", Lane::from_word)?,
        handling: row.text_or_null("handling_id")?.map(HandlingId::from_row),
        party: row.text_or_null("party_id")?.map(PartyId::from_row),
        arrival: row.text_or_null("arrival_id")?.map(ArrivalId::from_row),
        at: row.time("at")?,
        author: row.word("author", Author::from_word)?,
        from_name: row.text_or_null("from_name")?,
        from: row.mailbox_or_null("from_address")?,
        subject: row.text("subject")?,
        body: row.text("body")?,
        words: row.text_or_null("words")?,
        remote: remote(row)?,
        proof: row.text("proof")?,
        passed_on_from: row.text_or_null("passed_on_from")?.map(MessageId::from_row),
        held_because: row.text_or_null("held_because")?,
        held_at: row.time_or_null("held_at")?,
        decided_at: row.time_or_null("decided_at")?,
        decided_by: row.text_or_null("decided_by")?,
        decision: row.text_or_null("decision")?,
    })
}
