//! What comes by the report form: reports with and without a name, the same page sent twice, forms of robots; and what
//! their private links open afterwards, which is all that somebody without an address has.

use std::sync::Arc;

use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::form::{
    ABOUT_PROJECT, ABOUT_UNKNOWN, Field, Filled, REACH_MAIL, REACH_NOT, Suspicious, Typed, check,
};
use fingerpost::flows::House;
use fingerpost::flows::form::{Stamp, Taken, take};
use fingerpost::flows::status::{StatusPage, status};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::reporters::{Button, REPORTERS, press};
use crate::simulation::world::{Broken, Origin, Readers, World, broken};

const ONE_REPORT: &str = "A form that is sent twice is one report.";
const OPENS: &str = "A private link opens its page.";

#[derive(Debug, Clone)]
pub enum FormAct {
    Sends { about: About, who: Option<usize>, then: Then },
    Uses { pick: Pick, button: Button },
}

/// What is picked on the page.
#[derive(Debug, Clone, Copy)]
pub enum About {
    Project(&'static str),
    Unknown,
}

/// What else becomes of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Closed,
    SentAgain,
    SentWithOtherWords,
    /// A program filled it.
    OfARobot,
}

/// A private link that was given out on a page.
#[derive(Clone)]
pub struct PrivateLink {
    pub token: Token,
    pub arrival: String,
    /// Whoever has it left no address.
    pub is_anonymous: bool,
}

impl FormAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        if rng.random_range(0..3) == 0 {
            return Self::Uses { pick: Pick::roll(rng), button: Button::roll(rng) };
        }
        Self::Sends {
            about: [About::Project("Parsley"), About::Project("Rosemary"), About::Project("Lovage"), About::Unknown]
                [rng.random_range(0..4)],
            who: [None, Some(rng.random_range(0..REPORTERS.len()))][rng.random_range(0..2)],
            then: [Then::Closed, Then::Closed, Then::SentAgain, Then::SentWithOtherWords, Then::OfARobot]
                [rng.random_range(0..5)],
        }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        match *self {
            Self::Sends { about, who, then } => sends(world, about, who, then).await?,
            Self::Uses { pick, button } => uses(world, pick, button).await?,
        }
        world.works().await
    }
}

async fn sends(world: &mut World, about: About, who: Option<usize>, then: Then) -> Result<(), Broken> {
    let by = who.map_or("somebody without a name", |who| REPORTERS[who].0);
    world.note(format_args!("{by} opens the form about {about:?}, which is {then:?} once it is sent"));
    let house = Arc::clone(&world.stage.house);
    let Some(stamp) = world.part("it shows the form", async move { Ok(Stamp::new(&house)) }).await? else {
        return Ok(());
    };
    let secret = world.ledger.secrets.len();
    let word = world.secret(Origin::Arrivals(Vec::new()), Readers::Projects);
    let typed = typed(about, who, &word);
    let first = presses(world, &stamp, &typed, then).await?;
    let Taken::Received(token) = &first else {
        return Err(broken(ONE_REPORT, "the first press came after another"));
    };
    let form = world.stage.house.store.taken_form(stamp.id()).await.expect("the store is there").expect("it is taken");
    let arrival = form.arrival.to_string();
    world.ledger.kept.insert(arrival.clone());
    world.ledger.secrets[secret].of = Origin::Arrivals(vec![arrival.clone()]);
    match then {
        Then::SentAgain => is_as_before(&presses(world, &stamp, &typed, then).await?, &first)?,
        Then::SentWithOtherWords => {
            let mut other = typed.clone();
            other.set(Field::Text, "No, it is something else.");
            is_as_before(&presses(world, &stamp, &other, then).await?, &Taken::AnotherBefore(token.clone()))?;
        }
        Then::Closed | Then::OfARobot => {}
    }
    opens(world, token).await?;
    world.ledger.links.push(PrivateLink { token: token.clone(), arrival, is_anonymous: who.is_none() });
    Ok(())
}

fn is_as_before(now: &Taken, expected: &Taken) -> Result<(), Broken> {
    if now == expected { Ok(()) } else { Err(broken(ONE_REPORT, "another press was answered in another way")) }
}

/// Presses until there is an answer, as people do.
async fn presses(world: &mut World, stamp: &Stamp, typed: &Typed, then: Then) -> Result<Taken, Broken> {
    let suspicious = (then == Then::OfARobot).then_some(Suspicious::Trapped);
    loop {
        let house = Arc::clone(&world.stage.house);
        let filled = filled(&house, typed);
        let part = async move { take(&house, stamp, typed, filled, suspicious, &[]).await };
        if let Some(taken) = world.part("it takes a form", part).await? {
            return Ok(taken);
        }
        world.note("there is no answer, and the form is sent again");
    }
}

fn filled(house: &House, typed: &Typed) -> Filled {
    check(typed, &house.policy().directory).expect("nothing is wrong with it")
}

fn typed(about: About, who: Option<usize>, word: &str) -> Typed {
    let mut typed = Typed::default();
    let text = match about {
        About::Project(name) => {
            typed.set(Field::About, ABOUT_PROJECT);
            typed.set(Field::Project, name);
            format!("A crafted table makes {name} read past the end of its buffer.")
        }
        About::Unknown => {
            typed.set(Field::About, ABOUT_UNKNOWN);
            "A crafted table crashes one of your programs.".to_owned()
        }
    };
    typed.set(Field::Text, &format!("{text}\nIt shows as {word}."));
    match who.map(|who| REPORTERS[who]) {
        Some((name, address)) => {
            typed.set(Field::Reach, REACH_MAIL);
            typed.set(Field::Email, address);
            typed.set(Field::Name, name);
        }
        None => typed.set(Field::Reach, REACH_NOT),
    }
    typed
}

async fn opens(world: &mut World, token: &Token) -> Result<(), Broken> {
    let house = Arc::clone(&world.stage.house);
    let opened = Token::read(Purpose::StatusLink, token.letters()).expect("it was given out");
    let page = world.part("it shows a private page", async move { status(&house, &opened).await }).await?;
    match page {
        Some(StatusPage::Dead) => Err(broken(OPENS, "the link that was just given out is dead")),
        _ => Ok(()),
    }
}

async fn uses(world: &mut World, pick: Pick, button: Button) -> Result<(), Broken> {
    let links = world.ledger.links.clone();
    let Some(link) = pick.among(&links) else { return Ok(()) };
    let case = world.seen.arrivals.get(&link.arrival).and_then(|row| row.case.clone()).unwrap_or_default();
    let is_theirs = |id: &&String| {
        let party = &world.seen.parties[*id];
        party.case == case && party.handling.is_none()
    };
    let party = world.seen.parties.keys().find(is_theirs).cloned().unwrap_or_default();
    world.note(format_args!("whoever sent a form opens its page and presses {button:?}"));
    let token = Token::read(Purpose::StatusLink, link.token.letters()).expect("it was given out");
    press(world, token, (case, party), pick, button).await
}
