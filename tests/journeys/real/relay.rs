//! P3-P5: a relay that misbehaves delays letters and no mail; its refusals are told of.

use std::collections::HashMap;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::timeout;

use super::program::{CONTACT, Client, Program, report};
use super::sink::{self, Mood, Sink, Taken};

const MAILS: usize = 20;
/// A forward and a receipt each.
const LETTERS: usize = 2 * MAILS;
/// A sender is answered within this, whatever the relay does.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends the mails; each is acknowledged whatever the relay does.
async fn all_are_taken(program: &Program) {
    let mut client = Client::connect(program.smtp).await.unwrap();
    for number in 0..MAILS {
        let (sender, message) = report(number);
        let answer = timeout(PATIENCE, client.send(&sender, &message)).await.expect("a quick answer").unwrap();
        assert!(answer.starts_with("250"), "{answer}");
    }
}

/// The Message-ID of each letter by its recipient and subject, of which no two are the same.
fn ids(letters: &[Taken]) -> HashMap<(String, String), String> {
    let id = |letter: &Taken| ((letter.recipient.clone(), letter.header("Subject")), letter.header("Message-ID"));
    letters.iter().map(id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_defers_or_drops_delays_letters_and_when_it_is_well_each_comes_once_with_its_first_message_id() {
    for mood in [Mood::Defers, Mood::Drops] {
        let sink = Sink::open(mood).await;
        let mut program = Program::new(sink.address);
        program.start();
        all_are_taken(&program).await;
        sink.has_turned_away(1).await;
        assert!(program.stop());
        let store = program.finish().await;
        let counts = store.outbox_counts(None).await.unwrap();
        assert_eq!((counts.refused, sink.taken().len()), (0, 0), "{mood:?}");
        assert_eq!(counts.waiting + counts.deferred, LETTERS as i64 + 1, "{mood:?}: these, and one to ourselves");
        store.close().await;

        sink.be(Mood::Takes);
        let store = program.finish_after(SignedDuration::from_hours(1)).await;
        assert_eq!(store.outbox_counts(None).await.unwrap().waiting, 0);
        let (dropped, taken) = (ids(&sink.dropped()), ids(&sink.taken()));
        assert_eq!((taken.len(), sink.taken().len()), (LETTERS, LETTERS), "{mood:?}: each once");
        assert!(dropped.iter().all(|(letter, id)| taken[letter] == *id), "{mood:?}: the very same letter again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_relay_dawdles_mail_is_taken_and_when_it_answers_all_letters_go_once() {
    let sink = Sink::open(Mood::Dawdles).await;
    let mut program = Program::new(sink.address);
    program.start();
    all_are_taken(&program).await;
    assert!(sink.taken().is_empty());
    sink.be(Mood::Takes);
    sink.has_taken(LETTERS).await;
    assert!(program.stop());
    program.finish().await;
    assert_eq!(sink.taken().len(), LETTERS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_nobody_listens_at_the_relay_mail_is_taken_and_once_somebody_does_all_letters_go_once() {
    let closed = sink::closed();
    let mut program = Program::new(closed.local_addr().unwrap());
    program.start();
    all_are_taken(&program).await;
    assert!(program.stop());
    let sink = Sink::at(closed, Mood::Takes);
    program.start(); // or a probe would come within a minute
    sink.has_taken(LETTERS).await;
    assert!(program.stop());
    program.finish().await;
    assert_eq!(sink.taken().len(), LETTERS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_that_the_relay_refuses_is_tried_once_and_the_committee_is_told() {
    let sink = Sink::open(Mood::Refuses).await;
    let mut program = Program::new(sink.address);
    program.start();
    all_are_taken(&program).await;
    sink.has_turned_away(MAILS).await;
    assert!(program.stop());
    let store = program.finish().await;
    assert_eq!(sink.turned_away(), MAILS, "each forward was tried once");
    let counts = store.outbox_counts(None).await.unwrap();
    assert_eq!((counts.refused, counts.waiting), (MAILS as i64, 0));
    let taken = sink.taken();
    let told = taken.iter().filter(|letter| letter.recipient == "ada@storm.example").count();
    assert_eq!(told, MAILS, "once for each case");
    assert!(taken.iter().all(|letter| letter.recipient != CONTACT));
}
