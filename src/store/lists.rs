//! What the desk's lists show, part by part: each a few statements of fixed text, none of them once a row.

use std::collections::{HashMap, HashSet};

use super::cases::{CaseRow, case_row, select_case};
use super::clocks::clock;
use super::columns::{Columns, all};
use super::{Conn, Store, StoreError};
use crate::domain::address::Mailbox;
use crate::domain::clock::{Clock, ClockKind};
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

/// A part of a list, as one member sees it. What is kept from them takes no place in it: a part that were shorter than
/// others would tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'m> {
    /// Lines before it.
    pub skip: i64,
    pub most: i64,
    /// `None` sees all: the program itself.
    pub seen_by: Option<&'m Mailbox>,
}

/// The first lines, for the program itself.
impl From<i64> for Part<'_> {
    fn from(most: i64) -> Self {
        Self { skip: 0, most, seen_by: None }
    }
}

impl Part<'_> {
    /// As it stands in statements; no member has an empty address.
    pub(super) fn reader(&self) -> String {
        reader(self.seen_by)
    }
}

/// From whom cases may be kept, as it stands in statements.
pub(super) fn reader(member: Option<&Mailbox>) -> String {
    member.map(Mailbox::folded).unwrap_or_default()
}

/// Whether the case of that id is not kept from the member whom the parameter names.
macro_rules! not_kept {
    ($case:literal, $member:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM conflicts x
                 WHERE x.member = ",
            $member,
            " AND x.case_id = ",
            $case,
            " AND x.ended_at IS NULL)"
        )
    };
}
pub(super) use not_kept;

/// One of the statements that make a list, one after the other. `$1` is the member, then come what else is asked, how
/// many lines, and after how many others; what counts ends before the last two.
pub(super) struct Segment {
    pub(super) list: &'static str,
    pub(super) count: &'static str,
}

/// The rows of a part of a list. Most are in the first segment, so that no other is asked.
macro_rules! in_turn {
    ($conn:expr, $segments:expr, $part:expr, $read:path $(, $asked:expr)*) => {{
        let (part, mut skip, mut left) = ($part, $part.skip, $part.most);
        let mut rows = Vec::new();
        for segment in $segments {
            if left <= 0 {
                break;
            }
            let found = either!($conn.again(), conn => all(
                &sqlx::query(segment.list)
                    .bind(part.reader())
                    $(.bind($asked))*
                    .bind(left)
                    .bind(skip)
                    .fetch_all(conn)
                    .await?,
                $read,
            )?);
            if !found.is_empty() {
                skip = 0;
            } else if skip > 0 {
                let passed: i64 = either!($conn.again(), conn => sqlx::query_scalar(segment.count)
                    .bind(part.reader())
                    $(.bind($asked))*
                    .fetch_one(conn)
                    .await?);
                skip -= passed.min(skip);
            }
            left -= i64::try_from(found.len()).unwrap_or(left);
            rows.extend(found);
        }
        rows
    }};
}
pub(super) use in_turn;

/// A segment of cases: `$last` are its two last parameters.
macro_rules! cases_segment {
    ($from:expr, $order:literal, $last:literal) => {
        Segment {
            list: select_case!(concat!($from, " ORDER BY ", $order, " ", $last)),
            count: concat!("SELECT COUNT(*) ", $from),
        }
    };
}
pub(super) use cases_segment;

/// First the running clocks by their index, up to the limit; a closed case is among them as long as the letter that
/// answers its reporter is on its way. A clock is passed over if its case has a more urgent one. Then open cases on
/// which no clock runs. What looks like no report comes last, by an index of its own: there are few of them.
const OPEN: [Segment; 3] = [
    cases_segment!(
        concat!(
            "FROM clocks k JOIN cases c ON c.id = k.case_id
             WHERE k.stopped_at IS NULL AND (c.noise IS NULL OR c.state = 'closed') AND NOT EXISTS (
                 SELECT 1 FROM clocks e WHERE e.case_id = k.case_id AND e.stopped_at IS NULL
                     AND (e.due_at < k.due_at OR (e.due_at = k.due_at AND e.id < k.id))) AND ",
            not_kept!("c.id", "$1")
        ),
        "k.due_at, k.id",
        "LIMIT $2 OFFSET $3"
    ),
    cases_segment!(
        concat!(
            "FROM cases c WHERE c.state IN ('new', 'triage', 'routed', 'answered') AND c.noise IS NULL
                 AND NOT EXISTS (SELECT 1 FROM clocks k WHERE k.case_id = c.id AND k.stopped_at IS NULL) AND ",
            not_kept!("c.id", "$1")
        ),
        "c.opened_at, c.id",
        "LIMIT $2 OFFSET $3"
    ),
    cases_segment!(
        concat!("FROM cases c WHERE c.noise IS NOT NULL AND c.state <> 'closed' AND ", not_kept!("c.id", "$1")),
        "(SELECT MIN(k.due_at) FROM clocks k WHERE k.case_id = c.id AND k.stopped_at IS NULL) NULLS LAST,
         c.opened_at, c.id",
        "LIMIT $2 OFFSET $3"
    ),
];

const ALL: [Segment; 1] = [cases_segment!(
    concat!("FROM cases c WHERE ", not_kept!("c.id", "$1")),
    "c.opened_at DESC, c.id DESC",
    "LIMIT $2 OFFSET $3"
)];

const TRIAGE: &str = select_case!(
    "FROM cases c WHERE c.state IN ('new', 'triage')
     ORDER BY CASE WHEN c.noise IS NULL THEN 0 ELSE 1 END, c.opened_at, c.id LIMIT $1"
);

impl Store {
    /// Cases that wait for something, those first whose most urgent clock runs out first. Then come cases without a
    /// running clock, the oldest first, and last what looks like no report, by its clock again.
    pub async fn open_cases(&self, part: impl Into<Part<'_>>) -> Result<Vec<CaseLine>, StoreError> {
        self.listed(&OPEN, part.into()).await
    }

    /// All cases, the newest first.
    pub async fn all_cases(&self, part: impl Into<Part<'_>>) -> Result<Vec<CaseLine>, StoreError> {
        self.listed(&ALL, part.into()).await
    }

    async fn listed(&self, segments: &'static [Segment], part: Part<'_>) -> Result<Vec<CaseLine>, StoreError> {
        let mut reader = self.reader().await?;
        let mut conn = reader.conn();
        let cases = in_turn!(conn, segments, part, case_row);
        lines(conn, cases).await
    }

    /// Up to `limit` cases that no project has, the oldest first, and last those that look like no report.
    pub async fn triage_cases(&self, limit: i64) -> Result<Vec<CaseLine>, StoreError> {
        let mut reader = self.reader().await?;
        let cases = either!(reader.conn(), conn => all(
            &sqlx::query(TRIAGE).bind(limit).fetch_all(conn).await?,
            case_row,
        )?);
        lines(reader.conn(), cases).await
    }
}

/// Ids that one statement names: a page of a list and the line that shows whether there is another page.
const AT_ONCE: usize = 51;

/// Runs `$head`, the ids of `$cases` in brackets and `$tail`, and reads each row. Every statement names as many ids,
/// if need be one of them again, so that a database reads and plans one text once.
macro_rules! of_cases {
    ($conn:expr, $head:literal, $cases:expr, $tail:literal, $read:expr) => {{
        let mut found = Vec::new();
        for some in $cases.chunks(AT_ONCE) {
            found.extend(either!($conn.again(), conn => {
                let mut statement = sqlx::query(concat!(
                    $head,
                    " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                     $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40,
                     $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51) ",
                    $tail
                ));
                for case in some.iter().chain(std::iter::repeat(&some[0])).take(AT_ONCE) {
                    statement = statement.bind(case.id.as_str());
                }
                all(&statement.fetch_all(conn).await?, $read)?
            }));
        }
        found
    }};
}

/// Adds to each case what its line shows beside it.
pub(super) async fn lines(mut conn: Conn<'_>, cases: Vec<CaseRow>) -> Result<Vec<CaseLine>, StoreError> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    // The most urgent clock and the first report come last, and so stay in the map. Without the plus, SQLite walks the
    // index of all running clocks, which grows with what is open, and not that of the cases.
    let clocks = of_cases!(
        conn,
        "SELECT case_id, kind, started_at, target, due_at, stopped_at, ended_as, stopped_by, told, next_at, paused_at,
             paused_until, paused_because, paused, snoozed_at, snoozed_until, snoozed_because
         FROM clocks WHERE +stopped_at IS NULL AND case_id IN",
        &cases,
        "ORDER BY due_at DESC, id DESC",
        |row| Ok((row.text("case_id")?, clock(row)?))
    );
    let is_first_reply = |(_, clock): &&(String, Clock)| clock.kind == ClockKind::FirstReply;
    let awaiting: HashSet<String> = clocks.iter().filter(is_first_reply).map(|(case, _)| case.clone()).collect();
    let mut clocks: HashMap<String, Clock> = clocks.into_iter().collect();
    let reporters = of_cases!(
        conn,
        "SELECT case_id, COALESCE(from_name, from_address) AS reporter FROM reports WHERE case_id IN",
        &cases,
        "ORDER BY arrived_at DESC, id DESC",
        |row| Ok((row.text("case_id")?, row.text_or_null("reporter")?))
    );
    let mut reporters: HashMap<String, Option<String>> = reporters.into_iter().collect();
    let bounced = of_cases!(
        conn,
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
