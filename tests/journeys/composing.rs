//! What a member writes: to the reporter, to a project, for the committee alone, and from one lane to the other.

use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::{ClockEnd, ClockKind};
use fingerpost::domain::directory::{AutoForward, ProjectId};
use fingerpost::domain::id::{CaseId, MessageId};
use fingerpost::domain::letter::LetterKind;
use fingerpost::domain::party::{Author, Lane};
use fingerpost::flows::composing::{self, Composed, Correspondents, NotSent, Sent, To, drafts};
use fingerpost::flows::relaying;
use fingerpost::store::{ClockRow, MessageRow};
use jiff::SignedDuration;

use crate::stage::{Stage, mail, reply_address, report_about};

const HOLD: SignedDuration = SignedDuration::from_secs(60);

/// Strong matches are forwarded by themselves, and words wait a minute.
async fn with_hold() -> Stage {
    Stage::with(|directory| directory.routing.auto_forward = AutoForward::Strong).await
}

pub fn parsley() -> ProjectId {
    ProjectId::parse("parsley").unwrap()
}

fn composed(stage: &Stage, to: To, words: &str) -> Composed {
    let id = MessageId::new(stage.now(), stage.house.chance());
    Composed { id, to, words: words.to_owned(), passed_on_from: None, answers: false, closes: None }
}

async fn send(stage: &Stage, composed: &Composed) -> Result<Sent, NotSent> {
    let case = stage.only_case().await;
    composing::send(&stage.house, &case.id, composed, &stage.chair()).await.unwrap()
}

async fn clock(stage: &Stage, kind: ClockKind) -> ClockRow {
    let case = stage.only_case().await;
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    clocks.into_iter().find(|row| row.clock.kind == kind).unwrap()
}

/// What every open case must have (DESIGN.md 2): a promise or follow-up that runs.
pub async fn something_runs(stage: &Stage, case: &CaseId) -> bool {
    stage.house.store.clocks_of(case).await.unwrap().iter().any(|row| row.clock.stopped_at.is_none())
}

async fn messages(stage: &Stage) -> Vec<MessageRow> {
    let case = stage.only_case().await;
    stage.house.store.messages_of(&case.id).await.unwrap()
}

#[tokio::test]
async fn a_members_words_reach_the_reporter_after_the_hold_and_the_relays_250_keeps_the_first_promise() {
    let stage = with_hold().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let words = composed(&stage, To::Reporter, "Thank you, we look into it.");
    assert_eq!(send(&stage, &words).await, Ok(Sent::Now { letters: 1 }));
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 1, "the receipt alone, within the hold");
    assert_eq!(clock(&stage, ClockKind::FirstReply).await.clock.stopped_at, None);

    stage.passes(HOLD).await;
    let letter = stage.mail_to("jane@reporter.example").remove(1);
    let text = letter.text();
    assert!(text.contains("Thank you, we look into it."), "{text}");
    assert!(text.contains("\u{2014} Ada Chair, chair, for the Story Foundation security committee"), "{text}");
    assert_eq!(letter.header("Auto-Submitted"), "", "a person wrote it");
    let first = clock(&stage, ClockKind::FirstReply).await.clock;
    assert_eq!((first.ended_as, first.stopped_by.is_some()), (Some(ClockEnd::Kept), true));
    let row = messages(&stage).await.remove(0);
    assert_eq!((row.lane, row.author), (Some(Lane::Reporter), Author::Member));
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_message_and_with_other_words_it_is_refused() {
    let stage = with_hold().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let words = composed(&stage, To::Reporter, "Thank you.");
    assert_eq!(send(&stage, &words).await, Ok(Sent::Now { letters: 1 }));
    assert_eq!(send(&stage, &words).await, Ok(Sent::Before));
    let others = Composed { words: "Something else.".to_owned(), ..words.clone() };
    assert_eq!(send(&stage, &others).await, Err(NotSent::SentBefore));
    stage.passes(HOLD).await;
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 2, "the receipt and one letter");
    assert_eq!(messages(&stage).await.len(), 1);
}

#[tokio::test]
async fn twelve_presses_at_once_send_one_letter() {
    let stage = &with_hold().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let words = composed(stage, To::Reporter, "Thank you.");
    let sent = futures_util::future::join_all((0..12).map(|_| send(stage, &words))).await;
    assert_eq!(sent.iter().filter(|sent| **sent == Ok(Sent::Now { letters: 1 })).count(), 1, "{sent:?}");
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    stage.passes(HOLD).await;
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 2);
}

#[tokio::test]
async fn stopped_words_reach_nobody_leave_the_lane_and_keep_no_promise() {
    let stage = with_hold().await;
    stage.mail_arrives(report_about("Parsley")).await;
    send(&stage, &composed(&stage, To::Reporter, "Oops.")).await.unwrap();
    let case = stage.only_case().await;
    let letters = stage.house.store.letters_of(&case.id).await.unwrap();
    let letter = letters.into_iter().find(|letter| letter.kind == LetterKind::MemberReply).unwrap();
    let (_, stopped) = composing::stop(&stage.house, &letter.id, &stage.chair()).await.unwrap().unwrap();
    assert_eq!((stopped.letters, stopped.already_gone), (1, 0));
    stage.passes(HOLD).await;
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 1, "the receipt alone");
    assert_eq!(clock(&stage, ClockKind::FirstReply).await.clock.stopped_at, None);
    assert_eq!(messages(&stage).await[0].lane, Some(Lane::Internal), "the reporter's page shows it no more");
    let (_, again) = composing::stop(&stage.house, &letter.id, &stage.chair()).await.unwrap().unwrap();
    assert_eq!((again.letters, again.already_gone), (0, 0));
}

#[tokio::test]
async fn a_reporter_without_an_address_is_answered_by_the_post_on_the_page() {
    let stage = with_hold().await;
    let mut report = report_about("Parsley");
    report.from = "jane@reporter.example, kay@reporter.example".to_owned();
    stage.mail_arrives(report).await;
    let held = stage.house.store.held(10).await.unwrap().remove(0).0;
    let open = fingerpost::flows::members::HeldDecision::OpenCase;
    fingerpost::flows::members::decide_held(&stage.house, &held.id, open, &stage.chair()).await.unwrap().unwrap();
    assert_eq!(send(&stage, &composed(&stage, To::Reporter, "Thank you.")).await, Ok(Sent::Now { letters: 0 }));
    let first = clock(&stage, ClockKind::FirstReply).await.clock;
    assert_eq!((first.ended_as, first.stopped_by), (Some(ClockEnd::Kept), None));
}

#[tokio::test]
async fn words_to_a_project_go_to_each_contact_in_a_mail_of_its_own() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let refused = fingerpost::domain::delivery::Delivery::Refused {
        status: "5.1.1".to_owned(),
        answer: "550 no such user".to_owned(),
    };
    // A second contact joins when the first one bounces; both are parties then.
    stage.relay.answer_all(None, refused);
    send(&stage, &composed(&stage, To::Project(parsley()), "One.")).await.unwrap();
    let case = stage.only_case().await;
    let letters = stage.house.store.letters_of(&case.id).await.unwrap();
    let to_project: Vec<_> = letters.iter().filter(|letter| letter.kind == LetterKind::ToProject).collect();
    assert_eq!(to_project.len(), 1);
    assert_eq!(to_project[0].recipient.as_str(), "security@parsley.example");
    let row = messages(&stage).await.remove(0);
    assert_eq!((row.lane, row.handling.is_some()), (Some(Lane::Project), true));
    let forward = letters.iter().find(|letter| letter.kind == LetterKind::Forward).unwrap();
    assert_eq!(to_project[0].subject, forward.subject, "one thread");
}

#[tokio::test]
async fn a_contact_that_gets_links_alone_gets_no_words_either() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    let rosemary = ProjectId::parse("rosemary").unwrap();
    send(&stage, &composed(&stage, To::Project(rosemary), "The secret word is knell.")).await.unwrap();
    stage.everything_due_happens().await;
    let letters = stage.mail_to("rosa@rosemary.example");
    assert_eq!(letters.len(), 2);
    assert!(!letters[1].text().contains("knell"), "{}", letters[1].text());
}

#[tokio::test]
async fn a_note_is_never_sent_and_stands_on_a_closed_case_too() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let before = stage.relay.sent().len();
    assert_eq!(send(&stage, &composed(&stage, To::Committee, "Ask Kim.")).await, Ok(Sent::Now { letters: 0 }));
    stage.everything_due_happens().await;
    assert_eq!(stage.relay.sent().len(), before);
    assert_eq!(messages(&stage).await[0].lane, Some(Lane::Internal));
    assert_eq!(clock(&stage, ClockKind::FirstReply).await.clock.stopped_at, None, "a note is no answer");
}

#[tokio::test]
async fn what_cannot_be_sent_says_why_and_changes_nothing() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let savory = ProjectId::parse("savory").unwrap();
    for (to, words, refusal) in [
        (To::Reporter, " \n ", NotSent::NothingWritten),
        (To::Reporter, "x".repeat(100_001).as_str(), NotSent::TooLong),
        (To::Project(savory), "Hello.", NotSent::NotThere("Savory".to_owned())),
    ] {
        assert_eq!(send(&stage, &composed(&stage, to, words)).await, Err(refusal));
    }
    let mut foreign = composed(&stage, To::Reporter, "Hello.");
    foreign.passed_on_from = Some(MessageId::from_row("another case's"));
    assert_eq!(send(&stage, &foreign).await, Err(NotSent::NotOfThisCase));
    assert!(messages(&stage).await.is_empty());
}

#[tokio::test]
async fn an_answer_of_the_committees_own_ends_triage_and_the_case_stays_followed() {
    let stage = with_hold().await;
    stage.mail_arrives(mail("jane@reporter.example", "A question", "How do I report a flaw?\r\n")).await;
    let answer = Composed { answers: true, ..composed(&stage, To::Reporter, "Just like this.") };
    send(&stage, &answer).await.unwrap();
    let case = stage.only_case().await;
    assert_eq!(case.state, CaseState::Answered);
    assert!(something_runs(&stage, &case.id).await, "the first promise, until the mail has left");
    stage.passes(HOLD).await;
    assert_eq!(clock(&stage, ClockKind::Triage).await.clock.ended_as, Some(ClockEnd::Kept));
    assert!(something_runs(&stage, &case.id).await, "the progress follow-up");

    // A second answer, after the first promise was kept; then it is stopped.
    let again = Composed { answers: true, ..composed(&stage, To::Reporter, "And more.") };
    send(&stage, &again).await.unwrap();
    let letters = stage.house.store.letters_of(&case.id).await.unwrap();
    let last = letters.iter().rfind(|letter| letter.kind == LetterKind::MemberReply).unwrap();
    composing::stop(&stage.house, &last.id, &stage.chair()).await.unwrap().unwrap();
    let case = stage.only_case().await;
    assert_eq!(case.state, CaseState::Triage, "a member looks again");
    assert!(something_runs(&stage, &case.id).await);
}

#[tokio::test]
async fn what_a_member_passes_on_comes_without_the_other_sides_names_and_can_be_edited() {
    let stage = Stage::open().await;
    let mut report = report_about("Parsley");
    report.from = "Jane Quillfeather <jane@reporter.example>".to_owned();
    report.sender = Some("jane@reporter.example".to_owned());
    stage.mail_arrives(report).await;
    let address = reply_address(&stage.only_mail_to("security@parsley.example"));
    let text = "Which compiler?\r\nAsk kai@parsley.example too.\r\n-- \r\nKai\r\n";
    stage.mail_arrives(mail("security@parsley.example", "Re:", text).to(&address)).await;
    let asked = messages(&stage).await.remove(0);
    let case = stage.only_case().await;
    let with = Correspondents::at(&stage.house, case.number.as_str()).await.unwrap().unwrap();
    let step = stage.house.step();
    let prefilled = relaying::text(&step, &with, &asked, &To::Reporter).unwrap();
    assert_eq!(prefilled, "Parsley writes:\n\nWhich compiler?\nAsk [address withheld] too.");

    let relay = Composed { passed_on_from: Some(asked.id.clone()), ..composed(&stage, To::Reporter, &prefilled) };
    send(&stage, &relay).await.unwrap();
    stage.everything_due_happens().await;
    let letters = stage.mail_to("jane@reporter.example");
    let letter = letters.last().unwrap().text();
    assert!(letter.contains("Which compiler?") && !letter.contains("kai@"), "{letter}");
    let passed = messages(&stage).await.into_iter().find(|row| row.passed_on_from.is_some()).unwrap();
    assert_eq!((passed.passed_on_from, passed.lane), (Some(asked.id), Some(Lane::Reporter)));

    // The other way, lines that name the reporter are pointed at before they leave.
    let to = To::Project(parsley());
    let words = "gcc 14.\nRegards, Jane Quillfeather";
    assert_eq!(relaying::telling_lines(&with, &to, words), ["Regards, Jane Quillfeather"]);
    assert_eq!(relaying::without_telling_lines(&with, &to, words), "gcc 14.\n[line withheld]");
}

#[tokio::test]
async fn a_preview_shows_the_letter_as_it_will_be_read_but_no_key_of_its_reader() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    let with = Correspondents::at(&stage.house, case.number.as_str()).await.unwrap().unwrap();
    let step = stage.house.step();
    let token = regex::Regex::new("[a-z2-7]{26}").unwrap();
    for to in [To::Reporter, To::Project(parsley())] {
        let drafts = drafts(&stage.house, &step, &with, &to, "Hello.", &stage.chair()).unwrap();
        let shown = relaying::shown(&stage.house, &step, &drafts[0]);
        assert!(shown.contains("Hello.") && shown.contains("Ada Chair") && shown.contains('\u{2026}'), "{shown}");
        assert!(!token.is_match(&shown), "{shown}");
    }
}
