//! A project that somebody proposes for `projects.toml`: what was typed, before anything of it is checked.

use jiff::SignedDuration;

use crate::domain::directory::DeliveryMode;

/// Contacts that one proposal may name: each gets a letter that a stranger asked for.
pub const CONTACTS_MAX: usize = 3;
/// Proposals taken in a day, from everybody together.
pub const PROPOSALS_A_DAY: i64 = 20;
/// Entries of one list: more are no list of names any more.
pub const LIST_MAX: usize = 40;
/// What no mailbox confirmed is forgotten with its links, which live 14 days.
pub const UNPROVEN_KEPT: SignedDuration = SignedDuration::from_hours(15 * 24);
/// What was settled is looked up for a quarter, then its names and addresses are forgotten.
pub const SETTLED_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A project as it was typed: texts in the place of all that the file's reader checks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    pub id: String,
    pub name: String,
    pub summary: String,
    pub homepage: String,
    pub repositories: Vec<String>,
    pub packages: Vec<String>,
    pub aliases: Vec<String>,
    pub imports: Vec<String>,
    pub domains: Vec<String>,
    pub policy: String,
    pub out_of_scope: String,
    /// A word of the file, like `github`.
    pub channel: String,
    pub channel_url: String,
    pub public_address: String,
    pub target: String,
    pub contacts: Vec<DraftContact>,
}

/// A contact as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftContact {
    pub name: String,
    pub email: String,
    /// `None`: the usual one.
    pub delivery: Option<DeliveryMode>,
    pub is_list: bool,
    pub is_deputy: bool,
    pub hours: String,
    pub zone: String,
    pub key: String,
}

/// What the file's reader finds wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFault {
    /// The key within the project: `aliases[0]`, `contacts[1].zone`.
    pub key: String,
    /// What is wrong and how to mend it: whole sentences.
    pub words: String,
}

/// What members made of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It stands in `projects.toml`.
    Listed,
    Declined(Reason),
}

/// Why a proposal was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    NotOurs,
    ListedAlready,
    NotShown,
}

impl Outcome {
    pub const ALL: [Self; 4] = [
        Self::Listed,
        Self::Declined(Reason::NotOurs),
        Self::Declined(Reason::ListedAlready),
        Self::Declined(Reason::NotShown),
    ];

    /// The word that stands in rows and forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Declined(Reason::NotOurs) => "not-ours",
            Self::Declined(Reason::ListedAlready) => "listed-already",
            Self::Declined(Reason::NotShown) => "not-shown",
        }
    }

    /// The outcome of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

impl Reason {
    /// A sentence for the page and for the letter.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotOurs => "It is not a project of ours.",
            Self::ListedAlready => "It is listed already, perhaps under another name.",
            Self::NotShown => "We could not see that those who proposed it speak for it.",
        }
    }
}

/// An id made of a name: lower case, with a hyphen for whatever else there is.
pub fn id_of(name: &str) -> String {
    /// As long as an id may be.
    const LONGEST: usize = 64;
    let letters = name.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let mut id = String::new();
    for letter in letters {
        if letter != '-' || !(id.is_empty() || id.ends_with('-')) {
            id.push(letter);
        }
    }
    id.truncate(LONGEST);
    id.trim_end_matches('-').to_owned()
}

/// The package URL of a package as people write it: `pypi:x`, `pip:x`, `npm:@scope/x`. What is none stays as it is.
pub fn package_of(written: &str) -> String {
    let types = [("pypi", "pypi"), ("pip", "pypi"), ("npm", "npm"), ("cargo", "cargo"), ("crates", "cargo")];
    let more = [("gem", "gem"), ("rubygems", "gem"), ("nuget", "nuget"), ("conda", "conda"), ("cran", "cran")];
    let written = written.trim();
    let Some((before, name)) = written.split_once(':') else { return written.to_owned() };
    let known = types.into_iter().chain(more).find(|(word, _)| before.eq_ignore_ascii_case(word));
    known.map_or(written.to_owned(), |(_, kind)| format!("pkg:{kind}/{}", name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::ProjectId;

    #[test]
    fn an_id_is_made_of_the_letters_of_a_name() {
        for (name, id) in [
            ("Matplotlib", "matplotlib"),
            (" Parsley Kit (C++) ", "parsley-kit-c"),
            ("naïve", "na-ve"),
            ("--", ""),
            ("日本", ""),
        ] {
            assert_eq!(id_of(name), id, "{name}");
        }
        let long = id_of(&"a b".repeat(60));
        assert!(ProjectId::parse(&long).is_some(), "{long}");
    }

    #[test]
    fn packages_are_taken_as_people_write_them() {
        for (written, package) in [
            ("pypi:parsley", "pkg:pypi/parsley"),
            ("PIP: parsley", "pkg:pypi/parsley"),
            ("npm:@herbs/parsley", "pkg:npm/@herbs/parsley"),
            ("pkg:gem/parsley", "pkg:gem/parsley"),
            ("parsley", "parsley"),
            ("odd:parsley", "odd:parsley"),
        ] {
            assert_eq!(package_of(written), package);
        }
    }

    #[test]
    fn outcomes_are_told_by_words_of_their_own() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_word(outcome.word()), Some(outcome));
        }
        assert_eq!(Outcome::from_word("odd"), None);
    }
}
