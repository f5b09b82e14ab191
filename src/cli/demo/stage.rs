//! Plays the world around the demo: mail from people, answers to letters, and the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::SignedDuration;
use jiff::fmt::rfc2822;
use tokio::sync::{Mutex, Notify};

use crate::domain::address::Mailbox;
use crate::domain::report::{Arrival, Door, Peer, Raw};
use crate::flows::House;
use crate::flows::intake::{self, FrontDoor};
use crate::flows::post::{PostOffice, Worked};
use crate::mail::doors::{Deliverable, Reception};
use crate::mail::write::transport::{MemoryTransport, SentLetter, Transport};
use crate::store::StoreError;
use crate::sweeps;
use crate::web::demo::{DemoHandle, DemoLetter, Done};
use crate::world::clock::MovableClock;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The name under which the demo's front MTA vouches for senders.
pub const AUTHSERV_ID: &str = "mx.demo.example";

/// The demo's world.
pub struct Stage {
    pub house: Arc<House>,
    pub clock: Arc<MovableClock>,
    pub mailboxes: MemoryTransport,
    /// Sends beside the program's own, so that a step of time is whole before the next one.
    office: Mutex<PostOffice>,
    /// Rung when the visitor wants to begin anew.
    reset: Arc<Notify>,
    /// Letters that a visitor has seen listed.
    seen: AtomicUsize,
    sent: AtomicUsize,
}

/// A mail that somebody in the demo writes.
#[derive(Debug, Clone, Copy)]
pub struct Mail<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    /// Header lines beyond the usual, each ending in CRLF.
    pub headers: &'a str,
    pub text: &'a str,
    /// Whether SPF passes for the sender.
    pub is_proven: bool,
    /// With the null return path, as delivery reports are sent.
    pub is_from_nobody: bool,
}

impl Default for Mail<'_> {
    fn default() -> Self {
        Self { from: "", to: "", subject: "", headers: "", text: "", is_proven: true, is_from_nobody: false }
    }
}

impl Stage {
    /// A world around `house`.
    pub fn new(house: Arc<House>, clock: Arc<MovableClock>, mailboxes: MemoryTransport, reset: Arc<Notify>) -> Self {
        let office = Mutex::new(PostOffice::new(Transport::Memory(mailboxes.clone())));
        Self { house, clock, mailboxes, office, reset, seen: AtomicUsize::new(0), sent: AtomicUsize::new(0) }
    }

    /// What is new counts from now.
    pub fn has_seen_everything(&self) {
        self.look();
    }

    /// The mail arrives through the demo's front MTA, which checked its sender.
    ///
    /// # Errors
    /// A sentence for the visitor: an address that is none, a recipient that is not ours.
    pub async fn mail(&self, mail: &Mail<'_>) -> Result<(), String> {
        let from = mailbox_of(mail.from)?;
        let to = mailbox_of(mail.to)?;
        let door = FrontDoor(Arc::clone(&self.house));
        let peer = Peer { ip: [127, 0, 0, 1].into(), helo: "localhost".to_owned(), is_trusted: true };
        if door.may_deliver(&to, Some(&peer)).await != Deliverable::Yes {
            return Err(format!("{to} is no address of this foundation."));
        }
        let arrival = Arrival {
            arrived_at: self.house.now(),
            door: Door::Smtp,
            peer: Some(peer),
            recipients: vec![to],
            raw: Raw::Memory(self.bytes(mail, &from)),
            sender: (!mail.is_from_nobody).then_some(from),
        };
        door.keep(arrival).await.map(|_| ()).map_err(|not_kept| not_kept.to_string())
    }

    fn bytes(&self, mail: &Mail<'_>, from: &Mailbox) -> Vec<u8> {
        let now = self.house.now();
        let date = rfc2822::to_string(&now.to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default();
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let verdict = if mail.is_proven { "pass" } else { "none" };
        let one_line = |text: &str| text.replace(['\r', '\n'], " ");
        let mut text = mail.text.replace("\r\n", "\n").replace('\n', "\r\n");
        text += "\r\n";
        format!(
            "Authentication-Results: {AUTHSERV_ID}; spf={verdict} smtp.mailfrom={}\r\nFrom: {}\r\nTo: {}\r\n\
             Subject: {}\r\nDate: {date}\r\nMessage-ID: <demo.{}.{number}@{}>\r\nMIME-Version: 1.0\r\n{}\r\n{text}",
            from.domain(),
            one_line(mail.from),
            one_line(mail.to),
            one_line(mail.subject),
            now.as_second(),
            from.domain(),
            if mail.headers.is_empty() { "Content-Type: text/plain; charset=utf-8\r\n" } else { mail.headers },
        )
        .into_bytes()
    }

    /// Answers a letter as its recipient, at one of the addresses that it names.
    pub async fn answer_letter(
        &self,
        letter: &SentLetter,
        to: &str,
        text: &str,
        is_proven: bool,
    ) -> Result<(), String> {
        let references = format!(
            "Content-Type: text/plain; charset=utf-8\r\nIn-Reply-To: {}\r\n",
            letter.header("Message-ID").trim(),
        );
        let mail = Mail {
            from: letter.recipient.as_str(),
            to,
            subject: &format!("Re: {}", letter.subject()),
            headers: &references,
            text,
            is_proven,
            is_from_nobody: false,
        };
        self.mail(&mail).await
    }
}

/// The address of `Ivo <ivo@…>` or of a bare one.
fn mailbox_of(text: &str) -> Result<Mailbox, String> {
    let address = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>'));
    Mailbox::parse(address.trim()).map_err(|wrong| format!("{wrong}."))
}

/// Where an answer to the letter goes.
pub fn reply_to(letter: &SentLetter) -> String {
    let field = letter.header("Reply-To");
    let field = if field.trim().is_empty() { letter.header("From") } else { field };
    let address = field.rsplit_once('<').map_or(field.as_str(), |(_, rest)| rest);
    address.trim().trim_end_matches('>').to_owned()
}

impl Stage {
    /// Lets time pass, hour by hour as it does for a program that runs, so that each step of each ladder happens in
    /// its hour and nothing is passed over.
    pub async fn passes(&self, time: SignedDuration) -> Result<(), StoreError> {
        let office = self.office.lock().await;
        let mut left = time;
        while left > SignedDuration::ZERO {
            let next = left.min(HOUR);
            self.clock.advance(next);
            left -= next;
            self.work(&office).await?;
        }
        Ok(())
    }

    /// Does all that is due: files what arrived, takes the steps of the hour and sends what may leave.
    pub async fn everything_due_happens(&self) -> Result<(), StoreError> {
        let office = self.office.lock().await;
        self.work(&office).await
    }

    async fn work(&self, office: &PostOffice) -> Result<(), StoreError> {
        loop {
            let filed = intake::work_off(&self.house).await?;
            let swept = sweeps::sweep(&self.house).await?;
            let sent = office.send_due(&self.house).await?;
            if filed == 0 && swept == 0 && sent == Worked::Idle {
                return Ok(());
            }
        }
    }
}

impl DemoHandle for Stage {
    fn advance<'a>(&'a self, by: SignedDuration) -> Done<'a> {
        Box::pin(async move { self.passes(by).await.map_err(|error| error.to_string()) })
    }

    fn reset(&self) {
        self.reset.notify_one();
    }

    fn letters(&self) -> Vec<DemoLetter> {
        self.mailboxes.sent().iter().map(|letter| shown(letter, &self.house)).collect()
    }

    fn new_letters(&self) -> usize {
        self.mailboxes.sent().len().saturating_sub(self.seen.load(Ordering::Relaxed))
    }

    fn look(&self) {
        self.seen.store(self.mailboxes.sent().len(), Ordering::Relaxed);
    }

    fn answer<'a>(&'a self, letter: usize, to: &'a str, text: &'a str) -> Done<'a> {
        Box::pin(async move {
            let letters = self.mailboxes.sent();
            let letter = letters.get(letter).ok_or("There is no such letter.")?;
            let to = if to.is_empty() { reply_to(letter) } else { to.to_owned() };
            self.answer_letter(letter, &to, text, true).await
        })
    }

    fn send<'a>(&'a self, from: &'a str, subject: &'a str, text: &'a str) -> Done<'a> {
        Box::pin(async move {
            let to = super::security(&self.house).to_string();
            self.mail(&Mail { from, to: &to, subject, text, ..Mail::default() }).await
        })
    }
}

/// The address by which the letter's recipient writes to the reporter, if it names one.
pub fn to_reporter(letter: &SentLetter, house: &House) -> Option<String> {
    let second = format!("{}+r.", super::security(house).local());
    letter.text().split_whitespace().find(|word| word.starts_with(&second)).map(str::to_owned)
}

fn shown(letter: &SentLetter, house: &House) -> DemoLetter {
    DemoLetter {
        at: letter.header("Date").trim().to_owned(),
        to: letter.recipient.to_string(),
        subject: letter.subject(),
        to_reporter: to_reporter(letter, house),
        text: letter.text(),
        reply_to: reply_to(letter),
    }
}
