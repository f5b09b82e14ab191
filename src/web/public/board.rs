//! `/b/{token}`: where a case stands that was brought before the board, and the button that says "I am on it".

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::address::{Purpose, Token};
use crate::flows::board::{self, BoardView, Promised};
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};
use crate::web::when;

/// The route behind the link of an escalation.
pub fn routes() -> Router<WebState> {
    Router::new().route("/b/{token}", get(show).post(take_up))
}

fn read(token: &str) -> Result<Token, WebError> {
    Token::read(Purpose::BoardLink, token).ok_or(WebError::DeadLink)
}

async fn show(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Markup, WebError> {
    let view = board::view(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    let title = format!("Case {}", view.number);
    Ok(document(&state, Page::public(&title, page(&view, &letters))))
}

async fn take_up(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    board::take_up(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok(Redirect::to(&format!("/b/{letters}")).into_response())
}

fn page(view: &BoardView, letters: &str) -> Markup {
    html! {
        h1 { "Case " span.mono.nowrap { (view.number) } " is before the board" }
        @match view.taken_up_at {
            Some(at) => { p.notice { "You took it up on " (when::time(at)) ". The others on the board were told by mail." } }
            None => {
                p { "Help us reach somebody who can answer. Pressing the button tells the others on the board by mail that you do." }
                form.row method="post" action={ "/b/" (letters) } { button.primary { "I am on it" } }
            }
        }
        dl.facts {
            dt { "Received" } dd { (when::time(view.received_at)) }
            dt { "A person has answered the reporter" } dd { (promised(view.first_reply)) }
            @for (project, forwarded_at, confirmed) in &view.projects {
                dt { "Sent to " (project) } dd { (when::time(*forwarded_at)) }
                dt { "Confirmed by " (project) } dd { (promised(*confirmed)) }
            }
        }
        p.muted { "Nothing of the report is on this page." }
    }
}

fn promised(what: Promised) -> Markup {
    html! { @match what {
        Promised::Kept { at } => (when::time(at)),
        Promised::Waiting { due } => { "not yet; promised by " (when::time(due)) }
        Promised::Ended { at } => { "no; nobody waits for it since " (when::time(at)) }
    } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use crate::web::samples::{hours, now, safe};

    #[test]
    fn the_board_sees_dates_and_names_of_projects_and_one_button_that_posts() {
        let mut view = BoardView {
            number: CaseRef::from_row("SEC-2026-0042"),
            received_at: now(),
            first_reply: Promised::Waiting { due: now() + hours(168) },
            projects: vec![
                ("Lantern".to_owned(), now(), Promised::Kept { at: now() + hours(1) }),
                ("Parsley".to_owned(), now(), Promised::Ended { at: now() + hours(2) }),
            ],
            taken_up_at: None,
        };
        let shown = safe(page(&view, "abc"));
        assert!(shown.contains("method=\"post\" action=\"/b/abc\"") && shown.contains("I am on it"), "{shown}");
        assert!(shown.contains("not yet; promised by ") && shown.contains("Fri 2026-11-27 14:00 UTC"), "{shown}");
        assert!(shown.contains("Confirmed by Lantern") && shown.contains("no; nobody waits for it since"), "{shown}");
        view.taken_up_at = Some(now());
        let shown = safe(page(&view, "abc"));
        assert!(shown.contains("You took it up on") && !shown.contains("<button"), "{shown}");
    }
}
