//! To the reporter: a project says that it has answered you elsewhere. Only the reporter knows.

use crate::domain::case::CaseRef;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, receipt};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct AskedAnswered<'a> {
    pub case: &'a CaseRef,
    pub project: &'a str,
    pub status_link: &'a str,
}

/// The words of the letter.
pub fn asked_answered(view: &AskedAnswered<'_>) -> Words {
    let project = one_line(view.project, LINE_MAX);
    Words {
        subject: receipt::subject(view.case),
        body: Body::new()
            .paragraph(format!("{project} tells us that they have answered you directly. Did they?"))
            .paragraph("Reply YES, or open your page and press Yes or Not yet. Until you do, we keep asking them:")
            .line(view.status_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_question_in_full() {
        let words = asked_answered(&AskedAnswered {
            case: &CaseRef::from_row("SEC-2026-0042"),
            project: "Larkspur",
            status_link: "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] We have your report

        Larkspur tells us that they have answered you directly. Did they?

        Reply YES, or open your page and press Yes or Not yet. Until you do, we
        keep asking them:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i
        "#);
    }
}
