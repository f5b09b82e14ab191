//! What a running program does again and again until it is told to stop. Each loop asks its room for one step at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::flows::intake;
use crate::flows::post::{PostOffice, Worked};
use crate::flows::{House, contacts};
use crate::store::Beats;
use crate::sweeps;

/// A kept message or a letter that is due is found this late at most, also when another process put it there.
const POLL: Duration = Duration::from_secs(1);
/// How often it is asked whether a contact's domain is due to be looked up.
const DOMAINS_EVERY: Duration = Duration::from_secs(3600);
/// How often a node on PostgreSQL shows that it is alive; one that stands still for 60 s loses its claims.
const BEAT_EVERY: Duration = Duration::from_secs(10);

/// Works the journal off, row by row, until told to stop.
pub async fn work_off_the_journal(house: Arc<House>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match intake::work_off(&house).await {
            Ok(1..) => continue,
            Ok(0) => {}
            Err(error) => tracing::warn!(%error, "the journal waits for the store"),
        }
        tokio::select! {
            () = house.arrivals.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Sends what is due until told to stop; a letter on its way is settled first.
pub async fn run_the_post_office(house: Arc<House>, office: PostOffice, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match office.send_due(&house).await {
            Ok(Worked::Tried(_)) => continue,
            Ok(Worked::Idle) => {}
            Err(error) => tracing::warn!(%error, "the post office waits for the store"),
        }
        tokio::select! {
            () = house.letters.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Looks up the domains of contacts, each once a day. In a loop of its own: name servers may be slow, and clocks are not.
pub async fn look_after_contact_domains(house: Arc<House>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let looked_up = tokio::select! {
            looked_up = contacts::look_after_domains(&house, &house.resolver) => looked_up,
            () = stop.cancelled() => return,
        };
        match looked_up {
            Ok(1..) => continue,
            Ok(0) => {}
            Err(error) => tracing::warn!(%error, "the domains of contacts wait for the store"),
        }
        tokio::select! {
            () = tokio::time::sleep(DOMAINS_EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Does what falls due by itself until told to stop.
pub async fn sweep_what_is_due(house: Arc<House>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match sweeps::sweep(&house).await {
            Ok(1..) => continue,
            Ok(0) => {}
            Err(error) => tracing::warn!(%error, "what is due waits for the store"),
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Shows that this node is alive, and frees the claims of nodes that are not.
pub async fn beat(house: Arc<House>, stop: CancellationToken) {
    let started = tokio::time::Instant::now();
    let mut beats = Beats::default();
    loop {
        let beaten = house.store.beat().await;
        let freed = match beaten {
            Ok(()) => house.store.free_claims_of_the_dead(&mut beats, started.elapsed()).await,
            Err(error) => Err(error),
        };
        match freed {
            Ok(0) => {}
            Ok(freed) => tracing::warn!(freed, "took over what another node had begun"),
            Err(error) => tracing::warn!(%error, "cannot show that this node is alive"),
        }
        tokio::select! {
            () = tokio::time::sleep(BEAT_EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}
