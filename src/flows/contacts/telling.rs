//! Letters about contacts: to a new mailbox, to the old contacts, to the committee.

use jiff::Timestamp;

use crate::domain::abuse::{DAY, LETTERS_PER_ADDRESS};
use crate::domain::address::{Mailbox, Purpose};
use crate::domain::contact::LINK_LIFE;
use crate::domain::contact_change::ChangeKind;
use crate::domain::directory::Project;
use crate::domain::id::{ContactId, LetterId};
use crate::domain::letter::LetterKind;
use crate::flows::writing::{self, NewLetter};
use crate::flows::{House, Step};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::contact_notice::{
    CommitteeNotice, ContactNotice, News, Wanted, committee_notice, contact_notice,
};
use crate::mail::write::letters::quarterly::{Quarterly, quarterly};
use crate::mail::write::letters::verify::{Verify, verify};
use crate::store::{ChangeRow, ContactRow, StoreError, Tx};

/// What a `/c/…` link belongs to; the text stands in the row of the link.
pub(in crate::flows) enum LinkRow {
    /// The new mailbox proves itself.
    Verify(String),
    /// An old contact consents or objects.
    Voice(String, String),
    /// "Still a security contact?"
    Question(String),
    /// A mailbox that a proposed project names proves itself: the proposal, and the contact's place in it.
    Proposed(String, i64),
}

impl LinkRow {
    pub(super) fn to_row(&self) -> String {
        match self {
            Self::Verify(change) => format!("verify {change}"),
            Self::Voice(change, contact) => format!("voice {change} {contact}"),
            Self::Question(contact) => format!("question {contact}"),
            Self::Proposed(proposal, place) => format!("proposed {proposal} {place}"),
        }
    }

    pub(super) fn from_row(row: &str) -> Option<Self> {
        let words: Vec<&str> = row.split(' ').collect();
        match words[..] {
            ["verify", change] => Some(Self::Verify(change.to_owned())),
            ["voice", change, contact] => Some(Self::Voice(change.to_owned(), contact.to_owned())),
            ["question", contact] => Some(Self::Question(contact.to_owned())),
            ["proposed", proposal, place] => Some(Self::Proposed(proposal.to_owned(), place.parse().ok()?)),
            _ => None,
        }
    }
}

/// Issues a link that lives two weeks. `generation` tells the links of one row apart.
async fn link(
    tx: &mut Tx<'_>,
    house: &House,
    now: Timestamp,
    row: &LinkRow,
    generation: i64,
) -> Result<String, StoreError> {
    let row = row.to_row();
    let token = house.key.token(Purpose::ContactLink, &row, generation);
    tx.issue(&token, &row, generation, Some(now + LINK_LIFE)).await?;
    Ok(format!("{}/c/{}", house.public_url, token.letters()))
}

/// Whether one more letter about contacts may go to this address today: a stranger may have typed it.
pub(super) async fn may_write_to(tx: &mut Tx<'_>, to: &Mailbox, now: Timestamp) -> Result<bool, StoreError> {
    let others = tx.automatic_letters(now - DAY, to).await?.to_address;
    Ok(others + tx.contact_letters(now - DAY, to).await? < LETTERS_PER_ADDRESS)
}

pub(in crate::flows) async fn put(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    kind: LetterKind,
    to: &Mailbox,
    reply_to: Option<&Mailbox>,
    words: &Words,
) -> Result<LetterId, StoreError> {
    let letter = NewLetter { reply_to, ..NewLetter::of_no_case(kind, to, words) };
    writing::put(tx, house, step, letter).await
}

/// M10, to the mailbox that would get reports.
pub(super) async fn ask_for_proof(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    project: &Project,
    change: &ChangeRow,
) -> Result<(), StoreError> {
    let Some(wanted) = &change.wanted else { return Ok(()) };
    let named = Named { project: &project.name, asked_by: &change.asked_by, to: &wanted.email };
    verify_mailbox(tx, house, step, &named, &LinkRow::Verify(change.id.to_string())).await
}

/// A mailbox that a stranger named as a contact.
pub(in crate::flows) struct Named<'a> {
    pub project: &'a str,
    /// A stranger's words.
    pub asked_by: &'a str,
    pub to: &'a Mailbox,
}

/// M10: asks a mailbox to prove itself by the link of `row`, unless it had as many letters today as it may have.
pub(in crate::flows) async fn verify_mailbox(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    named: &Named<'_>,
    row: &LinkRow,
) -> Result<(), StoreError> {
    if !may_write_to(tx, named.to, step.now).await? {
        return Ok(());
    }
    let link = link(tx, house, step.now, row, 0).await?;
    let words = verify(&Verify {
        project: named.project,
        org: &step.policy.directory.foundation.name,
        asked_by: named.asked_by,
        open_by: step.now + LINK_LIFE,
        link: &link,
    });
    put(tx, house, step, LetterKind::Verify, named.to, None, &words).await.map(|_| ())
}

/// M11, to a contact.
pub(super) async fn ask_whether_still(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    project: &Project,
    row: &ContactRow,
) -> Result<(), StoreError> {
    let proof = &row.health.proof;
    // The letters of one contact differ in their moment, so that each link can be used once.
    let link = link(tx, house, step.now, &LinkRow::Question(row.id.to_string()), step.now.as_microsecond()).await?;
    let address = house.key.token(Purpose::ContactAddress, row.id.as_str(), 0);
    tx.issue(&address, row.id.as_str(), 0, None).await?;
    let words = quarterly(&Quarterly {
        project: &project.name,
        org: &step.policy.directory.foundation.name,
        answer_by: proof.answer_by(step.now),
        is_again: proof.asks > 0,
        is_unconfirmed: proof.standing(step.now).is_unconfirmed(),
        link: &link,
    });
    let reply_to = step.own_addresses().with(&address);
    put(tx, house, step, LetterKind::Quarterly, &row.contact.email, Some(&reply_to), &words).await.map(|_| ())
}

/// Tells the old contacts that a change was asked for, each with a link of its own to consent or object.
pub(super) async fn tell_the_old_ones(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    project: &Project,
    change: &ChangeRow,
    old: &[ContactRow],
) -> Result<(), StoreError> {
    let wanted_at = change.wanted.as_ref().map(|contact| &contact.email);
    for row in old.iter().filter(|row| row.health.gone.is_none() && Some(&row.contact.email) != wanted_at) {
        let link = link(tx, house, step.now, &LinkRow::Voice(change.id.to_string(), row.id.to_string()), 0).await?;
        let words = contact_notice(&ContactNotice {
            project: &project.name,
            org: &step.policy.directory.foundation.name,
            wanted: wanted(change, old),
            is_about_you: change.contact.as_ref() == Some(&row.id),
            news: News::Asked { by: &change.asked_by, is_by_a_contact: change.itself_at.is_some(), link: &link },
        });
        let letter = put(tx, house, step, LetterKind::ContactNotice, &row.contact.email, None, &words).await?;
        tx.note_notice(&change.id, &letter).await?;
    }
    Ok(())
}

/// Tells everybody concerned that a change took effect.
pub(super) async fn tell_of_the_effect(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    project: &Project,
    change: &ChangeRow,
    old: &[ContactRow],
) -> Result<(), StoreError> {
    let new = change.wanted.iter().map(|contact| &contact.email);
    let mut told: Vec<&Mailbox> = Vec::new();
    let everybody = old.iter().filter(|row| row.health.gone.is_none()).map(|row| &row.contact.email).chain(new);
    for to in everybody {
        if told.contains(&to) {
            continue;
        }
        told.push(to);
        let is_about_you = change.wanted.as_ref().is_some_and(|contact| contact.email == *to)
            || old.iter().any(|row| change.contact.as_ref() == Some(&row.id) && row.contact.email == *to);
        let words = contact_notice(&ContactNotice {
            project: &project.name,
            org: &step.policy.directory.foundation.name,
            wanted: wanted(change, old),
            is_about_you,
            news: News::Done,
        });
        put(tx, house, step, LetterKind::ContactNotice, to, None, &words).await?;
    }
    Ok(())
}

fn wanted<'a>(change: &'a ChangeRow, old: &'a [ContactRow]) -> Wanted<'a> {
    let new = change.wanted.as_ref().map(|contact| &contact.email);
    let named = old.iter().find(|row| change.contact.as_ref() == Some(&row.id)).map(|row| &row.contact.email);
    match (change.kind, new, named.or(change.old_address.as_ref())) {
        (ChangeKind::Replace, Some(new), Some(old)) => Wanted::Replace { old, new },
        (ChangeKind::Change, Some(at), _) => Wanted::Change { at },
        (ChangeKind::Remove, _, Some(old)) => Wanted::Remove { old },
        (_, Some(new), _) => Wanted::Add { new },
        (_, None, _) => Wanted::Unclear,
    }
}

/// Tells all members something about a project's contacts, with the way to the desk's page.
pub(super) async fn tell_the_committee(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    notice: &CommitteeNotice<'_>,
) -> Result<(), StoreError> {
    let words = committee_notice(notice, &format!("{}/contacts", house.public_url));
    for member in &step.policy.directory.committee {
        put(tx, house, step, LetterKind::ContactNotice, &member.email, None, &words).await?;
    }
    Ok(())
}

/// The contact whose address to answer our question at has that fingerprint.
pub(super) async fn contact_of_address(tx: &mut Tx<'_>, fingerprint: &str) -> Result<Option<ContactRow>, StoreError> {
    match tx.link(fingerprint).await? {
        Some(link) if link.purpose == Purpose::ContactAddress => {
            tx.contact_for_update(&ContactId::from_row(link.row)).await
        }
        _ => Ok(None),
    }
}
