//! Whether machines answer each other by way of us: bounded by address, by domain and by subject (STANDARDS.md 1.4).
//!
//! Marked answers are never answered at all (RFC 3834). This is for those that carry no mark: a responder that looks
//! like a person, a ticket system with a new address for each ticket, a list that sends our letters back.

use crate::domain::report::IncomingMail;

/// Mails to the security address in a day that answer letters of ours, from one address.
pub const ANSWERS_PER_ADDRESS_A_DAY: i64 = 3;
/// The same from one domain.
pub const ANSWERS_PER_DOMAIN_A_DAY: i64 = 10;
/// The same with one subject, from whomever. Mails that answer nothing of ours are not counted: many reports have
/// the same two words for a subject, and nobody may keep others unheard by writing them first.
pub const SAME_SUBJECT_A_DAY: i64 = 10;

/// Mails with one subject and a number in it, from one domain: a ticket system that keeps nothing of our letter and
/// writes from a new address each time. Without a number it may be ten people at a large provider.
pub const NUMBERED_SUBJECT_A_DAY: i64 = 10;

/// Characters of a subject that it is recognized by.
const KEY_MAX: usize = 200;

/// Why a mail is taken for a round of a loop: no letter goes out because of it, and a person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Round {
    #[error("{SAME_SUBJECT_A_DAY} answers to letters of ours came with this subject within a day")]
    Subject,
    #[error("this address answered {ANSWERS_PER_ADDRESS_A_DAY} letters of ours to the security address within a day")]
    Address,
    #[error("this domain answered {ANSWERS_PER_DOMAIN_A_DAY} letters of ours to the security address within a day")]
    Domain,
    #[error(
        "{NUMBERED_SUBJECT_A_DAY} mails with this subject, each with another number, came from this domain within a day"
    )]
    Numbered,
}

impl Round {
    /// The word that stands in the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Address => "address",
            Self::Domain => "domain",
            Self::Numbered => "numbered",
        }
    }
}

/// How many mails with the subject of this one opened a case in the last day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SameSubject {
    pub in_all: i64,
    /// Of these, from the same domain.
    pub of_domain: i64,
}

/// How many mails with one of our case numbers in the subject opened a case in the last day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    pub of_address: i64,
    pub of_domain: i64,
}

/// Whether a subject has a number in it, which a ticket system changes each time.
pub fn is_numbered(subject_key: &str) -> bool {
    subject_key.contains('#')
}

/// Whether a mail that answers no letter of ours is one round too many all the same.
pub fn goes_round_unasked(subject_key: Option<&str>, same: SameSubject) -> Option<Round> {
    let is_one_more = subject_key.is_some_and(is_numbered) && same.of_domain >= NUMBERED_SUBJECT_A_DAY;
    is_one_more.then_some(Round::Numbered)
}

/// Whether a mail that answers a letter of ours is one round too many.
pub fn goes_round(same: SameSubject, answers: Answers) -> Option<Round> {
    if same.in_all >= SAME_SUBJECT_A_DAY {
        Some(Round::Subject)
    } else if answers.of_address >= ANSWERS_PER_ADDRESS_A_DAY {
        Some(Round::Address)
    } else if answers.of_domain >= ANSWERS_PER_DOMAIN_A_DAY {
        Some(Round::Domain)
    } else {
        None
    }
}

/// A subject as it is recognized again: lower case, each number a `#`, without reply prefixes. `None` if nothing is left.
pub fn subject_key(subject: &str) -> Option<String> {
    let mut key = String::new();
    for c in subject.chars().flat_map(char::to_lowercase) {
        match c {
            c if c.is_numeric() && key.ends_with('#') => {}
            c if c.is_numeric() => key.push('#'),
            c if c.is_whitespace() && (key.is_empty() || key.ends_with(' ')) => {}
            c if c.is_whitespace() => key.push(' '),
            c => key.push(c),
        }
    }
    let mut rest = key.trim();
    while let Some(shorter) = ["re:", "aw:", "fwd:", "fw:", "wg:", "sv:"].iter().find_map(|p| rest.strip_prefix(p)) {
        rest = shorter.trim_start();
    }
    let cut: String = rest.chars().take(KEY_MAX).collect();
    (!cut.is_empty()).then_some(cut)
}

/// Our case numbers as they stand in a subject's key: `[sec-#-#]`.
pub fn number_key(case_prefix: &str) -> String {
    format!("[{}-#-#]", case_prefix.to_lowercase())
}

/// Whether `mail` answers a letter of ours, as far as a hint tells it: a case number, or a Message-ID of our domain.
pub fn answers_us(mail: &IncomingMail, case_prefix: &str, our_domain: &str) -> bool {
    let names_a_case = subject_key(&mail.subject).is_some_and(|key| key.contains(&number_key(case_prefix)));
    let is_ours = |id: &String| id.rsplit_once('@').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(our_domain));
    names_a_case || mail.references.iter().any(is_ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_recognized_whatever_numbers_and_prefixes_it_gains() {
        let table = [
            ("Re: [SEC-2026-0001] We have your report", Some("[sec-#-#] we have your report")),
            ("RE: AW:  [SEC-2026-0812]  We have\tyour report ", Some("[sec-#-#] we have your report")),
            ("[Ticket#4711] received", Some("[ticket#] received")),
            ("re:", None),
            ("", None),
        ];
        for (subject, key) in table {
            assert_eq!(subject_key(subject).as_deref(), key, "{subject}");
        }
        assert_eq!(subject_key(&"x".repeat(500)).unwrap().len(), KEY_MAX);
        assert!(subject_key("Re: [SEC-2026-0001] x").unwrap().contains(&number_key("SEC")));
    }

    #[test]
    fn a_ticket_system_that_quotes_nothing_of_ours_is_known_by_its_numbers() {
        let same = |of_domain| SameSubject { in_all: 100, of_domain };
        let ticket = subject_key("[Ticket#4711] Thank you for your mail");
        assert_eq!(goes_round_unasked(ticket.as_deref(), same(10)), Some(Round::Numbered));
        assert_eq!(goes_round_unasked(ticket.as_deref(), same(9)), None);
        assert_eq!(goes_round_unasked(subject_key("Security vulnerability").as_deref(), same(100)), None);
        assert_eq!(goes_round_unasked(None, same(100)), None);
    }

    #[test]
    fn each_bound_stops_by_itself() {
        let table = [
            ((0, 0, 0), None),
            ((9, 2, 9), None),
            ((10, 0, 0), Some(Round::Subject)),
            ((0, 3, 3), Some(Round::Address)),
            ((0, 0, 10), Some(Round::Domain)),
        ];
        for ((in_all, of_address, of_domain), round) in table {
            let same = SameSubject { in_all, of_domain: in_all };
            assert_eq!(goes_round(same, Answers { of_address, of_domain }), round, "{in_all} {of_address} {of_domain}");
        }
    }
}
