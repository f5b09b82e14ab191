//! One case as a row of a list: its clock, what it waits for, the next step.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::address::Mailbox;
use crate::domain::case::CaseState;
use crate::domain::clock::Clock;
use crate::domain::directory::{Directory, Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::store::CaseLine;
use crate::web::desk::next;
use crate::web::when;

/// One case as a list row: clock, title, what it waits for, the next step. `query` is the filter and
/// the page of the list.
pub fn row(line: &CaseLine, directory: &Directory, query: &str, now: Timestamp) -> Markup {
    let href = format!("/cases/{}", line.case.number);
    html! {
        li data-row {
            div { (clock_cell(line.clock.as_ref(), now)) }
            div {
                p.title { a id=(line.case.number) href=(href) data-open { (line.case.title) } }
                p.small.muted { span.mono.nowrap { (line.case.number) }
                    @if let Some(reporter) = &line.reporter { " from " (reporter) }
                    ", arrived " (when::time(line.case.arrived_at)) }
            }
            div.small { (waits_for(line, directory))
                @if let Some(noise) = line.case.noise { br; span.tag.idle { (noise.short()) } }
                @if line.bounced > 0 { br; span.tag.late { (line.bounced) " bounced" } }
                @match &line.case.owner {
                    Some(owner) => { br; span.muted { "with " (member_name(directory, owner)) } }
                    None => { br; span.muted { "nobody has claimed it" } }
                } }
            div.row { (next::buttons(line, query, now)) }
        }
    }
}

fn clock_cell(clock: Option<&Clock>, now: Timestamp) -> Markup {
    html! {
        @if let Some(clock) = clock {
            (when::tag(clock, now))
            p.small.muted { (clock.kind.title()) br; (when::time(clock.due_at)) }
        } @else { span.tag { "No clock runs" } }
    }
}

/// A state in a member's words.
pub fn state_words(state: CaseState) -> &'static str {
    match state {
        CaseState::New => "nobody has opened it",
        CaseState::Triage => "in triage",
        CaseState::Routed => "with a project",
        CaseState::Answered => "answered by the committee",
        CaseState::Closed => "closed",
    }
}

/// A member's name for an address in a row.
pub fn member_name(directory: &Directory, email: &Mailbox) -> String {
    directory.member(email).map_or_else(|| email.to_string(), |member| member.name.clone())
}

/// A project's name; its id where it left the directory.
pub fn name_of(directory: &Directory, id: &ProjectId) -> String {
    directory.project(id).map_or_else(|| id.to_string(), |project| project.name.clone())
}

fn waits_for(line: &CaseLine, directory: &Directory) -> Markup {
    let name = |id| name_of(directory, id);
    html! {
        @if line.handlings.is_empty() { @match line.case.state {
            CaseState::Answered => "Answered by the committee",
            CaseState::Closed => "Closed",
            _ => "Waiting for the committee",
        } }
        @for (index, (project, state)) in line.handlings.iter().enumerate() {
            @if index > 0 { br; }
            @match state {
                HandlingState::Sent => { "Waiting for " strong { (name(project)) } (contact_health(directory.project(project))) }
                HandlingState::Acknowledged => { strong { (name(project)) } " has it" }
                HandlingState::ByHand => { strong { (name(project)) } " by hand" }
                HandlingState::Withdrawn => { span.muted { (name(project)) " stopped" } }
                HandlingState::HandedBack => { span.muted { (name(project)) " handed it back" } }
                HandlingState::TakenOver => { "The committee answers for " strong { (name(project)) } }
                HandlingState::Closed => { span.muted { (name(project)) " is done" } }
            }
        }
    }
}

/// How likely it is that somebody there reads our letters.
pub fn contact_health(project: Option<&Project>) -> Markup {
    html! {
        @match project {
            None => { br; span.tag.late { "no longer in the directory" } }
            Some(project) if project.contacts.is_empty() => { br; span.tag.late { "no contact" } }
            Some(project) if project.confirmed_at.is_none() => { br; span.tag.soon { "contact not confirmed" } }
            Some(project) if project.contacts.len() == 1 => { br; span.muted { "1 contact, confirmed" } }
            Some(project) => { br; span.muted { (project.contacts.len()) " contacts, confirmed" } }
        }
    }
}
