//! Text of HTML: html2text for what is small and shallow, and a plain tag stripper for what is not.

/// Bytes of HTML that are given to html2text. Longer mails are newsletters or attacks; the stripper reads both.
const RENDERED_MAX: usize = 512 * 1024;
/// Open elements that html2text may see. Its tree builder looks through all open elements at many tags, so its
/// cost grows with depth times length, and some of its steps recurse.
const DEPTH_MAX: usize = 150;
/// Columns to wrap at; wide, so that URLs and code stay in one piece.
const WIDTH: usize = 100;
/// Elements that have no end tag (HTML section 13.1.2), or whose end tag is commonly left out.
const NEVER_OPEN: [&str; 21] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "p",
    "li", "dt", "dd", "option", "!doctype", "!--",
];
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
pub fn to_text(html: &str) -> String {
    let rendered = is_tame(html).then(|| html2text::from_read(html.as_bytes(), WIDTH).ok()).flatten();
    rendered.unwrap_or_else(|| stripped(html))
}

/// Whether html2text reads this in little time and stack.
fn is_tame(html: &str) -> bool {
    html.len() <= RENDERED_MAX && deepest(html) <= DEPTH_MAX
}

/// The most elements open at once, counted too high rather than too low: an end tag closes one at most.
fn deepest(html: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for tag in html.split('<').skip(1) {
        if tag.starts_with('/') {
            open = open.saturating_sub(1);
        } else if tag.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_named(tag, &NEVER_OPEN) {
            open += 1;
            most = most.max(open);
        }
    }
    most
}

fn name(tag: &str) -> &str {
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).unwrap_or(tag.len());
    &tag[..end]
}

fn is_named(tag: &str, names: &[&str]) -> bool {
    names.iter().any(|one| name(tag).eq_ignore_ascii_case(one))
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

/// Adds text with white space drawn together and the five commonest entities decoded.
fn push_words(text: &mut String, raw: &str) {
    let decoded = raw.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    let decoded = decoded.replace("&amp;", "&");
    for (index, word) in decoded.split_ascii_whitespace().enumerate() {
        let glued = index == 0 && !decoded.starts_with(|c: char| c.is_ascii_whitespace());
        if !glued && !text.is_empty() && !text.ends_with('\n') {
            text.push(' ');
        }
        text.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text_with_its_links_and_without_its_scripts() {
        let html = "<html><head><style>p{}</style><script>alert(1)</script></head><body><h1>Flaw &amp; fix</h1>\
                    <p>See <a href=\"https://example.org/poc\">the proof</a></p></body></html>";
        let text = to_text(html);
        for part in ["Flaw & fix", "the proof", "https://example.org/poc"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("alert") && !text.contains("p{}"), "{text}");
    }

    #[test]
    fn hundred_thousand_nested_tags_are_stripped_on_a_small_stack() {
        let deep = format!("{}core{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
        let text = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || to_text(&deep)).unwrap();
        assert_eq!(text.join().unwrap().trim(), "core");
    }

    #[test]
    fn the_deepest_html_that_is_rendered_fits_a_small_stack() {
        for tag in ["div", "table><tr><td", "blockquote", "ul><li", "b", "font"] {
            let levels = DEPTH_MAX / tag.split('>').filter(|t| *t != "<li").count();
            let deep = format!("{}core", format!("<{tag}>").repeat(levels));
            assert!(is_tame(&deep), "{tag}");
            let text = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || to_text(&deep)).unwrap();
            assert!(text.join().unwrap().contains("core"), "{tag}");
        }
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
