//! `fingerpost audit`: whether the record, the tables and the seals still say the same, and who looked at what.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use serde_json::{Value, json};

use crate::app;
use crate::config::args::SettingsArgs;
use crate::config::key::load_key;
use crate::domain::id::AuditId;
use crate::domain::record::Salt;
use crate::flows::audit::{self, Audit, Finding};
use crate::store::{Role, Seal, Store};
use crate::world::clock::{Clock, SystemClock};
use crate::world::dice::{SystemDice, roll};

/// Something was changed past the program.
const CHANGED: u8 = 1;
/// Nothing could be looked at.
const NOT_LOOKED_AT: u8 = 2;

/// The record: whether it is whole
#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AuditCommand {
    Verify(VerifyArgs),
}

/// Compare the record of every case with the tables, and the seals with the record
///
/// Finds rows and entries that were edited, added, removed or put in another order past the program, and cases that
/// were removed. Runs beside a running `serve` and changes nothing; the page `/admin` shows what it came to. Whoever can write to the database can also write new seals: name
/// a seal that was kept elsewhere, out of a digest or a quarter of the board, to see that the chain still holds it.
///
/// Exit code 0: all is as it was written. 1: something was changed. 2: it could not be looked at.
///
/// Example: fingerpost audit verify --seal 9f2c1b04d7e6
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct VerifyArgs {
    /// The hash of an earlier seal, or how it begins: 8 letters at least
    #[arg(long, value_name = "HASH", value_parser = seal_hash)]
    seal: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

fn seal_hash(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('…').to_ascii_lowercase();
    let is_hash = (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { Ok(text) } else { Err("write 8 to 64 hex digits, as the digest has them".to_owned()) }
}

/// Runs the command; what keeps it from looking is no finding.
pub fn run(args: AuditArgs) -> ExitCode {
    super::block_on(async move {
        let AuditCommand::Verify(args) = args.command;
        Ok(verify(&args).await.unwrap_or_else(|error| {
            eprintln!("fingerpost: {error:#}");
            ExitCode::from(NOT_LOOKED_AT)
        }))
    })
}

async fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let audit = look(args).await?;
    super::say(&if args.json { as_json(&audit).to_string() } else { in_words(&audit) });
    Ok(if audit.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(CHANGED) })
}

async fn look(args: &VerifyArgs) -> anyhow::Result<Audit> {
    let (settings, _) = crate::config::load(&args.settings).map_err(|faults| anyhow!("{faults}"))?;
    let url = app::database_url(&settings);
    let store = Store::open(&url, Role::Guest, app::claimer(&SystemDice::default())).await;
    let store = store.context("the database cannot be looked at")?;
    // A new key would make every text look edited.
    let key = load_key(&settings.key_file)?.with_context(|| {
        let path = settings.key_file.display();
        format!("there is no key file {path}, without which no text can be compared. Name it with --key-file")
    })?;
    let store = store.salted(Salt::of(&key));
    let audit = audit::verify(&store, args.seal.as_deref()).await.context("the database cannot be looked at")?;
    let id = AuditId::new(SystemClock.now(), roll(&SystemDice::default()));
    if let Err(error) = audit::note(&store, &id, SystemClock.now(), &audit).await {
        eprintln!("fingerpost: the page /admin will not know of this audit: {error}");
    }
    store.close().await;
    Ok(audit)
}

fn in_words(audit: &Audit) -> String {
    let mut words = String::new();
    for finding in &audit.findings {
        writeln!(words, "{}", in_a_line(finding)).expect("a String takes all");
    }
    let cases = if audit.cases == 1 { "1 case".to_owned() } else { format!("{} cases", audit.cases) };
    let counted = format!("{cases} and {} entries of the record", audit.entries);
    words += &match audit.findings.len() {
        0 => format!("All is as it was written: {counted}."),
        found => format!(
            "\n{found} found in {counted}. Somebody changed the database past the program, or the key file is not the \
             one it was written with.\n\
             What to do: keep a copy of the database as it is. Tell the chair. Look for the newest backup that is whole."
        ),
    };
    words.push('\n');
    words += &match &audit.head {
        Some(seal) => format!("The last seal is {} of {}: {}", seal.number, seal.at, seal.hash.as_str()),
        None => "Nothing is sealed yet.".to_owned(),
    };
    if audit.unsealed > 0 {
        write!(words, "\n{} entries wait for the next seal.", audit.unsealed).expect("a String takes all");
    }
    words
}

fn in_a_line(finding: &Finding) -> String {
    match &finding.case {
        Some(case) => format!("{case}: {}.", finding.fault),
        None => format!("The record: {}.", finding.fault),
    }
}

fn as_json(audit: &Audit) -> Value {
    let finding =
        |found: &Finding| json!({ "case": found.case, "what": found.fault.word(), "words": found.fault.to_string() });
    json!({
        "schema": 1,
        "whole": audit.findings.is_empty(),
        "cases": audit.cases,
        "entries": audit.entries,
        "unsealed": audit.unsealed,
        "seal": audit.head.as_ref().map(seal),
        "findings": audit.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn seal(seal: &Seal) -> Value {
    json!({ "number": seal.number, "at": seal.at.to_string(), "hash": seal.hash.as_str() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::key::load_or_create_key;
    use crate::domain::audit::Fault;
    use crate::store::DatabaseUrl;

    #[test]
    fn what_was_changed_is_said_with_its_case_and_what_to_do() {
        let whole = Audit { cases: 2, entries: 31, unsealed: 3, ..Audit::default() };
        insta::assert_snapshot!(in_words(&whole), @r"
        All is as it was written: 2 cases and 31 entries of the record.
        Nothing is sealed yet.
        3 entries wait for the next seal.
        ");
        let finding = |case: Option<&str>, fault| Finding { case: case.map(str::to_owned), fault };
        let edited =
            Fault::RowEdited { table: "clocks".to_owned(), key: "019a".to_owned(), columns: vec!["due_at".to_owned()] };
        let findings =
            vec![finding(Some("SEC-2026-0001"), edited), finding(None, Fault::NumberMissing { year: 2026, number: 7 })];
        let changed = Audit { findings, ..whole };
        insta::assert_snapshot!(in_words(&changed), @r"
        SEC-2026-0001: row 019a of table clocks was edited: due_at.
        The record: no case has the number 0007 of 2026, which was given to one.

        2 found in 2 cases and 31 entries of the record. Somebody changed the database past the program, or the key file is not the one it was written with.
        What to do: keep a copy of the database as it is. Tell the chair. Look for the newest backup that is whole.
        Nothing is sealed yet.
        3 entries wait for the next seal.
        ");
        let json = as_json(&changed);
        assert_eq!((&json["schema"], &json["whole"], &json["seal"]), (&json!(1), &json!(false), &Value::Null));
        let words = "no case has the number 0007 of 2026, which was given to one";
        assert_eq!(json["findings"][1], json!({ "case": null, "what": "number-missing", "words": words }));
    }

    const POLICY: &str = "[foundation]\nname = \"Story\"\nsecurity_address = \"security@story.example\"\n\
                          public_url = \"https://security.story.example\"\n\
                          [[committee]]\nname = \"Ada\"\nemail = \"ada@story.example\"\nrole = \"chair\"\n";

    #[tokio::test]
    async fn beside_a_running_worker_it_says_what_it_finds_or_what_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("fingerpost.toml"), "").unwrap();
        std::fs::write(path("projects.toml"), POLICY).unwrap();
        let config = Some(path("fingerpost.toml").display().to_string());
        let settings = SettingsArgs { config, ..Default::default() };
        let args = VerifyArgs { seal: None, json: false, settings };
        let without = format!("{:#}", look(&args).await.unwrap_err());
        assert!(without.contains("start `fingerpost serve` once, which makes it"), "{without}");

        let url = DatabaseUrl::Sqlite(path("fingerpost.db"));
        let running = Store::open(&url, Role::Worker, app::claimer(&SystemDice::default())).await.unwrap();
        let without = format!("{:#}", look(&args).await.unwrap_err());
        assert!(without.ends_with("Name it with --key-file"), "{without}");
        assert!(!path("fingerpost.key").exists(), "no key is made for it");

        load_or_create_key(&path("fingerpost.key"), &SystemDice::default()).unwrap();
        assert_eq!(look(&args).await.unwrap().findings, []);
        assert_eq!(running.last_audit().await.unwrap().map(|noted| noted.findings), Some(0), "/admin shows it");
        let mut tx = running.begin().await.unwrap();
        tx.next_case_number(2026).await.unwrap();
        tx.commit().await.unwrap();
        let fault = Fault::NumberMissing { year: 2026, number: 1 };
        assert_eq!(look(&args).await.unwrap().findings, [Finding { case: None, fault }]);
    }

    #[test]
    fn a_seal_is_named_by_its_beginning_as_a_letter_has_it() {
        assert_eq!(seal_hash(" 9F2C1B04d7e6… "), Ok("9f2c1b04d7e6".to_owned()));
        assert!(seal_hash("9f2c").is_err());
        assert!(seal_hash("SEC-2026-0001").is_err());
    }
}
