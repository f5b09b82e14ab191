//! Rows and what they mean: one `Store` over SQLite and PostgreSQL, with one SQL text for both.
//!
//! A room of this floor is a table or two. Each statement is written once and run by `either!` on the engine
//! that is there; the two places where the dialects differ (`BEGIN IMMEDIATE`, the lock of a row) are in this file
//! and in `open`. Reads for pages are on [`Store`], writes on [`Tx`].

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnectOptions;
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

use crate::domain::record::Salt;

/// One of two things, by engine.
enum Engine<S, P> {
    Sqlite(S),
    Postgres(P),
}

/// A connection to run a statement on.
type Conn<'c> = Engine<&'c mut SqliteConnection, &'c mut PgConnection>;

/// Runs the same body on either engine; both must come to the same type.
macro_rules! either {
    ($engine:expr, $conn:ident => $body:expr) => {
        match $engine {
            $crate::store::Engine::Sqlite($conn) => $body,
            $crate::store::Engine::Postgres($conn) => $body,
        }
    };
}

/// One statement in two dialects.
#[derive(Clone, Copy)]
struct Dialects {
    sqlite: &'static str,
    postgres: &'static str,
}

/// A SELECT whose row stays locked until the end of the transaction. On SQLite the transaction is the only writer.
macro_rules! for_update {
    ($select:expr) => {
        $crate::store::Dialects { sqlite: $select, postgres: concat!($select, " FOR UPDATE") }
    };
}

/// A statement that claims the rows of a CTE, which ends between `$head` and `$tail`. On PostgreSQL other nodes
/// claim at the same time, each passing over the rows that another one just takes.
macro_rules! skip_locked {
    ($head:expr, $tail:expr) => {
        $crate::store::Dialects {
            sqlite: concat!($head, $tail),
            postgres: concat!($head, " FOR UPDATE SKIP LOCKED", $tail),
        }
    };
}

mod absences;
mod bans;
mod beginnings;
mod bulk;
mod bulk_senders;
mod bulk_undo;
mod calendars;
mod cases;
mod changes;
mod choices;
mod clocks;
mod columns;
mod conflicts;
mod contact_domains;
mod duplicates;
mod echoes;
mod events;
mod facts;
mod fault;
mod finding;
mod handlings;
mod hints;
mod journal;
mod knowledge;
mod links;
mod lists;
mod marks;
mod messages;
mod near;
mod nodes;
mod noise;
mod open;
mod outbox;
mod outbox_facts;
mod people;
mod projects;
mod proposals;
mod quarantine;
mod quarters;
mod reporters;
mod reports;
mod retention;
mod seals;
mod senders;
mod sessions;
mod silence;
mod snapshot;
mod trends;
mod turns;
mod upkeep;
mod uploads;
mod urgency;
mod viewings;
mod views;
mod writer;

pub use absences::AbsenceRow;
pub use bans::{AppealRow, BanLine, BanRow};
pub use beginnings::Beginning;
pub use bulk::{BulkItem, BulkLine, BulkRow, StoodBefore};
pub use bulk_senders::{BulkSender, SenderOf};
pub use calendars::{CalendarRow, Deadline};
pub use cases::{CaseRow, KindSaid, NewCase};
pub use changes::{ChangeRow, Notices};
pub use choices::Choices;
pub use clocks::ClockRow;
pub use conflicts::{ConflictRow, Named, WaitingLetter};
pub use events::{ChainFault, EventHash, EventRow, chain_faults, chain_is_whole};
pub use fault::StoreError;
pub use finding::{BrokenPromise, CaseFilter, WaitsFor};
pub use handlings::{Acknowledged, HandlingRow};
pub use hints::Answered;
pub use journal::{ClaimedArrival, FiledAs, FiledLine, Filing, JournalEntry, Twin, TwinKey};
pub use knowledge::{CorrectionRow, LessonRow, NameRow, Origin};
pub use links::Link;
pub use lists::{CaseLine, Part};
pub use marks::Marks;
pub use messages::MessageRow;
pub use near::{LikenessRow, PrintHit, PrintsRow};
pub use nodes::Beats;
pub use outbox::ClaimedLetter;
pub use outbox_facts::{LetterFacts, OutboxCounts};
pub use people::Reported;
pub use projects::ContactRow;
pub use proposals::{ProposalRow, ProposedContact, SettledProposal};
pub use quarantine::{Batch, QuarantineRow};
pub use quarters::QuarterRow;
pub use reporters::SaidAnswered;
pub use reports::{NewReport, ReportRow};
pub use retention::RetentionCounts;
pub use seals::{Seal, SealedCase};
pub use senders::WarningRow;
pub use sessions::{NewSignIn, SessionRow};
pub use silence::Silence;
pub use snapshot::{Snapshot, WholeCase};
pub use upkeep::{AuditRow, MailState};
pub use uploads::{TakenForm, Upload};
pub use urgency::HeldTooLong;
pub use viewings::{BulkReading, Viewing, ViewingLine};
pub use views::DeskCounts;

/// Where the rows are: `database.url` in the settings.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file; `<file>.lock`, `<file>-wal` and `<file>-shm` lie beside it.
    Sqlite(PathBuf),
    /// The whole URL, which may hold a password.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `sqlite://fingerpost.db`, `sqlite:///var/lib/fingerpost/fingerpost.db` or `postgres://…`.
    pub fn parse(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            return match path {
                "" | "/" => Err("the URL of the database names no file: write sqlite://fingerpost.db".to_owned()),
                _ => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return PgConnectOptions::from_str(url)
                .map(|_| Self::Postgres(url.to_owned()))
                .map_err(|fault| format!("the URL of the database cannot be read: {fault}"));
        }
        Err("the URL of the database starts neither with sqlite:// nor with postgres://".to_owned())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "Sqlite({})", path.display()),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

/// What the process that opens the store is to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `serve` and `demo`: on SQLite the one worker, which holds `<file>.lock`. Migrates; frees what a dead one had claimed.
    Worker,
    /// A short command beside a worker, or alone: takes the schema as it is.
    Guest,
}

/// Who claims rows: a node, and which start of it. A claim holds no time, so that no clock can free it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimer(String);

impl Claimer {
    /// `node` names the machine, `boot` is made anew at every start.
    pub fn new(node: &str, boot: &str) -> Self {
        Self(format!("{node}/{boot}"))
    }

    /// `node/boot`, as it stands in rows.
    pub fn word(&self) -> &str {
        &self.0
    }
}

/// The rows. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Store {
    house: Arc<House>,
    /// With what the record hashes texts.
    salt: Salt,
    /// Told of each commit.
    witness: Option<Witness>,
}

/// Who is told that something was committed, before anybody else hears of it.
pub type Witness = Arc<dyn Fn() + Send + Sync>;

struct House {
    pools: Engine<SqlitePools, PgPool>,
    turns: turns::Turns,
    lull: turns::Lull,
    queue: Arc<writer::Queue>,
    claimer: Claimer,
    /// `<file>.lock`, held by the worker on SQLite.
    lock: Option<File>,
}

/// SQLite lets one connection write at a time, so that one is all there is; readers never wait for it.
struct SqlitePools {
    file: open::DatabaseFile,
    writer: SqlitePool,
    readers: SqlitePool,
}

/// A transaction: what is written together. Dropped, it leaves no trace; only SQL is awaited inside.
pub struct Tx<'s> {
    // Before `_turn`, so that it is over when the next one gets its turn.
    inner: Engine<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>,
    claimer: &'s str,
    salt: &'s Salt,
    witness: Option<&'s Witness>,
    /// What the record is told of when it commits.
    ledger: facts::Ledger,
    _turn: Option<turns::Turn<'s>>,
}

/// A connection that reads.
struct Reader(Engine<PoolConnection<Sqlite>, PoolConnection<Postgres>>);

impl Store {
    /// The same rows, with the record's texts hashed with this salt. Without it, guesses at erased texts can be tried.
    pub fn salted(self, salt: Salt) -> Self {
        Self { salt, ..self }
    }

    /// The same rows, with `witness` told of each commit: a story ends the program there, where nothing else shows it.
    pub fn watched(self, witness: Witness) -> Self {
        Self { witness: Some(witness), ..self }
    }

    /// Begins a transaction. On SQLite it waits for its turn behind the journal, and no other process writes
    /// until it ends.
    pub async fn begin(&self) -> Result<Tx<'_>, StoreError> {
        let turn = match &self.house.pools {
            Engine::Sqlite(_) => {
                self.house.lull.come().await;
                Some(self.house.turns.ordinary().await)
            }
            Engine::Postgres(_) => None,
        };
        self.begin_in(turn).await
    }

    /// Begins the transaction of a journal batch: on SQLite at most one ordinary one comes before it.
    async fn begin_journal(&self) -> Result<Tx<'_>, StoreError> {
        let turn = match &self.house.pools {
            Engine::Sqlite(_) => {
                self.house.lull.end();
                Some(self.house.turns.first().await)
            }
            Engine::Postgres(_) => None,
        };
        self.begin_in(turn).await
    }

    async fn begin_in<'s>(&'s self, turn: Option<turns::Turn<'s>>) -> Result<Tx<'s>, StoreError> {
        let inner = match &self.house.pools {
            Engine::Sqlite(pools) => {
                pools.file.expect_in_place()?;
                // Under a plain BEGIN two transactions that read before they write fail each other.
                Engine::Sqlite(pools.writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            Engine::Postgres(pool) => Engine::Postgres(pool.begin().await?),
        };
        let (claimer, witness) = (self.house.claimer.word(), self.witness.as_ref());
        Ok(Tx { inner, claimer, salt: &self.salt, witness, ledger: Default::default(), _turn: turn })
    }

    /// Asks each pool for a connection and each connection for a row; on SQLite also whether the file is still there.
    pub async fn ready(&self) -> Result<(), StoreError> {
        if let Engine::Sqlite(pools) = &self.house.pools {
            pools.file.expect_in_place()?;
            sqlx::query("SELECT 1").execute(&pools.writer).await?;
        }
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => sqlx::query("SELECT 1").execute(conn).await.map(|_| ())?);
        Ok(())
    }

    async fn reader(&self) -> Result<Reader, StoreError> {
        Ok(Reader(match &self.house.pools {
            Engine::Sqlite(pools) => Engine::Sqlite(pools.readers.acquire().await?),
            Engine::Postgres(pool) => Engine::Postgres(pool.acquire().await?),
        }))
    }
}

impl Reader {
    fn conn(&mut self) -> Conn<'_> {
        match &mut self.0 {
            Engine::Sqlite(conn) => Engine::Sqlite(conn),
            Engine::Postgres(conn) => Engine::Postgres(conn),
        }
    }
}

impl Tx<'_> {
    /// Tells the record what was changed, and makes all of it last. After `Ok` it is on disk; after an error it may or
    /// may not be.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.write_the_record().await?;
        either!(self.inner, tx => tx.commit().await?);
        if let Some(witness) = self.witness {
            witness();
        }
        Ok(())
    }

    fn conn(&mut self) -> Conn<'_> {
        match &mut self.inner {
            Engine::Sqlite(tx) => Engine::Sqlite(tx),
            Engine::Postgres(tx) => Engine::Postgres(tx),
        }
    }
}

impl Conn<'_> {
    /// The same connection, for one statement of several.
    fn again(&mut self) -> Conn<'_> {
        match self {
            Engine::Sqlite(conn) => Engine::Sqlite(conn),
            Engine::Postgres(conn) => Engine::Postgres(conn),
        }
    }

    /// The statement as this engine says it.
    fn choose(&self, statement: Dialects) -> &'static str {
        match self {
            Engine::Sqlite(_) => statement.sqlite,
            Engine::Postgres(_) => statement.postgres,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_database_names_a_file_or_a_server_and_anything_else_is_told_what_to_write() {
        let file = |path: &str| Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
        assert_eq!(DatabaseUrl::parse("sqlite://fingerpost.db"), file("fingerpost.db"));
        assert_eq!(DatabaseUrl::parse("sqlite:///var/lib/f.db"), file("/var/lib/f.db"));
        let server = DatabaseUrl::parse("postgres://f:secret@db/fingerpost").unwrap();
        assert_eq!(format!("{server:?}"), "Postgres(…)");
        assert!(DatabaseUrl::parse("sqlite://").unwrap_err().contains("sqlite://fingerpost.db"));
        assert!(DatabaseUrl::parse("mysql://db").unwrap_err().contains("postgres://"));
        assert!(DatabaseUrl::parse("fingerpost.db").is_err());
    }
}
