//! Forwarding: what goes out by itself, to whom, with what withheld, and how it is stopped.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::abuse::{DAY, LINKS_OF_A_STRANGER};
use crate::domain::address::Purpose;
use crate::domain::case::{Actor, CaseRef, CaseState, EventKind};
use crate::domain::clock::{ClockEnd, ClockKind};
use crate::domain::directory::{AutoForward, Channel, Contact, Project, ProjectId};
use crate::domain::echo::Round;
use crate::domain::handling::HandlingState;
use crate::domain::id::{ArrivalId, CaseId, HandlingId, PartyId};
use crate::domain::letter::LetterKind;
use crate::domain::noise::Noise;
use crate::domain::party::{Party, PartyRole, Shares};
use crate::domain::report::{Attachment, Encryption, Reading};
use crate::flows::clocks::NewClock;
use crate::flows::intake::Message;
use crate::flows::writing::{self, record};
use crate::flows::{House, Step, clocks, crossing, echoes, opening, sharing};
use crate::mail::write::letters::forward::{AttachedFile, Forward, ReportText, forward};
use crate::mail::write::withhold::without_private;
use crate::store::{HandlingRow, LetterFacts, ReportRow, StoreError, Tx};

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

/// Who is written to at once: all but the deputies, who join when somebody is away (DESIGN.md 3.2).
pub fn first_contacts<'p>(step: &Step, project: &'p Project) -> Vec<&'p Contact> {
    let somebody_is_away = project.contacts.iter().any(|contact| !contact.is_deputy && is_away(step, contact));
    project.contacts.iter().filter(|contact| !contact.is_deputy || somebody_is_away).collect()
}

/// Whether this is one of the contact's days away, where it lives.
pub fn is_away(step: &Step, contact: &Contact) -> bool {
    let zone = contact.zone.clone().unwrap_or(TimeZone::UTC);
    let today = step.now.to_zoned(zone).date();
    contact.away.iter().any(|absence| (absence.first..=absence.last).contains(&today))
}

/// Gives the case to `project`: handling, parties, letters and the project's clock, which runs from this decision.
pub async fn hand_over(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    project: &ProjectId,
    actor: Actor,
) -> Result<HandlingId, StoreError> {
    let project = step.policy.directory.project(project).expect("the caller took the id from this directory");
    let handling = HandlingId::new(step.now, house.chance());
    tx.insert_handling(&HandlingRow {
        id: handling.clone(),
        case: case.clone(),
        project: project.id.clone(),
        state: HandlingState::Sent,
        channel: project.channel.word().to_owned(),
        decided_at: step.now,
        decided_by: actor.word(),
        acknowledged_at: None,
        acknowledged_by: None,
        acknowledged_how: None,
        withdrawn_at: None,
        handed_over_at: None,
        handed_over_by: None,
        handed_over_how: None,
        closed_at: None,
        closed_by: None,
    })
    .await?;
    let (kind, target) = (ClockKind::Acknowledge, target(step, project));
    let promise = NewClock { case, handling: Some(&handling), kind, started_at: step.now, target };
    let clock = clocks::start(tx, house, step, promise).await?;
    record(tx, step, case, EventKind::ForwardDecided, actor, project.id.as_str()).await?;
    crossing::adopt_additions(tx, house, step, case, &handling).await?;
    let part = Part { case, handling: &handling, project, confirm_by: Some(clock.due_at) };
    for contact in first_contacts(step, project) {
        write_to(tx, house, step, &part, contact).await?;
    }
    Ok(handling)
}

/// By when a project is asked to confirm: its own promise, or the foundation's.
pub fn target(step: &Step, project: &Project) -> SignedDuration {
    project.target.unwrap_or(step.policy.directory.promise.acknowledge)
}

/// One project's part of a case, while letters about it are written.
pub struct Part<'a> {
    pub case: &'a CaseId,
    pub handling: &'a HandlingId,
    pub project: &'a Project,
    /// By when the project is asked to confirm; `None` once it has.
    pub confirm_by: Option<Timestamp>,
}

/// Makes `contact` a party of the handling and writes its forward.
pub async fn write_to(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    part: &Part<'_>,
    contact: &Contact,
) -> Result<(), StoreError> {
    let party = Party {
        id: PartyId::new(step.now, house.chance()),
        case: part.case.clone(),
        role: PartyRole::Contact(part.handling.clone()),
        mailbox: Some(contact.email.clone()),
        name: contact.name.clone(),
        is_list: contact.is_list,
        shares: Shares::Nothing,
        generation: 0,
    };
    tx.insert_party(&party, step.now).await?;
    let purposes = [Purpose::PartyAddress, Purpose::SecondAddress, Purpose::ActionLink];
    opening::issue(tx, house, &party, &purposes).await?;

    let number = case_number(tx, part.case).await?;
    let content = content_of(tx, part.case).await?;
    let action = house.action_url(&party);
    let links = file_links(&action, &content.files);
    let own = step.own_addresses();
    let parties = tx.parties_of(part.case).await?;
    let words = forward(&Forward {
        case: &number,
        project: &part.project.name,
        org: &step.policy.directory.foundation.name,
        confirm_by: part.confirm_by,
        action_link: &action,
        party_address: &own.with(&house.party_token(&party)),
        second_address: &own.with(&house.second_token(&party)),
        reporter: sharing::seen(&parties),
        sender_is_proven: content.is_proven,
        delivery: contact.delivery,
        report: content.text.as_report_text(),
        attachments: &attached(&content.files, &links),
    });
    writing::to_party(tx, house, step, (part.case, &number), &party, (LetterKind::Forward, &words, None)).await?;
    crossing::repeat_additions(tx, house, step, part.case, &party).await
}

/// The links of attached files, in their order.
pub fn file_links(action: &str, files: &[(ArrivalId, Attachment)]) -> Vec<String> {
    files.iter().map(|(arrival, file)| file_link(action, arrival, file.part)).collect()
}

/// Attached files as letters list them.
pub fn attached<'a>(files: &'a [(ArrivalId, Attachment)], links: &'a [String]) -> Vec<AttachedFile<'a>> {
    let file = |((_, file), link): (&'a (ArrivalId, Attachment), &'a String)| AttachedFile {
        name: &file.name,
        size: file.size,
        sha256: file.sha256,
        link,
    };
    files.iter().zip(links).map(file).collect()
}

async fn case_number(tx: &mut Tx<'_>, case: &CaseId) -> Result<CaseRef, StoreError> {
    let row = tx.case_for_update(case).await?;
    row.map(|row| row.number).ok_or_else(|| StoreError::Corrupt(format!("case {case} is gone while it is worked on")))
}

/// Where a contact downloads an attached file.
pub fn file_link(action: &str, arrival: &ArrivalId, part: usize) -> String {
    format!("{action}/attachments/{arrival}/{part}")
}

/// What a project may see of a case: the report's text without its reporter, and the attached files.
pub struct Content {
    pub text: ContentText,
    pub files: Vec<(ArrivalId, Attachment)>,
    /// SPF or DKIM vouches for every sender.
    pub is_proven: bool,
}

/// The text of a forward, or why there is none.
pub enum ContentText {
    Text(String),
    Unreadable(String),
}

impl ContentText {
    fn as_report_text(&self) -> ReportText<'_> {
        match self {
            Self::Text(text) => ReportText::Text(text),
            Self::Unreadable(why) => ReportText::Unreadable(why),
        }
    }
}

async fn content_of(tx: &mut Tx<'_>, case: &CaseId) -> Result<Content, StoreError> {
    let reports = tx.reports_of(case).await?;
    let mut files = Vec::new();
    for report in &reports {
        let attached = tx.attachments_of(&report.arrival).await?;
        files.extend(attached.into_iter().map(|file| (report.arrival.clone(), file)));
    }
    Ok(content(&reports, files, &tx.parties_of(case).await?))
}

/// What a project may see of these reports, their reporters' identities withheld where they did not consent.
pub fn content(reports: &[ReportRow], files: Vec<(ArrivalId, Attachment)>, parties: &[Party]) -> Content {
    // One that nobody vouches for is not to pass under the proof of another.
    let is_proven = !reports.is_empty() && reports.iter().all(|report| report.proven);
    let allows = |report: &ReportRow| {
        parties.iter().any(|party| party.id == report.party && party.shares == Shares::NameAndAddress)
    };
    let text = match reports.iter().map(|report| shown_text(report, allows(report))).collect::<Result<Vec<_>, _>>() {
        Ok(texts) => ContentText::Text(texts.join("\n\n")),
        Err(why) => ContentText::Unreadable(why),
    };
    Content { text, files, is_proven }
}

fn shown_text(report: &ReportRow, with_consent: bool) -> Result<String, String> {
    if let Some(why) = &report.unreadable {
        return Err(format!("the original could not be read: {why}"));
    }
    if let Some(encryption) = report.encryption {
        return Err(format!("it is encrypted ({})", encryption.word()));
    }
    if with_consent {
        return Ok(without_private(&format!("Subject: {}\n\n{}", report.subject, report.body)));
    }
    Ok(report.shared.clone())
}

/// What "Stop sending" came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    pub letters: usize,
    pub already_gone: usize,
}

/// Withdraws the letters of a handling that still wait. If none had left, the project never had the case:
/// its clock ends and the case is back in triage.
pub async fn stop(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    handling: &HandlingRow,
    actor: Actor,
) -> Result<Stopped, StoreError> {
    let letters = tx.letters_of_handling(&handling.id).await?;
    let mut stopped = Stopped { letters: 0, already_gone: 0 };
    let mut without_forward = Vec::new();
    for letter in letters.iter().filter(|letter| letter.kind == LetterKind::Forward) {
        if tx.withdraw_letter(&letter.id, step.now).await? {
            stopped.letters += 1;
            without_forward.push(&letter.party);
            record(tx, step, &handling.case, EventKind::LetterWithdrawn, actor.clone(), letter.id.as_str()).await?;
        } else if letter.withdrawn_at.is_none() {
            stopped.already_gone += 1;
        }
    }
    // What follows a forward does not leave without it.
    let follows = |letter: &&LetterFacts| {
        letter.kind.is_held_back() && letter.kind != LetterKind::Forward && without_forward.contains(&&letter.party)
    };
    for letter in letters.iter().filter(follows) {
        if tx.withdraw_letter(&letter.id, step.now).await? {
            record(tx, step, &handling.case, EventKind::LetterWithdrawn, actor.clone(), letter.id.as_str()).await?;
        }
    }
    let nobody_has_it = stopped.already_gone == 0 && stopped.letters > 0;
    if nobody_has_it && tx.withdraw_handling(&handling.id, step.now).await? {
        clocks::acknowledge_ends(tx, step, &handling.case, &handling.id, ClockEnd::Withdrawn).await?;
        tx.raise_knowledge_version().await?; // a correction that was taken back teaches nothing
        let because = match actor {
            Actor::Party(_) => "The reporter withdrew the report before it was forwarded.",
            _ => "A member stopped the forward.",
        };
        back_to_triage(tx, house, step, &handling.case, because).await?;
    }
    Ok(stopped)
}

/// Once no project has the case any more, it waits for a member again, and the follow-up runs.
pub async fn back_to_triage(
    tx: &mut Tx<'_>,
    house: &House,
    step: &Step,
    case: &CaseId,
    because: &str,
) -> Result<(), StoreError> {
    let is_open = |row: &HandlingRow| row.state.is_open();
    if tx.handlings_of(case).await?.iter().any(is_open) {
        return Ok(());
    }
    tx.set_case_state(case, CaseState::Triage, Some(because)).await?;
    clocks::triage_begins(tx, house, step, case, step.now).await
}
