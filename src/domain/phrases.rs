//! Lists of words and phrases, and which of them stand in a text: word by word, in linear time.

use std::collections::HashMap;
use std::ops::Range;

/// So many letters at the start of a word decide which phrases are compared with it.
const START: usize = 4;

/// The first letters of a word, filled up with zeros.
type Start = [u8; START];

/// Phrases of several lists, ready to be looked for.
///
/// They are lower case, with single spaces, and start with a letter or a digit. A `*` at the end stands for the rest
/// of a word, of which at least four letters are given.
#[derive(Debug)]
pub struct Phrases {
    by_start: HashMap<Start, Vec<Phrase>>,
    count: usize,
}

#[derive(Debug)]
struct Phrase {
    text: &'static str,
    /// A word may go on behind it.
    is_open: bool,
    list: usize,
    /// Among all phrases.
    number: usize,
}

/// The first place of one phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Which list has it.
    pub list: usize,
    /// As the list has it, without its `*`.
    pub phrase: &'static str,
    /// Where it stands, to the end of the word.
    pub range: Range<usize>,
}

impl Phrases {
    /// Reads lists in which commas set the phrases apart.
    pub fn of(lists: impl IntoIterator<Item = &'static str>) -> Self {
        let mut phrases = Self { by_start: HashMap::new(), count: 0 };
        for (list, text) in lists.into_iter().enumerate() {
            for phrase in text.split(',').map(str::trim).filter(|phrase| !phrase.is_empty()) {
                let (text, is_open) = phrase.strip_suffix('*').map_or((phrase, false), |text| (text, true));
                let number = phrases.count;
                phrases.by_start.entry(start_of(text)).or_default().push(Phrase { text, is_open, list, number });
                phrases.count += 1;
            }
        }
        phrases
    }

    /// The phrases that stand in `text` as whole words, each at its first place, in the order of the text.
    /// The text must be in the form of the phrases.
    pub fn found_in(&self, text: &str) -> Vec<Hit> {
        let mut known = vec![false; self.count];
        let mut hits = Vec::new();
        for at in word_starts(text) {
            let rest = &text[at..];
            for phrase in self.by_start.get(&start_of(rest)).into_iter().flatten().filter(|phrase| phrase.opens(rest)) {
                if !std::mem::replace(&mut known[phrase.number], true) {
                    let rest_of_word = rest.bytes().skip(phrase.text.len()).take_while(|&byte| is_letter(byte)).count();
                    let range = at..at + phrase.text.len() + rest_of_word;
                    hits.push(Hit { list: phrase.list, phrase: phrase.text, range });
                }
            }
        }
        hits
    }
}

impl Phrase {
    /// Whether `rest`, which starts with a word, starts with the phrase, and the phrase ends where a word does.
    fn opens(&self, rest: &str) -> bool {
        let ends_in_word = self.text.bytes().next_back().is_some_and(is_letter);
        rest.strip_prefix(self.text)
            .is_some_and(|behind| self.is_open || !ends_in_word || !behind.bytes().next().is_some_and(is_letter))
    }
}

fn word_starts(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter(|&at| is_letter(bytes[at]) && (at == 0 || !is_letter(bytes[at - 1])))
}

fn start_of(text: &str) -> Start {
    let mut start = Start::default();
    let letters = text.bytes().take(START).take_while(|&byte| is_letter(byte));
    start.iter_mut().zip(letters).for_each(|(place, letter)| *place = letter);
    start
}

/// Letters and digits, and all bytes of letters beyond ASCII.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_whole_words_once_each() {
        let phrases = Phrases::of(["rate limit*, log in, https://x", "rate, 1 800, log"]);
        let found = |text: &str| {
            let hits = phrases.found_in(text);
            hits.into_iter().map(|hit| format!("{}:{}", hit.list, &text[hit.range])).collect::<Vec<_>>().join(" ")
        };
        for (text, expected) in [
            ("no rate limiting, rate limits", "0:rate limiting 1:rate"),
            ("rated, prorate, logs", ""),
            ("log in. log", "0:log in 1:log"),
            ("call 1 800 555", "1:1 800"),
            ("see https://xyz", ""),
            ("see https://x/z", "0:https://x"),
            ("ärate rateä", ""),
            ("", ""),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
