//! What came in: the neutral facts of a mail, what kind of mail it is, and whether it may be answered.

mod arrival;
mod automatic;
mod remote;

pub use arrival::{Arrival, CHUNK, Door, Peer, Raw};
pub use automatic::{AutomaticSign, LOOP_HEADER};
pub use remote::Remote;

use crate::domain::address::Mailbox;

/// What reading a message came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    Mail(Box<IncomingMail>),
    /// The bytes are kept for a person; nothing in them was believed.
    Unreadable(Unreadable),
}

/// Why a message was left to a person unread.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the message is empty")]
    Empty,
    #[error("it nests deeper than {limit} levels")]
    TooDeep { limit: usize },
    #[error("it has more than {limit} parts")]
    TooManyParts { limit: usize },
    #[error("it has more than {limit} header lines")]
    TooManyHeaders { limit: usize },
    #[error("its headers are larger than {limit} bytes")]
    HeadersTooLarge { limit: usize },
    #[error("it has no header that we could read")]
    NoHeaders,
    #[error("the program stopped twice while it worked on it, so it was set aside")]
    SetAside,
    #[error("our records of it are damaged, so it was set aside")]
    NotFiled,
    #[error("our reader failed on it")]
    ReaderFailed,
}

/// The neutral facts of a parsed mail. Display texts are decoded, addresses were parsed before any decoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingMail {
    /// Without angle brackets.
    pub message_id: Option<String>,
    pub from: From,
    pub reply_to: Vec<Mailbox>,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    /// One line, control characters replaced.
    pub subject: String,
    /// The readable text: the plain parts, or the HTML as text. LF line ends.
    pub text: String,
    pub text_source: TextSource,
    /// What its HTML names and nobody has fetched.
    pub remote: Remote,
    /// Everything that is not part of the readable text, in the order of the message.
    pub attachments: Vec<Attachment>,
    /// The sign of a mail that no person wrote, if it has one.
    pub automatic: Option<AutomaticSign>,
    pub encryption: Option<Encryption>,
    /// Message-IDs of In-Reply-To and References, without brackets: hints for a person, never a credential.
    pub references: Vec<String>,
    /// SHA-256 of all bytes after the header block.
    pub body_sha256: [u8; 32],
    /// `Received` header fields, which grow by one with each hop.
    pub hops: usize,
}

/// The From field. Anything but exactly one mailbox has no identity that could be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    One {
        name: Option<String>,
        mailbox: Mailbox,
    },
    Missing,
    /// Two From fields, two mailboxes in one, or one that does not parse.
    Ambiguous,
}

impl From {
    /// The one mailbox, if there is exactly one.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::One { mailbox, .. } => Some(mailbox),
            Self::Missing | Self::Ambiguous => None,
        }
    }

    /// The display name of the one mailbox.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::One { name, .. } => name.as_deref(),
            Self::Missing | Self::Ambiguous => None,
        }
    }
}

/// Where the readable text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextSource {
    Plain,
    /// There was no plain part; html2text made it.
    Html,
    /// The same, of HTML too long for that: its tags are left out, and with them what they mark as quoted.
    LongHtml,
    /// There was no text at all.
    Nothing,
}

impl TextSource {
    /// The word that stands in the row.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Html => "html",
            Self::LongHtml => "long-html",
            Self::Nothing => "nothing",
        }
    }

    /// The source of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Plain, Self::Html, Self::LongHtml, Self::Nothing].into_iter().find(|source| source.word() == word)
    }
}

/// A part that is kept whole and handed out as a download only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its place among the parts of the message, by which it is found again.
    pub part: usize,
    /// One line without slashes or control characters; never used as a path.
    pub name: String,
    /// As the sender claims it: shown, never believed.
    pub media_type: String,
    /// Bytes after the transfer encoding is undone.
    pub size: u64,
    pub sha256: [u8; 32],
}

/// The header field in which a kept form says what only the form knows. It is believed behind the form's door alone.
pub const FORM_HEADER: &str = "X-Fingerpost-Form";
/// The header field with the name that was typed into a form.
pub const FORM_NAME_HEADER: &str = "X-Fingerpost-Form-Name";
/// What follows this in the text of a kept form is for the committee alone.
pub const FORM_PRIVATE: &str = "\n-- \nFor the committee alone\n";

/// Text that we cannot read, kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// RFC 3156.
    PgpMime,
    /// An ASCII-armoured PGP message in the text.
    PgpInline,
    /// RFC 8551.
    Smime,
}

impl Encryption {
    /// Its usual name.
    pub fn word(self) -> &'static str {
        match self {
            Self::PgpMime => "PGP/MIME",
            Self::PgpInline => "inline PGP",
            Self::Smime => "S/MIME",
        }
    }

    /// The encryption of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::PgpMime, Self::PgpInline, Self::Smime].into_iter().find(|encryption| encryption.word() == word)
    }
}

/// What SPF, DKIM and DMARC say of the From domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderProof {
    /// SPF passed for a domain aligned with From.
    pub spf: bool,
    /// A DKIM signature passed for a domain aligned with From.
    pub dkim: bool,
    /// The whole verdict in words for a member: "SPF pass for example.org, no DKIM signature".
    pub words: String,
}

impl SenderProof {
    /// A verdict that proves nothing, with the reason.
    pub fn none(words: impl Into<String>) -> Self {
        Self { spf: false, dkim: false, words: words.into() }
    }

    /// Aligned SPF or DKIM vouches for the From domain.
    pub fn is_proven(&self) -> bool {
        self.spf || self.dkim
    }
}

/// What a mail to the security address is, from its facts alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// A person's, or a robot's that may still be a report (a scanner, a GitHub notice).
    Report,
    /// A bounce, auto-reply, read receipt or feedback report: filed, and it opens nothing.
    Automatic(AutomaticSign),
    /// No single From mailbox: held for a person.
    NoIdentity,
}

impl IncomingMail {
    /// What this mail is when it came to the security address.
    ///
    /// Automatic mail that can still carry a report (a list, a scanner, a robot's notice, a web form that sends
    /// with a null return path) opens a case like any other, for dropping a report would be worse than
    /// reading a newsletter. Only what answers or complains about another mail is filed apart.
    pub fn kind(&self) -> MailKind {
        match self.automatic {
            Some(sign) if sign.is_an_echo() => MailKind::Automatic(sign),
            _ if self.from.mailbox().is_none() => MailKind::NoIdentity,
            _ => MailKind::Report,
        }
    }

    /// Whether an automatic letter may go out because of this mail (RFC 3834 section 2).
    pub fn may_be_answered(&self, sender: Option<&Mailbox>) -> bool {
        self.automatic.is_none() && sender.is_some() && self.from.mailbox().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(automatic: Option<AutomaticSign>, from: From) -> IncomingMail {
        IncomingMail {
            message_id: None,
            from,
            reply_to: Vec::new(),
            to: Vec::new(),
            cc: Vec::new(),
            subject: String::new(),
            text: String::new(),
            text_source: TextSource::Nothing,
            remote: Remote::default(),
            attachments: Vec::new(),
            automatic,
            encryption: None,
            references: Vec::new(),
            body_sha256: [0; 32],
            hops: 0,
        }
    }

    #[test]
    fn only_echoes_of_other_mail_are_filed_as_automatic_and_no_automatic_mail_is_answered() {
        use AutomaticSign::*;
        let jane = Mailbox::parse("jane@example.org").unwrap();
        let from_jane = || From::One { name: None, mailbox: jane.clone() };
        let table = [
            (None, MailKind::Report),
            (Some(DeliveryReport), MailKind::Automatic(DeliveryReport)),
            (Some(ReadReceipt), MailKind::Automatic(ReadReceipt)),
            (Some(ListNotice), MailKind::Automatic(ListNotice)),
            (Some(FeedbackReport), MailKind::Automatic(FeedbackReport)),
            (Some(OtherReport), MailKind::Automatic(OtherReport)),
            (Some(AutoReply), MailKind::Automatic(AutoReply)),
            (Some(OurLoopHeader), MailKind::Automatic(OurLoopHeader)),
            (Some(FromOurselves), MailKind::Automatic(FromOurselves)),
            (Some(AutoSubmitted), MailKind::Report),
            (Some(AutoReplyHeader), MailKind::Report),
            (Some(Precedence), MailKind::Report),
            (Some(MailingList), MailKind::Report),
            (Some(RobotSender), MailKind::Report),
            (Some(NullReturnPath), MailKind::Report),
        ];
        for (sign, kind) in table {
            let mail = mail(sign, from_jane());
            assert_eq!(mail.kind(), kind, "{sign:?}");
            assert_eq!(mail.may_be_answered(Some(&jane)), sign.is_none(), "{sign:?}");
        }
        assert!(!mail(None, from_jane()).may_be_answered(None), "a null return path is never answered");
    }

    #[test]
    fn without_one_sender_a_mail_is_held_unless_it_is_an_echo() {
        for from in [From::Missing, From::Ambiguous] {
            assert_eq!(mail(None, from.clone()).kind(), MailKind::NoIdentity);
            assert_eq!(mail(Some(AutomaticSign::MailingList), from.clone()).kind(), MailKind::NoIdentity);
            let bounce = mail(Some(AutomaticSign::DeliveryReport), from);
            assert_eq!(bounce.kind(), MailKind::Automatic(AutomaticSign::DeliveryReport));
        }
    }
}
