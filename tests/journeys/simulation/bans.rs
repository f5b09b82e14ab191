//! A sender who is warned and banned, what it writes meanwhile, and what it says against it.

use std::sync::Arc;

use fingerpost::domain::address::Purpose;
use fingerpost::flows::abuse;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::contacts::of_kind;
use crate::simulation::reporters::{fresh, link};
use crate::simulation::seen::{ArrivalSeen, BanSeen, Micros, Seen};
use crate::simulation::world::{Broken, Ledger, Origin, Readers, World, broken};

const LIFTED: &str = "A ban ends by a member or by its time.";
const HEARD: &str = "Whoever is banned is not heard.";
const APPEALS: &str = "Three appeals against a ban are kept.";
const LIFTS_NOTHING: &str = "An appeal changes nothing by itself.";

const APPEALS_MAX: i64 = 3;
const SELLER: &str = "sales@bargains.example";

#[derive(Debug, Clone, Copy)]
pub enum BanAct {
    Offers,
    Reports,
    Appeals { pick: Pick },
}

impl BanAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let pick = Pick::roll(rng);
        [Self::Offers, Self::Offers, Self::Reports, Self::Appeals { pick }][rng.random_range(0..4)]
    }

    pub async fn happen(self, world: &mut World) -> Result<(), Broken> {
        match self {
            Self::Offers => {
                let number = world.ledger.written;
                let text = format!(
                    "Dear friend, we have toner number {number} at the lowest price. Order now, no obligation!\r\n\
                     https://deals.example/a https://deals.example/b"
                );
                world.note(format_args!("{SELLER} offers toner"));
                let mail = fresh(world, SELLER, "BEST PRICE FOR TONER", &text);
                world.mail_comes(&mail).await
            }
            Self::Reports => reports(world).await,
            Self::Appeals { pick } => appeals(world, pick).await,
        }
    }
}

async fn reports(world: &mut World) -> Result<(), Broken> {
    let number = world.ledger.written;
    let text = format!("A crafted table makes Parsley 3.{number} read past the end of its buffer.\r\n");
    let mail = fresh(world, SELLER, &format!("Over-read in Parsley 3.{number}"), &text);
    let now = world.now();
    let is_banned = world.seen.bans.values().any(|ban| ban.target == SELLER && ban.is_in_force(now));
    world.note(format_args!("{SELLER} reports a flaw{}", if is_banned { ", banned" } else { "" }));
    world.mail_comes(&mail).await?;
    let seen = world.eye.look().await;
    let mut arrivals = seen.arrivals.values().filter(|row| row.message_id.as_ref() == Some(&mail.message_id));
    // Handed over twice, it is the twin of what stands in quarantine.
    let is_heard = |row: &&ArrivalSeen| match row.filed_as.as_deref() {
        Some("quarantine") => false,
        Some("twin") => row.case.is_some(),
        _ => true,
    };
    match arrivals.find(is_heard) {
        Some(row) if is_banned => Err(broken(HEARD, format!("{row:?}"))),
        _ => Ok(()),
    }
}

async fn appeals(world: &mut World, pick: Pick) -> Result<(), Broken> {
    let letters = of_kind(world, "ban");
    let Some(letter) = pick.among(&letters) else { return Ok(()) };
    let Some(token) = link(letter, "/appeal/", Purpose::AppealLink) else { return Ok(()) };
    world.note(format_args!("{} appeals", letter.recipient));
    let word = world.secret(Origin::Arrivals(Vec::new()), Readers::Nobody);
    let before = world.eye.look().await;
    let (house, words) = (Arc::clone(&world.stage.house), format!("I did mean a flaw, {word}."));
    let kept = world.part("a sender appeals", async move { abuse::appeal(&house, &token, &words).await }).await?;
    let seen = world.eye.look().await;
    if kept == Some(true) {
        world.ledger.did("appealed");
    }
    let without =
        |bans: &Seen| -> Vec<BanSeen> { bans.bans.values().map(|ban| BanSeen { appeals: 0, ..ban.clone() }).collect() };
    if without(&before) != without(&seen) || before.letters != seen.letters {
        return Err(broken(LIFTS_NOTHING, format!("{:?}", seen.bans)));
    }
    world.works().await
}

/// What must hold between two moments at which the program rests.
pub fn check(before: &Seen, seen: &Seen, ledger: &Ledger, now: Micros) -> Result<(), Broken> {
    for (id, ban) in &seen.bans {
        if ban.appeals > APPEALS_MAX {
            return Err(broken(APPEALS, format!("{ban:?}")));
        }
        let was_in_force = before.bans.get(id).is_some_and(|was| was.ended_at.is_none());
        let has_run_out = ban.ended_by.as_deref() == Some("time") && ban.until_at.is_some_and(|until| until <= now);
        if was_in_force && ban.ended_at.is_some() && !has_run_out && !ledger.lifted.contains(id) {
            return Err(broken(LIFTED, format!("{ban:?}")));
        }
    }
    Ok(())
}
