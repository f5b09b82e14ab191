//! A case that is told to be quiet for a while, one that must be louder, and a project that stays silent for a month.

use fingerpost::domain::clock::{ClockKind, ClockState, NotSnoozed};
use fingerpost::domain::party::Lane;
use fingerpost::flows::{clocks, members, urgency};
use fingerpost::store::ClockRow;
use jiff::SignedDuration;

use crate::escalation::{
    BOARD, CHAIR, CONTACT, DEPUTY, MEMBER, REPORTER, clock, days, events, handling, with_a_report, words,
};
use crate::stage::{Stage, mail, reply_address, subjects};

async fn snooze(stage: &Stage, clock: &ClockRow, length: SignedDuration) -> Result<(), NotSnoozed> {
    let (until, by) = (stage.now() + length, stage.house.policy().directory.committee[1].clone());
    urgency::snooze(&stage.house, &clock.case, &clock.id, until, "They are at their yearly meeting.", &by)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_snoozed_project_is_left_alone_but_the_board_hears_on_its_day_all_the_same() {
    let stage = with_a_report().await;
    let promise = clock(&stage, ClockKind::Acknowledge).await;
    snooze(&stage, &promise, days(14)).await.unwrap();
    assert_eq!(snooze(&stage, &promise, days(1)).await, Err(NotSnoozed::Already));
    stage.days_pass(6).await;
    assert_eq!((stage.mail_to(CONTACT).len(), stage.mail_to(DEPUTY).len()), (1, 0), "the forward alone");
    assert_eq!(stage.mail_to(CHAIR).len(), 3, "the first answer is our own promise, which nobody silences");
    assert!(stage.mail_to(CHAIR).iter().all(|letter| !words(letter).contains("Parsley has not confirmed")));
    let silenced = clock(&stage, ClockKind::Acknowledge).await.clock;
    assert_eq!(silenced.due_at, promise.clock.due_at, "no deadline moved");

    stage.days_pass(1).await;
    assert!(stage.only_mail_to(BOARD).subject().contains("Parsley has not answered in 7 days"));
    assert_eq!(stage.mail_to(CONTACT).len(), 2, "the board's step reminds them as ever");
    let late = clock(&stage, ClockKind::Acknowledge).await.clock.state(stage.now());
    assert!(matches!(late, ClockState::Overdue { .. }), "still counted as a miss");
    stage.days_pass(7).await;
    assert_eq!(clock(&stage, ClockKind::Acknowledge).await.clock.snooze, None, "the sweep ended it");
    assert_eq!((events(&stage, "clock-snoozed").await.len(), events(&stage, "clock-woken").await.len()), (1, 1));
    assert_eq!(events(&stage, "step-skipped").await.len(), 3, "what was silent is in the record");
}

#[tokio::test]
async fn when_a_snooze_ends_the_highest_step_that_came_due_meanwhile_is_told_and_why_it_was_stays_with_the_case() {
    let stage = with_a_report().await;
    let promise = clock(&stage, ClockKind::Acknowledge).await;
    snooze(&stage, &promise, days(5)).await.unwrap();
    stage.days_pass(4).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 0);
    stage.days_pass(1).await;
    assert_eq!((stage.mail_to(CONTACT).len(), stage.mail_to(DEPUTY).len()), (2, 1), "one reminder, and the deputies");
    let notes = stage.house.store.messages_of(&promise.case).await.unwrap();
    let kept = notes.iter().find(|note| note.lane == Some(Lane::Internal)).unwrap();
    assert!(kept.body.contains("They are at their yearly meeting."), "{}", kept.body);

    let chair = stage.chair();
    snooze(&stage, &promise, days(2)).await.unwrap();
    assert!(urgency::wake(&stage.house, &promise.case, &promise.id, &chair).await.unwrap());
    assert!(!urgency::wake(&stage.house, &promise.case, &promise.id, &chair).await.unwrap());
    stage.days_pass(1).await;
    assert!(stage.mail_to(MEMBER).iter().any(|letter| words(letter).contains("Parsley has not confirmed")));
}

#[tokio::test]
async fn a_snooze_of_a_follow_up_holds_back_a_reminder_that_waits_for_the_morning_and_nothing_of_the_first_answer() {
    let stage = Stage::open().await;
    stage.mail_arrives(mail(REPORTER, "Something odd", "I do not know which project this is.\r\n")).await;
    let first = clock(&stage, ClockKind::FirstReply).await;
    assert_eq!(snooze(&stage, &first, days(1)).await, Err(NotSnoozed::FirstReply));
    let triage = clock(&stage, ClockKind::Triage).await;
    assert_eq!(snooze(&stage, &triage, days(15)).await, Err(NotSnoozed::TooLong));
    snooze(&stage, &triage, days(3)).await.unwrap();
    stage.days_pass(2).await;
    assert_eq!((stage.mail_to(CHAIR).len(), stage.mail_to(MEMBER).len()), (1, 0), "the promise alone");
    stage.days_pass(1).await;
    assert!(words(&stage.mail_to(MEMBER)[0]).contains("No project has had this case since"));
}

#[tokio::test]
async fn a_confirmed_exploitation_brings_the_reminders_nearer_and_leaves_the_board_where_it_was() {
    let stage = with_a_report().await;
    let (case, chair) = (stage.only_case().await, stage.chair());
    stage.passes(days(1)).await;
    assert!(urgency::exploited(&stage.house, &case.id, true, &chair).await.unwrap());
    assert!(!urgency::exploited(&stage.house, &case.id, true, &chair).await.unwrap(), "said once");
    stage.passes(SignedDuration::from_hours(11)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 1);
    stage.passes(SignedDuration::from_hours(1)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 2, "half a day instead of one");
    let reminder = words(&stage.mail_to(CONTACT)[1]);
    assert!(reminder.contains("deputies Mon 2026-11-23 02:00 UTC"), "{reminder}");
    assert!(reminder.contains("board Fri 2026-11-27 14:00 UTC."), "{reminder}");
    stage.days_pass(1).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1);
    stage.passes(days(1)).await;
    assert!(stage.mail_to(MEMBER).iter().any(|letter| words(letter).contains("Parsley has not confirmed")));
    assert_eq!(stage.mail_to(BOARD).len(), 0);

    assert!(urgency::exploited(&stage.house, &case.id, false, &chair).await.unwrap());
    stage.days_pass(4).await;
    assert_eq!(stage.mail_to(BOARD).len(), 1);
    assert_eq!(events(&stage, "exploitation-confirmed").await.len(), 1);
    assert_eq!(events(&stage, "exploitation-taken-back").await.len(), 1);
}

#[tokio::test]
async fn after_a_month_of_silence_every_member_is_asked_who_maintains_the_project() {
    let stage = with_a_report().await;
    members::note_answered(&stage.house, &stage.only_case().await.id, &stage.chair()).await.unwrap();
    stage.days_pass(29).await;
    let before = stage.mail_to(MEMBER).len();
    stage.days_pass(1).await;
    let letter = stage.mail_to(MEMBER).remove(before);
    assert_eq!(letter.subject(), "[SEC-2026-0001] Parsley is silent since Fri 20 Nov: does anybody maintain it?");
    assert!(words(&letter).contains("/cases/SEC-2026-0001/attempts/parsley"), "{}", words(&letter));
    stage.days_pass(20).await;
    assert_eq!(stage.mail_to(MEMBER).len(), before + 1, "once: {:?}", subjects(&stage.mail_to(MEMBER)));

    let late = mail(CONTACT, "Re: report", "Sorry, we have it.\r\n").to(&reply_address(&stage.mail_to(CONTACT)[0]));
    stage.mail_arrives(late).await;
    assert_eq!(clock(&stage, ClockKind::Acknowledge).await.clock.state(stage.now()), ClockState::MetLate);
}

#[tokio::test]
async fn a_month_of_downtime_tells_the_board_and_asks_the_members_once() {
    let mut stage = with_a_report().await;
    stage.days_pass(1).await;
    stage.clock.advance(days(40));
    stage.restart().await;
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(BOARD).len(), 1);
    assert_eq!(stage.mail_to(CONTACT).len(), 2, "reminded with the board's step");
    assert!(stage.mail_to(MEMBER).iter().any(|letter| letter.subject().contains("does anybody maintain it?")));
    let escalated = events(&stage, "escalated").await;
    assert!(escalated.iter().any(|step| step.starts_with("acknowledge after 604800 s of ")), "{escalated:?}");
    let reminded = events(&stage, "reminder-due").await;
    assert!(reminded.len() == 1 && reminded[0].starts_with("acknowledge after 2592000 s of "), "{reminded:?}");
    assert!(!events(&stage, "step-skipped").await.iter().any(|step| step.contains(" 604800 s")));
}

#[tokio::test]
async fn why_a_clock_was_paused_can_be_read_when_the_pause_is_long_over() {
    let stage = with_a_report().await;
    let (id, chair) = (handling(&stage).await.id, stage.chair());
    clocks::pause(&stage.house, &id, stage.now() + days(2), "The reporter is asked.", &chair).await.unwrap().unwrap();
    stage.days_pass(3).await;
    let notes = stage.house.store.messages_of(&stage.only_case().await.id).await.unwrap();
    assert!(notes.iter().any(|note| note.lane == Some(Lane::Internal) && note.body.contains("The reporter is asked.")));
}
