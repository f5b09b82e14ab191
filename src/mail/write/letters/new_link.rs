//! To the reporter: the new private link, in place of one that others may know.

use crate::domain::case::CaseRef;
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct NewLink<'a> {
    pub case: &'a CaseRef,
    pub status_link: &'a str,
}

/// The words of the letter.
pub fn new_link(view: &NewLink<'_>) -> Words {
    Words {
        subject: format!("[{}] Your new private link", view.case),
        body: Body::new()
            .paragraph("This is your new link. Earlier links, and the addresses of our earlier mails, no longer work:")
            .line(view.status_link)
            .paragraph("To add something, answer this mail or use that page."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_new_link_in_full() {
        let words = new_link(&NewLink {
            case: &CaseRef::from_row("SEC-2026-0042"),
            status_link: "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] Your new private link

        This is your new link. Earlier links, and the addresses of our earlier
        mails, no longer work:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i

        To add something, answer this mail or use that page.
        "#);
    }
}
