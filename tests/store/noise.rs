//! What looks like no report: last in every list, counted, corrected, and seen.

use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::{Clock, ClockKind};
use fingerpost::domain::id::CaseId;
use fingerpost::domain::ladder::Attention;
use fingerpost::domain::noise::{Noise, SeemsNoise};
use fingerpost::store::{CaseFilter, CaseLine, KindSaid, NewCase, Store};

use crate::house::{House, dice, judgement, mailbox, minutes, noon, tell};

/// A case that the judge takes for a scanner's finding, in `state`.
async fn noisy(store: &Store, number: i64, state: CaseState) -> CaseId {
    let mut judgement = judgement();
    judgement.noise = Some(SeemsNoise { noise: Noise::Scanner, evidence: judgement.candidates[0].evidence.clone() });
    let id = CaseId::new(noon(), dice());
    let mut tx = store.begin().await.unwrap();
    tx.insert_case(&NewCase {
        id: &id,
        number: &fingerpost::domain::case::CaseRef::new("SEC", 2026, number),
        title: "missing header",
        state,
        arrived_at: noon(),
        opened_at: noon(),
        waits_because: None,
        judgement: &judgement,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn clock(store: &Store, case: &CaseId, id: &str, due_in: i64) {
    let mut clock = Clock::start(ClockKind::FirstReply, noon(), minutes(1));
    clock.due_at = noon() + minutes(due_in);
    let mut tx = store.begin().await.unwrap();
    tx.start_clock(id, case, None, &clock).await.unwrap();
    tx.commit().await.unwrap();
}

fn numbers(lines: &[CaseLine]) -> Vec<&str> {
    lines.iter().map(|line| line.case.number.as_str()).collect()
}

on_both! {
    async fn what_looks_like_no_report_stands_last_in_every_list_and_is_never_left_out(house: House) {
        let store = house.store().await;
        let report = tell(&store, "jane@finder.example", noon() + minutes(1)).await; // SEC-2026-0001
        clock(&store, &report.case, "k1", 90).await;
        let calm = noisy(&store, 11, CaseState::New).await;
        let late = noisy(&store, 12, CaseState::Triage).await;
        clock(&store, &calm, "k2", 60).await;
        clock(&store, &late, "k3", -5).await;
        let mut tx = store.begin().await.unwrap();
        tx.set_case_state(&report.case, CaseState::New, None).await.unwrap();
        tx.commit().await.unwrap();

        let wanted = ["SEC-2026-0001", "SEC-2026-0012", "SEC-2026-0011"];
        assert_eq!(numbers(&store.open_cases(10).await.unwrap()), wanted, "by its clock among its like");
        assert_eq!(numbers(&store.open_cases(1).await.unwrap()), wanted[..1]);
        let found = store.find_cases(&CaseFilter { open_only: true, ..CaseFilter::default() }, 10).await.unwrap();
        assert_eq!(numbers(&found), wanted);
        assert_eq!(numbers(&store.triage_cases(10).await.unwrap()), ["SEC-2026-0001", "SEC-2026-0011", "SEC-2026-0012"]);
        let counts = store.desk_counts(noon()).await.unwrap();
        assert_eq!((counts.open, counts.noise, counts.overdue, counts.triage), (3, 2, 1, 3));

        let mut tx = store.begin().await.unwrap();
        tx.close_case(&late, fingerpost::domain::case::Closing::NotSecurity, "member:ab", noon()).await.unwrap();
        tx.commit().await.unwrap();
        let counts = store.desk_counts(noon()).await.unwrap();
        assert_eq!((counts.open, counts.noise), (2, 1));
        let listed = store.open_cases(10).await.unwrap();
        assert_eq!(numbers(&listed), ["SEC-2026-0012", "SEC-2026-0001", "SEC-2026-0011"], "an answer is on its way");
    }

    async fn a_correction_names_its_member_and_is_taken_back(house: House) {
        let store = house.store().await;
        let id = noisy(&store, 11, CaseState::New).await;
        let row = async || store.case(&id).await.unwrap().unwrap();
        let judged = row().await;
        assert_eq!((judged.noise, judged.kind_said.clone()), (Some(Noise::Scanner), None));
        assert_eq!(judged.judgement.noise.unwrap().noise, Noise::Scanner);

        let ada = mailbox("ada@foundation.example");
        let mut tx = store.begin().await.unwrap();
        tx.set_noise(&id, None, Some((&ada, noon()))).await.unwrap();
        tx.commit().await.unwrap();
        let said = row().await;
        assert_eq!((said.noise, said.kind_said), (None, Some(KindSaid { by: ada, at: noon() })));

        let mut tx = store.begin().await.unwrap();
        tx.set_noise(&id, Some(Noise::Scanner), None).await.unwrap();
        tx.commit().await.unwrap();
        let back = row().await;
        assert_eq!((back.noise, back.kind_said), (Some(Noise::Scanner), None));
    }

    async fn a_case_is_seen_once_and_the_board_page_knows_whether_it_was(house: House) {
        let store = house.store().await;
        let id = noisy(&store, 11, CaseState::New).await;
        clock(&store, &id, "k1", -5).await;
        let attention = async || store.broken_promises(noon(), 10).await.unwrap()[0].attention;
        let unopened = Attention { looks_like_noise: true, is_opened: false };
        assert_eq!(attention().await, unopened);
        assert_eq!(store.case(&id).await.unwrap().unwrap().attention(), unopened);

        let mut tx = store.begin().await.unwrap();
        assert!(tx.note_seen(&id, noon()).await.unwrap());
        assert!(!tx.note_seen(&id, noon() + minutes(1)).await.unwrap());
        assert!(!tx.note_seen(&CaseId::from_row("none"), noon()).await.unwrap());
        tx.commit().await.unwrap();
        let row = store.case(&id).await.unwrap().unwrap();
        assert_eq!((row.seen_at, row.attention().is_opened), (Some(noon()), true));
        assert!(attention().await.is_opened);

        let other = noisy(&store, 12, CaseState::New).await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.claim_case(&other, &mailbox("ada@foundation.example")).await.unwrap());
        tx.commit().await.unwrap();
        assert!(store.case(&other).await.unwrap().unwrap().attention().is_opened, "who claims it has it");
    }
}
