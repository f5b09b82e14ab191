//! M2: a member's words to the reporter.

use crate::domain::case::CaseRef;
use crate::domain::directory::MemberRole;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, receipt};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct MemberReply<'a> {
    pub case: &'a CaseRef,
    pub words: &'a str,
    pub by: Signature<'a>,
    pub status_link: &'a str,
}

/// Who signs a person's words (DESIGN.md 3.3).
#[derive(Debug, Clone, Copy)]
pub struct Signature<'a> {
    pub name: &'a str,
    pub role: MemberRole,
    /// The foundation's name.
    pub org: &'a str,
}

impl Signature<'_> {
    /// `— Ada Example, chair, for the Example Foundation security committee`.
    pub fn line(&self) -> String {
        let (name, org) = (one_line(self.name, LINE_MAX), one_line(self.org, LINE_MAX));
        format!("\u{2014} {name}, {}, for the {org} security committee", self.role)
    }
}

/// The words of the letter.
pub fn member_reply(view: &MemberReply<'_>) -> Words {
    Words {
        subject: receipt::subject(view.case),
        body: Body::new()
            .verbatim(view.words)
            .paragraph(view.by.line())
            .paragraph("Answer this mail to reach us. The whole conversation:")
            .line(view.status_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn a_members_words_in_full() {
        let words = member_reply(&MemberReply {
            case: &CaseRef::from_row("SEC-2026-0042"),
            words: "Thank you, this is a real one.\n\nWe sent it to Larkspur today and write to you by Friday, either way.",
            by: Signature { name: "Tania Example", role: MemberRole::Secretary, org: "Northlight" },
            status_link: "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] We have your report

        Thank you, this is a real one.

        We sent it to Larkspur today and write to you by Friday, either way.

        — Tania Example, secretary, for the Northlight security committee

        Answer this mail to reach us. The whole conversation:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i
        "#);
    }
}
