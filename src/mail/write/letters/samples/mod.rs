//! Each kind of letter with invented values, so that members can read what the program writes before it writes it.

mod to_committee;
mod to_contacts;
mod to_reporters;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::address::{Mailbox, OwnAddresses, Purpose, Token};
use crate::domain::case::CaseRef;
use crate::domain::directory::MemberRole;
use crate::domain::letter::LetterKind;
use crate::mail::write::letters::Words;
use crate::mail::write::letters::member_reply::Signature;
use crate::mail::write::letters::{ban, sign_in, warning};

/// A letter as somebody would get it.
#[derive(Debug, Clone)]
pub struct Sample {
    pub kind: LetterKind,
    /// When it is written and to whom, in a clause.
    pub when: &'static str,
    pub to: Mailbox,
    /// Its reader has an address of its own for an answer.
    pub reply_to: Option<Mailbox>,
    pub words: Words,
    /// The case that it is about.
    pub case: Option<CaseRef>,
}

/// 39 letters, as a token of 192 bit has them. Nobody was ever given it, and it opens nothing.
const LINK: &str = "samplesamplesamplesamplesamplesamplesam";
/// 26 letters, as the token of an address has them.
const ADDRESS: &str = "samplesamplesamplesamplesa";
/// A project that is none of ours.
const PROJECT: &str = "Larkspur";

/// What all samples have in common: our own names and addresses, and a moment.
pub struct Setting<'a> {
    pub org: &'a str,
    pub security: &'a Mailbox,
    /// Without a slash at its end.
    pub public_url: &'a str,
    pub case_prefix: &'a str,
    pub now: Timestamp,
}

impl Setting<'_> {
    fn link(&self, path: &str) -> String {
        format!("{}/{path}/{LINK}", self.public_url)
    }

    fn page(&self, path: &str) -> String {
        format!("{}/{path}", self.public_url)
    }

    fn address(&self, purpose: Purpose) -> Mailbox {
        let token = Token::read(purpose, ADDRESS).expect("26 letters are a token");
        OwnAddresses::of(self.security.clone()).with(&token)
    }

    fn in_days(&self, days: i32) -> Timestamp {
        self.now + SignedDuration::from_hours(24) * days
    }

    /// Numbers are given from 1: this is none's.
    fn case(&self) -> CaseRef {
        CaseRef::new(self.case_prefix, self.now.to_zoned(TimeZone::UTC).year(), 0)
    }

    fn by(&self) -> Signature<'_> {
        Signature { name: "Ada Example", role: MemberRole::Chair, org: self.org }
    }

    /// To a party of the case, who may answer.
    fn to_party(&self, kind: LetterKind, when: &'static str, to: &str, words: Words) -> Sample {
        let reply_to = Some(self.address(Purpose::PartyAddress));
        Sample { kind, when, to: mailbox(to), reply_to, words, case: Some(self.case()) }
    }

    /// About the case, to somebody who is no party of it.
    fn about_case(&self, kind: LetterKind, when: &'static str, to: &str, words: Words) -> Sample {
        Sample { kind, when, to: mailbox(to), reply_to: None, words, case: Some(self.case()) }
    }

    fn of_no_case(&self, kind: LetterKind, when: &'static str, to: &str, words: Words) -> Sample {
        Sample { kind, when, to: mailbox(to), reply_to: None, words, case: None }
    }
}

/// All samples, by whom they go to.
pub fn all(setting: &Setting<'_>) -> Vec<Sample> {
    let mut samples = to_reporters::samples(setting);
    samples.extend(to_contacts::samples(setting));
    samples.extend(to_committee::samples(setting));
    samples.extend(to_others(setting));
    samples
}

fn to_others(setting: &Setting<'_>) -> Vec<Sample> {
    let warning = warning::warning(&warning::Warning {
        org: setting.org,
        security: setting.security,
        messages: 2,
        help_link: &setting.page("how"),
    });
    let ban = ban::ban(&ban::Ban { until: setting.in_days(90), appeal_link: &setting.link("appeal") });
    let sign_in = sign_in::sign_in(&sign_in::SignIn {
        link: &setting.link("login"),
        code: "KX4P-9TQM",
        network: "203.0.113.0/24",
        asked_at: setting.now,
    });
    vec![
        setting.of_no_case(LetterKind::Warning, "To a sender whom a member warns.", "kit@elsewhere.example", warning),
        setting.of_no_case(LetterKind::Ban, "To a sender whose messages are paused.", "kit@elsewhere.example", ban),
        setting.of_no_case(LetterKind::SignIn, "To somebody who asked to sign in.", "ada@example.org", sign_in),
    ]
}

fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).expect("an address of our own")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Sample> {
        let security = mailbox("security@northlight.example");
        all(&Setting {
            org: "Northlight",
            security: &security,
            public_url: "https://security.northlight.example",
            case_prefix: "SEC",
            now: "2026-11-20T14:00:00Z".parse().unwrap(),
        })
    }

    #[test]
    fn each_kind_of_letter_has_a_sample() {
        let samples = samples();
        for kind in LetterKind::ALL {
            assert!(samples.iter().any(|sample| sample.kind == kind), "no sample of {}", kind.word());
        }
        for sample in samples {
            assert!(sample.when.ends_with('.') && !sample.words.subject.is_empty(), "{sample:?}");
            let text = sample.words.body.flow();
            assert!(!text.contains("https://") || text.contains("https://security.northlight.example"), "{text}");
        }
    }
}
