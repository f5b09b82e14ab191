//! What the side of the desk's first page counts.

use fingerpost::domain::clock::{Clock, ClockEnd, ClockKind};
use fingerpost::domain::trend::{Counted, WEEK};

use crate::house::{House, minutes, noon, project, tell};

on_both! {
    async fn open_parts_confirmations_and_weeks_are_counted(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let other = tell(&store, "kay@finder.example", noon() + minutes(5)).await;
        let third = tell(&store, "lee@finder.example", noon() + minutes(6)).await;
        let mut tx = store.begin().await.unwrap();
        for (id, case, start, kept_after) in [
            ("k1", &told.case, noon(), Some(30)),
            ("k2", &other.case, noon() + WEEK, Some(90)),
            ("k3", &third.case, noon() + WEEK, None),
        ] {
            tx.start_clock(id, case, None, &Clock::start(ClockKind::FirstReply, start, minutes(60))).await.unwrap();
            if let Some(after) = kept_after {
                let at = start + minutes(after);
                tx.end_clock(case, ClockKind::FirstReply, None, ClockEnd::Kept, None, at).await.unwrap();
            }
        }
        let of_it = Some(&told.handling.id);
        let promise = Clock::start(ClockKind::Acknowledge, noon(), minutes(60));
        tx.start_clock("k4", &told.case, of_it, &promise).await.unwrap();
        let at = noon() + minutes(45);
        tx.end_clock(&told.case, ClockKind::Acknowledge, of_it, ClockEnd::Kept, None, at).await.unwrap();
        tx.close_handling(&third.handling.id, "member:ab", noon()).await.unwrap();
        tx.commit().await.unwrap();

        let loads = store.loads().await.unwrap();
        assert_eq!((loads.len(), loads[0].project.clone(), loads[0].open), (1, project("parsely"), 2));
        assert_eq!(store.confirmation_times(noon()).await.unwrap(), [(project("parsely"), minutes(45))]);
        assert_eq!(store.confirmation_times(noon() + minutes(1)).await.unwrap(), []);
        let weeks = store.weeks_since(noon(), noon() + WEEK + WEEK).await.unwrap();
        assert_eq!(weeks[&0], Counted { received: 1, in_time: 1, late: 0 });
        assert_eq!(weeks[&1], Counted { received: 2, in_time: 0, late: 2 }, "answered late, and not at all");
    }
}
