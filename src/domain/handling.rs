//! One project's part of a case, and what counts as its acknowledgement.

use crate::domain::party::Party;
use crate::domain::report::{IncomingMail, SenderProof};

/// Where one project's part stands (STANDARDS.md 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandlingState {
    /// Forwarded by mail, not yet acknowledged.
    Sent,
    /// The project takes no mail: a member hands it over.
    ByHand,
    Acknowledged,
    /// The forward was stopped in its hold.
    Withdrawn,
    /// The project says that it is not theirs.
    HandedBack,
    /// The committee answers in its place.
    TakenOver,
    Closed,
}

impl HandlingState {
    const ALL: [Self; 7] = [
        Self::Sent,
        Self::ByHand,
        Self::Acknowledged,
        Self::Withdrawn,
        Self::HandedBack,
        Self::TakenOver,
        Self::Closed,
    ];

    /// The word that stands in rows and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::ByHand => "by-hand",
            Self::Acknowledged => "acknowledged",
            Self::Withdrawn => "withdrawn",
            Self::HandedBack => "handed-back",
            Self::TakenOver => "taken-over",
            Self::Closed => "closed",
        }
    }

    /// Whether the project still has its part of the case.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::ByHand | Self::Acknowledged)
    }

    /// The state of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Why a mail to a contact's own address acknowledges nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAcknowledged {
    /// An out-of-office note or another mail that no person wrote (RFC 3834).
    #[error("the mail was sent by a machine")]
    AutomaticReply,
    #[error("the mail has no single From address")]
    NoIdentity,
    #[error("neither SPF nor DKIM vouches for the sender")]
    Unproven,
    #[error("the sender is not the contact that this address belongs to")]
    NotTheContact,
}

/// Whether `mail`, which came to the address of `contact`, is its acknowledgement (DESIGN.md 3.3): a person's
/// mail, a From domain vouched for, and the contact itself or any reader of an address marked as a list.
pub fn acknowledges(mail: &IncomingMail, proof: &SenderProof, contact: &Party) -> Result<(), NotAcknowledged> {
    if mail.automatic.is_some() {
        return Err(NotAcknowledged::AutomaticReply);
    }
    let from = mail.from.mailbox().ok_or(NotAcknowledged::NoIdentity)?;
    if !proof.is_proven() {
        return Err(NotAcknowledged::Unproven);
    }
    if contact.is_list || contact.mailbox.as_ref() == Some(from) { Ok(()) } else { Err(NotAcknowledged::NotTheContact) }
}
