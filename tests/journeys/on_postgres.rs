//! The journeys once more, with the rows on PostgreSQL, and what happens only where several nodes share them.

use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::case::{Actor, EventKind};
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::handling::HandlingState;
use fingerpost::flows::links;
use fingerpost::flows::post::Worked;
use fingerpost::flows::status::{self, StatusPage};
use fingerpost::flows::writing;
use fingerpost::store::{DatabaseUrl, chain_is_whole};
use fingerpost::sweeps;
use jiff::SignedDuration;
use sqlx::Connection;

use crate::contacts;
use crate::conversation::second_address;
use crate::engine::tell_again;
use crate::postgres::fresh_database;
use crate::stage::{Stage, mail, reply_address, report_about, token_in};

/// Makes a test of each file, in which its stories are told again, without those after `not`.
macro_rules! told_again {
    ($($file:ident $(not $($name:literal),+)?;)*) => {$(
        #[tokio::test]
        async fn $file() {
            tell_again(stringify!($file), &[$($($name),+)?]).await;
        }
    )*};
}

// Left out are stories that look at the SQLite file itself, pages that hardly ask the store, and, for the time they take,
// those of many days hour by hour whose statements others say as well.
mod told_again {
    use super::tell_again;

    told_again! {
        abuse;
        away not "dossier_of_a_silent";
        bounces;
        bulk;
        by_hand;
        choices;
        closing;
        composing;
        contact_proofs;
        contacts;
        conversation;
        dialogues not "old_case_by_its_subject";
        forward_look;
        escalation not "each_step_of_the_week", "policy_may_climb", "pause_moves";
        found;
        learning;
        loops;
        mail_report;
        near;
        noise not "ends_at_the_chair_while";
        programs;
        progress;
        quarters;
        quiet not "month_of_silence";
        record not "who_opens_a_page", "does_not_hold_it";
        replies;
        restart not "whose_bytes_are_gone", "while_the_store_was_away";
        sending;
        stray_bounces;
        side_by_side;
        spammers;
        suggestions;
        vouching;
        web_report;
        words;
    }
}

/// A stage on a fresh database; `None`, said loudly, where PostgreSQL is not installed.
async fn stage() -> Option<Stage> {
    let url = fresh_database().await?;
    let stage = Stage::on(DatabaseUrl::Postgres(url), tempfile::tempdir().unwrap(), |directory| {
        directory.routing.auto_forward = AutoForward::Strong;
        directory.routing.hold = SignedDuration::ZERO;
    });
    Some(stage.await)
}

#[tokio::test]
async fn on_postgres_another_node_takes_up_a_change_of_contacts() {
    let Some(url) = fresh_database().await else { return };
    let node = || Stage::on(DatabaseUrl::Postgres(url.clone()), tempfile::tempdir().unwrap(), |_| {});
    let (one, other) = (node().await, node().await);
    contacts::two_members_stand_in_for_a_contact_that_bounced(&one).await;
    assert_eq!(contacts::written_to(&other, "rosemary"), ["rosa@rosemary.example"]);
    other.everything_due_happens().await;
    assert_eq!(contacts::written_to(&other, "rosemary"), ["ria@rosemary.example"]);
}

#[tokio::test]
async fn on_postgres_the_board_hears_once_though_four_nodes_look_at_the_clocks_at_once() {
    let Some(stage) = stage().await else { return };
    stage.mail_arrives(report_about("Parsley")).await;
    for _ in 0..6 {
        stage.passes(SignedDuration::from_hours(24)).await;
    }
    stage.clock.advance(SignedDuration::from_hours(24));
    loop {
        let nodes = (0..4).map(|_| sweeps::sweep(&stage.house));
        let done = futures_util::future::try_join_all(nodes).await.unwrap();
        if done.iter().sum::<usize>() == 0 {
            break;
        }
    }
    stage.everything_due_happens().await;
    assert!(stage.only_mail_to("board@foundation.example").subject().contains("Parsley has not answered in 7 days"));
    assert_eq!(stage.mail_to("security@parsley.example").len(), 4, "forward, two reminders, and with the board");
    let case = stage.only_case().await;
    assert!(chain_is_whole(&stage.house.store.events_of(&case.id).await.unwrap()));
}

#[tokio::test]
async fn on_postgres_words_cross_by_their_doors_and_a_case_is_handed_back() {
    let Some(stage) = stage().await else { return };
    stage.mail_arrives(report_about("Parsley")).await;
    let (receipt, forward) =
        (stage.only_mail_to("jane@reporter.example"), stage.only_mail_to("security@parsley.example"));
    stage
        .mail_arrives(
            mail("jane@reporter.example", "Re:", "SHARE\r\n\r\nIt needs -O2.\r\n").to(&reply_address(&receipt)),
        )
        .await;
    stage.mail_arrives(mail("kai@parsley.example", "Re:", "We look.\r\n").to(&second_address(&forward))).await;
    let to = |address: &str| stage.mail_to(address).iter().map(|letter| letter.text()).collect::<String>();
    assert!(to("security@parsley.example").contains("It needs -O2."));
    assert!(to("jane@reporter.example").contains("We look."));

    let status = Token::read(Purpose::StatusLink, &token_in(&receipt, "/s/")).unwrap();
    let action = Token::read(Purpose::ActionLink, &token_in(&forward, "/a/")).unwrap();
    links::answered_elsewhere(&stage.house, &action).await.unwrap().unwrap();
    links::not_ours(&stage.house, &action, "It is in Rosemary.").await.unwrap().unwrap();
    status::withdraw(&stage.house, &status).await.unwrap().unwrap();
    let StatusPage::Case(view) = status::status(&stage.house, &status).await.unwrap() else { panic!("a live link") };
    assert_eq!(view.sent_to[0].state, HandlingState::HandedBack);
    assert!(view.sent_to[0].says_it_answered && view.withdrawn_at.is_some());
    status::renew(&stage.house, &status).await.unwrap().unwrap();
    assert!(matches!(status::status(&stage.house, &status).await.unwrap(), StatusPage::Replaced));
    let case = stage.only_case().await;
    assert!(chain_is_whole(&stage.house.store.events_of(&case.id).await.unwrap()));
}

/// Comes back when somebody waits for a lock that another holds.
async fn somebody_waits(url: &str) {
    let mut server = sqlx::PgConnection::connect(url).await.unwrap();
    let waiting =
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut server).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    server.close().await.unwrap();
}

#[tokio::test]
async fn on_postgres_a_bounce_that_is_quicker_than_the_post_office_and_the_post_office_do_not_wait_for_each_other() {
    let Some(url) = fresh_database().await else { return };
    let stage = Stage::on(DatabaseUrl::Postgres(url.clone()), tempfile::tempdir().unwrap(), |directory| {
        directory.routing.auto_forward = AutoForward::Strong;
        directory.routing.hold = SignedDuration::ZERO;
    });
    let stage = stage.await;
    stage.keep(&report_about("Parsley")).await;
    while fingerpost::flows::intake::work_off(&stage.house).await.unwrap() > 0 {}
    let case = stage.only_case().await.id;
    let letters = stage.house.store.letters_of(&case).await.unwrap();
    assert_eq!(letters.len(), 2, "a receipt and a forward, of one case");

    // Another node takes the bounce of a letter that the relay has and the post office has not yet settled.
    let step = stage.house.step();
    let mut tx = stage.house.store.begin().await.unwrap();
    tx.case_for_update(&case).await.unwrap();
    let bounce = async {
        somebody_waits(&url).await;
        for letter in &letters {
            assert!(tx.refuse_after_all(&letter.id, step.now, "5.1.1", "no such user").await.unwrap());
        }
        let detail = "as if both had come back";
        writing::record(&mut tx, &step, &case, EventKind::LetterRefused, Actor::Program, detail).await.unwrap();
        tx.commit().await
    };
    let (sent, came_back) = tokio::join!(stage.post_office_works(), bounce);
    assert_eq!(sent.unwrap(), Worked::Tried(2));
    came_back.unwrap();
    let letters = stage.house.store.letters_of(&case).await.unwrap();
    assert!(letters.iter().all(|letter| letter.refused_at.is_some() && letter.sent_at.is_none()));
}
