//! Lines that may still tell who wrote a report, each with two buttons; and withholding one of them.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use maud::{Markup, html};

use crate::domain::directory::{Member, ProjectId};
use crate::flows::forward::Look;
use crate::flows::withholding::{self, Doubt, Kept};
use crate::store::CaseRow;
use crate::web::WebState;
use crate::web::desk::not_done;
use crate::web::frame::WebError;
use crate::web::session::AtDesk;

/// The route of withholding a line.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/withhold", post(withhold))
}

/// What a member has still to decide about. `here` is the address of the page, with a query.
pub fn doubts(case: &CaseRow, look: &Look, kept: &Kept, here: &str) -> Markup {
    html! {
        @for doubt in look.undecided(kept) {
            div.notice.soon {
                p { "The text contains “" (doubt.text) "”. It may tell who the reporter is." }
                div.row {
                    form method="post" action={ "/cases/" (case.number) "/withhold" } {
                        input type="hidden" name="line" value=(doubt.at);
                        input type="hidden" name="text" value=(doubt.text);
                        input type="hidden" name="back" value={ (here) "&keep=" (kept) };
                        button { "Withhold this line" span.unseen { ": " (doubt.text) } }
                    }
                    a.button href={ (here) "&keep=" (kept.with(doubt.at)) } { "Keep" span.unseen { ": " (doubt.text) } }
                }
            }
        }
    }
}

/// What the button brings.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Pressed {
    line: String,
    text: String,
    back: String,
}

async fn withhold(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let back = back(&case, &pressed.back);
    if cut(&state, &case, pressed, &member).await? {
        return Ok(Redirect::to(&back).into_response());
    }
    let why = "That line is not in the text any more. Look at the text again.";
    Ok(not_done(&state, &member, &back, why).await?)
}

async fn cut(state: &WebState, case: &CaseRow, pressed: Pressed, by: &Member) -> Result<bool, WebError> {
    let Ok(at) = pressed.line.parse() else { return Ok(false) };
    Ok(withholding::withhold(&state.house, &case.id, &Doubt { at, text: pressed.text }, by).await?)
}

/// The page that the button stood on, put together anew: only to a page of ours (THREATS.md row 65).
fn back(case: &CaseRow, said: &str) -> String {
    let case_page = format!("/cases/{}", case.number);
    let Some((path, query)) = said.strip_prefix(&format!("{case_page}/")).and_then(|rest| rest.split_once('?')) else {
        return case_page;
    };
    let (projects, kept) = asked(query);
    match (path, path.strip_prefix("by-hand/").and_then(ProjectId::parse)) {
        ("forward" | "several", _) => format!("{}&keep={kept}", here(case, path, &projects)),
        (_, Some(project)) => format!("{case_page}/by-hand/{project}?keep={kept}"),
        _ => case_page,
    }
}

/// The address of a preview: `forward` of one project, `several` of more.
pub fn here(case: &CaseRow, preview: &str, projects: &[ProjectId]) -> String {
    let projects: Vec<String> = projects.iter().map(|id| format!("project={id}")).collect();
    format!("/cases/{}/{preview}?{}", case.number, projects.join("&"))
}

/// The project ids and the kept lines of a preview's address, in which one name stands several times.
pub fn asked(query: &str) -> (Vec<ProjectId>, Kept) {
    let (mut projects, mut kept) = (Vec::new(), Kept::default());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "project" => projects.extend(ProjectId::parse(&value).filter(|id| !projects.contains(id))),
            "keep" => kept = Kept::parse(&value),
            _ => {}
        }
    }
    (projects, kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::web::samples::{case, id};

    #[test]
    fn an_address_names_projects_and_kept_lines() {
        let (projects, kept) = asked("project=lantern&project=parsley&project=lantern&project=%20&keep=0.3,1.7");
        assert_eq!((projects, kept.to_string().as_str()), (vec![id("lantern"), id("parsley")], "0.3,1.7"));
        assert_eq!(asked("").1, Kept::default());
    }

    #[test]
    fn a_press_leads_back_to_the_page_that_it_was_on_and_to_no_other() {
        let back = |said: &str| super::back(&case(CaseState::New), said);
        for ours in [
            "/cases/SEC-2026-0042/several?project=lantern&project=parsley&keep=0.1",
            "/cases/SEC-2026-0042/forward?project=lantern&keep=",
            "/cases/SEC-2026-0042/by-hand/lantern?keep=0.1",
        ] {
            assert_eq!(back(ours), ours);
        }
        for other in [
            "https://evil.example/forward?project=lantern",
            "//evil.example",
            "/cases/SEC-2026-0041/forward?project=lantern",
            "/cases/SEC-2026-0042/by-hand/../..?",
            "/cases/SEC-2026-0042/close?",
            "",
        ] {
            assert_eq!(back(other), "/cases/SEC-2026-0042", "{other}");
        }
    }
}
