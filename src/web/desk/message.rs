//! One message as the timeline and held mail show it: in the look of its lane, with the decisions that wait for a member.

use maud::{Markup, html};

use crate::domain::id::HandlingId;
use crate::domain::party::{Author, Lane};
use crate::mail::read::visible::read;
use crate::store::{HandlingRow, LetterFacts, MessageRow};
use crate::web::desk::case_parts::{came_with, sender};
use crate::web::desk::delivery::of_all;
use crate::web::desk::timeline::{Timeline, Told, project_name};
use crate::web::folds::folded;
use crate::web::frame::{Icon, icon, said};
use crate::web::when;

/// The look of a message: class, icon and label of its lane, and who wrote it.
fn look(row: &MessageRow, project: &str) -> (&'static str, Icon, String) {
    let passed = if row.passed_on_from.is_some() { ", PASSED ON" } else { "" };
    match (row.lane, row.author) {
        (Some(Lane::Reporter), Author::Member) => ("lane-reporter", Icon::Envelope, format!("TO THE REPORTER{passed}")),
        (Some(Lane::Reporter), _) if row.passed_on_from.is_some() => {
            ("lane-reporter", Icon::Envelope, format!("TO THE REPORTER, FROM {project}"))
        }
        (Some(Lane::Reporter), _) => ("lane-reporter", Icon::Envelope, "FROM THE REPORTER".to_owned()),
        (Some(Lane::Project), Author::Member) => {
            ("lane-project", Icon::Arrows, format!("TO THE PROJECT {project}{passed}"))
        }
        (Some(Lane::Project), _) if row.passed_on_from.is_some() => {
            ("lane-project", Icon::Arrows, format!("TO THE PROJECT {project}, FROM THE REPORTER"))
        }
        (Some(Lane::Project), _) => ("lane-project", Icon::Arrows, format!("FROM THE PROJECT {project}")),
        (Some(Lane::Internal), _) if row.decision.as_deref() == Some("stopped") => {
            ("lane-internal", Icon::Pencil, "INTERNAL: stopped before it left".to_owned())
        }
        (Some(Lane::Internal), _) => ("lane-internal", Icon::Pencil, "INTERNAL".to_owned()),
        (None, _) if row.held_at.is_some() && row.decided_at.is_none() => {
            ("lane-held", Icon::Hourglass, "HELD".to_owned())
        }
        (None, Author::Server) if row.decision.as_deref() == Some("came-back") => {
            ("lane-internal", Icon::Pencil, "COUNTED AS A BOUNCE BY A MEMBER".to_owned())
        }
        (None, _) => ("lane-internal", Icon::Pencil, "SET ASIDE BY A MEMBER".to_owned()),
    }
}

/// A message in its lane or held; with a timeline around it also what became of its letters, and where it can go on.
pub fn message((row, files): &Told, around: Option<&Timeline<'_>>) -> Markup {
    let handling = around.and_then(|view| handling_of(view, row.handling.as_ref()));
    let project = match (around, handling) {
        (Some(view), Some(handling)) => project_name(view.directory, handling),
        _ => String::new(),
    };
    let (class, shape, label) = look(row, &project);
    let is_held = row.held_at.is_some() && row.decided_at.is_none();
    html! {
        section.(class) id={ "m-" (row.id) } {
            h3.banner { (icon(shape)) (label.trim()) span.small { (when::time(row.at)) } }
            @if is_held && row.author == Author::Server {
                p { strong { "Held: " } "a delivery report that nothing proves." }
            } @else if is_held {
                p { strong { "Held: " } "written by " (sender(row.from_name.as_deref(), row.from.as_ref().map(|from| from.as_str())))
                    ", who is not proven to be on this case." }
            }
            dl.facts {
                @if !is_held && (row.from.is_some() || row.from_name.is_some()) { dt { "From" } dd { (sender(row.from_name.as_deref(), row.from.as_ref().map(|from| from.as_str()))) } }
                @if row.arrival.is_some() { dt { "Vouched for" } dd { (row.proof) } }
                @if let Some(because) = row.held_because.as_ref().filter(|_| row.decided_at.is_none()) {
                    dt { @if is_held { "Held because" } @else { "Not passed on" } } dd { (because) }
                }
            }
            (words(row))
            @if let Some(arrival) = &row.arrival { (came_with(arrival.as_str(), row.remote, files)) }
            @if is_held { (decisions(row, around)) }
            @if let Some(view) = around {
                (of_all(&letters_of(view, row), view.now))
                (passing_on(view, row))
            }
            @if let Some(arrival) = &row.arrival {
                p { a href={ "/arrivals/" (arrival) "/original" } { "Download the original" } }
            }
        }
    }
}

/// What the person wrote, with the quotations and the signature of a mail folded.
fn words(row: &MessageRow) -> Markup {
    match row.words {
        Some(_) => folded(&read(&row.body).pieces),
        None => said(&row.body),
    }
}

fn handling_of<'v>(view: &'v Timeline<'_>, id: Option<&HandlingId>) -> Option<&'v HandlingRow> {
    view.handlings.iter().find(|handling| Some(&handling.id) == id)
}

fn letters_of<'v>(view: &'v Timeline<'_>, row: &MessageRow) -> Vec<&'v LetterFacts> {
    view.letters.iter().filter(|letter| letter.said_in.as_ref() == Some(&row.id)).collect()
}

/// Where a member may pass a party's words on to; each leads to a page where they are looked at first.
fn passing_on(view: &Timeline<'_>, row: &MessageRow) -> Markup {
    let is_theirs = view.is_open && row.author == Author::Party && row.passed_on_from.is_none();
    let number = view.number;
    html! {
        @if is_theirs {
            p.row {
                @if row.lane == Some(Lane::Project) {
                    a href={ "/cases/" (number) "/to-reporter?from=" (row.id) } { "Pass on to the reporter \u{2026}" }
                }
                @for handling in view.handlings.iter().filter(|handling| handling.state.is_open() && row.handling.as_ref() != Some(&handling.id)) {
                    a href={ "/cases/" (number) "/to-project/" (handling.project) "?from=" (row.id) } {
                        "Pass on to " (project_name(view.directory, handling)) " \u{2026}" }
                }
            }
        }
    }
}

/// The buttons under held mail. Where several projects have the case and the mail does not say whose it is, the page of
/// the case has one for each.
fn decisions(row: &MessageRow, around: Option<&Timeline<'_>>) -> Markup {
    let parts = around.filter(|view| row.handling.is_none() && view.handlings.len() > 1);
    let button = |word: &str, words: &str| html! { button name="decision" value=(word) { (words) } };
    html! {
        form.row method="post" action={ "/held/" (row.id) } {
            @if row.author == Author::Server {
                (button("came-back", "Count the letter as bounced"))
                (button("not-related", "Set aside"))
            } @else if row.case.is_some() {
                (button("reporter-lane", "Add to reporter lane"))
                @if let Some(view) = parts {
                    @for part in view.handlings {
                        (button(&format!("project-lane:{}", part.id), &format!("Add to {}'s lane", project_name(view.directory, part))))
                    }
                } @else if around.is_none_or(|view| !view.handlings.is_empty()) { (button("project-lane", "Add to project lane")) }
                (button("not-related", "Not related"))
            } @else { (button("not-related", "Not a report")) }
            @if row.author != Author::Server { (button("open-case", "Open a case for it")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{held, now, safe};

    #[test]
    fn held_mail_without_a_case_has_no_lane_to_go_to() {
        let row = MessageRow { case: None, ..held() };
        let shown = safe(message(&(row, Vec::new()), None));
        assert!(shown.contains("Not a report") && !shown.contains("-lane\""), "{shown}");
    }

    #[test]
    fn a_delivery_report_that_proves_nothing_is_believed_or_set_aside_and_has_no_lane() {
        let row = MessageRow { author: Author::Server, ..held() };
        let page = safe(message(&(row.clone(), Vec::new()), None));
        assert!(page.contains("Count the letter as bounced") && page.contains("Set aside"), "{page}");
        assert!(!page.contains("-lane\"") && !page.contains("open-case"), "{page}");
        let row = MessageRow { decided_at: Some(now()), decision: Some("came-back".to_owned()), ..row };
        let page = safe(message(&(row, Vec::new()), None));
        assert!(page.contains("COUNTED AS A BOUNCE BY A MEMBER") && !page.contains("<button"), "{page}");
    }
}
