//! What a project may put into its own SECURITY.md and security.txt, so that reports come to where somebody is asked for
//! an answer.

use jiff::Timestamp;

use crate::domain::directory::{Channel, Foundation, Project};
use crate::domain::security_txt::percent_encoded;

/// A SECURITY.md. `answered_within` is the foundation's first promise in words, like `7 days`.
pub fn security_md(foundation: &Foundation, project: &Project, public_url: &str, answered_within: &str) -> String {
    let (name, org) = (&project.name, &foundation.name);
    let mut ways = vec![format!("- with the form at {}, without an account", form(public_url, project))];
    ways.push(format!("- or by mail to {}", foundation.security_address));
    match (project.channel, &project.channel_url) {
        (Channel::Mail | Channel::None, _) | (_, None) => {}
        (channel, Some(url)) => ways.push(format!("- or through {}: {url}", channel.word())),
    }
    format!(
        "# Security\n\n\
         Please report a security problem in {name} in private, to the security committee of {org}:\n\n\
         {}\n\n\
         They pass it on to the people of {name}. A person answers you within {answered_within}.\n\
         Please do not open a public issue or pull request first.\n",
        ways.join("\n"),
    )
}

/// A security.txt for the project's own host. It may be believed until `expires`, like ours, whose mailbox it names
/// (RFC 9116 section 2.5.5): after that it has to be taken from us again.
pub fn project_txt(foundation: &Foundation, project: &Project, public_url: &str, expires: Timestamp) -> String {
    let mut fields = vec![
        format!("Contact: {}", form(public_url, project)),
        format!("Contact: mailto:{}", percent_encoded(foundation.security_address.as_str())),
        format!("Expires: {}", expires.strftime("%Y-%m-%dT%H:%M:%SZ")),
        "Preferred-Languages: en".to_owned(),
    ];
    let host = project.domains.first();
    fields.extend(host.map(|host| format!("Canonical: https://{host}/.well-known/security.txt")));
    let policy = project.policy.as_deref().filter(|policy| policy.starts_with("https://"));
    fields.push(match policy {
        Some(policy) => format!("Policy: {policy}"),
        None => format!("Policy: {public_url}/how"),
    });
    fields.iter().map(|field| format!("{field}\n")).collect()
}

fn form(public_url: &str, project: &Project) -> String {
    format!("{public_url}/report?project={}", project.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Mailbox;
    use crate::domain::directory::ProjectId;

    const URL: &str = "https://security.story.example";

    fn foundation() -> Foundation {
        Foundation {
            name: "Story Foundation".to_owned(),
            security_address: Mailbox::parse("security@story.example").unwrap(),
            public_url: URL.to_owned(),
            hosts: Vec::new(),
            case_prefix: "SEC".to_owned(),
            out_of_scope: None,
        }
    }

    fn quern() -> Project {
        let mut project = Project::named(ProjectId::parse("quern").unwrap(), "Quern");
        project.domains = vec!["quern.example".to_owned(), "mill.example".to_owned()];
        project.channel = Channel::Github;
        project.channel_url = Some("https://github.com/quern/quern/security/advisories/new".to_owned());
        project
    }

    #[test]
    fn the_security_md_in_full() {
        insta::assert_snapshot!(security_md(&foundation(), &quern(), URL, "7 days"), @"
        # Security

        Please report a security problem in Quern in private, to the security committee of Story Foundation:

        - with the form at https://security.story.example/report?project=quern, without an account
        - or by mail to security@story.example
        - or through GitHub: https://github.com/quern/quern/security/advisories/new

        They pass it on to the people of Quern. A person answers you within 7 days.
        Please do not open a public issue or pull request first.
        ");
    }

    #[test]
    fn the_security_txt_in_full_is_one_by_another_reader_too() {
        let expires: Timestamp = "2027-02-18T14:00:00.5Z".parse().unwrap();
        let text = project_txt(&foundation(), &quern(), URL, expires);
        insta::assert_snapshot!(text, @"
        Contact: https://security.story.example/report?project=quern
        Contact: mailto:security@story.example
        Expires: 2027-02-18T14:00:00Z
        Preferred-Languages: en
        Canonical: https://quern.example/.well-known/security.txt
        Policy: https://security.story.example/how
        ");
        // Its clock is at the epoch: by the real one the file may have run out.
        let options = sectxtlib::SecurityTxtOptions::new().with_now(Default::default());
        assert_eq!(sectxtlib::SecurityTxt::parse_with(&text, &options).unwrap().contact.len(), 2);
        let mut project = quern();
        (project.domains, project.policy) = (Vec::new(), Some("http://quern.example".to_owned()));
        let text = project_txt(&foundation(), &project, URL, expires);
        assert!(!text.contains("Canonical") && text.contains(&format!("Policy: {URL}/how")), "{text}");
    }
}
