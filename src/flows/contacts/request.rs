//! Somebody asks for a change of contacts. Nothing is used before the mailbox proves itself, and nothing in the
//! answer tells whether an address is a contact already.

use super::settling;
use super::telling::{ask_for_proof, tell_the_old_ones};
use crate::domain::abuse::DAY;
use crate::domain::address::Mailbox;
use crate::domain::contact::LINK_LIFE;
use crate::domain::contact_change::{AskedThrough, CHANGES_AT_ONCE, ChangeKind};
use crate::domain::directory::{Contact, Project, ProjectId};
use crate::domain::id::ChangeId;
use crate::flows::{House, Step};
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::store::{ChangeRow, ContactRow, StoreError, Tx};

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub project: ProjectId,
    pub kind: ChangeKind,
    /// The address that is replaced, changed or removed.
    pub old: Option<Mailbox>,
    /// The contact as it is to be; `None` for a removal.
    pub wanted: Option<Contact>,
    /// The name of who asks.
    pub asked_by: String,
    pub note: Option<String>,
}

/// Why a request was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    #[error("there is no such project")]
    NoProject,
    #[error("a contact may not have an address of ours")]
    OurAddress,
    #[error("as many changes of this project's contacts are under way as may be at once")]
    TooMany,
}

/// Takes a request: the mailbox is asked for its proof, and all old contacts are told at once. The same request again
/// changes nothing and is answered like the first.
pub async fn ask(house: &House, asked: Asked, through: AskedThrough) -> Result<Result<(), NotAsked>, StoreError> {
    let step = house.step();
    let Some(project) = step.policy.directory.project(&asked.project) else { return Ok(Err(NotAsked::NoProject)) };
    if asked.wanted.as_ref().is_some_and(|contact| step.own_addresses().read(&contact.email).is_some()) {
        return Ok(Err(NotAsked::OurAddress));
    }
    let mut tx = house.store.begin().await?;
    let waiting = tx.waiting_changes_of(&project.id).await?;
    let old = tx.contacts_of(&project.id).await?;
    let change = change_of(house, &step, asked, through, &old);
    if waiting.iter().any(|other| is_the_same(other, &change)) {
        return Ok(Ok(()));
    }
    let is_open_to_all = through == AskedThrough::Form;
    let limit = i64::try_from(CHANGES_AT_ONCE).unwrap_or(i64::MAX);
    let today = tx.changes_asked(&project.id, step.now - DAY).await?;
    let by_form = waiting.iter().filter(|other| other.asked_through == AskedThrough::Form).count();
    if is_open_to_all && (by_form >= CHANGES_AT_ONCE || today >= limit) {
        return Ok(Err(NotAsked::TooMany));
    }
    begin(&mut tx, house, &step, project, &change, &old).await?;
    tx.commit().await?;
    settling::after_a_change(house).await?;
    Ok(Ok(()))
}

/// Keeps a change, writes its letters, and looks whether it takes effect at once.
pub(super) async fn begin(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    project: &Project,
    change: &ChangeRow,
    old: &[ContactRow],
) -> Result<(), StoreError> {
    tx.insert_change(change, Some(step.now + LINK_LIFE)).await?;
    if change.proven_at.is_none() {
        ask_for_proof(tx, house, step, project, change).await?;
    }
    // A removal that names nobody, and what the contact does to its own entry, leave nothing to consent to.
    let names_nobody = change.kind == ChangeKind::Remove && change.contact.is_none();
    if !names_nobody && !is_done_at_once(change) {
        tell_the_old_ones(tx, house, step, project, change, old).await?;
    }
    if is_done_at_once(change) {
        settling::look(tx, house, step, &change.id).await?;
    }
    Ok(())
}

fn is_done_at_once(change: &ChangeRow) -> bool {
    change.itself_at.is_some() && (change.proven_at.is_some() || change.kind == ChangeKind::Remove)
}

/// The change as the rows know it: what was typed may name a contact, or nobody.
fn change_of(house: &House, step: &Step, asked: Asked, through: AskedThrough, old: &[ContactRow]) -> ChangeRow {
    let row_at = |address: &Mailbox| old.iter().find(|row| row.contact.email == *address);
    let named = asked.old.as_ref().and_then(row_at);
    let listed = asked.wanted.as_ref().and_then(|contact| row_at(&contact.email));
    let (kind, contact) = match (asked.kind, named, listed) {
        (ChangeKind::Remove, named, _) => (ChangeKind::Remove, named),
        // A new address that is a contact already leaves the old one to be removed.
        (ChangeKind::Replace, Some(named), Some(listed)) if named.id != listed.id => (ChangeKind::Replace, Some(named)),
        (_, _, Some(listed)) => (ChangeKind::Change, Some(listed)),
        (ChangeKind::Replace, Some(named), None) => (ChangeKind::Replace, Some(named)),
        (_, _, None) => (ChangeKind::Add, None),
    };
    ChangeRow {
        id: ChangeId::new(step.now, house.chance()),
        project: asked.project,
        kind,
        contact: contact.map(|row| row.id.clone()),
        old_address: asked.old.filter(|address| row_at(address).is_none()),
        asked_through: through,
        asked_by: one_line(&asked.asked_by, LINE_MAX),
        note: asked.note,
        asked_at: step.now,
        wanted: asked.wanted.map(|wanted| cleaned(wanted, contact)),
        itself_at: None,
        proven_at: None,
        told_at: None,
        settled_at: None,
        outcome: None,
        ground: None,
    }
}

/// The wanted contact with a name that is one line. What the form does not ask for stays as it is.
fn cleaned(wanted: Contact, now: Option<&ContactRow>) -> Contact {
    let stays = now.filter(|row| row.contact.email == wanted.email);
    Contact {
        name: wanted.name.map(|name| one_line(&name, LINE_MAX)),
        away: stays.map_or(wanted.away, |row| row.contact.away.clone()),
        key: wanted.key.or_else(|| stays.and_then(|row| row.contact.key.clone())),
        ..wanted
    }
}

fn is_the_same(one: &ChangeRow, other: &ChangeRow) -> bool {
    let address = |change: &ChangeRow| change.wanted.as_ref().map(|contact| contact.email.clone());
    one.kind == other.kind
        && one.contact == other.contact
        && one.old_address == other.old_address
        && address(one) == address(other)
}
