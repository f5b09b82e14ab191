//! The relay that letters go out through, written as one URL.

use url::Url;

use crate::config::secret::Secret;
use crate::config::values::Wrong;

/// Where letters are handed to, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelaySettings {
    /// A name or a bare IP address.
    pub host: String,
    pub port: u16,
    pub tls: RelayTls,
    /// With a user there is always a password.
    pub user: Option<String>,
    pub password: Option<Secret>,
}

/// When the connection to the relay is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayTls {
    /// `smtp+plain://`: never, not even if STARTTLS is offered; for a relay on the same machine.
    None,
    /// `smtp://`: if STARTTLS is offered. No password is sent this way.
    Opportunistic,
    /// `smtp+starttls://`: STARTTLS, or nothing is sent.
    Required,
    /// `smtps://`: from the first byte (RFC 8314 section 3.3).
    Implicit,
}

/// The schemes with their usual ports (RFC 5321, RFC 6409, RFC 8314).
const SCHEMES: [(&str, RelayTls, u16); 4] = [
    ("smtp+plain", RelayTls::None, 25),
    ("smtp", RelayTls::Opportunistic, 25),
    ("smtp+starttls", RelayTls::Required, 587),
    ("smtps", RelayTls::Implicit, 465),
];

const SHAPE: &str =
    "Write it like smtp://localhost:25, smtp+starttls://user@mail.example.org or smtps://user@mail.example.org.";

/// Reads the relay's URL; `off` is none. The text is not shown in what is wrong with it: it may hold a password.
pub(super) fn relay(text: &str) -> Result<Option<RelaySettings>, Wrong> {
    let text = text.trim();
    if text == "off" {
        return Ok(None);
    }
    let url = Url::parse(text).map_err(|_| Wrong::new("is not the URL of a relay", SHAPE))?;
    let Some((_, tls, port)) = SCHEMES.into_iter().find(|(scheme, ..)| *scheme == url.scheme()) else {
        return Err(Wrong::new(format!("has the unknown scheme `{}`", url.scheme()), SHAPE));
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if host.is_empty() || !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(Wrong::new("is not the URL of a relay", SHAPE));
    }
    if url.password().is_some() {
        let fix =
            "Take it out, and name a file that holds it in relay.password_file, or set FINGERPOST_RELAY_PASSWORD.";
        return Err(Wrong::new("has a password in it", fix));
    }
    let user = user(&url);
    if user.is_some() && matches!(tls, RelayTls::None | RelayTls::Opportunistic) {
        let fix = "Begin the URL with smtp+starttls:// or smtps://.";
        return Err(Wrong::new("names a user, whose password could be read on the way", fix));
    }
    Ok(Some(RelaySettings { host: host.to_owned(), port: url.port().unwrap_or(port), tls, user, password: None }))
}

/// The user, percent-decoded, so that it may be an address: `smtps://name@example.org@mail.example.org`.
fn user(url: &Url) -> Option<String> {
    // The decoder is that of forms, in which these two mean something else.
    let text = url.username().replace('+', "%2B").replace('&', "%26");
    url::form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned())
}
