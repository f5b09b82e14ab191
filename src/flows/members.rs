//! What a member does at the desk: claim, forward, stop sending, decide about held mail.

use crate::domain::case::{Actor, CaseRef, CaseState, EventKind};
use crate::domain::directory::{Channel, Member, ProjectId};
use crate::domain::id::{CaseId, HandlingId, MessageId};
use crate::domain::party::Lane;
use crate::flows::forward;
use crate::flows::intake::Message;
use crate::flows::knowledge::Choice;
use crate::flows::writing::record;
use crate::flows::{House, Step, bounces, clocks, opening, progress, reading};
use crate::store::{MessageRow, StoreError, Tx};

/// Takes the case: `false` if somebody has it already.
pub async fn claim(house: &House, case: &CaseId, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let claimed = tx.claim_case(case, &by.email).await?;
    if claimed {
        if let Some(row) = tx.case_for_update(case).await?.filter(|row| row.state == CaseState::New) {
            tx.set_case_state(case, CaseState::Triage, row.waits_because.as_deref()).await?;
        }
        record(&mut tx, &step, case, EventKind::Claimed, house.actor(&by.email), "").await?;
        progress::goes_on(&mut tx, &step, case, None).await?;
    }
    tx.commit().await?;
    Ok(claimed)
}

/// A member notes that a person has answered the reporter: the first promise is kept (DESIGN.md 3.4). `false` if
/// that clock was stopped before.
pub async fn note_answered(house: &House, case: &CaseId, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let actor = house.actor(&by.email);
    let stopped = clocks::answered(&mut tx, house, &step, case, actor.clone(), None).await?;
    if stopped {
        record(&mut tx, &step, case, EventKind::AnsweredElsewhere, actor, "").await?;
        progress::goes_on(&mut tx, &step, case, None).await?;
    }
    tx.commit().await?;
    Ok(stopped)
}

/// Why a member's forward did not happen; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotForwarded {
    #[error("There is no such case.")]
    NoCase,
    #[error("Case {0} is closed. Reopen it first.")]
    CaseClosed(CaseRef),
    #[error("There is no project \"{0}\" in projects.toml.")]
    UnknownProject(String),
    #[error("{project} has this case already.")]
    AlreadyThere { project: String },
    #[error("{project} takes reports through {channel}, not by mail{}.", .url.as_ref().map(|url| format!(": {url}")).unwrap_or_default())]
    ByHand { project: String, channel: &'static str, url: Option<String> },
    #[error("{project} has no contact to write to. Add one to projects.toml.")]
    NoContact { project: String },
}

/// Forwards the case to `project` by a member's decision.
pub async fn forward(
    house: &House,
    case: &CaseId,
    project: &ProjectId,
    by: &Member,
) -> Result<Result<HandlingId, NotForwarded>, StoreError> {
    let step = house.step();
    let Some(known) = step.policy.directory.project(project) else {
        return Ok(Err(NotForwarded::UnknownProject(project.to_string())));
    };
    if known.channel != Channel::Mail {
        let (project, url) = (known.name.clone(), known.channel_url.clone());
        return Ok(Err(NotForwarded::ByHand { project, channel: known.channel.word(), url }));
    }
    if forward::first_contacts(&step, known).is_empty() {
        return Ok(Err(NotForwarded::NoContact { project: known.name.clone() }));
    }
    let choice = Choice::of(house, case, project).await?;
    let mut tx = house.store.begin().await?;
    let Some(row) = tx.case_for_update(case).await? else { return Ok(Err(NotForwarded::NoCase)) };
    if !row.state.may_be_forwarded() {
        return Ok(Err(NotForwarded::CaseClosed(row.number)));
    }
    if tx.handlings_of(case).await?.iter().any(|handling| handling.is_with(project)) {
        return Ok(Err(NotForwarded::AlreadyThere { project: known.name.clone() }));
    }
    let handling = forward::hand_over(&mut tx, house, &step, case, project, house.actor(&by.email)).await?;
    clocks::triage_ends(&mut tx, &step, case).await?;
    tx.set_case_state(case, CaseState::Routed, None).await?;
    choice.note(&mut tx, house, &step, &handling, by).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(handling))
}

/// What a member may decide about held mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldDecision {
    ReporterLane,
    /// Into the lane of that handling, where the mail itself does not say of which.
    ProjectLane(Option<HandlingId>),
    NotRelated,
    /// It is a report of its own.
    OpenCase,
    /// What a server seems to say of a letter is so: it came back.
    CameBack,
}

impl HeldDecision {
    /// The word in rows.
    pub fn word(&self) -> &'static str {
        match self {
            Self::ReporterLane => "reporter-lane",
            Self::ProjectLane(_) => "project-lane",
            Self::NotRelated => "not-related",
            Self::OpenCase => "open-case",
            Self::CameBack => "came-back",
        }
    }

    /// The decision of a button: its word, after `project-lane` perhaps a colon and the handling.
    pub fn from_button(value: &str) -> Option<Self> {
        match value.split_once(':') {
            Some(("project-lane", handling)) => Some(Self::ProjectLane(Some(HandlingId::from_row(handling)))),
            Some(_) => None,
            None => {
                let plain = [Self::ReporterLane, Self::ProjectLane(None), Self::NotRelated];
                plain.into_iter().chain([Self::OpenCase, Self::CameBack]).find(|decision| decision.word() == value)
            }
        }
    }
}

/// Why a decision about held mail did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDecided {
    #[error("There is no such held mail.")]
    NoMessage,
    #[error("Somebody has decided about this mail already.")]
    AlreadyDecided,
    #[error("This mail does not say of a letter that it came back.")]
    NoBounce,
    #[error("This mail belongs to no case, so it has no lane to go to. Open a case for it.")]
    NoCase,
    #[error("No project has had this case, so there is no project lane. Open a case for the mail, or set it aside.")]
    NoProject,
    #[error("Which project's lane? Decide on the page of {0}, which names them.")]
    WhichProject(CaseRef),
}

/// Carries out a member's decision about held mail; gives the number of a case that was opened for it.
pub async fn decide_held(
    house: &House,
    message: &MessageId,
    decision: HeldDecision,
    by: &Member,
) -> Result<Result<Option<CaseRef>, NotDecided>, StoreError> {
    let Some(held) = house.store.message(message).await? else { return Ok(Err(NotDecided::NoMessage)) };
    match decision {
        HeldDecision::OpenCase => open_for(house, &held, by).await,
        HeldDecision::CameBack => count_as_bounced(house, &held, by).await,
        HeldDecision::NotRelated => decide(house, &held, &decision, None, by).await,
        HeldDecision::ReporterLane => decide(house, &held, &decision, Some(Lane::Reporter), by).await,
        HeldDecision::ProjectLane(_) => decide(house, &held, &decision, Some(Lane::Project), by).await,
    }
}

async fn decide(
    house: &House,
    held: &MessageRow,
    decision: &HeldDecision,
    lane: Option<Lane>,
    by: &Member,
) -> Result<Result<Option<CaseRef>, NotDecided>, StoreError> {
    let step = house.step();
    let actor = house.actor(&by.email);
    let mut tx = house.store.begin().await?;
    let handling = match (lane, &held.case) {
        (Some(_), None) => return Ok(Err(NotDecided::NoCase)),
        (Some(Lane::Project), Some(case)) => match handling_for(&mut tx, held, decision, case).await? {
            Ok(handling) => Some(handling),
            Err(refusal) => return Ok(Err(refusal)),
        },
        _ => None,
    };
    if !tx.decide_held(&held.id, decision.word(), &actor.word(), lane, handling.as_ref(), step.now).await? {
        return Ok(Err(NotDecided::AlreadyDecided));
    }
    say_decided(&mut tx, &step, held, decision, actor).await?;
    match (&held.case, lane) {
        (Some(case), Some(Lane::Reporter)) => progress::reporter_is_heard(&mut tx, &step, case).await?,
        (Some(case), _) => progress::goes_on(&mut tx, &step, case, handling.as_ref()).await?,
        (None, _) => {}
    }
    tx.commit().await?;
    Ok(Ok(None))
}

/// Writes the decision into the record of the case for which the mail was held.
async fn say_decided(
    tx: &mut Tx<'_>,
    step: &Step,
    held: &MessageRow,
    decision: &HeldDecision,
    actor: Actor,
) -> Result<(), StoreError> {
    let Some(case) = &held.case else { return Ok(()) };
    let detail = format!("{} {}", held.id, decision.word());
    record(tx, step, case, EventKind::HeldMessageReleased, actor, detail).await
}

/// Whose lane it is: the mail's own, the one that the member named, or the only one that there is.
async fn handling_for(
    tx: &mut Tx<'_>,
    held: &MessageRow,
    decision: &HeldDecision,
    case: &CaseId,
) -> Result<Result<HandlingId, NotDecided>, StoreError> {
    let Some(row) = tx.case_for_update(case).await? else { return Ok(Err(NotDecided::NoCase)) };
    let of_case: Vec<HandlingId> = tx.handlings_of(case).await?.into_iter().map(|handling| handling.id).collect();
    if of_case.is_empty() {
        return Ok(Err(NotDecided::NoProject));
    }
    let named = match decision {
        HeldDecision::ProjectLane(named) => named.as_ref(),
        _ => None,
    };
    let meant = held.handling.as_ref().or(named).filter(|id| of_case.contains(id)).or(match &of_case[..] {
        [only] => Some(only),
        _ => None,
    });
    Ok(meant.cloned().ok_or(NotDecided::WhichProject(row.number)))
}

/// The letter that the held mail names came back: all that a proven report of it would change is changed now.
async fn count_as_bounced(
    house: &House,
    held: &MessageRow,
    by: &Member,
) -> Result<Result<Option<CaseRef>, NotDecided>, StoreError> {
    let step = house.step();
    let (Some(arrival), Some(case)) = (&held.arrival, &held.case) else { return Ok(Err(NotDecided::NoBounce)) };
    let Some(arrival) = house.store.arrival(arrival).await? else { return Ok(Err(NotDecided::NoMessage)) };
    let read = reading::read(house, &step, &arrival).await?;
    let (actor, decision) = (house.actor(&by.email), HeldDecision::CameBack);
    let mut tx = house.store.begin().await?;
    tx.case_for_update(case).await?;
    if !tx.decide_held(&held.id, decision.word(), &actor.word(), None, None, step.now).await? {
        return Ok(Err(NotDecided::AlreadyDecided));
    }
    say_decided(&mut tx, &step, held, &decision, actor).await?;
    if !bounces::stray::believe(&mut tx, house, &step, &Message { arrival: &arrival, read: &read }).await? {
        return Ok(Err(NotDecided::NoBounce));
    }
    progress::goes_on(&mut tx, &step, case, None).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(None))
}

/// The held mail becomes a report; its clocks start at its arrival.
async fn open_for(
    house: &House,
    held: &MessageRow,
    by: &Member,
) -> Result<Result<Option<CaseRef>, NotDecided>, StoreError> {
    let step = house.step();
    let Some(arrival) = &held.arrival else { return Ok(Err(NotDecided::NoMessage)) };
    let Some(arrival) = house.store.arrival(arrival).await? else { return Ok(Err(NotDecided::NoMessage)) };
    let read = reading::read(house, &step, &arrival).await?;
    let actor = house.actor(&by.email);
    let mut tx = house.store.begin().await?;
    let decision = HeldDecision::OpenCase;
    if !tx.decide_held(&held.id, decision.word(), &actor.word(), None, None, step.now).await? {
        return Ok(Err(NotDecided::AlreadyDecided));
    }
    say_decided(&mut tx, &step, held, &decision, actor).await?;
    let message = Message { arrival: &arrival, read: &read };
    let (case, number) = opening::open_case(&mut tx, house, &step, &message).await?;
    tx.released_as(&arrival.id, &case).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(Some(number)))
}
