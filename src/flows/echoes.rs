//! Stops machines that answer each other by way of us, and tells a person.

use jiff::SignedDuration;

use crate::domain::abuse::DAY;
use crate::domain::case::{Actor, EventKind};
use crate::domain::echo::{
    Round, SameSubject, answers_us, goes_round, goes_round_unasked, is_numbered, number_key, subject_key,
};
use crate::domain::id::CaseId;
use crate::flows::Step;
use crate::flows::intake::Message;
use crate::flows::writing::record;
use crate::store::{StoreError, Tx};

/// The mark of the last loop that was stopped and logged.
pub const LOOP_STOPPED: &str = "loop-stopped";
/// The operator's log names a loop this often at most; each round stands in the record of its case.
const LOG_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Whether the mail in `message` is one round too many of machines that answer each other.
pub async fn heard(tx: &mut Tx<'_>, step: &Step, message: &Message<'_>) -> Result<Option<Round>, StoreError> {
    let Some(mail) = message.read.mail() else { return Ok(None) };
    let Some(from) = mail.from.mailbox() else { return Ok(None) };
    let foundation = &step.policy.directory.foundation;
    let (subject, since) = (subject_key(&mail.subject), step.now - DAY);
    let answers = answers_us(mail, &foundation.case_prefix, foundation.security_address.domain());
    let same = match subject.as_deref().filter(|subject| answers || is_numbered(subject)) {
        Some(subject) => tx.same_subject(from, subject, since).await?,
        None => SameSubject::default(),
    };
    if !answers {
        return Ok(goes_round_unasked(subject.as_deref(), same));
    }
    let answers = tx.answers_from(from, &number_key(&foundation.case_prefix), since).await?;
    Ok(goes_round(same, answers))
}

/// Notes that nothing was sent because of a mail that opened `case`: in its record, and in the log.
pub async fn stopped(tx: &mut Tx<'_>, step: &Step, case: &CaseId, round: Round) -> Result<(), StoreError> {
    record(tx, step, case, EventKind::LoopStopped, Actor::Program, round.word()).await?;
    let last = tx.marked(LOOP_STOPPED).await?;
    if last.is_none_or(|last| step.now.duration_since(last) >= LOG_EVERY) {
        tracing::error!(because = %round, "two machines seem to answer each other; nothing more is sent to them today");
        tx.mark(LOOP_STOPPED, step.now).await?;
    }
    Ok(())
}
