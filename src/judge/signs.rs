//! Signs for a project: the part that its name has in the sentence, where that speaks for the flaw being in it.

use crate::judge::forms::is_version;
use crate::judge::place::Place;
use crate::judge::words::{starts_with, words};

/// The part of a named thing in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// "Module name: parsley".
    Slot,
    /// "parsley before 1.2".
    Versioned,
    /// "parsley 2": a number alone says less of a common word.
    Numbered,
    /// "Parsley is a …", at the start of a sentence.
    Defined,
    /// "Users of parsley should upgrade", "fixed in parsley".
    Fixed,
    /// "Hello Parsley team".
    Addressed,
    /// "a vulnerability in parsley".
    Flawed,
    /// The first word of the subject or of the text.
    Opens,
    /// "[parsley] …" as the subject.
    Tagged,
    /// "Parsley allows …", at the start of a sentence.
    Acts,
    /// "the decoder in parsley does not check".
    Houses,
    /// "the parsley module", "the package parsley".
    Kind,
    /// A link into its source code: "github.com/herbs/parsley/blob/main/read.c".
    Source,
}

impl Role {
    /// All roles, the weightiest first.
    const ALL: [Self; 13] = [
        Self::Slot,
        Self::Versioned,
        Self::Numbered,
        Self::Defined,
        Self::Fixed,
        Self::Addressed,
        Self::Flawed,
        Self::Opens,
        Self::Houses,
        Self::Source,
        Self::Tagged,
        Self::Acts,
        Self::Kind,
    ];

    /// Points, on the scale of `weigh`.
    pub fn points(self) -> f32 {
        match self {
            Self::Slot => 2.5,
            Self::Versioned | Self::Numbered => 2.0,
            Self::Defined | Self::Fixed | Self::Addressed => 1.8,
            Self::Flawed => 1.6,
            Self::Opens => 1.5,
            Self::Houses | Self::Source | Self::Tagged | Self::Acts => 1.2,
            Self::Kind => 0.8,
        }
    }
}

words! {
    /// Words between a name and what gives it its role: "in the npm module parsley".
    DETERMINERS = "the a an our your npm pip python latest called named popular package module library project software";
    KINDS = "module package library framework crate gem project codebase npm repository";
    /// Words that lead to a name, and are none themselves: "in the", but not the "parsley" of "a parsley node module".
    LEADS = "the a an in of this your our npm affecting called named for with";
    SLOTS = "module module-name package package-name product product-name project project-name component name repo
        repository affects affected vendor application target asset software library crate gem npm-package npm-module
        pypi-package affected-component affected-package affected-packages affected-project affected-product
        affected-products affected-module affected-software affected-library vulnerable-package vulnerable-component
        vulnerable-product";
    ARTICLES = "a an the one";
    IS = "is are was were";
    OF = "of";
    TO = "to";
    IN = "in";
    FOR = "for";
    IN_OR_WITHIN = "in within";
    USERS = "user users";
    RELEASES = "version versions release releases installations instances deployments";
    RAISED = "upgrade update upgrading updating upgraded updated";
    /// What users of the thing concerned are, or should do.
    CONCERNED = "upgrade update upgrading updating patch advised urged recommended encouraged affected vulnerable impacted
        susceptible exposed safe";
    MENDED = "fixed patched resolved addressed";
    MENDING = "upgrade upgrading update patch";
    MENDS = "fix fixes patch patches advisory advisories";
    RANGE = "version versions v release releases before prior to through up until < <= less than and below between from in
        earlier at least module package library framework engine server client";
    VERSIONS = "versions version releases";
    STATES = "vulnerable affected prone susceptible impacted";
    ACTS = "allows allowed allow does do did fails failed contains contained suffers has had mishandles mishandled can
        could exposes exposed improperly incorrectly permits lets leaks lacks omits trusts accepts parses passes stores
        stored returns crashes renders makes made may might will creates created prior before through provides provided
        evaluates executes loads deserializes reads writes ignores misses inserts followed is was are relies depends sets
        enables generates validates logs discloses uses used when versions version";
    /// What a thing does wrong, said of it in the middle of a sentence.
    FAILS = "does do did fails failed allows allowed allow improperly incorrectly mishandles mishandled can could may might
        before through prior is are was were lets permits lacks leaks where when that which";
    VERSION_WORDS = "version versions v release releases";
    THE = "the a an this our your npm pypi python node";
    HITS = "affecting affects affected impacts impacting exploit exploiting crash crashes crashing";
    LINKS = "in of within with for inside";
    FOUND = "found discovered identified exists exist reported present lies resides detected vulnerable occurs";
    FLAWS = "vulnerability vulnerabilities flaw flaws issue issues bug bugs weakness weaknesses defect hole problem cve
        exploit backdoor security 0day zero-day injection injections traversal xss csrf ssrf xxe rce dos redos lfi sqli
        idor overflow underflow execution disclosure escalation bypass deserialization pollution exposure validation
        control neutralization leak leakage redirect smuggling forgery scripting authentication authorization service
        handling entity reference references read write free corruption consumption limitation restriction takeover
        hijacking fixation spoofing complexity management permission permissions encoding escaping sanitization
        verification credentials dereference collision race confusion poisoning splitting randomness storage
        transmission exhaustion crash";
    GREETINGS = "hi hello dear hey";
    PEOPLE = "team maintainer maintainers developers devs";
    TITLE_LEADS = "re fwd fw in the bug report security vulnerability security-issue security-report vulnerability-report";
    OPENERS = "the in a";
}

/// All roles of what stands at `place`, the weightiest first.
pub fn roles(place: &Place<'_>, in_subject: bool) -> Vec<Role> {
    let left = DETERMINERS.skip(&place.left);
    let has = |role: &Role| match role {
        Role::Slot => is_slot(place.line_before()),
        Role::Versioned => version_behind(place) == Some(Version::Sure),
        Role::Numbered => version_behind(place) == Some(Version::Number),
        Role::Defined => opens_sentence(place) && starts_with(&place.right, &[&IS, &ARTICLES]),
        Role::Fixed => is_fixed(left) || is_of_users(left, &place.right),
        Role::Addressed => GREETINGS.has_first(left) || (PEOPLE.has_first(&place.right) && left.is_empty()),
        Role::Flawed => is_flawed(left),
        Role::Opens if in_subject => place.starts_text || opens_title(place.before),
        Role::Opens => place.starts_text && goes_on_about(place),
        Role::Tagged => {
            (in_subject || place.starts_text) && place.before.ends_with('[') && place.after.starts_with(']')
        }
        Role::Houses => IN_OR_WITHIN.has_first(left) && FAILS.has_first(VERSION_WORDS.skip(&place.right)),
        Role::Source => is_source(place),
        Role::Acts => acts(place),
        Role::Kind => is_called_a_kind(place),
    };
    Role::ALL.into_iter().filter(has).collect()
}

/// The roles of words that describe a thing: "the software is a mill for grain", "In the Grain Storage Toolkit".
pub fn roles_of_description(place: &Place<'_>, in_subject: bool) -> Vec<Role> {
    let left = ARTICLES.skip(&place.left);
    let introduces = left.first().is_some_and(|word| IS.has(word)) && left.len() <= 4;
    let other = roles(place, in_subject);
    introduces.then_some(Role::Defined).into_iter().chain(other).collect()
}

/// The label of a form, a list or a table stands before it: "Module name:", "| package |".
fn is_slot(line_before: &str) -> bool {
    let cell = line_before.trim_end_matches('|');
    let is_cell = cell.len() < line_before.len();
    let Some(label) = cell.strip_suffix(':').or(is_cell.then_some(cell)) else { return false };
    if label.ends_with('"') {
        return false; // `"name": "parsley"` is JSON: a manifest or a list of what is installed
    }
    let words: Vec<&str> = label.trim_matches(|c: char| !c.is_alphanumeric()).split_whitespace().take(3).collect();
    SLOTS.has(&words.join("-"))
}

/// What follows a name that may be its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// With a dot in it, or a word of range or a sign before it.
    Sure,
    /// A number, which may count something else.
    Number,
}

/// The version behind it, with nothing but words of range between.
fn version_behind(place: &Place<'_>) -> Option<Version> {
    if place.after.starts_with(|c: char| matches!(c, '"' | '\'') || c.is_alphanumeric()) {
        return None; // `"name": "parsley", "version": 3` and `parsley3` tell what was running
    }
    if place.after.strip_prefix(['@', '-']).is_some_and(is_version) || place.after.starts_with("==") {
        return Some(Version::Sure);
    }
    let between = place.right.iter().take(4).take_while(|word| RANGE.has(word)).count();
    let word = place.right.get(between)?;
    let number = word.trim_start_matches(['<', '=', '>', '~']);
    let is_marked = between > 0 || number.len() < word.len() || number.contains('.') || number.starts_with('v');
    is_version(number).then_some(if is_marked { Version::Sure } else { Version::Number })
}

fn opens_sentence(place: &Place<'_>) -> bool {
    place.starts_sentence || (place.left.len() <= 2 && place.left.iter().all(|word| OPENERS.has(word)))
}

fn opens_title(before: &str) -> bool {
    let lead: Vec<&str> =
        before.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(3).collect();
    lead.is_empty() || TITLE_LEADS.has(&lead.join("-"))
}

/// What follows the first word of a text says that it is about it: "Parsley: …", "Parsley 1.2 …", "Parsley allows …".
fn goes_on_about(place: &Place<'_>) -> bool {
    let is_heading =
        place.after.trim_start_matches(['*', '`', '"', ']', ' ']).starts_with([':', ',', '(', '-', '–', '\n', '\r']);
    is_heading || place.right.is_empty() || version_behind(place).is_some() || ACTS.has_first(&place.right)
}

/// "users of parsley should upgrade".
fn is_of_users(left: &[&str], right: &[&str]) -> bool {
    starts_with(left, &[&OF, &USERS]) && CONCERNED.has_near(right, 5)
}

/// "versions of", "upgrade to", "fixed in".
fn is_fixed(left: &[&str]) -> bool {
    MENDING.has_first(left)
        || [(&OF, &RELEASES), (&TO, &RAISED), (&IN, &MENDED), (&FOR, &MENDS)]
            .iter()
            .any(|(link, before)| starts_with(left, &[link, before]))
}

/// "… vulnerability in", "… was found in", "affecting".
fn is_flawed(left: &[&str]) -> bool {
    let further = left.get(1..).unwrap_or_default();
    let is_found = IN_OR_WITHIN.has_first(left) && FOUND.has_near(further, 2);
    // "remote code execution (RCE) in": before "in" the flaw may stand some words away; "flaw of", "issue with" not.
    let reach = if IN.has_first(left) { 4 } else { 1 };
    HITS.has_first(left) || is_found || (LINKS.has_first(left) && FLAWS.has_near(further, reach))
}

/// "the parsley module", "the package parsley".
fn is_called_a_kind(place: &Place<'_>) -> bool {
    let calls_behind = KINDS.has_first(&place.right) && (place.left.is_empty() || LEADS.has_first(&place.left));
    calls_behind || starts_with(&place.left, &[&KINDS, &THE])
}

/// A link to a file, a change or a line of its code.
fn is_source(place: &Place<'_>) -> bool {
    ["/blob/", "/tree/", "/blame/", "/commit/", "/src/"].iter().any(|step| {
        place
            .after
            .strip_prefix(".git")
            .unwrap_or(place.after)
            .strip_prefix("/-")
            .unwrap_or(place.after)
            .starts_with(step)
    })
}

/// "Parsley allows", "Parsley's parser", "parsley versions are vulnerable".
fn acts(place: &Place<'_>) -> bool {
    let is_vulnerable = starts_with(VERSIONS.skip(&place.right), &[&IS, &STATES]);
    let owns = place.after.starts_with("'s ") || place.after.starts_with("’s ");
    is_vulnerable || (opens_sentence(place) && (owns || ACTS.has_first(&place.right)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_in_the_sentence_is_recognized() {
        for (text, role) in [
            ("# Module\n**module name:** `quern`\n", Role::Slot),
            ("| Package | quern |", Role::Slot),
            ("It was seen in quern before 1.2.", Role::Versioned),
            ("npm i quern@1.2", Role::Versioned),
            ("quern 2 leaks", Role::Numbered),
            ("The parser in Quern does not check it", Role::Houses),
            ("see https://git.example/millers/quern/blob/main/mill.c", Role::Source),
            ("The package quern leaks", Role::Kind),
            ("We looked around. Quern is a mill.", Role::Defined),
            ("Users of quern are safe.", Role::Fixed),
            ("Please upgrade to the latest quern.", Role::Fixed),
            ("Hello quern team, we saw", Role::Addressed),
            ("There is a path traversal vulnerability in the npm package quern.", Role::Flawed),
            ("A denial of service (DoS) was found in quern", Role::Flawed),
            ("Some affected quern servers", Role::Flawed),
            ("We looked. Quern allows guests in.", Role::Acts),
            ("All quern versions are vulnerable", Role::Acts),
            ("We use the quern module", Role::Kind),
        ] {
            assert!(roles_in(text, false).contains(&role), "{text}: {:?}", roles_in(text, false));
        }
    }

    #[test]
    fn a_mere_mention_has_no_part() {
        for text in [
            "We run quern and others",
            "{\"name\": \"quern\", \"version\": 3}",
            "a quern node module before 3",
            "It is like quern in that",
        ] {
            assert_eq!(roles_in(text, false), [], "{text}");
        }
    }

    #[test]
    fn the_start_of_a_subject_counts_also_behind_a_tag() {
        for (subject, opens) in [
            ("Quern: XSS", true),
            ("[Quern] XSS", true),
            ("Security: Quern leaks", true),
            ("Re: Quern leaks", true),
            ("Leak seen with Quern", false),
        ] {
            assert_eq!(roles_in(subject, true).contains(&Role::Opens), opens, "{subject}");
        }
    }

    fn roles_in(text: &str, in_subject: bool) -> Vec<Role> {
        let at = text.to_lowercase().find("quern").unwrap();
        roles(&Place::of(text, &(at..at + 5)), in_subject)
    }
}
