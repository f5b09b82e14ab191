//! Workers and guests, locks and modes, and what a death leaves behind.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fingerpost::domain::letter::LetterKind;
use fingerpost::store::{Beats, Claimer, DatabaseUrl, Role, Store, StoreError};

use crate::house::{House, entry, letter, noon};

async fn open(house: &House, role: Role, boot: &str) -> Result<Store, StoreError> {
    Store::open(&house.url, role, Claimer::new("node", boot)).await
}

on_both! {
    async fn a_guest_takes_the_schema_as_it_is_and_is_told_when_there_is_none(house: House) {
        let nothing = open(house, Role::Guest, "early").await.err();
        assert!(matches!(&nothing, Some(StoreError::NotReady(why)) if why.contains("serve")), "{nothing:?}");
        let store = house.store().await;
        let guest = open(house, Role::Guest, "late").await.unwrap();
        guest.ready().await.unwrap();
        store.ready().await.unwrap();
        guest.close().await;
        store.close().await;
        assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
        house.node("boot-2").await.ready().await.unwrap();
    }

    async fn a_dropped_transaction_leaves_no_trace(house: House) {
        let store = house.store().await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.next_case_number(2026).await.unwrap(), 1);
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.next_case_number(2026).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.next_case_number(2026).await.unwrap(), 2);
        assert_eq!(tx.next_case_number(2027).await.unwrap(), 1, "each year begins anew");
    }

    async fn a_witness_is_told_of_each_commit_once_it_is_there_and_of_nothing_else(house: House) {
        let told = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&told);
        let store = house.store().await.watched(Arc::new(move || {
            counts.fetch_add(1, Ordering::SeqCst);
        }));
        drop(store.begin().await.unwrap());
        assert_eq!(told.load(Ordering::SeqCst), 0, "what was dropped was not committed");
        store.begin().await.unwrap().commit().await.unwrap();
        store.keep(entry(b"kept")).await.unwrap();
        assert_eq!(told.load(Ordering::SeqCst), 2);
    }

    async fn a_death_is_counted_on_what_was_claimed_and_such_rows_are_claimed_last_and_alone(house: House) {
        let first = house.node("boot-1").await;
        let mut ids = Vec::new();
        for _ in 0..4 {
            let message = entry(b"x");
            ids.push(message.id.clone());
            first.keep(message).await.unwrap();
        }
        let mut tx = first.begin().await.unwrap();
        tx.put_letter(&letter(LetterKind::Receipt, "jane@finder.example", noon())).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(first.claim_arrivals(2).await.unwrap().len(), 2);
        assert_eq!(first.claim_letters(noon(), 9).await.unwrap().len(), 1);
        first.close().await; // what it had claimed it never gave back

        let second = house.node("boot-2").await;
        let claim = async || {
            let claimed = second.claim_arrivals(9).await.unwrap();
            claimed.into_iter().map(|arrival| (arrival.id, arrival.deaths)).collect::<Vec<_>>()
        };
        assert_eq!(claim().await, [(ids[2].clone(), 0), (ids[3].clone(), 0)]);
        assert_eq!(claim().await, [(ids[0].clone(), 1)]);
        assert_eq!(claim().await, [(ids[1].clone(), 1)]);
        assert!(claim().await.is_empty());
        assert_eq!(second.claim_letters(noon(), 9).await.unwrap().len(), 1, "the letter is free again");
        second.close().await;

        let third = house.node("boot-3").await;
        let again = third.claim_arrivals(9).await.unwrap();
        assert_eq!((&again[0].id, again[0].deaths, again.len()), (&ids[0], 2, 1));
    }
}

#[tokio::test]
async fn a_second_worker_is_refused_until_the_first_has_closed() {
    let house = House::on_sqlite();
    let first = house.store().await;
    let second = open(&house, Role::Worker, "boot-2").await.err();
    let Some(StoreError::Locked { path }) = &second else { panic!("{second:?}") };
    assert!(path.ends_with("fingerpost.db.lock"));
    first.close().await;
    open(&house, Role::Worker, "boot-3").await.unwrap();
}

#[tokio::test]
async fn the_files_of_the_database_are_their_owners_alone() {
    let house = House::on_sqlite();
    let store = house.store().await;
    store.keep(entry(b"x")).await.unwrap();
    let mut names = Vec::new();
    for file in std::fs::read_dir(house.folder.as_ref().unwrap().path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["fingerpost.db", "fingerpost.db-shm", "fingerpost.db-wal", "fingerpost.db.lock"]);
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let missing = DatabaseUrl::Sqlite(folder.path().join("no/such/folder.db"));
    let error = Store::open(&missing, Role::Worker, Claimer::new("node", "boot")).await.err().unwrap();
    assert!(matches!(&error, StoreError::Unavailable(why) if why.contains("no/such/folder.db")), "{error}");

    let no_database = folder.path().join("letter.txt");
    std::fs::write(&no_database, "Dear reader, this is no database at all.".repeat(100)).unwrap();
    let error = Store::open(&DatabaseUrl::Sqlite(no_database), Role::Worker, Claimer::new("node", "boot")).await.err();
    assert!(matches!(error, Some(StoreError::Corrupt(_))), "{error:?}");
}

#[tokio::test]
async fn a_database_of_a_later_version_is_left_alone() {
    let house = House::on_sqlite();
    house.store().await.close().await;
    let DatabaseUrl::Sqlite(path) = &house.url else { unreachable!() };
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut later = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&file).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (99991231000000, 'later', 1, x'00', 0)",
    )
    .execute(&mut later)
    .await
    .unwrap();
    sqlx::Connection::close(later).await.unwrap();
    for role in [Role::Worker, Role::Guest] {
        let error = open(&house, role, "boot-2").await.err();
        assert!(matches!(&error, Some(StoreError::NotReady(why)) if why.contains("another version")), "{error:?}");
    }
}

on_both! {
    async fn claims_of_a_node_whose_beat_stands_still_for_a_minute_are_freed_by_another(house: House) {
        let first = house.node("boot-1").await;
        // On SQLite there is one worker, and nobody asks for its beat; the statements are the same.
        let role = if house.is_sqlite() { Role::Guest } else { Role::Worker };
        let second = open(house, role, "boot-2").await.unwrap();
        first.beat().await.unwrap();
        first.keep(entry(b"x")).await.unwrap();
        let claimed = first.claim_arrivals(1).await.unwrap();
        let mut beats = Beats::default();
        let at = Duration::from_secs;
        assert_eq!(second.free_claims_of_the_dead(&mut beats, at(100)).await.unwrap(), 0);
        assert_eq!(second.free_claims_of_the_dead(&mut beats, at(159)).await.unwrap(), 0);
        first.beat().await.unwrap();
        assert_eq!(second.free_claims_of_the_dead(&mut beats, at(160)).await.unwrap(), 0, "it lives");
        assert_eq!(second.free_claims_of_the_dead(&mut beats, at(219)).await.unwrap(), 0);
        assert!(second.claim_arrivals(1).await.unwrap().is_empty());

        assert_eq!(second.free_claims_of_the_dead(&mut beats, at(220)).await.unwrap(), 1);

        let freed = second.claim_arrivals(1).await.unwrap();
        assert_eq!((&freed[0].id, freed[0].deaths), (&claimed[0].id, 1));
        assert_eq!(second.free_claims_of_the_dead(&mut beats, at(300)).await.unwrap(), 0, "and never itself");
    }
}
