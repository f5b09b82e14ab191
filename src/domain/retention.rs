//! How long things are kept (DESIGN.md 3.7), and when the clock is believed enough to erase anything.

use jiff::{SignedDuration, Timestamp};

/// Original mail and attached files, counted from the closing of their case: six months.
pub const ORIGINALS_LIFE: SignedDuration = SignedDuration::from_hours(183 * 24);
/// All that people wrote, counted from the closing of its case: 24 months. Numbers, states and times stay.
pub const CASE_LIFE: SignedDuration = SignedDuration::from_hours(730 * 24);
/// After a jump of the machine's clock, or a long time down, nothing is erased for so long: the operator was told of
/// the jump, and what a wrong clock erases nobody brings back.
pub const BELIEVED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A program that looked longer ago than this may have been down, or its clock may be wrong.
pub const LOOKS_AT_LEAST_EVERY: SignedDuration = SignedDuration::from_hours(3 * 24);

/// When a case that was closed at `closed_at` loses its originals, and when the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    pub originals: Timestamp,
    pub texts: Timestamp,
}

impl Ends {
    pub fn of(closed_at: Timestamp) -> Self {
        Self { originals: closed_at + ORIGINALS_LIFE, texts: closed_at + CASE_LIFE }
    }
}

/// What the program has seen of its clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClockSeen {
    /// When it last looked whether something is to be erased.
    pub looked_at: Option<Timestamp>,
    /// Since when it looks without a gap.
    pub steady_since: Option<Timestamp>,
    /// The last jump of the machine's clock.
    pub jumped_at: Option<Timestamp>,
}

impl ClockSeen {
    /// Since when the clock has been steady, as seen at `now`: from now on after a gap, or if it went back.
    pub fn steady_since(&self, now: Timestamp) -> Timestamp {
        let is_steady = self.looked_at.is_some_and(|at| at <= now && now <= at + LOOKS_AT_LEAST_EVERY);
        self.steady_since.filter(|since| is_steady && *since <= now).unwrap_or(now)
    }

    /// Whether the clock may be believed with what cannot be undone.
    pub fn is_believed(&self, now: Timestamp) -> bool {
        let is_over = |at: Timestamp| at + BELIEVED_AFTER <= now;
        is_over(self.steady_since(now)) && self.jumped_at.is_none_or(is_over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(count: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap() + SignedDuration::from_hours(24) * i32::try_from(count).unwrap()
    }

    #[test]
    fn originals_go_after_half_a_year_and_the_rest_after_two() {
        let ends = Ends::of(day(0));
        assert_eq!((ends.originals, ends.texts), (day(183), day(730)));
    }

    #[test]
    fn a_clock_is_believed_after_a_week_without_gap_or_jump() {
        for (looked_at, steady_since, jumped_at, believed, why) in [
            (Some(99), Some(93), None, true, "a week"),
            (Some(99), Some(94), None, false, "six days"),
            (None, None, None, false, "the first look"),
            (Some(96), Some(0), None, false, "down for four days, or set ahead"),
            (Some(101), Some(0), None, false, "set back"),
            (Some(99), Some(0), Some(94), false, "jumped six days ago"),
            (Some(99), Some(0), Some(93), true, "jumped a week ago"),
            (Some(99), Some(0), Some(200), false, "jumped ahead and came back"),
        ] {
            let seen = ClockSeen {
                looked_at: looked_at.map(day),
                steady_since: steady_since.map(day),
                jumped_at: jumped_at.map(day),
            };
            assert_eq!(seen.is_believed(day(100)), believed, "{why}");
        }
    }
}
