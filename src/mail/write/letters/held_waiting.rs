//! To members: held mail waits for a decision.

use jiff::Timestamp;

use crate::domain::case::CaseRef;
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct HeldWaiting<'a> {
    /// The case that each may belong to, and since when it is held.
    pub mails: Vec<(Option<&'a CaseRef>, Timestamp)>,
    pub link: &'a str,
}

/// The words of the letter. Nothing of the mails: who sent them is not proven.
pub fn held_waiting(view: &HeldWaiting<'_>) -> Words {
    let subject = match view.mails.len() {
        1 => "A held mail waits for your decision".to_owned(),
        count => format!("{count} held mails wait for your decision"),
    };
    let mut body = Body::new().paragraph(
        "Nothing proves who sent this, so nothing was believed, answered or passed on. While you do not decide, it may \
         be the answer that somebody waits for.",
    );
    for (case, since) in &view.mails {
        let for_what = case.map_or_else(|| "For no case".to_owned(), |number| format!("For {number}"));
        body = body.line(format!("{for_what}, held since {}", time(*since)));
    }
    Words { subject, body: body.paragraph("Decide here:").line(view.link) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_reminder_of_held_mail_in_full() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let number = CaseRef::from_row("SEC-2026-0042");
        let mails = vec![(Some(&number), at("2026-11-18T14:03:00Z")), (None, at("2026-11-18T15:00:00Z"))];
        let words = held_waiting(&HeldWaiting { mails, link: "https://security.northlight.example/held" });
        insta::assert_snapshot!(shown(&words), @"
        2 held mails wait for your decision

        Nothing proves who sent this, so nothing was believed, answered or
        passed on. While you do not decide, it may be the answer that somebody
        waits for.
        For SEC-2026-0042, held since Wed 2026-11-18 14:03 UTC
        For no case, held since Wed 2026-11-18 15:00 UTC

        Decide here:
        https://security.northlight.example/held
        ");
    }
}
