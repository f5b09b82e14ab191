//! Whether a report goes out by itself, and to which projects; if not, why it waits for a member.

use std::fmt;

use jiff::SignedDuration;

use crate::domain::abuse::{DAY, LINKS_OF_A_STRANGER};
use crate::domain::directory::{AutoForward, Channel, ProjectId};
use crate::domain::echo::Round;
use crate::domain::noise::Noise;
use crate::domain::party::Shares;
use crate::domain::report::{Encryption, Reading};
use crate::flows::forward::first_contacts;
use crate::flows::intake::Message;
use crate::flows::{Step, echoes};
use crate::store::{StoreError, Tx};

/// The window of `routing.forwards_an_hour`.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Whether a report goes out by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// To these projects now.
    Forward(Vec<ProjectId>),
    /// A member decides.
    Wait(Waits),
}

/// Why a report waits for a member; each a sentence on the triage page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waits {
    Unreadable(String),
    Encrypted(Encryption),
    AutomaticMail,
    SwitchedOff,
    NotChosen,
    NoStrongMatch,
    /// A project is surely named, but the text reads like no report of a flaw.
    LooksLikeNoise(Noise),
    TooManyProjects(usize),
    ManyLinks,
    NotByMail {
        project: String,
        channel: Channel,
    },
    NoContact {
        project: String,
    },
    Identity(&'static str),
    SenderCap(u32),
    HourCap(u32),
    /// Machines seem to answer each other.
    GoesRound(Round),
}

impl Waits {
    /// One word for the record.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Encrypted(_) => "encrypted",
            Self::AutomaticMail => "automatic-mail",
            Self::SwitchedOff => "switched-off",
            Self::NotChosen => "not-chosen",
            Self::NoStrongMatch => "no-strong-match",
            Self::LooksLikeNoise(_) => "looks-like-noise",
            Self::TooManyProjects(_) => "too-many-projects",
            Self::ManyLinks => "many-links",
            Self::NotByMail { .. } => "not-by-mail",
            Self::NoContact { .. } => "no-contact",
            Self::Identity(_) => "identity",
            Self::SenderCap(_) => "sender-cap",
            Self::HourCap(_) => "hour-cap",
            Self::GoesRound(_) => "goes-round",
        }
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => {
                write!(f, "We could not read the mail: {why}. The original is kept as a download.")
            }
            Self::Encrypted(how) => write!(f, "It is encrypted ({}). A member opens the original.", how.word()),
            Self::AutomaticMail => f.write_str("A machine wrote it, so a member looks first."),
            Self::SwitchedOff => f.write_str("Forwarding by itself is switched off (routing.auto_forward)."),
            Self::NotChosen => {
                f.write_str("The reporter chose no project, and only a chosen one is forwarded by itself.")
            }
            Self::NoStrongMatch => f.write_str("No project matches strongly."),
            Self::LooksLikeNoise(noise) => {
                write!(f, "It names a project, but looks like {}. A member reads it first.", noise.label())
            }
            Self::TooManyProjects(count) => {
                write!(f, "{count} projects match strongly or were chosen, more than are forwarded to by themselves.")
            }
            Self::ManyLinks => {
                write!(f, "Nothing vouches for the sender, and there are more than {LINKS_OF_A_STRANGER} links.")
            }
            Self::NotByMail { project, channel } => {
                write!(f, "{project} takes reports through {}. A member takes it there.", channel.word())
            }
            Self::NoContact { project } => write!(f, "{project} has no contact to write to. A member finds one."),
            Self::Identity(where_it_stands) => write!(f, "The reporter's name is withheld, but {where_it_stands}."),
            Self::SenderCap(cap) => write!(f, "This sender had {cap} reports forwarded by themselves in a day."),
            Self::HourCap(cap) => write!(f, "{cap} reports were forwarded by themselves within an hour."),
            Self::GoesRound(round) => {
                write!(f, "Machines seem to answer each other: {round}. Nothing was sent because of this mail.")
            }
        }
    }
}

/// Decides whether the report in `message` goes out by itself (DESIGN.md 3.2).
pub async fn decide(tx: &mut Tx<'_>, step: &Step, message: &Message<'_>) -> Result<Decision, StoreError> {
    if let Some(round) = echoes::heard(tx, step, message).await? {
        return Ok(Decision::Wait(Waits::GoesRound(round)));
    }
    let projects = match by_the_text(step, message) {
        Ok(projects) => projects,
        Err(reason) => return Ok(Decision::Wait(reason)),
    };
    let routing = &step.policy.directory.routing;
    let sender = message.read.mail().and_then(|mail| mail.from.mailbox());
    let wanted = i64::try_from(projects.len()).unwrap_or(i64::MAX);
    let of_sender = match sender {
        Some(sender) => tx.automatic_forwards(Some(&sender.folded()), step.now - DAY).await?,
        None => tx.automatic_forwards_of_nobody(step.now - DAY).await?,
    };
    if of_sender + wanted > i64::from(routing.forwards_per_sender_a_day) {
        return Ok(Decision::Wait(Waits::SenderCap(routing.forwards_per_sender_a_day)));
    }
    let in_all = tx.automatic_forwards(None, step.now - HOUR).await?;
    if in_all + wanted > i64::from(routing.forwards_an_hour) {
        return Ok(Decision::Wait(Waits::HourCap(routing.forwards_an_hour)));
    }
    Ok(Decision::Forward(projects))
}

/// What can be decided without asking how much went out before.
fn by_the_text(step: &Step, message: &Message<'_>) -> Result<Vec<ProjectId>, Waits> {
    let directory = &step.policy.directory;
    let mail = match &message.read.reading {
        Reading::Mail(mail) => mail,
        Reading::Unreadable(why) => return Err(Waits::Unreadable(why.to_string())),
    };
    if let Some(encryption) = mail.encryption {
        return Err(Waits::Encrypted(encryption));
    }
    if directory.routing.auto_forward == AutoForward::Off {
        return Err(Waits::SwitchedOff);
    }
    if mail.automatic.is_some() {
        return Err(Waits::AutomaticMail);
    }
    let projects = chosen_or_strong(step, message)?;
    if projects.len() > directory.routing.projects_per_report as usize {
        return Err(Waits::TooManyProjects(projects.len()));
    }
    if !message.read.proof.is_proven() && links(&mail.text) > LINKS_OF_A_STRANGER {
        return Err(Waits::ManyLinks);
    }
    let is_withheld = message.read.form.as_ref().is_none_or(|form| form.shares != Shares::NameAndAddress);
    if let Some(where_it_stands) = message.read.uncuttable.filter(|_| is_withheld) {
        return Err(Waits::Identity(where_it_stands));
    }
    for project in projects.iter().filter_map(|id| directory.project(id)) {
        if project.channel != Channel::Mail {
            return Err(Waits::NotByMail { project: project.name.clone(), channel: project.channel });
        }
        if first_contacts(step, project).is_empty() {
            return Err(Waits::NoContact { project: project.name.clone() });
        }
    }
    Ok(projects)
}

/// Where the report belongs by what the reporter says, or else by what the text says.
fn chosen_or_strong(step: &Step, message: &Message<'_>) -> Result<Vec<ProjectId>, Waits> {
    let directory = &step.policy.directory;
    // One that has left the directory since is not there to be forwarded to.
    let chosen = message.read.chosen().iter().filter(|id| directory.project(id).is_some()).cloned();
    let chosen: Vec<ProjectId> = chosen.collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    if directory.routing.auto_forward == AutoForward::Chosen {
        return Err(Waits::NotChosen);
    }
    let strong: Vec<ProjectId> = message.read.judgement.strong().map(|strong| strong.project.clone()).collect();
    match &message.read.judgement.noise {
        _ if strong.is_empty() => Err(Waits::NoStrongMatch),
        Some(seems) => Err(Waits::LooksLikeNoise(seems.noise)),
        None => Ok(strong),
    }
}

fn links(text: &str) -> usize {
    text.matches("http://").count() + text.matches("https://").count()
}
