//! Whom a few typed words name: a project, package, import name, file or link. For people who look somebody up.

use crate::domain::directory::{Directory, Project};
use crate::judge::Judge;
use crate::judge::fold::fold_name;
use crate::judge::handles::Handle;

/// Shorter words are part of too many names to suggest one.
const SHORTEST_PART: usize = 3;
/// A person reads no longer list.
const PARTS_SHOWN: usize = 10;

/// What was found for some typed words.
#[derive(Debug)]
pub enum LookedUp<'d> {
    /// They name these projects, in their order.
    Named(Vec<Named<'d>>),
    /// They name none; these have a name that holds them.
    Similar(Vec<&'d Project>),
    Nothing,
}

/// A project with what names it.
#[derive(Debug)]
pub struct Named<'d> {
    pub project: &'d Project,
    /// As it was typed.
    pub written: String,
    pub what: What,
    /// What was typed is also an everyday word: alone it does not say that the project is meant.
    pub is_common: bool,
}

/// What the typed words are to the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Name,
    Package,
    Import,
    Repository,
    Domain,
}

/// Looks `query` up in the directory that `judge` was built from.
pub fn look_up<'d>(directory: &'d Directory, judge: &Judge, query: &str) -> LookedUp<'d> {
    let mut named: Vec<Named<'d>> = Vec::new();
    for hit in judge.names.hits(query) {
        let project = &directory.projects[hit.handle.project];
        if !named.iter().any(|known| known.project.id == project.id) {
            let written = query[hit.range.clone()].to_owned();
            named.push(Named { project, written, what: what(hit.handle), is_common: hit.handle.is_common });
        }
    }
    if !named.is_empty() {
        return LookedUp::Named(named);
    }
    let part = fold_name(query);
    let is_long_enough = part.chars().count() >= SHORTEST_PART;
    let similar: Vec<&Project> =
        directory.projects.iter().filter(|project| is_long_enough && holds(project, &part)).take(PARTS_SHOWN).collect();
    if similar.is_empty() { LookedUp::Nothing } else { LookedUp::Similar(similar) }
}

/// The plainest of all that a handle is.
fn what(handle: &Handle) -> What {
    if handle.is_name || handle.is_prefixed {
        What::Name
    } else if handle.is_repository {
        What::Repository
    } else if handle.is_domain {
        What::Domain
    } else if handle.is_import {
        What::Import
    } else if handle.is_coordinate || !handle.package_types.is_empty() {
        What::Package
    } else {
        What::Name
    }
}

/// Whether one of the names that people use for the project holds `part`, which is folded.
fn holds(project: &Project, part: &str) -> bool {
    let names = [project.id.as_str(), &project.name];
    let others = project.aliases.iter().chain(&project.packages).chain(&project.imports).chain(&project.domains);
    let others = others.chain(&project.advisories);
    names.into_iter().chain(others.map(String::as_str)).any(|name| fold_name(name).contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::{directory, project};

    fn known() -> Directory {
        let mut parsley = project("Parsley Kit");
        parsley.aliases = vec!["pk".to_owned()];
        parsley.packages = vec!["pkg:pypi/parsley-kit".to_owned(), "pkg:npm/%40parsley/core".to_owned()];
        parsley.imports = vec!["parsley_io".to_owned()];
        parsley.repositories = vec!["https://github.com/herbs/parsley".to_owned()];
        parsley.domains = vec!["parsley.example".to_owned()];
        directory(vec![parsley, project("Quern"), project("Lantern")])
    }

    fn found(query: &str) -> String {
        let directory = known();
        match look_up(&directory, &Judge::new(&directory), query) {
            LookedUp::Named(named) => {
                let shown = named.iter().map(|one| format!("{}: {} ({:?})", one.project.name, one.written, one.what));
                shown.collect::<Vec<_>>().join(", ")
            }
            LookedUp::Similar(similar) => {
                format!("like {}", similar.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", "))
            }
            LookedUp::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn projects_packages_imports_files_and_links_name_their_project() {
        for (query, expected) in [
            ("quern", "Quern: quern (Name)"),
            ("  LANTERN ", "Lantern: LANTERN (Name)"),
            ("pk", "Parsley Kit: pk (Name)"),
            ("pip:parsley-kit", "Parsley Kit: parsley-kit (Name)"),
            ("@parsley/core", "Parsley Kit: @parsley/core (Package)"),
            ("lib/parsley_io/reader.py", "Parsley Kit: parsley_io (Import)"),
            ("https://github.com/herbs/parsley/issues/7", "Parsley Kit: herbs/parsley (Repository)"),
            ("http://docs.parsley.example/x", "Parsley Kit: parsley.example (Domain)"),
            ("quern and lantern and quern", "Quern: quern (Name), Lantern: lantern (Name)"),
        ] {
            assert_eq!(found(query), expected, "{query}");
        }
    }

    #[test]
    fn an_everyday_word_is_told_as_one() {
        let directory = directory(vec![project("Beam"), project("Quern")]);
        for (query, is_common) in [("beam", true), ("Quern", false)] {
            match look_up(&directory, &Judge::new(&directory), query) {
                LookedUp::Named(named) => assert_eq!(named[0].is_common, is_common, "{query}"),
                other => panic!("{query}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_part_of_a_name_leads_to_those_that_hold_it_and_anything_else_to_nothing() {
        for (query, expected) in [
            ("ern", "like Quern, Lantern"),
            ("lant", "like Lantern"),
            ("er", "nothing"),
            ("foolib", "nothing"),
            ("", "nothing"),
            ("   ", "nothing"),
            ("\u{202e}\u{200b}", "nothing"),
        ] {
            assert_eq!(found(query), expected, "{query:?}");
        }
    }
}
