//! Quarantined mail: kept apart by the day, seen, released as a case, or erased with its bytes.

use jiff::Timestamp;

use super::columns::{Columns, all, micros, one, plain, plain_or_null};
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::id::{ArrivalId, CaseId};

/// One mail in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineRow {
    pub arrival: ArrivalId,
    pub arrived_at: Timestamp,
    pub quarantined_at: Timestamp,
    /// The day of `quarantined_at` in UTC, `2026-11-20`.
    pub batch: String,
    /// The word of `domain::abuse::Unheard`.
    pub kind: String,
    /// The lower, the less certain that nobody misses it.
    pub score: i64,
    /// Each a sentence.
    pub reasons: Vec<String>,
    pub from_name: Option<String>,
    pub from: Option<Mailbox>,
    /// What SPF and DKIM say, in words.
    pub proof: String,
    pub proven: bool,
    pub subject: String,
    /// Empty once released: the report of the case has it.
    pub body: String,
    pub seen_at: Option<Timestamp>,
    /// The address of the member.
    pub seen_by: Option<String>,
    pub released_at: Option<Timestamp>,
    pub case: Option<CaseId>,
}

/// One day of quarantined mail, released ones not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub day: String,
    pub mails: i64,
    pub unseen: i64,
}

macro_rules! select_quarantined {
    ($rest:literal) => {
        concat!(
            "SELECT arrival_id, arrived_at, quarantined_at, batch, kind, score, reasons, from_name, from_address, proof,
                 proven_at, subject, body, seen_at, seen_by, released_at, case_id
             FROM quarantine ",
            $rest
        )
    };
}

impl Store {
    /// The last `limit` days with mail in quarantine, those with unseen mail first, then the newest.
    pub async fn batches(&self, limit: i64) -> Result<Vec<Batch>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT batch, COUNT(*) AS mails, COUNT(*) - COUNT(seen_at) AS unseen FROM quarantine
                 WHERE released_at IS NULL GROUP BY batch
                 ORDER BY CASE WHEN COUNT(*) > COUNT(seen_at) THEN 0 ELSE 1 END, batch DESC LIMIT $1",
            )
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok(Batch { day: row.text("batch")?, mails: row.number("mails")?, unseen: row.number("unseen")? }),
        ))
    }

    /// Up to `limit` mails of a day, the least certain first; released ones are not among them.
    pub async fn batch(&self, day: &str, limit: i64) -> Result<Vec<QuarantineRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_quarantined!(
                "WHERE batch = $1 AND released_at IS NULL ORDER BY score, arrival_id LIMIT $2"
            ))
            .bind(day)
            .bind(limit)
            .fetch_all(conn)
            .await?,
            quarantine_row,
        ))
    }

    /// How many mails no member has seen, and the `limit` least certain of them.
    pub async fn unseen_quarantine(&self, limit: i64) -> Result<(i64, Vec<QuarantineRow>), StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => {
            let count = sqlx::query_scalar("SELECT COUNT(*) FROM quarantine WHERE released_at IS NULL AND seen_at IS NULL")
                .fetch_one(&mut *conn)
                .await?;
            let rows = sqlx::query(select_quarantined!(
                "WHERE released_at IS NULL AND seen_at IS NULL ORDER BY score, arrival_id LIMIT $1"
            ))
            .bind(limit)
            .fetch_all(conn)
            .await?;
            Ok((count, all(&rows, quarantine_row)?))
        })
    }

    /// Whether a mail that a member has seen came in here before `before`.
    pub async fn is_quarantine_over(&self, before: Timestamp) -> Result<bool, StoreError> {
        let mut reader = self.reader().await?;
        let oldest: Option<i64> = either!(reader.conn(), conn => sqlx::query_scalar(
            "SELECT MIN(quarantined_at) FROM quarantine WHERE released_at IS NULL AND seen_at IS NOT NULL",
        )
        .fetch_one(conn)
        .await?);
        Ok(oldest.is_some_and(|oldest| oldest < before.as_microsecond()))
    }

    /// One mail that is or was in quarantine.
    pub async fn quarantined(&self, arrival: &ArrivalId) -> Result<Option<QuarantineRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(select_quarantined!("WHERE arrival_id = $1"))
                .bind(arrival.as_str())
                .fetch_optional(conn)
                .await?,
            quarantine_row,
        ))
    }
}

impl Tx<'_> {
    /// Puts a mail into quarantine.
    pub async fn insert_quarantined(&mut self, row: &QuarantineRow) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO quarantine (arrival_id, arrived_at, quarantined_at, batch, kind, score, reasons, from_name,
                 from_address, from_folded, from_domain, proof, proven_at, subject, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(row.arrival.as_str())
        .bind(row.arrived_at.as_microsecond())
        .bind(row.quarantined_at.as_microsecond())
        .bind(&row.batch)
        .bind(&row.kind)
        .bind(row.score)
        .bind(row.reasons.join("\n"))
        .bind(plain_or_null(row.from_name.as_deref()))
        .bind(row.from.as_ref().map(Mailbox::as_str))
        .bind(row.from.as_ref().map(Mailbox::folded))
        .bind(row.from.as_ref().map(Mailbox::domain))
        .bind(plain(&row.proof))
        .bind(micros(row.proven.then_some(row.quarantined_at)))
        .bind(plain(&row.subject))
        .bind(plain(&row.body))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// A member has seen what came into a batch until `until`; says how many mails that were new to members.
    pub async fn see_batch(
        &mut self,
        day: &str,
        until: Timestamp,
        by: &Mailbox,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query(
            "UPDATE quarantine SET seen_at = $4, seen_by = $3
             WHERE batch = $1 AND quarantined_at <= $2 AND seen_at IS NULL AND released_at IS NULL",
        )
        .bind(day)
        .bind(until.as_microsecond())
        .bind(by.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected()))
    }

    /// Takes a mail out of quarantine; `false` if it is not in there any more.
    pub async fn take_out_of_quarantine(
        &mut self,
        arrival: &ArrivalId,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE quarantine SET released_at = $3, released_by = $2, body = ''
             WHERE arrival_id = $1 AND released_at IS NULL",
        )
        .bind(arrival.as_str())
        .bind(by)
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// A released mail, or a held one, has become the report of a case.
    pub async fn released_as(&mut self, arrival: &ArrivalId, case: &CaseId) -> Result<(), StoreError> {
        either!(self.conn(), conn => {
            sqlx::query("UPDATE quarantine SET case_id = $2 WHERE arrival_id = $1")
                .bind(arrival.as_str())
                .bind(case.as_str())
                .execute(&mut *conn)
                .await?;
            sqlx::query("UPDATE journal SET filed_as = 'report', case_id = $2 WHERE id = $1 AND filed_as IN ('quarantine', 'held')")
                .bind(arrival.as_str())
                .bind(case.as_str())
                .execute(conn)
                .await
                .map(|_| ())?;
        });
        Ok(())
    }

    /// Erases up to `limit` mails that a member has seen and that came in here before `before`: their rows and
    /// bytes. Says how many.
    pub async fn erase_quarantined(&mut self, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
        let erased: Vec<(String, String)> = either!(self.conn(), conn => sqlx::query_as(
            "DELETE FROM quarantine WHERE arrival_id IN (
                 SELECT arrival_id FROM quarantine
                 WHERE released_at IS NULL AND seen_at IS NOT NULL AND quarantined_at < $1
                 ORDER BY quarantined_at LIMIT $2)
             RETURNING arrival_id, batch",
        )
        .bind(before.as_microsecond())
        .bind(limit)
        .fetch_all(conn)
        .await?);
        const EVERYTHING: [&str; 4] = [
            "DELETE FROM blobs WHERE arrival_id = $1",
            "DELETE FROM attachments WHERE arrival_id = $1",
            // The private page of somebody who used the form.
            "DELETE FROM links WHERE row_id = $1",
            "DELETE FROM journal WHERE id = $1",
        ];
        for (arrival, batch) in &erased {
            for statement in EVERYTHING {
                either!(self.conn(), conn => sqlx::query(statement).bind(arrival).execute(conn).await.map(|_| ())?);
            }
            // The board's quarter still counts it.
            either!(self.conn(), conn => sqlx::query(
                "INSERT INTO quarantine_erased (batch, mails) VALUES ($1, 1)
                 ON CONFLICT (batch) DO UPDATE SET mails = quarantine_erased.mails + 1",
            )
            .bind(batch)
            .execute(conn)
            .await
            .map(|_| ())?);
        }
        Ok(erased.len())
    }
}

fn quarantine_row(row: &impl Columns) -> Result<QuarantineRow, StoreError> {
    Ok(QuarantineRow {
        arrival: ArrivalId::from_row(row.text("arrival_id")?),
        arrived_at: row.time("arrived_at")?,
        quarantined_at: row.time("quarantined_at")?,
        batch: row.text("batch")?,
        kind: row.text("kind")?,
        score: row.number("score")?,
        reasons: row.text("reasons")?.lines().map(str::to_owned).collect(),
        from_name: row.text_or_null("from_name")?,
        from: row.mailbox_or_null("from_address")?,
        proof: row.text("proof")?,
        proven: row.is_set("proven_at")?,
        subject: row.text("subject")?,
        body: row.text("body")?,
        seen_at: row.time_or_null("seen_at")?,
        seen_by: row.text_or_null("seen_by")?,
        released_at: row.time_or_null("released_at")?,
        case: row.text_or_null("case_id")?.map(CaseId::from_row),
    })
}
