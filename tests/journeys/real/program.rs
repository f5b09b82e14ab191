//! Starts `fingerpost serve` in a folder of its own, speaks SMTP to it, and stops it by its pid.

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use arc_swap::ArcSwap;
use fingerpost::config::entry::ProjectsToml;
use fingerpost::config::policy;
use fingerpost::flows::intake;
use fingerpost::flows::post::{PostOffice, Worked};
use fingerpost::flows::seen::Views;
use fingerpost::flows::trends::Trends;
use fingerpost::flows::{ByteBudget, House, Policy};
use fingerpost::mail::write::transport::{RelaySettings, RelayTls, SmtpTransport, Transport};
use fingerpost::store::{Claimer, DatabaseUrl, Role, Store};
use fingerpost::world::clock::{Clock, JumpWatch, ManualClock, SystemClock};
use fingerpost::world::dice::SystemDice;
use fingerpost::world::dns::Resolver;
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Notify;

/// One project, forwarded to at once and without the caps that bound strangers.
const POLICY: &str = r#"
[foundation]
name = "Storm Foundation"
security_address = "security@storm.example"
public_url = "https://security.storm.example"

[routing]
auto_forward = "strong"
hold = "0s"
forwards_per_sender_a_day = 10000
forwards_an_hour = 10000

[[committee]]
name = "Ada Chair"
email = "ada@storm.example"
role = "chair"

[[project]]
id = "parsley"
name = "Parsley"
contacts = [{ email = "security@parsley.example" }]
"#;

/// The mailbox of the one contact.
pub const CONTACT: &str = "security@parsley.example";

/// A folder with settings, in which the program runs again and again.
pub struct Program {
    folder: PathBuf,
    /// The folder, where it goes with the program.
    own: Option<TempDir>,
    /// Where it takes mail, since its last start.
    pub smtp: SocketAddr,
    /// Where its pages are, since its last start.
    pub pages: SocketAddr,
    relay: SocketAddr,
    child: Option<Child>,
}

impl Program {
    /// Settings that send to `relay`; nothing runs yet.
    pub fn new(relay: SocketAddr) -> Self {
        let own = tempfile::tempdir().unwrap();
        let mut program = Self::within(own.path(), relay);
        program.own = Some(own);
        program
    }

    /// The same in a folder that somebody else takes away.
    pub fn within(folder: &Path, relay: SocketAddr) -> Self {
        std::fs::write(folder.join("projects.toml"), POLICY).unwrap();
        let settings =
            "ops = \"off\"\n\n[mail]\ndns = \"off\"\nconnections_per_peer = 100\nmessages_per_peer = 1000000\n";
        std::fs::write(folder.join("fingerpost.toml"), settings).unwrap();
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { folder: folder.to_owned(), own: None, smtp: nowhere, pages: nowhere, relay, child: None }
    }

    /// Where the program runs and keeps all its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts the program and comes back when it listens.
    pub fn start(&mut self) {
        self.start_under(&[env!("CARGO_BIN_EXE_fingerpost")]);
    }

    /// Starts it as the last words of `command`.
    pub fn start_under(&mut self, command: &[&str]) {
        let mut child = self.spawn(command);
        let mut greeting = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        self.child = Some(child);
        let mut address_after = |word: &str| -> SocketAddr {
            let line = greeting.find(|line| line.contains(word)).expect("the program starts");
            line.rsplit([' ', '/']).next().unwrap().parse().unwrap()
        };
        self.pages = address_after("pages");
        self.smtp = address_after("SMTP");
    }

    /// Starts the program and kills it at some moment of its start, the later the more `turns`.
    pub fn start_and_kill(&mut self, turns: u64) {
        let mut child = self.spawn(&[env!("CARGO_BIN_EXE_fingerpost")]);
        (0..turns).for_each(|_| std::thread::yield_now());
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn spawn(&self, command: &[&str]) -> Child {
        Command::new(command[0])
            .args(&command[1..])
            .arg("serve")
            .args(["--smtp", "127.0.0.1:0", "--http", "127.0.0.1:0"])
            .args(["--relay", &format!("smtp+plain://{}", self.relay)])
            .current_dir(&self.folder)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Runs `fingerpost admin` beside the program; whether it succeeded, and all that it said.
    pub fn admin(&self, words: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fingerpost"));
        let done = command.arg("admin").args(words).current_dir(&self.folder).output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(said).unwrap())
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM; comes back when it has ended. Whether it ended well.
    pub fn stop(&mut self) -> bool {
        let mut child = self.child.take().expect("it runs");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        child.wait().unwrap().success()
    }

    /// Works off all that is left, in this process: when it comes back, nothing waits any more.
    pub async fn finish(&self) -> Store {
        self.finish_after(SignedDuration::ZERO).await
    }

    /// The same at a time so much `later`, so that what was deferred is due again.
    pub async fn finish_after(&self, later: SignedDuration) -> Store {
        let url = DatabaseUrl::Sqlite(self.folder.join("fingerpost.db"));
        let store = Store::open(&url, Role::Worker, Claimer::new("test", "last")).await.unwrap();
        let directory = policy::parse("projects.toml", POLICY).unwrap();
        let dice = SystemDice::default();
        let key = self.folder.join("fingerpost.key");
        let house = House {
            store: store.clone(),
            clock: Arc::new(ManualClock::at(SystemClock.now() + later)),
            jump_watch: JumpWatch::default(),
            key: fingerpost::config::key::load_or_create_key(&key, &dice).unwrap(),
            dice: Arc::new(dice),
            public_url: directory.foundation.public_url.clone(),
            operator: None,
            tests_its_mailbox: false,
            policy: ArcSwap::from_pointee(Policy::of(directory)),
            resolver: Resolver::Off,
            authserv_id: String::new(),
            arrivals: Notify::new(),
            letters: Notify::new(),
            budget: ByteBudget::default(),
            views: Views::default(),
            projects_file: Arc::new(ProjectsToml),
            trends: Trends::default(),
        };
        let relay = RelaySettings {
            host: self.relay.ip().to_string(),
            port: self.relay.port(),
            tls: RelayTls::None,
            credentials: None,
            extra_roots: None,
        };
        let office = PostOffice::new(Transport::Smtp(Box::new(SmtpTransport::new(relay).unwrap())));
        while intake::work_off(&house).await.unwrap() > 0 {}
        while office.send_due(&house).await.unwrap() != Worked::Idle {}
        store
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

/// A report from a sender of its own, told apart by its number.
pub fn report(number: usize) -> (String, String) {
    let sender = format!("sender{number}@reporter{}.example", number % 50);
    let message = format!(
        "From: {sender}\r\nTo: security@storm.example\r\nSubject: Buffer overflow in Parsley 2.1, number {number}.\r\n\
         Message-ID: <{number}@reporter.example>\r\n\r\nVulnerability in Parsley 2.1: it overflows, {number}.\r\n"
    );
    (sender, message)
}

/// One SMTP conversation with the program.
pub struct Client(BufStream<TcpStream>);

impl Client {
    /// Connects and greets; `None` if the program is away.
    pub async fn connect(address: SocketAddr) -> Option<Self> {
        Self::greet(TcpStream::connect(address).await.ok()?).await
    }

    /// The same from another address of this machine.
    pub async fn connect_from(from: IpAddr, address: SocketAddr) -> Option<Self> {
        let socket = TcpSocket::new_v4().ok()?;
        socket.bind((from, 0).into()).ok()?;
        Self::greet(socket.connect(address).await.ok()?).await
    }

    async fn greet(stream: TcpStream) -> Option<Self> {
        let mut client = Self(BufStream::new(stream));
        client.answer().await.filter(|line| line.starts_with("220"))?;
        client.ask("EHLO client.example").await.filter(|line| line.starts_with("250"))?;
        Some(client)
    }

    /// The next answer's last line; `None` at the end of the connection.
    pub async fn answer(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Some(line);
            }
        }
    }

    async fn ask(&mut self, line: &str) -> Option<String> {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
        self.0.flush().await.ok()?;
        self.answer().await
    }

    /// Sends one mail; the last answer, or `None` if the connection broke.
    pub async fn send(&mut self, sender: &str, message: &str) -> Option<String> {
        self.send_to("security@storm.example", sender, message).await
    }

    /// The same to another address. After a refusal the connection is as good as new.
    pub async fn send_to(&mut self, to: &str, sender: &str, message: &str) -> Option<String> {
        for command in ["RSET", &format!("MAIL FROM:<{sender}>"), &format!("RCPT TO:<{to}>"), "DATA"] {
            let answer = self.ask(command).await?;
            if answer.starts_with(['4', '5']) {
                return Some(answer);
            }
        }
        self.ask(&format!("{message}.")).await
    }
}
