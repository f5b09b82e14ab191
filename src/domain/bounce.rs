//! Delivery reports: what another server says became of a letter, and what of it counts.

use crate::domain::address::Mailbox;

/// What became of a message for one recipient; of several the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Delivered, relayed or expanded: evidence that it arrived, never an acknowledgement.
    Delivered,
    /// Somebody goes on trying.
    Delayed,
    /// Given up for a reason that may pass: a full mailbox, a policy, a server that was away for days.
    Soft,
    /// Given up because the address itself leads nowhere.
    Hard,
}

/// Statuses of an address that leads nowhere: no such mailbox, no such system, moved, null MX (RFC 3463, RFC 7505).
const DEAD: [&str; 6] = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"];

/// Words of a refusal that may pass, in lower case.
const MAY_PASS: [&str; 30] = [
    "mailbox full",
    "mailbox is full",
    "inbox is full",
    "quota",
    "over limit",
    "exceeds",
    "exceeded",
    "too large",
    "too big",
    "spam",
    "blocked",
    "block list",
    "blacklist",
    "blocklist",
    "reputation",
    "policy",
    "greylist",
    "timed out",
    "timeout",
    "try again",
    "temporar",
    "too many",
    "virus",
    "content rejected",
    "access denied",
    "not authorized",
    "relaying denied",
    "insufficient",
    "loop",
    "queue too long",
];

/// Words of a server that knows no such recipient, in lower case.
const LEADS_NOWHERE: [&str; 26] = [
    "user unknown",
    "unknown user",
    "unknown address",
    "unknown recipient",
    "unknown local",
    "recipient unknown",
    "no such user",
    "no such recipient",
    "no such address",
    "no such mailbox",
    "no mailbox here",
    "not a known user",
    "not listed in",
    "does not exist",
    "doesn't exist",
    "doesn't have a",
    "couldn't be found",
    "could not be found",
    "wasn't found",
    "not found",
    "invalid recipient",
    "invalid mailbox",
    "unrouteable address",
    "host unknown",
    "no longer",
    "account is disabled",
];

impl Fate {
    /// The word that stands in the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Delayed => "delayed",
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }

    /// The kind of a failure, from its RFC 3463 status and the other server's words.
    ///
    /// The words decide before the status: servers answer `5.1.1` for a full mailbox and `5.7.1` for a user who
    /// left. What neither says is taken for one that may pass, for only a dead address harms a contact's standing.
    pub fn of_failure(status: Option<&str>, words: &str) -> Self {
        let words = words.to_lowercase();
        let is_transient = status.is_some_and(|status| status.starts_with('4'));
        if is_transient || MAY_PASS.iter().any(|phrase| words.contains(phrase)) {
            return Self::Soft;
        }
        let is_dead = status.is_some_and(|status| DEAD.contains(&status));
        if is_dead || LEADS_NOWHERE.iter().any(|phrase| words.contains(phrase)) { Self::Hard } else { Self::Soft }
    }

    /// Whether the message will not come any more.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Soft | Self::Hard)
    }
}

/// What a report says of one recipient (RFC 3464 section 2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The recipient's names: the final and the original one. Empty where the report names none.
    pub recipients: Vec<Mailbox>,
    pub fate: Fate,
    /// RFC 3463, `5.1.1`.
    pub status: Option<String>,
    /// What the other server said, on one line: a stranger's words.
    pub words: String,
}

/// A delivery report: RFC 3464, or an older server's own form of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    pub notices: Vec<Notice>,
    /// Of the message that it is about, without angle brackets.
    pub message_id: Option<String>,
    /// The ENVID that we gave it (RFC 3461).
    pub envelope_id: Option<String>,
}

impl DeliveryReport {
    /// What it says of a letter to `recipient`. A notice that names other addresses alone says nothing of it: one
    /// reader of an alias being gone does not make the letter lost. Of several notices the worst counts.
    pub fn of(&self, recipient: &Mailbox) -> Option<&Notice> {
        let worst = |is_meant: &dyn Fn(&Notice) -> bool| {
            self.notices.iter().filter(|notice| is_meant(notice)).max_by_key(|notice| notice.fate)
        };
        worst(&|notice| notice.recipients.contains(recipient)).or_else(|| worst(&|notice| notice.recipients.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(recipient: Option<&str>, fate: Fate) -> Notice {
        let recipients = recipient.map(|one| Mailbox::parse(one).unwrap()).into_iter().collect();
        Notice { recipients, fate, status: None, words: String::new() }
    }

    #[test]
    fn a_dead_address_is_told_from_one_that_refuses_for_now() {
        let table = [
            (Some("5.1.1"), "550 5.1.1 <old@larkspur.example>: user unknown", Fate::Hard),
            (Some("5.1.1"), "552 5.1.1 mailbox full", Fate::Soft),
            (Some("5.7.1"), "550 5.7.1 No such user here", Fate::Hard),
            (Some("5.7.1"), "550 5.7.1 message rejected by local policy", Fate::Soft),
            (Some("5.4.4"), "", Fate::Hard),
            (Some("4.4.4"), "host unknown", Fate::Soft),
            (None, "", Fate::Soft),
        ];
        for (status, words, fate) in table {
            assert_eq!(Fate::of_failure(status, words), fate, "{status:?} {words}");
        }
    }

    #[test]
    fn only_what_names_the_recipient_or_nobody_is_about_the_letter_and_the_worst_of_it_counts() {
        let kim = Mailbox::parse("kim@larkspur.example").unwrap();
        let fate = |notices: &[Notice]| {
            let report = DeliveryReport { notices: notices.to_vec(), ..DeliveryReport::default() };
            report.of(&kim).map(|notice| notice.fate)
        };
        assert_eq!(fate(&[]), None);
        assert_eq!(fate(&[notice(Some("old@larkspur.example"), Fate::Hard)]), None);
        assert_eq!(fate(&[notice(None, Fate::Soft)]), Some(Fate::Soft));
        let both = [notice(None, Fate::Hard), notice(Some("KIM@larkspur.example"), Fate::Delivered)];
        assert_eq!(fate(&both), Some(Fate::Delivered), "what names it comes before what names nobody");
        let two =
            [notice(Some("kim@larkspur.example"), Fate::Delayed), notice(Some("kim@larkspur.example"), Fate::Hard)];
        assert_eq!(fate(&two), Some(Fate::Hard));
    }
}
