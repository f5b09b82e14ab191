//! Tells many stories, several at a time, and reports those that broke a promise.

use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use fingerpost::store::DatabaseUrl;
use tempfile::TempDir;

use crate::postgres::fresh_database;
use crate::simulation::cores::keep_to_one;
use crate::simulation::story::{Failure, Story, Tally, Told};
use crate::simulation::world::broken;

/// Stories that every run tells on SQLite.
const SEEDS: u64 = 200;
/// The same on PostgreSQL, where a database is not made in no time.
const SEEDS_ON_POSTGRES: u64 = 4;
/// Stories that are told twice.
const SEEDS_TOLD_TWICE: u64 = 3;
/// So many failures are enough to look at; more in a long run, which does not come again soon.
const FAILURES: usize = 2;
const FAILURES_OF_MANY: usize = 8;

/// Stories told at a time by each core: most of the time one waits for its database.
const TELLERS: usize = 2;
/// Futures of a whole program lie deep where nothing is optimized.
const STACK: usize = 64 << 20;

/// Where the rows of a story lie.
#[derive(Clone, Copy)]
enum Engine {
    Sqlite,
    Postgres,
}

#[test]
fn the_promises_hold_through_random_years() {
    tell(Engine::Sqlite, seeds(SEEDS, 1));
}

#[test]
fn on_postgres_the_promises_hold_through_random_years() {
    tell(Engine::Postgres, seeds(SEEDS_ON_POSTGRES, 40));
}

/// Else no failure could be looked into.
#[test]
fn a_story_that_is_told_again_goes_the_same_way() {
    on_a_deep_stack(|| goes_the_same_way(Engine::Sqlite, Engine::Sqlite, 1..=SEEDS_TOLD_TWICE));
}

#[test]
fn on_postgres_a_story_goes_the_same_way_as_on_sqlite() {
    on_a_deep_stack(|| goes_the_same_way(Engine::Sqlite, Engine::Postgres, 1..=1));
}

fn goes_the_same_way(engine: Engine, other: Engine, seeds: RangeInclusive<u64>) {
    for seed in seeds {
        let story = Story::of(seed);
        let tell = |engine| happens(engine, &story).unwrap_or_else(|failure| panic!("seed {seed}:\n{failure}"));
        let (one, two) = (tell(engine), tell(other));
        if let Some(act) = one.digests.iter().zip(&two.digests).position(|(one, two)| one != two) {
            let (one, two) = (one.diary.join("\n"), two.diary.join("\n"));
            panic!("seed {seed} parts at act {act}, {:?}\n{one}\n--- and the other:\n{two}", story.acts.get(act));
        }
        assert_eq!(one.tally, two.tally);
    }
}

fn on_a_deep_stack(tells: impl FnOnce() + Send + 'static) {
    let teller = std::thread::Builder::new().stack_size(STACK).spawn(tells).expect("a thread can be started");
    if let Err(panic) = teller.join() {
        std::panic::resume_unwind(panic);
    }
}

/// The seeds that are asked for, of which one in `of` is told: a single one, so many, or those from one to another.
fn seeds(unasked: u64, of: u64) -> RangeInclusive<u64> {
    if let Some(seed) = asked("FINGERPOST_SEED") {
        return number(&seed)..=number(&seed);
    }
    let Some(seeds) = asked("FINGERPOST_SEEDS") else { return 1..=unasked };
    let (first, last) = seeds.split_once('-').unwrap_or(("1", &seeds));
    (number(first) - 1) / of + 1..=number(last) / of
}

fn asked(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn number(text: &str) -> u64 {
    text.parse().ok().filter(|number| *number > 0).unwrap_or_else(|| panic!("{text:?} is to be a number from 1 on"))
}

fn tell(engine: Engine, seeds: RangeInclusive<u64>) {
    let enough = if seeds.clone().count() as u64 > SEEDS { FAILURES_OF_MANY } else { FAILURES };
    let (next, failures) = (AtomicU64::new(*seeds.start()), Mutex::new(Vec::new()));
    let total = Mutex::new(Tally::default());
    let (next, failures, total, seeds) = (&next, &failures, &total, &seeds);
    std::thread::scope(|scope| {
        for number in 0..TELLERS * std::thread::available_parallelism().map_or(1, usize::from) {
            let teller = std::thread::Builder::new().stack_size(STACK);
            let telling = teller.spawn_scoped(scope, move || {
                // PostgreSQL has processes of its own, and the first to need it starts them.
                if let Engine::Sqlite = engine {
                    keep_to_one(number);
                }
                while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| seeds.contains(seed)) {
                    if failures.lock().unwrap().len() >= enough {
                        return;
                    }
                    match happens(engine, &Story::of(seed)) {
                        Ok(told) => total.lock().unwrap().add(told.tally),
                        Err(failure) => {
                            let words = shortened(engine, seed, failure);
                            // At once, for a long run may take hours more.
                            println!("{words}\n");
                            failures.lock().unwrap().push(words);
                        }
                    }
                }
            });
            telling.expect("a thread can be started");
        }
    });
    let (failures, total) = (failures.lock().unwrap(), total.lock().unwrap());
    println!("{total:#?}");
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
    if total.stories >= SEEDS {
        total.tells_of_everything();
    }
}

/// The shortest story that breaks the same promise, for a person to read.
fn shortened(engine: Engine, seed: u64, failure: Failure) -> String {
    let whole = Story::of(seed);
    let (story, failure) = whole.shortest(failure, |shorter| happens(engine, shorter).err());
    format!("seed {seed}, {} acts of {}:\n{failure}", story.acts.len(), whole.acts.len())
}

/// Lets a story happen on a thread of its own; a panic of the program is a broken promise like others.
fn happens(engine: Engine, story: &Story) -> Result<Told, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let told = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let folder = folder();
            let url = match engine {
                Engine::Sqlite => Some(DatabaseUrl::Sqlite(folder.path().join("fingerpost.db"))),
                Engine::Postgres => fresh_database().await.map(DatabaseUrl::Postgres),
            };
            match url {
                Some(url) => story.happens(url, folder).await,
                None => Ok(Told::default()),
            }
        })
    }));
    told.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        Err(Failure::of(broken("The program never panics.", words.unwrap_or_default()), story))
    })
}

/// In memory where the machine lets us: what is proven here is not the disk.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory).unwrap() } else { TempDir::new().unwrap() }
}
