//! The page of the form.

use maud::{Markup, html};

use crate::domain::directory::Directory;
use crate::domain::policy_file::Found;
use crate::domain::proposal::CONTACTS_MAX;
use crate::web::fields::Fields;
use crate::web::public::fill_from::{fill_from, first_button};
use crate::web::public::propose::typed::{Fault, contact_field};
use crate::web::when;

/// What the page shows.
pub struct View<'a> {
    pub directory: &'a Directory,
    pub fields: &'a Fields,
    pub faults: &'a [Fault],
    /// What was just filled in from a file.
    pub found: Option<&'a Found>,
}

impl View<'_> {
    fn wrong(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|fault| fault.field == field).map(|fault| fault.words.as_str())
    }

    /// Whether one of the fields whose names begin so has something in it, or is wrong.
    fn is_used(&self, begins: &str, names: &[&str]) -> bool {
        let is_filled = |name: &&str| !self.fields.get(&format!("{begins}{name}")).is_empty();
        names.iter().any(is_filled)
            || self.faults.iter().any(|fault| fault.field.starts_with(begins) && !begins.is_empty())
    }
}

/// The form.
pub fn form(view: &View<'_>) -> Markup {
    let foundation = &view.directory.foundation;
    html! {
        (summary(view.faults))
        p { a href="/projects" { "Who to tell" } }
        h1 { "Propose a project" }
        p { "Is a project of " (foundation.name) " missing from the list? Propose it here. You need no account." }
        h2 { "What happens next" }
        ol.tight {
            li { "Each mailbox that you name gets a mail with a link, and confirms." }
            li { "Once one has confirmed, the committee looks at your proposal, and a person puts it into the list." }
            li { "The contacts are told what came of it. Who they are is not published." }
        }
        form method="post" action="/propose" enctype="multipart/form-data" novalidate {
            (first_button("send"))
            (fill_from(view.found, true))
            h2 { "The project" }
            (line(view, "name", "Name", "As people write it, for example: Matplotlib."))
            (line(view, "id", "Short name", "Lower-case letters, digits and hyphens, for links. Empty: we make it from the name."))
            (line(view, "summary", "One line about it", "Optional, for example: Plotting with Python."))
            (line(view, "homepage", "Homepage", "Optional."))
            (lines(view, "repositories", "Repositories", "Optional. One link a line."))
            h2 { "How reports name it" }
            p.hint { "The more of these we know, the surer a report finds you. One a line, all optional." }
            (lines(view, "aliases", "Other names", "Short forms, old names, parts with a name of their own."))
            (lines(view, "packages", "Packages", "For example: pypi:matplotlib, npm:@scope/name."))
            (lines(view, "imports", "Import names and paths", "What code that uses it imports, for example: mpl_toolkits."))
            (lines(view, "domains", "Domains", "For example: matplotlib.org."))
            h2 { "Reports" }
            (channel(view))
            (line(view, "channel_url", "Link of that channel", "Where a report is made, if not by mail."))
            (line(view, "public_address", "Public security address", "Optional. It is shown to everybody."))
            (line(view, "policy", "Security policy", "Optional. A link."))
            (text(view, "out_of_scope", "What is no vulnerability here?", "Optional. Shown on the project's page."))
            (line(view, "target", "Time to confirm a report", &target_hint(view.directory)))
            h2 { "Contacts" }
            p.hint { "Who gets reports. Not published. One contact alone is a single point of failure: name two, if you can." }
            @for number in 1..=CONTACTS_MAX { (contact(view, number)) }
            h2 { "You" }
            (line(view, "asked_by", "Your name", "The mails to the contacts name you."))
            (text(view, "note", "A note to the committee", "Optional. Say how we can see that you speak for the project."))
            button.primary name="act" value="send" { "Propose this project" }
        }
        p.muted { "Prefer email? Write to " a.mono href={ "mailto:" (foundation.security_address) } { (foundation.security_address) } "." }
    }
}

fn target_hint(directory: &Directory) -> String {
    let longest = when::promised(directory.promise.acknowledge);
    format!("Optional, for example: 3d. At most {longest}, which holds where nothing is written.")
}

fn summary(faults: &[Fault]) -> Markup {
    html! {
        @if !faults.is_empty() {
            div.error-summary role="alert" tabindex="-1" autofocus {
                h2 { "There is a problem" }
                ul.tight { @for fault in faults { li { a href={ "#" (fault.field) } { (fault.words) } } } }
            }
        }
    }
}

/// One field: its label, hint and fault, and `control`, which is given what describes it.
fn field(
    view: &View<'_>,
    name: &str,
    label: &str,
    hint: &str,
    control: impl Fn(&str, Option<&str>) -> Markup,
) -> Markup {
    let wrong = view.wrong(name);
    let described = if wrong.is_some() { format!("{name}-hint {name}-wrong") } else { format!("{name}-hint") };
    html! {
        div.field.error[wrong.is_some()] {
            label for=(name) { (label) }
            p.hint id={ (name) "-hint" } { (hint) }
            @if let Some(wrong) = wrong { p.message id={ (name) "-wrong" } { "Error: " (wrong) } }
            (control(&described, wrong.map(|_| "true")))
        }
    }
}

fn line(view: &View<'_>, name: &str, label: &str, hint: &str) -> Markup {
    let kind = if name.ends_with("email") || name == "public_address" { "email" } else { "text" };
    field(view, name, label, hint, |described, invalid| {
        html! {
            input id=(name) type=(kind) name=(name) value=(view.fields.get(name)) aria-describedby=(described) aria-invalid=[invalid];
        }
    })
}

fn text(view: &View<'_>, name: &str, label: &str, hint: &str) -> Markup {
    field(view, name, label, hint, |described, invalid| {
        html! {
            // A browser takes the first line break away.
            textarea id=(name) name=(name) aria-describedby=(described) aria-invalid=[invalid] { "\n" (view.fields.get(name)) }
        }
    })
}

fn lines(view: &View<'_>, name: &str, label: &str, hint: &str) -> Markup {
    field(view, name, label, hint, |described, invalid| {
        html! {
            textarea.short id=(name) name=(name) rows="3" spellcheck="false" aria-describedby=(described) aria-invalid=[invalid] {
                "\n" (view.fields.get(name))
            }
        }
    })
}

fn channel(view: &View<'_>) -> Markup {
    let chosen = match view.fields.get("channel") {
        "" => "mail",
        chosen => chosen,
    };
    let options = [
        ("mail", "By mail to its contacts"),
        ("github", "On GitHub"),
        ("tidelift", "Through Tidelift"),
        ("hackerone", "On HackerOne"),
        ("tracker", "In a tracker of its own"),
        ("none", "No channel: the committee answers"),
    ];
    field(
        view,
        "channel",
        "How the project takes reports",
        "Whichever it is, people may report here, and we take it there.",
        |described, invalid| {
            html! {
                select #channel name="channel" aria-describedby=(described) aria-invalid=[invalid] {
                    @for (value, words) in options { option value=(value) selected[chosen == value] { (words) } }
                }
            }
        },
    )
}

fn contact(view: &View<'_>, number: usize) -> Markup {
    let named = |key: &str| contact_field(number, key);
    let is_ticked = |key: &str| !view.fields.get(&named(key)).is_empty();
    let delivery = match view.fields.get(&named("delivery")) {
        "" => "full",
        delivery => delivery,
    };
    let fields = html! {
        (line(view, &named("email"), "Email address", "A list or shared mailbox is best: people come and go."))
        (line(view, &named("name"), "Name of the contact", "Optional."))
        (field(view, &named("delivery"), "What our mails to it carry", "Attachments are links in any case.", |described, invalid| html! {
            select id=(named("delivery")) name=(named("delivery")) aria-describedby=(described) aria-invalid=[invalid] {
                @for (value, words) in [("full", "The report's text"), ("link", "A link alone"), ("encrypted", "A link alone, until we can encrypt")] {
                    option value=(value) selected[delivery == value] { (words) }
                }
            }
        }))
        @for (key, words) in [
            ("list", "It is a list or shared mailbox: any of its readers may answer for it"),
            ("deputy", "A deputy, who is written to only if the others do not answer"),
        ] {
            div.choice {
                input id=(named(key)) type="checkbox" name=(named(key)) value="on" checked[is_ticked(key)];
                label for=(named(key)) { (words) }
            }
        }
        (line(view, &named("zone"), "Time zone", "Optional, such as Europe/Berlin. Reminders mind it; deadlines do not."))
        (line(view, &named("hours"), "Working hours", "Optional, such as 09:00-17:00."))
        (line(view, &named("key"), "OpenPGP key", "Optional. Its fingerprint, or a link to it."))
    };
    let begins = format!("contact{number}_");
    html! {
        @if number == 1 {
            fieldset { legend { "First contact" } (fields) }
        } @else {
            details open[view.is_used(&begins, &["email", "name"])] {
                summary { @if number == 2 { "Second contact" } @else { "Third contact" } }
                fieldset { legend { @if number == 2 { "Second contact" } @else { "Third contact" } } (fields) }
            }
        }
    }
}

/// The answer is the same whatever was proposed before.
pub fn on_its_way(name: &str) -> Markup {
    html! {
        h1 { "Thank you" }
        p { "We have your proposal of " strong { (name) } "." }
        h2 { "What happens next" }
        ol.tight {
            li { "Each mailbox that you named gets a mail with a link. It lives 14 days." }
            li { "Once one has confirmed, the committee looks at the proposal." }
            li { "The contacts are told what came of it." }
        }
        p { "Until then reports about it come to the committee, which finds somebody." }
        p { a href="/projects" { "Who to tell" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, directory, safe, shows_hostile_texts};

    #[test]
    fn what_was_typed_stays_with_what_is_wrong_beside_it() {
        let mut fields = Fields::default();
        for name in ["name", "aliases", "note", "contact1_email", "contact2_name", "channel_url"] {
            fields.set(name, HOSTILE);
        }
        let faults = [
            Fault { field: "aliases".to_owned(), words: HOSTILE.to_owned() },
            Fault { field: "contact3_zone".to_owned(), words: "Mend it".to_owned() },
        ];
        let view = View { directory: &directory(), fields: &fields, faults: &faults, found: None };
        let shown = shows_hostile_texts(form(&view), 8);
        for words in ["href=\"#aliases\"", "aria-describedby=\"aliases-hint aliases-wrong\"", "href=\"#contact3_zone\""]
        {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert_eq!(shown.matches("<details open").count(), 2, "both further contacts: {shown}");
    }

    #[test]
    fn a_blank_form_says_what_happens_next_and_the_answer_too() {
        let fields = Fields::default();
        let blank = View { directory: &directory(), fields: &fields, faults: &[], found: None };
        let shown = safe(form(&blank));
        assert!(shown.contains("At most 7 days") && !shown.contains("There is a problem"), "{shown}");
        shows_hostile_texts(on_its_way(HOSTILE), 1);
    }
}
