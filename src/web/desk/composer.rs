//! The pages on which a member writes: banner, words, preview; each in the look of its lane.

use maud::{Markup, html};

use crate::domain::case::CaseState;
use crate::domain::leak::Leak;
use crate::domain::party::Party;
use crate::flows::composing::{Correspondents, NotSent, To};
use crate::flows::relaying;
use crate::mail::write::clean::one_line;
use crate::web::desk::leak_guard::{self, Guard};
use crate::web::frame::{Icon, icon, said};

/// A name on a button is cut at so many letters.
const NAME_MAX: usize = 60;

/// What one recipient will get, ready to be looked at.
pub struct Shown {
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// One of the three pages.
pub struct Composer<'a> {
    pub with: &'a Correspondents,
    pub to: &'a To,
    /// The project's name, on its page.
    pub project: String,
    /// So many contacts of the project can be written to.
    pub contacts: usize,
    pub signed: String,
    pub id: String,
    pub words: &'a str,
    pub from: &'a str,
    pub answers: bool,
    pub hold: i64,
    pub problem: Option<NotSent>,
    /// Set once the member wants to look at it; empty where no letter goes out.
    pub preview: Option<Vec<Shown>>,
    /// With the preview: what of the words is also elsewhere.
    pub leaks: Vec<Leak>,
    /// Why they may leave all the same, as it was typed.
    pub because: &'a str,
    /// They were to leave, and the reason is missing.
    pub lacks_a_reason: bool,
}

impl Composer<'_> {
    /// What stands above it.
    pub fn title(&self) -> String {
        match self.to {
            To::Reporter => "To the reporter".to_owned(),
            To::Project(_) => format!("To {}", self.project),
            To::Committee => "Internal note".to_owned(),
        }
    }

    /// Reporters by name, as a member may call them.
    fn reporters(&self) -> String {
        let names: Vec<String> = self.with.reporters().map(called).collect();
        names.join(" and ")
    }

    fn is_read_on_the_page(&self) -> bool {
        self.with.reporters().all(|reporter| reporter.mailbox.is_none())
    }

    /// Who will read it.
    pub fn banner(&self) -> String {
        match self.to {
            To::Reporter if self.is_read_on_the_page() => {
                "TO THE REPORTER \u{2014} they left no address and read this on their private page.".to_owned()
            }
            To::Reporter => format!("TO THE REPORTER \u{2014} {} will receive this by email.", self.reporters()),
            To::Project(_) => {
                format!("TO THE PROJECT \u{2014} {} at {} will receive this.", people(self.contacts), self.project)
            }
            To::Committee => "INTERNAL \u{2014} committee only. Never sent.".to_owned(),
        }
    }

    /// What the button says.
    pub fn button(&self) -> String {
        match self.to {
            To::Reporter if self.is_read_on_the_page() => "Post on the reporter's page".to_owned(),
            To::Reporter => format!("Send to {} (reporter)", self.reporters()),
            To::Project(_) => format!("Send to {} at {}", people(self.contacts), self.project),
            To::Committee => "Save internal note".to_owned(),
        }
    }

    fn address(&self) -> String {
        let case = &self.with.case.number;
        match self.to {
            To::Reporter => format!("/cases/{case}/to-reporter"),
            To::Project(project) => format!("/cases/{case}/to-project/{project}"),
            To::Committee => format!("/cases/{case}/note"),
        }
    }

    /// Why there is no form at all.
    fn in_the_way(&self) -> Option<NotSent> {
        match self.to {
            To::Committee => None,
            _ if self.with.case.state == CaseState::Closed => Some(NotSent::CaseClosed(self.with.case.number.clone())),
            To::Project(project) if self.with.handling(project).is_none() => {
                Some(NotSent::NotThere(self.project.clone()))
            }
            To::Project(_) if self.contacts == 0 => Some(NotSent::NobodyToWriteTo(self.project.clone())),
            _ => None,
        }
    }
}

fn called(party: &Party) -> String {
    let name = party.name.as_deref().map(|name| one_line(name, NAME_MAX)).filter(|name| !name.is_empty());
    name.or_else(|| party.mailbox.as_ref().map(ToString::to_string)).unwrap_or_else(|| "the reporter".to_owned())
}

/// `Jane Doe <jane@example.org>`.
pub fn address_of(party: &Party) -> String {
    match (&party.name, &party.mailbox) {
        (Some(name), Some(mailbox)) => format!("{} <{mailbox}>", one_line(name, NAME_MAX)),
        (None, Some(mailbox)) => mailbox.to_string(),
        (_, None) => "the private page".to_owned(),
    }
}

/// `3 people`.
pub fn people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

/// The whole page.
pub fn page(view: &Composer<'_>) -> Markup {
    let back = format!("/cases/{}", view.with.case.number);
    let (lane, shape) = match view.to {
        To::Reporter => ("lane-reporter", Icon::Envelope),
        To::Project(_) => ("lane-project", Icon::Arrows),
        To::Committee => ("lane-internal", Icon::Pencil),
    };
    html! {
        p.small.muted { span.mono { (view.with.case.number) } " · " (view.with.case.title) }
        h1 { (view.title()) }
        section.composer.(lane) {
            h2.banner { (icon(shape)) span { (view.banner()) } }
            @match view.in_the_way() {
                Some(reason) => { p { (reason) } p { a.button href=(back) { "Back to the case" } } }
                None => (composer(view, &back)),
            }
        }
    }
}

fn composer(view: &Composer<'_>, back: &str) -> Markup {
    html! {
        form method="post" action=(view.address()) {
            input type="hidden" name="id" value=(view.id);
            input type="hidden" name="from" value=(view.from);
            @match &view.preview {
                Some(letters) => (preview(view, letters, back)),
                None => (fields(view, back)),
            }
        }
    }
}

fn fields(view: &Composer<'_>, back: &str) -> Markup {
    let is_sent = *view.to != To::Committee;
    html! {
        div.field.error[view.problem.is_some()] {
            label for="words" { "Your words" }
            p.hint #words-hint {
                @if is_sent { "Plain text. It ends with “" (view.signed) "”." } @else { "Only the committee reads this." }
                @if !view.from.is_empty() { " What tells who wrote it was taken out. Look at it before you send it." }
            }
            @if let Some(problem) = &view.problem { p.message #words-wrong { "Error: " (problem) } }
            textarea.wide #words name="words" rows="12" autofocus[view.problem.is_some()]
                aria-invalid=[view.problem.as_ref().map(|_| "true")]
                aria-describedby=(if view.problem.is_some() { "words-hint words-wrong" } else { "words-hint" }) { (view.words) }
        }
        @if *view.to == To::Reporter && !view.with.handlings.iter().any(|row| row.state.is_open()) {
            div.choice { input #answers type="checkbox" name="answers" checked[view.answers]; label for="answers" { "This answers it: no project is needed" } }
        }
        div.row {
            @if is_sent { button.primary name="act" value="preview" { "Preview" } }
            @else { button.primary name="act" value="send" { (view.button()) } }
            a.button href=(back) { "Back" }
        }
    }
}

fn preview(view: &Composer<'_>, letters: &[Shown], back: &str) -> Markup {
    let telling = relaying::telling_lines(view.with, view.to, view.words);
    html! {
        input type="hidden" name="words" value=(view.words);
        @if view.answers { input type="hidden" name="answers" value="on"; }
        @if !telling.is_empty() {
            div.notice.soon {
                p { strong { "These lines may tell who is on the other side:" } }
                ul.tight { @for line in &telling { li { "“" (one_line(line, 200)) "”" } } }
                p { button name="act" value="withhold" { "Withhold these lines" } }
            }
        }
        (self::letters(view, letters))
        @if !view.leaks.is_empty() { (leak_guard::part(&guard(view))) }
        div.row {
            @if view.leaks.is_empty() {
                button.primary name="act" value="send" { (view.button()) }
                button name="act" value="edit" { "Change it" }
            }
            a.button href=(back) { "Back" }
        }
        @if view.hold > 0 && !letters.is_empty() {
            p.small { "It leaves after " (view.hold) " seconds; until then you can stop it on the case's page." }
        }
    }
}

fn guard<'a>(view: &'a Composer<'_>) -> Guard<'a> {
    Guard { leaks: &view.leaks, because: view.because, lacks_a_reason: view.lacks_a_reason, sends: "send" }
}

/// Exactly what leaves, or what will stand on the page where nothing does.
pub fn letters(view: &Composer<'_>, letters: &[Shown]) -> Markup {
    html! {
        @if letters.is_empty() {
            p { "This is what will stand there:" }
            (said(&format!("{}\n\n{}", view.words.trim(), view.signed)))
        } @else { (sheets(letters)) }
    }
}

/// Letters before they leave, one after another.
pub fn sheets(letters: &[Shown]) -> Markup {
    html! {
        p { "This is what leaves, in " (letters.len()) @if letters.len() == 1 { " mail:" } @else { " mails, one to each:" } }
        @for letter in letters {
            dl.facts { dt { "To" } dd { (letter.to) } dt { "Subject" } dd { (letter.subject) } }
            (said(&letter.text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::handling::HandlingState;
    use crate::domain::id::{HandlingId, PartyId};
    use crate::domain::party::{PartyRole, Shares};
    use crate::web::samples::{HOSTILE, case, handling, id, mailbox, safe, shows_hostile_texts};

    fn party(role: PartyRole, address: Option<&str>) -> Party {
        Party {
            id: PartyId::from_row("party"),
            case: case(CaseState::Triage).id,
            role,
            mailbox: address.map(mailbox),
            name: Some(HOSTILE.to_owned()),
            is_list: false,
            shares: Shares::Nothing,
            generation: 0,
        }
    }

    fn with(reporter: Option<&str>) -> Correspondents {
        let contact = || party(PartyRole::Contact(HandlingId::from_row("handling")), Some("ivo@lantern.example"));
        Correspondents {
            case: case(CaseState::Routed),
            handlings: vec![handling(HandlingState::Sent)],
            parties: vec![party(PartyRole::Reporter, reporter), contact(), contact(), contact()],
        }
    }

    fn view<'a>(with: &'a Correspondents, to: &'a To) -> Composer<'a> {
        Composer {
            with,
            to,
            project: "Lantern".to_owned(),
            contacts: 3,
            signed: "\u{2014} Ada Chair".to_owned(),
            id: "id".to_owned(),
            words: HOSTILE,
            from: HOSTILE,
            answers: false,
            hold: 60,
            problem: None,
            preview: None,
            leaks: Vec::new(),
            because: "",
            lacks_a_reason: false,
        }
    }

    #[test]
    fn each_page_says_in_its_banner_and_on_its_button_who_will_read_it() {
        let with = with(Some("jane@reporter.example"));
        let lantern = To::Project(id("lantern"));
        for (to, class, banner, button) in [
            (&To::Reporter, "lane-reporter", "TO THE REPORTER \u{2014} ", " (reporter)"),
            (&lantern, "lane-project", "3 people at Lantern will receive this.", "Send to 3 people at Lantern"),
            (&To::Committee, "lane-internal", "committee only. Never sent.", "Save internal note"),
        ] {
            let mut view = view(&with, to);
            let typing = shows_hostile_texts(page(&view), 3);
            assert!(typing.contains(class) && typing.contains(banner), "{typing}");
            view.preview = Some(Vec::new());
            assert!(safe(page(&view)).contains(button), "{button}");
        }
    }

    #[test]
    fn a_reporter_without_an_address_reads_it_on_the_page() {
        let with = with(None);
        let mut view = view(&with, &To::Reporter);
        assert!(page(&view).into_string().contains("they left no address"));
        view.preview = Some(Vec::new());
        let shown = page(&view).into_string();
        assert!(shown.contains("Post on the reporter's page") && !shown.contains("It leaves after"), "{shown}");
    }

    #[test]
    fn a_preview_shows_every_mail_and_warns_of_lines_that_name_the_other_side() {
        let with = with(Some("jane@reporter.example"));
        let lantern = To::Project(id("lantern"));
        let words = format!("Ask jane@reporter.example.\n{HOSTILE}");
        let mut view = Composer { words: &words, ..view(&with, &lantern) };
        let mail = || Shown { to: HOSTILE.to_owned(), subject: HOSTILE.to_owned(), text: HOSTILE.to_owned() };
        view.preview = Some(vec![mail(), mail()]);
        let shown = shows_hostile_texts(page(&view), 8);
        for words in
            ["in 2 mails, one to each:", "Withhold these lines", "Ask jane@reporter.example.", "after 60 seconds"]
        {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }

    #[test]
    fn words_that_are_also_elsewhere_have_no_button_but_the_guards() {
        let with = with(Some("jane@reporter.example"));
        let leaks = vec![Leak { place: "an internal note".to_owned(), lines: vec![HOSTILE.to_owned()] }];
        let view = Composer { preview: Some(Vec::new()), leaks, ..view(&with, &To::Reporter) };
        let shown = safe(page(&view));
        assert!(shown.contains("Send anyway") && shown.contains("Go back"), "{shown}");
        assert!(!shown.contains("(reporter)</button>") && !shown.contains("Change it"), "{shown}");
    }

    #[test]
    fn where_nobody_can_be_written_to_there_is_no_form() {
        let mut with = with(Some("jane@reporter.example"));
        let lantern = To::Project(id("lantern"));
        let no_contact = Composer { contacts: 0, ..view(&with, &lantern) };
        let shown = page(&no_contact).into_string();
        assert!(shown.contains("has no contact to write to") && !shown.contains("<form"), "{shown}");
        with.case.state = CaseState::Closed;
        let shown = page(&view(&with, &To::Reporter)).into_string();
        assert!(shown.contains("Reopen it first.") && !shown.contains("<form"), "{shown}");
        assert!(page(&view(&with, &To::Committee)).into_string().contains("<form"), "a note can still be written");
    }
}
