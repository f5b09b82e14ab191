//! The readable text of a mail, and one-line texts made safe to show.

use crate::domain::report::{Remote, TextSource};
use crate::mail::read::guard::Map;
use crate::mail::read::html;

/// RFC 5322 section 2.1.1: characters in a line.
const LINE_MAX: usize = 998;
/// Longer HTML, in bytes, is not searched for what it would load; nothing is said of it then.
const SEARCHED_MAX: usize = 1_000_000;

/// What a leaf of the message is to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Plain,
    /// Read as text because there is no plain form of it.
    Html,
    /// The HTML form of a text that is there in plain: neither text nor attachment.
    Alternative,
    Attachment,
    /// A multipart, or a part inside an attached message, which is kept whole.
    Inner,
}

/// The role of each part of the message.
pub fn roles(map: &Map<'_>) -> Vec<Role> {
    let mut roles: Vec<Role> = (0..map.parts().len()).map(|part| own_role(map, part)).collect();
    for part in 0..roles.len() {
        if roles[part] == Role::Html && has_plain_form(map, &roles, part) {
            roles[part] = Role::Alternative;
        }
    }
    roles
}

/// All texts in their order, and where they came from.
pub fn readable(map: &Map<'_>, roles: &[Role]) -> (String, TextSource) {
    let mut texts = Vec::new();
    let mut budget = html::Budget::default();
    let mut source = TextSource::Nothing;
    for (part, role) in roles.iter().enumerate() {
        let text = match role {
            Role::Plain => map.text(part),
            Role::Html => html::to_text(&map.text(part), &mut budget),
            Role::Alternative | Role::Attachment | Role::Inner => continue,
        };
        if text.trim().is_empty() {
            continue;
        }
        source = match (source, role) {
            (TextSource::Nothing, Role::Html) | (TextSource::Html, Role::Html) => TextSource::Html,
            _ => TextSource::Plain,
        };
        texts.push(text);
    }
    (join(texts), if budget.is_overdrawn { TextSource::LongHtml } else { source })
}

/// What the HTML of the mail would have had a mail program fetch, also where there is a plain form of it: whoever reads
/// either misses that.
pub fn remote(map: &Map<'_>, roles: &[Role]) -> Remote {
    let is_html = |part: &usize| matches!(roles[*part], Role::Html | Role::Alternative);
    let searched = (0..roles.len()).filter(is_html).filter(|&part| map.body(part).len() <= SEARCHED_MAX);
    searched.map(|part| html::remote::count(&map.text(part))).fold(Remote::default(), |all, one| all + one)
}

/// A decoded text on one line of at most 998 characters: line breaks and tabs become spaces, other control
/// characters and those that turn the direction of writing U+FFFD.
pub fn one_line(text: &str) -> String {
    let line: String = text.chars().map(shown).take(LINE_MAX).collect();
    line.trim().to_owned()
}

/// What stands for a character in a one-line text.
pub fn shown(c: char) -> char {
    match c {
        '\r' | '\n' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() || turns_direction(c) => '\u{fffd}',
        c => c,
    }
}

/// The controls of Unicode's bidirectional algorithm (UAX #9), by which `exe.gpj` reads as `jpg.exe`.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn own_role(map: &Map<'_>, index: usize) -> Role {
    let part = &map.parts()[index];
    let content = &part.content;
    if part.within.is_some() {
        return Role::Inner;
    }
    if content.is_a("multipart") {
        // Without a boundary, or with one that never comes, the body is all there is to read.
        return if part.has_children { Role::Inner } else { Role::Plain };
    }
    // A message that is nothing but a text has its text there, whatever the name beside it.
    let is_body = !content.is_attachment && (content.name.is_none() || index == 0);
    match content.media_type.as_str() {
        "text/plain" if is_body => Role::Plain,
        "text/html" if is_body => Role::Html,
        _ => Role::Attachment,
    }
}

/// Whether the HTML in `part` is one of several forms (RFC 2046 section 5.1.4) of which a plain one says something.
fn has_plain_form(map: &Map<'_>, roles: &[Role], part: usize) -> bool {
    let Some(alternative) =
        ancestors(map, part).find(|&a| map.parts()[a].content.media_type == "multipart/alternative")
    else {
        return false;
    };
    (alternative + 1..roles.len()).any(|other| {
        roles[other] == Role::Plain
            && ancestors(map, other).any(|a| a == alternative)
            && !map.body(other).trim_ascii().is_empty()
    })
}

/// The multiparts and messages around a part, from the inside outward.
fn ancestors<'m>(map: &'m Map<'_>, part: usize) -> impl Iterator<Item = usize> + 'm {
    std::iter::successors(map.parts()[part].parent, |&a| map.parts()[a].parent)
}

fn join(texts: Vec<String>) -> String {
    let mut texts = texts.into_iter();
    let mut whole = texts.next().unwrap_or_default();
    for text in texts {
        if !whole.ends_with('\n') {
            whole.push('\n');
        }
        whole.push('\n');
        whole.push_str(&text);
    }
    // No page, letter or database takes a NUL.
    if whole.contains('\0') { whole.replace('\0', "\u{fffd}") } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_texts_hold_no_line_break_no_control_character_and_no_turn_of_direction() {
        assert_eq!(one_line("A\r\nBcc: x\tend\u{7}"), "A  Bcc: x end\u{fffd}");
        assert_eq!(one_line("report\u{202e}fdp.exe"), "report\u{fffd}fdp.exe");
        assert_eq!(one_line(&"ä".repeat(2000)).chars().count(), LINE_MAX);
    }
}
