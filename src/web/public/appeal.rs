//! `/appeal/{token}`: a banned sender's word against the ban. It lifts nothing; a member reads it.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::address::{Purpose, Token};
use crate::flows::abuse::{self, AppealView};
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};
use crate::web::when;

/// The route behind a banned sender's link.
pub fn routes() -> Router<WebState> {
    Router::new().route("/appeal/{token}", get(show).post(say))
}

fn read(token: &str) -> Result<Token, WebError> {
    Token::read(Purpose::AppealLink, token).ok_or(WebError::DeadLink)
}

/// Whether the sender has just said something.
#[derive(serde::Deserialize)]
struct Said {
    said: Option<String>,
}

async fn show(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Query(query): Query<Said>,
) -> Result<Markup, WebError> {
    let view = abuse::appeal_view(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    let body = page(&view, &letters, query.said.is_some(), None);
    Ok(document(&state, Page::public("Messages from you are paused", body)))
}

/// What the sender says.
#[derive(serde::Deserialize)]
struct Words {
    #[serde(default)]
    words: String,
}

async fn say(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<Words>,
) -> Result<Response, WebError> {
    let token = read(&letters)?;
    let view = abuse::appeal_view(&state.house, &token).await?.ok_or(WebError::DeadLink)?;
    if form.words.trim().is_empty() {
        let body = page(&view, &letters, false, Some("Say why this is a mistake"));
        return Ok(document(&state, Page::public("Error: Messages from you are paused", body)).into_response());
    }
    abuse::appeal(&state.house, &token, &form.words).await?;
    Ok(Redirect::to(&format!("/appeal/{letters}?said=yes")).into_response())
}

fn page(view: &AppealView, letters: &str, has_said: bool, wrong: Option<&str>) -> Markup {
    html! {
        h1 { "Messages from you are paused" }
        @if has_said { div.notice { p { "Thank you. The committee sees what you wrote, and a member decides." } } }
        p { "Until " strong { (when::time(view.until)) } " they are kept but not read at once. Nothing that you sent is lost." }
        @if view.left == 0 {
            p { "The committee has your words. Please wait for a member to read them." }
        } @else {
            form method="post" action={ "/appeal/" (letters) } novalidate {
                div.field.error[wrong.is_some()] {
                    label for="words" { "Is this a mistake? Tell us why" }
                    p.hint #words-hint { "Up to 4 000 letters. If you found a security problem, say in which project." }
                    @if let Some(wrong) = wrong { p.message #words-wrong { "Error: " (wrong) } }
                    textarea #words name="words" maxlength="4000" required autofocus[wrong.is_some()]
                        aria-invalid=[wrong.map(|_| "true")]
                        aria-describedby=(if wrong.is_some() { "words-hint words-wrong" } else { "words-hint" }) {}
                }
                button.primary { "Send" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{now, safe};

    #[test]
    fn the_page_says_until_when_and_has_one_box() {
        let shown = safe(page(&AppealView { until: now(), left: 3 }, "abc", false, None));
        assert!(shown.contains("Fri 2026-11-20 14:00 UTC"), "{shown}");
        assert!(shown.contains("method=\"post\" action=\"/appeal/abc\""), "{shown}");
        assert_eq!(shown.matches("<textarea").count(), 1);
    }

    #[test]
    fn nothing_said_is_an_error_beside_the_box_and_enough_said_has_no_box() {
        let shown = safe(page(&AppealView { until: now(), left: 3 }, "abc", false, Some("Say why this is a mistake")));
        assert!(shown.contains("Error: Say why") && shown.contains("aria-invalid=\"true\""), "{shown}");
        let shown = safe(page(&AppealView { until: now(), left: 0 }, "abc", true, None));
        assert!(shown.contains("a member decides") && !shown.contains("<textarea"), "{shown}");
    }
}
