//! `fingerpost classify`: a dry run of the judge. Says what a text or mail is, which projects it concerns and why; stores nothing.

mod classified;
pub mod reply;
mod words;

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::config::policy;
use crate::domain::address::OwnAddresses;
use crate::judge::Judge;

pub use classified::{Bounced, Class, Classified, Kind, Said, classify_mail, classify_reading, classify_text};

const EXAMPLE: &str = "Example:\n  fingerpost classify --projects projects.toml report.eml\n  \
                       echo '{\"id\":1,\"subject\":\"XSS in Parsley\",\"body\":\"…\"}' | fingerpost classify --jsonl";

/// Say what a report is and which project it concerns, and why. Stores and sends nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct ClassifyArgs {
    /// The directory of projects to judge by
    #[arg(long, value_name = "FILE", default_value = "projects.toml", env = "FINGERPOST_PROJECTS")]
    pub projects: PathBuf,
    /// Print one JSON object a line; without files, read lines {"id","subject","body"} from standard input; a line {"id","text","form"}
    /// with "text", "eml" or "html" as its form is a reply, of which the writer's own words are printed
    #[arg(long)]
    pub jsonl: bool,
    /// JSON lines {"file","id"} that give mail files their ids in the output; else the file name is the id
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Mails, or lines {"id","subject","body"} where the name ends in .jsonl; without any, one mail from standard input
    pub files: Vec<PathBuf>,
}

/// Runs the command.
pub fn run(args: &ClassifyArgs) -> ExitCode {
    match classify(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fingerpost: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn classify(args: &ClassifyArgs) -> anyhow::Result<()> {
    let directory = policy::load(&args.projects)?;
    let judge = Judge::new(&directory);
    let own = directory.own_addresses();
    let labels = args.labels.as_deref().map(Labels::read).transpose()?.unwrap_or_default();
    let mut out = Output { lines: args.jsonl, to: BufWriter::new(io::stdout().lock()) };
    if args.files.is_empty() && args.jsonl {
        classify_lines(&judge, &own, "standard input", io::stdin().lock(), &mut out)?;
    } else if args.files.is_empty() {
        let mut raw = Vec::new();
        io::stdin().lock().read_to_end(&mut raw).context("cannot read the mail from standard input")?;
        out.put(&Value::from("standard input"), &classify_mail(&judge, &raw, &own))?;
    }
    for path in &args.files {
        if path.extension().is_some_and(|end| end == "jsonl") {
            let file = fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            classify_lines(&judge, &own, &path.display().to_string(), BufReader::new(file), &mut out)?;
        } else {
            let raw = fs::read(path).with_context(|| format!("cannot read the mail {}", path.display()))?;
            out.put(&labels.id_of(path), &classify_mail(&judge, &raw, &own))?;
        }
    }
    Ok(out.to.flush()?)
}

struct Output<W: Write> {
    /// JSON lines instead of words.
    lines: bool,
    to: W,
}

impl<W: Write> Output<W> {
    fn put(&mut self, id: &Value, classified: &Classified) -> anyhow::Result<()> {
        if self.lines {
            writeln!(self.to, "{}", classified.json_line(id))?;
        } else {
            let name = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            writeln!(self.to, "{}", classified.words(&name))?;
        }
        Ok(())
    }

    fn put_reply(&mut self, id: &Value, words: &str) -> anyhow::Result<()> {
        match self.lines {
            true => writeln!(self.to, "{}", reply::json_line(id, words))?,
            false => writeln!(self.to, "{id}: a reply\n{words}\n")?,
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct TextLine {
    id: Value,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    /// Of a reply, whose words are asked for.
    form: Option<reply::Form>,
    #[serde(default)]
    text: String,
}

fn classify_lines(
    judge: &Judge,
    own: &OwnAddresses,
    name: &str,
    from: impl BufRead,
    out: &mut Output<impl Write>,
) -> anyhow::Result<()> {
    for (number, line) in (1..).zip(from.lines()) {
        let line = line.with_context(|| format!("{name}, line {number}: cannot be read as UTF-8"))?;
        if line.trim().is_empty() {
            continue;
        }
        let text: TextLine = match serde_json::from_str(&line) {
            Ok(text) => text,
            Err(fault) => bail!(
                "{name}, line {number}, column {}: not an object with \"id\", \"subject\" and \"body\", or \"id\", \"text\" and \"form\": {fault}",
                fault.column()
            ),
        };
        match text.form {
            Some(form) => out.put_reply(&text.id, &reply::words_of(form, &text.text, own))?,
            None => out.put(&text.id, &classify_text(judge, &text.subject, &text.body))?,
        }
    }
    Ok(())
}

/// Ids of mail files by the path that a labels file has for them.
#[derive(Debug, Default)]
pub struct Labels(HashMap<PathBuf, Value>);

impl Labels {
    /// Reads lines `{"file","id"}`; lines without a file are left out.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        #[derive(serde::Deserialize)]
        struct Label {
            file: Option<PathBuf>,
            id: Value,
        }
        let text = fs::read_to_string(path).with_context(|| format!("cannot read the labels {}", path.display()))?;
        let mut ids = HashMap::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let label: Label = serde_json::from_str(line).with_context(|| {
                format!("{}, line {number}: not an object with \"file\" and \"id\"", path.display())
            })?;
            if let Some(file) = label.file {
                ids.insert(file, label.id);
            }
        }
        Ok(Self(ids))
    }

    /// The id of the label whose path is the end of `path`; else the file's name.
    pub fn id_of(&self, path: &Path) -> Value {
        let mut end = path.components();
        while !end.as_path().as_os_str().is_empty() {
            if let Some(id) = self.0.get(end.as_path()) {
                return id.clone();
            }
            end.next();
        }
        Value::from(path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Mailbox;
    use crate::judge::tests::{directory, project};

    fn judge() -> Judge {
        Judge::new(&directory(["Quern", "Larder"].map(project)))
    }

    #[test]
    fn lines_are_answered_in_their_order_and_a_bad_one_is_named() {
        let answer = |input: &str| {
            let own = OwnAddresses::of(Mailbox::parse("security@story.example").unwrap());
            let mut out = Output { lines: true, to: Vec::new() };
            classify_lines(&judge(), &own, "in.jsonl", input.as_bytes(), &mut out)
                .map(|()| String::from_utf8(out.to).unwrap())
        };
        let lines = answer("{\"id\":7,\"subject\":\"hello\"}\n\n{\"id\":\"b\",\"body\":\"\"}\n").unwrap();
        assert_eq!(
            lines,
            "{\"id\":7,\"kind\":\"report\",\"noise\":\"none\",\"projects\":[],\"candidates\":[]}\n\
             {\"id\":\"b\",\"kind\":\"report\",\"noise\":\"none\",\"projects\":[],\"candidates\":[]}\n"
        );
        let reply = answer("{\"id\":7,\"form\":\"text\",\"text\":\"Yes.\\n\\n> a\\n> b\"}").unwrap();
        assert!(reply.contains(r#""kind":"reply""#) && reply.contains(r#""visible_reply":"Yes.""#), "{reply}");
        let fault = answer("{\"id\":7}\n{\"subject\":\"no id\"}\n").unwrap_err().to_string();
        assert!(fault.starts_with("in.jsonl, line 2, column "), "{fault}");
    }

    #[test]
    fn a_label_is_found_by_the_end_of_the_path() {
        let labels = Labels(HashMap::from([(PathBuf::from("bounces/one.eml"), Value::from("b-1"))]));
        assert_eq!(labels.id_of(Path::new("/tmp/mails/bounces/one.eml")), "b-1");
        assert_eq!(labels.id_of(Path::new("other/one.eml")), "one.eml");
    }
}
