//! `fingerpost serve`: pages, mail doors and post office in one process.

use std::process::ExitCode;

use anyhow::Context;

use crate::app::{self, App};
use crate::config::args::SettingsArgs;

/// Take reports in, forward them, and serve the pages
///
/// Refuses to start when `fingerpost check` finds a fault. SIGHUP reads projects.toml and the certificate
/// again; SIGTERM stops cleanly.
///
/// Example: fingerpost serve --relay smtp://127.0.0.1:25
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ServeArgs {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Runs until SIGTERM or Ctrl-C.
pub fn run(args: ServeArgs) -> ExitCode {
    super::block_on(serve(args))
}

async fn serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let (settings, directory) = match crate::config::load(&args.settings) {
        Ok(loaded) => loaded,
        Err(faults) => {
            eprintln!("{faults}\nfingerpost: not started. Mend these, then ask `fingerpost check`.");
            return Ok(ExitCode::FAILURE);
        }
    };
    let parts = app::parts(&settings, directory).await?;
    let app = App::start(parts).context("not started")?;
    super::say(app.greeting());
    app.run_until_told_to_stop().await;
    Ok(ExitCode::SUCCESS)
}
