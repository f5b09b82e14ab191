//! Two cases of one flaw are linked and unlinked, which changes nothing but what members see (DESIGN.md 3.4).

use std::sync::Arc;

use fingerpost::domain::id::CaseId;
use fingerpost::flows::near;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::members::tries;
use crate::simulation::seen::Seen;
use crate::simulation::world::{Broken, World, broken};

const MEMBERS_ALONE: &str = "A link between two cases changes nothing but what members see.";

#[derive(Debug, Clone)]
pub struct LikenessAct {
    who: usize,
    pick: Pick,
    links: bool,
}

impl LikenessAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        Self { who: rng.random_range(0..2), pick: Pick::roll(rng), links: rng.random_range(0..2) == 0 }
    }

    /// The chair links the newest case, or unlinks one.
    pub fn of_the_newest(links: bool) -> Self {
        Self { who: 0, pick: Pick::NEWEST, links }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        let (by, house) = (world.member(self.who), Arc::clone(&world.stage.house));
        let Some((case, first)) = self.pair(world) else { return Ok(()) };
        let number = |case: &str| world.seen.cases[case].number.clone();
        let (does, of, to) = (if self.links { "links" } else { "unlinks" }, number(&case), number(&first));
        world.note(format_args!("{} {does} {of}, which is like {to}", by.name));
        let before = world.eye.look().await;
        let (case, first) = (CaseId::from_row(case), CaseId::from_row(first));
        if self.links {
            tries(world, near::link(&house, &case, &first, &by)).await?;
        } else {
            tries(world, near::unlink(&house, &case, &by)).await?;
        }
        let seen = world.eye.look().await;
        let states = |seen: &Seen| -> Vec<String> { seen.cases.values().map(|case| case.state.clone()).collect() };
        if (&before.clocks, &before.letters, states(&before)) != (&seen.clocks, &seen.letters, states(&seen)) {
            return Err(broken(MEMBERS_ALONE, format!("{of} and {to}")));
        }
        drop(house);
        world.works().await
    }

    /// A case and the one that told of it first.
    fn pair(&self, world: &World) -> Option<(String, String)> {
        let linked = &world.seen.duplicates;
        if !self.links {
            let pairs: Vec<(&String, &String)> = linked.iter().collect();
            return self.pick.among(&pairs).map(|(case, first)| ((*case).clone(), (*first).clone()));
        }
        let is_alone = |case: &&String| !linked.contains_key(*case) && !linked.values().any(|first| first == *case);
        let alone: Vec<&String> = world.seen.cases.keys().filter(is_alone).collect();
        let case = *self.pick.among(&alone)?;
        let firsts: Vec<&String> = world.seen.cases.keys().filter(|first| !linked.contains_key(*first)).collect();
        let first = firsts.into_iter().rev().find(|first| *first < case)?;
        Some((case.clone(), first.clone()))
    }
}
