//! The preview before a forward: who gets it, by when, and what is shared about the reporter; and stopping one.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use crate::domain::directory::{Channel, Contact, DeliveryMode, Project, ProjectId};
use crate::domain::id::HandlingId;
use crate::flows::forward::{first_contacts, target};
use crate::flows::members;
use crate::store::{CaseRow, ReportRow};
use crate::web::WebState;
use crate::web::desk::desk_page;
use crate::web::frame::{Place, WebError, said};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of forwarding.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/forward", get(preview).post(forward)).route("/handlings/{id}/stop", post(stop))
}

/// Which project was chosen.
#[derive(serde::Deserialize)]
struct Choice {
    #[serde(default)]
    project: String,
}

async fn preview(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Query(choice): Query<Choice>,
) -> Result<Markup, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let step = state.house.step();
    let project = ProjectId::parse(&choice.project).and_then(|id| step.policy.directory.project(&id).cloned());
    let project = project.ok_or(WebError::NotFound)?;
    let reports = state.house.store.reports_of(&case.id).await?;
    let view = Preview {
        contacts: first_contacts(&step, &project),
        confirm_by: step.now + target(&step, &project),
        hold: step.policy.directory.routing.hold.as_secs(),
        case: &case,
        project: &project,
        reports: &reports,
    };
    Ok(desk_page(&state, &member, Place::Elsewhere, "Forward", page(&view)).await?)
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

async fn stop(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(handling): Path<String>,
) -> Result<Response, WebError> {
    let handling = HandlingId::from_row(handling);
    let row = state.house.store.handling(&handling).await?.ok_or(WebError::NotFound)?;
    let case = state.house.store.case(&row.case).await?.ok_or(WebError::NotFound)?;
    let stopped = members::stop_sending(&state.house, &handling, &member).await?;
    if stopped.letters > 0 && stopped.already_gone == 0 {
        // The case shows it; a page of its own would be gone at the next reload.
        return Ok(Redirect::to(&format!("/cases/{}", case.number)).into_response());
    }
    let body = html! {
        h1 { @if stopped.letters > 0 { "Stopped in part" } @else { "Too late to stop" } }
        p {
            (stopped.letters) " of " (stopped.letters + stopped.already_gone) " letters were stopped."
            @if stopped.already_gone > 0 { " " (stopped.already_gone) " had left already." }
        }
        p { a href={ "/cases/" (case.number) } { "Back to " (case.number) } }
    };
    Ok(desk_page(&state, &member, Place::Elsewhere, "Stop sending", body).await?.into_response())
}

/// What the preview shows.
struct Preview<'a> {
    case: &'a CaseRow,
    project: &'a Project,
    contacts: Vec<&'a Contact>,
    confirm_by: jiff::Timestamp,
    /// Seconds in which it can be stopped.
    hold: i64,
    reports: &'a [ReportRow],
}

fn page(view: &Preview<'_>) -> Markup {
    let name = &view.project.name;
    let back = format!("/cases/{}", view.case.number);
    html! {
        p.small.muted { span.mono { (view.case.number) } " · " (view.case.title) }
        h1 { "Forward to " (name) }
        @if view.project.channel != Channel::Mail {
            div.notice.soon { p { (name) " takes reports through " (view.project.channel.word()) ", not by mail."
                @if let Some(url) = &view.project.channel_url { " Take it there: " span.mono { (url) } } } }
        } @else if view.contacts.is_empty() {
            div.notice.soon { p { (name) " has no contact to write to. Add one to projects.toml." } }
        } @else {
            h2 { "Who gets it" }
            ul.tight { @for contact in &view.contacts {
                li { @if let Some(name) = &contact.name { strong { (name) } " " } (contact.email)
                    @if contact.delivery != DeliveryMode::Full { span.small.muted { " gets a link, not the text" } } }
            } }
            p { "They are asked to confirm by " strong { (when::time(view.confirm_by)) } "." }
            h2 { "What is shared" }
            p { "The reporter's name and address are withheld. This is the text that leaves:" }
            @for report in view.reports {
                @if report.shared.is_empty() { p { "No text: it could not be read or is encrypted. The contacts are told so." } }
                @else { (said(&report.shared)) }
            }
            form.row method="post" action={ "/cases/" (view.case.number) "/forward" } {
                input type="hidden" name="project" value=(view.project.id);
                button.primary { "Forward to " (people(view.contacts.len())) " at " (name) }
                a.button href=(back) { "Back" }
            }
            @if view.hold > 0 { p.muted { "It leaves after " (view.hold) " seconds; until then you can stop it on the case's page." } }
        }
    }
}

fn people(count: usize) -> String {
    if count == 1 { "1 contact".to_owned() } else { format!("{count} contacts") }
}
