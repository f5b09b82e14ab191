//! How the house itself is.

use fingerpost::domain::id::{AuditId, SessionId};
use fingerpost::domain::letter::LetterKind;
use fingerpost::store::{AuditRow, MailState, SessionRow};
use jiff::Timestamp;

use crate::house::{House, dice, entry, letter, mailbox, minutes, noon};

on_both! {
    async fn the_last_sign_in_of_each_is_known_also_after_it_ended(house: House) {
        let store = house.store().await;
        assert_eq!(store.last_sign_ins().await.unwrap(), []);
        let (ada, ben) = (mailbox("ada@foundation.example"), mailbox("ben@foundation.example"));
        let mut tx = store.begin().await.unwrap();
        for (who, minute) in [(&ada, 0), (&ben, 1), (&ada, 2)] {
            let id = SessionId::new(noon(), dice());
            let began = noon() + minutes(minute);
            let session =
                SessionRow { id: id.clone(), email: who.clone(), created_at: began, seen_at: began, device: None };
            tx.start_session(&session, id.as_str()).await.unwrap();
            tx.end_session(&id, who, noon() + minutes(3)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let expected = [(ada, noon() + minutes(2)), (ben, noon() + minutes(1))];
        assert_eq!(store.last_sign_ins().await.unwrap(), expected);
    }

    async fn refused_letters_are_counted_from_a_moment_on(house: House) {
        let store = house.store().await;
        let put = letter(LetterKind::Digest, "ada@foundation.example", noon());
        let mut tx = store.begin().await.unwrap();
        tx.put_letter(&put).await.unwrap();
        tx.commit().await.unwrap();
        let ada = mailbox("ada@foundation.example");
        let since = async |minute| store.mail_state(&ada, noon() + minutes(minute)).await.unwrap();
        assert_eq!(since(0).await, MailState { waiting: 1, ..MailState::default() });
        assert_eq!(store.claim_letters(noon(), 1).await.unwrap().len(), 1);
        let mut tx = store.begin().await.unwrap();
        tx.settle_refused(&put.id, noon(), "5.1.1", "no such user").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(since(-1).await, MailState { bounces: 1, ..MailState::default() });
        assert_eq!(since(0).await, MailState::default());
    }

    async fn mail_that_waits_to_be_worked_on_has_a_time(house: House) {
        let store = house.store().await;
        store.keep(entry(b"x")).await.unwrap();
        let noon = Some(noon());
        let waits = MailState { last_arrival_at: noon, unfiled: 1, unfiled_since: noon, ..MailState::default() };
        let ada = mailbox("ada@foundation.example");
        assert_eq!(store.mail_state(&ada, Timestamp::MIN).await.unwrap(), waits);
    }

    async fn the_last_audit_is_read_back(house: House) {
        let store = house.store().await;
        assert_eq!(store.last_audit().await.unwrap(), None);
        let audit = |minute, findings| {
            AuditRow { at: noon() + minutes(minute), cases: 3, entries: 40, findings, seal: Some(2) }
        };
        let mut tx = store.begin().await.unwrap();
        for (minute, findings) in [(5, 1), (9, 0), (7, 2)] {
            tx.insert_audit(&AuditId::new(noon(), dice()), &audit(minute, findings)).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(store.last_audit().await.unwrap(), Some(audit(9, 0)));
    }
}
