//! The operator's relay: a few connections of our own, opened when needed and kept for the next letter.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Ehlo, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Severity;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::domain::delivery::Delivery;
use crate::mail::write::transport::answer::{Failure, of_class};
use crate::mail::write::transport::transaction::{Offers, Outcome, Patience, transact};
use crate::mail::write::transport::{Outgoing, Unreachable};

/// Connections at a time: a foundation's letters are few, and relays look askance at more.
const CONNECTIONS_MAX: usize = 4;

/// Where the relay is and how it is spoken to.
#[derive(Debug, Clone)]
pub struct RelaySettings {
    pub host: String,
    pub port: u16,
    pub tls: RelayTls,
    pub credentials: Option<RelayCredentials>,
    /// Certificates in PEM that are trusted beside the system's, for a relay with a private authority.
    pub extra_roots: Option<Vec<u8>>,
}

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayTls {
    /// Never: a relay on the same machine.
    None,
    /// STARTTLS if it is offered, with any certificate: it keeps listeners out, not impostors.
    Opportunistic,
    /// STARTTLS with a valid certificate, or nothing is sent.
    Required,
    /// TLS from the first byte with a valid certificate (port 465).
    Implicit,
}

impl RelayTls {
    /// Whether an impostor is kept out too.
    fn proves_the_relay(self) -> bool {
        matches!(self, Self::Required | Self::Implicit)
    }
}

/// The operator's account at the relay.
#[derive(Clone)]
pub struct RelayCredentials {
    pub user: String,
    pub password: String,
}

impl fmt::Debug for RelayCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RelayCredentials(…)")
    }
}

/// Why these settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRelay {
    #[error("the password would travel where others can read it: set `tls` to `required` or `implicit`")]
    PasswordInClear,
    #[error("the relay's extra certificates cannot be used: {0}")]
    Certificates(String),
}

/// How long things may take; only tests are more impatient than the default.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// One command and its answer.
    pub(super) command: Duration,
    /// One try in all.
    pub(super) all: Duration,
    /// An unused connection is not trusted for longer: relays and firewalls drop it silently.
    pub(super) idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { command: Duration::from_secs(60), all: Duration::from_secs(300), idle: Duration::from_secs(30) }
    }
}

/// Whether a reused connection is alive shows at once; more would be taken from the letter's own time.
const REUSE_WAIT: Duration = Duration::from_secs(5);

/// Nothing depends on the answer to QUIT.
const QUIT_WAIT: Duration = Duration::from_secs(1);

/// The relay and the connections to it.
pub struct SmtpTransport {
    settings: RelaySettings,
    tls: Option<TlsParameters>,
    /// What we call ourselves in EHLO.
    name: ClientId,
    pub(super) limits: Limits,
    permits: Semaphore,
    idle: Mutex<Vec<Line>>,
}

impl fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpTransport").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// An open connection.
struct Line {
    connection: AsyncSmtpConnection,
    offers: Offers,
    used_at: Instant,
}

impl SmtpTransport {
    /// Prepares for the relay; connects only with the first letter or probe. Reads the system's certificates.
    pub fn new(settings: RelaySettings) -> Result<Self, BadRelay> {
        if settings.credentials.is_some() && !settings.tls.proves_the_relay() && !is_loopback(&settings.host) {
            return Err(BadRelay::PasswordInClear);
        }
        Ok(Self {
            tls: tls_parameters(&settings)?,
            settings,
            name: ClientId::default(),
            limits: Limits::default(),
            permits: Semaphore::new(CONNECTIONS_MAX),
            idle: Mutex::default(),
        })
    }

    /// Tries once to hand the letter to the relay.
    pub(super) async fn send(&self, letter: &Outgoing<'_>) -> Delivery {
        let _permit = self.permits.acquire().await.expect("the permits are never closed");
        let patience = Patience::new(self.limits.all, self.limits.command);
        while let Some(line) = self.idle_line().await {
            if let Ok(delivery) = self.carry(line, letter, patience).await {
                return delivery;
            }
        }
        match self.open(patience).await {
            Ok(line) => self.carry(line, letter, patience).await.unwrap_or_else(Delivery::from),
            Err(unreachable) => unreachable.into(),
        }
    }

    /// Opens a connection as for a letter and keeps it for the next one.
    pub(super) async fn probe(&self) -> Result<(), Unreachable> {
        let _permit = self.permits.acquire().await.expect("the permits are never closed");
        let line = self.open(Patience::new(self.limits.all, self.limits.command)).await?;
        self.keep(line);
        Ok(())
    }

    /// Says goodbye on every unused connection: when there is nothing more to send.
    pub async fn close_idle(&self) {
        let lines = std::mem::take(&mut *self.idle.lock().expect("nothing panics while it holds the connections"));
        for line in lines {
            hang_up(line).await;
        }
    }

    /// One transaction; `Err` if the connection was dead before the relay said a word.
    async fn carry(&self, mut line: Line, letter: &Outgoing<'_>, patience: Patience) -> Result<Delivery, Unreachable> {
        match transact(&mut line.connection, line.offers, letter, patience).await {
            Outcome::Settled(delivery) => {
                self.keep(line);
                Ok(delivery)
            }
            Outcome::SettledAndGone(delivery) => Ok(delivery),
            Outcome::Stale(reason) => Err(self.unreachable("", &Failure::Broken(reason))),
        }
    }

    fn keep(&self, mut line: Line) {
        line.used_at = Instant::now();
        self.idle.lock().expect("nothing panics while it holds the connections").push(line);
    }

    /// A kept connection that still answers, cleared of what an earlier letter left.
    async fn idle_line(&self) -> Option<Line> {
        loop {
            let mut line = self.idle.lock().expect("nothing panics while it holds the connections").pop()?;
            if line.used_at.elapsed() > self.limits.idle {
                hang_up(line).await;
                continue;
            }
            let patience = Patience::new(REUSE_WAIT.min(self.limits.command), self.limits.command);
            if patience.command(line.connection.command(Rset)).await.is_ok() {
                return Some(line);
            }
        }
    }

    /// Connects, encrypts, signs in and asks what the relay offers.
    async fn open(&self, patience: Patience) -> Result<Line, Unreachable> {
        let mut connection = patience.command(self.connect()).await.map_err(|why| self.unreachable("", &why))?;
        self.encrypt(&mut connection, patience).await?;
        // lettre has asked EHLO already, but keeps too little of the answer.
        let ehlo = patience.command(connection.command(Ehlo::new(self.name.clone()))).await;
        let ehlo = ehlo
            .and_then(|response| of_class(response, Severity::PositiveCompletion))
            .map_err(|why| self.unreachable("", &why))?;
        if let Some(RelayCredentials { user, password }) = &self.settings.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            patience
                .command(connection.auth(DEFAULT_MECHANISMS, &credentials))
                .await
                .and_then(|response| of_class(response, Severity::PositiveCompletion))
                .map_err(|why| self.unreachable("the sign-in failed: ", &why))?;
        }
        Ok(Line { connection, offers: Offers::read(&ehlo), used_at: Instant::now() })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let server = (self.settings.host.as_str(), self.settings.port);
        if self.settings.tls == RelayTls::Implicit {
            // Of several addresses the next one gets its chance within the time of one command.
            let each = self.limits.command / 3;
            let tls = self.tls.clone();
            return Ok(AsyncSmtpConnection::connect_tokio1(server, Some(each), &self.name, tls, None).await?);
        }
        let stream = TcpStream::connect(server).await?;
        // lettre writes a message and its final dot apart; without this the dot would wait 40 ms for the
        // relay's delayed ACK.
        stream.set_nodelay(true)?;
        Ok(AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.name).await?)
    }

    /// STARTTLS, where the settings ask for it.
    async fn encrypt(&self, connection: &mut AsyncSmtpConnection, patience: Patience) -> Result<(), Unreachable> {
        let wanted = match self.settings.tls {
            RelayTls::None | RelayTls::Implicit => false,
            RelayTls::Opportunistic => connection.can_starttls(),
            RelayTls::Required if !connection.can_starttls() => {
                let reason = Failure::Broken("it does not offer STARTTLS, which the settings require".to_owned());
                return Err(self.unreachable("", &reason));
            }
            RelayTls::Required => true,
        };
        let Some(tls) = self.tls.clone().filter(|_| wanted) else {
            return Ok(());
        };
        let encrypted = patience.command(connection.starttls(tls, &self.name)).await;
        encrypted.map_err(|why| self.unreachable("no encryption: ", &why))
    }

    fn unreachable(&self, what: &str, why: &Failure) -> Unreachable {
        Unreachable(format!("{}:{}: {what}{}", self.settings.host, self.settings.port, why.words()))
    }
}

async fn hang_up(mut line: Line) {
    // The relay may have gone first; there is nothing to do about it.
    let _ = timeout(QUIT_WAIT, line.connection.quit()).await;
}

fn tls_parameters(settings: &RelaySettings) -> Result<Option<TlsParameters>, BadRelay> {
    if settings.tls == RelayTls::None {
        return Ok(None);
    }
    let bad = |error: lettre::transport::smtp::Error| BadRelay::Certificates(error.to_string());
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.extra_roots {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(bad)?);
    }
    if settings.tls == RelayTls::Opportunistic {
        // Whoever could forge a certificate could as well strike STARTTLS from the offer.
        builder = builder.dangerous_accept_invalid_certs(true).dangerous_accept_invalid_hostnames(true);
    }
    builder.build().map(Some).map_err(bad)
}

/// Whether the host is this machine by name or number.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
