//! Mail to the security address that answers a letter of ours or carries the tag of a case: held for a person.
//!
//! Only a party's own address joins a lane (DESIGN.md 3.3). What anybody can copy says where a person is to look, no
//! more: it adds nobody, reopens nothing and is not answered. Nor does it open a case, or each reply that lost its
//! address would be a new one.

use std::collections::BTreeSet;

use crate::domain::abuse::{HOUR, REPORTS_PER_SENDER_AN_HOUR, Unheard};
use crate::domain::hint::hints;
use crate::domain::id::PartyId;
use crate::domain::letter::LetterKind;
use crate::domain::party::{Party, PartyRole};
use crate::domain::report::IncomingMail;
use crate::flows::intake::Message;
use crate::flows::{House, Step, abuse, held, replies};
use crate::store::{CaseRow, StoreError, Tx};

/// Holds the mail if it hints at a case of ours; `false` if it hints at none.
pub async fn take(tx: &mut Tx<'_>, house: &House, step: &Step, message: &Message<'_>) -> Result<bool, StoreError> {
    let Some(mail) = message.read.mail() else { return Ok(false) };
    let seen = follow(tx, step, mail).await?;
    if seen.cases.is_empty() {
        return Ok(false);
    }
    hold(tx, house, step, message, mail, &seen).await
}

/// The same for mail that looks like spam: only whoever has our letter in hand is held, since any sender of spam can
/// copy a number.
pub async fn take_answer(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
) -> Result<bool, StoreError> {
    let Some(mail) = message.read.mail() else { return Ok(false) };
    let seen = follow(tx, step, mail).await?;
    if seen.writer(tx, mail).await?.is_none() {
        return Ok(false);
    }
    hold(tx, house, step, message, mail, &seen).await
}

async fn hold(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    mail: &IncomingMail,
    seen: &Seen,
) -> Result<bool, StoreError> {
    let Some((case, others)) = seen.cases.split_first() else { return Ok(false) };
    if let Some(flood) = flood(tx, message).await? {
        abuse::quarantine(tx, house, step, message, &flood).await?;
        return Ok(true);
    }
    if !others.is_empty() {
        let numbers: Vec<&str> = seen.cases.iter().map(|case| case.number.as_str()).collect();
        let because = format!("It points at several cases: {}.", numbers.join(", "));
        held::without_case(tx, house, step, message, &because).await?;
        return Ok(true);
    }
    match seen.writer(tx, mail).await? {
        Some(party) => hold_for(tx, house, step, message, &party).await?,
        None => {
            let because = "It points at this case, but came to the general address, not to one of a party's own.";
            held::for_stranger(tx, house, step, message, &case.id, because).await?;
        }
    }
    Ok(true)
}

/// Whoever got our letter seems to answer it, but not to the address that is theirs. A contact is asked.
async fn hold_for(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    party: &Party,
) -> Result<(), StoreError> {
    let because = if message.read.proof.is_proven() {
        "It answers our letter, but came to the general address, not to the sender's own."
    } else {
        "It answers our letter, but came to the general address, and neither SPF nor DKIM vouches for the sender."
    };
    held::for_case(tx, house, step, message, party, because).await?;
    match &party.role {
        PartyRole::Contact(handling) => replies::ask_the_contact(tx, house, step, party, handling).await,
        PartyRole::Reporter => Ok(()),
    }
}

/// Where the hints of a mail lead.
struct Seen {
    /// The cases that it points at, each once, in the order of their ids.
    cases: Vec<CaseRow>,
    /// To whom the letters went that it answers.
    readers: Vec<PartyId>,
}

async fn follow(tx: &mut Tx<'_>, step: &Step, mail: &IncomingMail) -> Result<Seen, StoreError> {
    let foundation = &step.policy.directory.foundation;
    let hints = hints(&mail.subject, &mail.references, &foundation.case_prefix, foundation.security_address.domain());
    let (mut found, mut readers) = (BTreeSet::new(), Vec::new());
    for letter in &hints.letters {
        let answered = tx.answered(letter).await?;
        // Whoever was warned is asked to write again if it was a report after all.
        if let Some(answered) = answered.filter(|answered| answered.kind != LetterKind::Warning) {
            found.insert(answered.case);
            readers.extend(answered.party);
        }
    }
    for number in &hints.numbers {
        found.extend(tx.case_numbered(number).await?);
    }
    let mut cases = Vec::new();
    for case in &found {
        cases.extend(tx.case_for_update(case).await?);
    }
    Ok(Seen { cases, readers })
}

impl Seen {
    /// The party whom the mail seems to be from: a copied number says nothing of that, our letter in its hands does.
    async fn writer(&self, tx: &mut Tx<'_>, mail: &IncomingMail) -> Result<Option<Party>, StoreError> {
        for reader in &self.readers {
            let party = tx.party(reader).await?;
            if let Some(party) = party.filter(|party| party.is_list || party.mailbox.as_ref() == mail.from.mailbox()) {
                return Ok(Some(party));
            }
        }
        Ok(None)
    }
}

/// Copied tags fill the list of held mail no faster than reports fill triage.
async fn flood(tx: &mut Tx<'_>, message: &Message<'_>) -> Result<Option<Unheard>, StoreError> {
    let Some(from) = message.read.mail().and_then(|mail| mail.from.mailbox()) else { return Ok(None) };
    let count = tx.held_of_sender(from, message.arrival.arrived_at - HOUR).await?;
    Ok((count >= REPORTS_PER_SENDER_AN_HOUR).then_some(Unheard::TooMany { count }))
}
