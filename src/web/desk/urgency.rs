//! What makes a case call louder or not for a while: silenced reminders of a clock, and a confirmed exploitation.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::domain::case::CaseState;
use crate::domain::clock::ClockKind;
use crate::flows::{progress, urgency};
use crate::store::CaseRow;
use crate::web::WebState;
use crate::web::desk::clocks::{ClockLine, beginning_of};
use crate::web::desk::not_done;
use crate::web::frame::{Icon, WebError, icon};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of a clock's reminders, and of what hastens them.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/cases/{number}/clocks/{id}/snooze", post(snooze))
        .route("/cases/{number}/clocks/{id}/wake", post(wake))
        .route("/cases/{number}/clocks/{id}/skip", post(skip))
        .route("/cases/{number}/clocks/{id}/wait", post(wait_or_not))
        .route("/cases/{number}/exploited", post(exploited))
}

/// Whether the reminders of a clock are silenced, and the form that does so or ends it.
pub fn silence(number: &str, line: &ClockLine) -> Markup {
    let path = format!("/cases/{number}/clocks/{}", line.id);
    let runs = line.clock.stopped_at.is_none();
    html! {
        @if let Some(snooze) = line.clock.snooze.as_ref().filter(|_| runs) {
            p.small { (icon(Icon::Bars)) " Reminders silenced until " (when::time(snooze.until)) ": " (snooze.because) }
            form method="post" action={ (path) "/wake" } { p { button { "Remind again" } } }
        } @else if runs && line.clock.kind != ClockKind::FirstReply {
            details {
                summary { "Silence reminders" }
                form method="post" action={ (path) "/snooze" } {
                    p { label { "Until (UTC)" br; input type="date" name="until" required; } }
                    p { label { "Why" br; input type="text" name="because" maxlength="200" required; } }
                    p { button { "Silence reminders of " (line.clock.kind.title()) } }
                    p.small.muted { "At most 14 days. No deadline moves, and the board is told as ever." }
                }
            }
        }
    }
}

/// The form that skips the next reminder, where that may be.
pub fn skipping(number: &str, line: &ClockLine) -> Markup {
    let path = format!("/cases/{number}/clocks/{}/skip", line.id);
    html! {
        @if let Some((step, _)) = line.next.as_ref().filter(|_| line.may_skip) {
            details {
                summary { "Skip this reminder" }
                form method="post" action=(path) {
                    input type="hidden" name="at" value=(step.at.as_secs());
                    p { label { "Why" br; input type="text" name="because" maxlength="200" required; } }
                    p { button { "Skip the next reminder of " (line.clock.kind.title()) } }
                    p.small.muted { "Those after it come as ever. No deadline moves." }
                }
            }
        }
    }
}

/// The button by which the progress follow-up waits for the reporter, or goes on.
pub fn wait(number: &str, line: &ClockLine) -> Markup {
    let path = format!("/cases/{number}/clocks/{}/wait", line.id);
    let clock = &line.clock;
    html! {
        @if clock.kind == ClockKind::Progress && clock.stopped_at.is_none() {
            @if clock.waits_for_the_reporter().is_some() {
                form method="post" action=(path) { input type="hidden" name="is" value="no"; p { button { "Wait no longer" } } }
            } @else {
                details {
                    summary { "Waits for the reporter" }
                    form method="post" action=(path) {
                        input type="hidden" name="is" value="yes";
                        p { button { "The reporter is asked: wait for the answer" } }
                        p.small.muted { "For 14 days, or until they write. Nobody is reminded meanwhile. Ask them first: this sends nothing." }
                    }
                }
            }
        }
    }
}

/// That the flaw is used against people, and the button that says so or takes it back.
pub fn exploitation(case: &CaseRow) -> Markup {
    let path = format!("/cases/{}/exploited", case.number);
    html! {
        @if let Some(at) = case.exploited_at {
            div.notice.late { p { (icon(Icon::Triangle)) " " strong { "Used against people" } ", confirmed " (when::time(at)) ".
                Reminders since then come in half the time." }
                form method="post" action=(path) { input type="hidden" name="is" value="no"; p { button { "It is not" } } }
            }
        } @else if case.state != CaseState::Closed {
            details {
                summary { "Used against people?" }
                form method="post" action=(path) {
                    input type="hidden" name="is" value="yes";
                    p { button { "Confirm that it is exploited" } }
                    p.small.muted { "Reminders still to come are told in half the time. The board's deadline stays." }
                }
            }
        }
    }
}

/// A snooze as it was typed.
#[derive(serde::Deserialize)]
struct SnoozeForm {
    until: String,
    because: String,
}

async fn snooze(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, clock)): Path<(String, String)>,
    Form(form): Form<SnoozeForm>,
) -> Result<Response, WebError> {
    let (case, back) = found(&state, &number).await?;
    let Some(until): Option<Timestamp> = beginning_of(&form.until) else {
        return Ok(not_done(&state, &member, &back, "Write the day like 2026-12-01.").await?);
    };
    match urgency::snooze(&state.house, &case.id, &clock, until, &form.because, &member).await? {
        Ok(()) => Ok(Redirect::to(&back).into_response()),
        Err(refusal) => Ok(not_done(&state, &member, &back, &refusal.to_string()).await?),
    }
}

async fn wake(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, clock)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (case, back) = found(&state, &number).await?;
    // If another was faster, the page shows that it reminds.
    urgency::wake(&state.house, &case.id, &clock, &member).await?;
    Ok(Redirect::to(&back).into_response())
}

/// Which reminder is skipped, and why.
#[derive(serde::Deserialize)]
struct SkipForm {
    /// Seconds after the start of the clock: the reminder that the page named.
    at: i64,
    because: String,
}

async fn skip(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, clock)): Path<(String, String)>,
    Form(form): Form<SkipForm>,
) -> Result<Response, WebError> {
    let (case, back) = found(&state, &number).await?;
    let at = SignedDuration::from_secs(form.at);
    match urgency::skip(&state.house, &case.id, &clock, at, &form.because, &member).await? {
        Ok(()) => Ok(Redirect::to(&back).into_response()),
        Err(refusal) => Ok(not_done(&state, &member, &back, &refusal.to_string()).await?),
    }
}

/// The button that was pressed, of two.
#[derive(serde::Deserialize)]
struct YesOrNo {
    is: String,
}

async fn wait_or_not(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, clock)): Path<(String, String)>,
    Form(form): Form<YesOrNo>,
) -> Result<Response, WebError> {
    let (case, back) = found(&state, &number).await?;
    // If another was faster, the page shows how it stands.
    if form.is == "yes" {
        progress::member_waits(&state.house, &case.id, &clock, &member).await?;
    } else {
        progress::waits_no_longer(&state.house, &case.id, &clock, &member).await?;
    }
    Ok(Redirect::to(&back).into_response())
}

async fn exploited(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(form): Form<YesOrNo>,
) -> Result<Response, WebError> {
    let (case, back) = found(&state, &number).await?;
    if case.state == CaseState::Closed {
        return Ok(not_done(&state, &member, &back, "The case is closed. Reopen it first.").await?);
    }
    // If another was faster, the page shows what was said.
    urgency::exploited(&state.house, &case.id, form.is == "yes", &member).await?;
    Ok(Redirect::to(&back).into_response())
}

async fn found(state: &WebState, number: &str) -> Result<(CaseRow, String), WebError> {
    let case = state.house.store.case_by_number(number).await?.ok_or(WebError::NotFound)?;
    let back = format!("/cases/{}", case.number);
    Ok((case, back))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::{Clock, Snooze};
    use crate::domain::directory::Tell;
    use crate::domain::ladder::Step;
    use crate::web::samples::{HOSTILE, case, hours, now, safe, shows_hostile_texts};

    fn line(kind: ClockKind) -> ClockLine {
        let clock = Clock::start(kind, now(), hours(168));
        ClockLine { id: "clock".to_owned(), clock, of: None, next: None, may_skip: false, may_take_over: false }
    }

    #[test]
    fn reminders_are_silenced_with_a_day_and_a_reason_and_those_of_the_first_answer_never() {
        let shown = safe(silence("SEC-2026-0042", &line(ClockKind::Triage)));
        assert!(shown.contains("action=\"/cases/SEC-2026-0042/clocks/clock/snooze\""), "{shown}");
        assert!(shown.contains("type=\"date\"") && shown.contains("name=\"because\""), "{shown}");
        assert_eq!(safe(silence("SEC-2026-0042", &line(ClockKind::FirstReply))), "");
        let mut silent = line(ClockKind::Acknowledge);
        silent.clock.snooze = Some(Snooze { since: now(), until: now() + hours(48), because: HOSTILE.to_owned() });
        let shown = shows_hostile_texts(silence("SEC-2026-0042", &silent), 1);
        assert!(shown.contains("Sun 2026-11-22 14:00 UTC") && shown.contains("/clocks/clock/wake"), "{shown}");
        silent.clock.stopped_at = Some(now());
        assert_eq!(safe(silence("SEC-2026-0042", &silent)), "");
    }

    #[test]
    fn the_next_reminder_is_skipped_with_a_reason_where_that_may_be() {
        let step = Step { at: hours(48), tell: vec![Tell::Contacts] };
        let mut line = line(ClockKind::Acknowledge);
        line.next = Some((step, now() + hours(48)));
        assert_eq!(safe(skipping("SEC-2026-0042", &line)), "");
        line.may_skip = true;
        let shown = safe(skipping("SEC-2026-0042", &line));
        assert!(shown.contains("action=\"/cases/SEC-2026-0042/clocks/clock/skip\""), "{shown}");
        assert!(shown.contains("value=\"172800\"") && shown.contains("name=\"because\""), "{shown}");
    }

    #[test]
    fn only_the_follow_up_of_work_waits_for_the_reporter_and_a_press_ends_that() {
        let shown = safe(wait("SEC-2026-0042", &line(ClockKind::Progress)));
        assert!(shown.contains("action=\"/cases/SEC-2026-0042/clocks/clock/wait\""), "{shown}");
        assert_eq!(safe(wait("SEC-2026-0042", &line(ClockKind::Acknowledge))), "");
        let mut waiting = line(ClockKind::Progress);
        assert!(waiting.clock.wait_for_the_reporter(now()));
        let shown = safe(wait("SEC-2026-0042", &waiting));
        assert!(shown.contains("Wait no longer") && shown.contains("value=\"no\""), "{shown}");
        waiting.clock.stopped_at = Some(now());
        assert_eq!(safe(wait("SEC-2026-0042", &waiting)), "");
    }

    #[test]
    fn an_exploitation_is_confirmed_by_a_press_stands_there_and_is_taken_back_by_another() {
        let mut row = case(CaseState::Routed);
        let shown = safe(exploitation(&row));
        assert!(shown.contains("Confirm that it is exploited") && shown.contains("value=\"yes\""), "{shown}");
        row.exploited_at = Some(now());
        let shown = safe(exploitation(&row));
        assert!(shown.contains("confirmed <time") && shown.contains("value=\"no\""), "{shown}");
        assert_eq!(safe(exploitation(&case(CaseState::Closed))), "");
    }
}
