//! M9, to a sender whose messages are paused from now on: until when, and where to object.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Ban<'a> {
    pub until: Timestamp,
    /// The page with a box for a word against it.
    pub appeal_link: &'a str,
}

/// The words of the letter.
pub fn ban(view: &Ban<'_>) -> Words {
    let day = view.until.to_zoned(TimeZone::UTC).strftime("%-d %b %Y");
    Words {
        subject: format!("Messages from you are paused until {day}"),
        body: Body::new()
            .paragraph("They are kept but not read at once. If this is a mistake, tell us here:")
            .line(view.appeal_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_letter_in_full() {
        let words = ban(&Ban {
            until: "2027-02-18T14:02:00Z".parse().unwrap(),
            appeal_link: "https://security.northlight.example/appeal/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        Messages from you are paused until 18 Feb 2027

        They are kept but not read at once. If this is a mistake, tell us here:
        https://security.northlight.example/appeal/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd
        "#);
    }
}
