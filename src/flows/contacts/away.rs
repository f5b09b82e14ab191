//! A contact is away for some days, by its own word or a member's: deputies join, and no clock changes.

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::settling::after_a_change;
use crate::domain::address::{Purpose, Token};
use crate::domain::contact::{NotAway, absence};
use crate::domain::directory::{Member, Project};
use crate::domain::id::{CaseId, ContactId, HandlingId, MessageId};
use crate::domain::party::{Party, PartyRole};
use crate::flows::forward::is_away;
use crate::flows::links::{Holder, holder};
use crate::flows::{House, Step, bounces};
use crate::store::{AbsenceRow, ContactRow, StoreError};

/// Whose word it is, where the contact itself says it.
const ITSELF: &str = "contact";

/// A member says that a contact is away. `None` if there is no such contact.
pub async fn say_away(
    house: &House,
    contact: &ContactId,
    first: Date,
    last: Date,
    by: &Member,
) -> Result<Option<Result<(), NotAway>>, StoreError> {
    let Some(row) = house.store.contact(contact).await? else { return Ok(None) };
    note(house, &row, first, last, by.email.as_str()).await.map(Some)
}

/// A member says that a contact is there again; `false` if nobody had said that it is away.
pub async fn back_again(house: &House, contact: &ContactId) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let taken_back = tx.back_again(contact, today(&step), step.now).await? > 0;
    if taken_back {
        tx.raise_contact_version().await?;
    }
    tx.commit().await?;
    after_a_change(house).await?;
    Ok(taken_back)
}

/// A contact says by the link of its forward that it is away until the end of the day `last`. `None` for a link that
/// opens nothing, or of somebody who is no contact any more.
pub async fn away_by_link(house: &House, token: &Token, last: Date) -> Result<Option<Result<(), NotAway>>, StoreError> {
    let Holder::Party(party) = holder(house, token, Purpose::ActionLink).await? else { return Ok(None) };
    let Some(row) = contact_of(house, &party).await? else { return Ok(None) };
    let first = house.now().to_zoned(row.contact.zone.clone().unwrap_or(TimeZone::UTC)).date();
    note(house, &row, first, last, ITSELF).await.map(Some)
}

async fn contact_of(house: &House, party: &Party) -> Result<Option<ContactRow>, StoreError> {
    let (PartyRole::Contact(handling), Some(mailbox)) = (&party.role, &party.mailbox) else { return Ok(None) };
    let Some(handling) = house.store.handling(handling).await? else { return Ok(None) };
    let contacts = house.store.contacts_of(&handling.project).await?;
    Ok(contacts.into_iter().find(|row| row.contact.email == *mailbox))
}

async fn note(
    house: &House,
    row: &ContactRow,
    first: Date,
    last: Date,
    said_by: &str,
) -> Result<Result<(), NotAway>, StoreError> {
    let step = house.step();
    let days = match absence(first, last, today(&step)) {
        Ok(days) => days,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut tx = house.store.begin().await?;
    let id = MessageId::new(step.now, house.chance()).to_string();
    let said = AbsenceRow { id, contact: row.id.clone(), days, said_by: said_by.to_owned(), said_at: step.now };
    tx.say_away(&said).await?;
    tx.raise_contact_version().await?;
    tx.commit().await?;
    after_a_change(house).await?;
    stand_in(house).await?;
    Ok(Ok(()))
}

/// The earliest day that it is anywhere now.
fn today(step: &Step) -> Date {
    (step.now - SignedDuration::from_hours(12)).to_zoned(TimeZone::UTC).date()
}

/// Calls the deputies of each project of which a contact is away today to the cases that the project has not confirmed.
/// Those who have them already get nothing. Says how many joined.
pub async fn stand_in(house: &House) -> Result<usize, StoreError> {
    let step = house.step();
    let mut joined = 0;
    for project in step.policy.directory.projects.iter().filter(|project| needs_its_deputies(&step, project)) {
        for (case, handling) in house.store.waits_for_project(&project.id).await? {
            joined += call(house, &step, project, &case, &handling).await?;
        }
    }
    Ok(joined)
}

fn needs_its_deputies(step: &Step, project: &Project) -> bool {
    let (deputies, others): (Vec<_>, Vec<_>) = project.contacts.iter().partition(|contact| contact.is_deputy);
    !deputies.is_empty() && others.iter().any(|contact| is_away(step, contact))
}

async fn call(
    house: &House,
    step: &Step,
    project: &Project,
    case: &CaseId,
    handling: &HandlingId,
) -> Result<usize, StoreError> {
    let parties = house.store.parties_of(case).await?;
    let has_it = |party: &Party, mailbox| party.is_contact_of(handling) && party.mailbox.as_ref() == Some(mailbox);
    let mut deputies = project.contacts.iter().filter(|contact| contact.is_deputy);
    if deputies.all(|deputy| parties.iter().any(|party| has_it(party, &deputy.email))) {
        return Ok(0);
    }
    let mut tx = house.store.begin().await?;
    let Some(row) = tx.case_for_update(case).await? else { return Ok(0) };
    let joined = bounces::call_the_deputies(&mut tx, house, step, &row, handling).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(joined)
}
