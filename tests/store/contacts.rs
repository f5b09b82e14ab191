//! Contacts, their proofs and domains, and the changes that somebody asked for.

use fingerpost::domain::case::Closing;
use fingerpost::domain::clock::{Clock, ClockKind};
use fingerpost::domain::contact::Proof;
use fingerpost::domain::contact_change::{AskedThrough, ChangeKind, Outcome, Speaker, Voice};
use fingerpost::domain::directory::{Absence, Contact, DeliveryMode};
use fingerpost::domain::id::{ChangeId, ClockId, ContactId};
use fingerpost::domain::letter::{Letter, LetterKind};
use fingerpost::store::{ChangeRow, Notices, Store};
use jiff::tz::TimeZone;
use tokio::task::JoinSet;

use crate::house::{House, dice, letter, mailbox, minutes, noon, project, tell};

fn contact(email: &str) -> Contact {
    Contact {
        name: Some("Kim".to_owned()),
        email: mailbox(email),
        delivery: DeliveryMode::Link,
        is_list: true,
        is_deputy: false,
        away: vec![Absence { first: "2026-12-20".parse().unwrap(), last: "2027-01-06".parse().unwrap() }],
        hours: Some("09:00-17:00".to_owned()),
        zone: Some(TimeZone::get("Europe/Berlin").unwrap()),
        key: Some("0123 4567".to_owned()),
    }
}

async fn listed(store: &Store, email: &str) -> ContactId {
    let id = ContactId::new(noon(), dice());
    let mut tx = store.begin().await.unwrap();
    assert!(tx.insert_contact(&id, &project("parsely"), &contact(email), noon(), noon() + minutes(5)).await.unwrap());
    tx.commit().await.unwrap();
    id
}

fn change(kind: ChangeKind, wanted: Option<Contact>) -> ChangeRow {
    ChangeRow {
        id: ChangeId::new(noon(), dice()),
        project: project("parsely"),
        kind,
        contact: None,
        old_address: Some(mailbox("old@parsely.example")),
        asked_through: AskedThrough::Form,
        asked_by: "Jo".to_owned(),
        note: Some("a note".to_owned()),
        asked_at: noon(),
        wanted,
        itself_at: None,
        proven_at: None,
        told_at: None,
        settled_at: None,
        outcome: None,
        ground: None,
    }
}

on_both! {
    async fn a_contact_is_read_back_as_it_was_written_and_once_a_project_and_address(house: House) {
        let store = house.store().await;
        let id = listed(&store, "Kim@parsely.example").await;
        let mut tx = store.begin().await.unwrap();
        let again = ContactId::new(noon(), dice());
        assert!(!tx.insert_contact(&again, &project("parsely"), &contact("kim@PARSELY.example"), noon(), noon()).await.unwrap());
        assert!(tx.insert_contact(&again, &project("rosemary"), &contact("kim@parsely.example"), noon(), noon()).await.unwrap());
        assert_eq!(tx.contacts_at(&mailbox("KIM@parsely.example")).await.unwrap().len(), 2);
        let row = tx.contact_for_update(&id).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(row.contact, contact("Kim@parsely.example"));
        assert_eq!((row.health.proof, row.health.bounces), (Proof::listed(noon()), 0));
        assert_eq!(store.contact(&id).await.unwrap(), Some(row.clone()));
        assert_eq!(store.contacts_of(&project("parsely")).await.unwrap(), std::slice::from_ref(&row));
        assert_eq!(store.contacts().await.unwrap().len(), 2);

        let mut plain = contact("kim@parsely.example");
        (plain.zone, plain.hours, plain.key, plain.name) = (None, None, None, Some("Kim\0".to_owned()));
        (plain.is_list, plain.is_deputy, plain.away) = (false, true, Vec::new());
        let mut tx = store.begin().await.unwrap();
        tx.set_contact(&id, &plain, noon()).await.unwrap();
        let rows = tx.contacts_of(&project("parsely")).await.unwrap();
        plain.name = Some("Kim\u{fffd}".to_owned());
        assert_eq!(rows[0].contact, plain);
        assert!(tx.remove_contact(&id, noon()).await.unwrap());
        assert!(!tx.remove_contact(&id, noon()).await.unwrap());
        assert_eq!(tx.contact_for_update(&id).await.unwrap(), None);
        assert!(tx.insert_contact(&ContactId::new(noon(), dice()), &project("parsely"), &plain, noon(), noon()).await.unwrap(), "it may come back");
        tx.commit().await.unwrap();
        assert_eq!(store.contact(&id).await.unwrap(), None);
    }

    async fn proofs_and_bounces_are_kept_and_the_sweep_finds_what_is_due(house: House) {
        let store = house.store().await;
        let (kim, lee) = (listed(&store, "kim@parsely.example").await, listed(&store, "lee@parsely.example").await);
        assert!(store.contacts_due(noon() + minutes(4), 10).await.unwrap().is_empty());
        assert_eq!(store.contacts_due(noon() + minutes(5), 10).await.unwrap().len(), 2);
        assert_eq!(store.contacts_due(noon() + minutes(5), 1).await.unwrap().len(), 1);

        let proof = Proof { told_at: Some(noon()), ..Proof::listed(noon()).asked(noon()).asked(noon() + minutes(1)) };
        let mut tx = store.begin().await.unwrap();
        tx.set_proof(&kim, &proof, noon() + minutes(9)).await.unwrap();
        assert!(tx.count_bounce(&project("parsely"), &mailbox("Kim@parsely.example"), noon()).await.unwrap());
        assert!(tx.count_bounce(&project("parsely"), &mailbox("kim@parsely.example"), noon() + minutes(1)).await.unwrap());
        assert!(!tx.count_bounce(&project("rosemary"), &mailbox("kim@parsely.example"), noon()).await.unwrap());
        tx.commit().await.unwrap();
        let row = store.contact(&kim).await.unwrap().unwrap();
        assert_eq!((row.health.proof, row.health.bounces, row.health.bounced_at), (proof, 2, Some(noon() + minutes(1))));
        assert_eq!(store.contacts_due(noon() + minutes(5), 10).await.unwrap(), [lee]);

        let mut tx = store.begin().await.unwrap();
        tx.forget_bounces(&kim).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.contact(&kim).await.unwrap().unwrap().health.bounces, 0);
    }

    async fn a_project_owns_its_contacts_once_and_every_node_sees_the_version_grow(house: House) {
        let store = house.store().await;
        assert_eq!(store.contact_version().await.unwrap(), 0);
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.owns_contacts(&project("parsely")).await.unwrap());
        tx.own_contacts(&project("parsely"), noon()).await.unwrap();
        tx.own_contacts(&project("parsely"), noon() + minutes(1)).await.unwrap();
        assert!(tx.owns_contacts(&project("parsely")).await.unwrap());
        tx.raise_contact_version().await.unwrap();
        tx.raise_contact_version().await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.contact_version().await.unwrap(), 2);
        assert_eq!(store.contact_owners().await.unwrap().into_iter().collect::<Vec<_>>(), [project("parsely")]);
    }

    async fn a_domain_is_looked_up_once_a_day_goes_once_and_comes_back_by_a_members_word(house: House) {
        let store = house.store().await;
        let id = listed(&store, "kim@parsely.example").await;
        assert_eq!(store.domains_to_look_up(noon(), 10).await.unwrap(), ["parsely.example"]);
        let mut tx = store.begin().await.unwrap();
        tx.looked_up("parsely.example", noon()).await.unwrap();
        assert!(!tx.domain_back("parsely.example", noon()).await.unwrap(), "it was never gone");
        assert!(tx.domain_gone("parsely.example", "It is gone.", noon()).await.unwrap());
        assert!(!tx.domain_gone("parsely.example", "It is gone.", noon() + minutes(1)).await.unwrap());
        assert!(!tx.trust_domain("parsely.example").await.unwrap(), "it is not back");
        tx.commit().await.unwrap();
        assert!(store.domains_to_look_up(noon(), 10).await.unwrap().is_empty());
        assert_eq!(store.domains_to_look_up(noon() + minutes(1), 10).await.unwrap().len(), 1);
        let gone = store.contact(&id).await.unwrap().unwrap().health.gone.unwrap();
        assert_eq!((gone.since, gone.because.as_str(), gone.back_at), (noon(), "It is gone.", None));
        assert_eq!(store.why_gone("parsely.example").await.unwrap().as_deref(), Some("It is gone."));
        assert_eq!(store.why_gone("sage.example").await.unwrap(), None);

        let mut tx = store.begin().await.unwrap();
        assert!(tx.domain_back("parsely.example", noon() + minutes(2)).await.unwrap());
        assert!(!tx.domain_back("parsely.example", noon() + minutes(3)).await.unwrap());
        assert!(tx.trust_domain("parsely.example").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.contact(&id).await.unwrap().unwrap().health.gone, None);
        assert_eq!(store.why_gone("parsely.example").await.unwrap(), None);
    }

    async fn the_domain_of_who_was_sent_the_report_of_an_open_case_is_looked_up_and_no_other_of_it(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let of_case = |kind, to| Letter { case: Some(told.case.clone()), ..letter(kind, to, noon()) };
        let mut tx = store.begin().await.unwrap();
        tx.put_letter(&of_case(LetterKind::Forward, "kim@sage.example")).await.unwrap();
        tx.put_letter(&of_case(LetterKind::Receipt, "jane@finder.example")).await.unwrap();
        tx.commit().await.unwrap();
        let to_look_up = async || store.domains_to_look_up(noon(), 10).await.unwrap();
        assert!(to_look_up().await.is_empty(), "nobody has it yet");
        let claimed = store.claim_letters(noon(), 10).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        for letter in &claimed {
            tx.settle_sent(&letter.id, noon(), "250 ok").await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(to_look_up().await, ["sage.example"]);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.close_case(&told.case, Closing::Resolved, "program", noon()).await.unwrap());
        tx.commit().await.unwrap();
        assert!(to_look_up().await.is_empty(), "no letter comes of a case that is closed");
    }

    async fn a_promise_that_was_broken_lately_counts_as_escalated(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let clock = Clock::start(ClockKind::Acknowledge, noon(), minutes(60));
        let due = clock.due_at;
        let mut tx = store.begin().await.unwrap();
        let id = ClockId::new(noon(), dice());
        tx.start_clock(id.as_str(), &told.case, Some(&told.handling.id), &clock).await.unwrap();
        tx.commit().await.unwrap();
        let escalated = async |since, now| {
            let read = store.was_escalated(&told.handling.project, since, now).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            assert_eq!(tx.was_escalated(&told.handling.project, since, now).await.unwrap(), read);
            read
        };
        assert!(!escalated(noon() - minutes(1), due - minutes(1)).await);
        assert!(escalated(noon() - minutes(1), due).await);
        assert!(!escalated(due, due + minutes(1)).await, "long ago");
    }

    async fn a_change_is_read_back_proven_and_settled_once(house: House) {
        let store = house.store().await;
        let add = change(ChangeKind::Add, Some(contact("new@parsely.example")));
        let remove = change(ChangeKind::Remove, None);
        let mut tx = store.begin().await.unwrap();
        tx.insert_change(&add, Some(noon() + minutes(5))).await.unwrap();
        tx.insert_change(&remove, None).await.unwrap();
        assert_eq!(tx.waiting_changes_of(&add.project).await.unwrap(), [add.clone(), remove.clone()]);
        assert_eq!(tx.changes_asked(&add.project, noon() - minutes(1)).await.unwrap(), 2);
        assert_eq!(tx.changes_asked(&add.project, noon()).await.unwrap(), 0);
        assert_eq!(tx.change_for_update(&add.id).await.unwrap(), Some(add.clone()));
        tx.commit().await.unwrap();
        assert_eq!(store.change(&remove.id).await.unwrap(), Some(remove.clone()));
        assert_eq!(store.waiting_changes().await.unwrap().len(), 2);
        assert_eq!(store.changes_due(noon() + minutes(5), 10).await.unwrap(), std::slice::from_ref(&add.id));
        assert!(store.changes_due(noon() + minutes(4), 10).await.unwrap().is_empty());

        let mut tx = store.begin().await.unwrap();
        assert!(tx.prove_change(&add.id, noon() + minutes(1)).await.unwrap());
        assert!(!tx.prove_change(&add.id, noon() + minutes(2)).await.unwrap());
        assert!(tx.change_told(&add.id, noon() + minutes(2)).await.unwrap());
        assert!(!tx.change_told(&add.id, noon() + minutes(3)).await.unwrap());
        tx.look_at_change(&add.id, None).await.unwrap();
        assert!(tx.settle_change(&add.id, Outcome::Done, "consent", noon() + minutes(4)).await.unwrap());
        assert!(!tx.settle_change(&add.id, Outcome::Refused, "member", noon() + minutes(5)).await.unwrap());
        tx.commit().await.unwrap();
        assert!(store.changes_due(noon() + minutes(99), 10).await.unwrap().is_empty());
        let settled = store.settled_changes(10).await.unwrap();
        assert_eq!((settled.len(), settled[0].outcome, settled[0].ground.as_deref()), (1, Some(Outcome::Done), Some("consent")));
        assert_eq!((settled[0].proven_at, settled[0].told_at), (Some(noon() + minutes(1)), Some(noon() + minutes(2))));
    }

    async fn of_each_speaker_the_last_word_counts(house: House) {
        let store = house.store().await;
        let add = change(ChangeKind::Add, Some(contact("new@parsely.example")));
        let ada = Speaker::Member(mailbox("ada@foundation.example"));
        let kim = Speaker::Contact(ContactId::from_row("kim"));
        let mut tx = store.begin().await.unwrap();
        tx.insert_change(&add, None).await.unwrap();
        for (speaker, is_for, after) in [(&ada, false, 1), (&kim, true, 2), (&ada, true, 3)] {
            tx.speak(&add.id, &Voice { speaker: speaker.clone(), is_for, at: noon() + minutes(after) }).await.unwrap();
        }
        let voices = tx.voices_of(&add.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(voices.len(), 2);
        assert_eq!(voices[0], Voice { speaker: kim, is_for: true, at: noon() + minutes(2) });
        assert_eq!(voices[1], Voice { speaker: ada, is_for: true, at: noon() + minutes(3) });
        assert_eq!(store.voices_of(&add.id).await.unwrap(), voices);
    }

    async fn the_letters_that_tell_of_a_change_are_counted_until_all_have_left(house: House) {
        let store = house.store().await;
        let add = change(ChangeKind::Add, Some(contact("new@parsely.example")));
        let letters = ["kim@parsely.example", "lee@parsely.example"].map(|to| letter(LetterKind::ContactNotice, to, noon()));
        let mut tx = store.begin().await.unwrap();
        tx.insert_change(&add, None).await.unwrap();
        assert_eq!(tx.notices_of(&add.id).await.unwrap(), Notices::default());
        for letter in &letters {
            tx.put_letter(letter).await.unwrap();
            tx.note_notice(&add.id, &letter.id).await.unwrap();
        }
        assert_eq!(tx.contact_letters(noon() - minutes(1), &mailbox("Kim@parsely.example")).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(store.notices_of(&add.id).await.unwrap(), Notices { written: 2, waiting: 2, last_sent_at: None });
        let sent = letters[0].id.clone();
        let claimed = store.claim_letters(noon() + minutes(1), 10).await.unwrap();
        assert_eq!(claimed.len(), 2);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.settle_sent(&sent, noon() + minutes(2), "250").await.unwrap());
        tx.commit().await.unwrap();
        let notices = Notices { written: 2, waiting: 1, last_sent_at: Some(noon() + minutes(2)) };
        assert_eq!(store.notices_of(&add.id).await.unwrap(), notices);
    }

    async fn twelve_racers_settle_a_change_once(house: House) {
        let store = house.store().await;
        let add = change(ChangeKind::Add, Some(contact("new@parsely.example")));
        let mut tx = store.begin().await.unwrap();
        tx.insert_change(&add, None).await.unwrap();
        tx.commit().await.unwrap();
        let mut racers = JoinSet::new();
        for _ in 0..12 {
            let (store, id) = (store.clone(), add.id.clone());
            racers.spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let open = tx.change_for_update(&id).await.unwrap().unwrap().settled_at.is_none();
                let settled = open && tx.settle_change(&id, Outcome::Done, "silence", noon()).await.unwrap();
                tx.commit().await.unwrap();
                settled
            });
        }
        assert_eq!(racers.join_all().await.into_iter().filter(|settled| *settled).count(), 1);
    }
}
