//! Projects that take no mail: a member takes the case there, and writes down the hand-over and the acknowledgement.

use jiff::Timestamp;

use crate::domain::case::{Actor, CaseRef, CaseState, EventKind};
use crate::domain::clock::{ClockEnd, ClockKind};
use crate::domain::directory::{Channel, Member, Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::id::{CaseId, HandlingId};
use crate::flows::clocks::{self, NewClock};
use crate::flows::composing::name_of;
use crate::flows::forward::{first_contacts, target};
use crate::flows::knowledge::Choice;
use crate::flows::writing::record;
use crate::flows::{House, Step, acknowledging};
use crate::store::{Acknowledged, HandlingRow, StoreError, Tx};

/// As much as fits on a line of the page.
const HOW_MAX: usize = 500;

/// Why a case was not taken to a project, or nothing was written down; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNoted {
    #[error("There is no such case.")]
    NoCase,
    #[error("Case {0} is closed. Reopen it first.")]
    CaseClosed(CaseRef),
    #[error("There is no project \"{0}\" in projects.toml.")]
    UnknownProject(String),
    #[error("{0} takes reports by mail. Forward it there.")]
    ByMail(String),
    #[error("{0} has this case already.")]
    AlreadyThere(String),
    #[error("{0} does not have this case.")]
    NotThere(String),
    #[error("Say who confirmed it.")]
    NobodyNamed,
    #[error("Say how: the link, the number there, the person you spoke to.")]
    NotSaidHow,
    #[error("That is longer than {HOW_MAX} characters. Shorten it.")]
    TooLong,
    #[error("That time has not come yet. Enter when it was, in UTC.")]
    InTheFuture,
    #[error("That was before the decision to take it there. Enter when it was, in UTC.")]
    BeforeTheDecision,
    #[error("This was written down before.")]
    Already,
}

/// Whether a case can only be taken to this project by hand: it takes no mail, or has nobody to write to.
pub fn is_by_hand(step: &Step, project: &Project) -> bool {
    project.channel != Channel::Mail || first_contacts(step, project).is_empty()
}

/// The decision to take a case to a project by hand. The project's promise runs from here, however long a member
/// needs to carry it there.
pub async fn take(
    house: &House,
    case: &CaseId,
    project: &ProjectId,
    by: &Member,
) -> Result<Result<HandlingId, NotNoted>, StoreError> {
    let step = house.step();
    let Some(known) = step.policy.directory.project(project) else {
        return Ok(Err(NotNoted::UnknownProject(project.to_string())));
    };
    let choice = Choice::of(house, case, project).await?;
    let mut tx = house.store.begin().await?;
    let Some(row) = tx.case_for_update(case).await? else { return Ok(Err(NotNoted::NoCase)) };
    if tx.handlings_of(case).await?.iter().any(|handling| handling.is_with(project)) {
        return Ok(Err(NotNoted::AlreadyThere(known.name.clone())));
    }
    if !is_by_hand(&step, known) {
        return Ok(Err(NotNoted::ByMail(known.name.clone())));
    }
    if !row.state.may_be_forwarded() {
        return Ok(Err(NotNoted::CaseClosed(row.number)));
    }
    let handling = begin(&mut tx, house, &step, case, known, house.actor(&by.email)).await?;
    clocks::triage_ends(&mut tx, &step, case).await?;
    tx.set_case_state(case, CaseState::Routed, None).await?;
    choice.note(&mut tx, house, &step, &handling, by).await?;
    tx.commit().await?;
    Ok(Ok(handling))
}

async fn begin(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    project: &Project,
    actor: Actor,
) -> Result<HandlingId, StoreError> {
    let id = HandlingId::new(step.now, house.chance());
    tx.insert_handling(&HandlingRow {
        id: id.clone(),
        case: case.clone(),
        project: project.id.clone(),
        state: HandlingState::ByHand,
        // A project that takes mail and has nobody to read it has no channel, as its case stands.
        channel: if project.channel == Channel::Mail { Channel::None } else { project.channel }.word().to_owned(),
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
    clocks::start(tx, house, step, NewClock { case, handling: Some(&id), kind, started_at: step.now, target }).await?;
    record(tx, step, case, EventKind::ForwardDecided, actor, format!("{} by-hand", project.id)).await?;
    Ok(id)
}

/// What a member saw or did outside of this program, and when.
#[derive(Debug, Clone)]
pub struct Outside<'a> {
    pub at: Timestamp,
    /// Who confirmed it, for an acknowledgement.
    pub whom: &'a str,
    pub how: &'a str,
}

/// A member has taken the case to the project.
pub async fn handed_over(
    house: &House,
    case: &CaseId,
    project: &ProjectId,
    what: &Outside<'_>,
    by: &Member,
) -> Result<Result<(), NotNoted>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let handling = match open_part(&mut tx, &step, case, project).await? {
        Ok(handling) => handling,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Err(refusal) = checked(&step, &handling, what) {
        return Ok(Err(refusal));
    }
    let actor = house.actor(&by.email);
    if !tx.hand_over(&handling.id, &actor.word(), what.how.trim(), what.at.max(handling.decided_at)).await? {
        return Ok(Err(NotNoted::Already));
    }
    record(&mut tx, &step, case, EventKind::HandedOver, actor, handling.id.as_str()).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// A member writes down that a person at the project has it. The promise was kept when the project said so, not when
/// the member came to write it down.
pub async fn acknowledged(
    house: &House,
    case: &CaseId,
    project: &ProjectId,
    what: &Outside<'_>,
    by: &Member,
) -> Result<Result<(), NotNoted>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let handling = match open_part(&mut tx, &step, case, project).await? {
        Ok(handling) => handling,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let whom = what.whom.trim();
    if whom.is_empty() {
        return Ok(Err(NotNoted::NobodyNamed));
    }
    if let Err(refusal) = checked(&step, &handling, what) {
        return Ok(Err(refusal));
    }
    let actor = house.actor(&by.email);
    let how = format!("{whom}: {}", what.how.trim());
    let at = what.at.max(handling.decided_at);
    if tx.acknowledge_outside(&handling.id, &actor.word(), &how, at).await? == Acknowledged::Already {
        return Ok(Err(NotNoted::Already));
    }
    let kind = ClockKind::Acknowledge;
    tx.end_clock(case, kind, Some(&handling.id), ClockEnd::Kept, None, at).await?;
    acknowledging::was_acknowledged(&mut tx, house, &step, case, &handling.id, actor).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(()))
}

async fn open_part(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    project: &ProjectId,
) -> Result<Result<HandlingRow, NotNoted>, StoreError> {
    if tx.case_for_update(case).await?.is_none() {
        return Ok(Err(NotNoted::NoCase));
    }
    let mut handlings = tx.handlings_of(case).await?;
    handlings.retain(|row| row.project == *project && row.state.is_open());
    Ok(handlings.pop().ok_or_else(|| NotNoted::NotThere(name_of(step, project))))
}

fn checked(step: &Step, handling: &HandlingRow, what: &Outside<'_>) -> Result<(), NotNoted> {
    let length = what.how.chars().count().max(what.whom.chars().count());
    match () {
        () if what.how.trim().is_empty() => Err(NotNoted::NotSaidHow),
        () if length > HOW_MAX => Err(NotNoted::TooLong),
        () if what.at > step.now => Err(NotNoted::InTheFuture),
        // The form knows minutes, the decision microseconds.
        () if what.at.as_second() / 60 < handling.decided_at.as_second() / 60 => Err(NotNoted::BeforeTheDecision),
        () => Ok(()),
    }
}
