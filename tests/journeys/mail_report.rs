//! Journey 1: a mail report is taken in, judged, forwarded, answered with a receipt.

use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::judgement::Strength;
use fingerpost::store::{FiledAs, chain_is_whole};
use jiff::SignedDuration;

use crate::stage::{REPORT_TEXT, Stage, mail, reply_address, report_about, token_in};

#[tokio::test]
async fn a_report_that_names_its_project_reaches_the_contact_and_its_reporter_gets_a_receipt() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;

    let case = stage.only_case().await;
    assert_eq!(case.number.as_str(), "SEC-2026-0001");
    assert_eq!(case.state, CaseState::Routed);
    let forward = stage.only_mail_to("security@parsley.example");
    assert!(forward.subject().starts_with("[SEC-2026-0001] Security report for Parsley"), "{}", forward.subject());
    assert!(forward.text().contains(REPORT_TEXT), "{}", forward.text());
    assert!(reply_address(&forward).starts_with("security+c."), "{}", reply_address(&forward));
    assert!(forward.return_path.as_str().starts_with("security+b."), "{}", forward.return_path);
    assert_eq!(forward.header("Auto-Submitted"), "");

    let receipt = stage.only_mail_to("jane@reporter.example");
    assert!(receipt.subject().contains("SEC-2026-0001"));
    assert_eq!(receipt.header("Auto-Submitted").trim(), "auto-replied");
    assert!(!receipt.text().contains("Parsley"), "a receipt echoes nothing that was submitted");
    assert!(!receipt.subject().contains("over-read"));
    assert_eq!(token_in(&receipt, "/s/").len(), 39);
    assert!(stage.mail_to("kim@parsley.example").is_empty(), "a deputy waits");
}

#[tokio::test]
async fn the_reporters_name_and_address_are_cut_from_what_a_project_gets() {
    let stage = Stage::open().await;
    let mut report = report_about("Parsley");
    report.from = "Jane Doe <jane@reporter.example>".to_owned();
    report.text += "\r\nRegards,\r\nJane Doe\r\njane@reporter.example\r\n";
    stage.mail_arrives(report).await;

    let forward = stage.only_mail_to("security@parsley.example");
    let whole = String::from_utf8_lossy(&forward.bytes).into_owned() + &forward.text();
    assert!(whole.contains(REPORT_TEXT) || forward.text().contains(REPORT_TEXT));
    for secret in ["Jane", "Doe", "jane@", "reporter.example"] {
        assert!(!whole.contains(secret), "{secret} in:\n{}", forward.text());
    }
}

#[tokio::test]
async fn both_clocks_run_from_the_arrival_and_from_the_decision_and_the_record_is_whole() {
    let stage = Stage::open().await;
    stage.keep(&report_about("Rosemary")).await;
    let arrived = stage.now();
    stage.passes(SignedDuration::from_hours(5)).await;

    let case = stage.only_case().await;
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    let due = |kind| clocks.iter().find(|row| row.clock.kind == kind).map(|row| row.clock.due_at);
    assert_eq!(due(ClockKind::FirstReply), Some(arrived + SignedDuration::from_hours(7 * 24)));
    assert_eq!(due(ClockKind::Acknowledge), Some(stage.now() + SignedDuration::from_hours(3 * 24)), "its own target");
    assert_eq!(due(ClockKind::Triage), None, "a project has it");

    let events = stage.house.store.events_of(&case.id).await.unwrap();
    assert!(chain_is_whole(&events));
    let record = format!("{events:?}");
    assert!(!record.contains("jane") && !record.contains("over-read"), "no text and no address in the record");
    let forward = stage.only_mail_to("rosa@rosemary.example");
    assert!(!forward.text().contains("over-read") && !forward.text().contains("past the end"), "link mode");
}

#[tokio::test]
async fn where_only_what_the_reporter_chose_goes_out_a_mail_waits_in_triage_with_the_judges_words() {
    let stage = Stage::with(|directory| directory.routing.auto_forward = AutoForward::Chosen).await;
    stage.mail_arrives(report_about("Parsley")).await;

    let case = stage.only_case().await;
    assert_eq!(case.state, CaseState::New);
    assert!(case.waits_because.unwrap().contains("chose no project"));
    assert_eq!(case.judgement.candidates[0].project.as_str(), "parsley");
    assert!(stage.mail_to("security@parsley.example").is_empty());
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    assert!(clocks.iter().any(|row| row.clock.kind == ClockKind::Triage), "it is not forgotten");
}

#[tokio::test]
async fn what_names_a_project_and_reads_like_a_question_waits_for_a_member() {
    let stage = Stage::open().await;
    let text = "Hello,\r\n\r\nhow can I install Parsley 4.1 on Windows? I get an error message when I start it and it is not set up\r\n\
                properly. I am new to this and do not know what to do. Can you help me? Thanks in advance!\r\n";
    stage.mail_arrives(mail("a@reporter.example", "How do I install Parsley 4.1?", text)).await;

    let case = stage.only_case().await;
    assert_eq!(case.judgement.candidates[0].strength, Strength::Strong);
    let reason = case.waits_because.unwrap();
    assert!(reason.contains("looks like a support question"), "{reason}");
    assert!(stage.mail_to("security@parsley.example").is_empty());
}

#[tokio::test]
async fn what_names_no_project_or_one_without_a_mailbox_waits_for_a_member_with_the_reason() {
    let stage = Stage::open().await;
    stage.mail_arrives(mail("a@reporter.example", "A problem", "Something is wrong somewhere.\r\n")).await;
    let mut lovage = report_about("Lovage");
    lovage.message_id = "lovage@reporter.example".to_owned();
    stage.mail_arrives(lovage).await;
    let mut savory = report_about("Savory");
    savory.message_id = "savory@reporter.example".to_owned();
    stage.mail_arrives(savory).await;

    let cases = stage.house.store.triage_cases(10).await.unwrap();
    let mut reasons: Vec<String> = cases.into_iter().filter_map(|line| line.case.waits_because).collect();
    reasons.sort();
    assert_eq!(
        reasons,
        [
            "Lovage takes reports through GitHub. A member takes it there.",
            "No project matches strongly.",
            "Savory has no contact to write to. A member finds one.",
        ]
    );
}

#[tokio::test]
async fn a_report_about_two_projects_goes_to_both() {
    let stage = Stage::open().await;
    let text = "Vulnerability in Parsley 2.1: the reader overflows.\r\n\r\nVulnerability in Rosemary 3.0: the writer overflows.\r\n";
    stage.mail_arrives(mail("jane@reporter.example", "Vulnerability in Parsley 2.1 and in Rosemary 3.0", text)).await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
    assert_eq!(stage.mail_to("rosa@rosemary.example").len(), 1);
    assert_eq!(stage.cases().await, 1);
}

#[tokio::test]
async fn the_same_mail_twice_opens_one_case_and_a_reused_message_id_hides_nothing() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.mail_arrives(report_about("Parsley")).await;
    assert_eq!(stage.cases().await, 1);
    assert_eq!(stage.filed(FiledAs::Twin).await, 1);
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);

    let mut other = report_about("Parsley");
    other.text = "Another flaw in Parsley, with the Message-ID of the first.\r\n".to_owned();
    stage.mail_arrives(other).await;
    assert_eq!(stage.cases().await, 2);
}

#[tokio::test]
async fn encrypted_mail_is_kept_whole_and_waits_in_triage() {
    let stage = Stage::open().await;
    let text = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA5\r\n-----END PGP MESSAGE-----\r\n";
    let arrival = stage.keep(&mail("jane@reporter.example", "Parsley 2.1", text)).await;
    stage.everything_due_happens().await;
    let case = stage.only_case().await;
    assert!(case.waits_because.unwrap().contains("encrypted (inline PGP)"));
    let raw = stage.house.store.raw(&arrival).await.unwrap();
    assert!(String::from_utf8(raw).unwrap().ends_with(text));
}

#[tokio::test]
async fn automatic_mail_is_filed_where_a_person_sees_it_and_never_answered() {
    let stage = Stage::open().await;
    let mut bounce = mail("mailer-daemon@relay.example", "Undelivered Mail Returned to Sender", "It failed.\r\n")
        .header("Content-Type: multipart/report; report-type=delivery-status; boundary=b");
    bounce.sender = None;
    bounce.text =
        "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
                   Reporting-MTA: dns; relay.example\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: failed\r\n\
                   Status: 5.1.1\r\n--b--\r\n"
            .to_owned();
    stage.mail_arrives(bounce).await;
    let vacation = mail("jane@reporter.example", "Out of office: Parsley", "I am away.\r\n")
        .header("Auto-Submitted: auto-replied");
    stage.mail_arrives(vacation).await;
    assert_eq!(stage.filed(FiledAs::Automatic).await, 2);
    assert_eq!(stage.cases().await, 0);
    assert!(stage.relay.sent().is_empty());

    let newsletter =
        mail("news@list.example", "Vulnerability in Parsley 2.1", REPORT_TEXT).header("List-Id: <news.list.example>");
    stage.mail_arrives(newsletter).await;
    assert_eq!(stage.cases().await, 1, "it may still be a report");
    assert!(stage.relay.sent().is_empty(), "but nothing is sent because of it");
}

#[tokio::test]
async fn a_mail_without_exactly_one_from_is_held_and_a_member_can_open_a_case_for_it() {
    use fingerpost::flows::members::{HeldDecision, decide_held};
    let stage = Stage::open().await;
    let two = mail("a@reporter.example, b@reporter.example", "Flaw in Parsley", REPORT_TEXT);
    let two = crate::stage::Mail { sender: Some("a@reporter.example".to_owned()), ..two };
    stage.mail_arrives(two).await;
    let twice = mail("a@reporter.example", "Flaw in Parsley", REPORT_TEXT).header("From: c@reporter.example");
    stage.mail_arrives(twice).await;
    assert_eq!(stage.cases().await, 0);
    let held = stage.house.store.held(10).await.unwrap();
    assert_eq!(held.len(), 2);
    assert!(stage.relay.sent().is_empty());

    let opened =
        decide_held(&stage.house, &held[0].0.id, HeldDecision::OpenCase, &stage.chair()).await.unwrap().unwrap();
    assert_eq!(opened.unwrap().as_str(), "SEC-2026-0001");
    assert_eq!(stage.house.store.held(10).await.unwrap().len(), 1);
    let again = decide_held(&stage.house, &held[0].0.id, HeldDecision::OpenCase, &stage.chair()).await.unwrap();
    assert!(again.is_err(), "one decision, once");
}

#[tokio::test]
async fn a_mail_of_120_000_nested_levels_is_one_opaque_case_and_the_next_mail_is_served() {
    let stage = Stage::open().await;
    let mut deep = report_about("Parsley");
    deep.headers = "Content-Type: message/rfc822\r\n".to_owned();
    deep.text = "Content-Type: message/rfc822\r\n\r\n".repeat(120_000);
    stage.mail_arrives(deep).await;
    let case = stage.only_case().await;
    assert!(case.waits_because.unwrap().contains("could not read"));

    stage
        .mail_arrives(mail("b@reporter.example", "Buffer over-read in Rosemary 1.0", "Rosemary 1.0 overflows.\r\n"))
        .await;
    assert_eq!(stage.mail_to("rosa@rosemary.example").len(), 1);
}

#[tokio::test]
async fn broken_mail_and_unknown_charsets_open_a_case_and_lose_nothing() {
    let stage = Stage::open().await;
    let envelope = report_about("Parsley");
    for raw in [
        b"\xff\xfe\x00garbage without any header".to_vec(),
        b"From: a@reporter.example\r\nContent-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--y\r\nlost".to_vec(),
        b"From: a@reporter.example\r\nSubject: =?no-such?q?x?=\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xe9\xe8".to_vec(),
    ] {
        let arrival = stage.keep_raw(raw.clone(), &envelope).await;
        stage.everything_due_happens().await;
        assert_eq!(stage.house.store.raw(&arrival).await.unwrap(), raw);
    }
    let held = stage.house.store.held(10).await.unwrap().len();
    let quarantined = stage.filed(FiledAs::Quarantine).await;
    assert_eq!(stage.cases().await + held + quarantined, 3, "each is where a person can open it");
}

#[tokio::test]
async fn a_header_hidden_in_an_encoded_word_changes_no_address_of_ours() {
    let stage = Stage::open().await;
    let mut report = report_about("Parsley");
    report.from = "=?utf-8?q?A=0D=0ABcc:_x@evil.example?= <jane@reporter.example>".to_owned();
    report.subject = "=?utf-8?q?Flaw_in_Parsley_2.1=0D=0ABcc:_y@evil.example?=".to_owned();
    stage.mail_arrives(report).await;
    assert!(!stage.relay.sent().is_empty());
    for letter in stage.relay.sent() {
        assert!(!letter.recipient.as_str().contains("evil"));
        assert_eq!(letter.header("Bcc"), "");
        assert!(!letter.header("To").contains("evil"));
    }
}
