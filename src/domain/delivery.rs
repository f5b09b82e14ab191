//! What became of a try to send a letter, when to try again, and when to give up.

use jiff::SignedDuration;

/// The outcome of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The relay's `250`: it is the relay's now.
    Sent { answer: String },
    /// A 4xx for this recipient: this letter waits, others go on.
    Deferred { answer: String },
    /// A 5xx: it will not be tried again.
    Refused {
        /// RFC 3463, `5.1.1`; `5.0.0` where the relay gave none.
        status: String,
        answer: String,
    },
    /// We do not send it: its recipient is not to have it any more.
    Stopped {
        /// RFC 3463, as a server would give it.
        status: String,
        answer: String,
    },
    /// No relay to talk to (connect, TLS, sign-in, 421): no letter ages because of it.
    Unreachable { reason: String },
}

/// A deferred letter is tried for this long, then counts as refused (RFC 5321 section 4.5.4.1: 4-5 days).
pub const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);

/// A recipient that could not be reached for this long is out of reach: the deputies are told too (DESIGN.md 3.5).
pub const OUT_OF_REACH_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// While the relay cannot be reached, one letter a minute is tried as a probe.
pub const PROBE_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// How long to wait before sending a deferred letter again.
///
/// The wait equals the time since the letter was first deferred, so it doubles by itself. Never under
/// 5 minutes, never over 4 hours.
pub fn retry_delay(deferred_for: SignedDuration) -> SignedDuration {
    deferred_for.clamp(SignedDuration::from_mins(5), SignedDuration::from_hours(4))
}

/// Whether a letter that has been deferred for so long counts as refused.
pub fn gives_up(deferred_for: SignedDuration) -> bool {
    deferred_for >= GIVE_UP_AFTER
}

/// Whether a letter that has waited so long for its recipient is to be told to others as well.
pub fn is_out_of_reach(waited: SignedDuration) -> bool {
    waited >= OUT_OF_REACH_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_between_five_minutes_and_four_hours_and_ends_after_five_days() {
        let mins = SignedDuration::from_mins;
        let mut age = mins(0);
        let mut waits = Vec::new();
        while !gives_up(age) {
            let wait = retry_delay(age);
            waits.push(wait.as_mins());
            age += wait;
        }
        assert_eq!(&waits[..7], [5, 5, 10, 20, 40, 80, 160]);
        assert_eq!(waits[7], 240);
        assert!(waits.len() < 40, "{} tries", waits.len());
    }
}
