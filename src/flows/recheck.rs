//! Asks once more, before a letter leaves, whether its recipient is still to have it (THREATS.md row 50).
//!
//! A recipient is fixed when the letter is written. A contact that left its project while the letter waited has never
//! had the report and does not get it now. Who has had it stays on the case until a member forwards again, but for a
//! domain that is gone: whoever takes it up next would read our letters.

use crate::domain::delivery::Delivery;
use crate::domain::letter::LetterKind;
use crate::flows::bounces::is_to_a_contact;
use crate::flows::{House, Step};
use crate::store::{ClaimedLetter, StoreError};

/// RFC 3463 section 3.2: the mailbox has moved and left no address, which is what became of the contact.
const NO_CONTACT_ANY_MORE: &str = "5.1.6";
/// RFC 3463 section 3.2: the domain does not exist or takes no mail.
const DOMAIN_GONE: &str = "5.1.2";

/// What becomes of a letter that is not to leave; `None` lets it go. What follows a refusal follows: the deputies join
/// and the committee is told, once of each contact. While the records cannot be asked, it waits as for a busy server.
pub async fn stops(house: &House, step: &Step, letter: &ClaimedLetter) -> Option<Delivery> {
    match not_any_more(house, step, letter).await {
        Ok(because) => because.map(|(status, answer)| Delivery::Stopped { status: status.to_owned(), answer }),
        Err(fault) => {
            tracing::warn!(letter = %letter.id, %fault, "whether its recipient is still a contact could not be asked");
            Some(Delivery::Deferred { answer: "We could not ask our own records.".to_owned() })
        }
    }
}

/// Why the recipient is not to have this letter any more, with the status that says so.
async fn not_any_more(
    house: &House,
    step: &Step,
    letter: &ClaimedLetter,
) -> Result<Option<(&'static str, String)>, StoreError> {
    let (Some(case), Some(handling), true) = (&letter.case, &letter.handling, is_to_a_contact(letter.kind)) else {
        return Ok(None);
    };
    // The rows know it before the directory does: that of another node, or of a program that has just started.
    if let Some(because) = house.store.why_gone(letter.recipient.domain()).await? {
        return Ok(Some((DOMAIN_GONE, format!("Not sent, for its domain takes no mail any more. {because}"))));
    }
    let Some(row) = house.store.handling(handling).await? else { return Ok(None) };
    let project = step.policy.directory.project(&row.project);
    if project.is_some_and(|project| project.contacts.iter().any(|contact| contact.email == letter.recipient)) {
        return Ok(None);
    }
    let letters = house.store.letters_of(case).await?;
    let has_it = letters
        .iter()
        .any(|other| other.kind == LetterKind::Forward && other.party == letter.party && other.sent_at.is_some());
    let name = project.map_or(row.project.as_str(), |project| &project.name);
    let left = || format!("Not sent, for this is no contact of {name} any more and had not got the report yet.");
    Ok((!has_it).then(|| (NO_CONTACT_ANY_MORE, left())))
}
