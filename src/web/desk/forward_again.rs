//! The preview before a project's new contacts get a case that the project has already: who gets it, who loses it.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::directory::ProjectId;
use crate::domain::party::Party;
use crate::flows::composing::name_of;
use crate::flows::forward_again::{Changes, again, changes};
use crate::store::CaseRow;
use crate::web::WebState;
use crate::web::desk::{desk_page, not_done};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;

/// The route of forwarding again.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/forward-again/{project}", get(preview).post(forward))
}

async fn preview(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (case, project) = found(&state, &number, &project).await?;
    let back = format!("/cases/{}", case.number);
    match changes(&state.house, &case.id, &project).await? {
        Ok(changes) => {
            let name = name_of(&state.house.step(), &project);
            let body = page(&case, &project, &name, &changes);
            Ok(desk_page(&state, &member, Place::Elsewhere, "Forward again", body).await?.into_response())
        }
        Err(refusal) => Ok(not_done(&state, &member, &back, &refusal.to_string()).await?),
    }
}

async fn forward(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (case, project) = found(&state, &number, &project).await?;
    let back = format!("/cases/{}", case.number);
    match again(&state.house, &case.id, &project, &member).await? {
        Ok(_) => Ok(Redirect::to(&back).into_response()),
        Err(refusal) => Ok(not_done(&state, &member, &back, &refusal.to_string()).await?),
    }
}

async fn found(state: &WebState, number: &str, project: &str) -> Result<(CaseRow, ProjectId), WebError> {
    let case = state.house.store.case_by_number(number).await?.ok_or(WebError::NotFound)?;
    let project = ProjectId::parse(project).ok_or(WebError::NotFound)?;
    Ok((case, project))
}

fn page(case: &CaseRow, project: &ProjectId, name: &str, changes: &Changes) -> Markup {
    html! {
        p.small.muted { span.mono { (case.number) } " · " (case.title) }
        h1 { "Forward again to " (name) }
        p { "Its contacts have changed since it got this case. Its part stays the same, and no clock changes." }
        @if !changes.new.is_empty() {
            h2 { "Who gets it now" }
            ul.tight { @for contact in &changes.new {
                li { @if let Some(name) = &contact.name { strong { (name) } " " } (contact.email) }
            } }
        }
        @if !changes.leave.is_empty() {
            h2 { "Who is no contact any more" }
            p { "They had the report and cannot unread it. Their links and addresses end now." }
            (people(&changes.leave))
        }
        @if !changes.stay.is_empty() {
            h2 { "Who has it and stays" }
            (people(&changes.stay))
        }
        form.row method="post" action={ "/cases/" (case.number) "/forward-again/" (project) } {
            button.primary { "Forward again to " (name) }
            a.button href={ "/cases/" (case.number) } { "Back" }
        }
    }
}

fn people(parties: &[Party]) -> Markup {
    html! {
        ul.tight { @for party in parties {
            li { @if let Some(name) = &party.name { strong { (name) } " " } @if let Some(mailbox) = &party.mailbox { (mailbox) } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::domain::id::{CaseId, HandlingId, PartyId};
    use crate::domain::party::{PartyRole, Shares};
    use crate::web::samples::{HOSTILE, directory, mailbox, shows_hostile_texts};

    #[test]
    fn the_preview_names_who_gets_it_who_loses_it_and_that_no_clock_changes() {
        let directory = directory();
        let mut new = directory.projects[0].contacts[0].clone();
        new.name = Some(HOSTILE.to_owned());
        let left = Party {
            id: PartyId::from_row("party"),
            case: CaseId::from_row("case"),
            role: PartyRole::Contact(HandlingId::from_row("handling")),
            mailbox: Some(mailbox("old@lantern.example")),
            name: Some(HOSTILE.to_owned()),
            is_list: false,
            shares: Shares::Nothing,
            generation: 0,
        };
        let changes = Changes { new: vec![new], stay: Vec::new(), leave: vec![left] };
        let case = crate::web::samples::case(CaseState::Routed);
        let page = shows_hostile_texts(page(&case, &directory.projects[0].id, "Lantern", &changes), 3);
        for words in ["Who gets it now", "old@lantern.example", "end now", "no clock changes"] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("Who has it and stays"), "{page}");
    }
}
