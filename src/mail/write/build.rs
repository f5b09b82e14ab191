//! MIME and headers: from a letter's words to the frozen bytes that every try sends alike.

use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::encoders::base64::Base64Encoder;
use mail_builder::encoders::quoted_printable::QuotedPrintableEncoder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::MimePart;

use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::id::{CaseId, LetterId};
use crate::domain::letter::LetterKind;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::letters::Words;
use crate::mail::write::thread_index::thread_index;

/// The header by which a letter of ours is known when it comes back to us (STANDARDS.md 1.4).
pub const LOOP_HEADER: &str = "X-Fingerpost-Loop";

/// RFC 5322 section 2.1.1: octets in a line, without its CRLF.
const LINE_OCTETS_MAX: usize = 998;

/// Of a thread's Message-IDs its first and the last ones are enough for every reader, and the header stays short.
const REFERENCES_MAX: usize = 10;

/// Everything a letter is made of.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    pub kind: LetterKind,
    /// The foundation's name; the display name of From is "{foundation} security committee".
    pub foundation: &'a str,
    /// The security address, and exactly it.
    pub from: &'a Mailbox,
    /// The one recipient, who is also the one of the envelope.
    pub to: &'a Mailbox,
    /// The party's own address, for letters that may be answered.
    pub reply_to: Option<&'a Mailbox>,
    pub words: &'a Words,
    /// When the letter was written; the time of sending is the relay's to add.
    pub written_at: Timestamp,
    /// Without angle brackets: [`message_id`].
    pub message_id: &'a str,
    /// Message-IDs of the thread, oldest first, without brackets. They may come from strangers: one
    /// that is not of the plain grammar is left out.
    pub references: &'a [String],
    /// The case whose letters a reader should see as one thread.
    pub case: Option<(&'a CaseId, &'a CaseRef)>,
    /// What this installation calls itself in [`LOOP_HEADER`]: the host of its pages.
    pub instance: &'a str,
}

/// The Message-ID of a letter, the same on every try.
pub fn message_id(letter: &LetterId, security: &Mailbox) -> String {
    format!("{letter}@{}", security.domain())
}

/// The bytes of a letter: ASCII but for an internationalized address, strict CRLF, the same for the same draft.
pub fn build(draft: &Draft<'_>) -> Vec<u8> {
    let name = format!("{} security committee", draft.foundation.replace('@', " at "));
    let mut mail = MessageBuilder::new()
        .from(Address::new_address(Some(one_line(&name, LINE_MAX)), draft.from.as_str()))
        .to(Address::new_address(None::<&str>, draft.to.as_str()));
    if let Some(party) = draft.reply_to {
        mail = mail.reply_to(Address::new_address(None::<&str>, party.as_str()));
    }
    mail = mail
        .header("Subject", line_header(&draft.words.subject))
        .date(Date::new(draft.written_at.as_second()))
        .message_id(MessageId::new(draft.message_id));
    let thread = plain_ids(draft.references);
    if let Some(last) = thread.last() {
        mail = mail
            .header("In-Reply-To", MessageId::new(*last))
            .header("References", MessageId::new_list(thread.iter().copied()));
    }
    if let Some(value) = draft.kind.auto_submitted() {
        mail = mail.header("Auto-Submitted", Raw::new(value));
    }
    mail = mail
        // Never `All` or `NDR`: Exchange would keep its bounces to itself too.
        .header("X-Auto-Response-Suppress", Raw::new("OOF, AutoReply, DR, RN, NRN"))
        .header(LOOP_HEADER, line_header(&format!("{}/{}", draft.instance, draft.kind.word())));
    if let Some((id, number)) = draft.case {
        mail = mail
            .header("Thread-Topic", line_header(number.as_str()))
            .header("Thread-Index", Raw::new(thread_index(id)));
    }
    mail.header("MIME-Version", Raw::new("1.0"))
        .body(text_part(&draft.words.body.flow()))
        .write_to_vec()
        .expect("a Vec takes all that is written")
}

/// A header that we wrote, on one line of ours, with what is not ASCII as encoded-words (RFC 2047).
fn line_header(value: &str) -> HeaderType<'static> {
    let line = one_line(value, LINE_MAX);
    // mail-builder would encode an ASCII text of more than 76 characters too; folding is enough for it.
    if line.is_ascii() { Raw::new(line).into() } else { Text::new(line).into() }
}

/// The first and the last Message-IDs that are of the plain grammar `left@right` (RFC 5322 section 3.6.4).
fn plain_ids(references: &[String]) -> Vec<&str> {
    let is_plain = |id: &&str| {
        id.len() <= LINE_MAX
            && id.split('@').count() == 2
            && !id.starts_with('@')
            && !id.ends_with('@')
            && id.bytes().all(|b| b.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&b))
    };
    let mut ids: Vec<&str> = references.iter().map(String::as_str).filter(is_plain).collect();
    if ids.len() > REFERENCES_MAX {
        ids.drain(1..=ids.len() - REFERENCES_MAX);
    }
    ids
}

/// The one part of a letter.
fn text_part(text: &str) -> MimePart<'static> {
    let content_type = ContentType::new("text/plain").attribute("charset", "utf-8").attribute("format", "flowed");
    encoded_text(content_type, text)
}

/// A part of text: always encoded, so that neither a relay nor a signature ever sees a long line, an
/// odd byte or a trailing space.
pub fn encoded_text(content_type: ContentType<'static>, text: &str) -> MimePart<'static> {
    let text = text.replace('\n', "\r\n");
    let quoted = QuotedPrintableEncoder::new().preserve_line_breaks().encode(text.as_bytes());
    let base64 = Base64Encoder::new().wrap_lines().encode(text.as_bytes());
    let (quoted, base64) =
        (quoted.expect("a Vec takes all that is written"), base64.expect("a Vec takes all that is written"));
    let (encoding, bytes) =
        if quoted.len() <= base64.len() { ("quoted-printable", quoted) } else { ("base64", base64) };
    MimePart::new(content_type, ended(bytes)).transfer_encoding(encoding)
}

/// With a CRLF at the very end, which base64 lacks.
pub fn ended(mut bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Why bytes may not go to a relay. Offsets count from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotStrict {
    #[error("a CR without LF at byte {0}")]
    BareCr(usize),
    #[error("an LF without CR at byte {0}")]
    BareLf(usize),
    #[error("a NUL at byte {0}")]
    Nul(usize),
    #[error("a line of {octets} octets at byte {at}, more than 998")]
    LineTooLong { at: usize, octets: usize },
    #[error("the last line has no end")]
    Unfinished,
}

/// Whether the bytes are what every server reads alike: lines of at most 998 octets, each ended by CRLF.
///
/// A bare CR or LF is where servers disagree on where a message ends, and lettre sends both as they
/// are (SMTP smuggling); so this is asked again just before sending.
pub fn assert_strict(bytes: &[u8]) -> Result<(), NotStrict> {
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            0 => return Err(NotStrict::Nul(at)),
            b'\r' if bytes.get(at + 1) != Some(&b'\n') => return Err(NotStrict::BareCr(at)),
            b'\n' if at == 0 || bytes[at - 1] != b'\r' => return Err(NotStrict::BareLf(at)),
            b'\n' => {
                let octets = at - 1 - start;
                if octets > LINE_OCTETS_MAX {
                    return Err(NotStrict::LineTooLong { at: start, octets });
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    if start == bytes.len() && start > 0 { Ok(()) } else { Err(NotStrict::Unfinished) }
}

#[cfg(test)]
mod tests {
    use mail_parser::{HeaderValue, MessageParser};

    use super::*;
    use crate::mail::write::flowed::{Body, unflow};

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
    }

    struct Given {
        from: Mailbox,
        to: Mailbox,
        party: Mailbox,
        words: Words,
        references: Vec<String>,
        foundation: &'static str,
    }

    impl Given {
        fn new(body: Body) -> Self {
            Self {
                from: mailbox("security@northlight.example"),
                to: mailbox("keeper@larkspur.example"),
                party: mailbox("security+c.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example"),
                words: Words { subject: "[SEC-2026-0042] Security report for Larkspur".into(), body },
                references: vec!["first@northlight.example".into(), "second@northlight.example".into()],
                foundation: "Northlight",
            }
        }

        fn built(&self, kind: LetterKind) -> Vec<u8> {
            build(&Draft {
                kind,
                foundation: self.foundation,
                from: &self.from,
                to: &self.to,
                reply_to: Some(&self.party),
                words: &self.words,
                written_at: "2026-11-20T14:03:07.5Z".parse().unwrap(),
                message_id: "0193-letter@northlight.example",
                references: &self.references,
                case: Some((
                    &CaseId::from_row("019a1c1e-8b2c-7000-8000-0123456789ab"),
                    &CaseRef::from_row("SEC-2026-0042"),
                )),
                instance: "security.northlight.example",
            })
        }
    }

    #[test]
    fn a_letter_in_full() {
        let given = Given::new(
            Body::new().paragraph("Grüße: one two three four five six seven eight nine ten eleven twelve thirteen."),
        );
        let text = String::from_utf8(given.built(LetterKind::Receipt)).unwrap();
        insta::assert_snapshot!(text.replace("\r\n", "\n"), @r#"
        From: "Northlight security committee" <security@northlight.example>
        To: <keeper@larkspur.example>
        Reply-To: <security+c.mzxw6ytboi4dqmrzgq2donzvgu@northlight.example>
        Subject: [SEC-2026-0042] Security report for Larkspur
        Date: Fri, 20 Nov 2026 14:03:07 +0000
        Message-ID: <0193-letter@northlight.example>
        In-Reply-To: <second@northlight.example>
        References: <first@northlight.example> <second@northlight.example>
        Auto-Submitted: auto-replied
        X-Auto-Response-Suppress: OOF, AutoReply, DR, RN, NRN
        X-Fingerpost-Loop: security.northlight.example/receipt
        Thread-Topic: SEC-2026-0042
        Thread-Index: AdxFyT5aw0q3iwwDmloVkcQJQtoOEQ==
        MIME-Version: 1.0
        Content-Type: text/plain; charset="utf-8"; format="flowed"
        Content-Transfer-Encoding: quoted-printable

        Gr=C3=BC=C3=9Fe: one two three four five six seven eight nine ten eleven tw=
        elve=20
        thirteen.
        "#);
    }

    #[test]
    fn what_carries_a_persons_words_is_not_marked_as_automatic() {
        let text = String::from_utf8(Given::new(Body::new()).built(LetterKind::Forward)).unwrap();
        assert!(!text.contains("Auto-Submitted"), "{text}");
    }

    #[test]
    fn the_same_draft_makes_the_same_bytes() {
        let given = Given::new(Body::new().verbatim("a report\n.\nwith a dot"));
        assert_eq!(given.built(LetterKind::Forward), given.built(LetterKind::Forward));
    }

    #[test]
    fn nothing_given_can_add_a_header_or_a_second_address() {
        let mut given = Given::new(Body::new());
        given.foundation = "North\r\nBcc: spy@evil.example\" <spy@evil.example>,";
        given.words.subject = "[X]\r\nBcc: spy@evil.example\r\n\r\nbody =?utf-8?Q?=0D=0ABcc:_spy?= \u{202e}é".into();
        given.references = vec![
            "a@b>\r\nBcc: spy@evil.example".into(),
            "with space@b".into(),
            "no-at".into(),
            format!("{}@long", "x".repeat(2_000)),
            "good@elsewhere.example".into(),
        ];
        let bytes = given.built(LetterKind::Forward);
        assert_strict(&bytes).unwrap();
        let parsed = MessageParser::new().parse(&bytes).unwrap();
        let names: Vec<&str> = parsed.headers().iter().map(|header| header.name()).collect();
        assert!(!names.iter().any(|name| name.eq_ignore_ascii_case("bcc")), "{names:?}");
        let from = parsed.from().unwrap().as_list().unwrap();
        assert_eq!(from.len(), 1, "{from:?}");
        assert_eq!(from[0].address(), Some("security@northlight.example"));
        let subject = parsed.subject().unwrap();
        assert!(subject.ends_with("= ?utf-8?Q?=0D=0ABcc:_spy?= \u{FFFD}é"), "{subject}");
        assert_eq!(*parsed.references(), HeaderValue::Text("good@elsewhere.example".into()));
    }

    #[test]
    fn a_thread_names_its_first_letter_and_the_last_nine() {
        let mut given = Given::new(Body::new());
        given.references = (0..50).map(|n| format!("{n}@northlight.example")).collect();
        let text = String::from_utf8(given.built(LetterKind::Forward)).unwrap();
        assert!(text.contains("In-Reply-To: <49@northlight.example>"), "{text}");
        assert!(text.contains("<0@") && text.contains("<41@") && !text.contains("<40@"), "{text}");
    }

    #[test]
    fn every_text_arrives_as_it_was_and_leaves_in_short_ascii_lines() {
        let texts = [
            "ends the message early\n.\nand goes on\r\n.\r\nMAIL FROM:<spy@evil.example>\n.",
            "bare\rcarriage\u{0}return",
            &"long ".repeat(2_000),
            &"x".repeat(5_000),
            "трудно читать в кавычках\n漢字もある\n",
            "\n\n\n",
            "tail\t \nFrom me\n> quote",
        ];
        for text in texts {
            let bytes = Given::new(Body::new().verbatim(text)).built(LetterKind::Forward);
            assert_strict(&bytes).unwrap();
            assert!(bytes.is_ascii());
            assert!(bytes.split(|&b| b == b'\n').all(|line| line.len() <= 90), "{text:?}");
            let read = MessageParser::new().parse(&bytes).unwrap().body_text(0).unwrap().replace("\r\n", "\n");
            let wanted: Vec<String> = crate::mail::write::clean::lines(text)
                .trim_matches('\n')
                .lines()
                .map(|l| l.trim_end().to_owned())
                .collect();
            assert_eq!(unflow(&read).trim_end_matches('\n'), wanted.join("\n").trim_end_matches('\n'), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_given_the_bytes_are_strict(subject in ".{0,300}", text in "(.|\n|\r|\0){0,400}", reference in ".{0,40}") {
            let mut given = Given::new(Body::new().paragraph(text.clone()).verbatim(&text));
            given.words.subject = subject;
            given.references = vec![reference];
            let bytes = given.built(LetterKind::Forward);
            proptest::prop_assert_eq!(assert_strict(&bytes), Ok(()));
            proptest::prop_assert!(bytes.is_ascii());
        }
    }

    #[test]
    fn only_whole_crlf_lines_are_strict() {
        let long = |octets: usize| [vec![b'x'; octets], b"\r\n".to_vec()].concat();
        for (bytes, verdict) in [
            (&b"a\r\nb\r\n"[..], Ok(())),
            (b"\r\n", Ok(())),
            (b"", Err(NotStrict::Unfinished)),
            (b"a", Err(NotStrict::Unfinished)),
            (b"a\r\nb", Err(NotStrict::Unfinished)),
            (b"a\nb\r\n", Err(NotStrict::BareLf(1))),
            (b"\n", Err(NotStrict::BareLf(0))),
            (b"a\rb\r\n", Err(NotStrict::BareCr(1))),
            (b"a\r\r\n", Err(NotStrict::BareCr(1))),
            (b"a\r", Err(NotStrict::BareCr(1))),
            (b"a\r\n\n", Err(NotStrict::BareLf(3))),
            (b"a\0\r\n", Err(NotStrict::Nul(1))),
            (&long(998), Ok(())),
            (&long(999), Err(NotStrict::LineTooLong { at: 0, octets: 999 })),
        ] {
            assert_eq!(assert_strict(bytes), verdict, "{bytes:?}");
        }
    }
}
