//! Clocks: started, stopped, paused, and found when their ladder has something to say.

use jiff::{SignedDuration, Timestamp};

use super::columns::{Columns, all, length, micros, one, plain};
use super::facts::Proven;
use super::{Conn, Store, StoreError, Tx};
use crate::domain::clock::{Clock, ClockEnd, ClockKind, Pause, Snooze};
use crate::domain::id::{CaseId, HandlingId, LetterId};

/// A clock of a case, or of one handling of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRow {
    pub id: String,
    pub case: CaseId,
    pub handling: Option<HandlingId>,
    pub clock: Clock,
}

macro_rules! select_clock {
    ($rest:literal) => {
        concat!(
            "SELECT id, case_id, handling_id, kind, started_at, target, due_at, stopped_at, ended_as, stopped_by, told,
                 next_at, paused_at, paused_until, paused_because, paused, snoozed_at, snoozed_until, snoozed_because
             FROM clocks ",
            $rest
        )
    };
}

impl Store {
    /// The clocks of a case, running and stopped, in the order they started.
    pub async fn clocks_of(&self, case: &CaseId) -> Result<Vec<ClockRow>, StoreError> {
        clocks_of(self.reader().await?.conn(), case).await
    }

    /// Whether mail to a contact's address of this handling is held that a member has not decided about: it may be
    /// the acknowledgement.
    pub async fn acknowledgement_is_held(&self, handling: &HandlingId) -> Result<bool, StoreError> {
        acknowledgement_is_held(self.reader().await?.conn(), handling).await
    }

    /// The cases whose ladders are to be looked at at `now`, each once: those of the `limit` clocks that have waited the
    /// longest, in the order of their ids, in which whoever locks several of them does. One step into the index,
    /// however many clocks run.
    pub async fn cases_to_look_at(&self, now: Timestamp, limit: i64) -> Result<Vec<CaseId>, StoreError> {
        let mut reader = self.reader().await?;
        let mut cases: Vec<CaseId> = either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT case_id FROM clocks
                 WHERE stopped_at IS NULL AND next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at, id LIMIT $2",
            )
            .bind(now.as_microsecond())
            .bind(limit)
            .fetch_all(conn)
            .await?,
            |row| Ok(CaseId::from_row(row.text("case_id")?)),
        ))?;
        cases.sort();
        cases.dedup();
        Ok(cases)
    }
}

impl Tx<'_> {
    /// The clocks of a case, running and stopped, in the order they started.
    pub async fn clocks_of(&mut self, case: &CaseId) -> Result<Vec<ClockRow>, StoreError> {
        clocks_of(self.conn(), case).await
    }

    /// Whether mail to a contact's address of this handling is held that a member has not decided about.
    pub async fn acknowledgement_is_held(&mut self, handling: &HandlingId) -> Result<bool, StoreError> {
        acknowledgement_is_held(self.conn(), handling).await
    }

    /// Starts a clock.
    pub async fn start_clock(
        &mut self,
        id: &str,
        case: &CaseId,
        handling: Option<&HandlingId>,
        clock: &Clock,
    ) -> Result<(), StoreError> {
        self.changed(Proven::Clocks, id);
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO clocks (id, case_id, handling_id, kind, started_at, target, due_at, stopped_at, ended_as,
                 stopped_by, told, next_at, paused)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(id)
        .bind(case.as_str())
        .bind(handling.map(HandlingId::as_str))
        .bind(clock.kind.word())
        .bind(clock.started_at.as_microsecond())
        .bind(length(clock.target))
        .bind(clock.due_at.as_microsecond())
        .bind(micros(clock.stopped_at))
        .bind(clock.ended_as.map(ClockEnd::word))
        .bind(clock.stopped_by.as_ref().map(LetterId::as_str))
        .bind(length(clock.told))
        .bind(micros(clock.next_at))
        .bind(length(clock.paused))
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Ends the running clock of that kind, of the case or of that handling of it, by the sending of `letter` if it
    /// was that. `false` if none ran.
    pub async fn end_clock(
        &mut self,
        case: &CaseId,
        kind: ClockKind,
        handling: Option<&HandlingId>,
        ended_as: ClockEnd,
        letter: Option<&LetterId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = either!(self.conn(), conn => all(
            &sqlx::query(
                "UPDATE clocks SET stopped_at = $4, ended_as = $5, stopped_by = $6
                 WHERE case_id = $1 AND kind = $2 AND handling_id IS NOT DISTINCT FROM $3 AND stopped_at IS NULL
                 RETURNING id",
            )
            .bind(case.as_str())
            .bind(kind.word())
            .bind(handling.map(HandlingId::as_str))
            .bind(now.as_microsecond())
            .bind(ended_as.word())
            .bind(letter.map(LetterId::as_str))
            .fetch_all(conn)
            .await?,
            |row| row.text("id"),
        ))?;
        Ok(self.clocks_changed(&changed) > 0)
    }

    /// Ends all clocks of a case that still run, but for those of the kind to `spare`. Says how many did.
    pub async fn end_clocks(
        &mut self,
        case: &CaseId,
        ended_as: ClockEnd,
        spare: Option<ClockKind>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let changed = either!(self.conn(), conn => all(
            &sqlx::query(
                "UPDATE clocks SET stopped_at = $2, ended_as = $3
                 WHERE case_id = $1 AND stopped_at IS NULL AND kind <> $4 RETURNING id",
            )
            .bind(case.as_str())
            .bind(now.as_microsecond())
            .bind(ended_as.word())
            .bind(spare.map_or("", ClockKind::word))
            .fetch_all(conn)
            .await?,
            |row| row.text("id"),
        ))?;
        Ok(self.clocks_changed(&changed))
    }

    /// Another letter to the reporter that carries an answer, besides `letter`, and did not come back.
    pub async fn other_answer(&mut self, case: &CaseId, letter: &LetterId) -> Result<Option<LetterId>, StoreError> {
        either!(self.conn(), conn => one(
            sqlx::query(
                "SELECT id FROM letters
                 WHERE case_id = $1 AND id <> $2 AND sent_at IS NOT NULL AND refused_at IS NULL
                     AND kind IN ('member-reply', 'contact-reply', 'closing', 'confirmed')
                 ORDER BY sent_at, id LIMIT 1",
            )
            .bind(case.as_str())
            .bind(letter.as_str())
            .fetch_optional(conn)
            .await?,
            |row| Ok(LetterId::from_row(row.text("id")?)),
        ))
    }

    /// Lets `other` be the letter that stopped what `letter` had stopped.
    pub async fn credit_other_letter(&mut self, letter: &LetterId, other: &LetterId) -> Result<(), StoreError> {
        let credited = either!(self.conn(), conn => all(
            &sqlx::query("UPDATE clocks SET stopped_by = $2 WHERE stopped_by = $1 RETURNING id")
                .bind(letter.as_str())
                .bind(other.as_str())
                .fetch_all(conn)
                .await?,
            |row| row.text("id"),
        ))?;
        self.clocks_changed(&credited);
        Ok(())
    }

    /// Lets the clock of `case` that `letter` had stopped run again, with its old deadline; it is looked at at once.
    /// `false` if that letter stopped none.
    pub async fn restore_clock(
        &mut self,
        case: &CaseId,
        letter: &LetterId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = either!(self.conn(), conn => all(
            &sqlx::query(
                "UPDATE clocks SET stopped_at = NULL, ended_as = NULL, stopped_by = NULL, next_at = $3
                 WHERE case_id = $1 AND stopped_by = $2 RETURNING id",
            )
            .bind(case.as_str())
            .bind(letter.as_str())
            .bind(now.as_microsecond())
            .fetch_all(conn)
            .await?,
            |row| row.text("id"),
        ))?;
        Ok(self.clocks_changed(&changed) > 0)
    }

    /// Lets the promises of a case run again that ended at `closed_at` because it was closed; they keep their deadlines
    /// and are looked at at once.
    pub async fn resume_promises(
        &mut self,
        case: &CaseId,
        closed_at: Timestamp,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let changed = either!(self.conn(), conn => all(
            &sqlx::query(
                "UPDATE clocks SET stopped_at = NULL, ended_as = NULL, next_at = $3
                 WHERE case_id = $1 AND stopped_at = $2 AND ended_as = 'closed' AND kind IN ('first-reply', 'acknowledge')
                 RETURNING id",
            )
            .bind(case.as_str())
            .bind(closed_at.as_microsecond())
            .bind(now.as_microsecond())
            .fetch_all(conn)
            .await?,
            |row| row.text("id"),
        ))?;
        Ok(self.clocks_changed(&changed))
    }

    /// Starts a running clock anew at `clock.started_at`: nobody was told anything yet. It stands still, or does not,
    /// as `clock` says.
    pub async fn restart_clock(&mut self, id: &str, clock: &Clock) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE clocks SET started_at = $2, due_at = $3, told = 0, next_at = $4, paused_at = $5, paused_until = $6,
                 paused_because = $7, paused = $8
             WHERE id = $1 AND stopped_at IS NULL",
        )
        .bind(id)
        .bind(clock.started_at.as_microsecond())
        .bind(clock.due_at.as_microsecond())
        .bind(micros(clock.next_at))
        .bind(micros(clock.pause.as_ref().map(|pause| pause.since)))
        .bind(micros(clock.pause.as_ref().map(|pause| pause.until)))
        .bind(clock.pause.as_ref().map(|pause| plain(&pause.because)))
        .bind(length(clock.paused))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Clocks, id);
        }
        Ok(rows == 1)
    }

    /// Notes that the step at `told` is told, and when to look again. `false` if it was told before, or the clock no
    /// longer runs: then there is nothing to tell.
    pub async fn tell_step(
        &mut self,
        id: &str,
        told: SignedDuration,
        next_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE clocks SET told = $2, next_at = $3
             WHERE id = $1 AND told < $2 AND stopped_at IS NULL AND paused_at IS NULL",
        )
        .bind(id)
        .bind(length(told))
        .bind(micros(next_at))
        .execute(conn)
        .await?
        .rows_affected());
        if rows > 0 {
            self.changed(Proven::Clocks, id);
        }
        Ok(rows == 1)
    }

    /// Nothing is to be told now: the clock is looked at again at `next_at`.
    pub async fn look_again(&mut self, id: &str, next_at: Option<Timestamp>) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query("UPDATE clocks SET next_at = $2 WHERE id = $1 AND stopped_at IS NULL")
            .bind(id)
            .bind(micros(next_at))
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Starts the running clocks at `now` that would start later, for the machine's clock was ahead when they did.
    /// Says of which cases they are.
    pub async fn start_clocks_dated_ahead(&mut self, now: Timestamp) -> Result<Vec<CaseId>, StoreError> {
        let changed = either!(self.conn(), conn => all(
            &sqlx::query(
                "UPDATE clocks SET started_at = $1, due_at = $1 + target + paused, next_at = $1
                 WHERE stopped_at IS NULL AND started_at > $1 AND paused_at IS NULL RETURNING id, case_id",
            )
            .bind(now.as_microsecond())
            .fetch_all(conn)
            .await?,
            |row| Ok((row.text("id")?, CaseId::from_row(row.text("case_id")?))),
        ))?;
        let (ids, cases): (Vec<String>, Vec<CaseId>) = changed.into_iter().unzip();
        self.clocks_changed(&ids);
        Ok(cases)
    }

    /// Tells the record of these clocks; gives their number.
    fn clocks_changed(&mut self, ids: &[String]) -> usize {
        for id in ids {
            self.changed(Proven::Clocks, id);
        }
        ids.len()
    }

    /// Passes over the clocks of a case that cannot be read until `until`, so that the others go on.
    pub async fn put_off_clocks(&mut self, case: &CaseId, until: Timestamp) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "UPDATE clocks SET next_at = $2 WHERE case_id = $1 AND stopped_at IS NULL AND next_at <= $2",
        )
        .bind(case.as_str())
        .bind(until.as_microsecond())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }
}

async fn clocks_of(conn: Conn<'_>, case: &CaseId) -> Result<Vec<ClockRow>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(select_clock!("WHERE case_id = $1 ORDER BY started_at, id"))
            .bind(case.as_str())
            .fetch_all(conn)
            .await?,
        clock_row,
    ))
}

async fn acknowledgement_is_held(conn: Conn<'_>, handling: &HandlingId) -> Result<bool, StoreError> {
    let found = either!(conn, conn => one(
        sqlx::query(
            "SELECT held_at FROM messages
             WHERE handling_id = $1 AND held_at IS NOT NULL AND decided_at IS NULL LIMIT 1",
        )
        .bind(handling.as_str())
        .fetch_optional(conn)
        .await?,
        |row| row.time("held_at"),
    ))?;
    Ok(found.is_some())
}

fn clock_row(row: &impl Columns) -> Result<ClockRow, StoreError> {
    Ok(ClockRow {
        id: row.text("id")?,
        case: CaseId::from_row(row.text("case_id")?),
        handling: row.text_or_null("handling_id")?.map(HandlingId::from_row),
        clock: clock(row)?,
    })
}

pub(super) fn clock(row: &impl Columns) -> Result<Clock, StoreError> {
    Ok(Clock {
        kind: row.word("kind", ClockKind::from_word)?,
        started_at: row.time("started_at")?,
        target: row.length("target")?,
        due_at: row.time("due_at")?,
        stopped_at: row.time_or_null("stopped_at")?,
        ended_as: row.word_or_null("ended_as", ClockEnd::from_word)?,
        stopped_by: row.text_or_null("stopped_by")?.map(LetterId::from_row),
        told: row.length("told")?,
        next_at: row.time_or_null("next_at")?,
        pause: pause(row)?,
        paused: row.length("paused")?,
        snooze: snooze(row)?,
    })
}

fn pause(row: &impl Columns) -> Result<Option<Pause>, StoreError> {
    let Some(since) = row.time_or_null("paused_at")? else { return Ok(None) };
    Ok(Some(Pause { since, until: row.time("paused_until")?, because: row.text("paused_because")? }))
}

fn snooze(row: &impl Columns) -> Result<Option<Snooze>, StoreError> {
    let Some(since) = row.time_or_null("snoozed_at")? else { return Ok(None) };
    Ok(Some(Snooze { since, until: row.time("snoozed_until")?, because: row.text("snoozed_because")? }))
}
