//! How much one peer, one session and all together may ask of the listener.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::world::pace::network;

/// The limits of the SMTP and LMTP doors.
#[derive(Debug, Clone)]
pub struct SmtpLimits {
    /// Decimal bytes of one message, CRLFs counted and stuffed dots not (RFC 1870 section 5).
    pub max_size: u64,
    /// Accepted recipients of one message. RFC 5321 section 4.5.3.1.8 asks for at least 100.
    pub recipients: usize,
    /// Refused commands after which a session is cut.
    pub errors: u32,
    /// Refused recipients after which a stranger's session is cut: who guesses at reply addresses gets this many
    /// guesses. A front MTA in `trusted_peers` relays the mistakes of others and is not cut.
    pub wrong_recipients: u32,
    /// `Received` fields above which a mail counts as looping. Mail to us passes three to ten.
    pub hops: usize,
    /// Connections of one IPv4 address or one IPv6 /64 at a time; trusted peers have no such limit.
    pub connections_per_peer: usize,
    /// Connections at a time in all.
    pub connections: usize,
    /// Messages to the security address in an hour from one IPv4 address or one IPv6 /64. Trusted peers have no such
    /// limit, and mail to an address that we issued to somebody is not counted: parties come before strangers.
    pub messages_per_peer: NonZeroU32,
    /// For one command from its first awaited byte to its last, however slowly they drip, and for sending the
    /// answers before it. RFC 5321 section 4.5.3.2.7 asks for 5 minutes.
    pub command_deadline: Duration,
    /// For one message from the 354 to its last byte. RFC 5321 section 4.5.3.2.6 has senders wait 10 minutes.
    pub message_deadline: Duration,
}

impl Default for SmtpLimits {
    fn default() -> Self {
        Self {
            max_size: 25_000_000,
            recipients: 100,
            errors: 20,
            wrong_recipients: 10,
            hops: 50,
            connections_per_peer: 20,
            connections: 200,
            messages_per_peer: NonZeroU32::new(100).expect("it is not zero"),
            command_deadline: Duration::from_mins(5),
            message_deadline: Duration::from_mins(10),
        }
    }
}

impl SmtpLimits {
    /// How much of a message over the size limit is still read, so that its sender gets to hear the 552: most
    /// clients listen only after their last byte.
    pub fn drained(&self) -> u64 {
        self.max_size.saturating_mul(2).saturating_add(1_000_000)
    }
}

/// The connections that are open now.
#[derive(Debug, Default)]
pub struct Connections(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_peer: HashMap<IpAddr, usize>,
}

/// One open connection; it counts until this is dropped.
#[derive(Debug)]
pub struct Place {
    connections: Arc<Connections>,
    peer: IpAddr,
}

impl Connections {
    /// A place for one more connection from `ip`, unless a limit is reached.
    pub fn enter(self: &Arc<Self>, ip: IpAddr, is_trusted: bool, limits: &SmtpLimits) -> Option<Place> {
        let peer = network(ip);
        let mut open = self.0.lock().expect("no holder of the lock panics");
        let of_peer = open.by_peer.get(&peer).copied().unwrap_or(0);
        if open.all >= limits.connections || (!is_trusted && of_peer >= limits.connections_per_peer) {
            return None;
        }
        open.all += 1;
        open.by_peer.insert(peer, of_peer + 1);
        Some(Place { connections: Arc::clone(self), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.0.lock().expect("no holder of the lock panics");
        open.all -= 1;
        let of_peer = open.by_peer.get_mut(&self.peer).expect("a place is counted");
        *of_peer -= 1;
        if *of_peer == 0 {
            open.by_peer.remove(&self.peer); // or the table would grow with every address ever seen
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> SmtpLimits {
        SmtpLimits { connections_per_peer: 2, connections: 4, ..SmtpLimits::default() }
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_peer_is_limited_until_one_of_its_connections_ends_and_a_trusted_one_is_not() {
        let connections = Arc::new(Connections::default());
        let enter = |text: &str, is_trusted| connections.enter(ip(text), is_trusted, &limits());
        let first = enter("192.0.2.1", false);
        let _second = enter("::ffff:192.0.2.1", false).unwrap();
        assert!(enter("192.0.2.1", false).is_none());
        assert!(enter("192.0.2.1", true).is_some());
        drop(first);
        assert!(enter("192.0.2.1", false).is_some());
    }

    #[test]
    fn one_ipv6_network_is_one_peer() {
        let connections = Arc::new(Connections::default());
        let enter = |text: &str| connections.enter(ip(text), false, &limits());
        let _places = [enter("2001:db8::1").unwrap(), enter("2001:db8::2").unwrap()];
        assert!(enter("2001:db8::3").is_none());
        assert!(enter("2001:db8:0:1::1").is_some());
    }

    #[test]
    fn all_together_are_limited_and_nothing_is_remembered_of_those_who_left() {
        let connections = Arc::new(Connections::default());
        let enter = |text: &str| connections.enter(ip(text), false, &limits());
        let places = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map(|text| enter(text).unwrap());
        assert!(enter("192.0.2.5").is_none());
        drop(places);
        assert!(connections.0.lock().unwrap().by_peer.is_empty());
    }
}
