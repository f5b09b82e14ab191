//! How the program dies: a fuse that blows when the program touches the world for the nth time, and takes it along.
//!
//! The touches are the named steps: all that the program asks of the world it asks through what is injected. It dies in
//! the touch itself, by an unwinding that the story alone knows of: were it dropped where it waits next, the threads of
//! the database would decide how far it comes, and no story would be told twice.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard};

use fingerpost::world::clock::{Clock, ManualClock};
use fingerpost::world::dice::Dice;
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};

/// Where the program touches the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touch {
    /// It begins a step: between one commit and the next transaction.
    AsksTheTime,
    /// It makes an id: within a transaction, or before a mail is kept.
    RollsDice,
    /// It has committed: whatever it does next without asking the world comes too late.
    Commits,
    /// The post office has: that it claimed letters, what became of them, or that it gave them back.
    CommitsInThePost,
    /// The relay has answered `250`, and the store does not know it yet.
    RelayTook,
    /// A part has done what it was asked, and nobody has heard of it yet.
    Ends,
}

/// Shared by the story and the world that the program is given.
#[derive(Debug, Clone, Default)]
pub struct Fuse(Arc<Mutex<Burning>>);

#[derive(Debug, Default)]
struct Burning {
    lit: Option<(Touch, u32)>,
    /// A part of the program runs: what the story itself does in its house is no touch.
    runs: bool,
    /// It is the post office.
    posts: bool,
    /// How often it blew.
    blown: BTreeMap<Touch, usize>,
}

/// The program died at the touch that the fuse was lit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Died;

impl Fuse {
    /// The program dies at its `nth` touch of this kind from now, counted from 0.
    pub fn light(&self, touch: Touch, nth: u32) {
        self.burning().lit = Some((touch, nth));
    }

    /// Whatever the program touches from now on, it lives.
    pub fn put_out(&self) {
        self.burning().lit = None;
    }

    /// Whether it is lit for this kind of touch.
    pub fn is_lit_for(&self, touch: Touch) -> bool {
        self.burning().lit.is_some_and(|(lit, _)| lit == touch)
    }

    /// How often the program died at a touch of this kind.
    pub fn blew(&self, touch: Touch) -> usize {
        self.burning().blown.get(&touch).copied().unwrap_or_default()
    }

    /// The program touches the world, and does not come back from it if the fuse was lit for that.
    pub fn touch(&self, touch: Touch) {
        if self.blows(touch) {
            resume_unwind(Box::new(Died));
        }
    }

    /// The program has committed.
    pub fn commits(&self) {
        self.touch(Touch::Commits);
        if self.burning().posts {
            self.touch(Touch::CommitsInThePost);
        }
    }

    fn blows(&self, touch: Touch) -> bool {
        let mut burning = self.burning();
        match burning.lit {
            Some((of, left)) if of == touch && burning.runs => {
                burning.lit = left.checked_sub(1).map(|left| (of, left));
                let blows = burning.lit.is_none();
                *burning.blown.entry(touch).or_default() += usize::from(blows);
                blows
            }
            _ => false,
        }
    }

    /// Runs a part of the program until it ends or dies.
    pub async fn run<T>(&self, part: impl Future<Output = T>) -> Result<T, Died> {
        self.burning().runs = true;
        let ended = AssertUnwindSafe(part).catch_unwind().await;
        let blows = ended.is_ok() && self.blows(Touch::Ends);
        self.burning().runs = false;
        match ended {
            Ok(_) if blows => Err(Died),
            Ok(done) => Ok(done),
            Err(panic) if panic.is::<Died>() => Err(Died),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// The same with the post office.
    pub async fn run_the_post<T>(&self, part: impl Future<Output = T>) -> Result<T, Died> {
        self.burning().posts = true;
        let ended = self.run(part).await;
        self.burning().posts = false;
        ended
    }

    fn burning(&self) -> MutexGuard<'_, Burning> {
        self.0.lock().expect("no holder panics")
    }
}

/// The clock of the story, each question of which is a touch.
pub struct FusedClock(pub Arc<ManualClock>, pub Fuse);

impl Clock for FusedClock {
    fn now(&self) -> Timestamp {
        self.1.touch(Touch::AsksTheTime);
        self.0.now()
    }

    fn uptime(&self) -> SignedDuration {
        self.0.uptime()
    }
}

/// The dice of the house, each roll of which is a touch.
pub struct FusedDice(pub Arc<dyn Dice>, pub Fuse);

impl Dice for FusedDice {
    fn fill(&self, bytes: &mut [u8]) {
        self.1.touch(Touch::RollsDice);
        self.0.fill(bytes);
    }
}
