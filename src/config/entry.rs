//! The text of one project as somebody proposes it: written, read and checked by what reads `projects.toml`.

use crate::config::faults::Fault;
use crate::config::policy::parse_project;
use crate::config::write::{self, Text, quoted};
use crate::domain::directory::{Directory, Project};
use crate::domain::proposal::{Draft, DraftContact, DraftFault};
use crate::flows::proposals::ProjectsFile;

/// The reader and writer of `projects.toml`, for the floors below.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProjectsToml;

impl ProjectsFile for ProjectsToml {
    fn draft(&self, draft: &Draft) -> String {
        let mut text = Text::default();
        text.section("[[project]]");
        for (key, value) in [
            ("id", &draft.id),
            ("name", &draft.name),
            ("summary", &draft.summary),
            ("homepage", &draft.homepage),
            ("policy", &draft.policy),
            ("out_of_scope", &draft.out_of_scope),
            ("channel", &draft.channel),
            ("channel_url", &draft.channel_url),
            ("public_address", &draft.public_address),
            ("target", &draft.target),
        ] {
            text.maybe(key, filled(value));
        }
        for (key, values) in [
            ("repositories", &draft.repositories),
            ("packages", &draft.packages),
            ("aliases", &draft.aliases),
            ("imports", &draft.imports),
            ("domains", &draft.domains),
        ] {
            text.list(key, values);
        }
        let contacts: Vec<String> = draft.contacts.iter().map(contact).collect();
        if !contacts.is_empty() {
            text.line("contacts", &format!("[{}]", contacts.join(", ")));
        }
        text.0
    }

    fn read(&self, entry: &str, directory: &Directory, beside: &[Project]) -> Result<Project, Vec<DraftFault>> {
        parse_project("the proposal", entry, directory, beside)
            .map_err(|error| error.0.into_iter().map(of_the_draft).collect())
    }

    fn entry(&self, project: &Project) -> String {
        write::entry(project)
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn contact(contact: &DraftContact) -> String {
    let mut keys = vec![format!("email = {}", quoted(contact.email.trim()))];
    for (key, value) in
        [("name", &contact.name), ("hours", &contact.hours), ("zone", &contact.zone), ("key", &contact.key)]
    {
        keys.extend(filled(value).map(|value| format!("{key} = {}", quoted(value))));
    }
    keys.extend(contact.delivery.map(|delivery| format!("delivery = {}", quoted(delivery.word()))));
    for (key, is_set) in [("list", contact.is_list), ("deputy", contact.is_deputy)] {
        keys.extend(is_set.then(|| format!("{key} = true")));
    }
    format!("{{ {} }}", keys.join(", "))
}

/// A fault without its file and line, which nobody sees who fills in a form.
fn of_the_draft(fault: Fault) -> DraftFault {
    let mut letters = fault.problem.chars();
    let problem: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let key = fault.key.strip_prefix("project.").unwrap_or(&fault.key).to_owned();
    DraftFault { key, words: format!("{problem}. {}", fault.fix) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::policy;
    use crate::domain::directory::DeliveryMode;

    fn directory() -> Directory {
        let text = r#"
            [foundation]
            name = "Story Foundation"
            security_address = "security@story.example"
            public_url = "https://security.story.example"
            [promise]
            acknowledge = "5d"
            [[committee]]
            name = "Ada"
            email = "ada@story.example"
            role = "chair"
            [[project]]
            id = "lantern"
            name = "Lantern"
            aliases = ["lplot"]
            packages = ["pkg:pypi/lantern"]
        "#;
        policy::parse("projects.toml", text).unwrap()
    }

    fn draft() -> Draft {
        Draft {
            id: "quern".to_owned(),
            name: "Quern \"mill\"".to_owned(),
            summary: "Grinds".to_owned(),
            homepage: "https://quern.example".to_owned(),
            repositories: vec!["https://github.com/quern/quern".to_owned()],
            packages: vec!["pkg:pypi/quern".to_owned()],
            aliases: vec!["handmill".to_owned()],
            imports: vec!["quern_io".to_owned()],
            domains: vec!["quern.example".to_owned()],
            policy: "https://quern.example/security".to_owned(),
            out_of_scope: "One\nTwo".to_owned(),
            channel: "github".to_owned(),
            channel_url: "https://github.com/quern/quern/security/advisories/new".to_owned(),
            public_address: "security@quern.example".to_owned(),
            target: "3d".to_owned(),
            contacts: vec![
                DraftContact {
                    name: "Team".to_owned(),
                    email: "security@quern.example".to_owned(),
                    delivery: Some(DeliveryMode::Link),
                    is_list: true,
                    zone: "Europe/Berlin".to_owned(),
                    hours: "09:00-17:00".to_owned(),
                    key: "01 23".to_owned(),
                    ..DraftContact::default()
                },
                DraftContact { email: "lee@quern.example".to_owned(), is_deputy: true, ..DraftContact::default() },
            ],
        }
    }

    fn faults(change: impl FnOnce(&mut Draft)) -> Vec<String> {
        let (mut draft, directory) = (draft(), directory());
        change(&mut draft);
        let faults = ProjectsToml.read(&ProjectsToml.draft(&draft), &directory, &directory.projects);
        faults.err().unwrap_or_default().into_iter().map(|fault| format!("{}: {}", fault.key, fault.words)).collect()
    }

    #[test]
    fn a_draft_becomes_a_project_and_its_entry_is_read_back_as_the_same() {
        let directory = directory();
        let read = ProjectsToml.read(&ProjectsToml.draft(&draft()), &directory, &directory.projects).unwrap();
        assert_eq!(read.contacts.len(), 2);
        assert_eq!((read.out_of_scope.as_deref(), read.contacts[0].is_list), (Some("One\nTwo"), true));
        let entry = ProjectsToml.entry(&read);
        let again = ProjectsToml.read(&entry, &directory, &directory.projects).unwrap();
        assert_eq!(format!("{again:?}"), format!("{read:?}"));
        let whole = format!("{}\n{entry}", write::write(&directory));
        let whole = policy::parse("projects.toml", &whole).unwrap_or_else(|faults| panic!("{faults}\n{whole}"));
        assert_eq!(whole.projects.len(), 2, "the text can be put below the others as it is");
    }

    #[test]
    fn what_the_file_would_refuse_the_proposal_refuses_with_the_same_words() {
        assert_eq!(faults(|_| {}), [""; 0]);
        let taken = "Keep this name with one project alone, or reports that have it would go astray.";
        assert_eq!(
            faults(|draft| draft.aliases = vec!["x".to_owned(), "LPlot".to_owned()]),
            [format!("aliases[1]: \"LPlot\" is already a name of project `lantern`. {taken}")]
        );
        for (found, key) in [
            (faults(|draft| draft.id = "Quern!".to_owned()), "id: "),
            (faults(|draft| draft.id = "lantern".to_owned()), "id: \"lantern\" is already an id"),
            (faults(|draft| draft.packages = vec!["quern".to_owned()]), "packages[0]: "),
            (faults(|draft| draft.target = "6d".to_owned()), "target: "),
            (faults(|draft| draft.channel = "fax".to_owned()), "channel: "),
            (faults(|draft| draft.contacts[1].email = "security+x@story.example".to_owned()), "contacts[1].email: "),
            (faults(|draft| draft.contacts[0].is_deputy = true), "contacts: All contacts are deputies. "),
            (faults(|draft| draft.contacts[0].zone = "Mars".to_owned()), "contacts[0].zone: "),
        ] {
            assert!(found.len() == 1 && found[0].starts_with(key), "{key}: {found:?}");
        }
    }

    #[test]
    fn no_text_gets_out_of_its_quotes() {
        let odd = "x\"\n[[committee]]\nname = '''\u{7}\u{7f}\\";
        let (mut draft, directory) = (draft(), directory());
        draft.out_of_scope = odd.replace(['\u{7}', '\u{7f}'], "");
        let read = ProjectsToml.read(&ProjectsToml.draft(&draft), &directory, &[]).unwrap();
        assert_eq!(read.out_of_scope.as_deref(), Some(draft.out_of_scope.as_str()));
        assert!(faults(|draft| draft.summary = odd.to_owned())[0].starts_with("summary: "));
        let none = ProjectsToml.read("# nothing", &directory, &[]).unwrap_err();
        assert_eq!(none[0].words, "Is missing. Begin it with [[project]].");
    }
}
