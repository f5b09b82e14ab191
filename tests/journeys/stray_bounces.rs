//! Delivery reports that come to the general address: an envelope id proves one, a Message-ID leads a person to it.

use fingerpost::domain::address::OwnAddresses;
use fingerpost::domain::clock::{Clock, ClockKind};
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::party::Author;
use fingerpost::flows::members::{self, HeldDecision, NotDecided};
use fingerpost::mail::write::transport::SentLetter;
use fingerpost::store::{FiledAs, MessageRow};
use jiff::SignedDuration;

use crate::bounces::{CONTACT, a_member_answers, unknown};
use crate::stage::{Mail, Stage, mail, report_about, subjects};

const DEPUTY: &str = "kim@parsley.example";
const CHAIR: &str = "ada@foundation.example";
const SECURITY: &str = "security@foundation.example";

/// The report of a server that writes to the address in From. It knows the letter by its Message-ID.
fn strayed(letter: &SentLetter) -> Mail {
    unknown(letter).to(SECURITY)
}

/// The same, with the envelope id that our relay was given.
fn with_envelope_id(letter: &SentLetter) -> Mail {
    let id = OwnAddresses::envelope_id(&letter.return_path).unwrap();
    let mut report = strayed(letter);
    let about = "Reporting-MTA: dns; mx.parsley.example\r\n";
    report.text = report.text.replace(about, &format!("{about}Original-Envelope-Id: {id}\r\n"));
    report
}

async fn forwarded() -> (Stage, SentLetter) {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let forward = stage.only_mail_to(CONTACT);
    (stage, forward)
}

async fn first_reply(stage: &Stage) -> Clock {
    let clocks = stage.house.store.clocks_of(&stage.only_case().await.id).await.unwrap();
    clocks.into_iter().find(|row| row.clock.kind == ClockKind::FirstReply).unwrap().clock
}

async fn held(stage: &Stage) -> Vec<MessageRow> {
    stage.house.store.held(10).await.unwrap().into_iter().map(|(row, _)| row).collect()
}

#[tokio::test]
async fn a_report_with_the_envelope_id_that_we_gave_counts_wherever_it_comes_to() {
    let (stage, forward) = forwarded().await;
    stage.mail_arrives(with_envelope_id(&forward)).await;
    assert!(stage.only_mail_to(DEPUTY).subject().contains("Security report for Parsley"));
    let told = stage.only_mail_to(CHAIR);
    assert!(told.subject().contains("1 of 2 Parsley contacts bounced"), "{}", told.subject());
    let letter = stage.house.store.letter(&forward.id).await.unwrap().unwrap();
    assert!(letter.refused_at.is_some());
    assert_eq!((held(&stage).await.len(), stage.cases().await), (0, 1));
}

#[tokio::test]
async fn a_report_that_knows_a_forward_by_its_message_id_alone_is_held_and_the_deputies_are_told_meanwhile() {
    let (stage, forward) = forwarded().await;
    stage.mail_arrives(strayed(&forward)).await;
    let waits = held(&stage).await.remove(0);
    assert_eq!((waits.author, &waits.case), (Author::Server, &Some(stage.only_case().await.id)));
    let because = waits.held_because.unwrap();
    assert!(because.contains("our forward letter to security@parsley.example"), "{because}");
    assert!(because.contains("(5.1.1)") && because.contains("no clock was changed"), "{because}");
    assert_eq!(stage.mail_to(DEPUTY).len(), 1);
    assert!(stage.mail_to(CHAIR).is_empty(), "nobody is called gone: {:?}", subjects(&stage.mail_to(CHAIR)));
    let letter = stage.house.store.letter(&forward.id).await.unwrap().unwrap();
    assert_eq!((letter.sent_at.is_some(), letter.refused_at), (true, None));

    let mut again = strayed(&forward);
    again.message_id = "again@mx.parsley.example".to_owned();
    stage.mail_arrives(again).await;
    assert_eq!((held(&stage).await.len(), stage.filed(FiledAs::Automatic).await), (1, 1), "one is enough for a person");
    stage.passes(SignedDuration::from_hours(49)).await;
    let reminded = stage.mail_to(CHAIR);
    assert!(reminded.iter().any(|letter| letter.subject().contains("held mail")), "{:?}", subjects(&reminded));
}

#[tokio::test]
async fn a_forged_bounce_of_the_human_answer_does_not_start_the_clock_again_and_a_believed_one_does() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let due_at = first_reply(&stage).await.due_at;
    let answer = a_member_answers(&stage).await;
    stage.mail_arrives(strayed(&answer)).await;
    assert!(first_reply(&stage).await.stopped_at.is_some(), "whoever read the answer could write this");

    let (waits, chair) = (held(&stage).await.remove(0), stage.chair());
    let decide = |decision| members::decide_held(&stage.house, &waits.id, decision, &chair);
    assert_eq!(decide(HeldDecision::CameBack).await.unwrap(), Ok(None));
    stage.everything_due_happens().await;
    let clock = first_reply(&stage).await;
    assert_eq!((clock.stopped_at, clock.due_at), (None, due_at), "a person believed it");
    assert_eq!(decide(HeldDecision::NotRelated).await.unwrap(), Err(NotDecided::AlreadyDecided));
    let told = stage.mail_to(CHAIR);
    assert!(told.iter().any(|letter| letter.subject().contains("The answer to the reporter bounced")));
}

#[tokio::test]
async fn set_aside_it_changes_nothing_and_no_other_held_mail_can_be_counted_as_a_bounce() {
    let (stage, forward) = forwarded().await;
    stage.mail_arrives(strayed(&forward)).await;
    let (waits, chair) = (held(&stage).await.remove(0), stage.chair());
    members::decide_held(&stage.house, &waits.id, HeldDecision::NotRelated, &chair).await.unwrap().unwrap();
    let case = stage.only_case().await;
    let of_case = &stage.house.store.handlings_of(&case.id).await.unwrap()[0];
    assert_eq!(of_case.state, HandlingState::Sent);

    stage.mail_arrives(mail("ivo@elsewhere.example", "[SEC-2026-0001] hello", "I know more.\r\n")).await;
    let waits = held(&stage).await.remove(0);
    let decided = members::decide_held(&stage.house, &waits.id, HeldDecision::CameBack, &chair).await.unwrap();
    assert_eq!(decided, Err(NotDecided::NoBounce));
    assert_eq!(held(&stage).await.len(), 1, "it is still there to be decided about");
}

#[tokio::test]
async fn a_report_about_no_letter_of_ours_or_of_no_failure_is_filed_and_opens_nothing() {
    let (stage, forward) = forwarded().await;
    let mut others = strayed(&forward);
    others.text = others.text.replace("@foundation.example", "@elsewhere.example");
    stage.mail_arrives(others).await;
    let mut late = strayed(&forward);
    late.text = late.text.replace("Action: failed", "Action: delayed").replace("5.1.1", "4.4.1").replace("550", "450");
    stage.mail_arrives(late).await;
    assert_eq!((stage.filed(FiledAs::Automatic).await, held(&stage).await.len(), stage.cases().await), (2, 0, 1));
    assert!(stage.mail_to(DEPUTY).is_empty());
}
