//! From an SMTP answer, or the lack of one, to what it means for the letter (RFC 5321 section 4.2, RFC 3463).

use std::error::Error as _;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::{Response, Severity};

use crate::domain::delivery::Delivery;
use crate::mail::write::clean::{LINE_MAX, one_line};

/// Why a step of the dialogue did not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The relay said no.
    No(Answer),
    /// No answer, or none that is SMTP: dropped, timed out, garbled. With the reason in words.
    Broken(String),
}

/// A negative answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    code: u16,
    text: String,
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        match error.status() {
            Some(code) => Self::No(Answer { code: code.into(), text: one_line(&text, LINE_MAX) }),
            None => Self::Broken(one_line(&text, LINE_MAX)),
        }
    }
}

impl Failure {
    /// The failure in words, for a person who looks after the relay.
    pub(super) fn words(&self) -> String {
        match self {
            Self::No(answer) => answer.words(),
            Self::Broken(reason) => reason.clone(),
        }
    }
}

impl Answer {
    /// `550 5.1.1 no such user`.
    pub(super) fn words(&self) -> String {
        format!("{} {}", self.code, self.text)
    }

    /// Whether the relay closes the connection (RFC 5321 section 3.8).
    pub(super) fn is_goodbye(&self) -> bool {
        self.code == 421
    }

    /// Whether it says that we must sign in or encrypt first (RFC 4954 section 6): the operator's
    /// matter, which would be the same for every letter.
    fn is_about_our_sign_in(&self) -> bool {
        matches!(self.code, 530 | 534 | 535 | 538)
    }

    /// What the answer to MAIL, RCPT or DATA means.
    pub(super) fn to_command(&self) -> Delivery {
        if self.is_goodbye() || self.is_about_our_sign_in() {
            return Delivery::Unreachable { reason: self.words() };
        }
        self.to_content()
    }

    /// What the answer to the content means. Here even 421 is about this letter: filters behind a
    /// relay say it of one message, and as a probe that message would hold up all others for ever.
    pub(super) fn to_content(&self) -> Delivery {
        if self.code < 500 {
            return Delivery::Deferred { answer: self.words() };
        }
        let status = self.status().unwrap_or("5.0.0").to_owned();
        Delivery::Refused { status, answer: self.words() }
    }

    /// The enhanced code that the text begins with, if it is one of class 5 (RFC 2034).
    fn status(&self) -> Option<&str> {
        let word = self.text.split(' ').next()?;
        let mut parts = word.split('.');
        let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let is_status = parts.next() == Some("5")
            && parts.next().is_some_and(is_number)
            && parts.next().is_some_and(is_number)
            && parts.next().is_none();
        is_status.then_some(word)
    }
}

/// `250 2.0.0 queued as 4F2A`.
pub(super) fn words(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    one_line(&format!("{} {}", response.code(), lines.join(" ")), LINE_MAX)
}

/// The response, if it is of the class that the step asks for.
///
/// lettre takes 2xx and 3xx alike. A relay that answers one step late (leftovers from before STARTTLS
/// among them) would then seem to take a letter that it has not seen.
pub(super) fn of_class(response: Response, wanted: Severity) -> Result<Response, Failure> {
    if response.code().severity == wanted {
        return Ok(response);
    }
    Err(Failure::Broken(format!("an answer out of turn: {}", words(&response))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: u16, text: &str) -> Answer {
        Answer { code, text: text.to_owned() }
    }

    #[test]
    fn only_a_final_no_to_this_letter_refuses_it() {
        let deferred = |answer: &str| Delivery::Deferred { answer: answer.into() };
        let unreachable = |reason: &str| Delivery::Unreachable { reason: reason.into() };
        let refused = |status: &str, answer: &str| Delivery::Refused { status: status.into(), answer: answer.into() };
        for (code, text, to_command, to_content) in [
            (450, "4.2.0 greylisted", deferred("450 4.2.0 greylisted"), deferred("450 4.2.0 greylisted")),
            (421, "4.3.2 going down", unreachable("421 4.3.2 going down"), deferred("421 4.3.2 going down")),
            (
                550,
                "5.1.1 no such user",
                refused("5.1.1", "550 5.1.1 no such user"),
                refused("5.1.1", "550 5.1.1 no such user"),
            ),
            (550, "no such user", refused("5.0.0", "550 no such user"), refused("5.0.0", "550 no such user")),
            (554, "4.1.1 odd class", refused("5.0.0", "554 4.1.1 odd class"), refused("5.0.0", "554 4.1.1 odd class")),
            (554, "5.1.1.1 odd", refused("5.0.0", "554 5.1.1.1 odd"), refused("5.0.0", "554 5.1.1.1 odd")),
            (530, "5.7.0 sign in", unreachable("530 5.7.0 sign in"), refused("5.7.0", "530 5.7.0 sign in")),
        ] {
            let answer = answer(code, text);
            assert_eq!(answer.to_command(), to_command, "{code} {text}");
            assert_eq!(answer.to_content(), to_content, "{code} {text}");
        }
    }
}
