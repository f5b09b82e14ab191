//! The program on its stage with a world that can kill it, what the story knows to be true of that world, and time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fingerpost::domain::directory::{AutoForward, Directory, Member};
use fingerpost::domain::id::MessageId;
use fingerpost::flows::post::Worked;
use fingerpost::flows::{House, intake};
use fingerpost::mail::write::transport::SentLetter;
use fingerpost::store::{Beats, DatabaseUrl, StoreError};
use fingerpost::sweeps;
use fingerpost::world::dice::SeededDice;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::simulation::bulk::Stood;
use crate::simulation::form::PrivateLink;
use crate::simulation::fuse::{Died, Fuse, FusedClock, FusedDice, Touch};
use crate::simulation::names;
use crate::simulation::seen::{ArrivalSeen, Eye, Micros, Seen};
use crate::stage::{Mail, Stage};

/// After so many rounds the program is taken to work for ever.
const ROUNDS: usize = 100;

/// The program asks each hour whose day is over; the stories less often, for that takes time.
const NAMES_EVERY: Micros = 12 * 3_600_000_000;

/// A promise that the program broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub promise: &'static str,
    pub words: String,
}

/// That a promise is broken, with what shows it.
pub fn broken(promise: &'static str, words: impl Into<String>) -> Broken {
    Broken { promise, words: words.into() }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n    {}", self.promise, self.words)
    }
}

/// A word that stands in one text alone, and who may read that text.
pub struct Secret {
    pub word: String,
    pub of: Origin,
    pub readers: Readers,
    /// Whom a member has passed it on to.
    pub also: Vec<Readers>,
}

/// Where a text began.
pub enum Origin {
    /// All that brought it: what is sent again may open a case when the first one opened none.
    Arrivals(Vec<String>),
    Case(String),
}

/// Whom letters may bring a text to, besides nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readers {
    /// The contacts of every project that has the case.
    Projects,
    /// Its reporter alone.
    Reporter,
    /// The contacts of one part alone.
    Part(String),
    /// Held mail: it stands in the lane that a member puts it into, and no letter brings it unless it is made a report.
    AsAMemberSays,
    Nobody,
}

impl Secret {
    /// Whether it is for contacts of that part, or for the reporter where there is none.
    pub fn is_for(&self, part: Option<&str>) -> bool {
        std::iter::once(&self.readers).chain(&self.also).any(|readers| match readers {
            Readers::Projects => part.is_some(),
            Readers::Reporter => part.is_none(),
            Readers::Part(of) => part == Some(of),
            Readers::AsAMemberSays | Readers::Nobody => false,
        })
    }

    /// Whether its text belongs to this case.
    pub fn is_of(&self, case: &str, seen: &Seen) -> bool {
        match &self.of {
            Origin::Case(of) => of == case,
            Origin::Arrivals(arrivals) => {
                // Where the program died before it could promise to keep a mail, it may have kept it all the same.
                let known: Vec<_> = arrivals.iter().filter_map(|id| seen.arrivals.get(id)).collect();
                let is_same = |row: &ArrivalSeen| {
                    row.message_id.is_some() && known.iter().any(|of| of.message_id == row.message_id)
                };
                let of_case = |row: &&ArrivalSeen| row.case.as_deref() == Some(case);
                known.iter().copied().any(|row| of_case(&row)) || seen.arrivals.values().filter(of_case).any(is_same)
            }
        }
    }

    /// Whether a case was opened for its text.
    pub fn is_reported(&self, seen: &Seen) -> bool {
        let Origin::Arrivals(arrivals) = &self.of else { return false };
        seen.reports.values().any(|arrival| arrivals.contains(arrival))
    }
}

/// What the story knows, whatever the rows say.
#[derive(Default)]
pub struct Ledger {
    /// Arrivals that were promised to be kept.
    pub kept: BTreeSet<String>,
    /// What was written to us, for twins.
    pub mails: Vec<Mail>,
    /// Parties for whom a person acted, provably.
    pub acted: BTreeSet<String>,
    /// Reporters who allowed something at some time.
    pub shared: BTreeSet<String>,
    pub secrets: Vec<Secret>,
    /// How often a letter may have gone out once more: the program died before it could note it.
    pub repeats: BTreeMap<String, usize>,
    /// The first start.
    pub began_at: Micros,
    /// The wall clock was last set to another time then.
    pub jumped_at: Option<Micros>,
    /// A member has seen what was in quarantine, which may be erased from then on.
    pub looked_through: bool,
    /// Message-IDs of mail to the general address that points at a case.
    pub pointing: BTreeSet<String>,
    /// What was given out on pages.
    pub links: Vec<PrivateLink>,
    /// Domains that do not exist.
    pub gone: BTreeSet<&'static str>,
    /// When the name servers were asked last.
    pub asked_names_at: Option<Micros>,
    /// Contacts that had left when their project's part was forwarded again, and when.
    pub left: BTreeMap<String, Micros>,
    /// Message-IDs of reports by a name that the directory does not have.
    pub by_name: BTreeSet<String>,
    /// A member has remembered that name.
    pub is_named: bool,
    /// Parties whose later address proved itself, with the address.
    pub proven: BTreeSet<(String, String)>,
    /// Bans that a member may have lifted.
    pub lifted: BTreeSet<String>,
    /// Acts on many rows.
    pub bulks: Vec<Stood>,
    /// What happened so often that the record does not tell.
    pub deeds: BTreeMap<&'static str, usize>,
    /// Mails written so far, for their Message-IDs.
    pub written: usize,
}

impl Ledger {
    /// It happened once more.
    pub fn did(&mut self, deed: &'static str) {
        *self.deeds.entry(deed).or_default() += 1;
    }
}

pub struct World {
    pub stage: Stage,
    pub fuse: Fuse,
    pub eye: Eye,
    /// As it stood when the last act was over.
    pub seen: Seen,
    pub ledger: Ledger,
    /// What happened, in words, for whoever reads a failure.
    pub diary: Vec<String>,
    is_on_postgres: bool,
}

impl World {
    /// A foundation somewhere in the world, on some day of the year, by the seed alone.
    pub async fn begins(seed: u64, url: DatabaseUrl, folder: tempfile::TempDir) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let hold = SignedDuration::from_secs([0, 60, 600][rng.random_range(0..3)]);
        let zone =
            ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"][rng.random_range(0..4)];
        let day = rng.random_range(0..80);
        let is_on_postgres = matches!(url, DatabaseUrl::Postgres(_));
        let fuse = Fuse::default();
        let lit = fuse.clone();
        let stage = Stage::rewired(
            url.clone(),
            folder,
            |directory| settle(directory, hold, zone),
            move |clock| {
                let clock = Arc::clone(clock);
                let boots = std::sync::atomic::AtomicU64::new(seed);
                Box::new(move |house: &mut House| {
                    house.clock = Arc::new(FusedClock(Arc::clone(&clock), lit.clone()));
                    let boot = boots.fetch_add(1 << 32, std::sync::atomic::Ordering::SeqCst);
                    house.dice = Arc::new(FusedDice(Arc::new(SeededDice::new(boot)), lit.clone()));
                    let lit = lit.clone();
                    house.store = house.store.clone().watched(Arc::new(move || lit.commits()));
                })
            },
        )
        .await;
        stage.clock.advance(SignedDuration::from_hours(24 * day + rng.random_range(0..24)));
        let mut eye = Eye::on(&url).await;
        let seen = eye.look().await;
        let began_at = stage.now().as_microsecond();
        let (ledger, diary) = (Ledger { began_at, ..Ledger::default() }, Vec::new());
        Self { stage, fuse, eye, seen, ledger, diary, is_on_postgres }
    }

    /// The time in rows.
    pub fn now(&self) -> Micros {
        self.stage.now().as_microsecond()
    }

    /// A member of the committee.
    pub fn member(&self, pick: usize) -> Member {
        let committee = &self.stage.house.policy().directory.committee;
        committee[pick % committee.len()].clone()
    }

    /// A line for whoever reads the story.
    pub fn note(&mut self, words: impl fmt::Display) {
        self.diary.push(format!("{} {words}", self.stage.now()));
    }

    /// Everything that the relay took so far.
    pub fn sent(&self) -> Vec<SentLetter> {
        self.stage.relay.sent()
    }

    /// A word that has never been written before, for a text that only `readers` may get.
    pub fn secret(&mut self, of: Origin, readers: Readers) -> String {
        let word = format!("kw{:04}qz", self.ledger.secrets.len());
        self.ledger.secrets.push(Secret { word: word.clone(), of, readers, also: Vec::new() });
        word
    }

    /// The stamp of a form that was opened now.
    pub fn message_id(&mut self) -> MessageId {
        self.ledger.written += 1;
        let mut dice = [7; 10];
        dice[2..].copy_from_slice(&self.ledger.written.to_be_bytes());
        MessageId::new(self.stage.now(), dice)
    }

    /// Somebody's server hands a mail over until we promise to keep it, and what follows is done.
    pub async fn mail_comes(&mut self, mail: &Mail) -> Result<(), Broken> {
        let sent = self.with_a_file_or_not(mail);
        let arrival = loop {
            match self.fuse.run(self.stage.keep_raw(sent.bytes(), &sent)).await {
                Ok(id) => break id.to_string(),
                Err(Died) => self.dies("it takes a mail in").await,
            }
            self.note("the sender's server hands the mail over again");
        };
        self.ledger.kept.insert(arrival.clone());
        self.ledger.mails.push(mail.clone());
        for secret in self.ledger.secrets.iter_mut().filter(|secret| mail.text.contains(&secret.word)) {
            if let Origin::Arrivals(arrivals) = &mut secret.of {
                arrivals.push(arrival.clone());
            }
        }
        self.works().await
    }

    /// One plain mail of five comes with a file, and does so again when it is sent again.
    fn with_a_file_or_not(&mut self, mail: &Mail) -> Mail {
        let sum: u32 = mail.message_id.bytes().map(u32::from).sum();
        if !sum.is_multiple_of(5) || mail.headers.to_ascii_lowercase().contains("content-type:") {
            return mail.clone();
        }
        *self.ledger.deeds.entry("sent with a file").or_default() += 1;
        let file = "Content-Type: application/zip; name=poc.zip\r\nContent-Disposition: attachment; filename=poc.zip";
        let text = format!("--file\r\n\r\n{}\r\n--file\r\n{file}\r\n\r\nPK\r\n--file--\r\n", mail.text);
        Mail { text, ..mail.clone() }.header("MIME-Version: 1.0").header("Content-Type: multipart/mixed; boundary=file")
    }

    /// A person or a sweep makes the program do something; `None` if it died before it was done.
    pub async fn part<T>(
        &mut self,
        what: &str,
        part: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<Option<T>, Broken> {
        match self.fuse.run(part).await {
            Ok(Ok(done)) => Ok(Some(done)),
            Ok(Err(error)) => Err(broken("The store does what it is asked.", format!("{what}: {error}"))),
            Err(Died) => {
                self.dies(what).await;
                Ok(None)
            }
        }
    }

    /// The program is up: it works the journal off, does what is due, and sends what is due, until it rests.
    pub async fn works(&mut self) -> Result<(), Broken> {
        let now = self.now();
        if self.ledger.asked_names_at.is_none_or(|at| (now - at).abs() >= NAMES_EVERY) {
            self.ledger.asked_names_at = Some(now);
            Box::pin(names::are_looked_up(self)).await?;
        }
        let mut last = (None, None, None);
        for _ in 0..ROUNDS {
            let house = Arc::clone(&self.stage.house);
            let filed = self.part("it works the journal off", async move { intake::work_off(&house).await }).await?;
            let house = Arc::clone(&self.stage.house);
            let swept = self.part("it does what is due", async move { sweeps::sweep(&house).await }).await?;
            let posted = self.posts().await?;
            last = (filed, swept, posted);
            if last == (Some(0), Some(0), Some(Worked::Idle)) {
                return Ok(());
            }
        }
        let words = format!("(filed, swept, posted) is {last:?} after {ROUNDS} rounds at {}", self.stage.now());
        Err(broken("The program comes to rest.", words))
    }

    async fn posts(&mut self) -> Result<Option<Worked>, Broken> {
        if self.fuse.is_lit_for(Touch::RelayTook) {
            let fuse = self.fuse.clone();
            self.stage.relay.after_next(move || fuse.touch(Touch::RelayTook));
        }
        match self.fuse.run_the_post(self.stage.post_office_works()).await {
            Ok(Ok(worked)) => Ok(Some(worked)),
            Ok(Err(error)) => Err(broken("The store does what it is asked.", format!("the post office: {error}"))),
            Err(Died) => {
                if self.eye.lost_with_claims().await == Some(self.now()) {
                    self.ledger.did("died before letters were given back");
                }
                self.dies("the post office is at work").await;
                Ok(None)
            }
        }
    }

    /// The program is gone where it stood, and starts again.
    async fn dies(&mut self, what: &str) {
        self.note(format_args!("the program dies while {what}"));
        let seen = self.eye.look().await;
        for letter in self.sent() {
            if seen.letters.get(letter.id.as_str()).is_some_and(|row| row.settled_at.is_none()) {
                let copies = self.sent().iter().filter(|copy| copy.id == letter.id).count();
                self.ledger.repeats.insert(letter.id.to_string(), copies);
            }
        }
        self.starts_again().await;
    }

    /// Another start on the same rows; on PostgreSQL other nodes notice after a minute that the earlier one is gone.
    pub async fn starts_again(&mut self) {
        self.stage.restart().await;
        if self.is_on_postgres {
            let mut beats = Beats::default();
            for minute in 0..3 {
                let at = Duration::from_secs(61 * minute);
                self.stage.house.store.free_claims_of_the_dead(&mut beats, at).await.expect("the store is there");
            }
        }
    }

    /// Time goes by for a program that runs: it wakes whenever something falls due.
    pub async fn passes(&mut self, by: SignedDuration) -> Result<(), Broken> {
        let end = self.now() + i64::try_from(by.as_micros()).expect("a story is shorter than that");
        while self.now() < end {
            let next = self.eye.next_due(self.now(), end).await;
            self.stage.clock.advance(SignedDuration::from_micros(next - self.now()));
            self.works().await?;
        }
        Ok(())
    }
}

/// The usual foundation, with people who have working hours somewhere.
fn settle(directory: &mut Directory, hold: SignedDuration, zone: &str) {
    directory.routing.auto_forward = AutoForward::Strong;
    directory.routing.hold = hold;
    for contact in directory.projects.iter_mut().flat_map(|project| &mut project.contacts) {
        contact.hours = Some("09:00-17:00".to_owned());
        contact.zone = Some(TimeZone::get(zone).expect("the zone is known"));
    }
}
