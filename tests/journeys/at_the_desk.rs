//! A member's ten seconds each morning: what is at risk and what comes next, the calendar, and what is new on a case.

use axum::http::{Method, StatusCode};
use fingerpost::flows::{calendars, conflicts};
use jiff::SignedDuration;

use crate::escalation::with_a_report;
use crate::site::{Answer, ask, cookie_of, pages, sign_in_cookie};
use crate::stage::{REPORT_TEXT, Stage, mail, reply_address, report_about};

async fn get(stage: &Stage, cookie: &str, path: &str) -> Answer {
    ask(&pages(stage), Method::GET, path, &[("cookie", cookie)], "").await
}

#[tokio::test]
async fn each_row_names_the_next_steps_and_a_claim_leads_back_to_its_row_with_the_filter() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.mail_arrives(mail("kay@reporter.example", "Something odd", "I do not know what this is.\r\n")).await;
    let cookie = sign_in_cookie(&stage).await;
    let page = get(&stage, &cookie, "/at-risk?clock=acknowledge").await.text();
    for words in [
        "data-keys",
        "id=\"SEC-2026-0001\" href=\"/cases/SEC-2026-0001\" data-open",
        "data-key=\"c\" aria-label=\"Claim SEC-2026-0001\"",
        "data-key=\"a\" aria-label=\"Acknowledge SEC-2026-0001 to its reporter\"",
        "Waiting for <strong>Parsley</strong>",
        "2 contacts, confirmed",
        "name=\"query\" value=\"clock=acknowledge\"",
        "not an alarm: calendars refresh late",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert!(!page.contains("SEC-2026-0002"), "no project's promise runs there");
    let form = "back=at-risk&query=clock%3Dacknowledge%26x%3D%2F%2Fevil.example";
    let claimed = ask(&pages(&stage), Method::POST, "/cases/SEC-2026-0001/claim", &[("cookie", &cookie)], form).await;
    assert_eq!(claimed.header("location"), "/at-risk?clock=acknowledge#SEC-2026-0001");
    let page = get(&stage, &cookie, "/at-risk").await.text();
    assert!(page.contains("data-key=\"r\" aria-label=\"Remind parsley of SEC-2026-0001\""), "{page}");
    assert!(page.contains("Twelve weeks") && page.contains("1 open, oldest"), "{page}");
    assert!(page.contains("data-key=\"f\""), "{page}");
}

#[tokio::test]
async fn the_lines_can_be_copied_as_text_without_a_title() {
    let stage = with_a_report().await;
    let cookie = sign_in_cookie(&stage).await;
    let page = get(&stage, &cookie, "/at-risk/copy").await.text();
    let line = "SEC-2026-0001 · project acknowledgement, 7 d 0 h left · Parsley · no owner · \
                https://security.foundation.example/cases/SEC-2026-0001";
    assert!(page.contains("data-copy") && page.contains(line), "{page}");
    assert!(!page.contains("Buffer over-read"), "{page}");
}

#[tokio::test]
async fn a_calendar_program_reads_the_deadlines_by_a_secret_link_until_that_is_ended() {
    let stage = with_a_report().await;
    let (chair, cookie) = (stage.chair(), sign_in_cookie(&stage).await);
    assert_eq!(calendars::own(&stage.house, &chair).await.unwrap(), None);
    let press = async |act: &str| {
        ask(&pages(&stage), Method::POST, "/calendar", &[("cookie", &cookie)], &format!("act={act}")).await.status
    };
    assert_eq!(press("make").await, StatusCode::SEE_OTHER);
    let feed = |link: &str| link.strip_prefix("https://security.foundation.example").unwrap().to_owned();
    let first = feed(&calendars::own(&stage.house, &chair).await.unwrap().unwrap().link);
    assert!(get(&stage, &cookie, "/calendar").await.text().contains(&first));
    let file = get(&stage, "", &first).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "text/calendar; charset=utf-8"));
    let text = file.text().replace("\r\n ", "");
    assert!(text.contains("SUMMARY:SEC-2026-0001 · Parsley · project acknowledgement · with a project"), "{text}");
    assert!(text.contains("URL:https://security.foundation.example/cases/SEC-2026-0001"), "{text}");
    for words in ["over-read", REPORT_TEXT, "jane", "VALARM"] {
        assert!(!text.contains(words), "{words} in {text}");
    }

    press("make").await;
    let second = feed(&calendars::own(&stage.house, &chair).await.unwrap().unwrap().link);
    assert_ne!(first, second);
    assert_eq!(get(&stage, "", &first).await.status, StatusCode::NOT_FOUND, "the one before opens nothing");
    assert_eq!(get(&stage, "", &second).await.status, StatusCode::OK);
    press("end").await;
    assert_eq!(get(&stage, "", &second).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        get(&stage, "", &second.replace("/deadlines.ics", "x/deadlines.ics")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_calendar_of_a_member_who_left_shows_nothing() {
    let stage = with_a_report().await;
    let tania = stage.house.policy().directory.committee[1].clone();
    calendars::make(&stage.house, &tania).await.unwrap();
    let link = calendars::own(&stage.house, &tania).await.unwrap().unwrap().link;
    let path = link.strip_prefix("https://security.foundation.example").unwrap();
    assert_eq!(get(&stage, "", path).await.status, StatusCode::OK);
    let mut directory = stage.house.policy().directory.clone();
    directory.committee.remove(1);
    stage.house.policy.store(std::sync::Arc::new(fingerpost::flows::Policy::of(directory)));
    assert_eq!(get(&stage, "", path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nothing_of_a_case_that_is_kept_from_a_member_stands_in_their_calendar_or_beside_their_lists() {
    let stage = with_a_report().await;
    let tania = stage.house.policy().directory.committee[1].clone();
    let case = stage.only_case().await;
    conflicts::declare(&stage.house, &case.id, &tania.email, "Their project.", &stage.chair()).await.unwrap().unwrap();
    calendars::make(&stage.house, &tania).await.unwrap();
    let link = calendars::own(&stage.house, &tania).await.unwrap().unwrap().link;
    let feed = get(&stage, "", link.strip_prefix("https://security.foundation.example").unwrap()).await;
    assert!(feed.status == StatusCode::OK && !feed.tells_of_a_case(), "{}", feed.text());
    let cookie = cookie_of(&stage, "tania@foundation.example").await;
    let page = get(&stage, &cookie, "/at-risk").await.text();
    assert!(!page.contains("Twelve weeks") && !page.contains("1 open, oldest"), "{page}");
    assert!(!get(&stage, &cookie, "/at-risk/copy").await.tells_of_a_case());
}

#[tokio::test]
async fn a_member_who_comes_back_sees_a_line_above_what_is_new() {
    let stage = with_a_report().await;
    let cookie = sign_in_cookie(&stage).await;
    let case = "/cases/SEC-2026-0001";
    assert!(!get(&stage, &cookie, case).await.text().contains("New since"), "the first visit");
    stage.passes(SignedDuration::from_hours(2)).await;
    let address = reply_address(&stage.only_mail_to("security@parsley.example"));
    stage.mail_arrives(mail("security@parsley.example", "Re: report", "We look.\r\n").to(&address)).await;
    stage.passes(SignedDuration::from_mins(1)).await;
    for _ in 0..2 {
        let page = get(&stage, &cookie, case).await.text();
        let line = page.find("New since your last visit").expect("also when the page is loaded again");
        assert!(page.find("THE REPORT").unwrap() < line && line < page.find("We look.").unwrap(), "{page}");
        stage.passes(SignedDuration::from_mins(2)).await;
    }
    stage.passes(SignedDuration::from_hours(1)).await;
    assert!(!get(&stage, &cookie, case).await.text().contains("New since"), "all of it was seen");
}

#[tokio::test]
async fn the_timeline_shows_one_lane_when_asked_for_it() {
    let stage = with_a_report().await;
    let cookie = sign_in_cookie(&stage).await;
    let whole = get(&stage, &cookie, "/cases/SEC-2026-0001").await.text();
    assert!(whole.contains("THE REPORT") && whole.contains("FORWARDED TO Parsley") && whole.contains("All lanes"));
    let reporter = get(&stage, &cookie, "/cases/SEC-2026-0001?lane=reporter").await.text();
    assert!(reporter.contains("THE REPORT") && !reporter.contains("FORWARDED TO Parsley"), "{reporter}");
    let internal = get(&stage, &cookie, "/cases/SEC-2026-0001?lane=internal").await.text();
    assert!(internal.contains("Nothing was said in this lane."), "{internal}");
    assert!(get(&stage, &cookie, "/cases/SEC-2026-0001?lane=%22%3E").await.text().contains("THE REPORT"));
}
