//! What somebody with a link from a mail may see and do; opening one changes nothing.

use jiff::Timestamp;

use crate::domain::address::{Purpose, Token};
use crate::domain::case::CaseRef;
use crate::domain::clock::ClockKind;
use crate::domain::directory::Project;
use crate::domain::handling::HandlingState;
use crate::domain::id::{ArrivalId, PartyId};
use crate::domain::party::{Party, PartyRole};
use crate::domain::report::Attachment;
use crate::flows::forward::{self, Content};
use crate::flows::{House, read_back, replies};
use crate::store::{Acknowledged, HandlingRow, StoreError};

/// The reporter's page: independent facts with their dates. Names of projects, never of people.
pub struct StatusView {
    pub number: CaseRef,
    pub received_at: Timestamp,
    /// While nobody has answered.
    pub first_reply_due: Option<Timestamp>,
    pub sent_to: Vec<SentTo>,
}

/// One project that has the report.
pub struct SentTo {
    pub project: String,
    pub at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
}

/// The party that `token` was issued to, if it is a live link of this purpose.
async fn party_of(house: &House, token: &Token, purpose: Purpose) -> Result<Option<Party>, StoreError> {
    let Some(link) = house.store.link(&token.fingerprint()).await? else { return Ok(None) };
    let is_dead = link.purpose != purpose || link.expires_at.is_some_and(|end| house.now() >= end);
    if is_dead {
        return Ok(None);
    }
    let party = house.store.party(&PartyId::from_row(link.row)).await?;
    Ok(party.filter(|party| party.generation == link.generation))
}

/// What the reporter with this link may know.
pub async fn status(house: &House, token: &Token) -> Result<Option<StatusView>, StoreError> {
    let Some(party) = party_of(house, token, Purpose::StatusLink).await? else { return Ok(None) };
    let Some(case) = house.store.case(&party.case).await? else { return Ok(None) };
    let directory = &house.policy().directory;
    let handlings = house.store.handlings_of(&party.case).await?;
    let sent_to = handlings.into_iter().filter(|row| row.state != HandlingState::Withdrawn).map(|row| SentTo {
        project: directory.project(&row.project).map_or_else(|| row.project.to_string(), |p| p.name.clone()),
        at: row.decided_at,
        confirmed_at: row.acknowledged_at,
    });
    let clocks = house.store.clocks_of(&party.case).await?;
    let first_reply = clocks.iter().find(|row| row.clock.kind == ClockKind::FirstReply);
    Ok(Some(StatusView {
        number: case.number,
        received_at: case.arrived_at,
        first_reply_due: first_reply.filter(|row| row.clock.stopped_at.is_none()).map(|row| row.clock.due_at),
        sent_to: sent_to.collect(),
    }))
}

/// A contact's page: what was forwarded, and by when the project is asked to confirm.
pub struct ActionView {
    pub number: CaseRef,
    pub project: Project,
    pub handling: HandlingRow,
    /// While the project has not confirmed.
    pub due_at: Option<Timestamp>,
    /// As it was forwarded: the reporter's identity withheld.
    pub content: Content,
}

/// What the contact with this link may see.
pub async fn action(house: &House, token: &Token) -> Result<Option<ActionView>, StoreError> {
    let Some((party, handling)) = contact_of(house, token).await? else { return Ok(None) };
    let Some(case) = house.store.case(&party.case).await? else { return Ok(None) };
    let Some(project) = house.policy().directory.project(&handling.project).cloned() else { return Ok(None) };
    let reports = house.store.reports_of(&party.case).await?;
    let mut files = Vec::new();
    for report in &reports {
        let attached = house.store.attachments_of(&report.arrival).await?;
        files.extend(attached.into_iter().map(|file| (report.arrival.clone(), file)));
    }
    let clocks = house.store.clocks_of(&party.case).await?;
    let clock = clocks
        .iter()
        .find(|row| row.clock.kind == ClockKind::Acknowledge && row.handling.as_ref() == Some(&handling.id));
    Ok(Some(ActionView {
        number: case.number,
        project,
        due_at: clock.filter(|row| row.clock.stopped_at.is_none()).map(|row| row.clock.due_at),
        content: forward::content(&reports, files),
        handling,
    }))
}

/// The contact and its handling; a forward that was stopped opens nothing.
async fn contact_of(house: &House, token: &Token) -> Result<Option<(Party, HandlingRow)>, StoreError> {
    let Some(party) = party_of(house, token, Purpose::ActionLink).await? else { return Ok(None) };
    let PartyRole::Contact(handling) = &party.role else { return Ok(None) };
    let row = house.store.handling(handling).await?;
    Ok(row.filter(|row| row.state != HandlingState::Withdrawn).map(|row| (party, row)))
}

/// "We have it": a person at the project pressed the button.
pub async fn we_have_it(house: &House, token: &Token) -> Result<Option<Acknowledged>, StoreError> {
    let Some((party, handling)) = contact_of(house, token).await? else { return Ok(None) };
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let acknowledged = replies::acknowledge(&mut tx, house, &step, &party, &handling.id).await?;
    tx.commit().await?;
    Ok(Some(acknowledged))
}

/// An attached file of the reports on the contact's own case, and of no other.
pub async fn action_attachment(
    house: &House,
    token: &Token,
    arrival: &str,
    part: usize,
) -> Result<Option<(Attachment, Vec<u8>)>, StoreError> {
    let Some((party, _)) = contact_of(house, token).await? else { return Ok(None) };
    let reports = house.store.reports_of(&party.case).await?;
    let arrival = ArrivalId::from_row(arrival);
    if !reports.iter().any(|report| report.arrival == arrival) {
        return Ok(None);
    }
    read_back::attachment(house, &arrival, part).await
}
