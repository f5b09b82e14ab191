//! `fingerpost classify`: a dry run of the judge. Says what a text or mail is, which projects it concerns and why; stores nothing.

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
use crate::domain::address::{Mailbox, OwnAddresses};
use crate::domain::bounce::{DeliveryReport, Fate};
use crate::domain::directory::ProjectId;
use crate::domain::judgement::{Candidate, Judgement, Strength};
use crate::domain::noise::{Noise, SeemsNoise};
use crate::domain::report::{AutomaticSign, Reading};
use crate::domain::spam::{self, Facts};
use crate::judge::Judge;
use crate::judge::noise::another::is_of_another;
use crate::mail::read::guard::Map;
use crate::mail::read::{delivery_report, read};

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

/// What a text or mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Report,
    /// It would open a case behind the reports: the judge takes it for no report.
    NotSecurity,
    /// It would wait in quarantine.
    Spam,
    Bounce,
    AutoReply,
    Arf,
}

/// The answer to one text or mail, in the order in which its fields are printed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Classified {
    pub kind: Kind,
    #[serde(serialize_with = "as_word")]
    pub noise: Option<SeemsNoise>,
    /// Where `auto_forward = "strong"` would forward it, the best first.
    pub projects: Vec<ProjectId>,
    #[serde(serialize_with = "with_clauses")]
    pub candidates: Vec<Candidate>,
    /// Of a bounce.
    #[serde(flatten)]
    pub bounce: Option<Bounced>,
    /// Of spam: each a sentence.
    #[serde(skip)]
    pub reasons: Vec<String>,
    /// What was judged, for the words of a sign to be shown in it.
    #[serde(skip)]
    pub said: Said,
}

/// Subject and text as the judge got them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub subject: String,
    pub body: String,
}

/// What a bounce says: whether the address itself is dead, and whose mail failed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Bounced {
    /// `None` where the mail was delivered or is only late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    pub recipients: Vec<String>,
}

/// Whether a failure may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    Hard,
    Soft,
}

impl Bounced {
    /// The worst of what the report says; a mail that is only late failed softly so far.
    fn of(report: &DeliveryReport) -> Self {
        let worst = report.notices.iter().map(|notice| notice.fate).max();
        let class = match worst {
            Some(Fate::Hard) => Some(Class::Hard),
            Some(Fate::Soft | Fate::Delayed) => Some(Class::Soft),
            Some(Fate::Delivered) | None => None,
        };
        // The first name of each is the one that failed.
        let recipients = report.notices.iter().filter_map(|notice| notice.recipients.first()).map(Mailbox::folded);
        Self { class, recipients: recipients.collect() }
    }
}

impl Classified {
    fn of(kind: Kind, judgement: Judgement) -> Self {
        // What looks like noise waits for a member, whatever it names.
        let strong = judgement.strong().filter(|_| judgement.noise.is_none());
        let projects = strong.map(|candidate| candidate.project.clone()).collect();
        let Judgement { candidates, noise } = judgement;
        Self { kind, noise, projects, candidates, bounce: None, reasons: Vec::new(), said: Said::default() }
    }

    /// The line of `--jsonl`, without its end.
    pub fn json_line(&self, id: &Value) -> String {
        #[derive(serde::Serialize)]
        struct Line<'a> {
            id: &'a Value,
            #[serde(flatten)]
            classified: &'a Classified,
        }
        serde_json::to_string(&Line { id, classified: self }).expect("strings and lists are always JSON")
    }
}

impl Kind {
    /// What a mail with this sign is. A list, a scanner or a robot may still bring a report.
    fn of(sign: Option<AutomaticSign>) -> Self {
        use AutomaticSign as S;
        match sign {
            Some(S::DeliveryReport | S::OtherReport) => Self::Bounce,
            Some(S::FeedbackReport) => Self::Arf,
            Some(S::AutoReply | S::ReadReceipt | S::ListNotice | S::OurLoopHeader | S::FromOurselves) => {
                Self::AutoReply
            }
            Some(S::AutoSubmitted | S::AutoReplyHeader | S::NullReturnPath) => Self::Report,
            Some(S::Precedence | S::MailingList | S::RobotSender) | None => Self::Report,
        }
    }
}

/// The class of noise; ordinary mail is of none.
fn as_word<S: serde::Serializer>(noise: &Option<SeemsNoise>, serializer: S) -> Result<S::Ok, S::Error> {
    let class = noise.as_ref().map(|seems| seems.noise).filter(|noise| *noise != Noise::Other);
    serializer.serialize_str(class.map_or("none", Noise::word))
}

/// Candidates with their evidence as plain text, as readers of the output know it.
fn with_clauses<S: serde::Serializer>(candidates: &[Candidate], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        project: &'a ProjectId,
        strength: Strength,
        evidence: Vec<&'a str>,
    }
    serializer.collect_seq(candidates.iter().map(|candidate| Line {
        project: &candidate.project,
        strength: candidate.strength,
        evidence: candidate.clauses().collect(),
    }))
}

/// Classifies a text as a form or a line of JSON brings it.
pub fn classify_text(judge: &Judge, subject: &str, body: &str) -> Classified {
    let judgement = judge.judge(subject, body);
    let kind = match &judgement.noise {
        Some(seems) if !is_of_another(seems) => Kind::NotSecurity,
        Some(_) | None => Kind::Report,
    };
    let said = Said { subject: subject.to_owned(), body: body.to_owned() };
    Classified { said, ..Classified::of(kind, judgement) }
}

/// Classifies a mail that was read. What could not be read, and what no person wrote, names no project.
pub fn classify_reading(judge: &Judge, reading: &Reading) -> Classified {
    let Reading::Mail(mail) = reading else { return Classified::of(Kind::Report, Judgement::default()) };
    match Kind::of(mail.automatic) {
        Kind::Report => classify_text(judge, &mail.subject, &mail.text),
        kind => Classified::of(kind, Judgement::default()),
    }
}

/// Classifies a raw mail that has no envelope but what its delivery left in it.
pub fn classify_mail(judge: &Judge, raw: &[u8], own: &OwnAddresses) -> Classified {
    let reading = match return_path(raw) {
        Some(field) => read(raw, own, Mailbox::parse(field.trim().trim_matches(['<', '>'])).ok().as_ref()),
        // Nothing is known of the envelope, so no return path speaks against the mail.
        None => read(raw, own, Some(own.security())),
    };
    let mut classified = classify_reading(judge, &reading);
    if let (Kind::Report | Kind::NotSecurity, Reading::Mail(mail)) = (classified.kind, &reading) {
        // A file has no envelope: nothing is held against a sender that cannot be checked.
        let names_a_project = classified.candidates.iter().any(Candidate::is_named);
        let noise = classified.noise.as_ref();
        let facts = Facts { mail, is_proven: true, names_a_project, noise, is_addressed_to_us: true };
        if let Some(suspicion) = spam::suspect(&facts) {
            classified.kind = Kind::Spam;
            classified.reasons = suspicion.signs.iter().map(ToString::to_string).collect();
        }
    }
    if classified.kind == Kind::Bounce {
        classified.bounce = delivery_report(raw, own).ok().map(|report| Bounced::of(&report));
    }
    classified
}

fn return_path(raw: &[u8]) -> Option<String> {
    Map::of(raw).ok()?.top().last("Return-Path").map(|field| field.unfolded())
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
    use crate::judge::tests::{directory, project};

    fn judge() -> Judge {
        Judge::new(&directory(["Quern", "Larder"].map(project)))
    }

    #[test]
    fn a_line_of_json_has_the_documented_fields_in_order() {
        let line =
            classify_text(&judge(), "XSS in Quern", "Quern before 1.2 allows it.").json_line(&Value::from("r-1"));
        assert!(line.starts_with(r#"{"id":"r-1","kind":"report","noise":"none","projects":["quern"],"candidates":[{"project":"quern","strength":"strong","evidence":["#), "{line}");
    }

    #[test]
    fn what_is_no_report_is_told_with_its_class_and_signs() {
        let answer = |subject, body| classify_text(&judge(), subject, body);
        let finding =
            answer("No SPF record", "Hi team, your domain has no SPF record and mails can be spoofed by anybody.");
        assert!(finding.json_line(&Value::from(1)).contains(r#""kind":"not-security","noise":"scanner""#));
        let words = finding.words("a");
        assert!(words.starts_with("a: no report, it seems"), "{words}");
        assert!(
            words.contains("\n  Looks like a scanner's finding\n    + subject is about records for mail in DNS"),
            "{words}"
        );
        let talk = answer(
            "Re: Saturday",
            "On Fri, Jo wrote:\n> A walk?\nYes, my wife and the children come along for dinner.",
        );
        assert!(talk.json_line(&Value::from(1)).contains(r#""kind":"not-security","noise":"none""#));
    }

    #[test]
    fn suspected_spam_is_told_with_its_reasons() {
        let raw = b"From: a@deals.example\r\nSubject: BEST PRICE FOR TONER\r\n\r\n\
                    Dear friend, order now at https://deals.example\r\n";
        let own = OwnAddresses::of(Mailbox::parse("security@story.example").unwrap());
        let classified = classify_mail(&judge(), raw, &own);
        assert_eq!((classified.kind, classified.projects.len()), (Kind::Spam, 0));
        let words = classified.words("a.eml");
        assert!(words.contains("suspected spam") && words.contains("\n  No project is named.\n"), "{words}");
        assert!(classified.json_line(&Value::from(1)).contains(r#""kind":"spam""#));
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
    fn a_mail_is_what_its_sign_says() {
        for (sign, kind) in [
            (Some(AutomaticSign::DeliveryReport), Kind::Bounce),
            (Some(AutomaticSign::FeedbackReport), Kind::Arf),
            (Some(AutomaticSign::ReadReceipt), Kind::AutoReply),
            (Some(AutomaticSign::MailingList), Kind::Report),
            (None, Kind::Report),
        ] {
            assert_eq!(Kind::of(sign), kind, "{sign:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_a_report_for_a_person() {
        let reading = Reading::Unreadable(crate::domain::report::Unreadable::Empty);
        let classified = classify_reading(&judge(), &reading);
        assert_eq!((classified.kind, classified.projects.len()), (Kind::Report, 0));
    }

    #[test]
    fn a_label_is_found_by_the_end_of_the_path() {
        let labels = Labels(HashMap::from([(PathBuf::from("bounces/one.eml"), Value::from("b-1"))]));
        assert_eq!(labels.id_of(Path::new("/tmp/mails/bounces/one.eml")), "b-1");
        assert_eq!(labels.id_of(Path::new("other/one.eml")), "one.eml");
    }
}
