//! Parties, the links that open something for them, and sessions.

use fingerpost::domain::address::{InstanceKey, Purpose};
use fingerpost::domain::id::{PartyId, SessionId};
use fingerpost::domain::party::{Party, PartyRole, Shares};
use fingerpost::store::{Choices, Link, NewSignIn, SessionRow};
use tokio::task::JoinSet;

use crate::house::{House, dice, mailbox, minutes, noon, tell};

on_both! {
    async fn parties_are_read_back_in_the_order_they_came(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let list = Party {
            id: PartyId::new(noon(), dice()),
            case: told.case.clone(),
            role: PartyRole::Contact(told.handling.id.clone()),
            mailbox: Some(mailbox("security@parsely.example")),
            name: None,
            is_list: true,
            shares: Shares::Nothing,
            generation: 3,
        };
        let nameless = Party {
            id: PartyId::new(noon(), dice()),
            mailbox: None,
            role: PartyRole::Reporter,
            is_list: false,
            shares: Shares::NameAndAddress,
            ..list.clone()
        };
        let mut tx = store.begin().await.unwrap();
        tx.insert_party(&nameless, noon() + minutes(2)).await.unwrap();
        tx.insert_party(&list, noon() + minutes(1)).await.unwrap();
        assert_eq!(tx.party(&list.id).await.unwrap(), Some(list.clone()));
        let parties = tx.parties_of(&told.case).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(parties, [told.reporter, list, nameless.clone()]);
        assert_eq!(store.parties_of(&told.case).await.unwrap(), parties);
        assert_eq!(store.party(&nameless.id).await.unwrap(), Some(nameless));
        assert_eq!(store.party(&PartyId::from_row("none")).await.unwrap(), None);
    }

    async fn a_link_is_found_by_its_fingerprint_and_used_once(house: House) {
        let store = house.store().await;
        let key = InstanceKey::new([7; 32]);
        let token = key.token(Purpose::SignInLink, "letter-1", 2);
        let expires_at = Some(noon() + minutes(15));
        let mut tx = store.begin().await.unwrap();
        tx.issue(&token, "letter-1", 2, expires_at).await.unwrap();
        tx.issue(&token, "letter-1", 2, None).await.unwrap();
        let issued = Link { purpose: Purpose::SignInLink, row: "letter-1".to_owned(), generation: 2, expires_at, used_at: None };
        assert_eq!(tx.link(&token.fingerprint()).await.unwrap(), Some(issued.clone()), "issued again, it is the same");
        tx.commit().await.unwrap();
        assert_eq!(store.link(&token.fingerprint()).await.unwrap(), Some(issued));
        assert_eq!(store.link(token.letters()).await.unwrap(), None, "the token itself is nowhere");
        let mut tx = store.begin().await.unwrap();
        tx.repoint_link(&token.fingerprint(), "party-9").await.unwrap();
        let moved = tx.link(&token.fingerprint()).await.unwrap().unwrap();
        assert_eq!(moved.row, "party-9");
        tx.repoint_link(&token.fingerprint(), "letter-1").await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = store.begin().await.unwrap();
        assert!(!tx.use_link("unknown", noon()).await.unwrap());
        assert!(!tx.use_link(&token.fingerprint(), noon() + minutes(15)).await.unwrap(), "expired at that very moment");
        assert!(tx.use_link(&token.fingerprint(), noon() + minutes(14)).await.unwrap());
        assert!(!tx.use_link(&token.fingerprint(), noon() + minutes(14)).await.unwrap());
        tx.commit().await.unwrap();
        let link = store.link(&token.fingerprint()).await.unwrap().unwrap();
        assert_eq!(link.used_at, Some(noon() + minutes(14)));
    }

    async fn eight_racers_use_a_link_once(house: House) {
        let store = house.store().await;
        let token = InstanceKey::new([7; 32]).token(Purpose::SignInLink, "letter-1", 0);
        let mut tx = store.begin().await.unwrap();
        tx.issue(&token, "letter-1", 0, None).await.unwrap();
        tx.commit().await.unwrap();
        let mut racers = JoinSet::new();
        for _ in 0..8 {
            let (store, fingerprint) = (store.clone(), token.fingerprint());
            racers.spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let used = tx.use_link(&fingerprint, noon()).await.unwrap();
                tx.commit().await.unwrap();
                used
            });
        }
        assert_eq!(racers.join_all().await.into_iter().filter(|used| *used).count(), 1);
    }

    async fn all_links_of_a_row_end_together_and_what_had_ended_stays_so(house: House) {
        let store = house.store().await;
        let key = InstanceKey::new([7; 32]);
        let tokens = [Purpose::PartyAddress, Purpose::StatusLink, Purpose::ActionLink].map(|purpose| key.token(purpose, "row", 0));
        let other = key.token(Purpose::StatusLink, "other", 0);
        let ends = [None, Some(noon() + minutes(99)), Some(noon() - minutes(1))];
        let mut tx = store.begin().await.unwrap();
        for (token, end) in tokens.iter().zip(ends) {
            tx.issue(token, "row", 0, end).await.unwrap();
        }
        tx.issue(&other, "other", 0, None).await.unwrap();
        tx.expire_links("row", noon()).await.unwrap();
        tx.commit().await.unwrap();
        for (token, end) in tokens.iter().zip([noon(), noon(), noon() - minutes(1)]) {
            assert_eq!(store.link(&token.fingerprint()).await.unwrap().unwrap().expires_at, Some(end));
        }
        assert_eq!(store.link(&other.fingerprint()).await.unwrap().unwrap().expires_at, None);
    }

    async fn a_session_lasts_until_it_is_ended(house: House) {
        let store = house.store().await;
        let ada = mailbox("ada@foundation.example");
        let [here, there, old] = [minutes(0), minutes(1), minutes(-600)].map(|later| SessionRow {
            id: SessionId::new(noon(), dice()),
            email: ada.clone(),
            created_at: noon() + later,
            seen_at: noon() + later,
            device: (later == minutes(0)).then(|| "Firefox on Linux".to_owned()),
        });
        let mut tx = store.begin().await.unwrap();
        for (session, fingerprint) in [(&here, "here"), (&there, "there"), (&old, "old")] {
            tx.start_session(session, fingerprint).await.unwrap();
        }
        tx.touch_session(&here.id, noon() + minutes(5)).await.unwrap();
        tx.touch_session(&here.id, noon() + minutes(4)).await.unwrap();
        tx.commit().await.unwrap();
        let here = SessionRow { seen_at: noon() + minutes(5), ..here };
        assert_eq!(store.session("here").await.unwrap(), Some(here.clone()), "never back");
        assert_eq!(store.session("another").await.unwrap(), None);
        assert_eq!(store.sessions_of(&ada, noon() - minutes(1)).await.unwrap(), [here.clone(), there.clone()]);
        assert_eq!(store.sessions_of(&mailbox("ben@foundation.example"), noon()).await.unwrap(), []);

        let mut tx = store.begin().await.unwrap();
        let ben = mailbox("ben@foundation.example");
        assert!(!tx.end_session(&here.id, &ben, noon() + minutes(6)).await.unwrap(), "it is not his");
        assert!(tx.end_session(&here.id, &ada, noon() + minutes(6)).await.unwrap());
        assert!(!tx.end_session(&here.id, &ada, noon() + minutes(7)).await.unwrap(), "once");
        tx.end_session_of("old", noon() + minutes(7)).await.unwrap();
        assert_eq!(tx.end_other_sessions(&there.id, &ada, noon() + minutes(8)).await.unwrap(), 0);
        assert_eq!(tx.end_other_sessions(&old.id, &ada, noon() + minutes(8)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        for fingerprint in ["here", "there", "old"] {
            assert_eq!(store.session(fingerprint).await.unwrap(), None);
        }
    }

    async fn a_code_is_tried_in_the_browser_that_asked_so_often_and_so_long(house: House) {
        let store = house.store().await;
        let mut tx = store.begin().await.unwrap();
        for (id, browser, asked_at, back) in [
            ("old row", "old", noon() - minutes(20), None),
            ("row", "browser", noon(), Some("/cases")),
        ] {
            tx.ask_sign_in(&NewSignIn { id, browser, asked_at, back }, minutes(15)).await.unwrap();
        }
        let since = noon() - minutes(15);
        assert_eq!(tx.try_code("old", since, 2).await.unwrap(), None, "forgotten with the next");
        assert_eq!(tx.try_code("another", since, 2).await.unwrap(), None);
        assert_eq!(tx.try_code("browser", noon(), 2).await.unwrap(), None, "too late");
        for _ in 0..2 {
            assert_eq!(tx.try_code("browser", since, 2).await.unwrap().as_deref(), Some("row"));
        }
        assert_eq!(tx.try_code("browser", since, 2).await.unwrap(), None);
        assert_eq!(tx.back_after("row").await.unwrap().as_deref(), Some("/cases"));
        assert_eq!(tx.back_after("none").await.unwrap(), None);
        tx.commit().await.unwrap();
    }

    async fn what_a_member_chose_takes_the_place_of_what_they_chose_before(house: House) {
        let store = house.store().await;
        let ada = mailbox("Ada@foundation.example");
        assert_eq!(store.choices(&ada).await.unwrap(), Choices::default());
        let mut tx = store.begin().await.unwrap();
        let berlin = Choices { zone: Some("Europe/Berlin".to_owned()), keys_off_at: Some(noon()) };
        tx.choose(&ada, &berlin).await.unwrap();
        tx.choose(&mailbox("ben@foundation.example"), &Choices::default()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.choices(&mailbox("ada@foundation.example")).await.unwrap(), berlin);
        let mut tx = store.begin().await.unwrap();
        tx.choose(&ada, &Choices::default()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.choices(&ada).await.unwrap(), Choices::default());
    }
}
