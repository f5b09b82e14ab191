//! What is kept how long: originals half a year after the closing of their case, what people wrote two years.

use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::case::{CaseState, Closing};
use fingerpost::domain::id::MessageId;
use fingerpost::flows::closing::{self, Wish};
use fingerpost::flows::status::{self, StatusPage};
use fingerpost::store::{CaseRow, FiledAs};
use jiff::SignedDuration;

use crate::stage::{Stage, mail, reply_address, report_about, token_in};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Nothing else that the program writes has this word, and with so many digits the judge learns none of it: the single words
/// that it was taught stay until a member undoes them (docs/ROUTING.md).
const CANARY: &str = "zanzibar4711canary";

/// Days go by in steps that are no gap to a program that runs.
async fn days_go_by(stage: &Stage, days: i32) {
    for _ in 0..days / 2 {
        stage.passes(DAY * 2).await;
    }
    stage.passes(DAY * (days % 2)).await;
}

/// A case with a reply from the project, closed.
async fn closed_case(stage: &Stage) -> CaseRow {
    let mut report = report_about("Parsley");
    report.text += CANARY;
    stage.mail_arrives(report).await;
    stage.passes(SignedDuration::from_mins(2)).await;
    let forward = stage.mail_to("security@parsley.example").remove(0);
    let mut reply = mail("security@parsley.example", "Re: report", &format!("We have it. {CANARY}\r\n"));
    reply.to = vec![reply_address(&forward)];
    stage.mail_arrives(reply).await;
    stage.passes(SignedDuration::from_mins(2)).await;
    let id = MessageId::new(stage.now(), stage.house.chance());
    let words = format!("It is fixed. {CANARY}");
    let wish = Wish { id, reason: Closing::Resolved, words, duplicate_of: None, with_handlings: true };
    let case = stage.only_case().await;
    closing::close(&stage.house, &case.id, &wish, &stage.chair()).await.unwrap().unwrap();
    stage.passes(SignedDuration::from_mins(2)).await;
    stage.only_case().await
}

/// How often the canary stands in the database and the log beside it.
fn canaries(stage: &Stage) -> usize {
    let file = stage.database_file();
    let log = std::path::PathBuf::from(format!("{}-wal", file.display()));
    let bytes = [std::fs::read(file).unwrap(), std::fs::read(log).unwrap_or_default()].concat();
    bytes.windows(CANARY.len()).filter(|window| window == &CANARY.as_bytes()).count()
}

async fn page_of(stage: &Stage, letters: &str) -> StatusPage {
    let token = Token::read(Purpose::StatusLink, letters).unwrap();
    status::status(&stage.house, &token).await.unwrap()
}

async fn events(stage: &Stage, case: &CaseRow, kind: &str) -> usize {
    stage.house.store.events_of(&case.id).await.unwrap().iter().filter(|event| event.kind == kind).count()
}

#[tokio::test]
async fn originals_go_after_half_a_year_and_after_two_nothing_that_anybody_wrote_is_left_on_the_disk() {
    let stage = Stage::open().await;
    let case = closed_case(&stage).await;
    let store = &stage.house.store;
    let arrival = store.reports_of(&case.id).await.unwrap().remove(0).arrival;
    let status = token_in(&stage.mail_to("jane@reporter.example")[0], "/s/");

    days_go_by(&stage, 182).await;
    assert!(store.raw(&arrival).await.is_ok());
    days_go_by(&stage, 2).await;
    assert!(store.raw(&arrival).await.is_err());
    assert_eq!(events(&stage, &case, "originals-erased").await, 1);
    assert!(store.reports_of(&case.id).await.unwrap()[0].body.contains(CANARY), "what was read of it stays");
    assert!(canaries(&stage) > 0);

    days_go_by(&stage, 547).await;
    let left = stage.only_case().await;
    assert_eq!((left.number.as_str(), left.state), (case.number.as_str(), CaseState::Closed));
    assert!(left.erased_at.is_some());
    assert_eq!(events(&stage, &case, "erased").await, 1);
    assert_eq!(canaries(&stage), 0, "THREATS.md row 82");
    assert!(matches!(page_of(&stage, &status).await, StatusPage::Dead), "the private page is gone");

    assert!(!closing::reopen(&stage.house, &case.id, &stage.chair()).await.unwrap(), "nothing is left to open");
    let mut more = mail("jane@reporter.example", &format!("Re: [{}] more", case.number), "It is back.\r\n");
    more.message_id = "later@reporter.example".to_owned();
    stage.mail_arrives(more).await;
    assert_eq!(stage.filed(FiledAs::Held).await, 0, "its number hints at nothing any more");
    assert_eq!(stage.cases().await, 2, "so it opens a case of its own");
}

#[tokio::test]
async fn a_clock_that_jumped_or_a_long_time_down_erases_nothing_for_a_week() {
    let stage = Stage::open().await;
    let case = closed_case(&stage).await;
    days_go_by(&stage, 10).await;
    stage.clock.jump(DAY * 900);
    stage.everything_due_happens().await;
    days_go_by(&stage, 6).await;
    assert_eq!(events(&stage, &case, "originals-erased").await, 0, "the operator was told, and may mend the clock");
    stage.clock.jump(-(DAY * 900));
    days_go_by(&stage, 20).await;
    assert_eq!(events(&stage, &case, "originals-erased").await, 0);

    stage.passes(DAY * 300).await;
    assert_eq!(events(&stage, &case, "originals-erased").await, 0, "it was down, or the clock is wrong");
    days_go_by(&stage, 9).await;
    assert_eq!(events(&stage, &case, "originals-erased").await, 1);
}

#[tokio::test]
async fn a_case_that_is_opened_again_keeps_what_it_has() {
    let stage = Stage::open().await;
    let case = closed_case(&stage).await;
    days_go_by(&stage, 100).await;
    assert!(closing::reopen(&stage.house, &case.id, &stage.chair()).await.unwrap());
    days_go_by(&stage, 100).await;
    assert_eq!(events(&stage, &case, "originals-erased").await, 0);
    let report = stage.house.store.reports_of(&case.id).await.unwrap().remove(0);
    assert!(stage.house.store.raw(&report.arrival).await.is_ok());
}
