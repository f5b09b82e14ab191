//! What members do at the desk, and what the story knows they did.

use std::sync::Arc;

use fingerpost::domain::address::Mailbox;
use fingerpost::domain::ban::BanTarget;
use fingerpost::domain::case::Closing;
use fingerpost::domain::directory::{Member, ProjectId};
use fingerpost::domain::id::{ArrivalId, BanId, CaseId, HandlingId, LetterId, MessageId};
use fingerpost::domain::noise::Noise;
use fingerpost::flows::by_hand::Outside;
use fingerpost::flows::closing::Wish;
use fingerpost::flows::composing::{Composed, To};
use fingerpost::flows::members::HeldDecision;
use fingerpost::flows::noise::Kind;
use fingerpost::flows::{House, abuse, by_hand, clocks, closing, composing, members, noise};
use fingerpost::store::StoreError;
use jiff::SignedDuration;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::seen::{CaseSeen, Seen};
use crate::simulation::world::{Broken, Origin, Readers, World};

#[derive(Debug, Clone)]
pub struct MemberAct {
    /// Which member.
    who: usize,
    /// Which case, part, letter or mail.
    pick: Pick,
    pub does: Does,
}

#[derive(Debug, Clone, Copy)]
pub enum Does {
    Claims,
    Forwards(usize),
    NotesAnAnswer,
    Answers { and_that_is_all: bool, closes: bool },
    WritesToAProject,
    WritesANote,
    Closes { reason: usize, says_something: bool, with_parts: bool },
    Reopens,
    Pauses { days: i64 },
    Resumes,
    TakesOver,
    Decides(usize),
    Releases,
    LooksThroughQuarantine,
    Warns,
    Bans,
    LiftsBans,
    Stops,
    TakesByHand,
    HandsOver,
    RecordsAcknowledgement,
    Opens,
    SaysItIs(bool),
}

const PROJECTS: [&str; 4] = ["parsley", "rosemary", "lovage", "savory"];

impl MemberAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let does = match rng.random_range(0..100) {
            0..6 => Does::Claims,
            6..16 => Does::Forwards(rng.random_range(0..PROJECTS.len())),
            16..19 => Does::NotesAnAnswer,
            19..33 => {
                Does::Answers { and_that_is_all: rng.random_range(0..3) == 0, closes: rng.random_range(0..4) == 0 }
            }
            33..38 => Does::WritesToAProject,
            38..41 => Does::WritesANote,
            41..52 => Does::Closes {
                reason: rng.random_range(0..Closing::ALL.len()),
                says_something: rng.random_range(0..2) == 0,
                with_parts: rng.random_range(0..3) > 0,
            },
            52..58 => Does::Reopens,
            58..62 => Does::Pauses { days: rng.random_range(1..31) },
            62..65 => Does::Resumes,
            65..69 => Does::TakesOver,
            69..76 => Does::Decides(rng.random_range(0..4)),
            76..80 => Does::Releases,
            80..82 => Does::LooksThroughQuarantine,
            82..84 => Does::Warns,
            84..86 => Does::Bans,
            86..87 => Does::LiftsBans,
            87..92 => Does::Stops,
            92..95 => Does::TakesByHand,
            95..96 => Does::HandsOver,
            96..97 => Does::Opens,
            97..98 => Does::SaysItIs(rng.random_range(0..2) == 0),
            _ => Does::RecordsAcknowledgement,
        };
        Self { who: rng.random_range(0..2), pick: Pick::roll(rng), does }
    }

    /// The chair does it with the newest there is.
    pub fn with_the_newest(does: Does) -> Self {
        Self { who: 0, pick: Pick::NEWEST, does }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        let (by, house) = (world.member(self.who), Arc::clone(&world.stage.house));
        match self.does {
            Does::Decides(_)
            | Does::Releases
            | Does::LooksThroughQuarantine
            | Does::Warns
            | Does::Bans
            | Does::LiftsBans => self.about_mail(world, &house, &by).await?,
            Does::Stops => self.stops(world, &house, &by).await?,
            Does::Pauses { .. } | Does::Resumes | Does::TakesOver => self.about_a_clock(world, &house, &by).await?,
            _ => self.about_a_case(world, &house, &by).await?,
        }
        drop(house);
        world.works().await
    }

    async fn about_a_case(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        let cases: Vec<(String, CaseSeen)> =
            world.seen.cases.iter().map(|(id, row)| (id.clone(), row.clone())).collect();
        let Some((id, case)) = self.pick.among(&cases) else { return Ok(()) };
        let (does, name) = (self.does, &by.name);
        world.note(format_args!("{name} {does:?} in {}, which is {}", case.number, case.state));
        let case = CaseId::from_row(id);
        let handlings = world.seen.handlings.iter().filter(|(_, row)| row.case == *id);
        let parts: Vec<(String, String)> = handlings.map(|(part, row)| (part.clone(), row.project.clone())).collect();
        let part = self.pick.among(&parts).cloned();
        match self.does {
            Does::Claims => tries(world, members::claim(house, &case, by)).await,
            Does::Forwards(project) => {
                let project = ProjectId::parse(PROJECTS[project]).expect("an id");
                tries(world, members::forward(house, &case, &project, by)).await
            }
            Does::NotesAnAnswer => tries(world, members::note_answered(house, &case, by)).await,
            Does::Answers { and_that_is_all, closes } => {
                let composed = Composed {
                    answers: and_that_is_all,
                    closes: closes.then_some(Closing::NotOurs),
                    ..words(world, id, To::Reporter, Readers::Reporter)
                };
                tries(world, composing::send(house, &case, &composed, by)).await
            }
            Does::WritesToAProject => {
                let Some((part, project)) = part else { return Ok(()) };
                let to = To::Project(ProjectId::parse(&project).expect("an id"));
                let part = open_part(&world.seen, id, &project).unwrap_or(part);
                let composed = words(world, id, to, Readers::Part(part));
                tries(world, composing::send(house, &case, &composed, by)).await
            }
            Does::WritesANote => {
                let composed = words(world, id, To::Committee, Readers::Nobody);
                tries(world, composing::send(house, &case, &composed, by)).await
            }
            Does::Closes { reason, says_something, with_parts } => {
                let Composed { id: message, words, .. } = words(world, id, To::Reporter, Readers::Reporter);
                let duplicate_of = self.pick.among(&cases).map(|(_, row)| row.number.clone());
                let (reason, words) = (Closing::ALL[reason], if says_something { words } else { String::new() });
                let wish = Wish { id: message, reason, words, duplicate_of, with_handlings: with_parts };
                tries(world, closing::close(house, &case, &wish, by)).await
            }
            Does::Opens => {
                let row = house.store.case(&case).await.expect("the store is there").expect("it was seen");
                house.views.note(&row, world.stage.now());
                Ok(())
            }
            Does::SaysItIs(noise) => {
                let kind = if noise { Kind::Noise(Noise::Support) } else { Kind::Report };
                tries(world, noise::correct(house, &case, kind, by)).await
            }
            Does::Reopens => tries(world, closing::reopen(house, &case, by)).await,
            Does::TakesByHand => {
                let lovage = ProjectId::parse(PROJECTS[2 + self.pick.0 % 2]).expect("an id");
                tries(world, by_hand::take(house, &case, &lovage, by)).await
            }
            _ => {
                let Some((_, project)) = part else { return Ok(()) };
                let project = ProjectId::parse(&project).expect("an id");
                let outside = Outside { at: world.stage.now(), whom: "Ivo", how: "a call" };
                match self.does {
                    Does::HandsOver => tries(world, by_hand::handed_over(house, &case, &project, &outside, by)).await,
                    _ => tries(world, by_hand::acknowledged(house, &case, &project, &outside, by)).await,
                }
            }
        }
    }

    async fn about_a_clock(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        let parts: Vec<String> = world.seen.handlings.keys().cloned().collect();
        let Some(part) = self.pick.among(&parts) else { return Ok(()) };
        let (does, name, row) = (self.does, &by.name, &world.seen.handlings[part]);
        let line = format!("{name} {does:?} for {} in {}", row.project, world.seen.cases[&row.case].number);
        world.note(line);
        let part = HandlingId::from_row(part);
        match self.does {
            Does::Pauses { days } => {
                let until = world.stage.now() + SignedDuration::from_hours(24 * days);
                tries(world, clocks::pause(house, &part, until, "They are at a conference.", by)).await
            }
            Does::Resumes => tries(world, clocks::resume(house, &part, by)).await,
            _ => tries(world, clocks::committee_answers(house, &part, by)).await,
        }
    }

    async fn about_mail(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        let (does, name) = (self.does, &by.name);
        world.note(format_args!("{name} {does:?}"));
        match self.does {
            Does::Decides(decision) => {
                let waiting =
                    world.seen.messages.iter().filter(|(_, row)| row.held_at.is_some() && row.decided_at.is_none());
                let held: Vec<String> = waiting.map(|(id, _)| id.clone()).collect();
                let Some(held) = self.pick.among(&held) else { return Ok(()) };
                let decision = match decision {
                    0 => HeldDecision::ReporterLane,
                    1 => HeldDecision::ProjectLane(None),
                    2 => HeldDecision::NotRelated,
                    _ => HeldDecision::OpenCase,
                };
                tries(world, members::decide_held(house, &MessageId::from_row(held), decision, by)).await
            }
            Does::Releases => {
                let there = world.seen.quarantine.iter().filter(|(_, row)| row.released_at.is_none());
                let arrivals: Vec<String> = there.map(|(arrival, _)| arrival.clone()).collect();
                let Some(arrival) = self.pick.among(&arrivals) else { return Ok(()) };
                tries(world, abuse::release(house, &ArrivalId::from_row(arrival), Some(by))).await
            }
            Does::LooksThroughQuarantine => {
                let batches = house.store.batches(100).await.expect("the store is there");
                let now = world.stage.now();
                world.ledger.looked_through = true;
                for batch in batches {
                    tries(world, abuse::see_batch(house, &batch.day, now, by)).await?;
                }
                Ok(())
            }
            Does::LiftsBans => {
                world.ledger.lifted.extend(world.seen.bans.keys().cloned());
                for line in house.store.bans(100).await.expect("the store is there") {
                    tries(world, abuse::lift(house, &BanId::from_row(line.ban.id.as_str()), Some(by))).await?;
                }
                Ok(())
            }
            _ => {
                let senders: Vec<String> = world.seen.quarantine.values().filter_map(|row| row.from.clone()).collect();
                let Some(sender) = self.pick.among(&senders).cloned() else { return Ok(()) };
                if matches!(self.does, Does::Warns) {
                    let sender = Mailbox::parse(&sender).expect("a mailbox");
                    return tries(world, abuse::warn(house, &sender, by)).await;
                }
                let target = BanTarget::parse(&sender).expect("a target");
                tries(world, abuse::propose_ban(house, &target, by)).await
            }
        }
    }

    async fn stops(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        let waiting = world.seen.letters.iter().filter(|(_, row)| row.settled_at.is_none());
        let letters: Vec<(String, String)> = waiting.map(|(id, row)| (id.clone(), row.kind.clone())).collect();
        let Some((letter, kind)) = self.pick.among(&letters) else { return Ok(()) };
        world.note(format_args!("{} stops a {kind} letter", by.name));
        tries(world, composing::stop(house, &LetterId::from_row(letter), by)).await
    }
}

/// The program may refuse, and may die; a store that fails is a broken promise.
pub async fn tries<T>(world: &mut World, deed: impl Future<Output = Result<T, StoreError>>) -> Result<(), Broken> {
    world.part("a member is at the desk", deed).await.map(|_| ())
}

fn words(world: &mut World, case: &str, to: To, readers: Readers) -> Composed {
    let word = world.secret(Origin::Case(case.to_owned()), readers);
    Composed {
        id: world.message_id(),
        to,
        words: format!("Thank you. We call it {word}."),
        passed_on_from: None,
        answers: false,
        closes: None,
    }
}

/// What is written to a project goes to its open part; others, which were stopped or are closed, may be there too.
fn open_part(seen: &Seen, case: &str, project: &str) -> Option<String> {
    let is_open = |state: &str| matches!(state, "sent" | "by-hand" | "acknowledged");
    let mut parts = seen.handlings.iter().filter(|(_, row)| row.case == case && row.project == project);
    parts.find(|(_, row)| is_open(&row.state)).map(|(part, _)| part.clone())
}
