//! Contacts show that they are still there, or fall silent, come back as bounces, or lose their domain.

use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::contact_change::ChangeKind;
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::directory::DeliveryMode;
use fingerpost::flows::contacts::{self, ContactStanding, LinkView, Next, OwnChange};
use fingerpost::flows::links;
use fingerpost::world::dns::{Resolver, Table};
use jiff::SignedDuration;

use crate::contacts::{MALLORY, ROSA, address, asks, confirms, days, id, link_to, row, voice_link, written_to};
use crate::stage::{Stage, mail, reply_address, report_about, subjects, token_in};

/// A quarter later the contact of Rosemary is asked.
async fn asked_after_a_quarter() -> Stage {
    let stage = Stage::open().await;
    stage.passes(days(90)).await;
    assert!(stage.only_mail_to(ROSA).subject().contains("Still a security contact for Rosemary?"));
    stage
}

#[tokio::test]
async fn two_questions_without_an_answer_make_a_contact_unconfirmed_and_a_proof_brings_it_back() {
    let stage = &asked_after_a_quarter().await;
    stage.passes(days(14)).await;
    assert_eq!(stage.mail_to(ROSA).len(), 2, "a second mail after two weeks");
    stage.passes(days(13)).await;
    let delivery = |project: &str| stage.house.policy().directory.project(&id(project)).unwrap().contacts[0].delivery;
    assert_eq!(delivery("parsley"), DeliveryMode::Full);
    stage.passes(days(1)).await;
    assert_eq!(delivery("parsley"), DeliveryMode::Link);
    let rows = stage.house.store.contacts_of(&id("parsley")).await.unwrap();
    assert_eq!(contacts::contact_standing(&rows, stage.now()), ContactStanding::NotConfirmed);
    let told = subjects(&stage.mail_to("ada@foundation.example"));
    assert_eq!(told.iter().filter(|subject| subject.contains("is unconfirmed")).count(), 3, "{told:?}");

    stage.mail_arrives(report_about("Parsley")).await;
    let forward = stage.mail_to("security@parsley.example").into_iter().last().unwrap();
    assert!(forward.subject().contains("Security report") && !forward.text().contains("crafted table"));
    let address = reply_address(&forward);
    stage.mail_arrives(mail("kai@parsley.example", "Re:", "We look.\r\n").to(&address)).await;
    let mut tx = stage.house.store.begin().await.unwrap();
    let list = Mailbox::parse("security@parsley.example").unwrap();
    contacts::note_proof(&mut tx, &id("parsley"), &list, stage.now()).await.unwrap();
    tx.commit().await.unwrap();
    stage.everything_due_happens().await;
    assert_eq!(delivery("parsley"), DeliveryMode::Full, "a proven reply brings it back");
}

#[tokio::test]
async fn a_plain_yes_by_reply_is_a_proof_and_more_words_or_another_sender_are_for_a_person() {
    let stage = asked_after_a_quarter().await;
    let address = reply_address(&stage.only_mail_to(ROSA));
    let proven_at = async || row(&stage, "rosemary", ROSA).await.health.proof.proven_at;
    let before = proven_at().await;
    let answers = [
        mail(ROSA, "Re: 1", "I left the project.\r\n"),
        mail(ROSA, "Re: 2", "Yes\r\n").unproven(),
        mail(MALLORY, "Re: 3", "Yes\r\n"),
        mail(ROSA, "Re: 4", "Yes, but please remove me\r\n"),
    ];
    for answer in answers {
        stage.mail_arrives(answer.to(&address)).await;
    }
    stage.mail_arrives(mail(ROSA, "Away", "Yes\r\n").to(&address).header("Auto-Submitted: auto-replied")).await;
    assert_eq!(proven_at().await, before);
    assert_eq!(stage.house.store.held(10).await.unwrap().len(), 4);

    stage.mail_arrives(mail(ROSA, "Re:", "Yes!\r\n\r\n> Reply yes, or open\r\n").to(&address)).await;
    assert_eq!(proven_at().await, Some(stage.now()));
    assert!(stage.house.store.contact_owners().await.unwrap().contains(&id("rosemary")));
    assert_eq!(stage.cases().await, 0, "none of it opened a case");
    stage.passes(days(89)).await;
    assert_eq!(stage.mail_to(ROSA).len(), 1);
}

#[tokio::test]
async fn the_contact_confirms_changes_or_removes_itself_by_the_link() {
    let stage = asked_after_a_quarter().await;
    let link = link_to(&stage, ROSA);
    assert!(matches!(contacts::open(&stage.house, &link).await.unwrap(), Some(LinkView::Question(_))));
    assert_eq!(contacts::still_me(&stage.house, &link).await.unwrap(), Some(Next::Done));
    assert!(contacts::still_me(&stage.house, &link).await.unwrap().is_none(), "once");
    assert_eq!(row(&stage, "rosemary", ROSA).await.health.proof.proven_at, Some(stage.now()));

    stage.passes(days(90)).await;
    let mut own = row(&stage, "rosemary", ROSA).await.contact;
    own.delivery = DeliveryMode::Full;
    let link = link_to(&stage, ROSA);
    let changed = contacts::change_me(&stage.house, &link, OwnChange { wanted: own.clone(), note: None });
    assert_eq!(changed.await.unwrap(), Some(Next::Done));
    let policy = stage.house.policy();
    assert_eq!(policy.directory.project(&id("rosemary")).unwrap().contacts[0].delivery, DeliveryMode::Full);

    stage.passes(days(90)).await;
    own.email = address("rosa@new.example");
    let link = link_to(&stage, ROSA);
    let moved = contacts::change_me(&stage.house, &link, OwnChange { wanted: own, note: None });
    assert_eq!(moved.await.unwrap(), Some(Next::Waits));
    stage.everything_due_happens().await;
    assert_eq!(written_to(&stage, "rosemary"), [ROSA]);
    assert_eq!(confirms(&stage, "rosa@new.example").await, Some(Next::Done), "the old one asked for it itself");
    assert_eq!(written_to(&stage, "rosemary"), ["rosa@new.example"]);
}

#[tokio::test]
async fn the_last_contact_may_leave_and_the_committee_is_alarmed_but_nobody_else_removes_it() {
    let stage = asked_after_a_quarter().await;
    asks(&stage, "rosemary", ChangeKind::Remove, Some(ROSA), None).await.unwrap();
    let consented = contacts::vote(&stage.house, &voice_link(&stage, ROSA), true).await.unwrap();
    assert_eq!(consented, Some(Next::Waits), "nobody would be left");
    let question = stage.mail_to(ROSA).into_iter().find(|letter| letter.subject().contains("Still")).unwrap();
    let link = Token::read(Purpose::ContactLink, &token_in(&question, "/c/")).unwrap();
    assert_eq!(contacts::remove_me(&stage.house, &link).await.unwrap(), Some(Next::Done));
    stage.everything_due_happens().await;
    assert!(written_to(&stage, "rosemary").is_empty());
    let told = subjects(&stage.mail_to("ada@foundation.example"));
    assert!(told.iter().any(|subject| subject == "Rosemary has no contact who can be reached"), "{told:?}");
    stage.mail_arrives(report_about("Rosemary")).await;
    assert!(stage.only_case().await.waits_because.unwrap().contains("no contact"));
}

/// Name servers that know the domains of the foundation and its contacts, but for one.
pub fn dns(gone: Option<&str>) -> Resolver {
    let domains = ["foundation.example", "parsley.example", "rosemary.example"];
    let table = domains.iter().fold(Table::default(), |table, domain| table.with_mx(domain, "mx.example"));
    Resolver::table(match gone {
        Some(domain) => table.without_domain(domain),
        None => table,
    })
}

#[tokio::test]
async fn a_domain_that_is_gone_gets_nothing_until_it_is_back_and_a_member_trusts_it() {
    let stage = &Stage::open().await;
    assert!(contacts::look_after_domains(&stage.house, &dns(None)).await.unwrap() > 0);
    assert_eq!(
        contacts::look_after_domains(&stage.house, &dns(Some("rosemary.example"))).await.unwrap(),
        0,
        "once a day"
    );
    stage.passes(days(1)).await;
    stage.passes(SignedDuration::from_secs(1)).await;
    contacts::look_after_domains(&stage.house, &dns(Some("rosemary.example"))).await.unwrap();
    stage.everything_due_happens().await;
    assert!(written_to(stage, "rosemary").is_empty());
    let told = subjects(&stage.mail_to("ada@foundation.example"));
    assert!(told.contains(&"The mail domain rosemary.example is gone".to_owned()), "{told:?}");
    stage.mail_arrives(report_about("Rosemary")).await;
    assert!(stage.mail_to(ROSA).is_empty());

    stage.passes(days(2)).await;
    contacts::look_after_domains(&stage.house, &dns(None)).await.unwrap();
    assert!(written_to(stage, "rosemary").is_empty(), "whoever has it now may be somebody else");
    assert!(contacts::trust_domain(&stage.house, "rosemary.example").await.unwrap());
    assert_eq!(written_to(stage, "rosemary"), [ROSA]);
}

#[tokio::test]
async fn name_servers_that_fail_or_deny_our_own_domain_change_nothing() {
    let stage = Stage::open().await;
    let silent = Resolver::table(Table::default().with_mx("foundation.example", "mx.example"));
    contacts::look_after_domains(&stage.house, &silent).await.unwrap();
    assert_eq!(written_to(&stage, "rosemary"), [ROSA]);
    stage.passes(days(2)).await;
    let broken = Table::default().without_domain("foundation.example").without_domain("rosemary.example");
    contacts::look_after_domains(&stage.house, &Resolver::table(broken)).await.unwrap();
    assert_eq!(written_to(&stage, "rosemary"), [ROSA]);
    let null_mx = Table::default().with_mx("foundation.example", "mx.example").with_mx("rosemary.example", ".");
    contacts::look_after_domains(&stage.house, &Resolver::table(null_mx)).await.unwrap();
    assert!(written_to(&stage, "rosemary").is_empty(), "a null MX says it plainly");
}

#[tokio::test]
async fn bounces_of_reports_and_questions_are_counted_against_a_contact_until_it_proves_itself() {
    let stage = Stage::open().await;
    let refused = Delivery::Refused { status: "5.1.1".to_owned(), answer: "550 no such user".to_owned() };
    stage.relay.answer_all(Some(address(ROSA)), refused);
    stage.mail_arrives(report_about("Rosemary")).await;
    assert_eq!(row(&stage, "rosemary", ROSA).await.health.bounces, 1);
    stage.passes(days(90)).await;
    let health = row(&stage, "rosemary", ROSA).await.health;
    assert!(health.bounces >= 2 && !health.is_live(stage.now()), "the question came back too: {health:?}");
    let mut tx = stage.house.store.begin().await.unwrap();
    contacts::note_proof(&mut tx, &id("rosemary"), &address(ROSA), stage.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(row(&stage, "rosemary", ROSA).await.health.is_live(stage.now()));
}

#[tokio::test]
async fn an_acknowledgement_by_mail_or_by_the_button_is_a_proof() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.passes(SignedDuration::from_hours(5)).await;
    let forward = |to: &str| {
        let letters = stage.mail_to(to);
        letters.into_iter().find(|letter| letter.subject().contains("Security report")).unwrap()
    };
    stage.mail_arrives(mail(ROSA, "Re:", "We have it.\r\n").to(&reply_address(&forward(ROSA)))).await;
    let token = token_in(&forward("security@parsley.example"), "/a/");
    links::we_have_it(&stage.house, &Token::read(Purpose::ActionLink, &token).unwrap()).await.unwrap();
    for (project, email) in [("rosemary", ROSA), ("parsley", "security@parsley.example")] {
        assert_eq!(row(&stage, project, email).await.health.proof.proven_at, Some(stage.now()), "{email}");
    }
    let kim = row(&stage, "parsley", "kim@parsley.example").await.health.proof.proven_at.unwrap();
    assert!(kim < stage.now(), "another contact proved nothing by it");
    assert!(stage.house.store.contact_owners().await.unwrap().is_empty(), "the file still names who they are");
}

#[tokio::test]
async fn an_unconfirmed_contact_is_exported_as_the_project_wants_it() {
    let stage = asked_after_a_quarter().await;
    stage.passes(days(14)).await;
    stage.passes(days(14)).await;
    let policy = stage.house.policy();
    assert_eq!(policy.directory.project(&id("parsley")).unwrap().contacts[0].delivery, DeliveryMode::Link);
    let now = contacts::current_directory(&stage.house).await.unwrap();
    assert_eq!(now.project(&id("parsley")).unwrap().contacts[0].delivery, DeliveryMode::Full);
}
