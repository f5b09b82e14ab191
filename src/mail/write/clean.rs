//! Text that others wrote, made harmless before it stands in a letter of ours.

/// Longest header or list entry that we write, in characters: folded it stays far below the 998 octets a line may have.
pub const LINE_MAX: usize = 250;

/// One line of at most `max` characters: white space runs together, controls and bidi marks become U+FFFD.
///
/// A text that looks like an encoded-word (RFC 2047) is broken up, so that no reader decodes what we meant literally.
pub fn one_line(text: &str, max: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().map(|c| if is_harmful(c) { '\u{FFFD}' } else { c }).collect();
    let line = line.replace("=?", "= ?");
    match line.char_indices().nth(max) {
        None => line,
        Some(_) => line.chars().take(max.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// A text of several lines: LF line ends, tabs kept, other controls and bidi marks become U+FFFD.
///
/// The marks stay visible instead of vanishing: a report on a trick with them must not look innocent.
pub fn lines(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    unified.chars().map(|c| if c != '\n' && c != '\t' && is_harmful(c) { '\u{FFFD}' } else { c }).collect()
}

/// Controls, line and paragraph separators, and the marks that turn the direction of writing (Unicode TR 9).
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_break_out_turn_round_or_grow() {
        for (given, wanted) in [
            ("plain", "plain"),
            ("two\r\nBcc: x@example.org", "two Bcc: x@example.org"),
            ("a\0b\u{7f}c\u{85}d", "a\u{FFFD}b\u{FFFD}c d"), // U+0085 counts as white space
            ("invoice\u{202e}fdp.exe", "invoice\u{FFFD}fdp.exe"),
            ("=?utf-8?Q?=0D=0ABcc:_x?=", "= ?utf-8?Q?=0D=0ABcc:_x?="),
            ("  Zoë   Öst ", "Zoë Öst"),
            ("0123456789ab", "012345678…"),
        ] {
            assert_eq!(one_line(given, 10.max(wanted.chars().count())), wanted, "{given:?}");
        }
    }

    #[test]
    fn a_text_keeps_its_lines_and_tabs_and_nothing_else_that_steers() {
        assert_eq!(lines("a\r\nb\rc\n\td\u{1b}[31m\u{2066}"), "a\nb\nc\n\td\u{FFFD}[31m\u{FFFD}");
    }
}
