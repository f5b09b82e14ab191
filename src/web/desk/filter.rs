//! Looking for cases: the form above the lists, and the same lines as CSV.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::address::Mailbox;
use crate::domain::case::{CaseRef, CaseState};
use crate::domain::clock::ClockKind;
use crate::domain::directory::{Directory, Member, ProjectId};
use crate::domain::handling::HandlingState;
use crate::store::{CaseFilter, CaseLine, Part, WaitsFor};
use crate::web::desk::lists::{member_name, state_words};
use crate::web::desk::pages::Page;
use crate::web::frame::WebError;
use crate::web::session::JustSignedIn;
use crate::web::{WebState, csv};

/// A spreadsheet takes this many; whoever needs more asks the database.
const CSV_ROWS: i64 = 10_000;

/// Where the list of what is at risk is.
pub const AT_RISK: &str = "/at-risk";
/// Clocks by which a case can be looked for.
const CLOCKS: [ClockKind; 4] = [ClockKind::FirstReply, ClockKind::Acknowledge, ClockKind::Triage, ClockKind::Progress];

/// The routes of the lists as files.
pub fn routes() -> Router<WebState> {
    Router::new().route("/at-risk.csv", get(at_risk_csv)).route("/cases.csv", get(cases_csv))
}

/// What the form puts into the address. Anything that is none of its values is as if it were not there.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    project: String,
    waits_for: String,
    owner: String,
    clock: String,
    state: String,
    text: String,
    page: String,
}

impl Asked {
    /// The filter that the form means.
    pub fn filter(&self, open_only: bool) -> CaseFilter {
        CaseFilter {
            project: ProjectId::parse(&self.project),
            waits_for: WaitsFor::from_word(&self.waits_for),
            owner: Mailbox::parse(&self.owner).ok(),
            clock: ClockKind::from_word(&self.clock),
            state: CaseState::from_word(&self.state),
            text: self.text.trim().to_owned(),
            open_only,
        }
    }

    /// Whether anything is asked for.
    pub fn is_set(&self) -> bool {
        self.filter(false) != CaseFilter::default()
    }

    /// Which page of the list.
    pub fn page(&self) -> Page {
        Page::asked(&self.page)
    }

    /// The filter and the page as the end of an address.
    pub fn place(&self) -> String {
        let parts = [Some(self.query()), self.page().query().map(|page| format!("page={page}"))];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&")
    }

    /// The filter as the end of an address.
    pub fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("project", &self.project),
            ("waits_for", &self.waits_for),
            ("owner", &self.owner),
            ("clock", &self.clock),
            ("state", &self.state),
            ("text", &self.text),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

/// The list again, at the row of that case, with the filter and the page that its form had brought along. Anything else in `query` is
/// left out: this leads only to a page of ours (THREATS.md row 65).
pub fn at_risk_again(query: &str, number: &CaseRef) -> String {
    let uri = format!("/at-risk?{query}").parse::<Uri>().ok();
    let asked = uri.and_then(|uri| Query::<Asked>::try_from_uri(&uri).ok()).map(|Query(asked)| asked.place());
    match asked.filter(|query| !query.is_empty()) {
        Some(query) => format!("/at-risk?{query}#{number}"),
        None => format!("/at-risk#{number}"),
    }
}

/// The form, folded until something is asked for, and the link to the same lines as CSV.
pub fn form(action: &str, asked: &Asked, directory: &Directory) -> Markup {
    let states = [CaseState::New, CaseState::Triage, CaseState::Routed, CaseState::Answered, CaseState::Closed];
    html! {
        details open[asked.is_set()] data-filter {
            summary { "Filter" }
            form.card method="get" action=(action) {
                div.filters {
                    (choice("project", "Project", &asked.project, directory.projects.iter().map(|p| (p.id.as_str(), p.name.clone()))))
                    (choice("waits_for", "Waiting for", &asked.waits_for,
                        [("project", "a project".to_owned()), ("committee", "the committee".to_owned())].into_iter()))
                    (choice("owner", "Owner", &asked.owner, directory.committee.iter().map(|m| (m.email.as_str(), m.name.clone()))))
                    (choice("clock", "Clock", &asked.clock, CLOCKS.iter().map(|kind| (kind.word(), kind.title().to_owned()))))
                    (choice("state", "State", &asked.state, states.iter().map(|s| (s.word(), state_words(*s).to_owned()))))
                    div { label for="filter-text" { "Title or number" } input #filter-text type="text" name="text" value=(asked.text); }
                }
                div.row { button { "Show" } @if asked.is_set() { a.button href=(action) { "Show all" } } }
            }
        }
        p.small { "These lines: "
            @if action == AT_RISK { a href={ (AT_RISK) "/copy?" (asked.query()) } { "Copy" } " · " }
            a href={ (action) ".csv?" (asked.query()) } { "CSV" }
            @if action == AT_RISK { " · " a href="/calendar" { "Calendar" } span.muted { " (a planning aid, not an alarm: calendars refresh late)" } } }
    }
}

fn choice<'v>(name: &str, title: &str, chosen: &str, values: impl Iterator<Item = (&'v str, String)>) -> Markup {
    html! {
        div {
            label for={ "filter-" (name) } { (title) }
            select id={ "filter-" (name) } name=(name) {
                option value="" { "any" }
                @for (value, shown) in values { option value=(value) selected[value == chosen] { (shown) } }
            }
        }
    }
}

async fn at_risk_csv(
    State(state): State<WebState>,
    JustSignedIn(member): JustSignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    file(&state, &member, &asked, "at-risk.csv", true).await
}

async fn cases_csv(
    State(state): State<WebState>,
    JustSignedIn(member): JustSignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    file(&state, &member, &asked, "cases.csv", false).await
}

async fn file(
    state: &WebState,
    member: &Member,
    asked: &Asked,
    name: &str,
    open_only: bool,
) -> Result<Response, WebError> {
    let all = Part { skip: 0, most: CSV_ROWS, seen_by: Some(&member.email) };
    let lines = state.house.store.find_cases(&asked.filter(open_only), all).await?;
    let policy = state.house.policy();
    Ok(csv::file(name, csv_lines(&lines, &policy.directory, state.house.now())))
}

fn csv_lines(lines: &[CaseLine], directory: &Directory, now: Timestamp) -> String {
    let mut text = csv::row(&["number", "title", "state", "arrived", "clock", "due", "overdue", "owner", "projects"]);
    for line in lines {
        let clock = line.clock.as_ref();
        let projects: Vec<String> = line
            .handlings
            .iter()
            .filter(|(_, state)| *state != HandlingState::Withdrawn)
            .map(|(id, state)| format!("{id} {}", state.word()))
            .collect();
        text += &csv::row(&[
            line.case.number.as_str(),
            &line.case.title,
            line.case.state.word(),
            &line.case.arrived_at.to_string(),
            clock.map_or("", |clock| clock.kind.title()),
            &clock.map_or_else(String::new, |clock| clock.due_at.to_string()),
            if clock.is_some_and(|clock| clock.pause.is_none() && now >= clock.due_at) { "yes" } else { "no" },
            &line.case.owner.as_ref().map_or_else(String::new, |owner| member_name(directory, owner)),
            &projects.join("; "),
        ]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, directory, hours, line, now, shows_hostile_texts};

    #[test]
    fn the_form_keeps_what_was_asked_and_shows_hostile_words_as_text() {
        let asked = Asked {
            project: "lantern".to_owned(),
            waits_for: "project".to_owned(),
            text: HOSTILE.to_owned(),
            ..Asked::default()
        };
        let shown = shows_hostile_texts(form("/at-risk", &asked, &directory()), 1);
        assert!(
            shown.contains("<details open data-filter>") && shown.contains("value=\"lantern\" selected"),
            "{shown}"
        );
        assert!(shown.contains("/at-risk.csv?project=lantern&amp;waits_for=project&amp;text=%3C%2Fpre%3E"), "{shown}");
        assert!(asked.is_set() && !Asked { state: "nonsense".to_owned(), ..Asked::default() }.is_set());
    }

    #[test]
    fn after_an_act_the_list_comes_back_with_its_filter_and_nothing_else() {
        let number = CaseRef::from_row("SEC-2026-0042");
        assert_eq!(at_risk_again("", &number), "/at-risk#SEC-2026-0042");
        assert_eq!(
            at_risk_again("owner=ada%40story.example&clock=triage", &number),
            "/at-risk?owner=ada%40story.example&clock=triage#SEC-2026-0042"
        );
        assert_eq!(at_risk_again("clock=triage&page=3", &number), "/at-risk?clock=triage&page=3#SEC-2026-0042");
        assert_eq!(at_risk_again("page=2", &number), "/at-risk?page=2#SEC-2026-0042");
        assert_eq!(at_risk_again("x=y#//evil.example", &number), "/at-risk#SEC-2026-0042");
        assert_eq!(at_risk_again("\r\nSet-Cookie: x", &number), "/at-risk#SEC-2026-0042");
    }

    #[test]
    fn a_line_of_the_list_is_a_line_of_the_file() {
        let text = csv_lines(&[line(CaseState::Routed, hours(-1))], &directory(), now());
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("\"SEC-2026-0042\"") && text.contains("\"yes\""), "{text}");
    }
}
