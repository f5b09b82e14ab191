//! The visible words of a reply: without quoted text, without the line that introduces it, without the signature.
//!
//! Conservative: what is not surely a quotation or a signature stays, for the original is one click away while
//! words that were cut are read by nobody. A line that begins with `>` may be a quotation, a prompt or a patch; it is
//! cut where a line above it says who wrote it, or where it stands in a block of its own at an end of the mail.

/// A signature below its separator is short; a longer rest is something else (usage: four lines).
const SIGNATURE_LINES_MAX: usize = 15;

/// Mail programs wrap the line that introduces a quotation over so many lines at most.
const ATTRIBUTION_LINES_MAX: usize = 4;

/// A header block of a quoted mail has no more lines, wrapped addressees included.
const HEADER_LINES_MAX: usize = 12;

/// How lines that introduce a quotation end, without the colon: English, German, Dutch, French, Spanish, Italian,
/// Portuguese, Polish, Russian, Chinese. German, Dutch and the Nordic ones have their verb inside (below).
const ENDS: [&str; 11] = [
    "wrote",
    "writes",
    "schrieb",
    "a écrit",
    "escribió",
    "ha scritto",
    "escreveu",
    "napisał(a)",
    "пишет",
    "написал",
    "写道",
];

/// How such lines begin, and the verb inside of those that end with the name.
const STARTS: [(&str, &str); 10] = [
    ("on ", "wrote"),
    ("am ", "schrieb"),
    ("op ", "schreef"),
    ("den ", "skrev"),
    ("le ", "a écrit"),
    ("el ", "escribió"),
    ("il ", "ha scritto"),
    ("em ", "escreveu"),
    ("w dniu ", "pisze"),
    ("dnia ", "napisał"),
];

/// Between dashes, above a mail quoted whole.
const ORIGINALS: [&str; 7] = [
    "original message",
    "ursprüngliche nachricht",
    "message d'origine",
    "mensaje original",
    "messaggio originale",
    "mensagem original",
    "oorspronkelijk bericht",
];

/// Names of the fields above a mail quoted whole: who, when, what about.
const FROM: [&str; 5] = ["from", "von", "de", "da", "van"];
const SENT: [&str; 10] =
    ["sent", "date", "gesendet", "datum", "envoyé", "enviado", "enviado el", "inviato", "data", "verzonden"];
const SUBJECT: [&str; 6] = ["subject", "betreff", "objet", "asunto", "oggetto", "assunto"];

/// What mail programs add below the words of whoever did not switch it off.
const FOOTERS: [&str; 8] = [
    "sent from my ",
    "sent from outlook",
    "sent from proton",
    "get outlook for ",
    "von meinem ",
    "gesendet mit ",
    "envoyé de mon ",
    "enviado desde mi ",
];

/// The words of `text`, a mail's readable text, that its writer wrote for this mail. Empty where it is all quotation.
pub fn visible(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut is_cut = vec![false; lines.len()];
    let end = whole_original(&lines).unwrap_or(lines.len());
    is_cut[end..].fill(true);
    cut_quotations(&lines[..end], &mut is_cut);
    cut_signature(&lines[..end], &mut is_cut);
    joined(&lines, &is_cut)
}

/// Where a mail quoted whole begins, headers first, below which nothing new stands.
fn whole_original(lines: &[&str]) -> Option<usize> {
    (0..lines.len()).find(|&at| {
        let below = next_filled(lines, at + 1);
        (is_original_mark(lines[at]) || is_rule(lines[at])) && below.is_some_and(|at| is_header_block(&lines[at..]))
            || is_header_block(&lines[at..])
    })
}

/// `-----Original Message-----`.
fn is_original_mark(line: &str) -> bool {
    let words = line.trim().trim_matches('-').trim().to_lowercase();
    line.trim().starts_with("--") && ORIGINALS.contains(&words.as_str())
}

/// The line of underscores that Outlook draws.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 10 && line.bytes().all(|b| b == b'_')
}

/// Whether a quoted mail's header block begins here: who and when and what about, on the lines that follow each
/// other. A report may well show header lines, but hardly these three in one block.
fn is_header_block(lines: &[&str]) -> bool {
    let names: Vec<String> = lines
        .iter()
        .take(HEADER_LINES_MAX)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| field_name(line))
        .collect();
    let has = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
    names.first().is_some_and(|name| FROM.contains(&name.as_str())) && has(&SENT) && has(&SUBJECT)
}

/// `From` of `From: Jane`, also as `*From:* Jane` or `**From:** Jane`, as bold type becomes in plain text.
fn field_name(line: &str) -> Option<String> {
    let (name, _) = line.split_once([':', '：'])?;
    let name = name.trim().trim_start_matches('*').trim();
    (!name.is_empty() && name.chars().count() <= 12).then(|| name.to_lowercase())
}

fn next_filled(lines: &[&str], from: usize) -> Option<usize> {
    (from..lines.len()).find(|&at| !lines[at].trim().is_empty())
}

/// For each line whether it may be quoted: it begins with `>` and belongs to no session at the prompt of Python and
/// its kin (`>>> import parsley`).
fn quoted(lines: &[&str]) -> Vec<bool> {
    let mut in_session = false;
    let mut is_quoted = Vec::with_capacity(lines.len());
    for line in lines {
        let continues = in_session || !is_quoted.last().is_some_and(|above| *above);
        in_session = continues && line.trim_start().starts_with(">>> ");
        is_quoted.push(!in_session && line.trim_start().starts_with('>'));
    }
    is_quoted
}

/// Cuts the blocks of `>` lines that surely are quotations, with the lines that introduce them.
fn cut_quotations(lines: &[&str], is_cut: &mut [bool]) {
    let blocks = quoted_blocks(lines);
    let attributions: Vec<Option<usize>> = blocks.iter().map(|&(start, _)| attribution(lines, start)).collect();
    let is_reply = attributions.iter().any(Option::is_some)
        || blocks.iter().any(|&(start, end)| lines[start..end].iter().any(|line| introduces(unquoted(line))));
    for (&(start, end), attribution) in blocks.iter().zip(&attributions) {
        if is_reply || stands_at_an_end(lines, start, end) {
            is_cut[attribution.unwrap_or(start)..end].fill(true);
        }
    }
}

/// Runs of quoted lines; blank lines between two quoted ones belong to the run.
fn quoted_blocks(lines: &[&str]) -> Vec<(usize, usize)> {
    let is_quoted = quoted(lines);
    let mut blocks: Vec<(usize, usize)> = Vec::new();
    for at in (0..lines.len()).filter(|&at| is_quoted[at]) {
        match blocks.last_mut() {
            Some((_, end)) if lines[*end..at].iter().all(|line| line.trim().is_empty()) => *end = at + 1,
            _ => blocks.push((at, at + 1)),
        }
    }
    blocks
}

/// The text of a quoted line without its marks.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(|c: char| c == '>' || c.is_whitespace())
}

/// Whether a block has nothing before or nothing but a signature behind it, and a blank line towards the rest.
fn stands_at_an_end(lines: &[&str], start: usize, end: usize) -> bool {
    let is_blank = |line: &&str| line.trim().is_empty();
    let nothing_before = lines[..start].iter().all(is_blank);
    let rest = &lines[end..];
    let nothing_behind = rest.iter().all(is_blank) || next_filled(rest, 0).is_some_and(|at| is_separator(rest[at]));
    let is_apart = (start == 0 || is_blank(&lines[start - 1])) && rest.first().is_none_or(is_blank);
    end - start > 1 && is_apart && (nothing_before || nothing_behind)
}

/// The first line of what introduces the quotation that begins at `block`: "On Friday Jane wrote:", often wrapped.
fn attribution(lines: &[&str], block: usize) -> Option<usize> {
    let last = (0..block).rev().take(2).find(|&at| !lines[at].trim().is_empty())?;
    let first = (0..=last).rev().take(ATTRIBUTION_LINES_MAX).take_while(|&at| !lines[at].trim().is_empty());
    let candidates: Vec<usize> = first.filter(|&at| introduces(&lines[at..=last].join(" "))).collect();
    let with_its_start = candidates.iter().rev().find(|&&at| starts_like_one(lines[at]));
    with_its_start.or(candidates.first()).copied()
}

/// Whether a text introduces a quotation: it ends with a colon, and says that somebody wrote, or when and by which
/// address, as in the languages whose verb is not known here.
fn introduces(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let Some(lower) = lower.strip_suffix(':').or_else(|| lower.strip_suffix('：')) else { return false };
    let lower = lower.trim_end();
    let says_who = lower.contains('@') && lower.contains('<') && lower.chars().any(|c| c.is_ascii_digit());
    let ends_so = |end: &str| lower.strip_suffix(end).is_some_and(|before| !before.ends_with(char::is_alphanumeric));
    says_who
        || ENDS.iter().any(|end| ends_so(end) || end.chars().any(|c| c > '\u{2E80}') && lower.ends_with(end))
        || STARTS.iter().any(|(start, verb)| {
            lower.starts_with(start) && lower.contains(verb) && lower.chars().any(|c| c.is_ascii_digit())
        })
}

fn starts_like_one(line: &str) -> bool {
    let lower = line.trim_start().to_lowercase();
    STARTS.iter().any(|(start, _)| lower.starts_with(start)) && lower.chars().any(|c| c.is_ascii_digit())
}

/// RFC 3676 section 4.3: `-- `, whose space many programs lose.
fn is_separator(line: &str) -> bool {
    line.trim_end() == "--"
}

/// Cuts what stands below the signature's separator, and what mail programs add of themselves.
fn cut_signature(lines: &[&str], is_cut: &mut [bool]) {
    let is_new = |at: usize, is_cut: &[bool]| !is_cut[at] && !lines[at].trim().is_empty();
    if let Some(at) = (0..lines.len()).rev().find(|&at| !is_cut[at] && is_separator(lines[at])) {
        let end = (at..lines.len()).find(|&below| is_cut[below]).unwrap_or(lines.len());
        let is_all_there_is = (end..lines.len()).all(|below| !is_new(below, is_cut));
        if is_all_there_is && (at + 1..end).filter(|&below| is_new(below, is_cut)).count() <= SIGNATURE_LINES_MAX {
            is_cut[at..end].fill(true);
        }
    }
    if let Some(last) = (0..lines.len()).rev().find(|&at| is_new(at, is_cut)) {
        let lower = lines[last].trim().to_lowercase();
        is_cut[last] = FOOTERS.iter().any(|footer| lower.starts_with(footer)) && lower.chars().count() <= 72;
    }
}

/// The lines that stay, with one blank line at each gap and none at the ends.
fn joined(lines: &[&str], is_cut: &[bool]) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut after_gap = true;
    for (line, cut) in lines.iter().zip(is_cut) {
        let is_blank = line.trim().is_empty();
        if *cut || after_gap && is_blank {
            after_gap = true;
            continue;
        }
        if after_gap && words.last().is_some_and(|last| !last.trim().is_empty()) {
            words.push("");
        }
        after_gap = false;
        words.push(line);
    }
    let end = words.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
    words[..end].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quotations_of_common_mail_programs_are_cut() {
        for (program, text) in [
            (
                "Gmail",
                "We look.\n\nOn Fri, Nov 20, 2026 at 3:00 PM Story security committee <security@story.example>\nwrote:\n\n> You are\n> a contact\n",
            ),
            ("Thunderbird", "On 11/20/26 15:00, Story security committee wrote:\n> You are a contact\n\nWe look.\n"),
            ("mutt", "On Fri, Nov 20, 2026 at 03:00:00PM +0000, Story wrote:\n> You are\n\nWe look.\n\n-- \nKai\n"),
            (
                "Apple Mail",
                "We look.\n\n> On 20 Nov 2026, at 15:00, Story <security@story.example> wrote:\n> \n> You are\n",
            ),
            (
                "Outlook",
                "We look.\n\n________________________________\nFrom: Story <security@story.example>\nSent: Friday, November 20, 2026 3:00 PM\nTo: Kai\nSubject: [SEC-2026-0001] x\n\nYou are a contact\n",
            ),
            (
                "Outlook, plain",
                "We look.\r\n\r\n-----Original Message-----\r\nFrom: Story\r\nSent: Friday\r\nTo: Kai\r\nSubject: x\r\n\r\nYou are\r\n",
            ),
            (
                "Outlook, German",
                "We look.\n\nVon: Story <security@story.example>\nGesendet: Freitag, 20. November 2026 15:00\nAn: Kai\nBetreff: x\n\nSie sind\n",
            ),
            (
                "Outlook, bold",
                "We look.\n\n**From:** Story\n**Sent:** Friday\n**To:** Kai\n**Subject:** x\n\nYou are\n",
            ),
            (
                "Gmail, German",
                "We look.\n\nAm Fr., 20. Nov. 2026 um 15:00 Uhr schrieb Story <\nsecurity@story.example>:\n\n> You are\n",
            ),
            (
                "Gmail, French",
                "We look.\n\nLe ven. 20 nov. 2026 à 15:00, Story <security@story.example> a\nécrit :\n\n> You are\n",
            ),
            (
                "Gmail, Spanish",
                "We look.\n\nEl vie, 20 nov 2026 a las 15:00, Story (<security@story.example>) escribió:\n\n> You are\n",
            ),
            ("Gmail, Japanese", "We look.\n\n2026年11月20日(金) 15:00 Story <security@story.example>:\n\n> You are\n"),
            (
                "Gmail, Chinese",
                "We look.\n\nStory <security@story.example> 于2026年11月20日周五 15:00写道：\n\n> You are\n",
            ),
            ("Thunderbird, Dutch", "Op 20-11-2026 om 15:00 schreef Story:\n> You are\nWe look.\n"),
            ("no line above it", "We look.\n\n> You are\n> a contact\n"),
            ("a phone", "We look.\n\nSent from my phone\n\nOn Fri, 20 Nov 2026, Story wrote:\n> You are\n"),
        ] {
            assert_eq!(visible(text), "We look.", "{program}");
        }
    }

    #[test]
    fn answers_between_quoted_lines_stay_and_the_lines_between_go() {
        let text = "On Friday, Story wrote:\n> Which version?\n\n2.1\n\n> And before?\n\nAll of them.\nSince 2019.\n\n-- \nKai";
        assert_eq!(visible(text), "2.1\n\nAll of them.\nSince 2019.");
    }

    #[test]
    fn what_may_be_the_writers_own_stays() {
        for text in [
            "Run this:\n>>> import parsley\n>>> parsley.read(b'x')\nIt crashes.",
            "On line 3 it says:\n  a > b\nwhich is wrong.",
            "$ cat <<E\n> one\n> E\nand it hangs",
            "diff:\n--- a/src/x.c\n+++ b/src/x.c\n-- comment\nend",
            "These headers get through:\nFrom: a\nSubject: b\nEnd.",
            "The manual wrote: never mind.",
            "> a single line\nand more",
            "one\n\n\ntwo\n  three",
        ] {
            assert_eq!(visible(text), text);
        }
        let long = format!("words\n--\n{}", "code\n".repeat(SIGNATURE_LINES_MAX + 1));
        assert_eq!(visible(&long), long.trim_end());
    }

    #[test]
    fn a_session_stays_even_in_a_reply_and_signatures_go() {
        let text = "On Fri, 20 Nov 2026, Story wrote:\n> Show it.\n\n>>> parsley.read(b'x')\n\n-- \nKai\nLabs\n";
        assert_eq!(visible(text), ">>> parsley.read(b'x')");
        assert_eq!(visible("Yes.\n--\nKai\nLabs"), "Yes.");
    }

    #[test]
    fn a_mail_that_is_all_quotation_has_no_visible_words() {
        for text in ["", "\n\n", "On Fri, 20 Nov 2026, Story wrote:\n> You are\n> a contact\n"] {
            assert_eq!(visible(text), "");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_added_and_no_text_is_too_odd(text in "([a-z>:@< -]{0,12}(\n|\r\n)?){0,40}") {
            let words = visible(&text);
            let lines: Vec<&str> = text.lines().collect();
            for line in words.lines().filter(|line| !line.is_empty()) {
                proptest::prop_assert!(lines.contains(&line), "{:?} in {:?}", line, text);
            }
        }
    }
}
