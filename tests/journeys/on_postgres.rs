//! Journeys 1, 3 and 5 once more, with the rows on PostgreSQL.

use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::handling::HandlingState;
use fingerpost::flows::links;
use fingerpost::flows::status::{self, StatusPage};
use fingerpost::store::{DatabaseUrl, FiledAs, chain_is_whole};
use fingerpost::sweeps;
use jiff::SignedDuration;

use crate::bounces;
use crate::bulk;
use crate::by_hand;
use crate::closing;
use crate::composing;
use crate::conversation::second_address;
use crate::learning;
use crate::loops;
use crate::near;
use crate::noise;
use crate::postgres::fresh_database;
use crate::quarters;
use crate::spammers;
use crate::stage::{Stage, mail, reply_address, report_about, token_in};
use crate::{contact_proofs, contacts};

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
async fn on_postgres_a_report_is_forwarded_and_acknowledged_and_its_twin_opens_nothing() {
    let Some(mut stage) = stage().await else { return };
    stage.keep(&report_about("Parsley")).await;
    stage.restart().await;
    stage.everything_due_happens().await;
    stage.mail_arrives(report_about("Parsley")).await;
    assert_eq!(stage.filed(FiledAs::Twin).await, 1);

    let address = reply_address(&stage.only_mail_to("security@parsley.example"));
    stage.mail_arrives(mail("security@parsley.example", "Re:", "Yes.\r\n").to(&address)).await;
    let case = stage.only_case().await;
    assert_eq!(stage.house.store.handlings_of(&case.id).await.unwrap()[0].state, HandlingState::Acknowledged);
    assert!(chain_is_whole(&stage.house.store.events_of(&case.id).await.unwrap()));
}

#[tokio::test]
async fn on_postgres_a_released_mail_opens_a_case_whose_clock_runs_from_its_arrival() {
    let Some(stage) = stage().await else { return };
    spammers::spam_is_released(&stage).await;
}

#[tokio::test]
async fn on_postgres_quarantined_mail_is_erased_once_seen_and_old() {
    let Some(stage) = stage().await else { return };
    spammers::spam_is_seen_and_erased(&stage).await;
}

#[tokio::test]
async fn on_postgres_a_banned_sender_is_heard_again_after_90_days() {
    let Some(stage) = stage().await else { return };
    spammers::a_ban_runs_out(&stage).await;
}

#[tokio::test]
async fn on_postgres_a_flood_waits_in_quarantine() {
    let Some(stage) = stage().await else { return };
    spammers::one_sender_floods(&stage).await;
}

#[tokio::test]
async fn on_postgres_four_nodes_tell_the_committee_once() {
    let Some(stage) = stage().await else { return };
    spammers::four_nodes_see_the_morning(&stage).await;
}

#[tokio::test]
async fn on_postgres_a_refused_forward_goes_to_the_deputy_and_is_named_to_the_committee() {
    let Some(stage) = stage().await else { return };
    let contact = Mailbox::parse("security@parsley.example").unwrap();
    let refused = Delivery::Refused { status: "5.1.1".to_owned(), answer: "550 no such user".to_owned() };
    stage.relay.answer_all(Some(contact), refused);
    stage.mail_arrives(report_about("Parsley")).await;
    assert_eq!(stage.mail_to("kim@parsley.example").len(), 1);
    assert!(stage.only_mail_to("ada@foundation.example").subject().contains("bounced"));
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

#[tokio::test]
async fn on_postgres_an_answer_that_comes_back_restores_the_deadline() {
    let Some(stage) = stage().await else { return };
    bounces::the_answer_comes_back(&stage).await;
}

#[tokio::test]
async fn on_postgres_a_loop_of_machines_comes_to_its_end() {
    let Some(stage) = stage().await else { return };
    loops::one_subject_goes_round(&stage).await;
}

#[tokio::test]
async fn on_postgres_contacts_change_as_on_sqlite() {
    let Some(taken_over) = stage().await else { return };
    contacts::a_stolen_page_does_not_get_the_reports(&taken_over).await;
    contacts::a_consent_makes_the_change_and_open_cases_keep_their_parties(&stage().await.unwrap()).await;
    contacts::two_members_stand_in_for_a_contact_that_bounced(&stage().await.unwrap()).await;
    contact_proofs::a_gone_domain_gets_nothing(&stage().await.unwrap()).await;
    let silent = stage().await.unwrap();
    silent.passes(SignedDuration::from_hours(90 * 24)).await;
    contact_proofs::a_silent_contact_gets_links_only(&silent).await;
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
async fn on_postgres_twelve_presses_at_once_send_one_letter() {
    let Some(stage) = stage().await else { return };
    composing::presses_at_once(&stage).await;
}

#[tokio::test]
async fn on_postgres_a_case_is_closed_with_its_parts_and_opened_again() {
    let Some(stage) = stage().await else { return };
    closing::closes_with_its_parts(&stage).await;
}

#[tokio::test]
async fn on_postgres_a_case_is_taken_by_hand_and_acknowledged() {
    let Some(stage) = stage().await else { return };
    by_hand::is_written_down(&stage).await;
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
async fn on_postgres_a_form_pressed_six_times_at_once_becomes_one_report() {
    let Some(stage) = stage().await else { return };
    crate::web_report::a_form_becomes_one_report(stage).await;
}

#[tokio::test]
async fn on_postgres_a_remembered_name_counts_until_it_is_undone() {
    let Some(stage) = stage().await else { return };
    learning::a_name_is_remembered_used_and_undone(&stage).await;
}

#[tokio::test]
async fn on_postgres_a_second_report_of_the_same_flaw_is_proposed_linked_and_unlinked() {
    let Some(stage) = stage().await else { return };
    near::is_proposed_linked_and_unlinked(&stage).await;
}

#[tokio::test]
async fn on_postgres_noise_ends_at_the_chair_until_it_is_opened_and_is_corrected() {
    let Some(stage) = stage().await else { return };
    noise::opens_a_finding(&stage).await;
    noise::ends_at_the_board_once_it_is_opened(&stage).await;
    noise::corrects_and_takes_back(&stage).await;
}

#[tokio::test]
async fn on_postgres_a_canned_answer_closes_its_case_and_stopping_it_opens_the_case_again() {
    let Some(url) = fresh_database().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::on(DatabaseUrl::Postgres(url), folder, |_| {}).await;
    noise::opens_a_finding(&stage).await;
    noise::answers_and_closes(&stage).await;
}

#[tokio::test]
async fn on_postgres_a_quarter_is_drafted_approved_sent_and_frozen() {
    let Some(stage) = stage().await else { return };
    quarters::a_quarter_goes_to_the_board(&stage).await;
}

#[tokio::test]
async fn on_postgres_cases_closed_in_bulk_come_back_with_their_clocks_and_a_warning_counts_no_more() {
    let Some(stage) = stage().await else { return };
    bulk::cases_are_closed_and_come_back(&stage).await;
    let Some(stage) = self::stage().await else { return };
    bulk::a_warning_is_taken_back(&stage).await;
}
