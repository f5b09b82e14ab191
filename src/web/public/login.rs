//! Signing in: ask for a letter, open its link and press the button, or type its code; and signing out.

use axum::Router;
use axum::extract::{Extension, Form, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use maud::{Markup, html};

use crate::domain::address::{Mailbox, Purpose, Token};
use crate::flows::sessions;
use crate::flows::sign_in::{self, Asking, NewSession, Person};
use crate::web::WebState;
use crate::web::back::is_own_path;
use crate::web::frame::{Page, Place, WebError, document};
use crate::web::limits::Network;
use crate::web::session::{asking_cookie, asking_secret, cookie, device, no_asking_cookie, no_cookie, secret};

/// Where nobody knows the asking network: a proxy that is not in `web.trusted_proxies` hides it.
const ASKED_FROM: &str = "the sign-in page";

/// The routes of signing in and out.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/login", get(ask).post(request))
        .route("/login/code", get(type_code).post(enter_by_code))
        .route("/login/{token}", get(open).post(enter))
        .route("/logout", post(leave))
}

/// Where to go afterwards.
#[derive(Default, serde::Deserialize)]
struct Afterwards {
    #[serde(default)]
    back: String,
}

impl Afterwards {
    fn page(&self) -> Option<&str> {
        Some(self.back.as_str()).filter(|page| is_own_path(page))
    }
}

async fn ask(State(state): State<WebState>, Query(afterwards): Query<Afterwards>) -> Markup {
    document(&state, Page::at(Place::SignIn, "Sign in", form("", afterwards.page(), None)))
}

/// The form of the sign-in page.
#[derive(serde::Deserialize)]
struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(flatten)]
    afterwards: Afterwards,
}

async fn request(
    State(state): State<WebState>,
    network: Option<Extension<Network>>,
    jar: CookieJar,
    Form(sent): Form<SignInForm>,
) -> Result<Response, WebError> {
    let (typed, back) = (sent.email.trim(), sent.afterwards.page());
    let Ok(email) = Mailbox::parse(typed) else {
        let wrong = form(typed, back, Some("Enter an email address such as name@example.org"));
        return Ok(document(&state, Page::at(Place::SignIn, "Error: Sign in", wrong)).into_response());
    };
    write_to(&state, &email, network, jar, back).await
}

/// Writes the letter, and shows the page where its code is typed.
pub async fn write_to(
    state: &WebState,
    email: &Mailbox,
    network: Option<Extension<Network>>,
    jar: CookieJar,
    back: Option<&str>,
) -> Result<Response, WebError> {
    let network = network.map_or_else(|| ASKED_FROM.to_owned(), |Extension(network)| network.to_string());
    let browser = sign_in::request(&state.house, &Asking { email, network: &network, back }).await?;
    let page = document(state, Page::at(Place::SignIn, "Look into your mail", on_its_way(None)));
    Ok((jar.add(asking_cookie(state, browser)), page).into_response())
}

fn form(typed: &str, back: Option<&str>, wrong: Option<&str>) -> Markup {
    html! {
        h1 { "Sign in" }
        p { "For members of the security committee and the board. Reporters and project contacts need no account: the links in our
             mails are enough." }
        form method="post" action="/login" novalidate {
            @if let Some(back) = back { input type="hidden" name="back" value=(back); }
            div.field.error[wrong.is_some()] {
                label for="email" { "Your email address" }
                p.hint #email-hint { "We send a link and a code. Either works once, within 15 minutes." }
                @if let Some(wrong) = wrong { p.message #email-wrong { "Error: " (wrong) } }
                input #email type="email" name="email" value=(typed) autocomplete="email" required
                    autofocus[wrong.is_some()] aria-invalid=[wrong.map(|_| "true")]
                    aria-describedby=(if wrong.is_some() { "email-hint email-wrong" } else { "email-hint" });
            }
            button.primary { "Send me a link and a code" }
        }
    }
}

/// The same whether the address may sign in or not, and whatever was wrong with a code.
fn on_its_way(wrong: Option<&str>) -> Markup {
    html! {
        h1 { "Look into your mail" }
        p { "If that address may sign in, a mail is on its way. Open its link, or type its code here." }
        form method="post" action="/login/code" novalidate {
            div.field.error[wrong.is_some()] {
                label for="code" { "Code from the mail" }
                p.hint #code-hint { "Like KX4P-7TQM; you can paste it. It works in this browser alone, once, within 15 minutes." }
                @if let Some(wrong) = wrong { p.message #code-wrong { "Error: " (wrong) } }
                input.mono #code type="text" name="code" autocomplete="one-time-code" autocapitalize="characters"
                    spellcheck="false" required autofocus[wrong.is_some()] aria-invalid=[wrong.map(|_| "true")]
                    aria-describedby=(if wrong.is_some() { "code-hint code-wrong" } else { "code-hint" });
            }
            button.primary { "Sign in" }
        }
        p { a href="/login" { "Ask for another mail" } }
    }
}

async fn type_code(State(state): State<WebState>) -> Markup {
    document(&state, Page::at(Place::SignIn, "Look into your mail", on_its_way(None)))
}

/// The code as it was typed.
#[derive(serde::Deserialize)]
struct CodeForm {
    #[serde(default)]
    code: String,
}

async fn enter_by_code(
    State(state): State<WebState>,
    headers: HeaderMap,
    jar: CookieJar,
    Form(sent): Form<CodeForm>,
) -> Result<Response, WebError> {
    let earlier = secret(&state, &jar);
    let device = device(&headers, earlier.as_deref());
    let session = match asking_secret(&state, &jar) {
        Some(browser) => sign_in::enter_by_code(&state.house, &browser, &sent.code, &device).await?,
        None => None,
    };
    if let Some(session) = session {
        return Ok(signed_in(&state, jar, session));
    }
    // The same for whoever may not sign in, so that nobody finds out who may.
    let wrong = on_its_way(Some(
        "That code does not work. Look whether it is from the latest mail that this browser asked for. \
         After 15 minutes or five tries, ask for another mail",
    ));
    Ok(document(&state, Page::at(Place::SignIn, "Error: Look into your mail", wrong)).into_response())
}

fn read(token: &str) -> Result<Token, WebError> {
    Token::read(Purpose::SignInLink, token).ok_or(WebError::DeadLink)
}

async fn open(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Markup, WebError> {
    let person = sign_in::open(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok(document(&state, Page::at(Place::SignIn, "Sign in", button(&person, &letters))))
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
    headers: HeaderMap,
    jar: CookieJar,
    Path(letters): Path<String>,
) -> Result<Response, WebError> {
    let earlier = secret(&state, &jar);
    let device = device(&headers, earlier.as_deref());
    let session = sign_in::enter(&state.house, &read(&letters)?, &device).await?.ok_or(WebError::DeadLink)?;
    Ok(signed_in(&state, jar, session))
}

fn signed_in(state: &WebState, jar: CookieJar, session: NewSession) -> Response {
    let jar = jar.add(cookie(state, session.cookie)).remove(no_asking_cookie(state));
    // Kept with the letter, but looked at again: rows outlive rules.
    let back = session.back.filter(|page| is_own_path(page));
    (jar, Redirect::to(back.as_deref().unwrap_or("/at-risk"))).into_response()
}

async fn leave(State(state): State<WebState>, jar: CookieJar) -> Result<Response, WebError> {
    if let Some(secret) = secret(&state, &jar) {
        sessions::leave(&state.house, &secret).await?;
    }
    Ok((jar.add(no_cookie(&state)), Redirect::to("/login")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, directory, safe, shows_hostile_texts};

    #[test]
    fn a_wrong_address_is_shown_again_with_the_message_beside_the_field() {
        let shown = shows_hostile_texts(form(HOSTILE, Some("/cases"), Some("Enter an email address")), 1);
        assert!(
            shown.contains("aria-invalid=\"true\"") && shown.contains("aria-describedby=\"email-hint email-wrong\"")
        );
        assert!(shown.contains("name=\"back\" value=\"/cases\""), "{shown}");
    }

    #[test]
    fn the_code_may_be_pasted_and_a_wrong_one_says_what_to_do() {
        let shown = safe(on_its_way(Some("That code does not work.")));
        assert!(shown.contains("autocomplete=\"one-time-code\"") && !shown.contains("maxlength"), "{shown}");
        assert!(
            shown.contains("aria-describedby=\"code-hint code-wrong\"") && shown.contains("Error: That"),
            "{shown}"
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
