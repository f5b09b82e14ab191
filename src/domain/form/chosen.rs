//! Which projects somebody means who types names, packages or links into a box.

use crate::domain::directory::{Directory, Project, ProjectId};

/// What was typed, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    pub known: Vec<ProjectId>,
    /// The pieces that name no project of ours, or several.
    pub unknown: Vec<String>,
}

/// The projects that `typed` names: each piece between commas, semicolons or the word "and" must be a name, id,
/// alias, package, import, domain or link of exactly one project. Nothing is guessed: a report goes out by this.
pub fn named_projects(directory: &Directory, typed: &str) -> Named {
    let mut named = Named::default();
    // A name that itself has an "and" or a comma in it is looked for first.
    if let Some(project) = project_called(directory, typed) {
        named.known.push(project);
        return named;
    }
    for piece in typed.split([',', ';', '\n']).flat_map(|part| part.split(" and ")).map(str::trim) {
        match project_called(directory, piece) {
            _ if piece.is_empty() => {}
            Some(project) if named.known.contains(&project) => {}
            Some(project) => named.known.push(project),
            None => named.unknown.push(piece.to_owned()),
        }
    }
    named
}

fn project_called(directory: &Directory, piece: &str) -> Option<ProjectId> {
    let spelled = folded(piece);
    let mut found = directory.projects.iter().filter(|project| !spelled.is_empty() && is_called(project, &spelled));
    let project = found.next()?;
    found.next().is_none().then(|| project.id.clone())
}

fn is_called(project: &Project, spelled: &str) -> bool {
    let names = [project.id.as_str(), &project.name].into_iter();
    let others = project.aliases.iter().chain(&project.imports).chain(&project.domains).map(String::as_str);
    let links = project.repositories.iter().chain(&project.homepage).map(String::as_str);
    names.chain(others).chain(links).any(|name| folded(name) == spelled)
        || project.packages.iter().any(|package| is_package(package, spelled))
}

/// `pkg:pypi/matplotlib` is also `pypi:matplotlib`, `pypi/matplotlib`, `pip:matplotlib` and `matplotlib`.
fn is_package(purl: &str, spelled: &str) -> bool {
    let Some((kind, name)) = purl.strip_prefix("pkg:").and_then(|rest| rest.split_once('/')) else { return false };
    let name = folded(name.split(['@', '?', '#']).next().unwrap_or_default());
    let tool = match kind {
        "pypi" => "pip",
        "cargo" => "crates",
        _ => kind,
    };
    let rest = spelled.strip_prefix("pkg:").unwrap_or(spelled);
    rest == name
        || [kind, tool].iter().any(|kind| {
            let of_kind = rest.strip_prefix(kind).and_then(|rest| rest.strip_prefix([':', '/']));
            of_kind.is_some_and(|rest| rest.trim() == name)
        })
}

/// Without case, scheme and what ends a link.
fn folded(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
    let bare = bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/');
    bare.strip_suffix(".git").unwrap_or(bare).to_owned()
}
