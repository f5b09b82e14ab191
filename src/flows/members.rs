//! What a member does at the desk: claim, forward, stop sending, decide about held mail.

use crate::domain::case::{CaseRef, CaseState, EventKind};
use crate::domain::directory::{Channel, Member, ProjectId};
use crate::domain::id::{CaseId, HandlingId, MessageId};
use crate::domain::party::Lane;
use crate::flows::forward;
use crate::flows::intake::Message;
use crate::flows::knowledge::Choice;
use crate::flows::writing::record;
use crate::flows::{House, clocks, opening, reading};
use crate::store::{MessageRow, StoreError};

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
    if tx.handlings_of(case).await?.iter().any(|handling| handling.project == *project) {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldDecision {
    ReporterLane,
    ProjectLane,
    NotRelated,
    /// It is a report of its own.
    OpenCase,
}

impl HeldDecision {
    /// The word in forms and rows.
    pub fn word(self) -> &'static str {
        match self {
            Self::ReporterLane => "reporter-lane",
            Self::ProjectLane => "project-lane",
            Self::NotRelated => "not-related",
            Self::OpenCase => "open-case",
        }
    }

    /// The decision of a form's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::ReporterLane, Self::ProjectLane, Self::NotRelated, Self::OpenCase].into_iter().find(|d| d.word() == word)
    }
}

/// Why a decision about held mail did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDecided {
    #[error("There is no such held mail.")]
    NoMessage,
    #[error("Somebody has decided about this mail already.")]
    AlreadyDecided,
    #[error("This mail belongs to no case, so it has no lane to go to. Open a case for it.")]
    NoCase,
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
        HeldDecision::NotRelated => put_aside(house, &held, decision, None, by).await,
        HeldDecision::ReporterLane => put_aside(house, &held, decision, Some(Lane::Reporter), by).await,
        HeldDecision::ProjectLane => put_aside(house, &held, decision, Some(Lane::Project), by).await,
    }
}

async fn put_aside(
    house: &House,
    held: &MessageRow,
    decision: HeldDecision,
    lane: Option<Lane>,
    by: &Member,
) -> Result<Result<Option<CaseRef>, NotDecided>, StoreError> {
    if lane.is_some() && held.case.is_none() {
        return Ok(Err(NotDecided::NoCase));
    }
    let step = house.step();
    let actor = house.actor(&by.email);
    let mut tx = house.store.begin().await?;
    if !tx.decide_held(&held.id, decision.word(), &actor.word(), lane, held.case.as_ref(), step.now).await? {
        return Ok(Err(NotDecided::AlreadyDecided));
    }
    if let Some(case) = &held.case {
        let detail = format!("{} {}", held.id, decision.word());
        record(&mut tx, &step, case, EventKind::HeldMessageReleased, actor, detail).await?;
    }
    tx.commit().await?;
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
    let word = HeldDecision::OpenCase.word();
    if !tx.decide_held(&held.id, word, &actor.word(), None, held.case.as_ref(), step.now).await? {
        return Ok(Err(NotDecided::AlreadyDecided));
    }
    let message = Message { arrival: &arrival, read: &read };
    let (case, number) = opening::open_case(&mut tx, house, &step, &message).await?;
    tx.released_as(&arrival.id, &case).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(Some(number)))
}
