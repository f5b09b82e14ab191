//! `fingerpost projects`: the directory with the contacts as they are now, and contacts proposed from a file.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};

use crate::app;
use crate::config::args::SettingsArgs;
use crate::config::{policy, write};
use crate::domain::contact_change::{AskedThrough, ChangeKind};
use crate::domain::directory::{Contact, Directory, Project, ProjectId};
use crate::flows::House;
use crate::flows::contacts::{self, Asked};
use crate::store::Role;

/// The directory with its current contacts, as text
#[derive(Debug, clap::Args)]
pub struct ProjectsArgs {
    #[command(subcommand)]
    command: ProjectsCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ProjectsCommand {
    Export(ExportArgs),
    Import(ImportArgs),
}

/// Print projects.toml with the contacts as they are now, for review
///
/// Projects that have confirmed or changed their contacts are written with those, all others with the file's.
///
/// Example: fingerpost projects export > projects.new.toml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct ExportArgs {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Compare the contacts of a file with the current ones, and propose the differences
///
/// Prints what differs and changes nothing. With --apply each difference is asked for: new mailboxes
/// get a mail to prove themselves, current contacts are told, and nothing takes effect before they,
/// or members, have had their say.
///
/// Example: fingerpost projects import projects.new.toml --apply
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct ImportArgs {
    /// A file like projects.toml
    file: PathBuf,

    /// Ask for the differences
    #[arg(long)]
    apply: bool,

    #[command(flatten)]
    settings: SettingsArgs,
}

/// Runs the command, beside a running `serve` or alone.
pub fn run(args: ProjectsArgs) -> ExitCode {
    super::block_on(async {
        match args.command {
            ProjectsCommand::Export(args) => export(args).await,
            ProjectsCommand::Import(args) => import(args).await,
        }
    })
}

async fn open(args: &SettingsArgs) -> anyhow::Result<House> {
    let (settings, directory) = crate::config::load(args).map_err(|faults| anyhow!("{faults}"))?;
    app::house(&settings, directory, Role::Guest).await
}

async fn export(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let house = open(&args.settings).await?;
    let directory = contacts::current_directory(&house).await?;
    house.store.close().await;
    super::say(exported(&directory).trim_end());
    Ok(ExitCode::SUCCESS)
}

fn exported(directory: &Directory) -> String {
    format!(
        "# As `fingerpost projects export` wrote it: the contacts are the current ones.\n\n{}",
        write::write(directory)
    )
}

async fn import(args: ImportArgs) -> anyhow::Result<ExitCode> {
    let name = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("cannot read {name}"))?;
    let proposed = policy::parse(&name, &text).map_err(|faults| anyhow!("{faults}"))?;
    let house = open(&args.settings).await?;
    let current = contacts::current_directory(&house).await?;
    let (differences, unknown) = differences(&current, &proposed);
    for project in &unknown {
        super::say(&format!("{project}: not in projects.toml; add it there first"));
    }
    for difference in &differences {
        super::say(&difference.words());
    }
    let summary = match (differences.len(), args.apply) {
        (0, _) => "The contacts are the same.".to_owned(),
        (count, false) => format!("{count} to change. Nothing was asked for; add --apply to ask for it."),
        (_, true) => apply(&house, differences).await?,
    };
    super::say(&summary);
    house.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn apply(house: &House, differences: Vec<Difference>) -> anyhow::Result<String> {
    contacts::refresh(house).await?;
    let count = differences.len();
    for difference in differences {
        let words = difference.words();
        let asked = difference.asked();
        contacts::ask(house, asked, AskedThrough::Import).await?.map_err(|refused| anyhow!("{words}: {refused}"))?;
    }
    Ok(format!("{count} asked for. New mailboxes prove themselves first; see /contacts for what waits."))
}

/// One contact that is another in the file than it is now.
#[derive(Debug)]
enum Difference {
    Added(ProjectId, Contact),
    Changed(ProjectId, Contact, Contact),
    Removed(ProjectId, Contact),
}

impl Difference {
    /// A line or two as in a diff.
    fn words(&self) -> String {
        match self {
            Self::Added(project, new) => format!("{project}: + {}", write::contact(new)),
            Self::Removed(project, old) => format!("{project}: - {}", write::contact(old)),
            Self::Changed(project, old, new) => {
                format!("{project}: - {}\n{project}: + {}", write::contact(old), write::contact(new))
            }
        }
    }

    fn asked(self) -> Asked {
        let (project, kind, old, wanted) = match self {
            Self::Added(project, new) => (project, ChangeKind::Add, None, Some(new)),
            Self::Changed(project, old, new) => (project, ChangeKind::Change, Some(old.email), Some(new)),
            Self::Removed(project, old) => (project, ChangeKind::Remove, Some(old.email), None),
        };
        Asked { project, kind, old, wanted, asked_by: "The operator".to_owned(), note: None }
    }
}

/// What differs between the contacts now and those of a file, and the projects that only the file has.
fn differences(current: &Directory, proposed: &Directory) -> (Vec<Difference>, Vec<ProjectId>) {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for project in &proposed.projects {
        match current.project(&project.id) {
            Some(now) => found.extend(of_project(now, project)),
            None => unknown.push(project.id.clone()),
        }
    }
    (found, unknown)
}

fn of_project(now: &Project, proposed: &Project) -> Vec<Difference> {
    let at = |project: &Project, contact: &Contact| {
        project.contacts.iter().find(|other| other.email == contact.email).cloned()
    };
    let added_or_changed = proposed.contacts.iter().filter_map(|new| match at(now, new) {
        None => Some(Difference::Added(now.id.clone(), new.clone())),
        Some(old) if old != *new => Some(Difference::Changed(now.id.clone(), old, new.clone())),
        Some(_) => None,
    });
    let removed = now.contacts.iter().filter(|old| at(proposed, old).is_none());
    added_or_changed.chain(removed.map(|old| Difference::Removed(now.id.clone(), old.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [foundation]
        name = "Story Foundation"
        security_address = "security@story.example"
        public_url = "https://security.story.example"
        [[committee]]
        name = "Ada"
        email = "ada@story.example"
        role = "chair"
        [[project]]
        id = "lantern"
        name = "Lantern"
    "#;

    fn directory(contacts: &str) -> Directory {
        policy::parse("projects.toml", &format!("{FILE}\ncontacts = [{contacts}]\n")).unwrap()
    }

    #[test]
    fn the_differences_read_like_a_diff_and_a_new_project_is_named() {
        let now = directory(r#"{ email = "kim@l.example" }, { email = "lee@l.example", list = true }"#);
        let mut file = directory(r#"{ email = "Kim@l.example", delivery = "link" }, { email = "max@l.example" }"#);
        let mut other = file.projects[0].clone();
        other.id = ProjectId::parse("other").unwrap();
        file.projects.push(other);
        let (found, unknown) = differences(&now, &file);
        assert_eq!(unknown, [ProjectId::parse("other").unwrap()]);
        let words: Vec<String> = found.iter().map(Difference::words).collect();
        insta::assert_snapshot!(words.join("\n"), @r#"
        lantern: - { email = "kim@l.example" }
        lantern: + { email = "Kim@l.example", delivery = "link" }
        lantern: + { email = "max@l.example" }
        lantern: - { email = "lee@l.example", list = true }
        "#);
        assert!(differences(&now, &now).0.is_empty());
        let kinds: Vec<ChangeKind> = found.into_iter().map(|difference| difference.asked().kind).collect();
        assert_eq!(kinds, [ChangeKind::Change, ChangeKind::Add, ChangeKind::Remove]);
    }

    #[test]
    fn an_export_is_a_valid_file_that_differs_in_nothing() {
        let now = directory(r#"{ email = "kim@l.example", zone = "Europe/Berlin" }"#);
        let exported = policy::parse("export", &exported(&now)).unwrap();
        assert!(differences(&now, &exported).0.is_empty());
    }
}
