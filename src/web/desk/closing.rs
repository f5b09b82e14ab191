//! `/cases/{number}/close` and `…/reopen`: the reason, the words to the reporter, and what closes with it.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use crate::domain::case::{CaseState, Closing};
use crate::domain::directory::Member;
use crate::domain::id::MessageId;
use crate::domain::leak::Leak;
use crate::flows::closing::{self, NotClosed, Wish, needs_no_reply};
use crate::flows::composing::{Correspondents, name_of, signature};
use crate::web::WebState;
use crate::web::desk::leak_guard::{self, Guard};
use crate::web::desk::{desk_page, form_id, sight};
use crate::web::frame::{Place, WebError, said};
use crate::web::session::AtDesk;

/// The routes of closing and opening again.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/close", get(ask).post(press)).route("/cases/{number}/reopen", post(reopen))
}

/// What the form brings.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    id: String,
    reason: String,
    words: String,
    duplicate_of: String,
    with_handlings: Option<String>,
    /// Which button: `preview`, `edit` or `close`.
    act: String,
    /// Why words leave that are also elsewhere.
    because: String,
    /// The guard has asked for that reason.
    guarded: Option<String>,
    /// Where to go then: the list a one-click button stands on.
    back: String,
}

impl Typed {
    fn wish(&self, id: MessageId, reason: Closing) -> Wish {
        Wish {
            id,
            reason,
            words: self.words.clone(),
            duplicate_of: Some(self.duplicate_of.clone()),
            with_handlings: self.with_handlings.is_some(),
        }
    }

    /// Only to a page of ours (THREATS.md row 65).
    fn back(&self, case: &str) -> String {
        if self.back == "triage" { "/triage".to_owned() } else { format!("/cases/{case}") }
    }
}

async fn ask(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
) -> Result<Markup, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    // A member who has linked it need not type the number again.
    let kept = sight::kept_from(&state.house, &member).await?;
    let first = sight::numbers(state.house.store.duplicate_of(&case.id).await?, &kept).next();
    let duplicate_of = first.map(|first| first.to_string()).unwrap_or_default();
    show(&state, &member, &number, &Typed { duplicate_of, ..Typed::default() }, None, false).await
}

async fn press(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let Some(reason) = Closing::from_word(&typed.reason) else {
        let problem = Some("Choose why you close it.".to_owned());
        return Ok(show(&state, &member, &number, &typed, problem, false).await?.into_response());
    };
    if typed.act != "close" {
        return Ok(show(&state, &member, &number, &typed, None, typed.act == "preview").await?.into_response());
    }
    let id = form_id(&typed.id).unwrap_or_else(|| new_id(&state));
    if sight::kept_from(&state.house, &member).await?.has_number(typed.duplicate_of.trim()) {
        let problem = Some(NotClosed::NoSuchCase(typed.duplicate_of.clone()).to_string());
        return Ok(show(&state, &member, &number, &typed, problem, false).await?.into_response());
    }
    match closing::close_although(&state.house, &case.id, &typed.wish(id, reason), &typed.because, &member).await? {
        Ok(()) | Err(NotClosed::AlreadyClosed) => Ok(Redirect::to(&typed.back(case.number.as_str())).into_response()),
        Err(NotClosed::AlsoElsewhere(leaks)) => {
            Ok(show_guarded(&state, &member, &number, &typed, leaks).await?.into_response())
        }
        Err(refusal) => {
            let problem = Some(refusal.to_string());
            Ok(show(&state, &member, &number, &typed, problem, false).await?.into_response())
        }
    }
}

fn new_id(state: &WebState) -> MessageId {
    MessageId::new(state.house.now(), state.house.chance())
}

async fn reopen(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    closing::reopen(&state.house, &case.id, &member).await?;
    Ok(Redirect::to(&format!("/cases/{}", case.number)).into_response())
}

/// The page before the case is closed.
struct View<'a> {
    with: &'a Correspondents,
    typed: &'a Typed,
    id: String,
    /// Projects that still have it.
    open: Vec<String>,
    signed: String,
    problem: Option<String>,
    is_preview: bool,
    /// What of the words is also elsewhere.
    leaks: Vec<Leak>,
}

async fn show(
    state: &WebState,
    member: &Member,
    number: &str,
    typed: &Typed,
    problem: Option<String>,
    is_preview: bool,
) -> Result<Markup, WebError> {
    show_page(state, member, number, typed, Stands { problem, is_preview, leaks: Vec::new() }).await
}

/// The preview again, with what the guard has found.
async fn show_guarded(
    state: &WebState,
    member: &Member,
    number: &str,
    typed: &Typed,
    leaks: Vec<Leak>,
) -> Result<Markup, WebError> {
    show_page(state, member, number, typed, Stands { problem: None, is_preview: true, leaks }).await
}

/// How far the form has come.
struct Stands {
    problem: Option<String>,
    is_preview: bool,
    leaks: Vec<Leak>,
}

async fn show_page(
    state: &WebState,
    member: &Member,
    number: &str,
    typed: &Typed,
    stands: Stands,
) -> Result<Markup, WebError> {
    let step = state.house.step();
    let with = Correspondents::at(&state.house, number).await?.ok_or(WebError::NotFound)?;
    let open = with.handlings.iter().filter(|row| row.state.is_open());
    let view = View {
        open: open.map(|row| name_of(&step, &row.project)).collect(),
        id: form_id(&typed.id).unwrap_or_else(|| new_id(state)).to_string(),
        signed: signature(&step, member).line(),
        with: &with,
        typed,
        problem: stands.problem,
        is_preview: stands.is_preview,
        leaks: stands.leaks,
    };
    let title =
        if view.problem.is_some() || !view.leaks.is_empty() { "Error: Close the case" } else { "Close the case" };
    Ok(desk_page(state, member, Place::Elsewhere, title, page(&view)).await?)
}

fn page(view: &View<'_>) -> Markup {
    let back = format!("/cases/{}", view.with.case.number);
    html! {
        p.small.muted { span.mono { (view.with.case.number) } " · " (view.with.case.title) }
        h1 { "Close the case" }
        @if view.with.case.state == CaseState::Closed {
            div.notice.soon { p { "It is closed." } }
            p { a.button href=(back) { "Back to the case" } }
        } @else {
            form method="post" action={ (back) "/close" } {
                input type="hidden" name="id" value=(view.id);
                @if view.is_preview { (preview(view)) } @else { (fields(view)) }
                p { a.button href=(back) { "Back to the case" } }
            }
        }
    }
}

fn fields(view: &View<'_>) -> Markup {
    let typed = view.typed;
    html! {
        @if let Some(problem) = &view.problem { div.notice.late role="alert" { p #problem { strong { "Error: " } (problem) } } }
        fieldset.field {
            legend { "Why" }
            @for reason in Closing::ALL {
                div.choice {
                    input type="radio" id={ "as-" (reason.word()) } name="reason" value=(reason.word()) checked[typed.reason == reason.word()];
                    label for={ "as-" (reason.word()) } { (capital(reason.words())) }
                }
            }
        }
        div.field {
            label for="duplicate_of" { "Number of the case that told of it first" }
            p.hint { "Only where it was reported before. The reporters never hear of each other." }
            input #duplicate_of type="text" name="duplicate_of" value=(typed.duplicate_of) autocomplete="off";
        }
        div.field {
            label for="words" { "Your words to the reporter" }
            p.hint { "They leave as mail, after “Closed: …”, and end with “" (view.signed) "”. Not needed for spam, for what is
                no security problem, or where the reporter has had an answer." }
            textarea.wide #words name="words" rows="8" aria-describedby=[view.problem.as_ref().map(|_| "problem")] { (typed.words) }
        }
        @if !view.open.is_empty() {
            div.choice {
                input #with_handlings type="checkbox" name="with_handlings" checked[typed.with_handlings.is_some()];
                label for="with_handlings" {
                    (view.open.join(" and ")) " still " @if view.open.len() == 1 { "has" } @else { "have" } " it: close their part as well"
                }
            }
        }
        div.row { button.primary name="act" value="preview" { "Preview" } }
    }
}

fn preview(view: &View<'_>) -> Markup {
    let typed = view.typed;
    let reason = Closing::from_word(&typed.reason);
    let says_something = !typed.words.trim().is_empty() && reason != Some(Closing::Spam);
    html! {
        @for (name, value) in [("reason", &typed.reason), ("words", &typed.words), ("duplicate_of", &typed.duplicate_of)] {
            input type="hidden" name=(name) value=(value);
        }
        @if typed.with_handlings.is_some() { input type="hidden" name="with_handlings" value="on"; }
        @if let Some(reason) = reason {
            p { "The case is closed: " strong { (reason.words()) } "." }
            @if says_something {
                p { "The reporter gets:" }
                (said(&format!("Closed: {}.\n\n{}\n\n{}", reason.words(), typed.words.trim(), view.signed)))
            } @else if needs_no_reply(reason) {
                p { "The reporter gets no mail. The record names you." }
            } @else {
                p { "The reporter gets no mail; the status page says that it is closed." }
            }
        }
        @if !view.open.is_empty() && typed.with_handlings.is_some() { p { "The part of " (view.open.join(" and ")) " is closed with it." } }
        @if view.leaks.is_empty() {
            div.row {
                button.primary name="act" value="close" { "Close the case" }
                button name="act" value="edit" { "Change it" }
            }
        } @else { (leak_guard::part(&guard(view))) }
    }
}

fn guard<'a>(view: &'a View<'_>) -> Guard<'a> {
    let lacks_a_reason = view.typed.guarded.is_some();
    Guard { leaks: &view.leaks, because: &view.typed.because, lacks_a_reason, sends: "close" }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, case, safe, shows_hostile_texts};

    fn shown(typed: &Typed, open: &[&str], problem: Option<&str>, is_preview: bool) -> Markup {
        let with = Correspondents { case: case(CaseState::Triage), handlings: Vec::new(), parties: Vec::new() };
        page(&View {
            with: &with,
            typed,
            id: "id".to_owned(),
            open: open.iter().map(|name| (*name).to_owned()).collect(),
            signed: "\u{2014} Ada Chair".to_owned(),
            problem: problem.map(str::to_owned),
            is_preview,
            leaks: Vec::new(),
        })
    }

    fn typed(reason: Closing, words: &str) -> Typed {
        let words = words.to_owned();
        Typed { reason: reason.word().to_owned(), words, duplicate_of: HOSTILE.to_owned(), ..Typed::default() }
    }

    #[test]
    fn the_form_keeps_what_was_typed_and_names_the_projects_that_still_have_it() {
        let typed = typed(Closing::Resolved, HOSTILE);
        let page = shows_hostile_texts(shown(&typed, &["Lantern", "Parsley"], Some("Write to them."), false), 3);
        for words in
            ["Error: ", "Lantern and Parsley still have it", "value=\"resolved\" checked", "Not a security problem"]
        {
            assert!(page.contains(words), "{words} in {page}");
        }
    }

    #[test]
    fn the_preview_says_what_the_reporter_gets_or_that_it_is_nothing() {
        let with_words = shows_hostile_texts(shown(&typed(Closing::Resolved, HOSTILE), &[], None, true), 3);
        assert!(with_words.contains("Closed: fixed.") && with_words.contains("Ada Chair"), "{with_words}");
        let spam = safe(shown(&typed(Closing::Spam, "never sent"), &[], None, true));
        assert!(spam.contains("gets no mail. The record names you."), "{spam}");
        let quiet = safe(shown(&typed(Closing::Published, ""), &[], None, true));
        assert!(quiet.contains("the status page says that it is closed"), "{quiet}");
    }
}
