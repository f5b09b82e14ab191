//! What the committee's judge was taught: names that members remember, and what earlier cases were about. Never public.

use crate::domain::case::{CaseRef, Closing};
use crate::domain::directory::ProjectId;
use crate::domain::handling::HandlingState;
use crate::domain::id::KnowledgeId;

/// A name that a member chose to remember for a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    pub id: KnowledgeId,
    pub word: String,
    pub project: ProjectId,
    /// The case that it was learned from.
    pub case: CaseRef,
}

/// What one case taught about the project that it went to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    pub project: ProjectId,
    pub case: CaseRef,
    /// Single words of the report, sorted: no sentence of it can be read from them.
    pub words: Vec<String>,
    /// The salted hash of the reporter's address, where SPF or DKIM vouched for it.
    pub sender: Option<String>,
}

/// Everything that was taught and not undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Knowledge {
    pub aliases: Vec<Alias>,
    /// The newest last.
    pub lessons: Vec<Lesson>,
}

/// Whose act makes a case a lesson. What a sender writes teaches nothing before one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaughtBy {
    /// The project acknowledged its part.
    Acknowledgement,
    /// A member chose another project than the judge had.
    Correction,
}

impl TaughtBy {
    /// The word that stands in rows.
    pub fn word(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::Correction => "correction",
        }
    }

    /// The act of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Acknowledgement, Self::Correction].into_iter().find(|act| act.word() == word)
    }
}

/// Why what a case taught does not count; completes "Not used: …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Groundless {
    #[error("a member undid it")]
    Undone,
    #[error("the forward was stopped before it left")]
    Stopped,
    #[error("the project handed the case back")]
    HandedBack,
    #[error("the case was closed as {}", .0.words())]
    ClosedAs(Closing),
}

/// Whether a case still teaches about a project, whose part of it stands as `part`.
///
/// What was no report of a flaw here teaches nothing, nor does a second report of the same flaw. A case whose rows are
/// erased goes on to teach.
pub fn grounds(part: Option<HandlingState>, closed_as: Option<Closing>) -> Result<(), Groundless> {
    match (part, closed_as) {
        (Some(HandlingState::Withdrawn), _) => Err(Groundless::Stopped),
        (Some(HandlingState::HandedBack), _) => Err(Groundless::HandedBack),
        (_, Some(closing)) => match closing {
            Closing::Spam | Closing::NotSecurity | Closing::NotOurs | Closing::Withdrawn | Closing::Duplicate => {
                Err(Groundless::ClosedAs(closing))
            }
            Closing::Invalid | Closing::Resolved | Closing::Published | Closing::NoMaintainer => Ok(()),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_no_report_of_the_project_teaches_nothing() {
        use HandlingState::{Acknowledged, Closed, HandedBack, Sent, Withdrawn};
        for (part, closed_as, teaches) in [
            (Some(Acknowledged), None, true),
            (Some(Sent), None, true),
            (Some(Closed), Some(Closing::Published), true),
            (Some(Closed), Some(Closing::Invalid), true),
            (None, None, true),
            (Some(Withdrawn), None, false),
            (Some(HandedBack), Some(Closing::Resolved), false),
            (Some(Closed), Some(Closing::Spam), false),
            (Some(Closed), Some(Closing::NotSecurity), false),
            (Some(Closed), Some(Closing::Withdrawn), false),
            (Some(Closed), Some(Closing::Duplicate), false),
        ] {
            assert_eq!(grounds(part, closed_as).is_ok(), teaches, "{part:?} {closed_as:?}");
        }
        let words = Groundless::ClosedAs(Closing::NotSecurity).to_string();
        assert_eq!(words, "the case was closed as not a security problem");
    }
}
