//! Suspected spam: plain signs, each with its reason as a sentence, and what no sign weighs up.
//!
//! A report that lands in quarantine is seen a day late, so a text that reads like a report is never suspected,
//! whatever else speaks against it (`guard`), nor is one that the judge does not take for ordinary mail. Spam that
//! pretends to be a report costs a member a glance. `look` finds the `signs`, `phrases` has what advertising says.

mod guard;
mod look;
mod phrases;
mod signs;

pub use crate::domain::spam::guard::reads_like_a_report;
pub use crate::domain::spam::signs::Sign;

use crate::domain::noise::{Noise, SeemsNoise};
use crate::domain::report::IncomingMail;

/// So many points and more are suspicious; ten are one step of evidence.
pub const SUSPICIOUS: i32 = 24;

/// Words of subject and text below which there is nothing that the judge could take for anything.
const TOO_SHORT_TO_JUDGE: usize = 12;

/// What is known of a mail to the security address before anybody has read it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub mail: &'a IncomingMail,
    /// Aligned SPF or DKIM vouches for the From domain.
    pub is_proven: bool,
    /// The judge found a project of ours in it, however weakly.
    pub names_a_project: bool,
    /// What the judge takes its text for, if for no report.
    pub noise: Option<&'a SeemsNoise>,
    /// To or Cc holds an address of ours; spam often comes by the envelope alone.
    pub is_addressed_to_us: bool,
}

/// What speaks against a mail, the heaviest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// The sum of the points; the higher, the surer.
    pub score: u32,
    pub signs: Vec<Sign>,
}

/// Why a mail is suspected, if enough speaks against it and nothing for it.
pub fn suspect(facts: &Facts<'_>) -> Option<Suspicion> {
    let mail = facts.mail;
    let is_spared = facts.names_a_project || mail.encryption.is_some() || may_be_a_report(facts);
    if is_spared {
        return None;
    }
    let signs = look::signs(facts);
    let score: i32 = signs.iter().map(|sign| sign.points()).sum();
    let mut against: Vec<Sign> = signs.into_iter().filter(|sign| sign.points() > 0).collect();
    against.sort_by_key(|sign| std::cmp::Reverse(sign.points()));
    (score >= SUSPICIOUS).then(|| Suspicion { score: score.unsigned_abs(), signs: against })
}

fn may_be_a_report(facts: &Facts<'_>) -> bool {
    let mail = facts.mail;
    let is_ordinary = facts.noise.is_some_and(|seems| matches!(seems.noise, Noise::Other | Noise::Legal));
    reads_like_a_report(&mail.subject, &mail.text) || !(is_ordinary || says_little(mail))
}

/// Whether a mail is too short to show what it is. In a form, whose other answers say more, that is nothing odd.
pub fn says_little(mail: &IncomingMail) -> bool {
    look::words_in(&mail.subject) + look::words_in(&mail.text) < TOO_SHORT_TO_JUDGE
}

/// Reads the phrases and patterns now, so that the first mail does not wait for it.
pub fn prepare() {
    guard::prepare();
    look::prepare();
}

#[cfg(test)]
mod tests;
