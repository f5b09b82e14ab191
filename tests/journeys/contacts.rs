//! Journey 6: a project changes its contacts, and contacts show that they are still there.

use fingerpost::config::{policy, write};
use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::contact_change::{AskedThrough, ChangeKind, Effect, Ground, Outcome, WaitsFor};
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::directory::{Contact, DeliveryMode, Member, ProjectId};
use fingerpost::domain::handling::HandlingState;
use fingerpost::flows::contacts::{self, Asked, LinkView, Next, NotAsked};
use fingerpost::mail::write::transport::SentLetter;
use fingerpost::store::{ChangeRow, ContactRow};
use jiff::SignedDuration;

use crate::stage::{Stage, mail, reply_address, report_about, subjects, token_in};

pub const MALLORY: &str = "mallory@evil.example";
pub const ROSA: &str = "rosa@rosemary.example";

pub fn id(project: &str) -> ProjectId {
    ProjectId::parse(project).unwrap()
}

pub fn address(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

pub fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

fn contact(email: &str) -> Contact {
    Contact {
        name: Some("New Person".to_owned()),
        email: address(email),
        delivery: DeliveryMode::Full,
        is_list: false,
        is_deputy: false,
        away: Vec::new(),
        hours: None,
        zone: None,
        key: None,
    }
}

/// Somebody asks for `kind` on the project's page.
pub async fn asks(
    stage: &Stage,
    project: &str,
    kind: ChangeKind,
    old: Option<&str>,
    new: Option<&str>,
) -> Result<(), NotAsked> {
    let asked = Asked {
        project: id(project),
        kind,
        old: old.map(address),
        wanted: new.map(contact),
        asked_by: "Jo Asker".to_owned(),
        note: None,
    };
    let taken = contacts::ask(&stage.house, asked, AskedThrough::Form).await.unwrap();
    stage.everything_due_happens().await;
    taken
}

/// The last letter to `recipient` with a `/c/` link, and that link.
pub fn link_to(stage: &Stage, recipient: &str) -> Token {
    let letters: Vec<SentLetter> =
        stage.mail_to(recipient).into_iter().filter(|letter| letter.text().contains("/c/")).collect();
    let last = letters.last().unwrap_or_else(|| panic!("no link was sent to {recipient}"));
    Token::read(Purpose::ContactLink, &token_in(last, "/c/")).unwrap()
}

pub async fn confirms(stage: &Stage, recipient: &str) -> Option<Next> {
    let next = contacts::confirm(&stage.house, &link_to(stage, recipient)).await.unwrap();
    stage.everything_due_happens().await;
    next
}

async fn the_change(stage: &Stage) -> ChangeRow {
    let mut waiting = stage.house.store.waiting_changes().await.unwrap();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    waiting.remove(0)
}

pub async fn last_settled(stage: &Stage) -> (Outcome, String) {
    let settled = stage.house.store.settled_changes(1).await.unwrap().remove(0);
    (settled.outcome.unwrap(), settled.ground.unwrap())
}

fn tania(stage: &Stage) -> Member {
    stage.house.policy().directory.committee[1].clone()
}

pub async fn row(stage: &Stage, project: &str, email: &str) -> ContactRow {
    let rows = stage.house.store.contacts_of(&id(project)).await.unwrap();
    rows.into_iter().find(|row| row.contact.email == address(email)).unwrap_or_else(|| panic!("{email} is no contact"))
}

/// Who a report that comes now would be written to.
pub fn written_to(stage: &Stage, project: &str) -> Vec<String> {
    let policy = stage.house.policy();
    policy.directory.project(&id(project)).unwrap().contacts.iter().map(|contact| contact.email.to_string()).collect()
}

/// The link to consent or object, among other links of the same contact.
pub fn voice_link(stage: &Stage, recipient: &str) -> Token {
    let letters = stage.mail_to(recipient);
    let asked = letters.iter().rfind(|letter| letter.subject().contains("was asked for")).unwrap();
    Token::read(Purpose::ContactLink, &token_in(asked, "/c/")).unwrap()
}

#[tokio::test]
async fn with_the_new_mailbox_alone_the_next_report_still_goes_to_the_old_one() {
    let stage = &Stage::open().await;
    asks(stage, "rosemary", ChangeKind::Replace, Some(ROSA), Some(MALLORY)).await.unwrap();
    assert_eq!(written_to(stage, "rosemary"), [ROSA], "nothing is used before the mailbox proves itself");
    assert!(stage.only_mail_to(ROSA).subject().contains("a change was asked for"), "the old one is told at once");
    let Some(Next::At(when)) = confirms(stage, MALLORY).await else { panic!("it must wait for the old contact") };
    assert_eq!(when, stage.now() + days(7));

    stage.passes(days(6)).await;
    stage.mail_arrives(report_about("Rosemary")).await;
    assert!(stage.mail_to(ROSA).iter().any(|letter| letter.subject().contains("Security report")));
    assert!(!stage.mail_to(MALLORY).iter().any(|letter| letter.subject().contains("Security report")));

    let objected = contacts::vote(&stage.house, &voice_link(stage, ROSA), false).await.unwrap();
    assert_eq!(objected, Some(Next::Waits));
    stage.passes(days(60)).await;
    assert_eq!(written_to(stage, "rosemary"), [ROSA], "after an objection no time decides");
    let told = stage.mail_to("ada@foundation.example");
    assert!(told.iter().any(|letter| letter.subject().contains("waits for a decision")), "{:?}", subjects(&told));
}

#[tokio::test]
async fn a_consent_of_an_old_contact_makes_the_change_and_open_cases_keep_their_parties() {
    let stage = &Stage::open().await;
    stage.mail_arrives(report_about("Rosemary")).await;
    let case = stage.only_case().await;
    asks(stage, "rosemary", ChangeKind::Replace, Some(ROSA), Some("ria@rosemary.example")).await.unwrap();
    confirms(stage, "ria@rosemary.example").await;
    let consented = contacts::vote(&stage.house, &voice_link(stage, ROSA), true).await.unwrap();
    assert_eq!(consented, Some(Next::Done));
    stage.everything_due_happens().await;

    assert_eq!(written_to(stage, "rosemary"), ["ria@rosemary.example"]);
    assert_eq!(last_settled(stage).await, (Outcome::Done, "consent".to_owned()));
    let parties = stage.house.store.parties_of(&case.id).await.unwrap();
    let addresses: Vec<_> = parties.iter().filter_map(|party| party.mailbox.as_ref()).map(Mailbox::as_str).collect();
    assert!(addresses.contains(&ROSA) && !addresses.contains(&"ria@rosemary.example"), "{addresses:?}");
    let forward = stage.mail_to(ROSA).into_iter().find(|letter| letter.subject().contains("Security report")).unwrap();
    stage.mail_arrives(mail(ROSA, "Re:", "We have it.\r\n").to(&reply_address(&forward))).await;
    let handlings = stage.house.store.handlings_of(&case.id).await.unwrap();
    assert_eq!(handlings[0].state, HandlingState::Acknowledged, "its address still works");

    let mut second = report_about("Rosemary");
    second.message_id = "second@reporter.example".to_owned();
    second.text += "And more.\r\n";
    stage.mail_arrives(second).await;
    let new = stage.mail_to("ria@rosemary.example");
    assert!(new.iter().any(|letter| letter.subject().contains("Security report")), "{:?}", subjects(&new));
}

#[tokio::test]
async fn a_week_of_silence_after_the_proof_makes_the_change() {
    let stage = Stage::open().await;
    asks(&stage, "rosemary", ChangeKind::Add, None, Some("ria@rosemary.example")).await.unwrap();
    stage.passes(days(3)).await;
    confirms(&stage, "ria@rosemary.example").await;
    stage.passes(days(7) - SignedDuration::from_secs(1)).await;
    assert_eq!(written_to(&stage, "rosemary"), [ROSA], "the week runs from the proof");
    stage.passes(SignedDuration::from_secs(1)).await;
    assert_eq!(written_to(&stage, "rosemary"), [ROSA, "ria@rosemary.example"]);
    assert_eq!(last_settled(&stage).await, (Outcome::Done, "silence".to_owned()));
    assert!(stage.mail_to(ROSA).iter().any(|letter| letter.subject().ends_with("changed")));
}

#[tokio::test]
async fn the_week_does_not_begin_before_the_letters_to_the_old_contacts_have_left() {
    let stage = Stage::open().await;
    let deferred = Delivery::Deferred { answer: "450 come later".to_owned() };
    stage.relay.answer_all(Some(address(ROSA)), deferred);
    asks(&stage, "rosemary", ChangeKind::Add, None, Some("ria@rosemary.example")).await.unwrap();
    assert_eq!(confirms(&stage, "ria@rosemary.example").await, Some(Next::Waits));
    stage.passes(days(4)).await;
    stage.relay.heal();
    stage.passes(SignedDuration::from_hours(4)).await;
    stage.passes(SignedDuration::from_hours(2)).await;
    stage.passes(days(6)).await;
    assert_eq!(written_to(&stage, "rosemary"), [ROSA]);
    stage.passes(days(1)).await;
    assert_eq!(written_to(&stage, "rosemary").len(), 2);
}

pub async fn two_members_stand_in_for_a_contact_that_bounced(stage: &Stage) {
    let mut tx = stage.house.store.begin().await.unwrap();
    contacts::note_bounce(&mut tx, &id("rosemary"), &address(ROSA), stage.now()).await.unwrap();
    tx.commit().await.unwrap();
    asks(stage, "rosemary", ChangeKind::Replace, Some(ROSA), Some("ria@rosemary.example")).await.unwrap();
    confirms(stage, "ria@rosemary.example").await;
    let change = the_change(stage).await;
    let decide = async |by: &Member| contacts::decide(&stage.house, &change.id, true, by).await.unwrap().unwrap();
    assert!(matches!(decide(&stage.chair()).await, Effect::At(_)), "one alone changes nothing");
    assert!(matches!(decide(&stage.chair()).await, Effect::At(_)), "and does not become two by repeating");
    assert_eq!(decide(&tania(stage)).await, Effect::Now(Ground::TwoMembers));
    assert_eq!(written_to(stage, "rosemary"), ["ria@rosemary.example"]);
}

#[tokio::test]
async fn two_members_stand_in_for_an_old_contact_that_bounced() {
    two_members_stand_in_for_a_contact_that_bounced(&Stage::open().await).await;
}

#[tokio::test]
async fn two_members_do_not_overrule_a_contact_that_lives() {
    let stage = Stage::open().await;
    asks(&stage, "rosemary", ChangeKind::Replace, Some(ROSA), Some(MALLORY)).await.unwrap();
    confirms(&stage, MALLORY).await;
    let change = the_change(&stage).await;
    for member in [stage.chair(), tania(&stage)] {
        let effect = contacts::decide(&stage.house, &change.id, true, &member).await.unwrap().unwrap();
        assert!(matches!(effect, Effect::At(_)));
    }
    let refused = contacts::decide(&stage.house, &change.id, false, &stage.chair()).await.unwrap();
    assert!(refused.is_ok());
    stage.passes(days(30)).await;
    assert_eq!(written_to(&stage, "rosemary"), [ROSA]);
    assert_eq!(last_settled(&stage).await, (Outcome::Refused, "member".to_owned()));
}

#[tokio::test]
async fn a_first_entry_needs_its_mailbox_and_one_member() {
    let stage = Stage::open().await;
    asks(&stage, "savory", ChangeKind::Add, None, Some("sam@savory.example")).await.unwrap();
    let change = the_change(&stage).await;
    let early = contacts::decide(&stage.house, &change.id, true, &stage.chair()).await.unwrap().unwrap();
    assert_eq!(early, Effect::WaitsFor(WaitsFor::Mailbox), "a member cannot vouch for a mailbox");
    assert!(written_to(&stage, "savory").is_empty());
    assert_eq!(confirms(&stage, "sam@savory.example").await, Some(Next::Done), "the member had approved before");
    assert_eq!(written_to(&stage, "savory"), ["sam@savory.example"]);

    let other = Stage::open().await;
    asks(&other, "savory", ChangeKind::Add, None, Some("sam@savory.example")).await.unwrap();
    assert_eq!(confirms(&other, "sam@savory.example").await, Some(Next::Waits));
    other.passes(days(60)).await;
    assert!(written_to(&other, "savory").is_empty(), "no time approves a first entry");
    let told = other.mail_to("tania@foundation.example");
    assert!(
        told.iter().any(|letter| letter.subject().contains("Savory waits for a decision")),
        "{:?}",
        subjects(&told)
    );
}

#[tokio::test]
async fn links_change_nothing_when_opened_and_open_nothing_when_used_or_old() {
    let stage = Stage::open().await;
    asks(&stage, "rosemary", ChangeKind::Add, None, Some("ria@rosemary.example")).await.unwrap();
    let link = link_to(&stage, "ria@rosemary.example");
    for _ in 0..3 {
        let view = contacts::open(&stage.house, &link).await.unwrap();
        assert!(matches!(view, Some(LinkView::Verify(view)) if view.asked_by == "Jo Asker"));
    }
    assert!(the_change(&stage).await.proven_at.is_none());
    let voice = voice_link(&stage, ROSA);
    assert!(contacts::confirm(&stage.house, &voice).await.unwrap().is_none(), "a voice is no proof");
    assert!(contacts::vote(&stage.house, &link, true).await.unwrap().is_none(), "and a proof no voice");
    assert!(contacts::still_me(&stage.house, &link).await.unwrap().is_none());

    let old = Stage::open().await;
    asks(&old, "rosemary", ChangeKind::Add, None, Some("ria@rosemary.example")).await.unwrap();
    let late = link_to(&old, "ria@rosemary.example");
    old.passes(days(14)).await;
    assert!(contacts::open(&old.house, &late).await.unwrap().is_none());
    assert!(contacts::confirm(&old.house, &late).await.unwrap().is_none());
    assert_eq!(last_settled(&old).await, (Outcome::Expired, "time".to_owned()));
}

#[tokio::test]
async fn not_me_ends_the_request_and_its_link() {
    let stage = Stage::open().await;
    asks(&stage, "rosemary", ChangeKind::Add, None, Some("victim@elsewhere.example")).await.unwrap();
    let link = link_to(&stage, "victim@elsewhere.example");
    assert_eq!(contacts::not_me(&stage.house, &link).await.unwrap(), Some(Next::Ended));
    assert!(contacts::confirm(&stage.house, &link).await.unwrap().is_none());
    assert_eq!(last_settled(&stage).await, (Outcome::Refused, "not-me".to_owned()));
    assert_eq!(stage.mail_to("victim@elsewhere.example").len(), 1);
}

#[tokio::test]
async fn twelve_presses_at_once_confirm_once() {
    let stage = Stage::open().await;
    asks(&stage, "rosemary", ChangeKind::Add, None, Some("ria@rosemary.example")).await.unwrap();
    let link = link_to(&stage, "ria@rosemary.example");
    let presses = (0..12).map(|_| contacts::confirm(&stage.house, &link));
    let came_through = futures_util::future::join_all(presses).await;
    assert_eq!(came_through.into_iter().filter(|press| press.as_ref().unwrap().is_some()).count(), 1);
}

#[tokio::test]
async fn strangers_cannot_flood_a_project_or_a_mailbox_and_the_same_request_is_made_once() {
    let stage = Stage::open().await;
    for _ in 0..3 {
        asks(&stage, "rosemary", ChangeKind::Add, None, Some("victim@elsewhere.example")).await.unwrap();
    }
    assert_eq!(stage.mail_to("victim@elsewhere.example").len(), 1);
    assert_eq!(stage.mail_to(ROSA).len(), 1);
    for n in 0..2 {
        asks(&stage, "rosemary", ChangeKind::Add, None, Some(&format!("m{n}@evil.example"))).await.unwrap();
    }
    let fourth = asks(&stage, "rosemary", ChangeKind::Add, None, Some("m9@evil.example")).await;
    assert_eq!(fourth, Err(NotAsked::TooMany));
    assert_eq!(stage.mail_to(ROSA).len(), 3);
    for project in ["parsley", "lovage", "savory"] {
        asks(&stage, project, ChangeKind::Add, None, Some("victim@elsewhere.example")).await.unwrap();
    }
    assert_eq!(stage.mail_to("victim@elsewhere.example").len(), 3, "three letters a day to one address");
    let ours = asks(&stage, "savory", ChangeKind::Add, None, Some("security@foundation.example")).await;
    assert_eq!(ours, Err(NotAsked::OurAddress));
}

#[tokio::test]
async fn who_is_named_twice_or_not_at_all_is_answered_alike() {
    let stage = Stage::open().await;
    for (kind, old, new) in [
        (ChangeKind::Add, None, Some(ROSA)),
        (ChangeKind::Remove, Some("nobody@rosemary.example"), None),
        (ChangeKind::Remove, Some(ROSA), None),
    ] {
        assert_eq!(asks(&stage, "rosemary", kind, old, new).await, Ok(()), "{kind:?}");
    }
    stage.passes(days(14)).await;
    assert_eq!(written_to(&stage, "rosemary"), [ROSA], "nobody is removed by silence");
    assert!(stage.house.store.waiting_changes().await.unwrap().is_empty());
}

#[tokio::test]
async fn contacts_outlive_a_restart_and_a_new_file_does_not_bring_old_ones_back() {
    let mut stage = Stage::open().await;
    asks(&stage, "rosemary", ChangeKind::Replace, Some(ROSA), Some("ria@rosemary.example")).await.unwrap();
    confirms(&stage, "ria@rosemary.example").await;
    contacts::vote(&stage.house, &voice_link(&stage, ROSA), true).await.unwrap();
    stage.restart().await;
    stage.everything_due_happens().await;
    assert_eq!(written_to(&stage, "rosemary"), ["ria@rosemary.example"]);
    let mut file = (*stage.house.policy().file).clone();
    file.projects[0].contacts.remove(1);
    contacts::lay_over(&stage.house, file).await.unwrap();
    assert_eq!(written_to(&stage, "rosemary"), ["ria@rosemary.example"]);
    assert_eq!(
        written_to(&stage, "parsley"),
        ["security@parsley.example"],
        "Parsley has not confirmed: the file decides"
    );
    assert_eq!(stage.house.store.contacts_of(&id("parsley")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_export_is_the_file_with_the_contacts_as_they_are_now_and_proposing_it_changes_nothing() {
    let stage = Stage::open().await;
    asks(&stage, "rosemary", ChangeKind::Replace, Some(ROSA), Some("ria@rosemary.example")).await.unwrap();
    confirms(&stage, "ria@rosemary.example").await;
    contacts::vote(&stage.house, &voice_link(&stage, ROSA), true).await.unwrap();
    let now = contacts::current_directory(&stage.house).await.unwrap();
    let text = write::write(&now);
    let back = policy::parse("export", &text).unwrap();
    assert_eq!(format!("{back:?}"), format!("{now:?}"));
    assert!(text.contains("ria@rosemary.example") && !text.contains(ROSA), "{text}");
    contacts::lay_over(&stage.house, back).await.unwrap();
    assert_eq!(written_to(&stage, "rosemary"), ["ria@rosemary.example"]);
    assert_eq!(written_to(&stage, "parsley"), ["security@parsley.example", "kim@parsley.example"]);
}

#[tokio::test]
async fn a_removal_that_an_import_proposes_still_waits_for_a_contact() {
    let stage = Stage::open().await;
    let asked = Asked {
        project: id("parsley"),
        kind: ChangeKind::Remove,
        old: Some(address("kim@parsley.example")),
        wanted: None,
        asked_by: "The operator".to_owned(),
        note: None,
    };
    contacts::ask(&stage.house, asked, AskedThrough::Import).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    assert_eq!(written_to(&stage, "parsley").len(), 2);
    assert!(stage.mail_to("kim@parsley.example")[0].text().contains("about your own entry"));
    let consented = contacts::vote(&stage.house, &voice_link(&stage, "security@parsley.example"), true).await.unwrap();
    assert_eq!(consented, Some(Next::Done));
    assert_eq!(written_to(&stage, "parsley"), ["security@parsley.example"]);
}
