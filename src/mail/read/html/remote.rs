//! Which images and other files of an HTML document lie elsewhere. Nothing is fetched; they are counted, for the member
//! who reads the mail as text. Tags are taken apart as browsers do (HTML Living Standard, 13.2.5), in one pass.

use std::collections::HashSet;

use super::is_named;
use crate::domain::report::Remote;

/// So many addresses are remembered to count each once; of what comes after them, each mention counts.
const REMEMBERED_MAX: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Image,
    Other,
}

/// Which attributes of which elements are fetched while a mail is shown. A link to follow is none of them.
const FETCHED: [(&str, &[&str], Kind); 13] = [
    ("img", &["src", "srcset"], Kind::Image),
    ("input", &["src"], Kind::Image),
    ("image", &["href", "xlink:href"], Kind::Image),
    ("video", &["poster"], Kind::Image),
    ("iframe", &["src"], Kind::Other),
    ("frame", &["src"], Kind::Other),
    ("embed", &["src"], Kind::Other),
    ("script", &["src"], Kind::Other),
    ("audio", &["src"], Kind::Other),
    ("video", &["src"], Kind::Other),
    ("source", &["src"], Kind::Other),
    ("track", &["src"], Kind::Other),
    ("object", &["data"], Kind::Other),
];

/// Counts what the document names of that kind.
pub fn count(html: &str) -> Remote {
    let mut counter = Counter::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at + 1..];
        rest = if tag.starts_with("!--") {
            tag.find("-->").map_or("", |end| &tag[end..])
        } else if tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            counter.tag(tag)
        } else {
            tag
        };
    }
    counter.found
}

#[derive(Default)]
struct Counter<'h> {
    remembered: HashSet<&'h str>,
    found: Remote,
}

impl<'h> Counter<'h> {
    /// Takes the tag whose name begins here; returns what follows it and, of a script or style, its text.
    fn tag(&mut self, tag: &'h str) -> &'h str {
        let name_end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).unwrap_or(tag.len());
        let name = &tag[..name_end];
        let mut attributes = Attributes { rest: &tag[name_end..] };
        let found: Vec<(&str, &str)> = attributes.by_ref().collect();
        let value =
            |wanted: &str| found.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|&(_, value)| value);
        for (_, wanted, kind) in FETCHED.iter().filter(|(element, ..)| element.eq_ignore_ascii_case(name)) {
            // Of an image in several sizes one is shown.
            if let Some(address) = wanted.iter().filter_map(|wanted| value(wanted)).find(|address| is_remote(address)) {
                self.add(address, *kind);
            }
        }
        if let Some(address) = value("background") {
            self.add(address, Kind::Image);
        }
        let is_shown = |rel: &str| rel.split_ascii_whitespace().any(|word| is_named(word, &["stylesheet", "icon"]));
        if is_named(name, &["link"]) && value("rel").is_some_and(is_shown) {
            self.add(value("href").unwrap_or_default(), Kind::Other);
        }
        self.css(value("style").unwrap_or_default());
        let rest = attributes.rest;
        if !is_named(name, &["script", "style", "title", "textarea"]) {
            return rest;
        }
        let (text, rest) = rest.split_at(rest.find("</").unwrap_or(rest.len()));
        if is_named(name, &["style"]) {
            self.css(text);
        }
        rest
    }

    /// The `url(…)` of styles, and the sheets that they import by a bare name.
    fn css(&mut self, css: &'h str) {
        for rule in css.split(['{', '}', ';']) {
            let rule = rule.trim_start();
            let begins = |word: &str| rule.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
            // `src` is what a font is loaded by.
            let kind = if begins("@import") || begins("src") { Kind::Other } else { Kind::Image };
            if begins("@import") {
                self.add(bare(&rule["@import".len()..]), kind);
            }
            let mut pieces = rule.split('(');
            let mut before = pieces.next().unwrap_or_default();
            for piece in pieces {
                if before.len() >= 3 && before.as_bytes()[before.len() - 3..].eq_ignore_ascii_case(b"url") {
                    self.add(bare(piece), kind);
                }
                before = piece;
            }
        }
    }

    fn add(&mut self, address: &'h str, kind: Kind) {
        let address = address.trim();
        if !is_remote(address) || self.remembered.contains(address) {
            return;
        }
        if self.remembered.len() < REMEMBERED_MAX {
            self.remembered.insert(address);
        }
        match kind {
            Kind::Image => self.found.images += 1,
            Kind::Other => self.found.others += 1,
        }
    }
}

/// What stands before the quotation mark, bracket or blank that ends an address in a style.
fn bare(text: &str) -> &str {
    let text = text.trim_start().trim_start_matches(['"', '\'']);
    &text[..text.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')')).unwrap_or(text.len())]
}

/// Whether somebody else's server would be asked: `cid:` is a part of the mail, `data:` the thing itself.
fn is_remote(address: &str) -> bool {
    let address = address.trim_start();
    ["http:", "https:", "ftp:", "//"]
        .iter()
        .any(|scheme| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// The attributes of a tag, from behind its name; once there are no more of them, `rest` is what follows the tag.
struct Attributes<'h> {
    rest: &'h str,
}

impl<'h> Iterator for Attributes<'h> {
    type Item = (&'h str, &'h str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            self.rest = rest.strip_prefix('>').unwrap_or_default();
            return None;
        }
        // An equals sign in the first place belongs to the name.
        let ends_name =
            |&(at, c): &(usize, char)| c.is_ascii_whitespace() || matches!(c, '/' | '>') || c == '=' && at > 0;
        let name_end = rest.char_indices().find(ends_name).map_or(rest.len(), |(at, _)| at);
        let (name, rest) = rest.split_at(name_end);
        let Some(value) = rest.trim_ascii_start().strip_prefix('=').map(str::trim_ascii_start) else {
            self.rest = rest;
            return Some((name, ""));
        };
        let (value, rest) = match value.chars().next() {
            // Quoted and never closed: all that is left is the value, as in a browser.
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len())),
        };
        self.rest = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(html: &str) -> (u64, u64) {
        let Remote { images, others } = count(html);
        (images, others)
    }

    #[test]
    fn images_and_other_files_from_elsewhere_are_counted_each_once() {
        for (html, found) in [
            ("<p>no image <a href=https://a.example/x.png>here</a></p>", (0, 0)),
            ("<img src=\"https://a.example/1.png\"><IMG SRC='HTTP://a.example/2.png' alt=x>", (2, 0)),
            ("<img src=//a.example/1.png><img src=//a.example/1.png>", (1, 0)),
            (
                "<img src=cid:logo@mail><img src=\"data:image/png;base64,AA//BB\"><img src=logo.png><img src=\"\">",
                (0, 0),
            ),
            ("<img alt=\"a > b <img src=https://a.example/no>\" src=https://a.example/yes>", (1, 0)),
            (
                "<img data-src=https://a.example/1.png><img src = 'https://a.example/2.png' srcset='//a.example/3.png 2x'>",
                (1, 0),
            ),
            ("<td background=https://a.example/b.gif style=\"background: URL( 'https://a.example/c.gif' )\">", (2, 0)),
            ("<input type=image src=https://a.example/i><svg><image xlink:href=https://a.example/j /></svg>", (2, 0)),
            ("<video poster=//a.example/p src=//a.example/v></video><object data=//a.example/o>", (1, 2)),
            ("<link rel='Stylesheet' href=//a.example/s><link rel=canonical href=//a.example/t>", (0, 1)),
            (
                "<style>@import 'https://a.example/s.css'; @import url(//a.example/t.css); \
              @font-face{src:url(//a.example/f.woff)} p{background:url(\"//a.example/p.png\")}</style>",
                (1, 3),
            ),
            (
                "<iframe src=https://a.example/f></iframe><script src=//a.example/s>'<img src=//a.example/no>'</script>",
                (0, 2),
            ),
            ("<!-- <img src=//a.example/no> --><!--[if !mso]><!--><img src=//a.example/yes><!--<![endif]-->", (1, 0)),
            ("<title><img src=//a.example/no></title></p title='<'><img/src=//a.example/yes>", (1, 0)),
        ] {
            assert_eq!(counted(html), found, "{html}");
        }
    }

    #[test]
    fn torn_tags_are_counted_as_far_as_they_go() {
        for (html, found) in [
            ("<", (0, 0)),
            ("<img", (0, 0)),
            ("<img src", (0, 0)),
            ("<img src=", (0, 0)),
            ("<img src=\"https://a.example/1", (1, 0)),
            ("<img =src=x é=ü src=//a.example/1>", (1, 0)),
            ("<!-- <img src=//a.example/1>", (0, 0)),
            ("<style>p{background:url(//a.example/1", (1, 0)),
        ] {
            assert_eq!(counted(html), found, "{html}");
        }
    }

    #[test]
    fn beyond_a_thousand_addresses_each_mention_counts() {
        let many: String = (0..1_500).map(|at| format!("<img src=//a.example/{at}>")).collect();
        assert_eq!(counted(&many), (1_500, 0));
        assert_eq!(counted(&many.repeat(2)), (2_000, 0));
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_there_is_counted(html in "[<>/!a-c=\"' \\-é(){};@]{0,80}(img src|style|url|//)?[<>/=\"' (){}]{0,40}") {
            count(&html);
        }
    }
}
