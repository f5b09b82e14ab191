//! P1 as the kernel sees it: no `250` leaves before the sync that follows the write of its message has returned.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;

use super::program::{Client, Program, report};
use super::sink::{Mood, Sink};

const CONNECTIONS: usize = 5;
const MAILS_EACH: usize = 10;

/// Enough of a write to see a whole page of SQLite (4096 bytes) or a whole answer.
const SHOWN: &str = "4200";

/// The program under `strace`, whose lines come through a pipe with a name.
struct Traced {
    pipe: PathBuf,
    lines: JoinHandle<String>,
}

impl Traced {
    /// Starts `program` so that each write, send and sync of each thread is told.
    fn start(program: &mut Program) -> Self {
        let pipe = program.folder().join("trace");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let lines = std::thread::spawn({
            let pipe = pipe.clone();
            move || String::from_utf8_lossy(&std::fs::read(pipe).unwrap()).into_owned()
        });
        program.start_under(&[
            "strace",
            "-D", // the tracer is the grandchild, so that signals reach the program
            "-f",
            "-y",
            "-s",
            SHOWN,
            "-e",
            "trace=fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg",
            "-o",
            pipe.to_str().unwrap(),
            env!("CARGO_BIN_EXE_fingerpost"),
        ]);
        Self { pipe, lines }
    }

    /// All that was told, once the program has ended.
    fn trace(self) -> String {
        std::fs::remove_file(self.pipe).unwrap();
        self.lines.join().unwrap()
    }
}

/// A system call as strace tells it; on two lines if another thread came between its beginning and its end.
#[derive(Clone, Copy)]
struct Told<'t> {
    thread: &'t str,
    words: &'t str,
}

impl<'t> Told<'t> {
    fn read(line: &'t str) -> Option<Self> {
        let (thread, words) = line.split_once(' ')?;
        Some(Self { thread, words: words.trim_start() })
    }

    fn begins(self) -> bool {
        !self.words.starts_with("<...") && self.words.contains('(')
    }

    fn ends(self) -> bool {
        !self.words.ends_with("<unfinished ...>")
    }

    fn is_of(self, names: &[&str], file: &str) -> bool {
        names.iter().any(|name| self.words.starts_with(&format!("{name}("))) && self.words.contains(file)
    }
}

/// What became of a message, as far as the trace was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// Its bytes went into the write-ahead log.
    Written,
    /// A sync of the log has begun since.
    Syncing,
    /// Such a sync has returned.
    Synced,
}

/// What is known of each message while the trace is read.
struct Reader<'t> {
    ids: &'t [String],
    kept: HashMap<&'t str, Kept>,
    /// The messages that the sync of a thread covers.
    syncing: HashMap<&'t str, Vec<&'t str>>,
    acknowledged: HashMap<&'t str, Option<Kept>>,
}

impl<'t> Reader<'t> {
    /// The ids that were acknowledged, each with what had become of its message at that moment.
    fn acknowledged(trace: &'t str, ids: &'t [String]) -> HashMap<&'t str, Option<Kept>> {
        let mut reader = Self { ids, kept: HashMap::new(), syncing: HashMap::new(), acknowledged: HashMap::new() };
        for call in trace.lines().filter_map(Told::read) {
            if call.begins() {
                reader.begins(call);
            }
            if call.ends() && call.words.contains("sync") {
                let covered = reader.syncing.remove(call.thread).unwrap_or_default();
                reader.kept.extend(covered.into_iter().map(|id| (id, Kept::Synced)));
            }
        }
        reader.acknowledged
    }

    fn begins(&mut self, call: Told<'t>) {
        let named: Vec<&str> = self.ids.iter().map(String::as_str).filter(|id| call.words.contains(id)).collect();
        if call.is_of(&["pwrite64", "write", "writev"], "-wal>") {
            // The log has one writer, which writes and syncs in turn: a write that began has ended when it syncs.
            for id in named {
                self.kept.entry(id).or_insert(Kept::Written);
            }
        } else if call.is_of(&["fsync", "fdatasync"], "-wal>") {
            let written = self.kept.iter_mut().filter(|(_, kept)| **kept == Kept::Written);
            let covered = written.map(|(id, kept)| {
                *kept = Kept::Syncing;
                *id
            });
            self.syncing.insert(call.thread, covered.collect());
        } else if call.words.contains("250 2.0.0 kept as ") {
            self.acknowledged.extend(named.into_iter().map(|id| (id, self.kept.get(id).copied())));
        }
    }
}

async fn send_some(program: &Program, connection: usize) -> Vec<String> {
    let mut client = Client::connect(program.smtp).await.unwrap();
    let mut ids = Vec::new();
    for number in 0..MAILS_EACH {
        let (sender, message) = report(connection * MAILS_EACH + number);
        let answer = client.send(&sender, &message).await.unwrap();
        ids.push(answer.trim_end().strip_prefix("250 2.0.0 kept as ").unwrap().to_owned());
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_250_leaves_before_the_sync_of_its_message_has_returned() {
    if !Path::new("/usr/bin/strace").exists() {
        return super::skip("strace", "strace is not installed (apt-get install strace)");
    }
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::new(sink.address);
    let traced = Traced::start(&mut program);
    let senders = futures_util::future::join_all((0..CONNECTIONS).map(|number| send_some(&program, number)));
    let ids: Vec<String> = senders.await.into_iter().flatten().collect();
    assert!(program.stop());

    let trace = traced.trace();
    let told = Reader::acknowledged(&trace, &ids);
    assert_eq!(told.len(), CONNECTIONS * MAILS_EACH, "every 250 is in the trace");
    let early: Vec<_> = told.iter().filter(|(_, kept)| **kept != Some(Kept::Synced)).collect();
    assert!(early.is_empty(), "a 250 before its sync: {early:?}");
    let syncs = trace.lines().filter(|line| line.contains("sync(") && line.contains("-wal>")).count();
    println!("fsync: {} acknowledgements, each after its sync; {syncs} syncs of the log", told.len());
}

#[test]
fn the_reader_of_traces_finds_a_250_that_came_too_early() {
    let ids = ["id-1".to_owned(), "id-2".to_owned()];
    let early = "7 pwrite64(9</x.db-wal>, \"id-1 id-2\", 4096, 0) = 4096\n\
                 7 fdatasync(9</x.db-wal> <unfinished ...>\n\
                 8 sendto(5<socket>, \"250 2.0.0 kept as id-1\", 22) = 22\n\
                 7 <... fdatasync resumed>) = 0\n\
                 8 sendto(5<socket>, \"250 2.0.0 kept as id-2\", 22) = 22\n";
    let told = Reader::acknowledged(early, &ids);
    assert_eq!((told["id-1"], told["id-2"]), (Some(Kept::Syncing), Some(Kept::Synced)));
    let never = "8 sendto(5<socket>, \"250 2.0.0 kept as id-1\", 22) = 22\n";
    assert_eq!(Reader::acknowledged(never, &ids)["id-1"], None);
}
