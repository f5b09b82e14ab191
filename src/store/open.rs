//! Opens and closes the store: files, pools, the worker's lock, migrations, claims of the dead.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgPool, SqlitePool};

use super::{Claimer, DatabaseUrl, Engine, House, Role, SqlitePools, Store, StoreError, Tx};
use crate::domain::record::Salt;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long a transaction waits for another process, or anybody for a connection, before it is told to come later.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Reads of pages that go on at the same time on SQLite; each holds a file handle and a page cache.
const READERS: u32 = 4;
/// A connection to SQLite keeps what it read of the tables' sizes; after this it makes room for one that reads anew.
const STATISTICS_LIFE: Duration = Duration::from_secs(3600);
/// Rows that SQLite's thread hands over before somebody takes them.
const ROWS_AT_ONCE: usize = 256;
/// Connections of one node to PostgreSQL, whose default limit is 100 for all.
const POSTGRES_CONNECTIONS: u32 = 8;

impl Store {
    /// Opens the database. A worker creates and migrates it if need be, and frees what a dead worker had claimed
    /// (on PostgreSQL `free_claims_of_the_dead` does that later); a guest takes it as it is.
    ///
    /// # Errors
    /// `Locked` if another worker has the file, `NotReady` if the schema is missing or of another version,
    /// `Unavailable` if file or server cannot be reached.
    pub async fn open(url: &DatabaseUrl, role: Role, claimer: Claimer) -> Result<Self, StoreError> {
        let (pools, lock) = match url {
            DatabaseUrl::Sqlite(path) => {
                let lock = match role {
                    Role::Worker => Some(take_lock(path)?),
                    Role::Guest => None,
                };
                (Engine::Sqlite(open_sqlite(path, role).await?), lock)
            }
            DatabaseUrl::Postgres(url) => (Engine::Postgres(open_postgres(url).await?), None),
        };
        let store = Self {
            house: Arc::new(House {
                pools,
                turns: Default::default(),
                lull: Default::default(),
                queue: Default::default(),
                claimer,
                lock,
            }),
            salt: Salt::default(),
            witness: None,
        };
        match role {
            Role::Worker => {
                store.migrate().await?;
                store.begin_to_work().await?;
            }
            Role::Guest => store.expect_schema().await?,
        }
        Ok(store)
    }

    /// Closes all connections once their statements are done, and gives the lock back.
    pub async fn close(&self) {
        match &self.house.pools {
            Engine::Sqlite(pools) => {
                pools.readers.close().await;
                pools.writer.close().await;
            }
            Engine::Postgres(pool) => {
                // If the server cannot hear it now, our beat stands still and others find out.
                self.leave().await.ok();
                pool.close().await;
            }
        }
        if let Some(lock) = &self.house.lock {
            // It would go with the last clone anyway; if this fails, it still does.
            lock.unlock().ok();
        }
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        match &self.house.pools {
            Engine::Sqlite(pools) => MIGRATIONS.run(&pools.writer).await,
            Engine::Postgres(pool) => MIGRATIONS.run(pool).await,
        }
        .map_err(|error| match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => StoreError::NotReady(format!("{other}; it was made by another version of fingerpost")),
        })
    }

    /// A guest never migrates: beside a running worker that would change the schema under its feet.
    async fn expect_schema(&self) -> Result<(), StoreError> {
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
        let mut reader = self.reader().await?;
        let found: Option<i64> = either!(reader.conn(), conn => sqlx::query_scalar(
            "SELECT MAX(version) FROM _sqlx_migrations",
        ).fetch_one(conn).await)
        .map_err(|error| match error {
            sqlx::Error::Database(_) => missing(),
            other => other.into(),
        })?;
        match found {
            Some(version) if Some(version) == newest => Ok(()),
            Some(_) => Err(StoreError::NotReady("it was made by another version of fingerpost".to_owned())),
            None => Err(missing()),
        }
    }

    /// SQLite has one worker, and that is we: whatever is claimed was claimed by a dead one.
    async fn begin_to_work(&self) -> Result<(), StoreError> {
        match &self.house.pools {
            Engine::Sqlite(_) => {
                let mut tx = self.begin().await?;
                tx.free_all_claims().await?;
                tx.commit().await
            }
            Engine::Postgres(_) => self.beat().await,
        }
    }
}

impl Tx<'_> {
    async fn free_all_claims(&mut self) -> Result<(), StoreError> {
        either!(self.conn(), conn => {
            sqlx::query("UPDATE journal SET claimed_by = NULL, deaths = deaths + 1 WHERE filed_at IS NULL AND claimed_by IS NOT NULL")
                .execute(&mut *conn)
                .await?;
            sqlx::query("UPDATE letters SET claimed_by = NULL WHERE claimed_by IS NOT NULL").execute(conn).await?;
        });
        Ok(())
    }
}

fn missing() -> StoreError {
    StoreError::NotReady("it has no tables yet; start `fingerpost serve` once, which makes them".to_owned())
}

/// The beside-name of a database file: `fingerpost.db` and `.lock` make `fingerpost.db.lock`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The file that was opened. SQLite goes on writing to a file that was deleted or replaced under it, and what it
/// wrote is gone when the process ends: so each transaction looks first whether the file is still in its place.
pub(super) struct DatabaseFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl DatabaseFile {
    fn of(path: &Path) -> Result<Self, StoreError> {
        let identity = identity(path).map_err(|error| unreachable_file(path, &error))?;
        Ok(Self { path: path.to_owned(), identity })
    }

    /// One `stat`, which takes a microsecond.
    pub(super) fn expect_in_place(&self) -> Result<(), StoreError> {
        match identity(&self.path) {
            Ok(identity) if identity == self.identity => Ok(()),
            Ok(_) => Err(StoreError::Unavailable(format!("{} is another file now; restart", self.path.display()))),
            Err(error) => Err(unreachable_file(&self.path, &error)),
        }
    }
}

/// Device and inode.
fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    path.metadata().map(|file| (file.dev(), file.ino()))
}

fn take_lock(database: &Path) -> Result<File, StoreError> {
    let path = beside(database, ".lock");
    let file = private_file(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path }),
        Err(TryLockError::Error(error)) => Err(unreachable_file(&path, &error)),
    }
}

/// Opens or creates a file that only its owner reads: the database holds reports. SQLite gives the mode of the
/// database to the files that it puts beside it.
fn private_file(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|error| unreachable_file(path, &error))
}

fn unreachable_file(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}

async fn open_sqlite(path: &Path, role: Role) -> Result<SqlitePools, StoreError> {
    match role {
        Role::Worker => drop(private_file(path)?),
        Role::Guest if !path.exists() => {
            return Err(StoreError::NotReady(format!(
                "there is no {}; start `fingerpost serve` once, which makes it",
                path.display()
            )));
        }
        Role::Guest => {}
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit is on disk when it returns, not only whole.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        // What is erased is not left in free pages of the file (THREATS.md row 82).
        .pragma("secure_delete", "ON")
        // A page of a list goes through at once. Where the buffer is full, two threads wake each other row by row.
        .row_buffer_size(ROWS_AT_ONCE)
        .foreign_keys(true);
    if role == Role::Worker {
        // Before there is a pool, which would give up after `PATIENCE`: on a cold disk this may take longer.
        let mut first = options.connect().await?;
        gather_statistics(&mut first, role).await?;
        first.close().await?;
    }
    let pool = || {
        let options =
            SqlitePoolOptions::new().acquire_timeout(PATIENCE).idle_timeout(None).max_lifetime(STATISTICS_LIFE);
        // A file does not hang up, and a question to the connection's thread costs as much as a short read.
        options.test_before_acquire(false)
    };
    let writer: SqlitePool = pool()
        .max_connections(1)
        .after_connect(move |conn, _| Box::pin(async move { gather_statistics(conn, role).await }))
        // A full disk ends a transaction in SQLite's eyes and not in sqlx's, which then refuses to begin another.
        .after_release(|conn, _| {
            Box::pin(async move {
                conn.ping().await?; // behind the rollback of a dropped transaction
                Ok(!conn.is_in_transaction())
            })
        })
        .connect_with(options.clone())
        .await?;
    let readers = pool().max_connections(READERS).connect_with(options.read_only(true)).await?;
    Ok(SqlitePools { file: DatabaseFile::of(path)?, writer, readers })
}

/// What the planner should know of tables that have grown. Without it, SQLite reads all cases for a list of the open
/// ones: 30 ms instead of one with 100,000 on file. It reads every index whole, seconds of a cold disk, so this is done
/// when letters have become twice as many, of which each thing that happens makes some. `PRAGMA optimize` would do it at
/// each start, for of an index that is empty just now it never knows enough.
async fn gather_statistics(conn: &mut SqliteConnection, role: Role) -> Result<(), sqlx::Error> {
    if role == Role::Worker && have_grown(conn).await? {
        sqlx::raw_sql("PRAGMA analysis_limit = 400; ANALYZE").execute(conn).await?;
    }
    Ok(())
}

async fn have_grown(conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    const TABLES: &str = "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('letters', 'sqlite_stat1')";
    // The first number of a statistic is how many rows there were; what comes behind it does not count in a sum. The
    // last rowid is how many there are, and there at once.
    const GROWN: &str = "SELECT COALESCE((SELECT MAX(rowid) FROM letters), 0)
         >= 2 * COALESCE((SELECT MAX(stat + 0) FROM sqlite_stat1 WHERE tbl = 'letters'), 0)";
    match sqlx::query_scalar::<_, i64>(TABLES).fetch_one(&mut *conn).await? {
        // A file without tables, which the migrations are still to make.
        0 => Ok(false),
        1 => Ok(true),
        _ => sqlx::query_scalar(GROWN).fetch_one(conn).await,
    }
}

async fn open_postgres(url: &str) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?
        .application_name("fingerpost");
    let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(PATIENCE);
    Ok(pool.connect_with(options).await?)
}
