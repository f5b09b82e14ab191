//! Where mail comes in. A door answers only after `Reception::keep` has said that the bytes are on disk.

pub mod file;
pub mod smtp;
pub mod spool;

use std::future::Future;

use crate::domain::address::Mailbox;
use crate::domain::id::ArrivalId;
use crate::domain::report::{Arrival, Peer};

/// What a door needs of the house; `flows/intake` is it, so that `mail/` never knows the store.
pub trait Reception: Send + Sync + 'static {
    /// Whether mail to `recipient` is taken from `peer` (`None`: a pipe or file of the operator's).
    fn may_deliver(&self, recipient: &Mailbox, peer: Option<&Peer>) -> impl Future<Output = Deliverable> + Send;

    /// Keeps the message on disk. Only after `Ok` may the door say that it has it.
    fn keep(&self, arrival: Arrival) -> impl Future<Output = Result<ArrivalId, NotKept>> + Send;
}

/// The answer to one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deliverable {
    Yes,
    /// Not a domain or mailbox of ours: relaying denied.
    NotOurs,
    /// Our domain, but no such mailbox, or a plus-address that was never issued or is revoked.
    NoSuchMailbox,
    /// The store cannot be asked now.
    TryLater,
}

/// Why a message was not kept; the sender is asked to try again, nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the message could not be stored now: {0}")]
pub struct NotKept(pub String);
