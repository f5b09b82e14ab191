//! The report form with its script and without: suggestions while one types, files on their way, nothing lost.

use fantoccini::Locator;
use serde_json::json;

use crate::stage::{Script, Stage, play};

pub const FLAW: &str = "Lantern 4.1 writes past its buffer when lantern.figure draws an empty legend.";

async fn value_of(stage: &Stage, id: &str) -> String {
    let field = stage.find(&format!("//*[@id='{id}']")).await;
    field.prop("value").await.unwrap().unwrap_or_default()
}

/// A file of so many bytes, and its folder.
fn file(bytes: usize) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poc.bin");
    std::fs::write(&path, vec![7; bytes]).unwrap();
    (folder, path.display().to_string())
}

async fn attaches(stage: &Stage, path: &str) {
    stage.client.find(Locator::Id("files")).await.unwrap().send_keys(path).await.unwrap();
}

/// By its id: the words of that choice have an apostrophe, which ends a text of XPath.
pub async fn does_not_know_the_project(stage: &Stage) {
    stage.client.find(Locator::Css("label[for=about-unknown]")).await.unwrap().click().await.unwrap();
}

pub async fn stays_anonymous_and_sends(stage: &Stage) {
    stage.ticks("Stay anonymous").await;
    stage.an_hour_passes();
    stage.press("Send report").await;
    stage.sees("Report received").await;
}

/// On the page behind the private link stands what was sent.
async fn finds_the_file_on_the_status_page(stage: &Stage) {
    stage.find("//main//a[contains(@class, 'private-link')]").await.click().await.unwrap();
    stage.sees("Save this link now.").await;
    stage.sees("poc.bin").await;
}

#[test]
fn with_script_a_project_is_suggested_while_one_types_and_taken_by_a_press_on_the_same_page() {
    play(Script::On, async |stage: &Stage| {
        stage.open_page("/report").await;
        stage.types("What did you find?", FLAW).await;
        stage.sees("This looks like Lantern, because your text mentions").await;
        assert_eq!(value_of(stage, "project").await, "", "nothing is chosen by itself");
        stage.press("Use Lantern").await;
        assert_eq!(value_of(stage, "project").await, "Lantern");
        assert!(stage.client.find(Locator::Id("about-project")).await.unwrap().is_selected().await.unwrap());
        let focused = stage.client.active_element().await.unwrap().attr("id").await.unwrap();
        assert_eq!((focused.as_deref(), &*stage.path().await), (Some("project"), "/report"), "and no page was loaded");
        assert_eq!(value_of(stage, "text").await, FLAW);

        stage.client.find(Locator::Id("project")).await.unwrap().clear().await.unwrap();
        stage.press("Suggest a project").await;
        stage.press("Leave it to us").await;
        assert!(stage.client.find(Locator::Id("about-unknown")).await.unwrap().is_selected().await.unwrap());
    });
}

#[test]
fn with_script_one_sees_how_far_files_are_and_can_stop_them() {
    play(Script::On, async |stage: &Stage| {
        let (_folder, path) = file(1_500_000);
        stage.open_page("/report").await;
        does_not_know_the_project(stage).await;
        stage.types("What did you find?", FLAW).await;
        stage.sees("This looks like Lantern").await;
        attaches(stage, &path).await;
        let slow = json!({ "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 50_000 });
        stage.emulate("Network.enable", json!({})).await;
        stage.emulate("Network.emulateNetworkConditions", slow).await;
        stage.ticks("Stay anonymous").await;
        stage.press("Send report").await;
        stage.sees("Sending your files: 1500 kB.").await;
        stage.press("Stop").await;
        stage.sees("Stopped. Nothing was sent.").await;
        let fast = json!({ "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        stage.emulate("Network.emulateNetworkConditions", fast).await;
        stays_anonymous_and_sends(stage).await;
        finds_the_file_on_the_status_page(stage).await;
    });
}

#[test]
fn without_script_the_same_form_suggests_keeps_and_sends() {
    play(Script::Off, async |stage: &Stage| {
        let (_folder, path) = file(300_000);
        stage.open_page("/report").await;
        stage.types("What did you find?", FLAW).await;
        attaches(stage, &path).await;
        stage.press("Suggest a project").await;
        stage.sees("This looks like Lantern").await;
        stage.sees("Already attached: poc.bin").await;
        stage.press("Use Lantern").await;
        stage.find("//main//*[@id='about-project'][@checked]").await;
        assert_eq!(value_of(stage, "project").await, "Lantern");
        stage.sees("Already attached: poc.bin").await;
        stays_anonymous_and_sends(stage).await;
        finds_the_file_on_the_status_page(stage).await;
    });
}

#[test]
fn somebody_who_stayed_anonymous_leaves_an_address_and_proves_it_from_its_mailbox() {
    play(Script::On, async |stage: &Stage| {
        stage.open_page("/report").await;
        does_not_know_the_project(stage).await;
        stage.types("What did you find?", FLAW).await;
        stays_anonymous_and_sends(stage).await;
        stage.find("//main//a[contains(@class, 'private-link')]").await.click().await.unwrap();
        stage.find("//main//summary[.='Mail me']").await.click().await.unwrap();
        stage.types("Your email address", "owl@finder.example").await;
        stage.press("Send me the link").await;
        stage.sees("We wrote to owl@finder.example").await;
        stage.opens_letter("owl@finder.example", "Confirm your address").await;
        stage.find("//main//pre//a[contains(@href, '/address/')]").await.click().await.unwrap();
        stage.goes("Confirm").await;
        stage.opens_letter("owl@finder.example", "We have your report").await;
    });
}
