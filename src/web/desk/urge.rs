//! `/cases/{number}/remind/{project}` and `…/escalate/{project}`: a project is reminded, or the board asked for help,
//! before the ladder comes to it; each after a look at what leaves.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::address::Mailbox;
use crate::domain::directory::{Member, ProjectId};
use crate::flows::reminding::Unconfirmed;
use crate::flows::{Step, composing, escalating, relaying, reminding};
use crate::mail::write::flowed::unflow;
use crate::mail::write::letters::Words;
use crate::store::CaseRow;
use crate::web::WebState;
use crate::web::desk::composer::{Shown, address_of, people, sheets};
use crate::web::desk::{desk_page, not_done};
use crate::web::frame::{Place, WebError, due};
use crate::web::session::AtDesk;

/// The routes of both.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/cases/{number}/remind/{project}", get(look_at_reminder).post(remind))
        .route("/cases/{number}/escalate/{project}", get(look_at_escalation).post(escalate))
}

/// A project's part of a case, as the address names it.
struct Found {
    case: CaseRow,
    id: ProjectId,
    back: String,
    step: Step,
    part: Option<Unconfirmed>,
}

async fn found(state: &WebState, number: &str, project: &str) -> Result<Found, WebError> {
    let case = state.house.store.case_by_number(number).await?.ok_or(WebError::NotFound)?;
    let id = ProjectId::parse(project).ok_or(WebError::NotFound)?;
    let step = state.house.step();
    let part = Unconfirmed::on_page(&state.house, &step, &case, &id).await?;
    Ok(Found { back: format!("/cases/{}", case.number), case, id, step, part })
}

async fn look_at_reminder(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let found = found(&state, &number, &project).await?;
    let Some(part) = &found.part else {
        return Ok(not_done(&state, &member, &found.back, &reminding::NotReminded::NotWaiting.to_string()).await?);
    };
    let drafts = match part.reminders(&state.house, &found.step) {
        Ok(drafts) => drafts,
        Err(refusal) => return Ok(not_done(&state, &member, &found.back, &refusal.to_string()).await?),
    };
    let letters = state.house.store.letters_of(&found.case.id).await?;
    let shown = |draft: &composing::Draft| Shown {
        to: address_of(&draft.to),
        subject: relaying::subject(&letters, draft),
        text: relaying::shown(&state.house, &found.step, draft),
    };
    let letters: Vec<Shown> = drafts.iter().map(shown).collect();
    let body = page(&Urge { found: &found, part, letters: &letters, asks: Asks::Project });
    Ok(desk_page(&state, &member, Place::Elsewhere, "Remind", body).await?.into_response())
}

async fn look_at_escalation(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let found = found(&state, &number, &project).await?;
    show_escalation(&state, &member, &found, "", None).await
}

async fn show_escalation(
    state: &WebState,
    member: &Member,
    found: &Found,
    because: &str,
    problem: Option<&str>,
) -> Result<Response, WebError> {
    let Some(part) = &found.part else {
        return Ok(not_done(state, member, &found.back, &escalating::NotAsked::NotWaiting.to_string()).await?);
    };
    let letters = state.house.store.letters_of(&found.case.id).await?;
    let words = match escalating::draft(&state.house, &found.step, part, &letters) {
        Ok(words) => words,
        Err(refusal) => return Ok(not_done(state, member, &found.back, &refusal.to_string()).await?),
    };
    let readers = escalating::readers_on_page(&state.house, &found.step, &found.case.id).await?;
    let letters = to_the_board(readers, &words);
    let asks = Asks::Board { because, problem };
    let title = if problem.is_some() { "Error: Escalate" } else { "Escalate" };
    let body = page(&Urge { found, part, letters: &letters, asks });
    Ok(desk_page(state, member, Place::Elsewhere, title, body).await?.into_response())
}

fn to_the_board(readers: Vec<Mailbox>, words: &Words) -> Vec<Shown> {
    let text = unflow(&words.body.flow()).trim().to_owned();
    let shown = |reader: Mailbox| Shown { to: reader.to_string(), subject: words.subject.clone(), text: text.clone() };
    readers.into_iter().map(shown).collect()
}

async fn remind(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let found = found(&state, &number, &project).await?;
    match reminding::remind(&state.house, &found.case.id, &found.id, &member).await? {
        Ok(_) => Ok(Redirect::to(&found.back).into_response()),
        Err(refusal) => Ok(not_done(&state, &member, &found.back, &refusal.to_string()).await?),
    }
}

/// Why the board is asked, for the committee alone.
#[derive(serde::Deserialize)]
struct Reason {
    #[serde(default)]
    because: String,
}

async fn escalate(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
    Form(form): Form<Reason>,
) -> Result<Response, WebError> {
    let found = found(&state, &number, &project).await?;
    match escalating::ask_the_board(&state.house, &found.case.id, &found.id, &form.because, &member).await? {
        Ok(()) => Ok(Redirect::to(&found.back).into_response()),
        Err(refusal @ escalating::NotAsked::NoReason) => {
            show_escalation(&state, &member, &found, &form.because, Some(&refusal.to_string())).await
        }
        Err(refusal) => Ok(not_done(&state, &member, &found.back, &refusal.to_string()).await?),
    }
}

/// Who is asked to do something.
enum Asks<'a> {
    Project,
    Board { because: &'a str, problem: Option<&'a str> },
}

/// One of the two pages.
struct Urge<'a> {
    found: &'a Found,
    part: &'a Unconfirmed,
    letters: &'a [Shown],
    asks: Asks<'a>,
}

fn page(view: &Urge<'_>) -> Markup {
    let (case, name) = (&view.found.case, view.part.of.name());
    html! {
        p.small.muted { span.mono { (case.number) } " · " (case.title) }
        h1 { @match view.asks { Asks::Project => { "Remind " (name) } Asks::Board { .. } => { "Ask the board for help with " (name) } } }
        p { (due(&view.part.clock, view.found.step.now)) }
        p { @match view.asks {
            Asks::Project => "It leaves at once. The ladder goes on as ever: no step of it is told or skipped by this.",
            Asks::Board { .. } => "It leaves at once. The promise stays as it is, and when it is broken the board hears of that as ever.",
        } }
        (sheets(view.letters))
        (form(view, &name))
    }
}

fn form(view: &Urge<'_>, name: &str) -> Markup {
    let path = |what: &str| format!("{}/{what}/{}", view.found.back, view.found.id);
    html! {
        @match &view.asks {
            Asks::Project => {
                form.row method="post" action=(path("remind")) {
                    button.primary { "Remind " (people(view.letters.len())) " at " (name) }
                    a.button href=(view.found.back) { "Back" }
                }
            }
            Asks::Board { because, problem } => {
                form method="post" action=(path("escalate")) {
                    (reason(because, *problem))
                    div.row { button.primary { "Ask the board" } a.button href=(view.found.back) { "Back" } }
                }
            }
        }
    }
}

fn reason(because: &str, problem: Option<&str>) -> Markup {
    html! {
        div.field.error[problem.is_some()] {
            label for="because" { "Why now" }
            p.hint #because-hint { "It stays with the case, for the committee alone: the board gets no details." }
            @if let Some(problem) = problem { p.message #because-wrong { "Error: " (problem) } }
            input #because type="text" name="because" value=(because) maxlength="200" autofocus[problem.is_some()]
                aria-invalid=[problem.map(|_| "true")]
                aria-describedby=(if problem.is_some() { "because-hint because-wrong" } else { "because-hint" });
        }
    }
}
