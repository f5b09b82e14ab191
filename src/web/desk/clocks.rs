//! The clocks on the page of a case: why each runs out when it does, who is told next, and what may be done about it.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::domain::access::{Act, Viewer, may};
use crate::domain::clock::{Clock, ClockKind, SILENCE_REVIEW};
use crate::domain::directory::{Member, Tell};
use crate::domain::id::HandlingId;
use crate::domain::ladder::Step;
use crate::flows::House;
use crate::flows::clocks::{self, CLOCK_JUMPED};
use crate::store::{CaseRow, Marks, StoreError};
use crate::web::WebState;
use crate::web::desk::{not_done, urgency};
use crate::web::frame::{WebError, due};
use crate::web::session::AtDesk;
use crate::web::when;

/// A jump of the machine's clock is shown at the desk for so long.
const JUMP_SHOWN: SignedDuration = SignedDuration::from_hours(24);

/// The routes of a project's clock.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/handlings/{id}/pause", post(pause))
        .route("/handlings/{id}/resume", post(resume))
        .route("/handlings/{id}/take-over", post(take_over))
}

/// The clocks of a case as they stand.
#[derive(Default)]
pub struct ClocksPart {
    /// The case's number, for the form that notes an answer.
    pub number: String,
    pub lines: Vec<ClockLine>,
    /// The viewer may let a project's clock stand still.
    pub may_pause: bool,
    pub now: Timestamp,
}

/// One clock with what its ladder says.
pub struct ClockLine {
    pub id: String,
    pub clock: Clock,
    /// The handling it belongs to, and the project's name.
    pub of: Option<(HandlingId, String)>,
    /// The next step, and when it is due.
    pub next: Option<(Step, Timestamp)>,
    /// That step is a reminder that a member may skip.
    pub may_skip: bool,
    /// The board has been told, so the committee may answer in the project's place.
    pub may_take_over: bool,
}

/// Reads what the page shows of the clocks of `case`.
pub async fn read(house: &House, case: &CaseRow, viewer: &Member) -> Result<ClocksPart, StoreError> {
    let step = house.step();
    let handlings = house.store.handlings_of(&case.id).await?;
    let mut lines = Vec::new();
    for row in house.store.clocks_of(&case.id).await? {
        let ladder = clocks::ladder_of(&step, case, &row.clock);
        let waits = clocks::waits(house, &row, step.now).await?;
        let to_come = ladder.to_come(&row.clock, &waits).into_iter().next();
        let next = to_come.filter(|_| row.clock.stopped_at.is_none() && row.clock.pause.is_none());
        let next = next.map(|(at, step)| (step.clone(), at));
        let of = handlings.iter().find(|handling| Some(&handling.id) == row.handling.as_ref()).map(|handling| {
            let project = step.policy.directory.project(&handling.project);
            (handling.id.clone(), project.map_or_else(|| handling.project.to_string(), |p| p.name.clone()))
        });
        let may_take_over = row.clock.kind == ClockKind::Acknowledge && clocks::may_be_taken_over(&ladder, &row.clock);
        let may_skip = ladder.skippable(&row.clock, &waits).is_ok();
        lines.push(ClockLine { id: row.id, clock: row.clock, of, next, may_skip, may_take_over });
    }
    Ok(ClocksPart { number: case.number.to_string(), lines, may_pause: may_pause(viewer), now: step.now })
}

fn may_pause(member: &Member) -> bool {
    let (email, name, role) = (member.email.clone(), member.name.clone(), member.role);
    may(&Viewer::Member { email, name, role }, Act::PauseClocks)
}

/// The clocks of a case.
pub fn part(view: &ClocksPart) -> Markup {
    let first_reply = |line: &ClockLine| line.clock.kind == ClockKind::FirstReply && line.clock.stopped_at.is_none();
    html! {
        ul.tight { @for line in &view.lines { li { (line_of(view, line)) } } }
        @if view.lines.iter().any(first_reply) {
            form method="post" action={ "/cases/" (view.number) "/answered" } {
                p { button { "I have answered the reporter" } }
            }
        }
    }
}

fn line_of(view: &ClocksPart, line: &ClockLine) -> Markup {
    let clock = &line.clock;
    html! {
        (due(clock, view.now))
        @if let Some((_, project)) = &line.of { span.small { " (" (project) ")" } }
        details {
            summary { "Why this date?" }
            p.small { (clock.explained()) "." }
            p.small { (counted(clock.kind)) }
        }
        @if let Some(pause) = clock.pause.as_ref().filter(|_| clock.stopped_at.is_none() && clock.kind == ClockKind::Acknowledge) {
            p.small { "Paused: " (pause.because) }
        }
        (urgency::silence(&view.number, line))
        (urgency::wait(&view.number, line))
        @if let Some((step, at)) = &line.next { p.small { "Next: " (next_words(step, clock.kind)) ", " (when::time(*at)) } }
        (urgency::skipping(&view.number, line))
        @if let Some((handling, project)) = &line.of { (acts(view, line, handling, project)) }
    }
}

/// What may be done about the clock of a project that has not confirmed.
fn acts(view: &ClocksPart, line: &ClockLine, handling: &HandlingId, project: &str) -> Markup {
    let runs = line.clock.kind == ClockKind::Acknowledge && line.clock.stopped_at.is_none();
    html! {
        @if line.may_take_over {
            form method="post" action={ "/handlings/" (handling) "/take-over" } {
                p { button { "Committee answers" } }
                p.small.muted { "The committee answers the reporter in place of " (project) ". The promise counts as not kept." }
            }
        }
        @if runs && view.may_pause {
            @if line.clock.pause.is_some() {
                form method="post" action={ "/handlings/" (handling) "/resume" } { p { button { "End the pause" } } }
            } @else {
                details {
                    summary { "Pause" }
                    form method="post" action={ "/handlings/" (handling) "/pause" } {
                        p { label { "Runs again on (UTC)" br; input type="date" name="until" required; } }
                        p { label { "Why" br; input type="text" name="because" maxlength="200" required; } }
                        p { button { "Pause the clock of " (project) } }
                        p.small.muted { "At most 30 days in all. The deadline moves, and paused time is shown apart." }
                    }
                }
            }
        }
    }
}

/// What starts and ends such a clock (DESIGN.md 3.4).
fn counted(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::FirstReply => {
            "A promise to the reporter: it ends when a letter with a person's words has left, or a project has confirmed. Nobody can move it."
        }
        ClockKind::Acknowledge => {
            "A promise: it ends when a person at the project confirms. Only a pause by the chair or the secretary, with a reason, moves it; the end of the pause moves it back."
        }
        ClockKind::Triage => "A follow-up: it ends when the case goes to a project, is answered, or is closed.",
        ClockKind::Progress => {
            "A follow-up: it starts anew whenever a person does something, and waits for the reporter."
        }
    }
}

fn next_words(step: &Step, kind: ClockKind) -> &'static str {
    let tells = |whom| step.tells(whom);
    match kind {
        _ if tells(Tell::Board) => "the board is told",
        ClockKind::Acknowledge if step.at >= SILENCE_REVIEW => "all members are asked who maintains the project",
        ClockKind::Progress if tells(Tell::Committee) => "the committee and the reporter are told",
        _ if tells(Tell::Committee) => "reminder to all members",
        _ if tells(Tell::Chair) => "reminder to the chair",
        _ if tells(Tell::Owner) => "reminder to the owner",
        _ if tells(Tell::Deputies) => "reminder to all contacts, and the deputies join",
        _ => "reminder to all contacts",
    }
}

/// That the machine's clock jumped, on every page of the desk for a day.
pub fn jump_notice(marks: &Marks, now: Timestamp) -> Markup {
    jump_words(marks.at(CLOCK_JUMPED).filter(|at| (*at..*at + JUMP_SHOWN).contains(&now)))
}

fn jump_words(jumped: Option<Timestamp>) -> Markup {
    html! { @if let Some(at) = jumped {
        div.notice.late { p {
            strong { "The machine's clock jumped" } " to " (when::time(at)) ". Letters to the board waited an hour. \
            The operator should check its time."
        } }
    } }
}

/// A pause as it was typed.
#[derive(serde::Deserialize)]
struct PauseForm {
    until: String,
    because: String,
}

async fn pause(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
    Form(form): Form<PauseForm>,
) -> Result<Response, WebError> {
    let handling = HandlingId::from_row(id);
    let back = back_to(&state, &handling).await?;
    if !may_pause(&member) {
        return Ok(not_done(&state, &member, &back, "Only the chair or the secretary may pause a clock.").await?);
    }
    let Some(until) = beginning_of(&form.until) else {
        return Ok(not_done(&state, &member, &back, "Write the day like 2026-12-01.").await?);
    };
    match clocks::pause(&state.house, &handling, until, &form.because, &member).await? {
        Ok(()) => Ok(Redirect::to(&back).into_response()),
        Err(refusal) => Ok(not_done(&state, &member, &back, &refusal.to_string()).await?),
    }
}

async fn resume(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let handling = HandlingId::from_row(id);
    let back = back_to(&state, &handling).await?;
    if !may_pause(&member) {
        return Ok(not_done(&state, &member, &back, "Only the chair or the secretary may end a pause.").await?);
    }
    // If another was faster, the page shows the clock running.
    clocks::resume(&state.house, &handling, &member).await?;
    Ok(Redirect::to(&back).into_response())
}

async fn take_over(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let handling = HandlingId::from_row(id);
    let back = back_to(&state, &handling).await?;
    match clocks::committee_answers(&state.house, &handling, &member).await? {
        Ok(()) => Ok(Redirect::to(&back).into_response()),
        Err(refusal) => Ok(not_done(&state, &member, &back, &refusal.to_string()).await?),
    }
}

/// The page of the case that a handling belongs to.
async fn back_to(state: &WebState, handling: &HandlingId) -> Result<String, WebError> {
    let row = state.house.store.handling(handling).await?.ok_or(WebError::NotFound)?;
    let case = state.house.store.case(&row.case).await?.ok_or(WebError::NotFound)?;
    Ok(format!("/cases/{}", case.number))
}

/// 00:00 UTC of a day as a date field sends it.
pub fn beginning_of(day: &str) -> Option<Timestamp> {
    let day: Date = day.trim().parse().ok()?;
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::{ClockEnd, Pause};
    use crate::web::samples::{HOSTILE, hours, now, safe, shows_hostile_texts};

    fn line(kind: ClockKind) -> ClockLine {
        let of = (kind == ClockKind::Acknowledge).then(|| (HandlingId::from_row("handling"), "Lantern".to_owned()));
        let step = Step { at: hours(48), tell: vec![Tell::Contacts] };
        let clock = Clock::start(kind, now(), hours(168));
        let next = Some((step, now() + hours(48)));
        ClockLine { id: "clock".to_owned(), clock, of, next, may_skip: false, may_take_over: false }
    }

    fn shown(line: ClockLine, may_pause: bool) -> String {
        safe(part(&ClocksPart { number: "SEC-2026-0042".to_owned(), lines: vec![line], may_pause, now: now() }))
    }

    #[test]
    fn a_clock_explains_its_date_and_says_who_is_told_next() {
        let page = shown(line(ClockKind::Acknowledge), false);
        assert!(page.contains("7 d 0 h left") && page.contains("(Lantern)"), "{page}");
        assert!(page.contains("7 days from the decision to forward, Fri 2026-11-20 14:00 UTC"), "{page}");
        assert!(page.contains("Next: reminder to all contacts, <time") && page.contains("Sun 2026-11-22 14:00 UTC"));
        assert!(!page.contains("/pause") && !page.contains("/take-over"), "{page}");
    }

    #[test]
    fn the_chair_may_pause_a_projects_clock_and_end_the_pause_but_not_the_committees_own() {
        let page = shown(line(ClockKind::Acknowledge), true);
        assert!(page.contains("action=\"/handlings/handling/pause\"") && page.contains("type=\"date\""), "{page}");
        assert!(!shown(line(ClockKind::FirstReply), true).contains("/pause"));
        let mut paused = line(ClockKind::Acknowledge);
        let because = HOSTILE.to_owned();
        paused.clock.pause = Some(Pause { since: now(), until: now() + hours(48), because });
        paused.next = None;
        let view = ClocksPart { number: "SEC-2026-0042".to_owned(), lines: vec![paused], may_pause: true, now: now() };
        let page = shows_hostile_texts(part(&view), 1);
        assert!(
            page.contains("Paused until <time")
                && page.contains(">Sun 22 Nov</time>")
                && page.contains("/handlings/handling/resume"),
            "{page}"
        );
        assert!(!page.contains("Next: "), "{page}");
    }

    #[test]
    fn once_the_board_is_told_the_committee_may_answer() {
        let mut late = line(ClockKind::Acknowledge);
        late.may_take_over = true;
        let page = shown(late, false);
        assert!(page.contains("Committee answers") && page.contains("/handlings/handling/take-over"), "{page}");
    }

    #[test]
    fn how_a_clock_ended_reads_as_it_was() {
        let ended = |ended_as| {
            let mut line = line(ClockKind::Acknowledge);
            line.clock.stopped_at = Some(now());
            line.clock.ended_as = Some(ended_as);
            line.next = None;
            shown(line, true)
        };
        assert!(ended(ClockEnd::Kept).contains("Met</span>"));
        assert!(ended(ClockEnd::Withdrawn).contains("Does not count</span>"));
        assert!(ended(ClockEnd::Closed).contains("Does not count</span>"));
        let breached = ended(ClockEnd::Breached);
        assert!(breached.contains("Not kept</span>") && !breached.contains("Met"), "{breached}");
        assert!(!breached.contains("<form"), "{breached}");
    }

    #[test]
    fn the_button_that_notes_an_answer_goes_once_there_is_one() {
        let mut first = line(ClockKind::FirstReply);
        assert!(shown(line(ClockKind::FirstReply), false).contains("/cases/SEC-2026-0042/answered"));
        first.clock.stopped_at = Some(now());
        assert!(!shown(first, false).contains("/answered"));
    }

    #[test]
    fn a_jump_is_told_and_a_day_reads_as_its_beginning() {
        assert_eq!(jump_words(None).into_string(), "");
        assert!(jump_words(Some(now())).into_string().contains("clock jumped"));
        assert_eq!(beginning_of(" 2026-11-25 ").unwrap().to_string(), "2026-11-25T00:00:00Z");
        assert_eq!(beginning_of("tomorrow"), None);
    }
}
