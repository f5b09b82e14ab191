//! As much of YAML as SECURITY-INSIGHTS files are written in: maps and lists by indentation, lists in brackets, quoted,
//! plain and block texts. Anchors, aliases and tags mean nothing here, so that no file grows while it is read.

/// Deeper nesting is left out: such a file is written for no person.
const DEPTH_MAX: usize = 12;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// What stands under these keys, one within the other.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| match node {
            Self::Map(pairs) => pairs.iter().find(|(known, _)| known == key).map(|(_, node)| node),
            _ => None,
        })
    }

    /// The text under these keys; none if it is empty.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        match self.at(path) {
            Some(Self::Text(text)) if !text.is_empty() && text != "null" && text != "~" => Some(text),
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

/// Reads a text. What is no YAML that we know is left out.
pub fn read(text: &str) -> Node {
    let lines: Vec<Line<'_>> = text.lines().map(Line::of).collect();
    let mut reader = Reader { lines: &lines, next: 0 };
    reader.block(0, 0)
}

/// A line with its indentation; one without words is blank.
struct Line<'t> {
    indent: usize,
    /// Without indentation and blanks at the end; comments are still there.
    words: &'t str,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Self {
        let words = line.trim_start_matches(' ');
        Self { indent: line.len() - words.len(), words: words.trim_end() }
    }

    fn says_nothing(&self) -> bool {
        self.words.is_empty() || self.words.starts_with('#') || self.words == "---" || self.words.starts_with('%')
    }

    fn is_item(&self) -> bool {
        self.words == "-" || self.words.starts_with("- ")
    }
}

struct Reader<'l, 't> {
    lines: &'l [Line<'t>],
    next: usize,
}

impl<'t> Reader<'_, 't> {
    /// The next line that says something, if it is indented by at least `indent`.
    fn peek(&mut self, indent: usize) -> Option<(usize, &'t str)> {
        while self.lines.get(self.next).is_some_and(Line::says_nothing) {
            self.next += 1;
        }
        self.lines.get(self.next).filter(|line| line.indent >= indent).map(|line| (line.indent, line.words))
    }

    /// A map or list that is indented by at least `indent`.
    fn block(&mut self, indent: usize, depth: usize) -> Node {
        let Some((indent, _)) = self.peek(indent) else { return Node::Text(String::new()) };
        if depth >= DEPTH_MAX {
            self.skip(indent);
            return Node::Text(String::new());
        }
        match self.lines[self.next].is_item() {
            true => Node::List(self.items(indent, depth)),
            false => Node::Map(self.pairs(indent, depth, None)),
        }
    }

    fn skip(&mut self, indent: usize) {
        while self.peek(indent).is_some() {
            self.next += 1;
        }
    }

    fn items(&mut self, indent: usize, depth: usize) -> Vec<Node> {
        let mut items = Vec::new();
        while let Some((at, words)) = self.peek(indent) {
            if at != indent || !self.lines[self.next].is_item() {
                break;
            }
            self.next += 1;
            let rest = words[1..].trim_start();
            let inner = at + words.len() - rest.len();
            items.push(match split(rest) {
                _ if rest.is_empty() || rest.starts_with('#') => self.block(indent + 1, depth + 1),
                Some(pair) => Node::Map(self.pairs(inner, depth + 1, Some(pair))),
                None => self.value(rest, indent, depth),
            });
        }
        items
    }

    /// The pairs at exactly `indent`; `first` stood behind the dash of an item.
    fn pairs(&mut self, indent: usize, depth: usize, first: Option<(&'t str, &'t str)>) -> Vec<(String, Node)> {
        let mut pairs = Vec::new();
        let mut pair = first;
        loop {
            if let Some((key, rest)) = pair.take() {
                pairs.push((unquoted(key), self.value(rest, indent, depth)));
            }
            let Some((at, words)) = self.peek(indent) else { return pairs };
            if at == indent && self.lines[self.next].is_item() {
                return pairs;
            }
            self.next += 1;
            // A line that is indented otherwise, or is no pair, is left out.
            pair = split(words).filter(|_| at == indent);
        }
    }

    /// The value that begins with `rest`, of a key or item that is indented by `indent`.
    fn value(&mut self, rest: &'t str, indent: usize, depth: usize) -> Node {
        let rest = without_comment(rest);
        match rest.chars().next() {
            // A list of a key may stand right below it.
            None => match self.peek(indent) {
                Some((at, _)) if at > indent || self.lines[self.next].is_item() => self.block(at, depth + 1),
                _ => Node::Text(String::new()),
            },
            Some(mark @ ('|' | '>')) => Node::Text(self.block_text(indent, if mark == '|' { "\n" } else { " " })),
            Some('[') => Node::List(
                rest.trim_matches(['[', ']'])
                    .split(',')
                    .map(|item| Node::Text(unquoted(item)))
                    .filter(|item| *item != Node::Text(String::new()))
                    .collect(),
            ),
            Some(_) => Node::Text(self.plain_text(rest, indent)),
        }
    }

    /// All lines that are indented by more than `indent`, blank ones between them too.
    fn block_text(&mut self, indent: usize, between: &str) -> String {
        let mut lines = Vec::new();
        while let Some(line) = self.lines.get(self.next).filter(|line| line.words.is_empty() || line.indent > indent) {
            lines.push(line.words);
            self.next += 1;
        }
        lines.join(between).trim().to_owned()
    }

    /// A text that may go on in the lines below.
    fn plain_text(&mut self, first: &str, indent: usize) -> String {
        let mut text = first.to_owned();
        while let Some((at, words)) = self.peek(indent + 1) {
            let goes_on = at > indent && split(words).is_none() && !self.lines[self.next].is_item();
            if !goes_on {
                break;
            }
            text.push(' ');
            text += without_comment(words);
            self.next += 1;
        }
        unquoted(&text)
    }
}

/// The key and what stands behind its colon.
fn split(words: &str) -> Option<(&str, &str)> {
    if words.starts_with(['"', '\'', '[', '{']) {
        let quote = words.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let end = words[1..].find(quote)? + 2;
        let rest = words[end..].strip_prefix(':')?;
        return Some((&words[..end], rest.trim()));
    }
    let colon = words.match_indices(':').map(|(at, _)| at).find(|at| {
        let rest = &words[at + 1..];
        rest.is_empty() || rest.starts_with(' ')
    })?;
    Some((words[..colon].trim(), words[colon + 1..].trim()))
}

/// The text before a comment, which a blank stands before.
fn without_comment(text: &str) -> &str {
    if text.starts_with(['"', '\'']) {
        return text;
    }
    let end = if text.starts_with('#') { Some(0) } else { text.find(" #") };
    end.map_or(text, |end| &text[..end]).trim()
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            let inside = inside.rsplit_once(quote).map_or(inside, |(inside, _)| inside);
            return if quote == '"' { inside.replace("\\\"", "\"") } else { inside.replace("''", "'") };
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_lists_and_texts_are_read_as_these_files_have_them() {
        let text = "---\n# a comment\nheader:\n  schema-version: 2.0.0 # this one\n  url: https://a.example/x#y\n\
                    project:\n  name: \"Quern: a \\\"mill\\\"\"\n  about: 'it''s'\n  people:\n  - name: Kim\n    email: kim@a.example\n\
                    \x20 -\n    name: Lee\n  scope: [one, 'two', ]\n  long: goes on\n    and on\n  folded: >-\n    one\n    two\n\n\
                    \x20 kept: |\n    one\n    two: x\n  empty:\n  none: ~\n\"odd key\": yes\n";
        let node = read(text);
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
            read(text);
        }
        let deep: String = (0..500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        read(&deep);
        read(&"- ".repeat(10_000));
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
        assert_eq!(read(bomb).list(&["c"]).len(), 2);
    }
}
