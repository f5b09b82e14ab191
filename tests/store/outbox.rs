//! Letters are claimed when due, settled by who claimed them, and forget their bytes.

use fingerpost::domain::abuse::SentToday;
use fingerpost::domain::id::LetterId;
use fingerpost::domain::letter::{Letter, LetterKind};
use fingerpost::store::{ClaimedLetter, OutboxCounts, Store};
use jiff::Timestamp;

use crate::house::{House, letter, mailbox, minutes, noon, tell};

async fn put(store: &Store, letters: &[&Letter]) {
    let mut tx = store.begin().await.unwrap();
    for letter in letters {
        tx.put_letter(letter).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn claim(store: &Store, now: Timestamp) -> Vec<LetterId> {
    store.claim_letters(now, 10).await.unwrap().into_iter().map(|letter| letter.id).collect()
}

on_both! {
    async fn a_letter_is_claimed_when_it_is_due_with_the_bytes_it_was_put_with(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let forward = Letter {
            case: Some(told.case.clone()),
            handling: Some(told.handling.id.clone()),
            party: Some(told.reporter.id.clone()),
            bytes: b"\0\xff\r\n".to_vec(),
            ..letter(LetterKind::Forward, "Sam@Parsely.example", noon() + minutes(1))
        };
        let receipt = letter(LetterKind::Receipt, "jane@finder.example", noon());
        put(&store, &[&forward, &receipt]).await;
        assert_eq!(store.next_letter_due().await.unwrap(), Some(noon()));
        assert_eq!(claim(&store, noon() - minutes(1)).await, []);
        assert_eq!(claim(&store, noon()).await, vec![receipt.id.clone()]);
        assert_eq!(store.next_letter_due().await.unwrap(), Some(forward.due_at), "the other is claimed");

        let [claimed] = &store.claim_letters(noon() + minutes(1), 10).await.unwrap()[..] else { panic!("one letter") };

        let expected = ClaimedLetter {
            id: forward.id.clone(),
            kind: LetterKind::Forward,
            case: forward.case,
            handling: forward.handling,
            party: forward.party,
            recipient: mailbox("sam@parsely.example"),
            message_id: forward.message_id,
            subject: forward.subject,
            bytes: forward.bytes,
            created_at: noon(),
            tries: 0,
            first_deferred_at: None,
        };
        assert_eq!(claimed, &expected);
        assert_eq!(store.next_letter_due().await.unwrap(), None);
        let facts = store.letter(&forward.id).await.unwrap().unwrap();
        assert!(facts.claimed);
        assert_eq!((facts.case_number, facts.project.unwrap().as_str(), facts.size), (Some(told.number), "parsely", 4));
        assert_eq!(facts.recipient.as_str(), "Sam@parsely.example", "the local part as it is written");
        let mut tx = store.begin().await.unwrap();
        let of_case = tx.letters_of(&told.case).await.unwrap();
        assert_eq!(of_case, store.letters_of(&told.case).await.unwrap());
        let of_handling = tx.letters_of_handling(&told.handling.id).await.unwrap();
        assert_eq!(of_handling, store.letters_of(&told.case).await.unwrap());
        assert_eq!(of_handling[0].id, forward.id);
    }

    async fn the_longest_due_letter_comes_first_and_no_more_than_asked_for(house: House) {
        let store = house.store().await;
        let late = letter(LetterKind::Receipt, "a@finder.example", noon());
        let early = letter(LetterKind::Receipt, "b@finder.example", noon() - minutes(5));
        let middle = letter(LetterKind::Receipt, "c@finder.example", noon() - minutes(1));
        put(&store, &[&late, &early, &middle]).await;
        let two: Vec<_> = store.claim_letters(noon(), 2).await.unwrap().into_iter().map(|letter| letter.id).collect();
        assert_eq!(two, [early.id, middle.id]);
        assert_eq!(claim(&store, noon()).await, [late.id]);
    }

    async fn a_settled_letter_keeps_its_facts_and_forgets_its_bytes(house: House) {
        let store = house.store().await;
        let (sent, refused) =
            (letter(LetterKind::Receipt, "a@finder.example", noon()), letter(LetterKind::Receipt, "b@finder.example", noon()));
        put(&store, &[&sent, &refused]).await;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.settle_sent(&sent.id, noon(), "250").await.unwrap(), "nobody has claimed it");
        drop(tx);
        claim(&store, noon()).await;
        let at = noon() + minutes(1);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.settle_sent(&sent.id, at, "250 2.0.0 queued\0").await.unwrap());
        assert!(!tx.settle_sent(&sent.id, at, "250 again").await.unwrap());
        assert!(tx.settle_refused(&refused.id, at, "5.1.1", "550 no such user").await.unwrap());
        let facts = tx.letter(&sent.id).await.unwrap().unwrap();
        assert_eq!((facts.sent_at, facts.tries, facts.claimed), (Some(at), 1, false));
        assert_eq!(facts.answer.as_deref(), Some("250 2.0.0 queued\u{fffd}"));
        tx.commit().await.unwrap();
        let facts = store.letter(&refused.id).await.unwrap().unwrap();
        assert_eq!((facts.refused_at, facts.sent_at, facts.status.as_deref()), (Some(at), None, Some("5.1.1")));
        assert_eq!(claim(&store, at + minutes(60)).await, []);
        assert_eq!(store.outbox_counts(None).await.unwrap(), OutboxCounts { waiting: 0, deferred: 0, refused: 1 });
        assert_eq!(bytes_in(house, "letters").await, 0);
    }

    async fn a_letter_that_came_back_is_refused_once_whether_it_was_sent_or_is_on_its_way(house: House) {
        let store = house.store().await;
        let letters = ["a", "b", "c"].map(|local| letter(LetterKind::Receipt, &format!("{local}@finder.example"), noon()));
        put(&store, &[&letters[0], &letters[1], &letters[2]]).await;
        claim(&store, noon()).await;
        let at = noon() + minutes(1);
        let mut tx = store.begin().await.unwrap();
        tx.settle_sent(&letters[0].id, noon(), "250 queued").await.unwrap();
        for letter in &letters[..2] {
            assert!(tx.refuse_after_all(&letter.id, at, "5.1.1", "550 no such user").await.unwrap());
            assert!(!tx.refuse_after_all(&letter.id, at + minutes(1), "5.1.1", "again").await.unwrap());
            let facts = tx.letter(&letter.id).await.unwrap().unwrap();
            assert_eq!((facts.sent_at, facts.refused_at, facts.status.as_deref()), (None, Some(at), Some("5.1.1")));
        }
        assert!(!tx.settle_sent(&letters[1].id, at, "250 queued").await.unwrap(), "the report was faster");
        tx.commit().await.unwrap();
        store.release_letters(std::slice::from_ref(&letters[2].id)).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(tx.withdraw_letter(&letters[2].id, at).await.unwrap());
        assert!(!tx.refuse_after_all(&letters[2].id, at, "5.1.1", "550").await.unwrap(), "it never left");
    }

    async fn a_deferred_letter_comes_back_when_it_is_due_and_remembers_since_when(house: House) {
        let store = house.store().await;
        let slow = letter(LetterKind::Receipt, "a@finder.example", noon());
        put(&store, &[&slow]).await;
        for (try_at, due_at) in [(noon(), noon() + minutes(5)), (noon() + minutes(5), noon() + minutes(10))] {
            assert_eq!(claim(&store, try_at).await, vec![slow.id.clone()]);
            let mut tx = store.begin().await.unwrap();
            assert!(tx.defer(&slow.id, try_at, due_at, "451 later").await.unwrap());
            assert!(!tx.defer(&slow.id, try_at, due_at, "451 later").await.unwrap(), "the claim is over");
            tx.commit().await.unwrap();
            assert_eq!(store.next_letter_due().await.unwrap(), Some(due_at));
        }
        let claimed = store.claim_letters(noon() + minutes(10), 1).await.unwrap();
        assert_eq!((claimed[0].tries, claimed[0].first_deferred_at), (2, Some(noon())));
        assert_eq!(claimed[0].bytes, slow.bytes, "the same as ever");
        assert_eq!(store.outbox_counts(None).await.unwrap(), OutboxCounts { waiting: 0, deferred: 1, refused: 0 });
    }

    async fn a_released_letter_is_as_if_it_had_never_been_claimed(house: House) {
        let store = house.store().await;
        let (one, two) =
            (letter(LetterKind::Receipt, "a@finder.example", noon()), letter(LetterKind::Receipt, "b@finder.example", noon()));
        put(&store, &[&one, &two]).await;
        let before = store.outbox(10).await.unwrap();
        claim(&store, noon()).await;
        store.release_letters(&[one.id.clone(), two.id.clone()]).await.unwrap();
        assert_eq!(store.outbox(10).await.unwrap(), before);
        assert_eq!(claim(&store, noon()).await, [one.id, two.id]);
    }

    async fn a_letter_is_withdrawn_only_before_it_leaves(house: House) {
        let store = house.store().await;
        let (early, late) =
            (letter(LetterKind::Forward, "a@parsely.example", noon() + minutes(1)), letter(LetterKind::Forward, "b@sage.example", noon()));
        put(&store, &[&early, &late]).await;
        claim(&store, noon()).await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.withdraw_letter(&early.id, noon()).await.unwrap());
        assert!(!tx.withdraw_letter(&early.id, noon()).await.unwrap());
        assert!(!tx.withdraw_letter(&late.id, noon()).await.unwrap(), "it is on its way");
        tx.commit().await.unwrap();
        assert_eq!(claim(&store, noon() + minutes(9)).await, []);
        assert_eq!(store.letter(&early.id).await.unwrap().unwrap().withdrawn_at, Some(noon()));
    }

    async fn a_claim_that_was_lost_settles_nothing(house: House) {
        let first = house.node("boot-1").await;
        let receipt = letter(LetterKind::Receipt, "a@finder.example", noon());
        put(&first, &[&receipt]).await;
        claim(&first, noon()).await;
        first.close().await; // its claim goes free
        let second = house.node("boot-2").await;
        let mut tx = second.begin().await.unwrap();
        assert!(!tx.settle_sent(&receipt.id, noon(), "250").await.unwrap(), "it is nobody's now");
        assert!(!tx.settle_refused(&receipt.id, noon(), "5.0.0", "no").await.unwrap());
        assert!(!tx.defer(&receipt.id, noon(), noon(), "later").await.unwrap());
        drop(tx);
        second.release_letters(std::slice::from_ref(&receipt.id)).await.unwrap();
        assert_eq!(claim(&second, noon()).await, [receipt.id]);
    }

    async fn the_outbox_shows_what_waits_and_then_what_was_settled_last(house: House) {
        let store = house.store().await;
        let letters: Vec<_> = (0..4)
            .map(|n| letter(LetterKind::Receipt, "a@finder.example", noon() + minutes(n)))
            .collect();
        put(&store, &letters.iter().collect::<Vec<_>>()).await;
        assert_eq!(claim(&store, noon() + minutes(1)).await.len(), 2);
        let mut tx = store.begin().await.unwrap();
        tx.settle_sent(&letters[1].id, noon() + minutes(5), "250").await.unwrap();
        tx.settle_sent(&letters[0].id, noon() + minutes(6), "250").await.unwrap();
        tx.commit().await.unwrap();
        let shown = async |limit| {
            store.outbox(limit).await.unwrap().into_iter().map(|letter| letter.id).collect::<Vec<_>>()
        };
        let id = |n: usize| letters[n].id.clone();
        assert_eq!(shown(10).await, [id(2), id(3), id(0), id(1)]);
        assert_eq!(shown(3).await, [id(2), id(3), id(0)]);
        assert_eq!(shown(1).await, [id(2)]);
        assert_eq!(store.outbox_counts(None).await.unwrap(), OutboxCounts { waiting: 2, deferred: 0, refused: 0 });
    }

    async fn automatic_letters_of_a_day_are_counted_by_address_domain_and_in_all(house: House) {
        let store = house.store().await;
        let kinds = [LetterKind::Receipt, LetterKind::ConfirmReply, LetterKind::Bounce, LetterKind::Forward, LetterKind::SignIn];
        for kind in kinds {
            put(&store, &[&letter(kind, "Jane@finder.example", noon())]).await;
        }
        put(&store, &[&letter(LetterKind::Receipt, "joe@finder.example", noon())]).await;
        put(&store, &[&letter(LetterKind::Receipt, "jane@other.example", noon())]).await;
        let mut tx = store.begin().await.unwrap();
        let jane = mailbox("jane@finder.example");
        let sent = tx.automatic_letters(noon() - minutes(1), &jane).await.unwrap();
        assert_eq!(sent, SentToday { to_address: 3, to_domain: 4, receipts_in_all: 3 });
        assert_eq!(tx.automatic_letters(noon(), &jane).await.unwrap(), SentToday::default());
        assert_eq!(tx.sign_in_letters(&jane, noon() - minutes(1)).await.unwrap(), 1);
        assert_eq!(tx.sign_in_letters(&jane, noon()).await.unwrap(), 0);
    }
}

/// How many rows of a table still have bytes, read past the store.
async fn bytes_in(house: &House, table: &str) -> i64 {
    assert_eq!(table, "letters");
    let sql = "SELECT COUNT(*) FROM letters WHERE bytes IS NOT NULL";
    match &house.url {
        fingerpost::store::DatabaseUrl::Sqlite(path) => {
            let pool = sqlx::SqlitePool::connect_with(sqlx::sqlite::SqliteConnectOptions::new().filename(path));
            sqlx::query_scalar(sql).fetch_one(&pool.await.unwrap()).await.unwrap()
        }
        fingerpost::store::DatabaseUrl::Postgres(url) => {
            sqlx::query_scalar(sql).fetch_one(&sqlx::PgPool::connect(url).await.unwrap()).await.unwrap()
        }
    }
}
