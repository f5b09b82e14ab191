//! Erases what its time has come for (DESIGN.md 3.7): originals half a year after the closing of their case, all that
//! people wrote after two years. Not before the machine's clock has been steady for a week.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{Actor, EventKind};
use crate::domain::id::CaseId;
use crate::domain::retention::{CASE_LIFE, ClockSeen, ORIGINALS_LIFE};
use crate::flows::writing::record;
use crate::flows::{House, clocks};
use crate::store::StoreError;

/// The mark of the last look.
const LOOKED: &str = "retention-looked";
/// The mark since when it is looked without a gap.
const STEADY_SINCE: &str = "retention-steady-since";
/// Nothing here is in a hurry.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Cases that one sweep erases, so that it does not hold up the others.
const CASES_AT_ONCE: i64 = 10;
/// The same for mail of no case.
const MAILS_AT_ONCE: i64 = 50;

/// What is erased of a case.
#[derive(Clone, Copy)]
enum Part {
    Originals,
    Texts,
}

/// Erases what is due, some of it at a time; says how much.
pub async fn sweep(house: &House) -> Result<usize, StoreError> {
    let now = house.now();
    let looked_at = house.store.marked(LOOKED).await?;
    if looked_at.is_some_and(|at| at <= now && now < at + EVERY) {
        return Ok(0);
    }
    let seen = ClockSeen {
        looked_at,
        steady_since: house.store.marked(STEADY_SINCE).await?,
        jumped_at: house.store.marked(clocks::CLOCK_JUMPED).await?,
    };
    let erased = if seen.is_believed(now) { erase(house, now).await? } else { 0 };
    if erased > 0 {
        tracing::info!(erased, "erased what was kept long enough");
        return Ok(erased);
    }
    let mut tx = house.store.begin().await?;
    tx.mark(STEADY_SINCE, seen.steady_since(now)).await?;
    tx.mark(LOOKED, now).await?;
    tx.commit().await?;
    Ok(0)
}

async fn erase(house: &House, now: Timestamp) -> Result<usize, StoreError> {
    let mut erased = 0;
    for case in house.store.cases_not_erased(now - CASE_LIFE, CASES_AT_ONCE).await? {
        erased += usize::from(erase_part(house, &case, Part::Texts).await?);
    }
    for case in house.store.cases_with_originals(now - ORIGINALS_LIFE, CASES_AT_ONCE).await? {
        erased += usize::from(erase_part(house, &case, Part::Originals).await?);
    }
    let mut tx = house.store.begin().await?;
    erased += tx.erase_originals_of_no_case(now - ORIGINALS_LIFE, now, MAILS_AT_ONCE).await?;
    erased += tx.forget_mail_of_no_case(now - CASE_LIFE, MAILS_AT_ONCE).await?;
    let letters = tx.erase_letters_of_no_case(now - CASE_LIFE, MAILS_AT_ONCE).await?;
    erased += usize::try_from(letters).unwrap_or(usize::MAX);
    tx.commit().await?;
    // If somebody reads just now, the next checkpoint does it.
    house.store.forget_the_log().await?;
    Ok(erased)
}

/// One case, in a transaction of its own; `false` if somebody opened it again, or another node was first.
async fn erase_part(house: &House, case: &CaseId, part: Part) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if tx.case_for_update(case).await?.is_none() {
        return Ok(false);
    }
    let (is_erased, kind) = match part {
        Part::Originals => (tx.erase_originals(case, step.now).await?, EventKind::OriginalsErased),
        Part::Texts => (tx.erase_case(case, step.now).await?, EventKind::Erased),
    };
    if is_erased {
        record(&mut tx, &step, case, kind, Actor::Program, "").await?;
        tx.commit().await?;
    }
    Ok(is_erased)
}
