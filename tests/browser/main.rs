//! The pages in Chromium, on the demo as it is shipped.

mod axe;
mod bulk;
mod counted;
mod form;
mod keys;
#[path = "../common/peers.rs"]
mod peers;
mod proposing;
mod quarter;
mod signing_in;
mod stage;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use fantoccini::Locator;
use serde_json::{Value, json};

use crate::axe::Axe;
use crate::stage::{Script, Stage, play};

async fn first_minute(stage: &Stage) {
    stage.sign_in().await;
    assert_eq!(stage.path().await, "/at-risk", "the first page is what is at risk");
    stage.press("Triage").await;
    stage.press("Something is wrong with your login").await;
    stage.chooses("Project", "Lantern").await;
    stage.press("Another project…").await;
    stage.sees("Who gets it").await;
    stage.sees("security@lantern.example").await;
    stage.sees("I can log in as somebody else").await;
    stage.press("Forward to 1 person at Lantern").await;
    stage.sees("Not confirmed yet").await;
    stage.press("Stop sending").await;
    stage.sees("Stopped before it left").await;
    stage.press("Outbox").await;
    stage.sees("Stopped").await;
}

#[test]
fn a_newcomer_signs_in_forwards_a_report_in_three_actions_and_stops_it() {
    play(Script::On, first_minute);
}

#[test]
fn the_same_works_with_script_switched_off() {
    play(Script::Off, first_minute);
}

#[test]
fn a_mail_of_a_visitor_is_forwarded_confirmed_by_its_link_and_added_to_by_its_reporter() {
    play(Script::On, async |stage: &Stage| {
        let subject = "Out-of-bounds write in Lantern 4.1 by a legend";
        stage.sign_in().await;
        stage.open_page("/demo/mail").await;
        stage.types("From", "sam@finder.example").await;
        stage.types("Subject", subject).await;
        stage.press("Send").await;
        stage.comes_to_see("/cases", subject).await;
        stage.press("+1 hour").await;
        stage.press(subject).await;
        let case = stage.path().await;
        let number = case.rsplit('/').next().unwrap().to_owned();

        // As the contact: the letter, its link, the button.
        let forward = format!("[{number}] Security report for Lantern");
        stage.comes_to_see("/demo/mail", &forward).await;
        stage.find(&format!("//main//a[contains(., '{forward}')]")).await.click().await.unwrap();
        stage.find("//main//pre//a[starts-with(@href, '/a/')]").await.click().await.unwrap();
        stage.sees("Security report for Lantern").await;
        stage.press("We have it").await;
        stage.sees("Thank you. Lantern confirmed").await;
        stage.open_page(&case).await;
        stage.sees("Confirmed").await;

        // As the reporter: an answer to the receipt.
        stage.open_page("/demo/mail").await;
        stage.find("//main//tr[td[1]='sam@finder.example']//a").await.click().await.unwrap();
        stage.types("Your answer", "It happens in 4.0 too.").await;
        stage.press("Send").await;
        stage.comes_to_see(&case, "It happens in 4.0 too.").await;
        stage.sees("FROM THE REPORTER").await;
    });
}

/// The addresses of ours that the page leads to.
const LINKS: &str = "return Array.from(document.querySelectorAll('main a[href], header a[href]'), a => a.href)\
                     .filter(href => href.startsWith(location.origin))";

/// How much wider the page is than the window, and what stands out.
const TOO_WIDE: &str = "const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;\
    if (over <= 0) return [];\
    return Array.from(document.querySelectorAll('body *')).filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)\
    .slice(0, 5).map(e => e.outerHTML.slice(0, 120)).concat([over + ' px too wide'])";

/// Every page that a member reaches by links, but for files that are downloads.
async fn all_pages(stage: &Stage) -> BTreeSet<String> {
    let mut pages = BTreeSet::new();
    let mut ahead = vec!["/".to_owned(), "/login".to_owned(), "/at-risk".to_owned(), "/demo/mail".to_owned()];
    while let Some(page) = ahead.pop() {
        let is_file = [".json", ".csv", ".txt", ".ics"].iter().any(|ending| page.ends_with(ending));
        // What a letter asks once is answered in some of the stories: those links open nothing any more.
        let is_download = page.starts_with("/arrivals/") || page.contains("/attachments/") || page.starts_with("/c/");
        // The samples of letters are all made alike; a forward has the longest lines.
        let is_alike = page.starts_with("/admin/letters/") && page != "/admin/letters/10";
        if is_file || is_download || is_alike || page.contains(".csv?") || !pages.insert(page.clone()) {
            continue;
        }
        stage.open_page(&page).await;
        let links = stage.client.execute(LINKS, vec![]).await.unwrap();
        for link in links.as_array().unwrap() {
            let link = link.as_str().unwrap().split('#').next().unwrap();
            ahead.push(link[stage.url.len()..].to_owned());
        }
    }
    pages
}

/// Of pages that differ in a number alone, the first two: the others have the same parts.
fn samples_of(pages: &BTreeSet<String>) -> BTreeSet<&String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let is_sample = |page: &&String| {
        let pattern: Vec<&str> =
            page.split('/').map(|part| if part.contains(|c: char| c.is_ascii_digit()) { "*" } else { part }).collect();
        let count = seen.entry(pattern.join("/")).or_default();
        *count += 1;
        *count <= 2
    };
    pages.iter().filter(is_sample).collect()
}

async fn is_dark(stage: &Stage) -> bool {
    let ground = stage.client.find(Locator::Css("html")).await.unwrap().css_value("background-color").await.unwrap();
    ground.contains("17, 22, 29")
}

/// What is long is long without a space, on every page that shows it.
async fn a_report_of_long_words_comes(stage: &Stage) {
    stage.open_page("/demo/mail").await;
    stage.types("Subject", &format!("Overflow in Lantern 4.1 {}", "W".repeat(200))).await;
    stage.types("Text", &format!("Lantern 4.1 ends at {}", "w".repeat(400))).await;
    stage.press("Send").await;
    stage.comes_to_see("/cases", "WWWW").await;
    stage.press("+1 day").await;
}

/// The window is this wide from now on.
async fn is_wide(stage: &Stage, width: u16) {
    let size = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
    stage.emulate("Emulation.setDeviceMetricsOverride", size).await;
    // As on phones, where they lie over the page.
    stage.emulate("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
}

async fn prefers(stage: &Stage, scheme: &str) {
    let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    stage.emulate("Emulation.setEmulatedMedia", features).await;
}

#[test]
fn every_page_fits_the_narrowest_phone_and_axe_finds_nothing_in_either_color_scheme() {
    play(Script::On, async |stage: &Stage| {
        stage.sign_in().await;
        a_report_of_long_words_comes(stage).await;
        let axe = Axe::installed();
        let pages = all_pages(stage).await;
        assert!(pages.len() > 30, "{pages:?}");
        let samples = samples_of(&pages);
        let mut findings = Vec::new();
        for (scheme, width) in [("light", 320), ("dark", 320), ("light", 1440)] {
            prefers(stage, scheme).await;
            is_wide(stage, width).await;
            for page in &pages {
                stage.open_page(page).await;
                let over = stage.client.execute(TOO_WIDE, vec![]).await.unwrap();
                assert_eq!(over, Value::Array(Vec::new()), "{page}, {scheme}, {width}");
                assert_eq!(is_dark(stage).await, scheme == "dark", "{page}");
                if let Some(axe) = axe.as_ref().filter(|_| samples.contains(page)) {
                    let found = axe.findings(stage).await;
                    findings.extend(found.into_iter().map(|line| format!("{page}, {scheme}, {width}: {line}")));
                }
            }
        }
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    });
}
