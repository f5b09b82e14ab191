//! What members change and look for: closing, handing over, stopping, filters, and what the board may read.

use fingerpost::domain::address::{InstanceKey, Purpose};
use fingerpost::domain::case::{CaseState, Closing};
use fingerpost::domain::clock::{Clock, ClockEnd, ClockKind};
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::id::{HandlingId, MessageId};
use fingerpost::domain::letter::{Letter, LetterKind};
use fingerpost::domain::party::{Author, Lane};
use fingerpost::store::{Acknowledged, CaseFilter, CaseLine, HandlingRow, MessageRow, Store, WaitsFor};
use jiff::Timestamp;

use crate::house::{House, Told, dice, letter, mailbox, minutes, noon, project, tell};

async fn clock(store: &Store, told: &Told, kind: ClockKind, handling: Option<&HandlingId>, due: i64) {
    let mut tx = store.begin().await.unwrap();
    let clock = Clock::start(kind, noon() - minutes(600), minutes(600 + due));
    tx.start_clock(&format!("{kind:?} {}", told.case), &told.case, handling, &clock).await.unwrap();
    tx.commit().await.unwrap();
}

async fn handling(store: &Store, told: &Told) -> HandlingRow {
    store.handling(&told.handling.id).await.unwrap().unwrap()
}

fn words(told: &Told, at: Timestamp) -> MessageRow {
    MessageRow {
        case: Some(told.case.clone()),
        lane: Some(Lane::Reporter),
        from_name: Some("Ada".to_owned()),
        from: Some(mailbox("ada@foundation.example")),
        body: "Thank you.".to_owned(),
        proof: "signed in".to_owned(),
        ..MessageRow::blank(MessageId::new(at, dice()), Author::Member, at)
    }
}

fn numbers(lines: &[CaseLine]) -> Vec<&str> {
    lines.iter().map(|line| line.case.number.as_str()).collect()
}

on_both! {
    async fn a_case_is_closed_once_with_its_reason(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.close_case(&told.case, Closing::Resolved, "member:ab", noon()).await.unwrap());
        assert!(!tx.close_case(&told.case, Closing::Spam, "member:cd", noon() + minutes(1)).await.unwrap());
        tx.commit().await.unwrap();
        let row = store.case(&told.case).await.unwrap().unwrap();
        assert_eq!((row.state, row.closed_as), (CaseState::Closed, Some(Closing::Resolved)));
        assert_eq!((row.closed_at, row.closed_by.as_deref()), (Some(noon()), Some("member:ab")));
        assert!(row.waits_because.is_none());
    }

    async fn a_promise_that_ended_with_its_case_runs_again_and_no_other_does(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        for kind in [ClockKind::FirstReply, ClockKind::Triage] {
            clock(&store, &told, kind, None, 60).await;
        }
        clock(&store, &told, ClockKind::Acknowledge, Some(&told.handling.id), 60).await;
        let mut tx = store.begin().await.unwrap();
        let kept = (ClockKind::Acknowledge, Some(&told.handling.id));
        tx.end_clock(&told.case, kept.0, kept.1, ClockEnd::Kept, None, noon()).await.unwrap();
        tx.end_clocks(&told.case, ClockEnd::Closed, None, noon()).await.unwrap();
        assert_eq!(tx.resume_promises(&told.case, noon() + minutes(1), noon()).await.unwrap(), 0, "another closing");
        assert_eq!(tx.resume_promises(&told.case, noon(), noon() + minutes(5)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let clocks = store.clocks_of(&told.case).await.unwrap();
        let running: Vec<_> = clocks.iter().filter(|row| row.clock.stopped_at.is_none()).collect();
        assert_eq!(running.len(), 1);
        assert_eq!((running[0].clock.kind, running[0].clock.ended_as), (ClockKind::FirstReply, None));
        assert_eq!(running[0].clock.next_at, Some(noon() + minutes(5)));
    }

    async fn a_hand_over_and_an_acknowledgement_from_outside_are_written_down_once(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let id = told.handling.id.clone();
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.hand_over(&id, "member:ab", "a call", noon()).await.unwrap(), "it went by mail");
        let how = "Ivo: a call\0";
        let at = noon() + minutes(2);
        assert_eq!(tx.acknowledge_outside(&id, "member:ab", how, at).await.unwrap(), Acknowledged::First);
        assert_eq!(tx.acknowledge_outside(&id, "member:ab", how, at).await.unwrap(), Acknowledged::Already);
        assert!(tx.hand_over(&id, "member:ab", "GHSA-1", noon()).await.unwrap());
        assert!(!tx.hand_over(&id, "member:cd", "GHSA-2", noon()).await.unwrap());
        tx.commit().await.unwrap();
        let row = handling(&store, &told).await;
        assert_eq!((row.state, row.acknowledged_at), (HandlingState::Acknowledged, Some(at)));
        assert_eq!(row.acknowledged_how.as_deref(), Some("Ivo: a call\u{fffd}"));
        assert_eq!((row.handed_over_at, row.handed_over_how.as_deref()), (Some(noon()), Some("GHSA-1")));
        assert_eq!(row.handed_over_by.as_deref(), Some("member:ab"));
    }

    async fn a_part_is_closed_and_given_back(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let id = told.handling.id.clone();
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.reopen_handling(&id, HandlingState::Sent).await.unwrap(), "it is open");
        assert!(tx.close_handling(&id, "member:ab", noon()).await.unwrap());
        assert!(!tx.close_handling(&id, "member:cd", noon()).await.unwrap());
        tx.commit().await.unwrap();
        let row = handling(&store, &told).await;
        assert_eq!((row.state, row.closed_at), (HandlingState::Closed, Some(noon())));
        let mut tx = store.begin().await.unwrap();
        assert!(tx.reopen_handling(&id, HandlingState::Sent).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(handling(&store, &told).await, told.handling);
    }

    async fn stopped_words_stay_with_the_committee_and_their_letters_are_found(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let said = words(&told, noon());
        let mut tx = store.begin().await.unwrap();
        tx.insert_message(&said).await.unwrap();
        let put = |to: &str| Letter {
            case: Some(told.case.clone()),
            said_in: Some(said.id.clone()),
            ..letter(LetterKind::MemberReply, to, noon())
        };
        let (first, second) = (put("a@finder.example"), put("b@finder.example"));
        tx.put_letter(&first).await.unwrap();
        tx.put_letter(&second).await.unwrap();
        tx.put_letter(&letter(LetterKind::Receipt, "a@finder.example", noon())).await.unwrap();
        let found = tx.letters_saying(&said.id).await.unwrap();
        assert_eq!(found.len(), 2);
        assert!(tx.letters_saying(&MessageId::from_row("none")).await.unwrap().is_empty());
        assert!(tx.stop_message(&said.id, "member:ab", noon()).await.unwrap());
        assert!(!tx.stop_message(&said.id, "member:ab", noon()).await.unwrap());
        tx.commit().await.unwrap();
        let row = store.message(&said.id).await.unwrap().unwrap();
        assert_eq!((row.lane, row.decision.as_deref()), (Some(Lane::Internal), Some("stopped")));
    }

    async fn links_of_one_purpose_get_an_end_and_lose_it_again(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let key = InstanceKey::new([9; 32]);
        let row = told.reporter.id.as_str();
        let (action, address) = (key.token(Purpose::ActionLink, row, 0), key.token(Purpose::PartyAddress, row, 0));
        let mut tx = store.begin().await.unwrap();
        for token in [&action, &address] {
            tx.issue(token, row, 0, None).await.unwrap();
        }
        tx.end_links(Purpose::ActionLink, row, Some(noon())).await.unwrap();
        tx.commit().await.unwrap();
        let end = async |token: &fingerpost::domain::address::Token| {
            store.link(&token.fingerprint()).await.unwrap().unwrap().expires_at
        };
        assert_eq!((end(&action).await, end(&address).await), (Some(noon()), None));
        let mut tx = store.begin().await.unwrap();
        tx.end_links(Purpose::ActionLink, row, None).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(end(&action).await, None);
    }

    async fn a_duplicate_is_linked_to_the_first_case_and_unlinked_again(house: House) {
        let store = house.store().await;
        let first = tell(&store, "jane@finder.example", noon()).await;
        let again = tell(&store, "kay@finder.example", noon() + minutes(1)).await;
        let third = tell(&store, "lee@finder.example", noon() + minutes(2)).await;
        let mut tx = store.begin().await.unwrap();
        tx.link_duplicate(&again.case, &third.case, noon()).await.unwrap();
        tx.link_duplicate(&again.case, &first.case, noon()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.duplicate_of(&again.case).await.unwrap(), Some(first.number.clone()));
        assert_eq!(store.duplicates_of(&first.case).await.unwrap(), [again.number]);
        assert!(store.duplicates_of(&third.case).await.unwrap().is_empty(), "the later link counts");
        let mut tx = store.begin().await.unwrap();
        tx.unlink_duplicate(&again.case).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.duplicate_of(&again.case).await.unwrap(), None);
    }

    async fn cases_are_found_by_each_part_of_the_filter_most_urgent_first(house: House) {
        let store = house.store().await;
        let late = tell(&store, "jane@finder.example", noon()).await;
        let soon = tell(&store, "kay@finder.example", noon() + minutes(1)).await;
        let done = tell(&store, "lee@finder.example", noon() + minutes(2)).await;
        clock(&store, &late, ClockKind::FirstReply, None, 90).await;
        clock(&store, &soon, ClockKind::FirstReply, None, 30).await;
        let mut tx = store.begin().await.unwrap();
        tx.close_case(&done.case, Closing::Spam, "member:ab", noon()).await.unwrap();
        tx.close_handling(&late.handling.id, "member:ab", noon()).await.unwrap();
        assert!(tx.claim_case(&soon.case, &mailbox("ada@foundation.example")).await.unwrap());
        tx.commit().await.unwrap();

        let all = CaseFilter::default();
        let found = async |filter: &CaseFilter| store.find_cases(filter, 10).await.unwrap();
        let [late, soon, done] = [&late, &soon, &done].map(|told| told.number.as_str());
        assert_eq!(numbers(&found(&all).await), [soon, late, done]);
        assert_eq!(store.find_cases(&all, 1).await.unwrap().len(), 1);
        for (filter, wanted) in [
            (CaseFilter { open_only: true, ..all.clone() }, vec![soon, late]),
            (CaseFilter { state: Some(CaseState::Closed), ..all.clone() }, vec![done]),
            (CaseFilter { owner: Some(mailbox("ada@foundation.example")), ..all.clone() }, vec![soon]),
            (CaseFilter { project: Some(project("parsely")), ..all.clone() }, vec![soon, late, done]),
            (CaseFilter { project: Some(project("other")), ..all.clone() }, vec![]),
            (CaseFilter { waits_for: Some(WaitsFor::Committee), ..all.clone() }, vec![late]),
            (CaseFilter { waits_for: Some(WaitsFor::Project), open_only: true, ..all.clone() }, vec![soon]),
            (CaseFilter { clock: Some(ClockKind::FirstReply), ..all.clone() }, vec![soon, late]),
            (CaseFilter { clock: Some(ClockKind::Progress), ..all.clone() }, vec![]),
            (CaseFilter { text: "PARSELY".to_owned(), open_only: true, ..all.clone() }, vec![soon, late]),
            (CaseFilter { text: late.to_lowercase(), ..all.clone() }, vec![late]),
            (CaseFilter { text: "flaw_in".to_owned(), ..all.clone() }, vec![]),
            (CaseFilter { text: "'; --\0\\".to_owned(), ..all.clone() }, vec![]),
        ] {
            assert_eq!(numbers(&found(&filter).await), wanted, "{filter:?}");
        }
    }

    async fn the_board_reads_of_promises_that_ran_out_and_of_no_follow_up(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        clock(&store, &told, ClockKind::FirstReply, None, -5).await;
        clock(&store, &told, ClockKind::Triage, None, -60).await;
        clock(&store, &told, ClockKind::Acknowledge, Some(&told.handling.id), -30).await;
        let broken = store.broken_promises(noon(), 10).await.unwrap();
        let kinds: Vec<_> = broken.iter().map(|row| (row.kind, row.project.clone())).collect();
        assert_eq!(kinds, [(ClockKind::Acknowledge, Some(project("parsely"))), (ClockKind::FirstReply, None)]);
        assert_eq!((broken[0].number.clone(), broken[0].due_at), (told.number, noon() - minutes(30)));
        assert_eq!(store.broken_promises(noon() - minutes(30), 10).await.unwrap().len(), 1, "not before it is due");
    }
}
