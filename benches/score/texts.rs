//! Texts of the corpus with what is right for them, and mails read as texts.

use std::fs;
use std::path::Path;

use anyhow::Context;
use fingerpost::domain::address::OwnAddresses;
use fingerpost::domain::report::{MailKind, Reading};
use fingerpost::mail::read::read;
use serde_json::Value;

/// One text, with what is right for it. Fields that a pool does not have are empty.
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize)]
pub struct Row {
    pub id: Value,
    pub foundation: Option<String>,
    #[serde(default)]
    pub variant: String,
    #[serde(default)]
    pub subject: String,
    #[serde(default)]
    pub body: String,
    /// The projects that the flaw is in; `None` where nobody asks for a project.
    pub gold: Option<Vec<String>>,
    /// Sisters and umbrellas: neither right nor wrong.
    #[serde(default)]
    pub ok_extra: Vec<String>,
    #[serde(default)]
    pub style: String,
    pub negative: Option<String>,
    /// Of a text that is no report: what it is instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subkind: Option<String>,
}

impl Row {
    /// A mail, which asks for no project.
    fn of(label: &Label, subject: String, body: String) -> Self {
        Self {
            id: label.id.clone(),
            foundation: None,
            variant: String::new(),
            subject,
            body,
            gold: None,
            ok_extra: Vec::new(),
            style: label.kind.clone(),
            negative: None,
            subkind: None,
        }
    }

    /// The projects that are right; none for a text that concerns nobody.
    pub fn gold(&self) -> &[String] {
        self.gold.as_deref().unwrap_or_default()
    }

    /// Whether a forward to `project` is right or at least harmless.
    pub fn allows(&self, project: &str) -> bool {
        self.gold().iter().chain(&self.ok_extra).any(|right| right == project)
    }
}

/// A raw mail of the archive, and what it is.
#[derive(Debug, serde::Deserialize)]
pub struct Label {
    pub id: Value,
    pub file: String,
    pub kind: String,
}

/// The mails that no machine wrote, as the judge is given them. `folder` holds the archive unpacked.
pub fn mails(folder: &Path, labels: &[Label], own: &OwnAddresses) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for label in labels {
        let path = folder.join(&label.file);
        let raw = fs::read(&path).with_context(|| format!("no mail {}", path.display()))?;
        let Reading::Mail(mail) = read(&raw, own, Some(own.security())) else { continue };
        if mail.kind() == MailKind::Report {
            rows.push(Row::of(label, mail.subject, mail.text));
        }
    }
    Ok(rows)
}
