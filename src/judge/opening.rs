//! The thing with which a text, or one of its first lines, opens: "Acme Console 2.1 allows …", "Acme ISE: …".

use std::ops::Range;

use crate::judge::forms::is_version;
use crate::judge::handles::is_common_word;
use crate::judge::words::words;

/// Bytes from the start in which a line may open with what the text is about.
const WINDOW: usize = 1_200;
/// Lines that are looked at.
const LINES: usize = 6;
/// Words of a name and of what stands between it and its verb.
const WORDS: usize = 9;

words! {
    /// Words before a name that are none of it.
    LEADS = "the a an in on with security vulnerability issue bug cve advisory report re fwd hi hello dear";
    /// What a thing does in a text that is about it.
    DOES = "allows allow allowed does do did fails failed contains contained suffers has had mishandles mishandled can could may
        might exposes exposed improperly incorrectly permits lets leaks lacks omits trusts accepts parses passes stores
        returns crashes renders makes provides supports offers uses used ships bundles includes embeds runs is are was
        were before prior through up versions version earlier and-earlier when if does-not deserializes evaluates
        executes loads reads writes forwards exploits mismanages validates";
    /// Labels and other words that are capitalized where a line starts.
    LABELS = "description fixed reported summary impact calling injection attacks reloaded certificate transfer encoding header
        headers poc proof discoverer credits timeline references mitigation workaround note notes hi all when while for";
    /// Joins two words of one name.
    JOINTS = "and for of &";
    /// People and firms that find flaws; what they did follows.
    FINDS = "discovered found reported identified noticed observed disclosed announced";
}

/// The names with which the first lines of `text` open, in bytes of it.
///
/// A name is a run of words with capitals or digits, of which one is no common word, with a verb, a version, a colon
/// or a bracket behind it.
pub fn openings(text: &str) -> Vec<Range<usize>> {
    let window = &text[..text.floor_char_boundary(WINDOW)];
    let mut start = 0;
    let mut found = Vec::new();
    for line in window.split_inclusive('\n').filter(|line| !line.trim().is_empty()).take(LINES) {
        let at = window[start..].find(line).map_or(start, |ahead| start + ahead);
        found.extend(opening(line).map(|range| at + range.start..at + range.end));
        start = at + line.len();
    }
    found
}

/// A word of a line with what stands around it.
struct Word<'t> {
    range: Range<usize>,
    text: &'t str,
    /// A colon, a dash or an opening bracket follows.
    ends: bool,
}

fn opening(line: &str) -> Option<Range<usize>> {
    let words = words_of(line);
    let lead = words.iter().take_while(|word| LEADS.has(word.text)).count();
    let words = &words[lead..];
    let mut length = 0;
    while let Some(word) = words.get(length) {
        let joins = length > 0 && JOINTS.has(word.text) && words.get(length + 1).is_some_and(|next| is_high(next.text));
        let is_part = is_high(word.text) || (length > 0 && word.text.contains(char::is_uppercase));
        if !joins && (!is_part || (length > 0 && is_version(word.text))) {
            break;
        }
        length += 1;
        if word.ends {
            break;
        }
    }
    let name = words.get(..length).filter(|name| name.iter().any(|word| is_rare(word.text)))?;
    (!name.is_empty() && is_subject(name, &words[length..])).then(|| name[0].range.start..name[length - 1].range.end)
}

/// Whether what follows a name says that the name is what the line is about.
fn is_subject(name: &[Word<'_>], rest: &[Word<'_>]) -> bool {
    if name.last().is_some_and(|word| word.ends) {
        return true;
    }
    let does = |word: Option<&Word<'_>>| word.is_some_and(|word| DOES.has(word.text) || is_version(word.text));
    let Some(next) = rest.first().filter(|next| !FINDS.has(next.text)) else { return false };
    // "Acme PCS neo uses": a last word of a name may be in lower case.
    does(Some(next)) || (!is_common_word(&next.text.to_lowercase()) && does(rest.get(1)))
}

/// The first words of a line, without the marks around them.
fn words_of(line: &str) -> Vec<Word<'_>> {
    let mut at = 0;
    let mut words = Vec::new();
    for piece in line.split_inclusive(char::is_whitespace).take(WORDS * 2) {
        let inner = piece.trim_matches(|c: char| !c.is_alphanumeric());
        if let Some(start) = piece.find(inner).filter(|_| !inner.is_empty()) {
            let after = &piece[start + inner.len()..];
            let is_end = after.starts_with([':', '(']) || line[at + piece.len()..].starts_with(['(', '-', '–']);
            words.push(Word { range: at + start..at + start + inner.len(), text: inner, ends: is_end });
        }
        at += piece.len();
        if words.len() >= WORDS {
            break;
        }
    }
    words
}

fn is_high(word: &str) -> bool {
    let is_plain = word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '+' | '&' | '\'' | '’'));
    is_plain && word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
}

/// Not a word of everyday, nor a number or a name for a kind of flaw.
fn is_rare(word: &str) -> bool {
    let is_everyday = |part: &str| is_common_word(&part.to_lowercase()) || LABELS.has(part);
    !word.split('-').all(is_everyday)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(text: &str) -> Vec<&str> {
        openings(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_text_opens_with_the_thing_that_it_is_about() {
        for (text, names) in [
            ("Acmesoft Console Server allows injection.", vec!["Acmesoft Console Server"]),
            ("Acmesoft Data Center and Server allows injection.", vec!["Acmesoft Data Center and Server"]),
            ("OpenMill (formerly Grindstone) 14.1 allows injection", vec!["OpenMill"]),
            ("Acmesoft ISE: flaw in the web page", vec!["Acmesoft ISE"]),
            ("Acmesoft SIMA thrum uses an old mill", vec!["Acmesoft SIMA"]),
            ("Acmesoft Mill prior to 99: out of bounds", vec!["Acmesoft Mill"]),
            ("# Summary\n\nAcmelab provides a mill.", vec!["Acmelab"]),
        ] {
            assert_eq!(opens(text), names, "{text}");
        }
    }

    #[test]
    fn a_flaw_a_finder_or_a_greeting_is_no_such_thing() {
        for text in [
            "Improper Neutralization of Input During Web Page Generation in Quern",
            "Cross-Site Scripting (XSS) vulnerability in Quern",
            "The Acmesoft Security Lab discovered sixteen ways",
            "A crafted file crashes it",
            "Steps To Reproduce:",
            "In some cases it crashes",
            "",
        ] {
            assert_eq!(opens(text), [""; 0], "{text}");
        }
    }
}
