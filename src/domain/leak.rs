//! Which lines of a draft are also said where its readers cannot see them: a slip of the pen or of the clipboard.

use std::collections::HashSet;
use std::fmt;

/// So many words in a row are no chance: people say "thank you for your report" everywhere, in five.
const RUN: usize = 6;
/// A word of its own that nobody writes twice by chance: an address, a path, a hash.
const TELLING_WORD: usize = 16;

/// Lines of a draft that are also somewhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// Where: "an internal note".
    pub place: String,
    pub lines: Vec<String>,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lines.len() {
            1 => write!(f, "1 line here is also in {}.", self.place),
            count => write!(f, "{count} lines here are also in {}.", self.place),
        }
    }
}

/// Several, as one text.
pub fn sentences(leaks: &[Leak]) -> String {
    leaks.iter().map(Leak::to_string).collect::<Vec<_>>().join(" ")
}

/// The lines of `draft` that are also in `elsewhere`, but for what their readers know already. How lines are broken,
/// quoted and spelled large or small makes no difference.
pub fn lines_also_in(draft: &str, elsewhere: &[&str], known: &[&str]) -> Vec<String> {
    let told: Vec<Vec<String>> = elsewhere.iter().map(|text| words(text)).collect();
    let heard: Vec<Vec<String>> = known.iter().map(|text| words(text)).collect();
    let (told, heard) = (Signs::of(&told), Signs::of(&heard));
    let is_told = |line: &&str| {
        let line = words(line);
        signs(&line).any(|sign| told.0.contains(sign) && !heard.0.contains(sign))
    };
    draft.lines().filter(is_told).map(|line| line.trim().to_owned()).collect()
}

/// What texts are recognized by: runs of words, and words that tell by themselves.
struct Signs<'t>(HashSet<&'t [String]>);

impl<'t> Signs<'t> {
    fn of(texts: &'t [Vec<String>]) -> Self {
        Self(texts.iter().flat_map(|text| signs(text)).collect())
    }
}

fn signs(words: &[String]) -> impl Iterator<Item = &[String]> {
    let telling = words.chunks(1).filter(|word| is_telling(&word[0]));
    words.windows(RUN).chain(telling)
}

fn is_telling(word: &str) -> bool {
    word.len() >= TELLING_WORD && word.contains(|c: char| c.is_ascii_digit() || "@/\\:_.".contains(c))
}

/// The words of a text without marks of quotation and punctuation around them.
fn words(text: &str) -> Vec<String> {
    let plain = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    text.split_whitespace().map(plain).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "Kim says that their last release\nwas signed with a key that was stolen. We tell nobody yet.";

    #[test]
    fn a_line_is_recognized_however_it_is_broken_quoted_or_spelled() {
        for draft in [
            "Kim says that their last release was signed with a key that was stolen.",
            "> KIM SAYS that their last\n> release was signed with a key",
            "Hello,\n\n\u{201c}was signed with a key that was stolen\u{201d}\n\nGoodbye",
        ] {
            assert!(!lines_also_in(draft, &[NOTE], &[]).is_empty(), "{draft}");
        }
        assert_eq!(
            lines_also_in("Thank you.\n  was signed with a key that was stolen\nBye.", &[NOTE], &[]),
            ["was signed with a key that was stolen"]
        );
    }

    #[test]
    fn what_people_say_everywhere_is_no_leak_and_a_path_or_address_is_one() {
        assert_eq!(lines_also_in("Thank you for your report.", &["Said: thank you for your report"], &[]), [""; 0]);
        let note = "Ask ivo.lindqvist@lantern.example, see /srv/private/dump-0042.bin";
        assert_eq!(lines_also_in("It lies at /srv/private/dump-0042.bin\nas said", &[note], &[]).len(), 1);
        assert_eq!(lines_also_in("Ask Ivo.Lindqvist@lantern.example.", &[note], &[]).len(), 1);
        assert_eq!(lines_also_in("incomprehensibilities", &["incomprehensibilities"], &[]), [""; 0], "a long word");
    }

    #[test]
    fn what_the_readers_know_already_is_no_leak() {
        let report = "A crafted table makes Parsley read past the end of its buffer.";
        let note = format!("They wrote: {report} I could not repeat it on any of my machines.");
        assert_eq!(lines_also_in(report, &[&note], &[report]), [""; 0]);
        let more = format!("{report}\nI could not repeat it on any of my machines.");
        assert_eq!(lines_also_in(&more, &[&note], &[report]), ["I could not repeat it on any of my machines."]);
        assert_eq!(lines_also_in(&more, &[], &[report]), [""; 0]);
    }

    #[test]
    fn one_line_and_several_are_counted_in_words() {
        let leak = |count| Leak { place: "an internal note".to_owned(), lines: vec![String::new(); count] };
        assert_eq!(leak(3).to_string(), "3 lines here are also in an internal note.");
        assert_eq!(leak(1).to_string(), "1 line here is also in an internal note.");
    }
}
