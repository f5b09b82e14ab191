//! The door for a pipe or a file: one message from an MDA, a mailbox or an operator's hand (`fingerpost ingest`).
//!
//! The same contract as SMTP: what was taken is kept before it is said to be. Unlike there, line ends are
//! mended, since Unix tools write LF, and the envelope may have to be found in the header block.

mod envelope;

use std::io;
use std::path::PathBuf;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use crate::domain::address::{Mailbox, NotAMailbox, OwnAddresses};
use crate::domain::id::ArrivalId;
use crate::domain::report::{Arrival, Door};
use crate::mail::doors::file::envelope::{Fields, find_recipients, sort_out};
use crate::mail::doors::spool::{Body, SpoolFile};
use crate::mail::doors::{NotKept, Reception};
use crate::world::clock::Clock;

/// So much of a message is searched for envelope fields; what an MDA adds stands at the very top.
const HEAD_MAX: usize = 64 * 1024;

/// The "From " line that opens a message in an mbox file is never longer.
const MBOX_LINE_MAX: u64 = 1000;

/// What the command line says about the envelope.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub sender: Option<GivenSender>,
    /// May be empty.
    pub recipients: Vec<Mailbox>,
}

/// The value of `--sender`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenSender {
    /// The return path `<>` of bounces.
    Null,
    Mailbox(Mailbox),
}

impl GivenSender {
    /// Reads an address, with or without angle brackets. An empty one is the null return path, and so is
    /// `MAILER-DAEMON`, which Postfix's pipe(8) hands over in its place.
    pub fn parse(text: &str) -> Result<Self, NotAMailbox> {
        let bare = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text);
        if bare.is_empty() || bare.eq_ignore_ascii_case("MAILER-DAEMON") {
            return Ok(Self::Null);
        }
        Mailbox::parse(bare).map(Self::Mailbox)
    }
}

/// What the operator says about this door.
#[derive(Debug)]
pub struct FileSettings {
    pub own: OwnAddresses,
    /// Header fields in which the MDA names the recipient, in this order: `Delivered-To`, `X-Original-To`.
    pub recipient_fields: Vec<String>,
    /// Decimal bytes of one message with CRLF line ends.
    pub max_size: u64,
    /// Where a large message waits until it is kept: an existing folder that only we may read.
    pub spool: PathBuf,
}

/// Why no message was taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("the input is empty; give the message on stdin or name its file")]
    Empty,
    #[error("the message is larger than mail.max_size ({limit} bytes)")]
    TooLarge { limit: u64 },
    /// Every `--recipient` was refused; these are they.
    #[error("no recipient is an address of ours: {}", .0.iter().map(Mailbox::masked).collect::<Vec<_>>().join(", "))]
    NoRecipient(Vec<Mailbox>),
    #[error("the store cannot be asked now; try again later")]
    TryLater,
    #[error("the message could not be read or spooled: {0}")]
    Io(#[from] io::Error),
}

/// A message that was read and is not yet kept.
#[derive(Debug)]
pub struct Taken {
    arrival: Arrival,
    /// Recipients of the command line that are not ours; others are.
    refused: Vec<Mailbox>,
    /// The file that `arrival` may refer to.
    spool: Option<SpoolFile>,
}

impl Taken {
    /// The message and its envelope.
    pub fn arrival(&self) -> &Arrival {
        &self.arrival
    }

    /// Recipients of the command line that were left out, to be told to the operator.
    pub fn refused(&self) -> &[Mailbox] {
        &self.refused
    }

    /// Has the message kept. Only after `Ok` may the command exit with 0.
    pub async fn keep<R: Reception>(self, reception: &R) -> Result<ArrivalId, NotKept> {
        let Self { arrival, spool: _until_kept, .. } = self;
        reception.keep(arrival).await
    }
}

/// Reads one message to the end of `input`, with CRLF line ends, and finds its envelope (DESIGN.md 3.1).
///
/// The sender is the given one, else that of `Return-Path`, else that of `From`: without any of them the mail
/// would pass for a bounce, which opens no case. Recipients are the given ones, else those in
/// `FileSettings::recipient_fields`, else ours in To and Cc. A mail that names none came by Bcc or by hand; whoever
/// pipes it to us means the security address.
pub async fn read_message<R: Reception>(
    input: impl AsyncBufRead + Unpin,
    given: Given,
    settings: &FileSettings,
    reception: &R,
    clock: &dyn Clock,
) -> Result<Taken, NotTaken> {
    let (body, head) = read_body(input, settings).await?;
    let fields = Fields::read(&head);
    let sender = match given.sender {
        Some(GivenSender::Null) => None,
        Some(GivenSender::Mailbox(sender)) => Some(sender),
        None => fields.sender(),
    };
    let (recipients, refused) = if given.recipients.is_empty() {
        (find_recipients(&fields, settings, reception).await?, Vec::new())
    } else {
        let (ours, refused) = sort_out(given.recipients, reception).await?;
        if ours.is_empty() {
            return Err(NotTaken::NoRecipient(refused));
        }
        (ours, refused)
    };
    let arrived_at = clock.now();
    let (raw, spool) = body.finish(b"").await?;
    let arrival = Arrival { arrived_at, door: Door::File, peer: None, sender, recipients, raw };
    Ok(Taken { arrival, refused, spool })
}

/// The message without an mbox line in front, and its first bytes once more for the search.
async fn read_body(mut input: impl AsyncBufRead + Unpin, settings: &FileSettings) -> Result<(Body, Vec<u8>), NotTaken> {
    let mut first = Vec::new();
    (&mut input).take(MBOX_LINE_MAX).read_until(b'\n', &mut first).await?;
    if first.starts_with(b"From ") && first.ends_with(b"\n") {
        first.clear();
    }
    let (mut body, mut head) = (Body::new(&settings.spool), Vec::new());
    let mut line_ends = LineEnds::default();
    let mut has_content = false;
    let mut push = |body: &mut Body, bytes: &[u8]| {
        has_content |= bytes.iter().any(|byte| !b"\r\n".contains(byte));
        line_ends.feed(bytes, |run| {
            head.extend_from_slice(&run[..run.len().min(HEAD_MAX - head.len())]);
            body.push(run);
        });
    };
    push(&mut body, &first);
    loop {
        let bytes = input.fill_buf().await?;
        let count = bytes.len();
        if count == 0 {
            break;
        }
        push(&mut body, bytes);
        input.consume(count);
        if body.size() > settings.max_size {
            return Err(NotTaken::TooLarge { limit: settings.max_size });
        }
        body.settle().await?;
    }
    if has_content { Ok((body, head)) } else { Err(NotTaken::Empty) }
}

/// Makes every line end CRLF, be it LF, CR or CRLF; takes slices of any length.
#[derive(Debug, Default)]
struct LineEnds {
    /// A CR has been written as CRLF; a LF now belongs to it.
    after_cr: bool,
}

impl LineEnds {
    fn feed(&mut self, mut input: &[u8], mut take: impl FnMut(&[u8])) {
        loop {
            if self.after_cr
                && let Some(&next) = input.first()
            {
                self.after_cr = false;
                input = &input[usize::from(next == b'\n')..];
            }
            let Some(at) = input.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else { break };
            take(&input[..at]);
            take(b"\r\n");
            self.after_cr = input[at] == b'\r';
            input = &input[at + 1..];
        }
        take(input);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::domain::report::{CHUNK, Peer, Raw};
    use crate::mail::doors::Deliverable;
    use crate::world::clock::ManualClock;

    const SECURITY: &str = "security@foundation.example";
    const ISSUED: &str = "security+c.known@foundation.example";

    /// Takes the security address and one plus-address; remembers the bytes of what it keeps.
    struct House {
        is_busy: bool,
        kept: Mutex<Vec<Vec<u8>>>,
        spool: tempfile::TempDir,
    }

    impl Default for House {
        fn default() -> Self {
            Self { is_busy: false, kept: Mutex::default(), spool: tempfile::tempdir().unwrap() }
        }
    }

    impl Reception for House {
        async fn may_deliver(&self, recipient: &Mailbox, peer: Option<&Peer>) -> Deliverable {
            assert_eq!(peer, None);
            match recipient.folded().as_str() {
                _ if self.is_busy => Deliverable::TryLater,
                SECURITY | ISSUED => Deliverable::Yes,
                _ => Deliverable::NoSuchMailbox,
            }
        }

        async fn keep(&self, arrival: Arrival) -> Result<ArrivalId, NotKept> {
            let bytes = match arrival.raw {
                Raw::Memory(bytes) => bytes,
                Raw::Spooled { path, .. } => std::fs::read(path).unwrap(),
            };
            self.kept.lock().unwrap().push(bytes);
            Ok(ArrivalId::from_row("row"))
        }
    }

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
    }

    async fn read_with(house: &House, given: Given, mail: &[u8]) -> Result<Taken, NotTaken> {
        let settings = FileSettings {
            own: OwnAddresses::of(mailbox(SECURITY)),
            recipient_fields: vec!["Delivered-To".into(), "X-Original-To".into()],
            max_size: 1_000_000,
            spool: house.spool.path().to_owned(),
        };
        read_message(mail, given, &settings, house, &ManualClock::at(jiff::Timestamp::UNIX_EPOCH)).await
    }

    /// Sender and recipients of a mail with this header block.
    async fn envelope(header: &str) -> (Option<String>, Vec<String>) {
        let taken =
            read_with(&House::default(), Given::default(), format!("{header}\n\nhi\n").as_bytes()).await.unwrap();
        let Arrival { sender, recipients, .. } = taken.arrival;
        (sender.map(String::from), recipients.into_iter().map(String::from).collect())
    }

    async fn bytes_of(mail: &[u8]) -> Vec<u8> {
        let house = House::default();
        read_with(&house, Given::default(), mail).await.unwrap().keep(&house).await.unwrap();
        house.kept.into_inner().unwrap().remove(0)
    }

    #[tokio::test]
    async fn every_line_end_becomes_crlf_and_a_mbox_line_is_left_out() {
        assert_eq!(bytes_of(b"A: b\n\nc\r\nd\re\n\r\n").await, b"A: b\r\n\r\nc\r\nd\r\ne\r\n\r\n");
        assert_eq!(bytes_of(b"From jo Thu Mar  5 06:07:08 2026\nA: b\n").await, b"A: b\r\n");
        assert_eq!(
            bytes_of(b"From: jo@example.org\n\nFrom here\n").await,
            b"From: jo@example.org\r\n\r\nFrom here\r\n"
        );
    }

    #[test]
    fn line_ends_are_the_same_wherever_the_stream_is_cut() {
        let text = b"a\r\n\r\rb\n\n\r\nc";
        for cut in 0..=text.len() {
            let (mut ends, mut out) = (LineEnds::default(), Vec::new());
            [&text[..cut], &text[cut..]].iter().for_each(|piece| ends.feed(piece, |run| out.extend_from_slice(run)));
            assert_eq!(out, b"a\r\n\r\n\r\nb\r\n\r\n\r\nc", "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_large_message_goes_through_a_file_and_a_too_large_one_is_refused() {
        let large = b"a line\n".repeat(CHUNK / 7);
        assert_eq!(bytes_of(&large).await, b"a line\r\n".repeat(CHUNK / 7));
        let refused = read_with(&House::default(), Given::default(), &large.repeat(4)).await;
        assert!(matches!(refused, Err(NotTaken::TooLarge { limit: 1_000_000 })));
    }

    #[tokio::test]
    async fn empty_input_is_no_message() {
        for empty in ["", "\n\r\n", "From jo Thu Mar  5 06:07:08 2026\n"] {
            let taken = read_with(&House::default(), Given::default(), empty.as_bytes()).await;
            assert!(matches!(taken, Err(NotTaken::Empty)), "{empty:?}");
        }
    }

    #[tokio::test]
    async fn the_envelope_is_found_in_the_fields_that_the_mda_added() {
        let security = vec![SECURITY.to_owned()];
        let cases = [
            ("Return-Path: <b@example.org>\nFrom: a@example.org", Some("b@example.org"), vec![SECURITY]),
            ("Return-Path: <>\nFrom: a@example.org", None, vec![SECURITY]),
            ("From: \"x@example.com\" <a@example.org>", Some("a@example.org"), vec![SECURITY]),
            ("Delivered-To:\n security+c.known@foundation.example", None, vec![ISSUED]),
            ("delivered-to: box@host.example\nX-Original-To: security+c.known@foundation.example", None, vec![ISSUED]),
            (
                "Delivered-To: security@foundation.example\nTo: <security+c.known@foundation.example>",
                None,
                vec![SECURITY],
            ),
            (
                "To: A <security@foundation.example>,\n\tSecurity+C.known@foundation.example\nCc: security@foundation.example",
                None,
                vec![SECURITY, "Security+C.known@foundation.example"],
            ),
            ("To: security+c.guess@foundation.example", None, vec![SECURITY]),
        ];
        assert_eq!(envelope("Subject: nothing").await, (None, security));
        for (header, sender, recipients) in cases {
            let (found_sender, found) = envelope(header).await;
            assert_eq!(found_sender.as_deref(), sender, "{header}");
            assert_eq!(found, recipients, "{header}");
        }
    }

    #[tokio::test]
    async fn what_the_command_line_gives_comes_before_any_field() {
        let mail = b"Return-Path: <b@example.org>\nDelivered-To: security@foundation.example\n\nhi\n";
        let recipients = vec![mailbox(ISSUED), mailbox("x@elsewhere.example"), mailbox(ISSUED)];
        let given = Given { sender: Some(GivenSender::Null), recipients };
        let taken = read_with(&House::default(), given, mail).await.unwrap();
        assert_eq!(taken.arrival().sender, None);
        assert_eq!(taken.arrival().recipients, [mailbox(ISSUED)]);
        assert_eq!(taken.refused(), [mailbox("x@elsewhere.example")]);

        let given = Given { sender: None, recipients: vec![mailbox("x@elsewhere.example")] };
        let refused = read_with(&House::default(), given, mail).await.unwrap_err();
        assert_eq!(refused.to_string(), "no recipient is an address of ours: x…@elsewhere.example");
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_asked_asks_for_another_try() {
        let given = Given { sender: None, recipients: vec![mailbox(SECURITY)] };
        let busy = House { is_busy: true, ..House::default() };
        assert!(matches!(read_with(&busy, given, b"A: b\n").await, Err(NotTaken::TryLater)));
    }

    #[test]
    fn a_sender_is_an_address_or_null() {
        for null in ["", "<>", "MAILER-DAEMON"] {
            assert_eq!(GivenSender::parse(null).unwrap(), GivenSender::Null);
        }
        assert_eq!(GivenSender::parse("<a@b.example>").unwrap(), GivenSender::Mailbox(mailbox("a@b.example")));
        assert!(GivenSender::parse("a b@c.example").is_err());
    }
}
