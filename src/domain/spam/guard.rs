//! What is never suspected: words that no advertising needs, versions, code. One is enough.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::spam::look::start_of;

/// Whether somebody reports something here.
pub fn reads_like_a_report(subject: &str, text: &str) -> bool {
    [subject, start_of(text)].iter().any(|text| REPORT_WORDS.is_match(text) || TECHNICAL.is_match(text))
}

static REPORT_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?ix)\b(
            vulnerab\w* | exploit(s|ed|able|ation)? | cve | cwe | cvss\w* | ghsa | xss | csrf | xsrf | ssrf | xxe | rce | lfi
            | idor | redos | proof[\ -]of[\ -]concept
            | (sql|code|command|shell|header|crlf|template|html|log|script|ldap)[\ -]injections?
            | (buffer|heap|stack|integer)[\ -]?overflows? | overflow(s|ed)? | over-?read | out[\ -]of[\ -]bounds
            | use[\ -]after[\ -]free | double[\ -]free | segfault\w* | segmentation\ fault | denial[\ -]of[\ -]service
            | deserializ\w* | deserialis\w* | (path|directory)\ traversal | sandbox\w* | (un)?saniti[sz](e|es|ed|ing|ation)
            | privilege\ escalation | attackers? | payloads? | backdoors? | clickjacking | open\ redirect\w*
            | man[\ -]in[\ -]the[\ -]middle | mitm | cross[\ -]site | (code|command)\ execution
            | arbitrary\ (code|file|command)\w* | race\ conditions? | memory\ (leak|corruption|safety) | null\ pointer
            | stack\ trace | backtrace | steps\ to\ reproduce
            | security\ (issue|flaw|bug|hole|problem|weakness|finding|advisory|report|disclosure|researcher|concern)\w*
            | (responsible|coordinated)\ disclosure | bug\ ?bounty | pentest\w* | penetration\ test\w*
            | leaked\ (key|token|secret|credential|password)\w* | hard-?coded | dependency\ confusion | typosquat\w*
            | subdomain\ takeover | github | gitlab | pypi | npm | stderr | stdout | localhost | pull\ requests?
        )\b",
    )
});

static TECHNICAL: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?imx)
            \bCVE-\d{4}-\d+ | \bversions?\ v?\d+\.\d | \bv\d+\.\d+
            | (^|\s)\d{1,3}\.\d{1,3}\.\d{1,3}(-?(rc|alpha|beta|dev)\d*)?([\s,;)]|$)
            | ``` | ^\s*>>>\s\w | ^Traceback\b | ^\s*\#include\b
            | ^\s*(def|class|import|from|function|const|let|var|return)\s\w+.*[=({;]$
            | \w+\(\)[;,.\ ] | \b0x[0-9a-f]{4,} | ^\s*\$\s(curl|git|pip|npm|python|sudo|docker|ssh|nmap)\b | ^[+-]{3}\ [ab]/
            | (^|\s)[\w/.-]*\w{2}\.(py|c|h|cc|cpp|hpp|rs|go|java|rb|ts|tsx|yml|yaml|toml|ipynb|pyx)(:\d+)?\b
            | <script\b | \balert\(
        ",
    )
});

/// Compiles the patterns now.
pub fn prepare() {
    LazyLock::force(&REPORT_WORDS);
    LazyLock::force(&TECHNICAL);
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and compiled in a test")
}
