//! To members: a promise or follow-up of the committee runs out, or a project stays silent. One letter for all of a case.

use jiff::Timestamp;

use crate::domain::case::CaseRef;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, day, time};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct MemberReminder<'a> {
    pub case: &'a CaseRef,
    /// At least one; the first gives the subject.
    pub matters: &'a [Matter],
    pub case_link: &'a str,
}

/// One thing that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    pub what: Waiting,
    /// Who is told next, and when.
    pub next: Option<(String, Timestamp)>,
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    FirstReply {
        due: Timestamp,
        is_over: bool,
    },
    Acknowledgement {
        project: String,
        due: Timestamp,
        is_over: bool,
        /// How it takes reports, if not by mail.
        by_hand: Option<String>,
    },
    /// A project that was silent for a month: does anybody maintain it?
    Unmaintained {
        project: String,
        since: Timestamp,
        /// The page with all attempts to reach it.
        attempts: String,
    },
    Triage {
        since: Timestamp,
    },
    /// Work that nothing was heard of; the project's, or the committee's own.
    Progress {
        project: Option<String>,
        since: Timestamp,
    },
    /// An answer of the reporter, without which the project or the committee cannot go on.
    Reporter {
        project: Option<String>,
        since: Timestamp,
    },
}

/// The words of the letter. Number, projects and dates: nothing of the report.
pub fn member_reminder(view: &MemberReminder<'_>) -> Words {
    let first = view.matters.first().map_or_else(|| "Look at this case".to_owned(), |matter| title(&matter.what));
    let body = view.matters.iter().fold(Body::new(), |body, matter| {
        let next = matter.next.as_ref().map(|(who, at)| format!(" Next: {who} {}.", time(*at))).unwrap_or_default();
        body.paragraph(sentence(&matter.what) + &next)
    });
    Words { subject: format!("[{}] {first}", view.case), body: body.paragraph("Open the case:").line(view.case_link) }
}

fn title(what: &Waiting) -> String {
    match what {
        Waiting::FirstReply { due, .. } => format!("The reporter has no answer yet, promised by {}", day(*due)),
        Waiting::Acknowledgement { project, due, .. } => {
            format!("{} has not confirmed, promised by {}", one_line(project, LINE_MAX), day(*due))
        }
        Waiting::Unmaintained { project, since, .. } => {
            format!("{} is silent since {}: does anybody maintain it?", one_line(project, LINE_MAX), day(*since))
        }
        Waiting::Triage { since } => format!("Waits for a member since {}", day(*since)),
        Waiting::Progress { since, .. } => format!("No news since {}", day(*since)),
        Waiting::Reporter { since, .. } => format!("The reporter was asked on {} and has not answered", day(*since)),
    }
}

fn sentence(what: &Waiting) -> String {
    let ends = |is_over: bool, due: Timestamp| match is_over {
        false => format!("The promise ends {}.", time(due)),
        true => format!("The promise ended {}.", time(due)),
    };
    match what {
        Waiting::FirstReply { due, is_over } => {
            format!("No person has answered the reporter yet. {}", ends(*is_over, *due))
        }
        Waiting::Acknowledgement { project, due, is_over, by_hand } => {
            let project = one_line(project, LINE_MAX);
            let (state, way) = match by_hand {
                None => (
                    "has not confirmed its report",
                    "Try another way to its people: a chat, a phone call, a private advisory.".to_owned(),
                ),
                Some(channel) => (
                    "is not noted to have confirmed",
                    format!("It goes by hand, through {channel}: ask there, and note on the case what you hear."),
                ),
            };
            format!("{project} {state}. {} {way}", ends(*is_over, *due))
        }
        Waiting::Unmaintained { project, since, attempts } => format!(
            "{} has not confirmed its report since {}, and the board knows. Decide what becomes of it: somebody takes \
             the project over, it is archived, its users are told, or a CNA of last resort is asked. All attempts to \
             reach it, to print or to hand over: {attempts}",
            one_line(project, LINE_MAX),
            time(*since)
        ),
        Waiting::Triage { since } => {
            format!("No project has had this case since {}. Forward it, answer it or close it.", time(*since))
        }
        Waiting::Progress { project: Some(project), since } => format!(
            "{} has it, and nothing was heard since {}. Ask them where it stands.",
            one_line(project, LINE_MAX),
            time(*since)
        ),
        Waiting::Progress { project: None, since } => {
            format!("The committee has this case, and nothing has happened since {}.", time(*since))
        }
        Waiting::Reporter { project, since } => format!(
            "{} waited for the reporter's answer since {}. Ask once more, go on without it, or write that the case \
             will be closed: their words open it again.",
            one_line(project.as_deref().unwrap_or("The committee"), LINE_MAX),
            time(*since)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn words(matters: &[Matter]) -> String {
        shown(&member_reminder(&MemberReminder {
            case: &CaseRef::from_row("SEC-2026-0042"),
            matters,
            case_link: "https://security.northlight.example/cases/SEC-2026-0042",
        }))
    }

    #[test]
    fn two_promises_of_a_case_in_one_letter_in_full() {
        let due = at("2026-11-27T14:03:00Z");
        let next = Some(("board".to_owned(), due));
        let project = "Larkspur".to_owned();
        let matters = [
            Matter { what: Waiting::FirstReply { due, is_over: false }, next: next.clone() },
            Matter { what: Waiting::Acknowledgement { project, due, is_over: false, by_hand: None }, next },
        ];
        insta::assert_snapshot!(words(&matters), @r#"
        [SEC-2026-0042] The reporter has no answer yet, promised by Fri 27 Nov

        No person has answered the reporter yet. The promise ends Fri 2026-11-27
        14:03 UTC. Next: board Fri 2026-11-27 14:03 UTC.

        Larkspur has not confirmed its report. The promise ends Fri 2026-11-27
        14:03 UTC. Try another way to its people: a chat, a phone call, a
        private advisory. Next: board Fri 2026-11-27 14:03 UTC.

        Open the case:
        https://security.northlight.example/cases/SEC-2026-0042
        "#);
    }

    #[test]
    fn each_other_thing_that_waits_says_what_to_do() {
        let since = at("2026-11-20T14:03:00Z");
        let one = |what: Waiting| format!("{}\n{}", title(&what), sentence(&what));
        let project = "Larkspur".to_owned();
        let by_hand = Some("GitHub".to_owned());
        let all = [
            one(Waiting::Triage { since }),
            one(Waiting::Unmaintained {
                project: project.clone(),
                since,
                attempts: "https://security.northlight.example/cases/SEC-2026-0042/attempts/larkspur".to_owned(),
            }),
            one(Waiting::Progress { project: Some(project.clone()), since }),
            one(Waiting::Progress { project: None, since }),
            one(Waiting::Reporter { project: None, since }),
            one(Waiting::Acknowledgement { project, due: since, is_over: true, by_hand }),
        ];
        insta::assert_snapshot!(all.join("\n\n"), @r#"
        Waits for a member since Fri 20 Nov
        No project has had this case since Fri 2026-11-20 14:03 UTC. Forward it, answer it or close it.

        Larkspur is silent since Fri 20 Nov: does anybody maintain it?
        Larkspur has not confirmed its report since Fri 2026-11-20 14:03 UTC, and the board knows. Decide what becomes of it: somebody takes the project over, it is archived, its users are told, or a CNA of last resort is asked. All attempts to reach it, to print or to hand over: https://security.northlight.example/cases/SEC-2026-0042/attempts/larkspur

        No news since Fri 20 Nov
        Larkspur has it, and nothing was heard since Fri 2026-11-20 14:03 UTC. Ask them where it stands.

        No news since Fri 20 Nov
        The committee has this case, and nothing has happened since Fri 2026-11-20 14:03 UTC.

        The reporter was asked on Fri 20 Nov and has not answered
        The committee waited for the reporter's answer since Fri 2026-11-20 14:03 UTC. Ask once more, go on without it, or write that the case will be closed: their words open it again.

        Larkspur has not confirmed, promised by Fri 20 Nov
        Larkspur is not noted to have confirmed. The promise ended Fri 2026-11-20 14:03 UTC. It goes by hand, through GitHub: ask there, and note on the case what you hear.
        "#);
    }
}
