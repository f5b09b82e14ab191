//! A whole program on a database of its own, with a clock moved by hand, seeded dice, a table for DNS and letters in memory.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwap;
use fingerpost::config::entry::ProjectsToml;
use fingerpost::config::policy;
use fingerpost::domain::address::{InstanceKey, Mailbox};
use fingerpost::domain::case::EventKind;
use fingerpost::domain::directory::{AutoForward, Directory, Member};
use fingerpost::domain::id::ArrivalId;
use fingerpost::domain::record::Salt;
use fingerpost::domain::report::{Arrival, Door, Peer, Raw};
use fingerpost::flows::audit;
use fingerpost::flows::intake::{self, FrontDoor};
use fingerpost::flows::post::{PostOffice, Worked};
use fingerpost::flows::seen::Views;
use fingerpost::flows::trends::Trends;
use fingerpost::flows::{ByteBudget, House, Policy, contacts};
use fingerpost::mail::doors::{Deliverable, Reception};
use fingerpost::mail::write::transport::{MemoryTransport, SentLetter, Transport};
use fingerpost::store::{CaseRow, Claimer, DatabaseUrl, FiledAs, Role, Store, StoreError};
use fingerpost::sweeps;
use fingerpost::world::clock::{Clock, JumpWatch, ManualClock};
use fingerpost::world::dice::SeededDice;
use fingerpost::world::dns::Resolver;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::engine;

/// The foundation of these stories.
const POLICY: &str = include_str!("foundation.toml");

/// Our name in the `Authentication-Results` of the front MTA that the stories' mails come through.
const AUTHSERV: &str = "foundation.example";

/// A program on stage. Letters go into memory; nothing here sleeps.
pub struct Stage {
    pub house: Arc<House>,
    pub clock: Arc<ManualClock>,
    pub relay: MemoryTransport,
    door: FrontDoor,
    office: PostOffice,
    boot: u32,
    tests_its_mailbox: bool,
    url: DatabaseUrl,
    rewire: Rewire,
    /// The story changes rows through the store alone, so that nothing says why.
    pub gives_no_reasons: AtomicBool,
    /// Holds the SQLite file.
    _folder: tempfile::TempDir,
}

/// What is changed about a house at each of its starts, before anything runs in it.
pub type Rewire = Box<dyn Fn(&mut House) + Send + Sync>;

/// A mail on its way in.
#[derive(Clone)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub sender: Option<String>,
    pub subject: String,
    pub text: String,
    /// More header lines, each with its CRLF.
    pub headers: String,
    pub message_id: String,
    /// The front MTA saw SPF pass for the From domain.
    pub is_proven: bool,
    /// Straight from a stranger, not through the front MTA.
    pub is_from_stranger: bool,
}

/// A mail of a person to the security address.
pub fn mail(from: &str, subject: &str, text: &str) -> Mail {
    let id: u32 = subject.bytes().chain(text.bytes()).fold(7, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into()));
    Mail {
        from: from.to_owned(),
        to: vec!["security@foundation.example".to_owned()],
        sender: Some(from.to_owned()),
        subject: subject.to_owned(),
        text: text.to_owned(),
        headers: String::new(),
        message_id: format!("{id}@reporter.example"),
        is_proven: true,
        is_from_stranger: false,
    }
}

/// What the reporter of most stories writes.
pub const REPORT_TEXT: &str = "A crafted table makes Parsley read past the end of its buffer.";

/// A report that names its project plainly.
pub fn report_about(project: &str) -> Mail {
    mail(
        "jane@reporter.example",
        &format!("Buffer over-read in {project} 2.1"),
        &format!("Hello,\r\n\r\n{}\r\n", REPORT_TEXT.replace("Parsley", project)),
    )
}

impl Mail {
    /// The bytes as they come in.
    pub fn bytes(&self) -> Vec<u8> {
        let domain = self.from.rsplit_once('@').map_or("", |(_, domain)| domain.trim_end_matches('>'));
        let results = match self.is_proven {
            true => format!("Authentication-Results: {AUTHSERV}; spf=pass smtp.mailfrom={domain}\r\n"),
            false => format!("Authentication-Results: {AUTHSERV}; spf=none smtp.mailfrom={domain}; dkim=none\r\n"),
        };
        format!(
            "{results}From: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}>\r\n\
             Date: Fri, 20 Nov 2026 14:00:00 +0000\r\n{}\r\n{}",
            self.from,
            self.to.join(", "),
            self.subject,
            self.message_id,
            self.headers,
            self.text,
        )
        .into_bytes()
    }

    /// The same to another address.
    pub fn to(mut self, address: &str) -> Self {
        self.to = vec![address.to_owned()];
        self
    }

    /// With one more header line.
    pub fn header(mut self, line: &str) -> Self {
        self.headers += line;
        self.headers += "\r\n";
        self
    }

    /// Nothing vouches for its sender.
    pub fn unproven(mut self) -> Self {
        self.is_proven = false;
        self
    }
}

impl Stage {
    /// The usual foundation, with strong matches forwarded by themselves and no hold.
    pub async fn open() -> Self {
        Self::with(|directory| {
            directory.routing.auto_forward = AutoForward::Strong;
            directory.routing.hold = SignedDuration::ZERO;
        })
        .await
    }

    /// The usual foundation, changed.
    pub async fn with(change: impl FnOnce(&mut Directory)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::on(engine::database(folder.path()).await, folder, change).await
    }

    /// The usual foundation, changed, with its rows at `url`.
    pub async fn on(url: DatabaseUrl, folder: tempfile::TempDir, change: impl FnOnce(&mut Directory)) -> Self {
        Self::rewired(url, folder, change, |_| Box::new(|_| {})).await
    }

    /// The same with another world around it: `wire` is given the clock that the story moves.
    pub async fn rewired(
        url: DatabaseUrl,
        folder: tempfile::TempDir,
        change: impl FnOnce(&mut Directory),
        wire: impl FnOnce(&Arc<ManualClock>) -> Rewire,
    ) -> Self {
        let mut directory = policy::parse("foundation.toml", POLICY).expect("the stories' foundation has no faults");
        change(&mut directory);
        let clock = Arc::new(ManualClock::at("2026-11-20T14:00:00Z".parse().unwrap()));
        let relay = MemoryTransport::new();
        let rewire = wire(&clock);
        let mut house = house(&url, &clock, directory, 1).await;
        rewire(&mut house);
        let house = Arc::new(house);
        confirm_all_contacts(&house).await;
        Self {
            door: FrontDoor(Arc::clone(&house)),
            office: PostOffice::new(Transport::Memory(relay.clone())),
            house,
            clock,
            relay,
            boot: 1,
            tests_its_mailbox: false,
            url,
            rewire,
            gives_no_reasons: AtomicBool::new(false),
            _folder: folder,
        }
    }

    /// Stops the program without ceremony and starts it on the same file.
    pub async fn restart(&mut self) {
        self.boot += 1;
        self.house.store.close().await;
        let directory = Directory::clone(&self.house.policy().file);
        let mut house = house(&self.url, &self.clock, directory, self.boot).await;
        (self.rewire)(&mut house);
        self.house = Arc::new(House { tests_its_mailbox: self.tests_its_mailbox, ..house });
        self.door = FrontDoor(Arc::clone(&self.house));
        self.office = PostOffice::new(Transport::Memory(self.relay.clone()));
    }

    /// Starts again as a program with a relay, which writes to itself once a day.
    pub async fn restart_with_loop_tests(&mut self) {
        self.tests_its_mailbox = true;
        self.restart().await;
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Keeps the mail as a door would, and does no more.
    pub async fn keep(&self, mail: &Mail) -> ArrivalId {
        self.keep_raw(mail.bytes(), mail).await
    }

    /// Keeps these bytes in the envelope of `mail`.
    pub async fn keep_raw(&self, raw: Vec<u8>, mail: &Mail) -> ArrivalId {
        let peer = Peer {
            ip: "192.0.2.7".parse().unwrap(),
            helo: "mx.reporter.example".to_owned(),
            is_trusted: !mail.is_from_stranger,
        };
        let mut recipients = Vec::new();
        for to in mail.to.iter().map(|to| Mailbox::parse(to).unwrap()) {
            assert_eq!(self.door.may_deliver(&to, Some(&peer)).await, Deliverable::Yes, "{to}");
            recipients.push(to);
        }
        let arrival = Arrival {
            arrived_at: self.now(),
            door: Door::Smtp,
            peer: Some(peer),
            sender: mail.sender.as_deref().map(|sender| Mailbox::parse(sender).unwrap()),
            recipients,
            raw: Raw::Memory(raw),
        };
        self.door.keep(arrival).await.unwrap()
    }

    /// The mail arrives and everything that follows at once is done.
    pub async fn mail_arrives(&self, mail: Mail) {
        self.keep(&mail).await;
        self.everything_due_happens().await;
    }

    /// Works the journal off, does what falls due by itself and sends what is due.
    pub async fn everything_due_happens(&self) {
        while intake::work_off(&self.house).await.unwrap() > 0 {}
        while sweeps::sweep(&self.house).await.unwrap() > 0 {}
        while self.office.send_due(&self.house).await.unwrap() != Worked::Idle {}
    }

    /// One step of the post office.
    pub async fn post_office_works(&self) -> Result<Worked, StoreError> {
        self.office.send_due(&self.house).await
    }

    /// The SQLite file.
    pub fn database_file(&self) -> PathBuf {
        match &self.url {
            DatabaseUrl::Sqlite(file) => file.clone(),
            DatabaseUrl::Postgres(_) => panic!("this story is told on SQLite"),
        }
    }

    /// Time goes on, and what falls due happens.
    pub async fn passes(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.everything_due_happens().await;
    }

    /// Days go by hour by hour, as they do for a program that runs.
    pub async fn days_pass(&self, days: i64) {
        for _ in 0..days * 24 {
            self.passes(SignedDuration::from_hours(1)).await;
        }
    }

    /// All letters sent to `recipient` so far, but for the digests and those about a quarter: they come each morning and
    /// each quarter, whatever a story tells.
    pub fn mail_to(&self, recipient: &str) -> Vec<SentLetter> {
        let is_meant = |letter: &SentLetter| {
            letter.recipient.as_str() == recipient && !is_digest(letter) && !is_about_a_quarter(letter)
        };
        self.relay.sent().into_iter().filter(is_meant).collect()
    }

    /// The morning's lists sent to `recipient` so far.
    pub fn digests_to(&self, recipient: &str) -> Vec<SentLetter> {
        let is_meant = |letter: &SentLetter| letter.recipient.as_str() == recipient && is_digest(letter);
        self.relay.sent().into_iter().filter(is_meant).collect()
    }

    /// The letters about the board's quarters sent to `recipient` so far.
    pub fn quarter_mail_to(&self, recipient: &str) -> Vec<SentLetter> {
        let is_meant = |letter: &SentLetter| letter.recipient.as_str() == recipient && is_about_a_quarter(letter);
        self.relay.sent().into_iter().filter(is_meant).collect()
    }

    /// The one letter to `recipient`.
    pub fn only_mail_to(&self, recipient: &str) -> SentLetter {
        let letters = self.mail_to(recipient);
        assert_eq!(letters.len(), 1, "letters to {recipient}: {:?}", subjects(&letters));
        letters.into_iter().next().unwrap()
    }

    /// The one open case.
    pub async fn only_case(&self) -> CaseRow {
        let mut cases = self.house.store.all_cases(10).await.unwrap();
        assert_eq!(cases.len(), 1);
        cases.remove(0).case
    }

    /// How many cases there are.
    pub async fn cases(&self) -> usize {
        self.house.store.all_cases(1000).await.unwrap().len()
    }

    /// How many arrivals were filed so.
    pub async fn filed(&self, filed_as: FiledAs) -> usize {
        self.house.store.filed(filed_as, 1000).await.unwrap().len()
    }

    /// The chair of the committee.
    pub fn chair(&self) -> Member {
        self.house.policy().directory.committee[0].clone()
    }

    /// Whether the door takes mail to `address` from a stranger.
    pub async fn door_answers(&self, address: &str) -> Deliverable {
        let peer = Peer { ip: "198.51.100.9".parse().unwrap(), helo: "x".to_owned(), is_trusted: false };
        self.door.may_deliver(&Mailbox::parse(address).unwrap(), Some(&peer)).await
    }
}

/// Each story leaves a record that proves its rows, and in which every change has its reason.
impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let (url, salt) = (self.url.clone(), Salt::of(&self.house.key));
        let gives_no_reasons = *self.gives_no_reasons.get_mut();
        // The story's own runtime may be one thread, which waits here.
        let looked = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                expect_whole_record(&url, salt, gives_no_reasons).await;
                engine::give_back(&url).await;
            });
        });
        looked.join().expect("the record of this story is whole, and names a reason for every change");
    }
}

async fn expect_whole_record(url: &DatabaseUrl, salt: Salt, gives_no_reasons: bool) {
    let store = Store::open(url, Role::Guest, Claimer::new("stage", "guest")).await.unwrap().salted(salt);
    let audit = audit::verify(&store, None).await.unwrap();
    assert_eq!(audit.findings, []);
    for line in store.all_cases(10_000).await.unwrap() {
        let events = store.events_of(&line.case.id).await.unwrap();
        let without = events.iter().find(|event| event.kind == EventKind::Changed.word());
        assert!(gives_no_reasons || without.is_none(), "nothing in the record says why: {without:#?}");
    }
    store.close().await;
}

/// Whether a letter is the morning's list: its subject begins with a count.
pub fn is_digest(letter: &SentLetter) -> bool {
    let subject = letter.subject();
    let Some((count, of)) = subject.split_once(' ') else { return false };
    let counted = ["overdue", "due soon", "to triage", "in quarantine", "to hear about a ban", "read in bulk"];
    count.parse::<u32>().is_ok() && counted.iter().any(|what| of.starts_with(what))
}

/// Whether a letter is about the board's report on a quarter.
pub fn is_about_a_quarter(letter: &SentLetter) -> bool {
    letter.subject().to_lowercase().contains("security report, ")
}

/// The subjects of letters, for a message of a failing test.
pub fn subjects(letters: &[SentLetter]) -> Vec<String> {
    letters.iter().map(SentLetter::subject).collect()
}

/// The address of `Reply-To`, which belongs to the letter's recipient alone.
pub fn reply_address(letter: &SentLetter) -> String {
    letter.header("Reply-To").trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// The token of the first link in the letter that goes to `path`.
pub fn token_in(letter: &SentLetter, path: &str) -> String {
    let text = letter.text();
    let start = text.find(path).unwrap_or_else(|| panic!("no {path} in:\n{text}")) + path.len();
    text[start..].chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// The stories begin on a day when every contact has just shown that it is there, so that nobody is asked for a quarter.
async fn confirm_all_contacts(house: &House) {
    contacts::refresh(house).await.unwrap();
    let mut tx = house.store.begin().await.unwrap();
    for project in &house.policy().directory.projects {
        for contact in &project.contacts {
            contacts::note_proof(&mut tx, &project.id, &contact.email, house.now()).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

async fn house(url: &DatabaseUrl, clock: &Arc<ManualClock>, directory: Directory, boot: u32) -> House {
    let store = Store::open(url, Role::Worker, Claimer::new("stage", &boot.to_string())).await.unwrap();
    let key = InstanceKey::new([42; 32]);
    House {
        store: store.salted(Salt::of(&key)),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        jump_watch: JumpWatch::default(),
        dice: Arc::new(SeededDice::new(u64::from(boot))),
        key,
        public_url: directory.foundation.public_url.clone(),
        operator: Some(Mailbox::parse("operator@foundation.example").unwrap()),
        tests_its_mailbox: false,
        policy: ArcSwap::from_pointee(Policy::of(directory)),
        resolver: Resolver::Off,
        authserv_id: AUTHSERV.to_owned(),
        arrivals: Notify::new(),
        letters: Notify::new(),
        budget: ByteBudget::default(),
        views: Views::default(),
        projects_file: Arc::new(ProjectsToml),
        trends: Trends::default(),
    }
}
