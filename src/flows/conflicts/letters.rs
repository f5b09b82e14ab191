//! Letters that wait for a member while a case is taken from their sight: what is about it does not leave, and what names
//! it beside others leaves without it.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::case::{Actor, EventKind};
use crate::domain::conflict::KeptCases;
use crate::domain::id::{CaseId, LetterId};
use crate::domain::letter::LetterKind;
use crate::domain::report::Reading;
use crate::flows::held::DECIDE_WITHIN;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, digest};
use crate::mail::read::read;
use crate::mail::write::letters::Words;
use crate::mail::write::letters::held_waiting::{HeldWaiting, held_waiting};
use crate::store::{CaseRow, StoreError, Tx, WaitingLetter};

/// A digest tells what came since the one of the morning before.
const BETWEEN_DIGESTS: SignedDuration = SignedDuration::from_hours(24);
/// Held mails that a letter written anew names; the page lists all.
const HELD_NAMED: i64 = 20;

/// Letters of no case that name one all the same, and what is sent in their place.
pub struct Naming {
    letters: Vec<(LetterId, LetterKind)>,
    anew: Vec<(LetterKind, Words)>,
}

/// Finds what waits for `whom` and names `case`. Asked before the transaction, for it reads pages of rows.
pub async fn naming(house: &House, step: &Step, case: &CaseRow, whom: &Mailbox) -> Result<Naming, StoreError> {
    let named = KeptCases::new(vec![(case.id.clone(), case.number.clone())]);
    let mut waiting = house.store.waiting_letters_of_no_case(whom).await?;
    waiting.retain(|letter| named.are_named_in(&text_of(step, letter)));
    let kept = house.store.kept_from(whom).await?;
    let may_read = |other: &CaseId| *other != case.id && !kept.has(other);
    let mut anew = Vec::new();
    let first = |kind| waiting.iter().filter(|letter| letter.kind == kind).map(|letter| letter.created_at).min();
    if let Some(written_at) = first(LetterKind::Digest) {
        let words = digest::words(house, step, written_at - BETWEEN_DIGESTS, may_read).await?;
        anew.extend(words.map(|words| (LetterKind::Digest, words)));
    }
    if let Some(written_at) = first(LetterKind::MemberReminder) {
        let words = held(house, written_at, may_read).await?;
        anew.extend(words.map(|words| (LetterKind::MemberReminder, words)));
    }
    Ok(Naming { letters: waiting.into_iter().map(|letter| (letter.id, letter.kind)).collect(), anew })
}

/// What its reader would see of the letter.
fn text_of(step: &Step, letter: &WaitingLetter) -> String {
    match read(&letter.bytes, &step.own_addresses(), None) {
        Reading::Mail(mail) => format!("{}\n{}", mail.subject, mail.text),
        Reading::Unreadable(_) => String::from_utf8_lossy(&letter.bytes).into_owned(),
    }
}

/// The reminder of `written_at` about held mail, of what still waits and may be read.
async fn held(
    house: &House,
    written_at: Timestamp,
    may_read: impl Fn(&CaseId) -> bool,
) -> Result<Option<Words>, StoreError> {
    let mut waiting = house.store.held(HELD_NAMED).await?;
    waiting.retain(|(mail, _)| {
        mail.case.as_ref().is_none_or(&may_read) && mail.held_at.is_some_and(|at| at <= written_at - DECIDE_WITHIN)
    });
    let mails: Vec<_> =
        waiting.iter().filter_map(|(mail, number)| mail.held_at.map(|at| (number.as_ref(), at))).collect();
    let link = format!("{}/held", house.public_url);
    Ok((!mails.is_empty()).then(|| held_waiting(&HeldWaiting { mails, link: &link })))
}

impl Naming {
    /// Withdraws these letters, as far as they have not left, and writes what takes their place.
    pub async fn leave_without_it(
        self,
        tx: &mut Tx<'_>,
        house: &House,
        step: &Step,
        whom: &Mailbox,
    ) -> Result<(), StoreError> {
        let mut withdrawn = Vec::new();
        for (letter, kind) in &self.letters {
            if tx.withdraw_letter(letter, step.now).await? {
                withdrawn.push(*kind);
            }
        }
        for (kind, words) in self.anew.iter().filter(|(kind, _)| withdrawn.contains(kind)) {
            writing::put(tx, house, step, NewLetter::of_no_case(*kind, whom, words)).await?;
        }
        Ok(())
    }
}

/// Withdraws letters about the case to the member as a member; whatever they get as a party of it is another matter.
pub async fn stop_those_about(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    whom: &Mailbox,
    actor: &Actor,
) -> Result<(), StoreError> {
    for letter in tx.waiting_letters_to(case, whom).await? {
        if tx.withdraw_letter(&letter, step.now).await? {
            record(tx, step, case, EventKind::LetterWithdrawn, actor.clone(), letter.as_str()).await?;
        }
    }
    Ok(())
}
