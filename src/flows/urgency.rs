//! How loudly a case calls: a snooze silences the reminders of a clock, a confirmed exploitation hastens all of them.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{Actor, EventKind};
use crate::domain::clock::{NotSnoozed, date};
use crate::domain::directory::Member;
use crate::domain::id::{CaseId, MessageId};
use crate::domain::ladder::NotSkipped;
use crate::flows::composing::written;
use crate::flows::writing::record;
use crate::flows::{House, Step, clocks, progress};
use crate::store::{CaseRow, ClockRow, StoreError, Tx};

/// Silences the reminders of a clock of `case` until `until`. Deadlines stay, and the board's step comes as ever.
pub async fn snooze(
    house: &House,
    case: &CaseId,
    clock: &str,
    until: Timestamp,
    because: &str,
    by: &Member,
) -> Result<Result<(), NotSnoozed>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some((case_row, mut row)) = clock_of(&mut tx, case, clock).await? else { return Ok(Err(NotSnoozed::Stopped)) };
    if let Err(refusal) = row.clock.snooze(step.now, until, because) {
        return Ok(Err(refusal));
    }
    row.clock.next_at = clocks::ladder_of(&step, &case_row, &row.clock).next_look(
        &row.clock,
        &clocks::waits_in(&mut tx, house, &row, step.now).await?,
        step.now,
    );
    if !tx.save_snooze(&row.id, &row.clock).await? {
        return Ok(Err(NotSnoozed::Already));
    }
    if let Some(handling) = &row.handling {
        clocks::withdraw_reminders(&mut tx, &step, case, handling).await?;
    }
    let detail = format!("{} {} until {until}", row.clock.kind.word(), row.id);
    record(&mut tx, &step, case, EventKind::ClockSnoozed, house.actor(&by.email), detail).await?;
    let words = format!("Reminders of {} silenced until {until}: {}", row.clock.kind.title(), because.trim());
    keep_reason(&mut tx, house, &step, case, &words, by).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Lets a clock remind again before its snooze is over; `false` if it was not silenced.
pub async fn wake(house: &House, case: &CaseId, clock: &str, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some((_, mut row)) = clock_of(&mut tx, case, clock).await? else { return Ok(false) };
    let woken = reminds_again(&mut tx, &step, &mut row, house.actor(&by.email)).await?;
    tx.commit().await?;
    Ok(woken)
}

/// Ends the snooze of a clock; the sweep does so when it is over.
pub async fn reminds_again(tx: &mut Tx<'_>, step: &Step, row: &mut ClockRow, actor: Actor) -> Result<bool, StoreError> {
    if !row.clock.wake(step.now) || !tx.save_snooze(&row.id, &row.clock).await? {
        return Ok(false);
    }
    let detail = format!("{} {}", row.clock.kind.word(), row.id);
    record(tx, step, &row.case, EventKind::ClockWoken, actor, detail).await?;
    Ok(true)
}

/// Skips the next reminder of a clock, the one at `at` after its start; those after it come as ever, and no deadline
/// moves.
pub async fn skip(
    house: &House,
    case: &CaseId,
    clock: &str,
    at: SignedDuration,
    because: &str,
    by: &Member,
) -> Result<Result<(), NotSkipped>, StoreError> {
    let step = house.step();
    if because.trim().is_empty() {
        return Ok(Err(NotSkipped::NoReason));
    }
    let mut tx = house.store.begin().await?;
    let Some((case_row, row)) = clock_of(&mut tx, case, clock).await? else { return Ok(Err(NotSkipped::Stopped)) };
    let ladder = clocks::ladder_of(&step, &case_row, &row.clock);
    let waits = clocks::waits_in(&mut tx, house, &row, step.now).await?;
    let next = match ladder.skippable(&row.clock, &waits) {
        Ok(next) if next.at == at => next,
        Ok(_) => return Ok(Err(NotSkipped::NotNext)),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut after = row.clock.clone();
    after.told = next.at;
    if !tx.tell_step(&row.id, next.at, ladder.next_look(&after, &waits, step.now)).await? {
        return Ok(Err(NotSkipped::NotNext));
    }
    let (kind, of) =
        (row.clock.kind, row.handling.as_ref().map_or_else(String::new, |handling| format!(" of {handling}")));
    let detail = format!("{} after {} s{of}", kind.word(), next.at.as_secs());
    record(&mut tx, &step, case, EventKind::StepSkipped, house.actor(&by.email), detail).await?;
    let moment = date(ladder.moment(&row.clock, &waits, next));
    let words = format!("Reminder of {} skipped that was due {moment}: {}", kind.title(), because.trim());
    keep_reason(&mut tx, house, &step, case, &words, by).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// A member confirms that the flaw is used against people, or takes that back. All clocks of the case are looked at
/// anew, for reminders that were to come may be due. `false` if it was said before.
pub async fn exploited(house: &House, case: &CaseId, is_exploited: bool, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if tx.case_for_update(case).await?.is_none() || !tx.set_exploited(case, is_exploited.then_some(step.now)).await? {
        return Ok(false);
    }
    for row in tx.clocks_of(case).await?.iter().filter(|row| row.clock.stopped_at.is_none()) {
        tx.look_again(&row.id, Some(step.now)).await?;
    }
    let kind = if is_exploited { EventKind::ExploitationConfirmed } else { EventKind::ExploitationTakenBack };
    record(&mut tx, &step, case, kind, house.actor(&by.email), "").await?;
    progress::goes_on(&mut tx, &step, case, None).await?;
    tx.commit().await?;
    Ok(true)
}

/// Why a member let a clock rest stays with the case, when it rests no longer too: the clock itself forgets it.
pub async fn keep_reason(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    words: &str,
    by: &Member,
) -> Result<(), StoreError> {
    let note = written(step, case, &MessageId::new(step.now, house.chance()), words, by);
    tx.insert_message(&note).await?;
    let detail = format!("{} internal", note.id);
    record(tx, step, case, EventKind::WordsWritten, house.actor(&by.email), detail).await
}

async fn clock_of(tx: &mut Tx<'_>, case: &CaseId, id: &str) -> Result<Option<(CaseRow, ClockRow)>, StoreError> {
    let Some(case_row) = tx.case_for_update(case).await? else { return Ok(None) };
    let found = tx.clocks_of(case).await?.into_iter().find(|row| row.id == id);
    Ok(found.map(|row| (case_row, row)))
}
