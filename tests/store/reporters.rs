//! What a reporter may say beside words, and what a contact gives back.

use fingerpost::domain::case::CaseState;
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::id::{HandlingId, PartyId};
use fingerpost::domain::letter::{Letter, LetterKind};
use fingerpost::domain::party::{Party, Shares};
use fingerpost::store::{Acknowledged, FiledAs, Filing, LetterFacts};

use crate::house::{House, letter, mailbox, minutes, noon, tell};

on_both! {
    async fn a_claim_waits_for_the_reporters_word_and_a_yes_is_the_last(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let handling = &told.handling.id;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.reply_to_said_answered(handling, true, noon()).await.unwrap(), "nobody has claimed it");
        assert!(tx.say_answered(handling, noon()).await.unwrap());
        assert!(!tx.say_answered(handling, noon()).await.unwrap(), "the reporter is asked already");
        tx.commit().await.unwrap();
        let [claim] = &store.said_answered(&told.case).await.unwrap()[..] else { panic!("one claim") };
        assert_eq!((&claim.handling, claim.said_at, claim.was_answered), (handling, noon(), None));

        let mut tx = store.begin().await.unwrap();
        assert!(tx.reply_to_said_answered(handling, false, noon()).await.unwrap());
        assert!(!tx.reply_to_said_answered(handling, true, noon()).await.unwrap(), "the first word counts");
        assert!(tx.say_answered(handling, noon() + minutes(1)).await.unwrap(), "after a no it may be claimed again");
        assert!(tx.reply_to_said_answered(handling, true, noon() + minutes(2)).await.unwrap());
        assert!(!tx.say_answered(handling, noon() + minutes(3)).await.unwrap(), "after a yes there is nothing to ask");
        tx.commit().await.unwrap();
        assert_eq!(store.said_answered(&told.case).await.unwrap()[0].was_answered, Some(true));
    }

    async fn what_projects_see_of_a_report_is_cut_and_the_report_itself_stays(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let before = store.reports_of(&told.case).await.unwrap().remove(0);
        let mut tx = store.begin().await.unwrap();
        tx.set_shared(&before.id, "It crashes.\0\n[line withheld]\n").await.unwrap();
        tx.commit().await.unwrap();
        let after = store.reports_of(&told.case).await.unwrap().remove(0);
        assert_eq!(after.shared, "It crashes.\u{fffd}\n[line withheld]\n");
        assert_eq!(after.body, before.body);
    }

    async fn a_reporter_withdraws_once(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        assert_eq!(store.withdrawn_by(&told.reporter.id).await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.withdraw_report(&told.reporter.id, noon()).await.unwrap());
        assert!(!tx.withdraw_report(&told.reporter.id, noon() + minutes(1)).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.withdrawn_by(&told.reporter.id).await.unwrap(), Some(noon()));
    }

    async fn a_reporter_without_an_address_gets_one_once_and_is_found_by_it(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let nobody = Party {
            id: PartyId::from_row("party-nobody"),
            mailbox: None,
            ..told.reporter.clone()
        };
        let owl = mailbox("Owl@finder.example");
        let mut tx = store.begin().await.unwrap();
        tx.insert_party(&nobody, noon()).await.unwrap();
        assert!(!tx.set_reporters_address(&told.reporter.id, &owl).await.unwrap(), "she has one");
        assert!(tx.set_reporters_address(&nobody.id, &owl).await.unwrap());
        assert!(!tx.set_reporters_address(&nobody.id, &mailbox("other@finder.example")).await.unwrap());
        tx.commit().await.unwrap();
        let [found] = &store.reported_by(&mailbox("owl@FINDER.example"), 10).await.unwrap()[..] else { panic!("one") };
        assert_eq!((&found.party.id, &found.party.mailbox, found.received_at), (&nobody.id, &Some(owl), noon()));
        assert_eq!(store.reported_by(&mailbox("other@finder.example"), 10).await.unwrap(), []);
        assert_eq!(store.reported_by(&mailbox("jane@finder.example"), 0).await.unwrap(), []);
    }

    async fn a_reporter_allows_more_or_less_and_renews_its_links(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let jane = &told.reporter.id;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.set_shares(jane, Shares::Name).await.unwrap());
        assert!(!tx.set_shares(jane, Shares::Name).await.unwrap(), "it is so already");
        assert!(!tx.set_shares(&PartyId::from_row("none"), Shares::Name).await.unwrap());
        assert!(tx.raise_generation(jane, 0).await.unwrap());
        assert!(!tx.raise_generation(jane, 0).await.unwrap(), "somebody was faster");
        tx.commit().await.unwrap();
        let party = store.party(jane).await.unwrap().unwrap();
        assert_eq!((party.shares, party.generation), (Shares::Name, 1));
    }

    async fn a_closed_case_is_opened_again_once(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.reopen_case(&told.case, CaseState::Triage, "again").await.unwrap(), "it is open");
        tx.set_case_state(&told.case, CaseState::Closed, None).await.unwrap();
        assert!(tx.reopen_case(&told.case, CaseState::Triage, "again").await.unwrap());
        assert!(!tx.reopen_case(&told.case, CaseState::Triage, "once more").await.unwrap());
        tx.commit().await.unwrap();
        let case = store.case(&told.case).await.unwrap().unwrap();
        assert_eq!((case.state, case.waits_because.as_deref()), (CaseState::Triage, Some("again")));
        assert_eq!((case.closed_at, case.closed_as, case.closed_by), (None, None, None));
    }

    async fn a_thread_is_what_the_reporter_sent_and_what_was_written_to_one_party(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let to_jane = |due_at| Letter {
            case: Some(told.case.clone()),
            party: Some(told.reporter.id.clone()),
            created_at: due_at,
            ..letter(LetterKind::Receipt, "jane@finder.example", due_at)
        };
        let (first, second, stopped) = (to_jane(noon()), to_jane(noon() + minutes(1)), to_jane(noon() + minutes(2)));
        let other = Letter { party: None, ..to_jane(noon()) };
        let mut tx = store.begin().await.unwrap();
        for letter in [&second, &first, &stopped, &other] {
            tx.put_letter(letter).await.unwrap();
        }
        assert!(tx.withdraw_letter(&stopped.id, noon()).await.unwrap());
        let ids = |letters: Vec<LetterFacts>| letters.into_iter().map(|letter| letter.id).collect::<Vec<_>>();
        let jane = &told.reporter.id;
        assert_eq!(ids(tx.letters_to(&told.case, jane).await.unwrap()), [first.id, second.id]);
        assert!(tx.message_ids_from(jane).await.unwrap().is_empty(), "nothing is known of the mail yet");
        let filing = Filing {
            filed_as: FiledAs::Report,
            at: noon(),
            case: Some(told.case.clone()),
            because: None,
            message_id: Some("flaw@finder.example".to_owned()),
            from: None,
            subject: None,
            body_sha256: None,
        };
        tx.file_arrival(&told.arrival, &filing).await.unwrap();
        let ids = tx.message_ids_from(jane).await.unwrap();
        assert_eq!(ids, [(noon(), "flaw@finder.example".to_owned())]);
        tx.commit().await.unwrap();
    }

    async fn what_was_handed_back_is_neither_handed_back_again_nor_acknowledged(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let handling = &told.handling.id;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.hand_back(&HandlingId::from_row("none"), "party:x", noon()).await.unwrap());
        assert!(tx.hand_back(handling, "party:x", noon()).await.unwrap());
        assert!(!tx.hand_back(handling, "party:y", noon() + minutes(1)).await.unwrap());
        assert_eq!(tx.acknowledge(handling, "party:x", noon()).await.unwrap(), Acknowledged::Already);
        tx.commit().await.unwrap();
        let row = store.handling(handling).await.unwrap().unwrap();
        assert_eq!((row.state, row.closed_at), (HandlingState::HandedBack, Some(noon())));
        assert_eq!((row.closed_by.as_deref(), row.acknowledged_at), (Some("party:x"), None));
    }
}
