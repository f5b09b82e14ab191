//! The page in all its states, with hostile texts in the place of each that a stranger can choose.

use super::*;
use crate::domain::contact::{GoneDomain, Health, Proof};
use crate::domain::contact_change::{AskedThrough, ChangeKind, Voice};
use crate::web::samples::{HOSTILE, directory, hours, mailbox, now, safe, shows_hostile_texts};

fn contact(email: &str) -> Contact {
    Contact {
        name: Some(HOSTILE.to_owned()),
        email: mailbox(email),
        delivery: DeliveryMode::Link,
        is_list: true,
        is_deputy: false,
        away: Vec::new(),
        hours: None,
        zone: None,
        key: None,
    }
}

fn row(email: &str) -> ContactRow {
    ContactRow {
        id: ContactId::from_row(email),
        project: directory().projects[0].id.clone(),
        contact: contact(email),
        health: Health { proof: Proof::listed(now()).proven(now()), bounces: 0, bounced_at: None, gone: None },
    }
}

fn change() -> ChangeRow {
    ChangeRow {
        id: ChangeId::from_row("change"),
        project: directory().projects[0].id.clone(),
        kind: ChangeKind::Replace,
        contact: Some(ContactId::from_row("contact")),
        old_address: None,
        asked_through: AskedThrough::Form,
        asked_by: HOSTILE.to_owned(),
        note: Some(HOSTILE.to_owned()),
        asked_at: now(),
        wanted: Some(contact("new@lantern.example")),
        itself_at: None,
        proven_at: Some(now()),
        told_at: None,
        settled_at: None,
        outcome: None,
        ground: None,
    }
}

fn silence() -> Silence {
    Silence { project: directory().projects[0].id.clone(), reports: 2, last_due_at: now() }
}

fn shown(contacts: &[ContactRow], waiting: &[Outlook], settled: &[ChangeRow]) -> Markup {
    let directory = directory();
    page(&View {
        directory: &directory,
        file: &directory,
        contacts,
        waiting,
        settled,
        proposals: 2,
        silences: &[silence()],
        now: now(),
    })
}

#[test]
fn a_change_shows_who_asks_for_what_and_what_it_waits_for() {
    let voice = Voice { speaker: Speaker::Member(mailbox("ada@story.example")), is_for: true, at: now() };
    let outlook = |effect| Outlook {
        change: change(),
        effect,
        voices: vec![voice.clone()],
        named: Some(mailbox("old@lantern.example")),
    };
    let page = shows_hostile_texts(shown(&[], &[outlook(Effect::At(now() + hours(168)))], &[]), 3);
    for words in
        ["an objection until ", "Fri 2026-11-27", "old@lantern.example", "ada@story.example", "value=\"approve\""]
    {
        assert!(page.contains(words), "{words} in {page}");
    }
    use WaitsFor::*;
    for waits in [Mailbox, OneMember, TwoMembers, Consent, Telling, AnotherContact] {
        safe(shown(&[], &[outlook(Effect::WaitsFor(waits))], &[]));
    }
}

#[test]
fn each_contact_shows_how_it_does_and_a_single_one_is_a_point_of_failure() {
    let mut bounced = row("old@lantern.example");
    (bounced.health.bounces, bounced.health.bounced_at) = (2, Some(now()));
    let page = shows_hostile_texts(shown(&[row("kim@lantern.example"), bounced], &[], &[]), 2);
    for words in ["single point of failure", "Confirmed", "2 bounced", "nobody can be reached", "2 reports not"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let both = safe(shown(&[row("kim@lantern.example"), row("lee@lantern.example")], &[], &[]));
    assert!(both.contains("2 can be reached"), "{both}");
}

#[test]
fn a_gone_domain_that_is_back_asks_a_member() {
    let mut gone = row("kim@lantern.example");
    let because = "The domain does not exist.".to_owned();
    gone.health.gone = Some(GoneDomain { since: now(), because, back_at: None });
    let page = safe(shown(&[gone.clone()], &[], &[]));
    assert!(page.contains("domain gone") && !page.contains("still theirs"), "{page}");
    gone.health.gone.as_mut().unwrap().back_at = Some(now());
    assert!(safe(shown(&[gone], &[], &[])).contains("name=\"domain\" value=\"lantern.example\""));
}

#[test]
fn what_was_settled_says_how() {
    let settled = ChangeRow {
        settled_at: Some(now()),
        outcome: Some(Outcome::Done),
        ground: Some("consent".to_owned()),
        ..change()
    };
    let page = safe(shown(&[], &[], &[settled]));
    assert!(page.contains("Nothing waits.") && page.contains("(consent)"), "{page}");
}
