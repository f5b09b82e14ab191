//! Status codes and commands as they stand in the words of a mail server.

use crate::domain::bounce::Command;

/// The first RFC 3463 status in a text, `5.1.1`; not a part of an address like `192.5.1.1`.
pub fn status_in(text: &str) -> Option<&str> {
    tokens(text).find(|token| is_status(token))
}

/// The status of a failure in a text: that of a reply if there is one, else the first.
pub fn failure_status_in(text: &str) -> Option<&str> {
    status_of_reply_in(text).or_else(|| tokens(text).find(|token| is_failure(token)))
}

/// The status right behind a reply code, `550 5.1.1`, which is the other server's own.
pub fn status_of_reply_in(text: &str) -> Option<&str> {
    let mut pairs = tokens(text).zip(tokens(text).skip(1));
    let is_one = |reply: &str, status: &str| is_reply(reply) && is_failure(status) && status.starts_with(&reply[..1]);
    pairs.find(|(reply, status)| is_one(reply, status)).map(|(_, status)| status)
}

fn is_failure(token: &str) -> bool {
    is_status(token) && !token.starts_with('2')
}

/// Whether this is `class.subject.detail` with a class that says what became of a mail.
pub fn is_status(token: &str) -> bool {
    let mut numbers = token.split('.');
    let class = numbers.next().unwrap_or_default();
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(class, "2" | "4" | "5")
        && is_number(numbers.next())
        && is_number(numbers.next())
        && numbers.next().is_none()
}

/// The first SMTP reply of a failure in a text: `421`, `550`.
pub fn reply_in(text: &str) -> Option<&str> {
    tokens(text).find(|token| is_reply(token))
}

fn is_reply(token: &str) -> bool {
    token.len() == 3 && matches!(token.as_bytes()[0], b'4' | b'5') && token.bytes().all(|b| b.is_ascii_digit())
}

/// The command that a text says was refused; of a whole dialogue the last one, for that ended it.
///
/// Commands count in the capitals in which dialogues have them, other words about them in any.
pub fn command_in(text: &str) -> Option<Command> {
    let mut last = None;
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        rest = &rest[start..];
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        last = command(word, tail).or(last);
        rest = tail;
    }
    last
}

fn command(word: &str, tail: &str) -> Option<Command> {
    let goes_on = |with: &str| tail.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    match word {
        "RCPT" => Some(Command::Recipient),
        "DATA" => Some(Command::Content),
        "MAIL" if goes_on(" FROM") => Some(Command::Sender),
        "EHLO" | "HELO" => Some(Command::Sender),
        // qmail, Exim and their kin speak of the command in words.
        "like" if goes_on(" recipient") => Some(Command::Recipient),
        "rejected" if goes_on(" recipient") => Some(Command::Recipient),
        "like" if goes_on(" sender") => Some(Command::Sender),
        "initial" if goes_on(" connection") => Some(Command::Sender),
        "after" if goes_on(" I sent the message") => Some(Command::Content),
        "end" if goes_on(" of data") => Some(Command::Content),
        _ => None,
    }
}

/// Runs of digits and dots, without the dots at their ends.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|token| token.trim_matches('.')).filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_command_of_a_dialogue_is_the_one_that_was_refused() {
        let table = [
            (">>> MAIL From:<a@b>\n<<< 250\n>>> RCPT To:<c@d>\n<<< 550 no", Some(Command::Recipient)),
            ("550 no such user (in reply to end of DATA command)", Some(Command::Content)),
            ("SMTP error from remote mail server after RCPT TO:<x@y>: 550", Some(Command::Recipient)),
            ("SMTP error from remote mail server after end of data: 554", Some(Command::Content)),
            ("192.0.2.5 does not like recipient.", Some(Command::Recipient)),
            ("192.0.2.5 failed after I sent the message.", Some(Command::Content)),
            ("while talking, after initial connection", Some(Command::Sender)),
            ("your mail from yesterday and its data", None),
            ("E-MAIL addresses in our database", None),
        ];
        for (text, command) in table {
            assert_eq!(command_in(text), command, "{text}");
        }
    }

    #[test]
    fn the_status_behind_a_reply_code_is_the_other_servers_own() {
        let table = [
            ("5.1.0 - Unknown address error 550-'5.7.1 <a@b>... Access denied'", Some("5.7.1")),
            ("554 4.4.7 Message expired <421 4.4.2 Connection timed out>", Some("4.4.2")),
            ("250 2.1.5 Ok, then 452-4.2.2 full", Some("4.2.2")),
            ("#5.1.10#SMTP#", Some("5.1.10")),
            ("250 2.1.5 Ok", None),
        ];
        for (text, status) in table {
            assert_eq!(failure_status_in(text), status, "{text}");
        }
    }

    #[test]
    fn codes_are_found_in_words_and_numbers_of_other_kinds_are_not() {
        let table = [
            ("550 5.1.1 <old@larkspur.example>: no such user", Some("5.1.1"), Some("550")),
            ("host mx.example[192.5.1.1] said: 450-4.2.1 busy", Some("4.2.1"), Some("450")),
            ("#5.1.10#SMTP#", Some("5.1.10"), None),
            ("version 5.1.1.2 of 2024", None, None),
            ("(state 14).", None, None),
            ("", None, None),
        ];
        for (text, status, reply) in table {
            assert_eq!((status_in(text), reply_in(text)), (status, reply), "{text}");
        }
    }
}
