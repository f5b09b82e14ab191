//! "Stop sending": what has not left is withdrawn, and a case that no project has is back in triage.

use crate::domain::case::{Actor, CaseState, EventKind};
use crate::domain::clock::ClockEnd;
use crate::domain::id::CaseId;
use crate::domain::letter::LetterKind;
use crate::flows::writing::record;
use crate::flows::{House, Step, clocks};
use crate::store::{HandlingRow, LetterFacts, StoreError, Tx};

/// What "Stop sending" came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    pub letters: usize,
    pub already_gone: usize,
}

/// Withdraws the letters of a handling that still wait. If none had left, the project never had the case:
/// its clock ends and the case is back in triage.
pub async fn stop(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    handling: &HandlingRow,
    actor: Actor,
) -> Result<Stopped, StoreError> {
    let letters = tx.letters_of_handling(&handling.id).await?;
    let mut stopped = Stopped { letters: 0, already_gone: 0 };
    let mut without_forward = Vec::new();
    for letter in letters.iter().filter(|letter| letter.kind == LetterKind::Forward) {
        if tx.withdraw_letter(&letter.id, step.now).await? {
            stopped.letters += 1;
            without_forward.push(&letter.party);
            record(tx, step, &handling.case, EventKind::LetterWithdrawn, actor.clone(), letter.id.as_str()).await?;
        } else if letter.withdrawn_at.is_none() {
            stopped.already_gone += 1;
        }
    }
    // What follows a forward does not leave without it.
    let follows = |letter: &&LetterFacts| {
        letter.kind.is_held_back() && letter.kind != LetterKind::Forward && without_forward.contains(&&letter.party)
    };
    for letter in letters.iter().filter(follows) {
        if tx.withdraw_letter(&letter.id, step.now).await? {
            record(tx, step, &handling.case, EventKind::LetterWithdrawn, actor.clone(), letter.id.as_str()).await?;
        }
    }
    let nobody_has_it = stopped.already_gone == 0 && stopped.letters > 0;
    if nobody_has_it && tx.withdraw_handling(&handling.id, step.now).await? {
        clocks::acknowledge_ends(tx, step, &handling.case, &handling.id, ClockEnd::Withdrawn).await?;
        tx.raise_knowledge_version().await?; // a correction that was taken back teaches nothing
        let because = match actor {
            Actor::Party(_) => "The reporter withdrew the report before it was forwarded.",
            _ => "A member stopped the forward.",
        };
        back_to_triage(tx, house, step, &handling.case, because).await?;
    }
    Ok(stopped)
}

/// Once no project has the case any more, it waits for a member again, and the follow-up runs.
pub async fn back_to_triage(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    because: &str,
) -> Result<(), StoreError> {
    let is_open = |row: &HandlingRow| row.state.is_open();
    if tx.handlings_of(case).await?.iter().any(is_open) {
        return Ok(());
    }
    tx.set_case_state(case, CaseState::Triage, Some(because)).await?;
    clocks::triage_begins(tx, house, step, case, step.now).await
}
