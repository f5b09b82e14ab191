//! The renamed foundation: texts of the corpus in which the project concerned bears an invented name instead.
//!
//! A judge that was tuned to the names of two foundations shows it here. Each text gets another project of the hard list,
//! so its name is most often a common English word. In prose the new name stands as that list writes it (`Anvil`, and in
//! one variant `Halcyon Anvil` where it is first named), in code, paths and packages as a slug (`anvil`). The names of all other
//! projects stay: they are strangers now. A negative that names projects is renamed in the same way, and still concerns nobody.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use aho_corasick::AhoCorasick;
use fingerpost::judge::handles::is_common_word;

use crate::corpus::Listed;
use crate::texts::Row;

/// The invented foundation: 285 projects, three of five named with common English words, all with one prefix.
pub fn hard() -> Vec<Listed> {
    serde_json::from_str(include_str!("hard.json")).expect("a list of projects")
}

/// The prefix of all names of the hard list.
const PREFIX: &str = "Halcyon";
/// A stride that shares no divisor with the length of the list, so that neighbors get names far apart.
const STRIDE: usize = 97;
/// Each text is renamed so often, each time after another project.
const ROUNDS: usize = 3;
/// How far apart the projects of two rounds are.
const ROUND_STRIDE: usize = 61;
/// A rare name of this length or more is renamed within longer words, too.
const LONGEST_CHANCE: usize = 5;

/// How the new name stands in prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// With the foundation's prefix where subject and body name it first.
    Prefixed,
    /// Never with the prefix.
    Bare,
}

impl Variant {
    /// Both, in the order of the tables.
    pub const ALL: [Self; 2] = [Self::Prefixed, Self::Bare];

    /// Its word in tables and in ids of rows.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prefixed => "prefixed",
            Self::Bare => "bare",
        }
    }
}

/// Renames the texts of one foundation's list.
pub struct Renamer<'l> {
    listed: &'l [Listed],
    hard: &'l [Listed],
    automaton: AhoCorasick,
    /// For each pattern of the automaton.
    handles: Vec<Handle>,
}

struct Handle {
    /// Index into the list.
    project: usize,
    text: String,
    /// Every word of it is met in any text.
    is_common: bool,
}

/// A name found in a text.
struct Found {
    range: Range<usize>,
    handle: usize,
}

impl<'l> Renamer<'l> {
    /// Learns the names of `listed`; new ones come from `hard`.
    pub fn new(listed: &'l [Listed], hard: &'l [Listed]) -> Self {
        let handles = handles(listed);
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(handles.iter().map(|handle| &handle.text))
            .expect("a few hundred short names");
        Self { listed, hard, automaton, handles }
    }

    /// Renames the rows of `foundation` among the plain ones of the corpus. Rows that name nobody are left out.
    pub fn rows(&self, foundation: &str, rows: &[Row], variant: Variant) -> Vec<Row> {
        let is_its = |row: &&Row| row.variant == "plain" && row.foundation.as_deref() == Some(foundation);
        let renamed = rows.iter().filter(is_its).enumerate().flat_map(|(number, row)| {
            (0..ROUNDS).filter_map(move |round| self.row(number * STRIDE + round * ROUND_STRIDE, row, round, variant))
        });
        renamed.collect()
    }

    /// `row` with names of the hard list from the `first` on, counted round and round.
    fn row(&self, first: usize, row: &Row, round: usize, variant: Variant) -> Option<Row> {
        let concerned = self.concerned(row);
        let new: HashMap<usize, &Listed> =
            (0..).zip(&concerned).map(|(nth, &old)| (old, &self.hard[(first + nth) % self.hard.len()])).collect();
        let (subject, in_subject) = self.text(&row.subject, &new, row, variant);
        let (body, in_body) = self.text(&row.body, &new, row, variant);
        let named: HashSet<usize> = in_subject.into_iter().chain(in_body).collect();
        let is_gold = |old: &usize| row.gold().contains(&self.listed[*old].id);
        // Of several projects concerned, one that is never named cannot be found.
        let gold: Vec<String> =
            concerned.iter().filter(|old| is_gold(old) && named.contains(old)).map(|old| new[old].id.clone()).collect();
        if named.is_empty() || gold.is_empty() != row.gold().is_empty() {
            return None;
        }
        let id = format!("{}-{}-{}", row.id.as_str().unwrap_or_default(), variant.word(), round + 1);
        Some(Row {
            id: id.into(),
            foundation: Some("hard".into()),
            variant: variant.word().into(),
            subject,
            body,
            gold: Some(gold),
            ok_extra: Vec::new(),
            style: row.style.clone(),
            negative: row.negative.clone(),
            subkind: None,
        })
    }

    /// The projects whose names are to change: those that are right, or in a negative all that it mentions.
    fn concerned(&self, row: &Row) -> BTreeSet<usize> {
        let right = (0..self.listed.len()).filter(|&index| row.gold().contains(&self.listed[index].id));
        let right: BTreeSet<usize> = right.collect();
        if !right.is_empty() {
            return right;
        }
        let mentioned = [&row.subject, &row.body].into_iter().flat_map(|text| self.found(text));
        mentioned.map(|found| self.handles[found.handle].project).collect()
    }

    /// `text` with new names, and which projects it named.
    fn text(&self, text: &str, new: &HashMap<usize, &Listed>, row: &Row, variant: Variant) -> (String, Vec<usize>) {
        let (mut renamed, mut done, mut named) = (String::with_capacity(text.len()), 0, Vec::new());
        for found in self.found(text) {
            let handle = &self.handles[found.handle];
            let Some(project) = new.get(&handle.project) else { continue };
            let written = &text[found.range.clone()];
            let place = Place::of(text, &found.range);
            if !self.names_a_project(handle, written, row, &place) {
                continue;
            }
            renamed.push_str(&text[done..found.range.start]);
            let is_first = !named.contains(&handle.project);
            let keeps_case = row.style == "h1-raw" && !self.is_official(handle, written);
            renamed.push_str(&match &place {
                place if place.is_code || handle.text.contains('/') => in_code(project, &handle.text, written, place),
                _ if keeps_case && written.chars().all(|c| !c.is_uppercase()) => bare_name(project).to_lowercase(),
                _ if variant == Variant::Prefixed && is_first => project.name.clone(),
                _ => bare_name(project).to_owned(),
            });
            done = found.range.end;
            named.push(handle.project);
        }
        renamed.push_str(&text[done..]);
        (renamed, named)
    }

    /// Not so for ordinary words, such as `express` in "to express" or `node` in a path of a stranger's program.
    fn names_a_project(&self, handle: &Handle, written: &str, row: &Row, place: &Place) -> bool {
        if !handle.is_common || written.contains(['-', '_', '.']) {
            return true; // nobody writes `node-red` and means a color
        }
        let is_proper = self.is_official(handle, written) && written.chars().any(char::is_uppercase);
        let is_meant = !row.gold().is_empty() && (place.is_code || self.is_official(handle, written));
        is_proper || is_meant
    }

    /// Written as the list writes its name.
    fn is_official(&self, handle: &Handle, written: &str) -> bool {
        self.listed[handle.project].name.contains(written) && written.chars().any(char::is_uppercase)
            || self.listed[handle.project].name == written
    }

    /// The names in a text, in order; where two overlap, the longer one that starts first.
    fn found(&self, text: &str) -> Vec<Found> {
        let whole = |found: &Found| {
            let handle = &self.handles[found.handle];
            let is_whole = is_whole_word(text, &found.range, !handle.is_common);
            let is_rare = !handle.is_common && !handle.text.contains(' ') && handle.text.len() >= LONGEST_CHANCE;
            (is_whole || is_rare) && !text[found.range.start..].starts_with("node_modules")
        };
        let mut all: Vec<Found> = self
            .automaton
            .find_overlapping_iter(text)
            .map(|hit| Found { range: hit.range(), handle: hit.pattern().as_usize() })
            .filter(whole)
            .collect();
        all.sort_by_key(|found| (found.range.start, usize::MAX - found.range.end));
        let mut end = 0;
        all.retain(|found| {
            let is_free = found.range.start >= end;
            end = end.max(found.range.end);
            is_free
        });
        all
    }
}

/// All that a text may call a project of the list, the text of one handle belonging to one project only.
fn handles(listed: &[Listed]) -> Vec<Handle> {
    let umbrellas: HashSet<String> =
        listed.iter().filter_map(|listed| listed.name.split_once(' ')).map(|(first, _)| first.to_lowercase()).collect();
    let mut owner_of: HashMap<String, usize> = HashMap::new();
    let mut shared: HashSet<String> = HashSet::new();
    for (project, listed) in listed.iter().enumerate() {
        for text in names_of(listed) {
            let text = text.to_lowercase();
            if text.len() < 2 || umbrellas.contains(&text) && text != listed.name.to_lowercase() {
                continue; // "Jupyter" names an umbrella, whatever a package is called
            }
            if *owner_of.entry(text.clone()).or_insert(project) != project {
                shared.insert(text);
            }
        }
    }
    let mut handles: Vec<Handle> = owner_of
        .into_iter()
        .filter(|(text, _)| !shared.contains(text))
        .map(|(text, project)| {
            let is_common = text.split(['-', '_', ' ', '.']).all(is_common_word);
            Handle { project, text, is_common }
        })
        .collect();
    handles.sort_by(|a, b| a.text.cmp(&b.text));
    handles
}

/// Name, id, packages and repository, each also with its joints written as `-`, `_` and nothing, names also with spaces.
fn names_of(listed: &Listed) -> Vec<String> {
    let mut names = vec![listed.name.clone(), listed.id.clone()];
    names.extend(listed.name.strip_suffix(".js").map(str::to_owned));
    for package in &listed.packages {
        let path = package.trim_start_matches("pkg:").split_once('/').map_or("", |(_, path)| path);
        names.push(path.replace("%40", "@"));
    }
    if let Some(repository) = &listed.repo {
        let path = repository.trim_start_matches("https://github.com/");
        names.push(path.to_owned());
        names.extend(path.split('/').next_back().map(str::to_owned));
    }
    let words = names.iter().filter(|name| !name.contains('/'));
    let respelled = words.flat_map(|name| ["-", "_", ""].map(|joint| name.replace(['-', '_', ' '], joint)));
    let spaced = listed.name.replace(['-', '_'], " ");
    let respelled: Vec<String> = respelled.chain([spaced]).collect();
    names.extend(respelled);
    names
}

/// `Halcyon Anvil` without its prefix.
fn bare_name(project: &Listed) -> &str {
    project.name.strip_prefix(PREFIX).map_or(&*project.name, str::trim_start)
}

/// What surrounds a name.
struct Place {
    /// It stands in a path, an identifier, a package's name, or between backticks.
    is_code: bool,
    /// Joined to a neighbor by `_`: an identifier.
    is_snake: bool,
    /// Joined to a letter: a part of a CamelCase word, or of one written as one.
    is_camel: bool,
    /// Before `.org` and the like.
    is_domain: bool,
}

impl Place {
    fn of(text: &str, range: &Range<usize>) -> Self {
        let (before, after) = (&text[..range.start], &text[range.end..]);
        let line = before.rsplit('\n').next().unwrap_or_default();
        let (last, next) = (before.chars().next_back().unwrap_or(' '), after.chars().next().unwrap_or(' '));
        let follows = after.chars().nth(1).unwrap_or(' ');
        let in_backticks = line.matches('`').count() % 2 == 1;
        let joins = |c: char| matches!(c, '/' | '\\' | '_' | '@' | '=' | '$' | '#');
        let is_joined = |joint: char, beyond: char| matches!(joint, '.' | '-' | ':') && beyond.is_alphanumeric();
        let beyond_last = before.chars().rev().nth(1).unwrap_or(' ');
        let in_quotes = matches!(last, '\'' | '"') && last == next;
        let is_indented = line.starts_with("    ") || line.starts_with('\t');
        let is_camel = last.is_ascii_alphanumeric() || next.is_ascii_alphanumeric();
        Self {
            is_code: in_backticks
                || in_quotes
                || is_indented
                || is_camel
                || joins(last)
                || joins(next)
                || matches!(next, '(' | '[') && !last.is_whitespace()
                || is_joined(last, beyond_last)
                || is_joined(next, follows),
            is_snake: last == '_' || next == '_',
            is_camel,
            is_domain: [".org", ".io", ".com", ".dev", ".net"].iter().any(|end| after.starts_with(end)),
        }
    }
}

/// The new name as code writes it there: the same case, and joined as its neighbors are.
fn in_code(project: &Listed, handle: &str, written: &str, place: &Place) -> String {
    let slug = &project.id;
    if handle.contains('/') {
        let owner = PREFIX.to_lowercase();
        let scope = if handle.starts_with('@') { "@" } else { "" };
        return format!("{scope}{owner}/{slug}");
    }
    if place.is_domain {
        return format!("{slug}.halcyon");
    }
    let is_capital = |text: &str| text.chars().filter(char::is_ascii_alphabetic).all(|c| c.is_ascii_uppercase());
    match written {
        _ if is_capital(written) => slug.replace('-', "_").to_uppercase(),
        _ if written.starts_with(char::is_uppercase) => bare_name(project).replace(' ', ""),
        _ if place.is_snake => slug.replace('-', "_"),
        _ if place.is_camel => slug.replace('-', ""),
        _ => slug.clone(),
    }
}

/// Not a part of a longer word; `in_camel`, or a part of a CamelCase one.
fn is_whole_word(text: &str, range: &Range<usize>, in_camel: bool) -> bool {
    let word = &text[range.clone()];
    let joined = |left: char, right: char| {
        left.is_ascii_alphanumeric()
            && right.is_ascii_alphanumeric()
            && !(in_camel && left.is_ascii_lowercase() && right.is_ascii_uppercase())
    };
    let first = word.chars().next().unwrap_or(' ');
    let last = word.chars().next_back().unwrap_or(' ');
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    !before.is_some_and(|before| joined(before, first)) && !after.is_some_and(|after| joined(last, after))
}
