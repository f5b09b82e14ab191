//! Stories of the ladder: whole ones, overridden ones, and reminders that suit their reader.

use super::*;
use crate::domain::address::Mailbox;
use crate::domain::clock::{Pause, Snooze};
use crate::domain::directory::DeliveryMode;

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn days(days: i64) -> SignedDuration {
    hours(24 * days)
}

fn start() -> Timestamp {
    "2026-11-20T14:00:00Z".parse().unwrap()
}

fn week(kind: ClockKind) -> (Clock, Ladder) {
    (Clock::start(kind, start(), days(7)), Ladder::of(kind, days(7), &[]))
}

fn told(ladder: &Ladder, clock: &Clock, at: SignedDuration) -> Option<(Vec<Tell>, usize)> {
    let due = ladder.due_step(clock, &Waits::default(), start() + at)?;
    Some((due.step.tell.clone(), due.skipped.len()))
}

#[test]
fn a_week_is_climbed_on_its_second_fourth_sixth_and_seventh_day() {
    use Tell::{Board, Chair, Committee, Contacts, Deputies, Owner};
    let (clock, ladder) = week(ClockKind::FirstReply);
    assert_eq!(told(&ladder, &clock, days(2) - hours(1)), None);
    assert_eq!(told(&ladder, &clock, days(2)), Some((vec![Owner], 0)));
    assert_eq!(told(&ladder, &clock, days(4)), Some((vec![Committee], 1)));
    assert_eq!(told(&ladder, &clock, days(6)), Some((vec![Chair], 2)));
    assert_eq!(told(&ladder, &clock, days(700)), Some((vec![Board], 3)), "the highest alone, however long it was down");

    let (mut clock, ladder) = week(ClockKind::Acknowledge);
    let steps: Vec<_> = ladder.steps().iter().map(|step| (step.at, step.tell.clone())).collect();
    assert_eq!(steps[1], (days(4), vec![Contacts, Deputies]));
    assert_eq!((steps[0].1.as_slice(), steps[2].1.as_slice()), ([Contacts].as_slice(), [Committee].as_slice()));
    clock.told = days(4);
    assert_eq!(told(&ladder, &clock, days(6) - hours(1)), None, "each step once");
    assert_eq!(told(&ladder, &clock, days(6)), Some((vec![Committee], 0)));
    clock.told = days(7);
    assert_eq!(told(&ladder, &clock, days(30) - hours(1)), None);
    assert_eq!(told(&ladder, &clock, days(30)), Some((vec![Committee], 0)), "does anybody maintain it?");
    clock.stopped_at = Some(start() + days(5));
    assert_eq!(told(&ladder, &clock, days(9)), None, "it no longer runs");
}

#[test]
fn a_promise_of_three_days_climbs_like_one_of_seven() {
    let ladder = Ladder::of(ClockKind::Acknowledge, days(3), &[]);
    let at: Vec<i64> = ladder.steps().iter().map(|step| step.at.as_mins()).collect();
    assert_eq!(at, [1_234, 2_468, 3_702, 4_320, 43_200]);
}

#[test]
fn a_step_that_was_told_is_not_due_again_when_its_row_is_read_back() {
    let (clock, ladder) =
        (Clock::start(ClockKind::Acknowledge, start(), days(3)), Ladder::of(ClockKind::Acknowledge, days(3), &[]));
    for step in ladder.steps() {
        let told = Clock { told: SignedDuration::from_micros(step.at.as_micros() as i64), ..clock.clone() };
        assert_eq!(ladder.due_step(&told, &Waits::default(), start() + step.at), None, "{:?}", step.at);
    }
}

#[test]
fn follow_ups_tell_the_committee_and_never_the_board() {
    let triage = Ladder::of(ClockKind::Triage, days(2), &[]);
    assert_eq!(triage.steps(), [Step { at: days(2), tell: vec![Tell::Owner] }]);
    let progress = Ladder::of(ClockKind::Progress, PROGRESS_TARGET, &[]);
    let at: Vec<_> = progress.steps().iter().map(|step| (step.at, step.tell[0])).collect();
    assert_eq!(at, [(days(14), Tell::Contacts), (days(30), Tell::Committee)]);
    assert_eq!((triage.board_step(), progress.board_step()), (None, None));
}

#[test]
fn steps_of_the_policy_replace_the_usual_ones_but_the_board_is_told_at_the_target_at_last() {
    let wanted = |clock, at, tell: &[Tell]| LadderStep { clock, at, tell: tell.to_vec() };
    let policy = [
        wanted(LadderClock::Acknowledge, days(5), &[Tell::Chair]),
        wanted(LadderClock::Acknowledge, days(1), &[Tell::Contacts]),
        wanted(LadderClock::Acknowledge, days(1), &[Tell::Owner]),
        wanted(LadderClock::FirstReply, days(3), &[Tell::Board]),
    ];
    let shown = |kind, target| -> Vec<(i64, Vec<Tell>)> {
        let ladder = Ladder::of(kind, target, &policy);
        ladder.steps().iter().map(|step| (step.at.as_hours() / 24, step.tell.clone())).collect()
    };
    let first = (1, vec![Tell::Contacts, Tell::Owner]);
    let last = (30, vec![Tell::Committee]);
    let all = [first.clone(), (5, vec![Tell::Chair]), (7, vec![Tell::Board]), last.clone()];
    assert_eq!(shown(ClockKind::Acknowledge, days(7)), all);
    assert_eq!(
        shown(ClockKind::Acknowledge, days(3)),
        [first, (3, vec![Tell::Board]), last],
        "a shorter promise of a project"
    );
    assert_eq!(shown(ClockKind::FirstReply, days(7)), [(3, vec![Tell::Board])], "earlier, if the policy says so");
}

#[test]
fn a_board_that_the_policy_puts_in_the_middle_is_never_passed_over() {
    let wanted = |at, tell: &[Tell]| LadderStep { clock: LadderClock::FirstReply, at: days(at), tell: tell.to_vec() };
    let ladder = Ladder::of(ClockKind::FirstReply, days(7), &[wanted(3, &[Tell::Board]), wanted(4, &[Tell::Chair])]);
    let clock = Clock::start(ClockKind::FirstReply, start(), days(7));
    let due = ladder.due_step(&clock, &Waits::default(), start() + days(5)).unwrap();
    assert!(due.step.tells(Tell::Chair) && due.tells_the_board());
    let waits = Waits { held: true, jump_until: None };
    assert_eq!(ladder.due_step(&clock, &waits, start() + days(4)), None, "nothing overtakes a board that waits");
}

#[test]
fn the_board_waits_two_days_for_held_mail_and_an_hour_after_a_jump_and_nobody_else_does() {
    let (mut clock, ladder) = week(ClockKind::Acknowledge);
    clock.told = days(6);
    let board = ladder.board_step().unwrap();
    let held = Waits { held: true, jump_until: None };
    assert_eq!(ladder.moment(&clock, &held, board), start() + days(9));
    assert_eq!(ladder.next_look(&clock, &held, start() + days(6)), Some(start() + days(9)));
    let each_hour = ladder.next_look(&clock, &held, start() + days(8));
    assert_eq!(each_hour, Some(start() + days(8) + hours(1)), "a member may decide about the mail");
    assert!(ladder.due_step(&clock, &held, start() + days(9)).is_some());

    let jumped = Waits { held: false, jump_until: Some(start() + days(8) + hours(1)) };
    assert_eq!(ladder.due_step(&clock, &jumped, start() + days(8)), None);
    assert!(ladder.due_step(&clock, &jumped, start() + days(8) + hours(1)).is_some());
    clock.told = SignedDuration::ZERO;
    let due = ladder.due_step(&clock, &jumped, start() + days(8)).unwrap();
    assert_eq!((due.step.at, due.skipped.len()), (days(6), 2), "the committee hears at once");
}

#[test]
fn a_pause_moves_the_steps_still_to_come_and_while_it_lasts_none_is_due() {
    let (mut clock, ladder) = week(ClockKind::Acknowledge);
    let until = start() + days(5);
    clock.pause = Some(Pause { since: start() + days(1), until, because: "asked for".to_owned() });
    assert_eq!(told(&ladder, &clock, days(30)), None);
    assert_eq!(ladder.next_look(&clock, &Waits::default(), start() + days(2)), Some(until));
    assert!(clock.resume(until));
    assert_eq!(told(&ladder, &clock, days(6) - hours(1)), None);
    assert_eq!(told(&ladder, &clock, days(6)), Some((vec![Tell::Contacts], 0)));
    assert_eq!(ladder.next_look(&clock, &Waits::default(), until), Some(start() + days(6)));
    clock.told = days(7);
    let review = start() + days(4) + days(30);
    assert_eq!(ladder.next_look(&clock, &Waits::default(), until), Some(review), "paused time is not counted");
    clock.told = days(30);
    assert_eq!(ladder.next_look(&clock, &Waits::default(), until), None, "the ladder has an end");
}

fn contact(hours: Option<&str>, zone: &str) -> Contact {
    Contact {
        name: None,
        email: Mailbox::parse("security@larkspur.example").unwrap(),
        delivery: DeliveryMode::Full,
        is_list: false,
        is_deputy: false,
        away: Vec::new(),
        hours: hours.map(str::to_owned),
        zone: Some(TimeZone::get(zone).unwrap()),
        key: None,
    }
}

#[test]
fn reminders_leave_in_the_hours_of_their_recipient_also_on_nights_when_clocks_change() {
    let leaves = |hours, zone, now: &str| {
        let now: Timestamp = now.parse().unwrap();
        reminder_at(&contact(hours, zone), now, None).to_string()
    };
    let table = [
        (None, "Europe/Berlin", "2026-11-20T02:00:00Z", "2026-11-20T02:00:00Z", "no hours given"),
        (Some("09:00-17:00"), "UTC", "2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z", "as they open"),
        (Some("09:00-17:00"), "UTC", "2026-11-20T17:00:00Z", "2026-11-21T09:00:00Z", "as they close"),
        (Some("09:00-17:00"), "Asia/Tokyo", "2026-11-20T14:00:00Z", "2026-11-21T00:00:00Z", "night in Tokyo"),
        // The clock goes forward at 02:00 and back at 03:00: nine o'clock is an hour nearer or farther.
        (Some("09:00-17:00"), "Europe/Berlin", "2026-03-28T23:30:00Z", "2026-03-29T07:00:00Z", "spring in Berlin"),
        (Some("09:00-17:00"), "Europe/Berlin", "2026-10-24T22:30:00Z", "2026-10-25T08:00:00Z", "autumn in Berlin"),
        (Some("09:00-17:00"), "America/New_York", "2026-03-08T05:30:00Z", "2026-03-08T13:00:00Z", "spring in New York"),
        (Some("09:00-17:00"), "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T14:00:00Z", "autumn in New York"),
        (Some("02:30-03:30"), "Europe/Berlin", "2026-03-28T23:30:00Z", "2026-03-29T01:30:00Z", "an hour left out"),
    ];
    for (hours, zone, now, expected, why) in table {
        assert_eq!(leaves(hours, zone, now), expected, "{why}");
    }
}

#[test]
fn a_reminder_never_moves_to_the_next_step_nor_by_more_than_a_day() {
    let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
    let contact = contact(Some("09:00-17:00"), "UTC");
    let opens: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
    assert_eq!(reminder_at(&contact, now, Some(opens + hours(1))), opens);
    assert_eq!(reminder_at(&contact, now, Some(opens)), now, "better at night than beside the next one");
}

#[test]
fn the_first_promise_of_what_looks_like_noise_ends_at_the_chair_until_a_member_has_opened_it() {
    let attention = |looks_like_noise, is_opened| Attention { looks_like_noise, is_opened };
    let table = [
        (ClockKind::FirstReply, attention(true, false), true),
        (ClockKind::FirstReply, attention(true, true), false),
        (ClockKind::FirstReply, attention(false, false), false),
        (ClockKind::Acknowledge, attention(true, false), false),
        (ClockKind::Triage, attention(true, false), false),
    ];
    for (kind, attention, wanted) in table {
        assert_eq!(attention.ends_at_the_chair(kind), wanted, "{kind:?}, {attention:?}");
    }

    use Tell::{Board, Chair, Committee, Owner};
    let (mut clock, whole) = week(ClockKind::FirstReply);
    let cut = whole.clone().up_to_the_chair();
    let told_by = |ladder: &Ladder| ladder.steps().iter().map(|step| step.tell.clone()).collect::<Vec<_>>();
    assert_eq!(told_by(&cut), [vec![Owner], vec![Committee], vec![Chair]]);
    assert_eq!(cut.board_step(), None);
    assert_eq!(told(&cut, &clock, days(700)), Some((vec![Chair], 2)));
    clock.told = days(6);
    assert_eq!(told(&cut, &clock, days(700)), None);
    assert_eq!(told(&whole, &clock, days(700)), Some((vec![Board], 0)), "once it is opened the board hears");
}

#[test]
fn a_ladder_of_the_policy_that_tells_the_board_alone_tells_the_chair_and_the_board_still_once_it_is_opened() {
    let wanted = |at, tell: &[Tell]| LadderStep { clock: LadderClock::FirstReply, at: days(at), tell: tell.to_vec() };
    let climbs = |policy: &[LadderStep]| {
        let whole = Ladder::of(ClockKind::FirstReply, days(7), policy);
        let cut = whole.clone().up_to_the_chair();
        let mut clock = Clock::start(ClockKind::FirstReply, start(), days(7));
        let due = cut.due_step(&clock, &Waits::default(), start() + days(700)).unwrap();
        let heard = due.step.tell.clone();
        assert!(!due.tells_the_board());
        clock.told = due.step.at;
        assert_eq!(cut.next_look(&clock, &Waits::default(), start()), None);
        let due = whole.due_step(&clock, &Waits::default(), start() + days(700)).unwrap();
        assert!(due.tells_the_board());
        heard
    };
    assert_eq!(climbs(&[wanted(3, &[Tell::Board])]), [Tell::Chair]);
    assert_eq!(climbs(&[wanted(3, &[Tell::Board, Tell::Committee])]), [Tell::Committee, Tell::Chair]);
    assert_eq!(climbs(&[wanted(2, &[Tell::Chair]), wanted(3, &[Tell::Board, Tell::Owner])]), [Tell::Owner]);
}

fn snooze(since: SignedDuration, until: SignedDuration) -> Option<Snooze> {
    Some(Snooze { since: start() + since, until: start() + until, because: "they asked for it".to_owned() })
}

#[test]
fn a_snooze_silences_reminders_and_neither_the_deadline_nor_the_board() {
    let (mut clock, ladder) = week(ClockKind::Acknowledge);
    clock.snooze = snooze(days(1), days(5));
    assert_eq!(told(&ladder, &clock, days(5) - hours(1)), None);
    assert_eq!(told(&ladder, &clock, days(5)), Some((vec![Tell::Contacts, Tell::Deputies], 1)), "the highest alone");
    let to_come: Vec<i64> =
        ladder.to_come(&clock, &Waits::default()).iter().map(|(_, step)| step.at.as_hours()).collect();
    assert_eq!(to_come, [96, 144, 168, 720], "who is passed over is not announced");
    assert_eq!(ladder.next_look(&clock, &Waits::default(), start() + days(1)), Some(start() + days(5)));

    clock.snooze = snooze(days(1), days(15));
    assert_eq!(told(&ladder, &clock, days(7) - hours(1)), None);
    assert_eq!(told(&ladder, &clock, days(7)), Some((vec![Tell::Board], 3)));
    assert_eq!(ladder.next_look(&clock, &Waits::default(), start() + days(1)), Some(start() + days(7)));
    clock.told = days(7);
    assert_eq!(ladder.next_look(&clock, &Waits::default(), start() + days(8)), Some(start() + days(15)), "it ends");
    assert_eq!(clock.state(start() + days(8)), crate::domain::clock::ClockState::Overdue { by: days(1) });
    let held = Waits { held: true, jump_until: None };
    clock.told = SignedDuration::ZERO;
    assert_eq!(ladder.next_look(&clock, &held, start() + days(8)), Some(start() + days(8) + hours(1)));
}

#[test]
fn a_confirmed_exploitation_halves_what_is_still_to_come_but_for_the_board() {
    let (mut clock, ladder) = week(ClockKind::Acknowledge);
    let hastened = ladder.clone().hastened(Some(start() + days(3)));
    let hours_of = |ladder: &Ladder, clock: &Clock| -> Vec<i64> {
        let since = |at: Timestamp| at.duration_since(start()).as_hours();
        ladder.to_come(clock, &Waits::default()).iter().map(|(at, _)| since(*at)).collect()
    };
    assert_eq!(hours_of(&ladder, &clock), [48, 96, 144, 168, 720]);
    assert_eq!(hours_of(&hastened, &clock), [48, 84, 108, 168, 396], "what was due before stays");
    assert_eq!(hours_of(&ladder.clone().hastened(Some(start() - days(9))), &clock), [24, 48, 72, 168, 360]);
    assert_eq!(hours_of(&ladder.clone().hastened(Some(start() + days(9))), &clock)[..4], [48, 96, 144, 168]);
    clock.pause = Some(Pause { since: start() + days(4), until: start() + days(14), because: "x".to_owned() });
    assert!(clock.resume(start() + days(14)));
    clock.told = days(4);
    assert_eq!(hours_of(&hastened, &clock)[..2], [312, 408], "a pause moves them all");
}

#[test]
fn reminders_know_leap_days_and_the_turn_of_the_year() {
    let leaves = |hours, zone, now: &str| {
        let now: Timestamp = now.parse().unwrap();
        reminder_at(&contact(Some(hours), zone), now, None).to_string()
    };
    let table = [
        ("09:00-17:00", "UTC", "2028-02-28T17:00:00Z", "2028-02-29T09:00:00Z", "into a leap day"),
        ("09:00-17:00", "UTC", "2028-02-29T17:00:00Z", "2028-03-01T09:00:00Z", "out of it"),
        ("09:00-17:00", "UTC", "2027-02-28T17:00:00Z", "2027-03-01T09:00:00Z", "a year without one"),
        ("09:00-17:00", "UTC", "2026-12-31T20:00:00Z", "2027-01-01T09:00:00Z", "into the new year"),
        ("09:00-17:00", "Pacific/Auckland", "2026-12-31T05:00:00Z", "2026-12-31T20:00:00Z", "where it begins early"),
        ("09:00-17:00", "Pacific/Honolulu", "2027-01-01T08:00:00Z", "2027-01-01T19:00:00Z", "where it begins late"),
        ("09:00-17:00", "Pacific/Kiritimati", "2028-02-28T07:00:00Z", "2028-02-28T19:00:00Z", "fourteen hours ahead"),
    ];
    for (hours, zone, now, expected, why) in table {
        assert_eq!(leaves(hours, zone, now), expected, "{why}");
    }
}

#[test]
fn a_promise_is_so_many_hours_whatever_the_calendar_does() {
    let table = [
        ("2028-02-25T14:00:00Z", "2028-03-03T14:00:00Z", "over a leap day"),
        ("2027-02-25T14:00:00Z", "2027-03-04T14:00:00Z", "in a year without one"),
        ("2026-12-28T23:30:00Z", "2027-01-04T23:30:00Z", "over the turn of the year"),
        ("2026-03-27T00:30:00Z", "2026-04-03T00:30:00Z", "over the night when European clocks go forward"),
        ("2026-10-23T00:30:00Z", "2026-10-30T00:30:00Z", "over the night when they go back"),
    ];
    for (started, due, why) in table {
        let clock = Clock::start(ClockKind::Acknowledge, started.parse().unwrap(), days(7));
        assert_eq!(clock.due_at.to_string(), due, "{why}");
        let ladder = Ladder::of(clock.kind, clock.target, &[]);
        assert_eq!(ladder.moment(&clock, &Waits::default(), ladder.board_step().unwrap()), clock.due_at, "{why}");
    }
}
