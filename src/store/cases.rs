//! Cases: opened, moved, claimed, closed and opened again.

use jiff::Timestamp;

use super::columns::{Columns, one, plain};
use super::facts::Proven;
use super::{Conn, Dialects, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::{CaseRef, CaseState, Closing};
use crate::domain::id::CaseId;
use crate::domain::judgement::Judgement;
use crate::domain::ladder::Attention;
use crate::domain::noise::Noise;

/// A case to be opened; nobody owns it yet.
#[derive(Debug, Clone, Copy)]
pub struct NewCase<'a> {
    pub id: &'a CaseId,
    pub number: &'a CaseRef,
    pub title: &'a str,
    pub state: CaseState,
    /// When the report arrived: the promises run from here.
    pub arrived_at: Timestamp,
    pub opened_at: Timestamp,
    /// Why it was not forwarded by itself.
    pub waits_because: Option<&'a str>,
    pub judgement: &'a Judgement,
}

/// A case as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    pub id: CaseId,
    pub number: CaseRef,
    pub title: String,
    pub state: CaseState,
    pub arrived_at: Timestamp,
    pub opened_at: Timestamp,
    /// The member who claimed it.
    pub owner: Option<Mailbox>,
    pub waits_because: Option<String>,
    pub judgement: Judgement,
    /// What it looks like, by the judge or by what a member said; `None` is a report.
    pub noise: Option<Noise>,
    /// Where a member said what kind of mail it is.
    pub kind_said: Option<KindSaid>,
    /// When a member first opened it or did anything with it.
    pub seen_at: Option<Timestamp>,
    /// When a member confirmed that the flaw is used against people.
    pub exploited_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// Why, once it is closed.
    pub closed_as: Option<Closing>,
    /// The actor's word.
    pub closed_by: Option<String>,
    /// When its original mail and files were erased.
    pub originals_erased_at: Option<Timestamp>,
    /// When all that people wrote in it was erased; nothing happens to it any more.
    pub erased_at: Option<Timestamp>,
}

impl CaseRow {
    /// What decides whether its first promise may reach the board.
    pub fn attention(&self) -> Attention {
        Attention { looks_like_noise: self.noise.is_some(), is_opened: self.seen_at.is_some() || self.owner.is_some() }
    }
}

/// Who said what kind of mail a case is, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindSaid {
    pub by: Mailbox,
    pub at: Timestamp,
}

macro_rules! select_case {
    ($from:expr) => {
        concat!(
            "SELECT c.id, c.number, c.title, c.state, c.arrived_at, c.opened_at, c.owner, c.waits_because, c.judgement,
                 c.noise, c.noise_said_at, c.noise_said_by, c.seen_at, c.exploited_at, c.closed_at, c.closed_as, c.closed_by,
                 c.originals_erased_at, c.erased_at ",
            $from
        )
    };
}
pub(super) use select_case;

const CASE: &str = select_case!("FROM cases c WHERE c.id = $1");
const CASE_FOR_UPDATE: Dialects = for_update!(select_case!("FROM cases c WHERE c.id = $1"));

impl Store {
    /// The case of that id.
    pub async fn case(&self, id: &CaseId) -> Result<Option<CaseRow>, StoreError> {
        find_case(self.reader().await?.conn(), CASE, id.as_str()).await
    }

    /// The case of that printed number, as somebody typed it into an address.
    pub async fn case_by_number(&self, number: &str) -> Result<Option<CaseRow>, StoreError> {
        find_case(self.reader().await?.conn(), select_case!("FROM cases c WHERE c.number = $1"), &plain(number)).await
    }
}

impl Tx<'_> {
    /// The next number of `year`, from 1. A transaction that is rolled back gives its number back.
    pub async fn next_case_number(&mut self, year: i16) -> Result<i64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar(
            "INSERT INTO case_numbers (year, last) VALUES ($1, 1)
             ON CONFLICT (year) DO UPDATE SET last = case_numbers.last + 1 RETURNING last",
        )
        .bind(i64::from(year))
        .fetch_one(conn)
        .await?))
    }

    /// Opens a case.
    pub async fn insert_case(&mut self, case: &NewCase<'_>) -> Result<(), StoreError> {
        self.changed(Proven::Cases, case.id.as_str());
        let judgement =
            serde_json::to_string(case.judgement).expect("a judgement has no map with keys that are no text");
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO cases (id, number, title, state, arrived_at, opened_at, waits_because, judgement, noise)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(case.id.as_str())
        .bind(case.number.as_str())
        .bind(plain(case.title))
        .bind(case.state.word())
        .bind(case.arrived_at.as_microsecond())
        .bind(case.opened_at.as_microsecond())
        .bind(case.waits_because)
        .bind(judgement)
        .bind(case.judgement.noise.as_ref().map(|seems| seems.noise.word()))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The case of that id, which nobody else changes until this transaction ends.
    pub async fn case_for_update(&mut self, id: &CaseId) -> Result<Option<CaseRow>, StoreError> {
        let conn = self.conn();
        let sql = conn.choose(CASE_FOR_UPDATE);
        find_case(conn, sql, id.as_str()).await
    }

    /// Moves a case to `state`, with why it waits, if it does.
    pub async fn set_case_state(
        &mut self,
        id: &CaseId,
        state: CaseState,
        waits_because: Option<&str>,
    ) -> Result<(), StoreError> {
        self.changed(Proven::Cases, id.as_str());
        either!(self.conn(), conn => sqlx::query("UPDATE cases SET state = $2, waits_because = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(state.word())
            .bind(waits_because)
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Closes a case, with the reason; `false` if it is closed.
    pub async fn close_case(
        &mut self,
        id: &CaseId,
        closing: Closing,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE cases SET state = 'closed', waits_because = NULL, closed_at = $2, closed_as = $3, closed_by = $4
             WHERE id = $1 AND state <> 'closed'",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .bind(closing.word())
        .bind(by)
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Cases, id.as_str());
        }
        Ok(rows == 1)
    }

    /// Opens a case again that was closed or answered; `false` if it is open, or erased. What comes in from now on is
    /// kept as long as that of any other case.
    pub async fn reopen_case(&mut self, id: &CaseId, state: CaseState, because: &str) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE cases SET state = $2, waits_because = $3, closed_at = NULL, closed_as = NULL, closed_by = NULL,
                 originals_erased_at = NULL
             WHERE id = $1 AND state IN ('closed', 'answered') AND erased_at IS NULL",
        )
        .bind(id.as_str())
        .bind(state.word())
        .bind(because)
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Cases, id.as_str());
        }
        Ok(rows == 1)
    }

    /// Gives a case to `owner` if nobody has it; `false` if somebody does.
    pub async fn claim_case(&mut self, id: &CaseId, owner: &Mailbox) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query("UPDATE cases SET owner = $2 WHERE id = $1 AND owner IS NULL")
            .bind(id.as_str())
            .bind(owner.as_str())
            .execute(conn)
            .await?
            .rows_affected());
        if rows > 0 {
            self.changed(Proven::Cases, id.as_str());
        }
        Ok(rows == 1)
    }
}

async fn find_case(conn: Conn<'_>, sql: &'static str, key: &str) -> Result<Option<CaseRow>, StoreError> {
    either!(conn, conn => one(sqlx::query(sql).bind(key).fetch_optional(conn).await?, case_row))
}

pub(super) fn case_row(row: &impl Columns) -> Result<CaseRow, StoreError> {
    Ok(CaseRow {
        id: CaseId::from_row(row.text("id")?),
        number: CaseRef::from_row(row.text("number")?),
        title: row.text("title")?,
        state: row.word("state", CaseState::from_word)?,
        arrived_at: row.time("arrived_at")?,
        opened_at: row.time("opened_at")?,
        owner: row.mailbox_or_null("owner")?,
        waits_because: row.text_or_null("waits_because")?,
        judgement: row.word("judgement", |json| serde_json::from_str(json).ok())?,
        noise: row.word_or_null("noise", Noise::of_word)?,
        kind_said: kind_said(row)?,
        seen_at: row.time_or_null("seen_at")?,
        exploited_at: row.time_or_null("exploited_at")?,
        closed_at: row.time_or_null("closed_at")?,
        closed_as: row.word_or_null("closed_as", Closing::from_word)?,
        closed_by: row.text_or_null("closed_by")?,
        originals_erased_at: row.time_or_null("originals_erased_at")?,
        erased_at: row.time_or_null("erased_at")?,
    })
}

fn kind_said(row: &impl Columns) -> Result<Option<KindSaid>, StoreError> {
    let Some(at) = row.time_or_null("noise_said_at")? else { return Ok(None) };
    Ok(Some(KindSaid { by: row.mailbox("noise_said_by")?, at }))
}
