//! What starts, stops, restores and pauses a clock; each with its event, in the caller's transaction.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{Actor, CaseState, EventKind};
use crate::domain::clock::{Clock, ClockEnd, ClockKind, NotPaused, TRIAGE_TARGET};
use crate::domain::directory::Member;
use crate::domain::id::{CaseId, HandlingId, LetterId};
use crate::domain::ladder::{JUMP_WAIT, Ladder, Waits};
use crate::domain::letter::LetterKind;
use crate::flows::writing::record;
use crate::flows::{House, Step, progress, proofs, urgency};
use crate::store::{CaseRow, ClaimedLetter, ClockRow, HandlingRow, StoreError, Tx};

/// The mark of the last jump of the wall clock.
pub const CLOCK_JUMPED: &str = "clock-jumped";

/// A clock to be started.
pub struct NewClock<'a> {
    pub case: &'a CaseId,
    /// The handling it belongs to; `None` for the case's own.
    pub handling: Option<&'a HandlingId>,
    pub kind: ClockKind,
    pub started_at: Timestamp,
    pub target: SignedDuration,
}

/// Starts a clock; gives it back with its deadline.
pub async fn start(tx: &mut Tx<'_>, house: &House, step: &Step, new: NewClock<'_>) -> Result<Clock, StoreError> {
    let mut clock = Clock::start(new.kind, new.started_at, new.target);
    clock.next_at = first_look(tx, step, new.case, &clock).await?;
    tx.start_clock(house.new_clock(step).as_str(), new.case, new.handling, &clock).await?;
    Ok(clock)
}

/// The ladder of a clock by the policy of this step.
pub fn ladder(step: &Step, clock: &Clock) -> Ladder {
    Ladder::of(clock.kind, clock.target, &step.policy.directory.promise.ladder)
}

/// When a clock of `case` that has just started is to be looked at first.
pub(super) async fn first_look(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    clock: &Clock,
) -> Result<Option<Timestamp>, StoreError> {
    let ladder = match tx.case_for_update(case).await? {
        Some(case) => ladder_of(step, &case, clock),
        None => ladder(step, clock),
    };
    Ok(ladder.next_look(clock, &Waits::default(), step.now))
}

/// The same for a clock of that case, whose own ladder may end at the chair (DESIGN.md 3.4).
pub fn ladder_of(step: &Step, case: &CaseRow, clock: &Clock) -> Ladder {
    let ladder = ladder(step, clock).hastened(case.exploited_at);
    if case.attention().ends_at_the_chair(clock.kind) { ladder.up_to_the_chair() } else { ladder }
}

/// No project has the case: a member has two days from `since`. A triage clock that runs goes on.
pub async fn triage_begins(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    since: Timestamp,
) -> Result<(), StoreError> {
    if runs(tx, case, ClockKind::Triage, None).await? {
        return Ok(());
    }
    let kind = ClockKind::Triage;
    start(tx, house, step, NewClock { case, handling: None, kind, started_at: since, target: TRIAGE_TARGET }).await?;
    Ok(())
}

/// A project has the case: the follow-ups of a case that nobody had are over.
pub async fn triage_ends(tx: &mut Tx<'_>, step: &Step, case: &CaseId) -> Result<(), StoreError> {
    hold(tx, case).await?;
    tx.end_clock(case, ClockKind::Triage, None, ClockEnd::Kept, None, step.now).await?;
    tx.end_clock(case, ClockKind::Progress, None, ClockEnd::Kept, None, step.now).await?;
    Ok(())
}

/// A person has answered the reporter: the first promise is kept, if it still ran. A later bounce of `told_by`, the
/// letter by which the reporter learns of it, restores the deadline; for words at the post on the status page, and
/// for an answer outside of this program, there is none.
pub async fn answered(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    actor: Actor,
    told_by: Option<&LetterId>,
) -> Result<bool, StoreError> {
    hold(tx, case).await?;
    if !tx.end_clock(case, ClockKind::FirstReply, None, ClockEnd::Kept, told_by, step.now).await? {
        return Ok(false);
    }
    record(tx, step, case, EventKind::FirstReply, actor, told_by.map_or("", LetterId::as_str)).await?;
    proofs::report_was_answered(tx, step, case).await?;
    let has_a_project = tx.handlings_of(case).await?.iter().any(|row| row.state.is_open());
    // The words that close a case are an answer too, and nothing follows them.
    let is_closed = tx.case_for_update(case).await?.is_none_or(|row| row.state == CaseState::Closed);
    if !is_closed && !has_a_project && !runs(tx, case, ClockKind::Progress, None).await? {
        progress::begins(tx, house, step, case, None).await?;
    }
    Ok(true)
}

/// The relay's `250` for a letter with a person's words: the first promise is kept.
pub async fn answered_by_letter(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    letter: &ClaimedLetter,
) -> Result<(), StoreError> {
    if let (true, Some(case)) = (letter.kind.is_human_answer(), &letter.case) {
        answered(tx, house, step, case, Actor::Program, Some(&letter.id)).await?;
    }
    Ok(())
}

/// A letter that carried the first answer came back: its deadline counts again, unless another answer arrived.
/// `true` if the clock runs again.
pub async fn restore_first_reply(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    letter: &LetterId,
) -> Result<bool, StoreError> {
    hold(tx, case).await?;
    if let Some(other) = tx.other_answer(case, letter).await? {
        tx.credit_other_letter(letter, &other).await?;
        return Ok(false);
    }
    let restored = tx.restore_clock(case, letter, step.now).await?;
    if restored {
        record(tx, step, case, EventKind::ClockRestored, Actor::Program, letter.as_str()).await?;
    }
    Ok(restored)
}

/// The project has it: its promise is kept, and the progress follow-up begins. That the reporter was answered by this
/// is for the caller to say with [`answered`], once it has written the letter that names the act.
pub async fn project_acknowledged(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    acknowledge_ends(tx, step, case, handling, ClockEnd::Kept).await?;
    progress::begins(tx, house, step, case, Some(handling)).await
}

/// Nobody waits for the project's acknowledgement any more: its clock ends, and reminders that wait for somebody's
/// working hours do not leave.
pub async fn acknowledge_ends(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    handling: &HandlingId,
    ended_as: ClockEnd,
) -> Result<(), StoreError> {
    hold(tx, case).await?;
    tx.end_clock(case, ClockKind::Acknowledge, Some(handling), ended_as, None, step.now).await?;
    withdraw_reminders(tx, step, case, handling).await
}

/// Reminders that wait for somebody's working hours do not leave.
pub async fn withdraw_reminders(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    for letter in tx.letters_of_handling(handling).await?.iter().filter(|letter| letter.kind == LetterKind::Reminder) {
        if tx.withdraw_letter(&letter.id, step.now).await? {
            record(tx, step, case, EventKind::LetterWithdrawn, Actor::Program, letter.id.as_str()).await?;
        }
    }
    Ok(())
}

/// A member has closed the case: all its clocks end. The first promise alone goes on where an answer to the reporter
/// is on its way, whose sending keeps it.
pub async fn case_closed(
    tx: &mut Tx<'_>,
    step: &Step,
    case: &CaseId,
    an_answer_is_on_its_way: bool,
) -> Result<(), StoreError> {
    hold(tx, case).await?;
    let spare = an_answer_is_on_its_way.then_some(ClockKind::FirstReply);
    tx.end_clocks(case, ClockEnd::Closed, spare, step.now).await?;
    Ok(())
}

/// For what a board step of this clock waits now, as the sweep sees it too.
pub async fn waits(house: &House, row: &ClockRow, now: Timestamp) -> Result<Waits, StoreError> {
    let held = match waits_for_mail(row) {
        Some(handling) => house.store.acknowledgement_is_held(handling).await?,
        None => false,
    };
    Ok(Waits { held, jump_until: jump_until(house, now).await? })
}

/// The same as it is within a transaction.
pub async fn waits_in(tx: &mut Tx<'_>, house: &House, row: &ClockRow, now: Timestamp) -> Result<Waits, StoreError> {
    let held = match waits_for_mail(row) {
        Some(handling) => tx.acknowledgement_is_held(handling).await?,
        None => false,
    };
    Ok(Waits { held, jump_until: jump_until(house, now).await? })
}

/// The handling whose held mail may be what this clock waits for.
pub fn waits_for_mail(row: &ClockRow) -> Option<&HandlingId> {
    row.handling.as_ref().filter(|_| row.clock.kind == ClockKind::Acknowledge)
}

/// Until when the board waits after a jump of the wall clock.
pub async fn jump_until(house: &House, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let jumped = house.store.marked(CLOCK_JUMPED).await?;
    Ok(jumped.filter(|at| (*at..*at + JUMP_WAIT).contains(&now)).map(|at| at + JUMP_WAIT))
}

/// Lets the clock of a project stand still until `until`.
pub async fn pause(
    house: &House,
    handling: &HandlingId,
    until: Timestamp,
    because: &str,
    by: &Member,
) -> Result<Result<(), NotPaused>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(mut row) = running_promise(&mut tx, handling).await? else { return Ok(Err(NotPaused::Stopped)) };
    if let Err(refusal) = row.clock.pause(step.now, until, because) {
        return Ok(Err(refusal));
    }
    if !tx.save_pause(&row.id, &row.clock).await? {
        return Ok(Err(NotPaused::Already));
    }
    let detail = format!("{handling} until {until}");
    record(&mut tx, &step, &row.case, EventKind::ClockPaused, house.actor(&by.email), detail).await?;
    let words = format!("Clock of the project paused until {until}: {}", because.trim());
    urgency::keep_reason(&mut tx, house, &step, &row.case, &words, by).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Lets the clock of a project run again before its pause is over; `false` if it was not paused.
pub async fn resume(house: &House, handling: &HandlingId, by: &Member) -> Result<bool, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(mut row) = running_promise(&mut tx, handling).await? else { return Ok(false) };
    let resumed = run_again(&mut tx, &step, &mut row, house.actor(&by.email)).await?;
    tx.commit().await?;
    Ok(resumed)
}

/// The clock of that handling's promise, while it runs.
async fn running_promise(tx: &mut Tx<'_>, handling: &HandlingId) -> Result<Option<ClockRow>, StoreError> {
    let Some(row) = tx.handling(handling).await? else { return Ok(None) };
    hold(tx, &row.case).await?;
    let clocks = tx.clocks_of(&row.case).await?;
    Ok(clocks.into_iter().find(|clock| is_acknowledgement_of(clock, handling)))
}

/// Ends the pause of a clock; the sweep does so when it is over.
pub async fn run_again(tx: &mut Tx<'_>, step: &Step, row: &mut ClockRow, actor: Actor) -> Result<bool, StoreError> {
    if !row.clock.resume(step.now) || !tx.save_pause(&row.id, &row.clock).await? {
        return Ok(false);
    }
    record(tx, step, &row.case, EventKind::ClockResumed, actor, row.id.as_str()).await?;
    Ok(true)
}

/// Why the committee cannot answer in a project's place; each a sentence for the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTakenOver {
    #[error("The board has not been told yet. The project still has time.")]
    TooEarly,
    #[error("The project has answered, or no longer has this case.")]
    NotWaiting,
}

/// "Committee answers": after the board step a member takes over what the project left undone. The promise counts as
/// not kept, whatever the project does later.
pub async fn committee_answers(
    house: &House,
    handling: &HandlingId,
    by: &Member,
) -> Result<Result<(), NotTakenOver>, StoreError> {
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(row) = tx.handling(handling).await? else { return Ok(Err(NotTakenOver::NotWaiting)) };
    let Some(promise) = running_promise(&mut tx, handling).await? else { return Ok(Err(NotTakenOver::NotWaiting)) };
    if !may_be_taken_over(&ladder(&step, &promise.clock), &promise.clock) {
        return Ok(Err(NotTakenOver::TooEarly));
    }
    let actor = house.actor(&by.email);
    if !tx.take_over_handling(handling, &actor.word(), step.now).await? {
        return Ok(Err(NotTakenOver::NotWaiting));
    }
    acknowledge_ends(&mut tx, &step, &row.case, handling, ClockEnd::Breached).await?;
    record(&mut tx, &step, &row.case, EventKind::TakenOver, actor, handling.as_str()).await?;
    without_a_project(&mut tx, house, &step, &row).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Whether the board has been told of a clock that still runs.
pub fn may_be_taken_over(ladder: &Ladder, clock: &Clock) -> bool {
    clock.stopped_at.is_none() && ladder.board_step().is_some_and(|board| board.at <= clock.told)
}

fn is_acknowledgement_of(row: &ClockRow, handling: &HandlingId) -> bool {
    row.clock.kind == ClockKind::Acknowledge
        && row.handling.as_ref() == Some(handling)
        && row.clock.stopped_at.is_none()
}

/// Where no project has the case any more, it is the committee's, and its own progress is followed.
async fn without_a_project(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    handling: &HandlingRow,
) -> Result<(), StoreError> {
    let case = &handling.case;
    if tx.handlings_of(case).await?.iter().any(|row| row.state.is_open()) {
        return Ok(());
    }
    tx.set_case_state(case, CaseState::Answered, None).await?;
    if runs(tx, case, ClockKind::Progress, None).await? {
        return Ok(());
    }
    progress::begins(tx, house, step, case, None).await
}

/// Takes hold of the case before its clocks, as the sweep does: in another order two nodes would wait for each other.
pub(super) async fn hold(tx: &mut Tx<'_>, case: &CaseId) -> Result<(), StoreError> {
    tx.case_for_update(case).await.map(|_| ())
}

async fn runs(
    tx: &mut Tx<'_>,
    case: &CaseId,
    kind: ClockKind,
    handling: Option<&HandlingId>,
) -> Result<bool, StoreError> {
    let is_it =
        |row: &ClockRow| row.clock.kind == kind && row.handling.as_ref() == handling && row.clock.stopped_at.is_none();
    Ok(tx.clocks_of(case).await?.iter().any(is_it))
}
