//! What the form says of itself when asked: suggestions with their reasons, never an answer given for the reporter.

use maud::{Markup, html};

use crate::flows::form::{Hint, Seems};
use crate::mail::write::clean::lines;
use crate::web::public::report::fields::{LEAVE, USE};

/// The box below the button.
pub fn hints(hints: &[Hint]) -> Markup {
    html! {
        div.notice #hints role="status" aria-label="Suggestions" {
            @if hints.is_empty() { p { "Thank you, that is all we need to know about the project." } }
            @for hint in hints { (one(hint)) }
        }
    }
}

fn one(hint: &Hint) -> Markup {
    html! { @match hint {
        Hint::LooksLike(seems) => (looks_like(seems)),
        Hint::Prefers { project, channel, url } => p {
            (project) " prefers reports through " (channel) ". "
            @if let Some(url) = url { a href=(url) rel="noreferrer" { "Report on " (channel) } " or continue" } @else { "Continue" }
            " here and we take it there for you."
        },
        Hint::NoContact { project } => p {
            "We have no confirmed contact for " (project) ". Send it here: the committee will find one."
        },
        Hint::Unknown(typed) => p {
            "We don't know \u{201c}" (lines(typed)) "\u{201d}. If it might be ours, send it: the committee works it out."
        },
        Hint::MissingHeader => p {
            "Reports about a missing header on a static website are usually closed without forwarding. You can still send it."
        },
        Hint::Encrypted => p { "This looks encrypted, so we cannot suggest a project. Choose one above if you can." },
        Hint::NothingFound => p {
            "We cannot tell from the text which project this concerns. Choose \u{201c}I don't know\u{201d}, and we will work it out."
        },
    } }
}

fn looks_like(seems: &[Seems]) -> Markup {
    let ids: Vec<&str> = seems.iter().map(|seems| seems.id.as_str()).collect();
    html! {
        p {
            "This looks like "
            @for (at, seems) in seems.iter().enumerate() {
                @if at > 0 { @if at + 1 == ids.len() { " or " } @else { ", " } }
                strong { (seems.name) }
            }
            "."
        }
        ul.tight { @for seems in seems { @if !seems.because.is_empty() {
            li { (seems.name) ", because " (lines(&seems.because.join(", and "))) "." }
        } } }
        div.row {
            @for seems in seems { button formaction="/report/hint" name=(USE) value=(seems.id) { "Use " (seems.name) } }
            @if seems.len() > 1 {
                button formaction="/report/hint" name=(USE) value=(ids.join(" ")) { @if seems.len() == 2 { "Use both" } @else { "Use all" } }
            }
            button.plain formaction="/report/hint" name=(LEAVE) value="yes" { "Leave it to us" }
        }
    }
}
