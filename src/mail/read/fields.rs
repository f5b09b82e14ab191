//! Header fields as they stand in the bytes: flat, borrowed, nothing decoded.

use std::borrow::Cow;
use std::ops::Range;

use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;

/// One header field (RFC 5322 section 2.2); the value still folded and without its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a str,
    pub value: &'a [u8],
}

impl<'a> Field<'a> {
    /// The value on one line, undecoded; bytes that are no UTF-8 become U+FFFD.
    pub fn unfolded(&self) -> String {
        let text = String::from_utf8_lossy(self.value);
        let line: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        line.trim().to_owned()
    }

    /// The value with its encoded-words decoded (RFC 2047): for display, never to be parsed again.
    pub fn decoded(&self) -> String {
        decode_words(self.value)
    }
}

/// Decodes the encoded-words of an unstructured text (RFC 2047).
pub fn decode_words(value: &[u8]) -> String {
    // The parser wants the end of the field, or it takes the value for cut off.
    let ended = [value, b"\n"].concat();
    match MessageStream::new(&ended).parse_unstructured() {
        HeaderValue::Text(text) => text.trim().to_owned(),
        _ => String::new(),
    }
}

/// The fields of one header block, in their order.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The fields of a block that ends before its empty line.
    pub fn of(block: &'a [u8]) -> Self {
        Self(block)
    }

    /// All fields whose name is a name; what else stands between them is passed over.
    pub fn iter(self) -> impl Iterator<Item = Field<'a>> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let (field, tail) = rest.split_at(field_end(rest));
                rest = tail;
                if let Some(field) = split_field(field) {
                    return Some(field);
                }
            }
            None
        })
    }

    /// All fields of this name, compared without case.
    pub fn all(self, name: &str) -> impl Iterator<Item = Field<'a>> {
        self.iter().filter(move |field| field.name.eq_ignore_ascii_case(name))
    }

    /// The field of this name that stands last: where there are several, that is the one a DKIM
    /// signature covers (RFC 6376 section 5.4.2), so one put in front of it changes nothing.
    pub fn last(self, name: &str) -> Option<Field<'a>> {
        self.all(name).last()
    }

    /// Whether there is a field of this name.
    pub fn has(self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
}

/// Where a header block ends and what follows it begins.
pub struct Line<'a> {
    /// Without its line end.
    pub text: &'a [u8],
    /// In the whole, with its line end.
    pub span: Range<usize>,
}

/// The line that starts at `start`; LF and CRLF end a line. `None` at the end of `bytes`.
pub fn line_at(bytes: &[u8], start: usize) -> Option<Line<'_>> {
    let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
    let length = rest.iter().position(|&b| b == b'\n').map_or(rest.len(), |at| at + 1);
    let text = rest[..length].strip_suffix(b"\n").unwrap_or(&rest[..length]);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    Some(Line { text, span: start..start + length })
}

/// Whether a line goes on with the field above it (RFC 5322 section 2.2.3).
pub fn is_continuation(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
}

/// `bytes` with LF line ends where it has only bare CRs (as old Mac programs wrote files).
pub fn with_line_ends(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.contains(&b'\n') || !bytes.contains(&b'\r') {
        return Cow::Borrowed(bytes);
    }
    bytes.iter().map(|&b| if b == b'\r' { b'\n' } else { b }).collect::<Vec<u8>>().into()
}

/// Length of the first field with its continuation lines.
fn field_end(block: &[u8]) -> usize {
    let mut end = 0;
    while let Some(line) = line_at(block, end) {
        if end > 0 && !is_continuation(line.text) {
            break;
        }
        end = line.span.end;
    }
    end
}

fn split_field(field: &[u8]) -> Option<Field<'_>> {
    let colon = field.iter().position(|&b| b == b':')?;
    let name = field[..colon].trim_ascii_end();
    if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let name = std::str::from_utf8(name).ok()?;
    let value = field[colon + 1..].strip_suffix(b"\n").unwrap_or(&field[colon + 1..]);
    Some(Field { name, value: value.strip_suffix(b"\r").unwrap_or(value) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_fields_are_one_and_lines_that_are_no_field_are_passed_over() {
        let block =
            b"Subject: one\r\n two\r\nFrom someone Mon Jan 1 00:00:00 2024\r\nX-A : b\r\n: c\r\nSUBJECT: last\n";
        let fields = Fields::of(block);
        let names: Vec<_> = fields.iter().map(|f| f.name).collect();
        assert_eq!(names, ["Subject", "X-A", "SUBJECT"]);
        assert_eq!(fields.all("subject").next().unwrap().unfolded(), "one two");
        assert_eq!(fields.last("subject").unwrap().unfolded(), "last");
    }

    #[test]
    fn encoded_words_are_decoded_and_broken_ones_stay_as_they_are() {
        assert_eq!(decode_words(b" =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?IQ==?= da"), "Grüße! da");
        assert_eq!(decode_words(b"=?utf-8?x?abc?="), "=?utf-8?x?abc?=");
        assert_eq!(decode_words(b""), "");
    }
}
