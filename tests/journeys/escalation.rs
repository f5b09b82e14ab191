//! Journey 4: everybody must answer within the week, or somebody else hears of it.

use std::sync::atomic::Ordering;

use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::clock::{Clock, ClockEnd, ClockKind, ClockState, NotPaused};
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::directory::{AutoForward, LadderClock, LadderStep, Tell};
use fingerpost::domain::handling::HandlingState;
use fingerpost::flows::board;
use fingerpost::flows::clocks::{self, NotTakenOver};
use fingerpost::flows::members;
use fingerpost::flows::progress;
use fingerpost::mail::write::transport::SentLetter;
use fingerpost::store::{ClockRow, HandlingRow};
use jiff::SignedDuration;

use crate::stage::{Mail, REPORT_TEXT, Stage, mail, reply_address, report_about, subjects, token_in};

pub const CONTACT: &str = "security@parsley.example";
pub const DEPUTY: &str = "kim@parsley.example";
pub const CHAIR: &str = "ada@foundation.example";
pub const MEMBER: &str = "tania@foundation.example";
pub const BOARD: &str = "board@foundation.example";
pub const REPORTER: &str = "jane@reporter.example";

pub fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// A stage on which a report about Parsley has just been forwarded.
pub async fn with_a_report() -> Stage {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 1);
    stage
}

/// The text of a letter on one line, as a reader understands it.
pub fn words(letter: &SentLetter) -> String {
    letter.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn answer(from: &str, stage: &Stage) -> Mail {
    mail(from, "Re: report", "Yes, we have it.\r\n").to(&reply_address(&stage.mail_to(CONTACT)[0]))
}

pub async fn handling(stage: &Stage) -> HandlingRow {
    let case = stage.only_case().await;
    stage.house.store.handlings_of(&case.id).await.unwrap().remove(0)
}

/// The one clock of that kind.
pub async fn clock(stage: &Stage, kind: ClockKind) -> ClockRow {
    let case = stage.only_case().await;
    let mut clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    clocks.retain(|row| row.clock.kind == kind);
    assert_eq!(clocks.len(), 1, "{kind:?}");
    clocks.remove(0)
}

pub async fn events(stage: &Stage, kind: &str) -> Vec<String> {
    let case = stage.only_case().await;
    let events = stage.house.store.events_of(&case.id).await.unwrap();
    events.into_iter().filter(|event| event.kind == kind).map(|event| event.detail).collect()
}

#[tokio::test]
async fn the_board_hears_of_a_project_that_stays_silent_for_a_week() {
    let stage = with_a_report().await;
    stage.days_pass(7).await;

    let letter = stage.only_mail_to(BOARD); // one, though both clocks ran out
    assert_eq!(letter.subject(), "[SEC-2026-0001] Parsley has not answered in 7 days");
    let text = words(&letter);
    assert!(text.contains("help us reach a maintainer of Parsley by Sun 2026-11-29 14:00 UTC"), "{text}");
    assert!(text.contains("No person has answered the reporter within the 7 days"), "{text}");
    assert!(
        text.contains("reminded Sun 2026-11-22 14:00 UTC, Tue 2026-11-24 14:00 UTC · 2 contacts, 0 bounced"),
        "{text}"
    );
    let all = String::from_utf8_lossy(&letter.bytes).into_owned() + &text;
    assert!(
        !all.contains(REPORT_TEXT) && !all.contains("over-read"),
        "the board learns of the silence, not of the flaw"
    );
    assert!(!all.contains("jane"), "nor of whom reported it");
    assert_eq!(letter.header("Auto-Submitted").trim(), "auto-generated");
}

#[tokio::test]
async fn each_step_of_the_week_is_told_once_to_those_it_is_for() {
    let stage = with_a_report().await;
    let told = |to: &'static str| stage.mail_to(to).len();
    stage.days_pass(2).await;
    assert_eq!((told(CONTACT), told(DEPUTY)), (2, 0), "the contacts are reminded");
    assert_eq!((told(CHAIR), told(MEMBER), told(BOARD)), (1, 0, 0), "nobody owns the case: the chair");
    stage.days_pass(2).await;
    assert_eq!((told(CONTACT), told(DEPUTY)), (3, 1), "the deputies join");
    assert_eq!((told(CHAIR), told(MEMBER)), (2, 1));
    stage.days_pass(2).await;
    assert_eq!((told(CONTACT), told(DEPUTY)), (3, 1));
    assert_eq!((told(CHAIR), told(MEMBER)), (3, 2), "the chair hears of both clocks in one letter");
    let both = words(&stage.mail_to(CHAIR)[2]);
    assert!(both.contains("No person has answered") && both.contains("Parsley has not confirmed"), "{both}");
    assert_eq!(told(BOARD), 0);
    stage.days_pass(1).await;
    assert_eq!((told(CONTACT), told(DEPUTY), told(BOARD)), (4, 2, 1), "the board's step reminds the contacts too");
    assert_eq!((told(CHAIR), told(MEMBER)), (3, 2));

    stage.days_pass(10).await;
    assert_eq!((told(CONTACT), told(DEPUTY), told(BOARD)), (4, 2, 1), "the ladder has an end");
    assert_eq!((told(CHAIR), told(MEMBER)), (3, 2));
    assert_eq!(events(&stage, "step-skipped").await, Vec::<String>::new());
    assert_eq!(events(&stage, "escalated").await.len(), 2);
}

#[tokio::test]
async fn a_reminder_says_what_is_left_and_who_is_next_and_a_yes_to_it_ends_it_all() {
    let stage = with_a_report().await;
    stage.days_pass(2).await;
    let reminder = stage.mail_to(CONTACT).remove(1);
    let text = words(&reminder);
    assert!(text.contains("5 days left to confirm SEC-2026-0001 (Parsley)"), "{text}");
    assert!(
        text.contains(
            "Sent to: 1 contact. Next: deputies Tue 2026-11-24 14:00 UTC, committee Thu 2026-11-26 14:00 UTC, board Fri \
             2026-11-27 14:00 UTC."
        ),
        "{text}"
    );
    assert!(!text.contains("over-read"), "{text}");
    assert_eq!(reply_address(&reminder), reply_address(&stage.mail_to(CONTACT)[0]));
    assert_eq!(token_in(&reminder, "/a/"), token_in(&stage.mail_to(CONTACT)[0], "/a/"));
    let forward = &stage.mail_to(CONTACT)[0];
    assert!(
        reminder.header("References").contains(forward.header("Message-ID").trim()),
        "one thread in a mail program"
    );
    assert_eq!(reminder.subject(), forward.subject());

    stage.mail_arrives(mail(CONTACT, "Re:", "yes\r\n").to(&reply_address(&reminder))).await;
    assert_eq!(clock(&stage, ClockKind::Acknowledge).await.clock.ended_as, Some(ClockEnd::Kept));
    stage.days_pass(6).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 2, "{:?}", subjects(&stage.mail_to(CONTACT)));
    assert_eq!(stage.mail_to(DEPUTY).len(), 0);
}

#[tokio::test]
async fn reminders_come_in_the_working_hours_of_their_reader_and_go_nowhere_once_the_project_has_answered() {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Strong;
        directory.routing.hold = SignedDuration::ZERO;
        let contact = &mut directory.projects[0].contacts[0];
        contact.hours = Some("09:00-17:00".to_owned());
        contact.zone = Some(jiff::tz::TimeZone::get("Asia/Tokyo").unwrap());
    })
    .await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(days(2)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 1, "23:00 in Tokyo");
    stage.passes(hours(9)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 1);
    stage.passes(hours(1)).await;
    let reminder = stage.mail_to(CONTACT).remove(1);
    assert!(words(&reminder).contains("4 days left"), "counted from when it leaves: {}", words(&reminder));

    stage.passes(days(2) - hours(10)).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1, "who has no hours is told at once");
    stage.mail_arrives(answer(CONTACT, &stage)).await;
    stage.passes(days(1)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 2, "the reminder that waited for the morning is withdrawn");
}

#[tokio::test]
async fn the_policy_may_climb_otherwise_but_the_board_hears_at_the_target() {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Strong;
        directory.routing.hold = SignedDuration::ZERO;
        let step = |clock, at, tell: &[Tell]| LadderStep { clock, at: days(at), tell: tell.to_vec() };
        directory.promise.ladder = vec![
            step(LadderClock::Acknowledge, 1, &[Tell::Contacts]),
            step(LadderClock::Acknowledge, 3, &[Tell::Chair, Tell::Deputies]),
            step(LadderClock::FirstReply, 5, &[Tell::Board, Tell::Chair]),
        ];
    })
    .await;
    stage.mail_arrives(report_about("Parsley")).await;
    let told = |to: &'static str| stage.mail_to(to).len();
    stage.days_pass(1).await;
    assert_eq!((told(CONTACT), told(DEPUTY), told(CHAIR)), (2, 0, 0));
    stage.days_pass(2).await;
    assert_eq!((told(CONTACT), told(DEPUTY), told(CHAIR)), (2, 1, 1));
    stage.days_pass(2).await;
    assert_eq!((told(BOARD), told(CHAIR), told(MEMBER)), (1, 2, 0));
    stage.days_pass(2).await;
    assert_eq!((told(BOARD), told(CONTACT)), (2, 3), "no step of the project's clock told the board before");
}

#[tokio::test]
async fn a_project_that_confirmed_and_fell_silent_is_asked_and_after_a_month_the_committee_and_the_reporter_know() {
    let stage = with_a_report().await;
    stage.gives_no_reasons.store(true, Ordering::Relaxed);
    stage.mail_arrives(answer(CONTACT, &stage)).await;
    members::note_answered(&stage.house, &stage.only_case().await.id, &stage.chair()).await.unwrap();
    let (contact, reporter) = (stage.mail_to(CONTACT).len(), stage.mail_to(REPORTER).len());
    stage.passes(days(13)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), contact);
    stage.passes(days(1)).await;
    let nudge = stage.mail_to(CONTACT).remove(contact);
    assert!(
        words(&nudge).contains("heard nothing about SEC-2026-0001 (Parsley) since Fri 2026-11-20"),
        "{}",
        words(&nudge)
    );

    let case = stage.only_case().await;
    let step = stage.house.step();
    let mut tx = stage.house.store.begin().await.unwrap();
    progress::goes_on(&mut tx, &step, &case.id, None).await.unwrap();
    tx.commit().await.unwrap();
    stage.passes(days(13)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), contact + 1, "somebody wrote, so the two weeks begin anew");
    stage.passes(days(1)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), contact + 2);
    stage.passes(days(16)).await;
    let told = words(stage.mail_to(REPORTER).last().unwrap());
    assert_eq!(stage.mail_to(REPORTER).len(), reporter + 1);
    assert!(told.contains("Parsley has confirmed your report, but we have heard nothing more since"), "{told}");
    let member = stage.mail_to(MEMBER);
    assert!(words(member.last().unwrap()).contains("Ask them where it stands"), "{:?}", subjects(&member));
    assert_eq!(stage.mail_to(BOARD).len(), 0, "a follow-up is the committee's own");
}

#[tokio::test]
async fn the_reporter_is_told_honestly_that_the_project_is_silent() {
    let stage = with_a_report().await;
    stage.passes(days(7)).await;
    let letters = stage.mail_to(REPORTER);
    let text = words(letters.last().unwrap());
    assert!(text.contains("Parsley has not confirmed your report within 7 days"), "{text}");
    assert!(text.contains("We have told the board of Story Foundation today"), "{text}");
    assert!(!text.contains("parsley.example") && !text.contains("Kim"), "names of projects, never of people: {text}");
    assert_eq!(token_in(&letters[0], "/s/"), token_in(letters.last().unwrap(), "/s/"));
}

#[tokio::test]
async fn a_sender_whom_nothing_vouches_for_and_who_had_no_letter_is_told_nothing_by_a_machine() {
    let stage = Stage::open().await;
    let mut report = report_about("Parsley").unproven();
    report.sender = Some("bounces@elsewhere.example".to_owned());
    stage.mail_arrives(report).await;
    stage.passes(days(7)).await;
    assert_eq!(stage.mail_to(BOARD).len(), 1);
    assert_eq!(stage.mail_to(REPORTER).len(), 0, "{:?}", subjects(&stage.mail_to(REPORTER)));
}

#[tokio::test]
async fn after_the_boards_step_the_committee_may_answer_and_the_promise_counts_as_broken() {
    let stage = with_a_report().await;
    let id = handling(&stage).await.id;
    let chair = stage.chair();
    stage.passes(days(6)).await;
    let early = clocks::committee_answers(&stage.house, &id, &chair).await.unwrap();
    assert_eq!(early, Err(NotTakenOver::TooEarly));
    stage.passes(days(1)).await;
    assert_eq!(clocks::committee_answers(&stage.house, &id, &chair).await.unwrap(), Ok(()));
    let again = clocks::committee_answers(&stage.house, &id, &chair).await.unwrap();
    assert_eq!(again, Err(NotTakenOver::NotWaiting));

    assert_eq!(handling(&stage).await.state, HandlingState::TakenOver);
    let promise = clock(&stage, ClockKind::Acknowledge).await.clock;
    assert_eq!((promise.ended_as, promise.state(stage.now())), (Some(ClockEnd::Breached), ClockState::Breached));
    stage.mail_arrives(answer(CONTACT, &stage)).await;
    assert_eq!(clock(&stage, ClockKind::Acknowledge).await.clock, promise, "a late yes does not keep it");
    assert_eq!(clock(&stage, ClockKind::Progress).await.handling, None, "now it is the committee's own work");
    assert!(!events(&stage, "taken-over").await.is_empty());
}

#[tokio::test]
async fn one_of_the_board_takes_it_up_and_the_others_hear_of_it_once() {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Strong;
        directory.routing.hold = SignedDuration::ZERO;
        directory.board.push(Mailbox::parse("mara@foundation.example").unwrap());
    })
    .await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(days(7)).await;
    let link = |to| Token::read(Purpose::BoardLink, &token_in(&stage.only_mail_to(to), "/b/")).unwrap();
    let (own, other) = (link(BOARD), link("mara@foundation.example"));
    assert_eq!(board::view(&stage.house, &own).await.unwrap().unwrap().taken_up_at, None);
    let pressed = (0..12).map(|_| board::take_up(&stage.house, &own));
    for pressed in futures_util::future::join_all(pressed).await {
        assert_eq!(pressed.unwrap(), Some(()));
    }
    stage.everything_due_happens().await;
    let told = stage.mail_to("mara@foundation.example");
    assert_eq!(subjects(&told)[1..], ["[SEC-2026-0001] One of you is on it"]);
    assert_eq!(stage.mail_to(BOARD).len(), 1, "who pressed it knows");
    assert_eq!(events(&stage, "board-on-it").await.len(), 1);
    assert_eq!(board::view(&stage.house, &own).await.unwrap().unwrap().taken_up_at, Some(stage.now()));
    assert_eq!(board::view(&stage.house, &other).await.unwrap().unwrap().taken_up_at, None);
    let party = token_in(&stage.mail_to(CONTACT)[0], "/a/");
    let party = Token::read(Purpose::BoardLink, &party).unwrap();
    assert!(board::view(&stage.house, &party).await.unwrap().is_none(), "a contact's link opens nothing here");
}

#[tokio::test]
async fn a_case_that_no_project_has_is_brought_to_the_committee_after_two_days_or_to_its_owner() {
    let stage = Stage::open().await;
    stage.mail_arrives(mail(REPORTER, "Something odd", "I do not know which project this is.\r\n")).await;
    stage.days_pass(2).await;
    assert_eq!(stage.mail_to(MEMBER).len(), 1);
    assert!(words(&stage.mail_to(MEMBER)[0]).contains("No project has had this case since Fri 2026-11-20 14:00 UTC"));
    assert_eq!(stage.mail_to(CHAIR).len(), 1, "the promise and the follow-up in one letter");

    let stage = Stage::open().await;
    stage.mail_arrives(mail(REPORTER, "Something odd", "I do not know which project this is.\r\n")).await;
    let case = stage.only_case().await;
    let tania = stage.house.policy().directory.committee[1].clone();
    members::claim(&stage.house, &case.id, &tania).await.unwrap();
    stage.days_pass(2).await;
    assert_eq!((stage.mail_to(MEMBER).len(), stage.mail_to(CHAIR).len()), (1, 0));
}

#[tokio::test]
async fn the_board_waits_two_days_for_a_member_to_look_at_a_held_answer_and_no_longer() {
    let stage = with_a_report().await;
    stage.passes(days(6)).await;
    stage.mail_arrives(answer(CONTACT, &stage).unproven()).await;
    stage.days_pass(2).await;
    let boards = stage.mail_to(BOARD);
    assert_eq!(subjects(&boards), ["[SEC-2026-0001] Nobody has answered the reporter in 7 days"], "our own promise");
    stage.days_pass(1).await;
    assert_eq!(stage.mail_to(BOARD).len(), 2);

    let stage = with_a_report().await;
    stage.passes(days(6)).await;
    stage.mail_arrives(answer(CONTACT, &stage).unproven()).await;
    stage.days_pass(1).await;
    let held = stage.house.store.held(10).await.unwrap().remove(0).0;
    let decision = members::HeldDecision::NotRelated;
    members::decide_held(&stage.house, &held.id, decision, &stage.chair()).await.unwrap().unwrap();
    stage.passes(hours(1)).await;
    assert_eq!(stage.mail_to(BOARD).len(), 2, "once it is no answer there is nothing to wait for");
}

#[tokio::test]
async fn a_pause_moves_the_deadline_and_silences_the_ladder() {
    let stage = with_a_report().await;
    let chair = stage.chair();
    stage.passes(days(1)).await;
    let id = handling(&stage).await.id;
    let until = stage.now() + days(10);
    assert_eq!(clocks::pause(&stage.house, &id, until, "They asked for it.", &chair).await.unwrap(), Ok(()));
    let twice = clocks::pause(&stage.house, &id, until, "Again.", &chair).await.unwrap();
    assert_eq!(twice, Err(NotPaused::Already));
    stage.days_pass(10).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 1);
    let clock_now = clock(&stage, ClockKind::Acknowledge).await.clock;
    assert_eq!((clock_now.pause, clock_now.paused), (None, days(10)), "the sweep ended it");
    stage.days_pass(1).await;
    assert!(words(&stage.mail_to(CONTACT)[1]).contains("5 days left"), "the first step, ten days later");

    clocks::pause(&stage.house, &id, stage.now() + days(9), "Once more.", &chair).await.unwrap().unwrap();
    stage.passes(days(1)).await;
    assert!(clocks::resume(&stage.house, &id, &chair).await.unwrap());
    assert!(!clocks::resume(&stage.house, &id, &chair).await.unwrap());
    assert_eq!(clock(&stage, ClockKind::Acknowledge).await.clock.paused, days(11));
    assert_eq!(events(&stage, "clock-paused").await.len(), 2);
    assert_eq!(events(&stage, "clock-resumed").await.len(), 2);
}

#[tokio::test]
async fn a_contact_whose_forward_came_back_is_not_reminded_and_the_board_is_told_how_many_there_are() {
    let stage = Stage::open().await;
    let contact = Mailbox::parse(CONTACT).unwrap();
    let refused = Delivery::Refused { status: "5.1.1".to_owned(), answer: "550 no such user".to_owned() };
    stage.relay.answer_all(Some(contact), refused);
    stage.mail_arrives(report_about("Parsley")).await;
    stage.relay.heal();
    stage.days_pass(7).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 0, "{:?}", subjects(&stage.mail_to(CONTACT)));
    assert!(stage.mail_to(DEPUTY).len() >= 3, "{:?}", subjects(&stage.mail_to(DEPUTY)));
    assert!(words(&stage.only_mail_to(BOARD)).contains("2 contacts, 1 bounced"));
}

#[tokio::test]
async fn what_the_contacts_of_a_project_by_hand_would_be_asked_the_committee_is() {
    let stage = Stage::open().await;
    stage.gives_no_reasons.store(true, Ordering::Relaxed);
    stage.mail_arrives(mail(REPORTER, "Something odd", "I do not know which project this is.\r\n")).await;
    let case = stage.only_case().await;
    let step = stage.house.step();
    let mut row = a_handling_by_hand(&case.id, stage.now());
    row.decided_at = stage.now();
    let mut tx = stage.house.store.begin().await.unwrap();
    tx.insert_handling(&row).await.unwrap();
    clocks::triage_ends(&mut tx, &step, &case.id).await.unwrap();
    let promise = clocks::NewClock {
        case: &case.id,
        handling: Some(&row.id),
        kind: ClockKind::Acknowledge,
        started_at: stage.now(),
        target: days(7),
    };
    let started: Clock = clocks::start(&mut tx, &stage.house, &step, promise).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(started.next_at, Some(stage.now() + days(2)));

    stage.days_pass(2).await;
    let text = words(&stage.mail_to(MEMBER)[0]);
    assert!(text.contains("It goes by hand, through GitHub: ask there"), "{text}");
    stage.days_pass(5).await;
    assert!(stage.only_mail_to(BOARD).subject().contains("Lovage has not answered in 7 days"));
}

fn a_handling_by_hand(case: &fingerpost::domain::id::CaseId, now: jiff::Timestamp) -> HandlingRow {
    HandlingRow {
        id: fingerpost::domain::id::HandlingId::new(now, [7; 10]),
        case: case.clone(),
        project: fingerpost::domain::directory::ProjectId::parse("lovage").unwrap(),
        state: HandlingState::ByHand,
        channel: "GitHub".to_owned(),
        decided_at: now,
        decided_by: "member:ab".to_owned(),
        acknowledged_at: None,
        acknowledged_by: None,
        acknowledged_how: None,
        withdrawn_at: None,
        handed_over_at: None,
        handed_over_by: None,
        handed_over_how: None,
        closed_at: None,
        closed_by: None,
    }
}
