//! The board's quarter: drafted by itself, approved by the chair, sent, and frozen.

use axum::http::{Method, StatusCode};
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::quarter::{Quarter, Standing};
use fingerpost::flows::quarter::{self, NotChanged};
use fingerpost::mail::write::transport::SentLetter;
use jiff::SignedDuration;

use crate::escalation::words;
use crate::site::{ask, pages, sign_in_link, site};
use crate::spammers::offer;
use crate::stage::{REPORT_TEXT, Stage, mail, reply_address, report_about, subjects};

const CHAIR: &str = "ada@foundation.example";
const MEMBER: &str = "tania@foundation.example";
const BOARD: &str = "board@foundation.example";
const PATH: &str = "/quarters/2026-12";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// Sep-Nov 2026, at whose end the stories begin.
fn autumn() -> Quarter {
    Quarter::parse("2026-12").unwrap()
}

/// Parsley answers the day after, Rosemary within its three days not at all; spam comes; and it is 1 December, 14:00.
async fn with_a_quarter(stage: &Stage) {
    stage.mail_arrives(report_about("Parsley")).await;
    stage.mail_arrives(offer(1)).await;
    stage.mail_arrives(report_about("Rosemary")).await;
    stage.passes(days(1)).await;
    let answer = mail("security@parsley.example", "Re: report", "Yes, we have it.\r\n");
    stage.mail_arrives(answer.to(&reply_address(&stage.mail_to("security@parsley.example")[0]))).await;
    for _ in 0..10 {
        stage.passes(days(1)).await;
    }
}

fn last(letters: Vec<SentLetter>) -> SentLetter {
    letters.into_iter().last().expect("there is a letter")
}

#[tokio::test]
async fn a_quarter_is_drafted_approved_sent_to_the_board_and_frozen() {
    let stage = &Stage::open().await;
    let house = &stage.house;
    with_a_quarter(stage).await;
    for to in [CHAIR, MEMBER] {
        let letters = stage.quarter_mail_to(to);
        assert_eq!(subjects(&letters), ["Draft: security report, Sep-Nov 2026"]);
        let told = "2 reports, 1 answered within 7 days, 1 late, 2 escalated.";
        assert!(words(&letters[0]).contains(told), "{}", words(&letters[0]));
    }
    assert_eq!(subjects(&stage.quarter_mail_to(BOARD)), Vec::<String>::new(), "not before the chair says so");

    let draft = quarter::look(house, autumn()).await.unwrap();
    assert_eq!(draft.standing, Standing::Draft);
    let (reply, acknowledge) = (draft.figures.first_reply, draft.figures.acknowledge);
    assert_eq!((reply.in_time, reply.overdue, reply.median_seconds), (1, 1, Some(days(1).as_secs())));
    assert_eq!((acknowledge.in_time, acknowledge.overdue, acknowledge.slowest_waits), (1, 1, true));
    let silent: Vec<_> = draft.figures.escalations.iter().map(|told| told.project.as_deref()).collect();
    assert_eq!(silent, [Some("Rosemary"), None], "each promise that ran out, with who gave it");
    assert_eq!((draft.figures.unwanted.quarantined, draft.figures.contacts.confirmed), (1, 3));

    let seal = house.store.last_seal().await.unwrap().expect("the record is sealed every ten minutes");
    assert_eq!(draft.figures.record.as_deref(), Some(seal.hash.as_str()));
    quarter::approve(house, autumn(), 0, &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    let letters = stage.quarter_mail_to(BOARD);
    assert_eq!(subjects(&letters), ["Security report, Sep-Nov 2026"]);
    let text = words(&letters[0]);
    assert!(text.contains("1 answered within 7 days, 1 late") && text.contains(PATH), "{text}");
    let all = String::from_utf8_lossy(&letters[0].bytes).into_owned() + &text;
    assert!(!all.contains(REPORT_TEXT) && !all.contains("over-read") && !all.contains("jane"), "{all}");

    let again = quarter::approve(house, autumn(), 0, &stage.chair()).await.unwrap();
    assert_eq!(again, Err(NotChanged::Changed), "it is approved once");
    let rosemary = stage.mail_to("rosa@rosemary.example");
    let answer = mail("rosa@rosemary.example", "Re: report", "At last: we have it.\r\n");
    stage.mail_arrives(answer.to(&reply_address(&rosemary[0]))).await;
    stage.passes(days(20)).await;
    let frozen = quarter::look(house, autumn()).await.unwrap();
    assert_eq!((frozen.figures.first_reply, frozen.figures.acknowledge), (reply, acknowledge));
    assert_eq!(stage.quarter_mail_to(BOARD).len(), 1, "and nothing more is sent");

    let winter = quarter::look(house, Quarter::of(stage.now())).await.unwrap();
    assert_eq!(winter.standing, Standing::Running);
    assert_eq!(winter.figures.first_reply.decided(), 0);
    let carried = (winter.figures.carried_first_reply, winter.figures.carried_acknowledge);
    assert_eq!((carried.0.late, carried.1.late), (1, 1), "the next report tells how what was open ended");
    let compared: Vec<_> = winter.figures.compared.iter().map(|line| (line.received, line.escalated)).collect();
    assert_eq!(compared, [(2, 2), (0, 0)]);
}

#[tokio::test]
async fn a_report_that_nobody_approves_is_brought_to_mind_and_late_each_told_once() {
    let mut stage = Stage::open().await;
    with_a_quarter(&stage).await;
    stage.passes(days(10)).await;
    assert_eq!(stage.quarter_mail_to(CHAIR).len(), 1, "it is 11 December");
    stage.passes(days(1)).await;
    let reminder = last(stage.quarter_mail_to(CHAIR));
    assert_eq!(reminder.subject(), "Due on Tue 2026-12-15: security report, Sep-Nov 2026");
    stage.passes(days(3)).await;
    assert!(stage.quarter_mail_to(BOARD).is_empty(), "it is the 15th, all day");
    stage.restart().await;
    stage.passes(days(1)).await;
    assert_eq!(subjects(&stage.quarter_mail_to(BOARD)), ["Security report, Sep-Nov 2026, is late"]);
    stage.restart().await;
    stage.passes(days(9)).await;
    for to in [CHAIR, MEMBER] {
        assert_eq!(stage.quarter_mail_to(to).len(), 3, "draft, reminder, late");
    }
    let late = quarter::look(&stage.house, autumn()).await.unwrap();
    assert_eq!(late.standing, Standing::Late);
    quarter::approve(&stage.house, autumn(), 0, &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    assert_eq!(last(stage.quarter_mail_to(BOARD)).subject(), "Security report, Sep-Nov 2026");
}

#[tokio::test]
async fn after_downtime_only_the_last_step_is_told_and_a_new_house_reports_on_nothing_before_it() {
    let stage = Stage::open().await;
    stage.everything_due_happens().await;
    assert!(stage.quarter_mail_to(CHAIR).is_empty(), "summer was over before the first run");
    stage.passes(days(40)).await;
    assert_eq!(subjects(&stage.quarter_mail_to(CHAIR)), ["Security report, Sep-Nov 2026, is late"]);
    assert_eq!(stage.quarter_mail_to(BOARD).len(), 1);
    let quarters = quarter::all(&stage.house).await.unwrap();
    let named: Vec<_> = quarters.iter().map(|(quarter, standing, _)| (quarter.to_string(), *standing)).collect();
    assert_eq!(named, [("2027-03".to_owned(), Standing::Running), ("2026-12".to_owned(), Standing::Late)]);
}

#[tokio::test]
async fn a_quarter_that_is_not_over_is_not_approved() {
    let stage = Stage::open().await;
    let refused = quarter::approve(&stage.house, autumn(), 0, &stage.chair()).await.unwrap();
    assert_eq!(refused, Err(NotChanged::NotOver("2026-12-01".to_owned())));
}

#[tokio::test]
async fn members_hear_when_the_board_did_not_get_its_report() {
    let stage = Stage::open().await;
    with_a_quarter(&stage).await;
    let refused = Delivery::Refused { status: "5.1.1".to_owned(), answer: "no such user".to_owned() };
    quarter::approve(&stage.house, autumn(), 0, &stage.chair()).await.unwrap().unwrap();
    stage.relay.answer_next(refused);
    stage.everything_due_happens().await;
    let told = last(stage.quarter_mail_to(MEMBER));
    assert_eq!(told.subject(), "The board did not get the security report, Sep-Nov 2026");
    assert!(words(&told).contains("board@foundation.example was refused (5.1.1)"), "{}", words(&told));
}

#[tokio::test]
async fn members_write_the_texts_the_chair_approves_and_the_board_reads_what_is_approved() {
    let site = site().await;
    let now = site.stage.now();
    site.stage.passes(autumn().until().duration_since(now) + days(1)).await;
    let pages = pages(&site.stage);
    let mut cookies = Vec::new();
    for who in [CHAIR, MEMBER] {
        cookies.push(site.sign_in_by(&sign_in_link(&site.stage, who).await).await);
    }
    let [chair, member] = cookies.try_into().unwrap();
    let board = site.sign_in_by(&sign_in_link(&site.stage, BOARD).await).await;
    let post = async |cookie: &str, end: &str, form: &str| {
        ask(&pages, Method::POST, &format!("{PATH}/{end}"), &[("cookie", cookie)], form).await
    };

    let texts = "activities=Two+audits&challenges=Few+hands&budget=12%2C000&version=0";
    assert_eq!(post(&member, "texts", texts).await.status, StatusCode::SEE_OTHER);
    let overtaken = post(&chair, "texts", "activities=None&version=0").await.text();
    assert!(overtaken.contains("Somebody has changed the report") && overtaken.contains(">\nNone<"), "{overtaken}");
    let long = post(&chair, "texts", &format!("budget={}&version=1", "x".repeat(5_000))).await.text();
    assert!(long.contains("Budget is longer than 4000 characters"), "it says which");
    let refused = post(&member, "approve", "version=1").await.text();
    assert!(refused.contains("Only the chair approves"), "{refused}");
    let unseen = post(&chair, "approve", "version=0").await.text();
    assert!(unseen.contains("Somebody has changed the report"), "{unseen}");

    let draft = site.get_as(&board, PATH).await.text();
    assert!(draft.contains("has not approved it yet") && !draft.contains("Two audits"), "{draft}");
    assert_eq!(post(&chair, "approve", "version=1").await.status, StatusCode::SEE_OTHER);
    let shown = site.get_as(&board, PATH).await.text();
    for words in ["Two audits", "Few hands", "12,000", "How the promises were kept", "<svg", "Parsley"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!shown.contains("knell") && !shown.contains("/cases/") && !shown.contains("<textarea"), "{shown}");
    let file = site.get_as(&board, &format!("{PATH}/figures.csv")).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.text().contains("\"2026-12\",\"reports\",\"\",\"received\","), "{}", file.text());
    let changed = post(&member, "texts", "activities=Other&version=1").await.text();
    assert!(changed.contains("or it is approved") && changed.contains("Two audits"), "{changed}");

    assert_eq!(site.get_as(&board, "/quarters/2026-10").await.header("location"), PATH);
    for none in ["/quarters/2027-06", "/quarters/soon", "/quarters/2027-06/figures.csv"] {
        assert_eq!(site.get_as(&chair, none).await.status, StatusCode::NOT_FOUND, "{none}");
    }
}
