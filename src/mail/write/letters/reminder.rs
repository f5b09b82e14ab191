//! M4, to a contact: the promise to confirm runs out, has run out, or nothing was heard since it was kept.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::CaseRef;
use crate::domain::clock::{promised, span};
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Reminder<'a> {
    pub case: &'a CaseRef,
    pub project: &'a str,
    /// The foundation's name.
    pub org: &'a str,
    pub silence: ContactSilence,
    pub action_link: &'a str,
    /// How many contacts get this letter.
    pub contacts: usize,
    /// Who is told next, and when.
    pub next: &'a [(&'a str, Timestamp)],
}

/// What was not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactSilence {
    /// No confirmation, and this much of the time is left as the letter leaves.
    Waiting { left: SignedDuration, confirm_by: Timestamp },
    /// No confirmation within `promised`; the board is told today.
    Over { promised: SignedDuration },
    /// The same, when a member reminds once more later.
    StillOver { promised: SignedDuration },
    /// Confirmed, but nothing since.
    SinceConfirmed { since: Timestamp },
}

/// The words of the letter.
pub fn reminder(view: &Reminder<'_>) -> Words {
    let (project, org, case) = (one_line(view.project, LINE_MAX), one_line(view.org, LINE_MAX), view.case);
    let (subject, what, how) = match view.silence {
        ContactSilence::Waiting { left, confirm_by } => (
            format!("Please confirm by {}", time(confirm_by)),
            format!("{} left to confirm {case} ({project}). We have heard nothing yet.", left_in_words(left)),
            "One word is enough: reply \"yes\", or press:",
        ),
        ContactSilence::Over { promised: length } => (
            "The time to confirm is over".to_owned(),
            format!(
                "The {} to confirm {case} ({project}) are over, and we have heard nothing. The board of {org} has \
                 been told today, and the committee may answer in the project's place.",
                promised(length)
            ),
            "One word is still enough: reply \"yes\", or press:",
        ),
        ContactSilence::StillOver { promised: length } => (
            "The time to confirm is over".to_owned(),
            format!(
                "The {} to confirm {case} ({project}) are over, and we have heard nothing. The committee may answer in \
                 the project's place.",
                promised(length)
            ),
            "One word is still enough: reply \"yes\", or press:",
        ),
        ContactSilence::SinceConfirmed { since } => (
            "Where does it stand?".to_owned(),
            format!("We have heard nothing about {case} ({project}) since {}.", time(since)),
            "One line is enough: reply to this mail, also if nothing has changed. The report is here:",
        ),
    };
    Words {
        subject: format!("[{case}] {project}: {subject}"),
        body: Body::new().paragraph(what).paragraph(how).line(view.action_link).paragraph(sent_to(view)),
    }
}

/// Days as long as there is one, for nobody counts the hours of a week.
fn left_in_words(left: SignedDuration) -> String {
    match left.as_hours() / 24 {
        0 => span(left),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

fn sent_to(view: &Reminder<'_>) -> String {
    let contacts = match view.contacts {
        1 => "Sent to: 1 contact.".to_owned(),
        count => format!("Sent to: {count} contacts."),
    };
    if view.next.is_empty() {
        return contacts;
    }
    let next: Vec<String> = view.next.iter().map(|(who, at)| format!("{who} {}", time(*at))).collect();
    format!("{contacts} Next: {}.", next.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn words(silence: ContactSilence, contacts: usize, next: &[(&str, Timestamp)]) -> String {
        shown(&reminder(&Reminder {
            case: &CaseRef::from_row("SEC-2026-0042"),
            project: "Larkspur",
            org: "Northlight",
            silence,
            action_link: "https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
            contacts,
            next,
        }))
    }

    #[test]
    fn a_reminder_in_full() {
        let confirm_by = at("2026-11-27T14:03:00Z");
        let left = SignedDuration::from_hours(5 * 24);
        let next = [
            ("deputies", at("2026-11-24T14:03:00Z")),
            ("committee", at("2026-11-26T14:03:00Z")),
            ("board", confirm_by),
        ];
        insta::assert_snapshot!(words(ContactSilence::Waiting { left, confirm_by }, 3, &next), @r#"
        [SEC-2026-0042] Larkspur: Please confirm by Fri 2026-11-27 14:03 UTC

        5 days left to confirm SEC-2026-0042 (Larkspur). We have heard nothing
        yet.

        One word is enough: reply "yes", or press:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Sent to: 3 contacts. Next: deputies Tue 2026-11-24 14:03 UTC, committee
        Thu 2026-11-26 14:03 UTC, board Fri 2026-11-27 14:03 UTC.
        "#);
    }

    #[test]
    fn once_the_board_is_told_the_contacts_learn_of_it() {
        let promised = SignedDuration::from_hours(7 * 24);
        insta::assert_snapshot!(words(ContactSilence::Over { promised }, 1, &[]), @r#"
        [SEC-2026-0042] Larkspur: The time to confirm is over

        The 7 days to confirm SEC-2026-0042 (Larkspur) are over, and we have
        heard nothing. The board of Northlight has been told today, and the
        committee may answer in the project's place.

        One word is still enough: reply "yes", or press:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Sent to: 1 contact.
        "#);
    }

    #[test]
    fn a_member_reminds_once_more_after_the_time_is_over() {
        let promised = SignedDuration::from_hours(7 * 24);
        insta::assert_snapshot!(words(ContactSilence::StillOver { promised }, 2, &[]), @r#"
        [SEC-2026-0042] Larkspur: The time to confirm is over

        The 7 days to confirm SEC-2026-0042 (Larkspur) are over, and we have
        heard nothing. The committee may answer in the project's place.

        One word is still enough: reply "yes", or press:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Sent to: 2 contacts.
        "#);
    }

    #[test]
    fn a_project_that_confirmed_and_fell_silent_is_asked_where_it_stands() {
        let next = [("committee and reporter", at("2026-12-24T09:00:00Z"))];
        let since = at("2026-11-24T09:00:00Z");
        insta::assert_snapshot!(words(ContactSilence::SinceConfirmed { since }, 2, &next), @r#"
        [SEC-2026-0042] Larkspur: Where does it stand?

        We have heard nothing about SEC-2026-0042 (Larkspur) since Tue
        2026-11-24 09:00 UTC.

        One line is enough: reply to this mail, also if nothing has changed. The
        report is here:
        https://security.northlight.example/a/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Sent to: 2 contacts. Next: committee and reporter Thu 2026-12-24 09:00
        UTC.
        "#);
    }

    #[test]
    fn what_is_left_is_told_in_days_and_on_the_last_day_in_hours() {
        let told = [49, 25, 24, 23].map(|hours| left_in_words(SignedDuration::from_hours(hours)));
        assert_eq!(told, ["2 days", "1 day", "1 day", "23 h 0 min"]);
    }
}
