//! Who looked at what.

use fingerpost::domain::id::ViewingId;
use fingerpost::domain::viewing::Viewed;
use fingerpost::store::{BulkReading, Store, Viewing};
use jiff::Timestamp;

use crate::house::{House, dice, entry, mailbox, minutes, noon, tell};

async fn looks(store: &Store, viewed: &Viewed, at: Timestamp) {
    let mut tx = store.begin().await.unwrap();
    let id = ViewingId::new(at, dice());
    let member = "ada@foundation.example";
    tx.insert_viewing(&Viewing { id, member, viewed, first_at: at, last_at: at + minutes(1), times: 3 }).await.unwrap();
    tx.commit().await.unwrap();
}

on_both! {
    async fn what_was_looked_at_is_listed_with_its_case_and_what_is_not_there_was_not_seen(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let held = entry(b"Subject: none\r\n\r\nx\r\n");
        store.keep(held.clone()).await.unwrap();
        let case = told.number.as_str().to_owned();
        let arrival = held.id.as_str().to_owned();
        looks(&store, &Viewed::Page { case }, noon()).await;
        looks(&store, &Viewed::Page { case: "SEC-2026-9999".to_owned() }, noon()).await;
        looks(&store, &Viewed::Page { case: "SEC\0".to_owned() }, noon()).await;
        looks(&store, &Viewed::Original { arrival }, noon() + minutes(2)).await;
        looks(&store, &Viewed::File { arrival: "none".to_owned() }, noon()).await;
        looks(&store, &Viewed::List, noon() + minutes(4)).await;

        let lines = store.viewings(10).await.unwrap();
        let seen: Vec<_> = lines.iter().map(|line| (line.what.as_str(), line.case.clone())).collect();
        assert_eq!(seen, [("list", None), ("original", None), ("page", Some(told.number))]);
        let page = &lines[2];
        assert_eq!((page.member.as_str(), page.times), ("ada@foundation.example", 3));
        assert_eq!((page.first_at, page.last_at), (noon(), noon() + minutes(1)));
        assert_eq!(store.viewings(1).await.unwrap().len(), 1);
    }

    async fn a_members_own_looks_at_a_case_come_the_latest_first(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let page = || Viewed::Page { case: told.number.as_str().to_owned() };
        looks(&store, &page(), noon()).await;
        looks(&store, &page(), noon() + minutes(60)).await;
        looks(&store, &Viewed::List, noon() + minutes(70)).await;
        let ada = mailbox("ada@foundation.example");
        let spans = store.looks_at(&ada, &told.case, 10).await.unwrap();
        let wanted = [60, 0].map(|minute| (noon() + minutes(minute), noon() + minutes(minute + 1)));
        assert_eq!(spans, wanted);
        assert_eq!(store.looks_at(&ada, &told.case, 1).await.unwrap(), wanted[..1]);
        assert_eq!(store.looks_at(&mailbox("ben@foundation.example"), &told.case, 10).await.unwrap(), []);
    }

    async fn what_is_old_is_erased(house: House) {
        let store = house.store().await;
        for minute in [0, 10] {
            looks(&store, &Viewed::List, noon() + minutes(minute)).await;
            let mut tx = store.begin().await.unwrap();
            let reading = BulkReading { member: "ben@foundation.example".to_owned(), at: noon() + minutes(minute) };
            tx.insert_bulk_reading(&ViewingId::new(noon(), dice()), &reading).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(store.bulk_readings(noon()).await.unwrap().len(), 1, "after that moment");
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.erase_viewings(noon() + minutes(5)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(store.viewings(10).await.unwrap().len(), 1);
        let left = store.bulk_readings(noon() - minutes(5)).await.unwrap();
        let reading = BulkReading { member: "ben@foundation.example".to_owned(), at: noon() + minutes(10) };
        assert_eq!(left, [reading]);
    }
}
