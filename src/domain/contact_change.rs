//! When a change of a project's contacts takes effect, and who has to speak before it does.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::contact::LINK_LIFE;
use crate::domain::id::ContactId;

/// A change that nobody consents to waits so long for an objection (DESIGN.md 3.6).
pub const CHANGE_WAITS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// As many members together stand in for an old contact that cannot answer.
pub const MEMBERS_TOGETHER: usize = 2;
/// Changes of one project that strangers may have under way at once: each writes to all of its contacts.
pub const CHANGES_AT_ONCE: usize = 3;

/// The way a change was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedThrough {
    /// The form on the project's page, open to anybody.
    Form,
    /// A contact's own link.
    Contact,
    /// `fingerpost projects import`, by the operator.
    Import,
}

impl AskedThrough {
    /// The word that stands in the row.
    pub fn word(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Contact => "contact",
            Self::Import => "import",
        }
    }

    /// The way of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Form, Self::Contact, Self::Import].into_iter().find(|way| way.word() == word)
    }
}

/// Who says something about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaker {
    Member(Mailbox),
    Contact(ContactId),
}

/// What one of them says; the last word of each counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    pub speaker: Speaker,
    pub is_for: bool,
    pub at: Timestamp,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// By a member, or by the mailbox itself: "Not me".
    Refused,
    Expired,
}

impl Outcome {
    /// The word that stands in rows and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }

    /// The outcome of a row's word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Done, Self::Refused, Self::Expired].into_iter().find(|outcome| outcome.word() == word)
    }
}

/// What somebody wants changed about a project's contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// One more contact.
    Add,
    /// A new address in the place of an old one.
    Replace,
    /// Other particulars of a contact, at the same address.
    Change,
    Remove,
}

impl ChangeKind {
    const ALL: [Self; 4] = [Self::Add, Self::Replace, Self::Change, Self::Remove];

    /// The word that stands in rows and forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Change => "change",
            Self::Remove => "remove",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What is known when a change is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeFacts {
    pub kind: ChangeKind,
    pub asked_at: Timestamp,
    /// The project has no contact yet.
    pub is_first_entry: bool,
    /// The contact itself asks, by a link that only its mailbox has.
    pub is_by_itself: bool,
    /// When the mailbox that would get reports proved itself.
    pub proven_at: Option<Timestamp>,
    /// When the last of the old contacts' letters left; `None` while one waits, or if none of them arrived.
    pub told_at: Option<Timestamp>,
    pub has_consent: bool,
    pub has_objection: bool,
    pub members_for: usize,
    /// The old contact cannot answer: it bounced, its domain is gone, it is unconfirmed, or a report to the project
    /// was escalated.
    pub old_is_dead: bool,
    /// Nobody who can be reached would be left.
    pub leaves_nobody: bool,
}

/// Whether a change takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Now(Ground),
    /// Unless an old contact objects.
    At(Timestamp),
    WaitsFor(WaitsFor),
    /// Nobody confirmed or decided in time.
    Expired,
}

/// Why a change took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The contact itself asked for it.
    Itself,
    /// A first entry that a member approved.
    Member,
    Consent,
    TwoMembers,
    /// All old contacts were told, and none objected within a week.
    Silence,
}

impl Ground {
    /// The word that stands in the row.
    pub fn word(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Member => "member",
            Self::Consent => "consent",
            Self::TwoMembers => "two-members",
            Self::Silence => "silence",
        }
    }
}

/// Who has to act before a change can take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// The new mailbox, by the link that it got.
    Mailbox,
    /// One member: a first entry.
    OneMember,
    TwoMembers,
    /// An old contact's consent.
    Consent,
    /// The letters to the old contacts have not all left.
    Telling,
    /// Another contact, for without this one nobody would be left.
    AnotherContact,
}

impl ChangeFacts {
    /// Whether the change takes effect at `now` (DESIGN.md 3.6).
    ///
    /// An objection outweighs a consent and ends the wait: then it is for two members to decide, so that neither a
    /// stolen new mailbox nor a stolen old one decides alone. A removal never takes effect by silence, for nobody
    /// has proven anything for it.
    pub fn effect(&self, now: Timestamp) -> Effect {
        match self.kind {
            ChangeKind::Remove => self.removal(now),
            _ => self.entry(now),
        }
    }

    fn removal(&self, now: Timestamp) -> Effect {
        let two_members = self.members_for >= MEMBERS_TOGETHER;
        let ground = match (self.is_by_itself, self.has_objection) {
            (true, _) => return Effect::Now(Ground::Itself),
            (false, true) => two_members.then_some(Ground::TwoMembers),
            (false, false) if self.has_consent => Some(Ground::Consent),
            (false, false) => (two_members && self.old_is_dead).then_some(Ground::TwoMembers),
        };
        match ground {
            Some(_) if self.leaves_nobody => Effect::WaitsFor(WaitsFor::AnotherContact),
            Some(ground) => Effect::Now(ground),
            None if self.has_objection || self.old_is_dead => Effect::WaitsFor(WaitsFor::TwoMembers),
            None if now >= self.asked_at + LINK_LIFE => Effect::Expired,
            None => Effect::WaitsFor(WaitsFor::Consent),
        }
    }

    fn entry(&self, now: Timestamp) -> Effect {
        let Some(proven_at) = self.proven_at else {
            return if now >= self.asked_at + LINK_LIFE {
                Effect::Expired
            } else {
                Effect::WaitsFor(WaitsFor::Mailbox)
            };
        };
        let two_members = self.members_for >= MEMBERS_TOGETHER;
        if self.is_by_itself {
            return Effect::Now(Ground::Itself);
        }
        if self.is_first_entry {
            return if self.members_for > 0 {
                Effect::Now(Ground::Member)
            } else {
                Effect::WaitsFor(WaitsFor::OneMember)
            };
        }
        match (self.has_objection, self.old_is_dead) {
            (true, _) if two_members => Effect::Now(Ground::TwoMembers),
            (true, _) => Effect::WaitsFor(WaitsFor::TwoMembers),
            (false, _) if self.has_consent => Effect::Now(Ground::Consent),
            (false, true) if two_members => Effect::Now(Ground::TwoMembers),
            (false, _) => match self.told_at {
                Some(told_at) => after_the_wait(told_at.max(proven_at), now),
                None if self.old_is_dead => Effect::WaitsFor(WaitsFor::TwoMembers),
                None => Effect::WaitsFor(WaitsFor::Telling),
            },
        }
    }
}

fn after_the_wait(since: Timestamp, now: Timestamp) -> Effect {
    let end = since + CHANGE_WAITS;
    if now >= end { Effect::Now(Ground::Silence) } else { Effect::At(end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(count: i64) -> Timestamp {
        let start: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
        start + SignedDuration::from_hours(24 * count)
    }

    fn change(kind: ChangeKind) -> ChangeFacts {
        ChangeFacts {
            kind,
            asked_at: day(0),
            is_first_entry: false,
            is_by_itself: false,
            proven_at: None,
            told_at: Some(day(0)),
            has_consent: false,
            has_objection: false,
            members_for: 0,
            old_is_dead: false,
            leaves_nobody: false,
        }
    }

    #[test]
    fn nothing_enters_before_its_mailbox_is_proven_whoever_speaks_for_it() {
        for kind in [ChangeKind::Add, ChangeKind::Replace, ChangeKind::Change] {
            for is_first_entry in [false, true] {
                let facts = ChangeFacts {
                    is_first_entry,
                    is_by_itself: true,
                    has_consent: true,
                    members_for: 9,
                    old_is_dead: true,
                    ..change(kind)
                };
                assert_eq!(facts.effect(day(13)), Effect::WaitsFor(WaitsFor::Mailbox), "{kind:?}");
                assert_eq!(facts.effect(day(14)), Effect::Expired, "{kind:?}");
            }
        }
    }

    #[test]
    fn a_proven_entry_takes_effect_as_the_design_says_and_not_before() {
        use Effect::{At, Now, WaitsFor as Waits};
        let proven = ChangeFacts { proven_at: Some(day(2)), ..change(ChangeKind::Add) };
        let table = [
            (
                "a first entry waits for one member",
                ChangeFacts { is_first_entry: true, ..proven },
                Waits(WaitsFor::OneMember),
            ),
            ("who approves it", ChangeFacts { is_first_entry: true, members_for: 1, ..proven }, Now(Ground::Member)),
            ("a change waits a week from the proof", proven, At(day(9))),
            ("or from the last letter", ChangeFacts { told_at: Some(day(3)), ..proven }, At(day(10))),
            ("which must have left", ChangeFacts { told_at: None, ..proven }, Waits(WaitsFor::Telling)),
            ("one consents", ChangeFacts { has_consent: true, ..proven }, Now(Ground::Consent)),
            (
                "two members are not enough while the old one lives",
                ChangeFacts { members_for: 2, ..proven },
                At(day(9)),
            ),
            (
                "but they are when it is dead",
                ChangeFacts { members_for: 2, old_is_dead: true, ..proven },
                Now(Ground::TwoMembers),
            ),
            ("one is not", ChangeFacts { members_for: 1, old_is_dead: true, ..proven }, At(day(9))),
            (
                "a dead one that could not be told",
                ChangeFacts { told_at: None, old_is_dead: true, ..proven },
                Waits(WaitsFor::TwoMembers),
            ),
            ("an objection ends the wait", ChangeFacts { has_objection: true, ..proven }, Waits(WaitsFor::TwoMembers)),
            (
                "and outweighs a consent",
                ChangeFacts { has_objection: true, has_consent: true, ..proven },
                Waits(WaitsFor::TwoMembers),
            ),
            (
                "until two members decide",
                ChangeFacts { has_objection: true, members_for: 2, ..proven },
                Now(Ground::TwoMembers),
            ),
            ("the contact itself", ChangeFacts { is_by_itself: true, ..proven }, Now(Ground::Itself)),
        ];
        for (name, facts, effect) in table {
            assert_eq!(facts.effect(day(4)), effect, "{name}");
        }
        assert_eq!(proven.effect(day(9)), Now(Ground::Silence));
        assert_eq!(ChangeFacts { has_objection: true, ..proven }.effect(day(99)), Waits(WaitsFor::TwoMembers));
    }

    #[test]
    fn nobody_is_removed_by_silence_and_the_last_one_only_by_itself() {
        use Effect::{Expired, Now, WaitsFor as Waits};
        let asked = change(ChangeKind::Remove);
        let table = [
            ("it waits for a consent", asked, Waits(WaitsFor::Consent)),
            ("that comes", ChangeFacts { has_consent: true, ..asked }, Now(Ground::Consent)),
            (
                "members alone do not remove a living one",
                ChangeFacts { members_for: 2, ..asked },
                Waits(WaitsFor::Consent),
            ),
            (
                "a dead one waits for two members",
                ChangeFacts { old_is_dead: true, ..asked },
                Waits(WaitsFor::TwoMembers),
            ),
            ("who come", ChangeFacts { old_is_dead: true, members_for: 2, ..asked }, Now(Ground::TwoMembers)),
            (
                "an objection outweighs a consent",
                ChangeFacts { has_objection: true, has_consent: true, ..asked },
                Waits(WaitsFor::TwoMembers),
            ),
            (
                "the last one stays",
                ChangeFacts { has_consent: true, leaves_nobody: true, ..asked },
                Waits(WaitsFor::AnotherContact),
            ),
            (
                "two members or not",
                ChangeFacts { old_is_dead: true, members_for: 2, leaves_nobody: true, ..asked },
                Waits(WaitsFor::AnotherContact),
            ),
            (
                "unless it leaves by itself",
                ChangeFacts { is_by_itself: true, leaves_nobody: true, ..asked },
                Now(Ground::Itself),
            ),
        ];
        for (name, facts, effect) in table {
            assert_eq!(facts.effect(day(8)), effect, "{name}");
        }
        assert_eq!(asked.effect(day(14)), Expired);
    }
}
