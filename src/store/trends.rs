//! What the side of the desk's first page counts.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::columns::{Columns, all};
use super::{Store, StoreError};
use crate::domain::directory::ProjectId;
use crate::domain::trend::{Counted, Load, WEEK};

impl Store {
    /// The projects that have open cases: how many, and since when the oldest.
    pub async fn loads(&self) -> Result<Vec<Load>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT project_id, COUNT(*) AS open, MIN(decided_at) AS oldest_at FROM handlings
                 WHERE state IN ('sent', 'by-hand', 'acknowledged') GROUP BY project_id",
            )
            .fetch_all(conn)
            .await?,
            |row| Ok(Load {
                project: row.word("project_id", ProjectId::parse)?,
                open: row.number("open")?,
                oldest_at: row.time("oldest_at")?,
            }),
        ))
    }

    /// How long projects took to confirm, pauses not counted, for each promise that started after `since`.
    pub async fn confirmation_times(&self, since: Timestamp) -> Result<Vec<(ProjectId, SignedDuration)>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT h.project_id, k.stopped_at - k.started_at - k.paused AS took
                 FROM clocks k JOIN handlings h ON h.id = k.handling_id
                 WHERE k.started_at >= $1 AND k.kind = 'acknowledge' AND k.ended_as = 'kept'",
            )
            .bind(since.as_microsecond())
            .fetch_all(conn)
            .await?,
            |row| Ok((row.word("project_id", ProjectId::parse)?, row.length("took")?)),
        ))
    }

    /// The first promises that started after `since`, by week from there; those that ended as nothing to keep count as
    /// received alone.
    pub async fn weeks_since(&self, since: Timestamp, now: Timestamp) -> Result<BTreeMap<i64, Counted>, StoreError> {
        let week = WEEK.as_micros().try_into().unwrap_or(i64::MAX);
        let mut reader = self.reader().await?;
        let weeks = either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT week, COUNT(*) AS received, CAST(SUM(in_time) AS BIGINT) AS in_time,
                     CAST(SUM(late) AS BIGINT) AS late
                 FROM (SELECT (started_at - $1) / $3 AS week,
                         CASE WHEN ended_as = 'kept' AND stopped_at <= due_at THEN 1 ELSE 0 END AS in_time,
                         CASE WHEN (ended_as = 'kept' AND stopped_at > due_at) OR ended_as = 'breached'
                             OR (stopped_at IS NULL AND due_at <= $2) THEN 1 ELSE 0 END AS late
                     FROM clocks WHERE started_at >= $1 AND kind = 'first-reply') counted
                 GROUP BY week ORDER BY week",
            )
            .bind(since.as_microsecond())
            .bind(now.as_microsecond())
            .bind::<i64>(week)
            .fetch_all(conn)
            .await?,
            |row| Ok((row.number("week")?, Counted {
                received: row.number("received")?,
                in_time: row.number("in_time")?,
                late: row.number("late")?,
            })),
        )?);
        Ok(weeks.into_iter().collect())
    }
}
