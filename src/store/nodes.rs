//! Nodes on one PostgreSQL: each shows a beat, and one whose beat stands still has its claims freed.

use std::collections::HashMap;
use std::time::Duration;

use super::columns::{Columns, all};
use super::{Store, StoreError, Tx};

/// A beat that stood still for so long belongs to a dead node (DESIGN.md 3.5).
const DEAD_AFTER: Duration = Duration::from_secs(60);

/// What one node has seen of the others' beats, by its own monotonic clock.
#[derive(Debug, Default)]
pub struct Beats {
    seen: HashMap<String, Seen>,
}

#[derive(Debug)]
struct Seen {
    beat: i64,
    since: Duration,
}

impl Beats {
    /// Takes note of the beats as they stand now, and names the claimers that are dead.
    fn note(&mut self, beats: Vec<(String, i64)>, now: Duration) -> Vec<String> {
        let mut before = std::mem::take(&mut self.seen);
        for (claimer, beat) in beats {
            let seen = match before.remove(&claimer) {
                Some(seen) if seen.beat == beat => seen,
                _ => Seen { beat, since: now },
            };
            self.seen.insert(claimer, seen);
        }
        let is_dead = |seen: &Seen| now.saturating_sub(seen.since) >= DEAD_AFTER;
        self.seen.iter().filter(|(_, seen)| is_dead(seen)).map(|(claimer, _)| claimer.clone()).collect()
    }
}

impl Store {
    /// Shows that this node lives. Called every few seconds by whoever claims; needless on SQLite.
    pub async fn beat(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let claimer = tx.claimer;
        either!(tx.conn(), conn => sqlx::query(
            "INSERT INTO nodes (claimer, beat) VALUES ($1, 1)
             ON CONFLICT (claimer) DO UPDATE SET beat = nodes.beat + 1",
        )
        .bind(claimer)
        .execute(conn)
        .await
        .map(|_| ())?);
        tx.commit().await
    }

    /// Frees the claims of the nodes whose beat has stood still for 60 s of `monotonic`, a clock of the caller's
    /// that never jumps, and counts a death on each row they were at work on. Says how many nodes were dead.
    ///
    /// A node that only slept finds its claims gone: what it settles then changes nothing.
    pub async fn free_claims_of_the_dead(&self, beats: &mut Beats, monotonic: Duration) -> Result<usize, StoreError> {
        let mut reader = self.reader().await?;
        let now = either!(reader.conn(), conn => all(
            &sqlx::query("SELECT claimer, beat FROM nodes").fetch_all(conn).await?,
            |row| Ok((row.text("claimer")?, row.number("beat")?)),
        )?);
        drop(reader);
        let dead: Vec<String> =
            beats.note(now, monotonic).into_iter().filter(|claimer| claimer != self.house.claimer.word()).collect();
        for claimer in &dead {
            let mut tx = self.begin().await?;
            tx.free_claims_of(claimer).await?;
            tx.commit().await?;
        }
        Ok(dead.len())
    }

    /// Says goodbye on PostgreSQL, so that nobody waits for a beat of ours. Claims that are still held go free.
    pub(super) async fn leave(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let claimer = tx.claimer;
        tx.free_claims_of(claimer).await?;
        tx.commit().await
    }
}

impl Tx<'_> {
    async fn free_claims_of(&mut self, claimer: &str) -> Result<(), StoreError> {
        either!(self.conn(), conn => {
            sqlx::query(
                "UPDATE journal SET claimed_by = NULL, deaths = deaths + 1
                 WHERE claimed_by = $1 AND filed_at IS NULL",
            )
            .bind(claimer)
            .execute(&mut *conn)
            .await?;
            sqlx::query("UPDATE letters SET claimed_by = NULL WHERE claimed_by = $1")
                .bind(claimer)
                .execute(&mut *conn)
                .await?;
            sqlx::query("DELETE FROM nodes WHERE claimer = $1").bind(claimer).execute(conn).await?;
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_that_stands_still_for_a_minute_is_a_dead_nodes_and_one_that_moves_is_not() {
        let mut beats = Beats::default();
        let seen = |dead: i64, alive: i64| vec![("dead/1".to_owned(), dead), ("alive/1".to_owned(), alive)];
        let at = Duration::from_secs;
        assert!(beats.note(seen(7, 1), at(1000)).is_empty(), "an old row is no proof of death");
        assert!(beats.note(seen(7, 2), at(1059)).is_empty());
        assert_eq!(beats.note(seen(7, 3), at(1060)), ["dead/1"]);
        assert!(beats.note(seen(8, 4), at(1061)).is_empty(), "it only slept");
        assert!(beats.note(Vec::new(), at(9000)).is_empty());
        assert!(beats.note(seen(8, 4), at(9001)).is_empty(), "a row that comes back is looked at anew");
    }
}
