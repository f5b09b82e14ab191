//! The signs of mail that no person wrote, and which of it only echoes other mail.

/// The header field of every automatic letter of ours; a mail that carries it has come round in a loop.
pub const LOOP_HEADER: &str = "X-Fingerpost-Loop";

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
