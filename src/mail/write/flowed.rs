//! Plain text that fits any window: `format=flowed` (RFC 3676), written and read.

use std::fmt::Write as _;

use crate::mail::write::clean;

/// Visible columns of a wrapped line; the space that marks the soft break comes on top.
const COLUMNS: usize = 72;

/// The text of a letter, block by block; whatever goes in is made harmless by [`clean::lines`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    Paragraph(String),
    Line(String),
    Verbatim(String),
}

impl Body {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Words of ours: a blank line, then the text wrapped with soft breaks.
    #[must_use]
    pub fn paragraph(mut self, text: impl AsRef<str>) -> Self {
        self.blocks.push(Block::Paragraph(clean::lines(text.as_ref())));
        self
    }

    /// A line of its own that is never broken: a link, a size, a hash.
    #[must_use]
    pub fn line(mut self, text: impl AsRef<str>) -> Self {
        self.blocks.push(Block::Line(clean::lines(text.as_ref()).replace('\n', " ")));
        self
    }

    /// A blank line, then a line of its own.
    #[must_use]
    pub fn heading(self, text: impl AsRef<str>) -> Self {
        self.line("").line(text)
    }

    /// Words of others, line by line as they wrote them.
    #[must_use]
    pub fn verbatim(mut self, text: &str) -> Self {
        self.blocks.push(Block::Verbatim(clean::lines(text)));
        self
    }

    /// The text as it travels, with LF line ends.
    pub fn flow(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            match block {
                Block::Paragraph(text) => {
                    if !out.is_empty() {
                        out.push('\n');
                    }
                    for (line, is_last) in wrap(text) {
                        push_stuffed(&mut out, &line);
                        out.push_str(if is_last { "\n" } else { " \n" });
                    }
                }
                Block::Line(text) => push_fixed(&mut out, text),
                Block::Verbatim(text) => {
                    text.trim_matches('\n').split('\n').for_each(|line| push_fixed(&mut out, line))
                }
            }
        }
        out
    }
}

/// A line that ends hard: no space at its end, which would be a soft break (RFC 3676 section 4.2).
fn push_fixed(out: &mut String, line: &str) {
    push_stuffed(out, line.trim_end());
    out.push('\n');
}

/// RFC 3676 section 4.4: what begins like a quote, a stuffed line or an mbox separator gets a space before it.
fn push_stuffed(out: &mut String, line: &str) {
    if line.starts_with([' ', '>']) || line.starts_with("From ") {
        out.push(' ');
    }
    out.push_str(line);
}

/// The lines of a paragraph, each with whether it is the last. A word longer than a line stays whole.
fn wrap(text: &str) -> Vec<(String, bool)> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("it starts with one line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= COLUMNS {
            write!(line, " {word}").expect("a String takes all");
        } else {
            lines.push(word.to_owned());
        }
    }
    let last = lines.len() - 1;
    lines.into_iter().enumerate().map(|(at, line)| (line, at == last)).collect()
}

/// The text as its reader sees it: soft breaks joined, stuffing removed, LF line ends.
pub fn unflow(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        out.push_str(line);
        if !line.ends_with(' ') || line == "-- " {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_wrapped_softly_and_links_are_not() {
        let link = format!("https://security.example.org/a/{}", "x".repeat(60));
        let body = Body::new()
            .paragraph("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen")
            .line(link.clone());
        assert_eq!(
            body.flow(),
            format!(
                "one two three four five six seven eight nine ten eleven twelve thirteen \n\
                 fourteen fifteen\n{link}\n"
            )
        );
        assert!(unflow(&body.flow()).starts_with(
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen\nhttps"
        ));
    }

    #[test]
    fn the_words_of_others_keep_their_lines_and_cannot_pass_for_soft_breaks_or_quotes() {
        let text = "From here on  \n> quoted\n  indented\nlast\n\n";
        let flowed = Body::new().verbatim(text).flow();
        assert_eq!(flowed, " From here on\n > quoted\n   indented\nlast\n");
        assert_eq!(unflow(&flowed), "From here on\n> quoted\n  indented\nlast\n");
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(words in proptest::collection::vec("[a-zé>]{1,90}|From", 1..60)) {
            let text = words.join(" ");
            proptest::prop_assert_eq!(unflow(&Body::new().paragraph(&text).flow()), format!("{text}\n"));
        }

        #[test]
        fn no_line_of_ours_is_wider_than_it_may_be(words in proptest::collection::vec("[a-z]{1,20}", 1..60)) {
            let flowed = Body::new().paragraph(words.join(" ")).flow();
            for line in flowed.lines() {
                proptest::prop_assert!(line.trim_end().chars().count() <= COLUMNS, "{}", line);
            }
        }
    }
}
