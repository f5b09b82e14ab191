//! M1, the receipt: our automatic confirmation to the reporter. Echoes nothing that was submitted.

use jiff::Timestamp;

use crate::domain::case::CaseRef;
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// What the receipt says it of.
#[derive(Debug, Clone)]
pub struct Receipt<'a> {
    pub case: &'a CaseRef,
    /// The end of the promise of a first human reply.
    pub answer_by: Timestamp,
    pub status_link: &'a str,
}

/// The subject of all letters to a reporter about one case: programs make one thread of them by it.
pub fn subject(case: &CaseRef) -> String {
    format!("[{case}] We have your report")
}

/// The words of the receipt.
pub fn receipt(view: &Receipt<'_>) -> Words {
    Words {
        subject: subject(view.case),
        body: Body::new()
            .paragraph("We have your report. This mail is automatic; a person has not read it yet.")
            .paragraph(format!(
                "We pass it to the project it belongs to and tell you which one. A person answers you by {}.",
                time(view.answer_by)
            ))
            .paragraph("Follow it, add something, or withdraw it:")
            .line(view.status_link)
            .paragraph(
                "We do not give your name or address to the project unless you allow it: reply with SHARE, or choose \
                 on that page.",
            ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_receipt_in_full() {
        let words = receipt(&Receipt {
            case: &CaseRef::from_row("SEC-2026-0042"),
            answer_by: "2026-11-27T14:02:00Z".parse().unwrap(),
            status_link: "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] We have your report

        We have your report. This mail is automatic; a person has not read it
        yet.

        We pass it to the project it belongs to and tell you which one. A person
        answers you by Fri 2026-11-27 14:02 UTC.

        Follow it, add something, or withdraw it:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i

        We do not give your name or address to the project unless you allow it:
        reply with SHARE, or choose on that page.
        "#);
    }
}
