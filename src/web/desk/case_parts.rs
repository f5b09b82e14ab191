//! Parts of case pages: the judge's words, the way to forward, reports, messages, letters.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::directory::{Channel, Directory, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::judgement::{Judgement, Strength};
use crate::domain::party::Lane;
use crate::domain::report::{Attachment, TextSource};
use crate::store::{CaseRow, LetterFacts, MessageRow, ReportRow};
use crate::web::frame::{Icon, icon, said};
use crate::web::when;

/// "Suggested: Lantern, strong match. Because: …", for each candidate.
pub fn judges_words(judgement: &Judgement, directory: &Directory) -> Markup {
    let name = |id| directory.project(id).map_or_else(|| id.to_string(), |project| project.name.clone());
    html! {
        @if judgement.candidates.is_empty() { p.muted { "The judge names no project." } }
        @for (index, candidate) in judgement.candidates.iter().enumerate() {
            p {
                @if index == 0 { "Suggested: " } @else { "Or: " }
                strong { (name(&candidate.project)) } " "
                span.tag.(match candidate.strength { Strength::Strong => "ok", Strength::Likely => "info", Strength::Weak => "idle" }) {
                    (candidate.strength.word()) " match" }
                br;
                span.small { "Because: " (candidate.evidence.join(" · ")) }
            }
        }
    }
}

/// Buttons to the forward page, one a candidate, and a list of all projects.
pub fn suggestion(case: &CaseRow, directory: &Directory, handlings: &[(ProjectId, HandlingState)]) -> Markup {
    let is_there = |id: &ProjectId| handlings.iter().any(|(project, _)| project == id);
    let action = format!("/cases/{}/forward", case.number);
    html! {
        div.row {
            @for candidate in case.judgement.candidates.iter().filter(|c| !is_there(&c.project)).take(3) {
                @if let Some(project) = directory.project(&candidate.project) {
                    a.button href={ (action) "?project=" (project.id) } {
                        @if project.channel == Channel::Mail { "Forward to " } @else { "Take it to " } (project.name) " …"
                    }
                }
            }
            form.row method="get" action=(action) {
                label.small for={ "project-" (case.number) } { "Another project" }
                select #{ "project-" (case.number) } name="project" {
                    @for project in directory.projects.iter().filter(|p| !is_there(&p.id)) {
                        option value=(project.id) { (project.name) }
                    }
                }
                button { "Choose" }
            }
        }
    }
}

/// A report as it was read, with its files.
pub fn report(report: &ReportRow, files: &[Attachment]) -> Markup {
    html! {
        section.lane.reporter {
            p.which { (icon(Icon::Envelope)) "THE REPORT" span.small { (when::time(report.arrived_at)) } }
            dl.facts {
                dt { "From" } dd { (sender(report.from_name.as_deref(), report.from.as_ref().map(|from| from.as_str()))) }
                dt { "Vouched for" } dd { (report.proof) }
                dt { "Subject" } dd { (report.subject) }
                @if let Some(words) = &report.automatic { dt { "Written by a machine" } dd { "recognized by " (words) } }
                @if let Some(encryption) = report.encryption { dt { "Encrypted" } dd { (encryption.word()) } }
                @if let Some(why) = &report.unreadable { dt { "Not read" } dd { (why) } }
            }
            @if report.text_source == TextSource::Html { p.small.muted { "The mail came as HTML and is shown as text." } }
            @if !report.body.is_empty() { (said(&report.body)) }
            (attached(report.arrival.as_str(), files))
            p { a href={ "/arrivals/" (report.arrival) "/original" } { "Download the original" } }
        }
    }
}

fn sender(name: Option<&str>, address: Option<&str>) -> String {
    match (name, address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (None, Some(address)) => address.to_owned(),
        _ => "nobody we could name".to_owned(),
    }
}

fn attached(arrival: &str, files: &[Attachment]) -> Markup {
    html! {
        @if !files.is_empty() {
            p { "Attached files, opened at your own risk:" }
            ul.tight { @for file in files {
                li {
                    a href={ "/arrivals/" (arrival) "/attachments/" (file.part) } { (file.name) }
                    span.small.muted { " " (file.media_type) ", " (file.size) " bytes, SHA-256 "
                        span.mono { (data_encoding::HEXLOWER.encode(&file.sha256)) } }
                }
            } }
        }
    }
}

/// A message that came after the report, in its lane or held.
pub fn message(row: &MessageRow, files: &[Attachment]) -> Markup {
    let (class, shape, label) = match (row.lane, row.held_at, row.decided_at) {
        (Some(Lane::Reporter), _, _) => ("reporter", Icon::Envelope, "FROM THE REPORTER"),
        (Some(Lane::Project), _, _) => ("project", Icon::Arrows, "FROM THE PROJECT"),
        (Some(Lane::Internal), _, _) => ("held", Icon::Pencil, "INTERNAL"),
        (None, Some(_), None) => ("held", Icon::Hourglass, "HELD"),
        (None, _, _) => ("held", Icon::Pencil, "SET ASIDE BY A MEMBER"),
    };
    html! {
        section.lane.(class) {
            p.which { (icon(shape)) (label) span.small { (when::time(row.at)) } }
            dl.facts {
                dt { "From" } dd { (sender(row.from_name.as_deref(), row.from.as_ref().map(|from| from.as_str()))) }
                dt { "Vouched for" } dd { (row.proof) }
                @if let Some(because) = row.held_because.as_ref().filter(|_| row.decided_at.is_none()) {
                    dt { "Held because" } dd { (because) }
                }
            }
            (said(&row.body))
            @if let Some(arrival) = &row.arrival { (attached(arrival.as_str(), files)) }
            @if row.held_at.is_some() && row.decided_at.is_none() { (decisions(row)) }
            @if let Some(arrival) = &row.arrival {
                p { a href={ "/arrivals/" (arrival) "/original" } { "Download the original" } }
            }
        }
    }
}

/// The buttons under held mail.
fn decisions(row: &MessageRow) -> Markup {
    let button = |word: &str, words: &str| html! { button name="decision" value=(word) { (words) } };
    html! {
        form.row method="post" action={ "/held/" (row.id) } {
            @if row.case.is_some() {
                (button("reporter-lane", "Add to reporter lane"))
                (button("project-lane", "Add to project lane"))
                (button("not-related", "Not related"))
            } @else { (button("not-related", "Not a report")) }
            (button("open-case", "Open a case for it"))
        }
    }
}

/// What became of a letter, in words.
pub fn delivery(letter: &LetterFacts, now: Timestamp) -> Markup {
    html! {
        @if let Some(at) = letter.sent_at { span.tag.ok { (icon(Icon::Check)) "Sent" } " " span.small { (when::time(at)) } }
        @else if let Some(at) = letter.refused_at {
            span.tag.late { (icon(Icon::Triangle)) "Refused" } " "
            span.small { (when::time(at)) " " (letter.status.as_deref().unwrap_or_default()) " " (letter.answer.as_deref().unwrap_or_default()) }
        }
        @else if letter.withdrawn_at.is_some() { span.tag { "Stopped" } }
        @else if letter.first_deferred_at.is_some() {
            span.tag.soon { (icon(Icon::Hourglass)) "Will be tried again" } " "
            span.small { (when::time(letter.due_at)) " after " (letter.answer.as_deref().unwrap_or_default()) }
        }
        @else if letter.due_at > now { span.tag.info { (icon(Icon::Hourglass)) "Held back" } " " span.small { "leaves " (when::time(letter.due_at)) } }
        @else { span.tag.info { (icon(Icon::Hourglass)) "Waiting" } }
    }
}
