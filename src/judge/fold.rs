//! Makes two spellings of one name equal, and remembers where each letter came from.
//!
//! Folded are: case, compatibility forms (NFKC), accents, letters of other scripts that look like Latin
//! ones (UTS 39), invisible and direction-changing characters, and whether hyphen, underscore or space
//! parts two words. An ASCII letter only ever becomes itself: `l0dash` is another package than `lodash`,
//! but a Cyrillic `о` in it is a disguise.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::skeleton;

/// Below this code point every letter has its folded form in a table. Above lie the ideographs, which
/// resemble no Latin letter, and the compatibility forms, which `slow_fold` takes apart.
const TABLE_END: u32 = 0x2E80;
/// The ideographs and syllables between the table and the compatibility forms stand for themselves.
const IDEOGRAPHS_END: u32 = 0xD7FF;

/// A text in folded form, with the way back to the text that it was made of.
#[derive(Debug)]
pub struct Folded {
    text: String,
    /// Places from which on a folded offset lies `source - folded` bytes away from its source, ascending.
    shifts: Vec<Shift>,
}

#[derive(Debug, Clone, Copy)]
struct Shift {
    folded: usize,
    source: usize,
}

impl Folded {
    /// Folds `source` in one pass.
    pub fn of(source: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(source.len()), shifts: Vec::new() };
        let mut in_gap = false;
        for (at, c) in source.char_indices() {
            if is_gap(c) {
                // A blank line parts two thoughts: no name reaches across it.
                let breaks = c == '\n' && in_gap && source[..at].trim_end_matches([' ', '\t', '\r']).ends_with('\n');
                if !in_gap {
                    folded.note(at);
                    folded.text.push(' ');
                } else if breaks && folded.text.pop().is_some() {
                    folded.text.push('\n');
                }
                in_gap = true;
                continue;
            }
            folded.note(at);
            if c.is_ascii() {
                folded.text.push(c.to_ascii_lowercase());
            } else if !folded.push(c, at) {
                continue; // an invisible character does not end a run of spaces
            }
            in_gap = false;
        }
        folded
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The offset in the source of the letter that became the one at `offset`.
    pub fn source_of(&self, offset: usize) -> usize {
        let after = self.shifts.partition_point(|shift| shift.folded <= offset);
        match after.checked_sub(1).map(|index| self.shifts[index]) {
            Some(shift) => shift.source + (offset - shift.folded),
            None => offset,
        }
    }

    /// Pushes what `c`, which is not ASCII, folds to; false if it folds to nothing.
    fn push(&mut self, c: char, source: usize) -> bool {
        let start = self.text.len();
        push_folded(c, &mut self.text);
        // `ﬁ` became `f` and `i`: both come from where it stands.
        let further: Vec<usize> = self.text[start..].char_indices().skip(1).map(|(at, _)| start + at).collect();
        self.shifts.extend(further.into_iter().map(|folded| Shift { folded, source }));
        self.text.len() > start
    }

    /// Remembers that what is pushed next comes from `source`, where that is not plain from before.
    fn note(&mut self, source: usize) {
        let here = self.text.len();
        if self.source_of_end() != source {
            match self.shifts.last_mut() {
                Some(last) if last.folded == here => last.source = source,
                _ => self.shifts.push(Shift { folded: here, source }),
            }
        }
    }

    fn source_of_end(&self) -> usize {
        let here = self.text.len();
        self.shifts.last().map_or(here, |shift| shift.source + (here - shift.folded))
    }
}

/// Folds a name of the directory, in the same way as a text.
pub fn fold_name(name: &str) -> String {
    Folded::of(name).text.trim().to_owned()
}

/// Whether `written` holds letters or invisible characters that only folding made into ASCII: a name that a
/// reader takes for another than a machine does. Typographic hyphens and spaces are no disguise.
pub fn is_disguised(written: &str) -> bool {
    written.chars().any(|c| !c.is_ascii() && !is_gap(c) && c != '\u{ad}')
}

/// `text` without the characters that hide, with look-alikes as the ASCII letters they stand for and plain hyphens.
pub fn undisguised(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if c.is_ascii() => plain.push(c),
            '\u{2010}'..='\u{2013}' => plain.push('-'),
            _ => push_folded(c, &mut plain),
        }
    }
    plain
}

/// `text` on one line, without the characters that hide or turn what a reader sees.
pub fn plain_line(text: &str) -> String {
    let visible = text.chars().filter(|&c| !is_invisible(c)).map(|c| if c.is_control() { ' ' } else { c });
    visible.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_gap(c: char) -> bool {
    matches!(c, '-' | '_' | '\u{2010}'..='\u{2013}') || c.is_whitespace()
}

/// Zero-width, direction-changing and other default-ignorable characters.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Folded forms of the letters from U+0080 to the table's end.
static TABLE: LazyLock<Vec<Box<str>>> =
    LazyLock::new(|| (0x80..TABLE_END).map(|code| char::from_u32(code).map_or_else(Box::default, slow_fold)).collect());

/// Makes the table of folded letters now, so that no text has to wait for it.
pub fn prepare() {
    LazyLock::force(&TABLE);
}

fn push_folded(c: char, into: &mut String) {
    match u32::from(c) {
        code if code < TABLE_END => into.push_str(&TABLE[(code - 0x80) as usize]),
        code if code <= IDEOGRAPHS_END => into.push(c),
        _ => into.push_str(&slow_fold(c)),
    }
}

fn slow_fold(c: char) -> Box<str> {
    if is_invisible(c) {
        return Box::default();
    }
    let bare: String = std::iter::once(c).nfkd().filter(|&part| !is_combining_mark(part)).collect();
    bare.chars().map(look_alike).collect::<String>().into_boxed_str()
}

/// The ASCII letter or digit that `c` is made to look like; else its own lower case.
fn look_alike(c: char) -> String {
    let lower = c.to_lowercase().to_string();
    if c.is_ascii() {
        return lower;
    }
    // Asked for both cases: only the capital of the Greek alpha and rho looks Latin, only the small omicron's twin does.
    for shape in [c.to_string(), lower.clone()] {
        match skeleton(&shape).collect::<String>().as_str() {
            "rn" => return "m".to_owned(), // UTS 39 spells every `m` so
            latin if latin.chars().all(|l| l.is_ascii_alphanumeric()) => return latin.to_ascii_lowercase(),
            _ => {}
        }
    }
    lower
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_fold_to_the_same_text() {
        for (written, folded) in [
            ("Parsley-Kit", "parsley kit"),
            ("parsley_kit", "parsley kit"),
            ("PARSLEY  \n kit", "parsley kit"),
            ("ｐａｒｓｌｅｙ ｋｉｔ", "parsley kit"),
            ("pаrsley kіt", "parsley kit"), // Cyrillic а and і
            ("par\u{200b}sley\u{202e} kit", "parsley kit"),
            ("𝐩𝐚𝐫𝐬𝐥𝐞𝐲 𝐤𝐢𝐭", "parsley kit"),
            ("Ρarsley Kit", "parsley kit"), // Greek capital rho
            ("Pärsley\u{a0}kit", "parsley kit"),
            ("pars1ey kit", "pars1ey kit"),
        ] {
            assert_eq!(fold_name(written), folded, "{written:?}");
        }
    }

    #[test]
    fn no_name_reaches_across_a_blank_line() {
        assert_eq!(Folded::of("parsley\n\nkit").as_str(), "parsley\nkit");
        assert_eq!(Folded::of("parsley\r\n \r\nkit").as_str(), "parsley\nkit");
        assert_eq!(Folded::of("parsley\r\nkit").as_str(), "parsley kit");
    }

    #[test]
    fn every_folded_offset_leads_back_to_its_letter() {
        let source = "ﬁx  the\u{200b} «Pаrsley-Kit»\n\n\u{feff}now — ＯＫ 漢字 end";
        let folded = Folded::of(source);
        for (word, written) in [("the", "the"), ("parsley kit", "Pаrsley-Kit"), ("end", "end"), ("ok", "ＯＫ")] {
            let at = folded.as_str().find(word).unwrap();
            let from = folded.source_of(at);
            assert!(source[from..].starts_with(written), "{word}: {:?}", &source[from..]);
        }
        for (offset, _) in folded.as_str().char_indices() {
            assert!(source.is_char_boundary(folded.source_of(offset)));
        }
    }

    #[test]
    fn a_name_is_read_without_its_disguise() {
        assert_eq!(undisguised("gr\u{200b}ind_Rоws‑2"), "grind_Rows-2");
    }

    #[test]
    fn a_disguise_is_told_from_typography() {
        assert!(is_disguised("pаrsley"), "a Cyrillic letter");
        assert!(is_disguised("pars\u{200d}ley"), "a hidden character");
        assert!(!is_disguised("parsley‑kit"), "a typographic hyphen");
    }
}
