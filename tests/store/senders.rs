//! Senders and their mail in quarantine: batches, release and erasure; counts, warnings, bans, votes, appeals.

use fingerpost::domain::ban::{BanTarget, History};
use fingerpost::domain::case::{CaseState, Closing};
use fingerpost::domain::id::{ArrivalId, BanId, CaseId, LetterId, PartyId};
use fingerpost::domain::letter::LetterKind;
use fingerpost::domain::party::{Party, PartyRole};
use fingerpost::store::{
    AppealRow, BanRow, DatabaseUrl, FiledAs, Filing, JournalEntry, QuarantineRow, Store, WarningRow,
};
use jiff::{SignedDuration, Timestamp};

use crate::house::{House, dice, entry, letter, mailbox, minutes, noon, tell};

const SPAMMER: &str = "Sales@deals.example";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn target(text: &str) -> BanTarget {
    BanTarget::parse(text).unwrap()
}

/// A mail of the spammer that lies in quarantine since `at`.
pub async fn lay_aside(store: &Store, at: Timestamp, score: i64, is_proven: bool) -> QuarantineRow {
    let message =
        JournalEntry { id: ArrivalId::new(at, dice()), arrived_at: at, ..entry(b"Subject: offer\r\n\r\nBuy.\r\n") };
    store.keep(message.clone()).await.unwrap();
    let row = QuarantineRow {
        arrival: message.id.clone(),
        arrived_at: at,
        quarantined_at: at,
        batch: at.to_string()[..10].to_owned(),
        kind: "suspected".to_owned(),
        score,
        reasons: vec!["No project is named.".to_owned(), "It has 2 links against 3 words.".to_owned()],
        from_name: Some("Sales\0".to_owned()),
        from: Some(mailbox(SPAMMER)),
        proof: "SPF pass".to_owned(),
        proven: is_proven,
        subject: "offer\0".to_owned(),
        body: "Buy.\0\n".to_owned(),
        seen_at: None,
        seen_by: None,
        released_at: None,
        case: None,
    };
    let mut tx = store.begin().await.unwrap();
    tx.insert_quarantined(&row).await.unwrap();
    let filing = Filing {
        filed_as: FiledAs::Quarantine,
        at,
        case: None,
        because: None,
        message_id: None,
        from: None,
        subject: None,
        body_sha256: None,
    };
    assert!(tx.file_arrival(&message.id, &filing).await.unwrap());
    tx.commit().await.unwrap();
    let plain = |text: &str| text.replace('\0', "\u{fffd}");
    QuarantineRow {
        from_name: row.from_name.as_deref().map(plain),
        subject: plain(&row.subject),
        body: plain(&row.body),
        ..row
    }
}

pub async fn warn(store: &Store, address: &str, at: Timestamp) -> LetterId {
    let written = letter(LetterKind::Warning, address, at);
    let mut tx = store.begin().await.unwrap();
    tx.put_letter(&written).await.unwrap();
    let warned_by = "ada@foundation.example".to_owned();
    let warning = WarningRow { letter: written.id.clone(), address: mailbox(address), warned_at: at, warned_by };
    tx.insert_warning(&warning).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.warnings(1).await.unwrap(), [warning]);
    written.id
}

pub async fn history(store: &Store, whom: &str, now: Timestamp) -> History {
    let mut tx = store.begin().await.unwrap();
    tx.history(&target(whom), noon() - days(1), now).await.unwrap()
}

/// A ban of `whom` that a member has proposed at `at`.
pub async fn propose(store: &Store, whom: &str, at: Timestamp) -> BanRow {
    let mut tx = store.begin().await.unwrap();
    let ban = tx.propose_ban(&target(whom), &BanId::new(at, dice()), at - days(180), at).await.unwrap();
    tx.commit().await.unwrap();
    ban
}

pub async fn enforce(store: &Store, ban: &BanRow, until: Timestamp) {
    let mut tx = store.begin().await.unwrap();
    assert!(tx.enforce_ban(&ban.id, noon(), until).await.unwrap());
    assert!(!tx.enforce_ban(&ban.id, noon(), until + days(1)).await.unwrap(), "once");
    tx.commit().await.unwrap();
}

on_both! {
    async fn a_batch_shows_the_least_certain_first_and_is_seen_up_to_a_moment(house: House) {
        let store = house.store().await;
        let sure = lay_aside(&store, noon(), 100, true).await;
        let unsure = lay_aside(&store, noon() + minutes(1), 5, true).await;
        let late = lay_aside(&store, noon() + minutes(9), 7, false).await;
        let tomorrow = lay_aside(&store, noon() + days(1), 6, false).await;
        assert_eq!(store.batch("2026-03-02", 10).await.unwrap(), [unsure.clone(), late.clone(), sure.clone()]);
        assert_eq!(store.batch("2026-03-02", 1).await.unwrap().len(), 1);
        assert_eq!(store.quarantined(&late.arrival).await.unwrap(), Some(late.clone()));
        assert_eq!(store.quarantined(&ArrivalId::from_row("none")).await.unwrap(), None);
        let (count, least_certain) = store.unseen_quarantine(2).await.unwrap();
        assert_eq!((count, least_certain), (4, vec![unsure.clone(), tomorrow.clone()]));

        let mut tx = store.begin().await.unwrap();
        let by = mailbox("ada@foundation.example");
        assert_eq!(tx.see_batch("2026-03-02", noon() + minutes(5), &by, noon() + minutes(10)).await.unwrap(), 2);
        assert_eq!(tx.see_batch("2026-03-02", noon() + minutes(5), &by, noon() + minutes(11)).await.unwrap(), 0);
        tx.commit().await.unwrap();
        let seen = store.quarantined(&sure.arrival).await.unwrap().unwrap();
        assert_eq!((seen.seen_at, seen.seen_by.as_deref()), (Some(noon() + minutes(10)), Some("ada@foundation.example")));
        assert_eq!(store.unseen_quarantine(9).await.unwrap().1, [tomorrow.clone(), late.clone()]);
        let days: Vec<_> = store.batches(9).await.unwrap().into_iter().map(|b| (b.day, b.mails, b.unseen)).collect();
        assert_eq!(days, [("2026-03-03".to_owned(), 1, 1), ("2026-03-02".to_owned(), 3, 1)]);

        let mut tx = store.begin().await.unwrap();
        tx.see_batch("2026-03-03", noon() + minutes(99_999), &by, noon()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.batches(1).await.unwrap()[0].day, "2026-03-02", "days with unseen mail come first");
    }

    async fn what_is_released_leaves_its_batch_for_a_case_and_is_never_erased(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let row = lay_aside(&store, noon(), 5, true).await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.take_out_of_quarantine(&row.arrival, "operator", noon() + minutes(1)).await.unwrap());
        assert!(!tx.take_out_of_quarantine(&row.arrival, "operator", noon() + minutes(2)).await.unwrap());
        tx.released_as(&row.arrival, &told.case).await.unwrap();
        tx.commit().await.unwrap();
        let released = store.quarantined(&row.arrival).await.unwrap().unwrap();
        assert_eq!((released.released_at, released.case), (Some(noon() + minutes(1)), Some(told.case.clone())));
        assert_eq!(released.body, "", "the report has it");
        assert!(store.batches(9).await.unwrap().is_empty());
        assert_eq!(store.unseen_quarantine(9).await.unwrap().0, 0);
        assert_eq!(store.filed_one(&row.arrival).await.unwrap().unwrap().case_number, Some(told.number));
        assert!(store.filed(FiledAs::Quarantine, 9).await.unwrap().is_empty());
        assert_eq!(store.filed(FiledAs::Report, 9).await.unwrap().len(), 1);

        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.erase_quarantined(noon() + days(99), 9).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert!(!store.raw(&row.arrival).await.unwrap().is_empty());
    }

    async fn only_what_was_seen_and_is_old_is_erased_with_its_bytes(house: House) {
        let store = house.store().await;
        let seen = [lay_aside(&store, noon(), 5, true).await, lay_aside(&store, noon() + minutes(1), 5, true).await];
        let by = mailbox("ada@foundation.example");
        let mut tx = store.begin().await.unwrap();
        tx.see_batch("2026-03-02", noon() + minutes(1), &by, noon()).await.unwrap();
        tx.commit().await.unwrap();
        let unseen = lay_aside(&store, noon(), 5, true).await;
        assert!(!store.is_quarantine_over(noon()).await.unwrap(), "not at that very moment");
        assert!(store.is_quarantine_over(noon() + minutes(1)).await.unwrap());

        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.erase_quarantined(noon() + minutes(9), 1).await.unwrap(), 1, "no more than asked for");
        assert_eq!(tx.erase_quarantined(noon() + minutes(1), 9).await.unwrap(), 0, "the other is younger");
        tx.commit().await.unwrap();
        assert_eq!(store.quarantined(&seen[0].arrival).await.unwrap(), None);
        assert!(store.raw(&seen[0].arrival).await.is_err());
        assert!(store.arrival(&seen[0].arrival).await.unwrap().is_none());
        for kept in [&seen[1], &unseen] {
            assert!(!store.raw(&kept.arrival).await.unwrap().is_empty());
        }
    }

    async fn reports_of_a_sender_are_counted_apart_by_whether_they_are_proven(house: House) {
        let store = house.store().await;
        tell(&store, "sales@DEALS.example", noon()).await;
        lay_aside(&store, noon() + minutes(1), 5, true).await;
        lay_aside(&store, noon() + minutes(2), 5, false).await;
        let released = lay_aside(&store, noon() + minutes(3), 5, true).await;
        let mut tx = store.begin().await.unwrap();
        tx.take_out_of_quarantine(&released.arrival, "operator", noon()).await.unwrap();
        let sender = mailbox(SPAMMER);
        for (is_proven, since, count) in [
            (true, noon() - minutes(1), 2),
            (false, noon() - minutes(1), 1),
            (true, noon(), 1),
            (true, noon() + minutes(1), 0),
        ] {
            assert_eq!(tx.reports_of_sender(&sender, is_proven, since).await.unwrap(), count, "{is_proven} {since}");
        }
        assert_eq!(tx.reports_of_sender(&mailbox("other@deals.example"), true, noon() - days(1)).await.unwrap(), 0);
        tx.commit().await.unwrap();
    }

    async fn a_report_counts_for_its_sender_once_somebody_worked_on_it_and_did_not_find_it_unwanted(house: House) {
        let store = house.store().await;
        let told = tell(&store, SPAMMER, noon()).await;
        let sender = mailbox(SPAMMER);
        lay_aside(&store, noon(), 5, true).await;
        lay_aside(&store, noon(), 5, false).await;
        let mut tx = store.begin().await.unwrap();
        for (state, accepted) in [(CaseState::New, false), (CaseState::Triage, true), (CaseState::Routed, true)] {
            tx.set_case_state(&told.case, state, None).await.unwrap();
            assert_eq!(tx.has_accepted_reports(&sender).await.unwrap(), accepted, "{state:?}");
        }
        assert!(!tx.has_accepted_reports(&mailbox("other@deals.example")).await.unwrap());
        assert_eq!(tx.unwanted_mails(&sender).await.unwrap(), 1, "a forged one is nobody's");
        tx.commit().await.unwrap();
        close(house, &told.case, Closing::Spam).await;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.has_accepted_reports(&sender).await.unwrap());
        assert_eq!(tx.unwanted_mails(&sender).await.unwrap(), 2);
    }

    async fn a_senders_history_counts_what_is_proven_and_a_domains_that_of_its_addresses(house: House) {
        let store = house.store().await;
        lay_aside(&store, noon() + minutes(1), 5, true).await;
        lay_aside(&store, noon() + minutes(2), 5, false).await;
        tell(&store, "other@deals.example", noon() + minutes(3)).await;
        let address = history(&store, SPAMMER, noon()).await;
        let last_proven_at = Some(noon() + minutes(1));
        assert_eq!(address, History { proven_mails: 1, last_proven_at, ..History::default() });
        let domain = history(&store, "deals.example", noon()).await;
        assert_eq!((domain.proven_mails, domain.last_proven_at), (2, Some(noon() + minutes(3))));
        assert_eq!(history(&store, "eals.example", noon()).await, History::default());
        assert_eq!(history(&store, "s_les@deals.example", noon()).await, History::default(), "no pattern");

        let letter = warn(&store, SPAMMER, noon() + minutes(5)).await;
        assert_eq!(history(&store, SPAMMER, noon()).await.warned_at, Some(noon() + minutes(5)));
        assert_eq!(history(&store, "deals.example", noon()).await.warned_at, Some(noon() + minutes(5)));
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.warned(&target("deals.example"), noon()).await.unwrap(), [mailbox(SPAMMER)]);
        assert_eq!(tx.warned(&target(SPAMMER), noon() + minutes(5)).await.unwrap(), [], "too long ago");
        assert_eq!(tx.warning_ids(&mailbox(SPAMMER)).await.unwrap(), [format!("{letter}@foundation.example")]);
        tx.commit().await.unwrap();
    }

    async fn a_contact_of_an_open_case_shows_in_the_history(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let contact = Party {
            id: PartyId::new(noon(), dice()),
            role: PartyRole::Contact(told.handling.id.clone()),
            mailbox: Some(mailbox("Kim@Parsely.example")),
            ..told.reporter.clone()
        };
        let mut tx = store.begin().await.unwrap();
        tx.insert_party(&contact, noon()).await.unwrap();
        tx.commit().await.unwrap();
        for (whom, is_on_a_case) in [
            ("kim@parsely.example", true),
            ("parsely.example", true),
            ("jane@finder.example", false),
            ("finder.example", false),
        ] {
            assert_eq!(history(&store, whom, noon()).await.is_on_a_case, is_on_a_case, "{whom}");
        }
        close(house, &told.case, Closing::Resolved).await;
        assert!(!history(&store, "kim@parsely.example", noon()).await.is_on_a_case);
    }

    async fn a_ban_is_proposed_once_voted_for_and_hits_its_sender_until_it_is_over(house: House) {
        let store = house.store().await;
        let sender = mailbox(SPAMMER);
        let ban = propose(&store, SPAMMER, noon()).await;
        assert_eq!(propose(&store, "sales@DEALS.example", noon()).await.id, ban.id, "the same proposal");
        assert_eq!((ban.banned_at, ban.until, ban.is_in_force(noon())), (None, None, false));
        assert!(store.bans_of(&sender, noon()).await.unwrap().is_empty(), "a proposal hits nobody");

        let (ada, tania) = (mailbox("Ada@foundation.example"), mailbox("tania@foundation.example"));
        let mut tx = store.begin().await.unwrap();
        assert!(tx.vote(&ban.id, &ada, noon()).await.unwrap());
        assert!(!tx.vote(&ban.id, &mailbox("ada@foundation.example"), noon() + minutes(1)).await.unwrap());
        assert!(tx.vote(&ban.id, &tania, noon() + minutes(1)).await.unwrap());
        assert_eq!(tx.votes(&ban.id).await.unwrap(), [ada, tania]);
        tx.commit().await.unwrap();
        let until = noon() + days(90);
        enforce(&store, &ban, until).await;
        let ban = store.ban(&ban.id).await.unwrap().unwrap();
        assert_eq!((ban.banned_at, ban.until), (Some(noon()), Some(until)));
        assert!(ban.is_in_force(until - minutes(1)) && !ban.is_in_force(until));
        assert_eq!(store.bans_of(&sender, noon()).await.unwrap(), std::slice::from_ref(&ban));
        assert!(store.bans_of(&sender, until).await.unwrap().is_empty());
        assert!(store.bans_of(&mailbox("other@deals.example"), noon()).await.unwrap().is_empty());
        assert_eq!(history(&store, SPAMMER, noon()).await.banned_until, Some(until));
        assert_eq!(history(&store, SPAMMER, until).await.banned_until, None);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.bans_of(&sender, noon()).await.unwrap().len(), 1);
        tx.commit().await.unwrap();

        let again = propose(&store, SPAMMER, until).await;
        assert_ne!(again.id, ban.id, "one that ran out is in nobody's way");
        assert_eq!(store.ban(&ban.id).await.unwrap().unwrap().ended_by.as_deref(), Some("time"));
        let anew = propose(&store, SPAMMER, until + days(181)).await;
        assert_ne!(anew.id, again.id, "nor is a proposal that nobody followed");
        assert_eq!(store.ban(&BanId::from_row("none")).await.unwrap(), None);
    }

    async fn a_domain_is_hit_with_all_its_addresses_and_a_lifted_ban_hits_nobody(house: House) {
        let store = house.store().await;
        let ban = propose(&store, "deals.example", noon()).await;
        enforce(&store, &ban, noon() + days(90)).await;
        let sender = mailbox(SPAMMER);
        assert_eq!(store.bans_of(&sender, noon()).await.unwrap()[0].target, target("deals.example"));
        assert!(store.bans_of(&mailbox("sales@mail.deals.example"), noon()).await.unwrap().is_empty());
        let mut tx = store.begin().await.unwrap();
        assert!(tx.lift_ban(&ban.id, "tania@foundation.example", noon()).await.unwrap());
        assert!(!tx.lift_ban(&ban.id, "ada@foundation.example", noon()).await.unwrap());
        tx.commit().await.unwrap();
        assert!(store.bans_of(&sender, noon()).await.unwrap().is_empty());
        let ban = store.ban(&ban.id).await.unwrap().unwrap();
        assert_eq!(ban.ended_by.as_deref(), Some("tania@foundation.example"));
        assert!(!ban.is_in_force(noon()));
    }

    async fn bans_are_listed_with_their_votes_and_numbered_appeals_those_in_force_first(house: House) {
        let store = house.store().await;
        let over = propose(&store, "old.example", noon() + minutes(9)).await;
        let ban = propose(&store, "deals.example", noon()).await;
        let appeal = AppealRow { at: noon() + minutes(3), words: "I am no \0 spammer.".to_owned() };
        let mut tx = store.begin().await.unwrap();
        tx.lift_ban(&over.id, "operator", noon()).await.unwrap();
        tx.vote(&ban.id, &mailbox("ada@foundation.example"), noon()).await.unwrap();
        assert!(tx.insert_appeal(&ban.id, 1, &appeal).await.unwrap());
        assert!(!tx.insert_appeal(&ban.id, 1, &appeal).await.unwrap());
        assert!(tx.insert_appeal(&ban.id, 2, &appeal).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.appeals_against(&ban.id).await.unwrap(), 2);
        assert_eq!(store.appeals_against(&over.id).await.unwrap(), 0);
        assert_eq!(store.appeals_since(noon() + minutes(2)).await.unwrap(), 2);
        assert_eq!(store.appeals_since(noon() + minutes(3)).await.unwrap(), 0);
        let bans = store.bans(9).await.unwrap();
        assert_eq!(bans.iter().map(|line| &line.ban.id).collect::<Vec<_>>(), [&ban.id, &over.id]);
        assert_eq!(bans[0].votes, ["ada@foundation.example"]);
        assert_eq!((bans[0].appeals.len(), bans[0].appeals[0].at), (2, noon() + minutes(3)));
        assert_eq!(bans[0].appeals[0].words, "I am no \u{fffd} spammer.");
        assert!(bans[1].votes.is_empty() && bans[1].appeals.is_empty());
        assert_eq!(store.bans(1).await.unwrap().len(), 1);
    }
}

/// The statement that closes a case belongs to another room; here only its words count.
async fn close(house: &House, case: &CaseId, closing: Closing) {
    let sql = "UPDATE cases SET state = 'closed', closed_as = $2 WHERE id = $1";
    match &house.url {
        DatabaseUrl::Sqlite(file) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            let mut conn = sqlx::ConnectOptions::connect(&options).await.unwrap();
            sqlx::query(sql).bind(case.as_str()).bind(closing.word()).execute(&mut conn).await.unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
            sqlx::query(sql).bind(case.as_str()).bind(closing.word()).execute(&mut conn).await.unwrap();
        }
    }
}
