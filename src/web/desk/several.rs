//! `/cases/{number}/several`: one report for several projects, chosen, looked at and forwarded together.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::Form;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::directory::{Directory, Member, Project, ProjectId};
use crate::domain::judgement::Strength;
use crate::flows::by_hand::{self, is_by_hand};
use crate::flows::composing::name_of;
use crate::flows::forward::{first_contacts, target};
use crate::flows::{Step, members};
use crate::store::{CaseRow, ContactRow, HandlingRow};
use crate::web::WebState;
use crate::web::desk::desk_page;
use crate::web::desk::leaving::{self, Leaving, asked, confirm_by, people};
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
    let handlings = state.house.store.handlings_of(&case.id).await?;
    let (mut chosen, kept) = asked(query.as_deref().unwrap_or_default());
    let step = state.house.step();
    chosen.retain(|id| step.policy.directory.project(id).is_some() && !has_it(&handlings, id));
    let body = if chosen.is_empty() {
        choice(&Choice {
            case: &case,
            directory: &step.policy.directory,
            handlings: &handlings,
            asked: query.is_some(),
        })
    } else {
        let leaving = leaving::leaving(&state, &case.id, kept).await?;
        let known = state.house.store.contacts().await?;
        let parts = chosen.iter().filter_map(|id| Part::of(&step, id)).collect();
        preview(&Preview { case: &case, parts, known: &known, leaving: &leaving, chosen: &chosen, now: step.now })
    };
    Ok(desk_page(&state, &member, Place::Elsewhere, "Forward to several projects", body).await?)
}

fn has_it(handlings: &[HandlingRow], project: &ProjectId) -> bool {
    handlings.iter().any(|handling| handling.is_with(project))
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
        h1 { "Forward to several projects" }
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

/// One chosen project, and how it would get the case.
struct Part<'a> {
    project: &'a Project,
    is_by_hand: bool,
    contacts: Vec<&'a crate::domain::directory::Contact>,
    confirm_by: Timestamp,
}

impl<'a> Part<'a> {
    fn of(step: &'a Step, id: &ProjectId) -> Option<Self> {
        let project = step.policy.directory.project(id)?;
        Some(Self {
            is_by_hand: is_by_hand(step, project),
            contacts: first_contacts(step, project),
            confirm_by: step.now + target(step, project),
            project,
        })
    }
}

/// The page before it leaves.
struct Preview<'a> {
    case: &'a CaseRow,
    parts: Vec<Part<'a>>,
    known: &'a [ContactRow],
    leaving: &'a Leaving,
    chosen: &'a [ProjectId],
    now: Timestamp,
}

fn preview(view: &Preview<'_>) -> Markup {
    let names: Vec<&str> = view.parts.iter().map(|part| part.project.name.as_str()).collect();
    let here = leaving::here(view.case, "several", view.chosen);
    html! {
        p.small.muted { a.mono href={ "/cases/" (view.case.number) } { (view.case.number) } " · " (view.case.title) }
        h1 { "Forward to " (listed(&names)) }
        h2 { "Who gets it" }
        @for part in &view.parts {
            h3 { (part.project.name) }
            @if part.is_by_hand { p { "Takes no mail: its part opens by hand, and you take it there. Its promise runs from your decision." } }
            @else { (people(&part.contacts, &of_project(view.known, part.project), view.now)) (confirm_by(part.confirm_by)) }
        }
        p { "Each project has a part of its own, with its own clock. None of them sees what another one writes." }
        h2 { "What is shared" }
        (leaving::part(view.case, view.leaving, &here))
        form.row method="post" action={ "/cases/" (view.case.number) "/several" } {
            @for id in view.chosen { input type="hidden" name="project" value=(id); }
            button.primary { "Forward to " (listed(&names)) }
            a.button href={ "/cases/" (view.case.number) "/several" } { "Back" }
        }
    }
}

fn of_project(known: &[ContactRow], project: &Project) -> Vec<ContactRow> {
    known.iter().filter(|row| row.project == project.id).cloned().collect()
}

/// "Lantern", "Lantern and Parsley", "Lantern, Parsley and Quern".
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The projects that were looked at.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Chosen {
    project: Vec<String>,
}

async fn forward(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let mut refusals = Vec::new();
    for id in chosen.project.iter().filter_map(|id| ProjectId::parse(id)) {
        if let Some(refusal) = to_one(&state, &case, &id, &member).await? {
            refusals.push(format!("{}: {refusal}", name_of(&state.house.step(), &id)));
        }
    }
    if refusals.is_empty() {
        return Ok(Redirect::to(&format!("/cases/{}", case.number)).into_response());
    }
    let body = html! {
        h1 { "Not forwarded to all" }
        div.notice.late { ul.tight { @for refusal in &refusals { li { (refusal) } } } }
        p { "Every other project that you chose has it now." }
        p { a.button href={ "/cases/" (case.number) } { "Back to the case" } }
    };
    Ok(desk_page(&state, &member, Place::Elsewhere, "Not forwarded to all", body).await?.into_response())
}

/// Gives the case to one of them; says why not, if not. One that has it already needs no second part: a form that is
/// sent twice does nothing more.
async fn to_one(state: &WebState, case: &CaseRow, id: &ProjectId, by: &Member) -> Result<Option<String>, WebError> {
    let step = state.house.step();
    if has_it(&state.house.store.handlings_of(&case.id).await?, id) {
        return Ok(None);
    }
    let is_by_hand = step.policy.directory.project(id).is_some_and(|project| is_by_hand(&step, project));
    if is_by_hand {
        let taken = by_hand::take(&state.house, &case.id, id, by).await?;
        return Ok(taken.err().map(|refusal| refusal.to_string()));
    }
    let forwarded = members::forward(&state.house, &case.id, id, by).await?;
    Ok(forwarded.err().map(|refusal| refusal.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::domain::handling::HandlingState;
    use crate::web::desk::leaving::Kept;
    use crate::web::samples::{case, directory, handling, hours, now, report, shows_hostile_texts};

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
        let (case, directory) = (case(CaseState::Triage), directory());
        let part = |at: usize, is_by_hand| Part {
            project: &directory.projects[at],
            is_by_hand,
            contacts: directory.projects[at].contacts.iter().collect(),
            confirm_by: now() + hours(168),
        };
        let leaving = Leaving::of(&[report()], Vec::new(), &[], Kept::default());
        let chosen: Vec<ProjectId> = directory.projects.iter().map(|project| project.id.clone()).collect();
        let (parts, now) = (vec![part(0, false), part(1, true)], now());
        let view = Preview { case: &case, parts, known: &[], leaving: &leaving, chosen: &chosen, now };
        let page = shows_hostile_texts(preview(&view), 2);
        for words in [
            "Forward to Lantern and Parsley",
            "ivo@lantern.example",
            "Fri 2026-11-27 14:00 UTC",
            "opens by hand",
            "name=\"project\" value=\"parsley\"",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert_eq!(listed(&["A", "B", "C"]), "A, B and C");
    }
}
