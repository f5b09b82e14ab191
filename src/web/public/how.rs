//! `/how`: what happens to a report, what we promise, whom we ask when nobody answers, and what is a vulnerability here.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use jiff::SignedDuration;
use maud::{Markup, html};

use crate::domain::clock::ClockKind;
use crate::domain::directory::{Directory, Tell};
use crate::domain::ladder::Ladder;
use crate::web::WebState;
use crate::web::frame::{Page, Place};
use crate::web::public::directory::path;
use crate::web::public::open;
use crate::web::when;

/// The route of the page.
pub fn routes() -> Router<WebState> {
    Router::new().route("/how", get(how))
}

async fn how(State(state): State<WebState>, asked: HeaderMap) -> Response {
    let policy = state.house.policy();
    open::page(&state, &asked, Page::at(Place::HowItWorks, "How we handle reports", page(&policy.directory)))
}

fn page(directory: &Directory) -> Markup {
    html! {
        h1 { "How we handle reports" }
        p.lead { "A report goes to the people who can mend the problem, and nobody waits without knowing for whom." }
        p { a href="#promise" { "Our promise" } " · " a href="#late" { "When nobody answers" } " · "
            a href="#vulnerability" { "What is a vulnerability here?" } " · " a href="#help" { "Help" } }
        (what_happens(directory))
        (promises(directory))
        (late(directory))
        (vulnerability(directory))
        (help(directory))
    }
}

fn what_happens(directory: &Directory) -> Markup {
    let name = &directory.foundation.name;
    html! {
        h2 { "What happens next" }
        ol.tight {
            li { "You get a receipt at once. The program writes it; a person has not read your report yet." }
            li { "We pass the report to the project it belongs to and tell you which one. If we do not know, a member of the
                security committee of " (name) " finds out." }
            li { "Your name and address stay with us. The project writes to you through us, unless you allow us to share them." }
            li { "A person answers you, and a person at the project confirms that they have it. A receipt, an out-of-office note
                or an opened link does not count." }
            li { "The project mends the problem and publishes it in its own way. Please give it the time, and do not open a
                public issue before." }
            li { "We close the case with a reason, and tell you." }
        }
    }
}

fn promises(directory: &Directory) -> Markup {
    html! {
        h2 #promise { "Our promise" }
        dl.facts {
            dt { "First human reply" }
            dd { "within " strong { (when::promised(directory.promise.first_reply)) } " of the arrival of your report" }
            dt { "Confirmation by the project" }
            dd { "within " strong { (when::promised(directory.promise.acknowledge)) } " of our decision to pass it on; some projects
                promise less time, their pages say so" }
        }
        p { "Calendar days, weekends and holidays included." }
    }
}

fn late(directory: &Directory) -> Markup {
    html! {
        h2 #late { "When nobody answers" }
        p { "The clock reminds people by itself, higher up each time. It stops when a person has answered, and not before." }
        (ladder(directory, "For the first reply to you", ClockKind::FirstReply, directory.promise.first_reply))
        (ladder(directory, "For the confirmation by the project", ClockKind::Acknowledge, directory.promise.acknowledge))
        p { "The board hears which project is silent since when, and nothing of what you wrote." }
    }
}

fn ladder(directory: &Directory, title: &str, kind: ClockKind, target: SignedDuration) -> Markup {
    let ladder = Ladder::of(kind, target, &directory.promise.ladder);
    html! {
        h3 { (title) }
        ol.tight { @for step in ladder.steps() {
            @let told = told(directory, &step.tell);
            @if !told.is_empty() { li { "After " (when::promised(step.at)) ": " (told) } }
        } }
    }
}

/// Whom a step tells, in words.
fn told(directory: &Directory, tell: &[Tell]) -> String {
    let words = tell.iter().filter_map(|whom| match whom {
        Tell::Owner => Some("the member who has the case, or the chair".to_owned()),
        Tell::Chair => Some("the chair of the committee".to_owned()),
        Tell::Committee => Some("all members of the committee".to_owned()),
        Tell::Contacts => Some("the project's contacts".to_owned()),
        Tell::Deputies => Some("their deputies".to_owned()),
        Tell::Board if directory.board.is_empty() => None,
        Tell::Board => Some(format!("the board of {}", directory.foundation.name)),
    });
    words.collect::<Vec<_>>().join(" and ")
}

fn vulnerability(directory: &Directory) -> Markup {
    let with_own = directory.projects.iter().filter_map(|project| Some((project, project.out_of_scope.as_deref()?)));
    let with_own: Vec<_> = with_own.collect();
    html! {
        h2 #vulnerability { "What is a vulnerability here?" }
        p { "A flaw by which somebody can read, change or stop what they should not be able to. If you are not sure, report it: a
            report too many costs us little, a missing one much." }
        @if let Some(text) = &directory.foundation.out_of_scope {
            h3 { "Usually not" }
            (scope(text))
            p { "Reports about these are usually closed without being passed on. You can still send them." }
        }
        @if !with_own.is_empty() {
            h3 { "What single projects add" }
            @for (project, text) in with_own { p { a href=(path(project)) { (project.name) } } (scope(text)) }
        }
    }
}

/// The foundation's or a project's own words, each line a point.
pub fn scope(text: &str) -> Markup {
    let points: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    html! {
        @if points.len() > 1 { ul.tight { @for point in points { li { (point) } } } }
        @else { p { (text.trim()) } }
    }
}

fn help(directory: &Directory) -> Markup {
    let address = &directory.foundation.security_address;
    html! {
        h2 #help { "Help" }
        p { "If something on these pages does not work for you, or you want to talk to a person: write to "
            a.nowrap href={ "mailto:" (address) } { (address) } ". A mail there is also a complete report; nothing else is needed." }
        p { "If a link from one of our mails no longer works, answer the newest mail you have from us. If it is the private link of
            your report, " a href="/lost-link" { "we can mail it to you again" } "." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::{LadderClock, LadderStep};
    use crate::web::samples::{HOSTILE, directory, hours, mailbox, safe, shows_hostile_texts};

    #[test]
    fn the_page_says_the_promises_and_the_steps_as_the_clocks_take_them() {
        let mut directory = directory();
        directory.board = vec![mailbox("board@story.example")];
        let shown = safe(page(&directory));
        for words in [
            "within <strong>3 days</strong> of the arrival",
            "within <strong>7 days</strong> of our decision",
            "After 2 days: the project's contacts",
            "After 4 days: the project's contacts and their deputies",
            "After 6 days: all members of the committee",
            "After 7 days: the board of Story Foundation",
            "After 3 days: the board of Story Foundation",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(!shown.contains("board@"), "{shown}");
    }

    #[test]
    fn steps_of_the_foundations_own_are_shown_and_a_board_that_is_not_there_is_not() {
        let mut directory = directory();
        let tell = vec![Tell::Chair, Tell::Board];
        directory.promise.ladder = vec![LadderStep { clock: LadderClock::FirstReply, at: hours(48), tell }];
        let shown = safe(page(&directory));
        assert!(shown.contains("After 2 days: the chair of the committee</li>"), "{shown}");
        assert!(!shown.contains("the board of"), "{shown}");
    }

    #[test]
    fn what_is_no_vulnerability_is_said_for_all_and_for_each_project() {
        let mut directory = directory();
        directory.foundation.out_of_scope = Some(format!("First.\n{HOSTILE}\n"));
        directory.projects[1].out_of_scope = Some(HOSTILE.to_owned());
        let shown = shows_hostile_texts(page(&directory), 2);
        assert!(shown.contains("<li>First.</li>") && shown.contains("href=\"/projects/parsley\""), "{shown}");
        assert!(!safe(page(&super::tests::directory())).contains("Usually not"));
    }
}
