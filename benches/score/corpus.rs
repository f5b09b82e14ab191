//! Reads the corpus beside the project, in place: its lines and its project lists, made into directories.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use fingerpost::domain::address::Mailbox;
use fingerpost::domain::directory::{AutoForward, Directory, Foundation, Project, ProjectId, Promise, Routing};
use jiff::SignedDuration;
use serde::de::DeserializeOwned;

/// The foundations whose lists and texts the corpus has.
pub const FOUNDATIONS: [&str; 2] = ["numfocus", "openjs"];

/// The folder of the corpus: `FINGERPOST_CORPUS`, or `shared/corpus` beside the project or beside its worktrees.
pub fn folder() -> anyhow::Result<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = ["../shared/corpus", "../../shared/corpus"].map(|path| home.join(path));
    let found = match std::env::var_os("FINGERPOST_CORPUS") {
        Some(folder) => PathBuf::from(folder),
        None => beside.iter().find(|folder| folder.exists()).unwrap_or(&beside[0]).clone(),
    };
    ensure!(
        found.join("score.py").exists(),
        "there is no corpus in {}: put it there, or set FINGERPOST_CORPUS to its folder",
        found.display()
    );
    Ok(found)
}

/// A project as the lists of the corpus have it.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Listed {
    pub id: String,
    pub name: String,
    pub packages: Vec<String>,
    pub repo: Option<String>,
    pub description: Option<String>,
}

/// The lines of a JSONL file.
pub fn lines<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let line =
        |(number, line)| serde_json::from_str(line).with_context(|| format!("{}, line {number}", path.display()));
    (1..).zip(text.lines()).map(line).collect()
}

/// The project list of a foundation of the corpus.
pub fn listed(corpus: &Path, foundation: &str) -> anyhow::Result<Vec<Listed>> {
    let path = corpus.join(format!("projects_{foundation}.json"));
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no list of projects", path.display()))
}

/// A directory of nothing but a list: what an operator has who wrote no aliases, domains or imports.
pub fn directory(listed: &[Listed]) -> Directory {
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
        projects: listed.iter().map(project).collect(),
    }
}

fn project(listed: &Listed) -> Project {
    let id = ProjectId::parse(&listed.id).expect("the lists of the corpus have valid ids");
    let mut project = Project::named(id, listed.name.clone());
    project.summary = listed.description.clone();
    project.packages = listed.packages.clone();
    project.repositories = listed.repo.iter().cloned().collect();
    project
}
