//! Bytes to `IncomingMail`, at worst `Unreadable`: the one place where a message becomes neutral facts.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use crate::domain::address::{Mailbox, OwnAddresses};
use crate::domain::report::{Encryption, IncomingMail, Reading};
use crate::mail::read::addresses;
use crate::mail::read::attachments;
use crate::mail::read::automatic::{self, Facts};
use crate::mail::read::fields::{Field, Fields};
use crate::mail::read::guard::Map;
use crate::mail::read::text::{one_line, readable, remote, roles};

/// A longer Message-ID is no sane mailer's; it would not fit the line of a header (RFC 5322 section 2.1.1).
const MESSAGE_ID_MAX: usize = 900;
/// Message-IDs of one mail that are kept as hints.
const REFERENCES_MAX: usize = 100;

/// Reads a message that came with `sender` as its envelope sender (`None`: the null return path).
///
/// Never fails and never panics: what is too odd to be read is `Reading::Unreadable`, for a person.
pub fn read(raw: &[u8], own: &OwnAddresses, sender: Option<&Mailbox>) -> Reading {
    match Map::of(raw) {
        Ok(map) => Reading::Mail(Box::new(facts(&map, own, sender))),
        Err(reason) => Reading::Unreadable(reason),
    }
}

/// The decoded bytes of the attachment `part` of a message, by the number that `read` gave it.
pub fn attachment(raw: &[u8], part: usize) -> Option<Vec<u8>> {
    let map = Map::of(raw).ok()?;
    attachments::bytes(&map, &roles(&map), part)
}

fn facts(map: &Map<'_>, own: &OwnAddresses, sender: Option<&Mailbox>) -> IncomingMail {
    let top = map.top();
    let roles = roles(map);
    let (text, text_source) = readable(map, &roles);
    let from = addresses::sender(top);
    let subject = top.last("Subject").map(|field| one_line(&field.decoded())).unwrap_or_default();
    let automatic = automatic::sign(&Facts { map, from: &from, subject: &subject, text: &text, own, sender });
    IncomingMail {
        message_id: top.last("Message-ID").and_then(message_id),
        reply_to: addresses::mailboxes(top, "Reply-To"),
        to: addresses::mailboxes(top, "To"),
        cc: addresses::mailboxes(top, "Cc"),
        attachments: attachments::list(map, &roles),
        remote: remote(map, &roles),
        encryption: encryption(map, &text),
        references: references(top),
        body_sha256: Sha256::digest(map.body_to_the_end()).into(),
        hops: top.all("Received").count(),
        from,
        subject,
        text,
        text_source,
        automatic,
    }
}

/// How the message is encrypted, if it is: what stands in it is for a person with the key.
fn encryption(map: &Map<'_>, text: &str) -> Option<Encryption> {
    let by_type = map.parts().iter().filter(|part| part.within.is_none()).find_map(|part| {
        let content = &part.content;
        let is_smime_name = content.name.as_deref().is_some_and(|name| name.to_ascii_lowercase().ends_with(".p7m"));
        match content.media_type.as_str() {
            "multipart/encrypted" => Some(Encryption::PgpMime),
            "application/pgp-encrypted" => Some(Encryption::PgpMime),
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                // `signed-data` and `certs-only` can be read by anybody (RFC 8551 section 3.2.2).
                let is_readable = matches!(content.smime_type.as_deref(), Some("signed-data" | "certs-only"));
                (!is_readable).then_some(Encryption::Smime)
            }
            "application/octet-stream" if is_smime_name => Some(Encryption::Smime),
            _ => None,
        }
    });
    // At the start of a line: a quoted or mentioned armor is no message to us.
    let is_armor = |line: &str| line.starts_with("-----BEGIN PGP MESSAGE-----");
    by_type.or_else(|| text.lines().any(is_armor).then_some(Encryption::PgpInline))
}

fn message_id(field: Field<'_>) -> Option<String> {
    message_id_in(&field.unfolded())
}

/// The Message-ID in the value of its field, without brackets.
pub fn message_id_in(value: &str) -> Option<String> {
    // Some mailers leave the brackets out.
    ids(value).next().or_else(|| Some(value).filter(|bare| is_message_id(bare))).map(str::to_owned)
}

fn references(top: Fields<'_>) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for field in top.all("In-Reply-To").chain(top.all("References")) {
        let value = field.unfolded();
        for id in ids(&value) {
            if all.len() < REFERENCES_MAX && seen.insert(id.to_owned()) {
                all.push(id.to_owned());
            }
        }
    }
    all
}

/// The `<…>` in a text that are Message-IDs.
fn ids(value: &str) -> impl Iterator<Item = &str> {
    value.split('<').skip(1).filter_map(|rest| Some(rest.split_once('>')?.0.trim())).filter(|id| is_message_id(id))
}

/// Visible ASCII without brackets: safe to be put into a header field again.
fn is_message_id(id: &str) -> bool {
    (1..=MESSAGE_ID_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')
}
