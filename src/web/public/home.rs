//! `/`: what this is, how to report, how to find a project, and what we promise.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::web::frame::Page;
use crate::web::public::find::search;
use crate::web::public::open;
use crate::web::when;
use crate::web::{WebState, demo};

/// The route of the first page.
pub fn routes() -> Router<WebState> {
    Router::new().route("/", get(home))
}

async fn home(State(state): State<WebState>, asked: HeaderMap) -> Response {
    let policy = state.house.policy();
    let body = html! { (demo::welcome(&state)) (page(&policy.directory)) };
    open::page(&state, &asked, Page::public("Report a security problem", body))
}

fn page(directory: &Directory) -> Markup {
    let foundation = &directory.foundation;
    let address = &foundation.security_address;
    html! {
        h1 { "Found a security problem in a project of " (foundation.name) "?" }
        p.lead { "Tell us once. We find the project it belongs to, pass it on, and see to it that a person answers you." }
        p.row { a.button.primary href="/report" { "Report a problem" } }
        p { "It takes about two minutes. You do not need an account, and you do not need to know which project to tell." }
        p.notice { strong { "Prefer email?" } " Write to " a.nowrap href={ "mailto:" (address) } { (address) } ". Both routes reach the
            same people." }
        h2 { "What happens next" }
        ol.tight {
            li { "We pass it to the project it belongs to and tell you which one. Your name and address stay with us unless you
                allow us to share them." }
            li { "A person answers you within " strong.nowrap { (when::promised(directory.promise.first_reply)) } "." }
            li { "The project confirms to us that it has your report, within "
                strong.nowrap { (when::promised(directory.promise.acknowledge)) } " of our passing it on." }
            li { "If it stays silent, we remind its people, then help ourselves"
                @if !directory.board.is_empty() { ", and go to the board of " (foundation.name) } ". You see on a private page how
                it stands." }
        }
        p { a href="/how" { "How we handle reports, and what is a vulnerability here" } }
        h2 { "Looking for a project?" }
        (search("", true))
        p { a href="/projects" { "All projects, and how each wants to be told" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{directory, mailbox, safe};

    #[test]
    fn the_first_page_promises_what_the_directory_promises() {
        let shown = safe(page(&directory()));
        for words in ["3 days", "7 days", "mailto:security@story.example", "href=\"/report\"", "action=\"/find\""] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(!shown.contains("the board of"), "there is none: {shown}");
        let with_board = safe(page(&Directory { board: vec![mailbox("board@story.example")], ..directory() }));
        assert!(with_board.contains("the board of Story Foundation") && !with_board.contains("board@"), "{with_board}");
    }
}
