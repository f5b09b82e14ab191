//! One project's part on the page of a case: where it stands, who has it, and what may be done about it.

use maud::{Markup, html};

use crate::domain::case::CaseRef;
use crate::domain::directory::Directory;
use crate::domain::handling::HandlingState;
use crate::domain::party::{Party, PartyRole};
use crate::flows::forward_again::is_by_mail;
use crate::store::HandlingRow;
use crate::web::when;

/// A project's name, or its id where the file no longer has it.
pub fn project_name(directory: &Directory, row: &HandlingRow) -> String {
    directory.project(&row.project).map_or_else(|| row.project.to_string(), |project| project.name.clone())
}

/// The card of one project's part.
pub fn handling_card(number: &CaseRef, directory: &Directory, row: &HandlingRow, parties: &[Party]) -> Markup {
    let people = parties.iter().filter(|party| party.role == PartyRole::Contact(row.id.clone()));
    let by_hand = format!("/cases/{}/by-hand/{}", number, row.project);
    html! {
        section.card {
            h3 { (project_name(directory, row)) }
            p {
                @match row.state {
                    HandlingState::Sent => { span.tag.info { "Not confirmed yet" } }
                    HandlingState::Acknowledged => { span.tag.ok { "Confirmed" } " " @if let Some(at) = row.acknowledged_at { span.small { (when::time(at)) } } }
                    HandlingState::ByHand if row.handed_over_at.is_some() => { span.tag.info { "Handed over, not confirmed yet" } }
                    HandlingState::ByHand => { span.tag.soon { "To be handed over" } }
                    HandlingState::Withdrawn => { span.tag { "Stopped before it left" } }
                    HandlingState::HandedBack => { span.tag { "Not theirs" } }
                    HandlingState::TakenOver => { span.tag { "The committee answers" } }
                    HandlingState::Closed => { span.tag { "Closed" } }
                }
            }
            @if let Some(how) = &row.acknowledged_how { p.small { (how) } }
            p.small { "Decided " (when::time(row.decided_at)) @if row.decided_by == "program" { " by rule" } @else { " by a member" } }
            ul.tight.small { @for party in people {
                li { @if let Some(name) = &party.name { (name) " " } @if let Some(mailbox) = &party.mailbox { "<" (mailbox) ">" }
                    @if party.has_left() { span.muted { " no longer" } } }
            } }
            @if is_by_mail(row) {
                p.small { a href={ "/cases/" (number) "/forward-again/" (row.project) } { "Forward again …" } }
            }
            p.small { a href={ "/cases/" (number) "/attempts/" (row.project) } { "All attempts to reach them" } }
            @match row.state {
                HandlingState::ByHand => { p { a href=(by_hand) { "Handed over, acknowledged …" } } }
                HandlingState::Sent => {
                    p.small { a href={ "/cases/" (number) "/remind/" (row.project) } { "Remind them …" } }
                    p.small { a href={ "/cases/" (number) "/escalate/" (row.project) } { "Ask the board for help …" } }
                    p.small { a href=(by_hand) { "They confirmed another way …" } }
                }
                _ => {}
            }
        }
    }
}
