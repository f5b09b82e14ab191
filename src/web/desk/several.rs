//! `/cases/{number}/several`: one report for several projects, chosen, looked at and forwarded together.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::Form;
use maud::{Markup, html};

use crate::domain::directory::{Directory, Member, Project, ProjectId};
use crate::domain::judgement::Strength;
use crate::flows::forward::{LookAgain, look};
use crate::flows::several::{Refused, give};
use crate::flows::withholding::Kept;
use crate::store::{CaseRow, HandlingRow};
use crate::web::WebState;
use crate::web::desk::desk_page;
use crate::web::desk::doubts::{asked, here};
use crate::web::desk::forward::may_leave;
use crate::web::desk::leaving::{Leaving, again, looked_at, people, shared};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;

/// The route of several projects.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/several", get(show).post(forward))
}

async fn show(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Markup, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let (chosen, kept) = asked(query.as_deref().unwrap_or_default());
    let chosen = open(&state, &case, chosen).await?;
    if !chosen.is_empty() {
        return look_at(&state, &member, &case, &chosen, &kept, None).await;
    }
    let handlings = state.house.store.handlings_of(&case.id).await?;
    let policy = state.house.policy();
    let asked = query.is_some();
    let view = Choice { case: &case, directory: &policy.directory, handlings: &handlings, asked };
    let title = if asked { "Error: Several projects" } else { "Several projects" };
    Ok(desk_page(&state, &member, Place::Elsewhere, title, choice(&view)).await?)
}

/// Those of the chosen projects that are known and do not have the case.
async fn open(state: &WebState, case: &CaseRow, mut chosen: Vec<ProjectId>) -> Result<Vec<ProjectId>, WebError> {
    let handlings = state.house.store.handlings_of(&case.id).await?;
    let policy = state.house.policy();
    chosen.retain(|id| policy.directory.project(id).is_some() && !has_it(&handlings, id));
    Ok(chosen)
}

fn has_it(handlings: &[HandlingRow], project: &ProjectId) -> bool {
    handlings.iter().any(|handling| handling.is_with(project))
}

async fn look_at(
    state: &WebState,
    member: &Member,
    case: &CaseRow,
    chosen: &[ProjectId],
    kept: &Kept,
    again: Option<LookAgain>,
) -> Result<Markup, WebError> {
    let step = state.house.step();
    let projects: Vec<&Project> = chosen.iter().filter_map(|id| step.policy.directory.project(id)).collect();
    let look = look(&state.house, &step, case, &projects).await?;
    let known = state.house.store.contacts().await?;
    let here = here(case, "several", chosen);
    let view = Leaving { case, look: &look, kept, here, again, known: &known, now: step.now };
    let title = if again.is_some() { "Error: Several projects" } else { "Several projects" };
    let hold = step.policy.directory.routing.hold.as_secs();
    Ok(desk_page(state, member, Place::Elsewhere, title, preview(&view, hold)).await?)
}

/// The page on which projects are ticked.
struct Choice<'a> {
    case: &'a CaseRow,
    directory: &'a Directory,
    handlings: &'a [HandlingRow],
    /// Sent without a tick.
    asked: bool,
}

fn choice(view: &Choice<'_>) -> Markup {
    let candidates = &view.case.judgement.candidates;
    let is_named = |project: &Project| candidates.iter().any(|candidate| candidate.project == project.id);
    let is_likely = |project: &Project| {
        candidates.iter().any(|candidate| candidate.project == project.id && candidate.strength >= Strength::Likely)
    };
    let open: Vec<&Project> =
        view.directory.projects.iter().filter(|project| !has_it(view.handlings, &project.id)).collect();
    let (named, others): (Vec<&Project>, Vec<&Project>) = open.into_iter().partition(|project| is_named(project));
    html! {
        p.small.muted { a.mono href={ "/cases/" (view.case.number) } { (view.case.number) } " · " (view.case.title) }
        h1 { "Several projects" }
        form method="get" action={ "/cases/" (view.case.number) "/several" } {
            @if view.asked { div.notice.late role="alert" { p { strong { "Error: " } "Select at least one project that does not have this case." } } }
            @if !named.is_empty() {
                fieldset { legend { "Suggested" } @for project in named { (tick(project, is_likely(project))) } }
            }
            @if !others.is_empty() {
                fieldset { legend { "Other projects" } @for project in others { (tick(project, false)) } }
            }
            div.row { button.primary { "Look at it" } a.button href={ "/cases/" (view.case.number) } { "Back" } }
        }
    }
}

fn tick(project: &Project, is_ticked: bool) -> Markup {
    html! {
        div.choice {
            input type="checkbox" id={ "project-" (project.id) } name="project" value=(project.id) checked[is_ticked];
            label for={ "project-" (project.id) } { (project.name) }
        }
    }
}

/// The page before it leaves, `hold` seconds after the press.
fn preview(view: &Leaving<'_>, hold: i64) -> Markup {
    let names: Vec<&str> = view.look.parts.iter().map(|part| part.project.name.as_str()).collect();
    let case = view.case;
    html! {
        p.small.muted { a.mono href={ "/cases/" (case.number) } { (case.number) } " · " (case.title) }
        h1 { "Forward to " (listed(&names)) }
        (again(view))
        h2 { "Who gets it" }
        @for part in &view.look.parts {
            h3 { (part.project.name) }
            @if part.is_by_hand { p { "Takes no mail: its part opens by hand, and you take it there. Its promise runs from your decision." } }
            @else { (people(view, part)) }
        }
        p { "Each project has a part of its own, with its own clock. None of them sees what another one writes." }
        h2 { "What is shared" }
        (shared(view))
        form.row method="post" action={ "/cases/" (case.number) "/several" } {
            @for part in &view.look.parts { input type="hidden" name="project" value=(part.project.id); }
            (looked_at(view))
            button.primary { "Forward to " (listed(&names)) }
            a.button href={ "/cases/" (case.number) "/several" } { "Back" }
        }
        @if hold > 0 { p.muted { "It leaves after " (hold) " seconds; until then you can stop it on the case's page." } }
    }
}

/// "Lantern", "Lantern and Parsley", "Lantern, Parsley and Quern".
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The projects that were chosen, and what was looked at before.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Chosen {
    project: Vec<String>,
    mark: String,
    keep: String,
}

async fn forward(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(form): Form<Chosen>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let chosen: Vec<ProjectId> = form.project.iter().filter_map(|id| ProjectId::parse(id)).collect();
    let (open, kept) = (open(&state, &case, chosen.clone()).await?, Kept::parse(&form.keep));
    if !open.is_empty()
        && let Err(again) = may_leave(&state, &case, &open.iter().collect::<Vec<_>>(), &kept, &form.mark).await?
    {
        return Ok(look_at(&state, &member, &case, &open, &kept, Some(again)).await?.into_response());
    }
    let refused = give(&state.house, &case, &chosen, &member).await?;
    if refused.is_empty() {
        return Ok(Redirect::to(&format!("/cases/{}", case.number)).into_response());
    }
    let body = not_to_all(&case, &refused);
    Ok(desk_page(&state, &member, Place::Elsewhere, "Not forwarded to all", body).await?.into_response())
}

fn not_to_all(case: &CaseRow, refused: &[Refused]) -> Markup {
    html! {
        h1 { "Not forwarded to all" }
        div.notice.late { ul.tight { @for one in refused { li { (one.project) ": " (one.because) } } } }
        p { "Every other project that you chose has it now." }
        p { a.button href={ "/cases/" (case.number) } { "Back to the case" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::domain::handling::HandlingState;
    use crate::web::desk::leaving::tests::look;
    use crate::web::samples::{HOSTILE, case, directory, handling, now, shows_hostile_texts};

    #[test]
    fn what_the_judge_suggests_is_ticked_and_who_has_it_is_not_offered() {
        let (case, directory) = (case(CaseState::Triage), directory());
        let shown = |handlings: &[HandlingRow], asked| {
            shows_hostile_texts(choice(&Choice { case: &case, directory: &directory, handlings, asked }), 1)
        };
        let page = shown(&[], true);
        assert!(page.contains("value=\"lantern\" checked") && page.contains("value=\"parsley\">"), "{page}");
        assert!(page.contains("Select at least one project"), "{page}");
        let page = shown(&[handling(HandlingState::Sent)], false);
        assert!(!page.contains("lantern") && !page.contains("Error"), "{page}");
    }

    #[test]
    fn the_preview_names_each_project_its_people_its_time_and_what_leaves() {
        let (case, kept, here) = (case(CaseState::Triage), Kept::default(), "/here?".to_owned());
        let mut look = look(HOSTILE, 2);
        look.parts[1].is_by_hand = true;
        let again = Some(LookAgain::Undecided);
        let view = Leaving { case: &case, look: &look, kept: &kept, here, again, known: &[], now: now() };
        let page = shows_hostile_texts(preview(&view, 60), 2);
        for words in [
            "Forward to Lantern and Parsley",
            "ivo@lantern.example",
            "Fri 2026-11-27 14:00 UTC",
            "opens by hand",
            "Decide about each marked line first",
            "after 60 seconds",
            "name=\"project\" value=\"parsley\"",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert_eq!(listed(&["A", "B", "C"]), "A, B and C");
    }
}
