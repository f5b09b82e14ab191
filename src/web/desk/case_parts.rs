//! Parts of case pages: reports, who wrote them, and their files.

use maud::{Markup, html};

use crate::domain::case::CaseRef;
use crate::domain::judgement::Field;
use crate::domain::report::{Attachment, Remote, TextSource};
use crate::judge::marks::Marks;
use crate::store::ReportRow;
use crate::web::desk::suggested::{legend, marked};
use crate::web::frame::{Icon, icon, tab_stop};
use crate::web::when;

/// A report as it was read, with its files and, where it is the one that was judged, the marks of the judge.
pub fn report(report: &ReportRow, files: &[Attachment], marks: &Marks<'_>, case: &CaseRef) -> Markup {
    html! {
        section.lane-reporter {
            h3.banner { (icon(Icon::Envelope)) "THE REPORT" span.small { (when::time(report.arrived_at)) } }
            dl.facts {
                dt { "From" } dd { (sender(report.from_name.as_deref(), report.from.as_ref().map(|from| from.as_str()))) }
                dt { "Vouched for" } dd { (report.proof) }
                dt { "Subject" } dd { (marked(marks, Field::Subject, &report.subject, case)) }
                @if let Some(words) = &report.automatic { dt { "Written by a machine" } dd { "recognized by " (words) } }
                @if let Some(encryption) = report.encryption { dt { "Encrypted" } dd { (encryption.word()) } }
                @if let Some(why) = &report.unreadable { dt { "Not read" } dd { (why) } }
            }
            @if matches!(report.text_source, TextSource::Html | TextSource::LongHtml) { p.small.muted { "The mail came as HTML and is shown as text." } }
            @if !report.body.is_empty() {
                @if !marks.is_empty() { (legend()) }
                pre.said tabindex=[tab_stop(&report.body)] { (marked(marks, Field::Body, report.body.trim_end(), case)) }
            }
            (came_with(report.arrival.as_str(), report.remote, files))
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

/// What else the mail had or named: what of it nobody has loaded, and its files.
pub fn came_with(arrival: &str, remote: Remote, files: &[Attachment]) -> Markup {
    html! {
        @if let Some(words) = remote.not_loaded() { p.small.muted { (words) } }
        (attached(arrival, files))
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
