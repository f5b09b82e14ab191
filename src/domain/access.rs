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
    /// Stop a project's clock for a while.
    PauseClocks,
    /// Approve a contact, or a change of contacts.
    DecideContacts,
    /// Warn a sender, propose a ban, release from quarantine.
    WorkOnSenders,
    /// Ban without a second vote, and whole domains.
    BanAlone,
}

/// Whether `viewer` may do `act`. The board sees no case until it has pages of its own.
pub fn may(viewer: &Viewer, act: Act) -> bool {
    match (viewer, act) {
        (Viewer::Member { role, .. }, Act::PauseClocks) => matches!(role, MemberRole::Chair | MemberRole::Secretary),
        (Viewer::Member { role, .. }, Act::BanAlone) => *role == MemberRole::Chair,
        (
            Viewer::Member { .. },
            Act::ReadCases | Act::WorkOnCases | Act::ReadOutbox | Act::DecideContacts | Act::WorkOnSenders,
        ) => true,
        (Viewer::Board { .. } | Viewer::Anonymous, _) => false,
    }
}
