//! A member is kept from a case: from then on nothing of it reaches them, and the record says so.

use axum::http::{Method, StatusCode};
use fingerpost::domain::address::Mailbox;
use fingerpost::domain::conflict::NotDeclared;
use fingerpost::domain::delivery::Delivery;
use fingerpost::domain::directory::{AutoForward, Directory, Member, MemberRole};
use fingerpost::flows::{conflicts, members};
use fingerpost::mail::write::transport::SentLetter;
use fingerpost::store::DatabaseUrl;
use jiff::SignedDuration;

use crate::postgres::fresh_database;
use crate::site::{Answer, ask, pages, sign_in_link};
use crate::stage::{Stage, report_about};

/// Ada is the chair, Tania a member, Sven the secretary.
fn three(directory: &mut Directory) {
    let email = Mailbox::parse("sven@foundation.example").unwrap();
    let sven = Member { name: "Sven Secretary".to_owned(), email, role: MemberRole::Secretary, term_start: None };
    directory.committee.push(sven);
}

fn member(stage: &Stage, name: &str) -> Member {
    let policy = stage.house.policy();
    policy.directory.committee.iter().find(|member| member.name.starts_with(name)).unwrap().clone()
}

async fn asks(stage: &Stage, name: &str, method: Method, path: &str, form: &str) -> Answer {
    let pages = pages(stage);
    let link = sign_in_link(stage, member(stage, name).email.as_str()).await;
    let entered = ask(&pages, Method::POST, &format!("/login/{link}"), &[], "").await;
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    ask(&pages, method, path, &[("cookie", &cookie)], form).await
}

async fn sees(stage: &Stage, name: &str, path: &str) -> Answer {
    asks(stage, name, Method::GET, path, "").await
}

/// From stepping aside to getting the case back.
async fn a_member_steps_aside_and_gets_the_case_back(stage: &Stage) {
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    let (page, conflict) = (format!("/cases/{}", case.number), format!("/cases/{}/conflict", case.number));
    members::claim(&stage.house, &case.id, &member(stage, "Tania")).await.unwrap();
    let refused = asks(stage, "Tania", Method::POST, &conflict, "act=step-aside&because=+").await;
    assert!(refused.text().contains("Say why"), "{}", refused.text());
    let left = asks(stage, "Tania", Method::POST, &conflict, "act=step-aside&because=I+work+on+Parsley.").await;
    assert_eq!((left.status, left.header("location")), (StatusCode::SEE_OTHER, "/at-risk"));

    assert_eq!(stage.only_case().await.owner, None, "whoever stepped aside has it no more");
    for path in [&page, &conflict] {
        let gone = sees(stage, "Tania", path).await;
        assert_eq!((gone.status, gone.tells_of_a_case()), (StatusCode::NOT_FOUND, false), "{path}");
    }
    for path in ["/at-risk", "/cases", "/cases?text=buffer", "/outbox", "/viewings", "/board", "/cases.csv"] {
        let shown = sees(stage, "Tania", path).await;
        assert_eq!((shown.status, shown.tells_of_a_case()), (StatusCode::OK, false), "{path}: {}", shown.text());
    }
    assert!(sees(stage, "Tania", "/at-risk").await.text().contains("No case is open."));
    assert!(sees(stage, "Tania", "/board").await.text().contains("0 open, 0 overdue"));
    let hers = sees(stage, "Sven", &page).await.text();
    assert!(hers.contains("Kept from <strong>Tania Member</strong>"), "{hers}");
    assert!(!sees(stage, "Sven", &conflict).await.text().contains("value=\"give-back\""), "the chair decides");

    let given = asks(stage, "Ada", Method::POST, &conflict, "act=give-back&member=tania@foundation.example").await;
    assert_eq!(given.header("location"), page);
    assert_eq!(sees(stage, "Tania", &page).await.status, StatusCode::OK);
    let kinds: Vec<String> = stage.house.store.events_of(&case.id).await.unwrap().into_iter().map(|e| e.kind).collect();
    for kind in ["conflict-declared", "conflict-ended"] {
        assert_eq!(kinds.iter().filter(|known| *known == kind).count(), 1, "{kind} in {kinds:?}");
    }
}

#[tokio::test]
async fn a_member_who_steps_aside_sees_nothing_of_the_case_until_the_chair_gives_it_back() {
    a_member_steps_aside_and_gets_the_case_back(&Stage::with(three).await).await;
}

#[tokio::test]
async fn on_postgres_a_member_steps_aside_and_gets_the_case_back() {
    let Some(url) = fresh_database().await else { return };
    let stage = Stage::on(DatabaseUrl::Postgres(url), tempfile::tempdir().unwrap(), three).await;
    a_member_steps_aside_and_gets_the_case_back(&stage).await;
}

#[tokio::test]
async fn the_chair_keeps_a_case_from_another_but_never_from_all() {
    let stage = Stage::with(three).await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await.id;
    let [ada, tania, sven] = ["Ada", "Tania", "Sven"].map(|name| member(&stage, name));
    let keep = async |by: &Member, whom: &Member| {
        conflicts::declare(&stage.house, &case, &whom.email, "A friend of theirs.", by).await.unwrap()
    };
    assert_eq!(keep(&tania, &ada).await, Err(NotDeclared::NotTheChair));
    assert_eq!(keep(&ada, &tania).await, Ok(()));
    assert_eq!(keep(&ada, &tania).await, Err(NotDeclared::Already));
    assert_eq!(keep(&ada, &ada).await, Ok(()), "the chair steps aside as well");
    assert_eq!(keep(&sven, &sven).await, Err(NotDeclared::NobodyLeft));
    let given = conflicts::end(&stage.house, &case, &tania.email, &sven).await.unwrap();
    assert_eq!(given, Ok(()), "where no chair reads it, the secretary decides");
}

#[tokio::test]
async fn no_look_at_many_rows_and_no_undoing_shows_a_case_to_a_member_from_whom_it_is_kept() {
    let stage = Stage::with(|directory| {
        three(directory);
        directory.routing.auto_forward = AutoForward::Off;
    })
    .await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    let tania = member(&stage, "Tania");
    conflicts::declare(&stage.house, &case.id, &tania.email, "My employer.", &member(&stage, "Ada"))
        .await
        .unwrap()
        .unwrap();
    let ticked = format!("item={}&act=spam-and-warn", case.number);
    let look = asks(&stage, "Ada", Method::POST, "/triage/bulk", &ticked).await;
    assert!(look.text().contains("Who is warned (1)"), "{}", look.text());
    let look = asks(&stage, "Tania", Method::POST, "/triage/bulk", &ticked).await;
    assert!(look.text().contains("Nothing is left to be done.") && !look.tells_of_a_case(), "{}", look.text());
    assert!(!look.text().contains("reporter.example"), "nor who sent it: {}", look.text());

    let sure = format!("{ticked}&sure=yes");
    let refused = asks(&stage, "Tania", Method::POST, "/triage/bulk", &sure).await;
    assert_eq!((refused.status, refused.tells_of_a_case()), (StatusCode::OK, false), "{}", refused.text());
    assert_eq!(stage.only_case().await.closed_at, None);
    let act = asks(&stage, "Ada", Method::POST, "/triage/bulk", &sure).await.header("location").to_owned();
    assert!(sees(&stage, "Ada", &act).await.tells_of_a_case());
    assert_eq!(sees(&stage, "Tania", &act).await.status, StatusCode::NOT_FOUND);
    assert!(!sees(&stage, "Tania", "/bulk").await.text().contains(&act));
    asks(&stage, "Tania", Method::POST, &format!("{act}/undo"), "").await;
    assert!(stage.only_case().await.closed_at.is_some(), "what they cannot see they cannot undo");

    let page = format!("/cases/{}", case.number);
    for preview in ["forward?project=parsley", "several", "several?project=parsley&project=rosemary"] {
        let gone = sees(&stage, "Tania", &format!("{page}/{preview}")).await;
        assert_eq!((gone.status, gone.tells_of_a_case()), (StatusCode::NOT_FOUND, false), "{preview}");
    }
    stage.everything_due_happens().await;
}

fn to<'l>(letters: &'l [SentLetter], name: &str) -> Vec<&'l SentLetter> {
    letters.iter().filter(|letter| letter.recipient.local() == name).collect()
}

#[tokio::test]
async fn no_reminder_digest_or_bounce_of_a_case_reaches_a_member_from_whom_it_is_kept() {
    let stage = Stage::with(three).await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    let because = "My brother reported it.";
    for name in ["Tania", "Ada"] {
        let member = member(&stage, name);
        conflicts::declare(&stage.house, &case.id, &member.email, because, &member).await.unwrap().unwrap();
    }
    // Its project stays silent, and so does the committee.
    stage.days_pass(9).await;
    stage
        .mail_arrives(
            crate::stage::mail("kai@elsewhere.example", "Re:", "We are on it.\r\n")
                .unproven()
                .to(&crate::stage::reply_address(&stage.mail_to("security@parsley.example")[0])),
        )
        .await;
    stage.days_pass(3).await;
    let letters = stage.relay.sent();
    for name in ["tania", "ada"] {
        for letter in to(&letters, name) {
            let text = letter.subject() + &letter.text();
            assert!(!text.contains(case.number.as_str()), "{name}: {text}");
        }
    }
    let svens = to(&letters, "sven");
    assert!(svens.iter().any(|letter| letter.subject().contains(case.number.as_str())), "the chair's step is his");
    let digests = stage.digests_to("sven@foundation.example");
    assert!(digests.iter().any(|letter| letter.text().contains(case.number.as_str())), "and the digest");
    assert!(svens.iter().any(|letter| letter.text().contains("/held")), "and held mail");
}

#[tokio::test]
async fn a_letter_that_waits_for_a_member_does_not_leave_once_the_case_is_kept_from_them() {
    let stage = Stage::with(three).await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    stage.relay.answer_all(None, Delivery::Unreachable { reason: "down".to_owned() });
    stage.days_pass(5).await;
    let ada = member(&stage, "Ada");
    conflicts::declare(&stage.house, &case.id, &ada.email, "We share an office.", &ada).await.unwrap().unwrap();
    stage.relay.heal();
    stage.passes(SignedDuration::from_hours(1)).await;
    let about = stage.mail_to("ada@foundation.example");
    assert!(!about.iter().any(|letter| letter.subject().contains(case.number.as_str())));
}
