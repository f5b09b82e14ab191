//! Who vouches for mail that comes straight from the Internet: SPF, and what the owner of the From domain asks for.

use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::handling::HandlingState;
use fingerpost::flows::House;
use fingerpost::flows::forward::content;
use fingerpost::store::ReportRow;
use fingerpost::world::dns::{Resolver, Table};
use jiff::SignedDuration;

use crate::engine::database;
use crate::escalation::words;
use crate::stage::{Mail, Stage, mail, reply_address, report_about};

const TEAM: &str = "security@parsley.example";

/// A foundation that hears straight from 192.0.2.7, which may send for the bounce domains of Parsley and of somebody
/// else. `record` is what Parsley's owner asks for.
async fn stage(record: &str) -> Stage {
    let anybody = "v=spf1 ip4:192.0.2.7 -all";
    let table = Table::default()
        .with_txt("bounces.parsley.example", anybody)
        .with_txt("bounces.elsewhere.example", anybody)
        .with_txt("_dmarc.parsley.example", record);
    let folder = tempfile::tempdir().unwrap();
    let url = database(folder.path()).await;
    Stage::rewired(
        url,
        folder,
        |directory| {
            directory.routing.auto_forward = AutoForward::Strong;
            directory.routing.hold = SignedDuration::ZERO;
        },
        |_| Box::new(move |house: &mut House| house.resolver = Resolver::table(table.clone())),
    )
    .await
}

/// The same mail, handed over by its own server with this return path.
fn straight(mail: Mail, return_path: &str) -> Mail {
    Mail { sender: Some(return_path.to_owned()), is_from_stranger: true, ..mail }
}

/// Parsley's answer to a report that was forwarded to it.
async fn answered(record: &str, return_path: &str) -> Stage {
    let stage = stage(record).await;
    stage.mail_arrives(report_about("Parsley")).await;
    let address = reply_address(&stage.only_mail_to(TEAM));
    let answer = mail(TEAM, "Re: [SEC-2026-0001]", "Yes, we are looking.\r\n").to(&address);
    stage.mail_arrives(straight(answer, return_path)).await;
    stage
}

async fn state(stage: &Stage) -> HandlingState {
    let case = stage.only_case().await;
    stage.house.store.handlings_of(&case.id).await.unwrap()[0].state
}

/// What the page of held mail says of who vouches for the one there.
async fn vouched_for(stage: &Stage) -> String {
    let mut held = stage.house.store.held(10).await.unwrap();
    assert_eq!(held.len(), 1);
    held.remove(0).0.proof
}

#[tokio::test]
async fn a_bounce_domain_of_the_contacts_own_organization_proves_its_answer() {
    let stage = answered("v=DMARC1; p=reject", "b.17@bounces.parsley.example").await;
    assert_eq!(state(&stage).await, HandlingState::Acknowledged);
    let case = stage.only_case().await;
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    assert_eq!(
        messages[0].proof,
        "SPF pass for bounces.parsley.example; no DKIM signature; DMARC pass for parsley.example"
    );
}

#[tokio::test]
async fn where_the_owner_asks_for_strict_alignment_a_bounce_domain_proves_nothing() {
    let stage = answered("v=DMARC1; p=quarantine; aspf=s", "b.17@bounces.parsley.example").await;
    assert_eq!(state(&stage).await, HandlingState::Sent, "the clock runs on");
    assert_eq!(
        vouched_for(&stage).await,
        "SPF pass for bounces.parsley.example, which is not the very domain of From; no DKIM signature; \
         DMARC fail for parsley.example, its owner asks to treat such mail as suspicious"
    );
}

#[tokio::test]
async fn mail_that_its_owner_asks_to_reject_is_held_and_the_words_say_so() {
    let stage = answered("v=DMARC1; p=reject", "b.17@bounces.elsewhere.example").await;
    assert_eq!(state(&stage).await, HandlingState::Sent, "the clock runs on");
    assert_eq!(
        vouched_for(&stage).await,
        "SPF pass for bounces.elsewhere.example, which is not the domain of From; no DKIM signature; \
         DMARC fail for parsley.example, its owner asks to reject such mail"
    );
    assert!(stage.mail_to(TEAM).pop().unwrap().subject().contains("Was this mail yours?"));
}

#[tokio::test]
async fn a_report_that_its_owner_asks_to_reject_is_taken_and_with_many_links_a_member_reads_it_first() {
    for (links, is_forwarded) in [(0, true), (6, false)] {
        let stage = stage("v=DMARC1; p=reject").await;
        let mut report = Mail { from: "jane@parsley.example".to_owned(), ..report_about("Parsley") };
        report.text += &"https://elsewhere.example/x\r\n".repeat(links);
        stage.mail_arrives(straight(report, "b.17@bounces.elsewhere.example")).await;

        let case = stage.only_case().await;
        let report = stage.house.store.reports_of(&case.id).await.unwrap().remove(0);
        assert!(report.proof.ends_with("its owner asks to reject such mail") && !report.proven, "{}", report.proof);
        assert_eq!(!stage.mail_to(TEAM).is_empty(), is_forwarded);
        assert_eq!(case.waits_because.is_some_and(|why| why.contains("more than 5 links")), !is_forwarded);
    }
}

/// One report is vouched for and the other is not: the banner over both must not say that they are.
#[tokio::test]
async fn the_banner_of_a_forward_says_whether_anybody_vouches_for_every_sender() {
    let stage = stage("v=DMARC1; p=none").await;
    let report = Mail { from: "jane@parsley.example".to_owned(), ..report_about("Parsley") };
    stage.mail_arrives(straight(report, "b.17@bounces.parsley.example")).await;
    let case = stage.only_case().await;
    let proven = stage.house.store.reports_of(&case.id).await.unwrap().remove(0);
    assert!(words(&stage.only_mail_to(TEAM)).contains("sender: proven by SPF or DKIM."));

    let parties = stage.house.store.parties_of(&case.id).await.unwrap();
    let unproven = ReportRow { proven: false, ..proven.clone() };
    for (reports, is_proven) in [(vec![proven.clone()], true), (vec![proven, unproven], false), (vec![], false)] {
        assert_eq!(content(&reports, Vec::new(), &parties).is_proven, is_proven);
    }
}
