//! `cargo bench --bench sweep`: how long a sweep takes with 1,000,000 open clocks and none due, and how fast 10,000 that are due at once are carried out, their letters on disk.

mod house;
mod rows;

use std::time::{Duration, Instant};

use anyhow::Context;
use fingerpost::flows::House;
use fingerpost::sweeps;
use house::open;

/// DESIGN.md section 5: the cost grows with what is due, not with what is open.
const OPEN: i64 = 1_000_000;
const NONE_DUE_WANTED: Duration = Duration::from_millis(5);
/// Issue 5: a day on which all comes at once.
const DUE: i64 = 10_000;
const A_SECOND_WANTED: f64 = 1_000.0;
/// Sweeps with nothing to do; the first ones warm up and do not count.
const ROUNDS: usize = 200;
const WARM_UP: usize = 20;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let file = folder.path().join("sweep.db");
    open(&file).await?.store.close().await;
    let began = Instant::now();
    rows::open_clocks(&file, OPEN).await?;
    println!("{OPEN} open clocks were written in {:.0?}", began.elapsed());

    let house = open(&file).await?;
    none_due(&house).await?;
    house.store.close().await;

    rows::due_clocks(&file, DUE).await?;
    let house = open(&file).await?;
    all_due(&house).await?;
    house.store.close().await;
    Ok(())
}

async fn none_due(house: &House) -> anyhow::Result<()> {
    while sweeps::sweep(house).await? > 0 {}
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let began = Instant::now();
        anyhow::ensure!(sweeps::sweep(house).await? == 0, "something is due");
        if round >= WARM_UP {
            times.push(began.elapsed());
        }
    }
    times.sort();
    let p50 = times[times.len() / 2];
    let (p99, longest) = (times[times.len() * 99 / 100], *times.last().context("there were rounds")?);
    println!(
        "a sweep with none due: p50 {p50:.1?}, p99 {p99:.1?}, longest {longest:.1?}; {}",
        verdict(p99 <= NONE_DUE_WANTED)
    );
    Ok(())
}

async fn all_due(house: &House) -> anyhow::Result<()> {
    let before = house.store.outbox_counts(None).await?.waiting;
    let began = Instant::now();
    while sweeps::sweep(house).await? > 0 {}
    let took = began.elapsed();
    let letters = house.store.outbox_counts(None).await?.waiting - before;
    let rate = DUE as f64 / took.as_secs_f64();
    println!(
        "{DUE} clocks due at once: {rate:.0} a second, {letters} letters on disk in {took:.1?}; {}",
        verdict(rate >= A_SECOND_WANTED && letters >= DUE)
    );
    Ok(())
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "target met" } else { "TARGET MISSED" }
}
