//! For whom a report waits, and what we do if nothing comes: on top of the reporter's page.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::handling::HandlingState;
use crate::flows::status::{SentTo, StatusView};
use crate::web::when;

/// The state of the report in a sentence or two: who has to act next, and until when.
pub fn waiting_for(view: &StatusView) -> Markup {
    let silent = view.sent_to.iter().filter(|p| p.due_at.is_some() && p.state.is_open());
    let working = view.sent_to.iter().filter(|p| p.state == HandlingState::Acknowledged);
    html! {
        @if let Some((_, reason)) = &view.closed {
            p.notice { "This report is closed" @if let Some(reason) = reason { ": " (reason.words()) } ". Write below to open it again." }
        } @else if view.withdrawn_at.is_some() {
            p.notice { "You have withdrawn this report. A person closes it." }
        } @else {
            div.notice {
                @for project in silent {
                    @if let Some(due) = project.due_at { (waiting_for_project(view, project, due)) }
                }
                @for project in working {
                    @match project.asked_at {
                        Some(at) => { (waiting_for_you(&project.project, at)) }
                        None => { p { strong { "Being worked on by " (project.project) "." } " They confirmed that they have it." } }
                    }
                }
                @if let Some(at) = view.asked_at { (waiting_for_you(&format!("the {} security committee", view.org), at)) }
                @if !view.sent_to.iter().any(|p| p.state.is_open()) {
                    p { strong { "Waiting for: the " (view.org) " security committee." }
                        " We work out which project it belongs to, and tell you when we know." }
                }
                @if let Some(due) = view.first_reply_due {
                    p { "A person answers you by " strong { (when::time(due)) } "." }
                }
            }
        }
    }
}

fn waiting_for_you(who: &str, asked_at: Timestamp) -> Markup {
    html! {
        p { strong { "Waiting for: you." } " A question of " (who) " waits for your answer since " (when::time(asked_at)) ".
            Read it under Messages, and write below." }
    }
}

fn waiting_for_project(view: &StatusView, project: &SentTo, due: Timestamp) -> Markup {
    html! {
        p {
            strong { "Waiting for: " (project.project) "." }
            @if let Some(channel) = &project.by_hand {
                " " (view.org) " is taking this to " (project.project) " through " (channel) "."
            } @else {
                " We asked on " (when::time(project.at)) "."
            }
            @match (view.now < due, view.has_board) {
                (true, true) => { " If we hear nothing by " (when::time(due)) ", we contact the board of " (view.org) "." }
                (false, true) => { " We have heard nothing by " (when::time(due)) ", so we contact the board of " (view.org) "." }
                (true, false) => { " If we hear nothing by " (when::time(due)) ", the committee takes it further." }
                (false, false) => { " We have heard nothing by " (when::time(due)) ", so the committee takes it further." }
            }
        }
    }
}

/// Somebody says that the reporter was answered elsewhere; only the reporter knows.
pub fn did_they_answer(project: &SentTo, letters: &str) -> Markup {
    html! {
        div.notice.soon {
            p { "Did " (project.project) " answer you?" }
            form.row method="post" action={ "/s/" (letters) "/answered" } {
                input type="hidden" name="handling" value=(project.handling);
                button name="answer" value="yes" { "Yes" }
                button name="answer" value="not-yet" { "Not yet" }
            }
        }
    }
}
