//! M10, to a mailbox that somebody named as a security contact: prove that you are there and want it.

use jiff::Timestamp;

use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Verify<'a> {
    pub project: &'a str,
    pub org: &'a str,
    /// Who asked, as typed: a plain name, checked at the door, for a stranger chose both it and the recipient.
    pub asked_by: &'a str,
    pub open_by: Timestamp,
    /// Opens a page with two buttons.
    pub link: &'a str,
}

/// The words of the letter.
pub fn verify(view: &Verify<'_>) -> Words {
    let (project, org) = (one_line(view.project, LINE_MAX), one_line(view.org, LINE_MAX));
    Words {
        subject: format!("Confirm: security contact for {project}"),
        body: Body::new()
            .paragraph(format!(
                "{} named you as a security contact for {project} at {org}. You will get reports of security problems \
                 and reminders. Your address is not published.",
                one_line(view.asked_by, LINE_MAX)
            ))
            .paragraph(format!("Open this by {} and confirm, or say \"not me\":", time(view.open_by)))
            .line(view.link)
            .paragraph("Without an answer nothing is sent to you."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_letter_to_a_new_contact_in_full() {
        let words = verify(&Verify {
            project: "Larkspur",
            org: "Northlight Foundation",
            asked_by: "Jo\r\nBcc: x",
            open_by: "2026-12-04T14:02:00Z".parse().unwrap(),
            link: "https://security.northlight.example/c/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        Confirm: security contact for Larkspur

        Jo Bcc: x named you as a security contact for Larkspur at Northlight
        Foundation. You will get reports of security problems and reminders.
        Your address is not published.

        Open this by Fri 2026-12-04 14:02 UTC and confirm, or say "not me":
        https://security.northlight.example/c/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Without an answer nothing is sent to you.
        "#);
    }
}
