//! The contact-attempt dossier: all that was tried to reach a project about a case, and what came of it.
//!
//! It is printed or handed to whoever is asked next (the board, a registry, a CNA of last resort), so it holds nothing of
//! the report and nothing of its reporter.

use jiff::Timestamp;

use crate::domain::case::{CaseRef, EventKind};
use crate::domain::clock::{Clock, ClockKind, ClockState, SILENCE_REVIEW};
use crate::domain::directory::ProjectId;
use crate::domain::handling::HandlingState;
use crate::domain::letter::LetterKind;
use crate::flows::House;
use crate::store::{ClockRow, EventRow, HandlingRow, LetterFacts, MessageRow, StoreError};

/// One project's part of one case, as a list of attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    pub number: CaseRef,
    pub project: String,
    pub org: String,
    /// When the report arrived, and when it was decided to forward it.
    pub arrived_at: Timestamp,
    pub decided_at: Timestamp,
    pub channel: String,
    /// The promise of acknowledgement, as far as it ran.
    pub clock: Option<Clock>,
    /// Nobody there has said that they have it.
    pub is_silent: bool,
    pub attempts: Vec<Attempt>,
    pub made_at: Timestamp,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub at: Timestamp,
    pub what: String,
    /// Whom it went to; empty where it went to nobody in particular.
    pub whom: String,
    pub outcome: String,
}

impl Attempts {
    /// Whether it has been silent for so long that its maintainers are asked for.
    pub fn is_for_review(&self) -> bool {
        self.is_silent && self.made_at.duration_since(self.decided_at) >= SILENCE_REVIEW
    }
}

/// Gathers what was tried to reach `project` about the case of that number. `None` if it never had the case.
pub async fn attempts(house: &House, number: &str, project: &ProjectId) -> Result<Option<Attempts>, StoreError> {
    let (store, policy, made_at) = (&house.store, house.policy(), house.now());
    let Some(case) = store.case_by_number(number).await? else { return Ok(None) };
    let handlings = store.handlings_of(&case.id).await?;
    let Some(row) = handlings.into_iter().find(|row| row.project == *project) else { return Ok(None) };
    let clocks = store.clocks_of(&case.id).await?;
    let is_theirs =
        |clock: &ClockRow| clock.clock.kind == ClockKind::Acknowledge && clock.handling.as_ref() == Some(&row.id);
    let clock = clocks.into_iter().find(is_theirs);
    let clock_id = clock.as_ref().map_or("", |clock| clock.id.as_str());
    let letters = store.letters_of(&case.id).await?;
    let events = store.events_of(&case.id).await?;
    let to_the_board = to_the_board(&events, &letters, &row);
    let is_meant =
        |letter: &LetterFacts| letter.kind != LetterKind::Escalation || to_the_board.contains(&letter.id.as_str());
    let mut attempts: Vec<Attempt> =
        letters.iter().filter(|letter| is_meant(letter)).filter_map(|letter| of_letter(letter, &row)).collect();
    attempts.extend(store.messages_of(&case.id).await?.iter().filter_map(|message| of_held(message, &row)));
    attempts.extend(events.iter().filter_map(|event| of_event(event, &row, clock_id, &to_the_board)));
    attempts.extend(by_hand(&row));
    attempts.sort_by_key(|attempt| attempt.at);
    Ok(Some(Attempts {
        number: case.number,
        project: policy.directory.project(project).map_or_else(|| project.to_string(), |known| known.name.clone()),
        org: policy.directory.foundation.name.clone(),
        arrived_at: case.arrived_at,
        decided_at: row.decided_at,
        channel: row.channel.clone(),
        clock: clock.as_ref().map(|clock| clock.clock.clone()),
        is_silent: row.acknowledged_at.is_none() && row.state != HandlingState::HandedBack,
        attempts,
        made_at,
    }))
}

/// The letters by which the board was told of this project; of others, and of the first reply, it has its own. The
/// record names the project's part at the moment of the letter, which may speak of several.
fn to_the_board<'l>(events: &[EventRow], letters: &'l [LetterFacts], row: &HandlingRow) -> Vec<&'l str> {
    let of_this = format!(" of {}", row.id);
    let is_told = |event: &&EventRow| {
        let is_escalated = event.kind == EventKind::Escalated.word() && event.detail.ends_with(&of_this);
        is_escalated || (event.kind == EventKind::BoardAsked.word() && event.detail == row.id.as_str())
    };
    let told_at: Vec<Timestamp> = events.iter().filter(is_told).map(|event| event.at).collect();
    let is_meant =
        |letter: &&LetterFacts| letter.kind == LetterKind::Escalation && told_at.contains(&letter.created_at);
    letters.iter().filter(is_meant).map(|letter| letter.id.as_str()).collect()
}

/// A letter to this project, or to the board about it.
fn of_letter(letter: &LetterFacts, row: &HandlingRow) -> Option<Attempt> {
    let is_theirs = letter.handling.as_ref() == Some(&row.id);
    let what = match letter.kind {
        LetterKind::Forward if is_theirs => "Report forwarded",
        LetterKind::Reminder if is_theirs => "Reminder",
        LetterKind::ToProject if is_theirs => "Words of a committee member",
        LetterKind::Addition if is_theirs => "Addition of the reporter passed on",
        LetterKind::ConfirmReply if is_theirs => "Asked whether an unproven answer was theirs",
        LetterKind::Escalation => "The board was told",
        _ => return None,
    };
    let attempt = |outcome: String| Attempt {
        at: letter.sent_at.unwrap_or(letter.created_at),
        what: what.to_owned(),
        whom: letter.recipient.to_string(),
        outcome,
    };
    Some(match (letter.sent_at, letter.refused_at, letter.withdrawn_at) {
        (_, Some(_), _) => {
            let (status, answer) = (letter.status.as_deref().unwrap_or_default(), letter.answer.as_deref());
            attempt(format!("refused {status}: {}", one_line(answer.unwrap_or("no words"))))
        }
        (Some(_), None, _) => attempt("taken by the mail server".to_owned()),
        (None, None, Some(_)) => attempt("withdrawn before it left".to_owned()),
        (None, None, None) => attempt("waits in the outbox".to_owned()),
    })
}

/// Another server's words, which may be of many lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Mail that may be the project's answer but that nothing proves to be.
fn of_held(message: &MessageRow, row: &HandlingRow) -> Option<Attempt> {
    let at = message.held_at.filter(|_| message.handling.as_ref() == Some(&row.id))?;
    let outcome = match (&message.decision, message.decided_at) {
        (Some(decision), Some(_)) => format!("a member decided: {decision}"),
        _ => "held, no member has decided".to_owned(),
    };
    Some(Attempt { at, what: "An answer that nothing proves to be theirs".to_owned(), whom: String::new(), outcome })
}

fn of_event(event: &EventRow, row: &HandlingRow, clock_id: &str, to_the_board: &[&str]) -> Option<Attempt> {
    let what = [
        (EventKind::BoardOnIt, "One of the board took it up"),
        (EventKind::ClockPaused, "A member paused its clock"),
        (EventKind::ClockResumed, "Its clock ran on"),
        (EventKind::TakenOver, "The committee answers in its place"),
    ];
    let (kind, what) = what.into_iter().find(|(kind, _)| kind.word() == event.kind)?;
    let is_ours = match kind {
        EventKind::ClockPaused | EventKind::TakenOver => event.detail.starts_with(row.id.as_str()),
        EventKind::ClockResumed => event.detail == clock_id,
        _ => to_the_board.contains(&event.detail.as_str()),
    };
    let attempt =
        |what: &str| Attempt { at: event.at, what: what.to_owned(), whom: String::new(), outcome: String::new() };
    is_ours.then(|| attempt(what))
}

/// What a member did outside of mail.
fn by_hand(row: &HandlingRow) -> impl Iterator<Item = Attempt> {
    let handed_over = row.handed_over_at.map(|at| Attempt {
        at,
        what: format!("Handed over by hand, through {}", row.channel),
        whom: String::new(),
        outcome: row.handed_over_how.clone().unwrap_or_default(),
    });
    let acknowledged = row.acknowledged_at.map(|at| Attempt {
        at,
        what: "The project confirmed".to_owned(),
        whom: String::new(),
        outcome: row.acknowledged_how.clone().unwrap_or_default(),
    });
    handed_over.into_iter().chain(acknowledged)
}

/// How the promise stands, in words.
pub fn standing(view: &Attempts) -> &'static str {
    match view.clock.as_ref().map(|clock| clock.state(view.made_at)) {
        _ if !view.is_silent => "The project has answered.",
        Some(ClockState::Overdue { .. } | ClockState::Breached) => {
            "The promised time is over, and nobody there has answered."
        }
        Some(ClockState::Paused { .. }) => "Nobody there has answered; the clock is paused.",
        _ => "Nobody there has answered yet.",
    }
}
