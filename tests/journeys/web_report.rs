//! Journey 2: a report by the form, from a browser without script to the project's contact.

use axum::http::{HeaderMap, StatusCode, header};
use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::{AutoForward, ProjectId};
use fingerpost::domain::party::{PartyRole, Shares};
use fingerpost::flows::status::{StatusPage, status};
use fingerpost::flows::{abuse, form, read_back};
use fingerpost::store::{FiledAs, chain_is_whole};
use jiff::SignedDuration;

use crate::form_page::{Browser, report, stamp_in};
use crate::site::{Answer, HOST};
use crate::stage::{REPORT_TEXT, Stage, token_in};

/// The letters of the private link that a redirect leads to.
fn received(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.header("location").strip_prefix("/report/received/").expect("it leads to the confirmation").to_owned()
}

/// The id of an attached file, as its button holds it.
fn id_of<'t>(page: &'t str, name: &str) -> &'t str {
    let button = page.split("<button").find(|button| button.contains(&format!("Remove {name}\""))).unwrap();
    button.split("value=\"").nth(1).unwrap().split('"').next().unwrap()
}

async fn only_chosen() -> Stage {
    Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Chosen;
        directory.routing.hold = SignedDuration::ZERO;
    })
    .await
}

/// Time for a person to read the page.
fn reads(stage: &Stage) {
    stage.clock.advance(SignedDuration::from_secs(40));
}

#[tokio::test]
async fn a_report_for_a_chosen_project_is_confirmed_forwarded_and_receipted() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    reads(&stage);
    let poc = b"\0\x01 proof \r\n--b0und-not\r\n".repeat(20_000);
    let form = report()
        .with("about", "project")
        .with("project", "pip:parsley")
        .with("name", "Jane Quill")
        .with("versions", "2.1")
        .with("credit", "Finder Labs")
        .file("poc.bin", &poc);

    let letters = received(&browser.send(&stamp, &form).await);

    let case = stage.only_case().await;
    assert_eq!(case.state, CaseState::Routed);
    let confirmation = browser.get(&format!("/report/received/{letters}")).await;
    assert_eq!(confirmation.status, StatusCode::OK);
    let shown = confirmation.text();
    assert!(shown.contains(case.number.as_str()) && shown.contains("Fri 2026-11-27 14:00 UTC"), "{shown}");
    assert!(shown.contains(&format!("https://{HOST}/s/{letters}")), "{shown}");
    assert!(!shown.contains(REPORT_TEXT), "the confirmation repeats nothing of the report");

    stage.everything_due_happens().await;
    let forward = stage.only_mail_to("security@parsley.example");
    let text = forward.text();
    assert!(text.contains("Versions: 2.1") && text.contains("poc.bin"), "{text}");
    for private in ["Quill", "jane@", "Finder Labs"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
    let receipt = stage.only_mail_to("jane@finder.example");
    assert_eq!(token_in(&receipt, "/s/"), letters, "one private link, by either way");
    assert!(!receipt.text().contains("Parsley"), "nothing submitted is echoed");

    let reports = stage.house.store.reports_of(&case.id).await.unwrap();
    assert_eq!(reports[0].chosen, [ProjectId::parse("parsley").unwrap()]);
    assert!(reports[0].body.contains("Credit: Finder Labs") && !reports[0].shared.contains("Finder Labs"));
    let (facts, bytes) = {
        let files = stage.house.store.attachments_of(&reports[0].arrival).await.unwrap();
        read_back::attachment(&stage.house, &reports[0].arrival, files[0].part).await.unwrap().unwrap()
    };
    assert_eq!((facts.name.as_str(), bytes), ("poc.bin", poc), "the file comes out as it went in");
    assert!(chain_is_whole(&stage.house.store.events_of(&case.id).await.unwrap()));
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    let first = clocks.iter().find(|row| row.clock.kind == ClockKind::FirstReply).unwrap();
    assert_eq!(first.clock.started_at, case.arrived_at);
}

#[tokio::test]
async fn what_nobody_chose_waits_for_a_member_and_so_does_a_project_that_takes_no_mail() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    for (about, project, because) in [
        ("unknown", "", "chose no project"),
        ("project", "foolib", "chose no project"),
        ("project", "Lovage", "through GitHub"),
        ("project", "Savory", "no contact"),
        ("service", "", "chose no project"),
    ] {
        let stamp = browser.open().await;
        reads(&stage);
        let form = report().with("about", about).with("project", project).with("text", &format!("It {project}."));
        let letters = received(&browser.send(&stamp, &form).await);
        let token = Token::read(Purpose::StatusLink, &letters).unwrap();
        let StatusPage::Case(view) = status(&stage.house, &token).await.unwrap() else { panic!("a case") };
        let case = stage.house.store.case_by_number(view.number.as_str()).await.unwrap().unwrap();
        let reason = case.waits_because.unwrap_or_default();
        assert!(reason.contains(because), "{about} {project}: {reason}");
    }
}

#[tokio::test]
async fn pressed_twice_it_makes_one_report_and_the_same_confirmation_also_after_a_restart() {
    let mut stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    reads(&stage);
    let form = report().file("poc.txt", b"proof");
    let (one, two) = tokio::join!(browser.send(&stamp, &form), browser.send(&stamp, &form));
    let letters = received(&one);
    assert_eq!(received(&two), letters);

    stage.restart().await;
    let browser = Browser::on(&stage);
    assert_eq!(received(&browser.send(&stamp, &form).await), letters);
    assert_eq!(stage.cases().await, 1);
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("jane@finder.example").len(), 1);
    let case = stage.only_case().await;
    let arrival = &stage.house.store.reports_of(&case.id).await.unwrap()[0].arrival;
    assert_eq!(stage.house.store.attachments_of(arrival).await.unwrap().len(), 1, "and one file");
}

#[tokio::test]
async fn another_text_from_the_same_page_is_not_lost_but_asked_about() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    reads(&stage);
    let letters = received(&browser.send(&stamp, &report()).await);
    let other = report().with("text", "A second flaw.");
    let asked = browser.send(&stamp, &other).await;
    assert_eq!((asked.status, stage.cases().await), (StatusCode::OK, 1));
    assert!(asked.text().contains(&letters) && asked.text().contains("A second flaw."), "{}", asked.text());
    assert_ne!(received(&browser.send(&stamp_in(&asked), &other).await), letters);
    assert_eq!(stage.cases().await, 2);
}

#[tokio::test]
async fn whoever_stays_anonymous_has_a_link_and_a_reminder_and_is_never_written_to() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    reads(&stage);
    let form = report()
        .with("reach", "anonymous")
        .with("name", "night owl")
        .with("project", "Parsley")
        .with("about", "project");
    let letters = received(&browser.send(&stamp, &form).await);

    let page = browser.get(&format!("/report/received/{letters}")).await.text();
    assert!(page.contains("Save this link now. We cannot send it to you again."), "{page}");
    let text = browser.get(&format!("/report/received/{letters}/receipt.txt")).await;
    assert!(text.text().contains(&letters) && text.header("content-disposition").starts_with("attachment"));
    let reminder = browser.get(&format!("/report/received/{letters}/reminder.ics")).await;
    assert!(reminder.header("content-type").starts_with("text/calendar"));
    assert!(!reminder.text().contains("Parsley"), "a calendar holds nothing of the report");

    stage.everything_due_happens().await;
    let case = stage.only_case().await;
    let parties = stage.house.store.parties_of(&case.id).await.unwrap();
    let reporter = parties.iter().find(|party| party.role == PartyRole::Reporter).unwrap();
    assert_eq!((&reporter.mailbox, reporter.name.as_deref()), (&None, Some("night owl")));
    let recipients: Vec<_> = stage.relay.sent().iter().map(|letter| letter.recipient.to_string()).collect();
    assert_eq!(recipients, ["security@parsley.example"], "the address in the hidden box is not used");
    assert_eq!(browser.get(&format!("/s/{letters}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reporter_who_allows_it_is_named_to_the_project() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    reads(&stage);
    let form = report()
        .with("about", "project")
        .with("project", "Parsley")
        .with("name", "Jane Quill")
        .with("shares", "name-and-address");
    received(&browser.send(&stamp, &form).await);
    stage.everything_due_happens().await;
    let text = stage.only_mail_to("security@parsley.example").text();
    assert!(text.contains("Jane Quill") && text.contains("jane@finder.example"), "{text}");
    let parties = stage.house.store.parties_of(&stage.only_case().await.id).await.unwrap();
    let reporter = parties.iter().find(|party| party.role == PartyRole::Reporter).unwrap();
    assert_eq!(reporter.shares, Shares::NameAndAddress);
}

#[tokio::test]
async fn errors_keep_what_was_typed_and_attached() {
    let mut stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    reads(&stage);
    let typed = report().with("email", "jane at finder").with("summary", "Over-read").with("shares", "name");
    let big = vec![7; 600_000];
    let wrong = browser.send(&stamp, &typed.clone().file("poc.zip", &big)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = wrong.text();
    assert!(text.contains("<title>Error: Report a security problem") && text.contains("There is a problem"), "{text}");
    for kept in
        [REPORT_TEXT, "jane at finder", "Over-read", "Already attached: poc.zip", "600 kB", "value=\"name\" checked"]
    {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert_eq!(stamp_in(&wrong), stamp, "it is the same form");
    assert_eq!(stage.cases().await, 0);

    stage.restart().await;
    reads(&stage);
    let browser = Browser::on(&stage);
    received(&browser.send(&stamp, &typed.with("email", "jane@finder.example").file("more.txt", b"more")).await);
    let case = stage.only_case().await;
    let arrival = &stage.house.store.reports_of(&case.id).await.unwrap()[0].arrival;
    let files = stage.house.store.attachments_of(arrival).await.unwrap();
    let files: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.size)).collect();
    assert_eq!(files, [("poc.zip", 600_000), ("more.txt", 4)]);
    assert_eq!(stage.house.store.bytes_uploaded().await.unwrap(), 0, "nothing is kept twice");
}

#[tokio::test]
async fn an_attached_file_is_taken_off_and_files_nobody_came_back_for_are_gone_after_a_day() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    let form = report().with("text", "");
    let wrong = browser.send(&stamp, &form.clone().file("a.txt", b"aa").file("b.txt", b"b")).await.text();
    let id = id_of(&wrong, "a.txt");
    let shown = browser.post("/report/hint", &stamp, &form.clone().with("remove", id)).await.text();
    assert!(!shown.contains("a.txt") && shown.contains("b.txt") && !shown.contains("There is a problem"), "{shown}");

    let other = browser.open().await;
    browser.post("/report/hint", &other, &form.with("remove", id)).await;
    stage.clock.advance(SignedDuration::from_hours(25));
    form::sweep(&stage.house).await.unwrap();
    assert_eq!(stage.house.store.bytes_uploaded().await.unwrap(), 0);
}

#[tokio::test]
async fn a_form_cannot_take_off_the_file_of_another() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let (mine, other) = (browser.open().await, browser.open().await);
    let wrong = browser.send(&mine, &report().with("text", "").file("a.txt", b"aa")).await.text();
    let id = id_of(&wrong, "a.txt");
    let shown = browser.post("/report/hint", &other, &report().with("remove", id)).await.text();
    assert!(!shown.contains("a.txt"), "nor see it");
    assert_eq!(stage.house.store.bytes_uploaded().await.unwrap(), 2);
}

#[tokio::test]
async fn a_page_that_was_open_for_long_or_whose_stamp_is_not_ours_is_shown_once_more() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let old = browser.open().await;
    stage.clock.advance(SignedDuration::from_hours(30));
    for stamp in [old.as_str(), "", "0-00-aaaa", &old.replace('a', "b")] {
        let again = browser.send(stamp, &report().file("poc.txt", b"proof")).await;
        let text = again.text();
        assert!(text.contains("This page was open for a long time. Press Send again. Nothing is lost."), "{text}");
        assert!(text.contains(REPORT_TEXT) && text.contains("Already attached: poc.txt"), "{text}");
        received(&browser.send(&stamp_in(&again), &report().with("text", &format!("flaw {stamp}"))).await);
    }
    assert_eq!(stage.cases().await, 4);
    assert_eq!(stage.filed(FiledAs::Quarantine).await, 0, "whoever presses again at once had read the page before");
}

#[tokio::test]
async fn a_form_that_looks_like_a_programs_waits_for_a_person_and_looks_the_same() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let quick = browser.open().await;
    let letters = received(&browser.send(&quick, &report()).await);
    let trapped = browser.open().await;
    reads(&stage);
    received(&browser.send(&trapped, &report().with("homepage", "https://spam.example")).await);

    assert_eq!((stage.cases().await, stage.filed(FiledAs::Quarantine).await), (0, 2));
    let page = browser.get(&format!("/report/received/{letters}")).await.text();
    assert!(page.contains("Report received") && page.contains("A person looks at it first."), "{page}");
    assert!(!page.contains("SEC-2026"), "it has no number: {page}");
    assert_eq!(browser.get(&format!("/s/{letters}")).await.status, StatusCode::OK, "its link opens a page");
    assert_eq!(received(&browser.send(&quick, &report()).await), letters, "sent twice, it is one");
    stage.everything_due_happens().await;
    assert!(stage.relay.sent().is_empty(), "and nobody is written to");
}

#[tokio::test]
async fn released_from_quarantine_a_form_is_a_case_with_its_first_date_its_choice_and_its_link() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    let form = report().with("about", "project").with("project", "Parsley").with("name", "Jane").with("shares", "name");
    let letters = received(&browser.send(&stamp, &form.file("poc.txt", b"proof")).await);
    let arrived_at = stage.now();
    let line = stage.house.store.filed(FiledAs::Quarantine, 1).await.unwrap().remove(0);
    assert!(line.because.unwrap().contains("within 2 seconds"));
    stage.passes(SignedDuration::from_hours(5)).await;

    let number = abuse::release(&stage.house, &line.arrival, Some(&stage.chair())).await.unwrap().unwrap();
    stage.everything_due_happens().await;

    let case = stage.only_case().await;
    assert_eq!((&case.number, case.arrived_at, case.state), (&number, arrived_at, CaseState::Routed));
    assert!(stage.only_mail_to("security@parsley.example").text().contains("poc.txt"));
    let parties = stage.house.store.parties_of(&case.id).await.unwrap();
    let reporter = parties.iter().find(|party| party.role == PartyRole::Reporter).unwrap();
    assert_eq!((reporter.shares, reporter.name.as_deref()), (Shares::Name, Some("Jane")));
    let page = browser.get(&format!("/report/received/{letters}")).await.text();
    assert!(page.contains(number.as_str()), "the same link now shows the case: {page}");
}

#[tokio::test]
async fn a_suggestion_is_asked_for_and_taken_without_losing_a_word() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    let form =
        report().with("about", "").with("text", "Buffer over-read in Parsley 2.1 and crash").with("credit", "me");
    let hinted = browser.post("/report/hint", &stamp, &form.clone().file("poc.txt", b"proof")).await;
    let text = hinted.text();
    assert_eq!(hinted.status, StatusCode::OK);
    let because = "This looks like <strong>Parsley</strong>, because your text mentions \u{201c}Parsley";
    assert!(text.contains(because) && text.contains("Use Parsley"), "{text}");
    for kept in ["Buffer over-read in Parsley 2.1", "value=\"me\"", "Already attached: poc.txt"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(!text.contains("value=\"project\" checked"), "it gives no answer by itself: {text}");
    let used = browser.post("/report/hint", &stamp, &form.clone().with("use", "parsley")).await.text();
    assert!(used.contains("value=\"project\" checked") && used.contains("value=\"Parsley\""), "{used}");
    let left = browser.post("/report/hint", &stamp, &form.with("leave", "yes")).await.text();
    assert!(left.contains("value=\"unknown\" checked"), "{left}");
    assert_eq!(stage.cases().await, 0);
}

#[tokio::test]
async fn a_typed_address_has_one_receipt_a_day_whoever_types_it() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    for number in 0..4 {
        let stamp = browser.open().await;
        reads(&stage);
        received(&browser.send(&stamp, &report().with("text", &format!("flaw {number}"))).await);
    }
    stage.everything_due_happens().await;
    assert_eq!((stage.cases().await, stage.mail_to("jane@finder.example").len()), (4, 1));
}

#[tokio::test]
async fn chosen_projects_are_forwarded_to_within_the_caps_and_not_with_many_links() {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Chosen;
        directory.routing.forwards_per_sender_a_day = 2;
    })
    .await;
    let browser = Browser::on(&stage);
    let chosen = report().with("about", "project").with("project", "Parsley").with("reach", "anonymous");
    let links = "https://a.example ".repeat(6);
    for text in [links.as_str(), "one", "two", "three"] {
        let stamp = browser.open().await;
        reads(&stage);
        received(&browser.send(&stamp, &chosen.clone().with("text", text)).await);
    }
    let mut waiting: Vec<_> = stage.house.store.all_cases(10).await.unwrap();
    waiting.retain(|line| line.case.state == CaseState::New);
    let reasons: Vec<_> = waiting.into_iter().filter_map(|line| line.case.waits_because).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("links")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("2 reports")), "the nameless share one measure: {reasons:?}");
}

#[tokio::test]
async fn the_page_of_a_project_leads_to_a_form_that_names_it() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let text = browser.get("/report?project=rosemary").await.text();
    assert!(text.contains("value=\"project\" checked") && text.contains("value=\"Rosemary\""), "{text}");
    let unknown = browser.get("/report?project=%3Cscript%3E").await;
    assert_eq!((unknown.status, unknown.text().contains("script&gt;")), (StatusCode::OK, false));
}

#[tokio::test]
async fn pressed_six_times_at_once_a_form_becomes_one_report() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    reads(&stage);
    let form = report().with("about", "project").with("project", "Parsley").file("poc.bin", &vec![9; 700_000]);
    let wrong = browser.send(&stamp, &form.clone().with("text", "")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut sent = futures_util::future::join_all((0..6).map(|_| browser.send(&stamp, &form))).await;
    for answer in sent.iter_mut().filter(|answer| answer.status == StatusCode::SERVICE_UNAVAILABLE) {
        // A busy machine may ask to press again, and then nothing is lost or done twice.
        *answer = browser.send(&stamp, &form).await;
    }
    let letters = received(&sent[0]);
    for answer in &sent {
        assert_eq!(received(answer), letters);
    }
    assert_eq!(stage.cases().await, 1);
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
    let case = stage.only_case().await;
    let arrival = &stage.house.store.reports_of(&case.id).await.unwrap()[0].arrival;
    assert_eq!(stage.house.store.attachments_of(arrival).await.unwrap().len(), 1);
    stage.clock.advance(SignedDuration::from_hours(26));
    form::sweep(&stage.house).await.unwrap();
    assert_eq!(stage.house.store.bytes_uploaded().await.unwrap(), 0);
}

/// So that no header of an answer is looked at by accident.
#[tokio::test]
async fn a_form_and_its_confirmation_are_kept_by_nobody() {
    let stage = only_chosen().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    reads(&stage);
    let letters = received(&browser.send(&stamp, &report()).await);
    let kept_by_nobody =
        |headers: &HeaderMap| headers[header::CACHE_CONTROL] == "no-store" && headers["x-robots-tag"] == "noindex";
    for path in
        ["/report".to_owned(), format!("/report/received/{letters}"), format!("/report/received/{letters}/receipt.txt")]
    {
        let answer = browser.get(&path).await;
        assert!(kept_by_nobody(&answer.headers), "{path}");
    }
}
