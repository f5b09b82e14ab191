//! What pages say of the security mailbox: when it was last tested, and what is wrong with it.

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::flows::proofs::{self, MailboxHealth};
use crate::store::{Store, StoreError};
use crate::web::when;

/// A loop test that takes longer is told to the desk: mail that needs half an hour is as good as none.
const BACK_WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// A day and what a loop test may take: a test of today that is on its way does not hide that yesterday's was lost.
const LAST_PASSED_WITHIN: SignedDuration = SignedDuration::from_mins(24 * 60 + 30);
/// So long before security.txt runs out the desk is told (THREATS.md row 75).
const ALARM_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The report form's line: "This mailbox was tested today, 06:00 UTC". `None` before the first proof.
pub async fn tested(store: &Store, now: Timestamp) -> Result<Option<Markup>, StoreError> {
    let proven_at = proofs::proof(store).await?.proven_at;
    Ok(proven_at.map(|at| html! { "This mailbox was tested " (when::lately(at, now)) }))
}

/// The part of the desk's footer that says when the loop test passed; nothing where none is made.
pub fn footer(health: &MailboxHealth, now: Timestamp) -> Option<Markup> {
    match (health.loop_test_passed_at, health.loop_test_on_its_way()) {
        (Some(at), None) => Some(html! { "loop test passed " (when::lately(at, now)) }),
        (_, Some(sent)) => Some(html! { "loop test sent " (when::lately(sent, now)) ", not back yet" }),
        (None, None) => None,
    }
}

/// How many letters came back within the last seven days.
pub fn bounces_of_the_week(count: i64) -> String {
    if count == 1 { "1 bounce this week".to_owned() } else { format!("{count} bounces this week") }
}

/// What a member should tell the operator, on top of every page of the desk.
pub fn alarms(health: &MailboxHealth, now: Timestamp) -> Vec<Markup> {
    loop_test_alarm(health, now).into_iter().chain(expiry_alarm(health, now)).collect()
}

/// Mail that came in and was not read for half an hour: `since` is when the oldest of it arrived.
pub fn unread_alarm(since: Option<Timestamp>, now: Timestamp) -> Option<Markup> {
    since.filter(|since| now.duration_since(*since) >= BACK_WITHIN).map(|since| {
        html! { "Mail that arrived " (when::lately(since, now)) " is not worked on yet. None of it is lost. Tell the operator." }
    })
}

/// No letter has reached the relay for half an hour.
pub fn relay_alarm(lost_since: Option<Timestamp>, now: Timestamp) -> Option<Markup> {
    lost_since.filter(|since| now.duration_since(*since) >= BACK_WITHIN).map(|since| {
        html! { "No letter has reached the relay since " (when::time(since)) ". Letters wait, and none is lost. Tell the operator." }
    })
}

fn loop_test_alarm(health: &MailboxHealth, now: Timestamp) -> Option<Markup> {
    let sent = health.loop_test_on_its_way()?;
    let is_long_ago = |at: Timestamp, within| now.duration_since(at) >= within;
    let was_lost = health.loop_test_passed_at.is_some_and(|passed| is_long_ago(passed, LAST_PASSED_WITHIN));
    (was_lost || is_long_ago(sent, BACK_WITHIN)).then(|| {
        html! { "The loop test sent " (when::lately(sent, now)) " has not come back: reports by mail may not reach us. Tell the operator." }
    })
}

fn expiry_alarm(health: &MailboxHealth, now: Timestamp) -> Option<Markup> {
    let expires = health.proof.expires_at(now)?;
    if expires <= now {
        return Some(html! {
            "security.txt ran out " (when::lately(expires, now)) " and is no longer served, for nothing shows that mail comes in. \
             A loop test that comes back or an answer to a report by mail renews it."
        });
    }
    let runs_out_soon = health.proof.proven_at.is_some() && expires.duration_since(now) <= ALARM_BEFORE;
    runs_out_soon.then(|| {
        html! {
            "security.txt runs out on " (when::time(expires)) ": mail was last seen to come in "
            @if let Some(at) = health.proof.proven_at { (when::lately(at, now)) } ". Tell the operator."
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::security_txt::MailboxProof;
    use crate::web::samples::{hours, now};

    fn health(sent: Option<i64>, passed: Option<i64>, proven: Option<i64>) -> MailboxHealth {
        let ago = |count: Option<i64>| count.map(|count| now() - SignedDuration::from_mins(count));
        MailboxHealth {
            proof: MailboxProof { installed_at: Some(now() - hours(24 * 400)), proven_at: ago(proven) },
            loop_test_sent_at: ago(sent),
            loop_test_passed_at: ago(passed),
        }
    }

    /// What is read, without the tags around it.
    fn read(shown: Markup) -> String {
        let text = shown.into_string().replace("</time>", "");
        let mut pieces = text.split("<time ");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |all, piece| all + piece.split_once('>').unwrap().1)
    }

    #[test]
    fn the_footer_says_when_the_loop_test_passed_or_that_it_is_on_its_way() {
        let said = |sent, passed| footer(&health(sent, passed, Some(1)), now()).map(read);
        assert_eq!(said(None, None), None, "without a relay there is none");
        assert_eq!(said(Some(480), Some(479)).unwrap(), "loop test passed today, 06:01 UTC");
        assert_eq!(said(Some(480), Some(480)).unwrap(), "loop test passed today, 06:00 UTC");
        assert_eq!(said(Some(5), Some(24 * 60)).unwrap(), "loop test sent today, 13:55 UTC, not back yet");
        assert_eq!(said(Some(24 * 60), None).unwrap(), "loop test sent yesterday, 14:00 UTC, not back yet");
    }

    #[test]
    fn a_loop_test_that_stays_away_alarms_the_desk_and_one_on_its_way_does_not() {
        for (sent, passed, alarms_now) in [
            (5, Some(24 * 60), false),
            (5, Some(25 * 60), true),
            (29, None, false),
            (30, None, true),
            (480, Some(479), false),
        ] {
            let said = alarms(&health(Some(sent), passed, Some(1)), now());
            assert_eq!(said.iter().any(|words| words.0.contains("has not come back")), alarms_now, "{sent} {passed:?}");
        }
    }

    #[test]
    fn unread_mail_and_a_lost_relay_alarm_the_desk_after_half_an_hour() {
        let ago = |minutes| Some(now() - SignedDuration::from_mins(minutes));
        let unread = |since| unread_alarm(since, now()).map(read);
        let relay = |since| relay_alarm(since, now()).map(read);
        assert_eq!((unread(None), relay(None)), (None, None));
        assert_eq!((unread(ago(29)), relay(ago(29))), (None, None));
        assert!(unread(ago(30)).unwrap().starts_with("Mail that arrived today, 13:30 UTC is not worked on"));
        assert!(relay(ago(30)).unwrap().contains("since Fri 2026-11-20 13:30 UTC. Letters wait"));
    }

    #[test]
    fn the_desk_hears_of_an_expiry_thirty_days_before_and_after_it() {
        let day = 24 * 60;
        for (proven, words) in [
            (Some(59 * day), None),
            (Some(61 * day), Some("security.txt runs out on Sat 2026-12-19 14:00 UTC: mail was last seen")),
            (Some(91 * day), Some("security.txt ran out yesterday, 14:00 UTC and is no longer served")),
            (None, Some("security.txt ran out on Thu 2025-10-23, 14:00 UTC")),
        ] {
            let said: Vec<String> = alarms(&health(None, None, proven), now()).into_iter().map(read).collect();
            assert_eq!(said.is_empty(), words.is_none(), "{said:?}");
            assert!(words.is_none_or(|words| said[0].starts_with(words)), "{said:?}");
        }
    }
}
