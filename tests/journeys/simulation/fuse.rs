//! How the program dies: a fuse that blows when the program touches the world for the nth time, and a future dropped by it.
//!
//! The touches are the named steps: all that the program asks of the world it asks through what is injected, so the
//! same story dies at the same place each time, however the threads of the database are scheduled.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;

use fingerpost::world::clock::{Clock, ManualClock};
use fingerpost::world::dice::Dice;
use jiff::{SignedDuration, Timestamp};

/// Where the program touches the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// It begins a step: between one commit and the next transaction.
    AsksTheTime,
    /// It makes an id: within a transaction, or before a mail is kept.
    RollsDice,
    /// The relay has answered `250`, and the store does not know it yet.
    RelayTook,
}

/// Shared by the story and the world that the program is given.
#[derive(Debug, Clone, Default)]
pub struct Fuse(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    lit: Option<(Touch, u32)>,
    is_blown: bool,
}

/// The program died at the touch that the fuse was lit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Died;

impl Fuse {
    /// The program dies at its `nth` touch of this kind from now, counted from 0.
    pub fn light(&self, touch: Touch, nth: u32) {
        self.state().lit = Some((touch, nth));
    }

    /// Whether it is lit for this kind of touch.
    pub fn is_lit_for(&self, touch: Touch) -> bool {
        self.state().lit.is_some_and(|(lit, _)| lit == touch)
    }

    /// The program touches the world.
    pub fn touch(&self, touch: Touch) {
        let mut state = self.state();
        match &mut state.lit {
            Some((lit, left)) if *lit == touch && *left > 0 => *left -= 1,
            Some((lit, _)) if *lit == touch => *state = State { lit: None, is_blown: true },
            _ => {}
        }
    }

    /// Whether it has blown since this was asked last.
    pub fn has_blown(&self) -> bool {
        std::mem::take(&mut self.state().is_blown)
    }

    /// Runs a part of the program until it ends or dies. What dies is dropped where it waits next.
    pub async fn run<T>(&self, part: impl Future<Output = T>) -> Result<T, Died> {
        let mut part = pin!(part);
        std::future::poll_fn(|cx| match part.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Ok(done)),
            Poll::Pending if self.state().is_blown => Poll::Ready(Err(Died)),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    fn state(&self) -> MutexGuard<'_, State> {
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
