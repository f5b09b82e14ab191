//! `/s/{token}`: where a report stands, as independent facts with their dates.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::address::{Purpose, Token};
use crate::flows::links::{self, StatusView};
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};
use crate::web::when;

/// The route of the reporter's page.
pub fn routes() -> Router<WebState> {
    Router::new().route("/s/{token}", get(status))
}

async fn status(State(state): State<WebState>, Path(token): Path<String>) -> Result<Markup, WebError> {
    let token = Token::read(Purpose::StatusLink, &token).ok_or(WebError::DeadLink)?;
    let view = links::status(&state.house, &token).await?.ok_or(WebError::DeadLink)?;
    let title = format!("Report {}", view.number);
    Ok(document(&state, Page::public(&title, page(&view))))
}

fn page(view: &StatusView) -> Markup {
    html! {
        h1 { "Your report " span.mono.nowrap { (view.number) } }
        @if let Some(due) = view.first_reply_due {
            p.notice { "A person answers you by " strong { (when::time(due)) } "." }
        }
        dl.facts {
            dt { "Received" } dd { (when::time(view.received_at)) }
            @for project in &view.sent_to {
                dt { "Sent to " (project.project) } dd { (when::time(project.at)) }
                dt { "Confirmed by " (project.project) }
                dd { @match project.confirmed_at { Some(at) => (when::time(at)), None => "not yet" } }
            }
        }
        @if view.sent_to.is_empty() {
            p { "We are working out which project it belongs to, and tell you when we know." }
        }
        p { "To add something, answer our mail: your answer reaches the committee." }
        p.muted { "Anyone with this link can see this page. Keep it to yourself." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use crate::flows::links::SentTo;
    use crate::web::samples::{hours, now, safe};

    #[test]
    fn the_reporter_sees_each_fact_with_its_date() {
        let sent = |project: &str, confirmed_at| SentTo { project: project.to_owned(), at: now(), confirmed_at };
        let shown = safe(page(&StatusView {
            number: CaseRef::from_row("SEC-2026-0042"),
            received_at: now(),
            first_reply_due: Some(now() + hours(72)),
            sent_to: vec![sent("Lantern", Some(now() + hours(1))), sent("Parsley", None)],
        }));
        for words in
            ["SEC-2026-0042", "Mon 2026-11-23 14:00 UTC", "Sent to Lantern", "Fri 2026-11-20 15:00 UTC", "not yet"]
        {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }

    #[test]
    fn before_a_project_has_it_the_page_says_that_we_look_for_one() {
        let view = StatusView {
            number: CaseRef::from_row("SEC-2026-0042"),
            received_at: now(),
            first_reply_due: None,
            sent_to: Vec::new(),
        };
        let shown = safe(page(&view));
        assert!(shown.contains("We are working out which project") && !shown.contains("answers you by"), "{shown}");
    }
}
