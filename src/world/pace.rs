//! How often each of many may ask: one bucket per asker that fills again with time, and forgets who stayed away.

use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use jiff::Timestamp;

use crate::world::clock::Clock;

/// After so many questions, askers whose bucket is full again are forgotten: what is kept stays within the number
/// of those who asked lately.
const ASKED_BETWEEN_SWEEPS: u32 = 1_000;
/// Askers that are remembered at most. Whoever comes with so many networks at once gets a full bucket again in each,
/// which costs us less than the memory to remember them.
const REMEMBERED: usize = 100_000;

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, Steady, NoOpMiddleware<Nanos>>;

/// A bound on how often each asker may ask. In one process: several nodes have one each.
pub struct Pace<K: Hash + Eq + Clone> {
    table: Mutex<Table<K>>,
    quota: Quota,
    clock: Steady,
}

struct Table<K: Hash + Eq + Clone> {
    limiter: Limiter<K>,
    /// Questions since the last sweep.
    asked: u32,
}

/// Asked too often; after this time there is room for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Wait {
    /// Whole minutes, rounded up: what to tell a person.
    pub fn minutes(self) -> u64 {
        self.0.as_secs().div_ceil(60).max(1)
    }
}

impl<K: Hash + Eq + Clone> Pace<K> {
    /// `count` at once, and as many again in each `period`.
    pub fn new(count: NonZeroU32, period: Duration, clock: Arc<dyn Clock>) -> Self {
        let one = (period / count.get()).max(Duration::from_nanos(1));
        let quota = Quota::with_period(one).expect("a nanosecond is a period").allow_burst(count);
        let clock = Steady::of(clock);
        let limiter = RateLimiter::hashmap_with_clock(quota, clock.clone());
        Self { table: Mutex::new(Table { limiter, asked: 0 }), quota, clock }
    }

    /// Counts one question of `asker`, unless it is one too many.
    pub fn ask(&self, asker: &K) -> Result<(), Wait> {
        let mut table = self.table.lock().expect("no holder of the lock panics");
        table.asked += 1;
        if table.asked >= ASKED_BETWEEN_SWEEPS {
            self.sweep(&mut table);
        }
        table.limiter.check_key(asker).map_err(|not_until| Wait(not_until.wait_time_from(self.clock.now())))
    }

    fn sweep(&self, table: &mut Table<K>) {
        table.asked = 0;
        table.limiter.retain_recent();
        table.limiter.shrink_to_fit();
        if table.limiter.len() > REMEMBERED {
            table.limiter = RateLimiter::hashmap_with_clock(self.quota, self.clock.clone());
        }
    }

    /// How many askers are remembered.
    pub fn remembered(&self) -> usize {
        self.table.lock().expect("no holder of the lock panics").limiter.len()
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Pace<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("quota", &self.quota).finish_non_exhaustive()
    }
}

/// Time that never goes back: a clock that was set back by a month must not shut everybody out for a month.
#[derive(Clone)]
struct Steady {
    clock: Arc<dyn Clock>,
    gone_by: Arc<Mutex<GoneBy>>,
}

struct GoneBy {
    last: Timestamp,
    nanos: u64,
}

impl Steady {
    fn of(clock: Arc<dyn Clock>) -> Self {
        let gone_by = GoneBy { last: clock.now(), nanos: 0 };
        Self { clock, gone_by: Arc::new(Mutex::new(gone_by)) }
    }
}

impl governor::clock::Clock for Steady {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let now = self.clock.now();
        let mut gone_by = self.gone_by.lock().expect("no holder of the lock panics");
        let step = u64::try_from(now.duration_since(gone_by.last).as_nanos()).unwrap_or(0);
        gone_by.last = now;
        gone_by.nanos = gone_by.nanos.saturating_add(step);
        gone_by.nanos.into()
    }
}

/// What counts as one asker on the network: an IPv4 address, or the /64 that one IPv6 customer gets at the least.
pub fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::clock::ManualClock;
    use jiff::SignedDuration;

    const HOUR: Duration = Duration::from_hours(1);

    fn three_an_hour() -> (Pace<u32>, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at("2026-11-20T14:00:00Z".parse().unwrap()));
        (Pace::new(NonZeroU32::new(3).unwrap(), HOUR, Arc::clone(&clock) as Arc<dyn Clock>), clock)
    }

    fn asked(pace: &Pace<u32>, asker: u32, times: usize) -> usize {
        (0..times).filter(|_| pace.ask(&asker).is_ok()).count()
    }

    #[test]
    fn each_asker_has_its_own_share_which_comes_back_with_time() {
        let (pace, clock) = three_an_hour();
        assert_eq!((asked(&pace, 1, 5), asked(&pace, 2, 5)), (3, 3));
        let wait = pace.ask(&1).unwrap_err();
        assert_eq!((wait.0, wait.minutes()), (Duration::from_mins(20), 20));
        clock.advance(SignedDuration::from_mins(19));
        assert_eq!(pace.ask(&1).unwrap_err().minutes(), 1);
        clock.advance(SignedDuration::from_mins(1));
        assert_eq!(asked(&pace, 1, 5), 1);
        clock.advance(SignedDuration::from_hours(9));
        assert_eq!(asked(&pace, 1, 5), 3);
    }

    #[test]
    fn a_clock_that_jumps_back_shuts_nobody_out_for_longer() {
        let (pace, clock) = three_an_hour();
        assert_eq!(asked(&pace, 1, 3), 3);
        clock.advance(SignedDuration::from_hours(-24 * 30));
        assert_eq!(pace.ask(&1).unwrap_err().minutes(), 20);
        clock.advance(SignedDuration::from_mins(20));
        assert_eq!(asked(&pace, 1, 3), 1);
        assert_eq!(asked(&pace, 2, 5), 3);
        clock.advance(SignedDuration::from_hours(24 * 8));
        assert_eq!(asked(&pace, 1, 5), 3);
    }

    #[test]
    fn who_stayed_away_is_forgotten() {
        let (pace, clock) = three_an_hour();
        for asker in 0..5_000 {
            pace.ask(&asker).unwrap();
        }
        assert_eq!(pace.remembered(), 5_000);
        clock.advance(SignedDuration::from_hours(2));
        asked(&pace, 9_999, 1_000);
        assert!(pace.remembered() <= 1, "{}", pace.remembered());
    }

    #[test]
    fn there_is_a_most_of_what_is_remembered() {
        let (pace, _clock) = three_an_hour();
        for asker in 0..150_000 {
            pace.ask(&asker).unwrap();
            assert!(pace.remembered() <= REMEMBERED + ASKED_BETWEEN_SWEEPS as usize);
        }
    }

    #[test]
    fn one_ipv6_network_is_one_asker_and_each_ipv4_address_is_its_own() {
        let same = |a: &str, b: &str| network(a.parse().unwrap()) == network(b.parse().unwrap());
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }
}
