//! `/lost-link`: a reporter whose link is lost or dead gets it again by mail, if the report has an address.

use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::domain::form::reachable;
use crate::flows::lost_link;
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};

/// The route of the form.
pub fn routes() -> Router<WebState> {
    Router::new().route("/lost-link", get(show).post(send))
}

async fn show(State(state): State<WebState>) -> Markup {
    document(&state, Page::public("Lost your private link?", page(&Typed::default())))
}

/// The page for a link that opens nothing. `unsent` is what came with it and was not taken.
pub fn dead(state: &WebState, unsent: &str) -> Response {
    let body = html! {
        h1 { "This link no longer works" }
        p { "It may be cut short by a mail program, or be too old. If you gave an address, we can mail you a new one." }
        (ask(&Typed::default()))
        @if !unsent.trim().is_empty() {
            h2 { "What you wrote" }
            p { "It was not sent. Copy it before you leave this page." }
            textarea.wide rows="8" readonly aria-label="What you wrote" { "\n" (unsent) }
        }
    };
    (StatusCode::NOT_FOUND, document(state, Page::public("This link no longer works", body))).into_response()
}

#[derive(Default, Deserialize)]
struct Typed {
    #[serde(default)]
    email: String,
    #[serde(skip)]
    is_wrong: bool,
}

async fn send(State(state): State<WebState>, Form(typed): Form<Typed>) -> Result<Response, WebError> {
    let Some(address) = reachable(&typed.email, &state.house.policy().directory) else {
        let body = page(&Typed { is_wrong: true, ..typed });
        let shown = document(&state, Page::public("Error: Lost your private link?", body));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
    };
    lost_link::mail_links(&state.house, &address).await?;
    Ok(document(&state, Page::public("Look at your mail", sent())).into_response())
}

fn page(typed: &Typed) -> Markup {
    html! {
        @if typed.is_wrong {
            div.error-summary #problem tabindex="-1" autofocus role="group" aria-labelledby="problem-title" {
                h2 #problem-title { "There is a problem" }
                ul { li { a href="#email" { (WRONG) } } }
            }
        }
        h1 { "Lost your private link?" }
        p { "If you gave an address with your report, we can mail you the link again. If you stayed anonymous we cannot: nobody
            but you had it. Then send your report once more, and say that you sent it before." }
        (ask(typed))
    }
}

const WRONG: &str = "Enter an email address such as name@example.org";

fn ask(typed: &Typed) -> Markup {
    html! {
        form method="post" action="/lost-link" novalidate {
            div.field.error[typed.is_wrong] {
                label for="email" { "The email address of your report" }
                @if typed.is_wrong { p.message #email-wrong { "Error: " (WRONG) } }
                input #email type="email" name="email" value=(typed.email) autocomplete="email" maxlength="500"
                    aria-invalid=[typed.is_wrong.then_some("true")] aria-describedby=[typed.is_wrong.then_some("email-wrong")];
            }
            button.primary { "Mail me the link" }
        }
    }
}

/// The same whether anybody is known by that address.
fn sent() -> Markup {
    html! {
        h1 { "Look at your mail" }
        p.notice { "If a report belongs to that address, a mail with its link is on its way." }
        p.hint { "We write a few such mails a day at most. A report that nobody has looked at yet has no link to mail." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, safe, shows_hostile_texts};

    #[test]
    fn the_form_keeps_what_was_typed_and_says_what_is_wrong() {
        let typed = Typed { email: HOSTILE.to_owned(), is_wrong: true };
        let shown = shows_hostile_texts(page(&typed), 1);
        assert!(shown.contains("There is a problem") && shown.contains("Error: Enter an email address"), "{shown}");
        assert!(!safe(page(&Typed::default())).contains("problem"));
    }
}
