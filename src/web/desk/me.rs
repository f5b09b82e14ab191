//! `/me`: where somebody is signed in, ending that, how their pages look; and signing in once more for what asks for it.

use axum::Router;
use axum::extract::{Extension, Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::access::Viewer;
use crate::domain::address::Mailbox;
use crate::domain::id::SessionId;
use crate::flows::choices::{self, NoSuchZone};
use crate::flows::sessions;
use crate::store::{Choices, SessionRow};
use crate::web::WebState;
use crate::web::back::is_own_path;
use crate::web::desk::desk_page;
use crate::web::frame::{Page, Place, WebError, document};
use crate::web::limits::Network;
use crate::web::public::write_sign_in_letter;
use crate::web::session::{AtDesk, SignedIn, member};
use crate::web::when;

/// The routes of one's own page.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/me", get(show))
        .route("/me/choices", post(choose))
        .route("/me/sessions/{id}/end", post(end))
        .route("/me/sessions/end-others", post(end_others))
        .route("/me/again", get(again).post(ask_again))
}

/// What the page shows.
struct View<'a> {
    email: &'a Mailbox,
    /// `chair`, `secretary`, `member` or `board`.
    role: String,
    sessions: &'a [SessionRow],
    /// The one that asks.
    here: &'a SessionId,
    /// A member's; the board has no pages that they change.
    choices: Option<Choosing<'a>>,
}

/// The form of a member's choices.
struct Choosing<'a> {
    zone: &'a str,
    has_keys: bool,
    problem: Option<NoSuchZone>,
    now: Timestamp,
}

async fn show(State(state): State<WebState>, SignedIn(visit): SignedIn) -> Result<Markup, WebError> {
    let choices = match &visit.viewer {
        Viewer::Member { email, .. } => state.house.store.choices(email).await?,
        _ => Choices::default(),
    };
    let zone = choices.zone.as_deref().unwrap_or_default();
    draw(
        &state,
        &visit,
        Choosing { zone, has_keys: choices.keys_off_at.is_none(), problem: None, now: state.house.now() },
    )
    .await
}

async fn draw(state: &WebState, visit: &sessions::Visit, choosing: Choosing<'_>) -> Result<Markup, WebError> {
    let email = &visit.session.email;
    let sessions = sessions::open_sessions(&state.house, email).await?;
    let member = member(&visit.viewer, state);
    let role = member.as_ref().map_or_else(|| "board".to_owned(), |member| member.role.to_string());
    let title = if choosing.problem.is_some() { "Error: My page" } else { "My page" };
    let choices = member.is_some().then_some(choosing);
    let body = page(&View { email, role, sessions: &sessions, here: &visit.session.id, choices });
    match &member {
        Some(member) => Ok(desk_page(state, member, Place::Elsewhere, title, body).await?),
        None => Ok(document(state, Page::public(title, body))),
    }
}

fn page(view: &View<'_>) -> Markup {
    html! {
        h1 { "My page" }
        p { "You are signed in as " strong { (view.email) } ", " (view.role) ". Who may sign in stands in " code { "projects.toml" } "." }
        h2 { "Where you are signed in (" (view.sessions.len()) ")" }
        p.muted { "A sign-in ends by itself after 12 hours, or after 4 hours without use." }
        @for session in view.sessions { (session_card(session, session.id == *view.here)) }
        @if view.sessions.len() > 1 {
            form method="post" action="/me/sessions/end-others" { p { button { "Sign out everywhere else" } } }
        }
        @if let Some(choosing) = &view.choices { (choices_form(choosing)) }
        @else {
            div.row { a.button href="/board" { "To the board's page" } form method="post" action="/logout" { button { "Sign out" } } }
        }
    }
}

fn session_card(session: &SessionRow, is_here: bool) -> Markup {
    let device = session.device.as_deref().unwrap_or("A browser that does not say what it is");
    html! {
        section.card {
            h3 { (device) @if is_here { " " span.tag.ok { "this one" } } }
            p.small { "Since " (when::time(session.created_at)) ", last seen " (when::time(session.seen_at)) "." }
            @if is_here { form method="post" action="/logout" { button { "Sign out" } } }
            @else {
                form method="post" action={ "/me/sessions/" (session.id) "/end" } {
                    button { "End this sign-in" span.unseen { ": " (device) ", since " (when::time(session.created_at)) } }
                }
            }
        }
    }
}

fn choices_form(choosing: &Choosing<'_>) -> Markup {
    const NEAR: [&str; 10] = [
        "Europe/Berlin",
        "Europe/London",
        "Europe/Paris",
        "America/New_York",
        "America/Chicago",
        "America/Los_Angeles",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Asia/Tokyo",
        "Australia/Sydney",
    ];
    let wrong = choosing.problem;
    html! {
        h2 { "How the desk looks for you" }
        form method="post" action="/me/choices" novalidate {
            div.field.error[wrong.is_some()] {
                label for="zone" { "Time zone of the pages" }
                p.hint #zone-hint { "A name such as Europe/Berlin; empty is UTC. Letters and files keep UTC. It is " (when::time(choosing.now)) "." }
                @if let Some(wrong) = wrong { p.message #zone-wrong { "Error: " (wrong) } }
                input #zone type="text" name="zone" value=(choosing.zone) list="zones" spellcheck="false"
                    autofocus[wrong.is_some()] aria-invalid=[wrong.map(|_| "true")]
                    aria-describedby=(if wrong.is_some() { "zone-hint zone-wrong" } else { "zone-hint" });
                datalist #zones { @for zone in NEAR { option value=(zone) {} } }
            }
            fieldset.field {
                legend { "Single keys" }
                p.hint #keys-hint { "While a row of a list has the focus, single keys act on it. Every key has a visible button." }
                div.choice {
                    input #keys-on type="radio" name="keys" value="on" checked[choosing.has_keys] aria-describedby="keys-hint";
                    label for="keys-on" { "Single keys act" }
                }
                div.choice {
                    input #keys-off type="radio" name="keys" value="off" checked[!choosing.has_keys] aria-describedby="keys-hint";
                    label for="keys-off" { "Single keys do nothing" }
                }
            }
            button.primary { "Save" }
        }
    }
}

/// What the form of choices brings.
#[derive(serde::Deserialize)]
struct Chosen {
    #[serde(default)]
    zone: String,
    #[serde(default)]
    keys: String,
}

async fn choose(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    SignedIn(visit): SignedIn,
    Form(chosen): Form<Chosen>,
) -> Result<Response, WebError> {
    let has_keys = chosen.keys != "off";
    match choices::choose(&state.house, &member, &chosen.zone, has_keys).await? {
        Ok(()) => Ok(Redirect::to("/me").into_response()),
        Err(wrong) => {
            let choosing = Choosing { zone: &chosen.zone, has_keys, problem: Some(wrong), now: state.house.now() };
            Ok(draw(&state, &visit, choosing).await?.into_response())
        }
    }
}

async fn end(
    State(state): State<WebState>,
    SignedIn(visit): SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, WebError> {
    // One that has ended already is what was wished for; another's is not touched.
    sessions::end(&state.house, &SessionId::from_row(id), &visit.session.email).await?;
    Ok(Redirect::to("/me"))
}

async fn end_others(State(state): State<WebState>, SignedIn(visit): SignedIn) -> Result<Redirect, WebError> {
    sessions::end_others(&state.house, &visit.session.id, &visit.session.email).await?;
    Ok(Redirect::to("/me"))
}

/// Where to go afterwards.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Afterwards {
    back: String,
}

impl Afterwards {
    fn page(&self) -> Option<&str> {
        Some(self.back.as_str()).filter(|page| is_own_path(page))
    }
}

async fn again(
    State(state): State<WebState>,
    SignedIn(visit): SignedIn,
    Query(afterwards): Query<Afterwards>,
) -> Result<Markup, WebError> {
    let body = again_page(&visit.session.email, afterwards.page());
    match member(&visit.viewer, &state) {
        Some(member) => Ok(desk_page(&state, &member, Place::Elsewhere, "Sign in once more", body).await?),
        None => Ok(document(&state, Page::public("Sign in once more", body))),
    }
}

fn again_page(email: &Mailbox, back: Option<&str>) -> Markup {
    html! {
        h1 { "Sign in once more" }
        p { "Changes of contacts, and files that you take along, need a sign-in of the last ten minutes: whoever finds your
             browser open can do neither. Nothing was changed. Afterwards you come back; then press the button again." }
        form method="post" action="/me/again" {
            @if let Some(back) = back { input type="hidden" name="back" value=(back); }
            button.primary { "Send a link and a code to " (email) }
        }
    }
}

async fn ask_again(
    State(state): State<WebState>,
    SignedIn(visit): SignedIn,
    network: Option<Extension<Network>>,
    jar: CookieJar,
    Form(afterwards): Form<Afterwards>,
) -> Result<Response, WebError> {
    write_sign_in_letter(&state, &visit.session.email, network, jar, afterwards.page()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, mailbox, now, safe, shows_hostile_texts};

    fn session(id: &str, device: Option<&str>) -> SessionRow {
        SessionRow {
            id: SessionId::from_row(id),
            email: mailbox("ada@story.example"),
            created_at: now(),
            seen_at: now(),
            device: device.map(str::to_owned),
        }
    }

    #[test]
    fn each_sign_in_is_named_and_the_others_can_be_ended() {
        let sessions = [session("here", Some("Firefox on Linux")), session("there", None)];
        let (email, here) = (mailbox("ada@story.example"), SessionId::from_row("here"));
        let choices = Some(Choosing { zone: HOSTILE, has_keys: true, problem: Some(NoSuchZone), now: now() });
        let view = View { email: &email, role: "chair".to_owned(), sessions: &sessions, here: &here, choices };
        let shown = shows_hostile_texts(page(&view), 1);
        assert!(shown.contains("Firefox on Linux") && shown.contains("this one"), "{shown}");
        assert!(shown.contains("/me/sessions/there/end") && !shown.contains("/me/sessions/here/end"), "{shown}");
        assert!(shown.contains("Sign out everywhere else") && shown.contains("zone-hint zone-wrong"), "{shown}");
        let boards = View { role: "board".to_owned(), sessions: &sessions[..1], choices: None, ..view };
        let shown = safe(page(&boards));
        assert!(!shown.contains("/me/choices") && !shown.contains("everywhere else"), "{shown}");
    }

    #[test]
    fn signing_in_once_more_says_why_and_keeps_the_way_back() {
        let shown = safe(again_page(&mailbox("ada@story.example"), Some("/cases.csv?state=new")));
        assert!(shown.contains("value=\"/cases.csv?state=new\"") && shown.contains("to ada@story.example"), "{shown}");
    }
}
