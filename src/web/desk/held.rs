//! `/held`: mail that nothing proves to be whose it seems, with a member's decisions.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use crate::domain::case::CaseRef;
use crate::domain::id::MessageId;
use crate::flows::members::{self, HeldDecision};
use crate::store::MessageRow;
use crate::web::WebState;
use crate::web::desk::message::message;
use crate::web::desk::timeline::Told;
use crate::web::desk::{ROWS, desk_page, sight};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;

/// The routes of held mail.
pub fn routes() -> Router<WebState> {
    Router::new().route("/held", get(list)).route("/held/{id}", post(decide))
}

async fn list(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let mut held = Vec::new();
    let kept = sight::kept_from(&state.house, &member).await?;
    let is_shown = |row: &MessageRow| !row.case.as_ref().is_some_and(|case| kept.has(case));
    for (row, case) in state.house.store.held(ROWS).await?.into_iter().filter(|(row, _)| is_shown(row)) {
        let files = match &row.arrival {
            Some(arrival) => state.house.store.attachments_of(arrival).await?,
            None => Vec::new(),
        };
        held.push((case, (row, files)));
    }
    Ok(desk_page(&state, &member, Place::Held, "Held mail", page(&held)).await?)
}

fn page(held: &[(Option<CaseRef>, Told)]) -> Markup {
    html! {
        h1 { "Held mail" }
        p.muted { "Nothing here was believed, answered or forwarded. Decide within two days." }
        @if held.is_empty() { p { "Nothing is held." } }
        @for (case, told) in held {
            h2 { @match case {
                Some(number) => { "For " a.mono href={ "/cases/" (number) } { (number) } }
                None => "For no case"
            } }
            @if !told.0.subject.is_empty() { p { (told.0.subject) } }
            (message(told, None))
        }
    }
}

/// The button that was pressed.
#[derive(serde::Deserialize)]
struct Decision {
    decision: String,
}

async fn decide(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
    Form(form): Form<Decision>,
) -> Result<Response, WebError> {
    let decision = HeldDecision::from_button(&form.decision).ok_or(WebError::NotFound)?;
    match members::decide_held(&state.house, &MessageId::from_row(id), decision, &member).await? {
        Ok(Some(number)) => Ok(Redirect::to(&format!("/cases/{number}")).into_response()),
        Ok(None) => Ok(Redirect::to("/held").into_response()),
        Err(reason) => {
            let body = html! { h1 { "Not done" } div.notice.late { p { (reason) } } p { a href="/held" { "Back to held mail" } } };
            Ok(desk_page(&state, &member, Place::Held, "Not done", body).await?.into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{attachment, held, safe, shows_hostile_texts};

    #[test]
    fn held_mail_is_shown_as_text_with_a_button_for_each_decision() {
        let number = CaseRef::from_row("SEC-2026-0042");
        let shown = shows_hostile_texts(page(&[(Some(number), (held(), vec![attachment()]))]), 7);
        for decision in ["reporter-lane", "project-lane", "not-related", "open-case"] {
            assert!(HeldDecision::from_button(decision).is_some() && shown.contains(&format!("value=\"{decision}\"")));
        }
    }

    #[test]
    fn held_mail_without_a_case_has_no_lane_to_go_to() {
        let mut mail = held();
        mail.case = None;
        let shown = safe(page(&[(None, (mail, Vec::new()))]));
        assert!(shown.contains("For no case") && !shown.contains("-lane\""), "{shown}");
        assert!(safe(page(&[])).contains("Nothing is held."));
    }
}
