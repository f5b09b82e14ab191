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
mod tests {
    use super::*;
    use crate::domain::address::Mailbox;
    use crate::domain::clock::Pause;
    use crate::domain::contact::{GoneDomain, Proof};
    use crate::domain::directory::{AutoForward, Foundation, Project, Promise, Routing};
    use crate::domain::quarter::table;

    /// Tue 2026-09-01 00:00 UTC, when the draft is made.
    fn now() -> Timestamp {
        "2026-09-01T00:00:00Z".parse().unwrap()
    }

    fn days(days: i64) -> SignedDuration {
        SignedDuration::from_hours(24 * days)
    }

    fn quarter() -> Quarter {
        Quarter::parse("2026-09").unwrap()
    }

    fn project(id: &str) -> ProjectId {
        ProjectId::parse(id).unwrap()
    }

    /// A promise of 7 days that started so many days ago, and ended after so many days as it did.
    fn clock(kind: ClockKind, ago: i64, ended: Option<(i64, ClockEnd)>) -> Clock {
        let mut clock = Clock::start(kind, now() - days(ago), days(7));
        if let Some((after, end)) = ended {
            (clock.stopped_at, clock.ended_as) = (Some(clock.started_at + days(after)), Some(end));
        }
        clock
    }

    fn reply(ago: i64, ended: Option<(i64, ClockEnd)>) -> Promised {
        Promised { project: None, clock: clock(ClockKind::FirstReply, ago, ended) }
    }

    fn acknowledgement(id: &str, ago: i64, ended: Option<(i64, ClockEnd)>) -> Promised {
        Promised { project: Some(project(id)), clock: clock(ClockKind::Acknowledge, ago, ended) }
    }

    #[test]
    fn each_promise_is_counted_once_and_the_share_is_of_those_that_are_decided() {
        use ClockEnd::{Breached, Closed, Kept as InTheEnd, Withdrawn};
        let clocks = [
            clock(ClockKind::Acknowledge, 60, Some((1, InTheEnd))),
            clock(ClockKind::Acknowledge, 60, Some((7, InTheEnd))),
            clock(ClockKind::Acknowledge, 60, Some((9, InTheEnd))),
            clock(ClockKind::Acknowledge, 60, Some((12, Breached))),
            clock(ClockKind::Acknowledge, 60, Some((0, Withdrawn))),
            clock(ClockKind::Acknowledge, 60, Some((3, Closed))),
            clock(ClockKind::Acknowledge, 20, None),
            clock(ClockKind::Acknowledge, 2, None),
        ];
        let kept = Kept::of(&clocks, now());
        let counted = (kept.in_time, kept.late, kept.not_kept, kept.overdue, kept.open, kept.void);
        assert_eq!(counted, (2, 1, 1, 1, 1, 2));
        assert_eq!((kept.decided(), kept.missed(), kept.share()), (5, 3, Some(40)));
        assert_eq!(kept.median_seconds, Some(days(7).as_secs()), "of 1, 7 and 9 days");
        assert_eq!((kept.slowest_seconds, kept.slowest_waits), (Some(days(20).as_secs()), true));
        assert_eq!(Kept::of(&[], now()).share(), None, "nothing was promised, so nothing was kept in time");
        let almost = Kept { in_time: 999, late: 1, ..Kept::default() };
        assert_eq!(almost.share(), Some(99));
    }

    #[test]
    fn a_pause_is_told_apart_and_is_in_no_length() {
        let mut over = clock(ClockKind::Acknowledge, 30, Some((12, ClockEnd::Kept)));
        (over.paused, over.due_at) = (days(6), over.due_at + days(6));
        let mut running = clock(ClockKind::Acknowledge, 10, None);
        let since = now() - days(4);
        running.pause = Some(Pause { since, until: now() + days(4), because: "they asked".to_owned() });
        let mut stopped_while_paused = clock(ClockKind::Acknowledge, 10, Some((8, ClockEnd::Kept)));
        stopped_while_paused.due_at += days(8);
        stopped_while_paused.pause = running.pause.clone();
        let kept = Kept::of([&over, &running, &stopped_while_paused], now());
        assert_eq!((kept.in_time, kept.open), (2, 1));
        assert_eq!((kept.paused, kept.paused_seconds), (3, days(6 + 4 + 2).as_secs()));
        assert_eq!(kept.median_seconds, Some(days(6).as_secs()), "12 without 6, and 8 without 2, are 6 each");
    }

    fn facts() -> Facts {
        let received = |noise, closed_as, has_project, count| Received { noise, closed_as, has_project, count };
        let silent = acknowledgement("lantern", 40, None);
        Facts {
            received: vec![
                received(None, None, true, 28),
                received(None, Some(Closing::Resolved), true, 1),
                received(Some(Noise::Scanner), None, false, 1),
                received(Some(Noise::Scanner), Some(Closing::Spam), false, 1),
            ],
            promises: vec![
                reply(60, Some((2, ClockEnd::Kept))),
                reply(50, Some((8, ClockEnd::Kept))),
                reply(3, None),
                silent.clone(),
                acknowledgement("gone-from-the-file", 30, Some((1, ClockEnd::Kept))),
                acknowledgement("lantern", 30, Some((0, ClockEnd::Withdrawn))),
            ],
            carried: vec![reply(100, Some((70, ClockEnd::Kept)))],
            escalated: vec![
                Escalated {
                    case: CaseRef::from_row("SEC-2026-0007"),
                    at: now() - days(33),
                    project: silent.project,
                    clock: silent.clock,
                },
                Escalated {
                    case: CaseRef::from_row("SEC-2026-0008"),
                    at: now() - days(43),
                    project: None,
                    clock: clock(ClockKind::FirstReply, 50, Some((8, ClockEnd::Kept))),
                },
            ],
            contacts: Vec::new(),
            unwanted: Unwanted { quarantined: 14, released: 1, ..Unwanted::default() },
        }
    }

    /// Three projects, of which one takes reports on GitHub.
    fn directory() -> Directory {
        let mut directory = Directory {
            foundation: Foundation {
                name: "Story Foundation".to_owned(),
                security_address: Mailbox::parse("security@story.example").unwrap(),
                public_url: "https://security.story.example".to_owned(),
                hosts: Vec::new(),
                case_prefix: "SEC".to_owned(),
                out_of_scope: None,
            },
            promise: Promise { first_reply: days(7), acknowledge: days(7), ladder: Vec::new() },
            routing: Routing {
                auto_forward: AutoForward::Off,
                hold: SignedDuration::ZERO,
                projects_per_report: 3,
                forwards_per_sender_a_day: 5,
                forwards_an_hour: 30,
            },
            committee: Vec::new(),
            board: Vec::new(),
            projects: ["Lantern", "Parsley", "Savory"]
                .map(|name| Project::named(project(&name.to_lowercase()), name))
                .into(),
        };
        directory.projects[2].channel = Channel::Github;
        directory
    }

    #[test]
    fn the_figures_of_a_quarter_in_full() {
        let figures = Figures::of(quarter(), &facts(), &directory(), Vec::new(), now());
        assert_eq!(
            figures.headline(),
            "31 reports, 1 answered within 7 days, 1 late, 2 escalated, 1 still within the time."
        );
        assert_eq!(figures.without_project, 2);
        let lines: Vec<String> = table::rows(&figures).iter().map(|row| row.join(" | ")).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        2026-09 | reports |  | received | 31
        2026-09 | reports | Report of a flaw | received | 29
        2026-09 | reports | Scanner's finding | received | 1
        2026-09 | reports | Spam | received | 1
        2026-09 | reports |  | to no project | 2
        2026-09 | first human reply |  | in time | 1
        2026-09 | first human reply |  | late | 1
        2026-09 | first human reply |  | still open | 1
        2026-09 | first human reply |  | in time, % | 50
        2026-09 | first human reply |  | median, days | 5.00
        2026-09 | first human reply |  | slowest, days | 8.00
        2026-09 | project acknowledgement |  | in time | 1
        2026-09 | project acknowledgement |  | overdue | 1
        2026-09 | project acknowledgement |  | does not count | 1
        2026-09 | project acknowledgement |  | in time, % | 50
        2026-09 | project acknowledgement |  | median, days | 1.00
        2026-09 | project acknowledgement |  | slowest, days | 40.00
        2026-09 | projects | Lantern | forwarded | 1
        2026-09 | projects | Lantern | escalated | 1
        2026-09 | projects | Lantern | overdue | 1
        2026-09 | projects | Lantern | does not count | 1
        2026-09 | projects | Lantern | in time, % | 0
        2026-09 | projects | Lantern | slowest, days | 40.00
        2026-09 | projects | gone-from-the-file | forwarded | 1
        2026-09 | projects | gone-from-the-file | escalated | 0
        2026-09 | projects | gone-from-the-file | in time | 1
        2026-09 | projects | gone-from-the-file | in time, % | 100
        2026-09 | projects | gone-from-the-file | median, days | 1.00
        2026-09 | projects | gone-from-the-file | slowest, days | 1.00
        2026-09 | from earlier quarters | first human reply | late | 1
        2026-09 | from earlier quarters | first human reply | in time, % | 0
        2026-09 | from earlier quarters | first human reply | median, days | 70.00
        2026-09 | from earlier quarters | first human reply | slowest, days | 70.00
        2026-09 | escalations | SEC-2026-0007 | told the board | 2026-07-30
        2026-09 | escalations | SEC-2026-0007 | silent | Lantern
        2026-09 | escalations | SEC-2026-0008 | told the board | 2026-07-20
        2026-09 | escalations | SEC-2026-0008 | silent | the committee
        2026-09 | contacts |  | confirmed | 0
        2026-09 | contacts |  | listed | 0
        2026-09 | contacts |  | unconfirmed | 0
        2026-09 | contacts |  | unreachable | 0
        2026-09 | contacts | Lantern | nobody to reach | 1
        2026-09 | contacts | Parsley | nobody to reach | 1
        2026-09 | unwanted |  | quarantined | 14
        2026-09 | unwanted |  | released | 1
        2026-09 | unwanted |  | warnings | 0
        2026-09 | unwanted |  | bans | 0
        2026-09 | unwanted |  | bans lifted | 0
        2026-09 | unwanted |  | appeals | 0
        2026-09 | unwanted |  | bans in force | 0
        ");
    }

    #[test]
    fn frozen_figures_are_read_back_as_they_were() {
        let before = Figures::of(quarter().previous(), &Facts::default(), &directory(), Vec::new(), now());
        let mut figures = Figures::of(quarter(), &facts(), &directory(), vec![before.in_comparison()], now());
        figures.record = Some("9f2c".to_owned());
        assert_eq!(figures.compared.len(), 2);
        let json = serde_json::to_string(&figures).unwrap();
        assert_eq!(serde_json::from_str::<Figures>(&json).unwrap(), figures);
    }

    #[test]
    fn a_contact_counts_by_the_worst_that_is_known_of_it() {
        let proof = Proof::listed(now() - days(200));
        let well = Health { proof: proof.proven(now() - days(3)), bounces: 0, bounced_at: None, gone: None };
        let asked = proof.asked(now() - days(120)).asked(now() - days(100));
        let gone = GoneDomain { since: now(), because: "The domain does not exist.".to_owned(), back_at: None };
        let found = [
            (project("lantern"), well.clone()),
            (project("lantern"), Health { proof, ..well.clone() }),
            (project("lantern"), Health { proof: asked, ..well.clone() }),
            (project("parsley"), Health { gone: Some(gone), ..well.clone() }),
            (project("parsley"), Health { bounced_at: Some(now()), bounces: 1, ..well.clone() }),
            (project("not-in-the-file"), well),
        ];
        let figures = contacts(&found, &directory(), now());
        let counted = (figures.confirmed, figures.listed, figures.unconfirmed, figures.unreachable);
        assert_eq!(counted, (1, 1, 1, 2));
        assert_eq!(figures.without_contact, ["Parsley"], "Savory takes reports on GitHub");
    }
}
