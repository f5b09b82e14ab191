//! M12, the sign-in link of a member, and the code to type instead.

use jiff::Timestamp;

use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct SignIn<'a> {
    pub link: &'a str,
    /// `KX4P-7TQM`, for the browser that asked.
    pub code: &'a str,
    /// The network that asked, `203.0.113.0/24`: enough to recognize one's own, less than an address.
    pub network: &'a str,
    pub asked_at: Timestamp,
}

/// The words of the letter.
pub fn sign_in(view: &SignIn<'_>) -> Words {
    Words {
        subject: "Your sign-in link".to_owned(),
        body: Body::new()
            .paragraph("Open this and press \"Sign in\" (it works for 15 minutes, once):")
            .line(view.link)
            .paragraph("or type, where you asked:")
            .line(view.code)
            .paragraph(format!(
                "Asked from {} at {}. Not you? Ignore this mail.",
                one_line(view.network, LINE_MAX),
                time(view.asked_at)
            )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_sign_in_letter_in_full() {
        let words = sign_in(&SignIn {
            link: "https://security.northlight.example/login/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
            code: "KX4P-7TQM",
            network: "203.0.113.0/24",
            asked_at: "2026-11-20T14:02:00Z".parse().unwrap(),
        });
        insta::assert_snapshot!(shown(&words), @r#"
        Your sign-in link

        Open this and press "Sign in" (it works for 15 minutes, once):
        https://security.northlight.example/login/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        or type, where you asked:
        KX4P-7TQM

        Asked from 203.0.113.0/24 at Fri 2026-11-20 14:02 UTC. Not you? Ignore
        this mail.
        "#);
    }
}
