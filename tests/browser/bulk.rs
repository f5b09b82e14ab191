//! Rows ticked, looked at, done and undone, and one report for several projects, on the narrowest phone.

use serde_json::json;

use crate::stage::{Script, Stage, play};

async fn on_a_phone(stage: &Stage) {
    let narrow = json!({ "width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": false });
    stage.emulate("Emulation.setDeviceMetricsOverride", narrow).await;
    stage.emulate("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
    stage.sign_in().await;
}

async fn many_at_once(stage: &Stage) {
    on_a_phone(stage).await;
    stage.looks_at("/triage").await;
    stage.goes("Spam …").await;
    stage.sees("Select at least one row").await;
    stage.find("(//main//label[starts-with(normalize-space(.), 'Select ')])[1]").await.click().await.unwrap();
    stage.goes("Spam and warn …").await;
    stage.sees("What happens").await;
    stage.goes("Back").await;
    stage.sees("(1 so far)").await;
    stage.goes("Not security …").await;
    stage.sees("gets no mail about that").await;
    stage.goes("Not security: 1 case").await;
    stage.sees("Done by").await;
    stage.goes("Undo").await;
    stage.sees("Undone by").await;
    stage.looks_at("/bulk").await;
    stage.sees("undone").await;
    stage.looks_at("/quarantine").await;
    stage.find("(//main//label[starts-with(normalize-space(.), 'Select ')])[1]").await.click().await.unwrap();
    stage.goes("Release …").await;
    stage.sees("whose clock runs from its arrival").await;
}

#[test]
fn many_rows_are_looked_at_done_and_undone_with_script() {
    play(Script::On, many_at_once);
}

#[test]
fn many_rows_are_looked_at_done_and_undone_without() {
    play(Script::Off, many_at_once);
}

/// A report that names no project, with a line by which its finder can be told.
async fn several_projects(stage: &Stage) {
    on_a_phone(stage).await;
    let subject = "Session tokens stand in an error page";
    stage.open_page("/demo/mail").await;
    stage.types("From", "sam@finder.example").await;
    stage.types("Subject", subject).await;
    stage.types("Text", "Whoever provokes an error reads them.\nCredit: Kay Finch\nIt began in May.").await;
    stage.goes("Send").await;
    stage.comes_to_see("/cases", subject).await;
    stage.goes(subject).await;
    stage.goes("Several projects…").await;
    stage.goes("Back").await;
    stage.goes("Several projects…").await;
    stage.ticks("Lantern").await;
    stage.ticks("Parsely").await;
    stage.goes("Look at it").await;
    stage.sees("The text contains “Credit: Kay Finch”").await;
    stage.goes("Forward to Lantern and Parsely").await;
    stage.sees("Decide about each marked line first").await;
    stage.goes("Withhold this line: Credit: Kay Finch").await;
    stage.sees("[line withheld]").await;
    stage.goes("Forward to Lantern and Parsely").await;
    stage.sees("FORWARDED TO Lantern").await;
    stage.sees("FORWARDED TO Parsely").await;
    stage.sees("Stop sending").await;
}

#[test]
fn a_report_goes_to_several_projects_without_a_line_that_names_its_finder() {
    play(Script::Off, several_projects);
}
