//! P13: while one network sends three hundred mails, others and those who are on a case are served as always.

use std::net::IpAddr;
use std::time::Duration;

use fingerpost::store::{Claimer, DatabaseUrl, FiledAs, Role, Store};
use tokio::time::timeout;

use super::program::{CONTACT, Client, Program, report};
use super::sink::{Mood, Sink, Taken};

const FLOOD: usize = 300;
/// What the settings of this story allow one network in an hour.
const PER_PEER: usize = 50;
/// DESIGN.md 3.5 and THREATS.md 45: an honest mail is through within this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends the flood over one connection after the other; says how many were taken.
async fn flood(program: std::net::SocketAddr) -> usize {
    let mut taken = 0;
    let mut client = Client::connect(program).await.unwrap();
    for number in 0..FLOOD {
        let (_, message) = report(number);
        let message = message
            .replace(&format!("sender{number}@"), "flood@")
            .replace(&format!("reporter{}.", number % 50), "evil.");
        match client.send("flood@evil.example", &message).await {
            Some(answer) if answer.starts_with("250") => taken += 1,
            Some(answer) => assert!(answer.starts_with("450 4.7.1 too many messages from your network"), "{answer}"),
            // Cut for its many refusals.
            None => client = Client::connect(program).await.unwrap(),
        }
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_one_network_floods_us_an_honest_report_and_a_contacts_answer_go_through_within_ten_seconds() {
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::new(sink.address);
    let settings = format!("ops = \"off\"\n\n[mail]\ndns = \"off\"\nmessages_per_peer = {PER_PEER}\n");
    std::fs::write(program.folder().join("fingerpost.toml"), settings).unwrap();
    program.start();

    // Before the flood a case is open, whose contact has an address of its own.
    let other: IpAddr = [127, 0, 0, 2].into();
    let mut honest = Client::connect_from(other, program.smtp).await.unwrap();
    let (sender, message) = report(1_000);
    assert!(honest.send(&sender, &message).await.unwrap().starts_with("250"));
    sink.has_taken(2).await;
    let forward = sink.taken().into_iter().find(|letter| letter.recipient == CONTACT).unwrap();
    let address = forward.header("Reply-To").trim_matches(['<', '>']).to_owned();

    let flood = tokio::spawn(flood(program.smtp));
    let (sender, message) = report(1_001);
    let answer = timeout(PATIENCE, honest.send(&sender, &message)).await.expect("an answer in time").unwrap();
    assert!(answer.starts_with("250"), "{answer}");
    // The contact's mail server stands in the very network that floods us.
    let mut contact = Client::connect(program.smtp).await.unwrap();
    let reply = format!("From: {CONTACT}\r\nTo: {address}\r\nSubject: Re: report\r\n\r\nWe have it.\r\n");
    let answer =
        timeout(PATIENCE, contact.send_to(&address, CONTACT, &reply)).await.expect("an answer in time").unwrap();
    assert!(answer.starts_with("250"), "{answer}");
    let is_through = |letter: &Taken| letter.recipient == sender;
    timeout(PATIENCE, async {
        let mut letters = 2;
        while !sink.taken().iter().any(is_through) {
            letters += 1;
            sink.has_taken(letters).await;
        }
    })
    .await
    .expect("the honest report is through in time");

    assert_eq!(flood.await.unwrap(), PER_PEER);
    assert!(program.stop());
    let store = program.finish().await;
    assert_eq!(store.filed(FiledAs::Quarantine, 1_000).await.unwrap().len(), PER_PEER - 20, "above 20 of one sender");
    assert_eq!(store.filed(FiledAs::Report, 1_000).await.unwrap().len(), 20 + 2);
    assert_eq!(store.unfiled().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_running_program_the_operator_releases_mail_and_is_told_what_is_wrong() {
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::new(sink.address);
    program.start();
    let spam = "From: sales@deals.example\r\nTo: security@storm.example\r\nSubject: BEST PRICE FOR TONER\r\n\r\n\
                Dear friend, order now at https://deals.example\r\n";
    let mut client = Client::connect(program.smtp).await.unwrap();
    assert!(client.send("sales@deals.example", spam).await.unwrap().starts_with("250"));
    let url = DatabaseUrl::Sqlite(program.folder().join("fingerpost.db"));
    let store = Store::open(&url, Role::Guest, Claimer::new("test", "guest")).await.unwrap();
    let arrival = timeout(PATIENCE, async {
        loop {
            match store.unseen_quarantine(1).await.unwrap().1.pop() {
                Some(mail) => return mail.arrival.to_string(),
                None => tokio::task::yield_now().await,
            }
        }
    })
    .await
    .expect("it is worked off in time");

    let (ok, said) = program.admin(&["release", &arrival]);
    assert!(ok && said.contains("is case SEC-"), "{said}");
    let (ok, said) = program.admin(&["release", &arrival]);
    assert!(!ok && said.contains("/quarantine lists those"), "{said}");
    let (ok, said) = program.admin(&["unban", "sales@deals.example"]);
    assert!(!ok && said.contains("sales@deals.example is not banned"), "{said}");
    let (ok, said) = program.admin(&["unban", "192.0.2.0/24"]);
    assert!(!ok && said.contains("name a sender by address or domain"), "{said}");
    assert!(program.stop());
}
