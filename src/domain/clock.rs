//! Promises and follow-ups: when a clock started, when it runs out, and what it is now.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::id::LetterId;

/// What a clock measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockKind {
    /// Promise: from the arrival to the first human reply.
    FirstReply,
    /// Promise: from the decision to forward to the project's acknowledgement.
    Acknowledge,
    /// Follow-up: while no handling is open.
    Triage,
    /// Follow-up: from the acknowledgement to the closing.
    Progress,
}

impl ClockKind {
    /// The word that stands in the row.
    pub fn word(self) -> &'static str {
        match self {
            Self::FirstReply => "first-reply",
            Self::Acknowledge => "acknowledge",
            Self::Triage => "triage",
            Self::Progress => "progress",
        }
    }

    /// The kind of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::FirstReply, Self::Acknowledge, Self::Triage, Self::Progress].into_iter().find(|kind| kind.word() == word)
    }

    /// The name on pages.
    pub fn title(self) -> &'static str {
        match self {
            Self::FirstReply => "first human reply",
            Self::Acknowledge => "project acknowledgement",
            Self::Triage => "triage",
            Self::Progress => "progress",
        }
    }
}

/// How long a case may wait for a member while no project has it (DESIGN.md 3.4).
pub const TRIAGE_TARGET: SignedDuration = SignedDuration::from_hours(2 * 24);
/// How long a project may work in silence after its acknowledgement before it is nudged.
pub const PROGRESS_TARGET: SignedDuration = SignedDuration::from_hours(14 * 24);
/// After so much silence the committee and the reporter are told.
pub const PROGRESS_REVIEW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long the progress follow-up waits for the reporter before it goes on (DESIGN.md 3.4).
pub const REPORTER_WAIT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long a project's clock may stand still, all its pauses together (DESIGN.md 3.4).
pub const PAUSES_AT_MOST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A project that has not confirmed for so long is silent: the committee asks whether anybody maintains it.
pub const SILENCE_REVIEW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long one snooze silences reminders (STANDARDS.md 2.5).
pub const SNOOZE_AT_MOST: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Less than this left is "due soon".
pub const DUE_SOON: SignedDuration = SignedDuration::from_hours(48);

/// How a clock ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockEnd {
    /// By the act that it waited for, in time or late.
    Kept,
    /// The committee took over what somebody else had promised.
    Breached,
    /// What it measured never began: the forward was stopped in its hold.
    Withdrawn,
    /// The case was closed, or found to be no report.
    Closed,
}

impl ClockEnd {
    const ALL: [Self; 4] = [Self::Kept, Self::Breached, Self::Withdrawn, Self::Closed];

    /// The word that stands in the row.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Breached => "breached",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
        }
    }

    /// The end of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.word() == word)
    }
}

/// While a clock stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub since: Timestamp,
    pub until: Timestamp,
    /// A member's words.
    pub because: String,
}

/// While a clock reminds nobody; it runs on, and its deadline stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snooze {
    pub since: Timestamp,
    pub until: Timestamp,
    /// A member's words.
    pub because: String,
}

/// One running or stopped clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    pub kind: ClockKind,
    pub started_at: Timestamp,
    /// How long it may run, pauses not counted.
    pub target: SignedDuration,
    /// When it runs out.
    pub due_at: Timestamp,
    pub stopped_at: Option<Timestamp>,
    /// How it ended; set with `stopped_at`.
    pub ended_as: Option<ClockEnd>,
    /// The letter whose sending stopped it: if that bounces, the clock runs again.
    pub stopped_by: Option<LetterId>,
    /// The highest step of its ladder that was told, counted from the start; zero is none.
    pub told: SignedDuration,
    /// When its ladder is to be looked at again.
    pub next_at: Option<Timestamp>,
    pub pause: Option<Pause>,
    /// How long it was paused before.
    pub paused: SignedDuration,
    pub snooze: Option<Snooze>,
}

/// What a clock is at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    OnTrack {
        left: SignedDuration,
    },
    /// Less than 48 hours are left.
    DueSoon {
        left: SignedDuration,
    },
    Overdue {
        by: SignedDuration,
    },
    Paused {
        until: Timestamp,
    },
    Met,
    MetLate,
    /// Ended without the act that it waited for.
    Breached,
    /// Ended because there was nothing left to wait for.
    DoesNotCount,
}

impl Clock {
    /// A clock that starts at `started_at` and runs for `target`.
    pub fn start(kind: ClockKind, started_at: Timestamp, target: SignedDuration) -> Self {
        Self {
            kind,
            started_at,
            target,
            due_at: started_at + target,
            stopped_at: None,
            ended_as: None,
            stopped_by: None,
            told: SignedDuration::ZERO,
            // Looked at once, so that no clock is ever forgotten; whoever knows its ladder says when it matters.
            next_at: Some(started_at),
            pause: None,
            paused: SignedDuration::ZERO,
            snooze: None,
        }
    }

    /// Lets the clock stand still from `now` until `until`; its deadline moves by as much.
    pub fn pause(&mut self, now: Timestamp, until: Timestamp, because: &str) -> Result<(), NotPaused> {
        if self.kind != ClockKind::Acknowledge {
            return Err(NotPaused::NotAProjects);
        }
        if self.stopped_at.is_some() {
            return Err(NotPaused::Stopped);
        }
        if self.pause.is_some() {
            return Err(NotPaused::Already);
        }
        if because.trim().is_empty() {
            return Err(NotPaused::NoReason);
        }
        if until <= now {
            return Err(NotPaused::EndsBeforeItBegins);
        }
        let left = PAUSES_AT_MOST - self.paused;
        if until.duration_since(now) > left {
            return Err(NotPaused::TooLong { left: promised(left.max(SignedDuration::ZERO)) });
        }
        self.due_at += until.duration_since(now);
        self.next_at = Some(until);
        self.pause = Some(Pause { since: now, until, because: because.trim().to_owned() });
        Ok(())
    }

    /// Lets the clock run again; only the time that it stood still moves the deadline. `false` if it was not paused.
    pub fn resume(&mut self, now: Timestamp) -> bool {
        let Some(pause) = self.pause.take() else { return false };
        // A pause that ended while the program was down ended at its end; one that seems to begin later has none.
        let stood_still = now.min(pause.until).duration_since(pause.since).max(SignedDuration::ZERO);
        self.paused += stood_still;
        self.due_at = self.started_at + self.target + self.paused;
        self.next_at = Some(now);
        true
    }

    /// Lets the progress follow-up stand still from `now` on, for nothing goes on before the reporter answers. It
    /// starts anew with that answer; without one it runs from the end of the wait. Said again, the wait begins anew.
    /// `false` for any other clock.
    pub fn wait_for_the_reporter(&mut self, now: Timestamp) -> bool {
        if self.kind != ClockKind::Progress || self.stopped_at.is_some() {
            return false;
        }
        let snooze = self.snooze.take();
        let until = now + REPORTER_WAIT;
        *self = Self::start(ClockKind::Progress, now, self.target);
        self.due_at += REPORTER_WAIT;
        self.next_at = Some(until);
        self.pause = Some(Pause { since: now, until, because: "The reporter is asked.".to_owned() });
        self.snooze = snooze;
        true
    }

    /// Since when this clock waits for the reporter, and until when.
    pub fn waits_for_the_reporter(&self) -> Option<&Pause> {
        self.pause.as_ref().filter(|_| self.kind == ClockKind::Progress && self.stopped_at.is_none())
    }

    /// Silences the reminders of this clock from `now` until `until`. The deadline stays, and so does the board's step.
    pub fn snooze(&mut self, now: Timestamp, until: Timestamp, because: &str) -> Result<(), NotSnoozed> {
        if self.kind == ClockKind::FirstReply {
            return Err(NotSnoozed::FirstReply);
        }
        if self.stopped_at.is_some() {
            return Err(NotSnoozed::Stopped);
        }
        if self.snooze.is_some() {
            return Err(NotSnoozed::Already);
        }
        if because.trim().is_empty() {
            return Err(NotSnoozed::NoReason);
        }
        if until <= now {
            return Err(NotSnoozed::EndsBeforeItBegins);
        }
        if until.duration_since(now) > SNOOZE_AT_MOST {
            return Err(NotSnoozed::TooLong);
        }
        self.snooze = Some(Snooze { since: now, until, because: because.trim().to_owned() });
        Ok(())
    }

    /// Lets the clock remind again; it is looked at at once. `false` if it was not silenced.
    pub fn wake(&mut self, now: Timestamp) -> bool {
        if self.snooze.take().is_none() {
            return false;
        }
        self.next_at = Some(now);
        true
    }

    /// Why it runs out when it does, in words.
    pub fn explained(&self) -> String {
        let from = match self.kind {
            ClockKind::FirstReply => "the arrival",
            ClockKind::Acknowledge => "the decision to forward",
            ClockKind::Triage => "the moment no project had it",
            ClockKind::Progress => "the last sign of work",
        };
        let mut words = format!("{} from {from}, {}", promised(self.target), date(self.started_at));
        if !self.paused.is_zero() {
            let stood_still = if self.kind == ClockKind::Progress { "waited for the reporter" } else { "paused" };
            words += &format!("; {stood_still} {}", promised(self.paused));
        }
        if let Some(wait) = self.waits_for_the_reporter() {
            words += &format!("; waits for the reporter since {} until {}", date(wait.since), date(wait.until));
        } else if let Some(pause) = self.pause.as_ref().filter(|_| self.stopped_at.is_none()) {
            words += &format!("; paused since {} until {}", date(pause.since), date(pause.until));
        }
        words
    }

    /// What this clock is at `now`.
    pub fn state(&self, now: Timestamp) -> ClockState {
        match self.ended_as {
            Some(ClockEnd::Withdrawn | ClockEnd::Closed) => return ClockState::DoesNotCount,
            Some(ClockEnd::Breached) => return ClockState::Breached,
            Some(ClockEnd::Kept) | None => {}
        }
        if let Some(pause) = self.pause.as_ref().filter(|_| self.stopped_at.is_none()) {
            return ClockState::Paused { until: pause.until };
        }
        match self.stopped_at {
            Some(stopped) if stopped <= self.due_at => ClockState::Met,
            Some(_) => ClockState::MetLate,
            None if now >= self.due_at => ClockState::Overdue { by: now.duration_since(self.due_at) },
            None => {
                let left = self.due_at.duration_since(now);
                if left < DUE_SOON { ClockState::DueSoon { left } } else { ClockState::OnTrack { left } }
            }
        }
    }
}

/// Why a clock was not paused; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPaused {
    #[error("Only a project's clock can be paused.")]
    NotAProjects,
    #[error("This clock has ended.")]
    Stopped,
    #[error("This clock is paused already.")]
    Already,
    #[error("Say why it is paused. The reason stays with the case.")]
    NoReason,
    #[error("The pause must end after it begins. Choose a later day.")]
    EndsBeforeItBegins,
    #[error("A clock may stand still for 30 days in all. {left} of them are left. Choose an earlier day.")]
    TooLong { left: String },
}

/// Why reminders were not silenced; each a sentence for the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSnoozed {
    #[error("The reporter waits for a first answer. These reminders cannot be silenced.")]
    FirstReply,
    #[error("This clock has ended.")]
    Stopped,
    #[error("Its reminders are silenced already. End that first.")]
    Already,
    #[error("Say why they are silenced. The reason stays with the case.")]
    NoReason,
    #[error("The silence must end after it begins. Choose a later day.")]
    EndsBeforeItBegins,
    #[error("Reminders may be silenced for 14 days at once. Choose an earlier day.")]
    TooLong,
}

/// `5 d 2 h`, `14 h 58 min`, `3 min`: the two largest units, rounded down.
pub fn span(length: SignedDuration) -> String {
    let minutes = length.as_mins().max(0);
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{rest} min"),
        (0, _) => format!("{hours} h {rest} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// A promise in words: `7 days`, `1 day`, else as [`span`] says it.
pub fn promised(length: SignedDuration) -> String {
    match (length.as_hours() / 24, length.as_secs() % (24 * 3600)) {
        (1, 0) => "1 day".to_owned(),
        (days, 0) => format!("{days} days"),
        _ => span(length),
    }
}

/// `Fri 2026-11-27 14:02 UTC`, as on pages and in letters.
pub fn date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a %Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests;
