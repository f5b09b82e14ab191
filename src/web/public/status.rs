//! `/s/{token}`: where a report stands, as independent facts with their dates, and what its reporter may do.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;
use serde::Deserialize;

use crate::domain::address::{Purpose, Token};
use crate::domain::party::Shares;
use crate::flows::links::{Once, TEXT_MAX};
use crate::flows::sharing::Renewed;
use crate::flows::status::{self, StatusPage};
use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};
use crate::web::public::status_parts::{mailed, page, replaced, waiting};

/// The routes of the reporter's page.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/s/{token}", get(show))
        .route("/s/{token}/add", post(add))
        .route("/s/{token}/share", post(share))
        .route("/s/{token}/withdraw", post(withdraw))
        .route("/s/{token}/link", post(link))
        .route("/s/{token}/answered", post(answered))
}

fn read(letters: &str) -> Result<Token, WebError> {
    Token::read(Purpose::StatusLink, letters).ok_or(WebError::DeadLink)
}

fn back(letters: &str) -> Response {
    Redirect::to(&format!("/s/{letters}")).into_response()
}

/// Words typed into the box, and why they were not taken.
#[derive(Default)]
pub struct Draft<'a> {
    pub text: &'a str,
    pub fault: Option<&'static str>,
}

async fn show(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    answer(&state, &letters, &Draft::default()).await
}

async fn answer(state: &WebState, letters: &str, draft: &Draft<'_>) -> Result<Response, WebError> {
    Ok(match status::status(&state.house, &read(letters)?).await? {
        StatusPage::Case(view) => {
            let title = match draft.fault {
                Some(_) => format!("Error: report {}", view.number),
                None => format!("Report {}", view.number),
            };
            let code = if draft.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            (code, framed(state, &title, page(&view, letters, draft))).into_response()
        }
        StatusPage::Waiting { received_at } => framed(state, "Report received", waiting(received_at)).into_response(),
        StatusPage::Replaced => {
            let page = framed(state, "This link no longer works", replaced(letters));
            (StatusCode::GONE, page).into_response()
        }
        StatusPage::Dead => return Err(WebError::DeadLink),
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
        return answer(&state, &letters, &Draft { text: &form.text, fault: Some(fault) }).await;
    }
    let once = Once::read(&state.house, &form.once, &form.seal);
    status::add(&state.house, &token, &once, &form.text).await?.ok_or(WebError::DeadLink)?;
    Ok(back(&letters))
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
        Some(Renewed::Shown(url)) => Ok(back(url.rsplit('/').next().unwrap_or_default())),
        Some(Renewed::Mailed) => Ok(framed(&state, title, mailed(true)).into_response()),
        Some(Renewed::Enough) => Ok(framed(&state, title, mailed(false)).into_response()),
        None => {
            status::mail_newer(&state.house, &token).await?.ok_or(WebError::DeadLink)?;
            Ok(framed(&state, title, mailed(true)).into_response())
        }
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
