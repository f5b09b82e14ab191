//! Journey 5 and the post office: relay down, deferred, refused, dropped; the hold and "Stop sending".

use fingerpost::domain::case::CaseState;
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::letter::LetterKind;
use fingerpost::flows::composing;
use fingerpost::flows::forward::Stopped;
use jiff::SignedDuration;

use crate::stage::{Stage, mail, report_about};

fn unreachable() -> Delivery {
    Delivery::Unreachable { reason: "connection refused".to_owned() }
}

fn deferred() -> Delivery {
    Delivery::Deferred { answer: "450 4.2.1 mailbox busy".to_owned() }
}

fn refused() -> Delivery {
    Delivery::Refused { status: "5.1.1".to_owned(), answer: "550 5.1.1 no such user".to_owned() }
}

#[tokio::test]
async fn while_the_relay_is_down_no_letter_ages_and_when_it_is_back_all_go() {
    let stage = Stage::open().await;
    stage.relay.answer_all(None, unreachable());
    stage.mail_arrives(report_about("Parsley")).await;
    for _ in 0..6 {
        stage.passes(SignedDuration::from_hours(24)).await;
    }
    assert!(stage.relay.sent().is_empty());
    let counts = stage.house.store.outbox_counts(None).await.unwrap();
    assert_eq!((counts.deferred, counts.refused), (0, 0), "six days and nothing is given up");
    assert!(counts.waiting > 2, "the reminders of these days wait too");

    stage.relay.heal();
    stage.passes(SignedDuration::from_mins(1)).await;
    assert_eq!(stage.relay.sent().len() as i64, counts.waiting);
    assert_eq!(stage.house.store.outbox_counts(None).await.unwrap().waiting, 0);
}

#[tokio::test]
async fn a_deferred_recipient_is_tried_again_with_the_same_bytes_and_others_do_not_wait() {
    let stage = Stage::open().await;
    stage.relay.answer_next(deferred());
    stage.mail_arrives(report_about("Parsley")).await;
    assert_eq!(stage.relay.sent().len(), 1, "the other letter went");
    stage.passes(SignedDuration::from_mins(6)).await;
    assert_eq!(stage.relay.sent().len(), 2);
    assert_eq!(stage.house.store.outbox_counts(None).await.unwrap().waiting, 0);
}

#[tokio::test]
async fn after_five_days_a_deferred_letter_counts_as_refused_and_the_committee_hears_of_it() {
    let stage = Stage::open().await;
    let contact = fingerpost::domain::address::Mailbox::parse("security@parsley.example").unwrap();
    stage.relay.answer_all(Some(contact), deferred());
    stage.mail_arrives(report_about("Parsley")).await;
    for _ in 0..31 {
        stage.passes(SignedDuration::from_hours(4)).await;
    }
    let letters = stage.mail_to("ada@foundation.example");
    assert_eq!(letters.iter().filter(|letter| letter.subject().contains("bounced")).count(), 1);
}

#[tokio::test]
async fn a_refused_forward_is_named_to_the_committee_and_the_deputies_get_it_at_once() {
    let stage = Stage::open().await;
    let contact = fingerpost::domain::address::Mailbox::parse("security@parsley.example").unwrap();
    stage.relay.answer_all(Some(contact), refused());
    stage.mail_arrives(report_about("Parsley")).await;

    assert!(stage.mail_to("security@parsley.example").is_empty());
    let deputy = stage.only_mail_to("kim@parsley.example");
    assert!(deputy.subject().contains("Security report for Parsley"));
    for member in ["ada@foundation.example", "tania@foundation.example"] {
        let letter = stage.only_mail_to(member);
        assert!(letter.text().contains("security@parsley.example"), "{}", letter.text());
        assert!(letter.text().contains("5.1.1"), "{}", letter.text());
        assert!(!letter.text().contains("past the end"), "nothing of the report");
    }
    let case = stage.only_case().await;
    assert_eq!(stage.house.store.handlings_of(&case.id).await.unwrap()[0].state, HandlingState::Sent, "the clock runs");
}

#[tokio::test]
async fn a_letter_to_the_committee_that_is_refused_is_not_written_about() {
    let stage = Stage::open().await;
    stage.relay.answer_all(None, refused());
    stage.mail_arrives(report_about("Parsley")).await;
    let counts = stage.house.store.outbox_counts(None).await.unwrap();
    assert_eq!(counts.waiting, 0);
    // Forward, receipt, deputy; and for each of the three a letter to two members.
    assert_eq!(counts.refused, 3 + 3 * 2, "and it ends there");
}

/// "Stop sending", pressed beside the one forward.
async fn stop_forward(stage: &Stage) -> Stopped {
    let case = stage.only_case().await;
    let letters = stage.house.store.letters_of(&case.id).await.unwrap();
    let forward = letters.iter().find(|letter| letter.kind == LetterKind::Forward).unwrap();
    composing::stop(&stage.house, &forward.id, &stage.chair()).await.unwrap().unwrap().1
}

#[tokio::test]
async fn within_the_hold_a_member_stops_the_forward_and_the_case_is_back_in_triage() {
    let stage = Stage::with(|directory| directory.routing.auto_forward = AutoForward::Strong).await;
    stage.mail_arrives(report_about("Parsley")).await;
    assert!(stage.mail_to("security@parsley.example").is_empty(), "60 s hold");
    let stopped = stop_forward(&stage).await;
    assert_eq!((stopped.letters, stopped.already_gone), (1, 0));
    stage.passes(SignedDuration::from_hours(1)).await;
    assert!(stage.mail_to("security@parsley.example").is_empty());
    assert_eq!(stage.only_case().await.state, CaseState::Triage);

    let late = stop_forward(&stage).await;
    assert_eq!(late.letters, 0);
}

#[tokio::test]
async fn after_the_hold_there_is_nothing_to_stop() {
    let stage = Stage::with(|directory| directory.routing.auto_forward = AutoForward::Strong).await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(SignedDuration::from_secs(61)).await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
    let stopped = stop_forward(&stage).await;
    assert_eq!((stopped.letters, stopped.already_gone), (0, 1));
    assert_eq!(stage.only_case().await.state, CaseState::Routed);
}

#[tokio::test]
async fn a_text_that_would_end_a_mail_early_goes_out_as_one_mail_of_strict_lines() {
    let stage = Stage::open().await;
    let text = "Parsley 2.1 overflows:\r\n\r\n..\r\nfirst\r\n...\r\nMAIL FROM:<x@y.example>\r\n";
    stage.mail_arrives(mail("jane@reporter.example", "Overflow in Parsley 2.1", text)).await;
    let forward = stage.only_mail_to("security@parsley.example");
    assert!(fingerpost::mail::write::build::assert_strict(&forward.bytes).is_ok());
    let dot_lines = forward.bytes.windows(5).filter(|bytes| bytes == b"\r\n.\r\n").count();
    assert_eq!(dot_lines, 0, "no line of a single dot, whatever the transport does");
}

#[tokio::test]
async fn each_letter_has_one_recipient_and_a_return_path_of_its_own() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let letters = stage.relay.sent();
    let mut paths: Vec<String> = letters.iter().map(|letter| letter.return_path.to_string()).collect();
    paths.dedup();
    assert_eq!(paths.len(), letters.len());
    for letter in &letters {
        assert_eq!(letter.header("To").matches('@').count(), 1);
        assert!(letter.header("From").contains("<security@foundation.example>"), "{}", letter.header("From"));
        assert_eq!(letter.header("Cc"), "");
    }
}
