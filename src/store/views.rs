//! What the desk counts, and when the next promise runs out.

use jiff::Timestamp;

use super::columns::{Columns, one};
use super::lists::not_kept;
use super::{Store, StoreError};
use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::clock::DUE_SOON;

/// What the desk's first page counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeskCounts {
    /// Cases that are not closed.
    pub open: i64,
    /// Cases with a clock that ran out and was not stopped.
    pub overdue: i64,
    /// Cases with a clock that runs out within 48 hours, and none that has.
    pub due_soon: i64,
    /// Cases that no project has.
    pub triage: i64,
    /// Open cases that look like no report; they are among the others.
    pub noise: i64,
    /// Held mail about which nobody has decided.
    pub held: i64,
    /// Automatic mail, filed apart.
    pub automatic: i64,
    /// Mail of which no case was made.
    pub set_aside: i64,
    /// Mail that is still to be worked on.
    pub unfiled: i64,
    pub last_arrival_at: Option<Timestamp>,
}

impl DeskCounts {
    /// What is left without `others`, which are among them.
    #[must_use]
    pub fn without(&self, others: &Self) -> Self {
        Self {
            open: self.open - others.open,
            overdue: self.overdue - others.overdue,
            due_soon: self.due_soon - others.due_soon,
            triage: self.triage - others.triage,
            noise: self.noise - others.noise,
            held: self.held - others.held,
            automatic: self.automatic - others.automatic,
            set_aside: self.set_aside - others.set_aside,
            unfiled: self.unfiled - others.unfiled,
            last_arrival_at: self.last_arrival_at,
        }
    }
}

/// What the desk counts at `$1`; soon is before `$2`.
const COUNTS: &str = "SELECT
     (SELECT COUNT(*) FROM cases WHERE state IN ('new', 'triage', 'routed', 'answered')) AS open,
     (SELECT COUNT(DISTINCT case_id) FROM clocks WHERE stopped_at IS NULL AND due_at <= $1) AS overdue,
     (SELECT COUNT(DISTINCT k.case_id) FROM clocks k
          WHERE k.stopped_at IS NULL AND k.due_at > $1 AND k.due_at < $2 AND NOT EXISTS (
              SELECT 1 FROM clocks e
              WHERE e.case_id = k.case_id AND e.stopped_at IS NULL AND e.due_at <= $1)) AS due_soon,
     (SELECT COUNT(*) FROM cases WHERE state IN ('new', 'triage')) AS triage,
     (SELECT COUNT(*) FROM cases WHERE noise IS NOT NULL AND state <> 'closed') AS noise,
     (SELECT COUNT(*) FROM messages WHERE held_at IS NOT NULL AND decided_at IS NULL) AS held,
     (SELECT COUNT(*) FROM journal WHERE filed_as = 'automatic') AS automatic,
     (SELECT COUNT(*) FROM journal WHERE filed_as = 'set-aside') AS set_aside,
     (SELECT COUNT(*) FROM journal WHERE filed_at IS NULL) AS unfiled,
     (SELECT arrived_at FROM journal ORDER BY id DESC LIMIT 1) AS last_arrival_at";

/// The same of the cases that are kept from the member `$3`; nothing of mail that belongs to no case. They are few, and
/// their counts are taken off the others, so that members of whom this is not so count as fast as ever.
pub(super) const COUNTS_OF_KEPT: &str = "WITH kept AS (
         SELECT c.id, c.state, c.noise FROM conflicts x JOIN cases c ON c.id = x.case_id
         WHERE x.member = $3 AND x.ended_at IS NULL),
     running AS (SELECT case_id, MIN(due_at) AS due_at FROM clocks
         WHERE stopped_at IS NULL AND case_id IN (SELECT id FROM kept) GROUP BY case_id)
     SELECT
     (SELECT COUNT(*) FROM kept WHERE state IN ('new', 'triage', 'routed', 'answered')) AS open,
     (SELECT COUNT(*) FROM running WHERE due_at <= $1) AS overdue,
     (SELECT COUNT(*) FROM running WHERE due_at > $1 AND due_at < $2) AS due_soon,
     (SELECT COUNT(*) FROM kept WHERE state IN ('new', 'triage')) AS triage,
     (SELECT COUNT(*) FROM kept WHERE noise IS NOT NULL AND state <> 'closed') AS noise,
     (SELECT COUNT(*) FROM messages
          WHERE held_at IS NOT NULL AND decided_at IS NULL AND case_id IN (SELECT id FROM kept)) AS held,
     (SELECT COUNT(*) FROM journal WHERE filed_as = 'automatic' AND case_id IN (SELECT id FROM kept)) AS automatic,
     (SELECT COUNT(*) FROM journal WHERE filed_as = 'set-aside' AND case_id IN (SELECT id FROM kept)) AS set_aside,
     CAST(0 AS BIGINT) AS unfiled, CAST(NULL AS BIGINT) AS last_arrival_at";

impl Store {
    /// What there is at `now`.
    pub async fn desk_counts(&self, now: Timestamp) -> Result<DeskCounts, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => counts_row(
            &sqlx::query(COUNTS)
                .bind(now.as_microsecond())
                .bind((now + DUE_SOON).as_microsecond())
                .fetch_one(conn)
                .await?,
        ))
    }

    /// The clock that runs out next after `now` and is not paused, of the cases that are not kept from `member`.
    pub async fn next_deadline(
        &self,
        member: &Mailbox,
        now: Timestamp,
    ) -> Result<Option<(CaseRef, Timestamp)>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(concat!(
                "SELECT c.number, k.due_at FROM clocks k JOIN cases c ON c.id = k.case_id
                 WHERE k.stopped_at IS NULL AND k.due_at > $2 AND k.paused_at IS NULL AND ",
                not_kept!("k.case_id", "$1"),
                " ORDER BY k.due_at, k.id LIMIT 1"
            ))
            .bind(member.folded())
            .bind(now.as_microsecond())
            .fetch_optional(conn)
            .await?,
            |row| Ok((CaseRef::from_row(row.text("number")?), row.time("due_at")?)),
        ))
    }
}

pub(super) fn counts_row(row: &impl Columns) -> Result<DeskCounts, StoreError> {
    Ok(DeskCounts {
        open: row.number("open")?,
        overdue: row.number("overdue")?,
        due_soon: row.number("due_soon")?,
        triage: row.number("triage")?,
        noise: row.number("noise")?,
        held: row.number("held")?,
        automatic: row.number("automatic")?,
        set_aside: row.number("set_aside")?,
        unfiled: row.number("unfiled")?,
        last_arrival_at: row.time_or_null("last_arrival_at")?,
    })
}
