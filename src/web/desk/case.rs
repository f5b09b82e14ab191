//! `/cases/{number}`: everything about one case, and claiming it.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::case::CaseState;
use crate::domain::directory::Directory;
use crate::domain::handling::HandlingState;
use crate::domain::id::ArrivalId;
use crate::domain::letter::LetterKind;
use crate::domain::party::{Party, PartyRole};
use crate::domain::report::Attachment;
use crate::flows::members;
use crate::store::{CaseRow, EventRow, HandlingRow, LetterFacts, MessageRow, ReportRow};
use crate::web::WebState;
use crate::web::desk::case_parts::{delivery, judges_words, message, report, suggestion};
use crate::web::desk::clocks::{self, ClocksPart};
use crate::web::desk::desk_page;
use crate::web::desk::lists::member_name;
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of a case.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/cases/{number}", get(show))
        .route("/cases/{number}/claim", post(claim))
        .route("/cases/{number}/answered", post(answered))
}

/// Everything about a case.
struct CaseView<'a> {
    case: CaseRow,
    clocks: ClocksPart,
    handlings: Vec<HandlingRow>,
    parties: Vec<Party>,
    reports: Vec<(ReportRow, Vec<Attachment>)>,
    messages: Vec<(MessageRow, Vec<Attachment>)>,
    letters: Vec<LetterFacts>,
    events: Vec<EventRow>,
    directory: &'a Directory,
    now: Timestamp,
    just_stopped: JustStopped,
}

/// What became of a "Stop sending" that led to this page. Counts alone, for anybody can write an address.
#[derive(Default, serde::Deserialize)]
struct JustStopped {
    stopped: Option<u32>,
    gone: Option<u32>,
}

async fn show(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Query(just_stopped): Query<JustStopped>,
) -> Result<Markup, WebError> {
    let store = &state.house.store;
    let case = store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let policy = state.house.policy();
    let mut reports = Vec::new();
    for row in store.reports_of(&case.id).await? {
        let files = files(&state, &row.arrival).await?;
        reports.push((row, files));
    }
    let mut messages = Vec::new();
    for row in store.messages_of(&case.id).await? {
        let files = match &row.arrival {
            Some(arrival) => files(&state, arrival).await?,
            None => Vec::new(),
        };
        messages.push((row, files));
    }
    let view = CaseView {
        clocks: clocks::read(&state.house, &case, &member).await?,
        handlings: store.handlings_of(&case.id).await?,
        parties: store.parties_of(&case.id).await?,
        letters: store.letters_of(&case.id).await?,
        events: store.events_of(&case.id).await?,
        reports,
        messages,
        case,
        directory: &policy.directory,
        now: state.house.now(),
        just_stopped,
    };
    let title = format!("{} {}", view.case.number, view.case.title);
    Ok(desk_page(&state, &member, Place::Elsewhere, &title, page(&view)).await?)
}

async fn files(state: &WebState, arrival: &ArrivalId) -> Result<Vec<Attachment>, WebError> {
    Ok(state.house.store.attachments_of(arrival).await?)
}

async fn claim(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    // If another was faster, the page shows who.
    members::claim(&state.house, &case.id, &member).await?;
    Ok(Redirect::to(&format!("/cases/{}", case.number)).into_response())
}

async fn answered(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    members::note_answered(&state.house, &case.id, &member).await?;
    Ok(Redirect::to(&format!("/cases/{}", case.number)).into_response())
}

fn page(view: &CaseView<'_>) -> Markup {
    html! {
        p.small.muted { span.mono { (view.case.number) } " · " (state_words(view.case.state)) " · arrived " (when::time(view.case.arrived_at)) }
        h1 { (view.case.title) }
        (stop_notice(&view.just_stopped))
        div.columns {
            div {
                @if let Some(reason) = view.case.waits_because.as_ref().filter(|_| view.case.state != CaseState::Routed) {
                    div.notice.soon { p { strong { "Waits for a member. " } (reason) } }
                }
                h2 { "Conversation" }
                @for (row, files) in &view.reports { (report(row, files)) }
                @for (row, files) in &view.messages { (message(row, files)) }
            }
            aside {
                h2 { "Clocks" }
                (clocks::part(&view.clocks))
                h2 { "Owner" }
                (owner(view))
                h2 { "Projects" }
                @for row in &view.handlings { (handling(view, row)) }
                @if view.handlings.is_empty() { p.muted { "No project has it yet." } }
                h2 { "Forward" }
                (judges_words(&view.case.judgement, view.directory))
                (suggestion(&view.case, view.directory, &there(view)))
            }
        }
        h2 { "Letters" }
        (letters(view))
        details { summary { "Record (" (view.events.len()) " events)" } (events(&view.events)) }
    }
}

fn stop_notice(just: &JustStopped) -> Markup {
    let Some(stopped) = just.stopped else { return html! {} };
    let gone = just.gone.unwrap_or_default();
    let (class, what) = match (stopped, gone) {
        (0, _) => ("late", "Too late to stop."),
        (_, 0) => ("", "Stopped."),
        _ => ("late", "Stopped in part."),
    };
    html! {
        div.notice.(class) { p {
            strong { (what) } " " (stopped) " of " (u64::from(stopped) + u64::from(gone)) " letters were stopped."
            @if gone > 0 { " " (gone) " had left already." }
        } }
    }
}

fn there(view: &CaseView<'_>) -> Vec<(crate::domain::directory::ProjectId, HandlingState)> {
    view.handlings.iter().map(|row| (row.project.clone(), row.state)).collect()
}

fn state_words(state: CaseState) -> &'static str {
    match state {
        CaseState::New => "nobody has opened it",
        CaseState::Triage => "in triage",
        CaseState::Routed => "with a project",
        CaseState::Answered => "answered by the committee",
        CaseState::Closed => "closed",
    }
}

fn owner(view: &CaseView<'_>) -> Markup {
    html! {
        @match &view.case.owner {
            Some(owner) => { p { (member_name(view.directory, owner)) } }
            None => {
                form method="post" action={ "/cases/" (view.case.number) "/claim" } { p { button { "Claim" } } }
            }
        }
    }
}

fn project_name(directory: &Directory, row: &HandlingRow) -> String {
    directory.project(&row.project).map_or_else(|| row.project.to_string(), |project| project.name.clone())
}

fn handling(view: &CaseView<'_>, row: &HandlingRow) -> Markup {
    let people: Vec<&Party> =
        view.parties.iter().filter(|party| party.role == PartyRole::Contact(row.id.clone())).collect();
    let waits = view.letters.iter().any(|letter| {
        letter.handling.as_ref() == Some(&row.id)
            && letter.kind == LetterKind::Forward
            && letter.sent_at.is_none()
            && letter.refused_at.is_none()
            && letter.withdrawn_at.is_none()
    });
    html! {
        section.card {
            h3 { (project_name(view.directory, row)) }
            p {
                @match row.state {
                    HandlingState::Sent => { span.tag.info { "Not confirmed yet" } }
                    HandlingState::Acknowledged => { span.tag.ok { "Confirmed" } " " @if let Some(at) = row.acknowledged_at { span.small { (when::time(at)) } } }
                    HandlingState::ByHand => { span.tag { "By hand" } }
                    HandlingState::Withdrawn => { span.tag { "Stopped before it left" } }
                    HandlingState::HandedBack => { span.tag { "Not theirs" } }
                    HandlingState::TakenOver => { span.tag { "The committee answers" } }
                    HandlingState::Closed => { span.tag { "Closed" } }
                }
            }
            p.small { "Decided " (when::time(row.decided_at)) @if row.decided_by == "program" { " by rule" } @else { " by a member" } }
            ul.tight.small { @for party in people {
                li { @if let Some(name) = &party.name { (name) " " } @if let Some(mailbox) = &party.mailbox { "<" (mailbox) ">" } }
            } }
            @if waits {
                form method="post" action={ "/handlings/" (row.id) "/stop" } { button { "Stop sending" } }
            }
        }
    }
}

fn letters(view: &CaseView<'_>) -> Markup {
    html! {
        @if view.letters.is_empty() { p.muted { "None." } }
        @else {
            table.stacks {
                thead { tr { th scope="col" { "Letter" } th scope="col" { "To" } th scope="col" { "Delivery" } } }
                tbody { @for letter in &view.letters {
                    tr { td { (letter.kind.word()) br; span.small.muted { (letter.subject) } } td { (letter.recipient) } td { (delivery(letter, view.now)) } }
                } }
            }
        }
    }
}

fn events(events: &[EventRow]) -> Markup {
    html! {
        ol.tight.small { @for event in events {
            li { (when::time(event.at)) " " strong { (event.kind) } " " span.muted { (event.actor) " " (event.detail) } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{
        attachment, case, directory, handling, held, letter, mailbox, now, report, shows_hostile_texts,
    };

    fn view(directory: &Directory) -> CaseView<'_> {
        let row = handling(HandlingState::Sent);
        let contact = Party {
            id: crate::domain::id::PartyId::from_row("contact"),
            case: row.case.clone(),
            role: PartyRole::Contact(row.id.clone()),
            mailbox: Some(mailbox("security@lantern.example")),
            name: Some("Lantern security".to_owned()),
            is_list: true,
            shares: crate::domain::party::Shares::Nothing,
            generation: 0,
        };
        CaseView {
            case: case(CaseState::Triage),
            clocks: ClocksPart::default(),
            handlings: vec![row],
            parties: vec![contact],
            reports: vec![(report(), vec![attachment()])],
            messages: vec![(held(), vec![attachment()])],
            letters: vec![letter()],
            events: Vec::new(),
            directory,
            now: now(),
            just_stopped: JustStopped::default(),
        }
    }

    #[test]
    fn whatever_strangers_write_stays_text_on_the_page_of_a_case() {
        // Title, why it waits, evidence; name, subject, text, proof, robot's sign, fault; the file's name and type;
        // and the same of the held mail.
        let page = shows_hostile_texts(page(&view(&directory())), 18);
        assert!(page.contains("shown as text") && page.contains("HELD"), "{page}");
    }

    #[test]
    fn a_forward_can_be_stopped_as_long_as_a_letter_of_it_waits() {
        let directory = directory();
        let mut view = view(&directory);
        assert!(page(&view).into_string().contains("Stop sending"));
        view.letters[0].sent_at = Some(now());
        assert!(!page(&view).into_string().contains("Stop sending"));
    }

    #[test]
    fn the_button_to_claim_goes_once_somebody_has_the_case() {
        let directory = directory();
        let mut view = view(&directory);
        assert!(page(&view).into_string().contains("Claim"));
        view.case.owner = Some(mailbox("ada@story.example"));
        let page = page(&view).into_string();
        assert!(!page.contains("Claim") && page.contains("Ada Chair"), "{page}");
    }

    #[test]
    fn after_stop_sending_the_page_says_what_stayed_and_what_had_left() {
        let words = |stopped, gone| stop_notice(&JustStopped { stopped, gone }).into_string();
        assert_eq!(words(None, Some(3)), "");
        assert!(words(Some(2), None).contains("Stopped.</strong> 2 of 2 letters were stopped."));
        assert!(words(Some(0), Some(2)).contains("Too late to stop.</strong> 0 of 2 letters were stopped."));
        assert!(words(Some(1), Some(2)).contains("1 of 3 letters were stopped. 2 had left already."));
        assert!(words(Some(u32::MAX), Some(u32::MAX)).contains("of 8589934590 letters"));
    }
}
