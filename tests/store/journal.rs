//! Messages are kept as they came, claimed, filed once, and found again as twins.

use fingerpost::domain::address::Addressee;
use fingerpost::domain::id::ArrivalId;
use fingerpost::domain::report::{CHUNK, Door, Peer, Raw};
use fingerpost::store::{FiledAs, Filing, StoreError, TwinKey};

use crate::house::{House, dice, entry, mailbox, minutes, noon, tell, tell_through};

fn filing(filed_as: FiledAs) -> Filing {
    Filing {
        filed_as,
        at: noon() + minutes(1),
        case: None,
        because: Some("it answers a mail of ours".to_owned()),
        message_id: Some("one@finder.example".to_owned()),
        from: Some("Jane@finder.example".to_owned()),
        subject: Some("Out of office".to_owned()),
        body_sha256: Some([7; 32]),
    }
}

on_both! {
    async fn a_message_comes_back_as_it_was_kept(house: House) {
        let store = house.store().await;
        let mut message = entry(b"Subject: a\0b\xff\r\n\r\n.\r\n");
        message.door = Door::Smtp;
        message.peer = Some(Peer { ip: "2001:db8::7".parse().unwrap(), helo: "mx\0.example".to_owned(), is_trusted: true });
        message.sender = None;
        message.addressees = vec![Addressee::Party("ab".repeat(32)), Addressee::Security, Addressee::ReturnPath("0".repeat(64))];
        store.keep(message.clone()).await.unwrap();

        let claimed = store.claim_arrivals(10).await.unwrap();

        assert_eq!(claimed.len(), 1);
        let arrival = &claimed[0];
        assert_eq!(store.arrival(&message.id).await.unwrap().as_ref(), Some(arrival));
        assert_eq!((&arrival.id, arrival.arrived_at, arrival.door), (&message.id, noon(), Door::Smtp));
        let peer = arrival.peer.as_ref().unwrap();
        assert_eq!((peer.ip.to_string().as_str(), peer.is_trusted), ("2001:db8::7", true));
        assert_eq!(peer.helo, "mx\u{fffd}.example", "PostgreSQL has no NUL in a text");
        assert_eq!((&arrival.sender, &arrival.addressees, arrival.deaths), (&None, &message.addressees, 0));
        let Raw::Memory(bytes) = &message.raw else { unreachable!() };
        assert_eq!(arrival.size, bytes.len() as u64);
        assert_eq!(&store.raw(&message.id).await.unwrap(), bytes, "the bytes themselves are untouched");
    }

    async fn a_large_message_is_kept_in_rows_of_256_kib_and_comes_back_whole(house: House) {
        let store = house.store().await;
        let bytes: Vec<u8> = (0..2 * CHUNK + 1).map(|n| (n % 251) as u8).collect();
        let spool = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(spool.path(), &bytes).unwrap();
        for size in [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1] {
            let in_memory = entry(&bytes[..size]);
            store.keep(in_memory.clone()).await.unwrap();
            assert!(store.raw(&in_memory.id).await.unwrap() == bytes[..size], "{size} bytes from memory");
            let mut spooled = entry(b"");
            spooled.raw = Raw::Spooled { path: spool.path().to_owned(), size: size as u64 };
            store.keep(spooled.clone()).await.unwrap();
            assert!(store.raw(&spooled.id).await.unwrap() == bytes[..size], "{size} bytes from a spool file");
        }
        let mut empty = entry(b"");
        empty.raw = Raw::Spooled { path: spool.path().to_owned(), size: 0 };
        store.keep(empty.clone()).await.unwrap();
        assert!(store.raw(&empty.id).await.unwrap().is_empty());
    }

    async fn a_spool_file_that_is_shorter_than_promised_is_not_kept_and_leaves_nothing(house: House) {
        let store = house.store().await;
        let spool = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(spool.path(), vec![b'x'; CHUNK + 5]).unwrap();
        let mut message = entry(b"");
        message.raw = Raw::Spooled { path: spool.path().to_owned(), size: CHUNK as u64 + 6 };
        assert!(matches!(store.keep(message.clone()).await, Err(StoreError::Unavailable(_))));
        assert!(matches!(store.raw(&message.id).await, Err(StoreError::Corrupt(_))), "there is no such arrival");
        message.raw = Raw::Spooled { path: spool.path().to_owned(), size: CHUNK as u64 + 5 };
        store.keep(message).await.unwrap();
        assert_eq!(store.unfiled().await.unwrap(), 1, "the chunks of the first try are not in the way");
    }

    async fn arrivals_are_claimed_oldest_first_and_only_once_until_released(house: House) {
        let store = house.store().await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            let message = entry(b"x");
            ids.push(message.id.clone());
            store.keep(message).await.unwrap();
        }
        let claim = async |limit| {
            store.claim_arrivals(limit).await.unwrap().into_iter().map(|arrival| arrival.id).collect::<Vec<_>>()
        };
        assert_eq!(claim(2).await, ids[..2]);
        assert_eq!(claim(9).await, ids[2..]);
        assert!(claim(9).await.is_empty());
        store.release_arrival(&ids[3]).await.unwrap();
        let again = store.claim_arrivals(9).await.unwrap();
        assert_eq!((&again[0].id, again[0].deaths, again.len()), (&ids[3], 0, 1));
        assert_eq!(store.unfiled().await.unwrap(), 5, "claimed is not filed");
    }

    async fn an_arrival_is_filed_once_and_then_stands_in_its_list(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let later = entry(b"auto reply");
        store.keep(later.clone()).await.unwrap();
        assert_eq!(store.filed_one(&told.arrival).await.unwrap(), None, "not before it is filed");

        let mut tx = store.begin().await.unwrap();
        let automatic = Filing { case: Some(told.case.clone()), ..filing(FiledAs::Automatic) };
        assert!(tx.file_arrival(&told.arrival, &automatic).await.unwrap());
        assert!(!tx.file_arrival(&told.arrival, &filing(FiledAs::Held)).await.unwrap(), "the first filing counts");
        let second = Filing { at: noon() + minutes(2), from: None, because: None, ..filing(FiledAs::Automatic) };
        assert!(tx.file_arrival(&later.id, &second).await.unwrap());
        assert!(!tx.file_arrival(&ArrivalId::new(noon(), dice()), &second).await.unwrap(), "no such arrival");
        tx.commit().await.unwrap();

        assert_eq!(store.unfiled().await.unwrap(), 0);
        let lines = store.filed(FiledAs::Automatic, 10).await.unwrap();
        assert_eq!(lines.iter().map(|line| &line.arrival).collect::<Vec<_>>(), [&later.id, &told.arrival]);
        let line = store.filed_one(&told.arrival).await.unwrap().unwrap();
        assert_eq!(lines[1], line);
        assert_eq!((line.arrived_at, line.filed_at), (noon(), automatic.at));
        assert_eq!((line.from, line.subject, line.because), (automatic.from, automatic.subject, automatic.because));
        assert_eq!(line.case_number, Some(told.number));
        assert_eq!(line.sender, Some(mailbox("jane@finder.example")));
        assert_eq!(store.filed(FiledAs::Automatic, 1).await.unwrap().len(), 1);
        assert!(store.filed(FiledAs::SetAside, 10).await.unwrap().is_empty());
    }

    async fn a_twin_has_the_same_message_id_from_addressees_and_body(house: House) {
        let store = house.store().await;
        let party = Addressee::Party("ab".repeat(32));
        let mut first = entry(b"x");
        first.addressees = vec![Addressee::Security, party.clone()];
        store.keep(first.clone()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let from = mailbox("jane@FINDER.example");
        let both = [party, Addressee::Security, Addressee::Security];
        let key = TwinKey { message_id: "one@finder.example", from: &from, addressees: &both, body_sha256: &[7; 32] };
        assert_eq!(tx.find_twin(&key).await.unwrap(), None, "nothing is filed yet");

        tx.file_arrival(&first.id, &filing(FiledAs::Report)).await.unwrap();

        assert_eq!(tx.find_twin(&key).await.unwrap().unwrap().arrival, first.id);
        let stranger = mailbox("jane@other.example");
        for other in [
            TwinKey { message_id: "two@finder.example", ..key },
            TwinKey { from: &stranger, ..key },
            TwinKey { addressees: &[Addressee::Security], ..key },
            TwinKey { body_sha256: &[8; 32], ..key },
        ] {
            assert_eq!(tx.find_twin(&other).await.unwrap(), None, "{other:?}");
        }
        tx.commit().await.unwrap();
    }

    async fn a_report_by_mail_is_told_from_one_by_the_form(house: House) {
        let store = house.store().await;
        for (door, by_mail) in [(Door::Smtp, true), (Door::Lmtp, true), (Door::File, true), (Door::Form, false)] {
            let told = tell_through(&store, door, "jane@finder.example", noon()).await;
            let mut tx = store.begin().await.unwrap();
            assert_eq!(tx.came_by_mail(&told.case).await.unwrap(), by_mail, "{door:?}");
            tx.commit().await.unwrap();
        }
    }

    async fn a_twin_of_a_twin_leads_to_the_first_and_its_case(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let second = entry(b"x");
        store.keep(second.clone()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.file_arrival(&second.id, &filing(FiledAs::Twin)).await.unwrap();
        let from = mailbox("jane@finder.example");
        let addressees = [Addressee::Security];
        let key = TwinKey { message_id: "one@finder.example", from: &from, addressees: &addressees, body_sha256: &[7; 32] };
        assert_eq!(tx.find_twin(&key).await.unwrap(), None, "a twin is not what a third is a twin of");
        let report = Filing { case: Some(told.case.clone()), ..filing(FiledAs::Report) };
        tx.file_arrival(&told.arrival, &report).await.unwrap();
        let twin = tx.find_twin(&key).await.unwrap().unwrap();
        assert_eq!((twin.arrival, twin.case), (told.arrival, Some(told.case)));
        tx.commit().await.unwrap();
    }
}

#[test]
fn what_an_arrival_is_filed_as_is_read_back_from_its_word() {
    for filed in
        [FiledAs::Report, FiledAs::Message, FiledAs::Held, FiledAs::Automatic, FiledAs::Twin, FiledAs::SetAside]
    {
        assert_eq!(FiledAs::from_word(filed.word()), Some(filed));
    }
    assert_eq!(FiledAs::from_word("lost"), None);
}
