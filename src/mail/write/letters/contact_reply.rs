//! To the reporter: what a project's contact wrote for them, through us. Nothing but their words goes along.

use crate::domain::case::CaseRef;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::forward::with_headings_quoted;
use crate::mail::write::letters::{Words, receipt};

/// What the letter says it of.
#[derive(Debug, Clone)]
pub struct ContactReply<'a> {
    pub case: &'a CaseRef,
    pub project: &'a str,
    /// The foundation's name.
    pub org: &'a str,
    /// The visible words alone: no headers, quotes, signature, names of files or addresses.
    pub words: &'a str,
    /// How many files came with them; they stay with the committee.
    pub files: usize,
    pub status_link: &'a str,
}

/// The words of the letter.
pub fn contact_reply(view: &ContactReply<'_>) -> Words {
    let (project, org) = (one_line(view.project, LINE_MAX), one_line(view.org, LINE_MAX));
    let body = Body::new()
        .paragraph(format!("{project} writes to you about your report:"))
        .line("")
        .verbatim(&with_headings_quoted(view.words))
        .line("")
        .line(signature(&project));
    let body = match view.files {
        0 => body,
        1 => body.paragraph("A file came with it. It stays with the committee; ask us if you need it."),
        count => body
            .paragraph(format!("{count} files came with it. They stay with the committee; ask us if you need them.")),
    };
    Words {
        subject: receipt::subject(view.case),
        body: body
            .paragraph(format!(
                "Your answer to this mail goes to the security committee of {org} and, without your name unless you \
                 allow it, to {project}. The whole conversation:"
            ))
            .line(view.status_link),
    }
}

/// How contacts sign: the name of their project, never their own (DESIGN.md 3.3).
pub fn signature(project: &str) -> String {
    format!("\u{2014} {project} security contact")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn a_contacts_words_in_full() {
        let words = contact_reply(&ContactReply {
            case: &CaseRef::from_row("SEC-2026-0042"),
            project: "Larkspur",
            org: "Northlight",
            words: "We can reproduce it in 3.9.1.\nWhich compiler did you use?",
            files: 1,
            status_link: "https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i",
        });
        insta::assert_snapshot!(shown(&words), @r#"
        [SEC-2026-0042] We have your report

        Larkspur writes to you about your report:

        We can reproduce it in 3.9.1.
        Which compiler did you use?

        — Larkspur security contact

        A file came with it. It stays with the committee; ask us if you need it.

        Your answer to this mail goes to the security committee of Northlight
        and, without your name unless you allow it, to Larkspur. The whole
        conversation:
        https://security.northlight.example/s/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzdfmztwq2i
        "#);
    }
}
