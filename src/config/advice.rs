//! What is right in `projects.toml` and still makes reports hard to recognize: told by `check`, and nothing is refused for it.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::config::faults::{ConfigError, Fault};
use crate::config::policy::{PROJECT, TOP};
use crate::config::reader::{Numbering, Place, Section, read};
use crate::config::values::{Wrong, quoted};
use crate::domain::directory::{Directory, Project};
use crate::judge::handles::said::{Value, bare_name, is_everyday, texts_of};
use crate::judge::handles::shared_prefix;

const ADD_SIGNS: &str = "Add what only this project has: packages, imports, repositories, domains, a summary, or an alias that is no everyday word.";

/// Looks the file at `path` over, from which `directory` was read. A file that is gone by now gets no advice.
pub fn of_file(path: &Path, directory: &Directory) -> Vec<Fault> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    advise(&path.display().to_string(), &text, directory)
}

/// Looks `text` over, which is called `file` and is what `directory` was read from; in the order of the text.
pub fn advise(file: &str, text: &str, directory: &Directory) -> Vec<Fault> {
    let looked = read(file, text, TOP, |top| {
        look_over(top, &directory.projects);
        Some(())
    });
    match looked {
        Ok(()) => Vec::new(),
        Err(ConfigError(advice)) => advice,
    }
}

fn look_over(top: &Section<'_, '_>, projects: &[Project]) {
    let prefix = shared_prefix(projects);
    let sections = top.sections("project", PROJECT, Numbering::ByLine);
    let entries: Vec<Entry<'_, '_, '_>> =
        sections.iter().zip(projects).map(|(section, project)| Entry { section, project }).collect();
    let names: HashMap<String, usize> =
        entries.iter().enumerate().map(|(n, entry)| (bare_name(&entry.project.name, prefix.as_deref()), n)).collect();
    for entry in &entries {
        warn_of_a_bare_name(entry, &entries, &names, prefix.as_deref());
    }
    warn_of_shared_texts(&entries, prefix.as_deref());
}

/// A project with its section of the file.
struct Entry<'e, 'd, 't> {
    section: &'e Section<'d, 't>,
    project: &'e Project,
}

impl Entry<'_, '_, '_> {
    /// Something that stands in code and links and means this project alone.
    fn has_technical_sign(&self) -> bool {
        let project = self.project;
        let has_home =
            project.homepage.as_deref().is_some_and(|home| !texts_of(Value::Homepage(home), None).is_empty());
        let lists = [&project.packages, &project.imports, &project.repositories, &project.domains];
        has_home || project.public_address.is_some() || lists.into_iter().any(|list| !list.is_empty())
    }

    fn has_rare_alias(&self, prefix: Option<&str>) -> bool {
        let own = bare_name(&self.project.name, prefix);
        self.project.aliases.iter().any(|alias| !is_everyday(alias, prefix) && bare_name(alias, prefix) != own)
    }

    fn warn(&self, place: &Place, problem: String, fix: &str) {
        self.section.fault(place, Wrong::new(problem, fix));
    }
}

/// The name is an everyday word, stands in another project's name, or is all there is, and nothing supports it.
fn warn_of_a_bare_name(
    entry: &Entry<'_, '_, '_>,
    all: &[Entry<'_, '_, '_>],
    names: &HashMap<String, usize>,
    prefix: Option<&str>,
) {
    if entry.has_technical_sign() {
        return;
    }
    let (place, name) = (entry.section.place("name"), quoted(&entry.project.name));
    let has_alias = entry.has_rare_alias(prefix);
    let bare = bare_name(&entry.project.name, prefix);
    if let Some(&inner) = within(&bare).iter().find_map(|part| names.get(part)) {
        let (other, said) = (&all[inner].project.id, quoted(&all[inner].project.name));
        let problem = format!(
            "{name} has the name {said} of project `{other}` in it, so a report that says only {said} counts for that one"
        );
        entry.warn(&place, problem, ADD_SIGNS);
    } else if is_everyday(&entry.project.name, prefix) && !has_alias {
        let problem = format!(
            "{name} is made of everyday words and nothing else is known of the project, so a report that only says it \
             is left to a person"
        );
        entry.warn(&place, problem, ADD_SIGNS);
    } else if !has_alias && entry.project.summary.is_none() {
        let problem = format!(
            "{name} is all that is known of the project, so a report that tells only of a package, file or link is not \
             recognized"
        );
        entry.warn(&place, problem, ADD_SIGNS);
    }
}

/// All runs of words of `name` that are shorter than it.
fn within(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split(' ').collect();
    let lengths = (1..words.len()).rev();
    lengths.flat_map(|length| words.windows(length)).map(|run| run.join(" ")).collect()
}

/// Two entries are known by the same text: it names neither of them. Where both say it by the same key, reading the
/// file has refused it before.
fn warn_of_shared_texts(entries: &[Entry<'_, '_, '_>], prefix: Option<&str>) {
    struct Claim {
        entry: usize,
        word: &'static str,
        written: String,
        place: Place,
    }
    let mut first: HashMap<String, Claim> = HashMap::new();
    let mut told: BTreeSet<(usize, usize, String)> = BTreeSet::new();
    for (number, entry) in entries.iter().enumerate() {
        for (word, written, place) in values_of(entry) {
            let value = value_of(word, &written);
            for text in texts_of(value, prefix) {
                let claim = Claim { entry: number, word, written: written.clone(), place: place.clone() };
                let known = first.entry(text).or_insert(claim);
                if known.entry == number || !told.insert((known.entry, number, written.clone())) {
                    continue;
                }
                let problem = format!(
                    "{} means the {} {} of project `{}` (line {}) as well, so it names neither of the two",
                    quoted(&written),
                    known.word,
                    quoted(&known.written),
                    entries[known.entry].project.id,
                    known.place.line,
                );
                entry.warn(
                    &place,
                    problem,
                    "Keep it with one of them, or write a longer form that only this project has.",
                );
            }
        }
    }
}

/// Each value of an entry that makes the project known: what it is, what is written, and where.
fn values_of(entry: &Entry<'_, '_, '_>) -> Vec<(&'static str, String, Place)> {
    let as_written = |text: &str| Ok(text.trim().to_owned());
    let single = [("id", "id"), ("name", "name")];
    let lists = [
        ("alias", "aliases"),
        ("package", "packages"),
        ("import", "imports"),
        ("domain", "domains"),
        ("repository", "repositories"),
    ];
    let singles = single.into_iter().filter_map(|(word, key)| Some((word, entry.section.placed(key, as_written)?)));
    let listed = lists
        .into_iter()
        .flat_map(|(word, key)| entry.section.list(key, as_written).into_iter().map(move |placed| (word, placed)));
    singles.chain(listed).map(|(word, placed)| (word, placed.value, placed.place)).collect()
}

fn value_of<'v>(word: &str, written: &'v str) -> Value<'v> {
    match word {
        "package" => Value::Package(written),
        "import" => Value::Import(written),
        "domain" => Value::Domain(written),
        "repository" => Value::Repository(written),
        _ => Value::Name(written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::policy;

    const TOP: &str = r#"committee = [{ name = "Mara", email = "mara@northlight.example", role = "chair" }]
[foundation]
name = "Northlight"
security_address = "security@northlight.example"
public_url = "https://security.northlight.example"
"#;

    /// The advice on these entries, whose first line is line 6.
    fn advice(entries: &str) -> String {
        let text = format!("{TOP}{entries}");
        let directory = policy::parse("projects.toml", &text).unwrap();
        let advice = advise("projects.toml", &text, &directory);
        advice.iter().map(|fault| format!("{fault}\n")).collect()
    }

    #[test]
    fn a_name_without_support_is_told_with_what_it_costs() {
        insta::assert_snapshot!(advice(r#"
            [[project]]
            id = "beam"
            name = "Beam"
            [[project]]
            id = "quern"
            name = "Quern"
            [[project]]
            id = "quern-kit"
            name = "Quern Kit"
            aliases = ["qkit"]
        "#), @r#"
        projects.toml:9: project.name: "Beam" is made of everyday words and nothing else is known of the project, so a report that only says it is left to a person. Add what only this project has: packages, imports, repositories, domains, a summary, or an alias that is no everyday word.
        projects.toml:12: project.name: "Quern" is all that is known of the project, so a report that tells only of a package, file or link is not recognized. Add what only this project has: packages, imports, repositories, domains, a summary, or an alias that is no everyday word.
        projects.toml:15: project.name: "Quern Kit" has the name "Quern" of project `quern` in it, so a report that says only "Quern" counts for that one. Add what only this project has: packages, imports, repositories, domains, a summary, or an alias that is no everyday word.
        "#);
    }

    #[test]
    fn what_supports_a_name_ends_the_advice() {
        for support in [
            "packages = [\"pkg:pypi/beam\"]",
            "imports = [\"beam_core\"]",
            "repositories = [\"https://git.example/beam/beam\"]",
            "domains = [\"beam.example\"]",
            "homepage = \"https://beam.example\"",
            "aliases = [\"beamline\"]",
            "public_address = \"security@beam.example\"",
        ] {
            assert_eq!(advice(&format!("[[project]]\nid = \"beam\"\nname = \"Beam\"\n{support}\n")), "", "{support}");
        }
        let everyday = advice("[[project]]\nid = \"beam\"\nname = \"Beam\"\naliases = [\"light\", \"BEAM\"]\n");
        assert!(everyday.contains("everyday words"), "{everyday}");
        let told = advice("[[project]]\nid = \"quern\"\nname = \"Quern\"\nsummary = \"A mill for grain and salt\"\n");
        assert_eq!(told, "", "the text may say what it is");
    }

    #[test]
    fn what_two_projects_are_known_by_is_told_once_at_the_later_one() {
        insta::assert_snapshot!(advice(r#"
            [[project]]
            id = "atlas"
            name = "Atlas Maps"
            packages = ["pkg:npm/mapkit", "pkg:maven/org.northlight/atlas"]
            imports = ["org.northlight.atlas"]
            [[project]]
            id = "tiles"
            name = "Tiles"
            aliases = ["map-kit", "mapkit"]
            packages = ["pkg:maven/org.northlight/tiles"]
            [[project]]
            id = "globe"
            name = "Globe"
            repositories = ["https://git.example/globe/globe"]
            imports = ["atlas"]
        "#), @r#"
        projects.toml:15: project.aliases[1]: "mapkit" means the package "pkg:npm/mapkit" of project `atlas` (line 10) as well, so it names neither of the two. Keep it with one of them, or write a longer form that only this project has.
        projects.toml:21: project.imports[0]: "atlas" means the id "atlas" of project `atlas` (line 8) as well, so it names neither of the two. Keep it with one of them, or write a longer form that only this project has.
        "#);
    }

    #[test]
    fn a_prefix_that_most_names_share_supports_nothing() {
        let entry = |id: &str| format!("[[project]]\nid = \"{id}\"\nname = \"Northlight {id}\"\n");
        let prefixed = advice(&["beam", "arrow", "quern", "thimblewick"].map(entry).concat());
        assert_eq!(prefixed.matches("everyday words").count(), 2, "{prefixed}");
        assert_eq!(prefixed.lines().count(), 4, "{prefixed}");
    }

    #[test]
    fn ten_thousand_projects_are_looked_over() {
        let entry = |n: usize| format!("[[project]]\nid = \"quern-{n}\"\nname = \"Quernlet mill number {n}\"\n");
        let entries: String = (0..10_000).map(entry).collect();
        assert_eq!(advice(&entries).lines().count(), 10_000);
    }
}
