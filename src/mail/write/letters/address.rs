//! To an address that a reporter left later: prove that it is yours; and, once it is proven, where the report stands.

use jiff::Timestamp;

use crate::domain::case::CaseRef;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::receipt::subject;
use crate::mail::write::letters::{Words, time};

/// What the proof says it of. Nothing of the report, for the address may be another's.
#[derive(Debug, Clone)]
pub struct Prove<'a> {
    pub org: &'a str,
    pub open_by: Timestamp,
    /// Opens a page with two buttons.
    pub link: &'a str,
}

/// The words of the proof.
pub fn prove(view: &Prove<'_>) -> Words {
    let org = one_line(view.org, LINE_MAX);
    Words {
        subject: format!("Confirm your address for the {org} security committee"),
        body: Body::new()
            .paragraph(format!(
                "Somebody who reported a security problem to {org} asked us to write to this address about it."
            ))
            .paragraph(format!("Was that you? Open this by {} and confirm, or say \"not me\":", time(view.open_by)))
            .line(view.link)
            .paragraph("Without an answer nothing else is sent to you."),
    }
}

/// What is told once the address is proven.
#[derive(Debug, Clone)]
pub struct Taken<'a> {
    pub case: &'a CaseRef,
    pub status_link: &'a str,
}

/// The words that begin the reporter's mails.
pub fn taken(view: &Taken<'_>) -> Words {
    Words {
        subject: subject(view.case),
        body: Body::new()
            .paragraph(
                "Your address is confirmed: from now on we write to you here about your report. This mail is automatic.",
            )
            .paragraph("Follow it, add something, or withdraw it:")
            .line(view.status_link)
            .paragraph("Anyone with this link can read your messages. To add something you may also answer this mail.")
            .paragraph(
                "We do not give your address to the project unless you allow it: reply with SHARE, or choose on that page.",
            ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_proof_in_full() {
        let words = prove(&Prove {
            org: "Northlight Foundation",
            open_by: "2026-12-04T14:02:00Z".parse().unwrap(),
            link: "https://security.northlight.example/address/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        Confirm your address for the Northlight Foundation security committee

        Somebody who reported a security problem to Northlight Foundation asked
        us to write to this address about it.

        Was that you? Open this by Fri 2026-12-04 14:02 UTC and confirm, or say
        "not me":
        https://security.northlight.example/address/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Without an answer nothing else is sent to you.
        "#);
    }

    #[test]
    fn the_first_letter_to_a_proven_address_in_full() {
        let words = taken(&Taken {
            case: &CaseRef::from_row("SEC-2026-0042"),
            status_link: "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] We have your report

        Your address is confirmed: from now on we write to you here about your
        report. This mail is automatic.

        Follow it, add something, or withdraw it:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Anyone with this link can read your messages. To add something you may
        also answer this mail.

        We do not give your address to the project unless you allow it: reply
        with SHARE, or choose on that page.
        "#);
    }
}
