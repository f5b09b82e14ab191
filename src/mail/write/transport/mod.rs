//! The way out: one letter to the relay, and what became of it.

mod answer;
mod memory;
#[cfg(test)]
mod scripted;
mod smtp;
#[cfg(test)]
mod tests;
mod transaction;

pub use memory::{MemoryTransport, SentLetter};
pub use smtp::{BadRelay, RelayCredentials, RelaySettings, RelayTls, SmtpTransport};

use crate::domain::address::Mailbox;
use crate::domain::delivery::Delivery;
use crate::domain::id::LetterId;
use crate::mail::write::build::assert_strict;

/// What a transport needs of a letter.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// Named to the relay as the envelope id, so that its delivery reports can name the letter.
    pub id: &'a LetterId,
    pub recipient: &'a Mailbox,
    pub return_path: &'a Mailbox,
    pub bytes: &'a [u8],
}

/// Where letters go.
#[derive(Debug)]
pub enum Transport {
    /// To the operator's relay.
    Smtp(Box<SmtpTransport>),
    /// Into memory: tests and the demo.
    Memory(MemoryTransport),
}

impl Transport {
    /// Tries to send the letter once.
    ///
    /// Only [`Delivery::Sent`] says that the relay has it. After any other outcome but
    /// [`Delivery::Refused`] the same bytes are to be sent again: a relay that broke off before its
    /// `250` may have taken them, and the copy is known by its Message-ID.
    pub async fn send(&self, letter: &Outgoing<'_>) -> Delivery {
        // A letter that servers would read differently must never leave, and no later try mends it.
        if let Err(fault) = assert_strict(letter.bytes) {
            return Delivery::Refused {
                status: "5.6.0".to_owned(),
                answer: format!("not sent, for it is not strictly formed: {fault}"),
            };
        }
        match self {
            Self::Smtp(smtp) => smtp.send(letter).await,
            Self::Memory(memory) => memory.send(letter),
        }
    }

    /// Asks whether the relay can be talked to, as far as EHLO and sign-in.
    pub async fn probe(&self) -> Result<(), Unreachable> {
        match self {
            Self::Smtp(smtp) => smtp.probe().await,
            Self::Memory(memory) => memory.probe(),
        }
    }
}

/// The relay cannot be talked to; the operator can mend it. Says nothing of any letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(pub String);

impl From<Unreachable> for Delivery {
    fn from(Unreachable(reason): Unreachable) -> Self {
        Self::Unreachable { reason }
    }
}
