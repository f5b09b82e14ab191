//! What a reporter allows, takes back and renews: who sees the name, withdrawal, a new private link.

use crate::domain::abuse::{DAY, LETTERS_PER_ADDRESS};
use crate::domain::address::Purpose;
use crate::domain::case::{Actor, EventKind};
use crate::domain::id::MessageId;
use crate::domain::letter::LetterKind;
use crate::domain::party::{Lane, Party, PartyRole, Shares};
use crate::flows::acknowledging::typed;
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step, crossing, forward, opening, progress};
use crate::mail::write::letters::addition::Added;
use crate::mail::write::letters::forward::Reporter;
use crate::mail::write::letters::new_link::{NewLink, new_link};
use crate::store::{StoreError, Tx};

/// What a project may know of the reporter of a case. Of several reporters none is named: one's consent is not the
/// others'.
pub fn seen(parties: &[Party]) -> Reporter<'_> {
    let mut reporters = parties.iter().filter(|party| party.role == PartyRole::Reporter);
    let (Some(reporter), None) = (reporters.next(), reporters.next()) else { return Reporter::Withheld };
    match (reporter.shares, reporter.name.as_deref(), &reporter.mailbox) {
        (Shares::NameAndAddress, name, Some(mailbox)) => Reporter::Reachable(name, mailbox),
        (Shares::NameAndAddress | Shares::Name, Some(name), _) => Reporter::Named(name),
        _ => Reporter::Withheld,
    }
}

/// What a reporter says by the first visible word of a mail to its own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstWord {
    /// SHARE, or SHARE NAME for the name alone.
    Share(Shares),
    /// YES, to the question whether a project has answered.
    Yes,
}

/// Reads the first line of a mail's visible words as one of our few answers, and gives the rest. A line that goes on
/// is a sentence, and a sentence is no consent: "Share price data leaks …".
pub fn first_word(words: &str) -> Option<(FirstWord, &str)> {
    let (line, rest) = words.trim_start().split_once('\n').unwrap_or((words.trim(), ""));
    let line = line.trim().trim_end_matches(['.', '!']).to_lowercase();
    let word = match line.as_str() {
        "share" => FirstWord::Share(Shares::NameAndAddress),
        "share name" | "share my name" => FirstWord::Share(Shares::Name),
        "yes" => FirstWord::Yes,
        _ => return None,
    };
    Some((word, rest.trim()))
}

/// Changes what the projects may know of `reporter`, and tells those that have the case. `false` if it was so already.
pub async fn share(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    reporter: &Party,
    shares: Shares,
) -> Result<bool, StoreError> {
    if !tx.set_shares(&reporter.id, shares).await? {
        return Ok(false);
    }
    let actor = Actor::Party(reporter.id.to_string());
    record(tx, step, &reporter.case, EventKind::SharingChanged, actor, shares.word()).await?;
    progress::reporter_is_heard(tx, step, &reporter.case).await?;
    if shares != Shares::Nothing {
        tell_the_projects(tx, house, step, reporter, Added::Shares).await?;
    }
    Ok(true)
}

/// Writes to every contact that has the case.
async fn tell_the_projects(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    reporter: &Party,
    what: Added<'_>,
) -> Result<(), StoreError> {
    let parties = tx.parties_of(&reporter.case).await?;
    let handlings = tx.handlings_of(&reporter.case).await?;
    for handling in handlings.iter().filter(|row| row.state.is_open()) {
        for contact in parties.iter().filter(|party| party.is_contact_of(&handling.id)) {
            crossing::tell_contact(tx, house, step, contact, what, None).await?;
        }
    }
    Ok(())
}

/// The reporter withdraws: what still waits is stopped, the projects that have it are told, and a member closes.
/// `false` if that was said before.
pub async fn withdraw(tx: &mut Tx<'_>, house: &House, step: &Step, reporter: &Party) -> Result<bool, StoreError> {
    if !tx.withdraw_report(&reporter.id, step.now).await? {
        return Ok(false);
    }
    let actor = Actor::Party(reporter.id.to_string());
    record(tx, step, &reporter.case, EventKind::WithdrawnByReporter, actor.clone(), "").await?;
    progress::reporter_is_heard(tx, step, &reporter.case).await?;
    let id = MessageId::new(step.now, house.chance());
    tx.insert_message(&typed(id, step, reporter, Lane::Reporter, "I withdraw this report.")).await?;
    for handling in tx.handlings_of(&reporter.case).await?.iter().filter(|row| row.state.is_open()) {
        forward::stop(tx, house, step, handling, actor.clone()).await?;
    }
    tell_the_projects(tx, house, step, reporter, Added::Withdrawn).await?;
    if let Some(case) = tx.case_for_update(&reporter.case).await? {
        let because = "The reporter withdraws the report. A member closes it.";
        tx.set_case_state(&case.id, case.state, Some(because)).await?;
    }
    Ok(true)
}

/// What asking for a new private link came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewed {
    /// It went to the reporter's address, and only there: whoever asked may not be the reporter.
    Mailed,
    /// There is no address to send it to; whoever holds the link is all that we know of the reporter.
    Shown(String),
    /// That address had its letters of today.
    Enough,
}

/// Revokes the reporter's link and address and issues new ones.
pub async fn renew_link(tx: &mut Tx<'_>, house: &House, step: &Step, reporter: &Party) -> Result<Renewed, StoreError> {
    if let Some(to) = &reporter.mailbox
        && tx.automatic_letters(step.now - DAY, to).await?.to_address >= LETTERS_PER_ADDRESS
    {
        return Ok(Renewed::Enough);
    }
    if !tx.raise_generation(&reporter.id, reporter.generation).await? {
        // Pressed twice at once: the other press has sent it.
        return Ok(Renewed::Mailed);
    }
    let renewed = Party { generation: reporter.generation + 1, ..reporter.clone() };
    opening::issue(tx, house, &renewed, &[Purpose::PartyAddress, Purpose::StatusLink]).await?;
    let actor = Actor::Party(reporter.id.to_string());
    record(tx, step, &reporter.case, EventKind::LinkRenewed, actor, "").await?;
    if renewed.mailbox.is_none() {
        return Ok(Renewed::Shown(house.status_url(&renewed)));
    }
    mail_link(tx, house, step, &renewed).await?;
    Ok(Renewed::Mailed)
}

/// Mails a reporter the link of now; bounded, for anybody with an old one may ask.
pub async fn mail_link_again(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    reporter: &Party,
) -> Result<Renewed, StoreError> {
    let Some(to) = &reporter.mailbox else { return Ok(Renewed::Enough) };
    if tx.automatic_letters(step.now - DAY, to).await?.to_address >= LETTERS_PER_ADDRESS {
        return Ok(Renewed::Enough);
    }
    mail_link(tx, house, step, reporter).await?;
    Ok(Renewed::Mailed)
}

async fn mail_link(tx: &mut Tx<'_>, house: &House, step: &Step, reporter: &Party) -> Result<(), StoreError> {
    let (Some(to), Some(case)) = (&reporter.mailbox, tx.case_for_update(&reporter.case).await?) else {
        return Ok(());
    };
    let words = new_link(&NewLink { case: &case.number, status_link: &house.status_url(reporter) });
    let reply_to = step.own_addresses().with(&house.party_token(reporter));
    let letter = NewLetter {
        kind: LetterKind::NewLink,
        to,
        reply_to: Some(&reply_to),
        words: &words,
        case: Some((&case.id, &case.number)),
        handling: None,
        party: Some(&reporter.id),
        said_in: None,
        references: &[],
    };
    writing::put(tx, house, step, letter).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_of_its_own_is_a_consent() {
        let all = FirstWord::Share(Shares::NameAndAddress);
        for (words, read) in [
            ("SHARE", Some((all, ""))),
            ("Share.\n\nAlso, it needs -O2.", Some((all, "Also, it needs -O2."))),
            ("share my name", Some((FirstWord::Share(Shares::Name), ""))),
            ("  YES!  ", Some((FirstWord::Yes, ""))),
            ("Share price data leaks to others", None),
            ("Shared memory", None),
            ("Please do not\nSHARE", None),
            ("", None),
        ] {
            assert_eq!(first_word(words), read, "{words:?}");
        }
    }
}
