//! What came in: the neutral facts of a mail, what kind of mail it is, and whether it may be answered.

use std::net::IpAddr;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::domain::address::Mailbox;

/// One message as a door took it in: raw bytes and envelope, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When our server had it whole; all clocks start here, never at the Date header.
    pub arrived_at: Timestamp,
    pub door: Door,
    /// Who handed it to us, and whether the operator trusts it as a front MTA.
    pub peer: Option<Peer>,
    /// The envelope sender; `None` is the null return path `<>`.
    pub sender: Option<Mailbox>,
    /// The accepted recipients, each one of ours; never empty.
    pub recipients: Vec<Mailbox>,
    /// The message as it came, with CRLF line ends.
    pub raw: Raw,
}

/// Up to this many bytes a message is held in memory; above it goes through a spool file and into rows of this size.
pub const CHUNK: usize = 256 * 1024;

/// The bytes of a message on their way from a door to the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    Memory(Vec<u8>),
    /// In a file of the door's, which the door removes once the message is kept or refused.
    Spooled {
        path: PathBuf,
        size: u64,
    },
}

impl Raw {
    /// Bytes of the message.
    pub fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Spooled { size, .. } => *size,
        }
    }
}

/// Which door a message came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Smtp,
    Lmtp,
    /// `fingerpost ingest`, from a pipe or a file.
    File,
    /// The form on our own pages.
    Form,
}

impl Door {
    /// The word that stands in the row.
    pub fn word(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
            Self::File => "file",
            Self::Form => "form",
        }
    }

    /// The door of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Smtp, Self::Lmtp, Self::File, Self::Form].into_iter().find(|door| door.word() == word)
    }
}

/// The other end of an SMTP or LMTP connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    pub ip: IpAddr,
    /// What it called itself in EHLO or LHLO; SPF looks at it where the return path is null.
    pub helo: String,
    /// In `mail.trusted_peers`: our own front MTA.
    pub is_trusted: bool,
}

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

/// The sign by which a mail that no person wrote was recognised (RFC 3834 section 2, STANDARDS 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutomaticSign {
    /// `Auto-Submitted` other than `no`: a scanner, a tracker, a notice.
    AutoSubmitted,
    /// A machine's answer to a mail: `Auto-Submitted: auto-replied`, `X-Autoreply` and their kin.
    AutoReply,
    /// `multipart/report` with delivery-status, or an old mail server's own form of it.
    DeliveryReport,
    /// A mailing list's notice that a letter waits for its moderator.
    ListNotice,
    /// `multipart/report` with disposition-notification.
    ReadReceipt,
    /// `multipart/report` with feedback-report (RFC 5965).
    FeedbackReport,
    /// Another `multipart/report`.
    OtherReport,
    /// `Precedence: bulk`, `junk`, `list` or `auto_reply`.
    Precedence,
    /// `List-Id` or another `List-` field.
    MailingList,
    /// `X-Auto-Response-Suppress` or `Feedback-ID`: the sender wants no automatic answer.
    AutoReplyHeader,
    /// From or envelope sender is a robot by its name: mailer-daemon, postmaster, owner-…, …-request, no-reply.
    RobotSender,
    /// Our own loop header.
    OurLoopHeader,
    /// From one of our own addresses.
    FromOurselves,
    /// The envelope has the null return path, and nothing else about the mail is a bounce's.
    NullReturnPath,
}

/// The header field of every automatic letter of ours; a mail that carries it has come round in a loop.
pub const LOOP_HEADER: &str = "X-Fingerpost-Loop";

/// The header field in which a kept form says what only the form knows. It is believed behind the form's door alone.
pub const FORM_HEADER: &str = "X-Fingerpost-Form";
/// The header field with the name that was typed into a form.
pub const FORM_NAME_HEADER: &str = "X-Fingerpost-Form-Name";
/// What follows this in the text of a kept form is for the committee alone.
pub const FORM_PRIVATE: &str = "\n-- \nFor the committee alone\n";

impl AutomaticSign {
    /// A part of a sentence: "recognised by …".
    pub fn words(self) -> &'static str {
        match self {
            Self::AutoSubmitted => "its Auto-Submitted field",
            Self::AutoReply => "being an automatic reply",
            Self::DeliveryReport => "being a delivery report",
            Self::ListNotice => "being a list's notice that its moderator must approve a letter",
            Self::ReadReceipt => "being a read receipt",
            Self::FeedbackReport => "being a feedback report",
            Self::OtherReport => "being a multipart/report",
            Self::Precedence => "its Precedence field",
            Self::MailingList => "its List- fields",
            Self::AutoReplyHeader => "a header that asks for no automatic answer",
            Self::RobotSender => "the name of its sender",
            Self::OurLoopHeader => "our own loop header",
            Self::FromOurselves => "coming from an address of ours",
            Self::NullReturnPath => "its null return path",
        }
    }
}

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

impl AutomaticSign {
    /// Whether we wrote it ourselves.
    pub fn is_of_ours(self) -> bool {
        matches!(self, Self::OurLoopHeader | Self::FromOurselves)
    }

    /// Whether such a mail only echoes one that went out before, so that it cannot be a report.
    pub fn is_an_echo(self) -> bool {
        match self {
            Self::DeliveryReport | Self::ReadReceipt | Self::FeedbackReport | Self::OtherReport => true,
            Self::ListNotice | Self::AutoReply | Self::OurLoopHeader | Self::FromOurselves => true,
            Self::AutoSubmitted | Self::AutoReplyHeader | Self::NullReturnPath => false,
            Self::Precedence | Self::MailingList | Self::RobotSender => false,
        }
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
