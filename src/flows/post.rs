//! The post office: claim a due letter, commit, send, settle. One step a call; the only caller of `Transport::send`.

use std::collections::BTreeSet;
use std::sync::Mutex;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Purpose;
use crate::domain::case::{Actor, EventKind};
use crate::domain::delivery::{Delivery, PROBE_EVERY, gives_up, is_out_of_reach, retry_delay};
use crate::domain::id::LetterId;
use crate::flows::bounces::{self, Refusal};
use crate::flows::relay_state::{RELAY_BACK, RELAY_LOST};
use crate::flows::writing::record;
use crate::flows::{House, Step, clocks, recheck};
use crate::mail::write::transport::{Outgoing, Transport};
use crate::store::{ClaimedLetter, StoreError, Tx};

/// Letters sent side by side: as many as the transport keeps connections.
const BATCH: i64 = 4;

/// Sends what is due through one relay.
pub struct PostOffice {
    transport: Transport,
    relay: Mutex<Relay>,
    /// What became of letters that the store could not be told yet; they stay claimed, so nobody sends them again.
    untold: Mutex<Vec<Tried>>,
}

/// A letter and what became of the try to send it.
type Tried = (ClaimedLetter, Delivery);

/// Whether the relay was there at the last try.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Relay {
    /// Nothing was tried since the start.
    Untried,
    Up,
    /// Letters wait unaged; one of them is tried as a probe at `next_probe`.
    Down {
        next_probe: Timestamp,
    },
}

/// What one step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// Letters were tried; there may be more.
    Tried(usize),
    /// Nothing is due, or the relay is down.
    Idle,
}

/// The status of a refusal that is ours: tried for five days (RFC 3463, 4.4.7 made permanent).
const EXPIRED: &str = "5.4.7";

impl PostOffice {
    /// A post office that has not yet spoken to its relay.
    pub fn new(transport: Transport) -> Self {
        Self { transport, relay: Mutex::new(Relay::Untried), untold: Mutex::default() }
    }

    /// Sends the letters that are due, a few at a time.
    pub async fn send_due(&self, house: &House) -> Result<Worked, StoreError> {
        let step = house.step();
        self.tell(house, Vec::new()).await?;
        let Some(limit) = self.may_try(step.now) else { return Ok(Worked::Idle) };
        let letters = house.store.claim_letters(step.now, limit).await?;
        if letters.is_empty() {
            return Ok(Worked::Idle);
        }
        let mut tries = Vec::new();
        for letter in &letters {
            // One after the other, so that letters leave in the order in which they were claimed.
            let stopped = recheck::stops(house, &step, letter).await;
            tries.push(self.send(house, &step, letter, stopped));
        }
        let outcomes = join_all(tries).await;
        let count = letters.len();
        self.tell(house, letters.into_iter().zip(outcomes).collect()).await?;
        Ok(Worked::Tried(count))
    }

    /// Tells the store what became of letters; what it cannot take now is told before the next letter is tried.
    async fn tell(&self, house: &House, tried: Vec<Tried>) -> Result<(), StoreError> {
        let mut untold = std::mem::take(&mut *self.untold.lock().expect("no holder panics"));
        untold.extend(tried);
        if untold.is_empty() {
            return Ok(());
        }
        let told = self.settle(house, &untold).await;
        if told.is_err() {
            *self.untold.lock().expect("no holder panics") = untold;
        }
        told
    }

    /// How many letters may be tried now; one as a probe while the relay is down.
    fn may_try(&self, now: Timestamp) -> Option<i64> {
        match *self.relay.lock().expect("no holder panics") {
            Relay::Untried | Relay::Up => Some(BATCH),
            Relay::Down { next_probe } if now >= next_probe => Some(1),
            Relay::Down { .. } => None,
        }
    }

    async fn send(&self, house: &House, step: &Step, letter: &ClaimedLetter, stopped: Option<Delivery>) -> Delivery {
        if let Some(stopped) = stopped {
            return stopped;
        }
        let return_path = step.own_addresses().with(&house.key.token(Purpose::ReturnPath, letter.id.as_str(), 0));
        let outgoing =
            Outgoing { id: &letter.id, recipient: &letter.recipient, return_path: &return_path, bytes: &letter.bytes };
        self.transport.send(&outgoing).await
    }

    /// Writes down what became of each try: one transaction for all of them.
    async fn settle(&self, house: &House, tried: &[Tried]) -> Result<(), StoreError> {
        let step = house.step();
        let mut unreachable: Vec<LetterId> = Vec::new();
        let mut lost = None;
        let mut tx = house.store.begin().await?;
        hold_cases(&mut tx, tried).await?;
        for (letter, delivery) in tried {
            match delivery {
                Delivery::Unreachable { reason } => {
                    lost = Some(reason.as_str());
                    unreachable.push(letter.id.clone());
                }
                settled => settle_one(&mut tx, house, &step, letter, settled).await?,
            }
        }
        self.tell_pages(&mut tx, step.now, lost.is_some()).await?;
        tx.commit().await?;
        match lost {
            Some(reason) => {
                self.note_unreachable(step.now, reason);
                house.store.release_letters(&unreachable).await
            }
            None => {
                self.note_reachable();
                Ok(())
            }
        }
    }

    /// Marks for the pages that the relay was lost, or is there again.
    async fn tell_pages(&self, tx: &mut Tx<'_>, now: Timestamp, is_lost: bool) -> Result<(), StoreError> {
        let before = self.relay.lock().expect("no holder panics").clone();
        match (is_lost, before) {
            (true, Relay::Up | Relay::Untried) => tx.mark(RELAY_LOST, now).await,
            (false, Relay::Down { .. } | Relay::Untried) => tx.mark(RELAY_BACK, now).await,
            _ => Ok(()),
        }
    }

    fn note_unreachable(&self, now: Timestamp, reason: &str) {
        let mut relay = self.relay.lock().expect("no holder panics");
        if !matches!(*relay, Relay::Down { .. }) {
            tracing::warn!(reason, "the relay cannot be reached; letters wait, one is tried each minute");
        }
        *relay = Relay::Down { next_probe: now + PROBE_EVERY };
    }

    fn note_reachable(&self) {
        let mut relay = self.relay.lock().expect("no holder panics");
        if matches!(*relay, Relay::Down { .. }) {
            tracing::info!("the relay is back; all letters go");
        }
        *relay = Relay::Up;
    }
}

/// Cases come before letters, and in the order of their ids, as everybody takes them: so neither two nodes nor a bounce
/// that is quicker than we are wait for each other on PostgreSQL.
async fn hold_cases(tx: &mut Tx<'_>, tried: &[Tried]) -> Result<(), StoreError> {
    let is_settled = |delivery: &Delivery| !matches!(delivery, Delivery::Unreachable { .. });
    let settled = tried.iter().filter(|(_, delivery)| is_settled(delivery));
    for case in settled.filter_map(|(letter, _)| letter.case.as_ref()).collect::<BTreeSet<_>>() {
        tx.case_for_update(case).await?;
    }
    Ok(())
}

async fn settle_one(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    letter: &ClaimedLetter,
    delivery: &Delivery,
) -> Result<(), StoreError> {
    match delivery {
        Delivery::Sent { answer } => {
            let is_ours = tx.settle_sent(&letter.id, step.now, answer).await?;
            if let (true, Some(case)) = (is_ours, &letter.case) {
                let detail = format!("{} {}", letter.kind.word(), letter.id);
                record(tx, step, case, EventKind::LetterSent, Actor::Program, detail).await?;
                clocks::answered_by_letter(tx, house, step, letter).await?;
            }
            Ok(())
        }
        Delivery::Deferred { answer } => {
            let waited = letter.first_deferred_at.map_or(SignedDuration::ZERO, |first| step.now.duration_since(first));
            if gives_up(waited) {
                return refuse(tx, house, step, letter, &Refusal { status: EXPIRED, answer, by_us: false }).await;
            }
            tx.defer(&letter.id, step.now, step.now + retry_delay(waited), answer).await?;
            if !is_out_of_reach(waited) {
                return Ok(());
            }
            match tx.letter(&letter.id).await? {
                Some(facts) => bounces::out_of_reach(tx, house, step, &facts).await,
                None => Ok(()),
            }
        }
        Delivery::Refused { status, answer } => {
            refuse(tx, house, step, letter, &Refusal { status, answer, by_us: false }).await
        }
        Delivery::Stopped { status, answer } => {
            refuse(tx, house, step, letter, &Refusal { status, answer, by_us: true }).await
        }
        Delivery::Unreachable { .. } => Ok(()),
    }
}

async fn refuse(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    letter: &ClaimedLetter,
    refusal: &Refusal<'_>,
) -> Result<(), StoreError> {
    if !tx.settle_refused(&letter.id, step.now, refusal.status, refusal.answer).await? {
        return Ok(());
    }
    tracing::warn!(letter = %letter.id, kind = letter.kind.word(), status = refusal.status, "a letter was refused");
    match tx.letter(&letter.id).await? {
        Some(facts) => bounces::refused(tx, house, step, &facts, refusal).await,
        None => Ok(()),
    }
}
