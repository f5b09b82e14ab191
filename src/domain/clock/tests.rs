//! Stories of one clock: what it is, why it runs out when it does, how it rests.

use super::*;

#[test]
fn a_clock_is_on_track_then_due_soon_then_overdue_and_keeps_what_it_was_when_stopped() {
    let start = Timestamp::from_second(1_800_000_000).unwrap();
    let hours = SignedDuration::from_hours;
    let mut clock = Clock::start(ClockKind::FirstReply, start, hours(7 * 24));
    assert_eq!(clock.state(start), ClockState::OnTrack { left: hours(168) });
    assert_eq!(clock.state(start + hours(120)), ClockState::OnTrack { left: hours(48) });
    assert_eq!(clock.state(start + hours(121)), ClockState::DueSoon { left: hours(47) });
    assert_eq!(clock.state(start + hours(168)), ClockState::Overdue { by: hours(0) });
    clock.stopped_at = Some(start + hours(168));
    assert_eq!(clock.state(start + hours(999)), ClockState::Met);
    clock.stopped_at = Some(start + hours(169));
    assert_eq!(clock.state(start + hours(999)), ClockState::MetLate);
}

#[test]
fn a_pause_moves_the_deadline_by_the_time_it_really_took_and_thirty_days_in_all() {
    let start: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let mut clock = Clock::start(ClockKind::Acknowledge, start, days(7));
    assert_eq!(clock.explained(), "7 days from the decision to forward, Fri 2026-11-20 14:00 UTC");
    clock.pause(start + days(1), start + days(11), " They asked for it. ").unwrap();
    assert_eq!((clock.due_at, clock.next_at), (start + days(17), Some(start + days(11))));
    assert_eq!(clock.state(start + days(2)), ClockState::Paused { until: start + days(11) });
    let since = "paused since Sat 2026-11-21 14:00 UTC until Tue 2026-12-01 14:00 UTC";
    assert!(clock.explained().ends_with(since), "{}", clock.explained());

    assert!(clock.resume(start + days(3)), "earlier than planned");
    assert_eq!((clock.due_at, clock.paused), (start + days(9), days(2)));
    assert!(clock.explained().ends_with("14:00 UTC; paused 2 days"), "{}", clock.explained());
    assert!(!clock.resume(start + days(3)));

    let left = "28 days".to_owned();
    let too_long = clock.pause(start + days(3), start + days(32), "again");
    assert_eq!(too_long, Err(NotPaused::TooLong { left }));
    clock.pause(start + days(3), start + days(31), "again").unwrap();
    assert!(clock.resume(start + days(400)), "the program was down for a year");
    assert_eq!((clock.due_at, clock.paused), (start + days(37), days(30)));
}

#[test]
fn only_a_running_clock_of_a_project_is_paused_and_only_with_a_reason_and_an_end() {
    let start = Timestamp::from_second(1_800_000_000).unwrap();
    let hours = SignedDuration::from_hours;
    let later = start + hours(1);
    let mut clock = Clock::start(ClockKind::FirstReply, start, hours(168));
    assert_eq!(clock.pause(start, later, "x"), Err(NotPaused::NotAProjects));
    clock.kind = ClockKind::Acknowledge;
    assert_eq!(clock.pause(start, later, "  "), Err(NotPaused::NoReason));
    assert_eq!(clock.pause(start, start, "x"), Err(NotPaused::EndsBeforeItBegins));
    clock.pause(start, later, "x").unwrap();
    assert_eq!(clock.pause(start, later, "x"), Err(NotPaused::Already));
    clock.stopped_at = Some(later);
    assert_eq!(clock.pause(start, later, "x"), Err(NotPaused::Stopped));
}

#[test]
fn a_snooze_has_a_reason_and_an_end_within_two_weeks_and_is_never_of_the_first_answer() {
    let start = Timestamp::from_second(1_800_000_000).unwrap();
    let days = |days: i64| start + SignedDuration::from_hours(24 * days);
    let mut clock = Clock::start(ClockKind::FirstReply, start, SignedDuration::from_hours(168));
    assert_eq!(clock.snooze(start, days(2), "x"), Err(NotSnoozed::FirstReply));
    clock.kind = ClockKind::Progress;
    assert_eq!(clock.snooze(start, days(2), " "), Err(NotSnoozed::NoReason));
    assert_eq!(clock.snooze(start, start, "x"), Err(NotSnoozed::EndsBeforeItBegins));
    assert_eq!(clock.snooze(start, days(15), "x"), Err(NotSnoozed::TooLong));
    let before = clock.due_at;
    clock.snooze(start, days(14), " They are at a meeting. ").unwrap();
    assert_eq!(clock.snooze(start, days(2), "x"), Err(NotSnoozed::Already));
    assert_eq!((clock.due_at, clock.paused), (before, SignedDuration::ZERO), "no deadline moves");
    assert!(clock.wake(days(3)) && !clock.wake(days(3)));
    assert_eq!(clock.next_at, Some(days(3)));
    clock.stopped_at = Some(days(3));
    assert_eq!(clock.snooze(days(3), days(4), "x"), Err(NotSnoozed::Stopped));
}

#[test]
fn spans_show_their_two_largest_units_rounded_down() {
    let cases = [
        (0, "0 min"),
        (59, "0 min"),
        (61, "1 min"),
        (3_600, "1 h 0 min"),
        (53_880, "14 h 58 min"),
        (439_199, "5 d 1 h"),
    ];
    for (seconds, words) in cases {
        assert_eq!(span(SignedDuration::from_secs(seconds)), words);
    }
}

#[test]
fn promises_are_told_in_days_where_they_are_days() {
    let hours = SignedDuration::from_hours;
    let told = [24, 168, 36].map(|length| promised(hours(length)));
    assert_eq!(told, ["1 day", "7 days", "1 d 12 h"]);
}
