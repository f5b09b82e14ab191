//! What the form can say before it is sent: from the public file and the typed text alone, and never an answer.

use crate::domain::directory::{Channel, Directory, Project, ProjectId};
use crate::domain::form::{ABOUT_SERVICE, ABOUT_UNKNOWN, Field, Typed, named_projects};
use crate::domain::judgement::{self, Candidate, Speaks, Strength};
use crate::flows::Policy;

/// Projects that are suggested at most: among three a person finds the right one.
const SUGGESTED: usize = 3;
/// Words of the text that are quoted as reasons: two convince, more are not read.
const QUOTED: usize = 2;
/// Letters of a quotation at most: it is to be recognized, not read.
const QUOTED_LETTERS: usize = 60;
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
    /// What the text looks like.
    LooksLike(LooksLike),
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
    /// What a named project says is no vulnerability in it.
    OutOfScope {
        project: String,
        words: String,
    },
    MissingHeader,
    Encrypted,
    NothingFound,
}

impl Hint {
    /// Whether somebody who is still typing may be told: that nothing is known yet is no news then.
    pub fn is_news(&self) -> bool {
        !matches!(self, Self::NothingFound)
    }
}

/// The projects that a text may concern, the likeliest first, and the words of it that say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooksLike {
    pub projects: Vec<Seems>,
    pub mentions: Vec<String>,
}

/// A project that the text may concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seems {
    pub id: ProjectId,
    pub name: String,
}

/// What can be said of the form as it stands.
pub fn hints(policy: &Policy, typed: &Typed) -> Vec<Hint> {
    let directory = &policy.directory;
    let text = typed.get(Field::Text);
    let named = named_projects(directory, typed.get(Field::Project));
    let mut hints: Vec<Hint> = named.unknown.iter().cloned().map(Hint::Unknown).collect();
    let is_encrypted = text.lines().any(|line| line.starts_with(ENCRYPTED));
    let is_open = named.known.is_empty() && typed.get(Field::About) != ABOUT_SERVICE;
    let seems = if is_encrypted { None } else { looks_like(policy, typed) };
    let suggested = seems.iter().flat_map(|seems| &seems.projects).map(|project| &project.id);
    let meant: Vec<&ProjectId> = if is_open { suggested.collect() } else { named.known.iter().collect() };
    let of_projects: Vec<Hint> =
        meant.into_iter().filter_map(|id| directory.project(id)).filter_map(of_project).collect();
    if is_open {
        let is_silent = typed.get(Field::About) == ABOUT_UNKNOWN || !named.unknown.is_empty();
        match seems {
            _ if is_encrypted => hints.push(Hint::Encrypted),
            Some(seems) => hints.push(Hint::LooksLike(seems)),
            None if is_silent => {}
            None => hints.push(Hint::NothingFound),
        }
    }
    hints.extend(of_projects);
    // Of those that the reporter named alone: about a guess it would only be noise.
    hints.extend(named.known.iter().filter_map(|id| directory.project(id)).filter_map(out_of_scope));
    if speaks_of_a_missing_header(directory, text) {
        hints.push(Hint::MissingHeader);
    }
    hints
}

fn looks_like(policy: &Policy, typed: &Typed) -> Option<LooksLike> {
    let (subject, body) = (typed.get(Field::Summary), typed.get(Field::Text));
    let judgement = policy.judge.judge(subject, body);
    let mut likely = judgement.candidates;
    likely.retain(|candidate| candidate.strength >= Strength::Likely);
    likely.truncate(SUGGESTED);
    let named = likely.iter().filter_map(|candidate| {
        let name = policy.directory.project(&candidate.project)?.name.clone();
        Some(Seems { id: candidate.project.clone(), name })
    });
    let projects: Vec<Seems> = named.collect();
    // Of several projects one reason each, so that each has one.
    let each = if projects.len() == 1 { QUOTED } else { 1 };
    let mut mentions: Vec<String> = Vec::new();
    for candidate in &likely {
        let enough = mentions.len() + each;
        for words in quoted(candidate, subject, body) {
            if mentions.len() < enough && !mentions.contains(&words) {
                mentions.push(words);
            }
        }
    }
    (!projects.is_empty()).then_some(LooksLike { projects, mentions })
}

/// The words that speak for a project, as they were typed. What speaks against it is for a member to weigh: here it
/// would only be a puzzle.
fn quoted<'a>(candidate: &'a Candidate, subject: &'a str, body: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let speaks_for = candidate.evidence.iter().filter(|evidence| evidence.speaks == Speaks::For);
    speaks_for.filter_map(move |evidence| {
        let at = evidence.at?;
        let text = if at.field == judgement::Field::Subject { subject } else { body };
        let words: Vec<&str> = text.get(at.start..at.end)?.split_whitespace().collect();
        let words: String = words.join(" ").chars().take(QUOTED_LETTERS).collect();
        (!words.is_empty()).then_some(words)
    })
}

fn out_of_scope(project: &Project) -> Option<Hint> {
    let words = project.out_of_scope.clone()?;
    Some(Hint::OutOfScope { project: project.name.clone(), words })
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
        out_of_scope = "Smoke."
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
        assert_eq!((seems.projects.len(), seems.projects[0].name.as_str()), (1, "Lantern"));
        assert_eq!(seems.mentions, ["Lantern 4.1"]);
    }

    #[test]
    fn a_hint_tells_what_speaks_for_a_project_and_not_what_speaks_against_it() {
        let text = "Lantern 4.1 reads beyond the wick. Lantern before 4.1 allows it, pkg:pypi/lantern is affected.\n\
                    It was seen on a site that is built on Lantern.";
        let hints = said(&[(Field::Text, text)]);
        let [Hint::LooksLike(seems)] = &hints[..] else { panic!("{hints:?}") };
        assert_eq!(seems.mentions.len(), 2, "{seems:?}");
        assert!(seems.mentions.iter().all(|words| text.contains(words) && !words.contains("built on")), "{seems:?}");
    }

    #[test]
    fn of_two_projects_each_has_one_reason() {
        let text = "Lantern 4.1 reads beyond the wick.\nSavory 2.0 writes past its buffer.";
        let hints = said(&[(Field::Text, text)]);
        let Hint::LooksLike(seems) = &hints[0] else { panic!("{hints:?}") };
        assert_eq!((seems.projects.len(), seems.mentions.len()), (2, 2), "{seems:?}");
        assert_eq!(hints[1], Hint::NoContact { project: "Savory".to_owned() });
    }

    #[test]
    fn a_project_that_says_what_is_no_flaw_is_quoted_only_where_it_was_named() {
        let quoted = Hint::OutOfScope { project: "Lantern".to_owned(), words: "Smoke.".to_owned() };
        assert_eq!(said(&[(Field::Project, "Lantern")]), [quoted]);
        assert_eq!(said(&[(Field::Text, "Buffer overflow in Lantern 4.1 when the wick is empty.")]).len(), 1);
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
        let chosen = said(&[(Field::Project, "Savory"), (Field::Text, encrypted)]);
        assert_eq!(chosen, [Hint::NoContact { project: "Savory".to_owned() }], "nothing is asked for twice");
    }

    #[test]
    fn a_missing_header_is_named_where_the_foundation_has_said_so_in_public() {
        let text = "Your site is missing X-Frame-Options.";
        assert!(said(&[(Field::About, ABOUT_SERVICE), (Field::Text, text)]).contains(&Hint::MissingHeader));
        assert!(!said(&[(Field::Text, "The X-Frame-Options parser crashes.")]).contains(&Hint::MissingHeader));
    }
}
