//! What a reporter added before: a project that gets the case now gets it too, and so does a contact that joins.

use super::{files_of, identity_of, put_into_project_lane, shared_words, tell_contact};
use crate::domain::directory::DeliveryMode;
use crate::domain::id::{ArrivalId, CaseId, HandlingId};
use crate::domain::party::{Author, Lane, Party, PartyRole};
use crate::domain::report::Attachment;
use crate::flows::{House, Step, forward};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::addition::{self, addition};
use crate::mail::write::letters::forward::Reporter;
use crate::store::{CaseRow, MessageRow, ReportRow, StoreError, Tx};

/// An addition as a project may see it, before a project has the case.
pub struct Added {
    pub text: String,
    pub files: Vec<(ArrivalId, Attachment)>,
}

impl Added {
    /// The words of the letter that would bring it to a contact of `project`.
    pub fn words(
        &self,
        house: &House,
        (case, project): (&CaseRow, &str),
        reporter: Reporter<'_>,
        (to, delivery): (&Party, DeliveryMode),
    ) -> Words {
        let action_link = house.action_url(to);
        let links = forward::file_links(&action_link, &self.files);
        let attached = forward::attached(&self.files, &links);
        let what = addition::Added::Words(&self.text, &attached);
        addition(&addition::Addition {
            case: &case.number,
            project,
            what,
            reporter,
            delivery,
            action_link: &action_link,
        })
    }
}

/// What a project that got this case now would get of its additions, in their order.
pub async fn on_page(
    house: &House,
    case: &CaseId,
    reports: &[ReportRow],
    parties: &[Party],
) -> Result<Vec<Added>, StoreError> {
    let messages = house.store.messages_of(case).await?;
    let mut shared = shared(parties, reports, &messages);
    shared.sort_by_key(|(row, _)| row.at);
    let mut additions = Vec::new();
    for (row, text) in shared {
        let mut files = Vec::new();
        if let Some(arrival) = &row.arrival {
            let attached = house.store.attachments_of(arrival).await?;
            files.extend(attached.into_iter().map(|file| (arrival.clone(), file)));
        }
        let text = text.trim().to_owned();
        if !text.is_empty() || !files.is_empty() {
            additions.push(Added { text, files });
        }
    }
    Ok(additions)
}

/// The reporters' additions that may go on, each with its words as a project may see them.
fn shared<'m>(parties: &[Party], reports: &[ReportRow], messages: &'m [MessageRow]) -> Vec<(&'m MessageRow, String)> {
    let of_reporter = |reporter: &Party| -> Vec<(&'m MessageRow, String)> {
        let identity = identity_of(reporter, reports);
        let added = messages.iter().filter(|row| is_addition(row, reporter));
        added.map(|row| (row, shared_words(row.said(), reporter, &identity))).collect()
    };
    parties.iter().filter(|party| party.role == PartyRole::Reporter).flat_map(of_reporter).collect()
}

/// Whether a message is the reporter's own and may go on.
fn is_addition(row: &MessageRow, reporter: &Party) -> bool {
    row.lane == Some(Lane::Reporter)
        && row.author == Author::Party
        && row.party.as_ref() == Some(&reporter.id)
        && row.held_because.is_none()
}

/// A project that gets the case now also gets what its reporter added before.
pub async fn adopt_additions(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    let (parties, reports) = (tx.parties_of(case).await?, tx.reports_of(case).await?);
    let messages = tx.messages_of(case).await?;
    for (added, text) in shared(&parties, &reports, &messages) {
        put_into_project_lane(tx, house, step, added, handling, &text).await?;
    }
    Ok(())
}

/// A contact that joins gets the additions that the others have.
pub async fn repeat_additions(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    contact: &Party,
) -> Result<(), StoreError> {
    let PartyRole::Contact(handling) = &contact.role else { return Ok(()) };
    for passed in tx.messages_of(case).await?.iter().filter(|row| super::is_passed_on_to(row, handling)) {
        write_addition(tx, house, step, contact, passed).await?;
    }
    Ok(())
}

pub(super) async fn write_addition(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    contact: &Party,
    passed: &MessageRow,
) -> Result<(), StoreError> {
    let original = match &passed.passed_on_from {
        Some(original) => tx.message(original).await?,
        None => None,
    };
    let files = files_of(tx, original.and_then(|row| row.arrival).as_ref()).await?;
    let action = house.action_url(contact);
    let links = forward::file_links(&action, &files);
    let attached = forward::attached(&files, &links);
    tell_contact(tx, house, step, contact, addition::Added::Words(&passed.body, &attached), Some(&passed.id)).await
}
