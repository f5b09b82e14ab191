//! `/at-risk`, the first page of the desk: which case wants a member now, and why.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::case::{CaseRef, CaseState};
use crate::domain::clock::ClockState;
use crate::domain::directory::Directory;
use crate::domain::trend::Trend;
use crate::flows::trends;
use crate::store::{CaseLine, DeskCounts};
use crate::web::WebState;
use crate::web::desk::filter::{self, Asked};
use crate::web::desk::lists::row;
use crate::web::desk::pages::Pages;
use crate::web::desk::trends::aside as trends_aside;
use crate::web::desk::{desk_page, sight};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The route of the first page.
pub fn routes() -> Router<WebState> {
    Router::new().route("/at-risk", get(at_risk))
}

async fn at_risk(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Query(asked): Query<Asked>,
) -> Result<Markup, WebError> {
    let (store, now) = (&state.house.store, state.house.now());
    let page = asked.page();
    let mut lines = match asked.is_set() {
        true => store.find_cases(&asked.filter(true), page.of(&member)).await?,
        false => store.open_cases(page.of(&member)).await?,
    };
    let pages = page.cut(&mut lines);
    let kept = sight::kept_from(&state.house, &member).await?;
    // What is counted over all cases would tell of one that is kept from this member.
    let trend = match kept.is_empty() {
        true => trends::look(&state.house).await?,
        false => Arc::default(),
    };
    let policy = state.house.policy();
    let view = AtRisk {
        lines: &lines,
        pages,
        counts: &sight::counts(&state.house, &member, &kept, now).await?,
        next: match asked.is_set() {
            true => next_deadline(&lines, now),
            false => store.next_deadline(&member.email, now).await?,
        },
        directory: &policy.directory,
        now,
        asked: &asked,
        trend: &trend,
    };
    Ok(desk_page(&state, &member, Place::AtRisk, "At risk now", at_risk_page(&view)).await?)
}

/// The clock that runs out next on this page of what was found.
fn next_deadline(lines: &[CaseLine], now: Timestamp) -> Option<(CaseRef, Timestamp)> {
    let running = lines.iter().filter_map(|line| Some((line, line.clock.as_ref()?)));
    let to_come = running.filter(|(_, clock)| clock.due_at > now && clock.pause.is_none());
    to_come.min_by_key(|(_, clock)| clock.due_at).map(|(line, clock)| (line.case.number.clone(), clock.due_at))
}

/// What the first page shows.
struct AtRisk<'a> {
    lines: &'a [CaseLine],
    pages: Pages,
    counts: &'a DeskCounts,
    /// The clock that runs out next, of all cases or of those that fit the filter, and whose.
    next: Option<(CaseRef, Timestamp)>,
    directory: &'a Directory,
    now: Timestamp,
    asked: &'a Asked,
    trend: &'a Trend,
}

/// The sections of the first page, most urgent first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Overdue,
    DueSoon,
    Triage,
    OnTrack,
    Paused,
    /// Whatever its clock says: the tag beside it does.
    Noise,
}

fn section(line: &CaseLine, now: Timestamp) -> Section {
    match line.clock.as_ref().map(|clock| clock.state(now)) {
        _ if line.case.noise.is_some() && line.case.state != CaseState::Closed => Section::Noise,
        Some(ClockState::Overdue { .. }) => Section::Overdue,
        _ if matches!(line.case.state, CaseState::New | CaseState::Triage) => Section::Triage,
        Some(ClockState::DueSoon { .. }) => Section::DueSoon,
        Some(ClockState::Paused { .. }) => Section::Paused,
        _ => Section::OnTrack,
    }
}

fn at_risk_page(view: &AtRisk<'_>) -> Markup {
    let sections = [
        (Section::Overdue, "Overdue"),
        (Section::DueSoon, "Due within 48 hours"),
        (Section::Triage, "To triage"),
        (Section::OnTrack, "On track"),
        (Section::Paused, "Paused"),
        (Section::Noise, "Looks like no report"),
    ];
    let place = view.asked.place();
    let aside = trends_aside(view.trend, view.directory, view.now);
    let has_aside = !aside.0.is_empty();
    html! {
        h1 { "At risk now" }
        (summary(view))
        (filter::form(filter::AT_RISK, view.asked, view.directory))
        div.columns[has_aside] {
            div {
                (nothing_urgent(view))
                @for (kind, title) in sections {
                    @let lines: Vec<&CaseLine> = view.lines.iter().filter(|line| section(line, view.now) == kind).collect();
                    @if !lines.is_empty() {
                        h2 { (title) " (" (lines.len()) (view.pages.here()) ")" }
                        ol.cases { @for line in lines { (row(line, view.directory, &place, view.now)) } }
                    }
                }
                (view.pages.links(filter::AT_RISK, &view.asked.query(), view.lines.len()))
            }
            @if has_aside { aside { (aside) } }
        }
    }
}

/// What to say where no section but the last has anything.
fn nothing_urgent(view: &AtRisk<'_>) -> Markup {
    let on_track = view.lines.iter().filter(|line| section(line, view.now) == Section::OnTrack).count();
    html! {
        @if !view.pages.are_one() {
            @if !view.asked.is_set() { p.muted { "The most urgent of " (view.counts.open) " open cases stand first." } }
        } @else if view.asked.is_set() {
            @if view.lines.is_empty() { p { "No open case fits the filter." } }
        } @else if view.counts.last_arrival_at.is_none() {
            p { "No reports yet. Send one to " (view.directory.foundation.security_address) " to see it arrive." }
        } @else if view.lines.is_empty() {
            p { "Nothing is at risk. No case is open." }
        } @else if on_track == view.lines.len() {
            p { "Nothing is at risk. " @if on_track == 1 { "1 case is" } @else { (on_track) " cases are" } " on track." }
        }
    }
}

fn summary(view: &AtRisk<'_>) -> Markup {
    let counts = view.counts;
    html! {
        p {
            strong { (counts.overdue) " overdue, " (counts.due_soon) " due within 48 hours, " (counts.triage) " to triage." }
            @if let Some((number, due_at)) = &view.next {
                " Next deadline: " a.mono.nowrap href={ "/cases/" (number) } { (number) } ", " (when::soon(*due_at, view.now)) "."
            }
            @if counts.noise > 0 { " " (counts.noise) @if counts.noise == 1 { " looks" } @else { " look" } " like no report and stand" @if counts.noise == 1 { "s" } " last." }
            @if counts.held > 0 { " " a href="/held" { (counts.held) " held" } ", waiting for a decision." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::handling::HandlingState;
    use crate::domain::noise::Noise;
    use crate::domain::trend::{Load, ProjectTrend};
    use crate::web::samples::{directory, hours, line, now, safe, shows_hostile_texts};

    /// The first of `pages` with these lines and counts; Lantern has a case that is due in three hours.
    fn page_of(lines: &[CaseLine], counts: DeskCounts, pages: Pages, trend: &Trend) -> Markup {
        let (directory, asked) = (directory(), Asked::default());
        let next = (counts.due_soon > 0).then(|| (CaseRef::from_row("SEC-2026-0007"), now() + hours(3)));
        let (counts, directory, asked) = (&counts, &directory, &asked);
        at_risk_page(&AtRisk { lines, pages, counts, next, directory, now: now(), asked, trend })
    }

    fn shown(lines: &[CaseLine], counts: DeskCounts) -> String {
        safe(page_of(lines, counts, Pages::ONE, &Trend::default()))
    }

    fn arrived() -> DeskCounts {
        DeskCounts { last_arrival_at: Some(now()), ..DeskCounts::default() }
    }

    #[test]
    fn the_first_page_sorts_cases_by_what_they_want() {
        let lines = [
            line(CaseState::Routed, hours(-27)),
            line(CaseState::Routed, hours(47)),
            line(CaseState::New, hours(47)),
            line(CaseState::Routed, hours(60)),
        ];
        let page = shown(&lines, DeskCounts { overdue: 1, due_soon: 1, triage: 1, open: 4, ..arrived() });
        let places = [
            "Overdue (1)",
            "Overdue 1 d 3 h",
            "Due within 48 hours (1)",
            "To triage (1)",
            "On track (1)",
            "2 d 12 h left",
        ]
        .map(|words| page.find(words).unwrap_or_else(|| panic!("{words} in {page}")));
        assert!(places.is_sorted(), "{places:?}");
        assert!(!page.contains("Nothing is at risk"));
    }

    #[test]
    fn the_next_deadline_is_named_where_there_is_one() {
        let lines = [line(CaseState::Routed, hours(-27)), line(CaseState::Routed, hours(3))];
        let page = shown(&lines, DeskCounts { overdue: 1, due_soon: 1, open: 2, ..arrived() });
        assert!(page.contains("Next deadline: <a class=\"mono nowrap\" href=\"/cases/SEC-2026-0007\">"), "{page}");
        assert!(page.contains("today 17:00 UTC"), "{page}");
        assert!(!shown(&lines[..1], DeskCounts { overdue: 1, open: 1, ..arrived() }).contains("Next deadline"));
        let found = next_deadline(&lines, now()).unwrap();
        assert_eq!(found, (CaseRef::from_row("SEC-2026-0042"), now() + hours(3)), "not one that ran out");
    }

    #[test]
    fn a_row_says_whom_it_waits_for_and_whether_they_are_there() {
        let mut waiting = line(CaseState::Routed, hours(60));
        waiting.handlings = vec![(crate::web::samples::id("lantern"), HandlingState::Sent)];
        let page = shown(std::slice::from_ref(&waiting), DeskCounts { open: 1, ..arrived() });
        assert!(
            page.contains("Waiting for <strong>Lantern</strong>") && page.contains("contact not confirmed"),
            "{page}"
        );
        waiting.handlings = vec![(crate::web::samples::id("parsley"), HandlingState::Sent)];
        let page = shown(&[waiting], DeskCounts { open: 1, ..arrived() });
        assert!(page.contains("no contact"), "{page}");
    }

    #[test]
    fn an_overdue_case_in_triage_is_overdue_first() {
        let page = shown(&[line(CaseState::Triage, hours(-1))], DeskCounts { open: 1, ..arrived() });
        assert!(page.contains("Overdue (1)") && !page.contains("To triage ("), "{page}");
    }

    #[test]
    fn what_looks_like_no_report_stands_last_with_its_clock_and_is_counted() {
        let mut noise = line(CaseState::New, hours(-27));
        noise.case.noise = Some(Noise::Scanner);
        let lines = [noise, line(CaseState::Routed, hours(60))];
        let page = shown(&lines, DeskCounts { overdue: 1, noise: 1, open: 2, ..arrived() });
        let places =
            ["1 looks like no report and stands last.", "On track (1)", "Looks like no report (1)", "Overdue 1 d"]
                .map(|words| page.rfind(words).unwrap_or_else(|| panic!("{words} in {page}")));
        assert!(places.is_sorted() && page.contains("Scanner's finding"), "{page}");
    }

    #[test]
    fn the_first_page_says_it_when_nothing_is_at_risk_and_when_nothing_ever_came() {
        let on_track = [line(CaseState::Routed, hours(60)), line(CaseState::Routed, hours(61))];
        assert!(
            shown(&on_track, DeskCounts { open: 2, ..arrived() }).contains("Nothing is at risk. 2 cases are on track.")
        );
        assert!(
            shown(&on_track[..1], DeskCounts { open: 1, ..arrived() })
                .contains("Nothing is at risk. 1 case is on track.")
        );
        assert!(shown(&[], arrived()).contains("Nothing is at risk. No case is open."));
        assert!(shown(&[], DeskCounts::default()).contains("No reports yet. Send one to security@story.example"));
    }

    #[test]
    fn of_several_pages_the_first_has_what_is_most_urgent_and_claims_nothing_of_the_others() {
        let lines = [line(CaseState::Routed, hours(60))];
        let page = safe(page_of(&lines, DeskCounts { open: 300, ..arrived() }, Pages::FIRST, &Trend::default()));
        assert!(page.contains("The most urgent of 300 open cases stand first."), "{page}");
        assert!(page.contains("On track (1 on this page)") && page.contains("href=\"/at-risk?page=2\""), "{page}");
        assert!(!page.contains("Nothing is at risk"), "{page}");
    }

    #[test]
    fn the_side_takes_no_room_where_it_has_nothing_to_say() {
        let lines = [line(CaseState::Routed, hours(60))];
        assert!(!shown(&lines, arrived()).contains("columns"), "of all cases there is nothing to tell");
        let load = Load { project: crate::web::samples::id("lantern"), open: 4, oldest_at: now() - hours(50) };
        let trend = Trend { projects: vec![ProjectTrend { load, median: None }], weeks: Vec::new() };
        let page = safe(page_of(&lines, arrived(), Pages::ONE, &trend));
        assert!(page.contains("<div class=\"columns\">") && page.contains("<aside>"), "{page}");
    }

    #[test]
    fn titles_and_names_from_strangers_stay_text() {
        let lines = [line(CaseState::New, hours(40))];
        shows_hostile_texts(page_of(&lines, arrived(), Pages::ONE, &Trend::default()), 2);
    }
}
