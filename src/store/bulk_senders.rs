//! The senders of acts on many rows: who they are, whether they were right before, and what was done to each.

use std::collections::HashMap;

use jiff::Timestamp;

use super::columns::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::id::{BanId, BulkId, CaseId, LetterId};

/// What an act did to one sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkSender {
    pub address: Mailbox,
    /// The warning.
    pub letter: Option<LetterId>,
    /// The ban that was voted for.
    pub ban: Option<BanId>,
    /// Why there is neither.
    pub refused: Option<String>,
    pub undone_at: Option<Timestamp>,
    /// The warning had left when it was undone.
    pub had_left: bool,
}

/// Who wrote reports of some cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderOf {
    pub address: Mailbox,
    /// How many of them SPF or DKIM vouched for.
    pub proven: i64,
}

impl Store {
    /// The senders whom an act met.
    pub async fn bulk_senders(&self, id: &BulkId) -> Result<Vec<BulkSender>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT address, letter_id, ban_id, refused, undone_at, had_left_at FROM bulk_senders
                 WHERE bulk_id = $1 ORDER BY address",
            )
            .bind(id.as_str())
            .fetch_all(conn)
            .await?,
            |row| Ok(BulkSender {
                address: row.mailbox("address")?,
                letter: row.text_or_null("letter_id")?.map(LetterId::from_row),
                ban: row.text_or_null("ban_id")?.map(BanId::from_row),
                refused: row.text_or_null("refused")?,
                undone_at: row.time_or_null("undone_at")?,
                had_left: row.is_set("had_left_at")?,
            }),
        ))
    }

    /// Each proven sender of the rows that an act was carried out on, once.
    pub async fn senders_in_bulk(&self, id: &BulkId) -> Result<Vec<Mailbox>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT MIN(s.from_address) AS address FROM (
                     SELECT r.from_folded, r.from_address FROM bulk_items i JOIN reports r ON r.case_id = i.item
                         WHERE i.bulk_id = $1 AND i.done_at IS NOT NULL AND r.proven_at IS NOT NULL
                     UNION ALL
                     SELECT q.from_folded, q.from_address FROM bulk_items i JOIN quarantine q ON q.arrival_id = i.item
                         WHERE i.bulk_id = $1 AND i.done_at IS NOT NULL AND q.proven_at IS NOT NULL) s
                 WHERE s.from_address IS NOT NULL GROUP BY s.from_folded ORDER BY s.from_folded",
            )
            .bind(id.as_str())
            .fetch_all(conn)
            .await?,
            |row| row.mailbox("address"),
        ))
    }

    /// Each sender of these cases' reports, once.
    pub async fn senders_of_cases(&self, cases: &[CaseId]) -> Result<Vec<SenderOf>, StoreError> {
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => {
            let mut statement = sqlx::QueryBuilder::new(
                "SELECT MIN(from_address) AS address, COUNT(proven_at) AS proven FROM reports
                 WHERE from_address IS NOT NULL AND case_id IN (",
            );
            let mut ids = statement.separated(", ");
            for case in cases {
                ids.push_bind(case.as_str());
            }
            ids.push_unseparated(") GROUP BY from_folded ORDER BY from_folded");
            // Each number of cases is a statement of its own: not one to remember.
            all(&statement.build().persistent(false).fetch_all(conn).await?, |row| {
                Ok(SenderOf { address: row.mailbox("address")?, proven: row.number("proven")? })
            })
        })
    }

    /// How many proven reports of each of these senders, by the address in lower case, went to a project, were answered
    /// or were closed as anything but unwanted; senders without one are left out, and cases that are kept from `member`.
    pub async fn accepted_reports(
        &self,
        senders: &[Mailbox],
        member: &Mailbox,
    ) -> Result<HashMap<String, i64>, StoreError> {
        if senders.is_empty() {
            return Ok(HashMap::new());
        }
        let mut reader = self.reader().await?;
        let found = either!(reader.conn(), conn => {
            let mut statement = sqlx::QueryBuilder::new(
                "SELECT r.from_folded, COUNT(*) AS accepted FROM reports r JOIN cases c ON c.id = r.case_id
                 WHERE r.proven_at IS NOT NULL AND (c.state IN ('routed', 'answered')
                     OR (c.state = 'closed' AND c.closed_as NOT IN ('spam', 'not-security', 'not-ours')))
                     AND NOT EXISTS (SELECT 1 FROM conflicts k
                         WHERE k.case_id = c.id AND k.ended_at IS NULL AND k.member = ",
            );
            statement.push_bind(member.folded());
            statement.push(") AND r.from_folded IN (");
            let mut addresses = statement.separated(", ");
            for sender in senders {
                addresses.push_bind(sender.folded());
            }
            addresses.push_unseparated(") GROUP BY r.from_folded");
            // Each number of senders is a statement of its own: not one to remember.
            all(&statement.build().persistent(false).fetch_all(conn).await?, |row| {
                Ok((row.text("from_folded")?, row.number("accepted")?))
            })?
        });
        Ok(found.into_iter().collect())
    }
}

impl Tx<'_> {
    /// Takes one sender of an act to write to or to vote about; `false` if that was done.
    pub async fn take_bulk_sender(&mut self, bulk: &BulkId, address: &Mailbox) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO bulk_senders (bulk_id, address) VALUES ($1, $2) ON CONFLICT (bulk_id, address) DO NOTHING",
        )
        .bind(bulk.as_str())
        .bind(address.folded())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// What was done to a sender: the warning, the ban, or why there is neither.
    pub async fn settle_bulk_sender(
        &mut self,
        bulk: &BulkId,
        address: &Mailbox,
        letter: Option<&LetterId>,
        ban: Option<&BanId>,
        refused: Option<&str>,
    ) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "UPDATE bulk_senders SET letter_id = $3, ban_id = $4, refused = $5 WHERE bulk_id = $1 AND address = $2",
        )
        .bind(bulk.as_str())
        .bind(address.folded())
        .bind(letter.map(LetterId::as_str))
        .bind(ban.map(BanId::as_str))
        .bind(refused)
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }
}
