//! Closing a case with a reason, and opening it again.

use fingerpost::domain::case::{CaseState, Closing};
use fingerpost::domain::clock::{ClockEnd, ClockKind};
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::id::MessageId;
use fingerpost::domain::letter::LetterKind;
use fingerpost::flows::closing::{self, NotClosed, Wish};
use fingerpost::flows::composing;
use fingerpost::store::{CaseRow, ClockRow, chain_is_whole};
use jiff::SignedDuration;

use crate::composing::something_runs;
use crate::stage::{Stage, mail, reply_address, report_about, token_in};

const HOLD: SignedDuration = SignedDuration::from_secs(60);

async fn in_triage() -> Stage {
    let stage = Stage::with(|directory| directory.routing.auto_forward = AutoForward::Off).await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage
}

fn wish(stage: &Stage, reason: Closing, words: &str) -> Wish {
    let id = MessageId::new(stage.now(), stage.house.chance());
    Wish { id, reason, words: words.to_owned(), duplicate_of: None, with_handlings: false }
}

async fn close(stage: &Stage, wish: &Wish) -> Result<(), NotClosed> {
    let case = stage.only_case().await;
    closing::close(&stage.house, &case.id, wish, &stage.chair()).await.unwrap()
}

async fn clocks(stage: &Stage, case: &CaseRow) -> Vec<ClockRow> {
    stage.house.store.clocks_of(&case.id).await.unwrap()
}

#[tokio::test]
async fn spam_and_what_is_no_security_problem_end_the_first_promise_without_a_reply_and_name_the_member() {
    for reason in [Closing::Spam, Closing::NotSecurity] {
        let stage = in_triage().await;
        close(&stage, &wish(&stage, reason, "")).await.unwrap();
        let case = stage.only_case().await;
        assert_eq!((case.state, case.closed_as), (CaseState::Closed, Some(reason)));
        assert!(case.closed_by.unwrap().starts_with("member:"));
        assert!(!something_runs(&stage, &case.id).await);
        stage.passes(SignedDuration::from_hours(1)).await;
        assert_eq!(stage.mail_to("jane@reporter.example").len(), 1, "the receipt alone");
        let events = stage.house.store.events_of(&case.id).await.unwrap();
        let closed = events.iter().find(|event| event.kind == "closed").unwrap();
        assert!(closed.actor.starts_with("member:") && closed.detail == reason.word(), "{closed:?}");
        assert!(chain_is_whole(&events));
    }
}

#[tokio::test]
async fn any_other_reason_needs_words_while_nobody_has_answered_and_their_sending_keeps_the_promise() {
    let stage = in_triage().await;
    assert_eq!(close(&stage, &wish(&stage, Closing::NotOurs, " ")).await, Err(NotClosed::ReporterWaits));
    close(&stage, &wish(&stage, Closing::NotOurs, "Tell the people of Dill, please.")).await.unwrap();
    let case = stage.only_case().await;
    assert!(something_runs(&stage, &case.id).await, "the promise runs until the mail has left");
    let listed = stage.house.store.open_cases(10).await.unwrap();
    assert_eq!(listed.len(), 1, "and the desk sees it as long");
    stage.passes(HOLD).await;
    let text = stage.mail_to("jane@reporter.example").remove(1).text();
    assert!(text.contains("Closed: not about a project of ours."), "{text}");
    assert!(text.contains("Ada Chair, chair, for the Story Foundation security committee"), "{text}");
    let first = clocks(&stage, &case).await.into_iter().find(|row| row.clock.kind == ClockKind::FirstReply).unwrap();
    assert_eq!(first.clock.ended_as, Some(ClockEnd::Kept));
    assert!(!something_runs(&stage, &case.id).await);
    assert!(stage.house.store.open_cases(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_closing_that_is_stopped_in_its_hold_leaves_the_case_open() {
    let stage = in_triage().await;
    close(&stage, &wish(&stage, Closing::Invalid, "We could not see it.")).await.unwrap();
    let case = stage.only_case().await;
    let letters = stage.house.store.letters_of(&case.id).await.unwrap();
    let letter = letters.iter().find(|letter| letter.kind == LetterKind::Closing).unwrap();
    composing::stop(&stage.house, &letter.id, &stage.chair()).await.unwrap().unwrap();
    stage.passes(HOLD).await;
    let case = stage.only_case().await;
    assert_eq!((case.state, case.closed_as), (CaseState::Triage, None));
    assert!(something_runs(&stage, &case.id).await);
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 1);
}

#[tokio::test]
async fn a_case_does_not_close_over_a_projects_head() {
    let stage = &Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let address = reply_address(&stage.only_mail_to("security@parsley.example"));
    stage.mail_arrives(mail("security@parsley.example", "Re:", "Yes.\r\n").to(&address)).await;
    let refusal = close(stage, &wish(stage, Closing::Resolved, "Fixed in 2.2.")).await.unwrap_err();
    assert_eq!(refusal, NotClosed::StillOpen("Parsley".to_owned()));
    let with_parts = Wish { with_handlings: true, ..wish(stage, Closing::Resolved, "Fixed in 2.2.") };
    close(stage, &with_parts).await.unwrap();
    assert_eq!(close(stage, &with_parts).await, Err(NotClosed::AlreadyClosed), "once");
    let case = stage.only_case().await;
    let handling = stage.house.store.handlings_of(&case.id).await.unwrap().remove(0);
    assert_eq!(handling.state, HandlingState::Closed);
    stage.everything_due_happens().await;
    assert!(!something_runs(stage, &case.id).await);

    closing::reopen(&stage.house, &case.id, &stage.chair()).await.unwrap();
    let case = stage.only_case().await;
    let handling = stage.house.store.handlings_of(&case.id).await.unwrap().remove(0);
    assert_eq!((case.state, handling.state), (CaseState::Routed, HandlingState::Acknowledged));
    assert!(something_runs(stage, &case.id).await);
}

#[tokio::test]
async fn the_contacts_link_ends_thirty_days_after_its_handling_is_closed() {
    use fingerpost::domain::address::{Purpose, Token};
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let token = token_in(&stage.only_mail_to("security@parsley.example"), "/a/");
    let token = Token::read(Purpose::ActionLink, &token).unwrap();
    close(&stage, &Wish { with_handlings: true, ..wish(&stage, Closing::Invalid, "No.") }).await.unwrap();
    let link = stage.house.store.link(&token.fingerprint()).await.unwrap().unwrap();
    assert_eq!(link.expires_at, Some(stage.now() + closing::LINK_LIFE_AFTER));
    let case = stage.only_case().await;
    closing::reopen(&stage.house, &case.id, &stage.chair()).await.unwrap();
    assert_eq!(stage.house.store.link(&token.fingerprint()).await.unwrap().unwrap().expires_at, None);
}

#[tokio::test]
async fn a_case_that_was_wrongly_called_spam_counts_from_its_arrival_again() {
    let stage = in_triage().await;
    let arrived = stage.only_case().await.arrived_at;
    close(&stage, &wish(&stage, Closing::Spam, "")).await.unwrap();
    stage.passes(SignedDuration::from_hours(48)).await;
    let case = stage.only_case().await;
    assert!(closing::reopen(&stage.house, &case.id, &stage.chair()).await.unwrap());
    assert!(!closing::reopen(&stage.house, &case.id, &stage.chair()).await.unwrap(), "it is open");
    let case = stage.only_case().await;
    assert_eq!((case.state, case.closed_at), (CaseState::Triage, None));
    let first = clocks(&stage, &case).await.into_iter().find(|row| row.clock.kind == ClockKind::FirstReply).unwrap();
    assert_eq!((first.clock.stopped_at, first.clock.started_at), (None, arrived));
}

#[tokio::test]
async fn a_duplicate_names_the_first_case_and_the_reporters_never_hear_of_each_other() {
    let stage = in_triage().await;
    let first = stage.only_case().await;
    let mut again = report_about("Parsley");
    again.from = "kay@reporter.example".to_owned();
    again.sender = Some(again.from.clone());
    again.message_id = "again@reporter.example".to_owned();
    stage.mail_arrives(again).await;
    let cases = stage.house.store.all_cases(10).await.unwrap();
    let second = cases.into_iter().map(|line| line.case).find(|case| case.id != first.id).unwrap();
    let close = async |case: &CaseRow, of: &str| {
        let wish = Wish { duplicate_of: Some(of.to_owned()), ..wish(&stage, Closing::Duplicate, "We know of it.") };
        closing::close(&stage.house, &case.id, &wish, &stage.chair()).await.unwrap()
    };
    assert_eq!(close(&second, " ").await, Err(NotClosed::DuplicateOfWhat));
    assert_eq!(close(&second, "SEC-2026-0099").await, Err(NotClosed::NoSuchCase("SEC-2026-0099".to_owned())));
    assert_eq!(close(&second, second.number.as_str()).await, Err(NotClosed::DuplicateOfItself));
    close(&second, &first.number.as_str().to_lowercase()).await.unwrap();
    assert_eq!(
        close(&first, second.number.as_str()).await,
        Err(NotClosed::DuplicateOfADuplicate(second.number.clone()))
    );
    assert_eq!(stage.house.store.duplicate_of(&second.id).await.unwrap(), Some(first.number.clone()));
    stage.passes(HOLD).await;
    let letter = stage.mail_to("kay@reporter.example").remove(1);
    assert!(!letter.text().contains(first.number.as_str()) && letter.text().contains("Closed: reported before."));
}
