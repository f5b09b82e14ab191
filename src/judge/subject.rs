//! What a text itself says it is about: the thing in the subject's place, be it a project of ours or not.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::judge::handles::is_common_word;

/// What a text is about it says early. Claims further in are details.
const WINDOW: usize = 4096;

/// A thing that a text puts in the subject's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Bytes of the text in which it was found.
    pub range: Range<usize>,
    /// In a form that leaves no doubt ("Module name: x", a "[x]" title), not only in a phrase.
    pub is_slot: bool,
}

/// One to four words that look like a name, with an optional scope or owner: `@a/b`, `Jelly Bean Kit`.
const NAME: &str = r"(?P<name>@?\w+(?:[+.\-]\w+)*(?:/\w[\w\-]*(?:\.\w+)*)?(?:[ ]\p{Lu}\w*(?:[+.\-]\w+)*){0,3})";

struct Pattern {
    regex: Regex,
    is_slot: bool,
    /// Only where the text starts.
    at_start: bool,
    /// "X is a …".
    is_definition: bool,
    /// Lower-case words count as names too.
    takes_lower_case: bool,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let pattern = |text: &str, is_slot, at_start, takes_lower_case| Pattern {
        regex: Regex::new(&text.replace("NAME", NAME)).expect("the patterns are fixed and tested"),
        is_slot,
        at_start,
        is_definition: text.contains("(?:is|are)"),
        takes_lower_case,
    };
    vec![
        pattern(
            r#"(?m)^[\s#>*_\-]*(?i:(?:affected |vulnerable |npm |pypi )?(?:module|package|product|project|component|software|library|plugin|application|repository|repo|gem|crate)s?(?: name)?)[ *_`]*[:|][\s*_`"'\[<]*(?:https?://[\w./\-]*/)?NAME"#,
            true,
            false,
            true,
        ),
        pattern(r"\A\s*\[NAME\]", true, true, true),
        pattern(r"(?i:github repository|github repo) `?NAME", true, false, true),
        pattern(
            r#"(?i:registry|npmjs\.com/package|npmjs\.org/package|pypi\.org/project|crates\.io/crates)/NAME"#,
            true,
            false,
            true,
        ),
        pattern(
            r#"\A[\s*_`"'#]*(?:(?i:the|an?|security|in) )?[`"'*]*NAME[`"'*]* (?:is|are) (?:an?|the)\b"#,
            false,
            true,
            true,
        ),
        pattern(
            r#"\A[\s*_`"'#]*(?:(?i:the|an?|in) )?[`"'*]*NAME[`"'*]*(?:'s| (?i:module|package|library|plugin|library for \w+))?,? (?:allow|allows|allowed|does|do|did|fails|contains|suffers|has|mishandles|exposes|improperly|incorrectly|permits|lets|leaks|lacks|is vulnerable|was|are vulnerable|can|could|before|prior to|through|versions?|up to|v?\d+\.\d)\b"#,
            false,
            true,
            true,
        ),
        pattern(
            r#"[`"'*]*NAME[`"'*]*(?: (?i:versions?))?,? (?i:before|prior to|through|up to|<=?|earlier than) (?i:and including |versions? |v\.? ?)?\d+(?:\.\d|\b)"#,
            false,
            false,
            true,
        ),
        pattern(r#"[`"'*]*NAME[`"'*]* (?i:versions? |v\.? ?)?\d+\.\d[\w.\-]*"#, false, false, false),
        pattern(
            r#"(?i:vulnerability|vulnerabilities|flaw|issue|bug|weakness|injection|traversal|xss|\(xss\)|csrf|ssrf|rce|dos|\(dos\)|redos|overflow|execution|disclosure|escalation|bypass|deserialization|pollution|service|was (?:found|discovered|identified|reported)|(?:found|discovered|identified|exists|exist) (?:with)?) ?(?:with)?(?:in|of|affecting) (?i:the |an? |both |all )?(?i:module |package |library |plugin |npm module )?[`"'*]*NAME"#,
            false,
            false,
            false,
        ),
        pattern(
            r#"(?i:the|in|an?) [`"'*]*NAME[`"'*]* (?i:npm )?(?i:plugin|module|package|library|extension|theme|gem|crate|component|connector)\b"#,
            false,
            false,
            true,
        ),
    ]
});

/// Everything that `text` puts in the subject's place near its start.
pub fn claims(text: &str) -> Vec<Claim> {
    let window = &text[..floor(text, WINDOW)];
    let mut claims = Vec::new();
    for pattern in PATTERNS.iter() {
        let found = pattern.regex.captures_iter(window).take(if pattern.at_start { 1 } else { 8 });
        for name in found.filter_map(|captures| captures.name("name")) {
            let range = trimmed(window, name.range());
            if is_a_name(&window[range.clone()], pattern) && !is_a_detail(&window[range.end..]) {
                claims.push(Claim { range, is_slot: pattern.is_slot });
            }
        }
    }
    claims
}

/// Whether a text speaks of its subject without naming it: "a flaw in the software".
pub fn is_unnamed(text: &str) -> bool {
    static UNNAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:in|of|affecting|affects|uses?|by) (?:the|this) (?:software|product|package|plugin|affected (?:product|software|package))\b|\A(?:the software|this (?:module|plugin|package|theme)) ")
            .expect("the pattern is fixed and tested")
    });
    UNNAMED.is_match(&text[..floor(text, WINDOW)])
}

/// Whether what follows shows that the name was one of a function or file, or of a kind of attack.
fn is_a_detail(rest: &str) -> bool {
    static DETAIL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\A[`'\x22*()]*(?: \w+)?(?: (?:function|method|parameter|class|file|endpoint|header|command|option|field|argument|module in|script)s?\b| is an? (?:new )?(?:attack|vulnerability|flaw|technique|type)\b)|\A\(\)")
            .expect("the pattern is fixed and tested")
    });
    let near = &rest[..floor(rest, 60)];
    DETAIL.is_match(near)
}

/// The span without common words at its start ("Attackers Quern") and marks at its end.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = range.start;
    let end = range.start + text[range.clone()].trim_end_matches(['.', '-', '_', '+']).len();
    while let Some((first, rest)) = text[start..end.max(start)].split_once(' ') {
        if !is_common_word(&first.to_lowercase()) || !rest.starts_with(char::is_uppercase) {
            break;
        }
        start += first.len() + 1;
    }
    start..end.max(start)
}

fn is_a_name(name: &str, pattern: &Pattern) -> bool {
    let looks_made =
        name.contains(char::is_uppercase) || name.contains(['/', '@']) || name.contains(|c: char| c.is_ascii_digit());
    let folded = name.to_lowercase();
    let is_common = folded.split(['-', '_', '.', ' ']).all(is_common_word);
    let is_letter = name.chars().any(char::is_alphabetic);
    // "Tomato is a framework": what opens a text as a name is one, unless it is a word of grammar.
    const GRAMMAR: &[&str] = &[
        "this", "it", "there", "that", "the", "here", "what", "which", "attached", "below", "i", "we", "you", "my",
        "our",
    ];
    let opens = pattern.at_start
        && pattern.is_definition
        && name.starts_with(char::is_uppercase)
        && !GRAMMAR.contains(&folded.as_str());
    is_letter && (pattern.is_slot || opens || (!is_common && (looks_made || pattern.takes_lower_case)))
}

fn floor(text: &str, limit: usize) -> usize {
    (0..=limit.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Whether a text speaks of a flaw in the words of security, near its start.
pub fn is_about_a_flaw(text: &str) -> bool {
    static FLAW: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)vulnerab|\b(?:security|secure|insecure|cve|cwe|xss|csrf|ssrf|xxe|rce|lfi|sqli|idor|redos|dos|mitm|poc)\b|attack|exploit|inject|travers|overflow|out.of.bounds|use.after.free|denial|disclos|escalat|bypass|deserializ|unserializ|pollution|smuggl|forgery|scripting|malicious|arbitrary|leak|privilege|permission|sanitiz|untrusted|unauthor|unauthen|spoof|hijack|crafted|backdoor|sandbox|steal|crash|expos|takeover|credential|certificate|openssl|crypto|encrypt|decrypt",
        )
        .expect("the pattern is fixed and tested")
    });
    FLAW.is_match(&text[..floor(text, WINDOW)])
}
