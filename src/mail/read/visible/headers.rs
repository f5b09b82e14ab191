//! A mail quoted whole: the line between dashes above it, and the block of its fields.

mod fields;
mod marks;

use super::line::{filled_near, folded, has_address, has_date, has_time, is_blank, is_marked, is_rule, last_seen};
use fields::{Role, is_of_a_raw_mail, role};
use marks::{ABOVE, FORWARDS, ORIGINALS};

/// A header block of a quoted mail has no more lines, wrapped addressees included.
const LINES_MAX: usize = 16;
/// Blank lines below the line above it.
const BLANK_MAX: usize = 3;
/// Lines by which one field's addressees may go on.
const CONTINUED_MAX: usize = 3;
/// A field's name in any language has no more characters.
const NAME_MAX: usize = 24;

/// What begins on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// A mail quoted whole; what is quoted begins to be read on line `text`.
    Original { text: usize },
    /// A mail that was sent on.
    Forward,
}

/// Whether a mail quoted whole or sent on begins on line `at`.
pub fn begins(lines: &[&str], at: usize) -> Option<Begins> {
    let line = lines[at];
    if is_blank(line) || is_marked(line) {
        return None;
    }
    let below = filled_near(lines, at + 1, BLANK_MAX);
    if is_rule(line) {
        let block = below.and_then(|below| header_block(lines, below).or_else(|| unknown_block(lines, below)));
        return block.map(|text| Begins::Original { text });
    }
    match mark(line) {
        Some(Mark::Forward) => Some(Begins::Forward),
        Some(Mark::Original) => {
            let block = below.and_then(|below| header_block(lines, below).or_else(|| unknown_block(lines, below)));
            Some(Begins::Original { text: block.unwrap_or(at + 1) })
        }
        Some(Mark::Between) => {
            let below = below.filter(|&below| below <= at + 2)?;
            header_block(lines, below).map(|text| Begins::Original { text })
        }
        None => header_block(lines, at).or_else(|| notes_block(lines, at)).map(|text| Begins::Original { text }),
    }
}

/// Whether a line asks for answers above it.
pub fn asks_above(line: &str) -> bool {
    if !line.contains("bove") && !line.contains("BOVE") {
        return false;
    }
    let line = folded(line);
    ABOVE.iter().any(|words| line.contains(words))
}

enum Mark {
    Original,
    Forward,
    /// Words between dashes that are not known here.
    Between,
}

/// `-----Original Message-----` and its kin.
fn mark(line: &str) -> Option<Mark> {
    if !line.trim_start().starts_with(is_stroke) && !matches!(last_seen(line), Some(':' | '\u{ff1a}')) {
        return None;
    }
    let line = folded(line);
    let words =
        line.trim_matches(|c: char| is_stroke(c) || c.is_whitespace() || matches!(c, ':' | '>' | '<' | '[' | ']'));
    let strokes = line.chars().take_while(|&c| is_stroke(c)).count();
    let known = |phrases: &[&str]| {
        phrases.iter().any(|&phrase| words == phrase.trim_end() || strokes > 1 && begins_with(words, phrase))
    };
    if known(FORWARDS) && (strokes > 1 || line.ends_with(':')) {
        Some(Mark::Forward)
    } else if strokes > 1 && known(ORIGINALS) {
        Some(Mark::Original)
    } else {
        (strokes > 2 && line.ends_with("---") && !words.is_empty()).then_some(Mark::Between)
    }
}

fn is_stroke(c: char) -> bool {
    matches!(c, '-' | '_' | '=' | '*' | '#' | '+' | '\u{2010}'..='\u{2015}' | '\u{2500}')
}

/// Whether `words` begin with `phrase` and go on with another word, if at all.
fn begins_with(words: &str, phrase: &str) -> bool {
    words.strip_prefix(phrase).is_some_and(|rest| phrase.ends_with(' ') || !rest.starts_with(char::is_alphanumeric))
}

/// `from` and the value of `From: Jane`, also as `*From:* Jane` or `**From:** Jane`, as bold type becomes in plain text.
fn field(line: &str) -> Option<(String, String)> {
    // A block indented like code is shown, not quoted.
    if line.starts_with('\t') || line.starts_with("    ") || !line.contains([':', '\u{ff1a}']) {
        return None;
    }
    let line = folded(line);
    let (name, value) = line.split_once(':')?;
    let name = name.trim_matches(['*', '_', ' ', '|', '[']);
    let value = value.trim_matches(['*', '_', ' ', '|']);
    (!name.is_empty() && name.chars().count() <= NAME_MAX).then(|| (name.to_owned(), value.to_owned()))
}

/// Where the text below a quoted mail's header block begins, if such a block begins on line `at`: who and when on
/// lines that follow each other. A report may show a mail's raw header; that has fields that no program quotes.
pub fn header_block(lines: &[&str], at: usize) -> Option<usize> {
    role(&field(lines[at])?.0)?;
    // From the line above it was looked at, and was none.
    if at > 0 && is_known_field(lines[at - 1]) || is_below_raw_fields(lines, at) {
        return None;
    }
    let (mut roles, mut continued, mut end) = (Vec::new(), 0, at);
    let (mut says_when, mut says_who) = (false, false);
    for next in at..lines.len().min(at + LINES_MAX) {
        if is_blank(lines[next]) {
            // The paragraphs of an HTML mail.
            if !filled_near(lines, next, 2).is_some_and(|below| is_known_field(lines[below])) {
                break;
            }
            continue;
        }
        if is_marked(lines[next]) {
            break;
        }
        let known = field(lines[next]);
        if known.as_ref().is_some_and(|(name, _)| is_of_a_raw_mail(name)) {
            return None;
        }
        match known.and_then(|(name, value)| Some((role(&name)?, value))) {
            Some((role, value)) => {
                says_when |= role == Role::Date && value.contains(|c: char| c.is_numeric());
                says_who |= role == Role::From || has_address(&value);
                roles.push(role);
                continued = 0;
            }
            None if continued < CONTINUED_MAX => continued += 1,
            None => break,
        }
        end = next + 1;
    }
    let has = |role| roles.contains(&role);
    let is_one = says_when && says_who && (has(Role::From) || has(Role::To)) && roles.len() > 1
        || has(Role::From) && has(Role::Date) && has(Role::Subject);
    is_one.then_some(end)
}

fn is_known_field(line: &str) -> bool {
    field(line).is_some_and(|(name, _)| role(&name).is_some())
}

fn is_below_raw_fields(lines: &[&str], at: usize) -> bool {
    let above = lines[..at].iter().rev().take(LINES_MAX).take_while(|line| !is_blank(line));
    above.filter_map(|line| field(line)).any(|(name, _)| is_of_a_raw_mail(&name))
}

/// Whether a line may begin the header of some mail: who, when and what about within a few lines, however they stand.
pub fn may_begin(lines: &[&str], at: usize) -> bool {
    if role_of(lines[at]) != Some(Role::From) {
        return false;
    }
    let near: Vec<Role> = lines[at..].iter().take(LINES_MAX).filter_map(|line| role_of(line)).collect();
    near.contains(&Role::Date) && near.len() > 2
}

fn role_of(line: &str) -> Option<Role> {
    role(&field(line.trim_start())?.0)
}

/// The same below a line that surely ends the mail's own words, in a language that is not known here: three lines of
/// a name and a value, one with an address or a day.
fn unknown_block(lines: &[&str], at: usize) -> Option<usize> {
    let block: Vec<(String, String)> = lines[at..].iter().take(LINES_MAX).map_while(|line| field(line)).collect();
    let tells = |(_, value): &(String, String)| has_address(value) || has_date(value);
    let is_raw = block.iter().any(|(name, _)| is_of_a_raw_mail(name));
    (block.len() >= 3 && block.iter().any(tells) && !is_raw).then_some(at + block.len())
}

/// The table of Lotus Notes: sender, time, and then names of fields each on a line of its own.
fn notes_block(lines: &[&str], at: usize) -> Option<usize> {
    if !lines[at].contains(['@', '"', '/', ':']) {
        return None;
    }
    let first = folded(lines[at]);
    let names_sender = has_address(&first) || first.starts_with('"') || first.contains('/');
    if !(names_sender || has_date(&first) && has_time(&first)) {
        return None;
    }
    let is_alone = |line: &str, wanted: Role| role(folded(line).trim_end_matches(':')) == Some(wanted);
    let block = &lines[at..lines.len().min(at + LINES_MAX)];
    let when = block.iter().take(3).position(|line| has_date(line) && has_time(line))?;
    let to = when + 1 + block[when + 1..].iter().take(4).position(|line| is_alone(line, Role::To))?;
    let subject = to + block[to..].iter().position(|line| is_alone(line, Role::Subject))?;
    Some((at + subject + 2).min(lines.len()))
}
