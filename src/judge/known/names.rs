//! Which words members may remember as names of a project, and which words of a report to offer them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use crate::domain::case::CaseRef;
use crate::domain::directory::{Directory, ProjectId};
use crate::domain::judgement::{Candidate, Field, Judgement};
use crate::domain::knowledge::{Alias, Knowledge};
use crate::judge::fold::{self, fold_name, plain_line};
use crate::judge::handles::{self, is_common_word};
use crate::judge::known::words::is_plain;
use crate::judge::place::Place;
use crate::judge::signs::{self, Role};
use crate::judge::subject;

/// Letters and digits of a name that is remembered. Shorter ones stand in other texts by chance.
const SHORTEST: usize = 4;
const LONGEST: usize = 60;
/// A name of more words is a sentence.
const WORDS: usize = 4;
/// Names offered at once.
const OFFERED: usize = 4;
/// The likeliest words that are checked for that: a text may be full of words that are none.
const CHECKED: usize = 40;
/// What a word gains each time it is said again.
const AGAIN: f32 = 0.25;
/// Bytes of a body in which names are looked for.
const WINDOW: usize = 8 * 1024;
/// Bytes around what the judge found in which a word is near it.
const NEAR: usize = 80;
/// What a word must come to in `worth` to be offered.
const WORTH_OFFERING: f32 = 2.0;

/// Why a word is not remembered; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRemembered {
    #[error("There is no project \"{0}\" in projects.toml.")]
    UnknownProject(String),
    #[error("Enter the name as it stands in the report.")]
    Empty,
    #[error("\"{word}\" is too short: fewer than {SHORTEST} letters stand in other reports by chance.")]
    TooShort { word: String },
    #[error("That is too long for a name: at most {WORDS} words and {LONGEST} letters.")]
    TooLong,
    #[error("An address or a link is no name. Enter the word in it that names the project.")]
    Address,
    #[error("\"{word}\" holds letters that only look like others. Type it anew.")]
    Disguised { word: String },
    #[error(
        "\"{word}\" is a common word: reports about anything say it, so it would name {project} where nobody means it."
    )]
    Common { word: String, project: String },
    #[error("\"{word}\" names nobody alone: most projects here begin with it.")]
    Prefix { word: String },
    #[error("{project} is known by \"{word}\" already, from projects.toml.")]
    Own { word: String, project: String },
    #[error("\"{word}\" is a name of {other}, or a part of one.")]
    OfAnother { word: String, other: String },
    #[error("\"{word}\" is remembered for {project} already, from {case}. Undo that first if it is wrong.")]
    Remembered { word: String, project: String, case: CaseRef },
    #[error("Earlier cases of {other} say \"{word}\" as well, such as {case}, so it would mislead.")]
    SaidElsewhere { word: String, other: String, case: CaseRef },
}

/// Whether a remembered name is in use with the directory of today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    InUse,
    /// The file has it for the same project now.
    InFile,
    /// The file has it for another project now: there it means that one.
    Taken(ProjectId),
    /// The project has left the file.
    ProjectGone,
}

/// The names of a directory, to compare others with.
pub struct Names<'d> {
    directory: &'d Directory,
    claimed: HashMap<String, Vec<usize>>,
    prefix: Option<String>,
}

impl<'d> Names<'d> {
    /// All names, packages and other handles of `directory`.
    pub fn of(directory: &'d Directory) -> Self {
        let prefix = handles::shared_prefix(&directory.projects);
        Self { claimed: handles::claimed(directory), prefix, directory }
    }

    /// Every word that is a part of some handle.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.claimed
            .keys()
            .flat_map(|handle| handle.split(|c: char| !c.is_alphanumeric()))
            .filter(|word| !word.is_empty())
    }

    /// Whether `alias` can be used with this directory.
    pub fn standing(&self, alias: &Alias) -> Standing {
        let Some(own) = self.index_of(&alias.project) else { return Standing::ProjectGone };
        let folded = fold_name(&alias.word);
        match self.other_with(&folded, own) {
            Some(other) => Standing::Taken(self.directory.projects[other].id.clone()),
            None if self.has(&folded, own) => Standing::InFile,
            None => Standing::InUse,
        }
    }

    /// The word as it may be remembered for `project`, or why it may not.
    pub fn check(&self, knowledge: &Knowledge, project: &ProjectId, word: &str) -> Result<String, NotRemembered> {
        let own = self.index_of(project).ok_or_else(|| NotRemembered::UnknownProject(project.to_string()))?;
        let word = plain_line(word).trim_matches(['"', '\'', '`', '“', '”', '.', ',', ';', ':']).trim().to_owned();
        let folded = fold_name(&word);
        is_shaped_like_a_name(&word, &folded)?;
        let name = |index: usize| self.directory.projects[index].name.clone();
        if self.prefix.as_deref() == Some(folded.as_str()) {
            return Err(NotRemembered::Prefix { word });
        }
        if let Some(other) = self.other_with(&folded, own) {
            return Err(NotRemembered::OfAnother { word, other: name(other) });
        }
        if self.has(&folded, own) {
            return Err(NotRemembered::Own { word, project: name(own) });
        }
        self.is_free(knowledge, own, word, &folded)
    }

    /// Neither plain English nor what was learned before may speak against it.
    fn is_free(&self, knowledge: &Knowledge, own: usize, word: String, folded: &str) -> Result<String, NotRemembered> {
        let name =
            |id: &ProjectId| self.directory.project(id).map_or_else(|| id.to_string(), |known| known.name.clone());
        if let Some(known) = knowledge.aliases.iter().find(|alias| name_key(&alias.word) == closed(folded)) {
            let (project, case) = (name(&known.project), known.case.clone());
            return Err(NotRemembered::Remembered { word, project, case });
        }
        let parts: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
        let own = &self.directory.projects[own];
        if parts.iter().all(|part| is_common_word(part) || is_plain(part)) {
            return Err(NotRemembered::Common { word, project: own.name.clone() });
        }
        let says_it =
            |words: &[String]| parts.iter().all(|part| words.binary_search_by(|word| word.as_str().cmp(part)).is_ok());
        match knowledge.lessons.iter().rev().find(|lesson| lesson.project != own.id && says_it(&lesson.words)) {
            Some(lesson) => {
                let (other, case) = (name(&lesson.project), lesson.case.clone());
                Err(NotRemembered::SaidElsewhere { word, other, case })
            }
            None => Ok(word),
        }
    }

    /// Words of a report that may be names of `project`, the likeliest first. `judgement` is what was said of it.
    pub fn offer(
        &self,
        knowledge: &Knowledge,
        project: &ProjectId,
        (subject, body): (&str, &str),
        judgement: &Judgement,
    ) -> Vec<String> {
        let body = &body[..body.floor_char_boundary(WINDOW)];
        let evidence = judgement.candidates.iter().find(|candidate| candidate.project == *project);
        let mut offered: Vec<(f32, &str)> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (field, text) in [(Field::Subject, subject), (Field::Body, body)] {
            let claims = subject::claims(text);
            for range in tokens(text) {
                let claim =
                    claims.iter().find(|claim| claim.range.start <= range.start && range.end <= claim.range.end);
                let worth = worth(text, &range, field)
                    + claim.map_or(0.0, |claim| if claim.is_slot { 4.0 } else { 2.0 })
                    + if evidence.is_some_and(|found| is_near(found, field, &range)) { 1.0 } else { 0.0 };
                match seen.entry(name_key(&text[range.clone()])) {
                    Entry::Occupied(known) => {
                        let known = &mut offered[*known.get()].0;
                        *known = known.max(worth) + AGAIN;
                    }
                    Entry::Vacant(new) => {
                        new.insert(offered.len());
                        offered.push((worth, &text[range]));
                    }
                }
            }
        }
        offered.retain(|(worth, _)| *worth >= WORTH_OFFERING);
        offered.sort_by(|a, b| b.0.total_cmp(&a.0)); // stable: what comes first in the text stays first
        let likely = offered.into_iter().take(CHECKED);
        likely.filter_map(|(_, word)| self.check(knowledge, project, word).ok()).take(OFFERED).collect()
    }

    fn index_of(&self, id: &ProjectId) -> Option<usize> {
        self.directory.projects.iter().position(|project| project.id == *id)
    }

    fn has(&self, folded: &str, project: usize) -> bool {
        self.spellings(folded).any(|text| self.claimed.get(&text).is_some_and(|owners| owners.contains(&project)))
    }

    /// A project but `own` that has the folded text as a name, or as whole words within one.
    fn other_with(&self, folded: &str, own: usize) -> Option<usize> {
        let exact = self.spellings(folded).filter_map(|text| self.claimed.get(&text)).flatten();
        let within = self.claimed.iter().filter(|(handle, _)| has_words(handle, folded)).flat_map(|(_, owners)| owners);
        exact.chain(within).copied().filter(|owner| *owner != own).min()
    }

    /// The text, without the foundation's prefix, and each closed up.
    fn spellings(&self, folded: &str) -> impl Iterator<Item = String> {
        let bare = self.prefix.as_ref().and_then(|prefix| folded.strip_prefix(prefix.as_str())?.strip_prefix(' '));
        let texts: Vec<&str> = std::iter::once(folded).chain(bare).collect();
        texts.into_iter().flat_map(|text| [text.to_owned(), closed(text)]).collect::<Vec<_>>().into_iter()
    }
}

/// Whether the words of `part` stand side by side in `handle`.
fn has_words(handle: &str, part: &str) -> bool {
    handle.match_indices(part).any(|(at, _)| {
        let (before, after) = (&handle[..at], &handle[at + part.len()..]);
        (before.is_empty() || before.ends_with(' ')) && (after.is_empty() || after.starts_with(' '))
    })
}

/// By what two spellings of one name are the same: folded and closed up.
pub fn name_key(word: &str) -> String {
    closed(&fold_name(word))
}

/// The text without its spaces, into which hyphens and underscores were folded.
fn closed(folded: &str) -> String {
    folded.replace(' ', "")
}

fn is_shaped_like_a_name(word: &str, folded: &str) -> Result<(), NotRemembered> {
    let letters = folded.chars().filter(|c| c.is_alphanumeric()).count();
    match () {
        () if letters == 0 => Err(NotRemembered::Empty),
        () if word.contains("://") || (word.contains('@') && !word.starts_with('@')) => Err(NotRemembered::Address),
        () if word.chars().count() > LONGEST || folded.split(' ').count() > WORDS => Err(NotRemembered::TooLong),
        () if letters < SHORTEST => Err(NotRemembered::TooShort { word: word.to_owned() }),
        () if fold::is_disguised(word) && folded.is_ascii() => Err(NotRemembered::Disguised { word: word.to_owned() }),
        () => Ok(()),
    }
}

/// Words that could be names: letters, digits and what joins them, with few digits and no address around.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(joins).map(|from| at + from) {
        let end = text[start..].find(|c| !joins(c)).map_or(text.len(), |length| start + length);
        let word = text[start..end].trim_matches(['-', '_']);
        let from = start + text[start..end].find(word).unwrap_or(0);
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_in_link = text[..start].ends_with(['@', '/', '=', '&', '?']) || text[end..].starts_with('@');
        if word.starts_with(char::is_alphabetic) && digits <= 2 && word.chars().count() >= SHORTEST && !is_in_link {
            found.push(from..from + word.len());
        }
        at = end;
    }
    found
}

/// How much a word looks like a name, by its letters and its place.
fn worth(text: &str, range: &Range<usize>, field: Field) -> f32 {
    let word = &text[range.clone()];
    let place = Place::of(text, range);
    let inner = &word[word.chars().next().map_or(0, char::len_utf8)..];
    let has_capital = word.starts_with(char::is_uppercase);
    let is_shouted = word.chars().all(|c| !c.is_lowercase());
    let is_made = !is_shouted
        && (inner.contains(char::is_uppercase) || word.contains('_') || word.contains(|c: char| c.is_ascii_digit()));
    let is_marked = |role: &Role| matches!(role, Role::Slot | Role::Versioned | Role::Flawed | Role::Fixed);
    let mut worth = 0.0;
    worth += if is_made || place.is_code() { 2.0 } else { 0.0 };
    worth += if has_capital && !is_shouted && !place.starts_sentence { 2.0 } else { 0.0 };
    worth += if signs::roles(&place, field == Field::Subject).iter().any(is_marked) { 1.5 } else { 0.0 };
    worth += if field == Field::Subject { 1.0 } else { 0.0 };
    worth
}

fn is_near(candidate: &Candidate, field: Field, range: &Range<usize>) -> bool {
    let spans = candidate.evidence.iter().filter_map(|evidence| evidence.at).filter(|span| span.field == field);
    spans.into_iter().any(|span| range.start < span.end + NEAR && span.start < range.end + NEAR)
}
