//! The program stops between every two steps of journey 1, and the report is forwarded, once more at worst.

use fingerpost::store::FiledAs;

use crate::stage::{Stage, report_about};

#[tokio::test]
async fn stopped_after_it_was_kept_the_report_is_forwarded_once() {
    let mut stage = Stage::open().await;
    stage.keep(&report_about("Parsley")).await;
    stage.restart().await;
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
}

#[tokio::test]
async fn stopped_while_it_was_worked_on_it_is_taken_up_again() {
    let mut stage = Stage::open().await;
    stage.keep(&report_about("Parsley")).await;
    assert_eq!(stage.house.store.claim_arrivals(10).await.unwrap().len(), 1);
    stage.restart().await;
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
}

#[tokio::test]
async fn a_mail_over_which_the_program_died_twice_is_set_aside_and_its_neighbors_are_forwarded() {
    let mut stage = Stage::open().await;
    stage.keep(&report_about("Parsley")).await;
    for _ in 0..2 {
        assert_eq!(stage.house.store.claim_arrivals(10).await.unwrap().len(), 1);
        stage.restart().await;
    }
    stage.keep(&report_about("Rosemary")).await;
    stage.everything_due_happens().await;
    assert_eq!(stage.filed(FiledAs::SetAside).await, 1);
    assert_eq!(stage.mail_to("rosa@rosemary.example").len(), 1);
    assert!(stage.mail_to("security@parsley.example").is_empty());
    let waiting = stage.house.store.triage_cases(10).await.unwrap();
    assert!(waiting[0].case.waits_because.as_ref().unwrap().contains("stopped twice"), "a person sees it");
}

#[tokio::test]
async fn stopped_between_the_relays_answer_and_our_commit_the_copy_has_the_same_message_id() {
    let mut stage = Stage::open().await;
    stage.keep(&report_about("Parsley")).await;
    while fingerpost::flows::intake::work_off(&stage.house).await.unwrap() > 0 {}
    let claimed = stage.house.store.claim_letters(stage.now(), 10).await.unwrap();
    assert_eq!(claimed.len(), 2);
    stage.restart().await;
    stage.everything_due_happens().await;
    let forward = stage.only_mail_to("security@parsley.example");
    let first = claimed.iter().find(|letter| letter.recipient == forward.recipient).unwrap();
    assert_eq!(first.bytes, forward.bytes, "the very same bytes");
}

#[tokio::test]
async fn stopped_before_the_letters_left_they_leave_once() {
    let mut stage = Stage::open().await;
    stage.keep(&report_about("Parsley")).await;
    while fingerpost::flows::intake::work_off(&stage.house).await.unwrap() > 0 {}
    stage.restart().await;
    stage.everything_due_happens().await;
    stage.restart().await;
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 1);
}

#[tokio::test]
async fn a_message_whose_bytes_are_gone_is_set_aside_and_stops_no_other() {
    let stage = Stage::open().await;
    let damaged = stage.keep(&report_about("Parsley")).await;
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(stage.database_file());
    let pool = sqlx::SqlitePool::connect_with(file).await.unwrap();
    sqlx::query("DELETE FROM blobs WHERE arrival_id = $1").bind(damaged.as_str()).execute(&pool).await.unwrap();
    pool.close().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    assert_eq!(stage.filed(FiledAs::SetAside).await, 1);
    assert_eq!(stage.mail_to("rosa@rosemary.example").len(), 1);
}

#[tokio::test]
async fn what_the_relay_took_while_the_store_was_away_is_told_later_and_not_sent_again() {
    let stage = Stage::open().await;
    stage.keep(&report_about("Parsley")).await;
    while fingerpost::flows::intake::work_off(&stage.house).await.unwrap() > 0 {}
    let hidden = stage.database_file().with_extension("hidden");
    let (file, away) = (stage.database_file(), hidden.clone());
    stage.relay.after_next(move || std::fs::rename(&file, &away).unwrap());
    assert!(stage.post_office_works().await.is_err(), "the store cannot be told");
    std::fs::rename(&hidden, stage.database_file()).unwrap();
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1, "not sent again");
    assert_eq!(stage.house.store.outbox_counts(None).await.unwrap().waiting, 0, "and settled");
}
