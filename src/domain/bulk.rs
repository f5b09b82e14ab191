//! What a member does with many cases, or many mails in quarantine, at once; and until when it can be undone.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::Closing;

/// For so long after a bulk act it can be undone (UX.md 3.5).
pub const UNDO_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Rows of one act: as many as a list shows.
pub const ITEMS_MAX: usize = 200;

/// Which rows an act is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pile {
    /// Cases that no project has.
    Triage,
    /// Mails that have no case.
    Quarantine,
}

/// What is done with each ticked row, and with its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkAct {
    NotSecurity,
    Spam,
    SpamAndWarn,
    /// Spam, and a vote to ban the sender.
    ProposeBan,
    Seen,
    SeenAndWarn,
    SeenAndBan,
    Release,
}

impl BulkAct {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 8] = [
        Self::NotSecurity,
        Self::Spam,
        Self::SpamAndWarn,
        Self::ProposeBan,
        Self::Seen,
        Self::Release,
        Self::SeenAndWarn,
        Self::SeenAndBan,
    ];

    /// The word in forms and rows.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotSecurity => "not-security",
            Self::Spam => "spam",
            Self::SpamAndWarn => "spam-and-warn",
            Self::ProposeBan => "propose-ban",
            Self::Seen => "seen",
            Self::SeenAndWarn => "seen-and-warn",
            Self::SeenAndBan => "seen-and-ban",
            Self::Release => "release",
        }
    }

    /// The act of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }

    /// The words on its button.
    pub fn title(self) -> &'static str {
        match self {
            Self::NotSecurity => "Not security",
            Self::Spam => "Spam",
            Self::SpamAndWarn => "Spam and warn",
            Self::ProposeBan | Self::SeenAndBan => "Propose ban",
            Self::Seen => "Seen",
            Self::SeenAndWarn => "Seen and warn",
            Self::Release => "Release",
        }
    }

    /// The rows that it is for.
    pub fn pile(self) -> Pile {
        match self {
            Self::NotSecurity | Self::Spam | Self::SpamAndWarn | Self::ProposeBan => Pile::Triage,
            Self::Seen | Self::SeenAndWarn | Self::SeenAndBan | Self::Release => Pile::Quarantine,
        }
    }

    /// As what it closes a case; `None` where there is none to close.
    pub fn closing(self) -> Option<Closing> {
        match self {
            Self::NotSecurity => Some(Closing::NotSecurity),
            Self::Spam | Self::SpamAndWarn | Self::ProposeBan => Some(Closing::Spam),
            Self::Seen | Self::SeenAndWarn | Self::SeenAndBan | Self::Release => None,
        }
    }

    /// What it means for the senders beside their mails.
    pub fn to_senders(self) -> Option<ToSenders> {
        match self {
            Self::SpamAndWarn | Self::SeenAndWarn => Some(ToSenders::Warn),
            Self::ProposeBan | Self::SeenAndBan => Some(ToSenders::ProposeBan),
            Self::NotSecurity | Self::Spam | Self::Seen | Self::Release => None,
        }
    }
}

/// What an act does to each proven sender of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToSenders {
    Warn,
    ProposeBan,
}

/// Until when an act of `at` can be undone.
pub fn undo_until(at: Timestamp) -> Timestamp {
    at + UNDO_LIFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_is_known_by_its_word() {
        assert!(BulkAct::ALL.into_iter().all(|act| BulkAct::from_word(act.word()) == Some(act)));
        assert_eq!(BulkAct::from_word("forward"), None, "nothing is forwarded in bulk");
    }

    #[test]
    fn acts_on_cases_close_them_and_acts_on_mails_do_not() {
        for act in BulkAct::ALL {
            assert_eq!(act.closing().is_some(), act.pile() == Pile::Triage, "{act:?}");
        }
    }
}
