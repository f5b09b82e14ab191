//! The progress follow-up: it begins once a project has the report, starts anew whenever a person acts, and waits for
//! the reporter while nothing can go on without an answer (DESIGN.md 3.4).

use crate::domain::case::{Actor, EventKind};
use crate::domain::clock::{Clock, ClockKind, PROGRESS_TARGET};
use crate::domain::directory::Member;
use crate::domain::id::{CaseId, HandlingId};
use crate::flows::clocks::{self, NewClock, first_look, hold};
use crate::flows::writing::record;
use crate::flows::{House, Step};
use crate::store::{ClockRow, StoreError, Tx};

/// The follow-up of that handling begins; of the case itself, where no project has it.
pub async fn begins(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    handling: Option<&HandlingId>,
) -> Result<(), StoreError> {
    let kind = ClockKind::Progress;
    let new = NewClock { case, handling, kind, started_at: step.now, target: PROGRESS_TARGET };
    clocks::start(tx, house, step, new).await.map(|_| ())
}

/// A contact or a member has written or done something: the follow-up of that handling and of the case itself starts
/// anew; of all handlings where the act belongs to none. One that waits for the reporter waits on.
pub async fn goes_on(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    handling: Option<&HandlingId>,
) -> Result<(), StoreError> {
    for row in running(tx, case).await? {
        let is_meant = handling.is_none() || row.handling.is_none() || row.handling.as_ref() == handling;
        if is_meant && row.clock.pause.is_none() {
            starts_anew(tx, step, row).await?;
        }
    }
    Ok(())
}

/// The reporter has written or done something: every follow-up of the case starts anew, and none waits any more.
pub async fn reporter_is_heard(tx: &mut Tx<'_>, step: &Step, case: &CaseId) -> Result<(), StoreError> {
    for row in running(tx, case).await? {
        starts_anew(tx, step, row).await?;
    }
    Ok(())
}

/// The reporter is asked, and the work waits for the answer: 14 days, in which nobody is reminded. `false` if no
/// follow-up of that handling runs.
pub async fn waits_for_the_reporter(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    handling: &HandlingId,
    actor: Actor,
) -> Result<bool, StoreError> {
    let found = running(tx, case).await?.into_iter().find(|row| row.handling.as_ref() == Some(handling));
    match found {
        Some(row) => waits(tx, step, row, actor).await,
        None => Ok(false),
    }
}

/// The same by a member's press, of any follow-up of the case. `false` if that clock does not run, or is none.
pub async fn member_waits(house: &House, case: &CaseId, clock: &str, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(row) = running(&mut tx, case).await?.into_iter().find(|row| row.id == clock) else { return Ok(false) };
    let waiting = waits(&mut tx, &step, row, house.actor(&by.email)).await?;
    tx.commit().await?;
    Ok(waiting)
}

/// A member lets the follow-up go on though the reporter has not answered here. `false` if it did not wait.
pub async fn waits_no_longer(house: &House, case: &CaseId, clock: &str, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let is_meant = |row: &ClockRow| row.id == clock && row.clock.pause.is_some();
    let Some(row) = running(&mut tx, case).await?.into_iter().find(is_meant) else { return Ok(false) };
    record(&mut tx, &step, case, EventKind::ClockResumed, house.actor(&by.email), row.id.as_str()).await?;
    starts_anew(&mut tx, &step, row).await?;
    tx.commit().await?;
    Ok(true)
}

async fn waits(tx: &mut Tx<'_>, step: &Step, row: ClockRow, actor: Actor) -> Result<bool, StoreError> {
    let mut clock = row.clock.clone();
    if !clock.wait_for_the_reporter(step.now) || !tx.restart_clock(&row.id, &clock).await? {
        return Ok(false);
    }
    no_reminder_leaves(tx, step, &row).await?;
    let of = row.handling.as_ref().map_or_else(String::new, |handling| format!(" of {handling}"));
    record(tx, step, &row.case, EventKind::WaitsForReporter, actor, format!("{}{of}", row.id)).await?;
    Ok(true)
}

async fn starts_anew(tx: &mut Tx<'_>, step: &Step, row: ClockRow) -> Result<(), StoreError> {
    let mut clock = Clock::start(ClockKind::Progress, step.now, row.clock.target);
    clock.snooze.clone_from(&row.clock.snooze);
    clock.next_at = first_look(tx, step, &row.case, &clock).await?;
    tx.restart_clock(&row.id, &clock).await?;
    no_reminder_leaves(tx, step, &row).await
}

/// A nudge that waits for somebody's morning would ask for what has just been said.
async fn no_reminder_leaves(tx: &mut Tx<'_>, step: &Step, row: &ClockRow) -> Result<(), StoreError> {
    match &row.handling {
        Some(handling) => clocks::withdraw_reminders(tx, step, &row.case, handling).await,
        None => Ok(()),
    }
}

/// The follow-ups that run, under the lock of their case.
async fn running(tx: &mut Tx<'_>, case: &CaseId) -> Result<Vec<ClockRow>, StoreError> {
    hold(tx, case).await?;
    let mut rows = tx.clocks_of(case).await?;
    rows.retain(|row| row.clock.kind == ClockKind::Progress && row.clock.stopped_at.is_none());
    Ok(rows)
}
