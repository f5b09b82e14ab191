//! Looks for all signs in a subject and a text: phrases word by word, then the text's shape.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use crate::domain::judgement::{Field, Span};
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

/// All phrases, ready to be looked for: by the first letters of a word, for a text has far fewer words than letters.
struct Phrases(HashMap<Start, Vec<Phrase>>);

/// The first letters of a word, filled up with zeros.
type Start = [u8; START];

/// An open phrase is one word of at least so many letters.
const START: usize = 4;

struct Phrase {
    text: &'static str,
    /// A word may go on behind it.
    is_open: bool,
    sign: Sign,
    /// Among all phrases.
    number: usize,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut by_start: HashMap<Start, Vec<Phrase>> = HashMap::new();
    let listed = Sign::ALL.iter().flat_map(|&sign| sign.phrases().split(',').map(move |phrase| (sign, phrase.trim())));
    for (number, (sign, phrase)) in listed.filter(|(_, phrase)| !phrase.is_empty()).enumerate() {
        let (text, is_open) = phrase.strip_suffix('*').map_or((phrase, false), |text| (text, true));
        by_start.entry(start_of(text)).or_default().push(Phrase { text, is_open, sign, number });
    }
    Phrases(by_start)
});

/// Reads the phrases now, so that no text has to wait for it.
pub fn prepare() {
    LazyLock::force(&PHRASES);
    shape::prepare();
}

fn start_of(text: &str) -> Start {
    let mut start = Start::default();
    let letters = text.bytes().take(START).take_while(|&byte| is_letter(byte));
    start.iter_mut().zip(letters).for_each(|(place, letter)| *place = letter);
    start
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
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
    let all = folded.as_str();
    let mut found = vec![Found::default(); Sign::ALL.len()];
    let mut known = HashSet::new();
    for at in word_starts(all) {
        let rest = &all[at..];
        for phrase in PHRASES.0.get(&start_of(rest)).into_iter().flatten().filter(|phrase| stands(phrase, rest)) {
            let found = &mut found[phrase.sign as usize];
            if found.count < COUNTED && known.insert(phrase.number) {
                found.count += 1;
                let rest_of_word = rest.bytes().skip(phrase.text.len()).take_while(|&byte| is_letter(byte)).count();
                let end = folded.source_of(at + phrase.text.len() + rest_of_word);
                found.first.get_or_insert(folded.source_of(at)..end);
            }
        }
    }
    found
}

/// Where a word of `text` starts.
fn word_starts(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let starts = |at: &usize| is_letter(bytes[*at]) && (*at == 0 || !is_letter(bytes[*at - 1]));
    (0..bytes.len()).filter(starts)
}

/// Whether `rest`, which starts with a word, starts with the phrase, and the phrase ends where a word does.
fn stands(phrase: &Phrase, rest: &str) -> bool {
    let ends = |behind: &str| {
        !phrase.text.ends_with(|c: char| c.is_alphanumeric()) || !behind.bytes().next().is_some_and(is_letter)
    };
    rest.strip_prefix(phrase.text).is_some_and(|behind| phrase.is_open || ends(behind))
}
