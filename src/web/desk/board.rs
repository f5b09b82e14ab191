//! `/board`: how many cases there are, and whose promises ran out. No title, no content, no name of a person.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::store::{BrokenPromise, DeskCounts};
use crate::web::WebState;
use crate::web::desk::{ROWS, as_chosen, sight};
use crate::web::frame::{Page, WebError};
use crate::web::session::{AtBoard, member};
use crate::web::when;

/// The route of the board's page.
pub fn routes() -> Router<WebState> {
    Router::new().route("/board", get(board))
}

async fn board(State(state): State<WebState>, AtBoard(viewer): AtBoard) -> Result<Markup, WebError> {
    let now = state.house.now();
    let member = member(&viewer, &state);
    let mut broken = state.house.store.broken_promises(now, ROWS).await?;
    let counts = match &member {
        Some(member) => {
            let kept = sight::kept_from(&state.house, member).await?;
            broken.retain(|promise| !kept.has_number(promise.number.as_str()));
            sight::counts(&state.house, member, &kept, now).await?
        }
        None => state.house.store.desk_counts(now).await?,
    };
    let policy = state.house.policy();
    let body = page(&View {
        counts: &counts,
        broken: &broken,
        directory: &policy.directory,
        now,
        signs_out: member.is_none(),
    });
    Ok(as_chosen(&state, member.as_ref(), Page::public("For the board", body)).await?)
}

/// What the board may know.
struct View<'a> {
    counts: &'a DeskCounts,
    broken: &'a [BrokenPromise],
    directory: &'a Directory,
    now: Timestamp,
    /// The desk's menu, which has the button, is not there.
    signs_out: bool,
}

fn page(view: &View<'_>) -> Markup {
    let counts = view.counts;
    let is_the_chairs = |promise: &&BrokenPromise| promise.attention.ends_at_the_chair(promise.kind);
    let (chairs, broken): (Vec<&BrokenPromise>, Vec<&BrokenPromise>) = view.broken.iter().partition(is_the_chairs);
    let with_the_chair = chairs.len();
    html! {
        h1 { "For the board" }
        p { strong { (counts.open) " open, " (counts.overdue) " overdue, " (counts.due_soon) " due within 48 hours, " (counts.triage) " without a project." } }
        h2 { "Promises that ran out (" (broken.len()) ")" }
        @if broken.is_empty() { p { "None. Everybody who waits is still within the promised time." } }
        @else {
            table.stacks {
                thead { tr { th scope="col" { "Case" } th scope="col" { "Who has not answered" } th scope="col" { "Promised until" } th scope="col" { "For how long" } } }
                tbody { @for promise in &broken { (row(promise, view)) } }
            }
        }
        @if with_the_chair > 0 {
            p { (with_the_chair) " more " @if with_the_chair == 1 { "looks" } @else { "look" } " like no report and wait" @if with_the_chair == 1 { "s" } " for the chair." }
        }
        p { a href="/viewings" { "Who looked at what" } }
        p { a href="/quarters" { "The report on each quarter" } }
        p.muted { "Titles and texts of reports are not shown here. The security committee answers your questions." }
        @if view.signs_out { form method="post" action="/logout" { button { "Sign out" } } }
    }
}

fn row(promise: &BrokenPromise, view: &View<'_>) -> Markup {
    let project = promise.project.as_ref();
    let name = project.map(|id| view.directory.project(id).map_or_else(|| id.to_string(), |known| known.name.clone()));
    html! {
        tr {
            td.mono.nowrap { (promise.number) }
            td { @match &name { Some(name) => (name), None => "The committee, to the reporter" } ": " (promise.kind.title()) }
            td { (when::time(promise.due_at)) }
            td { (when::span(view.now.duration_since(promise.due_at))) " overdue" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use crate::domain::clock::ClockKind;
    use crate::domain::ladder::Attention;
    use crate::web::samples::{directory, hours, id, now, safe};

    #[test]
    fn the_board_sees_numbers_projects_and_how_long_and_nothing_of_a_report() {
        let promise = |project, kind, since| BrokenPromise {
            number: CaseRef::from_row("SEC-2026-0042"),
            project,
            kind,
            due_at: now() - hours(since),
            attention: Attention { looks_like_noise: false, is_opened: false },
        };
        let mut noise = promise(None, ClockKind::FirstReply, 2);
        noise.attention.looks_like_noise = true;
        noise.number = CaseRef::from_row("SEC-2026-0043");
        let broken =
            [promise(Some(id("lantern")), ClockKind::Acknowledge, 27), promise(None, ClockKind::FirstReply, 1), noise];
        let counts = DeskCounts { open: 3, overdue: 1, due_soon: 1, triage: 0, ..DeskCounts::default() };
        let view = View { counts: &counts, broken: &broken, directory: &directory(), now: now(), signs_out: true };
        let shown = safe(page(&view));
        for words in [
            "3 open, 1 overdue, 1 due within 48 hours, 0 without a project.",
            "Lantern: project acknowledgement",
            "1 d 3 h overdue",
            "The committee, to the reporter: first human reply",
            "Promises that ran out (2)",
            "1 more looks like no report and waits for the chair.",
            "Sign out",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(!shown.contains("/cases/") && !shown.contains("SEC-2026-0043"), "{shown}");
    }
}
