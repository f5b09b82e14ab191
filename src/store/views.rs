//! What the desk's lists show: each a few statements, none of them once a row.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::cases::{CaseRow, case_row, select_case};
use super::clocks::clock;
use super::columns::{Columns, all};
use super::{Conn, Store, StoreError};
use crate::domain::clock::{Clock, ClockKind, DUE_SOON};
use crate::domain::directory::ProjectId;
use crate::domain::handling::HandlingState;

/// One line of a list of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseLine {
    pub case: CaseRow,
    /// The most urgent of its running clocks; `None` where none runs.
    pub clock: Option<Clock>,
    /// The reporter waits for a first human answer: that promise runs.
    pub awaits_reply: bool,
    /// In the order they were decided.
    pub handlings: Vec<(ProjectId, HandlingState)>,
    /// Name or address of the first reporter.
    pub reporter: Option<String>,
    /// Forwards that were refused: so many contacts could not be reached.
    pub bounced: i64,
}

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

/// Walks the index of running clocks and stops at the limit; a closed case is among them as long as the letter that
/// answers its reporter is on its way. A clock is passed over if its case has a more urgent one. What looks like no
/// report has a statement of its own.
const OPEN_BY_URGENCY: &str = select_case!(
    "FROM clocks k JOIN cases c ON c.id = k.case_id
     WHERE k.stopped_at IS NULL AND (c.noise IS NULL OR c.state = 'closed') AND NOT EXISTS (
         SELECT 1 FROM clocks e WHERE e.case_id = k.case_id AND e.stopped_at IS NULL
             AND (e.due_at < k.due_at OR (e.due_at = k.due_at AND e.id < k.id)))
     ORDER BY k.due_at, k.id LIMIT $1"
);

const OPEN_WITHOUT_CLOCK: &str = select_case!(
    "FROM cases c WHERE c.state IN ('new', 'triage', 'routed', 'answered') AND c.noise IS NULL
         AND NOT EXISTS (SELECT 1 FROM clocks k WHERE k.case_id = c.id AND k.stopped_at IS NULL)
     ORDER BY c.opened_at, c.id LIMIT $1"
);

/// By an index of its own, for such cases are few among those that are open.
const OPEN_NOISE: &str = select_case!(
    "FROM cases c WHERE c.noise IS NOT NULL AND c.state <> 'closed'
     ORDER BY (SELECT MIN(k.due_at) FROM clocks k WHERE k.case_id = c.id AND k.stopped_at IS NULL) NULLS LAST,
         c.opened_at, c.id LIMIT $1"
);

const TRIAGE: &str = select_case!(
    "FROM cases c WHERE c.state IN ('new', 'triage')
     ORDER BY CASE WHEN c.noise IS NULL THEN 0 ELSE 1 END, c.opened_at, c.id LIMIT $1"
);

const ALL: &str = select_case!("FROM cases c WHERE c.opened_at < $2 ORDER BY c.opened_at DESC, c.id DESC LIMIT $1");

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

/// Runs `$head`, the ids of `$cases` in brackets and `$tail`, and reads each row.
macro_rules! of_cases {
    ($conn:expr, $head:literal, $cases:expr, $tail:literal, $read:expr) => {
        either!($conn, conn => {
            let mut statement = sqlx::QueryBuilder::new(concat!($head, " ("));
            let mut ids = statement.separated(", ");
            for case in $cases {
                ids.push_bind(case.id.as_str());
            }
            ids.push_unseparated(concat!(") ", $tail));
            // Each number of ids is a statement of its own: not one to remember.
            all(&statement.build().persistent(false).fetch_all(conn).await?, $read)?
        })
    };
}

impl Store {
    /// Up to `limit` cases that wait for something, those first whose most urgent clock runs out first. Then come cases
    /// without a running clock, the oldest first, and last what looks like no report, by its clock again.
    pub async fn open_cases(&self, limit: i64) -> Result<Vec<CaseLine>, StoreError> {
        let mut reader = self.reader().await?;
        let mut cases = some_cases(reader.conn(), OPEN_BY_URGENCY, limit).await?;
        for rest in [OPEN_WITHOUT_CLOCK, OPEN_NOISE] {
            let left = limit.saturating_sub(cases.len().try_into().unwrap_or(limit));
            if left > 0 {
                cases.extend(some_cases(reader.conn(), rest, left).await?);
            }
        }
        lines(reader.conn(), cases).await
    }

    /// Up to `limit` cases that no project has, the oldest first, and last those that look like no report.
    pub async fn triage_cases(&self, limit: i64) -> Result<Vec<CaseLine>, StoreError> {
        let mut reader = self.reader().await?;
        let cases = some_cases(reader.conn(), TRIAGE, limit).await?;
        lines(reader.conn(), cases).await
    }

    /// Up to `limit` cases opened before `before`, the newest first.
    pub async fn all_cases(&self, limit: i64, before: Option<Timestamp>) -> Result<Vec<CaseLine>, StoreError> {
        let mut reader = self.reader().await?;
        let before = before.map_or(i64::MAX, Timestamp::as_microsecond);
        let cases = either!(reader.conn(), conn => all(
            &sqlx::query(ALL).bind(limit).bind(before).fetch_all(conn).await?,
            case_row,
        )?);
        lines(reader.conn(), cases).await
    }

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

async fn some_cases(conn: Conn<'_>, sql: &'static str, limit: i64) -> Result<Vec<CaseRow>, StoreError> {
    either!(conn, conn => all(&sqlx::query(sql).bind(limit).fetch_all(conn).await?, case_row))
}

/// Adds to each case what its line shows beside it.
pub(super) async fn lines(mut conn: Conn<'_>, cases: Vec<CaseRow>) -> Result<Vec<CaseLine>, StoreError> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    // The most urgent clock and the first report come last, and so stay in the map.
    let clocks = of_cases!(
        conn.again(),
        "SELECT case_id, kind, started_at, target, due_at, stopped_at, ended_as, stopped_by, told, next_at, paused_at,
             paused_until, paused_because, paused, snoozed_at, snoozed_until, snoozed_because
         FROM clocks WHERE stopped_at IS NULL AND case_id IN",
        &cases,
        "ORDER BY due_at DESC, id DESC",
        |row| Ok((row.text("case_id")?, clock(row)?))
    );
    let is_first_reply = |(_, clock): &&(String, Clock)| clock.kind == ClockKind::FirstReply;
    let awaiting: HashSet<String> = clocks.iter().filter(is_first_reply).map(|(case, _)| case.clone()).collect();
    let mut clocks: HashMap<String, Clock> = clocks.into_iter().collect();
    let reporters = of_cases!(
        conn.again(),
        "SELECT case_id, COALESCE(from_name, from_address) AS reporter FROM reports WHERE case_id IN",
        &cases,
        "ORDER BY arrived_at DESC, id DESC",
        |row| Ok((row.text("case_id")?, row.text_or_null("reporter")?))
    );
    let mut reporters: HashMap<String, Option<String>> = reporters.into_iter().collect();
    let bounced = of_cases!(
        conn.again(),
        "SELECT case_id, COUNT(*) AS bounced FROM letters
         WHERE kind = 'forward' AND refused_at IS NOT NULL AND case_id IN",
        &cases,
        "GROUP BY case_id",
        |row| Ok((row.text("case_id")?, row.number("bounced")?))
    );
    let mut bounced: HashMap<String, i64> = bounced.into_iter().collect();
    let decided = of_cases!(
        conn,
        "SELECT case_id, project_id, state FROM handlings WHERE case_id IN",
        &cases,
        "ORDER BY decided_at, id",
        |row| Ok((
            row.text("case_id")?,
            row.word("project_id", ProjectId::parse)?,
            row.word("state", HandlingState::from_word)?,
        ))
    );
    let mut handlings: HashMap<String, Vec<(ProjectId, HandlingState)>> = HashMap::new();
    for (case, project, state) in decided {
        let parts = handlings.entry(case).or_default();
        // A project that has the case again stands in the list once, as it stands now.
        match parts.iter_mut().find(|(known, _)| *known == project) {
            Some(earlier) => earlier.1 = state,
            None => parts.push((project, state)),
        }
    }
    Ok(cases
        .into_iter()
        .map(|case| CaseLine {
            clock: clocks.remove(case.id.as_str()),
            awaits_reply: awaiting.contains(case.id.as_str()),
            handlings: handlings.remove(case.id.as_str()).unwrap_or_default(),
            reporter: reporters.remove(case.id.as_str()).flatten(),
            bounced: bounced.remove(case.id.as_str()).unwrap_or_default(),
            case,
        })
        .collect())
}
