//! What a reporter allows, takes back and renews, by mail and on the page behind the private link.

use axum::http::{Method, StatusCode};
use fingerpost::domain::address::Purpose;
use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::party::{PartyRole, Shares};
use fingerpost::flows::status;
use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::conversation::{JANE, TEAM, forwarded, from_jane, last, post, runs, status_of, status_token};
use crate::site::{ask, pages};
use crate::stage::{Stage, mail, reply_address, report_about, token_in};

#[tokio::test]
async fn share_by_a_proven_reply_names_the_reporter_to_the_projects_from_then_on() {
    let stage = forwarded().await;
    assert!(stage.mail_to(TEAM)[0].text().contains("name withheld"));
    stage.mail_arrives(from_jane(&stage, "Share price data leaks as well.\r\n")).await;
    assert!(last(&stage, TEAM).text().contains("name withheld"), "a sentence is no consent");
    stage.mail_arrives(from_jane(&stage, "SHARE\r\n").unproven()).await;
    assert_eq!(stage.mail_to(TEAM).len(), 2, "nothing vouches for that one");

    stage
        .mail_arrives(from_jane(&stage, "SHARE\r\n\r\nOn Fri, 20 Nov 2026, Story wrote:\r\n> reply with SHARE\r\n"))
        .await;
    let told = last(&stage, TEAM).text();
    assert!(told.contains("has changed what you may know"), "{told}");
    assert!(told.contains(&format!("Jane Quillfeather, {JANE}, with their consent")), "{told}");
    stage.passes(SignedDuration::from_mins(1)).await;
    stage.mail_arrives(from_jane(&stage, "Found by Jane Quillfeather.\r\n")).await;
    assert!(last(&stage, TEAM).text().contains("Found by Jane Quillfeather."));
    let link = format!("/a/{}", token_in(&stage.mail_to(TEAM)[0], "/a/"));
    let page = ask(&pages(&stage), Method::GET, &link, &[], "").await.text();
    assert!(page.contains("/originals/"), "{page}");

    status::share(&stage.house, &status_token(&stage), Shares::Nothing).await.unwrap().unwrap();
    let page = ask(&pages(&stage), Method::GET, &link, &[], "").await.text();
    assert!(!page.contains("/originals/") && page.contains("name withheld"), "{page}");
}

#[tokio::test]
async fn a_report_that_is_withdrawn_is_told_to_the_projects_and_left_to_a_member() {
    let stage = forwarded().await;
    let path = format!("/s/{}/withdraw", status_token(&stage).letters());
    let pages = pages(&stage);
    join_all((0..12).map(|_| post(&pages, &path, ""))).await;
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(TEAM).len(), 2);
    assert!(last(&stage, TEAM).text().contains("withdraws the report"));
    let case = stage.only_case().await;
    assert_eq!(case.state, CaseState::Routed, "nothing automatic closes a case");
    assert!(case.waits_because.unwrap().contains("withdraws"));
    assert!(status_of(&stage, &status_token(&stage)).await.withdrawn_at.is_some());
}

#[tokio::test]
async fn a_forward_that_still_waits_is_stopped_when_its_report_is_withdrawn() {
    let stage = Stage::with(|directory| directory.routing.auto_forward = AutoForward::Strong).await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.mail_arrives(from_jane(&stage, "It needs -O2.\r\n")).await;
    status::withdraw(&stage.house, &status_token(&stage)).await.unwrap().unwrap();
    stage.passes(SignedDuration::from_mins(5)).await;
    assert!(stage.mail_to(TEAM).is_empty(), "neither the forward nor what was added to it");
    assert!(runs(&stage, ClockKind::Triage).await);
}

#[tokio::test]
async fn only_the_reporter_can_say_that_they_were_answered_elsewhere() {
    let stage = forwarded().await;
    let pages = pages(&stage);
    let claim = format!("/a/{}/answered", token_in(&stage.mail_to(TEAM)[0], "/a/"));
    join_all((0..12).map(|_| post(&pages, &claim, ""))).await;
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(JANE).len(), 2, "the reporter is asked once");
    assert!(last(&stage, JANE).text().contains("Did they?"));
    assert!(runs(&stage, ClockKind::FirstReply).await);

    let token = status_token(&stage);
    let view = status_of(&stage, &token).await;
    assert!(view.sent_to[0].says_it_answered);
    let answer = format!("/s/{}/answered", token.letters());
    let form = |reply: &str| format!("handling={}&answer={reply}", view.sent_to[0].handling);
    post(&pages, &answer, &form("not-yet")).await;
    assert!(runs(&stage, ClockKind::FirstReply).await);
    post(&pages, &claim, "").await;
    stage.everything_due_happens().await;
    stage.passes(SignedDuration::from_mins(1)).await;
    stage.mail_arrives(from_jane(&stage, "Yes.\r\n")).await;
    assert!(!runs(&stage, ClockKind::FirstReply).await);
    assert!(runs(&stage, ClockKind::Acknowledge).await, "the project still has to confirm");
}

#[tokio::test]
async fn a_new_private_link_is_mailed_and_the_old_one_and_its_address_no_longer_work() {
    let stage = forwarded().await;
    let (old, old_address) = (status_token(&stage), reply_address(&stage.mail_to(JANE)[0]));
    let pages = pages(&stage);
    let answer = ask(&pages, Method::POST, &format!("/s/{}/link", old.letters()), &[], "").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::OK, ""), "it is never shown to whoever asks");
    stage.everything_due_happens().await;
    let new = token_in(&last(&stage, JANE), "/s/");
    assert_ne!(new, old.letters());
    assert_eq!(ask(&pages, Method::GET, &format!("/s/{new}"), &[], "").await.status, StatusCode::OK);
    assert_eq!(ask(&pages, Method::GET, &format!("/s/{}", old.letters()), &[], "").await.status, StatusCode::GONE);
    assert_eq!(post(&pages, &format!("/s/{}/add", old.letters()), "text=x").await, StatusCode::NOT_FOUND);
    stage.mail_arrives(mail(JANE, "Re:", "Late.\r\n").to(&old_address)).await;
    let held = stage.house.store.held(10).await.unwrap();
    assert_eq!(held[0].0.held_because.as_deref(), Some("It came to an address that was replaced by a newer one."));

    for _ in 0..5 {
        assert_eq!(post(&pages, &format!("/s/{}/link", old.letters()), "").await, StatusCode::OK);
    }
    stage.everything_due_happens().await;
    let links = stage.mail_to(JANE).iter().filter(|letter| letter.subject().contains("private link")).count();
    assert!(links <= 3, "{links} letters in a day because somebody has an old link");
}

#[tokio::test]
async fn a_link_that_belongs_to_an_arrival_says_that_a_person_looks_first_and_later_opens_the_case() {
    let stage = forwarded().await;
    let case = stage.only_case().await;
    let arrival = stage.house.store.reports_of(&case.id).await.unwrap()[0].arrival.clone();
    let token = stage.house.key.token(Purpose::StatusLink, arrival.as_str(), 0);
    let path = format!("/s/{}", token.letters());
    let mut tx = stage.house.store.begin().await.unwrap();
    tx.issue(&token, arrival.as_str(), 0, None).await.unwrap();
    tx.commit().await.unwrap();
    let pages = pages(&stage);
    let waiting = ask(&pages, Method::GET, &path, &[], "").await;
    assert_eq!(waiting.status, StatusCode::OK);
    assert!(waiting.text().contains("A person looks at it first.") && !waiting.tells_of_a_case());
    assert_eq!(post(&pages, &format!("{path}/add"), "text=x").await, StatusCode::NOT_FOUND);

    let parties = stage.house.store.parties_of(&case.id).await.unwrap();
    let reporter = parties.iter().find(|party| party.role == PartyRole::Reporter).unwrap();
    let mut tx = stage.house.store.begin().await.unwrap();
    tx.repoint_link(&token.fingerprint(), reporter.id.as_str()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(ask(&pages, Method::GET, &path, &[], "").await.text().contains("SEC-2026-0001"));
}
