//! A bounded load of SMTP mails over kept connections, with the time of each.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

/// Messages are made before the clock starts, so many that they take up about this; then they are sent again.
const DISTINCT_BYTES: usize = 50_000_000;

/// How much to send where.
#[derive(Clone, Copy)]
pub struct Load {
    pub address: SocketAddr,
    pub connections: usize,
    pub mails: usize,
    /// The number of the first: each number has a sender at a domain of its own, for a domain that sends one subject
    /// with ever new numbers is taken for a ticket system.
    pub first: usize,
    pub to: &'static str,
}

/// What a load came to.
pub struct Measured {
    mails: usize,
    took: Duration,
    each: Vec<Duration>,
}

impl Measured {
    /// Mails a second.
    pub fn rate(&self) -> f64 {
        self.mails as f64 / self.took.as_secs_f64()
    }

    fn percentile(&self, percent: usize) -> f64 {
        self.each[(self.each.len() * percent / 100).min(self.each.len() - 1)].as_secs_f64() * 1_000.0
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.0} ({:.1}, {:.1})", self.rate(), self.percentile(50), self.percentile(99)))
    }
}

/// Sends the load; `mail` makes the message of a number.
pub async fn run(load: Load, mail: impl Fn(usize) -> Vec<u8>) -> anyhow::Result<Measured> {
    let first = mail(load.first);
    let distinct = (DISTINCT_BYTES / first.len()).clamp(1, load.mails.min(200));
    let others = (load.first + 1..load.first + distinct).map(mail);
    let messages: Arc<Vec<Vec<u8>>> = Arc::new(std::iter::once(first).chain(others).collect());
    let next = Arc::new(AtomicUsize::new(load.first));
    let started = Instant::now();
    let senders: Vec<_> =
        (0..load.connections).map(|_| tokio::spawn(sender(load, Arc::clone(&messages), Arc::clone(&next)))).collect();
    let mut each = Vec::with_capacity(load.mails);
    for sender in senders {
        each.extend(sender.await??);
    }
    each.sort();
    Ok(Measured { mails: each.len(), took: started.elapsed(), each })
}

async fn sender(load: Load, messages: Arc<Vec<Vec<u8>>>, next: Arc<AtomicUsize>) -> anyhow::Result<Vec<Duration>> {
    let stream = TcpStream::connect(load.address).await?;
    stream.set_nodelay(true)?;
    let mut stream = BufStream::new(stream);
    expect(&mut stream, "220").await?;
    ask(&mut stream, "EHLO bench.example", "250").await?;
    let mut each = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= load.first + load.mails {
            ask(&mut stream, "QUIT", "221").await?;
            return Ok(each);
        }
        let started = Instant::now();
        let from = format!("reporter@sender-{number}.example");
        let envelope = format!("MAIL FROM:<{from}>\r\nRCPT TO:<{}>\r\nDATA\r\n", load.to);
        stream.write_all(envelope.as_bytes()).await?;
        stream.flush().await?;
        for code in ["250", "250", "354"] {
            expect(&mut stream, code).await?;
        }
        // A Message-ID of its own, so that no two are twins.
        let own = format!("From: Sender <{from}>\r\nMessage-ID: <{number}.{:p}@sender.example>\r\n", &each);
        stream.write_all(own.as_bytes()).await?;
        stream.write_all(&messages[number % messages.len()]).await?;
        stream.write_all(b"\r\n.\r\n").await?;
        stream.flush().await?;
        expect(&mut stream, "250").await?;
        each.push(started.elapsed());
    }
}

async fn ask(stream: &mut BufStream<TcpStream>, line: &str, code: &str) -> anyhow::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await?;
    expect(stream, code).await
}

async fn expect(stream: &mut BufStream<TcpStream>, code: &str) -> anyhow::Result<()> {
    loop {
        let mut line = String::new();
        ensure!(stream.read_line(&mut line).await.context("no answer")? > 0, "the connection was closed");
        if line.as_bytes().get(3) != Some(&b'-') {
            ensure!(line.starts_with(code), "expected {code}: {line}");
            return Ok(());
        }
    }
}

/// A message of about `size` bytes, but for the fields of its sender.
pub fn message(subject: &str, number: usize, size: usize) -> Vec<u8> {
    let head = format!(
        "To: security@bench.example\r\nSubject: {subject}, {number}\r\n\
         Date: Fri, 20 Nov 2026 14:00:00 +0000\r\n\r\n{subject}: a vulnerability, number {number}.\r\n"
    );
    let line = "It goes on for a while so that it is as long as an ordinary mail.\r\n";
    let mut message = head.into_bytes();
    while message.len() < size {
        message.extend_from_slice(line.as_bytes());
    }
    message
}

/// A report with one large base64 attachment, but for the fields of its sender.
pub fn with_attachment(number: usize, size: usize) -> Vec<u8> {
    let mut message = format!(
        "To: security@bench.example\r\nSubject: Buffer overflow in Parsley 2.1, {number}\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=bench\r\n\r\n--bench\r\nContent-Type: text/plain\r\n\r\n\
         Vulnerability in Parsley 2.1, see the file.\r\n--bench\r\nContent-Type: application/zip; name=poc.zip\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n"
    )
    .into_bytes();
    while message.len() < size {
        message.extend_from_slice("/wD+".repeat(19).as_bytes());
        message.extend_from_slice(b"\r\n");
    }
    message.extend_from_slice(b"--bench--\r\n");
    message
}
