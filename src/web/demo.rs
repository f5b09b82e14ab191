//! The demo's own pages: a clock to move, and every letter to read and answer as its recipient.

use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::web::WebState;
use crate::web::frame::{Page, WebError, document};

/// What the demo's pages need of the demo; `cli/demo` is it.
pub trait DemoHandle: Send + Sync {
    /// Moves the clock ahead.
    fn advance(&self, by: SignedDuration);

    /// Every letter that left, oldest first.
    fn letters(&self) -> Vec<DemoLetter>;

    /// Letters that left since the mail page was last looked at.
    fn new_letters(&self) -> usize;

    /// The mail page is being looked at.
    fn look(&self);

    /// Answers a letter as its recipient would.
    fn answer<'a>(&'a self, letter: usize, text: &'a str) -> Answered<'a>;

    /// Sends a mail to the security address.
    fn send<'a>(&'a self, from: &'a str, subject: &'a str, text: &'a str) -> Answered<'a>;
}

/// `Err` holds a sentence for the page.
pub type Answered<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// A letter as the demo shows it.
pub struct DemoLetter {
    pub at: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    /// Where an answer goes.
    pub reply_to: String,
}

/// The demo's routes.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/demo/clock", post(advance))
        .route("/demo/mail", get(mailbox).post(send))
        .route("/demo/mail/{letter}", get(read).post(answer))
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
            strong { "Demo" } span { "it is " time datetime=(now.to_string()) { (shown) } }
            (button(1, "+1 hour")) (button(24, "+1 day"))
            a href="/demo/mail" { "Mail" @if demo.new_letters() > 0 { " (" (demo.new_letters()) " new)" } }
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
    headers: HeaderMap,
    Form(by): Form<Move>,
) -> Result<Response, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    demo.advance(SignedDuration::from_hours(by.hours.clamp(0, 24 * 7)));
    let came_from = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(Redirect::to(&way_back(came_from)).into_response())
}

/// The page that the request came from, with its query, but never another site's: a path of ours has one slash in
/// front (THREATS.md row 65).
fn way_back(came_from: &str) -> String {
    let Ok(url) = url::Url::parse(came_from) else { return "/".to_owned() };
    let page = &url[url::Position::BeforePath..url::Position::AfterQuery];
    if is_own_path(page) { page.to_owned() } else { "/".to_owned() }
}

fn is_own_path(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//") && !text.contains('\\')
}

async fn mailbox(State(state): State<WebState>) -> Result<Markup, WebError> {
    mail_page(&state, None)
}

fn mail_page(state: &WebState, wrong: Option<&str>) -> Result<Markup, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    demo.look();
    let letters = demo.letters();
    let body = html! {
        h1 { "Mail" }
        p { "No mail leaves this machine. Here is every letter; open one to read and answer it as its recipient." }
        @if let Some(wrong) = wrong { div.notice.late { p { (wrong) } } }
        @if letters.is_empty() { p { "No letter has left yet." } }
        @else { table.stacks {
            thead { tr { th scope="col" { "To" } th scope="col" { "Subject" } th scope="col" { "Written" } } }
            tbody { @for (index, letter) in letters.iter().enumerate().rev() {
                tr { td { (letter.to) } td { a href={ "/demo/mail/" (index) } { (letter.subject) } } td.small { (letter.at) } }
            } }
        } }
        h2 { "Send a mail to " (state.house.policy().directory.foundation.security_address) }
        form method="post" action="/demo/mail" {
            div.field { label for="from" { "From" } input #from type="email" name="from" value="sam@finder.example" required; }
            div.field { label for="subject" { "Subject" } input #subject type="text" name="subject" value="Buffer overflow in Lantern 4.1" required; }
            div.field { label for="text" { "Text" }
                textarea #text name="text" required { "Lantern 4.1 reads past its buffer when a figure has no axes.\n\nTo reproduce: lantern.figure(axes=[]).save(\"x.png\")\n" } }
            button.primary { "Send" }
        }
    };
    Ok(document(state, Page { is_text: false, ..Page::public("Mail", body) }))
}

async fn read(State(state): State<WebState>, Path(index): Path<usize>) -> Result<Markup, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    let letters = demo.letters();
    let letter = letters.get(index).ok_or(WebError::NotFound)?;
    let body = html! {
        p { a href="/demo/mail" { "All mail" } }
        h1 { (letter.subject) }
        dl.facts { dt { "To" } dd { (letter.to) } dt { "Written" } dd { (letter.at) } dt { "Answers go to" } dd.mono.small { (letter.reply_to) } }
        pre.said { (linked(&letter.text, &state.house.public_url)) }
        h2 { "Answer as " (letter.to) }
        form method="post" action={ "/demo/mail/" (index) } {
            div.field { label for="text" { "Your answer" } textarea #text name="text" required { "Yes, we have it. Thank you." } }
            button.primary { "Send" }
        }
    };
    Ok(document(&state, Page::public(&letter.subject, body)))
}

/// The text with our own addresses as links; a link in a stranger's words stays text.
fn linked(text: &str, own: &str) -> Markup {
    html! {
        @for line in text.lines() {
            @match own_page(line, own) { Some(page) => { a href=(page) { (line) } } None => (line) }
            "\n"
        }
    }
}

/// The path of a line that is one of our links and nothing else. What follows our address must be a path: after
/// `http://localhost` there may stand `:1@evil.example`, after the whole of it `//evil.example` or `javascript:`.
fn own_page<'l>(line: &'l str, own: &str) -> Option<&'l str> {
    let page = line.strip_prefix(own)?;
    (is_own_path(page) && !page.contains(char::is_whitespace)).then_some(page)
}

/// An answer to a letter.
#[derive(serde::Deserialize)]
struct Answer {
    text: String,
}

async fn answer(
    State(state): State<WebState>,
    Path(index): Path<usize>,
    Form(form): Form<Answer>,
) -> Result<Response, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    match demo.answer(index, &form.text).await {
        Ok(()) => Ok(Redirect::to("/demo/mail").into_response()),
        Err(wrong) => Ok(mail_page(&state, Some(&wrong))?.into_response()),
    }
}

/// A mail to the security address.
#[derive(serde::Deserialize)]
struct NewMail {
    from: String,
    subject: String,
    text: String,
}

async fn send(State(state): State<WebState>, Form(form): Form<NewMail>) -> Result<Response, WebError> {
    let demo = state.demo.as_ref().ok_or(WebError::NotFound)?;
    match demo.send(&form.from, &form.subject, &form.text).await {
        Ok(()) => Ok(Redirect::to("/demo/mail").into_response()),
        Err(wrong) => Ok(mail_page(&state, Some(&wrong))?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "http://127.0.0.1:8080";

    #[test]
    fn only_a_line_that_is_one_of_our_links_becomes_a_link() {
        let text = format!("Press:\n{OWN}/a/abc\nor see {OWN}/b");
        assert_eq!(
            linked(&text, OWN).into_string(),
            format!("Press:\n<a href=\"/a/abc\">{OWN}/a/abc</a>\nor see {OWN}/b\n")
        );
    }

    #[test]
    fn a_stranger_cannot_lead_out_of_the_demo_by_writing_our_address_in_front() {
        for rest in
            ["//evil.example", "/\\evil.example", "javascript:alert(1)", "@evil.example/", ".evil.example/", "", "/x y"]
        {
            let shown = linked(&format!("{OWN}{rest}"), OWN).into_string();
            assert!(!shown.contains("<a"), "{shown}");
        }
        assert!(linked("<script>\"&", OWN).into_string().starts_with("&lt;script&gt;&quot;&amp;"));
    }

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
