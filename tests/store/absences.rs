//! Days on which contacts are away, and the cases that wait for their project.

use fingerpost::domain::clock::{Clock, ClockKind};
use fingerpost::domain::directory::Absence;
use fingerpost::domain::id::ContactId;
use fingerpost::store::AbsenceRow;

use crate::house::{House, minutes, noon, tell};

on_both! {
    async fn an_absence_counts_until_its_last_day_or_until_the_contact_is_back(house: House) {
        let store = house.store().await;
        let project = tell(&store, "jane@finder.example", noon()).await.handling.project;
        let file = fingerpost::config::policy::parse("projects.toml", include_str!("../../projects.toml")).unwrap();
        let entry = file.projects.into_iter().find_map(|project| project.contacts.into_iter().next()).unwrap();
        let contact = ContactId::from_row("contact");
        let days = |first: &str, last: &str| Absence { first: first.parse().unwrap(), last: last.parse().unwrap() };
        let said = |id: &str, days| AbsenceRow {
            id: id.to_owned(),
            contact: contact.clone(),
            days,
            said_by: "contact".to_owned(),
            said_at: noon(),
        };
        let (winter, leap) = (said("a", days("2026-12-20", "2027-01-06")), said("b", days("2028-02-28", "2028-02-29")));
        let mut tx = store.begin().await.unwrap();
        tx.insert_contact(&contact, &project, &entry, noon(), noon()).await.unwrap();
        tx.say_away(&winter).await.unwrap();
        tx.say_away(&leap).await.unwrap();
        tx.commit().await.unwrap();
        let on = |day: &str| -> jiff::civil::Date { day.parse().unwrap() };
        assert_eq!(store.absences(on("2027-01-06")).await.unwrap(), [winter, leap.clone()]);
        assert_eq!(store.absences(on("2027-01-07")).await.unwrap(), [leap]);
        assert!(store.absences(on("2028-03-01")).await.unwrap().is_empty());
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.back_again(&contact, on("2027-01-07"), noon()).await.unwrap(), 1, "what is over stays as it was");
        tx.commit().await.unwrap();
        assert!(store.absences(on("2027-01-07")).await.unwrap().is_empty());
        assert_eq!(store.absences(on("2027-01-06")).await.unwrap().len(), 1);
    }

    async fn what_waits_for_a_project_is_found_while_its_clock_runs(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let clock = Clock::start(ClockKind::Acknowledge, noon(), minutes(60));
        let project = &told.handling.project;
        let mut tx = store.begin().await.unwrap();
        tx.start_clock("k9", &told.case, Some(&told.handling.id), &clock).await.unwrap();
        tx.commit().await.unwrap();
        let waits = store.waits_for_project(project).await.unwrap();
        assert!(waits.contains(&(told.case.clone(), told.handling.id.clone())), "{waits:?}");
        let mut tx = store.begin().await.unwrap();
        tx.acknowledge(&told.handling.id, "party:x", noon()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.waits_for_project(project).await.unwrap().is_empty());
    }
}
