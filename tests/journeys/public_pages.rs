//! What everybody may see: security.txt per host and as long as it is true, the directory, and nothing of its people.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use fingerpost::domain::address::Mailbox;
use fingerpost::domain::directory::AutoForward;
use fingerpost::flows::members;
use fingerpost::mail::write::transport::SentLetter;
use fingerpost::store::FiledAs;
use fingerpost::web::{self, WebState};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use sectxtlib::{SecurityTxt, SecurityTxtOptions};
use tower::ServiceExt;

use crate::routes::Gate;
use crate::site::{Answer, HOST, site};
use crate::stage::{Stage, mail, report_about};

const FILE: &str = "/.well-known/security.txt";
const APEX: &str = "foundation.example";

/// A foundation with two hosts, and its pages.
async fn stage() -> (Stage, Router) {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Strong;
        directory.routing.hold = SignedDuration::ZERO;
        directory.foundation.hosts = vec![HOST.to_owned(), APEX.to_owned()];
    })
    .await;
    let pages = pages(&stage);
    (stage, pages)
}

fn pages(stage: &Stage) -> Router {
    web::router(WebState { house: Arc::clone(&stage.house), relay_configured: true, demo: None })
}

async fn get(pages: &Router, host: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().uri(path).header(header::HOST, host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = pages.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes().to_vec() }
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// What a parser not of ours makes of the file.
fn parsed(file: &str) -> SecurityTxt {
    // The epoch: our clock is moved by hand, and the other parser's would refuse what ran out by its own.
    SecurityTxt::parse_with(file, &SecurityTxtOptions::new().with_now(Default::default())).unwrap()
}

#[tokio::test]
async fn each_host_has_a_file_of_its_own_that_others_can_read() {
    let (stage, pages) = stage().await;
    stage.everything_due_happens().await;
    for (asked, host) in
        [(HOST, HOST), (APEX, APEX), ("FOUNDATION.example", APEX), ("security.foundation.example:8443", HOST)]
    {
        let answer = get(&pages, asked, FILE, &[]).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/plain; charset=utf-8"));
        let file = parsed(&answer.text());
        let canonical: Vec<_> = file.canonical.iter().map(|field| field.uri.as_str().to_owned()).collect();
        assert_eq!(canonical, [format!("https://{host}{FILE}")], "{asked}");
        let contacts: Vec<_> = file.contact.iter().map(|field| field.uri.as_str().to_owned()).collect();
        assert_eq!(contacts, [format!("https://{HOST}/report"), "mailto:security@foundation.example".to_owned()]);
        assert_eq!(file.policy[0].uri.as_str(), format!("https://{HOST}/how"));
        assert_eq!(file.expires.datetime.timestamp(), (stage.now() + days(7)).as_second());
        assert!(file.preferred_languages.is_some() && file.extension.is_empty() && !file.is_signed);
    }
    let local = get(&pages, "localhost:8080", FILE, &[]).await;
    assert_eq!(local.status, StatusCode::NOT_FOUND);
    assert!(local.text().contains("It is written for security.foundation.example, foundation.example."));
    let legacy = get(&pages, APEX, "/security.txt", &[]).await;
    assert_eq!((legacy.status, legacy.header("location")), (StatusCode::PERMANENT_REDIRECT, FILE));
}

/// The letter to ourselves comes back in as a mail server delivers it.
async fn comes_back(stage: &Stage, letter: &SentLetter) {
    let envelope = mail("security@foundation.example", "", "").to(letter.recipient.as_str());
    stage.keep_raw(letter.bytes.clone(), &envelope).await;
    stage.everything_due_happens().await;
}

fn loop_tests(stage: &Stage) -> Vec<SentLetter> {
    let all = stage.relay.sent().into_iter();
    all.filter(|letter| letter.recipient.local().starts_with("security+t.")).collect()
}

#[tokio::test]
async fn a_loop_test_that_comes_back_keeps_the_file_alive_and_its_absence_ends_it() {
    let (mut stage, _) = stage().await;
    stage.restart_with_loop_tests().await;
    let pages = pages(&stage);
    stage.everything_due_happens().await;
    let expires = async |pages: &Router| {
        let answer = get(pages, HOST, FILE, &[]).await;
        (answer.status == StatusCode::OK).then(|| parsed(&answer.text()).expires.datetime.timestamp())
    };
    let installed = stage.now();
    assert_eq!(expires(&pages).await, Some((installed + days(7)).as_second()), "provisional");

    let [letter] = &loop_tests(&stage)[..] else { panic!("one test at once") };
    assert_eq!(letter.header("Auto-Submitted").trim(), "auto-generated");
    stage.clock.advance(SignedDuration::from_mins(1));
    comes_back(&stage, letter).await;
    let proven = stage.now();
    assert_eq!(expires(&pages).await, Some((proven + days(90)).as_second()));
    let filed = stage.house.store.filed(FiledAs::Automatic, 10).await.unwrap();
    let because = filed[0].because.as_deref().unwrap();
    assert_eq!((filed.len(), because), (1, "Our own loop test: mail to the security address comes in."));
    assert_eq!(stage.cases().await, 0, "it opens no case");

    // From now on none comes back. Each is used once: a copy of the first proves nothing.
    stage.passes(days(89)).await;
    assert!(expires(&pages).await.is_some());
    let mut copy = letter.clone();
    copy.bytes = String::from_utf8(copy.bytes).unwrap().replace("Message-ID: <", "Message-ID: <again.").into_bytes();
    comes_back(&stage, &copy).await;
    assert_eq!(expires(&pages).await, Some((proven + days(90)).as_second()));
    stage.passes(days(1)).await;
    assert_eq!(expires(&pages).await, None);
    let gone = get(&pages, HOST, FILE, &[]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.text().contains("security.txt is not served now"), "{}", gone.text());

    comes_back(&stage, loop_tests(&stage).last().unwrap()).await;
    assert_eq!(expires(&pages).await, Some((stage.now() + days(90)).as_second()), "the next proof renews it");
}

#[tokio::test]
async fn a_loop_test_leaves_once_a_day_and_only_where_a_relay_is() {
    let (mut stage, _) = stage().await;
    stage.everything_due_happens().await;
    stage.days_pass(2).await;
    assert_eq!(loop_tests(&stage).len(), 0, "without a relay there is none");
    stage.restart_with_loop_tests().await;
    stage.days_pass(3).await;
    let written: Vec<_> = loop_tests(&stage).iter().map(|letter| letter.header("Date").trim().to_owned()).collect();
    assert_eq!(written.len(), 4, "{written:?}");
    assert!(written[1..].iter().all(|date| date.contains(" 06:00:00 ")), "{written:?}");
}

#[tokio::test]
async fn whoever_guesses_or_repeats_the_address_of_a_loop_test_proves_nothing() {
    let (mut stage, _) = stage().await;
    stage.restart_with_loop_tests().await;
    stage.everything_due_happens().await;
    let address = loop_tests(&stage)[0].recipient.clone();
    let stale = stage.now() + days(6);
    stage.passes(days(6)).await;
    stage.mail_arrives(report_about("Parsley").to(address.as_str())).await;
    assert_eq!((stage.now(), stage.cases().await), (stale, 0), "it opens no case either");
    assert_eq!(stage.house.store.marked("mailbox-proof").await.unwrap(), None, "its address has run out");
    let filed = stage.house.store.filed(FiledAs::Automatic, 10).await.unwrap();
    assert_eq!(filed[0].because.as_deref(), Some("To the address of a loop test, which was used or has run out."));
}

#[tokio::test]
async fn a_report_by_mail_that_a_person_answered_is_a_proof_as_well() {
    let (stage, pages) = stage().await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(days(5)).await;
    members::note_answered(&stage.house, &stage.only_case().await.id, &stage.chair()).await.unwrap();
    let file = parsed(&get(&pages, HOST, FILE, &[]).await.text());
    assert_eq!(file.expires.datetime.timestamp(), (stage.now() + days(90)).as_second());
}

#[tokio::test]
async fn the_desk_sees_the_loop_test_and_that_security_txt_ran_out() {
    let mut site = site().await;
    let cookie = site.sign_in().await;
    let shown = site.get_as(&cookie, "/at-risk").await.text();
    assert!(!shown.contains("loop test") && !shown.contains("security.txt ran out"), "{shown}");
    site.stage.restart_with_loop_tests().await;
    site.pages = pages(&site.stage);
    site.stage.everything_due_happens().await;
    comes_back(&site.stage, &loop_tests(&site.stage)[0]).await;
    let shown = site.get_as(&cookie, "/at-risk").await.text();
    let hour = site.stage.now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%H:%M UTC").to_string();
    assert!(shown.contains("loop test passed <time") && shown.contains(&format!(">today, {hour}</time>")), "{shown}");
    site.stage.passes(days(91)).await;
    let cookie = {
        site.login = crate::site::sign_in_link(&site.stage, "ada@foundation.example").await;
        site.sign_in().await
    };
    let shown = site.get_as(&cookie, "/at-risk").await.text();
    assert!(
        shown.contains("security.txt ran out <time") && shown.contains(&format!(">yesterday, {hour}</time>")),
        "{shown}"
    );
}

#[tokio::test]
async fn the_directory_is_there_for_people_and_programs() {
    let (_stage, pages) = stage().await;
    let page = get(&pages, HOST, "/projects", &[]).await.text();
    for words in ["Who to tell", "/projects/parsley", "https://github.com/lovage/lovage/security/advisories/new"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let all = get(&pages, HOST, "/projects.json", &[]).await;
    assert_eq!((all.header("content-type"), all.header("access-control-allow-origin")), ("application/json", "*"));
    let all: serde_json::Value = serde_json::from_slice(&all.body).unwrap();
    assert_eq!((&all["schema"], all["projects"].as_array().unwrap().len()), (&1.into(), 4));
    let one = get(&pages, HOST, "/projects/lovage.json", &[]).await;
    let one: serde_json::Value = serde_json::from_slice(&one.body).unwrap();
    assert_eq!((&one["id"], &one["channel"], &one["contact"]), (&"lovage".into(), &"github".into(), &"by-hand".into()));
    let csv = get(&pages, HOST, "/projects.csv", &[]).await;
    assert!(
        csv.header("content-type").starts_with("text/csv") && csv.header("content-disposition").contains("projects")
    );
    assert_eq!(csv.text().lines().count(), 5);
    for nobody in
        ["/projects/nothing", "/projects/nothing.json", "/projects/.json", "/projects/Parsley", "/projects/%2e"]
    {
        assert_eq!(get(&pages, HOST, nobody, &[]).await.status, StatusCode::NOT_FOUND, "{nobody}");
    }
}

#[tokio::test]
async fn whoever_has_a_page_already_is_not_sent_it_again_until_the_directory_changes() {
    let (stage, pages) = stage().await;
    stage.everything_due_happens().await;
    for path in
        ["/", "/projects", "/projects.json", "/projects.csv", "/projects/parsley", "/projects/parsley.json", FILE]
    {
        let first = get(&pages, HOST, path, &[]).await;
        let tag = first.header("etag").to_owned();
        let again = get(&pages, HOST, path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(
            (again.header("etag"), again.header("cache-control")),
            (tag.as_str(), "public, max-age=60"),
            "{path}"
        );
    }
    let tag = get(&pages, HOST, "/projects.json", &[]).await.header("etag").to_owned();
    let mut directory = stage.house.policy().directory.clone();
    directory.projects[0].summary = Some("Herbs".to_owned());
    stage.house.policy.store(Arc::new(fingerpost::flows::Policy::of(directory)));
    let changed = get(&pages, HOST, "/projects.json", &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status, StatusCode::OK);
}

#[tokio::test]
async fn no_public_answer_names_a_person_or_holds_an_address_that_is_not_public() {
    let site = site().await;
    let directory = site.stage.house.policy().directory.clone();
    let contacts = directory.projects.iter().flat_map(|project| &project.contacts);
    let people = directory.committee.iter().map(|member| (Some(&member.name), &member.email));
    let board = directory.board.iter().map(|email| (None, email));
    let contacts = contacts.map(|contact| (contact.name.as_ref(), &contact.email));
    let private: Vec<(Option<&String>, &Mailbox)> = people.chain(board).chain(contacts).collect();
    assert!(private.len() >= 6);
    let projects =
        directory.projects.iter().flat_map(|p| [format!("/projects/{}", p.id), format!("/projects/{}.json", p.id)]);
    let searches = private.iter().map(|(_, email)| format!("/find?q={}", email.domain()));
    let table = site.gets(&[Gate::Public]).into_iter().filter(|(pattern, _)| !pattern.contains("{token}"));
    for path in table.map(|(_, path)| path).chain(projects).chain(searches) {
        let text = site.get(&path).await.text().to_lowercase();
        for (name, email) in &private {
            assert!(!text.contains(&email.folded()), "{email} at {path}");
            let is_named = |name: &String| regex::Regex::new(&format!(r"(?i)\b{name}\b")).unwrap().is_match(&text);
            assert!(!name.is_some_and(is_named), "{name:?} at {path}");
        }
    }
}

#[tokio::test]
async fn a_search_finds_by_name_package_and_link_and_says_when_nothing_is_known() {
    let (_stage, pages) = stage().await;
    for (query, words) in [
        ("parsley", "“parsley” is a name of Parsley."),
        ("pip%3Aparsley", "is a name of Parsley."),
        ("rosem", "Did you mean one of these?"),
        ("foolib", "We don't know “foolib”. If it might be ours,"),
        ("", "Type a name"),
        ("%3Cscript%3Ealert(1)%3C%2Fscript%3E", "We don't know “&lt;script&gt;alert(1)&lt;/script&gt;”."),
    ] {
        let answer = get(&pages, HOST, &format!("/find?q={query}"), &[]).await;
        assert!(answer.text().contains(words), "{query}: {}", answer.text());
        assert_eq!((answer.header("cache-control"), answer.header("x-robots-tag")), ("no-store", "noindex"), "{query}");
    }
    let long = get(&pages, HOST, &format!("/find?q={}", "x".repeat(30_000)), &[]).await;
    assert!(long.text().len() < 6_000, "a long search is cut");
}
