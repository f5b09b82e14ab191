//! To a project's contact, in the thread of its forward: a member's words.

use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::directory::DeliveryMode;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;
use crate::mail::write::letters::member_reply::Signature;

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct ToProject<'a> {
    pub case: &'a CaseRef,
    pub project: &'a str,
    pub words: &'a str,
    pub by: Signature<'a>,
    pub delivery: DeliveryMode,
    /// The party's own address, to which a reply comes.
    pub party_address: &'a Mailbox,
    pub action_link: &'a str,
}

/// The words of the letter. To whom gets links alone, the member's words are not sent either: they may tell of the flaw.
pub fn to_project(view: &ToProject<'_>) -> Words {
    let project = one_line(view.project, LINE_MAX);
    let body = match view.delivery {
        DeliveryMode::Full => Body::new().verbatim(view.words),
        DeliveryMode::Link | DeliveryMode::Encrypted => Body::new().paragraph(format!(
            "The committee writes to you about {} ({project}). The words are not in this mail: open the link to read \
             them.",
            view.case
        )),
    };
    Words {
        subject: format!("[{}] Security report for {project}", view.case),
        body: body
            .paragraph(view.by.line())
            .paragraph(format!("Your reply stays with you and the committee ({}).", view.party_address))
            .paragraph("The report, all that was said, and the way to answer:")
            .line(view.action_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::MemberRole;
    use crate::mail::write::letters::tests::shown;

    fn written(delivery: DeliveryMode) -> String {
        shown(&to_project(&ToProject {
            case: &CaseRef::from_row("SEC-2026-0042"),
            project: "Larkspur",
            words: "Which versions do you still mend?",
            by: Signature { name: "Tania Example", role: MemberRole::Member, org: "Northlight" },
            delivery,
            party_address: &Mailbox::parse("security+c.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example").unwrap(),
            action_link: "https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
        }))
    }

    #[test]
    fn a_members_words_to_a_project_in_full() {
        insta::assert_snapshot!(written(DeliveryMode::Full), @r#"
        [SEC-2026-0042] Security report for Larkspur

        Which versions do you still mend?

        — Tania Example, member, for the Northlight security committee

        Your reply stays with you and the committee
        (security+c.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example).

        The report, all that was said, and the way to answer:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
    }

    #[test]
    fn to_whom_gets_links_alone_the_words_are_not_sent() {
        insta::assert_snapshot!(written(DeliveryMode::Link), @r#"
        [SEC-2026-0042] Security report for Larkspur

        The committee writes to you about SEC-2026-0042 (Larkspur). The words
        are not in this mail: open the link to read them.

        — Tania Example, member, for the Northlight security committee

        Your reply stays with you and the committee
        (security+c.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example).

        The report, all that was said, and the way to answer:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
        assert_eq!(written(DeliveryMode::Encrypted), written(DeliveryMode::Link));
    }
}
