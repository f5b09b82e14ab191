//! Snoozed clocks, a confirmed exploitation, and held mail of which members are reminded once.

use fingerpost::domain::clock::{Clock, ClockKind, Snooze};

use crate::house::{House, minutes, noon, tell};

on_both! {
    async fn a_snooze_is_kept_once_and_ended_once(house: House) {
        let store = house.store().await;
        let report = tell(&store, "jane@finder.example", noon()).await;
        let mut clock = Clock::start(ClockKind::Triage, noon(), minutes(60));
        let mut tx = store.begin().await.unwrap();
        tx.start_clock("k1", &report.case, None, &clock).await.unwrap();
        clock.snooze = Some(Snooze { since: noon(), until: noon() + minutes(30), because: "They asked.".to_owned() });
        clock.next_at = Some(noon() + minutes(30));
        assert!(tx.save_snooze("k1", &clock).await.unwrap());
        assert!(!tx.save_snooze("k1", &clock).await.unwrap(), "another was faster");
        let row = tx.clocks_of(&report.case).await.unwrap().remove(0);
        assert_eq!((row.clock.snooze, row.clock.next_at), (clock.snooze.take(), clock.next_at));
        clock.next_at = Some(noon() + minutes(5));
        assert!(tx.save_snooze("k1", &clock).await.unwrap());
        assert!(!tx.save_snooze("k1", &clock).await.unwrap());
        assert_eq!(tx.clocks_of(&report.case).await.unwrap().remove(0).clock, clock);
        tx.commit().await.unwrap();
    }
}

on_both! {
    async fn an_exploitation_is_confirmed_once_and_taken_back_once(house: House) {
        let store = house.store().await;
        let report = tell(&store, "jane@finder.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.set_exploited(&report.case, None).await.unwrap());
        assert!(tx.set_exploited(&report.case, Some(noon())).await.unwrap());
        assert!(!tx.set_exploited(&report.case, Some(noon() + minutes(1))).await.unwrap());
        assert_eq!(tx.case_for_update(&report.case).await.unwrap().unwrap().exploited_at, Some(noon()));
        assert!(tx.set_exploited(&report.case, None).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.case(&report.case).await.unwrap().unwrap().exploited_at, None);
    }
}
