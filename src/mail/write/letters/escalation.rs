//! M6, to the board: a promise was not kept, or a member asks for help before it is broken. And to the rest of the board: one of you has taken it up.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::clock::promised;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Escalation<'a> {
    pub case: &'a CaseRef,
    pub received_at: Timestamp,
    /// At least one; the first gives the subject.
    pub breaches: &'a [Breach],
    /// By when the board is asked to help.
    pub help_by: Timestamp,
    /// Opens a page with one button.
    pub board_link: &'a str,
}

/// A promise that was not kept within `promised`, or one that a member fears for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breach {
    Project {
        name: String,
        promised: SignedDuration,
        forwarded_at: Timestamp,
        reminded_at: Vec<Timestamp>,
        contacts: usize,
        /// Of the contacts, those whose forward came back.
        bounced: usize,
    },
    /// The committee's own.
    FirstReply { promised: SignedDuration },
    /// It still runs, until `due_at`: a member asks for help now.
    Asked {
        name: String,
        due_at: Timestamp,
        forwarded_at: Timestamp,
        reminded_at: Vec<Timestamp>,
        contacts: usize,
        bounced: usize,
    },
}

/// The words of the letter. Nothing of the report is in them, nor who reported it.
pub fn escalation(view: &Escalation<'_>) -> Words {
    let body = view.breaches.iter().fold(Body::new(), |body, breach| tell(body, breach, view));
    Words {
        subject: format!("[{}] {}", view.case, view.breaches.first().map_or_else(String::new, title)),
        body: body
            .paragraph("No details of the report are in this mail. \"I am on it\" (tells the others):")
            .line(view.board_link),
    }
}

fn title(breach: &Breach) -> String {
    match breach {
        Breach::Asked { name, .. } => format!("{}: the committee asks for your help", one_line(name, LINE_MAX)),
        Breach::Project { name, promised: length, .. } => {
            format!("{} has not answered in {}", one_line(name, LINE_MAX), promised(*length))
        }
        Breach::FirstReply { promised: length } => {
            format!("Nobody has answered the reporter in {}", promised(*length))
        }
    }
}

fn tell(body: Body, breach: &Breach, view: &Escalation<'_>) -> Body {
    let (by, received) = (time(view.help_by), time(view.received_at));
    match breach {
        Breach::Project { name, forwarded_at, reminded_at, contacts, bounced, .. } => {
            let name = one_line(name, LINE_MAX);
            let tried = tried(*forwarded_at, reminded_at, *contacts, *bounced);
            body.paragraph(format!("What we ask: help us reach a maintainer of {name} by {by}."))
                .paragraph(format!("Received {received} · {tried}"))
        }
        Breach::Asked { name, due_at, forwarded_at, reminded_at, contacts, bounced } => {
            let name = one_line(name, LINE_MAX);
            let tried = tried(*forwarded_at, reminded_at, *contacts, *bounced);
            let due = time(*due_at);
            body.paragraph(format!(
                "{name} has not confirmed yet and has until {due}. A member of the committee asks you now, for \
                 waiting may be too late."
            ))
            .paragraph(format!("What we ask: help us reach a maintainer of {name} by {by}."))
            .paragraph(format!("Received {received} · {tried}"))
        }
        Breach::FirstReply { promised: length } => body.paragraph(format!(
            "No person has answered the reporter within the {} that we promise. Received {received}. What we ask: \
             see to it that a person of the committee answers by {by}.",
            promised(*length)
        )),
    }
}

/// What was done to reach a project: "forwarded …, reminded …, 3 contacts, 1 bounced."
fn tried(forwarded_at: Timestamp, reminded_at: &[Timestamp], contacts: usize, bounced: usize) -> String {
    let reminded: Vec<String> = reminded_at.iter().map(|at| time(*at)).collect();
    let reminded = match reminded.is_empty() {
        true => "not reminded".to_owned(),
        false => format!("reminded {}", reminded.join(", ")),
    };
    let contacts = if contacts == 1 { "1 contact".to_owned() } else { format!("{contacts} contacts") };
    format!("forwarded {} · {reminded} · {contacts}, {bounced} bounced.", time(forwarded_at))
}

/// What the letter to the rest of the board says it of.
#[derive(Debug, Clone)]
pub struct BoardOnIt<'a> {
    pub case: &'a CaseRef,
    /// To whom the letter went whose button was pressed.
    pub who: &'a Mailbox,
    pub at: Timestamp,
}

/// The words of the letter.
pub fn board_on_it(view: &BoardOnIt<'_>) -> Words {
    Words {
        subject: format!("[{}] One of you is on it", view.case),
        body: Body::new()
            .paragraph(format!("{} took {} up on {}.", view.who, view.case, time(view.at)))
            .paragraph("You need not do anything unless they ask you."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn words(breaches: &[Breach]) -> String {
        shown(&escalation(&Escalation {
            case: &CaseRef::from_row("SEC-2026-0038"),
            received_at: at("2026-11-20T14:02:00Z"),
            breaches,
            help_by: at("2026-11-29T14:03:00Z"),
            board_link: "https://security.northlight.example/b/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
        }))
    }

    fn silent() -> Breach {
        Breach::Project {
            name: "Larkspur".to_owned(),
            promised: SignedDuration::from_hours(7 * 24),
            forwarded_at: at("2026-11-20T14:03:00Z"),
            reminded_at: vec![at("2026-11-22T14:03:00Z"), at("2026-11-24T14:03:00Z")],
            contacts: 3,
            bounced: 1,
        }
    }

    #[test]
    fn an_escalation_in_full() {
        let own = Breach::FirstReply { promised: SignedDuration::from_hours(7 * 24) };
        insta::assert_snapshot!(words(&[silent(), own]), @r#"
        [SEC-2026-0038] Larkspur has not answered in 7 days

        What we ask: help us reach a maintainer of Larkspur by Sun 2026-11-29
        14:03 UTC.

        Received Fri 2026-11-20 14:02 UTC · forwarded Fri 2026-11-20 14:03 UTC ·
        reminded Sun 2026-11-22 14:03 UTC, Tue 2026-11-24 14:03 UTC · 3
        contacts, 1 bounced.

        No person has answered the reporter within the 7 days that we promise.
        Received Fri 2026-11-20 14:02 UTC. What we ask: see to it that a person
        of the committee answers by Sun 2026-11-29 14:03 UTC.

        No details of the report are in this mail. "I am on it" (tells the
        others):
        https://security.northlight.example/b/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
    }

    #[test]
    fn a_member_who_asks_before_the_time_is_over_in_full() {
        let asked = Breach::Asked {
            name: "Larkspur".to_owned(),
            due_at: at("2026-11-27T14:03:00Z"),
            forwarded_at: at("2026-11-20T14:03:00Z"),
            reminded_at: vec![at("2026-11-22T14:03:00Z")],
            contacts: 1,
            bounced: 0,
        };
        insta::assert_snapshot!(words(&[asked]), @r#"
        [SEC-2026-0038] Larkspur: the committee asks for your help

        Larkspur has not confirmed yet and has until Fri 2026-11-27 14:03 UTC. A
        member of the committee asks you now, for waiting may be too late.

        What we ask: help us reach a maintainer of Larkspur by Sun 2026-11-29
        14:03 UTC.

        Received Fri 2026-11-20 14:02 UTC · forwarded Fri 2026-11-20 14:03 UTC ·
        reminded Sun 2026-11-22 14:03 UTC · 1 contact, 0 bounced.

        No details of the report are in this mail. "I am on it" (tells the
        others):
        https://security.northlight.example/b/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
    }

    #[test]
    fn a_promise_of_our_own_that_was_not_kept_in_full() {
        let own = Breach::FirstReply { promised: SignedDuration::from_hours(3 * 24) };
        insta::assert_snapshot!(words(&[own]), @r#"
        [SEC-2026-0038] Nobody has answered the reporter in 3 days

        No person has answered the reporter within the 3 days that we promise.
        Received Fri 2026-11-20 14:02 UTC. What we ask: see to it that a person
        of the committee answers by Sun 2026-11-29 14:03 UTC.

        No details of the report are in this mail. "I am on it" (tells the
        others):
        https://security.northlight.example/b/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
    }

    #[test]
    fn the_letter_to_the_rest_of_the_board_in_full() {
        let words = board_on_it(&BoardOnIt {
            case: &CaseRef::from_row("SEC-2026-0038"),
            who: &Mailbox::parse("mara@northlight.example").unwrap(),
            at: at("2026-11-27T15:00:00Z"),
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0038] One of you is on it

        mara@northlight.example took SEC-2026-0038 up on Fri 2026-11-27 15:00
        UTC.

        You need not do anything unless they ask you.
        "#);
    }
}
