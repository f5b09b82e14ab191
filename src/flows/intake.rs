//! Implements `Reception`, and works the journal off: each message ends in exactly one place a person can open.

use std::sync::Arc;

use crate::domain::abuse::Unheard;
use crate::domain::address::{Addressee, Mailbox, OwnAddress};
use crate::domain::case::{Actor, EventKind};
use crate::domain::id::{ArrivalId, CaseId};
use crate::domain::report::{Arrival, MailKind, Peer, Reading, Unreadable};
use crate::flows::reading::{self, Read};
use crate::flows::{House, Step, abuse, bounces, contacts, held, hints, opening, proofs, replies, writing};
use crate::mail::doors::{Deliverable, NotKept, Reception};
use crate::store::{ClaimedArrival, FiledAs, Filing, JournalEntry, StoreError, TwinKey, Tx};

/// Rows that one claim takes: enough that the claim's commit costs little beside theirs.
const BATCH: i64 = 32;

/// At this death of the program over one message, it is set aside for a person.
const DEATHS_TO_SET_ASIDE: i64 = 2;

/// The house's side of every mail door.
pub struct FrontDoor(pub Arc<House>);

impl Reception for FrontDoor {
    async fn may_deliver(&self, recipient: &Mailbox, peer: Option<&Peer>) -> Deliverable {
        let token = match self.0.step().own_addresses().read(recipient) {
            None => return Deliverable::NotOurs,
            Some(OwnAddress::Security | OwnAddress::Postmaster) => return Deliverable::Yes,
            Some(OwnAddress::Tagged(token)) => Some(token),
            Some(OwnAddress::UnknownTag) => None,
        };
        let issued = match token {
            Some(token) => self.0.store.link(&token.fingerprint()).await.map(|link| link.is_some()),
            None => Ok(false),
        };
        match issued {
            Ok(true) => Deliverable::Yes,
            // The operator's own MTA has taken it already: our refusal would be its bounce (DESIGN.md 3.1).
            Ok(false) if peer.is_none_or(|peer| peer.is_trusted) => Deliverable::Yes,
            Ok(false) => Deliverable::NoSuchMailbox,
            Err(error) => {
                tracing::warn!(%error, "cannot look up a recipient");
                Deliverable::TryLater
            }
        }
    }

    async fn keep(&self, arrival: Arrival) -> Result<ArrivalId, NotKept> {
        let house = &self.0;
        let own = house.step().own_addresses();
        let addressees = arrival.recipients.iter().filter_map(|mailbox| own.read(mailbox)).map(Addressee::from);
        let id = ArrivalId::new(arrival.arrived_at, house.chance());
        let entry = JournalEntry {
            id: id.clone(),
            arrived_at: arrival.arrived_at,
            door: arrival.door,
            peer: arrival.peer,
            sender: arrival.sender,
            addressees: addressees.collect(),
            raw: arrival.raw,
        };
        house.store.keep(entry).await.map_err(|error| {
            tracing::warn!(%error, "a message was not kept; the sender was asked to try again");
            NotKept(error.to_string())
        })?;
        house.arrivals.notify_one();
        Ok(id)
    }
}

/// Works off what waits in the journal; says how many messages were taken up.
///
/// A message that cannot be filed because the store is away stays in the journal and is taken up again. One
/// that the store cannot make sense of is set aside, and the others go on.
pub async fn work_off(house: &House) -> Result<usize, StoreError> {
    let arrivals = house.store.claim_arrivals(BATCH).await?;
    for (done, arrival) in arrivals.iter().enumerate() {
        let filed = match file(house, arrival).await {
            Err(error @ StoreError::Corrupt(_)) => set_aside(house, arrival, &error).await,
            filed => filed,
        };
        if let Err(error) = filed {
            for unfiled in &arrivals[done..] {
                house.store.release_arrival(&unfiled.id).await?;
            }
            return Err(error);
        }
    }
    Ok(arrivals.len())
}

/// Opens a case for a message that cannot be read back or filed, so that a person sees it. If even that
/// fails it stays claimed, out of the way of the others, until the next start.
async fn set_aside(house: &House, arrival: &ClaimedArrival, error: &StoreError) -> Result<(), StoreError> {
    tracing::error!(arrival = %arrival.id, %error, "set a message aside: it could not be filed");
    let (step, read) = (house.step(), Read::set_aside(Unreadable::NotFiled));
    match commit(house, &step, &Message { arrival, read: &read }).await {
        Err(error @ StoreError::Corrupt(_)) => {
            tracing::error!(arrival = %arrival.id, %error, "a message stays in the journal: it could not be set aside");
            Ok(())
        }
        done => done,
    }
}

/// Files one message: one step, one time, one transaction.
async fn file(house: &House, arrival: &ClaimedArrival) -> Result<(), StoreError> {
    let step = house.step();
    let read = if arrival.deaths >= DEATHS_TO_SET_ASIDE {
        tracing::error!(arrival = %arrival.id, "set a message aside: the program died twice while it worked on it");
        Read::set_aside(Unreadable::SetAside)
    } else {
        reading::read(house, &step, arrival).await?
    };
    commit(house, &step, &Message { arrival, read: &read }).await
}

/// Writes all that follows from the message, in one transaction.
async fn commit(house: &House, step: &Step, message: &Message<'_>) -> Result<(), StoreError> {
    let mut tx = house.store.begin().await?;
    deliver(&mut tx, house, step, message).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(())
}

/// A message with all that is known of it.
pub struct Message<'a> {
    pub arrival: &'a ClaimedArrival,
    pub read: &'a Read,
}

impl Message<'_> {
    /// Writes in the journal what became of the message.
    pub async fn file_as(
        &self,
        tx: &mut Tx<'_>,
        step: &Step,
        filed_as: FiledAs,
        case: Option<&CaseId>,
        because: Option<String>,
    ) -> Result<(), StoreError> {
        let mail = self.read.mail();
        let filing = Filing {
            filed_as,
            at: step.now,
            case: case.cloned(),
            because,
            message_id: mail.and_then(|mail| mail.message_id.clone()),
            from: mail.and_then(|mail| mail.from.mailbox()).map(Mailbox::folded),
            subject: mail.map(|mail| mail.subject.clone()),
            body_sha256: mail.map(|mail| mail.body_sha256),
        };
        tx.file_arrival(&self.arrival.id, &filing).await?;
        Ok(())
    }
}

/// Decides where the message belongs, by its envelope alone, and writes it there. What else hints at a case decides
/// only that a person looks before it opens one.
async fn deliver(tx: &mut Tx<'_>, house: &House, step: &Step, message: &Message<'_>) -> Result<(), StoreError> {
    if is_a_twin(tx, step, message).await? {
        return Ok(());
    }
    for addressee in &message.arrival.addressees {
        match addressee {
            Addressee::ReturnPath(fingerprint) => return bounces::take(tx, house, step, message, fingerprint).await,
            Addressee::Contact(fingerprint) => {
                return contacts::take_answer(tx, house, step, message, fingerprint).await;
            }
            Addressee::LoopTest(fingerprint) => return proofs::take_loop_test(tx, step, message, fingerprint).await,
            _ => {}
        }
    }
    if replies::take(tx, house, step, message).await? {
        return Ok(());
    }
    let is_for_the_desk = |to: &Addressee| matches!(to, Addressee::Security | Addressee::Postmaster);
    if !message.arrival.addressees.iter().any(is_for_the_desk) {
        return held::without_case(tx, house, step, message, "It came to an address that we never issued.").await;
    }
    match &message.read.reading {
        Reading::Unreadable(_) => opening::open_case(tx, house, step, message).await.map(|_| ()),
        Reading::Mail(mail) => match mail.kind() {
            MailKind::Report => match abuse::unheard(tx, step, message).await? {
                Some(Unheard::Suspected(_)) if hints::take_answer(tx, house, step, message).await? => Ok(()),
                Some(why) => abuse::quarantine(tx, house, step, message, &why).await,
                None if hints::take(tx, house, step, message).await? => Ok(()),
                None => opening::open_case(tx, house, step, message).await.map(|_| ()),
            },
            MailKind::NoIdentity => {
                held::without_case(tx, house, step, message, "It does not have exactly one From address.").await
            }
            MailKind::Automatic(_) if bounces::stray::take(tx, house, step, message).await? => Ok(()),
            MailKind::Automatic(sign) => {
                message
                    .file_as(tx, step, FiledAs::Automatic, None, Some(format!("Recognized by {}.", sign.words())))
                    .await
            }
        },
    }
}

/// A message that was taken before (same Message-ID, From, addressees and body): kept as a link, opens nothing.
async fn is_a_twin(tx: &mut Tx<'_>, step: &Step, message: &Message<'_>) -> Result<bool, StoreError> {
    let Some(mail) = message.read.mail() else { return Ok(false) };
    let (Some(message_id), Some(from)) = (&mail.message_id, mail.from.mailbox()) else { return Ok(false) };
    let addressees = &message.arrival.addressees;
    let key = TwinKey { message_id, from, addressees, body_sha256: &mail.body_sha256 };
    let Some(first) = tx.find_twin(&key).await? else { return Ok(false) };
    message.file_as(tx, step, FiledAs::Twin, first.case.as_ref(), Some(format!("Twin of {}.", first.arrival))).await?;
    if let Some(case) = &first.case {
        let detail = message.arrival.id.to_string();
        writing::record(tx, step, case, EventKind::TwinArrived, Actor::Stranger, detail).await?;
    }
    Ok(true)
}
