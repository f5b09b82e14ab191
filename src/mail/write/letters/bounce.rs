//! M7, to the committee: a letter of ours was refused for good.

use jiff::Timestamp;

use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

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
    /// We did not send it: `answer` says why, in our own words.
    pub by_us: bool,
    pub case_link: &'a str,
}

/// Which letter was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedLetter<'a> {
    /// To a project's contact: of the `contacts` that were written to, this many `refused` (this one included) and
    /// `delivered`; the others are still on their way, among them the `deputies` who were written to because of it.
    ToContact { project: &'a str, contacts: usize, refused: usize, delivered: usize, deputies: usize },
    /// The receipt to the reporter.
    Receipt,
    /// A person's answer to the reporter: its promise is open again, if `due` says by when.
    Answer { due: Option<Timestamp> },
    /// Another letter to the reporter.
    ToReporter,
    /// To the board.
    Board,
    /// The question to a contact whether a mail was theirs.
    ConfirmReply { project: &'a str },
}

/// The words of the letter.
pub fn bounce(view: &Bounce<'_>) -> Words {
    let (what, next) = match view.refused {
        RefusedLetter::ToContact { project, contacts, refused, delivered, deputies } => {
            let project = one_line(project, LINE_MAX);
            let others = after_a_contact(&project, contacts, refused, delivered);
            let what = match view.by_us {
                true => format!("A letter to a {project} contact was not sent"),
                false => format!("{refused} of {contacts} {project} contacts bounced"),
            };
            (what, format!("{others}{}", joined(deputies)))
        }
        RefusedLetter::Receipt => (
            "The receipt to the reporter bounced".to_owned(),
            "The reporter does not know that we have the report. The case itself is not affected.".to_owned(),
        ),
        RefusedLetter::Answer { due } => ("The answer to the reporter bounced".to_owned(), after_an_answer(due)),
        RefusedLetter::ToReporter => (
            "A letter to the reporter bounced".to_owned(),
            "What stood in it can be read on their status page. Please see whether there is another way to them."
                .to_owned(),
        ),
        RefusedLetter::Board => (
            "A letter to the board bounced".to_owned(),
            "The board was to be told that a promise was not kept. Please tell them in another way.".to_owned(),
        ),
        RefusedLetter::ConfirmReply { project } => {
            let project = one_line(project, LINE_MAX);
            (
                format!("A question to a {project} contact bounced"),
                "We asked whether a held mail was theirs. It stays held: please look at it.".to_owned(),
            )
        }
    };
    let why = one_line(view.answer, LINE_MAX);
    let body = match view.by_us {
        true => Body::new().paragraph(format!("{}: {why}", view.recipient)),
        false => Body::new()
            .paragraph(format!("{}: refused with status {}.", view.recipient, one_line(view.status, 20)))
            .paragraph(format!("The answer was: {why}")),
    };
    Words {
        subject: format!("[{}] {what}", view.case),
        body: body.paragraph(next).paragraph("Open the case:").line(view.case_link),
    }
}

fn after_an_answer(due: Option<Timestamp>) -> String {
    match due {
        Some(due) => format!(
            "The reporter has not read it, so the promise of a first human reply is open again: it is due by {}. \
             Please find another way to the reporter, and note on the case how they were answered.",
            time(due)
        ),
        None => "The reporter has had another answer, or waits for none. Please see whether there is another way to \
                 them."
            .to_owned(),
    }
}

fn joined(deputies: usize) -> String {
    match deputies {
        0 => String::new(),
        1 => " 1 deputy was told now.".to_owned(),
        _ => format!(" {deputies} deputies were told now."),
    }
}

fn after_a_contact(project: &str, contacts: usize, refused: usize, delivered: usize) -> String {
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
            by_us: false,
            case_link: "https://security.northlight.example/cases/SEC-2026-0042",
        })
    }

    #[test]
    fn a_bounced_forward_in_full() {
        let words = bounced(RefusedLetter::ToContact {
            project: "Larkspur",
            contacts: 4,
            refused: 1,
            delivered: 2,
            deputies: 1,
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] 1 of 4 Larkspur contacts bounced

        old@larkspur.example: refused with status 5.1.1.

        The answer was: 550 5.1.1 <old@larkspur.example>: no such user Bcc: x�

        Delivered: 2. Still on the way: 1. 1 deputy was told now.

        Open the case:
        https://security.northlight.example/cases/SEC-2026-0042
        "#);
    }

    #[test]
    fn when_nobody_is_left_the_committee_is_asked_to_act() {
        let words = bounced(RefusedLetter::ToContact {
            project: "Larkspur",
            contacts: 1,
            refused: 1,
            delivered: 0,
            deputies: 0,
        });
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
    fn a_letter_that_we_did_not_send_in_full() {
        let words = bounce(&Bounce {
            case: &CaseRef::from_row("SEC-2026-0042"),
            refused: RefusedLetter::ToContact {
                project: "Larkspur",
                contacts: 2,
                refused: 1,
                delivered: 1,
                deputies: 2,
            },
            recipient: &Mailbox::parse("old@larkspur.example").unwrap(),
            status: "5.7.0",
            answer: "this is no contact of Larkspur any more",
            by_us: true,
            case_link: "https://security.northlight.example/cases/SEC-2026-0042",
        });
        insta::assert_snapshot!(shown(&words), @r"
        [SEC-2026-0042] A letter to a Larkspur contact was not sent

        old@larkspur.example: this is no contact of Larkspur any more

        The other 1 was delivered. 2 deputies were told now.

        Open the case:
        https://security.northlight.example/cases/SEC-2026-0042
        ");
    }

    #[test]
    fn other_letters_say_what_their_loss_means() {
        let words = bounced(RefusedLetter::Receipt);
        assert_eq!(words.subject, "[SEC-2026-0042] The receipt to the reporter bounced");
        assert!(shown(&words).contains("does not know that we have the report"));
        let words = bounced(RefusedLetter::ConfirmReply { project: "Larkspur" });
        assert_eq!(words.subject, "[SEC-2026-0042] A question to a Larkspur contact bounced");
        assert!(shown(&words).contains("It stays held"));
        let said = |refused: RefusedLetter<'_>| shown(&bounced(refused)).replace('\n', " ");
        let due = Some("2026-11-27T14:02:00Z".parse().unwrap());
        let text = said(RefusedLetter::Answer { due });
        assert!(text.starts_with("[SEC-2026-0042] The answer to the reporter bounced"), "{text}");
        assert!(text.contains("is open again: it is due by Fri 2026-11-27 14:02 UTC"), "{text}");
        assert!(said(RefusedLetter::Answer { due: None }).contains("has had another answer"));
        assert!(said(RefusedLetter::ToReporter).contains("can be read on their status page"));
        assert!(said(RefusedLetter::Board).contains("Please tell them in another way"));
    }
}
