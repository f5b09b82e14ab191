//! Acts on many rows: written once, settled row by row, undone; senders who were right before.

use fingerpost::domain::bulk::BulkAct;
use fingerpost::domain::case::{CaseState, Closing};
use fingerpost::domain::clock::{Clock, ClockEnd, ClockKind};
use fingerpost::domain::id::{ArrivalId, BanId, BulkId, CaseId, LetterId};
use fingerpost::store::{BulkItem, BulkRow, BulkSender, StoodBefore, Store};

use crate::conflicts::keep;
use crate::house::{House, dice, mailbox, minutes, noon, tell};
use crate::senders::{history, lay_aside, warn};

async fn begin(store: &Store, act: BulkAct, items: &[&str]) -> BulkRow {
    let by = mailbox("ada@foundation.example");
    let id = BulkId::new(noon(), dice());
    let bulk = BulkRow { id, act, by, at: noon(), undone_at: None, undone_by: None };
    let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.begin_bulk(&bulk, &items).await.unwrap());
    assert!(!tx.begin_bulk(&bulk, &["other".to_owned()]).await.unwrap(), "once");
    tx.commit().await.unwrap();
    assert_eq!(store.bulk(&bulk.id).await.unwrap(), Some(bulk.clone()));
    bulk
}

async fn only_item(store: &Store, bulk: &BulkRow) -> BulkItem {
    let mut items = store.bulk_items(&bulk.id).await.unwrap();
    assert_eq!(items.len(), 1);
    items.remove(0)
}

/// Closes a case as spam at noon, with its clocks, and gives its state back.
async fn close(store: &Store, case: &CaseId) {
    let mut tx = store.begin().await.unwrap();
    tx.close_case(case, Closing::Spam, "member:ab", noon()).await.unwrap();
    tx.end_clocks(case, ClockEnd::Closed, None, noon()).await.unwrap();
    tx.commit().await.unwrap();
}

on_both! {
    async fn an_act_is_settled_row_by_row_and_listed_with_how_much_was_done(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let bulk = begin(&store, BulkAct::Spam, &[told.case.as_str(), "gone"]).await;
        let before = StoodBefore { state: CaseState::Triage, waited_because: Some("No match.".to_owned()) };
        let mut tx = store.begin().await.unwrap();
        assert!(tx.take_bulk_item(&bulk.id, told.case.as_str(), Some(&before), noon()).await.unwrap());
        assert!(!tx.take_bulk_item(&bulk.id, told.case.as_str(), None, noon()).await.unwrap(), "once");
        tx.leave_bulk_item(&bulk.id, "gone", "It was closed.").await.unwrap();
        assert!(!tx.take_bulk_item(&bulk.id, "gone", None, noon()).await.unwrap(), "it was left");
        tx.commit().await.unwrap();

        let items = store.bulk_items(&bulk.id).await.unwrap();
        assert_eq!((items[0].before.clone(), items[0].done_at), (Some(before), Some(noon())));
        assert_eq!(items[0].number.as_ref().unwrap().as_str(), "SEC-2026-0001");
        assert_eq!(items[0].title.as_deref(), Some("flaw in Parsely"));
        assert_eq!((items[1].left_because.as_deref(), items[1].title.clone()), (Some("It was closed."), None));
        let lines = store.bulks(noon() - minutes(1), &bulk.by, 10).await.unwrap();
        assert_eq!((lines[0].bulk.clone(), lines[0].done), (bulk.clone(), 1));
        assert!(store.bulks(noon(), &bulk.by, 10).await.unwrap().is_empty(), "older ones are not listed");
        assert_eq!(store.bulk(&BulkId::from_row("none")).await.unwrap(), None);
    }

    async fn a_closed_case_comes_back_with_its_clocks_once(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let bulk = begin(&store, BulkAct::Spam, &[told.case.as_str()]).await;
        let mut tx = store.begin().await.unwrap();
        let clock = Clock::start(ClockKind::Triage, noon() - minutes(9), minutes(60));
        tx.start_clock("k1", &told.case, None, &clock).await.unwrap();
        tx.take_bulk_item(&bulk.id, told.case.as_str(), None, noon()).await.unwrap();
        tx.commit().await.unwrap();
        close(&store, &told.case).await;
        assert!(only_item(&store, &bulk).await.is_to_be_undone());

        let (by, later) = (mailbox("ada@foundation.example"), noon() + minutes(5));
        let mut tx = store.begin().await.unwrap();
        assert!(tx.undo_bulk(&bulk.id, &by, later).await.unwrap());
        assert!(!tx.undo_bulk(&bulk.id, &by, later).await.unwrap());
        assert!(tx.undo_bulk_item(&bulk.id, told.case.as_str(), None, later).await.unwrap());
        assert!(!tx.undo_bulk_item(&bulk.id, told.case.as_str(), Some("late"), later).await.unwrap());
        assert_eq!(tx.resume_clocks(&told.case, later, later).await.unwrap(), 0, "none ended then");
        assert_eq!(tx.resume_clocks(&told.case, noon(), later).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let item = only_item(&store, &bulk).await;
        assert_eq!((item.undone_at, item.is_to_be_undone()), (Some(later), false));
        let row = store.clocks_of(&told.case).await.unwrap().into_iter().find(|row| row.id == "k1").unwrap();
        assert_eq!((row.clock.stopped_at, row.clock.due_at, row.clock.next_at), (None, clock.due_at, Some(later)));
        let undone = store.bulk(&bulk.id).await.unwrap().unwrap();
        assert_eq!((undone.undone_at, undone.undone_by), (Some(later), Some(by)));
    }

    async fn mails_are_seen_one_by_one_become_cases_and_are_new_again(house: House) {
        let store = house.store().await;
        let mail = lay_aside(&store, noon(), 5, true).await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let bulk = begin(&store, BulkAct::Release, &[mail.arrival.as_str()]).await;
        let by = mailbox("ada@foundation.example");
        let mut tx = store.begin().await.unwrap();
        assert!(tx.see_quarantined(&mail.arrival, &by, noon()).await.unwrap());
        assert!(!tx.see_quarantined(&mail.arrival, &by, noon()).await.unwrap(), "once");
        assert!(!tx.unsee_quarantined(&mail.arrival, noon() + minutes(1)).await.unwrap(), "not then");
        assert!(tx.unsee_quarantined(&mail.arrival, noon()).await.unwrap());
        assert!(!tx.see_quarantined(&ArrivalId::from_row("none"), &by, noon()).await.unwrap());
        tx.take_bulk_item(&bulk.id, mail.arrival.as_str(), None, noon()).await.unwrap();
        tx.bulk_item_became(&bulk.id, &mail.arrival, &told.case).await.unwrap();
        tx.commit().await.unwrap();
        let seen = store.quarantined(&mail.arrival).await.unwrap().unwrap();
        assert_eq!((seen.seen_at, seen.seen_by), (None, None));
        let item = only_item(&store, &bulk).await;
        assert_eq!((item.released_as, item.number.map(|n| n.to_string())), (Some(told.case), Some("SEC-2026-0001".to_owned())));
        assert_eq!(store.senders_in_bulk(&bulk.id).await.unwrap(), [mailbox("sales@deals.example")]);
    }

    async fn each_sender_is_met_once_and_a_warning_taken_back_counts_no_more(house: House) {
        let store = house.store().await;
        let bulk = begin(&store, BulkAct::SpamAndWarn, &["case"]).await;
        let (one, other) = (mailbox("sales@deals.example"), mailbox("info@deals.example"));
        let letter = warn(&store, one.as_str(), noon()).await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.take_bulk_sender(&bulk.id, &one).await.unwrap());
        assert!(!tx.take_bulk_sender(&bulk.id, &mailbox("Sales@deals.example")).await.unwrap(), "once");
        assert!(tx.take_bulk_sender(&bulk.id, &other).await.unwrap());
        tx.settle_bulk_sender(&bulk.id, &one, Some(&letter), None, None).await.unwrap();
        tx.settle_bulk_sender(&bulk.id, &other, None, Some(&BanId::from_row("ban")), Some("Not now.")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(history(&store, one.as_str(), noon() + minutes(1)).await.warned_at, Some(noon()));

        let mut tx = store.begin().await.unwrap();
        tx.take_back_warning(&letter, noon() + minutes(2)).await.unwrap();
        tx.take_back_warning(&LetterId::from_row("none"), noon()).await.unwrap();
        assert!(tx.undo_bulk_sender(&bulk.id, &one, true, noon() + minutes(2)).await.unwrap());
        assert!(!tx.undo_bulk_sender(&bulk.id, &one, false, noon() + minutes(3)).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(history(&store, one.as_str(), noon() + minutes(3)).await.warned_at, None);
        assert!(store.warnings(10).await.unwrap().is_empty());
        let senders = store.bulk_senders(&bulk.id).await.unwrap();
        let refused = BulkSender {
            address: other,
            letter: None,
            ban: Some(BanId::from_row("ban")),
            refused: Some("Not now.".to_owned()),
            undone_at: None,
            had_left: false,
        };
        assert_eq!(senders[0], refused);
        assert_eq!((senders[1].had_left, senders[1].undone_at), (true, Some(noon() + minutes(2))));
    }

    async fn only_proven_reports_that_somebody_took_up_count_as_accepted(house: House) {
        let store = house.store().await;
        let jane = mailbox("Jane@finder.example");
        let told = tell(&store, jane.as_str(), noon()).await;
        let proven = store.reports_of(&told.case).await.unwrap()[0].proven;
        let ada = mailbox("ada@foundation.example");
        let senders = [jane.clone(), mailbox("kay@finder.example")];
        let accepted = async || store.accepted_reports(&senders, &ada).await.unwrap();
        assert_eq!(accepted().await.get("jane@finder.example").copied(), proven.then_some(1), "it is with a project");
        close(&store, &told.case).await;
        assert!(accepted().await.is_empty(), "it was spam");
        assert!(store.accepted_reports(&[], &ada).await.unwrap().is_empty());
    }

    async fn each_sender_of_some_cases_is_told_once_with_what_is_proven(house: House) {
        let store = house.store().await;
        let first = tell(&store, "Jane@finder.example", noon()).await.case;
        let second = tell(&store, "jane@finder.example", noon() + minutes(1)).await.case;
        let proven = i64::from(store.reports_of(&first).await.unwrap()[0].proven);
        let senders = store.senders_of_cases(&[first.clone(), second]).await.unwrap();
        assert_eq!(senders.len(), 1);
        assert_eq!((senders[0].address.folded().as_str(), senders[0].proven), ("jane@finder.example", 2 * proven));
        assert_eq!(store.senders_of_cases(&[first]).await.unwrap()[0].proven, proven);
        assert!(store.senders_of_cases(&[]).await.unwrap().is_empty());
    }

    async fn an_act_on_nothing_but_what_is_kept_from_a_member_is_not_in_their_list(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let (alone, among) = (
            begin(&store, BulkAct::Spam, &[told.case.as_str()]).await,
            begin(&store, BulkAct::Spam, &[told.case.as_str(), "other"]).await,
        );
        let tania = mailbox("tania@foundation.example");
        let listed = async |reader| {
            let lines = store.bulks(noon() - minutes(1), reader, 10).await.unwrap();
            lines.into_iter().map(|line| line.bulk.id).collect::<Vec<_>>()
        };
        assert_eq!(listed(&tania).await.len(), 2);
        keep(&store, &told, tania.as_str()).await;
        assert_eq!(listed(&tania).await, std::slice::from_ref(&among.id));
        assert!(listed(&alone.by).await.contains(&alone.id));
    }
}
