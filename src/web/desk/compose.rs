//! `/cases/{number}/to-reporter`, `…/to-project/{project}`, `…/note`: three pages, one for each lane, so that words
//! cannot go where they were not meant.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::Markup;

use crate::domain::directory::{Member, ProjectId};
use crate::domain::id::MessageId;
use crate::domain::noise::CannedAnswer;
use crate::flows::answering::words_for;
use crate::flows::composing::{self, Composed, Correspondents, NotSent, Sent, To, drafts, name_of, signature};
use crate::flows::forward::target;
use crate::flows::leaks::{Said, leaks};
use crate::flows::{Step, relaying};
use crate::store::LetterFacts;
use crate::web::WebState;
use crate::web::desk::composer::{Composer, Shown, address_of, page};
use crate::web::desk::{desk_page, form_id};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of the three lanes.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/cases/{number}/to-reporter", get(to_reporter).post(from_reporter_page))
        .route("/cases/{number}/to-project/{project}", get(to_project).post(from_project_page))
        .route("/cases/{number}/note", get(note).post(from_note_page))
}

/// In the address of a page: the canned answer to begin with.
pub const ANSWER: &str = "answer";

/// What the address of a page may bring.
#[derive(Default, serde::Deserialize)]
struct Wanted {
    /// The message of another lane to pass on.
    from: Option<String>,
    /// The word of a canned answer, to be changed before it is sent.
    answer: Option<String>,
}

/// What its form brings.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct Typed {
    id: String,
    words: String,
    from: String,
    answers: Option<String>,
    /// Why words leave that are also elsewhere.
    because: String,
    /// Which button: `preview`, `withhold`, `edit` or `send`.
    act: String,
}

impl Typed {
    /// Words that nobody typed, for the page on which they are looked at.
    pub fn made(id: String, words: String) -> Self {
        Self { id, words, ..Self::default() }
    }
}

async fn to_reporter(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, WebError> {
    open(&state, &member, &number, To::Reporter, wanted).await
}

async fn to_project(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, WebError> {
    open(&state, &member, &number, To::Project(id(&project)?), wanted).await
}

async fn note(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
) -> Result<Markup, WebError> {
    open(&state, &member, &number, To::Committee, Wanted::default()).await
}

async fn from_reporter_page(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, WebError> {
    press(&state, &member, &number, To::Reporter, typed).await
}

async fn from_project_page(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path((number, project)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, WebError> {
    press(&state, &member, &number, To::Project(id(&project)?), typed).await
}

async fn from_note_page(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, WebError> {
    press(&state, &member, &number, To::Committee, typed).await
}

fn id(project: &str) -> Result<ProjectId, WebError> {
    ProjectId::parse(project).ok_or(WebError::NotFound)
}

async fn open(state: &WebState, member: &Member, number: &str, to: To, wanted: Wanted) -> Result<Markup, WebError> {
    let step = state.house.step();
    let with = Correspondents::at(&state.house, number).await?.ok_or(WebError::NotFound)?;
    let answer = wanted.answer.as_deref().and_then(CannedAnswer::of_word).filter(|_| to == To::Reporter);
    let words = match (&wanted.from, answer) {
        (Some(from), _) => passed_on(state, &step, &with, &to, from).await?,
        (None, Some(answer)) => words_for(&state.house, &step, &with, answer),
        (None, None) => usual_words(&step, &with, &to),
    };
    let answers = answer.map(|_| "on".to_owned());
    let typed = Typed { words, from: wanted.from.unwrap_or_default(), answers, ..Typed::default() };
    let view = composer(state, &step, &with, &to, member, &typed);
    show(state, member, &view).await
}

/// The words of the message to be passed on, without what tells who wrote it.
async fn passed_on(
    state: &WebState,
    step: &Step,
    with: &Correspondents,
    to: &To,
    from: &str,
) -> Result<String, WebError> {
    let row = state.house.store.message(&MessageId::from_row(from)).await?;
    let row = row.filter(|row| row.case.as_ref() == Some(&with.case.id)).ok_or(WebError::NotFound)?;
    relaying::text(step, with, &row, to).ok_or(WebError::NotFound)
}

/// What a member most often begins with (M2): where the report went, and when the reporter hears more.
fn usual_words(step: &Step, with: &Correspondents, to: &To) -> String {
    let open: Vec<_> =
        with.handlings.iter().filter(|row| row.state.is_open() && row.acknowledged_at.is_none()).collect();
    let Some(last) = open.last().filter(|_| *to == To::Reporter) else { return String::new() };
    let names: Vec<String> = open.iter().map(|row| name_of(step, &row.project)).collect();
    let target = step.policy.directory.project(&last.project).map(|project| target(step, project));
    let by =
        target.map_or_else(|| "soon".to_owned(), |target| format!("by {}", when::day_in_utc(last.decided_at + target)));
    format!(
        "We sent your report to {}. We expect their confirmation {by} and write to you then, either way.",
        names.join(" and ")
    )
}

async fn press(
    state: &WebState,
    member: &Member,
    number: &str,
    to: To,
    mut typed: Typed,
) -> Result<Response, WebError> {
    let step = state.house.step();
    let with = Correspondents::at(&state.house, number).await?.ok_or(WebError::NotFound)?;
    if typed.act == "withhold" {
        typed.words = relaying::without_telling_lines(&with, &to, &typed.words);
    }
    let Some(id) = form_id(&typed.id).filter(|_| typed.act == "send") else {
        let mut view = composer(state, &step, &with, &to, member, &typed);
        if typed.act != "edit" {
            look_with_care(&mut view, state, &step, member).await?;
        }
        return Ok(show(state, member, &view).await?.into_response());
    };
    let composed = Composed {
        id: id.clone(),
        to: to.clone(),
        words: typed.words.clone(),
        passed_on_from: Some(&typed.from).filter(|from| !from.is_empty()).map(MessageId::from_row),
        answers: typed.answers.is_some(),
        closes: None,
    };
    match composing::send_although(&state.house, &with.case.id, &composed, &typed.because, member).await? {
        Ok(Sent::Now { .. } | Sent::Before) => {
            Ok(Redirect::to(&format!("/cases/{}#m-{id}", with.case.number)).into_response())
        }
        Err(NotSent::AlsoElsewhere(_)) => {
            let mut view = composer(state, &step, &with, &to, member, &typed);
            look_with_care(&mut view, state, &step, member).await?;
            view.lacks_a_reason = true;
            Ok(show(state, member, &view).await?.into_response())
        }
        Err(refusal) => {
            let mut view = composer(state, &step, &with, &to, member, &typed);
            view.problem = Some(refusal);
            Ok(show(state, member, &view).await?.into_response())
        }
    }
}

/// Makes the preview, and lets the guard look at the words.
async fn look_with_care(
    view: &mut Composer<'_>,
    state: &WebState,
    step: &Step,
    member: &Member,
) -> Result<(), WebError> {
    let letters = state.house.store.letters_of(&view.with.case.id).await?;
    look(view, state, step, member, &letters);
    let said = Said::on(&state.house, view.with).await?;
    let passed_on = Some(view.from).filter(|from| !from.is_empty()).map(MessageId::from_row);
    view.leaks = leaks(step, view.with, &said, view.to, view.words, passed_on.as_ref());
    Ok(())
}

async fn show(state: &WebState, member: &Member, view: &Composer<'_>) -> Result<Markup, WebError> {
    let is_wrong = view.problem.is_some() || view.lacks_a_reason;
    let title = if is_wrong { format!("Error: {}", view.title()) } else { view.title() };
    Ok(desk_page(state, member, Place::Elsewhere, &title, page(view)).await?)
}

/// The page of a lane before anything is looked at.
pub fn composer<'a>(
    state: &WebState,
    step: &Step,
    with: &'a Correspondents,
    to: &'a To,
    member: &Member,
    typed: &'a Typed,
) -> Composer<'a> {
    let (project, contacts) = match to {
        To::Project(id) => {
            let handling = with.handling(id);
            (name_of(step, id), handling.map_or(0, |row| with.contacts(&row.id).count()))
        }
        _ => (String::new(), 0),
    };
    let new = || MessageId::new(step.now, state.house.chance());
    Composer {
        with,
        to,
        project,
        contacts,
        signed: signature(step, member).line(),
        id: form_id(&typed.id).unwrap_or_else(new).to_string(),
        words: &typed.words,
        from: &typed.from,
        answers: typed.answers.is_some(),
        hold: step.policy.directory.routing.hold.as_secs(),
        problem: None,
        preview: None,
        leaks: Vec::new(),
        because: &typed.because,
        lacks_a_reason: false,
    }
}

/// Makes the preview, or the problem that stands in its way.
pub fn look(view: &mut Composer<'_>, state: &WebState, step: &Step, member: &Member, letters: &[LetterFacts]) {
    match drafts(&state.house, step, view.with, view.to, view.words, member) {
        Err(refusal) => view.problem = Some(refusal),
        Ok(drafts) => {
            let shown = |draft: &composing::Draft| Shown {
                to: address_of(&draft.to),
                subject: relaying::subject(letters, draft),
                text: relaying::shown(&state.house, step, draft),
            };
            view.preview = Some(drafts.iter().map(shown).collect());
        }
    }
}
