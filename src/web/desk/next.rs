//! The one or two things that a member would do next about a case in a list; each a button, each with its key.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::case::CaseState;
use crate::domain::clock::{ClockKind, ClockState};
use crate::domain::directory::ProjectId;
use crate::domain::handling::HandlingState;
use crate::store::CaseLine;

/// More are a choice and no next step.
const SHOWN: usize = 2;

/// A step that a member may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Claim,
    /// A first human answer to the reporter.
    Acknowledge,
    /// By a look at what would leave, and to whom; the project is the judge's first suggestion.
    Forward(Option<ProjectId>),
    HandOver(ProjectId),
    Remind(ProjectId),
    Escalate(ProjectId),
    /// The board has been told: the committee may answer in the project's place.
    TakeOver,
}

/// What comes next, the most useful first.
pub fn steps(line: &CaseLine, now: Timestamp) -> Vec<Next> {
    if line.case.state == CaseState::Closed {
        return Vec::new();
    }
    let part = |wanted| line.handlings.iter().find(|(_, state)| *state == wanted).map(|(project, _)| project.clone());
    let (by_hand, silent) = (part(HandlingState::ByHand), part(HandlingState::Sent));
    let kind = line.clock.as_ref().map(|clock| clock.kind);
    let state = line.clock.as_ref().map(|clock| clock.state(now));
    let mut steps = Vec::new();
    if line.case.owner.is_none() {
        steps.push(Next::Claim);
    }
    if matches!(line.case.state, CaseState::New | CaseState::Triage) {
        steps.push(Next::Forward(line.case.judgement.candidates.first().map(|first| first.project.clone())));
    }
    if line.awaits_reply && line.case.state == CaseState::Routed {
        steps.push(Next::Acknowledge);
    }
    steps.extend(by_hand.map(Next::HandOver));
    if let Some(project) = silent {
        match (kind, state) {
            (Some(ClockKind::Acknowledge), Some(ClockState::Overdue { .. })) => steps.push(Next::TakeOver),
            (Some(ClockKind::Acknowledge), Some(ClockState::DueSoon { .. })) => {
                steps.push(Next::Escalate(project.clone()));
            }
            _ => {}
        }
        if !matches!(state, Some(ClockState::Paused { .. })) {
            steps.push(Next::Remind(project));
        }
    }
    steps.truncate(SHOWN);
    steps
}

/// The buttons. `query` is the filter of the list, to come back to it.
pub fn buttons(line: &CaseLine, query: &str, now: Timestamp) -> Markup {
    let number = &line.case.number;
    let href = format!("/cases/{number}");
    let steps = steps(line, now);
    html! {
        @for step in &steps {
            @match step {
                Next::Claim => {
                    form method="post" action={ (href) "/claim" } {
                        input type="hidden" name="back" value="at-risk";
                        input type="hidden" name="query" value=(query);
                        button data-key="c" aria-label={ "Claim " (number) } { "Claim" }
                    }
                }
                Next::Acknowledge => (look(&format!("{href}/to-reporter"), "a", "Acknowledge", &format!("Acknowledge {number} to its reporter"))),
                Next::Forward(None) => (look(&format!("{href}#forward"), "f", "Forward", &format!("Forward {number}"))),
                Next::Forward(Some(project)) => (look(&format!("{href}/forward?project={project}"), "f", "Forward", &format!("Forward {number} to {project}"))),
                Next::HandOver(project) => { a.button href={ (href) "/by-hand/" (project) } aria-label={ "Hand over " (number) } { "Hand over …" } }
                Next::Remind(project) => (look(&format!("{href}/remind/{project}"), "r", "Remind", &format!("Remind {project} of {number}"))),
                Next::Escalate(project) => (look(&format!("{href}/escalate/{project}"), "e", "Escalate", &format!("Escalate {number}"))),
                Next::TakeOver => { a.button href={ (href) "#clocks" } aria-label={ "Committee answers " (number) } { "Committee answers …" } }
            }
        }
        @if steps.is_empty() { a.button href=(href) aria-label={ "Open " (number) } { "Open" } }
    }
}

/// A button that leads to a look before anything is done.
fn look(href: &str, key: &str, words: &str, label: &str) -> Markup {
    html! { a.button href=(href) data-key=(key) aria-label=(label) { (words) " …" } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Clock;
    use crate::web::samples::{hours, id, line, mailbox, now};

    fn owned(state: CaseState, kind: ClockKind, left: i64, part: Option<HandlingState>) -> CaseLine {
        let mut line = line(state, hours(left));
        line.case.owner = Some(mailbox("ada@story.example"));
        line.awaits_reply = kind == ClockKind::FirstReply;
        line.clock = Some(Clock::start(kind, now() + hours(left - 168), hours(168)));
        line.handlings = part.map(|state| (id("lantern"), state)).into_iter().collect();
        line
    }

    #[test]
    fn what_comes_next_follows_from_where_the_case_stands() {
        let lantern = || id("lantern");
        let sent = Some(HandlingState::Sent);
        for (line, wanted) in [
            (line(CaseState::New, hours(40)), vec![Next::Claim, Next::Forward(Some(lantern()))]),
            (owned(CaseState::Triage, ClockKind::Triage, 40, None), vec![Next::Forward(Some(lantern()))]),
            (
                owned(CaseState::Routed, ClockKind::FirstReply, 100, sent),
                vec![Next::Acknowledge, Next::Remind(lantern())],
            ),
            (owned(CaseState::Routed, ClockKind::Acknowledge, 100, sent), vec![Next::Remind(lantern())]),
            (
                owned(CaseState::Routed, ClockKind::Acknowledge, 20, sent),
                vec![Next::Escalate(lantern()), Next::Remind(lantern())],
            ),
            (
                owned(CaseState::Routed, ClockKind::Acknowledge, -20, sent),
                vec![Next::TakeOver, Next::Remind(lantern())],
            ),
            (
                owned(CaseState::Routed, ClockKind::Acknowledge, 100, Some(HandlingState::ByHand)),
                vec![Next::HandOver(lantern())],
            ),
            (owned(CaseState::Routed, ClockKind::Progress, 100, Some(HandlingState::Acknowledged)), vec![]),
            (owned(CaseState::Closed, ClockKind::FirstReply, 100, None), vec![]),
        ] {
            assert_eq!(steps(&line, now()), wanted);
        }
    }

    #[test]
    fn each_step_is_a_button_with_its_key_and_the_case_in_its_name() {
        let shown = buttons(&line(CaseState::New, hours(40)), "state=new", now()).into_string();
        assert!(shown.contains("data-key=\"c\" aria-label=\"Claim SEC-2026-0042\""), "{shown}");
        assert!(shown.contains("data-key=\"f\"") && shown.contains("/forward?project=lantern"), "{shown}");
        assert!(shown.contains("name=\"query\" value=\"state=new\""), "{shown}");
        let closed = owned(CaseState::Closed, ClockKind::FirstReply, 100, None);
        assert!(buttons(&closed, "", now()).into_string().contains("Open SEC-2026-0042"));
    }
}
