//! To a project's contact, in the thread of its forward: what the reporter adds, allows or takes back.

use crate::domain::case::CaseRef;
use crate::domain::directory::DeliveryMode;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;
use crate::mail::write::letters::forward::{AttachedFile, Reporter, attachments, with_headings_quoted};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Addition<'a> {
    pub case: &'a CaseRef,
    pub project: &'a str,
    pub what: Added<'a>,
    pub reporter: Reporter<'a>,
    pub delivery: DeliveryMode,
    pub action_link: &'a str,
}

/// What is new.
#[derive(Debug, Clone, Copy)]
pub enum Added<'a> {
    /// The reporter's words after withholding, and the files that came with them.
    Words(&'a str, &'a [AttachedFile<'a>]),
    /// What the project may know of the reporter has changed.
    Shares,
    /// The reporter withdraws the report.
    Withdrawn,
}

/// The words of the letter.
pub fn addition(view: &Addition<'_>) -> Words {
    let project = one_line(view.project, LINE_MAX);
    let body = match (view.what, view.delivery) {
        (Added::Words(words, files), DeliveryMode::Full) => attachments(
            Body::new()
                .paragraph(format!("The reporter of {} ({project}) adds:", view.case))
                .line("")
                .verbatim(&with_headings_quoted(words)),
            files,
        ),
        (Added::Words(..), DeliveryMode::Link | DeliveryMode::Encrypted) => Body::new().paragraph(format!(
            "The reporter of {} ({project}) adds something. It is not in this mail: open the link to read it.",
            view.case
        )),
        (Added::Shares, _) => {
            Body::new().paragraph(format!("The reporter of {} ({project}) has changed what you may know.", view.case))
        }
        (Added::Withdrawn, _) => Body::new().paragraph(format!(
            "The reporter of {} ({project}) withdraws the report. A person of the committee closes it; if you see a \
             flaw all the same, tell us by a reply.",
            view.case
        )),
    };
    Words {
        subject: format!("[{}] Security report for {project}", view.case),
        body: body
            .paragraph(view.reporter.words())
            .paragraph("All of it, and the way to answer:")
            .line(view.action_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    const LINK: &str = "https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd";

    fn added(what: Added<'_>, delivery: DeliveryMode, reporter: Reporter<'_>) -> String {
        let case = CaseRef::from_row("SEC-2026-0042");
        shown(&addition(&Addition { case: &case, project: "Larkspur", what, reporter, delivery, action_link: LINK }))
    }

    #[test]
    fn an_addition_in_full() {
        let file = AttachedFile { name: "poc2.zip", size: 11_400, sha256: [0x9f; 32], link: LINK };
        let words = Added::Words("It needs -O2.\n--- attachments ---", &[file]);
        insta::assert_snapshot!(added(words, DeliveryMode::Full, Reporter::Withheld), @r#"
        [SEC-2026-0042] Security report for Larkspur

        The reporter of SEC-2026-0042 (Larkspur) adds:

        It needs -O2.
        > --- attachments ---

        --- attachments (opened at your own risk) ---
        poc2.zip, 12 kB
        SHA-256 9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        The reporter: name withheld, replies go through us.

        All of it, and the way to answer:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
    }

    #[test]
    fn to_whom_gets_links_alone_the_words_are_not_sent() {
        let words = Added::Words("It needs -O2.", &[]);
        insta::assert_snapshot!(added(words, DeliveryMode::Link, Reporter::Withheld), @r#"
        [SEC-2026-0042] Security report for Larkspur

        The reporter of SEC-2026-0042 (Larkspur) adds something. It is not in
        this mail: open the link to read it.

        The reporter: name withheld, replies go through us.

        All of it, and the way to answer:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
        assert_eq!(
            added(words, DeliveryMode::Encrypted, Reporter::Withheld),
            added(words, DeliveryMode::Link, Reporter::Withheld)
        );
    }

    #[test]
    fn a_consent_and_a_withdrawal_in_full() {
        insta::assert_snapshot!(added(Added::Shares, DeliveryMode::Full, Reporter::Named("Jane Q")), @r#"
        [SEC-2026-0042] Security report for Larkspur

        The reporter of SEC-2026-0042 (Larkspur) has changed what you may know.

        The reporter: Jane Q. Replies go through us.

        All of it, and the way to answer:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
        insta::assert_snapshot!(added(Added::Withdrawn, DeliveryMode::Link, Reporter::Withheld), @r#"
        [SEC-2026-0042] Security report for Larkspur

        The reporter of SEC-2026-0042 (Larkspur) withdraws the report. A person
        of the committee closes it; if you see a flaw all the same, tell us by a
        reply.

        The reporter: name withheld, replies go through us.

        All of it, and the way to answer:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
    }
}
