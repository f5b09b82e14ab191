//! One connection with its buffers: lines and bytes in, answers out, each batch of answers in one write.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::line::{LineFault, LineFramer};

/// Read at once. Large enough that a mail of usual size comes in one or two reads.
const INPUT: usize = 32 * 1024;

/// Answers that may wait to be sent together. A client that pipelines and never reads gets no further than this.
const OUTPUT: usize = 8 * 1024;

/// How long and how much we listen on after the last answer, so that unread input does not make the system throw
/// that answer away (a reset instead of an orderly end).
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;

/// A connection. All its waiting may be given up at any point without losing a byte.
#[derive(Debug)]
pub struct Wire<S> {
    stream: S,
    framer: LineFramer,
    input: Box<[u8]>,
    /// The part of `input` that has not been taken.
    start: usize,
    end: usize,
    output: Vec<u8>,
    written: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// A connection of which nothing has been read yet.
    pub fn new(stream: S) -> Self {
        let input = vec![0; INPUT].into_boxed_slice();
        Self { stream, framer: LineFramer::default(), input, start: 0, end: 0, output: Vec::new(), written: 0 }
    }

    /// Puts a line into the next batch of answers.
    pub fn say(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    /// The next command line without its CRLF, or what is wrong with it; `None` at the end of the stream.
    ///
    /// Answers are sent only when no whole line is left to be worked on (RFC 2920 section 3.2).
    pub async fn line(&mut self) -> io::Result<Option<Result<Vec<u8>, LineFault>>> {
        if self.output.len() > OUTPUT {
            self.flush().await?;
        }
        loop {
            let (taken, line) = self.framer.feed(&self.input[self.start..self.end]);
            self.start += taken;
            if line.is_some() {
                return Ok(line);
            }
            if !self.fill().await? {
                return Ok(None);
            }
        }
    }

    /// What the other side has sent and has not been worked on.
    pub fn pending(&self) -> &[u8] {
        &self.input[self.start..self.end]
    }

    /// Takes `count` bytes of what is pending.
    pub fn take(&mut self, count: usize) {
        self.start += count;
        assert!(self.start <= self.end, "no more is taken than was read");
    }

    /// Sends what is to be said, then reads once; only when nothing is pending. `false` at the end of the stream.
    pub async fn fill(&mut self) -> io::Result<bool> {
        self.flush().await?;
        let read = self.stream.read(&mut self.input).await?;
        (self.start, self.end) = (0, read);
        Ok(read > 0)
    }

    /// Sends what is to be said.
    pub async fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        while self.written < self.output.len() {
            match self.stream.write(&self.output[self.written..]).await? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => self.written += count,
            }
        }
        self.stream.flush().await?;
        self.output.clear();
        self.written = 0;
        Ok(())
    }

    /// The bare connection; what was read and not taken is thrown away.
    pub fn into_stream(self) -> S {
        self.stream
    }

    /// Sends what is to be said and ends the connection in order, in bounded time.
    pub async fn close(mut self) {
        let farewell = async {
            self.flush().await?;
            self.stream.shutdown().await?;
            let mut heard = 0;
            while heard < LINGER_BYTES {
                match self.stream.read(&mut self.input).await? {
                    0 => break,
                    count => heard += count,
                }
            }
            io::Result::Ok(())
        };
        // The other side may be gone already; there is nobody left to tell.
        let _ = timeout(LINGER, farewell).await;
    }
}
