//! Each kind of letter with invented values, whole as it would leave: for members who want to read it before.

use crate::domain::id::{CaseId, LetterId};
use crate::domain::letter::LetterKind;
use crate::flows::{House, writing};
use crate::mail::write::build::message_id;
use crate::mail::write::flowed::unflow;
use crate::mail::write::letters::samples::{self, Sample, Setting};

/// A letter that nobody gets.
pub struct LetterSample {
    pub kind: LetterKind,
    /// When it is written and to whom, in a clause.
    pub when: &'static str,
    pub subject: String,
    /// Headers and body as they leave.
    pub bytes: Vec<u8>,
    /// The body as its reader sees it.
    pub text: String,
}

/// All samples, with our own names and addresses.
pub fn all(house: &House) -> Vec<LetterSample> {
    let step = house.step();
    let foundation = &step.policy.directory.foundation;
    let setting = Setting {
        org: &foundation.name,
        security: &foundation.security_address,
        public_url: &house.public_url,
        case_prefix: &foundation.case_prefix,
        now: step.now,
    };
    let built = |sample: Sample| {
        let id = LetterId::new(step.now, [0; 10]);
        let case = sample.case.as_ref().map(|number| (CaseId::new(step.now, [0; 10]), number));
        let new = writing::NewLetter {
            reply_to: sample.reply_to.as_ref(),
            case: case.as_ref().map(|(id, number)| (id, *number)),
            ..writing::NewLetter::of_no_case(sample.kind, &sample.to, &sample.words)
        };
        let message_id = message_id(&id, &foundation.security_address);
        LetterSample {
            kind: sample.kind,
            when: sample.when,
            subject: sample.words.subject.clone(),
            bytes: writing::bytes(&step, &new, &sample.words, &message_id, &[]),
            text: unflow(&sample.words.body.flow()),
        }
    };
    samples::all(&setting).into_iter().map(built).collect()
}
