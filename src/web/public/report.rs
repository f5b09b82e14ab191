//! `/report`: the form. Whatever goes wrong with it, what was typed and attached stays.

mod fields;
mod hints;
mod page;
mod received;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::domain::address::Token;
use crate::domain::form::{ABOUT_PROJECT, ABOUT_UNKNOWN, Fault, Field, Typed, check, suspicious};
use crate::flows::form::{self, Stamp, Taken, hints as hints_for};
use crate::store::StoreError;
use crate::web::WebState;
use crate::web::frame::{Page, Place, WebError, document, wrong};
use crate::web::guard::ASKS_ITS_OWN_SITE;
use crate::web::limits::{Wait, refused};
use crate::web::mailbox::tested;
use crate::web::public::report::fields::{Action, Sent};
use crate::web::public::report::page::{FormView, Notice};

/// A form over 25 MB is read to its end, so that its text can be shown again; over this it is not read at all.
const BODY_MAX: usize = 60_000_000;
/// 25 MB over a line of half a megabit a second; the connection itself ends at 10 minutes.
const UPLOAD_TIME: Duration = Duration::from_secs(540);

/// The routes of the form and of its confirmation, with the guards that know how to keep what was typed.
pub fn routes(state: &WebState) -> Router<WebState> {
    let form = Router::new()
        .route("/report", get(blank).post(send))
        .route("/report/hint", post(hint))
        .route("/report/hint/live", post(live_hint))
        .route("/report/files", post(files_ahead))
        .method_not_allowed_fallback(async || WebError::OnlyForms.into_response())
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(take_body_back))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(state.clone(), keep_what_was_refused))
        .layer(RequestBodyLimitLayer::new(BODY_MAX))
        .layer(map_response(say_that_it_is_too_much))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, UPLOAD_TIME));
    form.merge(received::routes())
}

/// What `RequestBodyLimitLayer` refuses unread.
async fn say_that_it_is_too_much(response: Response) -> Response {
    let media_type = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    if response.status() != StatusCode::PAYLOAD_TOO_LARGE || media_type.starts_with(b"text/html") {
        return response;
    }
    let words = "Your files are larger than 25 MB together. Nothing was sent. Go back: your browser has what you typed. \
                 Attach fewer files or put a link in your text.";
    wrong(StatusCode::PAYLOAD_TOO_LARGE, "That is too much", words, None)
}

/// The body of a form while `CsrfLayer` looks at its head.
#[derive(Clone)]
struct Kept(Arc<Mutex<Option<Body>>>);

impl Kept {
    fn take(&self) -> Body {
        self.0.lock().expect("nobody panics while holding a body").take().unwrap_or_default()
    }
}

/// Shows a form that `CsrfLayer` refuses once more, filled as it came: a browser with odd settings is no reason to
/// lose a report, and what another site sent is sent by nobody but the person who then presses the button here.
async fn keep_what_was_refused(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let kept = Kept(Arc::new(Mutex::new(Some(body))));
    parts.extensions.insert(kept.clone());
    let head = Request::from_parts(parts.clone(), Body::empty());
    let response = next.run(head).await;
    if response.extensions().get::<ProtectionError>().is_none() {
        return response;
    }
    let sent = fields::read(&state.house, Request::from_parts(parts, kept.take()), true).await;
    redraw(&state, sent, Redraw { status: StatusCode::FORBIDDEN, notice: Some(Notice::Old), ..Redraw::default() }).await
}

/// Past `CsrfLayer`, the body comes back.
async fn take_body_back(request: Request, next: Next) -> Response {
    let (parts, _) = request.into_parts();
    let body = parts.extensions.get::<Kept>().map(Kept::take).unwrap_or_default();
    next.run(Request::from_parts(parts, body)).await
}

/// `?project=lantern`, as the page of a project leads here.
#[derive(serde::Deserialize)]
struct For {
    #[serde(default)]
    project: String,
}

async fn blank(State(state): State<WebState>, Query(asked): Query<For>) -> Response {
    let policy = state.house.policy();
    let mut typed = Typed::default();
    if let Some(project) = policy.directory.projects.iter().find(|project| project.id.as_str() == asked.project) {
        typed.set(Field::About, ABOUT_PROJECT);
        typed.set(Field::Project, &project.name);
    }
    let sent = Sent { typed, ..Sent::blank(Stamp::new(&state.house)) };
    redraw(&state, sent, Redraw::default()).await
}

async fn send(State(state): State<WebState>, request: Request) -> Response {
    let wait = request.extensions().get::<Wait>().copied();
    let sent = fields::read(&state.house, request, wait.is_none()).await;
    if let Some(wait) = wait {
        return limited(&state, sent, wait).await;
    }
    match take(&state, &sent).await {
        Ok(Outcome::Received(token)) => Redirect::to(&received::path(&token)).into_response(),
        Ok(Outcome::Again(again)) => redraw(&state, sent, again).await,
        Err(error) => {
            tracing::warn!(%error, "a form was not taken; its text was shown again");
            redraw(&state, sent, Redraw::away()).await
        }
    }
}

/// What sending a form came to.
enum Outcome {
    Received(Token),
    Again(Redraw),
}

async fn take(state: &WebState, sent: &Sent) -> Result<Outcome, StoreError> {
    let house = &state.house;
    if let Some(before) = form::taken_before(house, &sent.stamp, &form::words_of(&sent.typed), &sent.files).await? {
        return Ok(outcome(before));
    }
    if sent.is_renewed {
        return Ok(Outcome::Again(Redraw { notice: Some(Notice::Old), ..Redraw::default() }));
    }
    let directory = &house.policy().directory;
    let filled = match (check(&sent.typed, directory), sent.faults.is_empty()) {
        (Ok(filled), true) => filled,
        (Ok(_), false) => return Ok(Outcome::Again(Redraw::faulty(sent.faults.clone()))),
        (Err(faults), _) => return Ok(Outcome::Again(Redraw::faulty([faults, sent.faults.clone()].concat()))),
    };
    let looks = suspicious(&sent.typed, sent.stamp.made_at, house.now());
    form::take(house, &sent.stamp, &sent.typed, filled, looks, &sent.files).await.map(outcome)
}

fn outcome(taken: Taken) -> Outcome {
    match taken {
        Taken::Received(token) => Outcome::Received(token),
        Taken::AnotherBefore(token) => Outcome::Again(Redraw {
            notice: Some(Notice::SentBefore { confirmation: received::path(&token) }),
            anew: true,
            ..Redraw::default()
        }),
    }
}

/// The buttons that send nothing: a suggestion asked for or taken, a file taken off.
async fn hint(State(state): State<WebState>, request: Request) -> Response {
    let wait = request.extensions().get::<Wait>().copied();
    let mut sent = fields::read(&state.house, request, wait.is_none()).await;
    if let Some(wait) = wait {
        return limited(&state, sent, wait).await;
    }
    let mut again = Redraw { faults: sent.faults.clone(), ..Redraw::default() };
    match std::mem::take(&mut sent.action) {
        Action::Remove(upload) => {
            if let Err(error) = form::remove(&state.house, &sent.stamp, &upload).await {
                tracing::warn!(%error, "a file was not taken off a form");
                return redraw(&state, sent, Redraw::away()).await;
            }
        }
        Action::Use(projects) => {
            use_projects(&state, &mut sent.typed, &projects);
            // Its channel, or that it has no contact.
            again.with_hints = true;
        }
        Action::Leave => sent.typed.set(Field::About, ABOUT_UNKNOWN),
        Action::Suggest | Action::None => again.with_hints = true,
    }
    redraw(&state, sent, again).await
}

/// The box of suggestions alone, for the script of the page while its reporter types. Of the form come the texts that
/// say what it is about, never who the reporter is.
async fn live_hint(State(state): State<WebState>, request: Request) -> Response {
    if let Some(wait) = request.extensions().get::<Wait>().copied() {
        return refused(wait);
    }
    let sent = fields::read(&state.house, request, false).await;
    let said = hints_for(&state.house.policy(), &sent.typed);
    let part = if sent.action == Action::Suggest { hints::answer(&said) } else { hints::aside(&said) };
    // As plain text: it is no page, and no browser is to show it as one.
    part.into_string().into_response()
}

/// The files of a form ahead of it, so that the script of the page can show how far they are. Whatever is wrong is
/// not said here: the script then sends all of the form as it is, and the page says it.
async fn files_ahead(State(state): State<WebState>, request: Request) -> Response {
    if let Some(wait) = request.extensions().get::<Wait>().copied() {
        return refused(wait);
    }
    let sent = fields::read(&state.house, request, true).await;
    let is_kept = !sent.is_renewed && sent.faults.is_empty();
    if is_kept { StatusCode::NO_CONTENT } else { StatusCode::UNPROCESSABLE_ENTITY }.into_response()
}

/// The buttons of a suggestion hold ids; the box shows names.
fn use_projects(state: &WebState, typed: &mut Typed, ids: &str) {
    let policy = state.house.policy();
    let is_named = |id: &str| policy.directory.projects.iter().find(|project| project.id.as_str() == id);
    let names: Vec<&str> = ids.split(' ').filter_map(is_named).map(|project| project.name.as_str()).collect();
    typed.set(Field::About, ABOUT_PROJECT);
    typed.set(Field::Project, &names.join(", "));
}

async fn limited(state: &WebState, sent: Sent, wait: Wait) -> Response {
    let notice = Notice::Limited { minutes: wait.minutes(), had_files: sent.had_files };
    let again = Redraw { status: StatusCode::TOO_MANY_REQUESTS, notice: Some(notice), ..Redraw::default() };
    let mut page = redraw(state, sent, again).await;
    page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.seconds()));
    page
}

/// How a form is shown again.
#[derive(Default)]
struct Redraw {
    status: StatusCode,
    faults: Vec<Fault>,
    notice: Option<Notice>,
    with_hints: bool,
    /// With a new stamp: it is another report.
    anew: bool,
}

impl Redraw {
    fn faulty(faults: Vec<Fault>) -> Self {
        let too_large = faults.contains(&Fault::FilesTooLarge);
        let status = if too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
        Self { status, faults, ..Self::default() }
    }

    /// The records cannot be reached.
    fn away() -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, notice: Some(Notice::Away), ..Self::default() }
    }
}

async fn redraw(state: &WebState, sent: Sent, again: Redraw) -> Response {
    let house = &state.house;
    let policy = house.policy();
    // With the records away the list is empty; the files are still there when they are back.
    let attached = house.store.uploads_of(sent.stamp.id()).await.unwrap_or_default();
    let said = again.with_hints.then(|| hints_for(&policy, &sent.typed));
    let stamp = if again.anew { Stamp::again(house).text() } else { sent.stamp.text() };
    let tested = tested(&house.store, house.now()).await.unwrap_or_default();
    let body = page::form(&FormView {
        directory: &policy.directory,
        typed: &sent.typed,
        stamp: &stamp,
        attached: &attached,
        faults: &again.faults,
        notice: again.notice.as_ref(),
        tested: tested.as_ref(),
        hints: said.as_deref(),
    });
    let is_in_order = again.faults.is_empty() && again.notice.is_none();
    let title = if is_in_order { page::TITLE.to_owned() } else { format!("Error: {}", page::TITLE) };
    let policy = [(header::CONTENT_SECURITY_POLICY, ASKS_ITS_OWN_SITE)];
    (again.status, policy, document(state, Page::at(Place::Report, &title, body))).into_response()
}
