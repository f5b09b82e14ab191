//! Puts a finished letter into the outbox: words, headers, Message-ID and return path in the caller's transaction.

use crate::domain::address::{Mailbox, Purpose};
use crate::domain::case::{Actor, CaseEvent, CaseRef, EventKind};
use crate::domain::id::{CaseId, HandlingId, LetterId, MessageId, PartyId};
use crate::domain::letter::{Letter, LetterKind, due_at};
use crate::flows::{House, Step};
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
    /// Message-IDs that the letter answers, without brackets.
    pub references: &'a [String],
}

/// Writes the letter, its return path and its event.
pub async fn put(tx: &mut Tx<'_>, house: &House, step: &Step, new: NewLetter<'_>) -> Result<LetterId, StoreError> {
    let directory = &step.policy.directory;
    let security = &directory.foundation.security_address;
    let id = LetterId::new(step.now, house.chance());
    let message_id = message_id(&id, security);
    let bytes = build(&Draft {
        kind: new.kind,
        foundation: &directory.foundation.name,
        from: security,
        to: new.to,
        reply_to: new.reply_to,
        words: new.words,
        written_at: step.now,
        message_id: &message_id,
        references: new.references,
        case: new.case.map(|(_, number)| number),
        instance: security.domain(),
    });
    tx.put_letter(&Letter {
        id: id.clone(),
        kind: new.kind,
        case: new.case.map(|(case, _)| case.clone()),
        handling: new.handling.cloned(),
        party: new.party.cloned(),
        said_in: new.said_in.cloned(),
        recipient: new.to.clone(),
        message_id,
        subject: new.words.subject.clone(),
        bytes,
        created_at: step.now,
        due_at: due_at(new.kind, step.now, directory.routing.hold),
    })
    .await?;
    tx.issue(&house.key.token(Purpose::ReturnPath, id.as_str(), 0), id.as_str(), 0, None).await?;
    if let Some((case, _)) = new.case {
        record(tx, step, case, EventKind::LetterWritten, Actor::Program, format!("{} {id}", new.kind.word())).await?;
    }
    Ok(id)
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
    tx.append_event(case, &CaseEvent { kind, at: step.now, actor, detail: detail.into() }).await?;
    Ok(())
}
