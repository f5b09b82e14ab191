//! What the morning's digest (M5) says to one member.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::address::Mailbox;
use crate::domain::case::CaseState;
use crate::domain::clock::{Clock, ClockState, span};
use crate::domain::directory::Directory;
use crate::domain::id::CaseId;
use crate::flows::{House, Step};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::digest::{Digest, Quarantined, digest};
use crate::store::{BulkReading, CaseLine, QuarantineRow, StoreError};

/// Cases that are looked at; far more than one letter should list.
const LOOKED_AT: i64 = 500;
/// Lines of each section.
const LINES: usize = 20;
/// Quarantined mails that are shown, the least certain ones.
const LEAST_CERTAIN: i64 = 10;

/// What there is to tell since the digest of `told_at` to a member who may read these cases; `None` if it is nothing.
pub async fn words(
    house: &House,
    step: &Step,
    told_at: Timestamp,
    may_read: impl Fn(&CaseId) -> bool,
) -> Result<Option<Words>, StoreError> {
    let (unseen, least_certain) = house.store.unseen_quarantine(LEAST_CERTAIN).await?;
    let [desk_link, quarantine_link, senders_link, viewings_link] =
        ["at-risk", "quarantine", "senders", "viewings"].map(|page| format!("{}/{page}", house.public_url));
    let seal = house.store.last_seal().await?;
    let mut told = Digest {
        quarantined: unseen,
        least_certain: least_certain.iter().map(quarantined).collect(),
        appeals: house.store.appeals_since(told_at).await?,
        read_in_bulk: read_in_bulk(house, step, told_at).await?,
        record: seal.as_ref().map(|seal| seal.hash.as_str()),
        desk_link: &desk_link,
        senders_link: &senders_link,
        quarantine_link: &quarantine_link,
        viewings_link: &viewings_link,
        ..Digest::default()
    };
    for line in house.store.open_cases(LOOKED_AT).await?.iter().filter(|line| may_read(&line.case.id)) {
        let (lines, more) = match section(line, step.now) {
            Some(Section::Overdue) => (&mut told.overdue, &mut told.more_overdue),
            Some(Section::DueSoon) => (&mut told.due_soon, &mut told.more_due_soon),
            Some(Section::ToTriage) => (&mut told.to_triage, &mut told.more_to_triage),
            None => continue,
        };
        if lines.len() < LINES {
            lines.push(in_a_line(line, &step.policy.directory, step.now));
        } else {
            *more += 1;
        }
    }
    Ok((!told.is_empty()).then(|| digest(&told)))
}

async fn read_in_bulk(house: &House, step: &Step, since: Timestamp) -> Result<Vec<String>, StoreError> {
    let line = |reading: BulkReading| {
        let known = Mailbox::parse(&reading.member).ok();
        let known = known.and_then(|email| step.policy.directory.member(&email));
        let name = known.map_or(reading.member.as_str(), |member| &member.name);
        format!("{name}, {}", reading.at.to_zoned(TimeZone::UTC).strftime("%a %Y-%m-%d %H:%M UTC"))
    };
    Ok(house.store.bulk_readings(since).await?.into_iter().map(line).collect())
}

fn quarantined(row: &QuarantineRow) -> Quarantined<'_> {
    Quarantined {
        from: row.from.as_ref().map(|from| from.as_str()),
        subject: &row.subject,
        reason: row.reasons.first().map_or("", String::as_str),
    }
}

/// Each case stands in one section, the most urgent one.
enum Section {
    Overdue,
    DueSoon,
    ToTriage,
}

fn section(line: &CaseLine, now: Timestamp) -> Option<Section> {
    match line.clock.as_ref().map(|clock| clock.state(now)) {
        Some(ClockState::Overdue { .. }) => Some(Section::Overdue),
        _ if matches!(line.case.state, CaseState::New | CaseState::Triage) => Some(Section::ToTriage),
        Some(ClockState::DueSoon { .. }) => Some(Section::DueSoon),
        _ => None,
    }
}

/// `SEC-2026-0038 NumPy, project acknowledgement, 1 d 3 h, owner Tania`: never a title.
fn in_a_line(line: &CaseLine, directory: &Directory, now: Timestamp) -> String {
    let mut words = line.case.number.to_string();
    for (project, _) in &line.handlings {
        let name = directory.project(project).map_or(project.as_str(), |project| &project.name);
        write!(words, " {name}").expect("a String takes all");
    }
    if let Some(clock) = &line.clock {
        write!(words, ", {}, {}", clock.kind.title(), left(clock, now)).expect("a String takes all");
    }
    match &line.case.owner {
        Some(owner) => {
            let name = directory.member(owner).map_or(owner.as_str(), |member| &member.name);
            words + ", owner " + name
        }
        None => words + ", nobody has it",
    }
}

fn left(clock: &Clock, now: Timestamp) -> String {
    match clock.state(now) {
        ClockState::Overdue { by } => span(by),
        ClockState::OnTrack { left } | ClockState::DueSoon { left } => format!("{} left", span(left)),
        _ => "paused".to_owned(),
    }
}
