//! To a reporter who lost the private link: the links of the reports that this address belongs to.

use jiff::Timestamp;

use crate::domain::case::CaseRef;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// A report of the address and where it stands.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    pub case: &'a CaseRef,
    pub received_at: Timestamp,
    pub status_link: &'a str,
}

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct LostLink<'a> {
    pub org: &'a str,
    /// The newest first.
    pub reports: &'a [Known<'a>],
    /// Older ones have no room here.
    pub there_are_more: bool,
}

/// The words of the letter.
pub fn lost_link(view: &LostLink<'_>) -> Words {
    let org = one_line(view.org, LINE_MAX);
    let asked = format!("Somebody asked for the private links of your reports to {org}.");
    let mut body = Body::new().paragraph(asked);
    for report in view.reports {
        let what = format!("{}, received {}:", report.case, time(report.received_at));
        body = body.paragraph(what).line(report.status_link);
    }
    if view.there_are_more {
        body = body.paragraph("These are the newest. For an older one, answer one of its mails.");
    }
    Words {
        subject: format!("Your private links at the {org} security committee"),
        body: body.paragraph(
            "Anyone with such a link can read your messages. If you did not ask, ignore this mail: it went to you alone.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_links_in_full() {
        let (one, other) = (CaseRef::from_row("SEC-2026-0042"), CaseRef::from_row("SEC-2026-0007"));
        let link = "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd";
        let known = |case, at: &str| Known { case, received_at: at.parse().unwrap(), status_link: link };
        let reports = [known(&one, "2026-11-20T14:02:00Z"), known(&other, "2026-02-03T09:00:00Z")];
        let words = lost_link(&LostLink { org: "Northlight Foundation", reports: &reports, there_are_more: true });
        insta::assert_snapshot!(shown(&words), @r#"
        Your private links at the Northlight Foundation security committee

        Somebody asked for the private links of your reports to Northlight
        Foundation.

        SEC-2026-0042, received Fri 2026-11-20 14:02 UTC:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        SEC-2026-0007, received Tue 2026-02-03 09:00 UTC:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        These are the newest. For an older one, answer one of its mails.

        Anyone with such a link can read your messages. If you did not ask,
        ignore this mail: it went to you alone.
        "#);
    }
}
