//! The fields of a `message/delivery-status` part (RFC 3464 section 2, RFC 6533).

use crate::domain::address::Mailbox;
use crate::domain::bounce::{Fate, Notice, Reason, Said};
use crate::mail::read::bounce::NOTICES_MAX;
use crate::mail::read::bounce::codes::{command_in, failure_status_in, is_status, status_of_reply_in};
use crate::mail::read::bounce::told::Told;
use crate::mail::read::bounce::words;
use crate::mail::read::fields::{Field, Fields};

/// Bytes of a diagnostic that are read; servers write a line or a few.
const DIAGNOSTIC_MAX: usize = 8 * 1024;

/// What the part says.
pub struct Status {
    pub notices: Vec<Notice>,
    pub envelope_id: Option<String>,
}

/// One recipient's fields as they are collected.
#[derive(Default)]
struct Block {
    recipients: Vec<Mailbox>,
    has_final: bool,
    action: Option<String>,
    status: Option<String>,
    diagnostic: String,
}

/// Reads the part, LF line ends. `told` are the words for a person beside it, where many servers leave what the fields
/// have no place for: the diagnostic, and the command that was refused.
pub fn read(bytes: &[u8], told: &Told<'_>) -> Status {
    let mut envelope_id = None;
    let mut notices = Vec::new();
    for block in blocks(bytes) {
        if notices.len() >= NOTICES_MAX {
            break;
        }
        let mut current = Block::default();
        for field in Fields::of(block).iter() {
            if field.name.eq_ignore_ascii_case("Original-Envelope-Id") {
                envelope_id = envelope_id.or_else(|| Some(field.unfolded()));
            } else if field.name.eq_ignore_ascii_case("Final-Recipient") && current.has_final {
                // Some servers leave out the empty line between two recipients.
                notices.extend(std::mem::take(&mut current).notice(told));
                current.take(field);
            } else {
                current.take(field);
            }
        }
        notices.extend(current.notice(told));
    }
    Status { notices, envelope_id }
}

/// The groups of fields, which an empty line separates.
fn blocks(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (block, tail) = rest.split_at(block_end(rest));
        rest = tail;
        Some(block)
    })
}

/// Where the first group ends, its empty line included.
fn block_end(bytes: &[u8]) -> usize {
    let mut end = 0;
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        end += line.len();
        if line.trim_ascii().is_empty() {
            break;
        }
    }
    end
}

impl Block {
    fn take(&mut self, field: Field<'_>) {
        let name = field.name.to_ascii_lowercase();
        match name.as_str() {
            "final-recipient" => {
                self.has_final = true;
                // The final address comes first.
                let named = recipients(&field.unfolded());
                self.recipients.splice(0..0, named);
            }
            "original-recipient" | "x-actual-recipient" => self.recipients.extend(recipients(&field.unfolded())),
            "action" => self.action = Some(first_word(&field.unfolded())),
            "status" => self.status = Some(first_word(&field.unfolded())).filter(|status| is_status(status)),
            "diagnostic-code" => {
                let whole = field.unfolded();
                let code = without_type(&whole);
                code[..code.floor_char_boundary(DIAGNOSTIC_MAX)].clone_into(&mut self.diagnostic);
            }
            _ => {}
        }
    }

    /// `None` for the fields of the message as a whole.
    fn notice(mut self, told: &Told<'_>) -> Option<Notice> {
        if self.recipients.is_empty() && self.action.is_none() && self.status.is_none() {
            return None;
        }
        self.recipients.dedup();
        let beside = told.of_any(&self.recipients);
        let words = if self.diagnostic.is_empty() { beside } else { &self.diagnostic };
        let is_vague = self.status.as_deref().is_none_or(|status| status.ends_with(".0.0"));
        let told_status = if is_vague { failure_status_in(words) } else { status_of_reply_in(&self.diagnostic) };
        let status = told_status.map(str::to_owned).or(self.status);
        let class = status.as_deref().and_then(|status| status.bytes().next());
        let answers = command_in(&self.diagnostic).or_else(|| command_in(beside)).or_else(|| command_in(told.text));
        let answers = answers.or_else(|| words::names_one_of(&self.diagnostic, &self.recipients, status.as_deref()));
        let reason_in = |words: &str| Reason::of(&Said { status: status.as_deref(), words, answers });
        // An exact status says more than the words that are written for everybody.
        let reason = match if is_vague { Reason::Unsaid } else { reason_in(&self.diagnostic) } {
            Reason::Unsaid => reason_in(words),
            reason => reason,
        };
        let fate = match (self.action.as_deref(), class) {
            (Some("delivered" | "relayed" | "expanded"), _) => Fate::Delivered,
            (Some("delayed"), _) => Fate::Delayed,
            (Some("failed"), _) | (_, Some(b'5')) => reason.fate(status.as_deref()),
            (_, Some(b'4')) => Fate::Delayed,
            (_, Some(_)) => Fate::Delivered,
            // No action and no status: the fields say nothing, and the words are asked.
            (_, None) => return None,
        };
        let words = words::short(words);
        Some(Notice { recipients: self.recipients, fate, reason, status, words })
    }
}

fn first_word(value: &str) -> String {
    let end = |c: char| c.is_whitespace() || c == ';' || c == '(';
    value.split(end).find(|word| !word.is_empty()).unwrap_or_default().to_ascii_lowercase()
}

/// The value behind `rfc822;` or `smtp;`, which some servers leave out.
fn without_type(value: &str) -> &str {
    match value.split_once(';') {
        Some((kind, rest)) if kind.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => rest.trim(),
        _ => value.trim(),
    }
}

/// The addresses that a field names. An original address may still be in the xtext of RFC 3461 or the escapes of
/// RFC 6533, so it is read both as it stands and decoded.
fn recipients(value: &str) -> Vec<Mailbox> {
    let address = without_type(value).trim_matches(|c: char| c.is_whitespace() || "<>\"'".contains(c));
    // A comment or a name may stand beside it.
    let address = address.split_whitespace().find(|word| word.contains('@')).unwrap_or(address);
    let address = address.trim_matches(|c: char| "<>\"'".contains(c));
    let mut all: Vec<Mailbox> = Vec::new();
    for text in [address.to_owned(), from_xtext(address), from_escapes(address)] {
        all.extend(Mailbox::parse(&text).ok().filter(|mailbox| !all.contains(mailbox)));
    }
    all
}

/// `+2B` is a plus sign (RFC 3461 section 4); what is no escape stays.
fn from_xtext(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('+') {
        decoded.push_str(&rest[..at]);
        let hex = rest.get(at + 1..at + 3);
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(u8::is_ascii_graphic) {
            Some(byte) => {
                decoded.push(byte.into());
                rest = &rest[at + 3..];
            }
            None => {
                decoded.push('+');
                rest = &rest[at + 1..];
            }
        }
    }
    decoded + rest
}

/// `\x{5186}` is a letter outside ASCII (RFC 6533 section 3).
fn from_escapes(text: &str) -> String {
    let mut pieces = text.split("\\x{");
    let mut decoded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let letter = piece.split_once('}').and_then(|(hex, rest)| {
            let letter = char::from_u32(u32::from_str_radix(hex, 16).ok()?)?;
            Some((letter, rest))
        });
        match letter {
            Some((letter, rest)) => {
                decoded.push(letter);
                decoded.push_str(rest);
            }
            None => decoded.push_str(piece),
        }
    }
    decoded
}
