//! `/at-risk`, `/triage`, `/cases`: which case wants a member now, and why.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::case::CaseState;
use crate::domain::clock::{Clock, ClockState};
use crate::domain::directory::Directory;
use crate::domain::handling::HandlingState;
use crate::store::{CaseLine, DeskCounts};
use crate::web::WebState;
use crate::web::desk::case_parts::{judges_words, suggestion};
use crate::web::desk::{ROWS, desk_page};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of the lists.
pub fn routes() -> Router<WebState> {
    Router::new().route("/at-risk", get(at_risk)).route("/triage", get(triage)).route("/cases", get(cases))
}

async fn at_risk(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let now = state.house.now();
    let lines = state.house.store.open_cases(ROWS).await?;
    let counts = state.house.store.desk_counts(now).await?;
    let policy = state.house.policy();
    let view = AtRisk { lines: &lines, counts: &counts, directory: &policy.directory, now };
    Ok(desk_page(&state, &member, Place::AtRisk, "At risk now", at_risk_page(&view)).await?)
}

async fn triage(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let lines = state.house.store.triage_cases(ROWS).await?;
    let policy = state.house.policy();
    let body = triage_page(&lines, &policy.directory, state.house.now());
    Ok(desk_page(&state, &member, Place::Triage, "Triage", body).await?)
}

async fn cases(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let lines = state.house.store.all_cases(ROWS, None).await?;
    let policy = state.house.policy();
    let body = cases_page(&lines, &policy.directory, state.house.now());
    Ok(desk_page(&state, &member, Place::Cases, "Cases", body).await?)
}

/// What the first page shows.
struct AtRisk<'a> {
    lines: &'a [CaseLine],
    counts: &'a DeskCounts,
    directory: &'a Directory,
    now: Timestamp,
}

/// The sections of the first page, most urgent first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Overdue,
    DueSoon,
    Triage,
    OnTrack,
}

fn section(line: &CaseLine, now: Timestamp) -> Section {
    match line.clock.as_ref().map(|clock| clock.state(now)) {
        Some(ClockState::Overdue { .. }) => Section::Overdue,
        Some(ClockState::DueSoon { .. }) if line.case.state == CaseState::Routed => Section::DueSoon,
        _ if line.case.state != CaseState::Routed => Section::Triage,
        _ => Section::OnTrack,
    }
}

fn at_risk_page(view: &AtRisk<'_>) -> Markup {
    let sections = [
        (Section::Overdue, "Overdue"),
        (Section::DueSoon, "Due within 48 hours"),
        (Section::Triage, "To triage"),
        (Section::OnTrack, "On track"),
    ];
    html! {
        h1 { "At risk now" }
        (summary(view))
        @if view.lines.is_empty() {
            p { "No reports yet. Send one to " (view.directory.foundation.security_address) " to see it arrive." }
        }
        @for (kind, title) in sections {
            @let lines: Vec<&CaseLine> = view.lines.iter().filter(|line| section(line, view.now) == kind).collect();
            @if !lines.is_empty() {
                h2 { (title) " (" (lines.len()) ")" }
                ol.cases { @for line in lines { (row(line, view.directory, view.now)) } }
            }
        }
    }
}

fn summary(view: &AtRisk<'_>) -> Markup {
    let counts = view.counts;
    let next = view.lines.iter().find_map(|line| line.clock.as_ref().map(|clock| (line, clock)));
    html! {
        p {
            strong { (counts.overdue) " overdue, " (counts.due_soon) " due within 48 hours, " (counts.triage) " to triage." }
            @if let Some((line, clock)) = next {
                " Most urgent: " a.mono.nowrap href={ "/cases/" (line.case.number) } { (line.case.number) } ", " (when::time(clock.due_at)) "."
            }
            @if counts.held > 0 { " " a href="/held" { (counts.held) " held" } " wait for a decision." }
        }
    }
}

/// One case as a list row: clock, title, what it waits for, the next step.
fn row(line: &CaseLine, directory: &Directory, now: Timestamp) -> Markup {
    let href = format!("/cases/{}", line.case.number);
    html! {
        li {
            div { (clock_cell(line.clock.as_ref(), now)) }
            div {
                p.title { a href=(href) { (line.case.title) } }
                p.small.muted { span.mono.nowrap { (line.case.number) }
                    @if let Some(reporter) = &line.reporter { " from " (reporter) }
                    ", arrived " (when::time(line.case.arrived_at)) }
            }
            div.small { (waits_for(line, directory))
                @if let Some(owner) = &line.case.owner { br; span.muted { "with " (member_name(directory, owner)) } } }
            div { a.button href=(href) { "Open" } }
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

/// A member's name for an address in a row.
pub fn member_name(directory: &Directory, email: &crate::domain::address::Mailbox) -> String {
    directory.member(email).map_or_else(|| email.to_string(), |member| member.name.clone())
}

fn waits_for(line: &CaseLine, directory: &Directory) -> Markup {
    let name = |id| directory.project(id).map_or_else(|| id.to_string(), |project| project.name.clone());
    html! {
        @if line.handlings.is_empty() { "Waiting for the committee" }
        @for (index, (project, state)) in line.handlings.iter().enumerate() {
            @if index > 0 { br; }
            @match state {
                HandlingState::Sent => { "Waiting for " strong { (name(project)) } }
                HandlingState::Acknowledged => { strong { (name(project)) } " has it" }
                HandlingState::ByHand => { strong { (name(project)) } " by hand" }
                HandlingState::Withdrawn => { span.muted { (name(project)) " stopped" } }
            }
        }
    }
}

fn triage_page(lines: &[CaseLine], directory: &Directory, now: Timestamp) -> Markup {
    html! {
        h1 { "Triage" }
        @if lines.is_empty() { p { "Nothing waits here. Every open case is with a project." } }
        @for line in lines {
            section.card {
                h3 { a href={ "/cases/" (line.case.number) } { (line.case.title) } }
                p.small.muted { span.mono.nowrap { (line.case.number) }
                    @if let Some(reporter) = &line.reporter { " from " (reporter) } ", arrived " (when::time(line.case.arrived_at)) }
                p { (clock_line(line.clock.as_ref(), now)) }
                @if let Some(reason) = &line.case.waits_because { p { "Why it waits: " (reason) } }
                (judges_words(&line.case.judgement, directory))
                (suggestion(&line.case, directory, &line.handlings))
            }
        }
    }
}

fn clock_line(clock: Option<&Clock>, now: Timestamp) -> Markup {
    html! { @if let Some(clock) = clock { (crate::web::frame::due(clock, now)) } }
}

fn cases_page(lines: &[CaseLine], directory: &Directory, now: Timestamp) -> Markup {
    html! {
        h1 { "Cases" }
        @if lines.is_empty() { p { "There are none yet." } }
        @else { ol.cases { @for line in lines { (row(line, directory, now)) } } }
        @if lines.len() as i64 >= ROWS { p.muted { "The newest " (ROWS) " are shown. Open an older one at /cases/ and its number." } }
    }
}
