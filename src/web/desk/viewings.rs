//! `/viewings`: which member looked at which case or took it along, for the board and for all members.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::address::Mailbox;
use crate::domain::directory::Directory;
use crate::domain::viewing::{BULK, VIEWINGS_LIFE};
use crate::store::{BulkReading, Seal, ViewingLine};
use crate::web::WebState;
use crate::web::desk::{ROWS, as_chosen, sight};
use crate::web::frame::{Page, Place, WebError};
use crate::web::session::{AtBoard, member};
use crate::web::when;

/// The route of the page.
pub fn routes() -> Router<WebState> {
    Router::new().route("/viewings", get(show))
}

async fn show(State(state): State<WebState>, AtBoard(viewer): AtBoard) -> Result<Markup, WebError> {
    let store = &state.house.store;
    let member = member(&viewer, &state);
    let mut lines = store.viewings(ROWS).await?;
    if let Some(member) = &member {
        let kept = sight::kept_from(&state.house, member).await?;
        lines.retain(|line| !line.case.as_ref().is_some_and(|number| kept.has_number(number.as_str())));
    }
    let view = View {
        bulk: store.bulk_readings(state.house.now() - VIEWINGS_LIFE).await?,
        lines,
        seal: store.last_seal().await?,
        directory: &state.house.policy().directory,
    };
    Ok(as_chosen(&state, member.as_ref(), Page::at(Place::Viewings, "Who looked at what", page(&view))).await?)
}

struct View<'a> {
    bulk: Vec<BulkReading>,
    lines: Vec<ViewingLine>,
    seal: Option<Seal>,
    directory: &'a Directory,
}

fn page(view: &View<'_>) -> Markup {
    html! {
        h1 { "Who looked at what" }
        p.muted { "Pages of cases and downloads, written down each minute. Nobody can change this list here; it is erased after 24 months." }
        @if !view.bulk.is_empty() {
            div.notice.late {
                @for reading in &view.bulk {
                    p { strong { (name(view.directory, &reading.member)) } " opened " (BULK) " cases within a minute, " (when::time(reading.at)) "." }
                }
            }
        }
        @if view.lines.is_empty() { p { "Nobody has opened a case yet." } }
        @else {
            table.stacks {
                thead { tr { th scope="col" { "Member" } th scope="col" { "Case" } th scope="col" { "What" } th scope="col" { "When" } th scope="col" { "Times" } } }
                tbody { @for line in &view.lines { (row(line, view.directory)) } }
            }
        }
        h2 { "The record" }
        @match &view.seal {
            Some(seal) => p { "All records of cases are sealed up to " (when::time(seal.at)) ". Seal " (seal.number) ": " span.mono { (seal.hash.as_str()) } },
            None => p { "Nothing is sealed yet." },
        }
    }
}

fn row(line: &ViewingLine, directory: &Directory) -> Markup {
    let what = match line.what.as_str() {
        "original" => "downloaded the mail",
        "file" => "downloaded a file",
        "list" => "took a list of cases along",
        _ => "opened the page",
    };
    html! {
        tr {
            td { (name(directory, &line.member)) }
            td.mono.nowrap { @match &line.case { Some(case) => (case), None => "none" } }
            td { (what) }
            td { (when::time(line.first_at)) @if line.last_at > line.first_at { " to " (when::time(line.last_at)) } }
            td { (line.times) }
        }
    }
}

fn name<'a>(directory: &'a Directory, member: &'a str) -> &'a str {
    let known = Mailbox::parse(member).ok().and_then(|mailbox| directory.member(&mailbox));
    known.map_or(member, |known| &known.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use crate::web::samples::{HOSTILE, directory, now, safe, shows_hostile_texts};

    #[test]
    fn members_cases_and_downloads_are_listed_and_bulk_reading_stands_above() {
        let line = |what: &str, case: Option<&str>| ViewingLine {
            member: HOSTILE.to_owned(),
            what: what.to_owned(),
            case: case.map(CaseRef::from_row),
            first_at: now(),
            last_at: now(),
            times: 3,
        };
        let lines = vec![line("page", Some("SEC-2026-0042")), line("original", None)];
        let bulk = vec![BulkReading { member: HOSTILE.to_owned(), at: now() }];
        let shown = shows_hostile_texts(page(&View { bulk, lines, seal: None, directory: &directory() }), 3);
        for words in
            ["opened 50 cases within a minute", "SEC-2026-0042", "downloaded the mail", "Nothing is sealed yet."]
        {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        let nothing = View { bulk: vec![], lines: vec![], seal: None, directory: &directory() };
        assert!(safe(page(&nothing)).contains("Nobody has opened a case yet."));
    }
}
