//! The walk of a newcomer through the demo: everybody's part in a report, a week, a ban and a new contact.

use serde_json::json;

use crate::stage::{Script, Stage, play};

const FLAW: &str = "Lantern 4.1 writes past its buffer when lantern.figure draws an empty legend.";

/// On the narrowest phone, where each page of the walk is looked at for what stands out at its side.
async fn walk(stage: &Stage) {
    let narrow = json!({ "width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": false });
    stage.emulate("Emulation.setDeviceMetricsOverride", narrow).await;
    stage.emulate("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;

    let number = a_reporter_uses_the_form(stage).await;
    the_project_confirms_and_answers(stage, &number).await;
    the_reporter_reads_the_answer(stage, &number).await;
    a_week_later_the_board_reads_its_letter(stage).await;
    the_chair_bans_a_spammer(stage).await;
    a_project_changes_its_contact(stage).await;
    the_demo_begins_anew(stage, &number).await;
}

async fn a_reporter_uses_the_form(stage: &Stage) -> String {
    stage.looks_at("/").await;
    stage.goes("Report something").await;
    // A form that is sent within two seconds is taken for a program's.
    stage.an_hour_passes_in_another_tab().await;
    stage.ticks("A project").await;
    stage.types("Which one", "Lantern").await;
    stage.types("What did you find?", FLAW).await;
    stage.ticks("By email").await;
    stage.types("Your email address", "sam@finder.example").await;
    stage.an_hour_passes();
    stage.goes("Send report").await;
    stage.sees("Report received").await;
    let number = stage.find("//main//*[@class='reference']").await.text().await.unwrap();
    stage.goes("+1 hour").await;
    number
}

async fn the_project_confirms_and_answers(stage: &Stage, number: &str) {
    stage.opens_letter("security@lantern.example", &format!("[{number}] Security report for Lantern")).await;
    stage.find("//main//pre//a[starts-with(@href, '/a/')]").await.click().await.unwrap();
    stage.sees("empty legend").await;
    stage.goes("We have it").await;
    stage.sees("Thank you. Lantern confirmed").await;
    stage.types("Your words to the reporter", "We can see it here. A fix is on its way.").await;
    stage.goes("Preview").await;
    stage.goes("Send to the reporter, signed \u{201c}Lantern security contact\u{201d}").await;
    stage.goes("+1 hour").await;
}

async fn the_reporter_reads_the_answer(stage: &Stage, number: &str) {
    stage.comes_to_see("/demo/mail?of=sam%40finder.example", number).await;
    stage.fits().await;
    stage.opens_letter_saying("sam@finder.example", "A fix is on its way.").await;
}

async fn a_week_later_the_board_reads_its_letter(stage: &Stage) {
    stage.looks_at("/").await;
    stage.goes("+1 week").await;
    stage.goes("board@northlight.example").await;
    stage.opens_letter("board@northlight.example", "has not answered").await;
    stage.sees("No details of the report are in this mail").await;
}

async fn the_chair_bans_a_spammer(stage: &Stage) {
    stage.looks_at("/").await;
    stage.goes("Sign in as Mara Lindqvist, chair").await;
    stage.sees("At risk now").await;
    stage.goes("Quarantine").await;
    stage.goes("LAST CHANCE!!").await;
    stage.goes("Ban for 90 days").await;
    stage.sees("Paused until").await;
    stage.goes("+1 day").await;
    stage.sees("Paused until").await;
}

async fn a_project_changes_its_contact(stage: &Stage) {
    stage.looks_at("/projects/lantern/contacts").await;
    stage.types("Your name", "Robin Lindgren").await;
    stage.ticks("Add a contact").await;
    stage.types("Email address", "robin@lantern.example").await;
    stage.goes("Send request").await;
    stage.sees("We have your request for Lantern").await;
    stage.opens_letter("robin@lantern.example", "security contact for Lantern").await;
    stage.find("//main//pre//a[starts-with(@href, '/c/')]").await.click().await.unwrap();
    stage.goes("Confirm").await;
    stage.sees("Thank you").await;
    stage.looks_at("/contacts").await;
    stage.sees("robin@lantern.example").await;
}

async fn the_demo_begins_anew(stage: &Stage, number: &str) {
    stage.goes("Reset").await;
    stage.sees("Try it: who are you?").await;
    stage.looks_at("/demo/mail").await;
    assert!(!stage.text().await.contains(number), "what the visitor did is gone");
}

#[test]
fn a_visitor_plays_every_part_in_a_minute_on_a_phone() {
    play(Script::On, walk);
}

#[test]
fn a_visitor_plays_every_part_with_script_switched_off() {
    play(Script::Off, walk);
}
