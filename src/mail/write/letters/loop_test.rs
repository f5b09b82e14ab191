//! The loop test: a letter to ourselves, to see that mail comes in.

use jiff::Timestamp;

use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// The words of the letter. No person is meant to read it, but one may find it in the log of a mail server.
pub fn loop_test(written_at: Timestamp) -> Words {
    Words {
        subject: "Loop test of the security mailbox".to_owned(),
        body: Body::new()
            .paragraph(format!(
                "Fingerpost wrote this to itself on {}, to see that mail to the security address comes in.",
                time(written_at)
            ))
            .paragraph("If it has reached you, mail for that address takes a wrong way: please tell its operator."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_loop_test_in_full() {
        insta::assert_snapshot!(shown(&loop_test("2026-11-20T06:00:00Z".parse().unwrap())), @r"
        Loop test of the security mailbox

        Fingerpost wrote this to itself on Fri 2026-11-20 06:00 UTC, to see that
        mail to the security address comes in.

        If it has reached you, mail for that address takes a wrong way: please
        tell its operator.
        ");
    }
}
