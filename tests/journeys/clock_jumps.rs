//! Time that does strange things: the program is down over a deadline, the wall clock is set, the hour changes.

use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::AutoForward;
use fingerpost::flows::clocks::CLOCK_JUMPED;
use fingerpost::mail::write::transport::SentLetter;
use jiff::{SignedDuration, Timestamp};

use crate::escalation::{clock, events, with_a_report, words};
use crate::stage::{Stage, is_digest, mail, report_about, subjects};

const CONTACT: &str = "security@parsley.example";
const CHAIR: &str = "ada@foundation.example";
const OPERATOR: &str = "operator@foundation.example";
const BOARD: &str = "board@foundation.example";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// Everything that was ever sent, by number: what must not change when nothing is to be told.
fn sent(stage: &Stage) -> usize {
    let to_operator = |letter: &SentLetter| letter.recipient.as_str() == OPERATOR;
    stage.relay.sent().iter().filter(|letter| !is_digest(letter) && !to_operator(letter)).count()
}

#[tokio::test]
async fn a_deadline_that_passes_while_the_program_is_down_is_told_once_at_the_next_start() {
    let mut stage = with_a_report().await;
    stage.days_pass(3).await;
    stage.clock.advance(days(9));
    stage.restart().await;
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(BOARD).len(), 1, "at once, for downtime is no jump");
    assert_eq!(stage.mail_to(CONTACT).len(), 3, "forward, first reminder, and with the board");
    assert_eq!(stage.mail_to(CHAIR).len(), 1, "what was passed over is not made up for");
    assert_eq!(events(&stage, "step-skipped").await.len(), 4, "but the record says so");
    let before = sent(&stage);
    for _ in 0..3 {
        stage.restart().await;
        stage.passes(minutes(10)).await;
    }
    assert_eq!(sent(&stage), before);
}

#[tokio::test]
async fn after_a_jump_ahead_the_board_waits_an_hour_in_which_the_clock_can_be_set_right() {
    let stage = with_a_report().await;
    stage.passes(days(1)).await;
    stage.clock.jump(days(8));
    stage.everything_due_happens().await;
    assert_eq!(stage.house.store.marked(CLOCK_JUMPED).await.unwrap(), Some(stage.now()), "the desk shows it");
    let told = stage.only_mail_to(OPERATOR);
    assert_eq!(told.subject(), "The clock of the security contact router jumped forward by 8 d 0 h");
    assert!(!words(&told).contains("SEC-2026"), "{}", words(&told));
    assert_eq!(stage.mail_to(BOARD).len(), 0);
    assert_eq!(stage.mail_to(CHAIR).len(), 1, "the highest step but the board's is told at once");
    stage.passes(minutes(59)).await;
    assert_eq!(stage.mail_to(BOARD).len(), 0);
    let contacts = stage.mail_to(CONTACT).len();
    stage.passes(minutes(1)).await;
    assert_eq!(stage.mail_to(BOARD).len(), 1);
    assert_eq!(stage.mail_to(CONTACT).len(), contacts + 1, "with every step of the board's");

    let stage = with_a_report().await;
    stage.passes(days(1)).await;
    stage.clock.jump(days(8));
    stage.everything_due_happens().await;
    stage.clock.jump(days(-8));
    stage.passes(minutes(90)).await;
    assert_eq!(stage.mail_to(BOARD).len(), 0, "it was set right in time");
}

#[tokio::test]
async fn eight_days_forward_and_thirty_back_tell_nothing_twice_and_mail_keeps_flowing() {
    let stage = with_a_report().await;
    stage.passes(days(1)).await;
    stage.clock.jump(days(8));
    stage.everything_due_happens().await;
    stage.passes(minutes(61)).await;
    let before = sent(&stage);
    stage.clock.jump(days(-30));
    stage.everything_due_happens().await;
    assert_eq!(stage.house.store.marked(CLOCK_JUMPED).await.unwrap(), Some(stage.now()));
    stage.days_pass(29).await;
    assert_eq!(sent(&stage), before, "{:?}", subjects(&stage.relay.sent()));
    stage.days_pass(11).await;
    let asked =
        stage.relay.sent().iter().filter(|letter| letter.subject().contains("does anybody maintain it?")).count();
    assert_eq!(asked, 2, "after a month both members are asked who maintains the project");
    assert_eq!(sent(&stage), before + 4, "and hear of the quarter's draft");

    stage.mail_arrives(mail("kay@reporter.example", "Buffer over-read in Rosemary 2.1", "It crashes.\r\n")).await;
    assert_eq!(stage.mail_to("rosa@rosemary.example").len(), 1);
    stage.days_pass(3).await;
    assert_eq!(stage.mail_to("rosa@rosemary.example").len(), 4, "its clock of three days runs as ever");
}

#[tokio::test]
async fn what_was_dated_by_a_clock_that_was_ahead_starts_when_it_is_set_right() {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Strong;
        directory.routing.hold = minutes(1);
    })
    .await;
    stage.everything_due_happens().await;
    stage.clock.jump(days(30));
    stage.mail_arrives(report_about("Parsley")).await;
    stage.clock.jump(days(-30));
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(CONTACT).len(), 1, "a letter in its hold does not wait for a month");
    assert_eq!(clock(&stage, ClockKind::FirstReply).await.clock.due_at, stage.now() + days(7));
    stage.days_pass(7).await;
    assert_eq!(stage.mail_to(BOARD).len(), 1, "nor does the board");
}

#[tokio::test]
async fn a_clock_that_was_set_back_while_the_program_was_down_is_noticed_at_the_start() {
    let mut stage = with_a_report().await;
    stage.passes(days(6)).await;
    assert_eq!(stage.house.store.marked(CLOCK_JUMPED).await.unwrap(), None);
    stage.clock.jump(days(-3));
    stage.restart().await;
    stage.everything_due_happens().await;
    assert_eq!(stage.house.store.marked(CLOCK_JUMPED).await.unwrap(), Some(stage.now()));
}

#[tokio::test]
async fn fifty_steps_of_an_hour_by_a_time_server_change_nothing() {
    let stage = with_a_report().await;
    stage.passes(days(6) + minutes(30)).await;
    let before = sent(&stage);
    for turn in 0..50 {
        stage.clock.jump(SignedDuration::from_hours(if turn % 2 == 0 { 1 } else { -1 }));
        stage.everything_due_happens().await;
    }
    assert_eq!(sent(&stage), before);
    assert_eq!(stage.house.store.marked(CLOCK_JUMPED).await.unwrap(), None);
    stage.passes(days(1) - minutes(30)).await;
    assert_eq!(stage.mail_to(BOARD).len(), 1, "on time");
}

/// Letters of the case to the contact, who is also asked each quarter whether it is still there.
fn about_the_case(stage: &Stage) -> usize {
    stage.mail_to(CONTACT).iter().filter(|letter| letter.subject().starts_with("[SEC-")).count()
}

#[tokio::test]
async fn on_nights_when_the_hour_changes_reminders_come_in_the_morning_and_deadlines_do_not_move() {
    // A first step two days after the arrival, in the night of the change; nine o'clock there.
    let nights = [
        ("Europe/Berlin", "2027-03-26T01:15:00Z", "2027-03-28T07:00:00Z"),
        ("Europe/Berlin", "2027-10-29T00:45:00Z", "2027-10-31T08:00:00Z"),
        ("America/New_York", "2027-03-12T07:30:00Z", "2027-03-14T13:00:00Z"),
        ("America/New_York", "2027-11-05T05:30:00Z", "2027-11-07T14:00:00Z"),
    ];
    for (zone, arrival, morning) in nights {
        let stage = Stage::with(|directory| {
            directory.routing.auto_forward = AutoForward::Strong;
            directory.routing.hold = SignedDuration::ZERO;
            let contact = &mut directory.projects[0].contacts[0];
            contact.hours = Some("09:00-17:00".to_owned());
            contact.zone = Some(jiff::tz::TimeZone::get(zone).unwrap());
        })
        .await;
        let (arrival, morning): (Timestamp, Timestamp) = (arrival.parse().unwrap(), morning.parse().unwrap());
        stage.clock.advance(arrival.duration_since(stage.now()));
        stage.mail_arrives(report_about("Parsley")).await;
        stage.passes(days(2) - minutes(60)).await;
        while stage.now() < morning {
            assert_eq!(about_the_case(&stage), 1, "{zone} at {}", stage.now());
            stage.passes(minutes(15)).await;
        }
        assert_eq!(about_the_case(&stage), 2, "{zone} at {}", stage.now());
        assert_eq!(clock(&stage, ClockKind::Acknowledge).await.clock.due_at, arrival + days(7), "a week is a week");
        stage.passes(arrival.duration_since(stage.now()) + days(7) - minutes(1)).await;
        assert_eq!(stage.mail_to(BOARD).len(), 0, "{zone}");
        stage.passes(minutes(1)).await;
        assert!(words(&stage.only_mail_to(BOARD)).contains("Parsley"), "{zone}");
    }
}

#[tokio::test]
async fn two_promises_that_end_minutes_apart_reach_the_board_as_one_letter() {
    let stage = Stage::open().await;
    let arrival = report_about("Parsley");
    stage.keep(&arrival).await;
    stage.clock.advance(minutes(8));
    stage.everything_due_happens().await;
    let first = clock(&stage, ClockKind::FirstReply).await.clock.due_at;
    let second = clock(&stage, ClockKind::Acknowledge).await.clock.due_at;
    assert_eq!(second.duration_since(first), minutes(8), "the journal was worked off late");
    stage.passes(days(7) - minutes(8)).await;
    for _ in 0..8 {
        assert_eq!(stage.mail_to(BOARD).len(), 0, "{}", stage.now());
        stage.passes(minutes(1)).await;
    }
    assert!(words(&stage.only_mail_to(BOARD)).contains("No person has answered the reporter"));
    stage.days_pass(1).await;
    assert_eq!(stage.mail_to(BOARD).len(), 1);
}
