//! Who looked at what: gathered in memory, since looking writes nothing, and written down in batches outside of the
//! record (DESIGN.md 3.7). A crash loses a minute of it at most.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::id::ViewingId;
use crate::domain::viewing::{BULK, BULK_WITHIN, VIEWINGS_LIFE, Viewed, last_visit};
use crate::flows::House;
use crate::store::{BulkReading, CaseRow, StoreError, Viewing};

/// A batch is written down once its first viewing is so old,
const BATCH_LIFE: SignedDuration = SignedDuration::from_mins(1);
/// or once it has so many lines.
const BATCH_LINES: usize = 500;

/// When a batch is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Once it is old or large enough, or somebody read in bulk.
    WhenFull,
    /// The program stops.
    Now,
}

/// The batch of the moment.
#[derive(Debug, Default)]
pub struct Viewings(Mutex<Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    /// By member: what, from when to when, how often.
    lines: BTreeMap<(String, Viewed), Span>,
    bulk: Vec<(String, Timestamp)>,
    /// By member: what was opened within the last minute, and when.
    lately: BTreeMap<String, VecDeque<(Timestamp, Viewed)>>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    first_at: Timestamp,
    last_at: Timestamp,
    times: i64,
}

impl Viewings {
    /// `member` asks for the page at `path`, which is about `of`.
    pub fn note(&self, member: &Mailbox, path: &str, of: Option<&str>, now: Timestamp) {
        let Some(viewed) = Viewed::of_path(path, of) else { return };
        self.with(|gathered| gathered.add(member.as_str(), viewed, now));
    }

    /// Since when `member` looks at that case, as far as it is not written down yet.
    fn of(&self, member: &Mailbox, case: &str) -> Option<(Timestamp, Timestamp)> {
        let key = (member.as_str().to_owned(), Viewed::Page { case: case.to_owned() });
        self.with(|gathered| gathered.lines.get(&key).map(|span| (span.first_at, span.last_at)))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Gathered) -> T) -> T {
        // Times and counts are whole whatever panicked beside them.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Gathered {
    fn add(&mut self, member: &str, viewed: Viewed, now: Timestamp) {
        let lately = self.lately.entry(member.to_owned()).or_default();
        lately.push_back((now, viewed.clone()));
        while lately.front().is_some_and(|(at, _)| *at + BULK_WITHIN < now) {
            lately.pop_front();
        }
        if lately.iter().map(|(_, viewed)| viewed).collect::<BTreeSet<_>>().len() >= BULK {
            lately.clear();
            self.bulk.push((member.to_owned(), now));
        }
        let span = self.lines.entry((member.to_owned(), viewed));
        let span = span.or_insert(Span { first_at: now, last_at: now, times: 0 });
        span.last_at = now;
        span.times += 1;
    }

    fn is_full(&self, now: Timestamp) -> bool {
        let is_old = self.lines.values().any(|span| span.first_at + BATCH_LIFE <= now);
        is_old || self.lines.len() >= BATCH_LINES || !self.bulk.is_empty()
    }

    /// What could not be written down comes back, beside what came meanwhile.
    fn take_back(&mut self, lines: BTreeMap<(String, Viewed), Span>, bulk: Vec<(String, Timestamp)>) {
        for (key, old) in lines {
            let span = self.lines.entry(key).or_insert(Span { times: 0, ..old });
            *span =
                Span { first_at: old.first_at, last_at: span.last_at.max(old.last_at), times: span.times + old.times };
        }
        self.bulk.extend(bulk);
    }
}

/// Lines that are looked through for a visit; more within one visit are none that anybody makes.
const LOOKS: i64 = 200;

/// When `member` looked at this case the last time before now; `None` if never.
pub async fn last_visit_of(house: &House, member: &Mailbox, case: &CaseRow) -> Result<Option<Timestamp>, StoreError> {
    let gathered = house.views.log.of(member, case.number.as_str());
    let written = house.store.looks_at(member, &case.id, LOOKS).await?;
    Ok(last_visit(house.now(), gathered.into_iter().chain(written)))
}

/// Writes the batch down, and erases what is too old.
pub async fn write_down(house: &House, due: Due) -> Result<(), StoreError> {
    let now = house.now();
    let taken = house.views.log.with(|gathered| {
        let is_due = due == Due::Now || gathered.is_full(now);
        is_due.then(|| (mem::take(&mut gathered.lines), mem::take(&mut gathered.bulk)))
    });
    let Some((lines, bulk)) = taken.filter(|(lines, _)| !lines.is_empty()) else { return Ok(()) };
    for _ in &bulk {
        tracing::warn!("a member opened {BULK} cases within a minute; the page /viewings names them");
    }
    let written = write(house, &lines, &bulk, now).await;
    if written.is_err() {
        house.views.log.with(|gathered| gathered.take_back(lines, bulk)); // the next sweep tries again
    }
    written
}

/// The program stops: the batch that is not full yet is written down, or given up.
pub async fn write_down_at_the_end(house: &House) {
    if let Err(error) = write_down(house, Due::Now).await {
        tracing::warn!(%error, "who looked at what in the last minute is not written down");
    }
}

async fn write(
    house: &House,
    lines: &BTreeMap<(String, Viewed), Span>,
    bulk: &[(String, Timestamp)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = house.store.begin().await?;
    for ((member, viewed), span) in lines {
        let viewing = Viewing {
            id: ViewingId::new(span.first_at, house.chance()),
            member,
            viewed,
            first_at: span.first_at,
            last_at: span.last_at,
            times: span.times,
        };
        tx.insert_viewing(&viewing).await?;
    }
    for (member, at) in bulk {
        let id = ViewingId::new(*at, house.chance());
        tx.insert_bulk_reading(&id, &BulkReading { member: member.clone(), at: *at }).await?;
    }
    tx.erase_viewings(now - VIEWINGS_LIFE).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn page(number: usize) -> Viewed {
        Viewed::Page { case: format!("SEC-2026-{number:04}") }
    }

    #[test]
    fn whoever_opens_fifty_cases_within_a_minute_is_named_once_and_a_slow_reader_never() {
        let seconds = SignedDuration::from_secs;
        let mut gathered = Gathered::default();
        for number in 0..200 {
            gathered.add("slow@story.example", page(number), now() + seconds(2) * i32::try_from(number).unwrap());
            gathered.add("again@story.example", page(7), now());
        }
        assert_eq!(gathered.bulk, []);
        for number in 0..BULK + 10 {
            gathered.add("fast@story.example", page(number), now() + seconds(1));
        }
        assert_eq!(gathered.bulk, [("fast@story.example".to_owned(), now() + seconds(1))]);
        assert!(gathered.is_full(now()), "that is written down at once");
    }

    #[test]
    fn a_batch_counts_and_what_could_not_be_written_is_counted_with_what_came_meanwhile() {
        let later = now() + BATCH_LIFE;
        let mut gathered = Gathered::default();
        gathered.add("ada@story.example", page(1), now());
        assert!(!gathered.is_full(now()) && gathered.is_full(later));
        let lines = mem::take(&mut gathered.lines);
        gathered.add("ada@story.example", page(1), later);
        gathered.take_back(lines, Vec::new());
        let [span] = gathered.lines.values().copied().collect::<Vec<_>>()[..] else { panic!("one line") };
        assert_eq!((span.first_at, span.last_at, span.times), (now(), later, 2));
    }
}
