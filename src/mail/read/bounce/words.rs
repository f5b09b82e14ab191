//! Reports in words alone: Postfix, Exim, qmail, Exchange and their kin.

use crate::domain::address::Mailbox;
use crate::domain::bounce::{Fate, Notice};
use crate::mail::read::addresses;
use crate::mail::read::bounce::NOTICES_MAX;
use crate::mail::read::bounce::codes::{reply_in, status_in};
use crate::mail::read::fields::Fields;
use crate::mail::read::text::one_line;

/// Of a report's text this much is looked at; what servers write of a failure is far shorter.
const TEXT_MAX: usize = 64 * 1024;
/// Characters of the other server's words that are kept.
const WORDS_MAX: usize = 500;

/// A report as far as a person reads it.
pub struct Written<'a> {
    /// The text before the copy of the message.
    pub told: &'a str,
    pub subject: &'a str,
    pub top: Fields<'a>,
}

/// What servers write between their words and the message that comes back, in lower case.
const COPY_FOLLOWS: [&str; 12] = [
    "below this line is a copy",
    "this is a copy of",
    "original message",
    "copy of your message",
    "message header follows",
    "message headers follow",
    "unsent message",
    "returned message",
    "undelivered message",
    "message follows",
    "headers of the message",
    "original mail header",
];

/// The text before the copy of the message.
pub fn before_the_copy(text: &str) -> &str {
    &text[..copy_start(text)]
}

/// The copy of the message, if it stands in the text.
pub fn the_copy(text: &str) -> &str {
    let copy = &text[copy_start(text)..];
    let header = copy.find("Return-Path:").into_iter().chain(copy.find("Received:")).chain(copy.find("From:")).min();
    &copy[header.unwrap_or(copy.len())..]
}

fn copy_start(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_ruled = line.trim_start().starts_with("--") || line.trim_end().ends_with(':');
        let is_header = line.starts_with("Return-Path:") || line.starts_with("Received: ");
        if at > TEXT_MAX || is_header || (is_ruled && announces_a_copy(line)) {
            break;
        }
        at += line.len();
    }
    at
}

fn announces_a_copy(line: &str) -> bool {
    let line = line.to_lowercase();
    line.len() < 200 && COPY_FOLLOWS.iter().any(|phrase| line.contains(phrase))
}

/// Reads the recipients and what became of the message. Empty if the text speaks of neither.
pub fn read(written: &Written<'_>) -> Vec<Notice> {
    let failed = addresses::mailboxes(written.top, "X-Failed-Recipients");
    let mut named = at_line_starts(written.told);
    if !failed.is_empty() {
        // Exim names them in a field of its own; its text says why.
        named.retain(|(recipient, _)| failed.contains(recipient));
        for recipient in failed {
            if !named.iter().any(|(known, _)| *known == recipient) {
                named.push((recipient, String::new()));
            }
        }
    }
    if named.is_empty() {
        named = anywhere(written.told).into_iter().map(|recipient| (recipient, String::new())).collect();
    }
    if named.is_empty() {
        return notice(written, Vec::new(), "").into_iter().collect();
    }
    named.into_iter().filter_map(|(recipient, words)| notice(written, vec![recipient], &words)).collect()
}

fn notice(written: &Written<'_>, recipients: Vec<Mailbox>, words: &str) -> Option<Notice> {
    let has_a_reason = |text: &&str| status_in(text).is_some() || text.split_whitespace().count() > 2;
    let words = Some(words).filter(has_a_reason).unwrap_or(written.told);
    let status = status_in(words).map(str::to_owned);
    let fate = if is_delayed(written) {
        Fate::Delayed
    } else {
        let fate = Fate::of_failure(status.as_deref(), words);
        // Without a recipient, a code or a known reason the text tells of no failure.
        if recipients.is_empty() && fate == Fate::Soft && status.is_none() && reply_in(words).is_none() {
            return None;
        }
        fate
    };
    Some(Notice { recipients, fate, status, words: short(words) })
}

/// What a server says that has not given up, in lower case.
const STILL_TRYING: [&str; 12] = [
    "will continue to try",
    "will keep trying",
    "will be retried",
    "will retry",
    "continue trying",
    "still trying",
    "still being retried",
    "not yet been delivered",
    "delivery attempts will continue",
    "message delayed",
    "has been delayed",
    "do not need to resend",
];

fn is_delayed(written: &Written<'_>) -> bool {
    let (subject, told) = (written.subject.to_lowercase(), written.told.to_lowercase());
    subject.contains("delayed")
        || subject.contains("(delay)")
        || subject.starts_with("warning:")
        || STILL_TRYING.iter().any(|phrase| told.contains(phrase))
}

/// Addresses that begin a line, each with the words up to the next one.
fn at_line_starts(text: &str) -> Vec<(Mailbox, String)> {
    let mut named: Vec<(Mailbox, String)> = Vec::new();
    for line in text.lines() {
        if let Some((recipient, rest)) = leading_address(line) {
            if named.len() < NOTICES_MAX && !named.iter().any(|(known, _)| *known == recipient) {
                named.push((recipient, rest.to_owned()));
            }
        } else if let Some((_, words)) = named.last_mut()
            && words.len() < WORDS_MAX
        {
            words.push(' ');
            words.push_str(line.trim());
        }
    }
    named
}

/// `<old@larkspur.example>: reason`, and the same with other marks around the address.
fn leading_address(line: &str) -> Option<(Mailbox, &str)> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "*->•'\"".contains(c));
    let line = line.strip_prefix('<').unwrap_or(line);
    let line = line.strip_prefix("mailto:").unwrap_or(line);
    let end = line.find(|c: char| c.is_whitespace() || ">:;,('\"".contains(c)).unwrap_or(line.len());
    let recipient = mailbox(&line[..end])?;
    let rest = line[end..].trim_start_matches(|c: char| c.is_whitespace() || ">:;,'\"".contains(c));
    Some((recipient, rest))
}

/// Addresses anywhere in the text.
fn anywhere(text: &str) -> Vec<Mailbox> {
    let mut found: Vec<Mailbox> = Vec::new();
    let pieces = text.split(|c: char| c.is_whitespace() || "<>()[],;:\"'=".contains(c));
    for recipient in pieces.filter_map(mailbox).take(NOTICES_MAX) {
        if !found.contains(&recipient) {
            found.push(recipient);
        }
    }
    found
}

/// An address of a person: mail systems sign their reports with their own.
fn mailbox(text: &str) -> Option<Mailbox> {
    let text = text.trim_end_matches('.');
    if !text.contains('@') {
        return None;
    }
    let mailbox = Mailbox::parse(text).ok()?;
    let local = mailbox.local().to_ascii_lowercase();
    (!matches!(local.as_str(), "postmaster" | "mailer-daemon")).then_some(mailbox)
}

/// A stranger's words on one line, cut short.
pub fn short(words: &str) -> String {
    let line = one_line(&words.chars().take(4 * WORDS_MAX).collect::<String>());
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").chars().take(WORDS_MAX).collect()
}
