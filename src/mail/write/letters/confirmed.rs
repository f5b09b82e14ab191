//! To the reporter: a project has confirmed that it has the report. The act that keeps the first promise is named.

use jiff::Timestamp;

use crate::domain::case::CaseRef;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, receipt, time};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct Confirmed<'a> {
    pub case: &'a CaseRef,
    pub project: &'a str,
    pub at: Timestamp,
    pub status_link: &'a str,
}

/// The words of the letter.
pub fn confirmed(view: &Confirmed<'_>) -> Words {
    let project = one_line(view.project, LINE_MAX);
    Words {
        subject: receipt::subject(view.case),
        body: Body::new()
            .paragraph(format!(
                "{project} has confirmed on {} that they have your report: a person there is looking at it.",
                time(view.at)
            ))
            .paragraph("We keep watching until it is closed. What happens, and what you can do:")
            .line(view.status_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_confirmation_in_full() {
        let words = confirmed(&Confirmed {
            case: &CaseRef::from_row("SEC-2026-0042"),
            project: "Larkspur",
            at: "2026-11-21T09:30:00Z".parse().unwrap(),
            status_link: "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] We have your report

        Larkspur has confirmed on Sat 2026-11-21 09:30 UTC that they have your
        report: a person there is looking at it.

        We keep watching until it is closed. What happens, and what you can do:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i
        "#);
    }
}
