//! P4-P6: a relay that misbehaves delays only, and a full disk is no promise.

use std::process::Command;

use super::program::{CONTACT, Client, Program, report};
use super::sink::{Mood, Sink};

/// Sends `count` mails; each is acknowledged whatever the relay does.
async fn all_are_taken(program: &Program, count: usize) {
    let mut client = Client::connect(program.smtp).await.unwrap();
    for number in 0..count {
        let (sender, message) = report(number);
        let answer = client.send(&sender, &message).await.unwrap();
        assert!(answer.starts_with("250"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_defers_or_drops_delays_letters_and_no_mail_is_refused_because_of_it() {
    for mood in [Mood::Defers, Mood::Drops] {
        let sink = Sink::open(mood).await;
        let mut program = Program::new(sink.address);
        program.start();
        all_are_taken(&program, 20).await;
        assert!(program.stop());
        let store = program.finish().await;
        let counts = store.outbox_counts().await.unwrap();
        assert_eq!(counts.refused, 0);
        assert!(sink.turned_away() > 0 && sink.taken().is_empty(), "{mood:?}");
        assert_eq!(counts.waiting + counts.deferred, 40, "{mood:?}: a forward and a receipt each");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_refuses_is_told_of_and_each_contact_is_tried_once() {
    let sink = Sink::open(Mood::Refuses).await;
    let mut program = Program::new(sink.address);
    program.start();
    all_are_taken(&program, 5).await;
    assert!(program.stop());
    sink.be(Mood::Takes);
    let store = program.finish().await;
    assert!(sink.taken().iter().all(|letter| letter.recipient != CONTACT) || sink.turned_away() < 10);
    assert_eq!(store.all_cases(10, None).await.unwrap().len(), 5);
    assert_eq!(store.outbox_counts().await.unwrap().waiting, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_answered_with_4xx_and_what_was_acknowledged_is_there_afterwards() {
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::new(sink.address);
    program.start();
    assert!(program.stop(), "the tables are made");
    // Files may not grow beyond 1.5 MB: writing fails with EFBIG, as it does on a full disk with ENOSPC.
    let limited = ["prlimit", "--fsize=1500000:1500000", env!("CARGO_BIN_EXE_fingerpost")];
    if Command::new("prlimit").arg("--version").output().is_err() {
        println!("SKIPPED: prlimit is not installed");
        return;
    }
    program.start_under(&limited);
    let mut client = Client::connect(program.smtp).await.unwrap();
    let padding = format!("{}\r\n", "x".repeat(70)).repeat(600);
    let (mut taken, mut refusal) = (Vec::new(), None);
    for number in 0..200 {
        let (sender, message) = report(number);
        match client.send(&sender, &(message + &padding)).await {
            Some(answer) if answer.starts_with("250") => taken.push(number),
            Some(answer) => {
                refusal = Some(answer);
                break;
            }
            None => break,
        }
    }
    let refusal = refusal.expect("an answer, not a broken connection");
    assert!(refusal.starts_with("45"), "{refusal}");
    assert!(!taken.is_empty());
    program.kill();

    program.start();
    let (sender, message) = report(1000);
    let mut client = Client::connect(program.smtp).await.unwrap();
    assert!(client.send(&sender, &message).await.unwrap().starts_with("250"), "it recovers without hands");
    program.kill();
    let store = program.finish().await;
    let titles: Vec<String> =
        store.all_cases(500, None).await.unwrap().into_iter().map(|line| line.case.title).collect();
    let set_aside = titles.iter().filter(|title| *title == "(no subject)").count();
    let there =
        taken.iter().filter(|number| titles.iter().any(|title| title.ends_with(&format!("number {number}.")))).count();
    assert!(there + set_aside >= taken.len(), "{} of {} are there", there + set_aside, taken.len());
}
