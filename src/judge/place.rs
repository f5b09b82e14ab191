//! What stands around a name: the words of its sentence to both sides, the line, and the joints to its neighbors.

use std::ops::Range;

/// Words looked at to each side. A role is decided by the nearest few.
const WORDS: usize = 6;
/// Bytes looked at to each side, so that a text without spaces costs no more than another.
const REACH: usize = 120;

/// The surroundings of one span of a text.
#[derive(Debug)]
pub struct Place<'t> {
    /// Words before it in its sentence, the nearest first.
    pub left: Vec<&'t str>,
    /// Words behind it in its sentence, the nearest first.
    pub right: Vec<&'t str>,
    /// The bytes directly before and behind it, at most `REACH` of each.
    pub before: &'t str,
    pub after: &'t str,
    /// Nothing but marks stands before it in its sentence.
    pub starts_sentence: bool,
    /// Nothing but marks stands before it in its line.
    pub starts_line: bool,
    /// Nothing but marks stands before it at all.
    pub starts_text: bool,
}

impl<'t> Place<'t> {
    /// Looks around `range` of `text`.
    pub fn of(text: &'t str, range: &Range<usize>) -> Self {
        let from = floor(text, range.start.saturating_sub(REACH));
        let to = ceil(text, (range.end + REACH).min(text.len()));
        let (before, after) = (&text[from..range.start], &text[range.end..to]);
        let sentence = without_path(&before[sentence_start(before)..]);
        let rest = &after[..sentence_end(after)];
        let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        let reaches_start = from == 0;
        let is_bare = |part: &str| part.chars().all(|c| !c.is_alphanumeric());
        Self {
            left: sentence.split_whitespace().rev().map(strip).filter(|word| !word.is_empty()).take(WORDS).collect(),
            right: rest.split_whitespace().map(strip).filter(|word| !word.is_empty()).take(WORDS).collect(),
            starts_sentence: is_bare(sentence) && (sentence.len() < before.len() || reaches_start),
            starts_line: is_bare(line) && (line.len() < before.len() || reaches_start),
            starts_text: reaches_start && is_bare(before),
            before,
            after,
        }
    }

    /// The text of the line before it, without marks at its end.
    pub fn line_before(&self) -> &'t str {
        self.before[self.before.rfind('\n').map_or(0, |at| at + 1)..]
            .trim_end_matches(['*', '_', '`', '"', '\'', '[', '(', ' ', '<'])
    }

    /// It stands in the middle of a sentence among words in lower case: a capital there makes a name.
    pub fn stands_out(&self) -> bool {
        let is_low = |word: &&&str| word.starts_with(char::is_lowercase) && word.len() > 3;
        let is_high = |word: &&&str| word.starts_with(char::is_uppercase);
        let near = || self.left.iter().take(4).chain(self.right.iter().take(4));
        let follows_low = self.left.first().is_some_and(|word| word.starts_with(char::is_lowercase));
        !self.starts_sentence && follows_low && near().filter(is_low).count() > near().filter(is_high).count()
    }

    /// It stands between back-ticks.
    pub fn is_code(&self) -> bool {
        self.before.ends_with('`') && self.after.contains('`')
            || self.before.rsplit('\n').next().is_some_and(has_open_tick)
    }

    /// The word behind it, if the two are joined by a hyphen or underscore: `reader` of `parsley-reader`.
    pub fn hyphened_to(&self) -> Option<&'t str> {
        let rest = self.after.strip_prefix(['-', '_'])?;
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len());
        (end > 0).then(|| &rest[..end])
    }

    /// The word behind it after a dot or colons: `read` of `parsley.read`.
    pub fn dotted_to(&self) -> Option<&'t str> {
        let rest = self.after.strip_prefix("::").or_else(|| self.after.strip_prefix('.'))?;
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        (end > 0).then(|| &rest[..end])
    }
}

/// The sentence before a name without the address or path that the name ends: "see https://forge.example/herbs/".
fn without_path(sentence: &str) -> &str {
    let last = sentence.trim_end_matches(|c| !char::is_whitespace(c)).len();
    if sentence[last..].contains('/') { &sentence[..last] } else { sentence }
}

fn has_open_tick(line: &str) -> bool {
    line.bytes().filter(|&b| b == b'`').count() % 2 == 1
}

/// A word without the marks around it.
fn strip(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '@' | '<' | '>' | '=' | '+' | '#'))
}

/// Where the sentence that reaches the end of `before` starts.
fn sentence_start(before: &str) -> usize {
    let bytes = before.as_bytes();
    for at in (0..bytes.len()).rev() {
        let follows = bytes.get(at + 1).copied();
        let is_end = match bytes[at] {
            b'.' | b'!' | b'?' => follows.is_some_and(|b| b.is_ascii_whitespace()) && !is_abbreviation(&before[..at]),
            b'\n' => !wraps(&before[..at], &before[at + 1..]),
            b'|' => true,
            _ => false,
        };
        if is_end {
            return at + 1;
        }
    }
    0
}

/// Where the sentence that goes on in `after` ends.
fn sentence_end(after: &str) -> usize {
    let bytes = after.as_bytes();
    for at in 0..bytes.len() {
        let follows = bytes.get(at + 1).copied();
        let is_end = match bytes[at] {
            b'.' | b'!' | b'?' => follows.is_none_or(|b| b.is_ascii_whitespace()) && !is_abbreviation(&after[..at]),
            b'\n' => !wraps(&after[..at], &after[at + 1..]),
            b'|' => true,
            _ => false,
        };
        if is_end {
            return at;
        }
    }
    bytes.len()
}

/// Whether a line break is only there because the line was full.
fn wraps(line: &str, next: &str) -> bool {
    let ends_open =
        line.trim_end_matches('\r').ends_with(|c: char| c.is_alphanumeric() || matches!(c, ',' | '`' | '"' | ')'));
    ends_open && (next.is_empty() || next.starts_with(|c: char| c.is_alphanumeric() || c == '`'))
}

/// `e.g.`, `v.`, `i.e.` end no sentence.
fn is_abbreviation(before_dot: &str) -> bool {
    ["e.g", "i.e", " v", " vs", " ver", " approx", " incl"].iter().any(|short| before_dot.ends_with(short))
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &'static str) -> Place<'static> {
        let at = text.find("Quern").unwrap();
        Place::of(text, &(at..at + 5))
    }

    #[test]
    fn the_words_of_the_sentence_are_found_to_both_sides() {
        let place = around("We run Larder. A flaw (XSS) in **Quern** 1.2, e.g. its mill, lets guests in. More.");
        assert_eq!(place.left, ["in", "XSS", "flaw", "A"]);
        assert_eq!(place.right, ["1.2", "e.g", "its", "mill", "lets", "guests"]);
        assert!(!place.starts_sentence);
    }

    #[test]
    fn starts_are_told_apart() {
        for (text, sentence, line, whole) in [
            ("Quern leaks", true, true, true),
            ("[Quern] leaks", true, true, true),
            ("It leaks. Quern does", true, false, false),
            ("It leaks\n\n- Quern", true, true, false),
            ("we saw that\nQuern leaks", false, true, false),
            ("in Quern", false, false, false),
        ] {
            let place = around(text);
            assert_eq!(
                (place.starts_sentence, place.starts_line, place.starts_text),
                (sentence, line, whole),
                "{text}"
            );
        }
    }

    #[test]
    fn joints_to_neighbors_are_seen() {
        assert_eq!(around("Quern-reader 2").hyphened_to(), Some("reader"));
        assert_eq!(around("Quern::mill()").dotted_to(), Some("mill"));
        assert_eq!(around("It is Quern. Then").dotted_to(), None);
        assert!(around("call `new Quern(1)`").is_code());
        assert!(!around("call `new` Quern").is_code());
    }

    #[test]
    fn text_without_spaces_or_ascii_is_cut_between_letters() {
        let text = format!("{}Quern{}", "漢".repeat(100), "字".repeat(100));
        let at = text.find("Quern").unwrap();
        assert_eq!(Place::of(&text, &(at..at + 5)).left.len(), 1);
    }
}
