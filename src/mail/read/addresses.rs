//! Addresses read from the raw header value, before any encoded-word is decoded (THREATS.md finding 2).
//!
//! Decoding first turns `=?utf-8?q?A=0D=0ABcc:_x@evil?= <a@b>` into a field whose address is the
//! attacker's. Here a display name is cut out of the raw text and decoded afterwards, to be shown and nothing else.

use crate::domain::address::Mailbox;
use crate::domain::report::From;
use crate::mail::read::fields::{Field, Fields, decode_words};
use crate::mail::read::text::one_line;

/// RFC 2047 section 2 allows 75 characters and mailers write more; without a limit, beginnings of words that
/// never end would each be looked for to the end of the field.
const ENCODED_WORD_MAX: usize = 1_000;

/// One entry of an address field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// Decoded and on one line; for display only.
    pub name: Option<String>,
    pub mailbox: Mailbox,
}

/// The sender: exactly one From field with exactly one mailbox (RFC 5322 section 3.6.2 would allow several,
/// RFC 7489 section 6.6.1 explains why nobody can vouch for them).
pub fn sender(fields: Fields<'_>) -> From {
    let mut all = fields.all("From");
    let Some(field) = all.next() else { return From::Missing };
    if all.next().is_some() {
        return From::Ambiguous;
    }
    let mut entries = entries(field);
    match (entries.pop(), entries.is_empty()) {
        (Some(Ok(one)), true) => From::One { name: one.name, mailbox: one.mailbox },
        _ => From::Ambiguous,
    }
}

/// All mailboxes in the fields of this name, in order; entries that are none are passed over.
pub fn mailboxes(fields: Fields<'_>, name: &str) -> Vec<Mailbox> {
    fields.all(name).flat_map(entries).filter_map(|entry| Some(entry.ok()?.mailbox)).collect()
}

/// An entry that holds no mailbox of the strict grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnAddressee;

/// The entries of an address list (RFC 5322 section 3.4). Groups give their members, and an entry for
/// their own name, which is no mailbox.
pub fn entries(field: Field<'_>) -> Vec<Result<Addressee, NotAnAddressee>> {
    let value = field.unfolded();
    let mut entries = Vec::new();
    let mut entry = Entry::default();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, entry.place()) {
            ('=', Place::Phrase) if entry.angle.is_none() => match encoded_word(chars.as_str()) {
                Some(length) => {
                    let (word, rest) = chars.as_str().split_at(length);
                    entry.add_encoded_word(word);
                    chars = rest.chars();
                }
                None => entry.add(c),
            },
            ('\\', Place::Quoted | Place::Comment) => entry.add(chars.next().unwrap_or(c)),
            ('"', Place::Quoted) => entry.is_quoted = false,
            ('"', Place::Phrase) => entry.is_quoted = true,
            ('(', Place::Phrase | Place::Comment) => entry.open_comment(),
            (')', Place::Comment) => entry.comment_depth -= 1,
            ('<', Place::Phrase) => entry.open_angle(),
            ('>', Place::Angle) => entry.is_in_angle = false,
            (',' | ';', Place::Phrase) => entries.extend(std::mem::take(&mut entry).finish()),
            (':', Place::Phrase) => {
                entries.push(Err(NotAnAddressee));
                entry = Entry::default();
            }
            _ => entry.add(c),
        }
    }
    entries.extend(entry.finish());
    entries
}

/// How long the encoded-word is whose `=` stands before `rest` (RFC 2047 section 2), if it is one. It is
/// taken as one piece, so that a `:`, `@` or `<` that should not be in it (section 5) means nothing.
fn encoded_word(rest: &str) -> Option<usize> {
    let rest = &rest[..rest.floor_char_boundary(ENCODED_WORD_MAX)];
    let (charset, after) = rest.strip_prefix('?')?.split_once('?')?;
    let (encoding, after) = after.split_once('?')?;
    let text = &after[..after.find("?=")?];
    let is_one_word = !charset.contains(char::is_whitespace) && !text.contains(char::is_whitespace);
    let is_known = encoding.eq_ignore_ascii_case("q") || encoding.eq_ignore_ascii_case("b");
    (is_one_word && is_known).then(|| rest.len() - after.len() + text.len() + 2)
}

/// Where a character of an entry stands.
enum Place {
    Phrase,
    Quoted,
    Comment,
    Angle,
}

/// An entry while it is read.
#[derive(Default)]
struct Entry {
    /// What stands outside of angles and comments, quotes taken off.
    phrase: String,
    /// What of `phrase` stood outside of quotes: only there an address may be.
    unquoted: String,
    comment: String,
    angle: Option<String>,
    is_quoted: bool,
    is_in_angle: bool,
    comment_depth: usize,
    is_broken: bool,
}

impl Entry {
    fn place(&self) -> Place {
        match self {
            _ if self.comment_depth > 0 => Place::Comment,
            _ if self.is_quoted => Place::Quoted,
            _ if self.is_in_angle => Place::Angle,
            _ => Place::Phrase,
        }
    }

    fn add(&mut self, c: char) {
        match self.place() {
            Place::Comment => self.comment.push(c),
            Place::Quoted => self.phrase.push(c),
            Place::Angle => self.angle.get_or_insert_default().push(c),
            // Nothing but white space and comments may follow the angle.
            Place::Phrase if self.angle.is_some() => self.is_broken |= !c.is_whitespace(),
            Place::Phrase => {
                self.phrase.push(c);
                self.unquoted.push(c);
            }
        }
    }

    /// Adds an encoded-word, without its first `=`, to what is shown only.
    fn add_encoded_word(&mut self, word: &str) {
        self.phrase.push('=');
        self.phrase.push_str(word);
    }

    fn open_comment(&mut self) {
        if self.comment_depth > 0 || !self.comment.is_empty() {
            self.comment.push(' ');
        }
        self.comment_depth += 1;
    }

    fn open_angle(&mut self) {
        self.is_broken |= self.angle.is_some();
        self.angle = Some(String::new());
        self.is_in_angle = true;
    }

    /// The entry, or `None` for the nothing between two commas.
    fn finish(self) -> Option<Result<Addressee, NotAnAddressee>> {
        let is_open = self.is_quoted || self.is_in_angle || self.comment_depth > 0;
        if self.phrase.trim().is_empty() && self.angle.is_none() && !is_open {
            return None;
        }
        if self.is_broken || is_open {
            return Some(Err(NotAnAddressee));
        }
        Some(self.mailbox().ok_or(NotAnAddressee))
    }

    fn mailbox(self) -> Option<Addressee> {
        let (name, address) = match &self.angle {
            Some(address) => {
                // `a@b <c@d>`: two addresses that are not the same are one too many.
                let phrase = self.unquoted.trim();
                if phrase.contains('@') && Mailbox::parse(phrase).ok() != Mailbox::parse(address.trim()).ok() {
                    return None;
                }
                (self.phrase.as_str(), address.as_str())
            }
            // A quoted text without an angle is a name, or a quoted local part, which is refused as well.
            None if self.phrase != self.unquoted => return None,
            None => (self.comment.as_str(), self.phrase.as_str()),
        };
        let mailbox = Mailbox::parse(address.trim()).ok()?;
        let name = one_line(&decode_words(name.trim().as_bytes()));
        Some(Addressee { name: (!name.is_empty()).then_some(name), mailbox })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<Option<String>> {
        let field = Field { name: "To", value: value.as_bytes() };
        entries(field).into_iter().map(|entry| entry.ok().map(|one| one.mailbox.to_string())).collect()
    }

    fn from(block: &str) -> From {
        sender(Fields::of(block.as_bytes()))
    }

    #[test]
    fn address_lists_are_read_as_they_stand() {
        let table: [(&str, &[Option<&str>]); 16] = [
            ("a@b.example", &[Some("a@b.example")]),
            (
                " Jane Doe <a@b.example>\r\n , c@d.example (Carl, \\) (not e@f.example))",
                &[Some("a@b.example"), Some("c@d.example")],
            ),
            ("\"Doe, Jane <x@evil.example>\" <a@b.example>", &[Some("a@b.example")]),
            ("undisclosed-recipients:;", &[None]),
            ("team: a@b.example, c@d.example;", &[None, Some("a@b.example"), Some("c@d.example")]),
            ("", &[]),
            (",, a@b.example,", &[Some("a@b.example")]),
            ("<a@b.example> <c@d.example>", &[None]),
            ("<a@b.example> c@d.example", &[None]),
            ("a@b.example <c@d.example>", &[None]),
            ("a@b.example <A@B.example>", &[Some("A@b.example")]),
            ("\"a b\"@c.example", &[None]),
            ("a@b.example c@d.example", &[None]),
            ("<@x.example:a@b.example>", &[None]),
            ("\"open <a@b.example>", &[None]),
            ("Jane <a@b.example", &[None]),
        ];
        for (value, expected) in table {
            let expected: Vec<_> = expected.iter().map(|one| one.map(str::to_owned)).collect();
            assert_eq!(read(value), expected, "{value:?}");
        }
    }

    #[test]
    fn an_encoded_word_never_becomes_an_address() {
        let from = from("From: =?utf-8?q?A=0D=0ABcc:_x@evil.example?= <a@b.example>\r\n");
        assert_eq!(from.mailbox().unwrap().as_str(), "a@b.example");
        assert_eq!(from.name(), Some("A  Bcc: x@evil.example"));
        for hidden in ["=?utf-8?q?x=40evil.example?=", "=?utf-8?q?=3Cx=40evil.example=3E?="] {
            assert_eq!(read(hidden), [None], "{hidden}");
        }
    }

    #[test]
    fn exactly_one_field_with_exactly_one_mailbox_is_an_identity() {
        assert_eq!(from("Subject: x\n"), From::Missing);
        for ambiguous in [
            "From: a@b.example\nFrom: a@b.example\n",
            "From: a@b.example, c@d.example\n",
            "From: nobody\n",
            "From:\n",
            "From: team: a@b.example;\n",
            "From : a@b.example\nfrom: c@d.example\n",
        ] {
            assert_eq!(from(ambiguous), From::Ambiguous, "{ambiguous:?}");
        }
        assert_eq!(from("From: a@b.example (Jane)\n").name(), Some("Jane"));
    }
}
