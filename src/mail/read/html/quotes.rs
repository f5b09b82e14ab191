//! Where an HTML mail says by a class or a style what its text alone does not: that a quoted mail or a signature begins.

use std::borrow::Cow;

use super::{is_named, name};

/// Classes and ids of what holds, or stands right above, a mail quoted whole: Outlook, Outlook for Mac, Outlook
/// Express, Hotmail, Yahoo, Zoho, Zimbra, Outlook on phones, Tutanota, Thunderbird in some languages.
const QUOTED: [&str; 10] = [
    "divrplyfwdmsg",
    "olk_src_body_section",
    "outlookmessageheader",
    "stopspelling",
    "yahoo_quoted",
    "zmail_extra",
    "zwchr",
    "mail-editor-reference-message-container",
    "ms-outlook-mobile-reference-message",
    "tutanota_quote",
];
/// The same of what says by itself, in words or as a `<blockquote>`, that it quotes.
const ATTRIBUTED: [&str; 4] = ["gmail_quote", "gmail_attr", "moz-cite-prefix", "protonmail_quote"];
/// The line that desktop Outlook and Windows Mail draw above the header of a quoted mail, without spaces.
const BORDERS: [&str; 6] = [
    "border-top:solid#e1e1e1",
    "border-top:solid#b5c4df",
    "border-top:1ptsolidrgb(225,225,225)",
    "border-top:1ptsolidrgb(181,196,223)",
    "border-top:1.0ptsolid#e1e1e1",
    "border-top-color:rgb(229,229,229)",
];
const SIGNATURES: [&str; 7] = [
    "gmail_signature",
    "moz-signature",
    "signature",
    "ms-outlook-mobile-signature",
    "protonmail_signature_block",
    "applemailsignature",
    "zimbra_signature",
];

/// As Outlook writes it in plain text.
const RULE: &str = "<div>________________________________</div>";
/// RFC 3676 section 4.3.
const SEPARATOR: &str = "<div>-- </div>";

/// The document with a line drawn above each mail that it quotes whole, and the separator above the signature, as plain
/// text has them. Links that only repeat an address lose their target.
pub fn marked(html: &str) -> Cow<'_, str> {
    let lower = html.to_ascii_lowercase();
    let has = |names: &[&str]| names.iter().any(|name| lower.contains(name));
    if !has(&QUOTED) && !has(&SIGNATURES) && !has(&["border-top", "mailto:"]) {
        return Cow::Borrowed(html);
    }
    let mut marker = Marker { out: String::with_capacity(html.len() + 256), ..Marker::default() };
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        marker.text(&rest[..at]);
        let end = end_of_tag(&rest[at..]);
        marker.tag(&rest[at..at + end]);
        rest = &rest[at + end..];
    }
    marker.text(rest);
    marker.signature_ends_the_words();
    Cow::Owned(marker.out)
}

/// How long the tag or comment at the start of `html` is; what no reader sees (a script) counts as part of its tag.
fn end_of_tag(html: &str) -> usize {
    if html.starts_with("<!--") {
        return html.find("-->").map_or(html.len(), |end| end + 3);
    }
    let mut quote = None;
    let end = html.bytes().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), byte) if open == byte => {
            quote = None;
            false
        }
        _ => false,
    });
    // A quote that is never closed: the tag ends where most readers would end it.
    let end = end.or_else(|| html.find('>')).map_or(html.len(), |end| end + 1);
    if is_named(&html[1..end], &["script", "style", "title"]) && !html.starts_with("</") {
        return html[end..].find("</").map_or(html.len(), |close| end + close);
    }
    end
}

#[derive(Default)]
struct Marker {
    out: String,
    /// Inside a link whose tags were left out.
    in_mail_link: bool,
    signature: Option<Signature>,
    has_separator: bool,
}

struct Signature {
    /// Where its separator would go.
    at: usize,
    name: String,
    /// Elements of that name that are open inside of it, itself included; none after its end.
    open: usize,
}

impl Marker {
    fn text(&mut self, text: &str) {
        // Words below a signature: where it ends would not be seen, so it gets no separator.
        let is_below = self.signature.as_ref().is_some_and(|signature| signature.open == 0);
        if is_below && !text.replace("&nbsp;", "").trim().is_empty() {
            self.signature = None;
        }
        self.out.push_str(text);
    }

    fn tag(&mut self, tag: &str) {
        let inside = &tag[1..];
        if is_named(inside, &["a"]) {
            let is_close = inside.starts_with('/');
            if !is_close {
                self.in_mail_link = tag.to_ascii_lowercase().contains("mailto:");
            }
            if self.in_mail_link {
                self.in_mail_link = !is_close;
                return;
            }
        }
        if !inside.starts_with(['/', '!', '?']) {
            self.opens(tag);
        }
        self.nest(inside);
        self.out.push_str(tag);
    }

    fn opens(&mut self, tag: &str) {
        let labels = labels(tag);
        let is = |names: &[&str]| labels.iter().any(|label| names.contains(&label.as_str()));
        let draws_line = || {
            let style = attribute(tag, "style").unwrap_or_default().replace(char::is_whitespace, "");
            BORDERS.iter().any(|border| style.contains(border))
        };
        if is(&QUOTED) || draws_line() {
            self.signature_ends_the_words();
            self.out.push_str(RULE);
        } else if is(&ATTRIBUTED) || is_named(&tag[1..], &["blockquote"]) {
            self.signature_ends_the_words();
        } else if self.signature.is_none() && (is(&SIGNATURES) || attribute(tag, "data-signatureblock").is_some()) {
            self.signature = Some(Signature { at: self.out.len(), name: name(&tag[1..]).to_owned(), open: 0 });
        }
    }

    /// Counts the open elements that have the signature's name.
    fn nest(&mut self, inside: &str) {
        let Some(signature) = &mut self.signature else { return };
        let has_begun = signature.open > 0 || signature.at == self.out.len();
        if has_begun && is_named(inside, &[&signature.name]) {
            signature.open =
                if inside.starts_with('/') { signature.open.saturating_sub(1) } else { signature.open + 1 };
        }
    }

    /// Nothing but quotations can follow, so a separator above the signature hides no words.
    fn signature_ends_the_words(&mut self) {
        if let Some(signature) = self.signature.take().filter(|_| !self.has_separator) {
            self.out.insert_str(signature.at, SEPARATOR);
            self.has_separator = true;
        }
    }
}

/// The classes and ids of a tag, in small letters, without the `x_` by which Outlook marks those of others.
fn labels(tag: &str) -> Vec<String> {
    let values = [attribute(tag, "class"), attribute(tag, "id")].into_iter().flatten();
    let words = values.flat_map(|value| value.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    words.map(|word| word.trim_start_matches("x_").to_owned()).collect()
}

/// The value of an attribute, in small letters.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let (_, value) = lower.match_indices(wanted).find_map(|(at, _)| {
        let is_whole = lower[..at].ends_with(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        let value = lower[at + wanted.len()..].trim_start().strip_prefix('=')?.trim_start();
        is_whole.then_some((at, value))
    })?;
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
        _ => value.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default(),
    };
    Some(value.to_owned())
}
