//! `/find?q=`: which project a name, package, file or link belongs to. Asks the directory alone and remembers nothing.

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use maud::{Markup, html};

use crate::domain::directory::{Directory, Project};
use crate::judge::look_up::{LookedUp, Named, What, look_up};
use crate::mail::write::clean::one_line;
use crate::web::WebState;
use crate::web::frame::{Page, Place, document};
use crate::web::public::directory::{how_to_report, path, report_path, standing_words};

/// A long link fits; a whole report does not belong into an address that proxies log.
const QUERY_MAX: usize = 300;

/// The route of the search.
pub fn routes() -> Router<WebState> {
    Router::new().route("/find", get(find))
}

/// The form of the search, which is a link as well.
#[derive(serde::Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

/// Neither kept nor indexed: what somebody looks for may tell what is about to be reported.
async fn find(State(state): State<WebState>, Query(asked): Query<Asked>) -> Markup {
    let policy = state.house.policy();
    let query = one_line(&asked.q, QUERY_MAX);
    let found = look_up(&policy.directory, &policy.judge, &query);
    let title = if query.is_empty() { "Find a project".to_owned() } else { format!("“{query}”: find a project") };
    document(&state, Page::at(Place::WhoToTell, &title, page(&policy.directory, &query, &found)))
}

/// The search form; `is_first` where it is not on the page of its results.
pub fn search(query: &str, is_first: bool) -> Markup {
    html! {
        form.search role="search" action="/find" {
            div {
                label for="q" { "Project, package, import name, file or link" }
                input #q type="search" name="q" value=(query) maxlength=(QUERY_MAX) autocomplete="off" spellcheck="false";
            }
            button { @if is_first { "Find" } @else { "Find again" } }
        }
    }
}

fn page(directory: &Directory, query: &str, found: &LookedUp<'_>) -> Markup {
    html! {
        p { a href="/projects" { "Who to tell" } }
        h1 { "Find a project" }
        (search(query, query.is_empty()))
        @match found {
            _ if query.is_empty() => { p { "Type a name, a package such as pip:example, the name that code imports, a file or a link." } }
            LookedUp::Named(named) => { (named_projects(directory, named)) }
            LookedUp::Similar(similar) => {
                p { "Nothing is called exactly “" (query) "”. Did you mean one of these?" }
                ul.tight { @for project in similar { li { a href=(path(project)) { (project.name) } } } }
                (or_to_us(directory))
            }
            LookedUp::Nothing => {
                p { "We don't know “" (query) "”. If it might be ours, " a href="/report" { "report it to the committee" } "." }
                (or_to_us(directory))
            }
        }
    }
}

fn named_projects(directory: &Directory, named: &[Named<'_>]) -> Markup {
    html! {
        @if named.len() > 1 { p { "That names " (named.len()) " projects. You can report one problem for all of them at once." } }
        @for one in named { (named_project(one.project, one)) }
        (or_to_us(directory))
    }
}

fn named_project(project: &Project, named: &Named<'_>) -> Markup {
    let what = match named.what {
        What::Name => "a name of",
        What::Package => "a package of",
        What::Import => "imported from",
        What::Repository => "a repository of",
        What::Domain => "a domain of",
    };
    html! {
        section.card {
            h2 { a href=(path(project)) { (project.name) } }
            p { "“" (named.written) "” is " (what) " " (project.name) "."
                @if named.is_common { " It is also an everyday word: in a report, name a package, a version or a file as well." } }
            dl.facts {
                dt { "How to report" } dd { (how_to_report(project)) }
                dt { "Security contact" } dd { (standing_words(project)) }
            }
            p.row { a.button.primary href=(report_path(project)) { "Report a problem in " (project.name) } }
        }
    }
}

fn or_to_us(directory: &Directory) -> Markup {
    let address = &directory.foundation.security_address;
    html! { p.muted { "Not sure? " a href="/report" { "Report it anyway" } " or write to " a href={ "mailto:" (address) } { (address) }
    ". We will work it out." } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Judge;
    use crate::web::samples::{HOSTILE, directory, safe, shows_hostile_texts};

    fn shown(query: &str) -> String {
        let directory = directory();
        let found = look_up(&directory, &Judge::new(&directory), query);
        safe(page(&directory, query, &found))
    }

    #[test]
    fn what_a_project_is_known_by_leads_to_it_with_the_reason() {
        let shown = shown("import Lantern");
        for words in
            ["“Lantern” is a name of Lantern.", "href=\"/report?project=lantern\"", "href=\"/projects/lantern\""]
        {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(!shown.contains("parsley"), "{shown}");
    }

    #[test]
    fn a_name_that_is_an_everyday_word_asks_for_more() {
        let page = shown("lantern");
        assert!(page.contains("“lantern” is a name of Lantern. It is also an everyday word"), "{page}");
        assert!(!shown("parsley").contains("everyday"));
    }

    #[test]
    fn two_names_lead_to_two_projects_and_a_part_to_a_question() {
        assert!(shown("lantern or parsley").contains("That names 2 projects."));
        let part = shown("parsl");
        assert!(part.contains("Did you mean one of these?") && part.contains("href=\"/projects/parsley\""), "{part}");
    }

    #[test]
    fn what_nobody_knows_may_still_be_ours() {
        let shown = shown("foolib");
        assert!(
            shown.contains("We don't know “foolib”. If it might be ours, <a href=\"/report\">report it"),
            "{shown}"
        );
    }

    #[test]
    fn an_empty_search_says_what_to_type_and_a_hostile_one_stays_text() {
        assert!(shown("").contains("Type a name"));
        let directory = directory();
        let found = look_up(&directory, &Judge::new(&directory), HOSTILE);
        shows_hostile_texts(page(&directory, HOSTILE, &found), 2);
    }
}
