//! Looks for all signs in a subject and a text: phrases word by word, then the text's shape.

use std::ops::Range;
use std::sync::LazyLock;

use crate::domain::judgement::{Field, Span};
use crate::domain::phrases::Phrases;
use crate::judge::fold::Folded;
use crate::judge::noise::shape;
use crate::judge::noise::signs::Sign;

/// Bytes of a text that are looked at: what a mail is, it says at its start.
const LOOKED_AT: usize = 8 * 1024;
/// Different phrases of one sign that count; more say nothing new.
pub const COUNTED: usize = 8;
/// Phrases in the subject count again, so many at most.
const COUNTED_AGAIN: usize = 2;

/// What was seen of one sign.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub count: usize,
    /// It stands in the subject, too.
    pub is_in_subject: bool,
    /// Its first place, in the subject if it stands there.
    pub at: Option<Span>,
}

impl Seen {
    /// The steps that its weights count: each further find says less.
    pub fn steps(&self) -> f32 {
        (1.0 + self.count as f32).ln()
    }
}

/// What was seen of each sign.
#[derive(Debug)]
pub struct Signs(Vec<Seen>);

impl Signs {
    /// Looks for all of them.
    pub fn of(subject: &str, body: &str) -> Self {
        let body = &body[..body.floor_char_boundary(LOOKED_AT)];
        let subject = &subject[..subject.floor_char_boundary(LOOKED_AT)];
        let (said, titled) = (phrases_in(body), phrases_in(subject));
        let seen = said.into_iter().zip(titled).map(|(said, titled)| both(said, titled)).collect();
        let mut signs = Self(seen);
        shape::add(&mut signs, subject, body);
        signs
    }

    /// What was seen of that sign.
    pub fn seen(&self, sign: Sign) -> &Seen {
        &self.0[sign as usize]
    }

    /// Different phrases of these signs.
    pub fn count(&self, signs: &[Sign]) -> usize {
        signs.iter().map(|&sign| self.seen(sign).count).sum()
    }

    /// Notes a sign of the text's shape.
    pub fn note(&mut self, sign: Sign, count: usize, at: Option<Span>) {
        self.0[sign as usize] = Seen { count, is_in_subject: at.is_some_and(|at| at.field == Field::Subject), at };
    }
}

/// Counts and first places of one sign in both texts, as one.
fn both(said: Found, titled: Found) -> Seen {
    let span = |field| move |range: Range<usize>| Span::of(field, &range);
    let is_in_subject = titled.count > 0;
    let in_subject = titled.first.map(span(Field::Subject));
    Seen {
        count: said.count.max(titled.count) + titled.count.min(COUNTED_AGAIN),
        is_in_subject,
        at: in_subject.or_else(|| said.first.map(span(Field::Body))),
    }
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(Sign::ALL.iter().map(|sign| sign.phrases())));

/// Reads the phrases now, so that no text has to wait for it.
pub fn prepare() {
    LazyLock::force(&PHRASES);
    shape::prepare();
}

/// What was found of one sign's phrases in one text.
#[derive(Debug, Clone, Default)]
struct Found {
    /// Different ones, at most `COUNTED`.
    count: usize,
    first: Option<Range<usize>>,
}

/// What was found of each sign in `text`, in the order of `Sign::ALL`.
fn phrases_in(text: &str) -> Vec<Found> {
    let folded = Folded::of(text);
    let mut found = vec![Found::default(); Sign::ALL.len()];
    for hit in PHRASES.found_in(folded.as_str()) {
        let found = &mut found[hit.list];
        found.count = COUNTED.min(found.count + 1);
        found.first.get_or_insert_with(|| folded.source_of(hit.range.start)..folded.source_of(hit.range.end));
    }
    found
}
