//! What a mail points at is found by the letter that it answers or the number that it carries.

use fingerpost::domain::case::CaseRef;
use fingerpost::domain::id::LetterId;
use fingerpost::domain::letter::{Letter, LetterKind};
use fingerpost::store::{Answered, FiledAs, Filing};

use crate::house::{House, entry, letter, mailbox, minutes, noon, tell};

on_both! {
    async fn a_letter_and_a_number_lead_to_their_case(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let about = Letter {
            case: Some(told.case.clone()),
            party: Some(told.reporter.id.clone()),
            ..letter(LetterKind::Forward, "kim@sage.example", noon())
        };
        let other = letter(LetterKind::SignIn, "ada@foundation.example", noon());
        let mut tx = store.begin().await.unwrap();
        tx.put_letter(&about).await.unwrap();
        tx.put_letter(&other).await.unwrap();
        let expected = Answered { kind: LetterKind::Forward, case: told.case.clone(), party: about.party.clone() };
        assert_eq!(tx.answered(&about.id).await.unwrap(), Some(expected));
        assert_eq!(tx.answered(&other.id).await.unwrap(), None, "it is about no case");
        assert_eq!(tx.answered(&LetterId::from_row("none")).await.unwrap(), None);
        assert_eq!(tx.case_numbered(&told.number).await.unwrap(), Some(told.case));
        assert_eq!(tx.case_numbered(&CaseRef::from_row("SEC-1999-0001")).await.unwrap(), None);
    }

    async fn held_mail_of_a_sender_is_counted(house: House) {
        let store = house.store().await;
        for (from, at) in [("kay@x.example", noon()), ("kay@x.example", noon() + minutes(5)), ("joe@x.example", noon())] {
            let message = entry(b"Subject: x\r\n\r\nx\r\n");
            store.keep(message.clone()).await.unwrap();
            let filing = Filing {
                filed_as: FiledAs::Held,
                at,
                case: None,
                because: None,
                message_id: None,
                from: Some(from.to_owned()),
                subject: None,
                body_sha256: None,
            };
            let mut tx = store.begin().await.unwrap();
            tx.file_arrival(&message.id, &filing).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.held_of_sender(&mailbox("Kay@X.example"), noon() - minutes(1)).await.unwrap(), 2);
        assert_eq!(tx.held_of_sender(&mailbox("kay@x.example"), noon()).await.unwrap(), 1);
    }
}
