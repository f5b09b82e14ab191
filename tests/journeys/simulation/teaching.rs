//! What members teach the judge: a correction, a name to remember, and that it was wrong; and reports by that name.

use std::sync::Arc;

use fingerpost::domain::directory::{Member, ProjectId};
use fingerpost::domain::id::CaseId;
use fingerpost::domain::knowledge::TaughtBy;
use fingerpost::flows::knowledge::{self, Answer};
use fingerpost::flows::{House, members};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::members::tries;
use crate::simulation::seen::Seen;
use crate::simulation::world::{Broken, Ledger, World, broken};

const NOT_BY_ARRIVING: &str = "No report goes by a name that no member remembered.";
const COUNTS: &str = "A remembered name counts until it is undone, or has no ground any more.";

/// What nobody knows to be a name of Parsley until a member says so.
pub const NAME: &str = "leafkit";

#[derive(Debug, Clone)]
pub struct TeachingAct {
    who: usize,
    pick: Pick,
    does: Does,
}

#[derive(Debug, Clone, Copy)]
pub enum Does {
    Corrects,
    Remembers,
    NotNow,
    Undoes,
}

impl TeachingAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let does =
            [Does::Corrects, Does::Remembers, Does::Remembers, Does::NotNow, Does::Undoes][rng.random_range(0..5)];
        Self { who: rng.random_range(0..2), pick: Pick::roll(rng), does }
    }

    /// The chair does it about the newest.
    pub fn about_the_newest(does: Does) -> Self {
        Self { who: 0, pick: Pick::NEWEST, does }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        let (by, house) = (world.member(self.who), Arc::clone(&world.stage.house));
        match self.does {
            Does::Undoes => self.undoes(world, &house, &by).await?,
            _ => self.about_a_case(world, &house, &by).await?,
        }
        drop(house);
        world.works().await
    }

    async fn about_a_case(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        let cases = cases(&world.seen, &world.ledger);
        let Some(id) = self.pick.among(&cases).cloned() else { return Ok(()) };
        let line = format!("{} {:?} in {}", by.name, self.does, world.seen.cases[&id].number);
        world.note(line);
        let (case, parsley) = (CaseId::from_row(&id), ProjectId::parse("parsley").expect("an id"));
        if matches!(self.does, Does::Corrects) {
            return tries(world, members::forward(house, &case, &parsley, by)).await;
        }
        let row = house.store.case(&case).await.expect("the store is there").expect("it was seen");
        let questions = knowledge::questions(house, &row).await.expect("the store is there");
        let Some(question) = questions.into_iter().find(|question| question.project == parsley) else { return Ok(()) };
        let answer = match self.does {
            Does::Remembers if question.offered.iter().any(|word| word == NAME) => Answer::Remember(NAME),
            _ => Answer::NotNow,
        };
        let done = world.part("a member teaches", knowledge::answer(house, &case, &parsley, answer, by)).await?;
        world.ledger.is_named |= matches!(answer, Answer::Remember(_)) && !matches!(done, Some(Err(_)));
        Ok(())
    }

    async fn undoes(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        let known = knowledge::known(house).await.expect("the store is there");
        let names = known.names.iter().map(|(row, _)| &row.origin);
        let lessons = known.lessons.iter().filter(|(row, _)| row.taught_by == TaughtBy::Correction);
        let origins: Vec<_> = names.chain(lessons.map(|(row, _)| &row.origin)).collect();
        let mut taught: Vec<_> = origins.into_iter().filter(|origin| origin.undone_at.is_none()).collect();
        // The newest last, and of one act the name.
        taught.reverse();
        let Some(origin) = self.pick.among(&taught) else { return Ok(()) };
        world.note(format_args!("{} undoes what {} taught", by.name, origin.number));
        tries(world, knowledge::undo(house, &origin.id, by)).await
    }
}

/// Cases that reports by that name opened.
fn cases(seen: &Seen, ledger: &Ledger) -> Vec<String> {
    let by_name = |id: &String| ledger.by_name.contains(id);
    let arrivals = seen.arrivals.values().filter(|row| row.message_id.as_ref().is_some_and(by_name));
    let mut cases: Vec<String> = arrivals.filter_map(|row| row.case.clone()).collect();
    cases.sort();
    cases.dedup();
    cases
}

/// Whether the name counts now.
pub async fn counts(house: &House) -> bool {
    let known = knowledge::known(house).await.expect("the store is there");
    known.names.iter().any(|(row, held)| row.word == NAME && held.is_none())
}

/// What the program made of a report by that name, if it opened a case for it.
pub async fn check_judged(world: &mut World, message_id: &str, counted: bool) -> Result<(), Broken> {
    let seen = world.eye.look().await;
    let mut arrivals = seen.arrivals.values().filter(|row| row.message_id.as_deref() == Some(message_id));
    let Some(case) = arrivals.next().and_then(|row| row.case.as_ref()) else { return Ok(()) };
    let row = world.stage.house.store.case(&CaseId::from_row(case)).await.expect("the store is there");
    let row = row.expect("it was seen");
    let is_sure = row.judgement.strong().any(|candidate| candidate.project.as_str() == "parsley");
    if is_sure == counted {
        return Ok(());
    }
    Err(broken(COUNTS, format!("in {}, the name counting {counted}: {:?}", row.number, row.judgement)))
}

/// What must hold whenever the program rests.
pub fn check(seen: &Seen, ledger: &Ledger) -> Result<(), Broken> {
    if ledger.is_named {
        return Ok(());
    }
    for case in cases(seen, ledger) {
        let by_itself = |kind: &str, actor: &str| kind == "forward-decided" && actor == "program";
        if seen.events[&case].iter().any(|event| by_itself(&event.kind, &event.actor)) {
            return Err(broken(NOT_BY_ARRIVING, seen.cases[&case].number.clone()));
        }
    }
    Ok(())
}
