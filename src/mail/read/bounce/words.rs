//! Reports in words alone: Postfix, Exim, qmail, Exchange and their kin.

use crate::domain::address::Mailbox;
use crate::domain::bounce::{Command, Fate, Notice, Reason, Said};
use crate::mail::read::addresses;
use crate::mail::read::bounce::NOTICES_MAX;
use crate::mail::read::bounce::codes::{command_in, failure_status_in, reply_in};
use crate::mail::read::bounce::told::Told;
use crate::mail::read::fields::Fields;
use crate::mail::read::text::one_line;

/// Characters of the other server's words that are kept.
const WORDS_MAX: usize = 500;

/// A report as far as a person reads it.
pub struct Written<'a> {
    pub told: &'a Told<'a>,
    pub subject: &'a str,
    pub top: Fields<'a>,
    /// To whom the message went that came back.
    pub went_to: &'a [Mailbox],
}

/// Reads the recipients and what became of the message. Empty if the text speaks of neither.
pub fn read(written: &Written<'_>) -> Vec<Notice> {
    let mut recipients = addresses::mailboxes(written.top, "X-Failed-Recipients");
    if recipients.is_empty() {
        let others = ["To", "Delivered-To", "From", "Reply-To"];
        let others: Vec<Mailbox> = others.iter().flat_map(|name| addresses::mailboxes(written.top, name)).collect();
        recipients = written.told.recipients(&others, written.went_to);
    }
    recipients.truncate(NOTICES_MAX);
    let is_delayed = is_delayed(written);
    if recipients.is_empty() {
        return notice(written, Vec::new(), is_delayed).into_iter().collect();
    }
    recipients.into_iter().filter_map(|recipient| notice(written, vec![recipient], is_delayed)).collect()
}

fn notice(written: &Written<'_>, recipients: Vec<Mailbox>, is_delayed: bool) -> Option<Notice> {
    let all = written.told.text;
    let answers = |words: &str, status: Option<&str>| {
        command_in(words).or_else(|| command_in(all)).or_else(|| names_one_of(words, &recipients, status))
    };
    let read = |words: &str| {
        let status = failure_status_in(words).map(str::to_owned);
        let reason = Reason::of(&Said { status: status.as_deref(), words, answers: answers(words, status.as_deref()) });
        (status, reason)
    };
    let mut words = written.told.of_any(&recipients);
    let (mut status, mut reason) = read(words);
    if reason == Reason::Unsaid && status.is_none() {
        // The reason stands before the list of recipients, or in the subject alone.
        words = all;
        (status, reason) = read(all);
    }
    if reason == Reason::Unsaid {
        (_, reason) = read(written.subject);
    }
    let fate = if is_delayed { Fate::Delayed } else { reason.fate(status.as_deref()) };
    // Without a recipient, a code or a known reason the text tells of no failure.
    let says_nothing = recipients.is_empty() && reason == Reason::Unsaid && status.is_none();
    if says_nothing && !is_delayed && reply_in(words).is_none() {
        return None;
    }
    Some(Notice { recipients, fate, reason, status, words: short(words) })
}

/// `550 <old@larkspur.example>: User unknown`: a reply that repeats the address answers `RCPT TO`, unless its status
/// speaks of the mailbox or of a policy (RFC 3463 sections 3.3 and 3.8).
pub fn names_one_of(words: &str, recipients: &[Mailbox], status: Option<&str>) -> Option<Command> {
    let is_of_another_kind = status.is_some_and(|status| status.starts_with("5.2.") || status.starts_with("5.7."));
    let labels = ["reason:", "diagnostic code:", "diagnostic-code:", "smtp;"];
    let unlabelled = labels.iter().fold(words.trim_start(), |words, label| match words.get(..label.len()) {
        Some(start) if start.eq_ignore_ascii_case(label) => words[label.len()..].trim_start(),
        _ => words,
    });
    let is_reply = unlabelled.get(..3).is_some_and(|start| reply_in(start).is_some());
    let is_named = |recipient: &Mailbox| words.contains(recipient.as_str());
    (is_reply && !is_of_another_kind && recipients.iter().any(is_named)).then_some(Command::Recipient)
}

/// A failure of which nothing is said.
pub fn unsaid(told: &str) -> Notice {
    Notice { recipients: Vec::new(), fate: Fate::Soft, reason: Reason::Unsaid, status: None, words: short(told) }
}

/// What a server says that has not given up, in lower case.
const STILL_TRYING: [&str; 12] = [
    "will continue to try",
    "will keep trying",
    "will be retried",
    "will retry",
    "will continue trying",
    "still trying",
    "still being retried",
    "not yet been delivered",
    "delivery attempts will continue",
    "message delayed",
    "has been delayed",
    "do not need to resend",
];

fn is_delayed(written: &Written<'_>) -> bool {
    let (subject, told) = (written.subject.to_lowercase(), written.told.text.to_lowercase());
    subject.contains("delayed")
        || subject.contains("(delay)")
        || subject.starts_with("warning:")
        || STILL_TRYING.iter().any(|phrase| told.contains(phrase))
}

/// A stranger's words on one line, cut short.
pub fn short(words: &str) -> String {
    let line = one_line(&words.chars().take(4 * WORDS_MAX).collect::<String>());
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").chars().take(WORDS_MAX).collect()
}
