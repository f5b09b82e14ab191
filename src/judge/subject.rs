//! What a text itself says it is about: the thing in the subject's place, be it a project of ours or not.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::judge::handles::is_common_word;
use crate::judge::opening::openings;
use crate::judge::words::words;

/// What a text is about it says early. Claims further in are details.
const WINDOW: usize = 2048;
/// Claims that one pattern may find; a text that makes more lists things.
const CLAIMS: usize = 8;

/// A thing that a text puts in the subject's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Bytes of the text in which it was found.
    pub range: Range<usize>,
    /// In a form that leaves no doubt ("Module name: x", a "[x]" title), not only in a phrase.
    pub is_slot: bool,
    /// A line opens with it.
    pub is_opening: bool,
}

/// Parts of the patterns below, each written there as `{name}`.
///
/// Letters are ASCII only: the Unicode classes made the scan ten times slower, and a rival in another script
/// takes nothing from the signs for a project of ours.
const PARTS: &[(&str, &str)] = &[
    // One to four words that look like a name, with an optional scope or owner: `@a/b`, `Jelly Bean Kit`.
    ("{name}", r"(?P<name>(?:@|\b)\w+(?:[+.\-]\w+)*(?:/\w[\w\-]*(?:\.\w+)*)?(?:\ [A-Z]\w*(?:[+.\-]\w+)*){0,3})"),
    // A thing without a name.
    ("{unnamed}", r"(?P<unnamed>the\ [a-z]+)"),
    ("{mark}", r#"[`"'*]*"#),
    ("{lead}", r#"(?m:^)[\s*_`"'\#]*(?:(?i:the|an?|in|security)\ )?[`"'*]*"#),
    ("{kind}", r"(?i:plugin|module|package|library|extension|theme|gem|crate|component|connector)"),
    ("{version}", r"(?i:and\ including\ |versions?\ |v\.?\ ?)?\d+(?:\.\d|\b)"),
    (
        "{label}",
        r"(?i:affected\ |vulnerable\ |npm\ |pypi\ )?
          (?i:module|package|product|project|component|software|library|plugin|application|repository|repo|gem|crate)s?
          (?i:\ name)?",
    ),
    (
        "{does}",
        r"(?:allow|allows|allowed|does|do|did|fails|contains|suffers|has|mishandles|exposes|improperly|incorrectly
          |permits|lets|leaks|lacks|provides|supports|offers|uses|renders|stores|parses|is\ vulnerable|was|are\ vulnerable|can|could|before|prior\ to|through|versions?
          |up\ to|v?\d+\.\d)",
    ),
    (
        "{flaw}",
        r"(?i:vulnerability|vulnerabilities|flaw|issue|bug|weakness|injection|traversal|xss|csrf|ssrf|rce|dos|redos|\(xss\)
          |\(dos\)|overflow|execution|disclosure|escalation|bypass|deserialization|pollution|service|found|discovered
          |identified|reported|exists|exist)",
    ),
];

/// How a text puts a thing in the subject's place.
struct Pattern {
    regex: Regex,
    place: PatternPlace,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PatternPlace {
    /// Where only a name can stand.
    Slot,
    /// At the start of the text, as what it introduces: even a capitalized common word is a name there.
    Introduced,
    /// At the start of the text, or with a version or a kind beside it: a rare word in lower case is a name too.
    Marked,
    /// Within a sentence: only what looks made up is a name.
    Sentence,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    use PatternPlace::{Introduced, Marked, Sentence, Slot};
    [
        (Slot, r#"(?m:^)[\s\#>|*_\-]*{label}[\ *_`]*[:|][\s*_`"'\[<]*(?:https?://[\w./\-]*/)?(?:{unnamed}|{name})"#),
        (Slot, r"\A\s*\[{name}\](?:(?u:[^(])|\z)"),
        (Slot, r"(?i:github\ repository|github\ repo)\ {mark}{name}"),
        (Slot, r"(?:npmjs\.com/package|npmjs\.org/package|pypi\.org/project|crates\.io/crates)/{name}"),
        (Introduced, r"{lead}{name}{mark}\ (?:is|are)\ (?:an?|the)\b"),
        (Marked, r"{lead}{name}{mark}(?:'s|\ (?i:module|package|library|plugin))?,?\ {does}\b"),
        (Marked, r"{name}{mark}(?i:\ versions?)?,?\ (?i:before|prior\ to|through|up\ to|<=?|earlier\ than)\ {version}"),
        (Sentence, r"{name}{mark}\ (?i:versions?\ |v\.?\ ?)?\d+\.\d[\w.\-]*"),
        (
            Sentence,
            r"{flaw}\ (?:with)?(?:in|of|affecting)\ (?i:the\ |an?\ |both\ |all\ )?
              (?i:module\ |package\ |library\ |plugin\ |npm\ module\ )?{mark}{name}",
        ),
        (Marked, r"(?i:the|in|an?)\ {mark}{name}{mark}\ (?i:npm\ )?{kind}\b"),
    ]
    .map(|(place, text)| Pattern { regex: compiled(text), place })
    .into()
});

static UNNAMED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?i:in|of|affecting|affects|use|uses|by)\ (?i:the|this)\ (?i:affected\ )?(?i:software|product|package|plugin)\b
          |\A(?i:the\ software|this\ module|this\ plugin|this\ package|this\ theme)\ ",
    )
});

static FLAW: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)\b(?:security|secure|insecure|cve|cwe|xss|csrf|ssrf|xxe|rce|lfi|sqli|idor|redos|dos|mitm|poc)\b
          |vulnerab|attack|exploit|inject|travers|overflow|over-?(?:read|write)|out[\ -]of[\ -]bounds
          |use[\ -]after[\ -]free|denial|disclos|escalat|bypass|deserializ|unserializ|pollution|smuggl|forgery|scripting
          |malicious|arbitrary|abus(?:e|ed|ing)\b|zip\ slip|files\ outside|without\ (?:access|check)|bypassed|out(?:side)?\ of\ (?:the\ |its\ )?bounds|leak|privilege|permission|sanitiz|untrusted|unauthor|unauthen|authenticat|authoriz|spoof
          |hijack|crafted|backdoor|sandbox|steal|crash|expos|takeover|credential|password|certificate|openssl|crypto
          |encrypt|decrypt|cleartext|plaintext|improper|neutraliz|unsafe|race\ condition|clickjack|open\ redirect
          |segfault|segmentation\ fault|dereference|infinite\ loop|recursion|resource\ consumption|backtracking
          |code\ execution|command\ execution|issue\ affects|affected|properly|remote\ user|mitigat|upgrade\ to",
    )
});

static DETAIL: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r#"\A[`'"*()]*(?:\ \w+)?\ (?:(?:function|method|parameter|class|file|endpoint|header|command|option|field|argument
           |script)s?\b|module\ in\b|is\ an?\ (?:new\ )?(?:attack|vulnerability|flaw|technique|type)\b)|\A\(\)"#,
    )
});

fn compiled(pattern: &str) -> Regex {
    let text = PARTS.iter().fold(pattern.to_owned(), |text, (part, meaning)| text.replace(part, meaning));
    Regex::new(&format!("(?x-u){text}")).expect("the patterns are fixed, and a test compiles them all")
}

/// Compiles the patterns now, so that no text has to wait for them.
pub fn prepare() {
    for lazy in [&UNNAMED, &FLAW, &DETAIL] {
        LazyLock::force(lazy);
    }
    LazyLock::force(&PATTERNS);
}

/// Everything that `text` puts in the subject's place near its start.
pub fn claims(text: &str) -> Vec<Claim> {
    let window = near_start(text, WINDOW);
    let mut claims = Vec::new();
    for pattern in PATTERNS.iter() {
        for captures in pattern.regex.captures_iter(window).take(CLAIMS) {
            let Some(name) = captures.name("name") else { continue };
            let range = trimmed(window, name.range());
            if is_a_name(&window[range.clone()], pattern.place) && !is_a_detail(&window[range.end..]) {
                claims.push(Claim { range, is_slot: pattern.place == PatternPlace::Slot, is_opening: false });
            }
        }
    }
    let opening = |range| Claim { range, is_slot: false, is_opening: true };
    let is_thing = |range: &Range<usize>| !is_a_detail(&text[range.end..]);
    claims.extend(openings(text).into_iter().filter(is_thing).map(opening));
    claims
}

/// Whether a text speaks of its subject without naming it: "a flaw in the software".
pub fn is_unnamed(text: &str) -> bool {
    let window = near_start(text, WINDOW);
    UNNAMED.is_match(window) || PATTERNS[0].regex.captures_iter(window).any(|slot| slot.name("unnamed").is_some())
}

/// Whether a text speaks of a flaw in the words of security, near its start.
pub fn is_about_a_flaw(text: &str) -> bool {
    FLAW.is_match(near_start(text, WINDOW))
}

/// The span without common words at its start ("Attackers Quern") and marks at its end.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let end = range.start + text[range.clone()].trim_end_matches(['.', '-', '_', '+']).len();
    let mut start = range.start;
    while let Some((first, rest)) = text[start..end].split_once(' ') {
        let is_verb = first.ends_with("ing") && first.starts_with(char::is_lowercase);
        if !(is_verb || is_common_word(&first.to_lowercase())) || !rest.starts_with(char::is_uppercase) {
            break;
        }
        start += first.len() + 1;
    }
    start..end
}

words! {
    /// What a flaw was seen with or on: systems, browsers and tools. A text that names one is seldom about it.
    PLATFORMS = "windows macos mac darwin os ios android linux ubuntu debian centos rhel fedora alpine freebsd openbsd docker intel
        macintosh mozilla firefox chrome chromium safari edge opera webkit applewebkit gecko khtml curl postman burp nmap
        http https tls ssl html css utf unicode rfc cvss cve cwe capec owasp ghsa iso ascii sha md";
    /// What stands where a name could, and is none.
    GRAMMAR = "this it there that the here what which attached below i we you my our name n none a an";
}

fn is_a_name(name: &str, place: PatternPlace) -> bool {
    if GRAMMAR.has(name) || !name.contains(char::is_alphabetic) {
        return false;
    }
    let has_capital = name.contains(char::is_uppercase);
    if !has_capital && name.ends_with("ing") {
        return false; // "continuing through 1.9"
    }
    let looks_made = has_capital || name.contains(|c: char| c.is_ascii_digit() || matches!(c, '/' | '@'));
    let folded = name.to_lowercase();
    let mut words = folded.split(['-', '_', '.', ' ']);
    let is_common = words.clone().all(is_common_word);
    if place == PatternPlace::Sentence && words.all(|word| PLATFORMS.has(word) || is_common_word(word)) {
        return false;
    }
    match place {
        PatternPlace::Slot => true,
        PatternPlace::Introduced => has_capital || !is_common || name.contains('-'),
        PatternPlace::Marked => !is_common,
        PatternPlace::Sentence => !is_common && looks_made,
    }
}

/// Whether what follows shows that the name was one of a function or file, or of a kind of attack.
fn is_a_detail(rest: &str) -> bool {
    DETAIL.is_match(near_start(rest, 60))
}

fn near_start(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<(&str, bool)> {
        claims(text).into_iter().map(|claim| (&text[claim.range], claim.is_slot)).collect()
    }

    #[test]
    fn what_stands_in_the_subjects_place_is_found() {
        for (text, name, is_slot) in [
            ("# Module\n\n**module name:** `acme-mill`\n", "acme-mill", true),
            ("| Package | @acme/mill |", "@acme/mill", true),
            ("[acme-mill] Path traversal", "acme-mill", true),
            ("Injection in GitHub repository acme/mill prior to 2", "acme/mill", true),
            ("see https://www.npmjs.com/package/acme-mill", "acme-mill", true),
            ("Acmetool is a mill for the web.", "Acmetool", false),
            ("Tomato is a web framework.", "Tomato", false),
            ("acmetool before 0.2 allows injection", "acmetool", false),
            ("We saw that acmetool before 0.2 leaks", "acmetool", false),
            ("It was seen with Acmetool 2.1 today", "Acmetool", false),
            ("A flaw (XSS) in the Acme Mill lets guests in", "Acme Mill", false),
            ("Path traversal in `Acme.Mill`", "Acme.Mill", false),
            ("Look at the acmetool plugin", "acmetool", false),
        ] {
            assert!(named(text).contains(&(name, is_slot)), "{text}: {:?}", named(text));
        }
    }

    #[test]
    fn what_is_no_thing_takes_no_place() {
        for text in [
            "A vulnerability in a function of the server",
            "Overflow in the AcmeDecode function in mill.c",
            "ACMEHAMMER is a new attack on mills",
            "Remote Code Execution can occur",
            "This is a report",
            "An attacker could steal money",
            "",
        ] {
            assert_eq!(named(text), [], "{text}");
        }
    }

    #[test]
    fn a_subject_without_a_name_is_noticed() {
        assert!(is_unnamed("There is a flaw in the software."));
        assert!(is_unnamed("# Module\n\nmodule name: the software"));
        assert!(!is_unnamed("There is a flaw in the Quern software."));
    }

    #[test]
    fn questions_are_told_from_flaws() {
        assert!(is_about_a_flaw("An attacker can read files"));
        assert!(!is_about_a_flaw("How do I install Quern?"));
    }
}
