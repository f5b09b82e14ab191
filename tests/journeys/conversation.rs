//! The three lanes and the doors between them: what crosses, what does not, and how it reads in a mail program.

use axum::Router;
use axum::http::{Method, StatusCode};
use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::{AutoForward, ProjectId};
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::party::{Lane, PartyRole};
use fingerpost::flows::members::{self, HeldDecision};
use fingerpost::flows::status::{self, StatusPage, StatusView};
use fingerpost::mail::write::transport::SentLetter;
use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::site::{ask, pages};
use crate::stage::{Mail, Stage, mail, reply_address, report_about, token_in};

pub const JANE: &str = "jane@reporter.example";
pub const TEAM: &str = "security@parsley.example";

/// A report of Jane's about Parsley that its contact has.
pub async fn forwarded() -> Stage {
    let stage = Stage::open().await;
    let mut report = report_about("Parsley");
    report.from = format!("Jane Quillfeather <{JANE}>");
    stage.mail_arrives(report).await;
    stage.passes(SignedDuration::from_mins(5)).await;
    stage
}

/// The address at which a contact writes to the reporter.
pub fn second_address(forward: &SentLetter) -> String {
    let text = forward.text();
    let start = text.find("security+r.").expect("every forward names it");
    text[start..].split_whitespace().next().unwrap().to_owned()
}

pub fn last(stage: &Stage, recipient: &str) -> SentLetter {
    stage.mail_to(recipient).pop().unwrap_or_else(|| panic!("no letter to {recipient}"))
}

pub fn from_jane(stage: &Stage, text: &str) -> Mail {
    let mut mail = mail(JANE, "Re: my report", text).to(&reply_address(&stage.mail_to(JANE)[0]));
    mail.message_id = format!("{}.{}@reporter.example", stage.now().as_microsecond(), text.len());
    mail
}

pub fn to_the_reporter(stage: &Stage, text: &str) -> Mail {
    let mut mail = mail("kai@parsley.example", "Re: our report", text).to(&second_address(&stage.mail_to(TEAM)[0]));
    mail.message_id = mail.message_id.replace("reporter.example", "parsley.example");
    mail
}

pub fn status_token(stage: &Stage) -> Token {
    Token::read(Purpose::StatusLink, &token_in(&stage.mail_to(JANE)[0], "/s/")).unwrap()
}

pub async fn status_of(stage: &Stage, token: &Token) -> StatusView {
    match status::status(&stage.house, token).await.unwrap() {
        StatusPage::Case(view) => *view,
        _ => panic!("not a live link of a case"),
    }
}

pub async fn runs(stage: &Stage, kind: ClockKind) -> bool {
    let case = stage.only_case().await;
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    clocks.iter().any(|row| row.clock.kind == kind && row.clock.stopped_at.is_none())
}

pub async fn post(pages: &Router, path: &str, form: &str) -> StatusCode {
    ask(pages, Method::POST, path, &[], form).await.status
}

#[tokio::test]
async fn what_the_reporter_adds_reaches_the_project_without_the_reporter() {
    let stage = forwarded().await;
    let text = "--b\r\nContent-Type: text/plain\r\n\r\nIt needs -O2.\r\nI am Jane Quillfeather.\r\n\r\nRegards,\r\nJane\r\n\r\n\
                On Fri, 20 Nov 2026, Story Foundation wrote:\r\n> We have your report.\r\n\r\n--b\r\n\
                Content-Type: application/zip; name=poc.zip\r\nContent-Disposition: attachment; filename=poc.zip\r\n\r\nPK\r\n--b--\r\n";
    let addition =
        from_jane(&stage, text).header("MIME-Version: 1.0").header("Content-Type: multipart/mixed; boundary=b");
    stage.mail_arrives(addition).await;

    let letter = last(&stage, TEAM);
    let words = letter.text();
    assert!(words.contains("It needs -O2.") && words.contains("poc.zip"), "{words}");
    for secret in ["Jane", "Quillfeather", JANE, "We have your report"] {
        assert!(!words.contains(secret), "{secret} in {words}");
    }
    let pages = pages(&stage);
    let start = words.find("/a/").unwrap();
    let link = words[start..].split_whitespace().next().unwrap();
    assert!(link.contains("/attachments/"), "{link}");
    let file = ask(&pages, Method::GET, link, &[], "").await;
    assert_eq!((file.status, file.text().trim()), (StatusCode::OK, "PK"));
}

#[tokio::test]
async fn an_addition_whose_reporter_cannot_be_cut_waits_for_a_member() {
    let stage = forwarded().await;
    let letters = stage.mail_to(TEAM).len();
    let signed = "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\nIt needs -O2.\r\n";
    stage.mail_arrives(from_jane(&stage, signed)).await;
    assert_eq!(stage.mail_to(TEAM).len(), letters);
    let case = stage.only_case().await;
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!((messages[0].lane, messages[0].held_at), (Some(Lane::Reporter), None), "it is the reporter's, proven");
    let because = messages[0].held_because.as_deref().unwrap();
    assert!(because.contains("PGP signature"), "{because}");
    assert!(case.waits_because.unwrap().contains("not passed on"));
}

#[tokio::test]
async fn a_project_that_joins_later_gets_what_was_added_before() {
    let stage = forwarded().await;
    stage.mail_arrives(from_jane(&stage, "It needs -O2.\r\n")).await;
    let case = stage.only_case().await;
    let rosemary = ProjectId::parse("rosemary").unwrap();
    members::forward(&stage.house, &case.id, &rosemary, &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    let letters = stage.mail_to("rosa@rosemary.example");
    assert_eq!(letters.len(), 2, "the forward and the addition");
    assert!(!letters[1].text().contains("-O2"), "Rosemary's contact gets links alone");
    let page = ask(&pages(&stage), Method::GET, &format!("/a/{}", token_in(&letters[0], "/a/")), &[], "").await.text();
    assert!(page.contains("It needs -O2."), "{page}");
}

#[tokio::test]
async fn a_contacts_words_go_to_the_reporter_and_nothing_else_of_its_mail() {
    let stage = forwarded().await;
    let address = second_address(&stage.mail_to(TEAM)[0]);
    let action = token_in(&stage.mail_to(TEAM)[0], "/a/");
    let text = format!(
        "We can reproduce it in Parsley 2.1.\r\nAsk lead@parsley.example or see\r\n\
         https://security.foundation.example/a/{action}\r\n\r\nKai Herb\r\n-- \r\nKai Herb\r\nParsley GmbH\r\n\r\n\
         On Fri, 20 Nov 2026, Story Foundation <{address}> wrote:\r\n> You are a security contact\r\n"
    );
    let mut answer = to_the_reporter(&stage, &text).header("X-Secret: internal.parsley.example");
    answer.from = "Kai Herb <kai@parsley.example>".to_owned();
    answer.sender = Some("kai@parsley.example".to_owned());
    stage.mail_arrives(answer).await;

    let letters = stage.mail_to(JANE);
    let subjects: Vec<String> = letters.iter().map(SentLetter::subject).collect();
    assert_eq!(letters.len(), 3, "receipt, confirmation, words: {subjects:?}");
    let words = letters.iter().map(SentLetter::text).find(|text| text.contains("We can reproduce it")).unwrap();
    assert!(words.contains("\u{2014} Parsley security contact"), "{words}");
    assert!(words.contains("[address withheld]") && words.contains("[private link withheld]"), "{words}");
    for secret in
        ["Kai", "Herb", "GmbH", "parsley.example", &action, &address, "You are a security contact", "internal"]
    {
        assert!(!words.contains(secret), "{secret} in {words}");
    }
    let case = stage.only_case().await;
    assert_eq!(stage.house.store.handlings_of(&case.id).await.unwrap()[0].state, HandlingState::Acknowledged);
    assert!(!runs(&stage, ClockKind::FirstReply).await);
    assert!(status_of(&stage, &status_token(&stage)).await.said.iter().any(|said| said.words.contains("reproduce")));
}

#[tokio::test]
async fn a_contacts_words_wait_in_their_hold_and_are_not_on_the_page_before_they_leave() {
    let stage = Stage::with(|directory| directory.routing.auto_forward = AutoForward::Strong).await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(SignedDuration::from_secs(61)).await;
    stage.mail_arrives(to_the_reporter(&stage, "We can reproduce it.\r\n")).await;
    let token = status_token(&stage);
    assert_eq!(stage.mail_to(JANE).len(), 2, "the confirmation goes at once");
    assert!(status_of(&stage, &token).await.said.is_empty());
    stage.passes(SignedDuration::from_secs(61)).await;
    assert_eq!(stage.mail_to(JANE).len(), 3);
    assert_eq!(status_of(&stage, &token).await.said.len(), 1);
}

#[tokio::test]
async fn an_unproven_mail_to_the_second_address_is_held_and_says_for_whom_it_was() {
    let stage = forwarded().await;
    stage.mail_arrives(to_the_reporter(&stage, "Trust me.\r\n").unproven()).await;
    assert_eq!(stage.mail_to(JANE).len(), 1);
    let held = stage.house.store.held(10).await.unwrap();
    assert!(held[0].0.held_because.as_deref().unwrap().contains("meant for the reporter"));
    assert!(last(&stage, TEAM).subject().contains("Was this mail yours?"));
}

#[tokio::test]
async fn the_box_behind_the_link_shows_a_preview_and_sends_once_however_often_it_is_pressed() {
    let stage = forwarded().await;
    let link = format!("/a/{}", token_in(&stage.mail_to(TEAM)[0], "/a/"));
    let pages = pages(&stage);
    let text = "text=Which+compiler%3F+Write+to+kai%40parsley.example";
    let preview = ask(&pages, Method::POST, &format!("{link}/preview"), &[], text).await.text();
    assert!(preview.contains("Which compiler? Write to [address withheld]"), "{preview}");
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(JANE).len(), 1, "a preview sends nothing");

    let hidden = |name: &str| {
        let start = preview.find(&format!("name=\"{name}\" value=\"")).unwrap() + name.len() + 15;
        preview[start..].split('"').next().unwrap().to_owned()
    };
    let form = format!("{text}&once={}&seal={}", hidden("once"), hidden("seal"));
    let path = format!("{link}/answer");
    let presses = join_all((0..12).map(|_| post(&pages, &path, &form))).await;
    assert!(presses.iter().all(|status| *status == StatusCode::SEE_OTHER), "{presses:?}");
    stage.everything_due_happens().await;
    let words = stage.mail_to(JANE).iter().filter(|letter| letter.text().contains("Which compiler?")).count();
    assert_eq!((words, stage.mail_to(JANE).len()), (1, 3), "receipt, confirmation, the words once");
    assert_eq!(post(&pages, &path, "text=+").await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_reporter_without_an_address_reads_and_writes_on_the_page() {
    let stage = Stage::open().await;
    let mut nameless = report_about("Parsley");
    nameless.from = "undisclosed".to_owned();
    stage.mail_arrives(nameless).await;
    let held = stage.house.store.held(10).await.unwrap();
    members::decide_held(&stage.house, &held[0].0.id, HeldDecision::OpenCase, &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    let case = stage.only_case().await;
    let parties = stage.house.store.parties_of(&case.id).await.unwrap();
    let reporter = parties.iter().find(|party| party.role == PartyRole::Reporter).unwrap();
    let token = stage.house.key.token(Purpose::StatusLink, reporter.id.as_str(), reporter.generation);

    stage.mail_arrives(to_the_reporter(&stage, "We can reproduce it.\r\n")).await;
    assert!(!runs(&stage, ClockKind::FirstReply).await, "the post on the page answers");
    let view = status_of(&stage, &token).await;
    assert_eq!(view.said.len(), 1);

    let (once, path) = (&view.once, format!("/s/{}", token.letters()));
    let form = format!("text=It+needs+-O2.&once={}&seal={}", once.id, once.seal);
    let pages = pages(&stage);
    for _ in 0..2 {
        assert_eq!(post(&pages, &format!("{path}/add"), &form).await, StatusCode::SEE_OTHER);
    }
    stage.everything_due_happens().await;
    assert!(last(&stage, TEAM).text().contains("It needs -O2."));
    assert_eq!(stage.mail_to(TEAM).len(), 2, "sent twice, it is added once");
    let renewed = ask(&pages, Method::POST, &format!("{path}/link"), &[], "").await;
    assert_eq!(ask(&pages, Method::GET, renewed.header("location"), &[], "").await.status, StatusCode::OK);
    assert_eq!(ask(&pages, Method::GET, &path, &[], "").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn the_letters_of_one_lane_are_one_thread_in_a_mail_program() {
    let stage = forwarded().await;
    for text in ["It needs -O2.\r\n", "And a full moon.\r\n"] {
        stage.mail_arrives(from_jane(&stage, text)).await;
        stage.passes(SignedDuration::from_mins(1)).await;
    }
    stage.mail_arrives(to_the_reporter(&stage, "We look.\r\n")).await;
    let original = format!("<{}>", report_about("Parsley").message_id);
    for (party, first) in [(JANE, Some(original)), (TEAM, None)] {
        let letters = stage.mail_to(party);
        assert!(letters.len() >= 3, "{party}");
        let mut thread: Vec<String> = first.clone().into_iter().collect();
        let mut unordered = Vec::new();
        for letter in &letters {
            assert_eq!(letter.subject(), letters[0].subject(), "{party}");
            assert_eq!(letter.header("Thread-Topic"), letters[0].header("Thread-Topic"));
            let references = letter.header("References");
            assert!(thread.iter().all(|id| references.contains(id.as_str())), "{party}: {references} lacks {thread:?}");
            unordered.push(letter.header("Message-ID").trim().to_owned());
            if letters.len() == unordered.len() || letter.header("Date") != letters[unordered.len()].header("Date") {
                thread.append(&mut unordered.clone());
            }
        }
        let others: Vec<String> = stage
            .relay
            .sent()
            .iter()
            .filter(|l| l.recipient.as_str() != party)
            .map(|l| l.header("Message-ID"))
            .collect();
        for letter in &letters {
            assert!(
                !others.iter().any(|id| letter.header("References").contains(id.trim())),
                "no letter of another lane"
            );
        }
    }
}

#[tokio::test]
async fn no_address_or_name_of_one_side_is_in_any_letter_to_the_other() {
    let stage = forwarded().await;
    let pages = pages(&stage);
    let action = format!("/a/{}", token_in(&stage.mail_to(TEAM)[0], "/a/"));
    for text in ["It needs -O2. Jane Quillfeather, jane@reporter.example\r\n", "See security@parsley.example?\r\n"] {
        stage.mail_arrives(from_jane(&stage, text)).await;
        stage.passes(SignedDuration::from_mins(1)).await;
    }
    stage.mail_arrives(to_the_reporter(&stage, "Mail kai@parsley.example or kim@parsley.example.\r\n")).await;
    let text = "text=I+am+Kim+Deputy%2C+kim%40parsley.example.%0AWhich+version%3F";
    post(&pages, &format!("{action}/answer"), text).await;
    post(&pages, &format!("{action}/answered"), "").await;
    post(&pages, &format!("{action}/others"), "projects=rosemary&words=kim%40parsley.example").await;
    let case = stage.only_case().await;
    let rosemary = ProjectId::parse("rosemary").unwrap();
    members::forward(&stage.house, &case.id, &rosemary, &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    post(&pages, &format!("/s/{}/withdraw", status_token(&stage).letters()), "").await;
    post(&pages, &format!("{action}/not-ours"), "words=Ask+kim").await;
    stage.everything_due_happens().await;

    let contacts = ["parsley.example", "rosemary.example", "Kai", "Kim", "Rosa"];
    let reporter = ["reporter.example", "Jane", "Quillfeather"];
    let letters = stage.relay.sent();
    assert!(letters.len() >= 10, "{} letters", letters.len());
    for letter in letters {
        let bytes = format!("{}\n{}", String::from_utf8_lossy(&letter.bytes), letter.text());
        let to = letter.recipient.as_str();
        let hidden: &[&str] = if to == JANE {
            &contacts
        } else if to.contains("foundation.example") {
            &[]
        } else {
            &reporter
        };
        for word in hidden {
            assert!(!bytes.contains(word), "{word} in a letter to {to}:\n{bytes}");
        }
        let parties = [JANE, TEAM, "rosa@rosemary.example"].map(|address| Mailbox::parse(address).unwrap());
        let named: Vec<_> = parties.iter().filter(|party| bytes.contains(party.as_str())).collect();
        assert!(named.iter().all(|party| **party == letter.recipient), "{named:?} in a letter to {to}");
    }
}
