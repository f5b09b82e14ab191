//! The settings in force with where each came from, for the page that shows them. No secret is among them.

use std::fmt::Display;
use std::net::SocketAddr;

use ipnet::IpNet;

use super::{Dns, Settings, Source, given, given_secret};
use crate::config::reader::Section;
use crate::config::relay::{RelaySettings, RelayTls};
use crate::domain::setting::{Origin, Setting};

/// The sections of the file that settings stand in.
pub(super) struct Sections<'s, 'd, 't> {
    pub top: &'s Section<'d, 't>,
    pub web: &'s Section<'d, 't>,
    pub mail: &'s Section<'d, 't>,
    pub relay: &'s Section<'d, 't>,
}

/// Gathers lines, asking of each key where it came from.
struct Lines<'s> {
    source: &'s Source<'s>,
    found: Vec<Setting>,
}

impl Lines<'_> {
    fn add(&mut self, key: &'static str, value: impl Display, origin: Origin) {
        self.found.push(Setting { key, value: value.to_string(), origin });
    }

    /// A key that only the file has. The last part of `key` is its name in `section`.
    fn of_file(&mut self, section: &Section<'_, '_>, key: &'static str, value: impl Display) {
        let origin = if section.has(last_part(key)) { Origin::File } else { Origin::Default };
        self.add(key, value, origin);
    }

    /// A key that a flag and its variable go before.
    fn of_flag(
        &mut self,
        section: &Section<'_, '_>,
        key: &'static str,
        (flag, given): (&'static str, Option<&str>),
        value: impl Display,
    ) {
        match given {
            Some(given) => self.add(key, value, self.source.given_by(flag, given)),
            None => self.of_file(section, key, value),
        }
    }
}

impl Source<'_> {
    /// What was given is the variable's where that says the same: clap tells a flag and its variable as one.
    fn given_by(&self, flag: &'static str, given: &str) -> Origin {
        let variable = format!("FINGERPOST_{}", flag.to_uppercase().replace('-', "_"));
        if (self.variable)(&variable).as_deref() == Some(given) {
            Origin::Variable(variable)
        } else {
            Origin::Flag(flag)
        }
    }

    /// All settings in the order of the file's sections.
    pub(super) fn shown(&self, sections: &Sections<'_, '_, '_>, settings: &Settings) -> Vec<Setting> {
        let mut lines = Lines { source: self, found: Vec::new() };
        self.show_top(sections.top, settings, &mut lines);
        self.show_web(sections.web, settings, &mut lines);
        self.show_mail(sections.mail, settings, &mut lines);
        self.show_relay(sections.relay, settings.relay.as_ref(), &mut lines);
        lines.found
    }

    fn show_top(&self, top: &Section<'_, '_>, settings: &Settings, lines: &mut Lines<'_>) {
        let args = self.args;
        let Settings { projects, database, key_file, spool, public_url, operator, ops, .. } = settings;
        lines.of_flag(top, "projects", ("projects", given(&args.projects)), projects.display());
        let database_url = ("database-url", given_secret(&args.database_url));
        lines.of_flag(top, "database_url", database_url, database.without_password());
        let is_there = |key| if top.has(key) { "set, not shown" } else { "not set" };
        lines.of_file(top, "database_password_file", is_there("database_password_file"));
        lines.of_flag(top, "key_file", ("key-file", given(&args.key_file)), key_file.display());
        lines.of_file(top, "spool", spool.display());
        let url = public_url.as_deref().unwrap_or("as in projects.toml");
        lines.of_flag(top, "public_url", ("public-url", given(&args.public_url)), url);
        lines.of_file(
            top,
            "operator",
            operator.as_ref().map_or("nobody: the chair is told", |mailbox| mailbox.as_str()),
        );
        lines.of_flag(top, "ops", ("ops", given(&args.ops)), door(*ops));
    }

    fn show_web(&self, web: &Section<'_, '_>, settings: &Settings, lines: &mut Lines<'_>) {
        lines.of_flag(web, "web.http", ("http", given(&self.args.http)), settings.web.http);
        lines.of_file(web, "web.trusted_proxies", networks(&settings.web.trusted_proxies));
    }

    fn show_mail(&self, section: &Section<'_, '_>, settings: &Settings, lines: &mut Lines<'_>) {
        let mail = &settings.mail;
        lines.of_flag(section, "mail.smtp", ("smtp", given(&self.args.smtp)), door(mail.smtp));
        lines.of_flag(section, "mail.lmtp", ("lmtp", given(&self.args.lmtp)), door(mail.lmtp));
        lines.of_file(section, "mail.max_size", format_args!("{} bytes", mail.max_size));
        lines.of_file(section, "mail.trusted_peers", networks(&mail.trusted_peers));
        lines.of_file(section, "mail.envelope_header", mail.envelope_header.as_deref().unwrap_or("none"));
        let authserv_id = mail.authserv_id.as_deref().unwrap_or("the domain of the security address");
        lines.of_file(section, "mail.authserv_id", authserv_id);
        lines.of_file(section, "mail.hostname", mail.hostname.as_deref().unwrap_or("the host of the pages"));
        let certificate =
            mail.tls.as_ref().map_or_else(|| "none".to_owned(), |tls| tls.certificate.display().to_string());
        lines.of_file(section, "mail.tls_certificate", certificate);
        let key = mail.tls.as_ref().map_or_else(|| "none".to_owned(), |tls| tls.key.display().to_string());
        lines.of_file(section, "mail.tls_key", key);
        lines.of_file(section, "mail.connections", mail.connections);
        lines.of_file(section, "mail.connections_per_peer", mail.connections_per_peer);
        lines.of_file(section, "mail.messages_per_peer", mail.messages_per_peer);
        let dns = match mail.dns {
            Dns::System => "system",
            Dns::Off => "off",
        };
        lines.of_file(section, "mail.dns", dns);
    }

    fn show_relay(&self, section: &Section<'_, '_>, relay: Option<&RelaySettings>, lines: &mut Lines<'_>) {
        let url = relay.map_or_else(|| "off: letters wait".to_owned(), url_of);
        lines.of_flag(section, "relay.url", ("relay", given_secret(&self.args.relay)), url);
        let origin = match (self.variable)("FINGERPOST_RELAY_PASSWORD").filter(|text| !text.is_empty()) {
            Some(_) => Origin::Variable("FINGERPOST_RELAY_PASSWORD".to_owned()),
            None if section.has("password_file") => Origin::File,
            None => Origin::Default,
        };
        let has_one = relay.is_some_and(|relay| relay.password.is_some());
        lines.add("relay.password", if has_one { "set, not shown" } else { "not set" }, origin);
    }
}

fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

fn door(address: Option<SocketAddr>) -> String {
    address.map_or_else(|| "off".to_owned(), |address| address.to_string())
}

fn networks(networks: &[IpNet]) -> String {
    let written: Vec<String> = networks.iter().map(IpNet::to_string).collect();
    if written.is_empty() { "none".to_owned() } else { written.join(", ") }
}

/// The relay as its setting names it; the password is elsewhere.
fn url_of(relay: &RelaySettings) -> String {
    let scheme = match relay.tls {
        RelayTls::None => "smtp+plain",
        RelayTls::Opportunistic => "smtp",
        RelayTls::Required => "smtp+starttls",
        RelayTls::Implicit => "smtps",
    };
    let user = relay.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
    format!("{scheme}://{user}{}:{}", relay.host, relay.port)
}
