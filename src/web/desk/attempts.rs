//! `/cases/{number}/attempts/{project}`: all attempts to reach a project, as a page to print and as a file.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::directory::ProjectId;
use crate::flows::attempts::{Attempts, attempts, standing};
use crate::web::WebState;
use crate::web::desk::{desk_page, download};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// What is decided about a project that stays silent for a month (STANDARDS.md 2.7).
const REVIEW: [&str; 4] = [
    "Somebody takes the project over, and is given the report.",
    "The project is archived, with a word to its users.",
    "Its users are told how to protect themselves.",
    "A package registry or a CNA of last resort is asked, with this list.",
];

/// The routes of the dossier.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/cases/{number}/attempts/{project}", get(show))
        .route("/cases/{number}/attempts/{project}/attempts.txt", get(file))
}

async fn found(state: &WebState, number: &str, project: &str) -> Result<Attempts, WebError> {
    let project = ProjectId::parse(project).ok_or(WebError::NotFound)?;
    attempts(&state.house, number, &project).await?.ok_or(WebError::NotFound)
}

async fn show(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
) -> Result<Markup, WebError> {
    let view = found(&state, &number, &project).await?;
    let title = format!("{} attempts to reach {}", view.number, view.project);
    Ok(desk_page(&state, &member, Place::Elsewhere, &title, page(&view, &project)).await?)
}

async fn file(
    State(state): State<WebState>,
    AtDesk(_): AtDesk,
    Path((number, project)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let view = found(&state, &number, &project).await?;
    Ok(download(&format!("{}-{project}-attempts.txt", view.number), text(&view).into_bytes()))
}

/// The facts above the list.
fn facts(view: &Attempts) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Case", view.number.to_string()),
        ("Report received", when::in_utc(view.arrived_at)),
        ("Decision to forward", when::in_utc(view.decided_at)),
        ("Channel", view.channel.clone()),
    ];
    if let Some(clock) = &view.clock {
        facts.push(("Promised", when::in_utc(clock.due_at)));
        if !clock.paused.is_zero() {
            facts.push(("Paused", when::promised(clock.paused)));
        }
    }
    facts.push(("Standing", standing(view).to_owned()));
    facts.push(("Made", when::in_utc(view.made_at)));
    facts
}

fn page(view: &Attempts, project: &str) -> Markup {
    let case = format!("/cases/{}", view.number);
    html! {
        p.small { a href=(case) { "Back to the case" } " · " a href={ (case) "/attempts/" (project) "/attempts.txt" } { "Download as a text file" } }
        h1 { "Attempts to reach " (view.project) }
        p { "By the security committee of " (view.org) ". Nothing of the report stands here." }
        dl.facts { @for (what, fact) in facts(view) { dt { (what) } dd { (fact) } } }
        @if view.is_for_review() {
            h2 { "Silent for a month: does anybody maintain it?" }
            ul.tight { @for choice in REVIEW { li { (choice) } } }
        }
        h2 { "What was tried (" (view.attempts.len()) ")" }
        table.stacks {
            thead { tr { th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Whom" } th scope="col" { "What came of it" } } }
            tbody { @for attempt in &view.attempts {
                tr { td.nowrap { (when::time(attempt.at)) } td { (attempt.what) } td { (attempt.whom) } td { (attempt.outcome) } }
            } }
        }
    }
}

/// The same as plain text.
fn text(view: &Attempts) -> String {
    let mut text = format!("Attempts to reach {}, by the security committee of {}\n\n", view.project, view.org);
    for (what, fact) in facts(view) {
        text += &format!("{what}: {fact}\n");
    }
    text += "\n";
    for attempt in &view.attempts {
        let parts = [attempt.what.as_str(), attempt.whom.as_str(), attempt.outcome.as_str()];
        let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        text += &format!("{}  {}\n", when::in_utc(attempt.at), said.join(" | "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use crate::domain::clock::{Clock, ClockKind};
    use crate::flows::attempts::Attempt;
    use crate::web::samples::{HOSTILE, hours, now, safe, shows_hostile_texts};

    fn view(days: i64) -> Attempts {
        Attempts {
            number: CaseRef::from_row("SEC-2026-0042"),
            project: "Lantern".to_owned(),
            org: "Story Foundation".to_owned(),
            arrived_at: now() - hours(24 * days + 1),
            decided_at: now() - hours(24 * days),
            channel: "mail".to_owned(),
            clock: Some(Clock::start(ClockKind::Acknowledge, now() - hours(24 * days), hours(168))),
            is_silent: true,
            attempts: vec![Attempt {
                at: now() - hours(24 * days),
                what: "Report forwarded".to_owned(),
                whom: "old@lantern.example".to_owned(),
                outcome: HOSTILE.to_owned(),
            }],
            made_at: now(),
        }
    }

    #[test]
    fn the_list_says_who_was_tried_when_and_what_came_of_it_and_after_a_month_what_is_to_be_decided() {
        let shown = shows_hostile_texts(page(&view(8), "lantern"), 1);
        assert!(shown.contains("old@lantern.example") && shown.contains("The promised time is over"), "{shown}");
        assert!(!shown.contains("does anybody maintain it?"), "{shown}");
        let shown = safe(page(&view(30), "lantern"));
        assert!(shown.contains("does anybody maintain it?") && shown.contains("last resort"), "{shown}");
    }

    #[test]
    fn the_file_says_the_same_line_by_line() {
        let mut view = view(8);
        view.attempts[0].outcome = "refused 5.1.1: no such user".to_owned();
        insta::assert_snapshot!(text(&view), @"
        Attempts to reach Lantern, by the security committee of Story Foundation

        Case: SEC-2026-0042
        Report received: Thu 2026-11-12 13:00 UTC
        Decision to forward: Thu 2026-11-12 14:00 UTC
        Channel: mail
        Promised: Thu 2026-11-19 14:00 UTC
        Standing: The promised time is over, and nobody there has answered.
        Made: Fri 2026-11-20 14:00 UTC

        Thu 2026-11-12 14:00 UTC  Report forwarded | old@lantern.example | refused 5.1.1: no such user
        ");
    }
}
