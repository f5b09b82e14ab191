//! `/triage`: cases that no project has, each with what the judge suggests and one button for each way to go on.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::case::{CaseState, Closing};
use crate::domain::directory::Directory;
use crate::domain::id::CaseId;
use crate::domain::near::Proposal;
use crate::store::CaseLine;
use crate::web::WebState;
use crate::web::desk::case_parts::{judges_words, suggestion};
use crate::web::desk::near::{self, Back, Near};
use crate::web::desk::{ROWS, desk_page, noise};
use crate::web::frame::{Place, WebError, due};
use crate::web::session::AtDesk;
use crate::web::when;

/// The route of triage.
pub fn routes() -> Router<WebState> {
    Router::new().route("/triage", get(triage))
}

async fn triage(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let lines = state.house.store.triage_cases(ROWS).await?;
    let cases: Vec<&CaseId> = lines.iter().map(|line| &line.case.id).collect();
    let proposals = near::proposals(&state, &cases).await?;
    let policy = state.house.policy();
    let body = page(&lines, &proposals, &policy.directory, state.house.now());
    Ok(desk_page(&state, &member, Place::Triage, "Triage", body).await?)
}

fn page(lines: &[CaseLine], proposals: &[Proposal], directory: &Directory, now: Timestamp) -> Markup {
    html! {
        h1 { "Triage" }
        @if lines.is_empty() { p { "Nothing waits here. Every open case is with a project or answered." } }
        @for line in lines.iter().filter(|line| line.case.noise.is_none()) { (card(line, proposals, directory, now)) }
        @let noise: Vec<&CaseLine> = lines.iter().filter(|line| line.case.noise.is_some()).collect();
        @if !noise.is_empty() { h2 #no-report { "Looks like no report (" (noise.len()) ")" } }
        @for line in noise { (card(line, proposals, directory, now)) }
        @if lines.len() as i64 >= ROWS { p.muted { "The first " (ROWS) " are shown. " a href="/cases" { "All cases" } } }
    }
}

fn card(line: &CaseLine, proposals: &[Proposal], directory: &Directory, now: Timestamp) -> Markup {
    let case = format!("/cases/{}", line.case.number);
    html! {
        section.card {
            h2 { a href=(case) { (line.case.title) } }
            p.small.muted { span.mono.nowrap { (line.case.number) }
                @if let Some(reporter) = &line.reporter { " from " (reporter) } ", arrived " (when::time(line.case.arrived_at)) }
            @if let Some(clock) = &line.clock { p { (due(clock, now)) } }
            @if let Some(reason) = &line.case.waits_because { p { "Why it waits: " (reason) } }
            (near::part(&Near { case: &line.case, proposals, first: None, again: &[], back: Back::Triage }))
            (noise::part(&line.case, directory, Back::Triage))
            (judges_words(&line.case.judgement, directory))
            (suggestion(&line.case, directory, &line.handlings))
            div.row {
                @if line.case.state == CaseState::New {
                    form method="post" action={ (case) "/claim" } { button { "Claim" } }
                }
                a.button href={ (case) "/to-reporter" } { "Answer it ourselves …" }
                (close(&case, Closing::NotSecurity, "Not security"))
                (close(&case, Closing::Spam, "Spam"))
            }
        }
    }
}

/// Closes a case by one press; it can be opened again on its page.
fn close(case: &str, reason: Closing, words: &str) -> Markup {
    html! {
        form method="post" action={ (case) "/close" } {
            input type="hidden" name="reason" value=(reason.word());
            input type="hidden" name="act" value="close";
            input type="hidden" name="back" value="triage";
            button { (words) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::Channel;
    use crate::web::samples::{directory, hours, line, now, safe, shows_hostile_texts};

    #[test]
    fn each_way_to_go_on_is_a_button_beside_the_judges_sentences() {
        let lines = [line(CaseState::New, hours(40))];
        let shown = shows_hostile_texts(page(&lines, &[], &directory(), now()), 4);
        for words in [
            "likely match",
            "Forward to Lantern",
            "Claim",
            "Answer it ourselves",
            "Not security",
            "value=\"spam\"",
            "Another project",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }

    #[test]
    fn a_project_that_takes_no_mail_is_offered_by_its_channel() {
        let mut directory = directory();
        directory.projects[0].channel = Channel::Github;
        let shown = safe(page(&[line(CaseState::New, hours(40))], &[], &directory, now()));
        assert!(shown.contains("Take it to GitHub (Lantern)") && !shown.contains("Forward to Lantern"), "{shown}");
    }

    #[test]
    fn an_empty_triage_says_so() {
        assert!(safe(page(&[], &[], &directory(), now())).contains("Nothing waits here."));
    }
}
