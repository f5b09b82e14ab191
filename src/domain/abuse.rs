//! Who is heard and who is answered: receipts and their bounds, from counts and a time.

use jiff::SignedDuration;

use crate::domain::address::Mailbox;
use crate::domain::report::{IncomingMail, SenderProof};

/// The window in which receipts and automatic forwards are counted.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Automatic letters to one address in a day (DESIGN.md 3.5).
pub const LETTERS_PER_ADDRESS: i64 = 3;
/// Receipts in a day to one address for which only the return path speaks.
pub const RECEIPTS_PER_UNPROVEN_ADDRESS: i64 = 1;
/// Automatic letters in a day to one domain that we never wrote to ourselves.
pub const LETTERS_PER_DOMAIN: i64 = 100;
/// Receipts in a day in all; above it a person is told instead.
pub const RECEIPTS_IN_ALL: i64 = 500;
/// More links than this in an unproven sender's mail, and it is not forwarded by itself.
pub const LINKS_OF_A_STRANGER: usize = 5;

/// How many automatic letters went out in the last day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SentToday {
    pub to_address: i64,
    pub to_domain: i64,
    pub receipts_in_all: i64,
}

/// Why no receipt goes out. The report itself is taken all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoReceipt {
    #[error("the mail was sent by a machine or has no return path")]
    NotAnswerable,
    #[error("nothing vouches for the sender")]
    Unproven,
    #[error("the address had its receipts of today")]
    AddressHadEnough,
    #[error("the domain had its receipts of today")]
    DomainHadEnough,
    #[error("all receipts of today are spent")]
    AllSpent,
}

/// Whether a receipt may go to the From address of `mail` (DESIGN.md 3.5): From is vouched for by aligned SPF or
/// DKIM, or else equals the return path; and nobody can be buried under receipts in another's name.
pub fn may_receipt(
    mail: &IncomingMail,
    sender: Option<&Mailbox>,
    proof: &SenderProof,
    sent: SentToday,
) -> Result<(), NoReceipt> {
    if !mail.may_be_answered(sender) {
        return Err(NoReceipt::NotAnswerable);
    }
    if !proof.is_proven() && mail.from.mailbox() != sender {
        return Err(NoReceipt::Unproven);
    }
    let per_address = if proof.is_proven() { LETTERS_PER_ADDRESS } else { RECEIPTS_PER_UNPROVEN_ADDRESS };
    if sent.to_address >= per_address {
        return Err(NoReceipt::AddressHadEnough);
    }
    if sent.to_domain >= LETTERS_PER_DOMAIN {
        return Err(NoReceipt::DomainHadEnough);
    }
    if sent.receipts_in_all >= RECEIPTS_IN_ALL {
        return Err(NoReceipt::AllSpent);
    }
    Ok(())
}
