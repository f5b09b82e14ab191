//! The time: the machine's, one that is moved by hand in tests, and the demo's, which is both.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the time. A step asks once at its start and passes the answer down.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        // Rows keep microseconds; a finer time would not be the same when read back.
        let micros = Timestamp::now().as_microsecond();
        Timestamp::from_microsecond(micros).expect("a time of the machine is in range")
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_microsecond()))
    }

    /// Moves the clock, backwards if `by` is negative.
    pub fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).expect("tests move clocks by less than 292,000 years");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).expect("the clock was set to a valid time")
    }
}

/// The machine's clock moved ahead by an amount that only grows: the demo's.
#[derive(Debug)]
pub struct MovableClock {
    ahead: AtomicI64,
}

impl MovableClock {
    /// A clock that shows `start` now and goes on from there.
    pub fn starting_at(start: Timestamp) -> Self {
        let ahead = start.as_microsecond() - SystemClock.now().as_microsecond();
        Self { ahead: AtomicI64::new(ahead) }
    }

    /// Moves the clock ahead by `by`.
    pub fn advance(&self, by: SignedDuration) {
        self.ahead.fetch_add(i64::try_from(by.as_micros()).unwrap_or(0), Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let micros = SystemClock.now().as_microsecond() + self.ahead.load(Ordering::SeqCst);
        Timestamp::from_microsecond(micros).expect("the clock is moved by steps of days")
    }
}
