//! Delivery reports: what another server says became of a letter, and what of it counts.

mod phrases;
mod reason;

use crate::domain::address::Mailbox;

pub use reason::{Command, Reason, Said};

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
    /// Why, of a failure or delay.
    pub reason: Reason,
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
    /// The ENVID that we gave it (RFC 3461), which names its return path.
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
        Notice { recipients, fate, reason: Reason::Unsaid, status: None, words: String::new() }
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
