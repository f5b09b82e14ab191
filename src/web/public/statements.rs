//! `/privacy` and `/accessibility`: what we keep of people, and what these pages do and do not yet do for everybody.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::web::WebState;
use crate::web::frame::{Page, Place};
use crate::web::public::open;

/// The routes of both.
pub fn routes() -> Router<WebState> {
    Router::new().route("/privacy", get(privacy)).route("/accessibility", get(accessibility))
}

async fn privacy(State(state): State<WebState>, asked: HeaderMap) -> Response {
    let policy = state.house.policy();
    open::page(&state, &asked, Page::at(Place::Privacy, "Privacy", privacy_page(&policy.directory)))
}

async fn accessibility(State(state): State<WebState>, asked: HeaderMap) -> Response {
    let policy = state.house.policy();
    open::page(&state, &asked, Page::public("Accessibility", accessibility_page(&policy.directory)))
}

fn privacy_page(directory: &Directory) -> Markup {
    let (name, address) = (&directory.foundation.name, &directory.foundation.security_address);
    html! {
        h1 { "Privacy" }
        p.lead { "We keep what is needed to have your problem mended and you answered, and show it to as few people as can do that." }
        h2 { "What we keep of a report" }
        ul.tight {
            li { "What you write, the files you attach, and the messages that follow." }
            li { "Your address and name, if you give them. By the form you may stay anonymous; then we cannot write to you,
                unless you leave an address later." }
            li { "Of a mail, the original with its headers, and the network address of the server that brought it: by them we see
                whether a sender is who it says." }
            li { "What was done with the report, when, and by whom." }
        }
        h2 { "Who sees it" }
        ul.tight {
            li { "The security committee of " (name) " sees all of it." }
            li { "The contacts of a project that it was passed to see the report, without your name and address unless you allow
                us to share them. They write to you through us." }
            li { "The board sees numbers and names of projects, never what a report says." }
            li { "Nobody else. Your private link shows your messages to whoever has it: keep it to yourself." }
        }
        h2 { "How long" }
        p { "We keep your report for 24 months after its case is closed, its attachments and original mail for 6." }
        p { "A project that you propose is kept, with your name and the addresses that you typed, for 15 days if no mailbox
            confirms, and for 90 days after the committee has decided." }
        h2 { "These pages" }
        ul.tight {
            li { "No tracking, no advertising, nothing loaded from other sites." }
            li { "No cookie, unless you sign in as a member of the committee: then one, which ends after 12 hours." }
            li { "While you type a report, its text is looked at here to suggest a project, if your browser runs scripts. It is not kept
                before you send it, and your browser is told to keep no draft." }
            li { "The log of the program holds case numbers, and neither addresses nor anything you write." }
        }
        h2 { "Your questions" }
        p { "To learn what we have of you, or to have it corrected or erased, write to "
            a.nowrap href={ "mailto:" (address) } { (address) } "." }
    }
}

fn accessibility_page(directory: &Directory) -> Markup {
    let address = &directory.foundation.security_address;
    html! {
        h1 { "Accessibility" }
        p.lead { "Everybody should be able to report a problem here. These pages aim at WCAG 2.2, level AA." }
        h2 { "What is checked, by program" }
        ul.tight {
            li { "All pages work by keyboard and without script." }
            li { "Text and controls have enough contrast, in the light and in the dark theme." }
            li { "Pages fit a width of 320 pixels; only tables of data may scroll sideways." }
            li { "Nothing is said by color alone, and nothing you typed is lost when something was wrong with it." }
        }
        h2 { "What is not checked yet" }
        ul.tight {
            li { "Nobody who works with a screen reader, a magnifier or voice control has tested the pages for us." }
            li { "No one from outside has audited them. This statement is our own." }
        }
        h2 { "What falls short" }
        ul.tight {
            li { "All text is in English." }
            li { "Times are shown in UTC." }
            li { "What people attach to reports is theirs; we cannot make it accessible." }
        }
        h2 { "Another way" }
        p { "Everything that can be done here can be done by mail too. If something is in your way, write to "
            a.nowrap href={ "mailto:" (address) } { (address) } "; a person reads it." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{directory, safe};

    #[test]
    fn the_statements_name_the_foundation_and_how_to_reach_it_and_none_of_its_people() {
        let directory = directory();
        for page in [privacy_page(&directory), accessibility_page(&directory)] {
            let shown = safe(page);
            assert!(shown.contains("mailto:security@story.example"), "{shown}");
            assert!(!shown.contains("Ada") && !shown.contains("ada@"), "{shown}");
        }
        assert!(safe(privacy_page(&directory)).contains("The security committee of Story Foundation sees all of it."));
    }
}
