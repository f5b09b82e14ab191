//! `/cases/{number}`: everything about one case, and claiming it.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::case::{CaseRef, CaseState};
use crate::domain::directory::{Directory, Member, ProjectId};
use crate::domain::handling::HandlingState;
use crate::domain::id::ArrivalId;
use crate::domain::near::Proposal;
use crate::domain::party::Party;
use crate::domain::report::Attachment;
use crate::flows::knowledge::{self as learned, Question};
use crate::flows::members;
use crate::flows::viewings::last_visit_of;
use crate::judge::marks::Judged;
use crate::store::{CaseRow, EventRow, HandlingRow, LetterFacts, ReportRow};
use crate::web::WebState;
use crate::web::desk::case_letters::{stop_notice, table};
use crate::web::desk::clocks::{self, ClocksPart};
use crate::web::desk::conflicts::ConflictsPart;
use crate::web::desk::handling::{handling_card, project_name};
use crate::web::desk::lists::{member_name, state_words};
use crate::web::desk::near::{self, Back, Near};
use crate::web::desk::senders;
use crate::web::desk::suggested::{choices, marks, sentences};
use crate::web::desk::timeline::{Timeline, Told, timeline};
use crate::web::desk::{conflicts, desk_page, erased, filter, knowledge, noise, sight, urgency};
use crate::web::frame::{Icon, Place, WebError, icon};
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
    messages: Vec<Told>,
    letters: Vec<LetterFacts>,
    events: Vec<EventRow>,
    /// The case that told of it first, and those that told of it again.
    duplicate_of: Option<CaseRef>,
    duplicates: Vec<CaseRef>,
    conflicts: ConflictsPart,
    /// What is asked after a correction of the judge.
    questions: Vec<Question>,
    /// What looks like it, and what it looks like.
    proposals: Vec<Proposal>,
    directory: &'a Directory,
    member: &'a Member,
    now: Timestamp,
    asked: Asked,
    /// When the member was here before.
    last_visit: Option<Timestamp>,
}

/// What the address brings.
#[derive(Default, serde::Deserialize)]
struct Asked {
    /// What became of a "Stop sending" that led to this page. Counts alone, for anybody can write an address.
    stopped: Option<u32>,
    gone: Option<u32>,
    /// The lane that is shown alone.
    #[serde(default)]
    lane: String,
}

async fn show(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Markup, WebError> {
    let store = &state.house.store;
    let mut case = store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    if case.erased_at.is_some() {
        return erased::show(&state, &member, &case).await;
    }
    if case.state != CaseState::Closed {
        // More may be known now than when the report came.
        let noise = case.judgement.noise.take();
        case.judgement = learned::suggestions(&state.house, &case).await?;
        // Why it is listed as it is was said then.
        case.judgement.noise = noise;
    }
    let kept = sight::kept_from(&state.house, &member).await?;
    sight::without_kept(&mut case.judgement, &kept);
    state.house.views.note(&case, state.house.now());
    let last_visit = last_visit_of(&state.house, &member.email, &case).await?;
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
        events: sight::events(store.events_of(&case.id).await?, &kept),
        duplicate_of: sight::numbers(store.duplicate_of(&case.id).await?, &kept).next(),
        duplicates: sight::numbers(store.duplicates_of(&case.id).await?, &kept).collect(),
        conflicts: conflicts::of(&state.house, &case.id).await?,
        questions: learned::questions(&state.house, &case).await?,
        proposals: near::proposals(&state, &member, &[&case.id]).await?,
        reports,
        messages,
        case,
        directory: &policy.directory,
        member: &member,
        now: state.house.now(),
        asked,
        last_visit,
    };
    let title = format!("{} {}", view.case.number, view.case.title);
    Ok(desk_page(&state, &member, Place::Elsewhere, &title, page(&view)).await?)
}

async fn files(state: &WebState, arrival: &ArrivalId) -> Result<Vec<Attachment>, WebError> {
    Ok(state.house.store.attachments_of(arrival).await?)
}

/// The list on which the button stands.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Pressed {
    back: String,
    query: String,
}

async fn claim(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    // If another was faster, the page shows who.
    members::claim(&state.house, &case.id, &member).await?;
    let back = match pressed.back.as_str() {
        "at-risk" => filter::at_risk_again(&pressed.query, &case.number),
        _ => format!("/cases/{}", case.number),
    };
    Ok(Redirect::to(&back).into_response())
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
    let judged = view.reports.first().map_or(("", ""), |(first, _)| (&first.subject, &first.body));
    let judged = Judged { subject: judged.0, body: judged.1, is_cut: false };
    let marks = marks(&view.case.judgement, view.directory, &judged);
    html! {
        (head(view))
        (stop_notice(view.asked.stopped, view.asked.gone))
        (lanes(view))
        div.columns {
            div {
                @if let Some(reason) = &view.case.waits_because {
                    div.notice.soon { p { strong { "Waits for a member. " } (reason) } }
                }
                (near::part(&Near {
                    case: &view.case,
                    proposals: &view.proposals,
                    first: view.duplicate_of.as_ref(),
                    again: &view.duplicates,
                    back: Back::Case,
                }))
                (noise::part(&view.case, view.directory, &marks, Back::Case))
                h2 #conversation { "Conversation" }
                (timeline(&Timeline {
                    number: &view.case.number,
                    marks: &marks,
                    reports: &view.reports,
                    messages: &view.messages,
                    handlings: &view.handlings,
                    letters: &view.letters,
                    directory: view.directory,
                    now: view.now,
                    is_open: view.case.state != CaseState::Closed,
                    shown: &view.asked.lane,
                    last_visit: view.last_visit,
                }))
            }
            aside {
                h2 #clocks { "Clocks" }
                (urgency::exploitation(&view.case))
                (clocks::part(&view.clocks))
                h2 { "Owner" }
                (owner(view))
                (conflicts::part(&view.case.number, &view.conflicts))
                h2 { "Projects" }
                @for row in &view.handlings { (handling_card(&view.case.number, view.directory, row, &view.parties)) }
                @if view.handlings.is_empty() { p.muted { "No project has it yet." } }
                (knowledge::part(&view.case, &view.questions))
                @if view.case.state != CaseState::Closed {
                    h2 #forward { "Forward" }
                    (sentences(&view.case, view.directory, &marks))
                    (choices(&view.case, view.directory, &there(view)))
                }
                (senders::part(view.reports.iter().map(|(report, _)| report), view.directory, view.member))
            }
        }
        h2 { "Letters" }
        (table(&view.letters, view.now))
        details { summary { "Record (" (view.events.len()) " events)" } (events(&view.events)) }
    }
}

/// Number, state and title; of a closed case also why.
fn head(view: &CaseView<'_>) -> Markup {
    let case = &view.case;
    html! {
        p.small.muted {
            span.mono { (case.number) } " · " (state_words(case.state))
            @if let Some(reason) = case.closed_as { ": " (reason.words()) }
            @if let Some(at) = case.closed_at { ", " (when::time(at)) }
            " · arrived " (when::time(case.arrived_at))
            @if let Some(first) = &view.duplicate_of { " · told first in " a.mono href={ "/cases/" (first) } { (first) } }
            @for again in &view.duplicates { " · told again in " a.mono href={ "/cases/" (again) } { (again) } }
        }
        h1 { (case.title) }
        (erased::days(case))
        (flags(view))
    }
}

/// Who has it, and what one must know of it before anything else.
fn flags(view: &CaseView<'_>) -> Markup {
    let case = &view.case;
    let held = view.messages.iter().filter(|(row, _)| row.held_at.is_some() && row.decided_at.is_none()).count();
    let bounced = view.letters.iter().filter(|letter| letter.refused_at.is_some()).count();
    html! {
        p.row {
            @match &case.owner {
                Some(owner) => { span { "With " strong { (member_name(view.directory, owner)) } } }
                None => { span.muted { "Nobody has claimed it" } }
            }
            @if case.exploited_at.is_some() { span.tag.late { (icon(Icon::Triangle)) "Used against people" } }
            @if let Some(noise) = case.noise { span.tag { (noise.short()) } }
            @if held > 0 { span.tag.soon { (icon(Icon::Hourglass)) (held) " held" } }
            @if bounced > 0 { span.tag.late { (icon(Icon::Triangle)) (bounced) " bounced" } }
        }
    }
}

/// One button a lane, each to a page of its own: no composer stands open here.
fn lanes(view: &CaseView<'_>) -> Markup {
    let case = format!("/cases/{}", view.case.number);
    let has_contacts = |row: &HandlingRow| view.parties.iter().any(|party| party.is_contact_of(&row.id));
    html! {
        div.row {
            @if view.case.state == CaseState::Closed {
                form method="post" action={ (case) "/reopen" } { button { "Open it again" } }
            } @else {
                a.button href={ (case) "/to-reporter" } { (icon(Icon::Envelope)) "To the reporter …" }
                @for row in view.handlings.iter().filter(|row| row.state.is_open() && has_contacts(row)) {
                    a.button href={ (case) "/to-project/" (row.project) } { (icon(Icon::Arrows)) "To " (project_name(view.directory, row)) " …" }
                }
            }
            a.button href={ (case) "/note" } { (icon(Icon::Pencil)) "Internal note …" }
            @if view.case.state != CaseState::Closed { a.button href={ (case) "/close" } { "Close …" } }
        }
    }
}

fn there(view: &CaseView<'_>) -> Vec<(ProjectId, HandlingState)> {
    view.handlings.iter().map(|row| (row.project.clone(), row.state)).collect()
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

pub(super) fn events(events: &[EventRow]) -> Markup {
    html! {
        ol.tight.small { @for event in events {
            li { (when::time(event.at)) " " strong { (event.kind) } " " span.muted { (event.actor) " " (event.detail) } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::party::PartyRole;
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
            duplicate_of: None,
            duplicates: Vec::new(),
            conflicts: ConflictsPart::default(),
            questions: Vec::new(),
            proposals: Vec::new(),
            directory,
            member: &directory.committee[0],
            now: now(),
            asked: Asked::default(),
            last_visit: None,
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
}
