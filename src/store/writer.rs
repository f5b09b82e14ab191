//! The journal's group commit: whoever comes while nobody commits takes all that queued meanwhile along.
//!
//! There is no task and no timer. The first caller leads: it waits for its turn to write, takes the queue, commits,
//! and tells everybody. Then it hands the lead to the next that waits. A caller that goes away, leading or not,
//! takes only its own message with it: the lead and the rest of its batch go to the next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use sqlx::QueryBuilder;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::oneshot;

use super::columns::{bigint, plain};
use super::journal::JournalEntry;
use super::{Store, StoreError, Tx};
use crate::domain::address::{Addressee, Mailbox};
use crate::domain::id::ArrivalId;
use crate::domain::report::{CHUNK, Raw};

/// A batch takes no further message once it has so many bytes: that long nobody else writes.
const BATCH_BYTES: u64 = 16 * 1024 * 1024;
/// A batch is at most so many messages.
const BATCH_ROWS: usize = 1_000;
/// Rows that one statement writes: it kept twice as many messages of 6 kB a second as one statement a row.
const ROWS_AT_ONCE: usize = 32;

/// Who waits for the journal.
#[derive(Default)]
pub(super) struct Queue(Mutex<Line>);

#[derive(Default)]
struct Line {
    /// Whether somebody leads, who will look at `waiting` before the lead ends.
    led: bool,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    message: Message,
    answer: oneshot::Sender<Answer>,
}

struct Message {
    entry: JournalEntry,
    /// It was in a batch whose leader went away, perhaps after the commit.
    again: bool,
}

enum Answer {
    Settled(Result<(), StoreError>),
    /// You are next. With it comes the own message.
    Lead(Lead, Message),
}

impl Store {
    /// Keeps a message: after `Ok` it is on disk, committed with `synchronous=FULL`.
    ///
    /// # Errors
    /// `Unavailable` if it could not be written now; nothing of it was promised, though it may be there: the same
    /// message sent again is then a twin.
    pub async fn keep(&self, entry: JournalEntry) -> Result<(), StoreError> {
        match self.house.queue.enter(entry) {
            Place::First(lead, message) => self.commit_batch(lead, message).await,
            Place::Behind(answer) => match answer.await {
                Ok(Answer::Settled(result)) => result,
                Ok(Answer::Lead(lead, message)) => self.commit_batch(lead, message).await,
                Err(_) => Err(StoreError::Unavailable("the journal is closed".to_owned())),
            },
        }
    }

    async fn commit_batch(&self, lead: Lead, own: Message) -> Result<(), StoreError> {
        let begun = self.begin_journal().await;
        // Only now, so that all that came while we waited for our turn is in it.
        let batch = lead.take_batch(&own);
        let result = match begun {
            Ok(tx) => tx.write_batch(&batch.messages(&own)).await,
            Err(error) => Err(error),
        };
        batch.tell(&result);
        result
    }
}

/// A caller's place in the line.
enum Place {
    First(Lead, Message),
    Behind(oneshot::Receiver<Answer>),
}

impl Queue {
    fn enter(self: &Arc<Self>, entry: JournalEntry) -> Place {
        let message = Message { entry, again: false };
        let mut line = self.line();
        if !line.led {
            line.led = true;
            return Place::First(Lead(Some(self.clone())), message);
        }
        let (answer, told) = oneshot::channel();
        line.waiting.push_back(Waiting { message, answer });
        Place::Behind(told)
    }

    /// Gives the lead to the first that still waits; if nobody does, the next to come has it.
    fn hand_over(self: Arc<Self>) {
        loop {
            let mut line = self.line();
            let Some(next) = line.waiting.pop_front() else {
                line.led = false;
                return;
            };
            drop(line);
            match next.answer.send(Answer::Lead(Lead(Some(self.clone())), next.message)) {
                Ok(()) => return,
                Err(Answer::Lead(lead, _)) => lead.keep_quiet(),
                Err(Answer::Settled(_)) => unreachable!("what comes back is what was sent"),
            }
        }
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Line> {
        self.0.lock().expect("nobody panics while holding the line")
    }
}

/// The right to commit the next batch; dropped, it goes to the next that waits, even out of an answer that
/// nobody came to read.
struct Lead(Option<Arc<Queue>>);

impl Lead {
    /// Takes what has queued, up to the bounds, behind the leader's own message. Those who went away are left out.
    fn take_batch(self, own: &Message) -> Batch {
        let queue = self.0.as_ref().expect("a lead that was not dropped");
        let mut line = queue.line();
        let mut bytes = own.entry.raw.size();
        let mut taken = Vec::new();
        while taken.len() + 1 < BATCH_ROWS && bytes < BATCH_BYTES {
            let Some(next) = line.waiting.pop_front() else { break };
            if !next.answer.is_closed() {
                bytes += next.message.entry.raw.size();
                taken.push(next);
            }
        }
        drop(line);
        Batch { taken, lead: self }
    }

    fn keep_quiet(mut self) {
        self.0 = None;
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.hand_over();
        }
    }
}

/// The others' messages of one commit. Dropped before they were told, they are the first of the next.
struct Batch {
    taken: Vec<Waiting>,
    // Dropped after `taken` went back.
    lead: Lead,
}

impl Batch {
    fn messages<'m>(&'m self, own: &'m Message) -> Vec<&'m Message> {
        std::iter::once(own).chain(self.taken.iter().map(|waiting| &waiting.message)).collect()
    }

    fn tell(mut self, result: &Result<(), StoreError>) {
        for waiting in self.taken.drain(..) {
            // Whoever went away meanwhile was promised nothing.
            waiting.answer.send(Answer::Settled(result.clone())).ok();
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let Some(queue) = &self.lead.0 else { return };
        let mut line = queue.line();
        for mut waiting in self.taken.drain(..).rev() {
            waiting.message.again = true;
            line.waiting.push_front(waiting);
        }
    }
}

/// A row of `blobs` to be written.
struct Blob<'m> {
    arrival: &'m ArrivalId,
    chunk: i64,
    bytes: &'m [u8],
}

/// How a statement ends whose rows may be there already.
const UNLESS_THERE: &str = " ON CONFLICT DO NOTHING";

impl Tx<'_> {
    /// Keeps a message in this transaction, for a door behind which nothing is left to be read: what it came to is
    /// written with it.
    pub async fn keep(&mut self, entry: JournalEntry) -> Result<(), StoreError> {
        self.write_large(&entry).await?;
        self.write_arrivals(&[&Message { entry, again: false }], "").await
    }

    async fn write_batch(mut self, messages: &[&Message]) -> Result<(), StoreError> {
        let (small, large): (Vec<&JournalEntry>, Vec<_>) =
            messages.iter().map(|message| &message.entry).partition(|entry| small_bytes(entry).is_some());
        for group in small.chunks(ROWS_AT_ONCE) {
            let rows = group.iter().filter_map(|entry| Some((entry, small_bytes(entry)?)));
            let blobs: Vec<_> = rows.map(|(entry, bytes)| Blob { arrival: &entry.id, chunk: 0, bytes }).collect();
            self.write_blobs(&blobs).await?;
        }
        for entry in large {
            self.write_large(entry).await?;
        }
        let (again, fresh): (Vec<&Message>, Vec<_>) = messages.iter().copied().partition(|message| message.again);
        for group in fresh.chunks(ROWS_AT_ONCE) {
            // An id that is there already is an error: two messages with one id would be one message lost.
            self.write_arrivals(group, "").await?;
        }
        for group in again.chunks(ROWS_AT_ONCE) {
            self.write_arrivals(group, UNLESS_THERE).await?;
        }
        self.commit().await
    }

    async fn write_large(&mut self, entry: &JournalEntry) -> Result<(), StoreError> {
        let arrival = &entry.id;
        match &entry.raw {
            Raw::Memory(bytes) => {
                for (chunk, bytes) in (0..).zip(bytes.chunks(CHUNK)) {
                    self.write_blobs(&[Blob { arrival, chunk, bytes }]).await?;
                }
            }
            Raw::Spooled { path, size } => {
                // Beside SQL, a file of our own disk is all that is ever awaited inside a transaction: the other way
                // would be 25 MB in memory.
                let mut file = File::open(path).await.map_err(|error| unreadable_spool(&error))?;
                let mut bytes = vec![0; CHUNK];
                for (chunk, start) in (0..).zip((0..*size).step_by(CHUNK)) {
                    let length = usize::try_from(*size - start).map_or(CHUNK, |left| left.min(CHUNK));
                    file.read_exact(&mut bytes[..length]).await.map_err(|error| unreadable_spool(&error))?;
                    self.write_blobs(&[Blob { arrival, chunk, bytes: &bytes[..length] }]).await?;
                }
            }
        }
        Ok(())
    }

    async fn write_blobs(&mut self, blobs: &[Blob<'_>]) -> Result<(), StoreError> {
        either!(self.conn(), conn => {
            let mut insert = QueryBuilder::new("INSERT INTO blobs (arrival_id, chunk, bytes) ");
            insert.push_values(blobs, |mut row, blob| {
                row.push_bind(blob.arrival.as_str()).push_bind(blob.chunk).push_bind(blob.bytes);
            });
            insert.push(UNLESS_THERE).build().persistent(is_usual(blobs.len())).execute(conn).await.map(|_| ())?;
        });
        Ok(())
    }

    async fn write_arrivals(&mut self, messages: &[&Message], conflict: &'static str) -> Result<(), StoreError> {
        either!(self.conn(), conn => {
            let mut insert = QueryBuilder::new(
                "INSERT INTO journal (id, arrived_at, door, peer_ip, peer_helo, peer_trusted_at, sender, addressees,
                     size, deaths) ",
            );
            insert.push_values(messages, |mut row, message| {
                let entry = &message.entry;
                let arrived_at = entry.arrived_at.as_microsecond();
                let peer = entry.peer.as_ref();
                row.push_bind(entry.id.as_str())
                    .push_bind(arrived_at)
                    .push_bind(entry.door.word())
                    .push_bind(peer.map(|peer| peer.ip.to_string()))
                    .push_bind(peer.map(|peer| plain(&peer.helo)))
                    .push_bind(peer.filter(|peer| peer.is_trusted).map(|_| arrived_at))
                    .push_bind(entry.sender.as_ref().map(Mailbox::as_str))
                    .push_bind(entry.addressees.iter().map(Addressee::to_row).collect::<Vec<_>>().join("\n"))
                    .push_bind(bigint(entry.raw.size()))
                    .push_bind(0_i64);
            });
            insert.push(conflict).build().persistent(is_usual(messages.len())).execute(conn).await.map(|_| ())?;
        });
        Ok(())
    }
}

/// The bytes of a message that is one row of `blobs`.
fn small_bytes(entry: &JournalEntry) -> Option<&[u8]> {
    match &entry.raw {
        Raw::Memory(bytes) if (1..=CHUNK).contains(&bytes.len()) => Some(bytes),
        _ => None,
    }
}

/// Each number of rows is a statement of its own; one row and the full number are worth remembering.
fn is_usual(rows: usize) -> bool {
    rows == 1 || rows == ROWS_AT_ONCE
}

fn unreadable_spool(error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("the spool file cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;
    use crate::domain::report::Door;

    fn entry(number: u8) -> JournalEntry {
        JournalEntry {
            id: ArrivalId::new(Timestamp::UNIX_EPOCH, [number; 10]),
            arrived_at: Timestamp::UNIX_EPOCH,
            door: Door::File,
            peer: None,
            sender: None,
            addressees: Vec::new(),
            raw: Raw::Memory(vec![number]),
        }
    }

    fn first(queue: &Arc<Queue>) -> (Lead, Message) {
        match queue.enter(entry(1)) {
            Place::First(lead, message) => (lead, message),
            Place::Behind(_) => panic!("nobody leads yet"),
        }
    }

    fn behind(queue: &Arc<Queue>, number: u8) -> oneshot::Receiver<Answer> {
        match queue.enter(entry(number)) {
            Place::First(..) => panic!("somebody leads already"),
            Place::Behind(answer) => answer,
        }
    }

    fn lead_of(mut answer: oneshot::Receiver<Answer>) -> (Lead, Message) {
        match answer.try_recv() {
            Ok(Answer::Lead(lead, message)) => (lead, message),
            _ => panic!("it should lead now"),
        }
    }

    fn bytes_of<'m>(batch: &'m Batch, own: &'m Message) -> Vec<(&'m [u8], bool)> {
        let messages = batch.messages(own).into_iter();
        messages.map(|message| (small_bytes(&message.entry).unwrap(), message.again)).collect()
    }

    #[test]
    fn a_batch_is_the_leaders_message_and_all_that_wait_and_the_next_to_come_leads_again() {
        let queue = Arc::default();
        let (lead, own) = first(&queue);
        let mut answers = [behind(&queue, 2), behind(&queue, 3)];
        let batch = lead.take_batch(&own);
        assert_eq!(bytes_of(&batch, &own), [(&[1][..], false), (&[2], false), (&[3], false)]);
        batch.tell(&Ok(()));
        for answer in &mut answers {
            assert!(matches!(answer.try_recv(), Ok(Answer::Settled(Ok(())))));
        }
        first(&queue);
    }

    #[test]
    fn the_batch_of_a_leader_who_goes_away_is_the_next_ones_who_knows_that_it_may_be_there_already() {
        let queue = Arc::default();
        let (lead, own) = first(&queue);
        let (second, mut third) = (behind(&queue, 2), behind(&queue, 3));
        drop(lead.take_batch(&own));
        let (lead, own) = lead_of(second);
        assert!(matches!(third.try_recv(), Err(TryRecvError::Empty)));
        let _fourth = behind(&queue, 4);
        let batch = lead.take_batch(&own);
        assert_eq!(bytes_of(&batch, &own), [(&[2][..], true), (&[3], true), (&[4], false)]);
    }

    #[test]
    fn the_lead_passes_by_those_who_went_away_and_out_of_answers_that_nobody_reads() {
        let queue = Arc::default();
        let (lead, _own) = first(&queue);
        drop(behind(&queue, 2));
        let (third, fourth) = (behind(&queue, 3), behind(&queue, 4));
        drop(lead);
        drop(third); // with the lead in its answer
        let (lead, own) = lead_of(fourth);
        assert_eq!(own.entry.id, entry(4).id);
        drop(lead);
        first(&queue);
    }

    #[test]
    fn a_batch_ends_at_its_bounds_and_takes_one_message_of_any_size() {
        let queue = Arc::default();
        let (lead, own) = first(&queue);
        let waiting: Vec<_> = (0..=BATCH_ROWS).map(|_| behind(&queue, 2)).collect();
        let batch = lead.take_batch(&own);
        assert_eq!(batch.messages(&own).len(), BATCH_ROWS);
        batch.tell(&Ok(()));
        let (lead, mut own) = lead_of(waiting.into_iter().nth(BATCH_ROWS - 1).unwrap());
        own.entry.raw = Raw::Spooled { path: "large".into(), size: BATCH_BYTES };
        assert_eq!(lead.take_batch(&own).messages(&own).len(), 1);
    }
}
