//! The report's text without its reporter: what is cut, and what would have to be cut but cannot be.

mod doubts;
mod identity;
mod secrets;
mod signature;

use std::str;

pub use doubts::{doubts, withhold_line};
pub use identity::Identity;
pub use secrets::{without_addresses, without_private};

use crate::domain::report::{Attachment, Encryption, IncomingMail};

/// A larger text attachment is left to a person: looking through it would hold up the mail behind it.
const TEXT_MAX: usize = 4_000_000;

/// A text with the lines cut that tell who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// The rest, with a mark at each gap. LF line ends.
    pub text: String,
    /// How many lines were cut; blank ones between them are not counted.
    pub lines_cut: usize,
}

/// Where identity is, or may be, that cannot be cut: such a report is not forwarded by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncuttable {
    /// The name of an attachment tells it.
    AttachmentName { part: usize },
    /// The text of an attachment tells it.
    AttachmentText { part: usize },
    /// A text attachment is too large to be looked through.
    AttachmentTooLarge { part: usize },
    /// A part carries an identity by its nature: a signature, a key, a business card, another mail.
    SignedPart { part: usize },
    /// The text has a signature or key of PGP inside, which would not survive a cut and names its owner.
    SignedText,
    /// Nobody but the receiver can look inside.
    Encrypted(Encryption),
}

impl Uncuttable {
    /// The reason for a member, without anything of the report: "an attachment's name tells who sent it".
    pub fn words(self) -> &'static str {
        match self {
            Self::AttachmentName { .. } => "an attachment's name tells who sent it",
            Self::AttachmentText { .. } => "an attachment's text tells who sent it",
            Self::AttachmentTooLarge { .. } => "a text attachment is too large to be looked through",
            Self::SignedPart { .. } => "an attachment carries an identity (a signature, key, card or mail)",
            Self::SignedText => "the text carries a PGP signature or key",
            Self::Encrypted(_) => "a part is encrypted",
        }
    }
}

/// Cuts the lines that hold the sender's name, address or local part, and the signature block.
///
/// In doubt a line is cut: the mark shows it, and the project can ask for it, while a name that was
/// told cannot be taken back.
pub fn withhold(text: &str, identity: &Identity) -> Withheld {
    let lines: Vec<&str> = text.lines().collect();
    let mut is_cut = signature::lines(&lines);
    for (cut, line) in is_cut.iter_mut().zip(&lines) {
        *cut |= identity.is_in(line);
    }

    let mut out = String::with_capacity(text.len());
    let mut lines_cut = 0;
    let mut at = 0;
    while at < lines.len() {
        if !is_cut[at] {
            out.push_str(lines[at]);
            out.push('\n');
            at += 1;
            continue;
        }
        let end = end_of_gap(&lines, &is_cut, at);
        let cut = lines[at..end].iter().filter(|line| !line.trim().is_empty()).count();
        out.push_str(&mark(cut));
        lines_cut += cut;
        at = end;
    }
    Withheld { text: out, lines_cut }
}

/// The first line after the gap that begins at `start`. Blank lines between two cut ones belong to it.
fn end_of_gap(lines: &[&str], is_cut: &[bool], start: usize) -> usize {
    let mut end = start + 1;
    for at in start + 1..lines.len() {
        if is_cut[at] {
            end = at + 1;
        } else if !lines[at].trim().is_empty() {
            break;
        }
    }
    end
}

fn mark(lines: usize) -> String {
    if lines == 1 { "[line withheld]\n".to_owned() } else { format!("[{lines} lines withheld]\n") }
}

/// Everything in `mail` beside its text that tells who sent it, or may, and cannot be cut.
///
/// `content` gives the decoded bytes of an attachment. Only text is looked through: what an image or
/// an archive holds, nobody knows before opening it.
pub fn uncuttable<'b>(
    mail: &IncomingMail,
    identity: &Identity,
    content: impl Fn(&Attachment) -> Option<&'b [u8]>,
) -> Vec<Uncuttable> {
    let mut found: Vec<Uncuttable> = mail.encryption.into_iter().map(Uncuttable::Encrypted).collect();
    if ["-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP PUBLIC KEY BLOCK-----"]
        .iter()
        .any(|armor| mail.text.contains(armor))
    {
        found.push(Uncuttable::SignedText);
    }
    for attachment in &mail.attachments {
        let part = attachment.part;
        if names_its_owner(&attachment.media_type) {
            found.push(Uncuttable::SignedPart { part });
        }
        if identity.is_in(&attachment.name) {
            found.push(Uncuttable::AttachmentName { part });
        }
        match content(attachment).and_then(|bytes| str::from_utf8(bytes).ok()) {
            Some(text) if text.len() > TEXT_MAX => found.push(Uncuttable::AttachmentTooLarge { part }),
            Some(text) if text.lines().any(|line| identity.is_in(line)) => {
                found.push(Uncuttable::AttachmentText { part });
            }
            _ => {}
        }
    }
    found
}

/// Types of parts that carry an identity by their nature.
fn names_its_owner(media_type: &str) -> bool {
    let media_type = media_type.to_ascii_lowercase();
    let subtype = media_type.split_once('/').map_or("", |(_, subtype)| subtype);
    media_type.starts_with("message/")
        || subtype.starts_with("pgp-")
        || subtype.contains("pkcs7")
        || subtype.contains("vcard")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Mailbox;
    use crate::domain::report::{From, Remote, TextSource};

    fn mail(text: &str, attachments: Vec<Attachment>) -> IncomingMail {
        IncomingMail {
            message_id: None,
            from: From::One {
                name: Some("Jane Quillfeather".into()),
                mailbox: Mailbox::parse("jane.q@finder.example").unwrap(),
            },
            reply_to: Vec::new(),
            to: Vec::new(),
            cc: Vec::new(),
            subject: "a flaw".into(),
            text: text.into(),
            text_source: TextSource::Plain,
            remote: Remote::default(),
            attachments,
            automatic: None,
            encryption: None,
            references: Vec::new(),
            body_sha256: [0; 32],
            hops: 1,
        }
    }

    fn attachment(part: usize, name: &str, media_type: &str) -> Attachment {
        Attachment { part, name: name.into(), media_type: media_type.into(), size: 10, sha256: [0; 32] }
    }

    fn withheld(text: &str) -> Withheld {
        let mail = mail(text, Vec::new());
        withhold(text, &Identity::of(&mail, None))
    }

    #[test]
    fn a_report_loses_its_reporter_and_nothing_else() {
        let text = "Hello,\n\n\
                    I am Jane Quillfeather of Finder Labs.\n\
                    The parser overruns its buffer in draw().\n\n  for (;;) draw();\n\n\
                    My notes: https://github.example/janequillfeather/notes\n\
                    Write to jane.q@finder.example or JANE.Q at finder.\n\n\
                    Best regards,\n\nJane\nFinder Labs\n+49 30 1234567\n\n-- \nJ. Q.\nhttps://finder.example\n";
        insta::assert_snapshot!(withheld(text).text, @r#"
        Hello,

        [line withheld]
        The parser overruns its buffer in draw().

          for (;;) draw();

        [2 lines withheld]

        Best regards,

        [6 lines withheld]
        "#);
        assert_eq!(withheld(text).lines_cut, 9);
    }

    #[test]
    fn a_text_without_its_reporter_stays_as_it_is() {
        for text in ["", "one\n", "one\n\n\ntwo\n  three\n"] {
            assert_eq!(withheld(text), Withheld { text: text.into(), lines_cut: 0 });
        }
    }

    #[test]
    fn what_cannot_be_cut_is_named() {
        use Uncuttable::*;
        let cases = [
            (attachment(2, "poc.zip", "application/zip"), &b"PK\x03\x04\xff jane"[..], vec![]),
            (attachment(2, "poc-by-jane.zip", "application/zip"), b"", vec![AttachmentName { part: 2 }]),
            (attachment(3, "notes.txt", "image/png"), b"by\nJane Quillfeather", vec![AttachmentText { part: 3 }]),
            (attachment(1, "signature.asc", "application/PGP-Signature"), b"", vec![SignedPart { part: 1 }]),
            (attachment(1, "smime.p7s", "application/x-pkcs7-signature"), b"", vec![SignedPart { part: 1 }]),
            (attachment(1, "me.vcf", "text/x-vcard"), b"", vec![SignedPart { part: 1 }]),
            (attachment(1, "mail.eml", "message/rfc822"), b"", vec![SignedPart { part: 1 }]),
            (attachment(4, "log.txt", "text/plain"), &vec![b'x'; TEXT_MAX + 1], vec![AttachmentTooLarge { part: 4 }]),
        ];
        for (given, bytes, wanted) in cases {
            let mail = mail("text", vec![given]);
            let found = uncuttable(&mail, &Identity::of(&mail, None), |_| Some(bytes));
            assert_eq!(found, wanted, "{:?}", mail.attachments);
        }

        let mut mail = mail("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n", Vec::new());
        mail.encryption = Some(Encryption::Smime);
        let found = uncuttable(&mail, &Identity::of(&mail, None), |_| None);
        assert_eq!(found, [Encrypted(Encryption::Smime), SignedText]);
        assert_eq!(found[0].words(), "a part is encrypted");
    }
}
