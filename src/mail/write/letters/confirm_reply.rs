//! To the contact's own address: was this mail yours? Sent when a reply to a forward could not be proven.

use crate::domain::case::CaseRef;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct ConfirmReply<'a> {
    pub case: &'a CaseRef,
    pub project: &'a str,
    /// Opens a page with one button; pressing it confirms the case.
    pub action_link: &'a str,
}

/// The words of the letter. Nothing of the mail in question is in them: a stranger may have written it.
pub fn confirm_reply(view: &ConfirmReply<'_>) -> Words {
    let project = one_line(view.project, LINE_MAX);
    Words {
        subject: format!("[{}] Was this mail yours?", view.case),
        body: Body::new()
            .paragraph(format!(
                "A mail came to your address for {} ({project}) that we could not prove to be yours. \
                 It is held, and it confirms nothing yet.",
                view.case
            ))
            .paragraph("If it was you, press:")
            .line(view.action_link)
            .paragraph("If not, do nothing: a person of the committee looks at it."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_question_to_the_contact_in_full() {
        let words = confirm_reply(&ConfirmReply {
            case: &CaseRef::from_row("SEC-2026-0042"),
            project: "Larkspur",
            action_link: "https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] Was this mail yours?

        A mail came to your address for SEC-2026-0042 (Larkspur) that we could
        not prove to be yours. It is held, and it confirms nothing yet.

        If it was you, press:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        If not, do nothing: a person of the committee looks at it.
        "#);
    }
}
