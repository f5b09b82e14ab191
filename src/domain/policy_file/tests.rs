//! Files of all three kinds, as projects write them.

use super::*;

const TODAY: Date = Date::constant(2026, 11, 20);

fn emails(found: &Found) -> Vec<&str> {
    found.contacts.iter().map(|contact| contact.email.as_str()).collect()
}

#[test]
fn a_security_txt_names_contacts_channel_and_policy_signed_or_not() {
    let plain = "# ours\nContact: mailto:sec%2Burity@quern.example\nContact: https://github.com/quern/quern/security/advisories/new\n\
                 contact: https://quern.example/report\nContact: tel:+1-201-555-0123\nExpires: 2027-01-01T00:00:00Z\n\
                 Policy: https://quern.example/policy\nPolicy: https://quern.example/old\n";
    let signed = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{plain}-----BEGIN PGP SIGNATURE-----\nContact: mailto:evil@x.example\n"
    );
    for text in [plain.to_owned(), signed] {
        let found = read(&text, TODAY);
        assert_eq!((found.kind, emails(&found)), (Kind::SecurityTxt, vec!["sec+urity@quern.example"]));
        let (channel, link) = found.channel.clone().unwrap();
        assert_eq!(
            (channel, link.as_str()),
            (Channel::Github, "https://github.com/quern/quern/security/advisories/new")
        );
        assert_eq!(found.policy.as_deref(), Some("https://quern.example/policy"));
        assert_eq!(found.doubts.len(), 2, "a form that we do not know, and a telephone: {:?}", found.doubts);
    }
    let old = read("Contact: mailto:a@quern.example\nExpires: 2026-11-19T23:00:00Z\n", TODAY);
    assert!(old.doubts[0].starts_with("It has run out"), "{old:?}");
}

#[test]
fn a_security_md_names_addresses_in_their_order_and_what_is_out_of_scope() {
    let found = read(
        "# Security Policy\n\n| Version | Supported |\n|---|---|\n| 2.x | yes |\n\n## Reporting\n\nMail <security@quern.example>, \
         or use\n[GitHub](https://github.com/quern/quern/security/advisories/new). Contact: see below.\n\
         Not kim@quern.example, please. https://blog.example/\n\n## Out of Scope\n\n- Missing headers\n- Old browsers\n\n## Thanks\nx\n",
        TODAY,
    );
    assert_eq!((found.kind, emails(&found)), (Kind::Markdown, vec!["security@quern.example", "kim@quern.example"]));
    assert_eq!(found.channel.as_ref().unwrap().0, Channel::Github);
    assert_eq!(found.out_of_scope.as_deref(), Some("- Missing headers\n- Old browsers"));
    assert_eq!(found.doubts, [""; 0]);
}

#[test]
fn security_insights_of_version_1_are_read() {
    let found = read(
        "header:\n  schema-version: 1.0.0\n  last-updated: '2021-09-01'\n  last-reviewed: '2022-09-01'\n  expiration-date: '2023-09-01T00:00:00.000Z'\n\
         \x20 project-url: https://github.com/quern/quern\nproject-lifecycle:\n  status: active\n  bug-fixes-only: false\nsecurity-contacts:\n\
         - type: email\n  value: security@quern.example\n  primary: true\n- type: website\n  value: https://hackerone.com/quern\n\
         vulnerability-reporting:\n  accepts-vulnerability-reports: true\n  email-contact: psirt@quern.example\n\
         \x20 security-policy: https://quern.example/policy\n  out-scope:\n  - missing headers\n  - old browsers\n",
        TODAY,
    );
    assert_eq!(found.kind, Kind::Insights);
    assert_eq!(emails(&found), ["psirt@quern.example", "security@quern.example"]);
    assert_eq!(found.repositories, ["https://github.com/quern/quern"]);
    assert_eq!(found.policy.as_deref(), Some("https://quern.example/policy"));
    assert_eq!(found.channel.as_ref().unwrap().0, Channel::Hackerone);
    assert_eq!(found.out_of_scope.as_deref(), Some("- missing headers\n- old browsers"));
    assert_eq!(found.doubts, ["Nobody has reviewed it for more than a year.", "It has run out."]);
}

#[test]
fn security_insights_of_version_2_are_read() {
    let found = read(
        "header:\n  schema-version: 2.0.0\n  last-updated: '2026-09-01'\n  last-reviewed: '2026-09-01'\n  url: https://quern.example/si.yml\n\
         project:\n  name: Quern\n  homepage: https://quern.example\n  administrators:\n    - name: Ann\n      email: ann@quern.example\n\
         \x20 repositories:\n    - name: core\n      url: https://github.com/quern/quern\n      comment: |\n        The one.\n\
         \x20   - name: docs\n      url: https://github.com/quern/docs\n  vulnerability-reporting:\n    reports-accepted: false\n\
         \x20   bug-bounty-available: false\n    contact:\n      name: Security Team\n      email: security@quern.example\n      primary: true\n\
         \x20   comment: |\n      Or by https://github.com/quern/quern/security/advisories/new\n    out-of-scope: [headers, dos]\n\
         repository:\n  url: https://github.com/quern/quern\n  status: WIP\n  core-team:\n    - name: Lee\n      email: lee@quern.example\n\
         \x20 security:\n    champions:\n      - name: Kim\n        email: kim@quern.example\n",
        TODAY,
    );
    assert_eq!((found.name.as_deref(), found.homepage.as_deref()), (Some("Quern"), Some("https://quern.example")));
    assert_eq!(
        emails(&found),
        ["security@quern.example", "kim@quern.example", "lee@quern.example", "ann@quern.example"]
    );
    assert_eq!(found.contacts[0].name.as_deref(), Some("Security Team"));
    assert_eq!(found.repositories, ["https://github.com/quern/quern", "https://github.com/quern/docs"]);
    assert_eq!(found.out_of_scope.as_deref(), Some("- headers\n- dos"));
    assert_eq!(found.channel.as_ref().unwrap().0, Channel::Github);
    assert_eq!(
        found.doubts,
        ["It says that no reports of vulnerabilities are accepted.", "It calls the project \"WIP\"."]
    );
}

#[test]
fn what_says_nothing_fills_in_nothing_and_a_huge_text_is_cut() {
    assert!(read("", TODAY).is_empty());
    assert!(read("We take security seriously.", TODAY).is_empty());
    let huge = format!("{}é a@quern.example", "x".repeat(TEXT_MAX - 1));
    assert!(read(&huge, TODAY).is_empty());
    assert!(!read("\u{feff}Contact: mailto:a@quern.example", TODAY).is_empty());
}

#[test]
fn security_insights_that_cannot_be_read_fill_in_nothing_and_say_why() {
    let file = "header:\n  schema-version: 2.0.0\nproject:\n  name: Quern\n";
    for (text, doubt) in [
        (format!("{file}  name: Mill\n"), "It has \"name\" twice in one place, again in line 5: leave one of them."),
        (format!("{file}# {}\n", "x".repeat(TEXT_MAX)), "It is longer than 100 kB: we read no file of that size."),
    ] {
        let found = read(&text, TODAY);
        assert!(found.is_empty() && found.kind == Kind::Insights, "{found:?}");
        assert_eq!(found.doubts, [doubt]);
    }
    assert_eq!(read(file, TODAY).name.as_deref(), Some("Quern"));
}
