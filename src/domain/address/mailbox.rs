//! One mailbox `local@domain`: the strict grammar, and how two are compared.

use std::fmt;
use std::hash::{Hash, Hasher};

/// RFC 5321 section 4.5.3.1.1: at most 64 octets of local part.
const LOCAL_PART_MAX: usize = 64;
/// RFC 5321 section 4.5.3.1.2: at most 255 octets of domain.
const DOMAIN_MAX: usize = 255;

/// One mailbox `local@domain` of the strict grammar: a dot-atom and a domain name.
///
/// The local part is kept as written and compared without regard to ASCII case; the domain is kept
/// as lower-case A-labels (RFC 5890), so an internationalised domain has one spelling. Quoted local
/// parts, source routes and address literals are refused: nothing we answer or compare needs them,
/// and each has opened a hole elsewhere (THREATS.md rows 4 and 12).
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mailbox {
    text: String,
    at: usize,
}

/// Why a text is no mailbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAMailbox {
    #[error("`{0}` has no @ between a name and a domain")]
    NoAt(String),
    #[error("the part before the @ in `{0}` is not a plain name (letters, digits, dots and .!#$%&'*+/=?^_`{{|}}~-)")]
    BadLocalPart(String),
    #[error("the part after the @ in `{0}` is not a domain name")]
    BadDomain(String),
}

impl Mailbox {
    /// Reads a mailbox without angle brackets or display name (RFC 5321 section 4.1.2, RFC 6531).
    pub fn parse(text: &str) -> Result<Self, NotAMailbox> {
        let shown = || text.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
        let (local, domain) = text.rsplit_once('@').ok_or_else(|| NotAMailbox::NoAt(shown()))?;
        if !is_dot_atom(local) || local.len() > LOCAL_PART_MAX {
            return Err(NotAMailbox::BadLocalPart(shown()));
        }
        let domain = a_labels(domain).ok_or_else(|| NotAMailbox::BadDomain(shown()))?;
        Ok(Self { at: local.len(), text: format!("{local}@{domain}") })
    }

    /// `local@domain`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part before the @, as written.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// The domain in lower-case A-labels.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The form to compare and to store for look-ups: all ASCII letters in lower case.
    pub fn folded(&self) -> String {
        self.text.to_ascii_lowercase()
    }

    /// `j…@example.org`: enough for an operator to recognise, too little to harm in a log.
    pub fn masked(&self) -> String {
        let first: String = self.local().chars().take(1).collect();
        format!("{first}…@{}", self.domain())
    }

    /// The same mailbox with `+tag` behind its local part.
    pub(super) fn tagged(&self, tag: &str) -> Self {
        let local = format!("{}+{tag}", self.local());
        Self { at: local.len(), text: format!("{local}@{}", self.domain()) }
    }
}

impl PartialEq for Mailbox {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl Eq for Mailbox {}

impl Hash for Mailbox {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Mailbox {
    type Error = NotAMailbox;
    fn try_from(text: String) -> Result<Self, NotAMailbox> {
        Self::parse(&text)
    }
}

impl From<Mailbox> for String {
    fn from(mailbox: Mailbox) -> Self {
        mailbox.text
    }
}

/// RFC 5322 section 3.2.3 `dot-atom-text`, with the UTF-8 of RFC 6531.
fn is_dot_atom(local: &str) -> bool {
    let is_atext = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
            || (!c.is_ascii() && !c.is_control() && !c.is_whitespace())
    };
    !local.is_empty() && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// The domain in lower-case A-labels, if it is one: dot-separated labels of letters, digits and inner hyphens.
fn a_labels(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii(domain).ok()?;
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (ascii.len() <= DOMAIN_MAX && ascii.split('.').all(is_label)).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
    }

    #[test]
    fn mailboxes_of_the_strict_grammar_are_read_and_all_else_is_refused() {
        for good in
            ["a@b.example", "jane.doe+x@example.org", "o'hara@example.org", "root@localhost", "jürgen@example.org"]
        {
            assert_eq!(mailbox(good).as_str(), good);
        }
        let bad = [
            "",
            "a",
            "@b.example",
            "a@",
            "a@b@c.example@",
            "a b@example.org",
            "\"a b\"@example.org",
            ".a@example.org",
            "a.@example.org",
            "a..b@example.org",
            "a@[127.0.0.1]",
            "a@-b.example",
            "a@b_c.example",
            "a@b..example",
            "@x.example:a@b.example",
            "a\r@b.example",
            "a@b.example\n",
            "a@b.example.",
        ];
        for text in bad {
            assert!(Mailbox::parse(text).is_err(), "{text:?}");
        }
        assert!(Mailbox::parse(&format!("{}@b.example", "a".repeat(65))).is_err());
    }

    #[test]
    fn mailboxes_compare_without_case_and_by_a_labels() {
        assert_eq!(mailbox("Jane@Example.ORG"), mailbox("jane@example.org"));
        assert_eq!(mailbox("x@bücher.example"), mailbox("x@xn--bcher-kva.example"));
        assert!(Mailbox::parse("x@xn--example-.org").is_err(), "no A-label at all");
    }
}
