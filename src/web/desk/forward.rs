//! The preview before a forward: who gets it, by when, and what is shared about the reporter.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::directory::{Member, ProjectId};
use crate::domain::handling::HandlingState;
use crate::flows::forward::{LookAgain, PartLook, look};
use crate::flows::members;
use crate::flows::withholding::Kept;
use crate::store::{CaseRow, HandlingRow};
use crate::web::WebState;
use crate::web::desk::composer;
use crate::web::desk::desk_page;
use crate::web::desk::doubts::here;
use crate::web::desk::leaving::{Leaving, again, looked_at, people, shared};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of forwarding.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/forward", get(preview).post(forward))
}

/// Which project was chosen in a form, and what was looked at before.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Choice {
    project: String,
    mark: String,
    keep: String,
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
    let Some(chosen) = choice.project else {
        return Ok(Redirect::to(&format!("/cases/{}", case.number)).into_response());
    };
    let id = ProjectId::parse(&chosen).ok_or(WebError::NotFound)?;
    show(&state, &member, &case, &id, &Kept::parse(&choice.keep), None).await
}

/// The look at what would leave, after a press that let nothing leave with the reason for that.
async fn show(
    state: &WebState,
    member: &Member,
    case: &CaseRow,
    id: &ProjectId,
    kept: &Kept,
    again: Option<LookAgain>,
) -> Result<Response, WebError> {
    let step = state.house.step();
    let project = step.policy.directory.project(id).ok_or(WebError::NotFound)?;
    let look = look(&state.house, &step, case, &[project]).await?;
    let part = look.parts.first().ok_or(WebError::NotFound)?;
    if part.is_by_hand {
        return Ok(Redirect::to(&format!("/cases/{}/by-hand/{id}", case.number)).into_response());
    }
    let handlings = state.house.store.handlings_of(&case.id).await?;
    let known = state.house.store.contacts_of(id).await?;
    let here = here(case, "forward", std::slice::from_ref(id));
    let view = Preview {
        leaving: Leaving { case, look: &look, kept, here, again, known: &known, now: step.now },
        part,
        hold: step.policy.directory.routing.hold.as_secs(),
        earlier: handlings.iter().rfind(|handling| handling.project == *id),
    };
    let title = if again.is_some() { "Error: Forward" } else { "Forward" };
    Ok(desk_page(state, member, Place::Elsewhere, title, page(&view)).await?.into_response())
}

async fn forward(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(choice): Form<Choice>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let id = ProjectId::parse(&choice.project).ok_or(WebError::NotFound)?;
    let kept = Kept::parse(&choice.keep);
    if let Err(again) = may_leave(&state, &case, &[&id], &kept, &choice.mark).await? {
        // Pressed in triage, where nobody has looked yet.
        let told = (!choice.mark.is_empty()).then_some(again);
        return show(&state, &member, &case, &id, &kept, told).await;
    }
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

/// Whether what would go to these projects now is what a member has looked at, and decided about.
pub async fn may_leave(
    state: &WebState,
    case: &CaseRow,
    projects: &[&ProjectId],
    kept: &Kept,
    mark: &str,
) -> Result<Result<(), LookAgain>, WebError> {
    let step = state.house.step();
    let known: Vec<_> = projects.iter().filter_map(|id| step.policy.directory.project(id)).collect();
    Ok(look(&state.house, &step, case, &known).await?.may_leave(kept, mark))
}

/// What the preview shows.
struct Preview<'a> {
    leaving: Leaving<'a>,
    part: &'a PartLook,
    /// Seconds in which it can be stopped.
    hold: i64,
    /// The project's last part of this case. While that is open, there is no second one.
    earlier: Option<&'a HandlingRow>,
}

fn page(view: &Preview<'_>) -> Markup {
    let (case, project) = (view.leaving.case, &view.part.project);
    let (name, back) = (&project.name, format!("/cases/{}", case.number));
    html! {
        p.small.muted { span.mono { (case.number) } " · " (case.title) }
        h1 { "Forward to " (name) }
        @if view.earlier.is_some_and(|earlier| earlier.state.is_open()) {
            div.notice.soon { p { (name) " has this case already." } }
            p { a.button href=(back) { "Back" } }
        } @else {
            (again(&view.leaving))
            @if let Some(earlier) = view.earlier { div.notice { p { (how_it_ended(name, earlier)) } } }
            h2 { "Who gets it" }
            (people(&view.leaving, view.part))
            h2 { "What is shared" }
            (shared(&view.leaving))
            form.row method="post" action={ "/cases/" (case.number) "/forward" } {
                input type="hidden" name="project" value=(project.id);
                (looked_at(&view.leaving))
                button.primary { "Forward to " (composer::people(view.part.contacts.len())) " at " (name) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::domain::directory::{Contact, DeliveryMode};
    use crate::web::desk::leaving::tests::look;
    use crate::web::samples::{case, contact, handling, now, shows_hostile_texts};

    fn shown(contacts: &[Contact], earlier: Option<HandlingState>) -> String {
        let earlier = earlier.map(|state| HandlingRow { closed_at: (!state.is_open()).then(now), ..handling(state) });
        let mut look = look("It crashes.", 1);
        look.parts[0].contacts = contacts.to_vec();
        let (case, kept, here) = (case(CaseState::Triage), Kept::default(), "/here?".to_owned());
        let again = Some(LookAgain::Changed);
        let view = Preview {
            leaving: Leaving { case: &case, look: &look, kept: &kept, here, again, known: &[], now: now() },
            part: &look.parts[0],
            hold: 60,
            earlier: earlier.as_ref(),
        };
        shows_hostile_texts(page(&view), 1)
    }

    #[test]
    fn the_preview_names_who_gets_it_by_when_and_what_leaves() {
        let people = [contact("Ivo"), Contact { delivery: DeliveryMode::Link, ..contact("Ana") }];
        let page = shown(&people, None);
        for words in [
            "Ivo",
            "Ana",
            "gets a link, not the text",
            "Fri 2026-11-27 14:00 UTC",
            "Forward to 2 people at Lantern",
            "What leaves has changed since you looked",
            "after 60 seconds",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("jane@reporter.example"), "the reporter's address is withheld: {page}");
    }

    #[test]
    fn a_project_that_has_the_case_gets_no_second_forward() {
        let page = shown(&[contact("Ivo")], Some(HandlingState::Sent));
        assert!(page.contains("has this case already") && !page.contains("<button"), "{page}");
    }

    #[test]
    fn a_project_that_handed_it_back_can_get_it_again_and_the_preview_says_so() {
        let page = shown(&[contact("Ivo")], Some(HandlingState::HandedBack));
        assert!(page.contains("Lantern handed this case back on <time"), "{page}");
        assert!(page.contains("Forward to 1 person at Lantern"), "{page}");
    }
}
