//! Takes in one message behind 354: to its true end, whatever is wrong with it, and in bounded memory.

use std::io;
use std::path::Path;

use tokio::io::{AsyncRead, AsyncWrite};

use super::data::{DataReader, HopCounter};
use super::limits::SmtpLimits;
use super::say;
use super::wire::Wire;
use crate::mail::doors::spool::Body;

/// How the bytes behind 354 ended.
pub enum Ending {
    /// The message, with room in front.
    Whole(Body),
    Refused(Refusal),
    /// So far beyond the size limit that its end was not awaited.
    Endless,
}

/// Why a message is refused at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A bare CR, a bare LF or a NUL: the shape of a smuggled mail.
    BadBytes,
    TooLarge,
    Loop,
    /// The spool file could not be written: a full disk.
    NoRoom,
}

impl Refusal {
    /// The answer, once for SMTP and once for each recipient in LMTP.
    pub fn answer(self) -> &'static str {
        match self {
            Self::BadBytes => say::BAD_BYTES,
            Self::TooLarge => say::TOO_LARGE,
            Self::Loop => say::LOOP,
            Self::NoRoom => say::NO_ROOM,
        }
    }

    /// Whoever sends odd line ends may disagree with us about where the message ended, so nothing more is read.
    pub fn ends_the_session(self) -> bool {
        self == Self::BadBytes
    }
}

/// Reads a message to its end; `room` bytes are left in front of it. An error means that the other side is gone.
pub async fn receive<S>(wire: &mut Wire<S>, limits: &SmtpLimits, spool: &Path, room: usize) -> io::Result<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut reader = DataReader::default();
    let mut intake = Intake::new(limits, spool, room);
    let mut read = 0;
    loop {
        if wire.pending().is_empty() && !wire.fill().await? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let pending = wire.pending();
        let end = reader.feed(pending, |run| intake.take(run));
        let taken = end.unwrap_or(pending.len());
        wire.take(taken);
        read += taken as u64;
        if end.is_some() {
            break;
        }
        if read > limits.drained() {
            return Ok(Ending::Endless);
        }
        intake.settle(reader.fault().is_some()).await;
    }
    Ok(match (reader.fault(), intake.refusal) {
        (Some(_), _) => Ending::Refused(Refusal::BadBytes),
        (None, Some(refusal)) => Ending::Refused(refusal),
        (None, None) => Ending::Whole(intake.body),
    })
}

/// What becomes of the clean bytes.
struct Intake<'l> {
    limits: &'l SmtpLimits,
    spool: &'l Path,
    body: Body,
    size: u64,
    hops: HopCounter,
    refusal: Option<Refusal>,
}

impl<'l> Intake<'l> {
    fn new(limits: &'l SmtpLimits, spool: &'l Path, room: usize) -> Self {
        let mut body = Body::new(spool);
        body.push(&vec![b' '; room]);
        Self { limits, spool, body, size: 0, hops: HopCounter::default(), refusal: None }
    }

    fn take(&mut self, run: &[u8]) {
        self.size += run.len() as u64;
        self.hops.feed(run);
        if self.size > self.limits.max_size {
            self.refusal.get_or_insert(Refusal::TooLarge);
        } else if self.hops.hops() > self.limits.hops {
            self.refusal.get_or_insert(Refusal::Loop);
        }
        if self.refusal.is_none() {
            self.body.push(run);
        }
    }

    /// Keeps memory flat; gives the body up as soon as it is clear that it will not be kept.
    async fn settle(&mut self, is_faulty: bool) {
        if self.refusal.is_none()
            && let Err(error) = self.body.settle().await
        {
            tracing::warn!(%error, "a message could not be spooled; its sender is asked to try again");
            self.refusal = Some(Refusal::NoRoom);
        }
        if is_faulty || self.refusal.is_some() {
            self.body = Body::new(self.spool);
        }
    }
}
