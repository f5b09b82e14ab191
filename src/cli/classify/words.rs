//! The answer of `classify` for a person: what it is, which project it concerns, and each sign under the words it rests on.

use std::fmt::Write;

use super::{Classified, Kind, Said};
use crate::domain::judgement::{Candidate, Evidence, Field, Span, Speaks};
use crate::mail::write::clean::one_line;

/// Candidates whose signs are told; of the others only that they are there.
const TOLD: usize = 3;
/// Columns of a line that shows a part of the text.
const COLUMNS: usize = 76;
/// Columns of it before the words that are marked.
const LEAD: usize = 32;
/// Longest name of a file or id that is printed.
const NAME_MAX: usize = 200;

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Report => "a report",
            Self::NotSecurity => "no report, it seems, so it would come behind the reports in triage",
            Self::Spam => "suspected spam, which would wait in quarantine",
            Self::Bounce => "a bounce",
            Self::AutoReply => "an automatic reply",
            Self::Arf => "a feedback report",
        }
    }
}

impl Classified {
    /// The answer as lines: a heading, each candidate with its signs, and under each sign the text with the words
    /// underlined that make it one.
    pub fn words(&self, name: &str) -> String {
        let mut text = format!("{}: {}\n", one_line(name, NAME_MAX), self.kind.words());
        for reason in &self.reasons {
            let _ = writeln!(text, "  {reason}");
        }
        if let Some(seems) = self.noise.as_ref().filter(|_| self.kind == Kind::NotSecurity) {
            let _ = writeln!(text, "  Looks like {}", seems.noise.label());
            seems.evidence.iter().for_each(|sign| text.push_str(&told(sign, &self.said)));
        }
        if self.kind == Kind::Report && self.candidates.is_empty() {
            text.push_str("  no project of this directory is named\n");
        }
        for (index, candidate) in self.candidates.iter().take(TOLD).enumerate() {
            let lead = if index == 0 { "Suggested" } else { "Or" };
            let _ = writeln!(text, "  {lead}: {} - {} match", candidate.project, candidate.strength.word());
            candidate.evidence.iter().for_each(|sign| text.push_str(&told(sign, &self.said)));
        }
        if self.candidates.len() > TOLD {
            let other = |candidate: &Candidate| format!("{} ({})", candidate.project, candidate.strength.word());
            let others: Vec<String> = self.candidates[TOLD..].iter().map(other).collect();
            let _ = writeln!(text, "  Also named: {}", others.join(", "));
        }
        text
    }
}

/// One sign: its clause, and the line of the text with what it rests on.
fn told(sign: &Evidence, said: &Said) -> String {
    let mark = match sign.speaks {
        Speaks::For => '+',
        Speaks::Against => '-',
    };
    let clause = format!("    {mark} {}\n", sign.clause);
    match sign.at.and_then(|span| excerpt(said, &span)) {
        Some(shown) => clause + &shown,
        None => clause,
    }
}

/// The part of the line around `span`, and carets below its words. Marks are ASCII, no color is needed, and whatever
/// could steer the terminal stands as U+FFFD.
fn excerpt(said: &Said, span: &Span) -> Option<String> {
    let text = match span.field {
        Field::Subject => &said.subject,
        Field::Body => &said.body,
    };
    let (before, marked, after) = (text.get(..span.start)?, text.get(span.start..span.end)?, text.get(span.end..)?);
    let label = match span.field {
        Field::Subject => "subject".to_owned(),
        Field::Body => format!("line {}", before.matches('\n').count() + 1),
    };
    let line = before.rsplit('\n').next().unwrap_or_default();
    let (lead, _) = fitting(line.chars().rev(), LEAD);
    let is_cut = lead.chars().count() < line.chars().count();
    let dots = if is_cut { "..." } else { "" };
    let lead = format!("{dots}{}", lead.chars().rev().collect::<String>());
    let (marked, carets) = fitting(marked.chars(), COLUMNS - columns(&lead));
    let after = after.lines().next().unwrap_or_default();
    let (mut rest, _) = fitting(after.chars(), COLUMNS - columns(&lead) - carets);
    if rest.chars().count() < after.chars().count() {
        rest.push_str("...");
    }
    let indent = " ".repeat(columns(&label) + 2 + columns(&lead));
    Some(format!("        {label}: {lead}{marked}{rest}\n        {indent}{}\n", "^".repeat(carets)))
}

/// As many of `letters` as fit into so many columns, each made harmless, and the columns that they take.
fn fitting(letters: impl Iterator<Item = char>, room: usize) -> (String, usize) {
    let (mut text, mut taken) = (String::new(), 0);
    for letter in letters.map(harmless) {
        let width = width(letter);
        if taken + width > room {
            break;
        }
        taken += width;
        text.push(letter);
    }
    (text, taken)
}

fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Breaks and tabs become spaces; what steers, hides or joins letters, one sign of its own width.
fn harmless(letter: char) -> char {
    match letter {
        '\n' | '\r' | '\t' => ' ',
        _ if letter.is_control() || takes_no_column(letter) => '\u{fffd}',
        _ => letter,
    }
}

/// Combining, invisible and direction-changing characters, by their blocks.
fn takes_no_column(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61c}'
        | '\u{64b}'..='\u{65f}' | '\u{115f}'..='\u{11ff}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Columns on a terminal: two for the wide letters of East Asia (UAX #11) and for pictures.
fn width(letter: char) -> usize {
    let is_wide = matches!(letter, '\u{1100}'..='\u{115e}' | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff01}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}');
    if is_wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::classify_text;
    use super::*;
    use crate::judge::Judge;
    use crate::judge::tests::{directory, project};

    fn shown(subject: &str, body: &str) -> String {
        let mut quern = project("Quern");
        quern.imports = vec!["quern_toolkits".into()];
        let judge = Judge::new(&directory([quern, project("Larder"), project("Sluicegate"), project("Thimblewick")]));
        let classified = classify_text(&judge, subject, body);
        assert!(!classified.json_line(&Value::from(1)).contains("said"), "the text is not printed again as JSON");
        classified.words("report.eml")
    }

    #[test]
    fn each_sign_stands_above_its_words_in_the_text() {
        let body = "Hello,\n\nQuern before 2.1 lets guests read any file, as lib/quern_toolkits/mill.py shows.\n\
                    It was seen on a server that is built on Larder.\nAlso Sluicegate, Thimblewick.";
        insta::assert_snapshot!(shown("Path traversal in Quern", body), @r#"
        report.eml: a report
          Suggested: quern - strong match
            + the text names a version of it: "Quern before 2.1"
                line 3: Quern before 2.1 lets guests read any file, as lib/quern_toolkits/mill.py sh...
                        ^^^^^^^^^^^^^^^^
            + the subject says that the flaw is in it: "Path traversal in Quern"
                subject: Path traversal in Quern
                         ^^^^^^^^^^^^^^^^^^^^^^^
            + path lib/quern_toolkits/mill.py in the text
                line 3: ...1 lets guests read any file, as lib/quern_toolkits/mill.py shows.
                                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^
          Or: sluicegate - weak match
            + text says "Sluicegate"
                line 5: Also Sluicegate, Thimblewick.
                             ^^^^^^^^^^
            - but the text also names "Quern" as what it is about
                line 3: Quern before 2.1 lets guests read any file, as lib/quern_toolkits/mill.py sh...
                        ^^^^^
          Or: thimblewick - weak match
            + text says "Thimblewick"
                line 5: Also Sluicegate, Thimblewick.
                                         ^^^^^^^^^^^
            - but the text also names "Quern" as what it is about
                line 3: Quern before 2.1 lets guests read any file, as lib/quern_toolkits/mill.py sh...
                        ^^^^^
          Also named: larder (weak)
        "#);
        assert_eq!(
            shown("Flaw in your site", "An attacker can read any file by a crafted path."),
            "report.eml: a report\n  no project of this directory is named\n"
        );
    }

    #[test]
    fn wide_turned_and_hidden_letters_neither_steer_the_terminal_nor_shift_the_carets() {
        let body = "漢字です\u{1b}[31m\u{202e} e\u{301} flaw in Qu\u{200b}ern 1.2\u{7}\nand on";
        let text = shown("\u{1b}]0;title\u{7} Quern\u{9b}2J", body);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{200b}', '\u{301}']), "{text:?}");
        insta::assert_snapshot!(text, @r#"
        report.eml: a report
          Suggested: quern - likely match
            + text says "Quern" with hidden characters, which only looks like "Quern"
                line 1: 漢字です�[31m� e� flaw in Qu�ern 1.2�
                                                  ^^^^^^
            + the text names a version of it: "Quern 1.2"
                line 1: 漢字です�[31m� e� flaw in Qu�ern 1.2�
                                                  ^^^^^^^^^^
            + the subject names a version of it: "Quern 2J"
                subject: �]0;title� Quern�2J
                                    ^^^^^^^^
        "#);
    }

    #[test]
    fn long_lines_are_cut_around_the_words_and_a_place_elsewhere_is_left_out() {
        let far = format!("{} flaw in Quern {}", "x ".repeat(500), "y ".repeat(500));
        let text = shown("", &far);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        let said = Said { subject: String::new(), body: "漢".to_owned() };
        for (start, end) in [(0, 1), (0, 9), (9, 12), (3, 0)] {
            assert_eq!(excerpt(&said, &Span { field: Field::Body, start, end }), None, "{start}..{end}");
        }
    }

    #[test]
    fn the_documents_show_what_it_says() {
        let document = include_str!("../../../docs/ROUTING.md");
        let sample = crate::config::policy::parse("projects.toml", include_str!("../../../projects.toml")).unwrap();
        let judge = Judge::new(&sample);
        for (name, subject, body) in [
            (
                "report.eml",
                "Path traversal in Parsely 1.2",
                "Parsely before 1.3 opens any file that a grammar includes.\n\
                 It was seen in an editor that is built on Inkwell.",
            ),
            ("one.eml", "Security report", "Lantern 4.1 runs code from a crafted file, see lantern.figure.load()."),
            ("two.eml", "Security report", "A crafted file lets a lantern run code."),
            (
                "three.eml",
                "Denial of service",
                "Cobble 2.4 never stops when a cobblefile includes itself. Versions up to 2.4 are\n\
                 affected; pkg:npm/cobble-build@2.4 shows it.",
            ),
            (
                "four.eml",
                "XSS in Acmetool",
                "Acmetool is a wiki that is built on Inkwell. Its page titles are not escaped.",
            ),
        ] {
            let words = classify_text(&judge, subject, body).words(name);
            assert!(document.contains(&words), "docs/ROUTING.md shows something else than\n{words}");
        }
    }
}
