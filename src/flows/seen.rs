//! That a member has opened a case. Looking at a page writes nothing: views are gathered in memory and written down
//! in batches by the sweep, outside of the record (DESIGN.md 3.7).

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::domain::clock::ClockKind;
use crate::domain::id::CaseId;
use crate::flows::House;
use crate::flows::viewings::Viewings;
use crate::store::{CaseRow, StoreError, Tx};

/// What members look at, until it is written down.
#[derive(Debug, Default)]
pub struct Views {
    /// Cases that were opened for the first time and when. What is lost with the process, a member only opens again.
    first: Mutex<BTreeMap<CaseId, Timestamp>>,
    /// Who looked at what.
    pub log: Viewings,
}

impl Views {
    /// A member looks at the page of this case at `at`.
    pub fn note(&self, case: &CaseRow, at: Timestamp) {
        if case.seen_at.is_none() {
            self.with(|views| views.entry(case.id.clone()).or_insert(at).to_owned());
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<CaseId, Timestamp>) -> T) -> T {
        // A map of times is whole whatever panicked beside it.
        act(&mut self.first.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes down which cases were opened since the last time.
pub async fn write_down(house: &House) -> Result<(), StoreError> {
    let views = house.views.with(mem::take);
    if views.is_empty() {
        return Ok(());
    }
    let written = write(house, &views).await;
    if written.is_err() {
        house.views.with(|newer| newer.extend(views)); // the next sweep tries again
    }
    written
}

async fn write(house: &House, views: &BTreeMap<CaseId, Timestamp>) -> Result<(), StoreError> {
    let now = house.now();
    let mut tx = house.store.begin().await?;
    for (case, at) in views {
        by_a_member(&mut tx, case, *at, now).await?;
    }
    tx.commit().await
}

/// A member looked at the case at `at`, or did something with it. The first time, the ladder of what looks like noise
/// no longer ends at the chair, so its promise is looked at again.
pub async fn by_a_member(tx: &mut Tx<'_>, case: &CaseId, at: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    if !tx.note_seen(case, at).await? {
        return Ok(());
    }
    if tx.case_for_update(case).await?.is_none_or(|row| row.noise.is_none()) {
        return Ok(());
    }
    let clocks = tx.clocks_of(case).await?;
    let runs = clocks.iter().filter(|row| row.clock.kind == ClockKind::FirstReply && row.clock.stopped_at.is_none());
    for row in runs {
        tx.look_again(&row.id, Some(now)).await?;
    }
    Ok(())
}
