//! The record: one hash chain per case, so that no entry can be changed or left out unseen (DESIGN.md 3.7).

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::columns::{Columns, all, one};
use super::{Conn, Dialects, Store, StoreError, Tx};
use crate::domain::case::{Actor, CaseEvent, EventKind};
use crate::domain::id::CaseId;
use crate::domain::record::{Rows, to_json};

/// What the first event of a case has before it.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// SHA-256 over an event and the hash before it, in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventHash(String);

impl EventHash {
    /// What the first entry of a chain has before it.
    pub(super) fn beginning() -> Self {
        Self(BEGINNING.to_owned())
    }

    /// A hash as it stands in a row.
    pub(super) fn from_row(hex: String) -> Self {
        Self(hex)
    }

    /// Over these fields, each with its length before it, so that no two rows of fields read alike.
    pub(super) fn over<'f>(fields: impl IntoIterator<Item = &'f str>) -> Self {
        let mut hash = Sha256::new();
        for field in fields {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field.as_bytes());
        }
        Self(data_encoding::HEXLOWER.encode(&hash.finalize()))
    }

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
    /// The rows that were changed with it, as they were afterwards: [`Rows`](crate::domain::record::Rows) as JSON.
    pub changed: Option<String>,
    pub previous: EventHash,
    pub hash: EventHash,
}

/// What is wrong with an entry of a record, by its sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainFault {
    /// It says something else than was written.
    Edited(i64),
    /// It, or what came before it, was removed, moved or replaced.
    Torn(i64),
}

impl EventRow {
    fn expected_hash(&self) -> EventHash {
        let (sequence, at) = (self.sequence.to_string(), self.at.as_microsecond().to_string());
        let said = [self.case.as_str(), &sequence, &at, &self.kind, &self.actor, &self.detail, self.previous.as_str()];
        EventHash::over(said.into_iter().chain(self.changed.as_deref()))
    }
}

/// Whether `events`, all of one case and in their order, are what was once written: no entry changed, moved or
/// missing before the last. That none is missing at the end the seals say.
pub fn chain_is_whole(events: &[EventRow]) -> bool {
    chain_faults(events).is_empty()
}

/// Where `events`, all of one case and in their order, are not what was once written.
pub fn chain_faults(events: &[EventRow]) -> Vec<ChainFault> {
    let mut faults = Vec::new();
    let (mut sequence, mut previous) = (0, EventHash::beginning());
    for event in events {
        if event.hash != event.expected_hash() {
            faults.push(ChainFault::Edited(event.sequence));
        }
        if event.sequence != sequence + 1 || event.previous != previous || event.case != events[0].case {
            faults.push(ChainFault::Torn(event.sequence));
        }
        (sequence, previous) = (event.sequence, event.hash.clone());
    }
    faults
}

const CASE_LOCK: Dialects = for_update!("SELECT opened_at FROM cases WHERE id = $1");

impl Store {
    /// The record of a case, in its order.
    pub async fn events_of(&self, case: &CaseId) -> Result<Vec<EventRow>, StoreError> {
        events_of(self.reader().await?.conn(), case).await
    }
}

impl Tx<'_> {
    /// Adds an entry to the record of a case. It is chained when this transaction commits, with the rows that were
    /// changed.
    pub fn append_event(&mut self, case: &CaseId, event: &CaseEvent) {
        self.ledger.events.push((case.clone(), event.clone()));
    }

    /// Chains all entries, each case's last one with the rows that this transaction has changed.
    pub(super) async fn write_the_record(&mut self) -> Result<(), StoreError> {
        let ledger = std::mem::take(&mut self.ledger);
        if ledger.is_empty() {
            return Ok(());
        }
        let changes = self.changed_rows(&ledger).await?;
        let mut by_case: BTreeMap<CaseId, (Vec<CaseEvent>, Option<Rows>)> = BTreeMap::new();
        for (case, event) in ledger.events {
            by_case.entry(case).or_default().0.push(event);
        }
        for (case, rows) in changes {
            by_case.entry(case).or_default().1 = Some(rows);
        }
        // In the order of their ids, so that two transactions never wait for each other here.
        for (case, (events, rows)) in by_case {
            self.chain(&case, events, rows).await?;
        }
        Ok(())
    }

    async fn chain(
        &mut self,
        case: &CaseId,
        mut events: Vec<CaseEvent>,
        changed: Option<Rows>,
    ) -> Result<(), StoreError> {
        let End { mut sequence, hash: mut previous, at } = self.end_of_record(case).await?;
        if events.is_empty() {
            // Whoever changed a row owes the record a reason; the change stands in it all the same.
            let detail = String::new();
            events.push(CaseEvent { kind: EventKind::Changed, at, actor: Actor::Program, detail });
        }
        let mut changed = changed.as_ref().map(to_json);
        let last = events.len() - 1;
        for (number, event) in events.into_iter().enumerate() {
            sequence += 1;
            let mut row = EventRow {
                case: case.clone(),
                sequence,
                at: event.at,
                kind: event.kind.word().to_owned(),
                actor: event.actor.word(),
                detail: event.detail,
                changed: if number == last { changed.take() } else { None },
                previous: previous.clone(),
                hash: previous,
            };
            row.hash = row.expected_hash();
            self.insert_event(&row).await?;
            previous = row.hash;
        }
        self.await_seal(case, sequence, &previous).await
    }

    async fn insert_event(&mut self, row: &EventRow) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO events (case_id, sequence, at, kind, actor, detail, changed, previous, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(row.case.as_str())
        .bind(row.sequence)
        .bind(row.at.as_microsecond())
        .bind(&row.kind)
        .bind(&row.actor)
        .bind(&row.detail)
        .bind(&row.changed)
        .bind(row.previous.as_str())
        .bind(row.hash.as_str())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The end of the chain, to which nobody else adds until this transaction ends.
    async fn end_of_record(&mut self, case: &CaseId) -> Result<End, StoreError> {
        let mut conn = self.conn();
        let lock = conn.choose(CASE_LOCK);
        let opened_at = either!(conn.again(), conn => one(
            sqlx::query(lock).bind(case.as_str()).fetch_optional(conn).await?,
            |row| row.time("opened_at"),
        ))?;
        let end = either!(conn, conn => one(
            sqlx::query("SELECT sequence, hash, at FROM events WHERE case_id = $1 ORDER BY sequence DESC LIMIT 1")
                .bind(case.as_str())
                .fetch_optional(conn)
                .await?,
            |row| Ok(End { sequence: row.number("sequence")?, hash: EventHash(row.text("hash")?), at: row.time("at")? }),
        ))?;
        let gone = || StoreError::Corrupt(format!("case {case} has a record and is not there"));
        match end {
            Some(end) => Ok(end),
            None => Ok(End { sequence: 0, hash: EventHash::beginning(), at: opened_at.ok_or_else(gone)? }),
        }
    }
}

/// Where a record ends.
struct End {
    sequence: i64,
    hash: EventHash,
    at: Timestamp,
}

async fn events_of(conn: Conn<'_>, case: &CaseId) -> Result<Vec<EventRow>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(
            "SELECT case_id, sequence, at, kind, actor, detail, changed, previous, hash FROM events
             WHERE case_id = $1 ORDER BY sequence",
        )
        .bind(case.as_str())
        .fetch_all(conn)
        .await?,
        event_row,
    ))
}

/// The records of the cases whose ids come after `after`, up to `last`, each in its order.
pub(super) async fn events_between(conn: Conn<'_>, after: &str, last: &str) -> Result<Vec<EventRow>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(
            "SELECT case_id, sequence, at, kind, actor, detail, changed, previous, hash FROM events
             WHERE case_id > $1 AND case_id <= $2 ORDER BY case_id, sequence",
        )
        .bind(after)
        .bind(last)
        .fetch_all(conn)
        .await?,
        event_row,
    ))
}

fn event_row(row: &impl Columns) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        case: CaseId::from_row(row.text("case_id")?),
        sequence: row.number("sequence")?,
        at: row.time("at")?,
        kind: row.text("kind")?,
        actor: row.text("actor")?,
        detail: row.text("detail")?,
        changed: row.text_or_null("changed")?,
        previous: EventHash(row.text("previous")?),
        hash: EventHash(row.text("hash")?),
    })
}
