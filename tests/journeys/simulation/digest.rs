//! A story in one number: two tellings of a seed that come to the same number went the same way.

use sha2::{Digest as _, Sha256};

use crate::simulation::seen::Seen;
use crate::simulation::world::World;

/// Of everything that was done, said and written, up to some moment.
pub fn digest(world: &World, known: usize) -> u64 {
    let mut hash = Sha256::new();
    for line in &world.diary {
        hash.update(line);
    }
    for letter in &world.sent()[known..] {
        hash.update(letter.id.as_str());
        hash.update(&letter.bytes);
    }
    rows(&world.seen, &mut hash);
    let hash: [u8; 32] = hash.finalize().into();
    u64::from_be_bytes(hash[..8].try_into().expect("eight bytes"))
}

/// The heads of the chains stand for the rows of cases, which they prove; the others have none.
fn rows(seen: &Seen, hash: &mut Sha256) {
    for (id, events) in &seen.events {
        hash.update(id);
        hash.update(events.last().map_or("", |event| &event.hash));
    }
    for (id, arrival) in &seen.arrivals {
        hash.update(id);
        hash.update(arrival.filed_as.as_deref().unwrap_or_default());
    }
    for (id, letter) in &seen.letters {
        hash.update(id);
        hash.update(letter.settled_at.unwrap_or_default().to_be_bytes());
    }
}

/// Of a whole story.
pub fn together(digests: &[u64]) -> u64 {
    digests.iter().fold(0, |sum, digest| sum.rotate_left(1) ^ digest)
}
