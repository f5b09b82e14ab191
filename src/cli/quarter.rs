//! `fingerpost quarter`: the board's period on a terminal, as JSON, or as CSV.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use serde_json::json;

use crate::app;
use crate::config::args::SettingsArgs;
use crate::domain::quarter::figures::{Figures, Kept};
use crate::domain::quarter::table::{length, outcomes};
use crate::domain::quarter::{Quarter, Standing};
use crate::flows::quarter::{self, Report};
use crate::store::Role;
use crate::web::desk::quarter::lines;

/// Print the report on a quarter for the board
///
/// A quarter is named by the month in which its report is due: 2026-09 is June to August 2026, due on 15 September.
/// Until the chair approves it at /quarters/2026-09 the figures are made anew each time; then they are frozen. The
/// database is read as it is; a running `serve` is not disturbed.
///
/// Example: fingerpost quarter 2026-09 --csv > quarter.csv
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct QuarterArgs {
    /// The year and the due month
    pub month: String,

    /// One line for each value, for a spreadsheet
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,

    /// All figures and texts, for a program
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// Prints the report to standard output, or says why there is none.
pub fn run(args: QuarterArgs) -> ExitCode {
    super::block_on(async move {
        super::say(printed(&args).await?.trim_end());
        Ok(ExitCode::SUCCESS)
    })
}

async fn printed(args: &QuarterArgs) -> anyhow::Result<String> {
    let quarter = Quarter::parse(&args.month)?;
    let (settings, directory) = crate::config::load(&args.settings).map_err(|faults| anyhow!("{faults}"))?;
    let house = app::house(&settings, directory, Role::Guest).await?;
    if quarter.from() > house.now() {
        return Err(anyhow!("the quarter {quarter} begins on {}", quarter.from().strftime("%F")));
    }
    let report = quarter::look(&house, quarter).await.context("the quarter cannot be read")?;
    house.store.close().await;
    Ok(match (args.csv, args.json) {
        (true, _) => lines(&report.figures),
        (_, true) => in_json(&report),
        _ => in_words(&report),
    })
}

fn standing(report: &Report) -> String {
    let quarter = report.figures.quarter;
    match report.standing {
        Standing::Running => format!("runs until {}", quarter.until().strftime("%F")),
        Standing::Draft => format!("draft, due on {}", quarter.due_on()),
        Standing::Late => format!("late, was due on {}", quarter.due_on()),
        Standing::Frozen { at } => format!("approved on {}, frozen", at.strftime("%F")),
    }
}

fn in_json(report: &Report) -> String {
    let value = json!({
        "schema": 1,
        "standing": match report.standing {
            Standing::Running => "running",
            Standing::Draft => "draft",
            Standing::Late => "late",
            Standing::Frozen { .. } => "frozen",
        },
        "due_on": report.figures.quarter.due_on().to_string(),
        "texts": report.texts,
        "figures": report.figures,
    });
    format!("{value:#}")
}

fn in_words(report: &Report) -> String {
    let figures = &report.figures;
    let mut text = format!(
        "Security report, {} ({}): {}\n\n{}\n\n",
        figures.quarter.title(),
        figures.quarter,
        standing(report),
        figures.headline()
    );
    let mut line = |name: &str, words: &str| {
        writeln!(text, "{name:<26}  {words}").expect("a String takes all");
    };
    line("First human reply", &kept(&figures.first_reply));
    line("Project acknowledgement", &kept(&figures.acknowledge));
    for project in &figures.projects {
        line(
            &format!("  {}", project.name),
            &format!("{} forwarded; {}", project.forwarded, kept(&project.acknowledged)),
        );
    }
    for (name, carried) in [
        ("Earlier first replies", &figures.carried_first_reply),
        ("Earlier acknowledgements", &figures.carried_acknowledge),
    ] {
        if outcomes(carried).next().is_some() {
            line(name, &kept(carried));
        }
    }
    for kind in &figures.kinds {
        line(&format!("  {}", kind.kind), &kind.count.to_string());
    }
    for escalation in &figures.escalations {
        let silent = escalation.project.as_deref().unwrap_or("the committee");
        line("Escalated", &format!("{} {silent}, {}", escalation.case, escalation.at.strftime("%F")));
    }
    line("Contacts", &contacts(figures));
    line("Spam and bans", &unwanted(figures));
    for (name, written) in report.texts.named() {
        if !written.trim().is_empty() {
            write!(text, "\n{name}\n{}\n", written.trim_end()).expect("a String takes all");
        }
    }
    text
}

fn kept(kept: &Kept) -> String {
    let mut words: Vec<String> = outcomes(kept).map(|(outcome, count)| format!("{count} {outcome}")).collect();
    if words.is_empty() {
        return "none".to_owned();
    }
    if kept.median_seconds.is_some() {
        words.push(format!("median {}", length(kept.median_seconds)));
    }
    if kept.slowest_seconds.is_some() {
        let waits = if kept.slowest_waits { " and waits" } else { "" };
        words.push(format!("slowest {}{waits}", length(kept.slowest_seconds)));
    }
    if kept.paused > 0 {
        words.push(format!("{} paused for {}", kept.paused, length(Some(kept.paused_seconds))));
    }
    words.join(", ")
}

fn contacts(figures: &Figures) -> String {
    let contacts = &figures.contacts;
    let mut words = format!(
        "{} confirmed, {} listed, {} unconfirmed, {} unreachable",
        contacts.confirmed, contacts.listed, contacts.unconfirmed, contacts.unreachable
    );
    if !contacts.without_contact.is_empty() {
        write!(words, "; nobody to reach at {}", contacts.without_contact.join(", ")).expect("a String takes all");
    }
    words
}

fn unwanted(figures: &Figures) -> String {
    let unwanted = &figures.unwanted;
    format!(
        "{} quarantined, {} released, {} warnings, {} bans, {} lifted, {} appeals, {} bans in force",
        unwanted.quarantined,
        unwanted.released,
        unwanted.warnings,
        unwanted.bans,
        unwanted.lifted,
        unwanted.appeals,
        unwanted.in_force
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DatabaseUrl, Store};
    use crate::world::dice::SystemDice;

    const POLICY: &str = "[foundation]\nname = \"Story\"\nsecurity_address = \"security@story.example\"\n\
                          public_url = \"https://security.story.example\"\nhosts = [\"story.example\"]\n\
                          [[committee]]\nname = \"Ada\"\nemail = \"ada@story.example\"\nrole = \"chair\"\n\
                          [[project]]\nid = \"lantern\"\nname = \"Lantern\"\n";

    /// What the command prints beside a worker that has run in a folder, or says.
    async fn printed_for(month: &str, json: bool, csv: bool) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("fingerpost.toml"), "").unwrap();
        std::fs::write(folder.path().join("projects.toml"), POLICY).unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("fingerpost.db"));
        let running = Store::open(&url, Role::Worker, app::claimer(&SystemDice::default())).await.unwrap();
        let config = Some(folder.path().join("fingerpost.toml").display().to_string());
        let settings = SettingsArgs { config, ..Default::default() };
        let printed = printed(&QuarterArgs { month: month.to_owned(), csv, json, settings }).await;
        running.close().await;
        printed.map_err(|error| format!("{error:#}"))
    }

    #[tokio::test]
    async fn an_empty_quarter_in_words_beside_a_running_worker() {
        insta::assert_snapshot!(printed_for("2026-09", false, false).await.unwrap(), @r"
        Security report, Jun-Aug 2026 (2026-09): late, was due on 2026-09-15

        0 reports, 0 answered within 7 days, 0 late, 0 escalated.

        First human reply           none
        Project acknowledgement     none
        Contacts                    0 confirmed, 0 listed, 0 unconfirmed, 0 unreachable; nobody to reach at Lantern
        Spam and bans               0 quarantined, 0 released, 0 warnings, 0 bans, 0 lifted, 0 appeals, 0 bans in force
        ");
    }

    #[tokio::test]
    async fn a_program_reads_the_figures_as_json_and_a_spreadsheet_as_csv() {
        let json = printed_for("2026-09", true, false).await.unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&value["schema"], &value["due_on"]), (&json!(1), &json!("2026-09-15")));
        assert_eq!((&value["figures"]["quarter"], &value["figures"]["received"]), (&json!("2026-09"), &json!(0)));
        let csv = printed_for("2026-09", false, true).await.unwrap();
        assert!(csv.contains("\"2026-09\",\"reports\",\"\",\"received\",\"0\"\r\n"), "{csv}");
    }

    #[tokio::test]
    async fn a_month_in_which_nothing_is_due_names_the_right_one() {
        let refused = printed_for("2026-08", false, false).await.unwrap_err();
        assert!(refused.ends_with("what arrives in 2026-08 is reported in 2026-09"), "{refused}");
        let future = printed_for("8999-03", false, false).await.unwrap_err();
        assert_eq!(future, "the quarter 8999-03 begins on 8998-12-01");
    }
}
