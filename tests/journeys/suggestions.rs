//! What the judge suggests, from a mail with every trick to the page on which a member corrects it.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::judgement::Field;
use fingerpost::flows::Policy;
use fingerpost::store::CaseRow;

use crate::site::{Site, site};
use crate::stage::mail;

/// Multi-byte letters, a NUL, turned text and markup before the words that count.
const HOSTILE: &str = "漢字 \0 \u{202e}naïve\u{202c} <script>alert(1)</script> é:\r\n\r\n\
    Parsley before 2.1 lets guests in. 🔥\r\nIt was seen on a server that is built on Rosemary.\r\n";

/// A site on which nothing is forwarded by itself, and a case that names two projects.
async fn in_triage() -> (Site, CaseRow) {
    let site = site().await;
    let mut directory = site.stage.house.policy().directory.clone();
    directory.routing.auto_forward = AutoForward::Off;
    site.stage.house.policy.store(Arc::new(Policy::of(directory)));
    let report = mail("sam@finder.example", "Bypass in Parsley", HOSTILE);
    site.stage.mail_arrives(report.header("Content-Type: text/plain; charset=utf-8")).await;
    let cases = site.stage.house.store.triage_cases(10).await.unwrap();
    let case = cases.into_iter().map(|line| line.case).find(|case| case.title == "Bypass in Parsley").unwrap();
    (site, case)
}

#[tokio::test]
async fn the_kept_text_has_each_sign_where_the_judge_found_it() {
    let (site, case) = in_triage().await;
    let report = site.stage.house.store.reports_of(&case.id).await.unwrap().remove(0);
    let evidence: Vec<_> = case.judgement.candidates.iter().flat_map(|candidate| &candidate.evidence).collect();
    assert!(evidence.len() >= 3, "{evidence:?}");
    for sign in evidence {
        let at = sign.at.unwrap();
        let text = if at.field == Field::Subject { &report.subject } else { &report.body };
        let words = text.get(at.start..at.end).unwrap();
        assert!(sign.clause.contains(&format!("\"{words}\"")), "{} has {words}", sign.clause);
    }
}

#[tokio::test]
async fn triage_and_the_case_show_the_reasons_and_mark_their_words() {
    let (site, case) = in_triage().await;
    let cookie = site.sign_in().await;
    for page in ["/triage".to_owned(), format!("/cases/{}", case.number)] {
        let shown = site.get_as(&cookie, &page).await.text();
        let title = "title=\"1: speaks for Parsley\"";
        assert!(shown.contains(title) && shown.contains(">Bypass in Parsley<sup id="), "{page}: {shown}");
        // Where a mark of one project overlaps with one of another, the words still stand once.
        let both = "title=\"2: speaks against Rosemary; 3: speaks for Parsley\">Parsley<sup id=";
        assert!(shown.contains(both) && shown.contains("> before 2.1<sup id="), "{page}: {shown}");
        assert!(shown.contains("against Rosemary\">built on Rosemary<sup id="), "{page}: {shown}");
        assert!(shown.contains(&format!("href=\"#{}-1\">[1]</a>", case.number)), "{page}: {shown}");
        assert!(!shown.contains("<script>alert") && !shown.contains('\u{202e}'), "{page}: {shown}");
    }
}

#[tokio::test]
async fn a_member_corrects_the_suggestion_with_one_click_and_one_look() {
    let (site, case) = in_triage().await;
    let cookie = site.sign_in().await;
    let forward = format!("/cases/{}/forward", case.number);
    let triage = site.get_as(&cookie, "/triage").await.text();
    let rather = format!("<a class=\"button\" href=\"{forward}?project=rosemary\">Rosemary");
    assert!(triage.contains(&rather), "{triage}");
    let preview = site.get_as(&cookie, &format!("{forward}?project=rosemary")).await.text();
    assert!(preview.contains("Who gets it") && preview.contains("rosa@rosemary.example"), "{preview}");
    let answer = site.ask(Method::POST, &forward, &[("cookie", &cookie)], "project=rosemary").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let handlings = site.stage.house.store.handlings_of(&case.id).await.unwrap();
    assert_eq!(handlings.iter().map(|row| row.project.as_str()).collect::<Vec<_>>(), ["rosemary"]);
}
