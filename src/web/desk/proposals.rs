//! `/proposals`: projects that somebody proposed, with the text for `projects.toml`. A person puts it there.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::access::{Act, Viewer, may};
use crate::domain::directory::Member;
use crate::domain::id::ProposalId;
use crate::domain::proposal::{Outcome, Reason};
use crate::flows::proposals::{self, ProposalView};
use crate::mail::write::clean::lines;
use crate::store::{ProposalRow, ProposedContact};
use crate::web::WebState;
use crate::web::desk::{ROWS, desk_page, not_done};
use crate::web::frame::{Icon, Place, WebError, icon, said};
use crate::web::session::AtDesk;
use crate::web::when;

/// Settled proposals on the page.
const SETTLED: i64 = 20;

/// The routes of the proposals.
pub fn routes() -> Router<WebState> {
    Router::new().route("/proposals", get(list)).route("/proposals/{id}", get(one).post(settle))
}

async fn list(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let waiting = state.house.store.proposals_waiting(ROWS).await?;
    let settled = state.house.store.proposals_settled(SETTLED).await?;
    let body = list_page(&waiting, &settled);
    Ok(desk_page(&state, &member, Place::Proposals, "Proposed projects", body).await?)
}

async fn one(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
) -> Result<Markup, WebError> {
    let view = proposals::look(&state.house, &ProposalId::from_row(id)).await?.ok_or(WebError::NotFound)?;
    let title = format!("{}: a proposed project", view.row.name);
    Ok(desk_page(&state, &member, Place::Proposals, &title, page(&view)).await?)
}

/// The button that was pressed, or what was chosen before it.
#[derive(serde::Deserialize)]
struct Decision {
    outcome: String,
}

async fn settle(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Path(id): Path<String>,
    Form(form): Form<Decision>,
) -> Result<Response, WebError> {
    let back = format!("/proposals/{id}");
    let outcome = Outcome::from_word(&form.outcome).ok_or(WebError::NotFound)?;
    if !may_decide(&member) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    match proposals::settle(&state.house, &ProposalId::from_row(id), outcome, &member).await? {
        Ok(()) => Ok(Redirect::to("/proposals").into_response()),
        Err(reason) => Ok(not_done(&state, &member, &back, &reason.to_string()).await?),
    }
}

fn may_decide(member: &Member) -> bool {
    let viewer = Viewer::Member { email: member.email.clone(), name: member.name.clone(), role: member.role };
    may(&viewer, Act::DecideContacts)
}

fn list_page(waiting: &[ProposalRow], settled: &[ProposalRow]) -> Markup {
    html! {
        p { a href="/contacts" { "Contacts" } }
        h1 { "Proposed projects" }
        p.muted { "Somebody proposed these at " a href="/propose" { "Propose a project" } ", and a mailbox that is to get reports has
            proven itself. Each becomes a project once a person has put its text into projects.toml." }
        h2 { "Waiting (" (waiting.len()) ")" }
        @if waiting.is_empty() { p { "Nothing waits." } }
        @else { ul.tight { @for row in waiting {
            li { a.strong href={ "/proposals/" (row.id) } { (row.name) } ", asked for by " (row.asked_by) " " (when::time(row.asked_at)) }
        } } }
        @if !settled.is_empty() {
            h2 { "Settled lately" }
            ul.tight { @for row in settled { li { a href={ "/proposals/" (row.id) } { (row.name) } ": " (outcome(row)) } } }
        }
    }
}

fn outcome(row: &ProposalRow) -> Markup {
    html! {
        @if let Some(settled) = &row.settled {
            @match settled.outcome {
                Outcome::Listed => strong { "listed" },
                Outcome::Declined(reason) => { strong { "declined" } ". " (reason.words()) }
            }
            " By " (settled.by) ", " (when::time(settled.at)) "."
        }
    }
}

fn page(view: &ProposalView) -> Markup {
    let row = &view.row;
    html! {
        p { a href="/proposals" { "Proposed projects" } }
        h1 { (row.name) }
        dl.facts {
            dt { "Asked for by" } dd { (row.asked_by) ", " (when::time(row.asked_at)) }
            @for contact in &view.contacts { dt { "Contact" } dd { (standing(contact)) } }
            @if row.settled.is_some() { dt { "Settled" } dd { (outcome(row)) } }
        }
        @if let Some(note) = &row.note { h2 { "Their note" } (said(note)) }
        (now_in_the_file(view))
        h2 { "Text for projects.toml" }
        p { "Put it at the end of the file. Contacts who have not confirmed are left out: they can be asked for later, on the
            project's page." }
        pre.said data-copy=(view.entry) { (lines(view.entry.trim_end())) }
        @if row.settled.is_none() { (buttons(view)) }
    }
}

fn standing(contact: &ProposedContact) -> Markup {
    html! {
        (contact.address) " "
        @match (contact.refused_at, contact.proven_at) {
            (Some(at), _) => span.tag.late { (icon(Icon::Triangle)) "says “not me”, " (when::time(at)) },
            (None, Some(at)) => span.tag.ok { (icon(Icon::Check)) "confirmed " (when::time(at)) },
            (None, None) => span.tag.soon { (icon(Icon::Hourglass)) "not confirmed yet" },
        }
    }
}

fn now_in_the_file(view: &ProposalView) -> Markup {
    html! {
        @if view.is_in_the_file {
            div.notice.ok { p { "projects.toml has a project " code { (view.row.project) } "." } }
        }
        @if !view.faults.is_empty() {
            div.notice.soon {
                p { "As it stands, projects.toml would not take this text:" }
                ul.tight { @for fault in &view.faults { li { code { (fault.key) } ": " (fault.words) } } }
            }
        }
    }
}

fn buttons(view: &ProposalView) -> Markup {
    let declined = [Reason::NotOurs, Reason::ListedAlready, Reason::NotShown];
    html! {
        h2 { "What did you do?" }
        form method="post" action={ "/proposals/" (view.row.id) } {
            p { "The confirmed contacts hear of it by mail." }
            button.primary name="outcome" value=(Outcome::Listed.word()) { "It is in projects.toml" }
        }
        form method="post" action={ "/proposals/" (view.row.id) } {
            fieldset {
                legend { "Or decline it, because" }
                @for (number, reason) in declined.into_iter().enumerate() {
                    div.choice {
                        input id={ "reason-" (number) } type="radio" name="outcome" value=(Outcome::Declined(reason).word()) checked[number == 0];
                        label for={ "reason-" (number) } { (reason.words()) }
                    }
                }
            }
            button { "Decline" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::proposal::DraftFault;
    use crate::store::SettledProposal;
    use crate::web::samples::{HOSTILE, id, mailbox, now, safe, shows_hostile_texts};

    fn row() -> ProposalRow {
        ProposalRow {
            id: ProposalId::from_row("proposal"),
            project: id("quern"),
            name: HOSTILE.to_owned(),
            asked_by: HOSTILE.to_owned(),
            note: Some(HOSTILE.to_owned()),
            entry: String::new(),
            asked_at: now(),
            proven_at: Some(now()),
            settled: None,
        }
    }

    fn view() -> ProposalView {
        let contact = |address: &str, proven, refused| ProposedContact {
            address: mailbox(address),
            proven_at: proven,
            refused_at: refused,
        };
        ProposalView {
            row: row(),
            contacts: vec![
                contact("a@quern.example", Some(now()), None),
                contact("b@quern.example", None, None),
                contact("c@quern.example", None, Some(now())),
            ],
            entry: format!("[[project]]\nname = \"{HOSTILE}\"\n"),
            faults: vec![DraftFault { key: "aliases[0]".to_owned(), words: HOSTILE.to_owned() }],
            is_in_the_file: false,
        }
    }

    #[test]
    fn a_proposal_shows_its_text_who_has_confirmed_and_what_stands_against_it() {
        let shown = shows_hostile_texts(page(&view()), 5);
        for words in ["confirmed ", "not confirmed yet", "says “not me”", "would not take this text", "data-copy="]
        {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        let there = ProposalView { is_in_the_file: true, faults: Vec::new(), ..view() };
        assert!(safe(page(&there)).contains("projects.toml has a project"));
    }

    #[test]
    fn a_settled_proposal_has_no_buttons_any_more() {
        for outcome in Outcome::ALL {
            let settled = Some(SettledProposal { at: now(), outcome, by: mailbox("ada@story.example") });
            let settled = ProposalRow { settled, ..row() };
            let shown = safe(page(&ProposalView { row: settled.clone(), ..view() }));
            assert!(!shown.contains("<form") && shown.contains("ada@story.example"), "{shown}");
            shows_hostile_texts(list_page(&[row()], &[settled]), 3);
        }
        assert!(safe(list_page(&[], &[])).contains("Nothing waits."));
    }
}
