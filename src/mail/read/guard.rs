//! The flat scan before any parser: where the parts of a message lie, and whether it is too odd to be read.
//!
//! `mail-parser` 0.11.9 builds nested messages as nested values and drops them by recursion, so 1.9 MB of
//! nested `message/rfc822` overflow the stack and abort the process (THREATS.md finding 1). Its
//! boundary search also starts again at each part. Therefore it never sees a structure: this scan
//! goes over the lines once, with an explicit stack of at most [`LEVELS_MAX`] open levels, and what
//! the library gets is one header value or one decoded body at a time. A message inside an encoded
//! part (base64, quoted-printable) is not opened at all.

use std::borrow::Cow;
use std::ops::Range;

use crate::domain::report::Unreadable;
use crate::mail::read::content::{Content, Encoding};
use crate::mail::read::fields::{Fields, is_continuation, line_at, with_line_ends};

/// Open multiparts and messages at once. A mail forwarded as an attachment ten times has about twenty.
pub const LEVELS_MAX: usize = 50;
/// Parts in all, also those inside attached messages.
pub const PARTS_MAX: usize = 500;
/// Header lines in all header blocks together.
pub const HEADER_LINES_MAX: usize = 10_000;
/// Bytes of all header blocks together.
pub const HEADER_BYTES_MAX: usize = 256 * 1024;

/// Where everything is in a message that is safe to read.
#[derive(Debug)]
pub struct Map<'a> {
    raw: Cow<'a, [u8]>,
    parts: Vec<Part>,
}

/// One part of a message: the root, a multipart, a message inside, or a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    header: Range<usize>,
    body: Range<usize>,
    /// The multipart or message that it is in.
    pub parent: Option<usize>,
    pub content: Content,
    /// Whether parts of a multipart were found in it.
    pub has_children: bool,
    /// The attached message that it belongs to, if it is inside of one.
    pub within: Option<usize>,
}

impl<'a> Map<'a> {
    /// Scans a message.
    ///
    /// Errors: over a limit, or nothing in it that is a header; such bytes are for a person.
    pub fn of(raw: &'a [u8]) -> Result<Self, Unreadable> {
        let raw = with_line_ends(raw);
        if raw.trim_ascii().is_empty() {
            return Err(Unreadable::Empty);
        }
        let parts = Scan::new(&raw).run()?;
        let map = Self { raw, parts };
        if map.fields(0).iter().next().is_none() {
            return Err(Unreadable::NoHeaders);
        }
        Ok(map)
    }

    /// All parts in the order of the message; the first is the message itself.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The header fields of a part.
    pub fn fields(&self, part: usize) -> Fields<'_> {
        Fields::of(&self.raw[self.parts[part].header.clone()])
    }

    /// The header fields of the message itself.
    pub fn top(&self) -> Fields<'_> {
        self.fields(0)
    }

    /// A part's body, still encoded.
    pub fn body(&self, part: usize) -> &[u8] {
        &self.raw[self.parts[part].body.clone()]
    }

    /// Where the body of the message begins.
    pub fn body_start(&self) -> usize {
        self.parts[0].body.start
    }

    /// All bytes after the header block of the message.
    pub fn body_to_the_end(&self) -> &[u8] {
        &self.raw[self.body_start()..]
    }

    /// A part's body as text with LF line ends.
    pub fn text(&self, part: usize) -> String {
        self.parts[part].content.text(self.body(part))
    }

    /// A part's body with the transfer encoding undone.
    pub fn decoded(&self, part: usize) -> Cow<'_, [u8]> {
        self.parts[part].content.decode(self.body(part))
    }
}

/// An open level: the part it belongs to and, for a multipart, what separates its parts.
struct Level {
    part: usize,
    boundary: Option<Vec<u8>>,
}

/// What a line `--…` is to the open levels.
enum Delimiter {
    Next(usize),
    Close(usize),
}

struct Scan<'r> {
    raw: &'r [u8],
    at: usize,
    parts: Vec<Part>,
    levels: Vec<Level>,
    header_lines: usize,
    header_bytes: usize,
}

impl<'r> Scan<'r> {
    fn new(raw: &'r [u8]) -> Self {
        Self { raw, at: 0, parts: Vec::new(), levels: Vec::new(), header_lines: 0, header_bytes: 0 }
    }

    fn run(mut self) -> Result<Vec<Part>, Unreadable> {
        self.skip_what_stands_before();
        self.open_part()?;
        while let Some(line) = line_at(self.raw, self.at) {
            match self.delimiter(line.text) {
                None => self.at = line.span.end,
                Some(Delimiter::Next(level)) => {
                    self.end_parts_above(level, line.span.start);
                    self.at = line.span.end;
                    self.open_part()?;
                }
                Some(Delimiter::Close(level)) => {
                    self.end_parts_above(level, line.span.start);
                    self.levels.truncate(level);
                    self.at = line.span.end;
                }
            }
        }
        Ok(self.parts)
    }

    /// Passes over empty lines and the `From ` line of an mbox file, which some programs leave on top.
    fn skip_what_stands_before(&mut self) {
        while let Some(line) = line_at(self.raw, self.at) {
            let is_first = self.at == 0;
            if !(line.text.trim_ascii().is_empty() || is_first && line.text.starts_with(b"From ")) {
                return;
            }
            self.at = line.span.end;
        }
    }

    /// Reads the header block at the current place as that of a new part, and of the messages that
    /// begin right behind it.
    fn open_part(&mut self) -> Result<(), Unreadable> {
        loop {
            if self.parts.len() >= PARTS_MAX {
                return Err(Unreadable::TooManyParts { limit: PARTS_MAX });
            }
            let header = self.header_block()?;
            let parent = self.levels.last().map(|level| level.part);
            let default = match parent.map(|parent| self.parts[parent].content.media_type.as_str()) {
                Some("multipart/digest") => "message/rfc822", // RFC 2046 section 5.1.5
                _ => "text/plain",
            };
            let content = Content::of(Fields::of(&self.raw[header.clone()]), default);
            let within = parent.and_then(|parent| {
                if self.parts[parent].content.is_message() { Some(parent) } else { self.parts[parent].within }
            });
            if let Some(parent) = parent {
                self.parts[parent].has_children = true;
            }
            let boundary = content.boundary.clone().filter(|_| content.is_a("multipart"));
            let is_message = content.is_message() && content.encoding == Encoding::None;
            let body = self.at..self.raw.len();
            self.parts.push(Part { header, body, parent, content, has_children: false, within });
            if boundary.is_none() && !is_message {
                return Ok(());
            }
            if self.levels.len() >= LEVELS_MAX {
                return Err(Unreadable::TooDeep { limit: LEVELS_MAX });
            }
            let boundary = boundary.map(String::into_bytes);
            self.levels.push(Level { part: self.parts.len() - 1, boundary });
            if !is_message {
                return Ok(());
            }
        }
    }

    /// The block up to the empty line, a delimiter of an open level, or a line that is no header.
    fn header_block(&mut self) -> Result<Range<usize>, Unreadable> {
        let start = self.at;
        while let Some(line) = line_at(self.raw, self.at) {
            let end = self.at;
            let is_field = line.text.contains(&b':') || (is_continuation(line.text) && end > start);
            if line.text.is_empty() {
                self.at = line.span.end;
                return Ok(start..end);
            }
            if !is_field || self.delimiter(line.text).is_some() {
                return Ok(start..end);
            }
            self.header_lines += 1;
            self.header_bytes += line.span.len();
            if self.header_lines > HEADER_LINES_MAX {
                return Err(Unreadable::TooManyHeaders { limit: HEADER_LINES_MAX });
            }
            if self.header_bytes > HEADER_BYTES_MAX {
                return Err(Unreadable::HeadersTooLarge { limit: HEADER_BYTES_MAX });
            }
            self.at = line.span.end;
        }
        Ok(start..self.at)
    }

    /// What this line separates; the innermost level counts (RFC 2046 section 5.1.2).
    fn delimiter(&self, line: &[u8]) -> Option<Delimiter> {
        let text = line.strip_prefix(b"--")?.trim_ascii_end();
        let closing = text.strip_suffix(b"--");
        self.levels.iter().enumerate().rev().find_map(|(index, level)| {
            let boundary = level.boundary.as_deref()?;
            if text == boundary {
                Some(Delimiter::Next(index))
            } else if closing == Some(boundary) {
                Some(Delimiter::Close(index))
            } else {
                None
            }
        })
    }

    /// Ends all that is open inside `level` before the line that starts at `at`, whose line end
    /// belongs to the delimiter.
    fn end_parts_above(&mut self, level: usize, at: usize) {
        let end = without_line_end(&self.raw[..at]);
        let owner = self.levels[level].part;
        self.levels.truncate(level + 1);
        // Only the last child of an open part can be open, so this walks up one branch of the tree.
        let mut open = self.parts.len() - 1;
        while open != owner {
            let body = &mut self.parts[open].body;
            if body.end == self.raw.len() {
                body.end = end.max(body.start);
            }
            let Some(parent) = self.parts[open].parent else { break };
            open = parent;
        }
    }
}

/// How long `bytes` are without their last line end.
fn without_line_end(bytes: &[u8]) -> usize {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each part as `level media-type: body`, the level counted from the root.
    fn outline(raw: &str) -> Vec<String> {
        let map = Map::of(raw.as_bytes()).unwrap();
        let level = |part: usize| std::iter::successors(map.parts[part].parent, |&p| map.parts[p].parent).count();
        (0..map.parts.len())
            .filter(|&part| !map.parts[part].has_children)
            .map(|part| {
                let body = String::from_utf8_lossy(map.body(part)).into_owned();
                format!("{} {}: {body}", level(part), map.parts[part].content.media_type)
            })
            .collect()
    }

    fn refusal(raw: &str) -> Unreadable {
        Map::of(raw.as_bytes()).unwrap_err()
    }

    #[test]
    fn parts_lie_between_the_delimiters_of_the_innermost_level_that_has_them() {
        let raw = "Content-Type: multipart/mixed; boundary=a\r\n\r\npreamble\r\n--a\r\n\r\none\r\n--a\r\n\
                   Content-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\n\r\ntwo\r\n\r\n--ab--\r\nepilogue\r\n\
                   --a  \r\n\r\nx--a\r\n--abc\r\n--a--\r\nend\r\n";
        assert_eq!(outline(raw), ["1 text/plain: one", "2 text/plain: two\r\n", "1 text/plain: x--a\r\n--abc"]);
    }

    #[test]
    fn broken_structures_lose_no_text() {
        let never = "Content-Type: multipart/mixed; boundary=a\n\nall\nthis\n";
        assert_eq!(outline(never), ["0 multipart/mixed: all\nthis\n"]);
        let unclosed = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a\n\ntwo";
        assert_eq!(outline(unclosed), ["1 text/plain: one", "1 text/plain: two"]);
        let headless = "Content-Type: multipart/mixed; boundary=a\n\n--a\nno header here\n--a--\n";
        assert_eq!(outline(headless), ["1 text/plain: no header here"]);
        let cut = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/html\n--a--\n";
        assert_eq!(outline(cut), ["1 text/html: "]);
        assert_eq!(outline("Subject: mac\rX: y\r\rbody"), ["0 text/plain: body"]);
    }

    #[test]
    fn an_attached_message_is_one_part_whose_inside_belongs_to_it() {
        let raw = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\n\
                   Subject: in\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--a\n\nlast\n--a--\n";
        let map = Map::of(raw.as_bytes()).unwrap();
        let within: Vec<_> = map.parts().iter().map(|part| part.within).collect();
        assert_eq!(within, [None, None, Some(1), Some(1), None]);
        assert!(map.body(1).starts_with(b"Subject: in\n") && map.body(1).ends_with(b"--b--"));
    }

    #[test]
    fn what_is_over_a_limit_is_refused_and_what_just_is_not_is_read() {
        let nested = |levels: usize| "Content-Type: message/rfc822\n\n".repeat(levels) + "Subject: x\n\ny\n";
        assert_eq!(outline(&nested(LEVELS_MAX)).len(), 1);
        assert_eq!(refusal(&nested(LEVELS_MAX + 1)), Unreadable::TooDeep { limit: LEVELS_MAX });
        assert_eq!(refusal(&nested(120_000)), Unreadable::TooDeep { limit: LEVELS_MAX });

        let multiparts = |levels: usize| -> String {
            (0..levels).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect()
        };
        assert_eq!(outline(&multiparts(LEVELS_MAX)).len(), 1);
        assert_eq!(refusal(&multiparts(LEVELS_MAX + 1)), Unreadable::TooDeep { limit: LEVELS_MAX });

        let flat =
            |parts: usize| "Content-Type: multipart/mixed; boundary=a\n\n".to_owned() + &"--a\n\nx\n".repeat(parts);
        assert_eq!(outline(&flat(PARTS_MAX - 1)).len(), PARTS_MAX - 1);
        assert_eq!(refusal(&flat(PARTS_MAX)), Unreadable::TooManyParts { limit: PARTS_MAX });

        let lines = |count: usize| "X: y\n".repeat(count) + "\nbody";
        assert_eq!(outline(&lines(HEADER_LINES_MAX)).len(), 1);
        assert_eq!(refusal(&lines(HEADER_LINES_MAX + 1)), Unreadable::TooManyHeaders { limit: HEADER_LINES_MAX });

        let large = |bytes: usize| format!("X: {}\n\nbody", "y".repeat(bytes - 4));
        assert_eq!(outline(&large(HEADER_BYTES_MAX)).len(), 1);
        assert_eq!(refusal(&large(HEADER_BYTES_MAX + 1)), Unreadable::HeadersTooLarge { limit: HEADER_BYTES_MAX });
    }

    #[test]
    fn a_digest_without_types_nests_messages_and_a_message_in_base64_is_not_opened() {
        let level = |n: usize| format!("Content-Type: multipart/digest; boundary=b{n}\n\n--b{n}\n\n");
        let digests: String = (0..LEVELS_MAX).map(level).collect();
        assert_eq!(refusal(&digests), Unreadable::TooDeep { limit: LEVELS_MAX });

        let inner = data_encoding::BASE64.encode("Content-Type: message/rfc822\n\n".repeat(50_000).as_bytes());
        let raw = format!("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}\n");
        assert_eq!(Map::of(raw.as_bytes()).unwrap().parts().len(), 1);
    }

    #[test]
    fn nothing_at_all_and_nothing_but_text_are_unreadable() {
        assert_eq!(refusal(""), Unreadable::Empty);
        assert_eq!(refusal("\r\n \n"), Unreadable::Empty);
        assert_eq!(refusal("just a line\n"), Unreadable::NoHeaders);
        assert_eq!(outline("From a b\n  \n\nSubject: late\n\nbut there"), ["0 text/plain: but there"]);
    }
}
