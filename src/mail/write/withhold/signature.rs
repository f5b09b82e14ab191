//! Where a mail stops reporting and begins to sign.

use crate::mail::write::withhold::identity::folded_words;

/// Below the separator a signature is short (usage: four lines); a longer rest is something else.
const BELOW_SEPARATOR_MAX: usize = 15;

/// After "Regards," at the end of a mail, so few lines are all signature.
const BELOW_CLOSING_MAX: usize = 6;

/// A name with its titles has no more words.
const NAME_WORDS_MAX: usize = 4;

/// Words that close a letter, folded.
const CLOSINGS: &[&str] = &[
    "all the best",
    "best",
    "best regards",
    "best wishes",
    "br",
    "cheers",
    "cordialement",
    "cordially",
    "greetings",
    "kind regards",
    "kindest regards",
    "kr",
    "many thanks",
    "mfg",
    "mit freundlichen grußen",
    "regards",
    "respectfully",
    "saludos",
    "sincerely",
    "sincerely yours",
    "thank you",
    "thank you in advance",
    "thanks",
    "thanks a lot",
    "thanks and regards",
    "thanks in advance",
    "viele gruße",
    "warm regards",
    "with best regards",
    "with kind regards",
    "yours",
    "yours sincerely",
    "yours truly",
];

/// For each line whether it belongs to a signature. "Regards," itself does not.
pub(super) fn lines(lines: &[&str]) -> Vec<bool> {
    let mut is_signature = vec![false; lines.len()];
    let end = separator(lines).unwrap_or(lines.len());
    is_signature[end..].fill(true);
    for at in 0..end {
        let closing = closing(lines[at]);
        if closing == Closing::None {
            continue;
        }
        is_signature[at] |= closing == Closing::WithName;
        let rest = &lines[at + 1..end];
        let signed = if filled(rest) <= BELOW_CLOSING_MAX { rest.len() } else { names_at_start(rest) };
        for (offset, line) in rest[..signed].iter().enumerate() {
            is_signature[at + 1 + offset] |= !line.trim().is_empty();
        }
    }
    is_signature
}

/// The line `-- ` (usage since Usenet, RFC 3676 section 4.3) that has a signature below it.
fn separator(lines: &[&str]) -> Option<usize> {
    let at = lines.iter().rposition(|line| line.trim_end() == "--")?;
    (filled(&lines[at + 1..]) <= BELOW_SEPARATOR_MAX).then_some(at)
}

fn filled(lines: &[&str]) -> usize {
    lines.iter().filter(|line| !line.trim().is_empty()).count()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    None,
    /// "Best regards,"
    Alone,
    /// "Best, Jane"
    WithName,
}

fn closing(line: &str) -> Closing {
    let words = folded_words(line);
    if CLOSINGS.contains(&words.join(" ").as_str()) {
        return Closing::Alone;
    }
    let is_closing_then_name = (1..words.len())
        .any(|split| CLOSINGS.contains(&words[..split].join(" ").as_str()) && is_name(&line_after(line, split)));
    if is_closing_then_name { Closing::WithName } else { Closing::None }
}

/// The words of `line` after the first `skipped`, as they are written.
fn line_after(line: &str, skipped: usize) -> String {
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words[skipped.min(words.len())..].join(" ")
}

/// How many lines at the start are names, with at most one blank line before them.
fn names_at_start(lines: &[&str]) -> usize {
    let blank = usize::from(lines.first().is_some_and(|line| line.trim().is_empty()));
    blank + lines[blank..].iter().take_while(|line| is_name(line)).count()
}

/// Whether a line could be a name: few words, each with a capital, and no colon that announces more.
pub(super) fn is_name(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let has_capital = |word: &&str| {
        let first = word.chars().find(|c| c.is_alphanumeric());
        first.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
    };
    (1..=NAME_WORDS_MAX).contains(&words.len()) && words.iter().all(has_capital) && !line.trim_end().ends_with(':')
}

#[cfg(test)]
mod tests {
    /// The lines of `text` that are taken for a signature.
    fn signed(text: &str) -> Vec<&str> {
        let all: Vec<&str> = text.lines().collect();
        let cut = super::lines(&all);
        all.into_iter().zip(cut).filter_map(|(line, cut)| cut.then_some(line)).collect()
    }

    #[test]
    fn a_signature_is_found_and_a_report_is_not_taken_for_one() {
        let long_tail = "1. run\n2. read\n3. write\n4. crash\n5. read\n6. cry\n7. report";
        for (text, wanted) in [
            ("flaw\n-- \nJane\nLabs", vec!["-- ", "Jane", "Labs"]),
            ("flaw\n--\nJane", vec!["--", "Jane"]),
            ("-- a comment in SQL\nflaw", vec![]),
            ("flaw\n\nRegards,\nJane", vec!["Jane"]),
            ("flaw\n\nBest regards\n\nJane\n\nLabs\n", vec!["Jane", "Labs"]),
            ("flaw\nMit freundlichen Grüßen\nJ", vec!["J"]),
            ("flaw\nBest, Jane", vec!["Best, Jane"]),
            ("flaw\nThanks, Jane Q.\nLabs", vec!["Thanks, Jane Q.", "Labs"]),
            ("Thanks for reading this report.\nflaw", vec![]),
            ("Best practice is to check.\nflaw", vec![]),
            (&format!("Thanks!\n\nJane\n\nSteps:\n{long_tail}"), vec!["Jane"]),
            (&format!("Thanks!\n\nSteps:\n{long_tail}"), vec![]),
            (&format!("--\n{}", "code\n".repeat(16)), vec![]),
            ("", vec![]),
        ] {
            assert_eq!(signed(text), wanted, "{text:?}");
        }
    }
}
