//! Text of HTML: html2text for what is small and shallow, and a plain tag stripper for what is not.

mod quotes;
pub mod remote;

use std::borrow::Cow;

/// What html2text may be given of one mail. Longer mails are newsletters or attacks; the stripper reads both.
///
/// Its tree builder looks through all open elements at many tags and through all attributes of an element at each
/// of them, so its cost grows with the square of tags and bytes. It does not recurse: 20,000 nested elements
/// fit a stack of 512 KiB. Counting how deep elements nest instead would need an HTML parser of its own.
#[derive(Debug)]
pub struct Budget {
    bytes: usize,
    tags: usize,
    /// Some document went beyond it, so quotations in the text have lost their marks.
    pub is_overdrawn: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: 256 * 1024, tags: 5_000, is_overdrawn: false }
    }
}

impl Budget {
    /// Takes the cost of `html` from the budget, if it is left.
    fn covers(&mut self, html: &str) -> bool {
        let starts = html.split('<').skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        let tags = if html.len() <= self.bytes { starts.count() } else { usize::MAX };
        if tags > self.tags {
            self.is_overdrawn = true;
            return false;
        }
        self.bytes -= html.len();
        self.tags -= tags;
        true
    }
}

/// Columns to wrap at; wide, so that URLs and code stay in one piece.
const WIDTH: usize = 100;
/// Elements that begin a new line.
const BLOCKS: [&str; 18] = [
    "p",
    "br",
    "div",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "blockquote",
    "hr",
    "section",
];

/// The readable text of an HTML document, LF line ends. Never fails: the worst it gives is ugly.
pub fn to_text(html: &str, budget: &mut Budget) -> String {
    let rendered =
        budget.covers(html).then(|| html2text::from_read(quotes::marked(html).as_bytes(), WIDTH).ok()).flatten();
    rendered.unwrap_or_else(|| stripped(html))
}

/// The same of a document by itself.
pub fn text_of_html(html: &str) -> String {
    to_text(html, &mut Budget::default())
}

fn name(tag: &str) -> &str {
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).unwrap_or(tag.len());
    &tag[..end]
}

fn is_named(tag: &str, names: &[&str]) -> bool {
    let name = name(tag);
    names.iter().any(|one| name.eq_ignore_ascii_case(one))
}

/// What stands outside of tags, comments, scripts and styles; blocks begin new lines.
fn stripped(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_words(&mut text, &rest[..at]);
        let tag = &rest[at + 1..];
        let end = if tag.starts_with("!--") { tag.find("-->").map(|end| end + 2) } else { tag.find('>') };
        let Some(end) = end else { return text };
        if is_named(tag, &BLOCKS) && !text.ends_with("\n\n") {
            text.push('\n');
        }
        rest = &tag[end + 1..];
        if is_named(tag, &["script", "style"]) && !tag.starts_with('/') {
            rest = rest.find("</").map_or("", |end| &rest[end..]);
        }
    }
    push_words(&mut text, rest);
    text
}

/// Adds text with white space drawn together.
fn push_words(text: &mut String, raw: &str) {
    let decoded = if raw.contains('&') { Cow::Owned(without_entities(raw)) } else { Cow::Borrowed(raw) };
    for (index, word) in decoded.split_ascii_whitespace().enumerate() {
        let glued = index == 0 && !decoded.starts_with(|c: char| c.is_ascii_whitespace());
        if !glued && !text.is_empty() && !text.ends_with('\n') {
            text.push(' ');
        }
        text.push_str(word);
    }
}

/// Decodes the five commonest entities.
fn without_entities(raw: &str) -> String {
    let decoded = raw.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    decoded.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text_with_its_links_and_without_its_scripts() {
        let html = "<html><head><style>p{}</style><script>alert(1)</script></head><body><h1>Flaw &amp; fix</h1>\
                    <p>See <a href=\"https://example.org/poc\">the proof</a></p></body></html>";
        let text = to_text(html, &mut Budget::default());
        for part in ["Flaw & fix", "the proof", "https://example.org/poc"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("alert") && !text.contains("p{}"), "{text}");
    }

    #[test]
    fn what_a_mail_quotes_and_signs_is_drawn_as_in_plain_text() {
        let rule = "________________________________";
        for (html, text) in [
            (
                "<p>We look.</p><hr><div id=\"x_divRplyFwdMsg\"><b>Abc:</b> x</div>",
                format!("We look.\n\n{rule}\n**Abc:** x\n"),
            ),
            ("<p>We look.</p><div style='border-top:solid #E1E1E1 1.0pt'>x</div>", format!("We look.\n\n{rule}\nx\n")),
            ("<p>We look.</p><div class=yahoo_quoted>x</div>", format!("We look.\n\n{rule}\nx\n")),
            (
                "<div>We look.</div><div class=\"gmail_signature\"><div>Kai</div></div>",
                "We look.\n--\nKai\n".to_owned(),
            ),
            ("<div class=gmail_signature>Kai</div><div>We look.</div>", "Kai\nWe look.\n".to_owned()),
            (
                "We look.<span id=Signature>Kai</span><div class='gmail_quote'>x</div>",
                "We look.\n--\nKai\nx\n".to_owned(),
            ),
            ("to <a href=\"mailto:kai@lab.example\">kai@lab.example</a>", "to kai@lab.example\n".to_owned()),
            ("<a title=\"a > b\" href=mailto:x>We</a> <!-- <div id=stopSpelling> --> look.", "We look.\n".to_owned()),
        ] {
            assert_eq!(text_of_html(html), text, "{html}");
        }
    }

    fn on_a_small_stack(html: String) -> String {
        let reader = std::thread::Builder::new().stack_size(512 * 1024);
        reader.spawn(move || to_text(&html, &mut Budget::default())).unwrap().join().unwrap()
    }

    #[test]
    fn hundred_thousand_nested_tags_are_stripped() {
        let deep = format!("{}core{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
        assert_eq!(on_a_small_stack(deep).trim(), "core");
    }

    #[test]
    fn the_deepest_html_that_is_rendered_fits_a_small_stack() {
        for tag in ["div", "table><tr><td", "b", "q x='</q>'"] {
            let deep = format!("{}core", format!("<{tag}>").repeat(5_000 / tag.split("><").count()));
            assert!(Budget::default().covers(&deep), "{tag}");
            assert!(on_a_small_stack(deep).contains("core"), "{tag}");
        }
    }

    #[test]
    fn all_html_of_a_mail_shares_one_budget() {
        let mut budget = Budget::default();
        assert!(budget.covers(&"<b>x".repeat(3_000)));
        assert!(!budget.covers(&"<b>x".repeat(3_000)));
        assert!(budget.covers(&"<b>x".repeat(2_000)));
        assert!(!Budget::default().covers(&"x".repeat(256 * 1024 + 1)));
    }

    #[test]
    fn the_stripper_keeps_words_and_lines() {
        assert_eq!(
            stripped("<p>a<b>b</b> c</p><!-- x > y --><p>1 &lt; 2<br>end <unclosed").trim(),
            "ab c\n\n1 < 2\nend"
        );
        assert_eq!(stripped("<style>a<b</style>x<script>y"), "x");
    }
}
