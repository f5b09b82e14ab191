//! `/triage`: cases that no project has, each with what the judge suggests and one button for each way to go on.

use std::collections::HashMap;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::bulk::Pile;
use crate::domain::case::{CaseState, Closing};
use crate::domain::directory::{Directory, Member};
use crate::domain::id::CaseId;
use crate::domain::judgement::Field;
use crate::domain::near::Proposal;
use crate::judge::marks::Judged;
use crate::judge::near::alike::Row;
use crate::store::{Beginning, CaseLine};
use crate::web::WebState;
use crate::web::desk::near::{self, Back, Near};
use crate::web::desk::suggested::{choices, legend, marked, marks, sentences};
use crate::web::desk::ticks::{self, Asked, Ticks};
use crate::web::desk::{ROWS, desk_page, noise, sight};
use crate::web::frame::{Place, WebError, due, tab_stop};
use crate::web::session::AtDesk;
use crate::web::when;

/// Letters of a report that are shown beside its decision: enough to see what it is about. The whole stands on its page.
const LETTERS: i32 = 3_000;

/// The route of triage.
pub fn routes() -> Router<WebState> {
    Router::new().route("/triage", get(triage))
}

async fn triage(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    show(&state, &member, Asked::default()).await
}

/// The page, with ticks as `asked`.
pub async fn show(state: &WebState, member: &Member, asked: Asked) -> Result<Markup, WebError> {
    let lines = state.house.store.triage_cases(ROWS).await?;
    let lines = sight::seen_by(&state.house, member, lines).await?;
    let texts = state.house.store.beginnings(&lines, LETTERS).await?;
    let cases: Vec<&CaseId> = lines.iter().map(|line| &line.case.id).collect();
    let proposals = near::proposals(state, member, &cases).await?;
    let title = if asked.problem.is_some() { "Error: Triage" } else { "Triage" };
    let ticks = Ticks::of(lines.iter().map(|line| compared(line, &texts)).collect(), asked);
    let policy = state.house.policy();
    let body = page(&lines, &Beside { texts, proposals, ticks }, &policy.directory, state.house.now());
    Ok(desk_page(state, member, Place::Triage, title, body).await?)
}

/// What of a case is compared with the others of the list.
fn compared(line: &CaseLine, texts: &HashMap<CaseId, Beginning>) -> Row {
    let number = line.case.number.as_str();
    match texts.get(&line.case.id) {
        Some(text) => Row::new(number, text.from.as_ref(), &text.subject, &text.body),
        None => Row::new(number, None, &line.case.title, ""),
    }
}

/// What is known beside the lines.
struct Beside {
    texts: HashMap<CaseId, Beginning>,
    proposals: Vec<Proposal>,
    ticks: Ticks,
}

fn page(lines: &[CaseLine], beside: &Beside, directory: &Directory, now: Timestamp) -> Markup {
    html! {
        h1 { "Triage" }
        @if lines.is_empty() { p { "Nothing waits here. Every open case is with a project or answered." } } @else {
            (ticks::form(&beside.ticks, Pile::Triage, ""))
            (legend())
        }
        @for line in lines.iter().filter(|line| line.case.noise.is_none()) { (card(line, beside, directory, now)) }
        @let noise: Vec<&CaseLine> = lines.iter().filter(|line| line.case.noise.is_some()).collect();
        @if !noise.is_empty() { h2 #no-report { "Looks like no report (" (noise.len()) ")" } }
        @for line in noise { (card(line, beside, directory, now)) }
        (ticks::below(&beside.ticks, Pile::Triage))
        @if lines.len() as i64 >= ROWS { p.muted { "The first " (ROWS) " are shown. " a href="/cases" { "All cases" } } }
    }
}

/// One case: what was written on the left, what to do with it on the right.
fn card(line: &CaseLine, beside: &Beside, directory: &Directory, now: Timestamp) -> Markup {
    let case = format!("/cases/{}", line.case.number);
    let text = beside.texts.get(&line.case.id);
    let judged = text.map_or(Judged { subject: "", body: "", is_cut: false }, |text| Judged {
        subject: &text.subject,
        body: &text.body,
        is_cut: text.is_cut,
    });
    let marks = marks(&line.case.judgement, directory, &judged);
    let number = &line.case.number;
    html! {
        section.card data-row {
            h2 { a id=(number) href=(case) data-open { (line.case.title) } }
            (ticks::row(&beside.ticks, number.as_str(), number.as_str()))
            p.small.muted { span.mono.nowrap { (number) }
                @if let Some(reporter) = &line.reporter { " from " (reporter) } ", arrived " (when::time(line.case.arrived_at)) }
            @if let Some(clock) = &line.clock { p { (due(clock, now)) } }
            @if let Some(reason) = &line.case.waits_because { p { "Why it waits: " (reason) } }
            (near::part(&Near { case: &line.case, proposals: &beside.proposals, first: None, again: &[], back: Back::Triage }))
            (noise::part(&line.case, directory, &marks, Back::Triage))
            div.columns {
                div {
                    @if marks.any_in(Field::Subject) { p { "Subject: " (marked(&marks, Field::Subject, judged.subject, number)) } }
                    @if judged.body.trim().is_empty() { p.muted { "There is no text to show." } }
                    @else { pre.said.brief tabindex=[tab_stop(judged.body)] { (marked(&marks, Field::Body, judged.body.trim_end(), number)) } }
                    @if judged.is_cut { p.small { "It goes on: " a href=(case) { "the whole report" } } }
                }
                aside {
                    (sentences(&line.case, directory, &marks))
                    (choices(&line.case, directory, &line.handlings))
                    div.row {
                        @if line.case.state == CaseState::New {
                            form method="post" action={ (case) "/claim" } { button data-key="c" { "Claim" } }
                        }
                        a.button href={ (case) "/to-reporter" } data-key="a" { "Answer it ourselves …" }
                        (close(&case, Closing::NotSecurity, "Not security"))
                        (close(&case, Closing::Spam, "Spam"))
                    }
                }
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
            button data-key=[(reason == Closing::Spam).then_some("s")] { (words) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::Channel;
    use crate::domain::judgement::{Span, Strength};
    use crate::web::samples::{HOSTILE, directory, hours, line, now, safe, shows_hostile_texts};

    /// The hostile text of the sample case.
    fn beside() -> Beside {
        beside_text(HOSTILE, HOSTILE, false)
    }

    fn beside_text(subject: &str, body: &str, is_cut: bool) -> Beside {
        let (subject, body) = (subject.to_owned(), body.to_owned());
        let text = Beginning { subject, body, is_cut, from: None, proven: false };
        let texts = HashMap::from([(CaseId::from_row("case"), text)]);
        Beside { texts, proposals: Vec::new(), ticks: Ticks::default() }
    }

    #[test]
    fn each_way_to_go_on_is_a_button_beside_the_judges_sentences() {
        let lines = [line(CaseState::New, hours(40))];
        let shown = shows_hostile_texts(page(&lines, &beside(), &directory(), now()), 4);
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
    fn the_reasons_are_numbered_and_their_words_are_marked_in_what_was_written() {
        let mut line = line(CaseState::New, hours(40));
        let text = format!("{HOSTILE} is in Lantern");
        let start = text.find("Lantern").unwrap();
        line.case.judgement.candidates[0].evidence[0].at = Some(Span { field: Field::Body, start, end: start + 7 });
        let shown = |is_cut| {
            let beside = beside_text("", &text, is_cut);
            shows_hostile_texts(page(&[line.clone()], &beside, &directory(), now()), 4)
        };
        let page = shown(false);
        assert!(page.contains("href=\"#SEC-2026-0042-1\">[1]</a>"), "{page}");
        let mark =
            "<mark class=\"for\" title=\"1: speaks for Lantern\">Lantern<sup id=\"SEC-2026-0042-1\">1+</sup></mark>";
        assert!(page.contains(mark), "{page}");
        assert!(page.contains("solid line") && !page.contains("the whole report"), "{page}");
        assert!(shown(true).contains("the whole report"));
    }

    #[test]
    fn the_best_match_goes_in_one_press_a_weak_one_and_the_others_by_a_look() {
        let mut line = line(CaseState::New, hours(40));
        let shown = |line: &CaseLine| safe(page(std::slice::from_ref(line), &beside(), &directory(), now()));
        assert!(shown(&line).contains("Forward to Lantern</button>"));
        let parsley = crate::web::samples::id("parsley");
        let other =
            crate::domain::judgement::Candidate { project: parsley, strength: Strength::Weak, evidence: Vec::new() };
        line.case.judgement.candidates.push(other);
        let other = "href=\"/cases/SEC-2026-0042/forward?project=parsley\">Parsley …</a>";
        assert!(shown(&line).contains(other), "{}", shown(&line));
        line.case.judgement.candidates[0].strength = Strength::Weak;
        let weak = shown(&line);
        assert!(
            !weak.contains("Forward to Lantern</button>") && weak.contains("Look at the forward to Lantern"),
            "{weak}"
        );
    }

    #[test]
    fn a_project_that_takes_no_mail_is_offered_by_its_channel() {
        let mut directory = directory();
        directory.projects[0].channel = Channel::Github;
        let shown = safe(page(&[line(CaseState::New, hours(40))], &beside(), &directory, now()));
        assert!(shown.contains("Take it to GitHub (Lantern)") && !shown.contains("Forward to Lantern"), "{shown}");
    }

    #[test]
    fn an_empty_triage_says_so() {
        assert!(safe(page(&[], &beside(), &directory(), now())).contains("Nothing waits here."));
    }
}
