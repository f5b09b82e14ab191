//! How a reporter stays reachable: an address left later on the private page, its proof, and a link that was lost.

use std::sync::Arc;

use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::flows::{House, left_address, lost_link};
use fingerpost::mail::write::transport::SentLetter;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::contacts::of_kind;
use crate::simulation::form::PrivateLink;
use crate::simulation::reporters::{REPORTERS, link, links};
use crate::simulation::seen::{LetterSeen, Micros, Seen};
use crate::simulation::world::{Broken, Ledger, World, broken};

const PROOF_ALONE: &str = "An address that did not prove itself gets nothing but its proof.";
const SAYS_NOTHING: &str = "A proof says nothing of the report.";
const OWN_ADDRESS: &str = "A lost link goes to the address of its report alone.";
const BOUNDED: &str = "No address is sent its links more than three times a day.";

const A_DAY: usize = 3;
const DAY: Micros = 24 * 3_600_000_000;

/// Whom nobody knows who did not leave them on a page.
const OWLS: [&str; 2] = ["owl@owls.example", "other@owls.example"];
const STRANGER: &str = "mallory@elsewhere.example";

#[derive(Debug, Clone, Copy)]
pub enum ReachAct {
    Leaves { pick: Pick, owl: usize },
    TakesBack { pick: Pick },
    Proves { pick: Pick, is_me: bool },
    LosesTheLink { who: usize },
}

impl ReachAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let pick = Pick::roll(rng);
        match rng.random_range(0..10) {
            0..4 => Self::Leaves { pick, owl: rng.random_range(0..OWLS.len()) },
            4..5 => Self::TakesBack { pick },
            5..8 => Self::Proves { pick, is_me: rng.random_range(0..4) > 0 },
            _ => Self::LosesTheLink { who: rng.random_range(0..REPORTERS.len() + OWLS.len() + 1) },
        }
    }

    pub async fn happen(self, world: &mut World) -> Result<(), Broken> {
        match self {
            Self::Leaves { pick, owl } => {
                let owl = Mailbox::parse(OWLS[owl]).expect("a mailbox");
                on_a_page(world, pick, Some(owl)).await?;
            }
            Self::TakesBack { pick } => on_a_page(world, pick, None).await?,
            Self::Proves { pick, is_me } => proves(world, pick, is_me).await?,
            Self::LosesTheLink { who } => {
                let reporters = REPORTERS.iter().map(|(_, address)| *address);
                let all: Vec<&str> = reporters.chain(OWLS).chain([STRANGER]).collect();
                world.note(format_args!("{} lost a link", all[who]));
                let (house, address) = (Arc::clone(&world.stage.house), Mailbox::parse(all[who]).expect("a mailbox"));
                world.part("it mails links", async move { lost_link::mail_links(&house, &address).await }).await?;
            }
        }
        world.works().await
    }
}

/// An address is left on the page of somebody who gave none, or taken back.
async fn on_a_page(world: &mut World, pick: Pick, address: Option<Mailbox>) -> Result<(), Broken> {
    let pages: Vec<PrivateLink> = world.ledger.links.iter().filter(|link| link.is_anonymous).cloned().collect();
    let Some(page) = pick.among(&pages) else { return Ok(()) };
    let token = Token::read(Purpose::StatusLink, page.token.letters()).expect("it was given out");
    let house = Arc::clone(&world.stage.house);
    match address {
        Some(address) => {
            world.note(format_args!("somebody without a name leaves {address}"));
            let part = async move { left_address::leave(&house, &token, &address).await };
            world.part("a reporter leaves an address", part).await.map(|_| ())
        }
        None => {
            world.note("somebody without a name takes an address back");
            let part = async move { left_address::take_back(&house, &token).await };
            world.part("a reporter takes an address back", part).await.map(|_| ())
        }
    }
}

async fn proves(world: &mut World, pick: Pick, is_me: bool) -> Result<(), Broken> {
    let letters = of_kind(world, "prove-address");
    let Some(letter) = pick.among(&letters) else { return Ok(()) };
    let Some(token) = link(letter, "/address/", Purpose::AddressProof) else { return Ok(()) };
    let party = world.seen.letters[letter.id.as_str()].party.clone().unwrap_or_default();
    world.note(format_args!("{} says {}", letter.recipient, if is_me { "yes" } else { "that it is not me" }));
    let house = Arc::clone(&world.stage.house);
    if is_me {
        // Whatever comes of it: the mailbox has spoken.
        world.ledger.proven.insert((party, letter.recipient.to_string()));
        let part = async move { left_address::confirm(&house, &token).await };
        world.part("a mailbox proves itself", part).await.map(|_| ())
    } else {
        let part = async move { left_address::not_me(&house, &token).await };
        world.part("a mailbox refuses", part).await.map(|_| ())
    }
}

/// Of one letter that left.
pub fn check_letter(seen: &Seen, letter: &SentLetter, row: &LetterSeen, ledger: &Ledger) -> Result<(), Broken> {
    let is_to_an_owl = OWLS.contains(&row.recipient.as_str());
    match row.kind.as_str() {
        "prove-address" => says_nothing(seen, letter, row, ledger),
        "lost-link" if !has_a_report(seen, &row.recipient) => Err(broken(OWN_ADDRESS, format!("{row:?}"))),
        "lost-link" => Ok(()),
        _ if is_to_an_owl && !is_its_own(seen, row, ledger) => Err(broken(PROOF_ALONE, format!("{row:?}"))),
        _ => Ok(()),
    }
}

fn says_nothing(seen: &Seen, letter: &SentLetter, row: &LetterSeen, ledger: &Ledger) -> Result<(), Broken> {
    let (text, subject) = (letter.text(), letter.subject());
    let number = row.case.as_ref().map(|case| seen.cases[case].number.as_str()).unwrap_or_default();
    let secrets = ledger.secrets.iter().map(|secret| secret.word.as_str());
    let mut told = secrets.chain([number, "/s/"]).filter(|word| text.contains(word) || subject.contains(word));
    match told.next() {
        Some(word) => Err(broken(SAYS_NOTHING, format!("{word} in:\n{text}"))),
        None => Ok(()),
    }
}

fn has_a_report(seen: &Seen, address: &str) -> bool {
    seen.parties.values().any(|party| party.handling.is_none() && party.address.as_deref() == Some(address))
}

/// Whether the letter is to whoever has proven to be that party, or wrote to us from that address.
fn is_its_own(seen: &Seen, row: &LetterSeen, ledger: &Ledger) -> bool {
    let Some(id) = &row.party else { return false };
    let party = &seen.parties[id];
    let is_case_of = |link: &PrivateLink| seen.arrivals.get(&link.arrival).and_then(|row| row.case.as_ref());
    let mut anonymous = ledger.links.iter().filter(|link| link.is_anonymous);
    let was_anonymous = anonymous.any(|link| is_case_of(link) == Some(&party.case));
    let has_proven = ledger.proven.contains(&(id.clone(), row.recipient.clone()));
    party.address.as_ref() == Some(&row.recipient) && (has_proven || !was_anonymous)
}

/// What must hold between two moments at which the program rests.
pub fn check(before: &Seen, seen: &Seen, ledger: &Ledger) -> Result<(), Broken> {
    // A day is none of 24 hours where the wall clock jumps.
    if ledger.jumped_at.is_some() {
        return Ok(());
    }
    let mailed = || seen.letters.iter().filter(|(_, letter)| letter.kind == "lost-link");
    for (_, new) in mailed().filter(|(id, _)| !before.letters.contains_key(*id)) {
        let day = new.created_at - DAY..=new.created_at;
        let same = mailed().filter(|(_, of)| of.recipient == new.recipient && day.contains(&of.created_at)).count();
        if same > A_DAY {
            return Err(broken(BOUNDED, format!("{same} to {}", new.recipient)));
        }
    }
    Ok(())
}

/// Each link in a letter about lost ones opens a report of its recipient, as far as it opens anything.
pub async fn check_links(house: &House, seen: &Seen, sent: &[SentLetter]) -> Result<(), Broken> {
    let is_about_lost =
        |letter: &&SentLetter| seen.letters.get(letter.id.as_str()).is_some_and(|row| row.kind == "lost-link");
    for letter in sent.iter().filter(is_about_lost) {
        for token in links(letter, "/s/", Purpose::StatusLink) {
            let Some(link) = house.store.link(&token.fingerprint()).await.expect("the store is there") else {
                continue;
            };
            let owner = seen.parties.get(&link.row).and_then(|party| party.address.as_deref());
            if owner != Some(letter.recipient.as_str()) {
                return Err(broken(OWN_ADDRESS, format!("{owner:?} in a letter to {}", letter.recipient)));
            }
        }
    }
    Ok(())
}
