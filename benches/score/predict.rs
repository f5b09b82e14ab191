//! Predictions for every row of the corpus, as `score.py` reads them, and its table.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use fingerpost::cli::classify::reply::{self, Form};
use fingerpost::cli::classify::{Classified, classify_mail, classify_text};
use fingerpost::domain::address::OwnAddresses;
use serde_json::Value;

use crate::corpus::lines;
use crate::tables::List;
use crate::texts::{Label, Row};

/// The texts of the corpus that a form would bring.
pub const TEXTS: [&str; 2] = ["routing_dev.jsonl", "nonsecurity_dev.jsonl"];
/// Its raw mails.
pub const LABELS: &str = "labels_dev.jsonl";
/// Its replies.
const REPLIES: &str = "replies_dev.jsonl";

/// A reply, its words in one of three forms.
#[derive(serde::Deserialize)]
struct Reply {
    id: Value,
    form: Form,
    text: Option<String>,
    html: Option<String>,
    raw: Option<String>,
}

impl Reply {
    fn source(&self) -> Option<&str> {
        match self.form {
            Form::Text => self.text.as_deref(),
            Form::Html => self.html.as_deref(),
            Form::Eml => self.raw.as_deref(),
        }
    }
}

/// Everything that predictions are made from.
pub struct Asked<'a> {
    pub corpus: &'a Path,
    /// Lists of the corpus alone.
    pub lists: &'a [List],
    pub texts: &'a [Row],
    pub labels: &'a [Label],
    /// The archive of mails, unpacked.
    pub mails: &'a Path,
    pub own: &'a OwnAddresses,
}

impl Asked<'_> {
    /// The lines of all predictions.
    pub fn predictions(&self) -> anyhow::Result<Vec<String>> {
        let mut all: Vec<String> = self.texts.iter().map(|row| self.classified(row).json_line(&row.id)).collect();
        for label in self.labels {
            let raw = fs::read(self.mails.join(&label.file)).with_context(|| format!("no mail {}", label.file))?;
            all.push(classify_mail(&self.lists[0].judge, &raw, self.own).json_line(&label.id));
        }
        for reply in lines::<Reply>(&self.corpus.join(REPLIES))? {
            let source = reply.source().with_context(|| format!("reply {} has no text of its form", reply.id))?;
            all.push(reply::json_line(&reply.id, &reply::words_of(reply.form, source, self.own)));
        }
        Ok(all)
    }

    /// The judgement by the list of the row's foundation. A row of none is shown to each, and any forward stands.
    fn classified(&self, row: &Row) -> Classified {
        let is_asked = |list: &&List| row.foundation.as_deref().is_none_or(|foundation| foundation == list.name);
        let mut answers: Vec<Classified> = self
            .lists
            .iter()
            .filter(is_asked)
            .map(|list| classify_text(&list.judge, &row.subject, &row.body))
            .collect();
        let forwarded = answers.iter().position(|answer| !answer.projects.is_empty());
        answers.swap_remove(forwarded.unwrap_or(0))
    }
}

/// Prints the scorer's table; `passed_on` are arguments for it.
pub fn score(corpus: &Path, predicted: &Path, passed_on: &[String]) -> anyhow::Result<()> {
    let gold: Vec<PathBuf> = TEXTS.iter().chain(&[LABELS, REPLIES]).map(|file| corpus.join(file)).collect();
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
