//! What is wrong in a settings file: each fault with its place, and how to mend it.

use std::fmt;
use std::io;
use std::path::Path;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The file as it was named to us, or the flag and variable that hold the value.
    pub file: String,
    /// Counted from 1; `None` if the fault has no line, like a missing file or table.
    pub line: Option<usize>,
    /// In characters, counted from 1.
    pub column: Option<usize>,
    /// `project.contacts[0].email`; empty if the text is no TOML.
    pub key: String,
    /// What is wrong: a sentence without its full stop.
    pub problem: String,
    /// What to do about it: whole sentences.
    pub fix: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}. {}", self.problem, self.fix)
    }
}

/// All faults that were found, never only the first; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Fault>);

impl ConfigError {
    /// The fault of a file that cannot be read at all; `elsewhere` is the flag that names another.
    pub(super) fn unreadable(file: &Path, error: &io::Error, elsewhere: &str) -> Self {
        let (problem, fix) = match error.kind() {
            io::ErrorKind::NotFound => (
                "there is no such file".to_owned(),
                format!("`fingerpost init` writes a starting one; {elsewhere} names a file elsewhere."),
            ),
            io::ErrorKind::InvalidData => ("the file is not in UTF-8".to_owned(), "Save it as UTF-8 text.".to_owned()),
            _ => (format!("the file cannot be read ({error})"), "Let this user read it.".to_owned()),
        };
        Self(vec![Fault {
            file: file.display().to_string(),
            line: None,
            column: None,
            key: String::new(),
            problem,
            fix,
        }])
    }
}

impl fmt::Display for ConfigError {
    /// A line for each fault.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// The known word that was probably meant: at most a third of its letters (and always one) are off.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let folded = word.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|candidate| (edits(&folded, &candidate.replace('-', "_")), candidate))
        .filter(|(edits, candidate)| *edits <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// `` `a`, `b`, `c` ``: words for the reader of a fault to choose from.
pub(super) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// How many letters must be put in, left out, replaced or swapped with their neighbor to get from `a` to `b`.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_as_place_key_problem_and_fix() {
        let fault = Fault {
            file: "projects.toml".to_owned(),
            line: Some(41),
            column: Some(20),
            key: "project.contacts[0].email".to_owned(),
            problem: "\"security@\" is not an address".to_owned(),
            fix: "Write it like name@example.org.".to_owned(),
        };
        assert_eq!(
            fault.to_string(),
            "projects.toml:41: project.contacts[0].email: \"security@\" is not an address. \
             Write it like name@example.org."
        );
        let error = ConfigError(vec![fault.clone(), fault]);
        assert_eq!(error.to_string().lines().count(), 2);
    }

    #[test]
    fn the_nearest_word_forgives_slips_of_the_hand_and_nothing_more() {
        let known = ["aliases", "id", "auto_forward", "name", "email"];
        for (word, meant) in [
            ("alias", Some("aliases")),
            ("ailases", Some("aliases")),
            ("Auto-Forward", Some("auto_forward")),
            ("emial", Some("email")),
            ("nam", Some("name")),
            ("di", Some("id")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}
