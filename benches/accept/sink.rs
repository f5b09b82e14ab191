//! A relay that counts the forwards it takes and keeps nothing.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

/// The sink; it listens as long as the runtime lives.
pub struct Sink {
    pub address: SocketAddr,
    forwards: watch::Receiver<usize>,
}

impl Sink {
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (count, forwards) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(attend(BufStream::new(stream), count.clone()));
            }
        });
        Ok(Self { address, forwards })
    }

    /// Waits until so many letters to the contact were taken.
    ///
    /// # Errors
    /// If that takes more than two minutes: something else than speed is wrong then.
    pub async fn forwards(&mut self, count: usize) -> anyhow::Result<()> {
        let taken = timeout(Duration::from_secs(120), self.forwards.wait_for(|taken| *taken >= count)).await;
        taken.with_context(|| format!("not {count} forwards within two minutes"))?.context("the sink is gone")?;
        Ok(())
    }
}

async fn attend(mut stream: BufStream<TcpStream>, count: watch::Sender<usize>) -> Option<()> {
    let mut line = String::new();
    let mut is_forward = false;
    say(&mut stream, "220 sink").await?;
    loop {
        read(&mut stream, &mut line).await?;
        match line.get(..4).unwrap_or_default() {
            "RCPT" => {
                is_forward = line.contains("parsley");
                say(&mut stream, "250 ok").await?;
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                while line != ".\r\n" {
                    read(&mut stream, &mut line).await?;
                }
                say(&mut stream, "250 ok").await?;
                count.send_modify(|taken| *taken += usize::from(is_forward));
            }
            "QUIT" => return None,
            _ => say(&mut stream, "250 ok").await?,
        }
    }
}

async fn read(stream: &mut BufStream<TcpStream>, line: &mut String) -> Option<()> {
    line.clear();
    (stream.read_line(line).await.ok()? > 0).then_some(())
}

async fn say(stream: &mut BufStream<TcpStream>, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}
