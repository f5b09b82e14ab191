//! Held mail: kept for a member's decision because nothing proves whose it is.

use crate::domain::case::{Actor, EventKind};
use crate::domain::id::{HandlingId, MessageId};
use crate::domain::party::{Author, Lane, Party, PartyRole};
use crate::flows::intake::Message;
use crate::flows::writing::record;
use crate::flows::{House, Step};
use crate::store::{FiledAs, MessageRow, StoreError, Tx};

/// Holds a mail that belongs to no case.
pub async fn without_case(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    because: &str,
) -> Result<(), StoreError> {
    tx.insert_message(&row(house, step, message, None, Some(because))).await?;
    keep_attachments(tx, message).await?;
    message.file_as(tx, step, FiledAs::Held, None, Some(because.to_owned())).await
}

/// Holds a mail that came to the address of `party` but is not proven to be the party's.
pub async fn for_case(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    party: &Party,
    because: &str,
) -> Result<(), StoreError> {
    let held = row(house, step, message, Some(party), Some(because));
    tx.insert_message(&held).await?;
    keep_attachments(tx, message).await?;
    message.file_as(tx, step, FiledAs::Held, Some(&party.case), Some(because.to_owned())).await?;
    record(tx, step, &party.case, EventKind::MessageHeld, Actor::Stranger, held.id.as_str()).await
}

/// Puts a proven mail into the lane of `party`.
pub async fn into_lane(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    party: &Party,
) -> Result<(), StoreError> {
    let added = row(house, step, message, Some(party), None);
    tx.insert_message(&added).await?;
    keep_attachments(tx, message).await?;
    message.file_as(tx, step, FiledAs::Message, Some(&party.case), None).await?;
    let actor = Actor::Party(party.id.to_string());
    record(tx, step, &party.case, EventKind::MessageAdded, actor, added.id.as_str()).await
}

async fn keep_attachments(tx: &mut Tx<'_>, message: &Message<'_>) -> Result<(), StoreError> {
    match message.read.mail() {
        Some(mail) => tx.insert_attachments(&message.arrival.id, &mail.attachments).await,
        None => Ok(()),
    }
}

/// The lane and handling that mail of this party belongs to.
pub fn lane_of(party: &Party) -> (Lane, Option<HandlingId>) {
    match &party.role {
        PartyRole::Reporter => (Lane::Reporter, None),
        PartyRole::Contact(handling) => (Lane::Project, Some(handling.clone())),
    }
}

fn row(
    house: &House,
    step: &Step,
    message: &Message<'_>,
    party: Option<&Party>,
    held_because: Option<&str>,
) -> MessageRow {
    let mail = message.read.mail();
    let (lane, handling) = party.map(lane_of).unzip();
    MessageRow {
        id: MessageId::new(step.now, house.chance()),
        case: party.map(|party| party.case.clone()),
        lane: if held_because.is_some() { None } else { lane },
        handling: handling.flatten(),
        party: party.map(|party| party.id.clone()),
        arrival: Some(message.arrival.id.clone()),
        at: message.arrival.arrived_at,
        author: if held_because.is_some() { Author::Stranger } else { Author::Party },
        from_name: mail.and_then(|mail| mail.from.name()).map(str::to_owned),
        from: mail.and_then(|mail| mail.from.mailbox()).cloned(),
        subject: mail.map(|mail| mail.subject.clone()).unwrap_or_default(),
        body: mail.map(|mail| mail.text.clone()).unwrap_or_default(),
        words: None,
        proof: message.read.proof.words.clone(),
        passed_on_from: None,
        held_because: held_because.map(str::to_owned),
        held_at: held_because.map(|_| step.now),
        decided_at: None,
        decided_by: None,
        decision: None,
    }
}
