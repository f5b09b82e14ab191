//! What is handed out as a download: every part that is not the readable text, named, measured, hashed.

use sha2::{Digest, Sha256};

use crate::domain::report::Attachment;
use crate::mail::read::guard::Map;
use crate::mail::read::text::{Role, shown};

/// Characters of a name that we keep; the longest that common file systems take is 255 bytes.
const NAME_MAX: usize = 200;
/// Characters of a media type that we show.
const MEDIA_TYPE_MAX: usize = 100;

/// The attachments of a message in their order.
pub fn list(map: &Map<'_>, roles: &[Role]) -> Vec<Attachment> {
    let is_attachment = |part: &usize| roles[*part] == Role::Attachment;
    (0..roles.len()).filter(is_attachment).map(|part| attachment(map, part)).collect()
}

/// The decoded bytes of the attachment that is part number `part` of `raw`; `None` if there is no such attachment.
pub fn bytes(map: &Map<'_>, roles: &[Role], part: usize) -> Option<Vec<u8>> {
    (roles.get(part) == Some(&Role::Attachment)).then(|| map.decoded(part).into_owned())
}

fn attachment(map: &Map<'_>, part: usize) -> Attachment {
    let bytes = map.decoded(part);
    let content = &map.parts()[part].content;
    Attachment {
        part,
        name: content
            .name
            .as_deref()
            .and_then(clean_name)
            .unwrap_or_else(|| default_name(&content.media_type).to_owned()),
        media_type: content.media_type.chars().map(shown).take(MEDIA_TYPE_MAX).collect(),
        size: bytes.len() as u64,
        sha256: Sha256::digest(&bytes).into(),
    }
}

/// A name on one line without anything that could be read as a path; `None` if nothing is left of it.
fn clean_name(name: &str) -> Option<String> {
    let safe = |c: char| if matches!(c, '/' | '\\' | ':') { '_' } else { shown(c) };
    let name: String = name.trim().trim_start_matches('.').chars().map(safe).take(NAME_MAX).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn default_name(media_type: &str) -> &'static str {
    match media_type {
        "message/rfc822" | "message/global" => "message.eml",
        "text/html" => "page.html",
        "text/plain" => "text.txt",
        "application/pgp-signature" => "signature.asc",
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => "smime.p7m",
        "message/delivery-status" | "message/global-delivery-status" => "delivery-status.txt",
        _ => "unnamed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_attachments_are_one_line_and_no_path() {
        let table = [
            ("poc.py", Some("poc.py")),
            ("../../etc/passwd", Some("_.._etc_passwd")),
            ("C:\\x\\y.exe", Some("C__x_y.exe")),
            (".bashrc", Some("bashrc")),
            ("a\r\nb\0.txt", Some("a  b\u{fffd}.txt")),
            ("re\u{202e}txt.exe", Some("re\u{fffd}txt.exe")),
            (" .. ", None),
            ("", None),
        ];
        for (name, expected) in table {
            assert_eq!(clean_name(name).as_deref(), expected, "{name:?}");
        }
        assert_eq!(clean_name(&"ü".repeat(500)).unwrap().chars().count(), NAME_MAX);
    }
}
