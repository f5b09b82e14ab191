//! "Stop sending": words that have not left are taken back, and what they had changed is undone.

use crate::domain::case::{Actor, CaseState, EventKind};
use crate::domain::directory::Member;
use crate::domain::id::{CaseId, LetterId};
use crate::domain::letter::LetterKind;
use crate::flows::forward::{self, Stopped};
use crate::flows::writing::record;
use crate::flows::{House, Step, reopening};
use crate::store::{LetterFacts, StoreError, Tx};

/// "Stop sending" for a letter, and all others that carry the same words or the same forward. `None` if there is no
/// such letter or it belongs to no case.
pub async fn stop(house: &House, letter: &LetterId, by: &Member) -> Result<Option<(CaseId, Stopped)>, StoreError> {
    let step = house.step();
    let actor = house.actor(&by.email);
    let mut tx = house.store.begin().await?;
    let Some(facts) = tx.letter(letter).await? else { return Ok(None) };
    let Some(case) = facts.case.clone().filter(|_| facts.kind.is_held_back()) else { return Ok(None) };
    let handling = match &facts.handling {
        Some(handling) if facts.kind == LetterKind::Forward => tx.handling(handling).await?,
        _ => None,
    };
    let stopped = match handling {
        Some(row) => forward::stop(&mut tx, house, &step, &row, actor).await?,
        None => stop_words(&mut tx, house, &step, &case, &facts, actor).await?,
    };
    tx.commit().await?;
    Ok(Some((case, stopped)))
}

async fn stop_words(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    letter: &LetterFacts,
    actor: Actor,
) -> Result<Stopped, StoreError> {
    let siblings = match &letter.said_in {
        Some(message) => tx.letters_saying(message).await?,
        None => vec![letter.clone()],
    };
    let mut stopped = Stopped { letters: 0, already_gone: 0 };
    for sibling in &siblings {
        if tx.withdraw_letter(&sibling.id, step.now).await? {
            stopped.letters += 1;
            record(tx, step, case, EventKind::LetterWithdrawn, actor.clone(), sibling.id.as_str()).await?;
        } else if sibling.withdrawn_at.is_none() {
            stopped.already_gone += 1;
        }
    }
    if let (Some(message), true, 0) = (&letter.said_in, stopped.letters > 0, stopped.already_gone)
        && tx.stop_message(message, &actor.word(), step.now).await?
    {
        was_never_said(tx, house, step, case, letter, actor).await?;
    }
    Ok(stopped)
}

/// Nobody got the words, so what they had changed is undone.
async fn was_never_said(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    letter: &LetterFacts,
    actor: Actor,
) -> Result<(), StoreError> {
    let Some(row) = tx.case_for_update(case).await? else { return Ok(()) };
    // In the same act, so at the same moment.
    let closed_with_it = row.closed_at == Some(letter.created_at);
    let because = match (letter.kind, row.state) {
        (LetterKind::MemberReply, CaseState::Closed) if closed_with_it => {
            "A member stopped the answer that closes the case."
        }
        (LetterKind::Closing, CaseState::Closed) => "A member stopped the letter that closes the case.",
        (LetterKind::MemberReply, CaseState::Answered) => "A member stopped the answer to the reporter.",
        _ => return Ok(()),
    };
    reopening::reopen(tx, house, step, case, actor, because).await.map(|_| ())
}
