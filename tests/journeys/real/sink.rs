//! A relay of the tests' own: keeps what it takes, and can be told to answer otherwise.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

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
    taken: Vec<Taken>,
    mood: Mood,
    refused: usize,
}

/// A relay that listens on the loopback interface as long as the test's runtime lives.
#[derive(Clone)]
pub struct Sink {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Sink {
    pub async fn open(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = Arc::new(Mutex::new(State { taken: Vec::new(), mood, refused: 0 }));
        let sink = Self { address: listener.local_addr().unwrap(), state };
        let doors = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = doors.clone();
                tokio::spawn(async move { sink.attend(BufStream::new(stream)).await });
            }
        });
        sink
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.state.lock().unwrap().taken.clone()
    }

    /// How many tries ended in a deferral, a refusal or a break.
    pub fn turned_away(&self) -> usize {
        self.state.lock().unwrap().refused
    }

    pub fn be(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    fn mood(&self) -> Mood {
        self.state.lock().unwrap().mood
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
                        Mood::Refuses => self.turn_away(&mut stream, "550 5.1.1 no such user").await?,
                        Mood::Takes | Mood::Drops => say(&mut stream, "250 ok").await?,
                    }
                }
                "DATA" => {
                    say(&mut stream, "354 go on").await?;
                    let message = content(&mut stream).await?;
                    self.keep(&recipient, message)?;
                    say(&mut stream, "250 2.0.0 taken").await?;
                }
                "QUIT" => return say(&mut stream, "221 bye").await,
                _ => say(&mut stream, "250 ok").await?,
            }
        }
    }

    /// Keeps the message, or breaks off before its 250.
    fn keep(&self, recipient: &str, message: String) -> Option<()> {
        let mut state = self.state.lock().unwrap();
        if state.mood == Mood::Drops {
            state.refused += 1;
            return None;
        }
        state.taken.push(Taken { recipient: recipient.to_owned(), message });
        Some(())
    }

    async fn turn_away(&self, stream: &mut BufStream<TcpStream>, answer: &str) -> Option<()> {
        self.state.lock().unwrap().refused += 1;
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
