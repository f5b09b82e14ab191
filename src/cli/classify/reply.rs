//! Lines of `classify --jsonl` that bring a reply: what of it are its writer's own words.

use serde_json::Value;

use crate::domain::address::OwnAddresses;
use crate::domain::report::Reading;
use crate::mail::read::visible::visible;
use crate::mail::read::{read, text_of_html};

/// In which form a line brings the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A mail's readable text.
    Text,
    /// A mail as it came, its bytes as characters.
    Eml,
    /// The HTML of a mail that has no plain text.
    Html,
}

/// The words of a reply. Empty where it is all quotation, or a mail that cannot be read.
pub fn words_of(form: Form, text: &str, own: &OwnAddresses) -> String {
    match form {
        Form::Text => visible(text),
        Form::Html => visible(&text_of_html(text)),
        Form::Eml => match read(text.as_bytes(), own, Some(own.security())) {
            Reading::Mail(mail) => visible(&mail.text),
            Reading::Unreadable(_) => String::new(),
        },
    }
}

/// The line that answers it, without its end; a reply names no project.
pub fn json_line(id: &Value, words: &str) -> String {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        id: &'a Value,
        kind: &'static str,
        noise: &'static str,
        projects: [&'a str; 0],
        candidates: [&'a str; 0],
        visible_reply: &'a str,
    }
    let line = Line { id, kind: "reply", noise: "none", projects: [], candidates: [], visible_reply: words };
    serde_json::to_string(&line).expect("strings and lists are always JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Mailbox;

    #[test]
    fn a_reply_is_read_in_each_form() {
        let own = OwnAddresses::of(Mailbox::parse("security@story.example").unwrap());
        for (form, reply) in [
            (Form::Text, "We look.\n\nOn Fri, 20 Nov 2026 15:00, Story wrote:\n> You are\n"),
            (
                Form::Eml,
                "From: kai@lab.example\r\nSubject: Re: x\r\n\r\nWe look.\r\n\r\nOn Fri, 20 Nov 2026, Story wrote:\r\n> You are\r\n",
            ),
            (
                Form::Html,
                "<p>We look.</p><div class=\"moz-cite-prefix\">On 11/20/26 15:00, Story wrote:</div><blockquote type=\"cite\">You are</blockquote>",
            ),
        ] {
            assert_eq!(words_of(form, reply, &own), "We look.", "{form:?}");
        }
        assert_eq!(words_of(Form::Eml, "", &own), "");
    }

    #[test]
    fn the_answer_has_the_fields_of_every_line_and_the_words() {
        let line = json_line(&Value::from("a"), "We look.");
        assert_eq!(
            line,
            r#"{"id":"a","kind":"reply","noise":"none","projects":[],"candidates":[],"visible_reply":"We look."}"#
        );
    }
}
