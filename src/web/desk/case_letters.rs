//! The letters on the page of a case: how each was delivered, and stopping one.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::id::LetterId;
use crate::flows::composing;
use crate::store::LetterFacts;
use crate::web::WebState;
use crate::web::desk::delivery::{can_stop, delivery, stop_button};
use crate::web::frame::WebError;
use crate::web::session::AtDesk;

/// The route of stopping a letter.
pub fn routes() -> Router<WebState> {
    Router::new().route("/letters/{id}/stop", post(stop))
}

async fn stop(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(letter): Path<String>,
) -> Result<Response, WebError> {
    let stopped = composing::stop(&state.house, &LetterId::from_row(letter), &member).await?;
    let (case, stopped) = stopped.ok_or(WebError::NotFound)?;
    let case = state.house.store.case(&case).await?.ok_or(WebError::NotFound)?;
    let page = format!("/cases/{}?stopped={}&gone={}", case.number, stopped.letters, stopped.already_gone);
    Ok(Redirect::to(&page).into_response())
}

/// What became of a "Stop sending": so many letters were stopped, so many had gone.
pub fn stop_notice(stopped: Option<u32>, gone: Option<u32>) -> Markup {
    let Some(stopped) = stopped else { return html! {} };
    let gone = gone.unwrap_or_default();
    let (class, what) = match (stopped, gone) {
        (0, _) => ("late", "Too late to stop."),
        (_, 0) => ("", "Stopped."),
        _ => ("late", "Stopped in part."),
    };
    html! {
        div.notice.(class) { p {
            strong { (what) } " " (stopped) " of " (u64::from(stopped) + u64::from(gone)) " letters were stopped."
            @if gone > 0 { " " (gone) " had left already." }
        } }
    }
}

/// Each letter of a case, and whether it was delivered at `now`.
pub fn table(letters: &[LetterFacts], now: Timestamp) -> Markup {
    html! {
        @if letters.is_empty() { p.muted { "None." } }
        @else {
            table.stacks {
                thead { tr { th scope="col" { "Letter" } th scope="col" { "To" } th scope="col" { "Delivery" } } }
                tbody { @for letter in letters {
                    tr { td { (letter.kind.title()) br; span.small.muted { (letter.subject) } } td { (letter.recipient) }
                        td { (delivery(letter, now)) @if can_stop(letter) { " " (stop_button(letter)) } } }
                } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_stop_sending_the_page_says_what_stayed_and_what_had_left() {
        let words = |stopped, gone| stop_notice(stopped, gone).into_string();
        assert_eq!(words(None, Some(3)), "");
        assert!(words(Some(2), None).contains("Stopped.</strong> 2 of 2 letters were stopped."));
        assert!(words(Some(0), Some(2)).contains("Too late to stop.</strong> 0 of 2 letters were stopped."));
        assert!(words(Some(1), Some(2)).contains("1 of 3 letters were stopped. 2 had left already."));
        assert!(words(Some(u32::MAX), Some(u32::MAX)).contains("of 8589934590 letters"));
    }
}
