//! `/a/{token}`: what a contact may see of a report, and what it may say about it, each by a button that posts.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::Form;
use serde::Deserialize;

use crate::domain::address::{Purpose, Token};
use crate::flows::contacts;
use crate::flows::links::{self, Once};
use crate::web::WebState;
use crate::web::desk::download;
use crate::web::frame::{Page, WebError, document};
use crate::web::public::action_parts::{Answer, Done, page, preview_page};
use crate::web::public::status::{Draft, text_fault};

/// The routes behind a contact's link.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/a/{token}", get(show).post(we_have_it))
        .route("/a/{token}/not-ours", post(not_ours))
        .route("/a/{token}/others", post(others))
        .route("/a/{token}/answered", post(answered))
        .route("/a/{token}/away", post(away))
        .route("/a/{token}/preview", post(preview))
        .route("/a/{token}/answer", post(answer))
        .route("/a/{token}/attachments/{arrival}/{part}", get(attachment))
        .route("/a/{token}/originals/{arrival}", get(original))
}

fn read(token: &str) -> Result<Token, WebError> {
    Token::read(Purpose::ActionLink, token).ok_or(WebError::DeadLink)
}

/// Back to the page, which says what was done: only words of our own list are ever shown.
fn back(letters: &str, done: Done) -> Response {
    Redirect::to(&format!("/a/{letters}?done={}", done.word())).into_response()
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    done: String,
}

async fn show(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, WebError> {
    redraw(&state, &letters, Done::from_word(&shown.done), &Draft::default()).await
}

async fn redraw(state: &WebState, letters: &str, done: Option<Done>, draft: &Draft<'_>) -> Result<Response, WebError> {
    let view = links::action(&state.house, &read(letters)?).await?.ok_or(WebError::DeadLink)?;
    let (code, mark) = match draft.fault {
        Some(_) => (StatusCode::UNPROCESSABLE_ENTITY, "Error: "),
        None => (StatusCode::OK, ""),
    };
    let title = format!("{mark}Security report for {}", view.project.name);
    let page = document(state, Page::public(&title, page(&view, letters, done, draft)));
    Ok((code, page).into_response())
}

async fn we_have_it(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    links::we_have_it(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok(Redirect::to(&format!("/a/{letters}")).into_response())
}

/// Words to the committee beside a button; none are needed.
#[derive(Deserialize)]
struct WordsForm {
    #[serde(default)]
    words: String,
    #[serde(default)]
    projects: Vec<String>,
}

async fn not_ours(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<WordsForm>,
) -> Result<Response, WebError> {
    links::not_ours(&state.house, &read(&letters)?, &form.words).await?.ok_or(WebError::DeadLink)?;
    Ok(Redirect::to(&format!("/a/{letters}")).into_response())
}

async fn others(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<WordsForm>,
) -> Result<Response, WebError> {
    let done = links::others_too(&state.house, &read(&letters)?, &form.projects, &form.words).await?;
    done.ok_or(WebError::DeadLink)?;
    Ok(back(&letters, Done::OthersNamed))
}

async fn answered(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    links::answered_elsewhere(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok(back(&letters, Done::ReporterAsked))
}

/// Until when the contact is away.
#[derive(Deserialize)]
struct AwayForm {
    #[serde(default)]
    until: String,
}

async fn away(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<AwayForm>,
) -> Result<Response, WebError> {
    let token = read(&letters)?;
    let Ok(last) = form.until.trim().parse() else { return Ok(back(&letters, Done::NoSuchDay)) };
    let noted = contacts::away_by_link(&state.house, &token, last).await?.ok_or(WebError::DeadLink)?;
    Ok(back(&letters, if noted.is_ok() { Done::AwayNoted } else { Done::NoSuchDay }))
}

#[derive(Deserialize)]
struct AnswerForm {
    #[serde(default)]
    text: String,
    #[serde(default)]
    once: String,
    #[serde(default)]
    seal: String,
    /// Ticked: the project cannot go on without the reporter's answer.
    waits: Option<String>,
}

async fn preview(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<AnswerForm>,
) -> Result<Response, WebError> {
    let token = read(&letters)?;
    if let Some(fault) = text_fault(&form.text) {
        return redraw(&state, &letters, None, &Draft { text: &form.text, fault: Some(fault) }).await;
    }
    let shown = links::preview(&state.house, &token, &form.text).await?.ok_or(WebError::DeadLink)?;
    let view = links::action(&state.house, &token).await?.ok_or(WebError::DeadLink)?;
    let once = Once::new(&state.house);
    let waits = form.waits.is_some();
    let body = preview_page(&view, &letters, &Answer { text: &form.text, shown: &shown, waits }, &once);
    Ok(document(&state, Page::public("Answer the reporter", body)).into_response())
}

async fn answer(
    State(state): State<WebState>,
    Path(letters): Path<String>,
    Form(form): Form<AnswerForm>,
) -> Result<Response, WebError> {
    let token = read(&letters)?;
    if let Some(fault) = text_fault(&form.text) {
        return redraw(&state, &letters, None, &Draft { text: &form.text, fault: Some(fault) }).await;
    }
    let once = Once::read(&state.house, &form.once, &form.seal);
    let sent = links::answer_the_reporter(&state.house, &token, &once, &form.text, form.waits.is_some()).await?;
    sent.ok_or(WebError::DeadLink)?;
    Ok(back(&letters, Done::AnswerWritten))
}

async fn attachment(
    State(state): State<WebState>,
    Path((letters, arrival, part)): Path<(String, String, usize)>,
) -> Result<Response, WebError> {
    let found = links::action_attachment(&state.house, &read(&letters)?, &arrival, part).await?;
    let (facts, bytes) = found.ok_or(WebError::DeadLink)?;
    Ok(download(&facts.name, bytes))
}

async fn original(
    State(state): State<WebState>,
    Path((letters, arrival)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let found = links::action_original(&state.house, &read(&letters)?, &arrival).await?;
    Ok(download("report.eml", found.ok_or(WebError::DeadLink)?))
}
