//! M13: a member's words to the reporter when the case is closed.

use crate::domain::case::{CaseRef, Closing as Reason};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::member_reply::Signature;
use crate::mail::write::letters::{Words, receipt};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Closing<'a> {
    pub case: &'a CaseRef,
    pub reason: Reason,
    pub words: &'a str,
    pub by: Signature<'a>,
    pub status_link: &'a str,
}

/// The words of the letter. Of a duplicate it does not say of what: another reporter's case is not theirs to know.
pub fn closing(view: &Closing<'_>) -> Words {
    Words {
        subject: receipt::subject(view.case),
        body: Body::new()
            .paragraph(format!("Closed: {}.", view.reason.words()))
            .line("")
            .verbatim(view.words)
            .paragraph(view.by.line())
            .paragraph("Reply to this mail to open it again. What became of your report:")
            .line(view.status_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::MemberRole;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn a_closing_in_full() {
        let words = closing(&Closing {
            case: &CaseRef::from_row("SEC-2026-0042"),
            reason: Reason::Resolved,
            words: "It is fixed in Larkspur 3.9.4. Credit: \"Jane D.\" Thank you.",
            by: Signature { name: "Tania Example", role: MemberRole::Chair, org: "Northlight" },
            status_link: "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] We have your report

        Closed: fixed.

        It is fixed in Larkspur 3.9.4. Credit: "Jane D." Thank you.

        — Tania Example, chair, for the Northlight security committee

        Reply to this mail to open it again. What became of your report:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i
        "#);
    }
}
