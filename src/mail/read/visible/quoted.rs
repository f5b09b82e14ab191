//! Blocks of lines that begin with `>`.

use super::Kind;
use super::attribution::introduces;
use super::line::{is_blank, is_marked, next_filled};
use super::signature::is_separator;

/// Programs that wrap a quoted line anew do it at this length or later; the rest of the line stands without a mark.
const WRAPPED_AT: usize = 60;

/// Marks the blocks that surely are quotations. `introduced` says which lines are an attribution right above one.
///
/// A line that begins with `>` may be a quotation, a prompt or a patch; a block of them is a quotation where a line
/// says who wrote it, here or elsewhere in the mail, or where it stands by itself at an end of the mail.
pub fn mark(lines: &[&str], introduced: bool, kinds: &mut [Kind]) {
    let blocks = blocks(lines);
    let is_reply = introduced
        || blocks.iter().any(|&(start, end)| lines[start..end].iter().any(|line| introduces(unquoted(line))));
    let top = next_filled(lines, 0);
    for &(start, end) in &blocks {
        if is_reply || stands_at_an_end(lines, kinds, (start, end), top) {
            kinds[start..end].fill(Kind::Quoted);
        }
    }
}

/// Runs of quoted lines; blank lines between two quoted ones belong to the run, and so do the ends of wrapped ones.
fn blocks(lines: &[&str]) -> Vec<(usize, usize)> {
    let is_quoted = quoted(lines);
    let mut blocks: Vec<(usize, usize)> = Vec::new();
    for at in (0..lines.len()).filter(|&at| is_quoted[at]) {
        match blocks.last_mut() {
            Some((_, end)) if belongs(lines, *end, at) => *end = at + 1,
            _ => blocks.push((at, at + 1)),
        }
    }
    blocks
}

/// Whether the lines from `end` to `at`, between two quoted ones, belong to the quotation.
fn belongs(lines: &[&str], end: usize, at: usize) -> bool {
    let gap = &lines[end..at];
    gap.iter().all(|line| is_blank(line)) || gap.len() == 1 && is_rest(lines[end - 1], gap[0])
}

/// Whether a line without a mark is the rest of the marked line above it: that one was full, or broke inside a link.
fn is_rest(above: &str, line: &str) -> bool {
    let breaks_a_link = above.split_whitespace().next_back().is_some_and(|word| word.contains("://"));
    let is_one_word = line.split_whitespace().count() == 1;
    let is_link = line.trim_start().starts_with(['(', '<']) && line.contains("://");
    above.chars().count() >= WRAPPED_AT && !line.starts_with(char::is_uppercase)
        || breaks_a_link && is_one_word
        || is_link && line.trim_end().ends_with('>')
}

/// For each line whether it may be quoted: it begins with `>` and belongs to no session at the prompt of Python and
/// its kin (`>>> import parsley`).
fn quoted(lines: &[&str]) -> Vec<bool> {
    let mut in_session = false;
    let mut is_quoted = Vec::with_capacity(lines.len());
    for line in lines {
        let continues = in_session || !is_quoted.last().is_some_and(|above| *above);
        in_session = continues && line.trim_start().starts_with(">>> ");
        is_quoted.push(!in_session && is_marked(line));
    }
    is_quoted
}

/// The text of a quoted line without its marks.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(|c: char| c == '>' || c.is_whitespace())
}

/// Whether a block has nothing before or nothing but a signature behind it, and a blank line towards the rest. `top` is
/// the mail's first line on which something stands.
fn stands_at_an_end(lines: &[&str], kinds: &[Kind], (start, end): (usize, usize), top: Option<usize>) -> bool {
    let below = next_filled(lines, end);
    let nothing_behind = below.is_none_or(|at| is_separator(lines[at]) || kinds[at] != Kind::Words);
    let is_apart = (start == 0 || is_blank(lines[start - 1])) && lines.get(end).is_none_or(|line| is_blank(line));
    end - start > 1 && is_apart && (top == Some(start) || nothing_behind)
}
