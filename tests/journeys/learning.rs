//! What members and projects teach the committee's judge: it counts for the next report, is undone, and never public.

use axum::Router;
use axum::http::{Method, StatusCode};
use fingerpost::config::policy;
use fingerpost::domain::case::{CaseState, Closing};
use fingerpost::domain::directory::ProjectId;
use fingerpost::domain::id::{KnowledgeId, MessageId};
use fingerpost::domain::judgement::Strength;
use fingerpost::domain::knowledge::Groundless;
use fingerpost::flows::closing::{self, Wish};
use fingerpost::flows::knowledge::{self, Answer, NotTaught};
use fingerpost::flows::{contacts, members};
use fingerpost::store::{CaseRow, NameRow, Origin};
use jiff::SignedDuration;

use crate::form_page::{Browser, report};
use crate::site::{Answer as Page, ask, pages, sign_in_link};
use crate::stage::{Mail, Stage, mail, token_in};

const TEAM: &str = "security@parsley.example";

fn id(project: &str) -> ProjectId {
    ProjectId::parse(project).unwrap()
}

/// A report that has a name for Parsley that nobody here knows.
fn about_leafkit(from: &str) -> Mail {
    let text =
        format!("Hello,\r\n\r\na link in an archive makes leafkit write outside of its folder. I am {from}.\r\n");
    let mut report = mail(from, "Path traversal in leafkit 2.1", &text);
    report.message_id = format!("leafkit.{from}");
    report
}

async fn newest(stage: &Stage) -> CaseRow {
    let cases = stage.house.store.all_cases(50).await.unwrap();
    cases.into_iter().map(|line| line.case).max_by(|a, b| a.number.cmp(&b.number)).unwrap()
}

async fn forward(stage: &Stage, case: &CaseRow, project: &str) {
    members::forward(&stage.house, &case.id, &id(project), &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
}

/// A report about leafkit that a member has sent to Parsley.
async fn corrected(stage: &Stage) -> CaseRow {
    stage.mail_arrives(about_leafkit("jane@reporter.example")).await;
    let case = newest(stage).await;
    assert_eq!((case.state, case.judgement.candidates.len()), (CaseState::New, 0), "nobody knows leafkit");
    forward(stage, &case, "parsley").await;
    case
}

async fn remember(stage: &Stage, case: &CaseRow, word: &str) -> Result<(), NotTaught> {
    knowledge::answer(&stage.house, &case.id, &id("parsley"), Answer::Remember(word), &stage.chair()).await.unwrap()
}

/// The last forward's contact presses the button.
async fn acknowledged(stage: &Stage) {
    let forward = stage.mail_to(TEAM).pop().unwrap();
    let path = format!("/a/{}", token_in(&forward, "/a/"));
    assert!(ask(&pages(stage), Method::POST, &path, &[], "").await.status.is_redirection());
    stage.everything_due_happens().await;
}

/// The pages as the chair sees them.
struct Desk {
    pages: Router,
    cookie: String,
}

impl Desk {
    async fn of(stage: &Stage) -> Self {
        let pages = pages(stage);
        let link = sign_in_link(stage, "ada@foundation.example").await;
        let entered = ask(&pages, Method::POST, &format!("/login/{link}"), &[], "").await;
        let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { pages, cookie }
    }

    async fn get(&self, path: &str) -> String {
        ask(&self.pages, Method::GET, path, &[("cookie", &self.cookie)], "").await.text()
    }

    async fn post(&self, path: &str, form: &str) -> Page {
        ask(&self.pages, Method::POST, path, &[("cookie", &self.cookie)], form).await
    }
}

#[tokio::test]
async fn a_name_that_a_member_remembers_after_a_correction_counts_until_it_is_undone() {
    let stage = &Stage::open().await;
    let case = corrected(stage).await;
    let desk = Desk::of(stage).await;
    let page = desk.get(&format!("/cases/{}", case.number)).await;
    assert!(page.contains("Remember “leafkit” as a name for Parsley?"), "{page}");
    let path = format!("/cases/{}/remember", case.number);
    let answer = desk.post(&path, "project=parsley&word=leafkit&act=remember").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert!(!desk.get(&format!("/cases/{}", case.number)).await.contains("as a name for Parsley"), "asked once");

    stage.mail_arrives(about_leafkit("kay@finder.example")).await;
    let next = newest(stage).await;
    assert_eq!(next.state, CaseState::Routed);
    let found = &next.judgement.candidates[0];
    assert_eq!((found.project.as_str(), found.strength), ("parsley", Strength::Strong));
    let because = format!("\"leafkit\" is remembered as a name of it ({})", case.number);
    assert!(found.clauses().any(|clause| clause == because), "{found:?}");
    assert_eq!(stage.mail_to(TEAM).len(), 2);
    let letter = stage.mail_to(TEAM).pop().unwrap().text();
    assert!(!letter.contains("remembered"), "what the committee knows is not in the forward: {letter}");

    let learned = desk.get("/knowledge").await;
    assert!(learned.contains("leafkit") && learned.contains("by Ada Chair") && learned.contains(case.number.as_str()));
    let name = stage.house.store.remembered_names(10).await.unwrap().remove(0);
    desk.post(&format!("/knowledge/{}/undo", name.origin.id), "").await;
    let learned = desk.get("/knowledge").await;
    assert!(learned.contains(": undone <time") && learned.contains("Names (0)"), "{learned}");
    stage.mail_arrives(about_leafkit("lou@elsewhere.example")).await;
    assert_eq!(newest(stage).await.state, CaseState::New, "nobody knows leafkit any more");
    let kinds: Vec<String> = stage.house.store.events_of(&case.id).await.unwrap().into_iter().map(|e| e.kind).collect();
    for kind in ["judge-corrected", "name-remembered", "knowledge-undone"] {
        assert!(kinds.iter().any(|known| known == kind), "{kind} in {kinds:?}");
    }
}

#[tokio::test]
async fn no_public_page_tells_what_was_learned() {
    let stage = Stage::open().await;
    let case = corrected(&stage).await;
    let pages = pages(&stage);
    let form =
        "about=project&project=&summary=Path+traversal+in+leafkit+2.1&text=leafkit+writes+outside&reach=anonymous";
    let asked = [
        (Method::POST, "/report/hint", form),
        (Method::GET, "/find?q=leafkit", ""),
        (Method::GET, "/projects", ""),
        (Method::GET, "/projects/parsley", ""),
        (Method::GET, "/projects.json", ""),
    ];
    // The form's own stamp is another each time.
    let shown = async |method: &Method, path: &str, form: &str| {
        let page = ask(&pages, method.clone(), path, &[], form).await.text();
        page.split_once("id=\"hints\"").map_or(page.clone(), |(_, hints)| hints.to_owned())
    };
    acknowledged(&stage).await;
    let mut before = Vec::new();
    for (method, path, form) in &asked {
        before.push(shown(method, path, form).await);
    }
    remember(&stage, &case, "leafkit").await.unwrap();
    for ((method, path, form), before) in asked.iter().zip(before) {
        assert_eq!(shown(method, path, form).await, before, "{path} is the same as before");
    }
    let answer = ask(&pages, Method::GET, "/knowledge", &[], "").await;
    assert!(!answer.status.is_success() && !answer.text().contains("leafkit"), "{}", answer.text());
}

#[tokio::test]
async fn a_form_is_judged_with_what_was_learned_once_it_is_sent() {
    let stage = Stage::open().await;
    let case = corrected(&stage).await;
    remember(&stage, &case, "leafkit").await.unwrap();
    let browser = Browser::on(&stage);
    let stamp = browser.open().await;
    stage.clock.advance(SignedDuration::from_secs(40));
    let form = report()
        .with("about", "unknown")
        .with("summary", "Path traversal in leafkit 2.1")
        .with("text", "A link in an archive makes leafkit write outside of its folder.");
    assert_eq!(browser.send(&stamp, &form).await.status, StatusCode::SEE_OTHER);
    let sent = newest(&stage).await;
    assert_eq!((sent.state, sent.judgement.candidates[0].project.as_str()), (CaseState::Routed, "parsley"));
}

#[tokio::test]
async fn a_word_that_would_mislead_is_refused_with_the_reason_and_the_question_stays() {
    let stage = Stage::open().await;
    let case = corrected(&stage).await;
    let desk = Desk::of(&stage).await;
    let path = format!("/cases/{}/remember", case.number);
    for (word, because) in [
        ("Rosemary", "is a name of Rosemary, or a part of one."),
        ("server", "is a common word"),
        ("lk", "is too short"),
        ("", "Enter the name"),
    ] {
        let answer = desk.post(&path, &format!("project=parsley&word={word}&act=remember")).await;
        let page = answer.text();
        assert!(answer.status.is_success() && page.contains(because), "{word}: {page}");
        assert!(page.contains(&format!("value=\"{word}\"")), "what was typed stays: {page}");
    }
    assert_eq!(stage.house.store.remembered_names(10).await.unwrap(), []);
    let answer = desk.post(&path, "project=parsley&word=leafkit&act=not-now").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(knowledge::questions(&stage.house, &case).await.unwrap(), []);
    assert_eq!(remember(&stage, &case, "leafkit").await, Err(NotTaught::NotAsked), "answered before");
}

#[tokio::test]
async fn what_the_judge_suggested_itself_is_no_correction() {
    let stage =
        Stage::with(|directory| directory.routing.auto_forward = fingerpost::domain::directory::AutoForward::Off).await;
    stage.mail_arrives(crate::stage::report_about("Parsley")).await;
    let case = newest(&stage).await;
    forward(&stage, &case, "parsley").await;
    assert_eq!(stage.house.store.open_corrections(&case.id).await.unwrap(), []);
    assert_eq!(stage.house.store.lessons(10).await.unwrap(), [], "and nothing is confirmed yet");
    forward(&stage, &case, "rosemary").await;
    let asked = knowledge::questions(&stage.house, &case).await.unwrap();
    assert_eq!(asked.len(), 1, "rosemary was nowhere in it");
}

#[tokio::test]
async fn mail_that_arrives_teaches_nothing_and_an_acknowledgement_does() {
    let stage = Stage::open().await;
    for from in ["a@finder.example", "b@finder.example", "c@finder.example"] {
        stage.mail_arrives(about_leafkit(from)).await;
    }
    assert_eq!(stage.house.store.knowledge_version().await.unwrap(), 0, "strangers teach nothing");

    stage.mail_arrives(crate::stage::report_about("Parsley")).await;
    assert_eq!(stage.house.store.lessons(10).await.unwrap(), [], "a forward by itself neither");
    acknowledged(&stage).await;
    let lessons = stage.house.store.lessons(10).await.unwrap();
    let [lesson] = &lessons[..] else { panic!("{lessons:?}") };
    assert_eq!(lesson.origin.member, None);
    assert_eq!(lesson.words, ["parsley"], "single words: what is in every report, and who wrote it, is not kept");
    let hash = lesson.sender.as_deref().unwrap();
    assert!(!hash.contains("jane") && hash.len() == 32, "{hash}");
}

#[tokio::test]
async fn a_sender_is_known_again_only_where_both_mails_are_proven_and_it_forwards_nothing() {
    let stage = Stage::open().await;
    stage.mail_arrives(crate::stage::report_about("Parsley")).await;
    acknowledged(&stage).await;
    let vague = |text: &str| mail("jane@reporter.example", "It crashes", text);
    stage.mail_arrives(vague("A crash, attached.\r\n").unproven()).await;
    assert_eq!(newest(&stage).await.judgement.candidates, [], "anybody could have written that");
    stage.mail_arrives(vague("One more crash.\r\n")).await;
    let case = newest(&stage).await;
    assert_eq!(case.state, CaseState::New);
    let [known] = &case.judgement.candidates[..] else { panic!("{:?}", case.judgement) };
    assert_eq!(known.strength, Strength::Weak);
    assert_eq!(known.clauses().collect::<Vec<_>>(), ["the same sender wrote about it before (SEC-2026-0001)"]);
}

#[tokio::test]
async fn cases_that_were_handed_back_or_were_no_report_teach_nothing_until_they_are_opened_again() {
    let stage = Stage::open().await;
    let case = corrected(&stage).await;
    remember(&stage, &case, "leafkit").await.unwrap();
    acknowledged(&stage).await;
    let held = async || {
        let known = knowledge::known(&stage.house).await.unwrap();
        (known.names[0].1.clone(), known.lessons[0].1)
    };
    assert_eq!(held().await, (None, None));
    let wish = Wish {
        id: MessageId::new(stage.now(), [7; 10]),
        reason: Closing::NotSecurity,
        words: String::new(),
        duplicate_of: None,
        with_handlings: true,
    };
    closing::close(&stage.house, &case.id, &wish, &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    assert_eq!(held().await.1, Some(Groundless::ClosedAs(Closing::NotSecurity)));
    stage.mail_arrives(about_leafkit("kay@finder.example")).await;
    assert_eq!(newest(&stage).await.state, CaseState::New, "its name does not count either");

    assert!(closing::reopen(&stage.house, &case.id, &stage.chair()).await.unwrap());
    stage.everything_due_happens().await;
    assert_eq!(held().await, (None, None));
    let forward = stage.mail_to(TEAM).remove(0);
    let path = format!("/a/{}/not-ours", token_in(&forward, "/a/"));
    assert!(ask(&pages(&stage), Method::POST, &path, &[], "").await.status.is_redirection());
    stage.everything_due_happens().await;
    assert_eq!(held().await.1, Some(Groundless::HandedBack));
    stage.mail_arrives(about_leafkit("lou@elsewhere.example")).await;
    assert_eq!(newest(&stage).await.judgement.candidates, []);
}

#[tokio::test]
async fn what_another_node_learned_is_taken_up_and_survives_a_new_file_and_a_restart() {
    let mut stage = Stage::open().await;
    let case = corrected(&stage).await;
    let origin = Origin {
        id: KnowledgeId::new(stage.now(), [1; 10]),
        project: id("parsley"),
        case: case.id.clone(),
        number: case.number.clone(),
        learned_at: stage.now(),
        member: Some(stage.chair().email),
        undone_at: None,
        undone_by: None,
        part: None,
        closed_as: None,
    };
    let mut tx = stage.house.store.begin().await.unwrap();
    tx.remember_name(&NameRow { origin, word: "leafkit".to_owned(), key: "leafkit".to_owned() }).await.unwrap();
    tx.raise_knowledge_version().await.unwrap();
    tx.commit().await.unwrap();
    stage.everything_due_happens().await;

    let suggested = async |stage: &Stage| knowledge::suggestions(&stage.house, &case).await.unwrap().candidates;
    assert_eq!(
        suggested(&stage).await[0].strength,
        Strength::Strong,
        "also on the page of a case that was there before"
    );
    let file = policy::parse("foundation.toml", include_str!("foundation.toml")).unwrap();
    contacts::lay_over(&stage.house, file).await.unwrap();
    assert_eq!(suggested(&stage).await[0].strength, Strength::Strong, "a new file does not forget it");
    stage.restart().await;
    stage.everything_due_happens().await;
    assert_eq!(suggested(&stage).await[0].strength, Strength::Strong);

    let mut file = policy::parse("foundation.toml", include_str!("foundation.toml")).unwrap();
    file.projects[3].aliases.push("leafkit".to_owned());
    contacts::lay_over(&stage.house, file).await.unwrap();
    assert_eq!(suggested(&stage).await[0].project, id("savory"), "the file's word goes before");
}
