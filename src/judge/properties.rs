//! What holds for any report, whatever it names in passing and whatever is hidden in it.
//!
//! Reports and asides are put together from parts, so that thousands of different ones are tried; the parts are ours.

use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::domain::directory::Project;
use crate::domain::judgement::{Field, Judgement};
use crate::judge::Judge;
use crate::judge::tests::{directory, project};

/// Rare names and everyday ones, of one word and of two.
const PLAIN: [&str; 8] =
    ["Quern", "Thimblewick", "Larder", "Beam", "Parsley Kit", "Sluicegate", "Compass Anchor", "Weirbrook"];
const PREFIX: &str = "Zephyria";

const FLAWS: [&str; 6] = [
    "path traversal",
    "stored XSS",
    "remote code execution",
    "SQL injection",
    "denial of service",
    "out-of-bounds read",
];

/// `{A}` is the project concerned, `{a}` its name in code, `{F}` the flaw, `{V}` a version.
const SUBJECTS: [&str; 7] = [
    "{F} in {A}",
    "{A} {V}: {F}",
    "[{a}] {F}",
    NAMING_NOBODY[0],
    "{A}: {F} through the upload form",
    "{A} before {V} is open to {F}",
    NAMING_NOBODY[1],
];
const NAMING_NOBODY: [&str; 2] = ["Security report", ""];
const REPORTS: [&str; 8] = [
    "{A} before {V} allows remote attackers to read any file.",
    "A {F} in {A} lets a guest take over the account of another. It was seen in {V}.",
    "Hello {A} team,\n\nyour upload form is open to {F}. A crafted name is enough.",
    "**module name:** {a}\n**version:** {V}\n\nA crafted request leads to {F}.",
    "{A} is a mill for records. Its reader takes a crafted header, which leads to {F}.",
    "I found a {F} in {A} {V}. Steps: start it, send a crafted file, look at the log.",
    "The upload form of {A} is open to {F}. Users of {A} should upgrade to {V}.",
    "{F} in `{a}` {V}: call `{a}.open()` with a crafted name.",
];

/// `{B}` is another project, `{b}` its name in code.
const ASIDES: [&str; 26] = [
    "I run {B} {V} on the same host.",
    "For comparison, {B} refuses such input.",
    "Our stack: {B} {V}, Debian 12 and an old printer.",
    "It can be started from {B} as well.",
    "Whoever embeds it, such as {B}, is exposed.",
    "I first asked on the {B} list.",
    "{B} does not have this problem.",
    "The reader was once copied from {B}.",
    "Thanks to the {B} people for their test files.",
    "Exporting to {B} works fine.",
    "A check like the one in {B} would do.",
    "(I also contribute to {B}.)",
    "Tested with {B} {V} as the client.",
    "{B} calls it through an add-on.",
    "The same author wrote {B}.",
    "$ pip install {b}",
    "docker run -p 80:80 {b}:latest",
    "import {b}",
    "https://git.example/zephyria/{b}/issues/12 is about something else.",
    "{B} {V} was slow in the same lab, but that was an old disk.",
    "Depends: {b} (>= {V})",
    "I attach a log from {B}.",
    "An old flaw in {B} was found in the same way.",
    "Do you know whether {B} has it, too?",
    "{B} is safe since {V}.",
    "The proof of concept needs {B} to be installed.",
];

/// What may stand where a name was.
const NAMELESS: [&str; 5] = ["", "it", "the software", "our product", "XXXX"];

/// Characters that a reader does not see.
const HIDDEN: [char; 6] = ['\u{200b}', '\u{200d}', '\u{feff}', '\u{202e}', '\u{2066}', '\u{ad}'];

/// A report about one project, with an aside about another.
#[derive(Debug, Clone)]
struct Story {
    concerned: usize,
    passing: usize,
    has_prefix: bool,
    subject: String,
    body: String,
    aside: String,
    place: usize,
}

impl Story {
    fn judge(&self) -> Judge {
        Judge::new(&directory(projects(self.has_prefix)))
    }

    /// The body with its aside: before it, after its first sentence, right behind it, or as a last paragraph.
    fn with_aside(&self) -> String {
        let (body, aside) = (&self.body, &self.aside);
        match self.place {
            0 => format!("{aside} {body}"),
            1 => match body.split_once(". ") {
                Some((first, rest)) => format!("{first}. {aside} {rest}"),
                None => format!("{aside}\n\n{body}"),
            },
            2 => format!("{body} {aside}"),
            _ => format!("{body}\n\n{aside}"),
        }
    }

    /// The same with its aside at the end, if the text would open with it: that is what a text seems to be about.
    fn with_aside_behind(self) -> Self {
        let opens = self.with_aside().starts_with(&self.aside);
        Self { place: if opens { 2 } else { self.place }, ..self }
    }

    fn concerned(&self) -> String {
        id(self.concerned, self.has_prefix)
    }

    fn passing(&self) -> String {
        id(self.passing, self.has_prefix)
    }
}

fn projects(has_prefix: bool) -> Vec<Project> {
    PLAIN.iter().map(|name| project(&named(name, has_prefix))).collect()
}

fn named(name: &str, has_prefix: bool) -> String {
    if has_prefix { format!("{PREFIX} {name}") } else { name.to_owned() }
}

fn id(index: usize, has_prefix: bool) -> String {
    projects(has_prefix)[index].id.to_string()
}

fn story() -> impl Strategy<Value = Story> {
    let texts = (0..SUBJECTS.len(), 0..REPORTS.len(), 0..ASIDES.len(), 0..FLAWS.len(), 0..4_usize);
    let names = (0..PLAIN.len(), 1..PLAIN.len(), any::<bool>(), any::<bool>());
    (texts, names, 1..20_u8, 0..30_u8).prop_map(|(texts, names, major, minor)| {
        let (subject, report, aside, flaw, place) = texts;
        let (concerned, further, has_prefix, says_prefix) = names;
        let passing = (concerned + further) % PLAIN.len();
        let fill = |pattern: &str| {
            let name = |index: usize| named(PLAIN[index], has_prefix && says_prefix);
            let code = |index: usize| PLAIN[index].to_lowercase().replace(' ', "-");
            pattern
                .replace("{A}", &name(concerned))
                .replace("{a}", &code(concerned))
                .replace("{B}", &name(passing))
                .replace("{b}", &code(passing))
                .replace("{F}", FLAWS[flaw])
                .replace("{V}", &format!("{major}.{minor}"))
        };
        Story {
            concerned,
            passing,
            has_prefix,
            subject: fill(SUBJECTS[subject]),
            body: fill(REPORTS[report]),
            aside: fill(ASIDES[aside]),
            place,
        }
    })
}

fn strong(judgement: &Judgement) -> Vec<&str> {
    judgement.strong().map(|candidate| candidate.project.as_str()).collect()
}

/// `text` without any name of a project, prefix included.
fn nameless(text: &str, name: &str, instead: &str) -> String {
    let bare = name.strip_prefix(PREFIX).map_or(name, str::trim_start);
    let code = bare.to_lowercase().replace(' ', "-");
    text.replace(&format!("{PREFIX} {bare}"), instead).replace(bare, instead).replace(&code, instead)
}

/// Whether a hidden character at `at` would stand within a name of the directory.
fn is_within_a_name(text: &str, at: usize) -> bool {
    let folded = text.to_lowercase();
    let within = |name: String| folded.match_indices(&name).any(|(start, _)| start < at && at < start + name.len());
    PLAIN.iter().any(|name| {
        [named(name, true), (*name).to_owned(), name.replace(' ', "-")].iter().any(|name| within(name.to_lowercase()))
    })
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(384) })]

    #[test]
    fn an_aside_about_another_project_never_sends_a_report_there(story in story()) {
        let judge = story.judge();
        let before = judge.judge(&story.subject, &story.body);
        prop_assume!(strong(&before) == [story.concerned()]);
        let story = if NAMING_NOBODY.contains(&&*story.subject) { story.with_aside_behind() } else { story };
        let after = judge.judge(&story.subject, &story.with_aside());
        prop_assert!(!strong(&after).contains(&&*story.passing()), "{:?}", after);
    }

    #[test]
    fn without_any_name_of_its_project_a_report_goes_to_no_other(story in story(), instead in 0..NAMELESS.len()) {
        let story = story.with_aside_behind();
        let name = PLAIN[story.concerned];
        let [subject, body] =
            [&story.subject, &story.with_aside()].map(|text| nameless(text, name, NAMELESS[instead]));
        let judgement = story.judge().judge(&subject, &body);
        prop_assert_eq!(strong(&judgement), [""; 0], "{}\n{}\n{:?}", subject, body, judgement);
    }

    #[test]
    fn what_is_hidden_between_the_letters_of_other_words_changes_nothing(
        story in story(),
        hidden in proptest::collection::vec((any::<prop::sample::Index>(), 0..HIDDEN.len()), 1..12),
    ) {
        let body = story.with_aside();
        let mut disguised = body.clone();
        for (at, which) in hidden {
            let places: Vec<usize> = disguised.char_indices().map(|(at, _)| at).collect();
            let at = places[at.index(places.len())];
            if !is_within_a_name(&disguised, at) {
                disguised.insert(at, HIDDEN[which]);
            }
        }
        let judge = story.judge();
        let (open, hidden) = (judge.judge(&story.subject, &body), judge.judge(&story.subject, &disguised));
        let answer = |judgement: &Judgement| -> Vec<_> {
            judgement.candidates.iter().map(|candidate| (candidate.project.clone(), candidate.strength)).collect()
        };
        prop_assert_eq!(answer(&open), answer(&hidden), "{:?}", disguised);
    }

    #[test]
    fn the_order_of_the_projects_in_the_file_changes_nothing(story in story(), by in 1..PLAIN.len()) {
        let mut turned = projects(story.has_prefix);
        turned.rotate_left(by);
        let body = story.with_aside();
        let there = Judge::new(&directory(turned)).judge(&story.subject, &body);
        let here = story.judge().judge(&story.subject, &body);
        prop_assert_eq!(strong(&there), strong(&here));
    }

    #[test]
    fn line_endings_change_nothing(story in story()) {
        let (judge, body) = (story.judge(), story.with_aside());
        let unix = judge.judge(&story.subject, &body);
        let mail = judge.judge(&story.subject, &body.replace('\n', "\r\n"));
        prop_assert_eq!(strong(&mail), strong(&unix));
    }

    #[test]
    fn every_span_lies_in_its_text_whatever_the_text(
        parts in proptest::collection::vec((0..PLAIN.len(), "\\PC{0,12}|[\\s\\p{Cf}\\p{M}`\\[\\]()\"'.:/@-]{0,6}"), 0..24),
    ) {
        let text: String = parts.iter().flat_map(|(name, noise)| [PLAIN[*name], noise]).collect();
        let judgement = Judge::new(&directory(projects(false))).judge(&text, &text);
        let spans = judgement.candidates.iter().flat_map(|candidate| &candidate.evidence).filter_map(|e| e.at);
        for span in spans {
            prop_assert!(matches!(span.field, Field::Subject | Field::Body));
            prop_assert!(text.get(span.start..span.end).is_some_and(|words| !words.is_empty()), "{:?} of {:?}", span, text);
        }
    }
}
