//! What the form says of itself when asked: suggestions with their reasons, never an answer given for the reporter.

use maud::{Markup, html};

use crate::flows::form::{Hint, LooksLike};
use crate::mail::write::clean::lines;
use crate::web::public::report::fields::{LEAVE, USE};

/// Where a press that has to do with hints leads back to: the answer, and not the top of the page.
pub const HERE: &str = "/report/hint#hints";
/// Where a suggestion that was taken now stands.
const TAKEN: &str = "/report/hint#project";

/// What the box below the button says to whoever asked.
pub fn answer(hints: &[Hint]) -> Markup {
    html! {
        div.notice {
            @if hints.is_empty() { p { "Thank you, that is all we need to know about the project." } }
            @for hint in hints { (one(hint)) }
        }
    }
}

/// The same for somebody who is typing; nothing where nothing is worth being told unasked.
pub fn aside(hints: &[Hint]) -> Markup {
    let news: Vec<&Hint> = hints.iter().filter(|hint| hint.is_news()).collect();
    html! { @if !news.is_empty() { div.notice { @for hint in news { (one(hint)) } } } }
}

fn one(hint: &Hint) -> Markup {
    html! { @match hint {
        Hint::LooksLike(seems) => (looks_like(seems)),
        Hint::Prefers { project, channel, url } => p {
            (project) " prefers reports through " (channel) ". "
            @if let Some(url) = url { a href=(url) rel="noreferrer" { "Report on " (channel) } " or continue" } @else { "Continue" }
            " here and we take it there for you."
        },
        Hint::OutOfScope { project, words } => p {
            (project) " says what is no vulnerability there: \u{201c}" (lines(words)) "\u{201d} You can still send it."
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

fn looks_like(seems: &LooksLike) -> Markup {
    let projects = &seems.projects;
    let ids: Vec<&str> = projects.iter().map(|project| project.id.as_str()).collect();
    let names: Vec<&str> = projects.iter().map(|project| project.name.as_str()).collect();
    html! {
        p {
            "This looks like "
            @for (at, name) in names.iter().enumerate() { (between(at, names.len(), "or")) strong { (name) } }
            @if !seems.mentions.is_empty() {
                ", because your text mentions "
                @for (at, words) in seems.mentions.iter().enumerate() {
                    (between(at, seems.mentions.len(), "and")) "\u{201c}" (lines(words)) "\u{201d}"
                }
            }
            "."
        }
        div.row {
            @for project in projects {
                button formaction=(TAKEN) name=(USE) value=(project.id) data-use=(project.name) { "Use " (project.name) }
            }
            @if ids.len() > 1 {
                button formaction=(TAKEN) name=(USE) value=(ids.join(" ")) data-use=(names.join(", ")) {
                    @if ids.len() == 2 { "Use both" } @else { "Use all" }
                }
            }
            button.plain formaction=(TAKEN) name=(LEAVE) value="yes" data-leave { "Leave it to us" }
        }
    }
}

/// What stands before the `at`-th of `count` things.
fn between(at: usize, count: usize, last: &str) -> String {
    match at {
        0 => String::new(),
        _ if at + 1 == count => format!(" {last} "),
        _ => ", ".to_owned(),
    }
}
