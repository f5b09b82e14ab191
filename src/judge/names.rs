//! Finds every handle of a directory in a text: one automaton over the folded text, boundaries checked by hand.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::domain::directory::Directory;
use crate::judge::fold::Folded;
use crate::judge::handles::{self, Handle};
use crate::judge::misspelled::Misspellings;

/// Up to this many handles the automaton is a DFA.
const DFA_HANDLES: usize = 4_000;

/// All handles of one directory, ready to be looked for.
#[derive(Debug)]
pub struct Names {
    /// Reports every match, not the longest one: a long name that ends within a word must not hide a
    /// short one that ends with it.
    automaton: AhoCorasick,
    handles: Vec<Handle>,
    misspellings: Misspellings,
}

/// A place where a text says a handle, as a whole word.
#[derive(Debug, Clone)]
pub struct Hit<'n> {
    pub handle: &'n Handle,
    /// Bytes of the text as it was written.
    pub range: Range<usize>,
    pub joint: Joint,
}

/// How the handle is joined to the word in which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// A word of its own.
    Free,
    /// `Parsley4`: with the number of a major version at its end.
    Numbered,
    /// `ParsleyReader`: the first part of a word in camel case.
    Camel,
}

impl Names {
    /// Collects the handles and builds the automaton; done once per version of the directory.
    pub fn of(directory: &Directory) -> Self {
        let mut collected: Vec<_> = handles::collect(directory).into_iter().collect();
        collected.sort_by(|a, b| a.0.cmp(&b.0)); // the same directory gives the same automaton
        let (texts, handles): (Vec<_>, Vec<_>) = collected.into_iter().unzip();
        // A DFA scans faster and takes some 1.5 KB a handle instead of 80 bytes: 6 MB at the limit.
        let kind = if texts.len() <= DFA_HANDLES { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .build(&texts)
            .expect("names of a directory are far below the automaton's limit of 2^31 states");
        let misspellings = Misspellings::of(texts.iter().map(String::as_str).zip(&handles));
        Self { automaton, handles, misspellings }
    }

    /// The handle that `written` says but for one letter.
    pub fn almost(&self, written: &str) -> Option<&Handle> {
        self.misspellings.almost(written)
    }

    /// The hits in `text`, in its order; where two overlap, the one that starts first, then the longest.
    pub fn hits<'n>(&'n self, text: &str) -> Vec<Hit<'n>> {
        let folded = Folded::of(text);
        let mut found: Vec<(Range<usize>, &Handle, Joint)> = self
            .automaton
            .find_overlapping_iter(folded.as_str())
            .filter_map(|found| {
                let joint = joint_at(text, &folded, found.range())?;
                Some((found.range(), &self.handles[found.pattern().as_usize()], joint))
            })
            .collect();
        found.sort_by_key(|(range, ..)| (range.start, usize::MAX - range.end));
        let mut hits = Vec::new();
        let mut taken_to = 0;
        for (range, handle, joint) in found {
            if range.start < taken_to {
                continue;
            }
            let written = folded.source_of(range.start)..folded.source_of(range.end);
            if !says_it_exactly(handle, &text[written.clone()]) || !is_whole_sign(handle, text, &written) {
                continue;
            }
            taken_to = range.end;
            hits.push(Hit { handle, range: written, joint });
        }
        hits
    }
}

/// How the folded `range` is bounded; `None` if it is only a part of a word.
fn joint_at(text: &str, folded: &Folded, range: Range<usize>) -> Option<Joint> {
    let all = folded.as_str();
    let before = all[..range.start].chars().next_back();
    let mut after = all[range.end..].chars();
    if before.is_some_and(joins) {
        return None;
    }
    match after.next() {
        Some('2'..='9') if !after.next().is_some_and(|c| joins(c) || c == '.') => {
            let ends_in_letter = all[..range.end].ends_with(|c: char| c.is_ascii_lowercase());
            ends_in_letter.then_some(Joint::Numbered)
        }
        Some(c) if joins(c) => {
            let written = &text[folded.source_of(range.start)..folded.source_of(range.end)];
            let next = text[folded.source_of(range.end)..].chars().next();
            let is_camel = written.ends_with(|c: char| c.is_lowercase()) && next.is_some_and(char::is_uppercase);
            is_camel.then_some(Joint::Camel)
        }
        _ => Some(Joint::Free),
    }
}

/// Whether `c` makes one word with a letter beside it. Ideographs do not: no spaces part them from a name.
fn joins(c: char) -> bool {
    c.is_alphanumeric() && !('\u{2e80}'..='\u{d7ff}').contains(&c)
}

/// The module of a runtime counts only where it is used: `fs.read`, `buffer#write`.
fn is_whole_sign(handle: &Handle, text: &str, written: &Range<usize>) -> bool {
    let mut after = text[written.end..].chars();
    let mut is_used = || matches!(after.next(), Some('.' | '#')) && after.next().is_some_and(char::is_alphabetic);
    let is_free = || !text[..written.start].ends_with(['.', '_', '/', '-', '$']);
    handle.is_named() || !handle.is_module || (is_free() && is_used())
}

/// Paths, addresses and package coordinates count only with their own separators; names in any spelling.
/// A name made of common words alone must have its own too: `http-server` is not "an HTTP server".
fn says_it_exactly(handle: &Handle, written: &str) -> bool {
    let is_technical =
        handle.is_module || handle.is_import || handle.is_repository || handle.is_domain || handle.is_coordinate;
    if !handle.is_common && (handle.is_named() || !is_technical) {
        return true;
    }
    handle.spellings.iter().any(|spelling| spelling.eq_ignore_ascii_case(written))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::{directory, project};

    fn found(names: &[&str], text: &str) -> Vec<String> {
        let projects: Vec<_> = names.iter().map(|name| project(name)).collect();
        let names = Names::of(&directory(projects));
        names.hits(text).into_iter().map(|hit| text[hit.range].to_owned()).collect()
    }

    #[test]
    fn names_are_found_as_whole_words_in_any_spelling() {
        for (text, expected) in [
            ("Quern leaks, quern leaks and QUERN leaks", vec!["Quern", "quern", "QUERN"]),
            ("querns and subquern are other words", vec![]),
            ("Quern3 is out, quern10 is not", vec!["Quern3"]),
            ("the QuernReader class", vec!["Quern"]),
            (
                "parsley-kit, parsley_kit, Parsley\nKit, parsleykit",
                vec!["parsley-kit", "parsley_kit", "Parsley\nKit", "parsleykit"],
            ),
            ("parsley kitten", vec!["parsley"]),
            ("Parsley.\n\nKit", vec!["Parsley"]),
            ("在quern中", vec!["quern"]),
            ("", vec![]),
        ] {
            let found: Vec<_> = found(&["Quern", "Parsley Kit", "Parsley"], text);
            let expected: Vec<_> = expected.iter().map(|name| name.trim_end_matches(char::is_numeric)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_name_of_common_words_needs_its_own_separators() {
        assert_eq!(found(&["http_server"], "an http server, an http-server and http_server"), ["http_server"]);
    }

    #[test]
    fn the_longest_name_wins() {
        assert_eq!(found(&["Zither", "Zither Loom"], "Zither Loom and Zither"), ["Zither Loom", "Zither"]);
    }
}
