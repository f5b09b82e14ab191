//! Cases that are kept from members, and what of them is counted.

use fingerpost::domain::id::ConflictId;
use fingerpost::domain::letter::{Letter, LetterKind};
use fingerpost::store::{ConflictRow, DeskCounts, Named, Store};

use crate::house::{House, Told, dice, letter, mailbox, minutes, noon, tell};

pub async fn keep(store: &Store, told: &Told, member: &str) -> ConflictRow {
    let conflict = ConflictRow {
        id: ConflictId::new(noon(), dice()),
        member: mailbox(member),
        declared_at: noon(),
        declared_by: "member:abc".to_owned(),
        because: "A friend\0of theirs.".to_owned(),
        ended_at: None,
    };
    let mut tx = store.begin().await.unwrap();
    tx.keep_from(&told.case, &conflict).await.unwrap();
    tx.commit().await.unwrap();
    conflict
}

on_both! {
    async fn a_case_is_kept_from_a_member_until_it_is_given_back(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let other = tell(&store, "kay@finder.example", noon()).await;
        let conflict = keep(&store, &told, "Ada@foundation.example").await;
        let ada = mailbox("ada@foundation.example");
        let kept = store.kept_from(&ada).await.unwrap();
        assert!(kept.has(&told.case) && kept.has_number(told.number.as_str()) && !kept.has(&other.case));
        assert!(store.kept_from(&mailbox("ben@foundation.example")).await.unwrap().is_empty());

        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.kept_from_whom(&told.case).await.unwrap(), std::slice::from_ref(&ada));
        assert_eq!(tx.give_back(&other.case, &ada, "member:def", noon()).await.unwrap(), None);
        let ended = tx.give_back(&told.case, &ada, "member:def", noon() + minutes(1)).await.unwrap();
        assert_eq!(ended.as_ref(), Some(&conflict.id));
        assert_eq!(tx.give_back(&told.case, &ada, "member:def", noon()).await.unwrap(), None, "once");
        assert!(tx.kept_from_whom(&told.case).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        assert!(store.kept_from(&ada).await.unwrap().is_empty());
        keep(&store, &told, "ada@foundation.example").await;
        let rows = store.conflicts_of(&told.case).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.ended_at).collect::<Vec<_>>(), [Some(noon() + minutes(1)), None]);
        assert_eq!(rows[0].because, "A friend\u{fffd}of theirs.");
    }

    async fn what_is_kept_from_a_member_is_counted_apart(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        tell(&store, "kay@finder.example", noon()).await;
        let ada = mailbox("ada@foundation.example");
        assert_eq!(store.counts_of_kept(&ada, noon()).await.unwrap(), DeskCounts::default());
        keep(&store, &told, "ada@foundation.example").await;
        let (all, kept) = (store.desk_counts(noon()).await.unwrap(), store.counts_of_kept(&ada, noon()).await.unwrap());
        assert_eq!((all.open, kept.open, kept.last_arrival_at), (2, 1, None));
        assert_eq!(all.without(&kept), DeskCounts { open: 1, ..all });
    }

    async fn whatever_an_address_names_is_found_with_its_case(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let sent = Letter {
            case: Some(told.case.clone()),
            ..letter(LetterKind::MemberReminder, "ben@foundation.example", noon())
        };
        let mut tx = store.begin().await.unwrap();
        tx.put_letter(&sent).await.unwrap();
        tx.commit().await.unwrap();
        for (named, found) in [
            (Named::Number(told.number.as_str()), true),
            (Named::Number("SEC\0"), false),
            (Named::Handling(told.handling.id.as_str()), true),
            (Named::Letter(sent.id.as_str()), true),
            (Named::Arrival(told.arrival.as_str()), true),
            (Named::Message("none"), false),
            (Named::Knowledge("none"), false),
        ] {
            let cases = if found { vec![told.case.clone()] } else { Vec::new() };
            assert_eq!(store.cases_of(named).await.unwrap(), cases, "{named:?}");
        }
    }

    async fn whoever_a_case_is_kept_from_loses_the_claim_and_the_letters_that_wait(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let (ada, ben) = (mailbox("Ada@foundation.example"), mailbox("ben@foundation.example"));
        let mut tx = store.begin().await.unwrap();
        let theirs = Letter {
            case: Some(told.case.clone()),
            ..letter(LetterKind::MemberReminder, "Ada@foundation.example", noon())
        };
        let as_a_party = Letter {
            case: Some(told.case.clone()),
            party: Some(told.reporter.id.clone()),
            ..letter(LetterKind::MemberReply, "ada@foundation.example", noon())
        };
        for letter in [&theirs, &as_a_party] {
            tx.put_letter(letter).await.unwrap();
        }
        assert!(tx.claim_case(&told.case, &ada).await.unwrap());
        assert!(!tx.take_from_owner(&told.case, &ben).await.unwrap());
        assert!(tx.take_from_owner(&told.case, &mailbox("ada@foundation.example")).await.unwrap());
        let waiting = tx.waiting_letters_to(&told.case, &mailbox("ada@foundation.example")).await.unwrap();
        assert_eq!(waiting, [theirs.id]);
        tx.commit().await.unwrap();
        assert_eq!(store.case(&told.case).await.unwrap().unwrap().owner, None);
    }
}
