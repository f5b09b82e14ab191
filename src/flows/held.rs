//! Held mail: kept for a member's decision because nothing proves whose it is.

use jiff::SignedDuration;

use crate::domain::case::{Actor, EventKind};
use crate::domain::id::{CaseId, HandlingId, MessageId};
use crate::domain::party::{Author, Lane, Party, PartyRole};
use crate::domain::report::Remote;
use crate::flows::intake::Message;
use crate::flows::writing::record;
use crate::flows::{House, Step};
use crate::mail::read::visible::visible;
use crate::store::{FiledAs, MessageRow, StoreError, Tx};

/// How long held mail may wait for a decision before a member is reminded of it (DESIGN.md 3.3).
pub const DECIDE_WITHIN: SignedDuration = SignedDuration::from_hours(48);

/// Holds a mail that belongs to no case.
pub async fn without_case(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    because: &str,
) -> Result<(), StoreError> {
    tx.insert_message(&held_row(row(house, step, message, None), step, because)).await?;
    keep_attachments(tx, message).await?;
    message.file_as(tx, step, FiledAs::Held, None, Some(because.to_owned())).await
}

/// Holds a mail that seems to be `party`'s but is not proven to be.
pub async fn for_case(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    party: &Party,
    because: &str,
) -> Result<(), StoreError> {
    let held = held_row(row(house, step, message, Some(party)), step, because);
    hold(tx, step, message, &party.case, held).await
}

/// Holds a mail for `case` of somebody who is not on it.
pub async fn for_stranger(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    case: &CaseId,
    because: &str,
) -> Result<(), StoreError> {
    let row = MessageRow { case: Some(case.clone()), ..row(house, step, message, None) };
    hold(tx, step, message, case, held_row(row, step, because)).await
}

/// Holds for `case` what a server seems to say of a letter.
pub async fn for_server(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    case: &CaseId,
    because: &str,
) -> Result<(), StoreError> {
    let row = MessageRow { case: Some(case.clone()), ..row(house, step, message, None) };
    let held = MessageRow { author: Author::Server, ..held_row(row, step, because) };
    hold(tx, step, message, case, held).await
}

async fn hold(
    tx: &mut Tx<'_>,
    step: &Step,
    message: &Message<'_>,
    case: &CaseId,
    held: MessageRow,
) -> Result<(), StoreError> {
    tx.insert_message(&held).await?;
    keep_attachments(tx, message).await?;
    message.file_as(tx, step, FiledAs::Held, Some(case), held.held_because.clone()).await?;
    record(tx, step, case, EventKind::MessageHeld, Actor::Stranger, held.id.as_str()).await
}

/// Puts a proven mail into the lane of `party`; `stays_because` says why it goes no further by itself, if so.
pub async fn into_lane(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    party: &Party,
    stays_because: Option<&str>,
) -> Result<MessageRow, StoreError> {
    let mut added = row(house, step, message, Some(party));
    added.held_because = stays_because.map(str::to_owned);
    tx.insert_message(&added).await?;
    keep_attachments(tx, message).await?;
    message.file_as(tx, step, FiledAs::Message, Some(&party.case), None).await?;
    let actor = Actor::Party(party.id.to_string());
    record(tx, step, &party.case, EventKind::MessageAdded, actor, added.id.as_str()).await?;
    Ok(added)
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

/// The mail as a message of `party`, in its lane.
fn row(house: &House, step: &Step, message: &Message<'_>, party: Option<&Party>) -> MessageRow {
    let mail = message.read.mail();
    let (lane, handling) = party.map(lane_of).unzip();
    let body = mail.map(|mail| mail.text.clone()).unwrap_or_default();
    let words = visible(&body);
    let id = MessageId::new(step.now, house.chance());
    MessageRow {
        case: party.map(|party| party.case.clone()),
        lane,
        handling: handling.flatten(),
        party: party.map(|party| party.id.clone()),
        arrival: Some(message.arrival.id.clone()),
        from_name: mail.and_then(|mail| mail.from.name()).map(str::to_owned),
        from: mail.and_then(|mail| mail.from.mailbox()).cloned(),
        subject: mail.map(|mail| mail.subject.clone()).unwrap_or_default(),
        words: (words.trim() != body.trim()).then_some(words),
        body,
        remote: mail.map_or(Remote::default(), |mail| mail.remote),
        proof: message.read.proof.words.clone(),
        ..MessageRow::blank(id, Author::Party, message.arrival.arrived_at)
    }
}

/// The same as held mail of somebody who is not proven.
fn held_row(row: MessageRow, step: &Step, because: &str) -> MessageRow {
    MessageRow {
        lane: None,
        author: Author::Stranger,
        held_because: Some(because.to_owned()),
        held_at: Some(step.now),
        ..row
    }
}
