//! What a refusal changes: an event, a letter to the committee, and the deputies in the contact's place.

use crate::domain::case::{Actor, EventKind};
use crate::domain::clock::Clock;
use crate::domain::id::HandlingId;
use crate::domain::letter::LetterKind;
use crate::domain::party::{Party, PartyRole};
use crate::flows::forward::{self, Part};
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, contacts};
use crate::mail::write::letters::bounce::{Bounce, RefusedLetter, bounce};
use crate::store::{CaseRow, ClockRow, HandlingRow, LetterFacts, StoreError, Tx};

/// A refusal: its RFC 3463 status and the relay's words.
pub struct Refusal<'a> {
    pub status: &'a str,
    pub answer: &'a str,
}

/// Draws the consequences of a letter that was refused for good; its row is settled already.
///
/// A letter to the committee itself, or one without a case, is not written about: that could go round for ever.
pub async fn refused(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    letter: &LetterFacts,
    refusal: &Refusal<'_>,
) -> Result<(), StoreError> {
    contacts::note_refusal(tx, letter, step.now).await?;
    let Some(case) = &letter.case else { return Ok(()) };
    let detail = format!("{} {} {}", letter.kind.word(), letter.id, refusal.status);
    record(tx, step, case, EventKind::LetterRefused, Actor::Program, detail).await?;
    let Some(case) = tx.case_for_update(case).await? else { return Ok(()) };
    match (letter.kind, &letter.handling) {
        (LetterKind::Forward, Some(handling)) => {
            call_the_deputies(tx, house, step, &case, handling).await?;
            let letters = tx.letters_of_handling(handling).await?;
            let forwards: Vec<&LetterFacts> = letters.iter().filter(|l| l.kind == LetterKind::Forward).collect();
            let row = tx.handling(handling).await?;
            tell_the_committee(
                tx,
                house,
                step,
                &case,
                letter,
                refusal,
                RefusedLetter::Forward {
                    project: &project_name(step, row.as_ref()),
                    contacts: forwards.len(),
                    refused: forwards.iter().filter(|l| l.refused_at.is_some()).count(),
                    delivered: forwards.iter().filter(|l| l.sent_at.is_some()).count(),
                },
            )
            .await
        }
        (LetterKind::ConfirmReply, Some(handling)) => {
            let row = tx.handling(handling).await?;
            let project = project_name(step, row.as_ref());
            let what = RefusedLetter::ConfirmReply { project: &project };
            tell_the_committee(tx, house, step, &case, letter, refusal, what).await
        }
        (LetterKind::Receipt, _) => {
            tell_the_committee(tx, house, step, &case, letter, refusal, RefusedLetter::Receipt).await
        }
        _ => Ok(()),
    }
}

fn project_name(step: &Step, row: Option<&HandlingRow>) -> String {
    let Some(row) = row else { return "a project".to_owned() };
    step.policy.directory.project(&row.project).map_or_else(|| row.project.to_string(), |project| project.name.clone())
}

/// Deputies join as soon as any contact bounces (DESIGN.md 3.2); the clock keeps running.
async fn call_the_deputies(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseRow,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    let Some(row) = tx.handling(handling).await? else { return Ok(()) };
    let Some(project) = step.policy.directory.project(&row.project) else { return Ok(()) };
    let Some(clock) = acknowledgement_clock(tx, case, handling).await? else { return Ok(()) };
    let parties = tx.parties_of(&case.id).await?;
    let has_it = |party: &Party| party.role == PartyRole::Contact(handling.clone());
    let part = Part { case: &case.id, handling, project, confirm_by: clock.due_at };
    for deputy in project.contacts.iter().filter(|contact| contact.is_deputy) {
        if !parties.iter().any(|party| has_it(party) && party.mailbox.as_ref() == Some(&deputy.email)) {
            forward::write_to(tx, house, step, &part, deputy).await?;
        }
    }
    Ok(())
}

/// The project's clock, if it still runs.
async fn acknowledgement_clock(
    tx: &mut Tx<'_>,
    case: &CaseRow,
    handling: &HandlingId,
) -> Result<Option<Clock>, StoreError> {
    let clocks = tx.clocks_of(&case.id).await?;
    let runs = |row: &ClockRow| row.handling.as_ref() == Some(handling) && row.clock.stopped_at.is_none();
    Ok(clocks.into_iter().find(runs).map(|row| row.clock))
}

async fn tell_the_committee(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseRow,
    letter: &LetterFacts,
    refusal: &Refusal<'_>,
    refused: RefusedLetter<'_>,
) -> Result<(), StoreError> {
    let case_link = format!("{}/cases/{}", house.public_url, case.number);
    let words = bounce(&Bounce {
        case: &case.number,
        refused,
        recipient: &letter.recipient,
        status: refusal.status,
        answer: refusal.answer,
        case_link: &case_link,
    });
    for member in &step.policy.directory.committee {
        writing::put(
            tx,
            house,
            step,
            NewLetter {
                kind: LetterKind::Bounce,
                to: &member.email,
                reply_to: None,
                words: &words,
                case: Some((&case.id, &case.number)),
                handling: letter.handling.as_ref(),
                party: None,
                said_in: None,
                references: &[],
            },
        )
        .await?;
    }
    Ok(())
}
