//! Rows ticked, looked at, done and undone on the narrowest phone, with script and without.

use serde_json::json;

use crate::stage::{Script, Stage, play};

async fn many_at_once(stage: &Stage) {
    let narrow = json!({ "width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": false });
    stage.emulate("Emulation.setDeviceMetricsOverride", narrow).await;
    stage.emulate("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
    stage.sign_in().await;
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
