//! What of one text stands in another as well, to be marked where a member compares the two.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::near::FactKind;
use crate::judge::near::facts::mentions;
use crate::judge::near::shingles::{SHINGLE, shingles};
use crate::judge::near::text::runs;

/// Bytes of `text` that `other` has too: words in the same order, and what both name. Ascending, none touching the next.
pub fn shared(text: &str, other: &str) -> Vec<Range<usize>> {
    let theirs: HashSet<u64> = runs(other).iter().flat_map(|run| shingles(run)).map(|(_, hash)| hash).collect();
    let named: HashSet<(FactKind, String)> =
        mentions(other).into_iter().map(|(kind, value, _)| (kind, value)).collect();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for run in runs(text) {
        let both = shingles(&run).filter(|(_, hash)| theirs.contains(hash));
        ranges.extend(both.map(|(first, _)| run[first].range.start..run[first + SHINGLE - 1].range.end));
    }
    let facts = mentions(text).into_iter().filter(|(kind, value, _)| named.contains(&(*kind, value.clone())));
    ranges.extend(facts.map(|(.., range)| range));
    joined(ranges)
}

fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked<'t>(text: &'t str, other: &str) -> Vec<&'t str> {
        shared(text, other).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn words_in_the_same_order_and_names_are_marked_and_nothing_else_is() {
        let one = "Hello,\nthe quern grinds stale barley flour twice in lib/quern/mill.py.\nKind regards";
        let two = "While testing: quern grinds stale\nbarley flour twice. See src/quern/mill.py:120 please.";
        assert_eq!(marked(one, two), ["quern grinds stale barley flour twice", "lib/quern/mill.py"]);
        assert_eq!(marked(two, one), ["quern grinds stale\nbarley flour twice", "src/quern/mill.py:120"]);
    }

    #[test]
    fn strange_letters_leave_no_mark_in_the_middle_of_one() {
        let text = "Ünïcode mörtar pestle brökën gröûnd \u{200b}flöur ﬁne `grind_all` — 漢字";
        for range in shared(text, text) {
            assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end), "{range:?}");
        }
        assert!(!shared(text, text).is_empty());
    }

    #[test]
    fn texts_without_anything_in_common_have_no_marks() {
        assert!(shared("The quern grinds barley.", "A lantern glows in the dark tower.").is_empty());
    }
}
