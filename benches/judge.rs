//! `cargo bench --bench judge`: reports a second on one core, one body of 1 MB, time to build and memory of the judge, by size of the directory.

#[path = "score/corpus.rs"]
mod corpus;

use std::fs;
use std::time::{Duration, Instant};

use anyhow::Context;
use corpus::{FOUNDATIONS, Listed, directory, folder, lines, listed};
use fingerpost::judge::Judge;

/// Projects in the directory. DESIGN.md section 5 asks for 5,000 reports a second with 300, and for half of it with 10,000.
const SIZES: [usize; 3] = [50, 300, 10_000];
/// Each text is judged so often; the first time warms the caches up and does not count.
const ROUNDS: usize = 4;
const MEGABYTE: usize = 1_000_000;

#[derive(serde::Deserialize)]
struct Text {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
}

fn main() -> anyhow::Result<()> {
    let corpus = folder()?;
    let mut texts: Vec<Text> = lines(&corpus.join("routing_dev.jsonl"))?;
    texts.extend(lines::<Text>(&corpus.join("nonsecurity_dev.jsonl"))?);
    let mut real = Vec::new();
    for foundation in FOUNDATIONS {
        real.extend(listed(&corpus, foundation)?);
    }
    println!("{} texts, {} rounds, one core\n", texts.len(), ROUNDS - 1);
    println!(
        "| projects | reports/s | p50 | p99 | longest | 1 MB body | built in | memory |\n|---|---|---|---|---|---|---|---|"
    );
    for size in SIZES {
        measure(&directory_of(size, &real), &texts)?;
    }
    linear(&Judge::new(&directory(&directory_of(300, &real))), &texts);
    Ok(())
}

/// The first `size` projects of the corpus, filled up with invented ones.
fn directory_of(size: usize, real: &[Listed]) -> Vec<Listed> {
    let invented = (0..).map(|n| Listed {
        id: format!("invented-{n}"),
        name: format!("Invented {n:05}kit"),
        packages: vec![format!("pkg:pypi/invented-{n:05}kit")],
        repo: Some(format!("https://git.example/invented/{n:05}kit")),
        description: Some(format!("Tells invented things apart, the {n:05}th of them")),
    });
    real.iter().cloned().chain(invented).take(size).collect()
}

fn measure(listed: &[Listed], texts: &[Text]) -> anyhow::Result<()> {
    let directory = directory(listed);
    let before = resident_kib()?;
    let (judge, built) = timed(|| Judge::new(&directory));
    let grown = resident_kib()?.saturating_sub(before);
    let mut times: Vec<Duration> = Vec::with_capacity(texts.len() * ROUNDS);
    for round in 0..ROUNDS {
        let once = texts.iter().map(|text| timed(|| judge.judge(&text.subject, &text.body)).1);
        if round == 0 {
            once.for_each(drop);
        } else {
            times.extend(once);
        }
    }
    times.sort_unstable();
    let total: Duration = times.iter().sum();
    let (_, long) = timed(|| judge.judge("A long report", &long_text(texts, MEGABYTE)));
    println!(
        "| {} | {:.0} | {:?} | {:?} | {:?} | {long:.1?} | {built:.1?} | {:.1} MiB |",
        listed.len(),
        times.len() as f64 / total.as_secs_f64(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1],
        grown as f64 / 1024.0,
    );
    Ok(())
}

/// Prints what a body costs for each of its bytes. Where time is linear, that does not grow with the body.
fn linear(judge: &Judge, texts: &[Text]) {
    let repeated = |word: &str| word.repeat(MEGABYTE / word.len());
    println!("\n| body | 10 kB | 100 kB | 1 MB |\n|---|---|---|---|");
    for (name, body) in [
        ("texts of the corpus, one after the other", long_text(texts, MEGABYTE)),
        ("one name again and again", repeated("numpy ")),
        ("a vulnerability in one name again and again", repeated("a vulnerability in numpy 1.2. ")),
        ("one long word", repeated("numpy")),
        ("openings of code and lists", repeated("`[(\"")),
        ("invisible characters", repeated("n\u{200b}")),
        ("directory paths", repeated("node_modules/")),
        ("blank lines", repeated("\n")),
        ("capitals", repeated("Acme ")),
    ] {
        let each = [10_000, 100_000, MEGABYTE].map(|size| {
            let body = &body[..body.floor_char_boundary(size)];
            let fastest = (0..ROUNDS).map(|_| timed(|| judge.judge("A report", body)).1).min().unwrap_or_default();
            format!("{:.1} ns/byte", fastest.as_nanos() as f64 / body.len() as f64)
        });
        println!("| {name} | {} |", each.join(" | "));
    }
}

/// The texts one after the other, again from the first, `size` bytes of them.
fn long_text(texts: &[Text], size: usize) -> String {
    let mut long = String::with_capacity(size);
    for text in texts.iter().cycle() {
        long.push_str(&text.body);
        long.push('\n');
        if long.len() >= size {
            break;
        }
    }
    long.truncate(long.floor_char_boundary(size));
    long
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    (result, start.elapsed())
}

/// What the kernel says that this process has in memory.
fn resident_kib() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("memory is measured on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel tells no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
