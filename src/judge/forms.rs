//! The form in which a text names a project: how sure it is that this project is meant at all.

use crate::judge::handles::Handle;
use crate::judge::names::{Hit, Joint};
use crate::judge::place::Place;
use crate::judge::words::words;

/// The form of a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// On a package registry, or by a coordinate that names nothing else.
    Registry,
    /// In `node_modules/` or `site-packages/`.
    Installed,
    /// `owner/name` outside of an address.
    Repository,
    /// The address of its repository.
    RepositoryAddress,
    /// With the foundation's prefix before it.
    Prefixed,
    /// By its own rare name.
    Name,
    Domain,
    /// The address that it publishes for reports.
    Address,
    /// One of its modules, namespaces or paths.
    Import,
    /// `parsley.read`, `parsley::read`.
    Member,
    /// `ParsleyReader`.
    CamelPart,
    /// `parsley.py`.
    File,
    /// Its name in unusual capitals, or two common words that are joined like its name.
    OtherCase,
    /// A common word that stands out: capitalized in the middle of a sentence in which other words are not.
    StandsOut,
    /// A common word that may stand like a name: capitalized or in code.
    CommonName,
    /// A common word, written like any other.
    CommonWord,
    /// A name with one wrong letter.
    Misspelled,
    /// A module that comes with it, being used: `fs.read()`.
    Module,
    /// The number of one of its published vulnerabilities, of which a new one may remind.
    Advisory,
    /// A host that is called like it: `docs.parsley.org`.
    Site,
    /// What its summary says, in so many words of it.
    Described(usize),
    /// A part of a longer name, path or address that is probably another's.
    Part,
}

impl Form {
    /// Points, on the scale of `weigh`.
    pub fn points(self) -> f32 {
        match self {
            Self::Registry | Self::Repository => 3.0,
            Self::Prefixed | Self::Import | Self::Installed => 2.5,
            Self::Name | Self::Domain | Self::Member => 2.0,
            Self::RepositoryAddress => 1.8,
            Self::Address | Self::CamelPart | Self::OtherCase | Self::StandsOut | Self::Misspelled | Self::Advisory => {
                1.5
            }
            Self::File => 1.2,
            Self::CommonName | Self::Site => 0.8,
            Self::Module => 0.6,
            // Three words that are the whole summary are like a name; each further one is harder to say by chance.
            Self::Described(words) => (words as f32 * 0.5 + 0.5).min(3.0),
            Self::Part => 0.3,
            Self::CommonWord => 0.0,
        }
    }

    /// Whether it may mean something else altogether.
    pub fn is_vague(self) -> bool {
        matches!(self, Self::CommonName | Self::CommonWord) || self.only_suggests()
    }

    /// Whether it is never enough, whatever part it has in its sentence.
    pub fn only_suggests(self) -> bool {
        matches!(self, Self::Misspelled | Self::Module | Self::Advisory | Self::Site | Self::Part)
    }

    /// Whether it names the project in a way that needs no sentence around it.
    pub fn is_technical(self) -> bool {
        matches!(
            self,
            Self::Registry
                | Self::Repository
                | Self::Installed
                | Self::Import
                | Self::Member
                | Self::CamelPart
                | Self::Described(_)
        )
    }
}

const REGISTRIES: &[&str] = &[
    "npmjs.com/package/",
    "npmjs.org/package/",
    "unpkg.com/",
    "jsdelivr.net/npm/",
    "pypi.org/project/",
    "pypi.org/pypi/",
    "pypi.python.org/pypi/",
    "anaconda.org/conda-forge/",
    "crates.io/crates/",
    "docs.rs/",
    "rubygems.org/gems/",
    "packagist.org/packages/",
    "hex.pm/packages/",
    "nuget.org/packages/",
    "pkg.go.dev/",
    "pkg:npm/",
    "pkg:pypi/",
    "pkg:conda/",
    "pkg:cargo/",
    "pkg:gem/",
    "pkg:hex/",
    "pkg:nuget/",
    "pkg:generic/",
];
const INSTALLED: &[&str] = &["node_modules/", "site-packages/", "dist-packages/", "node_modules\\", "site-packages\\"];

words! {
    DOMAIN_ENDS = "com org net io dev ai app co edu gov de eu";
    FILE_ENDS = "py pyx java c h cc cpp hpp cs rb go rs php ts tsx jsx mjs html htm css xml json yml yaml toml conf cfg ini
        exe dll so jar war zip sh md txt log";
    /// `parsley-based`, `parsley-like`: says something of the name itself.
    MANNERS = "based like compatible style powered specific related side";
}

/// The form of `hit`, which the text has as `written`.
pub fn form(hit: &Hit<'_>, written: &str, place: &Place<'_>) -> Form {
    let handle = hit.handle;
    if handle.is_coordinate && !handle.is_named() {
        return Form::Registry;
    }
    if handle.is_repository && !handle.is_named() {
        return match place.before.rsplit_once("://") {
            // On a forge the owner follows the host; further in, the path is another's.
            Some((_, host)) if host.ends_with('/') && host.matches('/').count() == 1 => Form::RepositoryAddress,
            _ if place.before.ends_with('/') => Form::Part,
            _ => Form::Repository,
        };
    }
    if handle.is_domain && !handle.is_name {
        return if place.before.ends_with(['@', '.']) { Form::Part } else { Form::Domain };
    }
    if handle.is_address {
        return Form::Address;
    }
    if handle.is_import && !handle.is_named() && !handle.is_common {
        return Form::Import;
    }
    if handle.is_advisory {
        return Form::Advisory;
    }
    if handle.is_module && !handle.is_named() {
        return Form::Module;
    }
    joined_form(handle, place).unwrap_or_else(|| free_form(hit, written, place))
}

/// The form of a name that other letters are joined to.
fn joined_form(handle: &Handle, place: &Place<'_>) -> Option<Form> {
    let common_or = |form| Some(if handle.is_common { Form::CommonName } else { form });
    let before = place.before;
    for (ends, form) in [(REGISTRIES, Form::Registry), (INSTALLED, Form::Installed)] {
        if ends_with_any(before, ends) {
            return Some(if goes_on(place) { Form::Part } else { form });
        }
    }
    if before.ends_with('@') && place.after.starts_with('/') {
        return common_or(Form::File); // `@parsley/mill`: probably one of its packages
    }
    let is_host = ["://", "//www.", "//docs."].iter().any(|start| before.ends_with(start));
    if is_host && !handle.is_common && place.dotted_to().is_some_and(|end| DOMAIN_ENDS.has(end)) {
        return Some(Form::Site);
    }
    let joined_before = before.ends_with(['/', '\\', '.', '@', '~', '=', '$', '#']) || is_hyphened_before(before);
    if joined_before || place.hyphened_to().is_some_and(|word| !is_version(word) && !MANNERS.has(word)) {
        return Some(Form::Part);
    }
    match place.dotted_to() {
        None | Some("js") => None,
        Some(_) if place.after.starts_with("::") => Some(Form::Member), // no word of a sentence is followed by that
        Some(end) if DOMAIN_ENDS.has(end) => Some(if handle.is_common { Form::Part } else { Form::Site }),
        Some(end) if FILE_ENDS.has(end) => Some(if handle.is_common { Form::CommonWord } else { Form::File }),
        Some(end) if is_version(end) => None,
        Some(_) => common_or(Form::Member),
    }
}

/// The form of a name that stands by itself.
fn free_form(hit: &Hit<'_>, written: &str, place: &Place<'_>) -> Form {
    let handle = hit.handle;
    let is_as_said = handle.spellings.iter().any(|spelling| spelling == written);
    let has_capital = written.starts_with(char::is_uppercase);
    let words = written.split([' ', '-', '_']).count();
    match hit.joint {
        _ if handle.is_prefixed => Form::Prefixed,
        _ if handle.is_common && is_as_said && words > 2 => Form::Name,
        _ if handle.is_common && is_as_said && words == 2 && (has_capital || !written.contains(' ')) => Form::OtherCase,
        Joint::Free if handle.is_common && is_as_said && has_capital && place.stands_out() => Form::StandsOut,
        Joint::Free if handle.is_common && (has_capital || place.is_code() || is_quoted(place)) => Form::CommonName,
        Joint::Free if handle.is_common && is_as_said && written.len() < 3 => Form::CommonName,
        _ if handle.is_common => Form::CommonWord,
        Joint::Camel => Form::CamelPart,
        Joint::Numbered => Form::OtherCase,
        Joint::Free if is_as_said || !written.contains(char::is_uppercase) => Form::Name,
        Joint::Free => Form::OtherCase,
    }
}

/// `pkg@1.2`, `pkg-1.2` and `pkg/lib` end the package's name; `pkg-extra` goes on.
fn goes_on(place: &Place<'_>) -> bool {
    place.hyphened_to().is_some_and(|word| !is_version(word))
        || place.dotted_to().is_some_and(|end| end != "js" && !is_version(end))
}

fn is_hyphened_before(before: &str) -> bool {
    let rest = before.trim_end_matches(['-', '_']);
    rest.len() < before.len() && rest.ends_with(char::is_alphanumeric)
}

/// Whether `word` starts like a version: `1.2`, `v3`.
pub fn is_version(word: &str) -> bool {
    word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
}

/// Whether `word`, joined to a name by a hyphen, only says in what way the name is meant: `-based`.
pub fn is_manner(word: &str) -> bool {
    MANNERS.has(word)
}

fn is_quoted(place: &Place<'_>) -> bool {
    place.before.ends_with(['"', '\'', '“', '‘']) && place.after.starts_with(['"', '\'', '”', '’'])
}

fn ends_with_any(text: &str, ends: &[&str]) -> bool {
    let ends_with = |end: &&str| {
        text.len() >= end.len() && text.as_bytes()[text.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
    };
    ends.iter().any(ends_with)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::names::Names;
    use crate::judge::tests::{directory, project};

    /// The form of the first mention of a project in `text`.
    fn form_in(text: &str) -> Option<Form> {
        let mut quern = project("Quern");
        quern.packages = vec!["pkg:npm/quern".into(), "pkg:npm/%40millers/quern".into()];
        quern.repositories = vec!["https://git.example/millers/quern".into()];
        quern.imports = vec!["quern_toolkits".into(), "org.quern".into()];
        quern.domains = vec!["quern.example".into()];
        let mut beam = project("Beam");
        beam.packages = vec!["pkg:pypi/beam".into()];
        let names = Names::of(&directory([quern, beam]));
        let hit = names.hits(text).into_iter().next()?;
        Some(form(&hit, &text[hit.range.clone()], &Place::of(text, &hit.range)))
    }

    #[test]
    fn each_form_is_told_apart() {
        for (text, form) in [
            ("see https://www.npmjs.com/package/quern now", Form::Registry),
            ("see https://www.npmjs.com/package/quern-reader now", Form::Part),
            ("pkg:npm/quern@1.2", Form::Registry),
            ("@millers/quern", Form::Registry),
            ("at ./node_modules/quern/lib/mill.js:3", Form::Installed),
            ("in site-packages/beam/core.py", Form::Installed),
            ("millers/quern is affected", Form::Repository),
            ("https://git.example/millers/quern/issues/1", Form::RepositoryAddress),
            ("the quern package", Form::Name),
            ("the QUERN package", Form::OtherCase),
            ("lib/quern_toolkits/axes.py", Form::Import),
            ("at org.quern.Mill.turn(Mill.java:8)", Form::Import),
            ("src/org/quern/Mill.java", Form::Import),
            ("https://quern.example/login", Form::Domain),
            ("from bob@quern.example", Form::Part),
            ("quern.mill() crashes", Form::Member),
            ("quern::mill crashes", Form::Member),
            ("QuernReader crashes", Form::CamelPart),
            ("quernReader crashes", Form::CamelPart),
            ("quern.py crashes", Form::File),
            ("quern.com is down", Form::Site),
            ("see https://docs.quern.org/start", Form::Site),
            ("quern-reader crashes", Form::Part),
            ("my-quern crashes", Form::Part),
            ("quern-based tools", Form::Name),
            ("quern-1.2.3 crashes", Form::Name),
            ("Quern3 crashes", Form::OtherCase),
            ("a beam of light", Form::CommonWord),
            ("we met it in Beam the other day", Form::StandsOut),
            ("Beam the light", Form::CommonName),
            ("In Beam The Light", Form::CommonName),
            ("beam::mill crashes", Form::Member),
            ("call `beam` once", Form::CommonName),
            ("beam.py", Form::CommonWord),
        ] {
            assert_eq!(form_in(text), Some(form), "{text}");
        }
    }
}
