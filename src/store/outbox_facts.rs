//! What pages and flows want to know about letters, waiting and settled; never their bytes.

use jiff::Timestamp;

use super::columns::{Columns, all, one};
use super::lists::{Segment, in_turn, not_kept, reader};
use super::{Conn, Part, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::directory::ProjectId;
use crate::domain::id::{CaseId, HandlingId, LetterId, MessageId, PartyId};
use crate::domain::letter::LetterKind;

/// A letter without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFacts {
    pub id: LetterId,
    pub kind: LetterKind,
    pub case: Option<CaseId>,
    pub case_number: Option<CaseRef>,
    pub handling: Option<HandlingId>,
    /// The handling's.
    pub project: Option<ProjectId>,
    pub party: Option<PartyId>,
    /// The message whose words it carries.
    pub said_in: Option<MessageId>,
    pub recipient: Mailbox,
    pub message_id: String,
    pub subject: String,
    /// Bytes, when they were written.
    pub size: u64,
    pub created_at: Timestamp,
    /// Not before this moment.
    pub due_at: Timestamp,
    pub tries: i64,
    /// On its way to the relay right now.
    pub claimed: bool,
    pub first_deferred_at: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    pub refused_at: Option<Timestamp>,
    pub withdrawn_at: Option<Timestamp>,
    /// RFC 3463 status of a refusal.
    pub status: Option<String>,
    /// The relay's last answer.
    pub answer: Option<String>,
}

/// How the outbox stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Neither settled nor ever deferred.
    pub waiting: i64,
    /// Will be tried again.
    pub deferred: i64,
    /// Refused ever.
    pub refused: i64,
}

macro_rules! select_facts {
    ($rest:expr) => {
        concat!(
            "SELECT l.id, l.kind, l.case_id, c.number, l.handling_id, h.project_id, l.party_id, l.said_in, l.recipient,
                 l.message_id, l.subject, l.size, l.created_at, l.due_at, l.tries, l.claimed_by, l.first_deferred_at,
                 l.sent_at, l.refused_at, l.withdrawn_at, l.status, l.answer
             FROM letters l LEFT JOIN cases c ON c.id = l.case_id LEFT JOIN handlings h ON h.id = l.handling_id ",
            $rest
        )
    };
}

/// A segment of the outbox.
macro_rules! letters_segment {
    ($which:literal, $order:literal) => {
        Segment {
            list: select_facts!(concat!(
                $which,
                " AND ",
                not_kept!("l.case_id", "$1"),
                " ORDER BY ",
                $order,
                " LIMIT $2 OFFSET $3"
            )),
            count: concat!("SELECT COUNT(*) FROM letters l ", $which, " AND ", not_kept!("l.case_id", "$1")),
        }
    };
}

const OUTBOX: [Segment; 2] = [
    letters_segment!("WHERE l.settled_at IS NULL", "l.due_at, l.id"),
    letters_segment!("WHERE l.settled_at IS NOT NULL", "l.settled_at DESC, l.id DESC"),
];

impl Store {
    /// The letters of a case, in the order they were written.
    pub async fn letters_of(&self, case: &CaseId) -> Result<Vec<LetterFacts>, StoreError> {
        letters_of(self.reader().await?.conn(), case).await
    }

    /// The letter of that id.
    pub async fn letter(&self, id: &LetterId) -> Result<Option<LetterFacts>, StoreError> {
        letter(self.reader().await?.conn(), id).await
    }

    /// Letters: first those that wait, the longest due first, then the last settled ones.
    pub async fn outbox(&self, part: impl Into<Part<'_>>) -> Result<Vec<LetterFacts>, StoreError> {
        let part = part.into();
        let mut reader = self.reader().await?;
        let mut conn = reader.conn();
        Ok(in_turn!(conn, &OUTBOX, part, facts))
    }

    /// How many letters wait, are deferred, were refused ever: about cases that are not kept from `member`, or all.
    pub async fn outbox_counts(&self, member: Option<&Mailbox>) -> Result<OutboxCounts, StoreError> {
        let mut store = self.reader().await?;
        either!(store.conn(), conn => {
            // With a bound on `due_at`, SQLite walks the index of what is not settled; without one, all letters.
            let row = sqlx::query(concat!(
                "SELECT
                     (SELECT COUNT(*) FROM letters l WHERE l.settled_at IS NULL AND l.due_at > -1
                          AND l.first_deferred_at IS NULL AND ", not_kept!("l.case_id", "$1"), ") AS waiting,
                     (SELECT COUNT(*) FROM letters l WHERE l.settled_at IS NULL AND l.due_at > -1
                          AND l.first_deferred_at IS NOT NULL AND ", not_kept!("l.case_id", "$1"), ") AS deferred,
                     (SELECT COUNT(*) FROM letters l WHERE l.refused_at IS NOT NULL AND ",
                not_kept!("l.case_id", "$1"), ") AS refused"
            ))
            .bind(reader(member))
            .fetch_one(conn)
            .await?;
            Ok(OutboxCounts {
                waiting: row.number("waiting")?,
                deferred: row.number("deferred")?,
                refused: row.number("refused")?,
            })
        })
    }
}

impl Tx<'_> {
    /// The letters of a case, in the order they were written.
    pub async fn letters_of(&mut self, case: &CaseId) -> Result<Vec<LetterFacts>, StoreError> {
        letters_of(self.conn(), case).await
    }

    /// The letters of a handling, in the order they were written.
    pub async fn letters_of_handling(&mut self, handling: &HandlingId) -> Result<Vec<LetterFacts>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(select_facts!("WHERE l.handling_id = $1 ORDER BY l.created_at, l.id"))
                .bind(handling.as_str())
                .fetch_all(conn)
                .await?,
            facts,
        ))
    }

    /// What was written to one party, in that order; what was stopped before it left is not among it.
    pub async fn letters_to(&mut self, case: &CaseId, party: &PartyId) -> Result<Vec<LetterFacts>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(select_facts!(
                "WHERE l.case_id = $1 AND l.party_id = $2 AND l.withdrawn_at IS NULL ORDER BY l.created_at, l.id"
            ))
            .bind(case.as_str())
            .bind(party.as_str())
            .fetch_all(conn)
            .await?,
            facts,
        ))
    }

    /// The letters that carry the words of a message, in the order they were written.
    pub async fn letters_saying(&mut self, message: &MessageId) -> Result<Vec<LetterFacts>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(select_facts!("WHERE l.said_in = $1 ORDER BY l.created_at, l.id"))
                .bind(message.as_str())
                .fetch_all(conn)
                .await?,
            facts,
        ))
    }

    /// The letter of that id.
    pub async fn letter(&mut self, id: &LetterId) -> Result<Option<LetterFacts>, StoreError> {
        letter(self.conn(), id).await
    }
}

async fn letter(conn: Conn<'_>, id: &LetterId) -> Result<Option<LetterFacts>, StoreError> {
    either!(conn, conn => one(
        sqlx::query(select_facts!("WHERE l.id = $1")).bind(id.as_str()).fetch_optional(conn).await?,
        facts,
    ))
}

async fn letters_of(conn: Conn<'_>, case: &CaseId) -> Result<Vec<LetterFacts>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(select_facts!("WHERE l.case_id = $1 ORDER BY l.created_at, l.id"))
            .bind(case.as_str())
            .fetch_all(conn)
            .await?,
        facts,
    ))
}

fn facts(row: &impl Columns) -> Result<LetterFacts, StoreError> {
    Ok(LetterFacts {
        id: LetterId::from_row(row.text("id")?),
        kind: row.word("kind", LetterKind::from_word)?,
        case: row.text_or_null("case_id")?.map(CaseId::from_row),
        case_number: row.text_or_null("number")?.map(CaseRef::from_row),
        handling: row.text_or_null("handling_id")?.map(HandlingId::from_row),
        project: row.word_or_null("project_id", ProjectId::parse)?,
        party: row.text_or_null("party_id")?.map(PartyId::from_row),
        said_in: row.text_or_null("said_in")?.map(MessageId::from_row),
        recipient: row.mailbox("recipient")?,
        message_id: row.text("message_id")?,
        subject: row.text("subject")?,
        size: row.size("size")?,
        created_at: row.time("created_at")?,
        due_at: row.time("due_at")?,
        tries: row.number("tries")?,
        claimed: row.text_or_null("claimed_by")?.is_some(),
        first_deferred_at: row.time_or_null("first_deferred_at")?,
        sent_at: row.time_or_null("sent_at")?,
        refused_at: row.time_or_null("refused_at")?,
        withdrawn_at: row.time_or_null("withdrawn_at")?,
        status: row.text_or_null("status")?,
        answer: row.text_or_null("answer")?,
    })
}
