//! The years of cases that a foundation comes to have, copied from a few real ones by SQL: the program itself would
//! take minutes for them.

use std::path::Path;

use anyhow::ensure;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

/// What belongs to a case, parents first.
const TABLES: [&str; 9] =
    ["journal", "cases", "handlings", "parties", "reports", "clocks", "messages", "letters", "events"];
/// Columns that name a row. Ids begin with eight letters of time, in whose place the copy's number goes.
const IDS: [&str; 8] =
    ["id", "case_id", "handling_id", "party_id", "arrival_id", "stopped_by", "said_in", "passed_on_from"];
/// The n-th copy of a case came so much earlier: 5,000 of them are two years and more.
const APART_US: i64 = 15_000_000_000;

/// All but the youngest copies are closed cases, and the sweep rests: pages are measured.
const CLOSE: [&str; 5] = [
    "UPDATE cases SET state = 'closed', closed_at = opened_at + 86400000000, closed_as = 'resolved',
        closed_by = 'ada@bench.example' WHERE substr(number, 5, 4) >= $1",
    "UPDATE handlings SET state = 'closed', closed_at = decided_at + 86400000000, closed_by = 'ada@bench.example'
        WHERE case_id IN (SELECT id FROM cases WHERE state = 'closed')",
    "UPDATE clocks SET stopped_at = started_at + 86400000000, ended_as = 'kept', next_at = NULL
        WHERE case_id IN (SELECT id FROM cases WHERE state = 'closed')",
    "UPDATE clocks SET next_at = (SELECT max(started_at) FROM clocks) + 86400000000 WHERE next_at IS NOT NULL",
    // Nothing of them waits for a relay.
    "UPDATE letters SET settled_at = created_at + 1000000, sent_at = created_at + 1000000, bytes = NULL
        WHERE case_id IN (SELECT id FROM cases WHERE substr(number, 5, 4) >= '3001')",
];

/// Copies each case so many times, of which the first `open` stay open, and says how many cases there are then.
#[tokio::main(flavor = "current_thread")]
pub async fn make(file: &Path, times: usize, open: usize) -> anyhow::Result<i64> {
    ensure!(times < 6_000, "the copy's number stands where the year does");
    let mut conn = SqliteConnectOptions::new().filename(file).connect().await?;
    for table in TABLES {
        copy(&mut conn, table, times).await?;
    }
    for sql in CLOSE {
        let statement = sqlx::query(sql);
        let statement = if sql.contains("$1") { statement.bind((3_001 + open).to_string()) } else { statement };
        statement.execute(&mut conn).await?;
    }
    // As a program does that has run for those years.
    sqlx::raw_sql("PRAGMA analysis_limit = 400; ANALYZE").execute(&mut conn).await?;
    let cases = sqlx::query_scalar("SELECT count(*) FROM cases").fetch_one(&mut conn).await?;
    conn.close().await?;
    Ok(cases)
}

async fn copy(conn: &mut SqliteConnection, table: &str, times: usize) -> anyhow::Result<()> {
    let info = sqlx::query(AssertSqlSafe(format!("PRAGMA table_info({table})"))).fetch_all(&mut *conn).await?;
    let columns: Vec<String> = info.iter().map(|column| column.get("name")).collect();
    let values: Vec<String> = columns.iter().map(|column| value(column)).collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})
         INSERT INTO {table} ({columns}) SELECT {values} FROM n, (SELECT * FROM {table}) t"
    );
    sqlx::query(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// What a copy has in this column.
fn value(column: &str) -> String {
    match column {
        "number" => format!("'SEC-' || (3000 + n.i) || substr(t.{column}, 9)"),
        _ if IDS.contains(&column) => {
            format!("CASE WHEN t.{column} IS NULL THEN NULL ELSE printf('%08x', n.i) || substr(t.{column}, 9) END")
        }
        _ if column == "at" || column.ends_with("_at") => format!("t.{column} - n.i * {APART_US}"),
        _ => format!("t.{column}"),
    }
}
