//! The pages by which contacts change, asked as a browser, a stranger and a mail scanner would.

use axum::http::{Method, StatusCode};
use fingerpost::domain::contact_change::{ChangeKind, Outcome};

use crate::contacts::{ROSA, asks, link_to};
use crate::site::{Answer, Site, site};

const FORM: &str = "name=Jo+Asker&kind=replace&old=rosa%40rosemary.example&email=ria%40rosemary.example&list=on";

async fn post(site: &Site, path: &str, form: &str) -> Answer {
    site.ask(Method::POST, path, &[], form).await
}

#[tokio::test]
async fn the_form_is_answered_alike_whoever_is_named_and_the_links_do_the_rest() {
    let site = site().await;
    let mut answers = Vec::new();
    for old in ["rosa%40rosemary.example", "nobody%40rosemary.example"] {
        let form = FORM.replace("rosa%40rosemary.example", old).replace("ria", &format!("ria{}", answers.len()));
        let answer = post(&site, "/projects/rosemary/contacts", &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answers.push(answer.text());
    }
    assert_eq!(answers[0], answers[1], "nothing tells whether an address is a contact");
    site.stage.everything_due_happens().await;

    let link = format!("/c/{}", link_to(&site.stage, "ria0@rosemary.example").letters());
    let shown = site.get(&link).await.text();
    assert!(shown.contains("Jo Asker") && shown.contains("value=\"confirm\"") && !shown.contains(ROSA), "{shown}");
    for _ in 0..3 {
        assert_eq!(site.ask(Method::HEAD, &link, &[], "").await.status, StatusCode::OK, "scanners change nothing");
    }
    let confirmed = post(&site, &link, "act=confirm").await;
    assert!(confirmed.text().contains("unless one of them objects"), "{}", confirmed.text());
    for again in [site.get(&link).await, post(&site, &link, "act=confirm").await] {
        assert_eq!(again.status, StatusCode::NOT_FOUND, "once");
    }
    let voice = format!("/c/{}", link_to(&site.stage, ROSA).letters());
    assert!(site.get(&voice).await.text().contains("value=\"object\""));
    assert_eq!(post(&site, &voice, "act=nonsense").await.status, StatusCode::NOT_FOUND);
    assert_eq!(post(&site, &voice, "act=object").await.status, StatusCode::OK);
}

#[tokio::test]
async fn links_that_are_none_get_the_page_of_dead_links() {
    let site = site().await;
    let flipped = site.contact_link.replace(char::is_numeric, "a");
    for token in ["x", "%20", &"a".repeat(39), &"a".repeat(5_000), &site.status, &site.login, &flipped[1..]] {
        for answer in [site.get(&format!("/c/{token}")).await, post(&site, &format!("/c/{token}"), "act=confirm").await]
        {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{token}");
            assert!(answer.text().contains("This link no longer works"), "{token}");
        }
    }
    assert_eq!(site.get("/c/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_what_was_typed_and_nothing_is_sent() {
    let site = site().await;
    let letters = site.stage.relay.sent().len();
    let wrong = post(&site, "/projects/rosemary/contacts", "name=see+http%3A%2F%2Fspam.example&kind=add&email=x").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = wrong.text();
    assert!(shown.contains("<title>Error: ") && shown.contains("There is a problem"), "{shown}");
    assert!(shown.contains("see http://spam.example") && shown.contains("href=\"#email\""), "{shown}");
    let ours = FORM.replace("ria%40rosemary.example", "security%40foundation.example");
    assert!(post(&site, "/projects/rosemary/contacts", &ours).await.text().contains("this one is ours"));
    for n in 0..3 {
        asks(&site.stage, "lovage", ChangeKind::Add, None, Some(&format!("l{n}@lovage.example"))).await.unwrap();
    }
    let many = post(&site, "/projects/lovage/contacts", &FORM.replace("replace", "add")).await;
    assert!(many.text().contains("wait already") && many.text().contains("ria@rosemary.example"), "{}", many.text());
    site.stage.everything_due_happens().await;
    assert_eq!(site.stage.relay.sent().len(), letters + 3, "only the three that were taken");
    for unknown in ["/projects/nothing/contacts", "/projects/%00/contacts", "/projects/LOVAGE/contacts"] {
        assert_eq!(site.get(unknown).await.status, StatusCode::NOT_FOUND, "{unknown}");
        assert_eq!(post(&site, unknown, FORM).await.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn a_member_sees_what_waits_and_refuses_it() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let page = site.get_as(&cookie, "/contacts").await.text();
    for words in ["the mailbox, until ", "single point of failure", "sam@savory.example", "Confirmed"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let path = site.path("/contacts/changes/{id}");
    let refused = site.ask(Method::POST, &path, &[("cookie", &cookie)], "decision=refuse").await;
    assert_eq!((refused.status, refused.header("location")), (StatusCode::SEE_OTHER, "/contacts"));
    let again = site.ask(Method::POST, &path, &[("cookie", &cookie)], "decision=approve").await;
    assert!(again.text().contains("This change is settled already."), "{}", again.text());
    let settled = site.stage.house.store.settled_changes(1).await.unwrap();
    assert_eq!(settled[0].outcome, Some(Outcome::Refused));
    assert!(site.get_as(&cookie, "/contacts").await.text().contains("Settled lately"));
    let asked = site.ask(Method::POST, &site.path("/contacts/{id}/ask"), &[("cookie", &cookie)], "").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    site.stage.everything_due_happens().await;
    let questions = site.stage.relay.sent().into_iter().filter(|letter| letter.subject().contains("Still a security"));
    assert_eq!(questions.count(), 1);
}
