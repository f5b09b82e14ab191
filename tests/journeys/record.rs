//! The record of all cases: sealed, told to the committee, and compared with the tables; and who looked at what.

use fingerpost::domain::audit::Fault;
use fingerpost::domain::viewing::BULK;
use fingerpost::flows::audit;
use fingerpost::flows::viewings::{self, Due};
use jiff::SignedDuration;
use sqlx::AssertSqlSafe;

use crate::site::site;
use crate::stage::{Stage, report_about};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Past the program, as whoever can write to the file does it.
async fn somebody_says(stage: &Stage, sql: &str) {
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(stage.database_file()).foreign_keys(false);
    let pool = sqlx::SqlitePool::connect_with(file).await.unwrap();
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn the_record_is_sealed_every_ten_minutes_and_not_on_a_quiet_night() {
    let stage = Stage::open().await;
    let store = &stage.house.store;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(MINUTE * 10).await;
    let first = store.last_seal().await.unwrap().unwrap();
    assert_eq!(audit::verify(store, None).await.unwrap().unsealed, 0);

    stage.passes(MINUTE * 20).await;
    assert_eq!(store.last_seal().await.unwrap(), Some(first.clone()), "nothing was added");
    stage.mail_arrives(report_about("Rosemary")).await;
    assert!(audit::verify(store, None).await.unwrap().unsealed > 0, "nobody has sealed the new case yet");
    stage.passes(MINUTE * 10).await;
    let second = store.last_seal().await.unwrap().unwrap();
    assert_eq!((second.number, &second.previous), (first.number + 1, &first.hash));
}

#[tokio::test]
async fn the_morning_digest_carries_the_head_of_the_record_and_a_new_chain_does_not_hold_it() {
    let stage = Stage::open().await;
    stage.passes(SignedDuration::from_hours(24)).await; // a new house waits for its first morning
    stage.mail_arrives(report_about("something that nobody knows")).await;
    stage.passes(SignedDuration::from_hours(24)).await;
    let digest = stage.digests_to("ada@foundation.example").pop().unwrap().text();
    let kept = digest.split("Record:").nth(1).expect("the head of the record").trim().to_owned();
    let store = &stage.house.store;
    assert_eq!(audit::verify(store, Some(&kept)).await.unwrap().findings, []);

    for sql in [
        "INSERT INTO unsealed (case_id, sequence, hash) SELECT case_id, sequence, hash FROM events e
         WHERE sequence = (SELECT MAX(sequence) FROM events l WHERE l.case_id = e.case_id)
         ON CONFLICT DO NOTHING",
        "DELETE FROM sealed_cases",
        "DELETE FROM seals",
    ] {
        somebody_says(&stage, sql).await;
    }
    stage.passes(MINUTE * 11).await;
    assert_eq!(audit::verify(store, None).await.unwrap().findings, [], "the new chain is whole in itself");
    let findings = audit::verify(store, Some(&kept)).await.unwrap().findings;
    assert_eq!(findings[0].fault, Fault::SealUnknown { given: kept });
}

#[tokio::test]
async fn who_opens_a_page_of_a_case_or_takes_a_mail_along_is_written_down_within_a_minute() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let store = &site.stage.house.store;
    viewings::write_down(&site.stage.house, Due::Now).await.unwrap();
    let before = store.viewings(100).await.unwrap().len();
    let mut watch = site.watch().await;
    // An address may spell a number as it likes.
    let spelt = site.number.replace('-', "%2D");
    let paths = [
        format!("/cases/{}", site.number),
        format!("/cases/{spelt}/note"),
        format!("/arrivals/{}/original", site.arrival),
    ];
    for path in &paths {
        assert_eq!(site.get_as(&cookie, path).await.status, 200, "{path}");
    }
    site.get_as(&cookie, "/cases/SEC-2026-9999").await;
    assert!(watch.nothing_changed().await, "looking writes nothing");

    site.stage.passes(MINUTE).await;
    let lines = store.viewings(100).await.unwrap();
    let new: Vec<_> = lines[..lines.len() - before].iter().map(|line| (line.what.as_str(), line.times)).collect();
    assert_eq!(new.len(), 2, "{new:?}");
    assert!(new.contains(&("page", 2)) && new.contains(&("original", 1)), "{new:?}");
    assert!(lines[..2].iter().all(|line| line.member == "ada@foundation.example" && line.case.is_some()));
    let page = site.get_as(&cookie, "/viewings").await.text();
    assert!(page.contains("downloaded the mail") && page.contains(&site.number), "{page}");
}

#[tokio::test]
async fn fifty_cases_within_a_minute_are_told_to_all_members_in_the_morning() {
    let stage = Stage::open().await;
    stage.passes(SignedDuration::from_hours(24)).await;
    stage.passes(MINUTE).await;
    let chair = stage.chair();
    for number in 1..=BULK {
        let case = format!("SEC-2026-{number:04}");
        stage.house.views.log.note(&chair.email, "/cases/x", Some(&case), stage.now());
    }
    stage.everything_due_happens().await;
    assert_eq!(stage.house.store.bulk_readings(stage.now() - MINUTE).await.unwrap().len(), 1);
    stage.passes(SignedDuration::from_hours(24)).await;
    for member in ["ada@foundation.example", "tania@foundation.example"] {
        let digest = stage.digests_to(member).pop().unwrap();
        assert_eq!(digest.subject(), "1 read in bulk");
        assert!(digest.text().contains(&format!("{}, Sat 2026-11-21 14:01 UTC", chair.name)), "{}", digest.text());
    }
}
