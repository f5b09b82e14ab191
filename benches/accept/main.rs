//! `cargo bench --bench accept [-- rate|forward|large]`: how fast mail is taken in durably, beside a Postfix in the same run; and how soon it leaves again.

mod client;
mod peers;
mod sink;

use std::time::{Duration, Instant};

use client::{Load, message, run};
use peers::{Fingerpost, Postfix};
use sink::Sink;

/// Connections, and mails for ours and for the slower peer.
const STEPS: [(usize, usize, usize); 3] = [(1, 2_000, 1_000), (10, 12_000, 3_000), (50, 20_000, 3_000)];

/// DESIGN.md section 5: how many times the peer's rate.
const WANTED: [f64; 3] = [2.0, 4.0, 6.0];

/// Where reports go.
const OURS: &str = "security@bench.example";
/// Bytes of one mail of the accept rate.
const SIZE: usize = 6_000;
/// Bytes of a mail that is nearly as large as we take.
const LARGE: usize = 24_500_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_wanted = |part: &str| chosen.is_empty() || chosen.iter().any(|name| name == part);
    if is_wanted("rate") {
        accept_rate().await?;
    }
    if is_wanted("forward") {
        forward_latency().await?;
    }
    if is_wanted("large") {
        one_large_mail().await?;
        fifty_large_mails().await?;
    }
    Ok(())
}

async fn accept_rate() -> anyhow::Result<()> {
    let postfix = Postfix::start()?;
    println!("mails of {SIZE} bytes, each on disk before its 250");
    println!(
        "{:>5}  {:>28}  {:>28}  {:>7}",
        "conns", "fingerpost /s (p50, p99 ms)", "postfix /s (p50, p99 ms)", "ratio"
    );
    for ((connections, ours, theirs), wanted) in STEPS.into_iter().zip(WANTED) {
        let mut program = Fingerpost::start(None)?;
        let idle = program.pss_mib();
        let text = |number| message("Question about a thing", number, SIZE);
        let taken = run(Load { address: program.smtp, connections, mails: ours, first: 0, to: OURS }, text).await?;
        let pss = program.pss_mib();
        program.stop();
        let Some(postfix) = &postfix else {
            println!("{connections:>5}  {taken:>28}  {:>28}  PSS {idle} -> {pss} MiB", "not installed");
            continue;
        };
        let peer =
            run(Load { address: postfix.smtp, connections, mails: theirs, first: 0, to: "sink@bench.example" }, text)
                .await?;
        let ratio = taken.rate() / peer.rate();
        let verdict = if ratio >= wanted { "reached" } else { "missed" };
        println!(
            "{connections:>5}  {taken:>28}  {peer:>28}  {ratio:>6.1}x  ({wanted}x {verdict}; PSS {idle} -> {pss} MiB)"
        );
    }
    Ok(())
}

/// From our 250 to the forward at the relay, one mail at a time; then many at once.
async fn forward_latency() -> anyhow::Result<()> {
    let mut sink = Sink::open().await?;
    let mut program = Fingerpost::start(Some(sink.address))?;
    let report = |number| message("Buffer overflow in Parsley 2.1", number, 2_000);
    let mut waits = Vec::new();
    for number in 0..300 {
        let load = Load { address: program.smtp, connections: 1, mails: 1, first: number, to: OURS };
        run(load, report).await?;
        let sent = Instant::now();
        sink.forwards(number + 1).await?;
        waits.push(sent.elapsed());
    }
    waits.sort();
    println!("\n250 -> forward at the relay: p50 {:.1?}, p99 {:.1?} (to reach: p50 20 ms)", waits[150], waits[297]);

    let mails = 3_000;
    let started = Instant::now();
    let load = Load { address: program.smtp, connections: 10, mails, first: 1_000, to: OURS };
    run(load, report).await?;
    sink.forwards(300 + mails).await?;
    let rate = mails as f64 / started.elapsed().as_secs_f64();
    println!("sustained, mail in to forward out: {rate:.0} a second (to reach: 300)");
    program.stop();
    Ok(())
}

/// Each of fifty connections sends one large mail at the same time.
async fn fifty_large_mails() -> anyhow::Result<()> {
    let mut sink = Sink::open().await?;
    let mut program = Fingerpost::start(Some(sink.address))?;
    let started = Instant::now();
    let load = Load { address: program.smtp, connections: 50, mails: 50, first: 0, to: OURS };
    run(load, |number| client::with_attachment(number, LARGE)).await?;
    let taken = started.elapsed();
    sink.forwards(50).await?;
    println!("\nfifty of them at once: taken after {taken:.1?}, forwarded after {:.1?}", started.elapsed());
    println!("memory: peak {} MiB, {} MiB after (to reach: 250 MiB)", program.peak_mib(), program.pss_mib());
    program.stop();
    Ok(())
}

async fn one_large_mail() -> anyhow::Result<()> {
    let mut sink = Sink::open().await?;
    let mut program = Fingerpost::start(Some(sink.address))?;
    let before = program.pss_mib();
    let started = Instant::now();
    let load = Load { address: program.smtp, connections: 1, mails: 1, first: 0, to: OURS };
    run(load, |number| client::with_attachment(number, LARGE)).await?;
    let taken = started.elapsed();
    sink.forwards(1).await?;
    let forwarded = started.elapsed();
    let peak = program.peak_mib();
    println!("\none mail of 24.5 MB: taken after {taken:.2?}, forwarded after {forwarded:.2?} (to reach: 500 ms)");
    tokio::time::sleep(Duration::from_millis(500)).await;
    println!(
        "memory: {before} MiB before, peak {peak} MiB, {} MiB after (to reach: 60 MiB more, given back)",
        program.pss_mib()
    );
    program.stop();
    Ok(())
}
