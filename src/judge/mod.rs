//! Floor 1: which project a text concerns, how sure that is, and why. Pure: a directory and a text go in, words come out.
//!
//! `fold` makes spellings equal, `handles` collects what a directory can be recognized by, `names` finds it in a
//! text. Each find becomes a `Mention`: its form and role (`signs`) and what speaks against it (`against`,
//! `subject`). `weigh` makes strengths of them and `explain` clauses.

pub mod against;
pub mod explain;
pub mod fold;
pub mod forms;
pub mod handles;
pub mod look_up;
pub mod names;
pub mod place;
pub mod signs;
pub mod subject;
pub mod weigh;
pub mod words;

use std::collections::BTreeMap;

use crate::domain::directory::{Directory, ProjectId};
use crate::domain::judgement::{Candidate, Field, Judgement};
use crate::judge::names::{Hit, Names};
use crate::judge::place::Place;
use crate::judge::weigh::{Mention, Setting};

/// Mentions of one project in one text that are looked at; a further one says nothing new.
const MENTIONS_PER_PROJECT: usize = 24;
/// Candidates in a judgement: a person reads no longer list.
const CANDIDATES: usize = 10;

/// Knows the projects of one directory and says which of them a text concerns.
///
/// It is built once per version of the directory, knows nothing but that public file, and gives the same
/// answer to the same text.
#[derive(Debug)]
pub struct Judge {
    names: Names,
    ids: Vec<ProjectId>,
    has_prefix: bool,
}

impl Judge {
    /// Learns the names, packages and other handles of a directory.
    pub fn new(directory: &Directory) -> Self {
        fold::prepare();
        subject::prepare();
        Self {
            names: Names::of(directory),
            ids: directory.projects.iter().map(|project| project.id.clone()).collect(),
            has_prefix: handles::shared_prefix(&directory.projects).is_some(),
        }
    }

    /// Which projects a report concerns, the best candidate first; none if it names no project of ours.
    ///
    /// Takes time linear in the length of the text.
    pub fn judge(&self, subject: &str, body: &str) -> Judgement {
        let mut by_project: BTreeMap<usize, Vec<Mention<'_>>> = BTreeMap::new();
        for (field, text) in [(Field::Subject, subject), (Field::Body, body)] {
            let signature = if field == Field::Body { against::signature_start(text) } else { text.len() };
            for hit in self.names.hits(text) {
                let mentions = by_project.entry(hit.handle.project).or_default();
                if mentions.len() < MENTIONS_PER_PROJECT {
                    mentions.push(mention(field, text, hit, signature));
                }
            }
        }
        if by_project.is_empty() {
            return Judgement::default();
        }
        let in_field = |field, text| subject::claims(text).into_iter().map(move |claim| (field, claim));
        let setting = Setting {
            subject,
            body,
            claims: in_field(Field::Subject, subject).chain(in_field(Field::Body, body)).collect(),
            is_unnamed: subject::is_unnamed(subject) || subject::is_unnamed(body),
            is_about_a_flaw: subject::is_about_a_flaw(subject) || subject::is_about_a_flaw(body),
            has_prefix: self.has_prefix,
        };
        let weighed = weigh::weigh(by_project.into_iter().collect(), &setting);
        let candidates = weighed.iter().take(CANDIDATES).map(|weighed| Candidate {
            project: self.ids[weighed.project].clone(),
            strength: weighed.strength,
            evidence: explain::explain(weighed, &setting),
        });
        Judgement { candidates: candidates.collect(), noise: None }
    }
}

fn mention<'n>(field: Field, text: &str, hit: Hit<'n>, signature: usize) -> Mention<'n> {
    let place = Place::of(text, &hit.range);
    let written = &text[hit.range.clone()];
    let form = forms::form(&hit, written, &place);
    Mention {
        field,
        form,
        roles: signs::roles(&place, field == Field::Subject),
        against: against::against(&place, form, hit.range.start >= signature),
        is_as_said: hit.handle.spellings.iter().any(|spelling| spelling == written),
        is_disguised: fold::is_disguised(written) && hit.handle.spellings.iter().all(|spelling| spelling.is_ascii()),
        hit,
    }
}

#[cfg(test)]
pub(crate) mod tests;
