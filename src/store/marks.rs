//! Marks: facts of the whole house with their time, such as when the digest went out.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::columns::{Columns, all, one};
use super::{Conn, Dialects, Store, StoreError, Tx};

const MARK: &str = "SELECT at FROM marks WHERE name = $1";
const MARK_FOR_UPDATE: Dialects = for_update!("SELECT at FROM marks WHERE name = $1");

/// All marks at one moment: a few dozen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(BTreeMap<String, Timestamp>);

impl Marks {
    /// When this mark was set last.
    pub fn at(&self, name: &str) -> Option<Timestamp> {
        self.0.get(name).copied()
    }
}

impl Store {
    /// All marks, for whoever wants several.
    pub async fn marks(&self) -> Result<Marks, StoreError> {
        let mut reader = self.reader().await?;
        let marks = either!(reader.conn(), conn => all(
            &sqlx::query("SELECT name, at FROM marks").fetch_all(conn).await?,
            |row| Ok((row.text("name")?, row.time("at")?)),
        ))?;
        Ok(Marks(marks.into_iter().collect()))
    }

    /// When this mark was set last.
    pub async fn marked(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        marked(self.reader().await?.conn(), MARK, name).await
    }
}

impl Tx<'_> {
    /// When this mark was set last; nobody else changes it until this transaction ends, once it is there.
    pub async fn marked(&mut self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        let conn = self.conn();
        let sql = conn.choose(MARK_FOR_UPDATE);
        marked(conn, sql, name).await
    }

    /// Sets a mark.
    pub async fn mark(&mut self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO marks (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        )
        .bind(name)
        .bind(at.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Moves a mark from `seen` to `at`, if it still stands there: of several nodes one alone does what follows.
    pub async fn move_mark(&mut self, name: &str, seen: Option<Timestamp>, at: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO marks (name, at) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE marks.at = $3",
        )
        .bind(name)
        .bind(at.as_microsecond())
        .bind(seen.map(Timestamp::as_microsecond))
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }
}

async fn marked(conn: Conn<'_>, sql: &'static str, name: &str) -> Result<Option<Timestamp>, StoreError> {
    either!(conn, conn => one(sqlx::query(sql).bind(name).fetch_optional(conn).await?, |row| row.time("at")))
}
