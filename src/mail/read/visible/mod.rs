//! The person's words in a reply: told apart from quoted text, from the line that introduces it, and from the signature.
//!
//! Conservative: what is not surely a quotation or a signature stays, for the original is one click away while
//! words that were cut are read by nobody. Each line is looked at a bounded number of times, with a few around it.

mod attribution;
mod headers;
mod line;
#[cfg(test)]
mod properties;
mod quoted;
mod signature;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use attribution::Trust;
use headers::Begins;
use line::{filled_near, is_blank, is_marked, is_rule, next_filled};

/// What a line of a reply is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Words,
    /// Somebody else's text, with the line that says whose.
    Quoted,
    /// A signature, the line of a mailing list or of a phone.
    Signature,
}

/// Lines of one kind that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub kind: Kind,
    /// The lines as they came, but for blank ones at the ends.
    pub text: String,
}

impl Piece {
    /// How many lines there are on which something stands.
    pub fn filled_lines(&self) -> usize {
        self.text.lines().filter(|line| !is_blank(line)).count()
    }
}

/// Why a reply's words may still hold another's text. A member is shown them all the same; across a lane they do not go
/// before a member has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// A mail was sent on in it.
    Forwarded,
    /// It is HTML too long to be taken apart, so nothing marks what is quoted.
    Unmarked,
    /// It begins with a quotation that has no end.
    Endless,
    /// Lines of it look like a quotation, but may as well be a prompt, code or somebody's evidence.
    Lookalike,
}

impl Doubt {
    /// The reason for a member, as the end of "its words were not passed on: …".
    pub fn words(self) -> &'static str {
        match self {
            Self::Forwarded => "a mail was sent on in it",
            Self::Unmarked => "it is HTML too long to tell quoted text in it",
            Self::Endless => "it begins with quoted text, and nothing shows where that ends",
            Self::Lookalike => "some lines may be quoted text",
        }
    }
}

/// A reply taken apart. Its pieces in their order are the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub pieces: Vec<Piece>,
    pub doubt: Option<Doubt>,
}

impl Reply {
    /// The words alone, with one blank line at each gap.
    pub fn words(&self) -> String {
        let words = self.pieces.iter().filter(|piece| piece.kind == Kind::Words).map(|piece| piece.text.as_str());
        let words: Vec<&str> = words.collect();
        words.join("\n\n")
    }
}

/// The words of `text`, a mail's readable text, that its writer wrote for this mail. Empty where it is all quotation.
pub fn visible(text: &str) -> String {
    read(text).words()
}

/// Takes a mail's readable text apart.
pub fn read(text: &str) -> Reply {
    let lines: Vec<&str> = text.lines().flat_map(apart).collect();
    let mut kinds = vec![Kind::Words; lines.len()];
    let notes = link_notes(&lines);
    let (own, doubt) = quotations(&lines[..notes], &mut kinds[..notes]);
    signature::mark(&lines[..own], &mut kinds[..own]);
    keep_notes(&lines, &mut kinds, notes);
    let kept: Vec<&str> =
        lines.iter().zip(&kinds).filter(|(_, kind)| **kind == Kind::Words).map(|(line, _)| *line).collect();
    let is_alike = |at: usize| is_marked(kept[at]) || headers::may_begin(&kept, at);
    let doubt = doubt.or_else(|| (0..kept.len()).any(is_alike).then_some(Doubt::Lookalike));
    Reply { pieces: pieces(&lines, &kinds), doubt }
}

/// A line, in two where an attribution stands behind words.
fn apart(line: &str) -> impl Iterator<Item = &str> {
    let (words, rest) = match attribution::behind_words(line) {
        Some(at) => (&line[..at], Some(&line[at..])),
        None => (line, None),
    };
    std::iter::once(words).chain(rest)
}

/// Marks what is quoted. Gives the end of the lines that may be the writer's own: below it all is quoted, or was sent on.
fn quotations(lines: &[&str], kinds: &mut [Kind]) -> (usize, Option<Doubt>) {
    let shown = shown_as_code(lines);
    let mut is_introduced = false;
    let mut end = lines.len();
    let mut doubt = None;
    let mut at = 0;
    while at < lines.len() {
        let opening = if shown[at] { None } else { opening(lines, at) };
        let Some(opening) = opening else {
            at += 1;
            continue;
        };
        match opening {
            Opening::Forward => {
                doubt = Some(Doubt::Forwarded);
                end = at;
                break;
            }
            Opening::WithMarks { start } => {
                is_introduced = true;
                kinds[start..=at].fill(Kind::Quoted);
                at += 1;
            }
            Opening::ToTheEnd { start, text } => {
                let start = with_rule_above(lines, start);
                if let Some(below) = marked_and_answered(lines, text) {
                    kinds[start..below].fill(Kind::Quoted);
                    at = below;
                } else if lines[..start].iter().zip(&*kinds).all(|(line, kind)| *kind == Kind::Quoted || is_blank(line))
                    && !quotes_all(lines, text)
                {
                    // Nothing above it, and no mark below: the writer's words may stand anywhere, so all of it stays.
                    doubt = Some(Doubt::Endless);
                    end = start;
                    break;
                } else {
                    kinds[start..].fill(Kind::Quoted);
                    end = start;
                    break;
                }
            }
        }
    }
    quoted::mark(&lines[..end], is_introduced, &mut kinds[..end]);
    (end, doubt)
}

/// What a line opens.
enum Opening {
    /// A mail that was sent on.
    Forward,
    /// Lines with marks, introduced by what stands from `start` to this line.
    WithMarks { start: usize },
    /// All that follows from `start`; what is quoted begins at `text`.
    ToTheEnd { start: usize, text: usize },
}

fn opening(lines: &[&str], at: usize) -> Option<Opening> {
    match headers::begins(lines, at) {
        Some(Begins::Forward) => return Some(Opening::Forward),
        Some(Begins::Original { text }) => {
            // Some programs put both: the line between dashes, and who wrote when.
            let attributed =
                (text..lines.len().min(text + 4)).find(|&line| attribution::ending_at(lines, line).is_some());
            return Some(Opening::ToTheEnd { start: at, text: attributed.map_or(text, |line| line + 1) });
        }
        None if headers::asks_above(lines[at]) => return Some(Opening::ToTheEnd { start: at, text: at + 1 }),
        None => {}
    }
    if is_rule(lines[at]) {
        return ruled_attribution(lines, at);
    }
    let (start, trust) = attribution::ending_at(lines, at)?;
    if filled_near(lines, at + 1, 2).is_some_and(|below| is_marked(lines[below])) {
        return Some(Opening::WithMarks { start });
    }
    (trust == Trust::Alone).then_some(Opening::ToTheEnd { start, text: at + 1 })
}

/// A drawn line with an attribution below, which so needs no marks.
fn ruled_attribution(lines: &[&str], at: usize) -> Option<Opening> {
    let below = filled_near(lines, at + 1, 2)?;
    let last = (below..lines.len().min(below + 4)).find(|&last| attribution::ending_at(lines, last).is_some())?;
    Some(Opening::ToTheEnd { start: at, text: last + 1 })
}

/// Whether all that follows is marked as quoted.
fn quotes_all(lines: &[&str], text: usize) -> bool {
    lines[text.min(lines.len())..].iter().all(|line| is_blank(line) || is_marked(line))
}

/// Where the answer begins below a quotation whose lines are all marked, if there is one.
fn marked_and_answered(lines: &[&str], text: usize) -> Option<usize> {
    let first = next_filled(lines, text).filter(|&first| is_marked(lines[first]))?;
    let answer = (first..lines.len()).find(|&at| !is_blank(lines[at]) && !is_marked(lines[at]))?;
    Some(answer)
}

/// The line drawn right above what begins at `start` belongs to it.
fn with_rule_above(lines: &[&str], start: usize) -> usize {
    (0..start)
        .rev()
        .take(2)
        .find(|&above| !is_blank(lines[above]))
        .filter(|&above| is_rule(lines[above]))
        .unwrap_or(start)
}

/// For each line whether it stands between fences of Markdown, where headers and prompts are shown, not quoted.
fn shown_as_code(lines: &[&str]) -> Vec<bool> {
    let mut shown = vec![false; lines.len()];
    let fences: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].trim_start().starts_with("```")).collect();
    for pair in fences.chunks_exact(2) {
        shown[pair[0]..=pair[1]].fill(true);
    }
    shown
}

/// Where the addresses of an HTML mail's links begin, `[1]: https://…`, which our own rendering puts below everything.
fn link_notes(lines: &[&str]) -> usize {
    let is_note_or_blank = |&at: &usize| is_blank(lines[at]) || note(lines[at]).is_some();
    let notes = (0..lines.len()).rev().take_while(is_note_or_blank).filter(|&at| note(lines[at]).is_some()).last();
    let Some(first) = notes.filter(|&first| note(lines[first]) == Some("1")) else { return lines.len() };
    let named: HashSet<&str> = lines[..first].iter().flat_map(|line| references(line)).collect();
    let are_ours = lines[first..].iter().filter_map(|line| note(line)).all(|number| named.contains(number));
    if are_ours { first } else { lines.len() }
}

/// The number of `[1]: https://…`.
fn note(line: &str) -> Option<&str> {
    let (number, rest) = line.strip_prefix('[')?.split_once("]: ")?;
    (is_number(number) && !rest.trim().contains(' ')).then_some(number)
}

/// The numbers of `[text][1]` on a line.
fn references(line: &str) -> impl Iterator<Item = &str> {
    line.split("][").skip(1).filter_map(|rest| Some(rest.split_once(']')?.0)).filter(|number| is_number(number))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Of the links' addresses those stay whose links are in the words.
fn keep_notes(lines: &[&str], kinds: &mut [Kind], notes: usize) {
    let in_words: HashSet<&str> =
        (0..notes).filter(|&at| kinds[at] == Kind::Words).flat_map(|at| references(lines[at])).collect();
    for at in notes..lines.len() {
        if note(lines[at]).is_some_and(|number| !in_words.contains(number)) {
            kinds[at] = Kind::Quoted;
        }
    }
}

/// The lines by their kinds. Blank lines belong to what stands before them, and are dropped at a piece's ends.
fn pieces(lines: &[&str], kinds: &[Kind]) -> Vec<Piece> {
    let mut runs: Vec<(Kind, Vec<&str>)> = Vec::new();
    for (line, kind) in lines.iter().zip(kinds) {
        match runs.last_mut() {
            Some((of, run)) if of == kind || is_blank(line) => run.push(line),
            None if is_blank(line) => {}
            _ => runs.push((*kind, vec![line])),
        }
    }
    let piece = |(kind, run): (Kind, Vec<&str>)| {
        let end = run.iter().rposition(|line| !is_blank(line)).map_or(0, |last| last + 1);
        Piece { kind, text: run[..end].join("\n") }
    };
    runs.into_iter().map(piece).collect()
}
