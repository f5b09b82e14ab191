//! Chance: the system's for keys and ids, a seeded row in tests and in the demo.

use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Rolls random bytes.
pub trait Dice: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);
}

/// An array of random bytes: the random part of an id, a key, a code.
pub fn roll<const N: usize>(dice: &dyn Dice) -> [u8; N] {
    let mut bytes = [0; N];
    dice.fill(&mut bytes);
    bytes
}

/// A cryptographic generator seeded from the system.
#[derive(Debug)]
pub struct SystemDice(Mutex<StdRng>);

impl Default for SystemDice {
    #[expect(clippy::disallowed_methods, reason = "the one place that takes chance from the system")]
    fn default() -> Self {
        Self(Mutex::new(StdRng::from_rng(&mut rand::rng())))
    }
}

impl Dice for SystemDice {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().expect("no roll panics").fill_bytes(bytes);
    }
}

/// The same row of rolls for the same seed.
#[derive(Debug)]
pub struct SeededDice(Mutex<StdRng>);

impl SeededDice {
    /// Dice that always fall alike for this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Dice for SeededDice {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().expect("no roll panics").fill_bytes(bytes);
    }
}
