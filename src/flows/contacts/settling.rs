//! Whether a change takes effect, what it then does, and what members say about it.

use jiff::{SignedDuration, Timestamp};

use super::telling::{tell_of_the_effect, tell_the_committee};
use super::{looked_at_again, refresh};
use crate::domain::address::Mailbox;
use crate::domain::contact::{LINK_LIFE, PROOF_LASTS, Proof};
use crate::domain::contact_change::{ChangeFacts, ChangeKind, Effect, Ground, Outcome, Speaker, Voice, WaitsFor};
use crate::domain::directory::{Contact, Member, Project};
use crate::domain::id::{ChangeId, ContactId};
use crate::flows::{House, Step};
use crate::mail::write::letters::contact_notice::CommitteeNotice;
use crate::store::{ChangeRow, ContactRow, Notices, StoreError, Tx};

/// How soon a change that waits for letters to leave, or for members, is looked at again.
const AGAIN_SOON: SignedDuration = SignedDuration::from_hours(1);
const AGAIN_DAILY: SignedDuration = SignedDuration::from_hours(24);

/// Looks at a change whose moment may have come. Gives what it came to; `None` if it was settled before.
pub async fn look_at_change(house: &House, id: &ChangeId) -> Result<Option<Effect>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let effect = look(&mut tx, house, &step, id).await?;
    tx.commit().await?;
    after_a_change(house).await?;
    Ok(effect)
}

/// What follows once a change is committed: its letters go, and the directory follows.
pub(super) async fn after_a_change(house: &House) -> Result<(), StoreError> {
    house.letters.notify_one();
    refresh(house).await.map(|_| ())
}

pub(super) async fn look(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    id: &ChangeId,
) -> Result<Option<Effect>, StoreError> {
    let Some(change) = tx.change_for_update(id).await?.filter(|change| change.settled_at.is_none()) else {
        return Ok(None);
    };
    let Some(project) = step.policy.directory.project(&change.project) else {
        tx.settle_change(id, Outcome::Expired, "no-project", step.now).await?;
        return Ok(Some(Effect::Expired));
    };
    let old = tx.contacts_of(&change.project).await?;
    let known = Known {
        voices: tx.voices_of(id).await?,
        notices: tx.notices_of(id).await?,
        escalated: tx.was_escalated(&change.project, step.now - PROOF_LASTS, step.now).await?,
    };
    let facts = facts(step, &change, &old, &known);
    let effect = facts.effect(step.now);
    match effect {
        Effect::Now(ground) => carry_out(tx, house, step, project, &change, &old, ground).await?,
        Effect::At(at) => tx.look_at_change(id, Some(at)).await?,
        Effect::Expired => drop(tx.settle_change(id, Outcome::Expired, "time", step.now).await?),
        Effect::WaitsFor(WaitsFor::Mailbox | WaitsFor::Consent) => {
            tx.look_at_change(id, Some(change.asked_at + LINK_LIFE)).await?;
        }
        Effect::WaitsFor(WaitsFor::Telling) => tx.look_at_change(id, Some(step.now + AGAIN_SOON)).await?,
        Effect::WaitsFor(waits @ (WaitsFor::OneMember | WaitsFor::TwoMembers | WaitsFor::AnotherContact)) => {
            tx.look_at_change(id, Some(step.now + AGAIN_DAILY)).await?;
            if tx.change_told(id, step.now).await? {
                tell_the_committee(tx, house, step, &notice(waits, &project.name)).await?;
            }
        }
    }
    Ok(Some(effect))
}

fn notice(waits: WaitsFor, project: &str) -> CommitteeNotice<'_> {
    match waits {
        WaitsFor::AnotherContact => CommitteeNotice::CannotRemove { project },
        _ => CommitteeNotice::Decide { project, is_first_entry: waits == WaitsFor::OneMember },
    }
}

/// What the rows say of a change beside its own.
struct Known {
    voices: Vec<Voice>,
    notices: Notices,
    /// A promise of the project was broken within a quarter.
    escalated: bool,
}

/// What is known of a change now. Voices of members who left the file and of contacts who left the project count no more.
fn facts(step: &Step, change: &ChangeRow, old: &[ContactRow], known: &Known) -> ChangeFacts {
    let is_contact = |id: &ContactId| old.iter().any(|row| row.id == *id);
    let of_contacts = |is_for: bool| {
        let mut voices = known.voices.iter().filter(|voice| voice.is_for == is_for);
        voices.any(|voice| matches!(&voice.speaker, Speaker::Contact(id) if is_contact(id)))
    };
    let is_member = |voice: &&Voice| matches!(&voice.speaker, Speaker::Member(email) if step.policy.directory.member(email).is_some());
    let named = old.iter().find(|row| change.contact.as_ref() == Some(&row.id));
    let nobody_lives = !old.iter().any(|row| row.health.is_live(step.now));
    let is_another = |row: &&ContactRow| change.contact.as_ref() != Some(&row.id);
    ChangeFacts {
        kind: change.kind,
        asked_at: change.asked_at,
        is_first_entry: old.is_empty(),
        // Whoever has the contact's own mailbox and confirms what changes there is that contact.
        is_by_itself: change.itself_at.is_some() || (change.kind == ChangeKind::Change && named.is_some()),
        proven_at: change.proven_at,
        told_at: known.notices.last_sent_at.filter(|_| known.notices.waiting == 0),
        has_consent: of_contacts(true),
        has_objection: of_contacts(false),
        members_for: known.voices.iter().filter(is_member).filter(|voice| voice.is_for).count(),
        old_is_dead: known.escalated || named.map_or(nobody_lives, |row| !row.health.is_live(step.now)),
        leaves_nobody: !old.iter().filter(is_another).any(|row| row.health.is_live(step.now)),
    }
}

/// A change that waits, and for what.
pub struct Outlook {
    pub change: ChangeRow,
    pub effect: Effect,
    pub voices: Vec<Voice>,
    /// The address of the contact that is replaced, changed or removed.
    pub named: Option<Mailbox>,
}

/// All changes that wait, the oldest first; for the desk's page.
pub async fn outlooks(house: &House) -> Result<Vec<Outlook>, StoreError> {
    let step = house.step();
    let mut outlooks = Vec::new();
    for change in house.store.waiting_changes().await? {
        let old = house.store.contacts_of(&change.project).await?;
        let known = Known {
            voices: house.store.voices_of(&change.id).await?,
            notices: house.store.notices_of(&change.id).await?,
            escalated: house.store.was_escalated(&change.project, step.now - PROOF_LASTS, step.now).await?,
        };
        let named =
            old.iter().find(|row| change.contact.as_ref() == Some(&row.id)).map(|row| row.contact.email.clone());
        let effect = facts(&step, &change, &old, &known).effect(step.now);
        outlooks.push(Outlook { effect, voices: known.voices, named, change });
    }
    Ok(outlooks)
}

/// Does what was asked for. From now on the project's contacts are in the store, whatever the file says.
async fn carry_out(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    project: &Project,
    change: &ChangeRow,
    old: &[ContactRow],
    ground: Ground,
) -> Result<(), StoreError> {
    if !tx.settle_change(&change.id, Outcome::Done, ground.word(), step.now).await? {
        return Ok(());
    }
    tx.own_contacts(&project.id, step.now).await?;
    let proven_at = change.proven_at.unwrap_or(step.now);
    match (change.kind, &change.contact, &change.wanted) {
        (ChangeKind::Remove, Some(gone), _) => drop(tx.remove_contact(gone, step.now).await?),
        (ChangeKind::Replace, Some(gone), Some(wanted)) => {
            enter(tx, house, step, project, old, wanted, proven_at).await?;
            tx.remove_contact(gone, step.now).await?;
        }
        (_, _, Some(wanted)) => enter(tx, house, step, project, old, wanted, proven_at).await?,
        (_, _, None) => {}
    }
    tx.raise_contact_version().await?;
    tell_of_the_effect(tx, house, step, project, change, old).await?;
    let left = tx.contacts_of(&project.id).await?;
    if !left.iter().any(|row| row.health.is_live(step.now)) {
        tell_the_committee(tx, house, step, &CommitteeNotice::NobodyLeft { project: &project.name }).await?;
    }
    Ok(())
}

/// Makes the wanted mailbox a contact, or changes the particulars of the one that is there.
async fn enter(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    project: &Project,
    old: &[ContactRow],
    wanted: &Contact,
    proven_at: Timestamp,
) -> Result<(), StoreError> {
    if let Some(row) = old.iter().find(|row| row.contact.email == wanted.email) {
        tx.set_contact(&row.id, wanted, step.now).await?;
        return super::prove(tx, row, proven_at.max(row.health.proof.proven_at.unwrap_or(proven_at))).await;
    }
    let id = ContactId::new(step.now, house.chance());
    let proof = Proof::listed(step.now).proven(proven_at);
    tx.insert_contact(&id, &project.id, wanted, step.now, step.now).await?;
    if let Some(row) = tx.contact_for_update(&id).await? {
        tx.set_proof(&id, &proof, looked_at_again(&row, &proof, step.now)).await?;
    }
    Ok(())
}

/// Why a member's decision changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDecided {
    #[error("There is no such change.")]
    NoChange,
    #[error("This change is settled already.")]
    Settled,
}

/// A member approves or refuses a change. One refusal ends it: whoever meant it well asks again.
pub async fn decide(
    house: &House,
    id: &ChangeId,
    is_for: bool,
    by: &Member,
) -> Result<Result<Effect, NotDecided>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(change) = tx.change_for_update(id).await? else { return Ok(Err(NotDecided::NoChange)) };
    if change.settled_at.is_some() {
        return Ok(Err(NotDecided::Settled));
    }
    let voice = Voice { speaker: Speaker::Member(by.email.clone()), is_for, at: step.now };
    tx.speak(id, &voice).await?;
    let effect = if is_for {
        look(&mut tx, house, &step, id).await?
    } else {
        tx.settle_change(id, Outcome::Refused, "member", step.now).await?;
        Some(Effect::Expired)
    };
    tx.commit().await?;
    after_a_change(house).await?;
    Ok(effect.ok_or(NotDecided::Settled))
}
