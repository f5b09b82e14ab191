//! Finds what two projects both claim: a name or package that means two projects would send a report to either.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::config::reader::{Place, Section};
use crate::config::values::{Wrong, quoted};
use crate::domain::directory::{Project, ProjectId};

/// The handles by which a report's text is matched to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Handle {
    Id,
    /// Names and aliases, and each id too: people write all three.
    Name,
    Package,
    Import,
    Domain,
    Repository,
}

impl Handle {
    fn word(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Package => "package",
            Self::Import => "import",
            Self::Domain => "domain",
            Self::Repository => "repository",
        }
    }
}

/// Who has claimed what so far.
#[derive(Default)]
pub(super) struct Claims {
    owners: HashMap<(Handle, String), Owner>,
}

/// The project that claimed a handle first.
struct Owner {
    number: usize,
    id: Option<ProjectId>,
    /// 0 for one that does not stand in the text that is read.
    line: usize,
}

/// The project that claims: its place in the file tells it apart, for its id may be missing or taken.
pub(super) struct Claimant<'s> {
    pub section: &'s Section<'s, 's>,
    pub number: usize,
    pub id: Option<&'s ProjectId>,
}

impl Claims {
    /// What these projects have claimed already; they stand in no text that is read now, and count first.
    pub fn of(projects: &[Project]) -> Self {
        let mut claims = Self::default();
        for (number, project) in projects.iter().enumerate() {
            let mut claim = |handle, text: &str| {
                let owner = Owner { number, id: Some(project.id.clone()), line: 0 };
                claims.owners.entry((handle, folded(handle, text))).or_insert(owner);
            };
            claim(Handle::Id, project.id.as_str());
            claim(Handle::Name, project.id.as_str());
            claim(Handle::Name, &project.name);
            for (handle, texts) in [
                (Handle::Repository, &project.repositories),
                (Handle::Package, &project.packages),
                (Handle::Name, &project.aliases),
                (Handle::Import, &project.imports),
                (Handle::Domain, &project.domains),
            ] {
                texts.iter().for_each(|text| claim(handle, text));
            }
        }
        claims
    }

    /// Claims `text` for `claimant`; if another project has it, that is a fault at `place` and `false`.
    pub fn claim(&mut self, claimant: &Claimant<'_>, handle: Handle, text: &str, place: &Place) -> bool {
        let entry = self.owners.entry((handle, folded(handle, text)));
        let owner =
            entry.or_insert_with(|| Owner { number: claimant.number, id: claimant.id.cloned(), line: place.line });
        if owner.number == claimant.number {
            return true;
        }
        let (word, line) = (handle.word(), owner.line);
        let other = owner.id.as_ref().map_or("another project".to_owned(), |id| format!("project `{id}`"));
        let fix = match handle {
            Handle::Id => "Give one of the two another id.".to_owned(),
            _ => format!("Keep this {word} with one project alone, or reports that have it would go astray."),
        };
        let line = if line == 0 { String::new() } else { format!(" (line {line})") };
        let problem = format!("{} is already {} {word} of {other}{line}", quoted(text), article(word));
        claimant.section.fault(place, Wrong::new(problem, fix));
        false
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// The form in which two spellings are one: NFKC and lower case; a repository without scheme, `.git` and slash.
fn folded(handle: Handle, text: &str) -> String {
    let lower = text.nfkc().collect::<String>().to_lowercase();
    match handle {
        Handle::Repository => {
            let bare = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest).trim_start_matches("www.");
            bare.trim_end_matches('/').trim_end_matches(".git").to_owned()
        }
        Handle::Package => lower.replace("%40", "@"),
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::policy;

    /// The first project stands on lines 7 to 13, what follows it from line 14 on.
    const LANTERN: &str = r#"committee = [{ name = "Mara", email = "mara@northlight.example", role = "chair" }]
[foundation]
name = "Northlight"
security_address = "security@northlight.example"
public_url = "https://security.northlight.example"
[[project]]
id = "lantern"
name = "Lantern"
aliases = ["lplot"]
packages = ["pkg:npm/@lantern/core"]
imports = ["lantern.figure"]
domains = ["lantern.example"]
repositories = ["https://git.example/lantern/lantern"]
"#;

    fn fault_of(added: &str) -> String {
        policy::parse("projects.toml", &format!("{LANTERN}{added}")).unwrap_err().to_string()
    }

    #[test]
    fn two_projects_cannot_share_what_points_to_one() {
        for (key, text, handle, line) in [
            ("aliases", "LPlot", "a name", 9),
            ("aliases", "ｌantern", "a name", 7),
            ("packages", "pkg:npm/%40lantern/core", "a package", 10),
            ("imports", "lantern.figure", "an import", 11),
            ("domains", "lantern.example", "a domain", 12),
            ("repositories", "http://git.example/Lantern/lantern.git/", "a repository", 13),
        ] {
            let word = handle.split(' ').next_back().unwrap();
            assert_eq!(
                fault_of(&format!("[[project]]\nid = \"other\"\nname = \"Other\"\n{key} = [\"{text}\"]\n")),
                format!(
                    "projects.toml:17: project.{key}[0]: \"{text}\" is already {handle} of project `lantern` \
                     (line {line}). Keep this {word} with one project alone, or reports that have it would go astray."
                )
            );
        }
    }

    #[test]
    fn an_id_that_stands_twice_is_one_fault_and_a_name_that_stands_twice_another() {
        assert_eq!(
            fault_of("[[project]]\nid = \"lantern\"\nname = \"Other\"\n"),
            "projects.toml:15: project.id: \"lantern\" is already an id of project `lantern` (line 7). \
             Give one of the two another id."
        );
        assert_eq!(
            fault_of("[[project]]\nid = \"other\"\nname = \"LANTERN\"\n"),
            "projects.toml:16: project.name: \"LANTERN\" is already a name of project `lantern` (line 7). \
             Keep this name with one project alone, or reports that have it would go astray."
        );
    }

    #[test]
    fn a_project_may_repeat_its_own_names() {
        let twice = LANTERN.replace("\"lplot\"", "\"lplot\", \"LPLOT\", \"lantern\"");
        assert!(policy::parse("projects.toml", &twice).is_ok());
    }
}
