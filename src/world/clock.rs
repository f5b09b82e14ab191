//! The time: the machine's, one that is moved by hand in tests, and the demo's, which is both.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Tells the time. A step asks once at its start and passes the answer down.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// How long this has run, by a source that never jumps. Where it starts means nothing; only differences do.
    fn uptime(&self) -> SignedDuration;
}

/// Compares the wall clock with what it showed before and the time that really went by since.
#[derive(Debug, Default)]
pub struct JumpWatch(Mutex<Option<Reading>>);

/// What a clock showed at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    wall: Timestamp,
    uptime: SignedDuration,
}

impl JumpWatch {
    /// What `clock` shows, and how far it has jumped since it was last believed, backwards if negative; `None` while
    /// there is nothing to compare with.
    pub fn look(&self, clock: &dyn Clock) -> (Reading, Option<SignedDuration>) {
        let shown = Reading { wall: clock.now(), uptime: clock.uptime() };
        let before = *self.0.lock().expect("no holder panics");
        let jump = before.map(|before| {
            let expected = before.wall + (shown.uptime - before.uptime);
            shown.wall.duration_since(expected)
        });
        (shown, jump)
    }

    /// Compares with this reading from now on: a jump that led to it is dealt with.
    pub fn believe(&self, shown: Reading) {
        *self.0.lock().expect("no holder panics") = Some(shown);
    }
}

/// When the program first asked for its uptime.
static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

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

    fn uptime(&self) -> SignedDuration {
        SignedDuration::try_from(STARTED.elapsed()).expect("no program runs for 292 billion years")
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    wall: AtomicI64,
    uptime: AtomicI64,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { wall: AtomicI64::new(now.as_microsecond()), uptime: AtomicI64::new(0) }
    }

    /// Time goes by.
    pub fn advance(&self, by: SignedDuration) {
        self.jump(by);
        self.uptime.fetch_add(micros(by), Ordering::SeqCst);
    }

    /// The wall clock is set to another time, backwards if `by` is negative, while no time goes by.
    pub fn jump(&self, by: SignedDuration) {
        self.wall.fetch_add(micros(by), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.wall.load(Ordering::SeqCst)).expect("the clock was set to a valid time")
    }

    fn uptime(&self) -> SignedDuration {
        SignedDuration::from_micros(self.uptime.load(Ordering::SeqCst))
    }
}

fn micros(by: SignedDuration) -> i64 {
    i64::try_from(by.as_micros()).expect("clocks are moved by less than 292,000 years")
}

/// The machine's clock moved ahead by an amount that only grows: the demo's. To the program that is time gone by,
/// and no jump.
#[derive(Debug)]
pub struct MovableClock {
    ahead: AtomicI64,
    moved: AtomicI64,
}

impl MovableClock {
    /// A clock that shows `start` now and goes on from there.
    pub fn starting_at(start: Timestamp) -> Self {
        let ahead = start.as_microsecond() - SystemClock.now().as_microsecond();
        Self { ahead: AtomicI64::new(ahead), moved: AtomicI64::new(0) }
    }

    /// Moves the clock ahead by `by`.
    pub fn advance(&self, by: SignedDuration) {
        self.ahead.fetch_add(micros(by), Ordering::SeqCst);
        self.moved.fetch_add(micros(by), Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let micros = SystemClock.now().as_microsecond() + self.ahead.load(Ordering::SeqCst);
        Timestamp::from_microsecond(micros).expect("the clock is moved by steps of days")
    }

    fn uptime(&self) -> SignedDuration {
        SystemClock.uptime() + SignedDuration::from_micros(self.moved.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_goes_by_is_no_jump_and_a_wall_clock_that_is_set_is_one() {
        let clock = ManualClock::at(Timestamp::from_second(1_800_000_000).unwrap());
        let watch = JumpWatch::default();
        let hours = SignedDuration::from_hours;
        let (first, jump) = watch.look(&clock);
        assert_eq!(jump, None, "nothing to compare with yet");
        watch.believe(first);
        clock.advance(hours(1_000));
        assert_eq!(watch.look(&clock).1, Some(hours(0)));
        clock.advance(hours(3));
        clock.jump(hours(-720));
        let (after, jump) = watch.look(&clock);
        assert_eq!(jump, Some(hours(-720)));
        assert_eq!(watch.look(&clock).1, Some(hours(-720)), "until it is dealt with");
        watch.believe(after);
        assert_eq!(watch.look(&clock).1, Some(hours(0)));
    }

    #[test]
    fn the_demos_clock_goes_on_by_itself_and_never_jumps() {
        let clock = MovableClock::starting_at(Timestamp::from_second(1_800_000_000).unwrap());
        let watch = JumpWatch::default();
        watch.believe(watch.look(&clock).0);
        clock.advance(SignedDuration::from_hours(24));
        assert!(watch.look(&clock).1.unwrap().abs() < SignedDuration::from_mins(1));
        assert!(clock.now() >= Timestamp::from_second(1_800_000_000 + 24 * 3600).unwrap());
    }
}
