//! Asks once more, before a letter leaves, whether its recipient is still to have it (THREATS.md row 50).
//!
//! A recipient is fixed when the letter is written. A contact that left its project while the letter waited has never
//! had the report and does not get it now. Who has had it stays on the case until a member forwards again.

use crate::domain::delivery::Delivery;
use crate::domain::letter::LetterKind;
use crate::flows::bounces::is_to_a_contact;
use crate::flows::{House, Step};
use crate::store::{ClaimedLetter, StoreError};

/// RFC 3463 section 3.2: the mailbox has moved and left no address, which is what became of the contact.
const NO_CONTACT_ANY_MORE: &str = "5.1.6";

/// What becomes of a letter that is not to leave; `None` lets it go. All that follows a refusal follows: the deputies
/// join and the committee is told. While the records cannot be asked, the letter waits as for a busy server.
pub async fn stops(house: &House, step: &Step, letter: &ClaimedLetter) -> Option<Delivery> {
    match has_left(house, step, letter).await {
        Ok(None) => None,
        Ok(Some(project)) => {
            let answer = format!("Not sent: this is no contact of {project} any more, and had not got the report yet.");
            Some(Delivery::Refused { status: NO_CONTACT_ANY_MORE.to_owned(), answer })
        }
        Err(fault) => {
            tracing::warn!(letter = %letter.id, %fault, "whether its recipient is still a contact could not be asked");
            Some(Delivery::Deferred { answer: "We could not ask our own records.".to_owned() })
        }
    }
}

/// The project that the recipient is no contact of any more, if it has not had the report before.
async fn has_left(house: &House, step: &Step, letter: &ClaimedLetter) -> Result<Option<String>, StoreError> {
    let (Some(case), Some(handling), true) = (&letter.case, &letter.handling, is_to_a_contact(letter.kind)) else {
        return Ok(None);
    };
    let Some(row) = house.store.handling(handling).await? else { return Ok(None) };
    let project = step.policy.directory.project(&row.project);
    if project.is_some_and(|project| project.contacts.iter().any(|contact| contact.email == letter.recipient)) {
        return Ok(None);
    }
    let letters = house.store.letters_of(case).await?;
    let has_it = letters
        .iter()
        .any(|other| other.kind == LetterKind::Forward && other.party == letter.party && other.sent_at.is_some());
    Ok((!has_it).then(|| project.map_or_else(|| row.project.to_string(), |project| project.name.clone())))
}
