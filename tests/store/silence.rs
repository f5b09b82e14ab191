//! Promises to acknowledge that were broken, by project.

use fingerpost::domain::clock::{Clock, ClockKind};
use fingerpost::domain::id::ClockId;

use crate::house::{House, dice, minutes, noon, tell};

on_both! {
    async fn a_broken_promise_counts_against_its_project_for_a_while(house: House) {
        let store = house.store().await;
        for finder in ["jane@finder.example", "kay@finder.example"] {
            let told = tell(&store, finder, noon()).await;
            let clock = Clock::start(ClockKind::Acknowledge, noon(), minutes(60));
            let mut tx = store.begin().await.unwrap();
            let id = ClockId::new(noon(), dice());
            tx.start_clock(id.as_str(), &told.case, Some(&told.handling.id), &clock).await.unwrap();
            tx.commit().await.unwrap();
        }
        let due = noon() + minutes(60);
        assert!(store.silences(noon(), due - minutes(1)).await.unwrap().is_empty(), "there is still time");
        assert!(store.silences(due, due + minutes(9)).await.unwrap().is_empty(), "it is long ago");
        let silences = store.silences(noon(), due).await.unwrap();
        assert_eq!(silences.len(), 1);
        assert_eq!((silences[0].reports, silences[0].last_due_at), (2, due));
    }
}
