//! `cargo bench --bench audit`: how fast `fingerpost audit verify` goes through the record of real cases, and with how much memory.

#[path = "../sweep/house.rs"]
mod house;

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use fingerpost::domain::address::{Addressee, Mailbox};
use fingerpost::domain::id::ArrivalId;
use fingerpost::domain::report::{Door, Raw};
use fingerpost::flows::{House, intake};
use fingerpost::store::JournalEntry;
use futures_util::future::try_join_all;
use house::{KEY, POLICY};

/// Issue 6, with a fourth of it before, so that it shows whether memory grows with the cases.
const STEPS: [usize; 2] = [5_000, 20_000];
/// A seal names what came since the last: in ten minutes of a bad day, so many cases.
const SEALED_AT_ONCE: usize = 500;
const CASES_A_SECOND_WANTED: f64 = 1_000.0;
/// What the larger step may take beyond the smaller.
const MIB_MORE_WANTED: u64 = 8;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    // Where each commit waits for a slow disk, `TMPDIR=/dev/shm` opens the cases in a tenth of the time.
    let folder = tempfile::tempdir()?;
    settings(folder.path())?;
    let (mut made, mut peaks) = (0, Vec::new());
    for cases in STEPS {
        let house = house::open(&folder.path().join("fingerpost.db")).await?;
        let began = Instant::now();
        open_cases(&house, made, cases).await?;
        let rate = (cases - made) as f64 / began.elapsed().as_secs_f64();
        println!("{cases} cases on file, opened from their mails at {rate:.0} a second");
        made = cases;
        house.store.close().await;
        peaks.push(verify(folder.path(), cases)?);
    }
    let more = peaks[1].saturating_sub(peaks[0]);
    println!("memory for four times the cases: {more} MiB more; {}", verdict(more <= MIB_MORE_WANTED));
    Ok(())
}

/// What the command finds in its folder: the same policy and key as the house has.
fn settings(folder: &Path) -> anyhow::Result<()> {
    fs::write(folder.join("projects.toml"), POLICY)?;
    fs::write(folder.join("fingerpost.toml"), "")?;
    let mut key = fs::OpenOptions::new();
    let key = key.write(true).create_new(true).mode(0o600).open(folder.join("fingerpost.key"))?;
    let hex = KEY.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes all");
        hex
    });
    Ok(std::io::Write::write_all(&mut &key, hex.as_bytes())?)
}

/// Takes the mails numbered from `from` on in and opens their cases, as `serve` does.
async fn open_cases(house: &House, from: usize, to: usize) -> anyhow::Result<()> {
    for first in (from..to).step_by(SEALED_AT_ONCE) {
        let mails: Vec<_> =
            (first..to.min(first + SEALED_AT_ONCE)).map(|number| mail(house, number)).collect::<Result<_, _>>()?;
        try_join_all(mails.into_iter().map(|mail| house.store.keep(mail))).await?;
        while intake::work_off(house).await? > 0 {}
        let mut tx = house.store.begin().await?;
        tx.seal(house.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn mail(house: &House, number: usize) -> anyhow::Result<JournalEntry> {
    let text = "A crafted table makes the reader of Parsley 2.1 go past its buffer, and what is there is shown.\r\n";
    let raw = format!(
        "From: Sam Finder <sam@finder-{number}.example>\r\nTo: security@bench.example\r\n\
         Subject: Buffer over-read in Parsley 2.1{number}\r\nMessage-ID: <{number}@finder.example>\r\n\r\n{}",
        text.repeat(20)
    );
    Ok(JournalEntry {
        id: ArrivalId::new(house.now(), house.chance()),
        arrived_at: house.now(),
        door: Door::File,
        peer: None,
        sender: Some(Mailbox::parse(&format!("sam@finder-{number}.example"))?),
        addressees: vec![Addressee::Security],
        raw: Raw::Memory(raw.into_bytes()),
    })
}

/// Runs the command as an operator does; its peak in MiB.
fn verify(folder: &Path, cases: usize) -> anyhow::Result<u64> {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_fingerpost"))
        .args(["audit", "verify"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start fingerpost")?;
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = peak.max(peak_mib(child.id()));
        thread::sleep(Duration::from_millis(5));
    }
    let took = began.elapsed();
    let said = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&said.stdout);
    ensure!(said.starts_with(&format!("All is as it was written: {cases} cases")), "{said}");
    let rate = cases as f64 / took.as_secs_f64();
    let verdict = verdict(rate >= CASES_A_SECOND_WANTED);
    println!("audit verify: {took:.1?}, {rate:.0} cases a second, peak {peak} MiB; {verdict}");
    Ok(peak)
}

/// The largest resident size so far; nothing once it has ended.
fn peak_mib(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "target met" } else { "TARGET MISSED" }
}
