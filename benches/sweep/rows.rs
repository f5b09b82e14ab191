//! Cases with running clocks, written by a few statements: the program itself would take an hour for them.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

/// The numbers from $1 on, $2 of them.
const NUMBERS: &str = "WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1 + $2) ";

const CASES: &str = "INSERT INTO cases (id, number, title, state, arrived_at, opened_at, judgement)
    SELECT printf('00000000-0000-7000-8000-%012d', i), printf('SEC-2020-%d', i), 'A case', 'routed', $3, $3,
        '{\"candidates\":[]}' FROM n";
const HANDLINGS: &str = "INSERT INTO handlings (id, case_id, project_id, state, channel, decided_at, decided_by)
    SELECT printf('10000000-0000-7000-8000-%012d', i), printf('00000000-0000-7000-8000-%012d', i), 'parsley', 'sent',
        'mail', $3, 'program' FROM n";
const PARTIES: &str = "INSERT INTO parties (id, case_id, handling_id, address, list_at, shares, generation, created_at)
    SELECT printf('20000000-0000-7000-8000-%012d', i), printf('00000000-0000-7000-8000-%012d', i),
        printf('10000000-0000-7000-8000-%012d', i), 'security@parsley.example', $3, 'nothing', 0, $3 FROM n";
/// Each with its own moment, spread over five days.
const ACKNOWLEDGE: &str =
    "INSERT INTO clocks (id, case_id, handling_id, kind, started_at, target, due_at, told, next_at, paused)
    SELECT printf('30000000-0000-7000-8000-%012d', i), printf('00000000-0000-7000-8000-%012d', i),
        printf('10000000-0000-7000-8000-%012d', i), 'acknowledge', $3, $4, $3 + $4, 0, $5 + i % 432000 * 1000000, 0
    FROM n";
const FIRST_REPLY: &str = "INSERT INTO clocks (id, case_id, kind, started_at, target, due_at, told, next_at, paused)
    SELECT printf('40000000-0000-7000-8000-%012d', i), printf('00000000-0000-7000-8000-%012d', i), 'first-reply',
        $3, $4, $3 + $4, 0, $5 + i % 432000 * 1000000, 0 FROM n";

/// The promises' length, as the ladder's fractions are of it.
const TARGET: SignedDuration = SignedDuration::from_hours(7 * 24);

/// `clocks` that run, two to a case, of which nothing is due for an hour.
pub async fn open_clocks(file: &Path, clocks: i64) -> anyhow::Result<()> {
    let mut conn = connect(file).await?;
    let now = now();
    let numbers = (1, clocks / 2);
    people(&mut conn, numbers, now).await?;
    for sql in [ACKNOWLEDGE, FIRST_REPLY] {
        start(&mut conn, sql, numbers, now, now + SignedDuration::from_hours(1)).await?;
    }
    conn.close().await?;
    Ok(())
}

/// `clocks` more, one to a case, that are past their first step: half tell the contacts, half the chair.
pub async fn due_clocks(file: &Path, clocks: i64) -> anyhow::Result<()> {
    let mut conn = connect(file).await?;
    let (first, half) = (10_000_000, clocks / 2);
    let began = now() - TARGET * 2 / 7 - SignedDuration::from_hours(1);
    people(&mut conn, (first, clocks), began).await?;
    let long_due = began - SignedDuration::from_hours(24 * 7);
    start(&mut conn, ACKNOWLEDGE, (first, half), began, long_due).await?;
    start(&mut conn, FIRST_REPLY, (first + half, half), began, long_due).await?;
    conn.close().await?;
    Ok(())
}

async fn connect(file: &Path) -> anyhow::Result<SqliteConnection> {
    Ok(SqliteConnectOptions::new().filename(file).connect().await?)
}

#[expect(clippy::disallowed_methods, reason = "a bench measures with the machine's own time")]
fn now() -> Timestamp {
    Timestamp::now()
}

async fn people(conn: &mut SqliteConnection, (first, count): (i64, i64), at: Timestamp) -> anyhow::Result<()> {
    for sql in [CASES, HANDLINGS, PARTIES] {
        let sql = [NUMBERS, sql].concat();
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(first)
            .bind(count)
            .bind(at.as_microsecond())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

async fn start(
    conn: &mut SqliteConnection,
    sql: &str,
    (first, count): (i64, i64),
    at: Timestamp,
    next_at: Timestamp,
) -> anyhow::Result<()> {
    let target = i64::try_from(TARGET.as_micros())?;
    sqlx::query(sqlx::AssertSqlSafe([NUMBERS, sql].concat()))
        .bind(first)
        .bind(count)
        .bind(at.as_microsecond())
        .bind(target)
        .bind(next_at.as_microsecond())
        .execute(conn)
        .await?;
    Ok(())
}
