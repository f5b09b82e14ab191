//! What a member does: signs in, claims, forwards, decides about held mail.

use fingerpost::domain::access::Viewer;
use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::{AutoForward, ProjectId};
use fingerpost::domain::party::Lane;
use fingerpost::flows::members::{self, HeldDecision, NotForwarded};
use fingerpost::flows::sign_in;
use jiff::SignedDuration;

use crate::stage::{Stage, mail, reply_address, report_about, token_in};

async fn with_triage() -> Stage {
    Stage::with(|directory| directory.routing.auto_forward = AutoForward::Chosen).await
}

#[tokio::test]
async fn a_member_signs_in_by_a_link_that_works_once_and_opening_it_does_not_use_it() {
    let stage = Stage::open().await;
    let ada = Mailbox::parse("ADA@foundation.example").unwrap();
    sign_in::request(&stage.house, &ada, "192.0.2.0/24").await.unwrap();
    stage.everything_due_happens().await;
    let letter = stage.only_mail_to("ada@foundation.example");
    let token = Token::read(Purpose::SignInLink, &token_in(&letter, "/login/")).unwrap();

    for _ in 0..3 {
        assert_eq!(sign_in::open(&stage.house, &token).await.unwrap().unwrap().name, "Ada Chair");
    }
    let session = sign_in::enter(&stage.house, &token).await.unwrap().unwrap();
    assert!(sign_in::enter(&stage.house, &token).await.unwrap().is_none(), "once");
    let viewer = sign_in::viewer(&stage.house, &session.cookie).await.unwrap();
    assert!(matches!(viewer, Viewer::Member { .. }));
    assert_eq!(sign_in::viewer(&stage.house, "guess").await.unwrap(), Viewer::Anonymous);

    stage.passes(SignedDuration::from_hours(4)).await;
    assert_eq!(sign_in::viewer(&stage.house, &session.cookie).await.unwrap(), Viewer::Anonymous, "idle for 4 h");
}

#[tokio::test]
async fn a_sign_in_link_dies_after_a_quarter_of_an_hour_and_only_members_get_one() {
    let stage = Stage::open().await;
    for stranger in ["mallory@evil.example", "board@foundation.example"] {
        sign_in::request(&stage.house, &Mailbox::parse(stranger).unwrap(), "x").await.unwrap();
    }
    let ada = Mailbox::parse("ada@foundation.example").unwrap();
    for _ in 0..5 {
        sign_in::request(&stage.house, &ada, "x").await.unwrap();
    }
    stage.everything_due_happens().await;
    assert_eq!(stage.relay.sent().len(), 3, "three links at once, all to the member");
    let letter = stage.mail_to("ada@foundation.example").remove(0);
    let token = Token::read(Purpose::SignInLink, &token_in(&letter, "/login/")).unwrap();
    stage.passes(SignedDuration::from_mins(15)).await;
    assert!(sign_in::open(&stage.house, &token).await.unwrap().is_none());
    assert!(sign_in::enter(&stage.house, &token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_ends_when_the_member_leaves() {
    let stage = Stage::open().await;
    let ada = Mailbox::parse("ada@foundation.example").unwrap();
    let link = sign_in::admin_link(&stage.house, &ada, sign_in::LINK_LIFE).await.unwrap().unwrap();
    let token = Token::read(Purpose::SignInLink, link.rsplit('/').next().unwrap()).unwrap();
    let session = sign_in::enter(&stage.house, &token).await.unwrap().unwrap();
    sign_in::leave(&stage.house, &session.cookie).await.unwrap();
    assert_eq!(sign_in::viewer(&stage.house, &session.cookie).await.unwrap(), Viewer::Anonymous);
}

#[tokio::test]
async fn a_member_forwards_from_triage_once_and_cannot_forward_where_nobody_takes_mail() {
    let stage = with_triage().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    let forward = async |project: &str| {
        members::forward(&stage.house, &case.id, &ProjectId::parse(project).unwrap(), &stage.chair()).await.unwrap()
    };
    assert!(matches!(forward("lovage").await, Err(NotForwarded::ByHand { .. })));
    assert!(matches!(forward("savory").await, Err(NotForwarded::NoContact { .. })));
    assert!(matches!(forward("nobody").await, Err(NotForwarded::UnknownProject(_))));
    assert!(forward("parsley").await.is_ok());
    assert!(matches!(forward("parsley").await, Err(NotForwarded::AlreadyThere { .. })));
    assert_eq!(stage.only_case().await.state, CaseState::Routed);
    stage.passes(SignedDuration::from_mins(2)).await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
}

#[tokio::test]
async fn a_case_is_claimed_by_the_first_member_only() {
    let stage = with_triage().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    let tania = stage.house.policy().directory.committee[1].clone();
    assert!(members::claim(&stage.house, &case.id, &tania).await.unwrap());
    assert!(!members::claim(&stage.house, &case.id, &stage.chair()).await.unwrap());
    let case = stage.only_case().await;
    assert_eq!((case.owner, case.state), (Some(tania.email), CaseState::Triage));
}

#[tokio::test]
async fn held_mail_goes_where_a_member_says_and_a_decision_is_made_once() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let address = reply_address(&stage.only_mail_to("security@parsley.example"));
    stage.mail_arrives(mail("kai@elsewhere.example", "Re:", "We are on it.\r\n").unproven().to(&address)).await;
    let held = stage.house.store.held(10).await.unwrap().remove(0).0;
    let decide = async |decision| members::decide_held(&stage.house, &held.id, decision, &stage.chair()).await.unwrap();
    assert!(decide(HeldDecision::ProjectLane).await.is_ok());
    assert!(decide(HeldDecision::NotRelated).await.is_err());
    let case = stage.only_case().await;
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    assert_eq!(messages[0].lane, Some(Lane::Project));
    assert!(stage.house.store.held(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_members_note_that_the_reporter_was_answered_keeps_the_first_promise_once() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    assert!(members::note_answered(&stage.house, &case.id, &stage.chair()).await.unwrap());
    assert!(!members::note_answered(&stage.house, &case.id, &stage.chair()).await.unwrap());
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    assert!(clocks.iter().any(|row| row.clock.kind == ClockKind::FirstReply && row.clock.stopped_at.is_some()));
}
