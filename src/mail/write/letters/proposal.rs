//! About a project that somebody proposed: to the committee, that it waits; to its contacts, what came of it.

use crate::domain::proposal::Outcome;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;

/// The words of the letter to a member. `project` is a stranger's word, checked at the door.
pub fn proposed(project: &str, link: &str) -> Words {
    let project = one_line(project, LINE_MAX);
    Words {
        subject: format!("A new project was proposed: {project}"),
        body: Body::new()
            .paragraph(format!(
                "Somebody proposes to list {project}, and a mailbox that is to get its reports has proven itself. The \
                 text for projects.toml is ready to copy. Nothing happens until a person puts it there."
            ))
            .paragraph("Look at it, then say what you did:")
            .line(link),
    }
}

/// What a contact of a proposed project is told.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    pub project: &'a str,
    pub org: &'a str,
    /// The project's page, if it is listed.
    pub page: &'a str,
    pub outcome: Outcome,
}

/// The words of the letter to a contact.
pub fn settled(view: &Decided<'_>) -> Words {
    let (project, org) = (one_line(view.project, LINE_MAX), one_line(view.org, LINE_MAX));
    let (subject, body) = match view.outcome {
        Outcome::Listed => (
            format!("{project} is listed now"),
            Body::new()
                .paragraph(format!(
                    "{project} is one of the projects of {org} for which we take security reports, and you are a contact \
                     of it. Each quarter we ask whether you still are."
                ))
                .paragraph("Its page, with lines for your own SECURITY.md:")
                .line(view.page),
        ),
        Outcome::Declined(reason) => (
            format!("{project} was not listed"),
            Body::new()
                .paragraph(format!(
                    "You confirmed that you would be a security contact for {project} at {org}. The security committee \
                     did not list it. {} You get no reports from us.",
                    reason.words()
                ))
                .paragraph("If that is wrong, reply to this mail: a person of the committee reads it."),
        ),
    };
    Words { subject, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::proposal::Reason;
    use crate::mail::write::letters::tests::shown;

    #[test]
    fn the_letter_to_a_member_in_full() {
        let link = "https://security.northlight.example/proposals/019360f0-0000-7000-8000-000000000001";
        insta::assert_snapshot!(shown(&proposed("Quern\r\nBcc: x", link)), @"
        A new project was proposed: Quern Bcc: x

        Somebody proposes to list Quern Bcc: x, and a mailbox that is to get its
        reports has proven itself. The text for projects.toml is ready to copy.
        Nothing happens until a person puts it there.

        Look at it, then say what you did:
        https://security.northlight.example/proposals/019360f0-0000-7000-8000-000000000001
        ");
    }

    #[test]
    fn the_letters_to_a_contact_in_full() {
        let page = "https://security.northlight.example/projects/quern";
        let of = |outcome| shown(&settled(&Decided { project: "Quern", org: "Northlight Foundation", page, outcome }));
        insta::assert_snapshot!(of(Outcome::Listed), @"
        Quern is listed now

        Quern is one of the projects of Northlight Foundation for which we take
        security reports, and you are a contact of it. Each quarter we ask
        whether you still are.

        Its page, with lines for your own SECURITY.md:
        https://security.northlight.example/projects/quern
        ");
        insta::assert_snapshot!(of(Outcome::Declined(Reason::NotShown)), @"
        Quern was not listed

        You confirmed that you would be a security contact for Quern at
        Northlight Foundation. The security committee did not list it. We could
        not see that those who proposed it speak for it. You get no reports from
        us.

        If that is wrong, reply to this mail: a person of the committee reads
        it.
        ");
    }
}
