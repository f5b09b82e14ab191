//! Who may see or do what: one rule, deny by default.

use crate::domain::address::Mailbox;
use crate::domain::directory::MemberRole;

/// Who asks, once the session is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    Anonymous,
    Member { email: Mailbox, name: String, role: MemberRole },
    Board { email: Mailbox },
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Lists, cases, their texts, held and set-aside mail.
    ReadCases,
    /// Forward, claim, release or dismiss held mail, stop a letter.
    WorkOnCases,
    /// Deliveries and relay state.
    ReadOutbox,
}

/// Whether `viewer` may do `act`. The board sees no case until it has pages of its own.
pub fn may(viewer: &Viewer, act: Act) -> bool {
    match (viewer, act) {
        (Viewer::Member { .. }, Act::ReadCases | Act::WorkOnCases | Act::ReadOutbox) => true,
        (Viewer::Board { .. } | Viewer::Anonymous, _) => false,
    }
}
