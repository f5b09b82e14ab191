//! Journey 3: a contact answers, or somebody who is not the contact.

use std::sync::atomic::Ordering;

use axum::http::{Method, StatusCode};
use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::{ClockEnd, ClockKind};
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::party::Lane;
use fingerpost::flows::status::StatusPage;
use fingerpost::flows::{links, status};
use fingerpost::store::{Acknowledged, FiledAs};
use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::conversation::second_address;
use crate::site::{ask, pages};
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
async fn an_auto_reply_to_the_address_or_to_the_letter_stops_no_clock_and_is_not_answered() {
    let (stage, address) = forwarded().await;
    let letters = stage.relay.sent().len();
    stage.mail_arrives(answer("security@parsley.example", &address).header("Auto-Submitted: auto-replied")).await;
    let return_path = stage.only_mail_to("security@parsley.example").return_path;
    let note = answer("security@parsley.example", return_path.as_str()).header("Auto-Submitted: auto-replied");
    stage.mail_arrives(note).await;

    assert_eq!(state(&stage).await, HandlingState::Sent);
    assert_eq!(stage.filed(FiledAs::Automatic).await, 2);
    assert_eq!(stage.relay.sent().len(), letters);
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

/// A report has been forwarded to a contact with an address of its own, for which no other reader speaks.
async fn forwarded_to_rosa() -> (Stage, String) {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    let address = reply_address(&stage.only_mail_to("rosa@rosemary.example"));
    (stage, address)
}

#[tokio::test]
async fn a_forged_contact_stops_no_clock_whatever_it_forges() {
    let (stage, address) = forwarded_to_rosa().await;
    let rosa = "rosa@rosemary.example";
    let forgeries = [
        ("the right From without the token", answer(rosa, "security@foundation.example")),
        ("the token with a wrong From", answer("mallory@evil.example", &address)),
        ("both, with nothing that vouches", answer(rosa, &address).unproven()),
    ];
    for (number, (what, mut forged)) in forgeries.into_iter().enumerate() {
        forged.message_id = format!("forged{number}@evil.example");
        stage.mail_arrives(forged).await;
        assert_eq!(state_of_first(&stage).await, HandlingState::Sent, "{what}");
    }
    assert_eq!(stage.house.store.held(10).await.unwrap().len(), 3, "held for a member");
    assert_eq!(stage.cases().await, 1, "a copied number says where to look and opens nothing");
    let asked = stage.mail_to(rosa).iter().filter(|letter| letter.subject().contains("Was this mail yours?")).count();
    assert_eq!(asked, 2, "the contact is asked at its own address");
    assert!(stage.mail_to("mallory@evil.example").is_empty());
    assert!(!stage.mail_to("jane@reporter.example").iter().any(|letter| letter.text().contains("confirmed")));

    let link = token_in(stage.mail_to(rosa).last().unwrap(), "/a/");
    links::we_have_it(&stage.house, &Token::read(Purpose::ActionLink, &link).unwrap()).await.unwrap();
    assert_eq!(state_of_first(&stage).await, HandlingState::Acknowledged, "the link in that letter confirms");
}

#[tokio::test]
async fn what_machines_send_to_a_contacts_addresses_stops_no_clock() {
    let (stage, address) = forwarded().await;
    let forward = stage.only_mail_to("security@parsley.example");
    let letters = stage.relay.sent().len();
    let machines = [
        "Auto-Submitted: auto-generated",
        "X-Autoreply: yes",
        "Precedence: bulk",
        "List-Id: <tracker.parsley.example>",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        "X-Auto-Response-Suppress: All",
    ];
    for (number, header) in machines.into_iter().enumerate() {
        for to in [&address, &second_address(&forward)] {
            let mut robot = answer("security@parsley.example", to).header(header);
            robot.message_id = format!("robot{number}.{}@parsley.example", to.len());
            stage.mail_arrives(robot).await;
        }
    }
    let mut tracker = answer("noreply@parsley.example", &address);
    tracker.message_id = "tracker@parsley.example".to_owned();
    stage.mail_arrives(tracker).await;
    assert_eq!(state(&stage).await, HandlingState::Sent);
    assert_eq!(stage.relay.sent().len(), letters, "and none of them is answered");
    assert_eq!(stage.house.store.held(100).await.unwrap().len(), 0);
}

#[tokio::test]
async fn two_machines_that_answer_without_a_sign_of_it_come_to_an_end() {
    let (stage, _) = forwarded().await;
    // Each side answers every letter of ours at once, as people do, for a whole day.
    let mut answered = 0;
    for round in 0..60 {
        let letters = stage.relay.sent();
        let fresh: Vec<_> = letters[answered..].to_vec();
        answered = letters.len();
        for letter in fresh {
            let to = letter.recipient.to_string();
            if !(to == "jane@reporter.example" || to == "security@parsley.example") {
                continue;
            }
            let mut robot = answer(&to, &reply_address(&letter));
            robot.message_id = format!("{round}.{}@robot.example", letter.id);
            stage.mail_arrives(robot).await;
        }
        stage.passes(SignedDuration::from_mins(10)).await;
    }
    let count = stage.relay.sent().len();
    assert!(count < 40, "{count} letters in ten hours");
    assert_eq!(stage.relay.sent().len(), answered, "it has come to rest");
}

#[tokio::test]
async fn a_reply_to_all_with_both_sides_in_copy_crosses_no_lane() {
    let (stage, address) = forwarded().await;
    let reporters = reply_address(&stage.only_mail_to("jane@reporter.example"));
    let mut both = answer("security@parsley.example", &address).header("Cc: jane@reporter.example");
    both.to.insert(0, reporters.clone());
    stage.mail_arrives(both).await;
    assert_eq!(state(&stage).await, HandlingState::Acknowledged, "it is the contact's, whoever else is in it");
    assert!(!stage.mail_to("jane@reporter.example").iter().any(|letter| letter.text().contains("we are looking")));

    let mut other_way = answer("jane@reporter.example", &address);
    other_way.text = "Between us: the flaw is elsewhere too.\r\n".to_owned();
    other_way.message_id = "both@reporter.example".to_owned();
    other_way.to.push(reporters);
    stage.mail_arrives(other_way).await;
    let case = stage.only_case().await;
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    let added =
        messages.iter().find(|message| message.body.contains("Between us") && message.arrival.is_some()).unwrap();
    assert_eq!(added.lane, Some(Lane::Reporter), "hers goes by her own door, with her name withheld");
}

#[tokio::test]
async fn a_scanner_that_opens_every_link_by_get_and_head_changes_nothing() {
    let (stage, _) = forwarded().await;
    let pages = pages(&stage);
    let link = regex::Regex::new(r"https://security\.foundation\.example(/\S+)").unwrap();
    let mut opened = 0;
    let before = stage.house.store.events_of(&stage.only_case().await.id).await.unwrap();
    for letter in stage.relay.sent() {
        for found in link.captures_iter(&letter.text()) {
            let path = found[1].split('#').next().unwrap().to_owned();
            for room in ["", "/not-ours", "/others", "/answered", "/preview", "/answer", "/add", "/withdraw", "/link"] {
                for method in [Method::GET, Method::HEAD] {
                    ask(&pages, method, &format!("{path}{room}"), &[], "").await;
                    opened += 1;
                }
            }
        }
    }
    assert!(opened > 50, "{opened}");
    stage.everything_due_happens().await;
    assert_eq!(stage.house.store.events_of(&stage.only_case().await.id).await.unwrap(), before);
    assert_eq!(state(&stage).await, HandlingState::Sent);
}

#[tokio::test]
async fn one_link_pressed_twelve_times_at_once_acts_once() {
    let (stage, _) = forwarded().await;
    let pages = pages(&stage);
    let path = format!("/a/{}", token_in(&stage.only_mail_to("security@parsley.example"), "/a/"));
    let presses = join_all((0..12).map(|_| ask(&pages, Method::POST, &path, &[], ""))).await;
    assert!(presses.iter().all(|answer| answer.status == StatusCode::SEE_OTHER));
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 2, "the reporter is told once");
    let events = stage.house.store.events_of(&stage.only_case().await.id).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.kind == "acknowledged").count(), 1);
}

#[tokio::test]
async fn not_ours_ends_the_projects_clock_kept_and_gives_the_case_back_to_triage() {
    let (stage, _) = forwarded().await;
    let pages = pages(&stage);
    let path = format!("/a/{}", token_in(&stage.only_mail_to("security@parsley.example"), "/a/"));
    for _ in 0..2 {
        ask(&pages, Method::POST, &format!("{path}/not-ours"), &[], "words=It+is+in+Rosemary").await;
    }
    let case = stage.only_case().await;
    assert_eq!((state(&stage).await, case.state), (HandlingState::HandedBack, CaseState::Triage));
    assert!(case.waits_because.unwrap().contains("Parsley says that it is not theirs"));
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    let of = |kind| {
        clocks.iter().find(|row| row.clock.kind == kind).map(|row| (row.clock.stopped_at.is_some(), row.clock.ended_as))
    };
    assert_eq!(of(ClockKind::Acknowledge), Some((true, Some(ClockEnd::Kept))));
    assert_eq!(of(ClockKind::Triage), Some((false, None)));
    assert_eq!(of(ClockKind::FirstReply), Some((false, None)), "nobody has answered the reporter");
    ask(&pages, Method::POST, &path, &[], "").await;
    assert_eq!(state(&stage).await, HandlingState::HandedBack, "what was handed back is not acknowledged");

    assert_eq!(ask(&pages, Method::GET, &path, &[], "").await.status, StatusCode::OK);
    stage.passes(SignedDuration::from_hours(30 * 24)).await;
    assert_eq!(ask(&pages, Method::GET, &path, &[], "").await.status, StatusCode::NOT_FOUND, "30 days after it ended");
}

#[tokio::test]
async fn naming_other_projects_is_a_suggestion_and_forwards_nothing() {
    let (stage, _) = forwarded().await;
    let pages = pages(&stage);
    let path = format!("/a/{}/others", token_in(&stage.only_mail_to("security@parsley.example"), "/a/"));
    let form = "projects=rosemary&projects=lovage&projects=nobody&words=They+share+the+parser";
    ask(&pages, Method::POST, &path, &[], form).await;
    stage.everything_due_happens().await;
    assert!(stage.mail_to("rosa@rosemary.example").is_empty());
    let case = stage.only_case().await;
    assert_eq!(case.waits_because.as_deref(), Some("Parsley says that it also concerns Rosemary, Lovage."));
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    assert_eq!(messages[0].lane, Some(Lane::Internal));
    assert!(messages[0].body.contains("They share the parser"));
}

#[tokio::test]
async fn a_reply_of_the_reporter_opens_a_closed_case_again_and_an_unproven_one_is_held() {
    for ended in ["closed", "answered"] {
        let stage = forwarded_nowhere().await;
        stage.gives_no_reasons.store(true, Ordering::Relaxed);
        let address = reply_address(&stage.only_mail_to("jane@reporter.example"));
        let case = stage.only_case().await;
        let state = CaseState::from_word(ended).unwrap();
        let mut tx = stage.house.store.begin().await.unwrap();
        tx.set_case_state(&case.id, state, None).await.unwrap();
        tx.end_clock(&case.id, ClockKind::Triage, None, ClockEnd::Kept, None, stage.now()).await.unwrap();
        tx.commit().await.unwrap();

        stage.mail_arrives(answer("jane@reporter.example", &address).unproven()).await;
        assert_eq!(stage.only_case().await.state, state, "an unproven reply opens nothing");
        assert_eq!(stage.house.store.held(10).await.unwrap().len(), 1);
        let mut again = answer("jane@reporter.example", &address);
        again.message_id = "again@reporter.example".to_owned();
        stage.mail_arrives(again).await;
        let case = stage.only_case().await;
        assert_eq!((case.state, case.waits_because.as_deref()), (CaseState::Triage, Some("The reporter wrote again.")));
        let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
        assert!(clocks.iter().any(|row| row.clock.kind == ClockKind::Triage && row.clock.stopped_at.is_none()));
    }
}

/// A report that names no project.
async fn forwarded_nowhere() -> Stage {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("something")).await;
    stage
}
