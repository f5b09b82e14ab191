//! What is said of one text or mail: its kind, its projects with the evidence, and of a delivery report what became of whom.

use serde_json::Value;

use crate::domain::address::{Mailbox, OwnAddresses};
use crate::domain::bounce::{DeliveryReport, Fate};
use crate::domain::directory::ProjectId;
use crate::domain::judgement::{Candidate, Judgement, Strength};
use crate::domain::noise::{Noise, SeemsNoise};
use crate::domain::report::{AutomaticSign, Reading};
use crate::domain::spam::{self, Facts};
use crate::judge::Judge;
use crate::judge::noise::another::is_of_another;
use crate::mail::read::guard::Map;
use crate::mail::read::{delivery_report, read};

/// What a text or mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Report,
    /// It would open a case behind the reports: the judge takes it for no report.
    NotSecurity,
    /// It would wait in quarantine.
    Spam,
    Bounce,
    AutoReply,
    Arf,
}

/// The answer to one text or mail, in the order in which its fields are printed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Classified {
    pub kind: Kind,
    #[serde(serialize_with = "as_word")]
    pub noise: Option<SeemsNoise>,
    /// Where `auto_forward = "strong"` would forward it, the best first.
    pub projects: Vec<ProjectId>,
    #[serde(serialize_with = "with_clauses")]
    pub candidates: Vec<Candidate>,
    /// Of a bounce.
    #[serde(flatten)]
    pub bounce: Option<Bounced>,
    /// Of spam: each a sentence.
    #[serde(skip)]
    pub reasons: Vec<String>,
    /// What was judged, for the words of a sign to be shown in it.
    #[serde(skip)]
    pub said: Said,
}

/// Subject and text as the judge got them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub subject: String,
    pub body: String,
}

/// What a bounce says: whether the address itself is dead, and whose mail failed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Bounced {
    /// `None` where the mail was delivered or is only late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    pub recipients: Vec<String>,
}

/// Whether a failure may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    Hard,
    Soft,
}

impl Bounced {
    /// The worst of what the report says; a mail that is only late failed softly so far.
    fn of(report: &DeliveryReport) -> Self {
        let worst = report.notices.iter().map(|notice| notice.fate).max();
        let class = match worst {
            Some(Fate::Hard) => Some(Class::Hard),
            Some(Fate::Soft | Fate::Delayed) => Some(Class::Soft),
            Some(Fate::Delivered) | None => None,
        };
        // The first name of each is the one that failed.
        let recipients = report.notices.iter().filter_map(|notice| notice.recipients.first()).map(Mailbox::folded);
        Self { class, recipients: recipients.collect() }
    }
}

impl Classified {
    fn of(kind: Kind, judgement: Judgement) -> Self {
        // What looks like noise waits for a member, whatever it names.
        let strong = judgement.strong().filter(|_| judgement.noise.is_none());
        let projects = strong.map(|candidate| candidate.project.clone()).collect();
        let Judgement { candidates, noise } = judgement;
        Self { kind, noise, projects, candidates, bounce: None, reasons: Vec::new(), said: Said::default() }
    }

    /// The line of `--jsonl`, without its end.
    pub fn json_line(&self, id: &Value) -> String {
        #[derive(serde::Serialize)]
        struct Line<'a> {
            id: &'a Value,
            #[serde(flatten)]
            classified: &'a Classified,
        }
        serde_json::to_string(&Line { id, classified: self }).expect("strings and lists are always JSON")
    }
}

impl Kind {
    /// What a mail with this sign is. A list, a scanner or a robot may still bring a report.
    fn of(sign: Option<AutomaticSign>) -> Self {
        use AutomaticSign as S;
        match sign {
            Some(S::DeliveryReport | S::OtherReport) => Self::Bounce,
            Some(S::FeedbackReport) => Self::Arf,
            Some(S::AutoReply | S::ReadReceipt | S::ListNotice | S::OurLoopHeader | S::FromOurselves) => {
                Self::AutoReply
            }
            Some(S::AutoSubmitted | S::AutoReplyHeader | S::NullReturnPath) => Self::Report,
            Some(S::Precedence | S::MailingList | S::RobotSender) | None => Self::Report,
        }
    }
}

/// The class of noise; ordinary mail is of none.
fn as_word<S: serde::Serializer>(noise: &Option<SeemsNoise>, serializer: S) -> Result<S::Ok, S::Error> {
    let class = noise.as_ref().map(|seems| seems.noise).filter(|noise| *noise != Noise::Other);
    serializer.serialize_str(class.map_or("none", Noise::word))
}

/// Candidates with their evidence as plain text, as readers of the output know it.
fn with_clauses<S: serde::Serializer>(candidates: &[Candidate], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        project: &'a ProjectId,
        strength: Strength,
        evidence: Vec<&'a str>,
    }
    serializer.collect_seq(candidates.iter().map(|candidate| Line {
        project: &candidate.project,
        strength: candidate.strength,
        evidence: candidate.clauses().collect(),
    }))
}

/// Classifies a text as a form or a line of JSON brings it.
pub fn classify_text(judge: &Judge, subject: &str, body: &str) -> Classified {
    let judgement = judge.judge(subject, body);
    let kind = match &judgement.noise {
        Some(seems) if !is_of_another(seems) => Kind::NotSecurity,
        Some(_) | None => Kind::Report,
    };
    let said = Said { subject: subject.to_owned(), body: body.to_owned() };
    Classified { said, ..Classified::of(kind, judgement) }
}

/// Classifies a mail that was read. What could not be read, and what no person wrote, names no project.
pub fn classify_reading(judge: &Judge, reading: &Reading) -> Classified {
    let Reading::Mail(mail) = reading else { return Classified::of(Kind::Report, Judgement::default()) };
    match Kind::of(mail.automatic) {
        Kind::Report => classify_text(judge, &mail.subject, &mail.text),
        kind => Classified::of(kind, Judgement::default()),
    }
}

/// Classifies a raw mail that has no envelope but what its delivery left in it.
pub fn classify_mail(judge: &Judge, raw: &[u8], own: &OwnAddresses) -> Classified {
    let reading = match return_path(raw) {
        Some(field) => read(raw, own, Mailbox::parse(field.trim().trim_matches(['<', '>'])).ok().as_ref()),
        // Nothing is known of the envelope, so no return path speaks against the mail.
        None => read(raw, own, Some(own.security())),
    };
    let mut classified = classify_reading(judge, &reading);
    if let (Kind::Report | Kind::NotSecurity, Reading::Mail(mail)) = (classified.kind, &reading) {
        // A file has no envelope: nothing is held against a sender that cannot be checked.
        let names_a_project = classified.candidates.iter().any(Candidate::is_named);
        let noise = classified.noise.as_ref();
        let facts = Facts { mail, is_proven: true, names_a_project, noise, is_addressed_to_us: true };
        if let Some(suspicion) = spam::suspect(&facts) {
            classified.kind = Kind::Spam;
            classified.reasons = suspicion.signs.iter().map(ToString::to_string).collect();
        }
    }
    if classified.kind == Kind::Bounce {
        classified.bounce = delivery_report(raw, own).ok().map(|report| Bounced::of(&report));
    }
    classified
}

fn return_path(raw: &[u8]) -> Option<String> {
    Map::of(raw).ok()?.top().last("Return-Path").map(|field| field.unfolded())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::{directory, project};

    fn judge() -> Judge {
        Judge::new(&directory(["Quern", "Larder"].map(project)))
    }

    #[test]
    fn a_line_of_json_has_the_documented_fields_in_order() {
        let line =
            classify_text(&judge(), "XSS in Quern", "Quern before 1.2 allows it.").json_line(&Value::from("r-1"));
        assert!(line.starts_with(r#"{"id":"r-1","kind":"report","noise":"none","projects":["quern"],"candidates":[{"project":"quern","strength":"strong","evidence":["#), "{line}");
    }

    #[test]
    fn what_is_no_report_is_told_with_its_class_and_signs() {
        let answer = |subject, body| classify_text(&judge(), subject, body);
        let finding =
            answer("No SPF record", "Hi team, your domain has no SPF record and mails can be spoofed by anybody.");
        assert!(finding.json_line(&Value::from(1)).contains(r#""kind":"not-security","noise":"scanner""#));
        let words = finding.words("a");
        assert!(words.starts_with("a: no report, it seems"), "{words}");
        assert!(
            words.contains("\n  Looks like a scanner's finding\n    + subject is about records for mail in DNS"),
            "{words}"
        );
        let talk = answer(
            "Re: Saturday",
            "On Fri, Jo wrote:\n> A walk?\nYes, my wife and the children come along for dinner.",
        );
        assert!(talk.json_line(&Value::from(1)).contains(r#""kind":"not-security","noise":"none""#));
    }

    #[test]
    fn suspected_spam_is_told_with_its_reasons() {
        let raw = b"From: a@deals.example\r\nSubject: BEST PRICE FOR TONER\r\n\r\n\
                    Dear friend, order now at https://deals.example\r\n";
        let own = OwnAddresses::of(Mailbox::parse("security@story.example").unwrap());
        let classified = classify_mail(&judge(), raw, &own);
        assert_eq!((classified.kind, classified.projects.len()), (Kind::Spam, 0));
        let words = classified.words("a.eml");
        assert!(words.contains("suspected spam") && words.contains("\n  No project is named.\n"), "{words}");
        assert!(classified.json_line(&Value::from(1)).contains(r#""kind":"spam""#));
    }

    #[test]
    fn a_mail_is_what_its_sign_says() {
        for (sign, kind) in [
            (Some(AutomaticSign::DeliveryReport), Kind::Bounce),
            (Some(AutomaticSign::FeedbackReport), Kind::Arf),
            (Some(AutomaticSign::ReadReceipt), Kind::AutoReply),
            (Some(AutomaticSign::MailingList), Kind::Report),
            (None, Kind::Report),
        ] {
            assert_eq!(Kind::of(sign), kind, "{sign:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_a_report_for_a_person() {
        let reading = Reading::Unreadable(crate::domain::report::Unreadable::Empty);
        let classified = classify_reading(&judge(), &reading);
        assert_eq!((classified.kind, classified.projects.len()), (Kind::Report, 0));
    }
}
