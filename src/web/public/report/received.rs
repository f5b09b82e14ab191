//! `/report/received/{token}`: the confirmation, its text to keep, and a reminder for whoever we cannot write to.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::domain::address::{Purpose, Token};
use crate::flows::form::{Received, received};
use crate::mail::write::letters::time as in_words;
use crate::web::WebState;
use crate::web::calendar::{Calendar, Entry, stamp};
use crate::web::frame::{Page, WebError, document};
use crate::web::when;

/// "Look at it again in a few days."
const A_FEW_DAYS: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The routes of the confirmation.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/report/received/{token}", get(show))
        .route("/report/received/{token}/receipt.txt", get(receipt))
        .route("/report/received/{token}/reminder.ics", get(reminder))
}

/// Where the confirmation of the report with that private link is.
pub fn path(token: &Token) -> String {
    format!("/report/received/{}", token.letters())
}

async fn find(state: &WebState, letters: &str) -> Result<Received, WebError> {
    let token = Token::read(Purpose::StatusLink, letters).ok_or(WebError::DeadLink)?;
    received(&state.house, &token).await?.ok_or(WebError::DeadLink)
}

async fn show(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Markup, WebError> {
    let view = find(&state, &letters).await?;
    Ok(document(&state, Page::public("Report received", page(&view, &letters))))
}

async fn receipt(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    let text = as_text(&find(&state, &letters).await?);
    let disposition = "attachment; filename=\"receipt.txt\"";
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response())
}

async fn reminder(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    Ok(calendar(&find(&state, &letters).await?).file("reminder.ics"))
}

fn page(view: &Received, letters: &str) -> Markup {
    let here = format!("/report/received/{letters}");
    html! {
        h1 { "Report received" }
        @if let Some(number) = &view.number { p.reference { (number) } }
        p { "Received " (when::time(view.received_at)) "." }
        @if view.is_anonymous {
            div.notice.soon { p { strong { "Save this link now. We cannot send it to you again." } } p { (private_link(view, letters)) } }
        }
        h2 { "What happens next" }
        ol.tight {
            @if view.number.is_none() { li { "A person looks at it first." } }
            li { "We pass it to the project it belongs to and tell you which one." }
            li { "A person answers you by " strong { (when::time(view.answer_by)) } "." }
            @if view.has_board {
                li { "If a project does not answer us in time, we go to the board of " (view.org) ". You will see that on
                     your status page." }
            }
        }
        h2 { "Your private status page" }
        p { "Anyone with this link can read your messages." }
        @if !view.is_anonymous { p { (private_link(view, letters)) } }
        div.row data-print {
            a.button href={ (here) "/receipt.txt" } download { "Download receipt (.txt)" }
            @if view.is_anonymous { a.button href={ (here) "/reminder.ics" } download { "Add a reminder to my calendar" } }
        }
    }
}

/// Written out whole, to be copied; followed, it stays on the host that the reader is on.
fn private_link(view: &Received, letters: &str) -> Markup {
    let first = if view.is_anonymous { "?first=yes" } else { "" };
    html! { a.private-link href={ "/s/" (letters) (first) } data-copy=(view.status_link) { (view.status_link) } }
}

fn as_text(view: &Received) -> String {
    let mut text = String::from("Report received\n\n");
    if let Some(number) = &view.number {
        text += &format!("Number: {number}\n");
    }
    text += &format!("Received: {}\n\nWhat happens next\n", in_words(view.received_at));
    if view.number.is_none() {
        text += "- A person looks at it first.\n";
    }
    text += "- We pass it to the project it belongs to and tell you which one.\n";
    text += &format!("- A person answers you by {}.\n", in_words(view.answer_by));
    if view.has_board {
        text += &format!("- If a project does not answer us in time, we go to the board of {}.\n", view.org);
    }
    text += "\nYour private status page. Anyone with this link can read your messages:\n";
    text += &format!("{}\n", view.status_link);
    if view.is_anonymous {
        text += "\nSave this link. We cannot send it to you again.\n";
    }
    text
}

/// Two reminders: in a few days, and when the answer is due. Nothing of the report is in them.
fn calendar(view: &Received) -> Calendar {
    let name = view.number.as_ref().map_or_else(|| "your report".to_owned(), |number| format!("report {number}"));
    let entry = |at: Timestamp| Entry {
        uid: format!("{}-{}", stamp(at), stamp(view.received_at)),
        made_at: view.received_at,
        at,
        summary: format!("Look at the status of {name}"),
        link: view.status_link.clone(),
        alarm: Some("Look at the status of your report".to_owned()),
    };
    let entries = [view.received_at + A_FEW_DAYS, view.answer_by].map(entry).to_vec();
    Calendar { made_by: "Report received", name: None, entries }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use crate::web::samples::{hours, now, safe};

    fn view(number: Option<&str>, is_anonymous: bool) -> Received {
        Received {
            number: number.map(CaseRef::from_row),
            received_at: now(),
            answer_by: now() + hours(168),
            status_link: format!("https://security.story.example/s/{}", "a".repeat(39)),
            is_anonymous,
            org: "Story Foundation".to_owned(),
            has_board: true,
        }
    }

    #[test]
    fn the_confirmation_says_what_happens_next_by_when_and_gives_the_link() {
        let shown = safe(page(&view(Some("SEC-2026-0042"), false), "abc"));
        for words in ["SEC-2026-0042", "Fri 2026-11-27 14:00 UTC", "the board of Story Foundation", "receipt.txt"] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        let without_board = Received { has_board: false, ..view(None, false) };
        assert!(!safe(page(&without_board, "abc")).contains("board"), "nobody is promised who is not there");
        assert!(!shown.contains("Save this link now") && !shown.contains("reminder.ics"), "{shown}");
    }

    #[test]
    fn whoever_stays_anonymous_is_told_first_to_save_the_link() {
        let shown = safe(page(&view(Some("SEC-2026-0042"), true), "abc"));
        let save = shown.find("Save this link now. We cannot send it to you again.").unwrap();
        assert!(save < shown.find("What happens next").unwrap(), "{shown}");
        assert!(shown.contains("/report/received/abc/reminder.ics"), "{shown}");
    }

    #[test]
    fn a_quarantined_form_looks_the_same_without_a_number() {
        let shown = safe(page(&view(None, false), "abc"));
        assert!(shown.contains("A person looks at it first.") && !shown.contains("SEC-"), "{shown}");
        assert!(!shown.to_lowercase().contains("quarantine") && !shown.contains("spam"), "{shown}");
    }

    #[test]
    fn the_receipt_to_keep_in_full() {
        insta::assert_snapshot!(as_text(&view(Some("SEC-2026-0042"), true)), @"
        Report received

        Number: SEC-2026-0042
        Received: Fri 2026-11-20 14:00 UTC

        What happens next
        - We pass it to the project it belongs to and tell you which one.
        - A person answers you by Fri 2026-11-27 14:00 UTC.
        - If a project does not answer us in time, we go to the board of Story Foundation.

        Your private status page. Anyone with this link can read your messages:
        https://security.story.example/s/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

        Save this link. We cannot send it to you again.
        ");
    }

    #[test]
    fn the_reminder_is_a_calendar_of_short_lines_that_tells_nothing_of_the_report() {
        let calendar = calendar(&view(Some("SEC-2026-0042"), true)).text();
        assert!(calendar.lines().all(|line| line.len() <= 75) && calendar.ends_with("END:VCALENDAR\r\n"), "{calendar}");
        assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 2);
        let unfolded = calendar.replace("\r\n ", "");
        assert!(unfolded.contains("DTSTART:20261123T140000Z\r\n") && unfolded.contains("DTSTART:20261127T140000Z\r\n"));
        assert!(unfolded.contains("URL:https://security.story.example/s/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"));
    }
}
