//! Every page is valid HTML, in the opinion of the Nu Html Checker: those of the table of routes, and what forms answer.

use std::path::Path;
use std::process::Command;

use axum::http::Method;
use serde_json::Value;

use crate::peers;
use crate::routes::Gate;
use crate::site::{Answer, Site, site};

const GATES: [Gate; 2] = [Gate::Public, Gate::Desk];

/// The pages of a foundation in the middle of its work, by the request that brings them.
async fn all_pages(site: &Site) -> Vec<(String, String)> {
    let cookie = site.sign_in().await;
    let mut pages = Vec::new();
    let mut keep = |request: String, answer: Answer| {
        if answer.header("content-type").starts_with("text/html") {
            pages.push((request, answer.text()));
        }
    };
    for (_, path) in site.gets(&GATES) {
        keep(format!("GET {path}"), site.get_as(&cookie, &path).await);
    }
    // Signed out, the same frame has another menu.
    keep("GET / of a visitor".to_owned(), site.get("/").await);
    keep("GET nothing".to_owned(), site.get("/nothing-here").await);
    for (path, form) in site.posts(&GATES).into_iter().filter(|(path, _)| path != "/logout") {
        // Without an answer first: what a form that was filled in wrongly says.
        for form in ["", form] {
            let answer = site.ask(Method::POST, &path, &[("cookie", &cookie)], form).await;
            keep(format!("POST {path} with {form:?}"), answer);
        }
    }
    pages
}

/// What the checker says of the files in `folder`, a line each: the page's name, then the fault and where.
fn faults(checker: &Path, folder: &Path) -> Vec<String> {
    let said = Command::new("java")
        .args(["-Xss4m", "-jar"])
        .arg(checker)
        .args(["--format", "json", "--skip-info-messages", "--stdout", "--exit-zero-always"])
        .arg(folder)
        .output()
        .expect("`java` runs: install a Java runtime, or leave the checker away");
    let said: Value = serde_json::from_slice(&said.stdout).expect("the checker answers in JSON");
    let messages = said["messages"].as_array().expect("a list of messages");
    let word = |message: &Value, key: &str| message[key].as_str().unwrap_or_default().trim().to_owned();
    let line = |message: &Value| {
        let page = word(message, "url");
        let page = page.rsplit('/').next().unwrap_or_default();
        format!("{page}: {} in {:?}", word(message, "message"), word(message, "extract"))
    };
    messages.iter().map(line).collect()
}

#[tokio::test]
async fn every_page_of_the_program_is_valid_html() {
    let Some(checker) = peers::file("vnu", "vnu-jar/build/dist/vnu.jar") else { return };
    let site = site().await;
    let pages = all_pages(&site).await;
    assert!(pages.len() > 80, "only {} pages", pages.len());
    let folder = tempfile::tempdir().unwrap();
    for (index, (_, page)) in pages.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{index}.html")), page).unwrap();
    }
    let name_of = |fault: String| {
        let index: Option<usize> = fault.split('.').next().and_then(|index| index.parse().ok());
        let request = index.map_or("?", |index| &pages[index].0);
        format!("{request}: {fault}")
    };
    let faults: Vec<String> = faults(&checker, folder.path()).into_iter().map(name_of).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    // A test that cannot fail proves nothing: the checker does see a fault.
    std::fs::write(folder.path().join("0.html"), "<!DOCTYPE html><p><div id=a></div></p>").unwrap();
    assert!(!self::faults(&checker, folder.path()).is_empty());
}
