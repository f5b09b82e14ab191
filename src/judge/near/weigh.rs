//! Weighs what two reports have in common: whether a member should compare them, and the reason in words.

use std::collections::HashSet;

use crate::domain::near::{FactKind, Likeness, Print, Prints};
use crate::judge::near::Traits;

/// Points from which a member is asked to compare.
const WORTH_A_LOOK: i64 = 5;
/// A text of fewer shingles is a line or two: their being alike says little.
const SHINGLES_MIN: u32 = 5;
/// The most that the words count for where only a form or a scanner speaks in them.
const FORM_ALONE: i64 = 2;
/// Names that a reason lists of each kind.
const NAMES: usize = 3;

/// What a reason says of a share of words, from so many percent on, and its points.
const SHARES: &[(f64, i64, &str)] = &[
    (0.90, 6, "nearly all of the words stand in the same order"),
    (0.66, 5, "most of the words stand in the same order"),
    (0.45, 4, "about half of the words stand in the same order"),
    (0.28, 3, "a third of the words stand in the same order"),
    (0.18, 2, "a fifth of the words stand in the same order"),
];

/// How alike a text is to another of which only the prints are known; `None` if nobody need compare them.
///
/// `common` are prints that many reports have: they say nothing of these two.
pub fn weigh(traits: &Traits, own: &Prints, other: &Prints, common: &HashSet<Print>) -> Option<Likeness> {
    let shared = Shared::of(traits, own, other, common);
    if shared.contradicts(own, other) {
        return None;
    }
    let words = share_of_words(own, other).and_then(|share| SHARES.iter().find(|(from, ..)| share >= *from));
    let (of_words, said) = words.map_or((0, None), |(_, points, said)| (*points, Some(*said)));
    let is_form = shared.differ_in_fact(own, other)
        || shared.differ_in_thing(own, other, of_words)
        || is_template(own, other, common);
    let points = shared.points() + if is_form { of_words.min(FORM_ALONE) } else { of_words };
    (points >= WORTH_A_LOOK).then(|| Likeness { points, reasons: shared.reasons(said) })
}

/// Whether most of the words that both have stand in many reports.
fn is_template(own: &Prints, other: &Prints, common: &HashSet<Print>) -> bool {
    let theirs: HashSet<Print> = other.sketch.iter().flatten().copied().collect();
    let both = own.telling.iter().filter(|print| theirs.contains(print));
    let (many, all) = both.fold((0, 0), |(many, all), print| (many + usize::from(common.contains(print)), all + 1));
    many * 2 > all
}

/// How much of the shorter text stands in the other, from 0 to 1, judged by the sketches.
fn share_of_words(own: &Prints, other: &Prints) -> Option<f64> {
    let (less, more) = (own.shingles.min(other.shingles), own.shingles.max(other.shingles));
    if less < SHINGLES_MIN {
        return None;
    }
    let places = own.sketch.iter().zip(&other.sketch);
    let filled = places.clone().filter(|(a, b)| a.is_some() || b.is_some()).count();
    let equal = places.filter(|(a, b)| a.is_some() && a == b).count();
    let alike = equal as f64 / filled as f64; // of the union of both
    Some((alike * f64::from(less + more) / ((1.0 + alike) * f64::from(less))).min(1.0))
}

/// What both name.
struct Shared<'t> {
    /// Kind, as the text says it, and whether any text may name it.
    facts: Vec<(FactKind, &'t str, bool)>,
}

impl<'t> Shared<'t> {
    fn of(traits: &'t Traits, own: &Prints, other: &Prints, common: &HashSet<Print>) -> Self {
        let theirs: HashSet<&(FactKind, Print)> = other.facts.iter().collect();
        let both = traits.facts.iter().zip(&own.facts).filter(|(_, print)| theirs.contains(print));
        let mut facts: Vec<(FactKind, &str, bool)> = both
            .map(|(fact, (kind, print))| (*kind, fact.said.as_str(), fact.is_common || common.contains(print)))
            .collect();
        // `lib/mill.py` says all that `mill.py` says.
        let said: Vec<&str> = facts.iter().map(|(_, said, _)| *said).collect();
        facts.retain(|(kind, name, _)| {
            *kind != FactKind::Path || !said.iter().any(|longer| longer.len() > name.len() && longer.ends_with(name))
        });
        facts.dedup();
        Self { facts }
    }

    fn count(&self, kind: FactKind, is_common: bool) -> i64 {
        self.facts.iter().filter(|(of, _, common)| *of == kind && *common == is_common).count() as i64
    }

    /// Facts that say something by themselves.
    fn named(&self) -> i64 {
        self.facts.iter().filter(|(kind, _, is_common)| kind.is_looked_up() && !is_common).count() as i64
    }

    /// Each names things of its own, and they share less than a third of those: another host, another file.
    fn differ_in_fact(&self, own: &Prints, other: &Prints) -> bool {
        let named = |prints: &Prints| prints.facts.iter().filter(|(kind, _)| kind.is_looked_up()).count();
        let both = self.facts.iter().filter(|(kind, ..)| kind.is_looked_up()).count();
        both * 3 < named(own).min(named(other))
    }

    /// Each says what it is about, and not the same, in words that are not all the same either.
    fn differ_in_thing(&self, own: &Prints, other: &Prints, of_words: i64) -> bool {
        self.named() == 0 && of_words < SHARES[0].1 && differ(FactKind::Thing, own, other)
    }

    fn points(&self) -> i64 {
        use FactKind::{Host, Id, Mark, Path, Project, Route, Symbol};
        let ids = if self.count(Id, false) > 0 { 6 } else { 2 * self.count(Id, true).min(1) };
        let marks = 5 * self.count(Mark, false).min(1);
        let paths = (2 * self.count(Path, false)).min(4) + self.count(Path, true).min(1);
        let symbols = match (self.count(Symbol, false), self.count(Symbol, true)) {
            (0, common) => common.min(1),
            (several, _) => (1 + several).min(4),
        };
        let routes = (3 * self.count(Route, false)).min(4) + self.count(Route, true).min(1);
        let place = self.facts.iter().filter(|(kind, ..)| matches!(kind, Host | Project)).count().min(1) as i64;
        // A function in a file is one place in the code.
        let is_one_place = self.count(Path, false) > 0 && symbols > 0;
        ids + marks + paths + symbols + routes + place + 2 * i64::from(is_one_place)
    }

    /// Two different vulnerabilities, projects or servers, and no number that both name.
    fn contradicts(&self, own: &Prints, other: &Prints) -> bool {
        if self.count(FactKind::Id, false) + self.count(FactKind::Id, true) > 0 {
            return false;
        }
        [FactKind::Id, FactKind::Project, FactKind::Host].into_iter().any(|kind| differ(kind, own, other))
    }

    fn reasons(&self, words: Option<&str>) -> Vec<String> {
        use FactKind::{Host, Id, Mark, Path, Project, Route, Symbol};
        let mut reasons = Vec::new();
        let telling: Vec<&str> = [Id, Mark, Path, Symbol, Route]
            .into_iter()
            .flat_map(|kind| self.facts.iter().filter(move |(of, _, is_common)| *of == kind && !is_common).take(NAMES))
            .map(|(_, said, _)| *said)
            .collect();
        if !telling.is_empty() {
            reasons.push(format!("both name {}", listed(&telling)));
        }
        let places: Vec<&str> = self
            .facts
            .iter()
            .filter(|(kind, ..)| matches!(kind, Project | Host))
            .map(|(_, said, _)| *said)
            .take(2)
            .collect();
        if !places.is_empty() {
            reasons.push(format!("both are about {}", listed(&places)));
        }
        reasons.extend(words.map(str::to_owned));
        reasons
    }
}

/// Whether both name something of that kind, and nothing that both name.
fn differ(kind: FactKind, own: &Prints, other: &Prints) -> bool {
    let theirs: HashSet<Print> = other.of_kind(kind).collect();
    !theirs.is_empty() && own.of_kind(kind).next().is_some() && !own.of_kind(kind).any(|print| theirs.contains(&print))
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
