//! The SMTP and LMTP doors (RFC 5321, RFC 2033): strict about lines and limits, and no `250` before the mail is on disk.

mod command;
mod data;
mod limits;
mod line;
mod listener;
mod message;
mod say;
mod session;
mod tls;
mod trace;
mod wire;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;

use self::command::Recipient;
pub use self::limits::SmtpLimits;
pub use self::listener::serve;
pub use self::tls::{BadCertificate, TlsCertificate};
use crate::domain::address::Mailbox;

/// Which of the two a listener speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// From anybody, or from a front MTA.
    Smtp,
    /// From a front MTA; one answer for each recipient.
    Lmtp,
}

/// What the operator says about a listener.
#[derive(Debug)]
pub struct SmtpSettings {
    /// Our name in the greeting and in `Received` fields.
    pub hostname: String,
    /// The security address: `<postmaster>` is completed with its domain, and refusals name it.
    pub security: Mailbox,
    pub limits: SmtpLimits,
    /// Our own front MTAs: exempt from the limits per peer and from being cut for wrong recipients.
    pub trusted_peers: Vec<IpNet>,
    /// Where large messages wait until they are kept: an existing folder that only we may read.
    pub spool: PathBuf,
    /// Offered as STARTTLS if there is one.
    pub certificate: Option<Arc<TlsCertificate>>,
}

impl SmtpSettings {
    /// Whether `ip` is one of our own front MTAs.
    fn trusts(&self, ip: IpAddr) -> bool {
        self.trusted_peers.iter().any(|network| network.contains(&ip))
    }

    /// Whether this recipient, which is taken, is one of the addresses that we gave to somebody: all the others can be
    /// named by anybody.
    fn is_issued(&self, recipient: &Mailbox) -> bool {
        *recipient != self.security && *recipient != self.complete(Recipient::Postmaster)
    }

    /// The mailbox that a recipient stands for.
    fn complete(&self, recipient: Recipient) -> Mailbox {
        match recipient {
            Recipient::Mailbox(mailbox) => mailbox,
            Recipient::Postmaster => Mailbox::parse(&format!("postmaster@{}", self.security.domain()))
                .expect("the domain is that of a mailbox"),
        }
    }
}
