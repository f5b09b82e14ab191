//! M11, to a contact: are you still there?

use jiff::Timestamp;

use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Quarterly<'a> {
    pub project: &'a str,
    pub org: &'a str,
    pub answer_by: Timestamp,
    /// The first letter was not answered.
    pub is_again: bool,
    /// Two were not, and it gets links only.
    pub is_unconfirmed: bool,
    /// Opens a page with three buttons.
    pub link: &'a str,
}

/// The words of the letter.
pub fn quarterly(view: &Quarterly<'_>) -> Words {
    let project = one_line(view.project, LINE_MAX);
    let consequence = if view.is_unconfirmed {
        "Until you answer, the public page says \"contact not confirmed\" and you get links, not reports.".to_owned()
    } else {
        let again = if view.is_again { "this second mail" } else { "a second mail" };
        format!(
            "Without an answer by {}, after {again}, the public page says \"contact not confirmed\" and you get links, \
             not reports.",
            time(view.answer_by)
        )
    };
    Words {
        subject: format!("Still a security contact for {project}?"),
        body: Body::new()
            .paragraph(format!(
                "You are a security contact for {project} at {}. We ask every quarter, so that no report goes to a \
                 mailbox that nobody reads.",
                one_line(view.org, LINE_MAX)
            ))
            .paragraph("Reply \"yes\", or open:")
            .line(view.link)
            .paragraph("There you can also change something, or say that you want no more mail of this kind.")
            .paragraph(consequence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    fn letter(is_again: bool, is_unconfirmed: bool) -> String {
        shown(&quarterly(&Quarterly {
            project: "Larkspur",
            org: "Northlight Foundation",
            answer_by: "2027-02-18T14:02:00Z".parse().unwrap(),
            is_again,
            is_unconfirmed,
            link: "https://security.northlight.example/c/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
        }))
    }

    #[test]
    fn the_quarterly_question_in_full() {
        insta::assert_snapshot!(letter(false, false), @r#"
        Still a security contact for Larkspur?

        You are a security contact for Larkspur at Northlight Foundation. We ask
        every quarter, so that no report goes to a mailbox that nobody reads.

        Reply "yes", or open:
        https://security.northlight.example/c/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        There you can also change something, or say that you want no more mail
        of this kind.

        Without an answer by Thu 2027-02-18 14:02 UTC, after a second mail, the
        public page says "contact not confirmed" and you get links, not reports.
        "#);
    }

    #[test]
    fn the_second_one_and_those_after_say_what_is_lost() {
        assert!(letter(true, false).contains("after this second mail"));
        assert!(letter(true, true).contains("Until you answer"));
    }
}
