//! What looks like no report: it stands last, its promise runs, a member corrects it, and answers it with one act.

use axum::http::{Method, StatusCode};
use fingerpost::domain::case::{CaseRef, CaseState, Closing};
use fingerpost::domain::clock::{ClockEnd, ClockKind, ClockState};
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::judgement::{Evidence, Speaks};
use fingerpost::domain::letter::LetterKind;
use fingerpost::domain::noise::{CannedAnswer, Noise, SeemsNoise};
use fingerpost::flows::answering::words_for;
use fingerpost::flows::composing::{self, Composed, Correspondents, NotSent, Sent, To};
use fingerpost::flows::intake::Message;
use fingerpost::flows::noise::{self, Kind};
use fingerpost::flows::{closing, members, opening, reading};
use fingerpost::store::{CaseRow, chain_is_whole};
use jiff::SignedDuration;

use crate::composing::{parsley, something_runs};
use crate::escalation::{clock, events, words};
use crate::site::{HOST, ask, pages, sign_in_link};
use crate::stage::{Mail, Stage, mail, report_about, subjects};

const CHAIR: &str = "ada@foundation.example";
const MEMBER: &str = "tania@foundation.example";
const BOARD: &str = "board@foundation.example";
const REPORTER: &str = "jane@reporter.example";
const HOLD: SignedDuration = SignedDuration::from_secs(60);

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn finding() -> Mail {
    mail(REPORTER, "Your website", "The header X-Frame-Options is missing on your page.\r\n")
}

/// A report of a flaw that names no project.
fn flaw(from: &str) -> Mail {
    let text = "A crafted table overflows the heap and lets an attacker run code. Steps and a proof are below.\r\n";
    mail(from, "Heap overflow, remote code execution", text)
}

/// A mail that the judge takes for `noise` opens a case.
async fn seems(stage: &Stage, mail: &Mail, noise: Noise) -> CaseRef {
    let house = &stage.house;
    stage.keep(mail).await;
    let arrival = house.store.claim_arrivals(1).await.unwrap().remove(0);
    let step = house.step();
    let mut read = reading::read(house, &step, &arrival).await.unwrap();
    let clause = "text says \"X-Frame-Options\"".to_owned();
    read.judgement.noise =
        Some(SeemsNoise { noise, evidence: vec![Evidence { clause, speaks: Speaks::For, at: None }] });
    let mut tx = house.store.begin().await.unwrap();
    let message = Message { arrival: &arrival, read: &read };
    let (_, number) = opening::open_case(&mut tx, house, &step, &message).await.unwrap();
    tx.commit().await.unwrap();
    stage.everything_due_happens().await;
    number
}

/// The usual foundation, on which one scanner's finding has arrived.
async fn with_a_finding() -> Stage {
    let stage = Stage::open().await;
    seems(&stage, &finding(), Noise::Scanner).await;
    stage
}

/// The same where a person's words wait a minute.
async fn with_hold() -> Stage {
    let stage = Stage::with(|directory| directory.routing.auto_forward = AutoForward::Strong).await;
    seems(&stage, &finding(), Noise::Scanner).await;
    stage
}

async fn correct(stage: &Stage, kind: Kind) -> CaseRow {
    let case = stage.only_case().await;
    noise::correct(&stage.house, &case.id, kind, &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    stage.only_case().await
}

fn told(stage: &Stage) -> [usize; 3] {
    [CHAIR, MEMBER, BOARD].map(|to| stage.mail_to(to).len())
}

#[tokio::test]
async fn the_promise_of_what_looks_like_noise_runs_and_ends_at_the_chair_while_nobody_has_opened_it() {
    let stage = with_a_finding().await;
    let case = stage.only_case().await;
    assert_eq!((case.state, case.noise, case.seen_at), (CaseState::New, Some(Noise::Scanner), None));
    assert_eq!(stage.mail_to(REPORTER).len(), 1, "the receipt, as for any report");
    stage.days_pass(30).await;
    let (chair, member) = (stage.mail_to(CHAIR), stage.mail_to(MEMBER));
    assert!(words(chair.last().unwrap()).contains("No person has answered"), "{:?}", subjects(&chair));
    assert_eq!(told(&stage)[2], 0, "never the board");
    assert!(!member.is_empty());
    let clock = clock(&stage, ClockKind::FirstReply).await.clock;
    assert!(matches!(clock.state(stage.now()), ClockState::Overdue { .. }), "the promise is broken all the same");
    assert_eq!((clock.told, clock.next_at), (days(6), None));
    assert_eq!(stage.only_case().await.state, CaseState::New, "nothing closes it");
    assert!(events(&stage, "escalated").await.is_empty());
}

#[tokio::test]
async fn once_a_member_has_opened_it_the_board_is_told_like_of_any_other() {
    ends_at_the_board_once_it_is_opened(&with_a_finding().await).await;
}

/// Told on either database.
pub async fn ends_at_the_board_once_it_is_opened(stage: &Stage) {
    let case = stage.only_case().await;
    stage.passes(days(1)).await;
    stage.house.views.note(&case, stage.now());
    assert_eq!(stage.only_case().await.seen_at, None, "looking writes nothing");
    let opened_at = stage.now();
    stage.passes(days(1)).await;
    assert_eq!(stage.only_case().await.seen_at, Some(opened_at), "the sweep does");
    stage.passes(days(5)).await;
    assert_eq!(told(stage)[2], 1);
    assert!(chain_is_whole(&stage.house.store.events_of(&case.id).await.unwrap()));
}

/// On a stage without cases.
pub async fn opens_a_finding(stage: &Stage) {
    seems(stage, &finding(), Noise::Scanner).await;
}

#[tokio::test]
async fn a_broken_promise_reaches_the_board_when_the_noise_turns_out_to_be_a_report() {
    let stage = with_a_finding().await;
    stage.days_pass(9).await;
    assert_eq!(told(&stage)[2], 0);
    correct(&stage, Kind::Report).await;
    assert_eq!(told(&stage)[2], 1, "late, but told");
}

#[tokio::test]
async fn who_claims_it_has_opened_it() {
    let stage = with_a_finding().await;
    let case = stage.only_case().await;
    assert!(members::claim(&stage.house, &case.id, &stage.chair()).await.unwrap());
    assert!(stage.only_case().await.seen_at.is_some());
    stage.passes(days(7)).await;
    assert_eq!(told(&stage)[2], 1);
}

#[tokio::test]
async fn a_mail_that_looks_like_a_report_is_brought_to_the_board_whether_opened_or_not() {
    let stage = Stage::open().await;
    stage.mail_arrives(flaw(REPORTER)).await;
    stage.passes(days(7)).await;
    assert_eq!(stage.only_case().await.noise, None);
    assert_eq!(told(&stage)[2], 1);
}

#[tokio::test]
async fn a_correction_is_an_event_that_names_the_member_and_can_be_taken_back() {
    corrects_and_takes_back(&with_a_finding().await).await;
}

/// Told on either database.
pub async fn corrects_and_takes_back(stage: &Stage) {
    let report = correct(stage, Kind::Report).await;
    assert_eq!((report.noise, report.kind_said.map(|said| said.by)), (None, Some(stage.chair().email)));
    assert!(report.seen_at.is_some());
    correct(stage, Kind::Report).await;
    let legal = correct(stage, Kind::Noise(Noise::Legal)).await;
    assert_eq!(legal.noise, Some(Noise::Legal));
    let back = correct(stage, Kind::AsJudged).await;
    assert_eq!((back.noise, back.kind_said), (Some(Noise::Scanner), None));
    assert_eq!(events(stage, "kind-corrected").await, ["scanner to report", "report to legal", "legal to as-judged"]);
    let record = stage.house.store.events_of(&back.id).await.unwrap();
    assert!(record.iter().filter(|event| event.kind == "kind-corrected").all(|e| e.actor.starts_with("member:")));
    assert!(chain_is_whole(&record));
    assert!(something_runs(stage, &back.id).await && back.state == CaseState::New, "nothing but the order changes");
    let judged = record.iter().find(|event| event.kind == "judged").unwrap();
    assert!(judged.detail.ends_with("seems scanner"), "{}", judged.detail);
}

/// The answer as the page shows it.
async fn canned(stage: &Stage, answer: CannedAnswer, closes: bool) -> Composed {
    let (house, step) = (&stage.house, stage.house.step());
    let with = Correspondents::at(house, stage.only_case().await.number.as_str()).await.unwrap().unwrap();
    Composed {
        id: fingerpost::domain::id::MessageId::new(step.now, house.chance()),
        to: To::Reporter,
        words: words_for(house, &step, &with, answer),
        passed_on_from: None,
        answers: true,
        closes: closes.then(|| answer.closing()),
    }
}

async fn send(stage: &Stage, composed: &Composed) -> Result<Sent, NotSent> {
    let case = stage.only_case().await;
    composing::send(&stage.house, &case.id, composed, &stage.chair()).await.unwrap()
}

#[tokio::test]
async fn a_canned_answer_is_signed_held_and_keeps_the_first_promise_when_it_leaves() {
    let stage = with_hold().await;
    let answer = canned(&stage, CannedAnswer::Scanner, false).await;
    assert_eq!(send(&stage, &answer).await, Ok(Sent::Now { letters: 1 }));
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(REPORTER).len(), 1, "the receipt alone, within the hold");
    stage.passes(HOLD).await;
    let letter = stage.mail_to(REPORTER).remove(1);
    let text = letter.text();
    assert!(text.contains("A person has read your mail."), "{text}");
    assert!(text.contains("\u{2014} Ada Chair, chair, for the Story Foundation security committee"), "{text}");
    assert_eq!(letter.header("Auto-Submitted"), "", "a person sent it");
    assert_eq!(clock(&stage, ClockKind::FirstReply).await.clock.ended_as, Some(ClockEnd::Kept));
    let case = stage.only_case().await;
    assert_eq!(case.state, CaseState::Answered);
    assert!(something_runs(&stage, &case.id).await, "it stays open");
    stage.passes(days(8)).await;
    assert_eq!(told(&stage)[2], 0);
}

#[tokio::test]
async fn the_same_act_closes_the_case_and_stopping_the_letter_opens_it_again() {
    answers_and_closes(&with_hold().await).await;
}

/// Told on either database, with a hold.
pub async fn answers_and_closes(stage: &Stage) {
    let answer = canned(stage, CannedAnswer::Scanner, true).await;
    send(stage, &answer).await.unwrap();
    let case = stage.only_case().await;
    assert_eq!((case.state, case.closed_as), (CaseState::Closed, Some(Closing::NotSecurity)));
    assert!(something_runs(stage, &case.id).await, "the promise runs until the mail has left");
    let letters = stage.house.store.letters_of(&case.id).await.unwrap();
    let letter = letters.iter().find(|letter| letter.kind == LetterKind::MemberReply).unwrap();
    composing::stop(&stage.house, &letter.id, &stage.chair()).await.unwrap().unwrap();
    stage.passes(HOLD).await;
    let case = stage.only_case().await;
    assert_eq!((case.state, case.closed_as, stage.mail_to(REPORTER).len()), (CaseState::Triage, None, 1));
    assert!(something_runs(stage, &case.id).await);

    let again = canned(stage, CannedAnswer::Dependency, true).await;
    send(stage, &again).await.unwrap();
    assert_eq!(send(stage, &again).await, Ok(Sent::Before), "pressed twice");
    stage.passes(HOLD).await;
    let case = stage.only_case().await;
    assert_eq!((case.state, case.closed_as), (CaseState::Closed, Some(Closing::NotOurs)));
    assert_eq!(stage.mail_to(REPORTER).len(), 2);
    assert_eq!(clock(stage, ClockKind::FirstReply).await.clock.ended_as, Some(ClockEnd::Kept));
    assert!(!something_runs(stage, &case.id).await);
    assert_eq!(events(stage, "closed").await, ["not-security", "not-ours"]);
}

#[tokio::test]
async fn an_answer_that_was_sent_before_a_case_was_closed_by_another_act_does_not_open_it_when_it_is_stopped() {
    let stage = with_hold().await;
    let answer = canned(&stage, CannedAnswer::Scanner, false).await;
    send(&stage, &answer).await.unwrap();
    stage.passes(SignedDuration::from_secs(1)).await;
    let case = stage.only_case().await;
    let id = fingerpost::domain::id::MessageId::new(stage.now(), stage.house.chance());
    let wish =
        closing::Wish { id, reason: Closing::Spam, words: String::new(), duplicate_of: None, with_handlings: false };
    closing::close(&stage.house, &case.id, &wish, &stage.chair()).await.unwrap().unwrap();
    let letters = stage.house.store.letters_of(&case.id).await.unwrap();
    let letter = letters.iter().find(|letter| letter.kind == LetterKind::MemberReply).unwrap();
    composing::stop(&stage.house, &letter.id, &stage.chair()).await.unwrap().unwrap();
    assert_eq!(stage.only_case().await.state, CaseState::Closed);
}

#[tokio::test]
async fn a_case_that_a_project_has_is_answered_but_not_closed_over_its_head() {
    let stage = Stage::open().await;
    seems(&stage, &report_about("Parsley"), Noise::ThirdParty).await;
    let case = stage.only_case().await;
    members::forward(&stage.house, &case.id, &parsley(), &stage.chair()).await.unwrap().unwrap();
    let answer = canned(&stage, CannedAnswer::ThirdParty, true).await;
    assert_eq!(send(&stage, &answer).await, Err(NotSent::StillWith("Parsley".to_owned())));
    let open = Composed { closes: None, ..answer };
    assert_eq!(send(&stage, &open).await, Ok(Sent::Now { letters: 1 }));
    assert_eq!(stage.only_case().await.state, CaseState::Routed);
}

/// The stage's pages as the chair sees them.
struct Desk {
    pages: axum::Router,
    cookie: String,
}

impl Desk {
    async fn of(stage: &Stage) -> Self {
        let pages = pages(stage);
        let link = sign_in_link(stage, CHAIR).await;
        let entered = ask(&pages, Method::POST, &format!("/login/{link}"), &[("host", HOST)], "").await;
        let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { pages, cookie }
    }

    async fn get(&self, path: &str) -> String {
        ask(&self.pages, Method::GET, path, &[("cookie", &self.cookie)], "").await.text()
    }

    /// Presses a button; gives where it leads.
    async fn press(&self, path: &str, form: &str) -> String {
        let answer = ask(&self.pages, Method::POST, path, &[("cookie", &self.cookie)], form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer.header("location").to_owned()
    }
}

/// The value of a hidden field, as a browser sends it back.
fn field(page: &str, name: &str) -> String {
    let start = page.find(&format!("name=\"{name}\" value=\"")).unwrap() + format!("name=\"{name}\" value=\"").len();
    let value = &page[start..start + page[start..].find('"').unwrap()];
    value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[tokio::test]
async fn in_the_lists_it_stands_below_every_report_with_its_reasons_and_is_corrected_by_one_press() {
    let stage = Stage::open().await;
    let noise = seems(&stage, &finding(), Noise::Scanner).await;
    stage.passes(SignedDuration::from_hours(1)).await;
    stage.mail_arrives(flaw("kay@reporter.example")).await;
    let desk = Desk::of(&stage).await;
    for list in ["/at-risk", "/triage"] {
        let page = desk.get(list).await;
        let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} in {page}"));
        assert!(at("SEC-2026-0002") < at("Looks like no report (1)"), "{list}");
        assert!(at("Looks like no report (1)") < page.rfind(noise.as_str()).unwrap(), "{list}");
    }
    let triage = desk.get("/triage").await;
    assert!(triage.contains("Looks like a scanner&#39;s finding") || triage.contains("Looks like a scanner's finding"));
    assert!(triage.contains("X-Frame-Options"), "{triage}");

    let back = desk.press(&format!("/cases/{noise}/kind"), "kind=report&back=triage").await;
    assert_eq!(back, "/triage");
    assert!(!desk.get("/triage").await.contains("Looks like no report ("));
    let page = desk.get(&format!("/cases/{noise}")).await;
    assert!(page.contains("Ada Chair says so") && page.contains("Take that back"), "{page}");
    let back = desk.press(&format!("/cases/{noise}/kind"), "kind=as-judged&back=//elsewhere.example").await;
    assert_eq!(back, format!("/cases/{noise}"));
    assert!(desk.get("/triage").await.contains("Looks like no report (1)"));
}

#[tokio::test]
async fn the_page_of_a_case_counts_as_opening_it_and_lists_do_not() {
    let stage = with_a_finding().await;
    let number = stage.only_case().await.number;
    let desk = Desk::of(&stage).await;
    for list in ["/at-risk", "/triage", "/cases"] {
        desk.get(list).await;
    }
    stage.everything_due_happens().await;
    assert_eq!(stage.only_case().await.seen_at, None);
    assert!(desk.get(&format!("/cases/{number}")).await.contains("while nobody has opened it"));
    stage.everything_due_happens().await;
    assert_eq!(stage.only_case().await.seen_at, Some(stage.now()));
}

#[tokio::test]
async fn what_the_preview_shows_is_what_leaves_with_one_press() {
    let stage = with_hold().await;
    let number = stage.only_case().await.number;
    let desk = Desk::of(&stage).await;
    let path = format!("/cases/{number}/answers/scanner");
    let page = desk.get(&path).await;
    assert!(page.contains("This is what leaves, in 1 mail:") && page.contains("It leaves after 60 seconds"), "{page}");
    assert!(page.contains("Close the case with it: not a security problem"), "{page}");
    let shown = page[page.find("<pre class=\"said\"").unwrap()..page.find("</pre>").unwrap()].to_owned();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("id", &field(&page, "id"))
        .append_pair("words", &field(&page, "words"))
        .append_pair("closes", "on")
        .finish();
    assert!(desk.press(&path, &form).await.starts_with(&format!("/cases/{number}#m-")));
    assert_eq!(stage.only_case().await.state, CaseState::Closed);
    stage.passes(HOLD).await;
    let left = stage.mail_to(REPORTER).remove(1).text();
    let seen = shown.replace("&quot;", "\"").replace("&amp;", "&");
    for line in left.lines().filter(|line| !line.contains("/s/") && !line.trim().is_empty()) {
        assert!(seen.contains(line.trim()), "{line} in {seen}");
    }

    let changed = desk.get(&format!("/cases/{number}/to-reporter?answer=legal")).await;
    assert!(changed.contains("Reopen it first."), "it is closed: {changed}");
}

#[tokio::test]
async fn a_canned_answer_can_be_changed_before_it_is_sent() {
    let stage = with_hold().await;
    let number = stage.only_case().await.number;
    let desk = Desk::of(&stage).await;
    let page = desk.get(&format!("/cases/{number}/to-reporter?answer=legal")).await;
    assert!(page.contains("a license, a trademark") && page.contains("name=\"answers\" checked"), "{page}");
    let path = format!("/cases/{number}/answers/none");
    let missing = ask(&desk.pages, Method::GET, &path, &[("cookie", &desk.cookie)], "").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
