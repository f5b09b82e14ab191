//! The follow-up of held mail: after two days without a decision the case's owner, or everybody, is reminded, once.

use crate::domain::address::Mailbox;
use crate::domain::case::{Actor, EventKind};
use crate::domain::letter::LetterKind;
use crate::flows::conflicts::readers_of;
use crate::flows::held::DECIDE_WITHIN;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step};
use crate::mail::write::letters::held_waiting::{HeldWaiting, held_waiting};
use crate::store::{HeldTooLong, StoreError, Tx};

/// Mails that one letter names; the page lists all.
const AT_ONCE: i64 = 20;

/// Reminds of what is due; says of how many mails.
pub async fn sweep(house: &House) -> Result<usize, StoreError> {
    let step = house.step();
    let since = step.now - DECIDE_WITHIN;
    if !house.store.is_held_too_long(since).await? {
        return Ok(0);
    }
    let mut tx = house.store.begin().await?;
    let late = tx.remind_of_held(since, step.now, AT_ONCE).await?;
    let mut told: Vec<(Mailbox, Vec<&HeldTooLong>)> = Vec::new();
    for held in &late {
        for member in whom(&mut tx, &step, held).await? {
            match told.iter_mut().find(|(other, _)| *other == member) {
                Some((_, mails)) => mails.push(held),
                None => told.push((member, vec![held])),
            }
        }
        if let Some((case, _)) = &held.case {
            let detail = format!("held {}", held.message);
            record(&mut tx, &step, case, EventKind::ReminderDue, Actor::Program, detail).await?;
        }
    }
    let link = format!("{}/held", house.public_url);
    for (member, mails) in &told {
        let mails = mails.iter().map(|held| (held.case.as_ref().map(|(_, number)| number), held.held_at)).collect();
        let words = held_waiting(&HeldWaiting { mails, link: &link });
        let letter = NewLetter::of_no_case(LetterKind::MemberReminder, member, &words);
        writing::put(&mut tx, house, &step, letter).await?;
    }
    tx.commit().await?;
    Ok(late.len())
}

/// Whose decision it is: the owner's of the case that it may belong to, else everybody's.
async fn whom(tx: &mut Tx<'_>, step: &Step, held: &HeldTooLong) -> Result<Vec<Mailbox>, StoreError> {
    let directory = &step.policy.directory;
    let (owner, readers) = match &held.case {
        Some((case, _)) => {
            let owner = tx.case_for_update(case).await?.and_then(|row| row.owner);
            (owner, readers_of(tx, step, case).await?)
        }
        None => (None, directory.committee.clone()),
    };
    Ok(match owner.filter(|owner| directory.member(owner).is_some()) {
        Some(owner) => vec![owner],
        None => readers.into_iter().map(|member| member.email).collect(),
    })
}
