//! Who may see or do what: one rule, deny by default.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::conflict::KeptCases;
use crate::domain::directory::MemberRole;
use crate::domain::id::{CaseId, PartyId};

/// A sign-in is fresh for so long: enough to look at what one is about to change, and too short to find a browser open.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// Who asks, once the session or the link is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    Anonymous,
    Member {
        email: Mailbox,
        name: String,
        role: MemberRole,
    },
    Board {
        email: Mailbox,
    },
    /// By the link from a mail: one contact of one handling.
    Contact(PartyId),
    /// By the link from a mail or the page after the form: one reporter of one case.
    Reporter(PartyId),
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Lists, cases, their texts, held and set-aside mail.
    ReadCases,
    /// Forward, claim, write, close, release or dismiss held mail, stop a letter.
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
    /// How many cases there are, whose promises ran out, the quarters that were sent: numbers and projects, no content.
    ReadBoardPage,
    /// A quarter's report before it is approved, and its texts.
    WriteQuarters,
    /// Approve a quarter's report, which sends it to the board.
    ApproveQuarters,
    /// What was forwarded to this contact, and to answer it.
    UseOwnForward,
    /// Where one's own report stands, and to add to it.
    UseOwnReport,
}

impl Act {
    pub const ALL: [Self; 12] = [
        Self::ReadCases,
        Self::WorkOnCases,
        Self::ReadOutbox,
        Self::PauseClocks,
        Self::DecideContacts,
        Self::WorkOnSenders,
        Self::BanAlone,
        Self::ReadBoardPage,
        Self::WriteQuarters,
        Self::ApproveQuarters,
        Self::UseOwnForward,
        Self::UseOwnReport,
    ];
}

/// Whether `viewer` may do `act`. Which case a link opens is the link's matter: it names one party and nothing else.
pub fn may(viewer: &Viewer, act: Act) -> bool {
    match viewer {
        Viewer::Member { role, .. } => member_may(*role, act),
        Viewer::Board { .. } => act == Act::ReadBoardPage,
        Viewer::Contact(_) => act == Act::UseOwnForward,
        Viewer::Reporter(_) => act == Act::UseOwnReport,
        Viewer::Anonymous => false,
    }
}

/// Whether `viewer` may do `act` to one of these cases: what they may do at all, unless one is kept from them. Where no
/// case is named, that is all there is to ask.
pub fn may_with(viewer: &Viewer, act: Act, cases: &[CaseId], kept: &KeptCases) -> bool {
    may(viewer, act) && !cases.iter().any(|case| kept.has(case))
}

/// Whether somebody who signed in at `signed_in_at` may change the directory or take data along without doing so again
/// (THREATS.md row 66).
pub fn is_fresh(signed_in_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(signed_in_at) < FRESH
}

fn member_may(role: MemberRole, act: Act) -> bool {
    match act {
        Act::ReadCases | Act::WorkOnCases | Act::ReadOutbox | Act::ReadBoardPage => true,
        Act::DecideContacts | Act::WorkOnSenders | Act::WriteQuarters => true,
        Act::PauseClocks => matches!(role, MemberRole::Chair | MemberRole::Secretary),
        Act::BanAlone | Act::ApproveQuarters => role == MemberRole::Chair,
        Act::UseOwnForward | Act::UseOwnReport => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use Act::*;

    fn member(role: MemberRole) -> Viewer {
        Viewer::Member { email: Mailbox::parse("ada@story.example").unwrap(), name: "Ada".to_owned(), role }
    }

    /// Every act, and who may do it: chair, secretary, member, board, contact, reporter, anybody.
    const TABLE: &[(Act, [bool; 7])] = &[
        (ReadCases, [true, true, true, false, false, false, false]),
        (WorkOnCases, [true, true, true, false, false, false, false]),
        (ReadOutbox, [true, true, true, false, false, false, false]),
        (PauseClocks, [true, true, false, false, false, false, false]),
        (DecideContacts, [true, true, true, false, false, false, false]),
        (WorkOnSenders, [true, true, true, false, false, false, false]),
        (BanAlone, [true, false, false, false, false, false, false]),
        (ReadBoardPage, [true, true, true, true, false, false, false]),
        (WriteQuarters, [true, true, true, false, false, false, false]),
        (ApproveQuarters, [true, false, false, false, false, false, false]),
        (UseOwnForward, [false, false, false, false, true, false, false]),
        (UseOwnReport, [false, false, false, false, false, true, false]),
    ];

    #[test]
    fn a_case_that_is_kept_from_a_member_is_kept_whatever_their_role() {
        let [kept, other] = ["kept", "other"].map(CaseId::from_row);
        let cases = KeptCases::new(vec![(kept.clone(), CaseRef::from_row("SEC-2026-0001"))]);
        for role in [MemberRole::Chair, MemberRole::Secretary, MemberRole::Member] {
            for act in Act::ALL {
                let may_at_all = may(&member(role), act);
                assert_eq!(may_with(&member(role), act, std::slice::from_ref(&other), &cases), may_at_all, "{act:?}");
                assert!(!may_with(&member(role), act, &[other.clone(), kept.clone()], &cases), "{act:?}");
            }
        }
    }

    #[test]
    fn a_sign_in_is_fresh_for_ten_minutes() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        assert!(is_fresh(now - SignedDuration::from_secs(599), now) && !is_fresh(now - FRESH, now));
    }

    #[test]
    fn each_role_may_do_what_the_table_says_and_nothing_else() {
        let roles = [
            member(MemberRole::Chair),
            member(MemberRole::Secretary),
            member(MemberRole::Member),
            Viewer::Board { email: Mailbox::parse("board@story.example").unwrap() },
            Viewer::Contact(PartyId::from_row("contact")),
            Viewer::Reporter(PartyId::from_row("reporter")),
            Viewer::Anonymous,
        ];
        for (act, wanted) in TABLE {
            assert_eq!(roles.each_ref().map(|viewer| may(viewer, *act)), *wanted, "{act:?}");
        }
        assert_eq!(TABLE.iter().map(|row| row.0).collect::<Vec<_>>(), Act::ALL, "every act is in the table");
    }
}
