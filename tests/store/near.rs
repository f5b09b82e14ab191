//! By what reports are found again, what is proposed, and what members say of it.

use fingerpost::domain::address::InstanceKey;
use fingerpost::domain::case::{CaseState, Closing};
use fingerpost::domain::id::{CaseId, ReportId};
use fingerpost::domain::near::{FactKind, Likeness, Print, Prints};
use fingerpost::judge::near::Traits;
use fingerpost::store::Store;

use crate::house::{House, Told, minutes, noon, project, tell};

async fn told(store: &Store, prints: &Prints) -> Told {
    let told = tell(store, "jane@finder.example", noon()).await;
    keep(store, &told, prints).await;
    told
}

async fn keep(store: &Store, told: &Told, prints: &Prints) {
    let mut tx = store.begin().await.unwrap();
    tx.keep_prints(&told.report.id, &told.case, prints).await.unwrap();
    tx.commit().await.unwrap();
}

fn prints(facts: &[(FactKind, i64)], telling: &[i64]) -> Prints {
    Prints {
        facts: facts.iter().map(|(kind, print)| (*kind, Print(*print))).collect(),
        sketch: (0..64).map(|place| telling.get(place).map(|print| Print(*print))).collect(),
        shingles: 12,
        telling: telling.iter().map(|print| Print(*print)).collect(),
    }
}

async fn found(store: &Store, keys: &[i64], but: &CaseId) -> Vec<(i64, ReportId, CaseId)> {
    let keys: Vec<Print> = keys.iter().map(|key| Print(*key)).collect();
    let mut tx = store.begin().await.unwrap();
    let hits = tx.reports_with(&keys, but).await.unwrap();
    let mut hits: Vec<_> = hits.into_iter().map(|hit| (hit.print.0, hit.report, hit.first)).collect();
    hits.sort();
    hits
}

fn likeness(points: i64, reason: &str) -> Likeness {
    Likeness { points, reasons: vec![reason.to_owned(), "a third of the words stand in the same order".to_owned()] }
}

async fn propose(store: &Store, case: &Told, like: &Told, likeness: &Likeness) {
    let mut tx = store.begin().await.unwrap();
    tx.propose(&case.case, &like.case, likeness, noon()).await.unwrap();
    tx.commit().await.unwrap();
}

on_both! {
    async fn a_report_is_found_by_its_prints_and_read_back_as_it_was_kept(house: House) {
        let store = house.store().await;
        let kept = prints(&[(FactKind::Path, i64::MIN), (FactKind::Host, 7), (FactKind::Symbol, 8)], &[-1, 40]);
        let first = told(&store, &kept).await;
        let second = told(&store, &prints(&[(FactKind::Symbol, 8)], &[])).await;
        let third = told(&store, &prints(&[], &[])).await;
        let of = |told: &Told, print| (print, told.report.id.clone(), told.case.clone());
        assert_eq!(found(&store, &[8, -1, 99], &third.case).await, [of(&first, -1), of(&first, 8), of(&second, 8)]);
        assert_eq!(found(&store, &[8], &first.case).await, [of(&second, 8)], "none of its own");
        assert_eq!(found(&store, &[7], &third.case).await, [], "a host alone finds nothing");
        assert_eq!(found(&store, &[], &third.case).await, []);

        let mut tx = store.begin().await.unwrap();
        assert!(tx.prints_of(&[]).await.unwrap().is_empty());
        let rows = tx.prints_of(&[&first.report.id]).await.unwrap();
        assert_eq!(rows[0].prints, Prints { telling: Vec::new(), ..kept });
        assert_eq!((&rows[0].report, &rows[0].first), (&first.report.id, &first.case));
    }

    async fn a_print_that_everybody_has_finds_the_newest_sixteen(house: House) {
        let store = house.store().await;
        let mut all = Vec::new();
        for _ in 0..18 {
            all.push(told(&store, &prints(&[(FactKind::Symbol, 5)], &[])).await);
        }
        let last = told(&store, &prints(&[], &[])).await;
        let hits = found(&store, &[5], &last.case).await;
        assert_eq!(hits.len(), 16);
        assert!(!hits.iter().any(|(_, report, _)| *report == all[0].report.id), "the oldest is left out");
    }

    async fn cases_that_are_linked_count_as_their_first(house: House) {
        let store = house.store().await;
        let first = told(&store, &prints(&[(FactKind::Id, 5)], &[])).await;
        let again = told(&store, &prints(&[(FactKind::Id, 5)], &[])).await;
        let last = told(&store, &prints(&[], &[])).await;
        let mut tx = store.begin().await.unwrap();
        tx.link_duplicate(&again.case, &first.case, noon()).await.unwrap();
        assert_eq!(tx.duplicate_of(&again.case).await.unwrap(), Some(first.number.clone()));
        assert_eq!(tx.duplicates_of(&first.case).await.unwrap(), std::slice::from_ref(&again.number));
        assert_eq!(tx.prints_of(&[&again.report.id]).await.unwrap()[0].first, first.case);
        tx.commit().await.unwrap();
        assert!(found(&store, &[5], &last.case).await.iter().all(|(.., of)| *of == first.case));
    }

    async fn a_proposal_is_shown_on_both_cases_until_a_member_has_decided(house: House) {
        let store = house.store().await;
        let (first, other, later) = (
            told(&store, &prints(&[], &[])).await,
            told(&store, &prints(&[], &[])).await,
            told(&store, &prints(&[], &[])).await,
        );
        propose(&store, &later, &first, &likeness(5, "both name lib/mill.py\0")).await;
        propose(&store, &later, &other, &likeness(9, "both name CVE-2026-1234")).await;
        propose(&store, &later, &other, &likeness(1, "asked before")).await;
        let shown = store.proposals(&[&later.case]).await.unwrap();
        let numbers: Vec<_> = shown.iter().map(|p| (&p.number, &p.like_number)).collect();
        assert_eq!(numbers, [(&later.number, &other.number), (&later.number, &first.number)], "the likest first");
        assert_eq!(shown[0].likeness, likeness(9, "both name CVE-2026-1234"));
        assert_eq!(shown[1].likeness.reasons[0], "both name lib/mill.py\u{fffd}");
        assert_eq!((shown[0].like_state, shown[0].like_title.as_str()), (CaseState::Routed, "flaw in Parsely"));
        assert_eq!(store.proposals(&[&first.case]).await.unwrap(), [shown[1].clone()], "on the earlier one too");
        assert!(store.proposals(&[]).await.unwrap().is_empty());

        let mut tx = store.begin().await.unwrap();
        let at = noon() + minutes(1);
        assert!(tx.dismiss_likeness(&later.case, &other.case, "member:ab", at).await.unwrap());
        assert!(!tx.dismiss_likeness(&later.case, &other.case, "member:cd", at).await.unwrap(), "once");
        assert!(!tx.dismiss_likeness(&first.case, &other.case, "member:ab", at).await.unwrap(), "never asked");
        tx.propose(&later.case, &other.case, &likeness(9, "asked again"), at).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.proposals(&[&later.case, &other.case]).await.unwrap().len(), 1, "remembered");
        assert_eq!(store.likeness(&later.case, &other.case).await.unwrap().unwrap().dismissed_at, Some(at));
        assert!(store.likeness(&first.case, &later.case).await.unwrap().is_none());

        let mut tx = store.begin().await.unwrap();
        assert!(tx.restore_likeness(&later.case, &other.case).await.unwrap());
        assert!(!tx.restore_likeness(&later.case, &other.case).await.unwrap());
        tx.link_duplicate(&later.case, &other.case, at).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.proposals(&[&later.case]).await.unwrap().is_empty(), "what is linked is asked no more");
    }

    async fn nothing_of_a_report_can_be_read_from_its_prints_or_tried_without_the_key(house: House) {
        let store = house.store().await;
        let traits = |project_id| Traits::of("Flaw", "grind_all() in lib/mill.py, CVE-2026-1234", &[project(project_id)]);
        let key = InstanceKey::new([1; 32]);
        let kept = told(&store, &traits("parsely").prints(&key)).await;
        let mut tx = store.begin().await.unwrap();
        tx.close_case(&kept.case, Closing::Resolved, "member:ab", noon()).await.unwrap();
        tx.commit().await.unwrap();
        let last = told(&store, &prints(&[], &[])).await;
        let with = |key: &InstanceKey| traits("quern").prints(key).keys().map(|print| print.0).collect::<Vec<_>>();
        assert!(!found(&store, &with(&key), &last.case).await.is_empty(), "the same facts, also of a closed case");
        assert!(found(&store, &with(&InstanceKey::new([2; 32])), &last.case).await.is_empty(), "under another key");
    }
}
