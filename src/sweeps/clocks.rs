//! Asks the ladder about each clock that is to be looked at, and carries the due step out: once, also after downtime.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{Actor, EventKind};
use crate::domain::clock::Clock;
use crate::domain::directory::{MemberRole, Tell};
use crate::domain::id::CaseId;
use crate::domain::ladder::{self, BOARD_GATHERS, Due, JUMP_WAIT, Ladder, Waits};
use crate::domain::letter::{LetterKind, WAITS_AT_MOST};
use crate::flows::conflicts::readers_of;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, clocks, urgency};
use crate::mail::write::letters::clock_jumped::clock_jumped;
use crate::store::{ClockRow, StoreError, Tx};
use crate::sweeps::telling::Telling;

/// The mark of the time that was last seen, so that a start finds out whether the clock went back meanwhile.
const TIME_SEEN: &str = "time-seen";
/// How often that mark is moved: far below the jump that matters.
const NOTE_TIME_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// A smaller difference between the wall clock and the uptime is no jump (DESIGN.md 3.4).
const JUMP: SignedDuration = SignedDuration::from_hours(1);
/// A case whose rows cannot be read is left alone for so long.
const UNREADABLE_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// Clocks that one transaction looks at. SQLite has one writer, and mail that comes in waits for it meanwhile.
const BATCH: i64 = 50;
/// A clock that says nothing is not looked at again sooner.
const LOOK_AT_MOST_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Takes one step: looks at the cases that have waited the longest, a batch of them. Says at how many.
pub async fn look_at_due_cases(house: &House) -> Result<usize, StoreError> {
    mind_the_clock(house).await?;
    let step = house.step();
    let cases = house.store.cases_to_look_at(step.now, BATCH).await?;
    match look_at_all(house, &step, &cases).await {
        Err(StoreError::Corrupt(_)) => {
            // One of them cannot be read. Alone, each of the others can.
            for case in &cases {
                look_at_alone(house, &step, case).await?;
            }
        }
        looked => looked?,
    }
    Ok(cases.len())
}

/// In one transaction, for to have its letters on disk costs a batch no more than a case.
async fn look_at_all(house: &House, step: &Step, cases: &[CaseId]) -> Result<(), StoreError> {
    if cases.is_empty() {
        return Ok(());
    }
    let jump_until = clocks::jump_until(house, step.now).await?;
    let mut tx = house.store.begin().await?;
    for case in cases {
        look_at(&mut tx, house, step, jump_until, case).await?;
    }
    tx.commit().await
}

async fn look_at_alone(house: &House, step: &Step, case: &CaseId) -> Result<(), StoreError> {
    match look_at_all(house, step, std::slice::from_ref(case)).await {
        Err(StoreError::Corrupt(what)) => {
            tracing::error!(%case, what, "the clocks of a case cannot be read; the others go on");
            let mut tx = house.store.begin().await?;
            tx.put_off_clocks(case, step.now + UNREADABLE_WAIT).await?;
            tx.commit().await
        }
        looked => looked,
    }
}

/// All clocks of a case that are to be looked at, in one transaction: what the board must know becomes one letter.
async fn look_at(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    jump_until: Option<Timestamp>,
    case: &CaseId,
) -> Result<(), StoreError> {
    // From here on no other node looks at this case.
    let Some(row) = tx.case_for_update(case).await? else {
        return Err(StoreError::Corrupt(format!("a clock belongs to case {case}, which is not there")));
    };
    let mut running: Vec<Running> = Vec::new();
    let mut unanswered: Vec<(usize, Timestamp)> = Vec::new();
    for mut clock in tx.clocks_of(case).await?.into_iter().filter(|clock| clock.clock.stopped_at.is_none()) {
        let asked_at = clock.clock.waits_for_the_reporter().map(|wait| wait.since);
        end_rests_that_are_over(tx, step, &mut clock).await?;
        unanswered.extend(asked_at.filter(|_| clock.clock.pause.is_none()).map(|at| (running.len(), at)));
        let held = match clocks::waits_for_mail(&clock) {
            Some(handling) => tx.acknowledgement_is_held(handling).await?,
            None => false,
        };
        let waits = Waits { held, jump_until };
        running.push(Running { ladder: clocks::ladder_of(step, &row, &clock.clock), waits, row: clock });
    }
    let readers = readers_of(tx, step, &row.id).await?;
    let mut telling = Telling::about(house, step, row, readers);
    for (waited, since) in unanswered {
        telling.reporter_is_silent(tx, &running[waited], since).await?;
    }
    for clock in running.iter().filter(|clock| clock.row.clock.next_at.is_some_and(|at| at <= step.now)) {
        match clock.due(step.now) {
            Some(due) if due.tells_the_board() && gathers_until(&running, step.now).is_some() => {
                tx.look_again(&clock.row.id, gathers_until(&running, step.now)).await?;
            }
            Some(due) => climb(tx, step, clock, &due, &mut telling).await?,
            None => {
                let next = clock.ladder.next_look(&clock.row.clock, &clock.waits, step.now);
                let next = next.map(|at| at.max(step.now + LOOK_AT_MOST_EVERY));
                tx.look_again(&clock.row.id, next).await?;
            }
        }
    }
    telling.write_letters(tx).await
}

/// A clock that runs, with what decides about it.
pub struct Running {
    pub row: ClockRow,
    pub ladder: Ladder,
    waits: Waits,
}

impl Running {
    fn due(&self, now: Timestamp) -> Option<Due<'_>> {
        self.ladder.due_step(&self.row.clock, &self.waits, now)
    }

    /// Who is told after the step at `told`, and when.
    pub fn above(&self, told: SignedDuration) -> Vec<(Timestamp, &ladder::Step)> {
        let clock = Clock { told, ..self.row.clock.clone() };
        self.ladder.to_come(&clock, &self.waits)
    }
}

/// Until when the board waits for another clock of the same case that is about to run out; `None` if for none.
fn gathers_until(running: &[Running], now: Timestamp) -> Option<Timestamp> {
    let board = |clock: &Running| {
        let step = clock.ladder.board_step().filter(|step| step.at > clock.row.clock.told)?;
        clock.row.clock.pause.is_none().then(|| clock.ladder.moment(&clock.row.clock, &clock.waits, step))
    };
    running.iter().filter_map(board).filter(|moment| *moment > now && *moment <= now + BOARD_GATHERS).max()
}

async fn end_rests_that_are_over(tx: &mut Tx<'_>, step: &Step, row: &mut ClockRow) -> Result<(), StoreError> {
    if row.clock.snooze.as_ref().is_some_and(|snooze| snooze.until <= step.now) {
        urgency::reminds_again(tx, step, row, Actor::Program).await?;
    }
    if row.clock.pause.as_ref().is_some_and(|pause| pause.until <= step.now) {
        clocks::run_again(tx, step, row, Actor::Program).await?;
    }
    Ok(())
}

/// Notes the step as told, and what was passed over for it; whom it tells gets its letters with those of the case.
async fn climb(
    tx: &mut Tx<'_>,
    step: &Step,
    clock: &Running,
    due: &Due<'_>,
    telling: &mut Telling<'_>,
) -> Result<(), StoreError> {
    let row = &clock.row;
    let mut after = row.clock.clone();
    after.told = due.step.at;
    let next = clock.ladder.next_look(&after, &clock.waits, step.now);
    if !tx.tell_step(&row.id, due.step.at, next).await? {
        return Ok(());
    }
    let of = row.handling.as_ref().map_or_else(String::new, |handling| format!(" of {handling}"));
    let word = |at: SignedDuration| format!("{} after {} s{of}", row.clock.kind.word(), at.as_secs());
    for skipped in due.skipped.iter().filter(|skipped| !skipped.tells(Tell::Board)) {
        record(tx, step, &row.case, EventKind::StepSkipped, Actor::Program, word(skipped.at)).await?;
    }
    for told in due.skipped.iter().chain([&due.step]).filter(|told| told.tells(Tell::Board)) {
        record(tx, step, &row.case, EventKind::Escalated, Actor::Program, word(told.at)).await?;
    }
    if !due.step.tells(Tell::Board) {
        record(tx, step, &row.case, EventKind::ReminderDue, Actor::Program, word(due.step.at)).await?;
    }
    telling.tell(tx, clock, due).await
}

/// What was dated by a clock that was ahead starts now: else a letter would wait, and a promise last, for as long as
/// the clock went back.
async fn set_right(tx: &mut Tx<'_>, step: &Step) -> Result<(), StoreError> {
    tx.hurry_letters_dated_ahead(step.now, step.now + WAITS_AT_MOST).await?;
    for case in tx.start_clocks_dated_ahead(step.now).await? {
        record(tx, step, &case, EventKind::ClockSetRight, Actor::Program, "").await?;
    }
    Ok(())
}

/// Who runs the machine is told by mail too; nobody may read its log for days.
async fn tell_the_operator(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    jump: SignedDuration,
) -> Result<(), StoreError> {
    let chair = || step.policy.directory.committee.iter().find(|member| member.role == MemberRole::Chair);
    let Some(to) = house.operator.as_ref().or_else(|| chair().map(|member| &member.email)) else { return Ok(()) };
    let words = clock_jumped(step.now, jump, JUMP_WAIT);
    let letter = NewLetter::of_no_case(LetterKind::ClockJumped, to, &words);
    writing::put(tx, house, step, letter).await.map(|_| ())
}

/// Finds out whether the wall clock was set to another time. Then letters to the board wait for an hour, in which a
/// person can set it right; what went out meanwhile is never sent again.
async fn mind_the_clock(house: &House) -> Result<(), StoreError> {
    let (shown, jump) = house.jump_watch.look(&*house.clock);
    let step = house.step();
    let now = step.now;
    let seen = house.store.marked(TIME_SEEN).await?;
    // Between two starts time may go by, but it never goes back.
    let went_back = || seen.map_or(SignedDuration::ZERO, |seen| now.duration_since(seen).min(SignedDuration::ZERO));
    let jump = jump.unwrap_or_else(went_back);
    let jumped = jump.abs() > JUMP;
    if jumped || seen.is_none_or(|seen| now >= seen + NOTE_TIME_EVERY) {
        let mut tx = house.store.begin().await?;
        tx.mark(TIME_SEEN, now).await?;
        if jumped {
            tx.mark(clocks::CLOCK_JUMPED, now).await?;
            set_right(&mut tx, &step).await?;
            tell_the_operator(&mut tx, house, &step, jump).await?;
        }
        tx.commit().await?;
    }
    if jumped {
        tracing::error!(
            seconds = jump.as_secs(),
            "the machine's clock jumped; letters to the board wait {} minutes. Check its time",
            JUMP_WAIT.as_mins()
        );
    }
    house.jump_watch.believe(shown);
    Ok(())
}
