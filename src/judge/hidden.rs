//! A text without the characters that nobody sees, and where its parts stand in the text as it came.
//!
//! A zero-width character within "overflow" would take the word from every rule that looks for it. In a name of
//! ours it stays, for there it is a disguise, which is told and lets a person decide.

use std::borrow::Cow;
use std::ops::Range;

use crate::domain::judgement::Span;
use crate::judge::fold::is_invisible;

/// A text as a reader sees it.
#[derive(Debug)]
pub struct Seen<'t> {
    /// What is seen.
    pub text: Cow<'t, str>,
    /// Where in `text` something was taken out, and how many bytes had been taken out up to there.
    gaps: Vec<(usize, usize)>,
}

impl<'t> Seen<'t> {
    /// `text` without its invisible characters, those between the letters of one of the `kept` ranges excepted.
    pub fn of(text: &'t str, kept: impl FnOnce(&str) -> Vec<Range<usize>>) -> Self {
        if text.is_ascii() || !text.contains(is_invisible) {
            return Self { text: Cow::Borrowed(text), gaps: Vec::new() };
        }
        let kept: Vec<Range<usize>> = kept(text).into_iter().map(|range| without_ends(text, range)).collect();
        let is_kept = |at: usize| {
            let next = kept.partition_point(|range| range.end <= at);
            kept.get(next).is_some_and(|range| range.contains(&at))
        };
        let mut seen = String::with_capacity(text.len());
        let mut gaps: Vec<(usize, usize)> = Vec::new();
        for (at, c) in text.char_indices() {
            if !is_invisible(c) || is_kept(at) {
                seen.push(c);
                continue;
            }
            let taken = gaps.last().map_or(0, |gap| gap.1) + c.len_utf8();
            match gaps.last_mut() {
                Some(gap) if gap.0 == seen.len() => gap.1 = taken,
                _ => gaps.push((seen.len(), taken)),
            }
        }
        Self { text: Cow::Owned(seen), gaps }
    }

    /// The place in the text as it came of a `span` of what is seen.
    pub fn original(&self, span: Span) -> Span {
        let before = |gaps: usize| gaps.checked_sub(1).map_or(0, |last| self.gaps[last].1);
        let start = before(self.gaps.partition_point(|gap| gap.0 <= span.start));
        let end = before(self.gaps.partition_point(|gap| gap.0 < span.end));
        Span { start: span.start + start, end: span.end + end, ..span }
    }
}

/// `range` without the invisible characters at its ends.
fn without_ends(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = text[range.clone()].trim_end_matches(is_invisible);
    let end = range.start + inner.len();
    end - inner.trim_start_matches(is_invisible).len()..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::judgement::Field;

    fn seen(text: &str) -> Seen<'_> {
        Seen::of(text, |_| Vec::new())
    }

    #[test]
    fn what_nobody_sees_is_taken_out_and_places_are_found_again() {
        let text = "\u{feff}a st\u{200b}\u{200d}ored\u{202e} flaw\u{ad}";
        let seen = seen(text);
        assert_eq!(seen.text, "a stored flaw");
        for (words, there) in [("stored", "st\u{200b}\u{200d}ored"), ("flaw", "flaw"), ("a", "a"), (" flaw", " flaw")] {
            let start = seen.text.find(words).unwrap();
            let span = Span { field: Field::Body, start, end: start + words.len() };
            let original = seen.original(span);
            assert_eq!(&text[original.start..original.end], there);
        }
    }

    #[test]
    fn a_kept_range_keeps_its_hidden_characters_and_a_plain_text_is_not_copied() {
        let text = "\u{200b}Q\u{200b}uern\u{200b}";
        let kept = Seen::of(text, |text| std::iter::once(0..text.len()).collect());
        assert_eq!(kept.text, "Q\u{200b}uern");
        assert!(matches!(seen("Quern").text, Cow::Borrowed("Quern")));
    }
}
