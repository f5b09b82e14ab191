//! `/cases/{number}/conflict`: a member steps aside from a case, the chair keeps it from another or gives it back.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::conflict::{NotDeclared, REASON_MAX, decides_for_others};
use crate::domain::directory::{Directory, Member};
use crate::domain::id::CaseId;
use crate::flows::{House, conflicts};
use crate::store::{CaseRow, ConflictRow, StoreError};
use crate::web::WebState;
use crate::web::desk::desk_page;
use crate::web::desk::lists::member_name;
use crate::web::frame::{Place, WebError, said};
use crate::web::session::AtDesk;
use crate::web::when;

/// The route of the page.
pub fn routes() -> Router<WebState> {
    Router::new().route("/cases/{number}/conflict", get(show).post(act))
}

/// From whom a case is kept, for its page.
#[derive(Debug, Default)]
pub struct ConflictsPart(Vec<Line>);

#[derive(Debug)]
struct Line {
    member: Mailbox,
    name: String,
    since: Timestamp,
    because: String,
}

/// From whom this case is kept now.
pub async fn of(house: &House, case: &CaseId) -> Result<ConflictsPart, StoreError> {
    let policy = house.policy();
    let rows = house.store.conflicts_of(case).await?;
    let running = rows.into_iter().filter(|row| row.ended_at.is_none());
    Ok(ConflictsPart(running.map(|row| line(row, &policy.directory)).collect()))
}

fn line(row: ConflictRow, directory: &Directory) -> Line {
    Line { name: member_name(directory, &row.member), member: row.member, since: row.declared_at, because: row.because }
}

/// Beside a case: from whom it is kept, and the way to the page.
pub fn part(number: &CaseRef, part: &ConflictsPart) -> Markup {
    html! {
        h2 { "Conflicts of interest" }
        @for line in &part.0 { p { "Kept from " strong { (line.name) } " since " (when::time(line.since)) "." } }
        p { a.button href={ "/cases/" (number) "/conflict" } { "Conflict of interest …" } }
    }
}

/// What the page shows.
struct View<'a> {
    case: &'a CaseRow,
    kept: &'a ConflictsPart,
    /// Members whom the reader may keep it from; none where that is not the reader's to decide.
    others: Vec<&'a Member>,
    decides: bool,
    typed: &'a Typed,
    problem: Option<&'a NotDeclared>,
}

/// What a form brings.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    /// Which button: `step-aside`, `keep` or `give-back`.
    act: String,
    member: String,
    because: String,
}

async fn show(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
) -> Result<Markup, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    draw(&state, &member, &case, &Typed::default(), None).await
}

async fn act(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, WebError> {
    let case = state.house.store.case_by_number(&number).await?.ok_or(WebError::NotFound)?;
    let named = Mailbox::parse(&typed.member).map_err(|_| NotDeclared::NotAMember);
    let (done, then) = match (typed.act.as_str(), named) {
        // The case is not there for them from now on.
        ("step-aside", _) => {
            let done = conflicts::declare(&state.house, &case.id, &member.email, &typed.because, &member).await?;
            (done, "/at-risk".to_owned())
        }
        ("keep", Ok(whom)) => {
            let done = conflicts::declare(&state.house, &case.id, &whom, &typed.because, &member).await?;
            (done, format!("/cases/{}", case.number))
        }
        ("give-back", Ok(whom)) => {
            (conflicts::end(&state.house, &case.id, &whom, &member).await?, format!("/cases/{}", case.number))
        }
        ("keep" | "give-back", Err(refusal)) => (Err(refusal), String::new()),
        _ => return Err(WebError::NotFound),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&then).into_response()),
        Err(refusal) => Ok(draw(&state, &member, &case, &typed, Some(&refusal)).await?.into_response()),
    }
}

async fn draw(
    state: &WebState,
    member: &Member,
    case: &CaseRow,
    typed: &Typed,
    problem: Option<&NotDeclared>,
) -> Result<Markup, WebError> {
    let policy = state.house.policy();
    let committee = &policy.directory.committee;
    let kept = of(&state.house, &case.id).await?;
    let mailboxes: Vec<Mailbox> = kept.0.iter().map(|line| line.member.clone()).collect();
    let decides = decides_for_others(member, committee, &mailboxes);
    let is_other = |other: &&Member| other.email != member.email && !mailboxes.contains(&other.email);
    let others = committee.iter().filter(|other| decides && is_other(other)).collect();
    let body = page(&View { case, kept: &kept, others, decides, typed, problem });
    let title = if problem.is_some() { "Error: Conflict of interest" } else { "Conflict of interest" };
    Ok(desk_page(state, member, Place::Elsewhere, title, body).await?)
}

fn page(view: &View<'_>) -> Markup {
    let action = format!("/cases/{}/conflict", view.case.number);
    html! {
        p.small.muted { a.mono href={ "/cases/" (view.case.number) } { (view.case.number) } " · " (view.case.title) }
        h1 { "Conflict of interest" }
        @if let Some(problem) = view.problem {
            div.error-summary #problem tabindex="-1" autofocus role="group" aria-labelledby="problem-title" {
                h2 #problem-title { "There is a problem" } p { (problem) }
            }
        }
        p { "A member who is close to the reporter, to the project or to the matter does not read the case. From then on nothing of
             it reaches them: no page, no list or count, no letter. The record says since when, and by whom. What they read before
             they have read." }
        @if !view.kept.0.is_empty() {
            h2 { "Kept from" }
            @for line in &view.kept.0 {
                section.card {
                    p { strong { (line.name) } ", since " (when::time(line.since)) }
                    (said(&line.because))
                    @if view.decides {
                        form method="post" action=(action) {
                            input type="hidden" name="member" value=(line.member);
                            button name="act" value="give-back" { "Give it back to " (line.name) }
                        }
                    }
                }
            }
        }
        h2 { "Step aside" }
        form method="post" action=(action) {
            (reason("Why you step aside", view, "step-aside", "The others of the committee read it. The chair can give you the case back; you cannot."))
            button name="act" value="step-aside" { "Step aside from " (view.case.number) }
        }
        @if !view.others.is_empty() {
            h2 { "Keep it from another" }
            form method="post" action=(action) {
                div.field {
                    label for="member" { "Member" }
                    select #member name="member" { @for other in &view.others {
                        option value=(other.email) selected[view.typed.member == other.email.as_str()] { (other.name) ", " (other.role) }
                    } }
                }
                (reason("Why it is kept from them", view, "keep", "The others of the committee read it."))
                button name="act" value="keep" { "Keep it from this member" }
            }
        }
    }
}

fn reason(label: &str, view: &View<'_>, act: &str, hint: &str) -> Markup {
    let is_typed = view.typed.act == act;
    let is_wrong = is_typed && matches!(view.problem, Some(NotDeclared::NoReason));
    html! {
        div.field.error[is_wrong] {
            label for={ "because-" (act) } { (label) }
            p.hint id={ "because-" (act) "-hint" } { (hint) }
            textarea id={ "because-" (act) } name="because" rows="3" maxlength=(REASON_MAX) required
                aria-describedby={ "because-" (act) "-hint" } aria-invalid=[is_wrong.then_some("true")] {
                @if is_typed { (view.typed.because) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::web::samples::{HOSTILE, case, directory, mailbox, now, safe, shows_hostile_texts};

    fn kept() -> ConflictsPart {
        let because = HOSTILE.to_owned();
        ConflictsPart(vec![Line {
            member: mailbox("t@story.example"),
            name: HOSTILE.to_owned(),
            since: now(),
            because,
        }])
    }

    #[test]
    fn the_chair_may_give_a_case_back_and_a_member_may_only_step_aside() {
        let (case, kept, directory, typed) = (case(CaseState::Triage), kept(), directory(), Typed::default());
        let others: Vec<&Member> = directory.committee.iter().collect();
        let chairs = View { case: &case, kept: &kept, others, decides: true, typed: &typed, problem: None };
        let shown = shows_hostile_texts(page(&chairs), 3);
        assert!(shown.contains("value=\"give-back\"") && shown.contains("value=\"keep\""), "{shown}");
        let members = View { others: Vec::new(), decides: false, ..chairs };
        let shown = safe(page(&members));
        assert!(shown.contains("value=\"step-aside\"") && !shown.contains("value=\"give-back\""), "{shown}");
        assert!(!shown.contains("value=\"keep\""), "{shown}");
    }

    #[test]
    fn what_was_typed_stays_beside_what_is_wrong() {
        let (case, kept) = (case(CaseState::Triage), ConflictsPart::default());
        let typed = Typed { act: "step-aside".to_owned(), because: "My project.".to_owned(), ..Typed::default() };
        let problem = NotDeclared::NobodyLeft;
        let view = View {
            case: &case,
            kept: &kept,
            others: Vec::new(),
            decides: false,
            typed: &typed,
            problem: Some(&problem),
        };
        let shown = safe(page(&view));
        assert!(shown.contains("There is a problem") && shown.contains(">My project.</textarea>"), "{shown}");
    }
}
