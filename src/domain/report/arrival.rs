//! One message as a door took it in: raw bytes and envelope, of which nothing is read yet.

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
