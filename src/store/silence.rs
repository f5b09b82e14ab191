//! Which projects stayed silent: promises to acknowledge that were broken.

use jiff::Timestamp;

use super::columns::{Columns, all};
use super::{Store, StoreError};
use crate::domain::directory::ProjectId;

/// Reports that a project did not confirm in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    pub project: ProjectId,
    pub reports: i64,
    /// When the last of them should have been confirmed.
    pub last_due_at: Timestamp,
}

impl Store {
    /// The projects that broke a promise to acknowledge after `since` and until `now`.
    pub async fn silences(&self, since: Timestamp, now: Timestamp) -> Result<Vec<Silence>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT h.project_id, COUNT(*) AS reports, MAX(k.due_at) AS last_due_at
                 FROM clocks k JOIN handlings h ON h.id = k.handling_id
                 WHERE k.kind = 'acknowledge' AND k.due_at > $1 AND k.due_at <= $2
                     AND (k.stopped_at IS NULL OR k.stopped_at > k.due_at)
                 GROUP BY h.project_id ORDER BY h.project_id",
            )
            .bind(since.as_microsecond())
            .bind(now.as_microsecond())
            .fetch_all(conn)
            .await?,
            |row| Ok(Silence {
                project: row.word("project_id", ProjectId::parse)?,
                reports: row.number("reports")?,
                last_due_at: row.time("last_due_at")?,
            }),
        ))
    }
}
