//! Forms that are too much: too large, too often, from elsewhere, under a stranger's name.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use fingerpost::domain::directory::AutoForward;
use fingerpost::web::{self, WebState};
use jiff::SignedDuration;

use crate::form_page::{Browser, report, stamp_in};
use crate::stage::{REPORT_TEXT, Stage};

async fn stage() -> Stage {
    Stage::with(|directory| directory.routing.auto_forward = AutoForward::Chosen).await
}

#[tokio::test]
async fn a_form_with_26_mb_keeps_its_text_and_says_what_to_do() {
    let stage = stage().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    stage.clock.advance(SignedDuration::from_secs(30));
    let typed = report().with("summary", "Over-read");
    let large = browser.send(&stamp, &typed.clone().file("core.dump", &vec![1; 26_000_000])).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let text = large.text();
    assert!(
        text.contains("Your files are larger than 25 MB together. Attach fewer or put a link in your text"),
        "{text}"
    );
    assert!(text.contains(REPORT_TEXT) && text.contains("Over-read") && !text.contains("core.dump"), "{text}");
    assert_eq!(stage.house.store.bytes_uploaded().await.unwrap(), 0, "what is too large is not kept");

    let half = vec![2; 12_500_000];
    let fits = typed.file("a.bin", &half).file("b.bin", &half);
    assert_eq!(browser.send(&stamp, &fits).await.status, StatusCode::SEE_OTHER, "25 MB are taken");
    let case = stage.only_case().await;
    let arrival = stage.house.store.reports_of(&case.id).await.unwrap()[0].arrival.clone();
    let sizes: Vec<u64> =
        stage.house.store.attachments_of(&arrival).await.unwrap().iter().map(|file| file.size).collect();
    assert_eq!(sizes, [12_500_000, 12_500_000]);
}

#[tokio::test]
async fn a_sixth_file_and_a_body_beyond_all_bounds_are_refused_with_words() {
    let stage = stage().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    let form = (0..6).fold(report(), |form, number| form.file(&format!("{number}.txt"), &[number]));
    let six = browser.send(&stamp, &form).await.text();
    assert!(six.contains("Attach up to 5 files") && six.contains("4.txt") && !six.contains("5.txt"), "{six}");
    let huge = browser.ask(Method::POST, "/report", "multipart/form-data; boundary=x", vec![0; 61_000_000]).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(huge.text().contains("larger than 25 MB together") && huge.text().contains("<h1>"), "{}", huge.text());
}

#[tokio::test]
async fn a_text_that_is_too_long_is_shown_again_whole() {
    let stage = stage().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    let long = "\u{fc}".repeat(100_001);
    let answer = browser.send(&stamp, &report().with("text", &long)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("Shorten this to 100000 characters") && answer.text().contains(&long));
    let megabytes = browser.send(&stamp, &report().with("text", &"x".repeat(3_000_000))).await;
    assert_eq!(megabytes.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(megabytes.body.len() < 1_200_000, "no more than a megabyte of it is shown");
}

#[tokio::test]
async fn other_forms_take_a_megabyte_and_no_more() {
    let stage = stage().await;
    let browser = Browser::on(&stage);
    let body = format!("email={}", "x".repeat(1_100_000)).into_bytes();
    let answer = browser.ask(Method::POST, "/login", "application/x-www-form-urlencoded", body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_broken_body_keeps_what_came_before_it_broke() {
    let stage = stage().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    let field =
        |name: &str, value: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = field("stamp", &stamp) + &field("text", REPORT_TEXT) + "--x\r\nContent-Disposition: form-data; na";
    let answer = browser.ask(Method::POST, "/report", "multipart/form-data; boundary=x", body.into_bytes()).await;
    assert!(answer.text().contains(REPORT_TEXT), "{}", answer.text());
    for (content_type, body) in [("multipart/form-data", ""), ("application/json", "{}"), ("", "\u{0}%%%&&==")] {
        let answer = browser.ask(Method::POST, "/report", content_type, body.as_bytes().to_vec()).await;
        assert!(answer.text().contains("Report a security problem"), "{content_type}: {}", answer.text());
    }
    assert_eq!(stage.cases().await, 0);
}

#[tokio::test]
async fn a_form_from_elsewhere_is_shown_and_not_taken_and_one_without_such_headers_is() {
    let stage = stage().await;
    let mut browser = Browser::on(&stage);
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("origin", "https://security.foundation.example.evil.example")],
    ] {
        let stamp = browser.open().await;
        stage.clock.advance(SignedDuration::from_secs(30));
        browser.headers = headers.clone();
        let refused = browser.send(&stamp, &report().file("poc.txt", b"proof")).await;
        assert_eq!((refused.status, stage.cases().await), (StatusCode::FORBIDDEN, 0), "{headers:?}");
        let text = refused.text();
        assert!(text.contains("Press Send again. Nothing is lost.") && text.contains(REPORT_TEXT), "{text}");
        assert!(text.contains("Already attached: poc.txt"), "{text}");
        browser.headers = Vec::new();
    }
    let stamp = browser.open().await;
    stage.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(browser.send(&stamp, &report()).await.status, StatusCode::SEE_OTHER, "no header, no browser, no cookie");
}

#[tokio::test]
async fn a_poisoned_host_gets_nothing_and_no_link_ever_carries_it() {
    let stage = stage().await;
    let mut browser = Browser::on(&stage);
    let stamp = browser.open().await;
    stage.clock.advance(SignedDuration::from_secs(30));
    browser.headers = vec![("host", "evil.example")];
    assert_eq!(browser.send(&stamp, &report()).await.status, StatusCode::MISDIRECTED_REQUEST);
    browser.headers = vec![("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")];
    let sent = browser.send(&stamp, &report()).await;
    let page = browser.get(sent.header("location")).await.text();
    assert!(page.contains("https://security.foundation.example/s/") && !page.contains("evil"), "{page}");
}

#[tokio::test]
async fn over_the_rate_limit_the_text_is_kept_and_the_wait_is_named_and_others_go_on() {
    let stage = stage().await;
    let mut browser = Browser::on(&stage);
    browser.peer = Some("192.0.2.1");
    for number in 0..10 {
        let stamp = browser.open().await;
        stage.clock.advance(SignedDuration::from_secs(3));
        let sent = browser.send(&stamp, &report().with("text", &format!("flaw {number}"))).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{number}");
    }
    let stamp = browser.open().await;
    let limited = browser.send(&stamp, &report().file("poc.txt", b"proof")).await;
    assert_eq!((limited.status, stage.cases().await), (StatusCode::TOO_MANY_REQUESTS, 10));
    let text = limited.text();
    for words in [
        "We cannot take this through the form right now. Your text is still below. Try again in 3 minutes, or mail it to",
        "security@foundation.example",
        REPORT_TEXT,
        "jane@finder.example",
        "not kept",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let wait: u64 = limited.header("retry-after").parse().unwrap();
    assert!((120..=180).contains(&wait), "{wait}");
    assert_eq!(stage.house.store.bytes_uploaded().await.unwrap(), 0);

    browser.peer = Some("192.0.2.2");
    let stamp = browser.open().await;
    stage.clock.advance(SignedDuration::from_secs(3));
    let other = browser.send(&stamp, &report().with("text", "another's")).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "another network is not slowed");

    browser.peer = Some("192.0.2.1");
    stage.clock.advance(SignedDuration::from_secs(wait.cast_signed()));
    let again = browser.send(&stamp_in(&limited), &report()).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "after the wait it is taken");
}

#[tokio::test]
async fn a_spoofed_x_forwarded_for_resets_no_limit() {
    let stage = stage().await;
    let mut browser = Browser::on(&stage);
    browser.peer = Some("198.51.100.7");
    let spoofed = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "::1", "127.0.0.1", "10.0.0.1, 203.0.113.5"];
    let mut refused = 0;
    for number in 0..14 {
        browser.headers = vec![("x-forwarded-for", spoofed[number % spoofed.len()])];
        let stamp = browser.open().await;
        let sent = browser.send(&stamp, &report().with("text", &format!("flaw {number}"))).await;
        refused += usize::from(sent.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 4, "a stranger's word on where it comes from counts for nothing");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_own_measure_and_cannot_forge_another() {
    let stage = stage().await;
    let state = WebState { house: Arc::clone(&stage.house), relay_configured: true, demo: None };
    let mut browser = Browser::on(&stage);
    browser.pages = web::router_behind(state, vec!["10.0.0.0/8".parse().unwrap()]);
    browser.peer = Some("10.0.0.1");
    let mut answers = Vec::new();
    for client in ["2001:db8:0:1::1", "evil, 2001:db8:0:1::2", "203.0.113.9, 2001:db8:0:1:5::3", "203.0.113.9"] {
        let mut refused = 0;
        for number in 0..5 {
            browser.headers = vec![("x-forwarded-for", client)];
            let stamp = browser.open().await;
            let sent = browser.send(&stamp, &report().with("text", &format!("flaw {client} {number}"))).await;
            refused += usize::from(sent.status == StatusCode::TOO_MANY_REQUESTS);
        }
        answers.push(refused);
    }
    assert_eq!(answers, [0, 0, 5, 0], "three hosts of one /64 share ten, and the fourth is another");
}

#[tokio::test]
async fn sign_in_links_and_pages_behind_links_are_limited_too_and_the_desk_is_not() {
    let stage = stage().await;
    let mut browser = Browser::on(&stage);
    browser.peer = Some("192.0.2.1");
    let form = "application/x-www-form-urlencoded";
    let mut asked = Vec::new();
    for _ in 0..11 {
        asked.push(browser.ask(Method::POST, "/login", form, b"email=ada@foundation.example".to_vec()).await);
    }
    assert_eq!(asked[9].status, StatusCode::OK);
    assert_eq!(asked[10].status, StatusCode::TOO_MANY_REQUESTS);
    assert!(asked[10].text().contains("Try again in 2 minutes") && !asked[10].header("retry-after").is_empty());
    let dead = "/a/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let mut last = StatusCode::OK;
    for _ in 0..61 {
        last = browser.ask(Method::POST, dead, form, Vec::new()).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "tokens cannot be guessed by the thousand");
    for _ in 0..70 {
        last = browser.ask(Method::POST, "/cases/SEC-2026-0001/claim", form, Vec::new()).await.status;
    }
    assert_eq!(last, StatusCode::UNAUTHORIZED, "a session guards the desk");
}
