//! `fingerpost ingest`: one raw message from a pipe, or several from files.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::io::{AsyncBufRead, BufReader};

use crate::app;
use crate::config::args::SettingsArgs;
use crate::domain::address::Mailbox;
use crate::flows::intake::FrontDoor;
use crate::mail::doors::file::{FileSettings, Given, GivenSender, NotTaken, read_message};
use crate::store::Role;
use crate::world::clock::SystemClock;

use super::{BAD_INPUT, NO_RECIPIENT, TRY_AGAIN};

/// Take in one raw message from standard input, or from files
///
/// Exits 0 only when the message is on disk, 75 to be asked again, 65 for empty input, 67 when no
/// recipient is ours. Works beside a running `serve`.
///
/// Example: fingerpost ingest --sender "$SENDER" --recipient "$RECIPIENT" < message.eml
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct IngestArgs {
    /// The envelope sender; "" for the null return path [default: the Return-Path header]
    #[arg(long, value_name = "ADDR")]
    sender: Option<String>,

    /// An envelope recipient; may be given several times [default: the header in mail.envelope_header]
    #[arg(long, value_name = "ADDR")]
    recipient: Vec<String>,

    /// Files with one raw message each [default: standard input]
    files: Vec<PathBuf>,

    #[command(flatten)]
    settings: SettingsArgs,
}

/// Takes the messages in; the exit code is the worst of all.
pub fn run(args: IngestArgs) -> ExitCode {
    super::block_on(async {
        match ingest(args).await {
            Ok(code) => Ok(code),
            Err(error) => {
                // Whatever went wrong, the mail server shall keep the message and try again.
                eprintln!("fingerpost: {error:#}");
                Ok(ExitCode::from(TRY_AGAIN))
            }
        }
    })
}

async fn ingest(args: IngestArgs) -> anyhow::Result<ExitCode> {
    let (settings, directory) = crate::config::load(&args.settings).map_err(|faults| anyhow!("{faults}"))?;
    let given = given(&args)?;
    let file_settings = FileSettings {
        own: directory.own_addresses(),
        recipient_fields: settings.mail.envelope_header.iter().cloned().collect(),
        max_size: settings.mail.max_size,
        spool: settings.spool.clone(),
    };
    app::prepare_spool(&settings.spool)?;
    let door = FrontDoor(Arc::new(app::house(&settings, directory, Role::Guest).await?));
    let mut worst = 0;
    if args.files.is_empty() {
        let input = BufReader::new(tokio::io::stdin());
        worst = take(input, "standard input", given.clone(), &file_settings, &door).await;
    }
    for file in &args.files {
        let input = tokio::fs::File::open(file).await.with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.display().to_string();
        worst = worst.max(take(BufReader::new(input), &name, given.clone(), &file_settings, &door).await);
    }
    door.0.store.close().await;
    Ok(ExitCode::from(worst))
}

fn given(args: &IngestArgs) -> anyhow::Result<Given> {
    let sender = args.sender.as_deref().map(GivenSender::parse).transpose().context("--sender")?;
    let recipients = args.recipient.iter().map(|text| Mailbox::parse(text)).collect::<Result<_, _>>();
    Ok(Given { sender, recipients: recipients.context("--recipient")? })
}

/// Takes one message in and says on standard error why not; gives its exit code.
async fn take(
    input: impl AsyncBufRead + Unpin,
    name: &str,
    given: Given,
    settings: &FileSettings,
    door: &FrontDoor,
) -> u8 {
    let taken = match read_message(input, given, settings, door, &SystemClock).await {
        Ok(taken) => taken,
        Err(reason) => {
            eprintln!("fingerpost: {name}: {reason}");
            return match reason {
                NotTaken::Empty => BAD_INPUT,
                NotTaken::NoRecipient(_) => NO_RECIPIENT,
                NotTaken::TooLarge { .. } | NotTaken::TryLater | NotTaken::Io(_) => TRY_AGAIN,
            };
        }
    };
    for refused in taken.refused() {
        eprintln!("fingerpost: {name}: {refused} is no address of ours; the message is taken for the others");
    }
    match taken.keep(door).await {
        Ok(_) => 0,
        Err(reason) => {
            eprintln!("fingerpost: {name}: {reason}");
            TRY_AGAIN
        }
    }
}
