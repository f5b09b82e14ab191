//! Whole dialogues with the door, over a pipe in memory.

mod bytes;
mod envelope;
mod faults;
mod listening;
mod paces;
mod secrecy;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio_util::sync::CancellationToken;

use super::session::{Host, attend};
use super::{Protocol, SmtpLimits, SmtpSettings};
use crate::domain::address::Mailbox;
use crate::domain::id::ArrivalId;
use crate::domain::report::{Arrival, Peer, Raw};
use crate::mail::doors::{Deliverable, NotKept, Reception};
use crate::world::clock::{Clock, ManualClock};
use crate::world::pace::Pace;

const STRANGER: &str = "192.0.2.1";
const FRONT: &str = "10.0.0.1";
const SECURITY: &str = "security@foundation.example";
/// The one plus-address that was issued.
const ISSUED: &str = "security+c.known@foundation.example";
/// Greeting and envelope of a mail to the security address, up to DATA.
const ENVELOPE: &str =
    "EHLO client.example\r\nMAIL FROM:<jo@example.org>\r\nRCPT TO:<security@foundation.example>\r\nDATA\r\n";
/// The answers to the greeting, EHLO, MAIL, RCPT and DATA.
const BEFORE_DATA: [&str; 5] = ["220", "250", "250", "250", "354"];

/// A reception that keeps mail in memory.
#[derive(Default)]
struct House {
    kept: Mutex<Vec<(Arrival, Vec<u8>)>>,
    is_broken: bool,
}

impl Reception for House {
    async fn may_deliver(&self, recipient: &Mailbox, peer: Option<&Peer>) -> Deliverable {
        let is_trusted = peer.is_some_and(|peer| peer.is_trusted);
        match recipient.folded().as_str() {
            _ if self.is_broken => Deliverable::TryLater,
            SECURITY | ISSUED | "postmaster@foundation.example" => Deliverable::Yes,
            other if other.starts_with("security+") && is_trusted => Deliverable::Yes,
            other if other.ends_with("@foundation.example") => Deliverable::NoSuchMailbox,
            _ => Deliverable::NotOurs,
        }
    }

    async fn keep(&self, arrival: Arrival) -> Result<ArrivalId, NotKept> {
        if arrival.sender.as_ref().is_some_and(|sender| sender.local() == "unlucky") {
            return Err(NotKept("the disk is full".into()));
        }
        let bytes = match &arrival.raw {
            Raw::Memory(bytes) => bytes.clone(),
            Raw::Spooled { path, .. } => std::fs::read(path).unwrap(),
        };
        assert_eq!(bytes.len() as u64, arrival.raw.size());
        self.kept.lock().unwrap().push((arrival, bytes));
        Ok(ArrivalId::from_row("0198c0de-0000-7000-8000-000000000000"))
    }
}

/// A door to talk to.
struct Stage {
    host: Host<House>,
    house: Arc<House>,
    spool: tempfile::TempDir,
    peer: IpAddr,
}

impl Stage {
    fn smtp() -> Self {
        Self::with(Protocol::Smtp, |_| {})
    }

    fn with(protocol: Protocol, adjust: impl FnOnce(&mut SmtpSettings)) -> Self {
        let spool = tempfile::tempdir().unwrap();
        let mut settings = SmtpSettings {
            hostname: "mx.foundation.example".into(),
            security: Mailbox::parse(SECURITY).unwrap(),
            limits: SmtpLimits { messages_per_peer: NonZeroU32::MAX, ..SmtpLimits::default() },
            trusted_peers: vec!["10.0.0.0/8".parse().unwrap()],
            spool: spool.path().to_owned(),
            certificate: None,
        };
        adjust(&mut settings);
        let house = Arc::new(House::default());
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at("2026-03-05T06:07:08Z".parse().unwrap()));
        let host = Host {
            protocol,
            reception: Arc::clone(&house),
            pace: Pace::new(settings.limits.messages_per_peer, Duration::from_hours(1), Arc::clone(&clock)),
            clock,
            settings: Arc::new(settings),
            stop: CancellationToken::new(),
        };
        Self { host, house, spool, peer: STRANGER.parse().unwrap() }
    }

    fn called_by(mut self, peer: &str) -> Self {
        self.peer = peer.parse().unwrap();
        self
    }

    /// Plays the client over one connection, and lets the door answer it.
    async fn play<T>(&self, client: impl AsyncFnOnce(Client<DuplexStream>) -> T) -> T {
        let (near, far) = tokio::io::duplex(64 * 1024);
        tokio::join!(client(Client(near)), attend(far, self.peer, &self.host)).0
    }

    /// Sends these pieces, each as a segment of its own, then listens to the end. The last lines of all answers.
    async fn hears(&self, pieces: &[&[u8]]) -> Vec<String> {
        let talk = async move |client: Client<DuplexStream>| {
            let (mut reader, mut writer) = tokio::io::split(client.0);
            let send = async {
                for piece in pieces {
                    // The door may have closed in the middle of it, which is for the answers to tell.
                    let _ = writer.write_all(piece).await;
                    // Twice, as `join!` takes turns in who goes first.
                    tokio::task::yield_now().await;
                    tokio::task::yield_now().await;
                }
                let _ = writer.shutdown().await;
            };
            let mut answers = String::new();
            let listen = reader.read_to_string(&mut answers);
            let ((), heard) = tokio::join!(send, listen);
            heard.unwrap();
            answers
        };
        let answers = self.play(talk).await;
        assert!(answers.ends_with("\r\n"), "{answers:?}");
        answers.lines().filter(|line| line.as_bytes()[3] == b' ').map(str::to_owned).collect()
    }

    /// The codes of all answers to `text`, sent at once.
    async fn codes(&self, text: &str) -> Vec<String> {
        codes(&self.hears(&[text.as_bytes()]).await)
    }

    /// What the house has kept, without our own `Received` field.
    fn kept(&self) -> Vec<String> {
        let kept = self.house.kept.lock().unwrap();
        kept.iter()
            .map(|(_, bytes)| {
                let text = String::from_utf8(bytes.clone()).unwrap();
                let ours = "Received: from client.example ([192.0.2.1])\r\n\tby mx.foundation.example with ";
                let after = text.strip_prefix(ours).expect("our field stands in front");
                after.split_once("\r\n\tThu, 05 Mar 2026 06:07:08 +0000\r\n").unwrap().1.to_owned()
            })
            .collect()
    }

    fn arrivals(&self) -> Vec<Arrival> {
        self.house.kept.lock().unwrap().iter().map(|(arrival, _)| arrival.clone()).collect()
    }

    /// No message that was kept or refused may leave a file.
    fn spooled_files(&self) -> usize {
        std::fs::read_dir(self.spool.path()).unwrap().count()
    }
}

fn codes(answers: &[String]) -> Vec<String> {
    answers.iter().map(|line| line[..3].to_owned()).collect()
}

/// The other side of a connection, one step at a time.
struct Client<S>(S);

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn says(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// One whole answer, all its lines.
    async fn hears(&mut self) -> String {
        let mut answer = String::new();
        loop {
            let start = answer.len();
            while !answer.ends_with("\r\n") || answer.len() == start {
                let byte = self.0.read_u8().await.expect("an answer");
                answer.push(char::from(byte));
            }
            if answer.as_bytes()[start + 3] == b' ' {
                return answer;
            }
        }
    }

    async fn asks(&mut self, command: &str) -> String {
        self.says(&format!("{command}\r\n")).await;
        self.hears().await
    }

    /// What comes until the door closes.
    async fn hears_the_end(&mut self) -> String {
        let mut rest = Vec::new();
        // A door that closes while we are still sending is as good as one that ends in order.
        let _ = self.0.read_to_end(&mut rest).await;
        String::from_utf8_lossy(&rest).into_owned()
    }
}

/// A body line of `length` bytes with its CRLF.
fn line_of(length: usize) -> String {
    format!("{}\r\n", "x".repeat(length - 2))
}

const MINUTE: Duration = Duration::from_mins(1);
