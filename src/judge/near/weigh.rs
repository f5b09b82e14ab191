//! Weighs what two reports have in common: whether a member should compare them, and the reason in words.

use std::collections::{HashMap, HashSet};

use crate::domain::near::{FactKind, Likeness, Print, Prints};
use crate::judge::near::Traits;

/// Points from which a member is asked to compare.
const WORTH_A_LOOK: i64 = 5;
/// A text of fewer shingles is a line or two: their being alike says little.
const SHINGLES_MIN: u32 = 5;
/// A print that more flaws than this have is a template's or a common function's.
const RARE: usize = 6;
/// Points of one project, one host, and one function in one file, on top of what function and file count.
const PROJECT: i64 = 2;
const HOST: i64 = 3;
const FUNCTION_IN_FILE: i64 = 2;
/// The most that the words count for where only a form or a scanner speaks in them.
const FORM_ALONE: i64 = 2;
/// Names that a reason lists of each kind.
const NAMES: usize = 3;

/// What a reason says of a share of words, from so many percent on, and its points.
const SHARES: &[(f64, i64, &str)] = &[
    (0.90, 6, "nearly all of the words stand in the same order"),
    (0.66, 5, "most of the words stand in the same order"),
    (0.45, 4, "about half of the words stand in the same order"),
    (0.28, 2, "a third of the words stand in the same order"),
    (0.18, 1, "a fifth of the words stand in the same order"),
];

/// How alike a text is to another of which only the prints are known; `None` if nobody need compare them.
///
/// `flaws` says of a print how many earlier flaws have it: what many have says nothing of these two.
pub fn weigh(traits: &Traits, own: &Prints, other: &Prints, flaws: &HashMap<Print, usize>) -> Option<Likeness> {
    let shared = Shared::of(traits, own, other, flaws);
    if shared.contradicts(own, other) {
        return None;
    }
    let words = share_of_words(own, other).and_then(|share| SHARES.iter().find(|(from, ..)| share >= *from));
    let (of_words, said) = words.map_or((0, None), |(_, points, said)| (*points, Some(*said)));
    let is_form = shared.differ_in_fact(own, other)
        || shared.differ_in_aim(own, other, of_words)
        || is_template(own, other, flaws);
    let points = shared.points(have_own_hosts(own, other)) + if is_form { of_words.min(FORM_ALONE) } else { of_words };
    (points >= WORTH_A_LOOK).then(|| Likeness { points, reasons: shared.reasons(said) })
}

/// Whether most of the words that both have stand in many reports.
fn is_template(own: &Prints, other: &Prints, flaws: &HashMap<Print, usize>) -> bool {
    let theirs: HashSet<Print> = other.sketch.iter().flatten().copied().collect();
    let both = own.telling.iter().filter(|print| theirs.contains(print));
    let (many, all) =
        both.fold((0, 0), |(many, all), print| (many + usize::from(count(flaws, *print) > RARE), all + 1));
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

/// How much a fact says that both name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    /// Any text may name it, or many reports do.
    Little,
    /// A few flaws have it.
    Some,
    /// No flaw but these two.
    Much,
}

/// What both name.
struct Shared<'t> {
    facts: Vec<(FactKind, &'t str, Telling)>,
}

impl<'t> Shared<'t> {
    fn of(traits: &'t Traits, own: &Prints, other: &Prints, flaws: &HashMap<Print, usize>) -> Self {
        let theirs: HashSet<&(FactKind, Print)> = other.facts.iter().collect();
        let both = traits.facts.iter().zip(&own.facts).filter(|(_, print)| theirs.contains(print));
        let mut facts: Vec<(FactKind, &str, Telling)> = both
            .map(|(fact, (kind, print))| {
                let telling = match count(flaws, *print) {
                    _ if fact.is_common => Telling::Little,
                    0 | 1 => Telling::Much,
                    few if few <= RARE => Telling::Some,
                    _ => Telling::Little,
                };
                (*kind, fact.said.as_str(), telling)
            })
            .collect();
        // `lib/mill.py` says all that `mill.py` says.
        let said: Vec<&str> = facts.iter().map(|(_, said, _)| *said).collect();
        facts.retain(|(kind, name, _)| {
            *kind != FactKind::Path || !said.iter().any(|longer| longer.len() > name.len() && longer.ends_with(name))
        });
        facts.dedup();
        Self { facts }
    }

    /// What each fact of a kind counts, summed up to `most`.
    fn sum(&self, kind: FactKind, each: impl Fn(Telling) -> i64, most: i64) -> i64 {
        self.facts.iter().filter(|(of, ..)| *of == kind).map(|(.., telling)| each(*telling)).sum::<i64>().min(most)
    }

    /// Facts that say something by themselves.
    fn named(&self) -> usize {
        self.facts.iter().filter(|(kind, _, telling)| kind.is_looked_up() && *telling > Telling::Little).count()
    }

    /// Each names things of its own, and they share less than a third of those: another host, another file.
    fn differ_in_fact(&self, own: &Prints, other: &Prints) -> bool {
        let named = |prints: &Prints| prints.facts.iter().filter(|(kind, _)| kind.is_looked_up()).count();
        let both = self.facts.iter().filter(|(kind, ..)| kind.is_looked_up()).count();
        both * 3 < named(own).min(named(other))
    }

    /// Each says what it is about, and not the same, in words that are not all the same either; or each names a host of
    /// its own.
    fn differ_in_aim(&self, own: &Prints, other: &Prints, of_words: i64) -> bool {
        let things = of_words < SHARES[0].1 && differ(FactKind::Thing, own, other);
        self.named() == 0 && (things || have_own_hosts(own, other))
    }

    /// `own_hosts`: each names a host that the other does not, so the one that both name may be a tool's.
    fn points(&self, own_hosts: bool) -> i64 {
        use FactKind::{Host, Id, Mark, Path, Project, Route, Symbol};
        let of = |little, some, much| {
            move |telling| match telling {
                Telling::Little => little,
                Telling::Some => some,
                Telling::Much => much,
            }
        };
        let ids = self.sum(Id, of(2, 6, 6), 6);
        let marks = self.sum(Mark, of(1, 5, 5), 5);
        let paths = self.sum(Path, of(1, 2, 3), 4);
        let symbols = self.sum(Symbol, of(0, 1, 3), 5);
        let routes = self.sum(Route, of(1, 2, 4), 4);
        let is_there = |kind: FactKind| self.facts.iter().any(|(of, ..)| *of == kind);
        let whose = match (is_there(Project), is_there(Host)) {
            (_, true) if !own_hosts => HOST,
            (true, _) => PROJECT,
            (false, is_there) => i64::from(is_there),
        };
        let is_one_place = is_there(Path) && is_there(Symbol) && paths + symbols > 1;
        ids + marks + paths + symbols + routes + whose + FUNCTION_IN_FILE * i64::from(is_one_place)
    }

    /// Two different vulnerabilities, projects or servers, and no number that both name.
    fn contradicts(&self, own: &Prints, other: &Prints) -> bool {
        if self.facts.iter().any(|(kind, ..)| *kind == FactKind::Id) {
            return false;
        }
        [FactKind::Id, FactKind::Project, FactKind::Host].into_iter().any(|kind| differ(kind, own, other))
    }

    /// What says little is named only beside its like: the common name of a file in which both name a function.
    fn is_worth_saying(&self, (kind, _, telling): &(FactKind, &str, Telling)) -> bool {
        *telling > Telling::Little || (self.named() > 0 && matches!(kind, FactKind::Id | FactKind::Path))
    }

    fn reasons(&self, words: Option<&str>) -> Vec<String> {
        use FactKind::{Host, Id, Mark, Path, Project, Route, Symbol};
        let mut reasons = Vec::new();
        let telling: Vec<&str> = [Id, Mark, Path, Symbol, Route]
            .into_iter()
            .flat_map(|kind| {
                self.facts
                    .iter()
                    .filter(move |(of, ..)| *of == kind)
                    .filter(|fact| self.is_worth_saying(fact))
                    .take(NAMES)
            })
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

/// Whether each names a host that the other does not.
fn have_own_hosts(own: &Prints, other: &Prints) -> bool {
    let has_more = |one: &Prints, other: &Prints| {
        let theirs: HashSet<Print> = other.of_kind(FactKind::Host).collect();
        one.of_kind(FactKind::Host).any(|host| !theirs.contains(&host))
    };
    has_more(own, other) && has_more(other, own)
}

/// How many earlier flaws have it.
fn count(flaws: &HashMap<Print, usize>, print: Print) -> usize {
    flaws.get(&print).copied().unwrap_or_default()
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
