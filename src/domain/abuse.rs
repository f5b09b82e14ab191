//! Who is heard and who is answered: receipts and their bounds, and what is quarantined, from counts and a time.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::report::{IncomingMail, SenderProof};
use crate::domain::spam::Suspicion;

/// The window in which receipts and automatic forwards are counted.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Automatic letters to one address in a day (DESIGN.md 3.5).
pub const LETTERS_PER_ADDRESS: i64 = 3;
/// Receipts in a day to one address for which only the return path speaks.
pub const RECEIPTS_PER_UNPROVEN_ADDRESS: i64 = 1;
/// Automatic letters in a day to one domain that we never wrote to ourselves.
pub const LETTERS_PER_DOMAIN: i64 = 100;
/// Receipts in a day in all; above it a person is told instead.
pub const RECEIPTS_IN_ALL: i64 = 500;
/// More links than this in an unproven sender's mail, and it is not forwarded by itself.
pub const LINKS_OF_A_STRANGER: usize = 5;

/// How many automatic letters went out in the last day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SentToday {
    pub to_address: i64,
    pub to_domain: i64,
    pub receipts_in_all: i64,
}

/// Why no receipt goes out. The report itself is taken all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoReceipt {
    #[error("the mail was sent by a machine or has no return path")]
    NotAnswerable,
    #[error("nothing vouches for the sender")]
    Unproven,
    #[error("the address had its receipts of today")]
    AddressHadEnough,
    #[error("the domain had its receipts of today")]
    DomainHadEnough,
    #[error("all receipts of today are spent")]
    AllSpent,
}

/// Whether a receipt may go to the From address of `mail` (DESIGN.md 3.5): From is vouched for by aligned SPF or
/// DKIM, or else equals the return path; and nobody can be buried under receipts in another's name.
pub fn may_receipt(
    mail: &IncomingMail,
    sender: Option<&Mailbox>,
    proof: &SenderProof,
    sent: SentToday,
) -> Result<(), NoReceipt> {
    if !mail.may_be_answered(sender) {
        return Err(NoReceipt::NotAnswerable);
    }
    if !proof.is_proven() && mail.from.mailbox() != sender {
        return Err(NoReceipt::Unproven);
    }
    let per_address = if proof.is_proven() { LETTERS_PER_ADDRESS } else { RECEIPTS_PER_UNPROVEN_ADDRESS };
    if sent.to_address >= per_address {
        return Err(NoReceipt::AddressHadEnough);
    }
    if sent.to_domain >= LETTERS_PER_DOMAIN {
        return Err(NoReceipt::DomainHadEnough);
    }
    if sent.receipts_in_all >= RECEIPTS_IN_ALL {
        return Err(NoReceipt::AllSpent);
    }
    Ok(())
}

/// Whether an address that a reporter left later is asked for its proof: like a receipt for which nobody vouches, for
/// whoever typed it may have typed another's.
pub fn may_ask_for_proof(sent: SentToday) -> bool {
    sent.to_address < RECEIPTS_PER_UNPROVEN_ADDRESS
        && sent.to_domain < LETTERS_PER_DOMAIN
        && sent.receipts_in_all < RECEIPTS_IN_ALL
}

/// Reports of one sender that are heard in an hour; what comes above waits in quarantine. Mail to the address of a
/// party is not counted: who is on a case is served before strangers.
pub const REPORTS_PER_SENDER_AN_HOUR: i64 = 20;
/// The window of that count.
pub const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What is known of the sender of a mail to the security address. Nothing of it is believed of an unproven sender:
/// else whoever forges an address would speak for it, or have it banned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// A contact of a project, or one of the committee or the board.
    pub is_one_of_us: bool,
    /// Earlier reports of this sender were worked on.
    pub has_accepted_reports: bool,
    /// The mail answers our warning.
    pub answers_a_warning: bool,
    /// Until when messages of this sender are paused.
    pub banned_until: Option<Timestamp>,
    /// Earlier ones of the last hour, of the same address and as proven or unproven as this one.
    pub reports_this_hour: i64,
}

/// Why a mail is quarantined: no case, no answer, until a member releases it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unheard {
    Banned {
        until: Timestamp,
    },
    TooMany {
        count: i64,
    },
    Suspected(Suspicion),
    /// Something about the form that brought it, as a sentence.
    Form(&'static str),
}

/// Whether a mail to the security address opens a case (DESIGN.md 3.3).
pub fn may_be_heard(standing: &Standing, suspicion: Option<Suspicion>) -> Result<(), Unheard> {
    if standing.is_one_of_us {
        return Ok(());
    }
    if let Some(until) = standing.banned_until {
        return Err(Unheard::Banned { until });
    }
    if standing.reports_this_hour >= REPORTS_PER_SENDER_AN_HOUR {
        return Err(Unheard::TooMany { count: standing.reports_this_hour });
    }
    match suspicion {
        Some(suspicion) if !standing.has_accepted_reports && !standing.answers_a_warning => {
            Err(Unheard::Suspected(suspicion))
        }
        _ => Ok(()),
    }
}

impl Unheard {
    /// The word that stands in the row.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Banned { .. } => "banned",
            Self::TooMany { .. } => "too-many",
            Self::Suspected(_) => "suspected",
            Self::Form(_) => "form",
        }
    }

    /// How sure it is that nobody misses this mail; the least certain are shown first.
    pub fn score(&self) -> i64 {
        match self {
            Self::Suspected(suspicion) => suspicion.score.into(),
            Self::Form(_) => 10,
            // Many alike would hide the single ones that need a look.
            Self::TooMany { .. } => 50,
            Self::Banned { .. } => 100,
        }
    }

    /// Each reason as a sentence.
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Self::Banned { until } => {
                vec![format!("Messages of this sender are paused until {}.", until.strftime("%F"))]
            }
            Self::TooMany { count } => vec![format!("This sender sent {count} others within an hour.")],
            Self::Suspected(suspicion) => suspicion.signs.iter().map(ToString::to_string).collect(),
            Self::Form(reason) => vec![(*reason).to_owned()],
        }
    }
}

/// How long quarantined mail is kept at the least; it is erased only if a member has seen it as well.
pub const QUARANTINE_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spam::Sign;

    fn suspicion() -> Suspicion {
        Suspicion { score: 6, signs: vec![Sign::NothingInIt, Sign::NoProject] }
    }

    #[test]
    fn who_is_heard() {
        let until = Timestamp::from_second(1_790_000_000).unwrap();
        let nobody = Standing::default();
        let banned = Standing { banned_until: Some(until), ..nobody };
        let busy = Standing { reports_this_hour: REPORTS_PER_SENDER_AN_HOUR, ..nobody };
        let known = Standing { has_accepted_reports: true, ..nobody };
        let suspected = || Err(Unheard::Suspected(suspicion()));
        let too_many = || Err(Unheard::TooMany { count: REPORTS_PER_SENDER_AN_HOUR });
        let table = [
            ("a stranger", nobody, None, Ok(())),
            ("a stranger's spam", nobody, Some(suspicion()), suspected()),
            ("one of the project's people", Standing { is_one_of_us: true, ..banned }, Some(suspicion()), Ok(())),
            ("a flood of one of ours", Standing { is_one_of_us: true, ..busy }, None, Ok(())),
            ("a banned sender", banned, None, Err(Unheard::Banned { until })),
            (
                "a banned sender with a history",
                Standing { has_accepted_reports: true, ..banned },
                None,
                Err(Unheard::Banned { until }),
            ),
            (
                "the twentieth in an hour",
                Standing { reports_this_hour: REPORTS_PER_SENDER_AN_HOUR - 1, ..nobody },
                None,
                Ok(()),
            ),
            ("one more", busy, None, too_many()),
            ("one more with a history", Standing { has_accepted_reports: true, ..busy }, None, too_many()),
            ("an odd mail of a known reporter", known, Some(suspicion()), Ok(())),
            ("an answer to our warning", Standing { answers_a_warning: true, ..nobody }, Some(suspicion()), Ok(())),
        ];
        for (who, standing, suspicion, expected) in table {
            assert_eq!(may_be_heard(&standing, suspicion), expected, "{who}");
        }
    }

    #[test]
    fn each_reason_is_a_sentence_and_the_surest_comes_last() {
        let until = "2027-02-18T14:00:00Z".parse().unwrap();
        let reasons = [
            Unheard::Suspected(suspicion()),
            Unheard::Form("The hidden field of the form was filled in."),
            Unheard::TooMany { count: 20 },
            Unheard::Banned { until },
        ];
        assert!(reasons.windows(2).all(|pair| pair[0].score() < pair[1].score()));
        let sentences: Vec<String> = reasons.iter().flat_map(Unheard::reasons).collect();
        assert_eq!(sentences.len(), 5);
        assert!(sentences.iter().all(|sentence| sentence.ends_with('.')), "{sentences:?}");
        assert_eq!(sentences[4], "Messages of this sender are paused until 2027-02-18.");
    }
}
