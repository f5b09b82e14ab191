//! Work that goes on, that stands still, and that waits for the reporter: the progress follow-up of DESIGN.md 3.4.

use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::clock::{ClockKind, ClockState};

use fingerpost::flows::links::{self, Once};
use fingerpost::flows::noise::{self, Kind};
use fingerpost::flows::status::{StatusPage, StatusView, status};
use fingerpost::flows::{members, progress, urgency};
use jiff::SignedDuration;

use crate::escalation::{clock, events, with_a_report, words};
use crate::stage::{Stage, mail, reply_address, subjects, token_in};

const CONTACT: &str = "security@parsley.example";
const CHAIR: &str = "ada@foundation.example";
const MEMBER: &str = "tania@foundation.example";
const BOARD: &str = "board@foundation.example";
const REPORTER: &str = "jane@reporter.example";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn action_link(stage: &Stage) -> Token {
    Token::read(Purpose::ActionLink, &token_in(&stage.mail_to(CONTACT)[0], "/a/")).unwrap()
}

async fn reporters_page(stage: &Stage) -> Box<StatusView> {
    let token = Token::read(Purpose::StatusLink, &token_in(&stage.mail_to(REPORTER)[0], "/s/")).unwrap();
    match status(&stage.house, &token).await.unwrap() {
        StatusPage::Case(view) => view,
        _ => panic!("the link opens the reporter's page"),
    }
}

/// Parsley has confirmed, and its question is on its way to the reporter.
async fn with_a_question() -> Stage {
    let stage = with_a_report().await;
    let (token, once) = (action_link(&stage), Once::new(&stage.house));
    let question = "Which version do you run?";
    assert_eq!(links::answer_the_reporter(&stage.house, &token, &once, question, true).await.unwrap(), Some(()));
    stage.everything_due_happens().await;
    assert!(words(stage.mail_to(REPORTER).last().unwrap()).contains(question));
    stage
}

#[tokio::test]
async fn a_project_that_cannot_go_on_without_the_reporter_is_not_asked_where_it_stands_until_they_answer() {
    let stage = with_a_question().await;
    let waiting = clock(&stage, ClockKind::Progress).await.clock;
    assert_eq!(waiting.state(stage.now()), ClockState::Paused { until: stage.now() + days(14) });
    assert_eq!(events(&stage, "waits-for-reporter").await.len(), 1);
    let asked_at = reporters_page(&stage).await.sent_to[0].asked_at;
    assert_eq!(asked_at, Some(stage.now()), "the reporter's page says whom it waits for");

    let (contact, member) = (stage.mail_to(CONTACT).len(), stage.mail_to(MEMBER).len());
    stage.passes(days(10)).await;
    let answer = mail(REPORTER, "Re: your question", "It is 2.2 on a Mac.\r\n");
    let to = reply_address(stage.mail_to(REPORTER).last().unwrap());
    stage.mail_arrives(answer.to(&to)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), contact + 1, "the answer, and no nudge");
    assert_eq!(reporters_page(&stage).await.sent_to[0].asked_at, None);
    let anew = clock(&stage, ClockKind::Progress).await.clock;
    assert_eq!((anew.started_at, anew.due_at), (stage.now(), stage.now() + days(14)), "it starts with the answer");
    stage.passes(days(13)).await;
    assert_eq!((stage.mail_to(CONTACT).len(), stage.mail_to(MEMBER).len()), (contact + 1, member));
    stage.passes(days(1)).await;
    assert!(words(stage.mail_to(CONTACT).last().unwrap()).contains("heard nothing about SEC-2026-0001 (Parsley)"));
}

#[tokio::test]
async fn a_reporter_who_does_not_answer_is_waited_for_14_days_then_members_decide_and_the_work_is_followed_again() {
    let stage = with_a_question().await;
    let (contact, reporter) = (stage.mail_to(CONTACT).len(), stage.mail_to(REPORTER).len());
    stage.passes(days(13)).await;
    assert_eq!(stage.mail_to(CHAIR).len(), 0, "{:?}", subjects(&stage.mail_to(CHAIR)));
    stage.passes(days(1)).await;
    for member in [CHAIR, MEMBER] {
        let letter = stage.only_mail_to(member);
        assert_eq!(letter.subject(), "[SEC-2026-0001] The reporter was asked on Fri 20 Nov and has not answered");
        assert!(words(&letter).contains("Parsley waited for the reporter's answer since Fri 2026-11-20"));
    }
    assert_eq!(events(&stage, "clock-resumed").await.len(), 1);
    assert_eq!(stage.mail_to(CONTACT).len(), contact, "the project has its 14 days again");
    stage.passes(days(14)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), contact + 1);
    stage.passes(days(15)).await;
    assert_eq!(stage.mail_to(REPORTER).len(), reporter);
    stage.passes(days(1)).await;
    assert_eq!(stage.mail_to(REPORTER).len(), reporter + 1, "30 days after the wait");
    assert_eq!(stage.mail_to(BOARD).len(), 0);
}

#[tokio::test]
async fn a_member_lets_the_work_wait_for_the_reporter_and_go_on_and_what_others_do_meanwhile_ends_no_wait() {
    let stage = with_a_report().await;
    let (case, chair) = (stage.only_case().await, stage.chair());
    links::we_have_it(&stage.house, &action_link(&stage)).await.unwrap();
    let promise = clock(&stage, ClockKind::Acknowledge).await.id;
    assert!(!progress::member_waits(&stage.house, &case.id, &promise, &chair).await.unwrap(), "no promise ever waits");
    let id = clock(&stage, ClockKind::Progress).await.id;
    assert!(progress::member_waits(&stage.house, &case.id, &id, &chair).await.unwrap());
    stage.passes(days(3)).await;
    links::we_have_it(&stage.house, &action_link(&stage)).await.unwrap();
    let until = ClockState::Paused { until: stage.now() + days(11) };
    assert_eq!(clock(&stage, ClockKind::Progress).await.clock.state(stage.now()), until);

    assert!(progress::waits_no_longer(&stage.house, &case.id, &id, &chair).await.unwrap());
    assert!(!progress::waits_no_longer(&stage.house, &case.id, &id, &chair).await.unwrap());
    let anew = clock(&stage, ClockKind::Progress).await.clock;
    assert_eq!((anew.started_at, anew.pause), (stage.now(), None));
}

#[tokio::test]
async fn whatever_a_person_does_with_a_case_counts_as_a_sign_of_work() {
    let stage = with_a_report().await;
    let (case, chair) = (stage.only_case().await, stage.chair());
    links::we_have_it(&stage.house, &action_link(&stage)).await.unwrap();
    let mut acts = 0;
    macro_rules! counts {
        ($act:expr) => {
            stage.passes(days(1)).await;
            $act.await.unwrap();
            acts += 1;
            assert_eq!(clock(&stage, ClockKind::Progress).await.clock.started_at, stage.now(), "act {acts}");
        };
    }
    counts!(members::claim(&stage.house, &case.id, &chair));
    counts!(links::we_have_it(&stage.house, &action_link(&stage)));
    counts!(links::others_too(&stage.house, &action_link(&stage), &["rosemary".to_owned()], ""));
    counts!(links::answered_elsewhere(&stage.house, &action_link(&stage)));
    counts!(urgency::exploited(&stage.house, &case.id, true, &chair));
    counts!(noise::correct(&stage.house, &case.id, Kind::Report, &chair));

    let id = clock(&stage, ClockKind::Progress).await;
    stage.passes(days(1)).await;
    let until = stage.now() + days(2);
    urgency::snooze(&stage.house, &case.id, &id.id, until, "They are away.", &chair).await.unwrap().unwrap();
    let silenced = clock(&stage, ClockKind::Progress).await.clock;
    assert_eq!(silenced.started_at, id.clock.started_at, "a snooze moves no deadline");
}

#[tokio::test]
async fn a_case_that_no_project_has_is_followed_too_and_its_reporter_told_after_a_month() {
    let stage = Stage::open().await;
    stage.mail_arrives(mail(REPORTER, "Something odd", "I do not know which project this is.\r\n")).await;
    members::note_answered(&stage.house, &stage.only_case().await.id, &stage.chair()).await.unwrap();
    let reporter = stage.mail_to(REPORTER).len();
    stage.passes(days(14)).await;
    let letter = stage.mail_to(MEMBER).pop().unwrap();
    assert!(
        words(&letter).contains("The committee has this case, and nothing has happened since"),
        "{}",
        words(&letter)
    );
    stage.passes(days(15)).await;
    assert_eq!(stage.mail_to(REPORTER).len(), reporter);
    stage.passes(days(1)).await;
    let told = stage.mail_to(REPORTER).pop().unwrap();
    assert!(words(&told).contains("nothing has happened with it since Fri 2026-11-20"), "{}", words(&told));
    assert!(words(&told).contains("That is our own delay."));
    stage.passes(days(30)).await;
    assert_eq!(stage.mail_to(REPORTER).len(), reporter + 1, "once");
}
