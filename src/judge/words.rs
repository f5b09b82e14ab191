//! Lists of words that decide a sign, and how the words around a name are compared with them.

use std::collections::HashSet;
use std::sync::LazyLock;

/// No word of any list is longer; a longer word of a text is in none.
const LONGEST: usize = 24;

/// A fixed list of lower-case words. A phrase stands as one word, its parts joined by `-`.
pub struct Words(LazyLock<HashSet<&'static str>>);

impl Words {
    /// The list that `read` makes when it is first asked for.
    pub const fn new(read: fn() -> HashSet<&'static str>) -> Self {
        Self(LazyLock::new(read))
    }

    /// Whether `word` is in the list, in any case.
    pub fn has(&self, word: &str) -> bool {
        lower(word, |word| self.0.contains(word))
    }

    /// Whether the first of `words` is in the list.
    pub fn has_first(&self, words: &[&str]) -> bool {
        words.first().is_some_and(|word| self.has(word))
    }

    /// Whether one of the first `count` of `words` is in the list.
    pub fn has_near(&self, words: &[&str], count: usize) -> bool {
        words.iter().take(count).any(|word| self.has(word))
    }

    /// `words` without those at its start that are in the list.
    pub fn skip<'w, 't>(&self, words: &'w [&'t str]) -> &'w [&'t str] {
        &words[words.iter().take_while(|word| self.has(word)).count()..]
    }
}

/// What `look_up` says of `word` in lower case; the default for one that is longer than any of a list.
pub fn lower<T: Default>(word: &str, look_up: impl FnOnce(&str) -> T) -> T {
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..word.len()) else { return T::default() };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).map(look_up).unwrap_or_default()
}

/// Declares lists of words: `words! { NAME = "first second"; }`.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$doc])*
        static $name: $crate::judge::words::Words =
            $crate::judge::words::Words::new(|| $text.split_ascii_whitespace().collect());)+
    };
}
pub(crate) use words;

/// Whether each step of `phrase` holds the word at its place.
pub fn starts_with(words: &[&str], phrase: &[&Words]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, step)| step.has(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    words! { FRUIT = "apple pear"; IN = "in within"; }

    #[test]
    fn words_are_found_in_any_case_and_only_whole() {
        for (word, is_in) in [("Apple", true), ("PEAR", true), ("pea", false), ("", false), ("äpfel", false)] {
            assert_eq!(FRUIT.has(word), is_in, "{word}");
        }
        assert!(!FRUIT.has(&"pear".repeat(100)));
    }

    #[test]
    fn phrases_are_compared_word_by_word() {
        assert!(starts_with(&["in", "pear"], &[&IN, &FRUIT]));
        assert!(!starts_with(&["in"], &[&IN, &FRUIT]));
        assert_eq!(IN.skip(&["in", "Within", "pear"]), ["pear"]);
    }
}
