//! To the reporter: a project stays silent, who has been told, and what happens next.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::CaseRef;
use crate::domain::clock::promised;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Silence<'a> {
    pub case: &'a CaseRef,
    pub project: &'a str,
    /// The foundation's name.
    pub org: &'a str,
    pub kind: SilenceKind<'a>,
    pub status_link: &'a str,
}

/// Which silence it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilenceKind<'a> {
    /// No confirmation within `promised`; the board has been told.
    NotConfirmed { asked_at: Timestamp, promised: SignedDuration, reminded_at: &'a [Timestamp] },
    /// Confirmed, but nothing for a month; the committee has been told.
    NoNews { since: Timestamp },
    /// No project has the report, and nothing has happened for a month; the committee has been told.
    NoNewsFromUs { since: Timestamp },
}

/// The words of the letter.
pub fn silence(view: &Silence<'_>) -> Words {
    let (project, org) = (one_line(view.project, LINE_MAX), one_line(view.org, LINE_MAX));
    let body = match view.kind {
        SilenceKind::NotConfirmed { asked_at, promised: length, reminded_at } => {
            let reminded = match reminded_at.len() {
                0 => String::new(),
                1 => " and reminded them once".to_owned(),
                times => format!(" and reminded them {times} times"),
            };
            Body::new()
                .paragraph(format!(
                    "{project} has not confirmed your report within {}. We asked on {}{reminded}.",
                    promised(length),
                    time(asked_at)
                ))
                .paragraph(format!(
                    "This is not what we promise. We have told the board of {org} today and asked it to help us reach \
                     a maintainer. The committee may also answer you in the project's place."
                ))
        }
        SilenceKind::NoNews { since } => Body::new()
            .paragraph(format!(
                "{project} has confirmed your report, but we have heard nothing more since {}.",
                time(since)
            ))
            .paragraph("We have told the committee, whose members ask the project where it stands."),
        SilenceKind::NoNewsFromUs { since } => Body::new()
            .paragraph(format!(
                "Your report is with the security committee of {org}, and nothing has happened with it since {}.",
                time(since)
            ))
            .paragraph("That is our own delay. We have reminded every member of the committee today."),
    };
    let who = match view.kind {
        SilenceKind::NoNewsFromUs { .. } => "No news of your report yet".to_owned(),
        _ => format!("{project} has not answered yet"),
    };
    Words {
        subject: format!("[{}] {who}", view.case),
        body: body.paragraph("Your report stays open. Follow it, or add something:").line(view.status_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn words(kind: SilenceKind<'_>) -> String {
        shown(&silence(&Silence {
            case: &CaseRef::from_row("SEC-2026-0042"),
            project: "Larkspur",
            org: "Northlight",
            kind,
            status_link: "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i",
        }))
    }

    #[test]
    fn the_reporter_learns_of_a_project_that_did_not_confirm() {
        let reminded_at = &[at("2026-11-22T14:03:00Z"), at("2026-11-24T14:03:00Z")];
        let promised = SignedDuration::from_hours(7 * 24);
        let kind = SilenceKind::NotConfirmed { asked_at: at("2026-11-20T14:03:00Z"), promised, reminded_at };
        insta::assert_snapshot!(words(kind), @r#"
        [SEC-2026-0042] Larkspur has not answered yet

        Larkspur has not confirmed your report within 7 days. We asked on Fri
        2026-11-20 14:03 UTC and reminded them 2 times.

        This is not what we promise. We have told the board of Northlight today
        and asked it to help us reach a maintainer. The committee may also
        answer you in the project's place.

        Your report stays open. Follow it, or add something:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i
        "#);
    }

    #[test]
    fn the_reporter_learns_that_the_committee_itself_did_nothing_for_a_month() {
        insta::assert_snapshot!(words(SilenceKind::NoNewsFromUs { since: at("2026-11-20T14:03:00Z") }), @r#"
        [SEC-2026-0042] No news of your report yet

        Your report is with the security committee of Northlight, and nothing
        has happened with it since Fri 2026-11-20 14:03 UTC.

        That is our own delay. We have reminded every member of the committee
        today.

        Your report stays open. Follow it, or add something:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i
        "#);
    }

    #[test]
    fn the_reporter_learns_of_a_month_without_news() {
        insta::assert_snapshot!(words(SilenceKind::NoNews { since: at("2026-11-20T14:03:00Z") }), @r#"
        [SEC-2026-0042] Larkspur has not answered yet

        Larkspur has confirmed your report, but we have heard nothing more since
        Fri 2026-11-20 14:03 UTC.

        We have told the committee, whose members ask the project where it
        stands.

        Your report stays open. Follow it, or add something:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i
        "#);
    }
}
