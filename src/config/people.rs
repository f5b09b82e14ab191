//! The people of `projects.toml`: committee, board and the projects' contacts.

use crate::config::reader::{Numbering, Placed, Section};
use crate::config::values::{self, Wrong, one_of};
use crate::domain::address::{Mailbox, OwnAddresses};
use crate::domain::directory::{Contact, DeliveryMode, Foundation, Member, MemberRole};

const MEMBER: &[&str] = &["name", "email", "role", "term_start"];
const BOARD: &[&str] = &["email"];
const CONTACT: &[&str] = &["email", "name", "delivery", "list", "deputy", "away", "hours", "zone", "key"];

const ROLES: &[(&str, MemberRole)] =
    &[("chair", MemberRole::Chair), ("secretary", MemberRole::Secretary), ("member", MemberRole::Member)];
const DELIVERIES: &[(&str, DeliveryMode)] =
    &[("full", DeliveryMode::Full), ("link", DeliveryMode::Link), ("encrypted", DeliveryMode::Encrypted)];

/// Reads people, none of whom may have an address that is ours: a letter to it would come back as a report.
pub(super) struct People {
    /// `None` if the security address has a fault of its own.
    own: Option<OwnAddresses>,
}

impl People {
    /// The people besides the foundation itself.
    pub fn besides(foundation: Option<&Foundation>) -> Self {
        Self { own: foundation.map(|foundation| OwnAddresses::of(foundation.security_address.clone())) }
    }

    /// All `[[committee]]`, of whom one at least is the chair.
    pub fn committee(&self, top: &Section<'_, '_>) -> Vec<Member> {
        let sections = top.sections("committee", MEMBER, Numbering::ByLine);
        let mut seen = Vec::new();
        let members: Vec<_> = sections.iter().map(|section| self.member(section, &mut seen)).collect();
        // A member with a fault may have been meant as the chair.
        let may_have_chair = members.iter().any(|member| member.as_ref().is_none_or(|m| m.role == MemberRole::Chair));
        if !may_have_chair {
            let fix = "Give one member role = \"chair\": what nobody has answered goes there first.";
            top.fault(&top.place("committee"), Wrong::new("nobody is the chair", fix));
        }
        members.into_iter().flatten().collect()
    }

    fn member(&self, section: &Section<'_, '_>, seen: &mut Seen) -> Option<Member> {
        let name = section.required("name", "Ada Example", values::line);
        let email = self.address(section, "ada@example.org").and_then(|email| once(section, email, seen));
        let role = match section.has("role") {
            true => section.optional("role", |text| one_of(text, ROLES)),
            false => Some(MemberRole::Member),
        };
        let term_start = section.date("term_start");
        Some(Member { name: name?.value, email: email?, role: role?, term_start })
    }

    /// All `[[board]]`.
    pub fn board(&self, top: &Section<'_, '_>) -> Vec<Mailbox> {
        let mut seen = Vec::new();
        let mut email =
            |section: &Section<'_, '_>| once(section, self.address(section, "board@example.org")?, &mut seen);
        top.sections("board", BOARD, Numbering::ByLine).iter().filter_map(&mut email).collect()
    }

    /// The `contacts` of a project.
    pub fn contacts(&self, project: &Section<'_, '_>) -> Vec<Contact> {
        let mut seen = Vec::new();
        let sections = project.sections("contacts", CONTACT, Numbering::ByIndex);
        let contacts: Vec<Contact> = sections.iter().filter_map(|section| self.contact(section, &mut seen)).collect();
        if contacts.len() == sections.len() && !contacts.is_empty() && contacts.iter().all(|contact| contact.is_deputy)
        {
            let fix = "Leave `deputy` out for at least one: deputies join only when the others do not answer.";
            project.fault(&project.place("contacts"), Wrong::new("all contacts are deputies", fix));
        }
        contacts
    }

    fn contact(&self, section: &Section<'_, '_>, seen: &mut Seen) -> Option<Contact> {
        let email = self.address(section, "security@example.org").and_then(|email| once(section, email, seen));
        let contact = Contact {
            name: section.optional("name", values::line),
            delivery: section.optional("delivery", |text| one_of(text, DELIVERIES)).unwrap_or(DeliveryMode::Full),
            is_list: section.flag("list"),
            is_deputy: section.flag("deputy"),
            away: section.list("away", values::absence).into_iter().map(|away| away.value).collect(),
            hours: section.optional("hours", values::hours),
            zone: section.optional("zone", values::zone),
            key: section.optional("key", values::line),
            email: email?,
        };
        Some(contact)
    }

    /// The `email` of a section, which must not be ours.
    fn address(&self, section: &Section<'_, '_>, example: &str) -> Option<Placed<Mailbox>> {
        let email = section.required("email", example, values::mailbox)?;
        if self.own.as_ref().is_some_and(|own| own.read(&email.value).is_some()) {
            let fix = "Name a mailbox that people read: a letter to this one would come back to us as a new report.";
            section.fault(&email.place, Wrong::new(format!("\"{}\" is our own address", email.value), fix));
            return None;
        }
        Some(email)
    }
}

/// The addresses of one list so far, with their lines.
type Seen = Vec<(Mailbox, usize)>;

/// The address, unless the list has it already.
fn once(section: &Section<'_, '_>, email: Placed<Mailbox>, seen: &mut Seen) -> Option<Mailbox> {
    let Placed { value, place } = email;
    if let Some((_, line)) = seen.iter().find(|(earlier, _)| *earlier == value) {
        let problem = format!("\"{value}\" stands here twice (first on line {line})");
        section.fault(&place, Wrong::new(problem, "Keep one of the two."));
        return None;
    }
    seen.push((value.clone(), place.line));
    Some(value)
}
