//! Bans of senders: proposed, voted for, in force, over; and what their senders say against them.

use std::collections::HashMap;

use jiff::Timestamp;

use super::columns::{Columns, all, one, plain};
use super::{Conn, Dialects, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::ban::BanTarget;
use crate::domain::id::BanId;

/// A ban, proposed, in force or over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanRow {
    pub id: BanId,
    pub target: BanTarget,
    pub proposed_at: Timestamp,
    /// `None` while votes are missing.
    pub banned_at: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The address of the member, `operator`, or `time`.
    pub ended_by: Option<String>,
}

impl BanRow {
    /// Whether mail of its sender is quarantined at `now`.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.until.is_some_and(|until| now < until)
    }
}

/// A ban with what members and its sender said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanLine {
    pub ban: BanRow,
    /// The addresses of the members, first vote first.
    pub votes: Vec<String>,
    pub appeals: Vec<AppealRow>,
}

/// What a banned sender says against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealRow {
    pub at: Timestamp,
    pub words: String,
}

macro_rules! select_ban {
    ($rest:literal) => {
        concat!("SELECT id, target, proposed_at, banned_at, until_at, ended_at, ended_by FROM bans ", $rest)
    };
}

const LIVE_BAN: Dialects = for_update!(select_ban!("WHERE target = $1 AND ended_at IS NULL"));

impl Store {
    /// The last `limit` bans with votes and appeals: those that have not ended first, then newest first.
    pub async fn bans(&self, limit: i64) -> Result<Vec<BanLine>, StoreError> {
        let mut reader = self.reader().await?;
        let bans = either!(reader.conn(), conn => all(
            &sqlx::query(select_ban!(
                "ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, proposed_at DESC, id DESC LIMIT $1"
            ))
            .bind(limit)
            .fetch_all(conn)
            .await?,
            ban_row,
        )?);
        let votes = either!(reader.conn(), conn => all(
            &sqlx::query("SELECT ban_id, member FROM ban_votes ORDER BY at, member").fetch_all(conn).await?,
            |row| Ok((row.text("ban_id")?, row.text("member")?)),
        )?);
        let appeals = either!(reader.conn(), conn => all(
            &sqlx::query("SELECT ban_id, at, words FROM appeals ORDER BY number").fetch_all(conn).await?,
            |row| Ok((row.text("ban_id")?, AppealRow { at: row.time("at")?, words: row.text("words")? })),
        )?);
        let (mut votes, mut appeals) = (by_ban(votes), by_ban(appeals));
        let line = |ban: BanRow| BanLine {
            votes: votes.remove(ban.id.as_str()).unwrap_or_default(),
            appeals: appeals.remove(ban.id.as_str()).unwrap_or_default(),
            ban,
        };
        Ok(bans.into_iter().map(line).collect())
    }

    /// The ban of that id.
    pub async fn ban(&self, id: &BanId) -> Result<Option<BanRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => one(
            sqlx::query(select_ban!("WHERE id = $1")).bind(id.as_str()).fetch_optional(conn).await?,
            ban_row,
        ))
    }

    /// How many appeals came after `since` against bans that have not ended.
    pub async fn appeals_since(&self, since: Timestamp) -> Result<i64, StoreError> {
        let mut reader = self.reader().await?;
        Ok(either!(reader.conn(), conn => sqlx::query_scalar(
            "SELECT COUNT(*) FROM appeals a JOIN bans b ON b.id = a.ban_id WHERE a.at > $1 AND b.ended_at IS NULL",
        )
        .bind(since.as_microsecond())
        .fetch_one(conn)
        .await?))
    }

    /// How many appeals there are against a ban.
    pub async fn appeals_against(&self, ban: &BanId) -> Result<i64, StoreError> {
        let mut reader = self.reader().await?;
        Ok(either!(reader.conn(), conn => sqlx::query_scalar("SELECT COUNT(*) FROM appeals WHERE ban_id = $1")
            .bind(ban.as_str())
            .fetch_one(conn)
            .await?))
    }

    /// The bans that hit mail of `sender` at `now`: of the address, of its domain.
    pub async fn bans_of(&self, sender: &Mailbox, now: Timestamp) -> Result<Vec<BanRow>, StoreError> {
        bans_of(self.reader().await?.conn(), sender, now).await
    }
}

impl Tx<'_> {
    /// The bans that hit mail of `sender` at `now`: of the address, of its domain.
    pub async fn bans_of(&mut self, sender: &Mailbox, now: Timestamp) -> Result<Vec<BanRow>, StoreError> {
        bans_of(self.conn(), sender, now).await
    }

    /// The ban of `target` that has not ended, after one that has run out and proposals of before `stale` were ended.
    /// If there is none, `new` becomes the proposal.
    pub async fn propose_ban(
        &mut self,
        target: &BanTarget,
        new: &BanId,
        stale: Timestamp,
        now: Timestamp,
    ) -> Result<BanRow, StoreError> {
        either!(self.conn(), conn => {
            sqlx::query(
                "UPDATE bans SET ended_at = $3, ended_by = 'time'
                 WHERE target = $1 AND ended_at IS NULL
                     AND (until_at <= $3 OR (banned_at IS NULL AND proposed_at < $2))",
            )
            .bind(target.folded())
            .bind(stale.as_microsecond())
            .bind(now.as_microsecond())
            .execute(&mut *conn)
            .await?;
            sqlx::query(
                "INSERT INTO bans (id, target, proposed_at) VALUES ($1, $2, $3)
                 ON CONFLICT (target) WHERE ended_at IS NULL DO NOTHING",
            )
            .bind(new.as_str())
            .bind(target.folded())
            .bind(now.as_microsecond())
            .execute(conn)
            .await
            .map(|_| ())?;
        });
        let conn = self.conn();
        let sql = conn.choose(LIVE_BAN);
        either!(conn, conn => one(sqlx::query(sql).bind(target.folded()).fetch_optional(conn).await?, ban_row))?
            .ok_or_else(|| StoreError::Corrupt("a ban ended while it was proposed".to_owned()))
    }

    /// Adds a member's vote; `false` if there was one.
    pub async fn vote(&mut self, ban: &BanId, member: &Mailbox, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO ban_votes (ban_id, member, at) VALUES ($1, $2, $3) ON CONFLICT (ban_id, member) DO NOTHING",
        )
        .bind(ban.as_str())
        .bind(member.folded())
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Who has voted for a ban.
    pub async fn votes(&mut self, ban: &BanId) -> Result<Vec<Mailbox>, StoreError> {
        either!(self.conn(), conn => all(
            &sqlx::query("SELECT member FROM ban_votes WHERE ban_id = $1 ORDER BY at, member")
                .bind(ban.as_str())
                .fetch_all(conn)
                .await?,
            |row| row.mailbox("member"),
        ))
    }

    /// Puts a proposed ban in force until `until`; `false` if it is, or has ended.
    pub async fn enforce_ban(&mut self, ban: &BanId, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE bans SET banned_at = $2, until_at = $3 WHERE id = $1 AND banned_at IS NULL AND ended_at IS NULL",
        )
        .bind(ban.as_str())
        .bind(now.as_microsecond())
        .bind(until.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Lifts a ban or takes a proposal back; `false` if it has ended.
    pub async fn lift_ban(&mut self, ban: &BanId, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE bans SET ended_at = $3, ended_by = $2 WHERE id = $1 AND ended_at IS NULL",
        )
        .bind(ban.as_str())
        .bind(by)
        .bind(now.as_microsecond())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Keeps an appeal as the `number`th against this ban; `false` if there is one of that number.
    pub async fn insert_appeal(&mut self, ban: &BanId, number: i64, appeal: &AppealRow) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO appeals (ban_id, number, at, words) VALUES ($1, $2, $3, $4)
             ON CONFLICT (ban_id, number) DO NOTHING",
        )
        .bind(ban.as_str())
        .bind(number)
        .bind(appeal.at.as_microsecond())
        .bind(plain(&appeal.words))
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }
}

async fn bans_of(conn: Conn<'_>, sender: &Mailbox, now: Timestamp) -> Result<Vec<BanRow>, StoreError> {
    either!(conn, conn => all(
        &sqlx::query(select_ban!("WHERE target IN ($1, $2) AND ended_at IS NULL AND until_at > $3 ORDER BY until_at DESC"))
            .bind(sender.folded())
            .bind(sender.domain())
            .bind(now.as_microsecond())
            .fetch_all(conn)
            .await?,
        ban_row,
    ))
}

fn by_ban<T>(rows: Vec<(String, T)>) -> HashMap<String, Vec<T>> {
    let mut map: HashMap<String, Vec<T>> = HashMap::new();
    for (ban, row) in rows {
        map.entry(ban).or_default().push(row);
    }
    map
}

fn ban_row(row: &impl Columns) -> Result<BanRow, StoreError> {
    Ok(BanRow {
        id: BanId::from_row(row.text("id")?),
        target: row.word("target", BanTarget::parse)?,
        proposed_at: row.time("proposed_at")?,
        banned_at: row.time_or_null("banned_at")?,
        until: row.time_or_null("until_at")?,
        ended_at: row.time_or_null("ended_at")?,
        ended_by: row.text_or_null("ended_by")?,
    })
}
