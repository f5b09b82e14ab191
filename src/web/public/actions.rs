//! `/a/{token}`: what a contact may see of a report, and the button that confirms it.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::address::{Purpose, Token};
use crate::domain::handling::HandlingState;
use crate::flows::forward::{ContentText, file_link};
use crate::flows::links::{self, ActionView};
use crate::web::WebState;
use crate::web::desk::download;
use crate::web::frame::{Page, WebError, document, said};
use crate::web::when;

/// The routes behind a contact's link.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/a/{token}", get(show).post(we_have_it))
        .route("/a/{token}/attachments/{arrival}/{part}", get(attachment))
}

fn read(token: &str) -> Result<Token, WebError> {
    Token::read(Purpose::ActionLink, token).ok_or(WebError::DeadLink)
}

async fn show(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Markup, WebError> {
    let view = links::action(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    let title = format!("Security report for {}", view.project.name);
    Ok(document(&state, Page::public(&title, page(&view, &letters))))
}

async fn we_have_it(State(state): State<WebState>, Path(letters): Path<String>) -> Result<Response, WebError> {
    links::we_have_it(&state.house, &read(&letters)?).await?.ok_or(WebError::DeadLink)?;
    Ok(Redirect::to(&format!("/a/{letters}")).into_response())
}

async fn attachment(
    State(state): State<WebState>,
    Path((letters, arrival, part)): Path<(String, String, usize)>,
) -> Result<Response, WebError> {
    let found = links::action_attachment(&state.house, &read(&letters)?, &arrival, part).await?;
    let (facts, bytes) = found.ok_or(WebError::DeadLink)?;
    Ok(download(&facts.name, bytes))
}

fn page(view: &ActionView, letters: &str) -> Markup {
    let action = format!("/a/{letters}");
    html! {
        h1 { "Security report for " (view.project.name) }
        p { "Case " span.mono.nowrap { (view.number) } ", sent to you " (when::time(view.handling.decided_at)) "." }
        @match (view.handling.state, view.handling.acknowledged_at, view.due_at) {
            (HandlingState::Acknowledged, Some(at), _) => {
                p.notice { "Thank you. " (view.project.name) " confirmed on " (when::time(at)) ". The committee sees it." }
            }
            (_, _, due) => {
                @if let Some(due) = due { p { "Please confirm by " strong { (when::time(due)) } "." } }
                p { "Confirming means \u{201c}we are looking\u{201d}, nothing more." }
                form.row method="post" action=(action) { button.primary { "We have it" } }
            }
        }
        h2 { "The report" }
        p.muted { "Text from outside. The reporter's name is withheld. Please do not open a public issue or pull request yet." }
        @match &view.content.text {
            ContentText::Text(text) => { (said(text)) }
            ContentText::Unreadable(why) => { p { "The text cannot be shown: " (why) ". Ask the committee for it." } }
        }
        @if !view.content.files.is_empty() {
            h2 { "Attached files, opened at your own risk" }
            ul.tight { @for (arrival, file) in &view.content.files {
                li {
                    a href=(file_link(&action, arrival, file.part)) { (file.name) }
                    span.muted.small { " " (file.size) " bytes, SHA-256 " span.mono { (data_encoding::HEXLOWER.encode(&file.sha256)) } }
                }
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use crate::domain::id::ArrivalId;
    use crate::domain::report::SenderProof;
    use crate::flows::forward::Content;
    use crate::web::samples::{HOSTILE, attachment, directory, handling, hours, now, shows_hostile_texts};

    fn view(state: HandlingState) -> ActionView {
        ActionView {
            number: CaseRef::from_row("SEC-2026-0042"),
            project: directory().projects.remove(0),
            handling: handling(state),
            due_at: (state == HandlingState::Sent).then(|| now() + hours(72)),
            content: Content {
                text: ContentText::Text(HOSTILE.to_owned()),
                files: vec![(ArrivalId::from_row("arrival"), attachment())],
                proof: SenderProof::none("nothing"),
            },
        }
    }

    #[test]
    fn a_contact_sees_the_deadline_the_text_and_one_button_that_posts() {
        let shown = shows_hostile_texts(page(&view(HandlingState::Sent), "abc"), 2);
        assert!(shown.contains("Mon 2026-11-23 14:00 UTC") && shown.contains("We have it"), "{shown}");
        assert!(shown.contains("method=\"post\" action=\"/a/abc\""), "{shown}");
        assert!(shown.contains("href=\"/a/abc/attachments/arrival/2\""), "{shown}");
    }

    #[test]
    fn once_confirmed_the_button_gives_way_to_thanks() {
        let shown = shows_hostile_texts(page(&view(HandlingState::Acknowledged), "abc"), 2);
        assert!(shown.contains("Thank you.") && !shown.contains("<button"), "{shown}");
    }

    #[test]
    fn a_text_that_cannot_be_shown_says_why() {
        let mut view = view(HandlingState::Sent);
        view.content.text = ContentText::Unreadable(HOSTILE.to_owned());
        assert!(shows_hostile_texts(page(&view, "abc"), 2).contains("The text cannot be shown: "));
    }
}
