//! What a project may see of a case: the text without its reporter, and the attached files.

use crate::domain::id::{ArrivalId, CaseId};
use crate::domain::party::{Party, Shares};
use crate::domain::report::Attachment;
use crate::mail::write::letters::forward::{AttachedFile, ReportText};
use crate::mail::write::withhold::without_private;
use crate::store::{ReportRow, StoreError, Tx};

/// Where a contact downloads an attached file.
pub fn file_link(action: &str, arrival: &ArrivalId, part: usize) -> String {
    format!("{action}/attachments/{arrival}/{part}")
}

/// What a project may see of a case: the report's text without its reporter, and the attached files.
pub struct Content {
    pub text: ContentText,
    pub files: Vec<(ArrivalId, Attachment)>,
    /// SPF or DKIM vouches for every sender.
    pub is_proven: bool,
}

/// The text of a forward, or why there is none.
pub enum ContentText {
    Text(String),
    Unreadable(String),
}

impl ContentText {
    pub(super) fn as_report_text(&self) -> ReportText<'_> {
        match self {
            Self::Text(text) => ReportText::Text(text),
            Self::Unreadable(why) => ReportText::Unreadable(why),
        }
    }
}

pub(super) async fn content_of(tx: &mut Tx<'_>, case: &CaseId) -> Result<Content, StoreError> {
    let reports = tx.reports_of(case).await?;
    let mut files = Vec::new();
    for report in &reports {
        let attached = tx.attachments_of(&report.arrival).await?;
        files.extend(attached.into_iter().map(|file| (report.arrival.clone(), file)));
    }
    Ok(content(&reports, files, &tx.parties_of(case).await?))
}

/// What a project may see of these reports, their reporters' identities withheld where they did not consent.
pub fn content(reports: &[ReportRow], files: Vec<(ArrivalId, Attachment)>, parties: &[Party]) -> Content {
    // One that nobody vouches for is not to pass under the proof of another.
    let is_proven = !reports.is_empty() && reports.iter().all(|report| report.proven);
    let allows = |report: &ReportRow| {
        parties.iter().any(|party| party.id == report.party && party.shares == Shares::NameAndAddress)
    };
    let text = match reports.iter().map(|report| shown_text(report, allows(report))).collect::<Result<Vec<_>, _>>() {
        Ok(texts) => ContentText::Text(texts.join("\n\n")),
        Err(why) => ContentText::Unreadable(why),
    };
    Content { text, files, is_proven }
}

fn shown_text(report: &ReportRow, with_consent: bool) -> Result<String, String> {
    if let Some(why) = &report.unreadable {
        return Err(format!("the original could not be read: {why}"));
    }
    if let Some(encryption) = report.encryption {
        return Err(format!("it is encrypted ({})", encryption.word()));
    }
    if with_consent {
        return Ok(without_private(&format!("Subject: {}\n\n{}", report.subject, report.body)));
    }
    Ok(report.shared.clone())
}

/// The links of attached files, in their order.
pub fn file_links(action: &str, files: &[(ArrivalId, Attachment)]) -> Vec<String> {
    files.iter().map(|(arrival, file)| file_link(action, arrival, file.part)).collect()
}

/// Attached files as letters list them.
pub fn attached<'a>(files: &'a [(ArrivalId, Attachment)], links: &'a [String]) -> Vec<AttachedFile<'a>> {
    let file = |((_, file), link): (&'a (ArrivalId, Attachment), &'a String)| AttachedFile {
        name: &file.name,
        size: file.size,
        sha256: file.sha256,
        link,
    };
    files.iter().zip(links).map(file).collect()
}
