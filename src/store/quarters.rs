//! The board's quarters: what is counted for them, and their reports from the draft until they are frozen.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::clocks::clock;
use super::columns::{Columns, all, one, plain};
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::{CaseRef, Closing};
use crate::domain::directory::ProjectId;
use crate::domain::id::LetterId;
use crate::domain::noise::Noise;
use crate::domain::quarter::figures::{Escalated, Figures, Promised, Received, Unwanted};
use crate::domain::quarter::{Due, Progress, Quarter, Texts};

/// A quarter's report as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarterRow {
    pub quarter: Quarter,
    pub texts: Texts,
    /// Grows with every change of the texts.
    pub version: i64,
    pub edited: Option<(Timestamp, Mailbox)>,
    pub progress: Progress,
    /// The chair who approved it.
    pub approved_by: Option<Mailbox>,
    /// Once it is approved.
    pub figures: Option<Figures>,
}

macro_rules! select_quarter {
    ($rest:literal) => {
        concat!(
            "SELECT month, activities, challenges, budget, version, edited_at, edited_by, drafted_at, reminded_at,
                 told_late_at, approved_at, approved_by, figures
             FROM quarters ",
            $rest
        )
    };
}

macro_rules! select_promise {
    ($rest:literal) => {
        concat!(
            "SELECT k.kind, k.started_at, k.target, k.due_at, k.stopped_at, k.ended_as, k.stopped_by, k.told, k.next_at,
                 k.paused_at, k.paused_until, k.paused_because, k.paused, k.snoozed_at, k.snoozed_until,
                 k.snoozed_because, h.project_id
             FROM clocks k LEFT JOIN handlings h ON h.id = k.handling_id
             WHERE k.kind IN ('first-reply', 'acknowledge') ",
            $rest
        )
    };
}

/// The end of the detail names the handling whose promise it was; the committee's own has none.
const ESCALATED: &str = "SELECT e.case_id, e.sequence, e.at, c.number, k.kind, k.started_at, k.target, k.due_at,
         k.stopped_at, k.ended_as, k.stopped_by, k.told, k.next_at, k.paused_at, k.paused_until, k.paused_because,
         k.paused, k.snoozed_at, k.snoozed_until, k.snoozed_because, h.project_id
     FROM events e JOIN cases c ON c.id = e.case_id
         JOIN clocks k ON k.case_id = e.case_id AND k.started_at <= e.at AND e.detail LIKE k.kind || ' after %'
             AND (k.handling_id IS NULL OR e.detail LIKE '% of ' || k.handling_id)
         LEFT JOIN handlings h ON h.id = k.handling_id
     WHERE e.kind = 'escalated' AND e.at >= $1 AND e.at < $2
     ORDER BY e.at, e.case_id, e.sequence, k.started_at DESC";

impl Store {
    /// The report on a quarter, if anybody has begun it.
    pub async fn quarter(&self, quarter: Quarter) -> Result<Option<QuarterRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(select_quarter!("WHERE month = $1"))
                .bind(quarter.to_string())
                .fetch_optional(conn)
                .await?,
            quarter_row,
        ))
    }

    /// All reports that were begun, the newest first.
    pub async fn quarters(&self) -> Result<Vec<QuarterRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_quarter!("ORDER BY month DESC")).fetch_all(conn).await?,
            quarter_row,
        ))
    }

    /// The letters by which the board got the report.
    pub async fn quarter_letters(&self, quarter: Quarter) -> Result<Vec<LetterId>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query("SELECT letter_id FROM quarter_letters WHERE month = $1 ORDER BY letter_id")
                .bind(quarter.to_string())
                .fetch_all(conn)
                .await?,
            |row| Ok(LetterId::from_row(row.text("letter_id")?)),
        ))
    }

    /// What arrived in the quarter and became a case, counted by kind.
    pub async fn received_in(&self, quarter: Quarter) -> Result<Vec<Received>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT noise, closed_as, went, COUNT(*) AS count FROM (
                     SELECT c.noise, c.closed_as, CAST(CASE WHEN EXISTS (
                         SELECT 1 FROM handlings h WHERE h.case_id = c.id AND h.state <> 'withdrawn')
                         THEN 1 ELSE 0 END AS BIGINT) AS went
                     FROM cases c WHERE c.arrived_at >= $1 AND c.arrived_at < $2) arrived
                 GROUP BY noise, closed_as, went ORDER BY noise, closed_as, went",
            )
            .bind(quarter.from().as_microsecond())
            .bind(quarter.until().as_microsecond())
            .fetch_all(conn)
            .await?,
            |row| Ok(Received {
                noise: row.word_or_null("noise", Noise::of_word)?,
                closed_as: row.word_or_null("closed_as", Closing::from_word)?,
                has_project: row.number("went")? > 0,
                count: row.number("count")?,
            }),
        ))
    }

    /// The promises that started in the quarter.
    pub async fn promises_of(&self, quarter: Quarter) -> Result<Vec<Promised>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_promise!("AND k.started_at >= $1 AND k.started_at < $2 ORDER BY k.started_at, k.id"))
                .bind(quarter.from().as_microsecond())
                .bind(quarter.until().as_microsecond())
                .fetch_all(conn)
                .await?,
            promised,
        ))
    }

    /// The promises that started before the quarter, from `since` on, and had not ended before `open_at`.
    pub async fn promises_carried_into(
        &self,
        quarter: Quarter,
        since: Timestamp,
        open_at: Timestamp,
    ) -> Result<Vec<Promised>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_promise!(
                "AND k.started_at >= $2 AND k.started_at < $1 AND (k.stopped_at IS NULL OR k.stopped_at >= $3)
                 ORDER BY k.started_at, k.id"
            ))
            .bind(quarter.from().as_microsecond())
            .bind(since.as_microsecond())
            .bind(open_at.as_microsecond())
            .fetch_all(conn)
            .await?,
            promised,
        ))
    }

    /// The promises of which the board was told in the quarter.
    pub async fn escalated_in(&self, quarter: Quarter) -> Result<Vec<Escalated>, StoreError> {
        let mut reader = self.reader().await?;
        let found = either!(reader.conn(), conn => all(
            &sqlx::query(ESCALATED)
                .bind(quarter.from().as_microsecond())
                .bind(quarter.until().as_microsecond())
                .fetch_all(conn)
                .await?,
            |row| Ok(((row.text("case_id")?, row.number("sequence")?), Escalated {
                case: CaseRef::from_row(row.text("number")?),
                at: row.time("at")?,
                project: row.word_or_null("project_id", ProjectId::parse)?,
                clock: clock(row)?,
            })),
        )?);
        // Where a project was asked again, its later promise is the one that was told.
        let mut told = BTreeSet::new();
        Ok(found.into_iter().filter(|(event, _)| told.insert(event.clone())).map(|(_, escalated)| escalated).collect())
    }

    /// What came in the quarter that nobody wants, what was done about its senders, and the bans in force at `now`.
    pub async fn unwanted_in(&self, quarter: Quarter, now: Timestamp) -> Result<Unwanted, StoreError> {
        let mut reader = self.reader().await?;
        let day = |at: Timestamp| at.strftime("%F").to_string();
        either!(reader.conn(), conn => {
            let row = sqlx::query(
                "SELECT
                     (SELECT COUNT(*) FROM quarantine WHERE batch >= $1 AND batch < $2) AS quarantined,
                     (SELECT CAST(COALESCE(SUM(mails), 0) AS BIGINT) FROM quarantine_erased
                          WHERE batch >= $1 AND batch < $2) AS erased,
                     (SELECT COUNT(*) FROM quarantine WHERE released_at >= $3 AND released_at < $4) AS released,
                     (SELECT COUNT(*) FROM warnings WHERE warned_at >= $3 AND warned_at < $4) AS warnings,
                     (SELECT COUNT(*) FROM bans WHERE banned_at >= $3 AND banned_at < $4) AS bans,
                     (SELECT COUNT(*) FROM bans WHERE banned_at IS NOT NULL AND ended_at >= $3 AND ended_at < $4
                          AND ended_by <> 'time') AS lifted,
                     (SELECT COUNT(*) FROM appeals WHERE at >= $3 AND at < $4) AS appeals,
                     (SELECT COUNT(*) FROM bans WHERE banned_at IS NOT NULL AND ended_at IS NULL AND until_at > $5)
                         AS in_force",
            )
            .bind(day(quarter.from()))
            .bind(day(quarter.until()))
            .bind(quarter.from().as_microsecond())
            .bind(quarter.until().as_microsecond())
            .bind(now.as_microsecond())
            .fetch_one(conn)
            .await?;
            Ok(Unwanted {
                quarantined: row.number("quarantined")? + row.number("erased")?,
                released: row.number("released")?,
                warnings: row.number("warnings")?,
                bans: row.number("bans")?,
                lifted: row.number("lifted")?,
                appeals: row.number("appeals")?,
                in_force: row.number("in_force")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Notes that this step of a report was taken; `false` if another node was first, or it is approved.
    pub async fn take_quarter_step(&mut self, quarter: Quarter, due: Due, now: Timestamp) -> Result<bool, StoreError> {
        self.begin_quarter(quarter).await?;
        let statement = match due {
            Due::Draft => {
                "UPDATE quarters SET drafted_at = $2 WHERE month = $1 AND drafted_at IS NULL AND approved_at IS NULL"
            }
            Due::Reminder => {
                "UPDATE quarters SET reminded_at = $2, drafted_at = COALESCE(drafted_at, $2)
                 WHERE month = $1 AND reminded_at IS NULL AND approved_at IS NULL"
            }
            Due::Late => {
                "UPDATE quarters SET told_late_at = $2, drafted_at = COALESCE(drafted_at, $2)
                 WHERE month = $1 AND told_late_at IS NULL AND approved_at IS NULL"
            }
        };
        let rows = either!(self.conn(), conn => sqlx::query(statement)
            .bind(quarter.to_string())
            .bind(now.as_microsecond())
            .execute(conn)
            .await?
            .rows_affected());
        Ok(rows == 1)
    }

    /// Changes the texts of a report that were read at `version`; `false` if somebody else has changed them since, or
    /// it is approved.
    pub async fn write_quarter(
        &mut self,
        quarter: Quarter,
        texts: &Texts,
        version: i64,
        by: &Mailbox,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.begin_quarter(quarter).await?;
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE quarters SET activities = $3, challenges = $4, budget = $5, version = version + 1, edited_at = $6,
                 edited_by = $7
             WHERE month = $1 AND version = $2 AND approved_at IS NULL",
        )
        .bind(quarter.to_string())
        .bind(version)
        .bind(plain(&texts.activities))
        .bind(plain(&texts.challenges))
        .bind(plain(&texts.budget))
        .bind(now.as_microsecond())
        .bind(by.as_str())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Freezes a report whose texts were read at `version`, with its figures; `false` as [`Tx::write_quarter`] says.
    pub async fn freeze_quarter(
        &mut self,
        figures: &Figures,
        version: i64,
        by: &Mailbox,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.begin_quarter(figures.quarter).await?;
        let json = serde_json::to_string(figures).expect("numbers, names and times are always JSON");
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE quarters SET approved_at = $3, approved_by = $4, figures = $5
             WHERE month = $1 AND version = $2 AND approved_at IS NULL",
        )
        .bind(figures.quarter.to_string())
        .bind(version)
        .bind(now.as_microsecond())
        .bind(by.as_str())
        .bind(json)
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// The board gets the report by this letter.
    pub async fn send_quarter_by(&mut self, quarter: Quarter, letter: &LetterId) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("INSERT INTO quarter_letters (month, letter_id) VALUES ($1, $2)")
            .bind(quarter.to_string())
            .bind(letter.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// The quarter whose report this letter brings.
    pub async fn quarter_of_letter(&mut self, letter: &LetterId) -> Result<Option<Quarter>, StoreError> {
        either!(self.conn(), conn => one(
            sqlx::query("SELECT month FROM quarter_letters WHERE letter_id = $1")
                .bind(letter.as_str())
                .fetch_optional(conn)
                .await?,
            |row| row.word("month", |month| Quarter::parse(month).ok()),
        ))
    }

    async fn begin_quarter(&mut self, quarter: Quarter) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO quarters (month, activities, challenges, budget, version) VALUES ($1, '', '', '', 0)
             ON CONFLICT (month) DO NOTHING",
        )
        .bind(quarter.to_string())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }
}

fn promised(row: &impl Columns) -> Result<Promised, StoreError> {
    Ok(Promised { project: row.word_or_null("project_id", ProjectId::parse)?, clock: clock(row)? })
}

fn quarter_row(row: &impl Columns) -> Result<QuarterRow, StoreError> {
    Ok(QuarterRow {
        quarter: row.word("month", |month| Quarter::parse(month).ok())?,
        texts: Texts {
            activities: row.text("activities")?,
            challenges: row.text("challenges")?,
            budget: row.text("budget")?,
        },
        version: row.number("version")?,
        edited: row.time_or_null("edited_at")?.zip(row.mailbox_or_null("edited_by")?),
        progress: Progress {
            drafted_at: row.time_or_null("drafted_at")?,
            reminded_at: row.time_or_null("reminded_at")?,
            told_late_at: row.time_or_null("told_late_at")?,
            approved_at: row.time_or_null("approved_at")?,
        },
        approved_by: row.mailbox_or_null("approved_by")?,
        figures: row.word_or_null("figures", |json| serde_json::from_str(json).ok())?,
    })
}
