//! What the committee's judge was taught: names that members remember, and what earlier cases were about. Never public.

use crate::domain::case::CaseRef;
use crate::domain::directory::ProjectId;
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
