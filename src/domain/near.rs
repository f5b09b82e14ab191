//! What a report is recognized by when another tells of the same flaw: hashes under the instance's key, never words.

use crate::domain::case::{CaseRef, CaseState};
use crate::domain::id::CaseId;

/// What kind of fact a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKind {
    /// `CVE-2026-1234`, `GHSA-…`: the number of one vulnerability.
    Id,
    /// An issue or a change in a tracker.
    Mark,
    /// A file of source code.
    Path,
    /// The path of a URL or an endpoint.
    Route,
    /// A function, a parameter, a class; a commit.
    Symbol,
    /// Where it was seen.
    Host,
    /// A project that the judge or the reporter names.
    Project,
    /// What the text says it is about, be it a project of ours or not.
    Thing,
}

impl FactKind {
    /// All of them, each at the place of its [`byte`](Self::byte).
    pub const ALL: [Self; 8] =
        [Self::Id, Self::Mark, Self::Path, Self::Route, Self::Symbol, Self::Host, Self::Project, Self::Thing];

    /// The byte that stands in rows.
    pub fn byte(self) -> u8 {
        self as u8
    }

    /// The kind of a row's byte.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }

    /// Whether other reports are found by it. Hosts, projects and things have too many reports each; they only weigh.
    pub fn is_looked_up(self) -> bool {
        !matches!(self, Self::Host | Self::Project | Self::Thing)
    }
}

/// 64 bits of an HMAC under the instance's key: equal for equal facts, and without the key nobody can try a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Print(pub i64);

/// All that the store keeps of a text to find others like it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prints {
    pub facts: Vec<(FactKind, Print)>,
    /// One place for each share of all word shingles, with the print of the least of them; `None` where the text has none.
    pub sketch: Vec<Option<Print>>,
    /// How many different shingles there are.
    pub shingles: u32,
    /// Those of the sketch that others are found by.
    pub telling: Vec<Print>,
}

impl Prints {
    /// What an index finds the text by.
    pub fn keys(&self) -> impl Iterator<Item = Print> {
        let facts = self.facts.iter().filter(|(kind, _)| kind.is_looked_up()).map(|(_, print)| *print);
        facts.chain(self.telling.iter().copied())
    }

    /// The prints of one kind of fact.
    pub fn of_kind(&self, kind: FactKind) -> impl Iterator<Item = Print> {
        self.facts.iter().filter(move |(of, _)| *of == kind).map(|(_, print)| *print)
    }
}

/// How much two reports have in common, and what, in words for a volunteer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// Higher is more alike; only for the order of proposals.
    pub points: i64,
    /// Clauses: `both name CVE-2026-1234 and lib/mill.py`.
    pub reasons: Vec<String>,
}

/// A case that looks like another one, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The later one.
    pub case: CaseId,
    pub number: CaseRef,
    /// The earlier one, which told of it first.
    pub like: CaseId,
    pub like_number: CaseRef,
    /// Of the earlier one.
    pub like_title: String,
    pub like_state: CaseState,
    pub likeness: Likeness,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_fact_is_known_by_its_byte() {
        for kind in FactKind::ALL {
            assert_eq!(FactKind::from_byte(kind.byte()), Some(kind));
        }
        assert_eq!(FactKind::from_byte(FactKind::ALL.len() as u8), None);
    }
}
