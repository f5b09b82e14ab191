//! `/propose`: somebody proposes a project for the directory, without an account.

mod page;
mod typed;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::tz::TimeZone;

use crate::domain::policy_file::{self, Found};
use crate::flows::proposals::{self, NotProposed};
use crate::web::WebState;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Place, WebError, document};
use crate::web::public::propose::page::View;
use crate::web::public::propose::typed::Fault;

const TITLE: &str = "Propose a project";

/// The route of the form.
pub fn routes() -> Router<WebState> {
    Router::new().route("/propose", get(blank).post(act))
}

async fn blank(State(state): State<WebState>) -> Response {
    shown(&state, &Fields::default(), &[], None)
}

async fn act(State(state): State<WebState>, request: Request) -> Result<Response, WebError> {
    let mut fields = Fields::read(request).await;
    if fields.get("act") == "fill" {
        let text = [fields.get("file"), fields.get("file_text")].into_iter().find(|text| !text.is_empty());
        let today = state.house.now().to_zoned(TimeZone::UTC).date();
        let found = policy_file::read(text.unwrap_or_default(), today);
        typed::fill(&mut fields, &found);
        return Ok(shown(&state, &fields, &[], Some(&found)));
    }
    let proposed = match typed::proposed(&fields) {
        Ok(proposed) => proposed,
        Err(faults) => {
            // What the file's reader finds is said at once, not after the rest is mended.
            let found = proposals::check(&state.house, &typed::draft(&fields)).err().unwrap_or_default();
            let faults = typed::with_those_of_the_file(faults, found, &fields);
            return Ok(shown(&state, &fields, &faults, None));
        }
    };
    match proposals::propose(&state.house, proposed).await? {
        Ok(()) => {
            let body = page::on_its_way(fields.get("name"));
            Ok(document(&state, Page::at(Place::WhoToTell, "Thank you", body)).into_response())
        }
        Err(NotProposed::Faults(faults)) => {
            let faults: Vec<Fault> = faults.into_iter().map(typed::fault_of).collect();
            Ok(shown(&state, &fields, &faults, None))
        }
        Err(NotProposed::TooMany) => {
            let words =
                "Many projects were proposed today. Your text is still here. Try again tomorrow, or mail it to us";
            Ok(shown(&state, &fields, &[Fault { field: "asked_by".to_owned(), words: words.to_owned() }], None))
        }
    }
}

fn shown(state: &WebState, fields: &Fields, faults: &[Fault], found: Option<&Found>) -> Response {
    let policy = state.house.policy();
    let view = View { directory: &policy.directory, fields, faults, found };
    let title = if faults.is_empty() { TITLE.to_owned() } else { format!("Error: {TITLE}") };
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    (status, document(state, Page::at(Place::WhoToTell, &title, page::form(&view)))).into_response()
}
