//! Mails that look alike are counted by subject, address and domain.

use fingerpost::domain::echo::{Answers, SameSubject};
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
        let since = noon() - minutes(1);
        let same = tx.same_subject(&robot, "[ticket#] re: [sec-#-#] we have your report", since).await.unwrap();
        assert_eq!(same, SameSubject { in_all: 2, of_domain: 2 });
        let own = tx.same_subject(&robot, "a report of its own", since).await.unwrap();
        assert_eq!(own, SameSubject { in_all: 2, of_domain: 1 });
        let answers = tx.answers_from(&robot, "[sec-#-#]", since).await.unwrap();
        assert_eq!(answers, Answers { of_address: 2, of_domain: 3 });
        let another_day = tx.same_subject(&robot, "a report of its own", noon()).await.unwrap();
        assert_eq!(another_day, SameSubject::default());
        assert_eq!(tx.answers_from(&robot, "[sec-#-#]", noon()).await.unwrap(), Answers::default());
    }
}
