//! Machines that answer each other by way of us: each loop comes to its end by itself, and a person is told.

use fingerpost::domain::address::Mailbox;
use fingerpost::flows::echoes::LOOP_STOPPED;
use fingerpost::mail::write::transport::SentLetter;
use fingerpost::store::FiledAs;
use jiff::SignedDuration;

use crate::stage::{Mail, Stage, mail, reply_address, report_about};

/// Lets `answer` react to each letter that goes to its machine until nothing more is said, at most `rounds` times a day.
async fn goes_on(stage: &Stage, machine: &str, rounds: usize, answer: impl Fn(&SentLetter, usize) -> Mail) -> usize {
    let (domain, mut heard) = (machine.rsplit('@').next().unwrap().to_owned(), 0);
    for _ in 0..rounds {
        let sent = stage.relay.sent();
        let Some(letter) = sent.iter().filter(|letter| letter.recipient.domain() == domain).nth(heard) else { break };
        heard += 1;
        stage.mail_arrives(answer(letter, heard)).await;
    }
    heard
}

/// How many letters went to a domain.
fn letters_to(stage: &Stage, domain: &str) -> usize {
    stage.relay.sent().iter().filter(|letter| letter.recipient.domain() == domain).count()
}

#[tokio::test]
async fn an_unmarked_responder_that_writes_to_the_security_address_is_held_and_not_answered() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let responder = |letter: &SentLetter, round: usize| {
        mail("jane@reporter.example", &format!("Re: {}", letter.subject()), &format!("I am away ({round}).\r\n"))
    };
    goes_on(&stage, "jane@reporter.example", 50, responder).await;
    assert_eq!(letters_to(&stage, "reporter.example"), 1, "the receipt");
    assert_eq!((stage.cases().await, stage.house.store.held(9).await.unwrap().len()), (1, 1), "a person looks");
}

#[tokio::test]
async fn an_unmarked_responder_that_keeps_nothing_of_our_letter_is_answered_three_times_a_day() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let responder = |_: &SentLetter, round: usize| {
        mail("jane@reporter.example", "Thank you for your mail", &format!("I am away ({round}).\r\n"))
    };
    goes_on(&stage, "jane@reporter.example", 50, responder).await;
    assert_eq!(letters_to(&stage, "reporter.example"), 3);
    assert!(stage.cases().await <= 4);
}

#[tokio::test]
async fn two_responders_one_of_them_unmarked_come_to_an_end_on_both_sides() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    // The project's machine carries no mark, the reporter's does; both answer to Reply-To.
    let unmarked = |letter: &SentLetter, _: usize| {
        mail("security@parsley.example", &format!("Re: {}", letter.subject()), "Thank you for your mail.\r\n")
            .to(&reply_address(letter))
    };
    let marked = |letter: &SentLetter, _: usize| {
        mail("jane@reporter.example", &format!("Re: {}", letter.subject()), "I am away.\r\n")
            .to(&reply_address(letter))
            .header("Auto-Submitted: auto-replied")
    };
    for _ in 0..5 {
        goes_on(&stage, "security@parsley.example", 20, unmarked).await;
        goes_on(&stage, "jane@reporter.example", 20, marked).await;
    }
    assert!(stage.relay.sent().len() <= 8, "{} letters", stage.relay.sent().len());
    assert_eq!(stage.cases().await, 1);
}

#[tokio::test]
async fn a_ticket_robot_with_a_new_address_each_time_is_stopped_by_its_subject_and_a_person_is_told() {
    let stage = Stage::open().await;
    stage.mail_arrives(mail("help-1@robots.example", "Parsley is broken", "See Parsley 2.1.\r\n")).await;
    let robot = |letter: &SentLetter, round: usize| {
        let from = format!("help-{round}@robots.example");
        mail(&from, &format!("[Ticket#{}] Re: {}", 4711 + round, letter.subject()), &format!("Ticket {round}.\r\n"))
    };
    assert!(goes_on(&stage, "help@robots.example", 200, robot).await <= 2);
    assert_eq!((letters_to(&stage, "robots.example"), stage.cases().await), (1, 1), "what quotes our number is held");

    let robot = |_: &SentLetter, round: usize| {
        let from = format!("help-{round}@robots.example");
        mail(&from, &format!("[Ticket#{}] We have your mail", 4711 + round), &format!("Ticket {round}.\r\n"))
    };
    goes_on(&stage, "help@robots.example", 200, robot).await;
    assert!(letters_to(&stage, "robots.example") <= 11, "{}", letters_to(&stage, "robots.example"));

    let waiting = stage.house.store.triage_cases(50).await.unwrap();
    let reasons: Vec<_> = waiting.iter().filter_map(|line| line.case.waits_because.as_deref()).collect();
    assert!(reasons.iter().any(|why| why.starts_with("Machines seem to answer each other")), "{reasons:?}");
    assert_eq!(stage.house.store.marked(LOOP_STOPPED).await.unwrap(), Some(stage.now()));
}

#[tokio::test]
async fn answers_with_one_subject_from_ever_new_domains_are_forwarded_ten_times_a_day_and_then_wait_for_a_person() {
    let stage = &Stage::open().await;
    for round in 0..15 {
        let from = format!("robot@robots{round}.example");
        let mut report =
            mail(&from, &format!("[#{round}] Re: [SEC-2025-0777] Overflow in Parsley 2.1"), "It crashes.\r\n");
        report.message_id = format!("{round}@robots.example");
        stage.mail_arrives(report).await;
    }
    assert_eq!(stage.mail_to("security@parsley.example").len(), 10);
    assert_eq!(stage.cases().await, 15, "each is kept and seen");
    stage.passes(SignedDuration::from_hours(25)).await;
    let other_day =
        mail("joe@elsewhere.example", "[#99] Re: [SEC-2025-0777] Overflow in Parsley 2.1", "It crashes again.\r\n");
    let forwards = stage.mail_to("security@parsley.example").len();
    stage.mail_arrives(other_day).await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), forwards + 1, "the next day counts anew");
}

#[tokio::test]
async fn reports_with_the_same_two_words_for_a_subject_are_all_forwarded() {
    let stage = Stage::open().await;
    for reporter in 0..15 {
        let from = format!("finder@finders{reporter}.example");
        stage.mail_arrives(mail(&from, "Security vulnerability", "Parsley 2.1 has an overflow.\r\n")).await;
    }
    assert_eq!(stage.mail_to("security@parsley.example").len(), 15);
}

#[tokio::test]
async fn a_list_that_sends_our_letters_back_opens_nothing_and_gets_no_answer() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let forward = stage.only_mail_to("security@parsley.example");
    let letters = stage.relay.sent().len();
    let mut echo = report_about("Parsley").header("List-Id: <security.parsley.example>");
    echo.sender = Some("security-bounces@parsley.example".to_owned());
    let raw = [b"List-Id: <security.parsley.example>\r\nReceived: from list\r\n".as_slice(), &forward.bytes].concat();
    stage.keep_raw(raw, &echo).await;
    stage.everything_due_happens().await;
    assert_eq!((stage.filed(FiledAs::Automatic).await, stage.cases().await), (1, 1));
    assert_eq!(stage.relay.sent().len(), letters);
    assert!(Mailbox::parse(&reply_address(&forward)).is_ok());
}
