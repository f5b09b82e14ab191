//! Projects that somebody proposed, with the contacts they name.

use jiff::Timestamp;

use super::columns::{Columns, all, one, plain};
use super::{Conn, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::directory::ProjectId;
use crate::domain::id::ProposalId;
use crate::domain::proposal::Outcome;

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalRow {
    pub id: ProposalId,
    pub project: ProjectId,
    pub name: String,
    /// A stranger's words.
    pub asked_by: String,
    pub note: Option<String>,
    /// One `[[project]]`, as `projects.toml` would have it.
    pub entry: String,
    pub asked_at: Timestamp,
    /// When the first of its mailboxes proved itself.
    pub proven_at: Option<Timestamp>,
    pub settled: Option<SettledProposal>,
}

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledProposal {
    pub at: Timestamp,
    pub outcome: Outcome,
    pub by: Mailbox,
}

/// A contact that a proposal names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedContact {
    pub address: Mailbox,
    pub proven_at: Option<Timestamp>,
    /// "Not me".
    pub refused_at: Option<Timestamp>,
}

macro_rules! select_proposal {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, name, asked_by, note, entry, asked_at, proven_at, settled_at, outcome, settled_by
             FROM proposals ",
            $rest
        )
    };
}

impl Store {
    /// Proposals that members may decide, the oldest first.
    pub async fn proposals_waiting(&self, limit: i64) -> Result<Vec<ProposalRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_proposal!(
                "WHERE settled_at IS NULL AND proven_at IS NOT NULL ORDER BY proven_at, id LIMIT $1"
            ))
            .bind(limit)
            .fetch_all(conn)
            .await?,
            proposal_row,
        ))
    }

    /// Proposals that were settled, the latest first.
    pub async fn proposals_settled(&self, limit: i64) -> Result<Vec<ProposalRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_proposal!("WHERE settled_at IS NOT NULL ORDER BY settled_at DESC, id DESC LIMIT $1"))
                .bind(limit)
            .fetch_all(conn)
            .await?,
            proposal_row,
        ))
    }

    /// The proposal, whatever became of it.
    pub async fn proposal(&self, id: &ProposalId) -> Result<Option<ProposalRow>, StoreError> {
        proposal(self.reader().await?.conn(), id).await
    }

    /// The contacts that a proposal names, in its order.
    pub async fn proposed_contacts(&self, id: &ProposalId) -> Result<Vec<ProposedContact>, StoreError> {
        proposed_contacts(self.reader().await?.conn(), id).await
    }

    /// Whether a proposal is to be forgotten: one asked for before `unproven` that nobody confirmed, or one settled
    /// before `settled`.
    pub async fn has_old_proposals(&self, unproven: Timestamp, settled: Timestamp) -> Result<bool, StoreError> {
        let mut reader = self.reader().await?;
        let found: Option<i64> = either!(reader.conn(), conn => sqlx::query_scalar(
            "SELECT asked_at FROM proposals WHERE (proven_at IS NULL AND asked_at < $1) OR settled_at < $2 LIMIT 1",
        )
        .bind(unproven.as_microsecond())
        .bind(settled.as_microsecond())
        .fetch_optional(conn)
        .await?);
        Ok(found.is_some())
    }
}

impl Tx<'_> {
    /// Keeps a proposal that nobody has confirmed yet, with the addresses of its contacts.
    pub async fn insert_proposal(&mut self, row: &ProposalRow, contacts: &[Mailbox]) -> Result<(), StoreError> {
        let mut conn = self.conn();
        either!(conn.again(), conn => sqlx::query(
            "INSERT INTO proposals (id, project_id, name, asked_by, note, entry, asked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(row.id.as_str())
        .bind(row.project.as_str())
        .bind(plain(&row.name))
        .bind(plain(&row.asked_by))
        .bind(row.note.as_deref().map(plain))
        .bind(plain(&row.entry))
        .bind(row.asked_at.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        for (place, address) in (0_i64..).zip(contacts) {
            either!(conn.again(), conn => sqlx::query(
                "INSERT INTO proposal_contacts (proposal_id, place, address) VALUES ($1, $2, $3)",
            )
            .bind(row.id.as_str())
            .bind(place)
            .bind(address.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        }
        Ok(())
    }

    /// The proposal, whatever became of it.
    pub async fn proposal(&mut self, id: &ProposalId) -> Result<Option<ProposalRow>, StoreError> {
        proposal(self.conn(), id).await
    }

    /// The contacts that a proposal names, in its order.
    pub async fn proposed_contacts(&mut self, id: &ProposalId) -> Result<Vec<ProposedContact>, StoreError> {
        proposed_contacts(self.conn(), id).await
    }

    /// How many proposals were made after `since`.
    pub async fn proposals_made(&mut self, since: Timestamp) -> Result<i64, StoreError> {
        Ok(either!(self.conn(), conn => sqlx::query_scalar("SELECT COUNT(*) FROM proposals WHERE asked_at > $1")
            .bind(since.as_microsecond())
            .fetch_one(conn)
            .await?))
    }

    /// Whether a proposal with the same text waits already.
    pub async fn is_proposed(&mut self, project: &ProjectId, entry: &str) -> Result<bool, StoreError> {
        let found: i64 = either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM proposals WHERE project_id = $1 AND entry = $2 AND settled_at IS NULL",
        )
        .bind(project.as_str())
        .bind(plain(entry))
        .fetch_one(conn)
        .await?);
        Ok(found > 0)
    }

    /// The mailbox at that place has proven itself; `true` if members see the proposal by that for the first time.
    pub async fn prove_proposed(&mut self, id: &ProposalId, place: i64, now: Timestamp) -> Result<bool, StoreError> {
        let mut conn = self.conn();
        either!(conn.again(), conn => sqlx::query(
            "UPDATE proposal_contacts SET proven_at = $3 WHERE proposal_id = $1 AND place = $2 AND proven_at IS NULL",
        )
        .bind(id.as_str())
        .bind(place)
        .bind(now.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        let rows = either!(conn, conn => sqlx::query(
            "UPDATE proposals SET proven_at = $2 WHERE id = $1 AND proven_at IS NULL AND settled_at IS NULL",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// The mailbox at that place says "Not me".
    pub async fn refuse_proposed(&mut self, id: &ProposalId, place: i64, now: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "UPDATE proposal_contacts SET refused_at = $3 WHERE proposal_id = $1 AND place = $2",
        )
        .bind(id.as_str())
        .bind(place)
        .bind(now.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Settles a proposal; `false` if it was settled before, or no mailbox has proven itself.
    pub async fn settle_proposal(&mut self, id: &ProposalId, settled: &SettledProposal) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE proposals SET settled_at = $2, outcome = $3, settled_by = $4
             WHERE id = $1 AND settled_at IS NULL AND proven_at IS NOT NULL",
        )
        .bind(id.as_str())
        .bind(settled.at.as_microsecond())
        .bind(settled.outcome.word())
        .bind(settled.by.as_str())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Erases what `Store::has_old_proposals` asks about; says how many proposals.
    pub async fn forget_proposals(&mut self, unproven: Timestamp, settled: Timestamp) -> Result<u64, StoreError> {
        let mut conn = self.conn();
        either!(conn.again(), conn => sqlx::query(
            "DELETE FROM proposal_contacts WHERE proposal_id IN (
                 SELECT id FROM proposals WHERE (proven_at IS NULL AND asked_at < $1) OR settled_at < $2)",
        )
        .bind(unproven.as_microsecond())
        .bind(settled.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(either!(conn, conn => sqlx::query(
            "DELETE FROM proposals WHERE (proven_at IS NULL AND asked_at < $1) OR settled_at < $2",
        )
        .bind(unproven.as_microsecond())
        .bind(settled.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected()))
    }
}

async fn proposal(conn: Conn<'_>, id: &ProposalId) -> Result<Option<ProposalRow>, StoreError> {
    either!(conn, conn => one(
        sqlx::query(select_proposal!("WHERE id = $1")).bind(id.as_str()).fetch_optional(conn).await?,
        proposal_row,
    ))
}

async fn proposed_contacts(conn: Conn<'_>, id: &ProposalId) -> Result<Vec<ProposedContact>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(
            "SELECT address, proven_at, refused_at FROM proposal_contacts WHERE proposal_id = $1 ORDER BY place",
        )
        .bind(id.as_str())
        .fetch_all(conn)
        .await?,
        |row| Ok(ProposedContact {
            address: row.mailbox("address")?,
            proven_at: row.time_or_null("proven_at")?,
            refused_at: row.time_or_null("refused_at")?,
        }),
    ))
}

fn proposal_row(row: &impl Columns) -> Result<ProposalRow, StoreError> {
    let outcome = row.word_or_null("outcome", Outcome::from_word)?;
    let settled = match (row.time_or_null("settled_at")?, outcome, row.mailbox_or_null("settled_by")?) {
        (Some(at), Some(outcome), Some(by)) => Some(SettledProposal { at, outcome, by }),
        _ => None,
    };
    Ok(ProposalRow {
        id: ProposalId::from_row(row.text("id")?),
        project: row.word("project_id", ProjectId::parse)?,
        name: row.text("name")?,
        asked_by: row.text("asked_by")?,
        note: row.text_or_null("note")?,
        entry: row.text("entry")?,
        asked_at: row.time("asked_at")?,
        proven_at: row.time_or_null("proven_at")?,
        settled,
    })
}
