//! The record proves the rows: whoever changes either past the program is found.

use fingerpost::domain::address::InstanceKey;
use fingerpost::domain::audit::Fault;
use fingerpost::domain::case::{Actor, CaseEvent, EventKind};
use fingerpost::domain::clock::{Clock, ClockKind};
use fingerpost::domain::id::ClockId;
use fingerpost::domain::letter::LetterKind;
use fingerpost::domain::record::Salt;
use fingerpost::flows::audit::{self, Finding};
use fingerpost::store::{DatabaseUrl, Store, chain_is_whole};
use sqlx::{AssertSqlSafe, Connection};

use crate::house::{House, Told, dice, letter, mailbox, minutes, noon, tell};

/// Tables that a tamperer may change, with what the house wrote there kept aside.
const TABLES: [&str; 8] = ["cases", "parties", "reports", "handlings", "clocks", "letters", "events", "seals"];
const MORE_TABLES: [&str; 3] = ["sealed_cases", "unsealed", "case_numbers"];

fn event(kind: EventKind, minute: i64) -> CaseEvent {
    CaseEvent { kind, at: noon() + minutes(minute), actor: Actor::Program, detail: String::new() }
}

/// Two cases, of which the first is sealed twice and has grown since; the second is sealed once.
async fn two_sealed_cases(store: &Store) -> [Told; 2] {
    let first = tell(store, "jane@finder.example", noon()).await;
    let second = tell(store, "joe@other.example", noon()).await;
    let mut tx = store.begin().await.unwrap();
    for told in [&first, &second] {
        let clock = Clock::start(ClockKind::Acknowledge, noon(), minutes(60));
        let id = ClockId::new(noon(), dice());
        tx.start_clock(id.as_str(), &told.case, Some(&told.handling.id), &clock).await.unwrap();
        let mut letter = letter(LetterKind::Forward, "security@parsely.example", noon());
        letter.case = Some(told.case.clone());
        tx.put_letter(&letter).await.unwrap();
        tx.append_event(&told.case, &event(EventKind::Opened, 0));
        tx.append_event(&told.case, &event(EventKind::ForwardDecided, 0));
    }
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.seal(noon() + minutes(10)).await.unwrap().unwrap().number, 1);
    assert_eq!(tx.seal(noon() + minutes(20)).await.unwrap(), None, "nothing was added");
    tx.commit().await.unwrap();
    for minute in [21, 31] {
        let mut tx = store.begin().await.unwrap();
        tx.append_event(&first.case, &event(EventKind::MessageAdded, minute));
        tx.commit().await.unwrap();
        if minute < 30 {
            let mut tx = store.begin().await.unwrap();
            tx.seal(noon() + minutes(30)).await.unwrap().unwrap();
            tx.commit().await.unwrap();
        }
    }
    [first, second]
}

/// Somebody with the password of the database and nothing to stop them.
enum Tamperer {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl Tamperer {
    async fn of(url: &DatabaseUrl) -> Self {
        let mut tamperer = match url {
            DatabaseUrl::Sqlite(file) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).foreign_keys(false);
                Self::Sqlite(sqlx::ConnectOptions::connect(&options).await.unwrap())
            }
            DatabaseUrl::Postgres(url) => Self::Postgres(sqlx::PgConnection::connect(url).await.unwrap()),
        };
        if let Self::Postgres(_) = &tamperer {
            tamperer.does("SET session_replication_role = replica").await;
        }
        for table in TABLES.iter().chain(&MORE_TABLES) {
            tamperer.does(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
        }
        tamperer
    }

    async fn does(&mut self, sql: &str) {
        let statement = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(conn) => sqlx::query(statement).execute(conn).await.map(|_| ()),
            Self::Postgres(conn) => sqlx::query(statement).execute(conn).await.map(|_| ()),
        }
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn puts_all_back(&mut self) {
        for table in TABLES.iter().chain(&MORE_TABLES) {
            self.does(&format!("DELETE FROM {table}")).await;
            self.does(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
    }
}

async fn found(store: &Store) -> Vec<Finding> {
    audit::verify(store, None).await.unwrap().findings
}

fn words(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.fault.word()).collect()
}

on_both! {
    async fn whatever_somebody_changes_in_the_database_is_found(house: House) {
        let store = house.store().await;
        let [first, second] = two_sealed_cases(&store).await;
        let looked = audit::verify(&store, None).await.unwrap();
        assert_eq!((looked.findings, looked.cases, looked.unsealed), (vec![], 2, 1));
        assert_eq!(looked.head, store.last_seal().await.unwrap());
        let (one, two) = (first.case.as_str(), second.case.as_str());
        let mut tamperer = Tamperer::of(&house.url).await;
        for (changes, expected) in [
            (vec![format!("UPDATE clocks SET due_at = due_at + 1 WHERE case_id = '{one}'")], vec!["row-edited"]),
            (vec![format!("UPDATE handlings SET state = 'acknowledged', acknowledged_at = 5 WHERE case_id = '{one}'")], vec!["row-edited"]),
            (vec![format!("UPDATE reports SET body = 'It does not crash.' WHERE case_id = '{one}'")], vec!["row-edited"]),
            (vec![format!("UPDATE parties SET address = 'joe@finder.example' WHERE case_id = '{one}'")], vec!["row-edited"]),
            (vec![format!("DELETE FROM letters WHERE case_id = '{one}'")], vec!["row-removed"]),
            (vec![format!("UPDATE clocks SET case_id = '{two}' WHERE case_id = '{one}'")], vec!["row-removed", "row-added"]),
            (vec![format!("UPDATE events SET actor = 'stranger' WHERE case_id = '{one}' AND sequence = 2")], vec!["entry-edited"]),
            (vec![format!("UPDATE events SET at = at - 1 WHERE case_id = '{one}' AND sequence = 5")], vec!["entry-edited"]),
            (vec![format!("DELETE FROM events WHERE case_id = '{one}' AND sequence = 2")], vec!["record-torn"]),
            (vec![format!("DELETE FROM events WHERE case_id = '{one}' AND sequence >= 4")], vec!["record-shortened"]),
            (
                vec![
                    format!("UPDATE events SET sequence = 99 WHERE case_id = '{one}' AND sequence = 2"),
                    format!("UPDATE events SET sequence = 2 WHERE case_id = '{one}' AND sequence = 3"),
                    format!("UPDATE events SET sequence = 3 WHERE case_id = '{one}' AND sequence = 99"),
                ],
                vec!["entry-edited", "record-torn", "entry-edited", "record-torn", "record-torn", "record-replaced"],
            ),
            (
                ["events", "letters", "clocks", "reports", "handlings", "parties"]
                    .map(|table| format!("DELETE FROM {table} WHERE case_id = '{two}'"))
                    .into_iter()
                    .chain([format!("DELETE FROM cases WHERE id = '{two}'")])
                    .collect(),
                vec!["case-removed", "number-missing"],
            ),
            (vec![format!("DELETE FROM events WHERE case_id = '{two}'")], vec!["no-record", "record-shortened", "row-added", "row-added", "row-added", "row-added", "row-added", "row-added"]),
            (vec!["UPDATE seals SET at = at + 1 WHERE number = 1".to_owned()], vec!["seal-edited"]),
            (vec!["DELETE FROM seals WHERE number = 1".to_owned()], vec!["seal-removed"]),
            (vec![format!("DELETE FROM sealed_cases WHERE case_id = '{two}'")], vec!["not-sealed", "seal-edited"]),
            (vec![format!("DELETE FROM unsealed WHERE case_id = '{one}'")], vec!["not-sealed"]),
        ] {
            for change in &changes {
                tamperer.does(change).await;
            }
            assert_eq!(words(&found(&store).await), expected, "{changes:?}");
            tamperer.puts_all_back().await;
            assert_eq!(found(&store).await, [], "all is as it was");
        }
    }

    async fn an_entry_that_was_edited_with_its_hash_is_found_by_the_next_one_and_by_the_seal(house: House) {
        let store = house.store().await;
        let [first, _] = two_sealed_cases(&store).await;
        let mut tamperer = Tamperer::of(&house.url).await;
        let (case, hash) = (first.case.as_str(), "ab".repeat(32));
        tamperer.does(&format!("UPDATE events SET hash = '{hash}' WHERE case_id = '{case}' AND sequence = 4")).await;
        assert_eq!(words(&found(&store).await), ["entry-edited", "record-torn", "record-replaced"]);
    }

    async fn a_seal_that_was_kept_elsewhere_is_still_in_the_chain(house: House) {
        let store = house.store().await;
        two_sealed_cases(&store).await;
        let head = store.last_seal().await.unwrap().unwrap();
        assert_eq!((head.number, head.at), (2, noon() + minutes(30)));
        let known = audit::verify(&store, Some(&head.hash.as_str()[..12])).await.unwrap();
        assert_eq!(known.findings, []);
        let unknown = audit::verify(&store, Some("00000000")).await.unwrap();
        let fault = Fault::SealUnknown { given: "00000000".to_owned() };
        assert_eq!(unknown.findings, [Finding { case: None, fault }]);
    }

    async fn what_is_changed_stands_in_the_record_without_a_text_or_an_address(house: House) {
        let store = house.store().await.salted(Salt::of(&InstanceKey::new([7; 32])));
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.claim_case(&told.case, &mailbox("ada@foundation.example")).await.unwrap());
        tx.append_event(&told.case, &event(EventKind::Claimed, 1));
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.claim_case(&told.case, &mailbox("ben@foundation.example")).await.unwrap());
        tx.commit().await.unwrap();
        let events = store.events_of(&told.case).await.unwrap();
        assert!(chain_is_whole(&events));
        let [opened, claimed] = &events[..] else { panic!("what changed nothing is no entry: {events:?}") };
        assert_eq!((opened.kind.as_str(), claimed.kind.as_str()), ("changed", "claimed"), "`tell` gives no reason");
        let changed = opened.changed.as_deref().unwrap();
        assert!(changed.contains(r#""state":"sent""#), "{changed}");
        for text in ["jane", "finder.example", "It crashes", "flaw in Parsely"] {
            assert!(!changed.contains(text), "{text} in {changed}");
        }
        let changed = claimed.changed.as_deref().unwrap();
        assert!(changed.contains("\"texts\"") && !changed.contains("ada@"), "{changed}");
        assert_eq!(found(&store).await, []);
        let other_key = store.clone().salted(Salt::of(&InstanceKey::new([8; 32])));
        assert_eq!(words(&found(&other_key).await), ["row-edited"; 3], "case, reporter and report hold texts");
    }

    async fn a_snapshot_sees_nothing_of_what_is_written_after_it_was_taken(house: House) {
        let store = house.store().await;
        let [first, second] = two_sealed_cases(&store).await;
        let mut snapshot = store.snapshot().await.unwrap();
        let cases = snapshot.cases_after("", 10).await.unwrap();
        let named: Vec<_> = cases.iter().map(|case| (&case.id, &case.number)).collect();
        assert_eq!(named, [(&first.case, &first.number), (&second.case, &second.number)]);
        let mut tx = store.begin().await.unwrap();
        tx.append_event(&first.case, &event(EventKind::MessageAdded, 40));
        tx.seal(noon() + minutes(40)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        tell(&store, "ann@other.example", noon()).await;

        let after = snapshot.cases_after(first.case.as_str(), 10).await.unwrap();
        assert_eq!((after.len(), after[0].unsealed), (1, None));
        let first_alone = snapshot.cases_after("", 1).await.unwrap();
        assert_eq!(first_alone, cases[..1], "as it was, and as on a page with others");
        assert_eq!((cases[0].events.len(), cases[0].rows.len(), cases[0].seals.len()), (5, 6, 2));
        assert_eq!(cases[0].unsealed, Some(5));
        let seals = snapshot.seals_after(0, 10).await.unwrap();
        assert_eq!(seals.len(), 2);
        assert_eq!(seals[1].1.iter().map(|sealed| &sealed.case).collect::<Vec<_>>(), [&first.case]);
        assert_eq!(snapshot.seals_after(1, 10).await.unwrap(), seals[1..]);
        assert_eq!(snapshot.numbers_given().await.unwrap(), [(2026, 2)]);
        assert_eq!(snapshot.cases_gone().await.unwrap(), []);
    }
}
