//! The case: our unit of work, its printable number, its states and the events of its record.

use std::fmt;

use jiff::Timestamp;

/// `SEC-2026-0042`: printable, and knowing it opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseRef(String);

impl CaseRef {
    /// The `sequence`th case of `year`; four digits at least, more when a year needs them.
    pub fn new(prefix: &str, year: i16, sequence: i64) -> Self {
        Self(format!("{prefix}-{year}-{sequence:04}"))
    }

    /// A number as it stands in a row.
    pub fn from_row(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a case stands (STANDARDS.md 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseState {
    /// Nobody has opened it, and no project has it.
    New,
    /// A member has it, and no project has it.
    Triage,
    /// At least one handling is open.
    Routed,
    /// A member has closed it.
    Closed,
}

impl CaseState {
    /// The word that stands in rows and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Triage => "triage",
            Self::Routed => "routed",
            Self::Closed => "closed",
        }
    }

    /// The state of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::New, Self::Triage, Self::Routed, Self::Closed].into_iter().find(|state| state.word() == word)
    }

    /// Whether a project may be given this case now.
    pub fn may_be_forwarded(self) -> bool {
        self != Self::Closed
    }
}

/// What may happen to a case. Events hold ids, kinds and times, never text or addresses (DESIGN.md 3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    Opened,
    /// The judge's words were kept with the case.
    Judged,
    /// The decision to forward, from which the project clock runs.
    ForwardDecided,
    /// The case waits for a member, with the reason.
    LeftToTriage,
    TwinArrived,
    MessageAdded,
    MessageHeld,
    HeldMessageReleased,
    AutomaticMailFiled,
    Acknowledged,
    LetterWritten,
    LetterSent,
    LetterRefused,
    LetterWithdrawn,
    Claimed,
    /// A member notes that a person has answered the reporter outside of this program.
    AnsweredElsewhere,
}

impl EventKind {
    /// The word that stands in the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Judged => "judged",
            Self::ForwardDecided => "forward-decided",
            Self::LeftToTriage => "left-to-triage",
            Self::TwinArrived => "twin-arrived",
            Self::MessageAdded => "message-added",
            Self::MessageHeld => "message-held",
            Self::HeldMessageReleased => "held-message-released",
            Self::AutomaticMailFiled => "automatic-mail-filed",
            Self::Acknowledged => "acknowledged",
            Self::LetterWritten => "letter-written",
            Self::LetterSent => "letter-sent",
            Self::LetterRefused => "letter-refused",
            Self::LetterWithdrawn => "letter-withdrawn",
            Self::Claimed => "claimed",
            Self::AnsweredElsewhere => "answered-elsewhere",
        }
    }
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The program itself, by a rule.
    Program,
    /// A committee member, by the salted hash of the address.
    Member(String),
    /// A party of the case, by its id.
    Party(String),
    /// Anybody from outside who is no party yet.
    Stranger,
}

impl Actor {
    /// The text that stands in the record.
    pub fn word(&self) -> String {
        match self {
            Self::Program => "program".to_owned(),
            Self::Member(hash) => format!("member:{hash}"),
            Self::Party(id) => format!("party:{id}"),
            Self::Stranger => "stranger".to_owned(),
        }
    }
}

/// One entry of a case's record before it is chained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEvent {
    pub kind: EventKind,
    pub at: Timestamp,
    pub actor: Actor,
    /// Ids and words only: a letter's id, a project's id, a reason from a fixed list.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_numbers_have_four_digits_and_grow_when_a_year_needs_more() {
        assert_eq!(CaseRef::new("SEC", 2026, 42).as_str(), "SEC-2026-0042");
        assert_eq!(CaseRef::new("SEC", 2026, 12_345).as_str(), "SEC-2026-12345");
    }
}
