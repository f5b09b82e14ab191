//! "On Friday, Jane <jane@…> wrote:", the line above a quotation, in any language that says when, who and by which address.

mod verbs;

use super::line::{
    ends_with_word, filled_near, folded, has_address, has_date, has_time, has_word, is_blank, is_marked, is_rule,
    last_seen,
};
use verbs::{QUOTING, STARTS, VERBS, VERBS_UNSPACED};

/// Mail programs wrap the line over so many lines at most.
const LINES_MAX: usize = 5;

/// Characters of the verb behind an address.
const TAIL_MAX: usize = 24;

/// How far such a line can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// It introduces a quotation where one stands below.
    WithMarks,
    /// What stands below it is quoted, marked or not.
    Alone,
}

/// Where an attribution begins that ends on line `last`, and how sure that is.
pub fn ending_at(lines: &[&str], last: usize) -> Option<(usize, Trust)> {
    if !may_end_one(lines, last) {
        return None;
    }
    let mut joined = String::new();
    let mut found: Option<(usize, Trust)> = None;
    for at in (0..=last).rev().take(LINES_MAX) {
        let line = folded(lines[at]);
        if line.is_empty() {
            // An address in angle brackets may have been set apart (Polymail).
            if !joined.starts_with('<') {
                break;
            }
            continue;
        }
        if at < last && (is_marked(lines[at]) || line.ends_with(':') || is_rule(lines[at])) {
            break;
        }
        joined = if joined.is_empty() { line.clone() } else { format!("{line} {joined}") };
        let Some(trust) = trust(&joined) else { continue };
        if surely_begins_one(&line) {
            return Some((at, trust));
        }
        found = found.or(Some((at, trust)));
    }
    found
}

/// Whether a text by itself is an attribution.
pub fn introduces(text: &str) -> bool {
    trust(&folded(text)).is_some()
}

/// Whether anything is to be looked for above line `last`: nearly no line of a mail comes so far.
fn may_end_one(lines: &[&str], last: usize) -> bool {
    if is_marked(lines[last]) {
        // The rest of an address in brackets that was wrapped before its `>`.
        return ends_a_wrapped_address(&folded(lines[last]));
    }
    match last_seen(lines[last]) {
        Some(':' | '\u{ff1a}' | '-' | '\u{2010}'..='\u{2015}' | '*' | '_') => true,
        Some(_) => is_above_marks(lines, last),
        None => false,
    }
}

fn is_above_marks(lines: &[&str], last: usize) -> bool {
    let below = filled_near(lines, last + 1, 1);
    below.is_some_and(|below| is_marked(lines[below]) && !ends_a_wrapped_address(&folded(lines[below])))
}

/// `> wrote:`.
pub fn ends_a_wrapped_address(line: &str) -> bool {
    line.strip_prefix("> ").and_then(|rest| rest.strip_suffix(':')).is_some_and(|rest| VERBS.contains(&rest.trim()))
}

fn ends_with_verb(text: &str) -> bool {
    VERBS.iter().any(|verb| ends_with_word(text, verb)) || VERBS_UNSPACED.iter().any(|verb| text.ends_with(verb))
}

fn has_verb(text: &str) -> bool {
    VERBS.iter().any(|verb| has_word(text, verb)) || VERBS_UNSPACED.iter().any(|verb| text.contains(verb))
}

/// Judges a joined and folded line.
fn trust(text: &str) -> Option<Trust> {
    let bare = text.trim_matches(['*', '_', ' ']);
    let is_dashed = bare.starts_with("--") && bare.ends_with("--");
    let words = bare.trim_matches(['-', ' ', '=']);
    let (words, has_colon) = match words.strip_suffix(':') {
        Some(words) => (words.trim_end_matches(['*', '_', ' ', '-']), true),
        None => (words, false),
    };
    if words.is_empty() {
        return None;
    }
    let (address, time, date) = (has_address(words), has_time(words), has_date(words));
    let says_when = date || time;
    if ends_with_verb(words) {
        return match has_colon || is_dashed {
            true if address || time && (date || begins_one(words)) || is_dashed => Some(Trust::Alone),
            true => Some(Trust::WithMarks),
            false => (address || says_when).then_some(Trust::WithMarks),
        };
    }
    if has_colon && has_verb(words) && begins_one(words) {
        // German, Dutch and the Nordic languages end with the name.
        return Some(if address || time { Trust::Alone } else { Trust::WithMarks });
    }
    if has_colon && QUOTING.iter().any(|start| words.starts_with(start)) {
        return Some(if address { Trust::Alone } else { Trust::WithMarks });
    }
    let ends_with_when = words.split(' ').next_back().is_some_and(|word| word.contains(|c: char| c.is_numeric()));
    if has_colon && says_when && ends_with_when && has_verb(words) {
        return Some(if address && time { Trust::Alone } else { Trust::WithMarks });
    }
    // No verb is known here; the line is when and who, by its address at the end.
    let ends_with_address = words.ends_with(['>', ')', ']']) || words.split(' ').next_back().is_some_and(has_address);
    let is_one = address && says_when && (ends_with_address || has_colon) && begins_one(words);
    // A verb of one more language: few words between the address and the colon.
    let tail = words.rsplit_once('>').map_or(usize::MAX, |(_, tail)| tail.chars().count());
    let is_sure = has_colon && time && (ends_with_address || tail <= TAIL_MAX && date && surely_begins_one(words));
    is_one.then_some(if is_sure { Trust::Alone } else { Trust::WithMarks })
}

/// Whether a line begins as an attribution does: a number among its first words, which are no address.
fn begins_one(line: &str) -> bool {
    let mut words = line.trim_start_matches(['-', '*', '_', '[', ' ']).split(' ');
    let Some(first) = words.next() else { return false };
    let is_start = STARTS.contains(&first.trim_end_matches(','));
    has_digit(first) || words.take(if is_start { 7 } else { 4 }).any(has_digit)
}

/// The same where the line may as well end a sentence: it begins with a number, a known word or a short day of the week.
fn surely_begins_one(line: &str) -> bool {
    let first = line.trim_start_matches(['-', '*', '_', '[', ' ']).split(' ').next().unwrap_or_default();
    let is_day = first.ends_with([',', '.']) && first.chars().count() <= 10;
    (has_digit(first) || is_day || STARTS.contains(&first)) && begins_one(line)
}

fn has_digit(word: &str) -> bool {
    word.contains(|c: char| c.is_numeric()) && !word.contains('@')
}

/// Where an attribution begins on a line behind words of the mail's own: "fine On Wed, Apr 4, 2012, Jane wrote:".
pub fn behind_words(line: &str) -> Option<usize> {
    if !matches!(last_seen(line), Some(':' | '\u{ff1a}')) || is_marked(line) {
        return None;
    }
    let end = folded(line);
    let starts = line.char_indices().filter(|&(at, c)| c.is_uppercase() && line[..at].ends_with([' ', '-', '\u{a0}']));
    let mut found = None;
    for (at, _) in starts {
        let word: String = line[at..].chars().take_while(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        let tail = &line[at..];
        if STARTS.contains(&word.as_str()) && begins_one(&folded(tail)) && trust(&folded(tail)) == Some(Trust::Alone) {
            let head = line[..at].trim_end_matches(['-', ' ', '\u{a0}']);
            found = Some(if is_blank(head) { 0 } else { head.len() });
        }
    }
    let first = end.split(' ').next().unwrap_or_default();
    found.filter(|&at| at > 0 && !has_digit(first) && !STARTS.contains(&first))
}
