//! SECURITY-INSIGHTS files are YAML: maps, lists and texts, and no more of it is taken. The parser hands out events, so
//! that nothing is built but what we build. Anchors, aliases and tags mean nothing here: no file grows while it is read.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::TEXT_MAX;

/// Deeper nesting is refused: such a file is written for no person.
const DEPTH_MAX: usize = 12;
/// How much of a key a sentence quotes, in characters.
const QUOTED_MAX: usize = 60;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Also a number, a date, yes or no: as they were written. Empty where there is nothing.
    Text(String),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

/// Why a text is not read, for the person who pasted it; lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("It is longer than {} kB: we read no file of that size.", TEXT_MAX / 1_000)]
    TooLong,
    #[error("It is nested too deep in line {line}: we read {DEPTH_MAX} levels.")]
    TooDeep { line: usize },
    #[error("It has \"{key}\" twice in one place, again in line {line}: leave one of them.")]
    Twice { line: usize, key: String },
    #[error("A key in line {line} is no text.")]
    KeyIsNoText { line: usize },
    #[error("It is no YAML that we can read, because of line {line}: {why}.")]
    Broken { line: usize, why: String },
}

impl From<ScanError> for Unreadable {
    fn from(error: ScanError) -> Self {
        Self::Broken { line: error.marker().line(), why: error.info().to_owned() }
    }
}

impl Node {
    /// What stands under these keys, one within the other.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| match node {
            Self::Map(pairs) => pairs.get(*key),
            _ => None,
        })
    }

    /// The text under these keys; none if it is empty.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        match self.at(path) {
            Some(Self::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The list under these keys.
    pub fn list(&self, path: &[&str]) -> &[Node] {
        match self.at(path) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }
}

/// Reads the first document of a text; an empty text if there is none.
pub fn read(text: &str) -> Result<Node, Unreadable> {
    if text.len() > TEXT_MAX {
        return Err(Unreadable::TooLong);
    }
    let mut parser = Parser::new_from_str(text);
    // What has begun and not ended yet, the outermost first: a stack of ours, so that depth is counted and not felt.
    let mut open: Vec<Open> = Vec::new();
    while let Some(event) = parser.next_event() {
        let (event, span) = event?;
        let line = span.start.line();
        let node = match event {
            Event::SequenceStart(..) => {
                begin(&mut open, Open::List(Vec::new()), line)?;
                continue;
            }
            Event::MappingStart(..) => {
                begin(&mut open, Open::Map { pairs: BTreeMap::new(), key: None }, line)?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().expect("what ends has begun").ended(),
            Event::Scalar(text, style, ..) => Node::Text(meant(&text, style)),
            Event::Alias(_) => Node::Text(String::new()),
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        match open.last_mut() {
            None => return Ok(node),
            Some(holder) => holder.take(node, line)?,
        }
    }
    Ok(Node::Text(String::new()))
}

/// A list or map that has not ended.
enum Open {
    List(Vec<Node>),
    /// With the key whose value comes next.
    Map {
        pairs: BTreeMap<String, Node>,
        key: Option<String>,
    },
}

impl Open {
    fn take(&mut self, node: Node, line: usize) -> Result<(), Unreadable> {
        match self {
            Self::List(items) => items.push(node),
            Self::Map { pairs, key } => match (key.take(), node) {
                (Some(key), node) => {
                    pairs.insert(key, node);
                }
                (None, Node::Text(name)) if pairs.contains_key(&name) => {
                    return Err(Unreadable::Twice { line, key: name.chars().take(QUOTED_MAX).collect() });
                }
                (None, Node::Text(name)) => *key = Some(name),
                (None, Node::List(_) | Node::Map(_)) => return Err(Unreadable::KeyIsNoText { line }),
            },
        }
        Ok(())
    }

    fn ended(self) -> Node {
        match self {
            Self::List(items) => Node::List(items),
            Self::Map { pairs, .. } => Node::Map(pairs),
        }
    }
}

fn begin(open: &mut Vec<Open>, part: Open, line: usize) -> Result<(), Unreadable> {
    if open.len() >= DEPTH_MAX {
        return Err(Unreadable::TooDeep { line });
    }
    open.push(part);
    Ok(())
}

/// What a text means to us: `null` and `~` nothing, unless somebody put them in quotation marks; blanks around a block
/// are its layout.
fn meant(text: &str, style: ScalarStyle) -> String {
    match style {
        ScalarStyle::Plain if matches!(text, "null" | "~") => String::new(),
        ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => text.to_owned(),
        ScalarStyle::Literal | ScalarStyle::Folded => text.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn maps_lists_and_texts_are_read_as_these_files_have_them() {
        let text = "---\n# a comment\nheader:\n  schema-version: 2.0.0 # this one\n  url: https://a.example/x#y\n\
                    project:\n  name: \"Quern: a \\\"mill\\\"\"\n  about: 'it''s'\n  people:\n  - name: Kim\n    email: kim@a.example\n\
                    \x20 -\n    name: Lee\n  scope: [one, 'two', ]\n  long: goes on\n    and on\n  folded: >-\n    one\n    two\n\n\
                    \x20 kept: |\n    one\n    two: x\n  empty:\n  none: ~\n\"odd key\": yes\n";
        let node = read(text).unwrap();
        for (path, value) in [
            (&["header", "schema-version"][..], Some("2.0.0")),
            (&["header", "url"], Some("https://a.example/x#y")),
            (&["project", "name"], Some("Quern: a \"mill\"")),
            (&["project", "about"], Some("it's")),
            (&["project", "long"], Some("goes on and on")),
            (&["project", "folded"], Some("one two")),
            (&["project", "kept"], Some("one\ntwo: x")),
            (&["project", "empty"], None),
            (&["project", "none"], None),
            (&["odd key"], Some("yes")),
            (&["nothing", "here"], None),
        ] {
            assert_eq!(node.text(path), value, "{path:?} in {node:?}");
        }
        let people = node.list(&["project", "people"]);
        assert_eq!((people[0].text(&["email"]), people[1].text(&["name"])), (Some("kim@a.example"), Some("Lee")));
        assert_eq!(node.list(&["project", "scope"]).len(), 2);
    }

    #[test]
    fn what_is_no_such_file_is_read_without_harm() {
        for text in
            ["", "-", "- - - -", ":", "a", "\t\t:", "[", "{a: b}", "&a [*a, *a]", "é:\n é", "a: 'x", "-\n-\n -\n  -"]
        {
            let _ = read(text);
        }
        let deep: String = (0..400).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert_eq!(read(&deep), Err(Unreadable::TooDeep { line: 13 }));
        assert_eq!(read(&"- ".repeat(10_000)), Err(Unreadable::TooDeep { line: 1 }));
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
        let read_bomb = read(bomb).unwrap();
        assert_eq!(read_bomb.list(&["c"]), [Node::Text(String::new()), Node::Text(String::new())]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_words() {
        let long_key = "k".repeat(200);
        for (text, words) in [
            (
                "a: 1\nb:\n  c: 1\n  c: 2\n",
                "It has \"c\" twice in one place, again in line 4: leave one of them.".to_owned(),
            ),
            (
                &format!("{long_key}: 1\n{long_key}: 2\n"),
                format!("It has \"{}\" twice in one place, again in line 2: leave one of them.", "k".repeat(60)),
            ),
            ("a: 1\n[b]: 1\n", "A key in line 2 is no text.".to_owned()),
            (&"x".repeat(TEXT_MAX + 1), "It is longer than 100 kB: we read no file of that size.".to_owned()),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), words);
        }
        for broken in ["a: [b", "a: 'b", "a: b\n c: d", "a: *nobody"] {
            let words = read(broken).unwrap_err().to_string();
            assert!(words.starts_with("It is no YAML that we can read, because of line "), "{broken:?}: {words}");
        }
    }

    #[test]
    fn the_first_document_alone_is_read_and_quotation_marks_make_a_text() {
        assert_eq!(read("a: \"null\"\nb: '~'\nc: null\n---\na: [").unwrap().text(&["a"]), Some("null"));
        let quoted = read("b: '~'\nc: null\n").unwrap();
        assert_eq!((quoted.text(&["b"]), quoted.text(&["c"])), (Some("~"), None));
    }

    proptest! {
        #[test]
        fn whatever_is_pasted_is_read_or_refused(text in "[-a: \n\t\\[\\]{},&*!|>'\"#%?@`~é\u{feff}\u{85}0.]{0,200}") {
            let _ = read(&text);
        }

        #[test]
        fn lines_of_a_file_put_together_by_chance_are_read_or_refused(
            lines in proptest::collection::vec((0..8_usize, 0..LINES.len()), 0..40)
        ) {
            let text: String = lines.iter().map(|&(indent, line)| format!("{}{}\n", " ".repeat(indent), LINES[line])).collect();
            let _ = read(&text);
        }
    }

    const LINES: [&str; 16] = [
        "header:",
        "a: b",
        "- a: b",
        "-",
        "? a",
        ": b",
        "a: |",
        "b: >-2",
        "&x a: *x",
        "<<: *x",
        "!t [a, {b: c}",
        "]}",
        "---",
        "...",
        "%TAG ! tag:a,2000:",
        "'a': \"b\\x",
    ];
}
