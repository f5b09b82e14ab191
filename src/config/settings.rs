//! The operator's settings: flag, then `FINGERPOST_…` variable, then `fingerpost.toml`, then the default.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use url::Url;

use crate::config::args::SettingsArgs;
use crate::config::database::{Database, database, has_password};
use crate::config::faults::ConfigError;
use crate::config::reader::{Section, read as read_toml};
use crate::config::relay::{RelaySettings, relay};
use crate::config::secret::Secret;
use crate::config::settings::shown::Sections;
use crate::config::values::{self, Wrong, one_of};
use crate::domain::address::Mailbox;
use crate::domain::directory::Directory;
use crate::domain::setting::Setting;

/// The file that is read when it exists and no other is named.
pub const USUAL_FILE: &str = "fingerpost.toml";

/// All settings, checked. Printing them shows no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub projects: PathBuf,
    pub database: Database,
    pub key_file: PathBuf,
    /// The folder in which large mail is written until it is stored.
    pub spool: PathBuf,
    /// Goes before the `public_url` of the policy; ask `Settings::public_url`.
    pub public_url: Option<String>,
    /// Who runs the machine, for what only they can mend.
    pub operator: Option<Mailbox>,
    /// Where health is asked; `None` is off.
    pub ops: Option<SocketAddr>,
    pub web: WebSettings,
    pub mail: MailSettings,
    /// `None`: letters wait in the outbox.
    pub relay: Option<RelaySettings>,
    /// All of them in words, with where each came from and without secrets.
    pub shown: Vec<Setting>,
}

/// `[web]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSettings {
    pub http: SocketAddr,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// `[mail]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// `None` is off.
    pub smtp: Option<SocketAddr>,
    /// `None` is off.
    pub lmtp: Option<SocketAddr>,
    /// The largest message that is taken, in bytes.
    pub max_size: u64,
    /// Peers without limits, whose `Authentication-Results` are believed.
    pub trusted_peers: Vec<IpNet>,
    /// The header in which a pipe's mail server names the envelope's recipient.
    pub envelope_header: Option<String>,
    /// Our name in `Authentication-Results` (RFC 8601); ask `Settings::authserv_id`.
    pub authserv_id: Option<String>,
    /// Our name in greetings; ask `Settings::hostname`.
    pub hostname: Option<String>,
    pub tls: Option<TlsFiles>,
    /// Open connections in all.
    pub connections: u32,
    /// Open connections of one peer.
    pub connections_per_peer: u32,
    /// Messages of one peer to the security address in an hour.
    pub messages_per_peer: NonZeroU32,
    pub dns: Dns,
}

/// The certificate chain and its key, in PEM, for STARTTLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// `mail.dns`: whom SPF, DKIM and DMARC are asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dns {
    /// The resolvers of the machine.
    System,
    /// Nobody: every sender is unproven, unless a trusted peer vouches for it.
    Off,
}

impl Settings {
    /// Where the pages are reached from outside, without a slash at its end.
    pub fn public_url<'a>(&'a self, directory: &'a Directory) -> &'a str {
        self.public_url.as_deref().unwrap_or(&directory.foundation.public_url)
    }

    /// Our name in `Authentication-Results`: as set, else the domain of the security address.
    pub fn authserv_id<'a>(&'a self, directory: &'a Directory) -> &'a str {
        self.mail.authserv_id.as_deref().unwrap_or(directory.foundation.security_address.domain())
    }

    /// Our name in greetings: as set, else the host of the pages.
    pub fn hostname(&self, directory: &Directory) -> String {
        let host_of_pages = || Url::parse(self.public_url(directory)).ok()?.host_str().map(str::to_owned);
        self.mail.hostname.clone().or_else(host_of_pages).unwrap_or_else(|| "localhost".to_owned())
    }
}

const TOP: &[&str] = &[
    "projects",
    "database_url",
    "database_password_file",
    "key_file",
    "spool",
    "public_url",
    "operator",
    "ops",
    "web",
    "mail",
    "relay",
];
const WEB: &[&str] = &["http", "trusted_proxies"];
const MAIL: &[&str] = &[
    "smtp",
    "lmtp",
    "max_size",
    "trusted_peers",
    "envelope_header",
    "authserv_id",
    "hostname",
    "tls_certificate",
    "tls_key",
    "connections",
    "connections_per_peer",
    "messages_per_peer",
    "dns",
];
const RELAY: &[&str] = &["url", "password_file"];

const DNS: &[(&str, Dns)] = &[("system", Dns::System), ("off", Dns::Off)];

/// DESIGN.md 3.1: in decimal bytes, as the SIZE extension counts.
const MAX_SIZE: u64 = 25_000_000;
/// Below, a report with a screenshot would not fit; above, one mail would take the byte budget of 64 MiB.
const MAX_SIZE_RANGE: std::ops::RangeInclusive<u64> = 1_000_000..=60_000_000;

/// A mail server that passes on what many people write to one small foundation stays far below this.
const MESSAGES_PER_PEER: u64 = 100;

/// What was read: the path of the policy even where the settings have faults, so that both files are checked at once.
pub struct Found {
    pub projects: PathBuf,
    pub settings: Result<Settings, ConfigError>,
}

/// Reads flags, variables and file.
pub fn read(args: &SettingsArgs) -> Found {
    read_with(args, &|name| std::env::var(name).ok())
}

/// The same with `variable` to look up what has no flag: secrets must not stand on a command line.
fn read_with(args: &SettingsArgs, variable: &dyn Fn(&str) -> Option<String>) -> Found {
    let named = given(&args.config);
    let file = PathBuf::from(named.unwrap_or(USUAL_FILE));
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => Ok(String::new()),
        Err(error) => Err(ConfigError::unreadable(&file, &error, "--config")),
    };
    let source = Source { args, folder: file.parent().unwrap_or(Path::new("")), variable };
    let mut projects = given(&args.projects).map_or_else(|| source.folder.join("projects.toml"), PathBuf::from);
    let settings = text.and_then(|text| {
        read_toml(&file.display().to_string(), &text, TOP, |top| {
            projects = source.path(top, "projects", Some(("projects", given(&args.projects))), "projects.toml");
            source.settings(top, projects.clone())
        })
    });
    Found { projects, settings }
}

/// A flag's value; an empty one, as an unset variable of a container comes in, counts as not given.
fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|text| !text.trim().is_empty())
}

fn given_secret(value: &Option<Secret>) -> Option<&str> {
    value.as_ref().map(Secret::expose).filter(|text| !text.trim().is_empty())
}

/// A flag's name with its value, if it has one.
type Flag<'a> = (&'a str, Option<&'a str>);

/// What the settings are read from, besides the file's text.
struct Source<'a> {
    args: &'a SettingsArgs,
    /// The folder of the settings file, from which its relative paths count.
    folder: &'a Path,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Source<'_> {
    fn settings(&self, top: &Section<'_, '_>, projects: PathBuf) -> Option<Settings> {
        let args = self.args;
        let database = self.database(top);
        let beside = database.as_ref().and_then(Database::folder).unwrap_or(self.folder);
        let key_file =
            self.path_beside(beside, top, "key_file", Some(("key-file", given(&args.key_file))), "fingerpost.key");
        let spool = self.path_beside(beside, top, "spool", None, "fingerpost.spool");
        let public_url = setting(top, "public_url", ("public-url", given(&args.public_url)), values::public_url);
        let ops = setting(top, "ops", ("ops", given(&args.ops)), values::door_or_off);
        let operator = top.optional("operator", values::mailbox);
        let sections = [top.section("web", WEB), top.section("mail", MAIL), top.section("relay", RELAY)];
        let [web_section, mail_section, relay_section] = &sections;
        let web = self.web(web_section);
        let mail = self.mail(mail_section);
        let relay = self.relay(relay_section);
        let mut settings = Settings {
            projects,
            database: database?,
            key_file,
            spool,
            public_url,
            operator,
            ops: ops.unwrap_or(Some(loopback(9464))),
            web,
            mail,
            relay,
            shown: Vec::new(),
        };
        let sections = Sections { top, web: web_section, mail: mail_section, relay: relay_section };
        settings.shown = self.shown(&sections, &settings);
        name_shared_doors(top, &settings);
        Some(settings)
    }

    fn database(&self, top: &Section<'_, '_>) -> Option<Database> {
        let flag = ("database-url", given_secret(&self.args.database_url));
        let from_file = |text: &str| {
            if has_password(text) {
                let fix = "Take it out, and name a file that holds it in database_password_file, \
                           or give the whole URL in FINGERPOST_DATABASE_URL.";
                return Err(Wrong::new("has a password in it", fix));
            }
            database(text).map(|database| self.beside_the_file(database))
        };
        let written = top.optional("database_url", from_file);
        let found = match flag.1 {
            Some(_) => from_flag(top, "database_url", flag, database)?,
            None if top.has("database_url") => written?,
            None => Database::Sqlite(self.folder.join("fingerpost.db")),
        };
        let Some(password) = self.password(top, "database_password_file") else { return Some(found) };
        found.with_password(&password).map_err(|wrong| top.fault(&top.place("database_password_file"), wrong)).ok()
    }

    fn beside_the_file(&self, database: Database) -> Database {
        match database {
            Database::Sqlite(file) => Database::Sqlite(self.folder.join(file)),
            Database::Postgres(url) => Database::Postgres(url),
        }
    }

    fn web(&self, web: &Section<'_, '_>) -> WebSettings {
        WebSettings {
            http: setting(web, "http", ("http", given(&self.args.http)), values::door).unwrap_or(loopback(8080)),
            trusted_proxies: networks(web, "trusted_proxies"),
        }
    }

    fn mail(&self, mail: &Section<'_, '_>) -> MailSettings {
        let door = |key, value| setting(mail, key, (key, given(value)), values::door_or_off);
        let count = |key, usual: u32| mail.number(key, 1..=10_000).and_then(|n| u32::try_from(n).ok()).unwrap_or(usual);
        MailSettings {
            smtp: door("smtp", &self.args.smtp).unwrap_or(Some(loopback(2525))),
            lmtp: door("lmtp", &self.args.lmtp).unwrap_or(None),
            max_size: mail.number("max_size", MAX_SIZE_RANGE).unwrap_or(MAX_SIZE),
            trusted_peers: networks(mail, "trusted_peers"),
            envelope_header: mail.optional("envelope_header", values::header_name),
            authserv_id: mail.optional("authserv_id", values::host_name),
            hostname: mail.optional("hostname", values::host_name),
            tls: self.tls(mail),
            connections: count("connections", 200),
            connections_per_peer: count("connections_per_peer", 20),
            messages_per_peer: self.messages_per_peer(mail),
            dns: mail.optional("dns", |text| one_of(text, DNS)).unwrap_or(Dns::System),
        }
    }

    fn messages_per_peer(&self, mail: &Section<'_, '_>) -> NonZeroU32 {
        let number = mail.number("messages_per_peer", 1..=1_000_000).unwrap_or(MESSAGES_PER_PEER);
        u32::try_from(number).ok().and_then(NonZeroU32::new).expect("the range of the setting is within u32")
    }

    fn relay(&self, section: &Section<'_, '_>) -> Option<RelaySettings> {
        let flag = ("relay", given_secret(&self.args.relay));
        let password = match (self.variable)("FINGERPOST_RELAY_PASSWORD").filter(|text| !text.is_empty()) {
            Some(password) => Some(Secret::from(password)),
            None => self.password(section, "password_file"),
        };
        let found = setting(section, "url", flag, relay)??;
        if found.user.is_some() && password.is_none() && !section.has("password_file") {
            let fix = "Name a file that holds it in relay.password_file, or set FINGERPOST_RELAY_PASSWORD.";
            section.fault(&section.place("url"), Wrong::new("names a user and there is no password", fix));
        }
        // A relay of a flag stands in for the file's, whose password it need not want.
        if found.user.is_none() && section.has("password_file") && flag.1.is_none() {
            let fix = "Put the user into relay.url, like smtps://user@mail.example.org, or leave the password out.";
            section.fault(&section.place("password_file"), Wrong::new("relay.url names no user", fix));
        }
        let password = password.filter(|_| found.user.is_some());
        Some(RelaySettings { password, ..found })
    }
}

/// A value as the flag gives it, else as the file has it; the file's is checked in either case.
fn setting<T>(
    section: &Section<'_, '_>,
    key: &str,
    flag: Flag<'_>,
    parse: impl Fn(&str) -> Result<T, Wrong>,
) -> Option<T> {
    let from_file = section.optional(key, &parse);
    match flag.1 {
        Some(_) => from_flag(section, key, flag, parse),
        None => from_file,
    }
}

fn from_flag<T>(
    section: &Section<'_, '_>,
    key: &str,
    (flag, value): Flag<'_>,
    parse: impl Fn(&str) -> Result<T, Wrong>,
) -> Option<T> {
    let source = format!("--{flag} or FINGERPOST_{}", flag.to_uppercase().replace('-', "_"));
    parse(value?).map_err(|wrong| section.fault_elsewhere(&source, key, wrong)).ok()
}

fn networks(section: &Section<'_, '_>, key: &str) -> Vec<IpNet> {
    section.list(key, values::trusted_network).into_iter().map(|network| network.value).collect()
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Two doors on one port: the second could not open.
fn name_shared_doors(top: &Section<'_, '_>, settings: &Settings) {
    let doors = [
        ("web.http", Some(settings.web.http)),
        ("mail.smtp", settings.mail.smtp),
        ("mail.lmtp", settings.mail.lmtp),
        ("ops", settings.ops),
    ];
    let open: Vec<_> = doors.into_iter().filter_map(|(name, door)| Some((name, door?))).collect();
    for (index, (name, door)) in open.iter().enumerate() {
        if let Some((other, _)) = open[..index].iter().find(|(_, other)| is_shared(*door, *other)) {
            let wrong = Wrong::new(format!("{door} is where {other} listens too"), "Give one of the two another port.");
            top.fault_elsewhere("settings", name, wrong);
        }
    }
}

/// Port 0 is any free one; an unspecified address takes the port on all others.
fn is_shared(one: SocketAddr, other: SocketAddr) -> bool {
    let on_one_address = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && one.port() != 0 && on_one_address
}

mod files;
mod shown;
#[cfg(test)]
mod tests;
