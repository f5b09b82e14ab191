//! Finds in a text what the directory says a project is: runs of words that a text shares with one project's summary.

use std::collections::HashMap;
use std::ops::Range;

use crate::domain::directory::Directory;
use crate::judge::handles::Handle;
use crate::judge::words::{lower, words};

/// So many words of a summary in their order are no chance; of a shorter one all must be there.
const RUN: usize = 4;
/// The shortest summary that counts as a whole: "Natural Language Toolkit".
const WHOLE: usize = 3;
/// Bytes looked at: what a text is about it says early.
const WINDOW: usize = 16 * 1024;

/// Letters of a word that tells one thing from another.
const TELLING: usize = 4;

words! {
    /// Words that many summaries have.
    GENERAL = "apache software project foundation open source library framework server client tool tools system platform application
        applications module package implementation java python javascript based built written support used using with from that
        this which your many high performance simple fast easy";
    /// Words that join others and say nothing of a thing.
    JOINTS = "a an and as at be by for from has in into is it its of on or that the this to via which with your you";
}

/// The summaries of one directory, ready to be looked for.
#[derive(Debug, Default)]
pub struct Summaries {
    /// Each with the handle that stands for it, as numbers of its words.
    summaries: Vec<(Handle, Vec<u32>)>,
    numbers: HashMap<String, u32>,
    /// The words that a run starts with, to the only summary and place that has it; `None` if two have it.
    runs: HashMap<[u32; RUN], Option<(usize, usize)>>,
}

/// A place where a text says what a summary says.
#[derive(Debug, Clone)]
pub struct Run<'n> {
    pub handle: &'n Handle,
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Words of the run that say something of a thing.
    pub telling: usize,
    /// The summary has no other words.
    pub is_whole: bool,
}

impl Summaries {
    /// Learns the summaries. What two projects say of themselves is left out.
    pub fn of(directory: &Directory) -> Self {
        let mut all = Self::default();
        for (project, known) in directory.projects.iter().enumerate() {
            if let Some(summary) = &known.summary {
                all.learn(project, without_brackets(summary));
            }
        }
        all
    }

    fn learn(&mut self, project: usize, summary: &str) {
        let mut said = Vec::new();
        for (range, _) in words_of(summary) {
            let next = self.numbers.len() as u32 + 1;
            said.push(*self.numbers.entry(summary[range].to_lowercase()).or_insert(next));
        }
        if said.is_empty() {
            return;
        }
        let index = self.summaries.len();
        let starts = (0..said.len()).filter_map(|at| Some((at, start_of(&said, at, said.len())?)));
        for (at, run) in starts.collect::<Vec<_>>() {
            let known = self.runs.entry(run).or_insert(Some((index, at)));
            *known = known.filter(|&(other, _)| other == index);
        }
        self.summaries.push((Handle::standing_for(project, summary), said));
    }

    /// The runs in `text`, in its order, each as long as it goes.
    pub fn runs_in(&self, text: &str) -> Vec<Run<'_>> {
        if self.runs.is_empty() {
            return Vec::new();
        }
        let window = &text[..text.floor_char_boundary(WINDOW)];
        let (ranges, said): (Vec<_>, Vec<_>) =
            words_of(window).map(|(range, word)| (range, self.number_of(word))).unzip();
        let mut found = Vec::new();
        let mut at = 0;
        while at < said.len() {
            let length = match self.run_at(&said, at) {
                Some((index, length)) => {
                    let (handle, summary) = &self.summaries[index];
                    let words = &ranges[at..at + length];
                    found.push(Run {
                        handle,
                        range: words[0].start..words[length - 1].end,
                        telling: words.iter().filter(|range| !JOINTS.has(&window[(*range).clone()])).count(),
                        is_whole: length == summary.len(),
                    });
                    length
                }
                None => 1,
            };
            at += length;
        }
        found
    }

    /// Whether `text` says a word of the project's summary that tells what sort of thing it is; `None` without a summary.
    pub fn is_told_in(&self, project: usize, text: &str) -> Option<bool> {
        let (_, summary) = self.summaries.iter().find(|(handle, _)| handle.project == project)?;
        let is_of_it =
            |word: &str| word.len() >= TELLING && !GENERAL.has(word) && summary.contains(&self.number_of(word));
        Some(words_of(text).any(|(_, word)| is_of_it(word)))
    }

    /// The number of a word that some summary has; 0 for any other.
    fn number_of(&self, word: &str) -> u32 {
        lower(word, |word| self.numbers.get(word).copied()).unwrap_or(0)
    }

    /// The summary of which a run starts with word `at`, and how many words it has.
    fn run_at(&self, said: &[u32], at: usize) -> Option<(usize, usize)> {
        if said[at] == 0 {
            return None;
        }
        let whole = || start_of(&said[..said.len().min(at + WHOLE)], at, WHOLE);
        let known = |run: [u32; RUN]| *self.runs.get(&run)?;
        let (index, from) = start_of(said, at, RUN).and_then(known).or_else(|| whole().and_then(known))?;
        let same = self.summaries[index].1[from..].iter().zip(&said[at..]).take_while(|(mine, theirs)| mine == theirs);
        Some((index, same.count()))
    }
}

/// The words that a run at `at` starts with, in a text of which `all` are there: a short summary is one run, filled up with 0.
fn start_of(said: &[u32], at: usize, all: usize) -> Option<[u32; RUN]> {
    let mut run = [0; RUN];
    let size = if all == WHOLE { WHOLE } else { RUN };
    let words = said.get(at..at + size)?;
    run[..size].copy_from_slice(words);
    (!words.contains(&0)).then_some(run)
}

/// A summary without what it adds in brackets: "Imaging library (fork)".
fn without_brackets(summary: &str) -> &str {
    summary.split('(').next().filter(|start| start.split_whitespace().count() >= WHOLE).unwrap_or(summary)
}

/// The words of a text, each with its bytes.
fn words_of(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(char::is_alphanumeric)?;
        let end = text[start..].find(|c: char| !c.is_alphanumeric()).map_or(text.len(), |length| start + length);
        rest = end;
        Some((start..end, &text[start..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::{directory, project};

    fn found<'t>(summaries: &[&str], text: &'t str) -> Vec<(usize, &'t str, usize, bool)> {
        let projects = ["Quern", "Larder", "Sluice"].iter().zip(summaries).map(|(name, summary)| {
            let mut project = project(name);
            project.summary = Some((*summary).to_owned());
            project
        });
        let known = Summaries::of(&directory(projects));
        let runs = known.runs_in(text);
        runs.into_iter().map(|run| (run.handle.project, &text[run.range], run.telling, run.is_whole)).collect()
    }

    #[test]
    fn a_run_of_a_summary_is_found_in_any_case_and_punctuation() {
        let summaries = ["A mill for grain, seed and other hard things", "Grain Storage Toolkit", "Opens gates"];
        for (text, expected) in [
            ("This is a Mill for grain: seed and others", vec![(0, "a Mill for grain: seed and", 3, false)]),
            ("the Grain Storage Toolkit (GST) leaks", vec![(1, "Grain Storage Toolkit", 3, true)]),
            ("a grain storage", vec![]),
            ("a mill for hard grain", vec![]),
            ("it opens gates", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(found(&summaries, text), expected, "{text}");
        }
    }

    #[test]
    fn one_word_that_tells_a_thing_is_enough_to_know_it_again() {
        let mut quern = project("Quern");
        quern.summary = Some("An open source mill for grain".into());
        let known = Summaries::of(&directory([quern, project("Larder")]));
        assert_eq!(known.is_told_in(0, "Quern is a mill that runs on water"), Some(true));
        assert_eq!(known.is_told_in(0, "Quern is an open source chat"), Some(false));
        assert_eq!(known.is_told_in(1, "Larder is a chat"), None);
    }

    #[test]
    fn what_two_summaries_say_and_what_stands_in_brackets_counts_for_none() {
        let text = "a toolkit for grinding grain finely";
        assert_eq!(found(&["A toolkit for grinding grain finely", "A toolkit for grinding grain finely"], text), []);
        assert_eq!(found(&["A toolkit for grain (fork)"], "a toolkit for grain").len(), 1);
    }
}
