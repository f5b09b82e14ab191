//! What UX.md section 8 counts of the journeys: answers, pages and actions.

use fantoccini::Locator;
use serde_json::Value;

use crate::form::{FLAW, does_not_know_the_project, stays_anonymous_and_sends};
use crate::stage::{Script, Stage, play};

async fn count(stage: &Stage, xpath: &str) -> usize {
    stage.client.find_all(Locator::XPath(xpath)).await.unwrap().len()
}

#[test]
fn the_form_is_one_page_that_asks_for_three_answers_and_takes_them() {
    play(Script::On, async |stage: &Stage| {
        stage.open_page("/report").await;
        stage.an_hour_passes();
        stage.press("Send report").await;
        stage.sees("There is a problem").await;
        assert_eq!(count(stage, "//main//*[@id='problem']//li").await, 3, "{}", stage.text().await);
        assert_eq!(stage.path().await, "/report");
        does_not_know_the_project(stage).await;
        stage.types("What did you find?", FLAW).await;
        stays_anonymous_and_sends(stage).await;
    });
}

/// When the clocks of the first page's rows run out, from the top, and what the first of them says.
const ROWS: &str = "return Array.from(document.querySelectorAll('main .cases > li'), row => [row.querySelector('time').dateTime, \
                    row.querySelector('.tag').textContent])";

#[test]
fn the_most_urgent_case_is_the_first_line_after_sign_in() {
    play(Script::On, async |stage: &Stage| {
        stage.open_page("/").await;
        stage.press("+1 week").await;
        stage.press("Sign in as Mara Lindqvist, chair").await;
        stage.sees("At risk now").await;
        let Value::Array(rows) = stage.client.execute(ROWS, vec![]).await.unwrap() else { panic!("it is a list") };
        let due = |row: &Value| row[0].as_str().unwrap().to_owned();
        let overdue: Vec<&Value> = rows.iter().filter(|row| row[1].as_str().unwrap().starts_with("Overdue")).collect();
        assert!(overdue.len() > 1, "{rows:?}");
        assert_eq!(Some(due(&rows[0])), overdue.into_iter().map(due).min(), "{rows:?}");
    });
}

#[test]
fn the_board_reads_an_approved_quarter_on_one_page() {
    play(Script::Off, async |stage: &Stage| {
        stage.sign_in().await;
        stage.open_page("/quarters/2026-09").await;
        stage.press("Approve and send").await;
        stage.sees("Approved").await;
        stage.open_page("/me").await;
        stage.press("Sign out").await;

        let board = "board@northlight.example";
        stage.opens_letter(board, "Security report, Jun-Aug 2026").await;
        stage.find("//main//pre//a[contains(@href, '/quarters/')]").await.click().await.unwrap();
        stage.types("Your email address", board).await;
        stage.press("Send me a link and a code").await;
        stage.opens_letter(board, "Your sign-in link").await;
        stage.find("//main//pre//a[contains(@href, '/login/')]").await.click().await.unwrap();
        stage.press("Sign in").await;
        stage.open_page("/quarters/2026-09").await;
        for part in [
            "How the promises were kept",
            "What arrived",
            "Projects",
            "Escalations",
            "Contacts of projects",
            "Spam and bans",
        ] {
            stage.find(&format!("//main//article//h2[starts-with(., '{part}')]")).await;
        }
        assert_eq!(count(stage, "//main//article//form").await, 0, "there is nothing to do but read");
    });
}
