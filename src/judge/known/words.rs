//! Which words of a report may be kept, and which of them say something about its project.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use crate::judge::fold::Folded;

/// Bytes of a body that are looked at: what a report is about it says early, and a dump at its end says nothing.
const WINDOW: usize = 16 * 1024;
/// Words that are kept of one report.
const KEPT: usize = 120;
/// Different words of a text that are compared with those that were kept.
const COMPARED: usize = 600;
/// Letters of a word. Shorter ones are met everywhere; longer ones are no words but keys, hashes and encoded bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=24;
/// Digits in a word: `mplot3d` and `utf16` are names, more make it a number, a token or a password.
const DIGITS: usize = 2;

/// Whether `word`, in lower case, may stand in any report, whatever it is about.
pub fn is_plain(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> =
        LazyLock::new(|| include_str!("plain.txt").split_ascii_whitespace().collect());
    WORDS.contains(word)
}

/// The words by which a report may be known again, sorted: single ones, none that could be a secret.
pub fn worth_keeping(subject: &str, body: &str) -> Vec<String> {
    let words: BTreeSet<String> = telling(subject, body, KEPT).into_iter().collect();
    words.into_iter().collect()
}

/// The different words of a text that are compared with those of earlier ones, in the order of their first place.
pub fn compared(subject: &str, body: &str) -> Vec<String> {
    telling(subject, body, COMPARED)
}

fn telling(subject: &str, body: &str, limit: usize) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut words = Vec::new();
    for text in [subject, &body[..body.floor_char_boundary(WINDOW)]] {
        let folded = Folded::of(text);
        for word in folded.as_str().split(|c: char| !c.is_alphanumeric()).filter(|word| may_be_kept(word)) {
            if words.len() < limit && seen.insert(word.to_owned()) {
                words.push(word.to_owned());
            }
        }
    }
    words
}

fn may_be_kept(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_hex = digits > 0 && word.len() > 5 && word.bytes().all(|b| b.is_ascii_hexdigit());
    LENGTHS.contains(&word.chars().count())
        && word.starts_with(char::is_alphabetic)
        && digits <= DIGITS
        && !is_hex
        && !is_plain(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_are_single_words_in_no_order_and_no_secrets() {
        let body = "The Tripod of the millstone leaks AKIA83X9Q2L1, deadbeef01, 4f9a and hunter2024 to guests.\n\
                    See ghp_16C7e42F292c6912E7710c838347Ae178B4a and tripod3d.";
        let kept = worth_keeping("Millstone: arbitrary file read", body);
        assert_eq!(kept, ["ghp", "guests", "millstone", "tripod", "tripod3d"]);
    }

    #[test]
    fn a_long_text_gives_no_more_words_than_a_short_one() {
        let many: String = (0..40_000u32).map(|n| format!("{} ", letters(n))).collect();
        assert_eq!(worth_keeping("", &many).len(), KEPT);
        assert_eq!(compared("", &many).len(), COMPARED);
    }

    /// A made-up word for each number.
    fn letters(mut number: u32) -> String {
        let mut word = String::from("qz");
        for _ in 0..6 {
            word.push(char::from(b'a' + (number % 26) as u8));
            number /= 26;
        }
        word
    }
}
