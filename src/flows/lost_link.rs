//! Whoever lost the private link of a report gets it again at the address that the report belongs to, and nowhere else.

use crate::domain::abuse::{DAY, LETTERS_PER_ADDRESS};
use crate::domain::address::Mailbox;
use crate::domain::letter::LetterKind;
use crate::flows::House;
use crate::flows::writing::{self, NewLetter};
use crate::mail::write::letters::lost_link::{Known, LostLink, lost_link};
use crate::store::StoreError;

/// Reports that one letter names; who has more of them answers a mail.
const REPORTS_MAX: usize = 10;

/// Mails the links of the reports of `address` to it, if it has any. The caller answers the same either way.
pub async fn mail_links(house: &House, address: &Mailbox) -> Result<(), StoreError> {
    let limit = i64::try_from(REPORTS_MAX).unwrap_or(i64::MAX) + 1;
    let mut found = house.store.reported_by(address, limit).await?;
    let there_are_more = found.len() > REPORTS_MAX;
    found.truncate(REPORTS_MAX);
    // The address as its own report has it: what was typed now has no say in where a letter goes.
    let Some(to) = found.first().and_then(|report| report.party.mailbox.clone()) else { return Ok(()) };
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if tx.automatic_letters(step.now - DAY, &to).await?.to_address >= LETTERS_PER_ADDRESS {
        return Ok(());
    }
    let links: Vec<String> = found.iter().map(|report| house.status_url(&report.party)).collect();
    let known = found.iter().zip(&links).map(|(report, status_link)| Known {
        case: &report.number,
        received_at: report.received_at,
        status_link,
    });
    let reports: Vec<Known<'_>> = known.collect();
    let org = &step.policy.directory.foundation.name;
    let words = lost_link(&LostLink { org, reports: &reports, there_are_more });
    writing::put(&mut tx, house, &step, NewLetter::of_no_case(LetterKind::LostLink, &to, &words)).await?;
    tx.commit().await?;
    house.letters.notify_one();
    Ok(())
}
