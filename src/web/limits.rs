//! Who asks and how often: the client's address behind trusted proxies, and a token bucket per network.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::Clock as Ticks;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use crate::web::frame::wrong;
use crate::world::clock::Clock;

/// Networks in one bucket's memory; beyond, all new ones share one measure until the others are forgotten.
const NETWORKS_MAX: usize = 50_000;
/// Hops of `X-Forwarded-For` that are looked at: nobody has more proxies of his own.
const HOPS_MAX: usize = 20;

/// Whom the socket is connected to. Without it, as in tests, nobody is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// A network that shares a measure: an IPv4 address, or the /64 that an IPv6 host has to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address. One written as IPv4 within IPv6 is what it stands for.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            v4 => v4,
        })
    }
}

impl fmt::Display for Network {
    /// `203.0.113.0/24` or `2001:db8:1:2::/64`: enough to recognize one's own, less than an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                write!(f, "{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

/// Who asks: the peer, unless it is one of our proxies; then the right-most hop that is none. What stands left of
/// it is the client's own word (THREATS.md row 64).
pub fn client_address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_proxy = |address: IpAddr| proxies.iter().any(|network| network.contains(&address.to_canonical()));
    let mut nearest = peer;
    if !is_proxy(peer) {
        return nearest;
    }
    let fields: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|field| field.to_str().ok()).collect();
    let hops = fields.iter().rev().flat_map(|field| field.rsplit(','));
    for hop in hops.take(HOPS_MAX) {
        // A hop that nobody can read was not written by a proxy of ours: the one that wrote behind it is the nearest.
        let Some(address) = address_of_hop(hop) else { return nearest };
        nearest = address;
        if !is_proxy(address) {
            return nearest;
        }
    }
    nearest
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`.
fn address_of_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(hop, |(inside, _)| inside);
    bare.parse().ok().or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
}

/// The time that has passed by the house's clock; a clock that is set back stands still instead, so that no bucket
/// stays empty for as long as it was set back.
#[derive(Clone)]
struct Elapsed {
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<(Timestamp, Duration)>>,
}

impl Elapsed {
    fn by(clock: Arc<dyn Clock>) -> Self {
        let seen = Arc::new(Mutex::new((clock.now(), Duration::ZERO)));
        Self { clock, seen }
    }
}

impl Ticks for Elapsed {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let now = self.clock.now();
        let mut seen = self.seen.lock().expect("nobody panics while holding the time");
        let passed = now.duration_since(seen.0).max(SignedDuration::ZERO);
        *seen = (now, seen.1 + passed.unsigned_abs());
        seen.1
    }
}

/// One bucket a network.
struct Buckets {
    limiter: RateLimiter<Network, HashMapStateStore<Network>, Elapsed, NoOpMiddleware<Duration>>,
    ticks: Elapsed,
}

impl Buckets {
    /// `burst` at once, and one more after each `refill`.
    fn new(clock: &Elapsed, burst: u32, refill: Duration) -> Self {
        let burst = NonZeroU32::new(burst).expect("a burst of some");
        let quota = Quota::with_period(refill).expect("a refill takes time").allow_burst(burst);
        Self { limiter: RateLimiter::hashmap_with_clock(quota, clock.clone()), ticks: clock.clone() }
    }

    /// Takes one from the bucket, or says how long to wait for the next.
    fn take(&self, network: Network) -> Result<(), Duration> {
        let network = if self.is_full() { Network(Ipv4Addr::UNSPECIFIED.into()) } else { network };
        self.limiter.check_key(&network).map_err(|not_until| not_until.wait_time_from(self.ticks.now()))
    }

    /// Whether memory has no room for another network, after those are forgotten whose bucket is full again.
    fn is_full(&self) -> bool {
        if self.limiter.len() < NETWORKS_MAX {
            return false;
        }
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
        self.limiter.len() >= NETWORKS_MAX
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// A report form that is sent.
    Report,
    /// A report form that is only looked at: a suggestion, a file taken off.
    Hint,
    /// What the script of the form asks by itself while somebody types: counted apart, so that the form's own buttons
    /// are never used up by it.
    Live,
    /// A letter that is asked for without an account: a sign-in link, the proof of a contact.
    Letter,
    /// Anything else that somebody without a session sends.
    Other,
}

impl Counted {
    /// What a request counts as; `None`: it changes nothing, or a session guards it.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        /// Pages behind links from mails, and forms without an account.
        const OPEN: [&str; 7] = ["/s/", "/a/", "/b/", "/c/", "/appeal/", "/login/", "/address/"];
        match path {
            _ if *method != Method::POST => None,
            "/report" => Some(Self::Report),
            "/report/hint" | "/report/files" => Some(Self::Hint),
            "/report/hint/live" => Some(Self::Live),
            "/login" | "/me/again" | "/propose" | "/lost-link" => Some(Self::Letter),
            // "Mail me" on a reporter's page.
            _ if path.starts_with("/s/") && path.ends_with("/address") => Some(Self::Letter),
            _ if path.starts_with("/projects/") => Some(Self::Letter),
            _ if OPEN.iter().any(|room| path.starts_with(room)) => Some(Self::Other),
            _ => None,
        }
    }
}

/// The measures of the pages, of this process alone: what must hold for several nodes together lies in the store.
pub struct Limits {
    proxies: Vec<IpNet>,
    reports: Buckets,
    hints: Buckets,
    live: Buckets,
    letters: Buckets,
    others: Buckets,
}

impl Limits {
    /// Measures by `clock`; `X-Forwarded-For` is believed of `proxies` alone.
    pub fn new(clock: Arc<dyn Clock>, proxies: Vec<IpNet>) -> Self {
        let clock = Elapsed::by(clock);
        let minutes = |count: u64| Duration::from_secs(count * 60);
        Self {
            proxies,
            // A class of students behind one address may report at once; who sends more is asked to use mail.
            reports: Buckets::new(&clock, 10, minutes(3)),
            hints: Buckets::new(&clock, 30, Duration::from_secs(10)),
            // A person pauses now and then; ten of them behind one address do too.
            live: Buckets::new(&clock, 120, Duration::from_secs(1)),
            letters: Buckets::new(&clock, 10, minutes(2)),
            others: Buckets::new(&clock, 60, Duration::from_secs(5)),
        }
    }

    fn take(&self, counted: Counted, network: Network) -> Result<(), Duration> {
        match counted {
            Counted::Report => &self.reports,
            Counted::Hint => &self.hints,
            Counted::Live => &self.live,
            Counted::Letter => &self.letters,
            Counted::Other => &self.others,
        }
        .take(network)
    }
}

/// How long a form has to wait, for the form that redraws itself with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Wait {
    /// Minutes, rounded up.
    pub fn minutes(self) -> u64 {
        self.0.as_secs().div_ceil(60).max(1)
    }

    /// The value of `Retry-After`: seconds, rounded up.
    pub fn seconds(self) -> u64 {
        (self.0.as_millis() as u64).div_ceil(1000).max(1)
    }
}

/// Counts a request. The report form hears of the limit and answers by itself; all else is refused here.
pub async fn count(State(limits): State<Arc<Limits>>, mut request: Request, next: Next) -> Response {
    let Some(counted) = Counted::of(request.method(), request.uri().path()) else { return next.run(request).await };
    let Some(PeerAddress(peer)) = request.extensions().get().copied() else { return next.run(request).await };
    let network = Network::of(client_address(peer, request.headers(), &limits.proxies));
    // A sign-in letter names it.
    request.extensions_mut().insert(network);
    let Err(wait) = limits.take(counted, network).map_err(Wait) else { return next.run(request).await };
    if matches!(counted, Counted::Report | Counted::Hint | Counted::Live) {
        request.extensions_mut().insert(wait);
        return next.run(request).await;
    }
    refused(wait)
}

/// The page that says so.
pub fn refused(wait: Wait) -> Response {
    let words = format!(
        "Too many requests came from your network. Nothing was changed. Try again in {}.",
        minutes(wait.minutes())
    );
    let mut page = wrong(StatusCode::TOO_MANY_REQUESTS, "Try again later", &words, None);
    page.headers_mut().insert(header::RETRY_AFTER, wait.seconds().into());
    page
}

/// "1 minute", "2 minutes".
pub fn minutes(count: u64) -> String {
    if count == 1 { "1 minute".to_owned() } else { format!("{count} minutes") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::clock::ManualClock;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn headers(fields: &[&str]) -> HeaderMap {
        fields.iter().map(|field| ("x-forwarded-for".parse().unwrap(), field.parse().unwrap())).collect()
    }

    #[test]
    fn the_client_is_the_peer_or_the_nearest_hop_that_is_no_proxy_of_ours() {
        let proxies: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()];
        let table: [(&str, &[&str], &str); 14] = [
            ("198.51.100.7", &[], "198.51.100.7"),
            ("198.51.100.7", &["203.0.113.9"], "198.51.100.7"), // a stranger's word
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["1.2.3.4, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["1.2.3.4, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["1.2.3.4", "203.0.113.9"], "203.0.113.9"), // two fields are one list
            ("10.0.0.1", &["1.2.3.4, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4, nonsense, 10.0.0.3"], "10.0.0.3"),
            ("10.0.0.1", &["10.0.0.4, 10.0.0.2"], "10.0.0.4"),
            ("10.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("::ffff:10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("2001:db8:1::1", &["[2001:db8:9::5]:4711"], "2001:db8:9::5"),
            ("2001:db8:1::1", &["2001:db8:9::5"], "2001:db8:9::5"),
        ];
        for (peer, forwarded, client) in table {
            assert_eq!(client_address(ip(peer), &headers(forwarded), &proxies), ip(client), "{peer} {forwarded:?}");
        }
        assert_eq!(client_address(ip("10.0.0.1"), &headers(&["203.0.113.9"]), &[]), ip("10.0.0.1"), "trusts nobody");
    }

    #[test]
    fn hosts_of_one_ipv6_network_share_a_measure_and_ipv4_addresses_have_their_own() {
        let network = |text| Network::of(ip(text));
        assert_eq!(network("2001:db8:0:1::1"), network("2001:db8:0:1:ffff::9"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
    }

    fn clock() -> Arc<ManualClock> {
        Arc::new(ManualClock::at("2026-11-20T14:00:00Z".parse().unwrap()))
    }

    #[test]
    fn a_bucket_empties_says_how_long_to_wait_and_fills_by_and_by() {
        let clock = clock();
        let limits = Limits::new(clock.clone(), Vec::new());
        let (one, other) = (Network::of(ip("192.0.2.1")), Network::of(ip("192.0.2.2")));
        for _ in 0..10 {
            assert_eq!(limits.take(Counted::Report, one), Ok(()));
        }
        let wait = limits.take(Counted::Report, one).map_err(Wait).unwrap_err();
        assert_eq!((wait.minutes(), wait.seconds()), (3, 180));
        assert_eq!(limits.take(Counted::Report, other), Ok(()), "another network has its own");
        assert_eq!(limits.take(Counted::Hint, one), Ok(()), "and another thing is counted apart");
        clock.advance(SignedDuration::from_secs(121));
        assert_eq!(limits.take(Counted::Report, one).map_err(|wait| Wait(wait).minutes()), Err(1));
        clock.advance(SignedDuration::from_secs(60));
        assert_eq!(limits.take(Counted::Report, one), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let clock = clock();
        let limits = Limits::new(clock.clone(), Vec::new());
        let one = Network::of(ip("192.0.2.1"));
        clock.advance(SignedDuration::from_hours(-30 * 24));
        for _ in 0..10 {
            assert_eq!(limits.take(Counted::Report, one), Ok(()));
        }
        clock.advance(SignedDuration::from_mins(4));
        assert_eq!(limits.take(Counted::Report, one), Ok(()));
        clock.advance(SignedDuration::from_hours(8 * 24));
        assert_eq!(limits.take(Counted::Report, one), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_known_networks_are_forgotten_first() {
        let clock = clock();
        let ticks = Elapsed::by(clock.clone());
        let buckets = Buckets::new(&ticks, 1, Duration::from_secs(60));
        let network = |number: u32| Network::of(Ipv4Addr::from(number).into());
        for number in 1..=50_000 {
            assert_eq!(buckets.take(network(number)), Ok(()));
        }
        assert_eq!(buckets.take(network(70_001)), Ok(()));
        assert!(buckets.take(network(70_002)).is_err(), "strangers share what is left");
        assert!(buckets.limiter.len() <= NETWORKS_MAX + 1);
        clock.advance(SignedDuration::from_secs(121));
        assert_eq!(buckets.take(network(70_002)), Ok(()));
        assert!(buckets.limiter.len() < 10, "{}", buckets.limiter.len());
    }

    #[test]
    fn only_what_strangers_may_send_is_counted() {
        let of = |method, path| Counted::of(&method, path);
        assert_eq!(of(Method::POST, "/report"), Some(Counted::Report));
        assert_eq!(of(Method::GET, "/report"), None);
        assert_eq!(of(Method::POST, "/report/hint/live"), Some(Counted::Live));
        assert_eq!(of(Method::POST, "/report/files"), Some(Counted::Hint));
        assert_eq!(of(Method::POST, "/login"), Some(Counted::Letter));
        assert_eq!(of(Method::POST, "/propose"), Some(Counted::Letter));
        for path in ["/lost-link", "/s/abc/address"] {
            assert_eq!(of(Method::POST, path), Some(Counted::Letter), "{path}");
        }
        for path in ["/login/abc", "/s/abc/add", "/a/abc", "/appeal/abc", "/address/abc"] {
            assert_eq!(of(Method::POST, path), Some(Counted::Other), "{path}");
        }
        assert_eq!(of(Method::POST, "/cases/SEC-2026-0001/claim"), None);
    }
}
