//! Promises and follow-ups: when a clock started, when it runs out, and what it is now.

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
            next_at: None,
            pause: None,
            paused: SignedDuration::ZERO,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_on_track_then_due_soon_then_overdue_and_keeps_what_it_was_when_stopped() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let hours = SignedDuration::from_hours;
        let mut clock = Clock::start(ClockKind::FirstReply, start, hours(7 * 24));
        assert_eq!(clock.state(start), ClockState::OnTrack { left: hours(168) });
        assert_eq!(clock.state(start + hours(120)), ClockState::OnTrack { left: hours(48) });
        assert_eq!(clock.state(start + hours(121)), ClockState::DueSoon { left: hours(47) });
        assert_eq!(clock.state(start + hours(168)), ClockState::Overdue { by: hours(0) });
        clock.stopped_at = Some(start + hours(168));
        assert_eq!(clock.state(start + hours(999)), ClockState::Met);
        clock.stopped_at = Some(start + hours(169));
        assert_eq!(clock.state(start + hours(999)), ClockState::MetLate);
    }
}
