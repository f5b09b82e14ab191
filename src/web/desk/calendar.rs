//! `/calendar`: a member's secret link to the deadlines, for a calendar program; and what that program gets.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::address::{Purpose, Token};
use crate::domain::directory::Directory;
use crate::flows::calendars::{self, Own};
use crate::store::Deadline;
use crate::web::WebState;
use crate::web::calendar::{Calendar, Entry};
use crate::web::desk::desk_page;
use crate::web::desk::lists::state_words;
use crate::web::frame::{Place, WebError};
use crate::web::session::{AtDesk, JustSignedIn};
use crate::web::when;

/// The routes of the page and of the file.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/calendar", get(show).post(press))
        // For programs, which bring no session: the link is the credential.
        .route("/calendar/{token}/deadlines.ics", get(feed))
}

async fn show(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let own = calendars::own(&state.house, &member).await?;
    Ok(desk_page(&state, &member, Place::AtRisk, "Calendar of deadlines", page(own.as_ref())).await?)
}

/// The button that was pressed.
#[derive(serde::Deserialize)]
struct Pressed {
    act: String,
}

async fn press(
    State(state): State<WebState>,
    JustSignedIn(member): JustSignedIn,
    Form(pressed): Form<Pressed>,
) -> Result<Redirect, WebError> {
    match pressed.act.as_str() {
        "make" => calendars::make(&state.house, &member).await?,
        "end" => calendars::end(&state.house, &member).await?,
        _ => return Err(WebError::NotFound),
    }
    Ok(Redirect::to("/calendar"))
}

async fn feed(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    let token = Token::read(Purpose::CalendarLink, &letters).ok_or(WebError::DeadLink)?;
    let deadlines = calendars::deadlines(&state.house, &token).await?.ok_or(WebError::DeadLink)?;
    let policy = state.house.policy();
    Ok(calendar(&deadlines, &policy.directory, &state.house.public_url).file("deadlines.ics"))
}

fn page(own: Option<&Own>) -> Markup {
    let button = |act: &str, words: &str| {
        html! { form method="post" action="/calendar" { input type="hidden" name="act" value=(act); button { (words) } } }
    };
    html! {
        h1 { "Calendar of deadlines" }
        p.measure { "A planning aid, not an alarm: calendars refresh late. Each entry has the number of a case, its project, its
            state and a link; nothing of a report. Letters remind you as ever." }
        @match own {
            Some(own) => {
                p { "Add this address to your calendar program. It is yours alone: whoever knows it can read the entries." }
                p.private-link data-copy=(own.link) { (own.link) }
                p.small.muted { "Made " (when::time(own.made_at)) "." }
                div.row { (button("make", "Make a new link")) (button("end", "End this link")) }
                p.small.muted { "After either, the address above shows nothing any more." }
            }
            None => {
                p { "You have no calendar yet." }
                div.row { (button("make", "Make my link")) }
            }
        }
        p { a href="/at-risk" { "Back to what is at risk" } }
    }
}

/// Each running clock as an entry: number, project, state and link (UX.md rule 9).
fn calendar(deadlines: &[Deadline], directory: &Directory, public_url: &str) -> Calendar {
    let entry = |deadline: &Deadline| Entry {
        uid: format!("{}@{}", deadline.id, directory.foundation.security_address.domain()),
        made_at: deadline.started_at,
        at: deadline.due_at,
        summary: summary(deadline, directory),
        link: format!("{public_url}/cases/{}", deadline.number),
        alarm: None,
    };
    let name = format!("Deadlines, {} security", directory.foundation.name);
    Calendar { made_by: "Deadlines", name: Some(name), entries: deadlines.iter().map(entry).collect() }
}

/// `SEC-2026-0042 · Lantern · project acknowledgement`.
fn summary(deadline: &Deadline, directory: &Directory) -> String {
    let mut parts = vec![deadline.number.to_string()];
    if let Some(id) = &deadline.project {
        parts.push(directory.project(id).map_or_else(|| id.to_string(), |project| project.name.clone()));
    }
    parts.push(deadline.kind.title().to_owned());
    parts.push(if deadline.is_paused { "paused" } else { state_words(deadline.state) }.to_owned());
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::{CaseRef, CaseState};
    use crate::domain::clock::ClockKind;
    use crate::domain::id::CaseId;
    use crate::web::samples::{directory, hours, id, now, safe};

    #[test]
    fn an_entry_has_number_project_state_and_link_and_calls_nobody() {
        let deadline = Deadline {
            id: "clock".to_owned(),
            case: CaseId::from_row("case"),
            number: CaseRef::from_row("SEC-2026-0042"),
            state: CaseState::Routed,
            project: Some(id("lantern")),
            kind: ClockKind::Acknowledge,
            started_at: now(),
            due_at: now() + hours(168),
            is_paused: false,
        };
        let directory = directory();
        let paused = Deadline { is_paused: true, project: None, kind: ClockKind::Triage, ..deadline.clone() };
        let text = calendar(&[deadline, paused], &directory, "https://security.story.example").text();
        insta::assert_snapshot!(text.replace("\r\n ", "").replace("\r\n", "\n"), @"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Fingerpost//Deadlines//EN
        NAME:Deadlines\\, Story Foundation security
        X-WR-CALNAME:Deadlines\\, Story Foundation security
        REFRESH-INTERVAL;VALUE=DURATION:PT1H
        X-PUBLISHED-TTL:PT1H
        BEGIN:VEVENT
        UID:clock@story.example
        DTSTAMP:20261120T140000Z
        DTSTART:20261127T140000Z
        TRANSP:TRANSPARENT
        SUMMARY:SEC-2026-0042 · Lantern · project acknowledgement · with a project
        URL:https://security.story.example/cases/SEC-2026-0042
        DESCRIPTION:https://security.story.example/cases/SEC-2026-0042
        END:VEVENT
        BEGIN:VEVENT
        UID:clock@story.example
        DTSTAMP:20261120T140000Z
        DTSTART:20261127T140000Z
        TRANSP:TRANSPARENT
        SUMMARY:SEC-2026-0042 · triage · paused
        URL:https://security.story.example/cases/SEC-2026-0042
        DESCRIPTION:https://security.story.example/cases/SEC-2026-0042
        END:VEVENT
        END:VCALENDAR
        ");
    }

    #[test]
    fn a_member_without_a_calendar_may_make_one_and_one_with_it_may_end_it() {
        let none = safe(page(None));
        assert!(none.contains("Make my link") && none.contains("not an alarm: calendars refresh late"), "{none}");
        let own = Own { link: "https://security.story.example/calendar/abc/deadlines.ics".to_owned(), made_at: now() };
        let shown = safe(page(Some(&own)));
        assert!(shown.contains("End this link") && shown.contains("/calendar/abc/deadlines.ics"), "{shown}");
    }
}
