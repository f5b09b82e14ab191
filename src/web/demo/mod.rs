//! The demo's own pages: a bar to move the clock, everybody's mailbox, and who a visitor wants to be.

mod mail;
mod roles;

use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::domain::access::Viewer;
use crate::flows::sessions;
use crate::web::WebState;
use crate::web::back::is_own_path;
use crate::web::frame::{Page, WebError, document};
use crate::web::session::{cookie, secret};

pub use roles::welcome;

/// What the demo's pages need of the demo; `cli/demo` is it.
pub trait DemoHandle: Send + Sync {
    /// Moves the clock ahead hour by hour; what falls due on the way happens in its hour.
    fn advance<'a>(&'a self, by: SignedDuration) -> Done<'a>;

    /// Begins the demo anew: what the visitor did is gone, sign-ins too.
    fn reset(&self);

    /// Every letter that left, oldest first.
    fn letters(&self) -> Vec<DemoLetter>;

    /// Letters that left since the mail page was last looked at.
    fn new_letters(&self) -> usize;

    /// The mail page is being looked at.
    fn look(&self);

    /// Answers a letter as its recipient would, at one of the addresses that the letter names.
    fn answer<'a>(&'a self, letter: usize, to: &'a str, text: &'a str) -> Done<'a>;

    /// Sends a mail to the security address.
    fn send<'a>(&'a self, from: &'a str, subject: &'a str, text: &'a str) -> Done<'a>;
}

/// `Err` holds a sentence for the page.
pub type Done<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// A letter as the demo shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoLetter {
    pub at: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    /// Where an answer goes.
    pub reply_to: String,
    /// The address by which a contact writes to the reporter, if the letter names one.
    pub to_reporter: Option<String>,
}

/// The demo's routes.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/demo/clock", post(advance))
        .route("/demo/reset", post(reset))
        .route("/demo/be/{role}", post(roles::be))
        .route("/demo/mail", get(mail::mailbox).post(mail::send))
        .route("/demo/mail/{letter}", get(mail::read).post(mail::answer))
}

/// The bar on top of every page of the demo.
pub fn bar(demo: &dyn DemoHandle, now: Timestamp) -> Markup {
    let shown = now.to_zoned(TimeZone::UTC).strftime("%a %-d %b %Y, %H:%M UTC").to_string();
    let button = |hours: i64, words: &str| {
        html! {
            form method="post" action="/demo/clock" { button name="hours" value=(hours) { (words) } }
        }
    };
    html! {
        div.demo role="region" aria-label="Demo" { div.wrap {
            a href="/" { strong { "Demo" } } span { "it is " time datetime=(now.to_string()) { (shown) } }
            (button(1, "+1 hour")) (button(24, "+1 day")) (button(24 * 7, "+1 week"))
            a href="/demo/mail" { "Mail" @if demo.new_letters() > 0 { " (" (demo.new_letters()) " new)" } }
            form method="post" action="/demo/reset" { button { "Reset" } }
        } }
    }
}

/// How far the clock is moved.
#[derive(serde::Deserialize)]
struct Move {
    hours: i64,
}

/// The clock's buttons are on every page, and lead back to it.
async fn advance(
    State(state): State<WebState>,
    jar: CookieJar,
    headers: HeaderMap,
    Form(by): Form<Move>,
) -> Result<Response, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    let viewer = match secret(&state, &jar) {
        Some(secret) => sessions::viewer(&state.house, &secret).await?,
        None => Viewer::Anonymous,
    };
    if let Err(wrong) = demo.advance(SignedDuration::from_hours(by.hours.clamp(0, 24 * 7))).await {
        let page = html! { h1 { "The clock stopped on its way" } div.notice.late { p { (wrong) } } };
        return Ok(document(&state, Page::public("The clock stopped on its way", page)).into_response());
    }
    let came_from = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let back = Redirect::to(&way_back(came_from));
    // A session ends after hours without a request; whoever moves the clock has not gone away.
    let session = match &viewer {
        Viewer::Member { email, .. } => sessions::begin_as(&state.house, email).await?,
        _ => None,
    };
    Ok(match session {
        Some(session) => (jar.add(cookie(&state, session)), back).into_response(),
        None => back.into_response(),
    })
}

async fn reset(State(state): State<WebState>) -> Result<Redirect, WebError> {
    state.demo.as_ref().ok_or(WebError::NotFound)?.reset();
    Ok(Redirect::to("/"))
}

/// The page that the request came from, with its query, but never another site's: a path of ours has one slash in
/// front (THREATS.md row 65).
fn way_back(came_from: &str) -> String {
    let Ok(url) = url::Url::parse(came_from) else { return "/".to_owned() };
    let page = &url[url::Position::BeforePath..url::Position::AfterQuery];
    if is_own_path(page) { page.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_the_clock_leads_back_to_the_same_page_and_to_no_other_site() {
        let cases = [
            (
                "http://127.0.0.1:8080/cases/NL-2026-0001/forward?project=lantern",
                "/cases/NL-2026-0001/forward?project=lantern",
            ),
            ("http://127.0.0.1:8080/at-risk#main", "/at-risk"),
            ("http://127.0.0.1:8080//evil.example/x", "/"),
            ("mailto:a@b.example", "/"),
            ("no address", "/"),
            ("", "/"),
        ];
        for (came_from, back) in cases {
            assert_eq!(way_back(came_from), back, "{came_from}");
        }
    }
}
