//! A project's contacts: when they are asked to prove themselves, and when a change of them takes effect.
//!
//! Everything here is a function of what is known and a time; letters, links and rows are the flows' work.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::domain::address::Mailbox;
use crate::domain::directory::{Absence, ProjectId};

const DAY_HOURS: i64 = 24;
/// A proof holds this long, then the contact is asked again: the quarterly question.
pub const PROOF_LASTS: SignedDuration = SignedDuration::from_hours(90 * DAY_HOURS);
/// A question without an answer is repeated after this long, and its link lives as long (DESIGN.md 3.3).
pub const LINK_LIFE: SignedDuration = SignedDuration::from_hours(14 * DAY_HOURS);
/// The contacts of a fresh installation are asked one by one within this time, so that their mail servers do not
/// take the first letters of a new sender for a wave of spam.
pub const FIRST_ASKS_WITHIN: SignedDuration = SignedDuration::from_hours(7 * DAY_HOURS);

/// What is known of a contact's proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// When it became a contact here.
    pub listed_at: Timestamp,
    /// When it last showed that somebody is there.
    pub proven_at: Option<Timestamp>,
    /// Questions since then.
    pub asks: i64,
    pub asked_at: Option<Timestamp>,
    /// Set with the second question: when the contact counts as unconfirmed if nothing is heard.
    pub runs_out_at: Option<Timestamp>,
    /// The committee was told that it did.
    pub told_at: Option<Timestamp>,
}

/// How sure we are that somebody is there (UX.md 3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Named in the file, never proven: used as configured.
    Listed,
    Confirmed {
        on: Timestamp,
    },
    /// The question is out, and the earlier standing still holds.
    Asked {
        /// The last proof, if there ever was one.
        on: Option<Timestamp>,
        asked_at: Timestamp,
    },
    /// Gets links, not reports.
    Unconfirmed {
        since: Timestamp,
    },
}

impl Standing {
    /// Whether only links go there.
    pub fn is_unconfirmed(self) -> bool {
        matches!(self, Self::Unconfirmed { .. })
    }
}

/// What falls due for a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Send the question.
    Question,
    /// Two questions were not answered: links only from now on, and the committee is told.
    Doubt,
    /// Nothing before that moment.
    NotBefore(Timestamp),
}

impl Proof {
    /// Of a contact that is new here.
    pub fn listed(at: Timestamp) -> Self {
        Self { listed_at: at, proven_at: None, asks: 0, asked_at: None, runs_out_at: None, told_at: None }
    }

    /// The same contact after a proof at `now`: as new, and nothing is asked for a quarter.
    pub fn proven(self, now: Timestamp) -> Self {
        Self { proven_at: Some(now), ..Self::listed(self.listed_at) }
    }

    /// The same contact after one more question at `now`. The second one sets the term: a quarter without a proof,
    /// and never less than the time that an answer may take.
    pub fn asked(self, now: Timestamp) -> Self {
        let runs_out_at = if self.asks == 0 { None } else { self.runs_out_at.or(Some(self.term(now + LINK_LIFE))) };
        Self { asks: self.asks + 1, asked_at: Some(now), runs_out_at, ..self }
    }

    /// By when an answer to a question sent at `now` is wanted, as the letter says it.
    pub fn answer_by(&self, now: Timestamp) -> Timestamp {
        match (self.asks, self.runs_out_at) {
            (0, _) => self.term(now + LINK_LIFE + LINK_LIFE),
            (_, Some(term)) if term > now => term,
            _ => self.term(now + LINK_LIFE),
        }
    }

    fn term(&self, at_least: Timestamp) -> Timestamp {
        at_least.max(self.proven_at.unwrap_or(self.listed_at) + PROOF_LASTS)
    }

    /// How sure we are at `now`.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match (self.runs_out_at, self.asked_at, self.proven_at) {
            (Some(since), _, _) if since <= now => Standing::Unconfirmed { since },
            (_, Some(asked_at), on) if self.asks > 0 => Standing::Asked { on, asked_at },
            (_, _, Some(on)) => Standing::Confirmed { on },
            _ => Standing::Listed,
        }
    }

    /// What falls due at `now`. `first_ask` is how long after its listing a new contact is first asked.
    pub fn due(&self, first_ask: SignedDuration, now: Timestamp) -> Due {
        let doubt = self.runs_out_at.filter(|_| self.told_at.is_none());
        let question = match (self.asks, self.asked_at) {
            (0, _) | (_, None) => self.proven_at.map_or(self.listed_at + first_ask, |at| at + PROOF_LASTS),
            (1, Some(at)) => at + LINK_LIFE,
            (_, Some(at)) => at + PROOF_LASTS,
        };
        match doubt {
            Some(at) if at <= now => Due::Doubt,
            _ if question <= now => Due::Question,
            Some(at) => Due::NotBefore(at.min(question)),
            None => Due::NotBefore(question),
        }
    }
}

/// How long after its listing this contact is first asked: the same for each node and start, spread over a week.
pub fn first_ask(project: &ProjectId, contact: &Mailbox) -> SignedDuration {
    let hash = Sha256::digest(format!("{project} {}", contact.folded()));
    let luck = u32::from_be_bytes(hash[..4].try_into().expect("a SHA-256 has more than four bytes"));
    SignedDuration::from_secs(i64::from(luck) % FIRST_ASKS_WITHIN.as_secs())
}

/// Why nothing is sent to a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneDomain {
    pub since: Timestamp,
    /// A sentence: "The domain does not exist."
    pub because: String,
    /// It takes mail again; whether the same people have it, a member decides.
    pub back_at: Option<Timestamp>,
}

/// How a contact does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub proof: Proof,
    /// Since the last proof.
    pub bounces: i64,
    pub bounced_at: Option<Timestamp>,
    pub gone: Option<GoneDomain>,
}

impl Health {
    /// Whether a letter can be expected to reach somebody who answers.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.bounced_at.is_none() && self.gone.is_none() && !self.proof.standing(now).is_unconfirmed()
    }
}

/// The longest absence that is said by a press, in days. Whoever is away for longer hands over to somebody else.
const AWAY_AT_MOST: i32 = 60;

/// Why somebody was not noted to be away; each a sentence for the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAway {
    #[error("The last day away comes before the first. Write the first one first.")]
    EndsBeforeItBegins,
    #[error("These days are over. Choose days to come.")]
    IsOver,
    #[error("That is longer than {AWAY_AT_MOST} days. Choose an earlier day, or change the project's contacts.")]
    TooLong,
}

/// An absence from `first` to `last`, both included, as it may be said on the day `today`.
pub fn absence(first: Date, last: Date, today: Date) -> Result<Absence, NotAway> {
    if last < first {
        return Err(NotAway::EndsBeforeItBegins);
    }
    if last < today {
        return Err(NotAway::IsOver);
    }
    if first.until(last).map_or(i32::MAX, |days| days.get_days()) >= AWAY_AT_MOST {
        return Err(NotAway::TooLong);
    }
    Ok(Absence { first, last })
}

/// Working hours as a contact writes them, `09:00-17:00`, within one day.
pub fn working_hours(text: &str) -> Option<String> {
    let time = |text: &str| text.trim().parse::<Time>().ok();
    let (from, to) = text.split_once('-')?;
    (time(from)? < time(to)?).then(|| text.trim().to_owned())
}

/// The longest name of a person in a form, in characters.
const NAME_MAX: usize = 60;

/// Whether a stranger's name may stand in a letter to an address that the same stranger typed: nothing in it may
/// be a link, an address or a line of its own, or our letters would carry anybody's advertisements (THREATS.md row 46).
pub fn is_a_name(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let has_dot_inside = letters.windows(2).any(|pair| pair[0] == '.' && pair[1].is_alphanumeric());
    let is_harmless =
        |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '-' | '\'' | '\u{2019}' | '(' | ')');
    !text.trim().is_empty() && letters.len() <= NAME_MAX && !has_dot_inside && letters.iter().all(is_harmless)
}

/// Whether the words of a reply to "Still a security contact?" say yes and nothing else; the rest is for a person.
pub fn says_yes(words: &str) -> bool {
    const YES: [&str; 9] = ["yes", "yep", "yeah", "ja", "oui", "sí", "si", "sim", "confirmed"];
    const BUT: [&str; 8] = ["not", "no", "remove", "longer", "left", "anymore", "but", "please"];
    let words: Vec<String> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(YES_WORDS_MAX + 1)
        .map(str::to_lowercase)
        .collect();
    words.len() <= YES_WORDS_MAX
        && words.first().is_some_and(|first| YES.contains(&first.as_str()))
        && !words.iter().any(|word| BUT.contains(&word.as_str()))
}

/// A longer answer says more than yes.
const YES_WORDS_MAX: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    fn day(count: i64) -> Timestamp {
        let start: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
        start + SignedDuration::from_hours(24 * count)
    }

    #[test]
    fn a_listed_contact_is_asked_twice_and_unconfirmed_after_a_quarter_without_an_answer() {
        let new = Proof::listed(day(0));
        let first_ask = SignedDuration::from_hours(48);
        assert_eq!(new.standing(day(0)), Standing::Listed);
        assert_eq!(new.due(first_ask, day(0)), Due::NotBefore(day(2)));
        assert_eq!(new.due(first_ask, day(2)), Due::Question);
        assert_eq!(new.answer_by(day(2)), day(90));

        let once = new.asked(day(2));
        assert_eq!(once.standing(day(80)), Standing::Asked { on: None, asked_at: day(2) });
        assert_eq!(once.due(first_ask, day(3)), Due::NotBefore(day(16)));
        assert_eq!(once.due(first_ask, day(16)), Due::Question);

        let twice = once.asked(day(16));
        assert_eq!(twice.due(first_ask, day(16)), Due::NotBefore(day(90)));
        assert_eq!(twice.standing(day(89)), Standing::Asked { on: None, asked_at: day(16) });
        assert_eq!(twice.standing(day(90)), Standing::Unconfirmed { since: day(90) });
        assert_eq!(twice.due(first_ask, day(90)), Due::Doubt);

        let told = Proof { told_at: Some(day(90)), ..twice };
        assert_eq!(told.due(first_ask, day(90)), Due::NotBefore(day(106)), "it is still asked every quarter");
        assert_eq!(told.due(first_ask, day(106)), Due::Question);
        let thrice = told.asked(day(106));
        assert_eq!(thrice.standing(day(107)), Standing::Unconfirmed { since: day(90) });
        assert_eq!(thrice.answer_by(day(106)), day(120));

        let back = thrice.proven(day(107));
        assert_eq!(back.standing(day(107)), Standing::Confirmed { on: day(107) });
        assert_eq!(back.due(first_ask, day(107)), Due::NotBefore(day(197)));
    }

    #[test]
    fn a_confirmed_contact_has_fourteen_days_for_each_question_after_its_quarter() {
        let proof = Proof::listed(day(0)).proven(day(1));
        assert_eq!(proof.due(SignedDuration::ZERO, day(90)), Due::NotBefore(day(91)));
        assert_eq!(proof.answer_by(day(91)), day(119));
        let once = proof.asked(day(91));
        assert_eq!(once.standing(day(200)), Standing::Asked { on: Some(day(1)), asked_at: day(91) });
        let twice = once.asked(day(105));
        assert_eq!(twice.standing(day(118)), Standing::Asked { on: Some(day(1)), asked_at: day(105) });
        assert_eq!(twice.standing(day(119)), Standing::Unconfirmed { since: day(119) });
        let late = once.asked(day(300));
        assert!(!late.standing(day(301)).is_unconfirmed(), "after a downtime the second question has its time");
    }

    #[test]
    fn first_questions_spread_over_the_first_week_and_each_has_its_own_fixed_moment() {
        let project = ProjectId::parse("parsley").unwrap();
        let moments: std::collections::BTreeSet<i64> = (0..100)
            .map(|n| first_ask(&project, &Mailbox::parse(&format!("c{n}@parsley.example")).unwrap()).as_secs())
            .collect();
        assert!(moments.len() > 95, "{}", moments.len());
        assert!(*moments.first().unwrap() >= 0 && *moments.last().unwrap() < FIRST_ASKS_WITHIN.as_secs());
        let of = |address: &str| first_ask(&project, &Mailbox::parse(address).unwrap());
        assert_eq!(of("Kim@Parsley.example"), of("kim@parsley.example"));
    }

    #[test]
    fn a_name_is_a_name_and_nothing_that_a_reader_could_follow() {
        for name in ["Jane Doe", "Dr. J. Doe-O'Hara", "Søren Ægir", "Łukasz (core team)", "王小明"] {
            assert!(is_a_name(name), "{name}");
        }
        let long = "x".repeat(61);
        for no_name in
            ["", "  ", "buy at spam.example", "https://x", "a@b", "Jane\nBcc: x", "<b>", "www.x", "a\u{202e}b", &long]
        {
            assert!(!is_a_name(no_name), "{no_name:?}");
        }
    }

    #[test]
    fn days_away_are_to_come_in_their_order_and_two_months_at_most() {
        let day = |text: &str| -> Date { text.parse().unwrap() };
        let said = |first, last| absence(day(first), day(last), day("2026-12-30"));
        for (first, last) in [("2026-12-20", "2026-12-30"), ("2026-12-31", "2027-01-06"), ("2028-02-28", "2028-03-01")]
        {
            assert_eq!(said(first, last), Ok(Absence { first: day(first), last: day(last) }));
        }
        assert_eq!(said("2027-01-06", "2026-12-31"), Err(NotAway::EndsBeforeItBegins));
        assert_eq!(said("2026-12-20", "2026-12-29"), Err(NotAway::IsOver));
        assert!(said("2027-01-01", "2027-03-01").is_ok());
        assert_eq!(said("2027-01-01", "2027-03-02"), Err(NotAway::TooLong));
    }

    #[test]
    fn only_a_plain_yes_is_a_yes() {
        for yes in ["yes", "Yes.", "YES, still me.", "ja", "Oui !", "  yes\n\nKim"] {
            assert!(says_yes(yes), "{yes:?}");
        }
        let long = format!("yes {}", "and so on ".repeat(9));
        for other in
            ["", "no", "I left the project", "Yes, but not me", "yes please remove me", "yesterday", "?", &long]
        {
            assert!(!says_yes(other), "{other:?}");
        }
    }
}
