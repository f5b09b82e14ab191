//! The form's page: a view in, markup out.

use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::domain::form::{
    ABOUT_PROJECT, ABOUT_SERVICE, ABOUT_UNKNOWN, FILES_MAX, Fault, Field, REACH_MAIL, REACH_NOT, Typed, YES,
};
use crate::domain::party::Shares;
use crate::flows::form::Hint;
use crate::mail::write::clean::lines;
use crate::store::Upload;
use crate::web::limits::minutes;
use crate::web::public::report::fields::{FILES, REMOVE, STAMP, SUGGEST};
use crate::web::public::report::hints;

pub const TITLE: &str = "Report a security problem";
/// Names that the box suggests; a longer list helps nobody and slows the page.
const LISTED: usize = 1_000;
/// The id of the field with the files, as errors link to it.
const FILES_ID: &str = "files";

/// A form to show.
pub struct FormView<'a> {
    pub directory: &'a Directory,
    pub typed: &'a Typed,
    pub stamp: &'a str,
    pub attached: &'a [Upload],
    pub faults: &'a [Fault],
    pub notice: Option<&'a Notice>,
    /// When mail was last seen to come in.
    pub tested: Option<&'a Markup>,
    /// Where they were asked for.
    pub hints: Option<&'a [Hint]>,
}

/// Why the form is shown again though nothing in it is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Its page was too old, or the browser's word on where it comes from was odd.
    Old,
    Limited {
        minutes: u64,
        had_files: bool,
    },
    /// The records cannot be reached.
    Away,
    /// Another report went out by this page; its confirmation is there.
    SentBefore {
        confirmation: String,
    },
}

/// The whole page.
pub fn form(view: &FormView<'_>) -> Markup {
    let foundation = &view.directory.foundation;
    html! {
        @if !view.faults.is_empty() { (summary(view.faults)) }
        h1 { (TITLE) }
        @if let Some(notice) = view.notice { (why_again(notice, view.directory)) }
        p { "Takes about two minutes. You do not need an account, and you do not need to know which project to tell." }
        div.notice { p { strong { "Prefer email?" } " Write to " a href={ "mailto:" (foundation.security_address) } { (foundation.security_address) }
            ". Both routes reach the same people." } }
        form method="post" action="/report" enctype="multipart/form-data" novalidate autocomplete="off"
            data-hints="/report/hint/live" data-uploads="/report/files" {
            input type="hidden" name=(STAMP) value=(view.stamp);
            (about(view))
            (said(view))
            (files(view))
            (reach(view))
            (share(view))
            (details(view))
            div.away aria-hidden="true" {
                label for=(Field::Trap.name()) { "Leave this empty" }
                input id=(Field::Trap.name()) type="text" name=(Field::Trap.name()) value=(view.typed.get(Field::Trap)) tabindex="-1" autocomplete="off";
            }
            p.row { button.primary { "Send report" } }
            p.small.muted {
                "We keep your report for 24 months after it is closed, attachments for 6."
                @if let Some(tested) = view.tested { " " (tested) "." }
            }
            p.small {
                a href="/how" { "How we handle reports" } " · "
                a href="/how#vulnerability" { "What is a vulnerability here?" } " · "
                a href="/privacy" { "Privacy" }
            }
        }
    }
}

/// On top and focused, so that without a script too the first thing heard is what to mend.
fn summary(faults: &[Fault]) -> Markup {
    html! {
        div.error-summary #problem tabindex="-1" autofocus role="group" aria-labelledby="problem-title" {
            h2 #problem-title { "There is a problem" }
            ul { @for fault in faults { li { a href={ "#" (place(*fault)) } { (words(*fault)) } } } }
        }
    }
}

/// The id of the field that a fault is mended in.
fn place(fault: Fault) -> &'static str {
    match fault {
        Fault::NoAbout => "about-project",
        Fault::NoText => Field::Text.name(),
        Fault::NoReach => "reach-mail",
        Fault::NoAddress => Field::Email.name(),
        Fault::TooLong(field) => field.name(),
        Fault::TooManyFiles | Fault::FilesTooLarge | Fault::NoRoomForFiles | Fault::CutOff => FILES_ID,
    }
}

fn words(fault: Fault) -> String {
    match fault {
        Fault::NoAbout => "Choose what the report is about, or choose \u{201c}I don't know\u{201d}".to_owned(),
        Fault::NoText => "Tell us what you found".to_owned(),
        Fault::NoReach | Fault::NoAddress => {
            "Enter an email address such as name@example.org, or choose to stay anonymous".to_owned()
        }
        Fault::TooLong(field) => format!("Shorten this to {} characters, or attach it as a file", field.letters_max()),
        Fault::TooManyFiles => format!("Attach up to {FILES_MAX} files. Put more of them into one archive"),
        Fault::FilesTooLarge => {
            "Your files are larger than 25 MB together. Attach fewer or put a link in your text".to_owned()
        }
        Fault::CutOff => {
            "Your form did not arrive whole. Look through it, choose the missing files, and send it again".to_owned()
        }
        Fault::NoRoomForFiles => {
            "We cannot take files right now. Send the text without them, or try again later".to_owned()
        }
    }
}

fn why_again(notice: &Notice, directory: &Directory) -> Markup {
    let address = &directory.foundation.security_address;
    html! {
        div.notice.soon role="status" { @match notice {
            Notice::Old => p { "This page was open for a long time. Press Send again. Nothing is lost." }
            Notice::Limited { minutes: count, had_files } => {
                p { "We cannot take this through the form right now. Your text is still below. Try again in "
                    (minutes(*count)) ", or mail it to " a href={ "mailto:" (address) } { (address) } "." }
                @if *had_files { p { "The files that you chose just now were not kept: choose them again then." } }
            }
            Notice::Away => p { "We cannot reach our records right now. Your text is still below. Try again in a minute, or
                mail it to " a href={ "mailto:" (address) } { (address) } "." }
            Notice::SentBefore { confirmation } => p { "You sent a report from this page already: "
                a href=(confirmation) { "its confirmation" } ". If what stands below is another one, press Send report." }
        } }
    }
}

/// The messages beside a field, and the ids that describe it.
struct Beside<'a> {
    id: &'a str,
    wrong: Vec<String>,
    has_hint: bool,
}

impl<'a> Beside<'a> {
    fn of(view: &FormView<'_>, id: &'a str, has_hint: bool) -> Self {
        let here = view.faults.iter().filter(|fault| place(**fault) == id);
        Self { id, wrong: here.map(|fault| words(*fault)).collect(), has_hint }
    }

    fn is_wrong(&self) -> bool {
        !self.wrong.is_empty()
    }

    fn invalid(&self) -> Option<&'static str> {
        self.is_wrong().then_some("true")
    }

    fn described_by(&self) -> Option<String> {
        let hint = self.has_hint.then(|| format!("{}-hint", self.id));
        let wrong = self.is_wrong().then(|| format!("{}-wrong", self.id));
        let ids: Vec<String> = hint.into_iter().chain(wrong).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn message(&self) -> Markup {
        html! { @for wrong in &self.wrong { p.message id={ (self.id) "-wrong" } { "Error: " (wrong) } } }
    }
}

fn choice(
    view: &FormView<'_>,
    field: Field,
    value: &str,
    is_first: bool,
    label: &Markup,
    hint: Option<&str>,
) -> Markup {
    let id = format!("{}-{value}", field.name());
    let chosen = view.typed.get(field);
    let is_checked = chosen == value || (is_first && chosen.is_empty());
    html! {
        div.choice {
            input type="radio" id=(id) name=(field.name()) value=(value) checked[is_checked]
                aria-describedby=[hint.map(|_| format!("{id}-hint"))];
            label for=(id) { (label) }
            @if let Some(hint) = hint { p.hint id={ (id) "-hint" } { (hint) } }
        }
    }
}

fn about(view: &FormView<'_>) -> Markup {
    let beside = Beside::of(view, "about-project", false);
    let org = &view.directory.foundation.name;
    let project = Field::Project.name();
    html! {
        fieldset.field.error[beside.is_wrong()] aria-describedby=[beside.described_by()] {
            legend { "What is it about?" }
            (beside.message())
            (choice(view, Field::About, ABOUT_PROJECT, false, &html! { "A project" }, None))
            div.within {
                label for=(project) { "Which one" }
                p.hint id={ (project) "-hint" } { "Type a project, package, import name or link. For example: matplotlib, pip:numpy" }
                input id=(project) type="text" name=(project) value=(view.typed.get(Field::Project)) list="projects"
                    maxlength=(Field::Project.letters_max()) aria-describedby={ (project) "-hint" } spellcheck="false" autocapitalize="none";
                datalist #projects { @for project in view.directory.projects.iter().take(LISTED) { option value=(project.name) {} } }
            }
            (choice(view, Field::About, ABOUT_UNKNOWN, false, &html! { "I don't know, or more than one project" },
                Some("We will work it out, and tell you where it goes.")))
            (choice(view, Field::About, ABOUT_SERVICE, false, &html! { "A website or service run by " (org) }, None))
            @if let Some(text) = &view.directory.foundation.out_of_scope {
                details { summary { "What is no vulnerability here" } p { (text) } }
            }
        }
    }
}

fn said(view: &FormView<'_>) -> Markup {
    let beside = Beside::of(view, Field::Text.name(), true);
    html! {
        div.field.error[beside.is_wrong()] {
            label for="text" { "What did you find?" }
            p.hint #text-hint { "Say what you did, what happened, what you expected, and which version. Plain text is fine. You can paste a PGP message." }
            (beside.message())
            // The parser of HTML drops a line break at the start of a textarea: with one of ours, none of theirs is lost.
            textarea.wide #text name="text" rows="12" maxlength=(Field::Text.letters_max()) required
                aria-invalid=[beside.invalid()] aria-describedby=[beside.described_by()] { "\n" (view.typed.get(Field::Text)) }
        }
        // The first button of the form is what the Enter key presses: it sends nothing.
        p.row {
            button formaction=(hints::HERE) name=(SUGGEST) value="yes" data-suggest { "Suggest a project" }
            span.hint #suggest-hint { "Looks at your text, and changes nothing." }
        }
        // There from the start, so that what comes into it later is read out.
        div #hints role="status" aria-label="Suggestions" { @if let Some(said) = view.hints { (hints::answer(said)) } }
    }
}

fn files(view: &FormView<'_>) -> Markup {
    let beside = Beside::of(view, FILES_ID, true);
    html! {
        div.field.error[beside.is_wrong()] {
            label for=(FILES_ID) { "Attach files" }
            p.hint #files-hint { "Up to 5 files, 25 MB in all. If you can, put text in the box instead: it is read sooner." }
            (beside.message())
            @if !view.attached.is_empty() {
                ul.attached { @for file in view.attached {
                    li { span { "Already attached: " (lines(&file.name)) ", " span.nowrap { (size(file.size)) } }
                        button.plain formaction="/report/hint#files" name=(REMOVE) value=(file.id) aria-label={ "Remove " (lines(&file.name)) } { "remove" } }
                } }
            }
            input id=(FILES_ID) type="file" name=(FILES) multiple aria-invalid=[beside.invalid()] aria-describedby=[beside.described_by()];
        }
    }
}

/// Decimal, as the limit is.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn reach(view: &FormView<'_>) -> Markup {
    let (group, email) = (Beside::of(view, "reach-mail", false), Beside::of(view, Field::Email.name(), false));
    html! {
        fieldset.field.error[group.is_wrong() || email.is_wrong()] aria-describedby=[group.described_by()] {
            legend { "How can we reach you?" }
            (group.message())
            (choice(view, Field::Reach, REACH_MAIL, false, &html! { "By email" }, None))
            div.within {
                label for="email" { "Your email address" }
                (email.message())
                input #email type="email" name="email" value=(view.typed.get(Field::Email)) autocomplete="email" maxlength=(Field::Email.letters_max())
                    aria-invalid=[email.invalid()] aria-describedby=[email.described_by()];
            }
            (choice(view, Field::Reach, REACH_NOT, false, &html! { "Stay anonymous" },
                Some("You get a private link. We have no way to contact you, so look at it again in a few days.")))
        }
        (line(view, Field::Name, "Your name or handle", "Optional. A pseudonym is fine."))
    }
}

fn share(view: &FormView<'_>) -> Markup {
    let one = |shares: Shares, is_first, words: &str| {
        choice(view, Field::Shares, shares.word(), is_first, &html! { (words) }, None)
    };
    html! {
        fieldset.field {
            legend { "What may we tell the project about you?" }
            (one(Shares::NameAndAddress, false, "My name and address"))
            (one(Shares::Name, false, "My name only"))
            (one(Shares::Nothing, true, "Nothing, pass messages through the committee"))
        }
    }
}

fn line(view: &FormView<'_>, field: Field, label: &str, hint: &str) -> Markup {
    let beside = Beside::of(view, field.name(), !hint.is_empty());
    html! {
        div.field.error[beside.is_wrong()] {
            label for=(field.name()) { (label) }
            @if !hint.is_empty() { p.hint id={ (field.name()) "-hint" } { (hint) } }
            (beside.message())
            input id=(field.name()) type="text" name=(field.name()) value=(view.typed.get(field)) maxlength=(field.letters_max())
                aria-invalid=[beside.invalid()] aria-describedby=[beside.described_by()];
        }
    }
}

fn tick(view: &FormView<'_>, field: Field, label: &str) -> Markup {
    html! {
        div.choice {
            input type="checkbox" id=(field.name()) name=(field.name()) value=(YES) checked[view.typed.get(field) == YES];
            label for=(field.name()) { (label) }
        }
    }
}

/// What is folded away; open where something stands in it, so that nothing typed is out of sight.
fn details(view: &FormView<'_>) -> Markup {
    const INSIDE: [Field; 8] = [
        Field::Summary,
        Field::Versions,
        Field::Exploited,
        Field::PublishOn,
        Field::Credit,
        Field::Key,
        Field::Numbers,
        Field::Reproduced,
    ];
    let key = Beside::of(view, Field::Key.name(), true);
    let is_open = INSIDE.iter().any(|field| !view.typed.get(*field).is_empty());
    html! {
        details.field open[is_open] {
            summary { "More details (optional)" }
            (line(view, Field::Summary, "Summary in one line", ""))
            (line(view, Field::Versions, "Versions", ""))
            div.field { (tick(view, Field::Exploited, "People are being attacked with this now")) }
            (line(view, Field::PublishOn, "I plan to publish on", "A date, or \u{201c}in 90 days\u{201d}."))
            (line(view, Field::Credit, "Credit", "How you would like to be named when it is published. Not told to the project before you allow it."))
            div.field.error[key.is_wrong()] {
                label for="key" { "PGP key" }
                p.hint #key-hint { "Your public key, if we should write to you encrypted." }
                (key.message())
                textarea #key name="key" rows="4" spellcheck="false" aria-invalid=[key.invalid()] aria-describedby=[key.described_by()] { "\n" (view.typed.get(Field::Key)) }
            }
            (line(view, Field::Numbers, "Other numbers", "CVE or GHSA ids, or a ticket of yours."))
            div.field { (tick(view, Field::Reproduced, "I have reproduced it myself")) }
        }
    }
}

#[cfg(test)]
mod tests;
