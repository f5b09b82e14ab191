//! The foundation as `projects.toml` has it: people, promises, projects and how to recognise them.

use std::fmt;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::domain::address::{Mailbox, OwnAddresses};

/// All of `projects.toml`, checked: every reference resolves and every address is one.
#[derive(Debug, Clone)]
pub struct Directory {
    pub foundation: Foundation,
    pub promise: Promise,
    pub routing: Routing,
    pub committee: Vec<Member>,
    pub board: Vec<Mailbox>,
    pub projects: Vec<Project>,
}

impl Directory {
    /// The project with this id, if the file has it.
    pub fn project(&self, id: &ProjectId) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == *id)
    }

    /// The member with this address, if the committee has one.
    pub fn member(&self, email: &Mailbox) -> Option<&Member> {
        self.committee.iter().find(|member| member.email == *email)
    }

    /// The addresses that are ours.
    pub fn own_addresses(&self) -> OwnAddresses {
        OwnAddresses::of(self.foundation.security_address.clone())
    }
}

/// `[foundation]`: who we are.
#[derive(Debug, Clone)]
pub struct Foundation {
    pub name: String,
    pub security_address: Mailbox,
    /// Where reporters and members reach the pages, without a slash at its end.
    pub public_url: String,
    pub hosts: Vec<String>,
    /// `SEC` in `SEC-2026-0042`: 1 to 10 capital letters or digits.
    pub case_prefix: String,
    /// What is no vulnerability here, in the foundation's own words.
    pub out_of_scope: Option<String>,
}

/// `[promise]`: the two promises that reach the board, in calendar time.
#[derive(Debug, Clone)]
pub struct Promise {
    /// From the arrival to the first human reply; at most 7 days.
    pub first_reply: SignedDuration,
    /// From the decision to forward to the project's acknowledgement, where the project has no shorter one.
    pub acknowledge: SignedDuration,
    pub ladder: Vec<LadderStep>,
}

/// `[[promise.ladder]]`: a step that replaces the usual ones of its clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LadderStep {
    pub clock: LadderClock,
    /// Counted from the start of the clock.
    pub at: SignedDuration,
    pub tell: Vec<Tell>,
}

/// Which promise a ladder step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LadderClock {
    FirstReply,
    Acknowledge,
}

/// Whom a ladder step tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tell {
    Owner,
    Chair,
    Committee,
    Contacts,
    Deputies,
    Board,
}

/// `[routing]`: what goes out by itself.
#[derive(Debug, Clone)]
pub struct Routing {
    pub auto_forward: AutoForward,
    /// How long forwards and a person's words wait in the outbox, where "Stop sending" withdraws them.
    pub hold: SignedDuration,
    /// Projects that one report may be forwarded to by itself.
    pub projects_per_report: u32,
    /// Automatic forwards for one sender in a day.
    pub forwards_per_sender_a_day: u32,
    /// Automatic forwards in an hour, in all.
    pub forwards_an_hour: u32,
}

/// `routing.auto_forward`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AutoForward {
    /// A strong match goes out by itself.
    Strong,
    /// Only where the reporter picked the project.
    Chosen,
    /// A member decides each.
    Off,
}

/// One of the committee.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: String,
    pub email: Mailbox,
    pub role: MemberRole,
    pub term_start: Option<Date>,
}

/// What a member may do beyond reading and routing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberRole {
    Chair,
    Secretary,
    Member,
}

impl fmt::Display for MemberRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chair => "chair",
            Self::Secretary => "secretary",
            Self::Member => "member",
        })
    }
}

/// The `id` of a project in the file: lower-case letters, digits, `-`, `_` and `.`, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ProjectId(String);

impl ProjectId {
    /// Reads an id; `None` if it has other letters than those above or none.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
        ((1..=64).contains(&text.len()) && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `[[project]]`: a project of the foundation. Only `id` and `name` are required in the file.
#[derive(Debug, Clone)]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    pub summary: Option<String>,
    pub homepage: Option<String>,
    pub repositories: Vec<String>,
    /// Package URLs, `pkg:pypi/matplotlib`.
    pub packages: Vec<String>,
    /// Names that people use for it.
    pub aliases: Vec<String>,
    /// Module, namespace or path prefixes.
    pub imports: Vec<String>,
    pub domains: Vec<String>,
    /// Numbers of its published vulnerabilities: `CVE-2026-1234`, `GHSA-…`.
    pub advisories: Vec<String>,
    pub policy: Option<String>,
    pub out_of_scope: Option<String>,
    pub channel: Channel,
    pub channel_url: Option<String>,
    pub public_address: Option<Mailbox>,
    /// A shorter promise of acknowledgement than the foundation's.
    pub target: Option<SignedDuration>,
    pub contacts: Vec<Contact>,
    /// When one of its contacts last showed that somebody is there; not in the file.
    pub confirmed_at: Option<Timestamp>,
}

impl Project {
    /// A project of which the file says no more than its id and name.
    pub fn named(id: ProjectId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            summary: None,
            homepage: None,
            repositories: Vec::new(),
            packages: Vec::new(),
            aliases: Vec::new(),
            imports: Vec::new(),
            domains: Vec::new(),
            advisories: Vec::new(),
            policy: None,
            out_of_scope: None,
            channel: Channel::Mail,
            channel_url: None,
            public_address: None,
            target: None,
            contacts: Vec::new(),
            confirmed_at: None,
        }
    }
}

/// How a project takes reports; all but mail are handed over by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Mail,
    Github,
    Tidelift,
    Hackerone,
    Tracker,
    None,
}

impl Channel {
    pub const ALL: [Self; 6] = [Self::Mail, Self::Github, Self::Tidelift, Self::Hackerone, Self::Tracker, Self::None];

    /// The name that stands in rows and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Github => "GitHub",
            Self::Tidelift => "Tidelift",
            Self::Hackerone => "HackerOne",
            Self::Tracker => "its tracker",
            Self::None => "no channel of its own",
        }
    }
}

/// An address that a project named for security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub name: Option<String>,
    pub email: Mailbox,
    pub delivery: DeliveryMode,
    /// A list or shared mailbox: a reply from any of its readers counts as the contact's.
    pub is_list: bool,
    /// Joins only when the others bounce, are away or stay silent.
    pub is_deputy: bool,
    /// Days away, both ends included.
    pub away: Vec<Absence>,
    /// Working hours, `09:00-17:00`, for reminders only.
    pub hours: Option<String>,
    pub zone: Option<TimeZone>,
    pub key: Option<String>,
}

/// An absence from the first to the last day, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    pub first: Date,
    pub last: Date,
}

/// How much of a report a contact's mail carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryMode {
    /// The text in the body, attachments as links.
    Full,
    /// Neither: a link alone.
    Link,
    /// Sent as `link` until OpenPGP is built.
    Encrypted,
}

impl DeliveryMode {
    const ALL: [Self; 3] = [Self::Full, Self::Link, Self::Encrypted];

    /// The word that stands in the file, in rows and in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Link => "link",
            Self::Encrypted => "encrypted",
        }
    }

    /// The mode of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.word() == word)
    }
}
