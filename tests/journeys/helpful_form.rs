//! What the script of the report form asks while somebody types, and the files that go ahead of it.

use axum::http::StatusCode;
use fingerpost::domain::directory::AutoForward;
use jiff::SignedDuration;

use crate::form_page::{Browser, Form, report, stamp_in};
use crate::stage::Stage;

async fn page_of_a_project() -> Stage {
    Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Chosen;
        directory.routing.hold = SignedDuration::ZERO;
    })
    .await
}

fn typed(text: &str) -> Form {
    Form::default().with("about", "").with("project", "").with("summary", "").with("text", text)
}

#[tokio::test]
async fn while_somebody_types_a_part_of_the_page_comes_back_and_nothing_is_kept() {
    let stage = page_of_a_project().await;
    let browser = Browser::on(&stage);
    let page = browser.get("/report").await;
    assert!(page.header("content-security-policy").ends_with("; connect-src 'self'"), "the page may ask its own site");
    assert!(page.text().contains("data-hints=\"/report/hint/live\""), "{}", page.text());

    let hint = browser.post("/report/hint/live", "", &typed("Buffer over-read in Parsley 2.1 and crash")).await;
    let words = hint.text();
    assert_eq!((hint.status, hint.header("content-type")), (StatusCode::OK, "text/plain; charset=utf-8"));
    assert!(words.starts_with("<div class=\"notice\">") && !words.contains("<html"), "{words}");
    assert!(
        words.contains("This looks like <strong>Parsley</strong>") && words.contains("data-use=\"Parsley\""),
        "{words}"
    );
    assert!(!hint.header("content-security-policy").contains("connect-src"), "only the form's page may");

    let quiet = browser.post("/report/hint/live", "", &typed("It crashes.")).await;
    assert_eq!((quiet.status, quiet.text().as_str()), (StatusCode::OK, ""), "that nothing is known is no news");
    let asked = browser.post("/report/hint/live", "", &typed("It crashes.").with("suggest", "yes")).await.text();
    assert!(asked.contains("We cannot tell from the text which project this concerns."), "{asked}");
    let channel = browser.post("/report/hint/live", "", &typed("").with("project", "Lovage")).await.text();
    assert!(channel.contains("Lovage prefers reports through GitHub."), "{channel}");
    let hostile = browser.post("/report/hint/live", "", &typed("").with("project", "<script>x</script>")).await.text();
    assert!(hostile.contains("&lt;script&gt;") && !hostile.contains("<script"), "{hostile}");
    assert_eq!((stage.cases().await, stage.house.store.bytes_uploaded().await.unwrap()), (0, 0));
}

#[tokio::test]
async fn hints_of_a_busy_typist_use_up_neither_the_buttons_of_the_form_nor_its_sending() {
    let stage = page_of_a_project().await;
    let browser = Browser { peer: Some("198.51.100.7"), ..Browser::on(&stage) };
    let stamp = browser.open().await;
    let form = typed("Parsley 2.1 crashes");
    let mut wait = String::new();
    for _ in 0..130 {
        let answer = browser.post("/report/hint/live", "", &form).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            wait = answer.header("retry-after").to_owned();
        }
    }
    assert_eq!(wait, "1", "the script is told when to ask again");
    assert_eq!(browser.post("/report/hint", &stamp, &report()).await.status, StatusCode::OK);
    stage.clock.advance(SignedDuration::from_secs(40));
    assert_eq!(browser.send(&stamp, &report()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn files_that_go_ahead_are_sent_with_the_form_and_what_is_wrong_with_them_the_page_says() {
    let stage = page_of_a_project().await;
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    stage.clock.advance(SignedDuration::from_secs(40));
    let files = Form::default().file("poc.bin", &[7; 300_000]).file("log.txt", b"crash");
    for _ in 0..2 {
        assert_eq!(browser.post("/report/files", &stamp, &files).await.status, StatusCode::NO_CONTENT, "also twice");
    }
    let many = (0..6).fold(Form::default(), |form, number| form.file(&format!("{number}.txt"), &[number]));
    assert_eq!(browser.post("/report/files", &stamp, &many).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.post("/report/files", "", &files).await.status, StatusCode::UNPROCESSABLE_ENTITY, "whose?");

    let other = browser.open().await;
    assert_eq!(browser.post("/report/files", &other, &files).await.status, StatusCode::NO_CONTENT);
    stage.clock.advance(SignedDuration::from_secs(40));
    assert_eq!(browser.send(&other, &report()).await.status, StatusCode::SEE_OTHER);
    let case = stage.only_case().await;
    let arrival = &stage.house.store.reports_of(&case.id).await.unwrap()[0].arrival;
    let kept = stage.house.store.attachments_of(arrival).await.unwrap();
    assert_eq!(
        kept.iter().map(|file| (file.name.as_str(), file.size)).collect::<Vec<_>>(),
        [("poc.bin", 300_000), ("log.txt", 5)]
    );
}

#[tokio::test]
async fn a_form_that_was_not_taken_says_so_in_its_title_and_a_taken_suggestion_says_what_follows() {
    let stage = page_of_a_project().await;
    let browser = Browser::on(&stage);
    let old = browser.open().await;
    stage.clock.advance(SignedDuration::from_hours(30));
    let again = browser.send(&old, &report()).await;
    assert!(again.text().contains("<title>Error: Report a security problem"), "{}", again.text());
    let stamp = stamp_in(&again);
    let used = browser.post("/report/hint", &stamp, &typed("Lovage crashes").with("use", "lovage")).await.text();
    assert!(used.contains("value=\"Lovage\"") && used.contains("Lovage prefers reports through GitHub."), "{used}");
}
