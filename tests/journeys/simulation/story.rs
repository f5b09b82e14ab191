//! A story from a seed, told once or told again with acts left out until only those are left that break a promise.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::Ordering;

use fingerpost::store::DatabaseUrl;
use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::simulation::acts::Act;
use crate::simulation::digest::{digest, together};
use crate::simulation::fuse::Touch;
use crate::simulation::seen::Seen;
use crate::simulation::world::{Broken, World};
use crate::simulation::{bans, letters, pages, places, promises, quiet, reach, record, robots, scenes, teaching};

/// So many times a story is told again, to find a shorter one.
const TELLINGS: usize = 60;

/// What may happen after a seed.
#[derive(Clone)]
pub struct Story {
    pub seed: u64,
    pub acts: Vec<Act>,
}

/// How a promise was broken, and everything that led to it.
pub struct Failure {
    pub broken: Broken,
    pub diary: Vec<String>,
    /// How many acts had happened.
    acts: usize,
}

/// What a whole story came to: that it says something at all, and whether another telling went the same way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub stories: u64,
    pub acts: usize,
    pub cases: usize,
    pub letters: usize,
    pub starts: usize,
    pub forms: usize,
    /// Quarters that the chair approved.
    pub quarters: usize,
    /// What stands in the records, by kind: what never happens proves nothing.
    pub events: BTreeMap<String, usize>,
    /// The same of what no record tells.
    pub deeds: BTreeMap<&'static str, usize>,
    pub digest: u64,
}

/// A story that was told to its end.
#[derive(Default)]
pub struct Told {
    pub tally: Tally,
    /// After each act: where two tellings part is what they parted over.
    pub digests: Vec<u64>,
    pub diary: Vec<String>,
}

impl Story {
    /// The story of a seed: about a year of 28 to 63 acts, and a scene.
    pub fn of(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed ^ 0x5eed);
        let count = rng.random_range(28..64);
        let acts = (0..count).map(|_| Act::roll(&mut rng)).collect();
        Self { seed, acts: scenes::added(seed, acts, &mut rng) }
    }

    /// Lets it happen on a fresh database.
    pub async fn happens(&self, url: DatabaseUrl, folder: tempfile::TempDir) -> Result<Told, Failure> {
        let mut world = World::begins(self.seed, url, folder).await;
        let (mut known, mut digests) = (0, Vec::new());
        // Its first start, from which on it owes the board its quarters.
        world.works().await.map_err(|broken| failure(broken, &mut world, 0))?;
        for (told, act) in self.acts.iter().enumerate() {
            let before = known;
            let happened = step(&mut world, Some(act), &mut known).await;
            happened.map_err(|broken| failure(broken, &mut world, told + 1))?;
            digests.push(digest(&world, before));
        }
        let before = known;
        ends(&mut world, &mut known).await.map_err(|broken| failure(broken, &mut world, self.acts.len()))?;
        digests.push(digest(&world, before));
        let tally = Tally {
            stories: 1,
            acts: self.acts.len(),
            cases: world.seen.cases.len(),
            letters: known,
            starts: world.diary.iter().filter(|line| line.contains("the program dies")).count(),
            forms: world.ledger.links.len(),
            quarters: world.seen.quarters.values().filter(|row| row.figures.is_some()).count(),
            events: kinds(&world.seen),
            deeds: deeds(&world),
            digest: together(&digests),
        };
        Ok(Told { tally, digests, diary: world.diary })
    }

    /// The fewest acts found that break the same promise, and how they do.
    pub fn shortest(&self, failure: Failure, tell: impl Fn(&Self) -> Option<Failure>) -> (Self, Failure) {
        let mut best = (Self { seed: self.seed, acts: self.acts[..failure.acts].to_vec() }, failure);
        let (mut tellings, mut span) = (0, best.0.acts.len().div_ceil(2).max(1));
        loop {
            let (mut at, mut is_shorter) = (0, false);
            while at < best.0.acts.len() && tellings < TELLINGS {
                let mut shorter = best.0.clone();
                shorter.acts.drain(at..(at + span).min(best.0.acts.len()));
                tellings += 1;
                match tell(&shorter).filter(|other| other.broken.promise == best.1.broken.promise) {
                    Some(other) => (best, is_shorter) = ((shorter, other), true),
                    None => at += span,
                }
            }
            if tellings >= TELLINGS || span == 1 && !is_shorter {
                return best;
            }
            span = span.div_ceil(2).max(1);
        }
    }
}

impl Failure {
    /// One that left no diary.
    pub fn of(broken: Broken, story: &Story) -> Self {
        Self { broken, diary: Vec::new(), acts: story.acts.len() }
    }
}

/// What happens in many stories, or the invariants about it speak of nothing.
const HAPPENS: [&str; 33] = [
    "acknowledged",
    "address-proven",
    "answered-elsewhere",
    "board-on-it",
    "clock-paused",
    "clock-resumed",
    "clock-set-right",
    "clock-snoozed",
    "clock-woken",
    "closed",
    "escalated",
    "exploitation-confirmed",
    "exploitation-taken-back",
    "first-reply",
    "forwarded-again",
    "handed-back",
    "judge-corrected",
    "knowledge-undone",
    "letter-refused",
    "letter-withdrawn",
    "linked",
    "loop-stopped",
    "message-held",
    "name-remembered",
    "others-named",
    "passed-on",
    "released",
    "reopened",
    "said-answered",
    "twin-arrived",
    "unlinked",
    "waits-for-reporter",
    "withdrawn-by-reporter",
];

/// The same of what no record tells.
const DONE: [&str; 10] = [
    "answered by canned words",
    "appealed",
    "asked about a note",
    "died after a commit",
    "died before letters were given back",
    "done in bulk",
    "mailed lost links",
    "passed on by a member",
    "sent with a file",
    "undone in bulk",
];

impl Tally {
    pub fn tells_of_everything(&self) {
        let mut missing: Vec<&str> = HAPPENS.into_iter().filter(|kind| !self.events.contains_key(*kind)).collect();
        missing.extend(DONE.iter().filter(|deed| !self.deeds.contains_key(*deed)));
        assert!(missing.is_empty() && self.forms > 0 && self.quarters > 0, "never happened: {missing:?}\n{self:#?}");
    }

    pub fn add(&mut self, other: Self) {
        self.stories += other.stories;
        self.acts += other.acts;
        self.cases += other.cases;
        self.letters += other.letters;
        self.starts += other.starts;
        self.forms += other.forms;
        self.quarters += other.quarters;
        for (kind, count) in other.events {
            *self.events.entry(kind).or_default() += count;
        }
        for (deed, count) in other.deeds {
            *self.deeds.entry(deed).or_default() += count;
        }
        // In whichever order stories end.
        self.digest = self.digest.wrapping_add(other.digest);
    }
}

fn kinds(seen: &Seen) -> BTreeMap<String, usize> {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for event in seen.events.values().flatten() {
        *kinds.entry(event.kind.clone()).or_default() += 1;
    }
    kinds
}

fn deeds(world: &World) -> BTreeMap<&'static str, usize> {
    let mut deeds = world.ledger.deeds.clone();
    let lost = world.seen.letters.values().filter(|letter| letter.kind == "lost-link").count();
    for (deed, count) in [("died after a commit", world.fuse.blew(Touch::Commits)), ("mailed lost links", lost)] {
        *deeds.entry(deed).or_default() += count;
    }
    deeds.retain(|_, count| *count > 0);
    deeds
}

fn failure(broken: Broken, world: &mut World, acts: usize) -> Failure {
    // One failure is told; the stage would have another to tell of the same record.
    world.stage.gives_no_reasons.store(true, Ordering::Relaxed);
    Failure { broken, diary: std::mem::take(&mut world.diary), acts }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.diary {
            writeln!(f, "  {line}")?;
        }
        write!(f, "  BROKEN: {}", self.broken)
    }
}

/// One act, or a look without one, and all that must hold after it.
async fn step(world: &mut World, act: Option<&Act>, known: &mut usize) -> Result<(), Broken> {
    // What fell due meanwhile is not what the act did.
    let is_machine = act.and_then(Act::machine);
    if is_machine.is_some() {
        world.works().await?;
        look(world, known).await?;
    }
    let dead = world.diary.len();
    let before = if is_machine.is_some() { Some(world.eye.look().await) } else { None };
    if let Some(act) = act {
        act.happen(world).await?;
    }
    let died = world.diary[dead..].iter().any(|line| line.contains("the program dies"));
    if let (Some(machine), Some(before), false) = (is_machine, before, died) {
        promises::check_machine(&before, &world.eye.look().await, machine.sends)?;
    }
    look(world, known).await?;
    if act.is_some_and(Act::is_about_absences) && !died {
        let policy = world.stage.house.policy();
        quiet::check_deputies(&world.seen, &policy.directory, world.stage.now())?;
    }
    Ok(())
}

/// All that must hold whenever the program rests.
async fn look(world: &mut World, known: &mut usize) -> Result<(), Broken> {
    let (seen, sent) = (world.eye.look().await, world.sent());
    let before: Seen = std::mem::replace(&mut world.seen, seen);
    let (seen, ledger, now) = (&world.seen, &world.ledger, world.now());
    places::check(&before, seen, ledger)?;
    promises::check(&before, seen, ledger, now)?;
    quiet::check(&before, seen, ledger, now)?;
    bans::check(&before, seen, ledger, now)?;
    reach::check(&before, seen, ledger)?;
    robots::check(&before, seen, ledger)?;
    teaching::check(seen, ledger)?;
    letters::check(seen, &sent, *known, ledger)?;
    record::check(&before, seen)?;
    *known = sent.len();
    Ok(())
}

/// Everything is well for long enough that whatever waits is done.
async fn ends(world: &mut World, known: &mut usize) -> Result<(), Broken> {
    world.note("all is well from now on, and 40 days pass");
    world.stage.relay.heal();
    world.passes(SignedDuration::from_hours(24 * 40)).await?;
    step(world, None, known).await?;
    letters::check_at_the_end(&world.seen)?;
    quiet::check_at_the_end(&world.seen)?;
    world.fuse.put_out();
    let house = &world.stage.house;
    pages::check(house, &world.seen, &world.sent(), &world.ledger).await?;
    record::check_at_the_end(&house.store).await
}
