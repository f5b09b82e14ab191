//! The pages of a foundation in the middle of its work, asked without a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::ban::BanTarget;
use fingerpost::domain::bulk::BulkAct;
use fingerpost::domain::contact_change::{AskedThrough, ChangeKind};
use fingerpost::domain::directory::{AutoForward, Contact, DeliveryMode, ProjectId};
use fingerpost::domain::id::{BulkId, CaseId};
use fingerpost::domain::letter::LetterKind;
use fingerpost::domain::party::Shares;
use fingerpost::domain::proposal::{Draft, DraftContact};
use fingerpost::flows::bulk::{self, Ticked};
use fingerpost::flows::contacts::{self, Asked};
use fingerpost::flows::proposals::{self, Proposed};
use fingerpost::flows::{Policy, abuse, calendars, proofs, sign_in, status};
use fingerpost::web::{self, WebState};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use tower::ServiceExt;

use crate::routes::{Gate, ROUTES};
use crate::spammers::offer;
use crate::stage::{Mail, Stage, mail, reply_address, token_in};

pub const HOST: &str = "security.foundation.example";

/// Where it stands, something of a report is on the page.
const KNELL: &str = "knell";
/// In subjects, texts and names of files.
const HOSTILE: &str = "knell <script>alert(1)</script> \"><img src=x onerror=alert(1)> \u{202e}txt.exe";
/// A name of its own words: what a text shares with its sender's name is withheld from a project.
const HOSTILE_NAME: &str = "toll \"><svg onload=fetch(2)>";

/// A foundation in the middle of its work, whose reporters all write hostile texts, and its pages.
pub struct Site {
    pub stage: Stage,
    pub pages: Router,
    /// In the place of the braces: what each route's parameters stand for here.
    pub login: String,
    pub status: String,
    pub action: String,
    pub board: String,
    pub calendar: String,
    pub number: String,
    /// A case that looks like it.
    pub other: String,
    pub handling: String,
    /// A forward that has left.
    pub letter: String,
    pub arrival: String,
    pub held: String,
    /// Behind it somebody confirms that they are a contact.
    pub contact_link: String,
    /// Behind it somebody says whether an address is the reporter's.
    pub proof: String,
    pub change: String,
    /// A project that somebody proposed, whose contact has confirmed.
    pub proposal: String,
    pub contact: String,
    pub quarantined: String,
    pub appeal: String,
    /// What a member did with many rows at once, and undid.
    pub bulk: String,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether it sends a browser to the sign-in page, with the way back from there.
    pub fn leads_to_the_sign_in(&self) -> bool {
        self.status == StatusCode::SEE_OTHER && self.header("location").starts_with("/login?back=%2F")
    }

    /// Whether it holds something of a case: its number, or the mark of its texts.
    pub fn tells_of_a_case(&self) -> bool {
        let text = self.text();
        text.contains("SEC-2026") || text.contains(KNELL)
    }
}

/// A report with a file, all of it hostile.
pub fn hostile_report(from: &str, about: &str) -> Mail {
    let file = "%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%3Cscript%3Eknell.html";
    let long = format!("{HOSTILE}\r\n").repeat(1_300);
    let text = format!(
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nA crafted table makes {about} read past its buffer.\r\n\
         {HOSTILE}\r\n{long}\r\n--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; \
         filename*=utf-8''{file}\r\n\r\n<script>alert(document.cookie)</script>\r\n--b--\r\n"
    );
    let mut mail = mail(&format!("\"{}\" <{from}>", HOSTILE_NAME.replace('"', "\\\"")), "", &text);
    mail.sender = Some(from.to_owned());
    mail.subject = format!("Buffer over-read in {about} 2.1 {HOSTILE}");
    mail.message_id = format!("{about}.{from}");
    mail.header("MIME-Version: 1.0").header("Content-Type: multipart/mixed; boundary=b")
}

/// The same as [`site`], where a person's words wait a minute from now on.
pub async fn site_with_hold() -> Site {
    let site = site().await;
    let policy = site.stage.house.policy();
    let mut directory = policy.directory.clone();
    directory.routing.hold = SignedDuration::from_secs(60);
    site.stage.house.policy.store(Arc::new(Policy::of(directory)));
    site
}

pub async fn site() -> Site {
    let mut stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Strong;
        directory.routing.hold = SignedDuration::ZERO;
    })
    .await;
    // Set aside: the program dies twice over it.
    stage.keep(&hostile_report("eve@reporter.example", "Savory")).await;
    for _ in 0..2 {
        stage.house.store.claim_arrivals(10).await.unwrap();
        stage.restart().await;
    }
    stage.mail_arrives(hostile_report("jane@reporter.example", "Parsley")).await;
    stage.mail_arrives(hostile_report("kay@reporter.example", "nothing that we know")).await;
    let forward = stage.only_mail_to("security@parsley.example");
    let answer = hostile_report("security@parsley.example", "Parsley");
    stage.mail_arrives(answer.clone().to(&reply_address(&forward)).unproven()).await;
    let mut automatic = answer.to(&reply_address(&forward)).header("Auto-Submitted: auto-replied");
    automatic.message_id = "away@parsley.example".to_owned();
    stage.mail_arrives(automatic).await;

    let reporter = stage.only_mail_to("jane@reporter.example");
    // With consent, the contact may have the mail as it came.
    let status = Token::read(Purpose::StatusLink, &token_in(&reporter, "/s/")).unwrap();
    status::share(&stage.house, &status, Shares::NameAndAddress).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    // A week of silence, so that the case of these pages is before the board.
    stage.passes(SignedDuration::from_hours(7 * 24)).await;
    mailbox_is_proven(&stage).await;
    somebody_asks_to_be_a_contact(&stage).await;
    let proposal = somebody_proposes_a_project(&stage).await;

    let appeal = hostile_sender_is_banned(&stage).await;
    let cases = stage.house.store.all_cases(10).await.unwrap();
    let titled = |title| cases.iter().map(|line| &line.case).find(|case| case.title.contains(title)).unwrap().clone();
    let (case, other) = (titled("Parsley"), titled("nothing that we know"));
    let store = &stage.house.store;
    Site {
        login: sign_in_link(&stage, "ada@foundation.example").await,
        status: status.letters().to_owned(),
        board: board_link(&stage, case.number.as_str()),
        calendar: {
            calendars::make(&stage.house, &stage.chair()).await.unwrap();
            let own = calendars::own(&stage.house, &stage.chair()).await.unwrap().unwrap();
            own.link.rsplit('/').nth(1).unwrap().to_owned()
        },
        action: token_in(&forward, "/a/"),
        number: case.number.to_string(),
        other: other.number.to_string(),
        handling: store.handlings_of(&case.id).await.unwrap()[0].id.to_string(),
        letter: {
            let letters = store.letters_of(&case.id).await.unwrap();
            letters.into_iter().find(|letter| letter.kind == LetterKind::Forward).unwrap().id.to_string()
        },
        arrival: store.reports_of(&case.id).await.unwrap()[0].arrival.to_string(),
        quarantined: store.unseen_quarantine(10).await.unwrap().1.last().unwrap().arrival.to_string(),
        appeal,
        bulk: something_was_seen_in_bulk(&stage).await,
        held: store.held(10).await.unwrap()[0].0.id.to_string(),
        proof: address_proof(&stage, &case.id).await,
        contact_link: token_in(&stage.only_mail_to("sam@savory.example"), "/c/"),
        proposal,
        change: store.waiting_changes().await.unwrap()[0].id.to_string(),
        contact: store.contacts().await.unwrap()[0].id.to_string(),
        pages: pages(&stage),
        stage,
    }
}

/// Mail came in, so that security.txt may be believed.
async fn mailbox_is_proven(stage: &Stage) {
    let mut tx = stage.house.store.begin().await.unwrap();
    proofs::mailbox_is_proven(&mut tx, stage.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// With hostile words, as if no form had checked them.
async fn somebody_asks_to_be_a_contact(stage: &Stage) {
    let wanted = Contact {
        name: Some(HOSTILE.to_owned()),
        email: Mailbox::parse("sam@savory.example").unwrap(),
        delivery: DeliveryMode::Full,
        is_list: false,
        is_deputy: false,
        away: Vec::new(),
        hours: None,
        zone: None,
        key: None,
    };
    let asked = Asked {
        project: ProjectId::parse("savory").unwrap(),
        kind: ChangeKind::Add,
        old: None,
        wanted: Some(wanted),
        asked_by: HOSTILE.to_owned(),
        note: Some(HOSTILE.to_owned()),
    };
    contacts::ask(&stage.house, asked, AskedThrough::Form).await.unwrap().unwrap();
    stage.everything_due_happens().await;
}

/// With hostile words wherever the form lets them in; its first mailbox confirms.
async fn somebody_proposes_a_project(stage: &Stage) -> String {
    let contact = DraftContact { email: "quinn@quern.example".to_owned(), ..DraftContact::default() };
    let draft = Draft {
        id: "quern".to_owned(),
        name: "Quern".to_owned(),
        summary: HOSTILE.replace('\u{202e}', ""),
        contacts: vec![contact],
        ..Draft::default()
    };
    let proposed = Proposed { draft, asked_by: HOSTILE.to_owned(), note: Some(HOSTILE.to_owned()) };
    proposals::propose(&stage.house, proposed).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    let link = token_in(&stage.only_mail_to("quinn@quern.example"), "/c/");
    let link = Token::read(Purpose::ContactLink, &link).unwrap();
    contacts::confirm(&stage.house, &link).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    stage.house.store.proposals_waiting(1).await.unwrap()[0].id.to_string()
}

/// As if the reporter of this case had left her address later.
async fn address_proof(stage: &Stage, case: &CaseId) -> String {
    let letters = stage.house.store.letters_of(case).await.unwrap();
    let receipt = letters.into_iter().find(|letter| letter.kind == LetterKind::Receipt).unwrap().id;
    let token = stage.house.key.token(Purpose::AddressProof, receipt.as_str(), 0);
    let mut tx = stage.house.store.begin().await.unwrap();
    let end = stage.now() + SignedDuration::from_hours(24);
    tx.issue(&token, receipt.as_str(), 0, Some(end)).await.unwrap();
    tx.commit().await.unwrap();
    token.letters().to_owned()
}

/// The link in the letter by which the board heard of this case.
fn board_link(stage: &Stage, number: &str) -> String {
    let letters = stage.mail_to("board@foundation.example");
    token_in(letters.iter().find(|letter| letter.subject().contains(number)).unwrap(), "/b/")
}

/// Somebody is warned and banned, objects, and goes on writing; what is left of the link to object by.
async fn hostile_sender_is_banned(stage: &Stage) -> String {
    let (from, chair) = ("mallory@deals.example", stage.chair());
    let sender = Mailbox::parse(from).unwrap();
    stage.mail_arrives(Mail { from: from.to_owned(), ..offer(1) }).await;
    abuse::warn(&stage.house, &sender, &chair).await.unwrap().unwrap();
    stage.passes(SignedDuration::from_mins(1)).await;
    stage.mail_arrives(Mail { from: from.to_owned(), ..offer(2) }).await;
    abuse::propose_ban(&stage.house, &BanTarget::Address(sender), &chair).await.unwrap().unwrap();
    stage.mail_arrives(hostile_report(from, "nothing that we want")).await;
    let letters = token_in(&stage.mail_to(from)[1], "/appeal/");
    let token = Token::read(Purpose::AppealLink, &letters).unwrap();
    assert!(abuse::appeal(&stage.house, &token, HOSTILE).await.unwrap());
    letters
}

/// The mails of the last day in quarantine are marked as seen, and are new again.
async fn something_was_seen_in_bulk(stage: &Stage) -> String {
    let mails = stage.house.store.unseen_quarantine(10).await.unwrap().1;
    let day = mails.last().unwrap().batch.clone();
    let items = mails.iter().map(|mail| mail.arrival.to_string()).collect();
    let id = BulkId::new(stage.now(), stage.house.chance());
    let ticked = Ticked { act: BulkAct::Seen, items, day };
    assert!(bulk::carry_out(&stage.house, &id, &ticked, &stage.chair()).await.unwrap());
    bulk::undo(&stage.house, &id, &stage.chair()).await.unwrap().unwrap();
    id.to_string()
}

/// The pages of the program on this stage.
pub fn pages(stage: &Stage) -> Router {
    let ops = web::ops::router(Arc::clone(&stage.house));
    web::router(WebState { house: Arc::clone(&stage.house), relay_configured: true, demo: None }).merge(ops)
}

pub async fn sign_in_link(stage: &Stage, email: &str) -> String {
    let email = Mailbox::parse(email).unwrap();
    let link = sign_in::admin_link(&stage.house, &email, sign_in::LINK_LIFE).await.unwrap().unwrap();
    link.rsplit('/').next().unwrap().to_owned()
}

/// The cookie of the chair's browser.
pub async fn sign_in_cookie(stage: &Stage) -> String {
    cookie_of(stage, "ada@foundation.example").await
}

/// The cookie of somebody's browser.
pub async fn cookie_of(stage: &Stage, email: &str) -> String {
    let link = sign_in_link(stage, email).await;
    let entered = ask(&pages(stage), Method::POST, &format!("/login/{link}"), &[], "").await;
    entered.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Asks one page, as a browser or a scanner would.
pub async fn ask(pages: &Router, method: Method, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
    let mut request = Request::builder().method(method.clone()).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header(header::HOST, HOST);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if method == Method::POST {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    let answer = pages.clone().oneshot(request.body(Body::from(form.to_owned())).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

impl Site {
    /// The path of a route with what its braces stand for here.
    pub fn path(&self, pattern: &str) -> String {
        let token = if pattern.starts_with("/login") {
            &self.login
        } else if pattern.starts_with("/s/") || pattern.starts_with("/report/") {
            &self.status
        } else if pattern.starts_with("/c/") {
            &self.contact_link
        } else if pattern.starts_with("/address/") {
            &self.proof
        } else if pattern.starts_with("/b/") {
            &self.board
        } else if pattern.starts_with("/calendar/") {
            &self.calendar
        } else if pattern.starts_with("/appeal/") {
            &self.appeal
        } else {
            &self.action
        };
        let id = if pattern.starts_with("/letters") {
            &self.letter
        } else if pattern.starts_with("/handlings") {
            &self.handling
        } else if pattern.starts_with("/held") {
            &self.held
        } else if pattern.starts_with("/projects") {
            "savory"
        } else if pattern.starts_with("/proposals") {
            &self.proposal
        } else if pattern.starts_with("/contacts/changes") {
            &self.change
        } else if pattern.starts_with("/contacts") {
            &self.contact
        } else if pattern.starts_with("/bulk") {
            &self.bulk
        } else if pattern.starts_with("/quarantine") {
            &self.quarantined
        } else {
            &self.arrival
        };
        let file = web::assets::css().rsplit('/').next().unwrap().to_owned();
        let values: [(&str, &str); 12] = [
            ("{month}", "2026-12"),
            ("{answer}", "scanner"),
            ("{token}", token),
            ("{id}", id),
            ("{arrival}", &self.arrival),
            ("{number}", &self.number),
            ("{other}", &self.other),
            ("{part}", "2"),
            ("{project}", "parsley"),
            ("{file}", &file),
            ("{letter}", "0"),
            ("{sample}", "1"),
        ];
        values.iter().fold(pattern.to_owned(), |path, (brace, value)| path.replace(brace, value))
    }

    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        ask(&self.pages, method, path, headers, form).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], "").await
    }

    pub async fn get_as(&self, cookie: &str, path: &str) -> Answer {
        self.ask(Method::GET, path, &[("cookie", cookie)], "").await
    }

    /// Opens the chair's sign-in link, presses its button, and keeps the cookie as a browser does.
    pub async fn sign_in(&self) -> String {
        self.sign_in_by(&self.login).await
    }

    /// The same by another's link.
    pub async fn sign_in_by(&self, link: &str) -> String {
        let entered = self.ask(Method::POST, &format!("/login/{link}"), &[], "").await;
        assert_eq!((entered.status, entered.header("location")), (StatusCode::SEE_OTHER, "/at-risk"));
        let cookie = entered.header("set-cookie");
        assert!(cookie.starts_with("__Host-fingerpost="), "{cookie}");
        for word in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(word), "{word} in {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Every GET of the table behind these gates, with its pattern.
    pub fn gets(&self, gates: &[Gate]) -> Vec<(&'static str, String)> {
        let rows = ROUTES.iter().filter(|row| gates.contains(&row.1));
        rows.filter_map(|row| row.2.map(|query| (row.0, self.path(row.0) + query))).collect()
    }

    /// Every POST of the table behind these gates, with its form.
    pub fn posts(&self, gates: &[Gate]) -> Vec<(String, &'static str)> {
        let rows = ROUTES.iter().filter(|row| gates.contains(&row.1));
        rows.filter_map(|row| row.3.map(|form| (self.path(row.0), form))).collect()
    }

    /// Stays the same as long as nobody else commits anything to the database.
    pub async fn watch(&self) -> Watch {
        let file = self.stage.database_file();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
        let mut watch = Watch(sqlx::ConnectOptions::connect(&options).await.unwrap(), 0);
        watch.1 = watch.version().await;
        watch
    }
}

/// Looks at SQLite's own count of commits by others.
pub struct Watch(sqlx::SqliteConnection, i64);

impl Watch {
    async fn version(&mut self) -> i64 {
        sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut self.0).await.unwrap()
    }

    pub async fn nothing_changed(&mut self) -> bool {
        self.version().await == self.1
    }
}
