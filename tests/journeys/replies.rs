//! Journey 3: a contact answers, or somebody who is not the contact.

use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::party::Lane;
use fingerpost::flows::status::StatusPage;
use fingerpost::flows::{links, status};
use fingerpost::store::{Acknowledged, FiledAs};

use crate::stage::{Mail, Stage, mail, reply_address, report_about, token_in};

/// A report about Parsley has been forwarded; the address that its contact answers to.
async fn forwarded() -> (Stage, String) {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let address = reply_address(&stage.only_mail_to("security@parsley.example"));
    (stage, address)
}

fn answer(from: &str, to: &str) -> Mail {
    mail(from, "Re: [SEC-2026-0001]", "Yes, we are looking.\r\n").to(to)
}

async fn state(stage: &Stage) -> HandlingState {
    let case = stage.only_case().await;
    stage.house.store.handlings_of(&case.id).await.unwrap()[0].state
}

#[tokio::test]
async fn a_proven_answer_of_the_contact_acknowledges_and_stays_in_its_lane() {
    let (stage, address) = forwarded().await;
    let letters = stage.relay.sent().len();
    stage.mail_arrives(answer("kai@parsley.example", &address.to_uppercase())).await;

    assert_eq!(
        state(&stage).await,
        HandlingState::Acknowledged,
        "the address is a list: any of its readers may answer"
    );
    assert_eq!(stage.relay.sent().len(), letters + 1, "nothing of it goes to the reporter but that they confirmed");
    let told = stage.mail_to("jane@reporter.example").pop().unwrap();
    assert!(
        told.text().contains("Parsley has confirmed") && !told.text().contains("we are looking"),
        "{}",
        told.text()
    );
    let case = stage.only_case().await;
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    let runs = |kind| clocks.iter().any(|row| row.clock.kind == kind && row.clock.stopped_at.is_none());
    assert!(!runs(ClockKind::FirstReply), "the letter that names the act answers the reporter");
    assert!(runs(ClockKind::Progress) && !runs(ClockKind::Acknowledge));
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].held_at.is_none());
}

#[tokio::test]
async fn an_unproven_answer_is_held_and_the_contact_is_asked_at_its_own_address() {
    let (stage, address) = forwarded().await;
    stage.mail_arrives(answer("security@parsley.example", &address).unproven()).await;

    assert_eq!(state(&stage).await, HandlingState::Sent, "the clock runs on");
    assert_eq!(stage.house.store.held(10).await.unwrap().len(), 1);
    let letters = stage.mail_to("security@parsley.example");
    assert_eq!(letters.len(), 2);
    assert!(letters[1].subject().contains("Was this mail yours?"));
    assert!(!letters[1].text().contains("we are looking"), "nothing of a stranger's mail is in it");
}

#[tokio::test]
async fn an_auto_reply_and_a_bounce_to_the_letter_stop_no_clock_and_are_not_answered() {
    let (stage, address) = forwarded().await;
    let letters = stage.relay.sent().len();
    stage.mail_arrives(answer("security@parsley.example", &address).header("Auto-Submitted: auto-replied")).await;
    let return_path = stage.only_mail_to("security@parsley.example").return_path;
    let mut bounce = mail("mailer-daemon@parsley.example", "Undelivered", "No such user.\r\n").to(return_path.as_str());
    bounce.sender = None;
    stage.mail_arrives(bounce).await;

    assert_eq!(state(&stage).await, HandlingState::Sent);
    assert_eq!(stage.filed(FiledAs::Automatic).await, 2);
    assert_eq!(stage.relay.sent().len(), letters);
}

#[tokio::test]
async fn a_stranger_with_the_subject_and_the_message_ids_opens_a_case_of_their_own() {
    let (stage, _) = forwarded().await;
    let forward = stage.only_mail_to("security@parsley.example");
    let hint = format!("In-Reply-To: {}", forward.header("Message-ID").trim());
    let copied =
        mail("mallory@evil.example", &format!("Re: {}", forward.subject()), "We fixed it, close it.\r\n").header(&hint);
    stage.mail_arrives(copied).await;
    assert_eq!(state_of_first(&stage).await, HandlingState::Sent);
    assert_eq!(stage.cases().await, 2);
}

async fn state_of_first(stage: &Stage) -> HandlingState {
    let case = stage.house.store.case_by_number("SEC-2026-0001").await.unwrap().unwrap();
    stage.house.store.handlings_of(&case.id).await.unwrap()[0].state
}

#[tokio::test]
async fn the_link_shows_the_report_and_only_its_button_acknowledges_once() {
    let (stage, _) = forwarded().await;
    let letters = token_in(&stage.only_mail_to("security@parsley.example"), "/a/");
    let token = Token::read(Purpose::ActionLink, &letters).unwrap();
    let view = links::action(&stage.house, &token).await.unwrap().unwrap();
    assert_eq!(view.project.name, "Parsley");
    assert_eq!(state(&stage).await, HandlingState::Sent, "opening it changes nothing");

    assert_eq!(links::we_have_it(&stage.house, &token).await.unwrap(), Some(Acknowledged::First));
    assert_eq!(links::we_have_it(&stage.house, &token).await.unwrap(), Some(Acknowledged::Already));
    assert_eq!(state(&stage).await, HandlingState::Acknowledged);

    let receipt = stage.only_mail_to("jane@reporter.example");
    let link = Token::read(Purpose::StatusLink, &token_in(&receipt, "/s/")).unwrap();
    let StatusPage::Case(facts) = status::status(&stage.house, &link).await.unwrap() else { panic!("a live link") };
    assert_eq!(facts.sent_to[0].project, "Parsley");
    assert!(facts.sent_to[0].confirmed_at.is_some());
    let crossed = Token::read(Purpose::ActionLink, link.letters()).unwrap();
    assert!(links::action(&stage.house, &crossed).await.unwrap().is_none(), "a status link opens no action");
}

#[tokio::test]
async fn the_reporters_addition_joins_the_case_and_another_persons_is_held() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let address = reply_address(&stage.only_mail_to("jane@reporter.example"));
    stage.mail_arrives(answer("jane@reporter.example", &address)).await;
    stage.mail_arrives(answer("joe@elsewhere.example", &address)).await;

    let case = stage.only_case().await;
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    let in_lane = |lane| messages.iter().filter(|message| message.lane == Some(lane)).count();
    assert_eq!((in_lane(Lane::Reporter), in_lane(Lane::Project)), (1, 1), "it is passed on, the other one is not");
    let held = stage.house.store.held(10).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].0.held_because.as_deref(), Some("It came to the reporter's address from somebody else."));
}
