//! The ladder of a clock: which step is due, whom it tells, and when a reminder suits its recipient.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::{Clock, ClockKind, PROGRESS_REVIEW, PROGRESS_TARGET, SILENCE_REVIEW};
use crate::domain::directory::{Contact, LadderClock, LadderStep, Tell};

/// How much longer the board waits while an unproven acknowledgement is held (DESIGN.md 3.3).
pub const HELD_WAIT: SignedDuration = SignedDuration::from_hours(48);
/// How long the board waits after a jump of the wall clock, so that a person can set it right (DESIGN.md 3.4).
pub const JUMP_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// Board steps of one case that fall due within this time reach the board as one letter: both promises of a case
/// often start within the same second.
pub const BOARD_GATHERS: SignedDuration = SignedDuration::from_mins(10);
/// A reminder moves into working hours by no more than this.
const MOVES_AT_MOST: SignedDuration = SignedDuration::from_hours(24);

/// One step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Counted from the start of the clock, pauses not counted.
    pub at: SignedDuration,
    pub tell: Vec<Tell>,
}

impl Step {
    /// Whether this step tells `whom`.
    pub fn tells(&self, whom: Tell) -> bool {
        self.tell.contains(&whom)
    }

    /// Whom it tells, in one word: of several, who comes last in the ladder.
    pub fn whom(&self) -> &'static str {
        let words = [
            (Tell::Board, "board"),
            (Tell::Committee, "committee"),
            (Tell::Chair, "chair"),
            (Tell::Owner, "owner"),
            (Tell::Deputies, "deputies"),
        ];
        words.into_iter().find(|(whom, _)| self.tells(*whom)).map_or("contacts", |(_, word)| word)
    }
}

/// The steps of one clock, the lowest first; no two at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    steps: Vec<Step>,
    /// Since when the steps still to come are nearer by half.
    hastened_since: Option<Timestamp>,
}

/// How much earlier than the board's own step somebody else is told in its place: that step stays untold, so that it
/// is due once a member has opened the case.
const BEFORE_THE_BOARD: SignedDuration = SignedDuration::from_secs(1);

/// What decides whether the first promise of a case may reach the board (DESIGN.md 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attention {
    /// It counts as no report, by the judge or by a member.
    pub looks_like_noise: bool,
    /// A member has opened it, or done anything with it: claimed it, answered it, said what it is.
    pub is_opened: bool,
}

impl Attention {
    /// Whether the ladder of `kind` ends at the chair: what looks like noise and nobody has opened is not brought to
    /// the board. A project that was given the case keeps its own promise.
    pub fn ends_at_the_chair(self, kind: ClockKind) -> bool {
        kind == ClockKind::FirstReply && self.looks_like_noise && !self.is_opened
    }
}

/// For what a board step waits, and the steps above it with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waits {
    /// Mail that may be the acknowledgement is held for a member.
    pub held: bool,
    /// The wall clock jumped: not before this moment.
    pub jump_until: Option<Timestamp>,
}

/// A step that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due<'l> {
    pub step: &'l Step,
    /// Lower ones that nobody was told while the program was down.
    pub skipped: Vec<&'l Step>,
}

impl Due<'_> {
    /// Whether the board hears of it; it is never passed over, wherever `[[promise.ladder]]` puts it.
    pub fn tells_the_board(&self) -> bool {
        self.skipped.iter().chain([&self.step]).any(|step| step.tells(Tell::Board))
    }
}

impl Ladder {
    /// The ladder of a clock of `kind` that runs for `target`.
    ///
    /// `overrides` (`[[promise.ladder]]`) replace the usual steps of their clock. What would come after a shorter
    /// target falls away, and the board is told at the target if no step tells it before: a policy may change who is
    /// asked to help on the way, not the promise.
    pub fn of(kind: ClockKind, target: SignedDuration, overrides: &[LadderStep]) -> Self {
        let steps = match kind {
            ClockKind::FirstReply => promise(target, own(overrides, LadderClock::FirstReply), &FIRST_REPLY),
            ClockKind::Acknowledge => {
                let mut steps = promise(target, own(overrides, LadderClock::Acknowledge), &ACKNOWLEDGE);
                // The one step above the board's: whether anybody maintains the project at all.
                steps.push(Step { at: SILENCE_REVIEW.max(target * 2), tell: vec![Tell::Committee] });
                steps
            }
            ClockKind::Triage => vec![Step { at: target, tell: vec![Tell::Owner] }],
            ClockKind::Progress => vec![
                Step { at: PROGRESS_TARGET, tell: vec![Tell::Contacts] },
                Step { at: PROGRESS_REVIEW, tell: vec![Tell::Committee] },
            ],
        };
        Self { steps, hastened_since: None }
    }

    /// The same ladder for a flaw that is known since `since` to be used against people: what is still to come then is
    /// told in half the time, but for the board, whose step never moves (DESIGN.md 3.4).
    #[must_use]
    pub fn hastened(mut self, since: Option<Timestamp>) -> Self {
        self.hastened_since = since;
        self
    }

    /// The same ladder with the chair as its end. A step that would tell others beside the board tells them; where no
    /// step tells the chair, one does in the board's place. What is left out is only put off: with the whole ladder
    /// again it is due.
    #[must_use]
    pub fn up_to_the_chair(mut self) -> Self {
        let chair_hears = self.steps.iter().any(|step| step.tells(Tell::Chair));
        for step in self.steps.iter_mut().filter(|step| step.tells(Tell::Board)) {
            step.at -= BEFORE_THE_BOARD;
            step.tell.retain(|whom| *whom != Tell::Board);
            if !chair_hears {
                step.tell.push(Tell::Chair);
            }
        }
        self.steps.retain(|step| !step.tell.is_empty());
        self
    }

    /// All steps, the lowest first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The step that first tells the board; follow-ups have none.
    pub fn board_step(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.tells(Tell::Board))
    }

    /// The steps that will be told, in their order, each with its moment. One that comes no sooner than a higher one is
    /// not among them: it would be passed over.
    pub fn to_come(&self, clock: &Clock, waits: &Waits) -> Vec<(Timestamp, &Step)> {
        let moments: Vec<_> = self.moments(clock, waits).filter(|(_, step)| step.at > clock.told).collect();
        let mut sooner = None;
        let mut to_come: Vec<_> = moments
            .into_iter()
            .rev()
            .filter(|(moment, _)| {
                let comes = sooner.is_none_or(|higher| *moment < higher);
                sooner = if comes { Some(*moment) } else { sooner };
                comes
            })
            .collect();
        to_come.reverse();
        to_come
    }

    /// The step that a member may skip: the next one, unless it tells the board or the reporter waits for a first answer.
    pub fn skippable(&self, clock: &Clock, waits: &Waits) -> Result<&Step, NotSkipped> {
        if clock.stopped_at.is_some() {
            return Err(NotSkipped::Stopped);
        }
        if clock.kind == ClockKind::FirstReply {
            return Err(NotSkipped::FirstReply);
        }
        if clock.pause.is_some() {
            return Err(NotSkipped::Paused);
        }
        match self.to_come(clock, waits).into_iter().next() {
            None => Err(NotSkipped::NothingToCome),
            Some((_, step)) if step.tells(Tell::Board) => Err(NotSkipped::Board),
            Some((_, step)) => Ok(step),
        }
    }

    /// The highest step that is due and not told. Lower ones are passed over, not made up for: the program was down, or
    /// a snooze silenced them.
    pub fn due_step(&self, clock: &Clock, waits: &Waits, now: Timestamp) -> Option<Due<'_>> {
        if clock.stopped_at.is_some() || clock.pause.is_some() {
            return None;
        }
        let is_due = |(moment, step): &(Timestamp, &Step)| now >= *moment && step.at > clock.told;
        let (_, step) = self.moments(clock, waits).filter(is_due).last()?;
        let skipped = self.steps.iter().filter(|lower| lower.at > clock.told && lower.at < step.at).collect();
        Some(Due { step, skipped })
    }

    /// When `step` of this ladder is due.
    pub fn moment(&self, clock: &Clock, waits: &Waits, step: &Step) -> Timestamp {
        let moments = self.moments(clock, waits);
        moments.filter(|(_, other)| other.at <= step.at).map(|(moment, _)| moment).last().unwrap_or(clock.due_at)
    }

    /// When the clock is to be looked at next; `None` is never.
    ///
    /// While a board step waits for held mail it is looked at each hour, for a member may decide about the mail.
    pub fn next_look(&self, clock: &Clock, waits: &Waits, now: Timestamp) -> Option<Timestamp> {
        if clock.stopped_at.is_some() {
            return None;
        }
        if let Some(pause) = &clock.pause {
            return Some(pause.until);
        }
        let wakes = clock.snooze.as_ref().map(|snooze| snooze.until);
        let Some((moment, step)) = self.to_come(clock, waits).into_iter().next() else { return wakes };
        let waits_for_mail = waits.held && self.moment(clock, &Waits::default(), step) <= now;
        let looked_at = if waits_for_mail { moment.min(now + SignedDuration::from_hours(1)) } else { moment };
        Some(wakes.map_or(looked_at, |wakes| wakes.min(looked_at)))
    }

    /// Each step with its moment. None overtakes a board that waits, and the board waits for no snooze.
    fn moments<'l>(&'l self, clock: &Clock, waits: &Waits) -> impl Iterator<Item = (Timestamp, &'l Step)> {
        let start = clock.started_at + clock.paused;
        let hastened = self.hastened_since.map(|since| since.max(start));
        let silent_until = clock.snooze.as_ref().map_or(Timestamp::MIN, |snooze| snooze.until);
        let waits = *waits;
        self.steps.iter().scan(Timestamp::MIN, move |board, step| {
            let plainly = start + step.at;
            if step.tells(Tell::Board) {
                *board = waits.board(plainly).max(*board);
                return Some((*board, step));
            }
            let moment = hastened.map_or(plainly, |since| halfway(since, plainly));
            Some((moment.max(silent_until).max(*board), step))
        })
    }
}

/// Why a reminder was not skipped; each a sentence for the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSkipped {
    #[error("This clock has ended.")]
    Stopped,
    #[error("The reporter waits for a first answer. These reminders cannot be skipped.")]
    FirstReply,
    #[error("The clock is paused: nobody is reminded before it runs again.")]
    Paused,
    #[error("No reminder is to come.")]
    NothingToCome,
    #[error("The next step tells the board. That is never skipped.")]
    Board,
    #[error("That reminder was told or skipped meanwhile. Look at the case again.")]
    NotNext,
    #[error("Say why it is skipped. The reason stays with the case.")]
    NoReason,
}

/// The middle between `since` and a later `moment`; the moment itself if it was before.
fn halfway(since: Timestamp, moment: Timestamp) -> Timestamp {
    if moment <= since { moment } else { since + moment.duration_since(since) / 2 }
}

impl Waits {
    fn board(self, moment: Timestamp) -> Timestamp {
        let after_mail = if self.held { moment + HELD_WAIT } else { moment };
        self.jump_until.map_or(after_mail, |until| after_mail.max(until))
    }
}

/// Sevenths of the target, and whom each tells (DESIGN.md 3.4).
type Sevenths = [(i32, &'static [Tell]); 4];

const FIRST_REPLY: Sevenths = [(2, &[Tell::Owner]), (4, &[Tell::Committee]), (6, &[Tell::Chair]), (7, &[Tell::Board])];

const ACKNOWLEDGE: Sevenths =
    [(2, &[Tell::Contacts]), (4, &[Tell::Contacts, Tell::Deputies]), (6, &[Tell::Committee]), (7, &[Tell::Board])];

fn own(overrides: &[LadderStep], clock: LadderClock) -> Vec<&LadderStep> {
    overrides.iter().filter(|step| step.clock == clock).collect()
}

fn promise(target: SignedDuration, overrides: Vec<&LadderStep>, usual: &Sevenths) -> Vec<Step> {
    if overrides.is_empty() {
        return usual.iter().map(|(part, tell)| Step { at: sevenths(target, *part), tell: tell.to_vec() }).collect();
    }
    let mut steps: Vec<Step> = Vec::new();
    for wanted in overrides.into_iter().filter(|step| step.at <= target) {
        put(&mut steps, wanted.at, &wanted.tell);
    }
    if !steps.iter().any(|step| step.tells(Tell::Board)) {
        put(&mut steps, target, &[Tell::Board]);
    }
    steps.sort_by_key(|step| step.at);
    steps
}

/// In whole seconds: a row keeps no finer part of what was told, and a step above what its row says would be due again.
fn sevenths(target: SignedDuration, part: i32) -> SignedDuration {
    SignedDuration::from_secs((target * part / 7).as_secs())
}

fn put(steps: &mut Vec<Step>, at: SignedDuration, tell: &[Tell]) {
    match steps.iter_mut().find(|step| step.at == at) {
        Some(step) => step.tell.extend_from_slice(tell),
        None => steps.push(Step { at, tell: tell.to_vec() }),
    }
}

/// When a reminder that is due at `now` leaves for `contact`: in its working hours, but no more than 24 hours later
/// and before `next_step`. Where that cannot be, it leaves at once.
pub fn reminder_at(contact: &Contact, now: Timestamp, next_step: Option<Timestamp>) -> Timestamp {
    let Some((opens, closes)) = contact.hours.as_deref().and_then(working_hours) else { return now };
    let zone = contact.zone.clone().unwrap_or(TimeZone::UTC);
    let local = now.to_zoned(zone.clone());
    if (opens..closes).contains(&local.time()) {
        return now;
    }
    let day = if local.time() < opens { Ok(local.date()) } else { local.date().tomorrow() };
    // An hour that a clock change leaves out begins where the change has led to.
    let Some(begins) = day.and_then(|day| day.to_datetime(opens).to_zoned(zone)).ok().map(|at| at.timestamp()) else {
        return now;
    };
    let is_too_late = begins > now + MOVES_AT_MOST || next_step.is_some_and(|next| begins >= next);
    if is_too_late { now } else { begins }
}

/// `09:00-17:00`, as the file's check left it.
fn working_hours(text: &str) -> Option<(Time, Time)> {
    let (opens, closes) = text.split_once('-')?;
    Some((opens.trim().parse().ok()?, closes.trim().parse().ok()?))
}

#[cfg(test)]
mod tests;
