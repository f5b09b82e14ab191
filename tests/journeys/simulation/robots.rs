//! A responder without any mark that keeps the subject of some earlier number: heard three times a day, then stopped.

use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::reporters::fresh;
use crate::simulation::seen::{Micros, Seen};
use crate::simulation::world::{Broken, Ledger, World, broken};

const STOPPED: &str = "What goes round causes no letter.";
const BOUNDED: &str = "No address gets more than three receipts a day.";

const RECEIPTS_A_DAY: usize = 3;
const DAY: Micros = 24 * 3_600_000_000;
/// So often until it is stopped, and once more.
const ROUNDS: usize = 5;
const HOUSES: usize = 3;

#[derive(Debug, Clone, Copy)]
pub struct RobotAct {
    house: usize,
}

impl RobotAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        Self { house: rng.random_range(0..HOUSES) }
    }

    pub async fn happen(self, world: &mut World) -> Result<(), Broken> {
        let from = format!("help@robots{}.example", self.house);
        world.note(format_args!("{from} answers a letter of long ago, again and again"));
        for round in 0..ROUNDS {
            let text = format!("Thank you for your mail. This is round {round}.\r\n");
            let mail = fresh(world, &from, "Re: [SEC-2019-0042] Crash in Parsley", &text);
            world.mail_comes(&mail).await?;
        }
        Ok(())
    }
}

/// What must hold between two moments at which the program rests.
pub fn check(before: &Seen, seen: &Seen, ledger: &Ledger) -> Result<(), Broken> {
    for (case, events) in seen.events.iter().filter(|(case, _)| !before.events.contains_key(*case)) {
        let is_stopped = events.iter().any(|event| event.kind == "loop-stopped");
        let mut letters = seen.letters.values().filter(|letter| letter.case.as_ref() == Some(case));
        if let Some(letter) = letters.next().filter(|_| is_stopped) {
            return Err(broken(STOPPED, format!("{letter:?}")));
        }
    }
    // A day is none of 24 hours where the wall clock jumps.
    if ledger.jumped_at.is_some() {
        return Ok(());
    }
    let receipts = || seen.letters.iter().filter(|(_, letter)| letter.kind == "receipt");
    for (_, new) in receipts().filter(|(id, _)| !before.letters.contains_key(*id)) {
        let day = new.created_at - DAY..=new.created_at;
        let same = receipts().filter(|(_, of)| of.recipient == new.recipient && day.contains(&of.created_at)).count();
        if same > RECEIPTS_A_DAY {
            return Err(broken(BOUNDED, format!("{same} to {}", new.recipient)));
        }
    }
    Ok(())
}
