//! The record: one hash chain per case, so that no entry can be changed or left out unseen (DESIGN.md 3.7).

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::columns::{Columns, all, one};
use super::{Dialects, Store, StoreError, Tx};
use crate::domain::case::CaseEvent;
use crate::domain::id::CaseId;

/// What the first event of a case has before it.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// SHA-256 over an event and the hash before it, in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventHash(String);

impl EventHash {
    /// 64 letters of lower-case hex.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One entry of a case's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    pub case: CaseId,
    /// From 1, without a gap.
    pub sequence: i64,
    pub at: Timestamp,
    /// The words stay words: a later version may know more of them than this one.
    pub kind: String,
    pub actor: String,
    pub detail: String,
    pub previous: EventHash,
    pub hash: EventHash,
}

impl EventRow {
    /// Each field with its length before it, so that no two entries read alike.
    fn expected_hash(&self) -> EventHash {
        let mut hash = Sha256::new();
        let (sequence, at) = (self.sequence.to_string(), self.at.as_microsecond().to_string());
        for field in [self.case.as_str(), &sequence, &at, &self.kind, &self.actor, &self.detail, self.previous.as_str()]
        {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field.as_bytes());
        }
        EventHash(data_encoding::HEXLOWER.encode(&hash.finalize()))
    }
}

/// Whether `events`, all of one case and in their order, are what was once written: no entry changed, moved or
/// missing before the last. That none is missing at the end only a later entry can say.
pub fn chain_is_whole(events: &[EventRow]) -> bool {
    let mut previous = EventHash(BEGINNING.to_owned());
    events.iter().zip(1..).all(|(event, sequence)| {
        let fits = event.sequence == sequence && event.previous == previous && event.hash == event.expected_hash();
        previous = event.hash.clone();
        fits && event.case == events[0].case
    })
}

const CASE_LOCK: Dialects = for_update!("SELECT id FROM cases WHERE id = $1");

impl Store {
    /// The record of a case, in its order.
    pub async fn events_of(&self, case: &CaseId) -> Result<Vec<EventRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT case_id, sequence, at, kind, actor, detail, previous, hash FROM events
                 WHERE case_id = $1 ORDER BY sequence",
            )
            .bind(case.as_str())
            .fetch_all(conn)
            .await?,
            event_row,
        ))
    }
}

impl Tx<'_> {
    /// Adds an entry to the record of a case and says its hash.
    pub async fn append_event(&mut self, case: &CaseId, event: &CaseEvent) -> Result<EventHash, StoreError> {
        let (sequence, previous) = self.last_event(case).await?.unwrap_or((0, BEGINNING.to_owned()));
        let mut row = EventRow {
            case: case.clone(),
            sequence: sequence + 1,
            at: event.at,
            kind: event.kind.word().to_owned(),
            actor: event.actor.word(),
            detail: event.detail.clone(),
            previous: EventHash(previous),
            hash: EventHash(String::new()),
        };
        row.hash = row.expected_hash();
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO events (case_id, sequence, at, kind, actor, detail, previous, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(row.case.as_str())
        .bind(row.sequence)
        .bind(row.at.as_microsecond())
        .bind(&row.kind)
        .bind(&row.actor)
        .bind(&row.detail)
        .bind(row.previous.as_str())
        .bind(row.hash.as_str())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(row.hash)
    }

    /// The end of the chain, to which nobody else adds until this transaction ends.
    async fn last_event(&mut self, case: &CaseId) -> Result<Option<(i64, String)>, StoreError> {
        let mut conn = self.conn();
        let lock = conn.choose(CASE_LOCK);
        either!(conn.again(), conn => sqlx::query(lock).bind(case.as_str()).execute(conn).await.map(|_| ())?);
        either!(conn, conn => one(
            sqlx::query("SELECT sequence, hash FROM events WHERE case_id = $1 ORDER BY sequence DESC LIMIT 1")
                .bind(case.as_str())
                .fetch_optional(conn)
                .await?,
            |row| Ok((row.number("sequence")?, row.text("hash")?)),
        ))
    }
}

fn event_row(row: &impl Columns) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        case: CaseId::from_row(row.text("case_id")?),
        sequence: row.number("sequence")?,
        at: row.time("at")?,
        kind: row.text("kind")?,
        actor: row.text("actor")?,
        detail: row.text("detail")?,
        previous: EventHash(row.text("previous")?),
        hash: EventHash(row.text("hash")?),
    })
}
