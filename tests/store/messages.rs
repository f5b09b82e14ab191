//! Messages in lanes, and mail that is held until a member decides.

use fingerpost::domain::id::{ArrivalId, CaseId, MessageId};
use fingerpost::domain::party::{Author, Lane};
use fingerpost::domain::report::Remote;
use fingerpost::store::{HeldTooLong, MessageRow, Store};
use jiff::Timestamp;

use crate::house::{House, dice, entry, mailbox, minutes, noon, tell};

async fn arrival(store: &Store) -> ArrivalId {
    let message = entry(b"x");
    store.keep(message.clone()).await.unwrap();
    message.id
}

fn held(arrival: ArrivalId, case: Option<CaseId>, at: Timestamp) -> MessageRow {
    MessageRow {
        case,
        arrival: Some(arrival),
        from: Some(mailbox("stranger@other.example")),
        subject: "Re: flaw".to_owned(),
        body: "I know more.\n".to_owned(),
        remote: Remote { images: 2, others: 0 },
        proof: "no SPF record, no DKIM signature".to_owned(),
        held_because: Some("nothing vouches for the sender".to_owned()),
        held_at: Some(at),
        ..MessageRow::blank(MessageId::new(at, dice()), Author::Stranger, at)
    }
}

on_both! {
    async fn a_message_is_read_back_in_its_lane(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let message = MessageRow {
            lane: Some(Lane::Project),
            handling: Some(told.handling.id.clone()),
            party: Some(told.reporter.id.clone()),
            author: Author::Party,
            from_name: Some("Sam".to_owned()),
            words: Some("Yes.".to_owned()),
            passed_on_from: Some(MessageId::from_row("another")),
            held_at: None,
            held_because: None,
            ..held(arrival(&store).await, Some(told.case.clone()), noon() + minutes(1))
        };
        let mut tx = store.begin().await.unwrap();
        tx.insert_message(&message).await.unwrap();
        assert!(!tx.decide_held(&message.id, "released", "member:ab", None, None, noon()).await.unwrap(), "never held");
        assert_eq!(tx.message(&message.id).await.unwrap(), Some(message.clone()));
        assert_eq!(tx.messages_of(&told.case).await.unwrap(), vec![message.clone()]);
        assert_eq!((message.said(), MessageRow { words: None, ..message.clone() }.said()), ("Yes.", "I know more.\n"));
        tx.commit().await.unwrap();
        assert_eq!(store.messages_of(&told.case).await.unwrap(), vec![message.clone()]);
        assert_eq!(store.message(&message.id).await.unwrap(), Some(message));
        assert_eq!(store.message(&MessageId::from_row("none")).await.unwrap(), None);
        assert!(store.held(10).await.unwrap().is_empty());
    }

    async fn of_held_mail_that_nobody_decides_about_members_are_reminded_once(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let of_case = held(arrival(&store).await, Some(told.case.clone()), noon());
        let of_none = held(arrival(&store).await, None, noon() + minutes(1));
        let fresh = held(arrival(&store).await, None, noon() + minutes(9));
        let decided = held(arrival(&store).await, None, noon());
        let mut tx = store.begin().await.unwrap();
        for row in [&of_none, &of_case, &fresh, &decided] {
            tx.insert_message(row).await.unwrap();
        }
        assert!(tx.decide_held(&decided.id, "not-related", "member:ab", None, None, noon()).await.unwrap());
        tx.commit().await.unwrap();
        let (since, now) = (noon() + minutes(5), noon() + minutes(60));
        assert!(!store.is_held_too_long(noon() - minutes(1)).await.unwrap());
        assert!(store.is_held_too_long(since).await.unwrap());
        let mut tx = store.begin().await.unwrap();
        let late = tx.remind_of_held(since, now, 1).await.unwrap();
        let number = store.case(&told.case).await.unwrap().unwrap().number;
        assert_eq!(late, [HeldTooLong { message: of_case.id, case: Some((told.case, number)), held_at: noon() }]);
        let late = tx.remind_of_held(since, now, 10).await.unwrap();
        assert_eq!(late, [HeldTooLong { message: of_none.id, case: None, held_at: noon() + minutes(1) }]);
        assert!(tx.remind_of_held(since, now, 10).await.unwrap().is_empty(), "once");
        tx.commit().await.unwrap();
        assert!(!store.is_held_too_long(since).await.unwrap());
    }

    async fn held_mail_waits_oldest_first_until_one_member_decides(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let later = held(arrival(&store).await, None, noon() + minutes(2));
        let earlier = held(arrival(&store).await, Some(told.case.clone()), noon() + minutes(1));
        let mut tx = store.begin().await.unwrap();
        tx.insert_message(&later).await.unwrap();
        tx.insert_message(&earlier).await.unwrap();
        tx.commit().await.unwrap();
        let waiting = store.held(10).await.unwrap();
        assert_eq!(waiting, [(earlier.clone(), Some(told.number)), (later.clone(), None)]);
        assert_eq!(store.held(1).await.unwrap().len(), 1);

        let at = noon() + minutes(9);
        let mut tx = store.begin().await.unwrap();
        let lane = Some(Lane::Project);
        let handling = Some(&told.handling.id);
        assert!(tx.decide_held(&earlier.id, "released", "member:ab", lane, handling, at).await.unwrap());
        assert!(!tx.decide_held(&earlier.id, "dismissed", "member:cd", None, None, at).await.unwrap(), "the first counts");
        assert!(tx.decide_held(&later.id, "dismissed", "member:ab", None, None, at).await.unwrap());
        tx.commit().await.unwrap();

        assert!(store.held(10).await.unwrap().is_empty());
        let dismissed = store.message(&later.id).await.unwrap().unwrap();
        assert_eq!((dismissed.lane, dismissed.decision.as_deref()), (None, Some("dismissed")));
        let [released] = &store.messages_of(&told.case).await.unwrap()[..] else { panic!("one message") };
        let expected = MessageRow {
            handling: Some(told.handling.id),
            lane,
            decided_at: Some(at),
            decided_by: Some("member:ab".to_owned()),
            decision: Some("released".to_owned()),
            ..earlier
        };
        assert_eq!(released, &expected);
    }
}
