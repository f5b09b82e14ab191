//! M8, to a sender whose messages were no reports: what the address is for, and what happens next.

use crate::domain::address::Mailbox;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Warning<'a> {
    pub org: &'a str,
    pub security: &'a Mailbox,
    /// How many of the sender's messages were no reports; at least one.
    pub messages: i64,
    /// Where other questions are answered.
    pub help_link: &'a str,
}

/// The words of the letter.
pub fn warning(view: &Warning<'_>) -> Words {
    let org = one_line(view.org, LINE_MAX);
    let were_not = match view.messages {
        0 | 1 => "Your last message was not.".to_owned(),
        many => format!("Your last {many} messages were not."),
    };
    Words {
        subject: format!("About your messages to {}", view.security),
        body: Body::new()
            .paragraph(format!("This address is only for security problems in {org} projects. {were_not}"))
            .paragraph("For other questions:")
            .line(view.help_link)
            .paragraph(
                "If it happens again we pause messages from your address. If you did mean a security problem, reply \
                 and say so.",
            ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    fn warned(messages: i64) -> String {
        shown(&warning(&Warning {
            org: "Northlight Foundation",
            security: &Mailbox::parse("security@northlight.example").unwrap(),
            messages,
            help_link: "https://security.northlight.example/how",
        }))
    }

    #[test]
    fn the_warning_in_full() {
        insta::assert_snapshot!(warned(2), @r#"
        About your messages to security@northlight.example

        This address is only for security problems in Northlight Foundation
        projects. Your last 2 messages were not.

        For other questions:
        https://security.northlight.example/how

        If it happens again we pause messages from your address. If you did mean
        a security problem, reply and say so.
        "#);
    }

    #[test]
    fn a_single_message_is_not_called_many() {
        assert!(warned(1).contains("Your last message was not."));
    }
}
