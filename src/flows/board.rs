//! What one of the board may see behind the link of an escalation, and "I am on it"; opening it changes nothing.

use jiff::Timestamp;

use crate::domain::address::{Mailbox, Purpose, Token};
use crate::domain::case::{CaseRef, EventKind};
use crate::domain::clock::{ClockKind, ClockState};
use crate::domain::id::LetterId;
use crate::domain::letter::LetterKind;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, progress};
use crate::mail::write::letters::escalation::{BoardOnIt, board_on_it};
use crate::store::{CaseRow, StoreError, Tx};

/// The state of a case as the board may know it: nothing of the report, nor who reported it.
pub struct BoardView {
    pub number: CaseRef,
    pub received_at: Timestamp,
    /// When a person answered the reporter, or by when one was to.
    pub first_reply: Promised,
    pub projects: Vec<(String, Timestamp, Promised)>,
    /// When this link's button was pressed.
    pub taken_up_at: Option<Timestamp>,
}

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promised {
    Kept {
        at: Timestamp,
    },
    Waiting {
        due: Timestamp,
    },
    /// The committee answers in the project's place, the forward was stopped, or the case was closed.
    Ended {
        at: Timestamp,
    },
}

/// A letter of escalation and its case.
struct Escalated {
    letter: LetterId,
    reader: Mailbox,
    case: CaseRow,
    taken_up_at: Option<Timestamp>,
}

async fn escalated(house: &House, token: &Token) -> Result<Option<Escalated>, StoreError> {
    let Some(link) = house.store.link(&token.fingerprint()).await? else { return Ok(None) };
    if link.purpose != Purpose::BoardLink || link.expires_at.is_some_and(|end| house.now() >= end) {
        return Ok(None);
    }
    let Some(letter) = house.store.letter(&LetterId::from_row(link.row)).await? else { return Ok(None) };
    let Some(case) = &letter.case else { return Ok(None) };
    let case = house.store.case(case).await?;
    Ok(case.map(|case| Escalated { letter: letter.id, reader: letter.recipient, case, taken_up_at: link.used_at }))
}

/// What the reader with this link may see.
pub async fn view(house: &House, token: &Token) -> Result<Option<BoardView>, StoreError> {
    let Some(escalated) = escalated(house, token).await? else { return Ok(None) };
    let directory = &house.policy().directory;
    let case = escalated.case;
    let handlings = house.store.handlings_of(&case.id).await?;
    let mut first_reply = Promised::Waiting { due: case.arrived_at + directory.promise.first_reply };
    let mut projects = Vec::new();
    for row in house.store.clocks_of(&case.id).await? {
        let promised = match (row.clock.state(house.now()), row.clock.stopped_at) {
            (ClockState::Met | ClockState::MetLate, Some(at)) => Promised::Kept { at },
            (_, Some(at)) => Promised::Ended { at },
            (_, None) => Promised::Waiting { due: row.clock.due_at },
        };
        let handling = handlings.iter().find(|handling| Some(&handling.id) == row.handling.as_ref());
        match (row.clock.kind, handling) {
            (ClockKind::FirstReply, _) => first_reply = promised,
            (ClockKind::Acknowledge, Some(handling)) => {
                let known = directory.project(&handling.project);
                let name = known.map_or_else(|| handling.project.to_string(), |project| project.name.clone());
                projects.push((name, handling.decided_at, promised));
            }
            _ => {}
        }
    }
    let (number, received_at, taken_up_at) = (case.number, case.arrived_at, escalated.taken_up_at);
    Ok(Some(BoardView { number, received_at, first_reply, projects, taken_up_at }))
}

/// "I am on it": told to the others on the board by a letter, once. `None` if the link opens nothing.
pub async fn take_up(house: &House, token: &Token) -> Result<Option<()>, StoreError> {
    let Some(Escalated { letter, reader, case, .. }) = escalated(house, token).await? else { return Ok(None) };
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if tx.use_link(&token.fingerprint(), step.now).await? {
        record(&mut tx, &step, &case.id, EventKind::BoardOnIt, house.actor(&reader), letter.as_str()).await?;
        progress::goes_on(&mut tx, &step, &case.id, None).await?;
        tell_the_others(&mut tx, house, &step, &case, &reader).await?;
    }
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Some(()))
}

async fn tell_the_others(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseRow,
    reader: &Mailbox,
) -> Result<(), StoreError> {
    let words = board_on_it(&BoardOnIt { case: &case.number, who: reader, at: step.now });
    for other in step.policy.directory.board.iter().filter(|other| *other != reader) {
        let new = NewLetter {
            kind: LetterKind::BoardOnIt,
            to: other,
            reply_to: None,
            words: &words,
            case: Some((&case.id, &case.number)),
            handling: None,
            party: None,
            said_in: None,
            references: &[],
        };
        writing::put(tx, house, step, new).await?;
    }
    Ok(())
}
