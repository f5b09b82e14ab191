//! What members did with many rows at once: each act, and its cases or mails.

use jiff::Timestamp;

use super::columns::{Columns, all, one};
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::bulk::BulkAct;
use crate::domain::case::{CaseRef, CaseState};
use crate::domain::id::{ArrivalId, BulkId, CaseId};

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRow {
    pub id: BulkId,
    pub act: BulkAct,
    pub by: Mailbox,
    pub at: Timestamp,
    pub undone_at: Option<Timestamp>,
    pub undone_by: Option<Mailbox>,
}

/// One act in a list, with how many rows it was carried out on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkLine {
    pub bulk: BulkRow,
    pub done: i64,
}

/// One row that was ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItem {
    /// The id of a case, or of an arrival.
    pub item: String,
    pub done_at: Option<Timestamp>,
    /// Why nothing was done with it.
    pub left_because: Option<String>,
    /// Of a case.
    pub before: Option<StoodBefore>,
    /// What a released mail became.
    pub released_as: Option<CaseId>,
    pub undone_at: Option<Timestamp>,
    /// Why it was not undone with the others.
    pub stays_because: Option<String>,
    /// The case that it is, or became.
    pub number: Option<CaseRef>,
    /// The case's title, or the mail's subject while that is kept.
    pub title: Option<String>,
}

impl BulkItem {
    /// Whether undoing has something to do here.
    pub fn is_to_be_undone(&self) -> bool {
        self.done_at.is_some() && self.undone_at.is_none() && self.stays_because.is_none()
    }
}

/// How a case stood before it was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoodBefore {
    pub state: CaseState,
    pub waited_because: Option<String>,
}

macro_rules! select_bulk {
    ($rest:literal) => {
        concat!("SELECT b.id, b.act, b.member, b.at, b.undone_at, b.undone_by ", $rest)
    };
}

impl Store {
    /// The act of that id.
    pub async fn bulk(&self, id: &BulkId) -> Result<Option<BulkRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(select_bulk!("FROM bulk_acts b WHERE b.id = $1")).bind(id.as_str()).fetch_optional(conn).await?,
            bulk_row,
        ))
    }

    /// The last `limit` acts after `since`, newest first; cases that are kept from `member` are not counted, and an act
    /// on no others is not there.
    pub async fn bulks(&self, since: Timestamp, member: &Mailbox, limit: i64) -> Result<Vec<BulkLine>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_bulk!(
                ", (SELECT COUNT(*) FROM bulk_items i WHERE i.bulk_id = b.id AND i.done_at IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM conflicts k WHERE k.case_id = COALESCE(i.case_id, i.item) AND k.member = $3
                            AND k.ended_at IS NULL)) AS done
                 FROM bulk_acts b WHERE b.at > $1 AND EXISTS (
                     SELECT 1 FROM bulk_items i WHERE i.bulk_id = b.id AND NOT EXISTS (
                         SELECT 1 FROM conflicts k WHERE k.case_id = COALESCE(i.case_id, i.item) AND k.member = $3
                             AND k.ended_at IS NULL))
                 ORDER BY b.at DESC, b.id DESC LIMIT $2"
            ))
            .bind(since.as_microsecond())
            .bind(limit)
            .bind(member.folded())
            .fetch_all(conn)
            .await?,
            |row| Ok(BulkLine { bulk: bulk_row(row)?, done: row.number("done")? }),
        ))
    }

    /// The rows of an act, in the order of its list.
    pub async fn bulk_items(&self, id: &BulkId) -> Result<Vec<BulkItem>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT i.item, i.done_at, i.left_because, i.state_before, i.waited_because, i.case_id, i.undone_at,
                     i.stays_because, c.number, COALESCE(c.title, q.subject) AS title
                 FROM bulk_items i
                     LEFT JOIN cases c ON c.id = COALESCE(i.case_id, i.item)
                     LEFT JOIN quarantine q ON q.arrival_id = i.item
                 WHERE i.bulk_id = $1 ORDER BY i.number",
            )
            .bind(id.as_str())
            .fetch_all(conn)
            .await?,
            item_row,
        ))
    }
}

impl Tx<'_> {
    /// Writes an act down with its rows, nothing of which is done yet. `false` if it was written before.
    pub async fn begin_bulk(&mut self, bulk: &BulkRow, items: &[String]) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO bulk_acts (id, act, member, at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
        )
        .bind(bulk.id.as_str())
        .bind(bulk.act.word())
        .bind(bulk.by.as_str())
        .bind(bulk.at.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        if rows == 0 {
            return Ok(false);
        }
        for (number, item) in (1_i64..).zip(items) {
            either!(self.conn(), conn => sqlx::query(
                "INSERT INTO bulk_items (bulk_id, number, item) VALUES ($1, $2, $3)
                 ON CONFLICT (bulk_id, item) DO NOTHING",
            )
            .bind(bulk.id.as_str())
            .bind(number)
            .bind(item)
            .execute(conn)
            .await
            .map(|_| ())?);
        }
        Ok(true)
    }

    /// Takes one row of an act to do it now; `false` if it is done or was left.
    pub async fn take_bulk_item(
        &mut self,
        bulk: &BulkId,
        item: &str,
        before: Option<&StoodBefore>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE bulk_items SET done_at = $3, state_before = $4, waited_because = $5
             WHERE bulk_id = $1 AND item = $2 AND done_at IS NULL AND left_because IS NULL",
        )
        .bind(bulk.as_str())
        .bind(item)
        .bind(now.as_microsecond())
        .bind(before.map(|before| before.state.word()))
        .bind(before.and_then(|before| before.waited_because.as_deref()))
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// A mail of an act has become a case.
    pub async fn bulk_item_became(&mut self, bulk: &BulkId, item: &ArrivalId, case: &CaseId) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("UPDATE bulk_items SET case_id = $3 WHERE bulk_id = $1 AND item = $2")
            .bind(bulk.as_str())
            .bind(item.as_str())
            .bind(case.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Nothing is done with this row of an act, for that reason.
    pub async fn leave_bulk_item(&mut self, bulk: &BulkId, item: &str, because: &str) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "UPDATE bulk_items SET left_because = $3 WHERE bulk_id = $1 AND item = $2 AND done_at IS NULL",
        )
        .bind(bulk.as_str())
        .bind(item)
        .bind(because)
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// A member has seen one mail in quarantine; `false` if one had, or it is not in there.
    pub async fn see_quarantined(
        &mut self,
        arrival: &ArrivalId,
        by: &Mailbox,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE quarantine SET seen_at = $3, seen_by = $2
             WHERE arrival_id = $1 AND seen_at IS NULL AND released_at IS NULL",
        )
        .bind(arrival.as_str())
        .bind(by.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }
}

fn bulk_row(row: &impl Columns) -> Result<BulkRow, StoreError> {
    Ok(BulkRow {
        id: BulkId::from_row(row.text("id")?),
        act: row.word("act", BulkAct::from_word)?,
        by: row.mailbox("member")?,
        at: row.time("at")?,
        undone_at: row.time_or_null("undone_at")?,
        undone_by: row.mailbox_or_null("undone_by")?,
    })
}

fn item_row(row: &impl Columns) -> Result<BulkItem, StoreError> {
    let state = row.word_or_null("state_before", CaseState::from_word)?;
    let waited_because = row.text_or_null("waited_because")?;
    Ok(BulkItem {
        item: row.text("item")?,
        done_at: row.time_or_null("done_at")?,
        left_because: row.text_or_null("left_because")?,
        before: state.map(|state| StoodBefore { state, waited_because }),
        released_as: row.text_or_null("case_id")?.map(CaseId::from_row),
        undone_at: row.time_or_null("undone_at")?,
        stays_because: row.text_or_null("stays_because")?,
        number: row.text_or_null("number")?.map(CaseRef::from_row),
        title: row.text_or_null("title")?,
    })
}
