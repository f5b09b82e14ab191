//! A project's contacts: those of the store laid over those of the file, what proves them and what speaks against them.
//!
//! The file names the first ones. Once a project has confirmed one, or has changed them, the store owns them:
//! from then on they change by proof and consent alone (DESIGN.md 3.6).

mod answers;
mod asking;
mod away;
mod domains;
mod overlay;
mod request;
mod settling;
pub(in crate::flows) mod telling;

use jiff::{SignedDuration, Timestamp};

pub use answers::{LinkView, Next, OwnChange, QuestionView, VerifyView, VoiceView, open};
pub use answers::{change_me, confirm, not_me, remove_me, still_me, take_answer, vote};
pub use asking::{ask_now, look_at_contact};
pub use away::{away_by_link, back_again, say_away, stand_in};
pub use domains::{look_after_domains, trust_domain};
pub use overlay::{current_directory, lay_over, refresh};
pub use request::{Asked, NotAsked, ask};
pub use settling::{NotDecided, Outlook, decide, look_at_change, outlooks};

use crate::domain::address::Mailbox;
use crate::domain::contact::{Due, Proof, Standing, first_ask};
use crate::domain::directory::ProjectId;
use crate::domain::letter::LetterKind;
use crate::store::{ContactRow, LetterFacts, StoreError, Tx};

/// A contact of `project` has shown that it is there: a proven reply, an acknowledgement, a pressed button. Nothing
/// happens if nobody there has this address.
pub async fn note_proof(
    tx: &mut Tx<'_>,
    project: &ProjectId,
    mailbox: &Mailbox,
    now: Timestamp,
) -> Result<(), StoreError> {
    match tx.contacts_of(project).await?.into_iter().find(|row| row.contact.email == *mailbox) {
        Some(row) => prove(tx, &row, now).await,
        None => Ok(()),
    }
}

/// A letter to a contact of `project` came back. Its clock, if any, keeps running; the flag stays until a proof.
pub async fn note_bounce(
    tx: &mut Tx<'_>,
    project: &ProjectId,
    mailbox: &Mailbox,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.count_bounce(project, mailbox, now).await.map(|_| ())
}

/// A letter was refused for good, at the relay or by a delivery report: if it was a contact's, it speaks against it.
pub async fn note_refusal(tx: &mut Tx<'_>, letter: &LetterFacts, now: Timestamp) -> Result<(), StoreError> {
    match (letter.kind, &letter.project) {
        (LetterKind::Quarterly | LetterKind::ContactNotice | LetterKind::Verify, _) => {
            // About no case, and so of no project alone.
            for row in tx.contacts_at(&letter.recipient).await? {
                note_bounce(tx, &row.project, &letter.recipient, now).await?;
            }
            Ok(())
        }
        (_, Some(project)) => note_bounce(tx, project, &letter.recipient, now).await,
        (_, None) => Ok(()),
    }
}

/// Proofs of one day look alike from outside.
const PROOFS_DIFFER_AFTER: SignedDuration = SignedDuration::from_hours(24);

async fn prove(tx: &mut Tx<'_>, row: &ContactRow, now: Timestamp) -> Result<(), StoreError> {
    let before = &row.health.proof;
    let proof = before.proven(now);
    tx.set_proof(&row.id, &proof, looked_at_again(row, &proof, now)).await?;
    if row.health.bounced_at.is_some() {
        tx.forget_bounces(&row.id).await?;
    }
    let is_news = before.proven_at.is_none_or(|last| now.duration_since(last) >= PROOFS_DIFFER_AFTER);
    if is_news || before.standing(now).is_unconfirmed() {
        tx.raise_contact_version().await?;
    }
    Ok(())
}

/// When the sweep looks at the contact again.
fn looked_at_again(row: &ContactRow, proof: &Proof, now: Timestamp) -> Timestamp {
    match proof.due(first_ask(&row.project, &row.contact.email), now) {
        Due::NotBefore(at) => at,
        Due::Question | Due::Doubt => now,
    }
}

/// What a page that anybody may see says of a project's contacts: never whose they are, or how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactStanding {
    /// "Contact confirmed on {date}".
    ConfirmedOn(Timestamp),
    /// "Contact not confirmed".
    NotConfirmed,
    NoContact,
}

/// What the public may know of these contacts of one project: the best of them counts.
pub fn contact_standing<'r>(contacts: impl IntoIterator<Item = &'r ContactRow>, now: Timestamp) -> ContactStanding {
    let mut best = ContactStanding::NoContact;
    for row in contacts {
        best = match (row.health.proof.standing(now), best) {
            _ if row.health.gone.is_some() => best,
            (
                Standing::Confirmed { on } | Standing::Asked { on: Some(on), .. },
                ContactStanding::ConfirmedOn(other),
            ) => ContactStanding::ConfirmedOn(on.max(other)),
            (Standing::Confirmed { on } | Standing::Asked { on: Some(on), .. }, _) => ContactStanding::ConfirmedOn(on),
            (_, ContactStanding::NoContact) => ContactStanding::NotConfirmed,
            _ => best,
        };
    }
    best
}
