//! Keeps what we publish true: a letter to ourselves once a day, and a word to the operator when the proof has run out.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Purpose;
use crate::domain::id::LetterId;
use crate::domain::letter::LetterKind;
use crate::flows::proofs::{INSTALLED, LOOP_TEST_SENT, MailboxHealth};
use crate::flows::writing::{self, NewLetter};
use crate::flows::{House, Step};
use crate::mail::write::letters::loop_test::loop_test;
use crate::store::StoreError;

/// The hour in UTC at which a day's loop test leaves: before Europe begins to read mail, and in nobody's night shift.
const HOUR: i8 = 6;
/// A loop test that comes back later than this proves nothing; relays give up after five days.
const COMES_BACK_WITHIN: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Two nodes' clocks, or one that was set by hand, may differ by so much without a test being sent twice.
const AHEAD_AT_MOST: SignedDuration = SignedDuration::from_hours(1);
/// The mark of the expiry that the operator was told of.
const EXPIRY_TOLD: &str = "security-txt-expiry-told";

/// Does what is due; says how many things were done.
pub async fn sweep(house: &House) -> Result<usize, StoreError> {
    let step = house.step();
    let health = MailboxHealth::of(&house.store.marks().await?);
    let mut done = 0;
    if health.proof.installed_at.is_none() {
        done += usize::from(move_mark(house, INSTALLED, None, step.now).await?);
    }
    if house.tests_its_mailbox && is_due(health.loop_test_sent_at, step.now) {
        done += usize::from(write_to_ourselves(house, &step, &health).await?);
    }
    if let Some(ran_out_at) = health.proof.ran_out_at(step.now) {
        done += usize::from(tell_expiry(house, ran_out_at).await?);
    }
    Ok(done)
}

/// Whether a loop test is due at `now`: none was sent since this day's hour, or the last one lies ahead because the
/// clock was set back.
fn is_due(sent_at: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(sent_at) = sent_at else { return true };
    let day = now.to_zoned(TimeZone::UTC).date();
    let of_today = day.at(HOUR, 0, 0, 0).to_zoned(TimeZone::UTC).map_or(now, |hour| hour.timestamp());
    let of_last = if of_today <= now { of_today } else { of_today - SignedDuration::from_hours(24) };
    sent_at < of_last || sent_at > now + AHEAD_AT_MOST
}

/// Puts the day's loop test; `false` if another node did.
async fn write_to_ourselves(house: &House, step: &Step, health: &MailboxHealth) -> Result<bool, StoreError> {
    let mut tx = house.store.begin().await?;
    if !tx.move_mark(LOOP_TEST_SENT, health.loop_test_sent_at, step.now).await? {
        return Ok(false);
    }
    let row = LetterId::new(step.now, house.chance());
    let token = house.key.token(Purpose::LoopTest, row.as_str(), 0);
    tx.issue(&token, row.as_str(), 0, Some(step.now + COMES_BACK_WITHIN)).await?;
    let (to, words) = (step.own_addresses().with(&token), loop_test(step.now));
    let letter = NewLetter::of_no_case(LetterKind::LoopTest, &to, &words);
    writing::put(&mut tx, house, step, letter).await?;
    tx.commit().await?;
    Ok(true)
}

/// Tells the log of an expiry, once for all nodes and restarts; the desk shows it as long as it lasts.
async fn tell_expiry(house: &House, ran_out_at: Timestamp) -> Result<bool, StoreError> {
    let told = house.store.marked(EXPIRY_TOLD).await?;
    if told == Some(ran_out_at) || !move_mark(house, EXPIRY_TOLD, told, ran_out_at).await? {
        return Ok(false);
    }
    tracing::error!(
        %ran_out_at,
        "security.txt is no longer served: no proof that mail to the security address comes in. Look whether the \
         loop test leaves by the relay and comes back to our SMTP port"
    );
    Ok(true)
}

async fn move_mark(house: &House, name: &str, seen: Option<Timestamp>, at: Timestamp) -> Result<bool, StoreError> {
    let mut tx = house.store.begin().await?;
    let moved = tx.move_mark(name, seen, at).await?;
    tx.commit().await?;
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_test_is_due_at_once_then_each_morning_and_after_a_clock_was_set_back() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        for (sent_at, now, due) in [
            (None, "2026-11-20T14:00:00Z", true),
            (Some("2026-11-20T14:00:00Z"), "2026-11-20T23:59:59Z", false),
            (Some("2026-11-20T14:00:00Z"), "2026-11-21T05:59:59Z", false),
            (Some("2026-11-20T14:00:00Z"), "2026-11-21T06:00:00Z", true),
            (Some("2026-11-21T06:00:00Z"), "2026-11-21T06:00:01Z", false),
            (Some("2026-11-21T05:00:00Z"), "2026-11-21T06:00:01Z", true),
            (Some("2026-11-21T06:00:05Z"), "2026-11-21T06:00:01Z", false),
            (Some("2026-12-21T06:00:00Z"), "2026-11-21T06:00:01Z", true),
        ] {
            assert_eq!(is_due(sent_at.map(at), at(now)), due, "{sent_at:?} {now}");
        }
    }
}
