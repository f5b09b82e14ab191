//! `/cases`: all cases, the newest first, or those that fit a filter.

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::store::CaseLine;
use crate::web::WebState;
use crate::web::desk::desk_page;
use crate::web::desk::filter::{self, Asked};
use crate::web::desk::lists::row;
use crate::web::desk::pages::Pages;
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;

/// The route of the list.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases", get(cases))
}

async fn cases(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Query(asked): Query<Asked>,
) -> Result<Markup, WebError> {
    let page = asked.page();
    let mut lines = match asked.is_set() {
        true => state.house.store.find_cases(&asked.filter(false), page.of(&member)).await?,
        false => state.house.store.all_cases(page.of(&member)).await?,
    };
    let pages = page.cut(&mut lines);
    let policy = state.house.policy();
    let body = cases_page(&lines, pages, &policy.directory, state.house.now(), &asked);
    Ok(desk_page(&state, &member, Place::Cases, "Cases", body).await?)
}

fn cases_page(lines: &[CaseLine], pages: Pages, directory: &Directory, now: Timestamp, asked: &Asked) -> Markup {
    html! {
        h1 { "Cases" }
        (filter::form("/cases", asked, directory))
        @if lines.is_empty() && pages.are_one() {
            p { @if asked.is_set() { "No case fits the filter." } @else { "There are none yet." } }
        } @else { ol.cases { @for line in lines { (row(line, directory, "", now)) } } }
        (pages.links("/cases", &asked.query(), lines.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::web::samples::{directory, hours, line, now, safe, shows_hostile_texts};

    #[test]
    fn titles_and_names_from_strangers_stay_text() {
        let lines = [line(CaseState::New, hours(40))];
        shows_hostile_texts(cases_page(&lines, Pages::ONE, &directory(), now(), &Asked::default()), 2);
    }

    #[test]
    fn an_empty_list_says_why_and_a_long_one_leads_on() {
        let shown = |lines: &[CaseLine], pages| safe(cases_page(lines, pages, &directory(), now(), &Asked::default()));
        assert!(shown(&[], Pages::ONE).contains("There are none yet."));
        let long = shown(&[line(CaseState::Closed, hours(40))], Pages::FIRST);
        assert!(long.contains("href=\"/cases?page=2\""), "{long}");
    }
}
