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
    use crate::domain::directory::{AutoForward, Foundation, Member, Project, ProjectId, Promise, Routing};

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
    }

    fn target(text: &str) -> BanTarget {
        BanTarget::parse(text).unwrap()
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hour * 3600).unwrap()
    }

    /// One member, and one project with a public address.
    fn directory() -> Directory {
        let mut project = Project::named(ProjectId::parse("lantern").unwrap(), "Lantern");
        project.public_address = Some(mailbox("security@lantern.example"));
        let week = SignedDuration::from_hours(168);
        Directory {
            foundation: Foundation {
                name: "Story Foundation".to_owned(),
                security_address: mailbox("security@story.example"),
                public_url: "https://security.story.example".to_owned(),
                hosts: Vec::new(),
                case_prefix: "SEC".to_owned(),
                out_of_scope: None,
            },
            promise: Promise { first_reply: week, acknowledge: week, ladder: Vec::new() },
            routing: Routing {
                auto_forward: AutoForward::Chosen,
                hold: SignedDuration::ZERO,
                projects_per_report: 3,
                forwards_per_sender_a_day: 5,
                forwards_an_hour: 30,
            },
            committee: vec![Member {
                name: "Ada".to_owned(),
                email: mailbox("ada@home.example"),
                role: MemberRole::Chair,
                term_start: None,
            }],
            board: vec![mailbox("board@story.example")],
            projects: vec![project],
        }
    }

    /// Was warned, and wrote again.
    fn persistent() -> History {
        let (warned_at, last_proven_at) = (Some(at(1)), Some(at(2)));
        History { proven_mails: 3, warned_at, last_proven_at, ..History::default() }
    }

    #[test]
    fn a_target_is_an_address_or_a_domain_and_nothing_else() {
        assert_eq!(target(" Sales@Spam.example "), BanTarget::Address(mailbox("sales@spam.example")));
        assert_eq!(target("@SPAM.example"), BanTarget::Domain("spam.example".to_owned()));
        assert_eq!(target("spam.example").folded(), "spam.example");
        for not in ["", "example", "192.0.2.0/24", "a b@c.example", "@", "*.example.org", "a@b@c.example x"] {
            assert_eq!(BanTarget::parse(not), None, "{not}");
        }
    }

    #[test]
    fn a_domain_means_its_own_mailboxes_and_none_of_a_subdomain() {
        let domain = target("spam.example");
        assert!(domain.means(&mailbox("a@SPAM.example")));
        assert!(!domain.means(&mailbox("a@x.spam.example")) && !domain.means(&mailbox("a@notspam.example")));
        assert!(target("a@spam.example").means(&mailbox("A@spam.example")));
        assert!(!target("a@spam.example").means(&mailbox("b@spam.example")));
    }

    #[test]
    fn only_a_proven_sender_who_is_none_of_ours_is_warned_and_once() {
        let sender = mailbox("sales@spam.example");
        let proven = History { proven_mails: 1, ..History::default() };
        assert_eq!(may_warn(&directory(), &sender, &proven), Ok(()));
        let forged = may_warn(&directory(), &sender, &History::default()).unwrap_err();
        assert_eq!(forged, NotWarned::Unproven(sender.clone()));
        let again = may_warn(&directory(), &sender, &persistent()).unwrap_err();
        assert!(matches!(again, NotWarned::Already(..)), "{again}");
        let on_a_case = History { is_on_a_case: true, ..proven };
        assert!(matches!(may_warn(&directory(), &sender, &on_a_case), Err(NotWarned::OneOfUs(_))));
        for ours in ["ada@home.example", "board@story.example", "security@lantern.example", "security@story.example"] {
            assert!(matches!(may_warn(&directory(), &mailbox(ours), &proven), Err(NotWarned::OneOfUs(_))), "{ours}");
        }
    }

    #[test]
    fn who_may_be_banned_by_whom() {
        use MemberRole::{Chair, Member, Secretary};
        let (address, domain) = ("sales@spam.example", "spam.example");
        let unwarned = History { warned_at: None, ..persistent() };
        let quiet = History { last_proven_at: Some(at(1)), ..persistent() };
        let banned = History { banned_until: Some(at(9)), ..persistent() };
        let contact = History { is_on_a_case: true, ..persistent() };
        let refused = |why: fn(BanTarget) -> NotBanned, whom: &str| Err(why(target(whom)));
        let table = [
            (address, Member, persistent(), Ok(())),
            (address, Secretary, persistent(), Ok(())),
            (domain, Chair, persistent(), Ok(())),
            (domain, Member, persistent(), Err(NotBanned::ChairOnly)),
            (domain, Secretary, persistent(), Err(NotBanned::ChairOnly)),
            (address, Chair, unwarned, refused(NotBanned::NotWarned, address)),
            (address, Chair, History::default(), refused(NotBanned::NotWarned, address)),
            (address, Chair, quiet, refused(NotBanned::NothingSince, address)),
            (address, Chair, banned, refused(NotBanned::Already, address)),
            (address, Chair, contact, refused(NotBanned::OneOfUs, address)),
            ("gmail.com", Chair, persistent(), refused(NotBanned::Shared, "gmail.com")),
            ("someone@gmail.com", Chair, persistent(), Ok(())),
            ("lantern.example", Chair, persistent(), refused(NotBanned::OneOfUs, "lantern.example")),
            ("security@lantern.example", Chair, persistent(), refused(NotBanned::OneOfUs, "security@lantern.example")),
            ("home.example", Chair, persistent(), refused(NotBanned::OneOfUs, "home.example")),
            ("story.example", Chair, persistent(), refused(NotBanned::OneOfUs, "story.example")),
        ];
        for (whom, role, history, expected) in table {
            assert_eq!(may_ban(&directory(), &target(whom), role, &history), expected, "{whom} by {role}");
        }
    }

    #[test]
    fn the_chair_or_two_members_carry_a_ban() {
        use MemberRole::{Chair, Member, Secretary};
        for (voters, carried) in [
            (vec![], false),
            (vec![Member], false),
            (vec![Secretary], false),
            (vec![Chair], true),
            (vec![Member, Secretary], true),
            (vec![Member, Member], true),
        ] {
            assert_eq!(is_carried(&voters), carried, "{voters:?}");
        }
    }
}
