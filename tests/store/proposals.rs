//! Proposed projects: seen by members once a mailbox has proven itself, settled once, forgotten in time.

use fingerpost::domain::id::ProposalId;
use fingerpost::domain::proposal::{Outcome, Reason};
use fingerpost::store::{ProposalRow, SettledProposal, Store};

use crate::house::{House, dice, mailbox, minutes, noon, project};

fn row(id: &str) -> ProposalRow {
    ProposalRow {
        id: ProposalId::new(noon(), dice()),
        project: project(id),
        name: "Quern".to_owned(),
        asked_by: "Jo\0".to_owned(),
        note: Some("a note".to_owned()),
        entry: format!("[[project]]\nid = \"{id}\"\n"),
        asked_at: noon(),
        proven_at: None,
        settled: None,
    }
}

async fn proposed(store: &Store, id: &str) -> ProposalId {
    let row = row(id);
    let mut tx = store.begin().await.unwrap();
    tx.insert_proposal(&row, &[mailbox("Kim@quern.example"), mailbox("lee@quern.example")]).await.unwrap();
    tx.commit().await.unwrap();
    row.id
}

fn settled(outcome: Outcome) -> SettledProposal {
    SettledProposal { at: noon() + minutes(9), outcome, by: mailbox("ada@story.example") }
}

on_both! {
    async fn a_proposal_is_read_back_as_it_was_written_and_known_again(house: House) {
        let store = house.store().await;
        let id = proposed(&store, "quern").await;
        let kept = store.proposal(&id).await.unwrap().unwrap();
        assert_eq!(kept, ProposalRow { id: id.clone(), asked_by: "Jo\u{fffd}".to_owned(), ..row("quern") });
        let contacts = store.proposed_contacts(&id).await.unwrap();
        let addresses: Vec<&str> = contacts.iter().map(|contact| contact.address.as_str()).collect();
        assert_eq!(addresses, ["Kim@quern.example", "lee@quern.example"]);
        assert_eq!(store.proposal(&ProposalId::from_row("nothing")).await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.is_proposed(&project("quern"), &kept.entry).await.unwrap());
        assert!(!tx.is_proposed(&project("quern"), "another text").await.unwrap());
        assert!(!tx.is_proposed(&project("mill"), &kept.entry).await.unwrap());
        assert_eq!(tx.proposals_made(noon() - minutes(1)).await.unwrap(), 1);
        assert_eq!(tx.proposals_made(noon()).await.unwrap(), 0);
        tx.commit().await.unwrap();
    }

    async fn the_first_proof_shows_it_to_members_and_one_of_them_settles_it_once(house: House) {
        let store = house.store().await;
        let id = proposed(&store, "quern").await;
        assert!(store.proposals_waiting(10).await.unwrap().is_empty());
        let mut tx = store.begin().await.unwrap();
        let declined = settled(Outcome::Declined(Reason::NotShown));
        assert!(!tx.settle_proposal(&id, &declined).await.unwrap(), "nobody has confirmed");
        assert!(tx.prove_proposed(&id, 1, noon() + minutes(1)).await.unwrap());
        assert!(!tx.prove_proposed(&id, 0, noon() + minutes(2)).await.unwrap(), "members see it already");
        assert!(!tx.prove_proposed(&id, 1, noon() + minutes(3)).await.unwrap());
        tx.refuse_proposed(&id, 0, noon() + minutes(4)).await.unwrap();
        let contacts = tx.proposed_contacts(&id).await.unwrap();
        assert_eq!((contacts[1].proven_at, contacts[1].refused_at), (Some(noon() + minutes(1)), None));
        assert_eq!((contacts[0].proven_at, contacts[0].refused_at), (Some(noon() + minutes(2)), Some(noon() + minutes(4))));
        tx.commit().await.unwrap();
        assert_eq!(store.proposals_waiting(10).await.unwrap().len(), 1);

        let mut tx = store.begin().await.unwrap();
        assert!(tx.settle_proposal(&id, &declined).await.unwrap());
        assert!(!tx.settle_proposal(&id, &settled(Outcome::Listed)).await.unwrap());
        assert_eq!(tx.proposal(&id).await.unwrap().unwrap().settled, Some(declined));
        assert!(!tx.is_proposed(&project("quern"), &row("quern").entry).await.unwrap(), "it may be proposed anew");
        tx.commit().await.unwrap();
        assert!(store.proposals_waiting(10).await.unwrap().is_empty());
        assert_eq!(store.proposals_settled(10).await.unwrap().len(), 1);
    }

    async fn what_nobody_confirmed_and_what_was_settled_long_ago_is_forgotten(house: House) {
        let store = house.store().await;
        let (unproven, waiting, done) =
            (proposed(&store, "one").await, proposed(&store, "two").await, proposed(&store, "three").await);
        let mut tx = store.begin().await.unwrap();
        for id in [&waiting, &done] {
            tx.prove_proposed(id, 0, noon()).await.unwrap();
        }
        tx.settle_proposal(&done, &settled(Outcome::Listed)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!store.has_old_proposals(noon(), noon()).await.unwrap());
        let (asked_before, settled_before) = (noon() + minutes(1), noon() + minutes(10));
        assert!(store.has_old_proposals(asked_before, noon()).await.unwrap());
        assert!(store.has_old_proposals(noon(), settled_before).await.unwrap());
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.forget_proposals(asked_before, settled_before).await.unwrap(), 2);
        tx.commit().await.unwrap();
        assert!(!store.has_old_proposals(asked_before, settled_before).await.unwrap());
        for gone in [unproven, done] {
            assert_eq!(store.proposal(&gone).await.unwrap(), None);
            assert!(store.proposed_contacts(&gone).await.unwrap().is_empty());
        }
        assert!(store.proposal(&waiting).await.unwrap().is_some());
    }
}
