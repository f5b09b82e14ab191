//! Clocks: how they start, stop, stand still and are found when they have something to say.

use fingerpost::domain::clock::{Clock, ClockEnd, ClockKind};
use fingerpost::domain::id::{CaseId, HandlingId, LetterId, MessageId};
use fingerpost::domain::letter::{Letter, LetterKind};
use fingerpost::domain::party::{Author, Lane};
use fingerpost::store::{ClockRow, MessageRow, Store};
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::house::{House, Told, letter, mailbox, minutes, noon, tell};

fn clock(kind: ClockKind, started_at: Timestamp) -> Clock {
    Clock::start(kind, started_at, minutes(60))
}

async fn start(store: &Store, id: &str, told: &Told, handling: Option<&HandlingId>, kind: ClockKind) {
    let mut tx = store.begin().await.unwrap();
    tx.start_clock(id, &told.case, handling, &clock(kind, noon())).await.unwrap();
    tx.commit().await.unwrap();
}

async fn read(store: &Store, told: &Told, id: &str) -> Clock {
    let clocks = store.clocks_of(&told.case).await.unwrap();
    clocks.into_iter().find(|row| row.id == id).unwrap().clock
}

/// A letter of the case that the relay took at `sent_at`.
async fn sent(store: &Store, case: &CaseId, kind: LetterKind, sent_at: Timestamp) -> LetterId {
    let letter = Letter { case: Some(case.clone()), ..letter(kind, "jane@finder.example", noon()) };
    let mut tx = store.begin().await.unwrap();
    tx.put_letter(&letter).await.unwrap();
    tx.commit().await.unwrap();
    store.claim_letters(noon(), 10).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.settle_sent(&letter.id, sent_at, "250 ok").await.unwrap());
    tx.commit().await.unwrap();
    letter.id
}

on_both! {
    async fn clocks_of_the_case_and_of_each_handling_are_told_apart(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let handling = Some(&told.handling.id);
        start(&store, "k1", &told, None, ClockKind::FirstReply).await;
        start(&store, "k2", &told, handling, ClockKind::Acknowledge).await;
        let stop = noon() + minutes(5);
        let mut tx = store.begin().await.unwrap();
        let kept = ClockEnd::Kept;
        assert!(!tx.end_clock(&told.case, ClockKind::Acknowledge, None, kept, None, stop).await.unwrap(), "the handling's");
        assert!(!tx.end_clock(&told.case, ClockKind::FirstReply, handling, kept, None, stop).await.unwrap());
        assert!(tx.end_clock(&told.case, ClockKind::FirstReply, None, kept, None, stop).await.unwrap());
        let again = tx.end_clock(&told.case, ClockKind::FirstReply, None, ClockEnd::Closed, None, stop + minutes(1)).await;
        assert!(!again.unwrap(), "once");
        assert_eq!(tx.clocks_of(&told.case).await.unwrap().len(), 2);
        tx.commit().await.unwrap();
        let clocks = store.clocks_of(&told.case).await.unwrap();
        let ended = (clocks[0].id.as_str(), clocks[0].clock.stopped_at, clocks[0].clock.ended_as);
        assert_eq!(ended, ("k1", Some(stop), Some(kept)));
        let (case, handling) = (told.case, Some(told.handling.id));
        let second = ClockRow { id: "k2".to_owned(), case, handling, clock: clock(ClockKind::Acknowledge, noon()) };
        assert_eq!(clocks[1], second);
    }

    async fn a_clock_that_was_stopped_is_read_back_as_it_was_written(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let ended = Clock {
            stopped_at: Some(noon() + minutes(7)),
            ended_as: Some(ClockEnd::Breached),
            stopped_by: Some(LetterId::from_row("letter")),
            told: minutes(20),
            next_at: None,
            paused: minutes(3),
            ..clock(ClockKind::Acknowledge, noon())
        };
        let mut tx = store.begin().await.unwrap();
        tx.start_clock("k1", &told.case, Some(&told.handling.id), &ended).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(read(&store, &told, "k1").await, ended);
    }

    async fn all_clocks_of_a_case_end_with_it_but_for_a_promise_whose_letter_is_on_its_way(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let other = tell(&store, "joe@other.example", noon()).await;
        start(&store, "k1", &told, None, ClockKind::FirstReply).await;
        start(&store, "k2", &told, Some(&told.handling.id), ClockKind::Acknowledge).await;
        start(&store, "k3", &other, None, ClockKind::FirstReply).await;
        let mut tx = store.begin().await.unwrap();
        let spare = Some(ClockKind::FirstReply);
        assert_eq!(tx.end_clocks(&told.case, ClockEnd::Closed, spare, noon()).await.unwrap(), 1);
        assert_eq!(tx.end_clocks(&told.case, ClockEnd::Closed, None, noon()).await.unwrap(), 1);
        assert_eq!(tx.end_clocks(&told.case, ClockEnd::Closed, None, noon()).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(read(&store, &told, "k2").await.ended_as, Some(ClockEnd::Closed));
        assert_eq!(read(&store, &other, "k3").await.ended_as, None);
    }

    async fn the_case_that_waited_longest_is_looked_at_first_and_stopped_clocks_never(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let other = tell(&store, "joe@other.example", noon()).await;
        start(&store, "k1", &told, None, ClockKind::FirstReply).await;
        start(&store, "k2", &other, None, ClockKind::FirstReply).await;
        let mut tx = store.begin().await.unwrap();
        tx.look_again("k1", Some(noon() + minutes(2))).await.unwrap();
        tx.look_again("k2", Some(noon() + minutes(1))).await.unwrap();
        tx.commit().await.unwrap();
        let next = async |at| store.cases_to_look_at(at, 1).await.unwrap().pop();
        assert_eq!(next(noon()).await, None);
        assert_eq!(next(noon() + minutes(1)).await.as_ref(), Some(&other.case));
        assert_eq!(next(noon() + minutes(9)).await.as_ref(), Some(&other.case));
        let mut tx = store.begin().await.unwrap();
        tx.look_again("k2", None).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(next(noon() + minutes(9)).await.as_ref(), Some(&told.case));
        let mut tx = store.begin().await.unwrap();
        tx.put_off_clocks(&told.case, noon() + minutes(30)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(next(noon() + minutes(29)).await, None);
        let mut tx = store.begin().await.unwrap();
        tx.end_clocks(&told.case, ClockEnd::Closed, None, noon()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(next(noon() + minutes(99)).await, None);
    }

    async fn a_clock_and_a_letter_that_were_dated_ahead_start_now(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let now = noon() + minutes(5);
        let ahead = clock(ClockKind::Progress, noon() + minutes(600));
        start(&store, "k1", &told, None, ClockKind::FirstReply).await;
        let letter_ahead = letter(LetterKind::Receipt, "jane@finder.example", noon() + minutes(600));
        let letter_soon = letter(LetterKind::Receipt, "jane@finder.example", noon() + minutes(9));
        let mut tx = store.begin().await.unwrap();
        tx.start_clock("k2", &told.case, None, &ahead).await.unwrap();
        tx.put_letter(&letter_ahead).await.unwrap();
        tx.put_letter(&letter_soon).await.unwrap();
        assert_eq!(tx.start_clocks_dated_ahead(now).await.unwrap(), std::slice::from_ref(&told.case));
        assert_eq!(tx.start_clocks_dated_ahead(now).await.unwrap(), []);
        assert_eq!(tx.hurry_letters_dated_ahead(now, now + minutes(60)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(read(&store, &told, "k2").await, clock(ClockKind::Progress, now));
        assert_eq!(read(&store, &told, "k1").await, clock(ClockKind::FirstReply, noon()));
        assert_eq!(store.letter(&letter_ahead.id).await.unwrap().unwrap().due_at, now);
        assert_eq!(store.letter(&letter_soon.id).await.unwrap().unwrap().due_at, noon() + minutes(9));
    }

    async fn of_eight_nodes_one_alone_tells_a_step(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        start(&store, "k1", &told, None, ClockKind::FirstReply).await;
        let mut nodes = JoinSet::new();
        for _ in 0..8 {
            let store = store.clone();
            nodes.spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let is_mine = tx.tell_step("k1", minutes(20), Some(noon() + minutes(40))).await.unwrap();
                tx.commit().await.unwrap();
                is_mine
            });
        }
        assert_eq!(nodes.join_all().await.into_iter().filter(|is_mine| *is_mine).count(), 1);
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.tell_step("k1", minutes(10), None).await.unwrap(), "a lower one is passed over for good");
        assert!(tx.tell_step("k1", minutes(40), None).await.unwrap());
        tx.end_clocks(&told.case, ClockEnd::Kept, None, noon()).await.unwrap();
        assert!(!tx.tell_step("k1", minutes(60), None).await.unwrap(), "it no longer runs");
        tx.commit().await.unwrap();
        let clock = read(&store, &told, "k1").await;
        assert_eq!((clock.told, clock.next_at), (minutes(40), None));
    }

    async fn a_clock_is_paused_once_and_told_nothing_meanwhile(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        start(&store, "k1", &told, Some(&told.handling.id), ClockKind::Acknowledge).await;
        let mut paused = clock(ClockKind::Acknowledge, noon());
        paused.pause(noon() + minutes(1), noon() + minutes(11), "They\0asked.").unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(tx.save_pause("k1", &paused).await.unwrap());
        assert!(!tx.save_pause("k1", &paused).await.unwrap(), "another was faster");
        assert!(!tx.tell_step("k1", minutes(20), None).await.unwrap());
        tx.commit().await.unwrap();
        let back = read(&store, &told, "k1").await;
        assert_eq!(back.due_at, noon() + minutes(70));
        assert_eq!(back.pause.as_ref().unwrap().because, "They\u{fffd}asked.");

        let mut runs = back;
        assert!(runs.resume(noon() + minutes(5)));
        let mut tx = store.begin().await.unwrap();
        assert!(tx.save_pause("k1", &runs).await.unwrap());
        assert!(!tx.save_pause("k1", &runs).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(read(&store, &told, "k1").await, runs);
        assert_eq!((runs.paused, runs.due_at), (minutes(4), noon() + minutes(64)));
    }

    async fn progress_starts_anew_and_what_was_told_is_forgotten(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        start(&store, "k1", &told, None, ClockKind::Progress).await;
        let mut tx = store.begin().await.unwrap();
        tx.tell_step("k1", minutes(60), None).await.unwrap();
        let anew = clock(ClockKind::Progress, noon() + minutes(70));
        assert!(tx.restart_clock("k1", &anew).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(read(&store, &told, "k1").await, anew);
        let mut tx = store.begin().await.unwrap();
        tx.end_clocks(&told.case, ClockEnd::Closed, None, noon()).await.unwrap();
        assert!(!tx.restart_clock("k1", &anew).await.unwrap(), "what ended stays ended");
    }

    async fn a_letter_that_comes_back_restores_the_clock_it_stopped_unless_another_arrived(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        start(&store, "k1", &told, None, ClockKind::FirstReply).await;
        let first = sent(&store, &told.case, LetterKind::MemberReply, noon() + minutes(1)).await;
        let receipt = sent(&store, &told.case, LetterKind::Receipt, noon() + minutes(2)).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.other_answer(&told.case, &first).await.unwrap(), None, "a receipt is no answer");
        let by = Some(&first);
        tx.end_clock(&told.case, ClockKind::FirstReply, None, ClockEnd::Kept, by, noon() + minutes(1)).await.unwrap();
        assert!(!tx.restore_clock(&told.case, &receipt, noon()).await.unwrap(), "it stopped nothing");
        tx.commit().await.unwrap();

        let second = sent(&store, &told.case, LetterKind::ContactReply, noon() + minutes(3)).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.other_answer(&told.case, &first).await.unwrap().as_ref(), Some(&second));
        tx.credit_other_letter(&first, &second).await.unwrap();
        assert!(!tx.restore_clock(&told.case, &first, noon()).await.unwrap());
        assert!(tx.restore_clock(&told.case, &second, noon() + minutes(4)).await.unwrap());
        tx.commit().await.unwrap();
        let restored = read(&store, &told, "k1").await;
        let expected = Clock { next_at: Some(noon() + minutes(4)), ..clock(ClockKind::FirstReply, noon()) };
        assert_eq!(restored, expected, "with its old deadline");
    }

    async fn held_mail_to_a_contacts_address_may_be_the_acknowledgement_until_a_member_decides(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let handling = &told.handling.id;
        assert!(!store.acknowledgement_is_held(handling).await.unwrap());
        let held = MessageRow {
            case: Some(told.case.clone()),
            handling: Some(handling.clone()),
            from: Some(mailbox("k@parsely.example")),
            subject: "Re:".to_owned(),
            body: "Yes.".to_owned(),
            proof: "nothing".to_owned(),
            held_because: Some("Nothing vouches for the sender.".to_owned()),
            held_at: Some(noon()),
            ..MessageRow::blank(MessageId::new(noon(), crate::house::dice()), Author::Stranger, noon())
        };
        let mut tx = store.begin().await.unwrap();
        tx.insert_message(&held).await.unwrap();
        assert!(tx.acknowledgement_is_held(handling).await.unwrap());
        tx.commit().await.unwrap();
        assert!(store.acknowledgement_is_held(handling).await.unwrap());
        let mut tx = store.begin().await.unwrap();
        let lane = Some(Lane::Project);
        assert!(tx.decide_held(&held.id, "project-lane", "member:ab", lane, None, noon()).await.unwrap());
        tx.commit().await.unwrap();
        assert!(!store.acknowledgement_is_held(handling).await.unwrap());
    }
}
