//! Who looked at what is gathered in memory for a minute: a stop in that minute loses none of it.

use std::net::SocketAddr;

use fingerpost::store::ViewingLine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::program::{Client, Program, report};
use super::sink::{Mood, Sink};

/// One request as a proxy in front of the pages makes it, and its answer with the head.
async fn ask(pages: SocketAddr, request: &str, cookie: &str) -> String {
    let mut stream = TcpStream::connect(pages).await.unwrap();
    let head = format!(
        "{request} HTTP/1.1\r\nHost: security.storm.example\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Signs the chair in, whose link the command line prints.
async fn sign_in(program: &Program) -> String {
    let (is_done, said) = program.admin(&["login-link", "ada@storm.example"]);
    assert!(is_done, "{said}");
    let link = said.split("security.storm.example").nth(1).unwrap().split_whitespace().next().unwrap();
    let entered = ask(program.pages, &format!("POST {link}"), "").await;
    let cookie = entered.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a session");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_by_sigterm_it_writes_down_who_has_looked_at_a_case_just_now() {
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::new(sink.address);
    program.start();
    let mut client = Client::connect(program.smtp).await.unwrap();
    let (sender, message) = report(1);
    assert!(client.send(&sender, &message).await.unwrap().starts_with("250"));
    sink.has_taken(2).await;

    let cookie = sign_in(&program).await;
    let number = sink.taken()[0].header("Subject").split(['[', ']']).nth(1).unwrap().to_owned();
    let page = ask(program.pages, &format!("GET /cases/{number}"), &cookie).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(program.stop(), "it ends well");

    let store = program.finish().await;
    let lines = store.viewings(10).await.unwrap();
    let is_it = |line: &&ViewingLine| line.member == "ada@storm.example" && line.what == "page" && line.case.is_some();
    assert_eq!(lines.iter().filter(is_it).count(), 1, "{lines:?}");
}
