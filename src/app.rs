//! Builds the program, starts its loops, and stops them in order.

mod loops;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use axum::Extension;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::database::Database;
use crate::config::entry::ProjectsToml;
use crate::config::relay::{RelaySettings as RelayWords, RelayTls as TlsWords};
use crate::config::settings::{Dns, Settings};
use crate::config::watch::PolicyFile;
use crate::domain::directory::Directory;
use crate::domain::record::Salt;
use crate::domain::setting::Setting;
use crate::flows::intake::FrontDoor;
use crate::flows::post::PostOffice;
use crate::flows::seen::Views;
use crate::flows::trends::Trends;
use crate::flows::{ByteBudget, House, Policy, contacts, knowledge, viewings};
use crate::mail::doors::smtp::{self, Protocol, SmtpLimits, SmtpSettings, TlsCertificate};
use crate::mail::doors::spool;
use crate::mail::write::transport::{RelayCredentials, RelaySettings, RelayTls, SmtpTransport, Transport};
use crate::store::{Claimer, DatabaseUrl, Role, Store};
use crate::web::demo::DemoHandle;
use crate::web::desk::SettingsInForce;
use crate::web::{self, WebState};
use crate::world::clock::{JumpWatch, SystemClock};
use crate::world::dice::{Dice, SystemDice, roll};
use crate::world::dns::Resolver;

/// How long open sessions and a letter on its way may take after the order to stop. systemd waits 90 s.
const GRACE: Duration = Duration::from_secs(25);
/// How often `projects.toml` is looked at.
const WATCH_EVERY: Duration = Duration::from_secs(2);

/// signal(7): the same number on all of Linux but MIPS and PA-RISC, where it is refused at start.
const SIGXFSZ: i32 = 25;

/// Everything a running program is made of, before it runs.
pub struct Parts {
    pub house: Arc<House>,
    /// `None`: letters wait in the outbox.
    pub transport: Option<Transport>,
    pub http: TcpListener,
    pub ops: Option<TcpListener>,
    pub smtp: Option<TcpListener>,
    pub lmtp: Option<TcpListener>,
    pub doors: SmtpSettings,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpNet>,
    /// `None`: the policy does not come from a file.
    pub policy_file: Option<PolicyFile>,
    pub demo: Option<Arc<dyn DemoHandle>>,
    /// The settings in words, for the page that shows them.
    pub settings: Vec<Setting>,
}

/// Opens what `settings` name: store, key, sockets.
pub async fn parts(settings: &Settings, directory: Directory) -> anyhow::Result<Parts> {
    prepare_spool(&settings.spool)?;
    spool::remove_leftovers(&settings.spool).context("cannot empty the spool folder")?;
    let doors = SmtpSettings {
        hostname: settings.hostname(&directory),
        security: directory.foundation.security_address.clone(),
        limits: SmtpLimits {
            max_size: settings.mail.max_size,
            connections: settings.mail.connections as usize,
            connections_per_peer: settings.mail.connections_per_peer as usize,
            messages_per_peer: settings.mail.messages_per_peer,
            ..SmtpLimits::default()
        },
        trusted_peers: settings.mail.trusted_peers.clone(),
        spool: settings.spool.clone(),
        certificate: match &settings.mail.tls {
            Some(files) => Some(Arc::new(TlsCertificate::load(&files.certificate, &files.key)?)),
            None => None,
        },
    };
    let transport = match &settings.relay {
        Some(relay) => Some(Transport::Smtp(Box::new(SmtpTransport::new(relay_settings(relay))?))),
        None => None,
    };
    Ok(Parts {
        http: listen(settings.web.http, "--http").await?,
        ops: listen_if(settings.ops, "--ops").await?,
        smtp: listen_if(settings.mail.smtp, "--smtp").await?,
        lmtp: listen_if(settings.mail.lmtp, "--lmtp").await?,
        house: {
            let house = house(settings, directory, Role::Worker).await?;
            // Before the first message is worked on: the file's contacts may be of yesterday.
            contacts::refresh(&house).await?;
            knowledge::refresh(&house).await?;
            Arc::new(house)
        },
        policy_file: Some(PolicyFile::at(&settings.projects)),
        transport,
        doors,
        proxies: settings.web.trusted_proxies.clone(),
        demo: None,
        settings: settings.shown.clone(),
    })
}

fn relay_settings(relay: &RelayWords) -> RelaySettings {
    RelaySettings {
        host: relay.host.clone(),
        port: relay.port,
        tls: match relay.tls {
            TlsWords::None => RelayTls::None,
            TlsWords::Opportunistic => RelayTls::Opportunistic,
            TlsWords::Required => RelayTls::Required,
            TlsWords::Implicit => RelayTls::Implicit,
        },
        credentials: relay.user.clone().map(|user| {
            let password = relay.password.as_ref().map(|secret| secret.expose().to_owned()).unwrap_or_default();
            RelayCredentials { user, password }
        }),
        extra_roots: None,
    }
}

/// The house alone, with the store opened in `role`: all that a short command needs.
pub async fn house(settings: &Settings, directory: Directory, role: Role) -> anyhow::Result<House> {
    let dice = SystemDice::default();
    let store = Store::open(&database_url(settings), role, claimer(&dice)).await?;
    let key = crate::config::key::load_or_create_key(&settings.key_file, &dice)?;
    Ok(House {
        store: store.salted(Salt::of(&key)),
        clock: Arc::new(SystemClock),
        jump_watch: JumpWatch::default(),
        key,
        resolver: match settings.mail.dns {
            Dns::System => Resolver::system()?,
            Dns::Off => Resolver::Off,
        },
        authserv_id: settings.authserv_id(&directory).to_owned(),
        public_url: settings.public_url(&directory).to_owned(),
        operator: settings.operator.clone(),
        tests_its_mailbox: settings.relay.is_some(),
        policy: ArcSwap::from_pointee(Policy::of(directory)),
        dice: Arc::new(dice),
        arrivals: Notify::new(),
        letters: Notify::new(),
        budget: ByteBudget::default(),
        views: Views::default(),
        projects_file: Arc::new(ProjectsToml),
        trends: Trends::default(),
    })
}

/// Where the settings say that the rows are.
pub fn database_url(settings: &Settings) -> DatabaseUrl {
    match &settings.database {
        Database::Sqlite(file) => DatabaseUrl::Sqlite(file.clone()),
        Database::Postgres(url) => DatabaseUrl::Postgres(url.expose().to_owned()),
    }
}

/// This process among all that ever worked on the database.
pub fn claimer(dice: &dyn Dice) -> Claimer {
    Claimer::new("node", &data_encoding::HEXLOWER.encode(&roll::<8>(dice)))
}

/// Makes the folder for large mail on its way, for us alone.
pub fn prepare_spool(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("cannot make the spool folder {}", folder.display()))
}

/// Listens at `address`, or says which flag moves it elsewhere.
pub async fn listen(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen at {address}. Choose another address with {flag} ADDR:PORT"))
}

async fn listen_if(address: Option<SocketAddr>, flag: &str) -> anyhow::Result<Option<TcpListener>> {
    match address {
        Some(address) => listen(address, flag).await.map(Some),
        None => Ok(None),
    }
}

/// Why a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By SIGTERM or Ctrl-C.
    Told,
    /// By what the caller waited for.
    Other,
}

/// The running program.
pub struct App {
    pub house: Arc<House>,
    tasks: TaskTracker,
    stop: CancellationToken,
    hang_up: Signal,
    terminate: Signal,
    /// Caught so that a file at its size limit is an error to answer with 4xx, and not the end of the process.
    _file_too_large: Signal,
    policy_file: Option<PolicyFile>,
    certificate: Option<Arc<TlsCertificate>>,
    greeting: String,
}

impl App {
    /// Starts all loops.
    pub fn start(parts: Parts) -> anyhow::Result<Self> {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let greeting = greeting(&parts)?;
        let house = parts.house;
        let doors = Arc::new(parts.doors);
        let front_door = Arc::new(FrontDoor(Arc::clone(&house)));
        let clock = Arc::clone(&house.clock);
        for (listener, protocol) in [(parts.smtp, Protocol::Smtp), (parts.lmtp, Protocol::Lmtp)] {
            let Some(listener) = listener else { continue };
            tasks.spawn(smtp::serve(
                listener,
                protocol,
                Arc::clone(&doors),
                Arc::clone(&front_door),
                Arc::clone(&clock),
                tasks.clone(),
                stop.clone(),
            ));
        }
        let state =
            WebState { house: Arc::clone(&house), relay_configured: parts.transport.is_some(), demo: parts.demo };
        let pages = web::router_behind(state, parts.proxies).layer(Extension(SettingsInForce::from(parts.settings)));
        tasks.spawn(web::serve(parts.http, pages, tasks.clone(), stop.clone()));
        if let Some(ops) = parts.ops {
            tasks.spawn(web::serve(ops, web::ops::router(Arc::clone(&house)), tasks.clone(), stop.clone()));
        }
        tasks.spawn(loops::work_off_the_journal(Arc::clone(&house), stop.clone()));
        if let Some(transport) = parts.transport {
            tasks.spawn(loops::run_the_post_office(Arc::clone(&house), PostOffice::new(transport), stop.clone()));
        }
        tasks.spawn(loops::beat(Arc::clone(&house), stop.clone()));
        tasks.spawn(loops::sweep_what_is_due(Arc::clone(&house), stop.clone()));
        tasks.spawn(loops::look_after_contact_domains(Arc::clone(&house), stop.clone()));
        Ok(Self {
            house,
            tasks,
            stop,
            hang_up: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            _file_too_large: signal(SignalKind::from_raw(SIGXFSZ))?,
            policy_file: parts.policy_file,
            certificate: doors.certificate.clone(),
            greeting,
        })
    }

    /// What to print once everything listens.
    pub fn greeting(&self) -> &str {
        &self.greeting
    }

    /// Waits for SIGTERM or Ctrl-C, minding SIGHUP and the policy file, and stops in order.
    pub async fn run_until_told_to_stop(self) {
        self.run_until(std::future::pending()).await;
    }

    /// The same, but stops in order for `other` as well.
    pub async fn run_until(mut self, other: impl Future<Output = ()>) -> Ended {
        let mut other = std::pin::pin!(other);
        let mut look = tokio::time::interval(WATCH_EVERY);
        let ended = loop {
            tokio::select! {
                _ = self.terminate.recv() => break Ended::Told,
                _ = tokio::signal::ctrl_c() => break Ended::Told,
                () = other.as_mut() => break Ended::Other,
                _ = self.hang_up.recv() => self.read_again().await,
                _ = look.tick() => {
                    let changed = self.policy_file.as_mut().and_then(PolicyFile::reload);
                    self.take_policy(changed).await;
                }
            }
        };
        self.shut_down().await;
        ended
    }

    async fn read_again(&mut self) {
        let policy = self.policy_file.as_mut().map(PolicyFile::reload_now);
        self.take_policy(policy).await;
        let reloaded = self.certificate.as_ref().map(|certificate| certificate.reload());
        if let Some(Err(error)) = reloaded {
            tracing::error!(%error, "the certificate was not read; the earlier one stays");
        }
    }

    /// With faults the policy of before stays.
    async fn take_policy(&self, read: Option<Result<Directory, crate::config::faults::ConfigError>>) {
        match read {
            Some(Ok(directory)) => {
                let projects = directory.projects.len();
                match contacts::lay_over(&self.house, directory).await {
                    Ok(()) => tracing::info!(projects, "projects.toml is read"),
                    Err(error) => {
                        tracing::error!(%error, "projects.toml is read, but the contacts are not; save it again")
                    }
                }
            }
            Some(Err(faults)) => tracing::error!("projects.toml has faults, the earlier one stays:\n{faults}"),
            None => {}
        }
    }

    /// New work ends at once, work begun is finished within [`GRACE`]; what is left is in the journal or the outbox.
    pub async fn shut_down(self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("some work did not end in time; it is taken up again at the next start");
        }
        viewings::write_down_at_the_end(&self.house).await;
        self.house.store.close().await;
    }
}

fn greeting(parts: &Parts) -> anyhow::Result<String> {
    let mut lines = vec![format!("Fingerpost is at {}", parts.house.public_url)];
    lines.push(format!("  pages   http://{}", parts.http.local_addr()?));
    for (listener, name) in [(&parts.smtp, "SMTP"), (&parts.lmtp, "LMTP"), (&parts.ops, "health")] {
        if let Some(listener) = listener {
            lines.push(format!("  {name:<7} {}", listener.local_addr()?));
        }
    }
    if parts.transport.is_none() {
        lines.push("  relay   none: letters wait in the outbox. Name one with --relay smtp://HOST".to_owned());
    }
    Ok(lines.join("\n"))
}
