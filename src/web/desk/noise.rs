//! What a mail looks like and why, in triage and on the page of a case: a correction in one press, and the answers
//! that suit it.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use maud::{Markup, html};

use crate::domain::case::CaseState;
use crate::domain::directory::Directory;
use crate::domain::noise::{CannedAnswer, Noise};
use crate::flows::noise::{self, Kind};
use crate::judge::marks::Marks;
use crate::store::CaseRow;
use crate::web::WebState;
use crate::web::desk::lists::member_name;
use crate::web::desk::near::Back;
use crate::web::desk::suggested::because;
use crate::web::frame::WebError;
use crate::web::session::AtDesk;

/// The route of a correction.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/kind", post(correct))
}

/// What a button brings.
#[derive(serde::Deserialize)]
struct Pressed {
    kind: String,
    #[serde(default)]
    back: String,
}

async fn correct(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, WebError> {
    let kind = Kind::from_word(&pressed.kind).ok_or(WebError::NotFound)?;
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let number = noise::correct(&state.house, &case.id, kind, &member).await?.ok_or(WebError::NotFound)?;
    // Only to a page of ours (THREATS.md row 65).
    let back = if pressed.back == "triage" { "/triage".to_owned() } else { format!("/cases/{number}") };
    Ok(Redirect::to(&back).into_response())
}

/// What it looks like, by whom and why, and what a member may do about that.
pub fn part(case: &CaseRow, directory: &Directory, marks: &Marks<'_>, to: Back) -> Markup {
    let is_open = case.state != CaseState::Closed;
    html! {
        @if let Some(noise) = case.noise { (seems(case, noise, directory, marks, to, is_open)) }
        @else { (counts_as_report(case, directory, marks, to, is_open)) }
    }
}

fn seems(case: &CaseRow, noise: Noise, directory: &Directory, marks: &Marks<'_>, to: Back, is_open: bool) -> Markup {
    html! {
        div.notice.noise {
            p { strong { "Looks like " (noise.label()) "." } @if let Some(words) = said_by(case, directory) { " " (words) } }
            @if case.kind_said.is_none() { (reasons(case, marks)) }
            @if is_open {
                @if case.kind_said.is_none() && !case.attention().is_opened {
                    p.small { "It stands last in the lists. Its promise runs; while nobody has opened it, the chair hears last of it." }
                }
                div.row {
                    (button(case, Kind::Report, to, "It is a report"))
                    (take_back(case, to))
                    @for answer in CannedAnswer::for_noise(noise) { (answer_link(case, *answer)) }
                }
                (others(case, to))
            }
        }
    }
}

fn counts_as_report(case: &CaseRow, directory: &Directory, marks: &Marks<'_>, to: Back, is_open: bool) -> Markup {
    html! {
        @if let Some(words) = said_by(case, directory) {
            div.notice {
                p { strong { "A report." } " " (words) }
                @if let Some(seems) = &case.judgement.noise { p.small { "The judge took it for " (seems.noise.label()) "." } (reasons(case, marks)) }
                @if is_open { div.row { (take_back(case, to)) } }
            }
        }
        @if is_open { (others(case, to)) }
    }
}

/// Who said what it is, where a member did.
fn said_by(case: &CaseRow, directory: &Directory) -> Option<Markup> {
    let said = case.kind_said.as_ref()?;
    Some(html! { (member_name(directory, &said.by)) " says so, " (crate::web::when::time(said.at)) "." })
}

/// The judge's sentences, with the numbers of their marks.
fn reasons(case: &CaseRow, marks: &Marks<'_>) -> Markup {
    let Some(seems) = &case.judgement.noise else { return html! {} };
    html! { @if !seems.evidence.is_empty() { p.reasons { "Because:" } (because(&seems.evidence, marks, &case.number)) } }
}

/// The other kinds, a press each, and all answers.
fn others(case: &CaseRow, to: Back) -> Markup {
    let kinds = Noise::ALL.into_iter().filter(|noise| case.noise != Some(*noise));
    html! {
        details {
            summary { @if case.noise.is_some() { "It is something else, or another answer" } @else { "Not a report? …" } }
            p.small { "What it is only orders the lists. Nothing is closed or sent by it." }
            div.row { @for noise in kinds { (button(case, Kind::Noise(noise), to, noise.short())) } }
            p.small { "Answers to look at and send:" }
            div.row { @for answer in CannedAnswer::ALL { (answer_link(case, answer)) } }
        }
    }
}

fn take_back(case: &CaseRow, to: Back) -> Markup {
    html! { @if case.kind_said.is_some() { (button(case, Kind::AsJudged, to, "Take that back")) } }
}

fn button(case: &CaseRow, kind: Kind, to: Back, words: &str) -> Markup {
    html! {
        form method="post" action={ "/cases/" (case.number) "/kind" } {
            input type="hidden" name="kind" value=(kind.word());
            @if to == Back::Triage { input type="hidden" name="back" value="triage"; }
            button { (words) }
        }
    }
}

fn answer_link(case: &CaseRow, answer: CannedAnswer) -> Markup {
    html! { a.button href={ "/cases/" (case.number) "/answers/" (answer.word()) } { "Answer: " (answer.title()) " …" } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::judgement::{Evidence, Speaks};
    use crate::domain::noise::SeemsNoise;
    use crate::store::KindSaid;
    use crate::web::samples::{HOSTILE, case, directory, mailbox, now, safe, shows_hostile_texts};

    fn noisy() -> CaseRow {
        let evidence = vec![Evidence { clause: format!("text says {HOSTILE}"), speaks: Speaks::For, at: None }];
        let mut case = case(CaseState::New);
        case.judgement.noise = Some(SeemsNoise { noise: Noise::ThirdParty, evidence });
        case.noise = Some(Noise::ThirdParty);
        case
    }

    fn said(mut case: CaseRow, noise: Option<Noise>) -> CaseRow {
        case.noise = noise;
        case.kind_said = Some(KindSaid { by: mailbox("ada@story.example"), at: now() });
        case.seen_at = Some(now());
        case
    }

    #[test]
    fn what_looks_like_noise_says_why_and_offers_a_correction_and_the_answers_that_suit_it() {
        let page = shows_hostile_texts(part(&noisy(), &directory(), &Marks::default(), Back::Triage), 1);
        for words in [
            "Looks like somebody else's software or server.",
            "the chair hears last of it",
            "value=\"report\"",
            "name=\"back\" value=\"triage\"",
            "/cases/SEC-2026-0042/answers/third-party",
            "/cases/SEC-2026-0042/answers/dependency",
            "value=\"scanner\"",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("value=\"third-party\"") && !page.contains("Take that back"), "{page}");
    }

    #[test]
    fn a_correction_names_the_member_keeps_the_judges_reasons_and_can_be_taken_back() {
        let page = shows_hostile_texts(part(&said(noisy(), None), &directory(), &Marks::default(), Back::Case), 1);
        for words in ["A report.", "Ada Chair says so", "The judge took it for somebody else", "value=\"as-judged\""] {
            assert!(page.contains(words), "{words} in {page}");
        }
        let page = safe(part(&said(noisy(), Some(Noise::Legal)), &directory(), &Marks::default(), Back::Case));
        assert!(page.contains("Looks like a question about a license") && page.contains("Ada Chair"), "{page}");
        assert!(page.contains("Take that back") && !page.contains("Because:"), "{page}");
    }

    #[test]
    fn a_plain_report_keeps_it_folded_away_and_a_closed_case_offers_nothing() {
        let page = safe(part(&case(CaseState::Triage), &directory(), &Marks::default(), Back::Case));
        assert!(page.contains("<summary>Not a report? …</summary>") && !page.contains("Looks like"), "{page}");
        let closed = CaseRow { state: CaseState::Closed, ..noisy() };
        let page = safe(part(&closed, &directory(), &Marks::default(), Back::Case));
        assert!(page.contains("Looks like") && !page.contains("<form") && !page.contains("/answers/"), "{page}");
    }
}
