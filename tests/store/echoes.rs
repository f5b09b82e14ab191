//! Mails that look alike are counted by subject, address and domain.

use fingerpost::domain::echo::Alike;
use fingerpost::store::{FiledAs, Filing, Store};

use crate::house::{House, entry, mailbox, minutes, noon};

/// A mail that opened a case at noon.
async fn opened(store: &Store, from: &str, subject: &str) {
    let message = entry(b"Subject: x\r\n\r\nx\r\n");
    store.keep(message.clone()).await.unwrap();
    let filing = Filing {
        filed_as: FiledAs::Report,
        at: noon(),
        case: None,
        because: None,
        message_id: None,
        from: Some(from.to_owned()),
        subject: Some(subject.to_owned()),
        body_sha256: None,
    };
    let mut tx = store.begin().await.unwrap();
    assert!(tx.file_arrival(&message.id, &filing).await.unwrap());
    tx.commit().await.unwrap();
}

on_both! {
    async fn alike_are_mails_of_one_subject_and_answers_of_one_address_or_domain(house: House) {
        let store = house.store().await;
        for (from, subject) in [
            ("help-1@robots.example", "[Ticket#1] Re: [SEC-2026-0001] We have your report"),
            ("help-2@robots.example", "[Ticket#22] Re: [SEC-2026-0002] We have your report"),
            ("help-2@robots.example", "Re: [SEC-2026-0003] other"),
            ("help-2@robots.example", "a report of its own"),
            ("jane@finder.example", "A Report  of its own"),
        ] {
            opened(&store, from, subject).await;
        }
        let mut tx = store.begin().await.unwrap();
        let robot = mailbox("Help-2@robots.example");
        let key = Some("[ticket#] re: [sec-#-#] we have your report");
        let counted = tx.alike(&robot, key, "[sec-#-#]", noon() - minutes(1)).await.unwrap();
        let expected =
            Alike { same_subject: 2, same_subject_of_domain: 2, answers_of_address: 2, answers_of_domain: 3 };
        assert_eq!(counted, expected);
        let own = tx.alike(&robot, Some("a report of its own"), "[sec-#-#]", noon() - minutes(1)).await.unwrap();
        assert_eq!((own.same_subject, own.same_subject_of_domain), (2, 1));
        assert_eq!(tx.alike(&robot, None, "[sec-#-#]", noon()).await.unwrap(), Alike::default(), "an earlier day");
    }
}
