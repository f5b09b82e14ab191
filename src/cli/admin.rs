//! `fingerpost admin`: what the operator does by hand, beside a running `serve`.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};

use crate::app;
use crate::config::args::SettingsArgs;
use crate::domain::address::Mailbox;
use crate::flows::sign_in;
use crate::store::Role;

/// What the operator does by hand
#[derive(Debug, clap::Args)]
pub struct AdminArgs {
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AdminCommand {
    LoginLink(LoginLinkArgs),
}

/// Print a sign-in link for a committee member, for when mail is down
///
/// The link works once, within 15 minutes.
///
/// Example: fingerpost admin login-link ada@example.org
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct LoginLinkArgs {
    /// The member's address, as in projects.toml
    email: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Runs the command beside a running `serve`.
pub fn run(args: AdminArgs) -> ExitCode {
    let AdminCommand::LoginLink(args) = args.command;
    super::block_on(login_link(args))
}

async fn login_link(args: LoginLinkArgs) -> anyhow::Result<ExitCode> {
    let (settings, directory) = crate::config::load(&args.settings).map_err(|faults| anyhow!("{faults}"))?;
    let email = Mailbox::parse(&args.email).context("name a member by address")?;
    let house = Arc::new(app::house(&settings, directory, Role::Guest).await?);
    match sign_in::admin_link(&house, &email, sign_in::LINK_LIFE).await? {
        Some(url) => {
            super::say(&url);
            Ok(ExitCode::SUCCESS)
        }
        None => Err(anyhow!("no [[committee]] member in projects.toml has the address {email}")),
    }
}
