//! Sent, and told to the right people only (DESIGN.md promises 4 and 5): what the relay took, letter by letter.

use std::collections::BTreeMap;

use fingerpost::mail::write::transport::SentLetter;

use crate::simulation::reach;
use crate::simulation::reporters::REPORTERS;
use crate::simulation::seen::{LetterSeen, Seen};
use crate::simulation::world::{Broken, Ledger, Secret, broken};

const ONCE: &str = "Each letter goes out once, and once more only if the program died over it.";
const STOPPED: &str = "What was stopped does not leave.";
const RIGHT_PEOPLE: &str = "Nothing of a report reaches anyone but those who may read it.";
const NOT_IN_SUBJECTS: &str = "Subjects say nothing of a report.";
const KEEPS_NAMES: &str = "A reporter who did not agree is not named to a project.";
const KEEPS_CONTACTS: &str = "A reporter never sees the address of a contact.";
const LEFT: &str = "Whoever had left the contacts when a case was forwarded again hears no more of it.";
const NOT_LEARNED: &str = "No letter tells what members taught the judge.";
const LEAVES: &str = "No letter waits for ever.";

/// Looks at every letter that the relay took since `known` of them.
pub fn check(seen: &Seen, sent: &[SentLetter], known: usize, ledger: &Ledger) -> Result<(), Broken> {
    let mut copies: BTreeMap<&str, Vec<&SentLetter>> = BTreeMap::new();
    for letter in sent {
        copies.entry(letter.id.as_str()).or_default().push(letter);
    }
    for letter in &sent[known..] {
        let id = letter.id.as_str();
        let Some(row) = seen.letters.get(id) else {
            return Err(broken(ONCE, format!("\"{}\" left and no row tells of it", letter.subject())));
        };
        let (of, allowed) = (&copies[id], 1 + ledger.repeats.get(id).copied().unwrap_or_default());
        if of.len() > allowed || of.iter().any(|copy| copy.bytes != letter.bytes) {
            return Err(broken(ONCE, format!("{} copies of a {} to {}", of.len(), row.kind, row.recipient)));
        }
        if row.withdrawn_at.is_some() {
            return Err(broken(STOPPED, format!("a {} to {} was withdrawn and left", row.kind, row.recipient)));
        }
        if row.party.as_ref().is_some_and(|party| ledger.left.contains_key(party)) {
            return Err(broken(LEFT, format!("{row:?}")));
        }
        reach::check_letter(seen, letter, row, ledger)?;
        is_for_its_reader(seen, letter, row, ledger)?;
    }
    Ok(())
}

/// When all servers are well again and time has passed, every letter is settled.
pub fn check_at_the_end(seen: &Seen) -> Result<(), Broken> {
    match seen.letters.values().find(|letter| letter.settled_at.is_none()) {
        Some(letter) => Err(broken(LEAVES, format!("{letter:?}"))),
        None => Ok(()),
    }
}

fn is_for_its_reader(seen: &Seen, letter: &SentLetter, row: &LetterSeen, ledger: &Ledger) -> Result<(), Broken> {
    let (subject, text) = (letter.subject(), letter.text());
    for secret in &ledger.secrets {
        if subject.contains(&secret.word) {
            return Err(broken(NOT_IN_SUBJECTS, format!("\"{subject}\" to {}", row.recipient)));
        }
        if text.contains(&secret.word) && !may_read(seen, row, secret) {
            let readers = &secret.readers;
            return Err(broken(RIGHT_PEOPLE, format!("{} for {readers:?} stands in {row:?}:\n{text}", secret.word)));
        }
    }
    if row.party.is_some() && text.contains("is remembered as") {
        return Err(broken(NOT_LEARNED, format!("{row:?}:\n{text}")));
    }
    let is_to_a_contact = row.party.is_some() && row.handling.is_some();
    let is_to_a_reporter = row.party.is_some() && row.handling.is_none();
    if is_to_a_contact {
        names_no_reporter(seen, row, &text, ledger)?;
    }
    let head = String::from_utf8_lossy(&letter.bytes);
    let contacts = seen.parties.values().filter(|party| party.handling.is_some());
    // A contact may report as well.
    let others = contacts.filter_map(|party| party.address.as_deref()).filter(|address| *address != row.recipient);
    let told = |address: &&str| text.contains(*address) || head.contains(*address);
    match others.filter(|_| is_to_a_reporter).find(told) {
        Some(address) => Err(broken(KEEPS_CONTACTS, format!("{address} in {row:?}:\n{text}"))),
        None => Ok(()),
    }
}

fn may_read(seen: &Seen, letter: &LetterSeen, secret: &Secret) -> bool {
    let Some(case) = &letter.case else { return false };
    let (is_to_a_party, part) = (letter.party.is_some(), letter.handling.as_ref());
    // What a member made a report of its own is read like one.
    let is_a_reader = secret.is_for(part.map(String::as_str)) || part.is_some() && secret.is_reported(seen);
    secret.is_of(case, seen) && is_to_a_party && is_a_reader
}

fn names_no_reporter(seen: &Seen, letter: &LetterSeen, text: &str, ledger: &Ledger) -> Result<(), Broken> {
    let reporters =
        seen.parties.iter().filter(|(_, party)| Some(&party.case) == letter.case.as_ref() && party.handling.is_none());
    for (id, party) in reporters.filter(|(id, _)| !ledger.shared.contains(*id)) {
        let of = REPORTERS.iter().find(|(_, address)| party.address.as_deref() == Some(*address));
        let Some((name, address)) = of else { continue };
        let last = name.rsplit(' ').next().expect("a name has words");
        if let Some(told) = [last, *address].into_iter().find(|told| text.contains(told)) {
            return Err(broken(KEEPS_NAMES, format!("{told} ({id}) in {letter:?}:\n{text}")));
        }
    }
    Ok(())
}
