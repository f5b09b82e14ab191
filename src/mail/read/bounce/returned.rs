//! The message that came back: in a part of its own, as headers alone, or below the text.

use crate::domain::address::Mailbox;
use crate::mail::read::addresses;
use crate::mail::read::fields::{Fields, with_line_ends};
use crate::mail::read::guard::Map;
use crate::mail::read::parse::message_id_in;

/// What its header says.
#[derive(Default)]
pub struct Returned {
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// Of its To field.
    pub recipients: Vec<Mailbox>,
}

impl Returned {
    /// Reads the header of the returned message; `copy` is the one below the words `told`, which may name its id as well.
    pub fn of(map: &Map<'_>, told: &str, copy: &str) -> Self {
        let parts = (0..map.parts().len()).filter_map(|part| of_part(map, part));
        let mut whole = Self::default();
        for found in parts.chain([of_fields(Fields::of(copy.as_bytes()))]) {
            whole.message_id = whole.message_id.or(found.message_id);
            if whole.recipients.is_empty() {
                whole.recipients = found.recipients;
            }
        }
        whole.message_id = whole.message_id.or_else(|| told.lines().find_map(told_id));
        whole
    }
}

/// `Message-ID: <…>` in a line of its own among the words.
fn told_id(line: &str) -> Option<String> {
    let (name, value) = line.trim_start().split_once(':')?;
    name.eq_ignore_ascii_case("Message-ID").then(|| message_id_in(value.trim()))?
}

fn of_part(map: &Map<'_>, part: usize) -> Option<Returned> {
    let content = &map.parts()[part];
    match content.content.media_type.as_str() {
        // The header of a message inside is the header of its one child in the map.
        _ if content.within.is_some() && content.within == content.parent => Some(of_fields(map.fields(part))),
        // `message/rfc822` encoded against RFC 2046, so that the guard did not open it.
        "message/rfc822" | "message/global" if content.has_children => None,
        "text/rfc822-headers"
        | "text/rfc822-header"
        | "message/rfc822-headers"
        | "message/global-headers"
        | "text/rfc822"
        | "message/rfc822"
        | "message/global" => Some(of_fields(Fields::of(&with_line_ends(&map.decoded(part))))),
        _ => None,
    }
}

fn of_fields(fields: Fields<'_>) -> Returned {
    let message_id = fields.last("Message-ID").and_then(|field| message_id_in(&field.unfolded()));
    let mut recipients = addresses::mailboxes(fields, "To");
    recipients.dedup();
    Returned { message_id, recipients }
}
