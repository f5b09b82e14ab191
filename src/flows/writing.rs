//! Puts a finished letter into the outbox: words, headers, Message-ID and return path in the caller's transaction.

use jiff::Timestamp;

use crate::domain::address::{Mailbox, Purpose};
use crate::domain::case::{Actor, CaseEvent, CaseRef, EventKind};
use crate::domain::id::{CaseId, HandlingId, LetterId, MessageId, PartyId};
use crate::domain::letter::{Letter, LetterKind, due_at};
use crate::domain::party::{Party, PartyRole};
use crate::flows::{House, Step, seen};
use crate::mail::write::build::{Draft, build, message_id};
use crate::mail::write::letters::Words;
use crate::store::{StoreError, Tx};

/// A letter before it has an id.
pub struct NewLetter<'a> {
    pub kind: LetterKind,
    pub to: &'a Mailbox,
    /// The party's own address, where an answer is wanted.
    pub reply_to: Option<&'a Mailbox>,
    pub words: &'a Words,
    pub case: Option<(&'a CaseId, &'a CaseRef)>,
    pub handling: Option<&'a HandlingId>,
    pub party: Option<&'a PartyId>,
    /// The message whose words it carries.
    pub said_in: Option<&'a MessageId>,
    /// Message-IDs that the letter answers beside those of its thread, without brackets.
    pub references: &'a [String],
}

impl<'a> NewLetter<'a> {
    /// A letter that belongs to no case and asks for no answer.
    pub fn of_no_case(kind: LetterKind, to: &'a Mailbox, words: &'a Words) -> Self {
        Self {
            kind,
            to,
            reply_to: None,
            words,
            case: None,
            handling: None,
            party: None,
            said_in: None,
            references: &[],
        }
    }
}

/// What all letters of one case and lane to one party have in common, so that a mail program shows them as one.
#[derive(Default)]
struct Thread {
    /// The subject of the first letter; `None` while there is none.
    subject: Option<String>,
    /// Message-IDs, oldest first: what the party sent, and our letters to it.
    references: Vec<String>,
}

async fn thread(tx: &mut Tx<'_>, case: &CaseId, party: &PartyId) -> Result<Thread, StoreError> {
    let mut subject = None;
    let mut mails = tx.message_ids_from(party).await?;
    for letter in tx.letters_to(case, party).await?.into_iter().filter(|letter| letter.kind.is_in_the_thread()) {
        subject.get_or_insert(letter.subject);
        mails.push((letter.created_at, letter.message_id));
    }
    mails.sort_by_key(|(at, _)| *at);
    Ok(Thread { subject, references: mails.into_iter().map(|(_, message_id)| message_id).collect() })
}

/// Writes the letter, its return path and its event.
pub async fn put(tx: &mut Tx<'_>, house: &House, step: &Step, new: NewLetter<'_>) -> Result<LetterId, StoreError> {
    let leaves = due_at(new.kind, step.now, step.policy.directory.routing.hold);
    put_as(tx, house, step, new, new_id(house, step), leaves).await
}

/// The id of a letter that is written in this step.
pub fn new_id(house: &House, step: &Step) -> LetterId {
    LetterId::new(step.now, house.chance())
}

/// Like [`put`], for a letter whose words hold a link that belongs to its `id`, or that does not leave before the
/// moment `leaves`.
pub async fn put_as(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    new: NewLetter<'_>,
    id: LetterId,
    leaves: Timestamp,
) -> Result<LetterId, StoreError> {
    let directory = &step.policy.directory;
    let mut thread = match (new.case, new.party) {
        (Some((case, _)), Some(party)) if new.kind.is_in_the_thread() => thread(tx, case, party).await?,
        _ => Thread::default(),
    };
    thread.references.extend_from_slice(new.references);
    let subject = thread.subject.unwrap_or_else(|| new.words.subject.clone());
    let words = Words { subject, body: new.words.body.clone() };
    let message_id = message_id(&id, &directory.foundation.security_address);
    let bytes = bytes(step, &new, &words, &message_id, &thread.references);
    tx.put_letter(&Letter {
        id: id.clone(),
        kind: new.kind,
        case: new.case.map(|(case, _)| case.clone()),
        handling: new.handling.cloned(),
        party: new.party.cloned(),
        said_in: new.said_in.cloned(),
        recipient: new.to.clone(),
        message_id,
        subject: words.subject,
        bytes,
        created_at: step.now,
        due_at: leaves,
    })
    .await?;
    tx.issue(&house.key.token(Purpose::ReturnPath, id.as_str(), 0), id.as_str(), 0, None).await?;
    if let Some((case, _)) = new.case {
        record(tx, step, case, EventKind::LetterWritten, Actor::Program, format!("{} {id}", new.kind.word())).await?;
    }
    Ok(id)
}

/// The letter as it leaves, written in this step.
pub fn bytes(step: &Step, new: &NewLetter<'_>, words: &Words, message_id: &str, references: &[String]) -> Vec<u8> {
    let foundation = &step.policy.directory.foundation;
    build(&Draft {
        kind: new.kind,
        foundation: &foundation.name,
        from: &foundation.security_address,
        to: new.to,
        reply_to: new.reply_to,
        words,
        written_at: step.now,
        message_id,
        references,
        case: new.case,
        instance: foundation.security_address.domain(),
    })
}

/// Writes to a party of a case, in its thread, for an answer to its own address. `None` if it has no address.
pub async fn to_party(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: (&CaseId, &CaseRef),
    party: &Party,
    letter: (LetterKind, &Words, Option<&MessageId>),
) -> Result<Option<LetterId>, StoreError> {
    let leaves = due_at(letter.0, step.now, step.policy.directory.routing.hold);
    to_party_at(tx, house, step, case, party, letter, leaves).await
}

/// Like [`to_party`], for a letter that does not leave before the moment `leaves`.
pub async fn to_party_at(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: (&CaseId, &CaseRef),
    party: &Party,
    letter: (LetterKind, &Words, Option<&MessageId>),
    leaves: Timestamp,
) -> Result<Option<LetterId>, StoreError> {
    let Some(to) = &party.mailbox else { return Ok(None) };
    let (kind, words, said_in) = letter;
    let handling = match &party.role {
        PartyRole::Reporter => None,
        PartyRole::Contact(handling) => Some(handling),
    };
    let reply_to = step.own_addresses().with(&house.party_token(party));
    let (case, party, reply_to) = (Some(case), Some(&party.id), Some(&reply_to));
    let new = NewLetter { kind, to, reply_to, words, case, handling, party, said_in, references: &[] };
    put_as(tx, house, step, new, new_id(house, step), leaves).await.map(Some)
}

/// Appends one event to the record of a case.
pub async fn record(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    kind: EventKind,
    actor: Actor,
    detail: impl Into<String>,
) -> Result<(), StoreError> {
    if let Actor::Member(_) = &actor {
        // Whoever does something with a case has seen it.
        seen::by_a_member(tx, case, step.now, step.now).await?;
    }
    tx.append_event(case, &CaseEvent { kind, at: step.now, actor, detail: detail.into() });
    Ok(())
}
