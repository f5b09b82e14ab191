//! `/cases/{number}/by-hand/{project}`: taking a case to a project that takes no mail, and writing down what was done
//! and said there.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::domain::directory::{Channel, Member, Project, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::report::Attachment;
use crate::flows::by_hand::{self, NotNoted, Outside, is_by_hand};
use crate::flows::forward::target;
use crate::store::{CaseRow, HandlingRow, ReportRow};
use crate::web::WebState;
use crate::web::desk::case_parts::attached;
use crate::web::desk::{desk_page, not_done};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of handlings by hand.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/cases/{number}/by-hand/{project}", get(show).post(take))
        .route("/cases/{number}/by-hand/{project}/handed-over", post(handed_over))
        .route("/cases/{number}/by-hand/{project}/acknowledged", post(acknowledged))
}

/// A case and a project, as the address names them.
struct Part {
    case: CaseRow,
    project: Project,
}

async fn part(state: &WebState, number: &str, project: &str) -> Result<Part, WebError> {
    let case = state.house.store.case_by_number(number).await?.ok_or(WebError::NotFound)?;
    let project = ProjectId::parse(project).and_then(|id| state.house.policy().directory.project(&id).cloned());
    Ok(Part { case, project: project.ok_or(WebError::NotFound)? })
}

impl Part {
    fn address(&self) -> String {
        format!("/cases/{}/by-hand/{}", self.case.number, self.project.id)
    }
}

/// Everything about one project's part.
struct View<'a> {
    part: &'a Part,
    handling: Option<HandlingRow>,
    /// The project takes no mail, or has nobody to write to.
    is_by_hand: bool,
    reports: Vec<(ReportRow, Vec<Attachment>)>,
    confirm_by: Timestamp,
    now: Timestamp,
}

async fn show(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
) -> Result<Markup, WebError> {
    let part = part(&state, &number, &project).await?;
    let store = &state.house.store;
    let step = state.house.step();
    let mut handlings = store.handlings_of(&part.case.id).await?;
    handlings.retain(|row| row.project == part.project.id);
    let mut reports = Vec::new();
    for row in store.reports_of(&part.case.id).await? {
        let files = store.attachments_of(&row.arrival).await?;
        reports.push((row, files));
    }
    let handling = handlings.pop();
    let open = handling.as_ref().filter(|row| row.state.is_open());
    let decided_at = open.map_or(step.now, |row| row.decided_at);
    let view = View {
        is_by_hand: is_by_hand(&step, &part.project),
        confirm_by: decided_at + target(&step, &part.project),
        handling,
        reports,
        now: step.now,
        part: &part,
    };
    Ok(desk_page(&state, &member, Place::Elsewhere, &view.title(), page(&view)).await?)
}

async fn take(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let part = part(&state, &number, &project).await?;
    let done = by_hand::take(&state.house, &part.case.id, &part.project.id, &member).await?;
    answer(&state, &member, &part, done.map(|_| ())).await
}

/// What a member writes down.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Noted {
    when: String,
    whom: String,
    how: String,
}

impl Noted {
    /// `2026-11-20T14:00`, as a browser writes it or a person does; always UTC, as the field says.
    fn at(&self) -> Option<Timestamp> {
        let text = self.when.trim().trim_end_matches("UTC").trim();
        Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
    }
}

/// Said beside the others of [`NotNoted`].
const NO_TIME: &str = "Enter when it was, such as 2026-11-20T14:00, in UTC.";

async fn handed_over(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
    Form(noted): Form<Noted>,
) -> Result<Response, WebError> {
    let part = part(&state, &number, &project).await?;
    let Some(at) = noted.at() else { return Ok(not_done(&state, &member, &part.address(), NO_TIME).await?) };
    let what = Outside { at, whom: "", how: &noted.how };
    let done = by_hand::handed_over(&state.house, &part.case.id, &part.project.id, &what, &member).await?;
    answer(&state, &member, &part, done).await
}

async fn acknowledged(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
    Form(noted): Form<Noted>,
) -> Result<Response, WebError> {
    let part = part(&state, &number, &project).await?;
    let Some(at) = noted.at() else { return Ok(not_done(&state, &member, &part.address(), NO_TIME).await?) };
    let what = Outside { at, whom: &noted.whom, how: &noted.how };
    let done = by_hand::acknowledged(&state.house, &part.case.id, &part.project.id, &what, &member).await?;
    answer(&state, &member, &part, done).await
}

async fn answer(
    state: &WebState,
    member: &Member,
    part: &Part,
    done: Result<(), NotNoted>,
) -> Result<Response, WebError> {
    match done {
        Ok(()) => Ok(Redirect::to(&part.address()).into_response()),
        Err(refusal) => Ok(not_done(state, member, &part.address(), &refusal.to_string()).await?),
    }
}

impl View<'_> {
    fn title(&self) -> String {
        match self.part.project.channel {
            Channel::Mail | Channel::None => format!("{} by hand", self.part.project.name),
            channel => format!("{} through {}", self.part.project.name, channel.word()),
        }
    }
}

fn page(view: &View<'_>) -> Markup {
    let Part { case, project } = view.part;
    html! {
        p.small.muted { a.mono href={ "/cases/" (case.number) } { (case.number) } " · " (case.title) }
        h1 { (view.title()) }
        @match &view.handling {
            None if view.is_by_hand => (offer(view)),
            None => {
                div.notice.soon { p { (project.name) " takes reports by mail and does not have this case." } }
                p { a.button href={ "/cases/" (case.number) "/forward?project=" (project.id) } { "Forward to " (project.name) " …" } }
            }
            Some(row) => {
                (standing(view, row))
                @if row.state.is_open() && row.handed_over_at.is_none() && row.state == HandlingState::ByHand {
                    (ready_text(view))
                    (form(view, "handed-over", "Handed over\u{2026}", false))
                }
                @if row.state.is_open() && row.acknowledged_at.is_none() { (form(view, "acknowledged", "Acknowledged\u{2026}", true)) }
                @if !row.state.is_open() && view.is_by_hand { (offer(view)) }
            }
        }
        p { a.button href={ "/cases/" (case.number) } { "Back to the case" } }
    }
}

/// Before the decision.
fn offer(view: &View<'_>) -> Markup {
    let project = &view.part.project;
    html! {
        p { (how_it_takes(project)) " The project's promise runs from your decision, until " strong { (when::time(view.confirm_by)) } "." }
        form method="post" action=(view.part.address()) {
            button.primary { "Take it to " (way(project)) }
        }
        (ready_text(view))
    }
}

/// `GitHub`, or the project itself where it has no channel.
fn way(project: &Project) -> String {
    match project.channel {
        Channel::Mail | Channel::None => project.name.clone(),
        channel => channel.word().to_owned(),
    }
}

fn how_it_takes(project: &Project) -> String {
    match project.channel {
        Channel::Mail => format!("{} has no contact to write to. You carry the report there.", project.name),
        Channel::None => format!("{} has no channel of its own. You find a person there.", project.name),
        channel => format!("{} takes reports through {}, not by mail.", project.name, channel.word()),
    }
}

/// Where the handling stands, each act with its time.
fn standing(view: &View<'_>, row: &HandlingRow) -> Markup {
    html! {
        dl.facts {
            dt { "Decided" } dd { (when::time(row.decided_at)) }
            @if row.state == HandlingState::ByHand || row.handed_over_at.is_some() {
                dt { "Handed over" }
                dd { @match (row.handed_over_at, &row.handed_over_how) {
                    (Some(at), Some(how)) => { (when::time(at)) ", " (how) }
                    _ => "not yet",
                } }
            }
            dt { "Acknowledged" }
            dd { @match row.acknowledged_at {
                Some(at) => { (when::time(at)) @if let Some(how) = &row.acknowledged_how { ", " (how) } }
                None if !row.state.is_open() => { "no" }
                None => { "not yet, asked for by " (when::time(view.confirm_by)) }
            } }
            @if let Some(at) = row.closed_at { dt { "Ended" } dd { (when::time(at)) } }
        }
    }
}

/// What to carry over: the link of the channel, and the report as a project may see it.
fn ready_text(view: &View<'_>) -> Markup {
    let project = &view.part.project;
    let text: Vec<&str> =
        view.reports.iter().map(|(report, _)| report.shared.trim()).filter(|t| !t.is_empty()).collect();
    html! {
        h2 { "What to take there" }
        @if let Some(url) = &project.channel_url {
            p { @if url.starts_with("https://") { a.button href=(url) rel="noreferrer" { "Open " (way(project)) } " " } span.mono { (url) } }
        }
        @if text.is_empty() { p { "There is no text: it could not be read or is encrypted. Open the original on the case's page." } }
        @else {
            label for="ready" { "Ready to copy" }
            p.hint { "The reporter's name and address are withheld." }
            textarea.wide #ready rows="14" readonly data-copy { (text.join("\n\n")) }
        }
        @for (report, files) in &view.reports { (attached(report.arrival.as_str(), files)) }
    }
}

fn form(view: &View<'_>, act: &str, title: &str, asks_whom: bool) -> Markup {
    let now = view.now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M").to_string();
    html! {
        details {
            summary { (title) }
            form.card method="post" action={ (view.part.address()) "/" (act) } {
                div.field {
                    label for={ (act) "-when" } { "When (UTC)" }
                    input type="datetime-local" id={ (act) "-when" } name="when" value=(now) required;
                }
                @if asks_whom { div.field {
                    label for={ (act) "-whom" } { "Who confirmed it" }
                    input type="text" id={ (act) "-whom" } name="whom" maxlength="500" required;
                } }
                div.field {
                    label for={ (act) "-how" } { "How" }
                    p.hint { "The number or link there, a call, a chat. It stays with the committee." }
                    input type="text" id={ (act) "-how" } name="how" maxlength="500" required;
                }
                button.primary { "Write it down" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::web::samples::{attachment, case, directory, handling, hours, now, report, safe, shows_hostile_texts};

    fn shown(channel: Channel, handling: Option<HandlingRow>, is_by_hand: bool) -> Markup {
        let mut project = directory().projects[0].clone();
        project.channel = channel;
        project.channel_url = Some("https://github.example/lantern/advisories".to_owned());
        page(&View {
            part: &Part { case: case(CaseState::Triage), project },
            handling,
            is_by_hand,
            reports: vec![(report(), vec![attachment()])],
            confirm_by: now() + hours(168),
            now: now(),
        })
    }

    #[test]
    fn before_the_decision_the_page_offers_the_channel_and_what_to_copy() {
        let page = shows_hostile_texts(shown(Channel::Github, None, true), 4);
        for words in ["Take it to GitHub", "Open GitHub", "rel=\"noreferrer\"", "readonly", "Fri 2026-11-27 14:00 UTC"]
        {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("jane@reporter.example"), "the reporter is withheld: {page}");
        assert!(safe(shown(Channel::None, None, true)).contains("You find a person there."));
    }

    #[test]
    fn each_act_is_asked_for_until_it_is_written_down() {
        let by_hand = handling(HandlingState::ByHand);
        let page = safe(shown(Channel::Github, Some(by_hand.clone()), true));
        assert!(page.contains("/handed-over") && page.contains("/acknowledged"), "{page}");
        assert!(page.contains("value=\"2026-11-20T14:00\""), "{page}");
        let handed_over =
            HandlingRow { handed_over_at: Some(now()), handed_over_how: Some("GHSA-1".to_owned()), ..by_hand };
        let page = safe(shown(Channel::Github, Some(handed_over), true));
        assert!(
            !page.contains("/handed-over\"") && page.contains("GHSA-1") && page.contains("/acknowledged"),
            "{page}"
        );
        let page = safe(shown(Channel::Mail, Some(handling(HandlingState::Acknowledged)), false));
        assert!(!page.contains("<form"), "{page}");
    }

    #[test]
    fn a_project_that_takes_mail_is_forwarded_to_and_times_are_read_in_utc() {
        let page = safe(shown(Channel::Mail, None, false));
        assert!(page.contains("/forward?project=lantern") && !page.contains("<form"), "{page}");
        let at = |when: &str| Noted { when: when.to_owned(), ..Noted::default() }.at().map(|at| at.to_string());
        assert_eq!(at("2026-11-20T14:00").as_deref(), Some("2026-11-20T14:00:00Z"));
        assert_eq!(at(" 2026-11-20 14:00 UTC").as_deref(), Some("2026-11-20T14:00:00Z"));
        for wrong in ["", "yesterday", "2026-11-20T25:00", "14:00"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
