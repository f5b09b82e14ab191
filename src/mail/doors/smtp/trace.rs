//! The `Received` field that we put in front of each message (RFC 5321 section 4.4).

use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::report::Peer;

/// The field, with its final CRLF. Its length depends on `peer`, `host` and `protocol` alone, so that room can be
/// left for it before the time is known. It names no recipient: a party's address is a secret of that party.
pub fn received(peer: &Peer, host: &str, protocol: &str, at: Timestamp) -> String {
    let Peer { ip, helo, .. } = peer;
    let tag = if matches!(ip, IpAddr::V6(_)) { "IPv6:" } else { "" };
    let date = at.strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!("Received: from {helo} ([{tag}{ip}])\r\n\tby {host} with {protocol};\r\n\t{date}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_tells_who_handed_it_to_whom_and_when() {
        let peer = Peer { ip: "2001:db8::1".parse().unwrap(), helo: "mail.example.org".into(), is_trusted: false };
        let at = "2026-03-05T06:07:08.9Z".parse().unwrap();
        assert_eq!(
            received(&peer, "mx.foundation.example", "ESMTPS", at),
            "Received: from mail.example.org ([IPv6:2001:db8::1])\r\n\tby mx.foundation.example with ESMTPS;\r\n\
             \tThu, 05 Mar 2026 06:07:08 +0000\r\n"
        );
        let other = received(&peer, "mx.foundation.example", "ESMTPS", Timestamp::UNIX_EPOCH);
        assert_eq!(other.len(), received(&peer, "mx.foundation.example", "ESMTPS", at).len());
    }
}
