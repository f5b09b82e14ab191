//! Our own tables: the foundations of the corpus, the renamed one, folds, and lists against texts that are not theirs.

use std::collections::BTreeSet;

use fingerpost::domain::judgement::Judgement;
use fingerpost::judge::Judge;

use crate::corpus::{Listed, directory};
use crate::rename::{Renamer, Variant, hard};
use crate::tally::{Share, Tally, decimals, print_table};
use crate::texts::Row;

/// Folds of the spread.
pub const FOLDS: usize = 5;

/// Everything that the tables are made of.
pub struct Bench {
    /// One for each foundation of the corpus, and last the hard list.
    pub lists: Vec<List>,
    /// The texts about projects.
    pub routing: Vec<Row>,
    /// The hard list's texts, in each variant.
    pub renamed: Vec<(Variant, Vec<Row>)>,
    /// Texts of forms that are no reports, and mails that no machine wrote.
    pub elsewhere: Vec<(&'static str, Vec<Row>)>,
}

/// A project list and its judge.
pub struct List {
    pub name: &'static str,
    pub judge: Judge,
}

impl List {
    /// Builds its judge.
    pub fn new(name: &'static str, listed: &[Listed]) -> Self {
        Self { name, judge: Judge::new(&directory(listed)) }
    }

    fn says(&self, row: &Row) -> Judgement {
        self.judge.judge(&row.subject, &row.body)
    }
}

impl Bench {
    /// Renames the texts of `listed`, whose judges are `own`, after the hard list.
    pub fn new(
        own: Vec<List>,
        listed: &[(&'static str, Vec<Listed>)],
        routing: Vec<Row>,
        elsewhere: Vec<(&'static str, Vec<Row>)>,
    ) -> Self {
        let hard = hard();
        let renamed = Variant::ALL.map(|variant| {
            let of_list = |(name, listed): &(&'static str, Vec<Listed>)| {
                Renamer::new(listed, &hard).rows(name, &routing, variant)
            };
            (variant, listed.iter().flat_map(of_list).collect())
        });
        let lists = own.into_iter().chain([List::new("hard", &hard)]).collect();
        Self { lists, renamed: renamed.into(), routing, elsewhere }
    }

    /// The list whose projects the hard texts are about.
    pub fn hard(&self) -> &List {
        self.lists.last().expect("the hard list was put last")
    }

    /// The lists of the corpus, each with its texts of one variant; negatives belong to both variants.
    pub fn own(&self, variant: &str) -> Vec<(&List, Vec<&Row>)> {
        let of_list = |list: &'static str| {
            let is_its = move |row: &&Row| row.foundation.as_deref() == Some(list);
            self.routing.iter().filter(is_its).filter(|row| row.gold().is_empty() || row.variant == variant).collect()
        };
        let is_own = |list: &&List| list.name != self.hard().name;
        self.lists.iter().filter(is_own).map(|list| (list, of_list(list.name))).collect()
    }

    /// The texts that are not about the projects of `list`, by pool.
    pub fn foreign(&self, list: &List) -> Vec<(String, Vec<&Row>)> {
        let others = self.lists.iter().filter(|other| other.name != list.name && other.name != self.hard().name);
        let routing = others.map(|other| {
            let is_its = |row: &&Row| row.foundation.as_deref() == Some(other.name);
            (format!("texts of {}", other.name), self.routing.iter().filter(is_its).collect())
        });
        let elsewhere = self.elsewhere.iter().map(|(pool, rows)| ((*pool).to_owned(), rows.iter().collect()));
        routing.chain(elsewhere).collect()
    }
}

/// Right, wrong and first three, for each foundation, plain, masked and renamed.
pub fn foundations(bench: &Bench) {
    let mut rows = Vec::new();
    for variant in ["plain", "masked"] {
        for (list, texts) in bench.own(variant) {
            rows.push(line(&format!("{}, {variant}", list.name), Tally::of(texts, |row| list.says(row))));
        }
    }
    for (variant, texts) in &bench.renamed {
        let tally = |texts: Vec<&Row>| Tally::of(texts, |row| bench.hard().says(row));
        let (ours, nobodys): (Vec<&Row>, Vec<&Row>) = texts.iter().partition(|row| !row.gold().is_empty());
        rows.push(line(&format!("renamed, {}", variant.word()), tally(ours)));
        rows.push(line(&format!("renamed negatives, {}", variant.word()), tally(nobodys)));
    }
    print_table(
        "Own texts",
        &["texts", "n", "with a project", "right and forwarded", "right among the first three", "wrong forward"],
        &rows,
    );
}

fn line(name: &str, tally: Tally) -> Vec<String> {
    vec![
        name.to_owned(),
        tally.texts.to_string(),
        tally.concerned.to_string(),
        tally.right().to_string(),
        tally.first_three().to_string(),
        tally.wrong().to_string(),
    ]
}

/// Cross-list calibration: nearly every forward is wrong here, and there are many texts.
pub fn calibration(bench: &Bench) {
    let mut rows = Vec::new();
    for list in &bench.lists {
        let mut sum = Tally::default();
        for (pool, texts) in bench.foreign(list) {
            let tally = Tally::of(texts, |row| list.says(row));
            rows.push(forwards(list.name, &pool, tally));
            sum = sum + tally;
        }
        rows.push(forwards(list.name, "all of these", sum));
    }
    print_table("Lists against texts that are not theirs", &["list", "texts", "n", "forwards in a thousand"], &rows);
}

fn forwards(list: &str, pool: &str, tally: Tally) -> Vec<String> {
    vec![list.to_owned(), pool.to_owned(), tally.texts.to_string(), tally.wrong().per_mille()]
}

/// How far right and wrong differ between fifths of the projects.
pub fn folds(bench: &Bench) {
    let mut rows = Vec::new();
    for (list, texts) in bench.own("plain") {
        rows.push(spread(&format!("{}, plain", list.name), &fold_tallies(&texts, |row| list.says(row))));
    }
    for (variant, texts) in &bench.renamed {
        let texts: Vec<&Row> = texts.iter().collect();
        let folds = fold_tallies(&texts, |row| bench.hard().says(row));
        rows.push(spread(&format!("renamed, {}", variant.word()), &folds));
    }
    print_table(
        "Five folds, by project",
        &["texts", "right, of each fold", "wrong, of each fold", "right, all", "wrong, all"],
        &rows,
    );
}

fn fold_tallies(texts: &[&Row], judge: impl Fn(&Row) -> Judgement) -> [Tally; FOLDS] {
    let mut tallies = [Tally::default(); FOLDS];
    for (row, fold) in texts.iter().zip(folds_of(texts)) {
        tallies[fold].count(row, &judge(row));
    }
    tallies
}

/// The fold of each text: that of its project, so that no project is in two; texts that concern nobody in turn.
pub fn folds_of(texts: &[&Row]) -> Vec<usize> {
    let projects: BTreeSet<&str> = texts.iter().filter_map(|row| row.gold().first()).map(String::as_str).collect();
    let fold = |(number, row): (usize, &&Row)| match row.gold().first() {
        Some(project) => projects.range(..project.as_str()).count() % FOLDS,
        None => number % FOLDS,
    };
    texts.iter().enumerate().map(fold).collect()
}

fn spread(name: &str, folds: &[Tally; FOLDS]) -> Vec<String> {
    let each = |share: fn(&Tally) -> Share| {
        folds.iter().map(|fold| decimals(share(fold).value())).collect::<Vec<_>>().join(" ")
    };
    let all: Tally = folds.iter().copied().sum();
    vec![name.to_owned(), each(Tally::right), each(Tally::wrong), all.right().to_string(), all.wrong().to_string()]
}
