//! What the committee's judge was taught: a name once, a lesson for each part of a case, and both undone.

use fingerpost::domain::case::Closing;
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::id::KnowledgeId;
use fingerpost::domain::knowledge::TaughtBy;
use fingerpost::store::{CorrectionRow, LessonRow, NameRow, Origin, Store};

use crate::house::{House, Told, dice, mailbox, minutes, noon, project, tell};

fn origin(told: &Told, after: i64, member: Option<&str>) -> Origin {
    Origin {
        id: KnowledgeId::new(noon() + minutes(after), dice()),
        project: project("parsely"),
        case: told.case.clone(),
        number: told.number.clone(),
        learned_at: noon() + minutes(after),
        member: member.map(mailbox),
        undone_at: None,
        undone_by: None,
        part: Some(HandlingState::Sent),
        closed_as: None,
    }
}

fn name(told: &Told, word: &str) -> NameRow {
    NameRow { origin: origin(told, 1, Some("ada@foundation.example")), word: word.to_owned(), key: word.to_lowercase() }
}

fn lesson(told: &Told, after: i64, taught_by: TaughtBy) -> LessonRow {
    let member = (taught_by == TaughtBy::Correction).then_some("ada@foundation.example");
    LessonRow {
        origin: origin(told, after, member),
        handling: told.handling.id.clone(),
        taught_by,
        words: vec!["herb".to_owned(), "leaf".to_owned()],
        sender: Some("hash".to_owned()),
    }
}

async fn kept(store: &Store, names: &[NameRow], lessons: &[LessonRow]) {
    let mut tx = store.begin().await.unwrap();
    for name in names {
        assert_eq!(tx.remember_name(name).await.unwrap(), None);
    }
    for lesson in lessons {
        assert!(tx.learn(lesson).await.unwrap());
    }
    tx.commit().await.unwrap();
}

on_both! {
    async fn a_name_is_remembered_once_until_it_is_undone(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let first = name(&told, "Leafkit");
        kept(&store, std::slice::from_ref(&first), &[]).await;
        let mut tx = store.begin().await.unwrap();
        let again = tx.remember_name(&name(&told, "LEAFKIT")).await.unwrap();
        assert_eq!(again, Some(first.clone()), "the same key");
        tx.commit().await.unwrap();
        assert_eq!(store.remembered_names(10).await.unwrap(), std::slice::from_ref(&first));

        let (tania, later) = (mailbox("tania@foundation.example"), noon() + minutes(9));
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.undo_name(&first.origin.id, &tania, later).await.unwrap(), Some(told.case.clone()));
        assert_eq!(tx.undo_name(&first.origin.id, &tania, later).await.unwrap(), None, "once");
        assert_eq!(tx.undo_name(&KnowledgeId::from_row("none"), &tania, later).await.unwrap(), None);
        let second = name(&told, "LEAFKIT");
        assert_eq!(tx.remember_name(&second).await.unwrap(), None, "the word is free again");
        tx.commit().await.unwrap();
        let rows = store.remembered_names(10).await.unwrap();
        let [newest, oldest] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(*newest, second);
        assert_eq!((oldest.origin.undone_at, oldest.origin.undone_by.as_ref()), (Some(later), Some(&tania)));
        assert_eq!(store.remembered_names(1).await.unwrap().len(), 1);
    }

    async fn an_acknowledgement_confirms_a_correction_and_nothing_brings_back_what_was_undone(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let corrected = lesson(&told, 1, TaughtBy::Correction);
        kept(&store, &[], std::slice::from_ref(&corrected)).await;
        assert_eq!(store.lessons(10).await.unwrap(), std::slice::from_ref(&corrected));

        let confirmed = lesson(&told, 5, TaughtBy::Acknowledgement);
        kept(&store, &[], std::slice::from_ref(&confirmed)).await;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.learn(&lesson(&told, 6, TaughtBy::Acknowledgement)).await.unwrap(), "it is confirmed already");
        assert!(!tx.learn(&lesson(&told, 7, TaughtBy::Correction)).await.unwrap());
        tx.commit().await.unwrap();
        let rows = store.lessons(10).await.unwrap();
        assert_eq!((rows.len(), rows[0].taught_by), (1, TaughtBy::Acknowledgement));
        assert_eq!(rows[0].origin.learned_at, noon() + minutes(5));

        let ada = mailbox("ada@foundation.example");
        let mut tx = store.begin().await.unwrap();
        let id = rows[0].origin.id.clone();
        assert_eq!(tx.undo_lesson(&id, &ada, noon() + minutes(9)).await.unwrap(), Some(told.case.clone()));
        assert_eq!(tx.undo_lesson(&id, &ada, noon() + minutes(9)).await.unwrap(), None);
        assert!(!tx.learn(&lesson(&told, 10, TaughtBy::Acknowledgement)).await.unwrap(), "undone stays undone");
        tx.commit().await.unwrap();
        let rows = store.lessons(10).await.unwrap();
        assert_eq!((rows[0].words.len(), rows[0].sender.as_ref()), (0, None), "its words are gone");
        assert_eq!(rows[0].origin.undone_by, Some(ada));
    }

    async fn what_was_learned_is_read_with_how_its_case_stands(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        kept(&store, &[name(&told, "Leafkit")], &[lesson(&told, 1, TaughtBy::Acknowledgement)]).await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.hand_back(&told.handling.id, "party:x", noon()).await.unwrap());
        assert!(tx.close_case(&told.case, Closing::NotSecurity, "member:x", noon()).await.unwrap());
        tx.commit().await.unwrap();
        let stands = |origin: &Origin| (origin.part, origin.closed_as);
        let expected = (Some(HandlingState::HandedBack), Some(Closing::NotSecurity));
        assert_eq!(stands(&store.remembered_names(10).await.unwrap()[0].origin), expected);
        assert_eq!(stands(&store.lessons(10).await.unwrap()[0].origin), expected);
    }

    async fn a_correction_is_asked_about_until_somebody_answers(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let ada = mailbox("ada@foundation.example");
        let correction = CorrectionRow {
            case: told.case.clone(),
            project: project("parsely"),
            suggested: None,
            at: noon(),
            member: ada.clone(),
        };
        let other = CorrectionRow {
            project: project("savory"),
            suggested: Some(project("parsely")),
            at: noon() + minutes(1),
            ..correction.clone()
        };
        let mut tx = store.begin().await.unwrap();
        tx.note_correction(&correction).await.unwrap();
        tx.note_correction(&CorrectionRow { at: noon() + minutes(5), ..correction.clone() }).await.unwrap();
        tx.note_correction(&other).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.open_corrections(&told.case).await.unwrap(), [correction, other.clone()]);

        let mut tx = store.begin().await.unwrap();
        assert!(tx.answer_correction(&told.case, &project("parsely"), &ada, noon()).await.unwrap());
        assert!(!tx.answer_correction(&told.case, &project("parsely"), &ada, noon()).await.unwrap(), "once");
        assert!(!tx.answer_correction(&told.case, &project("rosemary"), &ada, noon()).await.unwrap(), "never asked");
        tx.commit().await.unwrap();
        assert_eq!(store.open_corrections(&told.case).await.unwrap(), [other]);
    }

    async fn the_version_of_the_knowledge_grows_with_every_change(house: House) {
        let store = house.store().await;
        assert_eq!(store.knowledge_version().await.unwrap(), 0);
        for version in 1..=3 {
            let mut tx = store.begin().await.unwrap();
            tx.raise_knowledge_version().await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(store.knowledge_version().await.unwrap(), version);
        }
        let mut tx = store.begin().await.unwrap();
        tx.raise_knowledge_version().await.unwrap();
        drop(tx);
        assert_eq!(store.knowledge_version().await.unwrap(), 3, "what was not committed taught nothing");
    }
}
