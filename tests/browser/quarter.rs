//! The board's part: the chair writes and approves the quarter's report, a board member signs in and reads it.

use serde_json::json;

use crate::stage::{Script, Stage, play};

const BOARD: &str = "board@northlight.example";

/// More weeks than the longest way to the first of a month in which a report is drafted.
const WEEKS: usize = 15;

async fn the_quarter_ends(stage: &Stage) {
    stage.open_page("/quarters").await;
    for _ in 0..WEEKS {
        if stage.text().await.contains("Draft, due on") {
            return;
        }
        stage.press("+1 week").await;
        stage.find("//main//h1[.='Quarters']").await;
    }
    panic!("no report was drafted in {WEEKS} weeks:\n{}", stage.text().await);
}

/// The report on paper: nothing that one can press, all figures, nothing at the side of the page.
async fn is_printed(stage: &Stage) {
    stage.emulate("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
    stage.fits().await;
    let text = stage.text().await;
    for words in ["How the promises were kept", "What arrived", "Escalations", "An audit of Lantern's parser."] {
        assert!(text.contains(words), "no {words:?} on paper:\n{text}");
    }
    for words in ["Sign out", "All quarters"] {
        assert!(!text.contains(words), "{words:?} on paper:\n{text}");
    }
    stage.emulate("Emulation.setEmulatedMedia", json!({ "media": "" })).await;
}

async fn a_quarter(stage: &Stage) {
    stage.sign_in().await;
    the_quarter_ends(stage).await;
    let title = stage.find("//main//tr[contains(., 'Draft, due on')]//a").await;
    title.click().await.unwrap();
    stage.sees("The figures change until the report is approved.").await;
    stage.fits().await;
    stage.types("Activities", "An audit of Lantern's parser.").await;
    stage.goes("Save the texts").await;
    stage.sees("An audit of Lantern").await;
    stage.goes("Approve and send").await;
    stage.sees("unchanged since").await;
    let report = stage.path().await;
    stage.find("//header//button[.='Sign out']").await.click().await.unwrap();
    stage.find("//header//a[.='Sign in']").await;

    stage.looks_at("/login").await;
    stage.types("Your email address", BOARD).await;
    stage.goes("Send me a link and a code").await;
    stage.opens_letter(BOARD, "Security report,").await;
    stage.sees(&report).await;
    stage.opens_letter(BOARD, "Your sign-in link").await;
    stage.find("//main//pre//a[contains(@href, '/login/')]").await.click().await.unwrap();
    stage.goes("Sign in").await;
    stage.looks_at(&report).await;
    stage.sees("An audit of Lantern").await;
    assert!(!stage.text().await.contains("Save the texts"), "the board reads");
    is_printed(stage).await;
    stage.goes("What waits now").await;
    stage.looks_at("/triage").await;
    assert!(!stage.text().await.contains("Something is wrong"), "the board sees no report");
}

#[test]
fn the_chair_approves_a_quarter_and_the_board_reads_and_prints_it() {
    play(Script::On, a_quarter);
}

#[test]
fn the_same_works_with_script_switched_off() {
    play(Script::Off, a_quarter);
}
