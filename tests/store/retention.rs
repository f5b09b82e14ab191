//! What is erased when its time has come, and what stays.

use fingerpost::domain::address::{InstanceKey, Purpose};
use fingerpost::domain::case::{Actor, CaseEvent, CaseState, Closing, EventKind};
use fingerpost::domain::id::{ArrivalId, CaseId, MessageId};
use fingerpost::domain::letter::LetterKind;
use fingerpost::domain::party::Author;
use fingerpost::domain::report::Attachment;
use fingerpost::flows::audit;
use fingerpost::store::{FiledAs, Filing, MessageRow, RetentionCounts, Store};
use jiff::Timestamp;

use crate::house::{House, Told, dice, entry, letter, mailbox, minutes, noon, tell};

async fn close(store: &Store, told: &Told, at: Timestamp) {
    let mut tx = store.begin().await.unwrap();
    assert!(tx.close_case(&told.case, Closing::Resolved, "program", at).await.unwrap());
    tx.append_event(&told.case, &event(EventKind::Closed));
    tx.commit().await.unwrap();
}

fn event(kind: EventKind) -> CaseEvent {
    CaseEvent { kind, at: noon(), actor: Actor::Program, detail: String::new() }
}

fn filing(filed_as: FiledAs, case: Option<CaseId>) -> Filing {
    Filing {
        filed_as,
        at: noon(),
        case,
        because: Some("of jane@finder.example".to_owned()),
        message_id: Some("one@finder.example".to_owned()),
        from: Some("jane@finder.example".to_owned()),
        subject: Some("flaw in Parsely".to_owned()),
        body_sha256: Some([7; 32]),
    }
}

async fn file(store: &Store, arrival: &ArrivalId, filing: &Filing) {
    let mut tx = store.begin().await.unwrap();
    tx.file_arrival(arrival, filing).await.unwrap();
    tx.commit().await.unwrap();
}

async fn held(store: &Store, told: &Told) -> MessageId {
    let mail = entry(b"x");
    store.keep(mail.clone()).await.unwrap();
    let id = MessageId::new(noon(), dice());
    let mut tx = store.begin().await.unwrap();
    tx.insert_message(&MessageRow {
        case: Some(told.case.clone()),
        arrival: Some(mail.id),
        from_name: Some("Kit".to_owned()),
        from: Some(mailbox("kit@other.example")),
        subject: "Re: flaw".to_owned(),
        body: "I know more.\n".to_owned(),
        words: Some("I know more.".to_owned()),
        proof: "nothing vouches for other.example".to_owned(),
        held_because: Some("kit@other.example is nobody we know".to_owned()),
        held_at: Some(noon()),
        ..MessageRow::blank(id.clone(), Author::Stranger, noon())
    })
    .await
    .unwrap();
    tx.append_event(&told.case, &event(EventKind::MessageHeld));
    tx.commit().await.unwrap();
    id
}

async fn decide(store: &Store, told: &Told, message: &MessageId) {
    let mut tx = store.begin().await.unwrap();
    assert!(tx.decide_held(message, "not-related", "member:ab", None, None, noon()).await.unwrap());
    tx.append_event(&told.case, &event(EventKind::HeldMessageReleased));
    tx.commit().await.unwrap();
}

on_both! {
    async fn the_bytes_of_a_closed_case_go_once_and_what_was_read_of_them_stays(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        file(&store, &told.arrival, &filing(FiledAs::Report, Some(told.case.clone()))).await;
        let held = held(&store, &told).await;
        let until = noon() + minutes(60);
        assert_eq!(store.cases_with_originals(until, 9).await.unwrap(), [], "it is open");
        close(&store, &told, noon() + minutes(30)).await;
        assert_eq!(store.cases_with_originals(until, 9).await.unwrap(), [], "held mail waits for a decision");
        decide(&store, &told, &held).await;
        assert_eq!(store.cases_with_originals(noon() + minutes(29), 9).await.unwrap(), []);
        assert_eq!(store.cases_with_originals(until, 9).await.unwrap(), std::slice::from_ref(&told.case));

        let mut tx = store.begin().await.unwrap();
        assert!(tx.erase_originals(&told.case, until).await.unwrap());
        assert!(!tx.erase_originals(&told.case, until).await.unwrap());
        tx.append_event(&told.case, &event(EventKind::OriginalsErased));
        tx.commit().await.unwrap();
        assert!(store.raw(&told.arrival).await.is_err());
        assert_eq!(store.original_erased_at(&told.arrival).await.unwrap(), Some(until));
        assert_eq!(store.original_erased_at(&ArrivalId::from_row("none")).await.unwrap(), None);
        assert_eq!(store.reports_of(&told.case).await.unwrap(), std::slice::from_ref(&told.report));
        assert_eq!(store.case(&told.case).await.unwrap().unwrap().originals_erased_at, Some(until));
        assert_eq!(store.cases_with_originals(until, 9).await.unwrap(), []);
        assert_eq!(audit::verify(&store, None).await.unwrap().findings, []);

        let mut tx = store.begin().await.unwrap();
        assert!(tx.reopen_case(&told.case, CaseState::Triage, "more came").await.unwrap());
        tx.append_event(&told.case, &event(EventKind::Reopened));
        tx.commit().await.unwrap();
        close(&store, &told, until).await;
        assert_eq!(store.cases_with_originals(until, 9).await.unwrap(), [told.case], "what came later goes as well");
    }

    async fn of_an_erased_case_its_skeleton_stays_and_its_record_still_proves_it(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        file(&store, &told.arrival, &filing(FiledAs::Report, Some(told.case.clone()))).await;
        let held = held(&store, &told).await;
        decide(&store, &told, &held).await;
        let key = InstanceKey::new([1; 32]);
        let token = key.token(Purpose::StatusLink, told.reporter.id.as_str(), 0);
        let mut put = letter(LetterKind::Receipt, "jane@finder.example", noon());
        put.case = Some(told.case.clone());
        let mut tx = store.begin().await.unwrap();
        tx.put_letter(&put).await.unwrap();
        tx.issue(&token, told.reporter.id.as_str(), 0, None).await.unwrap();
        let file = Attachment { part: 1, name: "poc.zip".to_owned(), media_type: "application/zip".to_owned(), size: 9, sha256: [3; 32] };
        tx.insert_attachments(&told.arrival, &[file]).await.unwrap();
        assert!(tx.answered(&put.id).await.unwrap().is_some());
        assert!(tx.case_numbered(&told.number).await.unwrap().is_some());
        tx.append_event(&told.case, &event(EventKind::LetterWritten));
        tx.commit().await.unwrap();
        close(&store, &told, noon()).await;
        assert_eq!(store.cases_not_erased(noon(), 9).await.unwrap(), [], "a letter waits for a relay");
        assert_eq!(store.claim_letters(noon(), 9).await.unwrap().len(), 1);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.settle_sent(&put.id, noon(), "250 for jane").await.unwrap());
        tx.append_event(&told.case, &event(EventKind::LetterSent));
        tx.commit().await.unwrap();
        assert_eq!(store.cases_not_erased(noon(), 9).await.unwrap(), std::slice::from_ref(&told.case));

        let mut tx = store.begin().await.unwrap();
        assert!(tx.erase_case(&told.case, noon() + minutes(1)).await.unwrap());
        assert!(!tx.erase_case(&told.case, noon() + minutes(2)).await.unwrap());
        tx.append_event(&told.case, &event(EventKind::Erased));
        tx.commit().await.unwrap();
        let case = store.case(&told.case).await.unwrap().unwrap();
        assert_eq!((case.title.as_str(), case.erased_at), ("[erased]", Some(noon() + minutes(1))));
        assert_eq!((case.state, case.closed_as), (CaseState::Closed, Some(Closing::Resolved)));
        assert!(case.judgement.candidates.is_empty());
        let [report] = &store.reports_of(&told.case).await.unwrap()[..] else { panic!("one report") };
        assert_eq!((report.body.as_str(), &report.from, report.arrived_at), ("[erased]", &None, noon()));
        let [party] = &store.parties_of(&told.case).await.unwrap()[..] else { panic!("one party") };
        assert_eq!((&party.mailbox, &party.name), (&None, &None));
        let [message] = &store.messages_of(&told.case).await.unwrap()[..] else { panic!("one message") };
        assert_eq!((message.body.as_str(), &message.words, &message.from), ("[erased]", &None, &None));
        let [sent] = &store.letters_of(&told.case).await.unwrap()[..] else { panic!("one letter") };
        assert_eq!((sent.recipient.as_str(), sent.subject.as_str()), ("erased@erased.invalid", "[erased]"));
        assert_eq!((sent.sent_at, &sent.answer), (Some(noon()), &None));
        assert_eq!(store.attachments_of(&told.arrival).await.unwrap(), []);
        assert_eq!(store.link(&token.fingerprint()).await.unwrap(), None);
        assert!(store.raw(&told.arrival).await.is_err());
        assert_eq!(store.arrival(&told.arrival).await.unwrap().unwrap().sender, None);
        assert_eq!(audit::verify(&store, None).await.unwrap().findings, []);

        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.answered(&put.id).await.unwrap(), None, "nothing hints at it any more");
        assert_eq!(tx.case_numbered(&told.number).await.unwrap(), None);
        assert!(!tx.reopen_case(&told.case, CaseState::Triage, "more came").await.unwrap());
    }

    async fn automatic_mail_of_no_case_loses_its_bytes_and_later_its_row_and_other_mail_does_not(house: House) {
        let store = house.store().await;
        let mut ids = Vec::new();
        for filed_as in [FiledAs::Automatic, FiledAs::Twin, FiledAs::SetAside, FiledAs::Held] {
            let mail = entry(b"Subject: none\r\n\r\nx\r\n");
            store.keep(mail.clone()).await.unwrap();
            file(&store, &mail.id, &filing(filed_as, None)).await;
            ids.push(mail.id);
        }
        let later = noon() + minutes(1);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.forget_mail_of_no_case(later, 9).await.unwrap(), 0, "its bytes are here");
        assert_eq!(tx.erase_originals_of_no_case(noon(), later, 9).await.unwrap(), 0);
        assert_eq!(tx.erase_originals_of_no_case(later, later, 9).await.unwrap(), 2);
        assert_eq!(tx.erase_originals_of_no_case(later, later, 9).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(store.original_erased_at(&ids[0]).await.unwrap(), Some(later));
        assert!(store.raw(&ids[2]).await.is_ok() && store.raw(&ids[3]).await.is_ok());
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.forget_mail_of_no_case(later, 9).await.unwrap(), 2);
        tx.commit().await.unwrap();
        assert_eq!(store.arrival(&ids[1]).await.unwrap(), None);
        assert!(store.arrival(&ids[2]).await.unwrap().is_some());
    }

    async fn of_letters_of_no_case_it_is_forgotten_to_whom_they_went_and_of_no_others(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let (digest, mut receipt) =
            (letter(LetterKind::Digest, "ada@foundation.example", noon()), letter(LetterKind::Receipt, "jane@finder.example", noon()));
        receipt.case = Some(told.case);
        let mut tx = store.begin().await.unwrap();
        tx.put_letter(&digest).await.unwrap();
        tx.put_letter(&receipt).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.claim_letters(noon(), 9).await.unwrap().len(), 2);
        let later = noon() + minutes(1);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.erase_letters_of_no_case(later, 9).await.unwrap(), 0, "they wait");
        tx.settle_sent(&digest.id, noon(), "250 for ada").await.unwrap();
        tx.settle_sent(&receipt.id, noon(), "250 for jane").await.unwrap();
        assert_eq!(tx.erase_letters_of_no_case(noon(), 9).await.unwrap(), 0);
        assert_eq!(tx.erase_letters_of_no_case(later, 9).await.unwrap(), 1);
        assert_eq!(tx.erase_letters_of_no_case(later, 9).await.unwrap(), 0);
        tx.commit().await.unwrap();
        let recipient = |letter: Option<fingerpost::store::LetterFacts>| letter.unwrap().recipient.as_str().to_owned();
        assert_eq!(recipient(store.letter(&digest.id).await.unwrap()), "erased@erased.invalid");
        assert_eq!(recipient(store.letter(&receipt.id).await.unwrap()), "jane@finder.example");
    }

    async fn what_goes_soon_is_counted(house: House) {
        let store = house.store().await;
        for minute in [0, 10] {
            let told = tell(&store, "jane@finder.example", noon()).await;
            close(&store, &told, noon() + minutes(minute)).await;
        }
        let counted = store.retention_counts(noon() + minutes(10), noon(), noon()).await.unwrap();
        assert_eq!(counted, RetentionCounts { originals: 2, texts: 1, ..RetentionCounts::default() });
        assert!(store.forget_the_log().await.unwrap());
        tell(&store, "jane@finder.example", noon()).await;
    }
}
