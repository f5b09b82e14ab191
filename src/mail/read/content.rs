//! What a part says of its content: media type, file name, charset, transfer encoding; and its undoing.

use std::borrow::Cow;

use mail_parser::ContentType;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::parsers::MessageStream;

use crate::mail::read::fields::{Field, Fields};

/// Bytes of one Content-Type or Content-Disposition field that we read. Joining RFC 2231 pieces costs
/// the square of their number, so a longer field counts as unreadable.
const FIELD_MAX: usize = 8 * 1024;
/// RFC 2046 section 5.1.1 allows 70; some mailers go beyond, none by this much.
const BOUNDARY_MAX: usize = 250;

/// The MIME facts of one part (RFC 2045, RFC 2183).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// `type/subtype` in lower case.
    pub media_type: String,
    pub charset: Option<String>,
    /// Of Content-Disposition or else of Content-Type, decoded but not yet cleaned.
    pub name: Option<String>,
    pub boundary: Option<String>,
    /// `report-type` of a multipart/report (RFC 6522), in lower case.
    pub report_type: Option<String>,
    /// `protocol` of multipart/encrypted and multipart/signed (RFC 1847), in lower case.
    pub protocol: Option<String>,
    /// `smime-type` (RFC 8551), in lower case.
    pub smime_type: Option<String>,
    /// `Content-Disposition: attachment`.
    pub is_attachment: bool,
    pub encoding: Encoding,
}

/// A transfer encoding that changes the bytes (RFC 2045 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    None,
    Base64,
    QuotedPrintable,
}

impl Content {
    /// The facts in a part's header block; `default` is the media type where none is given.
    pub fn of(fields: Fields<'_>, default: &str) -> Self {
        let disposition = fields.last("Content-Disposition").and_then(structured);
        let (media_type, declared) = match fields.last("Content-Type") {
            None => (default.to_owned(), None),
            Some(field) if field.value.len() > FIELD_MAX => ("application/octet-stream".to_owned(), None),
            Some(field) => {
                let declared = structured(field);
                (declared.as_ref().map_or_else(|| "text/plain".to_owned(), media_type), declared)
            }
        };
        let parameter = |name: &str| {
            let value = declared.as_ref()?.attribute(name)?.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        let lower = |name: &str| parameter(name).map(|value| value.to_ascii_lowercase());
        let file_name = disposition.as_ref().and_then(|d| d.attribute("filename")).map(str::to_owned);
        Self {
            media_type,
            charset: parameter("charset"),
            name: file_name.or_else(|| parameter("name")),
            boundary: parameter("boundary").filter(|boundary| boundary.len() <= BOUNDARY_MAX),
            report_type: lower("report-type"),
            protocol: lower("protocol"),
            smime_type: lower("smime-type"),
            is_attachment: disposition.is_some_and(|d| d.ctype().eq_ignore_ascii_case("attachment")),
            encoding: transfer_encoding(fields),
        }
    }

    /// `text`, `multipart`, ….
    pub fn is_a(&self, main_type: &str) -> bool {
        self.media_type.split_once('/').is_some_and(|(main, _)| main == main_type)
    }

    /// A whole message inside this one, not encoded, so that its own structure shows in our lines.
    pub fn is_message(&self) -> bool {
        matches!(self.media_type.as_str(), "message/rfc822" | "message/global")
    }

    /// The bytes with the transfer encoding undone. What breaks its encoding is passed over
    /// (base64) or kept as it stands (quoted-printable): nothing is lost and nothing fails.
    pub fn decode<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        match self.encoding {
            Encoding::None => Cow::Borrowed(body),
            Encoding::Base64 => Cow::Owned(base64_decode(body).unwrap_or_else(|| base64_of_the_rest(body))),
            Encoding::QuotedPrintable => quoted_printable_decode(body).map_or(Cow::Borrowed(body), Cow::Owned),
        }
    }

    /// The decoded body as text with LF line ends. Bytes that do not fit the charset become U+FFFD.
    pub fn text(&self, body: &[u8]) -> String {
        let bytes = self.decode(body);
        match self.charset_decoder() {
            Some(decode) => with_lf(decode(&bytes)),
            None => with_lf(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// `None` for UTF-8, for charsets nobody knows, and for ASCII, which in truth is often UTF-8.
    fn charset_decoder(&self) -> Option<fn(&[u8]) -> String> {
        let charset = self.charset.as_deref()?.to_ascii_lowercase();
        let is_utf8_anyway = matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii" | "ascii");
        if is_utf8_anyway { None } else { charset_decoder(charset.as_bytes()) }
    }
}

/// Parses `type/subtype; name=value` (RFC 2045 section 5.1, RFC 2231).
fn structured(field: Field<'_>) -> Option<ContentType<'static>> {
    if field.value.len() > FIELD_MAX {
        return None;
    }
    let ended = [field.value, b"\n"].concat();
    MessageStream::new(&ended).parse_content_type().into_owned().into_content_type()
}

/// `Content-Type: text` and the like mean plain text (RFC 2045 section 5.2).
fn media_type(declared: &ContentType<'_>) -> String {
    match declared.subtype().map(str::trim).filter(|subtype| !subtype.is_empty()) {
        Some(subtype) => format!("{}/{subtype}", declared.ctype().trim()).to_ascii_lowercase(),
        None => "text/plain".to_owned(),
    }
}

fn transfer_encoding(fields: Fields<'_>) -> Encoding {
    let value = fields.last("Content-Transfer-Encoding").map(|field| field.unfolded().to_ascii_lowercase());
    let word = value.as_deref().and_then(|value| value.split([' ', ';', '(']).find(|word| !word.is_empty()));
    match word {
        Some("base64") => Encoding::Base64,
        Some("quoted-printable") => Encoding::QuotedPrintable,
        _ => Encoding::None,
    }
}

/// RFC 2045 section 6.8: bytes outside the alphabet are to be ignored.
fn base64_of_the_rest(body: &[u8]) -> Vec<u8> {
    let alphabet = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let kept: Vec<u8> = body.iter().copied().filter(alphabet).collect();
    base64_decode(&kept).unwrap_or_default()
}

fn with_lf(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(header: &str) -> Content {
        Content::of(Fields::of(header.as_bytes()), "text/plain")
    }

    #[test]
    fn media_types_and_boundaries_are_read_however_oddly_they_are_written() {
        let table = [
            ("", "text/plain", None),
            ("Content-Type: text\n", "text/plain", None),
            ("Content-Type: ;\n", "text/plain", None),
            ("CONTENT-TYPE : MultiPart/Mixed; BOUNDARY=\"a b\"\n", "multipart/mixed", Some("a b")),
            ("Content-Type: multipart/mixed;\n\tboundary*0=ab;\n\tboundary*1=cd\n", "multipart/mixed", Some("abcd")),
            ("Content-Type: multipart/mixed (why) ; (not) boundary=x\n", "multipart/mixed", Some("x")),
            ("Content-Type: text/html\nContent-Type: text/plain\n", "text/plain", None),
        ];
        for (header, media_type, boundary) in table {
            let read = content(header);
            assert_eq!((read.media_type.as_str(), read.boundary.as_deref()), (media_type, boundary), "{header:?}");
        }
        let long = format!("Content-Type: text/plain; name=\"{}\"\n", "x".repeat(FIELD_MAX));
        assert_eq!(content(&long).media_type, "application/octet-stream");
    }

    #[test]
    fn broken_encodings_lose_nothing_that_can_be_read() {
        let base64 = content("Content-Transfer-Encoding: BASE64\n");
        assert_eq!(&*base64.decode(b"aGVs\r\n!bG8=\r\n"), b"hello");
        let quoted = content("Content-Transfer-Encoding: quoted-printable\n");
        assert_eq!(&*quoted.decode(b"a=3Db=\r\nc"), b"a=bc");
        assert_eq!(&*quoted.decode(b"100 =zz broken"), b"100 =zz broken");
    }

    #[test]
    fn texts_are_read_in_their_charset_and_unknown_ones_as_far_as_they_go() {
        let japanese = content("Content-Type: text/plain; charset=iso-2022-jp\n");
        assert_eq!(japanese.text(b"\x1b$B%O%m!<\x1b(B\r\n"), "ハロー\n");
        let unknown = content("Content-Type: text/plain; charset=x-klingon\n");
        assert_eq!(unknown.text(b"caf\xe9\rau lait"), "caf\u{fffd}\nau lait");
        assert_eq!(content("").text("Grüße".as_bytes()), "Grüße");
    }
}
