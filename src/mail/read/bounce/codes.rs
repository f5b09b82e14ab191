//! Status codes as they stand in the words of a mail server.

/// The first RFC 3463 status in a text, `5.1.1`; not a part of an address like `192.5.1.1`.
pub fn status_in(text: &str) -> Option<&str> {
    tokens(text).find(|token| is_status(token))
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
    tokens(text).find(|token| {
        token.len() == 3 && matches!(token.as_bytes()[0], b'4' | b'5') && token.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Runs of digits and dots, without the dots at their ends.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|token| token.trim_matches('.')).filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

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
