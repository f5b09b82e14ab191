//! Our release binary with a directory of 301 projects, and what one asks of it beside the load.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

pub const HOST: &str = "security.bench.example";

const CHAIR: &str = "ada@bench.example";
const PATIENCE: Duration = Duration::from_secs(30);

const POLICY: &str = r#"
[foundation]
name = "Bench Foundation"
security_address = "security@bench.example"
public_url = "https://security.bench.example"
hosts = ["security.bench.example"]

[routing]
auto_forward = "strong"
hold = "0s"
forwards_per_sender_a_day = 10000
forwards_an_hour = 10000

[[committee]]
name = "Ada Chair"
email = "ada@bench.example"
role = "chair"

[[project]]
id = "parsley"
name = "Parsley"
contacts = [{ email = "security@parsley.example" }]
"#;

/// A running `serve` in a folder that outlives it.
pub struct Program {
    http: String,
    ops: String,
    smtp: String,
    started: Instant,
    ready_after: Duration,
    folder: PathBuf,
    child: Child,
}

impl Program {
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut policy = POLICY.to_owned();
        for number in 0..300 {
            write!(policy, "\n[[project]]\nid = \"herb-{number}\"\nname = \"Herb {number}\"\n")?;
            writeln!(policy, "contacts = [{{ email = \"security@herb-{number}.example\" }}]")?;
        }
        fs::write(folder.join("projects.toml"), policy)?;
        fs::write(
            folder.join("fingerpost.toml"),
            "[mail]\ndns = \"off\"\nconnections_per_peer = 100\nmessages_per_peer = 1000000\n",
        )?;
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_fingerpost"))
            .args(["serve", "--smtp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--ops", "127.0.0.1:0"])
            .current_dir(folder)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start fingerpost")?;
        let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        let mut after = |name: &str| -> anyhow::Result<String> {
            let line = lines.by_ref().map_while(Result::ok).find(|line| line.contains(name));
            Ok(line.context("it did not start")?.split_whitespace().last().context("no address")?.to_owned())
        };
        let http = after("pages")?.trim_start_matches("http://").to_owned();
        let (smtp, ops) = (after("SMTP")?, after("health")?);
        let mut program =
            Self { http, ops, smtp, started, ready_after: Duration::ZERO, folder: folder.to_owned(), child };
        program.wait_until_ready()?;
        Ok(program)
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        while !self.ops_says("/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            ensure!(self.started.elapsed() < PATIENCE, "it never became ready");
        }
        self.ready_after = self.started.elapsed();
        Ok(())
    }

    fn ops_says(&self, path: &str) -> anyhow::Result<String> {
        send(&self.ops, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    /// From the start of the process to the first `200` of `/readyz`.
    pub fn was_ready_after(&self) -> Duration {
        self.ready_after
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }

    /// Proportional set size.
    pub fn pss_mib(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
    }

    /// Sends reports by mail, and waits until all are cases.
    pub fn takes_reports(&self, count: usize) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(&self.smtp)?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let mut ask = |text: String| -> anyhow::Result<()> {
            stream.write_all(text.as_bytes())?;
            let said = lines.by_ref().find(|line| line.as_ref().is_ok_and(|line| line.as_bytes()[3] == b' '));
            let said = said.context("the door closed")??;
            ensure!(said.starts_with(['2', '3']), "{said}");
            Ok(())
        };
        ask(String::new())?;
        ask("EHLO bench.example\r\n".to_owned())?;
        for number in 0..count {
            ask(format!("MAIL FROM:<sam@finder-{number}.example>\r\n"))?;
            ask("RCPT TO:<security@bench.example>\r\n".to_owned())?;
            ask("DATA\r\n".to_owned())?;
            ask(report(number))?;
        }
        ask("QUIT\r\n".to_owned())?;
        let cookie = self.signs_in()?;
        let last = format!("-{count:04}");
        while !self.get("/cases", Some(&cookie))?.contains(&last) {
            ensure!(self.started.elapsed() < PATIENCE, "not all reports became cases");
        }
        Ok(())
    }

    /// The chair's cookie.
    pub fn signs_in(&self) -> anyhow::Result<String> {
        let said = Command::new(env!("CARGO_BIN_EXE_fingerpost"))
            .args(["admin", "login-link", CHAIR])
            .current_dir(&self.folder)
            .output()?;
        ensure!(said.status.success(), "no sign-in link: {}", String::from_utf8_lossy(&said.stderr));
        let said = String::from_utf8(said.stdout)?;
        let path = said.split_once("/login/").context("no link")?.1.split_whitespace().next().context("no link")?;
        let request = format!(
            "POST /login/{path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let answer = send(&self.http, &request)?;
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).context("no cookie")?;
        Ok(cookie.split(';').next().context("no cookie")?.to_owned())
    }

    fn get(&self, path: &str, cookie: Option<&str>) -> anyhow::Result<String> {
        let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
        send(&self.http, &format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{cookie}Connection: close\r\n\r\n"))
    }

    /// How many bytes a page is; it must be a page.
    pub fn size_of(&self, path: &str, cookie: Option<&str>) -> anyhow::Result<usize> {
        let answer = self.get(path, cookie)?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "{path}: {}", answer.lines().next().unwrap_or_default());
        Ok(answer.len())
    }

    /// The year in the numbers of the cases that came by mail.
    pub fn year(&self) -> anyhow::Result<String> {
        let cookie = self.signs_in()?;
        let page = self.get("/outbox", Some(&cookie))?;
        let at = page.find("SEC-").context("no case is named")? + 4;
        Ok(page[at..at + 4].to_owned())
    }

    /// As an operator does, by SIGTERM.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        ensure!(self.child.wait()?.success(), "it did not stop in order");
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn send(address: &str, request: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A report as people write them, of about two kilobytes.
fn report(number: usize) -> String {
    let text = "A crafted table makes the reader of Parsley 2.1 go past its buffer, and what is there is shown.\r\n";
    format!(
        "From: Sam Finder <sam@finder-{number}.example>\r\nTo: security@bench.example\r\n\
         Subject: Buffer over-read in Parsley 2.1{number}\r\nMessage-ID: <{number}@finder.example>\r\n\
         Date: Fri, 20 Nov 2026 14:00:00 +0000\r\n\r\n{}\r\n.\r\n",
        text.repeat(20)
    )
}
