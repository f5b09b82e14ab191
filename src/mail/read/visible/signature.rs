//! What stands below the words and is no part of them: signature, list footer, the line of a phone, an armored signature.

mod footers;

use super::Kind;
use super::line::{folded, has_address, is_blank};
use footers::{FOOTER_ENDS, FOOTERS};

/// A signature below its separator is short; a longer rest is something else (usage: four lines).
const LINES_MAX: usize = 15;
/// Lines that a mailing list puts below its line of underscores.
const LIST_LINES_MAX: usize = 8;
/// Lines of phones and programs below each other: two accounts, a banner.
const FOOTERS_MAX: usize = 3;
/// Words after "Sent from my"; a sentence has more.
const FOOTER_WORDS_MAX: usize = 9;

/// Marks what is surely signature among the lines that are words so far.
pub fn mark(lines: &[&str], kinds: &mut [Kind]) {
    armor(lines, kinds);
    list_footer(lines, kinds);
    below_separator(lines, kinds);
    for _ in 0..FOOTERS_MAX {
        footer(lines, kinds);
    }
    name_after_dash(lines, kinds);
}

/// RFC 3676 section 4.3: `-- `, whose space many programs lose and whose dashes some join.
pub fn is_separator(line: &str) -> bool {
    matches!(line.trim(), "--" | "—" | "__") && !line.starts_with(char::is_whitespace)
}

fn is_new(lines: &[&str], kinds: &[Kind], at: usize) -> bool {
    kinds[at] == Kind::Words && !is_blank(lines[at])
}

fn last_new(lines: &[&str], kinds: &[Kind]) -> Option<usize> {
    (0..lines.len()).rev().find(|&at| is_new(lines, kinds, at))
}

/// The armor around a mail signed in its text (RFC 9580 section 7).
fn armor(lines: &[&str], kinds: &mut [Kind]) {
    let is = |at: usize, words: &str| lines[at].trim_end() == words;
    if let Some(start) = (0..lines.len()).find(|&at| is(at, "-----BEGIN PGP SIGNED MESSAGE-----")) {
        let end = (start..lines.len()).find(|&at| is_blank(lines[at])).unwrap_or(start + 1);
        kinds[start..end].fill(Kind::Signature);
    }
    let Some(start) = (0..lines.len()).find(|&at| is(at, "-----BEGIN PGP SIGNATURE-----")) else { return };
    if let Some(end) = (start..lines.len()).find(|&at| is(at, "-----END PGP SIGNATURE-----")) {
        kinds[start..=end].fill(Kind::Signature);
    }
}

/// A line of underscores with the name and address of a mailing list below, at the end.
fn list_footer(lines: &[&str], kinds: &mut [Kind]) {
    let is_line = |line: &str| line.trim().len() >= 30 && line.trim().bytes().all(|b| b == b'_');
    let Some(at) = (0..lines.len()).rev().find(|&at| is_line(lines[at])) else { return };
    let below: Vec<usize> = (at + 1..lines.len()).filter(|&below| is_new(lines, kinds, below)).collect();
    let says_where = |&below: &usize| lines[below].contains("://") || has_address(lines[below]);
    let names_list = |&below: &usize| folded(lines[below]).contains("list");
    if below.len() <= LIST_LINES_MAX && below.iter().any(says_where) && below.iter().any(names_list) {
        kinds[at] = Kind::Signature;
        below.iter().for_each(|&below| kinds[below] = Kind::Signature);
    }
}

/// What stands below the last separator, if nothing else follows it.
fn below_separator(lines: &[&str], kinds: &mut [Kind]) {
    let Some(at) = (0..lines.len()).rev().find(|&at| kinds[at] == Kind::Words && is_separator(lines[at])) else {
        return;
    };
    let end = (at..lines.len()).find(|&below| kinds[below] == Kind::Quoted).unwrap_or(lines.len());
    let is_all_there_is = (end..lines.len()).all(|below| !is_new(lines, kinds, below));
    let count = (at + 1..end).filter(|&below| is_new(lines, kinds, below)).count();
    if !is_all_there_is || count > LINES_MAX {
        return;
    }
    let is_part = |&above: &usize| is_blank(lines[above]) || is_separator(lines[above]);
    let start = (0..at).rev().take_while(is_part).find(|&above| is_separator(lines[above])).unwrap_or(at);
    kinds[start..end].fill(Kind::Signature);
}

/// The last line, if a program wrote it: "Sent from my phone".
fn footer(lines: &[&str], kinds: &mut [Kind]) {
    if let Some(last) = last_new(lines, kinds).filter(|&last| is_footer(lines[last])) {
        kinds[last] = Kind::Signature;
    }
}

fn is_footer(line: &str) -> bool {
    let line = folded(&without_links(line));
    let line = line.replace('[', "");
    let line = line.trim_matches(['*', '_', '-', '[', ']', '(', ')', ' ', '<', '>', '.', '\u{201c}']);
    let is_one =
        FOOTERS.iter().any(|start| line.starts_with(start)) || FOOTER_ENDS.iter().any(|end| line.ends_with(end));
    is_one && !line.contains([',', ';', '?']) && line.split(' ').count() <= FOOTER_WORDS_MAX
}

/// The line without what stands in brackets, which is where links are put in plain text: `<https://…>`, `[text][1]`.
fn without_links(line: &str) -> String {
    let mut words = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        rest = behind.split_once('>').map_or("", |(_, rest)| rest);
    }
    words.push_str(rest);
    match words.split_once("][") {
        Some((before, behind)) => format!("{before}{}", behind.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => words,
    }
}

/// `-Jane` or `-- Jane Doe`, on a line of its own below all words.
fn name_after_dash(lines: &[&str], kinds: &mut [Kind]) {
    let Some(last) = last_new(lines, kinds) else { return };
    let line = lines[last].trim_end();
    let name = line.strip_prefix("-- ").or_else(|| line.strip_prefix(['-', '–', '—']));
    let Some(name) = name.filter(|name| !name.starts_with(['-', ' '])) else { return };
    let is_name =
        |word: &str| word.starts_with(char::is_uppercase) && word.chars().all(|c| c.is_alphabetic() || c == '.');
    let is_apart = last > 0 && is_blank(lines[last - 1]);
    if is_apart && name.split(' ').count() <= 3 && name.split(' ').all(is_name) {
        kinds[last] = Kind::Signature;
    }
}
