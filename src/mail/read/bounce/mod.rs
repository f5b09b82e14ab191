//! Reads delivery reports: RFC 3464 and RFC 6533, and the texts that mail servers wrote before them.
//!
//! Works on the flat map of the guard alone, part by part and line by line, so that a report costs no more than its
//! length and nothing in it can nest.

mod codes;
mod status;
mod words;

use crate::domain::address::OwnAddresses;
use crate::domain::bounce::{DeliveryReport, Notice};
use crate::domain::report::Unreadable;
use crate::mail::read::fields::{Fields, with_line_ends};
use crate::mail::read::guard::Map;
use crate::mail::read::html;
use crate::mail::read::parse::message_id_in;
use crate::mail::read::text::one_line;

/// Recipients that one report is believed to be about; ours is about one.
const NOTICES_MAX: usize = 100;

/// Reads the delivery report in `raw`. It names no recipient where the report does not; it says nothing at all
/// (`notices` is empty) where neither its fields nor its text tell what became of a message.
///
/// Whether the message *is* a delivery report was asked before: the words of any mail could be read as one.
pub fn delivery_report(raw: &[u8], own: &OwnAddresses) -> Result<DeliveryReport, Unreadable> {
    Map::of(raw).map(|map| of_map(&map, own))
}

fn of_map(map: &Map<'_>, own: &OwnAddresses) -> DeliveryReport {
    let text = what_it_says(map);
    let told = words::before_the_copy(&text);
    let subject = map.top().last("Subject").map(|field| one_line(&field.decoded())).unwrap_or_default();
    let mut envelope_id = None;
    let mut notices = Vec::new();
    for part in own_parts(map).filter(|&part| is_status(&map.parts()[part].content.media_type)) {
        let bytes = map.decoded(part);
        let status = status::read(&with_line_ends(&bytes), told);
        envelope_id = envelope_id.or(status.envelope_id);
        notices.extend(status.notices);
    }
    if notices.is_empty() {
        // The frame was lost on the way, and the fields stand in the text.
        notices = status::read(told.as_bytes(), told).notices;
    }
    if notices.iter().all(|notice: &Notice| notice.recipients.is_empty()) {
        let written = words::read(&words::Written { told, subject: &subject, top: map.top() });
        if notices.is_empty() || !written.is_empty() {
            notices = written;
        }
    }
    for notice in &mut notices {
        notice.recipients.retain(|recipient| own.read(recipient).is_none());
    }
    notices.truncate(NOTICES_MAX);
    DeliveryReport { notices, message_id: message_id(map, &text), envelope_id }
}

/// Parts that are not inside a returned message.
fn own_parts<'m>(map: &'m Map<'_>) -> impl Iterator<Item = usize> + 'm {
    (0..map.parts().len()).filter(|&part| map.parts()[part].within.is_none())
}

fn is_status(media_type: &str) -> bool {
    matches!(media_type, "message/delivery-status" | "message/global-delivery-status")
}

/// The first text of the report, for a person; bounces in HTML alone are read as text.
fn what_it_says(map: &Map<'_>) -> String {
    let first = |media_type: &str| {
        own_parts(map).find(|&part| map.parts()[part].content.media_type == media_type && !map.text(part).is_empty())
    };
    if let Some(plain) = first("text/plain") {
        return map.text(plain);
    }
    match first("text/html") {
        Some(page) => html::to_text(&map.text(page), &mut html::Budget::default()),
        // A multipart whose boundary never comes.
        None if !map.parts()[0].has_children => map.text(0),
        None => String::new(),
    }
}

/// The Message-ID of the message that came back: in a part of its own, as headers alone, or below the text.
fn message_id(map: &Map<'_>, text: &str) -> Option<String> {
    let in_fields = |fields: Fields<'_>| fields.last("Message-ID").and_then(|field| message_id_in(&field.unfolded()));
    let parts = map.parts();
    let in_part = (0..parts.len()).find_map(|part| match parts[part].content.media_type.as_str() {
        // The header of a message inside is the header of its one child in the map.
        _ if parts[part].within.is_some() && parts[part].within == parts[part].parent => in_fields(map.fields(part)),
        "text/rfc822-headers" | "message/rfc822-headers" | "message/global-headers" => {
            in_fields(Fields::of(&with_line_ends(&map.decoded(part))))
        }
        // Encoded against RFC 2046, so the guard did not open it.
        "message/rfc822" | "message/global" if !parts[part].has_children => {
            in_fields(Fields::of(&with_line_ends(&map.decoded(part))))
        }
        _ => None,
    });
    in_part.or_else(|| in_fields(Fields::of(words::the_copy(text).as_bytes())))
}

#[cfg(test)]
mod tests;
