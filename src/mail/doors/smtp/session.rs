//! The dialogue of one connection: who may say what when, and what is answered.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::command::{Command, Hello, MailFrom, Recipient};
use super::line::LineFault;
use super::message::{self, Ending};
use super::wire::Wire;
use super::{Protocol, SmtpSettings, say, trace};
use crate::domain::address::Mailbox;
use crate::domain::report::{Arrival, Door, Peer};
use crate::mail::doors::spool::Body;
use crate::mail::doors::{Deliverable, Reception};
use crate::world::clock::Clock;
use crate::world::pace::{Pace, network};

/// What all sessions of one listener share.
pub struct Host<R> {
    pub protocol: Protocol,
    pub settings: Arc<SmtpSettings>,
    pub reception: Arc<R>,
    pub clock: Arc<dyn Clock>,
    /// How often each network may send to the security address.
    pub pace: Pace<IpAddr>,
    /// Once cancelled, sessions between two commands end; a message that is coming in is finished first.
    pub stop: CancellationToken,
}

/// Holds the whole dialogue with `ip` over `stream`, from the greeting to the end of the connection.
pub async fn attend<S, R>(stream: S, ip: IpAddr, host: &Host<R>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    R: Reception,
{
    let mut session = Session::new(host, ip);
    let mut wire = Wire::new(stream);
    wire.say(&session.greeting());
    if session.converse(&mut wire).await == End::Closing {
        return wire.close().await;
    }
    if let Some(stream) = session.shake_hands(wire).await {
        let mut wire = Wire::new(stream);
        session.converse(&mut wire).await;
        wire.close().await;
    }
}

/// How a dialogue ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Closing,
    StartTls,
}

/// What follows a command.
type Next = Option<End>;

/// Listen on.
const GO_ON: Next = None;

/// How the client greeted.
struct Greeted {
    name: String,
    hello: Hello,
}

/// One mail as far as it has been announced.
struct Envelope {
    sender: Option<Mailbox>,
    is_utf8: bool,
    /// It is in the count of its network.
    is_counted: bool,
    /// In the order of RCPT; one that was named twice stands here twice, for LMTP answers each.
    recipients: Vec<Mailbox>,
}

struct Session<'h, R> {
    host: &'h Host<R>,
    ip: IpAddr,
    is_trusted: bool,
    is_tls: bool,
    greeted: Option<Greeted>,
    envelope: Option<Envelope>,
    errors: u32,
    wrong_recipients: u32,
    /// DATA was refused: what comes now may be the message that its client sends all the same.
    has_refused_data: bool,
}

impl<'h, R: Reception> Session<'h, R> {
    fn new(host: &'h Host<R>, ip: IpAddr) -> Self {
        Self {
            host,
            ip,
            is_trusted: host.settings.trusts(ip),
            is_tls: false,
            greeted: None,
            envelope: None,
            errors: 0,
            wrong_recipients: 0,
            has_refused_data: false,
        }
    }

    fn greeting(&self) -> String {
        let protocol = match self.host.protocol {
            Protocol::Smtp => "ESMTP",
            Protocol::Lmtp => "LMTP",
        };
        format!("220 {} {protocol} Fingerpost", self.host.settings.hostname)
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>) -> End {
        loop {
            let next = match self.listen(wire).await {
                None => Some(End::Closing),
                Some(Ok(line)) => self.obey(wire, &line).await,
                Some(Err(fault)) => self.reject_line(wire, fault),
            };
            if let Some(end) = next {
                return end;
            }
        }
    }

    /// The next line; `None` if there will be none, of which the other side has been told if it still listens.
    async fn listen<S>(&self, wire: &mut Wire<S>) -> Option<Result<Vec<u8>, LineFault>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let heard = tokio::select! {
            biased;
            () = self.host.stop.cancelled() => {
                wire.say(say::STOPPING);
                return None;
            }
            heard = timeout(self.host.settings.limits.command_deadline, wire.line()) => heard,
        };
        match heard {
            Ok(line) => line.unwrap_or(None),
            Err(_elapsed) => {
                wire.say(say::TOO_SLOW);
                None
            }
        }
    }

    fn reject_line<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>, fault: LineFault) -> Next {
        let answer = match fault {
            LineFault::TooLong | LineFault::Endless => say::LINE_TOO_LONG,
            LineFault::BareLf => say::BARE_LF,
            LineFault::BareCr => say::BARE_CR,
            LineFault::Nul => say::NUL_IN_LINE,
        };
        let next = self.answer(wire, answer);
        if fault.ends_the_session() { Some(End::Closing) } else { next }
    }

    async fn obey<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>, line: &[u8]) -> Next {
        let has_refused_data = std::mem::take(&mut self.has_refused_data);
        let command = match Command::parse(line) {
            Ok(command) => command,
            Err(_) if has_refused_data => return close_with(wire, say::UNINVITED_MESSAGE),
            Err(refusal) => return self.answer(wire, refusal),
        };
        match command {
            Command::Hello(hello, name) => self.hello(wire, hello, name),
            Command::Mail(mail) => self.mail(wire, mail),
            Command::Rcpt(recipient) => self.rcpt(wire, recipient).await,
            Command::Data => self.data(wire).await,
            Command::StartTls => self.start_tls(wire),
            Command::Rset => {
                self.envelope = None;
                self.answer(wire, say::OK)
            }
            Command::Noop => self.answer(wire, say::OK),
            Command::Vrfy => self.answer(wire, say::VRFY),
            Command::Help => self.answer(wire, say::HELP),
            Command::NotOffered => self.answer(wire, say::NOT_OFFERED),
            Command::Quit => close_with(wire, say::BYE),
            Command::Bdat => close_with(wire, say::BDAT),
            Command::Http => close_with(wire, say::NOT_HTTP),
        }
    }

    /// Says `answer`, and cuts the session if it is one refusal too many.
    fn answer<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>, answer: &str) -> Next {
        wire.say(answer);
        self.errors += u32::from(answer.starts_with('5'));
        let limits = &self.host.settings.limits;
        if self.errors >= limits.errors || self.wrong_recipients >= limits.wrong_recipients {
            tracing::info!(ip = %self.ip, "a session was cut for too many errors");
            return close_with(wire, say::TOO_MANY_ERRORS);
        }
        GO_ON
    }

    fn hello<S>(&mut self, wire: &mut Wire<S>, hello: Hello, name: String) -> Next
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match (self.host.protocol, hello) {
            (Protocol::Smtp, Hello::Lhlo) => return self.answer(wire, say::NOT_LMTP),
            (Protocol::Lmtp, Hello::Helo | Hello::Ehlo) => return self.answer(wire, say::NOT_SMTP),
            _ => {}
        }
        self.envelope = None; // RFC 5321 section 4.1.4: as if RSET had been said
        self.greeted = Some(Greeted { name, hello });
        let hostname = &self.host.settings.hostname;
        if hello == Hello::Helo {
            return self.answer(wire, &format!("250 {hostname}"));
        }
        wire.say(&format!("250-{hostname}"));
        wire.say("250-PIPELINING");
        wire.say(&format!("250-SIZE {}", self.host.settings.limits.max_size));
        if self.host.settings.certificate.is_some() && !self.is_tls {
            wire.say("250-STARTTLS");
        }
        wire.say("250-8BITMIME");
        wire.say("250-SMTPUTF8");
        self.answer(wire, "250 ENHANCEDSTATUSCODES")
    }

    fn mail<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>, mail: MailFrom) -> Next {
        if self.greeted.is_none() {
            return self.answer(wire, say::HELLO_FIRST);
        }
        if self.envelope.is_some() {
            return self.answer(wire, say::ONE_SENDER);
        }
        if mail.size.is_some_and(|size| size > self.host.settings.limits.max_size) {
            return self.answer(wire, say::TOO_LARGE);
        }
        self.envelope =
            Some(Envelope { sender: mail.sender, is_utf8: mail.is_utf8, is_counted: false, recipients: Vec::new() });
        self.answer(wire, say::SENDER_OK)
    }

    async fn rcpt<S>(&mut self, wire: &mut Wire<S>, recipient: Recipient) -> Next
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (Some(envelope), Some(greeted)) = (&self.envelope, &self.greeted) else {
            return self.answer(wire, say::SENDER_FIRST);
        };
        if envelope.recipients.len() >= self.host.settings.limits.recipients {
            return self.answer(wire, say::TOO_MANY_RECIPIENTS);
        }
        let recipient = self.host.settings.complete(recipient);
        if !recipient.local().is_ascii() && !envelope.is_utf8 {
            return self.answer(wire, say::NEEDS_SMTPUTF8);
        }
        let peer = Peer { ip: self.ip, helo: greeted.name.clone(), is_trusted: self.is_trusted };
        match self.host.reception.may_deliver(&recipient, Some(&peer)).await {
            Deliverable::Yes => self.take_recipient(wire, recipient),
            Deliverable::TryLater => self.answer(wire, say::TRY_LATER),
            Deliverable::NotOurs => self.refuse_recipient(wire, say::RELAYING),
            Deliverable::NoSuchMailbox => {
                let answer = format!("550 5.1.1 no such mailbox; reports go to <{}>", self.host.settings.security);
                self.refuse_recipient(wire, &answer)
            }
        }
    }

    /// Counts a stranger's message once, at its first recipient that anybody can name. Whoever has an address that
    /// we issued is never slowed down (THREATS.md P13).
    fn take_recipient<S>(&mut self, wire: &mut Wire<S>, recipient: Mailbox) -> Next
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let is_issued = self.host.settings.is_issued(&recipient);
        let Some(envelope) = &mut self.envelope else { return self.answer(wire, say::SENDER_FIRST) };
        if !(self.is_trusted || is_issued || envelope.is_counted) {
            if let Err(wait) = self.host.pace.ask(&network(self.ip)) {
                return self.answer(wire, &say::too_many_messages(wait.minutes()));
            }
            envelope.is_counted = true;
        }
        envelope.recipients.push(recipient);
        self.answer(wire, say::RECIPIENT_OK)
    }

    /// A front MTA passes on the mistakes of others, so that its refused recipients are not counted.
    fn refuse_recipient<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>, answer: &str) -> Next {
        if self.is_trusted {
            wire.say(answer);
            return GO_ON;
        }
        self.wrong_recipients += 1;
        self.answer(wire, answer)
    }

    async fn data<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>) -> Next {
        match (self.envelope.take(), &self.greeted) {
            (Some(envelope), Some(greeted)) if !envelope.recipients.is_empty() => {
                let peer = Peer { ip: self.ip, helo: greeted.name.clone(), is_trusted: self.is_trusted };
                self.message(wire, envelope, peer).await
            }
            (Some(envelope), _) => {
                self.envelope = Some(envelope);
                self.refuse_data(wire, say::NO_RECIPIENT)
            }
            (None, _) => self.refuse_data(wire, say::SENDER_FIRST),
        }
    }

    /// A message that is sent all the same must not be read as commands (THREATS.md row 6). DATA is the last of a
    /// pipelined group (RFC 2920 section 3.1), so anything already here is such a message.
    fn refuse_data<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>, answer: &str) -> Next {
        if !wire.pending().is_empty() {
            return close_with(wire, answer);
        }
        self.has_refused_data = true;
        self.answer(wire, answer)
    }

    async fn message<S>(&mut self, wire: &mut Wire<S>, envelope: Envelope, peer: Peer) -> Next
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let settings = &self.host.settings;
        let room = self.trace(&peer, Timestamp::UNIX_EPOCH).len();
        wire.say(say::GO_AHEAD);
        let receive = message::receive(wire, &settings.limits, &settings.spool, room);
        let ending = match timeout(settings.limits.message_deadline, receive).await {
            Err(_elapsed) => return close_with(wire, say::TOO_SLOW),
            Ok(Err(_gone)) => return Some(End::Closing),
            Ok(Ok(ending)) => ending,
        };
        let answers = match self.host.protocol {
            Protocol::Smtp => 1,
            Protocol::Lmtp => envelope.recipients.len(), // RFC 2033 section 4.2
        };
        match ending {
            Ending::Endless => close_with(wire, say::ENDLESS_MESSAGE),
            Ending::Whole(body) => {
                let answer = self.keep(body, envelope, peer).await;
                self.answer_each(wire, &answer, answers)
            }
            Ending::Refused(refusal) => {
                let next = self.answer_each(wire, refusal.answer(), answers);
                if refusal.ends_the_session() { Some(End::Closing) } else { next }
            }
        }
    }

    /// The same answer for each recipient, counted as one.
    fn answer_each<S>(&mut self, wire: &mut Wire<S>, answer: &str, times: usize) -> Next
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        for _ in 1..times {
            wire.say(answer);
        }
        self.answer(wire, answer)
    }

    /// Has the message kept; the answer says `250` only if it was.
    async fn keep(&self, body: Body, envelope: Envelope, peer: Peer) -> String {
        let arrived_at = self.host.clock.now();
        let head = self.trace(&peer, arrived_at);
        let (raw, _until_kept) = match body.finish(head.as_bytes()).await {
            Ok(finished) => finished,
            Err(error) => {
                tracing::warn!(%error, "a message could not be spooled; its sender is asked to try again");
                return say::NO_ROOM.to_owned();
            }
        };
        let door = match self.host.protocol {
            Protocol::Smtp => Door::Smtp,
            Protocol::Lmtp => Door::Lmtp,
        };
        let Envelope { sender, recipients, .. } = envelope;
        let recipients = without_repeats(recipients);
        match self.host.reception.keep(Arrival { arrived_at, door, peer: Some(peer), sender, recipients, raw }).await {
            Ok(id) => format!("250 2.0.0 kept as {id}"),
            Err(error) => {
                tracing::warn!(%error, "a message was not kept; its sender is asked to try again");
                say::TRY_LATER.to_owned()
            }
        }
    }

    fn trace(&self, peer: &Peer, at: Timestamp) -> String {
        let is_old = self.greeted.as_ref().is_some_and(|greeted| greeted.hello == Hello::Helo);
        // The words of RFC 3848.
        let protocol = match (self.host.protocol, self.is_tls) {
            (Protocol::Smtp, _) if is_old => "SMTP",
            (Protocol::Smtp, false) => "ESMTP",
            (Protocol::Smtp, true) => "ESMTPS",
            (Protocol::Lmtp, false) => "LMTP",
            (Protocol::Lmtp, true) => "LMTPS",
        };
        trace::received(peer, &self.host.settings.hostname, protocol, at)
    }

    fn start_tls<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>) -> Next {
        if self.is_tls {
            return self.answer(wire, say::TLS_ALREADY);
        }
        if self.host.settings.certificate.is_none() {
            return self.answer(wire, say::NOT_OFFERED);
        }
        if !wire.pending().is_empty() {
            return close_with(wire, say::TLS_PIPELINED); // CVE-2011-0411: clear text would count as said under TLS
        }
        wire.say(say::READY_FOR_TLS);
        Some(End::StartTls)
    }

    /// Shakes hands for TLS and forgets all that was said in clear text (RFC 3207 section 4.2).
    async fn shake_hands<S: AsyncRead + AsyncWrite + Unpin>(&mut self, mut wire: Wire<S>) -> Option<TlsStream<S>> {
        let acceptor = self.host.settings.certificate.as_ref()?.acceptor();
        let shaking = async {
            wire.flush().await?;
            acceptor.accept(wire.into_stream()).await
        };
        let stream = tokio::select! {
            () = self.host.stop.cancelled() => return None,
            shaken = timeout(self.host.settings.limits.command_deadline, shaking) => shaken.ok()?.ok()?,
        };
        (self.greeted, self.envelope, self.is_tls) = (None, None, true);
        Some(stream)
    }
}

/// Says a last answer.
fn close_with<S: AsyncRead + AsyncWrite + Unpin>(wire: &mut Wire<S>, answer: &str) -> Next {
    wire.say(answer);
    Some(End::Closing)
}

fn without_repeats(recipients: Vec<Mailbox>) -> Vec<Mailbox> {
    let mut once = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        if !once.contains(&recipient) {
            once.push(recipient);
        }
    }
    once
}
