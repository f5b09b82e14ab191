//! Cases with their reports, handlings and record.

use fingerpost::domain::case::{Actor, CaseEvent, CaseRef, CaseState, EventKind};
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::id::{CaseId, HandlingId};
use fingerpost::domain::report::{Attachment, Encryption, Remote, TextSource};
use fingerpost::store::{Acknowledged, HandlingRow, NewCase, StoreError, chain_is_whole};
use tokio::task::JoinSet;

use crate::house::{House, dice, judgement, mailbox, minutes, noon, project, tell};

on_both! {
    async fn a_case_is_found_by_id_and_by_number_with_all_that_was_said_of_it(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let case = store.case(&told.case).await.unwrap().unwrap();
        assert_eq!((&case.number, case.number.as_str()), (&told.number, "SEC-2026-0001"));
        assert_eq!((case.title.as_str(), case.state), ("flaw in Parsely", CaseState::Routed));
        assert_eq!((case.arrived_at, case.opened_at, case.closed_at), (noon(), noon(), None));
        assert_eq!((&case.owner, &case.waits_because, &case.judgement), (&None, &None, &judgement()));
        assert_eq!(store.case_by_number("SEC-2026-0001").await.unwrap(), Some(case));
        assert_eq!(store.case_by_number("SEC-2026-0002").await.unwrap(), None);
        assert_eq!(store.case_by_number("SEC\0").await.unwrap(), None, "whatever somebody types");
        assert_eq!(store.case(&CaseId::from_row("none")).await.unwrap(), None);
    }

    async fn a_case_number_is_given_once(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        let again = tx
            .insert_case(&NewCase {
                id: &CaseId::new(noon(), dice()),
                number: &told.number,
                title: "another",
                state: CaseState::New,
                arrived_at: noon(),
                opened_at: noon(),
                waits_because: Some("the judge is not sure"),
                judgement: &judgement(),
            })
            .await;
        assert!(matches!(again, Err(StoreError::Corrupt(_))), "{again:?}");
    }

    async fn eight_workers_number_four_hundred_cases_without_a_gap(house: House) {
        let store = house.store().await;
        let mut workers = JoinSet::new();
        for _ in 0..8 {
            let store = store.clone();
            workers.spawn(async move {
                let mut numbers = Vec::new();
                for _ in 0..50 {
                    let mut tx = store.begin().await.unwrap();
                    numbers.push(tx.next_case_number(2026).await.unwrap());
                    tx.commit().await.unwrap();
                }
                numbers
            });
        }
        let mut numbers: Vec<i64> = workers.join_all().await.into_iter().flatten().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=400).collect::<Vec<_>>());
    }

    async fn eight_workers_read_and_write_one_case_four_hundred_times_and_none_is_lost(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut workers = JoinSet::new();
        for _ in 0..8 {
            let (store, id) = (store.clone(), told.case.clone());
            workers.spawn(async move {
                for _ in 0..50 {
                    let mut tx = store.begin().await.unwrap();
                    let case = tx.case_for_update(&id).await.unwrap().unwrap();
                    let count: i64 = case.waits_because.map_or(0, |count| count.parse().unwrap());
                    tx.set_case_state(&id, CaseState::Triage, Some(&(count + 1).to_string())).await.unwrap();
                    tx.commit().await.unwrap();
                }
            });
        }
        workers.join_all().await;
        let case = store.case(&told.case).await.unwrap().unwrap();
        assert_eq!((case.state, case.waits_because.as_deref()), (CaseState::Triage, Some("400")));
    }

    async fn a_case_belongs_to_who_claims_it_first(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        let (ada, ben) = (mailbox("ada@foundation.example"), mailbox("ben@foundation.example"));
        assert!(tx.claim_case(&told.case, &ada).await.unwrap());
        assert!(!tx.claim_case(&told.case, &ben).await.unwrap());
        assert_eq!(tx.case_for_update(&CaseId::from_row("none")).await.unwrap(), None);
        tx.commit().await.unwrap();
        assert_eq!(store.case(&told.case).await.unwrap().unwrap().owner, Some(ada));
    }

    async fn a_report_is_read_back_as_it_was_written(house: House) {
        let store = house.store().await;
        let told = tell(&store, "Jane@finder.example", noon()).await;
        assert_eq!(store.reports_of(&told.case).await.unwrap(), vec![told.report.clone()]);

        let other = tell(&store, "jane@finder.example", noon() + minutes(1)).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.reports_of(&other.case).await.unwrap(), vec![other.report.clone()]);
        let strange = fingerpost::store::NewReport {
            id: fingerpost::domain::id::ReportId::new(noon(), dice()),
            arrival: kept(&store, tx).await,
            from_name: Some("J\0ne".to_owned()),
            from: None,
            body: "a\0b".to_owned(),
            text_source: TextSource::Nothing,
            remote: Remote { images: 0, others: 3 },
            encryption: Some(Encryption::Smime),
            automatic: Some("its List- fields".to_owned()),
            unreadable: Some("it has more than 200 parts".to_owned()),
            proven: false,
            ..told.report.clone()
        };
        let mut tx = store.begin().await.unwrap();
        tx.insert_report(&strange).await.unwrap();
        let again = tx.insert_report(&strange).await;
        assert!(matches!(again, Err(StoreError::Corrupt(_))), "an arrival is one report");
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        tx.insert_report(&strange).await.unwrap();
        tx.commit().await.unwrap();
        let back = &store.reports_of(&told.case).await.unwrap()[1];
        let plain = |text: &str| text.replace('\0', "\u{fffd}");
        let expected = fingerpost::store::ReportRow {
            from_name: Some(plain("J\0ne")),
            body: plain("a\0b"),
            ..strange
        };
        assert_eq!(back, &expected);
    }

    async fn attachments_stand_in_the_order_of_the_message(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let part = |part: usize, name: &str| Attachment {
            part,
            name: name.to_owned(),
            media_type: "application/octet-stream".to_owned(),
            size: 5_000_000_000,
            sha256: [part as u8; 32],
        };
        let parts = [part(2, "crash.bin"), part(10, "trace.txt")];
        let mut tx = store.begin().await.unwrap();
        tx.insert_attachments(&told.arrival, &[parts[1].clone(), parts[0].clone()]).await.unwrap();
        assert_eq!(tx.attachments_of(&told.arrival).await.unwrap(), parts);
        tx.insert_attachments(&told.arrival, &[part(2, "again.bin")]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.attachments_of(&told.arrival).await.unwrap(), parts);
    }

    async fn only_the_first_acknowledgement_counts(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        let id = &told.handling.id;
        assert_eq!(tx.handling(id).await.unwrap(), Some(told.handling.clone()));
        assert_eq!(tx.acknowledge(id, "party:one", noon() + minutes(1)).await.unwrap(), Acknowledged::First);
        assert_eq!(tx.acknowledge(id, "party:two", noon() + minutes(2)).await.unwrap(), Acknowledged::Already);
        assert!(!tx.withdraw_handling(id, noon() + minutes(3)).await.unwrap(), "they have it");
        tx.commit().await.unwrap();
        let expected = HandlingRow {
            state: HandlingState::Acknowledged,
            acknowledged_at: Some(noon() + minutes(1)),
            acknowledged_by: Some("party:one".to_owned()),
            ..told.handling
        };
        assert_eq!(store.handling(&expected.id).await.unwrap(), Some(expected.clone()));
        assert_eq!(store.handlings_of(&told.case).await.unwrap(), [expected]);
        assert_eq!(store.handling(&HandlingId::from_row("none")).await.unwrap(), None);
    }

    async fn a_forward_is_withdrawn_once_and_then_acknowledges_nothing(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        let id = &told.handling.id;
        assert!(tx.withdraw_handling(id, noon() + minutes(1)).await.unwrap());
        assert!(!tx.withdraw_handling(id, noon() + minutes(2)).await.unwrap());
        assert_eq!(tx.acknowledge(id, "party:one", noon() + minutes(3)).await.unwrap(), Acknowledged::Already);
        let [handling] = &tx.handlings_of(&told.case).await.unwrap()[..] else { panic!("one handling") };
        assert_eq!((handling.state, handling.withdrawn_at), (HandlingState::Withdrawn, Some(noon() + minutes(1))));
    }

    async fn the_committee_takes_over_only_what_a_project_left_undone(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let id = &told.handling.id;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.take_over_handling(id, "member:ab", noon() + minutes(1)).await.unwrap());
        assert!(!tx.take_over_handling(id, "member:cd", noon() + minutes(2)).await.unwrap(), "once");
        assert_eq!(tx.acknowledge(id, "party:one", noon() + minutes(3)).await.unwrap(), Acknowledged::Already);
        let row = tx.handling(id).await.unwrap().unwrap();
        let taken = (HandlingState::TakenOver, Some(noon() + minutes(1)), Some("member:ab"));
        assert_eq!((row.state, row.closed_at, row.closed_by.as_deref()), taken);
    }

    async fn a_project_has_one_open_part_of_a_case_and_another_once_it_ended(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        let other = HandlingRow {
            id: HandlingId::new(noon(), dice()),
            project: project("sage"),
            state: HandlingState::ByHand,
            ..told.handling.clone()
        };
        tx.insert_handling(&other).await.unwrap();
        assert!(!tx.withdraw_handling(&other.id, noon()).await.unwrap(), "what goes by hand was never sent");
        assert!(tx.hand_back(&told.handling.id, "party:one", noon()).await.unwrap());
        let again = HandlingRow { id: HandlingId::new(noon(), dice()), ..told.handling.clone() };
        tx.insert_handling(&again).await.unwrap();
        let parts = tx.handlings_of(&told.case).await.unwrap();
        let with_it = |row: &&HandlingRow| row.is_with(&told.handling.project);
        assert_eq!((parts.len(), parts.iter().filter(with_it).count()), (3, 1));
        let third = HandlingRow { id: HandlingId::new(noon(), dice()), ..told.handling };
        assert!(tx.insert_handling(&third).await.is_err());
    }

    async fn automatic_forwards_of_a_day_are_counted_by_sender_and_in_all(house: House) {
        let store = house.store().await;
        let told = tell(&store, "Jane@Finder.example", noon()).await;
        tell(&store, "jane@finder.example", noon() + minutes(1)).await;
        tell(&store, "joe@other.example", noon() + minutes(2)).await;
        let mut tx = store.begin().await.unwrap();
        tx.withdraw_handling(&told.handling.id, noon() + minutes(3)).await.unwrap();
        let by_hand = HandlingRow {
            id: HandlingId::new(noon(), dice()),
            project: project("sage"),
            decided_at: noon() + minutes(4),
            decided_by: "member:ab".to_owned(),
            ..told.handling
        };
        tx.insert_handling(&by_hand).await.unwrap();
        let since = noon() - minutes(1);
        assert_eq!(tx.automatic_forwards(Some("jane@finder.example"), since).await.unwrap(), 2, "withdrawn ones too");
        assert_eq!(tx.automatic_forwards(Some("joe@other.example"), since).await.unwrap(), 1);
        assert_eq!(tx.automatic_forwards(Some("ann@other.example"), since).await.unwrap(), 0);
        assert_eq!(tx.automatic_forwards(None, since).await.unwrap(), 3);
        assert_eq!(tx.automatic_forwards(None, noon()).await.unwrap(), 2, "the first is a day old");
    }

    async fn the_record_is_a_chain_that_shows_each_change(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let other = tell(&store, "joe@other.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        for (minute, kind) in [EventKind::Opened, EventKind::Judged, EventKind::ForwardDecided].into_iter().enumerate() {
            let event = CaseEvent {
                kind,
                at: noon() + minutes(minute as i64),
                actor: Actor::Program,
                detail: "parsely".to_owned(),
            };
            tx.append_event(&told.case, &event);
            tx.append_event(&other.case, &event);
        }
        tx.commit().await.unwrap();
        let events = store.events_of(&told.case).await.unwrap();
        assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!((events[0].kind.as_str(), events[0].at), ("changed", noon()), "`tell` gives no reason");
        assert_eq!((events[3].kind.as_str(), events[3].at), ("forward-decided", noon() + minutes(2)));
        assert_eq!(events[3].previous, events[2].hash);
        assert!(chain_is_whole(&events));
        assert!(chain_is_whole(&[]));
        assert!(!chain_is_whole(&events[1..]), "the first is missing");
        assert!(!chain_is_whole(&[events[0].clone(), events[2].clone()]), "one in the middle is missing");
        assert!(!chain_is_whole(&[events[1].clone(), events[0].clone(), events[2].clone()]));
        let others = store.events_of(&other.case).await.unwrap();
        assert!(!chain_is_whole(&[events[0].clone(), others[1].clone(), others[2].clone()]), "another case's");
        let changes: [fn(&mut fingerpost::store::EventRow); 4] = [
            |event| event.detail = "sage".to_owned(),
            |event| event.at += minutes(1),
            |event| event.actor = "stranger".to_owned(),
            |event| event.kind = "claimed".to_owned(),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = events.clone();
            change(&mut changed[3]);
            assert!(!chain_is_whole(&changed), "change {number}");
        }
    }

    async fn eight_writers_of_one_record_make_one_chain(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut writers = JoinSet::new();
        for _ in 0..8 {
            let (store, case) = (store.clone(), told.case.clone());
            writers.spawn(async move {
                for _ in 0..10 {
                    let mut tx = store.begin().await.unwrap();
                    let event = CaseEvent {
                        kind: EventKind::LetterSent,
                        at: noon(),
                        actor: Actor::Stranger,
                        detail: String::new(),
                    };
                    tx.append_event(&case, &event);
                    tx.commit().await.unwrap();
                }
            });
        }
        writers.join_all().await;
        let events = store.events_of(&told.case).await.unwrap();
        assert_eq!(events.len(), 81);
        assert!(chain_is_whole(&events));
        assert_eq!(CaseRef::from_row("SEC-2026-0001"), told.number);
    }
}

/// Keeps one more arrival; the transaction in the way is given up first.
async fn kept(store: &fingerpost::store::Store, tx: fingerpost::store::Tx<'_>) -> fingerpost::domain::id::ArrivalId {
    drop(tx);
    let message = crate::house::entry(b"x");
    store.keep(message.clone()).await.unwrap();
    message.id
}
