//! `cargo bench --bench pages`: how fast pages are made with 100,000 cases on file, asked by wrk, and how soon the program is ready.

mod copies;
mod program;
mod wrk;

use anyhow::ensure;
use program::Program;
use wrk::{Measured, Wanted};

/// Real cases that came by mail; the others are copies of these.
const TEMPLATES: usize = 20;
const CASES: usize = 100_000;
/// Of the copies, this many of each template are open still.
const OPEN_COPIES: usize = 20;

/// DESIGN.md section 5.
const FIRST_PAGE: Wanted = Wanted { a_second: Some(500.0), p95_ms: 10.0 };
const CASE_PAGE: Wanted = Wanted { a_second: None, p95_ms: 10.0 };
const PUBLIC_PAGE: Wanted = Wanted { a_second: None, p95_ms: 5.0 };
const READY_MS: u128 = 500;
const IDLE_MIB: u64 = 40;

/// What is asked: the page's name, its path, whether a member asks, and how fast it should be.
const PAGES: &[(&str, &str, bool, Wanted)] = &[
    ("at risk, the first page", "/at-risk", true, FIRST_PAGE),
    ("triage", "/triage", true, CASE_PAGE),
    ("at risk, page 8", "/at-risk?page=8", true, CASE_PAGE),
    ("at risk, a filter", "/at-risk?project=parsley", true, CASE_PAGE),
    ("cases", "/cases", true, CASE_PAGE),
    ("cases, a word sought", "/cases?text=parsley", true, CASE_PAGE),
    ("a case", "/cases/SEC-YEAR-0001", true, CASE_PAGE),
    ("outbox", "/outbox", true, CASE_PAGE),
    ("home", "/", false, PUBLIC_PAGE),
    ("report form", "/report", false, PUBLIC_PAGE),
    ("who to tell, 301 projects", "/projects", false, PUBLIC_PAGE),
    ("a project", "/projects/parsley", false, PUBLIC_PAGE),
    ("find", "/find?q=parsley", false, PUBLIC_PAGE),
    ("projects.json", "/projects.json", false, PUBLIC_PAGE),
    // Its mailbox is not proven: what is served is the file of a fresh installation, for its first seven days.
    ("security.txt", "/.well-known/security.txt", false, PUBLIC_PAGE),
];

fn main() -> anyhow::Result<()> {
    if !wrk::is_installed() {
        println!("SKIPPED: wrk is not installed (apt-get install wrk)");
        return Ok(());
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut program = Program::start(folder.path())?;
    program.takes_reports(TEMPLATES)?;
    program.stop()?;
    let made = copies::make(&folder.path().join("fingerpost.db"), CASES / TEMPLATES - 1, OPEN_COPIES)?;
    println!("{made} cases on file, {} of them open", TEMPLATES * (1 + OPEN_COPIES));

    let mut program = Program::start(folder.path())?;
    let ready = program.was_ready_after();
    println!("start to ready: {} ms; {}", ready.as_millis(), verdict(ready.as_millis() <= READY_MS));
    println!("idle: {} MiB (PSS); {}", program.pss_mib(), verdict(program.pss_mib() <= IDLE_MIB));
    let cookie = program.signs_in()?;
    println!("\n{:<28} {:>9} {:>9} {:>9} {:>10}", "page, 4 connections", "a second", "p50 ms", "p95 ms", "page kB");
    for (name, path, is_desk, wanted) in PAGES {
        let path = path.replace("YEAR", &program.year()?);
        let cookie = is_desk.then_some(cookie.as_str());
        let size = program.size_of(&path, cookie)?;
        let measured = wrk::ask(&program.url(&path), cookie)?;
        ensure!(measured.failed == 0, "{path}: {} answers were no page", measured.failed);
        let Measured { a_second, p50_ms, p95_ms, .. } = measured;
        let size = size as f64 / 1000.0;
        let verdict = verdict(wanted.is_met_by(&measured));
        println!("{name:<28} {a_second:>9.0} {p50_ms:>9.2} {p95_ms:>9.2} {size:>10.1}  {verdict}");
    }
    println!("after the load: {} MiB (PSS)", program.pss_mib());
    program.stop()
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "target met" } else { "TARGET MISSED" }
}
