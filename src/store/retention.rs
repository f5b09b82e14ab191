//! What is erased when its time has come. Rows stay as a skeleton of ids, states and times, so that numbers, quarters and
//! the record hold; texts, names, addresses and bytes go.

use jiff::Timestamp;

use super::columns::{Columns, all, time_of};
use super::facts::Proven;
use super::{Conn, Engine, Store, StoreError, Tx};
use crate::domain::id::{ArrivalId, CaseId};

/// What is kept, and how much of it goes soon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionCounts {
    /// Closed cases that lose their original mail and files until the asked moments.
    pub originals: i64,
    /// Closed cases that lose their texts.
    pub texts: i64,
    /// Quarantined mail that a member has seen and that is erased.
    pub quarantine: i64,
    /// Mail in quarantine that no member has seen: it stays.
    pub unseen: i64,
    /// Cases whose texts were erased ever.
    pub erased: i64,
}

/// A member has yet to decide about mail of the case, or mail of it is not yet read.
macro_rules! nothing_waits {
    () => {
        "NOT EXISTS (SELECT 1 FROM messages m WHERE m.case_id = c.id AND m.held_at IS NOT NULL AND m.decided_at IS NULL)"
    };
}

const WITH_ORIGINALS: &str = concat!(
    "SELECT c.id FROM cases c WHERE c.closed_at IS NOT NULL AND c.originals_erased_at IS NULL AND c.closed_at <= $1 AND ",
    nothing_waits!(),
    " ORDER BY c.closed_at, c.id LIMIT $2"
);

/// A letter that waits for a relay holds texts as well, and never expires.
const NOT_ERASED: &str = concat!(
    "SELECT c.id FROM cases c WHERE c.closed_at IS NOT NULL AND c.erased_at IS NULL AND c.closed_at <= $1 AND ",
    nothing_waits!(),
    " AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.case_id = c.id AND l.settled_at IS NULL)
     ORDER BY c.closed_at, c.id LIMIT $2"
);

/// Statements that take the id of a case and answer with the keys of the rows they changed.
const TEXTS: [(Proven, &str); 7] = [
    (
        Proven::Cases,
        "UPDATE cases SET title = '[erased]', owner = NULL, waits_because = NULL, judgement = '{\"candidates\":[]}',
             noise_said_at = NULL, noise_said_by = NULL WHERE id = $1 RETURNING id",
    ),
    (Proven::Parties, "UPDATE parties SET address = NULL, name = NULL WHERE case_id = $1 RETURNING id"),
    (
        Proven::Reports,
        "UPDATE reports SET from_name = NULL, from_address = NULL, from_folded = NULL, subject = '[erased]', body = '[erased]',
             shared = '[erased]', automatic = NULL, unreadable = NULL, proof = '' WHERE case_id = $1 RETURNING id",
    ),
    (
        Proven::Handlings,
        "UPDATE handlings SET acknowledged_how = NULL, handed_over_how = NULL WHERE case_id = $1 RETURNING id",
    ),
    (
        Proven::Clocks,
        "UPDATE clocks SET
             paused_because = CASE WHEN paused_because IS NULL THEN NULL ELSE '[erased]' END,
             snoozed_because = CASE WHEN snoozed_because IS NULL THEN NULL ELSE '[erased]' END
         WHERE case_id = $1 RETURNING id",
    ),
    (
        Proven::Messages,
        "UPDATE messages SET from_name = NULL, from_address = NULL, subject = '[erased]', body = '[erased]', words = NULL,
             proof = '', held_because = NULL WHERE case_id = $1 RETURNING id",
    ),
    // From whom the case is kept stays: its number and times are still not theirs to see.
    (Proven::Conflicts, "UPDATE conflicts SET because = '[erased]' WHERE case_id = $1 RETURNING id"),
];

/// Takes who a letter went to and where. Its Message-ID is made of its id.
const LETTERS: &str =
    "UPDATE letters SET recipient = 'erased@erased.invalid', recipient_folded = 'erased@erased.invalid',
         recipient_domain = 'erased.invalid', subject = '[erased]', bytes = NULL, answer = NULL
     WHERE case_id = $1 RETURNING id";

/// What the record does not prove, in an order that no reference stands in the way of.
const BESIDE: [&str; 9] = [
    "DELETE FROM near_cases WHERE case_id = $1 OR like_case_id = $1",
    "DELETE FROM near_prints WHERE report_id IN (SELECT report_id FROM near_reports WHERE case_id = $1)",
    "DELETE FROM near_reports WHERE case_id = $1",
    // Addresses and private pages: from now on mail to them is mail to an address that we do not have.
    "DELETE FROM links WHERE row_id IN (SELECT id FROM parties WHERE case_id = $1
         UNION ALL SELECT id FROM letters WHERE case_id = $1 UNION ALL SELECT id FROM journal WHERE case_id = $1)",
    "DELETE FROM forms WHERE arrival_id IN (SELECT id FROM journal WHERE case_id = $1)",
    "DELETE FROM attachments WHERE arrival_id IN (SELECT id FROM journal WHERE case_id = $1)",
    // The board's quarter counts what was in quarantine.
    "UPDATE quarantine SET from_name = NULL, from_address = NULL, from_folded = NULL, from_domain = NULL, proof = '',
         subject = '[erased]', body = '', reasons = '' WHERE case_id = $1",
    "DELETE FROM blobs WHERE arrival_id IN (SELECT id FROM journal WHERE case_id = $1)",
    "UPDATE journal SET peer_ip = NULL, peer_helo = NULL, sender = NULL, filed_because = NULL, message_id = NULL,
         from_address = NULL, subject = NULL, subject_key = NULL, body_sha256 = NULL WHERE case_id = $1",
];

/// As `open` sets it.
const PATIENT: &str = "PRAGMA busy_timeout = 5000";

impl Store {
    /// Up to `limit` cases closed at `closed_before` or earlier whose original mail and files are still here, the
    /// earliest first. A case with held mail that nobody has decided about is none of them.
    pub async fn cases_with_originals(&self, closed_before: Timestamp, limit: i64) -> Result<Vec<CaseId>, StoreError> {
        cases(self.reader().await?.conn(), WITH_ORIGINALS, closed_before, limit).await
    }

    /// The same for cases whose texts are still here. One with a letter that was not sent yet is none of them.
    pub async fn cases_not_erased(&self, closed_before: Timestamp, limit: i64) -> Result<Vec<CaseId>, StoreError> {
        cases(self.reader().await?.conn(), NOT_ERASED, closed_before, limit).await
    }

    /// How much goes until the moments given: cases closed by then, and quarantined mail that came in by then.
    pub async fn retention_counts(
        &self,
        originals: Timestamp,
        texts: Timestamp,
        quarantine: Timestamp,
    ) -> Result<RetentionCounts, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => {
            let row = sqlx::query(
                "SELECT
                     (SELECT COUNT(*) FROM cases WHERE closed_at IS NOT NULL AND originals_erased_at IS NULL
                          AND closed_at <= $1) AS originals,
                     (SELECT COUNT(*) FROM cases WHERE closed_at IS NOT NULL AND erased_at IS NULL
                          AND closed_at <= $2) AS texts,
                     (SELECT COUNT(*) FROM quarantine WHERE released_at IS NULL AND seen_at IS NOT NULL
                          AND quarantined_at <= $3) AS quarantine,
                     (SELECT COUNT(*) FROM quarantine WHERE released_at IS NULL AND seen_at IS NULL) AS unseen,
                     (SELECT COUNT(*) FROM cases WHERE erased_at IS NOT NULL) AS erased",
            )
            .bind(originals.as_microsecond())
            .bind(texts.as_microsecond())
            .bind(quarantine.as_microsecond())
            .fetch_one(conn)
            .await?;
            Ok(RetentionCounts {
                originals: row.number("originals")?,
                texts: row.number("texts")?,
                quarantine: row.number("quarantine")?,
                unseen: row.number("unseen")?,
                erased: row.number("erased")?,
            })
        })
    }

    /// When the bytes of an arrival were erased; `None` while they are here.
    pub async fn original_erased_at(&self, arrival: &ArrivalId) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.reader().await?;
        let erased_at: Option<Option<i64>> = either!(reader.conn(), conn => sqlx::query_scalar(
            "SELECT erased_at FROM journal WHERE id = $1",
        )
        .bind(arrival.as_str())
        .fetch_optional(conn)
        .await?);
        erased_at.flatten().map(|at| time_of(at, "erased_at")).transpose()
    }

    /// Leaves no trace of what was erased in the log that SQLite writes before the file. Best tried again later if
    /// somebody reads just now: `false`. PostgreSQL vacuums by itself.
    pub async fn forget_the_log(&self) -> Result<bool, StoreError> {
        let Engine::Sqlite(pools) = &self.house.pools else { return Ok(true) };
        let _turn = self.house.turns.ordinary().await;
        let mut writer = pools.writer.acquire().await?;
        // Nobody who writes mail waits here for somebody who reads a page.
        sqlx::query("PRAGMA busy_timeout = 0").execute(&mut *writer).await?;
        let busy: Result<i64, sqlx::Error> =
            sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *writer).await;
        sqlx::query(PATIENT).execute(&mut *writer).await?;
        Ok(busy? == 0)
    }
}

impl Tx<'_> {
    /// Erases the bytes of all mail of a closed case; `false` if that was done before, or it was opened again. What
    /// was read of the mail stays.
    pub async fn erase_originals(&mut self, case: &CaseId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE cases SET originals_erased_at = $2
             WHERE id = $1 AND closed_at IS NOT NULL AND originals_erased_at IS NULL",
        )
        .bind(case.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        if rows == 0 {
            return Ok(false);
        }
        self.changed(Proven::Cases, case.as_str());
        let mut conn = self.conn();
        either!(conn.again(), conn => sqlx::query("DELETE FROM blobs WHERE arrival_id IN (SELECT id FROM journal WHERE case_id = $1)")
            .bind(case.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        either!(conn, conn => sqlx::query("UPDATE journal SET erased_at = $2 WHERE case_id = $1 AND erased_at IS NULL")
            .bind(case.as_str())
            .bind(now.as_microsecond())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(true)
    }

    /// Erases all that people wrote in a closed case, their names and addresses, and the links to it; `false` if that
    /// was done before, or it was opened again.
    pub async fn erase_case(&mut self, case: &CaseId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE cases SET erased_at = $2, originals_erased_at = COALESCE(originals_erased_at, $2)
             WHERE id = $1 AND closed_at IS NOT NULL AND erased_at IS NULL",
        )
        .bind(case.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        if rows == 0 {
            return Ok(false);
        }
        for (table, statement) in TEXTS.into_iter().chain([(Proven::Letters, LETTERS)]) {
            let keys: Vec<String> = either!(self.conn(), conn => {
                sqlx::query_scalar(statement).bind(case.as_str()).fetch_all(conn).await?
            });
            for key in keys {
                self.changed(table, &key);
            }
        }
        for statement in BESIDE {
            either!(self.conn(), conn => sqlx::query(statement).bind(case.as_str()).execute(conn).await.map(|_| ())?);
        }
        either!(self.conn(), conn => sqlx::query("UPDATE journal SET erased_at = $2 WHERE case_id = $1 AND erased_at IS NULL")
            .bind(case.as_str())
            .bind(now.as_microsecond())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(true)
    }

    /// Erases the bytes of up to `limit` automatic mails and twins of no case that were filed before `before`; says of
    /// how many.
    pub async fn erase_originals_of_no_case(
        &mut self,
        before: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<usize, StoreError> {
        let erased: Vec<String> = either!(self.conn(), conn => sqlx::query_scalar(
            "UPDATE journal SET erased_at = $2 WHERE id IN (
                 SELECT id FROM journal WHERE case_id IS NULL AND filed_at < $1 AND erased_at IS NULL
                     AND filed_as IN ('automatic', 'twin') ORDER BY filed_at LIMIT $3)
             RETURNING id",
        )
        .bind(before.as_microsecond())
        .bind(now.as_microsecond())
        .bind(limit)
        .fetch_all(conn)
        .await?);
        for arrival in &erased {
            either!(self.conn(), conn => sqlx::query("DELETE FROM blobs WHERE arrival_id = $1")
                .bind(arrival)
                .execute(conn)
                .await
                .map(|_| ())?);
        }
        Ok(erased.len())
    }

    /// Takes away the rows of up to `limit` automatic mails and twins of no case that were filed before `before`; says
    /// how many.
    pub async fn forget_mail_of_no_case(&mut self, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
        let old: Vec<String> = either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT id FROM journal WHERE case_id IS NULL AND filed_at < $1 AND erased_at IS NOT NULL
                 AND filed_as IN ('automatic', 'twin') ORDER BY filed_at LIMIT $2",
        )
        .bind(before.as_microsecond())
        .bind(limit)
        .fetch_all(conn)
        .await?);
        for arrival in &old {
            for statement in ["DELETE FROM attachments WHERE arrival_id = $1", "DELETE FROM journal WHERE id = $1"] {
                either!(self.conn(), conn => sqlx::query(statement).bind(arrival).execute(conn).await.map(|_| ())?);
            }
        }
        Ok(old.len())
    }
}

impl Tx<'_> {
    /// Takes out of up to `limit` letters of no case, settled before `before`, to whom they went; says of how many.
    pub async fn erase_letters_of_no_case(&mut self, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query(
            "UPDATE letters SET recipient = 'erased@erased.invalid', recipient_folded = 'erased@erased.invalid',
                 recipient_domain = 'erased.invalid', subject = '[erased]', answer = NULL
             WHERE id IN (SELECT id FROM letters WHERE case_id IS NULL AND settled_at < $1
                 AND recipient_domain <> 'erased.invalid' ORDER BY settled_at LIMIT $2)",
        )
        .bind(before.as_microsecond())
        .bind(limit)
        .execute(conn)
        .await?
        .rows_affected()))
    }
}

async fn cases(conn: Conn<'_>, sql: &'static str, until: Timestamp, limit: i64) -> Result<Vec<CaseId>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(sql).bind(until.as_microsecond()).bind(limit).fetch_all(conn).await?,
        |row| Ok(CaseId::from_row(row.text("id")?)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::judgement::Judgement;
    use crate::store::open::PATIENCE;

    #[test]
    fn the_writer_waits_again_as_long_as_it_was_opened_to() {
        assert_eq!(PATIENT, format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis()));
    }

    #[test]
    fn what_stands_in_place_of_an_erased_judgement_is_one() {
        assert!(TEXTS[0].1.contains("'{\"candidates\":[]}'"));
        assert_eq!(serde_json::from_str::<Judgement>("{\"candidates\":[]}").unwrap(), Judgement::default());
    }
}
