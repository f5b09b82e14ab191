//! Forwarding again: a project that has the case gets it to the contacts that it has now. Its part stays the same, and
//! so do its clocks; only a member does this (DESIGN.md 3.6).

use crate::domain::case::{Actor, CaseRef, CaseState, EventKind};
use crate::domain::clock::ClockKind;
use crate::domain::directory::{Channel, Contact, Member, Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::id::CaseId;
use crate::domain::party::Party;
use crate::flows::forward::{self, Part, first_contacts};
use crate::flows::writing::record;
use crate::flows::{House, Step, progress};
use crate::store::{HandlingRow, StoreError, Tx};

/// What forwarding again would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Contacts that do not have the report yet.
    pub new: Vec<Contact>,
    /// Who has it and stays.
    pub stay: Vec<Party>,
    /// Who has it and is no contact any more.
    pub leave: Vec<Party>,
}

/// Why nothing was forwarded again; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAgain {
    #[error("There is no such case.")]
    NoCase,
    #[error("Case {0} is closed. Reopen it first.")]
    CaseClosed(CaseRef),
    #[error("{0} does not have this case by mail now. Forward it from the page of the case.")]
    NotThere(String),
    #[error("{0} has no contact to write to. Add one to projects.toml.")]
    NoContact(String),
    #[error("The contacts of {0} are the same as when it got this case.")]
    NothingChanged(String),
}

/// Whether the project's part is open and goes by mail, so that it can be forwarded again.
pub fn is_by_mail(row: &HandlingRow) -> bool {
    matches!(row.state, HandlingState::Sent | HandlingState::Acknowledged) && row.channel == Channel::Mail.word()
}

/// What forwarding again to `project` would change, before anybody decides.
pub async fn changes(
    house: &House,
    case: &CaseId,
    project: &ProjectId,
) -> Result<Result<Changes, NotAgain>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    Ok(look(&mut tx, &step, case, project).await?.map(|(_, _, changes)| changes))
}

/// Forwards to the contacts that are new, and ends the address and links of those who left.
pub async fn again(
    house: &House,
    case: &CaseId,
    project: &ProjectId,
    by: &Member,
) -> Result<Result<Changes, NotAgain>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let (row, project, changes) = match look(&mut tx, &step, case, project).await? {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let actor = house.actor(&by.email);
    for party in &changes.leave {
        leaves(&mut tx, &step, &row, party).await?;
    }
    let detail = format!("{} new {} left {}", row.id, changes.new.len(), changes.leave.len());
    record(&mut tx, &step, case, EventKind::ForwardedAgain, actor, detail).await?;
    let clocks = tx.clocks_of(case).await?;
    let promise = clocks
        .iter()
        .find(|clock| clock.clock.kind == ClockKind::Acknowledge && clock.handling.as_ref() == Some(&row.id));
    let confirm_by = promise.filter(|row| row.clock.stopped_at.is_none()).map(|row| row.clock.due_at);
    let part = Part { case, handling: &row.id, project: &project, confirm_by };
    for contact in &changes.new {
        forward::write_to(&mut tx, house, &step, &part, contact).await?;
    }
    progress::goes_on(&mut tx, &step, case, Some(&row.id)).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(changes))
}

/// The project's open part, the project as it is now, and what differs.
async fn look(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    project: &ProjectId,
) -> Result<Result<(HandlingRow, Project, Changes), NotAgain>, StoreError> {
    let Some(case_row) = tx.case_for_update(case).await? else { return Ok(Err(NotAgain::NoCase)) };
    if case_row.state == CaseState::Closed {
        return Ok(Err(NotAgain::CaseClosed(case_row.number)));
    }
    let Some(known) = step.policy.directory.project(project) else {
        return Ok(Err(NotAgain::NotThere(project.to_string())));
    };
    let is_open = |row: &HandlingRow| row.project == *project && is_by_mail(row);
    let Some(row) = tx.handlings_of(case).await?.into_iter().find(is_open) else {
        return Ok(Err(NotAgain::NotThere(known.name.clone())));
    };
    if known.contacts.is_empty() {
        return Ok(Err(NotAgain::NoContact(known.name.clone())));
    }
    let mut parties = tx.parties_of(case).await?;
    parties.retain(|party| party.is_contact_of(&row.id));
    let has_it = |contact: &&Contact| parties.iter().any(|party| party.mailbox.as_ref() == Some(&contact.email));
    let new: Vec<Contact> =
        first_contacts(step, known).into_iter().filter(|contact| !has_it(contact)).cloned().collect();
    let is_listed = |party: &Party| known.contacts.iter().any(|contact| party.mailbox.as_ref() == Some(&contact.email));
    let (stay, leave): (Vec<Party>, Vec<Party>) = parties.into_iter().partition(is_listed);
    if new.is_empty() && leave.is_empty() {
        return Ok(Err(NotAgain::NothingChanged(known.name.clone())));
    }
    Ok(Ok((row, known.clone(), Changes { new, stay, leave })))
}

/// Its address and links open nothing from now on, and what waits for it in the outbox does not leave.
async fn leaves(tx: &mut Tx<'_>, step: &Step, row: &HandlingRow, party: &Party) -> Result<(), StoreError> {
    tx.raise_generation(&party.id, party.generation).await?;
    for letter in
        tx.letters_of_handling(&row.id).await?.iter().filter(|letter| letter.party.as_ref() == Some(&party.id))
    {
        if tx.withdraw_letter(&letter.id, step.now).await? {
            let actor = Actor::Program;
            record(tx, step, &row.case, EventKind::LetterWithdrawn, actor, letter.id.as_str()).await?;
        }
    }
    Ok(())
}
