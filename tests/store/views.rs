//! The desk's lists and counts.

use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::{Clock, ClockEnd, ClockKind};
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::id::MessageId;
use fingerpost::domain::party::Author;
use fingerpost::store::{CaseFilter, CaseLine, DeskCounts, FiledAs, Filing, HandlingRow, MessageRow, Part, Store};

use crate::conflicts::keep;
use crate::house::{House, Told, dice, entry, mailbox, minutes, noon, project, tell};

/// Starts a clock of the case that runs out `due` minutes after noon.
async fn clock(store: &Store, told: &Told, id: &str, kind: ClockKind, due: i64) {
    let mut tx = store.begin().await.unwrap();
    let clock = Clock::start(kind, noon() - minutes(600), minutes(600 + due));
    tx.start_clock(id, &told.case, None, &clock).await.unwrap();
    tx.commit().await.unwrap();
}

async fn state(store: &Store, told: &Told, state: CaseState) {
    let mut tx = store.begin().await.unwrap();
    tx.set_case_state(&told.case, state, None).await.unwrap();
    tx.commit().await.unwrap();
}

fn numbers(lines: &[CaseLine]) -> Vec<&str> {
    lines.iter().map(|line| line.case.number.as_str()).collect()
}

on_both! {
    async fn open_cases_stand_by_their_most_urgent_running_clock_and_none_is_left_out(house: House) {
        let store = house.store().await;
        let [one, two, three, closed] = [
            tell(&store, "one@finder.example", noon()).await,
            tell(&store, "two@finder.example", noon() + minutes(1)).await,
            tell(&store, "three@finder.example", noon() + minutes(2)).await,
            tell(&store, "four@finder.example", noon() + minutes(3)).await,
        ];
        clock(&store, &one, "k1", ClockKind::FirstReply, 50).await;
        clock(&store, &one, "k2", ClockKind::Acknowledge, 30).await;
        clock(&store, &two, "k3", ClockKind::FirstReply, 10).await;
        clock(&store, &two, "k4", ClockKind::Acknowledge, 40).await;
        clock(&store, &closed, "k5", ClockKind::FirstReply, 45).await;
        state(&store, &closed, CaseState::Closed).await;
        let mut tx = store.begin().await.unwrap();
        tx.end_clock(&two.case, ClockKind::FirstReply, None, ClockEnd::Kept, None, noon()).await.unwrap();
        tx.commit().await.unwrap();

        let lines = store.open_cases(10).await.unwrap();

        assert_eq!(numbers(&lines), ["SEC-2026-0001", "SEC-2026-0002", "SEC-2026-0004", "SEC-2026-0003"], "0004: a promise");
        let clocks: Vec<_> = lines.iter().map(|line| line.clock.as_ref().map(|clock| clock.kind)).collect();
        let (acknowledge, first_reply) = (Some(ClockKind::Acknowledge), Some(ClockKind::FirstReply));
        assert_eq!(clocks, [acknowledge, acknowledge, first_reply, None]);
        assert_eq!(lines[0].handlings, [(project("parsely"), HandlingState::Sent)]);
        assert_eq!(lines[0].reporter.as_deref(), Some("Jane"));
        assert_eq!(lines[3].case, store.case(&three.case).await.unwrap().unwrap());
        assert_eq!(numbers(&store.open_cases(2).await.unwrap()), ["SEC-2026-0001", "SEC-2026-0002"]);
        assert!(store.open_cases(0).await.unwrap().is_empty());
    }

    async fn cases_that_no_project_has_wait_in_triage_oldest_first(house: House) {
        let store = house.store().await;
        let first = tell(&store, "one@finder.example", noon()).await;
        let second = tell(&store, "two@finder.example", noon() + minutes(1)).await;
        tell(&store, "three@finder.example", noon() + minutes(2)).await;
        assert!(store.triage_cases(10).await.unwrap().is_empty());
        state(&store, &second, CaseState::New).await;
        state(&store, &first, CaseState::Triage).await;
        clock(&store, &second, "k1", ClockKind::Triage, 10).await;
        let lines = store.triage_cases(10).await.unwrap();
        assert_eq!(numbers(&lines), ["SEC-2026-0001", "SEC-2026-0002"]);
        assert_eq!(lines[1].clock.as_ref().unwrap().kind, ClockKind::Triage);
    }

    async fn all_cases_are_turned_over_page_by_page_newest_first(house: House) {
        let store = house.store().await;
        for minute in 0..5 {
            tell(&store, "one@finder.example", noon() + minutes(minute)).await;
        }
        let page = store.all_cases(2).await.unwrap();
        assert_eq!(numbers(&page), ["SEC-2026-0005", "SEC-2026-0004"]);
        let next = store.all_cases(Part { skip: 2, most: 10, seen_by: None }).await.unwrap();
        assert_eq!(numbers(&next), ["SEC-2026-0003", "SEC-2026-0002", "SEC-2026-0001"]);
    }

    async fn a_list_is_read_in_parts_and_what_is_kept_from_the_reader_takes_no_place_in_them(house: House) {
        let store = house.store().await;
        let mut told = Vec::new();
        for number in 0..5 {
            told.push(tell(&store, "one@finder.example", noon() + minutes(number)).await);
        }
        for (number, case) in told[..3].iter().enumerate() {
            clock(&store, case, &format!("k{number}"), ClockKind::FirstReply, 10 - number as i64).await;
        }
        keep(&store, &told[1], "ada@foundation.example").await;
        let ada = mailbox("Ada@foundation.example");
        let any_open = CaseFilter { open_only: true, ..CaseFilter::default() };
        let (of_all, hers) = ([3, 2, 1, 4, 5], [3, 1, 4, 5]);
        for (seen_by, wanted) in [(None, &of_all[..]), (Some(&ada), &hers[..])] {
            for most in 1..=5 {
                let mut read = Vec::new();
                for skip in (0..8).step_by(most) {
                    let part = Part { skip: skip as i64, most: most as i64, seen_by };
                    let open = store.open_cases(part).await.unwrap();
                    let found = store.find_cases(&any_open, part).await.unwrap();
                    assert_eq!(open.len(), found.len(), "by a filter there are as many");
                    read.extend(open.iter().map(|line| line.case.number.to_string()));
                }
                let wanted: Vec<String> = wanted.iter().map(|number| format!("SEC-2026-000{number}")).collect();
                assert_eq!(read, wanted, "{most} at once");
            }
        }
        let newest = store.all_cases(Part { skip: 2, most: 2, seen_by: Some(&ada) }).await.unwrap();
        assert_eq!(numbers(&newest), ["SEC-2026-0003", "SEC-2026-0001"]);
    }

    async fn the_next_deadline_is_the_first_that_is_still_to_come_and_not_kept_from_the_reader(house: House) {
        let store = house.store().await;
        let ada = mailbox("ada@foundation.example");
        assert_eq!(store.next_deadline(&ada, noon()).await.unwrap(), None);
        let late = tell(&store, "one@finder.example", noon()).await;
        let soon = tell(&store, "two@finder.example", noon() + minutes(1)).await;
        let later = tell(&store, "three@finder.example", noon() + minutes(2)).await;
        clock(&store, &late, "k1", ClockKind::FirstReply, 0).await;
        clock(&store, &soon, "k2", ClockKind::FirstReply, 5).await;
        clock(&store, &later, "k3", ClockKind::FirstReply, 9).await;
        let next = |told: &Told, due| Some((told.number.clone(), noon() + minutes(due)));
        assert_eq!(store.next_deadline(&ada, noon()).await.unwrap(), next(&soon, 5));
        keep(&store, &soon, "ada@foundation.example").await;
        assert_eq!(store.next_deadline(&ada, noon()).await.unwrap(), next(&later, 9));
    }

    async fn more_lines_than_one_statement_names_have_each_their_clock_and_reporter(house: House) {
        let store = house.store().await;
        for number in 0..60 {
            let told = tell(&store, &format!("{number}@finder.example"), noon() + minutes(number)).await;
            clock(&store, &told, &format!("k{number}"), ClockKind::FirstReply, number).await;
        }
        let lines = store.open_cases(60).await.unwrap();
        assert_eq!(lines.len(), 60);
        assert!(lines.iter().all(|line| line.clock.is_some() && line.reporter.is_some() && line.handlings.len() == 1));
    }

    async fn a_line_names_the_first_reporter_and_the_projects_as_they_were_decided(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let message = entry(b"x");
        store.keep(message.clone()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let second = fingerpost::store::ReportRow {
            id: fingerpost::domain::id::ReportId::new(noon(), dice()),
            arrival: message.id,
            arrived_at: noon() + minutes(1),
            from_name: Some("Joe".to_owned()),
            ..told.report.clone()
        };
        tx.insert_report(&second).await.unwrap();
        let by_hand = HandlingRow {
            id: fingerpost::domain::id::HandlingId::new(noon(), dice()),
            project: project("alfalfa"),
            state: HandlingState::ByHand,
            decided_at: noon() + minutes(1),
            ..told.handling
        };
        tx.insert_handling(&by_hand).await.unwrap();
        tx.commit().await.unwrap();
        let [line] = &store.all_cases(10).await.unwrap()[..] else { panic!("one case") };
        assert_eq!(line.reporter.as_deref(), Some("Jane"));
        let projects = [(project("parsely"), HandlingState::Sent), (project("alfalfa"), HandlingState::ByHand)];
        assert_eq!(line.handlings, projects);
    }

    async fn the_desk_counts_cases_and_not_clocks(house: House) {
        let store = house.store().await;
        assert_eq!(store.desk_counts(noon()).await.unwrap(), DeskCounts::default());
        let late = tell(&store, "one@finder.example", noon() - minutes(9)).await;
        let soon = tell(&store, "two@finder.example", noon() - minutes(8)).await;
        let calm = tell(&store, "three@finder.example", noon() - minutes(7)).await;
        let over = tell(&store, "four@finder.example", noon() - minutes(6)).await;
        clock(&store, &late, "k1", ClockKind::FirstReply, 0).await;
        clock(&store, &late, "k2", ClockKind::Acknowledge, -5).await;
        clock(&store, &late, "k3", ClockKind::Triage, 5).await;
        clock(&store, &soon, "k4", ClockKind::FirstReply, 48 * 60 - 1).await;
        clock(&store, &soon, "k5", ClockKind::Triage, 1).await;
        clock(&store, &calm, "k6", ClockKind::FirstReply, 48 * 60).await;
        state(&store, &calm, CaseState::New).await;
        state(&store, &over, CaseState::Closed).await;
        let filing = |filed_as| Filing {
            filed_as,
            at: noon(),
            case: None,
            because: None,
            message_id: None,
            from: None,
            subject: None,
            body_sha256: None,
        };
        let mut tx = store.begin().await.unwrap();
        tx.file_arrival(&late.arrival, &filing(FiledAs::Automatic)).await.unwrap();
        tx.file_arrival(&soon.arrival, &filing(FiledAs::SetAside)).await.unwrap();
        tx.file_arrival(&calm.arrival, &filing(FiledAs::Held)).await.unwrap();
        tx.insert_message(&MessageRow {
            arrival: Some(calm.arrival.clone()),
            held_because: Some("it has no single From address".to_owned()),
            held_at: Some(noon()),
            ..MessageRow::blank(MessageId::new(noon(), dice()), Author::Stranger, noon())
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let expected = DeskCounts {
            open: 3,
            overdue: 1,
            due_soon: 1,
            triage: 1,
            noise: 0,
            held: 1,
            automatic: 1,
            set_aside: 1,
            unfiled: 1,
            last_arrival_at: Some(noon() - minutes(6)),
        };
        assert_eq!(store.desk_counts(noon()).await.unwrap(), expected);
    }

    async fn lists_are_given_the_beginning_of_each_first_report(house: House) {
        let store = house.store().await;
        tell(&store, "one@finder.example", noon()).await;
        let two = tell(&store, "two@finder.example", noon() + minutes(1)).await;
        let lines = store.open_cases(10).await.unwrap();

        let whole = store.beginnings(&lines, 12).await.unwrap();
        assert_eq!(whole.len(), 2);
        let text = &whole[&two.case];
        assert_eq!((text.subject.as_str(), text.body.as_str(), text.is_cut), ("flaw in Parsely", "It crashes.\n", false));
        let cut = store.beginnings(&lines[..1], 2).await.unwrap();
        assert_eq!(cut.len(), 1);
        assert!(cut.values().all(|text| text.body == "It" && text.is_cut));
        assert!(store.beginnings(&[], 2).await.unwrap().is_empty());
    }
}
