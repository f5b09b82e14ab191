//! Which database a story is told on: a SQLite file, or PostgreSQL where this binary runs once more for that.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fingerpost::store::{Claimer, DatabaseUrl, Role, Store};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::postgres::fresh_database;

/// In a run on PostgreSQL: the URL of an empty database with all tables, of which each story gets a copy.
const TOLD_ON: &str = "FINGERPOST_STORIES_TOLD_ON";

/// Databases of stories that are over, empty again: to copy the template takes a second, to empty a few tables none.
static EMPTIED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Removes the rows of all tables that have some, and asks no foreign key. What the story left open ends: a transaction
/// that was dropped is rolled back by the story's runtime, which stands still while its stage is taken down.
const EMPTY: &str = "DO $$
DECLARE name text; has_rows boolean;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO has_rows;
        IF has_rows THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
END $$";

/// An empty database for a story, which may keep it in `folder`.
pub async fn database(folder: &Path) -> DatabaseUrl {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let Ok(template) = std::env::var(TOLD_ON) else { return DatabaseUrl::Sqlite(folder.join("fingerpost.db")) };
    let emptied = EMPTIED.lock().unwrap().pop();
    if let Some(url) = emptied {
        return DatabaseUrl::Postgres(url);
    }
    let copy = format!("story_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let (url, name) = beside(&template, &copy);
    server_does(&beside(&template, "postgres").0, &format!("CREATE DATABASE {copy} TEMPLATE {name}")).await;
    DatabaseUrl::Postgres(url)
}

/// Makes the database of a story that is over ready for the next one; a file goes with its folder.
pub async fn give_back(url: &DatabaseUrl) {
    if let (DatabaseUrl::Postgres(url), true) = (url, std::env::var(TOLD_ON).is_ok()) {
        server_does(url, EMPTY).await;
        EMPTIED.lock().unwrap().push(url.clone());
    }
}

/// Tells the stories of a file on PostgreSQL, but for those whose names hold one of `not`: this binary runs again, for
/// them alone. Nothing happens where PostgreSQL is not installed, which is said loudly.
///
/// # Panics
/// With all that the run said, if a story of it failed or none was told.
pub async fn tell_again(file: &str, not: &[&str]) {
    static TEMPLATE: OnceCell<Option<String>> = OnceCell::const_new();
    let Some(template) = TEMPLATE.get_or_init(template).await else { return };
    let binary = std::env::current_exe().unwrap();
    let mut run = Command::new(binary);
    run.env(TOLD_ON, template).args([&format!("{file}::"), "--test-threads=1"]);
    for name in ["on_postgres::", "simulation::", "real::"].iter().chain(not) {
        run.args(["--skip", name]);
    }
    let done = run.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "on PostgreSQL:\n{said}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(!said.contains("running 0 tests"), "no story of {file} was told:\n{said}");
}

/// A database with all tables and no rows, to which nobody is connected.
async fn template() -> Option<String> {
    let url = fresh_database().await?;
    let store = Store::open(&DatabaseUrl::Postgres(url.clone()), Role::Worker, Claimer::new("template", "1")).await;
    store.unwrap().close().await;
    Some(url)
}

/// The URL of another database of the same server, and the name of the one that `url` has.
fn beside<'u>(url: &'u str, other: &str) -> (String, &'u str) {
    let (server, rest) = url.rsplit_once("localhost/").unwrap();
    let (name, options) = rest.split_once('?').unwrap();
    (format!("{server}localhost/{other}?{options}"), name)
}

async fn server_does(url: &str, sql: &str) {
    let mut server = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut server).await.unwrap();
    server.close().await.unwrap();
}
