//! The fields by which a contact is described: typed, checked, and shown again with what is wrong beside them.

use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::domain::address::Mailbox;
use crate::domain::contact::{is_a_name, working_hours};
use crate::domain::contact_change::ChangeKind;
use crate::domain::directory::{Contact, DeliveryMode, ProjectId};
use crate::domain::policy_file::Found;
use crate::flows::contacts::Asked;

/// What was typed; everything may be missing.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Typed {
    /// The button that was pressed, on a page behind a link.
    pub act: String,
    /// Who asks.
    pub name: String,
    pub kind: String,
    pub old: String,
    pub email: String,
    pub contact_name: String,
    pub delivery: String,
    pub list: String,
    pub deputy: String,
    pub zone: String,
    pub hours: String,
    pub note: String,
    /// A security file of the project, to fill the form in from.
    pub file_text: String,
}

/// The longest note, in characters.
const NOTE_MAX: usize = 2_000;

/// A fault: the field, and what to do.
pub type Fault = (&'static str, &'static str);

impl Typed {
    /// The fields of a contact as it is.
    pub fn of(contact: &Contact) -> Self {
        let on = |is_set: bool| if is_set { "on".to_owned() } else { String::new() };
        Self {
            email: contact.email.to_string(),
            contact_name: contact.name.clone().unwrap_or_default(),
            delivery: contact.delivery.word().to_owned(),
            list: on(contact.is_list),
            deputy: on(contact.is_deputy),
            zone: contact.zone.as_ref().and_then(TimeZone::iana_name).unwrap_or_default().to_owned(),
            hours: contact.hours.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// Fills in the contact whom a file of the project names first, unless one was typed.
    pub fn fill(&mut self, found: &Found) {
        if let Some(contact) = found.contacts.first().filter(|_| self.email.trim().is_empty()) {
            self.email = contact.email.to_string();
            self.contact_name = contact.name.clone().unwrap_or_default();
        }
    }

    /// The whole request, or all that is wrong with it.
    pub fn asked(&self, project: &ProjectId) -> Result<Asked, Vec<Fault>> {
        let mut faults = Vec::new();
        if !is_a_name(&self.name) {
            faults.push(("name", "Enter your name, up to 60 letters, without a link or an address"));
        }
        let kind = ChangeKind::from_word(&self.kind);
        if kind.is_none() {
            faults.push(("kind", "Choose what should change"));
        }
        let names_old = matches!(kind, Some(ChangeKind::Replace | ChangeKind::Remove));
        let old = Mailbox::parse(self.old.trim()).ok();
        if names_old && old.is_none() {
            faults.push(("old", "Enter the address of the contact that is there now, such as name@example.org"));
        }
        let wanted = match kind {
            None | Some(ChangeKind::Remove) => None,
            Some(_) => self.contact().map_err(|wrong| faults.extend(wrong)).ok(),
        };
        let note = self.note().map_err(|wrong| faults.push(wrong)).unwrap_or_default();
        match kind {
            Some(kind) if faults.is_empty() => Ok(Asked {
                project: project.clone(),
                kind,
                old: old.filter(|_| names_old),
                wanted,
                asked_by: self.name.trim().to_owned(),
                note,
            }),
            _ => Err(faults),
        }
    }

    /// The contact alone.
    pub fn contact(&self) -> Result<Contact, Vec<Fault>> {
        let mut faults = Vec::new();
        let email = Mailbox::parse(self.email.trim());
        if email.is_err() {
            faults.push(("email", "Enter an email address such as name@example.org"));
        }
        let filled = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let name = filled(&self.contact_name);
        if name.as_deref().is_some_and(|name| !is_a_name(name)) {
            faults.push(("contact_name", "Enter a name of up to 60 letters, or leave it empty"));
        }
        let zone = filled(&self.zone).map(|zone| TimeZone::get(&zone));
        if matches!(zone, Some(Err(_))) {
            faults.push(("zone", "Enter a time zone such as Europe/Berlin, or leave it empty"));
        }
        let hours = filled(&self.hours).map(|hours| working_hours(&hours));
        if hours == Some(None) {
            faults.push(("hours", "Enter working hours such as 09:00-17:00, or leave them empty"));
        }
        match email {
            Ok(email) if faults.is_empty() => Ok(Contact {
                name,
                email,
                delivery: DeliveryMode::from_word(&self.delivery).unwrap_or(DeliveryMode::Full),
                is_list: !self.list.is_empty(),
                is_deputy: !self.deputy.is_empty(),
                away: Vec::new(),
                hours: hours.flatten(),
                zone: zone.and_then(Result::ok),
                key: None,
            }),
            _ => Err(faults),
        }
    }

    /// The note, if there is one.
    pub fn note(&self) -> Result<Option<String>, Fault> {
        let note = self.note.trim();
        if note.chars().count() > NOTE_MAX {
            return Err(("note", "Shorten the note to 2,000 characters"));
        }
        Ok((!note.is_empty()).then(|| note.to_owned()))
    }
}

fn fault_of(faults: &[Fault], field: &str) -> Option<&'static str> {
    faults.iter().find(|(name, _)| *name == field).map(|(_, words)| *words)
}

/// The summary above a form that was not taken.
pub fn summary(faults: &[Fault]) -> Markup {
    html! {
        @if !faults.is_empty() {
            div.error-summary role="alert" tabindex="-1" autofocus {
                h2 { "There is a problem" }
                ul.tight { @for (field, words) in faults { li { a href={ "#" (field) } { (words) } } } }
            }
        }
    }
}

/// One line of text with its label, hint, and what is wrong with it.
pub fn text_field(name: &'static str, label: &str, hint: &str, value: &str, faults: &[Fault]) -> Markup {
    let wrong = fault_of(faults, name);
    let (hint_id, wrong_id) = (format!("{name}-hint"), format!("{name}-wrong"));
    let described = if wrong.is_some() { format!("{hint_id} {wrong_id}") } else { hint_id.clone() };
    let kind = if matches!(name, "email" | "old") { "email" } else { "text" };
    html! {
        div.field.error[wrong.is_some()] {
            label for=(name) { (label) }
            p.hint id=(hint_id) { (hint) }
            @if let Some(wrong) = wrong { p.message id=(wrong_id) { "Error: " (wrong) } }
            input id=(name) type=(kind) name=(name) value=(value) aria-invalid=[wrong.map(|_| "true")]
                aria-describedby=(described);
        }
    }
}

/// Which of several; the first field of the group has its name as id, for the link of the summary.
pub fn choice(
    name: &'static str,
    legend: &str,
    options: &[(&'static str, &'static str)],
    chosen: &str,
    faults: &[Fault],
) -> Markup {
    let wrong = fault_of(faults, name);
    html! {
        fieldset.field.error[wrong.is_some()] {
            legend { (legend) }
            @if let Some(wrong) = wrong { p.message { "Error: " (wrong) } }
            @for (number, (value, words)) in options.iter().enumerate() {
                div.choice {
                    input id=(if number == 0 { name.to_owned() } else { format!("{name}-{value}") }) type="radio"
                        name=(name) value=(value) checked[chosen == *value];
                    label for=(if number == 0 { name.to_owned() } else { format!("{name}-{value}") }) { (words) }
                }
            }
        }
    }
}

fn tick(name: &'static str, label: &str, value: &str) -> Markup {
    html! {
        div.choice {
            input id=(name) type="checkbox" name=(name) value="on" checked[!value.is_empty()];
            label for=(name) { (label) }
        }
    }
}

/// The fields of a contact.
pub fn contact_fields(typed: &Typed, faults: &[Fault]) -> Markup {
    let delivery = if typed.delivery.is_empty() { "full" } else { &typed.delivery };
    html! {
        (text_field("email", "Email address", "A list or shared mailbox is best: people come and go. It is not published.",
            &typed.email, faults))
        (text_field("contact_name", "Name of the contact", "Optional.", &typed.contact_name, faults))
        (choice("delivery", "What our mails to it carry", &[
            ("full", "The report's text, attachments as links"),
            ("link", "A link alone"),
            ("encrypted", "A link alone, until we can encrypt"),
        ], delivery, faults))
        (tick("list", "It is a list or shared mailbox: any of its readers may answer for it", &typed.list))
        (tick("deputy", "A deputy, who is written to only if the others do not answer", &typed.deputy))
        (text_field("zone", "Time zone", "Optional, such as Europe/Berlin. Reminders mind it; deadlines do not.",
            &typed.zone, faults))
        (text_field("hours", "Working hours", "Optional, such as 09:00-17:00.", &typed.hours, faults))
    }
}

/// A few words of a person to the committee.
pub fn note_field(typed: &Typed, faults: &[Fault]) -> Markup {
    let wrong = fault_of(faults, "note");
    html! {
        div.field.error[wrong.is_some()] {
            label for="note" { "A note to the committee" }
            p.hint #note-hint { "Optional. Say how we can see that you speak for the project." }
            @if let Some(wrong) = wrong { p.message #note-wrong { "Error: " (wrong) } }
            textarea #note name="note" aria-describedby=(if wrong.is_some() { "note-hint note-wrong" } else { "note-hint" }) {
                (typed.note)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy_file;
    use crate::web::samples::id;

    fn typed() -> Typed {
        Typed {
            name: "Jo Asker".to_owned(),
            kind: "replace".to_owned(),
            old: " old@parsley.example ".to_owned(),
            email: "new@parsley.example".to_owned(),
            zone: "Europe/Berlin".to_owned(),
            hours: "09:00-17:00".to_owned(),
            list: "on".to_owned(),
            ..Typed::default()
        }
    }

    fn faults(change: impl FnOnce(&mut Typed)) -> Vec<&'static str> {
        let mut typed = typed();
        change(&mut typed);
        typed.asked(&id("parsley")).err().unwrap_or_default().into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn what_was_typed_becomes_a_request() {
        let asked = typed().asked(&id("parsley")).unwrap();
        assert_eq!((asked.kind, asked.old.unwrap().as_str()), (ChangeKind::Replace, "old@parsley.example"));
        let wanted = asked.wanted.unwrap();
        assert_eq!((wanted.is_list, wanted.is_deputy, wanted.delivery), (true, false, DeliveryMode::Full));
        assert_eq!(wanted.hours.as_deref(), Some("09:00-17:00"));
        let mut removal = typed();
        (removal.kind, removal.email) = ("remove".to_owned(), String::new());
        assert_eq!(removal.asked(&id("parsley")).unwrap().wanted, None);
    }

    #[test]
    fn every_fault_is_named_at_once_beside_its_field() {
        assert_eq!(Typed::default().asked(&id("parsley")).unwrap_err().len(), 2);
        assert_eq!(faults(|typed| typed.name = "see https://spam.example".to_owned()), ["name"]);
        assert_eq!(faults(|typed| typed.old.clear()), ["old"]);
        assert_eq!(faults(|typed| typed.zone = "Mars/Base".to_owned()), ["zone"]);
        assert_eq!(faults(|typed| typed.hours = "late".to_owned()), ["hours"]);
        assert_eq!(faults(|typed| typed.note = "x".repeat(2_001)), ["note"]);
        let all = faults(|typed| *typed = Typed { kind: "add".to_owned(), email: "x".to_owned(), ..Typed::default() });
        assert_eq!(all, ["name", "email"]);
    }

    #[test]
    fn a_file_of_the_project_fills_in_who_was_not_typed() {
        let text = "Contact: mailto:team@parsley.example\nContact: mailto:kim@parsley.example\n";
        let found = policy_file::read(text, jiff::civil::Date::constant(2026, 11, 20));
        let mut empty = Typed::default();
        empty.fill(&found);
        assert_eq!(empty.email, "team@parsley.example");
        let mut full = typed();
        full.fill(&found);
        assert_eq!(full.email, "new@parsley.example");
    }

    #[test]
    fn a_contact_is_typed_back_as_it_is() {
        let mut contact = typed().contact().unwrap();
        contact.is_deputy = true;
        contact.delivery = DeliveryMode::Encrypted;
        assert_eq!(Typed::of(&contact).contact().unwrap(), contact);
    }
}
