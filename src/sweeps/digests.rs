//! The morning's digest to the committee (M5), and the end of what lay in quarantine long enough.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::abuse::QUARANTINE_LIFE;
use crate::domain::address::Mailbox;
use crate::domain::letter::LetterKind;
use crate::flows::writing::{self, NewLetter};
use crate::flows::{House, Step, digest};
use crate::mail::write::letters::Words;
use crate::store::StoreError;

/// The mark of the last digest, also of one that was not sent because there was nothing to tell.
const DIGEST_TOLD: &str = "digest";
/// 06:00 UTC: before the working day in Europe, and a day with nothing to tell makes no noise anywhere.
const MORNING: Time = Time::constant(6, 0, 0, 0);
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
    let mut letters = Vec::new();
    for member in &step.policy.directory.committee {
        let kept = house.store.kept_from(&member.email).await?;
        let words = digest::words(house, step, told_at, |case| !kept.has(case)).await?;
        letters.extend(words.map(|words| (member.email.clone(), words)));
    }
    Ok(letters)
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
