//! What a directory gives the judge to look for: every handle by which a text can name a project.

pub mod said;

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::LazyLock;

use packageurl::PackageUrl;
use url::Url;

use crate::domain::directory::{Directory, Project};
use crate::judge::fold::fold_name;
use crate::judge::runtimes::modules;

/// A foundation of fewer projects than this shares no prefix: two of three may start alike by chance.
const PREFIX_NEEDS_PROJECTS: usize = 4;
/// A shorter name is met in any text by chance, like a common word.
const SHORTEST_RARE_NAME: usize = 3;
/// Names of several words are also looked for written as one, if that is long enough not to be met by chance.
const SHORTEST_SQUASHED: usize = 6;

/// One folded text by which a project is named, with everything that the directory says of it.
#[derive(Debug, Clone, Default)]
pub struct Handle {
    /// Index into the directory's projects.
    pub project: usize,
    /// As the directory writes it, in each of its spellings.
    pub spellings: Vec<String>,
    pub is_name: bool,
    /// With the prefix that most names of the foundation share.
    pub is_prefixed: bool,
    /// Package types (`npm`, `pypi`, …) under which this is the name of a package.
    pub package_types: Vec<String>,
    /// `@scope/x`, `group:artifact`, `github.com/a/b`: a package's name that names nothing else.
    pub is_coordinate: bool,
    pub is_import: bool,
    pub is_repository: bool,
    pub is_domain: bool,
    /// The address that it publishes for reports.
    pub is_address: bool,
    /// A module that comes with a runtime.
    pub is_module: bool,
    /// The number of one of its published vulnerabilities.
    pub is_advisory: bool,
    /// Every word of it is met in any text.
    pub is_common: bool,
    /// All package types (`npm`, `pypi`, …) of the project; empty if the directory names no package.
    pub ecosystems: Vec<String>,
    /// The directory says it itself; else we made it up from something that it says.
    pub(super) is_said: bool,
}

impl Handle {
    /// What stands for a project where a text describes it without a name.
    pub fn standing_for(project: usize, summary: &str) -> Self {
        Self { project, spellings: vec![summary.to_owned()], ..Self::default() }
    }

    /// People say it for the project, alone or with the prefix, or it is the name of a package.
    pub fn is_named(&self) -> bool {
        self.is_name || self.is_prefixed || !self.package_types.is_empty()
    }
}

/// What kind of thing a handle is, while handles are collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind<'a> {
    Name,
    Prefixed,
    Package(&'a str),
    Coordinate,
    Import,
    Repository,
    Domain,
    Address,
    Module,
    Advisory,
    /// A shorter or closed-up form of a name.
    Derived,
}

/// All handles of a directory by their folded text. One that two projects share names neither of them.
pub fn collect(directory: &Directory) -> HashMap<String, Handle> {
    let prefix = shared_prefix(&directory.projects);
    claims(directory, prefix.as_deref()).settle(prefix.as_deref())
}

/// Every folded text that a directory says of a project or that we made of it, with the indexes of all projects that
/// have it: also what names neither of two.
pub fn claimed(directory: &Directory) -> HashMap<String, Vec<usize>> {
    let prefix = shared_prefix(&directory.projects);
    let claims = claims(directory, prefix.as_deref()).by_text.into_iter();
    claims.map(|(text, handles)| (text, handles.iter().map(|handle| handle.project).collect())).collect()
}

fn claims(directory: &Directory, prefix: Option<&str>) -> Claims {
    let mut claims = Claims::default();
    for (index, project) in directory.projects.iter().enumerate() {
        claims.project = index;
        let types = project.packages.iter().filter_map(|purl| PackageUrl::from_str(purl).ok());
        claims.ecosystems = types.map(|purl| purl.ty().to_owned()).collect();
        claims.names(project, prefix);
        project.packages.iter().for_each(|purl| claims.package(purl, prefix));
        project.repositories.iter().for_each(|repository| claims.repository(repository));
        project.imports.iter().for_each(|import| claims.import(import));
        project.public_address.iter().for_each(|address| claims.address(&address.folded()));
        project.advisories.iter().for_each(|number| claims.claim(&fold_name(number), number, Kind::Advisory));
        modules(project).for_each(|module| claims.claim(&fold_name(module), module, Kind::Module));
        let homepage_host = project.homepage.as_deref().and_then(host_of);
        let domains = project.domains.iter().map(String::as_str).chain(homepage_host.as_deref());
        domains.for_each(|domain| claims.domain(domain));
    }
    claims
}

/// The first word of more than half of all names, folded.
pub fn shared_prefix(projects: &[Project]) -> Option<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for project in projects {
        if let Some((first, _)) = fold_name(&project.name).split_once(' ') {
            *counts.entry(first.to_owned()).or_default() += 1;
        }
    }
    let (word, count) = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))?;
    (projects.len() >= PREFIX_NEEDS_PROJECTS && count * 2 > projects.len()).then_some(word)
}

/// Whether `word`, folded, is one that any text may hold without naming anything.
pub fn is_common_word(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> =
        LazyLock::new(|| include_str!("common.txt").split_ascii_whitespace().collect());
    let is_number = word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    word.len() < SHORTEST_RARE_NAME || is_number || WORDS.contains(word) || is_plural_of(&WORDS, word)
}

fn is_plural_of(words: &HashSet<&str>, word: &str) -> bool {
    word.strip_suffix('s').is_some_and(|singular| singular.len() >= SHORTEST_RARE_NAME && words.contains(singular))
}

fn is_common_name(folded: &str) -> bool {
    folded.split(' ').all(is_common_word)
}

#[derive(Default)]
struct Claims {
    /// The project whose handles are being collected, and the types of its packages.
    project: usize,
    ecosystems: Vec<String>,
    /// Folded text to what each project says it is.
    by_text: HashMap<String, Vec<Handle>>,
}

impl Claims {
    fn names(&mut self, project: &Project, prefix: Option<&str>) {
        let said = std::iter::once(&project.name).chain(&project.aliases);
        let id = Some(project.id.as_str()).filter(|id| fold_name(id) != fold_name(&project.name));
        for name in said.map(String::as_str).chain(id) {
            self.name(name, prefix);
        }
    }

    fn name(&mut self, name: &str, prefix: Option<&str>) {
        let folded = fold_name(name);
        let bare = prefix.and_then(|prefix| without_prefix(&folded, prefix)).unwrap_or(&folded).to_owned();
        let written = if bare == folded { name } else { last_letters(name, &bare) };
        self.claim(&bare, written, Kind::Name);
        if let Some(prefix) = prefix {
            self.claim(&format!("{prefix} {bare}"), name, Kind::Prefixed);
        }
        self.shorter_forms(&bare, written);
    }

    /// `node.js` is also met as `nodejs` and `node`, `jelly bean kit` as `jellybeankit`.
    fn shorter_forms(&mut self, folded: &str, written: &str) {
        if let Some(stem) = folded.strip_suffix(".js").or_else(|| folded.strip_suffix(" js")) {
            self.claim(stem, written.get(..stem.len()).unwrap_or(stem), Kind::Derived);
            self.claim(&format!("{stem}js"), written, Kind::Derived);
            self.claim(&format!("{stem}.js"), written, Kind::Derived);
        }
        let closed: String = folded.chars().filter(|c| !c.is_whitespace()).collect();
        if closed.len() >= SHORTEST_SQUASHED && closed != folded {
            self.claim(&closed, &closed, Kind::Derived);
        }
    }

    /// `pkg:npm/%40scope/x`. A text that is no package URL is left alone: reading the file has refused it before.
    fn package(&mut self, purl: &str, prefix: Option<&str>) {
        let Ok(purl) = PackageUrl::from_str(purl) else { return };
        let (kind, name) = (purl.ty(), purl.name());
        self.claim(&fold_name(name), name, Kind::Package(kind));
        if let Some(bare) = prefix.and_then(|prefix| without_prefix(&fold_name(name), prefix).map(str::to_owned)) {
            self.claim(&bare, last_letters(name, &bare), Kind::Derived);
        }
        let Some(namespace) = purl.namespace() else { return };
        match kind {
            "maven" => {
                self.claim(
                    &fold_name(&format!("{namespace}:{name}")),
                    &format!("{namespace}:{name}"),
                    Kind::Coordinate,
                );
                self.import(&format!("{namespace}.{name}"));
                self.import(namespace);
            }
            _ => {
                self.claim(&fold_name(&format!("{namespace}/{name}")), &format!("{namespace}/{name}"), Kind::Coordinate)
            }
        }
    }

    fn repository(&mut self, repository: &str) {
        let Some((owner, name)) = owner_and_name(repository) else { return };
        let both = format!("{owner}/{name}");
        self.claim(&fold_name(&both), &both, Kind::Repository);
        self.claim(&fold_name(name), name, Kind::Derived);
    }

    fn import(&mut self, import: &str) {
        let import = import.trim_matches(['/', '.', ':']);
        self.claim(&fold_name(import), import, Kind::Import);
        if import.contains('.') && !import.contains('/') {
            let path = import.replace('.', "/"); // `org.parsley.io` is met as `org/parsley/io/Reader.java`
            self.claim(&fold_name(&path), &path, Kind::Import);
        }
    }

    fn domain(&mut self, domain: &str) {
        let host = domain.trim_start_matches("www.");
        if !is_shared_host(host) {
            self.claim(&fold_name(host), host, Kind::Domain);
        }
    }

    fn address(&mut self, address: &str) {
        self.claim(&fold_name(address), address, Kind::Address);
    }

    fn claim(&mut self, folded: &str, written: &str, kind: Kind<'_>) {
        if folded.chars().filter(|c| c.is_alphanumeric()).count() < 2 {
            return; // a single letter names nothing
        }
        let claims = self.by_text.entry(folded.to_owned()).or_default();
        let handle = match claims.iter_mut().position(|handle| handle.project == self.project) {
            Some(index) => &mut claims[index],
            None => {
                claims.push(Handle { project: self.project, ..Handle::default() });
                claims.last_mut().expect("one was pushed just now")
            }
        };
        if !handle.spellings.iter().any(|spelling| spelling == written) {
            handle.spellings.push(written.to_owned());
        }
        handle.is_said |= !matches!(kind, Kind::Derived | Kind::Module);
        handle.is_address |= kind == Kind::Address;
        handle.is_module |= kind == Kind::Module;
        handle.is_advisory |= kind == Kind::Advisory;
        handle.is_name |= kind == Kind::Name;
        handle.is_prefixed |= kind == Kind::Prefixed;
        handle.is_coordinate |= kind == Kind::Coordinate;
        handle.is_import |= kind == Kind::Import;
        handle.is_repository |= kind == Kind::Repository;
        handle.is_domain |= kind == Kind::Domain;
        handle.ecosystems.clone_from(&self.ecosystems);
        if let Kind::Package(package_type) = kind {
            handle.package_types.push(package_type.to_owned());
        }
    }

    /// Drops what two projects say of themselves, and what we made up for one where another says it.
    fn settle(self, prefix: Option<&str>) -> HashMap<String, Handle> {
        let single = |(text, claims): (String, Vec<Handle>)| {
            let someone_says_it = claims.iter().any(|handle| handle.is_said);
            let mut left = claims.into_iter().filter(|handle| handle.is_said || !someone_says_it);
            let mut handle = left.next()?;
            let is_shared = left.next().is_some();
            handle.is_common = !handle.is_prefixed && is_common_name(&text);
            (!is_shared && Some(text.as_str()) != prefix).then_some((text, handle))
        };
        self.by_text.into_iter().filter_map(single).collect()
    }
}

fn without_prefix<'n>(folded: &'n str, prefix: &str) -> Option<&'n str> {
    folded.strip_prefix(prefix)?.strip_prefix(' ').filter(|rest| !rest.is_empty())
}

/// The end of `name` that folds to `bare`; `bare` itself where folding changed its length.
fn last_letters<'n>(name: &'n str, bare: &'n str) -> &'n str {
    name.len().checked_sub(bare.len()).and_then(|from| name.get(from..)).unwrap_or(bare)
}

/// Owner and name of a repository on any forge: the last two steps of its path.
fn owner_and_name(repository: &str) -> Option<(&str, &str)> {
    let path = repository.trim_end_matches('/').trim_end_matches(".git");
    let mut steps = path.rsplit(['/', ':']);
    let (name, owner) = (steps.next()?, steps.next()?);
    (!name.is_empty() && !owner.is_empty() && !owner.contains('.')).then_some((owner, name))
}

fn host_of(homepage: &str) -> Option<String> {
    let url = Url::parse(homepage).ok()?;
    let is_root = matches!(url.path(), "" | "/");
    url.host_str().filter(|_| is_root).map(str::to_owned)
}

/// Hosts that many projects of many foundations share.
fn is_shared_host(host: &str) -> bool {
    [
        "github.com",
        "gitlab.com",
        "codeberg.org",
        "bitbucket.org",
        "sourceforge.net",
        "pypi.org",
        "npmjs.com",
        "crates.io",
    ]
    .contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::{directory, project};

    fn texts_of(handles: &HashMap<String, Handle>, project: usize) -> Vec<&str> {
        let mut texts: Vec<_> =
            handles.iter().filter(|(_, handle)| handle.project == project).map(|(text, _)| text.as_str()).collect();
        texts.sort_unstable();
        texts
    }

    #[test]
    fn a_prefix_that_most_names_share_is_left_out() {
        let names = ["Zephyria Quern", "Zephyria Larder", "Zephyria Sluice", "Thimblewick"];
        let handles = collect(&directory(names.map(project)));
        assert_eq!(texts_of(&handles, 0), ["quern", "zephyria quern"]);
        assert!(!handles.contains_key("zephyria"), "the prefix names nobody");
        assert!(handles["zephyria thimblewick"].is_prefixed, "it may be said before any name");
    }

    #[test]
    fn two_names_of_three_that_start_alike_are_no_prefix() {
        let handles = collect(&directory(["Quern Mill", "Quern Stone", "Sluice"].map(project)));
        assert!(handles.contains_key("quern mill"));
        assert!(!handles.contains_key("mill"));
    }

    #[test]
    fn a_handle_that_two_projects_say_names_neither() {
        let mut quern = project("Quern");
        let mut larder = project("Larder");
        quern.aliases = vec!["pantry".to_owned()];
        larder.aliases = vec!["Pantry".to_owned()];
        larder.repositories = vec!["https://git.example/larder/quern".to_owned()];
        let handles = collect(&directory([quern, larder]));
        assert!(!handles.contains_key("pantry"));
        assert_eq!(handles["quern"].project, 0, "what one says outranks what we made up for another");
        assert_eq!(handles["larder/quern"].project, 1);
    }

    #[test]
    fn packages_imports_and_domains_become_handles_in_their_own_forms() {
        let mut quern = project("Quern.js");
        quern.packages = vec!["pkg:npm/%40quern/mill".into(), "pkg:maven/org.quern/quern-core".into()];
        quern.imports = vec!["quern_toolkits".into()];
        quern.homepage = Some("https://www.quern.example/".into());
        let handles = collect(&directory([quern]));
        assert!(handles["@quern/mill"].is_coordinate);
        assert!(handles["org.quern:quern core"].is_coordinate);
        assert!(handles["org/quern"].is_import);
        assert!(handles["quern toolkits"].is_import);
        assert!(handles["quern.example"].is_domain);
        for name in ["quern", "quernjs", "quern.js"] {
            assert!(handles.contains_key(name), "{name}");
        }
    }

    #[test]
    fn common_words_are_known_as_such() {
        for (name, is_common) in
            [("beam", true), ("http server", true), ("ws", true), ("quern", false), ("beamline", false)]
        {
            assert_eq!(is_common_name(name), is_common, "{name}");
        }
    }
}
