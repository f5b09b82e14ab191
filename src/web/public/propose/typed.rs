//! The typed form as a proposal, what is wrong with it, and what a project's own security file fills in.

use crate::domain::contact::is_a_name;
use crate::domain::directory::{Channel, DeliveryMode};
use crate::domain::policy_file::Found;
use crate::domain::proposal::{CONTACTS_MAX, Draft, DraftContact, DraftFault, LIST_MAX, id_of, package_of};
use crate::flows::proposals::Proposed;
use crate::web::fields::Fields;

/// The longest note, in characters.
const NOTE_MAX: usize = 2_000;

/// What is wrong, and beside which field it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub field: String,
    /// What to do, without a full stop where it is one sentence.
    pub words: String,
}

impl Fault {
    fn new(field: &str, words: &str) -> Self {
        Self { field: field.to_owned(), words: words.to_owned() }
    }
}

/// The words that stand for a channel in the file and in the form.
pub const CHANNELS: [(Channel, &str); 6] = [
    (Channel::Mail, "mail"),
    (Channel::Github, "github"),
    (Channel::Tidelift, "tidelift"),
    (Channel::Hackerone, "hackerone"),
    (Channel::Tracker, "tracker"),
    (Channel::None, "none"),
];

/// A contact's field: `contact1_email`.
pub fn contact_field(number: usize, key: &str) -> String {
    format!("contact{number}_{key}")
}

/// The proposal, or what is wrong with those of its fields that the file does not have.
pub fn proposed(fields: &Fields) -> Result<Proposed, Vec<Fault>> {
    let mut faults = Vec::new();
    if !is_a_name(fields.get("asked_by")) {
        faults.push(Fault::new("asked_by", "Enter your name, up to 60 letters, without a link or an address"));
    }
    if !is_a_name(fields.get("name")) {
        faults.push(Fault::new("name", "Enter the project's name, up to 60 letters, without a link or an address"));
    } else if draft(fields).id.is_empty() {
        faults.push(Fault::new("id", "Enter a short name of lower-case letters, such as matplotlib"));
    }
    let note = fields.get("note");
    if note.chars().count() > NOTE_MAX {
        faults.push(Fault::new("note", "Shorten the note to 2,000 characters"));
    }
    for list in ["repositories", "aliases", "packages", "imports", "domains"] {
        if fields.lines(list).len() > LIST_MAX {
            faults.push(Fault::new(list, "Name up to 40, the ones that people write most"));
        }
    }
    if (1..=CONTACTS_MAX).all(|number| fields.get(&contact_field(number, "email")).is_empty()) {
        let words = "Enter the address of at least one contact, such as security@example.org";
        faults.push(Fault::new("contact1_email", words));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let note = (!note.is_empty()).then(|| note.to_owned());
    Ok(Proposed { draft: draft(fields), asked_by: fields.get("asked_by").to_owned(), note })
}

/// Adds what the file's reader found to what was found in the form: of each field the first fault, and none of an id
/// that is to be made of a name which is missing.
pub fn with_those_of_the_file(mut faults: Vec<Fault>, found: Vec<DraftFault>, fields: &Fields) -> Vec<Fault> {
    for fault in found.into_iter().map(fault_of) {
        let is_to_come = fault.field == "id" && fields.get("name").is_empty();
        if !is_to_come && !faults.iter().any(|known| known.field == fault.field) {
            faults.push(fault);
        }
    }
    faults
}

/// What was typed of the project.
pub fn draft(fields: &Fields) -> Draft {
    let text = |name: &str| fields.get(name).to_owned();
    let id = match fields.get("id") {
        "" => id_of(fields.get("name")),
        id => id.to_owned(),
    };
    Draft {
        id,
        name: text("name"),
        summary: text("summary"),
        homepage: text("homepage"),
        repositories: fields.lines("repositories"),
        packages: fields.lines("packages").iter().map(|line| package_of(line)).collect(),
        aliases: fields.lines("aliases"),
        imports: fields.lines("imports"),
        domains: fields.lines("domains"),
        policy: text("policy"),
        out_of_scope: text("out_of_scope"),
        channel: text("channel"),
        channel_url: text("channel_url"),
        public_address: text("public_address"),
        target: text("target"),
        contacts: (1..=CONTACTS_MAX).filter_map(|number| contact(fields, number)).collect(),
    }
}

/// The contact with that number; `None` if it has no address.
fn contact(fields: &Fields, number: usize) -> Option<DraftContact> {
    let text = |key: &str| fields.get(&contact_field(number, key)).to_owned();
    let is_set = |key: &str| !fields.get(&contact_field(number, key)).is_empty();
    let delivery = DeliveryMode::from_word(&text("delivery")).filter(|mode| *mode != DeliveryMode::Full);
    is_set("email").then(|| DraftContact {
        name: text("name"),
        email: text("email"),
        delivery,
        is_list: is_set("list"),
        is_deputy: is_set("deputy"),
        hours: text("hours"),
        zone: text("zone"),
        key: text("key"),
    })
}

/// The fault beside its field: `contacts[1].zone` is `contact2_zone` and `aliases[3]` is `aliases`.
pub fn fault_of(fault: DraftFault) -> Fault {
    let DraftFault { key, words } = fault;
    let field = match key.strip_prefix("contacts[").and_then(|rest| rest.split_once("].")) {
        Some((place, key)) => contact_field(place.parse::<usize>().map_or(1, |place| place + 1), key),
        None if key.starts_with("contacts") => contact_field(1, "email"),
        None => key.split('[').next().unwrap_or(&key).to_owned(),
    };
    Fault { field, words: words.trim_end_matches('.').to_owned() }
}

/// Fills in what the file says and nobody has typed.
pub fn fill(fields: &mut Fields, found: &Found) {
    let mut fill = |name: &str, text: Option<&str>| {
        if let Some(text) = text
            && fields.get(name).is_empty()
        {
            fields.set(name, text);
        }
    };
    fill("name", found.name.as_deref());
    fill("homepage", found.homepage.as_deref());
    fill("repositories", Some(&found.repositories.join("\n")));
    fill("policy", found.policy.as_deref());
    fill("out_of_scope", found.out_of_scope.as_deref());
    for (number, contact) in (1..=CONTACTS_MAX).zip(&found.contacts) {
        fill(&contact_field(number, "email"), Some(contact.email.as_str()));
        fill(&contact_field(number, "name"), contact.name.as_deref());
    }
    if let Some((channel, link)) = &found.channel {
        let word = CHANNELS.iter().find(|(known, _)| known == channel).map(|(_, word)| *word);
        // The form comes with "mail" chosen, which is no choice of anybody's.
        if matches!(fields.get("channel"), "" | "mail") {
            fields.set("channel", word.unwrap_or_default());
        }
        if fields.get("channel_url").is_empty() {
            fields.set("channel_url", link);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::domain::policy_file;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        pairs.iter().for_each(|(name, text)| fields.set(name, text));
        fields
    }

    #[test]
    fn what_was_typed_becomes_a_draft_with_an_id_of_its_name() {
        let typed = fields(&[
            ("asked_by", " Jo Asker "),
            ("name", "Quern Mill"),
            ("packages", "pypi:quern\r\npkg:npm/quern"),
            ("aliases", "handmill\n\n"),
            ("contact2_email", "lee@quern.example"),
            ("contact2_deputy", "on"),
            ("contact2_delivery", "link"),
        ]);
        let proposed = proposed(&typed).unwrap();
        assert_eq!((proposed.draft.id.as_str(), proposed.asked_by.as_str()), ("quern-mill", "Jo Asker"));
        assert_eq!(proposed.draft.packages, ["pkg:pypi/quern", "pkg:npm/quern"]);
        assert_eq!(proposed.draft.aliases, ["handmill"]);
        let contact = &proposed.draft.contacts[0];
        assert!(contact.is_deputy && contact.delivery == Some(DeliveryMode::Link), "{contact:?}");
    }

    #[test]
    fn every_fault_has_its_field() {
        let all: Vec<String> = proposed(&Fields::default()).unwrap_err().into_iter().map(|fault| fault.field).collect();
        assert_eq!(all, ["asked_by", "name", "contact1_email"]);
        let foreign = fields(&[("asked_by", "Jo"), ("name", "日本"), ("contact1_email", "a@b.example")]);
        assert_eq!(proposed(&foreign).unwrap_err()[0].field, "id", "no id can be made of it");
        let found = || ["id", "name", "homepage"].map(|key| DraftFault { key: key.to_owned(), words: "x".to_owned() });
        let shown = with_those_of_the_file(vec![Fault::new("name", "y")], found().to_vec(), &Fields::default());
        assert_eq!(shown, [Fault::new("name", "y"), Fault::new("homepage", "x")]);
        for (key, field) in [
            ("aliases[3]", "aliases"),
            ("id", "id"),
            ("contacts[1].zone", "contact2_zone"),
            ("contacts", "contact1_email"),
        ] {
            let fault = fault_of(DraftFault { key: key.to_owned(), words: "Mend it.".to_owned() });
            assert_eq!((fault.field.as_str(), fault.words.as_str()), (field, "Mend it"));
        }
    }

    #[test]
    fn a_file_fills_in_what_nobody_typed() {
        let text = "Contact: mailto:security@quern.example\nContact: https://hackerone.com/quern\n\
                    Policy: https://quern.example/policy\n";
        let found = policy_file::read(text, Date::constant(2026, 11, 20));
        let mut typed = fields(&[("policy", "https://mine.example"), ("channel", "mail")]);
        fill(&mut typed, &found);
        for (name, text) in [
            ("policy", "https://mine.example"),
            ("contact1_email", "security@quern.example"),
            ("channel", "hackerone"),
            ("channel_url", "https://hackerone.com/quern"),
            ("homepage", ""),
        ] {
            assert_eq!(typed.get(name), text, "{name}");
        }
    }
}
