//! Signing in by a typed code, what a sign-in is good for and how long, and ending it elsewhere.

use axum::http::{Method, StatusCode};
use fingerpost::domain::access::Viewer;
use fingerpost::flows::sessions;
use jiff::SignedDuration;

use crate::site::{Answer, Site, sign_in_link, site};
use crate::stage::token_in;

/// A browser that keeps its cookies.
#[derive(Default)]
struct Browser {
    cookies: Vec<(String, String)>,
    agent: &'static str,
}

impl Browser {
    async fn ask(&mut self, site: &Site, method: Method, path: &str, form: &str) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = [("cookie", cookies.join("; ")), ("user-agent", self.agent.to_owned())];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = site.ask(method, path, &headers, form).await;
        for line in answer.headers.get_all("set-cookie") {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(kept, _)| kept != name);
            if !attributes.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    async fn post(&mut self, site: &Site, path: &str, form: &str) -> Answer {
        self.ask(site, Method::POST, path, form).await
    }

    async fn get(&mut self, site: &Site, path: &str) -> Answer {
        self.ask(site, Method::GET, path, "").await
    }

    async fn is_signed_in(&mut self, site: &Site) -> bool {
        self.get(site, "/me").await.status == StatusCode::OK
    }
}

/// Asks for a letter in this browser, and gives its code.
async fn asked(site: &Site, browser: &mut Browser, form: &str) -> String {
    let answer = browser.post(site, "/login", form).await;
    assert!(answer.text().contains("If that address may sign in, a mail is on its way."), "{}", answer.text());
    site.stage.everything_due_happens().await;
    latest_code(site)
}

fn latest_code(site: &Site) -> String {
    let letter = site.stage.mail_to("ada@foundation.example").pop().unwrap();
    assert_eq!(letter.subject(), "Your sign-in link");
    let text = letter.text();
    let code = text.lines().skip_while(|line| *line != "or type, where you asked:").nth(1).unwrap();
    assert_eq!((code.len(), code.find('-')), (9, Some(4)), "{code}");
    code.to_owned()
}

const ADA: &str = "email=ada@foundation.example";

#[tokio::test]
async fn a_code_signs_in_the_browser_that_asked_and_uses_up_the_link() {
    let site = site().await;
    let (mut hers, mut another) = (Browser::default(), Browser::default());
    let code = asked(&site, &mut hers, &format!("{ADA}&back=/cases%3Fstate=new")).await;
    let form = format!("code={}", code.to_ascii_lowercase());
    let elsewhere = another.post(&site, "/login/code", &form).await;
    assert!(elsewhere.text().contains("That code does not work."), "{}", elsewhere.text());

    let entered = hers.post(&site, "/login/code", &form).await;
    assert_eq!((entered.status, entered.header("location")), (StatusCode::SEE_OTHER, "/cases?state=new"));
    assert!(hers.is_signed_in(&site).await && !another.is_signed_in(&site).await);
    assert!(!hers.cookies.iter().any(|(name, _)| name.ends_with("-asked")), "it has asked for nothing more");

    let letter = site.stage.mail_to("ada@foundation.example").pop().unwrap();
    let link = format!("/login/{}", token_in(&letter, "/login/"));
    assert_eq!(another.post(&site, &link, "").await.status, StatusCode::NOT_FOUND, "one letter, one sign-in");
    assert!(!hers.post(&site, "/login/code", &form).await.status.is_redirection());
}

#[tokio::test]
async fn after_five_wrong_codes_the_right_one_no_longer_works_and_its_link_still_does() {
    let site = site().await;
    let mut browser = Browser::default();
    let code = asked(&site, &mut browser, ADA).await;
    for _ in 0..5 {
        let wrong = browser.post(&site, "/login/code", "code=AAAA-AAAA").await;
        assert!(wrong.text().contains("<title>Error: ") && wrong.text().contains("ask for another mail"));
    }
    assert_eq!(browser.post(&site, "/login/code", &format!("code={code}")).await.status, StatusCode::OK);
    assert!(!browser.is_signed_in(&site).await);
    let letter = site.stage.mail_to("ada@foundation.example").pop().unwrap();
    browser.post(&site, &format!("/login/{}", token_in(&letter, "/login/")), "").await;
    assert!(browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn a_code_dies_after_a_quarter_of_an_hour_and_another_letter_has_another() {
    let site = site().await;
    let mut browser = Browser::default();
    let old = asked(&site, &mut browser, ADA).await;
    let new = asked(&site, &mut browser, ADA).await;
    assert_ne!(old, new);
    browser.post(&site, "/login/code", &format!("code={old}")).await;
    assert!(!browser.is_signed_in(&site).await, "the browser asked again since");
    site.stage.passes(SignedDuration::from_mins(15)).await;
    browser.post(&site, "/login/code", &format!("code={new}")).await;
    assert!(!browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn nobody_learns_from_the_pages_who_may_sign_in() {
    let site = site().await;
    let mut pages = Vec::new();
    for email in ["ada@foundation.example", "mallory@elsewhere.example"] {
        let mut browser = Browser::default();
        let mut shown = browser.post(&site, "/login", &format!("email={email}")).await.text();
        for _ in 0..7 {
            shown += &browser.post(&site, "/login/code", "code=AAAA-AAAA").await.text();
        }
        let names: Vec<String> =
            browser.cookies.iter().map(|(name, value)| format!("{name} {}", value.len())).collect();
        pages.push((shown, names));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0].1, ["__Host-fingerpost-asked 43"]);
}

#[tokio::test]
async fn a_planted_cookie_is_no_session_and_signing_in_makes_another() {
    let site = site().await;
    let mut browser = Browser::default();
    browser.cookies.push(("__Host-fingerpost".to_owned(), "planted".to_owned()));
    let code = asked(&site, &mut browser, ADA).await;
    browser.post(&site, "/login/code", &format!("code={code}")).await;
    let session = browser.cookies.iter().find(|(name, _)| name == "__Host-fingerpost").unwrap();
    assert_ne!(session.1, "planted");
    assert_eq!(sessions::viewer(&site.stage.house, "planted").await.unwrap(), Viewer::Anonymous);
}

#[tokio::test]
async fn a_page_that_was_asked_for_is_shown_after_the_sign_in_and_never_one_of_another_site() {
    let site = site().await;
    let mut browser = Browser::default();
    let sent = browser.get(&site, &format!("/cases/{}?x=1", site.number)).await;
    let way_in = sent.header("location").to_owned();
    assert_eq!(way_in, format!("/login?back=%2Fcases%2F{}%3Fx%3D1", site.number));
    let form = browser.get(&site, &way_in).await.text();
    assert!(form.contains(&format!("name=\"back\" value=\"/cases/{}?x=1\"", site.number)), "{form}");
    for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let shown = browser.get(&site, &format!("/login?back={elsewhere}")).await.text();
        assert!(!shown.contains("evil"), "{shown}");
    }
    let code = asked(&site, &mut browser, &format!("{ADA}&back=//evil.example")).await;
    let entered = browser.post(&site, "/login/code", &format!("code={code}")).await;
    assert_eq!(entered.header("location"), "/at-risk");
}

#[tokio::test]
async fn a_member_sees_where_they_are_signed_in_and_ends_it_there() {
    let site = site().await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1 <script>";
    let mut browsers =
        [Browser { agent: firefox, ..Browser::default() }, Browser { agent: phone, ..Browser::default() }];
    for browser in &mut browsers {
        let link = sign_in_link(&site.stage, "ada@foundation.example").await;
        browser.post(&site, &format!("/login/{link}"), "").await;
    }
    let [desk, telephone] = &mut browsers;
    let page = desk.get(&site, "/me").await.text();
    assert!(page.contains("Where you are signed in (2)") && page.contains("Firefox on Linux"), "{page}");
    assert!(page.contains("Safari on an iPhone") && !page.contains("script>\""), "{page}");
    let end = page.split("action=\"").find(|part| part.starts_with("/me/sessions/0")).unwrap();
    let end = end.split('"').next().unwrap().to_owned();

    let tania = site.sign_in_by(&sign_in_link(&site.stage, "tania@foundation.example").await).await;
    site.ask(Method::POST, &end, &[("cookie", &tania)], "").await;
    assert!(telephone.is_signed_in(&site).await, "another's sign-in is not hers to end");
    assert_eq!(desk.post(&site, &end, "").await.status, StatusCode::SEE_OTHER);
    assert!(!telephone.is_signed_in(&site).await && desk.is_signed_in(&site).await);

    let link = sign_in_link(&site.stage, "ada@foundation.example").await;
    telephone.post(&site, &format!("/login/{link}"), "").await;
    telephone.post(&site, "/me/sessions/end-others", "").await;
    assert!(telephone.is_signed_in(&site).await && !desk.is_signed_in(&site).await);
    assert_eq!(site.get_as(&tania, "/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_members_pages_keep_their_time_zone_and_their_keys() {
    let site = site().await;
    let cookie = site.sign_in().await;
    assert!(site.get_as(&cookie, "/at-risk").await.text().contains("<body data-keys>"));
    let save = async |form: &str| site.ask(Method::POST, "/me/choices", &[("cookie", &cookie)], form).await;
    assert_eq!(save("zone=Europe/Berlin&keys=off").await.status, StatusCode::SEE_OTHER);
    let page = site.get_as(&cookie, "/at-risk").await.text();
    assert!(page.contains(" CET</time>") && !page.contains(" UTC</time>") && page.contains("<body>"), "{page}");
    let wrong = save("zone=Berlin/Europe&keys=on").await.text();
    assert!(wrong.contains("value=\"Berlin/Europe\"") && wrong.contains("Error: Enter a time zone"), "{wrong}");
    assert!(site.get_as(&cookie, "/me").await.text().contains("value=\"Europe/Berlin\""), "nothing wrong is kept");
    save("zone=&keys=on").await;
    assert!(site.get_as(&cookie, "/at-risk").await.text().contains(" UTC</time>"));
}

#[tokio::test]
async fn the_pages_that_the_board_reads_as_well_keep_a_members_zone_and_the_quarter_is_printed_in_utc() {
    let mut site = site().await;
    let cookie = site.sign_in().await;
    site.ask(Method::POST, "/me/choices", &[("cookie", &cookie)], "zone=Europe/Berlin&keys=on").await;
    site.get_as(&cookie, "/cases/SEC-2026-0001").await;
    site.stage.passes(SignedDuration::from_hours(8 * 24)).await;
    site.login = sign_in_link(&site.stage, "ada@foundation.example").await;
    let cookie = site.sign_in().await;
    for page in ["/viewings", "/board"] {
        let shown = site.get_as(&cookie, page).await.text();
        assert!(shown.contains(" CET</time>") && !shown.contains(" UTC</time>"), "{page}: {shown}");
    }
    let approved = site.ask(Method::POST, "/quarters/2026-09/approve", &[("cookie", &cookie)], "version=0").await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER);
    let shown = site.get_as(&cookie, "/quarters/2026-09").await.text();
    let today = site.stage.now().strftime("%a %F ");
    assert!(shown.contains(&format!("<span class=\"on-paper\">{today}")), "{shown}");
    assert!(shown.contains(&format!(" UTC</span><span class=\"on-screen\">{today}")), "{shown}");
    assert!(
        shown.contains(" CET</span></time>") && shown.contains("on paper and in the CSV all days and times are UTC")
    );
    let board = {
        site.login = sign_in_link(&site.stage, "board@foundation.example").await;
        site.sign_in().await
    };
    let shown = site.get_as(&board, "/quarters/2026-09").await.text();
    assert!(shown.contains(" UTC</time>") && !shown.contains("on-screen"), "{shown}");
}

/// What asks for a sign-in of the last minutes: the directory's changes, and what is taken along.
const FRESH: [&str; 7] = [
    "/at-risk.csv",
    "/cases.csv",
    "/quarters/{month}/figures.csv",
    "/arrivals/{id}/original",
    "/arrivals/{id}/attachments/{part}",
    "/contacts/changes/{id}",
    "/contacts/trust",
];

#[tokio::test]
async fn changes_of_the_directory_and_exports_ask_for_a_sign_in_of_the_last_ten_minutes() {
    let site = site().await;
    let cookie = site.sign_in().await;
    site.stage.passes(SignedDuration::from_mins(10)).await;
    // That a session is in use is written down now and then, whatever it asks for.
    site.get_as(&cookie, "/me").await;
    let mut watch = site.watch().await;
    for pattern in FRESH {
        let row = crate::routes::ROUTES.iter().find(|row| row.0 == pattern).unwrap();
        let (method, form) = if row.2.is_some() { (Method::GET, "") } else { (Method::POST, row.3.unwrap()) };
        let answer =
            site.ask(method, &(site.path(pattern) + row.2.unwrap_or_default()), &[("cookie", &cookie)], form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{pattern}");
        assert!(
            answer.header("location").starts_with("/me/again?back=%2F"),
            "{pattern}: {}",
            answer.header("location")
        );
    }
    assert!(watch.nothing_changed().await);

    let mut browser = Browser::default();
    browser.cookies.push(cookie.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap());
    let again = browser.get(&site, "/cases.csv?state=new").await.header("location").to_owned();
    assert!(browser.get(&site, &again).await.text().contains("Send a link and a code to ada@foundation.example"));
    browser.post(&site, "/me/again", "back=/cases.csv%3Fstate=new").await;
    site.stage.everything_due_happens().await;
    let entered = browser.post(&site, "/login/code", &format!("code={}", latest_code(&site))).await;
    assert_eq!(entered.header("location"), "/cases.csv?state=new");
    assert_eq!(browser.get(&site, "/cases.csv?state=new").await.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(site.get_as(&cookie, "/me").await.status, StatusCode::SEE_OTHER, "the earlier session ended with it");
}
