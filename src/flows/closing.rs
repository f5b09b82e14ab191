//! Closing a case with a reason, and opening it again. Nothing automatic closes one (DESIGN.md 3.4).

use jiff::SignedDuration;

use crate::domain::address::Purpose;
use crate::domain::case::{CaseRef, CaseState, Closing, EventKind};
use crate::domain::clock::{ClockKind, PROGRESS_TARGET};
use crate::domain::directory::{Channel, Member};
use crate::domain::handling::HandlingState;
use crate::domain::id::{CaseId, MessageId};
use crate::domain::leak::{Leak, sentences};
use crate::domain::letter::LetterKind;
use crate::domain::party::{Lane, Party, PartyRole};
use crate::flows::clocks::NewClock;
use crate::flows::composing::{Correspondents, To, WORDS_MAX, name_of, signature, written};
use crate::flows::leaks::{Said, leaks};
use crate::flows::writing::{self, record};
use crate::flows::{House, Step, clocks, reopening, urgency};
use crate::mail::write::letters::closing as letter;
use crate::store::{CaseRow, HandlingRow, MessageRow, StoodBefore, StoreError, Tx};

/// How long a contact's link lives after its handling is closed (DESIGN.md 3.3).
pub const LINK_LIFE_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a member asks for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Made with the form. It becomes the id of the message with the words.
    pub id: MessageId,
    pub reason: Closing,
    /// To the reporter; may be empty where the reporter has had an answer, or none belongs to it.
    pub words: String,
    /// The number of the case that told of it first, for [`Closing::Duplicate`].
    pub duplicate_of: Option<String>,
    /// Closes the open parts of the projects with it.
    pub with_handlings: bool,
}

/// Why a case was not closed; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotClosed {
    #[error("There is no such case.")]
    NoCase,
    #[error("Somebody has closed this case already.")]
    AlreadyClosed,
    #[error("{0} still has this case. Say that their part is closed as well, or wait for them.")]
    StillOpen(String),
    #[error("Nobody has answered the reporter yet. Write to them why you close it.")]
    ReporterWaits,
    #[error("Enter the number of the case that told of it first.")]
    DuplicateOfWhat,
    #[error("A case cannot be a duplicate of itself.")]
    DuplicateOfItself,
    #[error("There is no case {0}.")]
    NoSuchCase(String),
    #[error("{0} is itself a duplicate. Enter the number of the first one.")]
    DuplicateOfADuplicate(CaseRef),
    #[error("{0} is linked to this case, which told of it first. Unlink {0}, or close that one as reported before.")]
    HasDuplicates(CaseRef),
    #[error("That is longer than {WORDS_MAX} characters. Shorten it.")]
    TooLong,
    #[error("{}", sentences(.0))]
    AlsoElsewhere(Vec<Leak>),
}

/// Whether a member's act alone ends the first promise, without a reply (DESIGN.md 3.4).
pub fn needs_no_reply(reason: Closing) -> bool {
    matches!(reason, Closing::NotSecurity | Closing::Spam)
}

/// Closes a case. The words go to the reporter like all words of a member, in their hold; stopped there, the case is
/// open again.
pub async fn close(
    house: &House,
    case: &CaseId,
    wish: &Wish,
    by: &Member,
) -> Result<Result<(), NotClosed>, StoreError> {
    close_although(house, case, wish, "", by).await
}

/// The same with words of which the guard has said that they are also elsewhere: with a reason, which stays with the
/// case, they leave.
pub async fn close_although(
    house: &House,
    case: &CaseId,
    wish: &Wish,
    because: &str,
    by: &Member,
) -> Result<Result<(), NotClosed>, StoreError> {
    let step = house.step();
    if wish.words.trim().chars().count() > WORDS_MAX {
        return Ok(Err(NotClosed::TooLong));
    }
    let first = match first_case(house, case, wish).await? {
        Ok(first) => first,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut tx = house.store.begin().await?;
    let looked = Looked { first: first.as_ref(), because };
    if let Err(refusal) = close_in(&mut tx, house, &step, case, wish, looked, by).await? {
        return Ok(Err(refusal));
    }
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Ok(()))
}

/// What was looked up or said before a case is closed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Looked<'a> {
    /// The case that was told first, of a duplicate.
    pub first: Option<&'a CaseRow>,
    /// Why the words leave although they are also elsewhere.
    pub because: &'a str,
}

/// The same in the caller's transaction, once the words are measured.
pub(super) async fn close_in(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    wish: &Wish,
    looked: Looked<'_>,
    by: &Member,
) -> Result<Result<(), NotClosed>, StoreError> {
    let first = looked.first;
    let Some(row) = tx.case_for_update(case).await? else { return Ok(Err(NotClosed::NoCase)) };
    let handlings = tx.handlings_of(case).await?;
    let open: Vec<&HandlingRow> = handlings.iter().filter(|handling| handling.state.is_open()).collect();
    if let Err(refusal) = may_close(tx, step, &row, &open, wish).await? {
        return Ok(Err(refusal));
    }
    let is_written = !wish.words.trim().is_empty() && wish.reason != Closing::Spam;
    if is_written && let Err(leaks) = guard(tx, house, step, &row, wish, looked.because, by).await? {
        return Ok(Err(NotClosed::AlsoElsewhere(leaks)));
    }
    let actor = house.actor(&by.email);
    tx.close_case(case, wish.reason, &actor.word(), step.now).await?;
    tx.raise_knowledge_version().await?; // what was no report teaches nothing
    for handling in &open {
        close_part(tx, step, handling, &actor.word()).await?;
    }
    if let Some(first) = first {
        tx.link_duplicate(case, &first.id, step.now).await?;
    }
    let letters = if is_written { tell_the_reporters(tx, house, step, &row, wish, by).await? } else { 0 };
    if is_written && letters == 0 {
        clocks::answered(tx, house, step, case, actor.clone(), None).await?;
    }
    clocks::case_closed(tx, step, case, letters > 0 && !needs_no_reply(wish.reason)).await?;
    let detail = first.map_or_else(|| wish.reason.word().to_owned(), |first| format!("duplicate {}", first.number));
    record(tx, step, case, EventKind::Closed, actor, detail).await?;
    Ok(Ok(()))
}

/// Whether the words may leave: nothing of them is also elsewhere, or the member says why all the same.
async fn guard(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    row: &CaseRow,
    wish: &Wish,
    because: &str,
    by: &Member,
) -> Result<Result<(), Vec<Leak>>, StoreError> {
    let (handlings, parties) = (tx.handlings_of(&row.id).await?, tx.parties_of(&row.id).await?);
    let with = Correspondents { case: row.clone(), handlings, parties };
    let said = Said::within(tx, &with).await?;
    let leaks = leaks(step, &with, &said, &To::Reporter, &wish.words, None);
    if leaks.is_empty() {
        return Ok(Ok(()));
    }
    if because.trim().is_empty() {
        return Ok(Err(leaks));
    }
    let words = format!("Sent anyway: {} {}", because.trim(), sentences(&leaks));
    urgency::keep_reason(tx, house, step, &row.id, &words, by).await?;
    Ok(Ok(()))
}

/// A closing that was a mistake is undone: the case stands as it did before, and every clock that ended with it runs
/// again with its old deadline. For a case that no project had.
pub(super) async fn take_back(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseRow,
    before: &StoodBefore,
    by: &Member,
) -> Result<(), StoreError> {
    tx.resume_clocks(&case.id, case.closed_at.unwrap_or(step.now), step.now).await?;
    let waited_because = before.waited_because.as_deref();
    tx.reopen_case(&case.id, before.state, waited_because.unwrap_or_default()).await?;
    tx.set_case_state(&case.id, before.state, waited_because).await?;
    tx.raise_knowledge_version().await?;
    record(tx, step, &case.id, EventKind::Reopened, house.actor(&by.email), "undone").await
}

async fn first_case(
    house: &House,
    case: &CaseId,
    wish: &Wish,
) -> Result<Result<Option<CaseRow>, NotClosed>, StoreError> {
    if wish.reason != Closing::Duplicate {
        return Ok(Ok(None));
    }
    let number = wish.duplicate_of.as_deref().map(str::trim).unwrap_or_default().to_ascii_uppercase();
    if number.is_empty() {
        return Ok(Err(NotClosed::DuplicateOfWhat));
    }
    let Some(first) = house.store.case_by_number(&number).await? else {
        return Ok(Err(NotClosed::NoSuchCase(number)));
    };
    if first.id == *case {
        return Ok(Err(NotClosed::DuplicateOfItself));
    }
    // A circle of two would have no first one.
    if house.store.duplicate_of(&first.id).await?.is_some() {
        return Ok(Err(NotClosed::DuplicateOfADuplicate(first.number)));
    }
    if let Some(again) = house.store.duplicates_of(case).await?.into_iter().next() {
        return Ok(Err(NotClosed::HasDuplicates(again)));
    }
    Ok(Ok(Some(first)))
}

async fn may_close(
    tx: &mut Tx<'_>,
    step: &Step,
    row: &CaseRow,
    open: &[&HandlingRow],
    wish: &Wish,
) -> Result<Result<(), NotClosed>, StoreError> {
    if row.state == CaseState::Closed {
        return Ok(Err(NotClosed::AlreadyClosed));
    }
    if !open.is_empty() && !wish.with_handlings {
        let names: Vec<String> = open.iter().map(|handling| name_of(step, &handling.project)).collect();
        return Ok(Err(NotClosed::StillOpen(names.join(" and "))));
    }
    let waits = |kind, stopped: Option<_>| kind == ClockKind::FirstReply && stopped.is_none();
    let reporter_waits = tx.clocks_of(&row.id).await?.iter().any(|row| waits(row.clock.kind, row.clock.stopped_at));
    if reporter_waits && wish.words.trim().is_empty() && !needs_no_reply(wish.reason) {
        return Ok(Err(NotClosed::ReporterWaits));
    }
    Ok(Ok(()))
}

/// The project's part is over: what waits for it is not sent, and its links live for a while.
async fn close_part(tx: &mut Tx<'_>, step: &Step, handling: &HandlingRow, by: &str) -> Result<(), StoreError> {
    tx.close_handling(&handling.id, by, step.now).await?;
    for contact in contacts(tx, handling).await? {
        tx.end_links(Purpose::ActionLink, contact.id.as_str(), Some(step.now + LINK_LIFE_AFTER)).await?;
    }
    Ok(())
}

async fn contacts(tx: &mut Tx<'_>, handling: &HandlingRow) -> Result<Vec<Party>, StoreError> {
    let mut parties = tx.parties_of(&handling.case).await?;
    parties.retain(|party| party.is_contact_of(&handling.id));
    Ok(parties)
}

/// Puts the words into the reporter's lane and writes the letters; says how many.
async fn tell_the_reporters(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseRow,
    wish: &Wish,
    by: &Member,
) -> Result<usize, StoreError> {
    let words = written(step, &case.id, &wish.id, &wish.words, by);
    let message = MessageRow { lane: Some(Lane::Reporter), ..words };
    tx.insert_message(&message).await?;
    let mut parties = tx.parties_of(&case.id).await?;
    parties.retain(|party| party.role == PartyRole::Reporter && party.mailbox.is_some());
    for reporter in &parties {
        let words = letter::closing(&letter::Closing {
            case: &case.number,
            reason: wish.reason,
            words: &message.body,
            by: signature(step, by),
            status_link: &house.status_url(reporter),
        });
        let letter = (LetterKind::Closing, &words, Some(&message.id));
        writing::to_party(tx, house, step, (&case.id, &case.number), reporter, letter).await?;
    }
    Ok(parties.len())
}

/// Opens a closed or answered case again. A promise that ended only because the case was closed counts again, from
/// where it had started; parts that were closed with the case are the projects' again. `false` if it was open.
pub async fn reopen(house: &House, case: &CaseId, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(row) = tx.case_for_update(case).await?.filter(|row| row.erased_at.is_none()) else { return Ok(false) };
    if row.state == CaseState::Closed {
        for handling in tx.handlings_of(case).await? {
            if handling.state == HandlingState::Closed && handling.closed_at == row.closed_at {
                give_back(&mut tx, house, &step, &handling).await?;
            }
        }
        tx.resume_promises(case, row.closed_at.unwrap_or(step.now), step.now).await?;
        tx.unlink_duplicate(case).await?;
    }
    let actor = house.actor(&by.email);
    let opened = reopening::reopen(&mut tx, house, &step, case, actor, "A member opened it again.").await?;
    tx.commit().await?;
    Ok(opened)
}

/// The project has its part again; where it had acknowledged, its progress is followed anew.
async fn give_back(tx: &mut Tx<'_>, house: &House, step: &Step, handling: &HandlingRow) -> Result<(), StoreError> {
    let state = state_before(handling);
    tx.reopen_handling(&handling.id, state).await?;
    if state == HandlingState::Acknowledged {
        let (case, kind, target) = (&handling.case, ClockKind::Progress, PROGRESS_TARGET);
        let new = NewClock { case, handling: Some(&handling.id), kind, started_at: step.now, target };
        clocks::start(tx, house, step, new).await?;
    }
    for contact in contacts(tx, handling).await? {
        tx.end_links(Purpose::ActionLink, contact.id.as_str(), None).await?;
    }
    Ok(())
}

/// Where a handling stood before it was closed.
fn state_before(handling: &HandlingRow) -> HandlingState {
    match handling.acknowledged_at {
        Some(_) => HandlingState::Acknowledged,
        None if handling.channel == Channel::Mail.word() => HandlingState::Sent,
        None => HandlingState::ByHand,
    }
}
