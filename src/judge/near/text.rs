//! What of a text counts: its own words in their order, without quotes, headings of templates and what every report says.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use crate::judge::fold::Folded;
use crate::judge::near::shingles::hash;
use crate::judge::words::words;

/// A padded text is compared by its beginning: nobody reads on for longer to see whether two are alike.
const TEXT_MAX: usize = 64 * 1024;
/// A longer line that ends in a colon is a sentence, not a heading.
const HEADING_WORDS: usize = 6;
/// A longer word is data: a key, a payload, base64.
const LONGEST_WORD: usize = 40;

words! {
    /// The words of which headings of report templates are made.
    HEADING = "a about acknowledgement acknowledgements actual additional advisory affected and any are attachments attack
        background behavior behaviour bug browser browsers bypass can class component components concept conditions
        configuration credit credits cve cvss cwe data date demonstration dependencies description detail detailed details
        disclosure do does environment evidence example expected explanation exploit exploitation exploitability
        exploiting files finding findings fix fixes for found from further general have how i id impact impacted in
        information introduction is issue issues it itself links list location material mitigation module mitigations name
        notes of on or other outcome overview package patch patches poc possible preconditions prerequisites priority
        problem product project proof proposed question questions rating reason recommendation recommendations recommended
        reference references related releases remediation report reported reporter repro reproduce reproducing
        reproduction request resolution response result results risk root cause scenario scope score screenshot
        screenshots section security setup severity short solution solutions software source sources stack statement
        status step steps suggested suggestion suggestions summary supporting system target technical test tested testing
        the there this timeline title to trace tracker type url urls user vector vendor version versions video
        vulnerabilities vulnerability vulnerable way weakness website what who work workaround workarounds you your";
    /// Headers of a browser's request that are there whatever is asked.
    SENT_ALWAYS = "accept accept-charset accept-encoding accept-language cache-control connection content-length cookie date
        dnt etag expires if-modified-since if-none-match keep-alive origin pragma priority referer sec-ch-ua
        sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user server
        set-cookie te upgrade-insecure-requests user-agent vary x-requested-with";
}

/// One word of a text, folded and hashed, with the bytes of the text it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub hash: u64,
    pub range: Range<usize>,
    /// Whether it tells texts apart; any report has the others.
    pub tells: bool,
}

/// As much of a text as is looked at.
pub fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_MAX)]
}

/// The lines of a text that its sender wrote, each with where it begins: no quotes, and nothing that a form, a tool or a
/// browser filled in. Where all is quoted, all counts.
pub fn own_lines(text: &str) -> Vec<(usize, &str)> {
    let text = beginning(text);
    let mut at = 0;
    let mut is_comment = false;
    let (mut own, mut quoted) = (Vec::new(), Vec::new());
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let was_comment = is_comment;
        is_comment = match (line.rfind("<!--"), line.rfind("-->")) {
            (Some(opens), Some(closes)) => opens > closes,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => is_comment,
        };
        if was_comment || line.contains("<!--") || is_filled_in(line) {
            continue;
        }
        let lines = if line.trim_start().starts_with('>') { &mut quoted } else { &mut own };
        lines.push((start, line));
    }
    if own.iter().all(|(_, line)| line.trim().is_empty()) { quoted } else { own }
}

/// A row of a table, a box to tick, or a header that a browser sends with every request.
fn is_filled_in(line: &str) -> bool {
    let line = line.trim();
    let is_box = ["- [", "* [", "[ ]", "[x]", "[X]"].iter().any(|start| line.starts_with(start));
    let is_header = line.split_once(':').is_some_and(|(name, _)| SENT_ALWAYS.has(name));
    (line.starts_with('|') && line.ends_with('|')) || is_box || is_header
}

/// The words of a text in their order, in runs that no heading interrupts.
pub fn runs(text: &str) -> Vec<Vec<Word>> {
    let mut runs = vec![Vec::new()];
    for (start, line) in own_lines(text) {
        let skipped = heading(line);
        if skipped > 0 {
            runs.push(Vec::new());
        }
        runs.last_mut().expect("there is one from the start").extend(words_of(&line[skipped..], start + skipped));
    }
    runs
}

/// How many bytes of a line are the heading of a template: all of it, what stands before its colon, or none.
fn heading(line: &str) -> usize {
    let is_heading = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut count = 0;
        let all = words.all(|word| {
            count += 1;
            HEADING.has(word) || word.bytes().all(|b| b.is_ascii_digit())
        });
        all && count > 0 && count <= HEADING_WORDS
    };
    match line.split_once(':') {
        Some((label, _)) if is_heading(label) => label.len() + 1,
        None if is_heading(line) => line.len(),
        _ => 0,
    }
}

/// The words of one line, with their place in the whole text.
fn words_of(line: &str, start: usize) -> impl Iterator<Item = Word> + '_ {
    let folded = Folded::of(line);
    let mut words = Vec::new();
    let mut from = None;
    let text = folded.as_str();
    for (at, c) in text.char_indices().chain(std::iter::once((text.len(), ' '))) {
        // The dot of a number is part of it: 2.4.1 is another version than 2.4.
        let is_inner_dot = c == '.'
            && text[..at].ends_with(|before: char| before.is_ascii_digit())
            && text[at + 1..].starts_with(|after: char| after.is_ascii_digit());
        match from {
            None if c.is_alphanumeric() => from = Some(at),
            Some(first) if !c.is_alphanumeric() && !is_inner_dot => {
                let source = folded.source_of(first)..end_in(line, &folded, at);
                let (hash, tells) = (hash(text[first..at].bytes()), tells(&text[first..at]));
                words.push(Word { hash, tells, range: start + source.start..start + source.end });
                from = None;
            }
            _ => {}
        }
    }
    words.into_iter()
}

/// Where in `line` the word ends that ends before `at` in its folded form.
fn end_in(line: &str, folded: &Folded, at: usize) -> usize {
    let last = folded.as_str()[..at].char_indices().next_back().map_or(0, |(last, _)| last);
    let source = folded.source_of(last);
    source + line[source..].chars().next().map_or(0, char::len_utf8)
}

/// Whether a word tells texts apart: not one that any report has, not a single letter or digit.
fn tells(word: &str) -> bool {
    static PLAIN: LazyLock<HashSet<&str>> =
        LazyLock::new(|| include_str!("plain.txt").split_ascii_whitespace().collect());
    word.len() > 1 && word.len() <= LONGEST_WORD && !PLAIN.contains(word)
}
