//! A filled form as a real message, which the journal keeps like any mail: what follows reads those bytes alone.

use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::encoders::base64::Base64Encoder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::MimePart;

use crate::domain::address::Mailbox;
use crate::domain::form::{About, Filled, Suspicious};
use crate::domain::report::{FORM_HEADER, FORM_NAME_HEADER, FORM_PRIVATE};
use crate::mail::write::build::{encoded_text, ended};
use crate::mail::write::clean::{LINE_MAX, one_line};

/// Letters of the first line of a report that become its subject where none was given.
const SUBJECT_MAX: usize = 80;
/// Stands in From where nobody does (a group without members, RFC 6854).
const ANONYMOUS: &str = "Anonymous";

/// Everything that the message is made of.
pub struct FormMessage<'a> {
    pub filled: &'a Filled,
    pub files: Vec<FormFile>,
    /// The foundation's name.
    pub org: &'a str,
    /// The security address.
    pub to: &'a Mailbox,
    pub written_at: Timestamp,
    /// Without angle brackets.
    pub message_id: &'a str,
    pub suspicious: Option<Suspicious>,
}

/// An attached file.
pub struct FormFile {
    pub name: String,
    /// As the browser claims it.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// The bytes of the message: strict CRLF, all bodies encoded, so that nothing that was typed can end a part or begin
/// a header.
pub fn compose(message: FormMessage<'_>) -> Vec<u8> {
    let filled = message.filled;
    let mut mail = MessageBuilder::new()
        .from(from(filled))
        .to(Address::new_address(None::<&str>, message.to.as_str()))
        .header("Subject", line(&subject(filled)))
        .date(Date::new(message.written_at.as_second()))
        .message_id(MessageId::new(message.message_id))
        .header(FORM_HEADER, Raw::new(facts(filled, message.suspicious)));
    if let Some(name) = &filled.name {
        mail = mail.header(FORM_NAME_HEADER, line(name));
    }
    let text = encoded_text(ContentType::new("text/plain").attribute("charset", "utf-8"), &text(filled, message.org));
    let body = if message.files.is_empty() {
        text
    } else {
        // Ours alone: chance is not the library's to take, and no body has this line, for all are encoded.
        let boundary = format!("form-{}", message.message_id.split('@').next().unwrap_or_default());
        let files = message.files.into_iter().map(file);
        let parts: Vec<MimePart<'_>> = std::iter::once(text).chain(files).collect();
        MimePart::new(ContentType::new("multipart/mixed").attribute("boundary", boundary), parts)
    };
    mail.header("MIME-Version", Raw::new("1.0")).body(body).write_to_vec().expect("a Vec takes all that is written")
}

fn from(filled: &Filled) -> Address<'static> {
    let name = filled.name.as_deref().map(|name| one_line(name, LINE_MAX));
    match &filled.email {
        Some(email) => Address::new_address(name, email.as_str().to_owned()),
        None => Address::new_group(Some(ANONYMOUS), Vec::new()),
    }
}

/// A header of one line, with what is not ASCII as encoded-words (RFC 2047).
fn line(value: &str) -> HeaderType<'static> {
    let line = one_line(value, LINE_MAX);
    if line.is_ascii() { Raw::new(line).into() } else { Text::new(line).into() }
}

fn subject(filled: &Filled) -> String {
    let first_line = || filled.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match &filled.summary {
        Some(summary) => summary.clone(),
        None => one_line(first_line(), SUBJECT_MAX),
    }
}

/// What only the form knows, for `mail/read/form`.
fn facts(filled: &Filled, suspicious: Option<Suspicious>) -> String {
    let mut facts = format!("shares={}", filled.shares.word());
    if let About::Projects { known, .. } = &filled.about {
        for project in known {
            facts += &format!("; chosen={project}");
        }
    }
    if let Some(suspicious) = suspicious {
        facts += &format!("; suspicious={}", suspicious.word());
    }
    facts
}

/// The details as labelled lines, the report, and behind a mark what is for the committee alone.
fn text(filled: &Filled, org: &str) -> String {
    let mut text = String::new();
    let mut label = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            text.push_str(&format!("{name}: {value}\n"));
        }
    };
    match &filled.about {
        About::Projects { typed, .. } => label("About", Some(&one_line(typed, LINE_MAX))),
        About::Service => label("About", Some(&format!("a website or service run by {org}"))),
        About::Unknown => {}
    }
    label("Versions", filled.versions.as_deref());
    label("Used against people now", filled.is_exploited.then_some("yes, says the reporter"));
    label("Reproduced by the reporter", filled.is_reproduced.then_some("yes"));
    label("Other numbers", filled.numbers.as_deref());
    label("The reporter plans to publish on", filled.publish_on.as_deref());
    if !text.is_empty() {
        text.push('\n');
    }
    text += &filled.text;
    text.push('\n');
    if filled.credit.is_some() || filled.key.is_some() {
        text += FORM_PRIVATE;
        if let Some(credit) = &filled.credit {
            text += &format!("Credit: {credit}\n");
        }
        if let Some(key) = &filled.key {
            text += &format!("PGP key:\n{key}\n");
        }
    }
    text
}

/// A file as it is, byte for byte.
fn file(file: FormFile) -> MimePart<'static> {
    let name = one_line(&file.name, LINE_MAX);
    let encoded = Base64Encoder::new().wrap_lines().encode(&file.bytes).expect("a Vec takes all that is written");
    MimePart::new(ContentType::new(media_type(&file.media_type)), ended(encoded))
        .transfer_encoding("base64")
        .attachment(name)
}

/// A browser's claim, where it is one type and neither a multipart nor a message: those would be taken apart.
fn media_type(claimed: &str) -> String {
    let is_token =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b));
    let plain = claimed.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match plain.split_once('/') {
        Some((kind, subtype))
            if is_token(kind) && is_token(subtype) && plain.len() < 100 && !matches!(kind, "multipart" | "message") =>
        {
            plain
        }
        _ => "application/octet-stream".to_owned(),
    }
}

#[cfg(test)]
mod tests;
