//! Mail to a party's own address: an acknowledgement, an addition, a robot's answer, or held for a member.

use crate::domain::abuse::{DAY, LETTERS_PER_ADDRESS};
use crate::domain::case::{Actor, EventKind};
use crate::domain::handling::{NotAcknowledged, acknowledges};
use crate::domain::id::HandlingId;
use crate::domain::letter::LetterKind;
use crate::domain::party::{Party, PartyRole};
use crate::domain::report::{IncomingMail, Reading};
use crate::flows::intake::Message;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, clocks, held};
use crate::mail::write::letters::confirm_reply::{ConfirmReply, confirm_reply};
use crate::store::{Acknowledged, FiledAs, StoreError, Tx};

/// Takes a mail that came to the address of `party`.
pub async fn take(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    party: &Party,
) -> Result<(), StoreError> {
    let mail = match &message.read.reading {
        Reading::Mail(mail) => mail,
        Reading::Unreadable(why) => {
            let because = format!("It could not be read: {why}.");
            return held::for_case(tx, house, step, message, party, &because).await;
        }
    };
    if let Some(sign) = mail.automatic {
        let because = format!("An answer to a letter of ours, recognized by {}.", sign.words());
        message.file_as(tx, step, FiledAs::Automatic, Some(&party.case), Some(because)).await?;
        let detail = message.arrival.id.to_string();
        return record(tx, step, &party.case, EventKind::AutomaticMailFiled, Actor::Stranger, detail).await;
    }
    match &party.role {
        PartyRole::Contact(handling) => from_a_contact(tx, house, step, message, mail, party, handling).await,
        PartyRole::Reporter => from_a_reporter(tx, house, step, message, mail, party).await,
    }
}

async fn from_a_contact(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    mail: &IncomingMail,
    party: &Party,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    match acknowledges(mail, &message.read.proof, party) {
        Ok(()) => {
            held::into_lane(tx, house, step, message, party).await?;
            acknowledge(tx, house, step, party, handling).await?;
            Ok(())
        }
        Err(reason) => {
            held::for_case(tx, house, step, message, party, &sentence(reason)).await?;
            ask_the_contact(tx, house, step, party, handling).await
        }
    }
}

fn sentence(reason: NotAcknowledged) -> String {
    let mut words = reason.to_string();
    words[..1].make_ascii_uppercase();
    words + "."
}

/// The project has it: the first acknowledgement stops its clock and starts the progress follow-up.
pub async fn acknowledge(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    handling: &HandlingId,
) -> Result<Acknowledged, StoreError> {
    let actor = Actor::Party(party.id.to_string());
    let acknowledged = tx.acknowledge(handling, &actor.word(), step.now).await?;
    if acknowledged == Acknowledged::First {
        clocks::project_acknowledged(tx, house, step, &party.case, handling).await?;
        record(tx, step, &party.case, EventKind::Acknowledged, actor, handling.as_str()).await?;
    }
    Ok(acknowledged)
}

/// Asks the contact at its own address whether the held mail was theirs; bounded, for a stranger may have caused it.
async fn ask_the_contact(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    handling: &HandlingId,
) -> Result<(), StoreError> {
    let Some(to) = &party.mailbox else { return Ok(()) };
    let sent = tx.automatic_letters(step.now - DAY, to).await?;
    let (Some(case), Some(row)) = (tx.case_for_update(&party.case).await?, tx.handling(handling).await?) else {
        return Ok(());
    };
    if sent.to_address >= LETTERS_PER_ADDRESS || row.acknowledged_at.is_some() {
        return Ok(());
    }
    let project = step.policy.directory.project(&row.project);
    let words = confirm_reply(&ConfirmReply {
        case: &case.number,
        project: project.map_or(row.project.as_str(), |project| &project.name),
        action_link: &house.action_url(party),
    });
    writing::put(
        tx,
        house,
        step,
        NewLetter {
            kind: LetterKind::ConfirmReply,
            to,
            reply_to: None,
            words: &words,
            case: Some((&case.id, &case.number)),
            handling: Some(handling),
            party: Some(&party.id),
            said_in: None,
            references: &[],
        },
    )
    .await?;
    Ok(())
}

async fn from_a_reporter(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    message: &Message<'_>,
    mail: &IncomingMail,
    party: &Party,
) -> Result<(), StoreError> {
    let because = if !message.read.proof.is_proven() {
        "Neither SPF nor DKIM vouches for the sender."
    } else if mail.from.mailbox().is_none() || mail.from.mailbox() != party.mailbox.as_ref() {
        "It came to the reporter's address from somebody else."
    } else {
        return held::into_lane(tx, house, step, message, party).await;
    };
    held::for_case(tx, house, step, message, party, because).await
}
