//! P1-P3 and P11: killed at random and stopped under load, the program loses nothing that it acknowledged.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fingerpost::store::{FiledAs, Store};
use tokio::sync::{Notify, watch};

use super::program::{CONTACT, Client, Program, report};
use super::sink::{Mood, Sink};

/// Letters that the post office has on their way at one moment.
const AT_ONCE: usize = 4;
/// Turns of the scheduler after which the program has surely started.
const STARTS_WITHIN: u64 = 50_000;

/// How hard it storms.
struct Size {
    mails: usize,
    kills: usize,
    connections: usize,
    seed: u64,
}

impl Size {
    /// `FINGERPOST_STORM=mails,kills,connections,seed` for other than the usual 500, 20, 8 and 2026.
    fn wanted() -> Self {
        let wanted = std::env::var("FINGERPOST_STORM").unwrap_or_default();
        let mut numbers = wanted.split(',').filter(|number| !number.is_empty()).map(|number| number.parse().unwrap());
        let mut next = |usual| numbers.next().unwrap_or(usual);
        Self { mails: next(500) as usize, kills: next(20) as usize, connections: next(8) as usize, seed: next(2026) }
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// What the senders share with whoever kills.
struct Load {
    waiting: Mutex<VecDeque<usize>>,
    acknowledged: AtomicUsize,
    one_more: Notify,
    /// Where the program can be spoken to, while it can.
    door: watch::Sender<Option<SocketAddr>>,
}

impl Load {
    fn of(mails: usize) -> Arc<Self> {
        Arc::new(Self {
            waiting: Mutex::new((0..mails).collect()),
            acknowledged: AtomicUsize::new(0),
            one_more: Notify::new(),
            door: watch::channel(None).0,
        })
    }

    /// Sends mails until none is left; what was not acknowledged is sent again, as a mail server would.
    async fn sender(self: Arc<Self>) {
        let mut door = self.door.subscribe();
        loop {
            let address = door.wait_for(Option::is_some).await.unwrap().expect("it was waited for");
            let Some(mut client) = Client::connect(address).await else {
                tokio::task::yield_now().await;
                continue;
            };
            loop {
                let Some(number) = self.waiting.lock().unwrap().pop_front() else { return };
                let (sender, message) = report(number);
                match client.send(&sender, &message).await {
                    Some(answer) if answer.starts_with("250") => {
                        self.acknowledged.fetch_add(1, Ordering::SeqCst);
                        self.one_more.notify_one();
                    }
                    _ => {
                        self.waiting.lock().unwrap().push_front(number);
                        break;
                    }
                }
            }
        }
    }

    async fn reach(&self, count: usize) {
        while self.acknowledged.load(Ordering::SeqCst) < count {
            self.one_more.notified().await;
        }
    }
}

/// Each of these mails stands in one case or was set aside where a person sees it; the numbers of those with a case.
pub async fn accounted(store: &Store, mails: impl IntoIterator<Item = usize>) -> HashMap<String, usize> {
    let number_of =
        |title: &str| -> Option<usize> { title.rsplit_once("number ")?.1.trim_end_matches('.').parse().ok() };
    let mut found = HashSet::new();
    let mut by_case = HashMap::new();
    for line in store.all_cases(100_000).await.unwrap() {
        let Some(number) = number_of(&line.case.title) else { continue };
        assert!(found.insert(number), "mail {number} has two cases");
        by_case.insert(line.case.number.to_string(), number);
    }
    for line in store.filed(FiledAs::SetAside, 100_000).await.unwrap() {
        let raw = String::from_utf8(store.raw(&line.arrival).await.unwrap()).unwrap();
        let subject = raw.lines().find(|line| line.starts_with("Subject: ")).unwrap();
        found.insert(number_of(subject).unwrap());
    }
    let lost: Vec<usize> = mails.into_iter().filter(|number| !found.contains(number)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    by_case
}

/// How many forwards were copies; each with the Message-ID of the first.
fn copies(sink: &Sink, by_case: &HashMap<String, usize>) -> usize {
    let mut ids: HashMap<String, String> = HashMap::new();
    let mut copies = 0;
    for letter in sink.taken().iter().filter(|letter| letter.recipient == CONTACT) {
        let subject = letter.header("Subject");
        let case = subject.split(['[', ']']).nth(1).unwrap_or_default().to_owned();
        let id = letter.header("Message-ID");
        if let Some(first) = ids.insert(case, id.clone()) {
            assert_eq!(first, id, "a second forward of {subject}");
            copies += 1;
        }
    }
    let missing: Vec<&String> = by_case.keys().filter(|case| !ids.contains_key(*case)).collect();
    assert!(missing.is_empty(), "never forwarded: {missing:?}");
    copies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_it_loses_nothing_and_copies_carry_the_same_message_id() {
    let Size { mails, kills, connections, seed } = Size::wanted();
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::new(sink.address);
    let load = Load::of(mails);
    let senders: Vec<_> = (0..connections).map(|_| tokio::spawn(Arc::clone(&load).sender())).collect();
    let mut numbers = Numbers(seed);
    let share = (mails / (kills + 1)).max(1);
    for kill in 0..kills {
        program.start();
        load.door.send_replace(Some(program.smtp));
        let target = kill * share + 1 + numbers.below(share as u64) as usize;
        load.reach(target.min(mails)).await;
        load.door.send_replace(None);
        program.kill();
        if kill % 5 == 4 {
            program.start_and_kill(numbers.below(STARTS_WITHIN));
        }
    }
    program.start();
    load.door.send_replace(Some(program.smtp));
    for sender in senders {
        sender.await.unwrap();
    }
    program.kill();

    let store = program.finish().await;
    let by_case = accounted(&store, 0..mails).await;
    let copies = copies(&sink, &by_case);
    println!(
        "storm {seed}: {mails} mails on {connections} connections, {kills} kills, 0 lost, {} cases, {copies} copies",
        by_case.len()
    );
    assert!(copies <= (kills + 1) * AT_ONCE, "{copies} copies: more than were on their way at the kills");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_by_sigterm_under_load_it_makes_no_copies_and_loses_nothing() {
    let mails = 200;
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::new(sink.address);
    let load = Load::of(mails);
    let senders: Vec<_> = (0..8).map(|_| tokio::spawn(Arc::clone(&load).sender())).collect();
    for stop in 1..=5 {
        program.start();
        load.door.send_replace(Some(program.smtp));
        load.reach(stop * mails / 6).await;
        load.door.send_replace(None);
        assert!(program.stop(), "it ends well");
    }
    program.start();
    load.door.send_replace(Some(program.smtp));
    for sender in senders {
        sender.await.unwrap();
    }
    assert!(program.stop());

    let store = program.finish().await;
    let by_case = accounted(&store, 0..mails).await;
    assert_eq!(by_case.len(), mails, "none was set aside");
    assert_eq!(copies(&sink, &by_case), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_says_421_to_a_client_that_is_silent_and_ends() {
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::new(sink.address);
    program.start();
    let mut silent = Client::connect(program.smtp).await.unwrap();
    let (sender, message) = report(1);
    let mut other = Client::connect(program.smtp).await.unwrap();
    assert!(other.send(&sender, &message).await.unwrap().starts_with("250"));
    let stopped = tokio::task::spawn_blocking(move || program.stop());
    let farewell = silent.answer().await.expect("a last word");
    assert!(farewell.starts_with("421 "), "{farewell}");
    assert!(stopped.await.unwrap(), "it ends well");
}
