//! An outgoing mail: what kind it is, whether it is held, and when it is due.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::id::{CaseId, HandlingId, LetterId, PartyId};

/// What a letter is for (UX.md section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// M1: our automatic confirmation to the reporter.
    Receipt,
    /// M3: a report on its way to a project's contact.
    Forward,
    /// M7: a letter of ours was refused; to the committee.
    Bounce,
    /// M12: a sign-in link.
    SignIn,
    /// To the contact's own address: was this mail yours?
    ConfirmReply,
}

impl LetterKind {
    const ALL: [Self; 5] = [Self::Receipt, Self::Forward, Self::Bounce, Self::SignIn, Self::ConfirmReply];

    /// The word that stands in rows and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Forward => "forward",
            Self::Bounce => "bounce",
            Self::SignIn => "sign-in",
            Self::ConfirmReply => "confirm-reply",
        }
    }

    /// The kind of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The `Auto-Submitted` field (RFC 3834 section 5); none on what carries a person's words.
    pub fn auto_submitted(self) -> Option<&'static str> {
        match self {
            Self::Receipt => Some("auto-replied"),
            Self::Forward => None,
            Self::Bounce | Self::SignIn | Self::ConfirmReply => Some("auto-generated"),
        }
    }

    /// Whether it waits `routing.hold` in the outbox, where "Stop sending" withdraws it.
    pub fn is_held_back(self) -> bool {
        self == Self::Forward
    }
}

/// A finished letter: frozen bytes and envelope, so that a retry is identical.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub id: LetterId,
    pub kind: LetterKind,
    pub case: Option<CaseId>,
    pub handling: Option<HandlingId>,
    /// The party it is written to, if its recipient is one.
    pub party: Option<PartyId>,
    /// The one envelope recipient. The return path is derived from the letter's id when it leaves.
    pub recipient: Mailbox,
    /// Without angle brackets; the same on every try.
    pub message_id: String,
    pub subject: String,
    /// The whole message, strict CRLF.
    pub bytes: Vec<u8>,
    pub created_at: Timestamp,
    /// Not before this moment.
    pub due_at: Timestamp,
}

/// When a letter of `kind` that is written at `now` may leave.
pub fn due_at(kind: LetterKind, now: Timestamp, hold: SignedDuration) -> Timestamp {
    if kind.is_held_back() { now + hold } else { now }
}
