//! What the figures of a quarter count, and what they leave out.

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
    2026-09 | escalations | SEC-2026-0007 | told the board (UTC) | 2026-07-30
    2026-09 | escalations | SEC-2026-0007 | silent | Lantern
    2026-09 | escalations | SEC-2026-0008 | told the board (UTC) | 2026-07-20
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
