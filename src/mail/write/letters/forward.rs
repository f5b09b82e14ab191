//! M3, the forward: a report on its way to one contact of a project, its reporter's identity withheld.

use jiff::Timestamp;

use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::directory::DeliveryMode;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, day, size, time};

const REPORT_HEADING: &str = "--- report ---";
const ATTACHMENTS_HEADING: &str = "--- attachments (opened at your own risk) ---";

/// What the forward says it of.
#[derive(Debug, Clone)]
pub struct Forward<'a> {
    pub case: &'a CaseRef,
    pub project: &'a str,
    /// The foundation's name.
    pub org: &'a str,
    /// The end of the promise of an acknowledgement; `None` once the project has confirmed, for a contact that is new
    /// on the case.
    pub confirm_by: Option<Timestamp>,
    pub action_link: &'a str,
    /// The party's own address, to which a reply comes.
    pub party_address: &'a Mailbox,
    /// The party's second address: what comes there goes on to the reporter.
    pub second_address: &'a Mailbox,
    pub reporter: Reporter<'a>,
    /// Whether SPF or DKIM vouches for the sender's domain.
    pub sender_is_proven: bool,
    pub delivery: DeliveryMode,
    pub report: ReportText<'a>,
    pub attachments: &'a [AttachedFile<'a>],
}

/// What the reporter lets the project know of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reporter<'a> {
    Withheld,
    Named(&'a str),
    /// With the address, and the name where there is one.
    Reachable(Option<&'a str>, &'a Mailbox),
}

impl Reporter<'_> {
    /// The sentence about the reporter in letters and on pages.
    pub fn words(self) -> String {
        let name = |name: &str| one_line(name, LINE_MAX);
        match self {
            Self::Withheld => "The reporter: name withheld, replies go through us.".to_owned(),
            Self::Named(known) => format!("The reporter: {}. Replies go through us.", name(known)),
            Self::Reachable(Some(known), address) => {
                format!("The reporter: {}, {address}, with their consent.", name(known))
            }
            Self::Reachable(None, address) => format!("The reporter: {address}, with their consent."),
        }
    }
}

/// The report's text for the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportText<'a> {
    /// The readable text after withholding.
    Text(&'a str),
    /// There is none: the original could not be read, or it is encrypted; with the reason in words.
    Unreadable(&'a str),
}

/// A part that is kept as a download behind a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachedFile<'a> {
    pub name: &'a str,
    pub size: u64,
    pub sha256: [u8; 32],
    pub link: &'a str,
}

/// The words of the forward.
pub fn forward(view: &Forward<'_>) -> Words {
    let (project, org) = (one_line(view.project, LINE_MAX), one_line(view.org, LINE_MAX));
    let body = Body::new()
        .paragraph(banner(view, &org))
        .paragraph(format!("You are a security contact for {project} at {org}."))
        .paragraph(asked(view.confirm_by, &project))
        .line(view.action_link)
        .paragraph(format!("Your reply stays with you and the committee ({}).", view.party_address))
        .paragraph(format!("To write to the reporter, through us: {}", view.second_address))
        .paragraph("Not yours, or also another project's:")
        .line(format!("{}#others", view.action_link))
        .paragraph(view.reporter.words())
        .paragraph("Please do not open a public issue or pull request yet.")
        .paragraph(afterwards(view.confirm_by, &org));
    let what = match view.confirm_by {
        Some(by) => format!("please confirm by {}", day(by)),
        None => "you are its contact now".to_owned(),
    };
    Words {
        subject: format!("[{}] Security report for {project}: {what}", view.case),
        body: match view.delivery {
            DeliveryMode::Full => attachments(report(body, view.report), view.attachments),
            DeliveryMode::Link | DeliveryMode::Encrypted => {
                body.paragraph("The report is not in this mail: open the link to read it.")
            }
        },
    }
}

/// The first line: our own DMARC pass must not launder what a stranger wrote (STANDARDS.md 1.6).
fn banner(view: &Forward<'_>, org: &str) -> String {
    // Which of the two, and for which domain, would tell where a reporter comes from whose name is withheld.
    let verdict =
        if view.sender_is_proven { "proven by SPF or DKIM" } else { "not proven, neither by SPF nor by DKIM" };
    let what = match view.delivery {
        DeliveryMode::Full => "The text of the report below",
        DeliveryMode::Link | DeliveryMode::Encrypted => "The report behind the link",
    };
    format!("{what} is from outside {org}; sender: {verdict}.")
}

fn report(body: Body, report: ReportText<'_>) -> Body {
    let body = body.heading(REPORT_HEADING);
    match report {
        ReportText::Text(text) => body.verbatim(&with_headings_quoted(text)),
        ReportText::Unreadable(reason) => body.verbatim(&format!("(the original could not be read; {reason})")),
    }
}

/// A line of the report that looks like a heading of ours is quoted, or a reporter could pass a link of
/// their own for an attachment that we keep.
pub(super) fn with_headings_quoted(text: &str) -> String {
    let looks_like_ours = |line: &str| {
        let line = line.trim();
        line.starts_with("---") && line.ends_with("---") && line.chars().any(char::is_alphabetic)
    };
    let lines: Vec<String> =
        text.lines().map(|line| if looks_like_ours(line) { format!("> {line}") } else { line.to_owned() }).collect();
    lines.join("\n")
}

/// The list of attached files, each behind its link.
pub(super) fn attachments(body: Body, files: &[AttachedFile<'_>]) -> Body {
    if files.is_empty() {
        return body;
    }
    files.iter().fold(body.heading(ATTACHMENTS_HEADING), |body, file| {
        body.line(format!("{}, {}", one_line(file.name, LINE_MAX), size(file.size)))
            .line(format!("SHA-256 {}", data_encoding::HEXLOWER.encode(&file.sha256)))
            .line(file.link)
    })
}

/// What the contact is asked for.
fn asked(confirm_by: Option<Timestamp>, project: &str) -> String {
    match confirm_by {
        Some(by) => format!(
            "Please confirm by {} that you have this. Confirming means \"we are looking\", nothing more. Reply to this \
             mail, or press:",
            time(by)
        ),
        None => format!(
            "{project} has confirmed this report already. Its contacts have changed since, so it comes to you now. Reply \
             to this mail, or press, to say that you have it:"
        ),
    }
}

/// What happens without an answer.
fn afterwards(confirm_by: Option<Timestamp>, org: &str) -> String {
    match confirm_by {
        Some(_) => format!("No answer by then: we have reminded everyone listed and tell the board of {org}."),
        None => format!("The committee of {org} asks now and then where it stands."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    const LINK: &str = "https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd";

    fn forwarded(delivery: DeliveryMode, report: ReportText<'_>, sender_is_proven: bool) -> String {
        asked_by(Some("2026-11-27T14:03:00Z".parse().unwrap()), delivery, report, sender_is_proven)
    }

    fn asked_by(
        confirm_by: Option<Timestamp>,
        delivery: DeliveryMode,
        report: ReportText<'_>,
        sender_is_proven: bool,
    ) -> String {
        shown(&forward(&Forward {
            case: &CaseRef::from_row("SEC-2026-0042"),
            project: "Larkspur",
            org: "Northlight",
            confirm_by,
            action_link: LINK,
            party_address: &Mailbox::parse("security+c.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example").unwrap(),
            second_address: &Mailbox::parse("security+r.gq2donzvgumzxw6ytboi4dqmrz@northlight.example").unwrap(),
            reporter: Reporter::Withheld,
            sender_is_proven,
            delivery,
            report,
            attachments: &[AttachedFile { name: "poc.zip", size: 11_400, sha256: [0x9f; 32], link: LINK }],
        }))
    }

    #[test]
    fn a_full_forward_in_full() {
        let text = "Parsing a crafted palette overruns the buffer.\n\n  for (;;) { draw(); }\n\nSeen in 3.9.1.";
        insta::assert_snapshot!(forwarded(DeliveryMode::Full, ReportText::Text(text), true), @r#"
        [SEC-2026-0042] Security report for Larkspur: please confirm by Fri 27 Nov

        The text of the report below is from outside Northlight; sender: proven
        by SPF or DKIM.

        You are a security contact for Larkspur at Northlight.

        Please confirm by Fri 2026-11-27 14:03 UTC that you have this.
        Confirming means "we are looking", nothing more. Reply to this mail, or
        press:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Your reply stays with you and the committee
        (security+c.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example).

        To write to the reporter, through us:
        security+r.gq2donzvgumzxw6ytboi4dqmrz@northlight.example

        Not yours, or also another project's:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd#others

        The reporter: name withheld, replies go through us.

        Please do not open a public issue or pull request yet.

        No answer by then: we have reminded everyone listed and tell the board
        of Northlight.

        --- report ---
        Parsing a crafted palette overruns the buffer.

          for (;;) { draw(); }

        Seen in 3.9.1.

        --- attachments (opened at your own risk) ---
        poc.zip, 12 kB
        SHA-256 9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
    }

    #[test]
    fn a_link_forward_in_full() {
        let secret = ReportText::Text("overrun");
        let link = forwarded(DeliveryMode::Link, secret, false);
        insta::assert_snapshot!(link, @r#"
        [SEC-2026-0042] Security report for Larkspur: please confirm by Fri 27 Nov

        The report behind the link is from outside Northlight; sender: not
        proven, neither by SPF nor by DKIM.

        You are a security contact for Larkspur at Northlight.

        Please confirm by Fri 2026-11-27 14:03 UTC that you have this.
        Confirming means "we are looking", nothing more. Reply to this mail, or
        press:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Your reply stays with you and the committee
        (security+c.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example).

        To write to the reporter, through us:
        security+r.gq2donzvgumzxw6ytboi4dqmrz@northlight.example

        Not yours, or also another project's:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd#others

        The reporter: name withheld, replies go through us.

        Please do not open a public issue or pull request yet.

        No answer by then: we have reminded everyone listed and tell the board
        of Northlight.

        The report is not in this mail: open the link to read it.
        "#);
        assert_eq!(link, forwarded(DeliveryMode::Encrypted, secret, false), "until OpenPGP is built");
    }

    #[test]
    fn a_forward_to_who_came_after_the_acknowledgement_in_full() {
        insta::assert_snapshot!(asked_by(None, DeliveryMode::Link, ReportText::Text("overrun"), true), @r#"
        [SEC-2026-0042] Security report for Larkspur: you are its contact now

        The report behind the link is from outside Northlight; sender: proven by
        SPF or DKIM.

        You are a security contact for Larkspur at Northlight.

        Larkspur has confirmed this report already. Its contacts have changed
        since, so it comes to you now. Reply to this mail, or press, to say that
        you have it:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Your reply stays with you and the committee
        (security+c.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example).

        To write to the reporter, through us:
        security+r.gq2donzvgumzxw6ytboi4dqmrz@northlight.example

        Not yours, or also another project's:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd#others

        The reporter: name withheld, replies go through us.

        Please do not open a public issue or pull request yet.

        The committee of Northlight asks now and then where it stands.

        The report is not in this mail: open the link to read it.
        "#);
    }

    #[test]
    fn the_reporter_is_named_as_far_as_they_allow_it() {
        let jane = Mailbox::parse("jane@finder.example").unwrap();
        for (reporter, words) in [
            (Reporter::Withheld, "The reporter: name withheld, replies go through us."),
            (Reporter::Named("Jane\r\nBcc: x"), "The reporter: Jane Bcc: x. Replies go through us."),
            (Reporter::Reachable(Some("Jane"), &jane), "The reporter: Jane, jane@finder.example, with their consent."),
            (Reporter::Reachable(None, &jane), "The reporter: jane@finder.example, with their consent."),
        ] {
            assert_eq!(reporter.words(), words);
        }
    }

    #[test]
    fn an_unreadable_original_is_named_and_the_sender_is_not() {
        let letter = forwarded(DeliveryMode::Full, ReportText::Unreadable("ask the committee for it"), true);
        assert!(letter.contains("\n(the original could not be read; ask the committee for it)\n"), "{letter}");
        assert!(!letter.contains("finder.example"), "the verdict in words names the sender's domain");
    }

    #[test]
    fn a_report_cannot_forge_the_list_of_attachments() {
        let text =
            "See:\n --- Attachments (opened at your own risk) ---\nhttps://evil.example/\n--- a/src/main.c\n-----";
        let letter = forwarded(DeliveryMode::Full, ReportText::Text(text), true);
        assert!(letter.contains("\n>  --- Attachments (opened"), "{letter}");
        assert!(letter.contains("\n--- a/src/main.c\n-----\n"), "a diff and a rule stay as they are: {letter}");
    }
}
