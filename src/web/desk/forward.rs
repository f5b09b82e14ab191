//! The preview before a forward: who gets it, by when, and what is shared about the reporter.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::directory::{Contact, Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::flows::by_hand::is_by_hand;
use crate::flows::forward::{first_contacts, target};
use crate::flows::members;
use crate::store::{CaseRow, ContactRow, HandlingRow};
use crate::web::WebState;
use crate::web::desk::desk_page;
use crate::web::desk::leaving::{self, Kept, Leaving, confirm_by, here, people};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of forwarding.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/forward", get(preview).post(forward))
}

/// Which project was chosen.
#[derive(serde::Deserialize)]
struct Choice {
    #[serde(default)]
    project: String,
}

/// The same in an address, which anybody may cut short, and the doubtful lines that are kept.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct MaybeChoice {
    project: Option<String>,
    keep: String,
}

async fn preview(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Query(choice): Query<MaybeChoice>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let step = state.house.step();
    let Some(chosen) = choice.project else {
        return Ok(Redirect::to(&format!("/cases/{}", case.number)).into_response());
    };
    let project = ProjectId::parse(&chosen).and_then(|id| step.policy.directory.project(&id).cloned());
    let project = project.ok_or(WebError::NotFound)?;
    if is_by_hand(&step, &project) {
        return Ok(Redirect::to(&format!("/cases/{}/by-hand/{}", case.number, project.id)).into_response());
    }
    let handlings = state.house.store.handlings_of(&case.id).await?;
    let known = state.house.store.contacts_of(&project.id).await?;
    let leaving = leaving::leaving(&state, &case.id, Kept::parse(&choice.keep)).await?;
    let view = Preview {
        contacts: first_contacts(&step, &project),
        confirm_by: step.now + target(&step, &project),
        hold: step.policy.directory.routing.hold.as_secs(),
        case: &case,
        project: &project,
        earlier: handlings.iter().rfind(|handling| handling.project == project.id),
        known: &known,
        leaving: &leaving,
        now: step.now,
    };
    Ok(desk_page(&state, &member, Place::Elsewhere, "Forward", page(&view)).await?.into_response())
}

async fn forward(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(choice): Form<Choice>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let id = ProjectId::parse(&choice.project).ok_or(WebError::NotFound)?;
    let refusal = match members::forward(&state.house, &case.id, &id, &member).await? {
        Ok(_) => return Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        Err(refusal) => refusal.to_string(),
    };
    let body = html! {
        h1 { "Not forwarded" }
        div.notice.late { p { (refusal) } }
        p { a href={ "/cases/" (number) } { "Back to the case" } }
    };
    Ok(desk_page(&state, &member, Place::Elsewhere, "Not forwarded", body).await?.into_response())
}

/// What the preview shows.
struct Preview<'a> {
    case: &'a CaseRow,
    project: &'a Project,
    contacts: Vec<&'a Contact>,
    confirm_by: Timestamp,
    /// Seconds in which it can be stopped.
    hold: i64,
    /// The project's last part of this case. While that is open, there is no second one.
    earlier: Option<&'a HandlingRow>,
    /// The contacts with what we know of them.
    known: &'a [ContactRow],
    leaving: &'a Leaving,
    now: Timestamp,
}

fn page(view: &Preview<'_>) -> Markup {
    let name = &view.project.name;
    let back = format!("/cases/{}", view.case.number);
    html! {
        p.small.muted { span.mono { (view.case.number) } " · " (view.case.title) }
        h1 { "Forward to " (name) }
        @if view.earlier.is_some_and(|earlier| earlier.state.is_open()) {
            div.notice.soon { p { (name) " has this case already." } }
            p { a.button href=(back) { "Back" } }
        } @else {
            @if let Some(earlier) = view.earlier { div.notice { p { (how_it_ended(name, earlier)) } } }
            h2 { "Who gets it" }
            (people(&view.contacts, view.known, view.now))
            (confirm_by(view.confirm_by))
            h2 { "What is shared" }
            (leaving::part(view.case, view.leaving, &here(view.case, "forward", std::slice::from_ref(&view.project.id))))
            form.row method="post" action={ "/cases/" (view.case.number) "/forward" } {
                input type="hidden" name="project" value=(view.project.id);
                button.primary { "Forward to " (counted(view.contacts.len())) " at " (name) }
                a.button href=(back) { "Back" }
            }
            @if view.hold > 0 { p.muted { "It leaves after " (view.hold) " seconds; until then you can stop it on the case's page." } }
        }
    }
}

/// What became of the project's earlier part, and what a second one means.
fn how_it_ended(name: &str, earlier: &HandlingRow) -> Markup {
    let at = earlier.closed_at.or(earlier.withdrawn_at).unwrap_or(earlier.decided_at);
    let what = match earlier.state {
        HandlingState::HandedBack => format!("{name} handed this case back"),
        HandlingState::Withdrawn => format!("The forward to {name} was stopped"),
        HandlingState::TakenOver => format!("The committee took over {name}'s part"),
        HandlingState::Sent | HandlingState::ByHand | HandlingState::Acknowledged | HandlingState::Closed => {
            format!("{name}'s part was closed")
        }
    };
    html! { (what) " on " (when::time(at)) ". Forwarded again, it is a new part with its own time to confirm." }
}

fn counted(contacts: usize) -> String {
    if contacts == 1 { "1 contact".to_owned() } else { format!("{contacts} contacts") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::domain::directory::DeliveryMode;
    use crate::web::samples::{case, contact, directory, handling, hours, now, report, shows_hostile_texts};

    fn shown(project: &Project, contacts: &[Contact], earlier: Option<HandlingState>) -> String {
        let earlier = earlier.map(|state| HandlingRow { closed_at: (!state.is_open()).then(now), ..handling(state) });
        let view = Preview {
            case: &case(CaseState::Triage),
            project,
            contacts: contacts.iter().collect(),
            confirm_by: now() + hours(168),
            hold: 60,
            earlier: earlier.as_ref(),
            known: &[],
            leaving: &Leaving::of(&[report()], Vec::new(), &[], Kept::default()),
            now: now(),
        };
        shows_hostile_texts(page(&view), 1)
    }

    #[test]
    fn the_preview_names_who_gets_it_by_when_and_what_leaves() {
        let people = [contact("Ivo"), Contact { delivery: DeliveryMode::Link, ..contact("Ana") }];
        let page = shown(&directory().projects[0], &people, None);
        for words in [
            "Ivo",
            "Ana",
            "gets a link, not the text",
            "Fri 2026-11-27 14:00 UTC",
            "Forward to 2 contacts at Lantern",
            "after 60 seconds",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("jane@reporter.example"), "the reporter's address is withheld: {page}");
    }

    #[test]
    fn a_project_that_has_the_case_gets_no_second_forward() {
        let directory = directory();
        let page = shown(&directory.projects[0], &[contact("Ivo")], Some(HandlingState::Sent));
        assert!(page.contains("has this case already") && !page.contains("<button"), "{page}");
    }

    #[test]
    fn a_project_that_handed_it_back_can_get_it_again_and_the_preview_says_so() {
        let directory = directory();
        let page = shown(&directory.projects[0], &[contact("Ivo")], Some(HandlingState::HandedBack));
        assert!(page.contains("Lantern handed this case back on <time"), "{page}");
        assert!(page.contains("Forward to 1 contact at Lantern"), "{page}");
    }
}
