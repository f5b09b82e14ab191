//! Where each message goes: by a party's own address alone into a lane, by a hint to a person, never silently anywhere.

use axum::http::Method;
use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::case::{CaseState, Closing};
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::ProjectId;
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::id::{CaseId, MessageId};
use fingerpost::domain::party::Lane;
use fingerpost::flows::closing::{self, Wish};
use fingerpost::flows::links;
use fingerpost::flows::members::{self, HeldDecision, NotDecided};
use fingerpost::store::{FiledAs, HandlingRow, MessageRow};

use crate::conversation::{JANE, TEAM, forwarded, from_jane, last, runs, second_address};
use crate::site::{ask, pages};
use crate::stage::{Mail, Stage, mail, reply_address, report_about, token_in};

const CASE: &str = "SEC-2026-0001";

/// A mail to the security address that answers the last letter to `reader`, as a program that drops Reply-To does.
fn answers_the_letter_of(stage: &Stage, reader: &str, from: &str, text: &str) -> Mail {
    let letter = last(stage, reader);
    let mut answer = mail(from, &format!("Re: {}", letter.subject()), text);
    answer.message_id = format!("{}.{from}", text.len());
    answer.header(&format!("In-Reply-To: {}", letter.header("Message-ID").trim()))
}

async fn held(stage: &Stage) -> Vec<MessageRow> {
    stage.house.store.held(100).await.unwrap().into_iter().map(|(row, _)| row).collect()
}

async fn messages(stage: &Stage, case: &CaseId) -> usize {
    stage.house.store.messages_of(case).await.unwrap().iter().filter(|row| row.lane.is_some()).count()
}

async fn handlings(stage: &Stage) -> Vec<HandlingRow> {
    let case = stage.house.store.case_by_number(CASE).await.unwrap().unwrap();
    stage.house.store.handlings_of(&case.id).await.unwrap()
}

fn project(id: &str) -> ProjectId {
    ProjectId::parse(id).unwrap()
}

#[tokio::test]
async fn a_stranger_with_a_copied_subject_or_message_id_is_held_for_the_case_and_gets_no_answer() {
    strangers_are_held(&forwarded().await).await;
}

/// Told on either database.
pub async fn strangers_are_held(stage: &Stage) {
    let case = stage.only_case().await;
    let letters = stage.relay.sent().len();
    let copied = format!("Re: {}", last(stage, TEAM).subject());
    stage.mail_arrives(mail("mallory@evil.example", &copied, "We fixed it, close it.\r\n")).await;
    stage
        .mail_arrives(answers_the_letter_of(stage, TEAM, "mallory@evil.example", "Who reported it?\r\n").unproven())
        .await;

    assert_eq!((stage.cases().await, messages(stage, &case.id).await), (1, 0));
    assert_eq!(handlings(stage).await[0].state, HandlingState::Sent);
    assert_eq!(held(stage).await.len(), 2);
    for row in held(stage).await {
        assert_eq!((row.case.as_ref(), row.lane), (Some(&case.id), None));
        assert!(row.held_because.unwrap().contains("general address"));
    }
    let asked = stage.mail_to(TEAM).iter().filter(|letter| letter.subject().contains("Was this mail yours?")).count();
    assert_eq!(stage.relay.sent().len(), letters + asked, "but the contact, whose letter it answers, is asked");
    assert!(asked <= 1 && stage.mail_to("mallory@evil.example").is_empty());
}

#[tokio::test]
async fn a_contact_whose_program_drops_reply_to_is_asked_at_its_own_address_and_confirms_by_the_link() {
    let stage = forwarded().await;
    stage.mail_arrives(answers_the_letter_of(&stage, TEAM, "kai@parsley.example", "Yes, we look.\r\n")).await;

    assert_eq!(handlings(&stage).await[0].state, HandlingState::Sent, "a header is no credential");
    let row = held(&stage).await.remove(0);
    assert_eq!(row.handling, Some(handlings(&stage).await[0].id.clone()), "the board waits while it may be the answer");
    let letter = last(&stage, TEAM);
    assert!(letter.subject().contains("Was this mail yours?") && !letter.text().contains("we look"));
    let link = Token::read(Purpose::ActionLink, &token_in(&letter, "/a/")).unwrap();
    links::we_have_it(&stage.house, &link).await.unwrap();
    assert_eq!(handlings(&stage).await[0].state, HandlingState::Acknowledged);
}

#[tokio::test]
async fn a_reporter_whose_reply_lost_its_address_is_held_and_one_press_adds_it_to_the_lane() {
    let stage = forwarded().await;
    stage.mail_arrives(answers_the_letter_of(&stage, JANE, JANE, "It needs -O2.\r\n")).await;
    assert_eq!(stage.cases().await, 1, "a reply is no new case");
    assert!(!stage.mail_to(TEAM).iter().any(|letter| letter.text().contains("-O2")), "and crosses no lane by itself");

    let row = held(&stage).await.remove(0);
    members::decide_held(&stage.house, &row.id, HeldDecision::ReporterLane, &stage.chair()).await.unwrap().unwrap();
    let added = stage.house.store.message(&row.id).await.unwrap().unwrap();
    assert_eq!((added.lane, added.case), (Some(Lane::Reporter), Some(stage.only_case().await.id)));
}

#[tokio::test]
async fn a_mail_that_points_at_two_cases_is_held_for_none() {
    let stage = forwarded().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    let ids: Vec<String> = [TEAM, "rosa@rosemary.example"]
        .map(|contact| last(&stage, contact).header("Message-ID").trim().to_owned())
        .into();
    let both = mail("mallory@evil.example", "Re: your reports", "Both are fixed.\r\n")
        .header(&format!("References: {}", ids.join(" ")));
    stage.mail_arrives(both).await;
    let row = held(&stage).await.remove(0);
    assert_eq!((row.case, stage.cases().await), (None, 2));
    assert!(row.held_because.unwrap().contains("SEC-2026-0001, SEC-2026-0002"));
}

#[tokio::test]
async fn one_mail_to_the_addresses_of_two_cases_acknowledges_neither() {
    let stage = forwarded().await;
    let first = reply_address(&last(&stage, TEAM));
    let mut again = report_about("Parsley");
    again.message_id = "again@reporter.example".to_owned();
    again.text += "It is in another file, and another function.\r\n";
    stage.mail_arrives(again).await;
    let second = reply_address(&last(&stage, TEAM));
    assert_ne!(first, second);
    let mut both = mail("kai@parsley.example", "Re: both", "Yes, we have one of them.\r\n").to(&first);
    both.to.push(second);
    stage.mail_arrives(both).await;
    assert_eq!(handlings(&stage).await[0].state, HandlingState::Sent);
    assert_eq!(stage.filed(FiledAs::Held).await, 1);
    assert!(held(&stage).await[0].held_because.as_ref().unwrap().contains("of another one"));
}

#[tokio::test]
async fn a_number_that_no_case_of_ours_has_and_one_in_the_text_hint_at_nothing() {
    let stage = forwarded().await;
    for (number, subject) in
        ["Re: [SEC-2019-0001] old", "Regression of SEC-2026-0001", "[ABC-2026-0001]"].iter().enumerate()
    {
        let from = format!("finder@finders{number}.example");
        stage.mail_arrives(mail(&from, subject, "Parsley 2.1 has an overflow, see SEC-2026-0001.\r\n")).await;
    }
    assert_eq!((stage.cases().await, held(&stage).await.len()), (4, 0));
}

#[tokio::test]
async fn the_board_that_answers_its_letter_is_held_for_the_case_and_opens_none() {
    let stage = forwarded().await;
    stage.days_pass(8).await;
    let cases = stage.cases().await;
    stage
        .mail_arrives(answers_the_letter_of(
            &stage,
            "board@foundation.example",
            "board@foundation.example",
            "We call them.\r\n",
        ))
        .await;
    assert_eq!((stage.cases().await, held(&stage).await.len()), (cases, 1));
}

#[tokio::test]
async fn whoever_copies_a_tag_for_an_hour_is_quarantined_in_the_end() {
    let stage = forwarded().await;
    for number in 0..25 {
        let mut copied = mail(
            "mallory@evil.example",
            "Re: [SEC-2026-0001]",
            &format!("We fixed it in build {number}, close it.\r\n"),
        );
        copied.message_id = format!("{number}@evil.example");
        stage.mail_arrives(copied).await;
    }
    assert_eq!((held(&stage).await.len(), stage.filed(FiledAs::Quarantine).await), (20, 5));
    assert!(stage.mail_to("mallory@evil.example").is_empty());
}

#[tokio::test]
async fn somebody_in_copy_who_answers_everyone_is_held_on_both_sides() {
    let stage = forwarded().await;
    let letters = stage.relay.sent().len();
    for (number, address) in
        [reply_address(&last(&stage, JANE)), second_address(&last(&stage, TEAM))].iter().enumerate()
    {
        let mut everyone = mail("carl@colleagues.example", "Re: Re: our report", "Reply to all.\r\n").to(address);
        everyone.message_id = format!("all{number}@colleagues.example");
        stage.mail_arrives(everyone.header("Cc: jane@reporter.example, security@parsley.example")).await;
    }
    // At the list's address any proven reader counts; Carl is none of Jane, whose address it was.
    let because: Vec<String> = held(&stage).await.into_iter().filter_map(|row| row.held_because).collect();
    assert_eq!(because, ["It came to the reporter's address from somebody else."]);
    assert!(stage.mail_to("carl@colleagues.example").is_empty(), "{letters}");
}

#[tokio::test]
async fn held_mail_goes_into_the_lane_of_the_project_that_a_member_names() {
    let stage = forwarded().await;
    let case = stage.only_case().await;
    members::forward(&stage.house, &case.id, &project("rosemary"), &stage.chair()).await.unwrap().unwrap();
    stage.mail_arrives(mail("lead@rosemary.example", "Re: [SEC-2026-0001]", "I write from home.\r\n")).await;
    let row = held(&stage).await.remove(0);
    let decide = async |decision| members::decide_held(&stage.house, &row.id, decision, &stage.chair()).await.unwrap();
    assert_eq!(decide(HeldDecision::ProjectLane(None)).await, Err(NotDecided::WhichProject(case.number.clone())));
    let parts = handlings(&stage).await;
    let rosemary = parts.iter().find(|row| row.project == project("rosemary")).unwrap();
    let button = format!("project-lane:{}", rosemary.id);
    decide(HeldDecision::from_button(&button).unwrap()).await.unwrap();
    let added = stage.house.store.message(&row.id).await.unwrap().unwrap();
    assert_eq!((added.lane, added.handling.as_ref()), (Some(Lane::Project), Some(&rosemary.id)));
}

fn not_ours(stage: &Stage) -> String {
    format!("/a/{}/not-ours", token_in(&last(stage, TEAM), "/a/"))
}

#[tokio::test]
async fn a_project_that_handed_a_case_back_gets_it_again_as_a_part_of_its_own() {
    gets_it_again(&forwarded().await).await;
}

/// Told on either database.
pub async fn gets_it_again(stage: &Stage) {
    let (pages, case) = (pages(stage), stage.only_case().await);
    let old_address = reply_address(&last(stage, TEAM));
    ask(&pages, Method::POST, &not_ours(stage), &[], "words=Ask+Rosemary").await;
    assert_eq!(stage.only_case().await.state, CaseState::Triage);

    members::forward(&stage.house, &case.id, &project("parsley"), &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    let parts = handlings(stage).await;
    assert_eq!(parts.iter().map(|row| row.state).collect::<Vec<_>>(), [HandlingState::HandedBack, HandlingState::Sent]);
    assert!(
        members::forward(&stage.house, &case.id, &project("parsley"), &stage.chair()).await.unwrap().is_err(),
        "once"
    );
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    let promise = clocks.iter().find(|row| row.handling.as_ref() == Some(&parts[1].id)).unwrap();
    assert_eq!(
        (promise.clock.kind, promise.clock.started_at),
        (ClockKind::Acknowledge, stage.now()),
        "with time of its own"
    );

    // What comes to the first part's address is of the first part.
    let new_address = reply_address(&last(stage, TEAM));
    stage.mail_arrives(mail("kai@parsley.example", "Re: not ours", "As I said, not ours.\r\n").to(&old_address)).await;
    assert_eq!(handlings(stage).await[1].state, HandlingState::Sent);
    stage.mail_arrives(mail("kai@parsley.example", "Re: again", "It is ours after all.\r\n").to(&new_address)).await;
    let parts = handlings(stage).await;
    let states: Vec<HandlingState> = parts.iter().map(|row| row.state).collect();
    assert_eq!(states, [HandlingState::HandedBack, HandlingState::Acknowledged]);
    let told = stage.mail_to(JANE).iter().filter(|letter| letter.text().contains("Parsley has confirmed")).count();
    assert_eq!(told, 1);
}

fn resolved(stage: &Stage) -> Wish {
    Wish {
        id: MessageId::new(stage.now(), [7; 10]),
        reason: Closing::Resolved,
        words: "Fixed in 2.2.".to_owned(),
        duplicate_of: None,
        with_handlings: true,
    }
}

#[tokio::test]
async fn a_contact_who_writes_to_a_closed_case_opens_it_and_a_robot_or_stranger_does_not() {
    reopened_by_a_contact(&forwarded().await).await;
}

/// Told on either database.
pub async fn reopened_by_a_contact(stage: &Stage) {
    let address = reply_address(&last(stage, TEAM));
    let write = |text: &str| {
        let mut mail = mail("kai@parsley.example", "Re: report", text).to(&address);
        mail.message_id = format!("{}.{}@parsley.example", text.len(), stage.now().as_microsecond());
        mail
    };
    stage.mail_arrives(write("Yes, we look.\r\n")).await;
    let case = stage.only_case().await;
    closing::close(&stage.house, &case.id, &resolved(stage), &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;

    stage.mail_arrives(write("I am away.\r\n").header("Auto-Submitted: auto-replied")).await;
    stage.mail_arrives(write("I am Kai.\r\n").unproven()).await;
    assert_eq!(stage.only_case().await.state, CaseState::Closed);

    stage.mail_arrives(write("The fix has a hole.\r\n")).await;
    let case = stage.only_case().await;
    assert_eq!((case.state, case.closed_at), (CaseState::Triage, None));
    assert_eq!(case.waits_because.as_deref(), Some("Parsley wrote again."));
    assert!(runs(stage, ClockKind::Triage).await, "a member has two days");
    assert_eq!(handlings(stage).await[0].state, HandlingState::Closed, "its part stays as it ended");
    let events = stage.house.store.events_of(&case.id).await.unwrap();
    let reopened = events.iter().find(|event| event.kind == "reopened").unwrap();
    assert!(reopened.actor.starts_with("party:"), "{}", reopened.actor);
}

#[tokio::test]
async fn a_reply_to_an_old_case_by_its_subject_alone_opens_neither_it_nor_another() {
    let stage = forwarded().await;
    let case = stage.only_case().await;
    closing::close(&stage.house, &case.id, &resolved(&stage), &stage.chair()).await.unwrap().unwrap();
    stage.days_pass(90).await;
    let letters = stage.mail_to(JANE).len();
    stage.mail_arrives(answers_the_letter_of(&stage, JANE, JANE, "It is still there.\r\n")).await;
    assert_eq!((stage.only_case().await.state, held(&stage).await.len()), (CaseState::Closed, 1));
    assert_eq!(stage.mail_to(JANE).len(), letters);
    stage.mail_arrives(from_jane(&stage, "It is still there, I say.\r\n")).await;
    assert_eq!(stage.only_case().await.state, CaseState::Triage, "her own address opens it");
}

#[tokio::test]
async fn no_project_hears_of_another_until_a_member_gives_it_the_case() {
    let stage = forwarded().await;
    let action = Token::read(Purpose::ActionLink, &token_in(&last(&stage, TEAM), "/a/")).unwrap();
    links::others_too(&stage.house, &action, &["rosemary".to_owned()], "It is in their parser.").await.unwrap();
    stage.everything_due_happens().await;
    assert!(stage.mail_to("rosa@rosemary.example").is_empty(), "to name another project asks the committee");
    let case = stage.only_case().await;
    assert_eq!(handlings(&stage).await.len(), 1);

    members::forward(&stage.house, &case.id, &project("rosemary"), &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    let rosa = last(&stage, "rosa@rosemary.example");
    let words = "Only for you and the committee.\r\n";
    stage.mail_arrives(mail("rosa@rosemary.example", "Re: report", words).to(&reply_address(&rosa))).await;
    let site = pages(&stage);
    let parsley = ask(&site, Method::GET, &format!("/a/{}", action.letters()), &[], "").await.text();
    assert!(!parsley.contains("Only for you"), "{parsley}");
    for letter in stage.mail_to(TEAM) {
        assert!(!letter.text().contains("Rosemary") && !letter.text().contains("Only for you"), "{}", letter.text());
    }
}
