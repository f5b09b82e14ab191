//! What members do with many rows at once, pressing again where the program died over it; and what undoing brings back.

use std::collections::BTreeMap;
use std::sync::Arc;

use fingerpost::domain::bulk::{BulkAct as Act, Pile};
use fingerpost::domain::directory::Member;
use fingerpost::domain::id::BulkId;
use fingerpost::flows::House;
use fingerpost::flows::bulk::{self, Ticked};
use fingerpost::store::BulkItem;
use jiff::SignedDuration;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::seen::{CaseSeen, ClockSeen, Seen};
use crate::simulation::world::{Broken, World, broken};

const CLOSED: &str = "Each row of a bulk act is closed, or says why not.";
const QUIET: &str = "Closing many cases writes to nobody but senders who are warned or banned.";
const RESTORED: &str = "An undone bulk act gives a case back as it stood, with its clocks.";

#[derive(Debug, Clone)]
pub struct BulkAct {
    who: usize,
    pick: Pick,
    does: Does,
}

#[derive(Debug, Clone, Copy)]
pub enum Does {
    CarriesOut { act: usize, rows: usize },
    Undoes,
}

/// How cases stood before an act.
#[derive(Clone)]
pub struct Stood {
    id: BulkId,
    cases: BTreeMap<String, CaseSeen>,
    clocks: BTreeMap<String, ClockSeen>,
}

impl BulkAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let act = Does::CarriesOut { act: rng.random_range(0..Act::ALL.len()), rows: rng.random_range(1..5) };
        let does = if rng.random_range(0..3) == 0 { Does::Undoes } else { act };
        Self { who: rng.random_range(0..2), pick: Pick::roll(rng), does }
    }

    /// The chair calls the last three cases in triage spam, or takes that back.
    pub fn spam(is_done: bool) -> Self {
        let spam = Act::ALL.iter().position(|act| *act == Act::Spam).expect("it is one of them");
        let does = if is_done { Does::CarriesOut { act: spam, rows: 3 } } else { Does::Undoes };
        Self { who: 0, pick: Pick::NEWEST, does }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        let by = world.member(self.who);
        match self.does {
            Does::CarriesOut { act, rows } => self.carries_out(world, Act::ALL[act], rows, &by).await?,
            Does::Undoes => self.undoes(world, &by).await?,
        }
        world.works().await
    }

    async fn carries_out(&self, world: &mut World, act: Act, rows: usize, by: &Member) -> Result<(), Broken> {
        let Some(ticked) = self.ticked(world, act, rows).await else { return Ok(()) };
        world.note(format_args!("{} {act:?} with {} rows", by.name, ticked.items.len()));
        // A member never presses in the microsecond in which another act closed the same case.
        world.stage.clock.advance(SignedDuration::from_secs(1));
        world.ledger.looked_through |= act.pile() == Pile::Quarantine;
        let before = world.eye.look().await;
        let id = BulkId::from_row(world.message_id().as_str());
        let stood = Stood { id: id.clone(), cases: before.cases.clone(), clocks: before.clocks.clone() };
        world.ledger.bulks.push(stood);
        let pressed = loop {
            let house = Arc::clone(&world.stage.house);
            let part = bulk::carry_out(&house, &id, &ticked, by);
            if let Some(pressed) = world.part("a member does much at once", part).await? {
                break pressed;
            }
        };
        let seen = world.eye.look().await;
        if pressed {
            world.ledger.did("done in bulk");
            for item in items(&world.stage.house, &id, by).await {
                is_done(&seen, act, &item)?;
            }
        }
        let is_meant = |kind: &str| matches!(kind, "warning" | "ban");
        let mut written = seen.letters.iter().filter(|(id, _)| !before.letters.contains_key(*id));
        match written.find(|(_, letter)| act.closing().is_some() && !is_meant(&letter.kind)) {
            Some((_, letter)) => Err(broken(QUIET, format!("{act:?} wrote {letter:?}"))),
            None => Ok(()),
        }
    }

    /// The last rows of its list, as the page has them.
    async fn ticked(&self, world: &World, act: Act, rows: usize) -> Option<Ticked> {
        let store = &world.stage.house.store;
        let (day, mut items) = match act.pile() {
            Pile::Triage => {
                let cases = world.seen.cases.values().filter(|case| matches!(&*case.state, "new" | "triage"));
                (String::new(), cases.map(|case| case.number.clone()).collect::<Vec<_>>())
            }
            Pile::Quarantine => {
                let batches = store.batches(100).await.expect("the store is there");
                let day = self.pick.among(&batches)?.day.clone();
                let mails = store.batch(&day, 100).await.expect("the store is there");
                (day, mails.into_iter().map(|mail| mail.arrival.to_string()).collect())
            }
        };
        items.sort();
        let items: Vec<String> = items.into_iter().rev().take(rows).collect();
        (!items.is_empty()).then_some(Ticked { act, items, day })
    }

    async fn undoes(&self, world: &mut World, by: &Member) -> Result<(), Broken> {
        let Some(stood) = self.pick.among(&world.ledger.bulks).cloned() else { return Ok(()) };
        world.note(format_args!("{} undoes what was done to many", by.name));
        let bans: Vec<String> = world.seen.bans.keys().cloned().collect();
        world.ledger.lifted.extend(bans);
        let earlier: Vec<String> = undone(&world.stage.house, &stood.id, by).await;
        let undo = loop {
            let house = Arc::clone(&world.stage.house);
            if let Some(undo) = world.part("a member undoes", bulk::undo(&house, &stood.id, by)).await? {
                break undo;
            }
        };
        if undo.is_err() {
            return Ok(());
        }
        let seen = world.eye.look().await;
        for case in undone(&world.stage.house, &stood.id, by).await {
            if !earlier.contains(&case) && stood.cases.contains_key(&case) {
                is_as_it_stood(&stood, &seen, &case)?;
                world.ledger.did("undone in bulk");
            }
        }
        Ok(())
    }
}

async fn items(house: &House, id: &BulkId, by: &Member) -> Vec<BulkItem> {
    let standing = bulk::standing(house, id, by).await.expect("the store is there");
    standing.map(|standing| standing.items).unwrap_or_default()
}

async fn undone(house: &House, id: &BulkId, by: &Member) -> Vec<String> {
    let items = items(house, id, by).await.into_iter();
    items.filter(|item| item.undone_at.is_some() && item.before.is_some()).map(|item| item.item).collect()
}

fn is_done(seen: &Seen, act: Act, item: &BulkItem) -> Result<(), Broken> {
    let is_closed = act.closing().is_none() || seen.cases.get(&item.item).is_some_and(|case| case.state == "closed");
    match (item.done_at, &item.left_because) {
        (Some(_), None) if is_closed => Ok(()),
        (None, Some(_)) => Ok(()),
        _ => Err(broken(CLOSED, format!("{act:?}: {item:?}"))),
    }
}

fn is_as_it_stood(stood: &Stood, seen: &Seen, case: &str) -> Result<(), Broken> {
    let (was, is) = (&stood.cases[case], &seen.cases[case]);
    if was.state != is.state {
        return Err(broken(RESTORED, format!("{} was {} and is {}", was.number, was.state, is.state)));
    }
    for (id, was) in stood.clocks.iter().filter(|(_, clock)| clock.case == case) {
        if seen.clocks[id] != *was {
            return Err(broken(RESTORED, format!("{was:?}\n    is {:?}", seen.clocks[id])));
        }
    }
    Ok(())
}
