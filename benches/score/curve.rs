//! What the threshold of *strong* and each kind of sign are worth: a curve, a choice on held-back projects, an ablation.

use fingerpost::domain::judgement::Judgement;
use fingerpost::judge::options::{Family, Options};

use crate::rename::Variant;
use crate::tables::{Bench, FOLDS, List, folds_of};
use crate::tally::{Share, Tally, decimals, print_table};
use crate::texts::Row;

/// Points that the curve tries for *strong*.
const THRESHOLDS: [f32; 9] = [1.5, 2.0, 2.5, 2.75, 3.0, 3.25, 3.5, 4.0, 5.0];
/// Wrong forwards of all texts that the issue allows.
const ALLOWED: f64 = 0.008;

fn says(list: &List, options: &Options, row: &Row) -> Judgement {
    list.judge.judge_with(options, &row.subject, &row.body)
}

/// What one set of options does with everything.
struct Outcome {
    plain: Tally,
    masked: Tally,
    renamed: Tally,
    foreign: Tally,
}

impl Outcome {
    fn of(bench: &Bench, options: &Options) -> Self {
        let own = |variant| {
            let lists = bench.own(variant).into_iter();
            lists.map(|(list, texts)| Tally::of(texts, |row| says(list, options, row))).sum()
        };
        let renamed = bench.renamed.iter().flat_map(|(_, texts)| texts);
        let foreign = bench.lists.iter().flat_map(|list| {
            bench.foreign(list).into_iter().map(move |(_, texts)| Tally::of(texts, |row| says(list, options, row)))
        });
        Self {
            plain: own("plain"),
            masked: own("masked"),
            renamed: Tally::of(renamed, |row| says(bench.hard(), options, row)),
            foreign: foreign.sum(),
        }
    }

    const HEAD: [&str; 7] = [
        "plain: right",
        "plain: wrong",
        "masked: right",
        "masked: wrong",
        "renamed: right",
        "renamed: wrong",
        "texts of others: forwards in a thousand",
    ];

    fn line(&self, name: String) -> Vec<String> {
        let share = |share: Share| decimals(share.value());
        let own = [&self.plain, &self.masked, &self.renamed].map(|tally| [share(tally.right()), share(tally.wrong())]);
        let foreign = format!("{:.1}", self.foreign.wrong().value() * 1e3);
        [name].into_iter().chain(own.into_iter().flatten()).chain([foreign]).collect()
    }
}

fn head(first: &'static str) -> Vec<&'static str> {
    [first].into_iter().chain(Outcome::HEAD).collect()
}

/// Coverage and wrong forwards over the threshold.
pub fn curve(bench: &Bench) {
    let lines = THRESHOLDS.map(|strong| {
        let options = Options { strong, ..Options::default() };
        let mark = if options == Options::default() { " (as it is)" } else { "" };
        Outcome::of(bench, &options).line(format!("{strong}{mark}"))
    });
    print_table("Coverage and wrong forwards over the points for *strong*", &head("points"), &lines);
}

/// Each kind of sign left out.
pub fn ablation(bench: &Bench) {
    let all = Outcome::of(bench, &Options::default()).line("nothing".to_owned());
    let each = Family::ALL.map(|family| {
        let options = Options { without: Some(family), ..Options::default() };
        Outcome::of(bench, &options).line(format!("{family:?}"))
    });
    let lines: Vec<Vec<String>> = [all].into_iter().chain(each).collect();
    print_table("What each kind of sign is worth", &head("left out"), &lines);
}

/// The threshold chosen on four fifths of the projects, measured on the fifth: what a choice by these texts is worth elsewhere.
pub fn held_back(bench: &Bench) {
    let bare = bench.renamed.iter().filter(|(variant, _)| *variant == Variant::Bare);
    let renamed = bare.map(|(_, texts)| (bench.hard(), texts.iter().collect::<Vec<&Row>>()));
    let pools: Vec<(&List, Vec<&Row>)> = bench.own("plain").into_iter().chain(renamed).collect();
    // By fold and threshold, every judgement asked for once.
    let mut tallies = [[Tally::default(); THRESHOLDS.len()]; FOLDS];
    for (list, texts) in &pools {
        for (row, fold) in texts.iter().zip(folds_of(texts)) {
            for (tally, strong) in tallies[fold].iter_mut().zip(THRESHOLDS) {
                tally.count(row, &says(list, &Options { strong, ..Options::default() }, row));
            }
        }
    }
    let lines: Vec<Vec<String>> = (0..FOLDS).map(|fold| held_back_line(fold, &tallies)).collect();
    print_table(
        "The lowest threshold that four folds allow, on the fifth (plain texts, and renamed ones without prefix)",
        &["fold", "chosen points", "right there", "wrong there", "n"],
        &lines,
    );
}

fn held_back_line(fold: usize, tallies: &[[Tally; THRESHOLDS.len()]; FOLDS]) -> Vec<String> {
    let elsewhere = |index: usize| -> Tally { (0..FOLDS).filter(|&n| n != fold).map(|n| tallies[n][index]).sum() };
    let chosen = (0..THRESHOLDS.len()).find(|&index| elsewhere(index).wrong().value() <= ALLOWED);
    let chosen = chosen.unwrap_or(THRESHOLDS.len() - 1);
    let there = tallies[fold][chosen];
    vec![
        (fold + 1).to_string(),
        THRESHOLDS[chosen].to_string(),
        there.right().to_string(),
        there.wrong().to_string(),
        there.texts.to_string(),
    ]
}
