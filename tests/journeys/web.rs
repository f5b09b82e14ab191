//! Every page asked for as anybody might: by strangers, members and mail scanners, from elsewhere, full of hostile texts.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use fingerpost::web::demo::{DemoHandle, DemoLetter, Done};
use fingerpost::web::{self, WebState};
use jiff::SignedDuration;

use crate::routes::Gate::{Demo, Desk, Ops, Public};
use crate::routes::ROUTES;
use crate::site::{Answer, HOST, Site, hostile_report, sign_in_link, site};
use crate::stage::token_in;

#[test]
fn every_route_in_the_source_is_in_the_table() {
    let route = regex::Regex::new(r#"\.route\(\s*"([^"]+)""#).unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let mut found = BTreeSet::new();
    for path in crate::architecture::sources(&folder) {
        let text = std::fs::read_to_string(path).unwrap();
        found.extend(route.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    let table: BTreeSet<String> = ROUTES.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(found, table);
}

#[tokio::test]
async fn routes_answer_the_methods_of_the_table_and_no_others() {
    let site = site().await;
    for (pattern, gate, get, post) in ROUTES.iter().filter(|row| row.1 != Demo) {
        let path = site.path(pattern) + get.unwrap_or_default();
        for (method, is_there) in [
            (Method::GET, get.is_some()),
            (Method::POST, post.is_some()),
            (Method::PUT, false),
            (Method::DELETE, false),
            (Method::PATCH, false),
        ] {
            let status = site.ask(method.clone(), &path, &[], post.unwrap_or_default()).await.status;
            assert_eq!(status != StatusCode::METHOD_NOT_ALLOWED, is_there, "{gate:?} {method} {pattern}: {status}");
        }
    }
}

#[tokio::test]
async fn a_stranger_gets_nothing_of_the_desk_and_changes_nothing() {
    let site = site().await;
    let mut watch = site.watch().await;
    for cookie in ["", "__Host-fingerpost=", "__Host-fingerpost=guess", "fingerpost=guess"] {
        for (pattern, path) in site.gets(&[Desk]) {
            for method in [Method::GET, Method::HEAD] {
                let answer = site.ask(method, &path, &[("cookie", cookie)], "").await;
                assert!(answer.leads_to_the_sign_in(), "{pattern}: {} {}", answer.status, answer.header("location"));
                assert!(!answer.tells_of_a_case(), "{pattern}");
            }
        }
        for (path, form) in site.posts(&[Desk]) {
            let answer = site.ask(Method::POST, &path, &[("cookie", cookie)], form).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert!(!answer.tells_of_a_case(), "{path}");
        }
    }
    for path in
        ["/cases/", "/cases//SEC-2026-0001", "/cases/../cases/SEC-2026-0001", "/%63ases/SEC-2026-0001", "/CASES"]
    {
        let answer = site.get(path).await;
        assert!(!answer.status.is_success() && !answer.tells_of_a_case(), "{path}: {}", answer.status);
    }
    assert!(watch.nothing_changed().await);
}

#[tokio::test]
async fn a_member_gets_every_page_and_a_stranger_every_public_one() {
    let site = site().await;
    for (pattern, path) in site.gets(&[Public, Ops]) {
        let status = site.get(&path).await.status;
        assert!(status == StatusCode::OK || status == StatusCode::PERMANENT_REDIRECT, "{pattern}: {status}");
    }
    let cookie = site.sign_in().await;
    for (pattern, path) in site.gets(&[Desk]) {
        let answer = site.get_as(&cookie, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{pattern}: {}", answer.text());
    }
    for (path, form) in site.posts(&[Desk]) {
        let status = site.ask(Method::POST, &path, &[("cookie", &cookie)], form).await.status;
        assert!(status.is_success() || status == StatusCode::SEE_OTHER, "{path}: {status}");
    }
}

#[tokio::test]
async fn the_pages_of_the_demo_are_in_the_demo_alone() {
    let site = site().await;
    for (pattern, path) in site.gets(&[Demo]) {
        assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND, "{pattern}");
    }
    for (path, form) in site.posts(&[Demo]) {
        assert_eq!(site.ask(Method::POST, &path, &[], form).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn looking_changes_nothing_neither_by_get_nor_by_head() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let link = sign_in_link(&site.stage, "tania@foundation.example").await;
    let mut watch = site.watch().await;
    for method in [Method::GET, Method::HEAD] {
        for (_, path) in site.gets(&[Public, Desk, Ops]) {
            site.ask(method.clone(), &path, &[("cookie", &cookie)], "").await;
        }
        let opened = site.ask(method.clone(), &format!("/login/{link}"), &[], "").await;
        assert_eq!(opened.status, StatusCode::OK);
        for (path, _) in site.posts(&[Public, Desk]) {
            site.ask(method.clone(), &path, &[("cookie", &cookie)], "").await;
        }
    }
    assert!(watch.nothing_changed().await);
    assert_eq!(site.ask(Method::POST, &format!("/login/{link}"), &[], "").await.status, StatusCode::SEE_OTHER);
    assert!(!watch.nothing_changed().await, "the watch does see a change");
}

/// Every kind of answer: pages, files, redirects, and what goes wrong.
async fn all_kinds_of_answers(site: &Site) -> Vec<(String, Answer)> {
    let cookie = site.sign_in().await;
    let mut answers = Vec::new();
    for (_, path) in site.gets(&[Public, Desk]) {
        for cookie in ["", cookie.as_str()] {
            answers.push((path.clone(), site.get_as(cookie, &path).await));
        }
    }
    for (path, form) in site.posts(&[Public, Desk]) {
        answers.push((path.clone(), site.ask(Method::POST, &path, &[], form).await));
        answers.push((path.clone(), site.ask(Method::POST, &path, &[("sec-fetch-site", "cross-site")], form).await));
        answers.push((path.clone(), site.ask(Method::POST, &path, &[], &"x".repeat(2_000_000)).await));
        answers.push((path.clone(), site.ask(Method::PUT, &path, &[], "").await));
        answers.push((path.clone(), site.ask(Method::GET, &path, &[("host", "evil.example")], "").await));
    }
    for path in ["/nothing", "/a/x", "/a/%ff", "/assets/nothing.css", "/assets/../app.css"] {
        answers.push((path.to_owned(), site.get(path).await));
    }
    answers
}

/// The pages that search engines may show and caches keep; no other.
const OPEN: [&str; 10] = [
    "/",
    "/projects",
    "/projects/savory",
    "/projects.json",
    "/projects.csv",
    "/openapi.json",
    "/how",
    "/privacy",
    "/accessibility",
    "/.well-known/security.txt",
];

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_it() {
    let site = site().await;
    for (path, answer) in all_kinds_of_answers(&site).await {
        let about = format!("{path}: {}", answer.status);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{about}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") || policy.ends_with("sandbox"), "{about}: {policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{about}: {policy}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{about}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{about}");
        let is_there = answer.status == StatusCode::OK;
        let (cache, robots) = if is_there && path.starts_with("/assets/") {
            ("public, max-age=31536000, immutable", "noindex")
        } else if is_there && OPEN.contains(&path.as_str()) {
            ("public, max-age=60", "all")
        } else {
            ("no-store", "noindex")
        };
        assert_eq!((answer.header("cache-control"), answer.header("x-robots-tag")), (cache, robots), "{about}");
    }
}

/// The page but for the one script that each of them may have.
fn without_our_script(answer: &Answer) -> String {
    answer.text().replacen(&format!("<script src=\"{}\" defer></script>", web::assets::script()), "", 1)
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_carry_one_script_of_ours_and_no_inline_style() {
    let site = site().await;
    for (path, answer) in all_kinds_of_answers(&site).await {
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        let page = without_our_script(&answer);
        for word in ["<script", " style=\"", "src=\"", "href=\"//", "action=\"http", " onclick", "@import"] {
            assert!(!page.contains(word), "{path}: {word}");
        }
        // The directory leads to projects' own pages; a link loads nothing until somebody follows it.
        let leads_away = page.replace("<a href=\"http", "").contains("href=\"http");
        assert!(!leads_away && (OPEN.contains(&path.as_str()) || !page.contains("href=\"http")), "{path}");
        assert_eq!(page.matches("<h1").count(), 1, "{path} has one heading of the first order");
        assert!(page.contains("lang=\"en\"") && page.contains("<main"), "{path}");
    }
}

#[tokio::test]
async fn a_stranger_host_is_told_that_there_is_no_such_site() {
    let site = site().await;
    for host in ["evil.example", "", "security.foundation.example.evil.example", "evil.example:443", "@", "[::1"] {
        let answer = site.ask(Method::GET, "/", &[("host", host)], "").await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host:?}");
        assert!(!answer.text().contains("Story Foundation"), "{host:?}");
    }
    for host in [HOST, "SECURITY.foundation.example", "security.foundation.example:8443", "localhost:8080", "[::1]:80"]
    {
        assert_eq!(site.ask(Method::GET, "/", &[("host", host)], "").await.status, StatusCode::OK, "{host:?}");
    }
}

#[tokio::test]
async fn a_form_sent_from_elsewhere_is_refused_and_changes_nothing() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let mut watch = site.watch().await;
    let elsewhere: [&[(&str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://www.foundation.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://security.foundation.example")],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", "https://security.foundation.example.evil.example")],
    ];
    for (path, form) in site.posts(&[Public, Desk]) {
        for marks in elsewhere {
            let headers: Vec<(&str, &str)> = marks.iter().copied().chain([("cookie", cookie.as_str())]).collect();
            assert_eq!(
                site.ask(Method::POST, &path, &headers, form).await.status,
                StatusCode::FORBIDDEN,
                "{path} {marks:?}"
            );
        }
    }
    assert!(watch.nothing_changed().await);
    let ours = [
        ("cookie", cookie.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("origin", "https://security.foundation.example"),
    ];
    let claimed = site.ask(Method::POST, &site.path("/cases/{number}/claim"), &ours, "").await;
    assert_eq!(claimed.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn hostile_texts_are_shown_as_text_on_every_page_they_reach() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let mut reached = Vec::new();
    for (pattern, path) in site.gets(&[Public, Desk]) {
        let answer = site.get_as(&cookie, &path).await;
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        let page = without_our_script(&answer);
        for tag in ["<script", "<img", "<svg onload", "\u{202e}"] {
            assert_eq!(page.find(tag), None, "{pattern}: {tag}");
        }
        if page.contains("&lt;script&gt;") && page.contains("&quot;&gt;&lt;img src=x onerror=") {
            reached.push(pattern);
        }
    }
    // The outbox names letters by their kind, so nothing of a report reaches it.
    for pattern in [
        "/at-risk",
        "/triage",
        "/cases",
        "/cases/{number}",
        "/cases/{number}/forward",
        "/cases/{number}/to-reporter",
        "/cases/{number}/to-project/{project}",
        "/cases/{number}/note",
        "/cases/{number}/close",
        "/cases/{number}/by-hand/{project}",
        "/held",
        "/automatic",
        "/quarantine",
        "/quarantine/{id}",
        "/senders",
        "/a/{token}",
        "/s/{token}",
        "/c/{token}",
        "/contacts",
    ] {
        assert!(reached.contains(&pattern), "no hostile text reached {pattern}, only {reached:?}");
    }
    assert!(!reached.contains(&"/outbox"), "{reached:?}");
}

#[tokio::test]
async fn the_link_of_one_case_opens_nothing_of_another() {
    let site = site().await;
    let mut other = hostile_report("kay@reporter.example", "Rosemary");
    other.message_id = "other@reporter.example".to_owned();
    site.stage.mail_arrives(other).await;
    let theirs = token_in(&site.stage.only_mail_to("rosa@rosemary.example"), "/a/");
    let of = |token: &str, part: &str| format!("/a/{token}/attachments/{}/{part}", site.arrival);
    assert_eq!(site.get(&of(&site.action, "2")).await.status, StatusCode::OK);
    for path in [
        of(&theirs, "2"),
        of(&theirs, "1"),
        of(&site.status, "2"),
        of(&site.login, "2"),
        of(&site.action, "0"),
        of(&site.action, "99"),
        format!("/a/{}/attachments/nothing/2", site.action),
    ] {
        let answer = site.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.tells_of_a_case());
    }
}

#[tokio::test]
async fn a_link_of_another_kind_or_that_is_none_gets_the_same_page() {
    let site = site().await;
    let flipped = |token: &str| {
        let last = if token.ends_with('a') { "b" } else { "a" };
        format!("{}{last}", &token[..token.len() - 1])
    };
    // A reporter who lost the way is offered another link: that page is the room's own.
    let (mut pages, mut of_reporters) = (BTreeSet::new(), BTreeSet::new());
    let rooms = ["login", "s", "a", "b", "c"];
    for room in rooms {
        let tokens = [&site.login, &site.status, &site.action, &site.board, &site.contact_link].map(Clone::clone);
        let own = &tokens[rooms.iter().position(|name| *name == room).unwrap()];
        let mut dead: Vec<String> = tokens.iter().filter(|token| *token != own).cloned().collect();
        dead.extend([flipped(own), own[1..].to_owned(), format!("{own}a"), "x".to_owned(), "0".repeat(39)]);
        dead.extend(["%00", "%F0%9F%92%A9", "..%2f..", "%3Cscript%3E"].map(str::to_owned));
        dead.push("a".repeat(5_000));
        for token in dead {
            let answer = site.get(&format!("/{room}/{token}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "/{room}/{token}");
            if room == "s" { &mut of_reporters } else { &mut pages }.insert(answer.text());
        }
    }
    for pages in [pages, of_reporters] {
        assert_eq!(pages.len(), 1, "one page for all, which tells nothing: {pages:?}");
        assert!(pages.first().unwrap().contains("This link no longer works"));
    }
}

#[tokio::test]
async fn a_strangers_file_is_a_download_that_no_browser_opens() {
    let site = site().await;
    let cookie = site.sign_in().await;
    for pattern in [
        "/a/{token}/attachments/{arrival}/{part}",
        "/a/{token}/originals/{arrival}",
        "/arrivals/{id}/attachments/{part}",
        "/arrivals/{id}/original",
    ] {
        let answer = site.get_as(&cookie, &site.path(pattern)).await;
        assert_eq!(answer.header("content-type"), "application/octet-stream", "{pattern}");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox", "{pattern}");
        let disposition = answer.header("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\""), "{pattern}: {disposition}");
        assert!(!disposition.contains(['<', '>', '\'', '%', '\\']), "{disposition}");
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
        assert!(answer.text().contains("<script>alert(document.cookie)</script>"), "{pattern} is the file itself");
    }
}

#[tokio::test]
async fn after_signing_out_the_cookie_opens_nothing() {
    let site = site().await;
    let cookie = site.sign_in().await;
    assert_eq!(site.get_as(&cookie, "/at-risk").await.status, StatusCode::OK);
    let left = site.ask(Method::POST, "/logout", &[("cookie", &cookie)], "").await;
    assert_eq!((left.status, left.header("location")), (StatusCode::SEE_OTHER, "/login"));
    assert!(left.header("set-cookie").contains("Max-Age=0"), "{}", left.header("set-cookie"));
    for (pattern, path) in site.gets(&[Desk]) {
        let answer = site.get_as(&cookie, &path).await;
        assert!(answer.leads_to_the_sign_in(), "{pattern}: {} {}", answer.status, answer.header("location"));
    }
    for (path, form) in site.posts(&[Desk]) {
        assert_eq!(site.ask(Method::POST, &path, &[("cookie", &cookie)], form).await.status, StatusCode::UNAUTHORIZED);
    }
    let again = site.ask(Method::POST, &format!("/login/{}", site.login), &[], "").await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "a link lets in once");
}

/// A demo whose every part breaks.
struct Broken;

impl DemoHandle for Broken {
    fn advance<'a>(&'a self, _: SignedDuration) -> Done<'a> {
        panic!("secret of the clock");
    }

    fn reset(&self) {
        panic!("secret of the reset");
    }

    fn letters(&self) -> Vec<DemoLetter> {
        panic!("secret of the letters");
    }

    fn new_letters(&self) -> usize {
        panic!("secret of the bar");
    }

    fn look(&self) {
        panic!("secret of the look");
    }

    fn answer<'a>(&'a self, _: usize, _: &'a str, _: &'a str) -> Done<'a> {
        panic!("secret of the answer");
    }

    fn send<'a>(&'a self, _: &'a str, _: &'a str, _: &'a str) -> Done<'a> {
        panic!("secret of the mail");
    }
}

#[tokio::test]
async fn a_page_that_panics_tells_nothing_of_its_inside_and_keeps_the_headers() {
    let mut site = site().await;
    let house = Arc::clone(&site.stage.house);
    site.pages = web::router(WebState { house, relay_configured: true, demo: Some(Arc::new(Broken)) });
    for path in ["/", "/login", "/demo/mail"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(answer.text().contains("This page is broken") && !answer.text().contains("secret"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
    }
}
