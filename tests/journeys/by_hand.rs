//! Projects that take no mail: the case waits with the reason, and a member takes it there.

use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::{ClockEnd, ClockKind};
use fingerpost::domain::directory::ProjectId;
use fingerpost::domain::handling::HandlingState;
use fingerpost::flows::by_hand::{self, NotNoted, Outside};
use fingerpost::store::{ClockRow, HandlingRow};
use jiff::{SignedDuration, Timestamp};

use crate::composing::something_runs;
use crate::stage::{Stage, report_about};

fn id(project: &str) -> ProjectId {
    ProjectId::parse(project).unwrap()
}

async fn taken() -> Stage {
    let stage = Stage::open().await;
    take(&stage).await;
    stage
}

async fn take(stage: &Stage) {
    stage.mail_arrives(report_about("Lovage")).await;
    stage.passes(SignedDuration::from_hours(5)).await;
    let case = stage.only_case().await;
    by_hand::take(&stage.house, &case.id, &id("lovage"), &stage.chair()).await.unwrap().unwrap();
}

async fn handling(stage: &Stage) -> HandlingRow {
    let case = stage.only_case().await;
    stage.house.store.handlings_of(&case.id).await.unwrap().remove(0)
}

async fn promise(stage: &Stage) -> ClockRow {
    let case = stage.only_case().await;
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    clocks.into_iter().find(|row| row.clock.kind == ClockKind::Acknowledge).unwrap()
}

fn at<'a>(at: Timestamp, whom: &'a str, how: &'a str) -> Outside<'a> {
    Outside { at, whom, how }
}

#[tokio::test]
async fn a_report_for_a_project_that_takes_no_mail_waits_in_triage_with_the_reason() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Lovage")).await;
    let case = stage.only_case().await;
    assert_eq!(case.state, CaseState::New);
    let reason = case.waits_because.unwrap();
    assert_eq!(reason, "Lovage takes reports through GitHub. A member takes it there.");
    assert!(stage.house.store.handlings_of(&case.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_projects_promise_runs_from_the_decision_and_nobody_is_written_to() {
    let stage = taken().await;
    let handling = handling(&stage).await;
    assert_eq!((handling.state, handling.channel.as_str()), (HandlingState::ByHand, "GitHub"));
    let clock = promise(&stage).await.clock;
    assert_eq!(clock.started_at, stage.now());
    assert_eq!(stage.only_case().await.state, CaseState::Routed);
    assert_eq!(stage.relay.sent().len(), 1, "the receipt alone");
}

#[tokio::test]
async fn hand_over_and_acknowledgement_are_written_down_with_who_when_and_how() {
    let stage = &Stage::open().await;
    take(stage).await;
    let case = stage.only_case().await;
    let (house, ada, lovage) = (&stage.house, stage.chair(), id("lovage"));
    let decided = stage.now();
    stage.passes(SignedDuration::from_hours(3)).await;
    let advisory = at(decided + SignedDuration::from_hours(1), "", "GHSA-xxxx-yyyy");
    by_hand::handed_over(house, &case.id, &lovage, &advisory, &ada).await.unwrap().unwrap();
    let again = by_hand::handed_over(house, &case.id, &lovage, &advisory, &ada).await.unwrap();
    assert_eq!(again, Err(NotNoted::Already));
    assert_eq!(promise(stage).await.clock.stopped_at, None, "handed over is not acknowledged");

    let said = decided + SignedDuration::from_hours(2);
    let reply = at(said, "Ivo", "a comment on the advisory");
    by_hand::acknowledged(house, &case.id, &lovage, &reply, &ada).await.unwrap().unwrap();
    let row = handling(stage).await;
    assert_eq!((row.state, row.acknowledged_at), (HandlingState::Acknowledged, Some(said)));
    assert_eq!(row.acknowledged_how.as_deref(), Some("Ivo: a comment on the advisory"));
    assert!(row.acknowledged_by.unwrap().starts_with("member:"));
    assert_eq!(row.handed_over_how.as_deref(), Some("GHSA-xxxx-yyyy"));
    let clock = promise(stage).await.clock;
    assert_eq!((clock.stopped_at, clock.ended_as), (Some(said), Some(ClockEnd::Kept)));
    assert!(something_runs(stage, &case.id).await);
    stage.everything_due_happens().await;
    let letters = stage.mail_to("jane@reporter.example");
    assert!(letters.last().unwrap().text().contains("Lovage"), "the reporter is told of the act");
    let again = by_hand::acknowledged(house, &case.id, &lovage, &reply, &ada).await.unwrap();
    assert_eq!(again, Err(NotNoted::Already));
}

#[tokio::test]
async fn what_cannot_be_is_not_written_down() {
    let stage = taken().await;
    let case = stage.only_case().await;
    let (house, ada, lovage) = (&stage.house, stage.chair(), id("lovage"));
    let now = stage.now();
    let hour = SignedDuration::from_hours(1);
    for (what, refusal) in [
        (at(now, "", "a call"), NotNoted::NobodyNamed),
        (at(now, "Ivo", " "), NotNoted::NotSaidHow),
        (at(now, "Ivo", &"x".repeat(501)), NotNoted::TooLong),
        (at(now + hour, "Ivo", "a call"), NotNoted::InTheFuture),
        (at(now - hour, "Ivo", "a call"), NotNoted::BeforeTheDecision),
    ] {
        let done = by_hand::acknowledged(house, &case.id, &lovage, &what, &ada).await.unwrap();
        assert_eq!(done, Err(refusal));
    }
    let take = async |project: &str| by_hand::take(house, &case.id, &id(project), &ada).await.unwrap().unwrap_err();
    assert_eq!(take("lovage").await, NotNoted::AlreadyThere("Lovage".to_owned()));
    assert_eq!(take("parsley").await, NotNoted::ByMail("Parsley".to_owned()));
    assert_eq!(take("nobody").await, NotNoted::UnknownProject("nobody".to_owned()));
    assert_eq!(promise(&stage).await.clock.stopped_at, None);
}

#[tokio::test]
async fn a_project_with_nobody_to_write_to_is_taken_by_hand_as_well() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Savory")).await;
    let case = stage.only_case().await;
    by_hand::take(&stage.house, &case.id, &id("savory"), &stage.chair()).await.unwrap().unwrap();
    assert_eq!(handling(&stage).await.state, HandlingState::ByHand);
}

#[tokio::test]
async fn a_mail_projects_word_by_another_way_counts_too() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    let call = at(stage.now(), "Kim", "a call");
    by_hand::acknowledged(&stage.house, &case.id, &id("parsley"), &call, &stage.chair()).await.unwrap().unwrap();
    assert_eq!(promise(&stage).await.clock.ended_as, Some(ClockEnd::Kept));
    assert_eq!(handling(&stage).await.state, HandlingState::Acknowledged);
}
