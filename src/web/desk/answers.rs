//! `/cases/{number}/answers/{answer}`: a canned answer as it leaves, and one button that sends it, and closes the case
//! with it if the box is ticked. Nothing sends one by itself.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::case::CaseState;
use crate::domain::directory::Member;
use crate::domain::noise::CannedAnswer;
use crate::flows::answering::words_for;
use crate::flows::composing::{self, Composed, Correspondents, NotSent, To};
use crate::web::WebState;
use crate::web::desk::compose::{self, Typed, composer, look};
use crate::web::desk::composer::{Composer, letters};
use crate::web::desk::{desk_page, form_id};
use crate::web::frame::{Icon, Place, WebError, icon};
use crate::web::session::AtDesk;

/// The routes of the canned answers.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/answers/{answer}", get(preview).post(send))
}

/// What the form brings: the words as they were shown, so that nothing else leaves.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Pressed {
    id: String,
    words: String,
    closes: Option<String>,
}

async fn preview(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, answer)): Path<(String, String)>,
) -> Result<Markup, WebError> {
    show(&state, &member, &number, answer_of(&answer)?, Pressed::default(), None).await
}

fn answer_of(word: &str) -> Result<CannedAnswer, WebError> {
    CannedAnswer::of_word(word).ok_or(WebError::NotFound)
}

async fn send(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, answer)): Path<(String, String)>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, WebError> {
    let answer = answer_of(&answer)?;
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    // A form without its id was not made here: it is shown first, like any other.
    let Some(id) = form_id(&pressed.id) else {
        return Ok(show(&state, &member, &number, answer, pressed, None).await?.into_response());
    };
    let composed = Composed {
        id: id.clone(),
        to: To::Reporter,
        words: pressed.words.clone(),
        passed_on_from: None,
        answers: true,
        closes: pressed.closes.as_ref().map(|_| answer.closing()),
    };
    match composing::send(&state.house, &case.id, &composed, &member).await? {
        Ok(_) => Ok(Redirect::to(&format!("/cases/{}#m-{id}", case.number)).into_response()),
        Err(refusal) => Ok(show(&state, &member, &number, answer, pressed, Some(refusal)).await?.into_response()),
    }
}

async fn show(
    state: &WebState,
    member: &Member,
    number: &str,
    answer: CannedAnswer,
    pressed: Pressed,
    problem: Option<NotSent>,
) -> Result<Markup, WebError> {
    let step = state.house.step();
    let with = Correspondents::at(&state.house, number).await?.ok_or(WebError::NotFound)?;
    let has_words = !pressed.words.trim().is_empty();
    let words = if has_words { pressed.words } else { words_for(&state.house, &step, &with, answer) };
    let typed = Typed::made(pressed.id, words);
    let mut view = composer(state, &step, &with, &To::Reporter, member, &typed);
    let written = state.house.store.letters_of(&with.case.id).await?;
    look(&mut view, state, &step, member, &written);
    view.problem = problem.or(view.problem);
    let title = format!("Answer: {}", answer.title());
    let title = if view.problem.is_some() { format!("Error: {title}") } else { title };
    let body = page(&Canned { view: &view, answer, closes: pressed.closes.is_some() });
    Ok(desk_page(state, member, Place::Elsewhere, &title, body).await?)
}

/// One canned answer before it is sent.
struct Canned<'a> {
    view: &'a Composer<'a>,
    answer: CannedAnswer,
    closes: bool,
}

fn page(canned: &Canned<'_>) -> Markup {
    let case = &canned.view.with.case;
    let back = format!("/cases/{}", case.number);
    html! {
        p.small.muted { span.mono { (case.number) } " · " (case.title) }
        h1 { "Answer: " (canned.answer.title()) }
        section.composer.lane-reporter {
            h2.banner { (icon(Icon::Envelope)) span { (canned.view.banner()) } }
            @if let Some(problem) = &canned.view.problem { div.notice.late role="alert" { p { strong { "Error: " } (problem) } } }
            @if case.state == CaseState::Closed { p { a.button href=(back) { "Back to the case" } } }
            @else { (form(canned, &back)) }
        }
    }
}

fn form(canned: &Canned<'_>, back: &str) -> Markup {
    let view = canned.view;
    let word = canned.answer.word();
    let with_a_project = view.with.handlings.iter().any(|row| row.state.is_open());
    html! {
        form method="post" action={ (back) "/answers/" (word) } {
            input type="hidden" name="id" value=(view.id);
            input type="hidden" name="words" value=(view.words);
            @if let Some(shown) = &view.preview { (letters(view, shown)) }
            @if with_a_project { p.small { "A project has this case, so it stays open." } }
            @else {
                div.choice {
                    input #closes type="checkbox" name="closes" checked[canned.closes];
                    label for="closes" { "Close the case with it: " (canned.answer.closing().words()) }
                }
            }
            div.row {
                button.primary { (view.button()) }
                a.button href={ (back) "/to-reporter?" (compose::ANSWER) "=" (word) } { "Change it first …" }
                a.button href=(back) { "Back" }
            }
            @if view.hold > 0 && view.preview.as_ref().is_some_and(|letters| !letters.is_empty()) {
                p.small { "It leaves after " (view.hold) " seconds; until then you can stop it on the case's page." }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::handling::HandlingState;
    use crate::domain::id::PartyId;
    use crate::domain::party::{Party, PartyRole, Shares};
    use crate::web::desk::composer::Shown;
    use crate::web::samples::{HOSTILE, case, handling, mailbox, shows_hostile_texts};

    fn with(state: CaseState) -> Correspondents {
        let reporter = Party {
            id: PartyId::from_row("party"),
            case: case(state).id,
            role: PartyRole::Reporter,
            mailbox: Some(mailbox("jane@reporter.example")),
            name: Some(HOSTILE.to_owned()),
            is_list: false,
            shares: Shares::Nothing,
            generation: 0,
        };
        Correspondents { case: case(state), handlings: Vec::new(), parties: vec![reporter] }
    }

    fn shown(with: &Correspondents, problem: Option<NotSent>, hostile: usize) -> String {
        let mail = || Shown { to: HOSTILE.to_owned(), subject: HOSTILE.to_owned(), text: HOSTILE.to_owned() };
        let view = Composer {
            with,
            to: &To::Reporter,
            project: String::new(),
            contacts: 0,
            signed: "\u{2014} Ada Chair".to_owned(),
            id: "id".to_owned(),
            words: HOSTILE,
            from: "",
            answers: false,
            hold: 60,
            problem,
            preview: Some(vec![mail()]),
            leaks: Vec::new(),
            because: "",
            lacks_a_reason: false,
        };
        shows_hostile_texts(page(&Canned { view: &view, answer: CannedAnswer::Dependency, closes: false }), hostile)
    }

    #[test]
    fn the_page_shows_what_leaves_and_one_button_sends_it() {
        let page = shown(&with(CaseState::New), None, 6);
        for words in [
            "This is what leaves, in 1 mail:",
            "Close the case with it: not about a project of ours",
            "(reporter)</button>",
            "/cases/SEC-2026-0042/to-reporter?answer=dependency",
            "It leaves after 60 seconds",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert_eq!(page.matches("<button").count(), 1, "{page}");
    }

    #[test]
    fn a_case_that_a_project_has_stays_open_and_a_closed_one_offers_no_form() {
        let mut routed = with(CaseState::Routed);
        routed.handlings = vec![handling(HandlingState::Sent)];
        let page = shown(&routed, None, 6);
        assert!(page.contains("A project has this case") && !page.contains("name=\"closes\""), "{page}");
        let closed = with(CaseState::Closed);
        let page = shown(&closed, Some(NotSent::CaseClosed(closed.case.number.clone())), 2);
        assert!(page.contains("Reopen it first.") && !page.contains("<form"), "{page}");
    }
}
