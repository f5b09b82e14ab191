//! Reads delivery reports: RFC 3464 and RFC 6533, and the texts that mail servers wrote before them.
//!
//! Works on the flat map of the guard alone, part by part and line by line, so that a report costs no more than its
//! length and nothing in it can nest.

pub mod codes;
pub mod copy;
mod returned;
mod service;
mod status;
mod told;
mod words;

use crate::domain::address::OwnAddresses;
use crate::domain::bounce::{DeliveryReport, Notice};
use crate::domain::report::Unreadable;
use crate::mail::read::bounce::returned::Returned;
use crate::mail::read::bounce::told::Told;
use crate::mail::read::fields::with_line_ends;
use crate::mail::read::guard::Map;
use crate::mail::read::html;
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
    if let Some(report) = service::read(&text) {
        return without_our_own(report, own);
    }
    let (told, copy) = copy::split(&text);
    let told = Told::of(told);
    let returned = Returned::of(map, told.text, &copy);
    let mut envelope_id = None;
    let mut notices = Vec::new();
    let mut has_fields = false;
    for part in own_parts(map).filter(|&part| is_status(&map.parts()[part].content.media_type)) {
        let bytes = map.decoded(part);
        let status = status::read(&with_line_ends(&bytes), &told);
        has_fields = true;
        envelope_id = envelope_id.or(status.envelope_id);
        notices.extend(status.notices);
    }
    if notices.is_empty() {
        // The frame was lost on the way, and the fields stand in the text.
        notices = status::read(told.text.as_bytes(), &told).notices;
    }
    if names_nobody(&notices) {
        let subject = map.top().last("Subject").map(|field| one_line(&field.decoded())).unwrap_or_default();
        let went_to = &returned.recipients;
        let written = words::read(&words::Written { told: &told, subject: &subject, top: map.top(), went_to });
        if notices.is_empty() || !written.is_empty() {
            notices = written;
        }
    }
    if names_nobody(&notices) {
        // A report that another server has wrapped up as a text.
        let wrapped = status::read(copy.as_bytes(), &told).notices;
        notices = if names_nobody(&wrapped) { notices } else { wrapped };
    }
    if notices.is_empty() && has_fields {
        notices.push(words::unsaid(told.text));
    }
    if let (true, [recipient]) = (names_nobody(&notices), &returned.recipients[..]) {
        // Nobody is named, but the message that came back had one reader only.
        notices.iter_mut().for_each(|notice| notice.recipients.push(recipient.clone()));
    }
    without_our_own(DeliveryReport { notices, message_id: returned.message_id, envelope_id }, own)
}

fn names_nobody(notices: &[Notice]) -> bool {
    notices.iter().all(|notice| notice.recipients.is_empty())
}

fn without_our_own(mut report: DeliveryReport, own: &OwnAddresses) -> DeliveryReport {
    for notice in &mut report.notices {
        notice.recipients.retain(|recipient| own.read(recipient).is_none());
    }
    report.notices.truncate(NOTICES_MAX);
    report
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

pub use service::{About, about as about_service};

#[cfg(test)]
mod dialects;
#[cfg(test)]
mod tests;
