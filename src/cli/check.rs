//! `fingerpost check`: reads settings and policy as `serve` would, and says all that is wrong with them.

use std::io::Write;
use std::process::ExitCode;

use serde_json::json;

use crate::config::advice;
use crate::config::args::SettingsArgs;
use crate::config::faults::{ConfigError, Fault};
use crate::config::settings::Settings;
use crate::domain::directory::{Channel, Directory};

/// Check fingerpost.toml and projects.toml, without network or database
///
/// Prints every fault of both files with file, line, key and fix, and exits 1 if there is one. Without faults it warns,
/// in the same form, of projects that reports are hardly recognized for, and exits 0.
///
/// Example: fingerpost check --projects projects.toml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct CheckArgs {
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// Prints the result; the exit code is 1 if there is a fault.
pub fn run(args: &CheckArgs) -> ExitCode {
    let result = crate::config::load(&args.settings);
    let advice = advice(&result);
    let text = if args.json { in_json(&result, &advice) } else { in_words(&result, &advice) };
    // A reader that has closed the pipe has seen enough; the exit code still tells.
    let _ = writeln!(std::io::stdout(), "{text}");
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

type Checked = Result<(Settings, Directory), ConfigError>;

/// What makes reports hard to recognize in a directory that has no fault.
fn advice(result: &Checked) -> Vec<Fault> {
    result.as_ref().map(|(settings, directory)| advice::of_file(&settings.projects, directory)).unwrap_or_default()
}

fn in_words(result: &Checked, advice: &[Fault]) -> String {
    let (settings, directory) = match result {
        Ok(checked) => checked,
        Err(error) => {
            let count = counted(error.0.len(), "fault", "faults");
            return format!("{error}\n{count}. Nothing was started or changed.");
        }
    };
    let mut lines = vec![format!(
        "ok: {}, {}, {}, {}",
        counted(directory.projects.len(), "project", "projects"),
        counted(contacts(directory), "contact", "contacts"),
        counted(directory.committee.len(), "committee member", "committee members"),
        counted(directory.board.len(), "board address", "board addresses"),
    )];
    let silent = without_contact(directory);
    if !silent.is_empty() {
        lines.push(format!("note: no contact to forward to, so the committee is told: {}", silent.join(", ")));
    }
    if directory.board.is_empty() {
        lines.push("note: there is no [[board]], so nobody hears of a broken promise".to_owned());
    }
    if settings.relay.is_none() {
        lines.push("note: no relay is set, so letters wait in the outbox".to_owned());
    }
    lines.extend(advice.iter().map(|advice| format!("warning: {advice}")));
    if !advice.is_empty() {
        let count = counted(advice.len(), "warning", "warnings");
        lines.push(format!("{count}. Reports on these projects may wait for a person; docs/ROUTING.md says more."));
    }
    lines.join("\n")
}

fn in_json(result: &Checked, advice: &[Fault]) -> String {
    let value = match result {
        Ok((settings, directory)) => json!({
            "schema": 1,
            "ok": true,
            "projects": directory.projects.len(),
            "contacts": contacts(directory),
            "committee": directory.committee.len(),
            "board": directory.board.len(),
            "without_contact": without_contact(directory),
            "relay": settings.relay.is_some(),
            "warnings": advice,
        }),
        Err(error) => json!({ "schema": 1, "ok": false, "faults": error.0 }),
    };
    format!("{value:#}")
}

fn contacts(directory: &Directory) -> usize {
    directory.projects.iter().map(|project| project.contacts.len()).sum()
}

/// The projects that take mail and name nobody who reads it.
fn without_contact(directory: &Directory) -> Vec<&str> {
    let silent = directory.projects.iter().filter(|p| p.channel == Channel::Mail && p.contacts.is_empty());
    silent.map(|project| project.id.as_str()).collect()
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn checked(settings: &str, projects: &str) -> Checked {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("fingerpost.toml"), settings).unwrap();
        fs::write(folder.path().join("projects.toml"), projects).unwrap();
        let config = Some(folder.path().join("fingerpost.toml").display().to_string());
        crate::config::load(&SettingsArgs { config, ..SettingsArgs::default() })
    }

    #[test]
    fn the_sample_directory_is_summed_up() {
        let result = checked("", include_str!("../../projects.toml"));
        insta::assert_snapshot!(in_words(&result, &[]), @r"
        ok: 15 projects, 18 contacts, 4 committee members, 1 board address
        note: no contact to forward to, so the committee is told: thimble
        note: no relay is set, so letters wait in the outbox
        ");
    }

    #[test]
    fn the_faults_of_both_files_are_counted_together_and_also_told_to_programs() {
        let result = checked("spol = \"x\"\n", "[foundation]\nname = \"x\"\n");
        let text = in_words(&result, &[]);
        assert!(text.contains("fingerpost.toml:1: spol: is not a known key. Did you mean `spool`?"), "{text}");
        assert!(text.contains("projects.toml:1: foundation.public_url: is missing."), "{text}");
        assert!(text.ends_with("\n4 faults. Nothing was started or changed."), "{text}");

        let value: serde_json::Value = serde_json::from_str(&in_json(&result, &[])).unwrap();
        assert_eq!(value["ok"], false);
        assert_eq!(value["faults"][0]["key"], "spol");
        assert_eq!(value["faults"][0]["line"], 1);
    }

    #[test]
    fn warnings_stand_in_the_list_and_are_no_fault() {
        let projects =
            include_str!("../../projects.toml").to_owned() + "\n[[project]]\nid = \"beam\"\nname = \"Beam\"\n";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("projects.toml");
        fs::write(&file, &projects).unwrap();
        let result = checked("", &projects);
        let (mut settings, directory) = result.unwrap();
        settings.projects = file;
        let result = Ok((settings, directory));
        let advice = advice(&result);
        let words = in_words(&result, &advice);
        let line = projects.lines().count();
        assert!(
            words.contains(&format!("projects.toml:{line}: project.name: \"Beam\" is made of everyday words")),
            "{words}"
        );
        assert!(words.starts_with("ok: 16 projects") && words.contains("\n1 warning. "), "{words}");
        let value: serde_json::Value = serde_json::from_str(&in_json(&result, &advice)).unwrap();
        assert_eq!((&value["ok"], &value["warnings"][0]["line"]), (&json!(true), &json!(line)));
        assert!(value["warnings"][0]["fix"].as_str().unwrap().starts_with("Add what only this project has"));
    }
}
