//! One letter over one open connection: MAIL, RCPT, DATA, content.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{MailParameter, RcptParameter};
use lettre::transport::smtp::response::{Response, Severity};
use tokio::time::{Instant, timeout};

use crate::domain::address::{Mailbox, OwnAddresses};
use crate::domain::delivery::Delivery;
use crate::mail::write::transport::Outgoing;
use crate::mail::write::transport::answer::{self, Failure, of_class};

/// What the relay's EHLO offers that a transaction makes use of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Offers {
    /// RFC 3461.
    pub(super) dsn: bool,
    /// RFC 6531.
    pub(super) smtputf8: bool,
}

impl Offers {
    /// Reads the answer to EHLO. lettre's own `ServerInfo` does not keep DSN.
    pub(super) fn read(ehlo: &Response) -> Self {
        let has = |keyword: &str| {
            // The first line is the greeting, whose words are no keywords.
            ehlo.message()
                .skip(1)
                .any(|line| line.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case(keyword)))
        };
        Self { dsn: has("DSN"), smtputf8: has("SMTPUTF8") }
    }
}

/// The time left for one try, shared out among its steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    until: Instant,
    each: Duration,
}

impl Patience {
    /// At most `all` from now, and at most `each` for one command.
    pub(super) fn new(all: Duration, each: Duration) -> Self {
        Self { until: Instant::now() + all, each }
    }

    /// One command and its answer.
    pub(super) async fn command<T, E>(&self, step: impl Future<Output = Result<T, E>>) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
        self.within(self.each.min(self.left()), step).await
    }

    /// The content and its answer may take all the time that is left: who gives up early here sends a
    /// copy of what the relay goes on to deliver (RFC 5321 section 4.5.3.2.6).
    async fn content<T>(&self, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
        self.within(self.left(), step).await
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    async fn within<T, E>(&self, limit: Duration, step: impl Future<Output = Result<T, E>>) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
        match timeout(limit, step).await {
            Ok(done) => done.map_err(Failure::from),
            Err(_) => Err(Failure::Broken(format!("no answer within {limit:.0?}"))),
        }
    }
}

/// What a transaction came to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Settled, and the connection can serve another letter.
    Settled(Delivery),
    /// Settled, and the connection is at its end.
    SettledAndGone(Delivery),
    /// The connection was dead before the relay said a word: it says nothing of the letter.
    Stale(String),
}

/// Carries one letter over `connection`.
///
/// Once the relay has answered MAIL, a break belongs to this letter: it is deferred, not the relay
/// called unreachable. A letter that makes the relay break off would otherwise be probed with for ever
/// while all others wait.
pub(super) async fn transact(
    connection: &mut AsyncSmtpConnection,
    offers: Offers,
    letter: &Outgoing<'_>,
    patience: Patience,
) -> Outcome {
    let needs_utf8 = !letter.recipient.as_str().is_ascii() || !letter.return_path.as_str().is_ascii();
    if needs_utf8 && !offers.smtputf8 {
        return Outcome::Settled(Delivery::Refused {
            status: "5.6.7".to_owned(), // RFC 6531 section 3.5
            answer: "the relay takes no address with letters outside ASCII (SMTPUTF8)".to_owned(),
        });
    }

    let mail = Mail::new(Some(address(letter.return_path)), mail_parameters(offers, needs_utf8, letter));
    match say(connection, patience, mail, Severity::PositiveCompletion).await {
        Err(Failure::Broken(reason)) => return Outcome::Stale(reason),
        Err(failure) => return after_command(failure),
        Ok(_) => {}
    }
    let rcpt = Rcpt::new(address(letter.recipient), rcpt_parameters(offers, letter));
    if let Err(failure) = say(connection, patience, rcpt, Severity::PositiveCompletion).await {
        return after_command(failure);
    }
    if let Err(failure) = say(connection, patience, Data, Severity::PositiveIntermediate).await {
        return after_command(failure);
    }

    // lettre doubles leading dots and ends the content with CRLF.CRLF, so the last line end is left to it.
    let content = letter.bytes.strip_suffix(b"\r\n").unwrap_or(letter.bytes);
    let answered = patience.content(connection.message(content)).await;
    match answered.and_then(|response| of_class(response, Severity::PositiveCompletion)) {
        Ok(response) => Outcome::Settled(Delivery::Sent { answer: answer::words(&response) }),
        Err(Failure::No(no)) if no.is_goodbye() => Outcome::SettledAndGone(no.to_content()),
        Err(Failure::No(no)) => Outcome::Settled(no.to_content()),
        Err(Failure::Broken(reason)) => broken_off(&reason),
    }
}

async fn say(
    connection: &mut AsyncSmtpConnection,
    patience: Patience,
    command: impl Display,
    wanted: Severity,
) -> Result<Response, Failure> {
    patience.command(connection.command(command)).await.and_then(|response| of_class(response, wanted))
}

fn after_command(failure: Failure) -> Outcome {
    match failure {
        Failure::No(no) if no.is_goodbye() => Outcome::SettledAndGone(no.to_command()),
        Failure::No(no) => Outcome::Settled(no.to_command()),
        Failure::Broken(reason) => broken_off(&reason),
    }
}

fn broken_off(reason: &str) -> Outcome {
    Outcome::SettledAndGone(Delivery::Deferred { answer: format!("the relay broke off: {reason}") })
}

/// The grammar of [`Mailbox`] is stricter than lettre's own check.
fn address(mailbox: &Mailbox) -> Address {
    Address::new_dangerous(mailbox.local(), mailbox.domain())
}

fn mail_parameters(offers: Offers, needs_utf8: bool, letter: &Outgoing<'_>) -> Vec<MailParameter> {
    let mut parameters = Vec::new();
    if needs_utf8 {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if offers.dsn {
        // Headers alone: a bounce must not carry the report back through other people's servers.
        let envelope_id = OwnAddresses::envelope_id(letter.return_path).map(|id| ("ENVID", id));
        for (keyword, value) in [("RET", "HDRS")].into_iter().chain(envelope_id) {
            parameters.push(MailParameter::Other { keyword: keyword.to_owned(), value: Some(value.to_owned()) });
        }
    }
    parameters
}

fn rcpt_parameters(offers: Offers, letter: &Outgoing<'_>) -> Vec<RcptParameter> {
    if !offers.dsn {
        return Vec::new();
    }
    let mut parameters = vec![("NOTIFY", "FAILURE,DELAY".to_owned())];
    // lettre writes it as xtext. Beyond ASCII the address type is that of RFC 6533, which few servers take.
    if letter.recipient.as_str().is_ascii() {
        parameters.push(("ORCPT", format!("rfc822;{}", letter.recipient)));
    }
    let said =
        |(keyword, value): (&str, String)| RcptParameter::Other { keyword: keyword.to_owned(), value: Some(value) };
    parameters.into_iter().map(said).collect()
}
