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

/// The same in an address, which anybody may cut short.
#[derive(serde::Deserialize)]
struct MaybeChoice {
    project: Option<String>,
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
    let handlings = state.house.store.handlings_of(&case.id).await?;
    let reports = state.house.store.reports_of(&case.id).await?;
    let view = Preview {
        contacts: first_contacts(&step, &project),
        confirm_by: step.now + target(&step, &project),
        hold: step.policy.directory.routing.hold.as_secs(),
        case: &case,
        project: &project,
        has_it: handlings.iter().any(|handling| handling.project == project.id),
        reports: &reports,
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

async fn stop(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(handling): Path<String>,
) -> Result<Response, WebError> {
    let handling = HandlingId::from_row(handling);
    let row = state.house.store.handling(&handling).await?.ok_or(WebError::NotFound)?;
    let case = state.house.store.case(&row.case).await?.ok_or(WebError::NotFound)?;
    let stopped = members::stop_sending(&state.house, &handling, &member).await?;
    let page = format!("/cases/{}?stopped={}&gone={}", case.number, stopped.letters, stopped.already_gone);
    Ok(Redirect::to(&page).into_response())
}

/// What the preview shows.
struct Preview<'a> {
    case: &'a CaseRow,
    project: &'a Project,
    contacts: Vec<&'a Contact>,
    confirm_by: jiff::Timestamp,
    /// Seconds in which it can be stopped.
    hold: i64,
    /// It was forwarded there before, so it cannot be again.
    has_it: bool,
    reports: &'a [ReportRow],
}

fn page(view: &Preview<'_>) -> Markup {
    let name = &view.project.name;
    let back = format!("/cases/{}", view.case.number);
    html! {
        p.small.muted { span.mono { (view.case.number) } " · " (view.case.title) }
        h1 { "Forward to " (name) }
        @if view.has_it {
            div.notice.soon { p { (name) " has this case already." } }
            p { a.button href=(back) { "Back" } }
        } @else if view.project.channel != Channel::Mail {
            div.notice.soon { p { (name) " takes reports through " (view.project.channel.word()) ", not by mail."
                @if let Some(url) = &view.project.channel_url { " Take it there: " span.mono { (url) } } } }
            p { a.button href=(back) { "Back" } }
        } @else if view.contacts.is_empty() {
            div.notice.soon { p { (name) " has no contact to write to. Add one to projects.toml." } }
            p { a.button href=(back) { "Back" } }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::web::samples::{case, directory, hours, mailbox, now, report, shows_hostile_texts};

    fn contact(name: &str, delivery: DeliveryMode) -> Contact {
        Contact {
            name: Some(name.to_owned()),
            email: mailbox("ivo@lantern.example"),
            delivery,
            is_list: false,
            is_deputy: false,
            away: Vec::new(),
            hours: None,
            zone: None,
            key: None,
        }
    }

    fn shown(project: &Project, contacts: &[Contact], has_it: bool) -> String {
        let view = Preview {
            case: &case(CaseState::Triage),
            project,
            contacts: contacts.iter().collect(),
            confirm_by: now() + hours(168),
            hold: 60,
            has_it,
            reports: &[report()],
        };
        shows_hostile_texts(page(&view), 1)
    }

    #[test]
    fn the_preview_names_who_gets_it_by_when_and_what_leaves() {
        let people = [contact("Ivo", DeliveryMode::Full), contact("Ana", DeliveryMode::Link)];
        let page = shown(&directory().projects[0], &people, false);
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
    fn there_is_no_button_where_a_forward_would_be_refused() {
        let directory = directory();
        let people = [contact("Ivo", DeliveryMode::Full)];
        let mut by_hand = directory.projects[0].clone();
        by_hand.channel = Channel::Github;
        for (page, words) in [
            (shown(&directory.projects[0], &people, true), "has this case already"),
            (shown(&directory.projects[0], &[], false), "no contact to write to"),
            (shown(&by_hand, &people, false), "through GitHub, not by mail"),
        ] {
            assert!(page.contains(words) && !page.contains("<button"), "{words} in {page}");
        }
    }
}
