//! Whether the relay takes letters, as the post office last found it: told to pages, on whichever node they are asked.

use jiff::Timestamp;

use crate::store::Marks;

/// The mark of the first try that did not reach the relay.
pub const RELAY_LOST: &str = "relay-lost";
/// The mark of the first letter that the relay took after that, or after a start.
pub const RELAY_BACK: &str = "relay-back";

/// When it was lost last, and when it was there again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RelayState {
    pub lost_at: Option<Timestamp>,
    pub back_at: Option<Timestamp>,
}

impl RelayState {
    /// What these marks say.
    pub fn of(marks: &Marks) -> Self {
        Self { lost_at: marks.at(RELAY_LOST), back_at: marks.at(RELAY_BACK) }
    }

    /// Since when no letter reaches it; `None` while it is there, or was never tried.
    pub fn lost_since(&self) -> Option<Timestamp> {
        self.lost_at.filter(|lost| self.back_at.is_none_or(|back| back < *lost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relay_is_lost_from_the_first_try_that_failed_until_a_letter_is_taken() {
        let at = |second: i64| Some(Timestamp::from_second(second).unwrap());
        for (lost_at, back_at, since) in
            [(None, None, None), (at(5), None, at(5)), (at(5), at(4), at(5)), (at(5), at(6), None), (None, at(6), None)]
        {
            assert_eq!(RelayState { lost_at, back_at }.lost_since(), since);
        }
    }
}
