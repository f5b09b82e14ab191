//! Reports and what is attached to them; the bytes stay in the journal.

use jiff::Timestamp;

use super::columns::{Columns, all, bigint, count_or_null, hex, impossible, one, plain, plain_or_null};
use super::facts::Proven;
use super::{Conn, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::directory::ProjectId;
use crate::domain::id::{ArrivalId, CaseId, PartyId, ReportId};
use crate::domain::report::{Attachment, Encryption, Remote, TextSource};

/// A report with what reading it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    pub id: ReportId,
    pub case: CaseId,
    pub arrival: ArrivalId,
    /// The reporter.
    pub party: PartyId,
    pub arrived_at: Timestamp,
    pub from_name: Option<String>,
    pub from: Option<Mailbox>,
    pub subject: String,
    pub body: String,
    /// Subject and text as a project may see them: without the reporter's identity.
    pub shared: String,
    pub text_source: TextSource,
    /// What its HTML names and nobody has fetched.
    pub remote: Remote,
    pub encryption: Option<Encryption>,
    /// By what it was recognised as sent by a machine, in words.
    pub automatic: Option<String>,
    /// Why nothing of it was read, in words.
    pub unreadable: Option<String>,
    /// The verdict on its sender, in words.
    pub proof: String,
    /// SPF or DKIM vouches for From.
    pub proven: bool,
    /// The projects that the reporter picked in the form.
    pub chosen: Vec<ProjectId>,
}

/// A report to be written: the same as is read back.
pub type NewReport = ReportRow;

impl Store {
    /// Whose report came with that arrival.
    pub async fn reporter_of_arrival(&self, arrival: &ArrivalId) -> Result<Option<PartyId>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query("SELECT party_id FROM reports WHERE arrival_id = $1")
                .bind(arrival.as_str())
                .fetch_optional(conn)
                .await?,
            |row| Ok(PartyId::from_row(row.text("party_id")?)),
        ))
    }

    /// The reports of a case, in the order of their arrival.
    pub async fn reports_of(&self, case: &CaseId) -> Result<Vec<ReportRow>, StoreError> {
        reports_of(self.reader().await?.conn(), case).await
    }

    /// The attachments of an arrival, in the order of the message.
    pub async fn attachments_of(&self, arrival: &ArrivalId) -> Result<Vec<Attachment>, StoreError> {
        attachments_of(self.reader().await?.conn(), arrival).await
    }
}

impl Tx<'_> {
    /// Adds a report to its case; its arrival, case and party are there already.
    pub async fn insert_report(&mut self, report: &NewReport) -> Result<(), StoreError> {
        self.changed(Proven::Reports, report.id.as_str());
        let arrived_at = report.arrived_at.as_microsecond();
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO reports (id, case_id, arrival_id, party_id, arrived_at, from_name, from_address, from_folded,
                 subject, body, shared, text_source, encryption, automatic, unreadable, proof, proven_at, chosen,
                 remote_images, remote_others)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        )
        .bind(report.id.as_str())
        .bind(report.case.as_str())
        .bind(report.arrival.as_str())
        .bind(report.party.as_str())
        .bind(arrived_at)
        .bind(plain_or_null(report.from_name.as_deref()))
        .bind(report.from.as_ref().map(Mailbox::as_str))
        .bind(report.from.as_ref().map(Mailbox::folded))
        .bind(plain(&report.subject))
        .bind(plain(&report.body))
        .bind(plain(&report.shared))
        .bind(report.text_source.word())
        .bind(report.encryption.map(Encryption::word))
        .bind(plain_or_null(report.automatic.as_deref()))
        .bind(plain_or_null(report.unreadable.as_deref()))
        .bind(plain(&report.proof))
        .bind(report.proven.then_some(arrived_at))
        .bind(report.chosen.iter().map(ProjectId::as_str).collect::<Vec<_>>().join("\n"))
        .bind(count_or_null(report.remote.images))
        .bind(count_or_null(report.remote.others))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// What projects that are given the case from now on see of a report's text.
    pub async fn set_shared(&mut self, report: &ReportId, shared: &str) -> Result<(), StoreError> {
        self.changed(Proven::Reports, report.as_str());
        either!(self.conn(), conn => sqlx::query("UPDATE reports SET shared = $2 WHERE id = $1")
            .bind(report.as_str())
            .bind(plain(shared))
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Lists the attachments of an arrival; the bytes stay in the journal. What is listed already stays as it is: mail
    /// that was held is listed again when it opens a case.
    pub async fn insert_attachments(
        &mut self,
        arrival: &ArrivalId,
        attachments: &[Attachment],
    ) -> Result<(), StoreError> {
        for attachment in attachments {
            either!(self.conn(), conn => sqlx::query(
                "INSERT INTO attachments (arrival_id, part, name, media_type, size, sha256)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (arrival_id, part) DO NOTHING",
            )
            .bind(arrival.as_str())
            .bind(bigint(attachment.part as u64))
            .bind(plain(&attachment.name))
            .bind(plain(&attachment.media_type))
            .bind(bigint(attachment.size))
            .bind(hex(&attachment.sha256))
            .execute(conn)
            .await
            .map(|_| ())?);
        }
        Ok(())
    }

    /// The reports of a case, in the order of their arrival.
    pub async fn reports_of(&mut self, case: &CaseId) -> Result<Vec<ReportRow>, StoreError> {
        reports_of(self.conn(), case).await
    }

    /// The attachments of an arrival, in the order of the message.
    pub async fn attachments_of(&mut self, arrival: &ArrivalId) -> Result<Vec<Attachment>, StoreError> {
        attachments_of(self.conn(), arrival).await
    }
}

async fn reports_of(conn: Conn<'_>, case: &CaseId) -> Result<Vec<ReportRow>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(
            "SELECT id, case_id, arrival_id, party_id, arrived_at, from_name, from_address, subject, body, shared,
                 text_source, encryption, automatic, unreadable, proof, proven_at, chosen, remote_images, remote_others
             FROM reports WHERE case_id = $1 ORDER BY arrived_at, id",
        )
        .bind(case.as_str())
        .fetch_all(conn)
        .await?,
        report_row,
    ))
}

async fn attachments_of(conn: Conn<'_>, arrival: &ArrivalId) -> Result<Vec<Attachment>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query("SELECT part, name, media_type, size, sha256 FROM attachments WHERE arrival_id = $1 ORDER BY part")
            .bind(arrival.as_str())
            .fetch_all(conn)
            .await?,
        attachment,
    ))
}

/// What the row counts of an HTML mail.
pub(super) fn remote(row: &impl Columns) -> Result<Remote, StoreError> {
    Ok(Remote { images: row.count_or_none("remote_images")?, others: row.count_or_none("remote_others")? })
}

fn report_row(row: &impl Columns) -> Result<ReportRow, StoreError> {
    Ok(ReportRow {
        id: ReportId::from_row(row.text("id")?),
        case: CaseId::from_row(row.text("case_id")?),
        arrival: ArrivalId::from_row(row.text("arrival_id")?),
        party: PartyId::from_row(row.text("party_id")?),
        arrived_at: row.time("arrived_at")?,
        from_name: row.text_or_null("from_name")?,
        from: row.mailbox_or_null("from_address")?,
        subject: row.text("subject")?,
        body: row.text("body")?,
        shared: row.text("shared")?,
        text_source: row.word("text_source", TextSource::from_word)?,
        remote: remote(row)?,
        encryption: row.word_or_null("encryption", Encryption::from_word)?,
        automatic: row.text_or_null("automatic")?,
        unreadable: row.text_or_null("unreadable")?,
        proof: row.text("proof")?,
        proven: row.is_set("proven_at")?,
        chosen: row.word("chosen", |ids| ids.lines().map(ProjectId::parse).collect())?,
    })
}

fn attachment(row: &impl Columns) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        part: usize::try_from(row.number("part")?).map_err(|_| impossible("part"))?,
        name: row.text("name")?,
        media_type: row.text("media_type")?,
        size: row.size("size")?,
        sha256: row.sha256("sha256")?,
    })
}
