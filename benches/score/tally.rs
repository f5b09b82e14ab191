//! Counts what became of some texts, and says how sure such a count is.

use std::fmt;

use fingerpost::domain::judgement::Judgement;

use crate::texts::Row;

/// 95 % of a normal distribution lie within so many standard deviations of its middle.
const DEVIATIONS: f64 = 1.96;

/// What a judge did with some texts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub texts: usize,
    /// Texts whose flaw is in a project of the list.
    pub concerned: usize,
    /// Of those: the best of the strong candidates is right.
    pub right: usize,
    /// Of those: a right project is among the first three candidates, however strong.
    pub first_three: usize,
    /// Texts with a strong candidate that is neither right nor a sister of what is right.
    pub wrong: usize,
}

impl Tally {
    /// Counts all of `rows`, each judged by `judge`.
    pub fn of<'r>(rows: impl IntoIterator<Item = &'r Row>, judge: impl Fn(&Row) -> Judgement) -> Self {
        let mut tally = Self::default();
        rows.into_iter().for_each(|row| tally.count(row, &judge(row)));
        tally
    }

    /// Counts one text.
    pub fn count(&mut self, row: &Row, judgement: &Judgement) {
        let is_gold = |project: &str| row.gold().iter().any(|gold| gold == project);
        self.texts += 1;
        self.concerned += usize::from(!row.gold().is_empty());
        self.right += usize::from(judgement.strong().next().is_some_and(|best| is_gold(best.project.as_str())));
        self.first_three +=
            usize::from(judgement.candidates.iter().take(3).any(|candidate| is_gold(candidate.project.as_str())));
        self.wrong += usize::from(judgement.strong().any(|candidate| !row.allows(candidate.project.as_str())));
    }

    /// Right and forwarded, of those that concern a project.
    pub fn right(&self) -> Share {
        Share { some: self.right, all: self.concerned }
    }

    /// The right project among the first three, of those that concern a project.
    pub fn first_three(&self) -> Share {
        Share { some: self.first_three, all: self.concerned }
    }

    /// Wrong forwards, of all texts.
    pub fn wrong(&self) -> Share {
        Share { some: self.wrong, all: self.texts }
    }
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            texts: self.texts + other.texts,
            concerned: self.concerned + other.concerned,
            right: self.right + other.right,
            first_three: self.first_three + other.first_three,
            wrong: self.wrong + other.wrong,
        }
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, tally| sum + tally)
    }
}

/// Some of all, printed with its 95 % interval: `.968 [.89–.99]`.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    pub some: usize,
    pub all: usize,
}

impl Share {
    /// From 0 to 1; 0 of nothing.
    pub fn value(self) -> f64 {
        self.some as f64 / self.all.max(1) as f64
    }

    /// The interval of Wilson, which holds for few rows and for shares near 0 and 1.
    pub fn interval(self) -> (f64, f64) {
        if self.all == 0 {
            return (0.0, 1.0);
        }
        let (share, all, z2) = (self.value(), self.all as f64, DEVIATIONS * DEVIATIONS);
        let middle = share + z2 / (2.0 * all);
        let reach = DEVIATIONS * (share * (1.0 - share) / all + z2 / (4.0 * all * all)).sqrt();
        let whole = 1.0 + z2 / all;
        (((middle - reach) / whole).max(0.0), ((middle + reach) / whole).min(1.0))
    }

    /// The same as forwards in a thousand: `1.5 [.8–2.9]`.
    pub fn per_mille(self) -> String {
        let (low, high) = self.interval();
        format!("{:.1} [{:.1}–{:.1}]", self.value() * 1e3, low * 1e3, high * 1e3)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.all == 0 {
            return f.write_str("–");
        }
        let (low, high) = self.interval();
        write!(f, "{} [{}–{}]", decimals(self.value()), decimals(low), decimals(high))
    }
}

/// Three decimals without the zero before the point: `.968`, `1.000`.
pub fn decimals(share: f64) -> String {
    let text = format!("{share:.3}");
    text.strip_prefix('0').map_or(text.clone(), str::to_owned)
}

/// Prints a table in Markdown, as it can go to `docs/ROUTING.md`.
pub fn print_table(title: &str, head: &[&str], rows: &[Vec<String>]) {
    println!("\n### {title}\n\n| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    rows.iter().for_each(|row| println!("| {} |", row.join(" | ")));
}
