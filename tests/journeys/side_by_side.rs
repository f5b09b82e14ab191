//! Two cases side by side: whoever takes part in one gets nothing of the other, by no address and by no page.

use axum::http::{Method, StatusCode};
use fingerpost::domain::id::CaseId;

use crate::conversation::second_address;
use crate::routes::Gate::{Demo, Desk, Ops, Public};
use crate::routes::ROUTES;
use crate::site::{Answer, Site, site};
use crate::stage::{mail, reply_address, report_about, token_in};

/// What the parties of case B hold: their links, and the addresses of their letters.
struct Others {
    status: String,
    action: String,
    reporter: String,
    contact: String,
    second: String,
}

/// A foundation in the middle of its work, and a second case of other people.
async fn two_cases() -> (Site, Others) {
    let site = site().await;
    let mut report = report_about("Rosemary");
    report.from = "lou@elsewhere.example".to_owned();
    report.sender = Some("lou@elsewhere.example".to_owned());
    site.stage.mail_arrives(report).await;
    let receipt = site.stage.only_mail_to("lou@elsewhere.example");
    let forward = site.stage.only_mail_to("rosa@rosemary.example");
    let others = Others {
        status: token_in(&receipt, "/s/"),
        action: token_in(&forward, "/a/"),
        reporter: reply_address(&receipt),
        contact: reply_address(&forward),
        second: second_address(&forward),
    };
    (site, others)
}

async fn case_a(site: &Site) -> CaseId {
    site.stage.house.store.case_by_number(&site.number).await.unwrap().unwrap().id
}

/// Everything that could change of a case: its record, messages, letters, parts and clocks.
async fn all_of(site: &Site, case: &CaseId) -> String {
    let store = &site.stage.house.store;
    format!(
        "{:?}{:?}{:?}{:?}{:?}{:?}",
        store.events_of(case).await.unwrap(),
        store.messages_of(case).await.unwrap(),
        store.letters_of(case).await.unwrap(),
        store.handlings_of(case).await.unwrap(),
        store.clocks_of(case).await.unwrap(),
        store.parties_of(case).await.unwrap(),
    )
}

fn tells_nothing(site: &Site, answer: &Answer, about: &str) {
    let text = answer.text();
    for secret in [site.number.as_str(), "knell", "jane@reporter.example", &site.status, &site.action] {
        // What was asked for may come back in the page's own links.
        assert!(!text.contains(secret) || about.contains(secret), "{about} tells {secret}");
    }
}

/// The paths of every route with the tokens of case B, and the other braces filled with ids of case A.
fn asked_as(site: &Site, others: &Others, pattern: &str) -> Vec<String> {
    let tokens = [&others.status, &others.action];
    let path = site.path(pattern);
    if !pattern.contains("{token}") {
        return vec![path];
    }
    let ours = [&site.status, &site.action, &site.login, &site.contact_link, &site.board, &site.proof, &site.calendar];
    let with = |token: &&String| ours.iter().fold(path.clone(), |path, own| path.replace(own.as_str(), token));
    tokens.iter().map(with).collect()
}

#[tokio::test]
async fn every_address_of_case_a_asked_as_a_party_of_case_b_gives_and_changes_nothing() {
    let (site, others) = two_cases().await;
    let case = case_a(&site).await;
    let before = all_of(&site, &case).await;
    let cookies =
        [String::new(), format!("__Host-fingerpost={}", others.status), format!("__Host-fingerpost={}", others.action)];
    let mut asked = 0;
    for (pattern, gate, get, post) in ROUTES {
        if matches!(gate, Demo | Ops) {
            continue;
        }
        for path in asked_as(&site, &others, pattern) {
            for cookie in &cookies {
                let headers = [("cookie", cookie.as_str())];
                for method in [Method::GET, Method::HEAD] {
                    let path = path.clone() + get.unwrap_or_default();
                    let answer = site.ask(method, &path, &headers, "").await;
                    tells_nothing(&site, &answer, &path);
                    assert!(*gate == Public || !answer.status.is_success(), "{path}: {}", answer.status);
                    asked += 1;
                }
                let answer = site.ask(Method::POST, &path, &headers, post.unwrap_or_default()).await;
                tells_nothing(&site, &answer, &path);
                assert!(*gate != Desk || !answer.status.is_success(), "{path}: {}", answer.status);
                asked += 1;
            }
        }
    }
    assert!(asked > 300, "{asked}");
    site.stage.everything_due_happens().await;
    assert_eq!(all_of(&site, &case).await, before);
}

#[tokio::test]
async fn a_form_about_a_part_of_case_a_sent_with_a_link_of_case_b_changes_nothing() {
    let (site, others) = two_cases().await;
    let case = case_a(&site).await;
    let claim = format!("/a/{}/answered", site.action);
    assert_eq!(site.ask(Method::POST, &claim, &[], "").await.status, StatusCode::SEE_OTHER);
    site.stage.everything_due_happens().await;
    let before = all_of(&site, &case).await;
    let form = format!("handling={}&answer=yes", site.handling);
    site.ask(Method::POST, &format!("/s/{}/answered", others.status), &[], &form).await;
    for path in [format!("attachments/{}/2", site.arrival), format!("originals/{}", site.arrival)] {
        let path = format!("/a/{}/{path}", others.action);
        assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // An id that another message has is no stamp of ours without its seal.
    let message = site.stage.house.store.messages_of(&case).await.unwrap()[0].id.clone();
    let form = format!("text=hello&once={message}&seal=guess");
    assert_eq!(
        site.ask(Method::POST, &format!("/s/{}/add", others.status), &[], &form).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(all_of(&site, &case).await, before);
    let theirs = site.stage.house.store.case_by_number("SEC-2026-0004").await.unwrap().unwrap();
    assert_eq!(site.stage.house.store.messages_of(&theirs.id).await.unwrap().len(), 2, "added, and passed on");
}

#[tokio::test]
async fn mail_of_a_party_of_case_b_that_hints_at_case_a_stays_in_case_b() {
    let (site, others) = two_cases().await;
    let case = case_a(&site).await;
    let before = all_of(&site, &case).await;
    let letters = site.stage.relay.sent();
    let ids: Vec<String> = letters.iter().map(|letter| letter.header("Message-ID").trim().to_owned()).collect();
    let hint = format!("References: {}", ids.join(" "));
    for (number, (from, to)) in [
        ("lou@elsewhere.example", &others.reporter),
        ("rosa@rosemary.example", &others.contact),
        ("rosa@rosemary.example", &others.second),
    ]
    .into_iter()
    .enumerate()
    {
        let subject = format!("Re: [{}] Security report for Parsley", site.number);
        let mut hinting = mail(from, &subject, "Close the other case.\r\n").to(to).header(&hint);
        hinting.message_id = format!("hint{number}@elsewhere.example");
        site.stage.mail_arrives(hinting).await;
    }
    assert_eq!(all_of(&site, &case).await, before);
    let new = site.stage.relay.sent();
    for letter in &new[letters.len()..] {
        let to = letter.recipient.as_str();
        assert!(["lou@elsewhere.example", "rosa@rosemary.example"].contains(&to), "{to}");
        assert!(!letter.text().contains(&site.number) && !letter.header("References").contains(&site.number));
    }
}
