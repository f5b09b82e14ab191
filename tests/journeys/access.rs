//! Every address of the program, asked with all that names one case by people who have nothing to do with it: none of it
//! is told, and none of it changes.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use fingerpost::domain::address::Mailbox;
use fingerpost::domain::directory::ProjectId;
use fingerpost::domain::id::CaseId;
use fingerpost::flows::{conflicts, members};
use jiff::SignedDuration;

use crate::routes::Gate::{Demo, Desk, Ops};
use crate::routes::ROUTES;
use crate::site::{Answer, Site, sign_in_link, site};
use crate::stage::token_in;

/// What an address opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opens {
    /// The case that it names, to members.
    Case,
    /// Many cases, to members.
    List,
    /// Nothing of a case, to members.
    House,
    /// Numbers and case numbers, to the board and members.
    Board,
    /// What concerns the one party whose link it is.
    Party,
    /// Nothing of a case, to everybody.
    Public,
}
use Opens::{Board, Case, House, List, Party, Public};

/// Every route, and what it opens. A new one must be entered here, and by that is asked by all of those below.
const ACCESS: &[(Opens, &[&str])] = &[
    (
        Public,
        &[
            "/",
            "/projects",
            "/projects/{id}",
            "/projects.json",
            "/projects.csv",
            "/openapi.json",
            "/propose",
            "/projects/{id}/contacts",
            "/find",
            "/how",
            "/privacy",
            "/accessibility",
            "/.well-known/security.txt",
            "/security.txt",
            "/report",
            "/report/hint",
            "/report/hint/live",
            "/report/files",
            "/lost-link",
            "/login",
            "/login/code",
            "/login/{token}",
            "/logout",
            "/c/{token}",
            "/appeal/{token}",
            "/assets/{file}",
            "/demo/be/{role}",
            "/demo/clock",
            "/demo/reset",
            "/demo/mail",
            "/demo/mail/{letter}",
            "/healthz",
            "/readyz",
        ],
    ),
    (
        Party,
        &[
            "/report/received/{token}",
            "/report/received/{token}/receipt.txt",
            "/report/received/{token}/reminder.ics",
            "/s/{token}",
            "/s/{token}/add",
            "/s/{token}/share",
            "/s/{token}/withdraw",
            "/s/{token}/answered",
            "/s/{token}/link",
            "/s/{token}/address",
            "/s/{token}/next.ics",
            "/address/{token}",
            "/a/{token}",
            "/a/{token}/preview",
            "/a/{token}/answer",
            "/a/{token}/answered",
            "/a/{token}/away",
            "/a/{token}/others",
            "/a/{token}/attachments/{arrival}/{part}",
            "/a/{token}/originals/{arrival}",
            "/a/{token}/not-ours",
            "/b/{token}",
            "/calendar/{token}/deadlines.ics",
        ],
    ),
    (
        Case,
        &[
            "/cases/{number}",
            "/cases/{number}/claim",
            "/cases/{number}/answered",
            "/cases/{number}/forward",
            "/cases/{number}/several",
            "/cases/{number}/withhold",
            "/handlings/{id}/pause",
            "/handlings/{id}/resume",
            "/handlings/{id}/take-over",
            "/cases/{number}/clocks/{id}/snooze",
            "/cases/{number}/clocks/{id}/wake",
            "/cases/{number}/clocks/{id}/wait",
            "/cases/{number}/clocks/{id}/skip",
            "/cases/{number}/remind/{project}",
            "/cases/{number}/escalate/{project}",
            "/cases/{number}/exploited",
            "/cases/{number}/to-reporter",
            "/cases/{number}/to-project/{project}",
            "/cases/{number}/note",
            "/cases/{number}/close",
            "/cases/{number}/reopen",
            "/cases/{number}/conflict",
            "/cases/{number}/near/{other}",
            "/cases/{number}/kind",
            "/cases/{number}/answers/{answer}",
            "/cases/{number}/by-hand/{project}",
            "/cases/{number}/by-hand/{project}/handed-over",
            "/cases/{number}/by-hand/{project}/acknowledged",
            "/cases/{number}/forward-again/{project}",
            "/cases/{number}/attempts/{project}",
            "/cases/{number}/attempts/{project}/attempts.txt",
            "/cases/{number}/remember",
            "/letters/{id}/stop",
            "/held/{id}",
            "/arrivals/{id}/original",
            "/arrivals/{id}/attachments/{part}",
        ],
    ),
    (
        List,
        &[
            "/at-risk",
            "/at-risk.csv",
            "/at-risk/copy",
            "/triage",
            "/triage/bulk",
            "/quarantine/bulk",
            "/bulk",
            "/bulk/{id}",
            "/bulk/{id}/undo",
            "/cases",
            "/cases.csv",
            "/held",
            "/outbox",
            "/automatic",
            "/set-aside",
            "/knowledge",
            "/knowledge/{id}/undo",
            "/quarantine",
            "/quarantine/{id}",
            "/quarantine/{id}/release",
            "/quarantine/seen",
        ],
    ),
    (
        House,
        &[
            "/admin",
            "/admin/letters",
            "/admin/letters/{sample}",
            "/admin/settings",
            "/contacts",
            "/contacts/changes/{id}",
            "/contacts/{id}/ask",
            "/contacts/{id}/away",
            "/contacts/{id}/back",
            "/contacts/trust",
            "/proposals",
            "/proposals/{id}",
            "/senders",
            "/senders/warn",
            "/senders/ban",
            "/senders/lift",
            "/quarters/{month}/texts",
            "/quarters/{month}/approve",
            "/calendar",
            "/me",
            "/me/choices",
            "/me/sessions/{id}/end",
            "/me/sessions/end-others",
            "/me/again",
        ],
    ),
    (Board, &["/board", "/viewings", "/quarters", "/quarters/{month}", "/quarters/{month}/figures.csv"]),
];

fn opens() -> BTreeMap<&'static str, Opens> {
    ACCESS.iter().flat_map(|(opens, routes)| routes.iter().map(|route| (*route, *opens))).collect()
}

#[test]
fn what_each_route_opens_is_in_the_table() {
    let named: Vec<&str> = opens().into_keys().collect();
    let mut routes: Vec<&str> = ROUTES.iter().map(|row| row.0).collect();
    routes.sort_unstable();
    assert_eq!(named, routes, "say in ACCESS what the new route opens");
}

/// One who has nothing to do with the case: a cookie, and links of their own.
struct Outsider {
    name: &'static str,
    cookie: String,
    links: Vec<String>,
    /// The board knows numbers of cases.
    knows_numbers: bool,
}

/// A case and all who are not to know of it.
struct Scene {
    site: Site,
    case: CaseId,
    /// Words, addresses and the number of the case.
    marks: Vec<String>,
    outsiders: Vec<Outsider>,
}

impl Scene {
    async fn set() -> Self {
        let site = site().await;
        let store = &site.stage.house.store;
        let case = store.case_by_number(&site.number).await.unwrap().unwrap().id;
        let other = store.case_by_number(&site.other).await.unwrap().unwrap().id;
        // The other case goes to another project, which stays silent until the board hears of it.
        let (chair, rosemary) = (site.stage.chair(), ProjectId::parse("rosemary").unwrap());
        members::forward(&site.stage.house, &other, &rosemary, &chair).await.unwrap().unwrap();
        site.stage.passes(SignedDuration::from_hours(4 * 24)).await;
        let tania = Mailbox::parse("tania@foundation.example").unwrap();
        conflicts::declare(&site.stage.house, &case, &tania, "Their project.", &chair).await.unwrap().unwrap();

        let link = |to: &str, room: &str, named: &str| {
            let letters = site.stage.mail_to(to);
            let with =
                letters.iter().rev().find(|letter| letter.subject().contains(named) && letter.text().contains(room));
            token_in(with.unwrap_or_else(|| panic!("no letter to {to} about {named} has {room}")), room)
        };
        let board = sign_in_link(&site.stage, "board@foundation.example").await;
        let hidden = sign_in_link(&site.stage, "tania@foundation.example").await;
        let of_the_case = [site.number.clone(), site.handling.clone(), "a".repeat(39)];
        let outsiders = vec![
            outsider("nobody", String::new(), of_the_case.to_vec()),
            outsider("a party of another case", String::new(), vec![link("kay@reporter.example", "/s/", &site.other)]),
            outsider(
                "a contact of another project",
                String::new(),
                vec![link("rosa@rosemary.example", "/a/", &site.other)],
            ),
            Outsider {
                knows_numbers: true,
                ..outsider(
                    "the board",
                    site.sign_in_by(&board).await,
                    vec![link("board@foundation.example", "/b/", &site.other)],
                )
            },
            outsider("a member from whom it is kept", site.sign_in_by(&hidden).await, vec!["a".repeat(39)]),
        ];
        let marks = ["jane@reporter.example", "makes Parsley read", "over-read in Parsley", &site.number];
        let marks = marks.map(str::to_owned).to_vec();
        Self { site, case, marks, outsiders }
    }

    /// The addresses of a route with all that names the case, and with each link of this outsider where one belongs.
    fn paths(&self, pattern: &str, outsider: &Outsider) -> Vec<String> {
        let with = |token: &String| self.site.path(&pattern.replace("{token}", token));
        match pattern.contains("{token}") {
            true => outsider.links.iter().map(with).collect(),
            false => vec![self.site.path(pattern)],
        }
    }

    async fn ask(&self, outsider: &Outsider, method: Method, path: &str, form: &str) -> Answer {
        let answer = self.site.ask(method.clone(), path, &[("cookie", &outsider.cookie)], form).await;
        let text = answer.text() + answer.header("location").trim_start_matches("/login?back=");
        for mark in &self.marks {
            let is_theirs = *mark == self.site.number && (outsider.knows_numbers || path.contains(mark.as_str()));
            assert!(is_theirs || !text.contains(mark), "{} hears of {mark} by {method} {path}:\n{text}", outsider.name);
        }
        answer
    }

    async fn record(&self) -> usize {
        self.site.stage.house.store.events_of(&self.case).await.unwrap().len()
    }
}

fn outsider(name: &'static str, cookie: String, links: Vec<String>) -> Outsider {
    Outsider { name, cookie, links, knows_numbers: false }
}

/// How an address of the desk refuses them, if it has to.
fn refuses(opens: Opens, outsider: &Outsider, answer: &Answer) -> bool {
    let status = answer.status;
    let is_sent_away = || status == StatusCode::SEE_OTHER || status == StatusCode::UNAUTHORIZED;
    match (outsider.name, opens) {
        (_, Public | Party) => true,
        ("a member from whom it is kept", Case) => status == StatusCode::NOT_FOUND,
        ("a member from whom it is kept", _) => true,
        ("the board", Board) => true,
        ("the board", House) => status.is_success() || is_sent_away(),
        (_, _) => is_sent_away(),
    }
}

#[tokio::test]
async fn nothing_of_a_case_is_told_to_or_changed_by_who_has_nothing_to_do_with_it() {
    let scene = Scene::set().await;
    let opens = opens();
    let before = scene.record().await;
    for outsider in &scene.outsiders {
        for (pattern, gate, get, post) in ROUTES.iter().filter(|row| !matches!(row.1, Demo | Ops)) {
            for path in scene.paths(pattern, outsider) {
                // Signing out is theirs to do, and ends the story for them.
                let posts =
                    post.filter(|_| !["/logout", "/login/{token}", "/me/sessions/end-others"].contains(pattern));
                let asked = [(Method::GET, *get), (Method::POST, posts)];
                for (method, with) in asked.into_iter().filter_map(|(method, with)| Some((method, with?))) {
                    let (query, form) = if method == Method::GET { (with, "") } else { ("", with) };
                    let form = form
                        .replace("jane@reporter.example", "nobody@elsewhere.example")
                        .replace("handling=none", &format!("handling={}", scene.site.handling));
                    let answer = scene.ask(outsider, method.clone(), &format!("{path}{query}"), &form).await;
                    let is_refused = *gate != Desk || refuses(opens[pattern], outsider, &answer);
                    assert!(is_refused, "{}: {method} {pattern} answers {}", outsider.name, answer.status);
                }
            }
        }
    }
    assert_eq!(scene.record().await, before, "nobody of them changed anything of the case");
}

#[tokio::test]
async fn whoever_reads_one_case_hears_nothing_there_of_another_that_is_kept_from_them() {
    let scene = Scene::set().await;
    let hidden = scene.outsiders.last().unwrap();
    let other = format!("/cases/{}", scene.site.other);
    for path in ["", "/close", "/to-reporter", "/conflict", "/forward?project=rosemary", "/note"] {
        let answer = scene.ask(hidden, Method::GET, &format!("{other}{path}"), "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: the other case is theirs to read");
    }
    let near = format!("{other}/near/{}", scene.site.number);
    let compared = scene.site.ask(Method::GET, &near, &[("cookie", &hidden.cookie)], "").await;
    assert_eq!((compared.status, compared.tells_of_a_case()), (StatusCode::NOT_FOUND, false));
    let form = format!("act=close&reason=duplicate&with_handlings=on&words=x&duplicate_of={}", scene.site.number);
    let closed = scene.site.ask(Method::POST, &format!("{other}/close"), &[("cookie", &hidden.cookie)], &form).await;
    assert!(closed.text().contains("There is no case SEC-"), "{}", closed.text());
    // The chair sees all of it.
    let chair = scene.site.sign_in_by(&sign_in_link(&scene.site.stage, "ada@foundation.example").await).await;
    assert!(scene.site.get_as(&chair, &scene.site.path("/cases/{number}")).await.tells_of_a_case());
}
