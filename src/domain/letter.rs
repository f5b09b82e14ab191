//! An outgoing mail: what kind it is, whether it is held, and when it is due.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::id::{CaseId, HandlingId, LetterId, MessageId, PartyId};

/// What a letter is for (UX.md section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// M1: our automatic confirmation to the reporter.
    Receipt,
    /// M3: a report on its way to a project's contact.
    Forward,
    /// M7: a letter of ours was refused; to the committee.
    Bounce,
    /// M12: a sign-in link.
    SignIn,
    /// To the contact's own address: was this mail yours?
    ConfirmReply,
    /// A project has confirmed: to the reporter, naming the act.
    Confirmed,
    /// M2: a member's words to the reporter.
    MemberReply,
    /// A contact's words to the reporter, through us.
    ContactReply,
    /// A member's words to a project's contact.
    ToProject,
    /// What the reporter added, to a project's contact.
    Addition,
    /// To the reporter: did the project answer you?
    AskedAnswered,
    /// M4: to a contact who has not confirmed.
    Reminder,
    /// To members: a promise or follow-up of ours runs out.
    MemberReminder,
    /// M5: the morning's list, to the committee.
    Digest,
    /// M6: to the board, without content.
    Escalation,
    /// To the rest of the board: one of you has taken it up.
    BoardOnIt,
    /// To the reporter: the project has not answered, and what we do.
    Silence,
    /// M8: to a sender whose messages are not what this address is for.
    Warning,
    /// M9: to a sender whose messages are paused.
    Ban,
    /// M10: to a new contact, to prove its mailbox.
    Verify,
    /// M11: to a contact, still there?
    Quarterly,
    /// To the contacts of a project, or the committee: a contact changes or does not answer.
    ContactNotice,
    /// M13: a member's words to the reporter when a case is closed.
    Closing,
    /// To the reporter: the new private link.
    NewLink,
    /// To an address that a reporter left later: is it yours? Nothing else goes there before.
    ProveAddress,
    /// To a reporter whose address has proven itself: we write to you here from now on.
    AddressTaken,
    /// To a reporter who lost the private links.
    LostLink,
    /// To ourselves: does mail come in?
    LoopTest,
    /// To members: the draft of a quarter's report is there, or waits for the chair.
    QuarterDraft,
    /// M14, to the board: a quarter's report, or that it is late.
    Quarter,
    /// To the operator: the machine's clock jumped.
    ClockJumped,
}

impl LetterKind {
    pub const ALL: [Self; 31] = [
        Self::Receipt,
        Self::Forward,
        Self::Bounce,
        Self::SignIn,
        Self::ConfirmReply,
        Self::Confirmed,
        Self::MemberReply,
        Self::ContactReply,
        Self::ToProject,
        Self::Addition,
        Self::AskedAnswered,
        Self::Reminder,
        Self::MemberReminder,
        Self::Digest,
        Self::Escalation,
        Self::BoardOnIt,
        Self::Silence,
        Self::Warning,
        Self::Ban,
        Self::Verify,
        Self::Quarterly,
        Self::ContactNotice,
        Self::Closing,
        Self::NewLink,
        Self::ProveAddress,
        Self::AddressTaken,
        Self::LostLink,
        Self::LoopTest,
        Self::QuarterDraft,
        Self::Quarter,
        Self::ClockJumped,
    ];

    /// The word that stands in rows and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Forward => "forward",
            Self::Bounce => "bounce",
            Self::SignIn => "sign-in",
            Self::ConfirmReply => "confirm-reply",
            Self::Confirmed => "confirmed",
            Self::MemberReply => "member-reply",
            Self::ContactReply => "contact-reply",
            Self::ToProject => "to-project",
            Self::Addition => "addition",
            Self::AskedAnswered => "asked-answered",
            Self::Reminder => "reminder",
            Self::MemberReminder => "member-reminder",
            Self::Digest => "digest",
            Self::Escalation => "escalation",
            Self::BoardOnIt => "board-on-it",
            Self::Silence => "silence",
            Self::Warning => "warning",
            Self::Ban => "ban",
            Self::Verify => "verify",
            Self::Quarterly => "quarterly",
            Self::ContactNotice => "contact-notice",
            Self::Closing => "closing",
            Self::NewLink => "new-link",
            Self::ProveAddress => "prove-address",
            Self::AddressTaken => "address-taken",
            Self::LostLink => "lost-link",
            Self::LoopTest => "loop-test",
            Self::QuarterDraft => "quarter-draft",
            Self::Quarter => "quarter",
            Self::ClockJumped => "clock-jumped",
        }
    }

    /// What it is, for a person who reads a list of letters.
    pub fn title(self) -> &'static str {
        match self {
            Self::Receipt => "Receipt",
            Self::Forward => "Report to a project",
            Self::Bounce => "A letter came back",
            Self::SignIn => "Sign-in link",
            Self::ConfirmReply => "Was this mail yours?",
            Self::Confirmed => "The project has confirmed",
            Self::MemberReply => "Answer of the committee",
            Self::ContactReply => "Answer of the project",
            Self::ToProject => "To the project",
            Self::Addition => "Added by the reporter",
            Self::AskedAnswered => "Did the project answer you?",
            Self::Reminder => "Reminder to a project",
            Self::MemberReminder => "Reminder to the committee",
            Self::Digest => "Morning list",
            Self::Escalation => "Escalation to the board",
            Self::BoardOnIt => "One of the board is on it",
            Self::Silence => "The project is silent",
            Self::Warning => "Warning",
            Self::Ban => "Pause of a sender",
            Self::Verify => "Proof of a mailbox",
            Self::Quarterly => "Still a contact?",
            Self::ContactNotice => "News of a contact",
            Self::Closing => "Closing",
            Self::NewLink => "New private link",
            Self::ProveAddress => "Is this address yours?",
            Self::AddressTaken => "Address proven",
            Self::LostLink => "Lost private links",
            Self::LoopTest => "Loop test",
            Self::QuarterDraft => "Draft of a quarter",
            Self::Quarter => "Report on a quarter",
            Self::ClockJumped => "The clock jumped",
        }
    }

    /// The kind of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The `Auto-Submitted` field (RFC 3834 section 5); none on what carries a person's words.
    pub fn auto_submitted(self) -> Option<&'static str> {
        match self {
            Self::Receipt => Some("auto-replied"),
            Self::Forward
            | Self::MemberReply
            | Self::ContactReply
            | Self::ToProject
            | Self::Addition
            | Self::Closing => None,
            _ => Some("auto-generated"),
        }
    }

    /// Whether it waits `routing.hold` in the outbox, where "Stop sending" withdraws it.
    pub fn is_held_back(self) -> bool {
        matches!(
            self,
            Self::Forward | Self::MemberReply | Self::ContactReply | Self::ToProject | Self::Addition | Self::Closing
        )
    }

    /// Whether it stands in the one thread of its case and lane that a party sees; the others are about something else
    /// and keep their own subject.
    pub fn is_in_the_thread(self) -> bool {
        let to_reporters = matches!(self, Self::Receipt | Self::Confirmed | Self::MemberReply | Self::ContactReply)
            || matches!(self, Self::AskedAnswered | Self::Silence | Self::Closing | Self::AddressTaken);
        let to_projects = matches!(self, Self::Forward | Self::ToProject | Self::Addition | Self::Reminder);
        to_reporters || to_projects
    }

    /// Whether it carries a person's answer to the reporter: the relay's 250 for it keeps the first promise, and its
    /// bounce restores the deadline (DESIGN.md 3.4).
    pub fn is_human_answer(self) -> bool {
        matches!(self, Self::MemberReply | Self::ContactReply | Self::Closing)
    }
}

/// A finished letter: frozen bytes and envelope, so that a retry is identical.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub id: LetterId,
    pub kind: LetterKind,
    pub case: Option<CaseId>,
    pub handling: Option<HandlingId>,
    /// The party it is written to, if its recipient is one.
    pub party: Option<PartyId>,
    /// The message whose words it carries.
    pub said_in: Option<MessageId>,
    /// The one envelope recipient. The return path is derived from the letter's id when it leaves.
    pub recipient: Mailbox,
    /// Without angle brackets; the same on every try.
    pub message_id: String,
    pub subject: String,
    /// The whole message, strict CRLF.
    pub bytes: Vec<u8>,
    pub created_at: Timestamp,
    /// Not before this moment.
    pub due_at: Timestamp,
}

/// No letter waits longer than this before it may leave: a hold and a reminder wait a day at most.
pub const WAITS_AT_MOST: SignedDuration = SignedDuration::from_hours(24);

/// When a letter of `kind` that is written at `now` may leave.
pub fn due_at(kind: LetterKind, now: Timestamp, hold: SignedDuration) -> Timestamp {
    if kind.is_held_back() { now + hold } else { now }
}
