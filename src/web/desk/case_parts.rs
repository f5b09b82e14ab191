//! Parts of case pages: the judge's words, the way to forward, reports and their files.

use maud::{Markup, html};

use crate::domain::directory::{Channel, Directory, Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::judgement::{Judgement, Strength};
use crate::domain::report::{Attachment, TextSource};
use crate::store::{CaseRow, ReportRow};
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
                span.small { "Because: " (candidate.clauses().collect::<Vec<_>>().join(" · ")) }
            }
        }
    }
}

/// One button a candidate, which forwards at once (the hold leaves time to stop it), a look at what would leave, and a
/// list of all projects.
pub fn suggestion(case: &CaseRow, directory: &Directory, handlings: &[(ProjectId, HandlingState)]) -> Markup {
    let is_there = |id: &ProjectId| handlings.iter().any(|(project, _)| project == id);
    let action = format!("/cases/{}/forward", case.number);
    let candidates = case.judgement.candidates.iter().filter(|candidate| !is_there(&candidate.project));
    let projects: Vec<&Project> = candidates.filter_map(|known| directory.project(&known.project)).take(3).collect();
    html! {
        @for project in projects { (one_project(case, directory, project)) }
        form.row method="get" action=(action) {
            label.small for={ "project-" (case.number) } { "Another project" }
            select #{ "project-" (case.number) } name="project" {
                @for project in directory.projects.iter().filter(|p| !is_there(&p.id)) {
                    option value=(project.id) { (project.name) }
                }
            }
            button { "Look …" }
        }
    }
}

fn one_project(case: &CaseRow, directory: &Directory, project: &Project) -> Markup {
    let can_be_stopped = directory.routing.hold.is_positive();
    html! {
        div.row {
            @if project.channel != Channel::Mail || project.contacts.is_empty() {
                form method="post" action={ "/cases/" (case.number) "/by-hand/" (project.id) } {
                    button { @match project.channel {
                        Channel::Mail | Channel::None => { "Take it to " (project.name) }
                        channel => { "Take it to " (channel.word()) " (" (project.name) ")" }
                    } }
                }
            } @else {
                @if can_be_stopped {
                    form method="post" action={ "/cases/" (case.number) "/forward" } {
                        input type="hidden" name="project" value=(project.id);
                        button { "Forward to " (project.name) }
                    }
                }
                a.button href={ "/cases/" (case.number) "/forward?project=" (project.id) } { "Look at the forward to " (project.name) " …" }
            }
        }
    }
}

/// A report as it was read, with its files.
pub fn report(report: &ReportRow, files: &[Attachment]) -> Markup {
    html! {
        section.lane-reporter {
            p.banner { (icon(Icon::Envelope)) "THE REPORT" span.small { (when::time(report.arrived_at)) } }
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

/// Who wrote it, as far as it says.
pub fn sender(name: Option<&str>, address: Option<&str>) -> String {
    match (name, address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (None, Some(address)) => address.to_owned(),
        (Some(name), None) => name.to_owned(),
        _ => "nobody we could name".to_owned(),
    }
}

/// Files by name, type, size and hash, each a download.
pub fn attached(arrival: &str, files: &[Attachment]) -> Markup {
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
