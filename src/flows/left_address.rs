//! The address that an anonymous reporter leaves later: its mailbox proves itself by a link before anything else goes there.

use jiff::{SignedDuration, Timestamp};

use crate::domain::abuse::{self, DAY};
use crate::domain::address::{Mailbox, Purpose, Token};
use crate::domain::case::{Actor, EventKind};
use crate::domain::id::LetterId;
use crate::domain::letter::LetterKind;
use crate::domain::party::Party;
use crate::flows::status::{begin, end};
use crate::flows::writing::{self, NewLetter, record};
use crate::flows::{House, Step};
use crate::mail::write::letters::address::{Prove, Taken, prove, taken};
use crate::store::{LetterFacts, StoreError, Tx};

/// A proof lives as long as that of a contact (DESIGN.md 3.3).
const PROOF_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Proofs for one report in a day: whoever holds a private link must not use us to write to many.
const PROOFS_A_DAY: usize = 3;

/// An address whose proof was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub address: Mailbox,
    pub at: Timestamp,
    /// It did not take our mail.
    pub came_back: bool,
}

/// The address of this reporter that waits for its proof, if one does.
pub async fn asked(house: &House, party: &Party) -> Result<Option<Asked>, StoreError> {
    if party.mailbox.is_some() {
        return Ok(None);
    }
    let letters = house.store.letters_of(&party.case).await?;
    let Some(last) = proofs_of(&letters, party).last() else { return Ok(None) };
    let link = house.store.link(&token(house, &last.id).fingerprint()).await?;
    let waits = link.is_some_and(|link| link.used_at.is_none() && link.expires_at.is_some_and(|end| house.now() < end));
    let asked = Asked { address: last.recipient.clone(), at: last.created_at, came_back: last.refused_at.is_some() };
    Ok(waits.then_some(asked))
}

fn proofs_of<'l>(letters: &'l [LetterFacts], party: &Party) -> impl Iterator<Item = &'l LetterFacts> + use<'l> {
    let party = party.id.clone();
    letters
        .iter()
        .filter(move |letter| letter.kind == LetterKind::ProveAddress && letter.party.as_ref() == Some(&party))
}

fn token(house: &House, letter: &LetterId) -> Token {
    house.key.token(Purpose::AddressProof, letter.as_str(), 0)
}

/// "Write to me": asks the mailbox for its proof. An earlier address that was not proven is asked no more.
///
/// What came of it is not told: that an address had mail of ours today is not for others to know.
pub async fn leave(house: &House, status: &Token, address: &Mailbox) -> Result<Option<()>, StoreError> {
    let Some((party, mut tx)) = begin(house, status).await? else { return Ok(None) };
    if party.mailbox.is_some() {
        return Ok(Some(()));
    }
    let step = house.step();
    let letters = tx.letters_to(&party.case, &party.id).await?;
    let earlier: Vec<&LetterFacts> = proofs_of(&letters, &party).collect();
    let is_today = |letter: &&&LetterFacts| letter.created_at > step.now - DAY;
    let had_enough = earlier.iter().filter(is_today).count() >= PROOFS_A_DAY;
    if had_enough || !abuse::may_ask_for_proof(tx.automatic_letters(step.now - DAY, address).await?) {
        return Ok(Some(()));
    }
    ask_no_more(&mut tx, &step, &party, &earlier).await?;
    ask_for_proof(&mut tx, house, &step, &party, address).await?;
    end(house, tx).await.map(Some)
}

async fn ask_for_proof(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    party: &Party,
    to: &Mailbox,
) -> Result<(), StoreError> {
    let Some(case) = tx.case_for_update(&party.case).await? else { return Ok(()) };
    let id = writing::new_id(house, step);
    let (token, open_by) = (token(house, &id), step.now + PROOF_LIFE);
    tx.issue(&token, id.as_str(), 0, Some(open_by)).await?;
    let link = format!("{}/address/{}", house.public_url, token.letters());
    let words = prove(&Prove { org: &step.policy.directory.foundation.name, open_by, link: &link });
    let new = NewLetter {
        case: Some((&case.id, &case.number)),
        party: Some(&party.id),
        ..NewLetter::of_no_case(LetterKind::ProveAddress, to, &words)
    };
    writing::put_as(tx, house, step, new, id, step.now).await.map(|_| ())
}

/// "Take it back": the address that waits is asked no more, and a letter to it that has not left stays here.
pub async fn take_back(house: &House, status: &Token) -> Result<Option<()>, StoreError> {
    let Some((party, mut tx)) = begin(house, status).await? else { return Ok(None) };
    let letters = tx.letters_to(&party.case, &party.id).await?;
    let earlier: Vec<&LetterFacts> = proofs_of(&letters, &party).collect();
    ask_no_more(&mut tx, &house.step(), &party, &earlier).await?;
    end(house, tx).await.map(Some)
}

async fn ask_no_more(tx: &mut Tx<'_>, step: &Step, party: &Party, letters: &[&LetterFacts]) -> Result<(), StoreError> {
    for letter in letters {
        tx.expire_links(letter.id.as_str(), step.now).await?;
        if tx.withdraw_letter(&letter.id, step.now).await? {
            let actor = Actor::Party(party.id.to_string());
            record(tx, step, &party.case, EventKind::LetterWithdrawn, actor, letter.id.as_str()).await?;
        }
    }
    Ok(())
}

/// What whoever holds the mailbox is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofView {
    /// The foundation's name.
    pub org: String,
    pub address: Mailbox,
}

/// What the link asks, while it may be answered; changes nothing, for mail gateways open every link.
pub async fn open(house: &House, token: &Token) -> Result<Option<ProofView>, StoreError> {
    let Some(link) = house.store.link(&token.fingerprint()).await? else { return Ok(None) };
    let is_open = link.purpose == Purpose::AddressProof
        && link.used_at.is_none()
        && link.expires_at.is_some_and(|end| house.now() < end);
    let letter = house.store.letter(&LetterId::from_row(link.row)).await?.filter(|_| is_open);
    let org = house.policy().directory.foundation.name.clone();
    Ok(letter.map(|letter| ProofView { org, address: letter.recipient }))
}

/// "Confirm": the report is this mailbox's from now on, which gets its link. `None` if the link is used up.
pub async fn confirm(house: &House, token: &Token) -> Result<Option<()>, StoreError> {
    let Some((letter, party)) = asked_by(house, token).await? else { return Ok(None) };
    let step = house.step();
    let mut tx = house.store.begin().await?;
    let Some(case) = tx.case_for_update(&party.case).await? else { return Ok(None) };
    if !tx.use_link(&token.fingerprint(), step.now).await? {
        return Ok(None);
    }
    if tx.set_reporters_address(&party.id, &letter.recipient).await? {
        let actor = Actor::Party(party.id.to_string());
        record(&mut tx, &step, &case.id, EventKind::AddressProven, actor, letter.id.as_str()).await?;
        let party = Party { mailbox: Some(letter.recipient.clone()), ..tx.party(&party.id).await?.unwrap_or(party) };
        let words = taken(&Taken { case: &case.number, status_link: &house.status_url(&party) });
        let letter = (LetterKind::AddressTaken, &words, None);
        writing::to_party(&mut tx, house, &step, (&case.id, &case.number), &party, letter).await?;
    }
    end(house, tx).await.map(Some)
}

/// "Not me": nothing goes there. `None` if the link is used up.
pub async fn not_me(house: &House, token: &Token) -> Result<Option<()>, StoreError> {
    let Some((_, party)) = asked_by(house, token).await? else { return Ok(None) };
    let step = house.step();
    let mut tx = house.store.begin().await?;
    if tx.case_for_update(&party.case).await?.is_none() || !tx.use_link(&token.fingerprint(), step.now).await? {
        return Ok(None);
    }
    record(&mut tx, &step, &party.case, EventKind::AddressRefused, Actor::Stranger, "").await?;
    end(house, tx).await.map(Some)
}

/// The letter that carried the link, and for whom it asked.
async fn asked_by(house: &House, token: &Token) -> Result<Option<(LetterFacts, Party)>, StoreError> {
    let link = house.store.link(&token.fingerprint()).await?;
    let Some(link) = link.filter(|link| link.purpose == Purpose::AddressProof) else { return Ok(None) };
    let Some(letter) = house.store.letter(&LetterId::from_row(link.row)).await? else { return Ok(None) };
    let Some(party) = &letter.party else { return Ok(None) };
    let party = house.store.party(party).await?;
    Ok(party.map(|party| (letter, party)))
}
