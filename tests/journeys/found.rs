//! Faults that the simulation found, each told as a story of its own so that it does not come back.

use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::directory::{Directory, ProjectId};
use fingerpost::flows::links::Once;
use fingerpost::flows::members::{HeldDecision, decide_held};
use fingerpost::flows::{clocks, contacts, forward_again, status};
use fingerpost::store::FiledAs;
use fingerpost::sweeps;
use jiff::SignedDuration;

use crate::bounces::unknown;
use crate::contact_proofs::dns;
use crate::escalation::{clock, events, handling};
use crate::stage::{Stage, mail, reply_address, report_about, subjects, token_in};

const ROSA: &str = "rosa@rosemary.example";

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// From now on somebody else is Rosemary's contact.
async fn rosa_leaves(stage: &Stage, for_whom: &str) {
    let mut file = Directory::clone(&stage.house.policy().file);
    let rosa = file.projects.iter_mut().flat_map(|project| &mut project.contacts).find(|of| of.email.as_str() == ROSA);
    rosa.unwrap().email = Mailbox::parse(for_whom).unwrap();
    contacts::lay_over(&stage.house, file).await.unwrap();
}

/// Two sevenths of three days end within a microsecond, and a row keeps whole ones: the step counted as not told whenever
/// its clock was looked at again, could not be told again, and the sweep never came to another case.
#[tokio::test]
async fn a_promise_of_three_days_that_is_looked_at_after_its_first_step_lets_the_sweep_rest() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    stage.passes(hours(30)).await;
    assert_eq!(stage.mail_to(ROSA).len(), 2, "the forward and the first reminder");
    let (part, chair) = (handling(&stage).await.id, stage.chair());
    let until = stage.now() + hours(2);
    clocks::pause(&stage.house, &part, until, "They are on a train.", &chair).await.unwrap().unwrap();
    assert!(clocks::resume(&stage.house, &part, &chair).await.unwrap());
    let mut looks = 0;
    while sweeps::sweep(&stage.house).await.unwrap() > 0 {
        looks += 1;
        assert!(looks < 10, "the sweep looks at the same case for ever");
    }
    assert_eq!(stage.mail_to(ROSA).len(), 2, "nothing is told twice");
    assert_eq!(clock(&stage, ClockKind::Acknowledge).await.clock.paused, SignedDuration::ZERO);
}

/// The journal went on saying that the mail is held, and of which case: its twin was linked to the wrong one.
#[tokio::test]
async fn held_mail_that_a_member_opens_a_case_for_is_that_cases_and_no_longer_held() {
    let stage = Stage::open().await;
    let lost = mail("kay@reporter.example", "Re: an old report", "Parsley reads past its end again.\r\n")
        .to("security+c.aaaaaaaaaaaaaaaaaaaaaaaaaa@foundation.example");
    stage.mail_arrives(lost.clone()).await;
    assert_eq!(stage.filed(FiledAs::Held).await, 1);
    let held = stage.house.store.held(10).await.unwrap();
    decide_held(&stage.house, &held[0].0.id, HeldDecision::OpenCase, &stage.chair()).await.unwrap().unwrap();
    assert_eq!((stage.filed(FiledAs::Held).await, stage.filed(FiledAs::Report).await), (0, 1));
    stage.mail_arrives(lost).await;
    assert_eq!(events(&stage, "twin-arrived").await.len(), 1, "on the case that it opened");
}

/// Where no project had the case, nothing in the record said that the reporter had added anything.
#[tokio::test]
async fn what_a_reporter_adds_on_the_page_before_a_project_has_the_case_stands_in_the_record() {
    let stage = Stage::open().await;
    stage
        .mail_arrives(mail("jane@reporter.example", "A question", "Is a crash in your software of interest?\r\n"))
        .await;
    let link = token_in(&stage.only_mail_to("jane@reporter.example"), "/s/");
    let token = Token::read(Purpose::StatusLink, &link).unwrap();
    let once = Once::new(&stage.house);
    status::add(&stage.house, &token, &once, "It is in the parser.").await.unwrap().unwrap();
    assert_eq!(events(&stage, "message-added").await, [once.id.as_str()]);
}

/// The case that it was held for went on without a word of where it is now.
#[tokio::test]
async fn mail_held_for_a_case_that_becomes_another_case_is_an_event_of_the_first() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    let to = reply_address(&stage.only_mail_to(ROSA));
    stage.mail_arrives(mail(ROSA, "Re: the report", "Parsley has it as well.\r\n").to(&to).unproven()).await;
    let held = stage.house.store.held(10).await.unwrap().remove(0).0;
    let first = held.case.clone().expect("it was held for a case");
    decide_held(&stage.house, &held.id, HeldDecision::OpenCase, &stage.chair()).await.unwrap().unwrap();
    let record = stage.house.store.events_of(&first).await.unwrap();
    let said = record.iter().find(|event| event.kind == "held-message-released").expect("the record says so");
    assert!(said.detail.contains("open-case") && said.actor.starts_with("member:"), "{said:?}");
}

/// One that had left before the case was forwarded again counted among those who have the report: the committee read of a
/// delivery where nobody was left who had it.
#[tokio::test]
async fn when_all_contacts_bounce_that_are_left_the_committee_reads_that_nobody_has_it() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    let (case, rosemary) = (stage.only_case().await.id, ProjectId::parse("rosemary").unwrap());
    rosa_leaves(&stage, "ria@rosemary.example").await;
    let refused = Delivery::Refused { status: "5.1.1".to_owned(), answer: "550 no such user".to_owned() };
    stage.relay.answer_all(Some(Mailbox::parse("ria@rosemary.example").unwrap()), refused);
    forward_again::again(&stage.house, &case, &rosemary, &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    let told = stage.only_mail_to("ada@foundation.example");
    assert!(told.subject().contains("1 of 1 Rosemary contacts bounced"), "{}", told.subject());
    assert!(told.text().contains("the report has reached nobody there"), "{}", told.text());
    stage.mail_arrives(unknown(&stage.mail_to(ROSA)[0])).await;
    assert_eq!(stage.mail_to("ada@foundation.example").len(), 1, "nobody waits for whoever has left");
}

/// That its domain was gone was forgotten with the contact, and once it had left nobody looked its domain up: whoever
/// registered that next got the reminders.
#[tokio::test]
async fn whoever_left_gets_nothing_more_of_a_case_once_its_domain_is_gone_whichever_came_first() {
    for is_gone_first in [true, false] {
        let stage = Stage::open().await;
        stage.mail_arrives(report_about("Rosemary")).await;
        if !is_gone_first {
            rosa_leaves(&stage, "ria@elsewhere.example").await;
        }
        contacts::look_after_domains(&stage.house, &dns(Some("rosemary.example"))).await.unwrap();
        if is_gone_first {
            rosa_leaves(&stage, "ria@elsewhere.example").await;
        }
        stage.days_pass(7).await;
        assert_eq!(stage.mail_to(ROSA).len(), 1, "the forward: {:?}", subjects(&stage.mail_to(ROSA)));
        let told = subjects(&stage.mail_to("ada@foundation.example"));
        let is_told = |words: &str| told.iter().filter(|subject| subject.contains(words)).count();
        assert_eq!(is_told("domain rosemary.example is gone"), usize::from(is_gone_first), "{told:?}");
        assert_eq!(is_told("was not sent"), 1, "{told:?}");
    }
}

/// Its files were listed when it was held and could not be listed again: no member could open a case for it.
#[tokio::test]
async fn held_mail_with_files_opens_a_case_that_has_them() {
    let stage = Stage::open().await;
    let text = "--b\r\n\r\nPlease see the trace.\r\n--b\r\nContent-Type: application/pdf; name=trace.pdf\r\n\
         Content-Disposition: attachment; filename=trace.pdf\r\n\r\n%PDF-1.7\r\n--b--\r\n";
    let lost = mail("jane@reporter.example", "A crash", text)
        .header("MIME-Version: 1.0")
        .header("Content-Type: multipart/mixed; boundary=b")
        .to("security+c.aaaaaaaaaaaaaaaaaaaaaaaaaa@foundation.example");
    stage.mail_arrives(lost).await;
    let held = stage.house.store.held(10).await.unwrap().remove(0).0;
    decide_held(&stage.house, &held.id, HeldDecision::OpenCase, &stage.chair()).await.unwrap().unwrap();
    let report = stage.house.store.reports_of(&stage.only_case().await.id).await.unwrap().remove(0);
    let files = stage.house.store.attachments_of(&report.arrival).await.unwrap();
    assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["trace.pdf"]);
}

/// A directory that had not been read again since, as on another node, let the reminders go.
#[tokio::test]
async fn nothing_goes_to_a_domain_that_is_known_to_be_gone_though_the_directory_still_has_its_contact() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    let mut tx = stage.house.store.begin().await.unwrap();
    tx.looked_up("rosemary.example", stage.now()).await.unwrap();
    assert!(tx.domain_gone("rosemary.example", "It does not exist.", stage.now()).await.unwrap());
    tx.commit().await.unwrap();
    stage.days_pass(7).await;
    assert_eq!(stage.mail_to(ROSA).len(), 1, "the forward: {:?}", subjects(&stage.mail_to(ROSA)));
}

/// One that had left was still asked whether a mail to the general address was theirs, with a link that opens nothing.
#[tokio::test]
async fn whoever_left_and_writes_to_the_general_address_about_the_case_is_held_and_not_asked() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    let forward = stage.only_mail_to(ROSA);
    rosa_leaves(&stage, "ria@rosemary.example").await;
    let (case, rosemary) = (stage.only_case().await.id, ProjectId::parse("rosemary").unwrap());
    forward_again::again(&stage.house, &case, &rosemary, &stage.chair()).await.unwrap().unwrap();
    let answer = mail(ROSA, &format!("Re: {}", forward.subject()), "I still look at it.\r\n");
    let message_id = forward.header("Message-ID");
    stage.mail_arrives(answer.header(&format!("In-Reply-To: {}", message_id.trim()))).await;
    assert_eq!(stage.filed(FiledAs::Held).await, 1);
    assert_eq!(stage.mail_to(ROSA).len(), 1, "the forward: {:?}", subjects(&stage.mail_to(ROSA)));
}
