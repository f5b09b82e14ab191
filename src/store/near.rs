//! By what reports are found again, as keyed hashes, and which cases seem to tell of the same flaw.

use jiff::Timestamp;

use super::columns::{Columns, all, impossible, one, plain};
use super::{Store, StoreError, Tx};
use crate::domain::case::{CaseRef, CaseState};
use crate::domain::id::{CaseId, ReportId};
use crate::domain::near::{FactKind, Likeness, Print, Prints, Proposal};

/// Reports that one print finds, the newest: what more have says nothing, and a look-up stays small whatever was sent.
const REPORTS_PER_PRINT: i64 = 16;

/// A report that has a print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintHit {
    pub print: Print,
    pub report: ReportId,
    /// Its case, or the one that told of the same flaw first.
    pub first: CaseId,
}

/// What is kept of a report's text to find others like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintsRow {
    pub report: ReportId,
    /// Its case, or the one that told of the same flaw first.
    pub first: CaseId,
    /// Without `telling`, which only the look-up needs.
    pub prints: Prints,
}

/// One proposal between two cases, with what a member said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikenessRow {
    pub likeness: Likeness,
    pub dismissed_at: Option<Timestamp>,
}

impl Store {
    /// What these cases look like, and what looks like them: proposals about which nobody has decided, the likest first.
    pub async fn proposals(&self, cases: &[&CaseId]) -> Result<Vec<Proposal>, StoreError> {
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => {
            let mut statement = sqlx::QueryBuilder::new(
                "SELECT n.case_id, c.number, n.like_case_id, l.number AS like_number, l.title AS like_title,
                     l.state AS like_state, n.points, n.reasons
                 FROM near_cases n JOIN cases c ON c.id = n.case_id JOIN cases l ON l.id = n.like_case_id
                 WHERE n.dismissed_at IS NULL AND NOT EXISTS (SELECT 1 FROM duplicates d WHERE d.case_id = n.case_id)
                     AND (n.case_id IN (",
            );
            let mut ids = statement.separated(", ");
            for case in cases {
                ids.push_bind(case.as_str());
            }
            statement.push(") OR n.like_case_id IN (");
            let mut ids = statement.separated(", ");
            for case in cases {
                ids.push_bind(case.as_str());
            }
            statement.push(")) ORDER BY n.points DESC, l.opened_at, n.like_case_id, n.case_id");
            all(&statement.build().persistent(false).fetch_all(conn).await?, proposal)
        })
    }

    /// What was found in common between a case and an earlier one; `None` if nothing was.
    pub async fn likeness(&self, case: &CaseId, like: &CaseId) -> Result<Option<LikenessRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(
                "SELECT points, reasons, dismissed_at FROM near_cases WHERE case_id = $1 AND like_case_id = $2",
            )
            .bind(case.as_str())
            .bind(like.as_str())
            .fetch_optional(conn)
            .await?,
            |row| Ok(LikenessRow { likeness: likeness(row)?, dismissed_at: row.time_or_null("dismissed_at")? }),
        ))
    }
}

impl Tx<'_> {
    /// Keeps by what a report is found again; the report is there already.
    pub async fn keep_prints(&mut self, report: &ReportId, case: &CaseId, prints: &Prints) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO near_reports (report_id, case_id, facts, sketch, shingles) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(report.as_str())
        .bind(case.as_str())
        .bind(facts_to_row(prints))
        .bind(sketch_to_row(prints))
        .bind(i64::from(prints.shingles))
        .execute(conn)
        .await
        .map(|_| ())?);
        let mut keys: Vec<Print> = prints.keys().collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Ok(());
        }
        either!(self.conn(), conn => {
            let mut statement = sqlx::QueryBuilder::new("INSERT INTO near_prints (print, report_id) ");
            statement.push_values(&keys, |mut row, print| {
                row.push_bind(print.0).push_bind(report.as_str());
            });
            statement.build().persistent(false).execute(conn).await.map(|_| ())?;
        });
        Ok(())
    }

    /// The newest reports that have one of these prints, up to 16 for each; none of `but`.
    pub async fn reports_with(&mut self, keys: &[Print], but: &CaseId) -> Result<Vec<PrintHit>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        either!(self.conn(), conn => {
            let mut statement = sqlx::QueryBuilder::new(
                "SELECT h.print, h.report_id, COALESCE(d.of_case_id, r.case_id) AS first FROM (",
            );
            for (index, print) in keys.iter().enumerate() {
                // Each by itself, so that one which everybody has costs no more than the others.
                let and = if index == 0 { "" } else { " UNION ALL " };
                statement.push(format_args!("{and}SELECT * FROM (SELECT print, report_id FROM near_prints WHERE print = "));
                statement.push_bind(print.0).push(" ORDER BY report_id DESC LIMIT ").push_bind(REPORTS_PER_PRINT);
                statement.push(format_args!(") AS k{index}"));
            }
            statement.push(
                ") AS h JOIN near_reports r ON r.report_id = h.report_id LEFT JOIN duplicates d ON d.case_id = r.case_id
                 WHERE r.case_id <> ",
            );
            statement.push_bind(but.as_str());
            all(&statement.build().persistent(false).fetch_all(conn).await?, |row| Ok(PrintHit {
                print: Print(row.number("print")?),
                report: ReportId::from_row(row.text("report_id")?),
                first: CaseId::from_row(row.text("first")?),
            }))
        })
    }

    /// What is kept of these reports.
    pub async fn prints_of(&mut self, reports: &[&ReportId]) -> Result<Vec<PrintsRow>, StoreError> {
        if reports.is_empty() {
            return Ok(Vec::new());
        }
        either!(self.conn(), conn => {
            let mut statement = sqlx::QueryBuilder::new(
                "SELECT r.report_id, COALESCE(d.of_case_id, r.case_id) AS first, r.facts, r.sketch, r.shingles
                 FROM near_reports r LEFT JOIN duplicates d ON d.case_id = r.case_id WHERE r.report_id IN (",
            );
            let mut ids = statement.separated(", ");
            for report in reports {
                ids.push_bind(report.as_str());
            }
            ids.push_unseparated(") ORDER BY r.report_id");
            all(&statement.build().persistent(false).fetch_all(conn).await?, prints_row)
        })
    }

    /// Asks members whether a case tells of the same flaw as an earlier one. What was asked before is not asked again.
    pub async fn propose(
        &mut self,
        case: &CaseId,
        like: &CaseId,
        likeness: &Likeness,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO near_cases (case_id, like_case_id, found_at, points, reasons) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (case_id, like_case_id) DO NOTHING",
        )
        .bind(case.as_str())
        .bind(like.as_str())
        .bind(now.as_microsecond())
        .bind(likeness.points)
        .bind(plain(&likeness.reasons.join("\n")))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// A member says that they are not the same; `false` if that was said before, or never asked.
    pub async fn dismiss_likeness(
        &mut self,
        case: &CaseId,
        like: &CaseId,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE near_cases SET dismissed_at = $3, dismissed_by = $4
             WHERE case_id = $1 AND like_case_id = $2 AND dismissed_at IS NULL",
        )
        .bind(case.as_str())
        .bind(like.as_str())
        .bind(now.as_microsecond())
        .bind(by)
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// A member takes that back; `false` if nobody had said it.
    pub async fn restore_likeness(&mut self, case: &CaseId, like: &CaseId) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE near_cases SET dismissed_at = NULL, dismissed_by = NULL
             WHERE case_id = $1 AND like_case_id = $2 AND dismissed_at IS NOT NULL",
        )
        .bind(case.as_str())
        .bind(like.as_str())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }
}

fn facts_to_row(prints: &Prints) -> Vec<u8> {
    prints.facts.iter().flat_map(|(kind, print)| std::iter::once(kind.byte()).chain(print.0.to_be_bytes())).collect()
}

/// A print is never zero, but for one in 2^64; that one place is then taken as empty.
fn sketch_to_row(prints: &Prints) -> Vec<u8> {
    prints.sketch.iter().flat_map(|place| place.map_or(0, |print| print.0).to_be_bytes()).collect()
}

fn prints_row(row: &impl Columns) -> Result<PrintsRow, StoreError> {
    let bytes = |column| row.bytes_or_null(column)?.ok_or_else(|| impossible(column));
    let (facts, sketch) = (bytes("facts")?, bytes("sketch")?);
    let fact = |bytes: &[u8]| match bytes {
        [kind, print @ ..] => Some((FactKind::from_byte(*kind)?, Print(i64::from_be_bytes(print.try_into().ok()?)))),
        [] => None,
    };
    let place = |bytes: &[u8]| Some(i64::from_be_bytes(bytes.try_into().ok()?));
    let facts: Option<Vec<_>> = facts.chunks(9).map(fact).collect();
    let sketch: Option<Vec<i64>> = sketch.chunks(8).map(place).collect();
    Ok(PrintsRow {
        report: ReportId::from_row(row.text("report_id")?),
        first: CaseId::from_row(row.text("first")?),
        prints: Prints {
            facts: facts.ok_or_else(|| impossible("facts"))?,
            sketch: sketch
                .ok_or_else(|| impossible("sketch"))?
                .into_iter()
                .map(|print| (print != 0).then_some(Print(print)))
                .collect(),
            shingles: u32::try_from(row.number("shingles")?).map_err(|_| impossible("shingles"))?,
            telling: Vec::new(),
        },
    })
}

fn proposal(row: &impl Columns) -> Result<Proposal, StoreError> {
    Ok(Proposal {
        case: CaseId::from_row(row.text("case_id")?),
        number: CaseRef::from_row(row.text("number")?),
        like: CaseId::from_row(row.text("like_case_id")?),
        like_number: CaseRef::from_row(row.text("like_number")?),
        like_title: row.text("like_title")?,
        like_state: row.word("like_state", CaseState::from_word)?,
        likeness: likeness(row)?,
    })
}

fn likeness(row: &impl Columns) -> Result<Likeness, StoreError> {
    let reasons = row.text("reasons")?.lines().map(str::to_owned).collect();
    Ok(Likeness { points: row.number("points")?, reasons })
}
