//! Warnings and bans of senders: whom they may name, what must come before, who decides (DESIGN.md 3.6).

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::directory::{Directory, MemberRole};

/// How long a ban lasts (DESIGN.md 3.6).
pub const BAN_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// A warning older than this no longer leads to a ban, and a vote no longer counts.
pub const WARNING_LIFE: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Members who ban together; the chair bans alone.
pub const VOTES_TO_BAN: usize = 2;
/// What a banned sender may say against it.
pub const APPEALS_PER_BAN: i64 = 3;

/// Whom a ban names: one authenticated address, or by the chair one domain. Networks are limited, never banned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BanTarget {
    Address(Mailbox),
    /// In lower-case A-labels; its subdomains are not meant.
    Domain(String),
}

impl BanTarget {
    /// Reads `name@example.org`, or `example.org` or `@example.org` for the domain.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match Mailbox::parse(text) {
            Ok(mailbox) => Some(Self::Address(mailbox)),
            Err(_) => {
                let domain = text.strip_prefix('@').unwrap_or(text);
                let mailbox = Mailbox::parse(&format!("postmaster@{domain}")).ok()?;
                mailbox.domain().contains('.').then(|| Self::Domain(mailbox.domain().to_owned()))
            }
        }
    }

    /// The form to compare and to keep.
    pub fn folded(&self) -> String {
        match self {
            Self::Address(mailbox) => mailbox.folded(),
            Self::Domain(domain) => domain.clone(),
        }
    }

    /// The domain, or that of the address.
    pub fn domain(&self) -> &str {
        match self {
            Self::Address(mailbox) => mailbox.domain(),
            Self::Domain(domain) => domain,
        }
    }

    /// Whether mail of `sender` is meant.
    pub fn means(&self, sender: &Mailbox) -> bool {
        match self {
            Self::Address(mailbox) => mailbox == sender,
            Self::Domain(domain) => sender.domain() == domain,
        }
    }
}

impl fmt::Display for BanTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(mailbox) => write!(f, "{mailbox}"),
            Self::Domain(domain) => write!(f, "all of {domain}"),
        }
    }
}

/// Providers whose domain belongs to everybody: one sender there says nothing of the others.
const SHARED_DOMAINS: &[&str] = &[
    "126.com",
    "163.com",
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "outlook.com",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "tutanota.com",
    "web.de",
    "yahoo.com",
    "yandex.com",
    "yandex.ru",
    "zoho.com",
];

/// What the store knows of the sender that a member wants to warn or ban.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// Mails that aligned SPF or DKIM vouched for. Forged ones count for nothing.
    pub proven_mails: i64,
    /// The last warning within [`WARNING_LIFE`].
    pub warned_at: Option<Timestamp>,
    /// The last proven mail.
    pub last_proven_at: Option<Timestamp>,
    pub banned_until: Option<Timestamp>,
    /// A contact on a case that is not closed writes from there.
    pub is_on_a_case: bool,
}

/// Why a sender is not warned; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWarned {
    #[error("{0} is a contact or one of our own people, and is not warned.")]
    OneOfUs(Mailbox),
    #[error("No mail from {0} was proven to come from there. Whoever wrote it may have forged that address.")]
    Unproven(Mailbox),
    #[error("{0} was warned already, on {1}.")]
    Already(Mailbox, String),
}

/// Whether `sender` may be warned: only one who is proven to have written, for nobody is written to in another's name.
pub fn may_warn(directory: &Directory, sender: &Mailbox, history: &History) -> Result<(), NotWarned> {
    if is_one_of_us(directory, sender) || history.is_on_a_case {
        return Err(NotWarned::OneOfUs(sender.clone()));
    }
    if history.proven_mails == 0 {
        return Err(NotWarned::Unproven(sender.clone()));
    }
    match history.warned_at {
        Some(at) => Err(NotWarned::Already(sender.clone(), at.strftime("%F").to_string())),
        None => Ok(()),
    }
}

/// Why a sender is not banned; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotBanned {
    #[error("{0}: a contact of a project or one of our own people writes from there, so it is not banned.")]
    OneOfUs(BanTarget),
    #[error("{0} belongs to many people. Ban single addresses.")]
    Shared(BanTarget),
    #[error("Only the chair bans a domain.")]
    ChairOnly,
    #[error("{0} was not warned yet. A ban follows a warning.")]
    NotWarned(BanTarget),
    #[error("Nothing has come from {0} since the warning.")]
    NothingSince(BanTarget),
    #[error("Messages from {0} are paused already.")]
    Already(BanTarget),
    #[error("You have voted for this ban already. A second member decides.")]
    HasVoted,
}

/// Whether a member in `role` may vote to ban `target` (DESIGN.md 3.6).
pub fn may_ban(
    directory: &Directory,
    target: &BanTarget,
    role: MemberRole,
    history: &History,
) -> Result<(), NotBanned> {
    if has_one_of_us(directory, target) || history.is_on_a_case {
        return Err(NotBanned::OneOfUs(target.clone()));
    }
    if let BanTarget::Domain(domain) = target {
        if SHARED_DOMAINS.contains(&domain.as_str()) {
            return Err(NotBanned::Shared(target.clone()));
        }
        if role != MemberRole::Chair {
            return Err(NotBanned::ChairOnly);
        }
    }
    if history.banned_until.is_some() {
        return Err(NotBanned::Already(target.clone()));
    }
    let Some(warned_at) = history.warned_at else { return Err(NotBanned::NotWarned(target.clone())) };
    match history.last_proven_at {
        Some(last) if last > warned_at => Ok(()),
        _ => Err(NotBanned::NothingSince(target.clone())),
    }
}

/// Whether the votes of these members are enough: the chair's, or those of two.
pub fn is_carried(voters: &[MemberRole]) -> bool {
    voters.contains(&MemberRole::Chair) || voters.len() >= VOTES_TO_BAN
}

/// Whether `mailbox` is a contact of a project, one of the committee or the board, or ours.
pub fn is_one_of_us(directory: &Directory, mailbox: &Mailbox) -> bool {
    people(directory).any(|person| person == mailbox)
}

fn has_one_of_us(directory: &Directory, target: &BanTarget) -> bool {
    people(directory).any(|person| target.means(person))
}

fn people(directory: &Directory) -> impl Iterator<Item = &Mailbox> {
    let contacts = directory.projects.iter().flat_map(|project| project.contacts.iter().map(|contact| &contact.email));
    let public = directory.projects.iter().filter_map(|project| project.public_address.as_ref());
    let committee = directory.committee.iter().map(|member| &member.email);
    let board = directory.board.iter();
    contacts.chain(public).chain(committee).chain(board).chain([&directory.foundation.security_address])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::{Contact, DeliveryMode, Member, Project, ProjectId, tests::directory};

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
    }

    fn target(text: &str) -> BanTarget {
        BanTarget::parse(text).unwrap()
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hour * 3600).unwrap()
    }

    /// Was warned, and wrote again.
    fn persistent() -> History {
        let (warned_at, last_proven_at) = (Some(at(1)), Some(at(2)));
        History { proven_mails: 3, warned_at, last_proven_at, ..History::default() }
    }
}
