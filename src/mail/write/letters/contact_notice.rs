//! To a project's contacts: a contact is to change, or has changed. To the committee: contacts need somebody's eye.

use jiff::Timestamp;

use crate::domain::address::Mailbox;
use crate::mail::write::clean::{LINE_MAX, one_line};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::{Words, time};

/// What a contact is told.
#[derive(Debug, Clone)]
pub struct ContactNotice<'a> {
    pub project: &'a str,
    pub org: &'a str,
    pub wanted: Wanted<'a>,
    /// The reader's own entry changes.
    pub is_about_you: bool,
    pub news: News<'a>,
}

/// What changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    Add {
        new: &'a Mailbox,
    },
    Replace {
        old: &'a Mailbox,
        new: &'a Mailbox,
    },
    /// Name, hours or the way of delivery; the address stays.
    Change {
        at: &'a Mailbox,
    },
    Remove {
        old: &'a Mailbox,
    },
    /// It names nobody whom we know.
    Unclear,
}

impl Wanted<'_> {
    /// The change as a part of a sentence: "… is to …".
    fn words(&self) -> String {
        match self {
            Self::Add { new } => format!("add {new}"),
            Self::Replace { old, new } => format!("replace {old} by {new}"),
            Self::Change { at } => format!("change the particulars of {at}"),
            Self::Remove { old } => format!("remove {old}"),
            Self::Unclear => "change a contact".to_owned(),
        }
    }
}

/// How far the change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News<'a> {
    Asked {
        /// A stranger's words, unless a contact asked.
        by: &'a str,
        is_by_a_contact: bool,
        /// Opens a page with two buttons: consent, object.
        link: &'a str,
    },
    Done,
}

/// The words of the letter to a contact.
pub fn contact_notice(view: &ContactNotice<'_>) -> Words {
    let (project, org) = (one_line(view.project, LINE_MAX), one_line(view.org, LINE_MAX));
    match view.news {
        News::Asked { by, is_by_a_contact, link } => {
            let who = if is_by_a_contact {
                "A security contact of the project".to_owned()
            } else {
                format!("Somebody who gave the name {}", one_line(by, LINE_MAX))
            };
            let about_you = if view.is_about_you { " This is about your own entry." } else { "" };
            Words {
                subject: format!("Security contacts of {project}: a change was asked for"),
                body: Body::new()
                    .paragraph(format!(
                        "{who} asked us to {} as a security contact of {project} at {org}.{about_you}",
                        view.wanted.words()
                    ))
                    .paragraph(match view.wanted {
                        Wanted::Remove { .. } => "It is done only if a contact consents, or members of the committee decide.",
                        _ => {
                            "Once the new mailbox has confirmed, it is done a week later, or at once with your consent. \
                             If you object, members of the committee decide."
                        }
                    })
                    .paragraph("Is that right? Consent or object here, within 14 days:")
                    .line(link)
                    .paragraph("Reports that you have already stay with you."),
            }
        }
        News::Done => {
            let about_you = match (view.is_about_you, view.wanted) {
                (true, Wanted::Remove { .. }) => " You get no more reports from us. Thank you for your work.",
                (true, Wanted::Add { .. } | Wanted::Replace { .. }) => " This is about your own entry.",
                _ => "",
            };
            Words {
                subject: format!("Security contacts of {project}: changed"),
                body: Body::new()
                    .paragraph(format!(
                        "As somebody asked us to, we did this for {project} at {org}: {}.{about_you}",
                        view.wanted.words()
                    ))
                    .paragraph("If that is wrong, reply to this mail at once: a person of the committee reads it."),
            }
        }
    }
}

/// What the committee is told.
#[derive(Debug, Clone)]
pub enum CommitteeNotice<'a> {
    /// A change that members decide.
    Decide {
        project: &'a str,
        is_first_entry: bool,
    },
    /// A removal that cannot be made: it would leave nobody who can be reached.
    CannotRemove {
        project: &'a str,
    },
    /// It was removed, or removed itself, and nobody who can be reached is left.
    NobodyLeft {
        project: &'a str,
    },
    /// Two questions without an answer.
    Unconfirmed {
        project: &'a str,
        contact: &'a Mailbox,
        since: Timestamp,
    },
    DomainGone {
        domain: &'a str,
        because: &'a str,
        contacts: Vec<(&'a str, &'a Mailbox)>,
    },
    DomainBack {
        domain: &'a str,
    },
}

/// The words of the letter to a member.
pub fn committee_notice(notice: &CommitteeNotice<'_>, link: &str) -> Words {
    let line = |text: &str| one_line(text, LINE_MAX);
    let (subject, paragraphs) = match notice {
        CommitteeNotice::Decide { project, is_first_entry } => (
            format!("A contact of {} waits for a decision", line(project)),
            vec![
                match is_first_entry {
                    true => "Its mailbox has proven itself. It is the project's first contact: one member approves it.",
                    false => "The old contact objects or cannot answer. Two members decide together.",
                }
                .to_owned(),
            ],
        ),
        CommitteeNotice::CannotRemove { project } => (
            format!("The last contact of {} is to be removed", line(project)),
            vec!["Nobody who can be reached would be left, so it stays until there is another one.".to_owned()],
        ),
        CommitteeNotice::NobodyLeft { project } => (
            format!("{} has no contact who can be reached", line(project)),
            vec!["A report for it waits in triage until somebody is found. Please look for a maintainer.".to_owned()],
        ),
        CommitteeNotice::Unconfirmed { project, contact, since } => (
            format!("A contact of {} is unconfirmed", line(project)),
            vec![
                format!("{contact} has answered neither of two questions, and no report, by {}.", time(*since)),
                "From now on it gets links, not reports, and the public page says so.".to_owned(),
            ],
        ),
        CommitteeNotice::DomainGone { domain, because, contacts } => (
            format!("The mail domain {} is gone", line(domain)),
            std::iter::once(format!("{} Nothing more is sent to it.", line(because)))
                .chain(contacts.iter().map(|(project, contact)| format!("{}: {contact}", line(project))))
                .chain(["Whoever registers it next would get the mail. Please find another contact.".to_owned()])
                .collect(),
        ),
        CommitteeNotice::DomainBack { domain } => (
            format!("The mail domain {} is back", line(domain)),
            vec![
                "It takes mail again, perhaps other people's. Nothing is sent to it until a member says that it is \
                 still theirs."
                    .to_owned(),
            ],
        ),
    };
    let body = paragraphs.iter().fold(Body::new(), |body, paragraph| body.paragraph(paragraph));
    Words { subject, body: body.paragraph("Look at the contacts:").line(link) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
    }

    fn to_a_contact(wanted: Wanted<'_>, is_about_you: bool, news: News<'_>) -> String {
        let (project, org) = ("Larkspur", "Northlight Foundation");
        shown(&contact_notice(&ContactNotice { project, org, wanted, is_about_you, news }))
    }

    const LINK: &str = "https://security.northlight.example/c/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd";

    #[test]
    fn the_letter_about_a_change_that_a_stranger_asked_for_in_full() {
        let (old, new) = (mailbox("old@larkspur.example"), mailbox("new@larkspur.example"));
        let asked = News::Asked { by: "Jo\r\nBcc: x", is_by_a_contact: false, link: LINK };
        insta::assert_snapshot!(to_a_contact(Wanted::Replace { old: &old, new: &new }, true, asked), @r#"
        Security contacts of Larkspur: a change was asked for

        Somebody who gave the name Jo Bcc: x asked us to replace
        old@larkspur.example by new@larkspur.example as a security contact of
        Larkspur at Northlight Foundation. This is about your own entry.

        Once the new mailbox has confirmed, it is done a week later, or at once
        with your consent. If you object, members of the committee decide.

        Is that right? Consent or object here, within 14 days:
        https://security.northlight.example/c/mzxw6ytboi4dqmrzgq2donzvgu3tqojqmfrggzd

        Reports that you have already stay with you.
        "#);
    }

    #[test]
    fn a_removal_and_a_contacts_own_wish_say_so() {
        let old = mailbox("old@larkspur.example");
        let asked = News::Asked { by: "Jo", is_by_a_contact: true, link: LINK };
        let letter = to_a_contact(Wanted::Remove { old: &old }, false, asked);
        assert!(letter.contains("A security contact of the project asked us to remove"), "{letter}");
        assert!(letter.contains("only if a contact consents"), "{letter}");
    }

    #[test]
    fn the_letter_about_a_change_that_was_made_in_full() {
        let new = mailbox("new@larkspur.example");
        insta::assert_snapshot!(to_a_contact(Wanted::Add { new: &new }, false, News::Done), @r#"
        Security contacts of Larkspur: changed

        As somebody asked us to, we did this for Larkspur at Northlight
        Foundation: add new@larkspur.example.

        If that is wrong, reply to this mail at once: a person of the committee
        reads it.
        "#);
        let left = to_a_contact(Wanted::Remove { old: &new }, true, News::Done);
        assert!(left.contains("Thank you for your work."), "{left}");
        assert!(to_a_contact(Wanted::Change { at: &new }, false, News::Done).contains("change the particulars"));
        assert!(to_a_contact(Wanted::Unclear, false, News::Done).contains("change a contact"));
    }

    #[test]
    fn the_letters_to_the_committee_in_full() {
        let kim = mailbox("kim@larkspur.example");
        let since = "2026-11-20T14:00:00Z".parse().unwrap();
        let all = [
            CommitteeNotice::Decide { project: "Larkspur", is_first_entry: true },
            CommitteeNotice::Decide { project: "Larkspur", is_first_entry: false },
            CommitteeNotice::CannotRemove { project: "Larkspur" },
            CommitteeNotice::NobodyLeft { project: "Larkspur" },
            CommitteeNotice::Unconfirmed { project: "Larkspur", contact: &kim, since },
            CommitteeNotice::DomainGone {
                domain: "larkspur.example",
                because: "The domain does not exist.",
                contacts: vec![("larkspur", &kim)],
            },
            CommitteeNotice::DomainBack { domain: "larkspur.example" },
        ];
        let link = "https://security.northlight.example/contacts";
        let letters: Vec<String> = all.iter().map(|notice| shown(&committee_notice(notice, link))).collect();
        insta::assert_snapshot!(letters.join("\n----\n"), @r#"
        A contact of Larkspur waits for a decision

        Its mailbox has proven itself. It is the project's first contact: one
        member approves it.

        Look at the contacts:
        https://security.northlight.example/contacts
        ----
        A contact of Larkspur waits for a decision

        The old contact objects or cannot answer. Two members decide together.

        Look at the contacts:
        https://security.northlight.example/contacts
        ----
        The last contact of Larkspur is to be removed

        Nobody who can be reached would be left, so it stays until there is
        another one.

        Look at the contacts:
        https://security.northlight.example/contacts
        ----
        Larkspur has no contact who can be reached

        A report for it waits in triage until somebody is found. Please look for
        a maintainer.

        Look at the contacts:
        https://security.northlight.example/contacts
        ----
        A contact of Larkspur is unconfirmed

        kim@larkspur.example has answered neither of two questions, and no
        report, by Fri 2026-11-20 14:00 UTC.

        From now on it gets links, not reports, and the public page says so.

        Look at the contacts:
        https://security.northlight.example/contacts
        ----
        The mail domain larkspur.example is gone

        The domain does not exist. Nothing more is sent to it.

        larkspur: kim@larkspur.example

        Whoever registers it next would get the mail. Please find another
        contact.

        Look at the contacts:
        https://security.northlight.example/contacts
        ----
        The mail domain larkspur.example is back

        It takes mail again, perhaps other people's. Nothing is sent to it until
        a member says that it is still theirs.

        Look at the contacts:
        https://security.northlight.example/contacts
        "#);
    }
}
