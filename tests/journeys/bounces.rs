//! Journey 5 by delivery report: what came back after the relay had taken it.

use fingerpost::domain::address::Mailbox;
use fingerpost::domain::clock::{Clock, ClockKind};
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::directory::{AutoForward, Directory, ProjectId};
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::letter::LetterKind;
use fingerpost::domain::party::PartyRole;
use fingerpost::flows::writing::{self, NewLetter};
use fingerpost::mail::write::flowed::Body;
use fingerpost::mail::write::letters::Words;
use fingerpost::mail::write::transport::SentLetter;
use fingerpost::store::FiledAs;
use jiff::SignedDuration;

use crate::stage::{Mail, Stage, mail, reply_address, report_about, subjects};

pub const CONTACT: &str = "security@parsley.example";
const DEPUTY: &str = "kim@parsley.example";
const CHAIR: &str = "ada@foundation.example";

/// A delivery report in the form of RFC 3464 about `letter`, with these fields of its recipient.
pub fn delivery_report(letter: &SentLetter, fields: &str) -> Mail {
    let text = format!(
        "--dsn\r\n\r\nI am sorry to have to inform you.\r\n--dsn\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.parsley.example\r\n\r\n{fields}\r\n--dsn\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         Message-ID: {}\r\n--dsn--\r\n",
        letter.header("Message-ID").trim(),
    );
    let mut report = mail("mailer-daemon@mx.parsley.example", "Undelivered Mail Returned to Sender", &text)
        .to(letter.return_path.as_str())
        .header("Content-Type: multipart/report; report-type=delivery-status; boundary=dsn");
    report.sender = None;
    report
}

/// The report of a server that knows no such recipient.
pub fn unknown(letter: &SentLetter) -> Mail {
    let fields = format!(
        "Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
        letter.recipient
    );
    delivery_report(letter, &fields)
}

/// A report about Parsley was forwarded and taken by the relay.
async fn forwarded() -> (Stage, SentLetter) {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let forward = stage.only_mail_to(CONTACT);
    (stage, forward)
}

async fn clock_runs(stage: &Stage) -> bool {
    let case = stage.only_case().await;
    stage.house.store.handlings_of(&case.id).await.unwrap()[0].state == HandlingState::Sent
}

#[tokio::test]
async fn a_forward_that_comes_back_goes_to_the_deputy_and_is_named_to_the_committee_once() {
    let (stage, forward) = forwarded().await;
    stage.mail_arrives(unknown(&forward)).await;

    assert!(stage.only_mail_to(DEPUTY).subject().contains("Security report for Parsley"));
    let told = stage.only_mail_to(CHAIR);
    assert!(told.subject().contains("1 of 2 Parsley contacts bounced"), "{}", told.subject());
    assert!(told.text().contains("5.1.1") && told.text().contains("1 deputy was told now."), "{}", told.text());
    assert!(!told.text().contains("past the end"), "nothing of the report");
    assert!(clock_runs(&stage).await);
    let letter = stage.house.store.letter(&forward.id).await.unwrap().unwrap();
    assert_eq!((letter.sent_at, letter.status.as_deref()), (None, Some("5.1.1")));
    assert!(letter.refused_at.is_some());

    let mut again = unknown(&forward);
    again.message_id = "another@mx.parsley.example".to_owned();
    let letters = stage.relay.sent().len();
    stage.mail_arrives(again).await;
    assert_eq!(stage.relay.sent().len(), letters, "told twice, it changes nothing more");
    assert_eq!(stage.filed(FiledAs::Automatic).await, 2);
    assert_eq!(stage.cases().await, 1, "no bounce opens a case");
}

#[tokio::test]
async fn when_the_deputy_is_gone_too_the_committee_hears_at_once_that_nobody_is_left() {
    let (stage, forward) = forwarded().await;
    stage.mail_arrives(unknown(&forward)).await;
    stage.mail_arrives(unknown(&stage.only_mail_to(DEPUTY))).await;
    let told = stage.mail_to(CHAIR);
    assert_eq!(told.len(), 2, "{:?}", subjects(&told));
    assert!(told[1].subject().contains("2 of 2 Parsley contacts bounced"));
    assert!(told[1].text().contains("has reached nobody there"), "{}", told[1].text());
    assert!(clock_runs(&stage).await, "an unreachable project is a silent one");
}

#[tokio::test]
async fn a_bounce_in_words_counts_and_one_that_names_others_does_not() {
    let (stage, forward) = forwarded().await;
    let words = |recipient: &str| {
        let text = format!("Hi. This is the qmail-send program.\r\n\r\n<{recipient}>:\r\nno such user (#5.1.1)\r\n");
        let mut bounce = mail("mailer-daemon@mx.example", "failure notice", &text).to(forward.return_path.as_str());
        bounce.sender = None;
        bounce
    };
    stage.mail_arrives(words("reader-of-the-list@elsewhere.example")).await;
    assert!(stage.mail_to(DEPUTY).is_empty(), "one reader of a list is gone, the list is not");
    stage.mail_arrives(words(CONTACT)).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1);
}

#[tokio::test]
async fn what_is_no_failure_changes_nothing() {
    let (stage, forward) = forwarded().await;
    let letters = stage.relay.sent().len();
    let status = |action: &str, status: &str| {
        let fields = format!("Final-Recipient: rfc822; {CONTACT}\r\nAction: {action}\r\nStatus: {status}\r\n");
        delivery_report(&forward, &fields)
    };
    stage.mail_arrives(status("delayed", "4.4.1")).await;
    stage.mail_arrives(status("delivered", "2.0.0")).await;
    stage.mail_arrives(status("relayed", "2.0.0")).await;
    let to_the_letter = |subject: &str, text: &str| mail(CONTACT, subject, text).to(forward.return_path.as_str());
    stage
        .mail_arrives(to_the_letter("Out of office: report", "I left. No such user.\r\n").header("X-Autoreply: yes"))
        .await;
    stage.mail_arrives(to_the_letter("Re: report", "Yes, we have it.\r\n")).await;
    let receipt = "--r\r\nContent-Type: message/disposition-notification\r\n\r\n\
                   Disposition: manual-action/MDN-sent-manually; displayed\r\n--r--\r\n";
    let header = "Content-Type: multipart/report; report-type=disposition-notification; boundary=r";
    stage.mail_arrives(to_the_letter("Read: report", receipt).header(header)).await;
    let complaint = "--r\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n--r--\r\n";
    let header = "Content-Type: multipart/report; report-type=feedback-report; boundary=r";
    stage.mail_arrives(to_the_letter("Complaint", complaint).header(header)).await;

    assert_eq!(stage.filed(FiledAs::Automatic).await, 7);
    assert_eq!(stage.relay.sent().len(), letters, "nobody is written to");
    assert!(clock_runs(&stage).await, "and nothing is acknowledged");
    let contacts = stage.house.store.contacts_of(&ProjectId::parse("parsley").unwrap()).await.unwrap();
    let doubted = contacts.iter().find(|row| row.contact.email.as_str() == CONTACT).unwrap();
    assert_eq!(doubted.health.bounces, 1, "the complaint alone speaks against the contact");
    assert!(stage.house.store.letter(&forward.id).await.unwrap().unwrap().refused_at.is_none());
}

/// What a list's program writes whose moderator must approve a letter first.
fn held_by_a_list(to: &str) -> Mail {
    let text = "Your mail to 'security' is being held until the list moderator can review it for approval.\r\n";
    mail("security-bounces@parsley.example", "Your message to security awaits moderator approval", text).to(to)
}

#[tokio::test]
async fn a_list_that_holds_a_forward_for_its_moderator_brings_the_deputy_and_acknowledges_nothing() {
    let (stage, forward) = forwarded().await;
    let own_address = reply_address(&forward);
    stage.mail_arrives(held_by_a_list(forward.return_path.as_str())).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1, "the letter may never arrive");
    stage.mail_arrives(held_by_a_list(&own_address)).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1, "told twice, it changes nothing more");
    assert!(clock_runs(&stage).await);
    assert_eq!((stage.filed(FiledAs::Automatic).await, stage.cases().await), (2, 1));
    let contacts = stage.house.store.contacts_of(&ProjectId::parse("parsley").unwrap()).await.unwrap();
    assert!(contacts.iter().all(|row| row.health.bounces == 0), "a list with a moderator is no dead one");
}

#[tokio::test]
async fn what_a_machine_said_is_told_apart_in_the_list_of_automatic_mail() {
    let (stage, forward) = forwarded().await;
    let fields = format!(
        "Final-Recipient: rfc822; {CONTACT}\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full\r\n"
    );
    stage.mail_arrives(held_by_a_list(forward.return_path.as_str())).await;
    let receipt = "--r\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; displayed\r\n--r--\r\n";
    let header = "Content-Type: multipart/report; report-type=disposition-notification; boundary=r";
    stage.mail_arrives(mail(CONTACT, "Read: report", receipt).to(forward.return_path.as_str()).header(header)).await;
    stage.mail_arrives(delivery_report(&forward, &fields)).await;

    let filed = stage.house.store.filed(FiledAs::Automatic, 10).await.unwrap();
    let because: Vec<String> = filed.into_iter().filter_map(|line| line.because).collect();
    for words in [
        "a list holds it for its moderator",
        "a read receipt, which is no acknowledgement",
        "the mailbox is full (5.2.2)",
    ] {
        assert!(because.iter().any(|reason| reason.contains(words)), "{words} is not in {because:?}");
    }
}

#[tokio::test]
async fn a_contact_that_is_out_of_reach_for_a_day_brings_the_deputy_once() {
    let stage = Stage::open().await;
    let contact = Mailbox::parse(CONTACT).unwrap();
    stage.relay.answer_all(Some(contact), Delivery::Deferred { answer: "450 4.2.1 busy".to_owned() });
    stage.mail_arrives(report_about("Parsley")).await;
    for hours in 1..40 {
        stage.passes(SignedDuration::from_hours(1)).await;
        assert!(hours >= 24 || stage.mail_to(DEPUTY).is_empty(), "after {hours} hours");
    }
    assert_eq!(stage.mail_to(DEPUTY).len(), 1);
}

#[tokio::test]
async fn a_late_warning_of_a_relay_that_tries_on_brings_the_deputy() {
    let (stage, forward) = forwarded().await;
    stage.clock.advance(SignedDuration::from_hours(25));
    let fields = format!("Final-Recipient: rfc822; {CONTACT}\r\nAction: delayed\r\nStatus: 4.4.1\r\n");
    stage.mail_arrives(delivery_report(&forward, &fields)).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1);
    assert!(stage.house.store.letter(&forward.id).await.unwrap().unwrap().sent_at.is_some(), "nobody has given up");
}

#[tokio::test]
async fn a_receipt_that_comes_back_is_told_and_one_to_the_committee_is_not_written_about() {
    let (stage, _) = forwarded().await;
    stage.mail_arrives(unknown(&stage.only_mail_to("jane@reporter.example"))).await;
    let told = stage.only_mail_to(CHAIR);
    assert!(told.subject().contains("The receipt to the reporter bounced"));
    let letters = stage.relay.sent().len();
    stage.mail_arrives(unknown(&told)).await;
    assert_eq!(stage.relay.sent().len(), letters, "it ends here");
}

#[tokio::test]
async fn a_report_to_a_return_path_that_was_never_issued_is_filed() {
    let (stage, forward) = forwarded().await;
    let letters = stage.relay.sent().len();
    let never = "security+b.aaaaaaaaaaaaaaaaaaaaaaaaaa@foundation.example";
    stage.mail_arrives(unknown(&forward).to(never)).await;
    assert_eq!(stage.filed(FiledAs::Automatic).await, 1);
    assert_eq!((stage.relay.sent().len(), stage.cases().await), (letters, 1));
}

/// A project whose one contact has no deputy.
fn alone(directory: &mut Directory) {
    directory.routing.auto_forward = AutoForward::Strong;
    directory.routing.hold = SignedDuration::ZERO;
    for project in &mut directory.projects {
        project.contacts.retain(|contact| !contact.is_deputy);
    }
}

#[tokio::test]
async fn a_project_without_deputies_is_the_committees_at_the_first_bounce() {
    let stage = Stage::with(alone).await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.mail_arrives(unknown(&stage.only_mail_to(CONTACT))).await;
    assert!(stage.only_mail_to(CHAIR).text().contains("Nobody else is listed for Parsley"));
}

/// A member answers the reporter of the only case.
pub async fn a_member_answers(stage: &Stage) -> SentLetter {
    let case = stage.only_case().await;
    let parties = stage.house.store.parties_of(&case.id).await.unwrap();
    let reporter = parties.iter().find(|party| party.role == PartyRole::Reporter).unwrap();
    let words = Words { subject: "Re: your report".to_owned(), body: Body::new().paragraph("We read it.") };
    let letter = NewLetter {
        kind: LetterKind::MemberReply,
        to: reporter.mailbox.as_ref().unwrap(),
        reply_to: None,
        words: &words,
        case: Some((&case.id, &case.number)),
        handling: None,
        party: Some(&reporter.id),
        said_in: None,
        references: &[],
    };
    let mut tx = stage.house.store.begin().await.unwrap();
    writing::put(&mut tx, &stage.house, &stage.house.step(), letter).await.unwrap();
    tx.commit().await.unwrap();
    stage.everything_due_happens().await;
    stage.mail_to("jane@reporter.example").pop().unwrap()
}

async fn first_reply(stage: &Stage) -> Clock {
    let clocks = stage.house.store.clocks_of(&stage.only_case().await.id).await.unwrap();
    clocks.into_iter().find(|row| row.clock.kind == ClockKind::FirstReply).unwrap().clock
}

#[tokio::test]
async fn an_answer_that_comes_back_restores_the_deadline() {
    let stage = &Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let due_at = first_reply(stage).await.due_at;
    let answer = a_member_answers(stage).await;
    assert!(first_reply(stage).await.stopped_at.is_some());

    stage.clock.advance(SignedDuration::from_hours(30));
    stage.mail_arrives(unknown(&answer)).await;
    let clock = first_reply(stage).await;
    assert_eq!((clock.stopped_at, clock.due_at), (None, due_at), "the old deadline counts again");
    let told = stage.mail_to(CHAIR);
    let told = told.iter().find(|letter| letter.subject().contains("The answer to the reporter bounced")).unwrap();
    assert!(told.text().contains("is open again"), "{}", told.text());
    let events = stage.house.store.events_of(&stage.only_case().await.id).await.unwrap();
    assert!(events.iter().any(|event| event.kind == "clock-restored"));
}

#[tokio::test]
async fn an_answer_that_comes_back_after_another_one_restores_no_deadline() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let answer = a_member_answers(&stage).await;
    a_member_answers(&stage).await;
    stage.mail_arrives(unknown(&answer)).await;
    assert!(first_reply(&stage).await.stopped_at.is_some(), "the other one arrived");
    let told = stage.only_mail_to(CHAIR);
    assert!(told.text().contains("has had another answer"), "{}", told.text());
}

/// A letter of this kind to a party of the only case, with its handling where it goes to a contact.
async fn letter_of(stage: &Stage, kind: LetterKind, to: &str, to_contact: bool) -> SentLetter {
    let case = stage.only_case().await;
    let parties = stage.house.store.parties_of(&case.id).await.unwrap();
    let party = parties.iter().find(|party| party.mailbox.as_ref().is_some_and(|mailbox| mailbox.as_str() == to));
    let handlings = stage.house.store.handlings_of(&case.id).await.unwrap();
    let mailbox = Mailbox::parse(to).unwrap();
    let words = Words { subject: format!("A {} letter", kind.word()), body: Body::new().paragraph("Words.") };
    let letter = NewLetter {
        kind,
        to: &mailbox,
        reply_to: None,
        words: &words,
        case: Some((&case.id, &case.number)),
        handling: to_contact.then_some(&handlings[0].id),
        party: party.map(|party| &party.id),
        said_in: None,
        references: &[],
    };
    let mut tx = stage.house.store.begin().await.unwrap();
    let id = writing::put(&mut tx, &stage.house, &stage.house.step(), letter).await.unwrap();
    tx.commit().await.unwrap();
    stage.everything_due_happens().await;
    stage.relay.sent().into_iter().find(|sent| sent.id == id).unwrap()
}

/// What came back, from whom, whether a contact's, and what the committee is told; nothing where nobody is to be.
const CAME_BACK: [(LetterKind, &str, bool, &str); 20] = [
    (LetterKind::Forward, CONTACT, true, "1 of 2 Parsley contacts bounced"),
    (LetterKind::Reminder, CONTACT, true, "1 of 2 Parsley contacts bounced"),
    (LetterKind::ToProject, CONTACT, true, "1 of 2 Parsley contacts bounced"),
    (LetterKind::Addition, CONTACT, true, "1 of 2 Parsley contacts bounced"),
    (LetterKind::ConfirmReply, CONTACT, true, "A question to a Parsley contact bounced"),
    (LetterKind::Receipt, REPORTER, false, "The receipt to the reporter bounced"),
    (LetterKind::Confirmed, REPORTER, false, "The answer to the reporter bounced"),
    (LetterKind::MemberReply, REPORTER, false, "The answer to the reporter bounced"),
    (LetterKind::ContactReply, REPORTER, false, "The answer to the reporter bounced"),
    (LetterKind::Closing, REPORTER, false, "The answer to the reporter bounced"),
    (LetterKind::AskedAnswered, REPORTER, false, "A letter to the reporter bounced"),
    (LetterKind::Silence, REPORTER, false, "A letter to the reporter bounced"),
    (LetterKind::NewLink, REPORTER, false, "A letter to the reporter bounced"),
    (LetterKind::AddressTaken, REPORTER, false, "A letter to the reporter bounced"),
    (LetterKind::ProveAddress, REPORTER, false, ""),
    (LetterKind::Escalation, BOARD, false, "A letter to the board bounced"),
    (LetterKind::BoardOnIt, BOARD, false, "A letter to the board bounced"),
    (LetterKind::MemberReminder, CHAIR, false, ""),
    (LetterKind::Bounce, CHAIR, false, ""),
    (LetterKind::Warning, REPORTER, false, ""),
];
const REPORTER: &str = "jane@reporter.example";
const BOARD: &str = "board@foundation.example";

#[tokio::test]
async fn of_each_letter_that_comes_back_hard_or_soft_the_committee_hears_what_it_means_and_the_clocks_run_on() {
    for (kind, to, to_contact, told) in CAME_BACK {
        for (status, action) in [("5.1.1", "hard"), ("4.4.7", "soft")] {
            let (stage, _) = forwarded().await;
            let letter = letter_of(&stage, kind, to, to_contact).await;
            let before = stage.mail_to(CHAIR).len();
            let fields = format!("Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: {status}\r\n");
            stage.mail_arrives(delivery_report(&letter, &fields)).await;
            let letters = stage.mail_to(CHAIR).split_off(before);
            match told {
                "" => assert!(letters.is_empty(), "{kind:?} {action}: {:?}", subjects(&letters)),
                told => {
                    assert_eq!(letters.len(), 1, "{kind:?} {action}: {:?}", subjects(&letters));
                    assert!(letters[0].subject().contains(told), "{kind:?}: {}", letters[0].subject());
                    assert!(letters[0].text().contains(status), "{kind:?}: {}", letters[0].text());
                }
            }
            assert!(clock_runs(&stage).await && first_reply(&stage).await.stopped_at.is_none(), "{kind:?}");
            let deputies = stage.mail_to(DEPUTY).len();
            assert_eq!(deputies, usize::from(to == CONTACT && kind != LetterKind::ConfirmReply), "{kind:?} {action}");
            let contacts = stage.house.store.contacts_of(&ProjectId::parse("parsley").unwrap()).await.unwrap();
            let bounced = contacts.iter().any(|row| row.contact.email.as_str() == to && row.health.bounces > 0);
            assert_eq!(bounced, to == CONTACT, "{kind:?}: the directory knows");
        }
    }
}

#[tokio::test]
async fn a_closing_letter_that_comes_back_opens_the_case_again() {
    use fingerpost::domain::case::{CaseState, Closing};
    use fingerpost::domain::id::MessageId;
    use fingerpost::flows::closing::{self, Wish};
    let (stage, _) = forwarded().await;
    let (case, due_at) = (stage.only_case().await, first_reply(&stage).await.due_at);
    let wish = Wish {
        id: MessageId::new(stage.now(), [3; 10]),
        reason: Closing::NotOurs,
        words: "Please write to the makers of the compiler.".to_owned(),
        duplicate_of: None,
        with_handlings: true,
    };
    closing::close(&stage.house, &case.id, &wish, &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    assert!(first_reply(&stage).await.stopped_at.is_some());
    stage.mail_arrives(unknown(&stage.mail_to(REPORTER).pop().unwrap())).await;
    let case = stage.only_case().await;
    assert_eq!((case.state, first_reply(&stage).await.due_at), (CaseState::Triage, due_at));
    assert_eq!(first_reply(&stage).await.stopped_at, None, "the reporter still waits for an answer");
    assert_eq!(case.waits_because.as_deref(), Some("The answer to the reporter came back."));
}
