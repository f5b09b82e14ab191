//! All rows as they were at one moment, for whoever compares them: `audit verify` reads beside a running program.

use std::collections::BTreeMap;

use sqlx::{Postgres, Sqlite, Transaction};

use super::columns::{Columns, all};
use super::events::{EventRow, events_between};
use super::facts::facts_between;
use super::seals::{Seal, SealedCase, seal_row, sealed_row};
use super::{Conn, Engine, Store, StoreError};
use crate::domain::case::CaseRef;
use crate::domain::id::CaseId;
use crate::domain::record::{Rows, Salt};

/// The rows of one moment; what is written meanwhile is not seen.
pub struct Snapshot {
    inner: Engine<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>,
    salt: Salt,
}

/// A case with all that speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeCase {
    pub id: CaseId,
    pub number: CaseRef,
    /// Its record, in its order.
    pub events: Vec<EventRow>,
    /// Its rows that the record proves.
    pub rows: Rows,
    /// Where its record ended at each seal, the earliest first.
    pub seals: Vec<SealedCase>,
    /// The end of its record that no seal names yet.
    pub unsealed: Option<i64>,
}

impl Store {
    /// Holds this moment fast. On SQLite the WAL grows until it is let go; nobody waits for it.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let inner = match &self.house.pools {
            Engine::Sqlite(pools) => Engine::Sqlite(pools.readers.begin().await?),
            Engine::Postgres(pool) => {
                Engine::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        Ok(Snapshot { inner, salt: self.salt.clone() })
    }
}

impl Snapshot {
    fn conn(&mut self) -> Conn<'_> {
        match &mut self.inner {
            Engine::Sqlite(tx) => Engine::Sqlite(tx),
            Engine::Postgres(tx) => Engine::Postgres(tx),
        }
    }

    /// The cases whose ids come after `after`, in their order, at most `limit`: one statement a table for all of them.
    pub async fn cases_after(&mut self, after: &str, limit: i64) -> Result<Vec<WholeCase>, StoreError> {
        let named = self.named_after(after, limit).await?;
        let Some((last, _)) = named.last() else { return Ok(Vec::new()) };
        let last = last.as_str();
        let mut events = by_case(events_between(self.conn(), after, last).await?, |event| &event.case);
        let mut rows = self.rows_between(after, last).await?;
        let mut seals = by_case(self.seals_between(after, last).await?, |sealed| &sealed.case);
        let mut unsealed = self.unsealed_between(after, last).await?;
        let whole = |(id, number): (CaseId, CaseRef)| WholeCase {
            events: events.remove(&id).unwrap_or_default(),
            rows: rows.remove(&id).unwrap_or_default(),
            seals: seals.remove(&id).unwrap_or_default(),
            unsealed: unsealed.remove(&id),
            id,
            number,
        };
        Ok(named.into_iter().map(whole).collect())
    }

    async fn named_after(&mut self, after: &str, limit: i64) -> Result<Vec<(CaseId, CaseRef)>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query("SELECT id, number FROM cases WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after)
                .bind(limit)
                .fetch_all(conn)
                .await?,
            |row| Ok((CaseId::from_row(row.text("id")?), CaseRef::from_row(row.text("number")?))),
        ))
    }

    async fn rows_between(&mut self, after: &str, last: &str) -> Result<BTreeMap<CaseId, Rows>, StoreError> {
        let salt = self.salt.clone();
        facts_between(self.conn(), &salt, after, last).await
    }

    async fn seals_between(&mut self, after: &str, last: &str) -> Result<Vec<SealedCase>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(
                "SELECT seal, case_id, sequence, hash FROM sealed_cases WHERE case_id > $1 AND case_id <= $2
                 ORDER BY case_id, seal",
            )
            .bind(after)
            .bind(last)
            .fetch_all(conn)
            .await?,
            sealed_row,
        ))
    }

    async fn unsealed_between(&mut self, after: &str, last: &str) -> Result<BTreeMap<CaseId, i64>, StoreError> {
        let ends: Vec<(CaseId, i64)> = either!(self.conn(), conn => all(
            &sqlx::query(
                "SELECT case_id, MAX(sequence) AS sequence FROM unsealed WHERE case_id > $1 AND case_id <= $2
                 GROUP BY case_id",
            )
            .bind(after)
            .bind(last)
            .fetch_all(conn)
            .await?,
            |row| Ok((CaseId::from_row(row.text("case_id")?), row.number("sequence")?)),
        ))?;
        Ok(ends.into_iter().collect())
    }

    /// The cases that a seal or a record knows and that are not there.
    pub async fn cases_gone(&mut self) -> Result<Vec<CaseId>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(
                "SELECT s.case_id FROM sealed_cases s WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = s.case_id)
                 UNION SELECT e.case_id FROM events e WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = e.case_id)
                 UNION SELECT u.case_id FROM unsealed u WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = u.case_id)
                 ORDER BY 1",
            )
            .fetch_all(conn)
            .await?,
            |row| Ok(CaseId::from_row(row.text("case_id")?)),
        ))
    }

    /// How many numbers were given in each year.
    pub async fn numbers_given(&mut self) -> Result<Vec<(i64, i64)>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query("SELECT year, last FROM case_numbers ORDER BY year").fetch_all(conn).await?,
            |row| Ok((row.number("year")?, row.number("last")?)),
        ))
    }

    /// The seals whose numbers come after `after`, in their order, at most `limit`, each with what it names in the order
    /// of its cases.
    pub async fn seals_after(&mut self, after: i64, limit: i64) -> Result<Vec<(Seal, Vec<SealedCase>)>, StoreError> {
        let seals = either!(self.conn(), conn => all(
            &sqlx::query("SELECT number, at, previous, hash FROM seals WHERE number > $1 ORDER BY number LIMIT $2")
                .bind(after)
                .bind(limit)
                .fetch_all(conn)
                .await?,
            seal_row,
        )?);
        let mut named: BTreeMap<i64, Vec<SealedCase>> = BTreeMap::new();
        for sealed in self.sealed_in(after, seals.last().map_or(after, |seal: &Seal| seal.number)).await? {
            named.entry(sealed.seal).or_default().push(sealed);
        }
        let with_cases = |seal: Seal| {
            let cases = named.remove(&seal.number).unwrap_or_default();
            (seal, cases)
        };
        Ok(seals.into_iter().map(with_cases).collect())
    }

    async fn sealed_in(&mut self, after: i64, last: i64) -> Result<Vec<SealedCase>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(
                "SELECT seal, case_id, sequence, hash FROM sealed_cases WHERE seal > $1 AND seal <= $2
                 ORDER BY seal, case_id",
            )
            .bind(after)
            .bind(last)
            .fetch_all(conn)
            .await?,
            sealed_row,
        ))
    }
}

/// Keeps the order of the rows of each case.
fn by_case<T>(rows: Vec<T>, case: impl Fn(&T) -> &CaseId) -> BTreeMap<CaseId, Vec<T>> {
    let mut of_case: BTreeMap<CaseId, Vec<T>> = BTreeMap::new();
    for row in rows {
        of_case.entry(case(&row).clone()).or_default().push(row);
    }
    of_case
}
