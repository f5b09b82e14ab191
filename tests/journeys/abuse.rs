//! Who is heard and who is answered: caps, receipts, guesses.

use fingerpost::mail::doors::Deliverable;
use jiff::SignedDuration;

use crate::stage::{Stage, mail, reply_address, report_about};

#[tokio::test]
async fn a_receipt_goes_to_nobody_whom_nothing_vouches_for_but_the_report_is_taken() {
    let stage = Stage::open().await;
    let mut forged = report_about("Parsley").unproven();
    forged.sender = Some("spammer@evil.example".to_owned());
    stage.mail_arrives(forged).await;
    assert!(stage.mail_to("jane@reporter.example").is_empty());
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
}

#[tokio::test]
async fn an_unproven_address_gets_one_receipt_a_day_and_a_proven_one_three() {
    let stage = Stage::open().await;
    for flaw in 0..5 {
        let text = format!("Flaw {flaw}: it reads past the end of its buffer when a table is empty.\r\n");
        stage.mail_arrives(mail("jane@reporter.example", "A flaw", &text)).await;
        stage.mail_arrives(mail("joe@elsewhere.example", "A flaw", &text).unproven()).await;
    }
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 3);
    assert_eq!(stage.mail_to("joe@elsewhere.example").len(), 1);
    assert_eq!(stage.cases().await, 10, "each report is taken");
    stage.passes(SignedDuration::from_hours(25)).await;
    stage
        .mail_arrives(
            mail("joe@elsewhere.example", "A flaw", "It still reads past the end of its buffer, a day later.\r\n")
                .unproven(),
        )
        .await;
    assert_eq!(stage.mail_to("joe@elsewhere.example").len(), 2);
}

#[tokio::test]
async fn one_sender_has_five_reports_forwarded_in_a_day_and_the_sixth_waits_with_the_reason() {
    let stage = Stage::open().await;
    for flaw in 0..6 {
        let mut report = report_about("Parsley");
        report.message_id = format!("{flaw}@reporter.example");
        stage.mail_arrives(report).await;
    }
    assert_eq!(stage.mail_to("security@parsley.example").len(), 5);
    let waiting = stage.house.store.triage_cases(10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].case.waits_because.as_ref().unwrap().contains("This sender had 5 reports"));
}

#[tokio::test]
async fn no_more_than_thirty_reports_an_hour_go_out_by_themselves() {
    let stage = Stage::open().await;
    for flaw in 0..32 {
        let mut report = report_about("Parsley");
        report.from = format!("jane@reporter{flaw}.example"); // numbered senders of one domain are machines
        report.sender = Some(report.from.clone());
        report.message_id = format!("{flaw}@reporter.example");
        stage.mail_arrives(report).await;
    }
    assert_eq!(stage.mail_to("security@parsley.example").len(), 30);
}

#[tokio::test]
async fn an_unproven_mail_full_of_links_waits_for_a_member() {
    let stage = Stage::open().await;
    let mut report = report_about("Parsley").unproven();
    report.text += &"https://evil.example/x\r\n".repeat(6);
    stage.mail_arrives(report).await;
    assert!(stage.mail_to("security@parsley.example").is_empty());
    assert!(stage.only_case().await.waits_because.unwrap().contains("more than 5 links"));
}

#[tokio::test]
async fn guesses_at_reply_addresses_are_refused_and_an_issued_one_is_taken() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let issued = reply_address(&stage.only_mail_to("security@parsley.example"));
    assert_eq!(stage.door_answers(&issued).await, Deliverable::Yes);
    for guess in 0..300 {
        let letters = data_encoding::BASE32_NOPAD.encode(&[guess as u8; 16]).to_lowercase();
        let address = format!("security+c.{letters}@foundation.example");
        assert_eq!(stage.door_answers(&address).await, Deliverable::NoSuchMailbox);
    }
    assert_eq!(stage.door_answers("security+x@foundation.example").await, Deliverable::NoSuchMailbox);
    assert_eq!(stage.door_answers("jane@foundation.example").await, Deliverable::NotOurs);
    assert_eq!(stage.door_answers("postmaster@foundation.example").await, Deliverable::Yes);
}

#[tokio::test]
async fn from_our_own_front_mail_server_an_unknown_plus_address_is_held_for_a_person() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley").to("security+old@foundation.example")).await;
    assert_eq!(stage.cases().await, 0);
    let held = stage.house.store.held(10).await.unwrap();
    assert_eq!(held[0].0.held_because.as_deref(), Some("It came to an address that we never issued."));
}
