//! Racing claimers: what is there is claimed once each, on one node or on several.

use std::collections::HashSet;

use fingerpost::domain::letter::LetterKind;
use fingerpost::store::Store;
use tokio::task::JoinSet;

use crate::house::{House, entry, letter, noon};

/// Eight claimers: on PostgreSQL nodes of their own, on SQLite tasks of the one worker.
async fn eight(house: &House) -> Vec<Store> {
    let first = house.store().await;
    let mut stores = vec![first];
    for number in 2..=8 {
        let store = if house.is_sqlite() { stores[0].clone() } else { house.node(&format!("boot-{number}")).await };
        stores.push(store);
    }
    stores
}

on_both! {
    async fn eight_claimers_get_four_hundred_arrivals_once_each(house: House) {
        let stores = eight(house).await;
        for _ in 0..400 {
            stores[0].keep(entry(b"x")).await.unwrap();
        }
        let mut claimers = JoinSet::new();
        for store in stores {
            claimers.spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = store.claim_arrivals(5).await.unwrap();
                    assert!(claimed.len() <= 5);
                    if claimed.is_empty() {
                        return mine;
                    }
                    mine.extend(claimed.into_iter().map(|arrival| arrival.id));
                }
            });
        }
        let claimed: Vec<_> = claimers.join_all().await.into_iter().flatten().collect();
        assert_eq!(claimed.len(), 400);
        assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 400);
    }

    async fn eight_claimers_get_four_hundred_letters_once_each(house: House) {
        let stores = eight(house).await;
        let mut tx = stores[0].begin().await.unwrap();
        for _ in 0..400 {
            tx.put_letter(&letter(LetterKind::Receipt, "jane@finder.example", noon())).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut claimers = JoinSet::new();
        for store in stores {
            claimers.spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = store.claim_letters(noon(), 5).await.unwrap();
                    assert!(claimed.len() <= 5);
                    if claimed.is_empty() {
                        return mine;
                    }
                    mine.extend(claimed.into_iter().map(|letter| letter.id));
                }
            });
        }
        let claimed: Vec<_> = claimers.join_all().await.into_iter().flatten().collect();
        assert_eq!(claimed.len(), 400);
        assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 400);
    }
}
