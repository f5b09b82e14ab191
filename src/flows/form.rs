//! A report by the form: taken in one transaction before the answer, as a message like any other.

mod hints;
mod stamp;
mod uploads;

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::abuse::Unheard;
use crate::domain::address::{Addressee, Purpose, Token};
use crate::domain::case::CaseRef;
use crate::domain::form::{Field, Filled, Suspicious, Typed};
use crate::domain::id::ArrivalId;
use crate::domain::party::{Party, PartyRole};
use crate::domain::report::{Door, Raw};
use crate::flows::intake::Message;
use crate::flows::links::{Holder, holder};
use crate::flows::{House, Step, abuse, opening, reading};
use crate::mail::write::form::{FormFile, FormMessage, compose};
use crate::store::{ClaimedArrival, JournalEntry, StoreError, TakenForm, Tx, Upload};
pub use hints::{Hint, LooksLike, Seems, hints};
pub use stamp::Stamp;
pub use uploads::{Incoming, NotAttached, remove, room, sweep};

/// While a form is composed, its files are in memory as they came, encoded, and as they are read back.
const COPIES: u64 = 3;

/// What became of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Its confirmation is behind this link.
    Received(Token),
    /// Another text was sent with this stamp before; its confirmation is behind this link.
    AnotherBefore(Token),
}

/// SHA-256 of all that was typed.
pub fn words_of(typed: &Typed) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in Field::ALL {
        hash.update(typed.get(field).trim());
        hash.update([0]);
    }
    hash.finalize().into()
}

/// What was sent with this stamp before, if anything was.
pub async fn taken_before(
    house: &House,
    stamp: &Stamp,
    words: &[u8; 32],
    files: &[[u8; 32]],
) -> Result<Option<Taken>, StoreError> {
    let Some(form) = house.store.taken_form(stamp.id()).await? else { return Ok(None) };
    before(house, &form, words, files).await.map(Some)
}

/// The same text with no file that the first had not: sent twice.
async fn before(house: &House, form: &TakenForm, words: &[u8; 32], files: &[[u8; 32]]) -> Result<Taken, StoreError> {
    let link = link_of(house, &form.arrival).await?;
    let kept = house.store.attachments_of(&form.arrival).await?;
    let is_same = form.words == *words && files.iter().all(|file| kept.iter().any(|one| one.sha256 == *file));
    Ok(if is_same { Taken::Received(link) } else { Taken::AnotherBefore(link) })
}

/// The link that was given out with the form: a renewed one is for its owner alone.
async fn link_of(house: &House, arrival: &ArrivalId) -> Result<Token, StoreError> {
    let of_arrival = house.key.token(Purpose::StatusLink, arrival.as_str(), 0);
    if house.store.link(&of_arrival.fingerprint()).await?.is_some() {
        return Ok(of_arrival);
    }
    let reporter = house.store.reporter_of_arrival(arrival).await?;
    let row = reporter.ok_or_else(|| StoreError::Corrupt(format!("form {arrival} belongs to nobody")))?;
    Ok(house.key.token(Purpose::StatusLink, row.as_str(), 0))
}

/// Takes a form: after `Ok` the report is on disk, with case, clocks and letters, or in quarantine.
///
/// `typed` is what `filled` was read from; `files` are the SHA-256 of those that came with this very request.
pub async fn take(
    house: &House,
    stamp: &Stamp,
    typed: &Typed,
    filled: Filled,
    suspicious: Option<Suspicious>,
    files: &[[u8; 32]],
) -> Result<Taken, StoreError> {
    let words = words_of(typed);
    let uploads = house.store.uploads_of(stamp.id()).await?;
    let size: u64 = uploads.iter().map(|file| file.size).sum();
    let _room = house.budget.take(COPIES * size + filled.text.len() as u64).await;
    let step = house.step();
    let (arrival, raw) = compose_message(house, &step, filled, suspicious, uploads).await?;
    let read = reading::read_bytes(house, &step, &arrival, Arc::clone(&raw)).await;
    let entry = entry(&arrival, Arc::unwrap_or_clone(raw));

    let mut tx = house.store.begin().await?;
    if !tx.take_form(stamp.id(), &words, &arrival.id, step.now).await? {
        // Pressed twice: the other press was first.
        drop(tx);
        let before = taken_before(house, stamp, &words, files).await?;
        return before.ok_or_else(|| StoreError::Unavailable("a form is being taken twice".to_owned()));
    }
    tx.keep(entry).await?;
    let link = file(&mut tx, house, &step, &Message { arrival: &arrival, read: &read }).await?;
    tx.remove_uploads_of(stamp.id()).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(Taken::Received(link))
}

/// The form as a message and what the journal knows of it.
async fn compose_message(
    house: &House,
    step: &Step,
    filled: Filled,
    suspicious: Option<Suspicious>,
    uploads: Vec<Upload>,
) -> Result<(ClaimedArrival, Arc<Vec<u8>>), StoreError> {
    let mut files = Vec::with_capacity(uploads.len());
    for upload in uploads {
        let bytes = house.store.uploaded(&upload).await?;
        files.push(FormFile { name: upload.name, media_type: upload.media_type, bytes });
    }
    let id = ArrivalId::new(step.now, house.chance());
    // Nobody vouches for it; a receipt to it is bounded like one to any unproven sender (DESIGN.md 3.5).
    let sender = filled.email.clone();
    let (message_id, written_at, policy) = (id.to_string(), step.now, Arc::clone(&step.policy));
    let composed = tokio::task::spawn_blocking(move || {
        let foundation = &policy.directory.foundation;
        let to = &foundation.security_address;
        compose(FormMessage {
            filled: &filled,
            files,
            org: &foundation.name,
            to,
            written_at,
            message_id: &format!("{message_id}@{}", to.domain()),
            suspicious,
        })
    });
    let raw = composed.await.map_err(|_| StoreError::Unavailable("a form could not be composed".to_owned()))?;
    let arrival = ClaimedArrival {
        id,
        arrived_at: step.now,
        door: Door::Form,
        peer: None,
        sender,
        addressees: vec![Addressee::Security],
        size: raw.len() as u64,
        deaths: 0,
    };
    Ok((arrival, Arc::new(raw)))
}

fn entry(arrival: &ClaimedArrival, raw: Vec<u8>) -> JournalEntry {
    JournalEntry {
        id: arrival.id.clone(),
        arrived_at: arrival.arrived_at,
        door: arrival.door,
        peer: arrival.peer.clone(),
        sender: arrival.sender.clone(),
        addressees: arrival.addressees.clone(),
        raw: Raw::Memory(raw),
    }
}

/// Writes the report to where it belongs; gives the reporter's private link.
async fn file(tx: &mut Tx<'_>, house: &House, step: &Step, message: &Message<'_>) -> Result<Token, StoreError> {
    let why = match message.read.form.as_ref().and_then(|form| form.suspicious) {
        Some(suspicious) => Some(Unheard::Form(suspicious.reason())),
        None => abuse::unheard(tx, step, message).await?,
    };
    if let Some(why) = why {
        abuse::quarantine(tx, house, step, message, &why).await?;
        // A person looks at it first. The private link belongs to the arrival until a case exists.
        let arrival = message.arrival.id.as_str();
        let link = house.key.token(Purpose::StatusLink, arrival, 0);
        tx.issue(&link, arrival, 0, None).await?;
        return Ok(link);
    }
    let (case, _) = opening::open_case(tx, house, step, message).await?;
    let parties = tx.parties_of(&case).await?;
    let reporter = parties.iter().find(|party| party.role == PartyRole::Reporter);
    let reporter = reporter.expect("a case is opened with its reporter");
    Ok(house.key.token(Purpose::StatusLink, reporter.id.as_str(), reporter.generation))
}

/// What the confirmation says.
pub struct Received {
    /// `None` while a person looks at it first.
    pub number: Option<CaseRef>,
    pub received_at: Timestamp,
    /// The end of the promise of a first human reply.
    pub answer_by: Timestamp,
    pub status_link: String,
    /// We have no address to send the link to.
    pub is_anonymous: bool,
    /// The foundation's name.
    pub org: String,
    /// Whether there is a board to go to.
    pub has_board: bool,
}

/// The confirmation behind a private link; `None` if the link opens nothing.
pub async fn received(house: &House, token: &Token) -> Result<Option<Received>, StoreError> {
    let policy = house.policy();
    let (number, received_at, is_anonymous) = match holder(house, token, Purpose::StatusLink).await? {
        Holder::Party(Party { case, mailbox, .. }) => match house.store.case(&case).await? {
            Some(case) => (Some(case.number), case.arrived_at, mailbox.is_none()),
            None => return Ok(None),
        },
        Holder::Arrival(arrival) => match house.store.arrival(&arrival).await? {
            Some(arrival) => (None, arrival.arrived_at, arrival.sender.is_none()),
            None => return Ok(None),
        },
        Holder::Former(_) | Holder::Nobody => return Ok(None),
    };
    Ok(Some(Received {
        number,
        received_at,
        answer_by: received_at + policy.directory.promise.first_reply,
        status_link: format!("{}/s/{}", house.public_url, token.letters()),
        is_anonymous,
        org: policy.directory.foundation.name.clone(),
        has_board: !policy.directory.board.is_empty(),
    }))
}
