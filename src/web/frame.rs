//! The frame around every page, and the page that says what went wrong.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::domain::address::Mailbox;
use crate::domain::directory::Member;
use crate::mail::write::clean::lines;
use crate::store::StoreError;
pub use crate::web::menu::Place;
use crate::web::{WebState, assets, menu, when};

/// Small shapes beside words, drawn in the color of their text.
#[derive(Debug, Clone, Copy)]
pub enum Icon {
    Check,
    Hourglass,
    Triangle,
    Envelope,
    Arrows,
    Pencil,
    Bars,
}

/// An icon that screen readers pass over: the words beside it say the same.
pub fn icon(shape: Icon) -> Markup {
    let path = match shape {
        Icon::Check => "M3 8.5 6.5 12 13 4.5",
        Icon::Hourglass => "M4 2h8M4 14h8M5 2c0 4 6 4 6 6s-6 2-6 6M11 2c0 4-6 4-6 6s6 2 6 6",
        Icon::Triangle => "M8 2.5 14.5 13.5h-13zM8 6.5v3M8 11.5v.5",
        Icon::Envelope => "M2 4h12v8H2zM2 4.5 8 9l6-4.5",
        Icon::Arrows => "M2 5.5h11M10 2.5l3 3-3 3M14 10.5H3M6 7.5l-3 3 3 3",
        Icon::Bars => "M5.5 3v10M10.5 3v10",
        Icon::Pencil => "M3 13l.5-3L11 2.5 13.5 5 6 12.5z",
    };
    html! {
        svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor"
            stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" { path d=(path) {} }
    }
}

/// The mark; constant text of ours.
const MARK: PreEscaped<&str> = PreEscaped(
    "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\" fill=\"currentColor\"><path d=\"M11 2h2v2h6l3 3-3 3h-6v12h-2v-5H5l-3-3 3-3h6z\"/></svg>",
);

/// A page before its frame.
pub struct Page<'a> {
    pub title: &'a str,
    pub place: Place,
    /// Who is signed in.
    pub member: Option<&'a Member>,
    /// A page of running text is kept narrow.
    pub is_text: bool,
    /// What the desk's footer says of the mail.
    pub footer: Option<Markup>,
    /// Single keys act on rows of lists.
    pub has_keys: bool,
    /// What is wrong with the mail, above everything else on the desk.
    pub alarms: Vec<Markup>,
    pub body: Markup,
}

impl<'a> Page<'a> {
    /// A page that anybody may see.
    pub fn public(title: &'a str, body: Markup) -> Self {
        Self::at(Place::Elsewhere, title, body)
    }

    /// A page that anybody may see, with its entry in the menu.
    pub fn at(place: Place, title: &'a str, body: Markup) -> Self {
        Self { title, place, member: None, is_text: true, footer: None, has_keys: false, alarms: Vec::new(), body }
    }
}

/// The whole document.
pub fn document(state: &WebState, page: Page<'_>) -> Markup {
    let policy = state.house.policy();
    let foundation = &policy.directory.foundation;
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("{} · {} security", page.title, foundation.name)))
            body data-keys[page.has_keys] {
                a.skip href="#main" { "Skip to the content" }
                @if let Some(demo) = &state.demo { (crate::web::demo::bar(&**demo, state.house.now())) }
                header.top { div.wrap {
                    a.mark href=(if page.member.is_some() { "/at-risk" } else { "/" }) { (MARK) span { (foundation.name) " security" } }
                    @if let Some(member) = page.member {
                        div.who {
                            a.small href="/me" { (member.name) ", " (member.role) }
                            form method="post" action="/logout" { button.plain { "Sign out" } }
                        }
                        (menu::desk(page.place))
                        (menu::within(page.place))
                    } @else { (menu::public(page.place)) }
                } }
                main #main.wrap.text[page.is_text] {
                    @for alarm in &page.alarms { p.notice.late { (icon(Icon::Triangle)) " " (alarm) } }
                    (page.body)
                }
                (footer(page.footer.as_ref(), Some(&foundation.security_address)))
            }
        }
    }
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (title) }
            link rel="stylesheet" href=(assets::css());
            link rel="icon" type="image/svg+xml" href=(assets::mark());
            script src=(assets::script()) defer {}
        }
    }
}

/// The same on every page, so that help is always in one place (WCAG 2.2, 3.2.6).
fn footer(mail: Option<&Markup>, address: Option<&Mailbox>) -> Markup {
    html! {
        footer { div.wrap {
            p.help {
                a href="/how#help" { "Help" }
                @if let Some(address) = address { a href={ "mailto:" (address) } { (address) } }
                a href="/accessibility" { "Accessibility" }
            }
            p { @if let Some(mail) = mail { (mail) } @else { "Fingerpost, a security contact router" } }
        } }
    }
}

/// What a page handler could not do.
#[derive(Debug)]
pub enum WebError {
    NotFound,
    /// An address that only takes what a form sends, opened by hand or by a reload.
    OnlyForms,
    /// A link from a mail that opens nothing any more.
    DeadLink,
    /// An original or a file that was kept long enough.
    Erased,
    Store(StoreError),
    /// A handler panicked.
    Broken,
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut fault = None;
        let (status, title, words) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found", "There is nothing at this address."),
            Self::OnlyForms => (
                StatusCode::METHOD_NOT_ALLOWED,
                "Nothing to see here",
                "This address only takes what a form sends. Go back to the page with its button.",
            ),
            Self::DeadLink => (
                StatusCode::NOT_FOUND,
                "This link no longer works",
                "It may have been used, have run out, or be cut short by the mail program. Look for a newer mail from us.",
            ),
            Self::Erased => (
                StatusCode::GONE,
                "Erased",
                "Original mail and attachments are kept for six months after their case is closed, and no longer.",
            ),
            Self::Broken => {
                let number = next_fault();
                fault = Some(number);
                tracing::error!(fault = number, "a page panicked; what it said is on the error output");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "This page is broken",
                    "We are told of it. Try the other pages meanwhile.",
                )
            }
            Self::Store(error) => {
                let number = next_fault();
                fault = Some(number);
                tracing::error!(fault = number, %error, "a page could not be made");
                let words = "We cannot reach our records right now. Nothing you sent was lost if you saw it confirmed. \
                             Try again in a minute.";
                (StatusCode::SERVICE_UNAVAILABLE, "Try again in a minute", words)
            }
        };
        wrong(status, title, words, fault)
    }
}

/// What a page shows of a failure and the log says beside its cause, so that one finds the other. Counted from the
/// start of the program.
fn next_fault() -> u32 {
    static FAULTS: AtomicU32 = AtomicU32::new(1);
    FAULTS.fetch_add(1, Ordering::Relaxed)
}

/// A page that says what went wrong and what to do. It asks nobody, so it can be made when nothing else can.
pub fn wrong(status: StatusCode, title: &str, words: &str, fault: Option<u32>) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(title))
            body {
                header.top { div.wrap { a.mark href="/" { (MARK) span { "Security reports" } } } }
                main.wrap.text {
                    h1 { (title) }
                    p { (words) }
                    @if let Some(fault) = fault { p.muted { "If you tell the operator, name fault " (fault) "." } }
                    p { a href=(if status == StatusCode::UNAUTHORIZED { "/login" } else { "/" }) {
                        @if status == StatusCode::UNAUTHORIZED { "Sign in" } @else { "To the first page" }
                    } }
                }
                (footer(None, None))
            }
        }
    };
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.into_string()).into_response()
}

/// A stranger's text as it came, but for controls and the marks that turn the direction of writing: those stand as
/// U+FFFD, as in our letters, so that no line reads as another.
pub fn said(text: &str) -> Markup {
    let text = text.trim_end();
    html! { pre.said tabindex=[tab_stop(text)] { (lines(text)) } }
}

/// Where a text may be longer than its box, which then scrolls, a keyboard must come to it; `0` is the order of the
/// page. A short one stops nobody.
pub fn tab_stop(text: &str) -> Option<&'static str> {
    /// What fits the smallest of these boxes on the narrowest phone.
    const FITS: (usize, usize) = (12, 300);
    (text.lines().count() > FITS.0 || text.len() > FITS.1).then_some("0")
}

/// `<p>` with the deadline and what is left of it.
pub fn due(clock: &crate::domain::clock::Clock, now: jiff::Timestamp) -> Markup {
    html! { (when::tag(clock, now)) " " span.small { "due " (when::time(clock.due_at)) ", " (clock.kind.title()) } }
}
