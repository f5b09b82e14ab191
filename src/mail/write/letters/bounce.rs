//! M7, to the committee: a letter of ours was refused for good.

use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Bounce<'a> {
    pub case: &'a CaseRef,
    pub refused: RefusedLetter<'a>,
    pub recipient: &'a Mailbox,
    /// RFC 3463, `5.1.1`.
    pub status: &'a str,
    /// What the other server said; a stranger's words, so they are cut short and made harmless.
    pub answer: &'a str,
    pub case_link: &'a str,
}

/// Which letter was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedLetter<'a> {
    /// A forward: of the project's `contacts` that were written to, this many `refused` (this one
    /// included) and `delivered`; the others are still on their way.
    Forward { project: &'a str, contacts: usize, refused: usize, delivered: usize },
    /// The receipt to the reporter.
    Receipt,
    /// The question to a contact whether a mail was theirs.
    ConfirmReply { project: &'a str },
}

/// The words of the letter.
pub fn bounce(view: &Bounce<'_>) -> Words {
    let (what, next) = match view.refused {
        RefusedLetter::Forward { project, contacts, refused, delivered } => {
            let project = one_line(project, LINE_MAX);
            (
                format!("{refused} of {contacts} {project} contacts bounced"),
                after_a_forward(&project, contacts, refused, delivered),
            )
        }
        RefusedLetter::Receipt => (
            "The receipt to the reporter bounced".to_owned(),
            "The reporter does not know that we have the report. The case itself is not affected.".to_owned(),
        ),
        RefusedLetter::ConfirmReply { project } => {
            let project = one_line(project, LINE_MAX);
            (
                format!("A question to a {project} contact bounced"),
                "We asked whether a held mail was theirs. It stays held: please look at it.".to_owned(),
            )
        }
    };
    Words {
        subject: format!("[{}] {what}", view.case),
        body: Body::new()
            .paragraph(format!("{}: refused with status {}.", view.recipient, one_line(view.status, 20)))
            .paragraph(format!("The answer was: {}", one_line(view.answer, LINE_MAX)))
            .paragraph(next)
            .paragraph("Open the case:")
            .line(view.case_link),
    }
}

fn after_a_forward(project: &str, contacts: usize, refused: usize, delivered: usize) -> String {
    let waiting = contacts.saturating_sub(refused + delivered);
    match (delivered, waiting) {
        (0, 0) => format!(
            "Nobody else is listed for {project}: the report has reached nobody there, and its clock keeps \
             running. Please find another way to its maintainers."
        ),
        (1, 0) => "The other 1 was delivered.".to_owned(),
        (_, 0) => format!("The other {delivered} were delivered."),
        (0, _) => format!("None was delivered yet; {waiting} on the way."),
        (_, _) => format!("Delivered: {delivered}. Still on the way: {waiting}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    fn bounced(refused: RefusedLetter<'_>) -> Words {
        bounce(&Bounce {
            case: &CaseRef::from_row("SEC-2026-0042"),
            refused,
            recipient: &Mailbox::parse("old@larkspur.example").unwrap(),
            status: "5.1.1",
            answer: "550 5.1.1 <old@larkspur.example>: no such user\r\nBcc: x\u{202e}",
            case_link: "https://security.northlight.example/cases/SEC-2026-0042",
        })
    }

    #[test]
    fn a_bounced_forward_in_full() {
        let words = bounced(RefusedLetter::Forward { project: "Larkspur", contacts: 3, refused: 1, delivered: 2 });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] 1 of 3 Larkspur contacts bounced

        old@larkspur.example: refused with status 5.1.1.

        The answer was: 550 5.1.1 <old@larkspur.example>: no such user Bcc: x�

        The other 2 were delivered.

        Open the case:
        https://security.northlight.example/cases/SEC-2026-0042
        "#);
    }

    #[test]
    fn when_nobody_is_left_the_committee_is_asked_to_act() {
        let words = bounced(RefusedLetter::Forward { project: "Larkspur", contacts: 1, refused: 1, delivered: 0 });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] 1 of 1 Larkspur contacts bounced

        old@larkspur.example: refused with status 5.1.1.

        The answer was: 550 5.1.1 <old@larkspur.example>: no such user Bcc: x�

        Nobody else is listed for Larkspur: the report has reached nobody there,
        and its clock keeps running. Please find another way to its maintainers.

        Open the case:
        https://security.northlight.example/cases/SEC-2026-0042
        "#);
    }

    #[test]
    fn other_letters_say_what_their_loss_means() {
        let words = bounced(RefusedLetter::Receipt);
        assert_eq!(words.subject, "[SEC-2026-0042] The receipt to the reporter bounced");
        assert!(shown(&words).contains("does not know that we have the report"));
        let words = bounced(RefusedLetter::ConfirmReply { project: "Larkspur" });
        assert_eq!(words.subject, "[SEC-2026-0042] A question to a Larkspur contact bounced");
        assert!(shown(&words).contains("It stays held"));
    }
}
