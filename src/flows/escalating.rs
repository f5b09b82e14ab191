//! Letters to the board: written by the sweep when a promise is broken, or by a member who asks for help before that.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::{Mailbox, Purpose};
use crate::domain::case::EventKind;
use crate::domain::clock::date;
use crate::domain::conflict;
use crate::domain::directory::{Member, ProjectId};
use crate::domain::id::CaseId;
use crate::domain::letter::LetterKind;
use crate::flows::reminding::Unconfirmed;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, progress, urgency};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::escalation::{Breach, Escalation, escalation};
use crate::store::{CaseRow, LetterFacts, StoreError, Tx};

/// By when the board is asked to help: as long as a member has for a case in triage.
const HELP_WITHIN: SignedDuration = SignedDuration::from_hours(48);

/// Why the board was not asked; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    #[error("The project has confirmed, or no longer has this case.")]
    NotWaiting,
    #[error("The board was told of this case {}. Give it two days to help.", date(*.0))]
    TooSoon(Timestamp),
    #[error("Say why the board is asked now. The reason stays with the case.")]
    NoReason,
}

/// Who is told: the board. A foundation without one in its file has nobody above its committee, but for those of it from
/// whom the case is kept.
fn readers(step: &Step, kept: &[Mailbox]) -> Vec<Mailbox> {
    let directory = &step.policy.directory;
    match directory.board.is_empty() {
        true => conflict::readers(&directory.committee, kept).map(|member| member.email.clone()).collect(),
        false => directory.board.clone(),
    }
}

/// The same for a page.
pub async fn readers_on_page(house: &House, step: &Step, case: &CaseId) -> Result<Vec<Mailbox>, StoreError> {
    let conflicts = house.store.conflicts_of(case).await?.into_iter().filter(|row| row.ended_at.is_none());
    let kept: Vec<Mailbox> = conflicts.map(|row| row.member).collect();
    Ok(readers(step, &kept))
}

/// Writes to each of the board, with a link of its own.
pub async fn write(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseRow,
    breaches: &[Breach],
) -> Result<(), StoreError> {
    let kept = tx.kept_from_whom(&case.id).await?;
    for reader in readers(step, &kept) {
        let id = writing::new_id(house, step);
        let token = house.key.token(Purpose::BoardLink, id.as_str(), 0);
        let words = words(house, step, case, breaches, token.letters());
        tx.issue(&token, id.as_str(), 0, None).await?;
        let numbered = Some((&case.id, &case.number));
        let new = NewLetter { case: numbered, ..NewLetter::of_no_case(LetterKind::Escalation, &reader, &words) };
        writing::put_as(tx, house, step, new, id, step.now).await?;
    }
    Ok(())
}

fn words(house: &House, step: &Step, case: &CaseRow, breaches: &[Breach], link: &str) -> Words {
    escalation(&Escalation {
        case: &case.number,
        received_at: case.arrived_at,
        breaches,
        help_by: step.now + HELP_WITHIN,
        board_link: &format!("{}/b/{link}", house.public_url),
    })
}

/// What the board would read of this project's silence, without the link that is each reader's own.
pub fn draft(house: &House, step: &Step, part: &Unconfirmed, letters: &[LetterFacts]) -> Result<Words, NotAsked> {
    match told_lately(letters, step.now) {
        Some(at) => Err(NotAsked::TooSoon(at)),
        None => Ok(words(house, step, &part.case, &[asked(part, step.now)], "\u{2026}")),
    }
}

/// When the board was last told of the case, if that was so short ago that it may be helping.
fn told_lately(letters: &[LetterFacts], now: Timestamp) -> Option<Timestamp> {
    let told = letters.iter().filter(|letter| letter.kind == LetterKind::Escalation);
    told.map(|letter| letter.created_at).max().filter(|at| *at + HELP_WITHIN > now)
}

/// Still within its time, it is a plea; after it, the breach that it is.
fn asked(part: &Unconfirmed, now: Timestamp) -> Breach {
    let (name, forwarded_at, reminded_at) = (part.of.name(), part.of.row.decided_at, part.of.reminded_at());
    let (contacts, bounced, due_at) = (part.of.contacts.len(), part.of.bounced(), part.clock.due_at);
    match now < due_at {
        true => Breach::Asked { name, due_at, forwarded_at, reminded_at, contacts, bounced },
        false => {
            let promised = part.clock.target;
            Breach::Project { name, promised, forwarded_at, reminded_at, contacts, bounced }
        }
    }
}

/// Asks the board for help with a project that has not confirmed. Its own step comes as ever: no promise moves, and
/// this counts as no breach. The reason is for the committee, for a letter to the board says nothing of a report.
pub async fn ask_the_board(
    house: &House,
    case: &CaseId,
    project: &ProjectId,
    because: &str,
    by: &Member,
) -> Result<Result<(), NotAsked>, StoreError> {
    let step = house.step();
    if because.trim().is_empty() {
        return Ok(Err(NotAsked::NoReason));
    }
    let mut tx = house.store.begin().await?;
    let Some(part) = Unconfirmed::within(&mut tx, house, &step, case, project).await? else {
        return Ok(Err(NotAsked::NotWaiting));
    };
    if let Some(at) = told_lately(&tx.letters_of(case).await?, step.now) {
        return Ok(Err(NotAsked::TooSoon(at)));
    }
    write(&mut tx, house, &step, &part.case, &[asked(&part, step.now)]).await?;
    let words = format!("The board is asked for help with {}: {}", part.of.name(), because.trim());
    urgency::keep_reason(&mut tx, house, &step, case, &words, by).await?;
    let handling = &part.of.row.id;
    record(&mut tx, &step, case, EventKind::BoardAsked, house.actor(&by.email), handling.as_str()).await?;
    progress::goes_on(&mut tx, &step, case, Some(handling)).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(()))
}
