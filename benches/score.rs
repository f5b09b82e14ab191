//! `cargo score`: runs the judge over the corpus beside the project and prints the table of its scorer, and how fast it was.
//!
//! The corpus is read in place (`../shared/corpus`, or the folder in `FINGERPOST_CORPUS`); predictions go to `target/score/`.
//! An argument `--errors FILE` is passed on to the scorer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use fingerpost::cli::classify::{Classified, classify_mail, classify_text};
use fingerpost::domain::address::{Mailbox, OwnAddresses};
use fingerpost::domain::directory::{AutoForward, Directory, Foundation, Project, ProjectId, Promise, Routing};
use fingerpost::domain::report::{IncomingMail, MailKind, Reading};
use fingerpost::domain::spam::{self, Facts};
use fingerpost::judge::Judge;
use fingerpost::mail::read::read;
use jiff::SignedDuration;
use serde_json::Value;

const FOUNDATIONS: [&str; 2] = ["numfocus", "openjs"];

fn main() -> anyhow::Result<()> {
    let corpus = corpus()?;
    let texts = [corpus.join("routing_dev.jsonl"), corpus.join("nonsecurity_dev.jsonl")];
    let gold = [texts.as_slice(), &[corpus.join("labels_dev.jsonl")]].concat();
    let rows = texts.iter().map(|path| rows(path)).collect::<anyhow::Result<Vec<_>>>()?.concat();
    let judges = FOUNDATIONS
        .iter()
        .map(|foundation| Ok((*foundation, Judge::new(&directory(listed(&corpus, foundation)?)))))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/score");
    fs::create_dir_all(&target)?;
    let predicted = target.join("predicted.jsonl");
    let lines: Vec<String> = rows.iter().map(|row| classified(&judges, row).json_line(&row.id)).collect();
    let lines = lines.into_iter().chain(mails(&corpus, &target, &judges[0].1)?).collect::<Vec<_>>();
    fs::write(&predicted, lines.join("\n") + "\n")?;
    score(&corpus, &gold, &predicted)?;
    suspected(&corpus, &target.join("mails"), &rows, &judges)?;
    speed(&corpus, &rows)
}

/// Predictions for the raw mails: what kind each is.
fn mails(corpus: &Path, target: &Path, judge: &Judge) -> anyhow::Result<Vec<String>> {
    let folder = target.join("mails");
    fs::create_dir_all(&folder)?;
    let archive = corpus.join("mail_dev.tar.gz");
    let unpacked = Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&folder).status()?;
    ensure!(unpacked.success(), "cannot unpack {}", archive.display());
    let own = OwnAddresses::of(Mailbox::parse("security@foundation.example")?);
    let labels = fs::read_to_string(corpus.join("labels_dev.jsonl"))?;
    labels
        .lines()
        .map(|line| {
            let label: Label = serde_json::from_str(line)?;
            let raw = fs::read(folder.join(&label.file)).with_context(|| format!("no mail {}", label.file))?;
            Ok(classify_mail(judge, &raw, &own).json_line(&label.id))
        })
        .collect()
}

#[derive(serde::Deserialize)]
struct Label {
    id: Value,
    file: String,
    kind: String,
}

/// The judgement by the list of the row's foundation. A row of none is shown to each, and any forward stands.
fn classified(judges: &[(&str, Judge)], row: &Row) -> Classified {
    let asked =
        judges.iter().filter(|(name, _)| row.foundation.as_deref().is_none_or(|foundation| foundation == *name));
    let mut answers: Vec<Classified> = asked.map(|(_, judge)| classify_text(judge, &row.subject, &row.body)).collect();
    let forwarded = answers.iter().position(|answer| !answer.projects.is_empty());
    answers.swap_remove(forwarded.unwrap_or(0))
}

#[derive(Debug, Clone, serde::Deserialize)]
struct Row {
    id: Value,
    foundation: Option<String>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    subkind: Option<String>,
}

fn corpus() -> anyhow::Result<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let mut folder = std::env::var_os("FINGERPOST_CORPUS").map_or_else(beside, PathBuf::from);
    if !folder.exists() {
        folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"); // from a worktree
    }
    ensure!(
        folder.join("score.py").exists(),
        "there is no corpus in {}: put it there, or set FINGERPOST_CORPUS to its folder",
        folder.display()
    );
    Ok(folder)
}

fn rows(path: &Path) -> anyhow::Result<Vec<Row>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let row = |(number, line)| serde_json::from_str(line).with_context(|| format!("{}, line {number}", path.display()));
    (1..).zip(text.lines()).map(row).collect()
}

/// A project as the lists of the corpus have it.
#[derive(Debug, serde::Deserialize)]
struct Listed {
    id: String,
    name: String,
    packages: Vec<String>,
    repo: Option<String>,
    description: Option<String>,
}

fn listed(corpus: &Path, foundation: &str) -> anyhow::Result<Vec<Project>> {
    let path = corpus.join(format!("projects_{foundation}.json"));
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let listed: Vec<Listed> = serde_json::from_str(&text)?;
    let project = |listed: Listed| {
        let id = ProjectId::parse(&listed.id).with_context(|| format!("`{}` is no project id", listed.id))?;
        let mut project = Project::named(id, listed.name);
        project.summary = listed.description;
        project.packages = listed.packages;
        project.repositories = listed.repo.into_iter().collect();
        Ok(project)
    };
    listed.into_iter().map(project).collect()
}

fn directory(projects: Vec<Project>) -> Directory {
    let week = SignedDuration::from_hours(7 * 24);
    Directory {
        foundation: Foundation {
            name: "Scored".into(),
            security_address: Mailbox::parse("security@score.example").expect("a valid address"),
            public_url: "https://score.example".into(),
            hosts: vec![],
            case_prefix: "SEC".into(),
            out_of_scope: None,
        },
        promise: Promise { first_reply: week, acknowledge: week, ladder: vec![] },
        routing: Routing {
            auto_forward: AutoForward::Strong,
            hold: SignedDuration::ZERO,
            projects_per_report: 3,
            forwards_per_sender_a_day: 5,
            forwards_an_hour: 30,
        },
        committee: vec![],
        board: vec![],
        projects,
    }
}

fn score(corpus: &Path, gold: &[PathBuf], predicted: &Path) -> anyhow::Result<()> {
    let passed_on: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let status = Command::new("python3")
        .arg(corpus.join("score.py"))
        .arg("--gold")
        .args(gold)
        .arg("--pred")
        .arg(predicted)
        .args(passed_on)
        .status()
        .context("cannot run python3, which the scorer needs")?;
    ensure!(status.success(), "the scorer ended with {status}");
    Ok(())
}

/// What the signs of spam say (`domain/spam.rs`): of each kind of the corpus, how much would be quarantined.
///
/// Nothing in the corpus says who vouches for a sender, so each row is counted twice: as if proven, and as if not.
fn suspected(corpus: &Path, mails: &Path, rows: &[Row], judges: &[(&str, Judge)]) -> anyhow::Result<()> {
    let own = OwnAddresses::of(Mailbox::parse("security@foundation.example")?);
    let mut counts: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    let mut count = |kind: &str, judge: &Judge, mail: &IncomingMail| {
        let judgement = judge.judge(&mail.subject, &mail.text);
        let names_a_project = judgement.names_a_project();
        let of_kind = counts.entry(kind.to_owned()).or_default();
        of_kind[0] += 1;
        let is_spoken_for = names_a_project || spam::reads_like_a_report(&mail.subject, &mail.text);
        of_kind[3] += usize::from(!is_spoken_for);
        for (place, is_proven) in [(1, true), (2, false)] {
            let noise = judgement.noise.as_ref();
            let facts = Facts { mail, is_proven, names_a_project, noise, is_addressed_to_us: true };
            of_kind[place] += usize::from(spam::suspect(&facts).is_some());
        }
    };
    let nobody = Judge::new(&directory(vec![]));
    for row in rows {
        let raw = b"From: jane@reporter.example\nTo: security@foundation.example\nSubject: x\n\nx\n";
        let Reading::Mail(mut mail) = read(raw, &own, None) else { unreachable!("a plain mail") };
        (mail.subject, mail.text) = (row.subject.clone(), row.body.clone());
        let kind = row.subkind.as_deref().unwrap_or("report, text with or without its project's name");
        count(kind, &nobody, &mail);
    }
    for line in fs::read_to_string(corpus.join("labels_dev.jsonl"))?.lines() {
        let label: Label = serde_json::from_str(line)?;
        let raw = fs::read(mails.join(&label.file))?;
        let Reading::Mail(mail) = read(&raw, &own, Some(own.security())) else { continue };
        if mail.kind() == MailKind::Report {
            count(&format!("mail: {}", label.kind), &judges[0].1, &mail);
        }
    }
    println!("\n== SUSPECTED (to quarantine, by the signs alone; real reports at most .002)");
    for (kind, [all, proven, unproven, open]) in counts {
        let share = |some: usize| some as f64 / all as f64;
        println!(
            "{kind:<50} n={all:<5} if proven {:.3}   if not {:.3}   nothing speaks for it {:.3}",
            share(proven),
            share(unproven),
            share(open)
        );
    }
    Ok(())
}

/// Times the judge against DESIGN.md section 5: with 300 projects, with 10,000, and on a body of 1 MB.
fn speed(corpus: &Path, rows: &[Row]) -> anyhow::Result<()> {
    println!(
        "\n== SPEED (one core; to reach: 5,000 a second, p99 1 ms, with 10,000 projects half of it, 1 MB in 20 ms)"
    );
    let mut real = Vec::new();
    for foundation in FOUNDATIONS {
        real.extend(listed(corpus, foundation)?);
    }
    let long = rows.iter().map(|row| row.body.as_str()).collect::<Vec<_>>().join("\n").repeat(4);
    let long = &long[..long.floor_char_boundary(1_000_000)];
    for count in [300, 10_000] {
        let invented = (0..count - real.len()).map(|n| {
            let id = ProjectId::parse(&format!("invented-{n}")).expect("letters, digits and a hyphen");
            Project::named(id, format!("Invented {n:05}kit"))
        });
        let directory = directory(real.iter().cloned().chain(invented).collect());
        let (judge, built) = timed(|| Judge::new(&directory));
        let classify = |row: &Row| timed(|| classify_text(&judge, &row.subject, &row.body).json_line(&row.id)).1;
        let mut times: Vec<Duration> = rows.iter().map(classify).collect();
        times.sort_unstable();
        let total: Duration = times.iter().sum();
        let (_, long) = timed(|| judge.judge("A long report", long));
        println!(
            "{count:>6} projects: {:>6.0} a second, p50 {:?}, p99 {:?}, longest {:?}; 1 MB in {long:?}; built in {built:?}",
            times.len() as f64 / total.as_secs_f64(),
            times[times.len() / 2],
            times[times.len() * 99 / 100],
            times[times.len() - 1],
        );
    }
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    (result, start.elapsed())
}
