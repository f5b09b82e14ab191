//! Floor 7: one file per command.

pub mod admin;
pub mod audit;
pub mod check;
pub mod classify;
pub mod demo;
pub mod ingest;
pub mod init;
pub mod projects;
pub mod quarter;
pub mod security_txt;
pub mod serve;

use std::io::Write;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

/// sysexits.h `EX_TEMPFAIL`, which makes a mail server try again.
pub const TRY_AGAIN: u8 = 75;
/// sysexits.h `EX_DATAERR`: the input is no message at all.
pub const BAD_INPUT: u8 = 65;
/// sysexits.h `EX_NOUSER`: none of the recipients is ours.
pub const NO_RECIPIENT: u8 = 67;

/// Logs go to standard error: `RUST_LOG` chooses how much, `info` by default.
fn start_logs() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,html5ever=error"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second call, in a test that runs two commands, keeps the first one's choice.
    let _ = lines.try_init();
}

/// Prints to standard output. Whoever reads it may have gone away, which must not stop the program.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Runs an async command on its own runtime; a failure is printed with its causes.
fn block_on(command: impl Future<Output = anyhow::Result<ExitCode>>) -> ExitCode {
    start_logs();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("fingerpost: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(command).unwrap_or_else(|error| {
        eprintln!("fingerpost: {error:#}");
        ExitCode::FAILURE
    })
}
