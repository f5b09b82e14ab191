//! The contacts of projects with their proofs, and who owns them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::columns::{Columns, all, impossible, micros, one, plain_or_null};
use super::{Conn, Dialects, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::contact::{GoneDomain, Health, Proof};
use crate::domain::directory::{Absence, Contact, DeliveryMode, ProjectId};
use crate::domain::id::ContactId;

/// One current contact of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    pub id: ContactId,
    pub project: ProjectId,
    pub contact: Contact,
    pub health: Health,
}

macro_rules! select_contact {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.project_id, c.address, c.name, c.delivery, c.list_at, c.deputy_at, c.away, c.hours, c.zone,
                 c.pgp_key, c.listed_at, c.proven_at, c.asks, c.asked_at, c.runs_out_at, c.told_at, c.bounces,
                 c.bounced_at, d.gone_at, d.gone_because, d.back_at
             FROM contacts c LEFT JOIN contact_domains d ON d.domain = c.domain
             WHERE c.removed_at IS NULL ",
            $rest
        )
    };
}

const OF_PROJECT: &str = select_contact!("AND c.project_id = $1 ORDER BY c.listed_at, c.id");
const LOCK: Dialects = for_update!("SELECT id FROM contacts WHERE id = $1 AND removed_at IS NULL");

impl Store {
    /// All current contacts, by project and in the order they were listed.
    pub async fn contacts(&self) -> Result<Vec<ContactRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(select_contact!("ORDER BY c.project_id, c.listed_at, c.id")).fetch_all(conn).await?,
            contact_row,
        ))
    }

    /// The current contacts of one project, in the order they were listed.
    pub async fn contacts_of(&self, project: &ProjectId) -> Result<Vec<ContactRow>, StoreError> {
        contacts_of(self.reader().await?.conn(), project).await
    }

    /// The current contact of that id.
    pub async fn contact(&self, id: &ContactId) -> Result<Option<ContactRow>, StoreError> {
        contact(self.reader().await?.conn(), id).await
    }

    /// The projects whose contacts are here and no longer in the file.
    pub async fn contact_owners(&self) -> Result<BTreeSet<ProjectId>, StoreError> {
        let mut reader = self.reader().await?;
        let owners: Vec<ProjectId> = either!(reader.conn(), conn => all(
            &sqlx::query("SELECT project_id FROM contact_owners").fetch_all(conn).await?,
            |row| row.word("project_id", ProjectId::parse),
        )?);
        Ok(owners.into_iter().collect())
    }

    /// Grows with every change of contacts that the directory shows.
    pub async fn contact_version(&self) -> Result<i64, StoreError> {
        let mut reader = self.reader().await?;
        let version = either!(reader.conn(), conn => one(
            sqlx::query("SELECT version FROM contact_versions WHERE name = 'contacts'").fetch_optional(conn).await?,
            |row| row.number("version"),
        )?);
        Ok(version.unwrap_or(0))
    }

    /// Up to `limit` contacts for which something falls due, the longest due first.
    pub async fn contacts_due(&self, now: Timestamp, limit: i64) -> Result<Vec<ContactId>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query("SELECT id FROM contacts WHERE removed_at IS NULL AND next_at <= $1 ORDER BY next_at, id LIMIT $2")
                .bind(now.as_microsecond())
                .bind(limit)
                .fetch_all(conn)
                .await?,
            |row| Ok(ContactId::from_row(row.text("id")?)),
        ))
    }

    /// Whether a promise of the project to acknowledge was broken after `since`.
    pub async fn was_escalated(
        &self,
        project: &ProjectId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        was_escalated(self.reader().await?.conn(), project, since, now).await
    }
}

impl Tx<'_> {
    /// Adds a contact; `false` if the project has one at this address.
    pub async fn insert_contact(
        &mut self,
        id: &ContactId,
        project: &ProjectId,
        contact: &Contact,
        listed_at: Timestamp,
        next_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let at = listed_at.as_microsecond();
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO contacts (id, project_id, address, address_folded, domain, name, delivery, list_at, deputy_at,
                 away, hours, zone, pgp_key, listed_at, next_at, asks, bounces)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0)
             ON CONFLICT (project_id, address_folded) WHERE removed_at IS NULL DO NOTHING",
        )
        .bind(id.as_str())
        .bind(project.as_str())
        .bind(contact.email.as_str())
        .bind(contact.email.folded())
        .bind(contact.email.domain())
        .bind(plain_or_null(contact.name.as_deref()))
        .bind(contact.delivery.word())
        .bind(contact.is_list.then_some(at))
        .bind(contact.is_deputy.then_some(at))
        .bind(away_text(&contact.away))
        .bind(contact.hours.as_deref())
        .bind(contact.zone.as_ref().and_then(TimeZone::iana_name))
        .bind(plain_or_null(contact.key.as_deref()))
        .bind(at)
        .bind(next_at.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Writes the particulars of a contact anew; its address and its proof stay.
    pub async fn set_contact(&mut self, id: &ContactId, contact: &Contact, now: Timestamp) -> Result<(), StoreError> {
        let at = now.as_microsecond();
        either!(self.conn(), conn => sqlx::query(
            "UPDATE contacts SET name = $2, delivery = $3, list_at = $4, deputy_at = $5, away = $6, hours = $7,
                 zone = $8, pgp_key = $9
             WHERE id = $1 AND removed_at IS NULL",
        )
        .bind(id.as_str())
        .bind(plain_or_null(contact.name.as_deref()))
        .bind(contact.delivery.word())
        .bind(contact.is_list.then_some(at))
        .bind(contact.is_deputy.then_some(at))
        .bind(away_text(&contact.away))
        .bind(contact.hours.as_deref())
        .bind(contact.zone.as_ref().and_then(TimeZone::iana_name))
        .bind(plain_or_null(contact.key.as_deref()))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// The current contacts of a project, in the order they were listed.
    pub async fn contacts_of(&mut self, project: &ProjectId) -> Result<Vec<ContactRow>, StoreError> {
        contacts_of(self.conn(), project).await
    }

    /// The current contact of that id; nobody else changes it until this transaction ends.
    pub async fn contact_for_update(&mut self, id: &ContactId) -> Result<Option<ContactRow>, StoreError> {
        let mut conn = self.conn();
        let lock = conn.choose(LOCK);
        // A row of an outer join cannot be locked on PostgreSQL, so that the row itself is locked first.
        either!(conn.again(), conn => sqlx::query(lock).bind(id.as_str()).fetch_optional(conn).await.map(|_| ())?);
        contact(conn, id).await
    }

    /// The contacts with this address, of whatever project.
    pub async fn contacts_at(&mut self, address: &Mailbox) -> Result<Vec<ContactRow>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query(select_contact!("AND c.address_folded = $1 ORDER BY c.project_id"))
                .bind(address.folded())
                .fetch_all(conn)
                .await?,
            contact_row,
        ))
    }

    /// Writes the contact's proof as it now is, and when the sweep looks again.
    pub async fn set_proof(&mut self, id: &ContactId, proof: &Proof, next_at: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "UPDATE contacts SET proven_at = $2, asks = $3, asked_at = $4, runs_out_at = $5, told_at = $6, next_at = $7
             WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(micros(proof.proven_at))
        .bind(proof.asks)
        .bind(micros(proof.asked_at))
        .bind(micros(proof.runs_out_at))
        .bind(micros(proof.told_at))
        .bind(next_at.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Counts a bounce against a contact of the project; `false` if nobody there has this address.
    pub async fn count_bounce(
        &mut self,
        project: &ProjectId,
        address: &Mailbox,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE contacts SET bounces = bounces + 1, bounced_at = $3
             WHERE project_id = $1 AND address_folded = $2 AND removed_at IS NULL",
        )
        .bind(project.as_str())
        .bind(address.folded())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Forgets the bounces of a contact: somebody is there.
    pub async fn forget_bounces(&mut self, id: &ContactId) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("UPDATE contacts SET bounces = 0, bounced_at = NULL WHERE id = $1")
            .bind(id.as_str())
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Ends a contact; `false` if it had ended before.
    pub async fn remove_contact(&mut self, id: &ContactId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE contacts SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL",
        )
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// From now on the project's contacts are the rows here; the first time counts.
    pub async fn own_contacts(&mut self, project: &ProjectId, now: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO contact_owners (project_id, owned_at) VALUES ($1, $2) ON CONFLICT (project_id) DO NOTHING",
        )
        .bind(project.as_str())
        .bind(now.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Whether the project's contacts are the rows here.
    pub async fn owns_contacts(&mut self, project: &ProjectId) -> Result<bool, StoreError> {
        let owned: i64 = either!(self.conn(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM contact_owners WHERE project_id = $1",
        )
        .bind(project.as_str())
        .fetch_one(conn)
        .await?);
        Ok(owned > 0)
    }

    /// Lets every node see that contacts have changed.
    pub async fn raise_contact_version(&mut self) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO contact_versions (name, version) VALUES ('contacts', 1)
             ON CONFLICT (name) DO UPDATE SET version = contact_versions.version + 1",
        )
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Whether a promise of the project to acknowledge was broken after `since`.
    pub async fn was_escalated(
        &mut self,
        project: &ProjectId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        was_escalated(self.conn(), project, since, now).await
    }
}

async fn was_escalated(
    conn: Conn<'_>,
    project: &ProjectId,
    since: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let broken: i64 = either!(conn, conn => sqlx::query_scalar(
        "SELECT COUNT(*) FROM clocks k JOIN handlings h ON h.id = k.handling_id
         WHERE h.project_id = $1 AND k.kind = 'acknowledge' AND k.due_at > $2 AND k.due_at <= $3
             AND (k.stopped_at IS NULL OR k.stopped_at > k.due_at)",
    )
    .bind(project.as_str())
    .bind(since.as_microsecond())
    .bind(now.as_microsecond())
    .fetch_one(conn)
    .await?);
    Ok(broken > 0)
}

async fn contacts_of(conn: Conn<'_>, project: &ProjectId) -> Result<Vec<ContactRow>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(OF_PROJECT).bind(project.as_str()).fetch_all(conn).await?,
        contact_row,
    ))
}

async fn contact(conn: Conn<'_>, id: &ContactId) -> Result<Option<ContactRow>, StoreError> {
    either!(conn, conn => one(
        sqlx::query(select_contact!("AND c.id = $1")).bind(id.as_str()).fetch_optional(conn).await?,
        contact_row,
    ))
}

fn contact_row(row: &impl Columns) -> Result<ContactRow, StoreError> {
    Ok(ContactRow {
        id: ContactId::from_row(row.text("id")?),
        project: row.word("project_id", ProjectId::parse)?,
        contact: contact_of_row(row, row.mailbox("address")?)?,
        health: Health {
            proof: Proof {
                listed_at: row.time("listed_at")?,
                proven_at: row.time_or_null("proven_at")?,
                asks: row.number("asks")?,
                asked_at: row.time_or_null("asked_at")?,
                runs_out_at: row.time_or_null("runs_out_at")?,
                told_at: row.time_or_null("told_at")?,
            },
            bounces: row.number("bounces")?,
            bounced_at: row.time_or_null("bounced_at")?,
            gone: match row.time_or_null("gone_at")? {
                Some(since) => Some(GoneDomain {
                    since,
                    because: row.text_or_null("gone_because")?.unwrap_or_default(),
                    back_at: row.time_or_null("back_at")?,
                }),
                None => None,
            },
        },
    })
}

/// The particulars of a contact, which stand in rows of two tables.
pub(super) fn contact_of_row(row: &impl Columns, email: Mailbox) -> Result<Contact, StoreError> {
    Ok(Contact {
        name: row.text_or_null("name")?,
        email,
        delivery: row.word("delivery", DeliveryMode::from_word)?,
        is_list: row.is_set("list_at")?,
        is_deputy: row.is_set("deputy_at")?,
        away: row.text("away")?.lines().map(absence).collect::<Result<_, _>>()?,
        hours: row.text_or_null("hours")?,
        zone: row.word_or_null("zone", |name| TimeZone::get(name).ok())?,
        key: row.text_or_null("pgp_key")?,
    })
}

/// Days away as they stand in a row: one absence a line.
pub(super) fn away_text(away: &[Absence]) -> String {
    away.iter().map(|absence| format!("{}/{}", absence.first, absence.last)).collect::<Vec<_>>().join("\n")
}

fn absence(line: &str) -> Result<Absence, StoreError> {
    let days = line.split_once('/').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    days.map(|(first, last)| Absence { first, last }).ok_or_else(|| impossible("away"))
}
