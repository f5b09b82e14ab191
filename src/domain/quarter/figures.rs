//! The figures of a quarter, from its facts: how the two promises were kept, and how the directory and the mail did.
//!
//! A promise belongs to the quarter in which it started and is judged as it stands when the figures are made. One that
//! was still open when its own quarter was reported is told again, by its outcome, in the next: none is lost between two.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{CaseRef, Closing};
use crate::domain::clock::{Clock, ClockEnd, ClockKind, ClockState, promised};
use crate::domain::contact::{Health, Standing};
use crate::domain::directory::{Channel, Directory, ProjectId};
use crate::domain::noise::Noise;
use crate::domain::quarter::Quarter;

/// How many quarters the comparison shows, this one among them.
pub const COMPARED: usize = 8;

/// Reports that arrived in the period, of one kind and course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What it looks like; `None` is a report.
    pub noise: Option<Noise>,
    pub closed_as: Option<Closing>,
    pub has_project: bool,
    pub count: i64,
}

/// One promise, with the project that gave it; `None` is the committee's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    pub project: Option<ProjectId>,
    pub clock: Clock,
}

/// The board was told of a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalated {
    pub case: CaseRef,
    pub at: Timestamp,
    /// `None` is the committee's own promise.
    pub project: Option<ProjectId>,
    /// How the promise stands now.
    pub clock: Clock,
}

/// What came that nobody wants, and what was done about its senders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Unwanted {
    pub quarantined: i64,
    /// Of mail in quarantine, what members took out as reports.
    pub released: i64,
    pub warnings: i64,
    pub bans: i64,
    pub lifted: i64,
    pub appeals: i64,
    /// Bans in force when the figures were made.
    pub in_force: i64,
}

/// All that is known of a period, before it is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    pub received: Vec<Received>,
    /// Promises that started in the period.
    pub promises: Vec<Promised>,
    /// Promises of earlier quarters that were open when the last report was frozen.
    pub carried: Vec<Promised>,
    pub escalated: Vec<Escalated>,
    pub contacts: Vec<(ProjectId, Health)>,
    pub unwanted: Unwanted,
}

/// How promises of one kind were kept. Times are running time: a pause is not in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Kept {
    pub in_time: u32,
    pub late: u32,
    /// The committee answered in the project's place.
    pub not_kept: u32,
    /// Ran out and still waits.
    pub overdue: u32,
    /// Still runs, within its time.
    pub open: u32,
    /// There was nothing to keep: closed as no report, stopped before it left.
    pub void: u32,
    /// Of those that were kept, in time or late.
    pub median_seconds: Option<i64>,
    /// Of all that count and do not run within their time any more.
    pub slowest_seconds: Option<i64>,
    /// The slowest still waits.
    pub slowest_waits: bool,
    /// How many stood still for a while.
    pub paused: u32,
    pub paused_seconds: i64,
}

impl Kept {
    /// Counts the promises as they stand at `now`.
    pub fn of<'c>(clocks: impl IntoIterator<Item = &'c Clock>, now: Timestamp) -> Self {
        let (mut kept, mut lengths) = (Self::default(), Vec::new());
        for clock in clocks {
            let (ran, stood_still) = lived(clock, now);
            let state = clock.state(now);
            match state {
                ClockState::Met => kept.in_time += 1,
                ClockState::MetLate => kept.late += 1,
                ClockState::Breached => kept.not_kept += 1,
                ClockState::Overdue { .. } => kept.overdue += 1,
                ClockState::OnTrack { .. } | ClockState::DueSoon { .. } | ClockState::Paused { .. } => kept.open += 1,
                ClockState::DoesNotCount => kept.void += 1,
            }
            if stood_still.is_positive() && state != ClockState::DoesNotCount {
                kept.paused += 1;
                kept.paused_seconds += stood_still.as_secs();
            }
            if matches!(state, ClockState::Met | ClockState::MetLate) {
                lengths.push(ran.as_secs());
            }
            let is_over = matches!(state, ClockState::Met | ClockState::MetLate | ClockState::Breached);
            let waits = matches!(state, ClockState::Overdue { .. });
            if (is_over || waits) && kept.slowest_seconds.is_none_or(|slowest| ran.as_secs() > slowest) {
                (kept.slowest_seconds, kept.slowest_waits) = (Some(ran.as_secs()), waits);
            }
        }
        kept.median_seconds = median(lengths);
        kept
    }

    /// Late, given up or still waiting after its time.
    pub fn missed(&self) -> u32 {
        self.late + self.not_kept + self.overdue
    }

    /// All whose outcome is known, though some still wait for their answer.
    pub fn decided(&self) -> u32 {
        self.in_time + self.missed()
    }

    /// Kept in time, of 100 that are decided. Rounded down: one that was late in 1,000 is no 100 %.
    pub fn share(&self) -> Option<u32> {
        (self.in_time * 100).checked_div(self.decided())
    }
}

/// How long a clock has run until it stopped or until `now`, and how long it stood still.
fn lived(clock: &Clock, now: Timestamp) -> (SignedDuration, SignedDuration) {
    let end = clock.stopped_at.unwrap_or(now);
    let last = clock.pause.as_ref().map_or(SignedDuration::ZERO, |pause| {
        end.min(pause.until).duration_since(pause.since).max(SignedDuration::ZERO)
    });
    let stood_still = clock.paused + last;
    ((end.duration_since(clock.started_at) - stood_still).max(SignedDuration::ZERO), stood_still)
}

fn median(mut lengths: Vec<i64>) -> Option<i64> {
    lengths.sort_unstable();
    let middle = lengths.len() / 2;
    match lengths.len() {
        0 => None,
        count if count % 2 == 1 => Some(lengths[middle]),
        _ => Some(i64::midpoint(lengths[middle - 1], lengths[middle])),
    }
}

/// One kind of what arrived.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KindFigure {
    /// In words, as pages and files show it.
    pub kind: String,
    pub count: i64,
}

/// What one project had to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProjectFigure {
    pub id: ProjectId,
    pub name: String,
    /// Reports that were forwarded to it, but for forwards that were stopped before they left.
    pub forwarded: u32,
    pub acknowledged: Kept,
    pub escalated: u32,
}

/// A promise of which the board was told.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EscalationFigure {
    pub case: String,
    pub at: Timestamp,
    /// The project's name; `None` is the committee.
    pub project: Option<String>,
    /// When it was kept after all.
    pub kept_at: Option<Timestamp>,
    /// It still waits.
    pub waits: bool,
}

/// How sure we are that the contacts are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ContactFigures {
    pub confirmed: u32,
    /// Named in the file, never proven.
    pub listed: u32,
    /// Two questions were not answered.
    pub unconfirmed: u32,
    /// Letters came back, or the domain takes no mail.
    pub unreachable: u32,
    pub projects: u32,
    /// Projects that take reports by mail and have no contact of whom an answer can be expected.
    pub without_contact: Vec<String>,
}

/// One quarter in the comparison.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Compared {
    pub quarter: Quarter,
    pub received: i64,
    pub first_reply: Kept,
    pub acknowledge: Kept,
    pub escalated: usize,
}

/// All of a quarter's report but its texts. Frozen, it is kept as JSON.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Figures {
    pub quarter: Quarter,
    /// When they were made: what was open then is open here.
    pub as_of: Timestamp,
    /// How long the first promise is.
    pub first_reply_seconds: i64,
    pub received: i64,
    pub kinds: Vec<KindFigure>,
    /// Reports of the quarter that went to no project.
    pub without_project: i64,
    pub first_reply: Kept,
    pub acknowledge: Kept,
    pub carried_first_reply: Kept,
    pub carried_acknowledge: Kept,
    pub projects: Vec<ProjectFigure>,
    pub escalations: Vec<EscalationFigure>,
    pub contacts: ContactFigures,
    pub unwanted: Unwanted,
    /// The oldest first, this quarter last.
    pub compared: Vec<Compared>,
    /// The head of the record when they were made: whoever keeps this report can tell that nothing was changed since.
    pub record: Option<String>,
}

impl Figures {
    /// Counts the facts of `quarter` as they stand at `now`; `before` are the quarters to compare it with.
    pub fn of(quarter: Quarter, facts: &Facts, directory: &Directory, before: Vec<Compared>, now: Timestamp) -> Self {
        let kept = |promises: &[Promised], kind| Kept::of(clocks(promises, kind), now);
        let mut figures = Self {
            quarter,
            as_of: now,
            first_reply_seconds: directory.promise.first_reply.as_secs(),
            received: facts.received.iter().map(|row| row.count).sum(),
            kinds: kinds(&facts.received),
            without_project: facts.received.iter().filter(|row| !row.has_project).map(|row| row.count).sum(),
            first_reply: kept(&facts.promises, ClockKind::FirstReply),
            acknowledge: kept(&facts.promises, ClockKind::Acknowledge),
            carried_first_reply: kept(&facts.carried, ClockKind::FirstReply),
            carried_acknowledge: kept(&facts.carried, ClockKind::Acknowledge),
            projects: projects(facts, directory, now),
            escalations: escalations(facts, directory, now),
            contacts: contacts(&facts.contacts, directory, now),
            unwanted: facts.unwanted,
            compared: before,
            record: None,
        };
        figures.compared.push(figures.in_comparison());
        figures
    }

    /// The quarter as others show it beside theirs.
    pub fn in_comparison(&self) -> Compared {
        Compared {
            quarter: self.quarter,
            received: self.received,
            first_reply: self.first_reply,
            acknowledge: self.acknowledge,
            escalated: self.escalations.len(),
        }
    }

    /// `31 reports, 29 answered within 7 days, 2 late, 1 escalated.`
    pub fn headline(&self) -> String {
        let reports = if self.received == 1 { "1 report".to_owned() } else { format!("{} reports", self.received) };
        let promise = SignedDuration::from_secs(self.first_reply_seconds);
        let mut words = format!(
            "{reports}, {} answered within {}, {} late, {} escalated",
            self.first_reply.in_time,
            promised(promise),
            self.first_reply.missed(),
            self.escalations.len(),
        );
        if self.first_reply.open > 0 {
            words += &format!(", {} still within the time", self.first_reply.open);
        }
        words + "."
    }
}

fn clocks(promises: &[Promised], kind: ClockKind) -> impl Iterator<Item = &Clock> {
    promises.iter().map(|promise| &promise.clock).filter(move |clock| clock.kind == kind)
}

/// What a member said when closing counts before what it looked like.
fn kind(row: &Received) -> &'static str {
    match (row.closed_as, row.noise) {
        (Some(Closing::Spam), _) => "Spam",
        (_, Some(noise)) => noise.short(),
        (Some(Closing::NotSecurity), None) => "Not a security problem",
        (Some(Closing::NotOurs), None) => Noise::ThirdParty.short(),
        _ => "Report of a flaw",
    }
}

/// The most frequent first.
fn kinds(received: &[Received]) -> Vec<KindFigure> {
    let mut found: Vec<KindFigure> = Vec::new();
    for row in received {
        let kind = kind(row);
        match found.iter_mut().find(|figure| figure.kind == kind) {
            Some(figure) => figure.count += row.count,
            None => found.push(KindFigure { kind: kind.to_owned(), count: row.count }),
        }
    }
    found.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.kind.cmp(&other.kind)));
    found
}

fn name(directory: &Directory, project: &ProjectId) -> String {
    directory.project(project).map_or_else(|| project.to_string(), |known| known.name.clone())
}

/// Projects with something to tell, those with the most reports first.
fn projects(facts: &Facts, directory: &Directory, now: Timestamp) -> Vec<ProjectFigure> {
    let of_promises = facts.promises.iter().filter_map(|promise| promise.project.as_ref());
    let of_escalations = facts.escalated.iter().filter_map(|escalated| escalated.project.as_ref());
    let ids: BTreeSet<&ProjectId> = of_promises.chain(of_escalations).collect();
    let mut figures: Vec<ProjectFigure> = ids
        .into_iter()
        .map(|id| {
            let own = facts.promises.iter().filter(|promise| promise.project.as_ref() == Some(id));
            let acknowledged = Kept::of(own.clone().map(|promise| &promise.clock), now);
            let stopped = own.clone().filter(|promise| was_stopped(&promise.clock)).count();
            ProjectFigure {
                id: id.clone(),
                name: name(directory, id),
                forwarded: number(own.count() - stopped),
                acknowledged,
                escalated: number(facts.escalated.iter().filter(|row| row.project.as_ref() == Some(id)).count()),
            }
        })
        .collect();
    figures.sort_by(|one, other| other.forwarded.cmp(&one.forwarded).then_with(|| one.name.cmp(&other.name)));
    figures
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn was_stopped(clock: &Clock) -> bool {
    clock.ended_as == Some(ClockEnd::Withdrawn)
}

fn escalations(facts: &Facts, directory: &Directory, now: Timestamp) -> Vec<EscalationFigure> {
    let figure = |row: &Escalated| EscalationFigure {
        case: row.case.to_string(),
        at: row.at,
        project: row.project.as_ref().map(|id| name(directory, id)),
        kept_at: match row.clock.state(now) {
            ClockState::Met | ClockState::MetLate => row.clock.stopped_at,
            _ => None,
        },
        waits: row.clock.stopped_at.is_none(),
    };
    facts.escalated.iter().map(figure).collect()
}

fn contacts(found: &[(ProjectId, Health)], directory: &Directory, now: Timestamp) -> ContactFigures {
    let mut figures = ContactFigures { projects: number(directory.projects.len()), ..ContactFigures::default() };
    for (_, health) in found.iter().filter(|(project, _)| directory.project(project).is_some()) {
        let counted = match health.proof.standing(now) {
            _ if health.gone.is_some() || health.bounced_at.is_some() => &mut figures.unreachable,
            Standing::Unconfirmed { .. } => &mut figures.unconfirmed,
            Standing::Confirmed { .. } | Standing::Asked { on: Some(_), .. } => &mut figures.confirmed,
            Standing::Listed | Standing::Asked { on: None, .. } => &mut figures.listed,
        };
        *counted += 1;
    }
    let is_live = |id: &ProjectId| found.iter().any(|(project, health)| project == id && health.is_live(now));
    let by_mail = directory.projects.iter().filter(|project| project.channel == Channel::Mail);
    figures.without_contact =
        by_mail.filter(|project| !is_live(&project.id)).map(|project| project.name.clone()).collect();
    figures
}

#[cfg(test)]
mod tests;
