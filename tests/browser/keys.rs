//! Single keys on the desk's lists: only while a row has the focus, and each with a visible button.

use serde_json::Value;

use crate::stage::{Script, Stage, play};

/// The number of the case whose row has the focus.
const ROW: &str = "const row = document.activeElement.closest('[data-row]');\
                   return row ? row.querySelector('[data-open]').id : ''";

async fn row(stage: &Stage) -> String {
    let Value::String(row) = stage.client.execute(ROW, vec![]).await.unwrap() else { panic!("a text") };
    row
}

/// Presses a key where the focus is.
async fn key(stage: &Stage, key: &str) {
    stage.client.active_element().await.unwrap().send_keys(key).await.unwrap();
}

/// Sets the focus on the title of the first row, as Tab would.
async fn focus_the_first_row(stage: &Stage) {
    let focus = "document.querySelector('[data-row] [data-open]').focus()";
    stage.client.execute(focus, vec![]).await.unwrap();
}

#[test]
fn keys_move_between_rows_act_by_their_buttons_and_mean_nothing_elsewhere() {
    play(Script::On, async |stage: &Stage| {
        stage.sign_in().await;
        // Nothing has the focus: no key means anything.
        key(stage, "j").await;
        assert_eq!(row(stage).await, "");
        focus_the_first_row(stage).await;
        let first = row(stage).await;
        key(stage, "j").await;
        let second = row(stage).await;
        assert!(!first.is_empty() && !second.is_empty() && first != second, "{first}, {second}");
        key(stage, "k").await;
        assert_eq!(row(stage).await, first);

        key(stage, "?").await;
        stage.find("//dialog[@open]//button[.='Close']").await.click().await.unwrap();
        stage.find("//footer//button[.='Keys']").await.click().await.unwrap();
        stage.find("//dialog[@open]//dd[normalize-space(.)='Next row']").await;
        stage.find("//dialog[@open]//button[.='Close']").await.click().await.unwrap();
        focus_the_first_row(stage).await;
        key(stage, "/").await;
        let name = "return document.activeElement.name";
        assert_eq!(stage.client.execute(name, vec![]).await.unwrap(), Value::from("project"));
        // In a field a letter is a letter.
        stage.types("Title or number", "jk").await;
        assert_eq!(row(stage).await, "");

        // Whoever claims a case by its key is back at its row.
        stage.open_page("/at-risk").await;
        let claim = stage.find("//*[@data-row][.//button[@data-key='c']]//a[@data-open]").await;
        let number = claim.attr("id").await.unwrap().unwrap();
        let focus = format!("document.getElementById('{number}').focus()");
        stage.client.execute(&focus, vec![]).await.unwrap();
        key(stage, "c").await;
        stage.find(&format!("//*[@data-row][.//*[@id='{number}']][not(.//button[@data-key='c'])]")).await;
        while row(stage).await != number {
            // The browser goes there once all of the page has come.
            assert!(stage.client.current_url().await.unwrap().as_str().ends_with(&format!("#{number}")));
        }
        key(stage, "\u{e007}").await;
        stage.find("//main//h2[.='Conversation']").await;
        assert_eq!(stage.path().await, format!("/cases/{number}"));
    });
}

#[test]
fn without_script_the_buttons_are_there_and_no_key_is_promised() {
    play(Script::Off, async |stage: &Stage| {
        stage.sign_in().await;
        stage.find("//*[@data-row]//button[.='Claim']").await;
        assert!(!stage.text().await.contains("Keys"));
        stage.press("Calendar").await;
        stage.press("Make my link").await;
        stage.sees("/deadlines.ics").await;
        stage.press("End this link").await;
        stage.sees("You have no calendar yet.").await;
    });
}
