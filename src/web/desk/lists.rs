//! `/at-risk` and `/cases`: which case wants a member now, and why.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::case::CaseState;
use crate::domain::clock::{Clock, ClockState};
use crate::domain::directory::{Directory, Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::trend::Trend;
use crate::flows::trends;
use crate::store::{CaseLine, DeskCounts};
use crate::web::WebState;
use crate::web::desk::filter::{self, Asked};
use crate::web::desk::trends::aside as trends_aside;
use crate::web::desk::{ROWS, desk_page, next, sight};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of the lists.
pub fn routes() -> Router<WebState> {
    Router::new().route("/at-risk", get(at_risk)).route("/at-risk/copy", get(copy)).route("/cases", get(cases))
}

async fn at_risk(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Query(asked): Query<Asked>,
) -> Result<Markup, WebError> {
    let now = state.house.now();
    let lines = match asked.is_set() {
        true => state.house.store.find_cases(&asked.filter(true), ROWS).await?,
        false => state.house.store.open_cases(ROWS).await?,
    };
    let lines = sight::seen_by(&state.house, &member, lines).await?;
    let counts = sight::counts(&state.house, &member, now).await?;
    let policy = state.house.policy();
    // What is counted over all cases would tell of one that is kept from this member.
    let trend = match sight::kept_from(&state.house, &member).await?.is_empty() {
        true => trends::look(&state.house).await?,
        false => Arc::default(),
    };
    let view =
        AtRisk { lines: &lines, counts: &counts, directory: &policy.directory, now, asked: &asked, trend: &trend };
    Ok(desk_page(&state, &member, Place::AtRisk, "At risk now", at_risk_page(&view)).await?)
}

/// The lines as text, to be put into a message: number, clock, project, owner and link, and no title (UX.md rule 9).
async fn copy(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Query(asked): Query<Asked>,
) -> Result<Markup, WebError> {
    let lines = state.house.store.find_cases(&asked.filter(true), ROWS).await?;
    let lines = sight::seen_by(&state.house, &member, lines).await?;
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

fn name_of(directory: &Directory, id: &ProjectId) -> String {
    directory.project(id).map_or_else(|| id.to_string(), |project| project.name.clone())
}

async fn cases(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Query(asked): Query<Asked>,
) -> Result<Markup, WebError> {
    let lines = match asked.is_set() {
        true => state.house.store.find_cases(&asked.filter(false), ROWS).await?,
        false => state.house.store.all_cases(ROWS, None).await?,
    };
    let lines = sight::seen_by(&state.house, &member, lines).await?;
    let policy = state.house.policy();
    let body = cases_page(&lines, &policy.directory, state.house.now(), &asked);
    Ok(desk_page(&state, &member, Place::Cases, "Cases", body).await?)
}

/// What the first page shows.
struct AtRisk<'a> {
    lines: &'a [CaseLine],
    counts: &'a DeskCounts,
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
    let query = view.asked.query();
    html! {
        h1 { "At risk now" }
        (summary(view))
        (filter::form("/at-risk", view.asked, view.directory))
        div.columns {
            div {
                (nothing_urgent(view))
                @for (kind, title) in sections {
                    @let lines: Vec<&CaseLine> = view.lines.iter().filter(|line| section(line, view.now) == kind).collect();
                    @if !lines.is_empty() {
                        h2 { (title) " (" (lines.len()) ")" }
                        ol.cases { @for line in lines { (row(line, view.directory, &query, view.now)) } }
                    }
                }
            }
            aside { (trends_aside(view.trend, view.directory, view.now)) }
        }
    }
}

/// What to say where no section but the last has anything.
fn nothing_urgent(view: &AtRisk<'_>) -> Markup {
    let on_track = view.lines.iter().filter(|line| section(line, view.now) == Section::OnTrack).count();
    html! {
        @if view.asked.is_set() {
            @if view.lines.is_empty() { p { "No open case fits the filter." } }
        } @else if view.counts.last_arrival_at.is_none() {
            p { "No reports yet. Send one to " (view.directory.foundation.security_address) " to see it arrive." }
        } @else if view.lines.is_empty() {
            p { "Nothing is at risk. No case is open." }
        } @else if on_track == view.lines.len() {
            p { "Nothing is at risk. " @if on_track == 1 { "1 case is" } @else { (on_track) " cases are" } " on track." }
        }
        @if !view.asked.is_set() && view.counts.open > view.lines.len() as i64 {
            p.muted { "The " (view.lines.len()) " most urgent of " (view.counts.open) " open cases are shown." }
        }
    }
}

fn summary(view: &AtRisk<'_>) -> Markup {
    let counts = view.counts;
    let next = next_deadline(view.lines, view.now);
    html! {
        p {
            strong { (counts.overdue) " overdue, " (counts.due_soon) " due within 48 hours, " (counts.triage) " to triage." }
            @if let Some((line, clock)) = next {
                " Next deadline: " a.mono.nowrap href={ "/cases/" (line.case.number) } { (line.case.number) } ", " (when::soon(clock.due_at, view.now)) "."
            }
            @if counts.noise > 0 { " " (counts.noise) @if counts.noise == 1 { " looks" } @else { " look" } " like no report and stand" @if counts.noise == 1 { "s" } " last." }
            @if counts.held > 0 { " " a href="/held" { (counts.held) " held" } ", waiting for a decision." }
        }
    }
}

/// The clock that runs out next; those that ran out stand first in the list anyway.
fn next_deadline(lines: &[CaseLine], now: Timestamp) -> Option<(&CaseLine, &Clock)> {
    let running = lines.iter().filter_map(|line| line.clock.as_ref().map(|clock| (line, clock)));
    running.filter(|(_, clock)| clock.due_at > now && clock.pause.is_none()).min_by_key(|(_, clock)| clock.due_at)
}

/// One case as a list row: clock, title, what it waits for, the next step. `query` is the filter of the list.
fn row(line: &CaseLine, directory: &Directory, query: &str, now: Timestamp) -> Markup {
    let href = format!("/cases/{}", line.case.number);
    html! {
        li data-row {
            div { (clock_cell(line.clock.as_ref(), now)) }
            div {
                p.title { a id=(line.case.number) href=(href) data-open { (line.case.title) } }
                p.small.muted { span.mono.nowrap { (line.case.number) }
                    @if let Some(reporter) = &line.reporter { " from " (reporter) }
                    ", arrived " (when::time(line.case.arrived_at)) }
            }
            div.small { (waits_for(line, directory))
                @if let Some(noise) = line.case.noise { br; span.tag.idle { (noise.short()) } }
                @if line.bounced > 0 { br; span.tag.late { (line.bounced) " bounced" } }
                @match &line.case.owner {
                    Some(owner) => { br; span.muted { "with " (member_name(directory, owner)) } }
                    None => { br; span.muted { "nobody has claimed it" } }
                } }
            div.row { (next::buttons(line, query, now)) }
        }
    }
}

fn clock_cell(clock: Option<&Clock>, now: Timestamp) -> Markup {
    html! {
        @if let Some(clock) = clock {
            (when::tag(clock, now))
            p.small.muted { (clock.kind.title()) br; (when::time(clock.due_at)) }
        } @else { span.tag { "No clock runs" } }
    }
}

/// A state in a member's words.
pub fn state_words(state: CaseState) -> &'static str {
    match state {
        CaseState::New => "nobody has opened it",
        CaseState::Triage => "in triage",
        CaseState::Routed => "with a project",
        CaseState::Answered => "answered by the committee",
        CaseState::Closed => "closed",
    }
}

/// A member's name for an address in a row.
pub fn member_name(directory: &Directory, email: &crate::domain::address::Mailbox) -> String {
    directory.member(email).map_or_else(|| email.to_string(), |member| member.name.clone())
}

fn waits_for(line: &CaseLine, directory: &Directory) -> Markup {
    let name = |id| name_of(directory, id);
    html! {
        @if line.handlings.is_empty() { @match line.case.state {
            CaseState::Answered => "Answered by the committee",
            CaseState::Closed => "Closed",
            _ => "Waiting for the committee",
        } }
        @for (index, (project, state)) in line.handlings.iter().enumerate() {
            @if index > 0 { br; }
            @match state {
                HandlingState::Sent => { "Waiting for " strong { (name(project)) } (contact_health(directory.project(project))) }
                HandlingState::Acknowledged => { strong { (name(project)) } " has it" }
                HandlingState::ByHand => { strong { (name(project)) } " by hand" }
                HandlingState::Withdrawn => { span.muted { (name(project)) " stopped" } }
                HandlingState::HandedBack => { span.muted { (name(project)) " handed it back" } }
                HandlingState::TakenOver => { "The committee answers for " strong { (name(project)) } }
                HandlingState::Closed => { span.muted { (name(project)) " is done" } }
            }
        }
    }
}

/// How likely it is that somebody there reads our letters.
pub fn contact_health(project: Option<&Project>) -> Markup {
    html! {
        @match project {
            None => { br; span.tag.late { "no longer in the directory" } }
            Some(project) if project.contacts.is_empty() => { br; span.tag.late { "no contact" } }
            Some(project) if project.confirmed_at.is_none() => { br; span.tag.soon { "contact not confirmed" } }
            Some(project) if project.contacts.len() == 1 => { br; span.muted { "1 contact, confirmed" } }
            Some(project) => { br; span.muted { (project.contacts.len()) " contacts, confirmed" } }
        }
    }
}

fn cases_page(lines: &[CaseLine], directory: &Directory, now: Timestamp, asked: &Asked) -> Markup {
    html! {
        h1 { "Cases" }
        (filter::form("/cases", asked, directory))
        @if lines.is_empty() { p { "There are none yet." } }
        @else { ol.cases { @for line in lines { (row(line, directory, "", now)) } } }
        @if lines.len() as i64 >= ROWS { p.muted { "The newest " (ROWS) " are shown. Open an older one at /cases/ and its number." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::noise::Noise;
    use crate::web::samples::{directory, hours, line, now, safe, shows_hostile_texts};

    fn shown(lines: &[CaseLine], counts: DeskCounts) -> String {
        let directory = directory();
        let asked = Asked::default();
        let trend = Trend::default();
        safe(at_risk_page(&AtRisk {
            lines,
            counts: &counts,
            directory: &directory,
            now: now(),
            asked: &asked,
            trend: &trend,
        }))
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
    fn the_next_deadline_is_one_that_is_still_to_come() {
        let lines = [line(CaseState::Routed, hours(-27)), line(CaseState::Routed, hours(3))];
        let page = shown(&lines, DeskCounts { overdue: 1, due_soon: 1, open: 2, ..arrived() });
        assert!(page.contains("Next deadline: ") && page.contains("today 17:00 UTC"), "{page}");
        assert!(!shown(&lines[..1], DeskCounts { overdue: 1, open: 1, ..arrived() }).contains("Next deadline"));
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
    fn the_lines_as_text_have_numbers_and_links_and_no_title() {
        let text = as_text(&[line(CaseState::Routed, hours(-27))], &directory(), "https://s.example", now());
        assert_eq!(
            text,
            "SEC-2026-0042 · first human reply, overdue 1 d 3 h · no owner · https://s.example/cases/SEC-2026-0042\n"
        );
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
    fn a_list_that_is_cut_says_so() {
        let page = shown(&[line(CaseState::Routed, hours(60))], DeskCounts { open: 300, ..arrived() });
        assert!(page.contains("The 1 most urgent of 300 open cases are shown."), "{page}");
    }

    #[test]
    fn titles_and_names_from_strangers_stay_text_in_every_list() {
        let lines = [line(CaseState::New, hours(40))];
        let counts = arrived();
        let directory = directory();
        let asked = Asked::default();
        let trend = Trend::default();
        let view =
            AtRisk { lines: &lines, counts: &counts, directory: &directory, now: now(), asked: &asked, trend: &trend };
        shows_hostile_texts(at_risk_page(&view), 2);
        shows_hostile_texts(cases_page(&lines, &directory, now(), &asked), 2);
    }
}
