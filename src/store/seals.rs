//! Seals: one chain over the ends of all records, so that a record that was shortened, rewritten or removed shows.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::columns::{Columns, all, one};
use super::events::EventHash;
use super::{Conn, Store, StoreError, Tx};
use crate::domain::id::CaseId;

/// A seal over what was added to records since the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// From 1, without a gap.
    pub number: i64,
    pub at: Timestamp,
    pub previous: EventHash,
    pub hash: EventHash,
}

/// Where the record of a case ended when it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCase {
    pub seal: i64,
    pub case: CaseId,
    pub sequence: i64,
    /// Of the entry at that sequence, and so of all before it.
    pub hash: EventHash,
}

impl Seal {
    /// The hash that a seal over these ends must have; they are given in the order of their cases.
    pub fn expected_hash(&self, cases: &[SealedCase]) -> EventHash {
        let numbers = [self.number.to_string(), self.at.as_microsecond().to_string()];
        let sequences: Vec<String> = cases.iter().map(|sealed| sealed.sequence.to_string()).collect();
        let ends = cases.iter().zip(&sequences);
        let ends = ends.flat_map(|(sealed, sequence)| [sealed.case.as_str(), sequence, sealed.hash.as_str()]);
        EventHash::over(numbers.iter().map(String::as_str).chain([self.previous.as_str()]).chain(ends))
    }
}

impl Store {
    /// The last seal: its hash says what all records were when it was made.
    pub async fn last_seal(&self) -> Result<Option<Seal>, StoreError> {
        last_seal(self.reader().await?.conn()).await
    }
}

impl Tx<'_> {
    /// The record of the case ends here until the next seal says so.
    pub(super) async fn await_seal(
        &mut self,
        case: &CaseId,
        sequence: i64,
        hash: &EventHash,
    ) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("INSERT INTO unsealed (case_id, sequence, hash) VALUES ($1, $2, $3)")
            .bind(case.as_str())
            .bind(sequence)
            .bind(hash.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Seals what was added to records since the last seal; `None` if it is nothing. What another transaction adds
    /// meanwhile waits for the next one. The caller sees to it that nobody else seals now.
    pub async fn seal(&mut self, now: Timestamp) -> Result<Option<Seal>, StoreError> {
        let added = either!(self.conn(), conn => all(
            &sqlx::query("DELETE FROM unsealed RETURNING case_id, sequence, hash").fetch_all(conn).await?,
            |row| Ok((CaseId::from_row(row.text("case_id")?), row.number("sequence")?, row.text("hash")?)),
        ))?;
        if added.is_empty() {
            return Ok(None);
        }
        let last = last_seal(self.conn()).await?;
        let (number, previous) = last.map_or_else(|| (0, EventHash::beginning()), |last| (last.number, last.hash));
        let mut seal = Seal { number: number + 1, at: now, previous: previous.clone(), hash: previous };
        let cases = ends(seal.number, added);
        seal.hash = seal.expected_hash(&cases);
        self.insert_seal(&seal, &cases).await?;
        Ok(Some(seal))
    }

    async fn insert_seal(&mut self, seal: &Seal, cases: &[SealedCase]) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("INSERT INTO seals (number, at, previous, hash) VALUES ($1, $2, $3, $4)")
            .bind(seal.number)
            .bind(seal.at.as_microsecond())
            .bind(seal.previous.as_str())
            .bind(seal.hash.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        for sealed in cases {
            either!(self.conn(), conn => sqlx::query(
                "INSERT INTO sealed_cases (seal, case_id, sequence, hash) VALUES ($1, $2, $3, $4)",
            )
            .bind(sealed.seal)
            .bind(sealed.case.as_str())
            .bind(sealed.sequence)
            .bind(sealed.hash.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        }
        Ok(())
    }
}

/// The last of each case, in the order of their ids.
fn ends(seal: i64, added: Vec<(CaseId, i64, String)>) -> Vec<SealedCase> {
    let mut ends: BTreeMap<CaseId, (i64, String)> = BTreeMap::new();
    for (case, sequence, hash) in added {
        let end = ends.entry(case).or_insert((0, String::new()));
        if sequence > end.0 {
            *end = (sequence, hash);
        }
    }
    let sealed = |(case, (sequence, hash))| SealedCase { seal, case, sequence, hash: EventHash::from_row(hash) };
    ends.into_iter().map(sealed).collect()
}

async fn last_seal(conn: Conn<'_>) -> Result<Option<Seal>, StoreError> {
    either!(conn, conn => one(
        sqlx::query("SELECT number, at, previous, hash FROM seals ORDER BY number DESC LIMIT 1")
            .fetch_optional(conn)
            .await?,
        seal_row,
    ))
}

pub(super) fn seal_row(row: &impl Columns) -> Result<Seal, StoreError> {
    Ok(Seal {
        number: row.number("number")?,
        at: row.time("at")?,
        previous: EventHash::from_row(row.text("previous")?),
        hash: EventHash::from_row(row.text("hash")?),
    })
}

pub(super) fn sealed_row(row: &impl Columns) -> Result<SealedCase, StoreError> {
    Ok(SealedCase {
        seal: row.number("seal")?,
        case: CaseId::from_row(row.text("case_id")?),
        sequence: row.number("sequence")?,
        hash: EventHash::from_row(row.text("hash")?),
    })
}
