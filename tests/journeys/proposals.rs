//! Somebody proposes a project: its mailbox confirms, the committee looks, a person puts the text into the file.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use fingerpost::config::{policy, write};
use fingerpost::domain::directory::ProjectId;
use fingerpost::flows::{Policy, contacts};
use jiff::SignedDuration;

use crate::contacts::link_to;
use crate::site::{Answer, Site, ask, pages, site};
use crate::stage::{Stage, subjects};

const FORM: &str = "act=send&asked_by=Jo+Asker&name=Thyme+Kit&aliases=thymus&packages=pypi%3Athyme-kit&channel=mail\
                    &target=3d&contact1_email=security%40thyme.example&contact1_list=on&contact2_email=lee%40thyme.example\
                    &contact2_deputy=on&note=I+maintain+it.";

async fn posts(site: &Site, path: &str, form: &str) -> Answer {
    site.ask(Method::POST, path, &[], form).await
}

async fn presses(site: &Site, cookie: &str, path: &str, form: &str) -> Answer {
    site.ask(Method::POST, path, &[("cookie", cookie)], form).await
}

/// The mailbox of `recipient` confirms by the link in its letter.
async fn confirms(site: &Site, recipient: &str) -> String {
    let link = format!("/c/{}", link_to(&site.stage, recipient).letters());
    let shown = site.get(&link).await.text();
    assert!(shown.contains("Confirm that you are a security contact for Thyme Kit"), "{shown}");
    let confirmed = posts(site, &link, "act=confirm").await;
    site.stage.everything_due_happens().await;
    confirmed.text()
}

/// A person puts `text` at the end of projects.toml, and the program reads it.
async fn the_file_grows_by(stage: &Stage, text: &str) {
    let file = format!("{}\n{text}", write::write(&stage.house.policy().file));
    let directory = policy::parse("projects.toml", &file).unwrap_or_else(|faults| panic!("{faults}\n{file}"));
    stage.house.policy.store(Arc::new(Policy::of(directory)));
    contacts::refresh(&stage.house).await.unwrap();
}

/// The text that the page offers to copy.
fn text_of(page: &str) -> String {
    let (_, rest) = page.split_once("data-copy=\"").unwrap();
    rest.split_once('"')
        .unwrap()
        .0
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

async fn the_proposal(site: &Site) -> String {
    let waiting = site.stage.house.store.proposals_waiting(10).await.unwrap();
    format!("/proposals/{}", waiting.iter().find(|row| row.name == "Thyme Kit").unwrap().id)
}

#[tokio::test]
async fn a_proposed_project_is_seen_once_its_mailbox_confirms_and_listed_once_a_person_put_it_into_the_file() {
    let site = site().await;
    let before = site.stage.mail_to("tania@foundation.example").len();
    let thanks = posts(&site, "/propose", FORM).await;
    assert!(thanks.status == StatusCode::OK && thanks.text().contains("Thyme Kit"), "{}", thanks.text());
    let again = posts(&site, "/propose", FORM).await;
    assert_eq!((again.status, again.text()), (thanks.status, thanks.text()), "sent twice, it is taken once");
    site.stage.everything_due_happens().await;
    assert_eq!(site.stage.mail_to("security@thyme.example").len(), 1);
    assert_eq!(site.stage.mail_to("lee@thyme.example").len(), 1);
    assert_eq!(site.stage.mail_to("tania@foundation.example").len(), before, "nobody has confirmed yet");

    let confirmed = confirms(&site, "security@thyme.example").await;
    assert!(confirmed.contains("Your mailbox is confirmed"), "{confirmed}");
    let told = site.stage.mail_to("tania@foundation.example");
    assert!(told.last().unwrap().subject().contains("A new project was proposed: Thyme Kit"), "{:?}", subjects(&told));

    let cookie = site.sign_in().await;
    assert!(site.get_as(&cookie, "/contacts").await.text().contains("Proposed projects (2)"));
    let path = the_proposal(&site).await;
    let page = site.get_as(&cookie, &path).await.text();
    for words in ["Jo Asker", "I maintain it.", "not confirmed yet", "thyme-kit", "What did you do?"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let text = text_of(&page);
    assert!(text.contains("security@thyme.example") && !text.contains("lee@thyme.example"), "{text}");

    let early = presses(&site, &cookie, &path, "outcome=listed").await;
    assert!(early.text().contains("projects.toml has no project `thyme-kit` yet"), "{}", early.text());
    the_file_grows_by(&site.stage, &text).await;
    let listed = presses(&site, &cookie, &path, "outcome=listed").await;
    assert_eq!((listed.status, listed.header("location")), (StatusCode::SEE_OTHER, "/proposals"));
    site.stage.everything_due_happens().await;
    let letters = site.stage.mail_to("security@thyme.example");
    assert!(letters.last().unwrap().subject().contains("Thyme Kit is listed now"), "{:?}", subjects(&letters));
    assert_eq!(site.stage.mail_to("lee@thyme.example").len(), 1, "who has not confirmed hears no more");
    let shown = ask(&pages(&site.stage), Method::GET, "/projects/thyme-kit", &[], "").await.text();
    assert!(shown.contains("Confirmed on "), "the proof counts for the contact that the file has now: {shown}");
    let twice = presses(&site, &cookie, &path, "outcome=not-ours").await;
    assert!(twice.text().contains("This proposal is settled already."), "{}", twice.text());
}

#[tokio::test]
async fn a_declined_proposal_is_told_to_who_confirmed_and_forgotten_after_a_quarter() {
    let site = site().await;
    posts(&site, "/propose", FORM).await;
    site.stage.everything_due_happens().await;
    confirms(&site, "lee@thyme.example").await;
    let not_me = format!("/c/{}", link_to(&site.stage, "security@thyme.example").letters());
    assert!(posts(&site, &not_me, "act=not-me").await.text().contains("You will hear no more about this."));
    let (cookie, path) = (site.sign_in().await, the_proposal(&site).await);
    let page = site.get_as(&cookie, &path).await.text();
    assert!(page.contains("says “not me”"), "{page}");
    assert!(!text_of(&page).contains("deputy"), "a deputy alone stands in for nobody");
    assert_eq!(presses(&site, &cookie, &path, "outcome=odd").await.status, StatusCode::NOT_FOUND);
    presses(&site, &cookie, &path, "outcome=not-shown").await;
    site.stage.everything_due_happens().await;
    let letter = site.stage.mail_to("lee@thyme.example").pop().unwrap();
    assert!(letter.subject().contains("was not listed") && letter.text().contains("speak for it"), "{}", letter.text());
    assert_eq!(site.stage.mail_to("security@thyme.example").len(), 1);
    site.stage.passes(SignedDuration::from_hours(91 * 24)).await;
    let settled = site.stage.house.store.proposals_settled(10).await.unwrap();
    assert!(settled.is_empty(), "{settled:?}");
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_what_was_typed_and_nobody_is_written_to() {
    let site = site().await;
    let letters = site.stage.relay.sent().len();
    for (wrong, words) in [
        (FORM.replace("Thyme+Kit", "see+http%3A%2F%2Fspam.example"), "href=\"#name\""),
        (FORM.replace("Thyme+Kit", "Parsley"), "already a name of project"),
        (FORM.replace("thymus", "ROSEMARY"), "href=\"#aliases\""),
        (FORM.replace("target=3d", "target=9d"), "href=\"#target\""),
        (FORM.replace("security%40thyme.example", "security%40foundation.example"), "href=\"#contact1_email\""),
        (FORM.replace("lee%40thyme.example", "lee"), "href=\"#contact2_email\""),
        (FORM.replace("act=send", "act=send&summary=a%E2%80%AEb"), "href=\"#summary\""),
        ("act=send".to_owned(), "href=\"#asked_by\""),
    ] {
        let answer = posts(&site, "/propose", &wrong).await;
        let shown = answer.text();
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {shown}");
        assert!(shown.contains("<title>Error: ") && shown.contains(words), "{words} in {shown}");
        assert!(wrong == "act=send" || shown.contains("I maintain it."), "nothing typed is lost: {shown}");
    }
    site.stage.everything_due_happens().await;
    assert_eq!(site.stage.relay.sent().len(), letters);
}

#[tokio::test]
async fn a_file_of_the_project_fills_the_form_in_and_sends_nothing() {
    let site = site().await;
    let mut watch = site.watch().await;
    let file = "Contact: mailto:security@thyme.example\nContact: https://github.com/thyme/kit/security/advisories/new\n\
                Expires: 2027-01-01T00:00:00Z\nPolicy: https://thyme.example/policy\n";
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nThyme Kit\r\n--b\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"security.txt\"\r\nContent-Type: text/plain\r\n\r\n{file}\r\n--b\r\nContent-Disposition: \
         form-data; name=\"act\"\r\n\r\nfill\r\n--b--\r\n"
    );
    let pasted = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("name", "Thyme Kit")
        .append_pair("file_text", file)
        .append_pair("act", "fill")
        .finish();
    let uploaded =
        site.ask(Method::POST, "/propose", &[("content-type", "multipart/form-data; boundary=b")], &body).await;
    for shown in [uploaded.text(), posts(&site, "/propose", &pasted).await.text()] {
        for words in [
            "Filled in from your security.txt",
            "value=\"Thyme Kit\"",
            "value=\"security@thyme.example\"",
            "value=\"https://thyme.example/policy\"",
            "<option value=\"github\" selected>",
        ] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }
    assert!(watch.nothing_changed().await);
}

#[tokio::test]
async fn a_day_has_room_for_so_many_proposals_and_unconfirmed_ones_are_forgotten() {
    let site = site().await;
    let form = |number: usize| {
        FORM.replace("Thyme+Kit", &format!("Thyme+Kit+{number}"))
            .replace("thymus", &format!("thymus{number}"))
            .replace("thyme-kit", &format!("thyme-kit-{number}"))
    };
    // One more was made before the story begins.
    for number in 1..20 {
        let taken = posts(&site, "/propose", &form(number)).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    }
    let refused = posts(&site, "/propose", &form(20)).await;
    assert!(refused.text().contains("Many projects were proposed today"), "{}", refused.text());
    site.stage.everything_due_happens().await;
    assert_eq!(site.stage.mail_to("security@thyme.example").len(), 3, "no address gets more in a day");
    site.stage.passes(SignedDuration::from_hours(24)).await;
    assert_eq!(posts(&site, "/propose", &form(20)).await.status, StatusCode::OK);
    site.stage.passes(SignedDuration::from_hours(16 * 24)).await;
    let link = link_to(&site.stage, "security@thyme.example");
    assert!(contacts::open(&site.stage.house, &link).await.unwrap().is_none());
    let id = ProjectId::parse("thyme-kit-20").unwrap();
    let mut tx = site.stage.house.store.begin().await.unwrap();
    assert_eq!(tx.proposals_made(site.stage.now() - SignedDuration::from_hours(40 * 24)).await.unwrap(), 1, "{id}");
}
