//! Runs of words that two texts share: four in a row, sampled into a sketch of fixed size (one-permutation MinHash).
//!
//! Each shingle falls by its hash into one of the sketch's places, which keeps the least. Two texts agree in about as many
//! places as they share shingles, whatever their length; texts alone never need to be laid beside each other for it.

use std::collections::HashSet;

use crate::judge::near::text::Word;

/// How many words make a shingle: fewer are met by chance, more break at every change.
pub const SHINGLE: usize = 4;
/// How many of them tell texts apart: "users are advised to" stands in every second report.
const TELLING: usize = 2;
/// Places of a sketch: with 128 the share of what is common is right to about a twentieth.
pub const PLACES: usize = 128;

/// Hashes of a text's shingles, without a key: they never leave memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    pub places: [Option<u64>; PLACES],
    /// How many different shingles there are.
    pub count: usize,
}

impl Sketch {
    /// Samples the shingles of these runs of words.
    pub fn of(runs: &[Vec<Word>]) -> Self {
        let all: HashSet<u64> = runs.iter().flat_map(|run| shingles(run)).map(|(_, hash)| hash).collect();
        let mut places = [None; PLACES];
        for &shingle in &all {
            let place = &mut places[(shingle >> 57) as usize];
            *place = Some(place.map_or(shingle, |least: u64| least.min(shingle)));
        }
        Self { places, count: all.len() }
    }

    /// The places with the least hashes of all, at most `count`: two texts that share much share most of these.
    pub fn least(&self, count: usize) -> Vec<usize> {
        // The upper bits are the place itself.
        let within = |place: usize| self.places[place].map(|hash| hash << 7);
        let mut places: Vec<usize> = (0..PLACES).filter(|&place| self.places[place].is_some()).collect();
        places.sort_unstable_by_key(|&place| within(place));
        places.truncate(count);
        places
    }
}

/// The shingles of a run of words that count, each with the index of its first word.
pub fn shingles(run: &[Word]) -> impl Iterator<Item = (usize, u64)> {
    let telling = |words: &&[Word]| words.iter().filter(|word| word.tells).count() >= TELLING;
    let windows = run.windows(SHINGLE).enumerate().filter(move |(_, words)| telling(words));
    windows.map(|(first, words)| (first, hash(words.iter().flat_map(|word| word.hash.to_be_bytes()))))
}

/// 64 bits of these bytes in their order: FNV-1a, stirred so that the upper bits are as even as the lower.
pub fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
