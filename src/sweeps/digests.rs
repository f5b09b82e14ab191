//! The morning's digest to the committee (M5), and the end of what lay in quarantine long enough.

use std::fmt::Write;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::abuse::QUARANTINE_LIFE;
use crate::domain::address::Mailbox;
use crate::domain::case::CaseState;
use crate::domain::clock::{Clock, ClockState, span};
use crate::domain::directory::Directory;
use crate::domain::letter::LetterKind;
use crate::flows::writing::{self, NewLetter};
use crate::flows::{House, Step};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::digest::{Digest, Quarantined, digest};
use crate::store::{BulkReading, CaseLine, QuarantineRow, StoreError};

/// The mark of the last digest, also of one that was not sent because there was nothing to tell.
const DIGEST_TOLD: &str = "digest";
/// 06:00 UTC: before the working day in Europe, and a day with nothing to tell makes no noise anywhere.
const MORNING: Time = Time::constant(6, 0, 0, 0);
/// Cases that are looked at; far more than one letter should list.
const LOOKED_AT: i64 = 500;
/// Lines of each section.
const LINES: usize = 20;
/// Quarantined mails that are shown, the least certain ones.
const LEAST_CERTAIN: i64 = 10;
/// Mails that one sweep erases, so that it does not hold up the others.
const ERASED_AT_ONCE: i64 = 50;

/// Writes the digest of the morning once, by whichever node comes first, and once after any time down.
pub async fn tell_the_committee(house: &House) -> Result<usize, StoreError> {
    let step = house.step();
    let told_at = house.store.marked(DIGEST_TOLD).await?;
    let morning = last_morning(step.now);
    if told_at.is_some_and(|told_at| told_at >= morning) {
        return Ok(0);
    }
    // A new house waits for its first morning.
    let letters = match told_at {
        Some(told_at) => letters(house, &step, told_at).await?,
        None => Vec::new(),
    };
    let mut tx = house.store.begin().await?;
    if !tx.move_mark(DIGEST_TOLD, told_at, step.now).await? {
        return Ok(0);
    }
    for (member, words) in &letters {
        writing::put(&mut tx, house, &step, NewLetter::of_no_case(LetterKind::Digest, member, words)).await?;
    }
    tx.commit().await?;
    Ok(1)
}

/// The last 06:00 UTC that is not after `now`.
fn last_morning(now: Timestamp) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).date();
    let at = |day: jiff::civil::Date| {
        day.to_datetime(MORNING).to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
    };
    let morning = at(today);
    if morning <= now { morning } else { morning - SignedDuration::from_hours(24) }
}

/// What there is to tell each member since the digest of `told_at`; nothing to whom it is nothing.
async fn letters(house: &House, step: &Step, told_at: Timestamp) -> Result<Vec<(Mailbox, Words)>, StoreError> {
    let open = house.store.open_cases(LOOKED_AT).await?;
    let mut letters = Vec::new();
    for member in &step.policy.directory.committee {
        let kept = house.store.kept_from(&member.email).await?;
        let open: Vec<&CaseLine> = open.iter().filter(|line| !kept.has(&line.case.id)).collect();
        letters.extend(words(house, step, told_at, &open).await?.map(|words| (member.email.clone(), words)));
    }
    Ok(letters)
}

/// The same for a member who may read these cases; `None` if there is nothing to tell.
async fn words(
    house: &House,
    step: &Step,
    told_at: Timestamp,
    open: &[&CaseLine],
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
    for line in open {
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

/// Erases quarantined mail that a member has seen and that is 30 days old, rows and bytes; says how many.
pub async fn empty_the_quarantine(house: &House) -> Result<usize, StoreError> {
    let step = house.step();
    if !house.store.is_quarantine_over(step.now - QUARANTINE_LIFE).await? {
        return Ok(0);
    }
    let mut tx = house.store.begin().await?;
    let erased = tx.erase_quarantined(step.now - QUARANTINE_LIFE, ERASED_AT_ONCE).await?;
    tx.commit().await?;
    if erased > 0 {
        tracing::info!(erased, "erased quarantined mail that a member had seen");
    }
    Ok(erased)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_morning_is_at_six_of_today_or_of_yesterday() {
        for (now, morning) in [
            ("2026-11-20T05:59:59Z", "2026-11-19T06:00:00Z"),
            ("2026-11-20T06:00:00Z", "2026-11-20T06:00:00Z"),
            ("2026-11-20T23:59:59Z", "2026-11-20T06:00:00Z"),
            ("2026-03-01T00:00:00Z", "2026-02-28T06:00:00Z"),
        ] {
            assert_eq!(last_morning(now.parse().unwrap()), morning.parse::<Timestamp>().unwrap(), "{now}");
        }
    }
}
