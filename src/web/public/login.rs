//! Signing in: ask for a link, open it, press the button; and signing out.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use maud::{Markup, html};

use crate::domain::address::{Mailbox, Purpose, Token};
use crate::flows::sign_in::{self, Person};
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};
use crate::web::session::{cookie, no_cookie, secret};

/// What the letter names instead of the asking network, which we do not know behind a proxy.
const ASKED_FROM: &str = "the sign-in page";

/// The routes of signing in and out.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/login", get(ask).post(request))
        .route("/login/{token}", get(open).post(enter))
        .route("/logout", post(leave))
}

async fn ask(State(state): State<WebState>) -> Markup {
    document(&state, Page::public("Sign in", form("", None)))
}

/// The form of the sign-in page.
#[derive(serde::Deserialize)]
struct SignInForm {
    #[serde(default)]
    email: String,
}

async fn request(State(state): State<WebState>, Form(form_data): Form<SignInForm>) -> Result<Markup, WebError> {
    let typed = form_data.email.trim();
    let Ok(email) = Mailbox::parse(typed) else {
        let wrong = form(typed, Some("Enter an email address such as name@example.org"));
        return Ok(document(&state, Page::public("Error: Sign in", wrong)));
    };
    sign_in::request(&state.house, &email, ASKED_FROM).await?;
    Ok(document(&state, Page::public("Look into your mail", on_its_way())))
}

fn form(typed: &str, wrong: Option<&str>) -> Markup {
    html! {
        h1 { "Sign in" }
        p { "For members of the security committee and the board. Reporters and project contacts need no account: the links in our
             mails are enough." }
        form method="post" action="/login" novalidate {
            div.field.error[wrong.is_some()] {
                label for="email" { "Your email address" }
                p.hint #email-hint { "We send a link that works once, within 15 minutes." }
                @if let Some(wrong) = wrong { p.message #email-wrong { "Error: " (wrong) } }
                input #email type="email" name="email" value=(typed) autocomplete="email" required
                    autofocus[wrong.is_some()] aria-invalid=[wrong.map(|_| "true")]
                    aria-describedby=(if wrong.is_some() { "email-hint email-wrong" } else { "email-hint" });
            }
            button.primary { "Send me a link" }
        }
    }
}

/// The same whether the address may sign in or not.
fn on_its_way() -> Markup {
    html! {
        h1 { "Look into your mail" }
        p { "If that address may sign in, a mail is on its way. Its link works once, within 15 minutes." }
        p { a href="/login" { "Ask again" } }
    }
}

fn read(token: &str) -> Result<Token, WebError> {
    Token::read(Purpose::SignInLink, token).ok_or(WebError::DeadLink)
}

async fn open(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Markup, WebError> {
    let person = sign_in::open(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok(document(&state, Page::public("Sign in", button(&person, &letters))))
}

fn button(person: &Person, letters: &str) -> Markup {
    html! {
        h1 { "Sign in" }
        p { "Sign in as " strong { (person.email) } " (" (person.name) ", " (person.role) ") on this device?" }
        form method="post" action={ "/login/" (letters) } { button.primary { "Sign in" } }
    }
}

async fn enter(
    State(state): State<WebState>,
    jar: CookieJar,
    Path(letters): Path<String>,
) -> Result<Response, WebError> {
    let session = sign_in::enter(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok((jar.add(cookie(&state, session.cookie)), Redirect::to("/at-risk")).into_response())
}

async fn leave(State(state): State<WebState>, jar: CookieJar) -> Result<Response, WebError> {
    if let Some(secret) = secret(&state, &jar) {
        sign_in::leave(&state.house, &secret).await?;
    }
    Ok((jar.add(no_cookie(&state)), Redirect::to("/login")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, directory, safe, shows_hostile_texts};

    #[test]
    fn a_wrong_address_is_shown_again_with_the_message_beside_the_field() {
        let shown = shows_hostile_texts(form(HOSTILE, Some("Enter an email address")), 1);
        assert!(
            shown.contains("aria-invalid=\"true\"") && shown.contains("aria-describedby=\"email-hint email-wrong\"")
        );
    }

    #[test]
    fn opening_the_link_names_whom_it_lets_in_and_asks_for_a_press() {
        let email = directory().committee[0].email.clone();
        let person = Person { email, name: "Ada Chair".to_owned(), role: "chair".to_owned() };
        let shown = safe(button(&person, "abc"));
        assert!(
            shown.contains("ada@story.example") && shown.contains("method=\"post\" action=\"/login/abc\""),
            "{shown}"
        );
    }
}
