//! Which case tells of the same flaw as another one.

use jiff::Timestamp;

use super::columns::{Columns, all, one};
use super::facts::Proven;
use super::{Conn, Store, StoreError, Tx};
use crate::domain::case::CaseRef;
use crate::domain::id::CaseId;

impl Store {
    /// The number of the case that told of it first.
    pub async fn duplicate_of(&self, case: &CaseId) -> Result<Option<CaseRef>, StoreError> {
        duplicate_of(self.reader().await?.conn(), case).await
    }

    /// The numbers of the cases that told of it again, in the order they were linked.
    pub async fn duplicates_of(&self, case: &CaseId) -> Result<Vec<CaseRef>, StoreError> {
        duplicates_of(self.reader().await?.conn(), case).await
    }
}

impl Tx<'_> {
    /// The number of the case that told of it first.
    pub async fn duplicate_of(&mut self, case: &CaseId) -> Result<Option<CaseRef>, StoreError> {
        duplicate_of(self.conn(), case).await
    }

    /// The numbers of the cases that told of it again, in the order they were linked.
    pub async fn duplicates_of(&mut self, case: &CaseId) -> Result<Vec<CaseRef>, StoreError> {
        duplicates_of(self.conn(), case).await
    }

    /// Links a case to the one that told of the same flaw first; an earlier link of it is replaced.
    pub async fn link_duplicate(&mut self, case: &CaseId, of: &CaseId, at: Timestamp) -> Result<(), StoreError> {
        self.changed(Proven::Duplicates, case.as_str());
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO duplicates (case_id, of_case_id, at) VALUES ($1, $2, $3)
             ON CONFLICT (case_id) DO UPDATE SET of_case_id = excluded.of_case_id, at = excluded.at",
        )
        .bind(case.as_str())
        .bind(of.as_str())
        .bind(at.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The case is one of its own after all.
    pub async fn unlink_duplicate(&mut self, case: &CaseId) -> Result<(), StoreError> {
        self.changed(Proven::Duplicates, case.as_str());
        either!(self.conn(), conn => sqlx::query("DELETE FROM duplicates WHERE case_id = $1")
            .bind(case.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }
}

async fn duplicate_of(conn: Conn<'_>, case: &CaseId) -> Result<Option<CaseRef>, StoreError> {
    either!(conn, conn => one(
        sqlx::query("SELECT c.number FROM duplicates d JOIN cases c ON c.id = d.of_case_id WHERE d.case_id = $1")
            .bind(case.as_str())
            .fetch_optional(conn)
            .await?,
        |row| Ok(CaseRef::from_row(row.text("number")?)),
    ))
}

async fn duplicates_of(conn: Conn<'_>, case: &CaseId) -> Result<Vec<CaseRef>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(
            "SELECT c.number FROM duplicates d JOIN cases c ON c.id = d.case_id WHERE d.of_case_id = $1
             ORDER BY d.at, c.number",
        )
        .bind(case.as_str())
        .fetch_all(conn)
        .await?,
        |row| Ok(CaseRef::from_row(row.text("number")?)),
    ))
}
