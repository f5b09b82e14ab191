//! Floor 1: which project a text concerns, how sure that is, and why. Pure: a directory and a text go in, words come out.
//!
//! `hidden` leaves out what nobody sees, `fold` makes spellings equal, `handles` collects what a directory can be
//! recognized by, `names` finds it in a text, `described` where a text says what a summary says. Each find becomes a
//! `Mention`: its form (`forms`), its part in the sentence (`signs`) and what speaks against it (`against`). `subject`
//! finds what else a text is about, `rivals` whether that stands in the way. `weigh` makes strengths of all that and
//! `explain` clauses, whose places `marks` finds again in the text.

pub mod against;
pub mod described;
pub mod explain;
pub mod fold;
pub mod forms;
pub mod handles;
pub mod hidden;
pub mod known;
pub mod look_up;
pub mod marks;
pub mod mention;
pub mod misspelled;
pub mod names;
pub mod near;
pub mod noise;
pub mod opening;
pub mod options;
pub mod place;
pub mod rivals;
pub mod runtimes;
pub mod setting;
pub mod signs;
pub mod subject;
pub mod weigh;
pub mod words;

use std::collections::BTreeMap;

use crate::domain::directory::{Directory, ProjectId};
use crate::domain::judgement::{Candidate, Field, Judgement};
use crate::judge::described::Summaries;
use crate::judge::hidden::Seen;
use crate::judge::mention::Mention;
use crate::judge::names::Names;
use crate::judge::options::Options;
use crate::judge::setting::Setting;
use crate::judge::weigh::Scales;

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
    summaries: Summaries,
    ids: Vec<ProjectId>,
    has_prefix: bool,
}

impl Judge {
    /// Learns the names, packages and other handles of a directory.
    pub fn new(directory: &Directory) -> Self {
        fold::prepare();
        subject::prepare();
        noise::prepare();
        Self {
            names: Names::of(directory),
            summaries: Summaries::of(directory),
            ids: directory.projects.iter().map(|project| project.id.clone()).collect(),
            has_prefix: handles::shared_prefix(&directory.projects).is_some(),
        }
    }

    /// Which projects a report concerns, the best candidate first; none if it names no project of ours.
    ///
    /// Takes time linear in the length of the text.
    pub fn judge(&self, subject: &str, body: &str) -> Judgement {
        self.judge_with(&Options::default(), subject, body)
    }

    /// The same with other options.
    pub fn judge_with(&self, options: &Options, subject: &str, body: &str) -> Judgement {
        let names_in = |text: &str| self.names.hits(text).into_iter().map(|hit| hit.range).collect();
        let [subject, body] = [subject, body].map(|text| Seen::of(text, names_in));
        let mut judgement = self.judge_seen(options, &subject.text, &body.text);
        for span in judgement.spans_mut() {
            *span = match span.field {
                Field::Subject => subject.original(*span),
                Field::Body => body.original(*span),
            };
        }
        judgement
    }

    /// The same for texts in which nothing is hidden but within names.
    fn judge_seen(&self, options: &Options, subject: &str, body: &str) -> Judgement {
        let mut setting = Setting::of(subject, body);
        let mut by_project = self.mentions(options, subject, body);
        for (field, claim) in &setting.claims {
            let range = claim.range.clone();
            if let Some(handle) = self.names.almost(&setting.text(*field)[range.clone()]) {
                by_project.entry(handle.project).or_default().push(Mention::misspelled(*field, handle, range));
            }
        }
        setting.drop_claims_of(by_project.values().flatten());
        let scales = Scales { setting: &setting, options, summaries: &self.summaries, has_prefix: self.has_prefix };
        let weighed = weigh::weigh(by_project.into_iter().collect(), scales);
        let candidates = weighed.iter().take(CANDIDATES).map(|weighed| Candidate {
            project: self.ids[weighed.project].clone(),
            strength: weighed.strength,
            evidence: explain::explain(weighed, &setting),
        });
        let mut judgement = Judgement { candidates: candidates.collect(), noise: None };
        judgement.noise = noise::seems_noise(subject, body, &judgement)
            .or_else(|| noise::another::seems_of_another(&setting, &judgement));
        judgement
    }

    /// Everything in the text that names or describes a project, by project.
    fn mentions<'n>(&'n self, options: &Options, subject: &str, body: &str) -> BTreeMap<usize, Vec<Mention<'n>>> {
        let mut by_project: BTreeMap<usize, Vec<Mention<'n>>> = BTreeMap::new();
        for (field, text) in [(Field::Subject, subject), (Field::Body, body)] {
            let signature = if field == Field::Body { against::signature_start(text) } else { text.len() };
            let mut add = |project: usize, mention: &dyn Fn() -> Option<Mention<'n>>| {
                let mentions = by_project.entry(project).or_default();
                if mentions.len() < MENTIONS_PER_PROJECT {
                    mentions.extend(mention().and_then(|mention| mention.under(options)));
                }
            };
            for hit in self.names.hits(text) {
                add(hit.handle.project, &|| Some(Mention::named(field, text, hit.clone(), signature)));
            }
            for run in self.summaries.runs_in(text) {
                add(run.handle.project, &|| Mention::described(field, text, run.clone()));
            }
        }
        by_project.retain(|_, mentions| !mentions.is_empty());
        by_project
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod tests;
