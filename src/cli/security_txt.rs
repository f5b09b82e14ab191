//! `fingerpost security-txt`: the file for a host that another web server serves, from the same facts as our own.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use jiff::Timestamp;

use crate::app;
use crate::config::args::SettingsArgs;
use crate::domain::security_txt::{NoSecurityTxt, security_txt};
use crate::flows::proofs;
use crate::store::{Role, Store};
use crate::world::clock::{Clock, SystemClock};
use crate::world::dice::SystemDice;

/// Print the security.txt of a host, for a web server that is not this one
///
/// Put the output at https://HOST/.well-known/security.txt, and print it again each day: its expiry moves with the last
/// proof that mail comes in. It fails, and prints nothing, once that proof has run out. The database is read as it is;
/// a running `serve` is not disturbed.
///
/// Example: fingerpost security-txt --host example.org > /var/www/.well-known/security.txt
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct SecurityTxtArgs {
    /// One of `hosts` in projects.toml; each has a file of its own
    #[arg(long, value_name = "HOST")]
    pub host: String,

    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// Prints the file to standard output, or says why there is none.
pub fn run(args: SecurityTxtArgs) -> ExitCode {
    super::block_on(async move {
        let file = file(&args, SystemClock.now()).await?;
        // A pipe that broke must not leave half a file behind as a success.
        std::io::stdout().write_all(file.as_bytes()).context("cannot print the file")?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn file(args: &SecurityTxtArgs, now: Timestamp) -> anyhow::Result<String> {
    let (settings, directory) = crate::config::load(&args.settings).map_err(|faults| anyhow!("{faults}"))?;
    let url = app::database_url(&settings);
    let store = Store::open(&url, Role::Guest, app::claimer(&SystemDice::default())).await;
    let store = store.context("the proof of the mailbox cannot be read")?;
    let proof = proofs::proof(&store).await.context("the proof of the mailbox cannot be read")?;
    store.close().await;
    let host = args.host.trim().to_ascii_lowercase();
    let public_url = settings.public_url(&directory);
    security_txt(&directory.foundation, public_url, &host, &proof, now).map_err(|none| match none {
        NoSecurityTxt::UnknownHost { .. } => anyhow!("{none}. Add it to `hosts` under [foundation]"),
        NoSecurityTxt::NeverRan => anyhow!("{none}. Start `fingerpost serve` once"),
        NoSecurityTxt::RanOut(_) => {
            anyhow!("{none}. A loop test that comes back, or an answer to a report by mail, renews it")
        }
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::store::DatabaseUrl;

    const POLICY: &str = "[foundation]\nname = \"Story\"\nsecurity_address = \"security@story.example\"\n\
                          public_url = \"https://security.story.example\"\nhosts = [\"story.example\"]\n\
                          [[committee]]\nname = \"Ada\"\nemail = \"ada@story.example\"\nrole = \"chair\"\n";

    fn now() -> Timestamp {
        "2026-11-20T14:00:00Z".parse().unwrap()
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("fingerpost.toml"), "").unwrap();
        std::fs::write(folder.path().join("projects.toml"), POLICY).unwrap();
        folder
    }

    /// What the command prints in the folder, or says.
    async fn printed(folder: &tempfile::TempDir, host: &str) -> Result<String, String> {
        let config = Some(folder.path().join("fingerpost.toml").display().to_string());
        let args = SecurityTxtArgs { host: host.to_owned(), settings: SettingsArgs { config, ..Default::default() } };
        file(&args, now()).await.map_err(|error| format!("{error:#}"))
    }

    /// A worker has run in the folder, and left these marks.
    async fn worked(folder: &tempfile::TempDir, marks: &[(&str, Timestamp)]) -> Store {
        let url = DatabaseUrl::Sqlite(folder.path().join("fingerpost.db"));
        let store = Store::open(&url, Role::Worker, app::claimer(&SystemDice::default())).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        for (name, at) in marks {
            tx.mark(name, *at).await.unwrap();
        }
        tx.commit().await.unwrap();
        store
    }

    #[tokio::test]
    async fn beside_a_running_worker_the_file_of_another_host_is_printed_from_its_proof() {
        let folder = folder();
        let running = worked(&folder, &[(proofs::MAILBOX_PROOF, now() - SignedDuration::from_hours(24))]).await;
        insta::assert_snapshot!(printed(&folder, "Story.Example").await.unwrap(), @r"
        Contact: https://security.story.example/report
        Contact: mailto:security@story.example
        Expires: 2027-02-17T14:00:00Z
        Preferred-Languages: en
        Canonical: https://story.example/.well-known/security.txt
        Policy: https://security.story.example/how
        ");
        running.close().await;
        assert!(!folder.path().join("fingerpost.key").exists(), "no key is made for it");
    }

    #[tokio::test]
    async fn what_is_missing_is_said_with_what_to_do() {
        let folder = folder();
        let without = printed(&folder, "story.example").await.unwrap_err();
        assert!(without.contains("start `fingerpost serve` once, which makes it"), "{without}");
        let store = worked(&folder, &[]).await;
        let never = printed(&folder, "story.example").await.unwrap_err();
        assert!(never.ends_with("so nothing is known of the mailbox. Start `fingerpost serve` once"), "{never}");
        let unknown = printed(&folder, "www.story.example").await.unwrap_err();
        assert!(unknown.ends_with("which are: story.example. Add it to `hosts` under [foundation]"), "{unknown}");
        store.close().await;
        worked(&folder, &[(proofs::INSTALLED, now() - SignedDuration::from_hours(8 * 24))]).await.close().await;
        let ran_out = printed(&folder, "story.example").await.unwrap_err();
        assert!(ran_out.contains("ran out at 2026-11-19T14:00:00Z") && ran_out.contains("renews it"), "{ran_out}");
    }
}
