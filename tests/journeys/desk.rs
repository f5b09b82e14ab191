//! What a member does: signs in, claims, forwards, decides about held mail.

use axum::http::{Method, StatusCode};
use fingerpost::domain::access::Viewer;
use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::{AutoForward, ProjectId};
use fingerpost::domain::party::Lane;
use fingerpost::flows::members::{self, HeldDecision, NotForwarded};
use fingerpost::flows::sessions;
use fingerpost::flows::sign_in::{self, Asking, Device};
use jiff::SignedDuration;

use crate::routes::Gate;
use crate::site::{sign_in_link, site, site_with_hold};
use crate::stage::{Stage, mail, reply_address, report_about, token_in};

async fn with_triage() -> Stage {
    Stage::with(|directory| directory.routing.auto_forward = AutoForward::Chosen).await
}

fn asking(email: &Mailbox) -> Asking<'_> {
    Asking { email, network: "192.0.2.0/24", back: None }
}

#[tokio::test]
async fn a_member_signs_in_by_a_link_that_works_once_and_opening_it_does_not_use_it() {
    let stage = Stage::open().await;
    let ada = Mailbox::parse("ADA@foundation.example").unwrap();
    sign_in::request(&stage.house, &asking(&ada)).await.unwrap();
    stage.everything_due_happens().await;
    let letter = stage.only_mail_to("ada@foundation.example");
    let token = Token::read(Purpose::SignInLink, &token_in(&letter, "/login/")).unwrap();

    for _ in 0..3 {
        assert_eq!(sign_in::open(&stage.house, &token).await.unwrap().unwrap().name, "Ada Chair");
    }
    let session = sign_in::enter(&stage.house, &token, &Device::default()).await.unwrap().unwrap();
    assert!(sign_in::enter(&stage.house, &token, &Device::default()).await.unwrap().is_none(), "once");
    let viewer = sessions::viewer(&stage.house, &session.cookie).await.unwrap();
    assert!(matches!(viewer, Viewer::Member { .. }));
    assert_eq!(sessions::viewer(&stage.house, "guess").await.unwrap(), Viewer::Anonymous);

    stage.passes(SignedDuration::from_hours(4)).await;
    assert_eq!(sessions::viewer(&stage.house, &session.cookie).await.unwrap(), Viewer::Anonymous, "idle for 4 h");
}

#[tokio::test]
async fn a_sign_in_link_dies_after_a_quarter_of_an_hour_and_no_stranger_gets_one() {
    let stage = Stage::open().await;
    for stranger in ["mallory@evil.example", "security@parsley.example"] {
        sign_in::request(&stage.house, &asking(&Mailbox::parse(stranger).unwrap())).await.unwrap();
    }
    let ada = Mailbox::parse("ada@foundation.example").unwrap();
    for _ in 0..5 {
        sign_in::request(&stage.house, &asking(&ada)).await.unwrap();
    }
    stage.everything_due_happens().await;
    assert_eq!(stage.relay.sent().len(), 3, "three links at once, all to the member");
    let letter = stage.mail_to("ada@foundation.example").remove(0);
    let token = Token::read(Purpose::SignInLink, &token_in(&letter, "/login/")).unwrap();
    stage.passes(SignedDuration::from_mins(15)).await;
    assert!(sign_in::open(&stage.house, &token).await.unwrap().is_none());
    assert!(sign_in::enter(&stage.house, &token, &Device::default()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_ends_when_the_member_leaves() {
    let stage = Stage::open().await;
    let ada = Mailbox::parse("ada@foundation.example").unwrap();
    let link = sign_in::admin_link(&stage.house, &ada, sign_in::LINK_LIFE).await.unwrap().unwrap();
    let token = Token::read(Purpose::SignInLink, link.rsplit('/').next().unwrap()).unwrap();
    let session = sign_in::enter(&stage.house, &token, &Device::default()).await.unwrap().unwrap();
    sessions::leave(&stage.house, &session.cookie).await.unwrap();
    assert_eq!(sessions::viewer(&stage.house, &session.cookie).await.unwrap(), Viewer::Anonymous);
}

#[tokio::test]
async fn a_member_forwards_from_triage_once_and_cannot_forward_where_nobody_takes_mail() {
    let stage = with_triage().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    let forward = async |project: &str| {
        members::forward(&stage.house, &case.id, &ProjectId::parse(project).unwrap(), &stage.chair()).await.unwrap()
    };
    assert!(matches!(forward("lovage").await, Err(NotForwarded::ByHand { .. })));
    assert!(matches!(forward("savory").await, Err(NotForwarded::NoContact { .. })));
    assert!(matches!(forward("nobody").await, Err(NotForwarded::UnknownProject(_))));
    assert!(forward("parsley").await.is_ok());
    assert!(matches!(forward("parsley").await, Err(NotForwarded::AlreadyThere { .. })));
    assert_eq!(stage.only_case().await.state, CaseState::Routed);
    stage.passes(SignedDuration::from_mins(2)).await;
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
}

#[tokio::test]
async fn a_case_is_claimed_by_the_first_member_only() {
    let stage = with_triage().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    let tania = stage.house.policy().directory.committee[1].clone();
    assert!(members::claim(&stage.house, &case.id, &tania).await.unwrap());
    assert!(!members::claim(&stage.house, &case.id, &stage.chair()).await.unwrap());
    let case = stage.only_case().await;
    assert_eq!((case.owner, case.state), (Some(tania.email), CaseState::Triage));
}

#[tokio::test]
async fn held_mail_goes_where_a_member_says_and_a_decision_is_made_once() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let address = reply_address(&stage.only_mail_to("security@parsley.example"));
    stage.mail_arrives(mail("kai@elsewhere.example", "Re:", "We are on it.\r\n").unproven().to(&address)).await;
    let held = stage.house.store.held(10).await.unwrap().remove(0).0;
    let decide = async |decision| members::decide_held(&stage.house, &held.id, decision, &stage.chair()).await.unwrap();
    assert!(decide(HeldDecision::ProjectLane(None)).await.is_ok());
    assert!(decide(HeldDecision::NotRelated).await.is_err());
    let case = stage.only_case().await;
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    assert_eq!(messages[0].lane, Some(Lane::Project));
    assert!(stage.house.store.held(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_members_note_that_the_reporter_was_answered_keeps_the_first_promise_once() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let case = stage.only_case().await;
    assert!(members::note_answered(&stage.house, &case.id, &stage.chair()).await.unwrap());
    assert!(!members::note_answered(&stage.house, &case.id, &stage.chair()).await.unwrap());
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    assert!(clocks.iter().any(|row| row.clock.kind == ClockKind::FirstReply && row.clock.stopped_at.is_some()));
}

#[tokio::test]
async fn the_board_signs_in_and_sees_numbers_and_nothing_of_a_case() {
    let site = site().await;
    let link = sign_in_link(&site.stage, "board@foundation.example").await;
    let shown = site.get(&format!("/login/{link}")).await;
    assert!(shown.text().contains("Board of Story Foundation"), "{}", shown.text());
    let cookie = site.sign_in_by(&link).await;
    site.stage.passes(SignedDuration::from_hours(3)).await;
    let board = site.get_as(&cookie, "/board").await;
    assert_eq!(board.status, StatusCode::OK);
    let text = board.text();
    assert!(text.contains("For the board") && !text.contains("knell") && !text.contains("/cases/"), "{text}");
    for (pattern, path) in site.gets(&[Gate::Desk]) {
        let answer = site.get_as(&cookie, &path).await;
        match pattern {
            "/board" | "/viewings" | "/quarters" | "/quarters/{month}" | "/me" | "/me/again" => {
                assert_eq!(answer.status, StatusCode::OK)
            }
            "/quarters/{month}/figures.csv" => {
                assert!(answer.header("location").starts_with("/me/again"), "a file asks for a fresh sign-in")
            }
            _ => assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/board"), "{pattern}"),
        }
        assert!(!answer.text().contains("knell"), "{pattern}");
    }
    let mut watch = site.watch().await;
    for (path, form) in site.posts(&[Gate::Desk]) {
        // Their own sign-ins are theirs to end, and to begin anew.
        let is_their_own = path.starts_with("/me/sessions/") || path == "/me/again";
        if !is_their_own {
            let answer = site.ask(Method::POST, &path, &[("cookie", &cookie)], form).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
    assert!(watch.nothing_changed().await);
}

#[tokio::test]
async fn after_a_week_of_silence_the_board_reads_whose_promise_ran_out() {
    let site = site().await;
    // A week has gone by on these pages.
    site.stage.passes(SignedDuration::from_hours(3)).await;
    let cookie = site.sign_in_by(&sign_in_link(&site.stage, "board@foundation.example").await).await;
    let text = site.get_as(&cookie, "/board").await.text();
    assert!(
        text.contains("Parsley: project acknowledgement") && text.contains(">3 h ") && text.contains(" min overdue"),
        "{text}"
    );
    assert!(text.contains("The committee, to the reporter: first human reply"), "{text}");
}

#[tokio::test]
async fn the_three_composers_are_three_pages_each_in_its_lane_with_its_banner() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let case = format!("/cases/{}", site.number);
    for (page, class, banner) in [
        ("to-reporter", "lane-reporter", "will receive this by email."),
        ("to-project/parsley", "lane-project", "1 person at Parsley will receive this."),
        ("note", "lane-internal", "INTERNAL \u{2014} committee only. Never sent."),
    ] {
        let text = site.get_as(&cookie, &format!("{case}/{page}")).await.text();
        assert!(text.contains(class) && text.contains(banner), "{page}: {text}");
        assert_eq!(text.matches("<textarea").count(), 1, "{page}");
        let form = "words=knock&act=preview";
        let preview = site.ask(Method::POST, &format!("{case}/{page}"), &[("cookie", &cookie)], form).await;
        assert!(preview.text().contains("knock"), "{page}");
    }
    let text = site.get_as(&cookie, &case).await.text();
    assert!(!text.contains("<textarea"), "no composer stands open on the case's page");
    let answer = site.get_as(&cookie, &format!("{case}/to-project/savory")).await;
    assert!(answer.text().contains("Savory does not have this case."), "{}", answer.text());
    assert_eq!(site.get_as(&cookie, &format!("{case}/to-project/nobody")).await.status, StatusCode::OK);
    for from in ["none", "%3Cscript%3E", &site.held] {
        let answer = site.get_as(&cookie, &format!("{case}/to-reporter?from={from}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{from}");
    }
}

#[tokio::test]
async fn words_are_looked_at_sent_and_stopped_by_the_pages_buttons() {
    let site = site_with_hold().await;
    let cookie = site.sign_in().await;
    let page = format!("/cases/{}/to-reporter", site.number);
    let post = async |path: &str, form: &str| site.ask(Method::POST, path, &[("cookie", &cookie)], form).await;
    let empty = post(&page, "words=&act=preview").await.text();
    assert!(empty.contains("Error: Write something first.") && empty.contains("<title>Error: "), "{empty}");
    let shown = site.get_as(&cookie, &page).await.text();
    let id = shown.split("name=\"id\" value=\"").nth(1).unwrap()[..36].to_owned();
    let preview = post(&page, &format!("id={id}&words=Thank+you.&act=preview")).await.text();
    assert!(preview.contains("This is what leaves, in 1 mail:") && preview.contains(&id), "{preview}");
    assert!(preview.contains("Send to toll"), "the button names the reader: {preview}");
    for _ in 0..2 {
        let sent = post(&page, &format!("id={id}&words=Thank+you.&act=send")).await;
        assert_eq!(sent.header("location"), format!("/cases/{}#m-{id}", site.number));
    }
    let case = site.get_as(&cookie, &format!("/cases/{}", site.number)).await.text();
    assert!(case.contains("Sending at ") && case.contains("TO THE REPORTER"), "{case}");
    let stop = case.split("action=\"/letters/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let stopped = post(&format!("/letters/{stop}"), "").await;
    assert_eq!(stopped.header("location"), format!("/cases/{}?stopped=1&gone=0", site.number));
    site.stage.passes(SignedDuration::from_hours(1)).await;
    assert!(site.stage.mail_to("jane@reporter.example").iter().all(|letter| !letter.text().contains("Thank you.")));
}

#[tokio::test]
async fn one_press_in_triage_closes_spam_and_the_list_is_there_again() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let triage = site.get_as(&cookie, "/triage").await.text();
    assert!(triage.contains("Answer it ourselves") && triage.contains("Not security"), "{triage}");
    let number = triage.split("href=\"/cases/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = "reason=spam&act=close&back=triage";
    let answer = site.ask(Method::POST, &format!("/cases/{number}/close"), &[("cookie", &cookie)], form).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/triage"));
    let closed = site.stage.house.store.case_by_number(&number).await.unwrap().unwrap();
    assert_eq!(closed.state, CaseState::Closed);
    let again = site.ask(Method::POST, &format!("/cases/{number}/reopen"), &[("cookie", &cookie)], "").await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let elsewhere = "reason=spam&act=close&back=https%3A%2F%2Fevil.example";
    let answer = site.ask(Method::POST, &format!("/cases/{number}/close"), &[("cookie", &cookie)], elsewhere).await;
    assert_eq!(answer.header("location"), format!("/cases/{number}"));
}

#[tokio::test]
async fn lists_are_filtered_by_their_address_and_the_same_lines_come_as_a_file() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let ask = async |path: &str| site.get_as(&cookie, path).await;
    let with_parsley = ask("/at-risk?project=parsley").await.text();
    assert!(with_parsley.contains(&site.number), "{with_parsley}");
    let others = ask("/at-risk?project=rosemary").await.text();
    assert!(!others.contains(&site.number) && others.contains("No open case fits the filter."), "{others}");
    assert!(ask("/at-risk?waits_for=project").await.text().contains(&site.number));
    assert!(!ask("/at-risk?waits_for=committee").await.text().contains(&site.number));
    assert!(ask("/cases?text=PARSLEY+2.1&state=routed").await.text().contains(&site.number));
    assert!(!ask("/cases?text=100%25").await.text().contains(&site.number), "no pattern of the database's");
    assert!(!ask("/cases?owner=tania@foundation.example").await.text().contains(&site.number));
    let file = ask("/cases.csv?project=parsley").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.text().lines().filter(|line| line.contains("SEC-2026")).count(), 1, "{}", file.text());
}
