//! Who looked at what, in batches; and who looked at very much at once.

use jiff::Timestamp;

use super::columns::{Columns, all, plain_or_null};
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::id::{CaseId, ViewingId};
use crate::domain::viewing::Viewed;

/// A line to be written: what one member looked at within one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewing<'a> {
    pub id: ViewingId,
    /// The address.
    pub member: &'a str,
    pub viewed: &'a Viewed,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub times: i64,
}

/// A line as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewingLine {
    pub member: String,
    /// page, original, file or list.
    pub what: String,
    /// `None` for lists, and for mail of no case.
    pub case: Option<CaseRef>,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub times: i64,
}

/// A member opened very much within a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkReading {
    /// The address.
    pub member: String,
    pub at: Timestamp,
}

impl Store {
    /// Who looked at what, the latest first.
    pub async fn viewings(&self, limit: i64) -> Result<Vec<ViewingLine>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT v.member, v.what, c.number, v.first_at, v.last_at, v.times
                 FROM viewings v LEFT JOIN cases c ON c.id = v.case_id ORDER BY v.last_at DESC, v.id DESC LIMIT $1",
            )
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok(ViewingLine {
                member: row.text("member")?,
                what: row.text("what")?,
                case: row.text_or_null("number")?.map(CaseRef::from_row),
                first_at: row.time("first_at")?,
                last_at: row.time("last_at")?,
                times: row.number("times")?,
            }),
        ))
    }

    /// From when to when `member` looked at the page of that case, the latest first.
    pub async fn looks_at(
        &self,
        member: &Mailbox,
        case: &CaseId,
        limit: i64,
    ) -> Result<Vec<(Timestamp, Timestamp)>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT first_at, last_at FROM viewings
                 WHERE member = $1 AND case_id = $2 AND what = 'page' ORDER BY last_at DESC LIMIT $3",
            )
            .bind(member.as_str())
            .bind(case.as_str())
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok((row.time("first_at")?, row.time("last_at")?)),
        ))
    }

    /// Who looked at very much at once after `since`, the earliest first.
    pub async fn bulk_readings(&self, since: Timestamp) -> Result<Vec<BulkReading>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query("SELECT member, at FROM bulk_readings WHERE at > $1 ORDER BY at, id")
                .bind(since.as_microsecond())
                .fetch_all(conn)
                .await?,
            |row| Ok(BulkReading { member: row.text("member")?, at: row.time("at")? }),
        ))
    }
}

impl Tx<'_> {
    /// Adds a line. A case or mail that is not there was not seen either, and leaves none.
    pub async fn insert_viewing(&mut self, viewing: &Viewing<'_>) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO viewings (id, member, what, case_id, arrival_id, first_at, last_at, times)
             SELECT $1, $2, $3, COALESCE((SELECT id FROM cases WHERE number = $4),
                 (SELECT case_id FROM journal WHERE id = $5)), $5, $6, $7, $8
             WHERE ($4 IS NULL OR EXISTS (SELECT 1 FROM cases WHERE number = $4))
                 AND ($5 IS NULL OR EXISTS (SELECT 1 FROM journal WHERE id = $5))",
        )
        .bind(viewing.id.as_str())
        .bind(viewing.member)
        .bind(viewing.viewed.word())
        .bind(plain_or_null(viewing.viewed.case()))
        .bind(plain_or_null(viewing.viewed.arrival()))
        .bind(viewing.first_at.as_microsecond())
        .bind(viewing.last_at.as_microsecond())
        .bind(viewing.times)
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Notes that a member looked at very much at once.
    pub async fn insert_bulk_reading(&mut self, id: &ViewingId, reading: &BulkReading) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("INSERT INTO bulk_readings (id, member, at) VALUES ($1, $2, $3)")
            .bind(id.as_str())
            .bind(&reading.member)
            .bind(reading.at.as_microsecond())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Erases what was looked at before `before`; says how many lines.
    pub async fn erase_viewings(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let before = before.as_microsecond();
        let mut conn = self.conn();
        either!(conn.again(), conn => sqlx::query("DELETE FROM bulk_readings WHERE at < $1")
            .bind(before)
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(either!(conn, conn => sqlx::query("DELETE FROM viewings WHERE last_at < $1")
            .bind(before)
            .execute(conn)
            .await?
            .rows_affected()))
    }
}
