//! `/`: what this is, and where to write.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::web::frame::{Page, document};
use crate::web::when;
use crate::web::{WebState, demo};

/// The route of the first page.
pub fn routes() -> Router<WebState> {
    Router::new().route("/", get(home))
}

async fn home(State(state): State<WebState>) -> Markup {
    let policy = state.house.policy();
    let body = html! { (page(&policy.directory)) (demo::welcome(&state)) };
    document(&state, Page::public("Report a security problem", body))
}

fn page(directory: &Directory) -> Markup {
    let foundation = &directory.foundation;
    let address = &foundation.security_address;
    html! {
        h1 { "Report a security problem" }
        p { "You found a security problem in a project of " (foundation.name) ", or think you did. Write to:" }
        p { a.mono href={ "mailto:" (address) } { (address) } }
        p { "You do not need to know which project to tell, and you do not need an account. Say what you did, what
             happened, what you expected, and which version. Plain text is fine." }
        h2 { "What happens next" }
        ol.tight {
            li { "We pass it to the project it belongs to and tell you which one. Your name and address stay with us." }
            li { "A person answers you within " (when::promised(directory.promise.first_reply)) "." }
            li { "A link in our first mail shows you where your report stands." }
        }
        @if let Some(text) = &foundation.out_of_scope {
            h2 { "What is no vulnerability here" }
            p { (text) }
        }
        p.muted { "Committee members " a href="/login" { "sign in here" } "." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{directory, safe};

    #[test]
    fn the_first_page_promises_what_the_directory_promises() {
        let shown = safe(page(&directory()));
        assert!(shown.contains("A person answers you within 3 days."), "{shown}");
        assert!(shown.contains("mailto:security@story.example"), "{shown}");
    }
}
