//! A member who does not wait for the ladder: reminds a project, asks the board for help, or skips a reminder.

use axum::http::{Method, StatusCode};
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::ProjectId;
use fingerpost::domain::ladder::NotSkipped;
use fingerpost::domain::party::Lane;
use fingerpost::flows::attempts::attempts;
use fingerpost::flows::escalating::{self, NotAsked};
use fingerpost::flows::reminding::{self, NotReminded};
use fingerpost::flows::urgency;
use fingerpost::store::ClockRow;
use jiff::SignedDuration;

use crate::escalation::{BOARD, CONTACT, DEPUTY, MEMBER, clock, days, with_a_report, words};
use crate::site::{ask, pages, sign_in_cookie};
use crate::stage::{REPORT_TEXT, Stage, mail, reply_address, report_about};

fn project(id: &str) -> ProjectId {
    ProjectId::parse(id).unwrap()
}

async fn remind(stage: &Stage, id: &str) -> Result<usize, NotReminded> {
    let case = stage.only_case().await;
    let reminded = reminding::remind(&stage.house, &case.id, &project(id), &stage.chair()).await.unwrap();
    stage.everything_due_happens().await;
    reminded
}

async fn ask_the_board(stage: &Stage, because: &str) -> Result<(), NotAsked> {
    let case = stage.only_case().await;
    let chair = stage.chair();
    let asked = escalating::ask_the_board(&stage.house, &case.id, &project("parsley"), because, &chair).await.unwrap();
    stage.everything_due_happens().await;
    asked
}

async fn skip(stage: &Stage, clock: &ClockRow, hours: i64, because: &str) -> Result<(), NotSkipped> {
    let at = SignedDuration::from_hours(hours);
    urgency::skip(&stage.house, &clock.case, &clock.id, at, because, &stage.chair()).await.unwrap()
}

#[tokio::test]
async fn a_member_reminds_a_silent_project_once_a_day_and_the_ladder_goes_on_as_ever() {
    let stage = with_a_report().await;
    assert!(matches!(remind(&stage, "parsley").await, Err(NotReminded::TooSoon(_))), "the forward has just left");
    stage.days_pass(1).await;
    assert_eq!(remind(&stage, "parsley").await, Ok(1));
    let reminder = stage.mail_to(CONTACT).pop().unwrap();
    assert!(words(&reminder).contains("6 days left to confirm SEC-2026-0001 (Parsley)."), "{}", words(&reminder));
    assert!(words(&reminder).contains("deputies") && words(&reminder).contains("board"), "{}", words(&reminder));
    assert!(!words(&reminder).contains(REPORT_TEXT));
    assert!(matches!(remind(&stage, "parsley").await, Err(NotReminded::TooSoon(_))));
    assert!(matches!(remind(&stage, "rosemary").await, Err(NotReminded::NotWaiting)));

    stage.days_pass(1).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 3, "the step at two sevenths comes all the same");
    stage.days_pass(6).await;
    assert!(stage.only_mail_to(BOARD).subject().contains("Parsley has not answered in 7 days"));
    stage.days_pass(1).await;
    assert_eq!(remind(&stage, "parsley").await, Ok(2), "the deputy has it too");
    let late = stage.mail_to(CONTACT).pop().unwrap();
    assert!(words(&late).contains("are over, and we have heard nothing. The committee may answer"), "{}", words(&late));

    let address = reply_address(&stage.mail_to(CONTACT)[0]);
    stage.mail_arrives(mail(CONTACT, "Re: report", "Yes, we have it.\r\n").to(&address)).await;
    assert_eq!(remind(&stage, "parsley").await, Err(NotReminded::NotWaiting), "they have confirmed");
}

#[tokio::test]
async fn nobody_is_reminded_where_no_mail_is_read_or_while_the_clock_is_paused() {
    let stage = with_a_report().await;
    stage.days_pass(1).await;
    let promise = clock(&stage, ClockKind::Acknowledge).await;
    let until = stage.now() + days(3);
    let handling = promise.handling.unwrap();
    fingerpost::flows::clocks::pause(&stage.house, &handling, until, "They asked.", &stage.chair())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(remind(&stage, "parsley").await, Err(NotReminded::Paused));

    let stage = Stage::with(|_| {}).await;
    stage.mail_arrives(report_about("Lovage")).await;
    let case = stage.only_case().await;
    fingerpost::flows::by_hand::take(&stage.house, &case.id, &project("lovage"), &stage.chair())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(remind(&stage, "lovage").await, Err(NotReminded::NotByMail));
}

#[tokio::test]
async fn the_board_is_asked_for_help_early_learns_nothing_of_the_report_and_hears_of_the_breach_as_ever() {
    let stage = with_a_report().await;
    stage.days_pass(3).await;
    assert_eq!(ask_the_board(&stage, " ").await, Err(NotAsked::NoReason));
    assert_eq!(ask_the_board(&stage, "A talk about it is announced for Friday.").await, Ok(()));
    let letter = stage.only_mail_to(BOARD);
    assert_eq!(letter.subject(), "[SEC-2026-0001] Parsley: the committee asks for your help");
    let text = words(&letter);
    assert!(text.contains("Parsley has not confirmed yet and has until Fri 2026-11-27"), "{text}");
    assert!(text.contains("/b/") && !text.contains(REPORT_TEXT) && !text.contains("talk"), "{text}");
    assert!(matches!(ask_the_board(&stage, "Again.").await, Err(NotAsked::TooSoon(_))));
    let case = stage.only_case().await;
    let notes = stage.house.store.messages_of(&case.id).await.unwrap();
    assert!(notes.iter().any(|note| note.lane == Some(Lane::Internal) && note.body.contains("A talk about it")));

    stage.days_pass(5).await;
    let letters = stage.mail_to(BOARD);
    assert_eq!(letters.len(), 2, "the promise was broken all the same");
    assert!(letters[1].subject().contains("Parsley has not answered in 7 days"));
    let attempts = attempts(&stage.house, "SEC-2026-0001", &project("parsley")).await.unwrap().unwrap().attempts;
    assert_eq!(attempts.iter().filter(|attempt| attempt.what == "The board was told").count(), 2, "{attempts:#?}");
}

#[tokio::test]
async fn a_skipped_reminder_is_not_told_and_the_one_after_it_is() {
    let stage = with_a_report().await;
    let promise = clock(&stage, ClockKind::Acknowledge).await;
    assert_eq!(skip(&stage, &promise, 48, "").await, Err(NotSkipped::NoReason));
    assert_eq!(skip(&stage, &promise, 96, "They are at a meeting.").await, Err(NotSkipped::NotNext));
    assert_eq!(skip(&stage, &promise, 48, "They are at a meeting.").await, Ok(()));
    assert_eq!(skip(&stage, &promise, 48, "They are at a meeting.").await, Err(NotSkipped::NotNext), "once");
    stage.days_pass(3).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 1, "the forward alone");
    stage.days_pass(2).await;
    assert_eq!((stage.mail_to(CONTACT).len(), stage.mail_to(DEPUTY).len()), (2, 1), "the next step as ever");
    let now = clock(&stage, ClockKind::Acknowledge).await;
    assert_eq!(now.clock.due_at, promise.clock.due_at, "no deadline moved");
    assert_eq!(skip(&stage, &now, 144, "Again.").await, Ok(()));
    assert_eq!(skip(&stage, &now, 168, "The board too?").await, Err(NotSkipped::Board));
    stage.days_pass(3).await;
    assert!(stage.only_mail_to(BOARD).subject().contains("has not answered"));
    assert!(!stage.mail_to(MEMBER).iter().any(|letter| words(letter).contains("Parsley has not confirmed")));
    let first = clock(&stage, ClockKind::FirstReply).await;
    assert_eq!(skip(&stage, &first, 168, "No.").await, Err(NotSkipped::FirstReply));
}

#[tokio::test]
async fn both_pages_show_what_leaves_before_it_does() {
    let stage = with_a_report().await;
    stage.days_pass(1).await;
    let (pages, cookie) = (pages(&stage), sign_in_cookie(&stage).await);
    let get = async |path: &str| ask(&pages, Method::GET, path, &[("cookie", &cookie)], "").await.text();
    let post = async |path: &str, form: &str| ask(&pages, Method::POST, path, &[("cookie", &cookie)], form).await;
    let reminder = get("/cases/SEC-2026-0001/remind/parsley").await;
    for words in ["Remind 1 person at Parsley", "6 days left to confirm", "/a/\u{2026}", "It leaves at once."] {
        assert!(reminder.contains(words), "{words} in {reminder}");
    }
    let escalation = get("/cases/SEC-2026-0001/escalate/parsley").await;
    for words in ["board@foundation.example", "the committee asks for your help", "/b/\u{2026}", "Why now"] {
        assert!(escalation.contains(words), "{words} in {escalation}");
    }
    let without = post("/cases/SEC-2026-0001/escalate/parsley", "because=").await;
    assert!(without.status == StatusCode::OK && without.text().contains("<title>Error: Escalate"));
    let asked = post("/cases/SEC-2026-0001/escalate/parsley", "because=A+talk").await;
    assert_eq!(asked.header("location"), "/cases/SEC-2026-0001");
    let reminded = post("/cases/SEC-2026-0001/remind/parsley", "").await;
    assert_eq!(reminded.header("location"), "/cases/SEC-2026-0001");
    assert!(get("/cases/SEC-2026-0001/remind/parsley").await.contains("Wait a day before you remind them again."));
}
