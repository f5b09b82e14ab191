//! `projects.toml`: the foundation, its people, its promises and its projects.

use std::path::Path;

use jiff::SignedDuration;

use crate::config::faults::ConfigError;
use crate::config::overlap::{Claimant, Claims, Handle};
use crate::config::people::People;
use crate::config::reader::{Numbering, Placed, Section, read};
use crate::config::values::{self, Wrong, one_of};
use crate::domain::address::Mailbox;
use crate::domain::directory::{
    AutoForward, Channel, Directory, Foundation, LadderClock, LadderStep, Project, Promise, Routing, Tell,
};

pub(super) const TOP: &[&str] = &["foundation", "promise", "routing", "committee", "board", "project"];
/// All that a text with one project alone may have.
const ONE: &[&str] = &["project"];
const FOUNDATION: &[&str] = &["name", "security_address", "public_url", "hosts", "case_prefix", "out_of_scope"];
const PROMISE: &[&str] = &["first_reply", "acknowledge", "ladder"];
const LADDER: &[&str] = &["clock", "at", "tell"];
const ROUTING: &[&str] =
    &["auto_forward", "hold", "projects_per_report", "forwards_per_sender_a_day", "forwards_an_hour"];
pub(super) const PROJECT: &[&str] = &[
    "id",
    "name",
    "summary",
    "homepage",
    "repositories",
    "packages",
    "aliases",
    "imports",
    "domains",
    "advisories",
    "policy",
    "out_of_scope",
    "channel",
    "channel_url",
    "public_address",
    "target",
    "contacts",
];

const AUTO_FORWARDS: &[(&str, AutoForward)] =
    &[("strong", AutoForward::Strong), ("chosen", AutoForward::Chosen), ("off", AutoForward::Off)];
const CHANNELS: &[(&str, Channel)] = &[
    ("mail", Channel::Mail),
    ("github", Channel::Github),
    ("tidelift", Channel::Tidelift),
    ("hackerone", Channel::Hackerone),
    ("tracker", Channel::Tracker),
    ("none", Channel::None),
];
const LADDER_CLOCKS: &[(&str, LadderClock)] =
    &[("first_reply", LadderClock::FirstReply), ("acknowledge", LadderClock::Acknowledge)];
const TELLS: &[(&str, Tell)] = &[
    ("owner", Tell::Owner),
    ("chair", Tell::Chair),
    ("committee", Tell::Committee),
    ("contacts", Tell::Contacts),
    ("deputies", Tell::Deputies),
    ("board", Tell::Board),
];

/// The charter's week: no promise may be longer, and it is what holds where none is written.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Long enough to notice a mistake.
const HOLD: SignedDuration = SignedDuration::from_secs(60);
/// A longer hold would eat visibly into a promise of a day.
const HOLD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Reads the file at `path`.
pub fn load(path: &Path) -> Result<Directory, ConfigError> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| ConfigError::unreadable(path, &error, "--projects"))?;
    parse(&path.display().to_string(), &text)
}

/// Reads `text`, which faults call `file_name`.
pub fn parse(file_name: &str, text: &str) -> Result<Directory, ConfigError> {
    read(file_name, text, TOP, directory)
}

/// Reads the text of one project that is to stand in the file of `directory` beside `known`; faults call it `name`.
pub(super) fn parse_project(
    name: &str,
    text: &str,
    directory: &Directory,
    known: &[Project],
) -> Result<Project, ConfigError> {
    let mut claims = Claims::of(known);
    let people = People::besides(Some(&directory.foundation));
    read(name, text, ONE, |top| {
        let sections = top.sections("project", PROJECT, Numbering::ByLine);
        let Some(section) = sections.first() else {
            top.fault(&top.place("project"), Wrong::new("is missing", "Begin it with [[project]]."));
            return None;
        };
        project(section, known.len(), &mut claims, &people, directory.promise.acknowledge)
    })
}

fn directory(top: &Section<'_, '_>) -> Option<Directory> {
    let foundation = foundation(&top.section("foundation", FOUNDATION));
    let promise = promise(&top.section("promise", PROMISE));
    let routing = routing(&top.section("routing", ROUTING));
    let people = People::besides(foundation.as_ref());
    let committee = people.committee(top);
    let board = people.board(top);
    let mut claims = Claims::default();
    let sections = top.sections("project", PROJECT, Numbering::ByLine);
    let projects = sections
        .iter()
        .enumerate()
        .map(|(number, section)| project(section, number, &mut claims, &people, promise.acknowledge))
        .collect::<Vec<_>>();
    Some(Directory {
        foundation: foundation?,
        promise,
        routing,
        committee,
        board,
        projects: projects.into_iter().collect::<Option<_>>()?,
    })
}

fn foundation(section: &Section<'_, '_>) -> Option<Foundation> {
    let name = section.required("name", "Example Foundation", values::line);
    let security_address = section.required("security_address", "security@example.org", security_address);
    let public_url = section.required("public_url", "https://security.example.org", values::public_url);
    let hosts = section.list("hosts", values::host_name).into_iter().map(|host| host.value).collect();
    let case_prefix = section.optional("case_prefix", values::case_prefix);
    let out_of_scope = section.optional("out_of_scope", values::prose);
    Some(Foundation {
        name: name?.value,
        security_address: security_address?.value,
        public_url: public_url?.value,
        hosts,
        case_prefix: case_prefix.unwrap_or_else(|| "SEC".to_owned()),
        out_of_scope,
    })
}

/// An address without a plus: what stands behind the plus is how we tell our own addresses apart.
fn security_address(text: &str) -> Result<Mailbox, Wrong> {
    let mailbox = values::mailbox(text)?;
    if mailbox.local().contains('+') {
        let problem = format!("{} has a plus, which Fingerpost needs for its own addresses", values::quoted(text));
        return Err(Wrong::new(problem, "Write the address without it, like security@example.org."));
    }
    Ok(mailbox)
}

fn promise(section: &Section<'_, '_>) -> Promise {
    let week = |text: &str| values::promise(text, WEEK, "the longest promise there is");
    let first_reply = section.optional("first_reply", week).unwrap_or(WEEK);
    let acknowledge = section.optional("acknowledge", week).unwrap_or(WEEK);
    let steps = section.sections("ladder", LADDER, Numbering::ByLine);
    let ladder = steps.iter().filter_map(|step| ladder_step(step, first_reply, acknowledge)).collect();
    Promise { first_reply, acknowledge, ladder }
}

fn ladder_step(
    section: &Section<'_, '_>,
    first_reply: SignedDuration,
    acknowledge: SignedDuration,
) -> Option<LadderStep> {
    let clock = section.required("clock", "first_reply", |text| one_of(text, LADDER_CLOCKS)).map(|placed| placed.value);
    let promised = match clock {
        Some(LadderClock::FirstReply) => first_reply,
        Some(LadderClock::Acknowledge) => acknowledge,
        None => WEEK,
    };
    let at = section.required("at", "4d", |text| values::promise(text, promised, "the promise it belongs to"));
    let tell = section.list("tell", |text| one_of(text, TELLS));
    if tell.is_empty() {
        section.fault(
            &section.place("tell"),
            Wrong::new("tells nobody", "Write whom, like tell = [\"chair\", \"board\"]."),
        );
    }
    Some(LadderStep { clock: clock?, at: at?.value, tell: tell.into_iter().map(|whom| whom.value).collect() })
}

fn routing(section: &Section<'_, '_>) -> Routing {
    let cap =
        |key, usual: u32| section.number(key, 0..=10_000).and_then(|cap| u32::try_from(cap).ok()).unwrap_or(usual);
    Routing {
        auto_forward: section
            .optional("auto_forward", |text| one_of(text, AUTO_FORWARDS))
            .unwrap_or(AutoForward::Strong),
        hold: section.optional("hold", hold).unwrap_or(HOLD),
        projects_per_report: cap("projects_per_report", 3),
        forwards_per_sender_a_day: cap("forwards_per_sender_a_day", 5),
        forwards_an_hour: cap("forwards_an_hour", 30),
    }
}

fn hold(text: &str) -> Result<SignedDuration, Wrong> {
    let hold = values::duration(text)?;
    if hold > HOLD_MAX {
        return Err(Wrong::new(
            format!("{} is longer than a day", values::quoted(text)),
            "Write a time from 0s to 24h.",
        ));
    }
    Ok(hold)
}

fn project(
    section: &Section<'_, '_>,
    number: usize,
    claims: &mut Claims,
    people: &People,
    acknowledge: SignedDuration,
) -> Option<Project> {
    let id = section.required("id", "matplotlib", values::project_id);
    let name = section.required("name", "Matplotlib", values::line);
    let target = |text: &str| values::promise(text, acknowledge, "the foundation's promise to acknowledge");
    let claimant = Claimant { section, number, id: id.as_ref().map(|id| &id.value) };
    if let Some(id) = &id
        && claims.claim(&claimant, Handle::Id, id.value.as_str(), &id.place)
    {
        claims.claim(&claimant, Handle::Name, id.value.as_str(), &id.place);
    }
    if let Some(name) = &name {
        claims.claim(&claimant, Handle::Name, &name.value, &name.place);
    }
    let mut handles = |key, handle, parse: fn(&str) -> Result<String, Wrong>| {
        let keep = |placed: Placed<String>| {
            claims.claim(&claimant, handle, &placed.value, &placed.place);
            placed.value
        };
        section.list(key, parse).into_iter().map(keep).collect::<Vec<_>>()
    };
    let repositories = handles("repositories", Handle::Repository, values::web_address);
    let packages = handles("packages", Handle::Package, values::package);
    let aliases = handles("aliases", Handle::Name, values::line);
    let imports = handles("imports", Handle::Import, values::line);
    let domains = handles("domains", Handle::Domain, values::host_name);
    let project = Project {
        summary: section.optional("summary", values::line),
        homepage: section.optional("homepage", values::web_address),
        repositories,
        packages,
        aliases,
        imports,
        domains,
        advisories: section.list("advisories", values::advisory).into_iter().map(|placed| placed.value).collect(),
        policy: section.optional("policy", values::web_address),
        out_of_scope: section.optional("out_of_scope", values::prose),
        channel: section.optional("channel", |text| one_of(text, CHANNELS)).unwrap_or(Channel::Mail),
        channel_url: section.optional("channel_url", values::web_address),
        public_address: section.optional("public_address", values::mailbox),
        target: section.optional("target", target),
        contacts: people.contacts(section),
        ..Project::named(id?.value, name?.value)
    };
    Some(project)
}

#[cfg(test)]
mod tests;
