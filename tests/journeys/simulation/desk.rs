//! What members do beside answering: they let clocks rest and hasten them, forward again, say who is away, trust a domain
//! that is back, and bring the quarter to the board.

use std::sync::Arc;

use fingerpost::domain::directory::{Member, MemberRole};
use fingerpost::domain::id::{CaseId, ContactId};
use fingerpost::domain::quarter::{Quarter, Texts};
use fingerpost::flows::{House, contacts, quarter, urgency};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::again;
use crate::simulation::members::tries;
use crate::simulation::names;
use crate::simulation::world::{Broken, World};

#[derive(Debug, Clone)]
pub struct DeskAct {
    who: usize,
    pick: Pick,
    does: Does,
}

#[derive(Debug, Clone, Copy)]
enum Does {
    Silences { days: i64 },
    Wakes,
    SaysItIsExploited(bool),
    ForwardsAgain(&'static str),
    SaysSomebodyIsAway { in_days: i64, for_days: i64 },
    SaysSomebodyIsBack,
    TrustsADomain(usize),
    WritesAboutTheQuarter,
    ApprovesTheQuarter,
}

impl DeskAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let does = match rng.random_range(0..100) {
            0..20 => Does::Silences { days: rng.random_range(1..21) },
            20..28 => Does::Wakes,
            28..44 => Does::SaysItIsExploited(rng.random_range(0..4) > 0),
            44..56 => Does::ForwardsAgain(["parsley", "rosemary"][rng.random_range(0..2)]),
            56..72 => {
                Does::SaysSomebodyIsAway { in_days: rng.random_range(0..3) * 4, for_days: rng.random_range(0..20) }
            }
            72..77 => Does::SaysSomebodyIsBack,
            77..84 => Does::TrustsADomain(rng.random_range(0..names::DOMAINS.len())),
            84..91 => Does::WritesAboutTheQuarter,
            _ => Does::ApprovesTheQuarter,
        };
        Self { who: rng.random_range(0..2), pick: Pick::roll(rng), does }
    }

    /// Of the newest case that it fits.
    pub fn forwards_again(project: &'static str) -> Self {
        Self { who: 0, pick: Pick::NEWEST, does: Does::ForwardsAgain(project) }
    }

    /// Of the newest case, that the flaw is used against people, or is not.
    pub fn exploited(is: bool) -> Self {
        Self { who: 0, pick: Pick::NEWEST, does: Does::SaysItIsExploited(is) }
    }

    pub fn is_about_absences(&self) -> bool {
        matches!(self.does, Does::SaysSomebodyIsAway { .. })
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        let (by, house) = (world.member(self.who), Arc::clone(&world.stage.house));
        match self.does {
            Does::Silences { .. } | Does::Wakes => self.about_a_clock(world, &house, &by).await?,
            Does::SaysItIsExploited(_) | Does::ForwardsAgain(_) => self.about_a_case(world, &house, &by).await?,
            Does::WritesAboutTheQuarter | Does::ApprovesTheQuarter => {
                self.about_the_quarter(world, &house, &by).await?
            }
            _ => self.about_a_contact(world, &house, &by).await?,
        }
        drop(house);
        world.works().await
    }

    async fn about_a_clock(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        let running = world.seen.clocks.iter().filter(|(_, clock)| clock.stopped_at.is_none());
        let clocks: Vec<(String, String, String)> =
            running.map(|(id, clock)| (id.clone(), clock.case.clone(), clock.kind.clone())).collect();
        let Some((clock, case, kind)) = self.pick.among(&clocks) else { return Ok(()) };
        let number = world.seen.cases[case].number.clone();
        world.note(format_args!("{} {:?} {kind} of {number}", by.name, self.does));
        let case = CaseId::from_row(case);
        match self.does {
            Does::Silences { days } => {
                let until = world.stage.now() + SignedDuration::from_hours(24 * days);
                tries(world, urgency::snooze(house, &case, clock, until, "They said when they come back.", by)).await
            }
            _ => tries(world, urgency::wake(house, &case, clock, by)).await,
        }
    }

    async fn about_a_case(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        let cases: Vec<&String> = world.seen.cases.keys().filter(|id| self.fits(world, id)).collect();
        let Some(id) = self.pick.among(&cases).map(|id| (*id).clone()) else { return Ok(()) };
        let number = world.seen.cases[&id].number.clone();
        world.note(format_args!("{} {:?} in {number}", by.name, self.does));
        let case = CaseId::from_row(&id);
        match self.does {
            Does::ForwardsAgain(project) => again::forwards(world, house, &case, project, by).await,
            Does::SaysItIsExploited(is) => tries(world, urgency::exploited(house, &case, is, by)).await,
            _ => Ok(()),
        }
    }

    /// Whether there is something to do about that case: else next to nothing would ever be done.
    fn fits(&self, world: &World, id: &str) -> bool {
        let seen = &world.seen;
        match self.does {
            Does::SaysItIsExploited(is) => seen.cases[id].exploited_at.is_none() == is,
            Does::ForwardsAgain(project) => again::is_due(world, id, project),
            _ => true,
        }
    }

    async fn about_a_contact(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        if let Does::TrustsADomain(domain) = self.does {
            world.note(format_args!("{} trusts {}", by.name, names::DOMAINS[domain]));
            return tries(world, contacts::trust_domain(house, names::DOMAINS[domain])).await;
        }
        let all = house.store.contacts().await.expect("the store is there");
        let Some(row) = self.pick.among(&all) else { return Ok(()) };
        world.note(format_args!("{} {:?}: {}", by.name, self.does, row.contact.email));
        let contact = ContactId::from_row(row.id.as_str());
        match self.does {
            Does::SaysSomebodyIsAway { in_days, for_days } => {
                let zone = row.contact.zone.clone().unwrap_or(TimeZone::UTC);
                let first = world.stage.now().to_zoned(zone).date().saturating_add(in_days.days());
                let last = first.saturating_add(for_days.days());
                tries(world, contacts::say_away(house, &contact, first, last, by)).await
            }
            _ => tries(world, contacts::back_again(house, &contact)).await,
        }
    }

    /// Of what stands on the page when the member has it open; only the chair finds the button.
    async fn about_the_quarter(&self, world: &mut World, house: &House, by: &Member) -> Result<(), Broken> {
        let quarter = Quarter::last_ended(world.stage.now());
        let row = house.store.quarter(quarter).await.expect("the store is there");
        let (mut texts, version) = row.map_or((Texts::default(), 0), |row| (row.texts, row.version));
        match self.does {
            Does::ApprovesTheQuarter if by.role == MemberRole::Chair => {
                world.note(format_args!("{} approves {quarter} at version {version}", by.name));
                tries(world, quarter::approve(house, quarter, version, by)).await
            }
            _ => {
                world.note(format_args!("{} writes about {quarter}", by.name));
                texts.activities = format!("We met on {}.", world.stage.now());
                tries(world, quarter::write(house, quarter, &texts, version, by)).await
            }
        }
    }
}
