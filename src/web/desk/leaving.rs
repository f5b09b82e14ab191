//! What leaves with a forward, as its preview shows it: who gets it, what is told of the reporter, the text and files,
//! and each mail word for word.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::directory::{Contact, DeliveryMode};
use crate::domain::id::ArrivalId;
use crate::domain::report::Attachment;
use crate::flows::forward::{ContentText, Look, LookAgain, PartLook};
use crate::flows::withholding::Kept;
use crate::mail::write::letters::size;
use crate::store::{CaseRow, ContactRow};
use crate::web::desk::contacts::health;
use crate::web::desk::doubts::doubts;
use crate::web::frame::said;
use crate::web::when;

/// What a member looks at, and what they have kept of it so far.
pub struct Leaving<'a> {
    pub case: &'a CaseRow,
    pub look: &'a Look,
    pub kept: &'a Kept,
    /// The address of the preview, with a query.
    pub here: String,
    /// Why a press did not let it leave.
    pub again: Option<LookAgain>,
    /// The contacts with what we know of them.
    pub known: &'a [ContactRow],
    pub now: Timestamp,
}

/// Why it has not left yet, where a button was pressed for that.
pub fn again(view: &Leaving<'_>) -> Markup {
    html! {
        @if let Some(again) = view.again { div.notice.late role="alert" { p { strong { "Not forwarded: " } (again) } } }
    }
}

/// Who of one project gets it, and by when they are asked to confirm.
pub fn people(view: &Leaving<'_>, part: &PartLook) -> Markup {
    html! {
        ul.tight { @for contact in &part.contacts { li { (person(view, part, contact)) } } }
        @if let [only] = &part.contacts[..] { @if !only.is_list {
            p.small.muted { "A single person: nobody else hears of it before the deputies do." }
        } }
        p { "They are asked to confirm by " strong { (when::time(part.confirm_by)) } "." }
    }
}

fn person(view: &Leaving<'_>, part: &PartLook, contact: &Contact) -> Markup {
    let is_it = |row: &&ContactRow| row.project == part.project.id && row.contact.email == contact.email;
    html! {
        @if let Some(name) = &contact.name { strong { (name) } " " } (contact.email)
        @if contact.delivery != DeliveryMode::Full { span.small.muted { " gets a link, not the text" } }
        @if let Some(row) = view.known.iter().find(is_it) { " " (health(row, view.now)) }
    }
}

/// The part of a preview below "What is shared".
pub fn shared(view: &Leaving<'_>) -> Markup {
    let Look { reporter, content, additions, parts, .. } = view.look;
    html! {
        p { (reporter) }
        @if let Some(why) = &view.case.waits_because { p { "Why it waits: " (why) } }
        (doubts(view.case, view.look, view.kept, &view.here))
        @match &content.text {
            ContentText::Text(text) => { p { "This is the text that leaves:" } (said(text)) }
            ContentText::Unreadable(why) => p { "No text leaves: " (why) ". The contacts are told so." },
        }
        (files(&content.files))
        @for added in additions {
            p { "The reporter added this since, and it leaves in a mail of its own:" }
            @if !added.text.is_empty() { (said(&added.text)) }
            (files(&added.files))
        }
        @for sheet in parts.iter().flat_map(|part| &part.sheets) {
            details {
                summary { "The mail to " (sheet.to.join(", ")) ", word for word" }
                dl.facts { dt { "To" } dd { (sheet.to.join(", ")) @if sheet.to.len() > 1 { ", a mail to each" } } dt { "Subject" } dd { (sheet.subject) } }
                (said(&sheet.text))
            }
        }
        @if parts.iter().any(|part| !part.sheets.is_empty()) {
            p.small.muted { "Where “…” stands in a link or address, each of them gets one of their own." }
        }
    }
}

fn files(files: &[(ArrivalId, Attachment)]) -> Markup {
    html! {
        @if !files.is_empty() {
            p { "Attached files, as links that only the contact opens:" }
            ul.tight { @for (_, file) in files {
                li { (file.name) span.small.muted { " " (file.media_type) ", " (size(file.size)) } }
            } }
        }
    }
}

/// What the form below a preview carries, so that nothing leaves that was not looked at.
pub fn looked_at(view: &Leaving<'_>) -> Markup {
    html! {
        input type="hidden" name="mark" value=(view.look.mark());
        input type="hidden" name="keep" value=(view.kept);
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::domain::case::CaseState;
    use crate::flows::forward::{Sheet, content};
    use crate::flows::withholding::doubtful;
    use crate::store::ReportRow;
    use crate::web::samples::{HOSTILE, attachment, case, directory, hours, now, report, safe, shows_hostile_texts};

    /// A look at what the first projects of the samples would get.
    pub fn look(shared: &str, projects: usize) -> Look {
        let report = ReportRow { shared: shared.to_owned(), unreadable: None, ..report() };
        let files = vec![(ArrivalId::from_row("arrival"), attachment())];
        let part = |project: &crate::domain::directory::Project| PartLook {
            is_by_hand: project.contacts.is_empty(),
            contacts: project.contacts.clone(),
            confirm_by: now() + hours(168),
            sheets: Vec::new(),
            project: project.clone(),
        };
        Look {
            reporter: "The reporter: name withheld, replies go through us.".to_owned(),
            doubts: doubtful(std::slice::from_ref(&report), &[]),
            content: content(&[report], files, &[]),
            additions: Vec::new(),
            parts: directory().projects.iter().take(projects).map(part).collect(),
        }
    }

    fn shown(look: &Look, kept: &str) -> Markup {
        let (case, kept) = (case(CaseState::New), Kept::parse(kept));
        let here = "/here?project=lantern".to_owned();
        shared(&Leaving { case: &case, look, kept: &kept, here, again: None, known: &[], now: now() })
    }

    #[test]
    fn the_preview_shows_the_text_the_files_and_each_doubtful_line_with_two_buttons() {
        let mut look = look(&format!("Subject: a flaw\n\n{HOSTILE}\nCredit: Jane Doe\nThen it stops.\n"), 1);
        let (to, subject) = (vec!["ivo@lantern.example".to_owned()], HOSTILE.to_owned());
        look.parts[0].sheets.push(Sheet { to, subject, text: HOSTILE.to_owned() });
        let page = shows_hostile_texts(shown(&look, ""), 4);
        for words in [
            "name withheld, replies go through us",
            "The text contains “Credit: Jane Doe”",
            "Withhold this line",
            "name=\"line\" value=\"0.3\"",
            "href=\"/here?project=lantern&amp;keep=0.3\"",
            "The mail to ivo@lantern.example, word for word",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
    }

    #[test]
    fn a_line_that_is_kept_is_asked_about_no_more() {
        let page = safe(shown(&look("a flaw\nCredit: Jane Doe\nIt stops.\n", 1), "0.1"));
        assert!(!page.contains("The text contains") && page.contains("Credit: Jane Doe"), "{page}");
    }

    #[test]
    fn nothing_leaves_that_nobody_has_decided_about_or_that_is_not_what_was_seen() {
        let look = |line: &str| self::look(&format!("a flaw\n{line}\nIt stops.\n"), 1);
        let (doubted, kept) = (look("Credit: Jane Doe"), Kept::parse("0.1"));
        assert_eq!(doubted.may_leave(&Kept::default(), ""), Err(LookAgain::Undecided));
        assert_eq!(doubted.may_leave(&kept, &doubted.mark()), Ok(()));
        let withheld = look("[line withheld]");
        assert_eq!(withheld.may_leave(&Kept::default(), &doubted.mark()), Err(LookAgain::Changed));
        assert_eq!(withheld.may_leave(&Kept::default(), ""), Ok(()), "a press without a look");
    }
}
