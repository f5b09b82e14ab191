//! Signs of a text's shape: how long it is, what it quotes, shows and links to.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::judgement::{Field, Span};
use crate::judge::noise::seen::{COUNTED, Signs};
use crate::judge::noise::signs::Sign;

/// Where code and packages are kept, and flaws listed: a link there says nothing of a site.
const HOSTS_OF_CODE: &[&str] = &[
    "github.com",
    "githubusercontent.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "npmjs.com",
    "npmjs.org",
    "pypi.org",
    "crates.io",
    "rubygems.org",
    "maven.org",
    "sourceforge.net",
    "nist.gov",
    "cve.org",
    "mitre.org",
];

/// A link, or a name under one of the common top-level domains.
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u:https?://|\b[a-z0-9-]+\.(?:com|org|net|io|gov|mil|edu|co|info|dev|app|tv|me|us|uk|in|de|za)\b)")
        .expect("the pattern is fixed, and a test compiles it")
});

/// Compiles the pattern now, so that no text has to wait for it.
pub fn prepare() {
    LazyLock::force(&HOST);
}

/// Notes the signs of the shape.
pub fn add(signs: &mut Signs, subject: &str, body: &str) {
    let lines = Lines::of(body);
    signs.note(Sign::Length, body.split_ascii_whitespace().count(), None);
    signs.note(Sign::QuotedLines, lines.quoted.min(COUNTED), None);
    signs.note(Sign::Headings, lines.headings.min(COUNTED), None);
    signs.note(Sign::Code, lines.fences / 2 + lines.ticks / 4, None);
    signs.note(Sign::Questions, (questions(subject) + questions(body)).min(COUNTED), None);
    signs.note(Sign::Links, links_to_sites(body).min(COUNTED), None);
    signs.note(Sign::Pictures, usize::from(body.contains("![") || body.contains("<img ")), None);
    signs.note(Sign::Imports, usize::from(IMPORTS.iter().any(|start| body.contains(start))), None);
    let in_subject = bounded_versions(subject).next().map(|range| Span::of(Field::Subject, &range));
    note_places(signs, Sign::Bounded, in_subject, bounded_versions(body));
    note_places(signs, Sign::Source, None, places_in_source(body));
    let host = HOST.find(subject).map(|found| Span::of(Field::Subject, &found.range()));
    signs.note(Sign::HostNamed, usize::from(host.is_some()), host);
}

/// What starts a change or takes a package in.
const IMPORTS: &[&str] = &["diff --git", "+++ ", "\n@@ ", "require(", "import ", "npm i", "pip install"];

fn note_places(signs: &mut Signs, sign: Sign, in_subject: Option<Span>, in_body: impl Iterator<Item = Range<usize>>) {
    let mut in_body = in_body.take(COUNTED).map(|range| Span::of(Field::Body, &range));
    let first = in_body.next();
    let count = usize::from(in_subject.is_some()) + usize::from(first.is_some()) + in_body.count();
    signs.note(sign, count, in_subject.or(first));
}

/// Versions up to which something reaches: "before 2.1", "<= 1.4", "1.2 and earlier".
fn bounded_versions(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let starts = move |at: &usize| bytes[*at].is_ascii_digit() && (*at == 0 || !is_of_version(bytes[*at - 1]));
    let ends =
        move |at: usize| bytes[at..].iter().position(|&byte| !is_of_version(byte)).map_or(bytes.len(), |len| at + len);
    let versions = (0..bytes.len()).filter(starts).map(move |at| at..ends(at));
    versions.filter(|range| text[range.clone()].contains('.')).filter(|range| {
        let before = text[..range.start].trim_end_matches(['v', 'V', ' ', '`', '=']);
        let before =
            BETWEEN.iter().find_map(|word| strip_end(before, word)).unwrap_or(before).trim_end_matches([' ', '`']);
        let behind = text[range.end..].trim_start_matches([' ', '`', ',']);
        before.ends_with('<')
            || BOUNDS
                .iter()
                .any(|word| strip_end(before, word).is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric())))
            || BOUNDS_BEHIND.iter().any(|words| behind.starts_with(words))
    })
}

fn is_of_version(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'.' | b'x')
}

/// Words before a version that bound it.
const BOUNDS: &[&str] =
    &["before", "prior to", "through", "up to", "until", "below", "earlier than", "since", "and including"];
/// Words that may stand between those and the version.
const BETWEEN: &[&str] = &["versions", "version"];
/// Words behind a version that bound it.
const BOUNDS_BEHIND: &[&str] = &[
    "and earlier",
    "and below",
    "and prior",
    "and older",
    "and lower",
    "or earlier",
    "or below",
    "or prior",
    "or older",
    "or lower",
];

/// `text` without `end`, in any case of letters.
fn strip_end<'t>(text: &'t str, end: &str) -> Option<&'t str> {
    let at = text.len().checked_sub(end.len())?;
    let last = text.get(at..)?;
    last.eq_ignore_ascii_case(end).then(|| &text[..at])
}

/// Links into a repository, paths and names of source files.
fn places_in_source(text: &str) -> impl Iterator<Item = Range<usize>> {
    let marks = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'/' | b'.'));
    marks.filter_map(|(at, mark)| {
        let before = last_word(&text[..at]);
        let behind = first_word(&text[at + 1..]);
        let is_source = match mark {
            b'/' => FOLDERS.contains(&before) || LINKED.contains(&before),
            _ => !before.is_empty() && SOURCE_FILES.contains(&behind),
        };
        is_source.then(|| at - before.len()..at + 1 + behind.len())
    })
}

fn last_word(text: &str) -> &str {
    let len = text.bytes().rev().take(WORD).take_while(|&byte| is_of_word(byte)).count();
    &text[text.len() - len..]
}

fn first_word(text: &str) -> &str {
    &text[..text.bytes().take(WORD).take_while(|&byte| is_of_word(byte)).count()]
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// No word of the lists below is longer.
const WORD: usize = 16;
/// Folders of source code.
const FOLDERS: &[&str] =
    &["src", "lib", "deps", "include", "packages", "test", "tests", "node_modules", "site-packages"];
/// What stands before a file or a number in a link into a repository.
const LINKED: &[&str] = &["blob", "tree", "raw", "commit", "pull", "issues"];
/// Endings of source files. Those that a site shows in its links, such as `php` and `js`, are none.
const SOURCE_FILES: &[&str] = &["py", "pyx", "c", "cc", "cpp", "h", "hpp", "java", "go", "rs", "rb", "ts"];

/// Lines by what they start with.
#[derive(Debug, Default)]
struct Lines {
    quoted: usize,
    headings: usize,
    fences: usize,
    ticks: usize,
}

impl Lines {
    fn of(text: &str) -> Self {
        let mut lines = Self::default();
        for line in text.lines().map(str::trim_start) {
            lines.quoted += usize::from(line.starts_with('>'));
            lines.headings += usize::from(line.starts_with('#') || line.starts_with("**"));
            lines.fences += usize::from(line.starts_with("```"));
        }
        lines.ticks = text.bytes().filter(|&byte| byte == b'`').count().min(20);
        lines
    }
}

fn questions(text: &str) -> usize {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace());
    let is_mark = |c: char| matches!(c, '?' | '\u{ff1f}');
    text.match_indices(is_mark).filter(|(at, mark)| mark.len() > 1 || ends(&text[at + mark.len()..])).count()
}

/// Links to hosts that are no host of code.
fn links_to_sites(text: &str) -> usize {
    let is_site = |host: &str| {
        let host = host.to_ascii_lowercase();
        host.contains('.') && !HOSTS_OF_CODE.iter().any(|code| host.ends_with(code))
    };
    text.match_indices(':')
        .filter_map(|(at, _)| text[at + 1..].strip_prefix("//"))
        .map(|rest| {
            &rest[..rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(rest.len())]
        })
        .filter(|host| is_site(host))
        .count()
}
