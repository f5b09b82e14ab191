//! `fingerpost audit`: whether the record, the tables and the seals still say the same, and who looked at what.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::anyhow;
use serde_json::{Value, json};

use crate::app;
use crate::config::args::SettingsArgs;
use crate::flows::House;
use crate::flows::audit::{self, Audit, Finding};
use crate::store::{Role, Seal};

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
/// were removed. Reads only, beside a running `serve`. Whoever can write to the database can also write new seals: name
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

async fn guest(args: &SettingsArgs) -> anyhow::Result<House> {
    let (settings, directory) = crate::config::load(args).map_err(|faults| anyhow!("{faults}"))?;
    app::house(&settings, directory, Role::Guest).await
}

async fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let house = guest(&args.settings).await?;
    let audit = audit::verify(&house.store, args.seal.as_deref()).await?;
    super::say(&if args.json { as_json(&audit).to_string() } else { in_words(&audit) });
    Ok(if audit.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(CHANGED) })
}

fn in_words(audit: &Audit) -> String {
    let mut words = String::new();
    for finding in &audit.findings {
        writeln!(words, "{}", in_a_line(finding)).expect("a String takes all");
    }
    let counted = format!("{} cases, {} entries", audit.cases, audit.entries);
    words += &match audit.findings.len() {
        0 => format!("All is as it was written: {counted}."),
        found => format!(
            "\n{found} {} not as the program wrote it, of {counted}. Somebody changed the database past the program, \
             or the key file is not the one it was written with.\n\
             What to do: keep a copy of the database as it is; tell the chair; compare with a backup of which \
             `fingerpost audit verify` says that it is whole.",
            if found == 1 { "thing is" } else { "things are" },
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
        None => format!("{}.", finding.fault),
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
    use crate::domain::audit::Fault;

    #[test]
    fn what_was_changed_is_said_with_its_case_and_what_to_do() {
        let whole = Audit { cases: 2, entries: 31, unsealed: 3, ..Audit::default() };
        insta::assert_snapshot!(in_words(&whole), @"");
        let finding = |case: Option<&str>, fault| Finding { case: case.map(str::to_owned), fault };
        let edited =
            Fault::RowEdited { table: "clocks".to_owned(), key: "019a".to_owned(), columns: vec!["due_at".to_owned()] };
        let findings =
            vec![finding(Some("SEC-2026-0001"), edited), finding(None, Fault::NumberMissing { year: 2026, number: 7 })];
        let changed = Audit { findings, ..whole };
        insta::assert_snapshot!(in_words(&changed), @"");
        insta::assert_snapshot!(as_json(&changed).to_string(), @"");
    }

    #[test]
    fn a_seal_is_named_by_its_beginning_as_a_letter_has_it() {
        assert_eq!(seal_hash(" 9F2C1B04d7e6… "), Ok("9f2c1b04d7e6".to_owned()));
        assert!(seal_hash("9f2c").is_err());
        assert!(seal_hash("SEC-2026-0001").is_err());
    }
}
