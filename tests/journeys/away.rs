//! People who are not there: away for some days, gone while a letter waited, or too busy to look at held mail.

use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::contact::NotAway;
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::directory::{Absence, AutoForward};
use fingerpost::flows::attempts::{attempts, standing};
use fingerpost::flows::forward_again::{self, NotAgain};
use fingerpost::flows::{contacts, links, members};
use jiff::SignedDuration;
use jiff::civil::Date;

use crate::escalation::{clock, events, with_a_report, words};
use crate::stage::{Stage, mail, reply_address, report_about, subjects, token_in};

const CONTACT: &str = "security@parsley.example";
const DEPUTY: &str = "kim@parsley.example";
const CHAIR: &str = "ada@foundation.example";
const MEMBER: &str = "tania@foundation.example";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

async fn contact_id(stage: &Stage) -> fingerpost::domain::id::ContactId {
    let rows = stage.house.store.contacts().await.unwrap();
    rows.into_iter().find(|row| row.contact.email.as_str() == CONTACT).unwrap().id
}

#[tokio::test]
async fn deputies_stand_in_from_the_day_on_which_a_contact_is_away_and_no_clock_changes() {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Strong;
        directory.routing.hold = SignedDuration::ZERO;
        directory.projects[0].contacts[0].away = vec![Absence { first: day("2026-11-22"), last: day("2026-12-02") }];
    })
    .await;
    stage.mail_arrives(report_about("Parsley")).await;
    let due = clock(&stage, ClockKind::Acknowledge).await.clock.due_at;
    stage.passes(SignedDuration::from_hours(9)).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 0, "not before its first day");
    stage.passes(SignedDuration::from_hours(25)).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1, "the report, on that day");
    assert_eq!(clock(&stage, ClockKind::Acknowledge).await.clock.due_at, due);
    stage.days_pass(1).await;
    let to_deputy = stage.mail_to(DEPUTY).len();
    assert_eq!(to_deputy, 2, "reminded like the others: {:?}", subjects(&stage.mail_to(DEPUTY)));

    let kay = mail("kay@reporter.example", "Buffer over-read in Parsley 2.2", "It crashes on an empty table.\r\n");
    stage.mail_arrives(kay).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), to_deputy + 1, "what comes while the contact is away goes there at once");
}

#[tokio::test]
async fn a_contact_says_by_its_own_link_that_it_is_away_and_a_member_that_it_is_back() {
    let stage = with_a_report().await;
    let token = Token::read(Purpose::ActionLink, &token_in(&stage.mail_to(CONTACT)[0], "/a/")).unwrap();
    let said = |last| contacts::away_by_link(&stage.house, &token, day(last));
    assert_eq!(said("2026-11-18").await.unwrap(), Some(Err(NotAway::EndsBeforeItBegins)));
    assert_eq!(said("2027-02-20").await.unwrap(), Some(Err(NotAway::TooLong)));
    assert_eq!(said("2026-11-30").await.unwrap(), Some(Ok(())));
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1, "at once");
    let away = |stage: &Stage| stage.house.policy().directory.projects[0].contacts[0].away.clone();
    assert_eq!(away(&stage), [Absence { first: day("2026-11-20"), last: day("2026-11-30") }]);

    assert!(contacts::back_again(&stage.house, &contact_id(&stage).await).await.unwrap());
    assert!(!contacts::back_again(&stage.house, &contact_id(&stage).await).await.unwrap());
    assert!(away(&stage).is_empty());
    stage.mail_arrives(mail("kay@reporter.example", "Over-read in Parsley 2.2", "It crashes in Parsley.\r\n")).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1, "the deputy has only what came meanwhile");
}

#[tokio::test]
async fn a_member_notes_an_absence_to_come_and_it_is_over_by_itself() {
    let mut stage = with_a_report().await;
    let (id, chair) = (contact_id(&stage).await, stage.chair());
    let note = |first, last| contacts::say_away(&stage.house, &id, day(first), day(last), &chair);
    assert_eq!(note("2026-11-23", "2026-11-24").await.unwrap(), Some(Ok(())));
    stage.restart().await;
    stage.passes(days(1)).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 0);
    stage.passes(days(2)).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), 1);
    stage.passes(days(3)).await;
    let kay = mail("kay@reporter.example", "Buffer over-read in Parsley 2.2", "It crashes on an empty table.\r\n");
    let to_deputy = stage.mail_to(DEPUTY).len();
    stage.mail_arrives(kay).await;
    assert_eq!(stage.mail_to(DEPUTY).len(), to_deputy, "the contact is there again");
}

#[tokio::test]
async fn a_contact_that_is_removed_while_its_letter_waits_for_the_relay_never_gets_it_and_the_committee_knows() {
    let stage = Stage::open().await;
    stage.relay.answer_all(None, Delivery::Unreachable { reason: "connection refused".to_owned() });
    stage.mail_arrives(report_about("Parsley")).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 0);
    let mut file = fingerpost::domain::directory::Directory::clone(&stage.house.policy().file);
    file.projects[0].contacts.remove(0);
    contacts::lay_over(&stage.house, file).await.unwrap();
    stage.relay.heal();
    stage.passes(SignedDuration::from_mins(2)).await;
    stage.passes(SignedDuration::from_mins(2)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 0, "not one mail");
    let letter = &stage.mail_to(MEMBER)[0];
    assert!(words(letter).contains("this is no contact of Parsley any more"), "{}", words(letter));
    assert_eq!(letter.subject(), "[SEC-2026-0001] A letter to a Parsley contact was not sent");
    assert_eq!(stage.mail_to(CHAIR).len(), 1);
    stage.days_pass(7).await;
    assert_eq!(stage.mail_to(CONTACT).len(), 0, "no reminder either");
}

#[tokio::test]
async fn a_contact_that_has_the_report_stays_on_its_case_when_it_leaves_the_directory() {
    let stage = with_a_report().await;
    let mut file = fingerpost::domain::directory::Directory::clone(&stage.house.policy().file);
    file.projects[0].contacts.remove(0);
    contacts::lay_over(&stage.house, file).await.unwrap();
    stage.passes(days(2)).await;
    assert_eq!(
        stage.mail_to(CONTACT).len(),
        2,
        "open cases keep their parties: {:?}",
        subjects(&stage.mail_to(CONTACT))
    );
}

/// Parsley's first contact leaves, and the people of `now` take its place.
async fn contacts_change(stage: &Stage, now: &[&str]) {
    let mut file = fingerpost::domain::directory::Directory::clone(&stage.house.policy().file);
    let old = file.projects[0].contacts.remove(0);
    for email in now {
        let email = Mailbox::parse(email).unwrap();
        file.projects[0].contacts.insert(0, fingerpost::domain::directory::Contact { email, ..old.clone() });
    }
    contacts::lay_over(&stage.house, file).await.unwrap();
}

#[tokio::test]
async fn a_member_forwards_again_so_that_new_contacts_get_the_case_and_who_left_loses_it_and_no_clock_changes() {
    let stage = with_a_report().await;
    let (case, chair) = (stage.only_case().await, stage.chair());
    let parsley = fingerpost::domain::directory::ProjectId::parse("parsley").unwrap();
    let same = forward_again::again(&stage.house, &case.id, &parsley, &chair).await.unwrap();
    assert_eq!(same, Err(NotAgain::NothingChanged("Parsley".to_owned())));
    stage.passes(days(1)).await;
    let promise = clock(&stage, ClockKind::Acknowledge).await;
    contacts_change(&stage, &["new@parsley.example"]).await;
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to("new@parsley.example").len(), 0, "open cases keep their parties");

    let preview = forward_again::changes(&stage.house, &case.id, &parsley).await.unwrap().unwrap();
    assert_eq!((preview.new.len(), preview.stay.len(), preview.leave.len()), (1, 0, 1));
    assert_eq!(stage.mail_to("new@parsley.example").len(), 0, "a preview sends nothing");
    let done = forward_again::again(&stage.house, &case.id, &parsley, &chair).await.unwrap().unwrap();
    assert_eq!(done, preview);
    stage.everything_due_happens().await;
    let forward = stage.only_mail_to("new@parsley.example");
    assert!(forward.subject().contains("please confirm by Fri 27 Nov"), "{}", forward.subject());
    assert_eq!(clock(&stage, ClockKind::Acknowledge).await, promise, "the clock is untouched");
    assert_eq!(stage.house.store.handlings_of(&case.id).await.unwrap().len(), 1, "the same part");
    assert_eq!(events(&stage, "forwarded-again").await.len(), 1);

    let old = Token::read(Purpose::ActionLink, &token_in(&stage.mail_to(CONTACT)[0], "/a/")).unwrap();
    assert_eq!(links::we_have_it(&stage.house, &old).await.unwrap(), None, "the link of who left opens nothing");
    let had = stage.mail_to(CONTACT).len();
    let late = mail(CONTACT, "Re: report", "We have it.\r\n").to(&reply_address(&stage.mail_to(CONTACT)[0]));
    stage.mail_arrives(late).await;
    assert_eq!(clock(&stage, ClockKind::Acknowledge).await.clock.stopped_at, None, "nor does its reply acknowledge");
    stage.passes(days(2)).await;
    assert_eq!(stage.mail_to(CONTACT).len(), had, "{:?}", subjects(&stage.mail_to(CONTACT)));
    assert_eq!(stage.mail_to("new@parsley.example").len(), 2, "the reminder goes to who is there now");
    let new = Token::read(Purpose::ActionLink, &token_in(&forward, "/a/")).unwrap();
    assert!(links::we_have_it(&stage.house, &new).await.unwrap().is_some());
    assert!(clock(&stage, ClockKind::Acknowledge).await.clock.stopped_at.is_some());

    contacts_change(&stage, &["newer@parsley.example"]).await;
    forward_again::again(&stage.house, &case.id, &parsley, &chair).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    let forward = stage.only_mail_to("newer@parsley.example");
    assert!(forward.subject().contains("you are its contact now"), "{}", forward.subject());
    assert!(!words(&forward).contains("tell the board"), "{}", words(&forward));
}

#[tokio::test]
async fn a_contact_whose_domain_is_gone_gets_no_later_letter_either_and_the_committee_is_told_once() {
    let stage = with_a_report().await;
    let had = stage.mail_to(CONTACT).len();
    let mut tx = stage.house.store.begin().await.unwrap();
    tx.looked_up("parsley.example", stage.now()).await.unwrap();
    assert!(tx.domain_gone("parsley.example", "The domain does not exist.", stage.now()).await.unwrap());
    tx.raise_contact_version().await.unwrap();
    tx.commit().await.unwrap();
    contacts::refresh(&stage.house).await.unwrap();
    stage.days_pass(6).await;
    assert_eq!(stage.mail_to(CONTACT).len(), had, "{:?}", subjects(&stage.mail_to(CONTACT)));
    let is_it = |letter: &fingerpost::mail::write::transport::SentLetter| letter.subject().contains("was not sent");
    let told: Vec<_> = stage.mail_to(MEMBER).into_iter().filter(is_it).collect();
    assert_eq!(told.len(), 1, "{:?}", subjects(&stage.mail_to(MEMBER)));
    assert!(words(&told[0]).contains("its domain takes no mail any more"), "{}", words(&told[0]));
}

#[tokio::test]
async fn the_dossier_of_one_of_two_projects_names_only_the_letters_to_the_board_about_that_one() {
    let stage = with_a_report().await;
    let (case, chair) = (stage.only_case().await, stage.chair());
    stage.passes(days(3)).await;
    let id = |id| fingerpost::domain::directory::ProjectId::parse(id).unwrap();
    members::forward(&stage.house, &case.id, &id("rosemary"), &chair).await.unwrap().unwrap();
    members::note_answered(&stage.house, &case.id, &chair).await.unwrap();
    stage.days_pass(8).await;
    assert_eq!(stage.mail_to("board@foundation.example").len(), 2, "of each project one");
    for project in ["parsley", "rosemary"] {
        let dossier = attempts(&stage.house, "SEC-2026-0001", &id(project)).await.unwrap().unwrap();
        let board = dossier.attempts.iter().filter(|tried| tried.what == "The board was told").count();
        assert_eq!(board, 1, "{project}: {:?}", dossier.attempts);
    }
}

#[tokio::test]
async fn held_mail_that_nobody_decides_about_for_two_days_is_brought_to_the_owner_of_its_case_or_to_everybody() {
    let stage = with_a_report().await;
    let answer = mail(CONTACT, "Re: report", "Yes, we have it.\r\n").to(&reply_address(&stage.mail_to(CONTACT)[0]));
    stage.mail_arrives(answer.unproven()).await;
    let held = |letter: &fingerpost::mail::write::transport::SentLetter| letter.subject().contains("held mail");
    let told = |to: &str| stage.mail_to(to).iter().filter(|letter| held(letter)).count();
    stage.days_pass(1).await;
    assert_eq!((told(CHAIR), told(MEMBER)), (0, 0));
    stage.days_pass(1).await;
    assert_eq!((told(CHAIR), told(MEMBER)), (1, 1), "nobody owns the case");
    let letter = stage.mail_to(MEMBER).into_iter().find(held).unwrap();
    assert!(words(&letter).contains("For SEC-2026-0001, held since Fri 2026-11-20 14:00 UTC"), "{}", words(&letter));
    stage.days_pass(5).await;
    assert_eq!((told(CHAIR), told(MEMBER)), (1, 1), "once");
    assert!(events(&stage, "reminder-due").await.iter().any(|detail| detail.starts_with("held ")));

    let tania = stage.house.policy().directory.committee[1].clone();
    members::claim(&stage.house, &stage.only_case().await.id, &tania).await.unwrap();
    let other = mail(CONTACT, "Re: report", "Do you hear us?\r\n").to(&reply_address(&stage.mail_to(CONTACT)[0]));
    stage.mail_arrives(other.unproven()).await;
    stage.days_pass(2).await;
    assert_eq!((told(CHAIR), told(MEMBER)), (1, 2), "the owner alone");
}

#[tokio::test]
async fn the_dossier_of_a_silent_project_holds_every_attempt_and_nothing_of_the_report() {
    let stage = Stage::open().await;
    let refused = Delivery::Refused { status: "5.1.1".to_owned(), answer: "550 no such\r\nuser".to_owned() };
    stage.relay.answer_all(Some(Mailbox::parse(CONTACT).unwrap()), refused);
    stage.mail_arrives(report_about("Parsley")).await;
    stage.relay.heal();
    stage.days_pass(30).await;
    let parsley = fingerpost::domain::directory::ProjectId::parse("parsley").unwrap();
    let dossier = attempts(&stage.house, "SEC-2026-0001", &parsley).await.unwrap().unwrap();
    assert!(dossier.is_for_review());
    assert_eq!(standing(&dossier), "The promised time is over, and nobody there has answered.");
    let told: Vec<(&str, &str)> =
        dossier.attempts.iter().map(|tried| (tried.what.as_str(), tried.whom.as_str())).collect();
    assert_eq!(
        told,
        [
            ("Report forwarded", CONTACT),
            ("Report forwarded", DEPUTY),
            ("Reminder", DEPUTY),
            ("Reminder", DEPUTY),
            ("Reminder", DEPUTY),
            ("The board was told", "board@foundation.example"),
        ]
    );
    assert_eq!(dossier.attempts[0].outcome, "refused 5.1.1: 550 no such user");
    let all = format!("{dossier:?}");
    assert!(!all.contains("over-read") && !all.contains("jane"), "{all}");
    let nobody = fingerpost::domain::directory::ProjectId::parse("rosemary").unwrap();
    assert_eq!(attempts(&stage.house, "SEC-2026-0001", &nobody).await.unwrap(), None);
}
