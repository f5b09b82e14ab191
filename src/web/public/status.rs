//! `/s/{token}`: where a report stands, as independent facts with their dates, and what its reporter may do.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;
use serde::Deserialize;

use crate::domain::address::{Purpose, Token};
use crate::domain::form::reachable;
use crate::domain::party::Shares;
use crate::flows::left_address;
use crate::flows::links::{Once, TEXT_MAX};
use crate::flows::sharing::Renewed;
use crate::flows::status::{self, StatusPage};
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};
use crate::web::public::lost_link::dead;
use crate::web::public::status_choices::{mailed, replaced};
use crate::web::public::status_parts::{next_date, page, waiting};

/// The routes of the reporter's page.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/s/{token}", get(show))
        .route("/s/{token}/add", post(add))
        .route("/s/{token}/share", post(share))
        .route("/s/{token}/withdraw", post(withdraw))
        .route("/s/{token}/link", post(link))
        .route("/s/{token}/answered", post(answered))
        .route("/s/{token}/address", post(address))
        .route("/s/{token}/next.ics", get(next))
}

fn read(letters: &str) -> Result<Token, WebError> {
    Token::read(Purpose::StatusLink, letters).ok_or(WebError::DeadLink)
}

fn back(letters: &str) -> Response {
    Redirect::to(&format!("/s/{letters}")).into_response()
}

/// Words typed into a box, and why they were not taken.
#[derive(Default)]
pub struct Draft<'a> {
    pub text: &'a str,
    pub fault: Option<&'static str>,
}

/// How the reporter's page is shown this time.
#[derive(Default)]
pub struct Showing<'a> {
    /// In the box for more information.
    pub words: Draft<'a>,
    /// In the box for an address.
    pub address: Draft<'a>,
    /// An address was left just now.
    pub has_left_address: bool,
    /// Straight from the page that gave the link out.
    pub is_first: bool,
}

/// How a reader comes to the page, where it is not by the link as it was given out.
#[derive(Deserialize)]
struct Visit {
    first: Option<String>,
    left: Option<String>,
}

async fn show(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Query(visit): Query<Visit>,
) -> Result<Response, WebError> {
    let (is_first, has_left_address) = (visit.first.is_some(), visit.left.is_some());
    answer(&state, &letters, &Showing { is_first, has_left_address, ..Showing::default() }).await
}

async fn answer(state: &WebState, letters: &str, showing: &Showing<'_>) -> Result<Response, WebError> {
    let Ok(token) = read(letters) else { return Ok(dead(state, "")) };
    Ok(match status::status(&state.house, &token).await? {
        StatusPage::Case(view) => {
            let is_wrong = showing.words.fault.or(showing.address.fault).is_some();
            let (error, code) = match is_wrong {
                true => ("Error: ", StatusCode::UNPROCESSABLE_ENTITY),
                false => ("", StatusCode::OK),
            };
            let title = format!("{error}Report {}", view.number);
            (code, framed(state, &title, page(&view, letters, showing))).into_response()
        }
        StatusPage::Waiting { received_at } => framed(state, "Report received", waiting(received_at)).into_response(),
        StatusPage::Replaced => {
            let page = framed(state, "This link no longer works", replaced(letters));
            (StatusCode::GONE, page).into_response()
        }
        StatusPage::Dead => dead(state, showing.words.text),
    })
}

fn framed(state: &WebState, title: &str, body: Markup) -> Markup {
    document(state, Page::public(title, body))
}

#[derive(Deserialize)]
struct AddForm {
    #[serde(default)]
    text: String,
    #[serde(default)]
    once: String,
    #[serde(default)]
    seal: String,
}

async fn add(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<AddForm>,
) -> Result<Response, WebError> {
    let token = read(&letters)?;
    if let Some(fault) = text_fault(&form.text) {
        let words = Draft { text: &form.text, fault: Some(fault) };
        return answer(&state, &letters, &Showing { words, ..Showing::default() }).await;
    }
    let once = Once::read(&state.house, &form.once, &form.seal);
    Ok(match status::add(&state.house, &token, &once, &form.text).await? {
        Some(()) => back(&letters),
        // The link was replaced while they wrote.
        None => dead(&state, &form.text),
    })
}

/// Why a text is not taken, as the message beside its field.
pub fn text_fault(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("Write what you want to say");
    }
    (text.chars().count() > TEXT_MAX)
        .then_some("Your text is longer than 100 000 characters. Shorten it, or send it by mail")
}

#[derive(Deserialize)]
struct ShareForm {
    shares: String,
}

async fn share(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<ShareForm>,
) -> Result<Response, WebError> {
    let token = read(&letters)?;
    if let Some(shares) = Shares::from_word(&form.shares) {
        status::share(&state.house, &token, shares).await?.ok_or(WebError::DeadLink)?;
    }
    Ok(back(&letters))
}

async fn withdraw(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    status::withdraw(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok(back(&letters))
}

/// A new link for the holder of the present one; for the holder of an earlier one, the present one by mail.
async fn link(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    let token = read(&letters)?;
    let title = "Your new private link";
    match status::renew(&state.house, &token).await? {
        Some(Renewed::Shown(url)) => {
            let letters = url.rsplit('/').next().unwrap_or_default();
            Ok(Redirect::to(&format!("/s/{letters}?first=yes")).into_response())
        }
        Some(Renewed::Mailed) => Ok(framed(&state, title, mailed(true)).into_response()),
        Some(Renewed::Enough) => Ok(framed(&state, title, mailed(false)).into_response()),
        None => {
            status::mail_newer(&state.house, &token).await?.ok_or(WebError::DeadLink)?;
            Ok(framed(&state, title, mailed(true)).into_response())
        }
    }
}

#[derive(Deserialize)]
struct AddressForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    act: String,
}

/// "Mail me", or that address taken back.
async fn address(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<AddressForm>,
) -> Result<Response, WebError> {
    let token = read(&letters)?;
    if form.act == "take-back" {
        left_address::take_back(&state.house, &token).await?.ok_or(WebError::DeadLink)?;
        return Ok(back(&letters));
    }
    let Some(address) = reachable(&form.email, &state.house.policy().directory) else {
        let fault = Some("Enter an email address such as name@example.org");
        let address = Draft { text: &form.email, fault };
        return answer(&state, &letters, &Showing { address, ..Showing::default() }).await;
    };
    left_address::leave(&state.house, &token, &address).await?.ok_or(WebError::DeadLink)?;
    Ok(Redirect::to(&format!("/s/{letters}?left=yes#mail-me")).into_response())
}

/// The next date as a file for calendars.
async fn next(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    match status::status(&state.house, &read(&letters)?).await? {
        StatusPage::Case(view) => Ok(next_date(&view).file("next.ics")),
        _ => Err(WebError::DeadLink),
    }
}

#[derive(Deserialize)]
struct AnsweredForm {
    handling: String,
    answer: String,
}

async fn answered(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<AnsweredForm>,
) -> Result<Response, WebError> {
    let was_answered = form.answer == "yes";
    let done = status::was_answered(&state.house, &read(&letters)?, &form.handling, was_answered).await?;
    done.ok_or(WebError::DeadLink)?;
    Ok(back(&letters))
}
