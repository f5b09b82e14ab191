//! Whom the words of a report name, and what they say of each.

use crate::domain::address::Mailbox;
use crate::mail::read::bounce::NOTICES_MAX;

/// Addresses in the words that are looked at; each is compared with the others.
const MENTIONS_MAX: usize = 200;
/// Bytes of words that are kept for one recipient.
const SECTION_MAX: usize = 1_500;

/// The words for a person, with those that they say of one recipient each.
pub struct Told<'a> {
    /// All of them, up to the copy of the message.
    pub text: &'a str,
    /// Addresses that begin a line, each with the words up to the next one.
    sections: Vec<(Mailbox, String)>,
}

impl<'a> Told<'a> {
    /// Reads the words of a report.
    pub fn of(text: &'a str) -> Self {
        Self { text, sections: sections(text) }
    }

    /// What is said of one of these names of a recipient: behind the name at the beginning of a line, else from the
    /// line that has it in its midst on; else all words.
    pub fn of_any(&self, recipients: &[Mailbox]) -> &str {
        if let Some((_, words)) = self.sections.iter().find(|(named, _)| recipients.contains(named)) {
            return words;
        }
        let Some(at) = recipients.iter().find_map(|recipient| self.text.rfind(recipient.as_str())) else {
            return self.text;
        };
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        &self.text[start..self.text.floor_char_boundary(at + SECTION_MAX)]
    }

    /// The recipients that the words name, the surest way of naming first: at the beginning of a line, behind words
    /// that announce a recipient, anywhere. `others` wrote or got the report; they count where nobody else is named.
    /// Who is mentioned anywhere is believed only if the message went there, or nobody knows where it went.
    pub fn recipients(&self, others: &[Mailbox], went_to: &[Mailbox]) -> Vec<Mailbox> {
        let named = |recipients: Vec<Mailbox>| {
            let (others, named): (Vec<_>, Vec<_>) = recipients.into_iter().partition(|one| is_other(one, others));
            if named.is_empty() { others } else { named }
        };
        let at_line_starts = named(self.sections.iter().map(|(recipient, _)| recipient.clone()).collect());
        if !at_line_starts.is_empty() {
            return at_line_starts;
        }
        let standing: Vec<(Mailbox, Standing)> = self.text.lines().flat_map(addresses_in).take(MENTIONS_MAX).collect();
        let is_another = |one: &Mailbox| standing.iter().any(|(named, how)| named == one && *how == Standing::Another);
        let stands = |wanted: Standing| {
            let mut found: Vec<Mailbox> = Vec::new();
            for (recipient, how) in &standing {
                if *how == wanted && !is_another(recipient) && !found.contains(recipient) {
                    found.push(recipient.clone());
                }
            }
            found
        };
        let announced = named(stands(Standing::Announced));
        if !announced.is_empty() {
            return announced;
        }
        let is_believed = |one: &Mailbox| went_to.is_empty() || went_to.contains(one);
        stands(Standing::Mentioned).into_iter().filter(|one| !is_other(one, others) && is_believed(one)).collect()
    }
}

/// Mail systems sign their reports with their own address.
fn is_other(recipient: &Mailbox, others: &[Mailbox]) -> bool {
    let local = recipient.local().to_ascii_lowercase();
    matches!(local.as_str(), "postmaster" | "mailer-daemon") || others.contains(recipient)
}

fn sections(text: &str) -> Vec<(Mailbox, String)> {
    let mut named: Vec<(Mailbox, String)> = Vec::new();
    let mut current = None;
    let mut are_plain = false;
    for line in text.lines() {
        if let Some((recipient, rest, is_plain)) =
            leading_address(line).filter(|(.., is_plain)| *is_plain || !are_plain)
        {
            are_plain |= is_plain;
            let known = named.iter().position(|(known, _)| *known == recipient);
            if known.is_none() && named.len() < NOTICES_MAX {
                named.push((recipient, if is_plain { rest } else { line.trim() }.to_owned()));
                current = Some(named.len() - 1);
                continue;
            }
            current = known.or(current);
        } else if line.starts_with("---") || line.starts_with("===") {
            current = None; // a ruler: what follows is for everybody
        }
        if let Some((_, words)) = current.and_then(|at| named.get_mut(at))
            && words.len() < SECTION_MAX
        {
            words.push('\n');
            words.push_str(line.trim());
        }
    }
    named
}

/// `<old@larkspur.example>: reason`, and the same with other marks or a reply code before the address. Behind a name
/// or the address as it was typed, the one in angle brackets counts. Says as well whether it stood without a code: such
/// a line names a recipient, but one with a code may only repeat what another server said of it.
fn leading_address(line: &str) -> Option<(Mailbox, &str, bool)> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "*->•|'\"[".contains(c));
    let behind = behind_codes(line);
    let is_plain = behind.len() == line.len();
    let line = behind;
    let line = line.strip_prefix('<').unwrap_or(line);
    let line = line.strip_prefix("mailto:").unwrap_or(line);
    let end = line.find(|c: char| c.is_whitespace() || ">:;,()'\"[]".contains(c)).unwrap_or(line.len());
    let recipient = mailbox(&line[..end])?;
    let rest = &line[end..];
    if let Some((inner, behind)) = rest.trim_start().strip_prefix('<').and_then(|inner| inner.split_once('>'))
        && let Some(inner) = mailbox(inner)
    {
        return Some((inner, behind, is_plain));
    }
    Some((recipient, rest.trim_start_matches(|c: char| c.is_whitespace() || ">:;,'\"".contains(c)), is_plain))
}

/// The line behind `550 5.1.1 ` or `550-`.
fn behind_codes(line: &str) -> &str {
    let is_code = |c: char| c.is_ascii_digit() || ".- \t".contains(c);
    let rest = line.trim_start_matches(is_code);
    let codes = &line[..line.len() - rest.len()];
    let is_reply = codes.len() >= 4 && codes.starts_with(['4', '5']) && codes.ends_with([' ', '-']);
    if is_reply { rest } else { line }
}

/// How an address stands in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Announced,
    /// As a sender, or as somebody to ask.
    Another,
    Mentioned,
}

/// Words behind which a recipient follows, in lower case, at the end of what stands before it.
const ANNOUNCES: [&str; 24] = [
    "rcpt to",
    "recipient",
    "recipients",
    "receiver",
    "address",
    "addresses",
    "for",
    "to",
    "user",
    "mailbox",
    "account",
    "destination",
    "rejected",
    "failed",
    "reach",
    "in",
    "delivering",
    "delivery of",
    "unknown",
    "attempts",
    "宛先",
    "empfänger",
    "destinataire",
    "destinatario",
];

/// Words behind which somebody else than a recipient follows.
const NAMES_ANOTHER: [&str; 13] = [
    "from",
    "sender",
    "contact",
    "by",
    "write to",
    "send mail to",
    "send e-mail to",
    "send email to",
    "send an email to",
    "reply to",
    "reply-to",
    "message-id",
    "return-path",
];

/// Bytes before an address that may announce it.
const BEFORE_MAX: usize = 60;

/// The addresses in a line, and what they are there.
fn addresses_in(line: &str) -> impl Iterator<Item = (Mailbox, Standing)> {
    let is_mark = |c: char| c.is_whitespace() || "<>()[],;:\"'=".contains(c);
    let mut at: usize = 0;
    line.split_inclusive(is_mark).filter_map(move |piece| {
        let before = &line[line.floor_char_boundary(at.saturating_sub(BEFORE_MAX))..at];
        at += piece.len();
        let recipient = mailbox(piece.trim_end_matches(is_mark))?;
        let before = before.to_lowercase();
        let before = before.trim_end_matches(|c: char| c.is_whitespace() || "<([:\"'.".contains(c));
        let follows = |words: &[&str]| words.iter().any(|word| ends_with_word(before, word));
        let standing = match () {
            () if follows(&NAMES_ANOTHER) => Standing::Another,
            () if follows(&ANNOUNCES) => Standing::Announced,
            () => Standing::Mentioned,
        };
        Some((recipient, standing))
    })
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '-'))
}

fn mailbox(text: &str) -> Option<Mailbox> {
    let text = text.trim_end_matches('.');
    if !text.contains('@') {
        return None;
    }
    Mailbox::parse(text).ok()
}
