//! `fingerpost admin`: what the operator does by hand, beside a running `serve`.

use std::process::ExitCode;

use anyhow::{Context, anyhow};

use crate::app;
use crate::config::args::SettingsArgs;
use crate::domain::address::Mailbox;
use crate::domain::ban::BanTarget;
use crate::domain::id::ArrivalId;
use crate::flows::abuse::{self, Unbanned};
use crate::flows::{House, knowledge, sign_in};
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
    Release(ReleaseArgs),
    Unban(UnbanArgs),
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

/// Make a case of a quarantined mail, as a member does with "Release"
///
/// Its clocks start at its arrival. The id stands in the address of its page, /quarantine/ID.
///
/// Example: fingerpost admin release 019a2f4e-5b10-7c3d-9e2f-0123456789ab
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct ReleaseArgs {
    /// The id of the mail
    id: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Lift the ban of a sender
///
/// Name a domain to lift the ban of the whole domain.
///
/// Example: fingerpost admin unban jane@example.org
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct UnbanArgs {
    /// The address, or the domain
    sender: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Runs the command beside a running `serve`.
pub fn run(args: AdminArgs) -> ExitCode {
    match args.command {
        AdminCommand::LoginLink(args) => super::block_on(login_link(args)),
        AdminCommand::Release(args) => super::block_on(release(args)),
        AdminCommand::Unban(args) => super::block_on(unban(args)),
    }
}

async fn guest(args: &SettingsArgs) -> anyhow::Result<House> {
    let (settings, directory) = crate::config::load(args).map_err(|faults| anyhow!("{faults}"))?;
    app::house(&settings, directory, Role::Guest).await
}

async fn release(args: ReleaseArgs) -> anyhow::Result<ExitCode> {
    let house = guest(&args.settings).await?;
    knowledge::refresh(&house).await?; // it is judged like any report
    match abuse::release(&house, &ArrivalId::from_row(&args.id), None).await? {
        Some(number) => {
            super::say(&format!("It is case {number} now."));
            Ok(ExitCode::SUCCESS)
        }
        None => Err(anyhow!("no mail of the id {} is in quarantine; /quarantine lists those that are", args.id)),
    }
}

async fn unban(args: UnbanArgs) -> anyhow::Result<ExitCode> {
    let target = BanTarget::parse(&args.sender).context("name a sender by address or domain")?;
    let house = guest(&args.settings).await?;
    match abuse::unban(&house, &target).await? {
        Unbanned::Lifted => {
            super::say(&format!("Messages from {target} are no longer paused."));
            Ok(ExitCode::SUCCESS)
        }
        Unbanned::OnlyTheDomain(domain) => Err(anyhow!(
            "{target} is not banned alone, but all of {domain} is. To lift that: fingerpost admin unban {domain}"
        )),
        Unbanned::NotBanned => Err(anyhow!("{target} is not banned")),
    }
}

async fn login_link(args: LoginLinkArgs) -> anyhow::Result<ExitCode> {
    let email = Mailbox::parse(&args.email).context("name a member by address")?;
    let house = guest(&args.settings).await?;
    match sign_in::admin_link(&house, &email, sign_in::LINK_LIFE).await? {
        Some(url) => {
            super::say(&url);
            Ok(ExitCode::SUCCESS)
        }
        None => Err(anyhow!("no [[committee]] member in projects.toml has the address {email}")),
    }
}
