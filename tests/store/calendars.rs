//! Members' calendars, and the deadlines in them.

use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::{Clock, ClockEnd, ClockKind, Pause};

use crate::house::{House, mailbox, minutes, noon, tell};

on_both! {
    async fn a_calendar_is_made_gets_a_new_link_and_ends_once(house: House) {
        let store = house.store().await;
        let ada = mailbox("Ada@foundation.example");
        assert_eq!(store.calendar(&ada).await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.make_calendar(&ada, noon()).await.unwrap(), 1);
        assert_eq!(tx.make_calendar(&ada, noon() + minutes(1)).await.unwrap(), 2);
        tx.commit().await.unwrap();
        let row = store.calendar(&mailbox("ada@foundation.example")).await.unwrap().unwrap();
        assert_eq!((row.generation, row.made_at, row.ended_at), (2, noon() + minutes(1), None));
        let mut tx = store.begin().await.unwrap();
        assert!(tx.end_calendar(&ada, noon() + minutes(2)).await.unwrap());
        assert!(!tx.end_calendar(&ada, noon() + minutes(3)).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.calendar(&ada).await.unwrap().unwrap().ended_at, Some(noon() + minutes(2)));
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.make_calendar(&ada, noon() + minutes(4)).await.unwrap(), 3, "never the old link again");
        tx.commit().await.unwrap();
        assert_eq!(store.calendar(&ada).await.unwrap().unwrap().ended_at, None);
    }

    async fn deadlines_are_those_of_clocks_that_run_the_nearest_first(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let clock = |kind, target| Clock::start(kind, noon(), minutes(target));
        let mut tx = store.begin().await.unwrap();
        let of_it = Some(&told.handling.id);
        tx.start_clock("k1", &told.case, of_it, &clock(ClockKind::Acknowledge, 90)).await.unwrap();
        tx.start_clock("k2", &told.case, None, &clock(ClockKind::FirstReply, 60)).await.unwrap();
        tx.start_clock("k3", &told.case, None, &clock(ClockKind::Triage, 30)).await.unwrap();
        tx.end_clock(&told.case, ClockKind::Triage, None, ClockEnd::Kept, None, noon()).await.unwrap();
        let mut paused = clock(ClockKind::Acknowledge, 90);
        paused.pause = Some(Pause { since: noon(), until: noon() + minutes(30), because: "They asked.".to_owned() });
        assert!(tx.save_pause("k1", &paused).await.unwrap());
        tx.commit().await.unwrap();
        let deadlines = store.deadlines(10).await.unwrap();
        let shown: Vec<_> = deadlines.iter().map(|one| (one.id.as_str(), one.kind, one.is_paused)).collect();
        assert_eq!(shown, [("k2", ClockKind::FirstReply, false), ("k1", ClockKind::Acknowledge, true)]);
        let project = &deadlines[1];
        assert_eq!((project.number.clone(), project.project.clone()), (told.number, Some(told.handling.project)));
        assert_eq!((project.due_at, project.started_at), (noon() + minutes(90), noon()));
        assert_ne!(project.state, CaseState::Closed);
        assert_eq!(store.deadlines(1).await.unwrap().len(), 1);
    }
}
