//! What the form can say before it is sent: from the public file and the typed text alone, and never an answer.

use crate::domain::directory::{Channel, Directory, Project, ProjectId};
use crate::domain::form::{ABOUT_SERVICE, ABOUT_UNKNOWN, Field, Typed, named_projects};
use crate::domain::judgement::{Speaks, Strength};
use crate::flows::Policy;

/// Projects that are suggested at most: among three a person finds the right one.
const SUGGESTED: usize = 3;
/// Reasons for each: two convince, more are not read.
const REASONS: usize = 2;
/// The beginning of an OpenPGP message in the text.
const ENCRYPTED: &str = "-----BEGIN PGP MESSAGE-----";
/// Response headers whose absence scanners report. Lower case.
const HEADERS: [&str; 7] = [
    "x-frame-options",
    "content-security-policy",
    "strict-transport-security",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "security header",
];

/// One thing worth knowing before the form is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// What the text looks like, the likeliest first.
    LooksLike(Vec<Seems>),
    /// The project is handed reports by another channel than mail.
    Prefers {
        project: String,
        channel: &'static str,
        url: Option<String>,
    },
    NoContact {
        project: String,
    },
    /// The directory does not know what was typed into the box.
    Unknown(String),
    MissingHeader,
    Encrypted,
    NothingFound,
}

/// A project that the text may concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seems {
    pub id: ProjectId,
    pub name: String,
    /// What speaks for it, the weightiest first, as clauses: `text says "mpl_toolkits"`.
    pub because: Vec<String>,
}

/// What can be said of the form as it stands.
pub fn hints(policy: &Policy, typed: &Typed) -> Vec<Hint> {
    let directory = &policy.directory;
    let text = typed.get(Field::Text);
    let named = named_projects(directory, typed.get(Field::Project));
    let mut hints: Vec<Hint> = named.unknown.iter().cloned().map(Hint::Unknown).collect();
    let is_encrypted = text.lines().any(|line| line.starts_with(ENCRYPTED));
    let seems = if is_encrypted { Vec::new() } else { looks_like(policy, typed) };
    let is_open = named.known.is_empty() && !matches!(typed.get(Field::About), ABOUT_SERVICE);
    match () {
        () if is_encrypted => hints.push(Hint::Encrypted),
        () if is_open && !seems.is_empty() => hints.push(Hint::LooksLike(seems.clone())),
        () if is_open && typed.get(Field::About) != ABOUT_UNKNOWN && named.unknown.is_empty() => {
            hints.push(Hint::NothingFound);
        }
        () => {}
    }
    let meant: Vec<&ProjectId> = match named.known.is_empty() {
        true => seems.iter().map(|seems| &seems.id).collect(),
        false => named.known.iter().collect(),
    };
    hints.extend(meant.into_iter().filter_map(|id| directory.project(id)).filter_map(of_project));
    if speaks_of_a_missing_header(directory, text) {
        hints.push(Hint::MissingHeader);
    }
    hints
}

fn looks_like(policy: &Policy, typed: &Typed) -> Vec<Seems> {
    let judgement = policy.judge.judge(typed.get(Field::Summary), typed.get(Field::Text));
    let likely = judgement.candidates.into_iter().filter(|candidate| candidate.strength >= Strength::Likely);
    let named = likely.filter_map(|candidate| {
        let name = policy.directory.project(&candidate.project)?.name.clone();
        // What speaks against it is for a member to weigh: here it would only be a puzzle.
        let speaks_for = candidate.evidence.iter().filter(|evidence| evidence.speaks == Speaks::For);
        let because = speaks_for.map(|evidence| evidence.clause.clone()).take(REASONS).collect();
        Some(Seems { id: candidate.project, name, because })
    });
    named.take(SUGGESTED).collect()
}

fn of_project(project: &Project) -> Option<Hint> {
    let name = project.name.clone();
    match project.channel {
        Channel::Mail if project.contacts.is_empty() => Some(Hint::NoContact { project: name }),
        Channel::Mail => None,
        Channel::None => Some(Hint::NoContact { project: name }),
        channel => Some(Hint::Prefers { project: name, channel: channel.word(), url: project.channel_url.clone() }),
    }
}

/// Only where the foundation says in public that it does not take such reports for vulnerabilities.
fn speaks_of_a_missing_header(directory: &Directory, text: &str) -> bool {
    let says_so =
        directory.foundation.out_of_scope.as_deref().is_some_and(|scope| scope.to_lowercase().contains("header"));
    if !says_so {
        return false;
    }
    let text = text.to_lowercase();
    let is_missing = ["missing", "not set", "absent", "lack"].iter().any(|word| text.contains(word));
    is_missing && HEADERS.iter().any(|header| text.contains(header))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        [foundation]
        name = "Story Foundation"
        security_address = "security@story.example"
        public_url = "https://security.story.example"
        out_of_scope = "Missing headers on static sites."
        [[committee]]
        name = "Ada Chair"
        email = "ada@story.example"
        role = "chair"
        [[board]]
        email = "board@story.example"
        [[project]]
        id = "lantern"
        name = "Lantern"
        packages = ["pkg:pypi/lantern"]
        contacts = [{ email = "security@lantern.example" }]
        [[project]]
        id = "lovage"
        name = "Lovage"
        channel = "github"
        channel_url = "https://github.com/lovage/lovage/security/advisories/new"
        [[project]]
        id = "savory"
        name = "Savory"
    "#;

    fn said(fields: &[(Field, &str)]) -> Vec<Hint> {
        let policy = Policy::of(crate::config::policy::parse("story.toml", POLICY).unwrap());
        let mut typed = Typed::default();
        fields.iter().for_each(|(field, text)| typed.set(*field, text));
        hints(&policy, &typed)
    }

    #[test]
    fn a_text_that_names_a_project_suggests_it_with_the_reason() {
        let hints = said(&[(Field::Text, "Buffer overflow in Lantern 4.1 when the wick is empty.")]);
        let [Hint::LooksLike(seems)] = &hints[..] else { panic!("{hints:?}") };
        assert_eq!((seems.len(), seems[0].name.as_str()), (1, "Lantern"));
        assert!(seems[0].because[0].contains("Lantern"), "{seems:?}");
    }

    #[test]
    fn a_hint_tells_what_speaks_for_a_project_and_not_what_speaks_against_it() {
        let text = "Lantern 4.1 reads beyond the wick. Lantern before 4.1 allows it, pkg:pypi/lantern is affected.\n\
                    It was seen on a site that is built on Lantern.";
        let hints = said(&[(Field::Text, text)]);
        let [Hint::LooksLike(seems)] = &hints[..] else { panic!("{hints:?}") };
        assert_eq!(seems[0].because.len(), 2, "{seems:?}");
        assert!(seems[0].because.iter().all(|clause| !clause.starts_with("but")), "{seems:?}");
    }

    #[test]
    fn a_chosen_project_is_not_suggested_against_but_its_channel_and_lack_of_contacts_are_named() {
        let github = said(&[(Field::Project, "Lovage"), (Field::Text, "Buffer overflow in Lantern 4.1.")]);
        assert!(matches!(&github[..], [Hint::Prefers { channel: "GitHub", url: Some(_), .. }]), "{github:?}");
        let nobody = said(&[(Field::Project, "Savory")]);
        assert_eq!(nobody, [Hint::NoContact { project: "Savory".to_owned() }]);
    }

    #[test]
    fn what_nothing_is_known_of_is_said_as_such() {
        assert_eq!(said(&[(Field::Project, "foolib")]), [Hint::Unknown("foolib".to_owned())]);
        assert_eq!(said(&[(Field::Text, "It crashes.")]), [Hint::NothingFound]);
        assert_eq!(said(&[(Field::About, ABOUT_UNKNOWN), (Field::Text, "It crashes.")]), []);
        let encrypted = "-----BEGIN PGP MESSAGE-----\n\nlantern\n-----END PGP MESSAGE-----";
        assert_eq!(said(&[(Field::Text, encrypted)]), [Hint::Encrypted]);
    }

    #[test]
    fn a_missing_header_is_named_where_the_foundation_has_said_so_in_public() {
        let text = "Your site is missing X-Frame-Options.";
        assert!(said(&[(Field::About, ABOUT_SERVICE), (Field::Text, text)]).contains(&Hint::MissingHeader));
        assert!(!said(&[(Field::Text, "The X-Frame-Options parser crashes.")]).contains(&Hint::MissingHeader));
    }
}
