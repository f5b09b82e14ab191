//! Delivery reports that came to the general address: which letter they are about, and how much of it is believed.
//!
//! Some relays put their customer's address where our return path was, and some servers write to From. The envelope id
//! is as good as the return path: it is made of the same token, and only servers see it. The Message-ID is not. It
//! stands in the letter itself, in each answer to it and in a list's archive, and whoever has it could end the clock of
//! an answer or call a contact gone. So it leads a person to the letter, and a member decides.

use crate::domain::address::OwnAddresses;
use crate::domain::bounce::{DeliveryReport, Notice};
use crate::domain::case::{Actor, EventKind};
use crate::domain::hint;
use crate::domain::id::{CaseId, LetterId};
use crate::domain::party::Author;
use crate::flows::intake::Message;
use crate::flows::writing::record;
use crate::flows::{House, Step, held};
use crate::store::{FiledAs, LetterFacts, StoreError, Tx};

use super::{Heard, about, came_back, out_of_reach};

/// Takes a delivery report that is about a letter of ours; `false` if it is about none.
pub async fn take(tx: &mut Tx<'_>, house: &House, step: &Step, message: &Message<'_>) -> Result<bool, StoreError> {
    let Some(report) = &message.read.delivery else { return Ok(false) };
    if let Some(letter) = by_envelope_id(tx, report).await? {
        about(tx, house, step, message, &letter).await?;
        return Ok(true);
    }
    let Some(letter) = by_message_id(tx, step, report).await? else { return Ok(false) };
    match (failure(report, &letter), &letter.case) {
        (Some(notice), Some(case)) if !somebody_looks(tx, case).await? => {
            hold(tx, house, step, message, &letter, notice, case).await?;
        }
        _ => file(tx, step, message, &letter).await?,
    }
    Ok(true)
}

/// A member believes a report that was held: the letter came back. `false` if it tells of none.
pub async fn believe(tx: &mut Tx<'_>, house: &House, step: &Step, message: &Message<'_>) -> Result<bool, StoreError> {
    let Some(report) = &message.read.delivery else { return Ok(false) };
    let Some(letter) = by_message_id(tx, step, report).await? else { return Ok(false) };
    let Some(notice) = failure(report, &letter) else { return Ok(false) };
    came_back(tx, house, step, &letter, notice).await.map(|()| true)
}

async fn by_envelope_id(tx: &mut Tx<'_>, report: &DeliveryReport) -> Result<Option<LetterFacts>, StoreError> {
    match report.envelope_id.as_deref().and_then(OwnAddresses::return_path_named) {
        Some(token) => super::letter_of(tx, &token.fingerprint()).await,
        None => Ok(None),
    }
}

async fn by_message_id(
    tx: &mut Tx<'_>,
    step: &Step,
    report: &DeliveryReport,
) -> Result<Option<LetterFacts>, StoreError> {
    let our_domain = step.policy.directory.foundation.security_address.domain();
    let named: Option<LetterId> = report.message_id.as_deref().and_then(|id| hint::letter(id, our_domain));
    match named {
        Some(letter) => tx.letter(&letter).await,
        None => Ok(None),
    }
}

/// What the report says, if it is that this letter, which left, will not arrive.
fn failure<'r>(report: &'r DeliveryReport, letter: &LetterFacts) -> Option<&'r Notice> {
    letter.sent_at.and_then(|_| report.of(&letter.recipient)).filter(|notice| notice.fate.is_failure())
}

/// Whether such a report waits for a member already: another one says nothing new, and many would be a flood.
async fn somebody_looks(tx: &mut Tx<'_>, case: &CaseId) -> Result<bool, StoreError> {
    let messages = tx.messages_of(case).await?;
    Ok(messages.iter().any(|message| message.author == Author::Server && message.decided_at.is_none()))
}

/// Shown to a person. Meanwhile the deputies are told, as always when it is in doubt whether a contact has the report.
async fn hold(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    letter: &LetterFacts,
    notice: &Notice,
    case: &CaseId,
) -> Result<(), StoreError> {
    let because = format!(
        "A server says of our {} letter to {} that {}. But it says so to the general address, and knows the letter by its \
         Message-ID alone, as everybody does who has seen it. So no clock was changed.",
        letter.kind.word(),
        letter.recipient,
        Heard::Notice(notice).words(),
    );
    held::for_server(tx, house, step, message, case, &because).await?;
    out_of_reach(tx, house, step, letter).await
}

async fn file(tx: &mut Tx<'_>, step: &Step, message: &Message<'_>, letter: &LetterFacts) -> Result<(), StoreError> {
    let because = format!(
        "It names our {} letter to {}, but came to the general address, so it changes nothing.",
        letter.kind.word(),
        letter.recipient
    );
    message.file_as(tx, step, FiledAs::Automatic, letter.case.as_ref(), Some(because)).await?;
    if let Some(case) = &letter.case {
        let detail = format!("{} {} hint", message.arrival.id, letter.id);
        record(tx, step, case, EventKind::AutomaticMailFiled, Actor::Stranger, detail).await?;
    }
    Ok(())
}
