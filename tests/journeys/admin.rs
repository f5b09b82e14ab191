//! `/admin`: how the house itself is, the letters it writes, and what stands in red on every page of the desk.

use std::sync::Arc;

use axum::Extension;
use axum::http::Method;
use fingerpost::domain::case::Closing;
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::id::MessageId;
use fingerpost::domain::setting::{Origin, Setting};
use fingerpost::flows::closing::{self, Wish};
use fingerpost::flows::letter_samples;
use fingerpost::mail::write::transport::SentLetter;
use fingerpost::web::{self, WebState};
use jiff::SignedDuration;

use crate::site::{ask, pages, sign_in_link, site};
use crate::stage::{Stage, report_about};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the chair reads at `path`.
async fn chair_reads(stage: &Stage, path: &str) -> String {
    let pages = pages(stage);
    let link = sign_in_link(stage, "ada@foundation.example").await;
    let entered = ask(&pages, Method::POST, &format!("/login/{link}"), &[], "").await;
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    ask(&pages, Method::GET, path, &[("cookie", &cookie)], "").await.text()
}

/// The names of a letter's header fields, in their order.
fn fields(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let head = text.split("\r\n\r\n").next().unwrap();
    let names = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    names.map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_sample_has_the_header_fields_of_the_letter_that_leaves() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(MINUTE * 2).await;
    let samples = letter_samples::all(&stage.house);
    let sample = |kind: &str| samples.iter().find(|sample| sample.kind.word() == kind).unwrap();
    let sent = |to: &str| -> SentLetter { stage.mail_to(to).remove(0) };
    let forward = sent("security@parsley.example");
    assert_eq!(fields(&sample("forward").bytes), fields(&forward.bytes));
    // A receipt answers the reporter's mail, and names it.
    let receipt: Vec<String> = fields(&sent("jane@reporter.example").bytes);
    let without_thread: Vec<String> =
        receipt.into_iter().filter(|name| !["In-Reply-To", "References"].contains(&name.as_str())).collect();
    assert_eq!(fields(&sample("receipt").bytes), without_thread);
    for sample in &samples {
        assert!(fingerpost::mail::write::build::assert_strict(&sample.bytes).is_ok(), "{}", sample.when);
    }
}

#[tokio::test]
async fn a_letter_is_read_before_it_is_ever_written_with_its_headers_and_as_its_reader_sees_it() {
    let stage = Stage::open().await;
    let list = chair_reads(&stage, "/admin/letters").await;
    assert!(list.contains("A project did not confirm in time."), "{list}");
    let receipt =
        letter_samples::all(&stage.house).iter().position(|sample| sample.kind.word() == "receipt").unwrap() + 1;
    let shown = chair_reads(&stage, &format!("/admin/letters/{receipt}")).await;
    for words in [
        "This mail is automatic; a person has not read it yet.",
        "Auto-Submitted: auto-replied",
        "Reply-To: ",
        "To: &lt;robin@finder.example&gt;",
        "-0000] We have your report",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(chair_reads(&stage, "/admin/letters/0").await.contains("There is nothing at this address."));
    assert!(chair_reads(&stage, "/admin/letters/999").await.contains("There is nothing at this address."));
}

#[tokio::test]
async fn a_relay_that_is_lost_for_half_an_hour_stands_in_red_until_it_takes_a_letter() {
    let stage = Stage::open().await;
    stage.relay.answer_all(None, Delivery::Unreachable { reason: "connection refused".to_owned() });
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(MINUTE * 2).await;
    assert!(!chair_reads(&stage, "/at-risk").await.contains("No letter has reached the relay"), "it may pass");
    let shown = chair_reads(&stage, "/admin").await;
    assert!(shown.contains("No letter has reached it since <time"), "{shown}");
    stage.passes(MINUTE * 30).await;
    let shown = chair_reads(&stage, "/at-risk").await;
    assert!(shown.contains("No letter has reached the relay since <time"), "{shown}");
    stage.relay.heal();
    stage.passes(MINUTE * 2).await;
    assert!(!chair_reads(&stage, "/at-risk").await.contains("No letter has reached the relay"));
    assert!(chair_reads(&stage, "/admin").await.contains("It takes letters. Steady since"));
}

#[tokio::test]
async fn mail_that_nobody_worked_on_for_half_an_hour_stands_in_red() {
    let stage = Stage::open().await;
    stage.keep(&report_about("Parsley")).await;
    stage.clock.advance(MINUTE * 31);
    let shown = chair_reads(&stage, "/triage").await;
    assert!(shown.contains("is not worked on yet. None of it is lost."), "{shown}");
    stage.everything_due_happens().await;
    assert!(!chair_reads(&stage, "/triage").await.contains("is not worked on yet"));
}

#[tokio::test]
async fn the_footer_counts_letters_that_came_back_this_week() {
    let stage = Stage::open().await;
    assert!(chair_reads(&stage, "/at-risk").await.contains("0 bounces this week"));
    let refused = Delivery::Refused { status: "5.1.1".to_owned(), answer: "no such user".to_owned() };
    stage.relay.answer_next(refused);
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(MINUTE * 2).await;
    assert!(chair_reads(&stage, "/at-risk").await.contains("1 bounce this week"));
    assert!(chair_reads(&stage, "/admin").await.contains("1 bounce this week"));
}

#[tokio::test]
async fn members_see_who_signed_in_and_what_is_erased_soon() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(MINUTE * 2).await;
    let case = stage.only_case().await;
    let id = MessageId::new(stage.now(), stage.house.chance());
    let words = "Fixed.".to_owned();
    let wish = Wish { id, reason: Closing::Resolved, words, duplicate_of: None, with_handlings: true };
    closing::close(&stage.house, &case.id, &wish, &stage.chair()).await.unwrap().unwrap();
    let shown = chair_reads(&stage, "/admin").await;
    assert!(shown.contains("ada@foundation.example") && shown.contains("Nobody is banned."), "{shown}");
    assert_eq!(shown.matches("1 case").count(), 0, "{shown}");
    let page = chair_reads(&stage, &format!("/cases/{}", case.number)).await;
    assert!(page.contains("attachments are erased on <time") && page.contains(">Sat 2027-05-22 "), "{page}");
    for _ in 0..80 {
        stage.passes(DAY * 2).await;
    }
    let shown = chair_reads(&stage, "/admin").await;
    assert_eq!(shown.matches("1 case").count(), 1, "its originals go within 30 days: {shown}");
}

#[tokio::test]
async fn an_erased_original_is_said_to_be_erased_and_an_erased_case_shows_its_skeleton() {
    let site = site().await;
    let stage = &site.stage;
    let cookie = site.sign_in().await;
    let store = &stage.house.store;
    let case = store.case_by_number(&site.number).await.unwrap().unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.close_case(&case.id, Closing::Resolved, "program", stage.now()).await.unwrap();
    tx.erase_originals(&case.id, stage.now()).await.unwrap();
    tx.commit().await.unwrap();
    stage.gives_no_reasons.store(true, std::sync::atomic::Ordering::SeqCst);
    let answer = site.get_as(&cookie, &format!("/arrivals/{}/original", site.arrival)).await;
    assert_eq!(answer.status, 410);
    assert!(answer.text().contains("kept for six months"), "{}", answer.text());
    assert_eq!(site.get_as(&cookie, &format!("/arrivals/{}/attachments/2", site.arrival)).await.status, 410);

    let mut tx = store.begin().await.unwrap();
    tx.erase_case(&case.id, stage.now()).await.unwrap();
    tx.commit().await.unwrap();
    let page = site.get_as(&cookie, &format!("/cases/{}", site.number)).await.text();
    assert!(page.contains("All that people wrote in this case was erased"), "{page}");
    assert!(!page.contains("knell") && !page.contains("Internal note"), "{page}");
}

#[tokio::test]
async fn settings_are_shown_as_whoever_started_the_program_handed_them_over() {
    let stage = Stage::open().await;
    assert!(chair_reads(&stage, "/admin/settings").await.contains("The demo needs none."));
    let settings = vec![Setting { key: "web.http", value: "127.0.0.1:8080".to_owned(), origin: Origin::Default }];
    let state = WebState { house: Arc::clone(&stage.house), relay_configured: true, demo: None };
    let pages = web::router(state).layer(Extension(web::desk::SettingsInForce::from(settings)));
    let link = sign_in_link(&stage, "ada@foundation.example").await;
    let entered = ask(&pages, Method::POST, &format!("/login/{link}"), &[], "").await;
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    let shown = ask(&pages, Method::GET, "/admin/settings", &[("cookie", &cookie)], "").await.text();
    assert!(shown.contains("web.http") && shown.contains("127.0.0.1:8080") && shown.contains("default"), "{shown}");
}
