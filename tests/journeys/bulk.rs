//! Many rows at once: selected by what they have in common, looked at, done once, and brought back.

use fingerpost::domain::address::Mailbox;
use fingerpost::domain::ban::{BanTarget, NotBanned};
use fingerpost::domain::bulk::{BulkAct, UNDO_LIFE};
use fingerpost::domain::case::{CaseState, Closing};
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::{AutoForward, ProjectId};
use fingerpost::domain::id::BulkId;
use fingerpost::flows::bulk::{self, LookSender, NotUndone, Prospect, Standing, Ticked};
use fingerpost::flows::{abuse, closing, conflicts, members};
use fingerpost::mail::write::flowed::unflow;
use fingerpost::mail::write::letters::Words;
use fingerpost::store::{CaseRow, QuarantineRow};
use jiff::{SignedDuration, Timestamp};

use crate::noise::{Desk, field};
use crate::spammers::offer;
use crate::stage::{Mail, Stage, mail, report_about};

const SENDER: &str = "sales@farm.example";
/// Before all stories.
const EVER: Timestamp = Timestamp::UNIX_EPOCH;

fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

/// What a machine sends out under many names, the `number`th of its kind.
fn template(from: &str, number: usize) -> Mail {
    let text = format!(
        "A crafted table overflows the heap and lets an attacker run code on every host of yours, number {number}. \
         Steps and a proof are ready; say whom to invoice for report {number} and they are sent before Sunday.\r\n"
    );
    mail(from, "Heap overflow, remote code execution", &text)
}

/// A report in words of its own.
fn other() -> Mail {
    let text = "Your password page forgets to ask for the old one. Whoever finds an open laptop takes the account.\r\n";
    mail("jane@reporter.example", "Passwords are changed without the old one", text)
}

async fn in_triage() -> Stage {
    Stage::with(|directory| directory.routing.auto_forward = AutoForward::Off).await
}

/// All cases, in the order of their numbers.
async fn cases(stage: &Stage) -> Vec<CaseRow> {
    let lines = stage.house.store.all_cases(100, None).await.unwrap();
    let mut cases: Vec<CaseRow> = lines.into_iter().map(|line| line.case).collect();
    cases.sort_by(|one, other| one.number.cmp(&other.number));
    cases
}

/// A member ticks these cases and presses both buttons.
async fn act(stage: &Stage, act: BulkAct, cases: &[CaseRow]) -> Standing {
    let items = cases.iter().map(|case| case.number.to_string()).collect();
    carry_out(stage, Ticked { act, items, day: String::new() }).await
}

async fn carry_out(stage: &Stage, ticked: Ticked) -> Standing {
    let id = BulkId::new(stage.now(), stage.house.chance());
    assert!(bulk::carry_out(&stage.house, &id, &ticked, &stage.chair()).await.unwrap());
    standing(stage, &id).await
}

async fn standing(stage: &Stage, id: &BulkId) -> Standing {
    bulk::standing(&stage.house, id, &stage.chair()).await.unwrap().unwrap()
}

async fn undo(stage: &Stage, done: &Standing) -> Standing {
    bulk::undo(&stage.house, &done.bulk.id, &stage.chair()).await.unwrap().unwrap();
    standing(stage, &done.bulk.id).await
}

fn is_spared(sender: &LookSender) -> bool {
    matches!(sender.prospect, Some(Prospect::Spared(_)))
}

/// The letter's text as its reader sees it.
fn text(letter: &Words) -> String {
    unflow(&letter.body.flow())
}

fn counts(standing: &Standing) -> (usize, usize, usize) {
    let count = |is: fn(&fingerpost::store::BulkItem) -> bool| standing.items.iter().filter(|item| is(item)).count();
    (
        count(|item| item.done_at.is_some()),
        count(|item| item.undone_at.is_some()),
        count(|item| item.stays_because.is_some()),
    )
}

async fn events(stage: &Stage, case: &CaseRow, kind: &str) -> usize {
    stage.house.store.events_of(&case.id).await.unwrap().iter().filter(|event| event.kind == kind).count()
}

#[tokio::test]
async fn what_is_like_a_case_is_selected_without_script_looked_at_and_closed_once() {
    let stage = in_triage().await;
    for number in 1..=3 {
        stage.mail_arrives(template(&format!("finder{number}@farm.example"), number)).await;
    }
    stage.mail_arrives(other()).await;
    let desk = Desk::of(&stage).await;
    let triage = desk.get("/triage").await;
    assert!(triage.contains("Select 3 like this (domain)") && triage.contains("Select 3 like this (text)"), "{triage}");
    assert!(!triage.contains("(sender)"), "each has one mail: {triage}");

    let selected = desk.look("/triage/bulk", "item=SEC-2026-0004&like=text:SEC-2026-0001").await;
    assert_eq!(selected.matches(" checked").count(), 4, "what was ticked before stays: {selected}");
    let nothing = desk.look("/triage/bulk", "act=spam").await;
    assert!(nothing.contains("Select at least one row"), "{nothing}");

    let items = "item=SEC-2026-0001&item=SEC-2026-0002&item=SEC-2026-0003&act=spam";
    let look = desk.look("/triage/bulk", items).await;
    assert!(look.contains("<h1>Spam: 3 cases</h1>") && look.contains("3 cases are closed"), "{look}");
    assert!(cases(&stage).await.iter().all(|case| case.state == CaseState::New), "nothing is done by looking");
    let sure = format!("{items}&sure=yes&id={}", field(&look, "id"));
    let done = desk.press("/triage/bulk", &sure).await;
    assert_eq!(desk.press("/triage/bulk", &sure).await, done, "a form that is sent twice is one act");

    let cases = cases(&stage).await;
    for case in &cases[..3] {
        assert_eq!((case.state, case.closed_as), (CaseState::Closed, Some(Closing::Spam)));
        assert_eq!(events(&stage, case, "closed").await, 1);
    }
    assert_eq!(cases[3].state, CaseState::New);
    stage.passes(SignedDuration::from_hours(1)).await;
    assert_eq!(stage.mail_to("finder1@farm.example").len(), 1, "the receipt alone");

    let page = desk.get(&done).await;
    assert!(page.contains("Spam: 3 cases") && page.contains("Done by Ada Chair"), "{page}");
    assert!(desk.get("/bulk").await.contains(&done));
    assert_eq!(desk.press(&format!("{done}/undo"), "").await, done);
    assert!(desk.get(&done).await.contains("Undone by Ada Chair"));
    assert!(desk.get("/triage").await.contains("Select 3 like this (text)"), "they are back");
}

#[tokio::test]
async fn cases_that_were_closed_by_mistake_stand_as_before_with_every_clock() {
    cases_are_closed_and_come_back(&in_triage().await).await;
}

/// Told on either database.
pub async fn cases_are_closed_and_come_back(stage: &Stage) {
    let store = &stage.house.store;
    for number in 1..=2 {
        stage.mail_arrives(template(SENDER, number)).await;
    }
    let before = cases(stage).await;
    members::claim(&stage.house, &before[0].id, &stage.chair()).await.unwrap();
    let before = cases(stage).await;
    let clocks = async |case: &CaseRow| {
        let rows = store.clocks_of(&case.id).await.unwrap();
        rows.into_iter().map(|row| (row.id, row.clock.due_at, row.clock.stopped_at)).collect::<Vec<_>>()
    };
    let (first, second) = (clocks(&before[0]).await, clocks(&before[1]).await);
    let done = act(stage, BulkAct::NotSecurity, &before).await;
    assert_eq!(counts(&done), (2, 0, 0));
    stage.passes(SignedDuration::from_hours(12)).await;
    assert!(cases(stage).await.iter().all(|case| case.closed_as == Some(Closing::NotSecurity)));

    let undone = undo(stage, &done).await;
    assert_eq!(counts(&undone), (2, 2, 0));
    assert_eq!(counts(&undo(stage, &done).await), (2, 2, 0), "pressed twice it is one");
    for (case, was) in cases(stage).await.iter().zip(&before) {
        assert_eq!((case.state, &case.waits_because), (was.state, &was.waits_because));
        assert_eq!((&case.owner, case.closed_at, case.closed_as), (&was.owner, None, None));
        assert_eq!((events(stage, case, "closed").await, events(stage, case, "reopened").await), (1, 1));
    }
    assert_eq!((clocks(&before[0]).await, clocks(&before[1]).await), (first, second), "no deadline has moved");

    // The promise that nobody has kept reaches the board, as if nothing had been closed.
    stage.passes(SignedDuration::from_hours(7 * 24)).await;
    let late = store.broken_promises(stage.now(), 10).await.unwrap();
    assert!(late.iter().any(|promise| promise.number == before[1].number), "{late:?}");
}

#[tokio::test]
async fn each_proven_sender_is_warned_once_and_a_warning_that_was_taken_back_leads_to_no_ban() {
    a_warning_is_taken_back(&in_triage().await).await;
}

/// Told on either database.
pub async fn a_warning_is_taken_back(stage: &Stage) {
    for number in 1..=2 {
        stage.mail_arrives(template(SENDER, number)).await;
    }
    stage.mail_arrives(template("forged@elsewhere.example", 3).unproven()).await;
    let warnings = || stage.mail_to(SENDER).iter().filter(|letter| letter.subject().starts_with("About your")).count();
    let items = cases(stage).await.iter().map(|case| case.number.to_string()).collect();
    let ticked = Ticked { act: BulkAct::SpamAndWarn, items, day: String::new() };
    let look = bulk::look(&stage.house, &ticked, &stage.chair()).await.unwrap();
    let [forged, sender] = &look.senders[..] else { panic!("two senders") };
    assert!(is_spared(forged), "nobody is written to in another's name");
    let Some(Prospect::Warned(letter)) = &sender.prospect else { panic!("{:?}", sender.prospect) };
    let done = carry_out(stage, ticked).await;
    assert_eq!((counts(&done), done.senders.len()), ((3, 0, 0), 1), "{:?}", done.senders);
    stage.everything_due_happens().await;
    assert_eq!(warnings(), 1);
    let sent = stage.mail_to(SENDER).into_iter().find(|letter| letter.subject().starts_with("About your")).unwrap();
    assert!(sent.text().contains("Your last 2 messages were not."), "{}", sent.text());
    assert_eq!((sent.subject(), sent.text().trim()), (letter.subject.clone(), text(letter).trim()), "as it was shown");

    let undone = undo(stage, &done).await;
    assert!(undone.senders[0].had_left && counts(&undone) == (3, 3, 0));
    stage.passes(SignedDuration::from_hours(1)).await;
    stage.mail_arrives(template(SENDER, 4)).await;
    let target = BanTarget::Address(mailbox(SENDER));
    let voted = abuse::propose_ban(&stage.house, &target, &stage.chair()).await.unwrap();
    assert_eq!(voted, Err(NotBanned::NotWarned(target)));

    // Taken back in time, it never leaves.
    let again = act(stage, BulkAct::SpamAndWarn, &cases(stage).await[3..]).await;
    let undone = undo(stage, &again).await;
    assert!(undone.senders[0].letter.is_some() && !undone.senders[0].had_left);
    stage.everything_due_happens().await;
    assert_eq!(warnings(), 1);
}

#[tokio::test]
async fn a_ban_that_was_proposed_in_bulk_is_lifted_by_undoing_and_its_look_says_whom_it_cannot_hit() {
    let stage = in_triage().await;
    stage.mail_arrives(template(SENDER, 1)).await;
    abuse::warn(&stage.house, &mailbox(SENDER), &stage.chair()).await.unwrap().unwrap();
    stage.passes(SignedDuration::from_hours(1)).await;
    stage.mail_arrives(template(SENDER, 2)).await;
    stage.mail_arrives(template("new@farm.example", 3)).await;
    let items = cases(&stage).await.iter().map(|case| case.number.to_string()).collect();
    let ticked = Ticked { act: BulkAct::ProposeBan, items, day: String::new() };
    let look = bulk::look(&stage.house, &ticked, &stage.chair()).await.unwrap();
    let refused: Vec<_> = look.senders.iter().map(|sender| (sender.address.as_str(), is_spared(sender))).collect();
    assert_eq!(refused, [("new@farm.example", true), (SENDER, false)]);

    let of_sender = async |by| {
        let look = bulk::look(&stage.house, &ticked, by).await.unwrap();
        look.senders.into_iter().find(|sender| sender.address.as_str() == SENDER).unwrap().prospect
    };
    let tania = stage.house.policy().directory.committee[1].clone();
    assert_eq!(of_sender(&tania).await, Some(Prospect::Proposed), "a member alone bans nobody");
    let Some(Prospect::Banned { until, letter }) = of_sender(&stage.chair()).await else { panic!("the chair does") };
    assert_eq!(until, stage.now() + SignedDuration::from_hours(90 * 24));

    let done = carry_out(&stage, ticked).await;
    let bans = async || stage.house.store.bans_of(&mailbox(SENDER), stage.now()).await.unwrap().len();
    assert_eq!((counts(&done), bans().await), ((3, 0, 0), 1), "looking had banned nobody");
    stage.everything_due_happens().await;
    let sent = stage.mail_to(SENDER).pop().unwrap();
    assert_eq!(sent.subject(), letter.subject);
    let shown = text(&letter);
    assert!(sent.text().starts_with(shown.trim().split('\u{2026}').next().unwrap()), "{} as {shown}", sent.text());
    undo(&stage, &done).await;
    assert_eq!(bans().await, 0);
}

#[tokio::test]
async fn the_look_says_who_was_right_before() {
    let stage = in_triage().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let parsley = ProjectId::parse("parsley").unwrap();
    let case = stage.only_case().await;
    members::forward(&stage.house, &case.id, &parsley, &stage.chair()).await.unwrap().unwrap();
    stage.passes(SignedDuration::from_hours(2)).await;
    stage.mail_arrives(other()).await;
    let desk = Desk::of(&stage).await;
    let look = desk.look("/triage/bulk", "item=SEC-2026-0002&act=not-security").await;
    assert!(look.contains("This sender has 1 earlier accepted report."), "{look}");
}

#[tokio::test]
async fn what_somebody_took_up_meanwhile_is_left_alone_by_the_act_and_by_undoing() {
    let stage = in_triage().await;
    for number in 1..=3 {
        stage.mail_arrives(template(SENDER, number)).await;
    }
    let all = cases(&stage).await;
    // Between the look and the button another member forwards one.
    let parsley = ProjectId::parse("parsley").unwrap();
    members::forward(&stage.house, &all[0].id, &parsley, &stage.chair()).await.unwrap().unwrap();
    let done = act(&stage, BulkAct::Spam, &all).await;
    assert_eq!(counts(&done), (2, 0, 0));
    assert_eq!(cases(&stage).await[0].state, CaseState::Routed);

    stage.passes(SignedDuration::from_hours(1)).await;
    closing::reopen(&stage.house, &all[1].id, &stage.chair()).await.unwrap();
    let undone = undo(&stage, &done).await;
    assert_eq!(counts(&undone), (2, 1, 1), "one was opened again by hand");
    assert!(cases(&stage).await.iter().all(|case| case.state != CaseState::Closed));
}

#[tokio::test]
async fn a_case_that_is_kept_from_a_member_is_neither_closed_nor_named_nor_brought_back_by_them() {
    let stage = in_triage().await;
    for number in 1..=2 {
        stage.mail_arrives(template(SENDER, number)).await;
    }
    let all = cases(&stage).await;
    let tania = stage.house.policy().directory.committee[1].clone();
    let done = act(&stage, BulkAct::SpamAndWarn, &all).await;
    conflicts::declare(&stage.house, &all[0].id, &tania.email, "My employer.", &stage.chair()).await.unwrap().unwrap();
    let seen = bulk::standing(&stage.house, &done.bulk.id, &tania).await.unwrap().unwrap();
    assert_eq!((seen.items.len(), seen.senders.len()), (1, 0));
    assert_eq!(stage.house.store.bulks(EVER, &tania.email, 9).await.unwrap()[0].done, 1);
    bulk::undo(&stage.house, &done.bulk.id, &tania).await.unwrap().unwrap();
    let warned = async || {
        let senders = stage.house.store.bulk_senders(&done.bulk.id).await.unwrap();
        senders.iter().filter(|sender| sender.undone_at.is_none()).count()
    };
    assert_eq!(warned().await, 1, "a sender whom they do not see is not theirs to spare");
    let states = async || cases(&stage).await.iter().map(|case| case.state).collect::<Vec<_>>();
    assert_eq!(states().await, [CaseState::Closed, CaseState::New]);
    assert!(Desk::of(&stage).await.get(&format!("/bulk/{}", done.bulk.id)).await.contains("Go on"));
    assert_eq!(counts(&undo(&stage, &done).await), (2, 2, 0), "another goes on with what was left");
    assert_eq!(warned().await, 0);

    let items = all.iter().map(|case| case.number.to_string()).collect();
    let ticked = Ticked { act: BulkAct::Spam, items, day: String::new() };
    let look = bulk::look(&stage.house, &ticked, &tania).await.unwrap();
    assert_eq!((look.lines.len(), look.gone), (1, 1));
    let id = BulkId::new(stage.now(), stage.house.chance());
    bulk::carry_out(&stage.house, &id, &ticked, &tania).await.unwrap();
    assert_eq!(states().await, [CaseState::New, CaseState::Closed]);

    let of_one = act(&stage, BulkAct::Spam, &all[..1]).await;
    assert!(bulk::standing(&stage.house, &of_one.bulk.id, &tania).await.unwrap().is_none(), "an act on nothing else");
    let listed = stage.house.store.bulks(EVER, &tania.email, 9).await.unwrap();
    assert!(listed.iter().all(|line| line.bulk.id != of_one.bulk.id), "{listed:?}");
    stage.everything_due_happens().await;
}

#[tokio::test]
async fn an_act_is_undone_for_thirty_days_and_no_longer() {
    let stage = in_triage().await;
    stage.mail_arrives(template(SENDER, 1)).await;
    let done = act(&stage, BulkAct::Spam, &cases(&stage).await).await;
    stage.clock.advance(UNDO_LIFE);
    let late = bulk::undo(&stage.house, &done.bulk.id, &stage.chair()).await.unwrap();
    assert_eq!(late, Err(NotUndone::TooLate));
    let none = bulk::undo(&stage.house, &BulkId::from_row("none"), &stage.chair()).await.unwrap();
    assert_eq!(none, Err(NotUndone::NoAct));
    assert!(!Desk::of(&stage).await.get(&format!("/bulk/{}", done.bulk.id)).await.contains("/undo\""));
}

async fn quarantine(stage: &Stage) -> Vec<QuarantineRow> {
    stage.house.store.unseen_quarantine(100).await.unwrap().1
}

fn of_mails(act: BulkAct, mails: &[QuarantineRow]) -> Ticked {
    let items = mails.iter().map(|mail| mail.arrival.to_string()).collect();
    Ticked { act, items, day: mails[0].batch.clone() }
}

#[tokio::test]
async fn quarantined_mails_are_seen_in_bulk_and_are_new_again_by_undoing() {
    let stage = Stage::open().await;
    for number in 1..=3 {
        stage.mail_arrives(offer(number)).await;
    }
    let desk = Desk::of(&stage).await;
    assert!(desk.get("/quarantine").await.contains("Select 3 like this (sender)"));
    let mails = quarantine(&stage).await;
    let done = carry_out(&stage, of_mails(BulkAct::SeenAndWarn, &mails[..2])).await;
    assert_eq!((counts(&done), done.senders.len(), quarantine(&stage).await.len()), ((2, 0, 0), 1, 1));
    let undone = undo(&stage, &done).await;
    assert_eq!((counts(&undone), quarantine(&stage).await.len()), ((2, 2, 0), 3));

    // One that was seen before stays seen.
    let first = carry_out(&stage, of_mails(BulkAct::Seen, &mails[..1])).await;
    stage.passes(SignedDuration::from_hours(1)).await;
    let all = carry_out(&stage, of_mails(BulkAct::Seen, &mails)).await;
    assert_eq!(counts(&all), (2, 0, 0));
    assert!(all.items.iter().any(|item| item.left_because.as_deref() == Some("A member had seen it.")));
    undo(&stage, &all).await;
    assert_eq!(quarantine(&stage).await.len(), 2);
    undo(&stage, &first).await;
    assert_eq!(quarantine(&stage).await.len(), 3);
}

#[tokio::test]
async fn mails_are_released_in_bulk_and_undoing_closes_what_nobody_has_taken_up() {
    let stage = Stage::open().await;
    for number in 1..=2 {
        stage.mail_arrives(offer(number)).await;
    }
    let arrived_at = stage.now();
    stage.passes(SignedDuration::from_hours(24)).await;
    let mails = quarantine(&stage).await;
    let done = carry_out(&stage, of_mails(BulkAct::Release, &mails)).await;
    stage.everything_due_happens().await;
    let released = cases(&stage).await;
    assert_eq!((counts(&done), released.len()), ((2, 0, 0), 2));
    let clocks = stage.house.store.clocks_of(&released[0].id).await.unwrap();
    let first = clocks.iter().find(|row| row.clock.kind == ClockKind::FirstReply).unwrap();
    assert_eq!(first.clock.started_at, arrived_at, "the clock runs from the arrival");

    let parsley = ProjectId::parse("parsley").unwrap();
    members::forward(&stage.house, &released[0].id, &parsley, &stage.chair()).await.unwrap().unwrap();
    let undone = undo(&stage, &done).await;
    assert_eq!(counts(&undone), (2, 1, 1));
    let states: Vec<_> = cases(&stage).await.iter().map(|case| case.state).collect();
    assert_eq!(states, [CaseState::Routed, CaseState::Closed]);
    stage.everything_due_happens().await;
}
