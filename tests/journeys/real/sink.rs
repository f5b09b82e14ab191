//! A relay of the tests' own: keeps what it takes, and can be told to answer otherwise.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;

use super::program::CONTACT;

/// How the sink behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Takes,
    /// 4xx to RCPT.
    Defers,
    /// 5xx to RCPT of the contact.
    Refuses,
    /// Takes the content and breaks off before its 250.
    Drops,
    /// Takes the content, and keeps it and says 250 only once its mood has changed.
    Dawdles,
}

/// A message that the sink answered with 250, or took and then broke off.
#[derive(Debug, Clone)]
pub struct Taken {
    pub recipient: String,
    pub message: String,
}

impl Taken {
    /// A header field's value.
    pub fn header(&self, name: &str) -> String {
        let start = format!("{name}: ");
        self.message.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
    }
}

struct State {
    mood: Mood,
    taken: Vec<Taken>,
    dropped: Vec<Taken>,
    refused: usize,
}

/// The program also writes to itself, to see whether mail comes in.
fn is_to_others(letter: &Taken) -> bool {
    !letter.recipient.starts_with("security+t.")
}

impl State {
    /// The letters to others.
    fn to_others(&self) -> impl Iterator<Item = &Taken> {
        self.taken.iter().filter(|letter| is_to_others(letter))
    }
}

/// A relay that listens on the loopback interface as long as the test's runtime lives.
#[derive(Clone)]
pub struct Sink {
    pub address: SocketAddr,
    state: Arc<watch::Sender<State>>,
}

/// A socket at a port of its own at which nobody listens yet.
pub fn closed() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket
}

impl Sink {
    pub async fn open(mood: Mood) -> Self {
        Self::at(closed(), mood)
    }

    /// Begins to listen.
    pub fn at(socket: TcpSocket, mood: Mood) -> Self {
        let listener = socket.listen(64).unwrap();
        let state = State { mood, taken: Vec::new(), dropped: Vec::new(), refused: 0 };
        let sink = Self { address: listener.local_addr().unwrap(), state: Arc::new(watch::Sender::new(state)) };
        let doors = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = doors.clone();
                tokio::spawn(async move { sink.attend(BufStream::new(stream)).await });
            }
        });
        sink
    }

    ///
    /// Without the program's test of its own mailbox, which goes out at each first start.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.borrow().to_others().cloned().collect()
    }

    /// What was broken off after its last byte.
    pub fn dropped(&self) -> Vec<Taken> {
        self.state.borrow().dropped.iter().filter(|letter| is_to_others(letter)).cloned().collect()
    }

    /// How many tries ended in a deferral, a refusal or a break.
    pub fn turned_away(&self) -> usize {
        let state = self.state.borrow();
        state.refused + state.dropped.len()
    }

    pub fn be(&self, mood: Mood) {
        self.state.send_modify(|state| state.mood = mood);
    }

    /// Waits until `count` messages were taken.
    pub async fn has_taken(&self, count: usize) {
        self.wait_until(|state| state.to_others().count() >= count).await;
    }

    /// Waits until `count` tries were turned away.
    pub async fn has_turned_away(&self, count: usize) {
        self.wait_until(|state| state.refused + state.dropped.len() >= count).await;
    }

    async fn wait_until(&self, wanted: impl FnMut(&State) -> bool) {
        let mut state = self.state.subscribe();
        let waited = tokio::time::timeout(Duration::from_secs(60), state.wait_for(wanted)).await;
        waited.expect("it does not happen").expect("the sink lives");
    }

    fn mood(&self) -> Mood {
        self.state.borrow().mood
    }

    async fn attend(&self, mut stream: BufStream<TcpStream>) -> Option<()> {
        say(&mut stream, "220 sink").await?;
        let mut recipient = String::new();
        loop {
            let line = line(&mut stream).await?;
            match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "RCPT" => {
                    recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    match self.mood() {
                        Mood::Defers => self.turn_away(&mut stream, "450 4.2.1 busy").await?,
                        Mood::Refuses if recipient == CONTACT => {
                            self.turn_away(&mut stream, "550 5.1.1 no such user").await?;
                        }
                        _ => say(&mut stream, "250 ok").await?,
                    }
                }
                "DATA" => {
                    say(&mut stream, "354 go on").await?;
                    let message = content(&mut stream).await?;
                    self.wait_to_be_quick().await;
                    self.keep(Taken { recipient: recipient.clone(), message })?;
                    say(&mut stream, "250 2.0.0 taken").await?;
                }
                "QUIT" => return say(&mut stream, "221 bye").await,
                _ => say(&mut stream, "250 ok").await?,
            }
        }
    }

    async fn wait_to_be_quick(&self) {
        self.state.subscribe().wait_for(|state| state.mood != Mood::Dawdles).await.expect("the sink lives");
    }

    /// Keeps the message, or breaks off before its 250.
    fn keep(&self, message: Taken) -> Option<()> {
        let is_dropped = self.mood() == Mood::Drops;
        self.state.send_modify(|state| if is_dropped { &mut state.dropped } else { &mut state.taken }.push(message));
        (!is_dropped).then_some(())
    }

    async fn turn_away(&self, stream: &mut BufStream<TcpStream>, answer: &str) -> Option<()> {
        self.state.send_modify(|state| state.refused += 1);
        say(stream, answer).await
    }
}

async fn say(stream: &mut BufStream<TcpStream>, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn line(stream: &mut BufStream<TcpStream>) -> Option<String> {
    let mut line = String::new();
    (stream.read_line(&mut line).await.ok()? > 0).then(|| line.trim_end().to_owned())
}

async fn content(stream: &mut BufStream<TcpStream>) -> Option<String> {
    let mut message = String::new();
    loop {
        let line = line(stream).await?;
        if line == "." {
            return Some(message);
        }
        message += &line;
        message += "\n";
    }
}
