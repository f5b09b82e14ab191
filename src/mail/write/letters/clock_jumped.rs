//! To the operator: the machine's clock was set to another time, and letters to the board wait.

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::span;
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// The words of the letter. `by` is how far the clock went, back if negative.
pub fn clock_jumped(now: Timestamp, by: SignedDuration, wait: SignedDuration) -> Words {
    let way = if by.is_negative() { "back" } else { "forward" };
    Words {
        subject: format!("The clock of the security contact router jumped {way} by {}", span(by.abs())),
        body: Body::new()
            .paragraph(format!(
                "The machine's clock went {way} by {}, while the program saw no such time go by. It now shows {}.",
                span(by.abs()),
                time(now)
            ))
            .paragraph(format!(
                "If that is wrong, set it right now: letters to the board wait {} minutes for it. What was sent is \
                 never sent again. If it is right, there is nothing to do.",
                wait.as_mins()
            ))
            .paragraph("Please see that the machine keeps its time, for instance by NTP."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_word_to_the_operator_in_full() {
        let (now, hours) = ("2026-11-20T14:03:00Z".parse().unwrap(), SignedDuration::from_hours);
        insta::assert_snapshot!(shown(&clock_jumped(now, hours(-30), hours(1))), @r"
        The clock of the security contact router jumped back by 1 d 6 h

        The machine's clock went back by 1 d 6 h, while the program saw no such
        time go by. It now shows Fri 2026-11-20 14:03 UTC.

        If that is wrong, set it right now: letters to the board wait 60 minutes
        for it. What was sent is never sent again. If it is right, there is
        nothing to do.

        Please see that the machine keeps its time, for instance by NTP.
        ");
    }
}
