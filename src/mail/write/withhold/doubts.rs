//! Lines that were left and may still tell who wrote them: shown to a member, who decides.
//!
//! What is sure is cut before anybody looks. This is the rest: a name that stands in no header, a number to call, a
//! profile elsewhere.

use crate::mail::write::withhold::identity::folded_words;
use crate::mail::write::withhold::secrets::is_address;
use crate::mail::write::withhold::signature::is_name;

/// More than so many are no help to anybody: then the whole text is to be read.
const DOUBTS_MAX: usize = 12;
/// A number of so many digits behind a plus or a word for telephones can be called.
const PHONE_DIGITS_MIN: usize = 8;
/// A line with more words is a sentence, in which "call" is a verb.
const PHONE_WORDS_MAX: usize = 8;

/// Words before a name, folded.
const BEFORE_A_NAME: [&str; 12] = [
    "my name is",
    "i am",
    "i m",
    "credit",
    "credits",
    "credit to",
    "credits to",
    "discovered by",
    "found by",
    "reported by",
    "reporter",
    "researcher",
];
/// Words that announce a number to call, folded.
const PHONE: [&str; 6] = ["cell", "mobile", "phone", "signal", "tel", "whatsapp"];
/// Sites on which the first part of a path is a person, as they stand before it.
const PROFILES: [&str; 12] = [
    "linkedin.com/in/",
    "twitter.com/",
    "x.com/",
    "t.me/",
    "keybase.io/",
    "hackerone.com/",
    "bugcrowd.com/",
    "instagram.com/",
    "facebook.com/",
    "medium.com/@",
    "github.com/",
    "gitlab.com/",
];

/// The lines of an already withheld text that may tell who wrote it, by their index.
pub fn doubts(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|line| !line.trim().is_empty());
    let is_doubtful = |at: usize| {
        let line = lines[at].trim();
        !line.starts_with("Subject: ") && (tells(line) || (Some(at) == last && at > 0 && ends_in_a_name(line)))
    };
    (0..lines.len()).filter(|&at| is_doubtful(at)).take(DOUBTS_MAX).collect()
}

/// The text with that line withheld; `None` if the line is not `expected`, so that nothing else is ever cut.
pub fn withhold_line(text: &str, at: usize, expected: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let line = lines.get_mut(at).filter(|line| line.trim() == expected.trim())?;
    *line = "[line withheld]";
    Some(lines.join("\n") + "\n")
}

fn tells(line: &str) -> bool {
    introduces(line) || can_be_called(line) || line.split_whitespace().any(|word| is_address(word) || is_profile(word))
}

/// "My name is Jane", "Credit: Jane Doe of Labs": words before a name, and a name behind them.
fn introduces(line: &str) -> bool {
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let folded: Vec<String> = words.iter().flat_map(|word| folded_words(word)).collect();
    if folded.len() != words.len() {
        return false;
    }
    let behind = |count: usize, start: usize| words.get(start + count).is_some_and(|word| is_name(word));
    BEFORE_A_NAME.iter().any(|before| {
        let before: Vec<&str> = before.split(' ').collect();
        let starts = folded.windows(before.len()).enumerate().filter(|(_, window)| *window == before);
        starts.into_iter().any(|(start, _)| behind(before.len(), start))
    })
}

fn can_be_called(line: &str) -> bool {
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let words = folded_words(line);
    let is_international = |word: &str| word.trim_start_matches('(').starts_with('+');
    let is_announced =
        line.split_whitespace().any(is_international) || words.iter().any(|word| PHONE.contains(&word.as_str()));
    let is_number = line.chars().all(|c| !"={}[];<>#$%".contains(c));
    digits >= PHONE_DIGITS_MIN && is_announced && is_number && words.len() <= PHONE_WORDS_MAX
}

/// A profile, and nothing of a repository below it; or `@name` and `@name@host`.
fn is_profile(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !"@/".contains(c)).to_ascii_lowercase();
    let is_handle = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-.@".contains(c));
    let of_site = |site: &&str| {
        let begins_a_host = |at: usize| at == 0 || word[..at].ends_with(['/', '.']);
        let at = word.find(*site).filter(|&at| begins_a_host(at));
        at.is_some_and(|at| is_handle(word[at + site.len()..].trim_end_matches('/')))
    };
    PROFILES.iter().any(of_site) || word.strip_prefix('@').is_some_and(|rest| rest.len() > 2 && is_handle(rest))
}

/// A last line such as "Jane D." that no closing word stands above.
fn ends_in_a_name(line: &str) -> bool {
    is_name(line) && !line.starts_with('[') && line.chars().all(|c| c.is_alphabetic() || " .-'\u{2019}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The doubtful lines of a text.
    fn doubtful(text: &str) -> Vec<&str> {
        let lines: Vec<&str> = text.lines().collect();
        doubts(text).into_iter().map(|at| lines[at]).collect()
    }

    #[test]
    fn names_numbers_addresses_and_profiles_are_doubted() {
        for line in [
            "My name is Jane and I test parsers.",
            "I am Jane Quillfeather, a student.",
            "Credit: Jane Doe",
            "Discovered by Jane Doe of Labs",
            "Call +49 30 1234 5678",
            "Phone 030 12345678",
            "Write to jq@elsewhere.example instead.",
            "My page: https://www.linkedin.com/in/janeq",
            "see github.com/janeq.",
            "or @janeq@social.example",
        ] {
            let text = format!("Subject: a flaw\n\nIt crashes.\n{line}\nThen it stops for good.\n");
            assert_eq!(doubtful(&text), [line], "{line}");
        }
        assert_eq!(doubtful("Subject: a flaw\n\nIt crashes.\n\nJane D.\n"), ["Jane D."]);
    }

    #[test]
    fn a_report_itself_is_not_doubted() {
        let text = "Subject: I am Groot\n\nI am able to read past the buffer.\nThe reporter endpoint leaks.\n\
            see https://github.com/parsley/parsley/issues/7 and github.com/parsley/parsley\n\
            x = 12345678 + 87654321;\n@decorator.cache breaks: @x\nversion 2026.11.20+4711.1234 is affected\n\
            [line withheld]\nIt ends in draw().\n";
        assert_eq!(doubtful(text), ["@decorator.cache breaks: @x"]);
        assert!(doubts("").is_empty() && doubts("[2 lines withheld]\n").is_empty());
    }

    #[test]
    fn a_line_is_withheld_only_if_it_is_the_one_that_was_shown() {
        let text = "Subject: a flaw\n\nCredit: Jane Doe\n";
        assert_eq!(withhold_line(text, 2, "Credit: Jane Doe").unwrap(), "Subject: a flaw\n\n[line withheld]\n");
        assert_eq!(withhold_line(text, 2, "Credit: Kay"), None);
        assert_eq!(withhold_line(text, 9, ""), None);
    }
}
