//! wrk as the client: what it measured of one page.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::program::HOST;

/// Tells what its own report rounds or leaves out.
const TELL: &str = r#"done = function(summary, latency, requests)
  local e = summary.errors
  print(string.format("RESULT %f %f %f %d", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, e.status + e.connect + e.read + e.write + e.timeout))
end
"#;

/// What DESIGN.md asks of a page.
#[derive(Clone, Copy)]
pub struct Wanted {
    pub a_second: Option<f64>,
    pub p95_ms: f64,
}

impl Wanted {
    pub fn is_met_by(self, measured: &Measured) -> bool {
        measured.p95_ms <= self.p95_ms && self.a_second.is_none_or(|wanted| measured.a_second >= wanted)
    }
}

/// One page under load.
pub struct Measured {
    pub a_second: f64,
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub failed: u64,
}

pub fn is_installed() -> bool {
    Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Four connections for five seconds, after one to warm up.
pub fn ask(url: &str, cookie: Option<&str>) -> anyhow::Result<Measured> {
    let script = tempfile::NamedTempFile::with_suffix(".lua")?;
    fs::write(script.path(), TELL)?;
    run(url, cookie, script.path(), 1)?;
    run(url, cookie, script.path(), 5)
}

fn run(url: &str, cookie: Option<&str>, script: &std::path::Path, seconds: u32) -> anyhow::Result<Measured> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t2", "-c4", &format!("-d{seconds}s"), "-H", &format!("Host: {HOST}"), "-s"]).arg(script);
    if let Some(cookie) = cookie {
        wrk.args(["-H", &format!("Cookie: {cookie}")]);
    }
    let said = wrk.arg(url).output()?;
    ensure!(said.status.success(), "wrk failed: {}", String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8(said.stdout)?;
    let line = said.lines().find_map(|line| line.strip_prefix("RESULT ")).context("wrk told no result")?;
    let mut figures = line.split(' ');
    let mut next = || figures.next().context("wrk told too little");
    Ok(Measured {
        a_second: next()?.parse()?,
        p50_ms: next()?.parse()?,
        p95_ms: next()?.parse()?,
        failed: next()?.parse()?,
    })
}
