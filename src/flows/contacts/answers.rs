//! What somebody with a `/c/…` link may see and do, and the replies to "Still a security contact?".

use jiff::Timestamp;

use super::prove;
use super::request::begin;
use super::settling::{after_a_change, look};
use super::telling::{LinkRow, contact_of_address};
use crate::domain::address::{Mailbox, Purpose, Token};
use crate::domain::contact::says_yes;
use crate::domain::contact_change::{AskedThrough, ChangeKind, Effect, Outcome, Speaker, Voice};
use crate::domain::directory::{Contact, Project, ProjectId};
use crate::domain::id::{ChangeId, ContactId, ProposalId};
use crate::domain::report::{IncomingMail, Reading};
use crate::flows::intake::Message;
use crate::flows::{House, Step, held, proposals};
use crate::mail::read::visible::visible;
use crate::store::{ChangeRow, ContactRow, FiledAs, StoreError, Tx};

/// What is behind a link.
pub enum LinkView {
    Verify(VerifyView),
    Voice(Box<VoiceView>),
    Question(QuestionView),
}

/// A mailbox that was named as a contact.
pub struct VerifyView {
    pub project: Project,
    pub wanted: Contact,
    /// A stranger's words.
    pub asked_by: String,
}

/// A change that an old contact may consent to.
pub struct VoiceView {
    pub project: Project,
    pub change: ChangeRow,
    /// The address of the contact that is replaced, changed or removed.
    pub named: Option<Mailbox>,
    /// Whose link it is.
    pub reader: Mailbox,
}

/// A contact that is asked whether it still is one.
pub struct QuestionView {
    pub project: Project,
    pub contact: Contact,
}

/// What a button came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is done.
    Done,
    /// Proven; it takes effect then unless an old contact objects.
    At(Timestamp),
    /// Proven or said; others have to act.
    Waits,
    /// "Not me", or the change was refused.
    Ended,
}

impl From<Option<Effect>> for Next {
    fn from(effect: Option<Effect>) -> Self {
        match effect {
            Some(Effect::Now(_)) => Self::Done,
            Some(Effect::At(at)) => Self::At(at),
            Some(Effect::WaitsFor(_)) => Self::Waits,
            Some(Effect::Expired) | None => Self::Ended,
        }
    }
}

/// The row of a link that is alive: of this purpose, not used and not too old.
async fn row_of(house: &House, token: &Token) -> Result<Option<LinkRow>, StoreError> {
    let Some(link) = house.store.link(&token.fingerprint()).await? else { return Ok(None) };
    let is_alive = link.purpose == Purpose::ContactLink
        && link.used_at.is_none()
        && link.expires_at.is_some_and(|end| house.now() < end);
    Ok(if is_alive { LinkRow::from_row(&link.row) } else { None })
}

/// What the link shows; opening it changes nothing, for mail gateways open every link.
pub async fn open(house: &House, token: &Token) -> Result<Option<LinkView>, StoreError> {
    let policy = house.policy();
    let project_of = |id: &ProjectId| policy.directory.project(id).cloned();
    Ok(match row_of(house, token).await? {
        None => None,
        Some(LinkRow::Verify(id)) => {
            let change = waiting(house, &id).await?.filter(|change| change.proven_at.is_none());
            change.and_then(|change| {
                let project = project_of(&change.project)?;
                Some(LinkView::Verify(VerifyView { project, wanted: change.wanted?, asked_by: change.asked_by }))
            })
        }
        Some(LinkRow::Voice(id, reader)) => {
            let Some(change) = waiting(house, &id).await? else { return Ok(None) };
            let contacts = house.store.contacts_of(&change.project).await?;
            let address =
                |id: &ContactId| contacts.iter().find(|row| row.id == *id).map(|row| row.contact.email.clone());
            let named = change.contact.as_ref().and_then(address);
            let parts = (project_of(&change.project), address(&ContactId::from_row(reader)));
            match parts {
                (Some(project), Some(reader)) => {
                    Some(LinkView::Voice(Box::new(VoiceView { project, change, named, reader })))
                }
                _ => None,
            }
        }
        Some(LinkRow::Question(id)) => house.store.contact(&ContactId::from_row(id)).await?.and_then(|row| {
            let project = project_of(&row.project)?;
            Some(LinkView::Question(QuestionView { project, contact: row.contact }))
        }),
        Some(LinkRow::Proposed(id, place)) => {
            proposals::to_prove(house, &ProposalId::from_row(id), place).await?.map(LinkView::Verify)
        }
    })
}

async fn waiting(house: &House, id: &str) -> Result<Option<ChangeRow>, StoreError> {
    let change = house.store.change(&ChangeId::from_row(id)).await?;
    Ok(change.filter(|change| change.settled_at.is_none()))
}

/// Uses the link up, and gives its row; `None` if somebody was quicker or it is too old.
async fn used(tx: &mut Tx<'_>, step: &Step, token: &Token) -> Result<Option<LinkRow>, StoreError> {
    if token.purpose() != Purpose::ContactLink || !tx.use_link(&token.fingerprint(), step.now).await? {
        return Ok(None);
    }
    Ok(tx.link(&token.fingerprint()).await?.and_then(|link| LinkRow::from_row(&link.row)))
}

/// "Confirm": the mailbox proves itself, and the change goes on.
pub async fn confirm(house: &House, token: &Token) -> Result<Option<Next>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let id = match used(&mut tx, &step, token).await? {
        Some(LinkRow::Verify(id)) => ChangeId::from_row(id),
        Some(LinkRow::Proposed(id, place)) => {
            return proposals::confirm(tx, house, &step, &ProposalId::from_row(id), place).await.map(Some);
        }
        _ => return Ok(None),
    };
    if !tx.prove_change(&id, step.now).await? {
        return Ok(None);
    }
    let effect = look(&mut tx, house, &step, &id).await?;
    tx.commit().await?;
    after_a_change(house).await?;
    Ok(Some(effect.into()))
}

/// "Not me": nothing is ever sent because of this request again.
pub async fn not_me(house: &House, token: &Token) -> Result<Option<Next>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    match used(&mut tx, &step, token).await? {
        Some(LinkRow::Verify(id)) => {
            tx.settle_change(&ChangeId::from_row(id), Outcome::Refused, "not-me", step.now).await?;
        }
        Some(LinkRow::Proposed(id, place)) => {
            tx.refuse_proposed(&ProposalId::from_row(id), place, step.now).await?;
        }
        _ => return Ok(None),
    }
    tx.commit().await?;
    Ok(Some(Next::Ended))
}

/// An old contact consents or objects.
pub async fn vote(house: &House, token: &Token, is_for: bool) -> Result<Option<Next>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(LinkRow::Voice(change, contact)) = used(&mut tx, &step, token).await? else { return Ok(None) };
    let (change, contact) = (ChangeId::from_row(change), ContactId::from_row(contact));
    let Some(row) = tx.contact_for_update(&contact).await? else { return Ok(None) };
    // Whoever pressed the button has the mailbox.
    prove(&mut tx, &row, step.now).await?;
    tx.speak(&change, &Voice { speaker: Speaker::Contact(contact), is_for, at: step.now }).await?;
    let effect = look(&mut tx, house, &step, &change).await?;
    tx.commit().await?;
    after_a_change(house).await?;
    Ok(Some(effect.into()))
}

/// "Yes, still me": a proof, by which the project has confirmed its contacts here.
pub async fn still_me(house: &House, token: &Token) -> Result<Option<Next>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(row) = asked_contact(&mut tx, &step, token).await? else { return Ok(None) };
    confirmed(&mut tx, &row, step.now).await?;
    tx.commit().await?;
    after_a_change(house).await?;
    Ok(Some(Next::Done))
}

async fn asked_contact(tx: &mut Tx<'_>, step: &Step, token: &Token) -> Result<Option<ContactRow>, StoreError> {
    let Some(LinkRow::Question(id)) = used(tx, step, token).await? else { return Ok(None) };
    tx.contact_for_update(&ContactId::from_row(id)).await
}

async fn confirmed(tx: &mut Tx<'_>, row: &ContactRow, now: Timestamp) -> Result<(), StoreError> {
    prove(tx, row, now).await?;
    if !tx.owns_contacts(&row.project).await? {
        tx.own_contacts(&row.project, now).await?;
        tx.raise_contact_version().await?;
    }
    Ok(())
}

/// What a contact changes about its own entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnChange {
    pub wanted: Contact,
    pub note: Option<String>,
}

/// "Change something": particulars at once, another address once that mailbox has proven itself.
pub async fn change_me(house: &House, token: &Token, own: OwnChange) -> Result<Option<Next>, StoreError> {
    let step = house.step();
    if step.own_addresses().read(&own.wanted.email).is_some() {
        return Ok(None);
    }
    let mut tx = house.store.begin().await?;
    let Some(row) = asked_contact(&mut tx, &step, token).await? else { return Ok(None) };
    confirmed(&mut tx, &row, step.now).await?;
    let is_moving = own.wanted.email != row.contact.email;
    let kind = if is_moving { ChangeKind::Replace } else { ChangeKind::Change };
    let mut change = own_change(house, &step, &row, kind);
    change.note = own.note;
    change.proven_at = (!is_moving).then_some(step.now);
    change.wanted = Some(own.wanted);
    begin_own(tx, house, &step, &row, &change).await?;
    Ok(Some(if is_moving { Next::Waits } else { Next::Done }))
}

/// "Remove me": done at once, also by the last one, of whose leaving the committee is told.
pub async fn remove_me(house: &House, token: &Token) -> Result<Option<Next>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(row) = asked_contact(&mut tx, &step, token).await? else { return Ok(None) };
    let change = own_change(house, &step, &row, ChangeKind::Remove);
    begin_own(tx, house, &step, &row, &change).await?;
    Ok(Some(Next::Done))
}

fn own_change(house: &House, step: &Step, row: &ContactRow, kind: ChangeKind) -> ChangeRow {
    ChangeRow {
        id: ChangeId::new(step.now, house.chance()),
        project: row.project.clone(),
        kind,
        contact: Some(row.id.clone()),
        old_address: None,
        asked_through: AskedThrough::Contact,
        asked_by: row.contact.email.to_string(),
        note: None,
        asked_at: step.now,
        wanted: None,
        itself_at: Some(step.now),
        proven_at: None,
        told_at: None,
        settled_at: None,
        outcome: None,
        ground: None,
    }
}

async fn begin_own(
    mut tx: Tx<'_>,
    house: &House,
    step: &Step,
    row: &ContactRow,
    change: &ChangeRow,
) -> Result<(), StoreError> {
    let old = tx.contacts_of(&row.project).await?;
    if let Some(project) = step.policy.directory.project(&row.project) {
        begin(&mut tx, house, step, project, change, &old).await?;
    }
    tx.commit().await?;
    after_a_change(house).await
}

/// Takes a mail that came to the address at which a contact answers our question. A plain yes of a proven sender is a
/// proof; all else is kept for a person.
pub async fn take_answer(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    fingerprint: &str,
) -> Result<(), StoreError> {
    let Some(row) = contact_of_address(tx, fingerprint).await? else {
        return held::without_case(tx, house, step, message, "It came to the address of a contact who has left.").await;
    };
    let mail = match &message.read.reading {
        Reading::Mail(mail) => mail,
        Reading::Unreadable(why) => {
            let because = format!("An answer to our question to a contact that could not be read: {why}.");
            return held::without_case(tx, house, step, message, &because).await;
        }
    };
    if let Some(sign) = mail.automatic {
        let because = format!("An answer to our question to a contact, recognized by {}.", sign.words());
        return message.file_as(tx, step, FiledAs::Automatic, None, Some(because)).await;
    }
    if let Some(doubt) = doubt(message, mail, &row.contact) {
        let because = format!("An answer to \"Still a security contact for {}?\": {doubt}", row.project);
        return held::without_case(tx, house, step, message, &because).await;
    }
    confirmed(tx, &row, step.now).await?;
    let because = format!("A contact of {} confirmed that it still is one.", row.project);
    message.file_as(tx, step, FiledAs::Automatic, None, Some(because)).await
}

/// Why the answer proves nothing by itself.
fn doubt(message: &Message<'_>, mail: &IncomingMail, contact: &Contact) -> Option<&'static str> {
    if !message.read.proof.is_proven() {
        return Some("neither SPF nor DKIM vouches for the sender.");
    }
    if !contact.is_list && mail.from.mailbox() != Some(&contact.email) {
        return Some("it came from somebody else.");
    }
    (!says_yes(&visible(&mail.text))).then_some("it says more than yes.")
}
