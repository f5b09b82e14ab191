//! Who may write next on SQLite: the journal before all else, and nobody for ever last.

use std::sync::Mutex as Cell;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

/// Mail that comes faster than this is one stream, and ordinary work waits for its end. One connection that
/// sends mail after mail leaves gaps of a few tenths of this.
const GAP: Duration = Duration::from_millis(1);
/// Nor does ordinary work wait longer than this: a stream that never ends must not stop the desk.
const PATIENCE: Duration = Duration::from_millis(25);

/// When the journal was last written to. A message costs its sender one commit; without a rule the work on
/// earlier ones, a commit each too, would make every sender wait for two.
#[derive(Default)]
pub(super) struct Lull(Cell<Option<Instant>>);

impl Lull {
    /// The journal is being written to.
    pub(super) fn end(&self) {
        *self.0.lock().expect("nothing panics with the time in hand") = Some(Instant::now());
    }

    /// Waits until mail has paused, within reason.
    pub(super) async fn come(&self) {
        let give_up = Instant::now() + PATIENCE;
        while let Some(next) = self.next_look().filter(|_| Instant::now() < give_up) {
            tokio::time::sleep_until(next).await;
        }
    }

    /// When to look again; `None` in a lull.
    fn next_look(&self) -> Option<Instant> {
        let last = (*self.0.lock().expect("nothing panics with the time in hand"))?;
        Some(last + GAP).filter(|end| Instant::now() < *end)
    }
}

/// Two doors in a row. Ordinary transactions pass both, so only one of them at a time stands before the inner
/// one; a journal batch passes the inner one alone. It thus waits for one ordinary transaction at most, and
/// after it the ordinary one that already stands there comes before the next batch.
#[derive(Default)]
pub(super) struct Turns {
    outer: Mutex<()>,
    inner: Mutex<()>,
}

/// The right to write, until it is dropped.
pub(super) struct Turn<'t> {
    _inner: MutexGuard<'t, ()>,
    _outer: Option<MutexGuard<'t, ()>>,
}

impl Turns {
    /// The turn of an ordinary transaction.
    pub(super) async fn ordinary(&self) -> Turn<'_> {
        let outer = self.outer.lock().await;
        Turn { _inner: self.inner.lock().await, _outer: Some(outer) }
    }

    /// The turn of a journal batch.
    pub(super) async fn first(&self) -> Turn<'_> {
        Turn { _inner: self.inner.lock().await, _outer: None }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn the_journal_waits_for_one_ordinary_transaction_and_not_for_those_that_queue_behind_it() {
        let turns = Turns::default();
        let Poll::Ready(running) = poll(pin!(turns.ordinary())) else { panic!("nobody else is there") };
        let mut queued = pin!(turns.ordinary());
        assert!(poll(queued.as_mut()).is_pending());
        let mut journal = pin!(turns.first());
        assert!(poll(journal.as_mut()).is_pending());
        drop(running);
        assert!(poll(queued.as_mut()).is_pending(), "it came first, and yet it waits");
        let Poll::Ready(batch) = poll(journal.as_mut()) else { panic!("the journal is next") };
        let mut next_batch = pin!(turns.first());
        assert!(poll(next_batch.as_mut()).is_pending());
        drop(batch);
        assert!(poll(next_batch).is_pending());
        assert!(poll(queued).is_ready(), "between two batches one ordinary transaction has its turn");
    }
}
