//! Faulty policies with the very lines they must be answered by.

use jiff::civil::date;

use super::*;
use crate::domain::directory::{DeliveryMode, MemberRole, ProjectId};

/// A policy without faults, as short as it can be: 10 lines, so what a test adds begins on line 11.
const SHORT: &str = r#"[foundation]
name = "Northlight Foundation"
security_address = "security@northlight.example"
public_url = "https://security.northlight.example"

[[committee]]
name = "Mara"
email = "mara@northlight.example"
role = "chair"

"#;

/// The faults of `text`, a line each.
fn faults(text: &str) -> String {
    parse("projects.toml", text).map(|_| ()).unwrap_err().to_string()
}

/// The fault of the short policy with `added` behind it.
fn fault_of(added: &str) -> String {
    faults(&format!("{SHORT}{added}"))
}

/// The fault of a project with these `lines` besides id and name; the first stands on line 14.
fn fault_of_project(lines: &str) -> String {
    fault_of(&format!("[[project]]\nid = \"lantern\"\nname = \"Lantern\"\n{lines}"))
}

/// The directory of the short policy with `added` behind it.
fn directory_of(added: &str) -> Directory {
    parse("projects.toml", &format!("{SHORT}{added}")).unwrap()
}

#[test]
fn the_sample_directory_has_no_fault_and_shows_every_key_of_a_project_and_contact() {
    let sample = include_str!("../../../projects.toml");
    let directory = parse("projects.toml", sample).unwrap();
    assert!(directory.projects.len() >= 12);
    assert_eq!(directory.routing.auto_forward, AutoForward::Strong);
    for key in PROJECT {
        assert!(sample.lines().any(|line| line.starts_with(&format!("{key} = "))), "{key}");
    }
    for key in ["delivery", "list", "deputy", "away", "hours", "zone", "key"] {
        assert!(sample.contains(&format!(", {key} = ")), "{key}");
    }
    let contacts = directory.projects.iter().flat_map(|project| &project.contacts).map(|contact| &contact.email);
    for address in contacts.chain(directory.committee.iter().map(|member| &member.email)).chain(&directory.board) {
        assert!(address.domain().ends_with(".example"), "{address}");
    }
}

#[test]
fn what_is_not_written_has_the_usual_value() {
    let directory = directory_of("");
    assert_eq!(directory.foundation.case_prefix, "SEC");
    assert_eq!(directory.promise.first_reply, SignedDuration::from_hours(168));
    assert_eq!(directory.promise.acknowledge, SignedDuration::from_hours(168));
    let routing = directory.routing;
    assert_eq!((routing.auto_forward, routing.hold), (AutoForward::Strong, SignedDuration::from_secs(60)));
    assert_eq!((routing.projects_per_report, routing.forwards_per_sender_a_day, routing.forwards_an_hour), (3, 5, 30));
}

#[test]
fn every_field_of_the_file_arrives_in_the_directory() {
    let directory = directory_of(
        r#"
[promise]
first_reply = "5d"
[[promise.ladder]]
clock = "first_reply"
at = "48h"
tell = ["chair", "board"]
[routing]
auto_forward = "strong"
hold = "0"
forwards_an_hour = 7
[[board]]
email = "board@northlight.example"
[[project]]
id = "lantern"
name = "Lantern"
packages = ["pkg:npm/@lantern/core"]
repositories = ["https://git.example/lantern.git"]
channel = "github"
channel_url = "https://github.example/advisories"
target = "90min"
[[project.contacts]]
email = "Security@Lantern.example"
delivery = "link"
list = true
deputy = false
away = ["2026-12-20/2027-01-06", "2026-08-01"]
hours = "09:00-17:00"
zone = "Europe/Berlin"
"#,
    );
    let step = &directory.promise.ladder[0];
    assert_eq!((step.clock, step.at.as_hours()), (LadderClock::FirstReply, 48));
    assert_eq!(step.tell, [Tell::Chair, Tell::Board]);
    assert_eq!(directory.routing.hold, SignedDuration::ZERO);
    assert_eq!(directory.routing.forwards_an_hour, 7);
    assert_eq!(directory.committee[0].role, MemberRole::Chair);
    assert_eq!(directory.board[0].as_str(), "board@northlight.example");
    let project = directory.project(&ProjectId::parse("lantern").unwrap()).unwrap();
    assert_eq!(project.target, Some(SignedDuration::from_mins(90)));
    assert_eq!(project.channel, Channel::Github);
    let contact = &project.contacts[0];
    assert_eq!((contact.delivery, contact.is_list, contact.is_deputy), (DeliveryMode::Link, true, false));
    assert_eq!(contact.away[0].last, date(2027, 1, 6));
    assert_eq!(contact.away[1].first, contact.away[1].last);
    assert_eq!(contact.zone.as_ref().unwrap().iana_name(), Some("Europe/Berlin"));
}

#[test]
fn a_fault_of_a_project_names_line_key_problem_and_fix() {
    for (line, expected) in [
        (r#"alias = ["x"]"#, r#"project.alias: is not a known key. Did you mean `aliases`?"#),
        (
            r#"colour = "red""#,
            "project.colour: is not a known key. The keys here are `id`, `name`, `summary`, `homepage`, `repositories`, `packages`, `aliases`, `imports`, `domains`, `advisories`, `policy`, `out_of_scope`, `channel`, `channel_url`, `public_address`, `target`, `contacts`.",
        ),
        (r#"aliases = "x""#, r#"project.aliases: must be a list and is text. Write it in brackets: aliases = ["…"]."#),
        ("aliases = [7]", r#"project.aliases[0]: must be text and is a number. Write it in quotes: "…"."#),
        (r#"aliases = [""]"#, "project.aliases[0]: is empty. Write something, or leave the key out."),
        (
            r#"summary = "a\nb""#,
            r#"project.summary: "a\nb" has a line break or control character. Write it on one line."#,
        ),
        (
            r#"contacts = [{ email = "security@" }]"#,
            r#"project.contacts[0].email: "security@" is not an address. Write it like name@example.org."#,
        ),
        (
            r#"contacts = [{ name = "Nobody" }]"#,
            r#"project.contacts[0].email: is missing. Add a line like email = "security@example.org"."#,
        ),
        (
            r#"contacts = [{ email = "a@b.example", deputy = true }]"#,
            "project.contacts: all contacts are deputies. Leave `deputy` out for at least one: deputies join only when the others do not answer.",
        ),
        (
            r#"contacts = [{ email = "a@b.example", list = "yes" }]"#,
            "project.contacts[0].list: must be true or false and is text. Write list = true or list = false.",
        ),
        (
            r#"contacts = ["a@b.example"]"#,
            r#"project.contacts[0]: must be a section and is text. Write { email = "…" }."#,
        ),
        (
            r#"contacts = "a@b.example""#,
            r#"project.contacts: must be a list of sections and is text. Write contacts = [{ email = "…" }]."#,
        ),
        (
            r#"contacts = [{ email = "a@b.example" }, { email = "A@B.example" }]"#,
            r#"project.contacts[1].email: "A@b.example" stands here twice (first on line 14). Keep one of the two."#,
        ),
        (
            r#"contacts = [{ email = "security+c.x@northlight.example" }]"#,
            r#"project.contacts[0].email: "security+c.x@northlight.example" is our own address. Name a mailbox that people read: a letter to this one would come back to us as a new report."#,
        ),
        (
            r#"contacts = [{ email = "a@b.example", delivery = "ful" }]"#,
            r#"project.contacts[0].delivery: "ful" is not known here. Did you mean `full`? Known are `full`, `link`, `encrypted`."#,
        ),
        (
            r#"contacts = [{ email = "a@b.example", zone = "Europe/Berlun" }]"#,
            r#"project.contacts[0].zone: "Europe/Berlun" is not a time zone. Write a name of the IANA list, like Europe/Berlin or UTC."#,
        ),
        (
            r#"contacts = [{ email = "a@b.example", away = ["2027-01-06/2026-12-20"] }]"#,
            r#"project.contacts[0].away[0]: "2027-01-06/2026-12-20" ends before it begins. Write the first day first: 2026-12-20/2027-01-06."#,
        ),
        (
            r#"contacts = [{ email = "a@b.example", away = ["Christmas"] }]"#,
            r#"project.contacts[0].away[0]: "Christmas" is not a span of days. Write the first and the last day like 2026-12-20/2027-01-06."#,
        ),
        (
            r#"contacts = [{ email = "a@b.example", hours = "17:00-09:00" }]"#,
            r#"project.contacts[0].hours: "17:00-09:00" is not a span of hours. Write it like 09:00-17:00."#,
        ),
        (
            r#"channel = "jira""#,
            r#"project.channel: "jira" is not known here. Known are `mail`, `github`, `tidelift`, `hackerone`, `tracker`, `none`."#,
        ),
        (
            r#"homepage = "javascript:alert(1)""#,
            r#"project.homepage: "javascript:alert(1)" is not a web address. Write it like https://example.org/page."#,
        ),
        (
            r#"repositories = ["git@git.example:a/b"]"#,
            r#"project.repositories[0]: "git@git.example:a/b" is not a web address. Write it like https://example.org/page."#,
        ),
        (
            r#"packages = ["pypi/lantern"]"#,
            r#"project.packages[0]: "pypi/lantern" is not a package URL. Write it like pkg:pypi/matplotlib or pkg:npm/@scope/name."#,
        ),
        (
            r#"packages = ["pkg:pypi/lantern@1.0"]"#,
            r#"project.packages[0]: "pkg:pypi/lantern@1.0" names one version, and the project is all of them. Write it like pkg:pypi/matplotlib or pkg:npm/@scope/name."#,
        ),
        (
            r#"advisories = ["CVE 2026 1234"]"#,
            r#"project.advisories[0]: "CVE 2026 1234" is not the number of a vulnerability. Write it like CVE-2026-1234 or GHSA-2f4x-7r8p-9qwc."#,
        ),
        (
            r#"domains = ["https://lantern.example/"]"#,
            r#"project.domains[0]: "https://lantern.example/" is not a host name. Write it like www.example.org, without https:// and without a path."#,
        ),
        (
            r#"target = "8d""#,
            r#"project.target: "8d" is longer than the foundation's promise to acknowledge (7d). Write a time from 1s to 7d."#,
        ),
        (r#"target = "0d""#, r#"project.target: "0d" is no time at all. Write a time from 1s to 7d."#),
        (
            r#"target = "3 fortnights""#,
            r#"project.target: "3 fortnights" has the unknown unit of time "fortnights". The units are s, m (or min), h, d, w: write it like 7d or 60s."#,
        ),
        (
            r#"target = "3""#,
            r#"project.target: "3" has no unit of time. The units are s, m (or min), h, d, w: write it like 7d or 60s."#,
        ),
        (r#"target = "soon""#, r#"project.target: "soon" is not a length of time. Write it like 7d, 48h or 60s."#),
        (
            r#"target = "99999999999999999w""#,
            r#"project.target: "99999999999999999w" is too long a time. Write it like 7d, 48h or 60s."#,
        ),
    ] {
        assert_eq!(fault_of_project(line), format!("projects.toml:14: {expected}"), "{line}");
    }
}

#[test]
fn a_fault_of_the_other_sections_names_line_key_problem_and_fix() {
    for (added, line, expected) in [
        ("[rooting]", 11, "rooting: is not a known key. Did you mean `routing`?"),
        (
            "[[routing]]",
            11,
            "routing: must be a section and is a list. Begin the section with [routing], in one pair of brackets.",
        ),
        (
            "[project]\nid = \"x\"",
            11,
            "project: must be a list of sections and is a section. Begin each with [[project]], in two pairs of brackets.",
        ),
        (
            "[routing]\nauto_forward = \"storng\"",
            12,
            r#"routing.auto_forward: "storng" is not known here. Did you mean `strong`? Known are `strong`, `chosen`, `off`."#,
        ),
        (
            "[routing]\nauto-forward = \"off\"",
            12,
            "routing.auto-forward: is not a known key. Did you mean `auto_forward`?",
        ),
        ("[routing]\nhold = 60", 12, r#"routing.hold: must be text and is a number. Write it in quotes: "…"."#),
        ("[routing]\nhold = \"2d\"", 12, r#"routing.hold: "2d" is longer than a day. Write a time from 0s to 24h."#),
        (
            "[routing]\nforwards_an_hour = -1",
            12,
            "routing.forwards_an_hour: -1 is out of range. Write a whole number from 0 to 10000.",
        ),
        (
            "[promise]\nfirst_reply = \"2w\"",
            12,
            r#"promise.first_reply: "2w" is longer than the longest promise there is (7d). Write a time from 1s to 7d."#,
        ),
        (
            "[[promise.ladder]]\nclock = \"first_reply\"\ntell = [\"chair\"]",
            11,
            r#"promise.ladder.at: is missing. Add a line like at = "4d"."#,
        ),
        (
            "[[promise.ladder]]\nclock = \"first_reply\"\nat = \"2d\"",
            11,
            r#"promise.ladder.tell: tells nobody. Write whom, like tell = ["chair", "board"]."#,
        ),
        (
            "[promise]\nfirst_reply = \"5d\"\n[[promise.ladder]]\nclock = \"first_reply\"\nat = \"6d\"\ntell = [\"chair\"]",
            15,
            r#"promise.ladder.at: "6d" is longer than the promise it belongs to (5d). Write a time from 1s to 5d."#,
        ),
        (
            "[[committee]]\nname = \"Mara again\"\nemail = \"MARA@northlight.example\"",
            13,
            r#"committee.email: "MARA@northlight.example" stands here twice (first on line 8). Keep one of the two."#,
        ),
        (
            "[[committee]]\nname = \"Tom\"\nemail = \"tom@northlight.example\"\nrole = \"boss\"",
            14,
            r#"committee.role: "boss" is not known here. Known are `chair`, `secretary`, `member`."#,
        ),
        (
            "[[committee]]\nname = \"Tom\"\nemail = \"tom@northlight.example\"\nterm_start = \"2026-02-30\"",
            14,
            r#"committee.term_start: "2026-02-30" is not a day. Write it like 2026-01-15."#,
        ),
        (
            "[[board]]\nemail = \"security@northlight.example\"",
            12,
            r#"board.email: "security@northlight.example" is our own address. Name a mailbox that people read: a letter to this one would come back to us as a new report."#,
        ),
        (
            "[[project]]\nid = \"Big Name\"\nname = \"X\"",
            12,
            r#"project.id: "Big Name" is not an id. Use 1 to 64 lower-case letters, digits, `-`, `_` and `.`."#,
        ),
        ("[[project]]\nid = \"x\"", 11, r#"project.name: is missing. Add a line like name = "Matplotlib"."#),
        ("[[project]]\nid = \"x\"\nnmae = \"X\"", 13, "project.nmae: is not a known key. Did you mean `name`?"),
    ] {
        assert_eq!(fault_of(added), format!("projects.toml:{line}: {expected}"), "{added}");
    }
}

#[test]
fn what_the_foundation_must_say_is_asked_for() {
    assert_eq!(
        faults(""),
        r#"projects.toml: foundation.name: is missing. Add a line like name = "Example Foundation".
projects.toml: foundation.security_address: is missing. Add a line like security_address = "security@example.org".
projects.toml: foundation.public_url: is missing. Add a line like public_url = "https://security.example.org".
projects.toml: committee: nobody is the chair. Give one member role = "chair": what nobody has answered goes there first."#
    );
}

#[test]
fn the_foundations_own_values_are_checked() {
    for (written, faulty, expected) in [
        (
            "security@northlight.example",
            "security+x@northlight.example",
            r#"3: foundation.security_address: "security+x@northlight.example" has a plus, which Fingerpost needs for its own addresses. Write the address without it, like security@example.org."#,
        ),
        (
            "https://security.northlight.example",
            "ftp://northlight.example",
            r#"4: foundation.public_url: "ftp://northlight.example" is not a web address. Write it like https://example.org/page."#,
        ),
        (
            "https://security.northlight.example",
            "https://northlight.example/security",
            r#"4: foundation.public_url: "https://northlight.example/security" has more than a host. Write it like https://security.example.org; the pages need a host of their own."#,
        ),
        (
            "name = \"Northlight Foundation\"",
            "name = \"N\"\ncase_prefix = \"Sec-\"",
            r#"3: foundation.case_prefix: "Sec-" is not a prefix of case numbers. Use 1 to 10 capital letters or digits, like SEC."#,
        ),
        (
            "name = \"Northlight Foundation\"",
            "name = \"N\"\nhosts = [\"a b\"]",
            r#"3: foundation.hosts[0]: "a b" is not a host name. Write it like www.example.org, without https:// and without a path."#,
        ),
    ] {
        assert_eq!(faults(&SHORT.replacen(written, faulty, 1)), format!("projects.toml:{expected}"));
    }
}

#[test]
fn all_faults_come_at_once_in_the_order_of_the_file() {
    let text = SHORT.replace("role = \"chair\"", "role = \"chiar\"")
        + r#"
[promise]
acknowledge = "9d"

[[project]]
id = "lantern"
name = "Lantern"
contacts = [
  { email = "security@lantern.example" },
  { email = "nobody" },
]

[[project]]
id = "lantern"
name = "Other"
"#;
    let lines: Vec<String> =
        faults(&text).lines().map(|line| line.split(": ").take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "projects.toml:9 committee.role",
            "projects.toml:13 promise.acknowledge",
            "projects.toml:20 project.contacts[1].email",
            "projects.toml:24 project.id"
        ]
    );
}

#[test]
fn a_text_that_is_no_toml_gets_its_syntax_faults_alone() {
    let unquoted = "the value is missing or stands in no quotes. \
                    Write text as \"…\"; only numbers, days, true and false go without quotes.";
    let unclosed = "this is not TOML: unclosed array table, expected `]`. \
                    Text stands in quotes, lists in [ ], and a section begins with [name] or [[name]].";
    assert_eq!(
        faults("[foundation]\nname = Northlight\n\n[[project]\nid = \"x\"\n"),
        format!("projects.toml:2: {unquoted}\nprojects.toml:4: {unclosed}")
    );
    for value in ["", "lantern", "inkwell", "tidepool", "fox", "7d"] {
        assert_eq!(faults(&format!("name = {value}")), format!("projects.toml:1: {unquoted}"), "{value}");
    }
    assert_eq!(
        faults("a = \"x\n"),
        "projects.toml:1: this text has no quotation mark at its end. Close it with the mark that it began with."
    );
    assert_eq!(
        faults("[foundation]\nname = \"a\"\nname = \"b\"\n"),
        "projects.toml:3: this key stands here a second time. Keep one of the two."
    );
}

#[test]
fn a_file_that_is_not_there_says_how_to_get_one() {
    let error = load(Path::new("/nonexistent/projects.toml")).unwrap_err().to_string();
    assert!(error.starts_with("/nonexistent/projects.toml: there is no such file. "), "{error}");
    assert!(error.contains("fingerpost init"), "{error}");
}

#[test]
fn whatever_is_lost_of_a_file_it_is_read_or_its_faults_are_named() {
    let sample = include_str!("../../../projects.toml");
    let lines: Vec<&str> = sample.lines().collect();
    let without_a_line = (0..lines.len()).map(|lost| [&lines[..lost], &lines[lost + 1..]].concat().join("\n"));
    let cut_off = (0..sample.len()).step_by(97).map(|end| sample[..sample.floor_char_boundary(end)].to_owned());
    for text in without_a_line.chain(cut_off) {
        if let Err(ConfigError(faults)) = parse("projects.toml", &text) {
            assert!(!faults.is_empty(), "{text}");
        }
    }
}
