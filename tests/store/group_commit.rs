//! The journal under many callers at once: all kept, all told the truth, whoever goes away.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use fingerpost::domain::report::Raw;
use fingerpost::store::{JournalEntry, Store, StoreError};
use futures_util::future::{join_all, maybe_done};
use tokio::task::JoinSet;

use crate::house::{House, entry, minutes, noon};

/// Takes the first step of a `keep`, which is seldom its last, and no other.
fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) {
    let _ = future.poll(&mut Context::from_waker(Waker::noop()));
}

async fn keep_all(store: &Store, entries: &[JournalEntry]) -> Vec<Result<(), StoreError>> {
    join_all(entries.iter().map(|entry| store.keep(entry.clone()))).await
}

on_both! {
    async fn fifty_callers_at_once_are_all_kept(house: House) {
        let store = house.store().await;
        let mut callers = JoinSet::new();
        for caller in 0..50_u8 {
            let store = store.clone();
            callers.spawn(async move {
                let mut kept = Vec::new();
                for number in 0..20_u8 {
                    let message = entry(&[caller, number]);
                    store.keep(message.clone()).await.unwrap();
                    kept.push((message.id, vec![caller, number]));
                }
                kept
            });
        }
        let kept: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
        assert_eq!(kept.len(), 1000);
        assert_eq!(store.unfiled().await.unwrap(), 1000);
        for (id, bytes) in kept {
            assert_eq!(store.raw(&id).await.unwrap(), bytes);
        }
    }

    async fn more_than_fit_into_one_batch_go_into_several(house: House) {
        let store = house.store().await;
        let small: Vec<_> = (0..1500).map(|_| entry(b"x")).collect();
        assert!(keep_all(&store, &small).await.iter().all(Result::is_ok));
        let large: Vec<_> = (0..9).map(|_| entry(&vec![b'x'; 3_000_000])).collect();
        assert!(keep_all(&store, &large).await.iter().all(Result::is_ok));
        assert_eq!(store.unfiled().await.unwrap(), 1509);
    }

    async fn what_was_kept_is_there_after_the_store_is_opened_again(house: House) {
        let store = house.store().await;
        let message = entry(b"stays");
        store.keep(message.clone()).await.unwrap();
        store.close().await;
        assert!(matches!(store.keep(entry(b"late")).await, Err(StoreError::Unavailable(_))));
        let again = house.node("boot-2").await;
        assert_eq!(again.raw(&message.id).await.unwrap(), b"stays");
    }

    async fn a_batch_that_fails_tells_all_its_callers_and_the_next_one_is_kept(house: House) {
        let store = house.store().await;
        let busy = store.begin().await.unwrap(); // the first caller waits for its turn, the others behind it
        let mut spoiled = entry(b"");
        spoiled.raw = Raw::Spooled { path: "/nonexistent/spool".into(), size: 9 };
        let entries: Vec<_> = (0..10).map(|n| if n == 4 { spoiled.clone() } else { entry(b"x") }).collect();
        let keeps = keep_all(&store, &entries);
        let (results, ()) = tokio::join!(keeps, async { drop(busy) });
        let failed = results.iter().filter(|result| matches!(result, Err(StoreError::Unavailable(_)))).count();
        let kept = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(failed + kept, 10, "{results:?}");
        assert!(failed >= 1 && results[4].is_err());
        assert_eq!(store.unfiled().await.unwrap(), kept as i64, "who was told that it is not kept is not there");
        store.keep(entry(b"y")).await.unwrap();
    }

    async fn a_caller_who_goes_away_takes_only_its_own_message_with_it(house: House) {
        let store = house.store().await;
        let entries: Vec<_> = (0..4).map(|_| entry(b"x")).collect();
        let mut follower = pin!(maybe_done(store.keep(entries[2].clone())));
        let mut last = pin!(maybe_done(store.keep(entries[3].clone())));
        {
            let mut leader = pin!(store.keep(entries[0].clone()));
            let mut leaver = pin!(store.keep(entries[1].clone()));
            poll_once(leader.as_mut());
            poll_once(leaver.as_mut());
            poll_once(follower.as_mut());
            poll_once(last.as_mut());
        }
        // Leader and leaver are gone: the lead is with the third.
        tokio::join!(follower.as_mut(), last.as_mut());
        assert_eq!((follower.take_output(), last.take_output()), (Some(Ok(())), Some(Ok(()))));
        store.raw(&entries[2].id).await.unwrap();
        store.raw(&entries[3].id).await.unwrap();
        store.keep(entry(b"y")).await.unwrap();
    }

    async fn callers_who_go_away_at_any_moment_never_cost_another_its_message(house: House) {
        let store = house.store().await;
        let mut callers = JoinSet::new();
        for caller in 0..40_usize {
            let store = store.clone();
            callers.spawn(async move {
                let mut kept = Vec::new();
                for round in 0..30 {
                    let message = entry(b"x");
                    let steps = (caller * 7 + round * 3) % 20;
                    if caller % 2 == 0 {
                        store.keep(message.clone()).await.unwrap();
                        kept.push(message.id);
                    } else if give_up_after(steps, store.keep(message.clone())).await == Some(Ok(())) {
                        kept.push(message.id);
                    }
                }
                kept
            });
        }
        let kept: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
        assert!(kept.len() >= 600);
        for id in kept {
            assert_eq!(store.raw(&id).await.unwrap(), b"x");
        }
    }

    async fn the_same_id_twice_is_an_error_and_not_a_message_lost(house: House) {
        let store = house.store().await;
        let message = entry(b"first");
        store.keep(message.clone()).await.unwrap();
        let impostor = JournalEntry { raw: Raw::Memory(b"second".to_vec()), ..message.clone() };
        assert!(matches!(store.keep(impostor).await, Err(StoreError::Corrupt(_))));
        assert_eq!(store.raw(&message.id).await.unwrap(), b"first");
    }

    async fn ordinary_transactions_and_the_journal_share_the_store_in_turn(house: House) {
        let store = house.store().await;
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let store = store.clone();
            tasks.spawn(async move {
                for _ in 0..20 {
                    let mut tx = store.begin().await.unwrap();
                    tx.next_case_number(2026).await.unwrap();
                    tx.commit().await.unwrap();
                    store.keep(entry(b"x")).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.next_case_number(2026).await.unwrap(), 161);
        assert_eq!(store.unfiled().await.unwrap(), 160);
    }
}

/// Polls `future` up to `steps` times more than it is ready at once, then lets go of it.
async fn give_up_after<F: Future>(steps: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = steps;
    std::future::poll_fn(|context| {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(context) {
            return std::task::Poll::Ready(Some(output));
        }
        if left == 0 {
            return std::task::Poll::Ready(None);
        }
        left -= 1;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_who_finds_the_file_busy_is_told_to_come_again_and_then_kept() {
    let house = House::on_sqlite();
    let store = house.store().await;
    let guest = fingerpost::store::Store::open(
        &house.url,
        fingerpost::store::Role::Guest,
        fingerpost::store::Claimer::new("node", "guest"),
    )
    .await
    .unwrap();
    guest.keep(entry(b"beside a worker")).await.unwrap();
    assert_eq!(store.claim_arrivals(1).await.unwrap().len(), 1, "the worker finds it");

    let mut tx = store.begin().await.unwrap();
    tx.expire_links("nobody", noon() + minutes(1)).await.unwrap();
    let busy = guest.keep(entry(b"x")).await;
    assert!(matches!(busy, Err(StoreError::Unavailable(_))), "{busy:?}");
    tx.commit().await.unwrap();
    guest.keep(entry(b"x")).await.unwrap();
}
