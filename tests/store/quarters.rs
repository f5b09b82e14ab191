//! The board's quarters: what is counted for them, and their reports from the draft until they are frozen.

use fingerpost::domain::case::{Actor, CaseEvent, Closing, EventKind};
use fingerpost::domain::clock::{Clock, ClockEnd, ClockKind};
use fingerpost::domain::directory::ProjectId;
use fingerpost::domain::id::LetterId;
use fingerpost::domain::letter::LetterKind;
use fingerpost::domain::noise::Noise;
use fingerpost::domain::quarter::figures::{
    ContactFigures, EscalationFigure, Figures, Kept, KindFigure, ProjectFigure, Promised, Received, Unwanted,
};
use fingerpost::domain::quarter::{Due, Quarter, Texts};
use fingerpost::store::Store;
use jiff::{SignedDuration, Timestamp};

use crate::house::{House, Told, letter, mailbox, minutes, noon, project, tell};
use crate::senders::{enforce, lay_aside, propose};

/// Mar-May 2026, in which the stories begin.
fn quarter() -> Quarter {
    Quarter::of(noon())
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

async fn start(store: &Store, told: &Told, kind: ClockKind, from: Timestamp, ended: Option<Timestamp>) -> Clock {
    let mut clock = Clock::start(kind, from, days(7));
    clock.stopped_at = ended;
    clock.ended_as = ended.map(|_| ClockEnd::Kept);
    let handling = (kind == ClockKind::Acknowledge).then_some(&told.handling.id);
    let mut tx = store.begin().await.unwrap();
    tx.start_clock(&format!("{kind:?} {from} {}", told.number), &told.case, handling, &clock).await.unwrap();
    tx.commit().await.unwrap();
    clock
}

/// The clocks of these kinds, as they were started.
fn of(found: Vec<Promised>) -> Vec<(Option<ProjectId>, Clock)> {
    found.into_iter().map(|promised| (promised.project, promised.clock)).collect()
}

fn figures() -> Figures {
    let kept = Kept { in_time: 2, late: 1, median_seconds: Some(7), ..Kept::default() };
    Figures {
        quarter: quarter(),
        as_of: noon() + days(100),
        first_reply_seconds: 604_800,
        received: 3,
        kinds: vec![KindFigure { kind: "Spam".to_owned(), count: 3 }],
        without_project: 0,
        first_reply: kept,
        acknowledge: Kept::default(),
        carried_first_reply: Kept::default(),
        carried_acknowledge: Kept::default(),
        projects: vec![ProjectFigure {
            id: project("parsely"),
            name: "Pärsely \"the\" first".to_owned(),
            forwarded: 1,
            acknowledged: kept,
            escalated: 0,
        }],
        escalations: vec![EscalationFigure {
            case: "SEC-2026-0001".to_owned(),
            at: noon(),
            project: None,
            kept_at: Some(noon()),
            waits: false,
        }],
        contacts: ContactFigures::default(),
        unwanted: Unwanted::default(),
        compared: Vec::new(),
        record: None,
    }
}

on_both! {
    async fn a_case_counts_in_the_quarter_of_its_arrival_by_its_kind_and_course(house: House) {
        let store = house.store().await;
        assert_eq!(store.received_in(quarter()).await.unwrap(), []);
        let first = quarter().from();
        for at in [first, noon(), quarter().until() - minutes(1)] {
            tell(&store, "jane@finder.example", at).await;
        }
        for at in [first - minutes(1), quarter().until()] {
            tell(&store, "kay@finder.example", at).await;
        }
        let spam = tell(&store, "sales@deals.example", noon()).await;
        let mut tx = store.begin().await.unwrap();
        tx.withdraw_handling(&spam.handling.id, noon()).await.unwrap();
        let by = mailbox("ada@foundation.example");
        tx.set_noise(&spam.case, Some(Noise::Bounty), Some((&by, noon()))).await.unwrap();
        tx.close_case(&spam.case, Closing::Spam, "member:ada", noon()).await.unwrap();
        tx.commit().await.unwrap();
        let received = |noise, closed_as, has_project, count| Received { noise, closed_as, has_project, count };
        let mut found = store.received_in(quarter()).await.unwrap();
        found.sort_by_key(|row| row.count);
        let expected =
            [received(Some(Noise::Bounty), Some(Closing::Spam), false, 1), received(None, None, true, 3)];
        assert_eq!(found, expected);
    }

    async fn promises_belong_to_the_quarter_they_started_in_and_open_ones_are_carried_on(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let (from, until) = (quarter().from(), quarter().until());
        let before = start(&store, &told, ClockKind::FirstReply, from - minutes(1), None).await;
        let inside = start(&store, &told, ClockKind::FirstReply, from, Some(noon())).await;
        let project = start(&store, &told, ClockKind::Acknowledge, until - minutes(1), None).await;
        start(&store, &told, ClockKind::Triage, noon(), None).await;
        start(&store, &told, ClockKind::FirstReply, until, None).await;
        let of_parsely = Some(told.handling.project.clone());
        let found = of(store.promises_of(quarter()).await.unwrap());
        assert_eq!(found, [(None, inside.clone()), (of_parsely.clone(), project.clone())]);

        let carried = async |into: Quarter, open_at| {
            of(store.promises_carried_into(into, from - days(1), open_at).await.unwrap())
        };
        assert_eq!(carried(quarter(), from).await, [(None, before.clone())]);
        let next = Quarter::of(until);
        let open_at_noon = carried(next, noon()).await;
        assert_eq!(open_at_noon, [(None, before.clone()), (None, inside), (of_parsely.clone(), project.clone())]);
        let later = carried(next, noon() + minutes(1)).await;
        assert_eq!(later, [(None, before), (of_parsely, project)], "one has ended");
        assert_eq!(of(store.promises_carried_into(next, until, noon()).await.unwrap()), [], "too long ago");
    }

    async fn an_escalation_names_its_project_or_the_committee(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let own = start(&store, &told, ClockKind::FirstReply, noon(), None).await;
        start(&store, &told, ClockKind::Acknowledge, noon() - days(30), Some(noon())).await;
        let again = start(&store, &told, ClockKind::Acknowledge, noon(), None).await;
        let handling = &told.handling.id;
        let event = |kind, at: Timestamp, detail: String| CaseEvent { kind, at, actor: Actor::Program, detail };
        let mut tx = store.begin().await.unwrap();
        for (kind, at, detail) in [
            (EventKind::ReminderDue, noon() + days(2), "first-reply after 172800 s".to_owned()),
            (EventKind::Escalated, noon() + days(7), "first-reply after 604800 s".to_owned()),
            (EventKind::Escalated, noon() + days(8), format!("acknowledge after 604800 s of {handling}")),
            (EventKind::Escalated, quarter().until(), format!("acknowledge after 604800 s of {handling}")),
        ] {
            tx.append_event(&told.case, &event(kind, at, detail));
        }
        tx.commit().await.unwrap();
        let found = store.escalated_in(quarter()).await.unwrap();
        let (first, second) = (&found[0], &found[1]);
        assert_eq!((found.len(), &first.case, first.at, &first.project), (2, &told.number, noon() + days(7), &None));
        assert_eq!((&second.project, &second.clock), (&Some(told.handling.project), &again), "the later promise of two");
        assert_eq!(first.clock, own);
    }

    async fn erased_spam_still_counts_and_so_does_what_was_done_about_senders(house: House) {
        let store = house.store().await;
        assert_eq!(store.unwanted_in(quarter(), noon()).await.unwrap(), Unwanted::default());
        for at in [noon(), noon() + minutes(1), noon() + days(1), quarter().from() - minutes(1)] {
            lay_aside(&store, at, 50, true).await;
        }
        let released = lay_aside(&store, noon(), 5, true).await;
        let by = mailbox("ada@foundation.example");
        let mut tx = store.begin().await.unwrap();
        assert!(tx.take_out_of_quarantine(&released.arrival, "operator", noon()).await.unwrap());
        tx.see_batch("2026-03-02", noon() + days(1), &by, noon()).await.unwrap();
        assert_eq!(tx.erase_quarantined(noon() + days(40), 10).await.unwrap(), 2);
        tx.commit().await.unwrap();
        let ban = propose(&store, "spam.example", noon()).await;
        enforce(&store, &ban, noon() + days(90)).await;
        propose(&store, "deals.example", noon()).await;
        let unwanted = store.unwanted_in(quarter(), noon() + days(1)).await.unwrap();
        let expected = Unwanted { quarantined: 4, released: 1, bans: 1, in_force: 1, ..Unwanted::default() };
        assert_eq!(unwanted, expected, "two of the four mails are gone");
        let mut tx = store.begin().await.unwrap();
        tx.lift_ban(&ban.id, by.as_str(), noon() + days(2)).await.unwrap();
        tx.commit().await.unwrap();
        let unwanted = store.unwanted_in(quarter(), noon() + days(3)).await.unwrap();
        assert_eq!((unwanted.bans, unwanted.lifted, unwanted.in_force), (1, 1, 0));
    }

    async fn a_report_is_written_by_whoever_has_seen_the_last_texts_and_frozen_once(house: House) {
        let store = house.store().await;
        let (by, now) = (mailbox("ada@foundation.example"), noon() + days(100));
        assert_eq!(store.quarter(quarter()).await.unwrap(), None);
        let texts = Texts { activities: "Audits\0".to_owned(), challenges: "Time".to_owned(), budget: "0".to_owned() };
        let mut tx = store.begin().await.unwrap();
        assert!(tx.write_quarter(quarter(), &texts, 0, &by, noon()).await.unwrap());
        assert!(!tx.write_quarter(quarter(), &Texts::default(), 0, &by, noon()).await.unwrap(), "somebody was first");
        tx.commit().await.unwrap();
        let row = store.quarter(quarter()).await.unwrap().unwrap();
        assert_eq!((row.version, row.edited.clone(), row.figures.clone()), (1, Some((noon(), by.clone())), None));
        assert_eq!((row.texts.activities.as_str(), row.texts.budget.as_str()), ("Audits\u{fffd}", "0"));

        let mut tx = store.begin().await.unwrap();
        for due in [Due::Draft, Due::Reminder, Due::Late] {
            assert!(tx.take_quarter_step(quarter(), due, now).await.unwrap());
            assert!(!tx.take_quarter_step(quarter(), due, now).await.unwrap(), "once");
        }
        assert!(!tx.freeze_quarter(&figures(), 0, &by, now).await.unwrap(), "the texts are not those that were seen");
        assert!(tx.freeze_quarter(&figures(), 1, &by, now).await.unwrap());
        assert!(!tx.freeze_quarter(&figures(), 1, &by, now).await.unwrap(), "once");
        assert!(!tx.write_quarter(quarter(), &texts, 1, &by, now).await.unwrap(), "it is frozen");
        assert!(tx.take_quarter_step(quarter().previous(), Due::Draft, now).await.unwrap(), "another quarter's");
        let report = letter(LetterKind::Quarter, "board@foundation.example", now);
        tx.put_letter(&report).await.unwrap();
        tx.send_quarter_by(quarter(), &report.id).await.unwrap();
        assert_eq!(tx.quarter_of_letter(&report.id).await.unwrap(), Some(quarter()));
        assert_eq!(tx.quarter_of_letter(&LetterId::from_row("none")).await.unwrap(), None);
        tx.commit().await.unwrap();
        assert_eq!(store.quarter_letters(quarter()).await.unwrap(), [report.id]);
        let rows = store.quarters().await.unwrap();
        assert_eq!(rows.iter().map(|row| row.quarter).collect::<Vec<_>>(), [quarter(), quarter().previous()]);
        assert_eq!((rows[0].figures.clone(), rows[0].approved_by.clone()), (Some(figures()), Some(by)));
        let progress = rows[0].progress;
        assert_eq!((progress.drafted_at, progress.approved_at), (Some(now), Some(now)));
    }
}
