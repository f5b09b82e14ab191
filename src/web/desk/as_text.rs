//! `/at-risk/copy`: what is at risk as text, to be put into a message: number, clock, project, owner and link, and no title
//! (UX.md rule 9).

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::store::{CaseLine, Part};
use crate::web::WebState;
use crate::web::desk::filter::Asked;
use crate::web::desk::lists::{member_name, name_of};
use crate::web::desk::{ROWS, desk_page};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The route of the text.
pub fn routes() -> Router<WebState> {
    Router::new().route("/at-risk/copy", get(copy))
}

async fn copy(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Query(asked): Query<Asked>,
) -> Result<Markup, WebError> {
    let first = Part { skip: 0, most: ROWS, seen_by: Some(&member.email) };
    let lines = state.house.store.find_cases(&asked.filter(true), first).await?;
    let policy = state.house.policy();
    let text = as_text(&lines, &policy.directory, &state.house.public_url, state.house.now());
    let body = html! {
        h1 { "What is at risk, as text" }
        p { "Without titles, so that it may stand in a message." }
        label for="lines" { "Lines" }
        textarea.wide #lines rows="16" readonly data-copy { (text) }
        p { a href={ "/at-risk?" (asked.query()) } { "Back" } }
    };
    Ok(desk_page(&state, &member, Place::AtRisk, "What is at risk, as text", body).await?)
}

fn as_text(lines: &[CaseLine], directory: &Directory, public_url: &str, now: Timestamp) -> String {
    let line = |line: &CaseLine| {
        let clock = line.clock.as_ref().map(|clock| format!("{}, {}", clock.kind.title(), when::left(clock, now)));
        let projects = line.handlings.iter().filter(|(_, state)| state.is_open()).map(|(id, _)| name_of(directory, id));
        let owner = line.case.owner.as_ref().map(|owner| member_name(directory, owner));
        let mut parts = vec![line.case.number.to_string()];
        parts.extend(clock);
        parts.extend(projects);
        parts.push(owner.unwrap_or_else(|| "no owner".to_owned()));
        parts.push(format!("{public_url}/cases/{}", line.case.number));
        parts.join(" · ") + "\n"
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::web::samples::{directory, hours, line, now};

    #[test]
    fn the_lines_as_text_have_numbers_and_links_and_no_title() {
        let text = as_text(&[line(CaseState::Routed, hours(-27))], &directory(), "https://s.example", now());
        assert_eq!(
            text,
            "SEC-2026-0042 · first human reply, overdue 1 d 3 h · no owner · https://s.example/cases/SEC-2026-0042\n"
        );
    }
}
