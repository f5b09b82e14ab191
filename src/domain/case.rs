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
    /// The committee has answered it itself, and no project has it.
    Answered,
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
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }

    /// The state of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::New, Self::Triage, Self::Routed, Self::Answered, Self::Closed]
            .into_iter()
            .find(|state| state.word() == word)
    }

    /// Whether a project may be given this case now.
    pub fn may_be_forwarded(self) -> bool {
        self != Self::Closed
    }
}

/// Why a member has closed a case (STANDARDS.md 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Closing {
    Spam,
    NotSecurity,
    Duplicate,
    /// It concerns nobody here.
    NotOurs,
    Invalid,
    Resolved,
    Published,
    NoMaintainer,
    /// The reporter took it back.
    Withdrawn,
}

impl Closing {
    pub const ALL: [Self; 9] = [
        Self::Resolved,
        Self::Published,
        Self::NotSecurity,
        Self::NotOurs,
        Self::Duplicate,
        Self::Invalid,
        Self::Withdrawn,
        Self::NoMaintainer,
        Self::Spam,
    ];

    /// The word that stands in rows and forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::NotSecurity => "not-security",
            Self::Duplicate => "duplicate",
            Self::NotOurs => "not-ours",
            Self::Invalid => "invalid",
            Self::Resolved => "resolved",
            Self::Published => "published",
            Self::NoMaintainer => "no-maintainer",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The reason of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|closing| closing.word() == word)
    }

    /// The words on pages and in letters.
    pub fn words(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::NotSecurity => "not a security problem",
            Self::Duplicate => "reported before",
            Self::NotOurs => "not about a project of ours",
            Self::Invalid => "could not be confirmed",
            Self::Resolved => "fixed",
            Self::Published => "fixed and published",
            Self::NoMaintainer => "nobody maintains the project any more",
            Self::Withdrawn => "withdrawn by the reporter",
        }
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
    /// A member forwarded to the contacts that a project has now; its part and its clocks stay as they are.
    ForwardedAgain,
    /// The case waits for a member, with the reason.
    LeftToTriage,
    TwinArrived,
    MessageAdded,
    MessageHeld,
    HeldMessageReleased,
    AutomaticMailFiled,
    Acknowledged,
    /// A contact pressed the button once more: they are still there, and the progress follow-up starts anew.
    AcknowledgedAgain,
    LetterWritten,
    LetterSent,
    LetterRefused,
    LetterWithdrawn,
    Claimed,
    /// A member said what kind of mail it is, or took that back.
    KindCorrected,
    /// A member notes that a person has answered the reporter outside of this program.
    AnsweredElsewhere,
    /// A project says that it is not theirs.
    HandedBack,
    /// A project names others that it concerns as well.
    OthersNamed,
    /// A contact says that the reporter was answered outside of this program; the reporter is asked.
    SaidAnswered,
    /// What the reporter says to that.
    SaidAnsweredReplied,
    /// A member took it to a project that takes no mail.
    HandedOver,
    /// The committee answers in place of a silent project.
    TakenOver,
    /// A member or a contact wrote into a lane.
    WordsWritten,
    /// Words of one lane went to another, by one of the doors of DESIGN.md 3.3.
    PassedOn,
    /// An addition waits for a member, because the withheld identity cannot be cut.
    NotPassedOn,
    /// A person has answered the reporter: the first promise is kept.
    FirstReply,
    /// A step of a clock's ladder was told.
    ReminderDue,
    /// A step that was passed over because a higher one was due as well, or that a member skipped.
    StepSkipped,
    /// A member reminded a project's contacts and did not wait for the next step.
    Reminded,
    /// A member asked the board for help and did not wait for its step.
    BoardAsked,
    /// The board was told.
    Escalated,
    /// One of the board has taken it up.
    BoardOnIt,
    ClockPaused,
    /// The progress follow-up waits for the reporter, whom somebody has asked.
    WaitsForReporter,
    ClockResumed,
    /// A member silenced the reminders of a clock; no deadline moved.
    ClockSnoozed,
    ClockWoken,
    /// The human answer came back: its deadline counts again.
    ClockRestored,
    /// It seemed to start later than now, for the machine's clock was wrong: it starts now.
    ClockSetRight,
    /// The reporter changed what projects may know of them.
    SharingChanged,
    WithdrawnByReporter,
    /// The earlier links of a party no longer work.
    LinkRenewed,
    /// An address that the reporter left later has proven itself: letters go there from now on.
    AddressProven,
    /// Whoever has that mailbox says that it is not the reporter's.
    AddressRefused,
    /// The mail came out of quarantine.
    Released,
    Closed,
    Reopened,
    /// Letters to one address were stopped: two machines were answering each other.
    LoopStopped,
    /// A member chose another project than the judge had.
    JudgeCorrected,
    /// A member remembered a name that the report has for a project.
    NameRemembered,
    /// A member undid what the judge was taught by this case.
    KnowledgeUndone,
    /// A member says that it tells of the same flaw as an earlier case. Nothing else changes for either.
    Linked,
    Unlinked,
    /// A member says that it does not.
    NotTheSame,
    /// A member takes that back.
    MayBeTheSame,
    /// A member confirms that the flaw is used against people: reminders come in half the time.
    ExploitationConfirmed,
    ExploitationTakenBack,
    /// The case is kept from a member, who stepped aside or whom the chair named.
    ConflictDeclared,
    /// The member may read the case again.
    ConflictEnded,
    /// Original mail and files were erased, six months after the closing.
    OriginalsErased,
    /// All that people wrote was erased, 24 months after the closing.
    Erased,
    /// A member cut a line of the report that may tell who wrote it, for every project that gets it from then on.
    LineWithheld,
    /// Rows of the case were changed, and nothing said why: a flow forgot to.
    Changed,
}

impl EventKind {
    /// The word that stands in the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Judged => "judged",
            Self::ForwardDecided => "forward-decided",
            Self::ForwardedAgain => "forwarded-again",
            Self::LeftToTriage => "left-to-triage",
            Self::TwinArrived => "twin-arrived",
            Self::MessageAdded => "message-added",
            Self::MessageHeld => "message-held",
            Self::HeldMessageReleased => "held-message-released",
            Self::AutomaticMailFiled => "automatic-mail-filed",
            Self::Acknowledged => "acknowledged",
            Self::AcknowledgedAgain => "acknowledged-again",
            Self::LetterWritten => "letter-written",
            Self::LetterSent => "letter-sent",
            Self::LetterRefused => "letter-refused",
            Self::LetterWithdrawn => "letter-withdrawn",
            Self::Claimed => "claimed",
            Self::KindCorrected => "kind-corrected",
            Self::AnsweredElsewhere => "answered-elsewhere",
            Self::HandedBack => "handed-back",
            Self::OthersNamed => "others-named",
            Self::SaidAnswered => "said-answered",
            Self::SaidAnsweredReplied => "said-answered-replied",
            Self::HandedOver => "handed-over",
            Self::TakenOver => "taken-over",
            Self::WordsWritten => "words-written",
            Self::PassedOn => "passed-on",
            Self::NotPassedOn => "not-passed-on",
            Self::FirstReply => "first-reply",
            Self::ReminderDue => "reminder-due",
            Self::StepSkipped => "step-skipped",
            Self::Reminded => "reminded",
            Self::BoardAsked => "board-asked",
            Self::Escalated => "escalated",
            Self::BoardOnIt => "board-on-it",
            Self::ClockPaused => "clock-paused",
            Self::WaitsForReporter => "waits-for-reporter",
            Self::ClockResumed => "clock-resumed",
            Self::ClockSnoozed => "clock-snoozed",
            Self::ClockWoken => "clock-woken",
            Self::ClockRestored => "clock-restored",
            Self::ClockSetRight => "clock-set-right",
            Self::SharingChanged => "sharing-changed",
            Self::WithdrawnByReporter => "withdrawn-by-reporter",
            Self::LinkRenewed => "link-renewed",
            Self::AddressProven => "address-proven",
            Self::AddressRefused => "address-refused",
            Self::Released => "released",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::LoopStopped => "loop-stopped",
            Self::JudgeCorrected => "judge-corrected",
            Self::NameRemembered => "name-remembered",
            Self::KnowledgeUndone => "knowledge-undone",
            Self::Linked => "linked",
            Self::Unlinked => "unlinked",
            Self::NotTheSame => "not-the-same",
            Self::MayBeTheSame => "may-be-the-same",
            Self::ExploitationConfirmed => "exploitation-confirmed",
            Self::ExploitationTakenBack => "exploitation-taken-back",
            Self::ConflictDeclared => "conflict-declared",
            Self::ConflictEnded => "conflict-ended",
            Self::OriginalsErased => "originals-erased",
            Self::Erased => "erased",
            Self::LineWithheld => "line-withheld",
            Self::Changed => "changed",
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
