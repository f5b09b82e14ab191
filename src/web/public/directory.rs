//! `/projects`: whom to tell, project by project. Names of contacts and their addresses are never shown.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::domain::directory::{Channel, Directory, Project, ProjectId};
use crate::domain::snippet::{project_txt, security_md};
use crate::flows::proofs;
use crate::mail::write::clean::lines;
use crate::web::WebState;
use crate::web::frame::{Page, Place, WebError};
use crate::web::public::find::search;
use crate::web::public::how::scope;
use crate::web::public::{data, open};
use crate::web::when;

/// The routes of the directory's pages.
pub fn routes() -> Router<WebState> {
    Router::new().route("/projects", get(list)).route("/projects/{id}", get(one))
}

/// What everybody may know of a project's security contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactStanding {
    /// One of them has shown within the last quarter that somebody is there.
    Confirmed,
    /// Named, and nothing proves yet, or any more, that somebody is there.
    NotConfirmed,
    /// Reports go by hand through a channel of the project's own.
    ByHand,
    /// Nobody: the committee looks for somebody.
    Nobody,
}

impl ContactStanding {
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::NotConfirmed, Self::ByHand, Self::Nobody];

    /// The words of lists and pages.
    pub fn words(self) -> &'static str {
        match self {
            Self::Confirmed => "Confirmed",
            Self::NotConfirmed => "Not confirmed",
            Self::ByHand => "Not by mail",
            Self::Nobody => "None: we will find one",
        }
    }
}

/// What is known of the contact of `project`.
pub fn contact_standing(project: &Project) -> ContactStanding {
    match (project.contacts.is_empty(), project.channel) {
        (false, _) if project.confirmed_at.is_some() => ContactStanding::Confirmed,
        (false, _) => ContactStanding::NotConfirmed,
        (true, Channel::Mail | Channel::None) => ContactStanding::Nobody,
        (true, _) => ContactStanding::ByHand,
    }
}

/// The day of the last proof, in UTC: `2026-11-20`.
pub fn confirmed_on(project: &Project) -> Option<String> {
    project.confirmed_at.map(|at| at.to_zoned(TimeZone::UTC).date().to_string())
}

/// The same as a part of a page, with the day of the proof.
pub fn standing_words(project: &Project) -> Markup {
    let standing = contact_standing(project);
    let day = confirmed_on(project).filter(|_| standing == ContactStanding::Confirmed);
    html! { (standing.words()) @if let Some(day) = day { " on " time datetime=(day) { (day) } } }
}

async fn list(State(state): State<WebState>, asked: HeaderMap) -> Response {
    let policy = state.house.policy();
    let page = Page::at(Place::WhoToTell, "Who to tell", list_page(&policy.directory));
    open::page(&state, &asked, Page { is_text: false, ..page })
}

fn list_page(directory: &Directory) -> Markup {
    html! {
        h1 { "Who to tell" }
        p.lead.measure { "You do not have to know. Report it to us, and we find the project. If you know it, here is how each
            project of " (directory.foundation.name) " wants to hear of a security problem." }
        p.row { a.button.primary href="/report" { "Report a problem" } }
        (search("", true))
        @if directory.projects.is_empty() { p { "No project is listed yet." } }
        @else { table.stacks {
            caption { (counted(directory.projects.len())) }
            thead { tr {
                th scope="col" { "Project" } th scope="col" { "How to report" }
                th scope="col" { "Contact confirmed" } th scope="col" { "Policy" }
            } }
            tbody { @for project in &directory.projects { (row(project)) } }
        } }
        p { "A project of ours is missing? " a href="/propose" { "Propose it" } "." }
        p.muted { "The same for programs: " a href="/projects.json" { "JSON" } ", " a href="/projects.csv" { "CSV" } ", described "
            "as " a href="/openapi.json" { "OpenAPI" } "." }
    }
}

fn counted(projects: usize) -> String {
    if projects == 1 { "1 project".to_owned() } else { format!("{projects} projects") }
}

fn row(project: &Project) -> Markup {
    html! {
        tr {
            td { a.strong href=(path(project)) { (project.name) }
                @if let Some(summary) = &project.summary { br; span.small.muted { (summary) } } }
            td { (how_to_report(project)) }
            td.small { span.label { "Contact: " } (standing_words(project)) }
            td.small { @if let Some(policy) = &project.policy { a href=(policy) { "Policy of " (project.name) } } }
        }
    }
}

/// Where the page of a project is.
pub fn path(project: &Project) -> String {
    format!("/projects/{}", project.id)
}

/// The form with the project named in it.
pub fn report_path(project: &Project) -> String {
    format!("/report?project={}", project.id)
}

/// The ways to a project, ours first: it works for all of them.
pub fn how_to_report(project: &Project) -> Markup {
    let own = match project.channel {
        Channel::Github => Some("on GitHub"),
        Channel::Tidelift => Some("through Tidelift"),
        Channel::Hackerone => Some("on HackerOne"),
        Channel::Tracker => Some("in its tracker"),
        Channel::Mail | Channel::None => None,
    };
    html! {
        a href=(report_path(project)) { "Here" }
        @if let Some(own) = own {
            ", or " @if let Some(url) = &project.channel_url { a href=(url) { (own) } } @else { (own) }
        }
        @if let Some(address) = &project.public_address { ", or " a href={ "mailto:" (address) } { (address) } }
    }
}

/// `/projects/{id}`, and with `.json` behind the id the same for programs. An id may end so itself.
async fn one(State(state): State<WebState>, asked: HeaderMap, Path(id): Path<String>) -> Result<Response, WebError> {
    let policy = state.house.policy();
    let directory = &policy.directory;
    let find = |id: &str| ProjectId::parse(id).and_then(|id| directory.project(&id));
    if let Some(project) = find(&id) {
        let expires = proofs::proof(&state.house.store).await?.expires_at(state.house.now());
        let expires = expires.filter(|expires| *expires > state.house.now());
        let body = project_page(directory, project, own_files(&state.house.public_url, directory, project, expires));
        return Ok(open::page(&state, &asked, Page::at(Place::WhoToTell, &project.name, body)));
    }
    let project = id.strip_suffix(".json").and_then(find).ok_or(WebError::NotFound)?;
    Ok(open::data(&asked, open::JSON, data::project_json(&state.house.public_url, directory, project)))
}

fn project_page(directory: &Directory, project: &Project, own_files: Markup) -> Markup {
    let within = project.target.unwrap_or(directory.promise.acknowledge);
    html! {
        p { a href="/projects" { "Who to tell" } }
        h1 { (project.name) }
        @if let Some(summary) = &project.summary { p.lead { (summary) } }
        p.row { a.button.primary href=(report_path(project)) { "Report a problem in " (project.name) } }
        (other_ways(project))
        dl.facts {
            dt { "Security contact" } dd { (standing_words(project)) }
            dt { "Confirms within" } dd { (when::promised(within)) ", or we go to the board" }
            @if let Some(policy) = &project.policy { dt { "Policy" } dd { a href=(policy) { (policy) } } }
            @if let Some(homepage) = &project.homepage { dt { "Homepage" } dd { a href=(homepage) { (homepage) } } }
        }
        @if let Some(text) = &project.out_of_scope {
            h2 { "What is no vulnerability here" }
            (scope(text))
        }
        (names(project))
        (own_files)
        p.muted { "For programs: " a href={ (path(project)) ".json" } { "JSON" } ". For the people of " (project.name) ": "
            a href={ (path(project)) "/contacts" } { "name or change your security contact" } "." }
    }
}

/// For the project's own files. What security.txt promises holds until `expires`; without a proof there is none.
fn own_files(public_url: &str, directory: &Directory, project: &Project, expires: Option<Timestamp>) -> Markup {
    let foundation = &directory.foundation;
    let markdown = security_md(foundation, project, public_url, &when::promised(directory.promise.first_reply));
    html! {
        details {
            summary { "For SECURITY.md and security.txt of " (project.name) }
            h2 { "SECURITY.md" }
            pre.said data-copy=(markdown) { (lines(markdown.trim_end())) }
            h2 { "security.txt" }
            @match expires.filter(|_| public_url.starts_with("https://")) {
                Some(expires) => {
                    @let text = project_txt(foundation, project, public_url, expires);
                    p { "It is true as long as our mailbox is known to work. Take it from here again before " (when::time(expires)) "." }
                    pre.said data-copy=(text) { (lines(text.trim_end())) }
                }
                None => p { "There is none now: we have not seen lately that mail to our security address comes in." }
            }
        }
    }
}

fn other_ways(project: &Project) -> Markup {
    let channel = project.channel.word();
    html! {
        @match (project.channel, &project.channel_url) {
            (Channel::Mail, _) => {}
            (Channel::None, _) => { p { (project.name) " has no channel of its own. The committee answers reports about it." } }
            (_, Some(url)) => { p { (project.name) " prefers reports through " a href=(url) { (channel) } ". Or report it here, and we
                take it there for you." } }
            (_, None) => { p { (project.name) " takes reports through " (channel) ". Report it here, and we take it there for you." } }
        }
        @if let Some(address) = &project.public_address {
            p { "Its public security address is " a.mono href={ "mailto:" (address) } data-copy=(address) { (address) } }
            @if let Some(key) = public_key(project) { p { "Its OpenPGP key: " span.mono { (key) } } }
            p { "What you send there does not pass through us, so our promise does not cover it." }
        }
    }
}

/// The key of the address that the project publishes. Those of its other contacts name people.
pub fn public_key(project: &Project) -> Option<&str> {
    let public = project.public_address.as_ref()?;
    project.contacts.iter().find(|contact| contact.email == *public)?.key.as_deref()
}

/// What a text may say for us to know that it means this project.
fn names(project: &Project) -> Markup {
    let lists = [
        ("Other names", &project.aliases),
        ("Packages", &project.packages),
        ("Import names and paths", &project.imports),
        ("Repositories", &project.repositories),
        ("Domains", &project.domains),
        ("Published vulnerabilities", &project.advisories),
    ];
    html! {
        @if lists.iter().any(|(_, list)| !list.is_empty()) {
            h2 { "Names we recognize" }
            dl.facts { @for (title, list) in lists { @if !list.is_empty() {
                dt { (title) } dd { @for (index, name) in list.iter().enumerate() { @if index > 0 { ", " } span.mono { (name) } } }
            } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::{Contact, DeliveryMode};
    use crate::web::samples::{HOSTILE, directory, hours, mailbox, now, safe, shows_hostile_texts};

    fn contact() -> Contact {
        Contact {
            name: Some("Lena Lantern".to_owned()),
            email: mailbox("lena@private.example"),
            delivery: DeliveryMode::Full,
            is_list: false,
            is_deputy: false,
            away: Vec::new(),
            hours: None,
            zone: None,
            key: Some("KEY".to_owned()),
        }
    }

    /// A project of which everything is known, all of it hostile.
    fn known() -> Directory {
        let mut directory = directory();
        let hostile = || vec![HOSTILE.to_owned()];
        directory.projects[0] = Project {
            name: format!("Lantern {HOSTILE}"),
            summary: Some(HOSTILE.to_owned()),
            homepage: Some("https://lantern.example".to_owned()),
            policy: Some("https://lantern.example/policy".to_owned()),
            out_of_scope: Some(HOSTILE.to_owned()),
            repositories: hostile(),
            packages: hostile(),
            aliases: hostile(),
            imports: hostile(),
            domains: hostile(),
            advisories: hostile(),
            channel: Channel::Github,
            channel_url: Some("https://github.example/new?a=b&c=\"".to_owned()),
            public_address: Some(mailbox("security@lantern.example")),
            target: Some(hours(72)),
            contacts: vec![contact()],
            ..directory.projects[0].clone()
        };
        directory
    }

    #[test]
    fn the_list_says_how_to_reach_each_project_and_nothing_of_its_people() {
        let shown = shows_hostile_texts(list_page(&known()), 3);
        for words in ["2 projects", "on GitHub", "mailto:security@lantern.example", "Not confirmed", "None: we will"] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(!shown.contains("lena") && !shown.contains("Lena"), "{shown}");
        assert!(shown.contains("?a=b&amp;c=&quot;\""), "{shown}");
    }

    #[test]
    fn a_project_page_has_channel_promise_scope_and_names_and_nothing_of_its_people() {
        let directory = known();
        let own = own_files("https://security.story.example", &directory, &directory.projects[0], Some(now()));
        let shown = shows_hostile_texts(project_page(&directory, &directory.projects[0], own), 11);
        let words = ["/report?project=lantern", "prefers reports through", "3 days, or we go to the board", ".json"];
        for words in words.into_iter().chain(["Expires: 2026-11-20T14:00:00Z", "# Security"]) {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        for personal in ["lena", "Lena", "KEY"] {
            assert!(!shown.contains(personal), "{personal} in {shown}");
        }
    }

    #[test]
    fn the_key_of_the_public_address_is_public_and_no_other() {
        let mut directory = known();
        assert_eq!(public_key(&directory.projects[0]), None);
        directory.projects[0].public_address = Some(mailbox("lena@private.example"));
        assert_eq!(public_key(&directory.projects[0]), Some("KEY"));
        assert!(safe(other_ways(&directory.projects[0])).contains("KEY"));
    }

    #[test]
    fn a_project_of_which_little_is_known_says_no_more() {
        let own = own_files("https://security.story.example", &directory(), &directory().projects[1], None);
        let shown = safe(project_page(&directory(), &directory().projects[1], own));
        assert!(shown.contains("7 days, or we go to the board") && shown.contains("None: we will find one"), "{shown}");
        assert!(!shown.contains("Names we recognize") && !shown.contains("prefers"), "{shown}");
        assert!(shown.contains("There is none now: ") && !shown.contains("Expires"), "{shown}");
    }

    #[test]
    fn a_directory_without_projects_is_said_to_be_empty() {
        let shown = safe(list_page(&Directory { projects: Vec::new(), ..directory() }));
        assert!(shown.contains("No project is listed yet.") && !shown.contains("<table"), "{shown}");
    }

    #[test]
    fn the_standing_follows_from_contacts_and_channel() {
        let mut project = directory().projects.remove(0);
        for (channel, without) in [
            (Channel::Mail, ContactStanding::Nobody),
            (Channel::None, ContactStanding::Nobody),
            (Channel::Tracker, ContactStanding::ByHand),
        ] {
            project.channel = channel;
            project.contacts.clear();
            assert_eq!(contact_standing(&project), without);
            project.contacts.push(contact());
            assert_eq!(contact_standing(&project), ContactStanding::NotConfirmed);
            project.confirmed_at = Some(now());
            assert_eq!(contact_standing(&project), ContactStanding::Confirmed);
            assert!(safe(standing_words(&project)).ends_with("2026-11-20</time>"));
            project.confirmed_at = None;
        }
    }
}
