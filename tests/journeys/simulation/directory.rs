//! How projects change whom we write to: asked on their page, proven by the new mailbox, spoken about by the old one
//! and by members, and absences. And people who find their way in that do not belong there.

use std::sync::Arc;

use fingerpost::domain::address::{Mailbox, Purpose};
use fingerpost::domain::contact_change::{AskedThrough, ChangeKind};
use fingerpost::domain::directory::{Contact, DeliveryMode, ProjectId};
use fingerpost::domain::id::ContactId;
use fingerpost::flows::contacts::{self, Asked};
use fingerpost::mail::write::transport::SentLetter;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::contacts::of_kind;
use crate::simulation::reporters::link;
use crate::simulation::world::{Broken, World};

const PROJECTS: [&str; 2] = ["parsley", "rosemary"];
const NEWCOMERS: [&str; 3] = ["ria@rosemary.example", "leon@parsley.example", "mallory@elsewhere.example"];

#[derive(Debug, Clone)]
pub enum DirectoryAct {
    /// Anybody, on the page of the project.
    Asks {
        project: usize,
        kind: Kind,
        newcomer: usize,
        pick: Pick,
    },
    /// Whoever reads the mailbox that the question went to.
    Answers {
        pick: Pick,
        answer: Answer,
    },
    MemberDecides {
        pick: Pick,
        who: usize,
        is_for: bool,
    },
    MemberAsksNow {
        pick: Pick,
    },
}

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Add,
    Replace,
    Remove,
}

#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// Whatever the link is for: the new mailbox proves itself, the old one is still there.
    Yes,
    NotMe,
    VotesFor,
    VotesAgainst,
    RemoveMe,
}

impl DirectoryAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let pick = Pick::roll(rng);
        match rng.random_range(0..100) {
            0..35 => Self::Asks {
                project: rng.random_range(0..PROJECTS.len()),
                kind: [Kind::Add, Kind::Replace, Kind::Remove][rng.random_range(0..3)],
                newcomer: rng.random_range(0..NEWCOMERS.len()),
                pick,
            },
            35..75 => Self::Answers {
                pick,
                answer: [
                    Answer::Yes,
                    Answer::Yes,
                    Answer::Yes,
                    Answer::NotMe,
                    Answer::VotesFor,
                    Answer::VotesAgainst,
                    Answer::RemoveMe,
                ][rng.random_range(0..7)],
            },
            75..95 => Self::MemberDecides { pick, who: rng.random_range(0..2), is_for: rng.random_range(0..4) > 0 },
            _ => Self::MemberAsksNow { pick },
        }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        match *self {
            Self::Asks { project, kind, newcomer, pick } => {
                asks(world, PROJECTS[project], kind, NEWCOMERS[newcomer], pick).await?;
            }
            Self::Answers { pick, answer } => answers(world, pick, answer).await?,
            Self::MemberDecides { pick, who, is_for } => decides(world, pick, who, is_for).await?,
            Self::MemberAsksNow { pick } => {
                let house = Arc::clone(&world.stage.house);
                let all = house.store.contacts().await.expect("the store is there");
                let Some(id) = pick.among(&all).map(|row| ContactId::from_row(row.id.as_str())) else { return Ok(()) };
                world.note("a member asks a contact whether it is still there");
                world.part("a member asks a contact", async move { contacts::ask_now(&house, &id).await }).await?;
            }
        }
        world.works().await
    }
}

async fn asks(world: &mut World, project: &str, kind: Kind, newcomer: &str, pick: Pick) -> Result<(), Broken> {
    let house = Arc::clone(&world.stage.house);
    let project = ProjectId::parse(project).expect("an id");
    let rows = house.store.contacts_of(&project).await.expect("the store is there");
    let Some(old) = pick.among(&rows).map(|row| row.contact.email.clone()) else { return Ok(()) };
    world.note(format_args!("somebody asks to {kind:?} {newcomer} at {project}, where {old} is"));
    let (kind, old, wanted) = match kind {
        Kind::Add => (ChangeKind::Add, None, Some(contact(newcomer))),
        Kind::Replace => (ChangeKind::Replace, Some(old), Some(contact(newcomer))),
        Kind::Remove => (ChangeKind::Remove, Some(old), None),
    };
    let asked = Asked { project, kind, old, wanted, asked_by: "Jo Asker".to_owned(), note: None };
    let part = async move { contacts::ask(&house, asked, AskedThrough::Form).await };
    world.part("somebody asks for a change", part).await.map(|_| ())
}

fn contact(address: &str) -> Contact {
    Contact {
        name: Some("New Person".to_owned()),
        email: Mailbox::parse(address).expect("a mailbox"),
        delivery: DeliveryMode::Full,
        is_list: false,
        is_deputy: false,
        away: Vec::new(),
        hours: None,
        zone: None,
        key: None,
    }
}

async fn answers(world: &mut World, pick: Pick, answer: Answer) -> Result<(), Broken> {
    let kinds: &[&str] = match answer {
        Answer::VotesFor | Answer::VotesAgainst => &["contact-notice"],
        Answer::Yes | Answer::NotMe | Answer::RemoveMe => &["quarterly", "verify"],
    };
    let letters: Vec<SentLetter> = kinds.iter().flat_map(|kind| of_kind(world, kind)).collect();
    let Some(letter) = pick.among(&letters) else { return Ok(()) };
    let Some(token) = link(letter, "/c/", Purpose::ContactLink) else { return Ok(()) };
    world.note(format_args!("{} answers {answer:?} to \"{}\"", letter.recipient, letter.subject()));
    let house = Arc::clone(&world.stage.house);
    let part = async move {
        match answer {
            Answer::Yes => match contacts::confirm(&house, &token).await? {
                None => contacts::still_me(&house, &token).await,
                done => Ok(done),
            },
            Answer::NotMe => contacts::not_me(&house, &token).await,
            Answer::VotesFor => contacts::vote(&house, &token, true).await,
            Answer::VotesAgainst => contacts::vote(&house, &token, false).await,
            Answer::RemoveMe => contacts::remove_me(&house, &token).await,
        }
    };
    world.part("a contact answers", part).await.map(|_| ())
}

async fn decides(world: &mut World, pick: Pick, who: usize, is_for: bool) -> Result<(), Broken> {
    let (house, by) = (Arc::clone(&world.stage.house), world.member(who));
    let waiting = house.store.waiting_changes().await.expect("the store is there");
    let Some(change) = pick.among(&waiting).map(|change| change.id.clone()) else { return Ok(()) };
    let word = if is_for { "for" } else { "against" };
    world.note(format_args!("{} is {word} a change of contacts", by.name));
    let part = async move { contacts::decide(&house, &change, is_for, &by).await };
    world.part("a member decides about a contact", part).await.map(|_| ())
}
