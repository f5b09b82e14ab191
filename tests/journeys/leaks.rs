//! The guard before a member's words leave: what is also in a note, in held mail or in another party's words.

use axum::http::{Method, StatusCode};
use fingerpost::domain::case::Closing;
use fingerpost::domain::directory::ProjectId;
use fingerpost::domain::id::MessageId;
use fingerpost::domain::party::Lane;
use fingerpost::flows::closing::{self, NotClosed, Wish};
use fingerpost::flows::composing::{self, Composed, NotSent, Sent, To};

use crate::site::{ask, pages, sign_in_cookie};
use crate::stage::{REPORT_TEXT, Stage, mail, reply_address, report_about};

const NOTE: &str = "Their build server was broken into in May and nobody outside knows of it yet.";

fn words(stage: &Stage, to: To, words: &str) -> Composed {
    let id = MessageId::new(stage.now(), stage.house.chance());
    Composed { id, to, words: words.to_owned(), passed_on_from: None, answers: false, closes: None }
}

async fn send(stage: &Stage, composed: &Composed, because: &str) -> Result<Sent, NotSent> {
    let case = stage.only_case().await;
    composing::send_although(&stage.house, &case.id, composed, because, &stage.chair()).await.unwrap()
}

/// A case with a project and a note about it.
async fn with_a_note() -> Stage {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    send(&stage, &words(&stage, To::Committee, NOTE), "").await.unwrap();
    stage
}

fn parsley() -> To {
    To::Project(ProjectId::parse("parsley").unwrap())
}

#[tokio::test]
async fn a_line_of_a_note_reaches_nobody_before_a_member_has_given_a_reason_which_stays_with_the_case() {
    let stage = with_a_note().await;
    let slip = format!("Thank you.\n\n> {NOTE}\n\nWe write again.");
    for to in [To::Reporter, parsley()] {
        let composed = words(&stage, to, &slip);
        let Err(NotSent::AlsoElsewhere(leaks)) = send(&stage, &composed, "  ").await else { panic!("it was sent") };
        assert_eq!(leaks[0].to_string(), "1 line here is also in an internal note.");
        assert_eq!(leaks[0].lines, [format!("> {NOTE}")]);
    }
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 1, "the receipt alone");

    let composed = words(&stage, To::Reporter, &slip);
    assert_eq!(send(&stage, &composed, "They told the reporter themselves.").await, Ok(Sent::Now { letters: 1 }));
    assert_eq!(send(&stage, &composed, "").await, Ok(Sent::Before), "sent twice, it is one");
    let case = stage.only_case().await;
    let notes = stage.house.store.messages_of(&case.id).await.unwrap();
    let kept = notes.iter().find(|note| note.body.starts_with("Sent anyway")).unwrap();
    assert_eq!(kept.lane, Some(Lane::Internal));
    assert!(kept.body.contains("They told the reporter themselves."), "{}", kept.body);
}

#[tokio::test]
async fn what_its_readers_know_already_is_no_leak_and_a_relay_by_choice_is_none() {
    let stage = with_a_note().await;
    let note = words(&stage, To::Committee, &format!("They wrote: {REPORT_TEXT}"));
    send(&stage, &note, "").await.unwrap();
    let about = REPORT_TEXT.to_owned();
    assert!(send(&stage, &words(&stage, To::Reporter, &about), "").await.is_ok(), "their own words");
    assert!(send(&stage, &words(&stage, parsley(), &about), "").await.is_ok(), "what was forwarded");

    let question = "Which of the three builds did you look at, and on which machine?";
    let contact = reply_address(&stage.only_mail_to("security@parsley.example"));
    stage.mail_arrives(mail("security@parsley.example", "Re: report", &format!("{question}\r\n")).to(&contact)).await;
    let typed_again = words(&stage, To::Reporter, question);
    let Err(NotSent::AlsoElsewhere(leaks)) = send(&stage, &typed_again, "").await else { panic!("it was sent") };
    assert_eq!(leaks[0].to_string(), "1 line here is also in what Parsley wrote.");
    let case = stage.only_case().await;
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    let asked = messages.iter().find(|row| row.body.contains(question)).unwrap();
    let passed_on = Composed { passed_on_from: Some(asked.id.clone()), ..typed_again };
    assert!(send(&stage, &passed_on, "").await.is_ok());
}

#[tokio::test]
async fn words_that_were_stopped_and_written_again_are_no_leak() {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = fingerpost::domain::directory::AutoForward::Strong;
    })
    .await;
    stage.mail_arrives(report_about("Parsley")).await;
    let text = "We look into it and write to you again before the end of next week.";
    send(&stage, &words(&stage, To::Reporter, text), "").await.unwrap();
    let case = stage.only_case().await;
    let letters = stage.house.store.letters_of(&case.id).await.unwrap();
    let reply = letters.iter().find(|letter| letter.said_in.is_some()).unwrap();
    composing::stop(&stage.house, &reply.id, &stage.chair()).await.unwrap().unwrap();
    assert!(send(&stage, &words(&stage, To::Reporter, text), "").await.is_ok());
}

#[tokio::test]
async fn words_that_close_a_case_are_guarded_as_well() {
    let stage = with_a_note().await;
    let case = stage.only_case().await;
    let wish = Wish {
        id: MessageId::new(stage.now(), stage.house.chance()),
        reason: Closing::Resolved,
        words: NOTE.to_owned(),
        duplicate_of: None,
        with_handlings: true,
    };
    let chair = stage.chair();
    let close = async |because| closing::close_although(&stage.house, &case.id, &wish, because, &chair).await.unwrap();
    assert!(matches!(close("").await, Err(NotClosed::AlsoElsewhere(_))));
    assert!(stage.only_case().await.closed_at.is_none());
    assert_eq!(close("It is public since today.").await, Ok(()));
}

#[tokio::test]
async fn the_page_shows_the_lines_asks_for_a_reason_and_goes_back_without_losing_a_word() {
    let stage = with_a_note().await;
    let (pages, cookie) = (pages(&stage), sign_in_cookie(&stage).await);
    let page = format!("/cases/{}/to-reporter", stage.only_case().await.number);
    let typed = "words=Thank+you.%0A%0ATheir+build+server+was+broken+into+in+May+and+nobody+outside+knows+of+it+yet.";
    let id = "id=019360f0-0000-7000-8000-000000000001";
    let press = async |act: &str| {
        let form = format!("{id}&{typed}&{act}");
        ask(&pages, Method::POST, &page, &[("cookie", &cookie)], &form).await
    };
    let preview = press("act=preview").await.text();
    for words in ["1 line here is also in an internal note.", "Go back", "Send anyway", "Reason"] {
        assert!(preview.contains(words), "{words} in {preview}");
    }
    assert!(!preview.contains("(reporter)</button>"), "{preview}");
    let again = press("act=send").await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.text().contains("<title>Error: ") && again.text().contains("Say why it may leave"));
    let back = press("act=edit").await.text();
    assert!(back.contains("<textarea") && back.contains("nobody outside knows"), "{back}");
    assert_eq!(press("act=send&because=They+know.").await.status, StatusCode::SEE_OTHER);
}
