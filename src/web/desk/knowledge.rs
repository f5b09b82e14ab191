//! `/knowledge`: what members and projects taught the committee's judge, and undoing it; the question after a correction.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use crate::domain::directory::{Directory, Member, ProjectId};
use crate::domain::id::KnowledgeId;
use crate::domain::knowledge::{Groundless, TaughtBy};
use crate::flows::knowledge::{self, Answer, Held, Known, NotTaught, Question};
use crate::judge::known::Standing;
use crate::store::{CaseRow, LessonRow, NameRow, Origin};
use crate::web::WebState;
use crate::web::desk::lists::member_name;
use crate::web::desk::{ROWS, desk_page, not_done, sight};
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of what was learned.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/knowledge", get(list))
        .route("/knowledge/{id}/undo", post(undo))
        .route("/cases/{number}/remember", post(answer))
}

async fn list(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let mut known = knowledge::known(&state.house).await?;
    let kept = sight::kept_from(&state.house, &member).await?;
    known.names.retain(|(row, _)| !kept.has(&row.origin.case));
    known.lessons.retain(|(row, _)| !kept.has(&row.origin.case));
    let body = page(&known, &state.house.policy().directory);
    Ok(desk_page(&state, &member, Place::Learned, "Learned", body).await?)
}

async fn undo(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Redirect, WebError> {
    // If another was faster, the page shows who.
    knowledge::undo(&state.house, &KnowledgeId::from_row(id), &member).await?;
    Ok(Redirect::to("/knowledge"))
}

/// What the question's form brings.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    project: String,
    word: String,
    /// Which button: `remember` or `not-now`.
    act: String,
}

async fn answer(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let project = ProjectId::parse(&typed.project).ok_or(WebError::NotFound)?;
    let said = if typed.act == "remember" { Answer::Remember(&typed.word) } else { Answer::NotNow };
    let back = format!("/cases/{}", case.number);
    match knowledge::answer(&state.house, &case.id, &project, said, &member).await? {
        Ok(()) => Ok(Redirect::to(&back).into_response()),
        Err(NotTaught::Refused(refusal)) => ask_again(&state, &member, &case, &typed, &refusal.to_string()).await,
        Err(refusal) => Ok(not_done(&state, &member, &back, &refusal.to_string()).await?),
    }
}

/// The question once more, with what was typed and why it was refused.
async fn ask_again(
    state: &WebState,
    member: &Member,
    case: &CaseRow,
    typed: &Typed,
    refusal: &str,
) -> Result<Response, WebError> {
    let asked = knowledge::questions(&state.house, case).await?;
    let Some(asked) = asked.into_iter().find(|asked| asked.project.as_str() == typed.project) else {
        return Ok(not_done(state, member, &format!("/cases/{}", case.number), refusal).await?);
    };
    let kept = sight::kept_from(&state.house, member).await?;
    let refusal = if kept.are_named_in(refusal) { "This name is remembered already" } else { refusal };
    let body = html! {
        p.small.muted { a.mono href={ "/cases/" (case.number) } { (case.number) } " · " (case.title) }
        h1 { "A name for " (asked.name) }
        (question(case, &asked, &typed.word, Some(refusal)))
        p { a.button href={ "/cases/" (case.number) } { "Back to the case" } }
    };
    Ok(desk_page(state, member, Place::Elsewhere, "Error: A name to remember", body).await?.into_response())
}

/// For the page of a case: one question for each correction that nobody has answered yet.
pub fn part(case: &CaseRow, questions: &[Question]) -> Markup {
    html! {
        @for asked in questions {
            (question(case, asked, asked.offered.first().map_or("", String::as_str), None))
        }
    }
}

fn question(case: &CaseRow, asked: &Question, word: &str, refusal: Option<&str>) -> Markup {
    let field = format!("word-{}", asked.project);
    let others: Vec<&str> = asked.offered.iter().map(String::as_str).filter(|offered| *offered != word).collect();
    html! {
        section.card {
            h3 { @if word.is_empty() { "By which word is " (asked.name) " known here?" }
                @else { "Remember “" (word) "” as a name for " (asked.name) "?" } }
            @if let Some(refusal) = refusal {
                div.notice.late role="alert" { p id={ (field) "-problem" } { strong { "Error: " } (refusal) } }
            }
            form method="post" action={ "/cases/" (case.number) "/remember" } {
                input type="hidden" name="project" value=(asked.project);
                div.field {
                    label for=(field) { "The name, as reports say it" }
                    p.hint { @if !others.is_empty() { "Also in the report: " (others.join(", ")) ". " }
                        "The next report that says it is suggested for " (asked.name) ". It stays with the committee, and "
                        a href="/knowledge" { "can be undone" } "." }
                    input id=(field) type="text" name="word" value=(word) maxlength="80" autocomplete="off" spellcheck="false"
                        aria-describedby=[refusal.map(|_| format!("{field}-problem"))];
                }
                div.row {
                    button.primary name="act" value="remember" { "Remember" }
                    button name="act" value="not-now" { "Not now" }
                }
            }
        }
    }
}

fn page(known: &Known, directory: &Directory) -> Markup {
    let (names, old_names): (Vec<_>, Vec<_>) = known.names.iter().partition(|(_, held)| held.is_none());
    let (lessons, old_lessons): (Vec<_>, Vec<_>) = known.lessons.iter().partition(|(_, held)| held.is_none());
    let shown = lessons.len().min(ROWS as usize);
    html! {
        h1 { "Learned" }
        p { "What members and projects taught the committee's judge. It is used for reports that have come in, and on these
             pages. The report form's hints and Find know the public file alone. A strong match by that file is never changed
             by it: what was learned stands beside it." }
        h2 { "Names (" (names.len()) ")" }
        @if names.is_empty() { p.muted { "None. After you forward a case to another project than was suggested, its page asks for one." } }
        @else {
            table.stacks {
                thead { tr { th scope="col" { "Name" } th scope="col" { "Means" } th scope="col" { "Learned" } td {} } }
                tbody { @for (row, _) in &names {
                    tr { td { strong { (row.word) } } td { (project(&row.origin, directory)) } td { (learned(&row.origin, None, directory)) }
                        td { (undo_button(&row.origin)) } }
                } }
            }
        }
        h2 { "Cases (" (lessons.len()) ")" }
        p.muted { "Single words of reports that a project acknowledged or a member sent elsewhere. A new report with the same words
                   is at most a likely match." }
        @if lessons.is_empty() { p.muted { "None." } }
        @else {
            table.stacks {
                thead { tr { th scope="col" { "About" } th scope="col" { "Learned" } th scope="col" { "Words" } td {} } }
                tbody { @for (row, _) in lessons.iter().take(shown) { (lesson(row, directory)) } }
            }
            @if shown < lessons.len() { p.muted { "The newest " (shown) " are shown." } }
        }
        (not_used(&old_names, &old_lessons, directory))
    }
}

fn lesson(row: &LessonRow, directory: &Directory) -> Markup {
    html! {
        tr {
            td { (project(&row.origin, directory)) }
            td { (learned(&row.origin, Some(row.taught_by), directory)) }
            td { details { summary { (row.words.len()) @if row.words.len() == 1 { " word" } @else { " words" } @if row.sender.is_some() { ", and the sender" } }
                p.small { (row.words.join(" ")) } } }
            td { (undo_button(&row.origin)) }
        }
    }
}

/// What lost its ground or was undone, the reason first.
fn not_used(
    names: &[&(NameRow, Option<Held>)],
    lessons: &[&(LessonRow, Option<Groundless>)],
    directory: &Directory,
) -> Markup {
    html! {
        @if !names.is_empty() || !lessons.is_empty() {
            details {
                summary { "Not used (" (names.len() + lessons.len()) ")" }
                ul.tight {
                    @for (row, held) in names {
                        li { "“" (row.word) "” for " (project(&row.origin, directory)) ": "
                            (reason(&row.origin, held.as_ref().map(|held| why(held, directory)), directory)) " "
                            span.muted { (learned(&row.origin, None, directory)) } (undo_button(&row.origin)) }
                    }
                    @for (row, held) in lessons.iter().take(ROWS as usize) {
                        li { "A case of " (project(&row.origin, directory)) ": "
                            (reason(&row.origin, held.map(|held| held.to_string()), directory)) " "
                            span.muted { (learned(&row.origin, Some(row.taught_by), directory)) } (undo_button(&row.origin)) }
                    }
                }
            }
        }
    }
}

fn why(held: &Held, directory: &Directory) -> String {
    match held {
        Held::Groundless(groundless) => groundless.to_string(),
        Held::Standing(Standing::InFile) => "projects.toml has it now".to_owned(),
        Held::Standing(Standing::Taken(other)) => {
            format!("in projects.toml it is a name of {}, or a part of one", name_of(other, directory))
        }
        Held::Standing(Standing::ProjectGone) => "projects.toml has no such project".to_owned(),
        Held::Standing(Standing::InUse) => "it is in use".to_owned(),
    }
}

/// When, by whom, and from which case.
fn learned(origin: &Origin, taught_by: Option<TaughtBy>, directory: &Directory) -> Markup {
    html! {
        span.small { (when::time(origin.learned_at)) ", "
            @match (&origin.member, taught_by) {
                (Some(member), Some(TaughtBy::Correction)) => { (member_name(directory, member)) " sent it there" }
                (Some(member), None) => { "by " (member_name(directory, member)) }
                _ => "acknowledged by the project",
            }
            ", from " a.mono.nowrap href={ "/cases/" (origin.number) } { (origin.number) } }
    }
}

/// Why it is not used; of what was undone, when and by whom.
fn reason(origin: &Origin, held: Option<String>, directory: &Directory) -> Markup {
    html! {
        @match (origin.undone_at, &origin.undone_by) {
            (Some(at), Some(by)) => { "undone " (when::time(at)) " by " (member_name(directory, by)) "." }
            _ => { (held.unwrap_or_default()) "." }
        }
    }
}

fn undo_button(origin: &Origin) -> Markup {
    html! {
        @if origin.undone_at.is_none() {
            form method="post" action={ "/knowledge/" (origin.id) "/undo" } { button { "Undo" } }
        }
    }
}

fn project(origin: &Origin, directory: &Directory) -> String {
    name_of(&origin.project, directory)
}

fn name_of(id: &ProjectId, directory: &Directory) -> String {
    directory.project(id).map_or_else(|| id.to_string(), |project| project.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::{CaseRef, CaseState};
    use crate::domain::id::{CaseId, HandlingId};
    use crate::web::samples::{HOSTILE, case, directory, id, mailbox, now, safe, shows_hostile_texts};

    fn origin(member: Option<&str>) -> Origin {
        Origin {
            id: KnowledgeId::from_row("knowledge"),
            project: id("lantern"),
            case: CaseId::from_row("case"),
            number: CaseRef::from_row("SEC-2026-0042"),
            learned_at: now(),
            member: member.map(mailbox),
            undone_at: None,
            undone_by: None,
            part: None,
            closed_as: None,
        }
    }

    fn name() -> NameRow {
        NameRow { origin: origin(Some("ada@story.example")), word: HOSTILE.to_owned(), key: String::new() }
    }

    fn lesson_row(taught_by: TaughtBy) -> LessonRow {
        LessonRow {
            origin: origin((taught_by == TaughtBy::Correction).then_some("ada@story.example")),
            handling: HandlingId::from_row("handling"),
            taught_by,
            words: vec![HOSTILE.to_owned()],
            sender: Some("hash".to_owned()),
        }
    }

    #[test]
    fn everything_learned_is_listed_with_who_when_and_from_which_case_and_can_be_undone() {
        let lessons = [TaughtBy::Acknowledgement, TaughtBy::Correction].map(|by| (lesson_row(by), None));
        let known = Known { names: vec![(name(), None)], lessons: lessons.into() };
        let shown = shows_hostile_texts(page(&known, &directory()), 3);
        for words in [
            "Fri 2026-11-20 14:00 UTC",
            "by Ada Chair",
            "Ada Chair sent it there",
            "acknowledged by the project",
            "/cases/SEC-2026-0042",
            "Lantern",
            "1 word, and the sender",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert_eq!(shown.matches("action=\"/knowledge/knowledge/undo\"").count(), 3);
        assert!(!shown.contains("Not used"), "{shown}");
    }

    #[test]
    fn what_is_not_used_says_why_and_what_was_undone_says_by_whom() {
        let mut undone = name();
        undone.origin.undone_at = Some(now());
        undone.origin.undone_by = Some(mailbox("ada@story.example"));
        let known = Known {
            names: vec![
                (undone, Some(Held::Groundless(Groundless::Undone))),
                (name(), Some(Held::Standing(Standing::Taken(id("lantern"))))),
            ],
            lessons: vec![(lesson_row(TaughtBy::Acknowledgement), Some(Groundless::HandedBack))],
        };
        let shown = shows_hostile_texts(page(&known, &directory()), 2);
        for words in [
            "Names (0)",
            "Not used (3)",
            ": undone <time datetime=\"2026-11-20T14:00:00Z\">Fri 2026-11-20 14:00 UTC</time> by Ada Chair.",
            "it is a name of Lantern, or a part of one",
            "the project handed the case back",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }

    #[test]
    fn the_question_offers_the_likeliest_word_and_keeps_what_was_typed_when_it_is_refused() {
        let asked = Question {
            project: id("lantern"),
            name: "Lantern".to_owned(),
            offered: vec!["wickkit".to_owned(), HOSTILE.to_owned()],
        };
        let shown = shows_hostile_texts(part(&case(CaseState::Routed), std::slice::from_ref(&asked)), 1);
        assert!(shown.contains("Remember “wickkit” as a name for Lantern?"), "{shown}");
        assert!(shown.contains("value=\"wickkit\"") && shown.contains("value=\"not-now\""), "{shown}");
        let again = safe(question(&case(CaseState::Routed), &asked, "flame", Some("\"flame\" is a common word.")));
        for words in ["value=\"flame\"", "role=\"alert\"", "is a common word", "Also in the report: wickkit"] {
            assert!(again.contains(words), "{words} in {again}");
        }
        let nothing = Question { offered: Vec::new(), ..asked };
        let shown = safe(part(&case(CaseState::Routed), &[nothing]));
        assert!(shown.contains("By which word is Lantern known here?"), "{shown}");
    }
}
