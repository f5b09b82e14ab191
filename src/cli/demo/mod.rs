//! `fingerpost demo`: an example foundation with live cases, no configuration and no network.

mod stage;
mod stories;
mod teller;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::app::{self, App, Ended, Parts};
use crate::config::entry::ProjectsToml;
use crate::config::policy;
use crate::domain::address::{InstanceKey, Mailbox};
use crate::domain::directory::{AutoForward, Directory, MemberRole};
use crate::domain::record::Salt;
use crate::flows::seen::Views;
use crate::flows::trends::Trends;
use crate::flows::{ByteBudget, House, Policy, contacts, sign_in};
use crate::mail::doors::smtp::{SmtpLimits, SmtpSettings};
use crate::mail::write::transport::{MemoryTransport, Transport};
use crate::store::{Claimer, DatabaseUrl, Role, Store};
use crate::world::clock::{JumpWatch, MovableClock};
use crate::world::dice::{Dice, SeededDice, SystemDice, roll};
use crate::world::dns::Resolver;

use stage::Stage;

/// The sample directory; the demo needs no file.
const SAMPLE: &str = include_str!("../../../projects.toml");

/// When the demo's stories begin; they end eight days later.
const BEGINS: &str = "2026-11-12T09:12:00Z";

/// A visitor may look around for an evening before using a sign-in line.
const LINK_LIFE: SignedDuration = SignedDuration::from_hours(12);

/// Try it: an example foundation with live cases, a clock to move, and every letter readable
///
/// Needs no configuration and no network; nothing is kept. Send mail to it with any client, for example:
/// swaks --server 127.0.0.1:2525 --to security@northlight.example --from you@finder.example
///
/// Example: fingerpost demo --http 127.0.0.1:8081
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct DemoArgs {
    /// Where the pages are served
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    http: SocketAddr,

    /// Where mail comes in by SMTP
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:2525")]
    smtp: SocketAddr,
}

/// Runs until Ctrl-C or SIGTERM.
pub fn run(args: DemoArgs) -> ExitCode {
    super::block_on(demo(args))
}

async fn demo(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let sockets = Sockets {
        http: app::listen(args.http, "--http").await?.into_std()?,
        smtp: app::listen(args.smtp, "--smtp").await?.into_std()?,
    };
    loop {
        let folder = Folder::new()?;
        let reset = Arc::new(Notify::new());
        let app = open(&folder, &sockets, &reset).await?;
        if app.run_until(reset.notified()).await == Ended::Told {
            return Ok(ExitCode::SUCCESS);
        }
        super::say("\nThe demo begins anew.\n");
    }
}

/// The listening sockets, which outlive a reset: whoever comes meanwhile waits in the kernel's queue.
struct Sockets {
    http: std::net::TcpListener,
    smtp: std::net::TcpListener,
}

fn again(socket: &std::net::TcpListener) -> io::Result<TcpListener> {
    TcpListener::from_std(socket.try_clone()?)
}

/// Plays the stories in a fresh folder and starts the program on them.
async fn open(folder: &Folder, sockets: &Sockets, reset: &Arc<Notify>) -> anyhow::Result<App> {
    let url = format!("http://{}", sockets.http.local_addr()?);
    let directory = directory(&url)?;
    let clock = Arc::new(MovableClock::starting_at(BEGINS.parse().expect("a time of our own")));
    let mailboxes = MemoryTransport::new();
    let doors = SmtpSettings {
        hostname: "localhost".to_owned(),
        security: directory.foundation.security_address.clone(),
        limits: SmtpLimits::default(),
        trusted_peers: Vec::new(),
        spool: folder.0.clone(),
        certificate: None,
    };
    let house = Arc::new(house(folder, directory, &clock, &url).await?);
    contacts::refresh(&house).await?;
    let stage = Arc::new(Stage::new(Arc::clone(&house), clock, mailboxes.clone(), Arc::clone(reset)));
    stories::play(&stage).await?;
    let links = sign_in_lines(&house).await?;
    let parts = Parts {
        house,
        transport: Some(Transport::Memory(mailboxes)),
        http: again(&sockets.http)?,
        ops: None,
        smtp: Some(again(&sockets.smtp)?),
        lmtp: None,
        doors,
        policy_file: None,
        proxies: Vec::new(),
        demo: Some(stage),
        settings: Vec::new(),
    };
    let app = App::start(parts)?;
    super::say(&format!(
        "{}\n\nBegin at {url}/\nSign in, once each:\n{links}\nEvery letter: {url}/demo/mail\n\
         Ctrl-C ends it; nothing is kept.",
        app.greeting()
    ));
    Ok(app)
}

/// The sample foundation, reached at `url`, with strong matches forwarded by themselves.
fn directory(url: &str) -> anyhow::Result<Directory> {
    let mut directory = policy::parse("projects.toml", SAMPLE)?;
    directory.routing.auto_forward = AutoForward::Strong;
    url.clone_into(&mut directory.foundation.public_url);
    Ok(directory)
}

async fn house(folder: &Folder, directory: Directory, clock: &Arc<MovableClock>, url: &str) -> anyhow::Result<House> {
    let database = DatabaseUrl::Sqlite(folder.0.join("demo.db"));
    // The same stories for every visitor; the key alone is by chance, for the SMTP port is open.
    let dice = SeededDice::new(2026);
    let key = InstanceKey::new(roll(&SystemDice::default()));
    let store = Store::open(&database, Role::Worker, Claimer::new("demo", "1")).await?;
    Ok(House {
        store: store.salted(Salt::of(&key)),
        clock: Arc::clone(clock) as _,
        jump_watch: JumpWatch::default(),
        dice: Arc::new(dice),
        key,
        resolver: Resolver::Off,
        authserv_id: stage::AUTHSERV_ID.to_owned(),
        public_url: url.to_owned(),
        operator: None,
        tests_its_mailbox: false,
        policy: ArcSwap::from_pointee(Policy::of(directory)),
        arrivals: Notify::new(),
        letters: Notify::new(),
        budget: ByteBudget::default(),
        views: Views::default(),
        projects_file: Arc::new(ProjectsToml),
        trends: Trends::default(),
    })
}

/// One sign-in line a role.
async fn sign_in_lines(house: &House) -> anyhow::Result<String> {
    let mut lines = String::new();
    for role in [MemberRole::Chair, MemberRole::Secretary, MemberRole::Member] {
        let policy = house.policy();
        let Some(member) = policy.directory.committee.iter().find(|member| member.role == role) else { continue };
        let link = sign_in::admin_link(house, &member.email, LINK_LIFE).await?.context("a member may sign in")?;
        lines += &format!("  {:<10} {:<16} {link}\n", role.to_string(), member.name);
    }
    Ok(lines)
}

/// A folder for the demo's database that goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let name = data_encoding::HEXLOWER.encode(&chance());
        let path = std::env::temp_dir().join(format!("fingerpost-demo-{name}"));
        app::prepare_spool(&path)?;
        Ok(Self(path))
    }
}

fn chance() -> [u8; 8] {
    let mut bytes = [0; 8];
    SystemDice::default().fill(&mut bytes);
    bytes
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "the demo's folder is left behind");
        }
    }
}

/// The security address of the sample foundation.
fn security(house: &House) -> Mailbox {
    house.policy().directory.foundation.security_address.clone()
}
