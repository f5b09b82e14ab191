//! What contacts and the board do: reply, press the buttons behind their links, show that they are there.

use std::sync::Arc;

use fingerpost::domain::address::Purpose;
use fingerpost::domain::id::PartyId;
use fingerpost::flows::links::{self, Once};
use fingerpost::flows::{board, contacts};
use fingerpost::mail::write::transport::SentLetter;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::reporters::{fresh, link};
use crate::simulation::world::{Broken, Origin, Readers, World};
use crate::stage::reply_address;

/// The one contact that anybody may answer for.
pub const THE_LIST: &str = "security@parsley.example";

#[derive(Debug, Clone)]
pub enum ContactAct {
    Replies { pick: Pick, who: Who, is_to_the_reporter: bool },
    Presses { pick: Pick, button: Button },
    BoardTakesUp { pick: Pick },
    IsStillThere { pick: Pick },
}

/// Who answers a letter to a contact.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    Itself,
    /// Counts where the contact is a list.
    Colleague,
    Unproven,
    Stranger,
}

#[derive(Debug, Clone, Copy)]
pub enum Button {
    HasIt,
    NotOurs,
    OthersToo,
    AnsweredElsewhere,
    AnswersTheReporter,
    IsAway { days: i64 },
}

impl ContactAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let pick = Pick::roll(rng);
        match rng.random_range(0..100) {
            0..45 => Self::Replies {
                pick,
                who: [Who::Itself, Who::Itself, Who::Colleague, Who::Unproven, Who::Stranger][rng.random_range(0..5)],
                is_to_the_reporter: rng.random_range(0..3) == 0,
            },
            45..85 => Self::Presses {
                pick,
                button: [
                    Button::HasIt,
                    Button::HasIt,
                    Button::NotOurs,
                    Button::OthersToo,
                    Button::AnsweredElsewhere,
                    Button::AnswersTheReporter,
                    Button::IsAway { days: rng.random_range(0..20) },
                ][rng.random_range(0..7)],
            },
            85..93 => Self::BoardTakesUp { pick },
            _ => Self::IsStillThere { pick },
        }
    }

    pub fn is_about_absences(&self) -> bool {
        matches!(self, Self::Presses { button: Button::IsAway { .. }, .. })
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        match *self {
            Self::Replies { pick, who, is_to_the_reporter } => replies(world, pick, who, is_to_the_reporter).await,
            Self::Presses { pick, button } => presses(world, pick, button).await,
            Self::BoardTakesUp { pick } => {
                let letters = of_kind(world, "escalation");
                let Some(token) = pick.among(&letters).and_then(|letter| link(letter, "/b/", Purpose::BoardLink))
                else {
                    return Ok(());
                };
                world.note("the board is on it");
                let house = Arc::clone(&world.stage.house);
                world.part("the board takes it up", async move { board::take_up(&house, &token).await }).await?;
                world.works().await
            }
            Self::IsStillThere { pick } => {
                let letters = of_kind(world, "quarterly");
                let Some(token) = pick.among(&letters).and_then(|letter| link(letter, "/c/", Purpose::ContactLink))
                else {
                    return Ok(());
                };
                world.note("a contact is still there");
                let house = Arc::clone(&world.stage.house);
                world.part("a contact confirms", async move { contacts::still_me(&house, &token).await }).await?;
                world.works().await
            }
        }
    }
}

/// Letters of that kind that were taken by the relay.
pub fn of_kind(world: &World, kind: &str) -> Vec<SentLetter> {
    let fits = |letter: &SentLetter| world.seen.letters.get(letter.id.as_str()).is_some_and(|row| row.kind == kind);
    world.sent().into_iter().filter(fits).collect()
}

/// Letters to contacts of a part of a case.
pub fn to_contacts(world: &World) -> Vec<SentLetter> {
    let is_to_one = |letter: &SentLetter| {
        let row = world.seen.letters.get(letter.id.as_str());
        row.is_some_and(|row| row.party.is_some() && row.handling.is_some())
    };
    world.sent().into_iter().filter(is_to_one).collect()
}

async fn replies(world: &mut World, pick: Pick, who: Who, is_to_the_reporter: bool) -> Result<(), Broken> {
    let letters = to_contacts(world);
    let Some(letter) = pick.among(&letters) else { return Ok(()) };
    let row = world.seen.letters[letter.id.as_str()].clone();
    let party = row.party.unwrap_or_default();
    let second = letter
        .text()
        .find("security+r.")
        .map(|start| letter.text()[start..].split_whitespace().next().unwrap_or_default().to_owned());
    let to = match second {
        Some(second) if is_to_the_reporter => second,
        _ => reply_address(letter),
    };
    if to.is_empty() {
        return Ok(());
    }
    let from = match who {
        Who::Itself | Who::Unproven => letter.recipient.to_string(),
        Who::Colleague => format!("kai@{}", letter.recipient.domain()),
        Who::Stranger => "mallory@elsewhere.example".to_owned(),
    };
    let by_id = world.stage.house.store.party(&PartyId::from_row(&party)).await.expect("the store is there");
    let counts = match who {
        // Its mail waits for a member, as a stranger's does.
        _ if by_id.is_some_and(|party| party.has_left()) => false,
        Who::Itself => true,
        // Whoever is a stranger elsewhere may have been made a contact here.
        Who::Colleague | Who::Stranger => [THE_LIST, from.as_str()].contains(&letter.recipient.as_str()),
        Who::Unproven => false,
    };
    if counts {
        world.ledger.acted.insert(party);
    }
    let readers = match counts {
        true if to.contains("+r.") => Readers::Reporter,
        true => Readers::Nobody,
        false => Readers::AsAMemberSays,
    };
    let word = world.secret(Origin::Arrivals(Vec::new()), readers);
    let text = format!("We look at {word}.\r\nYou reach us at {from}.\r\n\r\n-- \r\nKai Herb <{from}>\r\n");
    let subject = format!("Re: {}", letter.subject());
    let mut mail = fresh(world, &from, &subject, &text).to(&to);
    mail.is_proven = !matches!(who, Who::Unproven);
    let for_whom = if to.contains("+r.") { "to the reporter" } else { "to us" };
    world.note(format_args!("{from} ({who:?}) replies {for_whom} to \"{}\"", letter.subject()));
    world.mail_comes(&mail).await
}

async fn presses(world: &mut World, pick: Pick, button: Button) -> Result<(), Broken> {
    let letters = to_contacts(world);
    let Some(letter) = pick.among(&letters) else { return Ok(()) };
    let Some(token) = link(letter, "/a/", Purpose::ActionLink) else { return Ok(()) };
    let row = world.seen.letters[letter.id.as_str()].clone();
    // To say that one has answered elsewhere is no answer: the reporter is asked.
    if !matches!(button, Button::AnsweredElsewhere | Button::IsAway { .. }) {
        world.ledger.acted.insert(row.party.unwrap_or_default());
    }
    world.note(format_args!("{} presses {button:?} about \"{}\"", letter.recipient, letter.subject()));
    let house = Arc::clone(&world.stage.house);
    match button {
        Button::HasIt => {
            world.part("a contact has it", async move { links::we_have_it(&house, &token).await }).await?;
        }
        Button::NotOurs => {
            let part = async move { links::not_ours(&house, &token, "It is elsewhere.").await };
            world.part("a contact hands it back", part).await?;
        }
        Button::OthersToo => {
            let others = ["rosemary".to_owned(), "parsley".to_owned()];
            let part = async move { links::others_too(&house, &token, &others, "Theirs too.").await };
            world.part("a contact names others", part).await?;
        }
        Button::AnsweredElsewhere => {
            let part = async move { links::answered_elsewhere(&house, &token).await };
            world.part("a contact says it answered", part).await?;
        }
        Button::IsAway { days } => {
            let last = world.stage.now().to_zoned(TimeZone::UTC).date().saturating_add(days.days());
            let part = async move { contacts::away_by_link(&house, &token, last).await };
            world.part("a contact says it is away", part).await?;
        }
        Button::AnswersTheReporter => {
            let word = world.secret(Origin::Case(row.case.unwrap_or_default()), Readers::Reporter);
            let text = format!("We know it as {word}.");
            let needs = text.bytes().map(usize::from).sum::<usize>() % 2 == 0;
            let part =
                async move { links::answer_the_reporter(&house, &token, &Once::new(&house), &text, needs).await };
            world.part("a contact answers the reporter", part).await?;
        }
    }
    world.works().await
}
