//! The committee's own judge: the public one, and beside it what members and projects taught.
//!
//! It is a type of its own, so that a page for everybody, which is given a [`Judge`], cannot tell what was learned.
//! What was learned never takes away what the public judge is sure of: it stands beside it, with its reason.

mod likeness;
mod names;
mod words;

use std::collections::HashSet;
use std::sync::Arc;

pub use names::{NotRemembered, Standing, name_key};
pub use words::worth_keeping;

use crate::domain::case::CaseRef;
use crate::domain::directory::{Directory, ProjectId};
use crate::domain::judgement::{Candidate, Evidence, Field, Judgement, Speaks, Strength};
use crate::domain::knowledge::{Alias, Knowledge, Lesson};
use crate::judge::fold::fold_name;
use crate::judge::known::likeness::Likeness;
use crate::judge::known::names::Names;
use crate::judge::{CANDIDATES, Judge};

/// The public judge with private knowledge. The same text, sender, directory and knowledge give the same answer.
pub struct PrivateJudge {
    public: Arc<Judge>,
    directory: Arc<Directory>,
    knowledge: Knowledge,
    /// The judge of the directory with the remembered names in it; `None` if none is in use.
    taught: Option<Judge>,
    likeness: Likeness,
}

impl PrivateJudge {
    /// Lays `knowledge` over the public judge of `directory`.
    pub fn new(public: Arc<Judge>, directory: Arc<Directory>, mut knowledge: Knowledge) -> Self {
        // Nothing is suggested that the file does not have.
        knowledge.lessons.retain(|lesson| directory.project(&lesson.project).is_some());
        if knowledge == Knowledge::default() {
            return Self { public, directory, knowledge, taught: None, likeness: Likeness::default() };
        }
        let names = Names::of(&directory);
        let mut with_aliases = Directory::clone(&directory);
        let usable: Vec<&Alias> =
            knowledge.aliases.iter().filter(|alias| names.standing(alias) == Standing::InUse).collect();
        for alias in &usable {
            let project = with_aliases.projects.iter_mut().find(|project| project.id == alias.project);
            project.expect("a name in use has its project").aliases.push(alias.word.clone());
        }
        let taught = (!usable.is_empty()).then(|| Judge::new(&with_aliases));
        let known: HashSet<String> = names.words().map(str::to_owned).collect();
        let likeness = Likeness::of(&knowledge.lessons, &known);
        Self { public, taught, likeness, knowledge, directory }
    }

    /// What the public judge says, with what was learned beside it.
    pub fn judge(&self, subject: &str, body: &str) -> Judgement {
        let public = self.public.judge(subject, body);
        let mut judgement = match &self.taught {
            Some(taught) => self.with_names(public, taught.judge(subject, body), subject, body),
            None => public,
        };
        if let Some(alike) = self.likeness.of_text(subject, body) {
            learn(&mut judgement, &alike.project, alike.strength, alike.clause);
        }
        judgement.candidates.truncate(CANDIDATES);
        judgement
    }

    /// Adds that a project has had reports of the same sender before: shown, and never more than a weak sign by itself.
    /// `sender` is the salted hash of an address that is proven; what the case itself taught is not from before.
    pub fn with_sender(&self, judgement: &mut Judgement, sender: &str, case: Option<&CaseRef>) {
        let theirs = |lesson: &&Lesson| lesson.sender.as_deref() == Some(sender) && Some(&lesson.case) != case;
        let mut told: Vec<&Lesson> = Vec::new();
        for lesson in self.knowledge.lessons.iter().rev().filter(theirs) {
            if !told.iter().any(|known| known.project == lesson.project) {
                told.push(lesson);
            }
        }
        for lesson in told {
            let clause = format!("the same sender wrote about it before ({})", lesson.case);
            learn(judgement, &lesson.project, Strength::Weak, clause);
        }
        judgement.candidates.truncate(CANDIDATES);
    }

    /// Whether `word` may be remembered as a name of `project`: the word, or why not.
    pub fn check(&self, project: &ProjectId, word: &str) -> Result<String, NotRemembered> {
        Names::of(&self.directory).check(&self.knowledge, project, word)
    }

    /// Words of a report by which `project` might be known next time, the likeliest first.
    pub fn offer(&self, project: &ProjectId, subject: &str, body: &str, judgement: &Judgement) -> Vec<String> {
        Names::of(&self.directory).offer(&self.knowledge, project, (subject, body), judgement)
    }

    /// Whether each of `aliases` is in use with the directory of today.
    pub fn standings<'a>(&self, aliases: impl IntoIterator<Item = &'a Alias>) -> Vec<Standing> {
        let names = Names::of(&self.directory);
        aliases.into_iter().map(|alias| names.standing(alias)).collect()
    }

    /// Lays what the judge with remembered names says over what the public one says. What the public one is sure of
    /// stays as it is, and then a remembered name makes nothing else sure.
    fn with_names(&self, public: Judgement, mut taught: Judgement, subject: &str, body: &str) -> Judgement {
        let before = |project: &ProjectId| public.candidates.iter().find(|known| known.project == *project);
        for candidate in &mut taught.candidates {
            let is_new = before(&candidate.project).is_none_or(|known| known.strength < candidate.strength);
            if let Some(alias) = self.alias_in(candidate, subject, body).filter(|_| is_new) {
                candidate
                    .evidence
                    .insert(0, learned(format!("\"{}\" is remembered as a name of it ({})", alias.word, alias.case)));
            }
        }
        let is_strong = |candidate: &Candidate| candidate.strength == Strength::Strong;
        if !public.candidates.iter().any(is_strong) {
            return taught;
        }
        let mut judgement = public;
        for candidate in taught.candidates {
            let strength = candidate.strength.min(Strength::Likely);
            let known = judgement.candidates.iter().position(|known| known.project == candidate.project);
            if known.is_none_or(|at| judgement.candidates[at].strength < strength) {
                known.map(|at| judgement.candidates.remove(at));
                put(&mut judgement.candidates, Candidate { strength, ..candidate });
            }
        }
        judgement
    }

    /// The remembered name that a candidate's evidence rests on.
    fn alias_in(&self, candidate: &Candidate, subject: &str, body: &str) -> Option<&Alias> {
        let said: Vec<String> = candidate
            .evidence
            .iter()
            .filter_map(|evidence| evidence.at)
            .filter_map(|span| match span.field {
                Field::Subject => subject.get(span.start..span.end),
                Field::Body => body.get(span.start..span.end),
            })
            .map(fold_name)
            .collect();
        let aliases = self.knowledge.aliases.iter().filter(|alias| alias.project == candidate.project);
        aliases.into_iter().find(|alias| said.iter().any(|said| says(said, &fold_name(&alias.word))))
    }
}

/// Whether some words in a row of `said` are `name`, written together or apart. Both are folded.
fn says(said: &str, name: &str) -> bool {
    let said: Vec<&str> = said.split(|c: char| !c.is_alphanumeric()).collect();
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    (0..said.len()).any(|from| (from..said.len()).any(|last| said[from..=last].concat() == name))
}

/// Adds a reason that was learned: to the project's candidate, which it can make as strong as `strength`, or as a new
/// one.
fn learn(judgement: &mut Judgement, project: &ProjectId, strength: Strength, clause: String) {
    let candidates = &mut judgement.candidates;
    match candidates.iter().position(|candidate| candidate.project == *project) {
        Some(at) if candidates[at].strength >= strength => candidates[at].evidence.push(learned(clause)),
        Some(at) => {
            let mut candidate = candidates.remove(at);
            candidate.evidence.push(learned(clause));
            put(candidates, Candidate { strength, ..candidate });
        }
        None => put(candidates, Candidate { project: project.clone(), strength, evidence: vec![learned(clause)] }),
    }
}

/// Puts a candidate behind all that are as strong; the order of the others is the judge's.
fn put(candidates: &mut Vec<Candidate>, candidate: Candidate) {
    let behind = candidates.iter().rposition(|other| other.strength >= candidate.strength).map_or(0, |at| at + 1);
    candidates.insert(behind, candidate);
}

/// What members and projects taught stands in no text.
fn learned(clause: String) -> Evidence {
    Evidence { clause, speaks: Speaks::For, at: None }
}

#[cfg(test)]
mod tests;
