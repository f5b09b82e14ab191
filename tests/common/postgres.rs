//! A PostgreSQL server of the test binary's own: started by the first test that asks, gone when the binary ends,
//! however it ends. It listens on a Unix socket in a temporary folder and nowhere else.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{Connection, PgConnection};

/// Runs the server until its standard input ends, which it does when the test binary is gone, and then takes
/// everything away. `$1` is the folder of PostgreSQL's programs, `$2` an empty folder.
const KEEPER: &str = r#"
stop() { "$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1; rm -rf "$2"; }
if "$1/initdb" -D "$2/data" -U fingerpost --auth=trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 &&
   printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$2'" "max_connections = 300" "fsync = off" \
       "synchronous_commit = off" "full_page_writes = off" "autovacuum = off" "jit = off" \
       >>"$2/data/postgresql.conf" &&
   "$1/pg_ctl" -w -D "$2/data" -l "$2/log" start >>"$2/log" 2>&1 </dev/null
then echo ready
else tail -n 5 "$2/log" | tr '\n' ' '; echo; stop "$1" "$2"; exit 1
fi
cat >/dev/null
stop "$1" "$2"
"#;

struct Server {
    socket_folder: PathBuf,
    /// Its standard input is open as long as this process lives.
    _keeper: Child,
}

/// The URL of a new and empty database; `None` where PostgreSQL is not installed, which is said loudly.
///
/// # Panics
/// If PostgreSQL is missing and `FINGERPOST_REQUIRE` contains `postgres`, or if it does not start.
pub async fn fresh_database() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let server = SERVER.get_or_init(start).as_ref()?;
    let url = |name: &str| format!("postgres://fingerpost@localhost/{name}?host={}", server.socket_folder.display());
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&url("postgres")).await.expect("the server is there");
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    Some(url(&name))
}

fn start() -> Option<Server> {
    let Some(programs) = programs() else {
        let required = std::env::var("FINGERPOST_REQUIRE").unwrap_or_default();
        assert!(!required.contains("postgres"), "PostgreSQL is required and not installed");
        // Not by a macro, whose output the test runner would keep to itself.
        std::io::stderr().write_all(b"\nSKIPPED: PostgreSQL is not installed\n\n").unwrap();
        return None;
    };
    let folder = tempfile::Builder::new().prefix("fingerpost-pg-").tempdir().unwrap().keep();
    let mut keeper = Command::new("/bin/sh");
    keeper.args(["-c", KEEPER, "keeper"]).arg(programs).arg(&folder).current_dir(&folder);
    if let Some((user, group)) = unprivileged_user() {
        chown(&folder, Some(user), Some(group)).unwrap();
        keeper.uid(user).gid(group);
    }
    // In a process group of its own, so that Ctrl-C leaves it to clean up.
    let mut keeper = keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said.trim(), "ready", "PostgreSQL does not start");
    Some(Server { socket_folder: folder, _keeper: keeper })
}

/// `/usr/lib/postgresql/<version>/bin` of the newest version, as Debian lays it out.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(|version| Some(version.ok()?.path()))
        .filter(|version| version.join("bin/initdb").exists())
        .max_by_key(|version| version.file_name()?.to_str()?.parse::<u32>().ok())
        .map(|version| version.join("bin"))
}

/// PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`. `None` if we are somebody else.
fn unprivileged_user() -> Option<(u32, u32)> {
    if Path::new("/proc/self").metadata().unwrap().uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let ids_of = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(ids_of("postgres").or_else(|| ids_of("nobody")).expect("a system has a user `nobody`"))
}
