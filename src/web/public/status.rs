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
