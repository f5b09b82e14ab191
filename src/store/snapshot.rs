//! All rows as they were at one moment, for whoever compares them: `audit verify` reads beside a running program.

use sqlx::{Postgres, Sqlite, Transaction};

use super::columns::{Columns, all};
use super::events::{EventRow, events_of};
use super::facts::facts_of;
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

macro_rules! select_sealed {
    ($rest:literal) => {
        concat!("SELECT seal, case_id, sequence, hash FROM sealed_cases ", $rest)
    };
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

    /// The cases whose ids come after `after`, in their order, at most `limit`.
    pub async fn cases_after(&mut self, after: &str, limit: i64) -> Result<Vec<(CaseId, CaseRef)>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query("SELECT id, number FROM cases WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after)
                .bind(limit)
                .fetch_all(conn)
                .await?,
            |row| Ok((CaseId::from_row(row.text("id")?), CaseRef::from_row(row.text("number")?))),
        ))
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

    /// The record of a case, in its order.
    pub async fn events_of(&mut self, case: &CaseId) -> Result<Vec<EventRow>, StoreError> {
        events_of(self.conn(), case).await
    }

    /// The rows of a case that its record proves.
    pub async fn rows_of(&mut self, case: &CaseId) -> Result<Rows, StoreError> {
        let salt = self.salt.clone();
        facts_of(self.conn(), &salt, case).await
    }

    /// Where the record of a case ended at each seal, the earliest first.
    pub async fn seals_of(&mut self, case: &CaseId) -> Result<Vec<SealedCase>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(select_sealed!("WHERE case_id = $1 ORDER BY seal"))
                .bind(case.as_str())
                .fetch_all(conn)
                .await?,
            sealed_row,
        ))
    }

    /// The end of a case's record that no seal names yet.
    pub async fn unsealed_of(&mut self, case: &CaseId) -> Result<Option<i64>, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar("SELECT MAX(sequence) FROM unsealed WHERE case_id = $1")
            .bind(case.as_str())
            .fetch_one(conn)
            .await?))
    }

    /// The seals whose numbers come after `after`, in their order, at most `limit`.
    pub async fn seals_after(&mut self, after: i64, limit: i64) -> Result<Vec<Seal>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query("SELECT number, at, previous, hash FROM seals WHERE number > $1 ORDER BY number LIMIT $2")
                .bind(after)
                .bind(limit)
                .fetch_all(conn)
                .await?,
            seal_row,
        ))
    }

    /// What a seal names, in the order of its cases.
    pub async fn sealed_in(&mut self, seal: i64) -> Result<Vec<SealedCase>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(select_sealed!("WHERE seal = $1 ORDER BY case_id")).bind(seal).fetch_all(conn).await?,
            sealed_row,
        ))
    }
}
