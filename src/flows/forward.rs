//! Forwarding: a project is given a case, and each of its contacts a letter.

mod content;
mod deciding;
mod look;
mod stopping;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Purpose;
use crate::domain::case::{Actor, CaseRef, EventKind};
use crate::domain::clock::ClockKind;
use crate::domain::directory::{Contact, DeliveryMode, Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::id::{CaseId, HandlingId, PartyId};
use crate::domain::letter::LetterKind;
use crate::domain::party::{Party, PartyRole, Shares};
use crate::flows::clocks::NewClock;
use crate::flows::writing::{self, record};
use crate::flows::{House, Step, clocks, crossing, opening, sharing};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::forward::{Forward, Reporter, forward};
use crate::store::{HandlingRow, StoreError, Tx};

use content::content_of;
pub use content::{Content, ContentText, attached, content, file_link, file_links};
pub use deciding::{Decision, Waits, decide};
pub use look::{Look, LookAgain, PartLook, Sheet, look};
pub use stopping::{Stopped, back_to_triage, stop};

/// Who is written to at once: all but the deputies, who join when somebody is away (DESIGN.md 3.2).
pub fn first_contacts<'p>(step: &Step, project: &'p Project) -> Vec<&'p Contact> {
    let somebody_is_away = project.contacts.iter().any(|contact| !contact.is_deputy && is_away(step, contact));
    project.contacts.iter().filter(|contact| !contact.is_deputy || somebody_is_away).collect()
}

/// Whether this is one of the contact's days away, where it lives.
pub fn is_away(step: &Step, contact: &Contact) -> bool {
    let zone = contact.zone.clone().unwrap_or(TimeZone::UTC);
    let today = step.now.to_zoned(zone).date();
    contact.away.iter().any(|absence| (absence.first..=absence.last).contains(&today))
}

/// Gives the case to `project`: handling, parties, letters and the project's clock, which runs from this decision.
pub async fn hand_over(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    project: &ProjectId,
    actor: Actor,
) -> Result<HandlingId, StoreError> {
    let project = step.policy.directory.project(project).expect("the caller took the id from this directory");
    let handling = HandlingId::new(step.now, house.chance());
    tx.insert_handling(&HandlingRow {
        id: handling.clone(),
        case: case.clone(),
        project: project.id.clone(),
        state: HandlingState::Sent,
        channel: project.channel.word().to_owned(),
        decided_at: step.now,
        decided_by: actor.word(),
        acknowledged_at: None,
        acknowledged_by: None,
        acknowledged_how: None,
        withdrawn_at: None,
        handed_over_at: None,
        handed_over_by: None,
        handed_over_how: None,
        closed_at: None,
        closed_by: None,
    })
    .await?;
    let (kind, target) = (ClockKind::Acknowledge, target(step, project));
    let promise = NewClock { case, handling: Some(&handling), kind, started_at: step.now, target };
    let clock = clocks::start(tx, house, step, promise).await?;
    record(tx, step, case, EventKind::ForwardDecided, actor, project.id.as_str()).await?;
    crossing::adopt_additions(tx, house, step, case, &handling).await?;
    let part = Part { case, handling: &handling, project, confirm_by: Some(clock.due_at) };
    for contact in first_contacts(step, project) {
        write_to(tx, house, step, &part, contact).await?;
    }
    Ok(handling)
}

/// By when a project is asked to confirm: its own promise, or the foundation's.
pub fn target(step: &Step, project: &Project) -> SignedDuration {
    project.target.unwrap_or(step.policy.directory.promise.acknowledge)
}

/// One project's part of a case, while letters about it are written.
pub struct Part<'a> {
    pub case: &'a CaseId,
    pub handling: &'a HandlingId,
    pub project: &'a Project,
    /// By when the project is asked to confirm; `None` once it has.
    pub confirm_by: Option<Timestamp>,
}

/// Makes `contact` a party of the handling and writes its forward.
pub async fn write_to(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    part: &Part<'_>,
    contact: &Contact,
) -> Result<(), StoreError> {
    let party = party_for(house, step, part.case, part.handling, contact);
    tx.insert_party(&party, step.now).await?;
    let purposes = [Purpose::PartyAddress, Purpose::SecondAddress, Purpose::ActionLink];
    opening::issue(tx, house, &party, &purposes).await?;

    let number = case_number(tx, part.case).await?;
    let (content, parties) = (content_of(tx, part.case).await?, tx.parties_of(part.case).await?);
    let told = Told { case: &number, content: &content, reporter: sharing::seen(&parties) };
    let words = told.words(house, step, part, &party, contact.delivery);
    writing::to_party(tx, house, step, (part.case, &number), &party, (LetterKind::Forward, &words, None)).await?;
    crossing::repeat_additions(tx, house, step, part.case, &party).await
}

/// A contact as a party of a case.
fn party_for(house: &House, step: &Step, case: &CaseId, handling: &HandlingId, contact: &Contact) -> Party {
    Party {
        id: PartyId::new(step.now, house.chance()),
        case: case.clone(),
        role: PartyRole::Contact(handling.clone()),
        mailbox: Some(contact.email.clone()),
        name: contact.name.clone(),
        is_list: contact.is_list,
        shares: Shares::Nothing,
        generation: 0,
    }
}

/// What every contact that gets a case is told alike.
struct Told<'a> {
    case: &'a CaseRef,
    content: &'a Content,
    reporter: Reporter<'a>,
}

impl Told<'_> {
    /// The words of the forward to one of them.
    fn words(&self, house: &House, step: &Step, part: &Part<'_>, to: &Party, delivery: DeliveryMode) -> Words {
        let action = house.action_url(to);
        let links = file_links(&action, &self.content.files);
        let own = step.own_addresses();
        forward(&Forward {
            case: self.case,
            project: &part.project.name,
            org: &step.policy.directory.foundation.name,
            confirm_by: part.confirm_by,
            action_link: &action,
            party_address: &own.with(&house.party_token(to)),
            second_address: &own.with(&house.second_token(to)),
            reporter: self.reporter,
            sender_is_proven: self.content.is_proven,
            delivery,
            report: self.content.text.as_report_text(),
            attachments: &attached(&self.content.files, &links),
        })
    }
}

async fn case_number(tx: &mut Tx<'_>, case: &CaseId) -> Result<CaseRef, StoreError> {
    let row = tx.case_for_update(case).await?;
    row.map(|row| row.number).ok_or_else(|| StoreError::Corrupt(format!("case {case} is gone while it is worked on")))
}
