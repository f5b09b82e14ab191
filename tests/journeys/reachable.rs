//! How a reporter stays reachable: an address left later, a private link that was lost, the next date to keep.

use axum::Router;
use axum::http::{Method, StatusCode};
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::party::PartyRole;
use fingerpost::flows::members;
use jiff::SignedDuration;

use crate::conversation::{JANE, forwarded};
use crate::form_page::{Browser, Form, report};
use crate::site::{Answer, ask, pages};
use crate::stage::{Stage, mail, reply_address, token_in};

const OWL: &str = "owl@finder.example";

/// Somebody has reported without an address; the letters of their private link.
async fn anonymous() -> (Stage, String) {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Chosen;
        directory.routing.hold = SignedDuration::ZERO;
    })
    .await;
    let link = reports(&stage, &report().with("reach", "anonymous")).await;
    (stage, link)
}

/// Sends the form; the letters of the private link.
async fn reports(stage: &Stage, form: &Form) -> String {
    let browser = Browser::on(stage);
    let stamp = browser.open().await;
    stage.clock.advance(SignedDuration::from_secs(40));
    let sent = browser.send(&stamp, form).await;
    stage.everything_due_happens().await;
    sent.header("location").rsplit('/').next().unwrap().to_owned()
}

async fn post(pages: &Router, path: &str, form: &str) -> Answer {
    ask(pages, Method::POST, path, &[], form).await
}

async fn get(pages: &Router, path: &str) -> Answer {
    ask(pages, Method::GET, path, &[], "").await
}

async fn leaves(stage: &Stage, link: &str, address: &str) -> Answer {
    let form = format!("email={}", address.replace('@', "%40"));
    let answer = post(&pages(stage), &format!("/s/{link}/address"), &form).await;
    stage.everything_due_happens().await;
    answer
}

#[tokio::test]
async fn an_address_left_later_gets_nothing_but_its_proof_until_it_is_proven() {
    let (stage, link) = anonymous().await;
    let (pages, status) = (pages(&stage), format!("/s/{link}"));
    assert!(get(&pages, &status).await.text().contains("Mail me"));
    let left = leaves(&stage, &link, OWL).await;
    assert_eq!((left.status, left.header("location")), (StatusCode::SEE_OTHER, &*format!("{status}?left=yes#mail-me")));
    assert!(get(&pages, &status).await.text().contains(&format!("We wrote to <strong>{OWL}</strong>")));

    let proof = stage.only_mail_to(OWL);
    let text = proof.text();
    assert!(!text.contains("SEC-2026") && !text.contains("/s/") && !text.contains("Parsley"), "{text}");
    assert!(!proof.subject().contains("SEC-2026"), "{}", proof.subject());
    let case = stage.only_case().await;
    members::note_answered(&stage.house, &case.id, &stage.chair()).await.unwrap();
    stage.days_pass(1).await;
    assert_eq!(stage.mail_to(OWL).len(), 1, "nothing but the proof goes to an address that may be another's");

    let path = format!("/address/{}", token_in(&proof, "/address/"));
    for _ in 0..2 {
        let asked = get(&pages, &path).await.text();
        assert!(asked.contains("Is this your address?") && asked.contains(OWL), "a scanner opens it: {asked}");
    }
    assert_eq!(post(&pages, &path, "act=confirm").await.status, StatusCode::OK);
    assert_eq!(post(&pages, &path, "act=confirm").await.status, StatusCode::NOT_FOUND, "once");
    stage.everything_due_happens().await;
    let [_, taken] = &stage.mail_to(OWL)[..] else { panic!("one more letter") };
    assert_eq!(token_in(taken, "/s/"), link, "and the link that they have");
    let parties = stage.house.store.parties_of(&case.id).await.unwrap();
    let reporter = parties.iter().find(|party| party.role == PartyRole::Reporter).unwrap();
    assert_eq!(reporter.mailbox.as_ref().unwrap().as_str(), OWL);
    assert!(!get(&pages, &status).await.text().contains("Mail me"));

    stage.mail_arrives(mail(OWL, "Re: it", "It happens on 2.0 as well.\r\n").to(&reply_address(taken))).await;
    let page = get(&pages, &status).await.text();
    assert!(page.contains("It happens on 2.0 as well."), "an answer to it is the reporter's: {page}");
}

#[tokio::test]
async fn whoever_has_a_mailbox_by_mistake_says_so_and_hears_no_more() {
    let (stage, link) = anonymous().await;
    leaves(&stage, &link, OWL).await;
    let pages = pages(&stage);
    let path = format!("/address/{}", token_in(&stage.only_mail_to(OWL), "/address/"));
    assert!(post(&pages, &path, "act=not-me").await.text().contains("We do not write to you about it."));
    for act in ["act=confirm", "act=not-me"] {
        assert_eq!(post(&pages, &path, act).await.status, StatusCode::NOT_FOUND);
    }
    let page = get(&pages, &format!("/s/{link}")).await.text();
    assert!(page.contains("Mail me") && !page.contains(OWL), "{page}");
}

#[tokio::test]
async fn an_address_is_taken_back_and_another_takes_its_place() {
    let (stage, link) = anonymous().await;
    leaves(&stage, &link, "owk@finder.example").await;
    let wrong = format!("/address/{}", token_in(&stage.only_mail_to("owk@finder.example"), "/address/"));
    let pages = pages(&stage);
    post(&pages, &format!("/s/{link}/address"), "act=take-back").await;
    assert_eq!(get(&pages, &wrong).await.status, StatusCode::NOT_FOUND);
    leaves(&stage, &link, "own@finder.example").await;
    leaves(&stage, &link, OWL).await;
    let earlier = format!("/address/{}", token_in(&stage.only_mail_to("own@finder.example"), "/address/"));
    assert_eq!(post(&pages, &earlier, "act=confirm").await.status, StatusCode::NOT_FOUND, "one at a time");
    stage.days_pass(15).await;
    let late = format!("/address/{}", token_in(&stage.only_mail_to(OWL), "/address/"));
    assert_eq!(get(&pages, &late).await.status, StatusCode::NOT_FOUND, "after two weeks it is over");
}

#[tokio::test]
async fn a_private_link_is_no_way_to_bury_others_under_our_mail() {
    let (stage, link) = anonymous().await;
    for number in 0..6 {
        let answer = leaves(&stage, &link, &format!("victim{number}@elsewhere.example")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "the answer is the same each time");
    }
    let written = (0..6).map(|number| stage.mail_to(&format!("victim{number}@elsewhere.example")).len()).sum::<usize>();
    assert_eq!(written, 3);
    let other = reports(&stage, &report().with("reach", "anonymous").with("text", "Another flaw.")).await;
    leaves(&stage, &other, "victim0@elsewhere.example").await;
    assert_eq!(stage.mail_to("victim0@elsewhere.example").len(), 1, "one a day, whoever types it");
    for (typed, kept) in
        [("nobody", "value=\"nobody\""), ("security%40foundation.example", "security@foundation.example")]
    {
        let wrong = post(&pages(&stage), &format!("/s/{other}/address"), &format!("email={typed}")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = wrong.text();
        assert!(text.contains("<title>Error: Report") && text.contains(kept), "{text}");
        assert!(text.contains("href=\"#email\"") && text.contains("Error: Enter an email address such as"), "{text}");
    }
}

#[tokio::test]
async fn a_lost_link_goes_to_the_address_of_the_report_and_nobody_learns_whose_it_is() {
    let stage = forwarded().await;
    let (pages, link) = (pages(&stage), token_in(&stage.mail_to(JANE)[0], "/s/"));
    let known = post(&pages, "/lost-link", "email=JANE%40reporter.example").await;
    let unknown = post(&pages, "/lost-link", "email=mallory%40elsewhere.example").await;
    assert_eq!((known.status, known.text()), (unknown.status, unknown.text()));
    stage.everything_due_happens().await;
    let letters = stage.mail_to(JANE);
    let letter = letters.last().unwrap();
    assert_eq!((letters.len(), token_in(letter, "/s/")), (2, link));
    assert!(letter.text().contains("SEC-2026-0001, received"), "{}", letter.text());
    assert!(stage.mail_to("mallory@elsewhere.example").is_empty());
    for _ in 0..5 {
        post(&pages, "/lost-link", "email=jane%40reporter.example").await;
    }
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(JANE).len(), 3, "the receipt and two more make three automatic letters a day");
    let wrong = post(&pages, "/lost-link", "email=jane").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("value=\"jane\"") && wrong.text().contains("There is a problem"), "{}", wrong.text());
}

#[tokio::test]
async fn a_dead_link_offers_a_new_one_and_gives_back_what_was_written() {
    let stage = forwarded().await;
    let pages = pages(&stage);
    let dead = "a".repeat(39);
    for path in [format!("/s/{dead}"), "/s/cut".to_owned()] {
        let page = get(&pages, &path).await;
        let text = page.text();
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(text.contains("This link no longer works") && text.contains("action=\"/lost-link\""), "{text}");
    }
    let link = token_in(&stage.mail_to(JANE)[0], "/s/");
    post(&pages, &format!("/s/{link}/link"), "").await;
    let unsent = post(&pages, &format!("/s/{link}/add"), "text=It+needs+-O2.").await;
    assert_eq!(unsent.status, StatusCode::NOT_FOUND);
    assert!(unsent.text().contains("It was not sent.") && unsent.text().contains("It needs -O2."), "{}", unsent.text());
}

#[tokio::test]
async fn an_anonymous_reporter_is_shown_the_link_once_more_at_first_and_after_it_was_replaced() {
    let (stage, link) = anonymous().await;
    let pages = pages(&stage);
    let words = "Save this link now. We cannot send it to you again.";
    let confirmation = get(&pages, &format!("/report/received/{link}")).await.text();
    assert!(confirmation.contains(&format!("href=\"/s/{link}?first=yes\"")), "{confirmation}");
    assert!(get(&pages, &format!("/s/{link}?first=yes")).await.text().contains(words));
    assert!(!get(&pages, &format!("/s/{link}")).await.text().contains(words));
    let renewed = post(&pages, &format!("/s/{link}/link"), "").await;
    assert!(get(&pages, renewed.header("location")).await.text().contains(words));
}

#[tokio::test]
async fn the_next_date_and_the_receipt_can_be_taken_along() {
    let stage = forwarded().await;
    let (pages, link) = (pages(&stage), token_in(&stage.mail_to(JANE)[0], "/s/"));
    let page = get(&pages, &format!("/s/{link}")).await.text();
    for path in [format!("/s/{link}/next.ics"), format!("/report/received/{link}/receipt.txt")] {
        assert!(page.contains(&path), "{path}");
        let file = get(&pages, &path).await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(file.header("content-disposition").starts_with("attachment"), "{path}");
        assert!(file.text().replace("\r\n ", "").contains(&link), "{path}");
    }
    let calendar = get(&pages, &format!("/s/{link}/next.ics")).await.text();
    assert!(calendar.contains("SUMMARY:SEC-2026-0001: ") && calendar.contains("DTSTART:20261127T"), "{calendar}");
    assert!(!calendar.contains("over-read"), "{calendar}");
}
