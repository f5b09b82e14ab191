//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use fingerpost::cli::{admin, audit, check, classify, demo, ingest, init, projects, quarter, security_txt, serve};

/// Fingerpost takes security reports for a foundation of many projects, works out which project each
/// one concerns, and forwards it to people there.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Demo(demo::DemoArgs),
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Ingest(ingest::IngestArgs),
    Classify(classify::ClassifyArgs),
    Projects(projects::ProjectsArgs),
    SecurityTxt(security_txt::SecurityTxtArgs),
    Quarter(quarter::QuarterArgs),
    Admin(admin::AdminArgs),
    Audit(audit::AuditArgs),
}

fn main() -> ExitCode {
    rustls::crypto::ring::default_provider().install_default().expect("nothing has chosen a provider before main");
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misspelt(&error),
    };
    match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Init(args) => init::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Ingest(args) => ingest::run(args),
        Command::Classify(args) => classify::run(&args),
        Command::Projects(args) => projects::run(args),
        Command::SecurityTxt(args) => security_txt::run(args),
        Command::Quarter(args) => quarter::run(args),
        Command::Admin(args) => admin::run(args),
        Command::Audit(args) => audit::run(args),
    }
}

/// Prints what clap has to say. A mail server that calls `ingest` with a wrong flag must keep the message and try again:
/// clap's own exit code would make it bounce.
fn misspelt(error: &clap::Error) -> ExitCode {
    // Nobody may be reading any more; the exit code still tells.
    let _ = error.print();
    match std::env::args().nth(1).as_deref() {
        _ if !error.use_stderr() => ExitCode::SUCCESS,
        Some("ingest") => ExitCode::from(fingerpost::cli::TRY_AGAIN),
        _ => ExitCode::from(2),
    }
}
